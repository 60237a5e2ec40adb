"""Which formula cells of a workbook show a value that is no longer known, once cells have changed.

Staff's own formulas are not computed here. What depends on a changed cell, through whatever is
between, loses the value kept beside it: a program that reads without computing then sees nothing
rather than the number of last month.
"""

from __future__ import annotations

import html
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set

from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import MAX_ROW, Area, Where
from xl_addin.xlsx.formulas import (
    FormulaNames,
    SheetFormula,
    filled_cells,
    read_names,
    sheet_formulas,
)
from xl_addin.xlsx.references import Formula, read_formula
from xl_addin.xlsx.workbook import Workbook

Cells = Mapping[str, Set[Where]]
"""Cells by sheet name."""

_MAX_PASSES = 12
_DEEPEST_NAME = 16
_TEXT = pattern(rb"<(?:[A-Za-z_][\w.-]*:)?f(?:\s[^>]*)?>([^<]+)<")
# As ``references`` reads a cell; what could be a sheet's name, a function or a part of another word is left alone.
_ROWS = pattern(
    rb"(?<![\w.\\\x80-\xff])(\$?(?:[A-Z]{1,2}|[A-W][A-Z]{2}|X[A-E][A-Z]|XF[A-D])\$?)[1-9]\d{0,6}(?![\w.\\(!'\x80-\xff])"
)
_CALC = pattern(rb"<(?:[A-Za-z_][\w.-]*:)?calcPr\b[^>]*>")
_ON_LOAD = pattern(rb"""\sfullCalcOnLoad=(?:"[^"]*"|'[^']*')""")
_BEFORE_CALC = pattern(
    rb"</((?:[A-Za-z_][\w.-]*:)?)(?:sheets|functionGroups|externalReferences|definedNames)>"
)


class _Dependencies(NamedTuple):
    areas: tuple[tuple[str, Area], ...]
    anywhere: bool


def stale_cells(
    workbook: Workbook, foreign: Collection[str], changed: Cells, computed: Cells, doubtful: Cells
) -> dict[str, set[Where]]:
    """The cells whose value must go, by sheet: formulas, and what array formulas fill.

    ``foreign`` are the sheets with formulas that were not computed, ``changed`` the cells that hold
    something new. ``computed`` are formulas whose value was computed from it, ``doubtful`` cells in
    which somebody else's content stands where the computed ones were computed from something else.
    """
    book = read_names(workbook)
    doubt = any(doubtful.values())
    names = list(workbook.sheet_names)
    if not doubt:
        names = _reached_sheets(workbook, [n for n in names if n in foreign], changed, book)
    slots = [slot for name in names for slot in sheet_formulas(workbook, name)]
    readings = {slot: _find_dependencies(slot, book) for slot in slots}
    lost = _find_dependents(slots, readings, doubtful) if doubt else []
    gone = {(slot.sheet, slot.where) for slot in lost}
    rest = [
        slot
        for slot in slots
        if slot.where not in computed.get(slot.sheet, ()) and (slot.sheet, slot.where) not in gone
    ]
    seeds: dict[str, set[Where]] = {name: set(cells) for name, cells in changed.items()}
    for slot in lost:
        seeds.setdefault(slot.sheet, set()).update(filled_cells(slot))
    found: dict[str, set[Where]] = {}
    for slot in (*lost, *_find_dependents(rest, readings, seeds)):
        found.setdefault(slot.sheet, set()).update(filled_cells(slot))
    return found


def _reached_sheets(
    workbook: Workbook, names: Sequence[str], changed: Cells, book: FormulaNames
) -> list[str]:
    """Those of the sheets whose formulas may depend on what changed; of the others none need be looked at."""
    dirty = {name.lower() for name, cells in changed.items() if cells}
    if not dirty:
        return []
    mentioned = {name: _mentioned_sheets(workbook, name, book) for name in names}
    reached: set[str] = set()
    while new := {
        name
        for name, (sheets, anywhere) in mentioned.items()
        if name not in reached and (anywhere or sheets & dirty)
    }:
        reached |= new
        dirty |= {name.lower() for name in new}
    return [name for name in names if name in reached]


def _mentioned_sheets(workbook: Workbook, name: str, book: FormulaNames) -> tuple[set[str], bool]:
    """The sheets that the formulas of a sheet refer to, and whether one may refer to any.

    Most formulas differ by the row alone: those of thousands of districts are a few.
    """
    data = workbook.part(workbook.sheet_part(name))
    if b"dataTable" in data or b"<!" in data:
        return set(), True
    last = rb"\g<1>%d" % MAX_ROW
    texts = _ROWS.sub(last, b"\0".join(_TEXT.findall(data))).split(b"\0")
    found: set[str] = set()
    for text in dict.fromkeys(texts):
        formula = read_formula(html.unescape(text.decode()))
        areas, anywhere = _referenced_areas(formula, name.lower(), (0, 0), book, 0)
        if anywhere:
            return found, True
        found.update(sheet for sheet, _ in areas)
    return found, False


