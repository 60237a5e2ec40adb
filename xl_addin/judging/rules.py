"""The checks on a return: one rule, one code, one message.

Every rule yields problems with the cell they are about; staff switch rules off, change severity
and parameters on 校验规则. Structural rules cannot be switched off: without them a figure could be
taken from the wrong cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from xl_addin.form import layout
from xl_addin.form.identity import Amounts
from xl_addin.form.read import Reading
from xl_addin.model.names import fold
from xl_addin.model.problems import make, place
from xl_addin.model.records import (
    EMPTY,
    ERROR,
    FLOW,
    ILLEGIBLE,
    NOT_APPLICABLE,
    Figure,
    Indicator,
    Number,
    Problem,
)
from xl_addin.model.rules import RULES, Entry, RuleSpec, applies
from xl_addin.model.settings import Rule
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import NUM, Cell
from xl_addin.xlsx.numberformat import OTHERWISE, PERCENT, classify_display
from xl_addin.xlsx.values import ParsedNumber, clip, number_text, quote, read_number, round_noise


class Case(NamedTuple):
    """All that a rule may look at.

    ``lines`` are as ``Reading.lines``; ``targets`` and ``previous`` are as issued in this very
    form; ``mean_monthly`` maps an indicator to the mean monthly addition of this district in the
    earlier months that were accepted.
    """

    reading: Reading
    indicators: Mapping[str, Indicator]
    lines: Mapping[str, Sequence[Cell | None]]
    entries: dict[str, ParsedNumber]
    targets: Amounts
    previous: Amounts
    mean_monthly: Mapping[str, float]
    rules: Mapping[str, Rule]

    def problem(
        self, code: str, at: str, found: str, says: str, expected: str = ""
    ) -> Iterator[Problem]:
        """The problem, unless its rule is switched off."""
        rule = self.rules.get(code)
        if rule is None or rule.severity:
            sheet, severity = self.reading.sheet.name, rule.severity if rule else ""
            yield make(code, f"{place(sheet, at)}：{says}", sheet, at, found, expected, severity)

    def at(self, code: str) -> str:
        """Where the district types this indicator's figure."""
        return self.reading.address(code, layout.input_column(self.indicators[code]))

    def number(self, code: str) -> Number | None:
        """The figure typed, None where it is not a number."""
        entry = self.entries.get(code)
        return entry.value if entry else None

    def entry(self, item: Indicator, beside: Sequence[Problem] = ()) -> Entry:
        """The indicator as plain values; nothing is missing where its figure stands ``beside``."""
        code, parent = item.code, self.indicators.get(item.parent)
        empty = self.entries[code].state == EMPTY and code in self.reading.rows and not beside
        plain = (item, empty, self.number(code), self.targets.get(code), self.previous.get(code))
        mean = self.mean_monthly.get(code, 0.0)
        if parent is None:
            return Entry(*plain, mean=mean)
        above = self.number(parent.code), self.previous.get(parent.code)
        return Entry(*plain, parent, *above, mean)


def check_figures(
    reading: Reading,
    indicators: Sequence[Indicator],
    targets: Amounts,
    previous: Amounts,
    mean_monthly: Mapping[str, float],
    rules: Mapping[str, Rule],
) -> tuple[tuple[Figure, ...], tuple[Problem, ...]]:
    """The figures of a return and everything that is wrong with them."""
    lines = reading.lines([item.code for item in indicators])
    cells = {item.code: lines[item.code][layout.input_column(item)] for item in indicators}
    entries = {item.code: read_number(cells[item.code], item.unit) for item in indicators}
    case = Case(
        reading,
        {item.code: item for item in indicators},
        lines,
        entries,
        targets,
        previous,
        mean_monthly,
        rules,
    )
    codes = reading.sheet.format_codes
    formatted = {code: cell for code, cell in cells.items() if cell and cell[3] in codes}
    shown = [
        problem for code, cell in formatted.items() for problem in _check_display(case, code, cell)
    ]
    figures = tuple(_figure(case, item) for item in indicators)
    problems = [problem for structural in STRUCTURE_RULES for problem in structural(case)] + shown
    for item, in_force in zip(indicators, _rules_by_indicator(indicators, rules), strict=True):
        written = entries[item.code]
        problems += _check_legible(case, item) if written.code else ()
        beside = _misplaced_numbers(case, item) if written.state == EMPTY else ()
        problems += beside
        entry = case.entry(item, beside)
        for rule, parameter in in_force.empty if entry.empty else in_force.filled:
            if rule.test and rule.test(entry, parameter or 0):
                problems += _breach(case, rule, entry, parameter)
        problems += _check_locked(case, item)
        for rule, parameter in in_force.unlikely:
            if rule.test and rule.test(entry, parameter or 0):
                problems += _breach(case, rule, entry, parameter)
    return figures, tuple(problems)


