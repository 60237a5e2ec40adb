"""``settle``: a person decides what becomes of held returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.judging.assess import known_names
from xl_addin.judging.history import History
from xl_addin.master.read.blocks import outdated_layout_text
from xl_addin.model.calendar import check_month
from xl_addin.model.names import fold
from xl_addin.model.records import ACCEPTED, REJECTED
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import DISTRICTS_SHEET, PENDING_SHEET
from xl_addin.services.lists import journal_change
from xl_addin.services.papers import held_rows, open_settlement, with_settlement
from xl_addin.services.pending import (
    obstacle,
    pending_block,
    pending_change,
    proposal,
    typed_decisions,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.store.decisions import (
    Decision,
    HeldReturn,
    add_decisions,
    add_remarks,
    closed_months,
    decided_receipts,
    held_returns,
)
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.services.paper_pending import PaperSettlement

_CHOICES = ("accept", "reject", "assign")


def run(programme: Programme, request: Request) -> Result:
    """Decide what was asked for by number, else what staff chose on 待定; without any, list it."""
    chosen = [name for name in _CHOICES if name in request.options]
    if (
        len(chosen) > 1
        or bool(chosen) != bool(request.paths)
        or ("note" in request.options and not chosen)
    ):
        raise Misused(
            "用法不对：写明待定编号，再写 --accept、--reject、--assign 代码 三者之一；"
            "都不写就按主表“待定”里的决定处理"
        )
    return _by_number(programme, request, chosen[0]) if chosen else _by_sheet(programme, request)


def _by_number(programme: Programme, request: Request, choice: str) -> Result:
    numbers = list(dict.fromkeys(request.paths))
    with programme.ledger.writing():
        papers = open_settlement(programme)
        if papers is not None:
            mine = [number for number in numbers if papers.knows(number)]
            papers.decide(mine, choice, request.options)
            numbers = [number for number in numbers if number not in mine]
        waiting = {str(each.id): each for each in held_returns(programme.ledger)}
        decisions = [_decision(programme, request, choice, waiting, n) for n in numbers]
        refused = dict(_refused(programme, decisions, waiting))
        if refused:
            raise Refused("；".join(refused.values()))
        histories = _Histories(programme)
        beside = _counting_already(programme, decisions, waiting, histories)
        if not request.rehearse:
            _decide(programme, decisions, waiting, papers, histories)
    report = _report(programme, request, decisions, waiting, (), beside)
    return with_settlement(programme, report, papers, rehearse=request.rehearse)


def _decision(
    programme: Programme, request: Request, choice: str, waiting: dict[str, HeldReturn], number: str
) -> Decision:
    each = waiting.get(number)
    if each is None:
        open_ = "、".join(waiting) or "没有"
        raise Refused(f"没有编号为 {number} 的待定；现在待定的编号：{open_}")
    district = (
        _district(programme, request.options["assign"]) if choice == "assign" else each.district
    )
    verdict = REJECTED if choice == "reject" else ACCEPTED
    month = programme.month(request) if request.month else each.month
    return Decision(each.id, verdict, district, month, request.options.get("note", ""))


def _by_sheet(programme: Programme, request: Request) -> Result:
    """The decisions are in the ledger before they go from the sheet: a cut loses none of them."""
    with programme.ledger.writing():
        waiting = held_returns(programme.ledger)
        by_number = {str(each.id): each for each in waiting}
        papers = open_settlement(programme)
        typed, unclear = _sheet_decisions(programme, waiting, papers)
        refused = dict(_refused(programme, typed, by_number))
        unclear += refused.values()
        sound = [decision for at, decision in enumerate(typed) if at not in refused]
        histories = _Histories(programme)
        beside = _counting_already(programme, sound, by_number, histories)
        decided = bool(sound) or bool(papers and papers.decisions)
        to_write = not request.rehearse and (
            bool(decided or unclear) or _master_available(programme)
        )
        if to_write:
            programme.host.ready()
            if decided:
                _decide(programme, sound, by_number, papers, histories)
    if to_write:
        with programme.ledger.writing():
            _update_lists(programme)
    report = _report(programme, request, sound, by_number, unclear, beside)
    return with_settlement(programme, report, papers, rehearse=request.rehearse)


def _sheet_decisions(
    programme: Programme, waiting: Sequence[HeldReturn], papers: PaperSettlement | None
) -> tuple[list[Decision], list[str]]:
    block = pending_block(programme.host)
    if block is None:
        raise Refused(
            f"{outdated_layout_text(f'“{PENDING_SHEET}”工作表')}；"
            "或者用 xl-addin settle 编号 --accept（--reject、--assign 代码）"
        )
    settled = {str(number) for number in decided_receipts(programme.ledger)}
    if papers is not None:
        papers.read_sheet(block)
        settled |= papers.numbers(block)
    typed, problems = typed_decisions(block, waiting, settled, programme.basics)
    told = [problem.message for problem in problems]
    return typed, [*told, *papers.unclear] if papers is not None else told


def _update_lists(programme: Programme) -> None:
    """待定 and 操作日志 as they are now."""
    block = pending_block(programme.host)
    if block is not None:
        left, closed = held_returns(programme.ledger), closed_months(programme.ledger)
        pending = pending_change(block, left, programme.basics, closed, held_rows(programme))
        programme.host.apply([pending, journal_change(programme.host, programme.ledger)])
        programme.save()
        fail_point("settle.saved")


def _master_available(programme: Programme) -> bool:
    """Whether the list in the master can be brought up to date, though nothing was decided there."""
    try:
        programme.host.ready()
    except Refused:
        return False
    return True


def _district(programme: Programme, text: str) -> str:
    codes = {district.code for district in programme.basics.districts}
    code = text if text in codes else known_names(programme.basics.districts).get(fold(text), "")
    if not code:
        raise Refused(f"“{text}”不在“{DISTRICTS_SHEET}”里；请写名录里的代码或名称")
    return code


def _refused(
    programme: Programme, decisions: Sequence[Decision], waiting: dict[str, HeldReturn]
) -> Iterator[tuple[int, str]]:
    """The positions of the decisions that cannot be, each with why."""
    names = _names(programme)
    closed = closed_months(programme.ledger)
    for at, decision in enumerate(decisions):
        says = obstacle(waiting[str(decision.receipt)], decision, names, closed)
        if not says and decision.decision == ACCEPTED:
            try:
                check_month(decision.month, programme.basics.settings.year)
            except Refused as refusal:
                says = f"待定 {decision.receipt}：{refusal.message}"
        if says:
            yield at, says


def _names(programme: Programme) -> dict[str, str]:
    return {district.code: district.name for district in programme.basics.districts}


class _Histories:
    """What counts, by month; read anew only where its district was decided about meanwhile."""

    def __init__(self, programme: Programme) -> None:
        self._ledger, self._rules = programme.ledger, programme.basics.rules
        self._districts = {district.code: district for district in programme.basics.districts}
        self._known: dict[str, History] = {}
        self._outdated: set[str] = set()

    def before(self, decision: Decision) -> History:
        """The history of the month that a return is accepted for."""
        if decision.district in self._outdated:
            self._known, self._outdated = {}, set()
        month = decision.month
        if month not in self._known:
            self._known[month] = History(self._ledger, month, self._districts, self._rules)
        return self._known[month]

    def note(self, decision: Decision) -> None:
        """A decision was recorded."""
        self._outdated.add(decision.district)


def _decide(
    programme: Programme,
    decisions: Sequence[Decision],
    waiting: dict[str, HeldReturn],
    papers: PaperSettlement | None,
    histories: _Histories,
) -> None:
    """Record the decisions, and what each accepted return changes of the one that counted."""
    ledger, names = programme.ledger, _names(programme)
    for decision in decisions:
        each = waiting[str(decision.receipt)]
        if decision.decision == ACCEPTED:
            history = histories.before(decision)
            earlier = history.counting_return(decision.district)
            sheet = next((p.sheet for p in each.problems if p.sheet), "")
            counted = each.id
            if earlier is not None and earlier.received_at > each.received_at and each.is_older:
                counted = ledger.count_anew(
                    each.id, earlier.received_at, decision.month, decision.district
                )
            if earlier is None or earlier.received_at <= each.received_at or each.is_older:
                add_remarks(
                    ledger, counted, history.outweighed(decision.district, sheet, each.figures)
                )
            if earlier is not None and (earlier.received_at <= each.received_at or each.is_older):
                known = {(problem.code, problem.cell) for problem in each.problems}
                changed = history.differences(earlier, sheet, each.figures)
                news = [found for found in changed if (found.code, found.cell) not in known]
                add_remarks(ledger, counted, news)
        add_decisions(ledger, [decision])
        histories.note(decision)
    months = {decision.month for decision in decisions if decision.month}
    month = months.pop() if len(months) == 1 else ""
    told = [_decision_text(names, decision, waiting) for decision in decisions]
    if papers is not None:
        papers.record()
        told += papers.words()
    outcome = "；".join(told)
    ledger.add_event(programme.now(), "settle", month, outcome, programme.who())


def _counting_already(
    programme: Programme,
    decisions: Sequence[Decision],
    waiting: dict[str, HeldReturn],
    histories: _Histories,
) -> tuple[str, ...]:
    """What counts already where a return is accepted: whoever decides has to know of it."""
    names = _names(programme)
    lines = []
    for decision in decisions:
        if decision.decision != ACCEPTED:
            continue
        earlier = histories.before(decision).counting_return(decision.district)
        if earlier is None:
            continue
        whose = f"“{names[decision.district]}”{decision.month}"
        what = f"{earlier.received_at} 收到的“{earlier.file}”"
        after = (
            f"改为按 {decision.receipt} 号计算；如果归错了区县或月份，请撤销"
            if waiting[str(decision.receipt)].is_older
            or earlier.received_at <= waiting[str(decision.receipt)].received_at
            else f"它比 {decision.receipt} 号收到得晚，算数的仍是它"
        )
        lines.append(f"{whose} 已有通过的填报表：{what}；{after}")
    return tuple(lines)


def _decision_text(
    names: dict[str, str], decision: Decision, waiting: dict[str, HeldReturn]
) -> str:
    file = waiting[str(decision.receipt)].file
    note = f"（{decision.note}）" if decision.note else ""
    if decision.decision == REJECTED:
        return f"{decision.receipt}“{file}”退回{note}"
    whose = names.get(decision.district, decision.district)
    return f"{decision.receipt}“{file}”接受，计入“{whose}”{decision.month}{note}"


def _report(
    programme: Programme,
    request: Request,
    decisions: Sequence[Decision],
    waiting: dict[str, HeldReturn],
    unclear: Sequence[str],
    beside: tuple[str, ...],
) -> Result:
    names = _names(programme)
    closed = closed_months(programme.ledger)
    left = held_returns(programme.ledger)
    if request.rehearse:
        gone = {decision.receipt for decision in decisions}
        left = [each for each in left if each.id not in gone]
    proposals = {each.id: proposal(each, names, closed) for each in left}
    said = (
        "；".join(_decision_text(names, decision, waiting) for decision in decisions)
        or "没有要处理的决定"
    )
    after = (
        "（预演，没有写入）"
        if request.rehearse
        else "。主表里的汇总在重算之后更新"
        if decisions
        else ""
    )
    data = {
        "verb": "settle",
        "settled": [
            _decision_json(decision, waiting[str(decision.receipt)].file, names)
            for decision in decisions
        ],
        "refused": list(unclear),
        "pending": [_as_json(each, names, proposals[each.id]) for each in left],
    }
    return Result(
        data,
        f"{said}{after}；还有 {len(left)} 份待定",
        clean=not unclear,
        lines=(*unclear, *beside),
        tables=(_pending_table(left, names, proposals),) if left else (),
    )


def _pending_table(
    left: Sequence[HeldReturn], names: dict[str, str], proposals: dict[int, str]
) -> ResultTable:
    rows = [
        (
            str(each.id),
            each.month,
            names.get(each.district, "—"),
            each.file,
            "；".join(problem.message for problem in each.doubts),
            proposals[each.id],
        )
        for each in left
    ]
    return ResultTable("待定", ("编号", "月份", "区县", "文件", "原因", "建议"), rows)


def _decision_json(decision: Decision, file: str, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": decision.receipt,
        "file": file,
        "decision": decision.decision,
        "code": decision.district or None,
        "district": names.get(decision.district),
        "month": decision.month or None,
        "note": decision.note,
    }


def _as_json(each: HeldReturn, names: dict[str, str], proposed: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "file": each.file,
        "sha256": each.sha256,
        "received_at": each.received_at,
        "month": each.month or None,
        "code": each.district or None,
        "district": names.get(each.district),
        "sender": each.sender or None,
        "proposal": proposed,
        "problems": [problem.as_json() for problem in each.problems],
        "figures": {f.indicator: f.value for f in each.figures},
    }
