"""The master live in Excel, through xlwings: whole ranges in, whole ranges out, the rest untouched.

Unsaved edits are what is read. Excel computes the formulas itself; what they come to is read back
and compared. Nothing is saved: the workbook on the screen is its user's, who may look first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
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
from xl_addin.master.host.carrying import Carrier, Held, Steps
from xl_addin.master.host.comcells import com_input, comes_to, could_turn, fit_value, holds
from xl_addin.master.host.comreading import (
    Names,
    SheetReader,
    Sheets,
    addresses,
    formats,
    is_in,
    joined,
    read_ahead,
    unaffected,
    used_areas,
)
from xl_addin.master.host.excelapp import temporary_properties, translate_refusals
from xl_addin.master.read.blocks import Block, find_area
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.sheets import AREAS
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import DATE, NUM, TEXT, Cell, Value
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.values import quote

if TYPE_CHECKING:
    from typing import Any

    import xlwings

_AS_TEXT = "@"
_NO_LINE = -4142  # xlLineStyleNone
_FILL_FORMATS = 3  # xlFillFormats
_MOST_PIECES = 20
"""So many writes and no more repair single cells; beyond it whole areas are written again."""
_MOST_QUESTIONS = 5
_OWN_WIDTH, _OWN_LINES = 11, 4
"""Letters and lines that the box of a note has room for as Excel makes it."""


class ExcelHost:
    """The master workbook as it is on somebody's screen."""

    def __init__(self, book: xlwings.Book) -> None:
        self.book = book
        self._blocks: dict[str, Block] = {}
        self.inserted: list[Sequence[Insertion]] = []

    whole = False
    """Whether sheets are read whole from the first, for a verb that changes them as a whole."""
    _calculated = _assuming = False

    @cached_property
    def _readers(self) -> dict[str, SheetReader]:
        return {}

    @cached_property
    def _typed(self) -> list[tuple[str, list[a1.Area], dict[Where, Value], list[a1.Area]]]:
        """What was written since ``apply`` began: sheet, areas, values, areas formatted as text."""
        return []

    @cached_property
    def _notes(self) -> dict[str, dict[Where, str]]:
        """The notes of the sheets that were asked for them."""
        return {}

    @cached_property
    def _carrier(self) -> Carrier:
        return Carrier(self.book, self._api)

    @cached_property
    def app(self) -> xlwings.App:
        """The Excel that the workbook is open in."""
        return self.book.app

    @cached_property
    def name(self) -> str:
        """What the workbook is called."""
        return str(self.book.name)

    @cached_property
    def _names(self) -> Names:
        return Names(self.book, self._sheets, self._carrier)

    @cached_property
    def _sheets(self) -> Sheets:
        return Sheets(self.book, self._carrier)

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""
        if name not in self._blocks:
            sheet, area = self.locate(name)
            cells = self._cells(sheet, area)
            if name not in AREAS or not AREAS[name].recomputed:
                cells = self._mark_dates(sheet, cells)  # what recompute writes is none
            self._blocks[name] = Block(name, sheet, area, cells)
        return self._blocks[name]

    def locate(self, name: str) -> tuple[str, a1.Area]:
        """The sheet and area of a named block. Raises Refused when the name is gone."""
        with translate_refusals("主表"):
            return find_area(self._names, self._sheets, name)

    def ready(self) -> None:
        """Raise Refused when the workbook is open for reading only."""
        with translate_refusals("主表"):
            if self.book.api.ReadOnly:
                raise Refused(
                    f"{self.name}：主表是以只读方式打开的（可能别人正在用它），改了也存不回去；"
                    "请等对方关闭后重新打开，再按一次"
                )

    def check(self, changes: Iterable[Change]) -> FormulaCheck:
        """What ``apply`` would find in the way, without changing anything."""
        self.settle()
        changes = list(changes)
        found = [
            problem for change in changes for problem in self._find_blocked(change)[1].values()
        ]
        return FormulaCheck(sum(len(change.computed) for change in changes), tuple(found))

    def apply(self, changes: Iterable[Change]) -> FormulaCheck:
        """Change cells, let Excel calculate, and report every cell that does not come to what it should."""
        try:
            return self._apply(list(changes))
        except BaseException:
            self._forget()  # how far it came is not known
            raise

    def _apply(self, changes: Sequence[Change]) -> FormulaCheck:
        problems: list[Problem] = []
        expected: list[tuple[Change, dict[Where, Value]]] = []
        written: set[str] = set()
        self._typed.clear()
        touched = dict.fromkeys(change.sheet for change in changes)
        if self._assuming:
            self.settle()
            self._read_ahead(touched)
            # Read before the calculating is stopped: what was put in may not have been worked out so far, and
            # on a sheet where nothing is written that would be taken for what it comes to.
            for change in changes:
                self._find_blocked(change)
        with temporary_properties(self.app, calculation="manual") as before:
            self._read_ahead(touched)
            for change in changes:
                cells, barred = self._find_blocked(change)
                problems += barred.values()
                values = {at: fit_value(v) for at, v in change.values.items() if at not in barred}
                results = {at: v for at, (_, v) in change.computed.items() if at not in barred}
                wrote = self._write(change.sheet, values, cells)
                if wrote:
                    written.add(change.sheet)
                if wrote or results:
                    expected.append((change, {**values, **results}))
            if written or not self._calculated:
                with translate_refusals("主表"):
                    self.app.calculate()
                fresh = self._calculated or before["calculation"] == "automatic"
                self._refresh(written if fresh else None)
                self._calculated = True
                self._read_ahead(touched)
            typed_again = [change for change, _ in expected if self._type_again(change)]
            if typed_again:
                with translate_refusals("主表"):
                    self.app.calculate()
                self._refresh({change.sheet for change in typed_again})
                self._read_ahead(touched)
        for change, wanted in expected:
            problems += self._differences(change, wanted)
        return FormulaCheck(sum(len(change.computed) for change in changes), tuple(problems))

    def notes(self, sheet: str) -> dict[Where, str]:
        """The notes of ours that stand on cells of a sheet; none where Excel does not tell."""
        try:
            return our_notes(self._comments(sheet))
        except (Refused, AttributeError):  # on a Mac there is no such collection
            return {}

    def annotate(self, sheet: str, wanted: Mapping[Where, str]) -> bool:
        """Have a sheet carry these notes of ours and no others; False where Excel refuses any."""
        try:
            standing = self._comments(sheet)
        except (Refused, AttributeError):
            return False
        remove, put = note_changes(standing, wanted)
        self._notes.pop(sheet, None)
        steps = Steps(sheet)
        here = steps.sheet(sheet)
        for together in addresses((*at, *at) for at in sorted(remove)):
            steps.do(steps.get(here, "Range", together), "ClearComments")
        for at, text in put.items():
            _add_comment(steps, here, at, text)
        try:  # what fails: a protected sheet, or a thread of staff's in the cell
            done = not self._carrier.carry(steps, go_on=True).failed
        except Refused:  # a busy Excel: the figures stand, and the next press puts the notes
            done = False
        if done:
            kept = {at: text for at, text in standing.items() if at not in remove}
            self._notes[sheet] = kept | put
        return done

    def _comments(self, sheet: str) -> dict[Where, str]:
        """The notes of a sheet, threads too: where one is no note goes."""
        if sheet not in self._notes:
            steps = Steps(sheet)
            count = steps.ask(steps.get(steps.sheet(sheet), "Comments"), "Count")
            number = int(self._carrier.carried(steps)[count])
            steps = Steps(sheet)
            comments = steps.get(steps.sheet(sheet), "Comments")
            asked = []
            for at in range(1, number + 1):
                each = steps.do(comments, "Item", at)
                where = steps.ask(steps.get(each, "Parent"), "Address")
                asked.append((where, steps.do(each, "Text", told=True)))
            answers = self._carrier.carried(steps)
            self._notes[sheet] = {
                a1.position(answers[where]): str(answers[text]).replace("\r", "")
                for where, text in asked
            }
        return self._notes[sheet]

    def cells(self, sheet: str, area: a1.Area, *, typed: bool = False) -> dict[Where, Cell]:
        """The cells of an area that hold something; ``typed``: what formulas come to may be from before."""
        if typed:
            self.settle()
        return self._cells(sheet, area, typed=typed)

    def selected(self) -> tuple[str, Where] | None:
        """The sheet and the active cell of what is selected; None on a chart sheet, which has none."""
        with translate_refusals(self.name):
            # Not the selection: that of a whole sheet has more cells than xlwings can count.
            cell = self.app.api.ActiveCell
            return None if cell is None else (str(cell.Worksheet.Name), (cell.Row, cell.Column))

    def select_first(self, cells: Iterable[tuple[str, str]]) -> None:
        """Select the first of these cells (sheet, A1) that is in this workbook."""
        for name, cell in cells:
            if cell and name in self._sheets:
                sheet = self._sheets[name].api
                sheet.Activate()
                sheet.Range(cell.partition(":")[0]).Select()
                return

    def insert(self, insertions: Sequence[Insertion]) -> tuple[Problem, ...]:
        """Put rows and columns in; Excel has everything go with them but what has to grow."""
        from xl_addin.master.host.insert import grow, insert_each, show_all

        done: list[Insertion] = []
        wanted = Moves(insertions)
        with temporary_properties(self.app, calculation="manual"):
            self.settle()
            names = self._names.references()
            before = self._all_formulas()
            touched = [name for name in before if name.lower() in wanted.sheets]
            try:
                show_all(self._carrier, touched)
                for name in touched:
                    insert_each(self._carrier, name, self._reader(name).end, wanted, done)
                self.app.cut_copy_mode = False
            finally:
                # Stopped half way, too: what is in belongs to its list, and the next try finds it.
                known = {each: self.__dict__[each] for each in ("_readers", "_names", "_sheets")}
                self._forget()
                problems, changed = grow(self._carrier, names, before, Moves(done))
                self.inserted.append(done)
        self.__dict__.update(known)
        self._names.moved(wanted)
        for name, texts in changed.items():
            self._readers[name].moved(name, wanted, texts)
        self._assuming = True
        return problems

    def check_removal(self, lines: Lines, emptied: Set[tuple[str, Where]]) -> None:
        """Raise Refused where a formula or a name elsewhere would lose what it refers to."""
        from xl_addin.master.host.insert import refuse_if_referred_to

        self.settle()
        if not lines:
            return
        formulas = {
            (name, at): formula
            for name, found in self._all_formulas().items()
            for at, formula in found.items()
            if (name, at) not in emptied
        }
        names = enumerate(self._names.references())
        refuse_if_referred_to(lines, formulas, names, self._names.called)

    def remove(self, lines: Lines) -> None:
        """Take rows and columns out; Excel has everything that refers to cells go with them."""
        from xl_addin.master.host.insert import remove_lines, show_all

        with temporary_properties(self.app, calculation="manual"):
            try:
                show_all(self._carrier, [name for name, _ in lines])
                for (name, rows), numbers in lines.items():
                    remove_lines(self._carrier, name, numbers, rows=rows)
            finally:
                self._forget()

    def fill(self, fillings: Sequence[Filling]) -> None:
        """Lay down values and formulas in cells that are new."""
        from xl_addin.master.host.insert import put_formulas

        if not fillings:
            return
        # It would ask about every area that holds more than its first cell.
        silent = {"display_alerts": False} if any(each.merged for each in fillings) else {}
        try:
            with temporary_properties(self.app, calculation="manual", **silent):
                for each in fillings:
                    told = [at for at, value in each.values.items() if _wants_a_look(value)]
                    texts = self._text_areas(each.sheet, told, 2 * len(told))
                    steps = Steps(each.sheet)
                    sheet = steps.sheet(each.sheet)
                    for area in each.merged:
                        steps.do(steps.get(sheet, "Range", a1.area_name(area)), "UnMerge")
                    _type(steps, sheet, a1.rectangles(each.values), each.values, texts)
                    self._carrier.carried(steps)
                    put_formulas(self._carrier, each.sheet, each.formulas)
                    steps = Steps(each.sheet)
                    sheet = steps.sheet(each.sheet)
                    for area in each.merged:
                        if area[:2] != area[2:]:
                            steps.do(steps.get(sheet, "Range", a1.area_name(area)), "Merge")
                    self._carrier.carried(steps)
        except BaseException:
            self._forget()
            raise
        self._calculated = False
        self._blocks.clear()
        for each in fillings:
            if each.sheet in self._readers:
                self._readers[each.sheet].assume(each.values, each.formulas, each.merged)
        self._assuming = True

    def settle(self) -> None:
        """Have read anew, where it is asked for, what rows, columns and cells put in were taken to have done."""
        if self._assuming:
            self._assuming = False
            for reader in self._readers.values():
                reader.settle()
            self._refresh(None)

    def _refresh(self, written: Collection[str] | None) -> None:
        """Have cells read anew that may be others now: see ``unaffected``."""
        self._blocks.clear()
        same = unaffected(self._readers, written)
        for name, reader in self._readers.items():
            if name not in same:
                reader.computed()

    def _forget(self) -> None:
        """Have everything looked for anew: rows, columns and names have moved."""
        self._calculated = self._assuming = False
        self._blocks.clear()
        for known in ("_readers", "_names", "_sheets", "_notes"):
            self.__dict__.pop(known, None)

    def save(self) -> str:
        """Leave saving to the user, who can still close without it: the ledger has everything."""
        return "已写入打开着的主表，满意后请按 Ctrl+S 保存"

    def _find_blocked(self, change: Change) -> tuple[dict[Where, Cell], dict[Where, Problem]]:
        """What stands where a change goes, and what may not be touched."""
        where = [*change.values, *change.computed]
        cells = self._cells(change.sheet, a1.bounding_area(where)) if where else {}
        return cells, formulas_in_the_way(change, cells)

    def _cells(self, sheet: str, area: a1.Area, *, typed: bool = False) -> dict[Where, Cell]:
        """The cells of an area that hold something."""
        with translate_refusals(f"{sheet}!{a1.area_name(area)}"):
            return self._reader(sheet).cells(area, typed=typed)

    def _formulas(self, sheet: str) -> dict[Where, str]:
        """The formulas of a sheet, without ``=``."""
        with translate_refusals(sheet):
            return self._reader(sheet).formulas()

    def _all_formulas(self) -> dict[str, dict[Where, str]]:
        """The formulas of all sheets, without ``=``."""
        if self._carrier.carries:
            self._read_whole()
        return {name: self._formulas(name) for name in self._sheets.names}

    def _read_whole(self) -> None:
        """Have all sheets read whole, all together."""
        known = self._readers
        new = [name for name in self._sheets.names if not (name in known and known[name].is_whole)]
        for name, area in used_areas(self._carrier, new).items():
            known[name] = SheetReader(partial(self._api, name), used=area)
        read_ahead(self._carrier, known)

    def _read_ahead(self, sheets: Iterable[str]) -> None:
        """Have sheets read together, of which cells will be asked for one sheet after the other."""
        if self._carrier.carries:
            read_ahead(self._carrier, {name: self._reader(name) for name in sheets})

    def _api(self, sheet: str) -> Any:
        return self._sheets[sheet].api

    def _reader(self, sheet: str) -> SheetReader:
        if sheet not in self._readers and self.whole and self._carrier.carries:
            self._read_whole()
        if sheet not in self._readers:
            known = () if self.whole else self._names.areas_on(sheet)
            self._readers[sheet] = SheetReader(
                partial(self._api, sheet), known, self._names.alone.get(sheet)
            )
        return self._readers[sheet]

    def _text_areas(self, sheet: str, cells: Collection[Where], most: int) -> list[a1.Area]:
        """Where those of the cells lie that are formatted as text, as far as so many questions tell."""
        if not cells:
            return []
        with translate_refusals(sheet):
            found = formats(self._api(sheet), cells, most)
            return [area for area, look in found if look == _AS_TEXT]

    def _mark_dates(self, sheet: str, cells: dict[Where, Cell]) -> dict[Where, Cell]:
        """The cells with those told as dates that show one."""
        numbers = {at for at, cell in cells.items() if cell.kind == NUM}
        if numbers:
            with translate_refusals(sheet):
                dates = list(self._reader(sheet).dates(numbers))
            cells |= {at: cells[at]._replace(kind=DATE) for at in dates}
        return cells

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
        # Whether something may be written over, too, so that it is one write and not hundreds.
        own = list(self._recomputed(sheet))
        between = {
            at: cell.value
            for at, cell in cells.items()
            if at not in values
            and cell.formula is None
            and cell.kind in (NUM, TEXT)
            and any(is_in(at, area) for area in own)
        }
        barred = [at for at in cells if at not in values and at not in between]
        areas = joined(areas, barred)
        filled = self._reader(sheet).filled_rows(a1.bounding_area(values))
        for area in areas:
            empty = next((n for n in range(area[0] + 1, area[2] + 1) if n not in filled), None)
            if empty is not None:
                with translate_refusals(f"{sheet}!{a1.area_name(area)}"):
                    _copy_formats(here.api, area, empty)
        typed = {**between, **values}
        told = [at for at, value in typed.items() if isinstance(value, str) and could_turn(value)]
        told = [at for at in told if any(is_in(at, area) for area in areas)]
        texts = self._text_areas(sheet, told, _MOST_QUESTIONS)
        self._typed.append((sheet, areas, typed, texts))
        try:
            self._type(sheet, areas, typed, texts)
        finally:
            self._reader(sheet).written(areas)
        return True

    def _type(
        self,
        sheet: str,
        areas: Sequence[a1.Area],
        values: Mapping[Where, Value],
        texts: Sequence[a1.Area],
    ) -> None:
        steps = Steps(sheet)
        _type(steps, steps.sheet(sheet), areas, values, texts)
        self._carrier.carried(steps)

    def _recomputed(self, sheet: str) -> Iterator[a1.Area]:
        """The areas of a sheet, as far as they were asked for, in which all that is typed is ours."""
        for name, area in AREAS.items():
            if area.recomputed and name in self._names:
                home, where = find_area(self._names, self._sheets, name)
                if home == sheet:
                    yield where

    def _type_again(self, change: Change) -> bool:
        """Type again what did not become what it is, for its cells are formatted as text.

        A number became a text, a text has the apostrophe before it that was to make it one. Whether there
        was any.
        """
        values = {at: v for at, v in change.values.items() if v is not None and v != ""}
        if not values:
            return False
        cells = self._cells(change.sheet, a1.bounding_area(values))
        lost = {
            at
            for at, value in values.items()
            if (cell := cells.get(at)) is not None
            and cell.kind == TEXT
            and cell.formula is None
            and (isinstance(value, int | float) or cell.value == f"'{fit_value(value)}")
        }
        here = change.sheet
        for sheet, areas, typed, texts in self._typed if lost else ():
            again = [area for area in areas if any(is_in(at, area) for at in lost)]
            if sheet == here and again:
                cells_of_text = [at for at in lost if at in typed]
                # What was kept is let alone: a program may have made text cells of it meanwhile.
                pieces = list(a1.rectangles(cells_of_text))
                again = pieces if len(pieces) <= _MOST_PIECES else again
                more = self._text_areas(here, cells_of_text, 2 * len(lost))
                self._type(here, again, typed, [*texts, *more])
                self._reader(here).written(again)
        return bool(lost)

    def _differences(self, change: Change, wanted: Mapping[Where, Value]) -> Iterator[Problem]:
        cells = self._cells(change.sheet, a1.bounding_area(wanted)) if wanted else {}
        for where, value in wanted.items():
            cell = cells.get(where)
            formula = change.computed[where][0] if where in change.computed else ""
            if formula and not comes_to(cell, value):
                yield _value_problem("value-disagrees", change.sheet, where, cell, value, formula)
            elif not formula and not holds(cell, value):
                yield _value_problem("not-kept", change.sheet, where, cell, value)


