"""Another office's table beside the ledger: what is told, kept, shown, undone, asked of districts.

Proves also services/comparing.py, services/comparison_list.py, services/comparison_letters.py,
services/comparison_words.py, services/our_figures.py, master/build/comparison_sheets.py and
master/read/correspondences.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.tools import mail_programme
from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.sql import rows as sql_rows
from tests.tools.tables import workbook
from xl_addin.cli import main
from xl_addin.master.totals import compute_totals
from xl_addin.model.comparison import CUMULATIVE, MONTHLY
from xl_addin.model.folder import ARCHIVE, COMPARISONS, LEDGER, MASTER
from xl_addin.model.sheets import (
    COMPARISON_BLOCK,
    COMPARISON_HEAD_BLOCK,
    COMPARISON_SHEET,
    CORRESPONDENCE_SHEET,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.comparing import PeriodUnclear
from xl_addin.services.our_figures import OurFigures
from xl_addin.services.programme import Request
from xl_addin.store.comparisons import comparisons
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import collect, compare, undo
from xl_addin.xlsx.package import unpack
from xl_addin.xlsx.workbook import Workbook

JANUARY, FEBRUARY = MONTHS[:2]
SAVED = datetime(2024, 2, 2, 8)
_HEAD = ["单位", "培训", "就业"]
_OURS = (["甲县", 17, 10], ["乙县", 10, 5], ["丙县", 10, 5])
_TITLE = ["2024年1-2月培训就业情况"]


@pytest.fixture(scope="module")
def _played(tmp_path_factory):
    """January of three districts, February of 甲县 alone; nothing of 丁县."""
    programme = SmallProgramme(tmp_path_factory.mktemp("比") / "任务")
    for number, name in enumerate("甲乙丙"):
        programme.send(f"{name}.xlsx", number, at=SAVED)
    programme.collect()
    february = {**FIGURES, "I01": 7}
    programme.send("甲 2月.xlsx", 0, february, FEBRUARY, at=datetime(2024, 3, 2))
    programme.collect(FEBRUARY)
    programme.run("recompute", FEBRUARY)
    return programme.folder


@pytest.fixture
def programme(_played, tmp_path):
    return SmallProgramme(Path(shutil.copytree(_played, tmp_path / "任务")))


def write(folder, *rows, name="人社.xlsx", head=_HEAD, title=_TITLE):
    """Another office's file beside the programme."""
    path = Path(folder) / name
    path.write_bytes(workbook({"表": [title, head, *rows]}))
    return path


def changed(rows, name, column, value):
    return [
        [n, *(value if i == column else v for i, v in enumerate(rest))] if n == name else [n, *rest]
        for n, *rest in rows
    ]


def results(data):
    return {(row["district"], row["indicator"]): row["result"] for row in data["rows"]}


def shown(programme):
    """The rows of 比对 as (区县, 指标, 我方, 他方, 差, 结果, 处理)."""
    block = programme.open_programme().host.block(COMPARISON_BLOCK)
    top, left, bottom, _ = block.area
    cells = [
        tuple(
            None if (cell := block.cells.get((row, left + at))) is None else cell.value
            for at in (0, 1, 2, 3, 4, 5, 9)
        )
        for row in range(top + 1, bottom + 1)
    ]
    return [each for each in cells if any(value is not None for value in each)]


def head(programme):
    """What stands above the list."""
    block = programme.open_programme().host.block(COMPARISON_HEAD_BLOCK)
    top, left, bottom, right = block.area
    said = {}
    for row in range(top + 1, bottom + 1):
        value = block.cells.get((row, right))
        said[block.cells[row, left].value] = None if value is None else value.value
    return said


def note(programme, row, text):
    """Type into 处理 beside the so-manieth row of the list."""
    block = programme.open_programme().host.block(COMPARISON_BLOCK)
    programme.type_over(COMPARISON_SHEET, {(block.area[0] + row, block.area[3]): text})


def figures(folder):
    return sql_rows(folder / LEDGER, "SELECT * FROM figures ORDER BY receipt, indicator")


