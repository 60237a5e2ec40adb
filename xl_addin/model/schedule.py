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


def cumulative_shares(item: Indicator, first: int = 1) -> Sequence[Number]:
    """The twelve shares of an indicator's target that are due by the end of each month.

    ``first`` is the first month that the target is for, where that is later than the indicator's own.
    What begins or ends within the year falls due within its months: nothing before, all at their end.
    A rate is not built up over a year: it is due in full at any time.
    """
    if item.measure == RATE:
        return (1,) * 12
    custom = item.schedule == CUSTOM and len(item.shares) == 12
    year = item.shares if custom else _SHARES.get(item.schedule, _SHARES[EVEN])
    first, last = max(first, item.since), item.until
    if (first, last) == (1, 12):
        return year
    before = year[first - 2] if first > 1 else 0
    whole = year[last - 1] - before
    return tuple(
        1
        if month >= last
        else (year[month - 1] - before) / whole
        if month >= first and whole > 0
        else 0
        for month in range(1, 13)
    )


def share_of_months(
    item: Indicator, months: Iterable[int], known: int = 0, first: int = 1
) -> float:
    """What falls due in these months alone, and in all up to ``known`` (0 for none).

    What fell due in a month that is in neither is not in it. ``first`` as in ``cumulative_shares``.
    """
    if item.measure == RATE:
        return 1
    shares = (0, *cumulative_shares(item, first))
    added = (shares[month] - shares[month - 1] for month in months if month > known)
    return shares[known] + sum(added)


def due_amount(item: Indicator, due: Number) -> Number:
    """What falls due of a target, as it is asked for: whole things by whole numbers, half a course is none."""
    if item.whole and item.measure != RATE:
        return math.floor(due + max(_NOISE, _NOISE * abs(due) / 1000))
    return without_noise(due)


def without_noise(value: Number) -> Number:
    """Tenths do not add up exactly in binary: 0.1 + 0.2 is 0.3 here, and no zero has a sign."""
    near = round(value, 9)
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
