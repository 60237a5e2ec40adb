"""A finished year's cumulatives by month, for the year after to compare with."""

from __future__ import annotations

from xl_addin.master.totals import compute_totals
from xl_addin.model.records import Number
from xl_addin.model.settings import Config
from xl_addin.store.ledger import Ledger
from xl_addin.store.year_figures import read_years

Cumulatives = dict[tuple[str, str], tuple[Number | None, ...]]


def cumulatives_by_month(ledger: Ledger, config: Config) -> Cumulatives:
    """Twelve cumulatives by (district, indicator), None where a month is missing in one.

    Of a year's sum that lacks a month nobody can say how much it lacks: it is not compared with.
    """
    year = config.settings.year
    figures = read_years(ledger, f"{year}-12")
    found: dict[tuple[str, str], list[Number | None]] = {}
    for month in range(1, 13):
        for pair, total in compute_totals(figures, config, f"{year}-{month:02d}").pairs.items():
            if total.cumulative is not None and total.has_whole_year:
                found.setdefault(pair, [None] * 12)[month - 1] = total.cumulative
    return {pair: tuple(months) for pair, months in found.items()}
