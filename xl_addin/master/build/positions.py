"""Where everything stands in the master at hand, and refusal when a figure would have no place."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.build.formulas import Positions
from xl_addin.master.build.page_formulas import PagePlaces
from xl_addin.master.host.base import Host
from xl_addin.master.read.blocks import (
    Block,
    find_columns,
    foreign_rows,
    locate_matrix,
    missing_keys,
)
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.records import Problem
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    CHOICE_HEADING,
    COMPLETION_BLOCK,
    COMPLETION_NOTE,
    COUNTED_BLOCK,
    COUNTED_KEY,
    CUMULATIVE_BLOCK,
    CUMULATIVE_NOTE,
    DUE_BLOCK,
    GAPS_KEY,
    INDICATORS_BLOCK,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTH_CELL,
    MONTH_NOTE,
    MONTHLY_BLOCK,
    PAGE_BLOCK,
    PAGE_HEAD_BLOCK,
    PAGE_HEAD_HEADINGS,
    PAGE_HEADINGS,
    PAGE_MONTH_HEADINGS,
    PAGE_MONTHS_BLOCK,
    PAGE_REMARK_CELL,
    PLAN_BLOCK,
    PROGRESS_BLOCK,
    PROGRESS_NOTE,
    PUBLISHED_KEY,
    STANDING_HEADINGS,
    SUMMARY_BLOCK,
    SUMMARY_HEADINGS,
    TARGETS_BLOCK,
    TREND_BLOCK,
    TREND_HEADINGS,
    TREND_NOTE,
    VARIANCE_BLOCK,
    VARIANCE_NOTE,
    due_gap_key,
    progress_keys,
)
from xl_addin.system.errors import Refused
from xl_addin.xlsx.a1 import Where

NOTES = (MONTH_NOTE, CUMULATIVE_NOTE, COMPLETION_NOTE, VARIANCE_NOTE, TREND_NOTE, PROGRESS_NOTE)


def find_positions(host: Host, config: Config) -> Positions:
    """The positions in the workbook as it is now. Refused with every row and column that is gone."""
    districts = tuple(district.code for district in config.districts)
    codes = tuple(item.code for item in config.indicators)
    problems: list[Problem] = []

    def districts_by_codes(name: str, *more: str) -> Matrix:
        block = host.block(name)
        found = _check_block(block, districts, (*codes, *more), problems)
        problems.extend(foreign_rows(block, found, districts))
        return found

    def codes_by_headings(name: str, headings: Sequence[str]) -> Matrix:
        return _check_block(host.block(name), codes, headings, problems)

    positions = Positions(
        districts,
        codes,
        districts_by_codes(TARGETS_BLOCK),
        districts_by_codes(MONTH_BLOCK),
        districts_by_codes(CUMULATIVE_BLOCK, COUNTED_KEY, GAPS_KEY),
        districts_by_codes(COMPLETION_BLOCK),
        districts_by_codes(VARIANCE_BLOCK, *map(due_gap_key, codes)),
        codes_by_headings(SUMMARY_BLOCK, SUMMARY_HEADINGS),
        codes_by_headings(TREND_BLOCK, TREND_HEADINGS[1:]),
        codes_by_headings(INDICATORS_BLOCK, ("口径", "全市目标", "合计按")),
        districts_by_codes(PLAN_BLOCK),
        districts_by_codes(DUE_BLOCK),
        districts_by_codes(COUNTED_BLOCK),
        districts_by_codes(LIGHTS_BLOCK),
        districts_by_codes(
            PROGRESS_BLOCK,
            *(key for code in codes for key in progress_keys(code)),
            *STANDING_HEADINGS,
        ),
        districts_by_codes(MONTHLY_BLOCK),
        _page(
            host,
            config,
            codes_by_headings(PAGE_BLOCK, PAGE_HEADINGS),
            codes_by_headings(PAGE_MONTHS_BLOCK, PAGE_MONTH_HEADINGS),
        ),
        {name: _cell(host.block(name)) for name in NOTES},
    )
    if not positions.targets.published_row:
        block = host.block(TARGETS_BLOCK)
        says = f"找不到“{PUBLISHED_KEY}”行；请恢复它（没有公布数就留空）"
        where = (block.area[2], block.area[1])
        problems.append(block.problem("published-missing", where, says))
    if problems:
        raise Refused(f"主表里有 {len(problems)} 处位置不对，没有重算；改好后再试", problems)
    return positions


def _page(host: Host, config: Config, table: Matrix, months: Matrix) -> PagePlaces:
    """区县单页, and which district is chosen there."""
    block = host.block(PAGE_HEAD_BLOCK)
    below = block.area[0] + 1
    head = {
        heading: (below, column)
        for heading, column in find_columns(block, PAGE_HEAD_HEADINGS).items()
    }
    cell = block.cells.get(head[CHOICE_HEADING])
    name = None if cell is None else cell.value
    chosen = next((each.code for each in config.districts if each.name == name), "")
    codes = [item.code for item in config.indicators]
    lines = (
        each._replace(rows={code: each.rows[code] for code in codes if code in each.rows})
        for each in (table, months)
    )
    return PagePlaces(block.sheet, chosen, head, _cell(host.block(PAGE_REMARK_CELL))[1], *lines)


def month_cell(host: Host) -> tuple[str, Where]:
    """Where 汇总 says which month it is of."""
    return _cell(host.block(MONTH_CELL))


def _cell(block: Block) -> tuple[str, Where]:
    return block.sheet, block.area[:2]


def _check_block(
    block: Block, rows: Sequence[str], columns: Sequence[str], problems: list[Problem]
) -> Matrix:
    found, twice = locate_matrix(block)
    problems += (*twice, *missing_keys(block, found, rows, columns))
    return found
