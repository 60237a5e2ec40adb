"""``answer``: the form that the level above sent, filled in from our own totals into a file beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from xl_addin.form.received import Received, fill_form
from xl_addin.model.folder import ABOVE
from xl_addin.model.levels import provenance
from xl_addin.model.records import Problem
from xl_addin.model.result import Question, Result, ResultTable
from xl_addin.services.answering import (
    FILLED,
    LEFT,
    SAME,
    Answer,
    Matches,
    Said,
    all_entries,
    said_matches,
    unknown_matches,
    work_out,
)
from xl_addin.services.forms_above import ADDED, MATCHES, form_above, how_to_match, kept_matches
from xl_addin.services.level_rows import rows_of
from xl_addin.services.month_totals import month_totals
from xl_addin.services.programme import Programme, Request
from xl_addin.system import atomic, held
from xl_addin.system.errors import Misused, Refused, in_chinese, list_messages
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

_STATES = {FILLED: "填入", SAME: "表里已是", LEFT: "没有填"}


def run(programme: Programme, request: Request) -> Result:
    """Work out every answer, refuse where another figure stands, then write the new file."""
    path, data, form = form_above(programme, request)
    month = _month(programme, request, path, form)
    config, ledger = programme.config, programme.ledger
    totals = month_totals(ledger, config, month)
    said = said_matches(config, request.options.get("match", ""))
    for text in unknown_matches(form, said):
        raise Misused(f"用法不对：上级的表里没有“{text}”；--match 的左边写上级表里的指标")
    kept = kept_matches(programme)
    matches = Matches(said, kept, partial(how_to_match, programme))
    answers = work_out(form, config, totals, matches)
    standing = [each for answer in answers for each in answer.conflicts]
    if standing and "overwrite" not in request.options:
        return _standing(programme, path, standing)
    entries = all_entries(answers)
    filled = fill_form(form, {entry.where: entry.value for entry in entries})
    origin = provenance(rows_of(totals, config, ledger.counting_receipts(month)))
    target = _free_name(path, filled) if entries else None
    problems = [each for answer in answers for each in answer.problems]
    problems += standing
    counts = {state: sum(each.state == state for each in answers) for state in _STATES}
    filling = "，".join(f"{_STATES[state]} {count} 项" for state, count in counts.items() if count)
    # Nothing in a form says that we are the unit it was sent to: who fills it in has to see whose it is.
    unit = f"“{form.reading.district[1] or form.identity.district}”"
    told = (
        "没有要写的"
        if target is None
        else "预演，没有写入"
        if request.rehearse
        else f"已写入 {target}"
    )
    digests = (hashlib.sha256(data).hexdigest(), hashlib.sha256(filled).hexdigest())
    if target is not None and not request.rehearse:
        outcome = (
            f"填上级的表“{path.name}”（{unit}）：{filling}；写成“{target.name}”，校验码 {digests[1]}；"
            f"原表 {digests[0]}；所据的数 {origin}"
        )
        with ledger.writing():
            _write(target, filled)
            fail_point("answer.written")
            ledger.add_event(programme.now(), "answer", month, outcome, programme.who())
    return Result(
        {
            "verb": "answer",
            "month": month,
            "form": path.name,
            "unit": form.reading.district[1] or form.identity.district,
            "form_sha256": digests[0],
            "file": None if target is None or request.rehearse else str(target),
            "sha256": None if target is None else digests[1],
            "provenance": origin,
            "answers": [_json(each) for each in answers],
            "problems": [problem.as_json() for problem in problems],
        },
        f"{month}，上级发给{unit}的表：{filling}；{told}",
        clean=not problems,
        lines=(
            *list_messages(problems),
            *_advice(form, problems),
            *_kept(answers),
            *_unused(form, kept),
        ),
        tables=_tables(answers),
    )


def _standing(programme: Programme, path: Path, standing: list[Problem]) -> Result:
    """Figures that were typed already: a button asks, the command line refuses."""
    says = f"{path.name}：有 {len(standing)} 格已经填了别的数，没有填"
    if not programme.live:
        raise Refused(f"{says}；核对以后要换成本级的数，加 --overwrite", standing)
    return Result(
        {"verb": "answer", "form": path.name, "problems": [each.as_json() for each in standing]},
        says,
        clean=False,
        lines=tuple(list_messages(standing)),
        question=Question("都换成本级的数吗？原表不动，写成旁边的一个新文件。", "overwrite"),
    )


def _month(programme: Programme, request: Request, path: Path, form: Received) -> str:
    """The form's month. Refused where another was asked for, or it is none of ours."""
    theirs = form.identity.month
    if request.month:
        asked = programme.month(request)
        if asked != theirs:
            raise Refused(
                f"{path.name}：这是 {theirs} 的填报表，要填的是 {asked}；请核对是哪个月的表"
            )
    year = programme.basics.settings.year
    if theirs[:4] != str(year):
        raise Refused(
            f"{path.name}：这是 {theirs} 的填报表，本任务是 {year} 年的；请到那一年的任务里填"
        )
    return programme.month(request._replace(month=theirs))


