"""Excel without a program: the same application for xlwings as ``tests.tools.excel``, workbooks in memory.

Workbooks are openpyxl's, without macros. Text that is written is parsed as if typed, as over COM.
Nothing computes: a formula keeps the value that its file had until ``comes_to`` says what it comes
to. Every request can be refused: ``faults`` knows the names of the commands of
``tests.tools.excel_worker``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from datetime import date, datetime, time, timedelta
from itertools import chain, product
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.cell_range import CellRange

from tests.tools.excel import Excel
from tests.tools.excelobjects import Refusal
from tests.tools.faults import Faults
from tests.tools.pywin32 import Calls
from xl_addin.master.host.base import Change
from xl_addin.master.host.comcells import _FAULTS
from xl_addin.xlsx import a1
from xl_addin.xlsx.references import move_references
from xl_addin.xlsx.styles import shows_date

_CODES = {text: code for code, text in _FAULTS.items()}
_NO_LINE, _CONTINUOUS = -4142, 1
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?\Z")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?%?\Z")
Area = tuple[int, int, int, int]


class MemoryExcel(Excel):
    """The application. ``asked`` are all requests; ``protected`` sheets take no writes."""

    def __init__(self, diary: Path) -> None:
        self.environment = {}
        self.diary, self.calls = diary, Calls()
        self.faults = Faults()
        self.asked: list[str] = []
        self.protected: set[str] = set()
        self._books: dict[str, Workbook] = {}
        self._values: dict[tuple[str, str], dict[tuple[int, int], Any]] = {}
        self._results: dict[tuple[str, int, int], Any] = {}

    def ask(self, *request: object) -> Any:
        """A request. Raises what ``faults`` has planned, else Refusal as over the worker."""
        command, *arguments = request
        self.asked.append(str(command))
        self.faults.reach(str(command))
        try:
            return getattr(self, f"do_{command}")(*arguments)
        except (KeyError, ValueError) as error:
            raise Refusal(f"{command}: {error!r}") from error

    def leave(self) -> None:
        """Nothing runs."""

    def comes_to(self, changes: Iterable[Change]) -> None:
        """Have the next calculation give every formula of these changes the value they expect."""
        for change in changes:
            for (row, column), (_, value) in change.computed.items():
                self._results[change.sheet, row, column] = value

    def do_books(self) -> list[str]:
        return list(self._books)

    def do_open(self, path: str) -> None:
        self._books[path] = load_workbook(path)
        for sheet in load_workbook(path, data_only=True):
            cells = (cell for row in sheet.iter_rows() for cell in row)
            found = {(c.row, c.column): _as_com(c) for c in cells if c.value is not None}
            self._values[path, sheet.title] = found

    def do_close(self, path: str) -> None:
        del self._books[path]

    def do_save(self, path: str, target: str) -> None:
        self._books[path].save(target)

    def do_sheets(self, path: str) -> list[str]:
        return list(self._books[path].sheetnames)

    def do_names(self, path: str) -> list[list[str]]:
        book = self._books[path]
        found = [[name, f"={each.attr_text}"] for name, each in book.defined_names.items()]
        for sheet in book:
            names = sheet.defined_names.items()
            found += [[f"'{sheet.title}'!{name}", f"={each.attr_text}"] for name, each in names]
        return found

    def do_used(self, path: str, sheet: str) -> list[int]:
        home = self._books[path][sheet]
        return [home.max_row, home.max_column]

    def do_read(self, path: str, sheet: str, area: Area) -> list[Any]:
        values = self._values[path, sheet]
        cells = self._rows(path, sheet, area)
        formulas = [
            [_text(cell, values.get((cell.row, cell.column))) for cell in row] for row in cells
        ]
        told = [
            [_value(cell, values.get((cell.row, cell.column))) for cell in row] for row in cells
        ]
        return [told, formulas]

    def _rows(self, path: str, sheet: str, area: Area) -> list[list[Any]]:
        home = self._books[path][sheet]
        return [
            [home.cell(r, c) for c in range(area[1], area[3] + 1)]
            for r in range(area[0], area[2] + 1)
        ]

    def _cells(self, path: str, sheet: str, area: Area) -> Iterator[Any]:
        return (cell for row in self._rows(path, sheet, area) for cell in row)

    def do_write(self, path: str, sheet: str, area: Area, rows: list[list[Any]]) -> None:
        if sheet in self.protected:
            raise ValueError("the sheet is protected")
        values = self._values[path, sheet]
        for cell, data in zip(
            self._cells(path, sheet, area), chain.from_iterable(rows), strict=True
        ):
            if isinstance(cell, MergedCell):
                continue  # hidden behind the first cell of its area
            value, formula = _typed(data, cell.number_format == "@")
            cell.value = formula or value
            if isinstance(value, str) and not formula:
                cell.data_type = "s"
            if data and isinstance(data, str) and isinstance(value, float) and _MONTH.match(data):
                cell.number_format = "yyyy-mm-dd"
            values.pop((cell.row, cell.column), None)
            if value is not None:
                values[cell.row, cell.column] = value

    def do_get_format(self, path: str, sheet: str, area: Area) -> str | None:
        codes = {cell.number_format for cell in self._cells(path, sheet, area)}
        return codes.pop() if len(codes) == 1 else None

    def do_dates(self, path: str, sheet: str, area: Area) -> list[Area]:
        return [
            (cell.row, cell.column, cell.row, cell.column)
            for cell in self._cells(path, sheet, area)
            if shows_date(cell.number_format)
        ]

    def do_set_format(self, path: str, sheet: str, area: Area, code: str) -> None:
        for cell in self._cells(path, sheet, area):
            cell.number_format = code

    def do_line_style(self, path: str, sheet: str, area: Area) -> int | None:
        bare = {cell.border.left.style is None for cell in self._cells(path, sheet, area)}
        return None if len(bare) > 1 else _NO_LINE if True in bare else _CONTINUOUS

    def do_fill_formats(self, path: str, sheet: str, source: Area, area: Area) -> None:
        home = self._books[path][sheet]
        for row, column in product(range(source[2] + 1, area[2] + 1), range(area[1], area[3] + 1)):
            home.cell(row, column)._style = copy(home.cell(source[0], column)._style)

    def do_notes(self, path: str, sheet: str) -> list[list[Any]]:
        cells = (cell for row in self._books[path][sheet].iter_rows() for cell in row)
        return [[c.row, c.column, c.comment.text] for c in cells if c.comment is not None]

    def do_add_note(self, path: str, sheet: str, row: int, column: int, text: str) -> None:
        cell = self._books[path][sheet].cell(row, column)
        if sheet in self.protected or cell.comment is not None:
            raise ValueError("no note can be added")
        cell.comment = Comment(text, "Excel's user")

    def do_delete_note(self, path: str, sheet: str, row: int, column: int) -> None:
        if sheet in self.protected:
            raise ValueError("the sheet is protected")
        self._books[path][sheet].cell(row, column).comment = None

    def do_insert(self, path: str, sheet: str, area: Area, rows: bool) -> None:
        """Cells, formulas, names, merged areas and sizes move; the new lines look like the one before them."""
        at, end = (area[0], area[2]) if rows else (area[1], area[3])
        home, number = self._books[path][sheet], end - at + 1
        (home.insert_rows if rows else home.insert_cols)(at, number)
        known = [(cell.row, cell.column) for row in home.iter_rows() for cell in row]
        for row, column in known:
            if at <= (row if rows else column) <= end:
                like = home.cell(at - 1, column) if rows else home.cell(row, at - 1)
                home.cell(row, column)._style = copy(like._style)

        def moved(first: int, last: int) -> tuple[int, int]:
            return first + number * (first >= at), last + number * (last >= at)

        self._moved(path, sheet, rows, moved)

    def do_delete(self, path: str, sheet: str, area: Area, rows: bool) -> None:
        """The same the other way round; what refers to nothing else is not known here as #REF!."""
        at, end = (area[0], area[2]) if rows else (area[1], area[3])
        home, number = self._books[path][sheet], end - at + 1
        (home.delete_rows if rows else home.delete_cols)(at, number)

        def moved(first: int, last: int) -> tuple[int, int]:
            begins = first if first < at else max(first - number, at)
            return begins, last if last < at else max(last - number, at - 1)

        self._moved(path, sheet, rows, moved)

    def _moved(
        self, path: str, sheet: str, rows: bool, moved: Callable[[int, int], tuple[int, int]]
    ) -> None:
        """Have all that refers to the lines of a sheet go with them, and what openpyxl leaves behind."""
        book, home = self._books[path], self._books[path][sheet]

        def move(name: str, first: int, last: int, is_rows: bool, _: bool) -> tuple[int, int]:
            mine = name.lower() == sheet.lower() and is_rows == rows
            return moved(first, last) if mine else (first, last)

        for each in book:
            for cell in (cell for row in each.iter_rows() for cell in row):
                if cell.data_type == "f" and (each is home or sheet in str(cell.value)):
                    text = getattr(cell.value, "text", cell.value)
                    told = "=" + move_references(text[1:], each.title, move)
                    if isinstance(cell.value, str):
                        cell.value = told
                    else:
                        cell.value.text = told
        for names in (book.defined_names, *(each.defined_names for each in book)):
            for name in names.values():
                name.attr_text = move_references(name.attr_text, "", move)
        merged_areas = list(home.merged_cells.ranges)
        home.merged_cells.ranges.clear()  # found by where they lie
        for merged in merged_areas:
            one = "row" if rows else "col"
            ends = moved(getattr(merged, f"min_{one}"), getattr(merged, f"max_{one}"))
            setattr(merged, f"max_{one}", ends[1])
            setattr(merged, f"min_{one}", ends[0])
        home.merged_cells.ranges.update(merged_areas)
        if rows:
            heights = {n: each.height for n, each in home.row_dimensions.items()}
            home.row_dimensions.clear()
            for number, height in heights.items():
                home.row_dimensions[moved(number, number)[0]].height = height
        values = self._values[path, sheet]
        self._values[path, sheet] = {
            (moved(r, r)[0], c) if rows else (r, moved(c, c)[0]): value
            for (r, c), value in values.items()
            if moved(*([r if rows else c] * 2))[0] <= moved(*([r if rows else c] * 2))[1]
        }

    def do_paste(self, path: str, sheet: str, source: Area, area: Area, what: str) -> None:
        if what == "formats":
            self.do_fill_formats(path, sheet, source, (source[2], area[1], area[2], area[3]))

    def do_get_size(self, path: str, sheet: str, area: Area, rows: bool) -> float | None:
        home = self._books[path][sheet]
        if rows:
            height: float | None = home.row_dimensions[area[0]].height
            return height
        return float(home.column_dimensions[get_column_letter(area[1])].width)

    def do_set_size(
        self, path: str, sheet: str, area: Area, rows: bool, size: float | None
    ) -> None:
        home = self._books[path][sheet]
        for row in range(area[0], area[2] + 1) if rows else ():
            home.row_dimensions[row].height = size
        for column in () if rows else range(area[1], area[3] + 1):
            home.column_dimensions[get_column_letter(column)].width = size

    def do_merge(self, path: str, sheet: str, area: Area, on: bool) -> None:
        home = self._books[path][sheet]
        for each in list(home.merged_cells.ranges):
            if not each.isdisjoint(
                CellRange(min_row=area[0], min_col=area[1], max_row=area[2], max_col=area[3])
            ):
                home.unmerge_cells(str(each))
        if on:
            home.merge_cells(None, *area)
            for at in a1.cells_in(area):
                if at != tuple(area[:2]):
                    self._values[path, sheet].pop(at, None)

    def do_set_formula(self, path: str, sheet: str, area: Area, text: str) -> None:
        self._books[path][sheet].cell(*area[:2]).value = text
        self._values[path, sheet].pop((area[0], area[1]), None)

    def do_set_name(self, path: str, name: str, refers_to: str) -> None:
        sheet, _, own = name.rpartition("!")
        book = self._books[path]
        holder = book[sheet.strip("'")].defined_names if sheet else book.defined_names
        holder[own].attr_text = refers_to.removeprefix("=")

    def do_protect(self, _path: str, sheet: str) -> None:
        self.protected.add(sheet)

    def do_automatic(self, _on: bool) -> None:
        """It never calculates by itself."""

    def do_calculate(self) -> None:
        for path in self._books:
            for (sheet, *at), value in self._results.items():
                self._values[path, sheet][tuple(at)] = value


