"""What calamine does not tell of an .xls or .et: errors, formulas and number formats of cells.

calamine reads an error as a blank, an empty result as 0 and a formula as a typed value. Only what
kind of cell it is is looked for here; every other value is calamine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from struct import error, unpack_from

from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.styles import BUILTIN_CODES

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Where = tuple[int, int]


class Facts(NamedTuple):
    """Cells of one worksheet by (row, column).

    Error texts, formulas, formulas that show nothing, and per number the index of its format.
    """

    name: str
    faults: dict[Where, str]
    formulas: set[Where]
    empty: set[Where]
    looks: dict[Where, int]


class Book(NamedTuple):
    """Worksheets in tab order; per cell format the number and code of its number format."""

    sheets: tuple[Facts, ...]
    formats: tuple[tuple[int, str], ...]


CODES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_BOF, _EOF, _BOUNDSHEET, _FORMULA, _BOOLERR, _FILEPASS = 0x809, 0x0A, 0x85, 0x06, 0x205, 0x2F
_NUMBER, _RK, _MULRK, _STRING, _FORMAT, _XF = 0x203, 0x27E, 0xBD, 0x207, 0x41E, 0xE0
_BIFF8 = 0x600
_FREE = 0xFFFFFFF0  # sector numbers from here on are marks, not sectors
_SMALL_STREAM, _SMALL_SECTOR = 4096, 64
_DIRECTORY_ENTRY = 128


def has_entry(data: bytes, name: str) -> bool:
    """Whether an OLE file mentions a stream of this name."""
    return name.encode("utf-16-le") in data


def encrypted(book: bytes) -> bool:
    """Whether a workbook stream needs a password to be read."""
    return any(kind == _FILEPASS for kind, _ in islice(_records(book, 0), 8))


def facts(book: bytes) -> Book:
    """What a workbook stream tells of its worksheets; what is damaged in it is left out."""
    sheets: list[Facts] = []
    codes: dict[int, str] = {}
    used: list[int] = []
    wide = True
    for kind, body in _records(book, 0):
        if kind == _EOF:
            break
        if kind == _BOF and len(body) >= 2:
            wide = unpack_from("<H", body)[0] >= _BIFF8
        elif kind == _FORMAT and len(body) > 3:
            codes[unpack_from("<H", body)[0]] = _text(body[2:], 2 if wide else 1, wide)
        elif kind == _XF and len(body) >= 4:
            used.append(unpack_from("<H", body, 2)[0])
        elif kind == _BOUNDSHEET and len(body) > 8 and not body[5]:
            sheets.append(_sheet(book, unpack_from("<L", body)[0], _text(body[6:], 1, wide)))
    formats = tuple((number, codes.get(number, BUILTIN_CODES.get(number, ""))) for number in used)
    return Book(tuple(sheets), formats)


def _text(body: bytes, counted: int, flagged: bool) -> str:
    """A text after its length (one or two bytes) and, since Excel 97, a byte that says how wide."""
    length = int.from_bytes(body[:counted], "little")
    if not flagged:
        return body[counted : counted + length].decode("gbk", "replace")
    wide = body[counted] & 1
    raw = body[counted + 1 : counted + 1 + length * (1 + wide)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")


def _sheet(book: bytes, start: int, name: str) -> Facts:
    found = Facts(name, {}, set(), set(), {})
    depth = 0
    last: Where = (0, 0)
    for kind, body in _records(book, start):
        # A chart inside the sheet has a beginning and an end of its own.
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            break
        if kind == _STRING and len(body) >= 2 and body[:2] == b"\0\0":
            found.empty.add(last)
        if kind not in (_FORMULA, _BOOLERR, _NUMBER, _RK, _MULRK) or len(body) < 8:
            continue
        row, column, look = unpack_from("<3H", body)
        last = (row + 1, column + 1)
        if kind == _BOOLERR:
            if body[7] == 1:
                found.faults[last] = CODES.get(body[6], "#错误")
        elif kind == _MULRK:
            looks = unpack_from("<" + "H4x" * ((len(body) - 6) // 6), body, 4)
            found.looks.update({(row + 1, column + 1 + at): own for at, own in enumerate(looks)})
        else:
            found.looks[last] = look
            if kind == _FORMULA:
                found.formulas.add(last)
                _result(found, last, body)
    return found


def _result(found: Facts, where: Where, body: bytes) -> None:
    """A formula's result that is no number is marked in its place."""
    if body[12:14] == b"\xff\xff":
        if body[6] == 2:
            found.faults[where] = CODES.get(body[8], "#错误")
        elif body[6] == 3:
            found.empty.add(where)


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(book):
        kind, size = unpack_from("<2H", book, at)
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def workbook_stream(data: bytes) -> bytes:
    """The Workbook stream of an OLE file; empty where there is none or the file is damaged."""
    try:
        return _workbook_stream(data)
    except (error, IndexError, ValueError):
        return b""


def _workbook_stream(data: bytes) -> bytes:
    sector = 1 << min(unpack_from("<H", data, 30)[0], 12)
    fat = _fat(data, sector)
    (directory,) = unpack_from("<L", data, 48)
    entries = _chain(data, sector, fat, directory, first=1)
    root_start, root_size = unpack_from("<2L", entries, 116)
    for at in range(_DIRECTORY_ENTRY, len(entries) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
        length = min(unpack_from("<H", entries, at + 64)[0], 64)
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        if name not in ("Workbook", "Book"):
            continue
        start, size = unpack_from("<2L", entries, at + 116)
        if size >= _SMALL_STREAM:
            return _chain(data, sector, fat, start, first=1)[:size]
        # Small streams share the root's stream, in sectors and with a table of their own.
        shared = _chain(data, sector, fat, root_start, first=1)[:root_size]
        (table,) = unpack_from("<L", data, 60)
        raw = _chain(data, sector, fat, table, first=1)
        small_fat = list(unpack_from(f"<{len(raw) // 4}L", raw))
        return _chain(shared, _SMALL_SECTOR, small_fat, start, first=0)[:size]
    return b""


def _fat(data: bytes, sector: int) -> list[int]:
    """The table of each sector's successor."""
    tables = list(unpack_from("<109L", data, 76))
    (more,) = unpack_from("<L", data, 68)
    seen: set[int] = set()
    while more < _FREE and more not in seen:
        seen.add(more)
        listed = unpack_from(f"<{sector // 4}L", data, (more + 1) * sector)
        tables += listed[:-1]
        more = listed[-1]
    fat: list[int] = []
    for table in dict.fromkeys(table for table in tables if table < _FREE):
        fat += unpack_from(f"<{sector // 4}L", data, (table + 1) * sector)
    return fat


def _chain(data: bytes, sector: int, fat: list[int], start: int, first: int) -> bytes:
    """The bytes of a chain of sectors; ``first`` is how many sectors the header takes."""
    pieces: list[bytes] = []
    seen: set[int] = set()
    while start < _FREE and start not in seen:
        seen.add(start)
        pieces.append(data[(start + first) * sector : (start + first + 1) * sector])
        start = fat[start]
    return b"".join(pieces)
