"""Excel's object model as far as xl_addin and xlwings' Windows engine call it: names, numbers and manners of COM.

The cells are somebody else's: ``Store.ask`` takes the commands of ``tests.tools.excel_worker``. Nothing
here knows COM itself: ``tests.tools.pywin32`` hands these objects out in this process, and
``tests.tools.comexcel.server`` to other processes of a Windows. Runs on both, and imports little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from xl_addin.xlsx import a1

HWND = 1001
XL_AUTOMATIC, XL_MANUAL = -4105, -4135
XL_FILL_FORMATS = 3
_PASTES = {-4122: "formats", 6: "validation"}
_DEFAULTS = {
    "screen_updating": True,
    "enable_events": True,
    "display_alerts": True,
    "answer": "no",
    "calculation": "automatic",
    "status_bar": False,
    "active": "",
    "sheet": "",
    "cell": "",
    "read_only": False,
    "filtered": False,
    "cut_copy_mode": False,
    "copied": None,
    "macros": True,
}
_ZERO = datetime(1899, 12, 30)
# An int from the worker is an error of a cell; every number is a double.
_LONGEST_IN_ARRAY = 8_203
_HIGHEST_ERROR = -2146826200
UNKNOWN_ITEM = -2147352565  # DISP_E_BADINDEX
FAILED = -2146827284  # 1004


class Refusal(Exception):
    """What Excel will not do, with its number and its words."""

    def __init__(self, said: str, number: int = FAILED) -> None:
        super().__init__(said)
        self.said, self.number = said, number


class Store:
    """The cells behind the objects, and a diary of what was done to the application.

    The diary is a file, so that a test sees what another process did.
    """

    diary: Path

    def ask(self, *request: object) -> Any:
        """A command of the worker. Raises where it will not."""
        raise NotImplementedError

    def note(self, what: str, value: object) -> None:
        """What was done to the application, for whoever asks later."""
        with self.diary.open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, value], ensure_ascii=False) + "\n")

    def notes_on(self, what: str) -> list[Any]:
        """Everything that was done to one property, in order."""
        if not self.diary.exists():
            return []
        lines = self.diary.read_text(encoding="utf-8").splitlines()
        return [value for name, value in map(json.loads, lines) if name == what]

    def state(self, what: str) -> Any:
        """How a property of the application stands now."""
        return (self.notes_on(what) or [_DEFAULTS[what]])[-1]


class Member:
    """An object of Excel's. Its public attributes are its members, ``_value_`` the default one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def Application(self) -> Application:  # noqa: N802 - COM's names, here and below
        return Application(self._store)


def _kept(name: str) -> property:
    return property(
        lambda own: own._store.state(name), lambda own, value: own._store.note(name, value)
    )


class Collection(Member):
    """``found`` gives its items by name, in order; it is asked once."""

    def __init__(self, store: Store, found: Callable[[], dict[str, Any]]) -> None:
        super().__init__(store)
        self._found = cache(found)

    @property
    def Count(self) -> int:  # noqa: N802
        return len(self._found())

    def Item(self, key: Any) -> Any:  # noqa: N802
        items = self._found()
        if not isinstance(key, str):
            return list(items.values())[int(key) - 1]
        for name, item in items.items():
            if name.lower() == key.lower():
                return item
        raise Refusal(f"Subscript out of range: {key}", UNKNOWN_ITEM)

    def _value_(self, key: Any) -> Any:
        return self.Item(key)

    def __iter__(self) -> Iterator[Any]:
        yield from self._found().values()


