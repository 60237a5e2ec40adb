"""The page 重点工作 of a blank form: laid out once with two rows, after which a district's are made."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from xl_addin.form import page_layout as at
from xl_addin.form.layout import PLACEHOLDER, REVIEW_HEADING
from xl_addin.form.page_layout import (
    FIRST_ROW,
    HEADER_ROW,
    HEADINGS,
    MARKED_ROW,
    NOTE_ROW,
    PageReview,
)
from xl_addin.model.work_items import MOST_ITEMS, STATE_LABELS
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.a1 import area_name
from xl_addin.xlsx.textsize import row_height

if TYPE_CHECKING:
    from typing import Any

    from xlsxwriter.worksheet import Worksheet

WIDTHS = (13, 18, 30, 12, 24, 10, 38, 22, 22, 12.5, 15)
REVIEW_WIDTH = 44
_NOTE = (
    "只填浅黄色的格子，一项一行。“本月状态”点格子从列表里选；选“滞后”的，存在问题、下一步措施和预计完成都要填。"
    "“上月情况”是市里收到的上一次情况，不用改。与本单位无关的选“不涉及”。"
)
_LOOKS = {
    at.ORDER: "center",
    at.TITLE: "label",
    at.TARGET: "label",
    at.TERM: "center",
    at.LAST: "past",
    at.STATE: "choice",
    at.PROGRESS: "remark",
    at.TROUBLE: "remark",
    at.MEASURES: "remark",
    at.EXPECTED: "page_day",
    at.CHECK: "check",
}
_MARKED = {
    at.STATE: "wrong_choice",
    at.PROGRESS: "wrong_remark",
    at.TROUBLE: "wrong_remark",
    at.MEASURES: "wrong_remark",
    at.EXPECTED: "wrong_day",
}


def write_page(
    sheet: Worksheet,
    looks: dict[str, Any],
    severities: Mapping[str, str],
    review: PageReview | None,
) -> None:
    """The page with its head and the two rows; ``review`` adds 审核意见 and room for what it says."""
    _write_head(sheet, looks, "summary" if review else "hint")
    for row, marks in ((FIRST_ROW, {}), (MARKED_ROW, _MARKED)):
        for column, look in (_LOOKS | marks).items():
            sheet.write_blank(row - 1, column - 1, None, looks[look])
        formula = at.check_formula(row, severities)
        sheet.write_formula(row - 1, at.CHECK - 1, formula, looks["check"], at.NO_STATE)
        sheet.write_string(row - 1, at.KEY - 1, at.KEY_MARK)
        if review is not None:
            sheet.write_blank(row - 1, at.REVIEW - 1, None, looks["review"])
    if review is not None:
        sheet.set_row(
            NOTE_ROW - 1, row_height([(f"{review.summary}\n{_NOTE}", sum(WIDTHS))], least=36)
        )
        sheet.set_column(at.REVIEW - 1, at.REVIEW - 1, REVIEW_WIDTH)
        sheet.write(HEADER_ROW - 1, at.REVIEW - 1, REVIEW_HEADING, looks["heading"])
    _add_controls(sheet, looks)


def _write_head(sheet: Worksheet, looks: dict[str, Any], note_look: str) -> None:
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_column(at.KEY - 1, at.KEY - 1, 3, None, {"hidden": True})
    sheet.merge_range("A1:K1", PLACEHOLDER, looks["title"])
    sheet.write("L1", PLACEHOLDER)
    sheet.merge_range("A2:K2", "", looks["status"])
    checks = area_name((FIRST_ROW, at.CHECK, FIRST_ROW + MOST_ITEMS - 1, at.CHECK))
    count = f'COUNTIF({checks},"?*")'  # gnumeric makes an error of LEN over several cells
    says = f'=IF({count}=0,"{at.READY}","还有 "&{count}&" 处要填或要改")'
    sheet.write_formula("A2", says, looks["status"], "")
    sheet.merge_range("A3:B3", "填报单位", looks["caption"])
    sheet.merge_range("C3:D3", PLACEHOLDER, looks["fact"])
    sheet.merge_range(
        "E3:K3", "填完看“校验”一列：每行都空了，就可以和“任务进度”一起发回。", looks["hint"]
    )
    sheet.merge_range("A4:K4", PLACEHOLDER, looks[note_look])
    sheet.write_row(HEADER_ROW - 1, 0, HEADINGS, looks["heading"])
    for row, tall in ((0, 34), (1, 24), (2, 22), (3, 36), (4, 28)):
        sheet.set_row(row, tall)


def note() -> str:
    """What stands above the table of a page that goes out."""
    return _NOTE


def _add_controls(sheet: Worksheet, looks: dict[str, Any]) -> None:
    last = FIRST_ROW + MOST_ITEMS - 1
    sheet.data_validation(
        area_name((FIRST_ROW, at.STATE, last, at.STATE)),
        {
            "validate": "list",
            "source": list(STATE_LABELS.values()),
            "error_title": "填得不对",
            "error_message": "请从列表里选：" + "、".join(STATE_LABELS.values()) + "。",
        },
    )
    sheet.data_validation(
        area_name((FIRST_ROW, at.EXPECTED, last, at.EXPECTED)),
        {
            "validate": "date",
            "criteria": ">=",
            "value": datetime.date(2000, 1, 1),
            "error_title": "填得不对",
            "error_message": "请填日期，例如 2023-09-30。",
        },
    )
    for text, look in ((at.READY, "good"), ("还有", "bad")):
        sheet.conditional_format(
            "A2:K2",
            {"type": "text", "criteria": "begins with", "value": text, "format": looks[look]},
        )
    sheet.freeze_panes(HEADER_ROW, at.TITLE)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_selection(FIRST_ROW - 1, at.STATE - 1, FIRST_ROW - 1, at.STATE - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.5, 0.5, 0.6, 0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW - 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")
