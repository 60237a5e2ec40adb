"""A return beside what came before it: rounds, twins, last month's figures, what a resubmission changed."""

from datetime import datetime

import pytest

from tests.data.make_mails import zipped
from tests.journeys.test_month import set_target
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme, codes_of
from tests.tools.sql import rows
from xl_addin.model.folder import LEDGER, MASTER
from xl_addin.model.sheets import PENDING_BLOCK, PROBLEMS_BLOCK, RULES_BLOCK, RULES_SHEET
from xl_addin.services import workers
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import collect

JANUARY, FEBRUARY, MARCH = MONTHS[:3]
EARLY, LATER, LAST = (datetime(2024, 2, day) for day in (2, 4, 6))
OTHER = {"I01": 11, "I02": 6, "I03": 3, "I04": 1}


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "任务")


def test_what_a_resubmission_changed_is_told_with_old_and_new(programme):
    programme.send("1.xlsx", 0, at=EARLY)
    programme.collect()
    programme.send("2.xlsx", 0, {**FIGURES, "I01": 12, "I04": 1}, at=LATER)
    found = programme.collect()["2.xlsx"]
    assert found["verdict"] == "accepted"
    told = [
        (p["code"], p["severity"], p["cell"], p["found"], p["expected"]) for p in found["problems"]
    ]
    assert told == [
        ("resubmitted", "warning", "F7", "12", "10"),
        ("resubmitted", "warning", "F10", "1", "0"),
    ]
    assert programme.cumulative()["I01"] == 12
    programme.run("recompute")
    assert programme.listed(PROBLEMS_BLOCK, "规则代码")[:2] == ["resubmitted", "resubmitted"]
    assert set(programme.listed(PROBLEMS_BLOCK, "结论")[:2]) == {"已通过"}


