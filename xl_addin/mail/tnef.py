"""winmail.dat: the attachments that Outlook packed into one of its own (MS-OXTNEF)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import error, unpack_from

from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.model.filetypes import TNEF_START

_RENDERING, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_LONG_NAME, _CONTENT = 0x3707, 0x3701
_OBJECT, _TEXT, _WIDE, _BINARY = 0x000D, 0x001E, 0x001F, 0x0102
_FIXED = {
    0x0002: 4,
    0x0003: 4,
    0x0004: 4,
    0x0005: 8,
    0x0006: 8,
    0x0007: 8,
    0x000A: 4,
    0x000B: 4,
    0x0014: 8,
    0x0040: 8,
    0x0048: 16,
    0x0001: 0,
}
_MANY_VALUED = 0x1000
_MOST = 1_000
_DEEPEST = 4

File = tuple[str, bytes, bool]
"""Name, content, and whether it is what was sent: all there, and the checksums of its attributes hold."""


def attachments(data: bytes, depth: int = 0) -> Iterator[File]:
    """Names and contents, those of messages inside included; stops where the file is damaged."""
    name, content, inner = "", None, b""
    begun, whole = False, True
    for attribute, value, sound in _attributes(data):
        if attribute == _RENDERING:
            if begun:
                yield from _file(name, content, inner, whole, depth)
            name, content, inner, begun, whole = "", None, b"", True, True
        elif attribute == _TITLE and not name:
            name = decode_chinese(value.split(b"\0", 1)[0])
        elif attribute == _DATA:
            content, whole = value, whole and sound
        elif attribute == _PROPERTIES:
            whole = whole and sound
            long, inner = _long_name_and_object(value)
            name = long or name
    if begun:
        yield from _file(name, content, inner, whole, depth)


def _file(
    name: str, content: bytes | None, inner: bytes, whole: bool, depth: int
) -> Iterator[File]:
    if inner.startswith(TNEF_START):
        if depth < _DEEPEST:
            for called, data, sound in attachments(inner, depth + 1):
                yield called, data, whole and sound
    elif not (content or inner) and (content is None or not whole):
        yield name, b"", False  # cut off before its bytes
    elif content or inner:
        yield name, content or inner, whole


def _attributes(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Attribute, value, and whether its checksum holds: the sum of its bytes (MS-OXTNEF 2.1.3.2)."""
    at = 6
    while at + 9 <= len(data):
        _, attribute, size = unpack_from("<BII", data, at)
        value, behind = data[at + 9 : at + 9 + size], at + 9 + size
        sound = data[behind : behind + 2] == (sum(value) & 0xFFFF).to_bytes(2, "little")
        yield attribute & 0xFFFF, value, sound
        at = behind + 2


def _long_name_and_object(value: bytes) -> tuple[str, bytes]:
    name, content = "", b""
    try:
        for key, kind, said in _properties(value):
            if key == _LONG_NAME:
                name = (
                    said.decode("utf-16-le", "replace") if kind == _WIDE else decode_chinese(said)
                )
                name = name.split("\0", 1)[0]
            elif key == _CONTENT:
                # An object begins with the class it is of.
                content = said[16:] if kind == _OBJECT else said
    except (error, ValueError):
        pass
    return name, content


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Encapsulated properties as (id, type, first value). Raises where they cannot be followed."""
    count = min(unpack_from("<I", value)[0], _MOST)
    at = 4
    for _ in range(count):
        kind, key = unpack_from("<HH", value, at)
        at += 4
        if key >= 0x8000:
            at = _skip_name(value, at)
        values = 1
        base = kind & ~_MANY_VALUED
        if kind & _MANY_VALUED or base in (_TEXT, _WIDE, _BINARY, _OBJECT):
            values = unpack_from("<I", value, at)[0]
            at += 4
        first = b""
        for index in range(min(values, _MOST)):
            if base in _FIXED:
                size = _FIXED[base]
            elif base in (_TEXT, _WIDE, _BINARY, _OBJECT):
                size = unpack_from("<I", value, at)[0]
                at += 4
            else:
                raise ValueError(kind)
            first = value[at : at + size] if index == 0 else first
            at += size + -size % 4
        yield key, base, first


def _skip_name(value: bytes, at: int) -> int:
    """Behind the name of a named property."""
    by_text = unpack_from("<I", value, at + 16)[0]
    at += 20
    if not by_text:
        return at + 4
    size = unpack_from("<I", value, at)[0]
    return int(at + 4 + size + -size % 4)
