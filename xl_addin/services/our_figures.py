"""Our figures as another office's are held against them: out of the ledger, without pandas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xl_addin.master.pair_totals import Pair, PairTotals, month_names, total_pairs
from xl_addin.master.parts import Part, YearParts, sum_of
from xl_addin.master.sums import OPENING
from xl_addin.model.comparison import CUMULATIVE, Ours
from xl_addin.model.settings import Config
from xl_addin.model.sheets import OPENING_HEADING
from xl_addin.store.comparisons import ReceiptPlace, counting_places
from xl_addin.store.ledger import Ledger
from xl_addin.store.year_figures import NOTHING_CAME, Years, read_years, up_to
from xl_addin.system.light import NamedTuple


class _Month(NamedTuple):
    """The year as it stands at a month."""

    years: Years
    parts: YearParts
    pairs: dict[Pair, PairTotals]


class OurFigures:
    """What the sheets of figures show, for any month; each month is added up when first asked for.

    ``years`` are the counting figures of the year, ``places`` by pair the cells that they stand in.
    """

    def __init__(
        self, years: Years, places: Mapping[Pair, Sequence[ReceiptPlace]], config: Config
    ) -> None:
        self._config, self._years, self._places = config, years, places
        self._months: dict[int, _Month] = {}

    @classmethod
    def of_ledger(
        cls, ledger: Ledger, config: Config, indicators: Collection[str] = ()
    ) -> OurFigures:
        """Those of the year, or of some indicators alone."""
        last = f"{config.settings.year}-12"
        if indicators:
            wanted = (item for item in config.indicators if item.code in indicators)
            config = config._replace(indicators=tuple(wanted))
        years = read_years(ledger, last, indicators)
        return cls(years, counting_places(ledger, last, indicators), config)

    def _month(self, number: int) -> _Month:
        if number not in self._months:
            self._months[number] = self._add_up(number)
        return self._months[number]

    def _add_up(self, number: int) -> _Month:
        config, years = self._config, up_to(self._years, number)
        parts = YearParts(years, config, number)
        every = [(d.code, i.code) for d in config.districts for i in config.indicators]
        sums = {pair: sum_of(parts.cumulative(pair, number)) for pair in every}
        known = {pair: value for pair, value in sums.items() if value is not None}
        pairs = {
            (each.district, each.indicator): each
            for each in total_pairs(years, known, config, number, parts.gone)
        }
        return _Month(years, parts, pairs)

    def figure(self, pair: Pair, period: str, as_of: int) -> Ours:
        """A pair's figure by the end of a month, or of that month alone."""
        month = self._month(as_of)
        found, year = month.pairs[pair], month.years.get(pair, NOTHING_CAME)
        value = sum_of(self._parts(pair, period, as_of))
        if period != CUMULATIVE:
            missing = as_of in found.months_missing
            lacking = f"缺{as_of}月" if missing else ""
            known = bool((year.apart | year.numbers) >> as_of & 1)
            return Ours(value, value is None and known, lacking, "0/1" if missing else "1/1")
        lacking = f"缺{month_names(found.months_missing)}" if found.months_missing else ""
        if found.opening_missing:
            lacking += f"{'、' if lacking else '缺'}{OPENING_HEADING}"
        counted = f"{found.months_counted}/{len(found.months_expected)}"
        apart = bool(year.apart) or as_of > month.parts.gone.get(pair, 12)
        return Ours(value, value is None and apart, lacking, counted)

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
