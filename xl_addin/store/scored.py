"""What points are lost by, out of the ledger: first returns with their errors, and where figures stand."""

from __future__ import annotations

from collections.abc import Collection

from xl_addin.store.database import LedgerReader, select
from xl_addin.system.light import NamedTuple

# What a person turned down was no return of theirs; what waits for a person is none yet.
_FIRST = (
    "SELECT r.month, r.district, r.id, r.file, r.sha256, r.received_at FROM returns r"
    " WHERE r.month>=? AND r.month<=? AND r.district<>'' AND (r.verdict='accepted'"
    " OR r.verdict='rejected' AND r.decision IS NULL) ORDER BY r.received_at DESC, r.id DESC"
)
# What a person accepted is right.
_ERRORS = (
    "SELECT r.id, p.code, p.sheet, p.cell FROM returns r JOIN told p ON p.receipt=r.id"
    " WHERE r.month>=? AND r.month<=? AND p.severity='error' AND r.decision IS NULL"
    " ORDER BY r.id, p.position"
)
_PLACES = (
    "SELECT c.district, f.indicator, r.id, r.file, r.sha256, r.received_at, COALESCE(s.sheet, ''), f.cell"
    " FROM counting c JOIN figures f ON f.receipt=c.receipt JOIN receipts r ON r.id=c.receipt"
    " LEFT JOIN figure_sheets s ON s.receipt=c.receipt"
    " WHERE c.month>=? AND c.month<=? AND f.value IS NOT NULL ORDER BY c.month, r.id"
)


class FirstReturn(NamedTuple):
    """The return of a district that came first for a month; ``errors`` are code, sheet and cell of each."""

    receipt: int
    file: str
    sha256: str
    received_at: str
    errors: tuple[tuple[str, str, str], ...]


class FigurePlace(NamedTuple):
    """Where the last figure stands that counts for a district and an indicator."""

    receipt: int
    file: str
    sha256: str
    received_at: str
    sheet: str
    cell: str


def first_returns(
    ledger: LedgerReader, first: str, last: str
) -> dict[tuple[str, str], FirstReturn]:
    """By (district, month) the first return that was judged, over these months."""
    errors: dict[int, list[tuple[str, str, str]]] = {}
    for receipt, *error in select(ledger, _ERRORS, (first, last)):
        errors.setdefault(receipt, []).append((error[0], error[1], error[2]))
    return {
        (district, month): FirstReturn._make((receipt, *facts, tuple(errors.get(receipt, ()))))
        for month, district, receipt, *facts in select(ledger, _FIRST, (first, last))
    }


def figure_places(
    ledger: LedgerReader, first: str, last: str
) -> dict[tuple[str, str], FigurePlace]:
    """By (district, indicator) where the last counting figure of these months stands."""
    rows = select(ledger, _PLACES, (first, last))
    return {(district, item): FigurePlace._make(place) for district, item, *place in rows}


def returned_files(ledger: LedgerReader, receipts: Collection[int]) -> dict[int, tuple[str, str]]:
    """Of returns by their numbers what the file was called, and its hash."""
    import json

    rows = select(
        ledger,
        "SELECT id, file, sha256 FROM receipts WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))",
        (json.dumps(sorted(receipts)),),
    )
    return {receipt: (file, sha256) for receipt, file, sha256 in rows}


def last_recompute(ledger: LedgerReader, month: str) -> str:
    """When a month was last recomputed, as far as that was not undone; "" for never."""
    rows = select(
        ledger,
        "SELECT at FROM events WHERE verb='recompute' AND month=? AND id NOT IN (SELECT run FROM undone)"
        " ORDER BY id DESC LIMIT 1",
        (month,),
    )
    return str(rows[0][0]) if rows else ""
