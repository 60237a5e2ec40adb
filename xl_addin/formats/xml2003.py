"""Reading an “XML 表格 2003”: typed cells in one bounded pass, as ``ods`` does for .ods."""

from __future__ import annotations

from xl_addin.formats.grid import LONGEST_COMMENT, MAX_COMMENTS, Grid
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import (
    BOOL,
    DATE,
    FAULT,
    LONGEST_TEXT,
    MAX_CELLS,
    NO_VALUE,
    TEXT,
    Cell,
    as_number,
)
from xl_addin.xlsx.comments import without_author
from xl_addin.xlsx.strings import mark_run, strike
from xl_addin.xlsx.styles import styles_of
from xl_addin.xlsx.xmlreader import MAX_DEPTH, local_name, parse, too_deep, whole_number

_MAX_SHEETS, _MAX_STYLES = 256, 65_000
_NESTING = frozenset(("Cell", "Row", "Worksheet"))
_NESTED = "单元格或行套在另一个里面，文件已损坏；请让对方重新保存后再发"
_NAMED_FORMATS = {
    "Percent": "0.00%",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Currency": "0.00",
    "Euro Currency": "0.00",
    "Scientific": "0.00E+00",
    "Yes/No": '"是"',
    "On/Off": '"是"',
    "True/False": '"是"',
    "General Number": "General",
}


def read(data: bytes) -> tuple[Grid, ...]:
    """The sheets of the file. Raises Unreadable."""
    parser = _SheetParser()
    parse(data, parser.start, parser.end, parser.text)
    if not parser.grids:
        raise Unreadable("foreign", "这个文件里没有工作表；请提供 .xlsx 表格")
    looks = styles_of(parser.codes.values()).format_codes
    return tuple(grid._replace(format_codes=looks) for grid in parser.grids)


