"""The sheet 比对: what the last comparison came to, with what staff typed beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text
from xl_addin.model.comparison import RESULT_LABELS, SAME
from xl_addin.model.settings import Config
from xl_addin.model.sheets import COMPARISON_BLOCK, COMPARISON_HEAD_BLOCK, COMPARISON_HEADINGS
from xl_addin.services.comparison_words import column_words, total_words, trail_text
from xl_addin.services.programme import Programme
from xl_addin.store.comparisons import (
    ComparedPair,
    Comparison,
    add_notes,
    compared_pairs,
    last_comparison,
    notes_about,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.values import clip, quote

if TYPE_CHECKING:
    from typing import Any

_OWN = COMPARISON_HEADINGS[-1]
_LONGEST = 900
_ORDER = {result: number for number, result in enumerate(RESULT_LABELS)}


def comparison_changes(programme: Programme) -> list[Change]:
    """What 比对 says now: the last comparison that stands, or nothing. Outdated in an older master."""
    host, ledger = programme.host, programme.ledger
    block, head = host.block(COMPARISON_BLOCK), host.block(COMPARISON_HEAD_BLOCK)
    found = last_comparison(ledger)
    if found is None:
        return [_list_change(block, [], {}), _head_change(head, {})]
    pairs = compared_pairs(ledger, found.id)
    return [
        _list_change(block, _rows(pairs, programme.config), _typed(programme, found)),
        _head_change(head, head_words(found, pairs, programme.config)),
    ]


def _typed(programme: Programme, found: Comparison) -> dict[tuple[str, str], str]:
    return notes_about(programme.ledger, found.file)


def keep_typed_notes(programme: Programme) -> None:
    """Keep in the ledger what staff typed on the sheet since it was written. Call while writing."""
    shown = shown_comparison(programme.host)
    known = {each.id: each for each in _all(programme)}
    if shown not in known:
        return
    before = notes_about(programme.ledger, known[shown].file)
    typed = _notes_on_sheet(programme.host, programme.config)
    changed = {pair: note for pair, note in typed.items() if before.get(pair, "") != note}
    add_notes(programme.ledger, shown, changed)


def _all(programme: Programme) -> list[Comparison]:
    from xl_addin.store.comparisons import comparisons

    return comparisons(programme.ledger)


def shown_comparison(host: Host) -> int:
    """The number of the comparison that the sheet shows; 0 where it shows none."""
    try:
        head = host.block(COMPARISON_HEAD_BLOCK)
    except Outdated:
        return 0
    for row in filled_rows(head):
        if key_text(head.cells.get((row, head.area[1]))) == "编号":
            text = key_text(head.cells.get((row, head.area[3])))
            return int(text) if text.isdecimal() else 0
    return 0


def pair_at(block: Block, row: int, config: Config) -> tuple[str, str] | None:
    """The district and the indicator of a row of the list."""
    columns = find_columns(block, COMPARISON_HEADINGS[:2])
    district, item = (key_text(block.cells.get((row, at))) for at in columns.values())
    code = next((d.code for d in config.districts if d.name == district), "")
    indicator = item.partition(" ")[0]
    known = {each.code for each in config.indicators}
    return (code, indicator) if code and indicator in known else None


def _notes_on_sheet(host: Host, config: Config) -> dict[tuple[str, str], str]:
    """What stands in 处理, by pair; emptied cells are empty texts."""
    block = host.block(COMPARISON_BLOCK)
    at = find_columns(block, (_OWN,))[_OWN]
    found: dict[tuple[str, str], str] = {}
    for row in filled_rows(block):
        pair = pair_at(block, row, config)
        if pair is not None:
            cell = block.cells.get((row, at))
            found[pair] = "" if cell is None else quote(cell).strip()
    return found


def _rows(
    pairs: Sequence[ComparedPair], config: Config
) -> list[tuple[tuple[str, str], tuple[Value, ...]]]:
    """The rows in the order of the list: what has to be looked into first."""
    names = {each.code: each.name for each in config.districts}
    labels = {item.code: f"{item.code} {item.label}" for item in config.indicators}
    ordered = sorted(pairs, key=lambda each: _ORDER.get(each.result, 0))
    return [
        (
            (each.district, each.indicator),
            (
                names.get(each.district, each.district),
                labels.get(each.indicator, each.indicator),
                each.ours,
                each.theirs if each.theirs is not None else clip(each.found) or None,
                each.difference,
                RESULT_LABELS[each.result],
                each.cell,
                trail_text(each.trail) or None,
                each.note or None,
            ),
        )
        for each in ordered
    ]


def _list_change(
    block: Block,
    rows: Sequence[tuple[tuple[str, str], tuple[Value, ...]]],
    typed: Mapping[tuple[str, str], str],
) -> Change:
    columns = find_columns(block, COMPARISON_HEADINGS)
    top, _, bottom, _ = block.area
    ours = set(columns.values())
    values: dict[Where, Value] = {
        at: None for at in block.cells if top < at[0] <= bottom and at[1] in ours
    }
    room = bottom - top
    listed = rows if len(rows) <= room else rows[: room - 1]
    for row, (pair, cells) in enumerate(listed, top + 1):
        for heading, value in zip(
            COMPARISON_HEADINGS, (*cells, typed.get(pair) or None), strict=True
        ):
            values[row, columns[heading]] = value
    if len(rows) > len(listed):
        says = f"另有 {len(rows) - len(listed)} 行没有列出，全部的用 xl-addin compare --json 看"
        values[top + 1 + len(listed), columns["说明"]] = says
    return Change(block.sheet, values, {})


def head_words(
    found: Comparison, pairs: Sequence[ComparedPair], config: Config
) -> dict[str, str | int]:
    """What stands above the list, by its key."""
    account = found.account
    labels = {item.code: item.name for item in config.indicators}
    kept = "原件已存档" if found.kept else "原件没有存档（有个人信息），只记下校验码"
    counts = Counter(each.result for each in pairs)
    results = "，".join(f"{RESULT_LABELS[r]} {counts[r]}" for r in RESULT_LABELS if counts[r])
    unmatched = [_unmatched_words(each, labels) for each in account["unmatched"]]
    return {
        "编号": found.id,
        "文件": f"{found.file} 的“{account['sheet']}”（{account['title']}）；{found.at} 和 {found.month} 的底账比对；"
        f"{kept}，SHA-256 {found.sha256[:16]}…",
        "结果": f"{results or '没有可比的数'}；一共 {len(pairs)} 个数",
        "请注意": _joined(account["told"], "没有"),
        "对上的列": _joined(column_words(account["matched"]), "没有"),
        "没有对上的列": _joined(unmatched, "没有"),
        "对方没有的区县": "、".join(account["districts_absent"]) or "没有，都有",
        "认不出的名称": _joined(account["names_unknown"], "没有"),
        "对方的合计": _joined(total_words(account["their_total"], labels), "没有"),
    }


def _unmatched_words(each: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    alike = "、".join(f"{code}“{labels.get(code, code)}”" for code in each["alike"])
    like = f"，像 {alike}，是的话写进“对照”" if alike else ""
    return f"{each['cell']}“{each['heading'] or '（没有表头）'}”{each['why']}{like}"


def _joined(words: Sequence[str], none: str) -> str:
    text = "；".join(words)
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}……") or none


def _head_change(head: Block, words: Mapping[str, str | int]) -> Change:
    top, left, bottom, right = head.area
    values: dict[Where, Value] = {}
    for row in range(top + 1, bottom + 1):
        key = key_text(head.cells.get((row, left)))
        said = words.get(key)
        if said is not None or (row, right) in head.cells:
            values[row, right] = said
    return Change(head.sheet, values, {})


def differing(pairs: Sequence[ComparedPair]) -> int:
    """How many pairs do not simply agree."""
    return sum(each.result != SAME for each in pairs)
