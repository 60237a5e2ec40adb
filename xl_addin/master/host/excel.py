"""The master live in Excel, through xlwings: whole ranges in, whole ranges out, the rest untouched.

Unsaved edits are what is read. Excel computes the formulas itself; what they come to is read back
and compared. Nothing is saved: the workbook on the screen is its user's, who may look first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property, partial

from xl_addin.master.host.base import (
    Change,
    Filling,
    FormulaCheck,
    Lines,
    formulas_in_the_way,
    note_changes,
    our_notes,
)
from xl_addin.master.host.comcells import com_input, comes_to, fit_value, holds, read_com_cell
from xl_addin.master.host.excelapp import temporary_properties, translate_refusals
from xl_addin.master.read.blocks import Block, find_area
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.sheets import AREAS
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import DATE, NUM, Cell, Value
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.styles import shows_date
from xl_addin.xlsx.values import quote

if TYPE_CHECKING:
    from typing import Any

    import xlwings

_AS_TEXT = "@"
_NO_LINE = -4142  # xlLineStyleNone


class ExcelHost:
    """The master workbook as it is on somebody's screen."""

    def __init__(self, book: xlwings.Book) -> None:
        self.book = book
        self._blocks: dict[str, Block] = {}
        self.inserted: list[Sequence[Insertion]] = []

    @cached_property
    def _names(self) -> dict[str, str]:
        """What the names refer to; those that a copied sheet brought have the sheet before them."""
        with translate_refusals("主表"):
            return {name.name: str(name.refers_to).removeprefix("=") for name in self.book.names}

    @cached_property
    def _sheets(self) -> dict[str, xlwings.Sheet]:
        with translate_refusals("主表"):
            return {sheet.name: sheet for sheet in self.book.sheets}

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""
        if name not in self._blocks:
            sheet, area = find_area(self._names, self._sheets, name)
            cells = self._cells(sheet, area)
            if name not in AREAS or not AREAS[name].recomputed:
                # What recompute writes is no date; formats are what takes long to ask for.
                cells = _mark_dates(self._sheets[sheet], cells)
            self._blocks[name] = Block(name, sheet, area, cells)
        return self._blocks[name]

    def locate(self, name: str) -> tuple[str, a1.Area]:
        """The sheet and area of a named block. Raises Refused when the name is gone."""
        return find_area(self._names, self._sheets, name)

    def ready(self) -> None:
        """Raise Refused when the workbook is open for reading only."""
        with translate_refusals("主表"):
            if self.book.api.ReadOnly:
                raise Refused(
                    f"{self.book.name}：主表是以只读方式打开的（可能别人正在用它），改了也存不回去；"
                    "请等对方关闭后重新打开，再按一次"
                )

    def check(self, changes: Sequence[Change]) -> FormulaCheck:
        """What ``apply`` would find in the way, without changing anything."""
        found = [
            problem for change in changes for problem in self._find_blocked(change)[1].values()
        ]
        return FormulaCheck(sum(len(change.computed) for change in changes), tuple(found))

    def apply(self, changes: Sequence[Change]) -> FormulaCheck:
        """Change cells, let Excel calculate, and report every cell that does not come to what it should."""
        problems: list[Problem] = []
        expected: list[tuple[Change, dict[Where, Value]]] = []
        with temporary_properties(self.book.app, calculation="manual"):
            for change in changes:
                cells, barred = self._find_blocked(change)
                problems += barred.values()
                values = {at: fit_value(v) for at, v in change.values.items() if at not in barred}
                results = {at: v for at, (_, v) in change.computed.items() if at not in barred}
                if self._write(change.sheet, values, cells) or results:
                    expected.append((change, {**values, **results}))
            with translate_refusals("主表"):
                self.book.app.calculate()
        self._blocks.clear()
        for change, wanted in expected:
            problems += self._differences(change, wanted)
        return FormulaCheck(sum(len(change.computed) for change in changes), tuple(problems))

    def notes(self, sheet: str) -> dict[Where, str]:
        """The notes of ours that stand on cells of a sheet; none where Excel does not tell."""
        try:
            return our_notes({at: text for at, text, _ in self._comments(sheet)})
        except (Refused, AttributeError):  # on a Mac there is no such collection
            return {}

    def annotate(self, sheet: str, wanted: Mapping[Where, str]) -> bool:
        """Have a sheet carry these notes of ours and no others; False where Excel refuses any."""
        done = True
        try:
            standing = self._comments(sheet)
        except (Refused, AttributeError):
            return False
        remove, put = note_changes({at: text for at, text, _ in standing}, wanted)
        here = self._sheets[sheet]
        asked = [
            *(comment.Delete for at, _, comment in standing if at in remove),
            *(partial(_add_comment, here, at, text) for at, text in put.items()),
        ]
        for ask in asked:
            try:
                with translate_refusals(sheet):
                    ask()
            except (Refused, AttributeError):
                done = False  # a protected sheet, or a thread of staff's in the cell
        return done

    def _comments(self, sheet: str) -> list[tuple[Where, str, Any]]:
        """The notes of a sheet with their objects, threads too: where one is no note goes."""
        with translate_refusals(sheet):
            return [
                ((each.Parent.Row, each.Parent.Column), str(each.Text()).replace("\r", ""), each)
                for each in list(self._sheets[sheet].api.Comments)
            ]

    def cells(self, sheet: str, area: a1.Area) -> dict[Where, Cell]:
        """The cells of an area that hold something."""
        return self._cells(sheet, area)

    def selected(self) -> tuple[str, Where] | None:
        """The sheet and the active cell of what is selected; None on a chart sheet, which has none."""
        with translate_refusals(self.book.name):
            # Not the selection: that of a whole sheet has more cells than xlwings can count.
            cell = self.book.app.api.ActiveCell
            return None if cell is None else (str(cell.Worksheet.Name), (cell.Row, cell.Column))

    def insert(self, insertions: Sequence[Insertion]) -> tuple[Problem, ...]:
        """Put rows and columns in; Excel has everything go with them but what has to grow."""
        from xl_addin.master.host.insert import grow, insert_each

        done: list[Insertion] = []
        with temporary_properties(self.book.app, calculation="manual"):
            names = dict(self._names)
            before = {
                name: self._cells(name, (1, 1, a1.MAX_ROW, a1.MAX_COLUMN)) for name in self._sheets
            }
            try:
                for sheet in self._sheets.values():
                    with translate_refusals(sheet.name):
                        insert_each(sheet, Moves(insertions), done)
            finally:
                # Stopped half way, too: what is in belongs to its list, and the next try finds it.
                with translate_refusals("主表"):
                    problems = grow(self.book, names, before, Moves(done))
                self.inserted.append(done)
                self._forget()
        return problems

    def check_removal(self, lines: Lines, emptied: Set[tuple[str, Where]]) -> None:
        """Raise Refused where a formula or a name elsewhere would lose what it refers to."""
        from xl_addin.master.host.insert import refuse_if_referred_to

        formulas = {
            (name, at): cell.formula
            for name in (self._sheets if lines else ())
            for at, cell in self._cells(name, (1, 1, a1.MAX_ROW, a1.MAX_COLUMN)).items()
            if cell.formula is not None and (name, at) not in emptied
        }
        refuse_if_referred_to(lines, formulas, self._names)

    def remove(self, lines: Lines) -> None:
        """Take rows and columns out; Excel has everything that refers to cells go with them."""
        from xl_addin.master.host.insert import remove_lines

        with temporary_properties(self.book.app, calculation="manual"):
            try:
                for (name, rows), numbers in lines.items():
                    with translate_refusals(name):
                        remove_lines(self._sheets[name], numbers, rows=rows)
            finally:
                self._forget()

    def fill(self, fillings: Sequence[Filling]) -> None:
        """Lay down values and formulas in cells that are new."""
        with temporary_properties(self.book.app, calculation="manual", display_alerts=False):
            for each in fillings:
                sheet = self._sheets[each.sheet]
                with translate_refusals(each.sheet):
                    for area in each.merged:
                        _range(sheet, area).unmerge()
                    for area in a1.rectangles(each.values):
                        for piece, look in _pieces(sheet, area):
                            _type(sheet, piece, each.values, look)
                    for where, formula in each.formulas.items():
                        sheet.range(where).formula = formula
                    for area in each.merged:
                        if area[:2] != area[2:]:
                            _range(sheet, area).merge()
        self._forget()

    def _forget(self) -> None:
        self._blocks.clear()
        for known in ("_names", "_sheets"):
            self.__dict__.pop(known, None)

    def save(self) -> str:
        """Leave saving to the user, who can still close without it: the ledger has everything."""
        return "已写入打开着的主表，满意后请按 Ctrl+S 保存"

    def _find_blocked(self, change: Change) -> tuple[dict[Where, Cell], dict[Where, Problem]]:
        """What stands where a change goes, and what may not be touched."""
        where = [*change.values, *change.computed]
        cells = self._cells(change.sheet, a1.bounding_area(where)) if where else {}
        return cells, formulas_in_the_way(change, cells)

    def _cells(self, sheet: str, area: a1.Area) -> dict[Where, Cell]:
        """The cells of an area that hold something: two reads, however many they are."""
        with translate_refusals(f"{sheet}!{a1.area_name(area)}"):
            top, left, bottom, right = area
            last = self._sheets[sheet].used_range.last_cell
            area = (top, left, min(bottom, last.row), min(right, last.column))
            if area[2] < top or area[3] < left:
                return {}
            target = _range(self._sheets[sheet], area)
            # Value2 and not Value: no rounding to money, no dates that Python does not know.
            values, formulas = _rows(target.api.Value2), _rows(target.formula)
        found: dict[Where, Cell] = {}
        for row, (line, texts) in enumerate(zip(values, formulas, strict=True), top):
            for column, (value, text) in enumerate(zip(line, texts, strict=True), left):
                cell = read_com_cell(value, text)
                if cell is not None:
                    found[row, column] = cell
        return found

    def _write(
        self, sheet: str, values: Mapping[Where, Value], cells: Mapping[Where, Cell]
    ) -> bool:
        """Write what is not there yet, area by area; whether there was anything."""
        areas = [
            area
            for area in a1.rectangles(values)
            if not all(holds(cells.get(at), values[at]) for at in a1.cells_in(area))
        ]
        if not areas:
            return False
        here = self._sheets[sheet]
        with translate_refusals(sheet):
            if here.api.FilterMode:
                here.api.ShowAllData()  # what it hides would no longer be what it was set to hide
        for area in areas:
            with translate_refusals(f"{sheet}!{a1.area_name(area)}"):
                _copy_formats(here, area)
                for piece, look in _pieces(here, area):
                    _type(here, piece, values, look)
        return True

    def _differences(self, change: Change, wanted: Mapping[Where, Value]) -> Iterator[Problem]:
        cells = self._cells(change.sheet, a1.bounding_area(wanted)) if wanted else {}
        for where, value in wanted.items():
            cell = cells.get(where)
            formula = change.computed[where][0] if where in change.computed else ""
            if formula and not comes_to(cell, value):
                yield _value_problem("value-disagrees", change.sheet, where, cell, value, formula)
            elif not formula and not holds(cell, value):
                yield _value_problem("not-kept", change.sheet, where, cell, value)


