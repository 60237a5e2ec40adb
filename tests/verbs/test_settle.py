"""What waits for a person: listed, decided by number or on the sheet, and counting as decided.

Proves also services/pending.py and store/decisions.py.
"""

from datetime import datetime

import pytest

from tests.tools.masters import edit_master, rewrite_master
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme, codes_of
from tests.tools.sql import rows
from xl_addin.form import layout as formbook
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.model.folder import MASTER
from xl_addin.model.settings import REOPEN
from xl_addin.model.sheets import (
    JOURNAL_BLOCK,
    PENDING_BLOCK,
    PENDING_HEADINGS,
    PENDING_SHEET,
    RULES_BLOCK,
    RULES_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    STATUS_BLOCK,
)
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import settle
from xl_addin.xlsx.workbook import Workbook

JANUARY, FEBRUARY = MONTHS[:2]
EARLY, LATER = datetime(2024, 2, 2), datetime(2024, 2, 4)


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "任务")


def late(programme, name="晚报.xlsx", district=0, figures=FIGURES, at=EARLY):
    """A January form collected with February: held, and its number."""
    programme.put(name, programme.form(district, figures), at, FEBRUARY)
    found = programme.collect(FEBRUARY)[name]
    assert (found["verdict"], codes_of(found)) == ("held", {"wrong-month"})
    return str(found["id"])


def verdicts(programme, month=JANUARY):
    return [each["verdict"] for each in programme.run("status", month).data["districts"]]


def waiting(programme):
    return programme.run("settle", "").data["pending"]


def test_what_is_accepted_counts_everywhere(programme):
    number = late(programme)
    assert programme.cumulative() == {}
    said = programme.run("settle", "", number, accept="", note="电话核实").data
    assert [(s["id"], s["decision"], s["code"], s["month"]) for s in said["settled"]] == [
        (int(number), "accepted", programme.codes[0], JANUARY)
    ]
    assert said["pending"] == []
    assert programme.cumulative()["I01"] == 10
    assert verdicts(programme)[0] == "accepted"
    line = programme.run("recompute").data["indicators"][0]
    assert (line["cumulative"], line["districts_missing"]) == (10, 3)
    assert programme.listed(STATUS_BLOCK, "本月结论")[0] == "已通过"
    journal = programme.listed(JOURNAL_BLOCK, "结果")
    assert any("晚报.xlsx" in line and "电话核实" in line for line in journal)
    assert programme.open_programme().who()
    assert programme.listed(JOURNAL_BLOCK, "操作人")[0] == programme.open_programme().who()


def test_what_is_turned_down_does_not_count_and_does_not_come_back(programme):
    number = late(programme)
    programme.run("settle", "", number, reject="")
    assert waiting(programme) == []
    assert programme.cumulative() == {}
    found = programme.collect(FEBRUARY)["晚报.xlsx"]
    assert found["verdict"] == "duplicate"
    assert waiting(programme) == []


def test_what_was_accepted_is_a_duplicate_when_it_is_collected_again(programme):
    programme.run("settle", "", late(programme), accept="")
    assert programme.collect(FEBRUARY)["晚报.xlsx"]["verdict"] == "duplicate"


def test_a_return_can_be_assigned_to_another_district_and_month(programme):
    number = late(programme)
    programme.run("settle", FEBRUARY, number, assign="乙县")
    under_test = programme.open_programme()
    assert {(f.district, f.month) for f in under_test.ledger.figures(FEBRUARY)} == {
        (programme.codes[1], 2)
    }
    under_test.close()


def test_what_counts_is_read_once_for_all_decisions_and_again_for_a_district_decided_twice(
    programme, monkeypatch
):
    numbers = [late(programme, f"{district}.xlsx", district) for district in range(3)]
    later = late(programme, "再报.xlsx", 0, {**FIGURES, "I01": 12}, LATER)
    built, real = [], settle.History
    monkeypatch.setattr(settle, "History", lambda *given: built.append(given) or real(*given))
    programme.run("settle", "", *numbers[1:], accept="")
    assert len(built) == 1
    programme.run("settle", "", numbers[0], later, accept="")
    assert len(built) == 3
    found = programme.open_programme()
    told = rows(found.ledger.path, "SELECT code, cell, found, expected FROM remarks")
    found.close()
    assert told == [("resubmitted", "F7", "12", "10")]


def test_a_table_without_identity_is_accepted_with_one_word(programme):
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(programme.form(0)))
    name = formbook.IDENTITY_NAME
    del book["_meta"], book.defined_names[name], book.custom_doc_props[name]
    for row in book["任务进度"].iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("XLA"):
                cell.value = None
    out = io.BytesIO()
    book.save(out)
    programme.put("贴的.xlsx", out.getvalue())
    found = programme.collect()["贴的.xlsx"]
    assert (found["verdict"], codes_of(found)) == ("held", {"no-identity"})
    programme.run("settle", "", str(found["id"]), accept="")
    assert programme.cumulative() == dict(FIGURES.items())


