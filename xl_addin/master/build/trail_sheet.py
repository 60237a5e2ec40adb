"""溯源: room for the trail of one figure, with links that are there from the beginning."""

from __future__ import annotations

from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.master.build.styles import show_decimals
from xl_addin.model.sheets import TRAIL_BLOCK, TRAIL_HEADINGS, TRAIL_NOTE, TRAIL_SHEET
from xl_addin.xlsx.a1 import cell_name

_LEAST_ROWS, _MORE_ROWS = 60, 20
OPEN = "打开"


def open_formula(row: int, link_column: int) -> str:
    """The formula that opens what the link of its row leads to: no relationship has to be written."""
    link = cell_name(row, link_column)
    return f'=IF({link}="","",HYPERLINK({link},"{OPEN}"))'


def trail_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """The list, empty: room for every district, and every reserved row already has its link."""
    room = max(_LEAST_ROWS, len(plan.config.districts) + _MORE_ROWS)
    widths = (9, 7, 12, 18, 34, 10, 20, 40, 70, 8, 12)
    used = (
        *("center", "center", "number", "small", "small", "center", "center"),
        *("text", "text", "link", "small"),
    )
    columns = [Column(*parts) for parts in zip(TRAIL_HEADINGS, widths, used, strict=True)]
    note = "先在汇总的各张表里点住一个数，再点“溯源”。"
    writer.write_header("溯源", note, columns)
    last = len(columns) - 1
    writer.sheet.set_column(last, last, columns[-1].width, None, {"hidden": True})
    writer.name_area(TRAIL_NOTE, (2, 1, 2, 1))
    writer.sheet.set_row(1, 32)
    writer.sheet.set_default_row(33)
    area = (TOP, 1, TOP + room, len(columns))
    at = {heading: number for number, heading in enumerate(TRAIL_HEADINGS, 1)}
    for number, column in enumerate(columns, 1):
        if column.heading != "原件":
            writer.write(TOP + 1, number, None, column.look)
    for row in range(TOP + 1, area[2] + 1):
        writer.formula(row, at["原件"], open_formula(row, at["链接"]), "", "link")
    for mark, look in (("●", "good"), ("○", "grey")):
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": f'"{mark}"',
            "format": writer.formats[look],
        }
        writer.sheet.conditional_format(f"B{TOP + 1}:B{area[2]}", rule)
    show_decimals(writer.sheet, writer.formats, f"C{TOP + 1}:C{area[2]}")
    writer.finish(TRAIL_BLOCK, area, 0, printed=False)


BUILDERS = {TRAIL_SHEET: trail_sheet}
