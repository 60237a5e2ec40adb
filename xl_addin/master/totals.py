"""Totals, completion and variance, computed by pandas beside the formulas in the master.

An unknown is None here and a blank or an empty text in the master; it is never added up as 0, and
``districts_missing`` says how many were left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from xl_addin.master.build.formulas import FormulaCell, Positions, figure_formulas
from xl_addin.master.build.notes import note_text
from xl_addin.master.build.positions import find_positions, month_cell
from xl_addin.master.host.base import Change, Host
from xl_addin.model.records import NOT_APPLICABLE, NUMBER, STOCK, Indicator, Number
from xl_addin.model.settings import Config
from xl_addin.model.sheets import MONTH_HEADINGS, NOT_APPLICABLE_MARK
from xl_addin.store.ledger import FigureRow
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import round_noise

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd

Pair = tuple[str, str]


class IndicatorTotals(NamedTuple):
    """One indicator over all districts.

    ``completion`` and ``time_progress`` are shares of 1, ``lead`` is in percentage points.
    ``districts_missing`` counts the districts whose figure of this month is unknown. ``trend`` has
    twelve values: what a month added (flow) or the state at its end (stock); ``trend_total`` is what
    they come to.
    """

    code: str
    label: str
    unit: str
    target: Number | None
    published: Number | None
    goal: Number | None
    this_month: Number | None
    cumulative: Number | None
    completion: float | None
    time_progress: float
    lead: float | None
    difference: Number | None
    districts_missing: int
    trend: tuple[Number | None, ...]
    trend_total: Number | None


class Totals(NamedTuple):
    """A month's totals, and by (district, indicator) what 本月完成 and 累计完成 show.

    A pair that is absent is unknown; ``—`` is not applicable. ``outside`` are pairs with figures
    that the programme does not list any more: they are in no sum.
    """

    month: str
    indicators: tuple[IndicatorTotals, ...]
    this_month: dict[Pair, Number | str]
    cumulative: dict[Pair, Number | str]
    outside: tuple[Pair, ...] = ()


class _Sums(NamedTuple):
    """What pandas adds up: per pair for the month, per indicator, per (indicator, month)."""

    this_month: dict[Pair, Number]
    cumulative: dict[Pair, Number]
    month_totals: dict[str, Number]
    cumulative_totals: dict[str, Number]
    trend: dict[tuple[str, int], Number]


_NOTHING = _Sums({}, {}, {}, {}, {})


def compute_totals(figures: Iterable[FigureRow], config: Config, month: str) -> Totals:
    """The totals of a month from the counting figures of its year up to it.

    A flow figure is what its month added; a stock figure is the state at its month's end. Each
    figure is taken by the measure that it was reported under.
    """
    number = int(month[5:])
    listed = {(d.code, i.code) for d in config.districts for i in config.indicators}
    rows: list[FigureRow] = []
    outside: set[Pair] = set()
    for row in figures:
        pair = (row.district, row.indicator)
        if row.month <= number:
            (rows.append(row) if pair in listed else outside.add(pair))
    known = [row for row in rows if row.state == NUMBER and row.value is not None]
    stocks = {item.code for item in config.indicators if item.measure == STOCK}
    sums = _add_up(known, number, stocks) if known else _NOTHING
    this_month: dict[Pair, Number | str] = dict(sums.this_month)
    cumulative: dict[Pair, Number | str] = dict(sums.cumulative)
    for row in rows:
        if row.state == NOT_APPLICABLE:
            pair = (row.district, row.indicator)
            cumulative.setdefault(pair, NOT_APPLICABLE_MARK)
        # Also a stock that is known, but not what it was before: reported, and no addition to show.
        if row.month == number and row.state in (NOT_APPLICABLE, NUMBER):
            this_month.setdefault((row.district, row.indicator), NOT_APPLICABLE_MARK)
    totals = tuple(_indicator(item, config, number, sums, this_month) for item in config.indicators)
    return Totals(month, totals, this_month, cumulative, tuple(sorted(outside)))


def _indicator(
    item: Indicator, config: Config, number: int, sums: _Sums, this_month: Mapping[Pair, object]
) -> IndicatorTotals:
    code, elapsed = item.code, number / 12
    planned = [v for (_, target_of), v in config.targets.items() if target_of == code]
    target = round_noise(sum(planned)) if planned else None
    cumulative = sums.cumulative_totals.get(code)
    completion = ratio(cumulative, target)
    trend = tuple(sums.trend.get((code, n)) for n in range(1, 13))
    missing = sum((district.code, code) not in this_month for district in config.districts)
    return IndicatorTotals(
        code,
        item.label,
        item.unit,
        target,
        config.published.get(code),
        item.goal,
        sums.month_totals.get(code),
        cumulative,
        completion,
        elapsed,
        None if completion is None else (completion - elapsed) * 100,
        difference(cumulative, target),
        missing,
        trend,
        _trend_total(item, trend, number),
    )


def _trend_total(item: Indicator, trend: Sequence[Number | None], number: int) -> Number | None:
    if item.measure == STOCK:
        return trend[number - 1]
    known = [value for value in trend[:number] if value is not None]
    return round_noise(sum(known)) if known else None


def ratio(part: object, whole: object) -> float | None:
    """The share part/whole as the formulas have it: unknown where the part is, or the whole not above 0."""
    if isinstance(part, int | float) and isinstance(whole, int | float) and whole > 0:
        return part / whole
    return None


def difference(one: object, other: object) -> Number | None:
    """The difference, unknown where either is."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return round_noise(one - other)
    return None


