"""A workbook that is open in Excel, read in few calls: every call goes to another process and back.

How many there are depends on the sheets and names that are asked for, never on how many cells hold what.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from datetime import datetime
from functools import cached_property

from xl_addin.master.host.carrying import BOOK, Carrier, Held, Steps
from xl_addin.master.host.comcells import read_com_cell
from xl_addin.master.host.excelapp import engine_errors, translate_refusals
from xl_addin.master.host.patience import Busy, Gone
from xl_addin.model.sheets import CONF_SHEET, DEFINED_NAMES, ERROR_SHEET
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.moves import Moves
from xl_addin.xlsx.styles import shows_date

if TYPE_CHECKING:
    from typing import Any

    import xlwings

    from xl_addin.xlsx.cells import Cell

    Rows = Sequence[Sequence[Any]]

_MOST_CELLS = 500_000
"""A sheet that uses more is read by the areas that are asked for."""
_TOGETHER = 400_000
"""After so many cells the next sheets are read by themselves: an Excel of 32 bits holds them and the copy for us."""
_SMALL = 20_000
"""So many cells are read sooner than it is found out which of them are used."""
_LONGEST_ADDRESS = 255  # what Range takes
_LOOK_BACK = 8
_TYPED = "typed"
"""What Value2 was before something was calculated: true of all cells but formulas."""


class Sheets(dict[str, "xlwings.Sheet"]):
    """The sheets of a workbook by name, each asked for when it is wanted."""

    def __init__(self, book: xlwings.Book, carrier: Carrier) -> None:
        super().__init__()
        self._book, self._carrier = book, carrier

    @cached_property
    def _sheets(self) -> Any:
        return self._book.sheets

    def __missing__(self, name: str) -> xlwings.Sheet:
        with translate_refusals(name or "主表"):
            found: xlwings.Sheet = self._sheets(name)
        self[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        if not name or super().__contains__(name):
            return bool(name)
        if "names" in self.__dict__:
            return str(name).lower() in map(str.lower, self.names)
        try:
            self[str(name)]
        except (Busy, Gone):
            raise
        except Refused:
            return False
        return True

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What all of them are called; where those that are known are as many as there are, none is asked."""
        known = tuple(name for name in (*self, CONF_SHEET, ERROR_SHEET) if name in self)
        with translate_refusals("主表"):
            if len(self._sheets) == len(set(known)):
                return tuple(dict.fromkeys(known))
        return tuple(_of_each(self._carrier, "Worksheets", "Name"))


class Names(dict[str, str]):
    """What the names of a workbook refer to, asked for when they are wanted.

    Those of one home are asked for together, of the sheet of that name; what is not there, or is the
    sheet's own as well, one at a time.
    """

    def __init__(self, book: xlwings.Book, sheets: Sheets, carrier: Carrier) -> None:
        super().__init__()
        self._book, self._sheets, self._carrier = book, sheets, carrier
        self._whole = False
        self._looked: set[str] = set()
        self._references: list[str] = []
        self.alone: dict[str, Any] = {}  # what the one name of a sheet refers to

    def get(self, name: str, default: Any = None) -> Any:
        """What a name refers to; Excel finds it in whatever case."""
        if name not in self and not self._whole:
            if self._carrier.carries:
                self.all()
            else:
                self._look_on(DEFINED_NAMES.get(name, ""))
        if name not in self and not self._whole:
            with translate_refusals("主表"):
                self._find(name)
        if name not in self:
            return next(
                (text for key, text in self.items() if key.lower() == name.lower()), default
            )
        return super().get(name, default)

    def areas_on(self, sheet: str) -> list[a1.Area]:
        """The areas on a sheet that are known by now."""
        found = []
        for text in self.values():
            with suppress(ValueError):  # such as #REF!
                home, area = a1.split_reference(text)
                found += [area] if home == sheet else []
        return found

    @cached_property
    def _names(self) -> Any:
        return self._book.api.Names

    @cached_property
    def _shadowed(self) -> bool:
        """Whether the sheet in front has names of its own, which Excel takes before the workbook's."""
        try:
            return bool(self._book.api.ActiveSheet.Names.Count)
        except AttributeError:  # a chart sheet
            return False

    def _look_on(self, home: str) -> None:
        names = [name for name, sheet in DEFINED_NAMES.items() if sheet == home]
        if home in self._looked or self._shadowed or home not in self._sheets:
            return
        self._looked.add(home)
        refusals: tuple[type[Exception], ...] = (TypeError, *engine_errors())
        try:
            found = self._sheets[home].api.Range(",".join(names))
            places = str(found.Address).replace("$", "").split(",")
        except refusals:
            return
        if len(places) == len(names) == 1:
            self.alone[home] = found
        if len(places) == len(names):
            sheet = a1.quote_sheet_name(home)
            self.update({n: f"{sheet}!{at}" for n, at in zip(names, places, strict=True)})

    def _find(self, name: str) -> None:
        if not self._shadowed:
            try:
                found = self._names(name)
            except engine_errors():
                return
            refers_to = str(found.RefersTo).removeprefix("=")
            home = refers_to.rpartition("!")[0].strip("'")
            if home == DEFINED_NAMES.get(name) or "!" not in str(found.Name):
                self[name] = refers_to
                return
        self.all()

    def references(self) -> list[str]:
        """What all names refer to, those of a sheet's own too, in their order; what they are called was not asked."""
        if not self._references:
            found = _of_each(self._carrier, "Names", "RefersTo")
            self._references = [str(text).removeprefix("=") for text in found]
        return self._references

    def called(self, number: int) -> str:
        """What one of these, from 0, is called."""
        with translate_refusals("主表"):
            return str(self._names.Item(number + 1).Name)

    def moved(self, moves: Moves) -> None:
        """Have those that are known refer to what they do now that these lines were put in.

        Excel has them go with their cells, as ``moves`` does.
        """
        self.update({name: moves.formula(text, "") for name, text in self.items()})
        self._references = [moves.formula(text, "") for text in self._references]
        self.alone.clear()

    def all(self) -> dict[str, str]:
        """All of them; those that a copied sheet brought have the sheet before them."""
        if not self._whole:
            found = dict(
                zip(_of_each(self._carrier, "Names", "Name"), self.references(), strict=True)
            )
            self.clear()
            self.update(found)
            self._whole = True
        return dict(self)