class _SheetParser:
    """The state of one pass."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.codes: dict[str, str] = {"": ""}
        self.format_codes = {"": 0}
        self.struck_styles: set[str] = set()
        self.style = ""
        self.depth = self.aside = self.row = self.column = self.kept = 0
        self.name = ""
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[a1.Area] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[tuple[int, int]] = []
        self.columns = 0
        self.hidden = self.in_row = self.in_cell = False
        self.attrs: dict[str, str] = {}
        self.data: list[str] | None = None
        self.room = LONGEST_TEXT
        self.into: list[str] | None = None
        self.struck = self.raised = False
        self.kind = ""
        self.visible: list[str] | None = None
        self.comments: dict[tuple[int, int], str] = {}
        self.noted: list[str] = []
        self.author = ""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_deep()
        kind = local_name(tag)
        own = {local_name(name): value for name, value in attrs.items()}
        if self.aside or kind == "Comment":
            self.aside += 1
            self._start_aside(kind, own)
        elif kind in _NESTING and self._is_nested(kind):
            raise Unreadable("damaged", _NESTED)
        elif kind == "Worksheet":
            self.name, self.cells, self.merged, self.hidden_rows = (
                own.get("Name", ""),
                {},
                [],
                set(),
            )
            self.row, self.hidden, self.comments = 0, False, {}
            self.columns, self.hidden_columns = 0, []
        elif kind in ("Row", "Column"):
            self._start_line(kind, own)
        elif kind == "Cell":
            self.in_cell = True
            self.column = whole_number(own.get("Index", ""), self.column + 1)
            self.attrs, self.data = own, None
        elif kind == "Data":
            if self.data is not None:
                raise Unreadable("damaged", "单元格有两个值，文件已损坏")
            self.kind, self.data, self.room = own.get("Type", "String"), [], LONGEST_TEXT
            self.into = self.data
        elif kind == "S":
            self.struck = True
        elif kind in ("Sup", "Sub"):
            self.raised = True
        elif kind == "Visible":
            self.into = self.visible = []
        elif kind == "Style":
            self._start_style(own)
        elif kind == "Font" and own.get("StrikeThrough") == "1" and self.data is None:
            self.struck_styles.add(self.style)
        elif kind == "NumberFormat":
            code = own.get("Format", "")
            self.codes[self.style] = _NAMED_FORMATS.get(code, code)

    def _is_nested(self, kind: str) -> bool:
        """Whether a cell stands in a cell or in no row, a row or a sheet in a row."""
        return self.in_cell or self.in_row != (kind == "Cell")

    def _start_style(self, own: dict[str, str]) -> None:
        self.style = own.get("ID", "")
        self.format_codes.setdefault(self.style, len(self.format_codes))
        self.codes.setdefault(self.style, "")
        if len(self.codes) > _MAX_STYLES:
            raise Unreadable("too-large", "文件里的格式太多，没有读取")

    def _start_aside(self, kind: str, own: dict[str, str]) -> None:
        if kind == "Comment":
            self.noted, self.author = [], own.get("Author", "")

    def _start_line(self, kind: str, own: dict[str, str]) -> None:
        if kind == "Row":
            self.in_row = True
            self.row, self.column = whole_number(own.get("Index", ""), self.row + 1), 0
            if own.get("Hidden") == "1":
                self.hidden_rows.add(self.row)
            return
        first = whole_number(own.get("Index", ""), self.columns + 1)
        self.columns = min(first + whole_number(own.get("Span", ""), 0), a1.MAX_COLUMN)
        if own.get("Hidden") == "1":
            self.hidden_columns.append((first, self.columns))

    def text(self, data: str) -> None:
        if self.into is not None and not self.aside:
            data = data[: self.room]
            self.room -= len(data)
            self.into.append(mark_run(data, struck=self.struck, raised=self.raised))
        elif self.aside:
            self.noted.append(data)

    def end(self, tag: str) -> None:
        self.depth -= 1
        kind = local_name(tag)
        if self.aside:
            self.aside -= 1
            if kind == "Comment" and len(self.comments) < MAX_COMMENTS:
                text = without_author("".join(self.noted).strip(), self.author)
                self.comments[self.row, self.column] = text[:LONGEST_COMMENT]
        elif kind == "Data":
            self.into = None
        elif kind == "S":
            self.struck = False
        elif kind in ("Sup", "Sub"):
            self.raised = False
        elif kind == "Visible":
            self.hidden = "".join(self.visible or ()).strip() not in ("", "SheetVisible")
            self.into = None
        elif kind == "Cell":
            self.in_cell = False
            self._keep()
        elif kind == "Row":
            self.in_row = False
        elif kind == "Worksheet":
            if len(self.grids) >= _MAX_SHEETS:
                raise Unreadable("too-large", f"工作表超过 {_MAX_SHEETS} 张，没有读取")
            self.grids.append(
                Grid(
                    self.name,
                    self.cells,
                    tuple(self.merged),
                    self.hidden,
                    frozenset(self.hidden_rows),
                    comments=self.comments,
                    hidden_columns=a1.columns_in(self.hidden_columns),
                )
            )

    def _keep(self) -> None:
        at = (self.row, self.column)
        across = whole_number(self.attrs.get("MergeAcross", ""), 0)
        down = whole_number(self.attrs.get("MergeDown", ""), 0)
        self.column += across
        if not (0 < at[0] <= a1.MAX_ROW - down and 0 < at[1] <= a1.MAX_COLUMN - across):
            raise Unreadable("damaged", "单元格超出工作表的范围，文件已损坏")
        if across or down:
            self.merged.append((*at, at[0] + down, at[1] + across))
        cell = self._typed_cell()
        if cell is None:
            return
        if at in self.cells:
            raise Unreadable("damaged", f"单元格 {a1.cell_name(*at)} 出现两次，文件已损坏")
        self.kept += 1
        if self.kept > MAX_CELLS:
            raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        struck = self.attrs.get("StyleID", "") in self.struck_styles
        self.cells[at] = strike(cell) if struck else cell

    def _typed_cell(self) -> Cell | None:
        formula = self.attrs.get("Formula")
        formula = None if formula is None else formula.lstrip("=")
        text = "".join(self.data or ())[:LONGEST_TEXT]
        look = self.format_codes.get(self.attrs.get("StyleID", ""), 0)
        if self.data is None or (not text and self.kind != "String"):
            return None if formula is None else Cell(NO_VALUE, None, formula, look)
        if self.kind == "Number":
            kind, value = as_number(text)
            return Cell(kind, value, formula, look)
        if self.kind == "DateTime":
            return Cell(DATE, text, formula, look)
        if self.kind == "Boolean":
            return Cell(BOOL, text.strip() == "1", formula, look)
        if self.kind == "Error":
            return Cell(FAULT, text, formula, look)
        return Cell(TEXT, text, formula, look) if text or formula is not None else None
