"""What came in beside the returns that speak for a month: scans, what was not read, other months' forms."""

from __future__ import annotations

from xl_addin.model.records import HELD
from xl_addin.store.database import select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

_ARRIVALS = (
    "SELECT r.district, CASE WHEN r.verdict IN ('duplicate','held') AND r.month<>'' THEN r.asked"
    " WHEN r.month='' THEN r.asked ELSE r.month END AS at, r.month, r.verdict, r.file, r.received_at,"
    " COALESCE(p.code, ''), COALESCE(p.found, ''),"
    " EXISTS(SELECT 1 FROM mail_returns b WHERE b.receipt=r.id),"
    " COALESCE(f.file, ''), COALESCE(f.received_at, ''), COALESCE(f.verdict, '') FROM returns r"
    " LEFT JOIN told p ON p.receipt=r.id AND p.position=0"
    " LEFT JOIN returns f ON r.verdict='duplicate' AND f.id=(SELECT MIN(n.id) FROM returns n"
    " WHERE n.sha256=r.sha256 AND n.verdict<>'duplicate')"
    " WHERE (r.verdict='unreadable' OR r.district<>'' AND (r.verdict='foreign' AND r.month<>''"
    " OR r.verdict='held' AND r.month<>'' OR r.verdict='duplicate' AND r.asked<>r.month"
    " AND f.verdict IN ('accepted','rejected','held')))"
    # What was read since is no longer in the way.
    " AND NOT (r.verdict='unreadable' AND EXISTS(SELECT 1 FROM returns n WHERE n.id>r.id AND"
    " (r.sha256<>'' AND n.sha256=r.sha256 AND n.verdict NOT IN ('duplicate','unreadable')"
    " OR p.code='cannot-open' AND n.file=r.file AND NOT EXISTS("
    "SELECT 1 FROM mail_returns b WHERE b.receipt=r.id))))"
    " AND at>=? AND at<=? ORDER BY r.received_at, r.id"
)


class Arrival(NamedTuple):
    """A file that does not speak for ``asked``, the month it came in for or says that it is of.

    ``month`` is the one its form is of, empty where it has none; ``code`` and ``found`` are those of its
    first problem. Of a duplicate ``first_file``, ``first_at`` and ``first_verdict`` are those of the
    file that it repeats.
    """

    district: str
    asked: str
    month: str
    verdict: str
    file: str
    received_at: str
    code: str
    found: str
    by_mail: bool
    first_file: str
    first_at: str
    first_verdict: str


def arrivals(ledger: Ledger, first: str, last: str) -> dict[tuple[str, str], list[Arrival]]:
    """By (district, month), over these months, what came beside its return, the earliest first.

    What is held stands under its own month as well as under the one that was asked for.
    Under "" for the district stands what could not be read and does not say whose it is.
    """
    found: dict[tuple[str, str], list[Arrival]] = {}
    for row in select(ledger, _ARRIVALS, (first, last)):
        each = Arrival._make((*row[:8], bool(row[8]), *row[9:]))
        for at in {each.asked, each.month} if each.verdict == HELD else {each.asked}:
            found.setdefault((each.district, at), []).append(each)
    return found
