"""The headings over a new column of a district by indicator sheet: merged with those beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xl_addin.master.build.district_tables import HEADER_ROW, header_cells
from xl_addin.master.host.base import Filling, Host
from xl_addin.master.read.blocks import key_text
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.records import Indicator
from xl_addin.model.sheets import NAME_KEY
from xl_addin.xlsx.a1 import Area
from xl_addin.xlsx.cells import Value


def heading_filling(
    host: Host,
    matrix: Matrix,
    indicators: Sequence[Indicator],
    new: frozenset[str],
    kind: str = "",
    key: Callable[[str], str] = str,
    split: Callable[[Indicator], Sequence[Indicator]] | None = None,
) -> Filling:
    """What the headings of the new columns become; those that stand already keep their words.

    ``new`` are their keys, ``key`` makes one of an indicator's code, ``kind`` is what the lowest headings
    say besides their own words. ``split`` says which columns an indicator has beside one another.
    """
    bottom = matrix.key_row - 1
    above = host.cells(matrix.sheet, (1, matrix.key_column, bottom, matrix.key_column))
    tops = [row for (row, _), cell in above.items() if key_text(cell) == NAME_KEY]
    top = max(tops, default=bottom)
    depth = bottom - top + 1 - (split is not None)
    folded = [_fold(item, depth) for item in indicators]
    if split is not None:
        folded = [each for item in folded for each in split(item)]
    lowest = HEADER_ROW + max(len(item.path) for item in folded) - 1
    values: dict[tuple[int, int], Value] = {}
    merged: list[Area] = []
    for (first, left, last, right), text in header_cells(folded, 3, kind):
        codes = [key(item.code) for item in folded[left - 3 : right - 2]]
        columns = sorted(matrix.columns[code] for code in codes)
        if not new & set(codes):
            continue
        if columns[-1] - columns[0] != len(columns) - 1:  # staff put something in between
            columns = sorted(matrix.columns[code] for code in codes if code in new)[:1]
        end = bottom if last == lowest else top + last - HEADER_ROW
        area = (top + first - HEADER_ROW, columns[0], end, columns[-1])
        merged.append(area)
        there = key_text(host.cells(matrix.sheet, (*area[:2], *area[:2])).get(area[:2]))
        values[area[:2]] = there or text
    return Filling(matrix.sheet, values, {}, tuple(merged))


def _fold(item: Indicator, depth: int) -> Indicator:
    """An indicator whose path has no more steps than there are rows of headings."""
    if len(item.path) <= depth:
        return item
    return item._replace(path=(*item.path[: depth - 1], " > ".join(item.path[depth - 1 :])))
