"""The sheets of the master that list what the ledger knows: 回收情况, 待定, 督办, 问题清单, 操作日志."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.master.build.formulas import status_formulas
from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import find_columns, has_heading
from xl_addin.model.calendar import LATE, ON_TIME
from xl_addin.model.letters import CHOICES
from xl_addin.model.records import ACCEPTED, MISSING, NOT_REPORTING_LABEL, VERDICT_LABELS
from xl_addin.model.settings import ACCEPT, ASSIGN, TURN_DOWN
from xl_addin.model.sheets import (
    DISTRICTS_SHEET,
    JOURNAL_BLOCK,
    JOURNAL_HEADINGS,
    JOURNAL_SHEET,
    LETTER_CHOICE_HEADING,
    MONTH_HEADINGS,
    PENDING_BLOCK,
    PENDING_HEADINGS,
    PENDING_SHEET,
    PROBLEM_HEADINGS,
    PROBLEMS_BLOCK,
    PROBLEMS_SHEET,
    SLIP_HEADINGS,
    SLIPS_BLOCK,
    SLIPS_SHEET,
    STATUS_BLOCK,
    STATUS_COUNT_HEADINGS,
    STATUS_COUNTS_BLOCK,
    STATUS_HEADINGS,
    STATUS_MONTH_CELL,
    STATUS_SHEET,
    TEXT_HEADINGS,
    TEXTS_BLOCK,
    TEXTS_SHEET,
)
from xl_addin.model.slips import CLOSE_WORD, LEVELS, OVERDUE, STATE_LABELS
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.textsize import row_height, text_width

RESERVED = {
    PENDING_SHEET: 300,
    SLIPS_SHEET: 2_000,
    PROBLEMS_SHEET: 3_000,
    TEXTS_SHEET: 3_000,
    JOURNAL_SHEET: 1_000,
}
_LEVEL_LOOKS = dict(zip(LEVELS, ("light_蓝", "orange", "light_红"), strict=True))
_STEP_LOOKS = {
    **dict.fromkeys(STATE_LABELS.values(), "grey"),
    OVERDUE: "bad",
    "反馈": "near",
    "销号": "good",
}
_VERDICT_LOOKS = {
    "已通过": "good",
    "退回": "bad",
    "无法读取": "bad",
    "待定": "near",
    "空表": "near",
    "非本任务": "near",
    "未报": "grey",
    "逾期": "near",
    "按时": "good",
}


def status_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """回收情况: counts on top, then one row per district with every month in a word."""
    config = plan.config
    named = max((text_width(district.name) + 3 for district in config.districts), default=0)
    widths = (9, min(max(named, 16), 26), 11, 20, 10, 7, 36, 8, 13, 9, 30, 15, *([8.5] * 12))
    used = (
        "code",
        "name",
        "center",
        "center",
        "center",
        "center",
        "small",
        "number",
        "center",
        "number",
        "small",
        "input_word",
        *(["verdict"] * 12),
    )
    headings = (*STATUS_HEADINGS, *MONTH_HEADINGS)
    columns = [Column(*parts) for parts in zip(headings, widths, used, strict=True)]
    sheet, right = writer.sheet, len(columns)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        writer.write(6, number + 1, column.heading, "head")
    writer.merge((1, 1, 1, right), "回收情况", "title")
    writer.write(2, 1, "月份", "caption")
    writer.write(2, 2, config.settings.month, "month")
    writer.name_area(STATUS_MONTH_CELL, (2, 2, 2, 2))
    note = (
        "左半是这个月的详情，右半是各月的结论；一个区县报了几次的，已通过的为准，其次是最近一次。"
        "信件不确定或要再发一次的，在“信件处理”里选，再点“发送”“催报”等。"
    )
    writer.merge((2, 3, 2, right), note, "note")
    for row, tall in ((1, 32), (2, 22), (3, 22), (4, 22), (5, 6), (6, 24)):
        sheet.set_row(row - 1, tall)
    last = 6 + len(config.districts)
    for row, district in enumerate(config.districts, 7):
        sheet.set_row(row - 1, row_height([(district.name, columns[1].width)], least=26))
        known = {0: district.code, 1: district.name, 2: VERDICT_LABELS[MISSING]}
        for number, column in enumerate(columns):
            writer.write(row, number + 1, known.get(number), column.look)
    at = {heading: number for number, heading in enumerate(headings, 1)}
    choices = at[LETTER_CHOICE_HEADING]
    writer.choose((7, choices, last, choices), CHOICES)
    _write_counts(writer, (6, 1, last, right), at)
    _colour_words(writer, at, last, right)
    writer.finish(STATUS_BLOCK, (6, 1, last, right))


def _write_counts(writer: SheetWriter, block: a1.Area, at: Mapping[str, int]) -> None:
    """The counts above 回收情况, of a month in which nothing has come in yet."""
    counted = {heading: number for number, heading in enumerate(STATUS_COUNT_HEADINGS, 2)}
    formulas = status_formulas(block, at, 4, counted)
    verdicts = [VERDICT_LABELS[MISSING]] * (block[2] - block[0])
    values = _count_values(verdicts, [])
    for heading, number in counted.items():
        look = "rate" if heading == "回收率" else "count"
        writer.write(3, number, heading, "head")
        writer.formula(4, number, formulas[heading], values[heading], look)
    writer.name_area(STATUS_COUNTS_BLOCK, (3, 2, 4, 1 + len(STATUS_COUNT_HEADINGS)))


def _colour_words(writer: SheetWriter, at: Mapping[str, int], last: int, right: int) -> None:
    """Colours for verdicts, for what is on time and for letters that did not arrive."""
    sheet = writer.sheet
    for word, look in _VERDICT_LOOKS.items():
        months = a1.area_name((7, len(STATUS_HEADINGS) + 1, last, right))
        for area in (f"C7:C{last}", f"E7:E{last}", months):
            sheet.conditional_format(
                area,
                {
                    "type": "cell",
                    "criteria": "==",
                    "value": f'"{word}"',
                    "format": writer.formats[look],
                },
            )
    at_letter = a1.area_name((7, at["信件"], last, at["信件"]))
    for word, look in (("失败", "bad"), ("拒收", "bad"), ("不确定", "near")):
        sheet.conditional_format(
            at_letter,
            {
                "type": "text",
                "criteria": "containing",
                "value": word,
                "format": writer.formats[look],
            },
        )


def _count_values(verdicts: Sequence[Value], punctual: Sequence[Value]) -> dict[str, Value]:
    """What the counts above 回收情况 come to."""
    accepted = verdicts.count(VERDICT_LABELS[ACCEPTED])
    missing = verdicts.count(VERDICT_LABELS[MISSING])
    expected = len(verdicts) - verdicts.count(NOT_REPORTING_LABEL)
    counts = (
        expected,
        accepted,
        punctual.count(ON_TIME),
        punctual.count(LATE),
        expected - accepted - missing,
        missing,
        accepted / expected if expected else "",
    )
    return dict(zip(STATUS_COUNT_HEADINGS, counts, strict=True))


def with_counts(host: Host, change: Change, month: str) -> list[Change]:
    """The change of 回收情况 together with its month and the counts above it.

    ``change`` must give 本月结论 and 是否按时 of every district.
    """
    block, counts = host.block(STATUS_BLOCK), host.block(STATUS_COUNTS_BLOCK)
    there = [each for each in STATUS_HEADINGS if has_heading(block, each)]
    columns = find_columns(block, (*there, *MONTH_HEADINGS))
    labels = find_columns(counts, STATUS_COUNT_HEADINGS)
    row = counts.area[2]
    verdicts = [v for (_, at), v in change.values.items() if at == columns["本月结论"]]
    punctual = [v for (_, at), v in change.values.items() if at == columns["是否按时"]]
    values = _count_values(verdicts, punctual)
    texts = status_formulas(block.area, columns, row, labels)
    standing = counts.cells.get((row, labels["应报"]))
    if standing is not None and "COUNTIF" not in (standing.formula or "COUNTIF").upper():
        # As laid down before districts could end within the year: the same number where none does.
        texts["应报"] = texts["应报"].partition("-COUNTIF")[0]
    computed = {(row, labels[name]): (texts[name], values[name]) for name in texts}
    at = host.block(STATUS_MONTH_CELL)
    return [
        Change(change.sheet, change.values, {**change.computed, **computed}),
        Change(at.sheet, {at.area[:2]: month}, {}),
    ]


def pending_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """待定: room for returns that wait, with a column to decide in."""
    config = plan.config
    widths = (8, 10, 16, 34, 26, 30, 40, 60, 10, 18, 12, 30, 18)
    used = (
        "center",
        "center",
        "name",
        "small",
        "small",
        "text",
        "text",
        "text",
        "input_word",
        "input_text",
        "input_text",
        "input_text",
        "input_text",
    )
    columns = [Column(*parts) for parts in zip(PENDING_HEADINGS, widths, used, strict=True)]
    note = (
        "身份有疑问的回收件，还没有计入。核实后在“决定”里选：接受＝按这里的区县和月份计入；退回＝不计入；"
        "归属＝计入所填的区县（月份不对时再填归属月份，材料填归属材料）。选好后点“处理待定”。"
    )
    writer.write_header("待定", note, columns)
    area = reserve(writer, columns, 56)
    for row in range(area[0] + 1, area[2] + 1):
        for column in range(9, 14):
            writer.write(row, column, None, used[column - 1])
    writer.choose((TOP + 1, 9, area[2], 9), (ACCEPT, TURN_DOWN, ASSIGN))
    names = a1.absolute_reference((TOP + 1, 2, TOP + len(config.districts), 2))
    writer.sheet.data_validation(
        a1.area_name((TOP + 1, 10, area[2], 10)),
        {
            "validate": "list",
            "source": f"='{DISTRICTS_SHEET}'!{names}",
            "error_type": "information",
            "error_title": "不在列表里",
            "error_message": "请填“区县名录”里的名称或代码。",
        },
    )
    finish_reserved(writer, PENDING_BLOCK, area)


def slips_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """督办: room for the items of slips, with columns for what a person decides."""
    widths = (12, 16, 26, 64, 12, 12, 7, 9, 44, 12, 30, 9, 12)
    used = (
        "center",
        "name",
        "text",
        "text",
        "center",
        "center",
        "center",
        "center",
        "input_text",
        "center",
        "input_text",
        "input_word",
        "center",
    )
    columns = [Column(*parts) for parts in zip(SLIP_HEADINGS, widths, used, strict=True)]
    note = (
        "一行一项。区县用邮件答复的，收取邮件时自动记在“反馈”；电话、书面答复的，在“反馈”里写一句。"
        "办结的写“结果”，“销号”选“销号”，再点“督办”。级别：蓝＝交办，橙＝过了期限没有反馈，红＝第二个期限也过了。"
    )
    writer.write_header("督办", note, columns)
    area = reserve(writer, columns, 46)
    at = {heading: number for number, heading in enumerate(SLIP_HEADINGS, 1)}
    # Cells laid out beforehand would be printed, all of them: the colour comes with the row.
    for heading in ("反馈", "结果", "销号"):
        writer.sheet.conditional_format(
            a1.area_name((TOP + 1, at[heading], area[2], at[heading])),
            {"type": "formula", "criteria": f'=$A{TOP + 1}<>""', "format": writer.formats["typed"]},
        )
    writer.choose((TOP + 1, at["销号"], area[2], at["销号"]), (CLOSE_WORD,))
    for heading, looks in (("级别", _LEVEL_LOOKS), ("状态", _STEP_LOOKS)):
        for word, look in looks.items():
            writer.sheet.conditional_format(
                a1.area_name((TOP + 1, at[heading], area[2], at[heading])),
                {
                    "type": "cell",
                    "criteria": "==",
                    "value": f'"{word}"',
                    "format": writer.formats[look],
                },
            )
    finish_reserved(writer, SLIPS_BLOCK, area)


def problems_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """问题清单: room for what is wrong in a month's returns."""
    widths = (10, 16, 34, 10, 8, 12, 9, 20, 96, 18, 20, 30)
    used = (
        "center",
        "name",
        "small",
        "center",
        "center",
        "center",
        "center",
        "small",
        "text",
        "small",
        "center",
        "small",
    )
    columns = [Column(*parts) for parts in zip(PROBLEM_HEADINGS, widths, used, strict=True)]
    note = "当月收回文件里的全部问题，最近收到的在前；“错误”要改好重报，“警告”请核对。用表头的箭头筛选区县。"
    writer.write_header("问题清单", note, columns)
    area = reserve(writer, columns, 33)
    writer.sheet.autofilter(a1.area_name(area))
    for word, look in (("错误", "bad"), ("警告", "near")):
        writer.sheet.conditional_format(
            f"E{TOP + 1}:E{area[2]}",
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": writer.formats[look],
            },
        )
    finish_reserved(writer, PROBLEMS_BLOCK, area)


