"""A programme's folder is held for one verb at a time: who is refused, and when it is free again."""

import os

import pytest

from tests.tools.programme import SmallProgramme
from xl_addin.model.folder import LEDGER, LOCK, MASTER
from xl_addin.model.sheets import (
    JOURNAL_BLOCK,
    JOURNAL_HEADINGS,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.programme import hold_programme
from xl_addin.system.errors import Refused


@pytest.fixture
def folder(tmp_path):
    (tmp_path / LEDGER).touch()
    return tmp_path


def test_the_second_is_refused_and_told_what_runs(folder):
    with (
        hold_programme(folder, "重算"),
        pytest.raises(Refused, match="正在重算"),
        hold_programme(folder, "收集"),
    ):
        pytest.fail("both ran")
    with (
        hold_programme(folder, "收集"),
        pytest.raises(Refused, match="正在收集"),
        hold_programme(folder, "重算"),
    ):
        pytest.fail("both ran")


def test_a_fault_sets_the_folder_free(folder):
    with pytest.raises(ZeroDivisionError), hold_programme(folder, "重算"):
        raise ZeroDivisionError
    with hold_programme(folder, "重算"):
        pass


def test_what_is_no_programme_is_not_held(tmp_path):
    with hold_programme(tmp_path, "新建"), hold_programme(tmp_path / "none", "新建"):
        assert list(tmp_path.iterdir()) == []


def test_a_lock_that_cannot_be_written_holds_nobody(folder, monkeypatch):
    def denied(*_):
        raise PermissionError

    monkeypatch.setattr(os, "open", denied)
    with hold_programme(folder, "回收情况"):
        assert not (folder / LOCK).exists()


def test_the_journal_names_who_stands_on_the_settings_beside_the_login(tmp_path, monkeypatch):
    monkeypatch.setenv("USERNAME", "yw01")
    programme = SmallProgramme(tmp_path / "p")
    programme.run("distribute")
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "操作人", SETTING_HEADINGS[1], "王芳")
    programme.run("recompute")
    assert programme.listed(JOURNAL_BLOCK, JOURNAL_HEADINGS[4])[:2] == ["王芳（yw01）", "yw01"]
    (programme.folder / MASTER).write_bytes(b"broken")
    assert programme.open_programme().person() == ""