def sheets_of(path, *without):
    book = Workbook(unpack(path.read_bytes()))
    return {name: book.sheet(name).cells for name in book.sheet_names if name not in without}


def test_every_pair_has_both_cells_and_what_they_come_to(programme, tmp_path):
    path = write(tmp_path, *changed(_OURS, "甲县", 0, 16), ["丁县", 3, None], ["合计", 39, 20])
    told = programme.run("compare", FEBRUARY, path)
    data = told.data
    assert results(data) == {
        ("甲县", "I01"): "我方多",
        ("甲县", "I02"): "一致",
        ("乙县", "I01"): "一致",
        ("乙县", "I02"): "一致",
        ("丙县", "I01"): "一致",
        ("丙县", "I02"): "一致",
        ("丁县", "I01"): "我方缺",
        ("丁县", "I02"): "双方都缺",
    }
    [row] = [row for row in data["rows"] if row["result"] == "我方多"]
    assert (row["ours"], row["theirs"], row["difference"], row["their_cell"]) == (17, 16, 1, "B3")
    assert [
        (each["month"], each["file"], each["cell"], each["value"]) for each in row["ours_receipts"]
    ] == [
        (JANUARY, "甲.xlsx", row["ours_receipts"][0]["cell"], 10),
        (FEBRUARY, "甲 2月.xlsx", row["ours_receipts"][1]["cell"], 7),
    ]
    assert sum(each["value"] for each in row["ours_receipts"]) == row["ours"]
    assert (data["verb"], data["month"], data["file"]) == ("compare", FEBRUARY, "人社.xlsx")
    assert [(each["cell"], each["indicator"]) for each in data["matched"]] == [
        ("B2", "I01"),
        ("C2", "I02"),
    ]
    totals = [(t["cell"], t["printed"], t["recomputed"]) for t in data["their_total"]]
    assert totals == [("B7", 39, 39), ("C7", 20, 20)]
    assert told.clean is False
    assert shown(programme)[0][:6] == ("甲县", "I01 培训", 17, 16, 1, "我方多")
    assert len(shown(programme)) == len(data["rows"])
    assert head(programme)["编号"] == 1


def test_ours_that_lacks_months_is_no_finding_when_it_is_less(programme, tmp_path):
    path = write(tmp_path, ["甲县", 18, 10], ["乙县", 12, 4], ["丙县", 10, 5])
    found = results(programme.run("compare", FEBRUARY, path).data)
    assert found["甲县", "I01"] == "我方少"
    assert found["乙县", "I01"] == "我方不全"
    assert found["乙县", "I02"] == "我方多"
    assert found["丙县", "I01"] == "一致"
    rows = {
        (r["district"], r["indicator"]): r["note"]
        for r in programme.run("compare", FEBRUARY, path).data["rows"]
    }
    assert "缺2月" in rows["乙县", "I01"]
    assert "1/2" in rows["丙县", "I01"]


def test_a_table_that_agrees_is_clean(programme, tmp_path):
    path = write(tmp_path, ["甲县", 17, 10], ["乙县", 10, 5])
    told = programme.run("compare", FEBRUARY, path)
    assert told.clean
    assert told.data["districts_absent"] == ["丙县", "丁县"]


def test_no_figure_changes(programme, tmp_path):
    path = write(tmp_path, *changed(_OURS, "甲县", 0, 99))
    before, there = (
        figures(programme.folder),
        sheets_of(programme.folder / MASTER, COMPARISON_SHEET),
    )
    programme.run("compare", FEBRUARY, path)
    assert figures(programme.folder) == before
    assert sheets_of(programme.folder / MASTER, COMPARISON_SHEET) == there


def test_our_figures_are_those_of_the_sheets(programme):
    """By another way than the totals': the very same numbers, for every pair, month and kind."""
    opened = programme.open_programme()
    ours = OurFigures.of_ledger(opened.ledger, opened.config)
    for number in (1, 2):
        month = f"2024-{number:02d}"
        totals = compute_totals(opened.ledger.figures(month), opened.config, month)
        for pair in totals.pairs:
            for period, shown_ in ((CUMULATIVE, totals.cumulative), (MONTHLY, totals.this_month)):
                found = ours.figure(pair, period, number)
                told = "—" if found.not_applicable else found.value
                assert told == shown_.get(pair), (pair, period, number)
                trail = [each.value for each in ours.trail(pair, period, number)]
                assert not trail or sum(trail) == found.value
    opened.close()


