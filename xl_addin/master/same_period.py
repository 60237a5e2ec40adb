"""Beside last year: what the same districts had reached by the same month (同期), and by how much that grew.

Only districts with a whole cumulative in both years are compared: a sum over more districts this year
than last, or one that lacks a month, would show a growth or a fall that is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from xl_addin.master.pair_totals import Pair, PairTotals
from xl_addin.master.sums import weighted_mean
from xl_addin.model.records import RATE, Indicator, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.system.light import NamedTuple


class SamePeriod(NamedTuple):
    """One indicator in both years, None where nothing can be compared.

    ``districts`` is how many are compared, ``comparable`` what these have reached this year and
    ``last_year`` what they had by the same month then: sums, of a rate weighted means. ``growth`` is a
    share of 1, and none for a rate, which is compared in points.
    """

    districts: int | None = None
    comparable: Number | None = None
    last_year: Number | None = None
    growth: float | None = None


def compare_years(
    config: Config, number: int, pairs: Mapping[Pair, PairTotals]
) -> dict[str, SamePeriod]:
    """By indicator how this year compares with the last at the end of a month (1 to 12)."""
    then = {
        pair: value
        for pair, months in config.last_year.items()
        if (value := months[number - 1]) is not None
    }
    # With what another district had last year theirs would show a growth that is none.
    takers = config.takers(number)
    now = {
        pair: found.cumulative
        for pair, found in pairs.items()
        if found.cumulative is not None and found.has_whole_year and pair not in takers
    }
    told = {code for _, code in config.last_year}
    return {
        item.code: _compare(item, [d.code for d in config.districts], now, then)
        if item.code in told
        else SamePeriod()
        for item in config.indicators
    }


def _compare(
    item: Indicator,
    districts: Iterable[str],
    now: Mapping[Pair, Number],
    then: Mapping[Pair, Number],
) -> SamePeriod:
    wanted = (item.code, item.weight) if item.measure == RATE else (item.code,)
    same = [
        district
        for district in districts
        if all((district, code) in year for code in wanted for year in (now, then))
    ]
    if not same:
        return SamePeriod(0)
    total = _mean(item, same) if item.measure == RATE else _sum(item, same)
    comparable, last_year = total(now), total(then)
    growth = None
    if item.measure != RATE and comparable is not None and last_year is not None and last_year > 0:
        growth = (comparable - last_year) / last_year
    return SamePeriod(len(same), comparable, last_year, growth)


_Total = Callable[[Mapping[Pair, Number]], Number | None]


def _sum(item: Indicator, districts: Iterable[str]) -> _Total:
    return lambda year: without_noise(sum(year[district, item.code] for district in districts))


def _mean(item: Indicator, districts: Iterable[str]) -> _Total:
    return lambda year: weighted_mean(
        {district: year[district, item.code] for district in districts},
        {district: year[district, item.weight] for district in districts},
    )
