"""What one press of 督办 comes to: slips drafted, raised or made anew, worked out before anything is written.

A draft that nobody edited and that has not gone out is made anew each time, so that its figures and its term
are of the day; its number is given again. A number that went out is never given a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from pathlib import Path

from xl_addin.docx.fill import fill
from xl_addin.docx.properties import check_template, mark_written
from xl_addin.master.pair_totals import Pair, PairTotals
from xl_addin.model.calendar import deadline, months_of
from xl_addin.model.letters import RETURN
from xl_addin.model.records import ACCEPTED, REJECTED, District
from xl_addin.model.slips import BLUE, DRAFTED, LEVELS, RED, Slip, SlipItem, SlipState, slip_name
from xl_addin.model.work_items import BEHIND, WorkStanding
from xl_addin.services.bulletin.sentences import enumerate_names
from xl_addin.services.month_totals import month_totals
from xl_addin.services.programme import Programme
from xl_addin.services.roll_call import Answer, RollCall, call_roll
from xl_addin.services.supervision.causes import (
    SILENT_VERDICTS,
    Cause,
    Memory,
    find_causes,
    judged_by_gaps,
)
from xl_addin.services.supervision.files import free_path, is_edited, read_template
from xl_addin.services.supervision.words import Head, chased_words, make_item, slip_contents
from xl_addin.services.work_ledger import work_standings
from xl_addin.store.deliveries import DONE, Sending, latest_by_district
from xl_addin.store.issued_forms import issued_months
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import NamedTuple


class Draft(NamedTuple):
    """A slip to be written. ``slip`` is the one that is raised, None for a new one."""

    slip: Slip | None
    year: int
    number: int
    month: str
    district: District
    items: tuple[SlipItem, ...]
    level: str
    term: str
    path: Path
    data: bytes
    left: int

    @property
    def name(self) -> str:
        """〔2023〕3."""
        return slip_name(self.year, self.number)

    def state(self, folder: Path, at: str) -> SlipState:
        """What the ledger keeps of it."""
        file = self.path.relative_to(folder).as_posix()
        sha256 = hashlib.sha256(self.data).hexdigest()
        return SlipState(0, DRAFTED, self.level, self.term, file, sha256, at, "")


class Plan(NamedTuple):
    """What a press comes to.

    ``anew`` are drafts that make room for new ones, ``kept`` drafts that somebody edited. ``gaps`` are
    districts, by code, whose red lights are not theirs because months are missing; ``not_due`` is a month
    whose deadline has not passed, empty for none.
    """

    drafts: tuple[Draft, ...]
    anew: tuple[Slip, ...]
    kept: tuple[Slip, ...]
    gaps: tuple[str, ...]
    not_due: str
    template: tuple[Path, bytes]


def make_plan(
    programme: Programme, month: str, pairs: Mapping[Pair, PairTotals], known: Sequence[Slip]
) -> Plan:
    """The plan for a month with its totals; ``known`` are the slips with what was typed beside them."""
    return _Planning(programme, month, pairs, known).plan()


def stale_drafts(programme: Programme, month: str, known: Sequence[Slip]) -> list[tuple[Slip, str]]:
    """The slips that never went out and do not say what is so now, each with what has changed."""
    pairs = month_totals(programme.ledger, programme.config, month).pairs
    return list(_Planning(programme, month, pairs, known).stale())


class _Planning:
    def __init__(
        self,
        programme: Programme,
        month: str,
        pairs: Mapping[Pair, PairTotals],
        known: Sequence[Slip],
    ) -> None:
        self._programme, self._month = programme, month
        self._config, self._known = programme.config, known
        self._folder, self._today = programme.folder, programme.now()[:10]
        self._pairs = {month: pairs}
        self._works: dict[str, Mapping[Pair, WorkStanding]] = {}
        self._districts = {each.code: each for each in self._config.districts}
        self._template = read_template(self._folder)
        self._roll: RollCall = call_roll(programme)
        self._issued = issued_months(programme.ledger, month)

    def plan(self) -> Plan:
        """Everything that is to be done."""
        drafted = [each for each in self._known if not each.issues]
        kept = [each for each in self._known if self._is_edited(each)]
        anew = [each for each in drafted if each not in kept]
        standing = [each for each in self._known if each not in anew]
        raised = [each for each in standing if self._is_to_raise(each)]
        new = list(self._new(standing))
        gaps = judged_by_gaps(self._pairs[self._month])
        drafts = (*map(self._raise, raised), *new)
        return Plan(
            tuple(drafts), tuple(anew), tuple(kept), tuple(gaps), self._not_due(), self._template
        )

    def stale(self) -> Iterator[tuple[Slip, str]]:
        """As ``stale_drafts``."""
        causes = self._causes([each for each in self._known if each.issues])
        fresh = {(each.district, self._item(1, each)._replace(position=0)) for each in causes}
        for slip in self._known:
            gone = [
                item.label
                for item in slip.items
                if (slip.district, item._replace(position=0)) not in fresh
            ]
            if not slip.issues and slip.month != self._month:
                yield slip, f"是按 {slip.month} 拟的，现在做的是 {self._month}"
            elif not slip.issues and gone:
                yield slip, f"拟好以后情况变了（{enumerate_names(gone, '项')}）"

    def _is_edited(self, slip: Slip) -> bool:
        draft = slip.draft
        return draft is not None and is_edited(self._folder / draft.file)

    def _is_to_raise(self, slip: Slip) -> bool:
        """Whether its term passed without an answer; a raised one that somebody edited stays as it is."""
        if not slip.is_overdue(self._today) or slip.paper.level == RED:
            return False
        return bool(self._config.settings.term_days) and not self._is_edited(slip)

    def _raise(self, slip: Slip) -> Draft:
        level = LEVELS[LEVELS.index(slip.paper.level) + 1]
        chased = chased_words(slip.issues[0].at, slip.paper.level, slip.paper.term, level)
        items = tuple(each for each in slip.items if slip.closing(each) is None)
        return self._draft(
            slip, slip.year, slip.number, slip.month, slip.district, items, level, chased
        )

    def _new(self, standing: Sequence[Slip]) -> Iterator[Draft]:
        causes: dict[str, list[Cause]] = {}
        for cause in self._causes(standing):
            causes.setdefault(cause.district, []).append(cause)
        year = self._config.settings.year
        numbers = _free_numbers({each.number for each in standing if each.year == year})
        for district, mine in causes.items():
            items = tuple(self._item(n, each) for n, each in enumerate(mine, 1))
            yield self._draft(None, year, next(numbers), self._month, district, items, BLUE, "")

    def _item(self, position: int, cause: Cause) -> SlipItem:
        month = cause.months[-1]
        pairs, works = self._pairs_of(month), self._works_of(month)
        return make_item(position, cause, self._config, pairs, works, self._roll)

    def _works_of(self, month: str) -> Mapping[Pair, WorkStanding]:
        if month not in self._works:
            self._works[month] = work_standings(self._programme, month)
        return self._works[month]

    def _behind_in(self, month: str) -> Set[Pair]:
        """What is behind by the district's own report of the month: who did not report is silent."""
        return {
            pair
            for pair, each in self._works_of(month).items()
            if each.verdict == ACCEPTED and (each.state == BEHIND or each.late)
        }

    def _causes(self, standing: Sequence[Slip]) -> list[Cause]:
        first = f"{self._month[:4]}-{self._config.settings.first_month:02d}"
        year = [each for each in months_of(int(self._month[:4])) if first <= each <= self._month]
        due = [each for each in year if each != self._not_due()]
        memory = _memory(standing)
        return find_causes(
            self._config, year, due, self._pairs_of, self._silent_in, self._behind_in, memory
        )

    def _not_due(self) -> str:
        """The month, where its deadline has not passed yet: nobody is silent for it."""
        last = deadline(self._month, self._config.settings.deadline_day)
        return self._month if last > self._programme.now() else ""

    def _pairs_of(self, month: str) -> Mapping[Pair, PairTotals]:
        if month not in self._pairs:
            totals = month_totals(self._programme.ledger, self._config, month)
            self._pairs[month] = totals.pairs
        return self._pairs[month]

    def _silent_in(self, month: str) -> Set[str]:
        back = latest_by_district(self._programme.ledger, RETURN, month)
        return {
            each.district.code
            for each in self._roll.answers(month)
            if month in self._issued.get(each.district.code, ())
            and (each.verdict in SILENT_VERDICTS or _is_unmended(each, back))
        }

    def _draft(
        self,
        slip: Slip | None,
        year: int,
        number: int,
        month: str,
        district: str,
        items: tuple[SlipItem, ...],
        level: str,
        chased: str,
    ) -> Draft:
        whose, days = self._districts[district], self._config.settings.term_days
        term = (date.fromisoformat(self._today) + timedelta(days)).isoformat() if days else ""
        name = slip_name(year, number)
        head = Head(name, month, whose.name, level, term, self._today, chased)
        where, template = self._template
        try:
            check_template(template)
            filled = fill(template, slip_contents(head, items, self._config))
        except Unreadable as error:
            raise Refused(f"{where}：{error}") from error
        except Refused as error:
            raise Refused(f"{where}：{error.message}", error.problems) from error
        data = mark_written(filled.data, whose.code, name)
        path = free_path(self._folder, month, name, whose.name, level)
        return Draft(slip, year, number, month, whose, items, level, term, path, data, filled.left)


def _is_unmended(answer: Answer, back: Mapping[str, Sending]) -> bool:
    """Whether the return that speaks was wrong, went back, and nothing came since."""
    letter, status = back.get(answer.district.code), answer.status
    if letter is None or status is None or answer.verdict != REJECTED:
        return False
    return letter.state in DONE and letter.about == status.sha256


def _free_numbers(taken: Set[int]) -> Iterator[int]:
    number = 0
    while True:
        number += 1
        if number not in taken:
            yield number


def _memory(standing: Sequence[Slip]) -> Memory:
    opened, used = set(), dict[tuple[str, str, str], set[str]]()
    for slip in standing:
        for item in slip.items:
            subject = (slip.district, *item.cause)
            used.setdefault(subject, set()).update(item.months)
            if slip.closing(item) is None:
                opened.add(subject)
    return Memory(opened, used)
