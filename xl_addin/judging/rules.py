"""The checks on a return: one rule, one code, one message.

Every rule yields problems with the cell they are about; staff switch rules off, change severity
and parameters on 校验规则.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from xl_addin.form import layout
from xl_addin.form.identity import FORM_LAYOUT, FREE_TOTALS, Amounts
from xl_addin.form.read import Reading
from xl_addin.judging.case import DASH, Case, open_case
from xl_addin.judging.locked import check_locked
from xl_addin.judging.structure import STRUCTURE_RULES
from xl_addin.model.entry import Entry
from xl_addin.model.records import (
    BOTH,
    EMPTY,
    ERROR,
    FLOW,
    ILLEGIBLE,
    NOT_APPLICABLE,
    NUMBER,
    Figure,
    Indicator,
    Number,
    Problem,
)
from xl_addin.model.rules import RULES, RuleSpec, applies, breaches_total
from xl_addin.model.settings import Rule
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.numberformat import OTHERWISE, PERCENT, classify_display
from xl_addin.xlsx.values import ParsedNumber, clip, number_text, quote, read_number, round_noise

_NEAR, _ROUNDING = 1e-6, 1e-12  # of two sums of the same figures, at all and for each unit
UNEXPLAINED, STATED = "total-unexplained", "total-stated"


def check_figures(
    reading: Reading,
    indicators: Sequence[Indicator],
    targets: Amounts,
    previous: Amounts,
    mean_monthly: Mapping[str, float],
    rules: Mapping[str, Rule],
    form_layout: int = FORM_LAYOUT,
) -> tuple[tuple[Figure, ...], tuple[Problem, ...]]:
    """The figures of a return and everything that is wrong with them."""
    case = open_case(reading, indicators, targets, previous, mean_monthly, rules, form_layout)
    problems = [problem for structural in STRUCTURE_RULES for problem in structural(case)]
    if reading.sheet.format_codes:
        problems += [problem for item in indicators for problem in _check_display(case, item)]
    figures: list[Figure] = []
    for item, in_force in zip(indicators, _rules_by_indicator(indicators, rules), strict=True):
        written = case.entries[item.code]
        problems += _check_legible(case, item, written, case.at(item.code)) if written.code else ()
        beside = _misplaced_numbers(case, item) if written.state == EMPTY else ()
        problems += beside
        entry = case.entry(item, beside)
        figures.append(_figure(case, entry))
        errors = in_force.empty if entry.empty else in_force.filled
        problems += _broken(case, errors, entry)
        if not entry.total_empty:
            problems += _check_total(case, entry, in_force.filled)
        problems += _check_result(case, entry)
        problems += check_locked(case, item)
        problems += _broken(case, in_force.unlikely, entry)
    return tuple(figures), tuple(problems)


def _figure(case: Case, entry: Entry) -> Figure:
    item = entry.item
    written = case.entries[item.code]
    state = written.state
    if state in (EMPTY, NOT_APPLICABLE):
        wanted = ILLEGIBLE if state == NOT_APPLICABLE else EMPTY
        state = wanted if case.targets.get(item.code) else NOT_APPLICABLE
    figure = Figure(item.code, state, written.value, case.at(item.code), item.measure)
    stated = entry.stated() if not entry.total_empty and state == NUMBER else None
    if stated is None:
        return figure
    return figure._replace(
        stated=stated, stated_cell=case.reading.address(item.code, layout.CUMULATIVE)
    )


def _check_display(case: Case, item: Indicator) -> Iterator[Problem]:
    """Numbers that people see as something else; a percent is read as shown unless that makes no sense."""
    line = case.lines[item.code]
    typed = [(layout.input_column(item), case.entries[item.code])]
    if item.code in case.totals:
        typed.append((layout.CUMULATIVE, case.totals[item.code]))
    for column, written in typed:
        cell = line[column]
        look = case.look(cell)
        if cell is None or not look or cell.kind != NUM or written.value is None:
            continue
        how = classify_display(look, written.value)
        if how == OTHERWISE or (how == PERCENT and written.value == cell.value):
            found = number_text(written.value)
            says = f"里的数是 {found}，但格式“{clip(look)}”使它显示成别的样子；已按 {found} 读取，请核对"
            at = case.reading.address(item.code, column)
            yield from case.problem("shown-otherwise", at, found, says)


_BY_CODE = {rule.code: rule for rule in RULES}
_TOO_LARGE = "填的是 {found}，大得不合情理；请核对后改正"


def _check_legible(
    case: Case, item: Indicator, written: ParsedNumber, at: str
) -> Iterable[Problem]:
    if written.state == NOT_APPLICABLE and not case.targets.get(item.code):
        return ()
    value = "" if written.value is None else number_text(written.value)
    why = written.why or "读不出一个确定的数"
    template = _BY_CODE[written.code].message if written.code in _BY_CODE else _TOO_LARGE
    if written.code == DASH and written.state == NUMBER:
        template = "填的是“{found}”，已按 0 读取；请核对，下次没有完成请填 0"
    says = template.format(found=written.found, value=value, why=why)
    return case.problem(written.code, at, written.found, says, "数字")


def _check_total(
    case: Case, entry: Entry, errors: Sequence[tuple[RuleSpec, Number | None]]
) -> Iterator[Problem]:
    """A typed 本月累计 that is no number, or none that can be."""
    item = entry.item
    total, at = case.totals[item.code], case.reading.address(item.code, layout.CUMULATIVE)
    if total.code:
        yield from _check_legible(case, item, total, at)
    typed = case.entries[item.code]
    if typed.state == NOT_APPLICABLE and total.value and total.value != entry.previous:
        figure, entry_at = number_text(total.value), case.at(item.code)
        says = (
            f"填的是 {figure}，而 {entry_at} 填的是“{typed.found}”；"
            f"请在 {entry_at} 填“{item.label}”的本月完成数，没有完成填 0"
        )
        yield from case.problem("misplaced", at, figure, says, f"填在 {entry_at}")
    for rule, parameter in errors:
        if breaches_total(rule, entry, parameter):
            yield from _breach(case, rule, entry._replace(value=entry.total), parameter, at)


def _check_result(case: Case, entry: Entry) -> Iterable[Problem]:
    """That the file keeps another result of the form's formula than what was typed comes to.

    The program that saved it worked it out from what was typed there: a figure that changed since,
    by a damaged byte or a program that works nothing out, agrees with it no more. A text that is read
    as a number was none to that program.
    """
    item = entry.item
    typed_cell = case.lines[item.code][layout.input_column(item)]
    if typed_cell is None or typed_cell.kind != NUM:
        return ()
    kept = case.results.get(item.code)
    result = None if kept is None else inf if kept.code == "too-large" else kept.value
    if kept is None or result is None or entry.value is None or entry.previous is None:
        return ()
    adds = item.measure == FLOW
    wanted = round_noise(entry.value + entry.previous if adds else entry.value - entry.previous)
    # A program that works nothing out leaves a 0, and what it was given in 校验.
    lost = result == 0 and read_number(case.reading.cell(item.code, layout.CHECK)).value is not None
    if lost or abs(result - wanted) <= max(_NEAR, _ROUNDING * abs(entry.previous)):
        return ()
    at = case.reading.address(item.code, layout.CUMULATIVE if adds else layout.MONTH)
    entry_at = case.at(item.code)
    found = kept.found if result == inf else number_text(result)
    expected, typed = map(number_text, (wanted, entry.value))
    says = (
        f"文件里存的计算结果是 {found}，按 {entry_at} 填的 {typed} 算应当是 {expected}；"
        f"可能是保存它的软件没有重新计算，也可能文件在路上坏了一点，请核对 {entry_at} 是不是 {typed}"
    )
    return case.problem("result-differs", at, found, says, expected)


def _broken(
    case: Case, asked: Iterable[tuple[RuleSpec, Number | None]], entry: Entry
) -> list[Problem]:
    """Every problem of an entry with these rules."""
    problems: list[Problem] = []
    for rule, parameter in asked:
        if rule.test and rule.test(entry, parameter or 0):
            if rule.code == STATED and _is_told(case, entry):
                continue
            problems += _breach(case, rule, entry, parameter)
    return problems


def _is_told(case: Case, entry: Entry) -> bool:
    """Whether a correction goes back for want of an explanation: it is then told as that."""
    rule = case.rules.get(UNEXPLAINED) or Rule(ERROR, None)
    return bool(rule.severity) and entry.correction() is not None and not entry.explained


_BESIDE = 40
"""So many columns are searched for a figure that was typed beside its cell."""


def _misplaced_numbers(case: Case, item: Indicator) -> Sequence[Problem]:
    """A number in the row of an entry that was left empty, where no number belongs."""
    reading, row = case.reading, case.reading.rows.get(item.code)
    if row is None:
        return ()
    found: list[Problem] = []
    own = {at for column, at in reading.columns.items() if column != layout.REMARK}
    for column in range(1, _BESIDE + 1):
        cell = reading.sheet.cells.get((row, column)) if column not in own else None
        if cell is not None and read_number(cell, item.unit).value is not None:
            at, what, entry = cell_name(row, column), quote(cell), case.at(item.code)
            says = f"填的是 {what}，而 {entry} 空着；如果是“{item.label}”的完成数，请填到 {entry}"
            found += case.problem("misplaced", at, what, says, f"填在 {entry}")
    return found


class _IndicatorRules(NamedTuple):
    """The rules on plain values that an indicator is asked, with their parameters.

    By what was typed (``filled``, ``empty``) those that are errors by nature; ``unlikely`` are the rest.
    """

    filled: Sequence[tuple[RuleSpec, Number | None]]
    empty: Sequence[tuple[RuleSpec, Number | None]]
    unlikely: Sequence[tuple[RuleSpec, Number | None]]


_last_rules: tuple[object, object, list[_IndicatorRules]] = ((), {}, [])


def _rules_by_indicator(
    indicators: Sequence[Indicator], rules: Mapping[str, Rule]
) -> list[_IndicatorRules]:
    """What each indicator is asked: settled once for the forms of a month, 0.1 ms a return less."""
    global _last_rules  # noqa: PLW0603 - a memory of one
    if _last_rules[0] is indicators and _last_rules[1] is rules:
        return _last_rules[2]
    by_code = {item.code: item for item in indicators}
    found = []
    for item in indicators:
        parent = by_code.get(item.parent)
        on = [each for each in _in_force(rules) if applies(each[0], item, parent)]
        errors = [each for each in on if each[0].severity == ERROR]
        found.append(
            _IndicatorRules(
                [each for each in errors if not each[0].blank],
                [each for each in errors if each[0].blank],
                [each for each in on if each[0].severity != ERROR],
            )
        )
    _last_rules = (indicators, rules, found)
    return found


def _in_force(rules: Mapping[str, Rule]) -> Iterator[tuple[RuleSpec, Number | None]]:
    for spec in RULES:
        # What is no number ``_check_legible`` tells, by what was typed.
        if spec.test and spec.code != "not-a-number":
            rule = rules.get(spec.code) or Rule(spec.severity, spec.parameter)
            if rule.severity and (spec.parameter is None or rule.parameter is not None):
                yield spec, rule.parameter


def _breach(
    case: Case, rule: RuleSpec, entry: Entry, parameter: Number | None, at: str = ""
) -> Iterable[Problem]:
    """The problem in the words of its rule."""
    part, whole = entry.part_and_whole()
    numbers = {
        "value": entry.value,
        "target": entry.target,
        "previous": entry.previous,
        "cumulative": entry.cumulative(),
        "addition": entry.addition(),
        "part": part,
        "whole": whole,
        "parameter": parameter,
        "total": entry.total,
        "added": _added(entry),
    }
    code = entry.item.code
    words = {name: number_text(number) for name, number in numbers.items() if number is not None}
    words.setdefault("added", "")
    words |= {"label": entry.item.label, "unit": entry.item.unit, "mean": f"{entry.mean:.4g}"}
    words |= {
        "or_clear": "" if entry.item.measure == BOTH else "，或者清空这一格",
        "at": case.at(code),
        "correction": _signed(entry),
        "corrects": _correction_text(entry),
    }
    if entry.parent is not None:
        words |= {"parent": entry.parent.label, "parent_at": case.at(entry.parent.code)}
    found, says, expected = (
        text.format_map(words) for text in (rule.found, rule.message, rule.expected)
    )
    if not at and (rule.at_total or (rule.code == "child-above-parent" and entry.totals_exceed())):
        at = case.reading.address(code, layout.CUMULATIVE)
    if rule.code == UNEXPLAINED and case.form_layout < FREE_TOTALS:
        says = f"{says}（这张表的“本月累计”是锁定的公式，改动请先写“说明”）"
        return case.problem("locked-changed", at, found, says, expected)
    return case.problem(rule.code, at or case.at(code), found, says, expected)


def _added(entry: Entry) -> Number | None:
    if entry.value is None or entry.previous is None:
        return None
    return round(entry.previous + entry.value, 9)


def _signed(entry: Entry) -> str:
    correction = entry.correction()
    if correction is None:
        return ""
    return f"{'+' if correction > 0 else ''}{number_text(correction)}"


def _correction_text(entry: Entry) -> str:
    """What a stated cumulative does to the months before."""
    correction = entry.correction()
    if correction is None:
        return "以前月份没有已审核通过的数据，由它补上"
    return f"更正以前月份 {_signed(entry)}（{'补报' if correction > 0 else '核减'}）"
