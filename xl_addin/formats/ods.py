"""Reading an .ods: typed cells in one bounded pass, tag by tag.

Repeats are what make this format dangerous (one cell may claim the whole grid): an empty repeat only
moves the position, and a filled one is written out within ``MAX_CELLS``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.formats.grid import LONGEST_COMMENT, MAX_COMMENTS, Grid
from xl_addin.model.filetypes import ZIP_START
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import (
    BOOL,
    DATE,
    FAULT,
    LONGEST_TEXT,
    MAX_CELLS,
    NO_VALUE,
    NUM,
    TEXT,
    Cell,
    as_number,
)
from xl_addin.xlsx.numberformat import code_of_display
from xl_addin.xlsx.package import inflate, unpack
from xl_addin.xlsx.strings import mark_run, strike
from xl_addin.xlsx.xmlreader import MAX_DEPTH, parse

# Inside these nothing is a cell of the sheet or text of the cell.
_SHAPES = ("table:shapes", "draw:frame", "draw:custom-shape")
_IGNORED = frozenset(
    (
        *_SHAPES,
        "office:annotation",
        "table:tracked-changes",
        "office:forms",
        "text:ruby-text",
        "table:dde-links",
        "office:dde-source",
        "text:note",
    )
)
_CELLS = frozenset(("table:table-cell", "table:covered-table-cell"))
_NESTING = _CELLS | {"table:table-row", "table:table"}
_HARD_SPACE = "\0"  # cannot occur in XML, so it marks spaces that must survive collapsing
_FAULT_TEXT = pattern(r"#[A-Z/0!?]+|(?:Err|错误)[:：]\d+")
# Formats are not read, but the file says itself which numbers show as percents, and what each shows.
_PERCENT = 1
_MOST_LOOKS = 1_000
_MAX_SHEETS = 256
_NESTED = "单元格或行套在另一个里面，文件已损坏；请让对方重新保存后再发"


_TextLook = tuple[bool, bool]
"""Whether text is struck out, and raised or lowered."""
_NO_STYLES: Mapping[str, _TextLook] = MappingProxyType({})


def read(data: bytes) -> tuple[Grid, ...]:
    """The sheets of an .ods or .fods. Raises Unreadable."""
    if not data.startswith(ZIP_START):
        return _read_flat(data)
    parts = unpack(data)
    manifest = parts.get("META-INF/manifest.xml")
    if manifest is not None and b"encryption-data" in inflate(manifest):
        raise Unreadable("password", "文件有密码，打不开；请取消密码、另存一份后重新提供")
    common = _SheetParser()
    try:
        if "styles.xml" in parts:
            parse(inflate(parts["styles.xml"]), common.start, common.end, common.text)
    except Unreadable:
        pass  # what looks how is no reason to lose the figures
    return _read_flat(inflate(parts["content.xml"]), common.text_styles)


def _read_flat(data: bytes, styles: Mapping[str, _TextLook] = _NO_STYLES) -> tuple[Grid, ...]:
    """The sheets of one XML document, as an .fods is, with styles from elsewhere."""
    parser = _SheetParser()
    parser.text_styles |= styles
    parse(data, parser.start, parser.end, parser.text)
    if not parser.grids:
        raise Unreadable("foreign", "这个文件里没有工作表；请提供 .xlsx、.xls、.ods 或 .et 表格")
    return tuple(parser.grids)


class _SheetParser:
    """The state of one pass over content.xml."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.hidden_styles: set[str] = set()
        self.text_styles: dict[str, _TextLook] = {}
        self.looks = {"": 0, "0%": _PERCENT}
        self.spans = [(False, False)]
        self.style = ""
        self.depth = self.aside = self.row = self.column = self.kept = self.spaces = 0
        self.attrs: dict[str, str] | None = None
        self.lines: list[list[str]] = []
        self.in_line = 0
        self.room = LONGEST_TEXT
        self.noted: list[str] | None = None
        self.words: list[str] = []
        self.words_room = 0
        self.in_note = False
        self.pending: list[tuple[int, int, Cell]] = []
        self.in_row = False
        self._open("", False)

    def _open(self, name: str, hidden: bool) -> None:
        self.name, self.hidden = name, hidden
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[a1.Area] = []
        self.hidden_rows: set[int] = set()
        self.comments: dict[tuple[int, int], str] = {}
        self.boxes: list[list[str]] = []
        self.hidden_columns: set[int] = set()
        self.last_columns: list[int] = []
        self.column_styles: list[str] = []
        self.row = self.columns = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("hostile", "文件内部嵌套过深，不是表格软件生成的，没有读取")
        if self.aside or tag in _IGNORED or (tag == "table:table" and self.attrs is not None):
            self.aside += 1
            self._start_aside(tag)
        elif tag in _NESTING and self._is_nested(tag):
            raise Unreadable("damaged", _NESTED)
        elif tag in _CELLS:
            self.attrs, self.lines, self.noted = attrs, [], None
            self.room = LONGEST_TEXT
        elif tag == "table:table-row":
            self.column, self.pending, self.in_row = 0, [], True
            self.repeat = _count(attrs, "table:number-rows-repeated")
            self.row_hidden = attrs.get("table:visibility", "visible") != "visible"
        elif self.attrs is not None:
            self._start_text(tag, attrs)
        elif tag == "table:table-column":
            self._start_column(attrs)
        elif tag == "table:table":
            self._open(
                attrs.get("table:name", ""), attrs.get("table:style-name") in self.hidden_styles
            )
        elif tag == "style:style":
            self.style = attrs.get("style:name", "")
            above = self.text_styles.get(attrs.get("style:parent-style-name", ""))
            if above is not None:
                self.text_styles[self.style] = above
        elif tag == "style:text-properties":
            struck = _is_struck(attrs)
            raised = attrs.get("style:text-position", "0%").split(" ")[0] not in ("0%", "0")
            self.text_styles[self.style] = struck, raised
        elif tag.startswith("number:") or tag == "style:default-style":
            self.style = ""  # what it says of text is of no cell's style
        elif tag == "style:table-properties" and attrs.get("table:display") == "false":
            self.hidden_styles.add(self.style)

    def _is_nested(self, tag: str) -> bool:
        """Whether a cell stands in a cell or in no row, a row or a table in a row."""
        return self.attrs is not None or self.in_row != (tag in _CELLS)

    def _start_aside(self, tag: str) -> None:
        """Of all that is no text of a cell only what is noted on one, or stands in a text box, is of interest."""
        if self.aside == 1:
            self.words, self.words_room = [], LONGEST_TEXT
            self.in_note = False
            if tag == "office:annotation" and self.attrs is not None:
                self.noted = self.words
            elif tag in _SHAPES and len(self.boxes) < MAX_COMMENTS:
                self.boxes.append(self.words)
        elif tag == "text:p":
            self.words.append("\n")
            self.in_note = True

    def _start_column(self, attrs: dict[str, str]) -> None:
        first = self.columns + 1
        self.columns += _count(attrs, "table:number-columns-repeated")
        if len(self.column_styles) < a1.MAX_COLUMN:
            self.last_columns.append(self.columns)
            self.column_styles.append(attrs.get("table:default-cell-style-name", ""))
        if attrs.get("table:visibility", "visible") != "visible":
            self.hidden_columns.update(range(first, min(self.columns, a1.MAX_COLUMN) + 1))

    def _start_text(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == "text:p":
            self.lines.append([])
            self.in_line += 1
        elif self.in_line and tag == "text:span":
            look = self.text_styles.get(attrs.get("text:style-name", ""), (False, False))
            before = self.spans[-1]
            self.spans.append((before[0] or look[0], before[1] or look[1]))
        elif self.in_line and tag == "text:s":
            self._space(min(_count(attrs, "text:c"), LONGEST_TEXT))
        elif self.in_line and tag == "text:tab":
            self.lines[-1].append(_HARD_SPACE)
        elif self.in_line and tag == "text:line-break":
            self.lines.append([])

    def _space(self, count: int) -> None:
        self.spaces += count
        if self.spaces > MAX_CELLS:
            raise Unreadable("too-large", "文件里的空格太多，没有读取")
        self.lines[-1].append(_HARD_SPACE * count)

    def text(self, data: str) -> None:
        if self.in_line and not self.aside:
            struck, raised = self.spans[-1]
            data = data[: self.room]
            self.room -= len(data)
            self.lines[-1].append(mark_run(data, struck=struck, raised=raised))
        elif self.aside and self.in_note:
            self.words.append(data[: self.words_room])
            self.words_room -= len(self.words[-1])

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.aside:
            self.aside -= 1
            self.in_note = self.in_note and tag != "text:p"
        elif tag == "text:span" and len(self.spans) > 1:
            self.spans.pop()
        elif tag == "text:p" and self.in_line:
            self.in_line -= 1
        elif tag in _CELLS:
            self._end_cell(tag)
        elif tag == "table:table-row":
            self._end_row()
        elif tag == "table:table" and self.attrs is None:
            if len(self.grids) >= _MAX_SHEETS:
                raise Unreadable("too-large", f"工作表超过 {_MAX_SHEETS} 张，没有读取")
            self.grids.append(
                Grid(
                    self.name,
                    self.cells,
                    tuple(self.merged),
                    self.hidden,
                    frozenset(self.hidden_rows),
                    {look: code for code, look in self.looks.items() if look},
                    self.comments,
                    frozenset(self.hidden_columns),
                    boxes=tuple(filter(None, ("".join(box).strip() for box in self.boxes))),
                )
            )

    def _end_cell(self, tag: str) -> None:
        attrs, self.attrs = self.attrs or {}, None
        repeat = _count(attrs, "table:number-columns-repeated")
        first = self.column + 1
        self.column += repeat
        across = _count(attrs, "table:number-columns-spanned")
        down = _count(attrs, "table:number-rows-spanned")
        if tag == "table:table-cell" and (across > 1 or down > 1):
            self._within(self.row + down, first + across - 1)
            self.merged.append((self.row + 1, first, self.row + down, first + across - 1))
        if self.noted and len(self.comments) < MAX_COMMENTS:
            self.comments[self.row + 1, first] = "".join(self.noted).strip()[:LONGEST_COMMENT]
        text = "\n".join(map(_join_pieces, self.lines))
        cell = _parse_cell(attrs, text)
        if cell is not None:
            cell = self._as_shown(cell, text, attrs.get("table:style-name", ""), first)
            self._within(self.row + 1, self.column)
            self._spend(repeat)
            self.pending += [(self.row + 1, first + n, cell) for n in range(repeat)]

    def _as_shown(self, cell: Cell, text: str, style: str, column: int) -> Cell:
        """The cell with its look: struck out, or a number that shows as something else."""
        if not style and self.text_styles:
            style = self._column_style(column)
        if self.text_styles.get(style, (False, False))[0]:
            return strike(cell)
        # A cell without a paragraph does not say what it shows.
        if cell.kind != NUM or cell.style == _PERCENT or not self.lines:
            return cell
        if not text and not cell.value and not style and not self._column_style(column):
            return cell  # odfpy leaves the paragraph of a 0 empty
        assert isinstance(cell.value, int | float)  # noqa: S101 - what a number is
        code = code_of_display(text, cell.value)
        if len(self.looks) < _MOST_LOOKS:
            self.looks.setdefault(code, len(self.looks))
        return cell._replace(style=self.looks.get(code, 0))

    def _column_style(self, column: int) -> str:
        at = bisect_left(self.last_columns, column)
        return self.column_styles[at] if at < len(self.column_styles) else ""

    def _end_row(self) -> None:
        self.in_row = False
        if self.pending:
            self._within(self.row + self.repeat, 1)
            self._spend(len(self.pending) * (self.repeat - 1))
            for below in range(self.repeat):
                for row, column, cell in self.pending:
                    self.cells[row + below, column] = cell
                if self.row_hidden:
                    self.hidden_rows.add(self.row + 1 + below)
        self.row += self.repeat

    def _spend(self, count: int) -> None:
        self.kept += count
        if self.kept > MAX_CELLS:
            raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")

    def _within(self, row: int, column: int) -> None:
        if row > a1.MAX_ROW or column > a1.MAX_COLUMN:
            raise Unreadable("damaged", "单元格超出工作表的范围，文件已损坏")


def _count(attrs: dict[str, str], name: str) -> int:
    text = attrs.get(name, "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _is_struck(attrs: dict[str, str]) -> bool:
    kinds = (attrs.get(f"style:text-line-through-{name}", "none") for name in ("style", "type"))
    return any(kind != "none" for kind in kinds)


def _join_pieces(pieces: list[str]) -> str:
    return re.sub(r"[ \t\r\n]+", " ", "".join(pieces)).replace(_HARD_SPACE, " ")


def _parse_cell(attrs: dict[str, str], text: str) -> Cell | None:
    formula = attrs.get("table:formula")
    if formula is not None:
        formula = formula.partition("=")[2] if "=" in formula[:8] else formula
    kind = attrs.get("office:value-type", attrs.get("calcext:value-type", ""))
    if attrs.get("calcext:value-type") == "error" or (
        formula is not None and _FAULT_TEXT.fullmatch(text)
    ):
        return Cell(FAULT, text or "#错误", formula)
    if kind in ("float", "percentage", "currency"):
        what, number = as_number(attrs.get("office:value", ""))
        return Cell(what, number, formula, _PERCENT if kind == "percentage" else 0)
    if kind in ("date", "time"):
        return Cell(DATE, attrs.get(f"office:{kind}-value", text), formula)
    if kind == "boolean":
        return Cell(BOOL, attrs.get("office:boolean-value") == "true", formula)
    text = text or attrs.get("office:string-value", "")
    if text:
        return Cell(TEXT, text[:LONGEST_TEXT], formula)
    return (
        None
        if formula is None
        else Cell(TEXT if kind else NO_VALUE, text if kind else None, formula)
    )