def test_what_staff_typed_stays_through_runs_other_files_and_undo(programme, tmp_path):
    one = write(tmp_path, *changed(_OURS, "甲县", 0, 16))
    other = write(tmp_path, *changed(_OURS, "乙县", 1, 4), name="民政.xlsx")
    programme.run("compare", FEBRUARY, one)
    note(programme, 1, "已电话核实")
    programme.run("compare", FEBRUARY, other)
    assert [row[-1] for row in shown(programme)] == [None] * 6
    note(programme, 1, "问民政")
    one = write(tmp_path, *changed(_OURS, "甲县", 0, 15))
    programme.run("compare", FEBRUARY, one)
    assert shown(programme)[0] == ("甲县", "I01 培训", 17, 15, 2, "我方多", "已电话核实")
    note(programme, 1, "再核实")
    programme.run("undo", FEBRUARY)
    assert head(programme)["编号"] == 2
    assert shown(programme)[0][-1] == "问民政"
    programme.run("compare", FEBRUARY, one)
    assert shown(programme)[0][-1] == "再核实"


def test_undo_takes_the_comparison_back_and_empties_the_sheet(programme, tmp_path):
    before = sheets_of(programme.folder / MASTER)
    programme.run("compare", FEBRUARY, write(tmp_path, *_OURS))
    programme.run("undo", FEBRUARY)
    opened = programme.open_programme()
    assert comparisons(opened.ledger) == []
    opened.close()
    after = sheets_of(programme.folder / MASTER)
    assert shown(programme) == []
    assert head(programme)["编号"] is None
    assert {n: c for n, c in after.items() if n not in (COMPARISON_SHEET, "操作日志")} == {
        n: c for n, c in before.items() if n not in (COMPARISON_SHEET, "操作日志")
    }
    assert programme.run("verify", FEBRUARY).data["differences"] == []


def test_archive_ledger_and_master_agree_afterwards_and_after_a_rebuild(programme, tmp_path):
    path = write(tmp_path, *changed(_OURS, "甲县", 0, 16))
    told = programme.run("compare", FEBRUARY, path)
    assert (
        programme.folder / ARCHIVE / f"{told.data['sha256']}.xlsx"
    ).read_bytes() == path.read_bytes()
    assert programme.run("verify", FEBRUARY).data["differences"] == []
    tables = [f"SELECT * FROM {t}" for t in ("comparisons", "compared", "comparison_notes")]  # noqa: S608
    before = [sql_rows(programme.folder / LEDGER, query) for query in tables]
    programme.run("rebuild", "")
    assert [sql_rows(programme.folder / LEDGER, query) for query in tables] == before
    assert programme.run("verify", FEBRUARY).data["differences"] == []
    (programme.folder / ARCHIVE / f"{told.data['sha256']}.xlsx").unlink()
    codes = {each["code"] for each in programme.run("verify", FEBRUARY).data["differences"]}
    assert "archive-missing" in codes


def test_a_file_with_persons_in_it_is_not_kept_unless_asked(programme, tmp_path):
    rows = [
        ["甲县", 17, 10, "王小明", 13900000001],
        ["乙县", 10, 5, "李四", 13900000002],
        ["丙县", 10, 5, "赵", 13900000003],
    ]
    path = write(tmp_path, *rows, head=[*_HEAD, "联系人姓名", "联系电话"])
    told = programme.run("compare", FEBRUARY, path)
    kept = programme.folder / ARCHIVE / f"{told.data['sha256']}.xlsx"
    assert (told.data["kept"], kept.exists()) == (False, False)
    everything = json.dumps(told.data, ensure_ascii=False) + str(told)
    dump = "".join(
        str(sql_rows(programme.folder / LEDGER, f"SELECT * FROM {t}"))  # noqa: S608
        for t in ("comparisons", "compared", "events")
    )
    for word in ("王小明", "13900000001"):
        assert word not in everything + dump
        assert word not in str(sheets_of(programme.folder / MASTER)[COMPARISON_SHEET])
    assert programme.run("verify", FEBRUARY).data["differences"] == []
    told = programme.run("compare", FEBRUARY, path, keep="")
    assert (told.data["kept"], kept.exists()) == (True, True)


