"""A year begun in March with everything that a year brings: one description, for every way to play it.

``changes`` are what notices order before the forms of a month go out; ``MISSING``, ``STATED``, ``TYPED_AS_SUMS``
and ``RESENT`` what is odd about the returns. Whatever is not here is plain.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from tests.tools.year_oracle import FLOW, RATE, STOCK, Item, Unit, Year

EVEN = [Fraction(n, 12) for n in range(1, 13)]
QUARTERS = [Fraction(n // 3, 4) for n in range(1, 13)]
YEAR_END = [Fraction(0)] * 11 + [Fraction(1)]
NAMES = ("甲县", "乙县", "丙县", "丁县", "戊县", "己县")
HEADS = ("培训（人次）", "基地（个）", "就业（人）", "在册（人）", "满意率（%）")
TARGETS = (
    (240, 1, 60, 500, 95),
    (360, 2, 80, 300, 90),
    (120, 1, 40, 200, 92),
    (180, 1, 36, 100, 90),
    (480, 3, 120, 800, 95),
    (600, None, 100, 900, 96),
)
OPENINGS = ((35, 0, 9, 480, 93), (50, 1, 10, 290, 91), (20, 0, 6, 190, 90)) + (
    (0, 0, 0, 90, 92),
) * 3
FIRST = 3
NOTICE = "渝残发〔2023〕30号"

MISSING = {("D003", 5), ("D003", 6), ("D002", 11)}
"""(district, month) of what never comes."""
STATED = {("D003", 7): ("I01", 12), ("D001", 10): ("I03", -2)}
"""The indicator whose year a district states in a month, and by how much it corrects the months before."""
TYPED_AS_SUMS = ("D005", 5)
"""The district that types cumulatives into a month's cells: turned down, and sent again as it should be."""
RESENT = (6, "D006", 4, "I01", 3)
"""In June the sixth sends April again, an indicator corrected by three."""


class Adjustment(NamedTuple):
    """A target that a notice changes."""

    month: int
    district: str
    item: str
    by: int


class Merger(NamedTuple):
    """A district that is merged into another."""

    month: int
    gone: str
    into: str


class NewDistrict(NamedTuple):
    """A district split off another, with its part of that one's targets."""

    month: int
    code: str
    name: str
    source: str
    targets: dict[str, int]


class NewIndicator(NamedTuple):
    """An indicator that comes in the year, with the targets of those that have one."""

    month: int
    code: str
    label: str
    unit: str
    targets: dict[str, int]


CHANGES = (
    Adjustment(7, "D002", "I01", -30),
    Merger(8, "D004", "D001"),
    NewDistrict(8, "D007", "庚县", "D002", {"I01": 48, "I03": 12}),
    NewIndicator(9, "I06", "辅具适配", "件", {"D001": 40, "D003": 8, "D007": 4}),
)


def begin() -> Year:
    """What the year must come to, before anything was reported."""
    units = [Unit(f"D{n:03d}", name) for n, name in enumerate(NAMES, 1)]
    items = [
        Item("I01", "培训", FLOW, EVEN),
        Item("I02", "基地", FLOW, YEAR_END),
        Item("I03", "就业", FLOW, QUARTERS),
        Item("I04", "在册", STOCK, EVEN),
        Item("I05", "满意率", RATE, EVEN, whole=False, weight="I01"),
    ]
    pairs = [
        (unit.code, item.code, row, place)
        for row, unit in enumerate(units)
        for place, item in enumerate(items)
    ]
    targets = {(u, i): TARGETS[r][p] for u, i, r, p in pairs if TARGETS[r][p] is not None}
    openings = {(u, i): OPENINGS[r][p] for u, i, r, p in pairs if (u, i) in targets}
    return Year(units, items, FIRST, targets, openings)


def unit(year: Year, code: str) -> Unit:
    """A district by its code."""
    return next(each for each in year.units if each.code == code)


def item(year: Year, code: str) -> Item:
    """An indicator by its code."""
    return next(each for each in year.items if each.code == code)


def change(year: Year, order: tuple[object, ...]) -> None:
    """Have the year go by what a notice orders."""
    match order:
        case Adjustment():
            year.changes.setdefault((order.district, order.item), []).append(
                (order.month, order.by)
            )
        case Merger():
            _merge(year, order)
        case NewDistrict():
            year.units.append(Unit(order.code, order.name, since=order.month))
            for code, moved in order.targets.items():
                year.changes[order.code, code] = [(order.month, moved)]
                year.changes.setdefault((order.source, code), []).append((order.month, -moved))
        case NewIndicator():
            year.items.append(Item(order.code, order.label, FLOW, EVEN, since=order.month))
            for code, target in order.targets.items():
                year.changes[code, order.code] = [(order.month, target)]


def _merge(year: Year, order: Merger) -> None:
    """What is left of a merged district's targets moves, what it did stays its own; a state moves whole."""
    gone, into, last = order.gone, order.into, order.month - 1
    unit(year, gone).until = last
    for each in year.items:
        left = year.target(gone, each.code, last) or 0
        left -= (year.cumulative(gone, each, last) or 0) if each.measure == FLOW else 0
        if each.measure == STOCK:
            year.handed_over[gone, each.code] = last
        if each.measure != RATE and left > 0:
            year.changes.setdefault((gone, each.code), []).append((order.month, -left))
            year.changes.setdefault((into, each.code), []).append((order.month, left))
            if each.measure == FLOW:
                year.merged[gone, each.code] = (into, order.month, left)


def plain_figure(month: int, of: Unit, what: Item, year: Year) -> float:
    """A figure that a district might report; the fifth does more than the others."""
    spread = (int(of.code[1:]) * 7 + int(what.code[1:]) * 3 + month * 5) % 4
    if what.measure == RATE:
        return 88 + spread
    if what.measure == STOCK:
        return (year.cumulative(of.code, what, month - 1) or 90) + spread
    target = year.target(of.code, what.code, month) or 0
    return int(target / 12) + (spread if target > 12 else int(month == 12 and spread > 0))
