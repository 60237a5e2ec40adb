"""The forms that went back for correction: which return each was made for, and its round."""

from __future__ import annotations

from xl_addin.store.database import insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple


class CorrectionForm(NamedTuple):
    """A marked form on record; ``returned`` is the hash of the return that it answers."""

    returned: str
    month: str
    district: str
    round: int
    sha256: str
    file: str


def last_correction(
    ledger: Ledger, returned: str, district: str, month: str
) -> CorrectionForm | None:
    """The last form that went back for a return, if one did."""
    rows = select(
        ledger,
        "SELECT returned, month, district, round, sha256, file FROM corrections"
        " WHERE returned=? AND district=? AND month=? ORDER BY id DESC LIMIT 1",
        (returned, district, month),
    )
    return CorrectionForm._make(rows[0]) if rows else None


def corrections_of(ledger: Ledger, district: str, first: str, last: str) -> list[CorrectionForm]:
    """The forms of these months that went back to a district, in the order in which they did."""
    rows = select(
        ledger,
        "SELECT returned, month, district, round, sha256, file FROM corrections"
        " WHERE district=? AND month>=? AND month<=? ORDER BY id",
        (district, first, last),
    )
    return [CorrectionForm._make(row) for row in rows]


def times_returned(ledger: Ledger, month: str) -> dict[str, int]:
    """By district how often a form of the month went back; districts with none are left out."""
    query = "SELECT district, COUNT(*) FROM corrections WHERE month=? GROUP BY district"
    return dict(select(ledger, query, (month,)))


def add_correction(ledger: Ledger, form: CorrectionForm) -> None:
    """Record a form as gone back. Call while writing."""
    insert(
        ledger,
        "INSERT INTO corrections(run, returned, month, district, round, sha256, file)"
        " VALUES(?,?,?,?,?,?,?)",
        [(ledger.run, *form)],
    )
