"""Where what a new master has stands in the one that staff changed: by names, headings and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.read.blocks import Block, find_block, key_text
from xl_addin.model.sheets import AREAS
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.workbook import Workbook


class Pair(NamedTuple):
    """A block in both. ``rows`` and ``columns`` lead from the new master's to staff's."""

    new: Block
    theirs: Block
    rows: dict[int, int]
    columns: dict[int, int]

    def place(self, where: Where) -> Where | None:
        """A cell of the new block in staff's; None for a row or column that they have not."""
        row, column = self._row(where[0]), self.columns.get(where[1])
        return None if row is None or column is None else (row, column)

    def beside(self, where: Where) -> Where:
        """Where a cell outside of the block stands: by its column or row, else by its distance."""
        (top, left, *_), (their_top, their_left, *_) = self.new.area, self.theirs.area
        row, column = where
        inside = top <= row <= self.new.area[2]
        there = (self._row(row) if inside else None), self.columns.get(column)
        return there[0] or row - top + their_top, there[1] or column - left + their_left

    def _row(self, row: int) -> int | None:
        top, left, bottom, _ = self.new.area
        if row in self.rows:
            return self.rows[row]
        if key_text(self.new.cells.get((row, left))):
            return None
        # Room that is reserved for a list has no keys; its last row stays the last.
        their_top, _, their_bottom, _ = self.theirs.area
        return their_bottom if row == bottom else min(their_top + row - top, their_bottom)


def pair_block(new: Block, theirs: Block) -> Pair:
    """The rows and columns of a block in both, by the keys in its first row and column."""
    rows = dict(_match_keys(_down(new), _down(theirs)))
    columns = dict(_match_keys(_across(new), _across(theirs)))
    rows[new.area[0]] = theirs.area[0]
    columns.setdefault(new.area[1], theirs.area[1])
    return Pair(new, theirs, rows, columns)


def _across(block: Block) -> dict[str, int]:
    top, left, _, right = block.area
    return {key_text(block.cells.get((top, at))): at for at in range(right, left - 1, -1)}


def _down(block: Block) -> dict[str, int]:
    top, left, bottom, _ = block.area
    return {key_text(block.cells.get((at, left))): at for at in range(bottom, top, -1)}


def _match_keys(new: Mapping[str, int], theirs: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    return ((at, theirs[key]) for key, at in new.items() if key and key in theirs)


class Counterpart:
    """Every block of the new master that staff's has too; ``titles`` are the sheets that are added."""

    def __init__(self, new: Workbook, theirs: Workbook, titles: Mapping[str, str]) -> None:
        self.pairs: dict[str, Pair] = {}
        self.sheets = dict(titles)
        for name in AREAS:
            try:
                pair = pair_block(find_block(new, name), find_block(theirs, name))
            except Refused:
                continue
            self.pairs[name] = pair
            self.sheets.setdefault(pair.new.sheet, pair.theirs.sheet)
        self._added = {name.lower() for name in titles}
        self._spelt = {name.lower(): name for name in self.sheets}

    def place(self, sheet: str, where: Where) -> tuple[str, Where]:
        """A cell of the new master, by its sheet in lower case, in staff's.

        One above, below or beside a block stands in the same column or row of it; any other keeps its
        distance from the first of its sheet.
        """
        name = self._spelt.get(sheet, sheet)
        home = self.sheets.get(name, name)
        pairs = [pair for pair in self.pairs.values() if pair.new.sheet == name]
        if sheet in self._added or not pairs:
            return home, where
        row, column = where
        for pair in pairs:
            top, left, bottom, right = pair.new.area
            found = pair.place(where) if top <= row <= bottom and left <= column <= right else None
            if found is not None:
                return home, found
        return home, pairs[0].beside(where)
