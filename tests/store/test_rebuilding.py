"""A ledger filled from pages is the old one again; the old one is held and set aside meanwhile."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.test_issued_forms import form, issue
from tests.store.test_ledger import add, receipt
from tests.tools.sql import rows
from tests.tools.systems import replaces_open_files
from xl_addin.model.folder import BACKUPS
from xl_addin.model.records import Figure, Problem
from xl_addin.store.contents import Contents
from xl_addin.store.database import open_for_reading
from xl_addin.store.integrity import compare_ledgers
from xl_addin.store.ledger import Ledger
from xl_addin.store.rebuilding import back_up_ledger, fill_ledger, hold_ledger
from xl_addin.store.runlog import RunLog, folder_beside
from xl_addin.store.schema import SCHEMA, journal_of, remove_ledger
from xl_addin.system.errors import Refused

FACTS = {"id": "p", "secret": b"k", "year": 2023, "created": ""}
WRONG = Problem("negative", "error", "s", "F7", "-1", "m", "e")


def pages(ledger):
    return RunLog(folder_beside(ledger.path)).pages()


def test_a_ledger_filled_from_its_pages_is_the_same_and_goes_on_from_there(ledger, tmp_path):
    back = {1: receipt("A", "2023-01", 5, problems=(WRONG,)), 2: receipt("B", "2023-01", 6)}
    for each in back.values():
        add(ledger, each)
    issue(ledger, form("A", "2023-02", "a"))
    with fill_ledger(tmp_path / "new.db", FACTS, tmp_path) as new:
        for page in pages(ledger):
            new.add_page(page)
            for control in page.controls():
                new.add_contents(Contents(control.receipt, back[control.receipt].figures))
    with open_for_reading(tmp_path / "new.db") as other:
        assert [each for table in compare_ledgers(ledger, other) for each in table] == []
    known = "SELECT * FROM pages"
    assert rows(tmp_path / "new.db", known) == rows(ledger.path, known)


def test_rows_that_contradict_each_other_are_refused_and_nothing_is_kept(ledger, tmp_path):
    def fill():
        with fill_ledger(tmp_path / "new.db", FACTS, tmp_path) as new:
            for page in pages(ledger):
                new.add_page(page)
            new.add_contents(Contents(99, [Figure("I01", "number", 5, "F7")]))

    add(ledger, receipt("A", "2023-01", 5))
    with pytest.raises(Refused, match="矛盾"):
        fill()
    assert rows(tmp_path / "new.db", "SELECT * FROM receipts") == []


@replaces_open_files  # there the lock of the command alone holds it
def test_a_ledger_that_is_held_is_sound_and_nobody_else_writes_to_it(ledger, monkeypatch):
    monkeypatch.setattr("xl_addin.store.database._WAIT_SECONDS", 0.05)
    other = Ledger(ledger.path)
    with hold_ledger(ledger.path) as old, closing(sqlite3.connect(ledger.path, timeout=0)) as db:
        assert old.sound
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            db.execute("BEGIN IMMEDIATE")
    other.close()
    add(ledger, receipt("A", "2023-01", 5))


def test_a_ledger_of_an_older_version_is_brought_up_to_date_and_held(tmp_path, monkeypatch):
    monkeypatch.setattr("xl_addin.store.database._WAIT_SECONDS", 0.05)
    programmes = Path(__file__).parents[1] / "data" / "programmes"
    path = Path(shutil.copy(programmes / "0.1.0" / "ledger.db", tmp_path))
    with hold_ledger(path) as old:
        assert old.sound
        assert rows(path, "PRAGMA user_version") == [(SCHEMA,)]
        other = Ledger(path)
        with pytest.raises(Refused), other.writing():
            pass
        other.close()


def test_a_ledger_that_is_gone_or_broken_holds_nobody_up(tmp_path):
    path = tmp_path / "ledger.db"
    with hold_ledger(path) as old:
        assert not old.sound
    assert not path.exists()
    path.write_bytes(b"no ledger at all" * 100)
    with hold_ledger(path) as old:
        assert not old.sound


@pytest.mark.parametrize("sound", [True, False])
def test_the_old_ledger_is_kept_and_its_journal_only_where_it_may_be_needed(ledger, sound):
    data = ledger.path.read_bytes()
    journal_of(ledger.path).write_bytes(b"journal")
    back_up_ledger(ledger.path, sound=sound)
    kept = {
        p.name.partition(".")[2]: p.read_bytes() for p in (ledger.path.parent / BACKUPS).iterdir()
    }
    assert kept == {"db": data} | ({} if sound else {"db-journal": b"journal"})
    assert not journal_of(ledger.path).exists()
    assert ledger.path.read_bytes() == data


def test_a_ledger_is_removed_with_its_journal(tmp_path):
    path = tmp_path / "ledger.db"
    for each in (path, journal_of(path)):
        each.write_bytes(b"x")
    for _ in range(2):
        remove_ledger(path)
        assert list(tmp_path.iterdir()) == []
