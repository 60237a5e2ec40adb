"""The blank form of a programme: laid out once with XlsxWriter, then only stamped per district.

Everything that varies between districts or months stands in cells that ``stamp.FormTemplate``
fills; what is here is the same for all. Protection has no password: it is a courtesy, and what was
changed where it should not be is found when the form comes back.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from xl_addin.form import styles
from xl_addin.form.checks import check_formula, entry_control, total_control
from xl_addin.form.layout import (
    CHECK,
    COMPLETION,
    CUMULATIVE,
    FIRST_ROW,
    GROWTH,
    HEADER_ROW,
    HEADING_OF,
    HEADINGS,
    IDENTITY_NAME,
    KEY,
    LABEL,
    LAST_YEAR,
    META_SHEET,
    MONTH,
    NOTE_ROW,
    NOTES_SHEET,
    ORDER,
    PAGE_WAITS,
    PLACEHOLDER,
    PREVIOUS,
    READY,
    READY_AGAIN,
    REMARK,
    REVIEW,
    REVIEW_HEADING,
    SHEET,
    STATUS_ROW,
    TARGET,
    UNIT,
    Review,
    Terms,
    input_column,
    total_column,
)
from xl_addin.form.page_layout import SHEET as PAGE_SHEET
from xl_addin.form.page_layout import PageReview
from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import ADDED_UP, BOTH, RATE, STOCK, Indicator
from xl_addin.model.rules import counts_whole
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.textsize import row_height

if TYPE_CHECKING:
    from typing import Any

    from xlsxwriter.worksheet import Worksheet

_WIDTHS = (9.5, 42, 10, 12, 12, 12, 12, 10, 28, 20)
_REVIEW_WIDTH = 60
_NOTE_WIDTH = 88
_PAGE = (
    "“重点工作”表一项一行，填本月状态、进展情况、存在问题、下一步措施和预计完成。它和“任务进度”分开审核："
    "文字要改的只退这一页，数照收。"
)
_SAME_PERIOD = "最右边的“上年同期”是上年同月底的累计数，由市里填好，只供对照，不用改；空着的是市里没有上年的数。"


def build_form(
    indicators: Sequence[Indicator],
    severities: Mapping[str, str],
    terms: Terms,
    review: Review | None = None,
    page: PageReview | bool = False,
) -> bytes:
    """The blank form, or with ``review`` one for a correction. Equal arguments give equal bytes.

    ``severities`` maps rule codes to error, warning or "" (off): only errors show in 校验. ``page``
    says whether it has the page 重点工作, or what is said above that when it comes back.
    """
    import io

    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": terms.title, "created": datetime.datetime(2020, 1, 1)})
    book.set_custom_property(IDENTITY_NAME, PLACEHOLDER, "text")
    book.set_size(2600, 1600)
    sheet = book.add_worksheet(SHEET)
    looks = styles.add_formats(book)
    _write_head(sheet, looks, "hint" if review is None else "summary")
    _write_table(sheet, looks, indicators, severities, review, paged=bool(page))
    _add_controls(sheet, looks, indicators)
    if terms.same_period:
        _write_same_period(sheet, looks, indicators)
    if review is not None:
        _write_review(sheet, looks, indicators, review, terms)
    if page:
        from xl_addin.form.page_blank import write_page

        told = page if isinstance(page, PageReview) else None
        write_page(book.add_worksheet(PAGE_SHEET), looks, severities, told)
    _write_notes(book.add_worksheet(NOTES_SHEET), looks, terms, paged=bool(page))
    meta = book.add_worksheet(META_SHEET)
    meta.write_column(0, 0, ("identity", "content"))
    meta.write_column(0, 1, (PLACEHOLDER, "-"))
    meta.very_hidden()
    book.define_name(IDENTITY_NAME, f'="{PLACEHOLDER}"')
    book.close()
    return buffer.getvalue()


def _write_head(sheet: Worksheet, looks: dict[str, Any], note: str) -> None:
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_column(KEY - 1, KEY - 1, 3, None, {"hidden": True})
    sheet.merge_range("A1:J1", PLACEHOLDER, looks["title"])
    sheet.write("K1", PLACEHOLDER)
    sheet.merge_range("A2:J2", "", looks["status"])
    sheet.merge_range("A5:J5", PLACEHOLDER, looks[note])
    for cell, caption in (
        ("A3", "填报单位"),
        ("C3", "填报人"),
        ("F3", "联系电话"),
        ("A4", "审核人"),
        ("C4", "填报日期"),
    ):
        sheet.write(cell, caption, looks["caption"])
    sheet.write("B3", PLACEHOLDER, looks["fact"])
    sheet.write_blank("B4", None, looks["entry"])
    for area, look in (("D3:E3", "entry"), ("G3:H3", "entry"), ("D4:E4", "day")):
        sheet.merge_range(area, None, looks[look])
    sheet.merge_range("F4:H4", "浅黄色的格子要填", looks["hint"])
    when = f"上面显示“{READY}”，" if note == "hint" else "“审核意见”都改了，"
    sheet.merge_range("I3:J4", f"填完看“校验”一列：每行都空了，{when}就可以发回。", looks["hint"])
    for row, tall in ((0, 34), (1, 24), (2, 22), (3, 22), (4, 20), (5, 32)):
        sheet.set_row(row, tall)


def _write_table(
    sheet: Worksheet,
    looks: dict[str, Any],
    indicators: Sequence[Indicator],
    severities: Mapping[str, str],
    review: Review | None,
    *,
    paged: bool,
) -> None:
    marks = review.marks if review else {}
    total_marks = review.total_marks if review else {}
    rows = {item.code: FIRST_ROW + index for index, item in enumerate(indicators)}
    by_code = {item.code: item for item in indicators}
    sheet.write_row(HEADER_ROW - 1, 0, HEADINGS, looks["heading"])
    for index, item in enumerate(indicators):
        row = FIRST_ROW + index
        at = row - 1
        number = looks[_look("count" if counts_whole(item) else "number", item)]
        sheet.set_row(at, 24)
        sheet.write_number(at, ORDER - 1, index + 1, looks["center"])
        sheet.write_string(at, LABEL - 1, item.label, looks["part" if item.parent else "label"])
        sheet.write_string(at, UNIT - 1, item.unit, looks["center"])
        sheet.write_blank(at, TARGET - 1, None, number)
        sheet.write_blank(at, PREVIOUS - 1, None, number)
        typed = looks[_look(marks.get(item.code, "typed"), item)]
        sheet.write_blank(at, input_column(item) - 1, None, typed)
        if item.measure == RATE:
            sheet.write_blank(at, MONTH - 1, None, looks["idle"])
        elif item.measure == STOCK:
            sheet.write_formula(at, MONTH - 1, _derived_formula(item, row), number, "")
        else:
            usual = "typed" if item.measure == BOTH else _offered(item)
            look = looks[_look(total_marks.get(item.code, usual), item)]
            if item.measure == BOTH:
                sheet.write_blank(at, CUMULATIVE - 1, None, look)
            else:
                sheet.write_formula(at, CUMULATIVE - 1, _derived_formula(item, row), look, "")
        rate = f'=IF(AND(ISNUMBER(G{row}),N(D{row})>0),G{row}/D{row},"")'
        sheet.write_formula(at, COMPLETION - 1, rate, looks["rate"], "")
        sheet.write_blank(at, REMARK - 1, None, looks["remark"])
        parent = by_code.get(item.parent)
        check = check_formula(item, row, parent, rows.get(item.parent, 0), severities)
        sheet.write_formula(at, CHECK - 1, check, looks["check"], "")
        sheet.write_string(at, KEY - 1, item.code)
    checks = f"J{FIRST_ROW}:J{FIRST_ROW + len(indicators) - 1}"
    count = f"SUMPRODUCT(--(LEN({checks})>0))"
    ready = READY if review is None else READY_AGAIN
    last = f'"{ready}"'
    if paged:
        last = f'IF(LEFT(\'{PAGE_SHEET}\'!A{STATUS_ROW},1)="还","{PAGE_WAITS}",{last})'
    status = f'=IF({count}=0,{last},"还有 "&{count}&" 处问题")'
    sheet.write_formula("A2", status, looks["status"], "")


def _write_same_period(
    sheet: Worksheet, looks: dict[str, Any], indicators: Sequence[Indicator]
) -> None:
    """Last year's cumulatives at the right end, where nothing that is read has to make room."""
    sheet.set_column(REVIEW - 1, REVIEW - 1, 2)
    for column, width in ((LAST_YEAR, 12), (GROWTH, 10)):
        sheet.set_column(column - 1, column - 1, width)
        sheet.write(HEADER_ROW - 1, column - 1, HEADING_OF[column], looks["heading"])
    for row, item in enumerate(indicators, FIRST_ROW):
        look = looks[_look("count" if counts_whole(item) else "number", item)]
        sheet.write_blank(row - 1, LAST_YEAR - 1, None, look)
        then, now = cell_name(row, LAST_YEAR), cell_name(row, CUMULATIVE)
        growth = f'=IF(AND(ISNUMBER({now}),N({then})>0),({now}-{then})/{then},"")'
        if item.measure == RATE:
            sheet.write_blank(row - 1, GROWTH - 1, None, looks["idle"])
        else:
            sheet.write_formula(row - 1, GROWTH - 1, growth, looks["rate"], "")
    _set_print(sheet, _printed(indicators, GROWTH))


