"""What a year's figures must come to, worked out apart from the program: plain loops over plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

FLOW, STOCK, RATE = "当月数", "累计数", "比率"


@dataclass
class Item:
    """An indicator: ``shares`` are twelve cumulative shares of the year's target."""

    code: str
    label: str
    measure: str
    shares: list[Fraction]
    whole: bool = True
    since: int = 1
    weight: str = ""


@dataclass
class Unit:
    """A district."""

    code: str
    name: str
    since: int = 1
    until: int = 12


@dataclass
class Year:
    """``reports`` and ``stated`` are by (district, indicator, month); ``changes`` are (month, by).

    ``handed_over`` are states that another district reports now, with the last month of their own;
    ``merged`` says of the (district, indicator) that ended who took how much of its target from when.
    """

    units: list[Unit]
    items: list[Item]
    first_month: int
    targets: dict[tuple[str, str], float]
    openings: dict[tuple[str, str], float]
    near: float = 0
    behind: float = 10
    changes: dict[tuple[str, str], list[tuple[int, float]]] = field(default_factory=dict)
    reports: dict[tuple[str, str, int], float] = field(default_factory=dict)
    stated: dict[tuple[str, str, int], float] = field(default_factory=dict)
    handed_over: dict[tuple[str, str], int] = field(default_factory=dict)
    merged: dict[tuple[str, str], tuple[str, int, float]] = field(default_factory=dict)

    def target(self, unit: str, item: str, month: int) -> float | None:
        found = self.targets.get((unit, item))
        for since, by in self.changes.get((unit, item), []):
            if since <= month:
                found = (found or 0) + by
        return found

    def cumulative(self, unit: str, item: Item, month: int) -> float | None:
        if month > self.handed_over.get((unit, item.code), 12):
            return None
        found = self.openings.get((unit, item.code))
        for at in range(self.first_month, month + 1):
            key = (unit, item.code, at)
            if key in self.stated:
                found = self.stated[key]
            elif key in self.reports:
                value = self.reports[key]
                found = value if item.measure != FLOW else (found or 0) + value
        return found

    def expected(self, unit: Unit, item: Item, month: int) -> list[int]:
        known = self.target(unit.code, item.code, month) is not None or any(
            (unit.code, item.code, at) in self.reports for at in range(1, month + 1)
        )
        first = max(self.first_month, unit.since, item.since)
        return list(range(first, min(month, unit.until) + 1)) if known else []

    def missing(self, unit: Unit, item: Item, month: int) -> list[int]:
        there = [at for at in range(1, month + 1) if (unit.code, item.code, at) in self.reports]
        healed = max((at for at in there if (unit.code, item.code, at) in self.stated), default=0)
        if item.measure != FLOW:
            healed = max(there, default=0)
        return [at for at in self.expected(unit, item, month) if at > healed and at not in there]

    def lacks_weight(self, unit: Unit, item: Item, month: int) -> bool:
        """Whether a rate is known of a district, but not what its mean would weigh it by."""
        other = next((each for each in self.items if each.code == item.weight), None)
        if item.measure != RATE or other is None:
            return False
        known = self.cumulative(unit.code, item, month) is not None
        handed = month > self.handed_over.get((unit.code, other.code), 12)
        return known and not handed and self.cumulative(unit.code, other, month) is None

    def share(self, unit: Unit, item: Item, months: list[int]) -> Fraction:
        """What falls due in these months; what begins within the year falls due from then on."""
        begins = max(unit.since, item.since)
        before = item.shares[begins - 2] if begins > 1 else Fraction(0)
        shares = [Fraction(0)] + [max(share - before, 0) / (1 - before) for share in item.shares]
        return sum((shares[month] - shares[month - 1] for month in months), Fraction(0))

    def due(self, unit: Unit, item: Item, month: int) -> float | None:
        """What is due of a district: whole things by whole numbers."""
        due = self.accrued(unit, item, month)
        return None if due is None else int(due) if item.whole else float(due)

    def accrued(self, unit: Unit, item: Item, month: int) -> Fraction | None:
        """By the months that are in (折算); what fell due before the first month is in the opening."""
        target = self.target(unit.code, item.code, month)
        if target is None or self.cumulative(unit.code, item, month) is None:
            return None
        if item.measure == RATE:
            return Fraction(str(target))
        expected = self.expected(unit, item, month)
        lost = self.missing(unit, item, month)
        opened = range(1, self.first_month) if (unit.code, item.code) in self.openings else []
        months = [*opened, *(m for m in expected if m not in lost)]
        given = self.merged.get((unit.code, item.code))
        if given and month >= given[1]:
            return Fraction(str(target))
        due, rest = Fraction(0), Fraction(str(target))
        for (_, code), (taker, since, amount) in self.merged.items():
            if (taker, code) == (unit.code, item.code) and month >= since:
                rest -= Fraction(str(amount))
                late = Unit(unit.code, unit.name, since)
                due += Fraction(str(amount)) * self.share(
                    late, item, [m for m in months if m >= since]
                )
        return due + rest * self.share(unit, item, months)
