"""A table that goes on beside itself, 区县 任务 | 区县 任务: read as if its parts stood one below the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise

from xl_addin.formats.grid import Grid, Halves
from xl_addin.model.names import fold, plain
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.chongqing import find_district
from xl_addin.tasktable.find import SUBTOTALS, TOTALS, is_corner, is_value
from xl_addin.tasktable.headers import View
from xl_addin.tasktable.lines import looks_like_place
from xl_addin.tasktable.orientation import ANYTHING
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.cells import TEXT

_MOST = 20  # rows that may be the header's
# What may stand over one part alone and is said of all.
_DAY = r"20\d\d年\d{1,2}月(\d{1,2}日)?"
# Who made it, and when, is of no half.
_META = pattern(
    rf".*:.*|附[件表].*|[\u3400-\u9fff]{{2,30}}(局|委|委员会|办公室|中心|政府|会|厅|处){_DAY}|{_DAY}"
)
# Who signed below a table, and when.
_SIGNED = pattern(r"[\u3400-\u9fff]{0,4}(人|员|电话|日期|时间|单位|部门|领导)(\(.*\))?:.*")
_TITLE = pattern(r".*表(\(.*\))?")


class _Side(NamedTuple):
    """The header's rows, and where the names stand in each part."""

    view: View
    halves: Halves
    header: tuple[int, ...]
    names: int

    def part(self, column: int) -> int:
        """Which part a column belongs to."""
        return max(column - self.halves.starts[0], 0) // self.halves.width

    def crosses(self, area: Area) -> bool:
        """Whether an area reaches over more than one part."""
        return self.part(area[1]) != self.part(area[3])

    def name(self, row: int, start: int) -> str:
        """The name that a part has in a row, where it has a figure too."""
        at = start + self.names
        cell = self.view.cell(row, at)
        right = range(at + 1, start + self.halves.width)
        said = cell is not None and cell.kind == TEXT
        return (
            plain(str(cell.value))
            if cell is not None and said and any(is_value(self.view.cell(row, c)) for c in right)
            else ""
        )


def unfold(grid: Grid, choices: Choices) -> Grid:
    """The grid with the parts of its table one below the other; as it is where it is not surely such a table."""
    corners = _rows_of_corners(grid)
    view = View.of(grid) if corners else None
    side = next(filter(None, (_find(view, row) for row in corners if view)), None)
    if side is None:
        return grid
    halves, at = side.halves, side.halves.here
    if choices.skipped_columns.issuperset(c for _, c in grid.cells if c >= halves.starts[1]):
        return grid
    signed = {here for here in grid.cells if here[0] > halves.bottom and _is_signature(side, here)}

    def kept(here: Where) -> bool:
        beside = here[0] in side.header or here in signed
        return not (beside and side.part(here[1]))

    rows = {at(r, c)[0]: r for r in range(1, max(grid.cells)[0] + 1) for c in halves.starts}
    merged = (_fold_area(area, side) for area in grid.merged if kept(area[:2]))
    return grid._replace(
        cells={at(*here): cell for here, cell in grid.cells.items() if kept(here)},
        merged=tuple(area for area in merged if area[:2] != area[2:]),
        hidden_rows=frozenset(row for row, there in rows.items() if there in grid.hidden_rows),
        hidden_columns=frozenset(at(halves.top, c)[1] for c in grid.hidden_columns),
        comments={at(*here): text for here, text in grid.comments.items()},
        origin={row: grid.origin[there] for row, there in rows.items() if there in grid.origin},
        doubts=tuple(doubt._replace(at=at(*doubt.at)) for doubt in grid.doubts),
        halves=halves,
    )


def _fold_area(area: Area, side: _Side) -> Area:
    """A merged area where its part stands; below the parts only as much of it as one part has."""
    if area[0] < side.header[0]:
        return area
    start = side.halves.starts[side.part(area[1])]
    # 合计 over all columns but the last.
    named = area[1] <= start + side.names and side.crosses(area)
    right = min(area[3], start + (side.names if named else side.halves.width - 1))
    return (*side.halves.here(*area[:2]), *side.halves.here(area[2], right))


def _rows_of_corners(grid: Grid) -> list[int]:
    """The first rows that head names more than once in the same words."""
    corners = Counter(
        (row, plain(str(cell.value)))
        for (row, _), cell in grid.cells.items()
        if cell.kind == TEXT and is_corner(str(cell.value))
    )
    return sorted({row for (row, _), count in corners.items() if count > 1})[:_MOST]


