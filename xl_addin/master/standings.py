"""How the districts stand beside one another: one figure over all indicators (综合完成率), and ranks.

Indicators count by their 权重, each up to 单项封顶. What a district is compared with is what was due of the
same indicators in the months that count, so that a month which never came makes nobody slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from xl_addin.master.indicator_totals import IndicatorTotals, ratio
from xl_addin.master.pair_totals import Pair, PairTotals, other_gaps
from xl_addin.model.lights import BLUE, GREY, NO_LIGHT, RED, YELLOW, light_of_gap
from xl_addin.model.records import ADDED_UP, RATE, District, Indicator, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import IN_FULL, UNRANKED, Config
from xl_addin.store.year_figures import Years
from xl_addin.system.light import NamedTuple


class Standing(NamedTuple):
    """A district at a month's end. None is unknown.

    ``rate`` is 综合完成率 and ``due`` what of it was due, shares of 1 over the indicators that can be
    judged; ``pace`` is rate / due (序时完成比), ``lead`` rate - due in percentage points. ``rank`` is 1 for the
    first, equal for equals as shown; None where the district is not ranked. ``change`` is how many places
    it went up since the last published ranks. ``counted`` of ``months`` are in the figures of the indicator
    that lacks most, ``missing`` are all months that some indicator lacks, ``gaps`` what is missing besides.
    ``behind`` are the indicators with a yellow or a red light, the worst first, ``unjudged`` those with a
    target and no figure. ``by_month`` are the twelve shares that each month added, None where nothing came.
    """

    code: str
    district: str
    rate: float | None
    due: float | None
    pace: float | None
    lead: float | None
    light: str
    rank: int | None
    change: int | None
    counted: int
    months: int
    missing: tuple[int, ...]
    gaps: tuple[str, ...]
    behind: tuple[str, ...]
    unjudged: tuple[str, ...]
    by_month: tuple[float | None, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing from its figures."""
        return not self.missing and not self.gaps


def weight_of(item: Indicator) -> Number:
    """What an indicator counts for: 1, nothing for a part of another (其中), or what 指标 says."""
    if item.importance is None:
        return 0 if item.parent else 1
    return item.importance


def stand_districts(
    pairs: Mapping[Pair, PairTotals],
    years: Years,
    config: Config,
    month: str,
    published: Mapping[str, int],
) -> tuple[Standing, ...]:
    """The standings of the districts that report in a month, in their order on 区县名录.

    ``years`` are the year's counting figures up to the month, ``published`` the ranks that were last
    published, by district.
    """
    reporting = [each for each in config.districts if each.reports(month)]
    courses = _courses(years, pairs, config)
    found = [_stand(each, pairs, config, courses.get(each.code, {})) for each in reporting]
    ranks = rank([_ranked_by(each, config) for each in found])
    return tuple(
        each._replace(
            rank=place,
            change=published[each.code] - place if place and each.code in published else None,
        )
        for each, place in zip(found, ranks, strict=True)
    )


def stand_together(
    lines: Iterable[IndicatorTotals], pairs: Mapping[Pair, PairTotals], config: Config
) -> tuple[float | None, float | None]:
    """综合完成率 of all districts together and what of it was due, shares of 1; None where nothing is known."""
    shares = [
        (weight, _capped(line.completion, config), due)
        for item, line in zip(config.indicators, lines, strict=True)
        if (weight := weight_of(item)) > 0
        and line.completion is not None
        and (due := _due_together(line, pairs, config)) is not None
    ]
    whole = sum(weight for weight, _, _ in shares)
    if not whole:
        return None, None
    return sum(w * rate for w, rate, _ in shares) / whole, sum(w * d for w, _, d in shares) / whole


def _due_together(
    line: IndicatorTotals, pairs: Mapping[Pair, PairTotals], config: Config
) -> float | None:
    if line.due is None or line.light == NO_LIGHT:
        return None if line.due is None else 0
    if line.measure == RATE:
        return ratio(line.due, line.target)
    accrued = [pairs[each.code, line.code].accrued or 0 for each in config.districts]
    return ratio(sum(accrued), line.target)


def by_rank(standings: Iterable[Standing]) -> list[Standing]:
    """The first first; who is not ranked comes last."""
    return sorted(standings, key=lambda each: each.rank or 10**9)


def rank(values: Sequence[float | None]) -> list[int | None]:
    """Places of shares of 1, the highest is 1; equal ones as shown (one decimal of a percent) share a place."""
    shown = [None if value is None else shown_percent(value) for value in values]
    order = sorted((value for value in shown if value is not None), reverse=True)
    places: dict[Decimal, int] = {}
    for place, value in enumerate(order, 1):
        places.setdefault(value, place)
    return [None if value is None else places[value] for value in shown]


