"""Columns that may tell what there is, and not what is to be done, are told with what settles them."""

import re
from pathlib import Path

import pytest

from tests.tools.tables import workbook
from xl_addin.model.records import FLOW, RATE, STOCK
from xl_addin.system.errors import Refused
from xl_addin.tasktable.account import describe_account
from xl_addin.tasktable.choices import NO_CHOICES, read_choices
from xl_addin.tasktable.read import read_task_table

TRUTH = Path(__file__).parents[2] / "workbooks/2023任务表.xlsx"
UNSURE = ("column-unnamed", "like-a-stock", "like-an-average")
ROWS = (["红星县", 5, 100, 31], ["光明县", 9, 80, 44], ["东风县", 4, 61, 57])


def told(*heads, above=(), choices=NO_CHOICES):
    rows = [*([each] for each in above), ["县区", *heads], *(r[: len(heads) + 1] for r in ROWS)]
    table = read_task_table(workbook({"Sheet1": rows}), "任务表.xlsx", 2023, choices)
    return [p for p in table.problems if p.code in UNSURE]


def test_the_table_of_2023_is_asked_nothing():
    assert read_task_table(TRUTH.read_bytes(), TRUTH.name, 2023).problems == ()


@pytest.mark.parametrize(
    "heads",
    [
        ("适老化改造（户）", "电梯加装（台）", "公厕改造（座）"),
        ("义诊（次）", "文艺演出（场）", "反诈宣传（人次）"),
        ("人工造林（亩）", "森林抚育（亩）", "松材线虫防治（亩）"),
        ("“两癌”检查（人）", "巾帼创业贷款（万元）", "家长学校建设（所）"),
        ("城镇新增就业（人）", "职业技能培训（人次）", "社保卡发放（张）"),
    ],
)
def test_an_ordinary_table_is_asked_nothing(heads):
    assert told(*heads) == []


def test_columns_of_one_doubt_are_told_together_and_the_switch_settles_them():
    heads = ("清淤（公里）", "河流条数（条）", "水库（座）")
    (problem,) = told(*heads)
    assert (problem.code, problem.cell) == ("like-a-stock", "C1")
    option = re.search(r"--(skip-column) (\S+?)，", problem.message)
    assert option is not None
    assert option[2] == "C,D"
    assert told(*heads, choices=read_choices({option[1]: option[2]})) == []


def test_what_somebody_kept_is_asked_no_more():
    heads = ("清淤（公里）", "河流条数（条）")
    assert told(*heads)
    assert told(*heads, choices=read_choices({"keep-column": "C"})) == []


def test_things_alone_are_asked_about_where_no_title_calls_them_tasks():
    heads = ("公共厕所（座）", "转运站（个）")
    assert [p.code for p in told(*heads)] == ["like-a-stock"]
    assert told(*heads, above=("2023年乡村建设任务分解表",)) == []


def test_a_noun_alone_is_no_task_unless_a_title_says_so():
    heads = ("松林（亩）", "干部（人）")
    assert [p.code for p in told(*heads)] == ["like-a-stock"]
    assert told(*heads, above=("2023年重点任务分解表",)) == []


def test_texts_of_a_column_are_told_once():
    rows = [["村", "植树（株）"], *([f"{n}村", f"{n * 7}株"] for n in range(1, 9))]
    table = read_task_table(workbook({"Sheet1": rows}), "任务表.xlsx", 2023)
    (problem,) = table.problems
    assert (problem.code, problem.cell) == ("read-as-number", "B2")
    assert "8 格" in problem.message


@pytest.mark.parametrize(
    ("heads", "code", "label", "measure"),
    [
        (("清淤（公里）", "水库（座）"), "like-a-stock", "累计数", STOCK),
        (("清淤（公里）", "水库（座）"), "like-a-stock", "当月数", FLOW),
        (("清淤（公里）", "亩均产值（元）"), "like-an-average", "比率", RATE),
        (("清淤（公里）", "河道达标率"), "like-a-rate", "比率", RATE),
        (("清淤（公里）", "河道达标率"), "like-a-rate", "当月数", FLOW),
    ],
)
@pytest.mark.parametrize("across", [False, True])
def test_what_the_warning_advises_makes_the_measure_and_is_asked_no_more(
    heads, code, label, measure, across
):
    rows = [["县区", *heads], *(row[:3] for row in ROWS)]
    rows = [list(row) for row in zip(*rows, strict=True)] if across else rows
    data = workbook({"Sheet1": rows})
    given = {"units-across": ""} if across else {}

    def read():
        return read_task_table(data, "任务表.xlsx", 2023, read_choices(given))

    (problem,) = (p for p in read().problems if p.code == code)
    given["measure"] = re.search(rf"--measure (\S+?={label})", problem.message)[1]
    table = read()
    assert table.indicators[1].measure == measure
    assert not [p for p in table.problems if p.code == code]


def test_a_measure_for_what_is_no_indicator_is_refused_with_its_column():
    with pytest.raises(Refused) as caught:
        told("清淤（公里）", choices=read_choices({"measure": "F=累计数"}))
    (problem,) = caught.value.problems
    assert problem.code == "no-such-indicator"
    assert "F 列没有读成指标" in problem.message


def test_what_no_heading_says_is_said_with_what_was_understood():
    rows = [["2023年任务表"], ["县区", "造林（亩）", "监测点（个）"], *(row[:3] for row in ROWS)]
    table = read_task_table(workbook({"Sheet1": rows}), "任务表.xlsx", 2023)
    assert table.problems == ()
    assert table.account.unsaid == ("C 列",)
    (line,) = (line for line in describe_account(table) if "--skip-column C" in line)
    assert line.startswith("C 列")
    settled = read_choices({"skip-column": "C"})
    table = read_task_table(workbook({"Sheet1": rows}), "任务表.xlsx", 2023, settled)
    assert [item.label for item in table.indicators] == ["造林"]
    assert table.account.unsaid == ()