def test_the_button_takes_the_one_file_that_was_not_compared(programme):
    with pytest.raises(Refused, match="没有文件"):
        programme.run("compare", FEBRUARY)
    folder = programme.folder / COMPARISONS
    assert folder.is_dir()
    write(folder, *_OURS, name="一.xlsx")
    assert programme.run("compare", FEBRUARY).data["file"] == "一.xlsx"
    write(folder, *changed(_OURS, "甲县", 0, 1), name="二.xlsx")
    assert programme.run("compare", FEBRUARY).data["file"] == "二.xlsx"
    with pytest.raises(Refused, match="都比过了"):
        programme.run("compare", FEBRUARY)
    (folder / "一.xlsx").unlink()
    assert programme.run("compare", FEBRUARY).data["file"] == "二.xlsx"
    for name in ("三.xlsx", "四.xlsx"):
        write(folder, *changed(_OURS, "乙县", 0, len(name) + ord(name[0])), name=name)
    with pytest.raises(Refused, match=r"三\.xlsx”、“四\.xlsx"):
        programme.run("compare", FEBRUARY)


def test_a_row_of_the_sheet_leads_to_its_trail(programme, tmp_path):
    programme.run("compare", FEBRUARY, write(tmp_path, *changed(_OURS, "甲县", 0, 16)))
    block = programme.open_programme().host.block(COMPARISON_BLOCK)
    row = block.area[0] + 1
    told = programme.run("trace", "", cell=f"比对!C{row}")
    assert (told.data["district"], told.data["indicator"], told.data["value"]) == (
        "甲县",
        "I01",
        17,
    )
    assert told.data["stale"] is False
    programme.send("甲 3.xlsx", 0, {**FIGURES, "I01": 9}, FEBRUARY, at=datetime(2024, 3, 9))
    programme.collect(FEBRUARY)
    assert programme.run("trace", "", cell=f"比对!C{row}").data["stale"] is True


def test_a_dossier_has_the_comparison_and_the_file(programme, tmp_path):
    path = write(tmp_path, *changed(_OURS, "甲县", 0, 16))
    programme.run("compare", FEBRUARY, path)
    programme.run("dossier", FEBRUARY)
    [folder] = (programme.folder / "审计包").iterdir()
    [copy] = (folder / COMPARISONS).iterdir()
    assert copy.read_bytes() == path.read_bytes()


def test_a_rehearsal_leaves_nothing(programme, tmp_path):
    path = write(tmp_path, *changed(_OURS, "甲县", 0, 16))
    before = {p: p.read_bytes() for p in programme.folder.rglob("*") if p.is_file()}
    told = programme.run("compare", FEBRUARY, path, rehearse=True)
    assert results(told.data)["甲县", "I01"] == "我方多"
    assert {p: p.read_bytes() for p in programme.folder.rglob("*") if p.is_file()} == before


def test_a_closed_month_is_compared_and_stays_closed(programme, tmp_path):
    programme.run("close", FEBRUARY)
    before = programme.run("status", FEBRUARY).data
    programme.run("compare", FEBRUARY, write(tmp_path, *_OURS))
    assert programme.run("status", FEBRUARY).data == before


def test_time_that_nobody_told_is_asked_for(programme, tmp_path):
    path = write(tmp_path, *_OURS, title=["培训就业情况"])
    with pytest.raises(PeriodUnclear, match="按累计有 6 个一致") as asked:
        programme.run("compare", FEBRUARY, path)
    assert [problem.code for problem in asked.value.problems] == ["period-unclear"]
    assert (
        main(
            ["compare", str(path), "--folder", str(programme.folder), "--month", FEBRUARY, "--json"]
        )
        == 2
    )
    told = programme.run("compare", FEBRUARY, path, cumulative="")
    assert {row["period"] for row in told.data["rows"]} == {CUMULATIVE}
    told = programme.run("compare", FEBRUARY, path, monthly="")
    assert results(told.data)["甲县", "I01"] == "我方少"
    with pytest.raises(Misused):
        programme.run("compare", FEBRUARY, path, monthly="", cumulative="")


