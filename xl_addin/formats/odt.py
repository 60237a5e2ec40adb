"""The tables of an .odt as Writer shows them (OpenDocument 1.3 part 3, chapters 5, 6 and 9).

``ods`` reads typed cells of sheets that repeat without end; in a text what counts is what is printed, so
here it is the text of a cell, and a value that says something else is a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from xl_addin.formats.document import Document, as_cell, make_document
from xl_addin.formats.written_table import (
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_ABOVE,
    CellText,
    WrittenTable,
    hidden_remark,
    refuse_unknown,
)
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.cells import LONGEST_TEXT, MAX_CELLS, NUM, as_number
from xl_addin.xlsx.package import Part, inflate
from xl_addin.xlsx.strings import mark_run
from xl_addin.xlsx.xmlreader import read_tree, refuse_deep, whole_number

_PREFIX = pattern(r"\{urn:oasis:names:tc:opendocument:xmlns:([a-z]+):1\.0\}")
_CHANGE_MARKS = frozenset(("text:change", "text:change-start", "text:change-end"))
_GROUPS = frozenset(
    ("table:table-header-rows", "table:table-rows", "table:table-row-group", "text:section")
)
_CELLS = frozenset(("table:table-cell", "table:covered-table-cell"))
# Of these nothing is text of the paragraph.
_NO_TEXT = frozenset(
    ("office:annotation", "text:ruby-text", "text:tracked-changes", "text:hidden-paragraph")
)
_FRAMES = frozenset(("draw:frame", "draw:custom-shape", "draw:rect", "draw:g", "draw:text-box"))
_HARD_SPACE = "\0"  # cannot occur in XML, so it marks spaces that must survive collapsing
_MOST_PARENTS = 20


def is_text(parts: Mapping[str, Part]) -> bool:
    """Whether a package is a text document."""
    packed = parts.get("mimetype")
    if packed is not None and packed.size < 100:
        return inflate(packed).startswith(b"application/vnd.oasis.opendocument.text")
    return "content.xml" in parts and b"<office:text" in inflate(parts["content.xml"])


def is_flat_text(data: bytes) -> bool:
    """Whether a document in one XML file is a text."""
    return b"<office:text" in data


def read_parts(parts: Mapping[str, Part]) -> Document:
    """The document in a package. Raises Unreadable."""
    return _read(_trees(parts))


def _trees(parts: Mapping[str, Part]) -> list[Element]:
    manifest = parts.get("META-INF/manifest.xml")
    if manifest is not None and b"encryption-data" in inflate(manifest):
        raise Unreadable("password", "文件有密码，打不开；请取消密码、另存一份后重新提供")
    if "content.xml" not in parts:
        raise Unreadable("damaged", "文档里没有正文，文件已损坏；请让对方重新保存后再发")
    return [_tree(inflate(parts[n])) for n in ("styles.xml", "content.xml") if n in parts]


def read_flat(data: bytes) -> Document:
    """The document in one XML file, an .fodt. Raises Unreadable."""
    return _read([_tree(data)])


def _tree(data: bytes) -> Element:
    """A part's tree with names as they are usually written, ``table:table``."""
    root = read_tree(data)
    refuse_deep([root])
    for element in root.iter():
        element.tag = _PREFIX.sub(r"\1:", element.tag)
        if element.attrib:
            element.attrib = {_PREFIX.sub(r"\1:", k): v for k, v in element.attrib.items()}
    return root


def _read(trees: list[Element]) -> Document:
    walk, gathered = _walk_text(trees)
    return make_document(walk.tables, gathered.lines)


def _walk_text(trees: list[Element]) -> tuple[_Walk, CellText]:
    body = next((each for each in trees[-1].iter("office:text")), None)
    if body is None:
        raise Unreadable("damaged", "文档里没有正文，文件已损坏；请让对方重新保存后再发")
    walk = _Walk(_styles(trees))
    return walk, walk.gather(body, 0, (), hidden=False)


def read_lines(parts: Mapping[str, Part]) -> list[str]:
    """All that the text shows, paragraphs first, then the cells of tables. Raises Unreadable."""
    walk, gathered = _walk_text(_trees(parts))
    cells = (text for table in walk.tables for _, text in sorted(table.texts.items()))
    shown = (
        *gathered.lines,
        *gathered.boxed,
        *(line for text in cells for line in text.splitlines()),
    )
    return [line for line in shown if line.strip()]


def read_properties(parts: Mapping[str, Part]) -> dict[str, str]:
    """What users' own properties say (OpenDocument 1.3 part 3, 4.3.2.21), as text."""
    if "meta.xml" not in parts:
        return {}
    named = _tree(inflate(parts["meta.xml"])).iter("meta:user-defined")
    return {each.get("meta:name", ""): each.text or "" for each in named}


