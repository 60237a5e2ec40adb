"""Cells of an .xls or .et as python-calamine gives them. For the throw-away process only."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from xl_addin.formats.grid import Grid
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import BOOL, DATE, MAX_CELLS, NUM, TEXT, Cell

if TYPE_CHECKING:
    from typing import Any


def read_native(data: bytes) -> tuple[Grid, ...]:
    """Every worksheet in tab order; errors, formulas and formats are not told."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    grids = []
    room = MAX_CELLS
    for facts in workbook.sheets_metadata:
        if facts.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(facts.name)
        # The whole rectangle from A1 on would abort on a far cell; from the first used cell it is
        # as large as what calamine holds already.
        rows = sheet.to_python(skip_empty_area=True)
        cells: dict[tuple[int, int], Cell] = {}
        for at, cell in _cells(rows, *(sheet.start or (0, 0))):
            cells[at] = cell
            if len(cells) > room:
                raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        room -= len(cells)
        merged = tuple(
            (a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or ()
        )
        hidden = facts.visible != SheetVisibleEnum.Visible
        grids.append(Grid(facts.name, cells, merged, hidden))
    return tuple(grids)


def _cells(rows: list[list[Any]], top: int, left: int) -> Iterator[tuple[tuple[int, int], Cell]]:
    for row, values in enumerate(rows, top + 1):
        for column, value in enumerate(values, left + 1):
            if value != "":
                yield (row, column), _typed(value)


def _typed(value: Any) -> Cell:
    if isinstance(value, bool):
        return Cell(BOOL, value)
    if isinstance(value, int | float):
        whole = float(value).is_integer() and abs(value) < 1e15
        return Cell(NUM, int(value) if whole else value)
    if isinstance(value, str):
        # As Excel's own formats write it, so that the same text reads the same in each.
        return Cell(TEXT, re.sub("\r\n?", "\n", value))
    return Cell(DATE, str(value))