def _free_name(path: Path, data: bytes) -> Path:
    """A name beside the form that nothing else has; the same answers once more are the same file."""
    target, number = path.with_name(f"{path.stem}{ADDED}{path.suffix}"), 1
    while target.exists() and held.read_bytes(target) != data:
        number += 1
        target = path.with_name(f"{path.stem}{ADDED}({number}){path.suffix}")
    return target


def _write(target: Path, data: bytes) -> None:
    try:
        atomic.write(target, data)
    except OSError as error:
        raise Refused(
            f"{target}：写不进去（{in_chinese(error)}）；请腾出地方或检查权限后再试"
        ) from error


def _advice(form: Received, problems: list[Problem]) -> tuple[str, ...]:
    lines = []
    if any(problem.code == "answer-lacking" for problem in problems):
        lines.append(
            "空着的格子有任务数的，上级会退回；请先催齐、重算，再填一次，确实报不齐的先问上级"
        )
    lines.append("填报人、审核人和填报日期没有填，请打开看过以后补上再报")
    if form.paged:
        lines.append("“重点工作”一页没有填，请自己填")
    return tuple(lines)


def _kept(answers: list[Answer]) -> tuple[str, ...]:
    used = [
        f"“{each.item.label}”填的是本级的 {each.ours.code}“{each.ours.label}”"
        for each in answers
        if each.kept and each.ours
    ]
    return (f"按“{ABOVE}”里的“{MATCHES}”：{'；'.join(used)}",) if used else ()


def _unused(form: Received, kept: Mapping[str, Said]) -> tuple[str, ...]:
    names = "”“".join(unknown_matches(form, kept))
    return (f"“{ABOVE}”里的“{MATCHES}”：上级的这张表里没有“{names}”，没有用到",) if names else ()


def _json(answer: Answer) -> dict[str, Any]:
    return {
        "indicator": answer.item.code,
        "label": answer.item.label,
        "ours": answer.ours.code if answer.ours else None,
        "cell": answer.cell,
        "state": answer.state,
        "value": answer.value,
        "missing": list(answer.lacking),
    }


def _tables(answers: list[Answer]) -> tuple[ResultTable, ...]:
    rows = [
        (
            answer.item.label,
            answer.item.unit,
            answer.ours.code if answer.ours else "",
            number_text(answer.value)
            if isinstance(answer.value, int | float)
            else str(answer.value or ""),
            answer.cell,
            _STATES[answer.state],
            f"缺 {len(answer.lacking)} 个" if answer.lacking else "",
        )
        for answer in answers
    ]
    headings = ("上级的指标", "单位", "本级指标", "数", "单元格", "结果", "缺")
    return (ResultTable("上级的表", headings, rows, frozenset((3,))),)