def _range(sheet: xlwings.Sheet, area: a1.Area) -> xlwings.Range:
    return sheet.range(area[:2], area[2:])


def _rows(read: object) -> Sequence[Sequence[Any]]:
    """A read of any size as rows: one cell comes alone."""
    return read if isinstance(read, tuple | list) else ((read,),)


def _mark_dates(sheet: xlwings.Sheet, cells: dict[Where, Cell]) -> dict[Where, Cell]:
    """The cells with those told as dates that show one."""
    with translate_refusals(sheet.name):
        for area in a1.rectangles([at for at, cell in cells.items() if cell.kind == NUM]):
            for piece, look in _pieces(sheet, area):
                if shows_date(look):
                    cells |= {at: cells[at]._replace(kind=DATE) for at in a1.cells_in(piece)}
    return cells


def _pieces(sheet: xlwings.Sheet, area: a1.Area) -> Iterator[tuple[a1.Area, str]]:
    """An area in parts that have one number format each; Excel tells None for several."""
    look: str | None = _range(sheet, area).number_format
    top, left, bottom, right = area
    if look is not None or (top, left) == (bottom, right):
        yield area, look or ""
    elif right > left:
        half = (left + right) // 2
        yield from _pieces(sheet, (top, left, bottom, half))
        yield from _pieces(sheet, (top, half + 1, bottom, right))
    else:
        half = (top + bottom) // 2
        yield from _pieces(sheet, (top, left, half, right))
        yield from _pieces(sheet, (half + 1, left, bottom, right))


