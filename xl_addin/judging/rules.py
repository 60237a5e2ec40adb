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
from xl_addin.model.settings import Rule
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.cells import NUM, Cell
from xl_addin.xlsx.numberformat import OTHERWISE, PERCENT, shown
from xl_addin.xlsx.values import Written, clipped, number_text, quote, read_number, tidy


class Case(NamedTuple):
    """All that a rule may look at.

    ``lines`` are as ``Reading.lines``; ``targets`` and ``previous`` are as issued in this very form;
    ``usual`` maps an indicator to the mean monthly addition of this district in the earlier months
    that were accepted.
    """

    reading: Reading
    indicators: Mapping[str, Indicator]
    lines: Mapping[str, Sequence[Cell | None]]
    entries: dict[str, Written]
    targets: Amounts
    previous: Amounts
    usual: Mapping[str, float]
    rules: Mapping[str, Rule]

    def problem(
        self, code: str, at: str, found: str, says: str, expected: str = ""
    ) -> Iterator[Problem]:
        """The problem, unless its rule is switched off."""
        rule = self.rules.get(code)
        severity = ERROR if rule is None else rule.severity
        if severity:
            sheet = self.reading.sheet.name
            place = f"{sheet}!{at}" if at else sheet
            yield Problem(code, severity, sheet, at, found, f"{place}：{says}", expected)

    def at(self, code: str) -> str:
        """Where the district types this indicator's figure."""
        return self.reading.address(code, layout.input_column(self.indicators[code]))

    def number(self, code: str) -> Number | None:
        """The figure typed, None where it is not a number."""
        entry = self.entries.get(code)
        return entry.value if entry else None

    def cumulative(self, code: str) -> Number | None:
        """The year's figure up to this month as this return gives it, None where unknown."""
        value, before = self.number(code), self.previous.get(code)
        if value is None or self.indicators[code].measure != FLOW:
            return value
        return None if before is None else before + value


def check(
    reading: Reading,
    indicators: Sequence[Indicator],
    targets: Amounts,
    previous: Amounts,
    usual: Mapping[str, float],
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
        usual,
        rules,
    )
    looks = reading.sheet.looks
    dressed = {code: cell for code, cell in cells.items() if cell and cell[3] in looks}
    shown = [problem for code, cell in dressed.items() for problem in _shown(case, code, cell)]
    figures = tuple(_figure(case, item) for item in indicators)
    problems = [problem for structural in STRUCTURE for problem in structural(case)] + shown
    for item in indicators:
        entry = entries[item.code]
        # A plain whole number is most of what comes back, and cannot break any rule on what was typed.
        plain = not entry.code and type(entry.value) is int and entry.value >= 0
        for rule in COMPARED if plain else (*TYPED, *COMPARED):
            problems += rule(case, item)
    return figures, tuple(problems)


def _figure(case: Case, item: Indicator) -> Figure:
    entry = case.entries[item.code]
    state = entry.state
    if state in (EMPTY, NOT_APPLICABLE):
        wanted = ILLEGIBLE if state == NOT_APPLICABLE else EMPTY
        state = wanted if case.targets.get(item.code) else NOT_APPLICABLE
    return Figure(item.code, state, entry.value, case.at(item.code), item.measure)


def _rows_present(case: Case) -> Iterator[Problem]:
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


def _columns_present(case: Case) -> Iterator[Problem]:
    for column in (layout.UNIT, layout.TARGET, layout.PREVIOUS, layout.MONTH, layout.CUMULATIVE):
        if column not in case.reading.columns:
            heading = layout.HEADINGS[column - 1]
            yield from case.problem(
                "column-missing", "", "", f"缺少“{heading}”一列，请用市里发的原表填写", heading
            )


def _no_other_rows(case: Case) -> Iterator[Problem]:
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


def _no_merged_entries(case: Case) -> Iterator[Problem]:
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


def _shown(case: Case, code: str, cell: Cell) -> Iterator[Problem]:
    """A number that people see as something else."""
    entry, look = case.entries[code], case.reading.sheet.looks[cell.style]
    if cell.kind != NUM or entry.value is None:
        return
    how = shown(look, entry.value)
    if how == PERCENT:
        percent = f"{number_text(tidy(entry.value * 100))}%"
        why = "是百分数，请填完成的数"
        case.entries[code] = Written(ILLEGIBLE, None, "not-a-number", percent, why)
    elif how == OTHERWISE:
        found = number_text(entry.value)
        says = f"里的数是 {found}，但格式“{clipped(look)}”使它显示成别的样子；已按 {found} 读取，请核对"
        yield from case.problem("shown-otherwise", case.at(code), found, says)


