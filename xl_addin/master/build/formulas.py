"""The master's formulas: text as a function of where things stand, for building and for checking.

Only functions that Excel 2010 and LibreOffice 7.4 both have. A result that is not known is an
empty text, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from xl_addin.master.build.formula_texts import (
    content_formula,
    difference_formula,
    is_positive,
    number_formula,
    share_formula,
    sum_formula,
)
from xl_addin.master.build.notes import MONTH_NUMBER, note_formula
from xl_addin.master.build.page_formulas import PagePlaces, look_up, page_formulas
from xl_addin.master.read.matrix import Matrix, quote_sheet
from xl_addin.model.calendar import LATE, ON_TIME
from xl_addin.model.records import (
    ACCEPTED,
    MEASURE_LABELS,
    MISSING,
    NOT_REPORTING_LABEL,
    RATE,
    STOCK_LABEL,
    VERDICT_LABELS,
)
from xl_addin.model.sheets import (
    CODE_KEY,
    CORRECTIONS_HEADING,
    COUNTED_BLOCK,
    CUMULATIVE_BLOCK,
    DUE_BLOCK,
    LACKING,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTH_HEADINGS,
    MONTHLY_BLOCK,
    OPENING_HEADING,
    PLAN_BLOCK,
    PROGRESS_BLOCK,
    SEPARATOR,
    TO,
    due_gap_key,
    progress_keys,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Area, Where, area_name, cell_name

_RATE = MEASURE_LABELS[RATE]


class Positions(NamedTuple):
    """Where every sheet that bears formulas has its rows and columns.

    ``districts`` and ``codes`` are in sheet order; ``notes`` maps a note's name to (sheet, (row,
    column)), both from 1.
    """

    districts: tuple[str, ...]
    codes: tuple[str, ...]
    targets: Matrix
    month: Matrix
    cumulative: Matrix
    completion: Matrix
    variance: Matrix
    summary: Matrix
    trend: Matrix
    indicators: Matrix
    plan: Matrix
    due: Matrix
    counted: Matrix
    lights: Matrix
    progress: Matrix
    course: Matrix
    page: PagePlaces
    notes: dict[str, tuple[str, Where]]


class FormulaCell(NamedTuple):
    """A formula cell of the master.

    ``figure`` is (kind, district, indicator), district "" for a total.
    """

    sheet: str
    where: Where
    formula: str
    figure: tuple[str, str, str]


def figure_formulas(positions: Positions, sheet: str = "") -> Iterator[FormulaCell]:
    """Every formula cell whose value depends on targets and figures, or those of one sheet."""
    for name, cells in _formulas_by_sheet(positions):
        if sheet in ("", name):
            yield from cells


def formula_sheets(positions: Positions) -> Iterator[str]:
    """The sheets that have such cells; one may come more than once."""
    return (name for name, _ in _formulas_by_sheet(positions))


def _formulas_by_sheet(positions: Positions) -> Iterator[tuple[str, Iterator[FormulaCell]]]:
    for matrix, kind, rate in (
        (positions.targets, "planned", _unweighted),
        (positions.month, "this_month", _unweighted),
        (positions.cumulative, "cumulative", _weighted),
    ):
        yield matrix.sheet, _totals(matrix, positions, kind, rate)
    completion, variance = positions.completion, positions.variance
    plan, due = positions.plan, positions.due
    gaps = {code: variance.columns[due_gap_key(code)] for code in positions.codes}
    for matrix, beside, formula, kind in (
        (completion, plan, share_formula, "completion"),
        (variance, plan, difference_formula, "difference"),
        (variance._replace(columns=gaps), due, difference_formula, "difference_to_due"),
    ):
        yield matrix.sheet, _comparison_cells(matrix, positions, beside, formula, kind)
    yield positions.summary.sheet, _summary(positions)
    yield positions.trend.sheet, _trend(positions)
    yield positions.progress.sheet, _progress(positions)
    yield positions.page.sheet, _page(positions)
    for name, (sheet, where) in positions.notes.items():
        yield sheet, iter((FormulaCell(sheet, where, note_formula(name), ("note", "", name)),))


def _page(positions: Positions) -> Iterator[FormulaCell]:
    """The formulas of 区县单页, for the district that is chosen there."""
    page = positions.page
    sources = {
        PROGRESS_BLOCK: positions.progress,
        CUMULATIVE_BLOCK: positions.cumulative,
        MONTH_BLOCK: positions.month,
        PLAN_BLOCK: positions.plan,
        DUE_BLOCK: positions.due,
        COUNTED_BLOCK: positions.counted,
        LIGHTS_BLOCK: positions.lights,
        MONTHLY_BLOCK: positions.course,
    }
    for where, text, kind, code in page_formulas(page, look_up(sources)):
        yield FormulaCell(page.sheet, where, text, (f"page_{kind}", page.chosen, code))


def _progress(positions: Positions) -> Iterator[FormulaCell]:
    """进度表 repeats what the sheets of figures have, side by side."""
    matrix = positions.progress
    sources = (
        ("progress_target", positions.plan, number_formula),
        ("progress_done", positions.cumulative, content_formula),
        ("progress_share", positions.completion, number_formula),
    )
    for code in positions.codes:
        keys = progress_keys(code)
        for key, (kind, source, formula) in zip(keys, sources, strict=True):
            column = matrix.columns[key]
            for district in (*positions.districts, ""):
                where = (matrix.row(district), column)
                text = formula(source.figure(district, code))
                yield FormulaCell(matrix.sheet, where, text, (kind, district, code))


def _unweighted(_matrix: Matrix, _positions: Positions, _code: str) -> str:
    return '""'


def _weighted(matrix: Matrix, positions: Positions, code: str) -> str:
    """The mean of a rate, each district's weighted by the indicator that 指标 names for it."""
    left, right = min(matrix.columns.values()), max(matrix.columns.values())
    keys = area_name((matrix.key_row, left, matrix.key_row, right))
    table = area_name((matrix.key_row + 1, left, matrix.total_row - 1, right))
    rate = matrix.span(matrix.columns[code])
    weight = f'INDEX({table},0,MATCH({_indicator(positions, code, "合计按")}&"",{keys},0))'
    whole = f"SUMPRODUCT(--ISNUMBER({rate}),{weight})"
    mean = f'IF({whole}>0,SUMPRODUCT({rate},{weight})/{whole},"")'
    return f'IFERROR({mean},"")'


