"""LibreOffice behind stdin and stdout as ``tests.tools.excel`` needs it: open workbooks, ranges, formats.

Runs in the Python that has ``uno`` and joins a LibreOffice that already runs, whose documents stay
open when this process ends: several may look at the same workbook, as with Excel. Text that is
written is parsed as if typed, which is what Excel's COM interface does. Argument: soffice's pipe.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import Locale
from com.sun.star.table import CellRangeAddress

FILTERS = {".xlsx": "Calc MS Excel 2007 XML", ".xlsm": "Calc MS Excel 2007 VBA XML"}
CONTENT = 1 | 2 | 4 | 16  # CellFlags VALUE, DATETIME, STRING, FORMULA
DATETIME, TEXT = 2 | 4, 256  # com.sun.star.util.NumberFormat
NO_LINE, CONTINUOUS = -4142, 1
ERRORS = 4  # com.sun.star.sheet.FormulaResult.ERROR
# LibreOffice's error numbers as COM delivers them.
FAULTS = {
    521: -2146826288,
    532: -2146826281,
    519: -2146826273,
    524: -2146826265,
    525: -2146826259,
    503: -2146826252,
    32767: -2146826246,
}
ITS_OWN = Locale()  # another one would be written into every format
_FOREIGN_SHEET = re.compile(r"""("[^"]*")|\$?('(?:[^']|'')+'|\w+)\.(?=\$?[A-Z]+\$?\d)""")
_EXCEL_SHEET = re.compile(r"""("[^"]*")|('(?:[^']|'')+'|\w+)!(?=\$?[A-Z]+\$?\d)""")
_COMMA = re.compile(r"""("[^"]*")|,""")
_LATER_PART = re.compile(r"""("[^"]*")|;""")
# LibreOffice keeps a truth value as a number: only the formula tells.
_TRUTH = re.compile(r"=(?:TRUE|FALSE|AND|OR|NOT|IS[A-Z]+)\(.*\)\Z")
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?\Z")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?%?\Z")


class Office:
    """A LibreOffice that somebody else started."""

    def __init__(self, pipe: str) -> None:
        local = uno.getComponentContext()
        name = "com.sun.star.bridge.UnoUrlResolver"
        resolver = local.ServiceManager.createInstanceWithContext(name, local)
        context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self.desktop = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", context
        )
        self._known: dict[str, Any] = {}
        self._sheets: dict[tuple[str, str], Any] = {}

    def documents(self) -> Iterator[tuple[str, Any]]:
        """(path, document) of the workbooks that are open."""
        every = self.desktop.Components.createEnumeration()
        while every.hasMoreElements():
            document = every.nextElement()
            if hasattr(document, "Sheets") and document.URL:
                yield uno.fileUrlToSystemPath(document.URL), document

    def document(self, path: str) -> Any:
        if path not in self._known:
            self._known = dict(self.documents())
        return self._known[path]

    def sheet(self, path: str, name: str) -> Any:
        if (path, name) not in self._sheets:
            self._sheets[path, name] = self.document(path).Sheets.getByName(name)
        return self._sheets[path, name]

    def cells(self, path: str, name: str, area: list[int]) -> Any:
        top, left, bottom, right = (number - 1 for number in area)
        return self.sheet(path, name).getCellRangeByPosition(left, top, right, bottom)


def properties(**values: Any) -> tuple[PropertyValue, ...]:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def books(office: Office) -> list[str]:
    return [path for path, _ in office.documents()]


def open_(office: Office, path: str) -> None:
    arguments = properties(Hidden=True, MacroExecutionMode=0, UpdateDocMode=0)
    office.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, arguments)


def save(office: Office, path: str, target: str) -> None:
    arguments = properties(FilterName=FILTERS[Path(target).suffix], Overwrite=True)
    office.document(path).storeToURL(Path(target).as_uri(), arguments)


def close(office: Office, path: str) -> None:
    office.document(path).close(True)


def sheets(office: Office, path: str) -> list[str]:
    return list(office.document(path).Sheets.ElementNames)


def names(office: Office, path: str) -> list[list[str]]:
    """[name, what it refers to] as Excel spells both; a sheet's own name has the sheet before it."""
    book = office.document(path)
    holders = [("", book.NamedRanges)]
    holders += [(f"'{s}'!", office.sheet(path, s).NamedRanges) for s in sheets(office, path)]
    return [
        [before + name, f"={excel_spelling(holder.getByName(name).Content)}"]
        for before, holder in holders
        for name in holder.ElementNames
    ]


