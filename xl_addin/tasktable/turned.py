"""A table with the districts across, as a grid with the districts down."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.formats.grid import Grid
from xl_addin.tasktable.find import Shape
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.cells import TEXT, Cell


def turn(shape: Shape, unit_columns: Iterable[int]) -> Grid:
    """The table alone, rows and columns exchanged; each cell stands where row and column are swapped.

    What stands in a column of units becomes the bracket of a unit, so that it is read as one.
    """
    grid, units = shape.view.grid, set(unit_columns)
    left = min([shape.name_column, *units])
    top = shape.header[0] if shape.header else shape.first
    right = max(shape.columns, default=shape.name_column)
    cells = {
        (column, row): _as_unit(cell) if column in units and row >= shape.first else cell
        for (row, column), cell in grid.cells.items()
        if row >= top and (column == shape.name_column or column in units or left < column <= right)
    }
    merged = tuple(_turned(area) for area in grid.merged if area[0] >= top)
    return grid._replace(
        cells=cells, merged=merged, hidden_rows=frozenset(), format_codes=grid.format_codes
    )


def _turned(area: Area) -> Area:
    return area[1], area[0], area[3], area[2]


def _as_unit(cell: Cell) -> Cell:
    text = str(cell.value).strip()
    return cell._replace(value=f"（单位：{text}）") if cell.kind == TEXT and text else cell


def swap(at: Where) -> Where:
    """A place on the turned grid where it is on the sheet, and the other way round."""
    return at[1], at[0]
