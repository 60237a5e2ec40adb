"""Whether a ledger is whole and what it holds, asked without touching it."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.store.test_issued_forms import form, issue
from tests.store.test_ledger import add, of_version_1, receipt, run, undo
from tests.tools.sql import rows
from xl_addin.model.records import Figure, Problem, Text
from xl_addin.store.database import DatabaseBusy, DatabaseFault, open_for_reading, select
from xl_addin.store.decisions import add_closing
from xl_addin.store.integrity import (
    compare_ledgers,
    control_sums,
    count_rows,
    damages,
    figure_place,
    last_written_at,
    layout_version,
    loose_rows,
    returned_files,
)
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.store.schema import SCHEMA

WRONG = Problem("negative", "error", "s", "F7", "-1", "m", "e")


def change(path, *statements):
    """Change a ledger as no program should."""
    with closing(sqlite3.connect(path)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_a_whole_ledger_is_said_to_be_one(ledger):
    add(ledger, receipt("A", "2023-01", 5))
    with open_for_reading(ledger.path) as asked:
        assert (layout_version(asked), damages(asked), loose_rows(asked)) == (SCHEMA, [], [])


def test_what_is_opened_for_reading_is_neither_brought_up_to_date_nor_written_to(tmp_path):
    path = of_version_1(tmp_path / "ledger.db")
    before = path.read_bytes()
    with open_for_reading(path) as asked:
        assert layout_version(asked) == 1
        assert returned_files(asked)
        with pytest.raises(DatabaseBusy, match="readonly"):
            select(asked, "DELETE FROM blanks")
    assert path.read_bytes() == before


def test_a_row_that_belongs_to_nothing_is_named(ledger):
    change(ledger.path, "INSERT INTO problems VALUES(99, 0, 'c', 'e', '', '', '', '', '')")
    [loose] = loose_rows(ledger)
    assert (loose.table, loose.parent) == ("problems", "receipts")


def test_a_ledger_that_somebody_writes_is_busy_and_one_that_is_broken_is_not(ledger):
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseBusy), open_for_reading(ledger.path) as asked:
            layout_version(asked)
    ledger.path.write_bytes(b"no ledger at all" * 100)
    with pytest.raises(DatabaseFault) as fault, open_for_reading(ledger.path) as asked:
        layout_version(asked)
    assert not isinstance(fault.value, DatabaseBusy)


def test_what_a_ledger_holds_is_counted_by_table(ledger):
    add(ledger, receipt("A", "2023-01", 5), receipt("B", "2023-01", 6))
    issue(ledger, form("A", "2023-01", "a"))
    with ledger.writing():
        add_closing(ledger, "2023-01", closed=True)
        run(ledger, "close")
    undo(ledger, "close")
    assert count_rows(ledger)._asdict() == {
        "events": 4,
        "dispatches": 1,
        "receipts": 2,
        "figures": 4,
        "decisions": 0,
        "closings": 1,
    }


def test_every_file_that_came_is_known_by_its_bytes_and_its_last_name(ledger):
    add(ledger, receipt("A", "2023-01", 5, sha="s"), receipt("B", "2023-01", 6, sha="t"))
    again = receipt("A", "2023-01", 5, "duplicate", sha="s")._replace(file="again", figures=())
    unread = receipt("C", "2023-01", 7, "unreadable")._replace(sha256="", figures=())
    add(ledger, again, unread)
    undo(ledger, "collect")
    with open_for_reading(ledger.path) as asked:
        assert list(returned_files(asked).items()) == [("s", "again"), ("t", "B-2023-01-6")]
        assert issued_hashes(asked) == set()


def test_the_journal_was_last_written_at_its_latest_time_whatever_came_last(ledger):
    assert last_written_at(ledger) == ""
    for at in ("2023-07-02 09:00:00", "2023-07-01 09:00:00"):
        with ledger.writing():
            ledger.add_event(at, "close", "", "", "")
    assert last_written_at(ledger) == "2023-07-02 09:00:00"


def test_a_month_comes_to_what_came_in_for_it_and_what_counts_of_it(ledger):
    add(ledger, receipt("A", "2023-05", 5), receipt("B", "2023-06", 6, "rejected"))
    unknown = (Figure("I01", "number", 4, "F7"), Figure("I07", "empty", None, "G13", "stock"))
    add(ledger, receipt("C", "2023-06", 4)._replace(figures=unknown))
    add(ledger, receipt("D", "2023-06", 9), asked="2023-07")
    undo(ledger, "collect")
    assert control_sums(ledger) == [
        ("2023-06", {"accepted": 2, "rejected": 1}, 1, 1, 4.0),
        ("2023-05", {}, 1, 2, 12.0),
    ]


def test_a_month_of_which_nothing_counts_comes_to_nothing(ledger):
    add(ledger, receipt("B", "2023-06", 6, "rejected"))
    assert control_sums(ledger) == [("2023-06", {"rejected": 1}, 0, 0, 0.0)]


def test_a_figure_is_traced_to_file_and_cell(ledger):
    add(ledger, receipt("A", "2023-01", 5))
    assert figure_place(ledger, 1, "I07") == ("A-2023-01-5", "A", "2023-01", "G13")
    assert figure_place(ledger, 1, "I99") is None


def differences(ledger, path):
    with open_for_reading(path) as other:
        return [each for table in compare_ledgers(ledger, other) for each in table]


def test_ledgers_that_say_the_same_do_not_differ(ledger, tmp_path):
    add(ledger, receipt("A", "2023-01", 5, problems=(WRONG, WRONG)))
    copy = shutil.copy(ledger.path, tmp_path / "copy.db")
    assert differences(ledger, copy) == []


def test_what_an_earlier_version_did_not_keep_of_a_return_is_no_difference(ledger, tmp_path):
    texts = (Text("remark", "I01", "任务进度", "K7", "补报"),)
    add(ledger, receipt("A", "2023-01", 5)._replace(sheet="", texts=()))
    add(ledger, receipt("B", "2023-01", 6)._replace(sheet="任务进度", texts=texts))
    copy = shutil.copy(ledger.path, tmp_path / "copy.db")
    change(copy, "INSERT INTO figure_sheets VALUES(1, '任务进度')")
    change(copy, "INSERT INTO texts VALUES(1, 0, 'remark', 'I01', '任务进度', 'K7', '补报')")
    assert differences(ledger, copy) == []
    change(copy, "UPDATE texts SET text='补报 3 月' WHERE receipt=2")
    assert [(each.table, each.key) for each in differences(ledger, copy)] == [("texts", (2, 0))]


@pytest.mark.parametrize(
    ("harm", "table", "key", "apart"),
    [
        (
            "UPDATE figures SET value=6 WHERE indicator='I01'",
            "figures",
            (1, "I01"),
            {"value": (5, 6)},
        ),
        (
            "UPDATE problems SET found='x' WHERE position=1",
            "problems",
            (1, 1),
            {"found": ("-1", "x")},
        ),
        ("DELETE FROM problems WHERE position=1", "problems", (1, 1), None),
        ("UPDATE receipts SET verdict='held'", "receipts", (1,), {"verdict": ("accepted", "held")}),
    ],
)
def test_a_row_that_differs_is_named_with_what_both_say(ledger, tmp_path, harm, table, key, apart):
    add(ledger, receipt("A", "2023-01", 5, problems=(WRONG, WRONG)))
    copy = shutil.copy(ledger.path, tmp_path / "copy.db")
    change(copy, harm)
    [found] = differences(ledger, copy)
    assert (found.table, found.key) == (table, key)
    if apart is None:
        assert found.theirs is None
        assert found.ours["code"] == "negative"
    else:
        assert {
            name: (value, found.theirs[name])
            for name, value in found.ours.items()
            if value != found.theirs[name]
        } == apart


def test_a_row_that_only_the_other_has_is_found(ledger, tmp_path):
    copy = shutil.copy(ledger.path, tmp_path / "copy.db")
    change(copy, "INSERT INTO events VALUES(1, '2023', 'collect', '', '', '')")
    [found] = differences(ledger, copy)
    assert (found.table, found.key, found.ours, found.theirs["verb"]) == (
        "events",
        (1,),
        None,
        "collect",
    )
    assert rows(ledger.path, "SELECT * FROM events") == []
