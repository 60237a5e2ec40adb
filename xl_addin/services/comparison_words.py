"""What is said of another office's table, from the account that the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.master.pair_totals import month_names
from xl_addin.model.comparison import BY_HEADING, CUMULATIVE, PERIOD_LABELS
from xl_addin.store.comparisons import ReceiptPlace
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any


def column_words(matched: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each matched column as people read it: ``D3“新增城镇就业”＝I04 新增城镇就业（累计，截至6月）``."""
    return [
        f"{each['cell']}“{each['heading']}”＝{each['indicator']} {each['label']}"
        f"（{PERIOD_LABELS[each['period']]}，{'截至' if each['period'] == CUMULATIVE else ''}{int(each['as_of'][5:])}月"
        f"{'，乘 ' + number_text(each['factor']) if each['factor'] != 1 else ''}"
        f"{'' if each['told_by'] == BY_HEADING else '，按' + each['told_by']}）"
        for each in matched
    ]


def total_words(totals: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[str]:
    """Each printed total beside what it comes to; those that agree are one line."""
    said: list[str] = []
    for each in totals:
        what = f"{each['cell']} “{each['name']}”{labels.get(each['indicator'], each['indicator'])}"
        printed = number_text(each["printed"])
        if each["recomputed"] is None:
            said.append(f"{what}写 {printed}，有读不出的格，没有能重算")
        elif each["difference"]:
            said.append(
                f"{what}写 {printed}，相加是 {number_text(each['recomputed'])}，差 {number_text(each['difference'])}"
            )
        elif each["with_others"]:
            others = "、".join(f"“{name}”" for name in each["with_others"])
            said.append(f"{what}里还有{others}")
    right = sum(not each["difference"] and each["recomputed"] is not None for each in totals)
    if right:
        said.append(f"{right} 个合计、小计重算相符")
    return said or ["表里没有合计"]


def trail_text(trail: Sequence[ReceiptPlace]) -> str:
    """The cells as people read them: ``F13：1月至4月（填报表_2024-*_D001_甲县.xlsx）；5月（甲 更正.xlsx）``.

    Files that are called alike but for their month are one, with a star where the month stands.
    """
    cells: dict[str, dict[str, list[str]]] = {}
    said = [each.month for each in trail if not each.receipt]
    for each in trail:
        if each.receipt:
            alike = each.file.replace(each.month, f"{each.month[:5]}*")
            cells.setdefault(each.cell, {}).setdefault(alike, []).append(each.month)
    for cell, files in cells.items():
        words = [
            f"{month_names(int(m[5:]) for m in months)}"
            f"（{file if len(months) > 1 else file.replace('*', months[0][5:])}）"
            for file, months in files.items()
        ]
        said.append(f"{cell}：{'、'.join(words)}")
    return "；".join(said)
