"""A sheet as every reader gives it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import Cell

CODES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""Errors by their number in binary workbooks ([MS-XLS] 2.5.10, BErr)."""

_FEW_ROWS = 4
_WIDEST = 8  # so many columns may be one of a page's layout
MAX_COMMENTS, LONGEST_COMMENT = 200, 8_000
"""So much of what is noted on a sheet's cells is kept."""


class Doubt(NamedTuple):
    """What a reader cannot vouch for at a cell: a problem's code, what stands there, what is to be said.

    ``settles``: it no longer matters once somebody said which table is meant.
    """

    code: str
    at: tuple[int, int]
    found: str
    says: str
    refuses: bool = True
    settles: bool = False


class Halves(NamedTuple):
    """Parts of a sheet beside each other that a grid has one below the other.

    ``starts`` are their first columns, one width apart; ``top`` and ``bottom`` the rows that all of them have.
    """

    starts: tuple[int, ...]
    top: int
    bottom: int

    @property
    def width(self) -> int:
        """How many columns a part has."""
        return self.starts[1] - self.starts[0]

    def here(self, row: int, column: int) -> tuple[int, int]:
        """Where the grid has what stands on the sheet at a place."""
        height, last = self.bottom - self.top + 1, len(self.starts) - 1
        part = min(max(column - self.starts[0], 0) // self.width, last)
        if row < self.top:
            return row, column
        shift = part if row <= self.bottom else last
        return row + shift * height, column - part * self.width

    def there(self, row: int, column: int) -> tuple[int, int, int]:
        """Which part a place of the grid is from, and where it stands on the sheet."""
        height, last = self.bottom - self.top + 1, len(self.starts) - 1
        part = min(max(row - self.top, 0) // height, last)
        if row > self.bottom + last * height:
            return 0, row - last * height, column
        return part, row - part * height, column + part * self.width


class Grid(NamedTuple):
    """One sheet: its cells by (row, column) from 1, merged areas, and what is hidden.

    ``hidden_rows`` and ``hidden_columns`` are empty for formats that do not tell (web pages, .csv);
    ``format_codes`` is as in ``cells.Sheet``. ``comments`` are what is noted on cells and ``boxes``
    what stands in text boxes, where a format's reader tells.

    A table of a text document has no addresses: ``origin`` has, by row of the grid, the number of the
    table and of the row there; rows that it lacks stand above the table. ``doubts`` are told of it.
    ``halves`` tells where its rows stand on the sheet, where that has them beside each other.
    """

    sheet: str
    cells: dict[tuple[int, int], Cell]
    merged: tuple[a1.Area, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    format_codes: Mapping[int, str] = MappingProxyType({})
    comments: Mapping[tuple[int, int], str] = MappingProxyType({})
    hidden_columns: frozenset[int] = frozenset()
    origin: Mapping[int, tuple[int, int]] = MappingProxyType({})
    doubts: tuple[Doubt, ...] = ()
    boxes: tuple[str, ...] = ()
    halves: Halves | None = None


def without_covered_columns(grid: Grid) -> Grid:
    """The grid with no cell merged into columns that hold nothing and only go on from the one left of them.

    Who lays out a page makes one column of two so; a name over several columns is still over them.
    """
    held = {column for _, column in grid.cells}
    rows = {row for row, _ in grid.cells}
    covered: dict[int, int] = {}
    for top, left, bottom, right in grid.merged:
        beside = range(left + 1, right + 1)
        if right - left <= _WIDEST and held.isdisjoint(beside):
            for column in beside:
                covered[column] = covered.get(column, 0) + bottom - top + 1
    gone = {column for column, count in covered.items() if 2 * count > max(len(rows), _FEW_ROWS)}

    def narrowed(left: int, right: int) -> int:
        beside = range(left + 1, right + 1)
        return left if right - left <= _WIDEST and gone.issuperset(beside) else right

    merged = (
        (top, left, bottom, narrowed(left, right)) for top, left, bottom, right in grid.merged
    )
    kept = tuple(area for area in merged if area[:2] != area[2:])
    return grid._replace(merged=kept) if gone else grid
