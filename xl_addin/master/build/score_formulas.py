"""The formulas of 得分, which staff can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.model.sheets import BROUGHT_UP_KEY, BY_HAND_KEY, SCORE_HEADS, SCORE_ITEMS, SCORED_KEY
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where, cell_name

NO_SCHEME = "没有启用“考核”里的规则，不计分。"
FULL = "满分"


def total_formulas(
    columns: Mapping[str, int], top: int, bottom: int
) -> Iterator[tuple[Where, str]]:
    """总分 of each row: where, and its text.

    ``columns`` are by key, ``top`` is the row of the keys, ``bottom`` the last. What is added up is the items,
    points by hand and what was brought up for items that cannot be judged; reasons are text, which no sum takes.
    """
    added = [columns[key] for key in (BY_HAND_KEY, BROUGHT_UP_KEY, *SCORE_ITEMS)]
    for row in range(top + SCORE_HEADS, bottom + 1):
        known = cell_name(row, columns[BROUGHT_UP_KEY])
        span = a1.area_name((row, min(added), row, max(added)))
        yield (row, columns[SCORED_KEY]), f'=IF(ISNUMBER({known}),ROUND(SUM({span}),2),"")'
