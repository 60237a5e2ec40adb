"""``close``: nothing that comes in for a closed month counts until a person opens it again."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.calendar import month_after
from xl_addin.model.records import ACCEPTED, MISSING
from xl_addin.model.result import Question, Result
from xl_addin.model.settings import CLOSE, REOPEN
from xl_addin.model.sheets import SLIPS_SHEET
from xl_addin.services.month_setting import month_change, month_words, write_month
from xl_addin.services.programme import Programme, Request
from xl_addin.services.roll_call import Answer, call_roll, count_words, name_lines
from xl_addin.store.decisions import add_closing, closed_months
from xl_addin.store.slips import any_slips, slips
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.failpoint import fail_point


def run(programme: Programme, request: Request) -> Result:
    """Close a month, or open it again; what a button does stands on 设置.

    With ``next`` the month that follows becomes the one that is worked on, after the closing or where
    the month is closed already.
    """
    month, settings = programme.month(request), programme.basics.settings
    go_on = "next" in request.options
    reopen = "reopen" in request.options or (
        not request.month and not go_on and settings.closing == REOPEN
    )
    following = _following(month, reopen=reopen) if go_on else ""
    change = month_change(programme, following) if following else None
    answers = call_roll(programme).answers(month)
    with programme.ledger.writing():
        already = (month in closed_months(programme.ledger)) != reopen
        if already and not following:
            raise Refused(_already(month, reopen=reopen))
        said = [] if already else [_outcome(answers, reopen=reopen)]
        said += [month_words(following)] if following else []
        if not request.rehearse:
            if not already:
                add_closing(programme.ledger, month, closed=not reopen)
            outcome = "；".join(said)
            programme.ledger.add_event(programme.now(), "close", month, outcome, programme.who())
    fail_point("close.closed")
    if change is not None and not request.rehearse:
        write_month(programme, change)
    beside = [*_slips(programme), *_papers(programme)]
    return _report(month, request, settings.month, answers, already, reopen, following, beside)


def _slips(programme: Programme) -> list[str]:
    """What is open of slips when a month is closed; who has none does not pay for them."""
    if not any_slips(programme.ledger):
        return []
    from xl_addin.services.supervision.report import board_words

    said = board_words(slips(programme.ledger), programme.now()[:10])
    return [f"{said}，见“{SLIPS_SHEET}”"] if said else []


def _papers(programme: Programme) -> list[str]:
    """That papers are of no month and are taken still, where some are owed."""
    if not programme.basics.papers:
        return []
    from xl_addin.services.paper_standing import paper_standings, standing_lines

    return [
        f"{line}；材料按自己的截止日，不随月份结账，以后照收"
        for line in standing_lines(paper_standings(programme))
    ]


def _report(
    month: str,
    request: Request,
    shown: str,
    answers: Sequence[Answer],
    already: bool,
    reopen: bool,
    following: str,
    beside: Sequence[str],
) -> Result:
    after = "；以后收到的照常审核" if reopen else "；以后收到的先待定，要改数请先重新打开"
    said = "已经结账" if already else f"{_outcome(answers, reopen=reopen)}{after}"
    if following:
        said += f"；{month_words(following)}"
    told = "（预演，没有写入）" if request.rehearse else ""
    lines = () if reopen or already else (*name_lines(answers), *beside)
    question, advice = None, ""
    if not reopen and not following and not request.rehearse and shown == month:
        question, advice = _offer(month)
    return Result(
        {
            "verb": "close",
            "month": month,
            "closed": not reopen,
            "missing": [each.district.name for each in answers if each.verdict != ACCEPTED],
            "not_reported": [e.district.name for e in answers if e.verdict == MISSING],
            "next_month": following or None,
        },
        f"{month}：{said}{told}",
        lines=lines,
        question=question,
        advice=advice,
    )


def _offer(month: str) -> tuple[Question | None, str]:
    """How to go on after a month was closed: a button asks, the command line says."""
    following = month_after(month)
    if following:
        asks = f"接着做 {following} 吗？选“是”，“设置”里的“本次月份”改为 {following}。"
        says = f"接着做 {following}：运行 xl-addin close --next，或把“设置”里的“本次月份”改为 {following}"
        return Question(asks, "next"), says
    year = int(month[:4]) + 1
    says = (
        f"{month[:4]} 年度到此结束。{year} 年度请新建：xl-addin new 新文件夹 --from 这个文件夹 "
        f"--task-table {year}年任务表 --year {year}"
    )
    return None, says


def _following(month: str, *, reopen: bool) -> str:
    """The month to go on with. Misused together with reopening, Refused after December."""
    if reopen:
        raise Misused("用法不对：--next 和 --reopen 不能一起用")
    following = month_after(month)
    if not following:
        raise Refused(
            f"{month} 是年度的最后一个月，没有下个月；下一年度请用 xl-addin new --from 新建"
        )
    return following


def _outcome(answers: Sequence[Answer], *, reopen: bool) -> str:
    return "重新打开" if reopen else f"结账，{count_words(answers)}"


def _already(month: str, *, reopen: bool) -> str:
    if reopen:
        return (
            f"{month} 没有结账，不用重新打开；要结账，请把“设置”里的“结账按钮”改回“{CLOSE}”，"
            "或用命令 close"
        )
    return (
        f"{month} 已经结账；要重新打开，请把“设置”里的“结账按钮”改成“{REOPEN}”再点一次，"
        f"或用命令 close --reopen --month {month}"
    )
