"""汇总 and 逐月: one row per indicator."""

from __future__ import annotations

from xl_addin.master.build.district_tables import speed_rules
from xl_addin.master.build.sheet_writer import Canvas, Column, Plan
from xl_addin.master.build.styles import page, show_decimals
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    CODE_KEY,
    MONTH_CELL,
    SUMMARY_BLOCK,
    SUMMARY_HEADINGS,
    SUMMARY_SHEET,
    TREND_BLOCK,
    TREND_HEADINGS,
    TREND_NOTE,
    TREND_SHEET,
)
from xl_addin.xlsx import a1
from xl_addin.xlsx.textsize import height

_SUMMARY_LOOKS = {
    "指标": "name",
    "计量单位": "center",
    "完成率": "share",
    "序时进度": "share",
    "超前滞后": "points",
    "差额": "signed",
    "未报区县数": "center",
}
_SUMMARY_WIDTHS = {"指标": 40.0, "计量单位": 10.0, "未报区县数": 12.0}


def summary_sheet(canvas: Canvas, plan: Plan) -> None:
    """汇总: how the whole stands, with the month that it is of."""
    matrix, config, computed = plan.places.summary, plan.config, plan.computed[canvas.name]
    columns = (
        Column(CODE_KEY, 9, "code"),
        *(
            Column(heading, _SUMMARY_WIDTHS.get(heading, 12), _SUMMARY_LOOKS.get(heading, "number"))
            for heading in SUMMARY_HEADINGS
        ),
    )
    _frame(canvas, matrix, config, "汇总", columns)
    right = len(columns)
    canvas.write(2, 1, "月份", "caption")
    canvas.write(2, 2, config.settings.month, "month")
    canvas.name_area(MONTH_CELL, (2, 2, 2, 2))
    note = (
        "只算已通过的填报表；空白是还没有数据（不当作 0）。超前滞后 = 完成率 − 序时进度，单位是百分点；"
        "差额 = 累计完成 − 任务数。颜色：绿是已完成全年任务，黄是低于序时进度，红是低于序时进度超过滞后红线。"
    )
    canvas.merge((2, 3, 2, right), note, "note")
    canvas.sheet.set_row(1, height([(note, 130)], 14))
    for item in config.indicators:
        row = matrix.rows[item.code]
        for number, column in enumerate(columns[3:], 4):
            canvas.formula(row, number, *computed[row, number], column.look)
    top, bottom = matrix.key_row + 1, matrix.end_row
    show_decimals(canvas.sheet, canvas.looks, a1.area_name((top, 4, bottom, 8)))
    at = matrix.columns
    gap = a1.area_name((top, at["差额"], bottom, at["差额"]))
    show_decimals(canvas.sheet, canvas.looks, gap, "signed_broken")
    rate = f"${a1.cell_name(top, at['完成率'])}"
    for heading in ("完成率", "超前滞后"):
        area = a1.area_name((top, at[heading], bottom, at[heading]))
        speed_rules(canvas, area, rate, f"{rate}>=1", rate)
    _finish(canvas, SUMMARY_BLOCK, matrix, right)


def trend_sheet(canvas: Canvas, plan: Plan) -> None:
    """逐月: indicator by month."""
    matrix, config = plan.places.trend, plan.config
    typed, computed = plan.typed[canvas.name], plan.computed[canvas.name]
    widths = (9, 36, 9, 11, *([9.5] * 12), 11, 10)
    used = ("code", "name", "center", *(["number"] * 14), "share")
    columns = [Column(*parts) for parts in zip(TREND_HEADINGS, widths, used, strict=True)]
    _frame(canvas, matrix, config, "逐月完成情况", columns)
    right = len(columns)
    canvas.merge((2, 1, 2, right), None, "note")
    canvas.formula(2, 1, *computed[2, 1], "note")
    canvas.name_area(TREND_NOTE, (2, 1, 2, 1))
    canvas.sheet.set_row(1, 22)
    for item in config.indicators:
        row = matrix.rows[item.code]
        for number, column in enumerate(columns[3:], 4):
            where = (row, number)
            if where in computed:
                canvas.formula(row, number, *computed[where], column.look)
            else:
                canvas.write(row, number, typed.get(where), column.look)
    numbers = (matrix.key_row + 1, 4, matrix.end_row, right - 1)
    show_decimals(canvas.sheet, canvas.looks, a1.area_name(numbers))
    _finish(canvas, TREND_BLOCK, matrix, right)


def _frame(
    canvas: Canvas,
    matrix: Matrix,
    config: Config,
    title: str,
    columns: tuple[Column, ...] | list[Column],
) -> None:
    settings, sheet = config.settings, canvas.sheet
    canvas.merge((1, 1, 1, len(columns)), f"{settings.year}年{settings.title}{title}", "title")
    for row, tall in ((1, 34), (3, 6), (matrix.key_row, 30)):
        sheet.set_row(row - 1, tall)
    for number, column in enumerate(columns, 1):
        sheet.set_column(number - 1, number - 1, column.width)
        canvas.write(matrix.key_row, number, column.heading, "head")
    label_width = columns[1].width
    for item in config.indicators:
        row = matrix.rows[item.code]
        sheet.set_row(row - 1, height([(item.label, label_width - 3)], least=26))
        canvas.write(row, 1, item.code, "code")
        canvas.write(row, 2, item.label, "part" if item.parent else "name")
        canvas.write(row, 3, item.unit, "center")


def _finish(canvas: Canvas, block: str, matrix: Matrix, right: int) -> None:
    canvas.name_area(block, (matrix.key_row, 1, matrix.end_row, right))
    canvas.sheet.freeze_panes(matrix.key_row, 2)
    area = a1.area_name((1, 1, matrix.end_row, right))
    page(canvas.sheet, area, (matrix.key_row, matrix.key_row))


BUILDERS = {SUMMARY_SHEET: summary_sheet, TREND_SHEET: trend_sheet}
