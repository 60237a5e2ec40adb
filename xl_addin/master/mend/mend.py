"""Every sheet brought into agreement with 区县名录 and 指标: rows, columns, headings, formulas, names.

What is put in is planned before anything is changed. Cut off in between, done again it completes what
is still lacking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.build.formulas import FormulaCell, figure_formulas, sum_formula
from xl_addin.master.build.positions import find_positions
from xl_addin.master.host.base import Change, Filling, Host
from xl_addin.master.mend.gaps import (
    LISTS,
    LocatedTable,
    find_wrong_names,
    locate_tables,
    typed_rows,
)
from xl_addin.master.mend.headings import heading_filling
from xl_addin.master.read.blocks import Block, find_columns, locate_matrix
from xl_addin.model.records import District, Indicator, Number, Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    INDICATORS_BLOCK,
    OPENINGS_BLOCK,
    TARGETS_BLOCK,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Cell, Value
from xl_addin.xlsx.moves import Insertion, Moves

ROW, COLUMN, NAME = "row", "column", "name"


class NewRow(NamedTuple):
    """A row for one of the lists: ``values`` by heading. ``after`` is the row that it goes below."""

    area: str
    values: Mapping[str, Value]
    after: int = 0


class Step(NamedTuple):
    """One thing that was put right: ``kind`` is ROW, COLUMN or NAME, ``key`` the code."""

    kind: str
    sheet: str
    key: str

    @property
    def text(self) -> str:
        """What it is, for people."""
        words = {ROW: "加上了行", COLUMN: "加上了列", NAME: "名称改成了"}
        return f"“{self.sheet}”{words[self.kind]}“{self.key}”"


class Preview:
    """The master as it would read with rows added to its lists; it can be read and nothing else."""

    def __init__(self, host: Host, rows: Iterable[NewRow] = ()) -> None:
        self._host = host
        self._blocks: dict[str, Block] = {}
        for name in LISTS:
            self._blocks |= _lengthened(host, name, [row for row in rows if row.area == name])

    def block(self, name: str) -> Block:
        """A named block, those that are lengthened with their new rows."""
        return self._blocks.get(name) or self._host.block(name)


def _lengthened(host: Host, name: str, rows: Sequence[NewRow]) -> dict[str, Block]:
    from xl_addin.system.errors import Refused

    try:
        block, _ = typed_rows(host, name)
    except Refused:
        return {}
    top, left, bottom, right = block.area
    cells = dict(block.cells)
    for number, row in enumerate(rows, bottom + 1):
        columns = find_columns(block, list(row.values))
        cells |= {
            (number, columns[heading]): _cell(value)
            for heading, value in row.values.items()
            if value not in (None, "")
        }
    return {name: block._replace(area=(top, left, bottom + len(rows), right), cells=cells)}


def _cell(value: Value) -> Cell:
    from xl_addin.xlsx.cells import NUM, TEXT

    return Cell(NUM if isinstance(value, int | float) else TEXT, value)


def add_rows(host: Host, rows: Sequence[NewRow]) -> tuple[list[Step], list[Problem]]:
    """Put rows into the lists, those that somebody typed below them first."""
    insertions: list[Insertion] = []
    steps: list[Step] = []
    planned: list[tuple[str, int, Mapping[int, Value], int]] = []
    for name in LISTS:
        mine = [row for row in rows if row.area == name]
        block, typed = typed_rows(host, name) if mine or name in _present(host) else (None, [])
        if block is None or not (mine or typed):
            continue
        top, left, _, right = block.area
        bottom = (typed[0] if typed else block.area[2] + 1) - 1
        for row in typed:
            values = {
                at: cell.value for (r, at), cell in block.cells.items() if r == row and left <= at <= right
            }
            planned.append((name, bottom, values, row))
        for row in mine:
            columns = find_columns(block, list(row.values))
            values = {columns[heading]: value for heading, value in row.values.items()}
            planned.append((name, row.after or bottom, values, 0))
        counts: dict[int, int] = {}
        for area, after, _, _ in planned:
            if area == name:
                counts[after] = counts.get(after, 0) + 1
        insertions += (
            Insertion(
                block.sheet, True, after + 1, number, after, top + 1 if after == bottom else 0
            )
            for after, number in counts.items()
        )
    problems = list(host.insert(insertions)) if insertions else []
    moves = Moves(insertions)
    fillings: dict[str, Filling] = {}
    done: dict[tuple[str, int], int] = {}
    for name, after, values, row in planned:
        block = host.block(name)
        number = moves.line(block.sheet, after, rows=True) + 1 + done.get((name, after), 0)
        done[name, after] = done.get((name, after), 0) + 1
        filling = fillings.setdefault(block.sheet, Filling(block.sheet, {}, {}))
        if row:
            old = moves.line(block.sheet, row, rows=True)
            filling.values.update(dict.fromkeys(((old, at) for at in values), None))
        filling.values.update({(number, at): value for at, value in values.items()})
        key = find_columns(block, LISTS[name][:2])[LISTS[name][1 if name in _NAMED else 0]]
        steps.append(Step(ROW, block.sheet, str(values.get(key) or "")))
    # What was typed below is emptied first: a row that moved up may stand where another was.
    host.fill([each for each in fillings.values() if each.values])
    return steps, problems


_NAMED = (INDICATORS_BLOCK,)


def _present(host: Host) -> set[str]:
    from xl_addin.system.errors import Refused

    found = set()
    for name in LISTS:
        try:
            host.block(name)
        except Refused:
            continue
        found.add(name)
    return found


def plan_steps(host: Host, config: Config) -> list[Step]:
    """What mending would do to the sheets that follow the lists."""
    steps = []
    for found in locate_tables(host, config):
        sheet = found.block.sheet
        steps += (Step(ROW, sheet, key) for key in found.lacking_rows)
        steps += (Step(COLUMN, sheet, key) for key in found.lacking_columns)
        steps += (Step(NAME, sheet, each.expected) for each in find_wrong_names(found, config))
    return steps


def mend(
    host: Host,
    config: Config,
    targets: Mapping[tuple[str, str], Number] = MappingProxyType({}),
) -> tuple[list[Step], list[Problem]]:
    """Bring every sheet into agreement with the lists; ``targets`` go into 任务表.

    Raises Refused where the master lacks what cannot be made anew, such as a total row.
    """
    steps = plan_steps(host, config)
    before = list(locate_tables(host, config))
    insertions = [each for found in before for each in _insertions(found, config)]
    problems = list(host.insert(insertions)) if insertions else []
    moves = Moves(insertions)
    fillings: list[Filling] = []
    for found in before:
        fillings += _key_fillings(found, config, moves)
    host.fill(fillings)
    fillings = []
    new: set[tuple[str, Where]] = set()
    for found, now in zip(before, list(locate_tables(host, config)), strict=True):
        fillings.append(_facts(now, config, found))
        if found.lacking_columns and now.columns:
            codes = {key for key in found.lacking_columns if key in now.columns}
            fillings.append(heading_filling(host, now.matrix, config.indicators, codes))
        new |= {(now.block.sheet, at) for at in _new_cells(found, now)}
        fillings.append(_renamed(now, config))
    host.fill([each for each in fillings if each.values or each.merged])
    if insertions:
        host.fill(list(_formulas(host, config, new)))
    if targets:
        host.apply([_target_change(host, targets)])
    return steps, problems


def _insertions(found: LocatedTable, config: Config) -> Iterator[Insertion]:
    matrix, sheet = found.matrix, found.block.sheet
    yield from _runs(sheet, True, found.rows, matrix.rows, matrix.end_row, _looks(found, config))
    for keys in (found.columns, found.partners):
        yield from _runs(sheet, False, keys, matrix.columns, 0, {})


def _looks(found: LocatedTable, config: Config) -> dict[str, str]:
    """Which other row a row is to look like: parts are indented."""
    if found.table.districts:
        return {}
    return {item.code: "part" if item.parent else "whole" for item in config.indicators}


def _runs(
    sheet: str,
    rows: bool,
    keys: Sequence[str],
    there: Mapping[str, int],
    fallback: int,
    looks: Mapping[str, str],
) -> Iterator[Insertion]:
    """One insertion for each run of keys that are not there, below (else right of) the one before."""
    known = {key: there[key] for key in keys if key in there}
    last, first = max(known.values(), default=fallback), min(known.values(), default=0)
    counts: dict[int, list[str]] = {}
    before = last
    for key in keys:
        if key in known:
            before = known[key]
        else:
            counts.setdefault(before, []).append(key)
    for after, lacking in counts.items():
        like = next(
            (
                known[key]
                for key in reversed(keys)
                if key in known and looks.get(key) == looks.get(lacking[0])
            ),
            after,
        )
        look = after if looks.get(_key_at(known, after)) == looks.get(lacking[0]) else like
        grows = first if after == last else 0
        yield Insertion(sheet, rows, after + 1, len(lacking), look, grows)


def _key_at(known: Mapping[str, int], number: int) -> str:
    return next((key for key, at in known.items() if at == number), "")


def _places(
    keys: Sequence[str], there: Mapping[str, int], fallback: int, moves: Moves, sheet: str, rows: bool
) -> dict[str, int]:
    """Where the keys that were not there have their row (else column) now."""
    known = {key: there[key] for key in keys if key in there}
    before = max(known.values(), default=fallback)
    done: dict[int, int] = {}
    found = {}
    for key in keys:
        if key in known:
            before = known[key]
        else:
            done[before] = done.get(before, 0) + 1
            found[key] = moves.line(sheet, before, rows=rows) + done[before]
    return found


def _key_fillings(found: LocatedTable, config: Config, moves: Moves) -> Iterator[Filling]:
    matrix, sheet = found.matrix, found.block.sheet
    key_row = moves.line(sheet, matrix.key_row, rows=True)
    key_column = moves.line(sheet, matrix.key_column, rows=False)
    rows = _places(found.rows, matrix.rows, matrix.end_row, moves, sheet, True)
    values: dict[Where, Value] = {(row, key_column): key for key, row in rows.items()}
    for keys in (found.columns, found.partners):
        across = _places(keys, matrix.columns, 0, moves, sheet, False)
        values |= {(key_row, column): key for key, column in across.items()}
    if values:
        yield Filling(sheet, values, {})


def _facts(now: LocatedTable, config: Config, before: LocatedTable) -> Filling:
    """What the new rows say of what they are for."""
    listed: Sequence[District | Indicator] = (
        config.districts if now.table.districts else config.indicators
    )
    values: dict[Where, Value] = {}
    for item in listed:
        for heading, field in now.table.facts if item.code in before.lacking_rows else ():
            if heading in now.matrix.columns:
                at = now.matrix.rows[item.code], now.matrix.columns[heading]
                values[at] = getattr(item, field)
    return Filling(now.block.sheet, values, {})


def _renamed(now: LocatedTable, config: Config) -> Filling:
    values: dict[Where, Value] = {
        each.where: each.expected for each in find_wrong_names(now, config)
    }
    return Filling(now.block.sheet, values, {})


def _new_cells(before: LocatedTable, now: LocatedTable) -> Iterator[Where]:
    rows = {now.matrix.rows[key] for key in before.lacking_rows}
    columns = {now.matrix.columns[key] for key in before.lacking_columns}
    top, left, bottom, right = now.block.area
    for row in range(top + 1, bottom + 1):
        for column in range(left + 1, right + 1):
            if row in rows or column in columns:
                yield row, column


def _formulas(
    host: Host, config: Config, new: set[tuple[str, Where]]
) -> Iterator[Filling]:
    """The formulas of the cells that are new, as a new master has them."""
    found: dict[str, Filling] = {}
    cells: Iterable[FormulaCell] = (
        *figure_formulas(find_positions(host, config)),
        *_opening_totals(host, config),
    )
    for cell in cells:
        if (cell.sheet, cell.where) in new:
            filling = found.setdefault(cell.sheet, Filling(cell.sheet, {}, {}))
            filling.formulas[cell.where] = cell.formula
    yield from found.values()


def _opening_totals(host: Host, config: Config) -> Iterator[FormulaCell]:
    """The totals of 年初累计, which nothing else depends on."""
    from xl_addin.system.errors import Outdated

    try:
        block = host.block(OPENINGS_BLOCK)
    except Outdated:
        return
    matrix, _ = locate_matrix(block)
    for item in config.indicators:
        column = matrix.columns.get(item.code)
        if column and matrix.total_row:
            where = (matrix.total_row, column)
            yield FormulaCell(
                block.sheet, where, sum_formula(matrix.span(column)), ("opening", "", item.code)
            )


def _target_change(host: Host, targets: Mapping[tuple[str, str], Number]) -> Change:
    block = host.block(TARGETS_BLOCK)
    matrix, _ = locate_matrix(block)
    values: dict[Where, Value] = {
        (matrix.rows[district], matrix.columns[code]): amount
        for (district, code), amount in targets.items()
    }
    return Change(block.sheet, values, {})
