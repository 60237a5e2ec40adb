"""The tables of a .docx as Word shows them (ECMA-376 part 1, section 17.4).

An own walk over ``w:tbl``, because what a library gives as a table's cells was wrong, short or blind in
five of eleven notices: content controls around cells and rows, tables in tables and text boxes, rows
that begin late or end early.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from xl_addin.formats.document import Document, make_document
from xl_addin.formats.docx_text import (
    ALTERNATIVES,
    CHANGES,
    PLAIN,
    WRAPPERS,
    Look,
    Styles,
    is_on,
    read_runs,
    shown_branch,
)
from xl_addin.formats.written_table import (
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_ABOVE,
    CellText,
    Remark,
    WrittenTable,
    hidden_remark,
    refuse_unknown,
)
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.package import Part, inflate, unpack
from xl_addin.xlsx.workbook import relationships
from xl_addin.xlsx.xmlreader import read_tree, refuse_deep, whole_number

NAMESPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FOREIGN = frozenset(("altChunk", "subDoc"))
# A column of the grid narrower than 1.8 mm (in twentieths of a point) holds no digit: somebody dragged
# the borders of two rows past each other.
_SLIVER = 100


def read(data: bytes) -> Document:
    """The document in a .docx, .docm, .dotx or .dotm. Raises Unreadable."""
    return read_parts(unpack(data))


def find_text(parts: Mapping[str, Part]) -> str:
    """The part that holds the text, "" where the package is none of a word processor."""
    links = relationships(inflate(parts["_rels/.rels"]), "") if "_rels/.rels" in parts else {}
    named = [target for kind, target in links.values() if kind == "officeDocument"]
    told = (name for name in (*named, "word/document.xml") if name in parts)
    return next((name for name in told if name.startswith("word/")), "")


def read_lines(parts: Mapping[str, Part]) -> list[str]:
    """All that the text shows, paragraphs first, then the cells of tables. Raises Unreadable."""
    walk, _ = _walk_text(parts)
    cells = (text for table in walk.tables for _, text in sorted(table.texts.items()))
    shown = (*walk.paragraphs, *walk.boxed, *(line for text in cells for line in text.splitlines()))
    return [line for line in shown if line.strip()]


def read_parts(parts: Mapping[str, Part]) -> Document:
    """The document in a package. Raises Unreadable."""
    walk, folder = _walk_text(parts)
    if walk.foreign:
        says = "文档里嵌着另一份文件的内容，要由 Word 展开才看得见；请用 Word 打开，另存为 .docx 后再选它"
        raise Unreadable("foreign", says)
    if not walk.tables and any(part.startswith(f"{folder}/embeddings/") for part in parts):
        says = "文档里没有 Word 的表，只有嵌入的对象；表如果是嵌入的 Excel 表格，请双击打开它，另存为 .xlsx 后再选它"
        raise Unreadable("foreign", says)
    return make_document(walk.tables, walk.paragraphs)


def _walk_text(parts: Mapping[str, Part]) -> tuple[_Walk, str]:
    """A walk over the text, and the folder of its part."""
    name = find_text(parts)
    root = _read_part(parts, name) if name else None
    body = None if root is None else root.find("body")
    if body is None:
        raise Unreadable("damaged", "Word 文档里没有正文，文件已损坏；请让对方重新保存后再发")
    folder = name.rpartition("/")[0]
    styles = _read_part(parts, f"{folder}/styles.xml") if f"{folder}/styles.xml" in parts else None
    walk = _Walk(Styles(styles))
    walk.read_block(body, 0, ())
    return walk, folder


def _read_part(parts: Mapping[str, Part], name: str) -> Element:
    """A part's tree, its own elements and attributes under their bare names."""
    root = read_tree(inflate(parts[name]))
    space = root.tag[: root.tag.rfind("}") + 1]
    if space not in NAMESPACES:
        raise Unreadable("damaged", "Word 文档的正文不是 Word 写的内容，文件已损坏")
    refuse_deep([root])
    for element in root.iter():
        element.tag = element.tag.removeprefix(space)
        if element.attrib:
            element.attrib = {
                key.removeprefix(space): value for key, value in element.attrib.items()
            }
    return root


