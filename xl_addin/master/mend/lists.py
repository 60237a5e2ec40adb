"""Rows put into 区县名录, 指标 and 任务调整: new ones, and those that somebody typed below a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.host.base import Filling, Host
from xl_addin.master.mend.gaps import LISTS, typed_rows
from xl_addin.master.read.blocks import Block, find_columns
from xl_addin.model.records import Problem
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NUM, TEXT, Cell, Value
from xl_addin.xlsx.moves import Insertion, Moves


class NewRow(NamedTuple):
    """A row for one of the lists: ``values`` by heading. ``after`` is the row that it goes below."""

    area: str
    values: Mapping[str, Value]
    after: int = 0


class _PlannedRow(NamedTuple):
    """Cells by column for a row below ``after``; ``typed`` is where they stand now, 0 for nowhere."""

    after: int
    values: Mapping[int, Value]
    typed: int


class Preview:
    """The master as it would read with rows added to its lists and cells of these changed.

    ``edits`` are by the name of a block. It can be read and nothing else.
    """

    def __init__(
        self,
        host: Host,
        rows: Iterable[NewRow] = (),
        edits: Mapping[str, Mapping[Where, Value]] = MappingProxyType({}),
    ) -> None:
        self._host = host
        added = list(rows)
        self._blocks = {
            name: _lengthened(
                _edited(block, edits.get(name, {})), [row for row in added if row.area == name]
            )
            for name, (block, _) in _lists(host)
        }

    def block(self, name: str) -> Block:
        """A named block, those that are lengthened with their new rows."""
        return self._blocks.get(name) or self._host.block(name)


def _lists(host: Host) -> Iterator[tuple[str, tuple[Block, list[int]]]]:
    """Each list with what is typed below it; what an older master lacks is left out."""
    for name in LISTS:
        try:
            yield name, typed_rows(host, name)
        except Refused:
            continue


def _typed(value: Value) -> Cell:
    return Cell(NUM if isinstance(value, int | float) else TEXT, value)


def _edited(block: Block, values: Mapping[Where, Value]) -> Block:
    cells = {at: cell for at, cell in block.cells.items() if at not in values}
    new = {at: _typed(value) for at, value in values.items() if value not in (None, "")}
    return block._replace(cells=cells | new)


def _lengthened(block: Block, rows: Sequence[NewRow]) -> Block:
    top, left, bottom, right = block.area
    cells = dict(block.cells)
    for number, row in enumerate(rows, bottom + 1):
        columns = find_columns(block, list(row.values))
        cells |= {
            (number, columns[heading]): _typed(value)
            for heading, value in row.values.items()
            if value not in (None, "")
        }
    return block._replace(area=(top, left, bottom + len(rows), right), cells=cells)


def added_names(host: Host, rows: Sequence[NewRow]) -> list[tuple[str, str]]:
    """The sheet and the name of every row that ``add_rows`` would add."""
    found = []
    for name, (block, typed) in _lists(host):
        heading = LISTS[name][1]
        column = find_columns(block, (heading,))[heading]
        cells = [block.cells.get((row, column)) for row in typed]
        names = [str(cell.value) for cell in cells if cell is not None]
        names += [str(row.values.get(heading) or "") for row in rows if row.area == name]
        found += [(block.sheet, each) for each in names if each]
    return found


def add_rows(host: Host, rows: Sequence[NewRow]) -> list[Problem]:
    """Put rows into the lists, those that somebody typed below them first."""
    insertions: list[Insertion] = []
    planned: dict[str, list[_PlannedRow]] = {}
    for name, (block, typed) in _lists(host):
        end = (typed[0] if typed else block.area[2] + 1) - 1
        mine = [row for row in rows if row.area == name]
        # Room that is asked for goes to the end of what is reserved already.
        last = _last_row(block, end) if any(row.values for row in mine) or typed else end
        planned[name] = list(_plan(block, last, typed, mine))
        insertions += _insertions(block, end, planned[name])
    if not any(planned.values()):
        return []
    problems = host.insert(insertions) if insertions else ()
    moves = Moves(insertions)
    host.fill([_filling(host.block(name), each, moves) for name, each in planned.items() if each])
    return list(problems)


def _plan(
    block: Block, last: int, typed: Sequence[int], rows: Sequence[NewRow]
) -> Iterator[_PlannedRow]:
    for row in typed:
        cells = {at: cell.value for (r, at), cell in block.cells.items() if r == row}
        yield _PlannedRow(last, cells, row)
    for new in rows:
        columns = find_columns(block, list(new.values))
        values = {columns[heading]: value for heading, value in new.values.items()}
        yield _PlannedRow(new.after or last, values, 0)


def _insertions(block: Block, end: int, planned: Sequence[_PlannedRow]) -> Iterator[Insertion]:
    """``end`` is the last row of the block; rows below the last filled one hold nothing."""
    for after in dict.fromkeys(row.after for row in planned):
        number = sum(row.after == after for row in planned)
        blank = end - after if after == _last_row(block, end) else 0
        first = block.area[0] + 1 if after + blank == end else 0
        if number > blank:
            yield Insertion(block.sheet, True, after + blank + 1, number - blank, after, first)


def _last_row(block: Block, end: int) -> int:
    """The last row up to ``end`` that holds anything."""
    return max((row for row, _ in block.cells if row <= end), default=block.area[0])


def _filling(block: Block, planned: Sequence[_PlannedRow], moves: Moves) -> Filling:
    values: dict[tuple[int, int], Value] = {}
    for row in planned:
        old = moves.line(block.sheet, row.typed, rows=True)
        values |= {(old, column): None for column in row.values if row.typed}
    placed: dict[int, int] = {}
    for row in planned:
        placed[row.after] = placed.get(row.after, 0) + 1
        number = moves.line(block.sheet, row.after, rows=True) + placed[row.after]
        values |= {(number, column): value for column, value in row.values.items()}
    return Filling(block.sheet, values, {})
