"""From a cell to the returns it is made of: what is told, what stands on 溯源, and what can be opened.

Proves also services/tracing.py, services/figure_at.py, services/trail_words.py, services/trail_list.py,
services/trail_copies.py and master/build/trail_sheet.py.
"""

from __future__ import annotations

import json
import re
import shutil
import stat
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools.mail_programme import MONTH, MailProgramme, environment
from tests.tools.mails import letter
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.windows.holding import opened
from xl_addin.cli import main
from xl_addin.model.folder import LEDGER, MASTER, TRAILS
from xl_addin.model.sheets import (
    RANKING_BLOCK,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    TARGETS_SHEET,
    TRAIL_BLOCK,
    TRAIL_NOTE,
)
from xl_addin.services.tracing import trail_of
from xl_addin.services.trail import PRINTED, TARGET, YEAR, Question
from xl_addin.store.publications import (
    BULLETIN,
    CUMULATIVE,
    NewPublication,
    PublishedFigure,
    record_publication,
)
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import fetch, trace

JANUARY, FEBRUARY = MONTHS[:2]
FIRST, SECOND, AGAIN = (datetime(2024, 2, 2, hour) for hour in (8, 9, 10))


@pytest.fixture(scope="module")
def _played(tmp_path_factory):
    """甲县's January came wrong, then right, then corrected; February came; 乙县's only in January."""
    programme = SmallProgramme(tmp_path_factory.mktemp("溯") / "任务")
    programme.send("甲 错.xlsx", 0, {**FIGURES, "I01": -1}, at=FIRST)
    programme.send("甲.xlsx", 0, at=SECOND)
    programme.send("乙.xlsx", 1, at=SECOND)
    programme.collect()
    programme.send("甲 更正.xlsx", 0, {**FIGURES, "I01": 12}, at=AGAIN)
    programme.collect()
    programme.send("甲 2月.xlsx", 0, {**FIGURES, "I01": 7}, FEBRUARY, at=datetime(2024, 3, 2))
    programme.collect(FEBRUARY)
    programme.run("recompute", FEBRUARY)
    return programme.folder


@pytest.fixture
def programme(_played, tmp_path):
    return SmallProgramme(Path(shutil.copytree(_played, tmp_path / "任务")))


def counted(data):
    return sum(row["value"] for row in data["rows"] if row["counts"])


def test_a_cell_leads_to_the_returns_that_it_is_made_of(programme):
    told = programme.run("trace", "", cell="累计完成!C7")
    data = told.data
    assert (data["district"], data["indicator"], data["month"]) == ("甲县", "I01", FEBRUARY)
    assert (data["value"], data["target"], told.clean) == (19, 120, True)
    assert [(row["counts"], row["value"], row["file"]) for row in data["rows"]] == [
        (False, -1, "甲 错.xlsx"),
        (False, 10, "甲.xlsx"),
        (True, 12, "甲 更正.xlsx"),
        (True, 7, "甲 2月.xlsx"),
    ]
    wrong, replaced, *_ = data["rows"]
    assert (wrong["verdict"], wrong["problems"][0]["code"]) == ("rejected", "negative")
    assert "以后来的为准" in replaced["note"]
    assert replaced["how"].startswith("导入文件夹，")
    assert all((row["sheet"], row["cell"]) == ("任务进度", "F7") for row in data["rows"])
    tree = "\n".join(told.lines)
    assert "甲县 · 培训 · 截至 2024-02 累计完成：19；任务数 120" in tree
    assert "└─ 2024-02  ●  7  任务进度!F7  甲 2月.xlsx  已通过" in tree


