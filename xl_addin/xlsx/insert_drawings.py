"""Pictures, shapes, charts, notes and old controls of a sheet that rows or columns are put into."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xl_addin.system.light import pattern
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.moves import Moves
from xl_addin.xlsx.rewrite import rewrite, splice

_ANCHOR = pattern(rb"<((?:\w+:)?)(twoCellAnchor|oneCellAnchor)\b([^>]*)>(.*?)</\1\2>", re.DOTALL)
_CORNER = pattern(rb"<((?:\w+:)?)(from|to)>(.*?)</\1\2>", re.DOTALL)
_LINE = pattern(rb"(<(?:\w+:)?(row|col)>)\s*(\d+)\s*(</)")
_CLIENT = pattern(rb"<x:ClientData\b([^>]*)>(.*?)</x:ClientData>", re.DOTALL)
_VML_ANCHOR = pattern(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
_VML_LINE = pattern(rb"(<x:(Row|Column)>)\s*(\d+)\s*(</)")
_VML_LINK = pattern(rb"(<x:(?:FmlaLink|FmlaRange|FmlaTxbx|FmlaGroup)>)([^<]*)(</)")


def move_drawing(data: bytes, sheet: str, moves: Moves) -> bytes:
    """A drawing part: what is anchored to cells goes with them, or grows where it is set to."""
    edits = [
        (*match.span(4), _move_anchor(match[3], match[4], sheet, moves))
        for match in _ANCHOR.finditer(data)
    ]

    def on_tag(_: tuple[str, ...], attributes: Mapping[str, str]) -> Mapping[str, str] | None:
        link = attributes.get("textlink")
        return {"textlink": moves.formula(link, sheet)} if link else None

    return rewrite(splice(data, edits), on_tag, lambda _, text: text, frozenset())


def _move_anchor(attributes: bytes, body: bytes, sheet: str, moves: Moves) -> bytes:
    corners = list(_CORNER.finditer(body))[:2]
    if not corners or b'"absolute"' in attributes:
        return body
    places = [
        {line[2]: int(line[3]) + 1 for line in _LINE.finditer(corner[3])} for corner in corners
    ]
    moved = [
        {axis: moves.line(sheet, number, rows=axis == b"row") for axis, number in place.items()}
        for place in places
    ]
    if b'"oneCell"' in attributes and len(moved) == 2:
        moved[1] = {
            axis: number + moved[0][axis] - places[0][axis] for axis, number in places[1].items()
        }
    edits = []
    for corner, place in zip(corners, moved, strict=True):
        inner = _LINE.sub(lambda m, at=place: b"%b%d%b" % (m[1], at[m[2]] - 1, m[4]), corner[3])
        edits.append((*corner.span(3), inner))
    return splice(body, edits)


def move_vml(data: bytes, sheet: str, moves: Moves) -> bytes:
    """Notes and old controls. As bytes: not every program writes this part as well-formed XML."""
    return _CLIENT.sub(lambda match: _move_client(match[0], match[1], sheet, moves), data)


def _move_client(body: bytes, attributes: bytes, sheet: str, moves: Moves) -> bytes:
    def line(number: int, rows: bool) -> int:
        return moves.line(sheet, number + 1, rows=rows) - 1

    at = {match[2]: int(match[3]) for match in _VML_LINE.finditer(body)}
    note = b'"Note"' in attributes

    def anchor(match: re.Match[bytes]) -> bytes:
        try:
            numbers = [int(part) for part in match[2].split(b",")]
        except ValueError:
            return match[0]
        if len(numbers) != 8:
            return match[0]
        for place, rows, key in (
            (0, False, b"Column"),
            (4, False, b"Column"),
            (2, True, b"Row"),
            (6, True, b"Row"),
        ):
            # A note stays beside its cell and keeps its size.
            by = line(at[key], rows) - at[key] if note and key in at else 0
            moved = numbers[place] + by if note else line(numbers[place], rows)
            numbers[place] = moved
        return match[1] + b", ".join(b"%d" % number for number in numbers) + match[3]

    def link(match: re.Match[bytes]) -> bytes:
        import html

        text = moves.formula(html.unescape(match[2].decode()), sheet)
        return match[1] + escape(text).encode() + match[3]

    body = _VML_ANCHOR.sub(anchor, body)
    body = _VML_LINE.sub(lambda m: b"%b%d%b" % (m[1], line(int(m[3]), m[2] == b"Row"), m[4]), body)
    return _VML_LINK.sub(link, body)
