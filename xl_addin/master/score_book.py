"""What 得分 and 扣分明细 are made of, and whether there is anything to be written on them at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.master.host.base import BlockReader
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


def is_up_to_date(host: BlockReader, book: ScoreBook) -> bool:
    """Whether nobody is scored, nobody was, and ranks go by what they went by."""
    if book.rules:
        return False
    ranked, block = host.block(RANKED_CELL), host.block(SCORES_BLOCK)
    same = key_text(ranked.cells.get(ranked.area[:2])) == book.ranked_by
    first, name = block.area[0] + SCORE_HEADS, find_columns(block, SCORE_HEADINGS)["区县"]
    return same and not any(key_text(block.cells.get((row, name))) for row in (first, first + 1))
