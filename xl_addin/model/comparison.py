"""The words of 数据比对: how another office's column is understood, and what a pair of figures comes to."""

from __future__ import annotations

from xl_addin.model.names import fold
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple

CUMULATIVE, MONTHLY = "cumulative", "monthly"
PERIOD_LABELS = {CUMULATIVE: "累计", MONTHLY: "当月"}

SAME, OURS_MORE, OURS_LESS, OURS_PARTIAL = "same", "ours-more", "ours-less", "ours-partial"
OURS_MISSING, THEIRS_MISSING = "ours-missing", "theirs-missing"
BOTH_MISSING, ILLEGIBLE = "both-missing", "illegible"
RESULT_LABELS = {
    OURS_MORE: "我方多",
    OURS_LESS: "我方少",
    ILLEGIBLE: "读不出",
    OURS_MISSING: "我方缺",
    OURS_PARTIAL: "我方不全",
    THEIRS_MISSING: "对方缺",
    BOTH_MISSING: "双方都缺",
    SAME: "一致",
}
"""In the order of the list: what somebody has to look into comes first.

我方不全: ours is less and lacks months, so that the difference says nothing yet.
"""
DIFFERS = frozenset((OURS_MORE, OURS_LESS))
"""What a district is asked about."""
BY_HEADING, BY_SHEET, BY_OPTION = "表头", "对照", "选项"
"""How it is known what a column is."""
EVERY_COLUMN = "全部"
"""In place of a column's name on 对照: what is said there holds for every column."""


class Correspondence(NamedTuple):
    """How staff say that a column of another office's table is to be understood.

    ``heading`` is the column's name or EVERY_COLUMN, ``indicator`` a code or empty, ``factor`` what its
    numbers are multiplied by, ``as_of`` the month (1 to 12) that they reach to, ``period`` one of
    CUMULATIVE and MONTHLY; None, 0 and empty where nothing was said. ``place`` is where it was said.
    """

    heading: str
    indicator: str = ""
    factor: Number | None = None
    as_of: int = 0
    period: str = ""
    place: str = ""

    def says_of(self, *names: str) -> bool:
        """Whether it is about a column that goes by any of these names."""
        return fold(self.heading) in map(fold, names)


class Ours(NamedTuple):
    """Our figure: ``value`` is None where it is not known, ``not_applicable`` where there is none to be.

    ``lacking`` says in Chinese which months are not in it, empty where none lacks; ``counted`` is 4/6.
    """

    value: Number | None
    not_applicable: bool = False
    lacking: str = ""
    counted: str = ""
