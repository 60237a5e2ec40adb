"""Where rows and cells stand in a sheet's XML: byte offsets, found by expat, for editing in place."""

from __future__ import annotations

import re
from xml.parsers import expat

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.xmlreader import local_name

_TAG_END = pattern(rb"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_FORMULA = pattern(rb"<((?:[A-Za-z_][\w.-]*:)?f)(?:\s[^>]*)?(?:/>|>.*?</\1>)", re.DOTALL)

# Nearly all elements: those that nothing is done about, and those whose names need no looking at.
_INSIDE_CELLS, _USUAL = frozenset(("v", "f", "is", "t")), frozenset(("c", "row"))


class CellOffsets(NamedTuple):
    """Where a cell stands in the bytes: [start, end), its style attribute and formula element.

    ``dynamic`` is its ``cm`` attribute: with it a formula is a dynamic array, without it an old one.
    """

    start: int
    end: int
    style: str
    formula: bytes
    dynamic: str = ""


class RowOffsets(NamedTuple):
    """Where a row stands; its start tag ends at ``inner``."""

    start: int
    end: int
    inner: int
    cells: dict[int, CellOffsets]


class SheetOffsets(NamedTuple):
    """The offsets in a sheet part that editing needs."""

    rows: dict[int, RowOffsets]
    prefix: str
    data_start: int
    data_inner: int
    data_end: int
    columns: tuple[tuple[int, int, str], ...]
    dimension: tuple[int, int, str]


def tag_end(data: bytes, at: int) -> int:
    """Where the tag that begins at ``at`` ends. Raises Unreadable."""
    match = _TAG_END.match(data, at)
    if match is None:
        raise Unreadable("damaged", "工作表的 XML 已损坏")
    return match.end()


class _Scan:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.rows: dict[int, RowOffsets] = {}
        self.columns: list[tuple[int, int, str]] = []
        self.dimension = (0, 0, "")
        self.prefix = ""
        self.data_start = self.data_inner = self.data_end = 0
        self.row = self.column = 0
        self.row_at = self.row_inner = self.cell_at = self.cell_inner = 0
        self.cells: dict[int, CellOffsets] = {}
        self.style = self.dynamic = ""
        self.inside = False

    def refuse(self, *_: object) -> None:
        raise Unreadable("hostile", "工作表带有文档类型声明（DOCTYPE），没有读取")

    def element_end(self, inner: int) -> int:
        """Where the element that is ending stops; ``inner`` is where its start tag does.

        At the end of an empty element expat's index already stands behind it.
        """
        empty = self.data.startswith(b"/>", inner - 2)
        return inner if empty else self.data.index(b">", self.parser.CurrentByteIndex) + 1

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if tag in _INSIDE_CELLS:
            return
        kind = tag if tag in _USUAL else local_name(tag)
        at = self.parser.CurrentByteIndex
        if kind == "c" and self.inside:
            self.cell_at, self.cell_inner = at, tag_end(self.data, at)
            ref = attrs.get("r")
            where = a1.POSITIONS.get(ref or "") or (a1.position(ref) if ref else None)
            self.column = where[1] if where else self.column + 1
            self.style, self.dynamic = attrs.get("s", ""), attrs.get("cm", "")
        elif kind == "row" and self.inside:
            self.row = int(attrs.get("r", self.row + 1))
            self.row_at, self.row_inner, self.column = at, tag_end(self.data, at), 0
            self.cells = {}
        elif kind == "sheetData":
            self.prefix = tag.removesuffix("sheetData")
            self.data_start, self.data_inner, self.inside = at, tag_end(self.data, at), True
        elif kind == "col":
            span = (int(attrs.get("min", "0")), int(attrs.get("max", "0")), attrs.get("style", ""))
            self.columns.append(span)
        elif kind == "dimension":
            self.dimension = (at, tag_end(self.data, at), attrs.get("ref", ""))

    def end(self, tag: str) -> None:
        if tag in _INSIDE_CELLS:
            return
        kind = tag if tag in _USUAL else local_name(tag)
        if kind == "c" and self.inside:
            end = self.element_end(self.cell_inner)
            inner = self.cell_inner
            match = _FORMULA.search(self.data, inner, end) if end > inner else None
            formula = match[0] if match else b""
            self.cells[self.column] = CellOffsets(
                self.cell_at, end, self.style, formula, self.dynamic
            )
        elif kind == "row" and self.inside:
            end = self.element_end(self.row_inner)
            self.rows[self.row] = RowOffsets(self.row_at, end, self.row_inner, self.cells)
        elif kind == "sheetData":
            self.data_end = self.element_end(self.data_inner)
            self.inside = False


def find_offsets(data: bytes) -> SheetOffsets:
    """Where rows and cells stand in a sheet part. Raises Unreadable."""
    scan = _Scan(data)
    try:
        scan.parser.Parse(data, True)
    except (expat.ExpatError, ValueError):
        raise Unreadable("damaged", "工作表的 XML 已损坏") from None
    return SheetOffsets(
        scan.rows,
        scan.prefix,
        scan.data_start,
        scan.data_inner,
        scan.data_end,
        tuple(scan.columns),
        scan.dimension,
    )
