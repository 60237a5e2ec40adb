"""Task tables of notices, each beside what it comes to: right, or refused in a sentence."""

import re
from pathlib import Path

import pytest

from tests.data.notices import CASES, HEAD, TITLE, docx, par, row, table
from xl_addin.dialogue import settle_table
from xl_addin.model.records import ERROR
from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import read_choices
from xl_addin.tasktable.read import read_task_table

NOTICES = Path(__file__).parents[1] / "data/notices"
TRUTH = Path(__file__).parents[2] / "workbooks/2023任务表.xlsx"


def targets(table):
    return {
        d.name: [table.targets.get((d.code, i.code)) for i in table.indicators]
        for d in table.districts
    }


@pytest.mark.parametrize("name", CASES)
def test_a_notice_is_read_right_or_refused(name):
    case = CASES[name]
    choices = read_choices(case.options)
    if case.units is None:
        with pytest.raises(Refused) as caught:
            read_task_table(case.data, case.file, 2023, choices)
        problems = caught.value.problems
        told = [p.code for p in problems if p.severity == ERROR]
        assert case.says in "".join(p.message for p in problems)
        assert not case.refused or told == list(case.refused)
        return
    table = read_task_table(case.data, case.file, 2023, choices)
    assert targets(table) == case.units
    assert {problem.code for problem in table.problems} == set(case.told)


SAME = (
    "1_plain.docx",
    "1_plain.odt",
    "2_diagonal.docx",
    "4_commas_fullwidth.docx",
    "7_content_controls.docx",
    "8_nested.docx",
)


@pytest.mark.parametrize("name", [*SAME, "3_split_repeated_head.docx"])
def test_the_notice_of_2023_is_the_workbook_of_2023(name):
    truth = read_task_table(TRUTH.read_bytes(), TRUTH.name, 2023)
    table = read_task_table((NOTICES / name).read_bytes(), name, 2023)
    assert table.targets == truth.targets
    assert table.published == truth.published
    assert table.districts == truth.districts
    assert [i._replace(goal=None) for i in table.indicators] == [
        i._replace(goal=None) for i in truth.indicators
    ]
    assert [p.code for p in table.problems] == ([] if name in SAME else ["table-joined"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("6_tracked_change.docx", "表1 行5 列2：有还没有接受的修订"),
        ("9_merged_figures.docx", "数字格 表1 行7 列2 到 行8 列2 合并了"),
        ("10_struck_hidden.docx", "表1 行5 列2：“实用技术培训”写的是"),
        ("11_doc_roundtrip.docx", "另存为 .docx"),
    ],
)
def test_a_notice_that_is_doubtful_is_refused_at_its_place(name, says):
    with pytest.raises(Refused) as caught:
        read_task_table((NOTICES / name).read_bytes(), name, 2023)
    assert says in caught.value.problems[0].message


def test_a_cell_that_is_gone_is_blank_and_nothing_moves():
    truth = targets(read_task_table(TRUTH.read_bytes(), TRUTH.name, 2023))
    name = "5_gridAfter_lost_cell.docx"
    table = read_task_table((NOTICES / name).read_bytes(), name, 2023)
    differ = {k: v for k, v in targets(table).items() if v != truth[k]}
    assert differ == {k: [*truth[k][:-1], None] for k in differ}
    assert [p.cell for p in table.problems if p.code == "blank"] == ["表1 行5 列12", "表1 行6 列12"]


TOWNS = (("长安镇", "100", "12"), ("板榄镇", "80", "31"), ("雅瑶乡", "50", "7"))
SUM = ("雅安镇", "230", "50")
TRUE = {name: [int(a), int(b)] for name, a, b in TOWNS}
DOUBTS = {
    "a column": docx(TITLE, table(row(*HEAD, "完成率"), *(row(*b, "5") for b in TOWNS))),
    "a row": docx(TITLE, table(row(*HEAD), *(row(*b) for b in (*TOWNS, SUM)))),
    "a row of the second part": docx(
        TITLE, table(row(*HEAD), *(row(*b) for b in TOWNS)), par(), table(row(*HEAD), row(*SUM))
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_the_options_that_a_refusal_names_settle_it(name):
    with pytest.raises(Refused) as caught:
        read_task_table(DOUBTS[name], "通知.docx", 2023)
    (doubt,) = (p for p in caught.value.problems if p.severity == ERROR)
    options = re.findall(r"--((?:skip|keep)-\w+) (\S+?)(?=[，；。）\s]|$)", doubt.message)
    assert options, doubt.message
    for option, place in options:
        table = read_task_table(DOUBTS[name], "通知.docx", 2023, read_choices({option: place}))
        assert TRUE.items() <= {k: v[:2] for k, v in targets(table).items()}.items()


def test_a_doubt_that_is_asked_for_is_settled_at_its_place(tmp_path, monkeypatch):
    for name, answer in (("a column", "不是"), ("a row of the second part", "小计")):
        path = tmp_path / f"{name}.docx"
        path.write_bytes(DOUBTS[name])
        monkeypatch.setattr("builtins.input", lambda *_, answer=answer: answer)
        assert targets(settle_table(path, 2023, {})) == TRUE
