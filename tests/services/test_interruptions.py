"""After an interruption verify, doctor and rebuild say the same, and the next click bears them out."""

import os

import pytest

from tests.tools.programme import SmallProgramme
from xl_addin.model.folder import ARCHIVE, LEDGER, RUN_LOGS
from xl_addin.services.interruptions import LEFT, NOT_RECORDED, SHUT
from xl_addin.store.inbox import ListedMail, spool


@pytest.fixture
def programme(tmp_path):
    made = SmallProgramme(tmp_path / "任务")
    made.send("1.xlsx", 0)
    made.collect()
    made.run("recompute")
    return made


def interrupt_a_page(programme):
    """As a kill between page and commit leaves it: page and file are there, the ledger is as before."""
    ledger = programme.folder / LEDGER
    before = ledger.read_bytes()
    programme.send("2.xlsx", 1)
    programme.collect()
    pages = programme.folder / ARCHIVE / RUN_LOGS
    last = max(pages.glob("*.jsonl"))
    last.rename(last.with_name(f"{last.stem}.abc.pending"))
    ledger.write_bytes(before)


def interrupt_a_mail(programme):
    entry = ListedMail(1, 5, "2024-02-01 08:00:00", "1", b"")
    spool(programme.folder, entry, [b"From: a@d.test\r\n\r\n"])


def leave_a_temporary_file(programme):
    left = programme.folder / ARCHIVE / "ab.xlsx.99.tmp"
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    (programme.folder / "报告.98.tmp").write_bytes(b"x")  # somebody may be at it


def said(programme, words):
    found = {}
    for verb in ("verify", "doctor", "rebuild"):
        lines = programme.run(verb).lines
        found[verb] = sum(words in line for line in lines)
        assert not any("rebuild" in line for line in lines if words in line)
    return found


@pytest.mark.parametrize(
    ("leave", "words", "times"),
    [
        (interrupt_a_page, NOT_RECORDED, 2),  # the page, and the file without a receipt
        (interrupt_a_mail, NOT_RECORDED, 1),
        (leave_a_temporary_file, LEFT, 1),
    ],
)
def test_what_was_interrupted_is_told_in_the_same_words(programme, leave, words, times):
    leave(programme)
    assert said(programme, words) == {"verify": times, "doctor": times, "rebuild": times}
    differences = [p["code"] for p in programme.run("verify").data["differences"]]
    assert "ledger-differs" not in differences


def test_a_folder_that_cannot_be_looked_into_is_told_by_name(programme, monkeypatch):
    private = programme.folder / "个人"
    private.mkdir()
    plain = os.scandir

    def scandir(path="."):
        if path == str(private):  # it may be a handle as well
            raise PermissionError(13, "Permission denied", str(private))
        return plain(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert said(programme, f"{private}：打不开（没有权限，或者正被别的程序打开），{SHUT}") == {
        "verify": 1,
        "doctor": 1,
        "rebuild": 1,
    }


def test_doing_it_again_records_it_and_nothing_is_told_any_more(programme):
    interrupt_a_page(programme)
    assert programme.collect()["2.xlsx"]["verdict"] == "accepted"
    programme.run("recompute")
    assert said(programme, NOT_RECORDED) == {"verify": 0, "doctor": 0, "rebuild": 0}
    assert programme.run("verify").clean


def test_a_ledger_that_is_lost_is_made_with_the_page_that_was_whole(programme):
    interrupt_a_page(programme)
    (programme.folder / LEDGER).unlink()
    assert programme.run("rebuild").data["receipts"] == 3
