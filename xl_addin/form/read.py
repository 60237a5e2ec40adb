"""Reading a form back: the inverse of ``stamp.FormTemplate.stamp``.

A form is found again by what it carries, not by where it stands: the identity line in any cell, the
heading row by its words, each indicator by the key in the hidden column or else by its label. So
inserted rows, moved columns, sorted tables and renamed sheets do not matter.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from xl_addin.form import identity, layout
from xl_addin.model.names import fold
from xl_addin.model.records import Identity, Indicator
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, Protocol, pattern
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import TEXT, Cell, Region, Sheet

REGION = Region(2_000, 256)
_HEADING_COLUMNS = {heading: column for column, heading in layout.HEADING_OF.items()}
_REQUIRED_COLUMNS = frozenset((layout.LABEL, layout.MONTH, layout.CUMULATIVE))
_MONTH = pattern(r"(\d{4})年(1[0-2]|0?[1-9])月", re.ASCII)
_MAX_SHEETS = 256
_WHAT_IS_SEALED = {"identity", "content"}
_NEXT_CAPTION = "填报人"  # beside an emptied 填报单位
_LONGEST_HEADING = 60  # letters typed, what cannot be seen among them


class AnyWorkbook(Protocol):
    """What reading needs of a workbook, whatever its format."""

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """Names in tab order."""

    @property
    def names(self) -> Mapping[str, str]:
        """Defined names."""

    @property
    def has_macros(self) -> bool:
        """Whether there is anything in it that a program would run."""

    def sheet(self, name: str, region: Region = ...) -> Sheet:
        """One sheet's cells."""

    def comments(self, name: str) -> Mapping[tuple[int, int], str]:
        """What is noted on a sheet's cells; none where the format does not tell."""

    @property
    def properties(self) -> str:
        """Custom document properties, as one text."""


class Reading(NamedTuple):
    """A form as it came back, located but not yet checked.

    ``identities`` pairs each place that carries an identity with what it says. ``content`` is the
    sealed targets and previous figures as JSON, empty when the sheet that holds them is gone.
    ``columns`` maps the form's own column numbers to where they stand now, ``rows`` indicator codes
    to row numbers; ``twice`` lists codes that stand in two rows, ``columns_twice`` columns
    whose heading does. ``tells_formulas``: a typed value can be told from a formula's result, as it
    cannot in plain text and where only values were kept. ``district`` and ``month`` pair the A1 address
    with the visible text (the month as YYYY-MM), both empty where there is none. ``others`` are further
    tables with the same headings, on this sheet or others. ``comments`` are what is noted on cells of the
    sheet, None where that could not be read.
    """

    identities: tuple[tuple[str, Identity], ...]
    content: str
    sheet: Sheet
    header_row: int
    columns: Mapping[int, int]
    rows: Mapping[str, int]
    twice: tuple[str, ...]
    district: tuple[str, str]
    month: tuple[str, str]
    tells_formulas: bool = True
    others: tuple[str, ...] = ()
    columns_twice: tuple[int, ...] = ()
    comments: Mapping[tuple[int, int], str] | None = MappingProxyType({})

    def cell(self, code: str, column: int) -> Cell | None:
        """The cell of an indicator in one of the form's columns."""
        row, at = self.rows.get(code), self.columns.get(column)
        return None if row is None or at is None else self.sheet.cells.get((row, at))

    def lines(self, codes: Iterable[str]) -> dict[str, Sequence[Cell | None]]:
        """Each indicator's cells by the form's own columns, as far as they hold figures."""
        get = self.sheet.cells.get
        at = [self.columns.get(column, 0) for column in range(layout.LABEL, layout.CUMULATIVE + 1)]
        before = [None] * layout.LABEL
        lines: dict[str, Sequence[Cell | None]] = {}
        for code in codes:
            row = self.rows.get(code, 0)  # nothing stands in row 0 or column 0
            lines[code] = before + [get((row, column)) for column in at]
        return lines

    def address(self, code: str, column: int) -> str:
        """Its A1 address, empty when the row or column is gone."""
        row, at = self.rows.get(code), self.columns.get(column)
        return "" if row is None or at is None else cell_name(row, at)


