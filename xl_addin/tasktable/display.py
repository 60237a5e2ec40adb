"""Numbers that a task table shows as something else than they are."""

from __future__ import annotations

from xl_addin.model.records import Indicator
from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.rates import look_of
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NUM, Cell
from xl_addin.xlsx.numberformat import OTHERWISE, classify_display, hides_decimals
from xl_addin.xlsx.values import clip, number_text


def check_display(shape: Shape, at: Where, cell: Cell, item: Indicator, findings: Findings) -> None:
    """Refuse a number that is shown scaled or disguised; tell of one that is shown rounded or as nothing."""
    value, look = cell.value, look_of(shape, cell)
    if cell.kind != NUM or not isinstance(value, int | float) or not look:
        return
    if classify_display(look, value) != OTHERWISE:
        return
    told = number_text(value)
    if not value or hides_decimals(look, value):
        says = f"“{item.label}”里的数是 {told}，格式“{clip(look)}”没有把它显示全；已按 {told} 读入，请核对"
        findings.warn("display-differs", at, told, says)
    else:
        says = (
            f"“{item.label}”里的数是 {told}，格式“{clip(look)}”使它显示成别的数，不知道以哪个为准；"
            "请把格式改成“常规”，核对后改成要的数"
        )
        findings.refuse("display-differs", at, told, says)
