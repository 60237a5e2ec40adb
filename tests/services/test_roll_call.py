"""Who has reported: the same answer in every verb, on 回收情况 and in what remind leaves out."""

from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.tools.programme import MONTHS, NAMES, SmallProgramme, codes_of
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.records import NOT_REPORTING_LABEL, District
from xl_addin.model.sheets import (
    MONTH_HEADINGS,
    PROBLEMS_BLOCK,
    STATUS_BLOCK,
    STATUS_COUNT_HEADINGS,
    STATUS_COUNTS_BLOCK,
)
from xl_addin.services.lists import status_change
from xl_addin.services.roll_call import RollCall, call_roll, count_words
from xl_addin.store.ledger import Status
from xl_addin.xlsx.package import deflate, pack

JANUARY, FEBRUARY, MARCH = MONTHS[:3]
WRONG = {"I01": -1}
WORD = pack([deflate("[Content_Types].xml", b"<Types/>"), deflate("word/document.xml", b"<d/>")])
ONE, TWO = NAMES[:2]


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "年度 任务")


def hints(programme, month=JANUARY):
    """By district what 回收情况 says beside the verdict, without those that say nothing."""
    rows = programme.run("status", month).data["districts"]
    return {row["district"]: (row["verdict"], row["hint"]) for row in rows if row["hint"]}


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("甲县1月.jpg", b"\xff\xd8\xff\xe0 photo", "扫描件"),
        ("甲县盖章.pdf", b"%PDF-1.7 scan", "扫描件"),
        ("甲县.heic", b"\0\0\0\x18ftypheic", "扫描件"),
        ("甲县填报表.docx", WORD, "文字文件"),
        ("甲县.xlsx", b"%PDF-1.7 named like a workbook", "扫描件"),
    ],
)
def test_a_scan_is_told_under_its_district_and_counts_as_nothing(programme, name, data, kind):
    programme.put(name, data)
    found = programme.collect()[name]
    assert (found["verdict"], found["district"], codes_of(found)) == ("foreign", ONE, {"scan"})
    assert hints(programme) == {ONE: ("missing", f"收到{kind}“{name}”，待补电子表")}
    said = programme.run("status", JANUARY)
    assert said.data["not_reported"] == ["甲县", "乙县", "丙县", "丁县"]
    assert "已通过 0，未通过 0，未报 4" in said.outcome
    programme.run("recompute")
    assert programme.listed(STATUS_BLOCK, "本月结论") == ["未报"] * 4
    assert programme.listed(STATUS_BLOCK, "提示")[0] == hints(programme)[ONE][1]


def test_the_form_makes_the_scan_superfluous(programme):
    programme.put("甲县.pdf", b"%PDF", datetime(2024, 2, 3, 8))
    programme.send("甲县.xlsx", 0, WRONG, at=datetime(2024, 2, 3, 9))
    programme.collect()
    assert hints(programme) == {}
    programme.put("甲县改.pdf", b"%PDF corrected", datetime(2024, 2, 4))
    programme.collect()
    assert hints(programme) == {ONE: ("rejected", "收到扫描件“甲县改.pdf”，待补电子表")}
    programme.send("甲县改.xlsx", 0, at=datetime(2024, 2, 5))
    programme.collect()
    assert hints(programme) == {}
    assert programme.listed(PROBLEMS_BLOCK, "文件") == []


def test_a_name_with_two_districts_or_none_is_nobodys(programme):
    programme.put("甲县和乙县.pdf", b"%PDF 1")
    programme.put("盖章.pdf", b"%PDF 2")
    assert [each["district"] for each in programme.collect().values()] == [None, None]
    assert hints(programme) == {}


def test_a_file_that_could_not_be_read_keeps_its_place_until_a_good_one_came(programme):
    programme.put("甲县.xlsx", b"PK\x03\x04 cut off", datetime(2024, 2, 2))
    programme.put("表.xlsx", b"PK\x03\x04 cut off too", datetime(2024, 2, 2))
    programme.collect()
    again = programme.run("collect", JANUARY)
    assert [row[:3] for row in again.tables[0].rows] == [
        ("甲县.xlsx", ONE, "无法读取"),
        ("表.xlsx", "—", "无法读取"),
    ]
    said = programme.run("status", JANUARY)
    assert said.data["unplaced"] == ["表.xlsx"]
    assert "“表.xlsx”" in said.lines[0]
    assert hints(programme) == {ONE: ("unreadable", "“甲县.xlsx”读不出来，请区县重新发送")}
    assert "未通过 1（无法读取 1），未报 3" in said.outcome
    programme.run("recompute")
    assert len(programme.listed(PROBLEMS_BLOCK, "文件")) == 2
    programme.send("甲县好.xlsx", 0)
    programme.collect()
    programme.run("recompute")
    assert hints(programme) == {}
    assert programme.listed(PROBLEMS_BLOCK, "文件") == ["表.xlsx"]