def _of_each(carrier: Carrier, collection: str, member: str) -> list[Any]:
    """A property of everything in a collection of the workbook's; "" for names that do not tell it."""
    names = collection == "Names"
    steps = Steps()
    count = steps.ask(steps.get(BOOK, collection), "Count")
    number = int(carrier.carried(steps)[count])
    steps = Steps()
    items = steps.get(BOOK, collection)
    item = steps.do if names else steps.get  # what the type library says they are
    asked = [steps.ask(item(items, "Item", at), member) for at in range(1, number + 1)]
    answers = carrier.carry(steps, go_on=names)  # a damaged name of staff's own is none of ours
    if not names:
        answers.raise_failed(steps)
    return [answers.get(step, "") for step in asked]


# Sheets in a formula; names, and what looks at more than it names, lean on everything.
_SHEET = pattern(r"(?:'((?:[^']|'')+)'|([\w.]+))!")
_NAME = pattern(r"(?i)(?<![\w.!'])((?:blk|cell|note)_\w+|INDIRECT|OFFSET|TODAY|NOW|RAND\w*|CELL)\b")


def unaffected(readers: Mapping[str, SheetReader], written: Collection[str] | None) -> set[str]:
    """The sheets that cannot come to anything else when these have been written.

    With None anything may have been written before, and not been computed.
    """
    if written is None:
        return {name for name, reader in readers.items() if reader.leans_on == set()}
    calm = {name: reader.leans_on for name, reader in readers.items() if name not in written}
    known = {name: sources for name, sources in calm.items() if sources is not None}
    while True:
        # On itself and on others that are unaffected; what was not read may lean on anything.
        safe = {
            name
            for name, sources in known.items()
            if all(each in ("", name) or each in known for each in sources)
        }
        if len(safe) == len(known):
            return safe
        known = {name: known[name] for name in safe}


