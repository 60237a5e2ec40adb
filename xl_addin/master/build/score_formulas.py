"""The formulas of 得分: the total and the rank, which staff can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.model.sheets import SCORE_HEADS, SCORE_ITEMS
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where, cell_name

NO_SCHEME = "没有启用“考核”里的规则，不计分。"
FULL = "满分"


def score_formulas(
    columns: Mapping[str, int], top: int, bottom: int
) -> Iterator[tuple[Where, str, str]]:
    """Each formula of 得分: where, its text, and the heading that it stands under.

    ``columns`` are by key, ``top`` is the row of the keys, ``bottom`` the last. What cannot be judged is left
    out, and what the others come to is brought up to the full marks of all.
    """
    items = [columns[key] for key in SCORE_ITEMS]
    first, last = min(items), max(items)
    full = a1.absolute_reference((top + 2, first, top + 2, last))
    names, rank = columns["区县"], columns["名次"]
    total, by_hand = columns["总分"], columns["手工加减"]
    for row in range(top + SCORE_HEADS, bottom + 1):
        mine = a1.area_name((row, first, row, last))
        possible = f"SUMPRODUCT(--ISNUMBER({mine}),{full})"
        plain = f"SUMPRODUCT(--ISNUMBER({full}),{mine})"
        exact = f"{plain}/{possible}*SUM({full})+SUM({mine})-{plain}+N({cell_name(row, by_hand)})"
        known = f'IF({possible}=0,"",ROUND(ROUND({exact},6),2))'
        yield (row, total), f'=IF({cell_name(row, names)}="","",{known})', "总分"
        totals = a1.absolute_reference((top + SCORE_HEADS, total, bottom, total))
        mark = cell_name(row, total)
        yield (row, rank), f'=IF(ISNUMBER({mark}),RANK({mark},{totals}),"")', "名次"