def test_the_month_of_their_words_is_the_one_that_is_compared(programme, tmp_path):
    path = write(tmp_path, ["甲县", 10, 5], ["乙县", 10, 5], title=["2024年1月底培训就业情况"])
    told = programme.run("compare", FEBRUARY, path)
    assert told.clean, told.data["rows"]
    assert {row["as_of"] for row in told.data["rows"]} == {JANUARY}
    assert any(JANUARY in line and "--as-of" in line for line in told.lines)
    told = programme.run("compare", FEBRUARY, path, **{"as-of": "2"})
    assert results(told.data)["甲县", "I01"] == "我方多"


@pytest.mark.parametrize(
    ("label", "value", "result"),
    [
        ("比对容差", 1, "一致"),
        ("比对容差百分比", 10, "一致"),
        ("比对容差百分比", 5, "我方多"),
        ("比对容差", 0, "我方多"),
    ],
)
def test_a_tolerance_is_heeded(programme, tmp_path, label, value, result):
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, label, SETTING_HEADINGS[1], value)
    told = programme.run("compare", FEBRUARY, write(tmp_path, *changed(_OURS, "甲县", 0, 16)))
    assert results(told.data)["甲县", "I01"] == result


def test_what_stands_on_the_sheet_of_correspondences_is_heeded(programme, tmp_path):
    path = write(
        tmp_path,
        ["甲县", 0.0017, 1],
        ["乙县", 0.001, 1],
        head=["单位", "学了技术的", "别的"],
        title=["情况"],
    )
    with pytest.raises(Refused, match="没有一列"):
        programme.run("compare", FEBRUARY, path)
    programme.type_over(
        CORRESPONDENCE_SHEET,
        {
            (5, 1): "学了技术的",
            (5, 2): "I01",
            (5, 3): 10000,
            (6, 1): "全部",
            (6, 4): "2月",
            (6, 5): "累计",
        },
    )
    told = programme.run("compare", FEBRUARY, path)
    assert results(told.data) == {("甲县", "I01"): "一致", ("乙县", "I01"): "一致"}
    assert told.data["matched"][0]["told_by"] == "对照"
    programme.type_over(
        CORRESPONDENCE_SHEET,
        {(5, 2): "I99", (5, 3): -1, (6, 4): "13月", (6, 5): "随便", (7, 2): "I01"},
    )
    with pytest.raises(Refused) as refusal:
        programme.run("compare", FEBRUARY, path)
    assert sorted(problem.cell for problem in refusal.value.problems) == [
        "A7",
        "B5",
        "C5",
        "D6",
        "E6",
    ]
    cells = {
        p["cell"]
        for p in programme.run("check", "").data["problems"]
        if p["code"] == "bad-correspondence"
    }
    assert cells == {"A7", "B5", "C5", "D6", "E6"}


def test_a_column_is_settled_on_the_command_line(programme, tmp_path):
    path = write(tmp_path, *_OURS, head=["单位", "甲", "乙"])
    told = programme.run("compare", FEBRUARY, path, column="B=I01\n乙=就业*2")
    assert results(told.data)["甲县", "I01"] == "一致"
    assert results(told.data)["甲县", "I02"] == "我方少"
    for wrong in ("B", "B=", "=I01", "B=I99", "B=I01*x", "B=I01*-1"):
        with pytest.raises(Misused):
            programme.run("compare", FEBRUARY, path, column=wrong)


def test_what_is_no_workbook_is_told(programme, tmp_path):
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(Refused, match=r"坏\.xlsx"):
        programme.run("compare", FEBRUARY, path)
    with pytest.raises(Refused, match="打不开"):
        programme.run("compare", FEBRUARY, tmp_path / "没有.xlsx")