@pytest.mark.parametrize(
    ("cell", "what", "district", "month", "value"),
    [
        ("累计完成!C11", "cumulative", "", FEBRUARY, 29),
        ("本月完成!C7", "this-month", "甲县", FEBRUARY, 7),
        ("完成率!C7", "cumulative", "甲县", FEBRUARY, 19),
        ("差异!G7", "cumulative", "甲县", FEBRUARY, 19),
        ("进度灯!C8", "cumulative", "乙县", FEBRUARY, 10),
        ("现行任务!C8", "target", "乙县", FEBRUARY, 240),
        ("汇总！$H$5", "cumulative", "", FEBRUARY, 29),
        ("汇总!G5", "this-month", "", FEBRUARY, 7),
        ("汇总!D5", "target", "", FEBRUARY, 1200),
        ("逐月!F5", "this-month", "", JANUARY, 22),
        ("'逐月'!R5", "cumulative", "", FEBRUARY, 29),
        ("进度表!C8", "target", "甲县", FEBRUARY, 120),
        ("进度表!D8", "cumulative", "甲县", FEBRUARY, 19),
        ("进度表!E12", "cumulative", "", FEBRUARY, 29),
        ("各月完成!C8", "cumulative", "乙县", FEBRUARY, 10),
        ("区县单页!D8", "target", "甲县", FEBRUARY, 120),
        ("区县单页!F8", "cumulative", "甲县", FEBRUARY, 19),
        ("区县单页!J8", "this-month", "甲县", FEBRUARY, 7),
        ("区县单页!S8", "cumulative", "甲县", FEBRUARY, 19),
        ("区县单页!D15", "this-month", "甲县", JANUARY, 12),
        ("看板数据!E21", "cumulative", "", FEBRUARY, 29),
    ],
)
def test_every_sheet_of_figures_can_be_asked(programme, cell, what, district, month, value):
    told = programme.run("trace", "", rehearse=True, cell=cell)
    data = told.data
    assert (data["what"], data["district"], data["month"]) == (what, district, month)
    assert data["value"] == counted(data) == value
    assert told.clean


def test_a_district_of_the_board_is_found_wherever_its_rank_puts_it(programme):
    names = programme.listed(RANKING_BLOCK, "区县")
    assert names[:2] == ["甲县", "乙县"]
    for row, (name, value) in enumerate(zip(names, (19, 10, None, None), strict=False), 28):
        data = programme.run("trace", "", rehearse=True, cell=f"看板!H{row}").data
        assert (data["district"], data["indicator"], data["value"]) == (name, "I01", value)


@pytest.mark.parametrize(
    ("cell", "whose"),
    [
        ("看板!B28", "甲县"),
        ("看板!E29", "乙县"),
        ("看板!L28", "甲县"),
        ("看板!B5", "全市"),
        ("进度表!O8", "甲县"),
        ("进度表!O12", "全市"),
        ("区县单页!E5", "甲县"),
        ("看板数据!B6", "全市"),
        ("看板数据!D28", "甲县"),
    ],
)
def test_of_a_figure_made_of_several_it_says_which_and_where_they_stand(programme, cell, whose):
    with pytest.raises(Refused, match=f"由{whose}各项指标") as refused:
        programme.run("trace", "", cell=cell)
    named = re.findall(r"（(完成率![A-Z]+\d+)）", refused.value.message)
    assert len(named) == {"甲县": 3, "乙县": 2, "全市": 3}[whose]
    for each in named:
        data = programme.run("trace", "", rehearse=True, cell=each).data
        assert data["district"] == whose.replace("全市", "")


def test_a_total_names_what_lacks_months_first_and_each_district_can_be_followed(programme):
    data = programme.run("trace", "", cell="累计完成!C11").data
    assert [(row["district"], row["counts"], row["note"]) for row in data["rows"]] == [
        ("乙县", True, "缺2月"),
        ("丙县", False, "缺1月、2月"),
        ("丁县", False, "缺1月、2月"),
        ("甲县", True, "上月 12"),
    ]
    assert (data["rows"][0]["sheet"], data["rows"][0]["cell"]) == ("累计完成", "C8")
    followed = programme.run("trace", "", cell="溯源!B5").data
    assert (followed["district"], followed["value"]) == ("乙县", 10)


def test_a_month_that_never_came_is_no_zero(programme):
    rows = programme.run("trace", FEBRUARY, district="乙县", indicator="I01").data["rows"]
    assert [(row["kind"], row["value"], row["verdict"]) for row in rows] == [
        ("return", 10, "accepted"),
        ("missing", None, "missing"),
    ]
    nothing = programme.run("trace", FEBRUARY, district="丁县", indicator="培训").data
    assert nothing["value"] is None


