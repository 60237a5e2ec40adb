"""What was compared is on record figure by figure; nothing of a run that was taken back, but what staff typed."""

from __future__ import annotations

import sqlite3

import pytest

from tests.store.test_ledger import run, undo
from xl_addin.store import schema
from xl_addin.store.comparisons import (
    ComparedPair,
    NewComparison,
    ReceiptPlace,
    add_notes,
    compared_files,
    compared_pairs,
    comparisons,
    last_comparison,
    notes_about,
    record_comparison,
    seen_hashes,
)
from xl_addin.store.deliveries import PlannedLetter, record
from xl_addin.store.ledger import Ledger

TRAIL = (ReceiptPlace("2023-06", 3, "甲.xlsx", "任务进度", "F7", 5),)
PAIRS = (
    ComparedPair("A", "I01", "cumulative", 6, 5, 4.5, "", 0.5, "C4", "ours-more", TRAIL, ""),
    ComparedPair(
        "A", "I02", "cumulative", 6, None, None, "约3", None, "D4", "illegible", (), "看不清"
    ),
)


def add(ledger, file="人社.xlsx", sha256="ab", *, kept=True, month="2023-06"):
    new = NewComparison(month, file, sha256, "2023-07-02 10:00:00", kept, {"matched": []})
    with ledger.writing():
        number = record_comparison(ledger, new, PAIRS)
        run(ledger, "compare", month)
    return number


def test_what_was_compared_is_known_pair_by_pair(ledger):
    number = add(ledger)
    found = last_comparison(ledger)
    assert (found.id, found.file, found.kept, found.account) == (
        number,
        "人社.xlsx",
        True,
        {"matched": []},
    )
    assert tuple(compared_pairs(ledger, number)) == PAIRS
    add(ledger, month="2023-05")
    assert [each.month for each in comparisons(ledger)] == ["2023-06", "2023-05"]
    assert len(comparisons(ledger, "2023-05")) == 1


def test_what_was_taken_back_was_not_compared_but_its_file_was_kept(ledger):
    first, second = add(ledger), add(ledger, "民政.xlsx", "cd")
    undo(ledger, "compare")
    assert last_comparison(ledger).id == first != second
    assert seen_hashes(ledger) == {"ab"}
    assert compared_files(ledger) == {"ab": "人社.xlsx", "cd": "民政.xlsx"}


def test_a_file_that_was_not_kept_need_not_be_in_the_archive(ledger):
    add(ledger, kept=False)
    assert compared_files(ledger) == {}


def test_what_staff_typed_belongs_to_the_file_and_outlives_an_undo(ledger):
    first = add(ledger)
    with ledger.writing():
        add_notes(ledger, first, {("A", "I01"): "一", ("A", "I02"): "二"})
        run(ledger, "compare", "2023-06")
    second = add(ledger)
    with ledger.writing():
        add_notes(ledger, second, {("A", "I02"): ""})
        run(ledger, "compare", "2023-06")
    undo(ledger, "compare")
    assert notes_about(ledger, "人社.xlsx") == {("A", "I01"): "一", ("A", "I02"): ""}
    assert notes_about(ledger, "民政.xlsx") == {}


@pytest.mark.parametrize(
    "table", ["comparisons", "compared", "comparison_notes", "sendings", "sending_states"]
)
@pytest.mark.parametrize("change", ["UPDATE {} SET id=id", "DELETE FROM {}"])
def test_it_is_only_ever_added_to(ledger, table, change):
    number = add(ledger)
    with ledger.writing():
        add_notes(ledger, number, {("A", "I01"): "一"})
        record(
            ledger,
            [PlannedLetter("ask", "2023-06", "A", "ab", "<1@x>", "SMTP", "a@b", "")],
            "2023-07-02",
        )
        run(ledger, "compare", "2023-06")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._db.execute(change.format(table))


def test_letters_of_an_older_ledger_stay_to_the_last_state(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    steps = schema.STEPS
    before = next(n for n, step in enumerate(steps) if "slips" in step.append_only)
    monkeypatch.setattr(schema, "STEPS", steps[:before])
    monkeypatch.setattr(schema, "SCHEMA", before)
    schema.lay_down(path, {"id": "x", "secret": b"k", "year": 2023, "created": ""})
    db = sqlite3.connect(path)
    db.execute(
        "INSERT INTO sendings VALUES(7,'remind','2023-05','A','d','<m>','SMTP','a@b','','t')"
    )
    db.executemany(
        "INSERT INTO sending_states VALUES(?,7,?,?,'')", [(1, "pending", "t"), (2, "sent", "u")]
    )
    db.commit()
    queries = ("SELECT * FROM sendings", "SELECT * FROM sending_states ORDER BY id")
    was = [db.execute(query).fetchall() for query in queries]
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(
            "INSERT INTO sendings VALUES(8,'ask','2023-05','A','d','<m>','SMTP','a@b','','t')"
        )
    db.close()
    monkeypatch.undo()
    ledger = Ledger(path)
    assert [ledger._db.execute(query).fetchall() for query in queries] == was
    for kind in ("ask", "slip"):
        with ledger.writing():
            record(
                ledger, [PlannedLetter(kind, "2023-06", "A", "d", "<n>", "SMTP", "a@b", "")], "t"
            )
    assert ledger._db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert ledger._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ledger.close()
