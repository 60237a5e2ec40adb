"""The sheets of a workbook of any format, by content and not by extension."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from xl_addin import a1
from xl_addin.cells import Cell, Workbook
from xl_addin.errors import Unreadable
from xl_addin.package import MAX_FILE, unpack

_ZIP = b"PK\x03\x04"


class Grid(NamedTuple):
    """One sheet: its cells by (row, column) from 1, merged areas, and what is hidden.

    ``hidden_rows`` is empty for formats whose reader does not tell (.xls, .et, .xlsb); ``looks`` is
    as in ``cells.Sheet``.
    """

    sheet: str
    cells: dict[tuple[int, int], Cell]
    merged: tuple[a1.Area, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    looks: Mapping[int, str] = MappingProxyType({})


def read_grids(data: bytes, name: str) -> tuple[Grid, ...]:
    """Every worksheet in tab order. Raises Unreadable; ``name`` is only for its message."""
    if not data:
        raise Unreadable("damaged", f"{name} 是空文件，请重新提供")
    if len(data) > MAX_FILE:
        raise Unreadable("too-large", f"{name} 超过 {MAX_FILE // 2**20} MB，没有读取")
    if data.startswith(_ZIP):
        parts = unpack(data)
        lower = {part.lower() for part in parts}
        if "xl/workbook.xml" in lower or (
            "_rels/.rels" in lower and "xl/workbook.bin" not in lower
        ):
            return _own(Workbook(parts))
    # Costs what subprocess and json cost to import; an .xlsx needs neither.
    from xl_addin.foreign import read_foreign

    return read_foreign(data)


def _own(book: Workbook) -> tuple[Grid, ...]:
    sheets = (book.sheet(name) for name in book.sheet_names)
    return tuple(
        Grid(sheet.name, sheet.cells, sheet.merged, sheet.state != "visible", sheet.hidden_rows)
        for sheet in sheets
    )
