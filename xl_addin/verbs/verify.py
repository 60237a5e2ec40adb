"""``verify``: archive, ledger and master compared to the number; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.read.blocks import Block, key_text
from xl_addin.master.sums import taken_over
from xl_addin.model.folder import LEDGER
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import MONTH_CELL
from xl_addin.services import audit
from xl_addin.services.archived import archived_files, bring_archive
from xl_addin.services.interruptions import interruptions, leftovers
from xl_addin.services.papers import copy_problems
from xl_addin.services.programme import Programme, Request
from xl_addin.services.reading_settings import settings_text, units_used
from xl_addin.services.replay import replay
from xl_addin.services.scoring import month_figures, shown_scores
from xl_addin.services.second_reading import SecondReading, read_accepted
from xl_addin.services.workers import cluster_of
from xl_addin.store.integrity import committed_pages, count_rows
from xl_addin.store.year_figures import read_years
from xl_addin.system import held
from xl_addin.system.errors import Refused, list_messages
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.system.cluster import Cluster

_OTHER_MONTH, _INTERRUPTED = "other-month", "interrupted"
_CONTROLS = "各月收到和计入（收到、已通过按收集时的月份数，计入、数据、合计按填报表自己的月份数）"


def run(programme: Programme, request: Request) -> Result:
    """Every difference with its place; nobody writes meanwhile."""
    config, ledger = programme.config, programme.ledger
    bring_archive(programme.folder, look_closely=True)
    block, shown = _shown_month(programme)
    month = programme.month(request._replace(month=request.month or shown))
    with cluster_of(request.options) as cluster, ledger.writing():
        problems = [*audit.check_database(ledger), *audit.check_archive(programme.folder, ledger)]
        problems += audit.check_mails(programme.folder, ledger)
        problems += audit.check_slips(programme.folder, ledger)
        problems += _from_archive(programme, cluster)
        problems += [make(_INTERRUPTED, says) for says in interruptions(programme.folder, ledger)]
        again = _read_again(programme, month, whole_year="all" in request.options)
        problems += again.problems
        figures_now = month_figures(programme, month)
        totals = figures_now.totals
        number = int(month[5:])
        ended = config.handed_over(number)  # mostly none, and then the year need not be read again
        gone = taken_over(read_years(ledger, month), config, number) if ended else {}
        problems += audit.check_balance(ledger.figures(month), gone, totals, config)
        if shown in ("", month):
            cells, apart = audit.check_master(programme.host, config, totals)
            problems += apart
            scored, apart = audit.check_changes(
                programme.host, shown_scores(programme, figures_now.book)
            )
            cells += scored
            problems += apart
        else:  # each cell would be of another month, and none of them wrong
            cells = 0
            says = (
                f"主表现在显示的是 {shown}，没有和底账的 {month} 核对；"
                f"请先重算 {month}（recompute）再核对"
            )
            where = block.area[:2]
            problems.append(block.problem(_OTHER_MONTH, where, says, month))
        problems += copy_problems(programme)
        controls = audit.control_totals(ledger)
        counts = count_rows(ledger)
    checked = {
        "receipts": counts.receipts,
        "files": len(archived_files(programme.folder)),
        "figures": counts.figures,
        "cells": cells,
    }
    left = [*leftovers(programme.folder), *(cluster.notices if cluster is not None else ())]
    return _report(month, checked, controls, problems, again, left)


def _read_again(programme: Programme, month: str, *, whole_year: bool) -> SecondReading:
    """The accepted files of the month, or of its year, as the second reader sees them."""
    first, last = (f"{month[:4]}-01", f"{month[:4]}-12") if whole_year else (month, month)
    returns = programme.ledger.accepted_files(first, last)
    units = units_used(programme.ledger, programme.basics.indicators)
    return read_accepted(programme.folder, returns, units, programme.progress)


def _shown_month(programme: Programme) -> tuple[Block, str]:
    """Where the master says which month it shows now, and which."""
    block = programme.host.block(MONTH_CELL)
    return block, key_text(block.cells.get(block.area[:2]))


def _from_archive(programme: Programme, cluster: Cluster | None) -> list[Problem]:
    """What a ledger made from the archive alone would say otherwise."""
    config = programme.basics
    settings = settings_text(
        config.indicators, config.districts, config.rules, config.settings.password_list()
    )
    with held.temporary_folder() as scratch:
        rebuilt = scratch / LEDGER
        try:
            problems = replay(
                programme.folder,
                rebuilt,
                programme.progress,
                settings,
                committed_pages(programme.ledger),
                cluster,
            )
        except Refused as refusal:
            return [make("chronicle", refusal.message)]
        # A file that is gone was told once; its figures need not be told again.
        told = {problem.found for problem in problems}
        gone = [p for p in problems if p.code == "reads-differently"]
        return [*gone, *([] if told else audit.check_against_archive(programme.ledger, rebuilt))]


def _report(
    month: str,
    checked: dict[str, int],
    controls: list[dict[str, Any]],
    problems: list[Problem],
    again: SecondReading,
    left: Sequence[str],
) -> Result:
    said = (
        f"{checked['receipts']} 份回执、{checked['files']} 份存档、{checked['figures']} 个数据、"
        f"主表 {checked['cells']} 格（{month}）"
    )
    beside = {_OTHER_MONTH, _INTERRUPTED}
    different = sum(problem.code not in beside for problem in problems)
    found = f"有 {different} 处不一致" if different else "一个数也不差"
    if any(problem.code == _OTHER_MONTH for problem in problems):
        found = f"底账和归档{found}；主表没有核对，因为它显示的是别的月份"
    rows = [
        (
            line["month"],
            str(line["receipts"]),
            str(line["verdicts"].get("accepted", 0)),
            str(line.get("counting", 0)),
            str(line.get("figures", 0)),
            f"{line.get('sum', 0):g}",
        )
        for line in controls
    ]
    headings = ("月份", "收到", "已通过", "计入", "数据", "合计")
    return Result(
        {
            "verb": "verify",
            "month": month,
            "checked": checked,
            "controls": controls,
            "second_reading": again.as_json(),
            "differences": [problem.as_json() for problem in problems],
        },
        f"核对了 {said}：{found}；{again.outcome}",
        clean=not problems,
        lines=(*list_messages(problems), *again.notices, *left),
        tables=(ResultTable(_CONTROLS, headings, rows, frozenset(range(1, 6))),) if rows else (),
    )