def _totals(
    matrix: Matrix, positions: Positions, kind: str, rate: Callable[[Matrix, Positions, str], str]
) -> Iterator[FormulaCell]:
    """The total row: sums, but rates are never added up."""
    for code in positions.codes:
        column = matrix.columns[code]
        total = sum_formula(matrix.span(column)).removeprefix("=")
        text = f"=IF({_is_rate(positions, code)},{rate(matrix, positions, code)},{total})"
        yield FormulaCell(matrix.sheet, (matrix.total_row, column), text, (kind, "", code))


def _comparison_cells(
    matrix: Matrix,
    positions: Positions,
    beside: Matrix,
    formula: Callable[[str, str], str],
    kind: str,
) -> Iterator[FormulaCell]:
    for district in (*positions.districts, ""):
        for code in positions.codes:
            actual = positions.cumulative.figure(district, code)
            other = beside.figure(district, code)
            where = (matrix.row(district), matrix.columns[code])
            yield FormulaCell(matrix.sheet, where, formula(actual, other), (kind, district, code))


def _summary(positions: Positions) -> Iterator[FormulaCell]:
    matrix = positions.summary
    at = matrix.columns
    for code in positions.codes:
        row = matrix.rows[code]
        here = {heading: cell_name(row, column) for heading, column in at.items()}
        actual, target, due, goal = (
            here[heading] for heading in ("累计完成", "任务数", "应完成数", "全市目标")
        )
        points = f"({actual}-{due})/IF({_is_rate(positions, code)},1,{target}/100)"
        known = f"AND(ISNUMBER({actual}),ISNUMBER({due}),{is_positive(target)})"
        light, months = positions.lights.figure("", code), positions.counted.figure("", code)
        slash, end = f'FIND("/",{months})', f'FIND(" ",{months}&" ")'
        texts = {
            "任务数": ("target", _total_of(positions.plan, positions, code)),
            "公布合计": ("published", number_formula(_published_cell(positions.targets, code))),
            "全市目标": ("goal", number_formula(_indicator(positions, code, "全市目标"))),
            "本月完成": ("this_month", _total_of(positions.month, positions, code)),
            "累计完成": ("cumulative", _total_of(positions.cumulative, positions, code)),
            "完成率": ("completion", share_formula(actual, target)),
            "超前滞后": ("lead", f'=IF({known},ROUND({points},9),"")'),
            "差额": ("difference", difference_formula(actual, target)),
            "本月缺数区县": ("districts_missing", _lacking_now(positions.counted, code)),
            "应完成数": ("due", number_formula(positions.due.figure("", code))),
            "与序时差": ("difference_to_due", difference_formula(actual, due)),
            "灯": ("light", f'=IF({light}="","",{light})'),
            "应计区县月": (
                "months_expected",
                f'=IF({months}="",0,VALUE(MID({months},{slash}+1,{end}-{slash}-1)))',
            ),
            "已计区县月": ("months_counted", f'=IF({months}="",0,VALUE(LEFT({months},{slash}-1)))'),
            "累计不全区县数": ("districts_incomplete", _lacking(positions.counted, code)),
            "全市目标完成率": ("goal_completion", share_formula(actual, goal)),
            "同比": ("growth", _growth(here, _is_rate(positions, code))),
        }
        for heading, (kind, text) in texts.items():
            yield FormulaCell(matrix.sheet, (row, at[heading]), text, (kind, "", code))


