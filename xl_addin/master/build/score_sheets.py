"""考核, 得分 and 扣分明细: the rules as staff type them, the points, and why each was lost.

On 得分 items stand right of everything else: how many there are follows from the rules, not from the layout.
"""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.master.build.board import rows_reserved
from xl_addin.master.build.score_formulas import FULL, NO_SCHEME, total_formulas
from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.master.build.status_sheets import finish_reserved, reserve
from xl_addin.master.build.styles import set_up_page
from xl_addin.model.scoring import ADDED, AVERAGED, EXAMPLE, NOT_JUDGED, WAYS
from xl_addin.model.settings import BY_STANDING, NO, YES, Config
from xl_addin.model.sheets import (
    DISTRICTS_SHEET,
    LOSS_HEADINGS,
    LOSSES_BLOCK,
    LOSSES_SHEET,
    MANUAL_BLOCK,
    MANUAL_HEADINGS,
    RANKED_CELL,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SCHEME_SHEET,
    SCORE_HEADINGS,
    SCORE_HEADS,
    SCORE_ITEMS,
    SCORED_KEY,
    SCORES_BLOCK,
    SCORES_NOTE,
    SCORES_SHEET,
)
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.textsize import row_height

_RULE_ROWS, _MANUAL_ROWS, _RULE_TALL = 14, 40, 33
_WIDTHS = (22, 18, 9, 10, 10, 9, 9, 62)
_LOOKS = (
    *("input_text", "input_word", "input_number", "input_number", "input_number"),
    *("input_word", "input_word", "input_text"),
)
_NOTE = (
    "一行一个项目；“启用”选“是”或者空着的才计分，选“否”的不算。各月：累计＝各月扣的加起来，扣完为止；平均＝每个月各按满分判，"
    "再取平均；怎样算看右边。自带的几行是示例（中国残联统计工作考核的办法），要用就把“启用”改成“是”。不考核的单位不用管这张表。"
)
_MANUAL_NOTE = "区县、项目、加减和理由都要填，没有理由的不计入；每个项目加减以后不低于 0、不高于满分。减分填负数。"
_SCORES_WIDTHS = {"代码": 8, "区县": 14, "名次": 6, "总分": 9, "手工加减": 9, "折算": 8, "理由": 26}
_ITEM_WIDTH = 9.5
_SCORES_LOOKS = {
    "代码": "score_center",
    "区县": "score_name",
    "名次": "score_center",
    "总分": "score_total",
    "手工加减": "score_signed",
    "折算": "score_signed",
    "理由": "score_reason",
}
_KEY_ROW = 3


def scheme_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """考核: rules with the example that is switched off, points by hand below, the ways beside."""
    columns = [Column(*parts) for parts in zip(SCHEME_HEADINGS, _WIDTHS, _LOOKS, strict=True)]
    writer.write_header("考核", _NOTE, columns)
    rows: list[tuple[object, ...]] = [*plan.carried.scheme] or [
        (item, way, full, per, limit, months, NO, says)
        for item, way, full, per, limit, months, says in EXAMPLE
    ]
    rows += [(None,) * len(columns)] * (_RULE_ROWS - len(rows))
    area = writer.rows(columns, rows)
    last = area[2]
    for row in range(TOP + 1, last + 1):
        writer.sheet.set_row(row - 1, _RULE_TALL)
    writer.choose((TOP + 1, 2, last, 2), [way.name for way in WAYS])
    writer.choose((TOP + 1, 6, last, 6), (ADDED, AVERAGED))
    writer.choose((TOP + 1, 7, last, 7), (YES, NO))
    _off(writer, (TOP + 1, 1, last, len(columns)))
    end = _manual(writer, plan.config, last)
    _ways(writer, len(columns) + 2)
    writer.finish(SCHEME_BLOCK, area, 0, printed=False)
    set_up_page(writer.sheet, a1.area_name((1, 1, end, len(columns))), (TOP, TOP))


def _off(writer: SheetWriter, area: a1.Area) -> None:
    """Rules that are switched off are grey."""
    first = f"$G{area[0]}"
    test = {"type": "formula", "criteria": f'={first}="{NO}"', "format": writer.formats["grey"]}
    writer.sheet.conditional_format(a1.area_name(area), test)


def _manual(writer: SheetWriter, config: Config, above: int) -> int:
    """手工加减 below the rules; the last row that is laid out."""
    right, title = len(SCHEME_HEADINGS), above + 2
    writer.merge((title, 1, title, right), "手工加减", "section")
    writer.sheet.set_row(title - 1, 26)
    writer.merge((title + 1, 1, title + 1, right), _MANUAL_NOTE, "note")
    writer.sheet.set_row(title, row_height([(_MANUAL_NOTE, sum(_WIDTHS))], 14))
    head = title + 2
    reason = len(MANUAL_HEADINGS)
    for column, heading in enumerate(MANUAL_HEADINGS[:-1], 1):
        writer.write(head, column, heading, "head")
    writer.merge((head, reason, head, right), MANUAL_HEADINGS[-1], "head")
    last = head + _MANUAL_ROWS
    looks = ("input_text", "input_text", "input_signed", "input_text")
    for row in range(head + 1, last + 1):
        for column, look in enumerate(looks[:-1], 1):
            writer.write(row, column, None, look)
        writer.merge((row, reason, row, right), None, looks[-1])
    names = a1.absolute_reference((TOP + 1, 2, TOP + len(config.districts), 2))
    items = a1.absolute_reference((TOP + 1, 1, above, 1))
    for column, source in ((1, f"='{DISTRICTS_SHEET}'!{names}"), (2, f"={items}")):
        writer.sheet.data_validation(
            a1.area_name((head + 1, column, last, column)),
            {
                "validate": "list",
                "source": source,
                "error_type": "information",
                "error_title": "不在列表里",
                "error_message": "请填“区县名录”里的区县、上面启用的项目。",
            },
        )
    writer.name_area(MANUAL_BLOCK, (head, 1, last, reason))
    return last