def read_form(workbook: AnyWorkbook, indicators: Sequence[Indicator]) -> Reading:
    """Raises Unreadable when no sheet has the form's headings; "foreign" where nothing identifies it."""
    located = _locate(workbook)
    if located is None:
        _refuse_without_heading(workbook)
        raise Unreadable(
            "foreign",
            "里面没有任务进度填报表（找不到“指标、本月完成、本月累计”这一行表头）；"
            "如果本来要交填报表，请让对方用市里发的原表填写",
        )
    sheet, written, head, others = located
    identities, content = _identify(workbook, sheet.name, written)
    rows, twice = _rows(sheet, written, head, content, indicators)
    above = [(at, text) for at, text in written if at[0] < head.row]
    return Reading(
        tuple(identities),
        content,
        sheet,
        head.row,
        head.columns,
        rows,
        twice,
        _value_beside(sheet, above, "填报单位"),
        _month_above(above),
        any(cell.formula is not None for cell in sheet.cells.values()),
        others,
        head.twice,
        _comments(workbook, sheet.name),
    )


def _comments(workbook: AnyWorkbook, name: str) -> Mapping[tuple[int, int], str] | None:
    """None where they cannot be read: that is no reason to lose the figures."""
    try:
        return workbook.comments(name)
    except Unreadable:
        return None


TextCells = list[tuple[tuple[int, int], str]]


def _text_cells(sheet: Sheet) -> TextCells:
    """The text cells of a sheet."""
    return [
        (at, cell[1])
        for at, cell in sheet.cells.items()
        if cell[0] == TEXT and isinstance(cell[1], str)
    ]


class _HeadingRow(NamedTuple):
    """A row of headings: where the form's columns are, which of them stand there twice."""

    row: int
    columns: dict[int, int]
    twice: tuple[int, ...]


def _refuse_without_heading(workbook: AnyWorkbook) -> None:
    """A form whose headings are gone is one all the same: writers of code page 1252 make ??? of them."""
    for name in workbook.sheet_names[:_MAX_SHEETS]:
        for _, text in _text_cells(workbook.sheet(name, REGION)):
            if any(identity.find_identities(text)):
                raise Unreadable(
                    "damaged",
                    "这是填报表，可是“指标、本月完成、本月累计”这一行表头读不出来：被删去或改写了，"
                    "或者保存它的程序不认汉字，把字变成了“???”；"
                    "请让对方用 Excel 或 WPS 打开市里发的原表重新填写，存为 .xlsx 再报",
                )


def _locate(workbook: AnyWorkbook) -> tuple[Sheet, TextCells, _HeadingRow, tuple[str, ...]] | None:
    """The first sheet with the form's headings, the one of the form's own name before others."""
    names = sorted(workbook.sheet_names[:_MAX_SHEETS], key=lambda name: fold(name) != layout.SHEET)
    located: tuple[Sheet, TextCells, _HeadingRow] | None = None
    others: list[str] = []
    for name in names:
        if fold(name) in (layout.META_SHEET, layout.NOTES_SHEET):
            continue
        sheet = workbook.sheet(name, REGION)
        written = _text_cells(sheet)
        for head in _heading_rows(written):
            if located is None:
                located = (sheet, written, head)
            else:
                others.append(name if sheet is not located[0] else f"{name} 第 {head.row} 行起")
    return None if located is None else (*located, tuple(others))


@lru_cache(maxsize=4096)
def _heading(text: str) -> int:
    """Which of the form's columns a text is the heading of, 0 for none."""
    return _HEADING_COLUMNS.get(fold(text), 0) if len(text) < _LONGEST_HEADING else 0


def _heading_rows(written: TextCells) -> Iterator[_HeadingRow]:
    by_row: dict[int, list[tuple[int, int]]] = {}
    for (row, column), text in written:
        own = _heading(text)
        if own:
            by_row.setdefault(row, []).append((own, column))
    for row in sorted(by_row):
        found = sorted(by_row[row], reverse=True)
        columns = dict(found)  # the leftmost of two, which ``twice`` reports
        if columns.keys() >= _REQUIRED_COLUMNS:
            own_columns = [own for own, _ in found]
            twice = {own for own in columns if own <= layout.CHECK and own_columns.count(own) > 1}
            yield _HeadingRow(row, columns, tuple(sorted(twice)))


