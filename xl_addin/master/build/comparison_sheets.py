"""比对 and 对照: what another office's table comes to beside ours, and how its columns are understood."""

from __future__ import annotations

from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.master.build.styles import show_decimals
from xl_addin.model.comparison import (
    BOTH_MISSING,
    EVERY_COLUMN,
    ILLEGIBLE,
    OURS_LESS,
    OURS_MISSING,
    OURS_MORE,
    OURS_PARTIAL,
    PERIOD_LABELS,
    RESULT_LABELS,
    SAME,
    THEIRS_MISSING,
)
from xl_addin.model.sheets import (
    COMPARISON_BLOCK,
    COMPARISON_HEAD_BLOCK,
    COMPARISON_HEADINGS,
    COMPARISON_KEYS,
    COMPARISON_SHEET,
    CORRESPONDENCE_BLOCK,
    CORRESPONDENCE_HEADINGS,
    CORRESPONDENCE_SHEET,
)

_LEAST_ROWS, _MORE_ROWS = 500, 100
_CORRESPONDENCES = 60
_TALL = {"请注意": 48, "对上的列": 62, "没有对上的列": 48, "对方的合计": 34}
_LOOKS = {
    OURS_MORE: "bad",
    OURS_LESS: "bad",
    ILLEGIBLE: "near",
    OURS_MISSING: "near",
    OURS_PARTIAL: "near",
    THEIRS_MISSING: "grey",
    BOTH_MISSING: "grey",
    SAME: "good",
}


def comparison_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """比对, empty: what was understood of their table above, a row a pair below."""
    widths = (14, 32, 11, 11, 10, 10, 13, 54, 38, 26)
    used = (
        *("name", "text", "number", "number", "signed", "center", "center"),
        *("small", "small", "input_text"),
    )
    columns = [Column(*parts) for parts in zip(COMPARISON_HEADINGS, widths, used, strict=True)]
    sheet, right = writer.sheet, len(columns)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
    writer.merge((1, 1, 1, right), "和其他部门的数比对", "title")
    note = (
        "把对方的表放进“比对”文件夹，点“比对”。差＝我方－他方；我方不全＝我方比对方少，可是还缺月份，先催齐再比。"
        "这里不改任何数；浅黄色的“处理”自己写，以后再比还在。"
    )
    writer.merge((2, 1, 2, right), note, "note")
    sheet.set_row(0, 32)
    sheet.set_row(1, 30)
    writer.write(3, 1, "项目", "head")
    writer.merge((3, 2, 3, right), "内容", "head")
    sheet.set_row(2, 22)
    for row, key in enumerate(COMPARISON_KEYS, 4):
        writer.write(row, 1, key, "head")
        writer.merge((row, 2, row, right), None, "text")
        sheet.set_row(row - 1, _TALL.get(key, 22))
    last = 3 + len(COMPARISON_KEYS)
    writer.name_area(COMPARISON_HEAD_BLOCK, (3, 1, last, 2))
    top = last + 2
    sheet.set_row(last, 6)
    for number, column in enumerate(columns, 1):
        writer.write(top, number, column.heading, "head")
        writer.write(top + 1, number, None, column.look)
    sheet.set_row(top - 1, 24)
    sheet.set_default_row(36)
    config = plan.config
    room = max(_LEAST_ROWS, len(config.districts) * len(config.indicators) + _MORE_ROWS)
    area = (top, 1, top + room, right)
    results = f"F{top + 1}:F{area[2]}"
    for result, look in _LOOKS.items():
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": f'"{RESULT_LABELS[result]}"',
            "format": writer.formats[look],
        }
        sheet.conditional_format(results, rule)
    show_decimals(sheet, writer.formats, f"C{top + 1}:D{area[2]}")
    show_decimals(sheet, writer.formats, f"E{top + 1}:E{area[2]}", "signed_broken")
    sheet.autofilter(top - 1, 0, area[2] - 1, right - 1)
    writer.finish(COMPARISON_BLOCK, area, 2, printed=False)


def correspondence_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """对照: room for what staff say of another office's columns."""
    widths = (40, 34, 12, 14, 10, 50)
    used = ("input_text", "input_text", "input_number", "input_word", "input_word", "input_text")
    columns = [Column(*parts) for parts in zip(CORRESPONDENCE_HEADINGS, widths, used, strict=True)]
    note = (
        "和其他部门比对时才用。他方列名写对方表头上的字（或列号，例如 F）；指标写代码；换算是对方的数乘几等于我方的数，"
        f"例如对方以万人计的写 10000；对所有列都算数的，他方列名写“{EVERY_COLUMN}”，指标不写。"
        "表头叫法和“指标”里一样的不用写。"
    )
    writer.write_header("对照", note, columns)
    area = writer.rows(columns, [(None,) * len(columns)] * _CORRESPONDENCES)
    writer.choose((TOP + 1, 5, area[2], 5), tuple(PERIOD_LABELS.values()))
    writer.finish(CORRESPONDENCE_BLOCK, area, 1)


BUILDERS = {COMPARISON_SHEET: comparison_sheet, CORRESPONDENCE_SHEET: correspondence_sheet}
