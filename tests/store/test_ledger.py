"""The ledger: only added to, all or nothing, the latest accepted return counts.

Proves also store/schema.py.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.sql import rows
from tests.tools.systems import KILLED, replaces_open_files
from xl_addin.model.records import Figure, Problem, Receipt
from xl_addin.store.decisions import Decision, add_decisions, add_remarks
from xl_addin.store.issued_forms import Dispatch, add_dispatches, latest_forms
from xl_addin.store.ledger import Ledger
from xl_addin.store.schema import SCHEMA
from xl_addin.store.undo_log import add_undone, standing_runs
from xl_addin.system.errors import Refused


def receipt(district, month, value, verdict="accepted", sha="", state=7, problems=()):
    figures = (Figure("I01", "number", value, "F7"), Figure("I07", "number", state, "G13", "stock"))
    name = f"{district}-{month}-{value}"
    return Receipt(
        sha or name, name, f"{month}-28 09:00:00", district, month, 1, verdict, problems, figures
    )


def run(ledger, verb, month="2023-06"):
    """A line of the journal; call within ``writing``."""
    ledger.add_event("2023-07-01 09:00:00", verb, month, "", "")


def add(ledger, *receipts, asked="2023-06"):
    with ledger.writing():
        ledger.add_receipts(receipts, asked)
        run(ledger, "collect", asked)


def undo(ledger, verb):
    """Take back the last run of a verb."""
    with ledger.writing():
        last = next(each for each in standing_runs(ledger) if each.verb == verb)
        run(ledger, "undo")
        add_undone(ledger, last)


def test_the_latest_accepted_return_counts(ledger):
    add(ledger, receipt("A", "2023-01", 5), receipt("A", "2023-01", 8))
    add(ledger, receipt("A", "2023-01", 99, "rejected"), receipt("A", "2023-01", 98, "held"))
    assert [(f.indicator, f.value) for f in ledger.figures("2023-06")] == [("I01", 8), ("I07", 7)]
    assert ledger.statuses("2023")["A", "2023-01"].file == "A-2023-01-8"


def test_a_years_figure_that_was_stated_comes_with_its_month_and_goes_with_its_return(ledger):
    first = receipt("A", "2023-01", 5)
    stated = (first.figures[0]._replace(stated=40, stated_cell="H7"), first.figures[1])
    add(ledger, first._replace(figures=stated))
    assert [(f.indicator, f.value, f.stated) for f in ledger.figures("2023-06")] == [
        ("I01", 5, 40),
        ("I07", 7, None),
    ]
    add(ledger, receipt("A", "2023-01", 8))
    assert [(f.value, f.stated) for f in ledger.figures("2023-06")] == [(8, None), (7, None)]


def test_of_two_returns_the_one_that_came_later_counts_whichever_is_read_first(ledger):
    late = receipt("A", "2023-01", 8)._replace(received_at="2023-02-03 09:00:00")
    early = receipt("A", "2023-01", 5)._replace(received_at="2023-02-01 09:00:00")
    add(ledger, late)
    add(ledger, early)
    assert next(ledger.figures("2023-06")).value == 8
    assert ledger.counting_files("2023-01") == {"A": late.sha256}


def test_what_was_held_for_another_month_says_nothing_of_its_own(ledger):
    add(ledger, receipt("A", "2023-01", 5, "rejected"), asked="2023-01")
    add(ledger, receipt("A", "2023-01", 5, "held"), asked="2023-02")
    assert ledger.statuses("2023")["A", "2023-01"].verdict == "rejected"


def test_standing_sums_flows_takes_the_last_state_and_names_the_gaps(ledger):
    add(ledger, receipt("A", "2023-01", 5, state=10), receipt("A", "2023-03", 7, state=16))
    standing = ledger.standings("2023-05")["A"]
    assert standing.previous == {"I01": 12, "I07": 16}
    assert standing.mean_monthly == {"I01": 6, "I07": 16 / 3}
    assert standing.gaps == (2, 4)
    assert ledger.standings("2023-03")["A"].previous == {"I01": 5, "I07": 10}
    assert ledger.standings("2023-01") == {}


def test_an_unknown_figure_is_in_no_sum(ledger):
    unknown = receipt("A", "2023-01", 5)._replace(
        figures=(Figure("I01", "empty", None, "F7"), Figure("I07", "not-applicable", None, "G13"))
    )
    add(ledger, unknown)
    assert ledger.standings("2023-02")["A"].previous == {}
    assert [f.value for f in ledger.figures("2023-01")] == [None, None]


def test_a_number_without_a_value_cannot_be_stored(ledger):
    bad = receipt("A", "2023-01", 5)._replace(figures=(Figure("I01", "number", None, "F7"),))
    with pytest.raises(sqlite3.IntegrityError):
        add(ledger, bad)
    bad = receipt("A", "2023-01", 5)._replace(figures=(Figure("I01", "empty", 0, "F7"),))
    with pytest.raises(sqlite3.IntegrityError):
        add(ledger, bad)
    assert list(ledger.figures("2023-06")) == []


def test_a_failed_write_leaves_nothing_behind(ledger):
    bad = receipt("B", "2023-01", 5, verdict="nonsense")
    with pytest.raises(sqlite3.IntegrityError):
        add(ledger, receipt("A", "2023-01", 5), bad)
    assert ledger.statuses("2023") == {}


@pytest.mark.parametrize("table", ["dispatches", "receipts", "figures", "problems", "events"])
@pytest.mark.parametrize("action", ["UPDATE {} SET rowid=rowid", "DELETE FROM {}"])
def test_nothing_that_was_recorded_can_be_changed(ledger, table, action):
    add(ledger, receipt("A", "2023-01", 5, problems=(Problem("c", "error", "s", "F7", "x", "m"),)))
    with ledger.writing():
        ledger.add_event("2023-01-01", "collect", "2023-01", "x", "y")
        add_dispatches(ledger, [Dispatch("2023-01", "A", 1, "mac", "sha", "f", "2023-01-01")])
    column = "receipt=receipt" if table in ("figures", "problems") else "id=id"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._db.execute(action.format(table).replace("rowid=rowid", column))


def test_acceptance_is_remembered_before_anything_later(ledger):
    add(ledger, receipt("A", "2023-01", 5, sha="s"), receipt("A", "2023-01", 5, "held", sha="s"))
    assert ledger.earlier_receipt("s").verdict == "accepted"
    assert ledger.earlier_receipt("t") is None


def test_a_second_writer_is_refused_and_not_mixed(ledger, monkeypatch):
    monkeypatch.setattr("xl_addin.store.database._WAIT_SECONDS", 0.05)
    other = Ledger(ledger.path)
    try:
        with ledger.writing(), pytest.raises(Refused), other.writing():
            pass
    finally:
        other.close()


def test_a_file_that_is_no_ledger_is_refused(tmp_path):
    for content in (b"not a database at all" * 100, b""):
        path = tmp_path / "ledger.db"
        path.write_bytes(content)
        with pytest.raises(Refused, match="rebuild") as refusal:
            Ledger(path)
        assert "database" not in refusal.value.message


def test_a_ledger_of_a_newer_program_is_refused(ledger):
    ledger._db.execute("PRAGMA user_version=99")
    with pytest.raises(Refused, match="升级"):
        Ledger(ledger.path)


def test_problems_are_listed_by_the_month_they_came_in_for(ledger):
    wrong = Problem("negative", "error", "s", "F7", "-1", "m", "e")
    add(ledger, receipt("A", "2023-05", 5, "held", problems=(wrong, wrong)), asked="2023-06")
    assert [problem for _, problem in ledger.problems("2023-06", 9)] == [wrong, wrong]
    assert len(ledger.problems("2023-06", 1)) == 1
    assert ledger.problem_count("2023-06") == 2
    assert ledger.problems("2023-05", 9) == []


def test_problems_that_a_later_return_settled_are_not_listed(ledger):
    wrong = Problem("negative", "error", "s", "F7", "-1", "m", "e")
    add(ledger, receipt("A", "2023-06", 5, "rejected", problems=(wrong,)))
    assert ledger.problem_count("2023-06") == 1
    add(ledger, receipt("A", "2023-06", 6))
    assert ledger.problems("2023-06", 9) == []
    add(ledger, receipt("A", "2023-06", 7, "rejected", problems=(wrong,)))
    assert len(ledger.problems("2023-06", 9)) == 1


def test_what_is_told_about_a_receipt_is_in_order_and_what_a_person_added_comes_last(ledger):
    first = Problem("negative", "error", "s", "F7", "-1", "m", "e")
    second = Problem("twin-figures", "warning", "s", "", "x", "n")
    added = Problem("accepted-by-hand", "warning", "", "", "", "o")
    add(ledger, receipt("A", "2023-06", 5, "held", problems=(first, second)))
    with ledger.writing():
        run(ledger, "settle")
        add_remarks(ledger, 1, [added])
    assert ledger.problems_of(1) == [first, second, added]
    undo(ledger, "settle")
    assert ledger.problems_of(1) == [first, second]
    assert ledger.problems_of(2) == []


def test_the_return_that_counts_comes_with_its_figures(ledger):
    add(ledger, receipt("A", "2023-06", 5), receipt("B", "2023-06", 7, "rejected"))
    late = receipt("A", "2023-06", 8)._replace(received_at="2023-07-03 09:00:00", round=2)
    add(ledger, late, receipt("C", "2023-05", 9))
    found = ledger.accepted_returns("2023-06")
    assert list(found) == ["A"]
    assert found["A"][:3] == (2, "2023-07-03 09:00:00", late.file)
    assert sorted(found["A"].figures) == sorted(late.figures)
    undo(ledger, "collect")
    assert ledger.accepted_returns("2023-06")["A"].round == 1


def test_a_status_says_by_which_bytes_it_came(ledger):
    add(ledger, receipt("A", "2023-06", 5, "rejected", sha="abc"))
    assert ledger.statuses("2023")["A", "2023-06"].sha256 == "abc"
    assert ledger.returns_to_answer("2023-06")["A"].sha256 == "abc"


def test_settings_that_returns_are_read_by_are_kept_when_they_change(ledger):
    for settings in ("[1]", "[1]", "[2]", "[1]"):
        with ledger.writing():
            run(ledger, "collect")
            ledger.keep_reading_settings(settings)
    kept = rows(ledger.path, "SELECT run, settings FROM readings ORDER BY id")
    assert kept == [(1, "[1]"), (3, "[2]"), (4, "[1]")]


RELEASED = (Path(__file__).parents[1] / "data" / "ledger-1.sql").read_text(encoding="utf-8")


def of_version_1(path):
    """A ledger as the first release wrote it."""
    db = sqlite3.connect(path)
    db.executescript(RELEASED)
    db.close()
    return path


def test_a_ledger_of_the_first_release_is_brought_up_to_date(tmp_path):
    ledger = Ledger(of_version_1(tmp_path / "ledger.db"))
    assert [(f.district, f.month, f.value) for f in ledger.figures("2023-06")] == [("A", 1, 8)]
    assert ledger.statuses("2023")["A", "2023-01"].file == "2.xlsx"
    assert latest_forms(ledger, "2023-01")["A"].mac == "mac"
    add(ledger, receipt("B", "2023-01", 7))
    assert sorted(f.value for f in ledger.figures("2023-06")) == [7, 7, 8]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._db.execute("DELETE FROM pages")
    ledger.close()


PROGRAMMES = Path(__file__).parents[1] / "data" / "programmes"
ADDED = (
    "texts",
    "figure_sheets",
    "stated",
    "target_changes",
    "target_sets",
    "publications",
    "published",
    "persons",
)


def contents_of(path, tables):
    return {name: rows(path, f"SELECT * FROM {name}") for name in tables}  # noqa: S608


@pytest.mark.parametrize("release", ["0.1.0", "0.2.1"])
def test_a_ledger_of_a_release_keeps_every_row_and_gets_the_tables_that_came_later(
    tmp_path, release
):
    path = Path(shutil.copytree(PROGRAMMES / release, tmp_path / "p"), "ledger.db")
    found = rows(path, "SELECT name FROM sqlite_master WHERE type='table'")
    before = contents_of(path, [name for (name,) in found])
    assert before.keys().isdisjoint(ADDED)
    ledger = Ledger(path)
    assert contents_of(path, before) == before
    assert not any(contents_of(path, ADDED).values())
    assert rows(path, "PRAGMA user_version") == [(SCHEMA,)]
    figures = list(ledger.figures("2024-12"))
    assert len(figures) == (12 if release == "0.2.1" else 0)
    add(ledger, receipt("D001", "2024-12", 7)._replace(sheet="任务进度"), asked="2024-12")
    assert len(list(ledger.figures("2024-12"))) == len(figures) + 2
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger._db.execute("DELETE FROM figure_sheets")
    ledger.close()


def test_two_processes_that_migrate_at_once_both_end_with_the_new_ledger(tmp_path):
    path = of_version_1(tmp_path / "ledger.db")
    program = f"from pathlib import Path; from xl_addin.store.ledger import Ledger; Ledger(Path({str(path)!r}))"
    waiting = sqlite3.connect(path, isolation_level=None)
    waiting.execute("BEGIN IMMEDIATE")  # both have to come to the lock before either gets it
    both = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    waiting.execute("COMMIT")
    assert [process.wait() for process in both] == [0, 0]
    assert waiting.execute("PRAGMA user_version").fetchone()[0] == SCHEMA
    waiting.close()


def test_a_migration_that_is_cut_off_changes_nothing(tmp_path):
    path = of_version_1(tmp_path / "ledger.db")
    program = f"from pathlib import Path; from xl_addin.store.ledger import Ledger; Ledger(Path({str(path)!r}))"
    environment = {**os.environ, "XL_ADDIN_FAILPOINT": "ledger.migrated"}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == KILLED
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone()[0] == 1
    db.close()
    Ledger(path).close()


def test_what_an_undone_run_added_does_not_count(ledger):
    add(ledger, receipt("A", "2023-01", 5))
    add(ledger, receipt("A", "2023-01", 9))
    undo(ledger, "collect")
    assert next(ledger.figures("2023-06")).value == 5
    assert ledger.statuses("2023")["A", "2023-01"].file == "A-2023-01-5"
    assert ledger.earlier_receipt("A-2023-01-9") is None


def test_what_a_person_decided_about_a_held_return_counts(ledger):
    wrong = Problem("wrong-month", "error", "s", "A1", "x", "m")
    add(ledger, receipt("A", "2023-01", 5, "held", problems=(wrong,)), asked="2023-02")
    with ledger.writing():
        ledger.add_event("2023-07-02 09:00:00", "settle", "", "", "")
        add_decisions(ledger, [Decision(1, "accepted", "B", "2023-01", "")])
    assert [(f.district, f.value) for f in ledger.figures("2023-06")] == [("B", 5), ("B", 7)]
    assert ledger.statuses("2023")["B", "2023-01"].verdict == "accepted"
    assert ledger.problem_count("2023-02") == 0
    assert ledger.earlier_receipt("A-2023-01-5").verdict == "accepted"


@pytest.mark.parametrize(
    ("came", "answered"),
    [
        ((("rejected", ""), ("blank", ""), ("unreadable", "")), "rejected"),
        ((("accepted", ""), ("rejected", "")), "rejected"),
        ((("rejected", ""), ("accepted", "")), "accepted"),
        ((("rejected", ""), ("held", "")), "held"),
        ((("accepted", ""), ("held", "rejected")), "accepted"),
        ((("held", "rejected"),), "rejected"),
        ((("blank", ""),), None),
    ],
)
def test_what_a_district_is_answered_about_is_the_last_that_says_something(ledger, came, answered):
    for number, (verdict, decision) in enumerate(came, 1):
        add(ledger, receipt("A", "2023-01", number, verdict), asked="2023-01")
        if decision:
            with ledger.writing():
                ledger.add_event("2023-07-02 09:00:00", "settle", "", "", "")
                add_decisions(ledger, [Decision(number, decision, "A", "2023-01", "")])
    found = ledger.returns_to_answer("2023-01")
    assert (found["A"].verdict if found else None) == answered


@replaces_open_files
def test_a_ledger_that_was_replaced_meanwhile_is_not_written_to(ledger, tmp_path):
    other = Ledger.create(tmp_path / "other.db", 2023, "2023-01-01 08:00:00")
    other.close()
    other.path.replace(ledger.path)
    with pytest.raises(Refused, match="重建"):
        add(ledger, receipt("A", "2023-01", 5))
