"""What is noted on the cells of a task table is asked about where it may say that a figure does not count."""

from io import BytesIO

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import read_choices
from xl_addin.tasktable.read import read_task_table

ROWS = (["2023年任务表"], ["区县", "培训（人）"], ["红星县", 10], ["光明县", 20], ["东风县", 30])


def read(comments, rows=ROWS, **options):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, text in comments.items():
        book.active[cell].comment = Comment(text, "甲")
    saved = BytesIO()
    book.save(saved)
    return read_task_table(saved.getvalue(), "任务表.xlsx", 2023, read_choices(options))


@pytest.mark.parametrize(
    ("cell", "text", "code", "option"),
    [
        ("B4", "今年暂缓，不再下达", "row-in-doubt", {"keep-row": "4"}),
        ("A4", "已并入红星县", "row-in-doubt", {"skip-row": "4"}),
        ("B2", "仅供参考，不作考核", "column-in-doubt", {"keep-column": "B"}),
    ],
)
def test_what_may_not_count_is_asked_about_and_settled(cell, text, code, option):
    with pytest.raises(Refused) as caught:
        read({cell: text})
    (problem,) = (p for p in caught.value.problems if p.severity == "error")
    assert (problem.code, problem.cell) == (code, cell)
    (name, value) = next(iter(option.items()))
    assert f"--{name} {value}" in problem.message
    assert read({cell: text}, **option).targets


def test_another_comment_is_told():
    (problem,) = read({"B4": "含线上培训"}).problems
    assert (problem.code, problem.cell) == ("cell-commented", "B4")
    assert "含线上培训" in problem.message


def test_a_comment_beside_the_table_is_nobodys():
    assert read({"E9": "今年不下达"}).problems == ()


def test_across_a_comment_stays_at_its_cell():
    rows = [["2023年任务表"], *map(list, zip(*ROWS[1:], strict=True))]
    (problem,) = read({"C3": "含线上培训"}, rows, **{"units-across": ""}).problems
    assert (problem.code, problem.cell) == ("cell-commented", "C3")