class _Look(NamedTuple):
    struck: bool = False
    hidden: bool = False
    raised: bool = False


_PLAIN = _Look()


def _styles(trees: list[Element]) -> dict[tuple[str, str], Element]:
    """The styles of all parts by family and name; automatic ones count last."""
    return {
        (style.get("style:family", ""), style.get("style:name", "")): style
        for tree in trees
        for style in tree.iter("style:style")
    }


class _Walk:
    """One pass over a document's text."""

    def __init__(self, styles: dict[tuple[str, str], Element]) -> None:
        self.styles = styles
        self.tables: list[WrittenTable] = []
        self.containers = 0
        self.open_changes = 0
        self.kept = 0

    def gather(
        self, block: Element, inside: int, above: tuple[str, ...], *, hidden: bool
    ) -> CellText:
        """What a text, a cell or a box shows itself; tables in it join those of the document."""
        found = CellText()
        here = above
        for element, unseen in self._blocks(block, hidden=hidden):
            if element.tag == "table:table":
                found.tables.append(self._read_table(element, inside, here, hidden=unseen))
                here = ()
            elif element.tag in _CHANGE_MARKS:
                self._mark(element, found)
            else:
                self._read_line(element, found, unseen=unseen)
                line = found.end_line()
                here = (*here[-MOST_ABOVE:], line) if line else here
                boxes, found.boxes = found.boxes, []
                for box in boxes:
                    self.containers += 1
                    inner = self.gather(box, self.containers, here, hidden=unseen)
                    found.boxed += inner.lines
                    found.tables += inner.tables
        return found

    def _blocks(self, block: Element, *, hidden: bool) -> Iterator[tuple[Element, bool]]:
        for element in block:
            tag = element.tag
            if tag in ("text:p", "text:h", "table:table") or tag in _CHANGE_MARKS or tag in _FRAMES:
                yield element, hidden
            elif tag not in _NO_TEXT:
                unseen = hidden or element.get("text:display", "true") != "true"
                yield from self._blocks(element, hidden=unseen)

    def _read_line(self, element: Element, found: CellText, *, unseen: bool) -> None:
        look = self._look("paragraph", element, _PLAIN)
        look = look._replace(hidden=look.hidden or unseen)
        if element.tag in _FRAMES:
            found.boxes.append(element)
        else:
            self._read_text(element, found, look)

    def _look(self, family: str, element: Element, look: _Look) -> _Look:
        name, seen = element.get("text:style-name", ""), 0
        facts: list[Element] = []
        while (style := self.styles.get((family, name))) is not None and seen < _MOST_PARENTS:
            facts += [fact for fact in style if fact.tag == "style:text-properties"]
            name, seen = style.get("style:parent-style-name", ""), seen + 1
        for fact in reversed(facts):
            line = fact.get(
                "style:text-line-through-style", fact.get("style:text-line-through-type")
            )
            raised = fact.get("style:text-position")
            display = fact.get("text:display")
            look = _Look(
                look.struck if line is None else line != "none",
                look.hidden if display is None else display == "none",
                look.raised if raised is None else raised.split(" ")[0] not in ("0%", "0"),
            )
        return look

    def _read_text(self, parent: Element, found: CellText, look: _Look) -> None:
        _add(parent.text, found, look)
        for element in parent:
            self._read_piece(element, found, look)
            _add(element.tail, found, look)

    def _read_piece(self, element: Element, found: CellText, look: _Look) -> None:
        tag = element.tag
        if tag == "text:s":
            count = min(whole_number(element.get("text:c", ""), 1), LONGEST_TEXT)
            _add(_HARD_SPACE * count, found, look)
        elif tag == "text:tab":
            _add(_HARD_SPACE, found, look)
        elif tag == "text:line-break":
            found.add("" if look.hidden else "\n")
        elif tag == "text:note":
            found.footnote()
        elif tag in _CHANGE_MARKS:
            self._mark(element, found)
        elif tag in _FRAMES:
            found.boxes.append(element)
        elif tag in ("text:hidden-text", "text:conditional-text"):
            # Its own text is what shows while its condition says so.
            _add("".join(element.itertext()), found, look)
        elif tag not in _NO_TEXT:
            self._read_text(element, found, self._look("text", element, look))

    def _mark(self, element: Element, found: CellText) -> None:
        found.note("tracked", "")
        if element.tag == "text:change-start":
            self.open_changes += 1
        elif element.tag == "text:change-end":
            self.open_changes = max(0, self.open_changes - 1)

    def _read_table(
        self, element: Element, inside: int, above: tuple[str, ...], *, hidden: bool
    ) -> WrittenTable:
        number = len(self.tables)
        table = WrittenTable({}, [], {}, set(), above=above, inside=inside, hidden=hidden)
        self.tables.append(table)  # its number is its place in the text, before those inside it
        row, covered = 0, set[Where]()
        for each in _rows(element):
            row += 1
            repeat = whole_number(each.get("table:number-rows-repeated", ""), 1)
            if row + repeat > MAX_ROWS:
                raise Unreadable("too-large", f"文档里的表超过 {MAX_ROWS} 行，没有读取")
            if each.get("table:visibility", "visible") != "visible":
                table.hidden_rows.add(row)
            filled = self._read_row(each, row, table, above, covered)
            for again in range(row + 1, row + repeat if filled else row):
                filled = self._read_row(each, again, table, above, covered)
            row += repeat - 1
        width = max((area[3] for area in table.merged), default=0)
        width = max(width, max((column for _, column in table.texts), default=0))
        remarks = {at: noted for at, noted in table.remarks.items() if noted}
        merged = [_trim(area, covered) for area in table.merged if area[:2] != area[2:]]
        table = table._replace(rows=row, columns=width, remarks=remarks, merged=merged)
        self.tables[number] = table
        return table

    def _read_row(
        self,
        each: Element,
        row: int,
        table: WrittenTable,
        above: tuple[str, ...],
        covered: set[Where],
    ) -> bool:
        """Whether the row holds anything."""
        column, some = 1, False
        for cell in each:
            if cell.tag not in _CELLS:
                continue
            repeat = whole_number(cell.get("table:number-columns-repeated", ""), 1)
            across = whole_number(cell.get("table:number-columns-spanned", ""), 1)
            down = whole_number(cell.get("table:number-rows-spanned", ""), 1)
            if column + max(repeat, across) > MAX_COLUMNS or row + down > MAX_ROWS:
                raise Unreadable(
                    "damaged", f"文档里的表超过 {MAX_COLUMNS} 列，文件已损坏，没有读取"
                )
            self.containers += 1
            within = self.open_changes > 0
            gathered = self.gather(cell, self.containers, above, hidden=False)
            if within:
                gathered.note("tracked", "")
            below = cell.tag == "table:covered-table-cell"
            text = gathered.settle()
            if below:
                covered.update((row, column + n) for n in range(repeat))
            if below and text:
                gathered.remarks.append(hidden_remark(text, "合并的格里还有一段看不见的内容"))
            _check_value(cell, text, gathered)
            for at in ((row, column + n) for n in range(repeat if text or gathered.remarks else 0)):
                if text and not below:
                    table.texts[at] = text
                    some = True
                table.remarks.setdefault(at, []).extend(gathered.remarks)
            self.kept += repeat if text else 1
            if self.kept > MAX_CELLS:
                raise Unreadable("too-large", f"文档里的表格超过 {MAX_CELLS} 格，没有读取")
            if not below:
                table.merged.append((row, column, row + down - 1, column + across - 1))
            column += repeat
        return some


