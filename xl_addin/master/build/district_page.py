"""区县单页: a district's year on one A4 page, by formulas in the master, by values where all are printed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xl_addin.master.build.colours import legend_text, mark_fills, mark_words, write_legend
from xl_addin.master.build.page_formulas import PagePlaces
from xl_addin.master.build.sheet_writer import TOP, Computed, MasterPlan, SheetWriter
from xl_addin.master.build.styles import FONT, set_up_page, show_decimals
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.lights import LIGHTS
from xl_addin.model.records import District, Indicator
from xl_addin.model.settings import Config, Settings
from xl_addin.model.sheets import (
    CHART_HEADINGS,
    CHOICE_HEADING,
    CODE_KEY,
    COUNTED_KEY,
    DISTRICT_PAGE_SHEET,
    DISTRICTS_SHEET,
    MONTH_HEADINGS,
    MONTHS_TEXT_HEADING,
    NAME_KEY,
    PAGE_BLOCK,
    PAGE_HEAD_BLOCK,
    PAGE_MONTHS_BLOCK,
    PAGE_REMARK_CELL,
)
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx import a1
from xl_addin.xlsx.textsize import row_height

if TYPE_CHECKING:
    from typing import Any

_WIDTHS = (6.0, 30.0, 7.0, *([7.6] * 12))
_RIGHT = len(_WIDTHS)
_BESIDE = _RIGHT + 2  # what the chart shows stands right of what is printed
_HEAD_ROW, _TABLE_ROW = 4, 7
# Over which columns each thing that is told of the district stands, and how it looks.
_TILES = {
    CHOICE_HEADING: (1, 2, "page_choice"),
    "截至": (3, 4, "page_word"),
    "综合完成率": (5, 6, "page_rate"),
    "名次": (7, 8, "page_rank"),
    "灯": (9, 10, "page_word"),
    COUNTED_KEY: (11, _RIGHT, "page_word"),
}
_LOOKS = {
    "完成率": "share",
    "与序时差": "signed",
    "灯": "center",
    COUNTED_KEY: "page_months",
    **dict.fromkeys(CHART_HEADINGS, "aside_share"),
}
# Printed in grey a pattern tells those apart that are as light as one another.
_FILLS: tuple[dict[str, dict[str, str]], ...] = (
    {"fill": {"color": "#2E75B6"}},
    {"fill": {"color": "#A9D89B"}},
    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#C99700", "bg_color": "#FFE699"}},
    {"fill": {"color": "#C00000"}},
    {"pattern": {"pattern": "percent_25", "fg_color": "#7F7F7F", "bg_color": "#FFFFFF"}},
)
_CHART_ROWS, _CHART_ROW = 15, 20  # points
_ONE_PAGE, _SCALE = 18, 57  # so many indicators stay legible on one page; percent on more
_MONTHS_SAY = "各月完成：口径为“累计数”“比率”的是月末数，其他的是当月新增；空白是没有报或没有通过，“—”是不适用。"
_NOTE = "空白是还没有数据（不当作 0）；全年任务含调整，应完成是到这个月底按序时应完成的，与序时差 = 累计完成 − 应完成。"


def planned_page(districts: Sequence[District], indicators: Sequence[Indicator]) -> PagePlaces:
    """Where a new page has everything; the first district is chosen."""
    codes = [item.code for item in indicators]
    below = _TABLE_ROW + len(codes) + 3  # a free row, and the line over the months

    def listed(top: int, across: dict[str, int]) -> Matrix:
        rows = {code: top + n for n, code in enumerate(codes, 1)}
        return Matrix(DISTRICT_PAGE_SHEET, top, 1, rows, across, end_row=top + len(codes))

    shown = ("指标", "计量单位", "全年任务", "应完成", "累计完成", "完成率", "与序时差", "灯")
    table = {heading: n for n, heading in enumerate((*shown, "本月完成", COUNTED_KEY), 2)}
    table |= {heading: n for n, heading in enumerate(CHART_HEADINGS, _BESIDE)}
    months = {heading: n for n, heading in enumerate((*shown[:2], *MONTH_HEADINGS), 2)}
    head = {heading: (_HEAD_ROW + 1, left) for heading, (left, _, _) in _TILES.items()}
    head[CODE_KEY] = (_HEAD_ROW + 1, _BESIDE)
    first = districts[0].code if districts else ""
    return PagePlaces(
        DISTRICT_PAGE_SHEET,
        first,
        head,
        (_HEAD_ROW + 2, 1),
        listed(_TABLE_ROW, table),
        listed(below, {**months, MONTHS_TEXT_HEADING: _BESIDE}),
    )


def district_page(writer: SheetWriter, plan: MasterPlan) -> None:
    """区县单页 of the master, with the names that its parts are found by."""
    page, config = plan.positions.page, plan.config
    name = next((each.name for each in config.districts if each.code == page.chosen), "")
    lay_out_page(writer, page, config, name, plan.computed[writer.name])
    writer.name_area(PAGE_HEAD_BLOCK, (_HEAD_ROW, 1, _HEAD_ROW + 1, _BESIDE))
    writer.name_area(PAGE_REMARK_CELL, (*page.remark, *page.remark))
    for block, table in ((PAGE_BLOCK, page.table), (PAGE_MONTHS_BLOCK, page.months)):
        area = (table.key_row, 1, table.end_row, max(table.columns.values()))
        writer.name_area(block, area)
    names = a1.absolute_reference((TOP + 1, 2, TOP + len(config.districts), 2))
    writer.sheet.data_validation(
        a1.area_name((*page.head[CHOICE_HEADING], *page.head[CHOICE_HEADING])),
        {
            "validate": "list",
            "source": f"='{DISTRICTS_SHEET}'!{names}",
            "error_title": "不在名录里",
            "error_message": "请从列表里选一个区县。",
        },
    )


def lay_out_page(
    writer: SheetWriter,
    page: PagePlaces,
    config: Config,
    name: str,
    computed: Computed,
    *,
    live: bool = True,
) -> None:
    """A page about the district called ``name``; ``computed`` are its cells.

    ``live`` is one on which another district can be chosen.
    """
    sheet = writer.sheet
    for number, width in enumerate(_WIDTHS):
        sheet.set_column(number, number, width)
    _head(writer, page, config.settings, name, computed, live=live)
    _table(writer, page.table, config, computed, _RIGHT)
    _colour(writer, page.table)
    row = page.months.key_row - 1
    writer.merge((row, 1, row, _RIGHT), _MONTHS_SAY, "note")
    sheet.set_row(row - 1, row_height([(_MONTHS_SAY, sum(_WIDTHS))], 14))
    _table(writer, page.months, config, computed, _RIGHT)
    at = page.months.columns
    top, end = page.months.key_row + 1, page.months.end_row
    months = a1.area_name((top, at[MONTH_HEADINGS[0]], end, at[MONTH_HEADINGS[-1]]))
    show_decimals(sheet, writer.formats, months)
    last = _chart(writer, page.table, page.months.end_row + 2)
    sheet.freeze_panes(_HEAD_ROW + 1, 0)
    codes = " ".join(
        a1.area_name((each.key_row, 1, each.end_row, 1)) for each in (page.table, page.months)
    )
    sheet.ignore_errors({"number_stored_as_text": codes})
    set_up_page(sheet, a1.area_name((1, 1, last, _RIGHT)))
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)
    if len(config.indicators) > _ONE_PAGE:
        sheet.set_print_scale(_SCALE)  # breaks are heeded where nothing is made to fit
        sheet.set_h_pagebreaks([row - 1, page.months.end_row + 1])
        sheet.repeat_rows(_HEAD_ROW - 1, _HEAD_ROW)


def _head(
    writer: SheetWriter,
    page: PagePlaces,
    settings: Settings,
    name: str,
    computed: Computed,
    *,
    live: bool,
) -> None:
    sheet, row = writer.sheet, _HEAD_ROW
    writer.merge((1, 1, 1, _RIGHT), f"{settings.year}年{settings.title}：区县进度", "title")
    sheet.set_row(0, 34)
    writer.merge((2, 1, 2, _RIGHT), _NOTE, "note")
    writer.merge((3, 1, 3, _RIGHT), None, "note")
    write_legend(writer, (3, 1))
    for at, text in ((2, _NOTE), (3, legend_text())):
        sheet.set_row(at - 1, row_height([(text, sum(_WIDTHS))], 14))
    for heading, (left, right, look) in _TILES.items():
        choice = heading == CHOICE_HEADING
        fixed = choice and not live
        writer.merge((row, left, row, right), NAME_KEY if fixed else heading, "head")
        below = (row + 1, left, row + 1, right)
        writer.merge(below, name if choice else None, "page_word" if fixed else look)
        if not choice:
            writer.formula(row + 1, left, *computed[page.head[heading]], look)
    sheet.set_row(row - 1, 22)
    sheet.set_row(row, 32)
    code = page.head[CODE_KEY]
    writer.write(row, code[1], CODE_KEY, "aside_head")
    writer.formula(*code, *computed[code], "aside")
    mark_words(writer, a1.cell_name(*page.head["灯"]))
    writer.merge((page.remark[0], 1, page.remark[0], _RIGHT), None, "page_remark")
    writer.formula(*page.remark, *computed[page.remark], "page_remark")
    says = str(computed[page.remark][1] or "")
    sheet.set_row(page.remark[0] - 1, row_height([(says, sum(_WIDTHS))], 14, least=34))


def _table(
    writer: SheetWriter, table: Matrix, config: Config, computed: Computed, right: int
) -> None:
    sheet, row = writer.sheet, table.key_row
    sheet.set_row(row - 1, 24)
    writer.write(row, 1, CODE_KEY, "head")
    for heading, column in table.columns.items():
        writer.write(row, column, heading, "head" if column <= right else "aside_head")
    last = table.columns.get(COUNTED_KEY, 0)
    if last:
        writer.merge((row, last, row, right), COUNTED_KEY, "head")
    for item in config.indicators:
        row = table.rows[item.code]
        sheet.set_row(row - 1, row_height([(item.label, _WIDTHS[1] - 3)], least=20))
        facts = {"指标": item.label, "计量单位": item.unit, "简称": item.name}
        writer.write(row, 1, item.code, "code")
        for heading, column in table.columns.items():
            look = _LOOKS.get(heading, "aside" if column > right else "page_number")
            if heading in facts and column <= right:
                look = "center" if heading == "计量单位" else "part" if item.parent else "name"
            if (row, column) in computed:
                writer.formula(row, column, *computed[row, column], look)
            else:
                writer.write(row, column, facts.get(heading), look)
        for column in range(last + 1, right + 1) if last else ():
            writer.write(row, column, None, "page_line" if column < right else "page_line_end")


def _colour(writer: SheetWriter, table: Matrix) -> None:
    top, bottom, at = table.key_row + 1, table.end_row, table.columns

    def down(first: str, last: str = "") -> str:
        return a1.area_name((top, at[first], bottom, at[last or first]))

    light = f"${a1.cell_name(top, at['灯'])}"
    mark_words(writer, down("灯"))
    mark_fills(writer, down("完成率"), light)
    show_decimals(writer.sheet, writer.formats, down("全年任务", "累计完成"))
    show_decimals(writer.sheet, writer.formats, down("与序时差"), "signed_broken")
    show_decimals(writer.sheet, writer.formats, down("本月完成"))


def _chart(writer: SheetWriter, table: Matrix, row: int) -> int:
    """The chart from ``row`` on, on cells of its own; the last of its rows."""
    top, end, at = table.key_row, table.end_row, table.columns

    def down(heading: str) -> list[str | int]:
        return [writer.name, top, at[heading] - 1, end - 1, at[heading] - 1]

    chart: Any = writer.book.add_chart({"type": "bar"})
    names = [(name, f"{spec.shape}{name}：{spec.meaning}") for name, spec in LIGHTS.items()]
    for (name, says), fill in zip(names, _FILLS, strict=True):
        chart.add_series(
            {
                "name": says,
                "categories": down("简称"),
                "values": down(name),
                **fill,
                "border": {"color": "#404040", "width": 0.5},
                "gap": 45,
                "overlap": 100,
            }
        )
    chart.add_series(
        {
            "name": "应完成（黑框）",
            "categories": down("简称"),
            "values": down("应完成比例"),
            "fill": {"none": True},
            "border": {"color": "#000000", "width": 1.5},
        }
    )
    small = {"name": FONT, "size": 9}
    chart.set_title(
        {"name": "各项指标完成率与应完成", "name_font": {**small, "size": 12}, "overlay": False}
    )
    chart.set_x_axis(
        {
            "min": 0,
            "num_format": "0%",
            "num_font": small,
            "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        }
    )
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": small, "crossing": "min"})
    chart.set_legend({"position": "bottom", "font": small})
    count = end - top
    rows = _CHART_ROWS + max(0, math.ceil((count - _ONE_PAGE) * 0.7))
    width = sum(int(each * 7 + 5) for each in _WIDTHS)
    chart.set_size({"width": width, "height": int(rows * _CHART_ROW / 0.75)})
    for number in range(row, row + rows):
        writer.sheet.set_row(number - 1, _CHART_ROW)
    writer.sheet.insert_chart(row - 1, 0, chart, {"object_position": 1})
    return row + rows - 1


BUILDERS = {DISTRICT_PAGE_SHEET: district_page}
