"""任务表 as it stands in the master: targets and printed totals, checked against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from xl_addin.master.read.blocks import Block, foreign_rows, locate_matrix
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.records import WARNING, District, Indicator, Number, Problem
from xl_addin.model.settings import by_indicator
from xl_addin.model.sheets import DISTRICTS_SHEET, INDICATORS_SHEET, NAME_KEY
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.values import number_text, quote, round_noise

Targets = dict[tuple[str, str], Number]


def read_targets_block(
    block: Block,
    districts: Sequence[District],
    indicators: Sequence[Indicator],
    problems: list[Problem],
) -> tuple[Targets, dict[str, Number]]:
    """Targets by (district, indicator) and printed totals by indicator."""
    found, twice = locate_matrix(block)
    # Keys in order and looked up at once: 1,000 districts make a list a second's work.
    listed = dict.fromkeys(district.code for district in districts)
    known = dict.fromkeys(item.code for item in indicators)
    problems += (
        *twice,
        *foreign_rows(block, found, listed),
        *_unlisted_problems(block, found, listed, known),
    )
    targets: Targets = {}
    columns = [(code, column) for code, column in found.columns.items() if code in known]
    for district, row in found.rows.items():
        for code, column in columns if district in listed else ():
            cell = block.cells.get((row, column))
            if cell is not None:
                plain = cell.kind == NUM and type(cell.value) is int and cell.value >= 0
                value = cell.value if plain else _amount(block, (row, column), problems)
                if isinstance(value, int | float):
                    targets[district, code] = value
    published = _read_published(block, found, known, problems)
    problems += _totals(block, found, targets, published)
    problems += _parts(block, found, indicators, targets)
    return targets, published


def _unlisted_problems(
    block: Block, found: Matrix, listed: Collection[str], known: Collection[str]
) -> Iterator[Problem]:
    """Districts and indicators that stand in one of the two places only."""
    corner = (found.key_row, found.key_column)
    for code in (code for code in listed if code not in found.rows):
        says = f"{DISTRICTS_SHEET}里的“{code}”在任务表没有行；可以点“登记变动”补上，或从名录删去它"
        yield block.problem("district-not-in-targets", corner, says, code)
    for code in (code for code in known if code not in found.columns):
        says = f"{INDICATORS_SHEET}里的“{code}”在任务表没有列；可以点“登记变动”补上，或从指标删去它"
        yield block.problem("indicator-not-in-targets", corner, says, code)
    for code, column in found.columns.items():
        if code not in known and code != NAME_KEY:
            says = f"这一列的代码“{code}”不在{INDICATORS_SHEET}里；请在那里加上它，或清空这个代码"
            yield block.problem("indicator-not-listed", (found.key_row, column), says)


def _amount(block: Block, where: tuple[int, int], problems: list[Problem]) -> Number | None:
    cell = block.cells.get(where)
    if cell is None:
        return None
    if cell.kind != NUM or not isinstance(cell.value, int | float):
        says = f"“{quote(cell)}”不是数字，Excel 不会把它加进合计；请改成数字，没有任务就留空"
        problems.append(block.problem("target-not-a-number", where, says, "数字"))
        return None
    if cell.value < 0:
        says = f"任务数不能小于 0，现在是 {number_text(cell.value)}；请改正"
        problems.append(block.problem("target-negative", where, says, "不小于 0 的数字"))
        return None
    return round_noise(cell.value)


def _read_published(
    block: Block, found: Matrix, known: Collection[str], problems: list[Problem]
) -> dict[str, Number]:
    printed: dict[str, Number] = {}
    for code, column in found.columns.items():
        if found.published_row and code in known:
            value = _amount(block, (found.published_row, column), problems)
            if value is not None:
                printed[code] = value
    return printed


def _totals(
    block: Block, found: Matrix, targets: Targets, published: dict[str, Number]
) -> Iterator[Problem]:
    amounts = by_indicator(targets)
    for code, printed in published.items():
        total = round_noise(sum(amounts.get(code, ())))
        if abs(total - printed) > 1e-6:
            where = (found.published_row, found.columns[code])
            says = (
                f"公布合计是 {number_text(printed)}，各区县相加是 {number_text(total)}，"
                f"相差 {number_text(round_noise(printed - total))}；请核对"
            )
            yield block.problem("total-differs", where, says, number_text(total))


def _parts(
    block: Block, found: Matrix, indicators: Sequence[Indicator], targets: Targets
) -> Iterator[Problem]:
    labels = {item.code: item.label for item in indicators}
    for item in (item for item in indicators if item.parent):
        for district, row in found.rows.items():
            part = targets.get((district, item.code))
            whole = targets.get((district, item.parent))
            if part is not None and whole is not None and part > whole:
                where = (row, found.columns[item.code])
                says = (
                    f"其中项“{item.label}”是 {number_text(part)}，大于上级“{labels[item.parent]}”的 "
                    f"{number_text(whole)}；请核对"
                )
                most = f"不大于 {number_text(whole)}"
                yield block.problem("child-above-parent", where, says, most, WARNING)
