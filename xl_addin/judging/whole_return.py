"""Rules that look at a return as a whole, and at what stands beside its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form import layout
from xl_addin.form.identity import Amounts
from xl_addin.form.read import Reading
from xl_addin.model.entry import EXPLAINED, explains, nearly_equal
from xl_addin.model.problems import make, place
from xl_addin.model.records import FLOW, WARNING, Figure, Number, Problem
from xl_addin.model.settings import Rule
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import position
from xl_addin.xlsx.values import number_text

IN_MONTH = "cumulative-in-month"
UNANSWERED = "warning-unexplained"
UNEXPLAINED, STATED = "total-unexplained", "total-stated"
_LEAST_ROWS = 2
"""In one row alone a good month is no sign of anything."""


class Months(NamedTuple):
    """What is known of a return's months: its own number, the first that is reported, usual additions."""

    month: int
    first: int
    mean_monthly: Mapping[str, float]


def doubt_cumulatives(
    reading: Reading,
    figures: Sequence[Figure],
    previous: Amounts,
    months: Months,
    rule: Rule | None,
) -> tuple[Problem, ...]:
    """Whether the month's figures look like the year's: nearly all at least what came before them.

    Only told where no more than one month came before, which another may well equal.
    """
    if rule is None or not rule.severity or months.month <= months.first:
        return ()
    rows = [
        (figure.indicator, figure.value, before)
        for figure in figures
        if figure.measure == FLOW
        and figure.value is not None
        and (before := previous.get(figure.indicator))
        and before > 0
    ]
    large = [row for row in rows if row[1] >= row[2]]
    percent = rule.parameter or 0
    if len(rows) < _LEAST_ROWS or len(large) * 100 < len(rows) * percent:
        return ()
    one_month = months.month == months.first + 1 or not any(
        before > 1.5 * months.mean_monthly.get(code, 0) for code, _, before in large
    )
    if one_month and all(value == before for _, value, before in large):
        return ()
    return (
        _cumulatives_problem(reading, large, len(rows), WARNING if one_month else rule.severity),
    )


def refuse_earlier_years(
    reading: Reading,
    figures: Sequence[Figure],
    previous: Amounts,
    months: Months,
    rule: Rule | None,
) -> Iterator[Problem]:
    """A January cumulative that is not the month's: what is of last year is not of this one."""
    if (months.month, months.first) != (1, 1) or rule is None or not rule.severity:
        return
    for figure in figures:
        if figure.stated is not None and previous.get(figure.indicator) == 0:
            found, value = number_text(figure.stated), number_text(figure.value or 0)
            at = figure.stated_cell
            says = (
                f"{place(reading.sheet.name, at)}：1 月的本月累计填的是 {found}，本月完成是 {value}；"
                f"年初以前的数不计入今年，请改成 {value}，上年的数有错请另外告诉市里"
            )
            yield make(UNEXPLAINED, says, reading.sheet.name, at, found, value, rule.severity)


def gather_first_totals(
    figures: Sequence[Figure], previous: Amounts, problems: Sequence[Problem]
) -> tuple[Problem, ...]:
    """The problems with one in place of many that say a cumulative fills what nobody knew before.

    A year that is begun in its midst asks for it in every row: that is one thing to look at.
    """
    filled = {
        figure.stated_cell: figure.stated
        for figure in figures
        if figure.stated is not None and previous.get(figure.indicator) is None
    }
    told = [each for each in problems if each.code == STATED and each.cell in filled]
    if len(told) < 2:
        return tuple(problems)
    first = told[0]
    values = [f"{each.cell} 填 {number_text(filled[each.cell] or 0)}" for each in told]
    more = f"等 {len(values)} 项" if len(values) > 3 else ""
    says = (
        f"{place(first.sheet, first.cell)}：有 {len(told)} 项填了本月累计（{'；'.join(values[:3])}{more}），"
        "它们以前月份没有已审核通过的数据，由它补上；从本月起累计按它计算"
    )
    one = first._replace(message=says, expected="")
    return tuple(
        one if each is first else each for each in problems if each is first or each not in told
    )


