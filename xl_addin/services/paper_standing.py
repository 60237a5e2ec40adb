"""What each district has to show for each paper: one answer for sheets, letters, status and scoring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from xl_addin.model.papers import LATE, ON_TIME, STATE_LABELS, Paper, standing_of
from xl_addin.model.records import ACCEPTED, District, Problem
from xl_addin.services.programme import Programme
from xl_addin.store.papers import HandedIn, handed_in, paper_problems
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


class PaperStanding(NamedTuple):
    """One paper that one district owes.

    ``verdict`` is ACCEPTED, REJECTED, HELD or MISSING; ``files`` are those that count, as many as are owed,
    the last of them last, ``speaks`` the file that the verdict is about. ``received_at`` is the time of the
    last that counts, ``complete_at`` when enough had come for the first time: by that it is on time, and a
    better version that follows makes nobody late. ``days_late`` counts from the term, to now where it is
    not complete; 0 before the term. ``receipt`` is the record's number, None where nothing came.
    """

    paper: Paper
    district: District
    verdict: str
    files: tuple[HandedIn, ...]
    speaks: HandedIn | None
    complete_at: str
    days_late: int
    problems: tuple[Problem, ...] = ()

    @property
    def received_at(self) -> str:
        """When what speaks came; empty where nothing did."""
        return self.speaks.received_at if self.speaks else ""

    @property
    def receipt(self) -> int | None:
        """The number of its record."""
        return self.speaks.id if self.speaks else None

    @property
    def on_time(self) -> bool | None:
        """Whether enough came in time; None where enough has not come."""
        return self.complete_at <= self.paper.due if self.complete_at else None

    @property
    def state(self) -> str:
        """按时, 逾期, 退回, 待定 or 未报."""
        if self.verdict == ACCEPTED:
            return ON_TIME if self.on_time else LATE
        return STATE_LABELS[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """As ``status --json`` prints it."""
        return {
            "paper": self.paper.name,
            "code": self.paper.code,
            "district": self.district.name,
            "verdict": self.verdict,
            "received_at": self.received_at or None,
            "on_time": self.on_time,
            "characters": self.speaks.characters if self.speaks else None,
            "file": self.speaks.file if self.speaks else None,
        }


def paper_standings(programme: Programme) -> list[PaperStanding]:
    """Every paper of every district that owes it, paper by paper in the order of 区县名录.

    A district that does not owe a paper has none; nothing where 材料 is empty.
    """
    config = programme.basics
    if not config.papers:
        return []
    problems = paper_problems(programme.ledger)
    came: dict[tuple[str, str], list[HandedIn]] = {}
    for each in handed_in(programme.ledger):
        came.setdefault((each.paper, each.district), []).append(each)
    now = programme.now()
    return [
        _standing(paper, district, came.get((paper.code, district.code), ()), now, problems)
        for paper in config.papers
        for district in config.districts
        if district.code in paper.districts
    ]


def _standing(
    paper: Paper,
    district: District,
    came: Sequence[HandedIn],
    now: str,
    problems: dict[int, list[Problem]],
) -> PaperStanding:
    accepted = [each for each in came if each.verdict == ACCEPTED]
    verdict = standing_of(len(accepted), paper.copies, [each.verdict for each in came])
    complete = accepted[paper.copies - 1].received_at if verdict == ACCEPTED else ""
    speaking = [each for each in came if each.verdict == verdict]
    speaks = next(reversed(speaking or accepted), None)
    told = tuple(problems.get(speaks.id, ())) if speaks else ()
    files = tuple(accepted[-paper.copies :])
    return PaperStanding(
        paper, district, verdict, files, speaks, complete, _late(paper, complete or now), told
    )


def _late(paper: Paper, at: str) -> int:
    """Days after the day of the term."""
    days = (datetime.fromisoformat(at[:10]) - datetime.fromisoformat(paper.due[:10])).days
    return max(days, 0)


def held_papers(programme: Programme) -> list[tuple[HandedIn, tuple[Problem, ...]]]:
    """The papers that wait for a person, with why."""
    if not programme.basics.papers:
        return []
    problems = paper_problems(programme.ledger)
    waiting = (each for each in handed_in(programme.ledger) if each.verdict == "held")
    return [(each, tuple(problems.get(each.id, ()))) for each in waiting]


def standing_lines(standings: Sequence[PaperStanding]) -> tuple[str, ...]:
    """How each paper stands, a line each."""
    found = []
    for paper in dict.fromkeys(each.paper for each in standings):
        mine = [each for each in standings if each.paper == paper]
        states = [each.state for each in mine]
        counts = "，".join(
            f"{word} {states.count(word)}" for word in dict.fromkeys(states) if states.count(word)
        )
        found.append(f"材料“{paper.name}”（截止 {paper.due[:10]}）：应交 {len(mine)}，{counts}")
    return tuple(found)