_TEXT_PROBLEMS = {
    "not-a-number": "填的是“{found}”，{why}；请只填阿拉伯数字，不带单位和文字，没有完成填 0",
    "too-large": "填的是 {found}，大得不合情理；请核对后改正",
    "error-value": "显示的是错误值 {found}；请改填数字",
    "no-value": "是公式 {found}，但文件里没有算出的结果；请直接填数字，或用 Excel、WPS 打开保存一次",
    "read-as-number": "填的是文字“{found}”，已读作 {value}；请核对，下次只填数字",
    "formula-figure": "里是公式，已按显示的 {value} 读取；请核对，最好直接填数字",
    "external-formula": "里的公式引用了别的文件，已按存下的 {value} 读取；请核对，最好直接填数字",
}


def _legible(case: Case, item: Indicator) -> Iterator[Problem]:
    entry = case.entries[item.code]
    if entry.code and (entry.state != NOT_APPLICABLE or case.targets.get(item.code)):
        value = "" if entry.value is None else number_text(entry.value)
        why = entry.why or "读不出一个确定的数"
        says = _TEXT_PROBLEMS[entry.code].format(found=entry.found, value=value, why=why)
        yield from case.problem(entry.code, case.at(item.code), entry.found, says, "数字")


def _filled(case: Case, item: Indicator) -> Iterator[Problem]:
    if case.entries[item.code].state != EMPTY or item.code not in case.reading.rows:
        return
    misplaced = list(_misplaced(case, item))
    yield from misplaced
    target = case.targets.get(item.code)
    if target and not misplaced:
        says = f"没有填；“{item.label}”有任务数 {number_text(target)}，没有完成请填 0"
        yield from case.problem("blank", case.at(item.code), "", says, "数字")


_BESIDE = 40
"""So many columns are searched for a figure that was typed beside its cell."""


def _misplaced(case: Case, item: Indicator) -> Iterator[Problem]:
    """A number in the row of an entry that was left empty, where no number belongs."""
    reading, row = case.reading, case.reading.rows[item.code]
    own = {at for column, at in reading.columns.items() if column != layout.REMARK}
    for column in range(1, _BESIDE + 1):
        cell = reading.sheet.cells.get((row, column)) if column not in own else None
        if cell is not None and read_number(cell, item.unit).value is not None:
            at, found = cell_name(row, column), quote(cell)
            entry = case.at(item.code)
            says = f"填的是 {found}，而 {entry} 空着；如果是“{item.label}”的完成数，请填到 {entry}"
            yield from case.problem("misplaced", at, found, says, f"填在 {entry}")


def _not_negative(case: Case, item: Indicator) -> Iterator[Problem]:
    value = case.number(item.code)
    if value is not None and value < 0:
        found = number_text(value)
        yield from case.problem(
            "negative",
            case.at(item.code),
            found,
            f"填的是 {found}，不能小于 0；请核对后改正",
            "不小于 0",
        )


def _whole(case: Case, item: Indicator) -> Iterator[Problem]:
    value = case.number(item.code)
    if item.whole and value is not None and not isinstance(value, int):
        found = number_text(value)
        says = f"填的是 {found}，单位是{item.unit}，应为整数；请核对后改正"
        yield from case.problem("not-whole", case.at(item.code), found, says, "整数")


def _within_parent(case: Case, item: Indicator) -> Iterable[Problem]:
    parent = case.indicators.get(item.parent) if item.parent else None
    if parent is None:
        return ()
    same = item.measure == parent.measure
    pick = case.number if same else case.cumulative
    mine, whole = pick(item.code), pick(parent.code)
    if mine is None or whole is None or mine <= whole:
        return ()
    found, limit = number_text(mine), number_text(whole)
    says = (
        f"“{item.label}”{found}，大于 {case.at(parent.code)} 的“{parent.label}”{limit}；"
        "其中项不能大于总数，请核对后改正"
    )
    return case.problem("child-above-parent", case.at(item.code), found, says, f"不大于 {limit}")


def _not_below_last_month(case: Case, item: Indicator) -> Iterable[Problem]:
    if item.measure == FLOW:
        return ()
    total, before = case.cumulative(item.code), case.previous.get(item.code)
    if total is None or before is None or total >= before:
        return ()
    found, least = number_text(total), number_text(before)
    says = f"本月累计 {found}，比上月累计 {least} 少；请核对，确有核减请先与市里联系"
    return case.problem("below-last-month", case.at(item.code), found, says, f"不小于 {least}")


def _near_target(case: Case, item: Indicator) -> Iterable[Problem]:
    rule = case.rules.get("far-above-target")
    target, total = case.targets.get(item.code), case.cumulative(item.code)
    if rule is None or rule.parameter is None or not target or total is None:
        return ()
    if total <= target * rule.parameter / 100:
        return ()
    found = number_text(total)
    says = (
        f"本月累计 {found}，超过年度任务数 {number_text(target)} 的 {number_text(rule.parameter)}%；"
        "请核对是否多填"
    )
    return case.problem("far-above-target", case.at(item.code), found, says)


