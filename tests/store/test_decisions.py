"""What people decided, until it is taken back."""

from tests.store.test_ledger import add, receipt, run, undo
from xl_addin.model.records import Problem
from xl_addin.store.decisions import (
    Decision,
    add_closing,
    add_decisions,
    closed_months,
    decided_receipts,
    held_returns,
    is_decided,
)


def decide(ledger, *decisions):
    with ledger.writing():
        add_decisions(ledger, decisions)
        run(ledger, "settle")


def test_what_was_decided_is_known_by_receipt_and_by_bytes_until_it_is_undone(ledger):
    add(ledger, *(receipt(d, "2023-01", 5, "held", sha=d.lower()) for d in "ABC"))
    decide(ledger, Decision(1, "accepted", "A", "2023-01", ""))
    decide(ledger, Decision(2, "rejected", "B", "2023-01", ""))
    assert decided_receipts(ledger) == {1, 2}
    assert [is_decided(ledger, sha) for sha in "abc"] == [True, True, False]
    assert [each.id for each in held_returns(ledger)] == [3]
    undo(ledger, "settle")
    assert decided_receipts(ledger) == {1}
    assert [each.id for each in held_returns(ledger)] == [2, 3]


def test_a_return_that_waits_brings_its_problems_and_figures(ledger):
    doubt = Problem("wrong-month", "error", "s", "A1", "x", "m")
    wrong = Problem("negative", "error", "s", "F7", "-1", "n")
    waiting = receipt("A", "2023-01", 5, "held", problems=(doubt, wrong))
    add(ledger, receipt("B", "2023-01", 6, "rejected", problems=(wrong,)), waiting)
    [found] = held_returns(ledger)
    assert (found.id, found.district, found.is_replaced, found.sender) == (2, "A", False, "")
    assert (found.doubts, found.errors) == ((doubt,), (wrong,))
    assert sorted(found.figures) == sorted(waiting.figures)


def test_a_month_is_closed_until_it_is_opened_again_or_that_is_undone(ledger):
    for closed in (True, False):
        with ledger.writing():
            add_closing(ledger, "2023-01", closed=closed)
            run(ledger, "close")
        assert closed_months(ledger) == (frozenset(("2023-01",)) if closed else frozenset())
    undo(ledger, "close")
    assert closed_months(ledger) == {"2023-01"}
    undo(ledger, "close")
    assert closed_months(ledger) == frozenset()
