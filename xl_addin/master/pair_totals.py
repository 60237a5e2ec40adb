"""A district's year with an indicator: which months are in its cumulative, what is due, which light."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from xl_addin.model.lights import GREY, NO_LIGHT, judge_light
from xl_addin.model.records import ADDED_UP, RATE, District, Indicator, Number
from xl_addin.model.schedule import (
    due_amount,
    expected_months,
    missing_months,
    share_of_months,
    without_noise,
)
from xl_addin.model.settings import PRO_RATA, UNRANKED, Config, Transfers
from xl_addin.model.sheets import LACKING, OPENING_HEADING, SEPARATOR, TO, WEIGHT_GAP
from xl_addin.store.year_figures import NOTHING_CAME, PairYear, Years, months_in
from xl_addin.system.light import NamedTuple

Pair = tuple[str, str]


class PairTotals(NamedTuple):
    """A district and an indicator at a month's end. None is unknown, or that there is no target.

    ``months_expected`` are those that the district had to report the indicator for. Of these
    ``months_missing`` are not in ``cumulative``; ``months_filled`` never came, but a year's figure
    that the district stated later has them. ``opening_missing`` says that nobody knows what had been
    reached before the first month. ``weight_missing`` says of a rate that is known that what it is
    weighted by is not: the district has its figure, but is in no mean. ``light`` is a key of ``LIGHTS``
    or empty. ``accrued`` is what is due before whole things are rounded down.
    """

    district: str
    indicator: str
    cumulative: Number | None
    target: Number | None
    due: Number | None
    months_expected: tuple[int, ...]
    months_missing: tuple[int, ...]
    months_filled: tuple[int, ...]
    light: str
    opening_missing: bool = False
    accrued: Number | None = None
    weight_missing: bool = False

    @property
    def has_whole_year(self) -> bool:
        """Whether nothing that belongs into the district's own cumulative is missing."""
        return not self.months_missing and not self.opening_missing

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing in the cumulative, nor for a total to take it up."""
        return self.has_whole_year and not self.weight_missing

    @property
    def months_counted(self) -> int:
        """How many of the expected months are in the cumulative."""
        return len(self.months_expected) - len(self.months_missing)


class _Answers(NamedTuple):
    """When a pair was answered.

    ``months`` have a figure or "not applicable", which leaves nothing that could be missing;
    ``numbers`` is the first with a figure (13 for none), ``stated`` the last in which the year's
    figure was stated, an opening included (0 for none).
    """

    months: tuple[int, ...]
    numbers: int = 13
    stated: int = 0


def total_pairs(
    years: Years,
    cumulative: Mapping[Pair, Number],
    config: Config,
    number: int,
    gone: Collection[Pair] = (),
) -> Iterator[PairTotals]:
    """Every district with every indicator; ``years`` are the figures of the months up to ``number``.

    ``gone`` are the pairs whose figure is in another district's now: nothing is missing there.
    """
    opened = config.openings if config.settings.first_month <= number else {}
    targets, begun = config.targets_in_force(number), _first_adjustments(config)
    transfers = config.transfers(number)
    for item in config.indicators:
        for district in config.districts:
            pair = (district.code, item.code)
            begun_at = config.settings.first_month if pair in opened else 0
            given = _answers(years.get(pair, NOTHING_CAME), item, begun_at)
            first = 1 if pair in config.targets else min(begun.get(pair, 13), given.numbers)
            found = _total_pair(
                district,
                item,
                targets.get(pair),
                cumulative.get(pair),
                given,
                first,
                config,
                number,
                transfers,
            )
            weight = (district.code, item.weight)
            weighs = weight in cumulative or weight in gone
            if item.measure != RATE or not item.weight or found.cumulative is None or weighs:
                yield found
            else:
                yield found._replace(weight_missing=True)


def _first_adjustments(config: Config) -> dict[Pair, int]:
    found: dict[Pair, int] = {}
    for each in config.adjustments:
        pair = (each.district, each.indicator)
        found[pair] = min(each.month, found.get(pair, each.month))
    return found


def _answers(year: PairYear, item: Indicator, begun_at: int) -> _Answers:
    """``begun_at`` is the first month that is reported where an opening says what came before, else 0."""
    numbers, given = year.numbers, year.given
    figures = (numbers | given) & ~year.apart
    states = year.states if item.measure in ADDED_UP else numbers
    anchors = months_in((given | (numbers & states)) & ~year.apart)
    first, last = (months_in(figures) or (13,))[0], anchors[-1] if anchors else 0
    if begun_at:
        first, last = min(first, begun_at), max(last, begun_at - 1)
    return _Answers(months_in(numbers | given | year.apart), first, last)


def _total_pair(
    district: District,
    item: Indicator,
    target: Number | None,
    cumulative: Number | None,
    given: _Answers,
    first: int,
    config: Config,
    number: int,
    transfers: Transfers,
) -> PairTotals:
    settings = config.settings
    listed = expected_months(number, settings.first_month, district, item)
    expected = tuple(month for month in listed if month >= first)
    missing = missing_months(item, expected, given.months, given.stated)
    filled = tuple(m for m in expected if m not in missing and m not in given.months)
    if item.measure not in ADDED_UP:
        filled = ()  # a state is not made of months
    accrued = None
    if target is not None and target >= 0 and (expected or cumulative is not None):
        begins = max(first if first <= 12 else 1, district.since)
        if settings.missing_months != PRO_RATA:
            last = min(number, district.until)
            accrued = _accrue(
                district,
                item,
                target,
                transfers,
                begins,
                lambda m: share_of_months(item, (), last, m),
            )
        elif cumulative is not None:
            accrued = _accrue(
                district, item, target, transfers, begins, lambda m: _share_known(item, given, m)
            )
    due = None if accrued is None else due_amount(item, accrued)
    light = judge_light(item, cumulative, target, due, settings.near, settings.behind)
    if not expected and cumulative is None:
        light = NO_LIGHT
    unopened = bool(expected) and _lacks_opening(district, item, given, first, settings.first_month)
    if (missing or unopened) and settings.missing_months == UNRANKED and light:
        light = GREY
    months = (expected, missing, filled)
    amounts = (cumulative, target, due)
    return PairTotals(district.code, item.code, *amounts, *months, light, unopened, accrued)


def _accrue(
    district: District,
    item: Indicator,
    target: Number,
    transfers: Transfers,
    begins: int,
    share: Callable[[int], float],
) -> Number:
    """What falls due of a target before it is rounded; ``share`` is that of a target from a month on.

    What a district that ended keeps is what it has reached: all of it is due. What another took over
    falls due from then on.
    """
    pair = (district.code, item.code)
    if item.measure not in ADDED_UP:
        return without_noise(target * share(begins))
    if pair in transfers.given:
        return target
    taken = transfers.taken.get(pair, ())
    own = target - sum(amount for _, amount in taken)
    later = sum(amount * share(max(begins, month)) for month, amount in taken)
    return without_noise(own * share(begins) + later)


def _lacks_opening(
    district: District, item: Indicator, given: _Answers, first: int, first_month: int
) -> bool:
    """Whether a sum begins in the midst of a year without anybody having said what came before."""
    before = range(max(first, district.since, item.since), first_month)
    lost = missing_months(item, before, given.months, given.stated)
    return item.measure in ADDED_UP and bool(lost)


def _share_known(item: Indicator, given: _Answers, begins: int) -> float:
    """The share that falls due in the months that are in a cumulative; a state has all before it."""
    known = given.stated if item.measure in ADDED_UP else max(given.stated, *given.months, 0)
    return share_of_months(item, given.months, known, begins)


def counted_text(pair: PairTotals) -> str | None:
    """How many of the expected months count and which do not: ``4/6 缺2、5月``; none if none is expected.

    Months that a year's figure has without having come are told as well: ``6/6 补2月``, and where the
    year was begun in its midst without what came before: ``2/2 缺年初累计``. Of a rate
    that no total takes up, for what it is weighted by is not known: ``2/2 缺合计按的数``.
    """
    if not pair.months_expected and not pair.weight_missing:
        return None
    said = f"{pair.months_counted}/{len(pair.months_expected)}"
    said += f" 补{month_runs(pair.months_filled)}" if pair.months_filled else ""
    said += "".join(f" {LACKING}{what}" for what in other_gaps([pair]))
    # Last: formulas look for the month of the sheet at the end.
    return f"{said} {LACKING}{month_runs(pair.months_missing)}" if pair.months_missing else said


def other_gaps(pairs: Collection[PairTotals]) -> list[str]:
    """What is missing in these besides months."""
    opening = [OPENING_HEADING] if any(each.opening_missing for each in pairs) else []
    weight = [WEIGHT_GAP] if any(each.weight_missing for each in pairs) else []
    return opening + weight


def month_runs(months: Iterable[int]) -> str:
    """Months in order in few words: ``2、5月``, ``1至6月``."""
    return f"{SEPARATOR.join(_runs(months, TO))}月"


def month_names(months: Iterable[int]) -> str:
    """Months in order as people read them: ``2月、5月``, ``1月至6月``."""
    return SEPARATOR.join(f"{run}月" for run in _runs(sorted(months), f"月{TO}"))


def _runs(months: Iterable[int], to: str) -> Iterator[str]:
    """Three and more in a row are told by the first and the last."""
    left = list(months)
    while left:
        size = next((n for n, month in enumerate(left) if month != left[0] + n), len(left))
        run, left = left[:size], left[size:]
        yield from (f"{run[0]}{to}{run[-1]}",) if size > 2 else map(str, run)
