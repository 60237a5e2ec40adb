"""Slips in the ledger: only what stands, the same after a rebuild; letters come through the new tables."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.store.test_ledger import PROGRAMMES, run, undo
from tests.tools.sql import rows
from xl_addin.model.folder import ARCHIVE
from xl_addin.model.slips import DRAFTED, ISSUED, WITHDRAWN, SlipItem, SlipState
from xl_addin.services.replay import replay
from xl_addin.store import deliveries, slips
from xl_addin.store.deliveries import PlannedLetter
from xl_addin.store.ledger import Ledger
from xl_addin.store.slips import NewSlip
from xl_addin.system.progress import Silent

ITEM = SlipItem(1, "missing", "", "按月报送", "两个月未报", ("2023-05", "2023-06"))


def state(kind, level="蓝"):
    return SlipState(0, kind, level, "2023-07-20", "a.docx", "ab", "2023-07-10 09:00:00", "")


def draft(ledger, number, district="A"):
    with ledger.writing():
        id_ = slips.add_slip(ledger, NewSlip(2023, number, "2023-06", district, (ITEM,)))
        slips.add_states(ledger, [(id_, state(DRAFTED))])
        return id_, run(ledger, "supervise", "2023-06")


def test_a_slip_is_known_with_its_items_and_all_that_happened(ledger):
    assert (slips.any_slips(ledger), slips.slips(ledger)) == (False, [])
    first, _ = draft(ledger, 2)
    draft(ledger, 1, "B")
    with ledger.writing():
        slips.add_states(ledger, [(first, state(ISSUED))])
        number = ledger.run
        run(ledger, "supervise", "2023-06")
    assert slips.any_slips(ledger)
    assert [(each.name, each.district, each.items) for each in slips.slips(ledger)] == [
        ("〔2023〕1", "B", (ITEM,)),
        ("〔2023〕2", "A", (ITEM,)),
    ]
    found = slips.find_slip(ledger, "〔2023〕2")
    assert [each.state for each in found.states] == [DRAFTED, ISSUED]
    assert slips.find_slip(ledger, "〔2023〕3") is None
    assert slips.states_of_run(ledger, number) == [(first, state(ISSUED))]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._db.execute("UPDATE slip_states SET level='红'")


def test_what_was_withdrawn_or_taken_back_does_not_stand(ledger):
    first, _ = draft(ledger, 1)
    draft(ledger, 2)
    undo(ledger, "supervise")
    assert [each.name for each in slips.slips(ledger)] == ["〔2023〕1"]
    with ledger.writing():
        slips.add_states(ledger, [(first, state(WITHDRAWN))])
        run(ledger, "supervise", "2023-06")
    assert slips.slips(ledger) == []


def test_the_archive_brings_back_slips_and_letters_of_them(ledger, tmp_path):
    first, _ = draft(ledger, 1)
    letter = PlannedLetter("slip", "2023-06", "A", "〔2023〕1蓝", "<1@x>", "SMTP", "a@x", "")
    with ledger.writing():
        [sending] = deliveries.record(ledger, [letter], "2023-07-10 09:00:00")
        slips.add_states(ledger, [(first, state(ISSUED))])
        run(ledger, "supervise", "2023-06")
    assert slips.letters_out(ledger) == set()
    with ledger.writing():
        deliveries.advance(ledger, {sending.id: ""}, deliveries.SENT, "2023-07-10 09:01:00")
    assert slips.letters_out(ledger) == {"〔2023〕1蓝"}
    facts = (ledger.programme, ledger.key)
    known = slips.slips(ledger)
    ledger.close()
    (tmp_path / ARCHIVE / "programme.json").write_text(
        f'{{"programme": "{facts[0]}", "key": "{facts[1].hex()}", "year": 2023}}'
    )
    replay(tmp_path, tmp_path / "fresh.db", Silent(), "{}")
    fresh = Ledger(tmp_path / "fresh.db")
    assert (slips.slips(fresh), slips.letters_out(fresh)) == (known, {"〔2023〕1蓝"})
    fresh.close()


LETTERS = """
INSERT INTO sendings VALUES(3,'remind','2023-05','A','2023-06-09','<3@x>','SMTP','a@x b@x','','2023-06-09');
INSERT INTO sendings VALUES(5,'send','2023-06','B','ab','<5@x>','SMTP','b@x','hq@x','2023-06-10');
INSERT INTO sending_states VALUES(2,3,'pending','2023-06-09',''),(4,3,'sent','2023-06-09','250 ok');
INSERT INTO sending_states VALUES(9,5,'bounced','2023-06-11','b@x');
"""


def test_the_letters_of_a_released_ledger_are_the_same_rows_in_the_new_tables(tmp_path):
    found = next(Path(PROGRAMMES / "0.4.0").rglob("ledger.db"))
    path = Path(shutil.copy(found, tmp_path / "ledger.db"))
    old = sqlite3.connect(path)
    old.executescript(LETTERS)
    old.close()
    asked = ("SELECT * FROM sendings ORDER BY id", "SELECT * FROM sending_states ORDER BY id")
    before = [rows(path, sql) for sql in asked]
    ledger = Ledger(path)  # brings it up to date
    assert [rows(path, sql) for sql in asked] == before
    for sql in ("DELETE FROM sendings", "UPDATE sending_states SET at=''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            ledger._db.execute(sql)
    assert ledger._db.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        ledger._db.execute("INSERT INTO sending_states VALUES(99,987654,'sent','2023-07-10','')")
    ledger.close()
