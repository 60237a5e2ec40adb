"""``recompute``: totals and variances of a month, twice: pandas here, formulas in the master."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

from xl_addin.master.host.base import FormulaCheck
from xl_addin.master.indicator_totals import IndicatorTotals
from xl_addin.master.pair_totals import PairTotals
from xl_addin.master.standings import Standing
from xl_addin.master.totals import Totals, master_changes
from xl_addin.model.lights import LIGHTS, NO_LIGHT
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.result import Result, ResultTable
from xl_addin.services import snapshot
from xl_addin.services.board import shown_board
from xl_addin.services.lists import list_changes
from xl_addin.services.notes import write_notes
from xl_addin.services.papers import prepare_sheets
from xl_addin.services.programme import Programme, Request
from xl_addin.services.published_changes import published_changes
from xl_addin.services.scoring import month_figures, score_tables, scores_json, shown_scores
from xl_addin.services.target_history import note_targets
from xl_addin.system.errors import list_messages
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

_NAMED = 10


def run(programme: Programme, request: Request) -> Result:
    """Compute, compare with the formulas in the master, write both values and results."""
    if request.rehearse:
        return _recompute(programme, request)
    # From reading the master to writing it nobody else may write: neither would see the other's.
    with programme.ledger.writing():
        return _recompute(programme, request)


def _recompute(programme: Programme, request: Request) -> Result:
    month, config, host = programme.month(request), programme.config, programme.host
    host.ready()
    if config.papers and not request.rehearse:
        prepare_sheets(programme)
    moment = programme.now()
    figures = month_figures(programme, month, moment)
    totals = figures.totals
    changes = chain(
        master_changes(totals, config, host),
        shown_board(programme, totals),
        shown_scores(programme, figures.book),
    )
    if request.rehearse:
        check, told, listed = host.check(changes), "预演，没有写入", FormulaCheck(0, ())
        outcome = _outcome(totals, check.disagreements)
    else:
        before = snapshot.read_blocks(host)
        check = host.apply(changes)
        outcome = _outcome(totals, check.disagreements)
        noted = note_targets(programme.ledger, config)
        outcome = "；".join(part for part in (outcome, noted) if part)
        programme.ledger.add_event(moment, "recompute", month, outcome, programme.who())
        listed = host.apply(list_changes(programme, month))
        noted = write_notes(host, programme.ledger, month)
        changed = snapshot.compare_blocks(before, snapshot.read_blocks(host))
        snapshot.save_changes(programme.folder, programme.ledger.run, changed)
        fail_point("recompute.kept")
        told = programme.save() + noted
        fail_point("recompute.saved")
    published = published_changes(programme, totals)
    problems = (
        *check.disagreements,
        *listed.disagreements,
        *_outside(totals),
        *figures.scheme.problems,
    )
    return Result(
        {
            "verb": "recompute",
            "month": month,
            "indicators": [
                {**_row(line), "same_period": totals.same_period[line.code]._asdict()}
                for line in totals.indicators
            ],
            "standings": [_stand(each) for each in totals.standings],
            "scores": scores_json(figures.book),
            "items": _items(programme, month),
            "cells": [_cell(pair) for pair in totals.pairs.values()],
            "formulas": {
                "compared": check.compared,
                "disagreements": [problem.as_json() for problem in check.disagreements],
            },
            "problems": [problem.as_json() for problem in problems],
            "changed_since_last": [each.as_json() for each in published],
        },
        f"{month}：{outcome}；{told}",
        clean=not problems,
        lines=(*list_messages(problems), *(each.line for each in published)),
        tables=(
            totals_table(f"截至 {month} 各项指标", totals.indicators),
            *score_tables(figures.book),
        ),
    )


def _items(programme: Programme, month: str) -> list[dict[str, Any]]:
    """Where each key work stands in each district; none where there are none."""
    if not programme.works:
        return []
    from xl_addin.services.work_ledger import items_json, work_standings

    names = {district.code: district.name for district in programme.basics.districts}
    return items_json(work_standings(programme, month).values(), names)


def _outside(totals: Totals) -> tuple[Problem, ...]:
    """Accepted figures that no total takes up, because the settings no longer know whose they are."""
    return tuple(
        make(
            "not-listed",
            f"底账里有 {district} 的 {indicator} 数据，但“区县名录”或“指标”里已经没有它，没有计入汇总；"
            "如果是误删，请补回后重算",
            found=f"{district} {indicator}",
        )
        for district, indicator in totals.outside
    )


def _outcome(totals: Totals, wrong: Sequence[Problem]) -> str:
    """What the journal says; the cells are named, because a message on the screen is soon gone."""
    said = _standing(totals)
    if not wrong:
        return said
    cells = "、".join(f"{problem.sheet}!{problem.cell}" for problem in wrong[:_NAMED])
    more = "等" if len(wrong) > _NAMED else ""
    return f"{said}；有 {len(wrong)} 格的公式被改动过或结果不一致：{cells}{more}"


def _standing(totals: Totals) -> str:
    """How many indicators have which light, and what the totals lack."""
    lines = totals.indicators
    if all(line.cumulative is None for line in lines):
        return f"{len(lines)} 项指标都还没有数据"
    lights = [line.light for line in lines]
    counts = [
        f"{lights.count(light)} 项{spec.meaning}"
        for light, spec in LIGHTS.items()
        if light in lights
    ]
    if NO_LIGHT in lights:
        counts.append(f"{lights.count(NO_LIGHT)} 项没有任务或还没有到期的")
    lacking = {pair.district for pair in totals.pairs.values() if not pair.is_whole}
    gaps = f"；{len(lacking)} 个区县的累计不全" if lacking else ""
    return f"{len(lines)} 项指标中 {'、'.join(counts)}{gaps}"


def _row(line: IndicatorTotals) -> dict[str, Any]:
    wanted = (
        "code",
        "label",
        "unit",
        "measure",
        "target",
        "published",
        "goal",
        "this_month",
        "cumulative",
        "due",
        "completion",
        "time_progress",
        "lead",
        "difference",
        "difference_to_due",
        "goal_completion",
        "light",
        "months_expected",
        "months_counted",
        "districts_missing",
        "districts_incomplete",
        "opening",
        "corrections",
        "trend",
    )
    return {name: getattr(line, name) for name in wanted}


def _stand(standing: Standing) -> dict[str, Any]:
    wanted = (
        "code",
        "district",
        "rate",
        "pace",
        "lead",
        "light",
        "rank",
        "change",
        "counted",
        "months",
        "missing",
        "gaps",
        "behind",
        "unjudged",
    )
    return {name: getattr(standing, name) for name in wanted}


def _cell(pair: PairTotals) -> dict[str, Any]:
    wanted = (
        "district",
        "indicator",
        "cumulative",
        "target",
        "due",
        "months_counted",
        "months_missing",
        "opening_missing",
        "weight_missing",
        "light",
    )
    expected = {"months_expected": len(pair.months_expected)}
    return {name: getattr(pair, name) for name in wanted} | expected


def totals_table(title: str, lines: tuple[IndicatorTotals, ...]) -> ResultTable:
    """The indicators as people read them."""

    def number(value: float | None) -> str:
        # A mean has no end; what was reported has few decimals.
        return "" if value is None else number_text(round(value, 4))

    def rounded(value: float) -> Decimal:
        # As Excel shows it: half up, of the decimal number that the cell holds; + 0 takes a zero's sign.
        exact = Decimal(repr(round(value, 10)))
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP) + 0

    def share(value: float | None) -> str:
        return "" if value is None else f"{rounded(value * 100)}%"

    def points(value: float | None) -> str:
        if value is None:
            return ""
        near = rounded(value)
        return f"{near:{'+' if near else ''}} 个百分点"

    rows = [
        (
            line.label,
            line.unit,
            number(line.target),
            number(line.goal),
            number(line.this_month),
            number(line.cumulative),
            share(line.completion),
            share(line.time_progress),
            number(line.due),
            points(line.lead),
            f"{LIGHTS[line.light].shape}{line.light}" if line.light else "",
            str(line.districts_missing),
            str(line.districts_incomplete),
        )
        for line in lines
    ]
    headings = (
        "指标",
        "单位",
        "任务数",
        "全市目标",
        "本月",
        "累计",
        "完成率",
        "序时进度",
        "应完成",
        "超前滞后",
        "灯",
        "本月缺数区县",
        "累计不全区县",
    )
    return ResultTable(title, headings, rows, frozenset(range(2, len(headings))))
