"""What a form does not leave to the district, compared with what was issued."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.form import layout
from xl_addin.judging.case import Case
from xl_addin.model.entry import nearly_equal
from xl_addin.model.names import fold, is_percent_unit
from xl_addin.model.records import ADDED_UP, EMPTY, FLOW, RATE, STOCK, Indicator, Number, Problem
from xl_addin.xlsx.cells import NUM, Cell
from xl_addin.xlsx.values import number_text, quote, read_number, read_shown, round_noise


def check_locked(case: Case, item: Indicator) -> list[Problem]:
    """Everything in an indicator's row that was changed and is not the district's to change."""
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
    problems += _check_derived(case, item)
    return problems


def _is_comparable(case: Case, item: Indicator) -> bool:
    """Whether a result can be told from a typed number, or at least must equal our own sum."""
    if case.reading.tells_formulas or case.entries[item.code].state == EMPTY:
        return True
    before = read_number(case.lines[item.code][layout.PREVIOUS], item.unit).value
    return None not in (before, case.number(item.code)) and before == case.previous.get(item.code)


def _check_text(case: Case, item: Indicator, column: int, text: str) -> Iterator[Problem]:
    cell = case.lines[item.code][column]
    found = quote(cell) if cell else ""
    present = item.code in case.reading.rows and column in case.reading.columns
    if present and fold(found) != fold(text) and not _is_cut(found, text):
        yield from _locked_problem(case, item, column, found, text)


_SHORTEST_CUT = 120
"""Old formats take 255 letters or bytes of a text; of Chinese that is 127 letters."""


def _is_cut(found: str, text: str) -> bool:
    """Whether a text is all that the program that saved it had room for."""
    return len(found) >= _SHORTEST_CUT and fold(text).startswith(fold(found))


def _check_number(
    case: Case, item: Indicator, column: int, expected: Number | None
) -> Iterator[Problem]:
    if item.code not in case.reading.rows or column not in case.reading.columns:
        return
    cell = case.lines[item.code][column]
    written = read_shown(cell, item.unit, case.look(cell))
    if written.state == EMPTY and expected is None:
        return
    read = (
        _fraction(cell, item) if expected is not None and written.value is None else written.value
    )
    if read is None or expected is None or not nearly_equal(read, expected):
        wanted = "空" if expected is None else number_text(expected)
        yield from _locked_problem(case, item, column, quote(cell) if cell else "空", wanted)


def _fraction(cell: Cell | None, item: Indicator) -> Number | None:
    """A percent whose cell has lost its format, as we write it."""
    if cell is None or cell.kind != NUM or not isinstance(cell.value, int | float):
        return None
    return round_noise(round(cell.value * 100, 10)) if is_percent_unit(item.unit) else None


def _check_derived(case: Case, item: Indicator) -> Iterator[Problem]:
    """What the form works out itself, where something else was typed and cannot be meant."""
    column = layout.CUMULATIVE if item.measure in ADDED_UP else layout.MONTH
    cell = case.lines[item.code][column]
    locked = item.measure == STOCK or item.measure == RATE
    unclear = item.measure == FLOW and not case.reading.tells_formulas
    if cell is None or cell.formula is not None or not (locked or unclear):
        return
    written = read_shown(cell, item.unit, case.look(cell))
    if written.state == EMPTY or not _is_comparable(case, item):
        return
    if written.value == 0 and _lost_formulas(case):
        return
    at, found = case.reading.address(item.code, column), quote(cell)
    if item.measure == RATE:
        says = f"比率不用填“本月完成”，现在填的是“{found}”；请清空，比率填在“本月累计”"
        yield from case.problem("locked-changed", at, found, says, "空")
        return
    value, before = case.number(item.code), case.previous.get(item.code)
    expected: Number | None = None
    if value is not None and before is not None:
        expected = before + value if item.measure == FLOW else value - before
    if expected is None or written.value is None or not nearly_equal(written.value, expected):
        heading = layout.HEADINGS[column - 1]
        wanted = "由公式算出" if expected is None else number_text(expected)
        says = (
            f"“{heading}”是“{found}”，按填报数应为“{wanted}”；文件里没有公式（存成了别的格式，或者只留下了"
            "数值），看不出是没有重算还是填上去的；请在市里发的原表里填，用 Excel 或 WPS 另存为 .xlsx 再发"
            if unclear
            else f"“{heading}”原来是公式，现在是填上去的“{found}”，按填报数应为“{wanted}”；请恢复公式"
        )
        yield from case.problem("locked-changed", at, found, says, wanted)


def _lost_formulas(case: Case) -> bool:
    """Whether the program that saved the file put 0 where the form's formulas were.

    JExcelApi does with those that gave a text when it opened the form, Perl's ParseExcel shows them so.
    校验 is never a number otherwise.
    """
    checks = (read_number(case.reading.cell(code, layout.CHECK)) for code in case.reading.rows)
    return not case.reading.tells_formulas and any(check.value is not None for check in checks)


def _locked_problem(
    case: Case, item: Indicator, column: int, found: str, wanted: str
) -> Iterator[Problem]:
    heading = layout.HEADINGS[column - 1]
    says = f"“{heading}”是锁定的，现在是“{found}”，发出时是“{wanted}”；请改回{_how(column)}"
    yield from case.problem(
        "locked-changed", case.reading.address(item.code, column), found, says, wanted
    )


def _how(column: int) -> str:
    """What to do instead."""
    if column == layout.PREVIOUS:
        return "；以前月份有出入，请直接改“本月累计”，并在“说明”里写原因"
    return "，有出入请写在“说明”里"
