"""The year's totals once more, month by month in exact fractions, and random programmes to try it on.

Nothing here is shared with the program but its records: a month is in a cumulative or it is not, and
what falls due in a month falls due for those months that are in it.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import NamedTuple

from xl_addin.model.records import District, Indicator
from xl_addin.model.settings import Adjustment, Config
from xl_addin.store.ledger import FigureRow


class PlainPair(NamedTuple):
    """What a district comes to with an indicator; None is unknown."""

    cumulative: Fraction | None
    target: Fraction | None
    due: Fraction | None
    expected: list[int]
    missing: list[int]
    light: str
    unopened: bool
    accrued: Fraction | None


def exact(value):
    return None if value is None else Fraction(str(value))


def parts_of_year(item, begins):
    """What falls due in each month, as parts of the target."""
    window = range(max(begins, item.since), item.until + 1)
    if item.schedule == "quarterly":
        weights = {m: Fraction(m in (3, 6, 9, 12)) for m in window}
    elif item.schedule == "year-end":
        weights = {m: Fraction(m == 12) for m in window}
    elif item.schedule == "custom":
        steps = [Fraction(0), *map(exact, item.shares)]
        weights = {m: steps[m] - steps[m - 1] for m in window}
    else:
        weights = {m: Fraction(1) for m in window}
    whole = sum(weights.values())
    if not whole:
        return {m: Fraction(m == item.until) for m in range(1, 13)}
    return {m: weights.get(m, Fraction(0)) / whole for m in range(1, 13)}


def target_of(config, pair, number):
    changes = [c for c in config.adjustments if (c.district, c.indicator) == pair]
    target = exact(config.targets.get(pair))
    for change in changes:
        if change.month <= number:
            target = (target or 0) + exact(change.amount)
    return target


def plain_pair(rows, config: Config, district: District, item: Indicator, number: int) -> PlainPair:
    pair, first = (district.code, item.code), config.settings.first_month
    own = {r.month: r for r in rows if (r.district, r.indicator) == pair and r.month <= number}
    states = item.measure in ("stock", "rate")
    value, inside, answered, played = None, set(), set(), set()
    for month in range(1, number + 1):
        if month == first and pair in config.openings:
            value, inside = exact(config.openings[pair]), set(range(1, first))
            played.add(first)
        row = own.get(month)
        if row is None:
            continue
        if row.stated is not None:
            value, inside = exact(row.stated), set(range(1, month + 1))
        elif row.state == "number" and (states or row.measure in ("stock", "rate")):
            value, inside = exact(row.value), set(range(1, month + 1))
        elif row.state == "number":
            value = (value or 0) + exact(row.value)
            inside.add(month)
        elif row.state == "not-applicable":
            inside |= set(range(1, month + 1)) if item.measure in ("stock", "rate") else {month}
            answered.add(month)
            continue
        else:
            continue
        answered.add(month)
        played.add(month)
    target = target_of(config, pair, number)
    changed = {c.month for c in config.adjustments if (c.district, c.indicator) == pair}
    starts = {1} if pair in config.targets else changed | played
    begins = min(starts, default=99)
    expected = [
        m
        for m in range(1, number + 1)
        if m >= max(first, district.since, item.since, begins)
        and m <= min(district.until, item.until)
    ]
    known = inside if not states else {m for m in inside if m <= max(answered, default=0)}
    missing = [m for m in expected if m not in known]
    accrued = plain_due(config, district, item, target, value, inside, begins, expected, number)
    due = floored(item, accrued)
    light = plain_light(config, item, value, target, due)
    if not expected and value is None:
        light = ""
    before = set(range(max(district.since, item.since, begins), first))
    unopened = bool(expected and not states and before - inside)
    if (missing or unopened) and config.settings.missing_months == "不排名" and light:
        light = "灰"
    return PlainPair(value, target, due, expected, missing, light, unopened, accrued)


def floored(item, due):
    whole = item.whole and item.measure != "rate" and due is not None
    return Fraction(math.floor(due)) if whole else due


def plain_due(config, district, item, target, value, inside, begins, expected, number):
    if target is None or target < 0 or (value is None and not expected):
        return None
    if config.settings.missing_months == "折算":
        if value is None:
            return None
        months = inside
    else:
        months = range(1, min(number, district.until) + 1)
    if item.measure == "rate":
        return target
    own = [c for c in config.adjustments if (c.district, c.indicator) == (district.code, item.code)]
    ends = {each.code: each.until for each in config.districts}
    sums = item.measure in ("flow", "both")

    def is_merger(change):
        """Whether a district that ended the month before gave some of this indicator's target away."""
        return change.month <= number and any(
            c.amount < 0
            and c.indicator == item.code
            and c.month == change.month
            and ends.get(c.district, 99) == c.month - 1
            for c in config.adjustments
        )

    if sums and any(
        c.amount < 0 and c.month <= number and c.month == district.until + 1 for c in own
    ):
        return target
    taken = [c for c in own if sums and c.amount > 0 and is_merger(c)]
    first = max(begins if begins <= 12 else 1, district.since)
    parts = parts_of_year(item, first)
    later = Fraction(0)
    for change in taken:
        from_then = parts_of_year(item, max(first, change.month))
        later += exact(change.amount) * sum(from_then[m] for m in months)
        target -= exact(change.amount)
    return target * sum(parts[m] for m in months) + later