@pytest.mark.parametrize("option", ["accept", "assign"])
def test_wrong_figures_are_not_accepted_by_anybody(programme, option):
    programme.put("错.xlsx", programme.form(0, {**FIGURES, "I01": -1}), EARLY, FEBRUARY)
    number = str(programme.collect(FEBRUARY)["错.xlsx"]["id"])
    with pytest.raises(Refused, match="F7"):
        programme.run("settle", "", number, **{option: programme.codes[0]})
    assert len(waiting(programme)) == 1
    programme.run("settle", "", number, reject="")
    assert waiting(programme) == []


def test_a_decision_needs_a_district_a_month_of_the_year_and_a_number(programme):
    number = late(programme)
    for options in ({"assign": "没有县"}, {"accept": "", "reject": ""}, {}):
        with pytest.raises(Refused):
            programme.run("settle", "", number, **options)
    with pytest.raises(Refused, match="2023"):
        programme.run("settle", "2023-01", number, accept="")
    with pytest.raises(Refused, match=number):
        programme.run("settle", "", "99", accept="")
    for options in ({"accept": ""}, {"note": "电话核实"}):
        with pytest.raises(Misused):
            programme.run("settle", "", **options)
    assert len(waiting(programme)) == 1


def test_what_an_accepted_return_changed_is_told(programme):
    programme.send("1.xlsx", 0, {**FIGURES, "I01": 7}, at=EARLY)
    programme.collect()
    number = late(programme, at=LATER)
    programme.run("settle", "", number, accept="")
    under_test = programme.open_programme()
    told = [(p.code, p.found, p.expected) for _, p in under_test.ledger.problems(FEBRUARY, 9)]
    under_test.close()
    assert told == [("resubmitted", "10", "7")]
    assert programme.cumulative()["I01"] == 10


def test_an_earlier_return_that_is_accepted_later_leaves_the_latest_counting(programme):
    number = late(programme, at=EARLY)
    programme.send("1.xlsx", 0, {**FIGURES, "I01": 7}, at=LATER)
    programme.collect()
    assert "通过" in waiting(programme)[0]["proposal"]
    programme.run("settle", "", number, accept="")
    assert programme.cumulative()["I01"] == 7


def decide(programme, **typed):
    """Type into 待定 beside the only return that waits, as a person would."""
    block = programme.open_programme().host.block(PENDING_BLOCK)
    columns = find_columns(block, PENDING_HEADINGS)
    (row,) = (r for r, c in block.cells if c == columns["编号"] and r > block.area[0])
    changes = {(row, columns[heading]): value for heading, value in typed.items()}
    path = programme.folder / MASTER
    path.write_bytes(edit_master({PENDING_SHEET: changes}, path.read_bytes()))


def test_the_sheet_lists_what_waits_and_the_button_reads_the_decisions(programme):
    number = late(programme)
    programme.run("recompute")
    assert programme.listed(PENDING_BLOCK, "编号") == [int(number)]
    assert programme.listed(PENDING_BLOCK, "区县") == ["甲县"]
    assert "培训 10" in programme.listed(PENDING_BLOCK, "数据摘要")[0]
    decide(programme, 决定="接受", 备注="已核实")
    said = programme.run("settle", "")
    assert (said.clean, [s["note"] for s in said.data["settled"]]) == (True, ["已核实"])
    assert programme.listed(PENDING_BLOCK, "编号") == []
    assert programme.cumulative()["I01"] == 10


def test_the_sheet_assigns_to_a_district_by_name_and_month(programme):
    late(programme)
    programme.run("recompute")
    decide(programme, 决定="归属", 归属区县="丙县", 归属月份="２月")
    programme.run("settle", "")
    assert verdicts(programme, FEBRUARY) == ["missing", "missing", "accepted", "missing"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"决定": "同意"}, "只能填"),
        ({"决定": "归属"}, "归属区县"),
        ({"决定": "归属", "归属区县": "没有县"}, "没有县"),
        ({"决定": "接受", "归属月份": "2023-01"}, "!K5"),
        ({"决定": "归属", "归属区县": "乙县", "归属月份": "13月"}, "!K5"),
    ],
)
def test_a_decision_that_cannot_be_understood_stays_with_its_reason(programme, typed, code):
    late(programme)
    programme.run("recompute")
    decide(programme, **typed)
    said = programme.run("settle", "")
    assert not said.clean
    assert code in said.lines[0]
    assert programme.listed(PENDING_BLOCK, "决定") == [typed["决定"]]
    assert len(waiting(programme)) == 1


def test_recomputing_keeps_what_staff_typed_beside_a_return(programme):
    late(programme)
    programme.run("recompute")
    decide(programme, 决定="退回", 备注="再问问")
    programme.send("2月.xlsx", 1, month=FEBRUARY)
    programme.put("别的.xlsx", programme.form(2), EARLY, FEBRUARY)
    programme.collect(FEBRUARY)
    programme.run("recompute", FEBRUARY)
    assert programme.listed(PENDING_BLOCK, "决定") == ["退回", None]
    assert programme.listed(PENDING_BLOCK, "备注") == ["再问问", None]


def test_a_rehearsal_decides_nothing(programme):
    number = late(programme)
    said = programme.run("settle", "", number, accept="", rehearse=True).data
    assert (len(said["settled"]), said["pending"]) == (1, [])
    assert len(waiting(programme)) == 1