class Application(Member):
    Version, Name, Ready, Visible, Interactive = "16.0", "Microsoft Excel", True, True, True
    Path = r"C:\Program Files\Microsoft Office\root\Office16"
    ScreenUpdating, EnableEvents = _kept("screen_updating"), _kept("enable_events")
    DisplayAlerts, StatusBar = _kept("display_alerts"), _kept("status_bar")
    CutCopyMode = _kept("cut_copy_mode")
    Hwnd = HWND

    @property
    def Workbooks(self) -> Workbooks:  # noqa: N802
        return Workbooks(self._store)

    @property
    def ActiveWorkbook(self) -> Workbook:  # noqa: N802
        return Workbook(self._store, str(self._store.state("active")))

    @property
    def Calculation(self) -> int:  # noqa: N802
        return XL_AUTOMATIC if self._store.state("calculation") == "automatic" else XL_MANUAL

    @Calculation.setter
    def Calculation(self, value: int) -> None:  # noqa: N802
        self._store.note("calculation", "automatic" if value == XL_AUTOMATIC else "manual")
        self._store.ask("automatic", value == XL_AUTOMATIC)

    @property
    def ActiveCell(self) -> Range | None:  # noqa: N802
        """What was selected last on the sheet in front; "" on a chart sheet, which has none."""
        cell, sheet = str(self._store.state("cell")), str(self._store.state("sheet"))
        if not cell or not sheet:
            return None
        return Range(self.ActiveWorkbook._sheet(sheet), [*a1.position(cell)] * 2)

    def Calculate(self) -> None:  # noqa: N802
        self._store.ask("calculate")

    def Run(self, Macro: str, Arg1: Any = None) -> Any:  # noqa: N802, N803
        """The one macro that is called: what ``Carry`` in macros/XlAddin.bas does."""
        book, _, name = Macro.rpartition("!")
        if name != "XlAddin.Carry" or not self._store.state("macros"):
            raise Refusal(f"Cannot run the macro {Macro!r}")
        return carried(self.Workbooks.Item(book.strip("'").replace("''", "'")), tuple(Arg1))


def carried(book: Workbook, steps: tuple[Any, ...]) -> Any:
    """What ``Carry`` gives back for steps in a row."""
    count, go_on, at = steps[0], steps[1], 2
    if not count:
        return steps
    held, told = {0: book}, [None] * (2 * count)
    for number in range(1, count + 1):
        on, kind, member, wanted, many = steps[at : at + 5]
        at, given = _arguments(steps, at + 5, many, held)
        try:
            told[2 * number - 2] = 0
            held[number] = found = _called(held.get(on), kind, member, given)
            if wanted:
                told[2 * number - 1] = found
        except Exception as problem:
            told[2 * number - 2 : 2 * number] = [getattr(problem, "number", 91), str(problem)]
            if not go_on:
                break
    return tuple(told)


@cache
def _kinds() -> frozenset[tuple[str, str, str]]:
    """What excel.idl says of members: interface, "" or propget or propput, name."""
    text = (Path(__file__).parent / "windows" / "comexcel" / "excel.idl").read_text(
        encoding="utf-8"
    )
    found = set()
    for part in text.split("dispinterface ")[1:]:
        members = re.findall(
            r"\[id\(-?\d+\)(?:, (propget|propput))?[^\]]*\] [\w ]+?[ *](\w+)\(", part
        )
        found |= {(part.split()[0], kind, name) for kind, name in members}
    return frozenset(found)


def _called(target: Any, kind: int, member: str, given: list[Any]) -> Any:
    if kind == 0:
        return target.Worksheets.Item(member)
    # Excel tells them apart, and CallByName asks for one. Item is a method of Names and Comments, not of Worksheets.
    asked = type(target).__name__, {1: "", 2: "propget", 4: "propput"}[kind], member
    if member != "Item" and asked not in _kinds():
        raise Refusal(f"no such member: {asked}")
    if kind == 4:
        return setattr(target, member, *given)
    found = getattr(target, member)
    if kind == 1:
        return found(*given)
    if not given:
        return found
    return found._value_(*given) if isinstance(found, Member) else found(*given)


def _arguments(
    steps: tuple[Any, ...], at: int, many: int, held: dict[int, Any]
) -> tuple[int, list[Any]]:
    given: list[Any] = []
    for _ in range(many):
        if steps[at] == 2:
            rows, columns = steps[at + 1 : at + 3]
            at += 3
            given.append([steps[n : n + columns] for n in range(at, at + rows * columns, columns)])
            at += rows * columns
        else:
            given.append(held.get(steps[at + 1]) if steps[at] else steps[at + 1])
            at += 2
    return at, given


class Workbooks(Collection):
    def __init__(self, store: Store) -> None:
        def found() -> dict[str, Workbook]:
            return {Path(path).name: Workbook(store, path) for path in store.ask("books")}

        super().__init__(store, found)

    def Open(self, FullName: str, *_: object) -> Workbook:  # noqa: N802, N803
        self._store.ask("open", FullName)
        self._store.note("active", FullName)
        return Workbook(self._store, FullName)


