"""Cell addresses: ``F7`` to (row, column) and back. Rows and columns count from 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from xl_addin.system.light import pattern

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384

_REF = pattern(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})\Z")
POSITIONS: dict[str, tuple[int, int]] = {}
"""Positions met before, by their addresses; the hottest loop looks here itself."""
_MOST_POSITIONS = 50_000
_COLUMNS: dict[str, int] = {}

Where = tuple[int, int]
"""Row and column of a cell."""
Area = tuple[int, int, int, int]
"""Top, left, bottom, right."""


def column_letters(column: int) -> str:
    """27 -> ``AA``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """``AA`` -> 27. Letters only: the caller has made sure."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    if number <= MAX_COLUMN:
        _COLUMNS[letters] = number
    return number


@lru_cache(maxsize=50_000)
def cell_name(row: int, column: int) -> str:
    """(7, 6) -> ``F7``."""
    return f"{column_letters(column)}{row}"


def position(ref: str) -> tuple[int, int]:
    """``F7`` or ``$F$7`` -> (7, 6). Raises ValueError for anything else or out of the grid."""
    found = POSITIONS.get(ref)
    if found is not None:
        return found
    letters = ref.rstrip("0123456789")
    number, column = ref[len(letters) :], _COLUMNS.get(letters, 0)
    if not column or not number or number[0] == "0" or len(number) > 7:
        match = _REF.match(ref)
        if match is None:
            raise ValueError(ref)
        number, column = match[2], column_number(match[1])
    row = int(number)
    if row > MAX_ROW or column > MAX_COLUMN:
        raise ValueError(ref)
    if len(POSITIONS) < _MOST_POSITIONS:
        POSITIONS[ref] = (row, column)
    return row, column


@lru_cache(maxsize=4096)
def area(ref: str) -> Area:
    """``B2:D4`` -> (2, 2, 4, 4); a single cell is an area of one. Raises ValueError."""
    first, _, last = ref.partition(":")
    top, left = position(first)
    bottom, right = position(last) if last else (top, left)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def area_name(value: Area) -> str:
    """(2, 2, 4, 4) -> ``B2:D4``."""
    return f"{cell_name(value[0], value[1])}:{cell_name(value[2], value[3])}"


def absolute_reference(value: Area) -> str:
    """(2, 2, 4, 4) -> ``$B$2:$D$4``; one cell gives ``$B$2``."""
    top, left, bottom, right = value
    first = f"${column_letters(left)}${top}"
    return first if (top, left) == (bottom, right) else f"{first}:${column_letters(right)}${bottom}"


def quote_sheet_name(sheet: str) -> str:
    """A sheet's name as a reference may always spell it: ``'本月 完成'``."""
    return "'" + sheet.replace("'", "''") + "'"


def split_reference(reference: str) -> tuple[str, Area]:
    """``'本月 完成'!$A$1:$C$9`` -> (``本月 完成``, area). Raises ValueError for anything else."""
    sheet, mark, ref = reference.rpartition("!")
    if not mark:
        raise ValueError(reference)
    if sheet.startswith("'") and sheet.endswith("'") and len(sheet) > 1:
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, area(ref)


def columns_in(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The columns of spans from first to last, within the grid; each is counted once, however many overlap."""
    found: set[int] = set()
    done = 0
    for first, last in sorted(spans):
        end = min(last, MAX_COLUMN)
        found.update(range(max(first, done + 1), end + 1))
        done = max(done, end)
    return frozenset(found)


def rectangles(cells: Iterable[tuple[int, int]]) -> list[Area]:
    """Cells as areas that do not overlap: runs across, joined downwards where they are equal."""
    runs: dict[int, list[tuple[int, int]]] = {}
    for row, column in sorted(cells):
        line = runs.setdefault(row, [])
        if line and line[-1][1] == column - 1:
            line[-1] = (line[-1][0], column)
        else:
            line.append((column, column))
    found: list[Area] = []
    growing: dict[tuple[int, int], int] = {}  # the top row of each run that may go on downwards
    above = 0
    for row, line in runs.items():
        going = {run: top for run, top in growing.items() if row == above + 1 and run in line}
        found += ((growing[run], run[0], above, run[1]) for run in growing.keys() - going)
        growing, above = {run: going.get(run, row) for run in line}, row
    found += ((top, left, above, right) for (left, right), top in growing.items())
    return sorted(found)


def cells_in(value: Area) -> Iterator[tuple[int, int]]:
    """The cells of an area, row by row."""
    top, left, bottom, right = value
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def bounding_area(cells: Collection[tuple[int, int]]) -> Area:
    """The smallest area that holds these cells, of which there is at least one."""
    rows, columns = {row for row, _ in cells}, {column for _, column in cells}
    return min(rows), min(columns), max(rows), max(columns)