class _Place(NamedTuple):
    """A cell of a row on the table's grid: first column from 0, and how many; vMerge and hMerge or ""."""

    start: int
    span: int
    down: str
    across: str
    element: Element


class _Walk:
    """One pass over a document's body."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.tables: list[WrittenTable] = []
        self.paragraphs: list[str] = []
        self.boxed: list[str] = []
        self.foreign = False
        self.containers = 0

    def read_block(self, block: Element, inside: int, above: tuple[str, ...]) -> None:
        """The paragraphs and tables of the body; ``above`` is what stands over its first table."""
        gathered = self._gather(block, inside, above, PLAIN)
        self.paragraphs += gathered.lines
        self.boxed += gathered.boxed

    def _gather(self, block: Element, inside: int, above: tuple[str, ...], look: Look) -> CellText:
        """What a body, a cell or a text box shows itself; tables in it join those of the document."""
        found, here = CellText(), above
        for element in self._blocks(block):
            if element.tag == "tbl":
                found.tables.append(self._read_table(element, inside, here))
                here = ()
                continue
            style = None if (pr := element.find("pPr")) is None else pr.find("pStyle")
            read_runs(element, found, self.styles.of_style(style, look), self.styles)
            line = found.end_line()
            here = (*here[-MOST_ABOVE:], line) if line else here
            boxes, found.boxes = found.boxes, []
            for box in boxes:
                self.containers += 1
                inner = self._gather(box, self.containers, here, PLAIN)
                found.boxed += inner.lines
                found.tables += inner.tables
        return found

    def _blocks(self, block: Element) -> Iterator[Element]:
        for element in block:
            if element.tag in ("p", "tbl"):
                yield element
            elif element.tag in WRAPPERS:
                yield from self._blocks(element)
            elif element.tag == f"{ALTERNATIVES}AlternateContent":
                for branch in shown_branch(element):
                    yield from self._blocks(branch)
            elif element.tag in _FOREIGN:
                self.foreign = True
            else:
                refuse_unknown(element, ("tbl", "t"))

    def _read_table(self, element: Element, inside: int, above: tuple[str, ...]) -> WrittenTable:
        number = len(self.tables)
        table = WrittenTable({}, [], {}, set(), inside=inside, above=above)
        self.tables.append(table)  # its number is its place in the text, before those inside it
        rows = list(_members(element, "tr"))
        if len(rows) > MAX_ROWS:
            raise Unreadable("too-large", f"文档里的表超过 {MAX_ROWS} 行，没有读取")
        placed = [list(_place_cells(row)) for row, _ in rows]
        columns_of = _columns(element, placed)
        style = None if (pr := element.find("tblPr")) is None else pr.find("tblStyle")
        look = self.styles.of_style(style, PLAIN)
        grid = _TableGrid(table)
        for row, ((tr, changed), cells) in enumerate(zip(rows, placed, strict=True), 1):
            properties = tr.find("trPr")
            if properties is not None and is_on(properties.find("hidden")):
                table.hidden_rows.add(row)
            if changed or (properties is not None and _is_changed(properties)):
                grid.note_change(row, 1)
            for cell in cells:
                self.containers += 1
                gathered = self._gather(cell.element, self.containers, above, look)
                if _is_changed(cell.element):
                    gathered.note("tracked", "")
                grid.put((row, *columns_of(cell)), cell.down, cell.across, gathered)
        self.tables[number] = table = grid.finish(len(rows))
        return table


class _TableGrid:
    """A table as it fills, row by row."""

    def __init__(self, table: WrittenTable) -> None:
        self.table = table
        self.areas: list[list[int]] = []
        self.open: dict[int, list[int]] = {}
        self.width = 0

    def note_change(self, row: int, column: int) -> None:
        noted = CellText()
        noted.note("tracked", "")
        self.table.remarks.setdefault((row, column), []).extend(noted.remarks)

    def put(self, place: tuple[int, int, int], down: str, across: str, gathered: CellText) -> None:
        """One cell, as a merged area's first or as one that is covered by the area above or left of it."""
        row, left, right = place
        self.width = max(self.width, right)
        area = self.open.get(left)
        beside = self.areas[-1] if self.areas else None
        text = gathered.settle()
        remarks = self.table.remarks.setdefault((row, left), [])
        remarks += gathered.remarks
        if down == "continue" and area is not None and area[2] == row - 1:
            area[2], area[3] = row, max(area[3], right)
            self._note_covered(text, remarks)
            return
        if across == "continue" and beside is not None and beside[0] == row:
            beside[3] = right
            self._note_covered(text, remarks)
            return
        self.open.pop(left, None)
        if text:
            self.table.texts[row, left] = text
        self.areas.append([row, left, row, right])
        if down:
            self.open[left] = self.areas[-1]

    def _note_covered(self, text: str, remarks: list[Remark]) -> None:
        if text:
            remarks.append(hidden_remark(text, "合并的格里还有一段看不见的内容"))

    def finish(self, rows: int) -> WrittenTable:
        merged = [(a, b, c, d) for a, b, c, d in self.areas if (a, b) != (c, d)]
        remarks = {at: noted for at, noted in self.table.remarks.items() if noted}
        return self.table._replace(merged=merged, remarks=remarks, rows=rows, columns=self.width)


