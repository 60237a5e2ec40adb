"""What districts reported of key works, as the ledger keeps it by return. A page counts by its own verdict."""

from __future__ import annotations

from xl_addin.model.problems import PAGE_PROBLEMS
from xl_addin.model.records import FILLED_BY, ItemReport, Problem
from xl_addin.store.database import LedgerReader, select
from xl_addin.system.light import NamedTuple

_COLUMNS = "w.item, w.state, w.progress, w.trouble, w.measures, w.expected, w.cell"
_ACCEPTED = (
    f"SELECT p.district, p.month, p.receipt, p.received_at, p.verdict, p.sheet, {_COLUMNS}"  # noqa: S608 - our own names
    " FROM pages_counting c JOIN page_returns p ON p.receipt=c.receipt"
    " JOIN work_reports w ON w.receipt=c.receipt"
    " WHERE c.month>=? AND c.month<=? ORDER BY c.month, p.district, w.item"
)
_OF_DISTRICT = (
    f"SELECT p.district, p.month, p.receipt, p.received_at, p.verdict, p.sheet, {_COLUMNS},"  # noqa: S608 - our own names
    " c.receipt IS NOT NULL FROM page_returns p JOIN work_reports w ON w.receipt=p.receipt"
    " LEFT JOIN pages_counting c ON c.receipt=p.receipt"
    " WHERE p.district=? AND p.month>=? AND p.month<=? ORDER BY p.month, p.latest, w.item"
)


class KeptReport(NamedTuple):
    """A report with the return that it stands in; ``verdict`` is its page's."""

    district: str
    month: str
    receipt: int
    received_at: str
    verdict: str
    sheet: str
    report: ItemReport


class KeptPage(NamedTuple):
    """The page of a return: its verdict, and what became of the return."""

    district: str
    month: str
    receipt: int
    received_at: str
    verdict: str
    file: str


def accepted_reports(ledger: LedgerReader, first: str, last: str) -> list[KeptReport]:
    """Every report of the pages that count for these months, the earliest month first."""
    rows = select(ledger, _ACCEPTED, (first, last))
    return [KeptReport._make((*row[:6], ItemReport._make(row[6:]))) for row in rows]


def last_reports(ledger: LedgerReader, month: str) -> dict[str, dict[str, ItemReport]]:
    """By district and item what was last reported before a month of the same year, with a state."""
    found: dict[str, dict[str, ItemReport]] = {}
    for kept in accepted_reports(ledger, f"{month[:4]}-01", f"{month[:5]}{int(month[5:]) - 1:02d}"):
        if kept.report.state:
            found.setdefault(kept.district, {})[kept.report.item] = kept.report
    return found


def latest_pages(ledger: LedgerReader, month: str) -> dict[str, KeptPage]:
    """By district the last page that came for a month, whatever its verdict."""
    rows = select(
        ledger,
        "SELECT district, month, receipt, received_at, verdict, file FROM page_returns"
        " WHERE month=? ORDER BY latest",
        (month,),
    )
    return {row[0]: KeptPage._make(row) for row in rows}


def reported_by(
    ledger: LedgerReader, district: str, first: str, last: str
) -> list[tuple[KeptReport, bool]]:
    """Every report of a district in these months with whether it counts, in the order it came."""
    rows = select(ledger, _OF_DISTRICT, (district, first, last))
    return [
        (KeptReport._make((*row[:6], ItemReport._make(row[6:13]))), bool(row[13])) for row in rows
    ]


def reports_of(ledger: LedgerReader, receipt: int) -> list[ItemReport]:
    """The reports of a return."""
    query = f"SELECT {_COLUMNS} FROM work_reports w WHERE w.receipt=? ORDER BY w.item"  # noqa: S608 - our own names
    return [ItemReport._make(row) for row in select(ledger, query, (receipt,))]


def page_problems(ledger: LedgerReader, month: str) -> dict[int, list[Problem]]:
    """By receipt what is wrong with the pages of a month."""
    found: dict[int, list[Problem]] = {}
    for receipt, *problem in select(
        ledger,
        "SELECT t.receipt, t.code, t.severity, t.sheet, t.cell, t.found, t.message, t.expected"
        " FROM page_returns p JOIN told t ON t.receipt=p.receipt"
        " WHERE p.month=? AND t.code LIKE ? ORDER BY t.receipt, t.position",
        (month, f"{PAGE_PROBLEMS}%"),
    ):
        found.setdefault(receipt, []).append(Problem._make(problem))
    return found


def fillers(ledger: LedgerReader, first: str, last: str) -> dict[int, str]:
    """By receipt who filled in the forms of these months that have a page."""
    rows = select(
        ledger,
        "SELECT t.receipt, t.text FROM page_returns p JOIN texts t ON t.receipt=p.receipt"
        " WHERE p.month>=? AND p.month<=? AND t.field=?",
        (first, last, FILLED_BY),
    )
    return dict(rows)