def test_a_cell_that_lags_behind_the_ledger_is_told(programme):
    programme.send("乙 2月.xlsx", 1, month=FEBRUARY, at=datetime(2024, 3, 3))
    programme.collect(FEBRUARY)
    told = programme.run("trace", "", cell="累计完成!C8")
    assert (told.data["value"], told.data["stale"], told.clean) == (20, True, False)
    assert told.lines[-1].startswith("累计完成!C8 上是“10”，按底账现在是“20”")
    programme.run("recompute", FEBRUARY)
    assert programme.run("trace", "", cell="累计完成!C8").clean


def test_nothing_of_an_undone_run_is_told(programme):
    programme.run("undo", "")
    programme.run("undo", "")
    data = programme.run("trace", FEBRUARY, district="甲县", indicator="I01").data
    assert [row["file"] for row in data["rows"]] == ["甲 错.xlsx", "甲.xlsx", "甲 更正.xlsx", ""]
    assert data["value"] == counted(data) == 12


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({}, Misused, "--cell"),
        ({"cell": "C6"}, Misused, "C6"),
        ({"cell": "汇总!A1"}, Refused, "汇总!A1：这一格不是由填报表来的数"),
        ({"cell": "累计完成!B7"}, Refused, "请先点住一个区县"),
        ({"cell": "逐月!P5"}, Refused, "逐月!P5"),
        ({"cell": "设置!B5"}, Refused, "设置!B5"),
        ({"cell": "看板!D28"}, Refused, "看板!D28：这一格不是"),
        ({"cell": "区县单页!F15"}, Refused, "区县单页!F15：这一格不是"),
        ({"cell": "区县单页!A5"}, Refused, "区县单页!A5：这一格不是"),
        ({"district": "甲县"}, Misused, "--indicator"),
        ({"district": "戊县", "indicator": "I01"}, Refused, "戊县"),
    ],
)
def test_what_is_no_figure_is_refused_with_what_to_do(programme, options, error, says):
    with pytest.raises(error, match=says):
        programme.run("trace", FEBRUARY, **options)


def test_the_sheet_says_it_and_leads_to_copies_that_are_not_the_archive(programme):
    programme.run("trace", "", cell="累计完成!C7")
    assert programme.listed(TRAIL_BLOCK, "计入")[:5] == ["○", "○", "●", "●", None]
    assert programme.listed(TRAIL_BLOCK, "数")[:4] == [-1, 10, 12, 7]
    assert programme.listed(TRAIL_BLOCK, "原件")[:5] == ["打开"] * 4 + [""]
    links = [link for link in programme.listed(TRAIL_BLOCK, "链接") if link]
    assert links[3] == "溯源/2024-02_甲县_8.xlsx#'任务进度'!F7"
    note = programme.open_programme().host.block(TRAIL_NOTE)
    assert "：19；" in note.cells[note.area[:2]].value
    for link in links:
        path, _, place = link.partition("#")
        copy = programme.folder / path
        assert not copy.stat().st_mode & stat.S_IWUSR
        sheet, _, cell = place.partition("!")
        assert load_workbook(copy)[sheet.strip("'")][cell].value in (-1, 10, 12, 7)
        copy.chmod(0o600)
        copy.write_bytes(b"saved by Excel on closing")
    assert programme.run("verify", FEBRUARY).clean


def test_copies_of_an_earlier_trail_go_and_what_somebody_changed_stays(programme):
    copies = programme.folder / TRAILS
    programme.run("trace", "", cell="累计完成!C7")
    [changed] = copies.glob("2024-02*")
    changed.chmod(0o600)
    changed.write_bytes(b"mine")
    (copies / "笔记.txt").write_text("mine")
    programme.run("trace", "", cell="累计完成!C8")
    assert {changed.name, "2024-01_乙县_2.xlsx", "笔记.txt"} == {
        each.name for each in copies.iterdir()
    }
    programme.run("trace", "", cell="累计完成!C7")
    assert changed.read_bytes() == b"mine"
    assert programme.listed(TRAIL_BLOCK, "链接")[3] == "溯源/2024-02_甲县_8(2).xlsx#'任务进度'!F7"


