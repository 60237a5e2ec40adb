"""得分 and 扣分明细 as a recompute writes them: values, and the formulas that they have to agree with."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xl_addin.master.board import list_cells
from xl_addin.master.build.score_formulas import FULL, NO_SCHEME, total_formulas
from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import Block, find_columns
from xl_addin.master.score_book import ScoreBook
from xl_addin.model.scoring import NOT_JUDGED, ManualPoints, ScoreRule
from xl_addin.model.sheets import (
    BROUGHT_UP_KEY,
    BY_HAND_KEY,
    LOSS_HEADINGS,
    LOSSES_BLOCK,
    RANKED_CELL,
    SCORE_HEADINGS,
    SCORE_HEADS,
    SCORE_ITEMS,
    SCORED_KEY,
    SCORES_BLOCK,
    SCORES_NOTE,
    SEPARATOR,
)
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value

if TYPE_CHECKING:
    from xl_addin.master.scoring import Lost, Score, Source

MANUAL_ITEM = "手工加减"
"""What 扣分明细 calls points by hand beside the items."""


def score_changes(host: Host, book: ScoreBook) -> list[Change]:
    """What the two sheets become; without rules they are emptied."""
    ranked = host.block(RANKED_CELL)
    scores, losses, note = map(host.block, (SCORES_BLOCK, LOSSES_BLOCK, SCORES_NOTE))
    return [
        Change(ranked.sheet, {ranked.area[:2]: book.ranked_by}, {}),
        _score_change(scores, book),
        Change(losses.sheet, _loss_cells(losses, list(loss_rows(book))), {}),
        Change(note.sheet, {note.area[:2]: note_text(book)}, {}),
    ]


def note_text(book: ScoreBook) -> str:
    """The line under the title of 得分."""
    if not book.rules:
        return NO_SCHEME
    said = (
        f"截至 {book.month}，按 {book.moment[:16]} 的回收情况计，还没有到期的月份不扣分。分数四舍五入到两位小数；"
        f"每一分扣在哪里看“扣分明细”。“{NOT_JUDGED}”是还没有可以评的，不当作 0：总分按其余项目折算成满分。"
    )
    lost = [rule.item for rule in everywhere_unjudged(book)]
    return f"{said}各区县都还评不了的：{SEPARATOR.join(lost)}。" if lost else said


def everywhere_unjudged(book: ScoreBook) -> list[ScoreRule]:
    """The items that can be judged of nobody."""
    left = [set(each.unjudged) for each in book.scores]
    return [rule for rule in book.rules if left and all(rule in each for each in left)]


def _score_change(block: Block, book: ScoreBook) -> Change:
    at = find_columns(block, SCORE_HEADINGS)
    top, bottom = block.area[0], block.area[2]
    order = sorted(book.scores, key=lambda each: each.rank or 10**9)
    rows = [_score_row(each, book) for each in order]
    columns = {key: at[key] for key in at if key != SCORED_KEY}
    values = list_cells(block, columns, rows, SCORE_HEADS)
    for number, key in enumerate(SCORE_ITEMS):
        rule = book.rules[number] if number < len(book.rules) else None
        values[top + 1, at[key]] = rule.item if rule else None
        values[top + 2, at[key]] = (
            None if rule is None else "加分" if rule.is_bonus else float(rule.full)
        )
    values[top + 2, at["区县"]] = FULL
    values = {
        where: value for where, value in values.items() if value is not None or where in block.cells
    }
    shown = {top + SCORE_HEADS + number: each for number, each in enumerate(order)}
    computed: dict[Where, tuple[str, Value]] = {}
    for where, text in total_formulas(at, top, bottom):
        score = shown.get(where[0])
        total = None if score is None else score.total
        computed[where] = (text, "" if total is None else float(total))
    return Change(block.sheet, values, computed)


def _score_row(score: Score, book: ScoreBook) -> dict[str, Value]:
    points: dict[str, Value] = {
        key: NOT_JUDGED if each.points is None else float(each.points)
        for key, each in zip(SCORE_ITEMS, score.items, strict=False)
    }
    return {
        "代码": score.district,
        "区县": book.names[score.district],
        "名次": score.rank,
        BY_HAND_KEY: float(score.by_hand) if score.manual else None,
        BROUGHT_UP_KEY: None if score.brought_up is None else float(score.brought_up),
        "理由": "；".join(_reasons(score, book)) or None,
    } | points


def _reasons(score: Score, book: ScoreBook) -> Iterator[str]:
    """Why points were given by hand, and what of the whole is left out."""
    for each, points in score.manual:
        yield f"{each.item} {_manual_words(each, points)}"
    alone = [rule for rule in score.unjudged if rule not in everywhere_unjudged(book)]
    if alone and score.total is not None:
        yield f"{SEPARATOR.join(rule.item for rule in alone)}{NOT_JUDGED}，按其余项目折算"


def _manual_words(each: ManualPoints, points: Decimal) -> str:
    """What was written by hand and what of it counts."""
    said = f"{points:+f}：{each.reason}"
    return (
        said
        if points == each.points
        else f"{said}（填的是 {each.points:+f}，只能加减到 0 和满分之间）"
    )


def loss_rows(book: ScoreBook) -> Iterator[dict[str, Value]]:
    """The rows of 扣分明细: district by district, item by item, what was given by hand last."""
    for score in book.scores:
        name = book.names[score.district]
        for item in score.items:
            for lost in item.lost:
                yield _loss_row(name, item.rule.item, lost)
        for each, points in score.manual:
            said = f"{each.item} {_manual_words(each, points)}"
            values = (name, MANUAL_ITEM, book.month, said, float(-points) + 0, each.cell)
            yield dict(zip(LOSS_HEADINGS, values, strict=True))


def _loss_row(name: str, item: str, lost: Lost) -> dict[str, Value]:
    values = (name, item, lost.month, lost.reason, float(lost.points), source_text(lost.source))
    return dict(zip(LOSS_HEADINGS, values, strict=True))


def source_text(source: Source | None) -> str:
    """A receipt in words: file, cell, when it came; 未报 where there is none."""
    if source is None:
        return "未报"
    cell = f"（{source.cell}）" if source.cell else ""
    came = f"，{source.received_at} 收到" if source.received_at else ""
    return f"{source.file}{cell}{came}"


def _loss_cells(block: Block, rows: list[dict[str, Value]]) -> dict[Where, Value]:
    """The rows; what there is no room for is one row, which still adds up."""
    room = block.area[2] - block.area[0]
    if len(rows) > room:
        rest = rows[room - 1 :]
        whole = sum(Decimal(str(each["扣分"])) for each in rest)
        said = f"另有 {len(rest)} 行没有列出，扣分相加是这一行的数；全部的看 recompute --json"
        rows = [
            *rows[: room - 1],
            {**dict.fromkeys(LOSS_HEADINGS), "依据": said, "扣分": float(whole)},
        ]
    return list_cells(block, find_columns(block, LOSS_HEADINGS), rows)