def _as_com(cell: Any) -> Any:
    """A value as COM delivers it: errors as codes, dates as serials, every number as a double."""
    value = cell.value
    if cell.data_type == "e":
        return _CODES[value]
    if isinstance(value, datetime | date | time | timedelta):
        return float(to_excel(value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _value(cell: Any, value: Any) -> Any:
    return "" if value is None and cell.data_type == "f" else value


def _text(cell: Any, value: Any) -> str:
    """What Excel shows in its formula bar."""
    if cell.data_type == "f":
        return str(getattr(cell.value, "text", cell.value))
    return "" if value is None else str(value)


def _typed(data: Any, as_text: bool) -> tuple[Any, str]:
    """What a cell holds when this is put in: value and formula."""
    if data is None or data == "":
        return None, ""
    if as_text:
        return (f"{data:.15g}" if isinstance(data, float) else data), ""
    if not isinstance(data, str):
        return data, ""
    plain = unicodedata.normalize("NFKC", data).strip()
    day = _MONTH.match(plain)
    if data.startswith("'"):
        return data[1:], ""
    if data.startswith(("=", "+", "@")):
        return 0.0, "=" + data[1:]
    if plain.upper() in ("TRUE", "FALSE"):
        return plain.upper() == "TRUE", ""
    if day:
        return float(to_excel(date(int(day[1]), int(day[2]), int(day[3] or 1)))), ""
    if _NUMBER.match(plain):
        share = 100 if plain.endswith("%") else 1
        return float(plain.rstrip("%").replace(",", "")) / share, ""
    return data, ""
