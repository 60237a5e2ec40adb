"""What a district typed for one indicator, as plain values and as the cells of its form.

The year's figure is last month's and what the month added, unless the district gives another one:
then the difference corrects earlier months, and from this month on the year's figure is the one
given. ``Entry`` says so in Python, ``Cells`` in the form's own formulas.
"""

from __future__ import annotations

from xl_addin.model.records import ADDED_UP, RATE, Indicator, Number
from xl_addin.system.light import NamedTuple

EXPLAINED = 4
"""So many characters of 说明 explain something; fewer are a tick or a dash."""
_PLACES = 6
_NOISE = 1e-9


def explains(remark: str) -> bool:
    """Whether what stands in 说明 says anything."""
    return len(" ".join(remark.split())) >= EXPLAINED


class Entry(NamedTuple):
    """One indicator of a return as plain values; None is unknown, never zero.

    ``empty`` says that nothing was typed, ``value`` is the number that was. ``previous`` is the
    cumulative of the months before, ``mean`` the mean monthly addition in them, 0 where there is
    none. What begins with ``parent`` is the same of the indicator that this one is a part of.
    ``total`` is the year's figure that was typed beside a month's addition, ``total_empty`` that none
    was (what stands there is the form's own formula, or nothing); ``explained`` says that 说明 says why.
    """

    item: Indicator
    empty: bool
    value: Number | None
    target: Number | None
    previous: Number | None
    parent: Indicator | None = None
    parent_value: Number | None = None
    parent_previous: Number | None = None
    mean: float = 0.0
    total: Number | None = None
    total_empty: bool = True
    explained: bool = False
    parent_total: Number | None = None

    def stated(self) -> Number | None:
        """The year's figure that the district gave, where it is not what its additions come to."""
        return _stated(self.item, self.value, self.previous, self.total)

    def correction(self) -> Number | None:
        """By how much that corrects the months before; None where they are not known."""
        stated = self.stated()
        if stated is None or self.previous is None or self.value is None:
            return None
        return _without_noise(stated - self.previous - self.value)

    def cumulative(self) -> Number | None:
        """The year's figure up to this month."""
        return _cumulative(self.item, self.value, self.previous, self.total)

    def addition(self) -> Number | None:
        """What the month added; a rate adds nothing."""
        if self.value is None or self.item.measure in ADDED_UP:
            return self.value
        known = self.item.measure != RATE and self.previous is not None
        return self.value - self.previous if known and self.previous is not None else None

    def part_and_whole(self) -> tuple[Number | None, Number | None]:
        """The figure and its parent's as they compare: as typed where both are typed alike.

        Where either states the year's figure, that is compared as well, and comes out where it is
        the larger one.
        """
        if self.parent is None:
            return None, None
        totals = self.cumulative(), self._parent_cumulative()
        if not self.compares_typed():
            return totals
        return totals if self.totals_exceed() else (self.value, self.parent_value)

    def compares_typed(self) -> bool:
        """Whether it and its parent are typed in the same column."""
        parent = self.parent
        return parent is not None and (
            (parent.measure in ADDED_UP) == (self.item.measure in ADDED_UP)
        )

    def totals_exceed(self) -> bool:
        """Whether the year's figure is above the parent's, where either of them was stated."""
        if self.parent is None or not self.compares_typed():
            return False
        above = self.parent, self.parent_value, self.parent_previous, self.parent_total
        if self.stated() is None and _stated(*above) is None:
            return False
        part, whole = self.cumulative(), self._parent_cumulative()
        return part is not None and whole is not None and part > whole

    def _parent_cumulative(self) -> Number | None:
        parent = self.parent
        if parent is None:
            return None
        return _cumulative(parent, self.parent_value, self.parent_previous, self.parent_total)


def _stated(
    item: Indicator, value: Number | None, before: Number | None, total: Number | None
) -> Number | None:
    if total is None or value is None or item.measure not in ADDED_UP:
        return None
    added = before is not None and round(total - before - value, _PLACES) == 0
    return None if added else total


def _cumulative(
    item: Indicator, value: Number | None, before: Number | None, total: Number | None
) -> Number | None:
    if value is None or item.measure not in ADDED_UP:
        return value
    stated = _stated(item, value, before, total)
    if stated is not None:
        return stated
    return None if before is None else before + value


def nearly_equal(one: Number, other: Number) -> bool:
    """Whether two figures differ by no more than binary fractions do."""
    return abs(one - other) <= _NOISE * max(1.0, abs(one), abs(other))


def _without_noise(value: Number) -> Number:
    near = round(value, _PLACES)
    return int(near) if near == int(near) else near


class Cells(NamedTuple):
    """A1 addresses in an indicator's row of the form; ``part`` and ``whole`` are what compares.

    ``total`` is 本月累计 beside a typed addition, "" where there is none; ``parent`` are typed figure, 上月
    累计 and 本月累计 of the indicator above, where they are compared.
    """

    typed: str
    target: str
    previous: str
    part: str = ""
    whole: str = ""
    total: str = ""
    remark: str = ""
    parent: tuple[str, str, str] = ("", "", "")

    def is_stated(self) -> str:
        """``Entry.stated`` as a condition."""
        return _stated_formula(self.typed, self.previous, self.total)

    def corrects(self) -> str:
        """``Entry.correction`` as a condition."""
        own = (self.typed, self.previous, self.total)
        return f"AND(COUNT({','.join(own)})=3,{_differ_formula(*own)})"

    def totals_exceed(self) -> str:
        """``Entry.totals_exceed`` as a condition, FALSE where no total is typed."""
        if not (self.total and self.parent[2]):
            return "FALSE"
        own = (self.typed, self.previous, self.total)
        either = f"OR({_stated_formula(*own)},{_stated_formula(*self.parent)})"
        part, whole = _cumulative_formula(*own), _cumulative_formula(*self.parent)
        return f"IF({either},IF(COUNT({part},{whole})=2,{part}>{whole},FALSE),FALSE)"


def _cumulative_formula(typed: str, previous: str, total: str) -> str:
    """The year's figure as an expression, a text where it is not known; 本月累计 may have been cleared."""
    added = f'IF(COUNT({previous})=1,{previous}+{typed},"")'
    return f'IF(COUNT({typed})=0,"",IF(COUNT({total})=1,{total},{added}))'


def _differ_formula(typed: str, previous: str, total: str) -> str:
    return f"ROUND(SUM({total})-SUM({previous})-SUM({typed}),{_PLACES})<>0"


def _stated_formula(typed: str, previous: str, total: str) -> str:
    differ = _differ_formula(typed, previous, total)
    return f"AND(COUNT({typed},{total})=2,OR(COUNT({previous})=0,{differ}))"
