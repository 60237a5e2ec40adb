"""What an indicator comes to over all districts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xl_addin.master.pair_totals import Pair, PairTotals
from xl_addin.master.sums import Sums, weighted_mean
from xl_addin.model.lights import GREY, judge_light
from xl_addin.model.records import ADDED_UP, RATE, Indicator, Number
from xl_addin.model.schedule import cumulative_shares, due_amount, without_noise
from xl_addin.model.settings import UNRANKED, Config
from xl_addin.system.light import NamedTuple


class IndicatorTotals(NamedTuple):
    """One indicator over all districts; a rate's is a weighted mean, or unknown.

    ``target`` is what is in force in the month, ``due`` what falls due of it by its end, for the months
    that count. ``completion``, ``time_progress`` and ``goal_completion`` are shares of 1; ``lead`` is how
    far the cumulative is beyond what is due, in percentage points of the target.
    ``districts_missing`` counts the districts that had to report this month and whose figure is not
    known, ``districts_incomplete`` those whose cumulative lacks months or the opening, or of a rate what
    it is weighted by. ``opening`` is what was reached before the first month that is reported,
    ``corrections`` what districts stated beyond their months.
    ``trend`` has twelve values: what a month added, or for a state how things were at its end;
    ``trend_total`` is what they come to, with opening and corrections.
    """

    code: str
    label: str
    unit: str
    measure: str
    target: Number | None
    published: Number | None
    goal: Number | None
    this_month: Number | None
    cumulative: Number | None
    due: Number | None
    completion: float | None
    time_progress: float
    lead: float | None
    difference: Number | None
    difference_to_due: Number | None
    goal_completion: float | None
    light: str
    months_expected: int
    months_counted: int
    districts_missing: int
    districts_incomplete: int
    opening: Number | None
    corrections: Number | None
    trend: tuple[Number | None, ...]
    trend_total: Number | None


def total_indicator(
    item: Indicator, config: Config, number: int, sums: Sums, pairs: Mapping[Pair, PairTotals]
) -> IndicatorTotals:
    """One indicator's line of 汇总 and 逐月."""
    code = item.code
    mine = [pairs[district.code, code] for district in config.districts]
    if item.measure == RATE:
        target, cumulative, due = _rate(item, mine, pairs)
        this_month = None
    else:
        target = _sum(each.target for each in mine)
        cumulative = _sum(each.cumulative for each in mine)
        # Not the sum of what is due of each: 33 districts with one base each owe 16 by June.
        accrued = _sum(each.accrued for each in mine)
        due = None if accrued is None else due_amount(item, accrued)
        this_month = _sum(sums.this_month.get((each.district, code)) for each in mine)
    incomplete = sum(not each.is_whole for each in mine)
    opening = corrections = None
    if item.measure in ADDED_UP:
        if config.settings.first_month <= number:
            opening = _sum(config.openings.get((each.district, code)) for each in mine)
        corrections = _sum(sums.corrections.get((each.district, code), 0) for each in mine) or None
    trend = tuple(sums.trend.get((code, n)) for n in range(1, 13))
    return IndicatorTotals(
        code,
        item.label,
        item.unit,
        item.measure,
        target,
        config.published.get(code),
        item.goal,
        this_month,
        cumulative,
        due,
        ratio(cumulative, target),
        cumulative_shares(item)[number - 1],
        lead(item, cumulative, due, target),
        difference(cumulative, target),
        difference(cumulative, due),
        ratio(cumulative, item.goal),
        _light(item, cumulative, target, due, incomplete, config),
        sum(len(each.months_expected) for each in mine),
        sum(each.months_counted for each in mine),
        sum(number in each.months_missing for each in mine),
        incomplete,
        opening,
        corrections,
        trend,
        _trend_total(item, (opening, *trend[:number], corrections), trend[number - 1]),
    )


def _sum(values: Iterable[Number | None]) -> Number | None:
    """The sum of what is known; none where nothing is."""
    known = [value for value in values if value is not None]
    return without_noise(sum(known)) if known else None


def _rate(
    item: Indicator, mine: Sequence[PairTotals], pairs: Mapping[Pair, PairTotals]
) -> tuple[Number | None, Number | None, Number | None]:
    """Target, cumulative and due of a rate: means of the districts whose rate is known."""
    known = [each for each in mine if each.cumulative is not None]
    weights = {
        each.district: weight
        for each in known
        if (whole := pairs.get((each.district, item.weight))) is not None
        and (weight := whole.cumulative) is not None
    }

    def mean(values: Mapping[str, Number | None]) -> Number | None:
        there = {key: value for key, value in values.items() if value is not None}
        return weighted_mean(there, weights)

    return (
        mean({each.district: each.target for each in known}),
        mean({each.district: each.cumulative for each in known}),
        mean({each.district: each.due for each in known}),
    )


def _light(
    item: Indicator,
    cumulative: Number | None,
    target: Number | None,
    due: Number | None,
    incomplete: int,
    config: Config,
) -> str:
    """The light of the whole; none is given where nobody had to report yet."""
    settings = config.settings
    light = judge_light(item, cumulative, target, due, settings.near, settings.behind)
    unranked = incomplete and settings.missing_months == UNRANKED
    return GREY if light and unranked else light


def _trend_total(
    item: Indicator, added: Sequence[Number | None], state: Number | None
) -> Number | None:
    return _sum(added) if item.measure in ADDED_UP else state


def lead(item: Indicator, cumulative: object, due: object, target: object) -> float | None:
    """How far a cumulative is beyond what is due, in percentage points; a rate is in points itself."""
    gap = difference(cumulative, due)
    if gap is None or not isinstance(target, int | float) or target <= 0:
        return None
    return without_noise(gap / (1 if item.measure == RATE else target / 100))


def ratio(part: object, whole: object) -> float | None:
    """The share part/whole as the formulas have it: unknown where the part is, or the whole not above 0."""
    if isinstance(part, int | float) and isinstance(whole, int | float) and whole > 0:
        return part / whole
    return None


def difference(one: object, other: object) -> Number | None:
    """The difference, unknown where either is."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return without_noise(one - other)
    return None
