"""Error cells of an .xls or .et, which calamine reads as blanks.

Only the records that say "this cell shows an error" are looked for; every other value is calamine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from struct import error, unpack_from

Faults = dict[str, dict[tuple[int, int], str]]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_CODES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
          0x24: "#NUM!", 0x2A: "#N/A"}  # fmt: skip
_BOF, _EOF, _BOUNDSHEET, _FORMULA, _BOOLERR, _FILEPASS = 0x809, 0x0A, 0x85, 0x06, 0x205, 0x2F
_FREE = 0xFFFFFFF0  # sector numbers from here on are marks, not sectors
_SMALL_STREAM, _SMALL_SECTOR = 4096, 64
_DIRECTORY_ENTRY = 128


def has_entry(data: bytes, name: str) -> bool:
    """Whether an OLE file mentions a stream of this name."""
    return name.encode("utf-16-le") in data


def encrypted(book: bytes) -> bool:
    """Whether a workbook stream needs a password to be read."""
    return any(kind == _FILEPASS for kind, _ in islice(_records(book, 0), 8))


def faults(book: bytes) -> Faults:
    """Sheet name -> (row, column) -> ``#REF!``, from a workbook stream."""
    found: Faults = {}
    for kind, body in _records(book, 0):
        if kind == _EOF:
            break
        if kind == _BOUNDSHEET and len(body) > 8:
            start, length, wide = unpack_from("<L", body)[0], body[6], body[7] & 1
            raw = body[8 : 8 + length * (1 + wide)]
            found[raw.decode("utf-16-le" if wide else "latin-1", "replace")] = dict(
                _sheet_faults(book, start)
            )
    return found


def _sheet_faults(book: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    depth = 0
    for kind, body in _records(book, start):
        # A chart inside the sheet has a beginning and an end of its own.
        depth += (kind == _BOF) - (kind == _EOF)
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
