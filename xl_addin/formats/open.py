"""The sheets of a workbook of any format, by content and not by extension."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.formats.grid import Grid
from xl_addin.formats.sniff import kind_inside, sniff_kind
from xl_addin.model.filetypes import XLSX, ZIP, ZIP_START
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.package import MAX_FILE, unpack
from xl_addin.xlsx.workbook import Workbook


def read_grids(data: bytes, name: str) -> tuple[Grid, ...]:
    """Every worksheet in tab order. Raises Unreadable; ``name`` is only for its message."""
    if not data:
        raise Unreadable("damaged", f"{name} 是空文件，请重新提供")
    book = workbook_or_grids(data)
    if isinstance(book, Workbook):
        sheets = (book.sheet(name) for name in book.sheet_names)
        return tuple(
            Grid(
                sheet.name,
                sheet.cells,
                sheet.merged,
                sheet.state != "visible",
                sheet.hidden_rows,
                sheet.format_codes,
                hidden_columns=sheet.hidden_columns,
            )
            for sheet in sheets
        )
    return book


def workbook_or_grids(
    data: bytes, passwords: Sequence[str] | None = ()
) -> Workbook | tuple[Grid, ...]:
    """An .xlsx to be read sheet by sheet, or all sheets of any other format. Raises Unreadable.

    ``passwords`` are tried on a file that is locked; None for a file that was unlocked.
    """
    if len(data) > MAX_FILE:
        raise Unreadable("too-large", f"文件超过 {MAX_FILE // 2**20} MB，没有读取")
    parts = unpack(data) if data.startswith(ZIP_START) else {}
    kind = kind_inside(parts, ZIP) if parts else sniff_kind(data)
    if kind == XLSX:
        return Workbook(parts, strikes=True)
    # Costs what subprocess and json cost to import; an .xlsx needs neither.
    from xl_addin.formats.registry import read_other_format

    found = read_other_format(kind, data, passwords)
    return workbook_or_grids(found, None) if isinstance(found, bytes) else found
