"""A district's year with an indicator: which months are in its cumulative, what is due, which light."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from xl_addin.model.lights import GREY, NO_LIGHT, judge_light
from xl_addin.model.records import ADDED_UP, NOT_APPLICABLE, NUMBER, District, Indicator, Number
from xl_addin.model.schedule import (
    due_amount,
    expected_months,
    missing_months,
    share_of_months,
    without_noise,
)
from xl_addin.model.settings import PRO_RATA, UNRANKED, Config, Transfers
from xl_addin.model.sheets import LACKING, OPENING_HEADING, SEPARATOR, TO
from xl_addin.store.ledger import FigureRow
from xl_addin.system.light import NamedTuple

Pair = tuple[str, str]


class PairTotals(NamedTuple):
    """A district and an indicator at a month's end. None is unknown, or that there is no target.

    ``months_expected`` are those that the district had to report the indicator for. Of these
    ``months_missing`` are not in ``cumulative``; ``months_filled`` never came, but a year's figure
    that the district stated later has them. ``opening_missing`` says that nobody knows what had been
    reached before the first month. ``light`` is a key of ``LIGHTS`` or empty. ``accrued`` is what is
    due before whole things are rounded down.
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

    @property
    def is_whole(self) -> bool:
        """Whether nothing that belongs into the cumulative is missing."""
        return not self.months_missing and not self.opening_missing

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

    months: set[int]
    numbers: int = 13
    stated: int = 0


def total_pairs(
    rows: Iterable[FigureRow], cumulative: Mapping[Pair, Number], config: Config, number: int
) -> Iterator[PairTotals]:
    """Every district with every indicator; ``rows`` are the figures of the months up to ``number``."""
    answers = _read_answers(rows, config, number)
    targets, begun = config.targets_in_force(number), _first_adjustments(config)
    transfers = config.transfers(number)
    none = _Answers(set())
    for item in config.indicators:
        for district in config.districts:
            pair = (district.code, item.code)
            given = answers.get(pair, none)
            first = 1 if pair in config.targets else min(begun.get(pair, 13), given.numbers)
            yield _total_pair(
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


def _first_adjustments(config: Config) -> dict[Pair, int]:
    found: dict[Pair, int] = {}
    for each in config.adjustments:
        pair = (each.district, each.indicator)
        found[pair] = min(each.month, found.get(pair, each.month))
    return found


def _read_answers(rows: Iterable[FigureRow], config: Config, number: int) -> dict[Pair, _Answers]:
    measures = {item.code: item.measure for item in config.indicators}
    first = config.settings.first_month
    opened = config.openings if first <= number else ()
    found = {pair: _Answers(set(), first, first - 1) for pair in opened}
    for row in rows:
        if row.state not in (NUMBER, NOT_APPLICABLE) and row.stated is None:
            continue
        pair, month = (row.district, row.indicator), row.month
        known = found.get(pair)
        if known is None:
            known = found[pair] = _Answers(set())
        known.months.add(month)
        states = row.measure not in ADDED_UP or measures[row.indicator] not in ADDED_UP
        anchor = row.stated is not None or (states and row.state == NUMBER)
        if row.state != NOT_APPLICABLE and (month < known.numbers or anchor):
            stated = max(known.stated, month) if anchor else known.stated
            found[pair] = _Answers(known.months, min(known.numbers, month), stated)
    return found


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
    year was begun in its midst without what came before: ``2/2 缺年初累计``.
    """
    if not pair.months_expected:
        return None
    said = f"{pair.months_counted}/{len(pair.months_expected)}"
    said += f" 补{month_runs(pair.months_filled)}" if pair.months_filled else ""
    said += f" {LACKING}{OPENING_HEADING}" if pair.opening_missing else ""
    # Last: formulas look for the month of the sheet at the end.
    return f"{said} {LACKING}{month_runs(pair.months_missing)}" if pair.months_missing else said


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
