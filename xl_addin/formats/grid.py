"""A sheet as every reader gives it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import Cell


class Grid(NamedTuple):
    """One sheet: its cells by (row, column) from 1, merged areas, and what is hidden.

    ``hidden_rows`` is empty for formats whose reader does not tell (.xls, .et, .xlsb, web pages);
    ``looks`` is as in ``cells.Sheet``.
    """

    sheet: str
    cells: dict[tuple[int, int], Cell]
    merged: tuple[a1.Area, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    looks: Mapping[int, str] = MappingProxyType({})
