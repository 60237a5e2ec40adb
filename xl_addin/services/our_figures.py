"""Our figures as another office's are held against them: out of the ledger, without pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xl_addin.master.pair_totals import Pair, PairTotals, month_names, total_pairs
from xl_addin.master.parts import Part, YearParts, sum_of
from xl_addin.master.sums import OPENING
from xl_addin.model.comparison import CUMULATIVE, Ours
from xl_addin.model.records import NOT_APPLICABLE, NUMBER
from xl_addin.model.settings import Config
from xl_addin.model.sheets import OPENING_HEADING
from xl_addin.store.comparisons import ReceiptPlace, counting_places
from xl_addin.store.ledger import FigureRow, Ledger
from xl_addin.store.year_figures import group_figures
from xl_addin.system.light import NamedTuple


class _Month(NamedTuple):
    """The year as it stands at a month."""

    parts: YearParts
    pairs: dict[Pair, PairTotals]
    not_applicable: set[Pair]
    known: set[Pair]


class OurFigures:
    """What the sheets of figures show, for any month; each month is added up when first asked for.

    ``rows`` are the counting figures of the year, ``places`` by pair the cells that they stand in.
    """

    def __init__(
        self,
        rows: Iterable[FigureRow],
        places: Mapping[Pair, Sequence[ReceiptPlace]],
        config: Config,
    ) -> None:
        self._config = config
        listed = {(d.code, i.code) for d in config.districts for i in config.indicators}
        self._rows = [row for row in rows if _pair(row) in listed]
        self._places = places
        self._months: dict[int, _Month] = {}

    @classmethod
    def of_ledger(cls, ledger: Ledger, config: Config) -> OurFigures:
        """Those of the year."""
        first, last = f"{config.settings.year}-01", f"{config.settings.year}-12"
        return cls(ledger.figures(last), counting_places(ledger, first, last), config)

    def _month(self, number: int) -> _Month:
        if number not in self._months:
            self._months[number] = self._add_up(number)
        return self._months[number]

    def _add_up(self, number: int) -> _Month:
        rows = [row for row in self._rows if row.month <= number]
        parts = YearParts(rows, self._config, number)
        config = self._config
        every = [(d.code, i.code) for d in config.districts for i in config.indicators]
        sums = {pair: sum_of(parts.cumulative(pair, number)) for pair in every}
        known = {pair: value for pair, value in sums.items() if value is not None}
        pairs = {
            (each.district, each.indicator): each
            for each in total_pairs(group_figures(rows), known, config, number, parts.gone)
        }
        apart = {(r.district, r.indicator) for r in rows if r.state == NOT_APPLICABLE}
        month = {
            _pair(r) for r in rows if r.month == number and r.state in (NOT_APPLICABLE, NUMBER)
        }
        gone = {pair for pair, last in parts.gone.items() if number > last}
        return _Month(parts, pairs, apart | gone, month)

    def figure(self, pair: Pair, period: str, as_of: int) -> Ours:
        """A pair's figure by the end of a month, or of that month alone."""
        month = self._month(as_of)
        value = sum_of(self._parts(pair, period, as_of))
        if period != CUMULATIVE:
            missing = as_of in month.pairs[pair].months_missing
            lacking = f"缺{as_of}月" if missing else ""
            return Ours(
                value, value is None and pair in month.known, lacking, "0/1" if missing else "1/1"
            )
        found = month.pairs[pair]
        lacking = f"缺{month_names(found.months_missing)}" if found.months_missing else ""
        if found.opening_missing:
            lacking += f"{'、' if lacking else '缺'}{OPENING_HEADING}"
        counted = f"{found.months_counted}/{len(found.months_expected)}"
        return Ours(value, value is None and pair in month.not_applicable, lacking, counted)

    def _parts(self, pair: Pair, period: str, as_of: int) -> list[Part]:
        parts = self._month(as_of).parts
        return (
            parts.cumulative(pair, as_of) if period == CUMULATIVE else parts.of_month(pair, as_of)
        )

    def trail(self, pair: Pair, period: str, as_of: int) -> tuple[ReceiptPlace, ...]:
        """The cells of returns that a figure is made of, month by month."""
        counting = {part.month for part in self._parts(pair, period, as_of) if part.counts}
        found = [e for e in self._places.get(pair, ()) if int(e.month[5:]) in counting]
        if OPENING in counting:
            value = self._config.openings.get(pair)
            found.insert(0, ReceiptPlace(OPENING_HEADING, 0, "", OPENING_HEADING, "", value))
        return tuple(found)


def _pair(row: FigureRow) -> Pair:
    return row.district, row.indicator
