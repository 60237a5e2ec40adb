"""Excel for the tests: an xlwings engine whose workbooks are open in LibreOffice.

``Excel`` is the program with its open workbooks; processes that find it in their environment look
at the same workbooks, as several may look at one Excel. What a program does to the application
itself (status bar, messages, screen updating) is kept in a file, so that a test sees what another
process did. Built on xlwings' base classes; only what xl_addin uses is here.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from xlwings import XlwingsError
from xlwings import base_classes as base

from xl_addin.xlsx import a1

WHERE = "XL_ADDIN_TEST_EXCEL"
HWND = 1001
_WORKER = Path(__file__).with_name("excel_worker.py")
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
}


class Excel:
    """One application: a LibreOffice reached by its pipe, and what was done to the application."""

    def __init__(self, pipe: str, python: str, diary: Path) -> None:
        self.environment = {WHERE: json.dumps([pipe, python, str(diary)])}
        self.diary = diary
        self._worker = subprocess.Popen(
            [python, str(_WORKER), pipe], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @classmethod
    def running(cls) -> Self:
        """The application that this process was started beside."""
        pipe, python, diary = json.loads(os.environ[WHERE])
        return cls(pipe, python, Path(diary))

    def ask(self, *request: object) -> Any:
        """A command of the worker. Raises XlwingsError, as COM raises when Excel will not."""
        assert self._worker.stdin
        assert self._worker.stdout
        self._worker.stdin.write(json.dumps(request).encode() + b"\n")
        self._worker.stdin.flush()
        answer = json.loads(self._worker.stdout.readline() or '{"problem": "worker ended"}')
        if "problem" in answer:
            raise XlwingsError(answer["problem"])
        return answer["result"]

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

    def close(self) -> None:
        """Close the workbooks and leave LibreOffice."""
        for path in self.ask("books"):
            self.ask("close", path)
        self.leave()

    def leave(self) -> None:
        """Leave LibreOffice with its workbooks open."""
        if self._worker.stdin and self._worker.stdout:
            self._worker.stdin.close()
            self._worker.wait()
            self._worker.stdout.close()


class Engine:
    """The engine that xlwings uses instead of COM."""

    name, type = "excel", "desktop"

    def __init__(self, excel: Excel) -> None:
        self.apps = Apps(excel)

    @staticmethod
    def prepare_xl_data_element(value: object, options: object) -> object:
        """What COM takes for a value: a formula is its text."""
        del options
        return value


class Apps(base.Apps):
    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    def __iter__(self) -> Iterator[App]:
        yield App(self.excel)

    def keys(self) -> list[int]:
        return [HWND]

    @staticmethod
    def cleanup() -> None:
        """Nothing of ours outlives a process."""


def _kept_property(name: str) -> property:
    return property(
        lambda app: app.excel.state(name), lambda app, value: app.excel.note(name, value)
    )


class App(base.App):
    """The application. Its properties live in the diary, not in this process."""

    books = engine = None  # base class: properties

    version, pid, hwnd = "16.0", HWND, HWND
    screen_updating = _kept_property("screen_updating")
    enable_events = _kept_property("enable_events")
    display_alerts = _kept_property("display_alerts")
    status_bar = _kept_property("status_bar")
    cut_copy_mode = _kept_property("cut_copy_mode")

    def __init__(self, excel: Excel) -> None:
        self.excel = excel
        self.books = Books(self)
        self.engine = Engine

    @property
    def calculation(self) -> str:
        return str(self.excel.state("calculation"))

    @calculation.setter
    def calculation(self, value: str) -> None:
        self.excel.note("calculation", value)
        self.excel.ask("automatic", value == "automatic")

    @property
    def api(self) -> Api:
        """Its active cell is what was selected last on the sheet in front; "" on a chart sheet."""
        cell, sheet = str(self.excel.state("cell")), str(self.excel.state("sheet"))
        if not cell or not sheet:
            return Api(ActiveCell=None)
        row, column = a1.position(cell)
        return Api(ActiveCell=Api(Row=row, Column=column, Worksheet=Api(Name=sheet)))

    def activate(self, steal_focus: bool = False) -> None:
        """There is no window to bring to the front."""

    def calculate(self) -> None:
        self.excel.ask("calculate")

    def alert(self, prompt: str, title: str, buttons: str, mode: str, callback: object) -> str:
        del callback
        self.excel.note("alert", {"text": prompt, "title": title, "mode": mode, "asks": buttons})
        return str(self.excel.state("answer")) if buttons == "yes_no" else buttons


class Books(base.Books):
    app = None  # base class: properties

    def __init__(self, app: App) -> None:
        self.app, self.excel = app, app.excel

    def __iter__(self) -> Iterator[Book]:
        return (Book(self.excel, path) for path in self.excel.ask("books"))

    def __call__(self, name: str) -> Book:
        for book in self:
            if name.lower() == book.name.lower():
                return book
        raise KeyError(name)

    def open(self, fullname: str, *_: object) -> Book:
        self.excel.ask("open", fullname)
        self.excel.note("active", fullname)
        return Book(self.excel, fullname)


class Book(base.Book):
    fullname = name = None  # base class: properties

    def __init__(self, excel: Excel, path: str) -> None:
        self.excel, self.fullname = excel, path
        self.name = Path(path).name

    @property
    def app(self) -> App:
        return App(self.excel)

    @property
    def api(self) -> Api:
        return Api(ReadOnly=self.excel.state("read_only"))

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self, self.excel.ask("names", self.fullname))

    def activate(self) -> None:
        self.excel.note("active", self.fullname)

    def save(self, path: str | None = None, password: object = None) -> None:
        del password
        self.excel.ask("save", self.fullname, str(path or self.fullname))


class Api:
    """The COM object behind an object of xlwings, as far as xl_addin asks it."""

    def __init__(self, **members: object) -> None:
        self.__dict__.update(members)


class Names(base.Names):
    def __init__(self, book: Book, found: list[list[str]]) -> None:
        self._book, self._found = book, found

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name, Name(self._book, name, refers_to)) for name, refers_to in self._found]


class Name(base.Name):
    name = None  # base class: a property

    def __init__(self, book: Book, name: str, refers_to: str) -> None:
        self._book, self.name, self._refers_to = book, name, refers_to

    @property
    def refers_to(self) -> str:
        return self._refers_to

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self._book.excel.ask("set_name", self._book.fullname, self.name, value)
        self._refers_to = value


class Sheets(base.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, name) for name in self.names())

    def __call__(self, name: str) -> Sheet:
        return Sheet(self.book, next(each for each in self.names() if each == name))

    def names(self) -> list[str]:
        return [str(name) for name in self.book.excel.ask("sheets", self.book.fullname)]


class Sheet(base.Sheet):
    book = name = None  # base class: properties

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name

    @property
    def api(self) -> SheetApi:
        return SheetApi(self)

    def ask(self, command: str, *arguments: object) -> Any:
        return self.book.excel.ask(command, self.book.fullname, self.name, *arguments)

    def range(self, first: Any, last: Any = None) -> Range:
        area = (*first, *(last or first)) if isinstance(first, tuple) else a1.area(first)
        return Range(self, area)

    @property
    def used_range(self) -> Range:
        return Range(self, (1, 1, *self.ask("used")))

    def activate(self) -> None:
        self.book.excel.note("sheet", self.name)


class SheetApi:
    """A sheet's COM object."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def FilterMode(self) -> bool:  # noqa: N802 - COM's name
        return bool(self._sheet.book.excel.state("filtered"))

    def ShowAllData(self) -> None:  # noqa: N802 - COM's name
        self._sheet.book.excel.note("filtered", False)

    @property
    def Comments(self) -> list[Comment]:  # noqa: N802 - COM's name
        return [Comment(self._sheet, *found) for found in self._sheet.ask("notes")]


