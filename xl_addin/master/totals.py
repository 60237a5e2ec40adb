"""Totals, completion and variance, computed by pandas beside the formulas in the master.

An unknown is None here and a blank or an empty text in the master; it is never added up as 0, and
what was left out is told: months that are missing, districts that lack this month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.build.formulas import FormulaCell, Positions, figure_formulas, formula_sheets
from xl_addin.master.build.notes import note_text
from xl_addin.master.build.positions import find_positions, month_cell
from xl_addin.master.host.base import Change, Host
from xl_addin.master.indicator_totals import IndicatorTotals, difference, ratio, total_indicator
from xl_addin.master.page_values import (
    Courses,
    course_shown,
    months_texts,
    page_value,
    standing_cells,
)
from xl_addin.master.pair_totals import Pair, PairTotals, counted_text, other_gaps, total_pairs
from xl_addin.master.read.matrix import Matrix
from xl_addin.master.same_period import SamePeriod, compare_years
from xl_addin.master.standings import Standing, stand_districts
from xl_addin.master.sums import add_up, taken_over
from xl_addin.model.records import RATE, Number
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import BY_STANDING, Config, by_indicator
from xl_addin.model.sheets import (
    COMPARED_HEADINGS,
    CORRECTIONS_HEADING,
    COUNTED_KEY,
    GAPS_KEY,
    LACKING,
    MONTH_HEADINGS,
    NOT_APPLICABLE_MARK,
    OPENING_HEADING,
    STANDING_HEADINGS,
)
from xl_addin.store.year_figures import Years, group_figures, up_to
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value

if TYPE_CHECKING:
    from xl_addin.master.scoring import Score
    from xl_addin.store.ledger import FigureRow


class Totals(NamedTuple):
    """A month's totals, and by (district, indicator) what 本月完成 and 累计完成 show.

    A pair that is absent there is unknown; ``—`` is not applicable. ``pairs`` has every district with
    every indicator, ``standings`` the districts that report in the month. ``outside`` are pairs with
    figures that the programme does not list any more: they are in no sum. ``same_period`` compares each
    indicator with last year. ``courses`` are what each month had, ``remarks`` by district what it wrote
    beside its figures of the month; ``published_before`` whether ranks of an earlier month were published.
    ``scores`` are by district, none where nobody is scored; ``ranked_by`` is
    one of BY_STANDING and BY_SCORE.
    """

    month: str
    indicators: tuple[IndicatorTotals, ...]
    this_month: dict[Pair, Number | str]
    cumulative: dict[Pair, Number | str]
    pairs: dict[Pair, PairTotals]
    same_period: dict[str, SamePeriod]
    standings: tuple[Standing, ...]
    outside: tuple[Pair, ...] = ()
    courses: Mapping[Pair, Mapping[int, Number | str]] = MappingProxyType({})
    remarks: Mapping[str, Sequence[str]] = MappingProxyType({})
    published_before: bool = False
    scores: Mapping[str, Score] = MappingProxyType({})
    ranked_by: str = BY_STANDING


def compute_totals(
    figures: Years | Iterable[FigureRow],
    config: Config,
    month: str,
    published: Mapping[str, int] = MappingProxyType({}),
    remarks: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Totals:
    """The totals of a month from the counting figures of its year.

    ``published`` are the districts' ranks that were last published, ``remarks`` what they wrote.

    A figure is what its month added, or the state at its month's end: each is taken by the measure
    that it was reported under.
    """
    number = int(month[5:])
    every = up_to(figures if isinstance(figures, Mapping) else group_figures(figures), number)
    districts, indicators = (
        {each.code for each in listed} for listed in (config.districts, config.indicators)
    )
    outside = {pair for pair in every if pair[0] not in districts or pair[1] not in indicators}
    years = {pair: year for pair, year in every.items() if pair not in outside}
    gone = taken_over(years, config, number)
    sums = add_up(years, config, number, gone)
    this_month: dict[Pair, Number | str] = dict(sums.this_month)
    cumulative: dict[Pair, Number | str] = dict(sums.cumulative)
    cumulative |= dict.fromkeys(gone, NOT_APPLICABLE_MARK)
    for pair, year in years.items():
        if year.apart:
            cumulative.setdefault(pair, NOT_APPLICABLE_MARK)
        # Also a stock that is known, but not what it was before: reported, and no addition to show.
        if year.apart >> number & 1 or year.values[number - 1] is not None:
            this_month.setdefault(pair, NOT_APPLICABLE_MARK)
    pairs = {
        (each.district, each.indicator): each
        for each in total_pairs(years, sums.cumulative, config, number, gone)
    }
    totals = tuple(total_indicator(item, config, number, sums, pairs) for item in config.indicators)
    beside = compare_years(config, number, pairs)
    standings = stand_districts(pairs, years, config, month, published)
    return Totals(
        month,
        totals,
        this_month,
        cumulative,
        pairs,
        beside,
        standings,
        tuple(sorted(outside)),
        Courses(years, config),
        remarks,
        bool(published),
    )


def _formula_value(
    slot: FormulaCell, totals: Totals, config: Config, planned: Mapping[str, Number]
) -> Value:
    """What a formula cell comes to; an unknown is the empty text that the formula gives."""
    kind, district, code = slot.figure
    if kind == "note":
        opened = bool(config.openings)
        return note_text(
            code, totals.month, config.settings.behind, opened=opened, ranked_by=totals.ranked_by
        )
    value: Value
    if kind.startswith("page_"):
        value = page_value(kind.removeprefix("page_"), district, code, totals)
    elif kind == "progress_done":
        done: Mapping[Pair, Value] = totals.cumulative
        value = done.get((district, code)) if district else _line(totals, code).cumulative
    elif district:
        value = _pair_value(kind, totals.pairs[district, code])
    elif kind == "planned":
        value = planned.get(code)
    elif kind in SamePeriod._fields:
        value = getattr(totals.same_period[code], kind)
    else:
        value = _total_value(_PROGRESS.get(kind, kind), _line(totals, code))
    return "" if value is None else value


_PROGRESS = {"progress_target": "target", "progress_share": "completion"}


def _line(totals: Totals, code: str) -> IndicatorTotals:
    return next(line for line in totals.indicators if line.code == code)


def _planned(config: Config) -> dict[str, Number]:
    """What 任务表 comes to by indicator: the targets that the year began with."""
    rates = {item.code for item in config.indicators if item.measure == RATE}
    amounts = by_indicator(config.targets)
    return {code: without_noise(sum(of)) for code, of in amounts.items() if code not in rates}


def _pair_value(kind: str, found: PairTotals) -> Value:
    if kind == "progress_target":
        return found.target
    if kind in ("completion", "progress_share"):
        return ratio(found.cumulative, found.target)
    return difference(found.cumulative, found.target if kind == "difference" else found.due)


def _total_value(kind: str, found: IndicatorTotals) -> Value:
    if kind == "trend_completion":
        return ratio(found.trend_total, found.target)
    value: Value = getattr(found, kind)
    return value


def computed_cells(
    positions: Positions, totals: Totals, config: Config, sheet: str = ""
) -> dict[str, dict[Where, tuple[str, Value]]]:
    """Every formula cell, or those of one sheet, with its formula and what pandas says it comes to, by sheet."""
    found: dict[str, dict[Where, tuple[str, Value]]] = {}
    planned = _planned(config)
    for slot in figure_formulas(positions, sheet):
        value = _formula_value(slot, totals, config, planned)
        found.setdefault(slot.sheet, {})[slot.where] = (slot.formula, value)
    return found


def typed_cells(positions: Positions, totals: Totals) -> dict[str, dict[Where, Value]]:
    """Every plain cell that recompute owns, by sheet; None where the figure is unknown."""
    whole = _whole_cells(positions, totals)
    sheets = (matrix.sheet for matrix, _ in _matrices(positions, totals))
    return {
        sheet: {**_district_cells(positions, totals, sheet), **whole.get(sheet, {})}
        for sheet in dict.fromkeys((*sheets, *whole))
    }


def _matrices(
    positions: Positions, totals: Totals
) -> tuple[tuple[Matrix, Callable[[Pair], Value]], ...]:
    """The sheets that have a plain cell for each district and indicator, with what stands there."""
    pairs = totals.pairs
    return (
        (positions.month, totals.this_month.get),
        (positions.cumulative, totals.cumulative.get),
        (positions.plan, lambda pair: pairs[pair].target),
        (positions.due, lambda pair: pairs[pair].due),
        (positions.counted, lambda pair: counted_text(pairs[pair])),
        (positions.lights, lambda pair: pairs[pair].light or None),
        (positions.course, lambda pair: course_shown(totals.courses.get(pair, {}))),
    )


def _district_cells(positions: Positions, totals: Totals, sheet: str) -> dict[Where, Value]:
    return {
        (matrix.rows[district], matrix.columns[code]): value((district, code))
        for matrix, value in _matrices(positions, totals)
        if matrix.sheet == sheet
        for district in positions.districts
        for code in positions.codes
    }


def _whole_cells(positions: Positions, totals: Totals) -> dict[str, dict[Where, Value]]:
    """The plain cells of an indicator or a district as a whole, by sheet."""
    cells: dict[str, dict[Where, Value]] = {}
    for line in totals.indicators:
        mine = [totals.pairs[district, line.code] for district in positions.districts]
        for sheet, where, value in _line_cells(positions, line, other_gaps(mine)):
            cells.setdefault(sheet, {})[where] = value
        beside, row = totals.same_period[line.code], positions.summary.rows[line.code]
        for heading, value in zip(COMPARED_HEADINGS, beside, strict=False):
            cells[positions.summary.sheet][row, positions.summary.columns[heading]] = value
    cells.setdefault(positions.cumulative.sheet, {}).update(_gap_cells(positions, totals))
    cells.setdefault(positions.progress.sheet, {}).update(_standing_cells(positions, totals))
    return cells


def _standing_cells(positions: Positions, totals: Totals) -> Iterator[tuple[Where, Value]]:
    """What 进度表 says of each district as a whole."""
    matrix = positions.progress
    standings = {each.code: each for each in totals.standings}
    for district in positions.districts:
        values = standing_cells(totals, standings.get(district), district)
        for heading, value in zip(STANDING_HEADINGS, values, strict=True):
            yield (matrix.rows[district], matrix.columns[heading]), value


def _line_cells(
    positions: Positions, line: IndicatorTotals, gaps: Sequence[str]
) -> Iterator[tuple[str, Where, Value]]:
    """The cells of one indicator that are of the whole; ``gaps`` is what it lacks besides months."""
    lacking = line.months_expected - line.months_counted
    lost = [*([str(lacking)] if lacking else []), *gaps]
    months = None
    if line.months_expected or lost:
        counted = f"{line.months_counted}/{line.months_expected}"
        months = " ".join([counted, *(f"{LACKING}{what}" for what in lost)])
    for matrix, value in (
        (positions.plan, line.target),
        (positions.due, line.due),
        (positions.counted, months),
        (positions.lights, line.light or None),
    ):
        yield matrix.sheet, (matrix.total_row, matrix.columns[line.code]), value
    for matrix, heading, value in (
        (positions.summary, "序时进度", line.time_progress),
        (positions.trend, OPENING_HEADING, line.opening),
        (positions.trend, CORRECTIONS_HEADING, line.corrections),
        *((positions.trend, *each) for each in zip(MONTH_HEADINGS, line.trend, strict=True)),
    ):
        yield matrix.sheet, (matrix.rows[line.code], matrix.columns[heading]), value


def _gap_cells(positions: Positions, totals: Totals) -> Iterator[tuple[Where, Value]]:
    """What 累计完成 says of each district's months: the indicator that lacks most speaks for it."""
    matrix = positions.cumulative
    counted_at, gaps_at = matrix.columns[COUNTED_KEY], matrix.columns[GAPS_KEY]
    most = [0, 0]
    lacking = 0
    for district in positions.districts:
        mine = [totals.pairs[district, code] for code in positions.codes]
        counted, lost = months_texts(mine)
        row = matrix.rows[district]
        yield (row, counted_at), counted
        yield (row, gaps_at), lost
        have, expected = map(int, counted.split("/")) if counted else (0, 0)
        most = [most[0] + have, most[1] + expected]
        lacking += bool(lost)
    yield (matrix.total_row, counted_at), f"{most[0]}/{most[1]}" if most[1] else None
    yield (matrix.total_row, gaps_at), f"{lacking} 个区县不全" if lacking else None


def master_changes(totals: Totals, config: Config, host: Host) -> Iterable[Change]:
    """What the sheets of figures become. Refused at once when a place is gone."""
    return _SheetChanges(totals, config, find_positions(host, config), month_cell(host))


class _SheetChanges(Iterable[Change]):
    """Each sheet's when it is asked for: all together are gigabytes of a large programme."""

    def __init__(
        self, totals: Totals, config: Config, positions: Positions, month: tuple[str, Where]
    ) -> None:
        self._totals, self._config, self._positions = totals, config, positions
        self._month = month

    def __iter__(self) -> Iterator[Change]:
        """One sheet after the other."""
        totals, positions = self._totals, self._positions
        whole = _whole_cells(positions, totals)
        sheet, where = self._month
        whole.setdefault(sheet, {})[where] = totals.month
        sheets = (matrix.sheet for matrix, _ in _matrices(positions, totals))
        for name in dict.fromkeys((*sheets, *whole, *formula_sheets(positions))):
            values = {**_district_cells(positions, totals, name), **whole.get(name, {})}
            computed = computed_cells(positions, totals, self._config, name)
            yield Change(name, values, computed.get(name, {}))
