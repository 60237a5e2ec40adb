"""The year's figures added up by pandas, which only a recompute waits for.

A figure adds to what is there, but for one that says how things are at its month's end, and for one
beside which the district stated the year's cumulative: from such a month on the year starts from there.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

from xl_addin.model.records import ADDED_UP, RATE, STOCK, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.store.year_figures import NOTHING_CAME, Pair, Years, months_in
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd

_KEYS = ["district", "indicator"]
OPENING = 0
"""The month of what was reached before the first."""


class Sums(NamedTuple):
    """What the figures come to: per pair for the month and the year, and per (indicator, month).

    ``corrections`` are per pair what the year's figure has beyond the opening and the months.
    """

    this_month: dict[Pair, Number]
    cumulative: dict[Pair, Number]
    corrections: dict[Pair, Number]
    trend: dict[tuple[str, int], Number]


NOTHING = Sums({}, {}, {}, {})


def add_up(years: Years, config: Config, number: int, gone: Mapping[Pair, int]) -> Sums:
    """The sums of the listed figures of the months up to ``number``, openings included.

    ``gone`` are states that are in another district's, see ``taken_over``.
    """
    opened = config.openings if config.settings.first_month <= number else {}
    known = {pair: year for pair, year in years.items() if year.numbers | year.given}
    known |= {pair: NOTHING_CAME for pair in opened if pair not in known}
    return _add_up(known, opened, config, number, gone) if known else NOTHING


def taken_over(years: Years, config: Config, number: int) -> dict[Pair, int]:
    """The states that are in another district's now, with the last month in which they were not yet.

    Until whoever took them over has reported, they are in nobody else's figure and count as they were.
    """
    ended = config.handed_over(number)
    if not ended:
        return {}
    reported: dict[str, set[int]] = {}
    for pair in config.takers(number):
        if pair in years:
            months = months_in(years[pair].numbers | years[pair].given)
            reported.setdefault(pair[1], set()).update(m for m in months if m <= number)
    found = {
        (district, code): [month for month in reported.get(code, ()) if month > until]
        for (district, code), until in ended.items()
    }
    return {pair: min(months) - 1 for pair, months in found.items() if months}


def _add_up(
    known: Years,
    opened: Mapping[Pair, Number],
    config: Config,
    number: int,
    gone: Mapping[Pair, int],
) -> Sums:
    # Nothing here is linear algebra: a thread for each core, ready to do it, is a tenth of a recompute.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import pandas as pd

    pairs = pd.MultiIndex.from_tuples(known, names=_KEYS)
    rates = {item.code for item in config.indicators if item.measure == RATE}
    rate = pairs.get_level_values("indicator").isin(rates)
    # What came before an opening is in it.
    before = pd.Series([pair in opened for pair in known], pairs)
    bits = pd.Series([year.states for year in known.values()], pairs)
    opening = pd.Series([opened.get(pair) for pair in known], pairs, "float64")
    reached, added, states, begun = opening, {}, {}, bool(opened)
    for month in range(1, number + 1):
        value, stated = (
            pd.Series(given, pairs, "float64")
            for given in (
                [year.values[month - 1] for year in known.values()],
                [year.stated.get(month) for year in known.values()],
            )
        )
        if month < config.settings.first_month:
            value, stated = value.mask(before), stated.mask(before)
        state = (bits // (1 << month) % 2).astype(bool) | rate
        came = value.notna() | stated.notna()
        # A state and a year's figure that was stated start anew; what a month added goes to what is there.
        anew = state & value.notna() | stated.notna()
        begun = begun or bool(anew.any())
        sums = stated.fillna(value.where(anew, reached.fillna(0) + value))
        added[month] = value.where(~state | rate, sums - reached).where(came)
        states[month] = reached = sums.where(came, reached)
    months = pd.DataFrame(added)
    corrections: dict[Pair, Number] = {}
    if begun:
        beyond = reached - months.sum(axis=1) - opening.fillna(0)
        corrections = _by_pair(beyond[beyond != 0])
    return Sums(
        _by_pair(months[number]),
        _without(gone, _by_pair(reached)),
        _without(gone, corrections),
        _trend(months, pd.DataFrame(states), config, gone),
    )


def _without(gone: Mapping[Pair, int], values: dict[Pair, Number]) -> dict[Pair, Number]:
    """What another district reports now is in its figure."""
    return {pair: value for pair, value in values.items() if pair not in gone} if gone else values


def _trend(
    added: pd.DataFrame, states: pd.DataFrame, config: Config, gone: Mapping[Pair, int]
) -> dict[tuple[str, int], Number]:
    """Per month what was added, or for a state how things were: a sum, or a rate's weighted mean."""
    adding = [item.code for item in config.indicators if item.measure in ADDED_UP]
    sums = added.groupby("indicator").sum(min_count=1)
    found = _cells(sums[sums.index.isin(adding)]) | _state_trend(states, config, gone)
    return {key: without_noise(value) for key, value in found.items() if not math.isnan(value)}


def _cells(table: pd.DataFrame) -> dict[tuple[str, int], float]:
    found: dict[Any, float] = table.stack().to_dict()
    return found


def _state_trend(
    states: pd.DataFrame, config: Config, gone: Mapping[Pair, int]
) -> dict[tuple[str, int], float]:
    """``states`` are the last known cumulatives at each month's end."""
    weights = {i.code: i.weight for i in config.indicators if i.measure == RATE and i.weight}
    stocks = {item.code for item in config.indicators if item.measure == STOCK}
    wanted = states.index.get_level_values("indicator").isin({*stocks, *weights, *weights.values()})
    states = states[wanted].copy()
    if states.empty:
        return {}
    for pair, until in gone.items():
        if pair in states.index:
            states.loc[pair, until + 1 :] = math.nan
    tables: dict[str, Any] = {
        code: states.xs(code, level="indicator") for code in states.index.unique("indicator")
    }
    found: dict[tuple[str, int], float] = {}
    for code in stocks & tables.keys():
        found |= {(code, at): v for at, v in tables[code].sum(min_count=1).items()}
    for code in weights.keys() & tables.keys():
        rates, weight = tables[code], tables.get(weights[code])
        if weight is not None:
            weight = weight.reindex(rates.index).where(rates.notna())
            whole, parts = weight.sum().to_dict(), (rates * weight).sum().to_dict()
            found |= {(code, at): parts[at] / whole[at] for at in whole if whole[at] > 0}
    return found


def weighted_mean(values: Mapping[str, Number], weights: Mapping[str, Number]) -> Number | None:
    """The mean of what is known, each by its weight; none where nothing weighs."""
    both = [(value, weights[key]) for key, value in values.items() if key in weights]
    weight = sum(each for _, each in both)
    return without_noise(sum(v * w for v, w in both) / weight) if weight > 0 else None


def _by_pair(values: pd.Series[float]) -> dict[Pair, Number]:
    known: dict[Any, float] = values.dropna().to_dict()
    return {pair: without_noise(value) for pair, value in known.items()}
