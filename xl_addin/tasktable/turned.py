"""A table with the districts across, as a grid with the districts down."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.formats.grid import Grid
from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.headers import is_unit
from xl_addin.xlsx.cells import TEXT, Cell


def turn(shape: Shape, unit_columns: Iterable[int]) -> Grid:
    """The table alone, rows and columns exchanged; each cell stands where row and column are swapped.

    What stands in a column of units becomes the bracket of its indicator's name.
    """
    grid, units = shape.view.grid, frozenset(unit_columns)
    top = shape.header[0] if shape.header else shape.first
    right = max(shape.columns, default=shape.name_column)
    left = shape.name_column
    cells = {
        (column, row): _with_unit(shape, row, cell, units) if column == left else cell
        for (row, column), cell in grid.cells.items()
        if row >= top and left <= column <= right and column not in units
    }
    merged = tuple(
        (area[1], area[0], area[3], area[2])
        for area in grid.merged
        if area[0] >= top and area[1] >= left and units.isdisjoint(range(area[1], area[3] + 1))
    )
    return grid._replace(
        cells=cells,
        merged=merged,
        hidden_rows=grid.hidden_columns,
        hidden_columns=grid.hidden_rows,
        comments={(column, row): text for (row, column), text in grid.comments.items()},
    )


def _with_unit(shape: Shape, row: int, cell: Cell, units: frozenset[int]) -> Cell:
    unit = next((text for c in units if (text := shape.view.text(row, c))), "")
    if row < shape.first or not unit or cell.kind != TEXT:
        return cell
    return cell._replace(value=f"{cell.value}（{unit if is_unit(unit) else f'单位：{unit}'}）")
