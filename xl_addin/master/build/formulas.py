"""The master's formulas: text as a function of where things stand, for building and for checking.

Only functions that Excel 2010 and LibreOffice 7.4 both have. A result that is not known is an
empty text, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from xl_addin.master.build.notes import MONTH_NUMBER, PROGRESS, note_formula
from xl_addin.master.read.matrix import Matrix, quote_sheet
from xl_addin.model.calendar import LATE, ON_TIME
from xl_addin.model.records import (
    ACCEPTED,
    MISSING,
    NOT_REPORTING_LABEL,
    STOCK_LABEL,
    VERDICT_LABELS,
)
from xl_addin.model.sheets import CODE_KEY, MONTH_HEADINGS
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Area, Where, area_name, cell_name


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
    notes: dict[str, tuple[str, Where]]


class FormulaCell(NamedTuple):
    """A formula cell of the master.

    ``figure`` is (kind, district, indicator), district "" for a total.
    """

    sheet: str
    where: Where
    formula: str
    figure: tuple[str, str, str]


def sum_formula(span: str) -> str:
    """The sum of what is known; empty where nothing is."""
    return f'=IF(COUNT({span})=0,"",SUM({span}))'


def share_formula(part: str, whole: str) -> str:
    """The share part/whole; empty where the part is unknown or the whole not above 0."""
    return f'=IF(AND(ISNUMBER({part}),N({whole})>0),{part}/{whole},"")'


def difference_formula(one: str, other: str) -> str:
    """The difference; empty where either is unknown."""
    return f'=IF(AND(ISNUMBER({one}),ISNUMBER({other})),{one}-{other},"")'


def number_formula(cell: str) -> str:
    """A cell's number; empty where it holds none."""
    return f'=IF(ISNUMBER({cell}),{cell},"")'


def figure_formulas(positions: Positions) -> Iterator[FormulaCell]:
    """Every formula cell whose value depends on targets and figures."""
    yield from _totals(positions.targets, positions.codes, "target")
    yield from _totals(positions.month, positions.codes, "this_month")
    yield from _totals(positions.cumulative, positions.codes, "cumulative")
    yield from _comparison_cells(positions.completion, positions, share_formula, "completion")
    yield from _comparison_cells(positions.variance, positions, difference_formula, "difference")
    yield from _summary(positions)
    yield from _trend(positions)
    for name, (sheet, where) in positions.notes.items():
        yield FormulaCell(sheet, where, note_formula(name), ("note", "", name))


def _totals(matrix: Matrix, codes: Sequence[str], kind: str) -> Iterator[FormulaCell]:
    for code in codes:
        column = matrix.columns[code]
        where = (matrix.total_row, column)
        yield FormulaCell(matrix.sheet, where, sum_formula(matrix.span(column)), (kind, "", code))


def _comparison_cells(
    matrix: Matrix, positions: Positions, formula: Callable[[str, str], str], kind: str
) -> Iterator[FormulaCell]:
    targets, cumulative = positions.targets, positions.cumulative
    for district in (*positions.districts, ""):
        for code in positions.codes:
            actual = cumulative.figure(district, code)
            target = targets.figure(district, code)
            where = (matrix.row(district), matrix.columns[code])
            yield FormulaCell(matrix.sheet, where, formula(actual, target), (kind, district, code))


def _summary(positions: Positions) -> Iterator[FormulaCell]:
    matrix = positions.summary
    at = matrix.columns
    for code in positions.codes:
        row = matrix.rows[code]
        here = {heading: cell_name(row, column) for heading, column in at.items()}
        actual, target = here["累计完成"], here["任务数"]
        rate, elapsed = here["完成率"], here["序时进度"]
        texts = {
            "任务数": ("target", _total_of(positions.targets, code)),
            "公布合计": ("published", number_formula(_published_cell(positions.targets, code))),
            "全市目标": ("goal", number_formula(_indicator(positions, code, "全市目标"))),
            "本月完成": ("this_month", _total_of(positions.month, code)),
            "累计完成": ("cumulative", _total_of(positions.cumulative, code)),
            "完成率": ("completion", share_formula(actual, target)),
            "序时进度": ("time_progress", f"={PROGRESS}"),
            "超前滞后": ("lead", f'=IF(ISNUMBER({rate}),({rate}-{elapsed})*100,"")'),
            "差额": ("difference", difference_formula(actual, target)),
            "本月缺数区县": ("districts_missing", _missing(positions.month, code)),
        }
        for heading, (kind, text) in texts.items():
            yield FormulaCell(matrix.sheet, (row, at[heading]), text, (kind, "", code))


def _total_of(matrix: Matrix, code: str) -> str:
    return sum_formula(f"{quote_sheet(matrix.sheet)}!{matrix.span(matrix.columns[code])}")


def _published_cell(targets: Matrix, code: str) -> str:
    return targets.cell(targets.published_row, targets.columns[code])


def _indicator(positions: Positions, code: str, heading: str) -> str:
    listed = positions.indicators
    return listed.cell(listed.rows[code], listed.columns[heading])


def _missing(matrix: Matrix, code: str) -> str:
    """Districts without an entry. Counted against their codes: an empty row is not a district."""
    sheet = quote_sheet(matrix.sheet)
    districts = f"{sheet}!{matrix.span(matrix.key_column)}"
    return f"=COUNTA({districts})-COUNTA({sheet}!{matrix.span(matrix.columns[code])})"


def _trend(positions: Positions) -> Iterator[FormulaCell]:
    matrix, summary = positions.trend, positions.summary
    first, last = (matrix.columns[MONTH_HEADINGS[end]] for end in (0, -1))
    headings = area_name((matrix.key_row, first, matrix.key_row, last))
    now = f'MATCH({MONTH_NUMBER}&"月",{headings},0)'
    for code in positions.codes:
        row = matrix.rows[code]
        months = area_name((row, first, row, last))
        state = f"INDEX({months},{now})"
        until = f"{cell_name(row, first)}:{state}"
        measure = f'{_indicator(positions, code, "口径")}="{STOCK_LABEL}"'
        added = sum_formula(until).removeprefix("=")
        known = number_formula(state).removeprefix("=")
        target, cumulative = matrix.columns["任务数"], matrix.columns["累计"]
        texts = {
            "任务数": ("target", "=" + summary.cell(summary.rows[code], summary.columns["任务数"])),
            "累计": ("trend_total", f"=IF({measure},{known},{added})"),
            "完成率": (
                "trend_completion",
                share_formula(cell_name(row, cumulative), cell_name(row, target)),
            ),
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
