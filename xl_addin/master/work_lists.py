"""What 重点工作台账 counts and what 台账明细 lists: from where each item stands to the cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.host.base import Change
from xl_addin.master.read.blocks import Block, find_columns, key_text
from xl_addin.model.lights import BLUE, GREEN, GREY, RED, YELLOW
from xl_addin.model.problems import statement
from xl_addin.model.records import ACCEPTED, REJECTED, VERDICT_LABELS
from xl_addin.model.sheets import WORK_COUNT_HEADINGS, WORK_DETAIL_HEADINGS
from xl_addin.model.work_items import (
    BEHIND,
    DONE,
    NOT_BEGUN,
    NOT_CONCERNED,
    STATE_LABELS,
    UNDER_WAY,
    WorkItem,
    WorkStanding,
    report_words,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.cells import LONGEST_TEXT, Value

_MUCH = 5
"""More than one in so many that are behind or silent is red."""


class WorkCount(NamedTuple):
    """How an item stands over all districts: ``owed`` is the sum of the others. ``light`` is "" for none."""

    owed: int
    done: int
    under_way: int
    not_begun: int
    behind: int
    not_concerned: int
    missing: int
    light: str
    latest: str


def count_item(
    item: WorkItem, standings: Sequence[WorkStanding], names: Mapping[str, str], month: str
) -> WorkCount | None:
    """What is counted of an item as of a month; None where it was never asked up to then."""
    if not standings:
        return None
    states = Counter(each.state for each in standings)
    withdrawn = item.until < int(month[5:])
    light = "" if withdrawn else _light(standings)
    latest = f"{item.until} 月以后不再报" if withdrawn else _latest(standings, names)
    return WorkCount(
        len(standings),
        states[DONE],
        states[UNDER_WAY],
        states[NOT_BEGUN],
        states[BEHIND],
        states[NOT_CONCERNED],
        states[""],
        light,
        latest,
    )


def _light(standings: Sequence[WorkStanding]) -> str:
    asked = [each for each in standings if each.state != NOT_CONCERNED]
    states = [each.state for each in asked]
    if all(state == DONE for state in states):
        return BLUE if states else GREY
    if any(each.late for each in asked):
        return RED
    if not any(states):
        return GREY
    slow = states.count(BEHIND) + states.count("")
    if slow * _MUCH > len(states):
        return RED
    return YELLOW if BEHIND in states else GREEN


def _latest(standings: Sequence[WorkStanding], names: Mapping[str, str]) -> str:
    """What was last said of an item: of one that is behind before all others."""
    said = [each for each in standings if each.report and each.state]
    behind = [each for each in said if each.state == BEHIND]
    if not said:
        return ""
    last = max(behind or said, key=lambda each: each.received_at)
    report = last.report
    text = (report.trouble or report.progress) if report and last.state == BEHIND else ""
    text = text or (report.progress if report else "")
    where = names.get(last.district, last.district)
    return f"{last.received_at[:10]} {where}：{report_words(last.state, text)}"


def counts_change(block: Block, counts: Mapping[str, WorkCount]) -> Change:
    """The counted columns of 重点工作台账, by the numbers that stand there; typed ones are not touched."""
    columns = find_columns(block, ("编号", *WORK_COUNT_HEADINGS))
    top, _, bottom, _ = block.area
    values: dict[tuple[int, int], Value] = {}
    for row in range(top + 1, bottom + 1):
        number = key_text(block.cells.get((row, columns["编号"])))
        count = counts.get(number) if number else None
        shown: Sequence[Value] = count or (None,) * len(WORK_COUNT_HEADINGS)
        for heading, value in zip(WORK_COUNT_HEADINGS, shown, strict=True):
            at = (row, columns[heading])
            if value not in (None, "") or at in block.cells:
                values[at] = value if value != "" else None
    return Change(block.sheet, values, {})


def detail_rows(
    standings: Iterable[WorkStanding],
    names: Mapping[str, str],
    month: str,
    followed_up: Mapping[tuple[str, str], str],
) -> Iterator[Sequence[Value]]:
    """The rows of 台账明细, in the order of its headings.

    ``followed_up`` says by (district, number) what 督办 has of it.
    """
    for each in standings:
        report = each.report
        texts = report[2:6] if report else ("",) * 4
        row = (
            names.get(each.district, each.district),
            each.item.number,
            each.item.title,
            _state_word(each),
            *(text[:LONGEST_TEXT] for text in texts),
            each.filled_by,
            each.received_at[:16],
            _checked(each, month)[:LONGEST_TEXT],
            followed_up.get((each.district, each.item.number), ""),
        )
        assert len(row) == len(WORK_DETAIL_HEADINGS)  # noqa: S101 - the headings are its order
        yield row


def _state_word(each: WorkStanding) -> str:
    if each.verdict == ACCEPTED:
        return STATE_LABELS.get(each.state, "")
    return VERDICT_LABELS[each.verdict]


def _checked(each: WorkStanding, month: str) -> str:
    """What the program has to say of a report: its problems, a term that passed, whose month it is."""
    mark = f"（{each.item.number}）"
    said = [statement(problem).removeprefix(mark) for problem in each.problems]
    if each.verdict == REJECTED:
        said.insert(0, "这一页没有通过，没有算数")
    if each.late:
        said.append(f"已过完成时限 {each.item.term}")
    if each.month != month:
        said.append(f"按 {int(each.month[5:])} 月报的")
    return "；".join(said)
