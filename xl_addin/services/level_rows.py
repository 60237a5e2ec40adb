"""A month's figures as they go to the level above: what the sheets show, unit by unit, and of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.master.indicator_totals import IndicatorTotals
from xl_addin.master.pair_totals import PairTotals
from xl_addin.master.totals import Totals
from xl_addin.model.levels import APART, LACKING, NOT_ASKED, VALUE, LevelRow
from xl_addin.model.records import Indicator, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.services.month_totals import month_totals
from xl_addin.store.ledger import Ledger

Receipts = Mapping[str, tuple[str, int]]


def month_rows(ledger: Ledger, config: Config, month: str) -> list[LevelRow]:
    """The rows of a month, for the indicators that are reported in it or were before."""
    totals = month_totals(ledger, config, month)
    return list(rows_of(totals, config, ledger.counting_receipts(month)))


def rows_of(totals: Totals, config: Config, receipts: Receipts) -> Iterator[LevelRow]:
    """The rows of totals that are computed; ``receipts`` are by unit the return that counts."""
    number = int(totals.month[5:])
    lines = {line.code: line for line in totals.indicators}
    begun = [item for item in config.indicators if item.since <= number]
    for item in begun:
        mine = [totals.pairs[each.code, item.code] for each in config.districts]
        for unit, pair in zip(config.districts, mine, strict=True):
            shown = totals.this_month.get((unit.code, item.code))
            yield _unit_row(totals.month, unit.name, item, pair, shown, receipts)
        yield _whole_row(totals.month, item, lines[item.code], mine)


def _unit_row(
    month: str,
    name: str,
    item: Indicator,
    pair: PairTotals,
    shown: Number | str | None,
    receipts: Receipts,
) -> LevelRow:
    number = int(month[5:])
    state = (
        VALUE
        if isinstance(shown, int | float)
        else LACKING
        if number in pair.months_missing
        else APART
        if shown is not None
        else NOT_ASKED
    )
    return LevelRow(
        month,
        pair.district,
        name,
        item.code,
        item.label,
        item.unit,
        item.measure,
        item.whole,
        item.weight,
        state,
        shown if isinstance(shown, int | float) else None,
        pair.cumulative,
        pair.target,
        pair.due,
        None if pair.accrued is None else without_noise(pair.accrued),
        None,
        None,
        len(pair.months_expected),
        pair.months_counted,
        ",".join(map(str, pair.months_missing)),
        pair.opening_missing,
        pair.weight_missing,
        *receipts.get(pair.district, ("", 0)),
    )


def _whole_row(
    month: str, item: Indicator, line: IndicatorTotals, mine: list[PairTotals]
) -> LevelRow:
    missing = sorted({each for pair in mine for each in pair.months_missing})
    lacking = line.districts_missing or line.this_month is None
    accrued = [each.accrued for each in mine if each.accrued is not None]
    return LevelRow(
        month,
        "",
        "",
        item.code,
        item.label,
        item.unit,
        item.measure,
        item.whole,
        item.weight,
        LACKING if line.districts_missing else NOT_ASKED if lacking else VALUE,
        None if lacking else line.this_month,
        line.cumulative,
        line.target,
        line.due,
        without_noise(sum(accrued)) if accrued else None,
        line.opening,
        line.corrections,
        line.months_expected,
        line.months_counted,
        ",".join(map(str, missing)),
        any(pair.opening_missing for pair in mine),
        any(pair.weight_missing for pair in mine),
        "",
        0,
    )
