"""Reading one sheet's XML into typed cells, in one bounded pass of expat.

What spreadsheet programs usually write is read faster by ``usual``, with the same result.
"""

from __future__ import annotations

from xl_addin.model.records import Number
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import (
    BOOL,
    DATE,
    FAULT,
    MAX_CELLS,
    MAX_DEPTH,
    NO_VALUE,
    NUM,
    TEXT,
    Cell,
    Prefix,
    Region,
    Runs,
    Sheet,
    Styles,
    parse,
    unescape,
    whole,
)
from xl_addin.xlsx.fastpath import as_number, usual_sheet

# How far below <sheetData> each element stands, and nowhere else.
_LEVELS = {"row": 1, "c": 2, "v": 3, "f": 3, "is": 3}
_IRREGULAR = "工作表里的单元格写得不合规矩，文件已损坏，请让对方重新保存后再发"


class _Reading:
    """The state of one pass over a sheet."""

    def __init__(self, strings: tuple[str, ...], styles: Styles, region: Region) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[a1.Area] = []
        self.hidden: set[int] = set()
        self.stray = 0
        self.strings = strings
        self.dates = styles.dates
        self.rows, self.columns = region
        self.row = self.column = self.depth = self.phonetic = 0
        self.attrs: dict[str, str] = {}
        self.misplaced = ""
        self.value: list[str] | None = None
        self.inline: list[str] | None = None
        self.formula: list[str] | None = None
        self.into: list[str] | None = None
        self.prefix = Prefix()
        self.runs = Runs()
        self.table = self.alternate = 0  # at which depth <sheetData> is, and alternatives to it
        self.seen = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("hostile", "文件内部嵌套过深，不是 Excel 生成的，没有读取")
        kind = self.prefix.own(tag, attrs)
        if self.table:
            level = self.depth - self.table
            if self.into is not None or _LEVELS.get(kind, level) != level:
                raise Unreadable("damaged", _IRREGULAR)
            self._start_inside(kind, attrs)
        elif kind == "sheetData":
            if self.alternate or self.seen:
                raise Unreadable("damaged", _IRREGULAR)
            self.table, self.seen = self.depth, True
        elif tag.endswith(":AlternateContent"):
            self.alternate = self.alternate or self.depth
        elif kind == "mergeCell":
            try:
                self.merged.append(a1.area(attrs.get("ref", "")))
            except ValueError:
                raise Unreadable("damaged", "合并单元格的地址不对，文件已损坏") from None

    def _start_inside(self, kind: str, attrs: dict[str, str]) -> None:
        if self.inline is not None:
            self.runs.start(kind, attrs)
        if kind == "c":
            self._start_cell(attrs)
        elif kind == "v":
            if self.value is not None:
                raise Unreadable("damaged", f"单元格 {self._name()} 有两个值，文件已损坏")
            self.value = self.into = []
        elif kind == "t":
            if self.inline is not None and not self.phonetic:
                self.into = self.inline
        elif kind == "f":
            self.formula = self.into = []
        elif kind == "is":
            self.inline = []
            self.runs.start(kind, attrs)
        elif kind == "rPh":
            self.phonetic += 1
        elif kind == "row":
            number = whole(attrs["r"], 0) if "r" in attrs else self.row + 1
            if not 0 < number <= a1.MAX_ROW:
                raise Unreadable("damaged", f"行号 {number} 超出范围，文件已损坏")
            self.row, self.column = number, 0
            if attrs.get("hidden") in ("1", "true"):
                self.hidden.add(number)

    def _start_cell(self, attrs: dict[str, str]) -> None:
        ref = attrs.get("r")
        self.misplaced = ""
        if ref is None:
            self.column += 1
        else:
            try:
                row, self.column = a1.position(ref)
            except ValueError:
                row = 0
            if row != self.row:
                self.misplaced = ref[:20]
        self.attrs = attrs
        self.value = self.inline = self.formula = None

    def end(self, tag: str) -> None:
        self.depth -= 1
        kind = self.prefix.name(tag)
        if self.depth < self.table:
            self.table = 0
        elif self.depth < self.alternate:
            self.alternate = 0
        elif not self.table:
            pass
        elif kind in ("v", "t", "f"):
            self.into = None
        elif kind == "c":
            if self.value is not None or self.inline is not None or self.formula is not None:
                self._keep()
        elif kind == "rPh":
            self.phonetic -= 1

    def text(self, data: str) -> None:
        if self.into is not None:
            self.into.append(self.runs.shown(data) if self.into is self.inline else data)

    def _name(self) -> str:
        return a1.cell_name(self.row, max(self.column, 1))

    def _keep(self) -> None:
        # A cell that holds nothing may stand anywhere; one with content must be where it says.
        if self.misplaced:
            raise Unreadable("damaged", f"单元格地址 {self.misplaced} 和所在的行不符，文件已损坏")
        if self.row > self.rows or self.column > self.columns:
            self.stray += 1
            return
        where = (self.row, self.column)
        if where in self.cells:
            raise Unreadable("damaged", f"单元格 {self._name()} 出现两次，文件已损坏")
        if len(self.cells) >= MAX_CELLS:
            raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        kind, value = self._typed()
        formula = None if self.formula is None else "".join(self.formula)
        if formula is None and value in ("", None):
            return
        style = whole(self.attrs.get("s", "0"), 0)
        if kind == NUM and style < len(self.dates) and self.dates[style]:
            kind = DATE
        self.cells[where] = Cell(kind, value, formula, style)

    def _typed(self) -> tuple[str, Number | str | bool | None]:
        kind = self.attrs.get("t", "n")
        if kind == "inlineStr":
            return TEXT, unescape("".join(self.inline or ()))
        if self.value is None:
            return NO_VALUE, None
        text = "".join(self.value)
        if kind == "n":
            return as_number(text) if text.strip() else (NO_VALUE, None)
        if kind == "s":
            index = whole(text.strip(), -1)
            if 0 <= index < len(self.strings):
                return TEXT, self.strings[index]
            return FAULT, "#字符串丢失"
        if kind == "str":
            return TEXT, unescape(text)
        if kind == "b":
            return BOOL, text.strip() in ("1", "true")
        if kind == "e":
            return FAULT, text.strip() or "#错误"
        if kind == "d":
            return DATE, text.strip()
        return FAULT, f"#类型 {kind[:20]}"


def read_sheet(
    data: bytes,
    strings: tuple[str, ...] = (),
    styles: Styles = Styles(),  # noqa: B008 - immutable
    region: Region = Region(),  # noqa: B008 - immutable
) -> Sheet:
    """The cells of one sheet part. Raises Unreadable."""
    usual = usual_sheet(data, strings, styles, region)
    return read_by_expat(data, strings, styles, region) if usual is None else usual


def read_by_expat(data: bytes, strings: tuple[str, ...], styles: Styles, region: Region) -> Sheet:
    """The cells of one sheet part, whatever its shape. Raises Unreadable."""
    reading = _Reading(strings, styles, region)
    parse(data, reading.start, reading.end, reading.text)
    return Sheet(
        "",
        "visible",
        reading.cells,
        tuple(reading.merged),
        frozenset(reading.hidden),
        reading.stray,
    )