def _printed(indicators: Sequence[Indicator], right: int) -> str:
    return f"A1:{cell_name(FIRST_ROW + len(indicators) - 1, right)}"


def _write_review(
    sheet: Worksheet,
    looks: dict[str, Any],
    indicators: Sequence[Indicator],
    review: Review,
    terms: Terms,
) -> None:
    """The city's remarks: a summary above the table, a column beside it, room for both."""
    sheet.set_column(REVIEW - 1, REVIEW - 1, _REVIEW_WIDTH)
    sheet.write(HEADER_ROW - 1, REVIEW - 1, REVIEW_HEADING, looks["heading"])
    for index, item in enumerate(indicators):
        reason = review.reasons.get(item.code, "")
        sheet.write_string(FIRST_ROW + index - 1, REVIEW - 1, reason, looks["review"])
        sheet.set_row(FIRST_ROW + index - 1, row_height([(reason, _REVIEW_WIDTH)], least=24))
    sheet.set_row(NOTE_ROW - 1, row_height([(review.summary, sum(_WIDTHS))]))
    _set_print(sheet, _printed(indicators, GROWTH if terms.same_period else REVIEW))


def _look(name: str, item: Indicator) -> str:
    """The format of that name in which percents show as such."""
    percent = is_percent_unit(item.unit) and name in styles.PERCENT_LOOKS
    return f"{name}_percent" if percent else name


