"""What stands above the columns that a block is given: visible headings, and the title over all of it.

A block begins with the row of its keys. The headings that people read stand above it, partly merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.migrate.canvas import Canvas
from xl_addin.master.migrate.counterpart import Pair
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.elements import SHEET_ORDER, append_items
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from xl_addin.xlsx.cells import Value

_MERGE = pattern(rb"""(<(?:\w+:)?mergeCell\s[^>]*?\bref=["'])([^"']*)(["'])""")


class Head(NamedTuple):
    """What the new master has above some columns of a block.

    ``cells`` are to be copied, ``merged`` those of them that are one; ``across`` are areas that
    begin further left, over columns that every layout had.
    """

    cells: tuple[Where, ...]
    merged: tuple[Area, ...]
    across: tuple[Area, ...]


def find_head(new: Workbook, pair: Pair, columns: set[int]) -> Head:
    """What stands in the new master above these columns of a block."""
    top = pair.new.area[0]
    areas = [area for area in new.sheet(pair.new.sheet).merged if area[2] < top]
    over = [area for area in areas if any(area[1] <= at <= area[3] for at in columns)]
    inside = [area for area in over if set(range(area[1], area[3] + 1)) <= columns]
    across = [area for area in over if area not in inside]
    covered = {where for area in across for where in a1.cells_in(area)}
    spots = find_offsets(new.part(new.sheet_part(pair.new.sheet))).rows
    cells = tuple(
        (row, column)
        for row in sorted(spots)
        for column in sorted(columns & spots[row].cells.keys())
        if row < top and (row, column) not in covered
    )
    return Head(cells, tuple(inside), tuple(across))


def taken_columns(canvas: Canvas, pair: Pair, head: Head) -> set[int]:
    """The columns in which something of staff's stands beside a block or beside what is over it.

    A title that begins over the block is the program's, however far it reaches.
    """
    top, left, bottom, _ = pair.theirs.area
    up = top - pair.new.area[0]
    found = canvas.book.sheet(pair.theirs.sheet)
    theirs = [area for area in found.merged if area[0] >= top or area[1] != left]
    merged = {where for area in theirs for where in a1.cells_in(area)}
    rows = {*range(top, bottom + 1), *(row + up for row, _ in head.cells)}
    return {column for row, column in merged | found.cells.keys() if row in rows}


def clear_overhang(canvas: Canvas, pair: Pair, head: Head) -> None:
    """Have a title that is wider than a narrow table end with it, where a heading comes beside it."""
    up = pair.theirs.area[0] - pair.new.area[0]
    _, left, _, right = pair.theirs.area
    sheet, rows = pair.theirs.sheet, {row + up for row, _ in head.cells}
    for area in canvas.book.sheet(sheet).merged:
        if area[0] in rows and area[1] == left and area[3] > right:
            data = _replace_merge(canvas.sheet(sheet), area, (*area[:3], right))
            canvas.write(sheet, data)


def put_head(canvas: Canvas, pair: Pair, head: Head) -> None:
    """Copy it above the columns of staff's that ``pair`` leads to."""
    up = pair.theirs.area[0] - pair.new.area[0]
    moved = {(r, c): (r + up, pair.columns[c]) for r, c in head.cells if r + up > 0}
    sheet = pair.theirs.sheet
    spots = find_offsets(canvas.new_sheet(pair.new.sheet)).rows
    found = canvas.new.sheet(pair.new.sheet).cells
    values: dict[Where, Value] = {
        there: found[here].value if here in found else None for here, there in moved.items()
    }
    merges = [area for each in head.merged for area in _moved_areas(each, moved)]
    for area in merges:
        # The text stands in the first cell; a merged area that came apart says it in each piece.
        values[area[:2]] = next(
            values[moved[each[:2]]] for each in head.merged if area in _moved_areas(each, moved)
        )
    overrides = {there: canvas.spot(pair, spots[r].cells[c]) for (r, c), there in moved.items()}
    data = set_cells(canvas.sheet(sheet), values, overrides)
    lines = [f'<mergeCell ref="{a1.area_name(area)}"/>' for area in merges if _is_wide(area)]
    if lines:
        data, _ = append_items(data, SHEET_ORDER, "mergeCells", lines)
    canvas.write(sheet, data, values)
    _widen_titles(canvas, pair, head)


def _is_wide(area: Area) -> bool:
    return area[:2] != area[2:]


def _moved_areas(area: Area, moved: Mapping[Where, Where]) -> Iterator[Area]:
    """A merged area where its cells went; more than one where staff's columns stand between."""
    yield from a1.rectangles(moved[where] for where in a1.cells_in(area) if where in moved)


def _widen_titles(canvas: Canvas, pair: Pair, head: Head) -> None:
    """Have a title that is merged over the whole block reach over the added columns too.

    Only where it is as it was laid down and nothing of staff's stands beside it.
    """
    up = pair.theirs.area[0] - pair.new.area[0]
    sheet = pair.theirs.sheet
    book_sheet = canvas.book.sheet(sheet)
    last = max(pair.columns.values())
    for area in head.across:
        left = pair.columns.get(area[1], area[1])
        rows = (area[0] + up, area[2] + up)
        for there in book_sheet.merged:
            beside = (rows[0], there[3] + 1, rows[1], last)
            as_laid = (there[0], there[2]) == rows and there[1] == left
            if as_laid and there[3] < last and not _taken(canvas, sheet, beside, pair):
                data = canvas.sheet(sheet)
                grown = (*there[:3], last)
                canvas.write(sheet, _replace_merge(data, there, grown))


def _taken(canvas: Canvas, sheet: str, area: Area, pair: Pair) -> bool:
    """Whether something stands there, or one of the columns is staff's own."""
    ours = set(pair.columns.values())
    own = any(column not in ours for column in range(pair.theirs.area[3] + 1, area[3] + 1))
    return own or not canvas.occupied_cells(sheet).isdisjoint(a1.cells_in(area))


def _replace_merge(data: bytes, before: Area, after: Area) -> bytes:
    for match in _MERGE.finditer(data):
        if a1.area(match[2].decode()) == before:
            return data[: match.start(2)] + a1.area_name(after).encode() + data[match.end(2) :]
    return data