class Workbook(Member):
    FileFormat = 52

    def __init__(self, store: Store, path: str) -> None:
        super().__init__(store)
        self._path = path

    @property
    def Name(self) -> str:  # noqa: N802
        return Path(self._path).name

    @property
    def FullName(self) -> str:  # noqa: N802
        return self._path

    @property
    def Path(self) -> str:  # noqa: N802
        return str(Path(self._path).parent)

    @property
    def ReadOnly(self) -> bool:  # noqa: N802
        return bool(self._store.state("read_only"))

    @property
    def Parent(self) -> Application:  # noqa: N802
        return self.Application

    @property
    def Worksheets(self) -> Collection:  # noqa: N802
        return Collection(self._store, lambda: {name: self._sheet(name) for name in self._sheets()})

    @property
    def Names(self) -> Collection:  # noqa: N802
        return Collection(self._store, self._names)

    @property
    def ActiveSheet(self) -> Worksheet:  # noqa: N802
        return self._sheet(str(self._store.state("sheet")) or self._sheets()[0])

    def _sheets(self) -> list[str]:
        return [str(name) for name in self._store.ask("sheets", self._path)]

    def _names(self, sheet: str = "") -> dict[str, Name]:
        """All names, or those of one sheet: a name of a sheet's own has the sheet before it."""
        found = {
            name: Name(self, name, text) for name, text in self._store.ask("names", self._path)
        }
        own = f"{a1.quote_sheet_name(sheet)}!"
        return {n: v for n, v in found.items() if not sheet or n.startswith(own)}

    def _sheet(self, name: str) -> Worksheet:
        return Worksheet(self, name)

    def Activate(self) -> None:  # noqa: N802
        self._store.note("active", self._path)

    def Save(self) -> None:  # noqa: N802
        self._store.ask("save", self._path, self._path)

    def SaveAs(self, Filename: str, FileFormat: int = 0, Password: object = None) -> None:  # noqa: N802, N803
        del FileFormat, Password
        self._store.ask("save", self._path, Filename)


class Name(Member):
    def __init__(self, book: Workbook, name: str, refers_to: str) -> None:
        super().__init__(book._store)
        self._book, self._name, self._refers_to = book, name, refers_to

    @property
    def Name(self) -> str:  # noqa: N802
        return self._name

    @property
    def RefersTo(self) -> str:  # noqa: N802
        return self._refers_to

    @RefersTo.setter
    def RefersTo(self, value: str) -> None:  # noqa: N802
        self._store.ask("set_name", self._book._path, self._name, value)
        self._refers_to = value


class Worksheet(Member):
    Visible = -1

    def __init__(self, book: Workbook, name: str) -> None:
        super().__init__(book._store)
        self._book, self._name = book, name

    def _ask(self, command: str, *arguments: object) -> Any:
        return self._store.ask(command, self._book._path, self._name, *arguments)

    @property
    def Name(self) -> str:  # noqa: N802
        return self._name

    @property
    def Parent(self) -> Workbook:  # noqa: N802
        return self._book

    @property
    def Names(self) -> Collection:  # noqa: N802
        return Collection(self._store, lambda: self._book._names(self._name))

    @property
    def UsedRange(self) -> Range:  # noqa: N802
        return Range(self, [1, 1, *self._ask("used")])

    @property
    def Cells(self) -> Range:  # noqa: N802
        return Range(self, [1, 1, a1.MAX_ROW, a1.MAX_COLUMN])

    def Range(self, Cell1: Any, Cell2: Any = None) -> Range | Areas:  # noqa: N802, N803
        if isinstance(Cell1, str) and "," in Cell1:
            known = {n.lower(): v for n, v in self._book._names().items()}
            parts = [Range._of(self, each, known) for each in Cell1.split(",")]
            return Areas(self._store, parts)
        ends = [Range._of(self, cell) for cell in (Cell1, Cell2) if cell is not None]
        return ends[0] if len(ends) == 1 else Range(self, [*ends[0]._area[:2], *ends[1]._area[2:]])

    @property
    def FilterMode(self) -> bool:  # noqa: N802
        return bool(self._store.state("filtered"))

    def ShowAllData(self) -> None:  # noqa: N802
        self._store.note("filtered", False)

    @property
    def Comments(self) -> Collection:  # noqa: N802
        return Collection(
            self._store,
            lambda: {
                a1.cell_name(row, column): Comment(self, row, column, text)
                for row, column, text in self._ask("notes")
            },
        )

    def Activate(self) -> None:  # noqa: N802
        self._store.note("sheet", self._name)