def excel_spelling(formula: str) -> str:
    """A formula or address as Excel spells it: ``$表.A1;$表.A2`` -> ``表!A1,表!A2``."""
    own = _FOREIGN_SHEET.sub(lambda m: m[1] or f"{m[2]}!", formula)
    return _LATER_PART.sub(lambda m: m[1] or ",", own)


def used_area(office: Office, path: str, sheet: str) -> list[int]:
    cursor = office.sheet(path, sheet).createCursor()
    cursor.gotoEndOfUsedArea(False)
    return [cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1]


def line_style(office: Office, path: str, sheet: str, area: list[int]) -> int | None:
    """Excel's number for the borders in a range: none, continuous, or None where they differ."""
    parts = office.cells(path, sheet, area).getUniqueCellFormatRanges()
    widths = {
        getattr(parts.getByIndex(number), f"{side}Border").OuterLineWidth
        for number in range(parts.Count)
        for side in ("Left", "Right", "Top", "Bottom")
    }
    return NO_LINE if widths == {0} else None if 0 in widths else CONTINUOUS


def read(office: Office, path: str, sheet: str, area: list[int]) -> list[Any]:
    """[values, formulas] of an area, by rows."""
    cells = office.cells(path, sheet, area)
    values = [[None if v == "" else v for v in row] for row in cells.getDataArray()]
    texts = cells.getFormulaArray()
    formulas = [
        [excel_spelling(text) if text[:1] == "=" else text for text in row] for row in texts
    ]
    for row, line in enumerate(formulas):
        for column, text in enumerate(line):
            if text[:1] == "=" and values[row][column] is None:
                values[row][column] = ""
    top, left = area[0] - 1, area[1] - 1
    home = office.sheet(path, sheet)
    for spot in cells.queryFormulaCells(ERRORS).RangeAddresses:
        for row, column in positions_in(spot):
            code = home.getCellByPosition(column, row).getError()
            values[row - top][column - left] = FAULTS.get(code, FAULTS[519])
    for row, line in enumerate(formulas):
        for column, text in enumerate(line):
            if _TRUTH.match(text):
                values[row][column] = bool(values[row][column])
    return [values, formulas]


def positions_in(spot: CellRangeAddress) -> Iterator[tuple[int, int]]:
    for row in range(spot.StartRow, spot.EndRow + 1):
        for column in range(spot.StartColumn, spot.EndColumn + 1):
            yield row, column


_known_formats: dict[tuple[str, int], tuple[int, str]] = {}


def number_formats(
    office: Office, path: str, cells: Any
) -> Iterator[tuple[CellRangeAddress, int, str]]:
    """(area, kind, code) of the number formats in a range."""
    found = cells.getUniqueCellFormatRanges()
    for number in range(found.Count):
        part = found.getByIndex(number)
        key = (path, part.NumberFormat)
        if key not in _known_formats:
            look = office.document(path).NumberFormats.getByKey(key[1])
            _known_formats[key] = look.Type, look.FormatString
        for spot in part.RangeAddresses:
            yield spot, *_known_formats[key]


def get_format(office: Office, path: str, sheet: str, area: list[int]) -> str | None:
    """The number format of a range, None where it has several."""
    codes = {code for _, _, code in number_formats(office, path, office.cells(path, sheet, area))}
    return codes.pop() if len(codes) == 1 else None


def dates(office: Office, path: str, sheet: str, area: list[int]) -> list[list[int]]:
    """The areas within one that show dates or times."""
    found = number_formats(office, path, office.cells(path, sheet, area))
    return [
        [spot.StartRow + 1, spot.StartColumn + 1, spot.EndRow + 1, spot.EndColumn + 1]
        for spot, kind, _ in found
        if kind & DATETIME
    ]


def set_format(office: Office, path: str, sheet: str, area: list[int], code: str) -> None:
    office.cells(path, sheet, area).NumberFormat = format_key(office, path, code)


def format_key(office: Office, path: str, code: str) -> int:
    formats = office.document(path).NumberFormats
    key = formats.queryKey(code, ITS_OWN, False)
    return int(formats.addNew(code, ITS_OWN) if key == -1 else key)