def _add_comment(sheet: xlwings.Sheet, at: Where, text: str) -> None:
    comment = _range(sheet, (*at, *at)).api.AddComment(text)
    lines = sum(1 + len(line) // 24 for line in text.split("\n"))
    comment.Shape.Width, comment.Shape.Height = 240, 16 * min(max(lines, 3), 20)


def _copy_formats(sheet: xlwings.Sheet, area: a1.Area) -> None:
    """Rows of a list that nothing has stood in yet take the formats of the last one that has its own.

    Every cell that we lay out has a border. Only the first row of a list has its formats from the
    beginning: formats in every reserved row would only make the file large.
    """
    top, left, bottom, right = area

    def bare(row: int) -> bool:
        line = _range(sheet, (row, left, row, right)).api.Borders.LineStyle
        return bool(line == _NO_LINE)

    if top == bottom or not bare(bottom):
        return
    first = top + bisect_left(range(top, bottom + 1), True, key=bare)
    if first > top:
        source = _range(sheet, (first - 1, left, first - 1, right))
        source.autofill(_range(sheet, (first - 1, left, bottom, right)), "fill_formats")


def _type(sheet: xlwings.Sheet, area: a1.Area, values: Mapping[Where, Value], look: str) -> None:
    """Write an area of one format: a number as a number and a text as text, whatever they look like."""
    top, left, bottom, right = area
    held_back = look == _AS_TEXT and any(
        isinstance(values[at], int | float) for at in a1.cells_in(area)
    )
    as_text = look == _AS_TEXT and not held_back
    rows = [
        [com_input(values[row, column], as_text) for column in range(left, right + 1)]
        for row in range(top, bottom + 1)
    ]
    target = _range(sheet, area)
    if held_back:
        # A number typed into a text cell would become text, which no sum adds up.
        target.number_format = "General"
    target.raw_value = rows
    if held_back:
        target.number_format = look


def _value_problem(
    code: str, sheet: str, where: Where, cell: Cell | None, value: Value, formula: str = ""
) -> Problem:
    """A cell that does not come to the value that it should."""
    at, found = a1.cell_name(*where), "" if cell is None else quote(cell)
    wanted = "" if value is None else str(value)
    if formula:
        says = (
            f"Excel 算得“{found or '空'}”，程序算得“{wanted or '空'}”，公式是 {formula}；"
            "请看它引用的单元格里是不是有文字、或有人改过"
        )
    else:
        says = (
            f"写入“{wanted or '空'}”，读回来却是“{found or '空'}”；"
            "请检查这一格是否被合并、或有宏在改它，然后再试"
        )
    return make(code, f"{sheet}!{at}：{says}", sheet, at, found, wanted)