def _offered(item: Indicator) -> str:
    return "offered_count" if counts_whole(item) else "offered"


def _derived_formula(item: Indicator, row: int) -> str:
    if item.measure in ADDED_UP:
        return f'=IF(AND(ISNUMBER(F{row}),ISNUMBER(E{row})),E{row}+F{row},"")'
    return f'=IF(AND(ISNUMBER(G{row}),ISNUMBER(E{row})),G{row}-E{row},"")'


def _add_controls(sheet: Worksheet, looks: dict[str, Any], indicators: Sequence[Indicator]) -> None:
    last = FIRST_ROW + len(indicators) - 1
    for row, item in enumerate(indicators, FIRST_ROW):
        sheet.data_validation(cell_name(row, input_column(item)), entry_control(item))
    for whole in (True, False):
        for both in (True, False):
            rows = [
                row - 1
                for row, item in enumerate(indicators, FIRST_ROW)
                if total_column(item)
                and (counts_whole(item), item.measure == BOTH) == (whole, both)
            ]
            areas = [[row, CUMULATIVE - 1, row, CUMULATIVE - 1] for row in rows]
            if areas:
                control = total_control(whole=whole, both=both)
                sheet.data_validation(*areas[0], {**control, "other_cells": areas[1:]})
    sheet.data_validation(
        "D4",
        {
            "validate": "date",
            "criteria": ">=",
            "value": datetime.date(2000, 1, 1),
            "input_title": "填报日期",
            "input_message": "例如 2023-06-30",
            "error_title": "填得不对",
            "error_message": "请填日期，例如 2023-06-30。",
        },
    )
    for text, look in ((READY, "good"), (READY_AGAIN, "good"), ("还有", "bad")):
        sheet.conditional_format(
            "A2:J2",
            {"type": "text", "criteria": "begins with", "value": text, "format": looks[look]},
        )
    sheet.autofilter(HEADER_ROW - 1, 0, last - 1, CHECK - 1)
    sheet.freeze_panes(HEADER_ROW, LABEL)
    sheet.protect(
        "", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True}
    )
    _set_print(sheet, f"A1:J{last}")
    sheet.repeat_rows(HEADER_ROW - 1)
    sheet.set_selection(cell_name(FIRST_ROW, input_column(indicators[0])))
    sheet.activate()


