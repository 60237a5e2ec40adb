"""What calamine does not tell of an .xlsb: errors, formulas and number formats, as ``biff`` for .xls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from struct import error, unpack_from

from xl_addin.biff import CODES, Book, Facts
from xl_addin.cells import BUILTIN_CODES, relationships
from xl_addin.errors import Unreadable
from xl_addin.package import Part, inflate

_ROW, _RK, _ERROR, _REAL = 0, 2, 3, 5
_TEXT_RESULT, _NUMBER_RESULT, _BOOL_RESULT, _ERROR_RESULT = 8, 9, 10, 11
_SHEET, _FORMAT, _XF, _XFS, _XFS_END = 156, 44, 47, 617, 618


def facts(parts: Mapping[str, Part]) -> Book:
    """What the parts of an .xlsb tell of its worksheets. Raises Unreadable."""
    exact = {name.lower(): part for name, part in parts.items()}
    try:
        return _facts(exact)
    except (error, IndexError, KeyError):
        raise Unreadable("damaged", "文件已损坏，请让对方另存为 .xlsx 后再发") from None


def _facts(parts: Mapping[str, Part]) -> Book:
    links = relationships(inflate(parts["xl/_rels/workbook.bin.rels"]), "xl")
    sheets: list[Facts] = []
    for kind, body in _records(inflate(parts["xl/workbook.bin"])):
        if kind == _SHEET:
            link, at = _text(body, 8)
            name, _ = _text(body, at)
            role, target = links.get(link, ("", ""))
            if role == "worksheet":
                sheets.append(_sheet(inflate(parts[target.lower()]), name))
    styles = next((target for role, target in links.values() if role == "styles"), "")
    part = parts.get(styles.lower())
    return Book(tuple(sheets), () if part is None else tuple(_formats(inflate(part))))


def _formats(data: bytes) -> Iterator[tuple[int, str]]:
    codes: dict[int, str] = {}
    inside = False
    for kind, body in _records(data):
        if kind == _FORMAT:
            codes[unpack_from("<H", body)[0]] = _text(body, 2)[0]
        elif kind in (_XFS, _XFS_END):
            inside = kind == _XFS
        elif kind == _XF and inside:
            number = unpack_from("<H", body, 2)[0]
            yield number, codes.get(number, BUILTIN_CODES.get(number, ""))


def _sheet(data: bytes, name: str) -> Facts:
    found = Facts(name, {}, set(), set(), {})
    row = 0
    for kind, body in _records(data):
        if kind == _ROW:
            row = unpack_from("<L", body)[0] + 1
        elif 1 < kind <= _ERROR_RESULT:
            column, look = unpack_from("<2L", body)
            at = (row, column + 1)
            if kind in (_ERROR, _ERROR_RESULT):
                found.faults[at] = CODES.get(body[8], "#错误")
            elif kind in (_RK, _REAL, _NUMBER_RESULT):
                found.looks[at] = look & 0xFFFFFF
            if kind >= _TEXT_RESULT:
                found.formulas.add(at)
            if kind == _TEXT_RESULT and body[8:12] == bytes(4):
                found.empty.add(at)
    return found


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text at a place, and the place behind it."""
    (length,) = unpack_from("<L", body, at)
    stop = at + 4 + 2 * length
    return body[at + 4 : stop].decode("utf-16-le", "replace"), stop


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = data[at]
            size |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80 or shift > 21:
                break
        yield kind, data[at : at + size]
        at += size
