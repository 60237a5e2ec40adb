"""``close``: nothing that comes in for a closed month counts until a person opens it again."""

from __future__ import annotations

from xl_addin.model.records import ACCEPTED
from xl_addin.model.result import Result
from xl_addin.model.settings import CLOSE, REOPEN
from xl_addin.services.programme import Programme, Request
from xl_addin.store.decisions import add_closing, closed_months
from xl_addin.system.errors import Refused


def run(programme: Programme, request: Request) -> Result:
    """Close a month, or open it again; what a button does stands on 设置."""
    month, settings = programme.month(request), programme.basics.settings
    reopen = "reopen" in request.options or (not request.month and settings.closing == REOPEN)
    ledger = programme.ledger
    with ledger.writing():
        if (month in closed_months(ledger)) != reopen:
            raise Refused(_already(month, reopen=reopen))
        missing = _missing(programme, month)
        outcome = "重新打开" if reopen else f"结账，未通过 {len(missing)} 个区县"
        if not request.rehearse:
            add_closing(ledger, month, closed=not reopen)
            ledger.add_event(programme.now(), "close", month, outcome, programme.who())
    told = "（预演，没有写入）" if request.rehearse else ""
    lines = () if reopen or not missing else (f"结账时还没有通过的区县：{'、'.join(missing)}",)
    after = "，以后收到的照常审核" if reopen else "，以后收到的先待定，要改数请先重新打开"
    return Result(
        {"verb": "close", "month": month, "closed": not reopen, "missing": missing},
        f"{month}：{outcome}{after}{told}",
        lines=lines,
    )


def _already(month: str, *, reopen: bool) -> str:
    if reopen:
        return (
            f"{month} 没有结账，不用重新打开；要结账，请把“设置”里的“结账按钮”改回“{CLOSE}”，"
            "或用命令 close"
        )
    return (
        f"{month} 已经结账；要重新打开，请把“设置”里的“结账按钮”改成“{REOPEN}”再点一次，"
        "或用命令 close --reopen"
    )


def _missing(programme: Programme, month: str) -> list[str]:
    statuses = programme.ledger.statuses(month[:4])
    return [
        district.name
        for district in programme.basics.districts
        if district.reports(month)
        and ((status := statuses.get((district.code, month))) is None or status.verdict != ACCEPTED)
    ]
