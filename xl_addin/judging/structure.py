"""Checks on the shape of a returned form: without them a figure could be taken from the wrong cell.

They cannot be switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xl_addin.form import layout
from xl_addin.judging.case import Case
from xl_addin.model.records import Problem
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.values import quote, read_number


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


STRUCTURE_RULES: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    _check_rows,
    _check_columns,
    _check_other_rows,
    _check_merged_entries,
)
