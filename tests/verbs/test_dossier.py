"""A dossier is checked as an auditor would: with sha256sum, a spreadsheet and the files alone.

Proves also services/dossier.py and services/dossier_folder.py.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools.mail_programme import MONTH, MailProgramme, environment
from tests.tools.mails import letter
from tests.tools.office import disagreements
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.systems import ON_WINDOWS
from xl_addin.model.folder import ARCHIVE, DOSSIERS, MASTER
from xl_addin.model.sheets import (
    DISTRICTS_BLOCK,
    DISTRICTS_SHEET,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.dossier_folder import ADVICE, INDEX, SUMS
from xl_addin.system.errors import Refused
from xl_addin.verbs import dossier, fetch

JANUARY, FEBRUARY = MONTHS[:2]
OPENS_WITH = "甲123456"


@pytest.fixture(scope="module")
def _played(tmp_path_factory):
    """Two months of which 甲县's January was wrong first, with a notice and a decision between them."""
    programme = SmallProgramme(tmp_path_factory.mktemp("审") / "任务")
    programme.run("distribute")
    programme.send("甲 错.xlsx", 0, {**FIGURES, "I01": -1}, at=datetime(2024, 2, 2))
    programme.send("甲.xlsx", 0, at=datetime(2024, 2, 3))
    programme.send("乙.xlsx", 1)
    programme.collect()
    programme.run("distribute", FEBRUARY)
    programme.send("甲 2月.xlsx", 0, {**FIGURES, "I01": 7}, FEBRUARY)
    programme.put("乙 1月晚.xlsx", programme.form(1, {**FIGURES, "I01": 11}), month=FEBRUARY)
    [held] = [e for e in programme.collect(FEBRUARY).values() if e["verdict"] == "held"]
    programme.run("settle", "", str(held["id"]), accept="", note="电话核实")
    change = {"district": "甲县", "indicator": "I01", "by": "-20", "document": "渝残发30号"}
    programme.run("adjust", FEBRUARY, **change)
    return programme.folder


@pytest.fixture
def programme(_played, tmp_path):
    return SmallProgramme(Path(shutil.copytree(_played, tmp_path / "任务")))


def made(programme, *districts, month=FEBRUARY):
    return Path(programme.run("dossier", month, *districts).data["folder"])


def sheet_of(folder, name):
    """The rows of a sheet of the index, by heading."""
    head, *rows = load_workbook(folder / INDEX)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.skipif(ON_WINDOWS, reason="Windows has no sha256sum")
def test_every_file_is_what_the_sums_say(programme):
    folder = made(programme)
    said = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS], cwd=folder, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout + said.stderr
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {SUMS}
    listed = {line.split("  ", 1)[1] for line in (folder / SUMS).read_text("utf-8").splitlines()}
    assert listed == files
    assert {INDEX, ADVICE} < files
    victim = next(folder.glob("回收件/*"))
    victim.write_bytes(victim.read_bytes() + b"x")
    assert (
        subprocess.run(["sha256sum", "-c", SUMS], cwd=folder, capture_output=True).returncode == 1
    )


def test_the_chain_adds_up_to_every_figure_and_leads_to_the_cells_of_the_copies(programme, office):
    folder = made(programme, month=f"{JANUARY}、{FEBRUARY}")
    added = defaultdict(list)
    for row in sheet_of(folder, "数的来历"):
        if row["计入"] == "是":
            added[row["截至"], row["区县代码"], row["指标代码"]].append(row["数"])
            copy = load_workbook(folder / row["副本"])[row["工作表"]]
            assert copy[row["单元格"]].value == row["数"]
    figures = sheet_of(folder, "各数")
    assert len(figures) == 2 * 4 * 4
    for row in figures:
        parts = added[row["截至"], row["区县代码"], row["指标代码"]]
        assert row["累计完成"] == (sum(parts) if parts else None), row
        assert row["计入几行"] == len(parts)
    by = {(r["截至"], r["区县"], r["指标代码"]): r["累计完成"] for r in figures}
    assert by[FEBRUARY, "甲县", "I01"] == 17
    assert by[FEBRUARY, "乙县", "I01"] == by[JANUARY, "乙县", "I01"] == 11
    assert by[FEBRUARY, "丁县", "I01"] is None
    assert disagreements(folder / INDEX, office) == []


def test_returns_decisions_targets_and_people_are_listed(programme):
    folder = made(programme)
    returns = sheet_of(folder, "回收件")
    wrong = next(row for row in returns if row["收到时的文件名"] == "甲 错.xlsx")
    assert (wrong["结论"], wrong["计入"]) == ("退回", "否")
    assert "不能小于 0" in wrong["问题"]
    [decided] = sheet_of(folder, "决定")
    assert (decided["区县"], decided["决定"], decided["理由"]) == ("乙县", "已通过", "电话核实")
    changed = [row for row in sheet_of(folder, "任务数") if row["从哪月起"] == FEBRUARY]
    assert [(row["区县"], row["任务数或增减"]) for row in changed] == [("甲县", -20)]
    assert "渝残发30号" in changed[0]["依据"]
    forms = sheet_of(folder, "填报表")
    assert {row["月份"] for row in forms} == {JANUARY, FEBRUARY}
    for row in (*returns, *forms):
        assert hashlib.sha256((folder / row["副本"]).read_bytes()).hexdigest() == row["SHA-256"]