def test_a_rehearsal_writes_nothing_and_a_trace_changes_no_ledger(programme):
    def stands():
        return [(programme.folder / name).read_bytes() for name in (MASTER, LEDGER)]

    before = stands()
    programme.run("trace", "", rehearse=True, cell="累计完成!C7")
    assert stands() == before
    assert not (programme.folder / TRAILS).exists()
    programme.run("trace", "", cell="累计完成!C7")
    assert stands()[1] == before[1]
    assert stands()[0] != before[0]


def test_a_master_that_is_open_elsewhere_is_told_of_and_the_trail_is_still_given(programme):
    lock = programme.folder / f"~${MASTER}"
    lock.write_bytes(b"\x05admin" + b" " * 159)
    with opened(programme.folder / MASTER):
        told = programme.run("trace", "", cell="累计完成!C7")
    assert told.data["value"] == 19
    assert any(line.startswith("“溯源”表没有写：") for line in told.lines)


def test_a_changed_target_and_what_was_published_are_in_the_trail(programme):
    programme.run("adjust", FEBRUARY, district="甲县", indicator="I01", by="-20", document="30号")
    opened = programme.open_programme()
    ledger = opened.ledger
    with ledger.writing():
        facts = NewPublication(JANUARY, BULLETIN, "3", "ab", "通报.docx", "2024-02-08 10:00:00")
        figure = PublishedFigure(programme.codes[0], "I01", CUMULATIVE, 10)
        record_publication(ledger, facts, [figure])
        ledger.add_event(opened.now(), "bulletin", JANUARY, "", "")
    year = trail_of(opened, Question(YEAR, programme.codes[0], "I01", 2, 2))
    *_, changed, printed = year.rows
    assert (changed.value, changed.counts) == (-20, False)
    assert changed.note.startswith("2月起任务数减 20，依据 30号，")
    assert (printed.kind, printed.value, printed.counts) == (PRINTED, 10, False)
    assert "通报 3" in printed.note
    target = trail_of(opened, Question(TARGET, programme.codes[0], "I01", 2, 2))
    assert [(row.value, row.counts, row.sheet) for row in target.rows[:2]] == [
        (120, True, TARGETS_SHEET),
        (-20, True, "任务调整"),
    ]
    assert target.value == 100
    opened.close()


def test_the_person_stands_in_the_trail(programme):
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "操作人", SETTING_HEADINGS[1], "王芳")
    programme.send("乙 2月.xlsx", 1, month=FEBRUARY, at=datetime(2024, 3, 3))
    programme.collect(FEBRUARY)
    rows = programme.run("trace", FEBRUARY, district="乙县", indicator="I01").data["rows"]
    assert "，王芳（" in rows[-1]["how"]


def test_the_mail_that_brought_a_return_is_told(tmp_path, postoffice, monkeypatch):
    environment(monkeypatch)
    programme = MailProgramme(tmp_path / "任务", postoffice, 2).distribute_forms()
    form = programme.filled(programme.districts[0])
    box = programme.box(programme.districts[0])
    postoffice.deliver(programme.hq, letter(box, ("表.xlsx", form), subject="6月报表"))
    programme.run(fetch)
    rows = programme.run(trace, MONTH, district="500201", indicator="I01").data["rows"]
    [row] = [row for row in rows if row["counts"]]
    mail = row["mail"]
    assert (mail["sender"], mail["subject"]) == (box, "6月报表")
    assert (programme.folder / mail["archive"]).is_file()
    assert box in row["how"]
    assert "收取邮件" in row["how"]


def test_the_command_line_prints_the_tree_or_one_object(programme, capsys):
    where = ["--folder", str(programme.folder)]
    assert main(["trace", "--cell", "累计完成!C7", "--rehearse", *where]) == 0
    said = capsys.readouterr().out
    assert "├─ 2024-01  ●  12  任务进度!F7  甲 更正.xlsx" in said
    assert main(["trace", "--cell", "累计完成!C7", "--rehearse", "--json", *where]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["value"] == counted(data) == 19
