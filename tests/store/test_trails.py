"""What is known of a district's returns: figures, problems, decisions, who took them in; nothing undone."""

from __future__ import annotations

from tests.store.test_ledger import add, receipt, run, undo
from xl_addin.model.records import REMARK, Problem, Text
from xl_addin.store.decisions import Decision, add_decisions
from xl_addin.store.targets import keep_targets
from xl_addin.store.trails import (
    KeptTarget,
    Settled,
    kept_target_history,
    texts_beside,
    traced_returns,
)

WRONG = Problem("negative", "error", "任务进度", "F7", "-1", "m", "e")
WHY = Text(REMARK, "I01", "任务进度", "H7", "场地没有落实")
YEAR = ("2023-01", "2023-12")


def test_a_return_comes_with_everything_that_is_known_of_it(ledger):
    ledger.person = lambda: "王芳"
    first = receipt("A", "2023-01", 5, "rejected", problems=(WRONG,))
    second = receipt("A", "2023-01", 8)._replace(sheet="任务进度", texts=(WHY,))
    add(
        ledger,
        first,
        second,
        receipt("B", "2023-01", 9),
        receipt("A", "2023-02", 7),
        receipt("A", "2023-02", 7, "duplicate"),
    )
    old, new, later = traced_returns(ledger, "A", *YEAR)
    assert [each.counts for each in (old, new, later)] == [False, True, True]
    assert (old.verdict, old.problems, old.sheet) == ("rejected", (WRONG,), "")
    assert (new.figures["I01"], new.sheet) == (second.figures[0], "任务进度")
    assert (new.run, new.verb, new.by) == (1, "collect", "王芳")
    assert texts_beside(new.texts, "I01") == ("场地没有落实",)
    assert texts_beside(new.texts, "I07") == ()
    assert traced_returns(ledger, "A", "2023-02", "2023-02") == [later]


def test_a_decision_says_who_and_why_and_one_that_was_taken_back_is_none(ledger):
    add(ledger, receipt("A", "2023-01", 5, "held"))
    with ledger.writing():
        add_decisions(ledger, [Decision(1, "accepted", "A", "2023-02", "电话核实")])
        ledger.add_event("2023-03-01 09:00:00", "settle", "2023-02", "", "yw01")
    [found] = traced_returns(ledger, "A", *YEAR)
    assert (found.month, found.verdict, found.counts) == ("2023-02", "accepted", True)
    assert found.decision == Settled("accepted", "电话核实", "yw01", "2023-03-01 09:00:00")
    undo(ledger, "settle")
    [found] = traced_returns(ledger, "A", *YEAR)
    assert (found.month, found.verdict, found.decision) == ("2023-01", "held", None)
    undo(ledger, "collect")
    assert traced_returns(ledger, "A", *YEAR) == []


def test_a_year_start_target_is_told_whenever_it_was_found_to_be_another(ledger):
    for targets in ({("A", "I01"): 5}, {("A", "I01"): 5, ("B", "I01"): 1}, {("B", "I01"): 1}):
        with ledger.writing():
            keep_targets(ledger, targets)
            run(ledger, "recompute")
    at = "2023-07-01 09:00:00"
    assert kept_target_history(ledger, "A", "I01") == [
        KeptTarget(at, "", 5),
        KeptTarget(at, "", None),
    ]
    assert [each.value for each in kept_target_history(ledger, "B", "I01")] == [None, 1]