def _set_print(sheet: Worksheet, area: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.5, 0.5, 0.6, 0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.print_area(area)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write_notes(
    sheet: Worksheet, looks: dict[str, Any], terms: Terms, *, paged: bool = False
) -> None:
    asked = (
        "、".join(part for part in (terms.contact, terms.phone) if part) or "发来本表的市级经办人"
    )
    lines = (
        (
            "填哪里",
            "填“任务进度”表里浅黄色的格子：填报人等信息、各指标的完成数和说明。虚线框的“本月累计”由表格算出，"
            "一般不用改。其他格子不能改。",
        ),
        (
            "怎么填",
            "只填数字，不带单位、逗号和文字。本月没有完成的填 0，不要留空，也不要填“无”。"
            "没有任务的指标可以留空。单位是 % 的，带百分号填，例如 95%。",
        ),
        ("其中", "“其中”各项是上面总数的一部分，不能大于总数。"),
        (
            "以前的数",
            "“上月累计”由市里按已审核通过的数据填好，不要改。如果以前月份报错了或漏报了，把“本月累计”直接改成"
            "正确的全年累计数，并在“说明”里写原因（至少 4 个字）；“本月完成”仍只填本月的数。",
        ),
        ("校验", "“校验”一列提示每行的问题，改好后自动消失。表头显示“可以上报”再发回。"),
        *((("上年同期", _SAME_PERIOD),) if terms.same_period else ()),
        *(((PAGE_SHEET, _PAGE),) if paged else ()),
        (
            "发回",
            f"次月 {terms.deadline_day} 日前，把这个文件作为附件发回。文件名可以改；不要另建表格。",
        ),
        ("有疑问", f"请联系：{asked}。"),
    )
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, _NOTE_WIDTH)
    sheet.merge_range("A1:B1", "填报说明", looks["title"])
    sheet.set_row(0, 34)
    for row, (name, text) in enumerate(lines, 1):
        sheet.set_row(row, row_height([(text, _NOTE_WIDTH)], least=36))
        sheet.write_string(row, 0, name, looks["question"])
        sheet.write_string(row, 1, text, looks["text"])
    sheet.protect("", {"format_columns": True, "format_rows": True})
    _set_print(sheet, f"A1:B{len(lines) + 1}")