def _figure(case: Case, item: Indicator) -> Figure:
    entry = case.entries[item.code]
    state = entry.state
    if state in (EMPTY, NOT_APPLICABLE):
        wanted = ILLEGIBLE if state == NOT_APPLICABLE else EMPTY
        state = wanted if case.targets.get(item.code) else NOT_APPLICABLE
    return Figure(item.code, state, entry.value, case.at(item.code), item.measure)


def _check_rows(case: Case) -> Iterator[Problem]:
    for code, item in case.indicators.items():
        if code not in case.reading.rows:
            yield from case.problem(
                "row-missing",
                "",
                "",
                f"找不到“{item.label}”这一行，请用市里发的原表填写",
                item.label,
            )
    for column in case.reading.columns_twice:
        heading = layout.HEADINGS[column - 1]
        at = cell_name(case.reading.header_row, case.reading.columns[column])
        says = f"“{heading}”出现了两列，不知道以哪列为准，请删去多余的一列"
        yield from case.problem("column-twice", at, heading, says)
    for code in case.reading.twice:
        label = case.indicators[code].label
        yield from case.problem(
            "row-twice",
            case.at(code),
            label,
            f"“{label}”出现了两行，不知道以哪行为准，请删去多余的一行",
        )


def _check_columns(case: Case) -> Iterator[Problem]:
    for column in (layout.UNIT, layout.TARGET, layout.PREVIOUS, layout.MONTH, layout.CUMULATIVE):
        if column not in case.reading.columns:
            heading = layout.HEADINGS[column - 1]
            yield from case.problem(
                "column-missing", "", "", f"缺少“{heading}”一列，请用市里发的原表填写", heading
            )


def _check_other_rows(case: Case) -> Iterator[Problem]:
    """A figure in a row that is no indicator's would be lost without a word."""
    reading = case.reading
    known = set(reading.rows.values())
    columns = {reading.columns.get(layout.MONTH), reading.columns.get(layout.CUMULATIVE)}
    header = reading.header_row
    for (row, column), cell in reading.sheet.cells.items():
        if column in columns and row not in known and row > header:
            written = read_number(cell)
            if written.value is not None:
                at, found = cell_name(row, column), quote(cell)
                says = f"这一行不是表里的指标，填的 {found} 没有地方可记；请填到原有的行里，或删去这一行"
                yield from case.problem("row-unknown", at, found, says)


def _check_merged_entries(case: Case) -> Iterator[Problem]:
    """A number in a merged area that covers an entry may be meant for any of its cells."""
    reading = case.reading
    areas = [area for area in reading.sheet.merged if area[2] > reading.header_row]
    for code, item in case.indicators.items() if areas else ():
        row, column = reading.rows.get(code, 0), reading.columns.get(layout.input_column(item), 0)
        for top, left, bottom, right in areas:
            if top <= row <= bottom and left <= column <= right and (row, column) != (top, left):
                area = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
                says = f"填报格被合并到了 {area}，不知道填的数是哪一格的；请取消合并后分别填写"
                yield from case.problem("merged-entry", cell_name(row, column), area, says)
                break  # a file may name a hundred thousand areas, and one tells enough


def _check_display(case: Case, code: str, cell: Cell) -> Iterator[Problem]:
    """A number that people see as something else."""
    entry, look = case.entries[code], case.reading.sheet.format_codes[cell.style]
    if cell.kind != NUM or entry.value is None:
        return
    how = classify_display(look, entry.value)
    if how == PERCENT:
        percent = f"{number_text(round_noise(entry.value * 100))}%"
        why = "是百分数，请填完成的数"
        case.entries[code] = ParsedNumber(ILLEGIBLE, None, "not-a-number", percent, why)
    elif how == OTHERWISE:
        found = number_text(entry.value)
        says = (
            f"里的数是 {found}，但格式“{clip(look)}”使它显示成别的样子；已按 {found} 读取，请核对"
        )
        yield from case.problem("shown-otherwise", case.at(code), found, says)


_BY_CODE = {rule.code: rule for rule in RULES}
_TOO_LARGE = "填的是 {found}，大得不合情理；请核对后改正"