def _add_comment(steps: Steps, sheet: Held, at: Where, text: str) -> None:
    comment = steps.do(steps.get(sheet, "Range", a1.cell_name(*at)), "AddComment", text)
    if sum(1 + len(line) // _OWN_WIDTH for line in text.split("\n")) > _OWN_LINES:
        lines = sum(1 + len(line) // 24 for line in text.split("\n"))
        shape = steps.get(comment, "Shape")
        steps.let(shape, "Width", 240)
        steps.let(shape, "Height", 16 * min(max(lines, 3), 20))


def _copy_formats(sheet: Any, area: a1.Area, empty: int) -> None:
    """Rows of a list that nothing has stood in yet take the formats of the last one that has its own.

    Every cell that we lay out has a border. Only the first row of a list has its formats from the
    beginning: formats in every reserved row would only make the file large. ``empty`` is the first row
    of the area, after its first, that holds nothing.
    """
    _, left, bottom, right = area

    def line(first: int, last: int) -> Any:
        return sheet.Range(a1.area_name((first, left, last, right)))

    def bare(row: int) -> bool:
        return bool(line(row, row).Borders.LineStyle == _NO_LINE)

    if bare(empty):
        first = empty
    elif bare(bottom):
        first = empty + bisect_left(range(empty, bottom + 1), True, key=bare)
    else:
        return
    line(first - 1, first - 1).AutoFill(line(first - 1, bottom), _FILL_FORMATS)


def _wants_a_look(value: Value) -> bool:
    """Whether what Excel makes of a value depends on the format of its cell."""
    return could_turn(value) if isinstance(value, str) else value is not None


def _type(
    steps: Steps,
    sheet: Held,
    areas: Iterable[a1.Area],
    values: Mapping[Where, Value],
    texts: Sequence[a1.Area],
) -> None:
    """Write areas whole: a text as text, whatever it looks like; where there is no value, nothing.

    ``texts`` are areas of cells that are formatted as text, as far as they are known: ``_type_again``
    sees to the others.
    """
    # A number typed into a text cell would become text, which no sum adds up.
    held_back = {
        piece
        for piece in texts
        if any(isinstance(values.get(at), int | float) for at in a1.cells_in(piece))
    }
    as_text = {at for piece in texts if piece not in held_back for at in a1.cells_in(piece)}
    where = steps.where
    _set_format(steps, sheet, held_back, "General")
    for area in areas:
        top, left, bottom, right = area
        rows = [
            [
                com_input(values.get((row, column)), (row, column) in as_text)
                for column in range(left, right + 1)
            ]
            for row in range(top, bottom + 1)
        ]
        steps.where = f"{where}!{a1.area_name(area)}"
        steps.let(steps.get(sheet, "Range", a1.area_name(area)), "Value", rows)
    steps.where = where
    _set_format(steps, sheet, held_back, _AS_TEXT)


def _set_format(steps: Steps, sheet: Held, areas: Collection[a1.Area], code: str) -> None:
    for together in addresses(sorted(areas)):
        steps.let(steps.get(sheet, "Range", together), "NumberFormat", code)


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