class SheetReader:
    """What a sheet holds, read whole where it is asked for first: two calls, however many ask.

    What rows, columns and cells of our own change is known without reading: ``moved`` and ``assume`` say so,
    until ``settle``.
    """

    def __init__(
        self,
        find: Callable[[], Any],
        known: Sequence[a1.Area] = (),
        alone: Any = None,
        used: a1.Area | None = None,
    ) -> None:
        """``known`` are the areas that will be asked for, ``alone`` the range where it is one.

        Or ``used`` is what the sheet, which ``find`` gives, is known to use.
        """
        self._find = find
        self._kept: dict[str, Rows] = {}
        self._sources: tuple[Rows, set[str]] | None = None
        self._assumed = False
        corners = [at for area in known for at in (area[:2], area[2:])]
        self._area = used or (a1.bounding_area(corners) if corners else (0, 0, 0, 0))
        self._used = not known or _size(self._area) > _SMALL
        self._found = alone if len(known) == 1 else None
        if self._used and used is None:
            self._find_used()

    @cached_property
    def _sheet(self) -> Any:
        return self._find()

    @property
    def _range(self) -> Any:
        if self._found is None:
            self._found = self._sheet.Range(a1.area_name(self._area))
        return self._found

    def _find_used(self) -> None:
        self._kept, self._found = {}, self._sheet.UsedRange
        self._area, self._used = a1.area(self._found.Address.replace("$", "")), True

    def asks(self, steps: Steps, name: str, what: str) -> Held | None:
        """The step that reads ``what`` of this sheet, of this name; None where it is known, or too much."""
        if what in self._kept or not 0 < _size(self._area) <= _MOST_CELLS:
            return None
        return steps.ask(steps.get(steps.sheet(name), "Range", a1.area_name(self._area)), what)

    def takes(self, what: str, read: object) -> None:
        """Keep what that step gave."""
        self._kept[what] = _rows(read)

    def computed(self) -> None:
        """Have read anew what formulas came to."""
        typed = self._kept.get("Value2", self._kept.get(_TYPED))
        self._kept = {what: rows for what, rows in self._kept.items() if what == "Formula"}
        if typed is not None:
            self._kept[_TYPED] = typed

    @property
    def size(self) -> int:
        """How many cells it reads."""
        return _size(self._area)

    @property
    def is_whole(self) -> bool:
        """Whether it reads all that the sheet uses."""
        return self._used

    @property
    def end(self) -> Where:
        """The last row and the last column that the sheet uses."""
        if not self._used:
            self._find_used()
        return self._area[2:]

    @property
    def leans_on(self) -> Set[str] | None:
        """The sheets that its formulas name, "" for its own; None where that cannot be told."""
        texts = self._kept.get("Formula")
        if texts is None:
            return None
        if self._sources is None or self._sources[0] is not texts:
            formulas = {text for line in texts for text in line if str(text)[:1] == "="}
            found = {""} if formulas else set()
            for text in formulas:
                found.update(quoted or plain for quoted, plain in _SHEET.findall(text))
                found.update(DEFINED_NAMES.get(name, name) for name in _NAME.findall(text))
            self._sources = texts, {name.replace("''", "'") for name in found}
        return self._sources[1]

    def written(self, areas: Sequence[a1.Area]) -> None:
        """Have read anew what stands there now: values were written over these areas."""
        corners = [at for area in (self._area, *areas) for at in (area[:2], area[2:])]
        whole = a1.bounding_area(corners)
        texts = [list(line) for line in self._kept.get("Formula", ())]
        self._kept = {}
        if whole != self._area:
            self._area, self._found = whole, None
        elif texts:
            for top, left, bottom, right in areas:
                first = left - whole[1]
                for row in range(top - whole[0], bottom - whole[0] + 1):
                    texts[row][first : first + right - left + 1] = [None] * (right - left + 1)
            self._kept = {"Formula": texts}

    def moved(self, sheet: str, moves: Moves, texts: Mapping[Where, str]) -> None:
        """Have it hold what it must after these lines were put in; ``texts`` are the formulas that read otherwise."""
        top, left = self._area[:2]
        for what, rows in self._kept.items():
            lines = [list(line) for line in rows]
            for each in reversed(moves.insertions(sheet, rows=True)):
                if 0 < each.at - top < len(lines):
                    blank: list[Any] = [None] * len(lines[0])
                    lines[each.at - top : each.at - top] = [[*blank] for _ in range(each.number)]
            for each in reversed(moves.insertions(sheet, rows=False)):
                for line in lines:
                    if 0 < each.at - left < len(line):
                        line[each.at - left : each.at - left] = [None] * each.number
            self._kept[what] = lines
        self._area, self._found = moves.area(sheet, self._area, grow=False), None
        self.assume({}, texts)

    def assume(
        self,
        values: Mapping[Where, Any],
        formulas: Mapping[Where, str],
        merged: Iterable[a1.Area] = (),
    ) -> None:
        """Have it hold these values and formulas (with ``=``); of merged areas the first cell alone."""
        corners = [self._area[:2], self._area[2:], *values, *formulas]
        whole, before = a1.bounding_area(corners), self._area
        hidden = {at for area in merged for at in a1.cells_in(area) if at != area[:2]}
        told = {**dict.fromkeys(formulas), **values, **dict.fromkeys(hidden)}
        texts = {**dict.fromkeys(values), **formulas, **dict.fromkeys(hidden)}
        self._kept.pop("Value", None)
        for what, rows in self._kept.items():
            lines = _extended(rows, before, whole)
            for (row, column), value in (texts if what == "Formula" else told).items():
                lines[row - whole[0]][column - whole[1]] = (
                    float(value) if isinstance(value, int) else value
                )
            self._kept[what] = lines
        if whole != before:
            self._area, self._found = whole, None
        self._assumed = True

    def settle(self) -> None:
        """Have read anew what was assumed."""
        if self._assumed:
            self._kept, self._assumed = {}, False

    def formulas(self) -> dict[Where, str]:
        """The formulas of the whole sheet, without ``=``; what they come to is not asked where there are none."""
        whole = (1, 1, *self.end)
        texts = self._rows("Formula", self._within(whole))
        if not any(isinstance(text, str) and text[:1] == "=" for line in texts for text in line):
            return {}
        found = self.cells(whole, typed=True)
        return {at: cell.formula for at, cell in found.items() if cell.formula is not None}

    def cells(self, area: a1.Area, *, typed: bool = False) -> dict[Where, Cell]:
        """The cells of an area that hold something; ``typed``: what formulas come to may be from before."""
        if not self._used and self._within(area) != area:
            self._find_used()
        area = self._within(area)
        # Value2 and not Value: no rounding to money, no dates that Python does not know.
        what = _TYPED if typed and "Value2" not in self._kept and _TYPED in self._kept else "Value2"
        values, formulas = self._rows(what, area), self._rows("Formula", area)
        found: dict[Where, Cell] = {}
        for row, (line, texts) in enumerate(zip(values, formulas, strict=True), area[0]):
            for column, (value, text) in enumerate(zip(line, texts, strict=True), area[1]):
                cell = read_com_cell(value, text)
                if cell is not None:
                    found[row, column] = cell
        return found

    def filled_rows(self, area: a1.Area) -> set[int]:
        """The rows of an area in which anything stands, in it or beside it."""
        top, left, bottom, right = self._area
        return {
            row for row, _ in self.cells((max(area[0], top), left, min(area[2], bottom), right))
        }

    def dates(self, numbers: Collection[Where]) -> Iterator[Where]:
        """Those of the cells, which hold numbers, that show a date."""
        area = a1.bounding_area(numbers)
        unknown = (ValueError, OverflowError, OSError)  # a date that Python does not know
        not_told: tuple[type[Exception], ...] = (*unknown, *engine_errors())
        try:
            shown = self._rows("Value", area)
        except not_told:
            for piece, look in formats(self._sheet, numbers):
                if shows_date(look):
                    yield from a1.cells_in(piece)
            return
        for row, column in numbers:
            if isinstance(shown[row - area[0]][column - area[1]], datetime):
                yield row, column

    def _within(self, area: a1.Area) -> a1.Area:
        top, left, bottom, right = self._area
        return (max(area[0], top), max(area[1], left), min(area[2], bottom), min(area[3], right))

    def _rows(self, what: str, area: a1.Area) -> Rows:
        """An area, which lies within what the sheet uses, by rows; one cell comes alone."""
        top, left, bottom, right = area
        if bottom < top or right < left:
            return ()
        first_row, first_column = self._area[:2]
        if _size(self._area) > _MOST_CELLS:
            what = "Value2" if what == _TYPED else what
            return _rows(getattr(self._sheet.Range(a1.area_name(area)), what))
        if what not in self._kept:
            self._kept[what] = _rows(getattr(self._range, what))
        across = slice(left - first_column, right - first_column + 1)
        lines = self._kept[what][top - first_row : bottom - first_row + 1]
        return [line[across] for line in lines]