class Comment:
    """A note's COM object."""

    def __init__(self, sheet: Sheet, row: int, column: int, text: str) -> None:
        self._sheet, self._text = sheet, text
        self.Parent = Api(Row=row, Column=column)
        self.Shape = Api(Width=0, Height=0)

    def Text(self) -> str:  # noqa: N802 - COM's name
        return self._text

    def Delete(self) -> None:  # noqa: N802 - COM's name
        self._sheet.ask("delete_note", self.Parent.Row, self.Parent.Column)


class Range(base.Range):
    sheet = row = column = shape = None  # base class: properties

    def __init__(self, sheet: Sheet, area: a1.Area) -> None:
        self.sheet, self.area = sheet, area
        self.row, self.column = area[:2]
        self.shape = (area[2] - area[0] + 1, area[3] - area[1] + 1)
        self.options: dict[str, Any] = {}
        self._found: list[Any] = []

    def __call__(self, row: int, column: int) -> Range:
        at = (self.row + row - 1, self.column + column - 1)
        return Range(self.sheet, (*at, *at))

    def _read(self, which: int) -> Any:
        self._found = self._found or self.sheet.ask("read", self.area)
        rows = self._found[which]
        alone = self.shape == (1, 1)
        return rows[0][0] if alone else tuple(map(tuple, rows))

    @property
    def api(self) -> RangeApi:
        return RangeApi(self)

    @property
    def formula(self) -> Any:
        return self._read(1)

    @formula.setter
    def formula(self, text: str) -> None:
        self.sheet.ask("set_formula", self.area, text)
        self._found = []

    def insert(self, shift: str | None, copy_origin: str | None) -> None:
        if copy_origin != "xlFormatFromLeftOrAbove" and copy_origin != "format_from_left_or_above":
            raise XlwingsError(str(copy_origin))
        self.sheet.ask("insert", self.area, shift == "down")

    def delete(self, shift: str) -> None:
        self.sheet.ask("delete", self.area, shift == "up")

    def copy(self, destination: Any) -> None:
        if destination is not None:
            raise XlwingsError("copied to a place")
        self.sheet.book.excel.note("copied", [self.sheet.name, self.area])

    def paste(self, paste: str, operation: object, skip_blanks: bool, transpose: bool) -> None:
        del operation, skip_blanks, transpose
        name, area = self.sheet.book.excel.state("copied")
        if name != self.sheet.name:
            raise XlwingsError("copied on another sheet")
        self.sheet.ask("paste", area, self.area, paste)

    @property
    def row_height(self) -> float | None:
        height: float | None = self.sheet.ask("get_size", self.area, True)
        return height

    @row_height.setter
    def row_height(self, value: float) -> None:
        self.sheet.ask("set_size", self.area, True, value)

    @property
    def column_width(self) -> float | None:
        width: float | None = self.sheet.ask("get_size", self.area, False)
        return width

    @column_width.setter
    def column_width(self, value: float) -> None:
        self.sheet.ask("set_size", self.area, False, value)

    def merge(self, across: bool) -> None:
        self.sheet.ask("merge", self.area, not across)

    def unmerge(self) -> None:
        self.sheet.ask("merge", self.area, False)

    @property
    def raw_value(self) -> Any:
        return self._read(0)

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        rows = data if isinstance(data, list) else [[data]]
        typed = [
            [float(v) if isinstance(v, int) else "" if v is None else v for v in row]
            for row in rows
        ]
        self.sheet.ask("write", self.area, typed)
        self._found = []

    @property
    def number_format(self) -> str | None:
        code: str | None = self.sheet.ask("get_format", self.area)
        return code

    @number_format.setter
    def number_format(self, code: str) -> None:
        self.sheet.ask("set_format", self.area, code)

    def autofill(self, destination: Any, type_: str) -> None:
        if type_ != "fill_formats":
            raise XlwingsError(type_)
        self.sheet.ask("fill_formats", self.area, destination.impl.area)

    def select(self) -> None:
        excel = self.sheet.book.excel
        if (excel.state("active"), excel.state("sheet")) != (
            self.sheet.book.fullname,
            self.sheet.name,
        ):
            raise XlwingsError("Select method of Range class failed")
        excel.note("cell", a1.cell_name(self.row, self.column))


class RangeApi:
    """A range's COM object."""

    def __init__(self, cells: Range) -> None:
        self._cells = cells

    @property
    def Value2(self) -> Any:  # noqa: N802 - COM's name
        return self._cells._read(0)

    def AddComment(self, text: str) -> Comment:  # noqa: N802 - COM's name
        cells = self._cells
        cells.sheet.ask("add_note", cells.row, cells.column, text)
        return Comment(cells.sheet, cells.row, cells.column, text)

    @property
    def HasArray(self) -> bool:  # noqa: N802 - COM's name
        return str(self._cells._read(1)).startswith("{=")

    @property
    def Borders(self) -> Api:  # noqa: N802 - COM's name
        return Api(LineStyle=self._cells.sheet.ask("line_style", self._cells.area))


def install_engine(xlwings: ModuleType, excel: Excel) -> None:
    """Make this application the one that xlwings speaks to."""
    if "excel" not in xlwings.engines.engines_by_name:
        xlwings.engines.add(xlwings.Engine(impl=Engine(excel)))
    xlwings.engines["excel"].impl = Engine(excel)
    xlwings.engines["excel"].activate()
