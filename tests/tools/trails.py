"""Every figure that a trail can be asked for, with what the totals say it is."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.totals import Totals
from xl_addin.model.records import ADDED_UP, RATE, Number
from xl_addin.model.settings import Config
from xl_addin.services.trail import MONTH, TARGET, YEAR, Question


def figures_of(totals: Totals, config: Config) -> Iterator[tuple[Question, Number | None]]:
    """Of a month's totals: every district's figures, those of the whole, and the course of the year."""
    number = int(totals.month[5:])

    def ask(what: str, district: str, code: str, month: int = number) -> Question:
        return Question(what, district, code, month, number)

    def known(value: Number | str | None) -> Number | None:
        return None if isinstance(value, str) else value

    for pair, each in totals.pairs.items():
        yield ask(YEAR, *pair), each.cumulative
        yield ask(MONTH, *pair), known(totals.this_month.get(pair))
        yield ask(TARGET, *pair), each.target
    for line, item in zip(totals.indicators, config.indicators, strict=True):
        yield ask(YEAR, "", line.code), line.cumulative
        yield ask(MONTH, "", line.code), line.this_month
        if item.measure != RATE:
            yield ask(TARGET, "", line.code), line.target
        for month, value in enumerate(line.trend[:number], 1):
            yield ask(MONTH if item.measure in ADDED_UP else YEAR, "", line.code, month), value
