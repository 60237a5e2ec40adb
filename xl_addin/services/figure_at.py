"""Which figure a cell of the master shows: by where it stands in a block, whatever the sheet is called."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.read.blocks import Block, find_columns, key_text, locate_matrix
from xl_addin.master.read.matrix import Matrix
from xl_addin.master.read.settings_rows import month_in
from xl_addin.master.standings import shown_percent, weight_of
from xl_addin.model.comparison import CUMULATIVE
from xl_addin.model.records import ADDED_UP
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    BARS_BLOCK,
    CODE_KEY,
    COLUMNS_BLOCK,
    COMPARISON_BLOCK,
    COMPARISON_HEADINGS,
    COMPLETION_BLOCK,
    COUNTED_BLOCK,
    COURSE_BLOCK,
    COURSE_HEADINGS,
    CUMULATIVE_BLOCK,
    DUE_BLOCK,
    DUE_GAP_SUFFIX,
    FIGURES_BLOCK,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTH_CELL,
    MONTH_HEADINGS,
    MONTHLY_BLOCK,
    PAGE_BLOCK,
    PAGE_HEAD_BLOCK,
    PAGE_MONTHS_BLOCK,
    PLAN_BLOCK,
    PROGRESS_BLOCK,
    RANKING_BLOCK,
    SHARE_SUFFIX,
    SUMMARY_BLOCK,
    TARGET_SUFFIX,
    TARGETS_BLOCK,
    TRAIL_BLOCK,
    TREND_BLOCK,
    VARIANCE_BLOCK,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.services.trail import MONTH, TARGET, YEAR, Question
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NUM, Value
from xl_addin.xlsx.values import number_text

# Of the sheets with a row a district and a column an indicator: what their figures are about, and
# whether they are that very figure.
_BY_DISTRICT = {
    CUMULATIVE_BLOCK: (YEAR, True),
    MONTH_BLOCK: (MONTH, True),
    COMPLETION_BLOCK: (YEAR, False),
    VARIANCE_BLOCK: (YEAR, False),
    PLAN_BLOCK: (TARGET, True),
    DUE_BLOCK: (YEAR, False),
    COUNTED_BLOCK: (YEAR, False),
    LIGHTS_BLOCK: (YEAR, False),
    TARGETS_BLOCK: (TARGET, False),
    MONTHLY_BLOCK: (YEAR, False),
    PROGRESS_BLOCK: (YEAR, True),
    RANKING_BLOCK: (YEAR, False),
}
_BESIDE = {
    DUE_GAP_SUFFIX: (YEAR, False),
    TARGET_SUFFIX: (TARGET, True),
    SHARE_SUFFIX: (YEAR, False),
}
_BY_INDICATOR = (SUMMARY_BLOCK, TREND_BLOCK, PAGE_BLOCK, PAGE_MONTHS_BLOCK, BARS_BLOCK)
_BY_HEADING = {
    "任务数": (TARGET, True),
    "全年任务": (TARGET, True),
    "本月完成": (MONTH, True),
    "累计完成": (YEAR, True),
    "累计": (YEAR, True),
}
# Where figures stand that are made of several indicators.
_TOGETHER = (
    RANKING_BLOCK,
    PROGRESS_BLOCK,
    COLUMNS_BLOCK,
    COURSE_BLOCK,
    FIGURES_BLOCK,
    PAGE_HEAD_BLOCK,
)
_TOGETHER_HEADINGS = {
    *("综合完成率", "序时完成比", "名次", "变化", "灯", "逐月"),
    *MONTH_HEADINGS,
    COURSE_HEADINGS[1],
}
_NAMED = 12  # indicators that a message names
ADVICE = "请先点住一个区县（或合计）一项指标的那一格，再溯源"


class Asked(NamedTuple):
    """A question with where it was asked; ``shown`` is what that cell says where it says the figure itself."""

    question: Question
    place: str = ""
    shown: Value = None
    exact: bool = False


def figure_at(programme: Programme, request: Request, sheet: str, where: Where) -> Asked:
    """The figure that a cell shows, or on 溯源 the one that its row leads to. Refused where it shows none."""
    sheet, where = _followed(programme, sheet, where)
    place = f"{sheet}!{a1.cell_name(*where)}"
    compared = _compared(programme, sheet, where, place)
    if compared is not None:
        return compared
    shown_month = _month_shown(programme)
    month = programme.month(request._replace(month=request.month or shown_month))
    for block in _blocks_at(programme, sheet, where):
        found = _figure_of(programme, block, where, int(month[5:]))
        if found is not None:
            cell, (question, exact) = block.cells.get(where), found
            # Another month's figure than the one that the sheets show is in no cell; one that is to be
            # calculated when the master is opened shows none yet.
            known = cell is None or cell.formula is None or cell.value is not None
            exact = exact and known and month == shown_month
            return Asked(question, place, None if cell is None else cell.value, exact)
        if block.name in _TOGETHER:
            _refuse_together(programme, block, where, place)
    raise Refused(f"{place}：这一格不是由填报表来的数；{ADVICE}")


def _compared(programme: Programme, sheet: str, where: Where, place: str) -> Asked | None:
    """Our figure of a row of 比对, as it was asked for there."""
    try:
        block = programme.host.block(COMPARISON_BLOCK)
    except Refused:
        return None
    if block.sheet != sheet or not block.area[0] < where[0] <= block.area[2]:
        return None
    from xl_addin.services.comparison_list import pair_at, shown_comparison
    from xl_addin.store.comparisons import compared_pairs

    pair = pair_at(block, where[0], programme.config)
    shown = compared_pairs(programme.ledger, shown_comparison(programme.host))
    found = next((each for each in shown if (each.district, each.indicator) == pair), None)
    if found is None:
        return None
    what = YEAR if found.period == CUMULATIVE else MONTH
    question = Question(what, found.district, found.indicator, found.as_of, found.as_of)
    at = find_columns(block, COMPARISON_HEADINGS)["我方"]
    cell = block.cells.get((where[0], at))
    return Asked(question, place, None if cell is None else cell.value, exact=True)


def _blocks_at(programme: Programme, sheet: str, where: Where) -> Iterator[Block]:
    for name in dict.fromkeys((*_BY_DISTRICT, *_BY_INDICATOR, *_TOGETHER)):
        try:
            block = programme.host.block(name)
        except Refused:  # an older master has not got it
            continue
        top, left, bottom, right = block.area
        if block.sheet == sheet and top <= where[0] <= bottom and left <= where[1] <= right:
            yield block


def spelt_cell(text: str) -> tuple[str, Where]:
    """The sheet and cell that somebody wrote, as in ``累计完成!G12``."""
    sheet, mark, cell = text.replace("！", "!").rpartition("!")
    try:
        where = a1.position(cell.replace("$", "").strip().upper())
    except ValueError:
        mark = ""
    if not mark:
        raise Misused(f"用法不对：--cell 要写成 累计完成!G12 这样，现在是“{text}”")
    return sheet.strip().strip("'").replace("''", "'"), where


def _followed(programme: Programme, sheet: str, where: Where) -> tuple[str, Where]:
    """Of a row of 溯源 that leads to a cell of the master that cell; any other as it is."""
    try:
        block = programme.host.block(TRAIL_BLOCK)
    except Refused:
        return sheet, where
    if block.sheet != sheet or not block.area[0] < where[0] <= block.area[2]:
        return sheet, where
    link = key_text(block.cells.get((where[0], find_columns(block, ("链接",))["链接"])))
    return spelt_cell(link[1:]) if link.startswith("#") else (sheet, where)


def _month_shown(programme: Programme) -> str:
    """The month that the sheets of figures are of; "" before the first recompute."""
    block = programme.host.block(MONTH_CELL)
    return month_in(block.cells.get(block.area[:2]), programme.basics.settings.year)


def _keys_at(matrix: Matrix, where: Where) -> tuple[str | None, str]:
    """The keys of a cell's row (``""`` for the total's, None for one that has none) and column."""
    column = next((key for key, at in matrix.columns.items() if at == where[1]), "")
    if where[0] == matrix.total_row:
        return "", column
    return next((key for key, at in matrix.rows.items() if at == where[0]), None), column


def _figure_of(
    programme: Programme, block: Block, where: Where, number: int
) -> tuple[Question, bool] | None:
    """The question that a cell of a block stands for, and whether it is the figure itself."""
    row, column = _keys_at(locate_matrix(block)[0], where)
    config = programme.config
    codes = {item.code: item for item in config.indicators}
    if block.name in _BY_DISTRICT:
        suffix = next((each for each in _BESIDE if column.endswith(each)), "")
        code = column.removesuffix(suffix)
        if row not in {each.code for each in config.districts} | {""} or code not in codes:
            return None
        what, exact = _BESIDE.get(suffix, _BY_DISTRICT[block.name])
        return Question(what, row, code, number, number), exact
    if block.name not in _BY_INDICATOR or row not in codes:
        return None
    on_page = block.name in (PAGE_BLOCK, PAGE_MONTHS_BLOCK)
    district = _chosen(programme) if on_page else ""
    if on_page and not district:
        return None
    if column in MONTH_HEADINGS:
        month = MONTH_HEADINGS.index(column) + 1
        adds = codes[row].measure in ADDED_UP
        question = Question(MONTH if adds else YEAR, district, row, month, number)
        # What a district reported of a state stands only in the month that it came for.
        return (question, adds or not district) if month <= number else None
    what, exact = _BY_HEADING.get(column, (YEAR, False))
    return Question(what, district, row, number, number), exact


def _chosen(programme: Programme) -> str:
    """The code of the district that 区县单页 shows."""
    head = programme.host.block(PAGE_HEAD_BLOCK)
    column = find_columns(head, (CODE_KEY,))[CODE_KEY]
    code = key_text(head.cells.get((head.area[2], column)))
    return code if code in {each.code for each in programme.config.districts} else ""


def _refuse_together(programme: Programme, block: Block, where: Where, place: str) -> None:
    """Say of a figure that several indicators make which ones do, and where each of them stands."""
    row, _ = _keys_at(locate_matrix(block)[0], where)
    top = block.area[0]
    heading = key_text(block.cells.get((top, where[1])))
    names = {each.code: each.name for each in programme.config.districts}
    whose: str | None = row
    if block.name == PAGE_HEAD_BLOCK:
        whose = _chosen(programme) or None
    elif block.name in (COURSE_BLOCK, FIGURES_BLOCK):
        whose = ""
    known = whose is not None and whose in names.keys() | {""}
    if not known or where[0] == top or heading not in _TOGETHER_HEADINGS:
        return
    parts = list(_parts(programme, programme.config, whose or ""))
    more = f"等 {len(parts)} 项" if len(parts) > _NAMED else ""
    cap = programme.config.settings.cap
    most = f"（每项最多算 {number_text(cap)}%）" if cap else ""
    made = "、".join(parts[:_NAMED]) + more if parts else "现在还没有一项有完成率"
    raise Refused(
        f"{place}：“{heading}”不是一个单独的数，它由{names.get(whose or '', '全市')}各项指标的完成率按权重{most}合成："
        f"{made}；请点住其中一项的那一格，再溯源"
    )


def _parts(programme: Programme, config: Config, district: str) -> Iterator[str]:
    """The indicators that count for a district's standing, each with its share and its cell on 完成率."""
    block = programme.host.block(COMPLETION_BLOCK)
    matrix, _ = locate_matrix(block)
    row = matrix.rows.get(district, 0) if district else matrix.total_row
    for item in config.indicators:
        where = (row, matrix.columns.get(item.code, 0))
        cell = block.cells.get(where)
        if cell is not None and cell.kind == NUM and weight_of(item) > 0:
            share = shown_percent(float(cell.value or 0))
            yield f"{item.name} {share}%（{block.at(where)}）"
