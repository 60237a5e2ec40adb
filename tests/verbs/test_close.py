"""结账: who lacks is named, the next month is offered and only set when staff agree.

Proves also services/month_setting.py.
"""

import pytest

from tests.tools.masters import edit_master
from tests.tools.programme import MONTHS, SmallProgramme
from xl_addin.cli import main
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import SETTINGS_BLOCK, SETTINGS_SHEET
from xl_addin.system.errors import Misused, Refused

JANUARY, FEBRUARY = MONTHS[:2]
DECEMBER = MONTHS[-1]


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "年度 任务")


def month_cell(programme):
    block = programme.open_programme().host.block(SETTINGS_BLOCK)
    row = next(row for (row, _), cell in block.cells.items() if cell.value == "本次月份")
    return (row, 2), block.cells[row, 2].value


def set_month(programme, value):
    path = programme.folder / MASTER
    where, _ = month_cell(programme)
    path.write_bytes(edit_master({SETTINGS_SHEET: {where: value}}, path.read_bytes()))


def shown_month(programme):
    return month_cell(programme)[1]


def test_who_lacks_is_counted_and_named_as_everywhere_else(programme):
    programme.send("甲.xlsx", 0)
    programme.send("乙.xlsx", 1, {"I01": -1})
    programme.collect()
    said = programme.run("close", JANUARY)
    assert said.outcome.startswith(
        "2024-01：结账，应报 4，已通过 1，未通过 1（退回 1），未报 2；以后收到的先待定"
    )
    assert said.lines == ("未通过 1 个：乙县（退回）", "未报 2 个：丙县、丁县")
    assert said.data["not_reported"] == ["丙县", "丁县"]


def test_closing_offers_the_next_month_and_changes_nothing_by_itself(programme):
    set_month(programme, "1月")
    said = programme.run("close", "")
    assert said.question.option == "next"
    assert "本次月份”改为 2024-02" in said.question.text
    assert said.advice.startswith("接着做 2024-02：运行 xl-addin close --next")
    assert shown_month(programme) == "1月"


def test_the_next_month_is_set_with_the_closing_or_after_it(programme):
    set_month(programme, JANUARY)
    programme.run("close", "")
    said = programme.run("close", "", next="")
    assert said.outcome == "2024-01：已经结账；本次月份改为 2024-02"
    assert (shown_month(programme), said.question) == (FEBRUARY, None)
    assert programme.run("close", "", next="").data["next_month"] == MONTHS[2]
    assert shown_month(programme) == MONTHS[2]


def test_undoing_a_closing_brings_the_month_back(programme):
    set_month(programme, JANUARY)
    programme.run("close", "", next="")
    assert shown_month(programme) == FEBRUARY
    assert programme.run("undo", "", rehearse=True).data["changes"]
    assert shown_month(programme) == FEBRUARY
    programme.run("undo", "")
    assert shown_month(programme) == JANUARY
    assert not programme.run("status", JANUARY).data["closed"]


def test_a_month_that_staff_chose_since_stays(programme):
    set_month(programme, JANUARY)
    programme.run("close", "", next="")
    set_month(programme, MONTHS[4])
    programme.run("undo", "")
    assert shown_month(programme) == MONTHS[4]


def test_a_rehearsal_sets_nothing(programme):
    set_month(programme, JANUARY)
    said = programme.run("close", "", rehearse=True, next="")
    assert "（预演，没有写入）" in said.outcome
    assert shown_month(programme) == JANUARY
    assert not programme.run("status", JANUARY).data["closed"]


def test_december_points_to_the_next_year(programme):
    set_month(programme, DECEMBER)
    said = programme.run("close", "")
    assert said.question is None
    assert "new 新文件夹 --from" in said.advice
    assert "--year 2025" in said.advice
    with pytest.raises(Refused, match="new --from"):
        programme.run("close", "", next="")


def test_opening_again_and_going_on_are_two_things(programme):
    programme.run("close", JANUARY)
    with pytest.raises(Misused):
        programme.run("close", JANUARY, reopen="", next="")
    assert programme.run("close", JANUARY, reopen="").question is None


def test_another_month_than_the_one_worked_on_offers_nothing(programme):
    set_month(programme, MONTHS[4])
    said = programme.run("close", JANUARY)
    assert (said.question, said.advice) == (None, "")


def test_a_formula_in_the_cell_stays_and_nothing_is_closed(programme, monkeypatch):
    set_month(programme, JANUARY)
    from xl_addin.master.host.base import FormulaCheck
    from xl_addin.master.host.file import FileHost
    from xl_addin.model.problems import make

    barred = make("formula-in-the-way", "设置!B7：这一格有公式", "设置", "B7")
    monkeypatch.setattr(FileHost, "check", lambda *_: FormulaCheck(0, (barred,)))
    with pytest.raises(Refused, match="没有改"):
        programme.run("close", "", next="")
    assert not programme.run("status", JANUARY).data["closed"]


def test_the_command_line_says_how_to_go_on(programme, capsys):
    set_month(programme, JANUARY)
    capsys.readouterr()
    assert main(["close", "--folder", str(programme.folder), "--month", "1月"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("接着做 2024-02：")
    assert main(["close", "--folder", str(programme.folder), "--next"]) == 0
    assert shown_month(programme) == FEBRUARY
