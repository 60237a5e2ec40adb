"""Every sheet brought into agreement with 区县名录 and 指标: rows, columns, headings, formulas, names.

What is put in is planned before anything is changed. Cut off in between, done again it completes what
is still lacking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.build.formula_texts import sum_formula
from xl_addin.master.build.formulas import FormulaCell, figure_formulas
from xl_addin.master.build.positions import find_positions
from xl_addin.master.build.progress_table import split_columns
from xl_addin.master.host.base import Change, Filling, Host
from xl_addin.master.mend.gaps import LocatedTable, blank_after, find_wrong_names, locate_tables
from xl_addin.master.mend.headings import heading_filling
from xl_addin.master.read.blocks import locate_matrix
from xl_addin.model.records import District, Indicator, Number, Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import OPENINGS_BLOCK, TARGETS_BLOCK, due_gap_key, progress_keys
from xl_addin.system.errors import Outdated, Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.moves import Insertion, Moves

ROW, COLUMN, NAME, CODE = "row", "column", "name", "code"


class Step(NamedTuple):
    """One thing that was put right: ``kind`` is ROW, COLUMN, NAME or CODE, ``name`` what people call it."""

    kind: str
    sheet: str
    name: str

    @property
    def text(self) -> str:
        """What it is, for people."""
        return f"“{self.sheet}”{_WORDS[self.kind].format(self.name)}"


_WORDS = {
    ROW: "加上了行“{}”",
    COLUMN: "加上了列“{}”",
    NAME: "名称改成了“{}”",
    CODE: "补上了“{}”的代码",
}


def tell_steps(steps: Iterable[Step]) -> Iterator[str]:
    """The steps in a line for each thing that was put right, with the sheets that it was on."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for step in steps:
        found.setdefault((step.kind, step.name), {})[step.sheet] = None
    for (kind, name), sheets in found.items():
        where = f"“{'”“'.join(sheets)}”"
        many = f"（{len(sheets)} 张表）" if len(sheets) > 2 else ""
        yield f"{_WORDS[kind].format(name)}：{where}{many}"


def plan_steps(host: Host, config: Config) -> list[Step]:
    """What mending would do to the sheets that follow the lists."""
    steps: list[Step] = []
    names = {district.code: district.name for district in config.districts}
    names |= {item.code: item.label for item in config.indicators}
    for item in config.indicators:
        names |= dict.fromkeys((due_gap_key(item.code), *progress_keys(item.code)), item.label)
    for found in locate_tables(host, config):
        sheet = found.block.sheet
        steps += (Step(ROW, sheet, names[key]) for key in found.lacking_rows)
        steps += (Step(COLUMN, sheet, names[key]) for key in found.lacking_columns)
        steps += (Step(CODE, sheet, names[key]) for key in found.cleared)
        steps += (Step(NAME, sheet, each.expected) for each in find_wrong_names(found, config))
    return steps


def mend(
    host: Host, config: Config, targets: Mapping[tuple[str, str], Number] = MappingProxyType({})
) -> tuple[list[Step], list[Problem]]:
    """Bring every sheet into agreement with the lists; ``targets`` go into 任务表.

    Raises Refused where the master lacks what cannot be made anew, such as a total row.
    """
    _refuse_if_damaged(host, config)
    steps = plan_steps(host, config)
    before = list(locate_tables(host, config))
    insertions = [each for found in before for each in _insertions(found, config)]
    problems = list(host.insert(insertions)) if insertions else []
    moves = Moves(insertions)
    fillings: list[Filling] = []
    for found in before:
        fillings += _key_fillings(found, moves, config)
    host.fill(fillings)
    fillings = []
    new: set[tuple[str, Where]] = set()
    for found, now in zip(before, list(locate_tables(host, config)), strict=True):
        lacking = frozenset(found.lacking_columns)
        at, beside = now.table.kinds
        over = now.matrix, _headed(now, config)
        if new_codes := lacking & frozenset(now.columns):
            split = split_columns if now.table.triple else None
            fillings.append(heading_filling(host, *over, new_codes, at, split=split))
        if new_codes := lacking & frozenset(now.partners):
            fillings.append(heading_filling(host, *over, new_codes, beside, due_gap_key))
        new |= {(now.block.sheet, at) for at in _new_cells(found, now)}
        fillings.append(_renamed(now, config))
    host.fill([each for each in fillings if each.values or each.merged])
    if new:
        host.fill(list(_formulas(host, config, new)))
    host.settle()
    if targets:
        host.apply([_target_change(host, targets)])
    return steps, problems


