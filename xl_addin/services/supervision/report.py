"""How 督办 tells what it did: as JSON, as a table, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xl_addin.model.slips import (
    ANSWERED,
    CLOSED,
    DRAFTED,
    ISSUED,
    OVERDUE,
    RED_LIGHT,
    SILENT,
    STATE_LABELS,
    Slip,
    SlipItem,
    SlipState,
)
from xl_addin.services.bulletin.sentences import enumerate_names
from xl_addin.services.supervision.plan import Draft, Plan
from xl_addin.services.supervision.words import level_words
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

DRAFT_HEADINGS = ("编号", "区县", "级别", "期限", "事项", "文件")
_KEYS = {RED_LIGHT: "indicator", SILENT: "missing"}


def item_json(item: SlipItem) -> dict[str, Any]:
    """An item, under the name of what it is about."""
    about: str | bool = item.subject or True
    return {
        _KEYS.get(item.kind, "item"): about,
        "label": item.label,
        "reason": item.reason,
        "months": list(item.months),
    }


def draft_json(draft: Draft) -> dict[str, Any]:
    """A slip that is drafted."""
    return {
        "number": draft.name,
        "code": draft.district.code,
        "district": draft.district.name,
        "items": [item_json(each) for each in draft.items],
        "term": draft.term or None,
        "level": draft.level,
        "file": str(draft.path),
        "state": DRAFTED,
        "left_to_write": draft.left,
    }


def slip_json(slip: Slip, names: Mapping[str, str], today: str) -> dict[str, Any]:
    """A slip as it stands; ``state`` is that of the item that is furthest behind."""
    paper = slip.draft or slip.paper
    return {
        "number": slip.name,
        "code": slip.district,
        "district": names.get(slip.district, slip.district),
        "items": [
            item_json(each) | {"state": slip.standing(each), "answer": _said(slip.answer(each))}
            for each in slip.items
        ],
        "term": paper.term or None,
        "level": paper.level,
        "file": paper.file,
        "state": overall_state(slip),
        "overdue": slip.is_overdue(today),
    }


def _said(state: SlipState | None) -> str | None:
    return None if state is None else state.text


def overall_state(slip: Slip) -> str:
    """The step of the item that is furthest behind."""
    steps = [slip.standing(each) for each in slip.items]
    return next(step for step in (DRAFTED, ISSUED, ANSWERED, CLOSED) if step in steps)


def draft_row(draft: Draft, folder: Path) -> tuple[str, ...]:
    """A slip that is drafted, as people read it."""
    items = "；".join(each.label for each in draft.items)
    file = draft.path.relative_to(folder).as_posix()
    level = level_words(draft.level) + ("（催办）" if draft.slip else "")
    return draft.name, draft.district.name, level, draft.term or "不设期限", items, file


def closing_words(typed: Sequence[tuple[int, SlipState]]) -> list[str]:
    """What was taken from the sheet, counted."""
    kinds = [state.state for _, state in typed]
    words = ((CLOSED, "销号"), (ANSWERED, "登记反馈"))
    return [f"{word} {kinds.count(kind)} 项" for kind, word in words if kind in kinds]


def kept_lines(plan: Plan, names: Mapping[str, str]) -> Iterator[str]:
    """What has to be known beside the slips."""
    for slip in plan.kept:
        file = slip.draft.file if slip.draft else ""
        yield (
            f"{slip.name}（{names.get(slip.district, slip.district)}）的 {file} 有人改过，原样保留，没有重拟；"
            "要重拟，请把它移到别处再点“督办”"
        )
    left = [each.name for each in plan.drafts if each.left]
    if left:
        yield f"还有【请补充】要写，写好才能交办：{enumerate_names(left, '份')}；“发文机关”在“设置”里填"
    if plan.not_due:
        month = int(plan.not_due[5:])
        yield f"{month}月的截止日还没有过，未报的月份没有算上{month}月"
    if plan.gaps:
        who = enumerate_names([names.get(code, code) for code in plan.gaps])
        yield f"有红灯、但缺月份的 {len(plan.gaps)} 个区县，不按进度慢督办：{who}"


def supervised_words(known: Sequence[Slip], names: Mapping[str, str], today: str) -> list[str]:
    """The slips that went out and are open, as a list of names has them."""
    found = []
    for slip in known:
        if slip.issues and slip.is_open:
            late = f"，{OVERDUE}" if slip.is_overdue(today) else ""
            step = STATE_LABELS[overall_state(slip)]
            said = f"{slip.name}，{level_words(slip.paper.level)}，已{step}{late}"
            found.append(f"{names.get(slip.district, slip.district)}（{said}）")
    return found


def board_words(known: Sequence[Slip], today: str) -> str:
    """How many slips are open, for a line of 看板; empty where none ever went out."""
    out = [each for each in known if each.issues]
    opened = [each for each in out if each.is_open]
    late = sum(each.is_overdue(today) for each in opened)
    if not out:
        return ""
    return f"督办中 {len(opened)} 份" + (f"（{OVERDUE} {late} 份）" if late else "")


def open_words(known: Sequence[Slip], names: Mapping[str, str], today: str) -> str:
    """督办情况 as a sentence; empty where nothing is open."""
    opened = [each for each in known if each.issues and each.is_open]
    if not opened:
        return ""
    late = sum(each.is_overdue(today) for each in opened)
    overdue = f"，其中超过期限没有反馈的{late}份" if late else ""
    listed = enumerate_names(supervised_words(opened, names, today), "份")
    return f"督办中的事项共{sum(_open_items(each) for each in opened)}项、督办单{len(opened)}份{overdue}：{listed}。"


def _open_items(slip: Slip) -> int:
    return sum(slip.closing(each) is None for each in slip.items)
