"""体检 of ledger, archive and run log: each fault is put there and must be found."""

import hashlib
import io
import shutil
import sqlite3
import zipfile
from contextlib import closing
from datetime import datetime

import pytest

from tests.tools import checkups
from tests.tools.checkups import checks_of, faults_of
from tests.tools.programme import MONTHS
from tests.tools.tables import workbook
from xl_addin.model.folder import ARCHIVE, LEDGER, RUN_LOGS
from xl_addin.services.checkup import ledger


@pytest.fixture
def programme(tmp_path, first_month):
    """A copy to do harm to."""
    return checkups.copied(first_month, tmp_path)


def lose_ledger(folder):
    (folder / LEDGER).unlink()


def break_ledger(folder):
    path = folder / LEDGER
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = bytes(len(data) // 2 - 4096)
    path.write_bytes(data)


def no_ledger_at_all(folder):
    (folder / LEDGER).write_bytes(b"x" * 5000)


def loose_rows(folder):
    with closing(sqlite3.connect(folder / LEDGER)) as db:
        db.execute("INSERT INTO figures VALUES(999, 'I01', 'flow', 'number', 1, 'F7')")
        db.commit()


def later_ledger(folder):
    with closing(sqlite3.connect(folder / LEDGER)) as db:
        db.execute("PRAGMA user_version=999")


def copied_ledger(folder):
    shutil.copy(folder / LEDGER, folder / "ledger-DESKTOP-4711.db")


def archived(folder):
    return next(path for path in (folder / ARCHIVE).glob("*.xlsx") if len(path.stem) == 64)


def lose_a_return(folder):
    archived(folder).unlink()


def touch_a_return(folder):
    path = archived(folder)
    path.write_bytes(path.read_bytes() + b"\0")


def strange_return(folder):
    data = b"not in the ledger"
    name = f"{hashlib.sha256(data).hexdigest()}.xlsx"
    (folder / ARCHIVE / name).write_bytes(data)


def lose_a_page(folder):
    min((folder / ARCHIVE / RUN_LOGS).glob("*.jsonl")).unlink()


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lose_ledger, {("ledger", "error")}),
        (break_ledger, {("ledger", "error")}),
        (no_ledger_at_all, {("ledger", "error")}),
        (loose_rows, {("ledger", "error")}),
        (later_ledger, {("ledger", "error")}),
        (copied_ledger, {("ledger-copies", "warning")}),
        (lose_a_return, {("archive", "error")}),
        (touch_a_return, {("archive", "error")}),
        (strange_return, {("archive-extra", "warning")}),
        (lose_a_page, {("chronicle", "error")}),
    ],
)
def test_a_fault_of_the_ledger_or_the_archive_is_found_and_only_it(programme, harm, found):
    harm(programme.folder)
    assert faults_of(programme) == found


def test_a_ledger_of_before_is_told_here_and_by_whoever_looks_into_it(programme):
    before = (programme.folder / LEDGER).read_bytes()
    assert programme.run("status").lines == ()
    programme.send("二.xlsx", 1)
    programme.collect()
    (programme.folder / LEDGER).write_bytes(before)
    assert ("chronicle", "error") in faults_of(programme)
    told = programme.run("status")
    assert (told.data["accepted"], told.clean) == (1, False)
    assert "底账比归档旧" in told.lines[0]
    assert "不是最新的" in told.lines[0]
    assert "底账比归档旧" in programme.run("recompute", rehearse=True).lines[0]
    programme.run("rebuild")
    assert programme.run("status").data["accepted"] == 2
    assert not any("归档" in line for line in programme.run("status").lines)


def test_a_table_of_another_offices_that_was_compared_is_known(programme):
    table = programme.folder.parent / "人社局.xlsx"
    table.write_bytes(workbook({"表": [["单位", "培训（人次）"], ["甲县", 10], ["乙县", 3]]}))
    programme.run("compare", MONTHS[0], table)
    assert programme.run("verify").clean
    assert faults_of(programme) == set()
    next(
        path
        for path in (programme.folder / ARCHIVE).glob("*.xlsx")
        if path.read_bytes() == table.read_bytes()
    ).unlink()
    assert faults_of(programme) == {("archive", "error")}


def test_packed_files_and_forms_issued_anew_belong_in_the_archive(programme):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("乙县.xlsx", programme.form(1))
    programme.put("两份.zip", data.getvalue())
    programme.collect()
    programme.run("distribute")
    programme.run("recompute")
    assert any(path.suffix == ".zip" for path in (programme.folder / ARCHIVE).iterdir())
    assert faults_of(programme) == set()


def test_the_return_that_is_gone_is_named(programme):
    lose_a_return(programme.folder)
    said = next(each for each in checks_of(programme) if each.code == "archive")
    assert "甲县.xlsx" in said.found


def test_a_ledger_that_another_run_is_writing_is_not_called_broken(programme):
    with closing(sqlite3.connect(programme.folder / LEDGER)) as db:
        db.execute("BEGIN EXCLUSIVE")
        states = {each.code: each.state for each in checks_of(programme)}
    assert states["ledger"] == "skipped"


def test_an_older_ledger_is_not_migrated_by_looking(programme):
    path = programme.folder / LEDGER
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version=4")
    before = path.read_bytes()
    assert next(ledger.ledger_checks(path)).state == "ok"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("now", "last", "state"),
    [
        (datetime(2024, 3, 1, 9), "", "ok"),
        (datetime(2024, 3, 1, 9), "2024-03-01 08:59:59", "ok"),
        (datetime(2024, 3, 1, 9), "2024-03-01 09:00:01", "error"),
    ],
)
def test_a_clock_behind_the_journal_is_wrong(now, last, state):
    assert ledger.time_check(now, last).state == state