def _growth(here: Mapping[str, str], rate: str) -> str:
    """同比 of what can be compared; a rate is compared in points, by whoever reads it."""
    now, then = here["可比累计"], here["同期累计"]
    return f'=IF(AND(NOT({rate}),ISNUMBER({now}),{is_positive(then)}),({now}-{then})/{then},"")'


def _total_of(matrix: Matrix, positions: Positions, code: str) -> str:
    """The sum of a sheet's districts; of a rate, which is not added up, what its total row says."""
    total = number_formula(matrix.figure("", code)).removeprefix("=")
    added = sum_formula(_span(matrix, code)).removeprefix("=")
    return f"=IF({_is_rate(positions, code)},{total},{added})"


def _span(matrix: Matrix, code: str) -> str:
    return f"{quote_sheet(matrix.sheet)}!{matrix.span(matrix.columns[code])}"


def _is_rate(positions: Positions, code: str) -> str:
    return f'{_indicator(positions, code, "口径")}="{_RATE}"'


def _published_cell(targets: Matrix, code: str) -> str:
    return targets.cell(targets.published_row, targets.columns[code])


def _indicator(positions: Positions, code: str, heading: str) -> str:
    listed = positions.indicators
    return listed.cell(listed.rows[code], listed.columns[heading])


def _lacking(counted: Matrix, code: str) -> str:
    """Districts whose cumulative lacks months."""
    return f'=COUNTIF({_span(counted, code)},"*{LACKING}*")'


def _lacking_now(counted: Matrix, code: str) -> str:
    """Districts that lack this month, which is then the last of those that 已计月数 names."""
    span = _span(counted, code)
    return "=" + "+".join(
        f'COUNTIF({span},"*{before}"&{MONTH_NUMBER}&"月")' for before in (LACKING, SEPARATOR, TO)
    )


def _trend(positions: Positions) -> Iterator[FormulaCell]:
    matrix, summary = positions.trend, positions.summary
    first, last = (matrix.columns[MONTH_HEADINGS[end]] for end in (0, -1))
    headings = area_name((matrix.key_row, first, matrix.key_row, last))
    now = f'MATCH({MONTH_NUMBER}&"月",{headings},0)'
    for code in positions.codes:
        row, line = matrix.rows[code], summary.rows[code]
        here = {heading: cell_name(row, column) for heading, column in matrix.columns.items()}
        months = area_name((row, first, row, last))
        state = f"INDEX({months},1,{now})"
        # Months to come are blank. A range that ends in INDEX is an error in gnumeric and IronCalc.
        parts = f"{here[OPENING_HEADING]},{months},{here[CORRECTIONS_HEADING]}"
        measure = f'{_indicator(positions, code, "口径")}="{STOCK_LABEL}"'
        added = sum_formula(parts).removeprefix("=")
        known = number_formula(state).removeprefix("=")
        texts = {
            "任务数": ("target", "=" + summary.cell(summary.rows[code], summary.columns["任务数"])),
            "累计": (
                "trend_total",
                f"=IF(OR({measure},{_is_rate(positions, code)}),{known},{added})",
            ),
            "完成率": ("trend_completion", share_formula(here["累计"], here["任务数"])),
            **{
                heading: (kind, number_formula(summary.cell(line, summary.columns[heading])))
                for heading, kind in (("同期累计", "last_year"), ("同比", "growth"))
            },
        }
        for heading, (kind, text) in texts.items():
            where = (row, matrix.columns[heading])
            yield FormulaCell(matrix.sheet, where, text, (kind, "", code))


def status_formulas(
    block: Area, columns: Mapping[str, int], row: int, counted: Mapping[str, int]
) -> dict[str, str]:
    """The counts above 回收情况: its block and headings, and the counts' own row and columns."""
    top, _, bottom, _ = block

    verdict = "本月结论"

    def down(heading: str) -> str:
        return area_name((top + 1, columns[heading], bottom, columns[heading]))

    def word(heading: str, text: str) -> str:
        return f'=COUNTIF({down(heading)},"{text}")'

    at = {heading: cell_name(row, column) for heading, column in counted.items()}
    labels = VERDICT_LABELS
    return {
        "应报": f'=COUNTA({down(CODE_KEY)})-COUNTIF({down(verdict)},"{NOT_REPORTING_LABEL}")',
        "已通过": word(verdict, labels[ACCEPTED]),
        "按时": word("是否按时", ON_TIME),
        "逾期": word("是否按时", LATE),
        "未通过": f"={at['应报']}-{at['已通过']}-{at['未报']}",
        "未报": word(verdict, labels[MISSING]),
        "回收率": f'=IF({at["应报"]}=0,"",{at["已通过"]}/{at["应报"]})',
    }
