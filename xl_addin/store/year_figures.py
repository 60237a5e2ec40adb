"""The counting figures of a year, a district's and an indicator's months together: grouped by the database.

A row for each figure would be twelve times as many to fetch and to keep: 2.4 million of 1,000 by 200.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from sys import intern
from types import MappingProxyType

from xl_addin.model.records import ADDED_UP, NOT_APPLICABLE, Number
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xl_addin.store.database import LedgerReader
    from xl_addin.store.ledger import FigureRow

_BIT = "1 << CAST(substr(c.month, 6) AS INTEGER)"
_SPAN = "c.month>=:first AND c.month<=:last"
_OF_THESE = " AND f.indicator IN (SELECT value FROM json_each(:codes))"
_VALUES = ", ".join(
    f"MAX(CASE WHEN c.month=:month{number} THEN f.value END)" for number in range(1, 13)
)
# One question for both: what is stated is of the very returns that the values are of.
_GROUPED = (
    f"SELECT 1, c.district, f.indicator, SUM({_BIT}),"  # noqa: S608 - our own
    f" SUM(CASE WHEN f.state=:apart THEN {_BIT} ELSE 0 END),"
    f" SUM(CASE WHEN f.measure IN (:flow, :both) THEN 0 ELSE {_BIT} END), {_VALUES}"
    f" FROM counting c JOIN figures f ON f.receipt=c.receipt WHERE {_SPAN}{{0}} GROUP BY c.district, f.indicator"
    " UNION ALL SELECT 0, c.district, f.indicator, CAST(substr(c.month, 6) AS INTEGER), 0, 0, s.value,"
    f" {', '.join(['NULL'] * 11)} FROM counting c JOIN stated s ON s.receipt=c.receipt"
    f" JOIN figures f ON f.receipt=s.receipt AND f.indicator=s.indicator WHERE {_SPAN}{{0}}"
    " ORDER BY 1, 2, 3, 4"
)
_NONE: Mapping[int, Number] = MappingProxyType({})

Pair = tuple[str, str]


class PairYear(NamedTuple):
    """What a district reported of an indicator; the months of ``came``, ``apart`` and ``states`` are bits (1 << month).

    ``values`` are twelve, None where no number came. ``came`` are the months with any figure, an empty one too,
    ``apart`` those where it did not apply, ``states`` those whose figure is a state and nothing that was added.
    ``stated`` is by month the year's cumulative where the district gave one that its months do not come to.
    """

    values: tuple[Number | None, ...]
    came: int
    apart: int
    states: int
    stated: Mapping[int, Number] = _NONE

    @property
    def numbers(self) -> int:
        """The months with a number, as bits."""
        return sum(1 << month for month, value in enumerate(self.values, 1) if value is not None)

    @property
    def given(self) -> int:
        """The months with a cumulative of the district's own, as bits."""
        return sum(1 << month for month in self.stated)


NOTHING_CAME = PairYear((None,) * 12, 0, 0, 0)
Years = Mapping[Pair, PairYear]


@cache
def months_in(bits: int) -> tuple[int, ...]:
    """The months that bits stand for, in order."""
    return tuple(month for month in range(13) if bits >> month & 1)


def read_years(
    ledger: LedgerReader, month: str, indicators: Collection[str] = ()
) -> dict[Pair, PairYear]:
    """By district and indicator what counts of the year up to and including a month, or of some indicators."""
    import json

    flow, both = ADDED_UP
    facts = {f"month{number}": f"{month[:4]}-{number:02d}" for number in range(1, 13)} | {
        "first": f"{month[:4]}-01",
        "last": month,
        "apart": NOT_APPLICABLE,
        "flow": flow,
        "both": both,
        **({"codes": json.dumps(list(indicators))} if indicators else {}),
    }
    asked = _GROUPED.format(_OF_THESE if indicators else "")
    found: dict[Pair, PairYear] = {}
    stated: dict[Pair, dict[int, Number]] = {}
    for kind, district, indicator, came, apart, states, *values in ledger._db.execute(asked, facts):
        pair = (intern(district), intern(indicator))
        if kind:
            given = stated.get(pair, _NONE)
            found[pair] = PairYear(tuple(values), int(came), int(apart), int(states), given)
        else:
            stated.setdefault(pair, {})[int(came)] = values[0]
    return found


def group_figures(rows: Iterable[FigureRow]) -> dict[Pair, PairYear]:
    """The same of figures that are at hand one by one."""
    found: dict[Pair, PairYear] = {}
    for row in rows:
        pair, bit = (row.district, row.indicator), 1 << row.month
        known = found.get(pair) or PairYear((None,) * 12, 0, 0, 0, {})
        values = list(known.values)
        values[row.month - 1] = row.value
        found[pair] = PairYear(
            tuple(values),
            known.came | bit,
            known.apart | (bit if row.state == NOT_APPLICABLE else 0),
            known.states | (0 if row.measure in ADDED_UP else bit),
            known.stated if row.stated is None else {**known.stated, row.month: row.stated},
        )
    return found


def up_to(years: Years, number: int) -> dict[Pair, PairYear]:
    """What there is of the months up to one (1 to 12)."""
    within = (2 << number) - 1
    found: dict[Pair, PairYear] = {}
    for pair, year in years.items():
        if not year.came & ~within:
            found[pair] = year
        elif came := year.came & within:
            values = (*year.values[:number], *(None for _ in year.values[number:]))
            stated = {at: value for at, value in year.stated.items() if at <= number}
            bits = (came, year.apart & within, year.states & within)
            found[pair] = PairYear(values, *bits, stated)
    return found
