"""What a form checks while it is filled: the formulas of 校验, and what can be typed into its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.form.layout import (
    CUMULATIVE,
    MONTH,
    PREVIOUS,
    REMARK,
    TARGET,
    input_column,
    total_column,
)
from xl_addin.model.entry import Cells
from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import ADDED_UP, RATE, Indicator
from xl_addin.model.rules import LEAST, RuleSpec, applies, counts_whole, form_rules
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.a1 import cell_name

if TYPE_CHECKING:
    from typing import Any


def check_formula(
    item: Indicator,
    row: int,
    parent: Indicator | None,
    parent_row: int,
    severities: Mapping[str, str],
) -> str:
    """What stands in 校验 of an indicator's row: the label of the first rule that is broken."""
    same = parent is None or (item.measure in ADDED_UP) == (parent.measure in ADDED_UP)
    column = input_column(item) if same else CUMULATIVE
    own_total = total_column(item)
    whole = ("", "", "")
    if parent is not None and same and own_total:
        typed, before, total = (cell_name(parent_row, at) for at in (MONTH, PREVIOUS, CUMULATIVE))
        whole = (typed, before, total)
    cells = Cells(
        cell_name(row, input_column(item)),
        cell_name(row, TARGET),
        cell_name(row, PREVIOUS),
        cell_name(row, column),
        cell_name(parent_row, column) if parent_row else "",
        cell_name(row, own_total) if own_total else "",
        cell_name(row, REMARK),
        whole,
    )
    asked = [rule for rule in form_rules(severities) if applies(rule, item, parent)]
    blank = _first_broken([rule for rule in asked if rule.blank], cells, '""')
    filled = _first_broken(
        [rule for rule in asked if not rule.blank], cells, _total_check(asked, cells)
    )
    return f'=IF({cells.typed}="",{blank},{filled})'


def _first_broken(rules: Sequence[RuleSpec], cells: Cells, otherwise: str) -> str:
    """An expression for the label of the first rule that is broken."""
    says = otherwise
    for rule in reversed(rules):
        if rule.formula is not None:
            says = f'IF({rule.formula(cells)},"{rule.label}",{says})'
    return says


def _total_check(rules: Sequence[RuleSpec], cells: Cells) -> str:
    """The label of the first rule that a typed 本月累计 breaks, as an expression."""
    total = cells.total
    if not total:
        return '""'
    says = _first_broken([rule for rule in rules if rule.totals], cells._replace(typed=total), '""')
    typed = f"IF(COUNT({total})=1,{cells.is_stated()},LEN({total})>0)"
    return f'IF({typed},{says},"")'


def entry_control(item: Indicator) -> dict[str, Any]:
    """What can be typed where a figure belongs, and what is said there."""
    kind = "当月新增数" if item.measure in ADDED_UP else "截至月底的累计数"
    if item.measure == RATE:
        kind = "截至月底的比率"
    says = f"填{kind}，只填数字，没有填 0。"
    if is_percent_unit(item.unit):
        says = f"填{kind}，带百分号，例如 95%。"
    return _control(counts_whole(item), "这里填数字", f"{item.label[:80]}（{item.unit}）\n{says}")


def total_control(*, whole: bool, both: bool) -> dict[str, Any]:
    """The same of 本月累计 beside a typed addition; ``both`` where it has to be filled."""
    if both:
        return _control(whole, "这里也要填数字", "填截至月底的全年累计数。")
    says = "如果全年累计和这里不同，直接填正确的累计数，并在“说明”里写原因。"
    return _control(whole, "一般不用改", says)


def _control(whole: bool, title: str, says: str) -> dict[str, Any]:
    """Only numbers can be typed, and what to type is said."""
    number = "整数" if whole else "数字"
    return {
        "validate": "integer" if whole else "decimal",
        "criteria": ">=",
        "value": LEAST,
        "input_title": title,
        "input_message": says,
        "error_title": "填得不对",
        "error_message": f"请填{number}，不小于 {LEAST}，不带单位和逗号。",
    }
