"""Error cells of an .xls or .et, which calamine reads as blanks.

Only the records that say "this cell shows an error" are looked for; every other value is calamine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

Faults = dict[int, dict[tuple[int, int], str]]

_CODES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
          0x24: "#NUM!", 0x2A: "#N/A"}  # fmt: skip
_END_OF_CHAIN = 0xFFFFFFF8
_BOF, _BOUNDSHEET, _FORMULA, _BOOLERR, _FILEPASS = 0x809, 0x85, 0x06, 0x205, 0x2F
_WORKSHEET = 0


def encrypted(data: bytes) -> bool:
    """Whether the workbook stream is encrypted (a password to open)."""
    head = _stream(data)[:4096]
    return any(kind == _FILEPASS for kind, _ in _records(head, 0))


def fault_cells(data: bytes) -> Faults:
    """Sheet number among all sheets -> (row, column) -> ``#REF!``."""
    book = _stream(data)
    starts = [
        unpack_from("<L", body)[0]
        for kind, body in _records(book, 0)
        if kind == _BOUNDSHEET and len(body) >= 6
    ]
    return {number: dict(_faults(book, start)) for number, start in enumerate(starts)}


def _faults(book: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    depth = 0
    for kind, body in _records(book, start):
        # Embedded charts have a BOF and EOF of their own inside the sheet.
        depth += (kind == _BOF) - (kind == 0x0A)
        if depth <= 0:
            return
        if kind == _BOOLERR and len(body) >= 8 and body[7] == 1:
            code = body[6]
        elif kind == _FORMULA and len(body) >= 14 and body[6] == 2 and body[12:14] == b"\xff\xff":
            code = body[8]
        else:
            continue
        row, column = unpack_from("<2H", body)
        yield (row + 1, column + 1), _CODES.get(code, "#错误")


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    ended = 0
    while at + 4 <= len(book):
        kind, size = unpack_from("<2H", book, at)
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size
        ended += kind == 0x0A
        if kind == 0x0A and at >= len(book):
            return


def _stream(data: bytes) -> bytes:
    """The Workbook (or Book) stream of an OLE file; empty when there is none or it is damaged."""
    try:
        return _find_stream(data)
    except (ValueError, IndexError, OverflowError, ArithmeticError):
        return b""
