"""``supervise``: who was red or silent for months running gets a slip; ``--issue`` sends what was drafted.

Two steps, as for a bulletin: a slip carries the office's name, so somebody reads it before it goes out.
"""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import SLIPS_BLOCK
from xl_addin.model.slips import WITHDRAWN, Slip, SlipState
from xl_addin.services.lists import journal_change
from xl_addin.services.programme import Programme, Request
from xl_addin.services.shown_totals import shown_totals
from xl_addin.services.supervision.files import may_go
from xl_addin.services.supervision.issue import issue
from xl_addin.services.supervision.plan import Draft, Plan, make_plan
from xl_addin.services.supervision.report import (
    DRAFT_HEADINGS,
    closing_words,
    draft_json,
    draft_row,
    kept_lines,
    slip_json,
)
from xl_addin.services.supervision.sheet import shown_slips, slips_block, told_answers, typed_states
from xl_addin.store.slips import NewSlip, add_slip, add_states, slips
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point

_Typed = list[tuple[int, SlipState]]


def run(programme: Programme, request: Request) -> Result:
    """Take what was typed on 督办, draft what is due, raise what is overdue; or send all of that."""
    month = programme.month(request)
    if "issue" in request.options:
        done = issue(programme, request, month)
        if not request.rehearse and _master_available(programme):
            with programme.ledger.writing():
                _update_sheet(programme)
        return done
    if request.rehearse:
        known, typed, plan = _work_out(programme, month)
        return _report(programme, request, month, plan, typed, known)
    programme.host.ready()
    with programme.ledger.writing():
        known, typed, plan = _work_out(programme, month)
        if typed or plan.drafts or plan.anew:
            _act(programme, month, plan, typed)
    with programme.ledger.writing():
        _update_sheet(programme)
    return _report(programme, request, month, plan, typed, known)


def _work_out(programme: Programme, month: str) -> tuple[list[Slip], _Typed, Plan]:
    totals = shown_totals(programme, month, "督办单")
    known = slips(programme.ledger)
    typed = _typed(programme, known)
    known = [_with_states(slip, typed) for slip in known]
    return known, typed, make_plan(programme, month, totals.pairs, known)


def _typed(programme: Programme, known: Sequence[Slip]) -> _Typed:
    """What staff wrote on the sheet. Refused as a whole where something of it cannot be understood."""
    block = slips_block(programme.host)
    if block is None:
        return []
    districts, told = programme.basics.districts, told_answers(programme.ledger)
    states, problems = typed_states(block, known, districts, programme.now(), told)
    if problems:
        raise Refused(f"“{block.sheet}”里有 {len(problems)} 处不对，改好后再点“督办”", problems)
    return states


def _with_states(slip: Slip, typed: _Typed) -> Slip:
    mine = tuple(state for number, state in typed if number == slip.id)
    return slip._replace(states=(*slip.states, *mine))


def _act(programme: Programme, month: str, plan: Plan, typed: _Typed) -> None:
    """Files first, the ledger last: cut off in between, the same files are written again."""
    ledger, folder, now = programme.ledger, programme.folder, programme.now()
    written = {draft.path for draft in plan.drafts}
    for slip in plan.anew:
        old = folder / slip.states[-1].file
        if old not in written and may_go(old):
            held.unlink(old)
    for draft in plan.drafts:
        draft.path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(draft.path, draft.data)
        fail_point("supervise.written")
    where, template = plan.template
    if plan.drafts and not where.exists():
        where.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(where, template)
    withdrawn = SlipState(0, WITHDRAWN, "", "", "", "", now, "")
    add_states(ledger, [*typed, *((slip.id, withdrawn) for slip in plan.anew)])
    for draft in plan.drafts:
        number = draft.slip.id if draft.slip else add_slip(ledger, _new_slip(draft))
        add_states(ledger, [(number, draft.state(folder, now))])
    ledger.add_event(now, "supervise", month, _outcome(plan, typed), programme.who())


def _new_slip(draft: Draft) -> NewSlip:
    return NewSlip(draft.year, draft.number, draft.month, draft.district.code, draft.items)


def _master_available(programme: Programme) -> bool:
    """Whether the sheet can be brought up to date; what went out is no worse where it cannot."""
    try:
        programme.host.ready()
    except Refused:
        return False
    return True


def _update_sheet(programme: Programme) -> None:
    """督办 and 操作日志 as they are now."""
    block = slips_block(programme.host)
    if block is not None:
        change = shown_slips(programme, block)
        programme.host.apply([change, journal_change(programme.host, programme.ledger)])
        programme.save()
        fail_point("supervise.saved")


def _outcome(plan: Plan, typed: _Typed) -> str:
    new = [each for each in plan.drafts if each.slip is None]
    raised = [each for each in plan.drafts if each.slip is not None]
    items = sum(len(each.items) for each in new)
    said = [f"拟督办单 {len(new)} 份、{items} 项"] if new else []
    said += [f"升级催办 {len(raised)} 份"] if raised else []
    said += [f"收回没有交办的 {len(plan.anew)} 份重拟"] if plan.anew else []
    return "，".join((*said, *closing_words(typed))) or "没有要督办的"


def _report(
    programme: Programme,
    request: Request,
    month: str,
    plan: Plan,
    typed: _Typed,
    known: Sequence[Slip],
) -> Result:
    names = {each.code: each.name for each in programme.config.districts}
    told = "（预演，没有写入）" if request.rehearse else ""
    waiting = bool(plan.drafts or plan.kept)
    after = "；看过以后点“交办”（supervise --issue）" if waiting and not told else ""
    rows = [draft_row(each, programme.folder) for each in plan.drafts]
    return Result(
        {
            "verb": "supervise",
            "month": month,
            "slips": [
                *(draft_json(each) for each in plan.drafts),
                *(slip_json(each, names, programme.now()[:10]) for each in plan.kept),
            ],
            "answered_or_closed": [
                slip_json(each, names, programme.now()[:10])
                for each in known
                if any(number == each.id for number, _ in typed)
            ],
            "months_missing": [names.get(code, code) for code in plan.gaps],
        },
        f"{month}：{_outcome(plan, typed)}{after}{told}",
        clean=not plan.kept,
        lines=tuple(kept_lines(plan, names)),
        tables=(ResultTable("督办单", DRAFT_HEADINGS, rows),) if rows else (),
        shows="" if request.rehearse else SLIPS_BLOCK,
    )
