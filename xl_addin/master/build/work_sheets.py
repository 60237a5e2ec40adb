"""The sheets of 重点工作: 重点工作台账, which staff type, and 台账明细, which lists what districts report."""

from __future__ import annotations

from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.model.lights import LIGHTS
from xl_addin.model.sheets import (
    WORK_COUNT_HEADINGS,
    WORK_DETAIL_HEADINGS,
    WORK_DETAILS_BLOCK,
    WORK_DETAILS_SHEET,
    WORK_HEADINGS,
    WORKS_BLOCK,
    WORKS_SHEET,
)
from xl_addin.model.work_items import FREQUENCY_LABELS
from xl_addin.xlsx import a1

LAID_OUT, ROOM = 30, 200
"""Rows of 重点工作台账 that are laid out, and how many its block has room for."""
RESERVED = 4_000
_STATE_LOOKS = {"已完成": "good", "推进中": "near", "滞后": "bad", "退回": "bad", "未报": "grey"}
_LIGHT_LOOKS = {"蓝": "blue", "绿": "good", "黄": "near", "红": "bad"}


def works_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """重点工作台账: typed on the left, counted on the right."""
    typed = (
        (8, "input_code"),
        (22, "input_text"),
        (38, "input_text"),
        (14, "input_text"),
        (20, "input_text"),
        (13, "input_date"),
        (8, "input_word"),
        (14, "input_text"),
        (8, "input_word"),
        (8, "input_word"),
    )
    counted = ((7, "center"),) * 7 + ((6, "center"), (40, "small"))
    headings = (*WORK_HEADINGS, *WORK_COUNT_HEADINGS)
    columns = [
        Column(heading, *shape) for heading, shape in zip(headings, (*typed, *counted), strict=True)
    ]
    note = (
        "一项一行，浅黄色的由市里填。责任单位：全部区县就留空，否则写名称，用“、”隔开。"
        "报送：月＝每月，季＝3、6、9、12 月，"
        "一次＝完成时限那个月；过了时限还没有完成的，以后每月都要报，直到完成。对应指标填代码或简称。"
        "中途加的填起始月，不再报的填截止月，以前报的都留着。右边由“重算”统计，“未报”含退回还没有改好的。"
        "灯：蓝＝全部完成，绿＝没有滞后，黄＝有滞后，红＝滞后和未报超过两成，或过了时限还没有全部完成。"
    )
    writer.write_header("重点工作台账", note, columns)
    rows = [(*each, *(None,) * len(WORK_COUNT_HEADINGS)) for each in plan.carried.works]
    rows += [(None,) * len(columns)] * (LAID_OUT - len(rows))
    top, _, bottom, _ = area = writer.rows(columns, rows)
    for row in range(top + len(plan.carried.works), bottom):
        writer.sheet.set_row(row, None)  # as tall as what is typed there
    last = top + ROOM
    writer.choose((top + 1, 7, last, 7), tuple(FREQUENCY_LABELS.values()))
    light = a1.area_name((top + 1, len(typed) + 8, last, len(typed) + 8))
    _colour(writer, light, {name: _LIGHT_LOOKS[name] for name in LIGHTS if name in _LIGHT_LOOKS})
    writer.finish(WORKS_BLOCK, area, 2, printed=False, room=ROOM)


def work_details_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """台账明细: room for a row per district and item."""
    widths = (12, 8, 22, 10, 44, 26, 26, 12, 10, 17, 46, 24)
    used = (
        "name",
        "center",
        "text",
        "center",
        "text",
        "text",
        "text",
        "center",
        "center",
        "center",
        "small",
        "small",
    )
    columns = [Column(*parts) for parts in zip(WORK_DETAIL_HEADINGS, widths, used, strict=True)]
    note = (
        "每个区县每项重点工作一行，取自填报表的“重点工作”页，以最近一次通过的为准；以前各月的都留在底账里。"
        "用表头的箭头筛选区县或编号。"
    )
    writer.write_header("台账明细", note, columns)
    writer.sheet.set_default_row(48)
    for number, column in enumerate(columns, 1):
        writer.write(TOP + 1, number, None, column.look)
    area = (TOP, 1, TOP + RESERVED, len(columns))
    writer.sheet.autofilter(a1.area_name(area))
    _colour(writer, a1.area_name((TOP + 1, 4, area[2], 4)), _STATE_LOOKS)
    writer.finish(WORK_DETAILS_BLOCK, area, 3, printed=False)


def _colour(writer: SheetWriter, area: str, looks: dict[str, str]) -> None:
    for word, look in looks.items():
        writer.sheet.conditional_format(
            area,
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": writer.formats[look],
            },
        )


BUILDERS = {WORKS_SHEET: works_sheet, WORK_DETAILS_SHEET: work_details_sheet}
