"""The master live in WPS: one look at the whole workbook, changes in batches, each carried out in one turn.

WPS's object model lives in the add-in's page (macros/wps/main.js); a batch is a list of its operations.
WPS is not held still while a verb runs as Excel is: before anything is written the page looks whether
somebody has changed the sheets since they were read, and refuses where that is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.host.base import Change, Filling, FormulaCheck, Lines, note_changes, our_notes
from xl_addin.master.host.comcells import com_input, holds, read_com_cell
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import temporary_properties
from xl_addin.master.read.blocks import Block, find_area
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.sheets import AREAS, SETTINGS_BLOCK
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, Protocol
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import DATE, FAULT, NUM, Cell, Value
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.styles import shows_date

if TYPE_CHECKING:
    from typing import Any

    Operation = dict[str, Any]

_NO_DATES = frozenset(name for name, area in AREAS.items() if area.recomputed)


class Page(Protocol):
    """The add-in's page, wherever it is."""

    def ask(self, batch: Sequence[Operation]) -> list[Any]:
        """Have a batch carried out: a result for each operation.

        Raises Refused where one failed, and where the page has gone.
        """

    def tell(self, batch: Sequence[Operation]) -> None:
        """Have a batch carried out without waiting. Raises Refused where the page has gone."""


class Stopped(Refused):
    """An operation of a batch failed; ``results`` are those of the batch, None from there on."""

    def __init__(self, message: str, results: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.results = results


class _Sheet(NamedTuple):
    """What stood on a sheet when it was looked at."""

    cells: dict[Where, Cell]
    notes: dict[Where, str]


class _Known(dict[str, "Any"]):
    """What the live host asks for piece by piece, and is here in one."""

    def references(self) -> list[str]:
        """What all names refer to."""
        return list(self.values())

    def called(self, number: int) -> str:
        """What one of them, from 0, is called."""
        return list(self)[number]


class WpsHost(ExcelHost):
    """The master workbook as it is on somebody's screen in WPS."""

    def __init__(self, page: Page) -> None:
        """Look at the workbook in front. Raises Refused where it is no master."""
        self._page = page
        self._queue: list[Operation] = []
        self._guarded: set[str] = set()
        self._known: dict[str, _Sheet] = {}
        self._read: set[str] = set()
        self._looks: dict[tuple[str, Where], bool] = {}
        self._take_in(*page.ask([{"do": "book"}, {"do": "look"}]))
        super().__init__(_Book(self))  # type: ignore[arg-type]  # as much of xlwings' as is asked
        if SETTINGS_BLOCK not in self._names:
            raise Refused(
                f"{self.about['name']}：这个工作簿不是年度任务的主表；"
                "请打开任务文件夹里的主表（master.xlsm），让它在最前面，再点一次"
            )

    def _take_in(self, book: dict[str, Any], sheets: list[dict[str, Any]]) -> None:
        self.about = book
        names = {str(name): str(text).removeprefix("=") for name, text in book["names"]}
        # Both are cached properties of the live host.
        self.__dict__["_names"] = _Known(names)
        self.__dict__["_sheets"] = _Known.fromkeys(book["sheets"])
        self._keep(sheets)

    def _keep(self, sheets: list[dict[str, Any]]) -> None:
        for each in sheets:
            formulas = {(row, column): text for row, column, text in each["formulas"]}
            cells = {
                (row, column): cell
                for row, line in enumerate(each["values"], 1)
                for column, value in enumerate(line, 1)
                if (cell := _cell(value, formulas.get((row, column)))) is not None
            }
            notes = {(row, column): str(text) for row, column, text in each["notes"]}
            self._known[each["name"]] = _Sheet(cells, notes)

    # --- reading -------------------------------------------------------------------------------

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""
        if name not in self._blocks:
            sheet, area = find_area(self._names, self._sheets, name)
            cells = self._cells(sheet, area)
            if name not in _NO_DATES:
                cells = self._mark_dates(sheet, cells)
            self._blocks[name] = Block(name, sheet, area, cells)
        return self._blocks[name]

    def _mark_dates(self, sheet: str, cells: dict[Where, Cell]) -> dict[Where, Cell]:
        """The cells with those told as dates that show one; what is asked is asked of all blocks at once."""
        numbers = [at for at, cell in cells.items() if cell.kind == NUM]
        if any((sheet, at) not in self._looks for at in numbers):
            self._ask_formats()
        dates = {at: cells[at]._replace(kind=DATE) for at in numbers if self._looks[sheet, at]}
        return cells | dates

    def _ask_formats(self) -> None:
        """Whether each number of a block that may hold dates shows one."""
        wanted: dict[str, set[Where]] = {}
        for name in AREAS:
            if name in _NO_DATES or name not in self._names:
                continue
            try:
                sheet, area = find_area(self._names, self._sheets, name)
            except Refused:
                continue  # told to the verb that needs it
            numbers = (at for at, cell in self._cells(sheet, area).items() if cell.kind == NUM)
            wanted.setdefault(sheet, set()).update(
                at for at in numbers if (sheet, at) not in self._looks
            )
        asked = [sheet for sheet, cells in wanted.items() if cells]
        answers = self._ask(
            [
                {"do": "formats", "sheet": sheet, "areas": a1.rectangles(wanted[sheet])}
                for sheet in asked
            ]
        )
        for sheet, found in zip(asked, answers, strict=True):
            for area, look in found:
                shows = shows_date(look)
                self._looks |= {(sheet, at): shows for at in a1.cells_in(tuple(area))}

    def _cells(self, sheet: str, area: a1.Area, *, typed: bool = False) -> dict[Where, Cell]:  # noqa: ARG002
        """The cells of an area that hold something, as they stood at the last look."""
        top, left, bottom, right = area
        return {
            at: cell
            for at, cell in self._sheet(sheet).cells.items()
            if top <= at[0] <= bottom and left <= at[1] <= right
        }

    def _formulas(self, sheet: str) -> dict[Where, str]:
        """The formulas of a sheet, without ``=``."""
        cells = self._sheet(sheet).cells
        return {at: cell.formula for at, cell in cells.items() if cell.formula is not None}

    def _all_formulas(self) -> dict[str, dict[Where, str]]:
        return {name: self._formulas(name) for name in self._sheets}

    def _sheet(self, name: str) -> _Sheet:
        """A sheet; where it may have changed, one look at all that may have and that the verb reads."""
        if name not in self._known:
            reads = self._read if name in self._read else self._sheets
            missing = [each for each in self._sheets if each in reads and each not in self._known]
            self._keep(self._ask([{"do": "look", "sheets": missing}])[0])
        self._read.add(name)
        return self._known[name]

    def ready(self) -> None:
        """Raise Refused when the workbook is open for reading only."""
        if self.about["readonly"]:
            raise Refused(
                f"{self.about['name']}：主表是以只读方式打开的（可能别人正在用它），改了也存不回去；"
                "请等对方关闭后重新打开，再按一次"
            )

    def selected(self) -> tuple[str, Where] | None:
        """The sheet and the active cell when the button was pressed; None on a chart sheet."""
        found = self.about["selected"]
        return None if found is None else (found[0], (found[1], found[2]))

    def select_first(self, cells: Iterable[tuple[str, str]]) -> None:
        """Select the first of these cells (sheet, A1) that is in this workbook, before the next message."""
        for name, cell in cells:
            if cell and name in self._sheets:
                at = a1.position(cell.partition(":")[0])
                self.put({"do": "show", **_cell_of(name, at), "soft": True})
                return

    def notes(self, sheet: str) -> dict[Where, str]:
        """The notes of ours that stand on cells of a sheet."""
        return our_notes(self._sheet(sheet).notes)

    # --- what is asked of the page -------------------------------------------------------------

    def put(self, operation: Operation) -> None:
        """Have an operation carried out with the next batch."""
        self._queue.append(operation)

    def say(self, operation: Operation) -> None:
        """Have an operation carried out at once where nothing waits before it."""
        if self._queue:
            self.put(operation)
        else:
            self._page.tell([operation])

    def ask(self, operation: Operation) -> Any:
        """The result of one operation, after all that waits."""
        return self._ask([operation])[0]

    def stale(self) -> None:
        """Cells anywhere may come to something else from here on."""
        self._known = {}

    def _ask(self, batch: Sequence[Operation]) -> list[Any]:
        """The results of a batch, after what was to be carried out before it."""
        waiting, self._queue = self._queue, []
        if self._guarded:
            waiting.insert(0, {"do": "unchanged", "sheets": sorted(self._guarded)})
            self._guarded = set()
        if not waiting and not batch:
            return []
        return self._page.ask([*waiting, *batch])[len(waiting) :]

    # --- changing ------------------------------------------------------------------------------

    def apply(self, changes: Iterable[Change]) -> FormulaCheck:
        """Change cells, have WPS calculate, and report every cell that does not come to what it should."""
        compared, found = super().apply(changes)
        if any(each["do"] == "type" for each in self._queue):
            self._ask([])
        says = (each.message.replace("Excel 算得", "WPS 算得") for each in found)
        told = tuple(each._replace(message=text) for each, text in zip(found, says, strict=True))
        return FormulaCheck(compared, told)

    def _write(
        self, sheet: str, values: Mapping[Where, Value], cells: Mapping[Where, Cell]
    ) -> bool:
        """Write what is not there yet, area by area; whether there was anything."""
        areas = [
            area
            for area in a1.rectangles(values)
            if not all(holds(cells.get(at), values[at]) for at in a1.cells_in(area))
        ]
        if areas:
            self._guarded.add(sheet)
        for area in areas:
            self.put(_typing(sheet, area, values, in_list=True))
        return bool(areas)

    def annotate(self, sheet: str, wanted: Mapping[Where, str]) -> bool:
        """Have a sheet carry these notes of ours and no others; False where WPS refuses any."""
        remove, put = note_changes(self._sheet(sheet).notes, wanted)
        batch = [
            *({"do": "unnote", **_cell_of(sheet, at), "soft": True} for at in remove),
            *(
                {
                    "do": "note",
                    **_cell_of(sheet, at),
                    "text": text,
                    "size": _size(text),
                    "soft": True,
                }
                for at, text in put.items()
            ),
        ]
        self._known.pop(sheet)
        return all(self._ask(batch))

    def insert(self, insertions: Sequence[Insertion]) -> tuple[Problem, ...]:
        """Put rows and columns in; WPS has everything go with them but what has to grow."""
        names, moves = dict(self._names), Moves(insertions)
        before = {name: self._sheet(name).cells for name in self._sheets}
        steps = [
            each
            for name in self._sheets
            for rows in (True, False)
            for each in reversed(moves.insertions(name, rows=rows))
        ]
        self._guarded |= {each.sheet for each in steps}
        did: Sequence[Any] = ()
        try:
            with temporary_properties(self.book.app, calculation="manual"):
                try:
                    did = self._ask([_inserting(each) for each in steps])
                except Stopped as stopped:
                    did = stopped.results[-len(steps) :]
                    raise
                finally:
                    # Stopped half way, too: what is in belongs to its list, and the next try finds it.
                    done = [each for each, is_in in zip(steps, did, strict=False) if is_in]
                    self.inserted.append(done)
                    self._put_growing(names, before, Moves(done))
        finally:
            moved = Moves(done)
            self._looks = {
                (name, moved.where(name, at)): v for (name, at), v in self._looks.items()
            }
            answers = self._look_around()
        return tuple(_array_problem(each) for each, is_done in answers if is_done is False)

    def _put_growing(
        self, names: Mapping[str, str], before: Mapping[str, Mapping[Where, Cell]], moves: Moves
    ) -> None:
        """Have names and formulas that cover a whole list cover what was put at its end."""
        for name, text in names.items():
            grown = moves.formula(text, "")
            if grown != moves.formula(text, "", grow=False):
                self.put({"do": "refer", "name": name, "text": f"={grown}", "where": name})
        for sheet, found in before.items():
            for at, cell in found.items():
                if cell.formula is None:
                    continue
                grown = moves.formula(cell.formula, sheet)
                if grown != moves.formula(cell.formula, sheet, grow=False):
                    step = _formula(sheet, moves.where(sheet, at), f"={grown}")
                    self.put({**step, "array": True, "was": cell.formula})

    def remove(self, lines: Lines) -> None:
        """Take rows and columns out; WPS has everything that refers to cells go with them."""
        self._guarded |= {name for name, _ in lines if name in self._known}
        with temporary_properties(self.book.app, calculation="manual"):
            for (name, rows), numbers in lines.items():
                for first, last in reversed(list(_runs(numbers))):
                    step = {"sheet": name, "rows": rows, "first": first, "last": last}
                    self.put({"do": "remove", **step, "where": name})
        self._looks.clear()
        self._look_around()

    def fill(self, fillings: Sequence[Filling]) -> None:
        """Lay down values and formulas in cells that are new."""
        self._guarded |= {each.sheet for each in fillings if each.sheet in self._known}
        with temporary_properties(self.book.app, calculation="manual", display_alerts=False):
            for each in fillings:
                for area in each.merged:
                    self.put(_merging(each.sheet, area, on=False))
                for area in a1.rectangles(each.values):
                    self.put(_typing(each.sheet, area, each.values))
                for at, formula in each.formulas.items():
                    self.put(_formula(each.sheet, at, formula))
                for area in each.merged:
                    if area[:2] != area[2:]:
                        self.put(_merging(each.sheet, area, on=True))
        self._look_around()

    def _forget(self) -> None:
        """Have every sheet looked at anew before it is read again."""
        self._calculated = False
        self._blocks.clear()
        self.stale()

    def _look_around(self) -> list[tuple[Operation, Any]]:
        """Look at everything again, places having changed; what waited before, each with its result."""
        self._blocks.clear()
        self.stale()
        waiting = list(self._queue)
        self._queue = []
        *results, book, sheets = self._ask([*waiting, {"do": "book"}, {"do": "look"}])
        self._take_in(book, sheets)
        return list(zip(waiting, results, strict=True))


def _cell(value: Any, formula: str | None) -> Cell | None:
    """A cell from what the page tells of it."""
    if isinstance(value, dict):
        fault = value["e"]
        if isinstance(fault, int):
            return read_com_cell(fault, formula or "")
        return Cell(FAULT, str(fault), formula and formula[1:])
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)  # JSON does not tell them apart, and no number is an error's code
    return read_com_cell(value, value if formula is None else formula)


