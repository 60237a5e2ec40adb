"""Districts that are added, split off, renamed, merged or withdrawn, and indicators likewise.

Proves also verbs/add_district.py, verbs/add_indicator.py, verbs/change_indicator.py and
services/mergers.py.
"""

from __future__ import annotations

import pytest

from tests.tools.lint import lint
from tests.tools.masters import edit_master
from tests.tools.programme import MONTHS
from xl_addin.cli import main
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.folder import FORMS
from xl_addin.model.sheets import (
    CUMULATIVE_BLOCK,
    DISTRICTS_BLOCK,
    MONTH_BLOCK,
    SETTINGS_BLOCK,
    STATUS_BLOCK,
    SUMMARY_BLOCK,
)
from xl_addin.store.runlog import RunLog
from xl_addin.system.errors import Misused, Refused


def sound(year):
    """The master has no gap, no fault and no formula that is not ours."""
    told = [p["code"] for p in year.verb("check").data["problems"]]
    assert set(told) <= {"total-differs"}  # what was published at the year's start stays published
    assert lint(year.folder / "master.xlsm") == []
    assert year.run("recompute", MONTHS[1]).data["formulas"]["disagreements"] == []


def forms(year, month):
    year.run("distribute", month)
    return sorted(path.name.split("_")[2] for path in (year.folder / FORMS / month).iterdir())


def test_a_new_district_is_on_every_sheet_with_its_targets(year, office):
    year.verb("add-district", code="D900", name="高新区", to="a@b.cn", target="培训=60\nI02=5")
    config = year.config()
    assert config.districts[-1][:4] == ("D900", "高新区", (), "a@b.cn")
    assert config.targets["D900", "I01"] == 60
    assert config.targets["D900", "I02"] == 5
    sound(year)
    assert "D900" in forms(year, "2024-03")
    cells = office.recalculate(year.folder / "master.xlsm")
    assert not [at for at, cell in cells.items() if cell.error]
    assert year.shown(SUMMARY_BLOCK)["I01", "任务数"] == 1260


def test_one_that_comes_in_the_year_has_targets_from_then_on(year):
    year.verb(
        "add-district", code="D900", name="高新区", since="8", target="I01=60", document="1号"
    )
    config = year.config()
    assert ("D900", "I01") not in config.targets
    assert ("D900", "I01") not in config.targets_in_force(7)
    assert config.targets_in_force(8)["D900", "I01"] == 60
    assert "D900" not in forms(year, "2024-07")
    assert "D900" in forms(year, "2024-08")
    assert year.verb("status", "2024-07").data["expected"] == 4
    assert year.verb("status", "2024-08").data["expected"] == 5
    assert year.listed(STATUS_BLOCK, "本月结论")[-1] == "不用报"


def test_one_that_is_split_off_takes_its_part_and_the_city_keeps_its_total(year):
    before = year.config().targets_in_force(12)
    year.verb(
        "add-district", code="D900", name="新丁", since="8", from_="丁县", target="I01=80\nI03=4"
    )
    after = year.config().targets_in_force(8)
    assert after["D004", "I01"] == before["D004", "I01"] - 80
    assert after["D900", "I01"] == 80
    assert sum(after.values()) == sum(before.values())
    sound(year)