def shown_percent(share: float) -> Decimal:
    """A share of 1 as the percentage that Excel shows with one decimal."""
    exact = Decimal(repr(round(share * 100, 10)))
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP) + 0


def _ranked_by(each: Standing, config: Config) -> float | None:
    way = config.settings.missing_months
    if way == UNRANKED and not each.is_whole:
        return None
    return each.rate if way == IN_FULL else each.pace


def _stand(
    district: District,
    pairs: Mapping[Pair, PairTotals],
    config: Config,
    course: Mapping[int, float],
) -> Standing:
    mine = [pairs[district.code, item.code] for item in config.indicators]
    weights = [weight_of(item) for item in config.indicators]
    asked = [
        (pair, weight)
        for pair, weight in zip(mine, weights, strict=True)
        if weight > 0 and pair.target
    ]
    judged = [
        (pair, weight)
        for pair, weight in asked
        if pair.due is not None and pair.cumulative is not None
    ]
    whole = sum(weight for _, weight in judged)
    rate = due = None
    if whole:
        rate = sum(w * _capped(ratio(p.cumulative, p.target), config) for p, w in judged) / whole
        due = sum(w * _due_share(pair) for pair, w in judged) / whole
    worst = worst_months(mine)
    missing = {month for pair in mine for month in pair.months_missing}
    standing = Standing(
        district.code,
        district.name,
        rate,
        due,
        rate / due if rate is not None and due else None,
        None if rate is None or due is None else without_noise((rate - due) * 100),
        NO_LIGHT,
        None,
        None,
        worst.months_counted,
        len(worst.months_expected),
        tuple(sorted(missing)),
        tuple(other_gaps(mine)),
        tuple(_behind(mine)),
        tuple(pair.indicator for pair, _ in asked if pair.cumulative is None),
        tuple(course.get(month) for month in range(1, 13)),
    )
    return standing._replace(light=_light(standing, [pair for pair, _ in judged], config))


def worst_months(pairs: Iterable[PairTotals]) -> PairTotals:
    """Of a district's indicators the one that lacks most months: it speaks for the district."""
    return max(pairs, key=lambda p: (len(p.months_missing), len(p.months_expected)))


def _capped(share: float | None, config: Config) -> float:
    cap = config.settings.cap
    return min(share or 0, cap / 100) if cap else share or 0


def _due_share(pair: PairTotals) -> float:
    """What was due of a target, not rounded: a mean has no whole things.

    Rounded, who has small targets only would be ahead of everyone: nothing is due of them for long. What
    has no light yet draws nobody back either.
    """
    return 0 if pair.light == NO_LIGHT else ratio(pair.accrued, pair.target) or 0


def _light(standing: Standing, judged: Sequence[PairTotals], config: Config) -> str:
    settings = config.settings
    if standing.rate is None or standing.lead is None:
        return GREY if standing.months else NO_LIGHT
    if settings.missing_months == UNRANKED and not standing.is_whole:
        return GREY
    if all(pair.light == BLUE for pair in judged):
        return BLUE
    if not standing.due and not standing.rate:
        return NO_LIGHT
    return light_of_gap(-standing.lead, settings.near, settings.behind)


def _behind(pairs: Sequence[PairTotals]) -> Iterator[str]:
    """Worst first: by the share of what was due that is missing."""
    late = [pair for pair in pairs if pair.light in (YELLOW, RED)]
    late.sort(key=lambda pair: (pair.light == YELLOW, ratio(pair.cumulative, pair.due) or 0))
    yield from (pair.indicator for pair in late)


def _courses(
    years: Years, pairs: Mapping[Pair, PairTotals], config: Config
) -> dict[str, dict[int, float]]:
    """By district and month which share of its targets a month added, over what is added up."""
    weights = {i.code: weight_of(i) for i in config.indicators if i.measure in ADDED_UP}
    whole: dict[str, Number] = {}
    for (district, code), pair in pairs.items():
        if pair.target and pair.target > 0:
            whole[district] = whole.get(district, 0) + weights.get(code, 0)
    found: dict[str, dict[int, float]] = {}
    for (district, code), year in years.items():
        weight, target = weights.get(code, 0), pairs[district, code].target
        if not weight or not target or target < 0 or not whole.get(district):
            continue
        for month, value in enumerate(year.values, 1):
            if value is not None and not year.states >> month & 1:
                course = found.setdefault(district, {})
                added = weight * value / target / whole[district]
                course[month] = course.get(month, 0) + added
    return found
