"""材料 and 材料明细: what papers are owed, and what became of each."""

from __future__ import annotations

from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.master.build.trail_sheet import open_formula
from xl_addin.model.sheets import (
    PAPER_HEADINGS,
    PAPER_LIST_BLOCK,
    PAPER_LIST_HEADINGS,
    PAPER_LIST_SHEET,
    PAPERS_BLOCK,
    PAPERS_SHEET,
)
from xl_addin.xlsx import a1

_ROWS = 12
_LEAST_ROOM = 120
_LOOKS = (("按时", "good"), ("逾期", "near"), ("未报", "grey"), ("退回", "bad"), ("待定", "near"))


def papers_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """材料: room for the papers, what staff type in yellow and what is counted beside it."""
    widths = (9, 22, 50, 14, 22, 10, 10, 8, 30, 9, 9, 9, 9)
    used = (
        "input_code",
        "input_text",
        "input_text",
        "input_word",
        "input_text",
        *("input_number",) * 3,
        "input_text",
        *("number",) * 4,
    )
    columns = [Column(*parts) for parts in zip(PAPER_HEADINGS, widths, used, strict=True)]
    note = (
        "要区县另外交的材料，一行一份，例如 D1、工作总结、截止 11月30日。文件类型写 docx、doc、wps、odt、pdf，"
        "不限就空着；字数不算空格；份数空着是 1；对谁空着是全部区县。填好点“生成材料封面”，"
        "封面发给区县接着写，交回来就认得。不收材料就不用填。"
    )
    writer.write_header("材料", note, columns)
    rows = [(*row, *(None,) * (len(columns) - len(row))) for row in plan.carried.papers]
    rows += [(None,) * len(columns)] * (_ROWS - len(rows))
    area = writer.rows(columns, rows)
    writer.finish(PAPERS_BLOCK, area, 2)


def paper_list_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """材料明细: one row for each district and paper; every reserved row already has its link."""
    widths = (10, 20, 16, 8, 20, 9, 8, 36, 70, 8, 12)
    used = (
        *("code", "name", "name", "center", "center", "number", "center"),
        *("small", "text", "link", "small"),
    )
    columns = [Column(*parts) for parts in zip(PAPER_LIST_HEADINGS, widths, used, strict=True)]
    writer.write_header(
        "材料明细", "每个区县的每份材料，用表头的箭头筛选；收到的文件也在“材料”文件夹里。", columns
    )
    for number in (0, len(columns) - 1):
        writer.sheet.set_column(number, number, columns[number].width, None, {"hidden": True})
    writer.sheet.set_default_row(30)
    room = max(_LEAST_ROOM, 4 * len(plan.config.districts))
    area = (TOP, 1, TOP + room, len(columns))
    at = {heading: number for number, heading in enumerate(PAPER_LIST_HEADINGS, 1)}
    for number, column in enumerate(columns, 1):
        if column.heading != "原件":
            writer.write(TOP + 1, number, None, column.look)
    for row in range(TOP + 1, area[2] + 1):
        writer.formula(row, at["原件"], open_formula(row, at["链接"]), "", "link")
    writer.sheet.autofilter(a1.area_name(area))
    for word, look in _LOOKS:
        writer.sheet.conditional_format(
            a1.area_name((TOP + 1, at["状态"], area[2], at["状态"])),
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": writer.formats[look],
            },
        )
    writer.finish(PAPER_LIST_BLOCK, area, 3, printed=False)


BUILDERS = {PAPERS_SHEET: papers_sheet, PAPER_LIST_SHEET: paper_list_sheet}