def _ways(writer: SheetWriter, left: int) -> None:
    """What the ways are and how each works, right of what is typed."""
    columns = (("计分方式", 18), ("参数一", 18), ("参数二", 24), ("怎样算", 70))
    for column, (heading, width) in enumerate(columns, left):
        writer.sheet.set_column(column - 1, column - 1, width)
        writer.write(TOP, column, heading, "head")
    writer.sheet.set_column(left - 2, left - 2, 3)
    for row, way in enumerate(WAYS, TOP + 1):
        texts = (way.name, way.first or "—", way.second or "—", way.says)
        for column, text in enumerate(texts, left):
            writer.write(row, column, text, "name" if column == left else "small")


def scores_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """得分, empty: nobody is scored who did not ask for it."""
    sheet, config = writer.sheet, plan.config
    at = {key: number for number, key in enumerate(SCORE_HEADINGS, 1)}
    top, right = _KEY_ROW, len(SCORE_HEADINGS)
    bottom = top + SCORE_HEADS - 1 + rows_reserved(config)
    shown = at["理由"] + 4  # what the title stands over
    writer.merge((1, 1, 1, shown), "得分", "title")
    writer.merge((2, 1, 2, shown), NO_SCHEME, "note")
    writer.name_area(SCORES_NOTE, (2, 1, 2, 1))
    for row, tall in ((1, 32), (2, 44), (top, 3), (top + 1, 40), (top + 2, 20)):
        sheet.set_row(row - 1, tall)
    for key, column in at.items():
        sheet.set_column(column - 1, column - 1, _SCORES_WIDTHS.get(key, _ITEM_WIDTH))
        writer.write(top, column, key, "key_quiet")
        item = key in SCORE_ITEMS
        writer.write(top + 1, column, None if item else key, "score_over" if item else "head")
        label = FULL if key == "区县" else None
        writer.write(top + 2, column, label, "score_name" if key == "区县" else "score_points")
    for row in range(top + SCORE_HEADS, bottom + 1):
        sheet.set_row(row - 1, 20)
        for key, column in at.items():
            if key != SCORED_KEY:
                writer.write(row, column, None, _SCORES_LOOKS.get(key, "score_points"))
    for (row, column), text in total_formulas(at, top, bottom):
        writer.formula(row, column, text, "", _SCORES_LOOKS[SCORED_KEY])
    _draw_lines(writer, at, top, bottom)
    writer.write(top, right + 1, BY_STANDING, "key_quiet")
    writer.name_area(RANKED_CELL, (top, right + 1, top, right + 1))
    writer.name_area(SCORES_BLOCK, (top, 1, bottom, right))
    sheet.freeze_panes(top + 1, at[SCORED_KEY])
    sheet.ignore_errors({"number_stored_as_text": a1.area_name((top, 1, bottom, 1))})
    set_up_page(sheet, "", (top + 1, top + 2))


def _draw_lines(writer: SheetWriter, at: Mapping[str, int], top: int, bottom: int) -> None:
    """Lines around what is filled, and grey where nothing can be judged."""
    names, first, right = at["区县"], at[SCORE_ITEMS[0]], len(at)
    name = f"${a1.column_letters(names)}{top + SCORE_HEADS}"
    over = f"{a1.column_letters(first)}${top + 1}"
    rows = (top + SCORE_HEADS, bottom)
    looks = (
        (
            (rows[0], first, rows[1], right),
            f'=EXACT({cell_name(rows[0], first)},"{NOT_JUDGED}")',
            "grey",
        ),
        ((rows[0], 1, rows[1], first - 1), f'={name}<>""', "score_line"),
        ((rows[0], first, rows[1], right), f'=AND({name}<>"",{over}<>"")', "score_line"),
        ((top + 1, first, top + 1, right), f'={over}<>""', "score_head"),
        ((top + 2, 1, top + 2, first - 1), f'=${over}<>""', "score_full"),
        ((top + 2, first, top + 2, right), f'={over}<>""', "score_full"),
    )
    for area, test, look in looks:
        rule = {"type": "formula", "criteria": test, "format": writer.formats[look]}
        writer.sheet.conditional_format(a1.area_name(area), rule)


def losses_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """扣分明细: room for every lost point."""
    widths = (15, 18, 10, 78, 9, 60)
    used = ("name", "text", "center", "text", "lost", "small")
    columns = [Column(*parts) for parts in zip(LOSS_HEADINGS, widths, used, strict=True)]
    note = (
        "每一行是一处扣分；加分是负数。一个区县一个项目的扣分加起来，正好是满分减得分（加分项从 0 起算）。用表头的箭头"
        "筛选区县或项目。"
    )
    writer.write_header("扣分明细", note, columns)
    config = plan.config
    room = len(config.districts) * (len(config.indicators) + 30)
    area = reserve(writer, columns, 30, max(room, 2_000))
    writer.sheet.autofilter(a1.area_name(area))
    finish_reserved(writer, LOSSES_BLOCK, area)


BUILDERS = {SCHEME_SHEET: scheme_sheet, SCORES_SHEET: scores_sheet, LOSSES_SHEET: losses_sheet}
