"""Elements put where the schema wants them in a part: sheets, styles and the workbook have a fixed order.

Nothing is parsed into a tree and written again: a new element goes in between two of the bytes that
are there (ISO/IEC 29500-1, 18.3.1.99 CT_Worksheet, 18.8.39 CT_Stylesheet, 18.2.27 CT_Workbook).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.parsers import expat

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.offsets import tag_end

SHEET_ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
STYLE_ORDER = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
]
BOOK_ORDER = [
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
]

_NAME = pattern(r"<(/?)([A-Za-z])")
_COUNT = pattern(rb'(\scount=")\d*(")')


class Child(NamedTuple):
    """A child of the root: bytes [start, end), its start tag ends at ``inner``.

    ``items`` is how many elements it holds itself. What stands in an AlternateContent goes by the
    name of the first element in the schema's order that is found inside.
    """

    name: str
    start: int
    inner: int
    end: int
    items: int


class Root(NamedTuple):
    """The children of a part's root, the prefix of its namespace, where its end tag starts."""

    children: tuple[Child, ...]
    prefix: str
    close: int


def read_root(data: bytes, order: Sequence[str]) -> Root:
    """The children of a part's root. Raises Unreadable."""
    parser = expat.ParserCreate("utf-8")
    children: list[Child] = []
    depth = start = inner = items = close = 0
    name = prefix = ""

    def begin(tag: str, _: object) -> None:
        nonlocal depth, start, inner, items, name, prefix
        depth += 1
        local = tag.rpartition(":")[2]
        if depth == 1:
            prefix = tag.removesuffix(local)
        elif depth == 2:
            start, name, items = parser.CurrentByteIndex, local, 0
            inner = tag_end(data, start)
        elif depth == 3:
            items += 1
        if depth > 2 and name == "AlternateContent" and local in order:
            name = local

    def finish(_: str) -> None:
        nonlocal depth, close
        at = parser.CurrentByteIndex
        if depth == 2:
            end = inner if data.startswith(b"/>", inner - 2) else tag_end(data, at)
            children.append(Child(name, start, inner, end, items))
        elif depth == 1:
            close = at
        depth -= 1

    def refuse(*_: object) -> None:
        raise Unreadable("hostile", "文件带有文档类型声明（DOCTYPE），没有读取")

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Unreadable("damaged", "文件的 XML 已损坏") from None
    return Root(tuple(children), prefix, close)


def with_prefix(xml: str, prefix: str) -> str:
    """Elements that were written without a prefix, with the one that a part uses."""
    return _NAME.sub(rf"<\1{prefix}\2", xml) if prefix else xml


def insert_element(data: bytes, order: Sequence[str], name: str, xml: str) -> bytes:
    """The part with one more child of the root, behind those that stand before it by the schema."""
    root = read_root(data, order)
    place = order.index(name)
    before = [child.end for child in root.children if child.name in order[: place + 1]]
    after = [child.start for child in root.children if child.name in order[place + 1 :]]
    at = max(before, default=min(after, default=root.close))
    return data[:at] + with_prefix(xml, root.prefix).encode() + data[at:]


def append_items(
    data: bytes, order: Sequence[str], name: str, items: Sequence[str]
) -> tuple[bytes, int]:
    """The part with items added to a list like ``fonts``, and the number of items before.

    A list that is not there is made; its ``count``, where it has one, is put right.
    """
    root = read_root(data, order)
    found = next((child for child in root.children if child.name == name), None)
    text = "".join(items)
    if found is None:
        whole = f'<{name} count="{len(items)}">{text}</{name}>'
        return insert_element(data, order, name, whole), 0
    tag = data[found.start : found.inner]
    count = b"\\g<1>%d\\g<2>" % (found.items + len(items))
    opened = re.sub(rb"\s*/?>\Z", b">", _COUNT.sub(count, tag))
    close = f"</{root.prefix}{name}>".encode()
    content = (
        b"" if tag.endswith(b"/>") else data[found.inner : found.end - _close_size(data, found)]
    )
    whole_list = opened + content + with_prefix(text, root.prefix).encode() + close
    return data[: found.start] + whole_list + data[found.end :], found.items


def _close_size(data: bytes, child: Child) -> int:
    return child.end - data.rindex(b"</", child.inner, child.end)


def escape(text: str) -> str:
    """Text as it stands between tags. Not xml.sax.saxutils: that imports ssl and http."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quote_attribute(text: str) -> str:
    """Text as it stands in an attribute, with its quotes."""
    text = escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\r", "&#13;")
    return f'"{text}"'.replace("\t", "&#9;")