def write(office: Office, path: str, sheet: str, area: list[int], rows: list[list[Any]]) -> None:
    """Values as COM takes them: text is parsed as if typed, unless its cell is formatted as text."""
    cells = office.cells(path, sheet, area)
    texts = {
        (row - area[0] + 1, column - area[1] + 1)
        for spot, kind, _ in number_formats(office, path, cells)
        if kind & TEXT
        for row, column in positions_in(spot)
    }
    special: dict[tuple[int, int], Callable[[Any], None]] = {}
    data = [
        [
            plain_value(office, path, value, (r, c), (r, c) in texts, special)
            for c, value in enumerate(row)
        ]
        for r, row in enumerate(rows)
    ]
    cells.setDataArray(tuple(map(tuple, data)))
    for (row, column), put in special.items():
        put(cells.getCellByPosition(column, row))


def plain_value(
    office: Office,
    path: str,
    value: Any,
    where: tuple[int, int],
    as_text: bool,
    special: dict[tuple[int, int], Callable[[Any], None]],
) -> str | float:
    """What goes in as it is; what needs more than that goes to ``special``."""
    if as_text:
        return f"{value:.15g}" if isinstance(value, float) else value
    if isinstance(value, float):
        return value
    typed = unicodedata.normalize("NFKC", value).strip()
    day = _MONTH.match(typed)
    if value.startswith("'"):
        return value[1:]
    if value.startswith(("=", "+", "@")):
        special[where] = lambda cell: cell.setFormula("=" + value[1:])
    elif typed.upper() in ("TRUE", "FALSE"):
        special[where] = lambda cell: apply_format(
            cell, typed.upper() == "TRUE", office, path, "BOOLEAN"
        )
    elif day:
        serial = (date(int(day[1]), int(day[2]), int(day[3] or 1)) - date(1899, 12, 30)).days
        special[where] = lambda cell: apply_format(cell, serial, office, path, "YYYY-MM-DD")
    elif _NUMBER.match(typed):
        share = 100 if typed.endswith("%") else 1
        return float(typed.rstrip("%").replace(",", "")) / share
    return value


def apply_format(cell: Any, value: float, office: Office, path: str, code: str) -> None:
    cell.setValue(value)
    cell.NumberFormat = format_key(office, path, code)


def fill_formats(office: Office, path: str, sheet: str, source: list[int], area: list[int]) -> None:
    """The formats of the source's row in the rows of the area below it; ``area`` includes it."""
    home = office.sheet(path, sheet)
    first = office.cells(path, sheet, source).RangeAddress
    for row in range(source[2] + 1, area[2] + 1):
        target = office.cells(path, sheet, [row, area[1], row, area[3]])
        kept = target.getFormulaArray()
        home.copyRange(target.getCellByPosition(0, 0).CellAddress, first)
        target.setFormulaArray(kept)


def notes(office: Office, path: str, sheet: str) -> list[list[Any]]:
    found = office.sheet(path, sheet).Annotations
    each = [found.getByIndex(number) for number in range(found.Count)]
    return [[note.Position.Row + 1, note.Position.Column + 1, note.String] for note in each]


def add_note(office: Office, path: str, sheet: str, row: int, column: int, text: str) -> None:
    if [row, column] in [note[:2] for note in notes(office, path, sheet)]:
        raise ValueError("there is a note already")
    home = office.sheet(path, sheet)
    home.Annotations.insertNew(home.getCellByPosition(column - 1, row - 1).CellAddress, text)
    if [row, column] not in [note[:2] for note in notes(office, path, sheet)]:
        raise ValueError("the note was not taken")  # so LibreOffice does on a protected sheet


def delete_note(office: Office, path: str, sheet: str, row: int, column: int) -> None:
    places = [note[:2] for note in notes(office, path, sheet)]
    office.sheet(path, sheet).Annotations.removeByIndex(places.index([row, column]))


def insert(office: Office, path: str, sheet: str, area: list[int], rows: bool) -> None:
    """Whole rows, else whole columns, before those of the area."""
    home = office.sheet(path, sheet)
    if rows:
        home.Rows.insertByIndex(area[0] - 1, area[2] - area[0] + 1)
    else:
        home.Columns.insertByIndex(area[1] - 1, area[3] - area[1] + 1)