SUDDEN_FLOOR = 10
"""Below this many a jump is not worth anybody's time: 0, 0, 1, then 4 is no alarm."""


def _no_sudden_jump(case: Case, item: Indicator) -> Iterable[Problem]:
    usual = case.usual.get(item.code, 0.0)
    rule = case.rules.get("sudden-jump") if usual > 0 else None
    if rule is None or rule.parameter is None:
        return ()
    value = _addition(case, item)
    if value is None or value < SUDDEN_FLOOR or value <= usual * rule.parameter:
        return ()
    found, times = number_text(value), number_text(rule.parameter)
    says = (
        f"本月 {found}，超过以前各月平均数 {usual:.4g} 的 {times} 倍；请核对是否多填或填成了累计数"
    )
    return case.problem("sudden-jump", case.at(item.code), found, says)


def _addition(case: Case, item: Indicator) -> Number | None:
    value, before = case.number(item.code), case.previous.get(item.code)
    if item.measure == FLOW or value is None:
        return value
    return None if before is None else value - before


def _locked_unchanged(case: Case, item: Indicator) -> list[Problem]:
    problems: list[Problem] = []
    line = case.lines[item.code]
    for column, amount in (
        (layout.TARGET, case.targets.get(item.code)),
        (layout.PREVIOUS, case.previous.get(item.code)),
    ):
        cell = line[column]
        if cell is None if amount is None else cell and cell.kind == NUM and cell.value == amount:
            continue  # the usual case, told apart from all others at once
        problems += _same_number(case, item, column, amount)
    for column, text in ((layout.LABEL, item.label), (layout.UNIT, item.unit)):
        cell = line[column]
        if cell is None or cell.value != text:
            problems += _same_text(case, item, column, text)
    derived = line[layout.CUMULATIVE if item.measure == FLOW else layout.MONTH]
    if derived is not None and derived.formula is None and _comparable(case, item):
        problems += _derived_unchanged(case, item)
    return problems


def _comparable(case: Case, item: Indicator) -> bool:
    """Whether a result can be told from a typed number, or at least must equal our own sum."""
    if case.reading.tells_formulas or case.entries[item.code].state == EMPTY:
        return True
    before = case.lines[item.code][layout.PREVIOUS]
    clean = not case.entries[item.code].code and case.number(item.code) is not None
    return clean and before is not None and before.value == case.previous.get(item.code)


def _same_text(case: Case, item: Indicator, column: int, text: str) -> Iterator[Problem]:
    cell = case.lines[item.code][column]
    found = quote(cell) if cell else ""
    present = item.code in case.reading.rows and column in case.reading.columns
    if present and fold(found) != fold(text):
        yield from _changed(case, item, column, found, text)


def _same_number(
    case: Case, item: Indicator, column: int, expected: Number | None
) -> Iterator[Problem]:
    if item.code not in case.reading.rows or column not in case.reading.columns:
        return
    cell = case.lines[item.code][column]
    written = read_number(cell, item.unit)
    if written.state == EMPTY and expected is None:
        return
    if written.value is None or expected is None or not _close(written.value, expected):
        wanted = "空" if expected is None else number_text(expected)
        yield from _changed(case, item, column, quote(cell) if cell else "空", wanted)


def _derived_unchanged(case: Case, item: Indicator) -> Iterator[Problem]:
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
    if expected is None or written.value is None or not _close(written.value, expected):
        found, heading = quote(cell), layout.HEADINGS[column - 1]
        wanted = "由公式算出" if expected is None else number_text(expected)
        says = f"“{heading}”原来是公式，现在是填上去的“{found}”，按填报数应为“{wanted}”；请恢复公式"
        at = case.reading.address(item.code, column)
        yield from case.problem("locked-changed", at, found, says, wanted)


def _changed(
    case: Case, item: Indicator, column: int, found: str, wanted: str
) -> Iterator[Problem]:
    heading = layout.HEADINGS[column - 1]
    says = f"“{heading}”是锁定的，现在是“{found}”，发出时是“{wanted}”；请改回，有出入请写在“说明”里"
    yield from case.problem(
        "locked-changed", case.reading.address(item.code, column), found, says, wanted
    )


def _close(one: Number, other: Number) -> bool:
    return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))


STRUCTURE: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    _rows_present,
    _columns_present,
    _no_other_rows,
    _no_merged_entries,
)
TYPED: tuple[Callable[[Case, Indicator], Iterator[Problem]], ...] = (
    _legible,
    _filled,
    _not_negative,
    _whole,
)
COMPARED: tuple[Callable[[Case, Indicator], Iterable[Problem]], ...] = (
    _within_parent,
    _not_below_last_month,
    _locked_unchanged,
    _near_target,
    _no_sudden_jump,
)