def _cell_of(sheet: str, at: Where) -> Operation:
    return {"sheet": sheet, "area": (*at, *at), "where": f"{sheet}!{a1.cell_name(*at)}"}


def _formula(sheet: str, at: Where, text: str) -> Operation:
    return {"do": "formula", **_cell_of(sheet, at), "text": text}


def _array_problem(step: Operation) -> Problem:
    """What is said of an array formula that was left as it was."""
    sheet, (row, column, *_), was = step["sheet"], step["area"], step["was"]
    ref = a1.cell_name(row, column)
    says = f"{sheet}!{ref}：这个数组公式没有包括新加的行或列，请核对：={was}"
    return make("formula-changed", says, sheet, ref, f"={was}", step["text"])


def _merging(sheet: str, area: a1.Area, *, on: bool) -> Operation:
    return {"do": "merge", "sheet": sheet, "area": area, "on": on, "where": sheet}


def _inserting(each: Insertion) -> Operation:
    step = {"sheet": each.sheet, "rows": each.rows, "at": each.at, "number": each.number}
    return {"do": "insert", **step, "like": each.like, "where": each.sheet}


def _typing(
    sheet: str, area: a1.Area, values: Mapping[Where, Value], *, in_list: bool = False
) -> Operation:
    top, left, bottom, right = area

    def typed(as_text: bool) -> list[list[str | float]]:
        return [
            [com_input(values[row, column], as_text) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]

    where = f"{sheet}!{a1.area_name(area)}"
    step = {"sheet": sheet, "area": area, "list": in_list, "where": where}
    return {"do": "type", **step, "typed": typed(False), "plain": typed(True)}


def _size(text: str) -> tuple[int, int]:
    """Width and height of a note's box in points."""
    lines = sum(1 + len(line) // 24 for line in text.split("\n"))
    return 240, 16 * min(max(lines, 3), 20)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of numbers that follow each other."""
    from itertools import groupby

    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


# --- as much of an xlwings workbook as a button asks for ---------------------------------------------


class _App:
    """WPS as a program: what is set is carried out at once where nothing waits before it."""

    _PROPERTIES = {  # noqa: RUF012 - never changed
        "status_bar": "StatusBar",
        "screen_updating": "ScreenUpdating",
        "enable_events": "EnableEvents",
        "display_alerts": "DisplayAlerts",
        "calculation": "Calculation",
    }

    _host: WpsHost

    def __init__(self, host: WpsHost) -> None:
        values = dict.fromkeys(self._PROPERTIES, True)
        vars(self).update(
            values, status_bar=False, calculation=host.about["calculation"], _host=host
        )

    def __setattr__(self, name: str, value: object) -> None:
        vars(self)[name] = value
        property_ = {"name": self._PROPERTIES[name], "value": value, "always": True}
        self._host.say({"do": "property", **property_})

    def calculate(self) -> None:
        """Have everything calculated with the next batch."""
        self._host.put({"do": "calculate", "where": "主表"})
        self._host.stale()

    def alert(self, text: str, title: str, buttons: str = "ok", mode: str = "") -> str:
        """Show a message; which button was pressed."""
        asks = buttons == "yes_no"
        message = {"text": text, "title": title, "asks": asks, "alarm": mode == "critical"}
        agreed = self._host.ask({"do": "message", **message})
        return ("yes" if agreed else "no") if asks else buttons


class _Book:
    def __init__(self, host: WpsHost) -> None:
        self._host, self.app = host, _App(host)
        self.name, self.fullname = str(host.about["name"]), str(host.about["fullname"])
