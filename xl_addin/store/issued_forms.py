"""The forms that districts were given, and the blank one that they are stamped from."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

# A run of NULL was before runs were numbered; such a run cannot be undone.
_STANDS = "(run IS NULL OR run NOT IN (SELECT run FROM undone))"


class Dispatch(NamedTuple):
    """One form as it was issued."""

    month: str
    district: str
    round: int
    mac: str
    sha256: str
    file: str
    issued_at: str


class IssuedForm(NamedTuple):
    """A form that a run issued; ``before`` is the hash of the one it took the place of, or empty."""

    district: str
    file: str
    sha256: str
    before: str


def kept_blank_form(ledger: Ledger, digest: str) -> bytes | None:
    """The blank form laid out for these very settings, if it was kept."""
    rows = select(ledger, "SELECT data FROM blanks WHERE digest=?", (digest,))
    return bytes(rows[0][0]) if rows else None


def keep_blank_form(ledger: Ledger, digest: str, data: bytes) -> None:
    """Keep a blank form; it can always be laid out again."""
    insert(ledger, "DELETE FROM blanks WHERE digest<>?", [(digest,)])
    insert(ledger, "INSERT INTO blanks VALUES(?,?) ON CONFLICT DO NOTHING", [(digest, data)])


def first_issue(ledger: Ledger) -> str:
    """When the first form was issued, empty where none was."""
    return str(select(ledger, "SELECT MIN(issued_at) FROM dispatches")[0][0] or "")


def latest_forms(ledger: Ledger, month: str) -> dict[str, Dispatch]:
    """The latest form of a month by district, corrections aside."""
    rows = select(
        ledger,
        "SELECT month, district, round, mac, sha256, file, issued_at FROM dispatches"  # noqa: S608
        f" WHERE month=? AND round=1 AND {_STANDS} ORDER BY id",
        (month,),
    )
    return {form.district: form for form in map(Dispatch._make, rows)}


def forms_of(ledger: Ledger, district: str, first: str, last: str) -> list[Dispatch]:
    """The forms of these months that a district was given, in the order in which it was."""
    rows = select(
        ledger,
        "SELECT month, district, round, mac, sha256, file, issued_at FROM dispatches"  # noqa: S608
        f" WHERE district=? AND month>=? AND month<=? AND {_STANDS} ORDER BY id",
        (district, first, last),
    )
    return [Dispatch._make(row) for row in rows]


def issued_hashes(ledger: LedgerReader, month: str = "") -> set[str]:
    """The hashes of all forms ever issued, corrections among them: for a month, or at all."""
    query = "SELECT sha256 FROM dispatches"
    rows = select(ledger, f"{query} WHERE month=?", (month,)) if month else select(ledger, query)
    return {sha256 for (sha256,) in rows}


def issued_macs(ledger: Ledger, month: str) -> frozenset[str]:
    """The seals of all forms ever issued for a month."""
    rows = select(ledger, "SELECT mac FROM dispatches WHERE month=?", (month,))
    return frozenset(mac for (mac,) in rows)


class Withdrawn(NamedTuple):
    """Seals of forms that are not the ones to fill in: issued anew since, or by a run taken back."""

    replaced: frozenset[str]
    undone: frozenset[str]


def withdrawn_macs(ledger: Ledger, month: str) -> Withdrawn:
    """The seals of a month's forms that no longer stand; the same seal issued again stands again."""
    latest: dict[tuple[str, int], str] = {}
    standing: set[str] = set()
    every: set[str] = set()
    for district, round_, mac, stands in select(
        ledger,
        f"SELECT district, round, mac, {_STANDS} FROM dispatches WHERE month=? ORDER BY id",  # noqa: S608
        (month,),
    ):
        every.add(mac)
        if stands:
            standing.add(mac)
            latest[district, round_] = mac
    return Withdrawn(frozenset(standing - set(latest.values())), frozenset(every - standing))


def issued_months(ledger: Ledger, month: str) -> dict[str, list[str]]:
    """By district the months of the year up to this one that it has a form for, earliest first."""
    rows = select(
        ledger,
        "SELECT DISTINCT district, month FROM dispatches"  # noqa: S608
        f" WHERE month>=? AND month<=? AND {_STANDS} ORDER BY month, district",
        (f"{month[:4]}-01", month),
    )
    found: dict[str, list[str]] = {}
    for district, each in rows:
        found.setdefault(district, []).append(each)
    return found


def highest_round(ledger: Ledger, district: str, month: str) -> int:
    """The highest round that a form of the district ever had, taken back or not; 1 at least."""
    query = "SELECT COALESCE(MAX(round), 1) FROM dispatches WHERE district=? AND month=?"
    highest: int = select(ledger, query, (district, month))[0][0]
    return highest


def forms_of_run(ledger: Ledger, run: int) -> list[IssuedForm]:
    """The forms that a run issued."""
    rows = select(
        ledger,
        "SELECT d.district, d.file, d.sha256, COALESCE((SELECT e.sha256 FROM dispatches e"
        " WHERE e.month=d.month AND e.file=d.file AND e.id<d.id"
        " AND (e.run IS NULL OR e.run NOT IN (SELECT run FROM undone))"
        " ORDER BY e.id DESC LIMIT 1), '') FROM dispatches d WHERE d.run=? ORDER BY d.id",
        (run,),
    )
    return [IssuedForm._make(row) for row in rows]


def add_dispatches(ledger: Ledger, dispatches: Iterable[Dispatch]) -> None:
    """Record forms as issued. Call while writing."""
    insert(
        ledger,
        "INSERT INTO dispatches(month, district, round, mac, sha256, file, issued_at, run)"
        f" VALUES(?,?,?,?,?,?,?,{ledger.run})",
        dispatches,
    )
