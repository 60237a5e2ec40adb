"""Notes put on cells of a sheet in a package, and taken away again; every other note stays as it is.

A note is an entry in the sheet's comments part (ECMA-376 part 1, 18.7) and a shape in its VML drawing
(part 4, 19), which form controls share. Both parts are extended where they are there; parts that we
made and that hold nothing any more are taken out with all that leads to them.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.elements import SHEET_ORDER, insert_element, with_prefix
from xl_addin.xlsx.package import OWN_PART, Part, inflate, relationships_part
from xl_addin.xlsx.parts import (
    TYPES,
    add_relationship,
    attributes_of,
    declare_content_type,
    declare_extension,
    part_text,
    put_part,
    relationships_of,
)
from xl_addin.xlsx.patch import text_xml
from xl_addin.xlsx.strings import unescape

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_COMMENTS, _DRAWING = f"{_RELATION}/comments", f"{_RELATION}/vmlDrawing"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NO_COMMENTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<authors></authors><commentList></commentList></comments>"
)
_NO_SHAPES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_COMMENT = pattern(r"<((?:\w+:)?)comment\s[^>]*>.*?</\1comment\s*>", re.DOTALL)
_AUTHOR = pattern(r"<((?:\w+:)?)author(?:\s[^>]*)?(?:/>|>([^<]*)</\1author\s*>)")
_WORDS = pattern(r"<((?:\w+:)?)t(?:\s[^>]*)?>([^<]*)</\1t\s*>")
_SHAPE = pattern(r"<((?:\w+:)?)shape\s[^>]*>.*?</\1shape\s*>", re.DOTALL)
_SHAPE_NUMBER = pattern(r"_x0000_s(\d{1,9})\b")
_SHAPE_ROW = pattern(r"<(?:\w+:)?Row>\s*(\d{1,7})\s*<")
_SHAPE_COLUMN = pattern(r"<(?:\w+:)?Column>\s*(\d{1,5})\s*<")
_ID_MAP = pattern(r"""(<(?:\w+:)?idmap\b[^>]*\bdata=["'])([^"']*)""")
_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_OUR_PREFIX = pattern(r"\b([vox]):(?=[A-Za-z])")
_LEGACY = pattern(r"<(?:\w+:)?legacyDrawing\s[^>]*/>")
_CLUSTER = 1024  # shapes are numbered in clusters of so many, which the drawing lists
_WIDE, _LETTERS = 4, 24  # a box is so many columns wide, a line of it so many letters


class _Leading(NamedTuple):
    """A relationship of the sheet, with the part's name as the package spells it; empty without one."""

    id: str = ""
    part: str = ""


def read_sheet_notes(parts: dict[str, Part], sheet: str) -> dict[Where, str]:
    """The notes on a sheet by cell, ``sheet`` the name of its part. Raises Unreadable."""
    found = _leading(parts, sheet, _COMMENTS)
    if not found.part:
        return {}
    return {at: _words(match[0]) for at, match in _entries(_text(parts, found.part))}


def change_notes(
    parts: dict[str, Part],
    sheet: str,
    remove: Collection[Where],
    put: Mapping[Where, str],
    author: str,
) -> None:
    """Take notes away from a sheet's cells, then put others there. Raises Unreadable, with nothing changed."""
    comments, drawing = _leading(parts, sheet, _COMMENTS), _drawing(parts, sheet)
    entries = _text(parts, comments.part) if comments.part else _NO_COMMENTS
    shapes = _text(parts, drawing.part) if drawing.part else _NO_SHAPES
    entries = _add_entries(_without_entries(entries, remove), put, author)
    shapes = _add_shapes(_without_shapes(shapes, remove), put)
    empty = not _COMMENT.search(entries)
    changed = dict(parts)
    if not empty:
        _keep(changed, sheet, comments, _COMMENTS, _free_name(parts, "xl/comments{}.xml"), entries)
        name = _free_name(parts, "xl/drawings/vmlDrawing{}.vml")
        _keep(changed, sheet, drawing, _DRAWING, name, shapes)
    elif comments.part:
        _take_out(changed, sheet, comments)
        if drawing.part and not _SHAPE.search(shapes):
            _take_out(changed, sheet, drawing)
            plain = _LEGACY.sub("", _text(changed, sheet))
            put_part(changed, sheet, _bytes(plain))
        elif drawing.part:
            put_part(changed, drawing.part, _bytes(shapes))
    parts.clear()
    parts.update(changed)


def _leading(parts: dict[str, Part], sheet: str, kind: str, link: str = "") -> _Leading:
    """Where a relationship of this type leads, of several the one with the id ``link``."""
    wanted = kind.rpartition("/")[2]
    exact = {name.lower(): name for name in parts}
    for relation in relationships_of(parts, sheet):
        if relation.type.rpartition("/")[2] == wanted and link in ("", relation.id):
            path = posixpath.normpath(relation.target.replace("\\", "/")).lower()
            if path in exact:
                return _Leading(relation.id, exact[path])
    return _Leading()


def _drawing(parts: dict[str, Part], sheet: str) -> _Leading:
    """The drawing of the sheet's notes and controls; pictures of its header have one of their own."""
    element = _LEGACY.search(_text(parts, sheet))
    said = attributes_of(element[0]) if element else {}
    link = next((value for name, value in said.items() if name.endswith(":id")), "")
    return _leading(parts, sheet, _DRAWING, link) if link else _Leading()


def _text(parts: dict[str, Part], name: str) -> str:
    """A part as text whose every byte comes out again. Raises Unreadable for one in UTF-16."""
    data = inflate(parts[name], OWN_PART)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]:
        raise Unreadable("damaged", f"{name} 不是 UTF-8 写的")
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _entries(entries: str) -> Iterator[tuple[Where, re.Match[str]]]:
    for match in _COMMENT.finditer(entries):
        try:
            yield a1.position(attributes_of(match[0].partition(">")[0] + ">").get("ref", "")), match
        except ValueError:
            continue


def _words(entry: str) -> str:
    text = unescape("".join(html.unescape(match[2]) for match in _WORDS.finditer(entry)))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_entries(entries: str, remove: Collection[Where]) -> str:
    for at, match in reversed(list(_entries(entries))):
        if at in remove:
            entries = entries[: match.start()] + entries[match.end() :]
    return entries


def _add_entries(entries: str, put: Mapping[Where, str], author: str) -> str:
    if not put:
        return entries
    authors = [html.unescape(match[2] or "") for match in _AUTHOR.finditer(entries)]
    if author not in authors:
        authors.append(author)
        entries = _append(entries, "authors", f"<author>{text_xml(author)}</author>")
    number = authors.index(author)
    added = "".join(
        f'<comment ref="{a1.cell_name(*at)}" authorId="{number}"><text>'
        f'<t xml:space="preserve">{text_xml(text)}</t></text></comment>'
        for at, text in sorted(put.items())
    )
    return _append(entries, "commentList", added)


def _append(entries: str, element: str, xml: str) -> str:
    """More of a list's items behind the others, with the prefix that the list has."""
    empty = re.search(rf"<((?:\w+:)?){element}\s*/>", entries)
    if empty:
        opened = f"<{empty[1]}{element}></{empty[1]}{element}>"
        entries = entries[: empty.start()] + opened + entries[empty.end() :]
    close = re.search(rf"</((?:\w+:)?){element}\s*>", entries)
    if close is None:
        raise Unreadable("damaged", f"批注里没有 {element}")
    return entries[: close.start()] + with_prefix(xml, close[1]) + entries[close.start() :]


def _without_shapes(shapes: str, remove: Collection[Where]) -> str:
    for match in reversed(list(_SHAPE.finditer(shapes))):
        row, column = _SHAPE_ROW.search(match[0]), _SHAPE_COLUMN.search(match[0])
        if row and column and (int(row[1]) + 1, int(column[1]) + 1) in remove:
            shapes = shapes[: match.start()] + shapes[match.end() :]
    return shapes


def _add_shapes(shapes: str, put: Mapping[Where, str]) -> str:
    if not put:
        return shapes
    close = shapes.rfind("</xml>")
    prefixes = {letter: _prefix(shapes, name) for letter, name in _NAMESPACES.items()}
    if close < 0 or "" in prefixes.values():
        raise Unreadable("damaged", "批注的图形写法认不出来")
    first = 1 + max((int(number) for number in _SHAPE_NUMBER.findall(shapes)), default=_CLUSTER)
    added = "" if '"_x0000_t202"' in shapes else _SHAPE_TYPE
    added += "".join(
        _shape(number, at, text) for number, (at, text) in enumerate(sorted(put.items()), first)
    )
    added = _OUR_PREFIX.sub(lambda match: f"{prefixes[match[1]]}:", added)
    shapes = shapes[:close] + added + shapes[close:]
    clusters = {first // _CLUSTER, (first + len(put) - 1) // _CLUSTER}
    clusters.update(range(min(clusters), max(clusters)))

    def name_clusters(match: re.Match[str]) -> str:
        known = [each for each in match[2].split(",") if each]
        more = [str(each) for each in sorted(clusters) if str(each) not in known]
        return match[1] + ",".join((*known, *more))

    return _ID_MAP.sub(name_clusters, shapes, count=1)


def _prefix(shapes: str, namespace: str) -> str:
    found = re.search(rf"""xmlns:(\w+)=["']{namespace}["']""", shapes)
    return found[1] if found else ""


def _shape(number: int, at: Where, text: str) -> str:
    row, column = at[0] - 1, at[1] - 1
    lines = sum(1 + len(line) // _LETTERS for line in text.split("\n"))
    tall = min(max(lines, 3), 20)
    anchor = f"{column + 1}, 15, {row}, 2, {column + 1 + _WIDE}, 15, {row + tall}, 4"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;'
        f'margin-top:2pt;width:240pt;height:{16 * tall}pt;z-index:1;visibility:hidden"'
        ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _free_name(parts: dict[str, Part], form: str) -> str:
    taken = {name.lower() for name in parts}
    names = (form.format(number) for number in range(1, 10_000))
    return next(name for name in names if name.lower() not in taken)


def _keep(
    parts: dict[str, Part], sheet: str, known: _Leading, kind: str, name: str, text: str
) -> None:
    """A part's new text; where there was none, the part under ``name`` and what leads to it."""
    put_part(parts, known.part or name, _bytes(text))
    if known.part:
        return
    link = add_relationship(parts, sheet, kind, name)
    if kind == _COMMENTS:
        declare_content_type(parts, name, _COMMENTS_TYPE)
        return
    declare_extension(parts, "vml", _DRAWING_TYPE)
    element = f'<legacyDrawing xmlns:r="{_RELATION}" r:id="{link}"/>'
    data = inflate(parts[sheet], OWN_PART)
    put_part(parts, sheet, insert_element(data, SHEET_ORDER, "legacyDrawing", element))


def _take_out(parts: dict[str, Part], sheet: str, known: _Leading) -> None:
    del parts[known.part]
    links, _ = relationships_part(sheet)
    _drop_tag(parts, links, "Id", known.id)
    _drop_tag(parts, TYPES, "PartName", f"/{known.part}")
    if not any(relationships_of(parts, sheet)):
        del parts[links]


def _drop_tag(parts: dict[str, Part], name: str, attribute: str, value: str) -> None:
    text = part_text(parts, name)
    form = rf"""<(?:\w+:)?\w+\s[^>]*\b{attribute}=["']{re.escape(value)}["'][^>]*?"""
    put_part(parts, name, re.sub(rf"{form}(?:/>|(?<!/)></[^>]*>)", "", text).encode())
