"""Where every district stood before a month, from what was accepted of the year so far.

The year's figure is the last that says where things are (a state, or a cumulative that the district
gave itself) and what was added after it; before any of that, what had been reached when the
programme began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.model.records import (
    ADDED_UP,
    NOT_APPLICABLE,
    NUMBER,
    RATE,
    STOCK,
    District,
    Indicator,
    Number,
)
from xl_addin.model.schedule import expected_months, missing_months
from xl_addin.model.settings import Config
from xl_addin.store.database import Database, select
from xl_addin.system.light import NamedTuple

# What a month added; a figure of a rate never is, whatever it was reported under.
_ADDS = "(f.measure IN (:flow, :both) AND f.indicator NOT IN (SELECT value FROM json_each(:rates)))"
_OF_YEAR = (
    "FROM c JOIN {table} f ON f.receipt=c.receipt WHERE f.value IS NOT NULL"
    # What came before an opening is in it.
    " AND (c.month>=:first OR c.district||'/'||f.indicator NOT IN (SELECT value FROM json_each(:opened)))"
)
_COUNTING = _OF_YEAR.format(table="figures")
_LAST = (
    "SELECT {kind}, district, indicator, month, value, 0, measure FROM (SELECT c.district, f.indicator,"
    " c.month, f.value, {measure} AS measure,"
    " ROW_NUMBER() OVER (PARTITION BY c.district, f.indicator ORDER BY c.month DESC) AS place {rows})"
    " AS x WHERE place=1"
)
_WITH = (
    "WITH c AS (SELECT district, month, receipt FROM counting WHERE month>=:since AND month<:month)"
)
_GIVEN, _ADDED, _STATE, _COUNTED, _UNKNOWN = range(5)
_PARTS = (
    _LAST.format(kind=_GIVEN, measure="''", rows=_OF_YEAR.format(table="stated")),
    f"SELECT {_ADDED}, c.district, f.indicator, MAX(c.month), SUM(f.value), COUNT(*), ''"
    f" {_COUNTING} AND {_ADDS} GROUP BY c.district, f.indicator",
    _LAST.format(kind=_STATE, measure="f.measure", rows=f"{_COUNTING} AND NOT {_ADDS}"),
    f"SELECT {_COUNTED}, district, '', month, 0, 0, '' FROM c",  # noqa: S608 - our own
    f"SELECT {_UNKNOWN}, c.district, f.indicator, c.month, 0, 0, '' FROM c"  # noqa: S608 - our own
    " JOIN figures f ON f.receipt=c.receipt"
    " LEFT JOIN stated s ON s.receipt=f.receipt AND s.indicator=f.indicator"
    " WHERE s.value IS NULL AND f.state NOT IN (:number, :not_applicable)",
)
# One question: what counts is found out once, which takes a third of what adding up does.
_YEAR = f"{_WITH} {' UNION ALL '.join(_PARTS)} ORDER BY 1, 2, 3, 4"
_AFTERWARDS = (
    f"{_WITH} SELECT c.district, c.month, f.indicator, f.value {_COUNTING} AND {_ADDS}"  # noqa: S608 - our own
    " AND c.district IN (SELECT value FROM json_each(:anchored))"
    " ORDER BY c.month, c.district, f.indicator"
)


_Pair = tuple[str, str]
_Facts = Mapping[str, str]


class _Row(NamedTuple):
    """What the year says of a pair: ``kind`` is one of the five above."""

    kind: int
    district: str
    indicator: str
    month: str
    value: Number
    figures: int
    measure: str


_Rows = Mapping[int, Sequence[_Row]]


class Standing(NamedTuple):
    """Where a district stood before a month, from its accepted returns of the year.

    ``previous`` is the cumulative per indicator and ``mean_monthly`` the mean monthly addition.
    ``gaps`` are months without an accepted return that are missing in the cumulative of at least one
    indicator; ``filled`` are those that a cumulative which the district gave later makes up for,
    wholly, or in ``gaps`` too where only for some indicators. ``unfilled`` are months whose accepted
    return says nothing of an indicator, for which nothing later makes up.
    """

    previous: dict[str, Number]
    mean_monthly: dict[str, float]
    gaps: tuple[int, ...]
    filled: tuple[int, ...] = ()
    unfilled: tuple[int, ...] = ()


class _Anchor(NamedTuple):
    """The last that said where things are, and what was added in how many months since."""

    month: int
    value: Number
    added: Number = 0
    months: int = 0


class _Year(NamedTuple):
    """Who reports what from when on, and what had been reached before."""

    first: int
    districts: Mapping[str, District]
    indicators: Mapping[str, Indicator]
    openings: Mapping[_Pair, Number]

    def first_month(self, pair: _Pair) -> int:
        """The first month that a district reports an indicator for."""
        district, indicator = self.districts.get(pair[0]), self.indicators.get(pair[1])
        return max(
            self.first, district.since if district else 1, indicator.since if indicator else 1
        )


def find_standings(ledger: Database, month: str, config: Config | None) -> dict[str, Standing]:
    """By district with an accepted return, or with something from before the first month.

    Without ``config`` every month from January on is expected of everybody.
    """
    year = _year(config)
    facts = _facts(month, year)
    found: dict[str, Standing] = {}
    for (district, indicator), value in year.openings.items():
        _standing(found, district).previous[indicator] = value
    rows: dict[int, list[_Row]] = {kind: [] for kind in range(5)}
    for row in ledger._db.execute(_YEAR, facts):
        rows[row[0]].append(_Row._make(row))
    anchors = {
        (each.district, each.indicator): _Anchor(int(each.month[5:]), each.value)
        for each in rows[_GIVEN]
    }
    added = _take_additions(rows, year, found)
    healed = _take_states(rows, year, found, anchors, added)
    _add_afterwards(ledger, facts, anchors)
    for pair, anchor in anchors.items():
        standing = _standing(found, pair[0])
        total = _plain(anchor.value + anchor.added)
        months = max(anchor.month - year.first_month(pair) + 1, 1) + anchor.months
        standing.previous[pair[1]] = total
        standing.mean_monthly[pair[1]] = (total - year.openings.get(pair, 0)) / months
    given = {pair: each.month for pair, each in anchors.items()}
    _find_gaps(rows, month, year, found, given)
    _find_unfilled(rows, year, found, healed | given)
    return found


def _year(config: Config | None) -> _Year:
    if config is None:
        return _Year(1, {}, {}, {})
    return _Year(
        config.settings.first_month,
        {each.code: each for each in config.districts},
        {each.code: each for each in config.indicators},
        config.openings,
    )


def _standing(found: dict[str, Standing], district: str) -> Standing:
    return found.setdefault(district, Standing({}, {}, ()))


def _facts(month: str, year: _Year) -> dict[str, str]:
    """What the queries ask by."""
    import json

    flow, both = ADDED_UP
    rates = [code for code, item in year.indicators.items() if item.measure == RATE]
    opened = [f"{district}/{code}" for district, code in year.openings] if year.first > 1 else []
    return {
        "flow": flow,
        "both": both,
        "rates": json.dumps(rates),
        "number": NUMBER,
        "not_applicable": NOT_APPLICABLE,
        "since": f"{month[:4]}-01",
        "month": month,
        "first": f"{month[:4]}-{year.first:02d}",
        "opened": json.dumps(opened),
    }


def _take_additions(rows: _Rows, year: _Year, found: dict[str, Standing]) -> dict[_Pair, int]:
    """Take what was added; by pair the last month that added anything."""
    last: dict[_Pair, int] = {}
    for _, district, indicator, at, total, count, _ in rows[_ADDED]:
        standing, pair = _standing(found, district), (district, indicator)
        standing.previous[indicator] = _plain(total + year.openings.get(pair, 0))
        standing.mean_monthly[indicator] = total / count
        last[pair] = int(at[5:])
    return last


def _take_states(
    rows: _Rows,
    year: _Year,
    found: dict[str, Standing],
    anchors: dict[_Pair, _Anchor],
    added: Mapping[_Pair, int],
) -> dict[_Pair, int]:
    """Take the last states, instead of an older anchor; one that is added to is an anchor itself.

    By pair the month of each.
    """
    months_of: dict[_Pair, int] = {}
    for _, district, indicator, at, state, _, measure in rows[_STATE]:
        standing, pair, last = _standing(found, district), (district, indicator), int(at[5:])
        months_of[pair] = last
        if pair in anchors and anchors[pair].month >= last:
            continue
        anchors.pop(pair, None)
        item = year.indicators.get(indicator)
        if added.get(pair, 0) > last or (item is not None and item.measure in ADDED_UP):
            anchors[pair] = _Anchor(last, state)
            continue
        standing.previous[indicator] = state
        standing.mean_monthly.pop(indicator, None)
        if measure == STOCK:
            begun = year.openings.get(pair)
            months = last if begun is None else max(last - year.first_month(pair) + 1, 1)
            standing.mean_monthly[indicator] = (state - (begun or 0)) / months
    return months_of


def _add_afterwards(ledger: Database, facts: _Facts, anchors: dict[_Pair, _Anchor]) -> None:
    """Add to each anchor what came after it."""
    import json

    if not anchors:
        return
    districts = json.dumps(sorted({district for district, _ in anchors}))
    for district, month, indicator, value in select(
        ledger, _AFTERWARDS, {**facts, "anchored": districts}
    ):
        anchor = anchors.get((district, indicator))
        if anchor is not None and int(month[5:]) > anchor.month:
            more = anchor._replace(added=anchor.added + value, months=anchor.months + 1)
            anchors[district, indicator] = more


def _find_gaps(
    rows: _Rows, month: str, year: _Year, found: dict[str, Standing], given: Mapping[_Pair, int]
) -> None:
    """Note the months that each district lacks."""
    counted: dict[str, set[int]] = {code: set() for code in found}
    for each in rows[_COUNTED]:
        counted.setdefault(each.district, set()).add(int(each.month[5:]))
    latest: dict[str, int] = {}
    for (code, _), at in given.items():
        latest[code] = max(at, latest.get(code, 0))
    last = int(month[5:]) - 1
    for code, months in counted.items():
        district = year.districts.get(code, District(code, ""))
        expected = expected_months(last, year.first, district, Indicator("", (), ""))
        absent = [each for each in expected if each not in months]
        gaps = _lacking(year, last, district, months, given) if absent else set()
        filled = tuple(each for each in absent if each < latest.get(code, 0))
        lacked = tuple(sorted(gaps)) if year.indicators else tuple(absent)
        found[code] = _standing(found, code)._replace(gaps=lacked, filled=filled)


def _find_unfilled(
    rows: _Rows, year: _Year, found: dict[str, Standing], healed: Mapping[_Pair, int]
) -> None:
    """Note the months whose return counts without a figure that is expected."""
    months: dict[str, set[int]] = {}
    for _, district, indicator, month, *_ in rows[_UNKNOWN]:
        pair, number = (district, indicator), int(month[5:])
        if number >= year.first_month(pair) and number > healed.get(pair, 0):
            months.setdefault(district, set()).add(number)
    for code, unfilled in months.items():
        found[code] = _standing(found, code)._replace(unfilled=tuple(sorted(unfilled)))


def _lacking(
    year: _Year, last: int, district: District, counted: set[int], given: Mapping[_Pair, int]
) -> set[int]:
    """The months that at least one indicator lacks."""
    return {
        month
        for item in year.indicators.values()
        for month in missing_months(
            item,
            expected_months(last, year.first, district, item),
            counted,
            given.get((district.code, item.code), 0),
        )
    }


def _plain(value: Number) -> Number:
    """Tenths do not add up exactly in binary: 0.1 + 0.2 is 0.3 here."""
    near = round(value, 9)
    return int(near) if near == int(near) else near
