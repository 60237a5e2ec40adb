"""Where paragraphs, table rows, cells and charts stand in a part of a document: byte offsets by expat.

Nothing is parsed into a tree and written again: every byte that is not replaced stays as it was, with
it the prefixes that mc:Ignorable names, whatever Word, WPS or LibreOffice put between two letters
(ISO/IEC 29500-1, 17 and 21; part 3 for AlternateContent, of which both branches are seen).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.parsers import expat

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.offsets import tag_end
from xl_addin.xlsx.xmlreader import broken_xml, refuse_doctype, too_deep

PLACEHOLDER = pattern(r"【([^【】\n]{1,60})】")
_MAX_TAGS, _MAX_DEPTH = 500_000, 256
_OOXML = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
_PREFIXES = {
    f"{_OOXML}/wordprocessingml/2006/main": "w:",
    f"{_STRICT}/wordprocessingml/main": "w:",
    f"{_OOXML}/drawingml/2006/main": "a:",
    f"{_STRICT}/drawingml/main": "a:",
    f"{_OOXML}/drawingml/2006/wordprocessingDrawing": "wp:",
    f"{_STRICT}/drawingml/wordprocessingDrawing": "wp:",
    f"{_OOXML}/drawingml/2006/chart": "c:",
    f"{_STRICT}/drawingml/chart": "c:",
    f"{_OOXML}/markup-compatibility/2006": "mc:",
}
_RELATION_IDS = (
    f"{_OOXML}/officeDocument/2006/relationships id",
    f"{_STRICT}/officeDocument/relationships id",
)
_TEXTS = frozenset(("w:t", "a:t"))
_PARAGRAPHS = frozenset(("w:p", "a:p"))
# What stands between two letters of a placeholder makes it none.
_BREAKS = frozenset(("w:tab", "w:br", "w:cr", "w:ptab", "a:br", "w:noBreakHyphen", "w:sym"))
# A paragraph with one of these shows more than its text.
_SHOWS = frozenset(("w:drawing", "w:pict", "w:object", "w:sectPr", "w:fldSimple"))
# Begin in one paragraph and may end in another.
_SPANS = {
    f"w:{name}{end}": step
    for name in ("bookmark", "commentRange", "perm", "moveFromRange", "moveToRange")
    for end, step in (("Start", 1), ("End", -1))
}
_FIELD_ENDS = {"begin": 1, "end": -1}
_AROUND = frozenset(("w:tbl", "w:tr", "w:tc", "w:txbxContent", "mc:Fallback"))
_BLOCKS = frozenset(("w:p", "w:tbl", "w:sdt"))


class Piece(NamedTuple):
    """A stretch of text: its element stands at bytes [start, end); a break has none, -1."""

    start: int
    end: int
    text: str


class Cell:
    """A table cell whose start tag is [start, inner).

    ``properties`` is (start, end) of its tcPr, whose children are ``inside``.
    """

    def __init__(self, start: int, inner: int) -> None:
        self.start = start
        self.inner = inner
        self.properties: tuple[int, int] | None = None
        self.inside: list[tuple[str, int, int]] = []


class Row:
    """A table row at bytes [start, end); ``outer`` is the one whose cell holds its table."""

    def __init__(self, start: int, outer: Row | None) -> None:
        self.start = start
        self.outer = outer
        self.end = 0


class Paragraph:
    """A paragraph at bytes [start, end).

    ``row`` and ``cell`` are the innermost that it stands in; ``place`` is for people. One that has to
    stay says so by ``keeps``; ``again`` is a second telling of what stands before (mc:Fallback).
    ``indent`` is where its w:ind stands.
    """

    def __init__(self, start: int, place: str, row: Row | None, cell: Cell | None) -> None:
        self.start = start
        self.end = 0
        self.place = place
        self.row = row
        self.cell = cell
        self.pieces: list[Piece] = []
        self.keeps = False
        self.again = False
        self.open = 0
        self.indent: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)


class ChartPlace(NamedTuple):
    """A chart in the text: its relationship's id and what its alternative text and title say."""

    link: str
    names: tuple[str, ...]


class Scan(NamedTuple):
    """A part with what is to be found in it, in the order in which it ends."""

    data: bytes
    paragraphs: Sequence[Paragraph]
    charts: Sequence[ChartPlace]


class _Node:
    __slots__ = ("blocks", "inner", "kind", "start")

    def __init__(self, kind: str, start: int, inner: int) -> None:
        self.kind = kind
        self.start = start
        self.inner = inner
        self.blocks: list[Paragraph | None] = []


