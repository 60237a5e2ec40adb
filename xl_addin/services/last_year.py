"""A finished year's cumulatives by month, for the year after to compare with."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.totals import compute_totals
from xl_addin.model.records import NOT_APPLICABLE, NUMBER, Number
from xl_addin.model.schedule import expected_months, missing_months
from xl_addin.model.settings import Config
from xl_addin.store.ledger import FigureRow, Ledger

Cumulatives = dict[tuple[str, str], tuple[Number | None, ...]]


def cumulatives_by_month(ledger: Ledger, config: Config) -> Cumulatives:
    """Twelve cumulatives by (district, indicator), None where a month is missing in one.

    Of a year's sum that lacks a month nobody can say how much it lacks: it is not compared with.
    """
    figures = list(ledger.figures(f"{config.settings.year}-12"))
    found: dict[tuple[str, str], list[Number | None]] = {}
    for month in range(1, 13):
        totals = compute_totals(figures, config, f"{config.settings.year}-{month:02d}")
        whole = _complete_pairs(figures, config, month)
        for pair, value in totals.cumulative.items():
            if pair in whole and not isinstance(value, str):
                found.setdefault(pair, [None] * 12)[month - 1] = value
    return {pair: tuple(months) for pair, months in sorted(found.items())}


def _complete_pairs(
    figures: Sequence[FigureRow], config: Config, month: int
) -> set[tuple[str, str]]:
    """The pairs whose cumulative at a month's end lacks no month, nor what came before the first."""
    counted: dict[tuple[str, str], set[int]] = {}
    for row in figures:
        if row.month <= month and row.state in (NUMBER, NOT_APPLICABLE):
            counted.setdefault((row.district, row.indicator), set()).add(row.month)
    first = config.settings.first_month
    return {
        (district.code, item.code)
        for district in config.districts
        for item in config.indicators
        if (months := counted.get((district.code, item.code)))
        and not missing_months(item, expected_months(month, first, district, item), months)
    }
