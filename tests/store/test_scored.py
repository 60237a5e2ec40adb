"""What points are lost by: first returns with their errors, where figures stand, when it was computed."""

from tests.store.test_decisions import decide
from tests.store.test_ledger import add, receipt, undo
from xl_addin.model.records import Figure, Problem
from xl_addin.store.decisions import Decision
from xl_addin.store.scored import figure_places, first_returns, last_recompute

JUNE, YEAR = "2023-06", ("2023-01", "2023-12")


def wrong(*cells, code="negative"):
    return tuple(Problem(code, "error", "任务进度", cell, "-1", "…") for cell in cells)


def test_the_first_judged_return_of_a_month_tells_its_errors(ledger):
    warning = Problem("jump", "warning", "任务进度", "F9", "9", "…")
    add(ledger, receipt("A", JUNE, 2)._replace(file="改好.xlsx"))
    add(
        ledger,
        receipt("A", JUNE, 1, "rejected")._replace(
            file="先来.xlsx",
            received_at="2023-06-27 08:00:00",
            problems=(*wrong("F7", "F8"), warning),
        ),
    )
    add(ledger, receipt("B", JUNE, 1, "blank"), receipt("B", JUNE, 2, "held"))
    found = first_returns(ledger, *YEAR)
    assert list(found) == [("A", JUNE)]
    first = found["A", JUNE]
    assert (first.file, first.received_at) == ("先来.xlsx", "2023-06-27 08:00:00")
    assert [cell for _, _, cell in first.errors] == ["F7", "F8"]
    assert first_returns(ledger, "2023-01", "2023-05") == {}
    undo(ledger, "collect")
    undo(ledger, "collect")
    assert [(e.file, e.errors) for e in first_returns(ledger, *YEAR).values()] == [
        ("改好.xlsx", ())
    ]


def test_what_a_person_decided_is_by_decision(ledger):
    waiting = receipt("A", JUNE, 1, "held", problems=wrong("A1", code="wrong-month") + wrong("F7"))
    add(ledger, waiting, waiting._replace(sha256="b", district="B"))
    assert first_returns(ledger, *YEAR) == {}
    decide(ledger, Decision(1, "accepted", "A", JUNE, ""), Decision(2, "rejected", "B", JUNE, ""))
    found = first_returns(ledger, *YEAR)
    assert {pair: first.errors for pair, first in found.items()} == {("A", JUNE): ()}
    undo(ledger, "settle")
    assert first_returns(ledger, *YEAR) == {}


def test_the_last_figure_that_counts_is_where_it_stands(ledger):
    may = receipt("A", "2023-05", 5)._replace(sheet="任务进度")
    june = receipt("A", JUNE, 6)._replace(sheet="任务进度")
    nothing = (june.figures[0], Figure("I07", "empty", None, "G13", "stock"))
    add(ledger, may, june._replace(figures=nothing))
    found = figure_places(ledger, *YEAR)
    assert {item: (p.file, p.sheet, p.cell) for (_, item), p in found.items()} == {
        "I01": (june.file, "任务进度", "F7"),
        "I07": (may.file, "任务进度", "G13"),
    }


def test_a_recompute_that_was_undone_was_not(ledger):
    assert last_recompute(ledger, JUNE) == ""
    for at in ("2023-07-01 09:00:00", "2023-07-02 09:00:00"):
        with ledger.writing():
            ledger.add_event(at, "recompute", JUNE, "", "")
    assert last_recompute(ledger, JUNE) == "2023-07-02 09:00:00"
    assert last_recompute(ledger, "2023-05") == ""
    undo(ledger, "recompute")
    assert last_recompute(ledger, JUNE) == "2023-07-01 09:00:00"