def test_a_form_that_went_back_is_listed_once_and_is_there(programme):
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "发件人邮箱", "值", "hq@example.com")
    programme.set_cell(DISTRICTS_SHEET, DISTRICTS_BLOCK, "D004", "收件人", "ding@example.com")
    programme.send("丁.xlsx", 3, {**FIGURES, "I01": -1}, FEBRUARY)
    programme.collect(FEBRUARY)
    assert len(programme.run("return", FEBRUARY).data["letters"]) == 1
    told = programme.run("dossier", FEBRUARY, "丁县").data
    assert told["left_out"] == []
    forms = sheet_of(Path(told["folder"]), "填报表")
    assert [(row["种类"], row["轮次"]) for row in forms if row["月份"] == FEBRUARY] == [
        ("填报表", 1),
        ("退回修改", 2),
    ]


def test_the_pages_of_the_journal_follow_each_other_as_the_advice_says(programme):
    folder = made(programme)
    before = ""
    rows = sheet_of(folder, "记录")
    assert len(rows) > 4
    for row in rows:
        data = (folder / row["副本"]).read_bytes()
        first, *_, last = data.splitlines(keepends=True)
        assert json.loads(first)["before"] == before == (row["上一页的 SHA-256"] or "")
        assert json.loads(last)["sha256"] == hashlib.sha256(data[: -len(last)]).hexdigest()
        before = hashlib.sha256(data).hexdigest()
        assert before == row["SHA-256"]


def test_it_is_of_the_districts_asked_for_and_never_over_another(programme):
    first = made(programme, "甲县")
    (first / "批注.txt").write_text("auditor's", encoding="utf-8")
    second, third = made(programme, "D001"), made(programme, "甲县", "乙县")
    assert [each.name for each in (first, second, third)] == [
        "2024-02_甲县",
        "2024-02_甲县(2)",
        "2024-02_2个区县",
    ]
    assert (first / "批注.txt").exists()
    assert {row["区县"] for row in sheet_of(second, "回收件")} == {"甲县"}
    assert sorted(each.name for each in first.parent.iterdir()) == sorted(
        each.name for each in (first, second, third)
    )


def test_no_password_and_no_key_goes_in(programme):
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "打开密码", SETTING_HEADINGS[1], OPENS_WITH)
    programme.send("乙 2月.xlsx", 1, month=FEBRUARY)
    programme.collect(FEBRUARY)
    told = programme.run("dossier", FEBRUARY)
    folder = Path(told.data["folder"])
    [left] = told.data["left_out"]
    assert "打开密码" in left
    assert not told.clean
    assert left in (folder / ADVICE).read_text("utf-8-sig")
    key = json.loads((programme.folder / ARCHIVE / "programme.json").read_bytes())["key"]
    spelt = json.dumps(OPENS_WITH)[1:-1]
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(
            each.encode() in data for each in (OPENS_WITH, spelt, key, bytes.fromhex(key).hex())
        )
    texts = [
        c for s in load_workbook(folder / INDEX) for r in s.iter_rows(values_only=True) for c in r
    ]
    assert not any(OPENS_WITH in str(text) for text in texts)


def test_what_is_gone_or_was_changed_is_said_and_not_passed_off(programme):
    path = next((programme.folder / ARCHIVE).glob("*.xlsx"))
    path.write_bytes(b"changed")
    told = programme.run("dossier", FEBRUARY)
    assert any(path.stem[:12] in line for line in told.lines)
    assert not told.clean
    folder = Path(told.data["folder"])
    assert b"changed" not in {p.read_bytes() for p in folder.rglob("*.xlsx")}


def test_a_rehearsal_and_a_stop_leave_nothing_that_looks_whole(programme, monkeypatch):
    told = programme.run("dossier", FEBRUARY, rehearse=True)
    assert (told.data["figures"], told.outcome[:2]) == (16, "预演")
    assert not (programme.folder / DOSSIERS).exists()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("xl_addin.services.dossier_folder._index", full)
        with pytest.raises(Refused, match="磁盘已满"):
            made(programme)
    assert [p.name for p in (programme.folder / DOSSIERS).iterdir()] == ["未完成_2024-02_全部"]
    assert made(programme).name == "2024-02_全部"
    assert [p.name for p in (programme.folder / DOSSIERS).iterdir()] == ["2024-02_全部"]


def test_a_dossier_changes_neither_master_nor_ledger(programme):
    before = [(programme.folder / name).read_bytes() for name in (MASTER, "ledger.db")]
    made(programme)
    assert [(programme.folder / name).read_bytes() for name in (MASTER, "ledger.db")] == before
    with pytest.raises(Refused, match="戊县"):
        made(programme, "戊县")


def test_mails_go_in_as_they_came(tmp_path, postoffice, monkeypatch):
    environment(monkeypatch)
    programme = MailProgramme(tmp_path / "任务", postoffice, 2).distribute_forms()
    box = programme.box(programme.districts[0])
    form = programme.filled(programme.districts[0])
    postoffice.deliver(programme.hq, letter(box, ("表.xlsx", form), subject="6月报表"))
    programme.run(fetch)
    folder = Path(programme.run(dossier, MONTH).data["folder"])
    [mail] = sheet_of(folder, "邮件")
    assert (mail["发件人"], mail["主题"]) == (box, "6月报表")
    assert hashlib.sha256((folder / mail["副本"]).read_bytes()).hexdigest() == mail["SHA-256"]
    assert [row["信件"] for row in sheet_of(folder, "发出的信")] == []
