"""A document from a template: 【name】 is replaced wherever it stands, however it was cut into runs.

A table row with 【table.column】 is repeated for each of the table's items; a paragraph whose every
placeholder is empty goes; 【请补充…】 is for people and stays. Values are text and nothing else: what
looks like markup or like a program in a template or in a value comes out as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.docx.charts import ChartData, fill_chart
from xl_addin.docx.package import Document, TextPart
from xl_addin.docx.scan import PLACEHOLDER, Cell, Paragraph, Row, Scan, scan_part
from xl_addin.model.names import fold
from xl_addin.model.problems import make
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.offsets import tag_end

TO_WRITE = "请补充"
Item = Mapping[str, str]
_Edit = tuple[int, int, bytes]
_CONTROL = pattern("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_DOT = pattern("[.．。·]")
# Ids of which there is one in a document, and marks that would stand twice.
_ONCE = pattern(
    rb"""\s\w+:(?:paraId|textId)=(?:"[^"]*"|'[^']*')|<\w+:bookmark(?:Start|End)\b[^>]*/>"""
)
_INDENT = pattern(rb"""\s(\w+:)(?:rightChars|right|endChars|end)=(?:"[^"]*"|'[^']*')""")
# What of CT_TcPr (ISO/IEC 29500-1, 17.4.66) stands behind w:shd.
_AFTER_SHADE = frozenset(
    f"w:{name}"
    for name in [
        "noWrap",
        "tcMar",
        "textDirection",
        "tcFitText",
        "vAlign",
        "hideMark",
        "headers",
        "cellIns",
        "cellDel",
        "cellMerge",
        "tcPrChange",
    ]
)


class Placed(str):
    """A value that is set so many characters in from the right margin (w:rightChars)."""

    __slots__ = ("right",)
    right: float

    def __new__(cls, text: str, right: float) -> Placed:
        """A text with its place."""
        found = str.__new__(cls, text)
        found.right = right
        return found


class Contents(NamedTuple):
    """What a template is filled with.

    ``values`` by name, ``tables`` by name with their items by column, ``charts`` by what their
    alternative text says; ``columns`` are those that a table has also without an item. ``shades`` are
    the colours (RRGGBB) of cells that say just this.
    """

    values: Mapping[str, str]
    tables: Mapping[str, Sequence[Item]]
    columns: Mapping[str, Sequence[str]]
    charts: Mapping[str, ChartData]
    shades: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """Every name that can stand in a template."""
        dotted = (f"{table}.{each}" for table, names in self.columns.items() for each in names)
        return [*self.values, *dotted]


class Filled(NamedTuple):
    """A document, how many places are left for people to write in, and the charts left as they were."""

    data: bytes
    left: int
    unknown_charts: tuple[str, ...]


def fill(template: bytes, contents: Contents) -> Filled:
    """Fill a template. Refused with every unknown placeholder; Unreadable for what is no document."""
    document = Document.open(template)
    found = [(part, scan_part(document.part(part.name))) for part in document.text_parts()]
    lookup = _Lookup(contents)
    faults = [
        (fault, f"{part.label}{paragraph.place}")
        for part, scan in found
        for paragraph in scan.paragraphs
        for fault in lookup.faults(paragraph)
    ]
    if faults:
        raise _refusal(faults, contents)
    left = 0
    for part, scan in found:
        edits, more = _fill_part(scan, lookup)
        left += more
        document.put(part.name, _apply(scan.data, edits, 0, len(scan.data)))
    unknown = tuple(_fill_charts(document, found, contents))
    return Filled(document.pack(), left, unknown)


def places_to_write(data: bytes) -> list[str]:
    """What is left for people to write in a document: the placeholders that say so."""
    document = Document.open(data)
    texts = (
        paragraph.text
        for part in document.text_parts()
        for paragraph in scan_part(document.part(part.name)).paragraphs
        if not paragraph.again
    )
    return [
        hole[0] for text in texts for hole in PLACEHOLDER.finditer(text) if is_for_people(hole[1])
    ]


def is_for_people(name: str) -> bool:
    """Whether a placeholder is to be written over by people."""
    return fold(name).startswith(TO_WRITE)