def texts_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """各区县说明: room for what districts wrote beside their figures."""
    widths = (10, 16, 36, 10, 80, 34, 12, 9)
    used = ("center", "name", "text", "center", "text", "small", "center", "center")
    columns = [Column(*parts) for parts in zip(TEXT_HEADINGS, widths, used, strict=True)]
    note = "已通过的填报表里区县写的话，最近的月份在前。用表头的箭头筛选区县或指标。"
    writer.write_header("各区县说明", note, columns)
    area = reserve(writer, columns, 40)
    writer.sheet.autofilter(a1.area_name(area))
    finish_reserved(writer, TEXTS_BLOCK, area)


def journal_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """操作日志: room for what was done."""
    widths, used = (20, 16, 10, 100, 16), ("center", "center", "center", "text", "center")
    columns = [Column(*parts) for parts in zip(JOURNAL_HEADINGS, widths, used, strict=True)]
    writer.write_header(
        "操作日志", "做过的操作，最近的在前。全部记录在底账里，这里只是列出来看。", columns
    )
    finish_reserved(writer, JOURNAL_BLOCK, reserve(writer, columns, 30))


def reserve(writer: SheetWriter, columns: Sequence[Column], tall: float, room: int = 0) -> a1.Area:
    """A first row, styled and blank: what is written later takes its formats from it.

    Rows are tall enough for wrapped text from the start: rows that are written later have no height
    of their own, and not every program fits it to the text.
    """
    writer.sheet.set_default_row(tall)
    for number, column in enumerate(columns, 1):
        writer.write(TOP + 1, number, None, column.look)
    return TOP, 1, TOP + (room or RESERVED[writer.name]), len(columns)


def finish_reserved(writer: SheetWriter, block: str, area: a1.Area) -> None:
    """Name and page of a list that has room for more than is in it."""
    # No print area: it would print every row that was reserved and never filled.
    writer.finish(block, area, 0, printed=False)


BUILDERS = {
    STATUS_SHEET: status_sheet,
    PENDING_SHEET: pending_sheet,
    SLIPS_SHEET: slips_sheet,
    PROBLEMS_SHEET: problems_sheet,
    TEXTS_SHEET: texts_sheet,
    JOURNAL_SHEET: journal_sheet,
}