def _is_changed(element: Element) -> bool:
    return any(inner.tag in CHANGES for inner in element.iter())


def _members(parent: Element, wanted: str) -> Iterator[tuple[Element, bool]]:
    """Rows of a table or cells of a row, seen through content controls; whether a change wraps them."""
    for element in parent:
        if element.tag == wanted:
            yield element, False
        elif element.tag in WRAPPERS or element.tag in CHANGES:
            for inner, changed in _members(element, wanted):
                yield inner, changed or element.tag in CHANGES
        elif element.tag == f"{ALTERNATIVES}AlternateContent":
            for branch in shown_branch(element):
                yield from _members(branch, wanted)
        else:
            refuse_unknown(element, ("tr", "tc"))


def _place_cells(row: Element) -> Iterator[_Place]:
    start = _count(row.find("trPr"), "gridBefore", 0)
    for cell, _ in _members(row, "tc"):
        properties = cell.find("tcPr")
        span = max(1, _count(properties, "gridSpan", 1))
        down, across = (_merge(properties, name) for name in ("vMerge", "hMerge"))
        yield _Place(start, span, down, across, cell)
        start += span
        if start > MAX_COLUMNS:
            raise Unreadable("damaged", f"文档里的表超过 {MAX_COLUMNS} 列，文件已损坏，没有读取")


def _count(properties: Element | None, name: str, otherwise: int) -> int:
    found = None if properties is None else properties.find(name)
    return otherwise if found is None else whole_number(found.get("val", ""), otherwise)


def _merge(properties: Element | None, name: str) -> str:
    found = None if properties is None else properties.find(name)
    return "" if found is None else found.get("val", "continue")


def _columns(
    table: Element, rows: Sequence[Sequence[_Place]]
) -> Callable[[_Place], tuple[int, int]]:
    """The first and the last column of a cell as people see them, from 1.

    Only where a cell begins is a border; of two borders with no room for a digit between them one counts.
    """
    borders = {cell.start for row in rows for cell in row}
    starts = sorted(borders)
    widths = [whole_number(each.get("w", ""), _SLIVER) for each in table.findall("tblGrid/gridCol")]
    if min(widths, default=_SLIVER) < _SLIVER:
        edges = [0]
        for width in widths:
            edges.append(edges[-1] + width)
        wide = [
            start
            for n, start in enumerate(starts)
            if not n or start >= len(edges) or edges[start] - edges[starts[n - 1]] >= _SLIVER
        ]
        if all(_stay_apart(row, wide) for row in rows):
            starts = wide

    def columns_of(cell: _Place) -> tuple[int, int]:
        left, end = bisect_right(starts, cell.start), cell.start + cell.span
        right = bisect_right(starts, end) - (end in borders)
        return max(1, left), max(1, left, right)

    return columns_of


def _stay_apart(row: Sequence[_Place], starts: Sequence[int]) -> bool:
    places = [bisect_right(starts, cell.start) for cell in row]
    return len(set(places)) == len(places)
