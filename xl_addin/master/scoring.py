"""考核得分: from what is known of the districts to points, each lost one with its reason and its receipt.

Exact: points are fractions until they are rounded, half up, to two decimals. What an item loses is rounded
as a whole; each of its lines gets what the lines up to it come to, rounded, less what those before it got:
so the lines always add up to full marks less points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from xl_addin.model.records import ACCEPTED, HELD, MISSING, VERDICT_LABELS, Number
from xl_addin.model.scoring import (
    BY_HAND,
    DONE,
    ERRORS,
    LATE_DAYS,
    MISSES,
    PAPERS,
    RANK_BONUS,
    WORKS,
    ManualPoints,
    ScoreRule,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.values import number_text

NOT_REPORTED = "未报"
_CENT = Decimal("0.01")


class Source(NamedTuple):
    """Where a reason stands: a return (``receipt`` is its number, 0 for none) with the cells in it."""

    file: str
    cell: str = ""
    received_at: str = ""
    sha256: str = ""
    receipt: int = 0


class Report(NamedTuple):
    """A month whose term is over, or whose return counts.

    ``verdict`` is that of the return that speaks for it, MISSING for none; ``days`` is how late it came, or
    is by now. ``errors`` is how many its first return had, None where none came that can be looked at.
    """

    month: str
    verdict: str
    days: int
    source: Source | None = None
    errors: int | None = None
    first: Source | None = None


class Achieved(NamedTuple):
    """An indicator that can be judged: what was reached of what was due in the months that count."""

    name: str
    weight: Number
    done: Number
    due: Number
    source: Source | None = None


class Paper(NamedTuple):
    """A paper whose term (YYYY-MM-DD) is over, or that is ``complete``; ``days`` as in ``Report``."""

    name: str
    term: str
    days: int
    source: Source | None = None
    complete: bool = True


class Work(NamedTuple):
    """An item of the ledger of works of which it is known whether it is behind, and why."""

    name: str
    behind: bool
    why: str = ""
    source: Source | None = None


class Facts(NamedTuple):
    """All that a district is judged by. ``rank`` is that by 综合完成率, ``month`` the one that is scored."""

    month: str
    reports: Sequence[Report] = ()
    achieved: Sequence[Achieved] = ()
    papers: Sequence[Paper] = ()
    works: Sequence[Work] = ()
    rank: int | None = None


class Lost(NamedTuple):
    """Points that an item lost; negative ones were won."""

    month: str
    reason: str
    points: Decimal
    source: Source | None = None


class ItemScore(NamedTuple):
    """Points of an item; None where nothing of it can be judged."""

    rule: ScoreRule
    points: Decimal | None
    lost: tuple[Lost, ...] = ()


class Score(NamedTuple):
    """A district's score. ``manual`` are points by hand beside the items, as they count.

    ``total`` is None where nothing can be judged. Items that cannot be judged are left out, and what the others
    come to is brought up to the full marks of all. ``rank`` is 1 for the highest, equal for equals.
    """

    district: str
    items: tuple[ItemScore, ...]
    manual: tuple[tuple[ManualPoints, Decimal], ...]
    total: Decimal | None
    rank: int | None = None

    @property
    def by_hand(self) -> Decimal:
        """What was added beside the items."""
        return sum((points for _, points in self.manual), Decimal(0))

    @property
    def brought_up(self) -> Decimal | None:
        """What of the total stands for items that cannot be judged; None where there is no total."""
        if self.total is None:
            return None
        reached = sum((each.points or Decimal(0) for each in self.items), Decimal(0))
        return self.total - reached - self.by_hand

    @property
    def unjudged(self) -> tuple[ScoreRule, ...]:
        """The items that are left out."""
        return tuple(each.rule for each in self.items if each.points is None)


class _Loss(NamedTuple):
    """A reason to lose points, before they are rounded."""

    month: str
    reason: str
    points: Fraction
    source: Source | None = None


_Judged = list[_Loss] | None
"""What an item loses; None where nothing of it can be judged."""


def score_districts(
    rules: Sequence[ScoreRule], manual: Iterable[ManualPoints], facts: Mapping[str, Facts]
) -> list[Score]:
    """The scores of districts by their codes, in their order. Points by hand of others are left alone."""
    by_district: dict[str, list[ManualPoints]] = {}
    for each in manual:
        by_district.setdefault(each.district, []).append(each)
    scores = [
        _score(code, rules, by_district.get(code, []), known) for code, known in facts.items()
    ]
    order = sorted((each.total for each in scores if each.total is not None), reverse=True)
    places = {total: order.index(total) + 1 for total in set(order)}
    return [
        each if each.total is None else each._replace(rank=places[each.total]) for each in scores
    ]


def _score(
    code: str, rules: Sequence[ScoreRule], manual: Sequence[ManualPoints], facts: Facts
) -> Score:
    hands = {rule.item for rule in rules if rule.way == BY_HAND}
    misses = any(rule.way == MISSES for rule in rules)
    items = []
    for rule in rules:
        mine = [each for each in manual if each.item == rule.item]
        if rule.way == BY_HAND:
            items.append(_by_hand(rule, mine, facts))
        else:
            items.append(_item(rule, _WAYS[rule.way](rule, facts, misses)))
    beside = [each for each in manual if each.item not in hands]
    counted = tuple(_within(beside, {each.rule.item: each for each in items}))
    return Score(code, tuple(items), counted, _total(items, counted))


def _item(rule: ScoreRule, found: _Judged) -> ItemScore:
    """The points of an item, never below nothing nor above full marks."""
    if found is None:
        return ItemScore(rule, None)
    base = Decimal(0) if rule.is_bonus else rule.full
    lost, so_far, said = [], Fraction(0), Decimal(0)
    most = Fraction(rule.full)
    for each in found:
        so_far += each.points
        now = rounded(min(so_far, most))
        spent = f"满分只剩 {_plain(now - said)} 分可扣" if now > said else "满分已经扣完"
        says = f"{each.reason}（{spent}）" if so_far > most else each.reason
        lost.append(Lost(each.month, says, now - said, each.source))
        said = now
    return ItemScore(rule, base - said, tuple(lost))


def rounded(exact: Fraction) -> Decimal:
    """Points as they are shown: two decimals, half up."""
    cents, rest = divmod(abs(exact) * 100, 1)
    value = Decimal(int(cents) + (rest >= Fraction(1, 2))) / 100
    return value if exact >= 0 else -value


def _per_unit(
    rule: ScoreRule,
    units: int,
    found: Iterable[tuple[str, str, int, Source | None]],
    unit: str = "个月",
) -> list[_Loss]:
    """What months (papers) lose, each ``(month, reason, how many days or errors, where)``."""
    full, per = Fraction(rule.full), Fraction(rule.per or 0)
    losses = []
    for month, reason, count, source in found:
        points = min(per * count, full)
        if rule.limit is not None and count >= rule.limit:
            points = full
        says = f"{reason}，扣 {_shown(points)} 分"
        if rule.averaged and units > 1:
            says += f"，按 {units} {unit}平均"
            points /= units
        losses.append(_Loss(month, says, points, source))
    return losses


def _done(rule: ScoreRule, facts: Facts, _misses: bool) -> _Judged:
    judged = [each for each in facts.achieved if each.due > 0 and each.weight > 0]
    if not judged:
        return None
    whole = sum(_exact(each.weight) for each in judged)
    losses = []
    for each in judged:
        reached = min(max(_exact(each.done) / _exact(each.due), Fraction(0)), Fraction(1))
        points = Fraction(rule.full) * _exact(each.weight) * (1 - reached) / whole
        if points:
            says = (
                f"{each.name}：应完成 {number_text(each.due)}，累计完成 {number_text(each.done)}，"
                f"算 {_shown(reached * 100)}%；占这一项的 {_shown(_exact(each.weight) / whole * 100)}%"
            )
            losses.append(_Loss(facts.month, says, points, each.source))
    return losses


def _late(rule: ScoreRule, facts: Facts, misses: bool) -> _Judged:
    """Days late; a month that did not come yet is told under 每缺一次扣 where there is such a rule."""
    judged = [
        each
        for each in facts.reports
        if each.verdict != HELD and (each.verdict == ACCEPTED or not misses)
    ]
    if not judged:
        return None
    late = [
        (each.month, _late_words(each), each.days, each.source) for each in judged if each.days > 0
    ]
    return _per_unit(rule, len(judged), late)


def _late_words(each: Report) -> str:
    if each.verdict == ACCEPTED:
        return f"迟报 {each.days} 天"
    return f"{_absence(each)}，已迟 {each.days} 天"


def _absence(each: Report) -> str:
    """How a month is missing."""
    return "还没有报" if each.verdict == MISSING else f"没有通过（{VERDICT_LABELS[each.verdict]}）"


def _misses(rule: ScoreRule, facts: Facts, _misses: bool) -> _Judged:
    judged = [each for each in facts.reports if each.verdict != HELD]
    if not judged:
        return None
    absent = [each for each in judged if each.verdict != ACCEPTED]
    return _counted(rule, [(each.month, _absence(each), each.source) for each in absent])


def _counted(rule: ScoreRule, found: Sequence[tuple[str, str, Source | None]]) -> list[_Loss]:
    """So many points each; from the ``limit``-th on all that is left."""
    full, per = Fraction(rule.full), Fraction(rule.per or 0)
    losses = []
    for number, (month, reason, source) in enumerate(found, 1):
        whole = rule.limit is not None and number >= rule.limit
        says = f"{reason}，到第 {number} 个全扣" if whole else f"{reason}，扣 {_shown(per)} 分"
        losses.append(_Loss(month, says, full if whole else per, source))
    return losses


def _errors(rule: ScoreRule, facts: Facts, _misses: bool) -> _Judged:
    judged = [each for each in facts.reports if each.errors is not None]
    if not judged:
        return None
    wrong = [
        (each.month, f"第一次交来的有 {each.errors} 处错误", each.errors or 0, each.first)
        for each in judged
        if each.errors
    ]
    return _per_unit(rule, len(judged), wrong)


def _papers(rule: ScoreRule, facts: Facts, _misses: bool) -> _Judged:
    if not facts.papers:
        return None
    late = [
        (each.term[:7], f"{each.name}：{_paper_words(each)} {each.days} 天", each.days, each.source)
        for each in facts.papers
        if each.days > 0
    ]
    return _per_unit(rule, len(facts.papers), late, "份")


def _paper_words(each: Paper) -> str:
    if each.complete:
        return "迟交"
    return "没有通过或没有交齐，已迟" if each.source else "还没有交，已迟"


def _works(rule: ScoreRule, facts: Facts, _misses: bool) -> _Judged:
    if not facts.works:
        return None
    behind = [
        (facts.month, f"{each.name}：{each.why or '滞后'}", each.source)
        for each in facts.works
        if each.behind
    ]
    return _counted(rule, behind)


def _rank_bonus(rule: ScoreRule, facts: Facts, _misses: bool) -> _Judged:
    if facts.rank is None:
        return None
    if facts.rank > (rule.limit or 0):
        return []
    points = Fraction(min(rule.per or Decimal(0), rule.full))
    return [_Loss(facts.month, f"综合完成率排名第 {facts.rank}，加 {_shown(points)} 分", -points)]


def _by_hand(rule: ScoreRule, mine: Sequence[ManualPoints], facts: Facts) -> ItemScore:
    """Points that people gave, between nothing and full marks; what is not given is lost."""
    if not mine:
        return ItemScore(rule, None)
    given = sum((each.points for each in mine), Decimal(0))
    points = min(max(given, Decimal(0)), rule.full)
    said = "；".join(f"{_signed(each.points)}：{each.reason}" for each in mine)
    cells = "、".join(each.cell for each in mine)
    lost = Lost(
        facts.month, f"手工评 {_plain(points)} 分（{said}）", rule.full - points, Source(cells)
    )
    return ItemScore(rule, points, (lost,))


def _within(
    manual: Iterable[ManualPoints], items: Mapping[str, ItemScore]
) -> Iterable[tuple[ManualPoints, Decimal]]:
    """Points by hand beside the items, as far as each item stays between nothing and full marks.

    Of an item that cannot be judged there is nothing to add to.
    """
    reached = {name: each.points for name, each in items.items()}
    for each in manual:
        known = reached.get(each.item)
        if known is None:
            yield each, Decimal(0)
            continue
        now = min(max(known + each.points, Decimal(0)), items[each.item].rule.full)
        yield each, now - known
        reached[each.item] = now


def _total(
    items: Sequence[ItemScore], manual: Sequence[tuple[ManualPoints, Decimal]]
) -> Decimal | None:
    plain = [each for each in items if not each.rule.is_bonus]
    judged = [each for each in plain if each.points is not None]
    possible = sum((each.rule.full for each in judged), Decimal(0))
    if not possible:
        return None
    reached = sum((each.points or Decimal(0) for each in judged), Decimal(0))
    whole = sum((each.rule.full for each in plain), Decimal(0))
    bonus = sum((e.points or Decimal(0) for e in items if e.rule.is_bonus), Decimal(0))
    added = bonus + sum((points for _, points in manual), Decimal(0))
    return rounded(Fraction(reached) * Fraction(whole) / Fraction(possible) + Fraction(added))


_WAYS: Mapping[str, Callable[[ScoreRule, Facts, bool], _Judged]] = {
    DONE: _done,
    LATE_DAYS: _late,
    MISSES: _misses,
    ERRORS: _errors,
    PAPERS: _papers,
    WORKS: _works,
    RANK_BONUS: _rank_bonus,
}


def _exact(value: Number) -> Fraction:
    """A figure as people typed it: 0.1 is a tenth."""
    return Fraction(repr(value))


def _shown(value: Fraction) -> str:
    return _plain(rounded(value))


def _plain(value: Decimal) -> str:
    """Points in a sentence: 3, 0.33."""
    return f"{value.quantize(_CENT, ROUND_HALF_UP).normalize() + 0:f}"


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else ''}{_plain(value)}"
