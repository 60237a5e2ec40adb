"""What 得分 and 扣分明细 are made of, and whether there is anything to be written on them at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.master.build.score_formulas import total_formulas
from xl_addin.master.host.base import BlockReader, Change
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.model.settings import BY_STANDING
from xl_addin.model.sheets import RANKED_CELL, SCORE_HEADINGS, SCORE_HEADS, SCORES_BLOCK
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xl_addin.master.scoring import Score
    from xl_addin.model.scoring import ScoreRule


class ScoreBook(NamedTuple):
    """What 得分 and 扣分明细 show.

    ``moment`` is when it was looked who was late, ``names`` are by code; ``ranked_by`` is what ranks go by.
    """

    month: str
    moment: str
    rules: Sequence[ScoreRule]
    scores: Sequence[Score]
    names: Mapping[str, str]
    ranked_by: str = BY_STANDING


def nothing_scored(host: BlockReader, book: ScoreBook) -> Change | None:
    """What 得分 still says where nobody is scored, nobody was, and ranks go by what they went by; else None.

    Its totals are empty: said here, nobody has to look for what they depend on.
    """
    if book.rules:
        return None
    ranked, block = host.block(RANKED_CELL), host.block(SCORES_BLOCK)
    same = key_text(ranked.cells.get(ranked.area[:2])) == book.ranked_by
    columns, (top, _, bottom, _) = find_columns(block, SCORE_HEADINGS), block.area
    name, first = columns["区县"], top + SCORE_HEADS
    if not same or any(key_text(block.cells.get((row, name))) for row in (first, first + 1)):
        return None
    totals = {where: (text, "") for where, text in total_formulas(columns, top, bottom)}
    return Change(block.sheet, {}, dict(totals))
