"""Reading one sheet's XML into typed cells, in one bounded pass.

Two readers give the same answer: one for the shape that spreadsheet programs usually write, three
times faster, and expat for everything else. What the first does not know entirely it does not read.
"""

from __future__ import annotations

import re

from xl_addin import a1
from xl_addin.cells import (
    BOOL,
    DATE,
    FAULT,
    MAX_CELLS,
    MAX_DEPTH,
    NO_VALUE,
    NUM,
    TEXT,
    Cell,
    Region,
    Sheet,
    Styles,
    local,
    parse,
    unescape,
    whole,
)
from xl_addin.errors import Unreadable
from xl_addin.records import Number

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)


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
        self.value: list[str] | None = None
        self.inline: list[str] | None = None
        self.formula: list[str] | None = None
        self.into: list[str] | None = None

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("hostile", "文件内部嵌套过深，不是 Excel 生成的，没有读取")
        kind = tag if ":" not in tag else local(tag)
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
        elif kind == "rPh":
            self.phonetic += 1
        elif kind == "row":
            number = whole(attrs.get("r", ""), self.row + 1)
            if not 0 < number <= a1.MAX_ROW:
                raise Unreadable("damaged", f"行号 {number} 超出范围，文件已损坏")
            self.row, self.column = number, 0
            if attrs.get("hidden") in ("1", "true"):
                self.hidden.add(number)
        elif kind == "mergeCell":
            try:
                self.merged.append(a1.area(attrs.get("ref", "")))
            except ValueError:
                raise Unreadable("damaged", "合并单元格的地址不对，文件已损坏") from None

    def _start_cell(self, attrs: dict[str, str]) -> None:
        ref = attrs.get("r")
        if ref is None:
            self.column += 1
        else:
            try:
                row, self.column = a1.position(ref)
            except ValueError:
                raise Unreadable("damaged", f"单元格地址 {ref[:20]} 不对，文件已损坏") from None
            if row != self.row:
                raise Unreadable("damaged", f"单元格 {ref} 放在了别的行里，文件已损坏")
        self.attrs = attrs
        self.value = self.inline = self.formula = None

    def end(self, tag: str) -> None:
        self.depth -= 1
        kind = tag if ":" not in tag else local(tag)
        if kind in ("v", "t", "f"):
            self.into = None
        elif kind == "c":
            if self.value is not None or self.inline is not None or self.formula is not None:
                self._keep()
        elif kind == "rPh":
            self.phonetic -= 1

    def text(self, data: str) -> None:
        if self.into is not None:
            self.into.append(data)

    def _name(self) -> str:
        return a1.cell_name(self.row, max(self.column, 1))

    def _keep(self) -> None:
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
            return _as_number(text) if text.strip() else (NO_VALUE, None)
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


def _as_number(text: str) -> tuple[str, Number | str]:
    text = text.strip()
    if not _NUMBER.match(text):
        return FAULT, f"#不是数字 {text[:20]}"
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return FAULT, "#数字过大"
    return NUM, int(value) if value.is_integer() and abs(value) < 1e15 else value


def read_sheet(
    data: bytes,
    strings: tuple[str, ...] = (),
    styles: Styles = Styles(),  # noqa: B008 - immutable
    region: Region = Region(),  # noqa: B008 - immutable
) -> Sheet:
    """The cells of one sheet part. Raises Unreadable."""
    usual = _usual_sheet(data, strings, styles, region)
    return read_by_expat(data, strings, styles, region) if usual is None else usual


def read_by_expat(data: bytes, strings: tuple[str, ...], styles: Styles, region: Region) -> Sheet:
    """The cells of one sheet part, whatever its shape. Raises Unreadable."""
    reading = _Reading(strings, styles, region)
    parse(data, reading.start, reading.end, reading.text)
    return Sheet(
        "", "visible", reading.cells, tuple(reading.merged), frozenset(reading.hidden),
        reading.stray,
    )  # fmt: skip