def test_more_than_there_is_cannot_be_split_off(year):
    with pytest.raises(Refused, match="分不出 481"):
        year.verb(
            "add-district", code="D900", name="新丁", since="8", from_="丁县", target="I01=481"
        )
    assert len(year.config().districts) == 4


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({"code": "D001", "name": "戊县"}, Refused, "已经是“甲县”"),
        ({"code": "D900", "name": "甲县"}, Refused, "1 处不对"),
        ({"code": "D900"}, Misused, "--name"),
        ({}, Misused, "--code"),
        ({"code": "D900", "name": "戊县", "since": "13"}, Misused, "--since"),
        ({"code": "D900", "name": "戊县", "target": "I01"}, Misused, "名称=数字"),
        ({"code": "D900", "name": "戊县", "target": "I99=1"}, Misused, "没有“I99”"),
        ({"code": "D900", "name": "戊县", "to": "nobody"}, Refused, "“nobody”不是邮箱地址"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_district_that_cannot_be_is_turned_down_and_nothing_changes(year, given, kind, says):
    before = (year.folder / "master.xlsm").read_bytes()
    with pytest.raises(kind, match=says):
        year.verb("add-district", **given)
    assert (year.folder / "master.xlsm").read_bytes() == before


def test_a_rehearsal_names_every_sheet_and_changes_nothing(year):
    before = (year.folder / "master.xlsm").read_bytes()
    report = year.verb("add-district", rehearse=True, code="D900", name="高新区", target="I01=60")
    assert len([line for line in report.data["changes"] if "加上了行“高新区”" in line]) == 14
    assert (year.folder / "master.xlsm").read_bytes() == before
    assert len(year.config().districts) == 4


def test_a_new_district_can_be_taken_back(year):
    before = year.config()
    year.verb("add-district", code="D900", name="高新区", target="I01=60")
    year.verb("undo")
    assert year.config() == before
    sound(year)


def test_the_figures_shown_stay_where_their_districts_are(year):
    before = year.shown(CUMULATIVE_BLOCK)
    year.verb("add-district", code="D900", name="高新区")
    after = year.shown(CUMULATIVE_BLOCK)
    assert {key: value for key, value in after.items() if key[0] != "D900"} == before
    assert before["D001", "I01"] == 20


def test_a_new_indicator_is_on_every_sheet_below_its_like(year, office):
    year.verb(
        "add-indicator",
        code="I05",
        path="就业 > 灵活就业",
        unit="人",
        parent="I02",
        target="甲县=10\nD004=7",
    )
    config = year.config()
    assert [item.code for item in config.indicators] == ["I01", "I02", "I03", "I05", "I04"]
    assert config.targets["D004", "I05"] == 7
    assert config.indicators[3].parent == "I02"
    sound(year)
    cells = office.recalculate(year.folder / "master.xlsm")
    assert not [at for at, cell in cells.items() if cell.error]
    assert year.shown(SUMMARY_BLOCK)["I05", "任务数"] == 17
    year.play("2024-03")
    assert year.shown(MONTH_BLOCK)["D001", "I05"] == 1


def test_one_that_comes_in_the_year_is_in_the_forms_from_then_on(year):
    year.verb(
        "add-indicator",
        code="I05",
        path="慰问",
        unit="户",
        since="4",
        target="甲县=10",
        document="1号",
    )
    config = year.config()
    assert "I05" not in [item.code for item in config.in_month("2024-03").indicators]
    assert config.targets_in_force(4)["D001", "I05"] == 10
    assert config.targets_in_force(3).get(("D001", "I05")) is None
    year.play("2024-03")
    year.play("2024-04")
    assert ("D001", "I05") in year.shown(CUMULATIVE_BLOCK)
    assert year.verb("verify", "2024-04").clean


def test_a_row_of_targets_that_does_not_end_in_a_number_is_told(year, tmp_path):
    table = tmp_path / "慰问.csv"
    table.write_text("区县,任务数\n甲县,10\n丙县,—\n乙县,20,含新增\n", encoding="utf-8-sig")
    with pytest.raises(Refused, match="第 4 行：“乙县”的最后一列是“含新增”，不是数字"):
        year.verb("add-indicator", code="I05", path="慰问", unit="户", targets=str(table))


def test_targets_come_from_a_file_of_names_and_numbers(year, tmp_path):
    table = tmp_path / "慰问.csv"
    table.write_text("区县,任务数\n甲县,10\n乙县,20\n合计,30\n", encoding="utf-8-sig")
    year.verb("add-indicator", code="I05", path="慰问", unit="户", targets=str(table))
    targets = year.config().targets
    assert {k: v for k, v in targets.items() if k[1] == "I05"} == {
        ("D001", "I05"): 10,
        ("D002", "I05"): 20,
    }


def test_an_indicator_that_ends_is_not_asked_for_any_more_and_stays_in_the_totals(year):
    year.verb("change-indicator", indicator="基地", until="2")
    assert "I04" not in [item.code for item in year.config().in_month("2024-03").indicators]
    year.play("2024-03")
    assert year.shown(CUMULATIVE_BLOCK)["D001", "I04"] == 0
    assert year.verb("verify", "2024-03").clean


def test_a_renamed_district_is_called_so_everywhere_and_known_by_both_names(year):
    year.verb("change-district", district="丁县", name="丁市")
    whose = year.config().districts[3]
    assert (whose.code, whose.name, whose.aliases) == ("D004", "丁市", ("丁县",))
    assert year.shown(CUMULATIVE_BLOCK)["D004", "区县"] == "丁市"
    assert year.listed(STATUS_BLOCK, "区县")[3] == "丁市"
    sound(year)
    year.run("distribute", "2024-03")
    year.send("丁县三月.xlsx", 3, month="2024-03")
    found = year.collect("2024-03")["丁县三月.xlsx"]
    assert (found["verdict"], found["district"]) == ("accepted", "丁市")


def test_back_to_its_old_name(year):
    year.verb("change-district", district="丁县", name="丁市")
    year.verb("change-district", district="D004", name="丁县")
    assert year.config().districts[3][1:3] == ("丁县", ("丁市",))


def test_a_merged_district_leaves_its_months_and_hands_over_what_was_left(year):
    year.verb("change-district", "2024-03", district="丙县", into="乙县", document="并1号")
    config = year.config()
    before, after = config.targets_in_force(2), config.targets_in_force(3)
    assert config.districts[2].until == 2
    # 10 of 360 were done in January, February never came.
    assert (after["D003", "I01"], after["D002", "I01"]) == (10, 240 + 350)
    assert sum(after.values()) == sum(before.values())
    cumulative = year.shown(CUMULATIVE_BLOCK)
    assert cumulative["D003", "I01"] == 10
    assert "D003" not in forms(year, "2024-03")
    assert year.verb("status", "2024-03").data["expected"] == 3
    sound(year)


def test_what_had_not_come_in_when_a_district_was_merged_is_told(year):
    report = year.verb("change-district", "2024-03", district="丙县", into="乙县")
    assert any("还有 2月 没有通过的填报表" in line for line in report.lines)


@pytest.mark.parametrize("how", [{"into": "乙县"}, {"until": "2"}])
def test_what_was_reported_after_the_last_month_stays_and_is_told(year, how):
    year.run("distribute", "2024-03")
    year.put("丙县.xlsx", year.form(2, month="2024-03"), month="2024-03")
    assert year.collect("2024-03")["丙县.xlsx"]["verdict"] == "accepted"
    report = year.verb("change-district", "2024-03", district="丙县", **how)
    assert any("“丙县”3 月的填报表已经通过，那些数仍算在" in line for line in report.lines)


def test_the_whole_targets_go_over_where_the_notice_says_so(year):
    year.verb("change-district", "2024-03", district="丙县", into="乙县", all_targets="")
    after = year.config().targets_in_force(3)
    assert (after["D003", "I01"], after["D002", "I01"]) == (0, 600)


def test_a_late_return_of_a_merged_district_waits_for_a_person(year):
    year.run("distribute", "2024-04")
    late = year.form(2, month="2024-04")
    year.verb("change-district", "2024-04", district="丙县", into="乙县")
    year.put("丙县.xlsx", late, month="2024-04")
    found = year.collect("2024-04")["丙县.xlsx"]
    assert found["verdict"] == "held"
    assert [problem["code"] for problem in found["problems"]] == ["not-reporting"]
    assert "只报到 3 月" in found["problems"][0]["message"]
    assert year.verb("status", "2024-04").data["missing"] == ["甲县", "乙县", "丁县"]


def test_a_merged_district_is_not_chased(year):
    host = year.open_programme().host
    block, settings = host.block(DISTRICTS_BLOCK), host.block(SETTINGS_BLOCK)
    to = find_columns(block, ("收件人",))["收件人"]
    sender = next(at for at, cell in settings.cells.items() if cell.value == "发件人邮箱")
    addresses = {(block.area[0] + number, to): f"d{number}@b.cn" for number in (1, 4)}
    master = year.folder / "master.xlsm"
    cells = {"区县名录": addresses, "设置": {(sender[0], 2): "city@b.cn"}}
    master.write_bytes(edit_master(cells, master.read_bytes()))
    year.run("distribute", "2024-03")
    year.verb("change-district", "2024-03", district="丁县", into="乙县")
    letters = year.verb("remind", "2024-03", rehearse=True).data["letters"]
    assert [letter["district"] for letter in letters] == ["甲县"]


def test_a_district_that_ends_keeps_its_targets_in_the_total_until_they_are_moved(year):
    report = year.verb("change-district", district="丙县", until="6")
    assert year.config().districts[2].until == 6
    assert any("仍算在全市合计里" in line for line in report.lines)
    assert forms(year, "2024-06") == ["D001", "D002", "D003", "D004"]
    assert forms(year, "2024-07") == ["D001", "D002", "D004"]


def test_a_merger_without_a_month_is_of_the_month_on_the_settings_and_says_so(year):
    block = year.open_programme().host.block(SETTINGS_BLOCK)
    row = next(at[0] for at, cell in block.cells.items() if cell.value == "本次月份")
    path = year.folder / "master.xlsm"
    path.write_bytes(edit_master({block.sheet: {(row, 2): "2024-03"}}, path.read_bytes()))
    report = year.verb("change-district", district="丙县", into="乙县")
    assert any("没有写 --month" in line and "从 3 月起" in line for line in report.lines)
    assert year.config().districts[2].until == 2
    year.verb("undo")
    assert year.config().districts[2].until == 12
    again = year.verb("change-district", "2024-02", district="丙县", into="乙县")
    assert not any("--month" in line for line in again.lines)


@pytest.mark.parametrize(
    ("month", "given", "kind", "says"),
    [
        ("2024-03", {"into": "丙县"}, Misused, "不能并入自己"),
        ("2024-01", {"into": "乙县"}, Refused, "从 1 月起"),
        ("", {"name": "丙市", "until": "3"}, Misused, "只写一个"),
        ("", {}, Misused, "要写一个"),
        ("", {"name": "甲县"}, Refused, "不对"),
        ("", {"name": "丙县"}, Refused, "没有要改的"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_change_that_makes_no_sense_is_turned_down(year, month, given, kind, says):
    before = (year.folder / "master.xlsm").read_bytes()
    with pytest.raises(kind, match=says):
        year.verb("change-district", month, district="丙县", **given)
    assert (year.folder / "master.xlsm").read_bytes() == before


def test_cut_off_after_the_master_was_written_the_same_command_completes_it(year, monkeypatch):
    given = {"code": "D900", "name": "新丁", "since": "8", "from_": "丁县", "target": "I01=80"}

    def cut(name):
        raise KeyboardInterrupt(name)

    monkeypatch.setattr("xl_addin.services.amending.fail_point", cut)
    with pytest.raises(KeyboardInterrupt):
        year.verb("add-district", **given)
    monkeypatch.undo()
    assert year.recorded() == []
    year.verb("amend")
    assert [(c.district, c.was, c.value) for c in year.recorded()] == [
        ("D004", 480, 400),
        ("D900", None, 80),
    ]
    assert len(year.config().districts) == 5
    sound(year)


def test_on_the_command_line_several_targets_are_given_one_by_one(year):
    words = ["add-district", "--folder", str(year.folder), "--code", "D900", "--name", "戊县"]
    assert main([*words, "--target", "I01=1", "--target", "I02=2", "--json"]) == 0
    targets = year.config().targets
    assert (targets["D900", "I01"], targets["D900", "I02"]) == (1, 2)


@pytest.mark.parametrize("verb", ["change-district", "amend"])
def test_what_stands_in_the_master_and_was_not_recorded_is_recorded_the_second_time(
    year, monkeypatch, verb
):
    """The page of the run cannot be written, when the master has been saved."""

    def full(*_):
        raise OSError("full")

    given = {"district": "甲县", "name": "甲甲县"} if verb == "change-district" else {}
    if not given:
        year.set_cell("区县名录", DISTRICTS_BLOCK, "D001", "区县", "甲甲县")
    before = year.config().districts[0]
    with monkeypatch.context() as patch:
        patch.setattr(RunLog, "_write", full)
        with pytest.raises(OSError, match="full"):
            year.verb(verb, **given)
    assert year.config().districts[0].name == "甲甲县"
    year.verb(verb, **given)
    event = year.open_programme().ledger.events(1)[0]
    assert event.verb == verb
    if given:
        assert "“甲县”（D001）改名为“甲甲县”" in event.outcome
        assert year.config().districts[0].aliases == ("甲县",)
        with pytest.raises(Refused, match="已经是它的名称"):
            year.verb(verb, **given)
    year.run("undo")
    assert year.config().districts[0] == before
