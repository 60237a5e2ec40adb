"""The city's own headline figures, from a sheet 全市目标 beside the task table."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.formats.grid import Grid
from xl_addin.model.names import fold
from xl_addin.model.records import Indicator, Number
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import View
from xl_addin.xlsx.values import read_shown

GOALS_SHEET = "全市目标"
_LABEL = "指标"
_HEADING_WITHIN = 30  # rows and columns


def is_goals_sheet(name: str) -> bool:
    """Whether a sheet holds goals and no task table."""
    return fold(name) == GOALS_SHEET


def add_goals(
    grid: Grid, indicators: tuple[Indicator, ...], findings: Findings
) -> tuple[Indicator, ...]:
    """The indicators with their goals; what fits none, or several, is warned of."""
    own = Findings(grid)
    goals = _goals(grid, indicators, own)
    findings.add_all(own)
    return tuple(item._replace(goal=goals.get(item.code)) for item in indicators)


def _goals(grid: Grid, indicators: tuple[Indicator, ...], findings: Findings) -> dict[str, Number]:
    view = View.of(grid)
    place = _heading_row(view)
    if place is None:
        says = f"没有找到表头“{_LABEL}”和“{GOALS_SHEET}”，没有读取全市目标；请补上这两个表头"
        findings.warn("no-header", "", "", says)
        return {}
    header, label_at, goal_at = place
    goals: dict[str, Number] = {}
    for row in range(header + 1, max(row for row, _ in grid.cells) + 1):
        label, cell = view.text(row, label_at), grid.cells.get((row, goal_at))
        if cell is None:
            continue
        fits = [item for item in indicators if fold(label) in _goal_names(item)]
        exact = [item for item in fits if fold(label) == fold(item.label)]
        fits = exact or fits
        if len(fits) != 1:
            why = f"和 {len(fits)} 项指标同名，请写全路径" if fits else "在任务表里没有这项指标"
            says = f"“{label}”{why}，这个全市目标没有用上；请改成“指标”里的写法"
            findings.warn("goal-unused", (row, label_at), label, says)
        elif fits[0].code in goals:
            says = f"“{label}”的全市目标写了两次；请只留一行"
            findings.refuse("goal-twice", (row, label_at), label, says)
        else:
            look = grid.format_codes.get(cell.style, "")
            written = read_shown(cell, fits[0].unit, look)
            if written.value is None:
                says = f"“{label}”的全市目标写的是“{written.found}”，应为一个数字；请只填数字"
                findings.refuse(written.code or "not-a-number", (row, goal_at), written.found, says)
            else:
                goals[fits[0].code] = written.value
    return goals


def _heading_row(view: View) -> tuple[int, int, int] | None:
    for row in range(1, _HEADING_WITHIN + 1):
        columns = {
            fold(text): c for c in range(1, _HEADING_WITHIN + 1) if (text := view.text(row, c))
        }
        if _LABEL in columns and GOALS_SHEET in columns:
            return row, columns[_LABEL], columns[GOALS_SHEET]
    return None


def _goal_names(item: Indicator) -> Iterator[str]:
    leaf = item.path[-1]
    for name in (item.label, leaf, leaf.removeprefix("其中："), "".join(item.path)):
        yield fold(name)
