"""A table that goes on beside itself: every figure at its own cell, every choice for its own row."""

import pytest

from tests.data.notices import docx, par, row, table
from tests.tools.tables import workbook
from xl_addin.system.errors import Refused
from xl_addin.tasktable.account import describe_account
from xl_addin.tasktable.choices import read_choices
from xl_addin.tasktable.read import read_task_table

HEAD = ["序号", "县区", "培训（人）"] * 2
ROWS = ([1, "红星县", 20, 4, "胜利县", 70], [2, "光明县", 40, 5, "前进县", 45], [3, "东风县", 30])
TITLE = ["2023年任务表"]


def read(rows, **options):
    data = workbook({"表": [TITLE, HEAD, *rows]})
    return read_task_table(data, "任务表.xlsx", 2023, read_choices(options))


def refusals(rows, **options):
    with pytest.raises(Refused) as caught:
        read(rows, **options)
    return [(p.cell, p.message) for p in caught.value.problems if p.severity == "error"]


def test_every_target_knows_its_cell():
    found = read(ROWS)
    cells = {d.name: found.cells[d.code, "I01"] for d in found.districts}
    assert cells == {"红星县": "C3", "光明县": "C4", "东风县": "C5", "胜利县": "F3", "前进县": "F4"}
    (told,) = found.problems
    assert (told.code, "A3、D3" in told.message) == ("side-by-side", True)
    assert any("C、F 列 培训" in line for line in describe_account(found))


def test_what_is_wrong_in_the_second_half_is_told_there():
    ((cell, says),) = refusals([[1, "红星县", 20, 4, "胜利县", "约70"], *ROWS[1:]])
    assert cell == "F3"
    assert says.startswith("表!F3：")


def test_a_row_of_the_second_half_is_settled_alone():
    rows = [ROWS[0], [2, "光明县", 40, 5, None, 45], ROWS[2]]
    ((cell, says),) = refusals(rows)
    assert (cell, "--skip-row D4" in says) == ("F4", True)
    left = {d.name for d in read(rows, **{"skip-row": "D4"}).districts}
    assert left == {"红星县", "光明县", "东风县", "胜利县"}


def test_a_row_without_a_column_is_that_of_all_halves():
    left = {d.name for d in read(ROWS, **{"skip-row": "4"}).districts}
    assert left == {"红星县", "东风县", "胜利县"}


def test_a_column_of_either_half_is_that_of_both():
    wide = [each for half in (0, 3) for each in [*HEAD[half : half + 3], "就业（人）"]]
    rows = [[*one[:3], 1, *one[3:], *([2] if one[3:] else [])] for one in ROWS]
    data = workbook({"表": [TITLE, wide, *rows]})
    for column in ("C", "G"):
        found = read_task_table(data, "x.xlsx", 2023, read_choices({"skip-column": column}))
        assert [item.label for item in found.indicators] == ["就业"]


def notice(*lines):
    rows = (
        ["县区", "培训（人）"] * 2,
        ["红星县", "20", "胜利县", "70"],
        ["光明县", "40", "", "45"],
    )
    return docx(*map(par, lines), table(*(row(*each) for each in rows)))


def test_in_a_document_a_row_is_named_with_a_column_of_its_half():
    with pytest.raises(Refused) as caught:
        read_task_table(notice("2023年任务表"), "通知.docx", 2023)
    (problem,) = (p for p in caught.value.problems if p.severity == "error")
    assert "--skip-row 行3列3" in problem.message
    settled = read_choices({"skip-row": "行3列3"})
    found = read_task_table(notice("2023年任务表"), "通知.docx", 2023, settled)
    assert [d.name for d in found.districts] == ["红星县", "光明县", "胜利县"]
    assert found.cells[found.districts[2].code, "I01"] == "表1 行2 列4"


@pytest.mark.parametrize(
    "line", ["（征求意见稿）", "现将拟分解任务征求各县区意见，请于3月15日前反馈。"]
)
def test_a_document_that_calls_itself_a_draft_is_asked_about(line):
    options = {"skip-row": "行3列3"}
    with pytest.raises(Refused) as caught:
        read_task_table(
            notice("2023年任务表", line, "各县区残联：", "请抓紧办理。"),
            "通知.docx",
            2023,
            read_choices(options),
        )
    assert "title-in-doubt" in [p.code for p in caught.value.problems]
    settled = read_choices({**options, "keep-column": "列2"})
    assert read_task_table(
        notice("2023年任务表", line, "各县区残联：", "请抓紧办理。"), "通知.docx", 2023, settled
    ).targets


def test_that_opinions_were_heard_makes_no_draft():
    line = "本表任务经征求各县区意见后确定，现下达给你们。"
    settled = read_choices({"skip-row": "行3列3"})
    assert read_task_table(
        notice("2023年任务表", line, "各县区残联：", "请抓紧办理。"), "通知.docx", 2023, settled
    ).targets
