"""The charts of 看板: laid out once, drawn by Excel from the cells of 看板数据.

What is good or bad is told by which series a bar belongs to, never by the format of a point: points keep
theirs whatever their value becomes.
"""

from __future__ import annotations

from xl_addin.master.build.styles import FONT
from xl_addin.model.lights import BLUE, GREEN, GREY, LIGHTS, RED, YELLOW
from xl_addin.model.sheets import BARS_HEADINGS, BOARD_DATA_SHEET, COURSE_HEADINGS, MONTH_HEADINGS
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook

_INK, _LINE, _GRID = "#1F3044", "#8C96A0", "#E3E7EB"
_TEXT = {"name": FONT, "size": 9, "color": _INK}
_LABELS = {BLUE: "#FFFFFF", GREEN: "#FFFFFF", RED: "#7A0006"}
_LEVEL = 14  # indicators whose names have room beside each other
_LABELLED = 24  # indicators whose bars are wide enough for a number
_SAYS = {BLUE: "全年完成", GREY: "不判断"}  # as short as a legend needs it
# Dark to light and hatched: on a grey printer they are told apart as well.
_FILLS: dict[str, dict[str, Any]] = {
    BLUE: {"fill": {"color": "#1F5FA8"}},
    GREEN: {"fill": {"color": "#4EA72E"}},
    YELLOW: {"fill": {"color": "#FFC93C"}, "border": {"color": "#A67C00", "width": 0.75}},
    RED: {
        "pattern": {
            "pattern": "wide_upward_diagonal",
            "fg_color": "#C00000",
            "bg_color": "#FFFFFF",
        },
        "border": {"color": "#C00000", "width": 1},
    },
    GREY: {"fill": {"color": "#D0D0D0"}, "border": {"color": "#7F7F7F", "width": 0.75}},
}


def bar_chart(book: Workbook, head: int, count: int) -> Chart:
    """Every indicator's completion, a bar in the series of its light, with a dash where it is due.

    ``head`` is the row of the headings on 看板数据.
    """
    chart = book.add_chart({"type": "column"})
    names = _rows(head, count, BARS_HEADINGS.index("简称"))
    for light, spec in LIGHTS.items():
        chart.add_series(
            {
                "name": f"{spec.shape}{_SAYS.get(light, spec.meaning)}",
                "categories": names,
                "values": _rows(head, count, BARS_HEADINGS.index(light)),
                "gap": 40,
                "overlap": 100,
                "data_labels": {
                    "value": count <= _LABELLED,
                    "num_format": "0%",
                    "position": "inside_base",  # above a bar stands the dash
                    "font": {**_TEXT, "bold": True, "color": _LABELS.get(light, _INK)},
                },
                **_FILLS[light],
            }
        )
    due = book.add_chart({"type": "line"})
    due.add_series(
        {
            "name": "应完成",
            "categories": names,
            "values": _rows(head, count, BARS_HEADINGS.index("应完成")),
            "line": {"none": True},
            "marker": {
                "type": "long_dash",
                "size": 11,
                "fill": {"color": _INK},
                "border": {"color": _INK},
            },
        }
    )
    chart.combine(due)
    _finish(chart, "各项指标完成率与应完成")
    # Told to be level, long names are broken into lines instead of slanted.
    turned = 0 if count <= _LEVEL else -45
    font = {**_TEXT, "size": 8, "rotation": turned}
    chart.set_x_axis({"num_font": font, "line": {"color": _LINE}})
    return chart


def course_chart(book: Workbook, head: int) -> Chart:
    """What all indicators together had reached by each month's end, and what was due of it."""
    chart = book.add_chart({"type": "line"})
    months = _rows(head, len(MONTH_HEADINGS), 0)
    looks: dict[str, dict[str, Any]] = {
        "累计完成": {
            "line": {"color": "#1F5FA8", "width": 2.25},
            "marker": {
                "type": "circle",
                "size": 5,
                "fill": {"color": "#1F5FA8"},
                "border": {"color": "#1F5FA8"},
            },
        },
        "应完成": {
            "line": {"color": _INK, "width": 1.5, "dash_type": "dash"},
            "marker": {"type": "none"},
        },
    }
    for column, heading in enumerate(COURSE_HEADINGS[1:], 1):
        values = _rows(head, len(MONTH_HEADINGS), column)
        chart.add_series(
            {"name": heading, "categories": months, "values": values, **looks[heading]}
        )
    _finish(chart, "全市逐月累计")
    chart.set_x_axis({"num_font": {**_TEXT, "size": 8}, "line": {"color": _LINE}})
    return chart


def _rows(head: int, count: int, column: int) -> list[Any]:
    """So many cells under a heading, as XlsxWriter takes them: rows and columns from 0."""
    return [BOARD_DATA_SHEET, head, column, head + count - 1, column]


def _finish(chart: Chart, title: str) -> None:
    chart.set_title(
        {
            "name": title,
            "name_font": {"name": FONT, "size": 11, "bold": True, "color": _INK},
            "overlay": False,
        }
    )
    chart.set_legend({"position": "top", "font": _TEXT})
    chart.set_chartarea({"border": {"color": "#C9CFD6"}})
    chart.set_y_axis(
        {
            "num_format": "0%",
            "min": 0,
            "num_font": _TEXT,
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": _GRID, "width": 0.5}},
        }
    )
    chart.show_blanks_as("gap")
