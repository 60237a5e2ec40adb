"""The text of a Word 97 document (.doc, and .wps as WPS writes it): FIB and piece table of [MS-DOC].

Characters are what the piece table of 2.4.1 gives for the main document (2.3.1); headers, notes and text
boxes stand behind it and are left out, as are the codes of fields (2.8.25).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import error, unpack_from

from xl_addin.formats.ole import open_ole
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, pattern

if TYPE_CHECKING:
    from typing import Any

_MAIN = "WordDocument"
_MAGIC = 0xA5EC  # FibBase.wIdent, 2.5.2
_OLDEST = 0xC1  # nFib of Word 97; what is older has no piece table of this kind
_ENCRYPTED, _WHICH_TABLE = 0x0100, 0x0200  # of FibBase at 10
_LENGTH, _CLX = 0x4C, 0x01A2  # FibRgLw97.ccpText and FibRgFcLcb97.fcClx, 2.5.4 and 2.5.6
_PIECES, _PROPERTIES = 2, 1  # Clx, 2.9.38
_COMPRESSED = 1 << 30  # FcCompressed, 2.9.73
_MOST = 20_000_000
_FIELD = pattern("\x13[^\x13\x14\x15]*\x14?([^\x13\x14\x15]*)\x15")
_ENDS = pattern("[\r\x07\x0b\x0c\x0e]")
_MARKS = pattern("[\x00-\x08\x0f-\x1f]")


def read_lines(data: bytes) -> list[str]:
    """The paragraphs, cells of tables each for itself. Raises Unreadable."""
    ole = open_ole(data)
    try:
        return list(_lines(_text(ole)))
    except (error, OSError, ValueError, IndexError, UnicodeDecodeError) as problem:
        raise Unreadable("damaged", "Word 文档的内容读不出来，文件已损坏") from problem


def read_properties(data: bytes) -> dict[str, str]:
    """What users' own properties say ([MS-OLEPS] 2.25, read by olefile); none where there are none."""
    ole = open_ole(data)
    stream = "\x05DocumentSummaryInformation"
    if not ole.exists(stream):
        return {}
    try:
        found = ole.get_userdefined_properties(stream)
    except Exception:  # whatever a hostile stream makes of it
        return {}
    return {
        _plain(each.get("property_name", "")): _plain(each.get("value", ""))
        for each in found
        if isinstance(each, dict)
    }


def _plain(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.rstrip("\0")


def _text(ole: Any) -> str:
    main = ole.openstream(_MAIN).read()
    magic, version = unpack_from("<HH", main, 0)
    (flags,) = unpack_from("<H", main, 10)
    if magic != _MAGIC or version < _OLDEST:
        raise Unreadable("damaged", "是 Word 97 以前的格式，读不出来；请另存为 .docx 后重新提供")
    if flags & _ENCRYPTED:
        raise Unreadable("password", "文件有密码，打不开；请取消密码、另存一份后重新提供")
    (length,) = unpack_from("<i", main, _LENGTH)
    begin, size = unpack_from("<II", main, _CLX)
    table = ole.openstream("1Table" if flags & _WHICH_TABLE else "0Table").read()
    text = "".join(_pieces(main, table[begin : begin + size], min(max(length, 0), _MOST)))
    return text[:length]


def _pieces(main: bytes, clx: bytes, length: int) -> Iterator[str]:
    """The pieces of the text in order, as far as the main document goes."""
    at = 0
    while clx[at] == _PROPERTIES:
        at += 3 + unpack_from("<H", clx, at + 1)[0]
    if clx[at] != _PIECES:
        raise ValueError(at)
    (size,) = unpack_from("<I", clx, at + 1)
    plc = clx[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    ends = unpack_from(f"<{count + 1}I", plc, 0)
    for number in range(count):
        first, last = ends[number], min(ends[number + 1], length)
        if last <= first:
            continue
        (place,) = unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
        start, letters = place & ~_COMPRESSED & 0x3FFFFFFF, last - first
        if place & _COMPRESSED:
            yield main[start // 2 : start // 2 + letters].decode("cp1252", "replace")
        else:
            yield main[start : start + 2 * letters].decode("utf-16-le", "replace")


def _lines(text: str) -> Iterator[str]:
    """Without fields' codes, the innermost first, and without marks of pictures and notes."""
    found = 1
    while found:
        text, found = _FIELD.subn(lambda match: match[1], text)
    for line in re.split(_ENDS.pattern, text):
        plain = _MARKS.sub("", line).strip()
        if plain:
            yield plain
