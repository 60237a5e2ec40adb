"""A private headless LibreOffice behind stdin and stdout: one JSON command a line, one answer a line.

Runs in the Python that Debian's python3-uno belongs to, which need not be the Python of the tests;
``tests.tools.office`` starts it and speaks to it. Arguments: soffice binary, folder for the profile.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue

RESTART = 81  # how soffice says "start me again": always so with a fresh profile
START_SECONDS = 90
FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".fods": "OpenDocument Spreadsheet Flat XML",
    ".html": "HTML (StarCalc)",
    ".pdf": "calc_pdf_Export",
}
WRITER_FILTERS = {
    ".docx": "MS Word 2007 XML",
    ".doc": "MS Word 97",
    ".odt": "writer8",
    ".pdf": "writer_pdf_Export",
}
FORMULAS = 16  # com.sun.star.sheet.CellFlags.FORMULA
ERRORS = 4  # com.sun.star.sheet.FormulaResult.ERROR
CONTENT = 1 | 2 | 4 | 16  # CellFlags VALUE, DATETIME, STRING, FORMULA


class Server:
    """soffice, started when first needed and again if it died."""

    def __init__(self, binary: str, profile: Path) -> None:
        self.binary = binary
        self.profile = profile
        self.pipe = f"xladdin{os.getpid()}"
        self.process: subprocess.Popen[bytes] | None = None
        self.context: Any = None
        self.desktop: Any = None

    def ready(self) -> None:
        """Make sure that soffice runs."""
        if self.process is None or self.process.poll() is not None:
            self._start()

    def service(self, name: str) -> Any:
        """A new object of a UNO service."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def _launch(self) -> None:
        self.process = subprocess.Popen(
            [
                self.binary,
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                "--nofirststartwizard",
                f"--accept=pipe,name={self.pipe};urp;",
                f"-env:UserInstallation={self.profile.as_uri()}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _start(self) -> None:
        self._launch()
        local = uno.getComponentContext()
        name = "com.sun.star.bridge.UnoUrlResolver"
        resolver = local.ServiceManager.createInstanceWithContext(name, local)
        address = f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext"
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.context = resolver.resolve(address)
                break
            except Exception as problem:
                self._still_starting(until, problem)
                time.sleep(0.05)
        self.desktop = self.service("com.sun.star.frame.Desktop")

    def _still_starting(self, until: float, problem: Exception) -> None:
        assert self.process is not None
        code = self.process.poll()
        if code == RESTART:
            self._launch()
        elif code is not None:
            raise RuntimeError(f"soffice ended with {code} while starting") from problem
        elif time.monotonic() > until:
            raise RuntimeError(f"soffice was not ready after {START_SECONDS} s") from problem

    def stop(self) -> None:
        """End soffice, politely at first."""
        if self.process is None:
            return
        with contextlib.suppress(Exception):
            self.desktop.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def properties(**values: Any) -> tuple[PropertyValue, ...]:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


@contextlib.contextmanager
def document(server: Server, path: str, *, hidden: bool = True) -> Iterator[Any]:
    """A workbook or a text, closed in the end. Opened hidden it loses its frozen panes when saved."""
    arguments = properties(Hidden=hidden, MacroExecutionMode=0, UpdateDocMode=0)
    book = server.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, arguments)
    if book is None or not (hasattr(book, "Sheets") or hasattr(book, "Text")):
        raise ValueError(f"LibreOffice does not open {path} as a workbook or a text")
    try:
        yield book
    finally:
        book.close(True)


def store(book: Any, path: str, password: str = "", **filter_data: Any) -> None:
    filters = FILTERS if hasattr(book, "Sheets") else WRITER_FILTERS
    arguments = {"FilterName": filters[Path(path).suffix.lower()], "Overwrite": True}
    if password:
        arguments["Password"] = password
    if filter_data:
        data = properties(**filter_data)
        arguments["FilterData"] = uno.Any("[]com.sun.star.beans.PropertyValue", data)
    book.storeToURL(Path(path).as_uri(), properties(**arguments))


def address(row: int, column: int) -> str:
    """(0, 27) -> ``AB1``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def recalculate(server: Server, path: str) -> list[list[Any]]:
    """[sheet, cell, value, error code] of every formula cell after a hard recalculation."""
    with document(server, path) as book:
        if not hasattr(book, "calculateAll"):  # Writer takes anything that nobody else does
            raise ValueError(f"{path} is no workbook")
        book.calculateAll()
        return [[sheet.Name, *cell] for sheet in sheets(book) for cell in formula_cells(sheet)]


def formula_cells(sheet: Any) -> Iterator[tuple[str, Any, int]]:
    failed = {}
    for area in sheet.queryFormulaCells(ERRORS).RangeAddresses:
        for row in range(area.StartRow, area.EndRow + 1):
            for column in range(area.StartColumn, area.EndColumn + 1):
                failed[row, column] = sheet.getCellByPosition(column, row).getError()
    for area in sheet.queryContentCells(FORMULAS).RangeAddresses:
        bounds = (area.StartColumn, area.StartRow, area.EndColumn, area.EndRow)
        block = sheet.getCellRangeByPosition(*bounds).getDataArray()
        for row, line in enumerate(block, area.StartRow):
            for column, value in enumerate(line, area.StartColumn):
                error = failed.get((row, column), 0)
                yield address(row, column), None if error else value, error


def fill(
    server: Server,
    source: str,
    target: str,
    cells: dict[str, dict[str, Any]],
    formulas: bool,
    as_typed: bool,
) -> None:
    """Set cells and save; ``as_typed`` goes the way of the keyboard, which respects locked cells."""
    with document(server, source, hidden=False) as book:
        for name, values in cells.items():
            sheet = book.Sheets.getByName(name)
            if as_typed:
                type_in(server, book, sheet, values)
            else:
                for ref, value in values.items():
                    put(sheet.getCellRangeByName(ref), value, formulas)
        book.calculate()
        store(book, target)


def put(cell: Any, value: Any, formulas: bool) -> None:
    if value is None:
        cell.clearContents(CONTENT)
        if cell.getFormula():
            raise ValueError(f"LibreOffice does not empty locked cells: {cell.AbsoluteName}")
    elif isinstance(value, str):
        if formulas and value.startswith("="):
            cell.setFormula(value)
        else:
            cell.setString(value)
    else:
        cell.setValue(value)


def type_in(server: Server, book: Any, sheet: Any, values: dict[str, Any]) -> None:
    dispatcher = server.service("com.sun.star.frame.DispatchHelper")
    controller = book.CurrentController
    controller.setActiveSheet(sheet)

    def dispatch(command: str, **arguments: Any) -> None:
        dispatcher.executeDispatch(controller.Frame, command, "", 0, properties(**arguments))

    for ref, value in values.items():
        dispatch(".uno:GoToCell", ToPoint=ref)
        if value is None:
            dispatch(".uno:ClearContents")
        else:
            text = value if isinstance(value, str) else repr(value)
            dispatch(".uno:EnterString", StringName=text)


def convert(server: Server, source: str, target: str, password: str) -> None:
    """Open and save in the format that the target's ending names, locked if there is a password."""
    with document(server, source) as book:
        store(book, target, password)


def rearrange(server: Server, source: str, target: str, steps: list[list[Any]]) -> None:
    """What people do to sheets: each step is a word and what it takes, rows and columns from 0."""
    with document(server, source, hidden=False) as book:
        every = book.Sheets
        for word, name, *rest in steps:
            if word == "rows":
                every.getByName(name).Rows.insertByIndex(*rest)
            elif word == "columns":
                every.getByName(name).Columns.insertByIndex(*rest)
            elif word == "rename":
                every.getByName(name).Name = rest[0]
            elif word == "move":
                every.moveByName(name, rest[0])
            elif word == "add":
                every.insertNewByName(name, rest[0])
            else:
                raise ValueError(f"no such step: {word}")
        store(book, target)


def lock(server: Server, path: str) -> str:
    """What stands in the lock file beside a workbook while LibreOffice has it open."""
    with document(server, path, hidden=False):
        return Path(path).with_name(f".~lock.{Path(path).name}#").read_text(encoding="utf-8")


def pages(server: Server, source: str, folder: str) -> list[list[str]]:
    """[sheet, PDF of it] of every visible sheet, each as it prints."""
    made = []
    with document(server, source) as book:
        book.calculateAll()
        every = sheets(book)  # asked twice, the book gives other objects for the same sheets
        visible = [(sheet, sheet.getPrintAreas()) for sheet in every if sheet.IsVisible]
        for number, (sheet, area) in enumerate(visible, 1):
            sheet.IsVisible = True
            for other in every:
                other.IsVisible = other == sheet
                # A hidden sheet that has a print area would be printed all the same.
                other.setPrintAreas(area if other == sheet else ())
            path = str(Path(folder, f"{number:02}.pdf"))
            store(book, path)
            made.append([sheet.Name, path])
    return made


def whole(server: Server, source: str, target: str) -> list[list[Any]]:
    """Each sheet on one page of a PDF, hidden ones too: [sheet, page] of the visible ones."""
    with document(server, source) as book:
        book.calculateAll()
        store(book, target, SinglePageSheets=True)
        return [[sheet.Name, page] for page, sheet in enumerate(sheets(book), 1) if sheet.IsVisible]


def sheets(book: Any) -> list[Any]:
    return [book.Sheets.getByName(name) for name in book.Sheets.ElementNames]


def pipe(server: Server) -> str:
    """Where another process reaches this LibreOffice."""
    return server.pipe


COMMANDS: dict[str, Callable[..., Any]] = {
    "recalculate": recalculate,
    "fill": fill,
    "convert": convert,
    "rearrange": rearrange,
    "lock": lock,
    "pages": pages,
    "whole": whole,
    "pipe": pipe,
}


def answer(server: Server, line: str) -> dict[str, Any]:
    request = json.loads(line)
    try:
        server.ready()
        return {"result": COMMANDS[request.pop("command")](server, **request)}
    except Exception as problem:
        return {"problem": f"{type(problem).__name__}: {problem}"}


def main(binary: str, profile: str) -> None:
    server = Server(binary, Path(profile))
    try:
        for line in sys.stdin:
            print(json.dumps(answer(server, line)), flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
