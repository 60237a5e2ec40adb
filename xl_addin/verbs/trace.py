"""``trace``: from a figure to the returns it is made of, on 溯源, as a tree or as JSON."""

from __future__ import annotations

from xl_addin.model.result import Result
from xl_addin.model.schedule import without_noise
from xl_addin.model.sheets import LOSSES_BLOCK, TRAIL_BLOCK
from xl_addin.services.figure_at import Asked
from xl_addin.services.programme import Programme, Request
from xl_addin.services.score_trail import ScoreAsked, score_asked
from xl_addin.services.tracing import asked_for, trail_of
from xl_addin.services.trail import Trail
from xl_addin.services.trail_copies import place_copies
from xl_addin.services.trail_list import trail_changes
from xl_addin.services.trail_words import heading_of, trail_json, tree_of, value_text
from xl_addin.system.errors import Refused, in_chinese
from xl_addin.xlsx.values import number_text


def run(programme: Programme, request: Request) -> Result:
    """Find the trail and show it; nothing that keeps the sheet from being written keeps it from being told."""
    with programme.ledger.reading():
        score = score_asked(programme, request)
        if score is not None:
            return _tell_score(score)
        asked = asked_for(programme, request)
        trail = trail_of(programme, asked.question)
    lines, clean = [], True
    stale = _stale(asked, trail)
    if stale:
        lines.append(stale)
        clean = False
    told = "预演，没有写“溯源”表" if request.rehearse else _show(programme, trail, lines)
    tree = () if programme.live else tuple(tree_of(trail, programme.config))
    if programme.live:
        told = heading_of(trail, programme.config)
    place = {} if not asked.place else {"asked_at": asked.place}
    return Result(
        {**trail_json(trail, programme.config), **place, "stale": bool(stale)},
        told,
        clean=clean,
        lines=(*tree, *lines),
        shows=TRAIL_BLOCK,
    )


def _tell_score(asked: ScoreAsked) -> Result:
    """The rows of 扣分明细 that a cell of 得分 comes from; they stand there already."""
    whole = number_text(without_noise(sum(row.points for row in asked.rows)))
    said = f"共 {len(asked.rows)} 行，扣分相加 {whole}" if asked.rows else "没有扣分"
    lines = tuple(f"{row.place}：{row.words}" for row in asked.rows)
    return Result(
        {
            "verb": "trace",
            "what": "score",
            "district": asked.district,
            "item": asked.item or None,
            "asked_at": asked.place,
            "shown": asked.shown,
            "rows": [row._asdict() for row in asked.rows],
        },
        f"{asked.place} {asked.district}{asked.item or '总分'}：{said}",
        lines=lines,
        shows=LOSSES_BLOCK,
    )


def _show(programme: Programme, trail: Trail, lines: list[str]) -> str:
    """Write 溯源 with its copies; where that cannot be done the reason is among the lines."""
    config = programme.config
    names = {each.code: each.name for each in config.districts}
    back = {row.returned.id: row.returned for row in trail.rows if row.returned is not None}
    try:
        programme.host.ready()
        trail_changes(programme.host, trail, config, {})
        copies = place_copies(programme.folder, back.values(), names, trail.question.district)
        check = programme.host.apply(trail_changes(programme.host, trail, config, copies))
        lines += [problem.message for problem in check.disagreements]
        return "" if programme.live else f"{programme.host.save()}，看“溯源”表"
    except Refused as refusal:
        lines.append(f"“溯源”表没有写：{refusal.message}")
    except OSError as error:
        lines.append(f"“溯源”表没有写：原件的副本放不进文件夹（{in_chinese(error)}）")
    return ""


def _stale(asked: Asked, trail: Trail) -> str:
    """What to say where a cell does not show what the ledger comes to now."""
    if not asked.exact:
        return ""
    shown = asked.shown if isinstance(asked.shown, int | float) else None
    same = shown is None and trail.value is None
    if shown is not None and trail.value is not None:
        same = abs(shown - trail.value) < 1e-6
    if same:
        return ""
    return (
        f"{asked.place} 上是“{'空' if shown is None else value_text(shown)}”，按底账现在是“{value_text(trail.value)}”："
        "上次重算以后有变动，请点“重算”"
    )
