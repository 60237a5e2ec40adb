"""年初累计 from a workbook like the task table: every number finds its place, or is refused with its cell."""

import pytest

from tests.tools.tables import workbook
from xl_addin.system.errors import Misused, Refused
from xl_addin.tasktable.openings import match_openings, read_opening_choices
from xl_addin.tasktable.read import read_task_table

HEADS = ["单位", "培训（人次）", "就业（人）"]


def read(rows, heads=HEADS, title="2024年任务表", **more):
    return read_task_table(workbook({"表": [[title], heads, *rows]}), "表.xlsx", **more)


TABLE = read([["万州区", 10, 20], ["忠县", 30, 40]])


def match(rows, heads=HEADS):
    openings = read(rows, heads, "2024年1至2月完成情况表", results=True)
    return match_openings(openings, TABLE.districts, TABLE.indicators, "年初.xlsx")


def refusal(rows, heads=HEADS):
    with pytest.raises(Refused) as caught:
        match(rows, heads)
    return [problem.message for problem in caught.value.problems]


def test_numbers_go_by_name_and_heading_and_a_blank_stays_unknown():
    heads = ["区县", "就业（人）", "培 训（人次）"]
    found = match([["忠  县", 4, 3], ["万州", 2, None]], heads)
    assert found == {("500233", "I02"): 4, ("500233", "I01"): 3, ("500101", "I02"): 2}


def test_a_zero_is_known():
    assert match([["万州区", 0, 0], ["忠县", 0, 1]])["500101", "I01"] == 0


@pytest.mark.parametrize(
    ("rows", "heads", "says"),
    [
        ([["万州区", 1, 2], ["某县", 3, 4]], HEADS, "年初.xlsx 表!B4：“某县”不在任务表里"),
        (
            [["万州区", 1, 2]],
            ["单位", "培训（人次）", "康复（人）"],
            "表!C3：“康复”不是任务表里的指标",
        ),
        (
            [["万州区", 1, 2]],
            ["单位", "培训（万人次）", "就业（人）"],
            "“培训”的单位是“万人次”，任务表里是“人次”",
        ),
    ],
)
def test_what_has_no_place_is_refused_with_its_cell(rows, heads, says):
    (message,) = refusal(rows, heads)
    assert says in message


DOUBTFUL = [["万州区", 1, 2], [None, 3, 5], ["忠县", 3, 4]]


def test_what_is_in_doubt_is_settled_by_options_of_its_own():
    with pytest.raises(Refused) as caught:
        match(DOUBTFUL)
    (message,) = [p.message for p in caught.value.problems if p.code == "row-without-name"]
    assert "或加 --openings-read skip-row=4" in message
    choices = read_opening_choices("skip-row=4\nkeep-row=3")
    openings = read(DOUBTFUL, HEADS, "2024年1至2月完成情况表", choices=choices, results=True)
    found = match_openings(openings, TABLE.districts, TABLE.indicators, "年初.xlsx")
    assert found["500233", "I01"] == 3


def test_a_note_that_scales_what_was_reached_is_asked_about():
    rows = [["万州区", 1, 2], ["忠县", 3, 4], ["注：表列人数均按百人计列。"]]
    with pytest.raises(Refused, match="任务表有 1 处") as caught:
        match(rows)
    assert "--openings-read keep-column=B,C" in caught.value.problems[0].message


def test_an_option_that_is_none_is_refused():
    with pytest.raises(Misused, match="现在是“skiprow”"):
        read_opening_choices("skiprow=4")