def delete(office: Office, path: str, sheet: str, area: list[int], rows: bool) -> None:
    """Whole rows, else whole columns."""
    home = office.sheet(path, sheet)
    if rows:
        home.Rows.removeByIndex(area[0] - 1, area[2] - area[0] + 1)
    else:
        home.Columns.removeByIndex(area[1] - 1, area[3] - area[1] + 1)


def paste(
    office: Office, path: str, sheet: str, source: list[int], area: list[int], what: str
) -> None:
    """Formats or validations of one row in the rows of the area."""
    first = office.cells(path, sheet, source)
    for row in range(area[0], area[2] + 1):
        target = office.cells(path, sheet, [row, area[1], row, area[3]])
        if what == "validation":
            for column in range(area[3] - area[1] + 1):
                rule = first.getCellByPosition(column, 0).Validation
                target.getCellByPosition(column, 0).Validation = rule
        elif what == "formats":
            start = target.getCellByPosition(0, 0).CellAddress
            office.sheet(path, sheet).copyRange(start, first.RangeAddress)
            target.clearContents(CONTENT)
        else:
            raise ValueError(what)


def get_size(office: Office, path: str, sheet: str, area: list[int], rows: bool) -> float:
    cells = office.cells(path, sheet, area)
    return float(cells.Rows.getByIndex(0).Height if rows else cells.Columns.getByIndex(0).Width)


def set_size(
    office: Office, path: str, sheet: str, area: list[int], rows: bool, size: float
) -> None:
    cells = office.cells(path, sheet, area)
    if rows:
        cells.Rows.Height = int(size)
    else:
        cells.Columns.Width = int(size)


def merge(office: Office, path: str, sheet: str, area: list[int], on: bool) -> None:
    """As Excel does it where it may not ask: of what is merged the first cell's content stays."""
    cells = office.cells(path, sheet, area)
    for row in range(area[2] - area[0] + 1) if on else ():
        for column in range(area[3] - area[1] + 1):
            if row or column:
                cells.getCellByPosition(column, row).clearContents(CONTENT)
    cells.merge(on)


def set_formula(office: Office, path: str, sheet: str, area: list[int], text: str) -> None:
    office.cells(path, sheet, area).getCellByPosition(0, 0).setFormula(office_spelling(text))


def office_spelling(formula: str) -> str:
    """A formula as LibreOffice takes it: ``表!A1,表!A2`` -> ``$表.A1;$表.A2``."""
    own = _EXCEL_SHEET.sub(lambda m: m[1] or f"${m[2]}.", formula)
    return _COMMA.sub(lambda m: m[1] or ";", own)


def set_name(office: Office, path: str, name: str, refers_to: str) -> None:
    """A name of the workbook, or with its sheet before it one of a sheet."""
    sheet, _, own = name.rpartition("!")
    book = office.document(path)
    holder = office.sheet(path, sheet.strip("'")).NamedRanges if sheet else book.NamedRanges
    holder.getByName(own).setContent(office_spelling(refers_to.removeprefix("=")))


def protect(office: Office, path: str, sheet: str) -> None:
    office.sheet(path, sheet).protect("")


def calculate(office: Office) -> None:
    for _, document in office.documents():
        document.calculateAll()  # ``calculate`` finds nothing to do while it is off


def set_automatic(office: Office, on: bool) -> None:
    for _, document in office.documents():
        document.enableAutomaticCalculation(on)


COMMANDS: dict[str, Callable[..., Any]] = {
    "books": books,
    "open": open_,
    "save": save,
    "close": close,
    "sheets": sheets,
    "names": names,
    "used": used_area,
    "line_style": line_style,
    "read": read,
    "write": write,
    "get_format": get_format,
    "dates": dates,
    "set_format": set_format,
    "fill_formats": fill_formats,
    "calculate": calculate,
    "automatic": set_automatic,
    "protect": protect,
    "notes": notes,
    "add_note": add_note,
    "delete_note": delete_note,
    "insert": insert,
    "delete": delete,
    "paste": paste,
    "get_size": get_size,
    "set_size": set_size,
    "merge": merge,
    "set_formula": set_formula,
    "set_name": set_name,
}


def main(pipe: str) -> None:
    office = Office(pipe)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            answer = {"result": COMMANDS[command](office, *arguments)}
        except Exception as problem:
            answer = {"problem": f"{command}: {type(problem).__name__}: {problem}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
