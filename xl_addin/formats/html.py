"""Tables of a web page: what web systems export, and old Excel saves, under the name of .xls.

What a page shows is rounded as it is shown; where the program that wrote it put the value beside
it (Excel, LibreOffice, SheetJS do), the value counts. Runs in the throw-away process.
"""

from __future__ import annotations

from html.parser import HTMLParser

from xl_addin.formats.csv import ERRORS, decode_table, parse_cell
from xl_addin.formats.grid import Grid
from xl_addin.model.records import Number
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import BOOL, FAULT, MAX_CELLS, NO_VALUE, TEXT, Cell, as_number
from xl_addin.xlsx.values import read_number

_MAX_TABLES, _MAX_DEPTH, _MAX_SPAN = 200, 20, 1_000
_ROUNDING = 0.5
_FRAMES = (
    "这是另存成网页的工作簿，表格在它旁边的文件夹里，不在这个文件里；"
    "请用 Excel 或 WPS 打开原来的工作簿，另存为 .xlsx 后重新提供"
)
_BREAKS = frozenset(("br", "p", "div", "li"))


def read(data: bytes) -> tuple[Grid, ...]:
    """Every table as a sheet, the inner ones of nested tables first. Raises Unreadable."""
    page = _PageParser()
    try:
        page.feed(decode_table(data))
        page.close()
    except AssertionError:  # what html.parser says of a broken declaration
        raise Unreadable("damaged", "网页已损坏，读不出来；请另存为 .xlsx 后重新提供") from None
    while page.open:
        page.handle_endtag("table")
    if not page.grids and page.framed:
        raise Unreadable("web-page", _FRAMES)
    return tuple(page.grids)


class _Table:
    """A table that is being read. ``busy`` are places that spans from above or the left cover."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[a1.Area] = []
        self.busy: set[tuple[int, int]] = set()
        self.row = self.column = 0
        self.attrs: dict[str, str] | None = None
        self.text: list[str] = []

    def start_cell(self, attrs: dict[str, str]) -> None:
        self.column += 1
        while (self.row, self.column) in self.busy:
            self.column += 1
        self.attrs, self.text = attrs, []

    def end_cell(self) -> None:
        attrs, self.attrs = self.attrs, None
        if attrs is None:
            return
        at = (max(self.row, 1), self.column)
        cell = _parse_cell(attrs, _lines("".join(self.text)))
        if cell is not None and at[1] <= a1.MAX_COLUMN:
            self.cells[at] = cell
        down, across = _span(attrs, "rowspan"), _span(attrs, "colspan")
        if down > 1 or across > 1:
            self.merged.append((*at, at[0] + down - 1, at[1] + across - 1))
            covered = ((at[0] + r, at[1] + c) for r in range(down) for c in range(across))
            self.busy.update(covered)
        if len(self.cells) > MAX_CELLS or len(self.busy) > MAX_CELLS:
            raise Unreadable("too-large", f"表格超过 {MAX_CELLS} 格，没有读取")
        self.column += across - 1 if down == 1 else 0


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[_Table] = []
        self.grids: list[Grid] = []
        self.silent = 0
        self.framed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            if len(self.open) >= _MAX_DEPTH or len(self.grids) >= _MAX_TABLES:
                raise Unreadable("hostile", "网页里的表格太多或嵌套过深，没有读取")
            self.open.append(_Table())
        elif tag in ("script", "style"):
            self.silent += 1
        elif tag in ("frame", "iframe"):
            self.framed = True
        elif self.open:
            table = self.open[-1]
            if tag == "tr":
                table.end_cell()
                table.row, table.column = table.row + 1, 0
            elif tag in ("td", "th"):
                table.end_cell()
                table.start_cell({name: value or "" for name, value in attrs})
            elif tag in _BREAKS:
                table.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)
        elif self.open and tag in ("td", "th", "tr", "table"):
            self.open[-1].end_cell()
            if tag == "table":
                table = self.open.pop()
                name = f"表{len(self.grids) + 1}"
                self.grids.append(Grid(name, table.cells, tuple(table.merged)))

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].attrs is not None and not self.silent:
            self.open[-1].text.append(data)


def _lines(text: str) -> str:
    lines = (" ".join(line.split(" ")).strip() for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def _span(attrs: dict[str, str], name: str) -> int:
    text = attrs.get(name, "").strip()
    return min(int(text), _MAX_SPAN) if text.isascii() and text.isdigit() and text != "0" else 1


def _stored_value(kind: str, value: Number | str, text: str) -> tuple[str, Number | str]:
    """The value beside a cell, where what the cell shows is that value, rounded at most.

    LibreOffice writes 0 beside an error, and a percent beside its hundredth.
    """
    shown = read_number(Cell(TEXT, text)).value
    if isinstance(value, str) or (shown is not None and abs(shown - value) <= _ROUNDING):
        return kind, value
    return TEXT, text or "（显示为空）"


def _parse_cell(attrs: dict[str, str], text: str) -> Cell | None:
    """A cell by what the writing program put beside it, else by what it shows."""
    formula = attrs.get("x:fmla", attrs.get("data-f"))
    formula = None if formula is None else formula.lstrip("=")
    if text in ERRORS:
        return Cell(FAULT, text, formula)
    for name in ("x:num", "sdval", "data-v"):
        if attrs.get(name) and attrs.get("data-t", "n") == "n":
            kind, value = as_number(attrs[name])
            return Cell(*_stored_value(kind, value, text), formula)
    if "x:err" in attrs or attrs.get("data-t") == "e":
        return Cell(FAULT, text or "#错误", formula)
    if "x:bool" in attrs or attrs.get("data-t") == "b":
        return Cell(BOOL, text.strip().upper() == "TRUE", formula)
    if not text:
        return None if formula is None else Cell(NO_VALUE, None, formula)
    cell = parse_cell(text)
    if "x:str" in attrs or attrs.get("data-t") == "s":
        cell = Cell(TEXT, text)
    return cell._replace(formula=formula)
