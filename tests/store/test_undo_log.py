"""Which runs stand, which was taken back last, and what came after one."""

from tests.store.test_issued_forms import form, issue
from tests.store.test_ledger import add, of_version_1, receipt, run, undo
from xl_addin.store.ledger import Ledger
from xl_addin.store.undo_log import districts_since, is_unnumbered, run_just_undone, standing_runs


def test_a_run_that_was_taken_back_does_not_stand(ledger):
    add(ledger, receipt("A", "2023-01", 5))
    issue(ledger, form("A", "2023-01", "a"))
    assert [each.verb for each in standing_runs(ledger)] == ["distribute", "collect"]
    undo(ledger, "distribute")
    assert [(each.id, each.verb) for each in standing_runs(ledger)] == [(3, "undo"), (1, "collect")]


def test_what_was_just_undone_is_known_until_something_else_is_done(ledger):
    add(ledger, receipt("A", "2023-01", 5))
    assert run_just_undone(ledger) is None
    undo(ledger, "collect")
    just = run_just_undone(ledger)
    assert (just.id, just.verb, just.month) == (1, "collect", "2023-06")
    with ledger.writing():
        run(ledger, "rebuild")
    assert run_just_undone(ledger) is None


def test_districts_that_sent_something_after_a_run_are_known_though_that_was_undone(ledger):
    add(ledger, receipt("A", "2023-06", 1))
    issue(ledger, form("B", "2023-06", "b"))
    issued = next(standing_runs(ledger))
    add(ledger, receipt("B", "2023-06", 2, "rejected"), receipt("C", "2023-06", 3, "blank"))
    add(
        ledger,
        receipt("D", "2023-05", 4),
        receipt("E", "2023-06", 5),
        receipt("F", "2023-06", 6, "foreign"),
    )
    undo(ledger, "collect")
    assert districts_since(ledger, issued) == {"B", "E"}


def test_a_run_from_before_runs_were_numbered_is_told_from_those_after(tmp_path):
    ledger = Ledger(of_version_1(tmp_path / "old.db"))
    [old] = [each for each in standing_runs(ledger) if each.verb == "collect"]
    assert is_unnumbered(ledger, old)
    assert not is_unnumbered(ledger, old._replace(verb="close"))
    add(ledger, receipt("B", "2023-01", 6))
    assert not is_unnumbered(ledger, next(standing_runs(ledger)))
    ledger.close()
