"""Runs, those that were taken back, and what came after them: what an undo has to know.

Every line of the journal is a run; what the run added carries its number, so that it can be taken
back as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.model.commands import SETTINGS_RUN
from xl_addin.store.database import insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

# Before runs were numbered, what a run added did not carry its number.
_UNNUMBERED = {
    "collect": "SELECT 1 FROM receipts WHERE run IS NULL"
    " AND NOT EXISTS(SELECT 1 FROM receipts WHERE run>=?)",
    "distribute": "SELECT 1 FROM dispatches WHERE run IS NULL"
    " AND NOT EXISTS(SELECT 1 FROM dispatches WHERE run>=?)",
}


class Run(NamedTuple):
    """A line of the journal; ``by`` is who did it."""

    id: int
    at: str
    verb: str
    month: str
    outcome: str
    by: str = ""


def standing_runs(ledger: Ledger) -> Iterator[Run]:
    """Every run that was not taken back, the last one first; the undoing ones are among them."""
    rows = select(
        ledger,
        "SELECT e.id, e.at, e.verb, e.month, e.outcome, COALESCE(p.person, e.who) FROM events e"
        " LEFT JOIN persons p ON p.run=e.id WHERE e.id NOT IN (SELECT run FROM undone)"
        " ORDER BY e.id DESC",
    )
    return map(Run._make, rows)


def others_runs(ledger: Ledger) -> frozenset[int]:
    """The runs that other masters of a shared ledger wrote; of those from before it was shared nobody knows."""
    if not ledger.master:
        return frozenset()
    rows = select(ledger, "SELECT run FROM run_tokens WHERE master<>?", (ledger.master,))
    return frozenset(run for (run,) in rows)


def run_just_undone(ledger: Ledger) -> Run | None:
    """The run that the last line of the journal took back, if that line is an undo.

    What a click records of shared settings before it begins is passed over.
    """
    rows = select(
        ledger,
        "SELECT e.id, e.at, e.verb, e.month, e.outcome, e.who FROM undone u JOIN events e ON e.id=u.run"
        " WHERE u.by=(SELECT MAX(id) FROM events WHERE verb<>?)",
        (SETTINGS_RUN,),
    )
    return Run._make(rows[0]) if rows else None


def is_unnumbered(ledger: Ledger, run: Run) -> bool:
    """Whether a run was before runs were numbered: which rows it added cannot be told."""
    query = _UNNUMBERED.get(run.verb)
    return query is not None and bool(select(ledger, query, (run.id,)))


def districts_since(ledger: Ledger, run: Run) -> set[str]:
    """The districts that returned something of the run's month after it, even if that was undone.

    A form that came back untouched does not count, nor does a scan.
    """
    query = "SELECT district FROM receipts WHERE month=? AND run>? AND verdict NOT IN ('blank','foreign')"
    return {district for (district,) in select(ledger, query, (run.month, run.id))}


def add_undone(ledger: Ledger, run: Run) -> None:
    """Take back a run, as done by the one that is being written. Call while writing."""
    insert(ledger, "INSERT INTO undone(run, by) VALUES(?,?)", [(run.id, ledger.run)])