def test_a_click_pays_only_for_what_it_uses(programme, tmp_path):
    path = write(tmp_path, *_OURS)
    says = (
        "import sys; from xl_addin.cli import main;"
        f"main(['compare', {str(path)!r}, '--folder', {str(programme.folder)!r}, '--month', '2024-02', '--json']);"
        "print([m for m in ('pandas', 'openpyxl', 'xlsxwriter', 'xlrd', 'lxml') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", says], capture_output=True, check=True)
    assert done.stderr.split()[-1] == b"[]"


@pytest.fixture
def mailing(tmp_path, post, monkeypatch):
    """Five districts with addresses, whose returns of June came in."""
    mail_programme.environment(monkeypatch)
    programme = MailProgramme(tmp_path / "任务 2023", post).distribute_forms()
    inbox = programme.folder / "回收"
    inbox.mkdir(exist_ok=True)
    for district in programme.districts:
        (inbox / f"{district.name}.xlsx").write_bytes(programme.filled(district))
    programme.run(collect)
    return programme


def test_districts_that_differ_are_asked_once(mailing, tmp_path):
    path = tmp_path / "人社.xlsx"
    rows = [[d.name, 10 + n % 2, 5] for n, d in enumerate(mailing.districts)]
    path.write_bytes(
        workbook({"表": [["2023年6月当月情况"], ["区县", "实用技术培训", "新增城镇就业"], *rows]})
    )

    def ask(*paths, **options):
        programme = mailing.open_programme()
        try:
            return compare.run(programme, Request(tuple(map(str, paths)), MONTH, options=options))
        finally:
            programme.close()

    told = ask(path, ask="")
    letters = told.data["letters"]["letters"]
    assert [(each["code"], each["state"]) for each in letters] == [
        ("500202", "sent"),
        ("500204", "sent"),
    ]
    assert {each["letter"] for each in letters} == {"ask"}
    asked = {each["code"] for each in letters}
    for district in mailing.districts:
        assert len(mailing.mails(district)) == (district.code in asked)
    again = ask(ask="")
    assert [each["now"] for each in again.data["letters"]["letters"]] == [False, False]
    assert sum(len(mailing.mails(district)) for district in mailing.districts) == 2
    with pytest.raises(Refused, match="请核对"):
        mailing.run(undo)


def test_nobody_is_asked_before_anything_was_compared(programme):
    with pytest.raises(Refused, match="还没有比对过"):
        programme.run("compare", FEBRUARY, ask="")


def test_a_master_of_before_is_compared_all_the_same_and_told_what_it_lacks(tmp_path):
    kept = Path(__file__).parents[1] / "data" / "programmes" / "0.4.0"
    programme = SmallProgramme(Path(shutil.copytree(kept, tmp_path / "任务")))
    names = [each.name for each in programme.open_programme().config.districts]
    path = write(tmp_path, *([name, 1, 2] for name in names[:3]))
    told = programme.run("compare", "2024-02", path)
    assert len(told.data["rows"]) == 6
    assert any("attach" in line for line in told.lines)
    programme.run("undo", "")
    programme.run("compare", "2024-02", path)
    programme.run("attach", "")
    programme.run("compare", "2024-02", path)
    assert len(shown(programme)) == 6


@pytest.mark.parametrize("place", ["compare.archived", "runlog.written", "compare.recorded"])
def test_a_comparison_that_was_killed_is_made_whole_by_the_next(programme, tmp_path, place):
    path = write(tmp_path, *changed(_OURS, "甲县", 0, 16))
    words = ["compare", str(path), "--folder", str(programme.folder), "--month", FEBRUARY, "--json"]
    command = [sys.executable, "-m", "xl_addin", *words]
    killed = subprocess.run(
        command, env={**os.environ, "XL_ADDIN_FAILPOINT": place}, capture_output=True, check=False
    )
    assert killed.returncode not in (0, 1, 2)
    told = programme.run("compare", FEBRUARY, path)
    assert results(told.data)["甲县", "I01"] == "我方多"
    assert len(shown(programme)) == 6
    assert programme.run("verify", FEBRUARY).data["differences"] == []