def _add_up(known: list[FigureRow], number: int, stocks: set[str]) -> _Sums:
    import pandas as pd

    data = pd.DataFrame(known, columns=list(FigureRow._fields))
    data["value"] = data["value"].astype("float64")
    data = data.sort_values(["district", "indicator", "month"], kind="stable")
    pair = [data["district"], data["indicator"]]
    stock = data["measure"] == STOCK
    # Every stock figure starts anew from the state it reports; flow figures add to what is there.
    era = stock.groupby(pair).cumsum()
    data["cumulative"] = data["value"].groupby([*pair, era]).cumsum()
    before = data["cumulative"].groupby(pair).shift()
    data["added"] = data["value"].where(~stock, data["cumulative"] - before)
    latest = data.groupby(["district", "indicator"])["cumulative"].last()
    now = data[(data["month"] == number) & data["added"].notna()]
    return _Sums(
        _plain_numbers(now.set_index(["district", "indicator"])["added"]),
        _plain_numbers(latest),
        _plain_numbers(now.groupby("indicator")["added"].sum()),
        _plain_numbers(latest.groupby("indicator").sum()),
        _trend(data, number, stocks),
    )


def _trend(data: pd.DataFrame, number: int, stocks: set[str]) -> dict[tuple[str, int], Number]:
    """Per month what was added, or for a stock the sum of the last known states."""
    is_stock = data["indicator"].isin(stocks)
    added = data[~is_stock].groupby(["indicator", "month"])["added"].sum(min_count=1)
    found: dict[Any, float] = dict(added.items())
    if is_stock.any():
        states = data[is_stock].pivot_table(
            index=["district", "indicator"], columns="month", values="cumulative"
        )
        states = states.reindex(columns=range(1, number + 1)).ffill(axis=1)
        sums = states.groupby(level="indicator").sum(min_count=1).to_dict("index")
        found |= {(code, at): value for code, row in sums.items() for at, value in row.items()}
    return {key: round_noise(value) for key, value in found.items() if not math.isnan(value)}


def _plain_numbers(series: pd.Series[float]) -> dict[Any, Number]:
    return {key: round_noise(float(value)) for key, value in series.items()}


def formula_value(slot: FormulaCell, totals: Totals, config: Config) -> Value:
    """What a formula cell comes to; an unknown is the empty text that the formula gives."""
    kind, district, code = slot.figure
    if kind == "note":
        return note_text(code, totals.month, config.settings.behind)
    value: Value
    if district:
        actual, target = (
            totals.cumulative.get((district, code)),
            config.targets.get((district, code)),
        )
        value = ratio(actual, target) if kind == "completion" else difference(actual, target)
    else:
        value = _total_value(kind, next(t for t in totals.indicators if t.code == code))
    return "" if value is None else value


def _total_value(kind: str, found: IndicatorTotals) -> Value:
    if kind == "trend_total":
        return found.trend_total
    if kind == "trend_completion":
        return ratio(found.trend_total, found.target)
    value: Value = getattr(found, kind)
    return value


def computed_cells(
    positions: Positions, totals: Totals, config: Config
) -> dict[str, dict[Where, tuple[str, Value]]]:
    """Every formula cell with its formula and what pandas says it comes to, by sheet."""
    found: dict[str, dict[Where, tuple[str, Value]]] = {}
    for slot in figure_formulas(positions):
        value = formula_value(slot, totals, config)
        found.setdefault(slot.sheet, {})[slot.where] = (slot.formula, value)
    return found


def typed_cells(positions: Positions, totals: Totals) -> dict[str, dict[Where, Value]]:
    """Every plain cell that recompute owns, by sheet; None where the figure is unknown."""
    month, cumulative, trend = positions.month, positions.cumulative, positions.trend
    cells: dict[str, dict[Where, Value]] = {month.sheet: {}, cumulative.sheet: {}, trend.sheet: {}}
    for district in positions.districts:
        for code in positions.codes:
            for matrix, values in ((month, totals.this_month), (cumulative, totals.cumulative)):
                where = (matrix.rows[district], matrix.columns[code])
                cells[matrix.sheet][where] = values.get((district, code))
    for found in totals.indicators:
        for heading, value in zip(MONTH_HEADINGS, found.trend, strict=True):
            cells[trend.sheet][trend.rows[found.code], trend.columns[heading]] = value
    return cells


def master_changes(totals: Totals, config: Config, host: Host) -> list[Change]:
    """What 本月完成, 累计完成, 汇总, 完成率, 差异 and 逐月 become. Refused when a place is gone."""
    positions = find_positions(host, config)
    sheet, where = month_cell(host)
    typed = typed_cells(positions, totals)
    typed.setdefault(sheet, {})[where] = totals.month
    computed = computed_cells(positions, totals, config)
    return [
        Change(name, typed.get(name, {}), computed.get(name, {}))
        for name in dict.fromkeys((*typed, *computed))
    ]
