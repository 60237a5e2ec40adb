"""Lays out the workbooks that come with the program: ``python -m tests.data.make_workbooks``.

The numbers are those of tests/data, typed from the notice; equal input gives equal bytes.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from xl_addin.form import identity
from xl_addin.form.blank import build_form
from xl_addin.form.layout import Terms
from xl_addin.form.stamp import FormTemplate, Issue
from xl_addin.master.build.workbook import build_master
from xl_addin.model.records import Identity
from xl_addin.model.rules import RULES
from xl_addin.tasktable.read import read_task_table

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = Path(__file__).with_name("2023任务表.csv")
TASK_TABLE = ROOT / "workbooks" / "2023任务表.xlsx"
MASTER = ROOT / "workbooks" / "master.xlsm"
EXAMPLE_FORM = ROOT / "workbooks" / "填报表示例.xlsx"
TITLE = "2023年全市残疾人教就工作重点项目任务表"
CREATED = datetime(2023, 3, 7, tzinfo=UTC).replace(tzinfo=None)
FONT = "宋体"

FIRST_ROW = 4


class Head(NamedTuple):
    """One header cell: first row and column, last row and column, text; counted from 0."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


HEADS = (
    Head(1, 0, 3, 0, "项目/区县"),
    Head(1, 1, 3, 1, "实用技术培训（人次）"),
    Head(1, 2, 3, 2, "农村残疾人就业帮扶基地扶持数（个）"),
    Head(1, 3, 1, 7, "就业（人）"),
    Head(2, 3, 3, 3, "市政府民生实事新增残疾人就业"),
    Head(2, 4, 3, 4, "新增城镇就业"),
    Head(2, 5, 3, 5, "新增农村就业"),
    Head(2, 6, 3, 6, "应届高校残疾毕业生就业服务数"),
    Head(2, 7, 3, 7, "职业技能培训"),
    Head(1, 8, 1, 10, "托养服务（人）"),
    Head(2, 8, 3, 8, "2023年任务数"),
    Head(2, 9, 3, 9, "其中政府购买服务"),
    Head(2, 10, 2, 10, "其中"),
    Head(3, 10, 3, 10, "寄宿制"),
    Head(1, 11, 3, 11, "“德法相伴助盲提升”培训（场次）"),
)
GOALS = (
    ("实用技术培训", 10000, "10000 人次", "二（一）2，农村残疾人实用技术培训"),
    ("托养服务 > 2023年任务数", 20000, "20000 名", "二（二）3，托养服务"),
    ("就业 > 市政府民生实事新增残疾人就业", 2000, "2000 人以上", "二（四）1，民生实事"),
    ("就业 > 职业技能培训", 5000, "5000 名以上", "二（四）5，职业技能"),
)


def numbers() -> list[list[Any]]:
    """The rows of the table, 合计 first: a name and eleven numbers each."""
    with NUMBERS.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [[name, *map(int, values)] for name, *values in rows]


def make_task_table(path: Path) -> None:
    """The 2023 table in the layout of the notice's attachment, and its headline goals."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"title": TITLE, "created": CREATED})
    _table_sheet(book, book.add_worksheet("任务表"))
    _goals_sheet(book, book.add_worksheet("全市目标"))
    book.close()


def _format(book: Any, **more: Any) -> Any:
    base = {"font_name": FONT, "font_size": 11, "border": 1, "align": "center", "valign": "vcenter"}
    return book.add_format(base | more)


def _table_sheet(book: Any, sheet: Any) -> None:
    title = _format(book, font_size=18, bold=True, border=0)
    head = _format(book, bold=True, text_wrap=True, bg_color="#E7EEF7")
    name, number = _format(book), _format(book, num_format="0")
    total_name = _format(book, bold=True, bg_color="#F2F2F2")
    total_number = _format(book, bold=True, bg_color="#F2F2F2", num_format="0")
    sheet.merge_range(0, 0, 0, 11, TITLE, title)
    for top, left, bottom, right, text in HEADS:
        if (top, left) == (bottom, right):
            sheet.write_string(top, left, text, head)
        else:
            sheet.merge_range(top, left, bottom, right, text, head)
    rows = numbers()
    for row, (label, *values) in enumerate(rows, FIRST_ROW):
        total = row == FIRST_ROW
        sheet.write_string(row, 0, label, total_name if total else name)
        for column, value in enumerate(values, 1):
            sheet.write_number(row, column, value, total_number if total else number)
    for row, height in enumerate((36, 22, 30, 38)):
        sheet.set_row(row, height)
    for row in range(FIRST_ROW, FIRST_ROW + len(rows)):
        sheet.set_row(row, 19)
    for column, width in enumerate((14, 13, 15, 17, 14, 14, 16, 14, 14, 13, 9, 20.5)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(FIRST_ROW, 1)
    _page(sheet, FIRST_ROW + len(rows) - 1, 11)
    sheet.repeat_rows(0, FIRST_ROW - 1)


def _goals_sheet(book: Any, sheet: Any) -> None:
    head = _format(book, bold=True, bg_color="#E7EEF7")
    words = _format(book, align="left", text_wrap=True, indent=1)
    number = _format(book, num_format="0")
    for column, text in enumerate(("指标", "全市目标", "表述", "依据")):
        sheet.write_string(0, column, text, head)
    for row, (label, goal, wording, source) in enumerate(GOALS, 1):
        sheet.write_string(row, 0, label, words)
        sheet.write_number(row, 1, goal, number)
        sheet.write_string(row, 2, wording, words)
        sheet.write_string(row, 3, source, words)
    sheet.set_default_row(22)
    for column, width in enumerate((42, 12, 18, 40)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    _page(sheet, len(GOALS), 3)


def _page(sheet: Any, last_row: int, last_column: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.print_area(0, 0, last_row, last_column)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def make_master(path: Path) -> None:
    """The master of the 2023 table, bound to no computer."""
    table = read_task_table(TASK_TABLE.read_bytes(), TASK_TABLE.name)
    path.write_bytes(build_master(table, 2023, "全市残疾人教就工作重点项目", "2023-01"))


def make_example_form(path: Path) -> None:
    """The form of the first district for June 2023, sealed with a key that no programme has."""
    table = read_task_table(TASK_TABLE.read_bytes(), TASK_TABLE.name)
    severities = {rule.code: rule.severity for rule in RULES}
    terms = Terms("全市残疾人教就工作重点项目", 5, "", "")
    blank = build_form(table.indicators, severities, terms)
    district = table.districts[0]
    targets = {item.code: table.targets[district.code, item.code] for item in table.indicators}
    previous = dict.fromkeys(targets, 0)
    content = identity.canonical_text(targets, previous, table.indicators)
    unsealed = Identity("0" * 12, district.code, "2023-06", 1, identity.FORM_LAYOUT, "")
    issue = Issue(
        identity.seal(bytes(32), unsealed, content), district.name, targets, previous, content
    )
    path.write_bytes(FormTemplate(blank, table.indicators, severities, terms.title).stamp(issue))


if __name__ == "__main__":
    make_task_table(TASK_TABLE)
    make_example_form(EXAMPLE_FORM)
    make_master(MASTER)
    print(TASK_TABLE, EXAMPLE_FORM, MASTER, sep="\n")