class _Lookup:
    """Names as templates write them: width and spaces do not matter."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.values = {fold(name): value for name, value in contents.values.items()}
        self.tables = {fold(name): name for name in contents.columns}
        self.columns = {
            fold(table): {fold(name): name for name in names}
            for table, names in contents.columns.items()
        }

    def table_of(self, name: str) -> str:
        """The table that a placeholder is a column of, "" for none."""
        table, dot, column = _split(name)
        return table if dot and column in self.columns.get(table, {}) else ""

    def faults(self, paragraph: Paragraph) -> Iterator[str]:
        """The placeholders of a paragraph that cannot be filled, each with why in brackets."""
        for hole in PLACEHOLDER.finditer(paragraph.text):
            name = hole[1]
            if is_for_people(name) or fold(name) in self.values:
                continue
            if not self.table_of(name):
                yield f"【{name}】"
            elif paragraph.row is None:
                yield f"【{name}】要写在表格的一行里"

    def item_values(self, table: str, item: Item) -> dict[str, str]:
        """The values of a row, by folded names."""
        own = {
            f"{table}.{column}": item.get(name, "") for column, name in self.columns[table].items()
        }
        return {**self.values, **own}


def _split(name: str) -> tuple[str, str, str]:
    parts = _DOT.split(name, maxsplit=1)
    return (fold(parts[0]), ".", fold(parts[1])) if len(parts) > 1 else (fold(name), "", "")


def _key(name: str) -> str:
    return "".join(_split(name))


def _refusal(faults: Sequence[tuple[str, str]], contents: Contents) -> Refused:
    places: dict[str, list[str]] = {}
    for fault, place in faults:
        found = places.setdefault(fault, [])
        if place not in found:
            found.append(place)
    problems = [
        make("unknown-placeholder", f"模板的{'、'.join(where)}：{fault}", found=fault)
        for fault, where in places.items()
    ]
    told = "、".join(f"{fault}（{'、'.join(where)}）" for fault, where in places.items())
    return Refused(
        f"模板里有 {len(places)} 个占位符填不了：{told}；请在 Word 里改正后再试。可以用的有："
        f"{'、'.join(contents.names)}；留给人写的以“{TO_WRITE}”开头；不是占位符的括号请换成〔〕",
        problems,
    )


def _fill_part(scan: Scan, lookup: _Lookup) -> tuple[list[_Edit], int]:
    edits: list[_Edit] = []
    left = 0
    repeated = _repeated_rows(scan, lookup)
    inside: dict[Row | None, list[Paragraph]] = {}
    for paragraph in scan.paragraphs:
        row = paragraph.row
        while row is not None and row not in repeated:
            row = row.outer
        inside.setdefault(row, []).append(paragraph)
    shades = lookup.contents.shades
    for row, table in repeated.items():
        copies: list[bytes] = []
        items = lookup.contents.tables.get(lookup.tables[table]) or ({},)
        for number, item in enumerate(items):
            values = lookup.item_values(table, item)
            within, more = _fill_paragraphs(scan, inside[row], values, shades)
            copy = _apply(scan.data, within, row.start, row.end)
            copies.append(_ONCE.sub(b"", copy) if number else copy)
            left += more
        edits.append((row.start, row.end, b"".join(copies)))
    others, more = _fill_paragraphs(scan, inside.get(None, ()), lookup.values, shades)
    return edits + others, left + more


def _repeated_rows(scan: Scan, lookup: _Lookup) -> dict[Row, str]:
    """The rows that list a table, with its name. Refused where one would list two."""
    found: dict[Row, str] = {}
    for paragraph in scan.paragraphs:
        for hole in PLACEHOLDER.finditer(paragraph.text):
            table = lookup.table_of(hole[1])
            if not table or paragraph.row is None:
                continue
            if found.setdefault(paragraph.row, table) != table:
                names = "、".join((lookup.tables[found[paragraph.row]], lookup.tables[table]))
                raise Refused(
                    f"模板的{paragraph.place}里写了两个表的占位符（{names}）；一行只能列一个表，请分开写"
                )
    for row in found:
        if row.outer in found:
            raise Refused("模板的一个要重复的表格行里又套着一个要重复的表格行；请分成两个表")
    return found


def _fill_paragraphs(
    scan: Scan,
    paragraphs: Iterable[Paragraph],
    values: Mapping[str, str],
    shades: Mapping[str, str],
) -> tuple[list[_Edit], int]:
    edits: list[_Edit] = []
    left = 0
    cells: dict[Cell, list[str]] = {}
    for paragraph in paragraphs:
        text = paragraph.text
        holes = [hole for hole in PLACEHOLDER.finditer(text) if not is_for_people(hole[1])]
        said = [values[_key(hole[1])] for hole in holes]
        if holes and not any(said):
            edits += _without(paragraph, scan.data)
            continue
        after = text
        if holes:
            edits += _replaced(scan.data, paragraph, holes, said)
            for hole, value in zip(reversed(holes), reversed(said), strict=True):
                after = after[: hole.start()] + value + after[hole.end() :]
            if paragraph.cell is not None:
                cells.setdefault(paragraph.cell, []).append(after)
        if not paragraph.again:
            left += sum(is_for_people(hole[1]) for hole in PLACEHOLDER.finditer(after))
    for cell, texts in cells.items():
        shade = shades.get("".join(texts).strip())
        if shade:
            edits.append(_shaded(scan.data, cell, shade))
    return edits, left


def _without(paragraph: Paragraph, data: bytes) -> list[_Edit]:
    """A paragraph gone, or only its text where it has to stay."""
    if not paragraph.keeps:
        return [(paragraph.start, paragraph.end, b"")]
    return [
        (piece.start, piece.end, _text_element(data, piece.start, ""))
        for piece in paragraph.pieces
        if piece.start >= 0 and piece.text
    ]


def _replaced(
    data: bytes, paragraph: Paragraph, holes: Sequence[re.Match[str]], said: Sequence[str]
) -> list[_Edit]:
    """Values in the place of placeholders; one that was cut into runs takes the looks of its first."""
    texts = [piece.text for piece in paragraph.pieces]
    # From right to left: what stands before a placeholder is where it was.
    for hole, value in zip(reversed(holes), reversed(said), strict=True):
        at = 0
        for number, piece in enumerate(paragraph.pieces):
            size = len(piece.text)
            low, high = max(hole.start() - at, 0), min(hole.end() - at, size)
            if low < high:
                first = at <= hole.start() < at + size
                text = texts[number]
                texts[number] = text[:low] + (value if first else "") + text[high:]
            at += size
    edits = [
        (piece.start, piece.end, _text_element(data, piece.start, text))
        for piece, text in zip(paragraph.pieces, texts, strict=True)
        if text != piece.text
    ]
    placed = next((each for each in said if isinstance(each, Placed)), None)
    if placed is not None and paragraph.indent is not None:
        start, end = paragraph.indent
        edits.append((start, end, _indented(data[start:end], placed.right)))
    return edits


def _text_element(data: bytes, start: int, text: str) -> bytes:
    """A text element with the prefix of the one at ``start``; a line break is one of its kind."""
    name = re.split(rb"[\s/>]", data[start + 1 : tag_end(data, start)], maxsplit=1)[0].decode()
    prefix = name[: name.find(":") + 1]
    text = escape(_CONTROL.sub("", text))
    is_word = not prefix.startswith("a:")
    space = ' xml:space="preserve"' if is_word else ""
    opened, closed = f"<{name}{space}>", f"</{name}>"
    between = f"{closed}<{prefix}br/>{opened}" if is_word else " "
    return f"{opened}{text.replace(chr(10), between)}{closed}".encode()


def _indented(tag: bytes, right: float) -> bytes:
    """w:ind with another right side, in hundredths of a character."""
    found = _INDENT.search(tag)
    if found is None:
        return tag
    prefix = found[1]
    rest = _INDENT.sub(b"", tag)
    value = b' %brightChars="%d"' % (prefix, round(right * 100))
    return re.sub(rb"\s*/?>", value + b"/>", rest, count=1)


def _shaded(data: bytes, cell: Cell, colour: str) -> _Edit:
    """A cell in a colour; w:shd goes where the schema wants it."""
    opened = data[cell.start + 1 : cell.inner]
    x = opened[: opened.find(b":") + 1].decode()
    shade = f'<{x}shd {x}val="clear" {x}color="auto" {x}fill="{colour}"/>'.encode()
    if cell.properties is None:
        return cell.inner, cell.inner, f"<{x}tcPr>".encode() + shade + f"</{x}tcPr>".encode()
    start, end = cell.properties
    if not cell.inside:
        return start, end, f"<{x}tcPr>".encode() + shade + f"</{x}tcPr>".encode()
    for kind, first, last in cell.inside:
        if kind == "w:shd":
            return first, last, shade
        if kind in _AFTER_SHADE:
            return first, first, shade
    return cell.inside[-1][2], cell.inside[-1][2], shade


def _apply(data: bytes, edits: Iterable[_Edit], start: int, end: int) -> bytes:
    """The bytes [start, end) with edits made, none of which overlap."""
    out: list[bytes] = []
    at = start
    for first, last, new in sorted(edits, key=lambda edit: edit[:2]):
        out += (data[at:first], new)
        at = last
    return b"".join((*out, data[at:end]))


def _fill_charts(
    document: Document, found: Iterable[tuple[TextPart, Scan]], contents: Contents
) -> Iterator[str]:
    """Fill the charts by what their alternative text says; those that it says nothing known of."""
    known = {fold(name): chart for name, chart in contents.charts.items()}
    done: set[str] = set()
    for part, scan in found:
        targets = document.targets(part.name)
        for place in scan.charts:
            chart = targets.get(place.link, "")
            data = next((known[fold(n)] for n in place.names if fold(n) in known), None)
            if data is None:
                yield "、".join(place.names) or "没有替代文字"
            elif chart and chart not in done:
                done.add(chart)
                fill_chart(document, chart, data)
