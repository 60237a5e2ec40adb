"""What a figure of the totals is made of, one after the other, without pandas: a click waits for it.

The rules are those of ``sums``; tests hold every figure of a year against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xl_addin.master.sums import OPENING, taken_over
from xl_addin.model.records import RATE, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.store.year_figures import Pair, Years, months_in
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

    ``years`` are the counting figures of the year; of later months they may have some.
    """

    def __init__(self, years: Years, config: Config, number: int) -> None:
        self._years, self._number = years, number
        self._rates = {item.code for item in config.indicators if item.measure == RATE}
        self._first = config.settings.first_month
        self._opened = config.openings if self._first <= number else {}
        self.gone: Mapping[Pair, int] = taken_over(years, config, number)

    def cumulative(self, pair: Pair, at: int) -> list[Part]:
        """The parts of what a pair has reached by the end of a month."""
        parts = self._add_up(pair, self._known(pair, at))
        if at > self.gone.get(pair, 12):
            return [part._replace(counts=False) for part in parts]
        return parts

    def of_month(self, pair: Pair, at: int) -> list[Part]:
        """The parts of what a month added; none where it is not known.

        Of a state it is that state less what was there before.
        """
        known = self._known(pair, at)
        if not known or known[-1].month != at:
            return []
        now, before = known[-1], known[:-1]
        if self._adds(pair, now) or pair[1] in self._rates:
            return [] if now.value is None else [Part(at, now.value)]
        if not before:
            return []
        less = [
            each._replace(value=-each.value) for each in self._add_up(pair, before) if each.counts
        ]
        return [*less, *(each for each in self._add_up(pair, known) if each.counts)]

    def _known(self, pair: Pair, at: int) -> list[_Known]:
        """What is known of a pair by the end of a month; an opening is a state of the month OPENING."""
        opened = pair in self._opened
        found = [_Known(OPENING, self._opened[pair], None, is_state=True)] if opened else []
        year = self._years.get(pair)
        if year is None:
            return found
        known = year.numbers | year.given
        found += [
            _Known(
                month,
                year.values[month - 1],
                year.stated.get(month),
                bool(year.states >> month & 1),
            )
            # What came before an opening is in it.
            for month in months_in(known)
            if month <= min(at, self._number) and (month >= self._first or not opened)
        ]
        return found

    def _adds(self, pair: Pair, known: _Known) -> bool:
        return not known.is_state and pair[1] not in self._rates

    def _add_up(self, pair: Pair, known: Sequence[_Known]) -> list[Part]:
        parts: list[Part] = []
        for each in known:
            if not self._adds(pair, each):
                parts = [part._replace(counts=False) for part in parts]
            if each.value is not None:
                parts.append(Part(each.month, each.value))
            if each.stated is not None:
                beyond = without_noise(each.stated - (sum_of(parts) or 0))
                if beyond or each.value is None:
                    parts.append(Part(each.month, beyond, correction=True))
        return parts


class _Known(NamedTuple):
    """What a month had: its figure, the year's as the district stated it, and whether the figure is a state."""

    month: int
    value: Number | None
    stated: Number | None
    is_state: bool
