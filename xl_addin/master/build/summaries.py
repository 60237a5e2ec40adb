"""汇总 and 逐月: one row per indicator."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.build.colours import (
    legend_text,
    mark_differences,
    mark_gaps,
    mark_points,
    mark_shares,
    mark_words,
)
from xl_addin.master.build.formula_texts import cell_of
from xl_addin.master.build.sheet_writer import Column, MasterPlan, SheetWriter
from xl_addin.master.build.styles import set_up_page, show_decimals
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    CODE_KEY,
    CORRECTIONS_HEADING,
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
from xl_addin.xlsx.textsize import row_height

_SUMMARY_LOOKS = {
    "指标": "name",
    "计量单位": "center",
    "完成率": "share",
    "序时进度": "share",
    "超前滞后": "points",
    "差额": "signed",
    "本月缺数区县": "center",
    "与序时差": "signed",
    "灯": "center",
    "应计区县月": "center",
    "已计区县月": "center",
    "累计不全区县数": "center",
    "全市目标完成率": "share",
    "同比": "share",
    "可比区县数": "center",
}
_SUMMARY_WIDTHS = {
    "指标": 30.0,
    "计量单位": 7.0,
    "序时进度": 8.5,
    "超前滞后": 8.5,
    "本月缺数区县": 8.0,
    "灯": 6.5,
    "应计区县月": 8.0,
    "已计区县月": 8.0,
    "累计不全区县数": 8.0,
    "全市目标完成率": 9.0,
    "同比": 8.5,
}
_AMOUNT_WIDTH = 10.5
_SUMMARY_NOTE = (
    "只算已通过的填报表；空白是还没有数据（不当作 0）。超前滞后 = 与序时差 ÷ 任务数，单位是百分点（比率是和应完成数"
    "直接相减）；差额 = 累计完成 − 任务数，与序时差 = 累计完成 − 应完成数。任务数是现行任务，含年中调整；"
    "带 * 和虚线框的累计里有区县不全，缺什么看“已计月数”；比率缺“合计按”的数的区县不在合计里。"
)
_SAME_PERIOD_NOTE = (
    "同期只比两年都有完整累计的区县：可比累计是它们今年的，同期累计是它们上年同月底的，"
    "同比 = （可比累计 − 同期累计）÷ 同期累计；比率不算同比。"
)


def summary_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """汇总: how the whole stands, with the month that it is of."""
    matrix, config, computed = plan.positions.summary, plan.config, plan.computed[writer.name]
    columns = (
        Column(CODE_KEY, 7.5, "code"),
        *(
            Column(
                heading,
                _SUMMARY_WIDTHS.get(heading, _AMOUNT_WIDTH),
                _SUMMARY_LOOKS.get(heading, "number"),
            )
            for heading in SUMMARY_HEADINGS
        ),
    )
    _frame(writer, matrix, config, "汇总", columns)
    right = len(columns)
    writer.write(2, 1, "月份", "caption")
    writer.write(2, 2, config.settings.month, "month")
    writer.name_area(MONTH_CELL, (2, 2, 2, 2))
    note = f"{_SUMMARY_NOTE}{_SAME_PERIOD_NOTE}\n{legend_text(blanks=True)}"
    writer.merge((2, 3, 2, right), note, "note")
    writer.sheet.set_row(1, row_height([(note, sum(c.width for c in columns[2:]))], 14))
    for item in config.indicators:
        row = matrix.rows[item.code]
        for number, column in enumerate(columns[3:], 4):
            if (row, number) in computed:
                writer.formula(row, number, *computed[row, number], column.look)
            else:
                writer.write(
                    row, number, plan.typed.get(writer.name, {}).get((row, number)), column.look
                )
    _colour_summary(writer, matrix)
    _finish(writer, SUMMARY_BLOCK, matrix, columns)


def _colour_summary(writer: SheetWriter, matrix: Matrix) -> None:
    top, bottom, at = matrix.key_row + 1, matrix.end_row, matrix.columns

    def down(heading: str) -> str:
        return a1.area_name((top, at[heading], bottom, at[heading]))

    light = f"${a1.cell_name(top, at['灯'])}"
    lacking = f"N(${a1.cell_name(top, at['累计不全区县数'])})>0"
    for heading in (
        "任务数",
        "公布合计",
        "全市目标",
        "本月完成",
        "应完成数",
        "可比累计",
        "同期累计",
    ):
        show_decimals(writer.sheet, writer.formats, down(heading))
    mark_gaps(writer, down("累计完成"), lacking)
    mark_shares(writer, down("完成率"), light, lacking)
    mark_points(writer, down("超前滞后"), light)
    for heading in ("差额", "与序时差"):
        mark_differences(writer, down(heading), light)
    mark_words(writer, down("灯"))


def trend_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """逐月: indicator by month."""
    matrix, config = plan.positions.trend, plan.config
    typed, computed = plan.typed[writer.name], plan.computed[writer.name]
    widths = (9, 34, 8, 11, 10, *([9.5] * 12), 10, 11, 10, 10, 9)
    used = ("code", "name", "center", *(["number"] * 16), "share", "number", "share")
    columns = [Column(*parts) for parts in zip(TREND_HEADINGS, widths, used, strict=True)]
    _frame(writer, matrix, config, "逐月完成情况", columns)
    right = len(columns)
    writer.merge((2, 1, 2, right), None, "note")
    writer.formula(2, 1, *computed[2, 1], "note")
    writer.name_area(TREND_NOTE, (2, 1, 2, 1))
    writer.sheet.set_row(1, 22)
    for item in config.indicators:
        row = matrix.rows[item.code]
        for number, column in enumerate(columns[3:], 4):
            where = (row, number)
            if where in computed:
                writer.formula(row, number, *computed[where], column.look)
            else:
                writer.write(row, number, typed.get(where), column.look)
    _colour_trend(writer, matrix)
    _finish(writer, TREND_BLOCK, matrix, columns)


def _colour_trend(writer: SheetWriter, matrix: Matrix) -> None:
    top, bottom, at = matrix.key_row + 1, matrix.end_row, matrix.columns
    incomplete = cell_of(SUMMARY_BLOCK, f"$A{top}", '"累计不全区县数"')
    mark_gaps(writer, a1.area_name((top, at["累计"], bottom, at["累计"])), f"N({incomplete})>0")
    for left, right in (("任务数", CORRECTIONS_HEADING), ("同期累计", "同期累计")):
        area = a1.area_name((top, at[left], bottom, at[right]))
        show_decimals(writer.sheet, writer.formats, area)


def _frame(
    writer: SheetWriter, matrix: Matrix, config: Config, title: str, columns: Sequence[Column]
) -> None:
    settings, sheet = config.settings, writer.sheet
    writer.merge((1, 1, 1, len(columns)), f"{settings.year}年{settings.title}{title}", "title")
    for row, tall in ((1, 34), (3, 6), (matrix.key_row, 36)):
        sheet.set_row(row - 1, tall)
    for number, column in enumerate(columns, 1):
        sheet.set_column(number - 1, number - 1, column.width)
        writer.write(matrix.key_row, number, column.heading, "head")
    label_width = columns[1].width
    for item in config.indicators:
        row = matrix.rows[item.code]
        sheet.set_row(row - 1, row_height([(item.label, label_width - 3)], least=26))
        writer.write(row, 1, item.code, "code")
        writer.write(row, 2, item.label, "part" if item.parent else "name")
        writer.write(row, 3, item.unit, "center")


def _finish(writer: SheetWriter, block: str, matrix: Matrix, columns: Sequence[Column]) -> None:
    right, width = len(columns), sum(column.width for column in columns)
    writer.name_area(block, (matrix.key_row, 1, matrix.end_row, right))
    writer.sheet.freeze_panes(matrix.key_row, 2)
    area = a1.area_name((1, 1, matrix.end_row, right))
    set_up_page(writer.sheet, area, (matrix.key_row, matrix.key_row), width)


BUILDERS = {SUMMARY_SHEET: summary_sheet, TREND_SHEET: trend_sheet}
