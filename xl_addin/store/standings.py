"""Where every district stood before a month, from what was accepted of the year so far.

The year's figure is the last that says where things are (a state, or a cumulative that the district
gave itself) and what was added after it; before any of that, what had been reached when the
programme began.
"""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.model.records import ADDED_UP, RATE, STOCK, District, Indicator, Number
from xl_addin.model.schedule import expected_months, missing_months
from xl_addin.model.settings import Config
from xl_addin.store.database import Database, select
from xl_addin.system.light import NamedTuple

_COUNTING = (
    "FROM counting c JOIN figures f ON f.receipt=c.receipt"
    " WHERE c.month>=? AND c.month<? AND f.value IS NOT NULL AND f.measure IN (?,?)"
    " GROUP BY c.district, f.indicator"
)
_GIVEN = (
    "SELECT c.district, s.indicator, MAX(c.month), s.value FROM counting c"
    " JOIN stated s ON s.receipt=c.receipt WHERE c.month>=? AND c.month<?"
    " GROUP BY c.district, s.indicator"
)
_AFTERWARDS = (
    "SELECT c.district, c.month, f.indicator, f.value FROM counting c"
    " JOIN figures f ON f.receipt=c.receipt WHERE c.month>=? AND c.month<? AND f.value IS NOT NULL"
    " AND f.measure IN (?,?) AND c.district IN (SELECT x.district FROM counting x"
    " JOIN stated s ON s.receipt=x.receipt WHERE x.month>=? AND x.month<?)"
)


_Pair = tuple[str, str]
_Span = tuple[str, str]


class Standing(NamedTuple):
    """Where a district stood before a month, from its accepted returns of the year.

    ``previous`` is the cumulative per indicator and ``mean_monthly`` the mean monthly addition.
    ``gaps`` are months without an accepted return that are missing in the cumulative of at least one
    indicator; ``filled`` are those that a cumulative which the district gave later makes up for,
    wholly, or in ``gaps`` too where only for some indicators.
    """

    previous: dict[str, Number]
    mean_monthly: dict[str, float]
    gaps: tuple[int, ...]
    filled: tuple[int, ...] = ()


class _Anchor(NamedTuple):
    """The cumulative that a district gave itself, and what was added in how many months since."""

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
    span, year = (f"{month[:4]}-01", month), _year(config)
    found: dict[str, Standing] = {}
    for (district, indicator), value in year.openings.items():
        _standing(found, district).previous[indicator] = value
    anchors = _anchors(ledger, span)
    _take_additions(ledger, span, year, found)
    for pair in _take_states(ledger, span, year, found, anchors):
        del anchors[pair]
    for pair, anchor in anchors.items():
        standing = _standing(found, pair[0])
        total = _plain(anchor.value + anchor.added)
        months = max(anchor.month - year.first_month(pair) + 1, 1) + anchor.months
        standing.previous[pair[1]] = total
        standing.mean_monthly[pair[1]] = (total - year.openings.get(pair, 0)) / months
    _find_gaps(ledger, month, year, found, {pair: each.month for pair, each in anchors.items()})
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


def _take_additions(ledger: Database, span: _Span, year: _Year, found: dict[str, Standing]) -> None:
    query = f"SELECT c.district, f.indicator, SUM(f.value), COUNT(*) {_COUNTING}"
    for district, indicator, total, count in select(ledger, query, (*span, *ADDED_UP)):
        standing = _standing(found, district)
        standing.previous[indicator] = _plain(total + year.openings.get((district, indicator), 0))
        standing.mean_monthly[indicator] = total / count


def _take_states(
    ledger: Database,
    span: _Span,
    year: _Year,
    found: dict[str, Standing],
    anchors: Mapping[_Pair, _Anchor],
) -> list[_Pair]:
    """Take the last states; the pairs whose anchor is older than that."""
    query = f"SELECT c.district, f.indicator, MAX(c.month), f.value, f.measure {_COUNTING}"
    outdated = []
    for district, indicator, at, state, measure in select(ledger, query, (*span, STOCK, RATE)):
        standing, pair, last = _standing(found, district), (district, indicator), int(at[5:])
        standing.previous[indicator] = state
        standing.mean_monthly.pop(indicator, None)
        if measure == STOCK:
            begun = year.openings.get(pair)
            months = last if begun is None else max(last - year.first_month(pair) + 1, 1)
            standing.mean_monthly[indicator] = (state - (begun or 0)) / months
        if pair in anchors and anchors[pair].month < last:
            outdated.append(pair)
    return outdated


def _anchors(ledger: Database, span: _Span) -> dict[_Pair, _Anchor]:
    """The last cumulative that was given, with what came after it."""
    anchors = {
        (district, indicator): _Anchor(int(month[5:]), value)
        for district, indicator, month, value in select(ledger, _GIVEN, span)
    }
    if anchors:
        for district, month, indicator, value in select(
            ledger, _AFTERWARDS, (*span, *ADDED_UP, *span)
        ):
            anchor = anchors.get((district, indicator))
            if anchor is not None and int(month[5:]) > anchor.month:
                more = anchor._replace(added=anchor.added + value, months=anchor.months + 1)
                anchors[district, indicator] = more
    return anchors


def _find_gaps(
    ledger: Database,
    month: str,
    year: _Year,
    found: dict[str, Standing],
    given: Mapping[_Pair, int],
) -> None:
    """Note the months that each district lacks."""
    query = "SELECT district, month FROM counting WHERE month>=? AND month<?"
    counted: dict[str, set[int]] = {code: set() for code in found}
    for code, at in select(ledger, query, (f"{month[:4]}-01", month)):
        counted.setdefault(code, set()).add(int(at[5:]))
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