def _refuse_if_damaged(host: Host, config: Config) -> None:
    """Nothing is put into a master that has lost what no list says, such as a total row."""
    try:
        find_positions(host, config)
    except Refused as refusal:
        lacking = {
            key
            for found in locate_tables(host, config)
            for key in (*found.lacking_rows, *found.lacking_columns, *found.cleared)
        }
        left = [
            each
            for each in refusal.problems
            if not isinstance(each, Problem)
            or each.code not in ("row-missing", "column-missing")
            or each.expected not in lacking
        ]
        if left or not refusal.problems:
            says = f"主表里有 {len(left)} 处要先改好，没有改动主表；改好后再试"
            raise Refused(says, left) from refusal


def _insertions(found: LocatedTable, config: Config) -> Iterator[Insertion]:
    there = _rows_there(found)
    end = found.matrix.end_row
    yield from _runs(found, True, found.rows, there, end, _looks(found, config))
    for keys in (found.columns, found.partners):
        yield from _runs(found, False, keys, _columns_there(found), 0, {})


def _rows_there(found: LocatedTable) -> dict[str, int]:
    """The rows by key, those whose key was cleared included."""
    cleared = {key: at[0] for key, at in found.cleared.items() if key in found.rows}
    return {**found.matrix.rows, **cleared}


def _columns_there(found: LocatedTable) -> dict[str, int]:
    cleared = {key: at[1] for key, at in found.cleared.items() if key in found.columns}
    return {**found.matrix.columns, **cleared}


def _looks(found: LocatedTable, config: Config) -> dict[str, str]:
    """Which other row a row is to look like: parts are indented."""
    if found.table.districts:
        return {}
    return {item.code: "part" if item.parent else "whole" for item in config.indicators}


def _runs(
    found: LocatedTable,
    rows: bool,
    keys: Sequence[str],
    there: Mapping[str, int],
    fallback: int,
    looks: Mapping[str, str],
) -> Iterator[Insertion]:
    """One insertion for each run of keys that are not there, below (else right of) the one before.

    Lines that hold nothing there are used first: one that was put in before a stop is such a line.
    """
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
        blank = blank_after(found, after, rows=rows)
        if len(lacking) > blank:
            sheet, at = found.block.sheet, after + blank + 1
            yield Insertion(sheet, rows, at, len(lacking) - blank, look, grows)


def _key_at(known: Mapping[str, int], number: int) -> str:
    return next((key for key, at in known.items() if at == number), "")


def _places(
    keys: Sequence[str],
    there: Mapping[str, int],
    fallback: int,
    moves: Moves,
    sheet: str,
    rows: bool,
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


def _key_fillings(found: LocatedTable, moves: Moves, config: Config) -> Iterator[Filling]:
    """The keys that are lacking, and what the new rows say of what they are for."""
    matrix, sheet = found.matrix, found.block.sheet
    key_row = moves.line(sheet, matrix.key_row, rows=True)
    key_column = moves.line(sheet, matrix.key_column, rows=False)
    rows = _places(found.rows, _rows_there(found), matrix.end_row, moves, sheet, True)
    values: dict[Where, Value] = {(row, key_column): key for key, row in rows.items()}
    for keys in (found.columns, found.partners):
        across = _places(keys, _columns_there(found), 0, moves, sheet, False)
        values |= {(key_row, column): key for key, column in across.items()}
    values |= {moves.where(sheet, at): key for key, at in found.cleared.items()}
    listed: Sequence[District | Indicator] = (
        config.districts if found.table.districts else config.indicators
    )
    for item in listed:
        for heading, field in found.table.facts if item.code in rows else ():
            if heading in matrix.columns:
                column = moves.line(sheet, matrix.columns[heading], rows=False)
                values[rows[item.code], column] = getattr(item, field)
    if values:
        yield Filling(sheet, values, {})


def _headed(now: LocatedTable, config: Config) -> Sequence[Indicator]:
    """The indicators as the headings of a table call them: on 看板 in one line, without a unit."""
    if not now.table.ordered:
        return config.indicators
    return [item._replace(path=(item.name,), unit="") for item in config.indicators]


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


def _formulas(host: Host, config: Config, new: set[tuple[str, Where]]) -> Iterator[Filling]:
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
