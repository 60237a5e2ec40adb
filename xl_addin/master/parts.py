"""What a figure of the totals is made of, one after the other, without pandas: a click waits for it.

The rules are those of ``sums``; tests hold every figure of a year against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xl_addin.master.sums import OPENING, taken_over
from xl_addin.model.records import ADDED_UP, NUMBER, RATE, STOCK, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.store.ledger import FigureRow
from xl_addin.store.year_figures import Pair, group_figures
from xl_addin.system.light import NamedTuple


class Part(NamedTuple):
    """One summand. ``month`` is OPENING for what came before the first month.

    One that does not ``count`` is in a later state. A ``correction`` is what the district stated for
    the year beyond what it had reported.
    """

    month: int
    value: Number
    counts: bool = True
    correction: bool = False


def sum_of(parts: Iterable[Part]) -> Number | None:
    """What parts come to; None where none counts."""
    values = [part.value for part in parts if part.counts]
    return without_noise(sum(values)) if values else None


class YearParts:
    """What the figures of a year are made of, as they stand at a month (``number``, 1 to 12).

    ``rows`` are the counting figures of the year.
    """

    def __init__(self, rows: Iterable[FigureRow], config: Config, number: int) -> None:
        listed = {(d.code, i.code) for d in config.districts for i in config.indicators}
        mine = [r for r in rows if r.month <= number and (r.district, r.indicator) in listed]
        self._rates = {item.code for item in config.indicators if item.measure == RATE}
        ended = config.handed_over(number)  # mostly none, and then nothing needs to be grouped
        self.gone: Mapping[Pair, int] = (
            taken_over(group_figures(mine), config, number) if ended else {}
        )
        self._known: dict[Pair, list[FigureRow]] = {}
        for row in sorted(_known_figures(mine, config, number), key=lambda row: row.month):
            self._known.setdefault((row.district, row.indicator), []).append(row)

    def cumulative(self, pair: Pair, at: int) -> list[Part]:
        """The parts of what a pair has reached by the end of a month."""
        parts = self._add_up([row for row in self._known.get(pair, ()) if row.month <= at])
        if at > self.gone.get(pair, 12):
            return [part._replace(counts=False) for part in parts]
        return parts

    def of_month(self, pair: Pair, at: int) -> list[Part]:
        """The parts of what a month added; none where it is not known.

        Of a state it is that state less what was there before.
        """
        known = [row for row in self._known.get(pair, ()) if row.month <= at]
        if not known or known[-1].month != at:
            return []
        now, before = known[-1], known[:-1]
        if self._adds(now) or now.indicator in self._rates:
            return [] if now.value is None else [Part(at, now.value)]
        if not before:
            return []
        less = [each._replace(value=-each.value) for each in self._add_up(before) if each.counts]
        return [*less, *(each for each in self._add_up(known) if each.counts)]

    def _adds(self, row: FigureRow) -> bool:
        return row.measure in ADDED_UP and row.indicator not in self._rates

    def _add_up(self, rows: Sequence[FigureRow]) -> list[Part]:
        parts: list[Part] = []
        for row in rows:
            if not self._adds(row):
                parts = [part._replace(counts=False) for part in parts]
            if row.value is not None:
                parts.append(Part(row.month, row.value))
            if row.stated is not None:
                beyond = without_noise(row.stated - (sum_of(parts) or 0))
                if beyond or row.value is None:
                    parts.append(Part(row.month, beyond, correction=True))
        return parts


def _known_figures(rows: Iterable[FigureRow], config: Config, number: int) -> list[FigureRow]:
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