def test_empty_files_are_all_alike_and_still_of_two_districts(programme):
    programme.put("甲县.xlsx", b"")
    programme.put("乙县.xlsx", b"")
    programme.collect()
    assert set(hints(programme)) == {ONE, TWO}
    assert programme.run("collect", JANUARY).data["seen_before"] == 2


def test_a_file_that_was_open_elsewhere_is_told_once_and_no_more_once_it_was_read(
    programme, monkeypatch
):
    path = programme.send("甲县.xlsx", 0)
    import os

    real = os.open

    def locked(name, *rest, **more):
        if str(name) == str(path):
            raise PermissionError(13, "Permission denied", str(name))
        return real(name, *rest, **more)

    monkeypatch.setattr(os, "open", locked)
    programme.collect()
    programme.collect()
    programme.run("recompute")
    assert programme.listed(PROBLEMS_BLOCK, "文件") == ["甲县.xlsx"]
    assert hints(programme)[ONE][0] == "unreadable"
    monkeypatch.setattr(os, "open", real)
    assert programme.collect()["甲县.xlsx"]["verdict"] == "accepted"
    programme.run("recompute")
    assert programme.listed(PROBLEMS_BLOCK, "文件") == []
    assert hints(programme) == {}


def test_last_months_form_sent_again_is_told_and_one_that_lies_there_is_not(programme):
    data = programme.form(0)
    programme.put("甲县.xlsx", data).rename(programme.folder / "回收" / "甲县.xlsx")
    programme.collect()
    programme.collect(FEBRUARY)
    assert hints(programme, FEBRUARY) == {}
    programme.put("甲县二月.xlsx", data, datetime(2024, 3, 3), FEBRUARY)
    said = programme.run("collect", FEBRUARY)
    words = "又发来了 1 月的表“甲县二月.xlsx”，2 月的还没有报"
    assert ("甲县二月.xlsx", ONE, "重复", words) in said.tables[0].rows
    assert hints(programme, FEBRUARY) == {ONE: ("missing", words)}
    programme.send("甲县真二月.xlsx", 0, month=FEBRUARY, at=datetime(2024, 3, 4))
    programme.collect(FEBRUARY)
    assert hints(programme, FEBRUARY) == {}


def test_last_months_form_saved_anew_waits_and_is_told(programme):
    programme.send("甲县.xlsx", 0)
    programme.collect()
    book = load_workbook(BytesIO(programme.form(0)))
    book["任务进度"]["F7"] = 11
    saved = BytesIO()
    book.save(saved)
    programme.put("甲县.xlsx", saved.getvalue(), datetime(2024, 3, 3), FEBRUARY)
    assert programme.collect(FEBRUARY)["甲县.xlsx"]["verdict"] == "held"
    words = "又发来了 1 月的表“甲县.xlsx”（在“待定”），2 月的还没有报"
    assert hints(programme, FEBRUARY) == {ONE: ("missing", words)}
    assert hints(programme) == {ONE: ("accepted", "又收到一份“甲县.xlsx”，在“待定”")}


def test_a_form_that_waits_is_held_for_its_own_month_whatever_was_collected(programme):
    late = programme.folder.parent / "甲县补报.xlsx"
    programme.send(late.name, 0).rename(late)
    programme.collect(FEBRUARY, late)
    assert hints(programme) == {ONE: ("held", "在“待定”，等市里决定")}
    programme.put("甲县.xlsx", b"PK\x03\x04 cut off", datetime(2024, 2, 9))
    programme.collect()
    assert hints(programme)[ONE][0] == "held"
    programme.run("recompute")
    assert programme.listed(STATUS_BLOCK, "1月")[0] == "待定"


def test_a_form_that_waited_is_no_longer_told_once_its_own_month_took_it(programme):
    late = programme.folder.parent / "甲县补报.xlsx"
    programme.send(late.name, 0).rename(late)
    programme.collect(FEBRUARY, late)
    programme.collect(JANUARY, late)
    assert hints(programme) == hints(programme, FEBRUARY) == {}


def test_every_place_tells_the_same_counts(programme):
    programme.send("甲县.xlsx", 0)
    programme.send("乙县.xlsx", 1, WRONG)
    programme.put("丙县.pdf", b"%PDF")
    collected = programme.run("collect", JANUARY)
    words = "应报 4，已通过 1，未通过 1（退回 1），未报 2"
    assert f"；到现在{words}。" in collected.outcome
    assert f"：{words}；" in programme.run("status", JANUARY).outcome
    programme.run("recompute")
    block = programme.open_programme().host.block(STATUS_COUNTS_BLOCK)
    at = find_columns(block, STATUS_COUNT_HEADINGS)
    counts = {name: block.cells[block.area[2], column].value for name, column in at.items()}
    assert {name: counts[name] for name in ("应报", "已通过", "未通过", "未报")} == {
        "应报": 4,
        "已通过": 1,
        "未通过": 1,
        "未报": 2,
    }
    closed = programme.run("close", JANUARY)
    assert words in closed.outcome
    assert closed.data["not_reported"] == ["丙县", "丁县"]


