"""上年同期: last year's cumulatives, in this year's codes. An older master has none."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text
from xl_addin.model.records import WARNING, Number, Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import LAST_YEAR_BLOCK, LAST_YEAR_HEADINGS, MONTH_HEADINGS
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.values import quote, round_noise

if TYPE_CHECKING:
    from xl_addin.master.host.base import BlockReader

Months = tuple[Number | None, ...]


def read_last_year(
    host: BlockReader, config: Config, problems: list[Problem]
) -> dict[tuple[str, str], Months]:
    """Twelve cumulatives by (district, indicator), None where one is not known; pairs without any are absent."""
    try:
        block = host.block(LAST_YEAR_BLOCK)
    except Outdated:
        return {}
    columns = find_columns(block, LAST_YEAR_HEADINGS)
    known = (
        (LAST_YEAR_HEADINGS[0], {district.code for district in config.districts}, "区县名录"),
        (LAST_YEAR_HEADINGS[1], {item.code for item in config.indicators}, "指标"),
    )
    found: dict[tuple[str, str], Months] = {}
    for row in filled_rows(block):
        months = tuple(_cumulative(block, (row, columns[h]), problems) for h in MONTH_HEADINGS)
        pair = _pair(block, row, columns, known, problems)
        if pair and pair in found:
            says = f"“{'”“'.join(pair)}”已经有一行了，不知道以哪一行为准；请删去多余的一行"
            where = (row, columns[LAST_YEAR_HEADINGS[0]])
            problems.append(block.problem("code-twice", where, says))
        elif pair and any(value is not None for value in months):
            found[pair] = months
    return found


def _pair(
    block: Block,
    row: int,
    columns: Mapping[str, int],
    known: tuple[tuple[str, Collection[str], str], ...],
    problems: list[Problem],
) -> tuple[str, str] | None:
    """Whose row it is; None, with what is wrong, where the codes do not say."""
    codes: list[str] = []
    for heading, listed, sheet in known:
        where = (row, columns[heading])
        code = key_text(block.cells.get(where))
        codes.append(code)
        if code not in listed:
            says = f"“{code or '空'}”不是“{sheet}”里的代码，这一行没有用上；请改正，或清空这一行"
            expected = f"“{sheet}”里的代码"
            problems.append(block.problem("bad-last-year", where, says, expected, WARNING))
            return None
    return codes[0], codes[1]


def _cumulative(block: Block, where: tuple[int, int], problems: list[Problem]) -> Number | None:
    cell = block.cells.get(where)
    if cell is None:
        return None
    if cell.kind == NUM and isinstance(cell.value, int | float):
        return round_noise(cell.value)
    says = f"上年累计现在是“{quote(cell)}”，应当是数字，不知道就留空；请改正"
    problems.append(block.problem("bad-last-year", where, says, "数字"))
    return None