class Comment(Member):
    def __init__(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        super().__init__(sheet._store)
        self._sheet, self._at, self._text = sheet, [row, column], text

    @property
    def Parent(self) -> Range:  # noqa: N802
        return Range(self._sheet, self._at * 2)

    @property
    def Shape(self) -> Shape:  # noqa: N802
        return Shape(self._store)

    def Text(self) -> str:  # noqa: N802
        return self._text


class Shape(Member):
    Width = Height = 0


class Borders(Member):
    def __init__(self, cells: Range) -> None:
        super().__init__(cells._store)
        self._cells = cells

    @property
    def LineStyle(self) -> int | None:  # noqa: N802
        style: int | None = self._cells._ask("line_style", self._cells._area)
        return style


class Lines(Member):
    def __init__(self, store: Store, count: int) -> None:
        super().__init__(store)
        self._count = count

    @property
    def Count(self) -> int:  # noqa: N802
        return self._count


class Areas(Member):
    """A range of several areas."""

    def __init__(self, store: Store, areas: list[Range]) -> None:
        super().__init__(store)
        self._areas = areas

    @property
    def Address(self) -> str:  # noqa: N802
        return ",".join(area.Address for area in self._areas)[:255]

    def ClearComments(self) -> None:  # noqa: N802
        for area in self._areas:
            area.ClearComments()

    @property
    def NumberFormat(self) -> str | None:  # noqa: N802
        codes = {area.NumberFormat for area in self._areas}
        return codes.pop() if len(codes) == 1 else None

    @NumberFormat.setter
    def NumberFormat(self, code: str) -> None:  # noqa: N802
        for area in self._areas:
            area.NumberFormat = code


class Range(Member):
    def __init__(self, sheet: Worksheet, area: list[int]) -> None:
        super().__init__(sheet._store)
        self._sheet, self._area = sheet, area

    @classmethod
    def _of(cls, sheet: Worksheet, cell: Any, names: dict[str, Name] | None = None) -> Range:
        """A range of this sheet by its address, or by a name."""
        if isinstance(cell, Range):
            return cell
        try:
            return cls(sheet, list(a1.area(str(cell))))
        except ValueError as error:
            refused = Refusal(f"Method 'Range' of object '_Worksheet' failed: {cell}")
            name = (sheet._book._names() if names is None else names).get(str(cell).lower())
            if name is None or "!" not in name._refers_to:
                raise refused from error
        home, area = a1.split_reference(name._refers_to.removeprefix("="))
        if home != sheet._name:
            raise refused
        return cls(sheet, list(area))

    def _ask(self, command: str, *arguments: object) -> Any:
        return self._sheet._ask(command, *arguments)

    @property
    def _shape(self) -> tuple[int, int]:
        top, left, bottom, right = self._area
        return bottom - top + 1, right - left + 1

    @property
    def Row(self) -> int:  # noqa: N802
        return self._area[0]

    @property
    def Column(self) -> int:  # noqa: N802
        return self._area[1]

    @property
    def Rows(self) -> Lines:  # noqa: N802
        return Lines(self._store, self._shape[0])

    @property
    def Columns(self) -> Lines:  # noqa: N802
        return Lines(self._store, self._shape[1])

    @property
    def Worksheet(self) -> Worksheet:  # noqa: N802
        return self._sheet

    @property
    def Address(self) -> str:  # noqa: N802
        top, left, bottom, right = self._area
        return a1.absolute_reference((top, left, bottom, right))

    def _value_(self, *index: int) -> Any:
        if not index:
            return self.Value
        at = [self._area[0] + int(index[0]) - 1, self._area[1] + int(index[1]) - 1]
        return Range(self._sheet, at * 2)

    def _read(self, which: int) -> Any:
        rows = self._ask("read", self._area)[which]
        told = [
            [float(v) if type(v) is int and v > _HIGHEST_ERROR else v for v in row] for row in rows
        ]
        return told[0][0] if self._shape == (1, 1) else tuple(map(tuple, told))

    def _put(self, data: Any) -> None:
        several = isinstance(data, list | tuple)
        rows = data if several else [[data] * self._shape[1]] * self._shape[0]
        for value in (value for row in rows for value in row):
            if type(value) is int and abs(value) >= 2**31:
                raise Refusal("64-bit integers are not supported", -2147352571)
            if several and isinstance(value, str) and len(value) > _LONGEST_IN_ARRAY:
                raise Refusal("a long text in an array", -2147024882)
        typed = [
            [float(v) if isinstance(v, int) else "" if v is None else v for v in row]
            for row in rows
        ]
        self._ask("write", self._area, typed)

    Value2 = property(lambda self: self._read(0), _put)

    @property
    def Value(self) -> Any:  # noqa: N802
        """As Value2, dates as dates."""
        top, left = self._area[:2]
        dates = {
            (row - top, column - left)
            for spot in self._ask("dates", self._area)
            for row, column in a1.cells_in(tuple(spot))
        }
        found = self._read(0)
        rows = ((found,),) if self._shape == (1, 1) else found
        told = tuple(
            tuple(
                _ZERO + timedelta(value)
                if (row, column) in dates and isinstance(value, float)
                else value
                for column, value in enumerate(line)
            )
            for row, line in enumerate(rows)
        )
        return told[0][0] if self._shape == (1, 1) else told

    @Value.setter
    def Value(self, data: Any) -> None:  # noqa: N802
        self._put(data)

    @property
    def Formula(self) -> Any:  # noqa: N802
        return self._read(1)

    @Formula.setter
    def Formula(self, text: Any) -> None:  # noqa: N802
        rows = (
            text if isinstance(text, list | tuple) else [[text] * self._shape[1]] * self._shape[0]
        )
        for row, line in enumerate(rows, self._area[0]):
            for column, each in enumerate(line, self._area[1]):
                self._ask("set_formula", [row, column, row, column], each)

    @property
    def HasArray(self) -> bool | None:  # noqa: N802
        found = self._read(1)
        rows = ((found,),) if self._shape == (1, 1) else found
        arrays = {str(text).startswith("{=") for line in rows for text in line}
        return None if len(arrays) > 1 else arrays.pop()

    @property
    def NumberFormat(self) -> str | None:  # noqa: N802
        code: str | None = self._ask("get_format", self._area)
        return code

    @NumberFormat.setter
    def NumberFormat(self, code: str) -> None:  # noqa: N802
        self._ask("set_format", self._area, code)

    @property
    def RowHeight(self) -> float | None:  # noqa: N802
        height: float | None = self._ask("get_size", self._area, True)
        return height

    @RowHeight.setter
    def RowHeight(self, value: float) -> None:  # noqa: N802
        self._ask("set_size", self._area, True, value)

    @property
    def ColumnWidth(self) -> float | None:  # noqa: N802
        width: float | None = self._ask("get_size", self._area, False)
        return width

    @ColumnWidth.setter
    def ColumnWidth(self, value: float) -> None:  # noqa: N802
        self._ask("set_size", self._area, False, value)

    @property
    def Borders(self) -> Borders:  # noqa: N802
        return Borders(self)

    def AddComment(self, Text: str) -> Comment:  # noqa: N802, N803
        self._ask("add_note", *self._area[:2], Text)
        return Comment(self._sheet, self._area[0], self._area[1], Text)

    def ClearComments(self) -> None:  # noqa: N802
        top, left, bottom, right = self._area
        for row, column, _ in self._ask("notes"):
            if top <= row <= bottom and left <= column <= right:
                self._ask("delete_note", row, column)

    def AutoFill(self, Destination: Range, Type: int = 0) -> None:  # noqa: N802, N803
        if Type != XL_FILL_FORMATS:
            raise Refusal(f"AutoFill: {Type}")
        self._ask("fill_formats", self._area, Destination._area)

    def Insert(self, Shift: int, CopyOrigin: int) -> None:  # noqa: N802, N803
        if CopyOrigin != 0:
            raise Refusal(f"CopyOrigin: {CopyOrigin}")
        self._ask("insert", self._area, Shift == -4121)

    def Delete(self, Shift: int) -> None:  # noqa: N802, N803
        self._ask("delete", self._area, Shift == -4162)

    def Copy(self, Destination: object = None) -> None:  # noqa: N802, N803
        if Destination is not None:
            raise Refusal("copied to a place")
        self._store.note("copied", [self._sheet._name, self._area])

    def PasteSpecial(  # noqa: N802
        self,
        Paste: int,  # noqa: N803
        Operation: int,  # noqa: N803
        SkipBlanks: bool,  # noqa: N803
        Transpose: bool,  # noqa: N803
    ) -> None:
        del Operation, SkipBlanks, Transpose
        name, area = self._store.state("copied")
        if name != self._sheet._name:
            raise Refusal("copied on another sheet")
        self._ask("paste", area, self._area, _PASTES[Paste])

    def Merge(self, Across: bool = False) -> None:  # noqa: N802, N803
        self._ask("merge", self._area, not Across)

    def UnMerge(self) -> None:  # noqa: N802
        self._ask("merge", self._area, False)

    def Select(self) -> None:  # noqa: N802
        store = self._store
        here = (self._sheet._book._path, self._sheet._name)
        if (store.state("active"), store.state("sheet")) != here:
            raise Refusal("Select method of Range class failed")
        store.note("cell", a1.cell_name(*self._area[:2]))