def _cumulatives_problem(
    reading: Reading, large: Sequence[tuple[str, Number, Number]], rows: int, severity: str
) -> Problem:
    said = [
        f"{reading.address(code, layout.MONTH)} 填 {number_text(value)}，上月累计 {number_text(before)}"
        for code, value, before in large[:3]
    ]
    more = f"等 {len(large)} 项" if len(large) > 3 else ""
    todo = (
        "请核对本月完成是不是只填了本月的数"
        if severity == WARNING
        else "填成了累计的，请改为只填本月的数（全年累计填在“本月累计”）；确是本月的数，由市里核对后接受"
    )
    says = (
        f"{place(reading.sheet.name)}：{rows} 项里有 {len(large)} 项的本月完成不小于上月累计，"
        f"像是填成了全年累计（{'；'.join(said)}{more}）；{todo}"
    )
    found = f"{len(large)}/{rows}"
    return make(IN_MONTH, says, reading.sheet.name, "", found, severity=severity)


def unanswered_warnings(reading: Reading, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The rows that have a warning and no 说明 that could answer it."""
    return tuple(_unanswered(reading, problems))


def _unanswered(reading: Reading, problems: Sequence[Problem]) -> Iterator[Problem]:
    warned = {
        position(problem.cell)[0]
        for problem in problems
        if problem.severity == WARNING and problem.cell
    }
    for code, row in reading.rows.items():
        cell = reading.cell(code, layout.REMARK)
        remark = "" if cell is None or cell.value is None else str(cell.value)
        if row in warned and not explains(remark):
            at, sheet = reading.address(code, layout.REMARK), reading.sheet.name
            says = (
                f"{place(sheet, at)}：这一行有要核对的地方，“说明”里没有写原因；数对的请写明原因"
                f"（至少 {EXPLAINED} 个字），数不对的请改正"
            )
            yield make(UNANSWERED, says, sheet, at, remark, "说明")


def macro_problems(reading: Reading, settings: Mapping[str, Rule]) -> tuple[Problem, ...]:
    """That the file has macros in it."""
    rule = settings.get("macros")
    if rule is None or not rule.severity:
        return ()
    says = "文件带有宏；本程序不运行宏，只读了数字；人工打开它时请不要启用宏"
    sheet = reading.sheet.name
    return (make("macros", f"{place(sheet)}：{says}", sheet, severity=rule.severity),)


def outdated_problems(
    reading: Reading,
    issued: Amounts,
    now: Amounts,
    figures: Sequence[Figure],
    settings: Mapping[str, Rule],
) -> tuple[Problem, ...]:
    """That earlier months were corrected after this form went out: one problem, at the first cell.

    Also that they came in since, where the district gave a cumulative that does not have them.
    """
    changed: list[tuple[str, Number | None, Number | None]] = [
        (code, was, now.get(code))
        for code, was in issued.items()
        if was is not None and was != now.get(code, was if was == 0 else None)
    ]
    changed += [
        (figure.indicator, None, new)
        for figure in figures
        if figure.stated is not None and issued.get(figure.indicator) is None
        if (new := now.get(figure.indicator)) is not None
        if not nearly_equal(figure.stated, new + (figure.value or 0))
    ]
    given = {figure.indicator for figure in figures if figure.stated is not None}
    rule = settings.get("previous-outdated")
    if not changed or rule is None or not rule.severity:
        return ()
    sheet, at = reading.sheet.name, reading.address(changed[0][0], layout.PREVIOUS)
    said = [
        f"{reading.address(code, layout.PREVIOUS)} 发出时 {_amount(was)}，现在 {_amount(new)}"
        for code, was, new in changed
    ]
    more = f"等 {len(said)} 项" if len(said) > 3 else ""
    says = (
        f"{sheet}!{at}：这张表发出以后，以前月份的数有更正，上月累计变了（{'；'.join(said[:3])}{more}）；"
        f"本月数照收，{_what_counts([code for code, *_ in changed], given)}，请告诉区县"
    )
    found, wanted = ("" if each is None else number_text(each) for each in changed[0][1:])
    return (make("previous-outdated", says, sheet, at, found, wanted, rule.severity),)


def _amount(value: Number | None) -> str:
    return "未知" if value is None else number_text(value)


def _what_counts(changed: Sequence[str], given: set[str]) -> str:
    """Which cumulative counts, where a district has given some of them itself."""
    if not given & set(changed):
        return "累计按更正后的计算"
    if set(changed) <= given:
        return "累计按区县填的本月累计计算"
    return "累计按更正后的计算，区县自己填了本月累计的按它填的计算"
