"""``settle``: a person decides what becomes of held returns."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.judging.history import History
from xl_addin.judging.identify import known_names
from xl_addin.master.read.blocks import outdated
from xl_addin.model.calendar import month_of
from xl_addin.model.names import fold
from xl_addin.model.records import ACCEPTED, REJECTED
from xl_addin.model.result import Report, Table
from xl_addin.model.sheets import DISTRICTS_SHEET, PENDING_SHEET
from xl_addin.services.lists import journal_change
from xl_addin.services.pending import pending_block, pending_change, proposal, typed_decisions
from xl_addin.services.programme import Desk, Wish
from xl_addin.store.decisions import (
    Decision,
    Held,
    add_decisions,
    add_remarks,
    closed_months,
    decided_receipts,
    held,
    obstacle,
)
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.failpoint import reached
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_CHOICES = ("accept", "reject", "assign")


def run(desk: Desk, wish: Wish) -> Report:
    """Decide what was asked for by number, else what staff chose on 待定; without any, list it."""
    chosen = [name for name in _CHOICES if name in wish.options]
    if (
        len(chosen) > 1
        or bool(chosen) != bool(wish.paths)
        or ("note" in wish.options and not chosen)
    ):
        raise Misused(
            "用法不对：写明待定编号，再写 --accept、--reject、--assign 代码 三者之一；"
            "都不写就按主表“待定”里的决定处理"
        )
    return _by_number(desk, wish, chosen[0]) if chosen else _by_sheet(desk, wish)


def _by_number(desk: Desk, wish: Wish, choice: str) -> Report:
    with desk.ledger.writing():
        waiting = {str(each.id): each for each in held(desk.ledger)}
        decisions = [_decision(desk, wish, choice, waiting, n) for n in dict.fromkeys(wish.paths)]
        refusals = _refusals(desk, decisions, waiting)
        if refusals:
            raise Refused("；".join(refusals))
        beside = _beside(desk, decisions, waiting)
        if not wish.rehearse:
            _decide(desk, decisions, waiting)
    return _report(desk, wish, decisions, waiting, (), beside)


def _decision(
    desk: Desk, wish: Wish, choice: str, waiting: dict[str, Held], number: str
) -> Decision:
    each = waiting.get(number)
    if each is None:
        open_ = "、".join(waiting) or "没有"
        raise Refused(f"没有编号为 {number} 的待定；现在待定的编号：{open_}")
    district = _district(desk, wish.options["assign"]) if choice == "assign" else each.district
    verdict = REJECTED if choice == "reject" else ACCEPTED
    note = wish.options.get("note", "")
    return Decision(each.id, verdict, district, wish.month or each.month, note)


def _by_sheet(desk: Desk, wish: Wish) -> Report:
    """The decisions are in the ledger before they go from the sheet: a cut loses none of them."""
    with desk.ledger.writing():
        waiting = held(desk.ledger)
        by_number = {str(each.id): each for each in waiting}
        typed, told = _typed(desk, waiting)
        sound = []
        for decision in typed:
            refusals = _refusals(desk, [decision], by_number)
            told += refusals
            sound += [] if refusals else [decision]
        beside = _beside(desk, sound, by_number)
        to_write = not wish.rehearse and (bool(sound or told) or _at_hand(desk))
        if to_write:
            desk.host.ready()
            if sound:
                _decide(desk, sound, by_number)
    if to_write:
        with desk.ledger.writing():
            _show(desk)
    return _report(desk, wish, sound, by_number, told, beside)


def _typed(desk: Desk, waiting: Sequence[Held]) -> tuple[list[Decision], list[str]]:
    block = pending_block(desk.host)
    if block is None:
        raise Refused(
            f"{outdated(f'“{PENDING_SHEET}”工作表')}；"
            "或者用 xl-addin settle 编号 --accept（--reject、--assign 代码）"
        )
    settled = {str(number) for number in decided_receipts(desk.ledger)}
    typed, problems = typed_decisions(block, waiting, settled, desk.basics)
    return typed, [problem.message for problem in problems]


def _show(desk: Desk) -> None:
    """待定 and 操作日志 as they are now."""
    block = pending_block(desk.host)
    if block is not None:
        left, closed = held(desk.ledger), closed_months(desk.ledger)
        pending = pending_change(block, left, desk.basics, closed)
        desk.host.apply([pending, journal_change(desk.host, desk.ledger)])
        desk.host.save()
        reached("settle.saved")


def _at_hand(desk: Desk) -> bool:
    """Whether the list in the master can be brought up to date, though nothing was decided there."""
    try:
        desk.host.ready()
    except Refused:
        return False
    return True


def _district(desk: Desk, text: str) -> str:
    codes = {district.code for district in desk.basics.districts}
    code = text if text in codes else known_names(desk.basics.districts).get(fold(text), "")
    if not code:
        raise Refused(f"“{text}”不在“{DISTRICTS_SHEET}”里；请写名录里的代码或名称")
    return code


def _refusals(desk: Desk, decisions: Sequence[Decision], waiting: dict[str, Held]) -> list[str]:
    names = {district.code: district.name for district in desk.basics.districts}
    closed = closed_months(desk.ledger)
    found = []
    for decision in decisions:
        says = obstacle(waiting[str(decision.receipt)], decision, names, closed)
        if not says and decision.decision == ACCEPTED:
            try:
                month_of(decision.month, desk.basics.settings.year)
            except Refused as refusal:
                says = f"待定 {decision.receipt}：{refusal.message}"
        found += [says] if says else []
    return found


def _decide(desk: Desk, decisions: Sequence[Decision], waiting: dict[str, Held]) -> None:
    """Record the decisions, and what each accepted return changes of the one that counted."""
    config, ledger = desk.basics, desk.ledger
    districts = {district.code: district for district in config.districts}
    for decision in decisions:
        each = waiting[str(decision.receipt)]
        if decision.decision == ACCEPTED:
            history = History(ledger, decision.month, districts, config.rules)
            earlier = history.counting(decision.district)
            if earlier is not None and earlier.received_at <= each.received_at:
                sheet = next((p.sheet for p in each.problems if p.sheet), "")
                changed = history.differences(earlier, sheet, each.figures)
                add_remarks(ledger, each.id, changed)
        add_decisions(ledger, [decision])
    months = {decision.month for decision in decisions if decision.month}
    month = months.pop() if len(months) == 1 else ""
    outcome = "；".join(_said(desk, decision, waiting) for decision in decisions)
    ledger.add_event(desk.now(), "settle", month, outcome, desk.who())


def _beside(desk: Desk, decisions: Sequence[Decision], waiting: dict[str, Held]) -> tuple[str, ...]:
    """What counts already where a return is accepted: whoever decides has to know of it."""
    districts = {district.code: district for district in desk.basics.districts}
    lines = []
    for decision in decisions:
        if decision.decision != ACCEPTED:
            continue
        history = History(desk.ledger, decision.month, districts, desk.basics.rules)
        earlier = history.counting(decision.district)
        if earlier is None:
            continue
        whose = f"“{districts[decision.district].name}”{decision.month}"
        what = f"{earlier.received_at} 收到的“{earlier.file}”"
        after = (
            f"改为按 {decision.receipt} 号计算；如果归错了区县或月份，请撤销"
            if earlier.received_at <= waiting[str(decision.receipt)].received_at
            else f"它比 {decision.receipt} 号收到得晚，算数的仍是它"
        )
        lines.append(f"{whose} 已有通过的填报表：{what}；{after}")
    return tuple(lines)


def _said(desk: Desk, decision: Decision, waiting: dict[str, Held]) -> str:
    names = {district.code: district.name for district in desk.basics.districts}
    file = waiting[str(decision.receipt)].file
    note = f"（{decision.note}）" if decision.note else ""
    if decision.decision == REJECTED:
        return f"{decision.receipt}“{file}”退回{note}"
    whose = names.get(decision.district, decision.district)
    return f"{decision.receipt}“{file}”接受，计入“{whose}”{decision.month}{note}"


def _report(
    desk: Desk,
    wish: Wish,
    decisions: Sequence[Decision],
    waiting: dict[str, Held],
    told: Sequence[str],
    beside: tuple[str, ...],
) -> Report:
    names = {district.code: district.name for district in desk.basics.districts}
    closed = closed_months(desk.ledger)
    left = held(desk.ledger)
    if wish.rehearse:
        gone = {decision.receipt for decision in decisions}
        left = [each for each in left if each.id not in gone]
    rows = [
        (
            str(each.id),
            each.month,
            names.get(each.district, "—"),
            each.file,
            "；".join(p.message for p in each.doubts),
            proposal(each, names, closed),
        )
        for each in left
    ]
    said = "；".join(_said(desk, decision, waiting) for decision in decisions) or "没有要处理的决定"
    after = (
        "（预演，没有写入）"
        if wish.rehearse
        else "。主表里的汇总在重算之后更新"
        if decisions
        else ""
    )
    data = {
        "verb": "settle",
        "settled": [
            {
                "id": d.receipt,
                "file": waiting[str(d.receipt)].file,
                "decision": d.decision,
                "code": d.district or None,
                "district": names.get(d.district),
                "month": d.month or None,
                "note": d.note,
            }
            for d in decisions
        ],
        "refused": list(told),
        "pending": [_as_json(each, names, proposal(each, names, closed)) for each in left],
    }
    tables = (
        (Table("待定", ("编号", "月份", "区县", "文件", "原因", "建议"), rows),) if rows else ()
    )
    return Report(
        data,
        f"{said}{after}；还有 {len(left)} 份待定",
        clean=not told,
        lines=(*told, *beside),
        tables=tables,
    )


def _as_json(each: Held, names: dict[str, str], proposed: str) -> dict[str, Any]:
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
