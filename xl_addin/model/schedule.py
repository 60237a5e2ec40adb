"""How much of a year's target is due by a month's end (序时进度), and which months count.

Months are numbers from 1 to 12, shares are of 1. Offices write 序时 for the share of the year that
has passed, and most compare with month/12; where work comes by quarters, or is handed in before the
year's end, that comparison is red for most of the year without anybody being late.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from xl_addin.model.records import (
    ADDED_UP,
    CUSTOM,
    EVEN,
    QUARTERLY,
    RATE,
    YEAR_END,
    District,
    Indicator,
    Number,
)

_NOISE = 1e-9
_SHARES = {
    EVEN: tuple(month / 12 for month in range(1, 13)),
    QUARTERLY: tuple(month // 3 / 4 for month in range(1, 13)),
    YEAR_END: (*[0.0] * 11, 1.0),
}


def cumulative_shares(item: Indicator) -> Sequence[Number]:
    """The twelve shares of an indicator's target that are due by the end of each month.

    A rate is not built up over a year: it is due in full at any time.
    """
    if item.measure == RATE:
        return (1,) * 12
    custom = item.schedule == CUSTOM and len(item.shares) == 12
    return item.shares if custom else _SHARES.get(item.schedule, _SHARES[EVEN])


def share_of_months(item: Indicator, months: Iterable[int]) -> float:
    """What falls due in these months alone; what fell due before the year was reported is not in it."""
    shares = cumulative_shares(item)
    return sum(shares[month - 1] - (shares[month - 2] if month > 1 else 0) for month in months)


def due_amount(item: Indicator, target: Number, share: float) -> Number:
    """What is due of a target: whole things are due by whole numbers, so half a course is none."""
    due = target * share
    if item.whole and item.measure != RATE:
        return math.floor(due + _NOISE)
    near = round(due, 9)
    return int(near) if near == int(near) else near


def expected_months(
    month: int, first_month: int, district: District, item: Indicator
) -> tuple[int, ...]:
    """The months up to ``month`` that a district has to report an indicator for."""
    first = max(first_month, district.since, item.since)
    last = min(month, district.until, item.until)
    return tuple(range(first, last + 1))


def missing_months(
    item: Indicator, expected: Sequence[int], counted: Collection[int], stated: int = 0
) -> tuple[int, ...]:
    """The expected months that are not in a cumulative.

    A state says all that came before it, so only what is after the last one is missing; ``stated``
    (0 for none) is the last month in which the district gave the year's figure itself, which does
    the same.
    """
    known = stated if item.measure in ADDED_UP else max(counted, default=0)
    return tuple(month for month in expected if month > known and month not in counted)
