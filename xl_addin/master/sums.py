"""The year's figures added up by pandas, which only a recompute waits for.

A figure adds to what is there, but for one that says how things are at its month's end, and for one
beside which the district stated the year's cumulative: from such a month on the year starts from there.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable, Mapping

from xl_addin.model.records import ADDED_UP, NUMBER, RATE, STOCK, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.store.ledger import FigureRow
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd

Pair = tuple[str, str]
_KEYS = ["district", "indicator"]
OPENING = 0
"""The month of a row that says what was reached before the first."""


class Sums(NamedTuple):
    """What the figures come to: per pair for the month and the year, and per (indicator, month).

    ``corrections`` are per pair what the year's figure has beyond the opening and the months.
    """

    this_month: dict[Pair, Number]
    cumulative: dict[Pair, Number]
    corrections: dict[Pair, Number]
    trend: dict[tuple[str, int], Number]


NOTHING = Sums({}, {}, {}, {})


def add_up(rows: Iterable[FigureRow], config: Config, number: int) -> Sums:
    """The sums of the listed figures of the months up to ``number``, openings included."""
    known = known_figures(rows, config, number)
    return _add_up(known, config, number) if known else NOTHING


def known_figures(rows: Iterable[FigureRow], config: Config, number: int) -> list[FigureRow]:
    """What the year is made of up to ``number``: what is known of ``rows``, and the openings.

    An opening is a state of the month OPENING.
    """
    opened = config.openings if config.settings.first_month <= number else {}
    first = config.settings.first_month
    known = [
        row
        for row in rows
        if (row.stated is not None or (row.state == NUMBER and row.value is not None))
        # What came before an opening is in it.
        and (row.month >= first or (row.district, row.indicator) not in opened)
    ]
    known += [
        FigureRow(district, code, OPENING, STOCK, NUMBER, value)
        for (district, code), value in opened.items()
    ]
    return known


def taken_over(rows: Iterable[FigureRow], config: Config, number: int) -> dict[Pair, int]:
    """The states that are in another district's now, with the last month in which they were not yet.

    Until whoever took them over has reported, they are in nobody else's figure and count as they were.
    """
    ended = config.handed_over(number)
    if not ended:
        return {}
    takers = config.takers(number)
    reported: dict[str, set[int]] = {}
    for row in rows:
        known = row.value is not None or row.stated is not None
        if known and row.month <= number and (row.district, row.indicator) in takers:
            reported.setdefault(row.indicator, set()).add(row.month)
    found = {
        (district, code): [month for month in reported.get(code, ()) if month > until]
        for (district, code), until in ended.items()
    }
    return {pair: min(months) - 1 for pair, months in found.items() if months}


def _add_up(known: list[FigureRow], config: Config, number: int) -> Sums:
    # Nothing here is linear algebra: a thread for each core, ready to do it, is a tenth of a recompute.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import pandas as pd

    data = pd.DataFrame(known, columns=list(FigureRow._fields))
    for column in ("value", "stated"):
        data[column] = data[column].astype("float64")
    data = data.sort_values([*_KEYS, "month"], kind="stable", ignore_index=True)
    pair = data.groupby(_KEYS).ngroup()
    rates = {item.code for item in config.indicators if item.measure == RATE}
    adds, rate = data["measure"].isin(ADDED_UP), data["indicator"].isin(rates)
    # A state and a year's figure that was stated start anew; what a month added goes to what is there.
    start = ~adds | rate | data["stated"].notna()
    era = (start | (pair != pair.shift())).cumsum()
    data["cumulative"] = data["stated"].fillna(data["value"]).groupby(era).cumsum()
    before = data["cumulative"].groupby(pair).shift()
    data["added"] = data["value"].where(adds | rate, data["cumulative"] - before)
    latest = data[pair != pair.shift(-1)]
    now = data[(data["month"] == number) & data["added"].notna()]
    gone = taken_over(known, config, number)
    corrections = _corrections(data, latest) if start.any() else {}
    return Sums(
        _by_pair(now, now["added"]),
        _without(gone, _by_pair(latest, latest["cumulative"])),
        _without(gone, corrections),
        _trend(data, config, number, gone),
    )


def _corrections(data: pd.DataFrame, latest: pd.DataFrame) -> dict[Pair, Number]:
    opening = data[data["month"] == OPENING].set_index(_KEYS)["cumulative"]
    reported = data[data["month"] != OPENING].groupby(_KEYS)["added"].sum()
    year = latest.set_index(_KEYS)["cumulative"]
    beyond = year.sub(reported, fill_value=0).sub(opening, fill_value=0)
    found: dict[Any, float] = beyond.to_dict()
    return {key: without_noise(value) for key, value in found.items()}


def _without(gone: Mapping[Pair, int], values: dict[Pair, Number]) -> dict[Pair, Number]:
    """What another district reports now is in its figure."""
    return {pair: value for pair, value in values.items() if pair not in gone} if gone else values


def _trend(
    data: pd.DataFrame, config: Config, number: int, gone: Mapping[Pair, int]
) -> dict[tuple[str, int], Number]:
    """Per month what was added, or for a state how things were: a sum, or a rate's weighted mean."""
    adding = {item.code for item in config.indicators if item.measure in ADDED_UP}
    added = data[data["indicator"].isin(adding) & (data["month"] != OPENING)]
    found: dict[Any, float] = dict(
        added.groupby(["indicator", "month"])["added"].sum(min_count=1).items()
    )
    found |= _state_trend(data, config, number, gone)
    return {key: without_noise(value) for key, value in found.items() if not math.isnan(value)}


def _state_trend(
    data: pd.DataFrame, config: Config, number: int, gone: Mapping[Pair, int]
) -> dict[tuple[str, int], float]:
    weights = {i.code: i.weight for i in config.indicators if i.measure == RATE and i.weight}
    stocks = {item.code for item in config.indicators if item.measure == STOCK}
    wanted = {*stocks, *weights, *weights.values()}
    if not wanted:
        return {}
    states = _states(data, wanted, number)
    for pair, until in gone.items():
        if pair in states.index:
            states.loc[pair, range(until + 1, number + 1)] = math.nan
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


def _states(data: pd.DataFrame, codes: Collection[str], number: int) -> pd.DataFrame:
    """The last known cumulatives: a row for each (district, indicator), a column for each month."""
    wanted = data[data["indicator"].isin(codes)]
    table = wanted.pivot_table(index=_KEYS, columns="month", values="cumulative", aggfunc="last")
    return table.reindex(columns=range(number + 1)).ffill(axis=1).drop(columns=OPENING)


def weighted_mean(values: Mapping[str, Number], weights: Mapping[str, Number]) -> Number | None:
    """The mean of what is known, each by its weight; none where nothing weighs."""
    both = [(value, weights[key]) for key, value in values.items() if key in weights]
    weight = sum(each for _, each in both)
    return without_noise(sum(v * w for v, w in both) / weight) if weight > 0 else None


def _by_pair(rows: pd.DataFrame, values: pd.Series[float]) -> dict[Pair, Number]:
    keys = zip(rows["district"].tolist(), rows["indicator"].tolist(), strict=True)
    return dict(zip(keys, map(without_noise, values.tolist()), strict=True))
