"""``status``: who has reported, who has not, and whether it was on time."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.calendar import LATE, ON_TIME, deadline
from xl_addin.model.records import ACCEPTED, MISSING, VERDICT_LABELS
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import STATUS_BLOCK
from xl_addin.services.programme import Programme, Request
from xl_addin.services.published_changes import published_changes
from xl_addin.services.roll_call import Answer, call_roll, count_words
from xl_addin.store.decisions import closed_months
from xl_addin.store.slips import any_slips, slips
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.services.paper_standing import PaperStanding


def run(programme: Programme, request: Request) -> Result:
    """Every district of one month, from the ledger."""
    with programme.ledger.reading():
        return _status(programme, request)


def _status(programme: Programme, request: Request) -> Result:
    month, config = programme.month(request), programme.basics
    day = config.settings.deadline_day
    roll = call_roll(programme)
    answers = roll.answers(month)
    districts = [_district_json(each) for each in answers]
    closed = month in closed_months(programme.ledger)
    missing = [each.district.name for each in answers if each.verdict != ACCEPTED]
    changes = published_changes(programme)
    papers, supervised = _papers(programme), _slips(programme)
    unplaced = list(dict.fromkeys(each.file for each in roll.unplaced(month)))
    return Result(
        {
            "verb": "status",
            "month": month,
            "expected": len(districts),
            "accepted": len(districts) - len(missing),
            "not_reported": [e.district.name for e in answers if e.verdict == MISSING],
            "missing": missing,
            "closed": closed,
            "deadline": deadline(month, day),
            "districts": districts,
            "unplaced": unplaced,
            "changed_since_last": [each.as_json() for each in changes],
            "papers": [each.as_json() for each in papers],
            "slips": supervised.open,
        },
        f"{month}：{count_words(answers)}；截止 {deadline(month, day)[:10]}"
        f"{'；已结账' if closed else ''}",
        clean=not missing,
        lines=(
            *_unplaced_lines(unplaced),
            *(each.line for each in changes),
            *_paper_lines(papers),
            *supervised.lines,
        ),
        tables=(_status_table(month, districts), *_paper_tables(papers)),
        shows=STATUS_BLOCK,
    )


class _Supervised(NamedTuple):
    """The slips that went out and are open, as JSON, and what is said of them."""

    open: list[dict[str, Any]]
    lines: tuple[str, ...]


def _slips(programme: Programme) -> _Supervised:
    """Who has no slips does not pay for them."""
    if not any_slips(programme.ledger):
        return _Supervised([], ())
    from xl_addin.services.supervision.report import open_words, slip_json

    names = {each.code: each.name for each in programme.basics.districts}
    known, today = slips(programme.ledger), programme.now()[:10]
    found = [slip_json(each, names, today) for each in known if each.issues and each.is_open]
    said = open_words(known, names, today)
    return _Supervised(found, (said,) if said else ())


def _papers(programme: Programme) -> Sequence[PaperStanding]:
    """How the papers stand; nothing where none are owed."""
    if not programme.basics.papers:
        return ()
    from xl_addin.services.paper_standing import paper_standings

    return paper_standings(programme)


def _paper_lines(papers: Sequence[PaperStanding]) -> tuple[str, ...]:
    if not papers:
        return ()
    from xl_addin.services.paper_standing import standing_lines

    return standing_lines(papers)


def _paper_tables(papers: Sequence[PaperStanding]) -> tuple[ResultTable, ...]:
    if not papers:
        return ()
    rows = [
        (e.district.name, e.paper.name, e.state, e.received_at, e.speaks.file if e.speaks else "")
        for e in papers
    ]
    return (ResultTable("材料", ("区县", "材料", "状态", "收到时间", "文件"), rows),)


def _unplaced_lines(files: Sequence[str]) -> tuple[str, ...]:
    """What has to be asked after though nobody knows of whom."""
    if not files:
        return ()
    named = "、".join(f"“{file}”" for file in files)
    return (f"另有 {len(files)} 个文件读不出来，也看不出是哪个区县的，请问清后重发：{named}",)


def _district_json(answer: Answer) -> dict[str, Any]:
    status = answer.status
    return {
        "code": answer.district.code,
        "district": answer.district.name,
        "verdict": answer.verdict,
        "received_at": None if status is None else status.received_at,
        "on_time": answer.punctuality == ON_TIME if answer.verdict == ACCEPTED else None,
        "file": None if status is None else status.file,
        "hint": answer.hint,
    }


def _status_table(month: str, districts: list[dict[str, Any]]) -> ResultTable:
    punctual = {True: ON_TIME, False: LATE, None: ""}
    rows = [
        (
            row["district"],
            VERDICT_LABELS[row["verdict"]],
            row["received_at"] or "",
            punctual[row["on_time"]],
            row["file"] or "",
            row["hint"],
        )
        for row in districts
    ]
    headings = ("区县", "结论", "收到时间", "是否按时", "文件", "提示")
    return ResultTable(f"{month} 回收情况", headings, rows)