def test_a_closed_month_holds_what_comes_until_it_is_opened_again(programme):
    programme.send("1.xlsx", 0, at=EARLY)
    programme.collect()
    assert programme.run("close").data["closed"]
    assert programme.run("status").data["closed"]
    programme.send("2.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)
    programme.send("错.xlsx", 1, {**FIGURES, "I01": -1}, at=LATER)
    found = programme.collect()
    assert (found["2.xlsx"]["verdict"], found["错.xlsx"]["verdict"]) == ("held", "held")
    assert "month-closed" in codes_of(found["2.xlsx"])
    assert programme.cumulative()["I01"] == 10
    number = str(found["2.xlsx"]["id"])
    closed = next(p for p in found["2.xlsx"]["problems"] if p["code"] == "month-closed")
    reopen = f"close --reopen --month {MONTHS[0]}"  # another month may be the one on 设置 by now
    assert reopen in closed["message"]
    with pytest.raises(Refused, match=reopen):
        programme.run("settle", "", number, accept="")
    with pytest.raises(Refused, match=f"已经结账.*{reopen}"):
        programme.run("close")
    programme.run("close", reopen="")
    programme.run("settle", "", number, accept="")
    assert programme.cumulative()["I01"] == 12
    with pytest.raises(Refused, match="没有结账"):
        programme.run("close", reopen="")


def test_what_was_held_for_a_closed_month_is_judged_anew_once_it_is_open(programme):
    programme.run("close")
    programme.send("1.xlsx", 0, at=EARLY)
    assert programme.collect()["1.xlsx"]["verdict"] == "held"
    assert programme.collect()["1.xlsx"]["verdict"] == "duplicate"
    programme.run("close", reopen="")
    assert programme.collect()["1.xlsx"]["verdict"] == "accepted"
    assert waiting(programme) == []


def test_wrong_figures_do_not_wait_for_a_person_because_their_month_was_closed(programme):
    programme.send("错.xlsx", 1, {**FIGURES, "I01": -1}, at=EARLY)
    assert programme.collect()["错.xlsx"]["verdict"] == "rejected"
    programme.run("close")
    assert programme.collect()["错.xlsx"]["verdict"] == "duplicate"
    assert waiting(programme) == []
    assert verdicts(programme)[1] == "rejected"


def test_what_a_rule_refused_waits_when_the_rule_is_off_and_the_month_is_closed(programme):
    programme.send("负.xlsx", 1, {**FIGURES, "I01": -1}, at=EARLY)
    assert programme.collect()["负.xlsx"]["verdict"] == "rejected"
    programme.run("close")
    block = programme.open_programme().host.block(RULES_BLOCK)
    row = next(r for (r, c), cell in block.cells.items() if key_text(cell) == "negative")
    path = programme.folder / MASTER
    path.write_bytes(edit_master({RULES_SHEET: {(row, 3): "停用"}}, path.read_bytes()))
    assert programme.collect()["负.xlsx"]["verdict"] == "held"


def test_forms_of_a_closed_month_go_out_with_a_word_about_it(programme):
    assert programme.run("distribute").lines == ()
    programme.run("close")
    assert "结账" in programme.run("distribute").lines[0]


@pytest.mark.parametrize(("at", "word"), [(EARLY, "改为按"), (LATER, "仍是")])
@pytest.mark.parametrize("rehearse", [True, False])
def test_whoever_accepts_is_told_what_counts_there_already(programme, at, word, rehearse):
    programme.send("乙.xlsx", 1, at=at)
    programme.collect()
    number = late(programme, at=datetime(2024, 2, 3))
    (line,) = programme.run("settle", JANUARY, number, assign="乙县", rehearse=rehearse).lines
    assert "乙.xlsx" in line
    assert word in line


def test_the_button_opens_a_month_again_when_the_sheet_says_so(programme):
    set_setting(programme, "本次月份", JANUARY)
    programme.run("close", "")
    with pytest.raises(Refused, match="结账按钮"):
        programme.run("close", "")
    set_setting(programme, "结账按钮", REOPEN)
    assert not programme.run("close", "").data["closed"]


def set_setting(programme, label, value):
    block = programme.open_programme().host.block(SETTINGS_BLOCK)
    row = next(r for (r, c), cell in block.cells.items() if key_text(cell) == label)
    path = programme.folder / MASTER
    path.write_bytes(edit_master({SETTINGS_SHEET: {(row, 2): value}}, path.read_bytes()))


def test_a_list_that_was_deleted_is_to_be_brought_back_and_not_added(programme):
    """``attach`` adds what a master never had; this one points to where the sheet was."""
    path = programme.folder / MASTER
    book = rewrite_master([], path.read_bytes())
    area = Workbook.open(book).names[PENDING_BLOCK]
    path.write_bytes(rewrite_master([(f">{area}<", ">#REF!<")], book))
    with pytest.raises(Refused, match="备份") as told:
        programme.run("settle", "")
    assert PENDING_BLOCK in told.value.message
    assert "attach" not in told.value.message