def read_ahead(carrier: Carrier, readers: Mapping[str, SheetReader]) -> None:
    """Have the readers keep what stands in their cells, where they do not; many sheets are read together."""
    steps, wanted, cells = Steps(), list[tuple[SheetReader, str, Held]](), 0
    for name, reader in readers.items():
        for what in ("Formula", "Value2"):
            step = reader.asks(steps, name, what)
            if step is not None:
                wanted.append((reader, what, step))
                cells += reader.size
        if cells > _TOGETHER:
            _read(carrier, steps, wanted)
            steps, wanted, cells = Steps(), [], 0
    _read(carrier, steps, wanted)


def _read(carrier: Carrier, steps: Steps, wanted: Iterable[tuple[SheetReader, str, Held]]) -> None:
    answers = carrier.carried(steps)
    for reader, what, step in wanted:
        reader.takes(what, answers[step])


def used_areas(carrier: Carrier, names: Iterable[str]) -> dict[str, a1.Area]:
    """What the sheets of these names use."""
    steps = Steps()
    asked = {
        name: steps.ask(steps.get(steps.sheet(name), "UsedRange"), "Address") for name in names
    }
    answers = carrier.carried(steps)
    return {name: a1.area(answers[step].replace("$", "")) for name, step in asked.items()}


def _extended(rows: Rows, before: a1.Area, whole: a1.Area) -> list[list[Any]]:
    """The rows of an area as those of a larger one."""
    left, right = [None] * (before[1] - whole[1]), [None] * (whole[3] - before[3])
    width = whole[3] - whole[1] + 1
    return [
        *([None] * width for _ in range(whole[0], before[0])),
        *([*left, *line, *right] for line in rows),
        *([None] * width for _ in range(before[2], whole[2])),
    ]