def _rows(table: Element) -> Iterator[Element]:
    for element in table:
        if element.tag == "table:table-row":
            yield element
        elif element.tag in _GROUPS:
            yield from _rows(element)
        else:
            refuse_unknown(element, ("table:table-row",))


def _trim(area: Area, covered: set[Where]) -> Area:
    """An area without rows that have a cell of their own there, as LibreOffice leaves them."""
    top, left, bottom, right = area
    while bottom > top and (bottom, left) not in covered:
        bottom -= 1
    return top, left, bottom, right


def _add(text: str | None, found: CellText, look: _Look) -> None:
    if not text:
        return
    text = re.sub(r"[ \t\r\n]+", " ", text).replace(_HARD_SPACE, " ")
    if look.hidden:
        found.hidden.append(text)
    else:
        found.add(mark_run(text, struck=look.struck, raised=look.raised))


def _check_value(cell: Element, text: str, gathered: CellText) -> None:
    """A cell may hold a number and show another, as one that is rounded."""
    kind = cell.get("office:value-type", "")
    if kind not in ("float", "percentage", "currency"):
        return
    held, shown = as_number(cell.get("office:value", "")), as_cell(text)
    if shown.kind == NUM and held != (NUM, shown.value):
        says = f"格里存的数是 {held[1]}，显示的是 {text}，不知道以哪个为准；请在文档里改成一样"
        gathered.note("document-cell", says, found=text)
