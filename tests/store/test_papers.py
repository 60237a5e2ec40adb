"""Papers on record: nothing of an undone run, of the same bytes what was decided last."""

from __future__ import annotations

import sqlite3

import pytest

from xl_addin.model.problems import make
from xl_addin.model.records import ACCEPTED, HELD, REJECTED
from xl_addin.store.ledger import Ledger
from xl_addin.store.papers import (
    NewPaper,
    PaperDecision,
    add_paper,
    add_paper_decisions,
    handed_in,
    message_of,
    paper_problems,
)
from xl_addin.store.undo_log import add_undone, standing_runs

ONE = NewPaper("a" * 64, "总结.docx", "2023-11-20 10:00:00", "01", "D1", ACCEPTED, 900, "00000001")


@pytest.fixture
def ledger(tmp_path):
    made = Ledger.create(tmp_path / "ledger.db", 2023, "2023-01-01 08:00:00")
    yield made
    made.close()


def record(ledger, *papers, problems=()):
    with ledger.writing():
        numbers = [add_paper(ledger, paper, problems) for paper in papers]
        ledger.add_event("2023-11-20 10:00:00", "collect", "2023-10", "", "x")
    return numbers


def test_what_is_recorded_comes_back(ledger):
    problem = make("paper-late", "总结.docx：逾期", found="2023-12-01")
    [number] = record(ledger, ONE, problems=[problem])
    [found] = handed_in(ledger)
    assert found[1:9] == ONE[:8]
    assert (found.id, found.decision, found.mail) == (number, 0, 0)
    assert paper_problems(ledger) == {number: [problem]}
    assert message_of(ledger, 0) == ""


def test_of_the_same_bytes_of_a_district_the_last_speaks(ledger):
    held = ONE._replace(district="", paper="", verdict=HELD)
    record(ledger, held, ONE._replace(verdict=REJECTED))
    other = ONE._replace(district="02")
    record(ledger, ONE, other)
    assert [(each.district, each.verdict) for each in handed_in(ledger)] == [
        ("01", ACCEPTED),
        ("02", ACCEPTED),
    ]


def test_a_decision_stands_until_it_is_undone(ledger):
    [number] = record(ledger, ONE._replace(district="", paper="", verdict=HELD))
    with ledger.writing():
        add_paper_decisions(ledger, [PaperDecision(number, ACCEPTED, "02", "D1", "核实过")])
        ledger.add_event("2023-11-21 10:00:00", "settle", "", "", "x")
    [found] = handed_in(ledger)
    assert (found.verdict, found.district, found.paper) == (ACCEPTED, "02", "D1")
    assert found.decision
    last = next(standing_runs(ledger))
    with ledger.writing():
        ledger.add_event("2023-11-21 10:00:00", "undo", "", "", "x")
        add_undone(ledger, last)
    assert [each.verdict for each in handed_in(ledger)] == [HELD]


def test_a_verdict_has_its_district_and_paper(ledger):
    with pytest.raises(sqlite3.IntegrityError), ledger.writing():
        add_paper(ledger, ONE._replace(district=""), ())
