"""What a bulletin says of the key works: counts first, names after; nothing where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.model.records import ACCEPTED
from xl_addin.model.work_items import BEHIND, DONE, NOT_CONCERNED, SETTLED, WorkStanding
from xl_addin.services.bulletin.sentences import enumerate_names

NAMES = (
    "台账件数",
    "台账完成数",
    "台账滞后数",
    "台账完成名单",
    "台账滞后名单",
    "台账未报名单",
    "台账情况",
)


def work_values(works: Sequence[WorkStanding], names: Mapping[str, str]) -> dict[str, str]:
    """The placeholders by name; all empty where there are no key works. ``names`` are districts by code.

    Finished is an item that every district concerned has finished; behind one that some district says is
    behind, or has not finished though its term has passed.
    """
    if not works:
        return dict.fromkeys(NAMES, "")
    items: dict[str, list[WorkStanding]] = {}
    silent: dict[str, int] = {}
    for each in works:
        items.setdefault(each.item.number, []).append(each)
        if each.verdict != ACCEPTED:
            silent[each.district] = silent.get(each.district, 0) + 1
    done = [_title(each) for each in items.values() if _is_done(each)]
    slow = {
        _title(each): [names[s.district] for s in each if _is_behind(s)] for each in items.values()
    }
    behind = [
        f"{title}（{enumerate_names(districts)}）" for title, districts in slow.items() if districts
    ]
    missing = [f"{names[code]}（{count}件）" for code, count in silent.items()]
    values = (
        str(len(items)),
        str(len(done)),
        str(len(behind)),
        enumerate_names(done, "件"),
        enumerate_names(behind, "件"),
        enumerate_names(missing),
    )
    return dict(zip(NAMES, (*values, _sentence(values, len(missing))), strict=True))


def _title(standings: Sequence[WorkStanding]) -> str:
    return standings[0].item.title


def _is_done(standings: Sequence[WorkStanding]) -> bool:
    states = [each.state for each in standings if each.state != NOT_CONCERNED]
    return bool(states) and all(state == DONE for state in states)


def _is_behind(each: WorkStanding) -> bool:
    return each.state == BEHIND or (each.late and bool(each.state) and each.state not in SETTLED)


def _sentence(values: Sequence[str], missing: int) -> str:
    items, done, behind, done_names, behind_names, missing_names = values
    said = f"列入台账的重点工作{items}件，有关区县都已完成的{done}件"
    said += f"：{done_names}" if done_names else ""
    said += f"；有区县滞后的{behind}件"
    said += f"：{behind_names}。" if behind_names else "。"
    if missing:
        said += f"还没有报送进展或退回还没有改好的区县{missing}个：{missing_names}。"
    return said