def scan_part(data: bytes) -> Scan:
    """Look through a part. Raises Unreadable for what is not plain, DTD-free XML in UTF-8."""
    if data.count(b"<") > _MAX_TAGS:
        raise Unreadable("too-large", "文件内部的标记太多，没有读取")
    scanner = _Scanner(data)
    try:
        scanner.parser.Parse(data, True)
    except (expat.ExpatError, ValueError):
        raise broken_xml() from None
    return Scan(data, scanner.paragraphs, scanner.charts)


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = refuse_doctype
        self.paragraphs: list[Paragraph] = []
        self.charts: list[ChartPlace] = []
        self.nodes: list[_Node] = []
        self.open: list[Paragraph] = []
        self.rows: list[Row] = []
        self.cells: list[Cell] = []
        self.tables: list[list[int]] = []
        self.table_count = self.body_count = self.boxes = self.again = 0
        self.said: list[str] | None = None
        self.names: tuple[str, ...] = ()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, local = tag.rpartition(" ")
        kind = _PREFIXES.get(space, "?:") + local
        at = self.parser.CurrentByteIndex
        node = _Node(kind, at, tag_end(self.data, at))
        parent = self.nodes[-1] if self.nodes else None
        self.nodes.append(node)
        if len(self.nodes) > _MAX_DEPTH:
            raise too_deep()
        if kind in _PARAGRAPHS:
            self.begin_paragraph(at)
        elif kind in _TEXTS:
            self.said = []
        elif kind in ("wp:docPr", "c:chart"):
            self.note_chart(kind, attributes)
        elif kind in _AROUND:
            self.go_into(kind, node)
        if self.open:
            self.note_in_paragraph(kind, attributes, parent)

    def go_into(self, kind: str, node: _Node) -> None:
        if kind == "w:tbl":
            self.table_count += 1
            self.tables.append([self.table_count, 0])
        elif kind == "w:tr":
            self.rows.append(Row(node.start, self.rows[-1] if self.rows else None))
            if self.tables:
                self.tables[-1][1] += 1
        elif kind == "w:tc":
            self.cells.append(Cell(node.start, node.inner))
        elif kind == "w:txbxContent":
            self.boxes += 1
        else:
            self.again += 1

    def note_chart(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "wp:docPr":
            given = (attributes.get(name, "") for name in ("descr", "title"))
            self.names = tuple(name for name in given if name)
            return
        link = next((attributes[name] for name in _RELATION_IDS if name in attributes), "")
        if link:
            self.charts.append(ChartPlace(link, self.names))

    def note_in_paragraph(
        self, kind: str, attributes: dict[str, str], parent: _Node | None
    ) -> None:
        paragraph = self.open[-1]
        paragraph.keeps = paragraph.keeps or kind in _SHOWS
        paragraph.open += _SPANS.get(kind, 0)
        if kind == "w:fldChar":
            paragraph.open += sum(_FIELD_ENDS.get(value, 0) for value in attributes.values())
        elif kind in _BREAKS and not (parent and parent.kind == "w:tabs"):
            paragraph.pieces.append(Piece(-1, -1, "\n"))

    def begin_paragraph(self, at: int) -> None:
        for outer in self.open:
            outer.keeps = True
        if self.boxes:
            place = "文本框"
        elif self.tables:
            place = f"表{self.tables[-1][0]}第{self.tables[-1][1]}行"
        else:
            self.body_count += 1
            place = f"第{self.body_count}段"
        row = self.rows[-1] if self.rows else None
        paragraph = Paragraph(at, place, row, self.cells[-1] if self.cells else None)
        paragraph.again = bool(self.again)
        self.open.append(paragraph)

    def text(self, text: str) -> None:
        if self.said is not None:
            self.said.append(text)

    def end(self, _: str) -> None:
        node = self.nodes.pop()
        kind = node.kind
        if kind in _BLOCKS and self.nodes:
            self.nodes[-1].blocks.append(self.open[-1] if kind == "w:p" else None)
        if kind in _TEXTS:
            said, self.said = "".join(self.said or ()), None
            if self.open:
                self.open[-1].pieces.append(Piece(node.start, self.end_of(node), said))
        elif kind in _PARAGRAPHS:
            paragraph = self.open.pop()
            paragraph.end = self.end_of(node)
            paragraph.keeps = paragraph.keeps or paragraph.open != 0 or kind == "a:p"
            self.paragraphs.append(paragraph)
        elif kind == "w:tr":
            self.rows.pop().end = self.end_of(node)
        elif kind == "w:tc":
            self.cells.pop()
        elif kind == "w:tbl":
            self.tables.pop()
        elif kind == "w:txbxContent":
            self.boxes -= 1
        elif kind == "mc:Fallback":
            self.again -= 1
        elif kind == "w:ind" and self.open:
            self.open[-1].indent = (node.start, self.end_of(node))
        elif self.cells and self.nodes[-1].kind == "w:tcPr":
            self.cells[-1].inside.append((kind, node.start, self.end_of(node)))
        elif kind == "w:tcPr" and self.cells:
            self.cells[-1].properties = (node.start, self.end_of(node))
        if node.blocks:
            _keep_some(node.blocks, is_body=kind == "w:body")

    def end_of(self, node: _Node) -> int:
        """Where the element that is ending stops; at that of an empty one expat stands behind it."""
        if self.data.startswith(b"/>", node.inner - 2):
            return node.inner
        return tag_end(self.data, self.parser.CurrentByteIndex)


def _keep_some(blocks: list[Paragraph | None], *, is_body: bool) -> None:
    """A cell, a text box or a header ends in a paragraph, and one keeps two tables apart."""
    for first, last in _runs(blocks):
        run = [each for each in blocks[first:last] if each is not None]
        apart = first > 0 and last < len(blocks)
        ends = last == len(blocks) and not is_body
        if (apart or ends) and all(PLACEHOLDER.search(each.text) for each in run):
            run[-1].keeps = True


def _runs(blocks: list[Paragraph | None]) -> Iterator[tuple[int, int]]:
    """[first, last) of the paragraphs that follow one another."""
    first = 0
    for at in range(len(blocks) + 1):
        if at == len(blocks) or blocks[at] is None:
            if at > first:
                yield first, at
            first = at + 1
