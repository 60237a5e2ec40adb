"""Who has been red, late with a key work or without a report for so many months running. Pure.

A district whose own months are missing is never called slow: its light counts only where everything that
belongs into its cumulative is there. A month that a slip rests on is no reason for a second one about the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from xl_addin.master.pair_totals import Pair, PairTotals
from xl_addin.model.lights import RED
from xl_addin.model.records import BLANK, FOREIGN, MISSING, UNREADABLE
from xl_addin.model.settings import Config
from xl_addin.model.slips import BEHIND, RED_LIGHT, SILENT
from xl_addin.system.light import NamedTuple

SILENT_VERDICTS = frozenset((MISSING, BLANK, FOREIGN, UNREADABLE))
"""Nothing came that can be worked with. What was sent back, or waits for us, is not silence."""
Subject = tuple[str, str, str]
"""District, kind and subject of what is demanded."""


class Cause(NamedTuple):
    """Something to be demanded of a district; ``months`` (2023-05) are in a row, earliest first."""

    district: str
    kind: str
    subject: str
    months: tuple[str, ...]


class Memory(NamedTuple):
    """What slips already demand: ``open`` causes, and by cause the months that were named before."""

    open: Set[Subject]
    used: Mapping[Subject, Set[str]]

    def allows(self, subject: Subject, month: str) -> bool:
        """Whether a month can be a reason to demand something anew."""
        return subject not in self.open and month not in self.used.get(subject, ())


def find_causes(
    config: Config,
    months: Sequence[str],
    due: Sequence[str],
    pairs_of: Callable[[str], Mapping[Pair, PairTotals]],
    silent_in: Callable[[str], Set[str]],
    behind_in: Callable[[str], Set[Pair]],
    memory: Memory,
) -> list[Cause]:
    """All of a year's ``months`` up to now, in the order of 区县名录, silence first.

    ``due`` are those whose deadline has passed: before it nobody is silent. ``pairs_of`` a month are its
    totals, ``silent_in`` a month the districts that owe it, ``behind_in`` a month the (district, number of a
    key work) that are behind; each is asked only as far back as somebody's row of months goes on.
    """
    settings = config.settings
    silent = _runs(
        due,
        settings.silent_months,
        lambda month: {(code, SILENT, "") for code in silent_in(month)},
        memory,
    )
    red = _runs(
        months,
        settings.red_months,
        lambda month: set(_red(pairs_of(month), int(month[5:]))),
        memory,
    )
    behind = _runs(
        months,
        settings.red_months,
        lambda month: {(code, BEHIND, number) for code, number in behind_in(month)},
        memory,
    )
    found = {**silent, **red, **behind}
    places = {item.code: at for at, item in enumerate(config.indicators)}
    kinds = (SILENT, RED_LIGHT, BEHIND)
    ordered = sorted(
        found, key=lambda each: (kinds.index(each[1]), places.get(each[2], 0), each[2])
    )
    return [
        Cause(*subject, found[subject])
        for district in config.districts
        for subject in ordered
        if subject[0] == district.code
    ]


def is_slow(pair: PairTotals, number: int) -> bool:
    """Whether a month's red light is the district's own: nothing is missing in what it is judged by."""
    return pair.light == RED and pair.has_whole_year and number in pair.months_expected


def judged_by_gaps(pairs: Mapping[Pair, PairTotals]) -> list[str]:
    """The districts with a red light that lacks months: named, and not called slow."""
    return list(
        dict.fromkeys(
            pair.district
            for pair in pairs.values()
            if pair.light == RED and not pair.has_whole_year
        )
    )


def _red(pairs: Mapping[Pair, PairTotals], number: int) -> Iterator[Subject]:
    for (district, code), pair in pairs.items():
        if is_slow(pair, number):
            yield district, RED_LIGHT, code


def _runs(
    months: Sequence[str], least: int, holds_in: Callable[[str], Set[Subject]], memory: Memory
) -> dict[Subject, tuple[str, ...]]:
    """The months in a row up to the last one, of those that have enough; ``least`` 0 is off."""
    if not least:
        return {}
    runs: dict[Subject, list[str]] = {}
    alive: set[Subject] | None = None
    for month in reversed(months):
        holding = {each for each in holds_in(month) if memory.allows(each, month)}
        alive = holding if alive is None else alive & holding
        if not alive:
            break
        for each in alive:
            runs.setdefault(each, []).append(month)
    return {each: tuple(reversed(run)) for each, run in runs.items() if len(run) >= least}
