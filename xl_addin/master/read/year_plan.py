"""序时, 任务调整 and 年初累计: what of the year's plan is not in 任务表. An older master has none of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text, locate_matrix
from xl_addin.master.read.settings_rows import number_in
from xl_addin.model.names import fold
from xl_addin.model.records import CUSTOM, District, Indicator, Number, Problem
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import (
    ADJUSTMENT_HEADINGS,
    ADJUSTMENTS_BLOCK,
    CODE_KEY,
    MONTH_HEADINGS,
    OPENINGS_BLOCK,
    SCHEDULE_BLOCK,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.values import number_text, quote, round_noise

if TYPE_CHECKING:
    from xl_addin.master.host.base import BlockReader

_NOISE = 1e-9


def _block(host: BlockReader, name: str) -> Block | None:
    try:
        return host.block(name)
    except Outdated:
        return None


def with_shares(
    host: BlockReader, indicators: tuple[Indicator, ...], problems: list[Problem]
) -> tuple[Indicator, ...]:
    """The indicators, those with a schedule of their own with its twelve shares."""
    block = _block(host, SCHEDULE_BLOCK)
    if block is None or not any(item.schedule == CUSTOM for item in indicators):
        return indicators
    columns = find_columns(block, (CODE_KEY, *MONTH_HEADINGS))
    rows = {key_text(block.cells.get((r, columns[CODE_KEY]))): r for r in filled_rows(block)}
    found: list[Indicator] = []
    for item in indicators:
        if item.schedule == CUSTOM:
            row = rows.get(item.code, block.area[0])
            item = item._replace(shares=_shares(block, item, row, columns, problems))  # noqa: PLW2901
        found.append(item)
    return tuple(found)


def _shares(
    block: Block, item: Indicator, row: int, columns: Mapping[str, int], problems: list[Problem]
) -> tuple[Number, ...]:
    """Twelve shares of 1 that rise to 1; none, and a problem, where the row says something else."""
    cells = [block.cells.get((row, columns[heading])) for heading in MONTH_HEADINGS]
    shares = [number_in(cell) for cell in cells]
    known = [share for share in shares if share is not None]
    rising = all(one <= other + _NOISE for one, other in pairwise(known))
    if len(known) == 12 and rising and known[0] >= 0 and abs(known[-1] - 1) < _NOISE:
        return tuple(known)
    says = (
        f"“{item.label}”的序时填了“自定义”，这一行应当填满 12 个月的累计百分比，逐月不减少，12月是 100%；"
        "现在按均匀处理，请补齐或改正"
    )
    where = (row, columns[MONTH_HEADINGS[0]])
    problems.append(block.problem("bad-shares", where, says, "逐月不减少，12月是 100%"))
    return ()


def read_adjustments(
    host: BlockReader, config: Config, problems: list[Problem]
) -> tuple[Adjustment, ...]:
    """The rows of 任务调整; districts and indicators may be written as code or name.

    A target that they bring below 0 is a problem.
    """
    rows = adjustment_rows(host, config, problems)
    if any(each.amount < 0 for each in rows.values()):
        problems += _below_zero(host.block(ADJUSTMENTS_BLOCK), config, rows)
    return tuple(rows.values())


def _below_zero(block: Block, config: Config, rows: Mapping[int, Adjustment]) -> Iterator[Problem]:
    """The rows from whose month on a target is below 0, each pair's first."""
    column = find_columns(block, ADJUSTMENT_HEADINGS)["调整数"]
    of_pair: dict[tuple[str, str], dict[int, list[int]]] = {}
    for row, each in rows.items():
        of_pair.setdefault((each.district, each.indicator), {}).setdefault(each.month, []).append(
            row
        )
    for pair, of_month in of_pair.items():
        target = config.targets.get(pair, 0)
        for month, at in sorted(of_month.items()):
            target = round_noise(target + sum(rows[row].amount for row in at))
            if target < 0:
                says = (
                    f"调整以后 {month} 月的任务数是 {number_text(target)}，任务数不能小于 0；请改正"
                )
                yield block.problem("target-negative", (at[-1], column), says, "调整后不小于 0")
                break


def adjustment_rows(
    host: BlockReader, config: Config, problems: list[Problem]
) -> dict[int, Adjustment]:
    """What 任务调整 says, by row. A row that cannot be understood is a problem and left out."""
    block = _block(host, ADJUSTMENTS_BLOCK)
    if block is None:
        return {}
    columns = find_columns(block, ADJUSTMENT_HEADINGS)
    districts, indicators = _by_name(config.districts), _by_name(config.indicators)
    found: dict[int, Adjustment] = {}
    for row in filled_rows(block):

        def text(heading: str, row: int = row) -> str:
            cell = block.cells.get((row, columns[heading]))
            return "" if cell is None else quote(cell).strip()

        month = number_in(block.cells.get((row, columns["起始月"])))
        amount = number_in(block.cells.get((row, columns["调整数"])))
        cell = block.cells.get((row, columns["调整数"]))
        if cell is not None and cell.kind == NUM and isinstance(cell.value, int | float):
            amount = round_noise(cell.value)
        district = districts.get(fold(text("区县")), "")
        indicator = indicators.get(fold(text("指标")), "")
        wrong = [
            (heading, expected)
            for heading, good, expected in (
                ("起始月", isinstance(month, int) and 1 <= month <= 12, "1 到 12 的月份"),
                ("区县", district, "“区县名录”里的名称或代码"),
                ("指标", indicator, "“指标”里的名称或代码"),
                ("调整数", amount is not None, "数字，减少填负数"),
            )
            if not good
        ]
        for heading, expected in wrong:
            says = f"“{heading}”现在是“{text(heading) or '空'}”，应当是{expected}；这一行没有采用，请改正"
            where = (row, columns[heading])
            problems.append(block.problem("bad-adjustment", where, says, expected))
        if not wrong and month is not None and amount is not None:
            words = (text("依据"), text("经办人"), text("登记时间"))
            found[row] = Adjustment(int(month), district, indicator, amount, *words)
    return found


def _by_name(listed: Iterable[District] | Iterable[Indicator]) -> dict[str, str]:
    """Codes and names, folded, to codes."""
    found: dict[str, str] = {}
    for each in listed:
        names = (each.name, *each.aliases) if isinstance(each, District) else (each.label,)
        found |= {fold(name): each.code for name in (*names, each.code)}
    return found


def read_openings(
    host: BlockReader, config: Config, problems: list[Problem]
) -> dict[tuple[str, str], Number]:
    """年初累计 by (district, indicator); a pair that is absent is not known."""
    block = _block(host, OPENINGS_BLOCK)
    if block is None:
        return {}
    matrix, _ = locate_matrix(block)
    found: dict[tuple[str, str], Number] = {}
    for item in config.indicators:
        for district in config.districts:
            row, column = matrix.rows.get(district.code, 0), matrix.columns.get(item.code, 0)
            cell = block.cells.get((row, column))
            if cell is None:
                continue
            if cell.kind == NUM and isinstance(cell.value, int | float) and cell.value >= 0:
                found[district.code, item.code] = round_noise(cell.value)
            else:
                says = f"年初累计现在是“{quote(cell)}”，应当是不小于 0 的数字，不知道就留空；请改正"
                problems.append(block.problem("bad-opening", (row, column), says, "数字"))
    return found
