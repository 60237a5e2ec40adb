"""重点工作: the items of 重点工作台账, the rows of a form's page, and what districts report of them."""

from __future__ import annotations

from xl_addin.model.calendar import month_end
from xl_addin.model.records import ItemReport, Problem
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MONTHLY, QUARTERLY, ONCE = "month", "quarter", "once"
FREQUENCY_LABELS = {MONTHLY: "月", QUARTERLY: "季", ONCE: "一次"}
NOT_BEGUN, UNDER_WAY, DONE, BEHIND, NOT_CONCERNED = (
    "not-begun",
    "under-way",
    "done",
    "behind",
    "not-concerned",
)
STATE_LABELS = {
    NOT_BEGUN: "未启动",
    UNDER_WAY: "推进中",
    DONE: "已完成",
    BEHIND: "滞后",
    NOT_CONCERNED: "不涉及",
}
MOST_ITEMS = 200
"""So many rows a form's page has room for."""
SETTLED = (DONE, NOT_CONCERNED)
"""States after which an item is not asked for any more once its term has passed."""


class WorkItem(NamedTuple):
    """One row of 重点工作台账.

    ``owners`` are the codes of the districts that it concerns, none for all. ``term`` is a day
    (``2023-09-30``) or "" where there is none. ``indicators`` are the codes of those whose targets it
    has to reach. ``since`` and ``until`` are the first and the last month (1 to 12) that it is asked
    for; what was reported before stays.
    """

    number: str
    title: str
    target: str = ""
    lead: str = ""
    owners: tuple[str, ...] = ()
    term: str = ""
    frequency: str = MONTHLY
    indicators: tuple[str, ...] = ()
    since: int = 1
    until: int = 12

    def concerns(self, district: str) -> bool:
        """Whether a district has anything to do with it."""
        return not self.owners or district in self.owners

    def falls_due(self, month: str) -> bool:
        """Whether it is asked for in a month by itself, whatever was reported before.

        Once: in the month of its term, or where it has none in the last month it is asked for.
        """
        number = int(month[5:])
        if not self.since <= number <= self.until:
            return False
        if self.frequency == ONCE:
            return month == (self.term[:7] or f"{month[:4]}-{self.until:02d}")
        return self.frequency == MONTHLY or number % 3 == 0

    def is_over(self, month: str) -> bool:
        """Whether its term passed before a month began."""
        return bool(self.term) and self.term < f"{month}-01"

    def is_asked(self, month: str, state: str) -> bool:
        """Whether a district is asked for it in a month; ``state`` is what it last reported.

        What is over and not settled is asked for every month until it is, what is settled no more.
        """
        if not self.since <= int(month[5:]) <= self.until:
            return False
        if self.is_over(month):
            return state not in SETTLED
        return self.falls_due(month)


class PageItem(NamedTuple):
    """One row of a form's page 重点工作: what is printed in it, and from where it comes.

    ``origin`` is "" for an item of 重点工作台账; ``last_state`` is what the district reported before.
    """

    number: str
    title: str
    target: str
    term: str
    last_state: str = ""
    origin: str = ""


class WorkStanding(NamedTuple):
    """Where one item stands in one district, as of a month.

    ``month`` is the last, up to that one, for which it was asked. ``state`` is what was reported for it and
    counts, "" where nothing does. ``verdict`` is ``accepted``, ``rejected`` (it came, and its page went
    back) or ``missing``; ``report`` is what came, also where it does not count. ``late`` says that the
    term has passed by the end of the month and the item is not settled. ``receipt`` is 0 where nothing came.
    """

    district: str
    item: WorkItem
    month: str
    state: str
    verdict: str
    late: bool
    report: ItemReport | None = None
    receipt: int = 0
    received_at: str = ""
    sheet: str = ""
    filled_by: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def term(self) -> str:
        """The item's term."""
        return self.item.term


def is_late(item: WorkItem, month: str, state: str) -> bool:
    """Whether an item's term has passed by the end of a month and it is not settled."""
    return bool(item.term) and item.term <= month_end(month) and state not in SETTLED


def report_words(state: str, text: str, longest: int = 60) -> str:
    """``推进中：已办 2 期``: a report in a line."""
    said = " ".join(text.split())
    said = f"{said[: longest - 1]}…" if len(said) > longest else said
    return "：".join(part for part in (STATE_LABELS.get(state, ""), said) if part)


def problems_of_item(problems: Iterable[Problem], report: ItemReport) -> tuple[Problem, ...]:
    """Those of a page's problems that are about one report: what stands in its row."""
    row = "".join(filter(str.isdigit, report.cell))
    return tuple(
        each for each in problems if row and "".join(filter(str.isdigit, each.cell)) == row
    )