def test_a_resubmission_within_one_run_is_told_too(programme):
    programme.send("1.xlsx", 0, at=EARLY)
    programme.send("2.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)
    found = programme.collect()
    assert (codes_of(found["1.xlsx"]), codes_of(found["2.xlsx"])) == (set(), {"resubmitted"})


def test_a_resubmission_without_a_change_only_says_so(programme):
    programme.send("1.xlsx", 0, at=EARLY)
    programme.collect()
    programme.put("2.xlsx", touched(programme.form(0)), at=LATER)
    found = programme.collect()["2.xlsx"]
    assert (found["verdict"], found["problems"]) == ("accepted", [])
    assert "1.xlsx" in found["note"]


def touched(data):
    """The same figures in other bytes."""
    from tests.tools.forms import edit_form

    return edit_form(data, {(4, 2): "李四"})


def test_other_figures_with_an_older_time_wait_and_count_once_a_person_says_so(programme):
    programme.send("先.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)
    programme.collect()
    programme.send("改.xlsx", 0, remarks={"I01": "改过了的"}, at=EARLY)
    found = programme.collect()["改.xlsx"]
    assert (found["verdict"], codes_of(found)) == ("held", {"older-time"})
    assert programme.cumulative()["I01"] == 12
    programme.run("recompute")
    assert programme.listed(PROBLEMS_BLOCK, "规则代码") == ["older-time"]
    assert programme.listed(PENDING_BLOCK, "文件") == ["改.xlsx"]
    programme.run("settle", "", str(found["id"]), accept="")
    assert programme.cumulative()["I01"] == 10
    assert programme.run("settle").data["pending"] == []
    apart = programme.run("verify").data["differences"]
    assert {problem["code"] for problem in apart} == {"master-differs"}
    programme.send("再改.xlsx", 0, {**FIGURES, "I01": 13}, at=LAST)
    assert programme.collect()["再改.xlsx"]["verdict"] == "accepted"
    assert programme.cumulative()["I01"] == 13
    programme.run("undo")
    programme.run("undo")
    assert programme.cumulative()["I01"] == 12
    assert [p["file"] for p in programme.run("settle").data["pending"]] == ["改.xlsx"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_draft_and_its_correction_of_one_second_wait_for_a_person(programme, packed):
    final, draft = programme.form(0, {**FIGURES, "I01": 12}), programme.form(0)
    if packed:
        programme.put("包.zip", zipped(("定稿.xlsx", final), ("草稿.xlsx", draft)))
    else:
        programme.put("1.xlsx", final)
        programme.put("2.xlsx", draft)
    first, second = programme.collect().values()
    assert (first["verdict"], codes_of(first)) == ("accepted", set())
    assert (second["verdict"], "same-time" in codes_of(second)) == ("held", True)
    assert programme.cumulative()["I01"] == 12
    programme.run("settle", "", str(second["id"]), accept="")
    assert programme.cumulative()["I01"] == 10
    programme.send("3.xlsx", 0, {**FIGURES, "I01": 13})  # collected later, so it came later
    assert programme.collect()["3.xlsx"]["verdict"] == "accepted"
    assert programme.cumulative()["I01"] == 13


def test_a_corrected_round_of_the_same_second_is_the_correction(programme):
    programme.put("1.xlsx", programme.form(0))
    programme.put("2.xlsx", programme.form(0, OTHER, round_=2))
    assert programme.collect()["2.xlsx"]["verdict"] == "accepted"


def test_the_same_figures_with_an_older_time_are_no_news(programme):
    programme.send("新.xlsx", 0, at=LATER)
    programme.collect()
    programme.put("旧.xlsx", touched(programme.form(0)), at=EARLY)
    found = programme.collect()["旧.xlsx"]
    assert (found["verdict"], codes_of(found)) == ("accepted", set())
    assert "新.xlsx" in found["note"]


def test_a_clock_that_runs_backwards_and_a_time_in_the_future_are_told(programme):
    now = programme.clock
    programme.send("明年.xlsx", 0, at=datetime(2025, 2, 1))
    programme.clock = now
    found = programme.run("collect")
    [returned] = found.data["returns"]
    assert (returned["verdict"], codes_of(returned)) == ("accepted", {"time-ahead"})
    query = "SELECT received_at FROM receipts"
    assert rows(programme.folder / LEDGER, query) == [("2024-03-01 09:00:00",)]
    # The programme was founded by this computer's own clock, years later.
    assert any("电脑的时间" in line for line in found.lines)


def test_forms_of_an_undone_issue_wait_and_those_from_before_a_new_one_are_told(programme):
    programme.run("distribute")
    programme.send("撤.xlsx", 0)
    programme.send("旧.xlsx", 1, OTHER)
    programme.run("undo")
    assert codes_of(programme.collect()["撤.xlsx"]) == {"form-withdrawn"}
    programme.run("undo")
    programme.run("distribute")
    set_target(programme.folder / MASTER, 130)
    programme.run("distribute")
    found = programme.collect()
    assert {name: (each["verdict"], codes_of(each)) for name, each in found.items()} == {
        "撤.xlsx": ("accepted", {"form-reissued"}),
        "旧.xlsx": ("accepted", set()),
    }


def test_a_bad_resubmission_does_not_replace_a_good_return(programme):
    programme.send("1.xlsx", 0, at=EARLY)
    programme.collect()
    programme.send("2.xlsx", 0, {**FIGURES, "I01": -1}, at=LATER)
    assert programme.collect()["2.xlsx"]["verdict"] == "rejected"
    assert programme.cumulative()["I01"] == 10


def test_an_older_round_after_a_newer_one_is_held(programme):
    programme.send("更正.xlsx", 0, OTHER, at=EARLY, round_=2)
    programme.send("原表.xlsx", 0, at=LATER)
    found = programme.collect()
    assert found["更正.xlsx"]["verdict"] == "accepted"
    assert found["原表.xlsx"]["verdict"] == "held"
    assert "older-round" in codes_of(found["原表.xlsx"])
    programme.send("再更正.xlsx", 0, at=LAST, round_=3)
    assert programme.collect()["再更正.xlsx"]["verdict"] == "accepted"


def test_two_districts_with_all_figures_alike_are_asked_about(programme):
    programme.send("甲.xlsx", 0, at=EARLY)
    programme.send("乙.xlsx", 1, at=LATER)
    found = programme.collect()
    assert codes_of(found["甲.xlsx"]) == set()
    assert (found["乙.xlsx"]["verdict"], codes_of(found["乙.xlsx"])) == (
        "accepted",
        {"twin-figures"},
    )
    programme.send("丙.xlsx", 2, at=LAST)
    assert codes_of(programme.collect()["丙.xlsx"]) == {"twin-figures"}
    programme.send("丁.xlsx", 3, {**FIGURES, "I01": 9}, at=LAST)
    assert codes_of(programme.collect()["丁.xlsx"]) == set()


def test_districts_that_have_hardly_anything_are_no_twins(programme):
    nearly_nothing = {"I01": 1, "I02": 1, "I03": 0, "I04": 0}
    for number, name in enumerate(("甲", "乙", "丙", "丁")):
        programme.send(f"{name}.xlsx", number, nearly_nothing)
    assert [codes_of(found) for found in programme.collect().values()] == [set()] * 4


def test_all_figures_alike_to_last_months_are_asked_about(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    programme.send("2.xlsx", 0, month=FEBRUARY)
    programme.send("3.xlsx", 1, OTHER, month=FEBRUARY)
    found = programme.collect(FEBRUARY)
    assert codes_of(found["2.xlsx"]) == {"same-as-last-month"}
    assert codes_of(found["3.xlsx"]) == set()


def test_a_rule_that_is_switched_off_or_stricter_is_heeded(programme):
    set_rules(programme, {"twin-figures": "停用", "resubmitted": "错误"})
    programme.send("甲.xlsx", 0, at=EARLY)
    programme.send("乙.xlsx", 1, at=EARLY)
    programme.send("改.xlsx", 0, OTHER, at=LATER)
    found = programme.collect()
    assert found["乙.xlsx"]["problems"] == []
    assert (found["改.xlsx"]["verdict"], codes_of(found["改.xlsx"])) == (
        "rejected",
        {"resubmitted"},
    )


def set_rules(programme, severities):
    from tests.tools.masters import edit_master
    from xl_addin.master.read.blocks import find_columns, key_text

    block = programme.open_programme().host.block(RULES_BLOCK)
    at = find_columns(block, ("代码", "级别"))
    rows = {
        key_text(block.cells.get((r, at["代码"]))): r for r, c in block.cells if c == at["代码"]
    }
    changes = {(rows[code], at["级别"]): word for code, word in severities.items()}
    path = programme.folder / MASTER
    path.write_bytes(edit_master({RULES_SHEET: changes}, path.read_bytes()))


def test_a_form_from_before_a_correction_is_read_as_issued_and_the_difference_is_told(programme):
    programme.send("1月.xlsx", 0, at=EARLY)
    programme.collect()
    issued_before = programme.form(0, {**OTHER, "I02": 4}, FEBRUARY)
    programme.send("1月更正.xlsx", 0, {**FIGURES, "I01": 15}, at=LATER)
    programme.collect()
    programme.put("2月.xlsx", issued_before, LAST, FEBRUARY)
    found = programme.collect(FEBRUARY)["2月.xlsx"]
    assert found["verdict"] == "accepted"
    told = [(p["code"], p["cell"], p["found"], p["expected"]) for p in found["problems"]]
    assert told == [("previous-outdated", "E7", "10", "15")]
    assert programme.cumulative(FEBRUARY)["I01"] == 15 + 11


@pytest.mark.parametrize(("total", "told"), [(11, ("E7", "", "10")), (21, None)])
def test_a_total_that_does_not_have_what_came_in_since_is_told(programme, total, told):
    """A form without 上月累计 says nothing of January, which came before it came back."""
    issued_before = programme.form(0, OTHER, FEBRUARY, totals={"I01": total})
    programme.send("1月.xlsx", 0, at=EARLY)
    programme.collect()
    programme.put("2月.xlsx", issued_before, LAST, FEBRUARY)
    found = programme.collect(FEBRUARY)["2月.xlsx"]
    assert found["verdict"] == "accepted"
    outdated = [p for p in found["problems"] if p["code"] == "previous-outdated"]
    assert [(p["cell"], p["found"], p["expected"]) for p in outdated] == ([told] if told else [])
    if told:
        assert "发出时 未知，现在 10" in outdated[0]["message"]
        assert "累计按区县填的本月累计计算" in outdated[0]["message"]


def test_an_earlier_month_can_be_corrected_and_everything_after_follows(programme):
    for number, month in enumerate((JANUARY, FEBRUARY, MARCH)):
        programme.send(f"{month}.xlsx", 0, {**FIGURES, "I01": 10 + number}, month)
        programme.collect(month)
    programme.send("更正.xlsx", 0, {**FIGURES, "I01": 50}, JANUARY, at=LAST)
    programme.collect(JANUARY)
    assert [programme.cumulative(month)["I01"] for month in MONTHS[:3]] == [50, 61, 73]
    line = programme.run("recompute", MARCH).data["indicators"][0]
    assert (line["cumulative"], line["trend"][:3]) == (73, (50, 11, 12))


def test_an_altered_target_is_told_from_a_forged_and_from_a_missing_seal(programme):
    from tests.tools.forms import replace_bytes

    issued = programme.run("distribute").data["forms"]
    from pathlib import Path

    genuine = Path(issued[0]["file"]).read_bytes()
    sealed = "xl/worksheets/sheet3.xml"
    altered = replace_bytes(genuine, sealed, b'"I01":120', b'"I01":100')
    programme.put("改任务.xlsx", altered)
    forged, gone = genuine, genuine
    mac = mac_of(genuine)
    for part in ("xl/worksheets/sheet1.xml", sealed, "xl/workbook.xml", "docProps/custom.xml"):
        forged = replace_bytes(forged, part, mac, b"0" * 32)
        gone = replace_bytes(gone, part, mac, b"")
    programme.put("伪造.xlsx", filled_in(forged))
    programme.put("缺失.xlsx", filled_in(gone))
    programme.put("改任务.xlsx", filled_in(altered))
    one_copy = replace_bytes(genuine, "docProps/custom.xml", mac, b"")
    programme.put("少一份.xlsx", filled_in(one_copy))
    found = programme.collect()
    assert {name: each["verdict"] for name, each in found.items()} == {
        "改任务.xlsx": "held",
        "伪造.xlsx": "held",
        "缺失.xlsx": "held",
        "少一份.xlsx": "accepted",
    }
    assert codes_of(found["改任务.xlsx"]) >= {"target-altered"}
    assert codes_of(found["伪造.xlsx"]) == {"token-invalid"}
    assert codes_of(found["缺失.xlsx"]) == {"token-missing"}


def mac_of(data):
    import re

    from xl_addin.xlsx.package import inflate, unpack

    text = inflate(unpack(data)["docProps/custom.xml"])
    return re.search(rb"\|([0-9a-f]{32})", text)[1]


def filled_in(data):
    from tests.tools.forms import edit_form

    return edit_form(data, {(7, 6): 10, (8, 6): 5, (9, 6): 2, (10, 6): 1})


def test_the_form_of_another_years_programme_is_told_from_one_of_another_task(programme):
    programme.send("去年.xlsx", 0, programme="f" * 12, month=JANUARY)
    old = programme.form(0, programme="f" * 12)
    programme.put("别的任务.xlsx", old)
    from tests.tools.forms import replace_bytes

    line = old
    for part in (
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet3.xml",
        "xl/workbook.xml",
        "docProps/custom.xml",
    ):
        line = replace_bytes(line, part, b"|2024-01|", b"|2023-01|")
    programme.put("去年.xlsx", line)
    found = programme.collect()
    assert {name: (each["verdict"], *codes_of(each)) for name, each in found.items()} == {
        "别的任务.xlsx": ("foreign", "wrong-programme"),
        "去年.xlsx": ("foreign", "wrong-year"),
    }


def test_each_return_is_told_as_soon_as_it_is_judged(programme, monkeypatch):
    for district in range(4):
        programme.send(f"{district}.xlsx", district)
    programme.put("坏.xlsx", b"PK\x03\x04")
    judged, told = [], []

    class Told:
        def over(self, items, total, doing):
            for item in items:
                told.append((total, doing, len(judged)))
                yield item

    one = workers.assess
    monkeypatch.setattr(workers, "assess", lambda *job: judged.append(job) or one(*job))
    under_test = Programme(programme.folder, Told(), clock=lambda: programme.clock)
    collect.run(under_test, Request(month=MONTHS[0]))
    under_test.close()
    assert told == [(5, "读取并审核", n) for n in range(1, 6)]