def plain_light(config, item, value, target, due):
    if target is None or target <= 0:
        return ""
    if value is None:
        return "灰"
    if value >= target:
        return "蓝"
    if due is None:
        return "灰"
    if due == 0 and value == 0:
        return ""
    behind = due - value if item.measure == "rate" else (due - value) / target * 100
    if behind <= exact(config.settings.near):
        return "绿"
    return "红" if behind > exact(config.settings.behind) else "黄"


class PlainLine(NamedTuple):
    """What an indicator comes to over all districts."""

    target: Fraction | None
    cumulative: Fraction | None
    due: Fraction | None
    lead: Fraction | None
    difference: Fraction | None
    difference_to_due: Fraction | None
    light: str
    months_expected: int
    months_counted: int
    districts_missing: int
    districts_incomplete: int


def unweighted(pairs, config, code):
    """The districts whose rate is known and in no mean, for nobody knows what it would weigh."""
    item = next(each for each in config.indicators if each.code == code)
    return {
        d.code
        for d in config.districts
        if item.measure == "rate"
        and item.weight
        and pairs[d.code, code].cumulative is not None
        and pairs[d.code, item.weight].cumulative is None
    }


def plain_line(pairs, config, item, number):
    """``pairs`` are all of a month by (district, indicator)."""
    mine = {d.code: pairs[d.code, item.code] for d in config.districts}
    if item.measure == "rate":
        weights = {
            code: pairs[code, item.weight].cumulative
            for code, pair in mine.items()
            if item.weight
            and pair.cumulative is not None
            and pairs[code, item.weight].cumulative is not None
        }

        def over(name):
            both = [
                (getattr(mine[code], name), weight)
                for code, weight in weights.items()
                if getattr(mine[code], name) is not None
            ]
            whole = sum(weight for _, weight in both)
            return sum(v * w for v, w in both) / whole if whole > 0 else None
    else:

        def over(name):
            known = [getattr(p, name) for p in mine.values() if getattr(p, name) is not None]
            return sum(known) if known else None

    target, cumulative = over("target"), over("cumulative")
    due = floored(item, over("accrued"))
    gap = None if cumulative is None or due is None else cumulative - due
    out = unweighted(pairs, config, item.code)
    incomplete = sum(bool(p.missing) or p.unopened or code in out for code, p in mine.items())
    light = plain_light(config, item, cumulative, target, due)
    if light and incomplete and config.settings.missing_months == "不排名":
        light = "灰"
    lead = None
    if gap is not None and target is not None and target > 0:
        lead = gap if item.measure == "rate" else gap / target * 100
    return PlainLine(
        target,
        cumulative,
        due,
        lead,
        None if cumulative is None or target is None else cumulative - target,
        gap,
        light,
        sum(len(p.expected) for p in mine.values()),
        sum(len(p.expected) - len(p.missing) for p in mine.values()),
        sum(number in p.missing for p in mine.values()),
        incomplete,
    )