def _find(view: View, row: int) -> _Side | None:
    """The parts under a header that begins in this row; none where anything speaks against it."""
    grid = view.grid
    held = sorted(c for r, c in grid.cells if r == row and view.text(row, c))
    starts = tuple(c for c in held if view.text(row, c) == view.text(row, held[0]))
    width = starts[1] - starts[0] if starts[1:] else 0
    right = starts[-1] + width
    if not width or any(b - a != width for a, b in pairwise(starts)):
        return None
    if any(c >= right for r, c in grid.cells if r >= row):
        return None

    def lines(at: int) -> set[tuple[str, ...]]:
        return {tuple(view.text(at, c) for c in range(s, s + width)) for s in starts}

    def heads(at: int) -> bool:
        return len(lines(at)) == 1 and any(*lines(at))

    if not heads(row) or any(is_value(view.cell(row, c)) for c in range(starts[0], right)):
        return None
    bottom = row
    while heads(bottom + 1):
        bottom += 1
    (head,) = lines(row)
    corners = [n for n, text in enumerate(head) if is_corner(text)]
    if not corners or not any(head[corners[-1] + 1 :]):
        return None
    side = _Side(
        view, Halves(starts, bottom + 1, bottom + 1), tuple(range(row, bottom + 1)), corners[-1]
    )
    return _with_bottom(side) if _is_whole(side) else None


def _is_whole(side: _Side) -> bool:
    """Whether nothing above a header's parts, and nothing hidden, tells them apart."""
    view, halves = side.view, side.halves
    if any(side.crosses(area) for area in view.grid.merged if area[0] in side.header):
        return False
    if len({there[0] for row, there in view.grid.origin.items() if row >= side.header[0]}) > 1:
        return False
    above = [at for at in view.grid.cells if at[0] < side.header[0] and view.text(*at)]
    for at in above:
        text = plain(view.text(*at))
        alone = sum(other[0] == at[0] for other in above) == 1
        titled = alone and (at[0] < side.header[0] - 1 or _TITLE.fullmatch(text))
        if side.part(at[1]) and not (titled or _META.fullmatch(text)):
            return False
    hidden = [
        {c - start for c in view.grid.hidden_columns if side.part(c) == n and c >= start}
        for n, start in enumerate(halves.starts)
    ]
    return all(each == hidden[0] for each in hidden)


def _with_bottom(side: _Side) -> _Side | None:
    """The same with the last row that all parts have; none where one district stands in two of them."""
    starts, top = side.halves.starts, side.halves.top
    rows = sorted({r for r, _ in side.view.grid.cells if r >= top})
    bottom = max((r for r in rows for s in starts[1:] if side.name(r, s)), default=0)
    if not bottom:
        return None
    for row in rows:
        own = side.name(row, starts[0])
        goes_on = row == bottom + 1 and own and not TOTALS.fullmatch(own)
        if row > bottom and (goes_on or not _fits_one(side, row)):
            bottom = row
    if any(side.crosses(area) for area in side.view.grid.merged if top <= area[0] <= bottom):
        return None
    names = [_names(side, range(top, bottom + 1), start) for start in starts]
    if not all(names) or any(one & other for one, other in combinations(names, 2)):
        return None
    return side._replace(halves=side.halves._replace(bottom=bottom))


def _fits_one(side: _Side, row: int) -> bool:
    """Whether what stands in a row below the parts has room in the columns of one."""
    cells = [at for at in side.view.grid.cells if at[0] == row]
    columns = [c for at in cells if not (side.part(c := at[1]) and _is_signature(side, at))]
    places = [c - side.part(c) * side.halves.width for c in columns]
    return len(set(places)) == len(places)


def _is_signature(side: _Side, at: Where) -> bool:
    return bool(_SIGNED.fullmatch(plain(side.view.text(*at))))


def _names(side: _Side, rows: Sequence[int], start: int) -> set[str]:
    """The districts of a part; none where the heading may be of anything and most are no places' names."""
    said = [name for row in rows if (name := side.name(row, start))]
    said = [name for name in said if not (TOTALS.fullmatch(name) or SUBTOTALS.fullmatch(name))]
    corner = plain(side.view.text(side.header[0], start + side.names))
    if corner in ANYTHING and 2 * sum(map(looks_like_place, said)) <= len(said):
        return set()
    return {known.code if (known := find_district(name)) else fold(name) for name in said}
