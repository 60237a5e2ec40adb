"""重点工作台账: which items a district's page has for a month, and where each stands.

Whoever has further rows for the page (an open slip, say) adds them in ``page_maker``: what makes the forms, what
checks them and what reminds goes by it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xl_addin.master.work_lists import WorkCount, count_item
from xl_addin.model.calendar import months_of
from xl_addin.model.records import ACCEPTED, MISSING, REJECTED, District, ItemReport, Problem
from xl_addin.model.work_items import (
    PageItem,
    WorkItem,
    WorkStanding,
    is_late,
    problems_of_item,
    report_words,
)
from xl_addin.services.programme import Programme
from xl_addin.store.work_reports import (
    KeptReport,
    accepted_reports,
    fillers,
    last_reports,
    latest_pages,
    page_problems,
    reports_of,
)
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from xl_addin.services.issuing import PageMaker


def page_maker(programme: Programme, month: str) -> PageMaker | None:
    """What a district's page has for a month; None where nobody's has anything."""
    items = [item for item in programme.works if item.since <= int(month[5:]) <= item.until]
    if not items:
        return None
    last = last_reports(programme.ledger, month)

    def page(district: District) -> tuple[PageItem, ...]:
        known = last.get(district.code, {})
        return tuple(
            PageItem(item.number, item.title, item.target, item.term, _last_words(known, item))
            for item in items
            if item.concerns(district.code) and item.is_asked(month, _state(known, item))
        )

    return page


def page_items(programme: Programme, month: str, district: District) -> tuple[PageItem, ...]:
    """The rows of one district's page for a month."""
    page = page_maker(programme, month)
    return page(district) if page else ()


def _state(known: Mapping[str, ItemReport], item: WorkItem) -> str:
    report = known.get(item.number)
    return report.state if report else ""


def _last_words(known: Mapping[str, ItemReport], item: WorkItem) -> str:
    report = known.get(item.number)
    return report_words(report.state, report.progress, 70) if report else ""


def work_standings(programme: Programme, month: str) -> dict[tuple[str, str], WorkStanding]:
    """By (district, item's number) where each item stands as of a month, in the order of the lists.

    An item that was never asked of a district up to that month is left out.
    """
    if not programme.works:
        return {}
    facts = _Facts(programme, month)
    return {
        (district.code, item.number): standing
        for district in programme.basics.districts
        for item in programme.works
        if item.concerns(district.code) and (standing := facts.standing(district, item)) is not None
    }


def work_counts(programme: Programme, month: str) -> dict[str, WorkCount]:
    """By number how each item stands over all districts, in the order of 重点工作台账."""
    names = {district.code: district.name for district in programme.basics.districts}
    by_item: dict[str, list[WorkStanding]] = {}
    for (_, number), each in work_standings(programme, month).items():
        by_item.setdefault(number, []).append(each)
    counts = (
        (item.number, count_item(item, by_item.get(item.number, ()), names, month))
        for item in programme.works
    )
    return {number: count for number, count in counts if count is not None}


class _Facts:
    """What the ledger has of key works up to a month."""

    def __init__(self, programme: Programme, month: str) -> None:
        ledger, first = programme.ledger, programme.basics.settings.first_month
        self._month = month
        self._months = [
            each for each in months_of(int(month[:4])) if each <= month and int(each[5:]) >= first
        ]
        self._reports: dict[tuple[str, str], dict[str, KeptReport]] = {}
        for kept in accepted_reports(ledger, f"{month[:4]}-01", month):
            pair = (kept.district, kept.report.item)
            self._reports.setdefault(pair, {})[kept.month] = kept
        self._fillers = fillers(ledger, f"{month[:4]}-01", month)
        self._back: dict[str, dict[str, list[KeptReport]]] = {}
        self._problems: dict[str, dict[int, list[Problem]]] = {}
        self._ledger = ledger

    def standing(self, district: District, item: WorkItem) -> WorkStanding | None:
        """None where the item was never asked of the district."""
        came = self._reports.get((district.code, item.number), {})
        asked, state = "", ""
        for month in self._months:
            if district.reports(month) and item.is_asked(month, state):
                asked = month
            state = came[month].report.state if month in came else state
        if not asked:
            return None
        kept, verdict = came.get(asked), ACCEPTED
        if kept is None:
            kept, verdict = self._sent_back(district.code, item.number, asked), REJECTED
        if kept is None:
            late = is_late(item, self._month, "")
            return WorkStanding(district.code, item, asked, "", MISSING, late)
        counts = kept.report.state if verdict == ACCEPTED else ""
        return WorkStanding(
            district.code,
            item,
            asked,
            counts,
            verdict,
            is_late(item, self._month, counts),
            kept.report,
            kept.receipt,
            kept.received_at,
            kept.sheet,
            self._fillers.get(kept.receipt, ""),
            self._told(kept),
        )

    def _sent_back(self, district: str, number: str, month: str) -> KeptReport | None:
        """The report on the last page of a month, where that does not count."""
        if month not in self._back:
            self._back[month] = {
                code: [
                    KeptReport(
                        code, month, page.receipt, page.received_at, page.verdict, "", report
                    )
                    for report in reports_of(self._ledger, page.receipt)
                ]
                for code, page in latest_pages(self._ledger, month).items()
                if page.verdict == REJECTED
            }
        found = self._back[month].get(district, [])
        return next((kept for kept in found if kept.report.item == number), None)

    def _told(self, kept: KeptReport) -> tuple[Problem, ...]:
        if kept.month not in self._problems:
            self._problems[kept.month] = page_problems(self._ledger, kept.month)
        return problems_of_item(self._problems[kept.month].get(kept.receipt, ()), kept.report)


def items_json(
    standings: Iterable[WorkStanding], names: Mapping[str, str]
) -> list[dict[str, object]]:
    """``items`` as ``recompute --json`` prints them; ``names`` are districts by code.

    ``state`` is what counts, null where nothing does; ``text`` and ``cell`` are of what came last.
    """
    return [
        {
            "code": each.district,
            "district": names.get(each.district),
            "month": each.month,
            "verdict": each.verdict,
            **(each.report.as_json() if each.report else _NO_REPORT),
            "item": each.item.number,
            "state": each.state or None,
            "late": each.late,
            "problems": [problem.as_json() for problem in each.problems],
        }
        for each in standings
    ]


_NO_REPORT = {**dict.fromkeys(("text", "trouble", "measures", "expected", "cell"))}


def owing(
    standings: Mapping[tuple[str, str], WorkStanding], month: str
) -> dict[str, Sequence[WorkStanding]]:
    """By district what was asked for a month and has not come, or went back."""
    found: dict[str, list[WorkStanding]] = {}
    for (district, _), each in standings.items():
        if each.month == month and each.verdict != ACCEPTED:
            found.setdefault(district, []).append(each)
    return dict(found)