def _rows(read: object) -> Rows:
    return read if isinstance(read, tuple | list) else ((read,),)


def formats(
    sheet: Any, cells: Collection[Where], most: int = 10_000
) -> Iterator[tuple[a1.Area, str]]:
    """The number formats of these cells, area by area; Excel tells None for several.

    After ``most`` questions the others are left out.

    Only these cells are asked for, so that what stands between them costs nothing, as long as Excel takes
    their addresses; else with what lies between them. Formats mostly go by columns.
    """
    parts = [cells] if cells else []
    while parts and most:
        cells, most = parts.pop(0), most - 1
        areas, look = _format(sheet, cells)
        if look is None and len(cells) > 1:
            parts += [half for half in _halves(cells) if half]
        else:
            yield from ((area, look or "") for area in areas)


def _format(sheet: Any, cells: Collection[Where]) -> tuple[list[a1.Area], str | None]:
    areas = a1.rectangles(cells)
    together = ",".join(map(a1.area_name, areas))
    if len(together) > _LONGEST_ADDRESS:
        areas = [a1.bounding_area(cells)]
        together = a1.area_name(areas[0])
    look: str | None = sheet.Range(together).NumberFormat
    return areas, look


def _halves(cells: Collection[Where]) -> tuple[list[Where], list[Where]]:
    across = len({column for _, column in cells}) > 1
    numbers = sorted({at[across] for at in cells})
    middle = numbers[len(numbers) // 2]
    return [at for at in cells if at[across] < middle], [at for at in cells if at[across] >= middle]


def _size(area: a1.Area) -> int:
    return (area[2] - area[0] + 1) * (area[3] - area[1] + 1)


def is_in(at: Where, area: a1.Area) -> bool:
    """Whether a cell lies in an area."""
    return area[0] <= at[0] <= area[2] and area[1] <= at[1] <= area[3]


def joined(areas: Sequence[a1.Area], barred: Collection[Where]) -> list[a1.Area]:
    """Areas put together, with what lies between them, as far as no barred cell comes in."""
    whole = a1.bounding_area([at for area in areas for at in (area[:2], area[2:])])
    across: dict[int, list[int]] = {}
    for row, column in sorted(barred):
        if is_in((row, column), whole):
            across.setdefault(row, []).append(column)
    if not across:
        return [whole]

    def is_free(top: int, left: int, bottom: int, right: int) -> bool:
        lines = (across.get(row, ()) for row in range(top, bottom + 1))
        return all(bisect_left(line, left) == bisect_right(line, right) for line in lines)

    found: list[a1.Area] = []
    for area in areas:
        for number in range(len(found) - 1, max(len(found) - _LOOK_BACK, 0) - 1, -1):
            other = found[number]
            top, left, bottom, right = a1.bounding_area([other[:2], other[2:], area[:2], area[2:]])
            # Areas come from the top: the other one is free already.
            same_width = (left, right) == (other[1], other[3]) and top == other[0]
            if is_free(other[2] + 1 if same_width else top, left, bottom, right):
                found[number] = (top, left, bottom, right)
                break
        else:
            found.append(area)
    return found


def addresses(areas: Iterable[a1.Area]) -> Iterator[str]:
    """The areas as addresses of as many at a time as Range takes."""
    together = ""
    for name in map(a1.area_name, areas):
        if together and len(together) + len(name) >= _LONGEST_ADDRESS:
            yield together
            together = ""
        together = f"{together},{name}" if together else name
    if together:
        yield together
