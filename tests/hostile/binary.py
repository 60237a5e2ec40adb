"""Giants in Excel's binary formats, .xls as a bare stream of records and .xlsb: see ``giants``."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

from tests.hostile.makers import LIGATURE, MIB, RELS
from xl_addin.xlsx.package import deflate, pack

Record = tuple[int, bytes]
_BOF, _EOF, _SHEET, _CONTINUE = 0x809, 0x0A, 0x85, 0x3C
_MOST = 8224
"""Bytes in a record of BIFF8; the rest goes into CONTINUE."""


def xls(globals_: Iterable[Record], *sheets: Iterable[Record]) -> bytes:
    """A workbook stream without a container, as some scripts write it: sheets behind the globals."""
    bodies = [_stream([(_BOF, _bof(0x10)), *sheet, (_EOF, b"")]) for sheet in sheets]
    first = _stream([(_BOF, _bof(5)), *globals_])
    at = len(first) + len(bodies) * (4 + 13) + 4
    names = b""
    for number, body in enumerate(bodies):
        names += _stream([(_SHEET, struct.pack("<LBBBB", at, 0, 0, 5, 0) + b"%05d" % number)])
        at += len(body)
    return first + names + _stream([(_EOF, b"")]) + b"".join(bodies)


def _bof(kind: int) -> bytes:
    return struct.pack("<4H2L", 0x600, kind, 0x0DBB, 1996, 0, 6)


def _stream(records: Iterable[Record]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


def text_xls(text: str, runs: int = 0) -> bytes:
    """A text of BIFF8, two bytes a letter."""
    head = struct.pack("<HB", min(len(text), 0xFFFF), 1 | 8 * bool(runs))
    return head + (struct.pack("<H", runs) if runs else b"") + text.encode("utf-16-le")


def shared_xls(texts: Iterable[bytes]) -> list[Record]:
    """SST with its CONTINUE, each text in a record of its own."""
    texts = list(texts)
    # The first has to begin in the record itself.
    head = struct.pack("<2L", len(texts), len(texts)) + texts[0]
    return [(0xFC, head), *((_CONTINUE, each) for each in texts[1:])]


def long_shared_xls(text: str, count: int) -> list[Record]:
    """SST of so many long texts that each run over many CONTINUE."""
    records: list[Record] = []
    letters = text.encode("utf-16-le")
    for number in range(count):
        first = struct.pack("<HB", len(text), 1) + letters[: _MOST - 12]
        start = (0xFC, struct.pack("<2L", count, count) + first)
        records.append((_CONTINUE, first) if number else start)
        at = _MOST - 12
        while at < len(letters):
            records.append((_CONTINUE, b"\1" + letters[at : at + _MOST - 2]))
            at += _MOST - 2
    return records


def numbers_xls(rows: int, columns: int) -> list[Record]:
    return [
        (0x203, struct.pack("<3Hd", row, column, 0, 1.5))
        for row in range(rows)
        for column in range(columns)
    ]


def shared_cells_xls(rows: int, columns: int, texts: int = 1) -> list[Record]:
    return [
        (0xFD, struct.pack("<3HL", row, column, 0, (row * columns + column) % texts))
        for row in range(rows)
        for column in range(columns)
    ]


def merges_xls(count: int) -> list[Record]:
    """So many merged areas of the whole sheet."""
    body = struct.pack("<H", 1_000) + struct.pack("<4H", 10, 65_535, 0, 255) * 1_000
    return [(0xE5, body)] * (count // 1_000)


def looks_xls(count: int) -> list[Record]:
    """So many formats, each with a code of its own, and looks that use them."""
    codes = [
        (0x41E, struct.pack("<H", 200 + n) + text_xls(f'0"{n}"')) for n in range(min(count, 60_000))
    ]
    looks = [(0xE0, struct.pack("<2H", 0, 200 + n % 60_000) + bytes(16)) for n in range(count)]
    return [*codes, *looks]


def notes_xls(count: int) -> list[Record]:
    """So many notes with a text each."""
    found: list[Record] = []
    for n in range(count):
        number = n % 65_000
        found += [
            (0x5D, struct.pack("<5H", 0x15, 18, 25, number, 0) + bytes(12)),
            (0x1B6, struct.pack("<2H", 0, 0) + bytes(6) + struct.pack("<2H", 4_000, 0) + bytes(4)),
            (_CONTINUE, b"\1" + LIGATURE.encode("utf-16-le") * 4_000),
            (0x1C, struct.pack("<4H", number, n % 200, 0, number) + b"\1\0\0a"),
        ]
    return found


def xlsb(
    rows: Iterable[Record],
    strings: Iterable[Record] = (),
    styles: Iterable[Record] = (),
    sheets: int = 1,
) -> bytes:
    """An .xlsb of records; every sheet is the same part."""
    named = b"".join(
        _xlsb_stream([(156, struct.pack("<LL", 0, 1) + _wide("r1") + _wide(f"S{n}"))])
        for n in range(sheets)
    )
    kinds = {"r1": "worksheet", "r2": "sharedStrings", "r3": "styles"}
    names = {"r1": "worksheets/sheet1.bin", "r2": "sharedStrings.bin", "r3": "styles.bin"}
    links = "".join(
        f'<Relationship Id="{key}" Type="x/{kinds[key]}" Target="{names[key]}"/>' for key in kinds
    )
    parts = {
        "xl/workbook.bin": named,
        "xl/_rels/workbook.bin.rels": f"{RELS}{links}</Relationships>".encode(),
        "xl/worksheets/sheet1.bin": _xlsb_stream(rows),
        "xl/sharedStrings.bin": _xlsb_stream(strings),
        "xl/styles.bin": _xlsb_stream(styles),
    }
    return pack(deflate(name, data, 1) for name, data in parts.items())


def _wide(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def _xlsb_stream(records: Iterable[Record]) -> bytes:
    return b"".join(_xlsb_head(kind, len(body)) + body for kind, body in records)


def _xlsb_head(kind: int, size: int) -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    for _ in range(3):
        if size < 0x80:
            break
        head += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + bytes([size])


def row_xlsb(row: int) -> Record:
    return 0, struct.pack("<3L", row, 0, 0) + bytes(8)


def grid_xlsb(rows: int, columns: int, cell: Callable[[int, int], Record]) -> list[Record]:
    return [
        record
        for row in range(rows)
        for record in (row_xlsb(row), *(cell(row, column) for column in range(columns)))
    ]


def _number(_: int, column: int) -> Record:
    return 5, struct.pack("<2Ld", column, 0, 1.5)


def _own_text(text: str) -> Callable[[int, int], Record]:
    said = _wide(text)
    return lambda _, column: (6, struct.pack("<2L", column, 0) + said)


def _shared(columns: int, texts: int) -> Callable[[int, int], Record]:
    return lambda row, column: (7, struct.pack("<3L", column, 0, (row * columns + column) % texts))


def _shared_texts(texts: Iterable[str]) -> list[Record]:
    return [(19, b"\0" + _wide(text)) for text in texts]


_LONG = LIGATURE * 32_000
_HUGE = "\U0001f600" + LIGATURE * (8 * MIB)
_LABELS = [f"{n}{LIGATURE * 250}" for n in range(60_000)]

BINARY: dict[str, Callable[[], bytes]] = {
    "xls: 500,000 numbers": lambda: xls([], numbers_xls(2_000, 250)),
    "xls: 60,000 rows of 15 numbers": lambda: xls([], numbers_xls(60_000, 15)),
    "xls: one long text in 450,000 cells": lambda: xls(
        long_shared_xls(_LONG, 1), shared_cells_xls(1_800, 250)
    ),
    "xls: 60,000 labels of ligatures": lambda: xls(
        shared_xls(map(text_xls, _LABELS)), shared_cells_xls(4_000, 15, 60_000)
    ),
    "xls: 900 long texts": lambda: xls(long_shared_xls(_LONG, 900), shared_cells_xls(60, 15, 900)),
    "xls: a text of 60,000 runs": lambda: xls(
        shared_xls([text_xls("x", 65_000)]) + [(_CONTINUE, bytes(8_000))] * 33,
        shared_cells_xls(9, 9),
    ),
    "xls: 15 million empty records": lambda: xls([], [(0x1234, b"")] * 15_000_000),
    "xls: 4 million merged areas": lambda: xls([], merges_xls(4_000_000)),
    "xls: columns, 400,000 times all": lambda: xls(
        [], [(0x7D, struct.pack("<6H", 0, 255, 0, 0, 1, 0))] * 400_000
    ),
    "xls: rows, 2 million times": lambda: xls(
        [],
        [
            (0x208, struct.pack("<8H", n % 65_536, 0, 256, 0, 0, 0, 0x20, 0))
            for n in range(2_000_000)
        ],
    ),
    "xls: 500,000 looks": lambda: xls(looks_xls(500_000), numbers_xls(100, 100)),
    "xls: 200,000 fonts": lambda: xls([(0x31, bytes(16))] * 2_000_000, numbers_xls(9, 9)),
    "xls: 6,000 notes": lambda: xls([], notes_xls(6_000)),
    "xls: 3,000 sheets": lambda: xls([], *[numbers_xls(10, 10)] * 3_000),
    "xls: 60,000 sheets": lambda: xls([], *[[]] * 60_000),
    "xls: 900,000 results of formulas": lambda: xls(
        [],
        [
            record
            for row in range(3_000)
            for column in range(150)
            for record in (
                (0x06, struct.pack("<3H", row, column, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(8)),
                (0x207, text_xls("若干" * 20)),
            )
        ],
    ),
    "xlsb: 500,000 numbers": lambda: xlsb(grid_xlsb(2_000, 250, _number)),
    "xlsb: 60,000 rows of 15 numbers": lambda: xlsb(grid_xlsb(60_000, 15, _number)),
    "xlsb: one huge text": lambda: xlsb(grid_xlsb(1, 1, _own_text(_HUGE))),
    "xlsb: one huge shared text": lambda: xlsb(
        grid_xlsb(1, 200, _shared(200, 1)), _shared_texts([_HUGE])
    ),
    "xlsb: sixty texts of a million letters": lambda: xlsb(
        grid_xlsb(30, 1, _own_text(LIGATURE * MIB))
    ),
    "xlsb: one long text in 450,000 cells": lambda: xlsb(
        grid_xlsb(1_800, 250, _shared(250, 1)), _shared_texts([_LONG])
    ),
    "xlsb: 60,000 labels of ligatures": lambda: xlsb(
        grid_xlsb(4_000, 15, _shared(15, 60_000)), _shared_texts(_LABELS)
    ),
    "xlsb: a text of 15 million runs": lambda: xlsb(
        grid_xlsb(9, 9, _shared(9, 1)),
        [(19, b"\1" + _wide("x") + struct.pack("<L", 15_000_000) + bytes(60_000_000))],
        [(43, struct.pack("<3H", 0, 8, 0) + bytes(20))],
    ),
    "xlsb: 20 million empty records": lambda: xlsb([(200, b"")] * 20_000_000),
    "xlsb: 3 million merged areas": lambda: xlsb(
        [row_xlsb(0), *[(176, struct.pack("<4L", 10, 1_048_575, 0, 16_383))] * 3_000_000]
    ),
    "xlsb: columns, 2 million times all": lambda: xlsb(
        [(60, struct.pack("<4LBB", 0, 16_383, 0, 0, 1, 0))] * 2_000_000
    ),
    "xlsb: 2 million hidden rows": lambda: xlsb(
        [(0, struct.pack("<3L", n, 0, 0x10000000) + bytes(8)) for n in range(2_000_000)]
    ),
    "xlsb: 2 million looks": lambda: xlsb(
        grid_xlsb(9, 9, _number),
        (),
        [
            *((44, struct.pack("<H", 200 + n) + _wide(f'0"{n}"')) for n in range(60_000)),
            (617, bytes(4)),
            *(
                (47, struct.pack("<3H", 0, 200 + n % 60_000, 0) + bytes(10))
                for n in range(2_000_000)
            ),
            (618, b""),
        ],
    ),
    "xlsb: 3,000 sheets of one part": lambda: xlsb(grid_xlsb(10, 10, _number), sheets=3_000),
    "xlsb: 300 sheets of one large part": lambda: xlsb([(200, bytes(100))] * 500_000, sheets=300),
}