class _DirtyCells:
    """Changed cells of one sheet: rows by column, in order."""

    def __init__(self) -> None:
        self.columns: dict[int, list[int]] = {}

    def add(self, area: Area) -> None:
        top, left, bottom, right = area
        for column in range(left, right + 1):
            rows = self.columns.setdefault(column, [])
            for row in range(top, bottom + 1):
                insort(rows, row)

    def overlaps(self, area: Area) -> bool:
        top, left, bottom, right = area
        if right - left < len(self.columns):
            columns: Iterable[int] = range(left, right + 1)
        else:
            columns = [column for column in self.columns if left <= column <= right]
        for column in columns:
            rows = self.columns.get(column)
            if rows:
                at = bisect_left(rows, top)
                if at < len(rows) and rows[at] <= bottom:
                    return True
        return False


def _find_dependents(
    slots: list[SheetFormula], readings: Mapping[SheetFormula, _Dependencies], seeds: Cells
) -> list[SheetFormula]:
    """The formulas that depend on the seeds, at whatever remove.

    The sheets are swept forwards and backwards, so that columns of running totals take one sweep;
    what twelve sweeps have not settled counts as dependent.
    """
    dirty: dict[str, _DirtyCells] = {}
    for sheet, cells in seeds.items():
        index = dirty.setdefault(sheet.lower(), _DirtyCells())
        columns: dict[int, list[int]] = {}
        for row, column in cells:
            columns.setdefault(column, []).append(row)
        index.columns = {column: sorted(rows) for column, rows in columns.items()}
    if not any(index.columns for index in dirty.values()):
        return []
    found: list[SheetFormula] = []
    waiting = slots
    for _ in range(_MAX_PASSES):
        left: list[SheetFormula] = []
        for slot in waiting:
            reading = readings[slot]
            if reading.anywhere or any(
                sheet in dirty and dirty[sheet].overlaps(area) for sheet, area in reading.areas
            ):
                found.append(slot)
                dirty.setdefault(slot.sheet.lower(), _DirtyCells()).add(slot.covers)
            else:
                left.append(slot)
        if len(left) == len(waiting):
            return found
        waiting = left[::-1]
    return [*found, *waiting]


def _find_dependencies(slot: SheetFormula, book: FormulaNames) -> _Dependencies:
    if slot.table:
        return _Dependencies((), anywhere=True)
    return _referenced_areas(read_formula(slot.text), slot.sheet.lower(), slot.offset, book, 0)


def _referenced_areas(
    formula: Formula, own: str, offset: Where, book: FormulaNames, depth: int
) -> _Dependencies:
    found: list[tuple[str, Area]] = []
    anywhere = formula.anywhere or depth > _DEEPEST_NAME
    for reference in formula.references:
        sheets = _sheets_of(reference.sheet or own, book)
        anywhere = anywhere or not sheets
        found += [(sheet, reference.shifted_area(*offset)) for sheet in sheets]
    for sheet, name, column in () if anywhere else formula.names:
        text = book.names.get((sheet or own, name), book.names.get(("", name)))
        if text is not None:
            meaning = read_formula(text)
            inner = _referenced_areas(meaning, own, (0, 0), book, depth + 1)
            found += inner.areas
            # What a name without $ means depends on the cell that it stands in.
            relative = not all(all(reference.fixed) for reference in meaning.references)
            anywhere = anywhere or inner.anywhere or relative
        elif name in book.tables:
            table = book.tables[name]
            found.append((table.sheet, table.column(column)))
    if formula.spans:
        found += _bounding_areas(found)
    return _Dependencies(tuple(found), anywhere)


def _sheets_of(sheet: str, book: FormulaNames) -> tuple[str, ...]:
    """One sheet, or all from one to another; none when there is no such sheet."""
    if sheet in book.sheets:
        return (sheet,)
    first, _, last = sheet.partition(":")
    if first in book.sheets and last in book.sheets:
        ends = sorted((book.sheets.index(first), book.sheets.index(last)))
        return book.sheets[ends[0] : ends[1] + 1]
    return ()


def _bounding_areas(areas: Iterable[tuple[str, Area]]) -> Iterator[tuple[str, Area]]:
    by_sheet: dict[str, list[Area]] = {}
    for sheet, area in areas:
        by_sheet.setdefault(sheet, []).append(area)
    for sheet, some in by_sheet.items():
        yield (
            sheet,
            (
                min(area[0] for area in some),
                min(area[1] for area in some),
                max(area[2] for area in some),
                max(area[3] for area in some),
            ),
        )


def mark_calculate_on_load(data: bytes) -> bytes:
    """The workbook part with the mark that has Excel calculate every formula when it opens."""
    mark = b' fullCalcOnLoad="1"'
    found = _CALC.search(data)
    if found:
        tag = _ON_LOAD.sub(b"", found[0])
        end = len(tag) - (2 if tag.endswith(b"/>") else 1)
        return data[: found.start()] + tag[:end].rstrip() + mark + tag[end:] + data[found.end() :]
    before = [*_BEFORE_CALC.finditer(data)][-1]
    return data[: before.end()] + b"<%bcalcPr%b/>" % (before[1], mark) + data[before.end() :]