def _identify(
    workbook: AnyWorkbook, name: str, written: TextCells
) -> tuple[list[tuple[str, Identity]], str]:
    found: list[tuple[str, Identity]] = []
    content = ""
    meta = _sealed_sheet(workbook, name)
    if meta is not None:
        cells = meta.cells
        for (row, column), cell in cells.items():
            text = str(cell.value)
            found += (
                (f"{meta.name}!{cell_name(row, column)}", known)
                for known in identity.find_identities(text)
            )
            if text == "content":
                beside = cells.get((row, column + 1))
                content = str(beside.value) if beside and beside.kind == TEXT else ""
    for (row, column), text in written:
        if "XLA" in text:
            found += (
                (f"{name}!{cell_name(row, column)}", known)
                for known in identity.find_identities(text)
            )
    found += (
        ("名称", known)
        for known in identity.find_identities(workbook.names.get(layout.IDENTITY_NAME, ""))
    )
    found += (("文档属性", known) for known in identity.find_identities(workbook.properties))
    return found, content


def _sealed_sheet(workbook: AnyWorkbook, name: str) -> Sheet | None:
    """The sheet with what the form was issued with, whatever a program that lost its name calls it."""
    if layout.META_SHEET in workbook.sheet_names:
        return workbook.sheet(layout.META_SHEET, REGION)
    others = (other for other in workbook.sheet_names[:_MAX_SHEETS] if other != name)
    sheets = (workbook.sheet(other, REGION) for other in others)
    return next((sheet for sheet in sheets if _texts(sheet) >= _WHAT_IS_SEALED), None)


def _texts(sheet: Sheet) -> set[str]:
    return {text for _, text in _text_cells(sheet)}


def _rows(
    sheet: Sheet,
    written: TextCells,
    head: _HeadingRow,
    content: str,
    indicators: Sequence[Indicator],
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each indicator's row is now, and which indicators have two."""
    codes = {item.code for item in indicators}
    rows: dict[str, int] = {}
    twice: list[str] = []
    taken = set(head.columns.values())
    for (row, column), text in written:
        if text in codes and row > head.row and column not in taken:
            if text in rows:
                twice.append(text)
            rows.setdefault(text, row)
    at, cells = head.columns[layout.LABEL], sheet.cells
    for item in indicators:
        cell = cells.get((rows.get(item.code, 0), at))
        if cell is None or cell[1] != item.label:
            labels = [text for text in written if text[0][1] == at and text[0][0] > head.row]
            rows, more = _by_label(rows, labels, _issued_labels(content, indicators))
            return rows, (*twice, *more)
    return rows, tuple(twice)


def _by_label(
    keyed: Mapping[str, int], written: TextCells, labels: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """The rows as their labels say, by their hidden keys where a label does not say.

    Sorting moves what is visible and leaves the keys where they were.
    """
    said = Counter(map(fold, labels.values()))
    places: dict[str, list[int]] = {}
    for (row, _), text in written:
        places.setdefault(fold(text), []).append(row)
    rows: dict[str, int] = {}
    twice: list[str] = []
    for code, label in labels.items():
        found = places.get(fold(label), [])
        if found and said[fold(label)] == 1 and (len(found) == 1 or code not in keyed):
            rows[code] = found[0]
            twice += [code] * (len(found) > 1)
    taken = set(rows.values())
    keyed = {code: row for code, row in keyed.items() if code not in rows and row not in taken}
    return rows | keyed, twice


def _issued_labels(content: str, indicators: Sequence[Indicator]) -> dict[str, str]:
    """What each indicator was called when the form went out; else what it is called now."""
    labels = {item.code: item.label for item in indicators}
    try:
        issued = json.loads(content)["indicators"] if content else {}
        labels |= {code: str(issued[code][0]) for code in labels if code in issued}
    except (ValueError, LookupError, TypeError):
        pass
    return labels


def _value_beside(sheet: Sheet, above: TextCells, caption: str) -> tuple[str, str]:
    for (row, column), text in above:
        if fold(text).rstrip(":") == caption:
            for at in range(column + 1, column + 6):
                cell = sheet.cells.get((row, at))
                if cell is not None:
                    shown = str(cell.value)
                    return ("", "") if fold(shown) == _NEXT_CAPTION else (cell_name(row, at), shown)
    return "", ""


def _month_above(above: TextCells) -> tuple[str, str]:
    for at, text in above:
        match = _MONTH.search(fold(text))
        if match:
            return cell_name(*at), f"{match[1]}-{int(match[2]):02d}"
    return "", ""
