"""What people decide: about a return that waits, and that a month is closed.

A decision is a row beside the receipt, never a change of it. What comes in for a closed month waits
until the month is opened again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xl_addin.model.problems import DOUBTS
from xl_addin.model.records import ERROR, Figure, Problem
from xl_addin.store.database import insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

_HELD = (
    "SELECT r.id, r.sha256, r.file, r.received_at, r.month, r.asked, r.district, r.round, EXISTS("
    "SELECT 1 FROM counting c WHERE c.month=r.month AND c.district=r.district"
    " AND c.latest>r.received_at || printf('%012d', r.id)),"
    " COALESCE((SELECT m.sender FROM mail_returns b JOIN mail_results m ON m.mail=b.mail AND m.run=b.run"
    " WHERE b.receipt=r.id ORDER BY b.id LIMIT 1), '') FROM returns r WHERE r.verdict='held'"
    # Of the same bytes only what was decided last is open.
    " AND NOT EXISTS(SELECT 1 FROM returns n WHERE n.sha256=r.sha256 AND n.id>r.id"
    " AND n.verdict<>'duplicate') ORDER BY r.id"
)


class HeldReturn(NamedTuple):
    """A return that waits for a person.

    ``replaced`` says that a later one was accepted meanwhile; ``sender`` is the address that mailed
    it, empty for a file that lay in a folder.
    """

    id: int
    sha256: str
    file: str
    received_at: str
    month: str
    collected_for: str
    district: str
    round: int
    is_replaced: bool
    sender: str
    problems: tuple[Problem, ...]
    figures: tuple[Figure, ...]

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """Why it is held."""
        return tuple(p for p in self.problems if p.code in DOUBTS and p.severity == ERROR)

    @property
    def is_older(self) -> bool:
        """Whether it waits because it has other figures and an older time: accepted, it counts."""
        return any(problem.code == "older-time" for problem in self.doubts)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What is wrong with its figures, whoever sent them."""
        return tuple(p for p in self.problems if p.severity == ERROR and p.code not in DOUBTS)


class Decision(NamedTuple):
    """What a person decided about a receipt; district and month are whose it is from now on."""

    receipt: int
    decision: str
    district: str
    month: str
    note: str


def held_returns(ledger: Ledger) -> list[HeldReturn]:
    """Every return that waits for a decision, by receipt number, the oldest first."""
    rows = select(ledger, _HELD)
    problems = _by_receipt(
        select(
            ledger,
            "SELECT p.* FROM problems p JOIN receipts r ON r.id=p.receipt WHERE r.verdict='held'"
            " ORDER BY p.receipt, p.position",
        )
    )
    figures = _by_receipt(
        select(
            ledger,
            "SELECT f.receipt, 0, f.indicator, f.state, f.value, f.cell, f.measure, s.value,"
            " COALESCE(s.cell, '') FROM figures f JOIN receipts r ON r.id=f.receipt"
            " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator"
            " WHERE r.verdict='held' ORDER BY f.receipt, f.indicator",
        )
    )
    return [
        HeldReturn._make(
            (
                *row[:8],
                bool(row[8]),
                row[9],
                tuple(Problem._make(each) for each in problems.get(row[0], ())),
                tuple(Figure._make(each) for each in figures.get(row[0], ())),
            )
        )
        for row in rows
    ]


def _by_receipt(rows: Iterable[Sequence[object]]) -> dict[object, list[Sequence[object]]]:
    found: dict[object, list[Sequence[object]]] = {}
    for receipt, _, *rest in rows:
        found.setdefault(receipt, []).append(rest)
    return found


def add_decisions(ledger: Ledger, decisions: Iterable[Decision]) -> None:
    """Record decisions as made in this run. Call while writing."""
    insert(
        ledger,
        "INSERT INTO decisions(run, receipt, decision, district, month, note) VALUES(?,?,?,?,?,?)",
        ((ledger.run, *decision) for decision in decisions),
    )


def add_remarks(ledger: Ledger, receipt: int, problems: Iterable[Problem]) -> None:
    """Add problems to a receipt, as found in this run. Call while writing."""
    insert(
        ledger,
        "INSERT INTO remarks(run, receipt, code, severity, sheet, cell, found, message, expected)"
        " VALUES(?,?,?,?,?,?,?,?,?)",
        ((ledger.run, receipt, *problem) for problem in problems),
    )


def is_decided(ledger: Ledger, sha256: str) -> bool:
    """Whether a person has decided about a receipt with these bytes; ``sha256`` is in hex."""
    query = "SELECT 1 FROM returns WHERE sha256=? AND decision IS NOT NULL LIMIT 1"
    return bool(select(ledger, query, (sha256,)))


def decided_receipts(ledger: Ledger) -> set[int]:
    """The numbers of the receipts that a person has decided about."""
    return {receipt for (receipt,) in select(ledger, "SELECT receipt FROM settled")}


def closed_months(ledger: Ledger) -> frozenset[str]:
    """The months that are closed now."""
    return frozenset(month for (month,) in select(ledger, "SELECT month FROM closed"))


def add_closing(ledger: Ledger, month: str, *, closed: bool) -> None:
    """Close a month, or open it again. Call while writing."""
    rows = [(ledger.run, month, int(closed))]
    insert(ledger, "INSERT INTO closings(run, month, closed) VALUES(?,?,?)", rows)