def test_files_seen_before_are_counted_and_not_listed(programme):
    programme.send("甲县.xlsx", 0)
    programme.send("乙县.xlsx", 1, WRONG)
    first = programme.run("collect", JANUARY)
    assert first.data["seen_before"] == 0
    programme.send("丙县.xlsx", 2, {"I01": 7, "I02": 3, "I03": 1, "I04": 0})
    second = programme.run("collect", JANUARY)
    assert second.outcome.startswith(
        "2024-01：收集 3 个文件：已通过 1；另有 2 份以前收过，没有变化；到现在"
    )
    assert (second.data["seen_before"], second.data["counts"]["duplicate"]) == (2, 2)
    assert second.tables == ()
    third = programme.run("collect", JANUARY)
    assert third.outcome.startswith("2024-01：收集 3 个文件，都是以前收过的，没有变化；")


def test_a_copy_in_the_same_run_is_listed(programme):
    data = programme.form(0)
    programme.put("甲县.xlsx", data)
    programme.put("甲县 副本.xlsx", data, datetime(2024, 2, 4))
    said = programme.run("collect", JANUARY)
    assert said.data["seen_before"] == 0
    assert [row[0] for row in said.tables[0].rows] == ["甲县 副本.xlsx"]


def test_a_district_that_ended_is_not_expected(programme):
    under_test = programme.open_programme()
    config = under_test.basics
    gone = config.districts[0]._replace(until=1)
    roll = RollCall(config._replace(districts=(gone, *config.districts[1:])), {})
    assert len(roll.answers(JANUARY)) == 4
    assert count_words(roll.answers(FEBRUARY)) == "应报 3，已通过 0，未通过 0，未报 3"
    board = status_change(
        under_test.host.block(STATUS_BLOCK),
        config._replace(districts=(gone, *config.districts[1:])),
        roll,
        FEBRUARY,
    )
    texts = {value for (row, _), value in board.values.items() if row == 7}
    assert {NOT_REPORTING_LABEL, "未报", None} == texts
    # Of the others the months up to the one that is shown are 未报, and nothing is said of later ones.
    block = under_test.host.block(STATUS_BLOCK)
    at = find_columns(block, MONTH_HEADINGS)
    assert [board.values[8, at[f"{n}月"]] for n in (1, 2, 3)] == ["未报", "未报", None]
    begun = config._replace(settings=config.settings._replace(first_month=2))
    shown = status_change(block, begun, RollCall(begun, {}), FEBRUARY).values
    assert [shown[8, at[f"{n}月"]] for n in (1, 2, 3)] == [None, "未报", None]
    under_test.close()
    late = District("1", "甲", since=3)
    assert [late.reports(month) for month in MONTHS[1:4]] == [False, True, True]


def test_the_roll_of_a_programme_knows_its_returns(programme):
    programme.send("甲县.xlsx", 0)
    programme.collect()
    under_test = programme.open_programme()
    first, *rest = call_roll(under_test).answers(JANUARY)
    assert isinstance(first.status, Status)
    assert (first.verdict, {each.verdict for each in rest}) == ("accepted", {"missing"})
    under_test.close()


def test_a_correction_that_follows_makes_nobody_late(programme):
    """By the return that passed first, in 回收情况, 看板 data, status and 考核 alike."""
    programme.score_by([("报送及时", "每迟一天扣", 100, 1, 4, "累计", "是")])
    first = {"甲县": datetime(2024, 2, 3), "乙县": datetime(2024, 2, 7)}
    for number, (name, at) in enumerate(first.items()):
        programme.send(f"{name}1月.xlsx", number, at=at)
    programme.collect()
    for number, name in enumerate(first):
        figures = {"I01": 11, "I02": 5, "I03": 2, "I04": 0}
        programme.send(f"{name}1月更正.xlsx", number, figures, at=datetime(2024, 2, 9))
    assert programme.collect()["甲县1月更正.xlsx"]["verdict"] == "accepted"
    said = programme.run("recompute").data
    assert programme.listed(STATUS_BLOCK, "是否按时") == ["按时", "逾期", None, None]
    assert {
        each["district"]: each["on_time"] for each in programme.run("status").data["districts"]
    } == {"甲县": True, "乙县": False, "丙县": None, "丁县": None}
    assert hints(programme)[ONE][1] == ("是否按时看 2024-02-03 收到的首报；这份是更正")
    scores = {each["district"]: each["items"][0] for each in said["scores"]}
    assert scores[ONE]["points"] == 100
    assert scores[TWO]["points"] == 98
    assert scores[TWO]["lost"][0]["receipt"]["file"] == "乙县1月.xlsx"