SHARES = (0, 0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.6, 0.7, 0.9, 1, 1)


def random_programme(seed: int, config: Config, *, fixed: bool = False):
    """A programme whose year has everything, and its figures; ``fixed`` keeps what the master holds."""
    chance = random.Random(seed)
    if not fixed:
        config = _random_plan(chance, config)
    rows = []
    for district in config.districts:
        for item in config.indicators:
            quiet = chance.random() < 0.1
            for month in range(1, 13):
                if quiet or chance.random() < 0.25:
                    continue
                rows.append(_random_row(chance, district, item, month))
    return config, rows


def _random_row(chance, district, item, month):
    value = chance.randrange(40) if item.whole else chance.randrange(400) / 8
    if item.measure == "rate":
        value = chance.randrange(700, 1001) / 10
    measure = item.measure
    if measure in ("flow", "both") and chance.random() < 0.03:
        measure = "stock"
    stated = None
    if measure in ("flow", "both") and chance.random() < 0.08:
        stated = chance.randrange(200)
    state = "number"
    if chance.random() < 0.08:
        state = chance.choice(("not-applicable", "illegible", "empty"))
        value, stated = None, None
    return FigureRow(district.code, item.code, month, measure, state, value, stated)


def _random_plan(chance, config):
    def months():
        since = chance.choice((1, 1, 1, 1, 3, 8))
        return since, chance.choice((12, 12, 12, 12, max(since, 7)))

    kinds = [
        ("flow", "even"),
        ("flow", "quarterly"),
        ("flow", "year-end"),
        ("flow", "custom"),
        ("both", "even"),
        ("stock", "even"),
        ("stock", "quarterly"),
        ("rate", "even"),
    ]
    indicators = []
    for item in config.indicators:
        measure, schedule = chance.choice(kinds)
        since, until = months()
        weight = chance.choice(("", "I01")) if measure == "rate" and item.code != "I01" else ""
        indicators.append(
            item._replace(
                measure=measure,
                schedule=schedule,
                since=since,
                until=until,
                weight=weight,
                whole=item.whole,
                shares=SHARES if schedule == "custom" else (),
            )
        )
    if indicators[0].measure == "rate":
        indicators[0] = indicators[0]._replace(measure="flow")
    districts = []
    for district in config.districts:
        since, until = months()
        districts.append(district._replace(since=since, until=until))
    pairs = [(d.code, i.code) for d in districts for i in indicators]
    targets = {
        pair: chance.choice((0, 1, 1, 2, 7, 100, 360, 12.5))
        for pair in pairs
        if chance.random() < 0.8
    }
    adjustments = tuple(
        Adjustment(
            chance.randrange(2, 13), *chance.choice(pairs), chance.choice((-1, 1, 10, 50, 0.5))
        )
        for _ in range(chance.randrange(4))
    )
    first = chance.choice((1, 1, 3, 7))
    openings = {pair: chance.randrange(90) for pair in pairs if chance.random() < 0.5}
    settings = config.settings._replace(
        first_month=first,
        near=chance.choice((0, 2, 5.5)),
        behind=chance.choice((0, 10, 25)),
        missing_months=chance.choice(("折算", "照计", "不排名")),
    )
    return config._replace(
        settings=settings,
        districts=tuple(districts),
        indicators=tuple(indicators),
        targets=targets,
        adjustments=adjustments,
        openings=openings if first > 1 or chance.random() < 0.2 else {},
    )
