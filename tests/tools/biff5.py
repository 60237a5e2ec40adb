"""Workbooks of Excel 5 as small scripts write them: no formulas, texts of bytes, 255 at most.

[MS-XLS] describes BIFF8; records of BIFF5 are as in OpenOffice's documentation of the format.
"""

import struct

from tests.hostile.makers import biff

_BOF, _EOF, _CODEPAGE, _SHEET, _LABEL, _NUMBER = 0x809, 0x0A, 0x42, 0x85, 0x204, 0x203


def biff5(grids, encoding="gbk", page=1252, longest=255):
    """The cells of these grids; ``page`` is what the file says of its texts, None for nothing."""
    names = [grid.sheet.encode(encoding) for grid in grids]
    bodies = [sheet_records(grid.cells, encoding, longest) for grid in grids]
    start = [(_BOF, struct.pack("<4H", 0x500, 5, 0, 1996))]
    start += [(_CODEPAGE, struct.pack("<H", page))] if page is not None else []
    sizes = [sum(4 + len(body) for _, body in records) for records in bodies]
    at = sum(4 + len(body) for _, body in start) + sum(4 + 7 + len(name) for name in names) + 4
    sheets = []
    for grid, name, size in zip(grids, names, sizes, strict=True):
        sheets.append((_SHEET, struct.pack("<LHB", at, int(grid.hidden), len(name)) + name))
        at += size
    return biff([*start, *sheets, (_EOF, b""), *(one for records in bodies for one in records)])


def sheet_records(cells, encoding="gbk", longest=255, bof=(0x500, 0x10, 0, 1996)):
    """A sheet's records: numbers and texts, a formula's as its last result."""
    records = [(_BOF, struct.pack("<4H", *bof))]
    for (row, column), cell in sorted(cells.items()):
        at = struct.pack("<3H", row - 1, column - 1, 0)
        if isinstance(cell.value, int | float):
            records.append((_NUMBER, at + struct.pack("<d", cell.value)))
        elif cell.value:
            text = str(cell.value).encode(encoding)[:longest]
            records.append((_LABEL, at + struct.pack("<H", len(text)) + text))
    return [*records, (_EOF, b"")]


def bare_stream(cells, encoding="gbk"):
    """One sheet's records and nothing else, its BOF without a version: ``xlsBOF()`` of many a script."""
    records = sheet_records(cells, encoding, bof=(0, 0x10, 0, 0))
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)
