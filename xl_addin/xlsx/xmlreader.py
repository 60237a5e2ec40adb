"""The XML of a workbook's parts, read within bounds that are kept before anything is built.

Parts of a workbook become trees of ``xml.etree``, which are built in C: a sheet that a spreadsheet
program saved took 0.43 ms, with a handler in Python for each tag 1.38. Other formats, whose
elements repeat without end, are read tag by tag with ``parse``. A document type is refused
(ECMA-376 part 2, requirement M1.18), so no entity is ever expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, fromstring

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, pattern

if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 64
# Of a tree that is whole in memory (an element takes up to 400 bytes), and of any other part.
_MAX_TREE_TAGS = 500_000
_MAX_TAGS = 4_000_000
# A tree takes some twenty times the room of its text; rows and strings of a part beyond this are
# given up one after the other, so that 10,000 rows of our master take no more of it than 1,000.
_LARGE = 2**18
# No text of a cell and no attribute is as long: Excel's limit is 32,767 letters. One that took a whole
# part, with one wide letter in it, would be four times its size in memory, and once more while it is joined.
_LONGEST_RUN = 2**20
# Tags of one row or one string; the widest row there can be has some 100,000.
_MAX_BRANCH = 500_000
NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
# How a part in UTF-16 begins, with a mark of its byte order or without (XML 1.0, appendix F).
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
# What Excel, LibreOffice, WPS and we begin a part with; LibreOffice its relationships with the second.
_USUAL_DECLARATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
    b'<?xml version="1.0" encoding="UTF-8"?>',
)
_DECLARATION = pattern(rb"(?:\xef\xbb\xbf)?<\?xml\s(.*?)\?>", re.DOTALL)
_CODING = pattern(rb"""encoding\s*=\s*["']([^"']*)["']""")
# In these every mark of XML is the byte that it is in ASCII, so that a document type can be seen.
_PLAIN_CODING = pattern(rb"(?:utf-8|us-ascii|(?:iso-8859|windows)-[0-9]{1,4})\Z", re.IGNORECASE)


def local_name(tag: str) -> str:
    """``x:row`` or ``{namespace}row`` -> ``row``."""
    return tag.rpartition("}" if tag[:1] == "{" else ":")[2]


def whole_number(text: str, otherwise: int) -> int:
    """A whole number in an attribute, or ``otherwise`` where it is none; never more than 10**9."""
    if not (text.isascii() and text.isdigit()):
        return otherwise
    return int(text) if len(text) < 10 else 10**9


def broken_xml() -> Unreadable:
    """What is said of a part that is no XML."""
    return Unreadable("damaged", "文件内部的 XML 已损坏，请让对方重新保存后再发")


def refuse_doctype(*_: object) -> None:
    """Raise Unreadable: there is a document type declaration."""
    raise Unreadable("hostile", "文件里带有文档类型声明（DOCTYPE），不是 Excel 生成的，没有读取")


def _too_large(what: str) -> Unreadable:
    return Unreadable("too-large", f"文件内部的{what}太多，没有读取")


def too_deep() -> Unreadable:
    """What is said of elements within elements within elements."""
    return Unreadable("hostile", "文件内部嵌套过深，不是 Excel 生成的，没有读取")


def refuse_deep(elements: Iterable[Element]) -> None:
    """Raise Unreadable where something stands ``MAX_DEPTH`` below one of these elements."""
    level, depth = list(elements), 0
    while level:
        level, depth = [inner for element in level if len(element) for inner in element], depth + 1
        if depth > MAX_DEPTH:
            raise too_deep()


def parse(
    data: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run expat over one part. Raises Unreadable for what is not plain, DTD-free XML."""
    from xml.parsers import expat

    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    plain = data.decode("utf-16").encode() if wide else data
    refuse_long_runs(plain)
    parser = expat.ParserCreate("utf-8" if wide else None)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(plain, True)
    except (expat.ExpatError, LookupError, ValueError):  # the latter two for an odd encoding
        raise broken_xml() from None


def read_tree(data: bytes) -> Element:
    """The root element of a part. Raises Unreadable for what is not plain, DTD-free XML."""
    try:
        return fromstring(_check_bounds(data, _MAX_TREE_TAGS))  # noqa: S314 - what is dangerous was refused
    except (ParseError, LookupError, ValueError):
        raise broken_xml() from None