# A run of cells that hold nothing but a format, then one cell that holds something or a row tag; the
# whole of it is the first group, so that the lengths of all matches tell whether any byte was skipped.
_TOKEN = re.compile(
    r'((?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?/>)*'
    r'(?:<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?>'
    r"(?:(<f>[^<]*)</f>)?"
    r'(?:<v>([^<]*)</v>|<v/>|<is>(<t(?: xml:space="preserve")?>[^<]*)</t></is>)?</c>'
    r'|</row>\s*|<row r="([1-9][0-9]{0,6})"([^<>]*)>\s*))'
)
_BLANKS = re.compile(r'(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?/>)*\s*\Z')
_MERGE = re.compile(r'<mergeCell ref="([^"]*)"')
_DECLARED = re.compile(r'\A(?:\ufeff)?<\?xml version="1\.0"(?: encoding="(?i:utf-8)")?[^>]*\?>')
_HIDDEN = re.compile(r'\shidden="(?:1|true)"')


def _usual_sheet(
    data: bytes, strings: tuple[str, ...], styles: Styles, region: Region
) -> Sheet | None:
    """A sheet of the usual shape; None for any other, and wherever two programs might differ.

    Every character between ``<sheetData>`` and ``</sheetData>`` must belong to a row or cell of that
    shape, in order, and nothing in the part may need more than that: no comments, no CDATA, no
    document type, no character references, no prefixes.
    """
    if b"<!" in data or data.count(b"sheetData") != 2:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    at, stop = text.find("<sheetData>") + 11, text.find("</sheetData>")
    if not _DECLARED.match(text) or at < 11 or stop < at or text.find("&#", at, stop) >= 0:
        return None
    merged = _merged(text, stop)
    found = None if merged is None else _usual_cells(text, at, stop, strings, styles, region)
    if found is None or merged is None:
        return None
    cells, hidden, stray = found
    return Sheet("", "visible", cells, merged, frozenset(hidden), stray)


def _merged(text: str, at: int) -> tuple[a1.Area, ...] | None:
    refs = _MERGE.findall(text, at)
    if len(refs) != text.count("mergeCell ", at):
        return None
    try:
        return tuple(a1.area(ref) for ref in refs)
    except ValueError:
        return None


def _usual_cells(
    text: str, at: int, stop: int, strings: tuple[str, ...], styles: Styles, region: Region
) -> tuple[dict[tuple[int, int], Cell], set[int], int] | None:
    cells: dict[tuple[int, int], Cell] = {}
    hidden: set[int] = set()
    stray = row = last = 0
    rows, columns = region
    dates = frozenset(str(look) for look, shows in enumerate(styles.dates) if shows)
    known = len(strings)
    # A NamedTuple's own constructor is half of the time of this loop.
    new, position, seen = tuple.__new__, a1.position, a1.CACHE.get
    for token, ref, style, kind, formula, content, inline, number, rest in _TOKEN.findall(
        text, at, stop
    ):
        at += len(token)
        if not ref:
            if not number:
                row = 0
                continue
            if row or int(number) <= last:
                return None
            last = int(number)
            row = 0 if rest.endswith("/") else last
            if rest and _HIDDEN.search(rest):
                hidden.add(last)
            continue
        where = seen(ref) or position(ref)
        if where[0] != row or where in cells:
            return None
        if row > rows or where[1] > columns:
            stray += 1
            continue
        own = (_plain(formula[3:]) if "&" in formula else formula[3:]) if formula else None
        what = TEXT
        value: Number | str | None
        if kind == "s":
            if not (content.isdigit() and content.isascii() and int(content) < known):
                return None
            value = strings[int(content)]
        elif kind == "str":
            value = unescape(_plain(content)) if "&" in content or "_x" in content else content
        elif kind == "inlineStr" and not content:
            value = unescape(_plain(inline[inline.find(">") + 1 :]))
        elif kind not in ("", "n") or inline:
            return None
        elif content.isdigit() and content.isascii() and len(content) < 16:
            what, value = DATE if style in dates else NUM, int(content)
        elif not content:
            what, value = NO_VALUE, None
        elif _NUMBER.match(content):
            what, value = _as_number(content)
            what = DATE if what == NUM and style in dates else what
        else:
            return None
        if own is not None or value not in ("", None):
            cells[where] = new(Cell, (what, value, own, int(style) if style else 0))
    # Had a match been anywhere but right behind the one before, the lengths would not add up.
    if row or len(cells) > MAX_CELLS or not _BLANKS.match(text, at, stop):
        return None
    return cells, hidden, stray


def _plain(text: str) -> str:
    if "&" not in text:
        return text
    text = (
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    )
    return text.replace("&amp;", "&")
