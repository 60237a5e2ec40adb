"""The sheets of the master that are district by indicator: 任务表, 本月完成, 累计完成, 完成率, 差异."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.master.build.colours import (
    lacks_months,
    legend_text,
    light_of,
    mark_differences,
    mark_gap_texts,
    mark_gaps,
    mark_shares,
    mark_words,
    write_legend,
)
from xl_addin.master.build.district_page import planned_page
from xl_addin.master.build.formula_texts import sum_formula
from xl_addin.master.build.formulas import Positions
from xl_addin.master.build.notes import note_text
from xl_addin.master.build.sheet_writer import TOP, Computed, MasterPlan, SheetWriter, Typed
from xl_addin.master.build.styles import set_up_page, short_unit, show_decimals
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.records import District, Indicator
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    CODE_KEY,
    COMPLETION_BLOCK,
    COMPLETION_NOTE,
    COMPLETION_SHEET,
    COUNTED_BLOCK,
    COUNTED_KEY,
    COUNTED_SHEET,
    CUMULATIVE_BLOCK,
    CUMULATIVE_NOTE,
    CUMULATIVE_SHEET,
    DUE_BLOCK,
    DUE_GAP_SUFFIX,
    DUE_SHEET,
    GAPS_KEY,
    INDICATOR_HEADINGS,
    INDICATORS_SHEET,
    LIGHTS_BLOCK,
    LIGHTS_SHEET,
    MONTH_BLOCK,
    MONTH_NOTE,
    MONTH_SHEET,
    MONTHLY_BLOCK,
    MONTHLY_SHEET,
    NAME_KEY,
    OPENINGS_BLOCK,
    OPENINGS_SHEET,
    PLAN_BLOCK,
    PLAN_SHEET,
    PROGRESS_NOTE,
    PROGRESS_SHEET,
    PUBLISHED_KEY,
    STANDING_HEADINGS,
    SUMMARY_HEADINGS,
    SUMMARY_SHEET,
    TARGETS_BLOCK,
    TARGETS_SHEET,
    TOTAL_KEY,
    TREND_HEADINGS,
    TREND_NOTE,
    TREND_SHEET,
    VARIANCE_BLOCK,
    VARIANCE_NOTE,
    VARIANCE_SHEET,
    YEAR_GAP,
    due_gap_key,
    progress_keys,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.textsize import row_height, text_width

HEADER_ROW = 4  # title, note and legend stand above
_CODE_WIDTH, _NAME_WIDTH, _LEAST = 9.5, 17.0, 12.0
_TABLE_WIDTH = 9  # a narrow table's title still needs room


class MatrixSheet(NamedTuple):
    """What one matrix sheet shows."""

    block: str
    title: str
    note: str
    body: str
    total: str
    legend: bool = False


MATRIX_SHEETS = {
    TARGETS_SHEET: MatrixSheet(TARGETS_BLOCK, "任务表", "", "input_number", "total_number"),
    MONTH_SHEET: MatrixSheet(MONTH_BLOCK, "本月完成", MONTH_NOTE, "number", "total_number"),
    CUMULATIVE_SHEET: MatrixSheet(
        CUMULATIVE_BLOCK, "累计完成", CUMULATIVE_NOTE, "number", "total_number"
    ),
    COMPLETION_SHEET: MatrixSheet(
        COMPLETION_BLOCK, "完成率", COMPLETION_NOTE, "share", "total_share", legend=True
    ),
    VARIANCE_SHEET: MatrixSheet(
        VARIANCE_BLOCK, "差异", VARIANCE_NOTE, "signed", "total_signed", legend=True
    ),
    PLAN_SHEET: MatrixSheet(PLAN_BLOCK, "现行任务", "", "number", "total_number"),
    DUE_SHEET: MatrixSheet(DUE_BLOCK, "应完成数", "", "number", "total_number"),
    COUNTED_SHEET: MatrixSheet(COUNTED_BLOCK, "已计月数", "", "months", "total_months"),
    MONTHLY_SHEET: MatrixSheet(MONTHLY_BLOCK, "各月完成", "", "small", "total_name"),
    LIGHTS_SHEET: MatrixSheet(LIGHTS_BLOCK, "进度灯", "", "center", "total_name", legend=True),
    OPENINGS_SHEET: MatrixSheet(OPENINGS_BLOCK, "年初累计", "", "input_number", "total_number"),
}
_SAYS = {
    TARGETS_SHEET: "浅黄色的格子填年初下达的全年任务数，没有任务的留空；“公布合计”填文件上印的合计，没有就留空。"
    "年中有文件调整任务数的不要改这里，用“调整任务数”。",
    PLAN_SHEET: "这个月执行的全年任务数：任务表加上“任务调整”里到这个月为止的调整。",
    DUE_SHEET: "到这个月底按序时应当完成多少：现行任务乘以序时（“指标”里的序时，比率不分月）；要取整的指标不足 1 的"
    "部分不算到期。年中开始的指标和区县，序时从起始月算到年底。缺月办法为“折算”的，没有计入的月份不算到期，"
    "一个月也没有计入的空白。合计是全市应完成的，由取整以前的数相加，可能比各行相加多。",
    COUNTED_SHEET: "累计完成里有几个月的数：“4/6 缺2、5月”是应计 6 个月，计入 4 个月，缺 2 月和 5 月；"
    "“补3月”是 3 月没有报，但后来报的年累计里有它；“缺合计按的数”是有率、没有“合计按”那项指标的数，算不进合计。"
    "虚线框的不全。",
    MONTHLY_SHEET: "本年每个月的数：“1月 12、3月 5”是 1 月 12、3 月 5，其他月份没有通过的数；"
    "口径为“累计数”“比率”的是月末数，其他的是当月新增。“区县单页”由这里取数。",
    LIGHTS_SHEET: "累计完成和应完成数比：低于应完成数不超过“黄灯”的算绿，超过“滞后红线”的是红（都在“设置”里，"
    "单位是任务数的百分点）。空白是没有任务，或者还没有到期的、也没有完成的。",
    OPENINGS_SHEET: "年度中间才开始用本程序的，浅黄色的格子填起始月份以前的累计完成数；不知道的留空，没有完成的填 0。",
}


def planned_positions(districts: Sequence[District], indicators: Sequence[Indicator]) -> Positions:
    """Where the builder puts everything. Later the program looks for itself: ``find_positions``."""
    codes = tuple(item.code for item in indicators)
    key_row = HEADER_ROW + max(len(item.path) for item in indicators)
    rows = {district.code: key_row + n for n, district in enumerate(districts, 1)}
    columns = {NAME_KEY: 2} | {code: n for n, code in enumerate(codes, 3)}
    total_row = key_row + len(districts) + 1

    def matrix(sheet: str, published: int = 0) -> Matrix:
        return Matrix(
            sheet, key_row, 1, rows, columns, total_row, published, published or total_row
        )

    def listed(sheet: str, headings: Sequence[str]) -> Matrix:
        down = {code: TOP + n for n, code in enumerate(codes, 1)}
        across = {heading: n for n, heading in enumerate(headings, 2)}
        return Matrix(sheet, TOP, 1, down, across, end_row=TOP + len(codes))

    cumulative, variance = matrix(CUMULATIVE_SHEET), matrix(VARIANCE_SHEET)
    right = max(columns.values())
    cumulative = cumulative._replace(
        columns={**columns, COUNTED_KEY: right + 1, GAPS_KEY: right + 2}
    )
    partners = {due_gap_key(code): right + n for n, code in enumerate(codes, 1)}
    variance = variance._replace(columns={**columns, **partners})
    # The kinds of 进度表 stand in one row of headings more.
    keys = (key for code in codes for key in progress_keys(code))
    progress = matrix(PROGRESS_SHEET)._replace(
        key_row=key_row + 1,
        rows={code: row + 1 for code, row in rows.items()},
        columns={NAME_KEY: 2} | {key: n for n, key in enumerate((*keys, *STANDING_HEADINGS), 3)},
        total_row=total_row + 1,
        end_row=total_row + 1,
    )
    note = (2, 1)
    return Positions(
        tuple(rows),
        codes,
        matrix(TARGETS_SHEET, total_row + 1),
        matrix(MONTH_SHEET),
        cumulative,
        matrix(COMPLETION_SHEET),
        variance,
        listed(SUMMARY_SHEET, SUMMARY_HEADINGS),
        listed(TREND_SHEET, TREND_HEADINGS[1:]),
        listed(INDICATORS_SHEET, INDICATOR_HEADINGS[1:]),
        matrix(PLAN_SHEET),
        matrix(DUE_SHEET),
        matrix(COUNTED_SHEET),
        matrix(LIGHTS_SHEET),
        progress,
        matrix(MONTHLY_SHEET),
        planned_page(districts, indicators),
        {
            MONTH_NOTE: (MONTH_SHEET, note),
            CUMULATIVE_NOTE: (CUMULATIVE_SHEET, note),
            COMPLETION_NOTE: (COMPLETION_SHEET, note),
            VARIANCE_NOTE: (VARIANCE_SHEET, (2, 3)),
            TREND_NOTE: (TREND_SHEET, note),
            PROGRESS_NOTE: (PROGRESS_SHEET, (2, 3)),
        },
    )


def header_cells(
    indicators: Sequence[Indicator], left: int = 3, kind: str = ""
) -> Iterator[tuple[a1.Area, str]]:
    """The nested headings as merged areas: equal neighbours become one, leaves reach to the bottom.

    ``left`` is the first column, ``kind`` what a leaf says besides its own words.
    """
    depth = max(len(item.path) for item in indicators)
    bottom = HEADER_ROW + depth - 1
    for level in range(depth):
        start = 0
        while start < len(indicators):
            path, end = indicators[start].path, start + 1
            if level < len(path) - 1:
                stem = path[: level + 1]
                while end < len(indicators) and _under(indicators[end], stem):
                    end += 1
                row = HEADER_ROW + level
                yield (row, left + start, row, left + end - 1), path[level]
            elif level == len(path) - 1:
                text = short_unit(path[level], indicators[start].unit, kind)
                yield (HEADER_ROW + level, left + start, bottom, left + start), text
            start = end


def _under(item: Indicator, stem: tuple[str, ...]) -> bool:
    return item.path[: len(stem)] == stem and len(item.path) > len(stem)


def matrix_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """One district by indicator sheet."""
    kind, config, positions = MATRIX_SHEETS[writer.name], plan.config, plan.positions
    tables = (
        positions.targets,
        positions.month,
        positions.cumulative,
        positions.completion,
        positions.variance,
        positions.plan,
        positions.due,
        positions.counted,
        positions.lights,
        positions.course,
        positions.lights._replace(sheet=OPENINGS_SHEET),
    )
    matrix = next(each for each in tables if each.sheet == writer.name)
    typed, computed = plan.typed.get(writer.name, {}), plan.computed.get(writer.name, {})
    right = max(matrix.columns.values())
    wide = max(right, _TABLE_WIDTH)
    widths = _widths(writer, matrix, config, wide)
    heads = _halves(writer.name, wide)
    title = f"{config.settings.year}年{config.settings.title}{kind.title}"
    for area, says in zip(heads, (title, f"{title}：{DUE_GAP_SUFFIX}"), strict=False):
        writer.merge((1, area[0], 1, area[1]), says, "title")
    writer.sheet.set_row(0, 34)
    _note(writer, kind, widths, heads, computed)
    _headings(writer, matrix, config, widths)
    for district in config.districts:
        row = matrix.rows[district.code]
        writer.sheet.set_row(row - 1, row_height([(district.name, widths[2])], least=19))
        writer.write(row, 1, district.code, "code")
        writer.write(row, 2, district.name, "name")
    _body(writer, matrix, kind, typed, computed)
    _totals(writer, matrix, kind, config, typed, computed)
    _colour(writer, (matrix.key_row + 1, 3, matrix.end_row, right), len(config.indicators))
    writer.name_area(kind.block, (matrix.key_row, 1, matrix.end_row, right))
    writer.sheet.ignore_errors(
        {"number_stored_as_text": a1.area_name((matrix.key_row, 1, matrix.end_row, right))}
    )
    writer.sheet.freeze_panes(matrix.key_row, 2)
    set_up_page(
        writer.sheet,
        a1.area_name((1, 1, matrix.end_row, wide)),
        (HEADER_ROW, matrix.key_row),
        sum(widths.values()),
    )


def _widths(writer: SheetWriter, matrix: Matrix, config: Config, wide: int) -> dict[int, float]:
    names = [text_width(d.name) + 3.0 for d in config.districts]
    widths = {1: _CODE_WIDTH, 2: min(max(names, default=_NAME_WIDTH), 34)}
    most: dict[str, float] = {}
    for (_, code), value in config.targets.items():
        most[code] = most.get(code, 0) + abs(value)
    for item in config.indicators:
        amount = max(most.get(item.code, 0), config.published.get(item.code, 0))
        wanted = max(_LEAST, len(f"{amount:,.{0 if item.whole else 2}f}") + 5.0)
        for key in (item.code, due_gap_key(item.code)):
            if key in matrix.columns:
                widths[matrix.columns[key]] = wanted
    if GAPS_KEY in matrix.columns:
        widths[matrix.columns[GAPS_KEY]] = 20.0
    if matrix.sheet == MONTHLY_SHEET:
        widths |= {column: 24.0 for column in widths if column > 2}
    if matrix.sheet == COUNTED_SHEET:
        widths |= {column: max(wanted, 14.0) for column, wanted in widths.items() if column > 2}
    for column in range(1, wide + 1):
        writer.sheet.set_column(column - 1, column - 1, widths.setdefault(column, _LEAST))
    return widths


def _halves(sheet: str, wide: int) -> list[tuple[int, int]]:
    """The columns that a title stands over.

    差异 has two halves, which are printed beside each other where they are wide; its first two columns
    are printed with both.
    """
    if sheet != VARIANCE_SHEET:
        return [(1, wide)]
    if wide <= _TABLE_WIDTH:
        return [(3, wide)]
    middle = wide // 2 + 1
    return [(3, middle), (middle + 1, wide)]


def _note(
    writer: SheetWriter,
    kind: MatrixSheet,
    widths: Mapping[int, float],
    heads: Sequence[tuple[int, int]],
    computed: Computed,
) -> None:
    left, right = heads[0]
    room = sum(widths[column] for column in range(left, right + 1))
    if kind.note:
        writer.merge((2, left, 2, right), None, "note")
        formula, value = computed[2, left]
        writer.formula(2, left, formula, value, "note")
        writer.name_area(kind.note, (2, left, 2, left))
        said = note_text(kind.note, "2000-01", 0, opened=True)
    else:
        said = _SAYS[writer.name]
        writer.merge((2, left, 2, right), said, "note")
    writer.sheet.set_row(1, row_height([(said, room)], 14))
    writer.sheet.set_row(2, 6)
    if kind.legend:
        writer.merge((3, left, 3, right), None, "note")
        write_legend(writer, (3, left), blanks=True)
        writer.sheet.set_row(2, row_height([(legend_text(blanks=True), room)], 14))
    for first, last in heads[1:]:
        says = f"{DUE_GAP_SUFFIX} = 累计完成 − 应完成数"
        writer.merge((3, first, 3, last), says, "head_due")


def _headings(
    writer: SheetWriter, matrix: Matrix, config: Config, widths: Mapping[int, float]
) -> None:
    bottom = matrix.key_row - 1
    writer.merge((HEADER_ROW, 1, bottom, 2), "区县", "head")
    needs = dict.fromkeys(range(HEADER_ROW, matrix.key_row), 22.0)
    for area, text, look in _head_texts(writer.name, matrix, config):
        writer.merge(area, text, look)
        top, left, last, right = area
        room = sum(widths[column] for column in range(left, right + 1))
        # A heading over several rows leaves what does not fit to the lowest of them.
        spare = sum(needs[row] for row in range(top, last))
        needs[last] = max(needs[last], row_height([(text, room)]) - spare)
    for row, tall in needs.items():
        writer.sheet.set_row(row - 1, tall)
    writer.sheet.set_row(matrix.key_row - 1, 13)
    writer.write(matrix.key_row, 1, CODE_KEY, "key")
    for key, column in matrix.columns.items():
        writer.write(matrix.key_row, column, key, "key")


def _head_texts(sheet: str, matrix: Matrix, config: Config) -> Iterator[tuple[a1.Area, str, str]]:
    """The headings over the columns: where, what, and how they look."""
    kind = YEAR_GAP if sheet == VARIANCE_SHEET else ""
    for area, text in header_cells(config.indicators, 3, kind):
        yield area, text, "head"
    right = len(config.indicators) + 3
    if sheet == VARIANCE_SHEET:
        for area, text in header_cells(config.indicators, right, DUE_GAP_SUFFIX):
            yield area, text, "head_due"
    for key in (COUNTED_KEY, GAPS_KEY):
        if key in matrix.columns:
            column = matrix.columns[key]
            yield (HEADER_ROW, column, matrix.key_row - 1, column), key, "head"


def _body(
    writer: SheetWriter, matrix: Matrix, kind: MatrixSheet, typed: Typed, computed: Computed
) -> None:
    for row in matrix.rows.values():
        for code, column in matrix.columns.items():
            where = (row, column)
            if code == NAME_KEY:
                continue
            look = "months" if code in (COUNTED_KEY, GAPS_KEY) else kind.body
            if where in computed:
                writer.formula(row, column, *computed[where], look)
            else:
                writer.write(row, column, typed.get(where), look)


def _totals(
    writer: SheetWriter,
    matrix: Matrix,
    kind: MatrixSheet,
    config: Config,
    typed: Typed,
    computed: Computed,
) -> None:
    writer.sheet.set_row(matrix.total_row - 1, 22)
    writer.merge((matrix.total_row, 1, matrix.total_row, 2), TOTAL_KEY, "total_name")
    for key, column in matrix.columns.items():
        where = (matrix.total_row, column)
        if key == NAME_KEY:
            continue
        if where in computed:
            writer.formula(*where, *computed[where], kind.total)
        elif kind.body == "input_number":
            given = [typed.get((row, where[1])) for row in matrix.rows.values()]
            amounts = [value for value in given if isinstance(value, int | float)]
            total = without_noise(sum(amounts)) if amounts else ""
            writer.formula(*where, sum_formula(matrix.span(where[1])), total, kind.total)
        else:
            look = "total_months" if key in (COUNTED_KEY, GAPS_KEY) else kind.total
            writer.write(*where, typed.get(where), look)
    if matrix.published_row:
        row = matrix.published_row
        writer.sheet.set_row(row - 1, 22)
        writer.merge((row, 1, row, 2), PUBLISHED_KEY, "input_total_name")
        for item in config.indicators:
            column = matrix.columns[item.code]
            writer.write(row, column, config.published.get(item.code), "input_total")


def _colour(writer: SheetWriter, data: a1.Area, count: int) -> None:
    """What the figures of a sheet with so many indicators look like by what they are."""
    top, left, bottom, right = data
    middle = left + count - 1
    area, figures = a1.area_name(data), a1.area_name((top, left, bottom, middle))
    if writer.name == COMPLETION_SHEET:
        mark_shares(writer, figures, light_of(data), lacks_months(data))
    elif writer.name == VARIANCE_SHEET:
        mark_differences(writer, figures, light_of(data), lacks_months(data))
        beside = (top, middle + 1, bottom, right)
        mark_differences(writer, a1.area_name(beside), light_of(beside), lacks_months(beside))
    elif writer.name == CUMULATIVE_SHEET:
        mark_gaps(writer, figures, lacks_months(data))
        mark_gap_texts(writer, a1.area_name((top, middle + 1, bottom, right)))
    elif writer.name == COUNTED_SHEET:
        mark_gap_texts(writer, area)
    elif writer.name == LIGHTS_SHEET:
        mark_words(writer, area)
    else:
        show_decimals(writer.sheet, writer.formats, area)


BUILDERS = dict.fromkeys(MATRIX_SHEETS, matrix_sheet)