def read_branches(
    data: bytes, level: int, tags: int = 0
) -> tuple[Element, Iterator[tuple[Element, Element]]]:
    """The root of a part, and the elements that stand ``level`` below it, each with its parent.

    Those of a large part are there only until the next one is asked for, and what its root holds
    is known when they have all been seen. It has at most ``tags``, 0 for what others sent. Raises
    Unreadable as ``read_tree`` does, for a large part while its elements are read.
    """
    if len(data) > _LARGE:
        return _stream(_check_bounds(data, tags or _MAX_TAGS), level)
    root = read_tree(data)
    if level == 1:
        return root, ((root, element) for element in root)
    return root, ((parent, element) for parent in root for element in parent)


def namespace_of(root: Element) -> str:
    """The beginning of a spreadsheet part's own tags, ``{namespace}`` or nothing.

    An element of another namespace is none of a spreadsheet's, whatever its name. Raises
    Unreadable for a part of another kind.
    """
    space = root.tag[: root.tag.rfind("}") + 1]
    if space and space[1:-1] not in NAMESPACES:
        raise Unreadable("damaged", "文件里有一页不是工作表的内容，文件已损坏")
    return space


def _check_bounds(data: bytes, tags: int) -> bytes:
    """The part as bytes in which all that is bounded can be seen, found to be within bounds."""
    if not data.startswith(_USUAL_DECLARATIONS):
        data = _in_plain_coding(data)
    if b"<!DOCTYPE" in data:
        refuse_doctype()
    if b"\0" in data:  # no XML; expat would take it for UTF-16
        raise broken_xml()
    if len(data) > tags and data.count(b"<") > tags:
        raise _too_large("标记")
    refuse_long_runs(data)
    return data


def refuse_long_runs(data: bytes) -> None:
    """Raise Unreadable where so much stands between two tags, or in one, as no program writes."""
    for at in range(0, len(data) - _LONGEST_RUN, _LONGEST_RUN):
        if data.find(b"<", at, at + _LONGEST_RUN) < 0:
            raise Unreadable("too-large", "文件里有一段文字太长，不是表格里的内容，没有读取")


def _in_plain_coding(data: bytes) -> bytes:
    wide = _WIDE.get(data[:2])
    if wide:
        data = data.decode(wide).encode()
    declared = _DECLARATION.match(data)
    if wide and declared:  # what it says of the coding is no longer so
        end = declared.end()
        data = _CODING.sub(b'encoding="utf-8"', data[:end], count=1) + data[end:]
        declared = _DECLARATION.match(data)
    if declared and not all(map(_PLAIN_CODING.match, _CODING.findall(declared[1]))):
        raise broken_xml()
    return data


def _stream(data: bytes, level: int) -> tuple[Element, Iterator[tuple[Element, Element]]]:
    pieces = _grow(data)
    root, _, _ = next(pieces)
    return root, _stream_branches(root, pieces, level)


def _grow(data: bytes) -> Iterator[tuple[Element, int, bool]]:
    """The root at once and behind each piece of the text, with its tags and whether it was the last.

    Of the parser's events only the first is wanted: the tree can be seen while it is built.
    """
    parser: XMLPullParser[Any] = XMLPullParser(("start",))
    root: Element | None = None
    try:
        # A piece is large, as an attribute that is longer is read anew with each piece.
        for at in range(0, len(data), _LARGE):
            parser.feed(data[at : at + _LARGE])
            events: Iterator[Any] = parser.read_events()
            for _, element in events:
                if root is None:
                    root = element
                    yield element, 0, False
            if root is not None:
                yield root, data.count(b"<", at, at + _LARGE), False
        parser.close()
    except (ParseError, LookupError, ValueError):
        raise broken_xml() from None
    if root is None:
        raise broken_xml()
    yield root, 0, True


def _stream_branches(
    root: Element, pieces: Iterator[tuple[Element, int, bool]], level: int
) -> Iterator[tuple[Element, Element]]:
    inside = 0
    for _, tags, whole_now in pieces:
        inside += tags
        for parent in [root] if level == 1 else list(root):
            # The last one of all may go on in the next piece.
            open_end = not whole_now and (level == 1 or parent is root[-1])
            ready = parent[: len(parent) - 1] if open_end else parent[:]
            for element in ready:
                yield parent, element
            if ready:
                del parent[: len(ready)]
                inside = tags
        if inside > _MAX_BRANCH:
            raise _too_large("内容")
