"""Closed months: what comes in for them afterwards is held until they are opened again."""

from __future__ import annotations

from xl_addin.store.ledger import Ledger


def closed_months(ledger: Ledger) -> frozenset[str]:
    """The months that are closed now."""
    return frozenset(month for (month,) in ledger.query("SELECT month FROM closed"))


def add_closing(ledger: Ledger, month: str, *, closed: bool) -> None:
    """Close a month, or open it again. Call while writing."""
    rows = [(ledger.run, month, int(closed))]
    ledger.add("INSERT INTO closings(run, month, closed) VALUES(?,?,?)", rows)
