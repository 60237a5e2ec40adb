"""What came in beside the returns that speak for a month: scans, what was not read, other months' forms."""

from __future__ import annotations

from xl_addin.model.records import DUPLICATE, HELD, UNREADABLE
from xl_addin.store.database import select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

# Of the many receipts only these few; looked for before the view joins what was decided about each.
_FEW = (
    "SELECT id FROM receipts WHERE verdict IN ('unreadable','foreign','held')"
    " OR verdict='duplicate' AND asked<>month"
)
_AT = "CASE WHEN r.verdict IN ('duplicate','held') OR r.month='' THEN r.asked ELSE r.month END"
_ARRIVALS = (
    f"SELECT r.id, r.sha256, r.district, {_AT}, r.month, r.verdict, r.file, r.received_at"  # noqa: S608
    " FROM returns r"
    f" WHERE r.id IN ({_FEW}) AND (r.verdict='unreadable' OR r.district<>'' AND r.month<>''"
    f" AND r.verdict IN ('foreign','held','duplicate')) AND {_AT} BETWEEN ? AND ?"
    " ORDER BY r.received_at, r.id"
)
_FIRST_PROBLEMS = (
    f"SELECT receipt, code, found FROM problems WHERE position=0 AND receipt IN ({_FEW})"  # noqa: S608
)
_BY_MAIL = f"SELECT receipt FROM mail_returns WHERE receipt IN ({_FEW})"  # noqa: S608
_REPEATED = (
    "SELECT sha256, file, received_at, verdict FROM returns WHERE verdict<>'duplicate'"
    " AND sha256 IN (SELECT sha256 FROM receipts WHERE verdict='duplicate' AND asked<>month)"
    " ORDER BY id DESC"
)
_READ_SINCE = (
    "SELECT 1 FROM returns n WHERE n.id>? AND (?<>'' AND n.sha256=? AND"
    " n.verdict NOT IN ('duplicate','unreadable') OR n.file=?) LIMIT 1"
)
# Of the same bytes only what was decided last is open, as for a person to settle.
_JUDGED_SINCE = "SELECT 1 FROM returns WHERE id>? AND sha256=? AND verdict<>'duplicate' LIMIT 1"
_FORMS = ("accepted", "rejected", "held")


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
    rows = select(ledger, _ARRIVALS, (first, last))
    if not rows:
        return {}
    problems = {receipt: told for receipt, *told in select(ledger, _FIRST_PROBLEMS)}
    by_mail = {receipt for (receipt,) in select(ledger, _BY_MAIL)}
    repeated = {sha256: about for sha256, *about in select(ledger, _REPEATED)}
    found: dict[tuple[str, str], list[Arrival]] = {}
    for receipt, sha256, *facts in rows:
        code, told = problems.get(receipt, ("", ""))
        whole = repeated.get(sha256, ("", "", "")) if facts[3] == DUPLICATE else ("", "", "")
        each = Arrival._make((*facts, code, told, receipt in by_mail, *whole))
        if not _is_settled(ledger, receipt, sha256, each):
            for at in {each.asked, each.month} if each.verdict == HELD else {each.asked}:
                found.setdefault((each.district, at), []).append(each)
    return found


def _is_settled(ledger: Ledger, receipt: int, sha256: str, each: Arrival) -> bool:
    """Whether a file could be read or was judged anew since, or repeats what was no form."""
    if each.verdict == DUPLICATE:
        return each.first_verdict not in _FORMS
    if each.verdict == HELD:
        return bool(select(ledger, _JUDGED_SINCE, (receipt, sha256)))
    if each.verdict != UNREADABLE:
        return False
    # One that lay in a folder and could not be opened is known by its name alone.
    name = each.file if each.code == "cannot-open" and not each.by_mail else None
    return bool(select(ledger, _READ_SINCE, (receipt, sha256, sha256, name)))
