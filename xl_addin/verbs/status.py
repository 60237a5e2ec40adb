"""``status``: who has reported, who has not, and whether it was on time."""

from __future__ import annotations

from collections import Counter

from xl_addin.model.calendar import LATE, ON_TIME, deadline, is_on_time
from xl_addin.model.records import ACCEPTED, MISSING, VERDICT_LABELS, District
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import STATUS_BLOCK
from xl_addin.services.programme import Programme, Request
from xl_addin.store.decisions import closed_months
from xl_addin.store.ledger import Status
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def run(programme: Programme, request: Request) -> Result:
    """Every district of one month, from the ledger."""
    month, config = programme.month(request), programme.basics
    day = config.settings.deadline_day
    statuses = programme.ledger.statuses(month[:4])
    districts = [
        _district_json(district, statuses.get((district.code, month)), day)
        for district in config.districts
        if district.reports(month)
    ]
    closed = month in closed_months(programme.ledger)
    missing = [row["district"] for row in districts if row["verdict"] != ACCEPTED]
    accepted_count = len(districts) - len(missing)
    counts = Counter(row["verdict"] for row in districts)
    said = "、".join(f"{VERDICT_LABELS[v]} {n}" for v, n in counts.most_common())
    return Result(
        {
            "verb": "status",
            "month": month,
            "expected": len(districts),
            "accepted": accepted_count,
            "missing": missing,
            "closed": closed,
            "deadline": deadline(month, day),
            "districts": districts,
        },
        f"{month}：应报 {len(districts)}，{said}；截止 {deadline(month, day)[:10]}"
        f"{'；已结账' if closed else ''}",
        clean=not missing,
        tables=(_status_table(month, districts),),
        shows=STATUS_BLOCK,
    )


def _district_json(district: District, status: Status | None, day: int) -> dict[str, Any]:
    accepted = status is not None and status.verdict == ACCEPTED
    return {
        "code": district.code,
        "district": district.name,
        "verdict": MISSING if status is None else status.verdict,
        "received_at": None if status is None else status.received_at,
        "on_time": is_on_time(status.month, status.received_at, day)
        if status is not None and accepted
        else None,
        "file": None if status is None else status.file,
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
        )
        for row in districts
    ]
    headings = ("区县", "结论", "收到时间", "是否按时", "文件")
    return ResultTable(f"{month} 回收情况", headings, rows)