def _check_legible(case: Case, item: Indicator) -> Iterable[Problem]:
    entry = case.entries[item.code]
    if entry.state == NOT_APPLICABLE and not case.targets.get(item.code):
        return ()
    value = "" if entry.value is None else number_text(entry.value)
    why = entry.why or "读不出一个确定的数"
    template = _BY_CODE[entry.code].message if entry.code in _BY_CODE else _TOO_LARGE
    says = template.format(found=entry.found, value=value, why=why)
    return case.problem(entry.code, case.at(item.code), entry.found, says, "数字")


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
    case: Case, rule: RuleSpec, entry: Entry, parameter: Number | None
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
    }
    words = {name: number_text(number) for name, number in numbers.items() if number is not None}
    words |= {"label": entry.item.label, "unit": entry.item.unit, "mean": f"{entry.mean:.4g}"}
    if entry.parent is not None:
        words |= {"parent": entry.parent.label, "parent_at": case.at(entry.parent.code)}
    found, says, expected = (
        text.format_map(words) for text in (rule.found, rule.message, rule.expected)
    )
    return case.problem(rule.code, case.at(entry.item.code), found, says, expected)


def _check_locked(case: Case, item: Indicator) -> list[Problem]:
    problems: list[Problem] = []
    line = case.lines[item.code]
    for column, amount in (
        (layout.TARGET, case.targets.get(item.code)),
        (layout.PREVIOUS, case.previous.get(item.code)),
    ):
        cell = line[column]
        if cell is None if amount is None else cell and cell.kind == NUM and cell.value == amount:
            continue  # the usual case, told apart from all others at once
        problems += _check_number(case, item, column, amount)
    for column, text in ((layout.LABEL, item.label), (layout.UNIT, item.unit)):
        cell = line[column]
        if cell is None or cell.value != text:
            problems += _check_text(case, item, column, text)
    derived = line[layout.CUMULATIVE if item.measure == FLOW else layout.MONTH]
    if derived is not None and derived.formula is None and _is_comparable(case, item):
        problems += _check_derived(case, item)
    return problems


def _is_comparable(case: Case, item: Indicator) -> bool:
    """Whether a result can be told from a typed number, or at least must equal our own sum."""
    if case.reading.tells_formulas or case.entries[item.code].state == EMPTY:
        return True
    before = case.lines[item.code][layout.PREVIOUS]
    clean = not case.entries[item.code].code and case.number(item.code) is not None
    return clean and before is not None and before.value == case.previous.get(item.code)


def _check_text(case: Case, item: Indicator, column: int, text: str) -> Iterator[Problem]:
    cell = case.lines[item.code][column]
    found = quote(cell) if cell else ""
    present = item.code in case.reading.rows and column in case.reading.columns
    if present and fold(found) != fold(text):
        yield from _locked_problem(case, item, column, found, text)


def _check_number(
    case: Case, item: Indicator, column: int, expected: Number | None
) -> Iterator[Problem]:
    if item.code not in case.reading.rows or column not in case.reading.columns:
        return
    cell = case.lines[item.code][column]
    written = read_number(cell, item.unit)
    if written.state == EMPTY and expected is None:
        return
    if written.value is None or expected is None or not _nearly_equal(written.value, expected):
        wanted = "空" if expected is None else number_text(expected)
        yield from _locked_problem(case, item, column, quote(cell) if cell else "空", wanted)


def _check_derived(case: Case, item: Indicator) -> Iterator[Problem]:
    column = layout.CUMULATIVE if item.measure == FLOW else layout.MONTH
    cell = case.lines[item.code][column]
    if cell is None or cell.formula is not None:
        return
    written = read_number(cell, item.unit)
    if written.state == EMPTY:
        return
    value, before = case.number(item.code), case.previous.get(item.code)
    expected: Number | None = None
    if value is not None and before is not None:
        expected = before + value if item.measure == FLOW else value - before
    if expected is None or written.value is None or not _nearly_equal(written.value, expected):
        found, heading = quote(cell), layout.HEADINGS[column - 1]
        wanted = "由公式算出" if expected is None else number_text(expected)
        says = f"“{heading}”原来是公式，现在是填上去的“{found}”，按填报数应为“{wanted}”；请恢复公式"
        at = case.reading.address(item.code, column)
        yield from case.problem("locked-changed", at, found, says, wanted)


def _locked_problem(
    case: Case, item: Indicator, column: int, found: str, wanted: str
) -> Iterator[Problem]:
    heading = layout.HEADINGS[column - 1]
    says = f"“{heading}”是锁定的，现在是“{found}”，发出时是“{wanted}”；请改回，有出入请写在“说明”里"
    yield from case.problem(
        "locked-changed", case.reading.address(item.code, column), found, says, wanted
    )


def _nearly_equal(one: Number, other: Number) -> bool:
    return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))


STRUCTURE_RULES: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    _check_rows,
    _check_columns,
    _check_other_rows,
    _check_merged_entries,
)
