"""Rows that are the sum of rows around them, whatever they are called: totals, regions, cities.

A row is told by its numbers only where chance is out of the question, or its name or the printed total
bears them out; where it may be chance it is a doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from math import log10

from xl_addin.model.names import plain
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.chongqing import find_district
from xl_addin.tasktable.lines import DISTRICT, RESERVE, SUBTOTAL, TOTAL, Line

_NOISE = 1e-6
_CERTAIN = 4.0  # so many powers of ten stand against chance
_LIKELY = 2.0  # the same for what is no place's name
_SOME = 5.0  # the same where any run of rows was tried
_GROUPS = pattern(
    r".*(片区?|城镇群|城市群|都市区|都市圈|经济[区圈带]|板块|组团|方向|地区|区域|类|组|部分|大区|线)(\(.*\))?|"
    r"(?i:.*(region|zone|area|group|cluster)s?)|[一二三四五六七八九十]+、.*|\([一二三四五六七八九十]+\).*"
)
_REGIONS = pattern(r".*(片区?|城镇群|城市群|都市区|都市圈|经济[圈带]|板块|组团|大区)(\(.*\))?")
_PLACE = pattern(
    r".*([区县市镇乡州盟旗村]|街道|社区|办事处|开发区|新区|园区|农场|林场|学校|[大中小]学|幼儿园|医院|[一二三四五六七八九十]中|卫生院|"
    r"本级|中心|站|所|院|局|委|办|处|科|公司|厂|店|部|队|会|行|社|场)(\(.*\))?"
)
_LEVELS = ("省", "州盟市", "区县旗市", "镇乡道", "村")
_OWN = pattern(r".*(本级|直属|市直|县直|州直|区直)(\(.*\))?")

Vector = tuple[Number, ...]


class Found(NamedTuple):
    """``kinds`` are rows that are no districts, with what each adds up; ``doubts`` may be that, or not."""

    kinds: dict[int, str]
    members: dict[int, tuple[int, ...]]
    doubts: dict[int, tuple[int, ...]]


class _Item(NamedTuple):
    line: Line
    vector: Vector


def looks_like_place(name: str) -> bool:
    """Whether a name is, or ends like, that of a place or an office."""
    key = plain(name)
    return find_district(name) is not None or bool(_PLACE.fullmatch(key))


def find_sums(
    lines: Sequence[Line], vectors: Mapping[int, Vector], kept: frozenset[int] = frozenset()
) -> Found:
    """Which rows of districts are sums of others.

    ``vectors`` has what each row says in the columns that can be added up, blanks as 0; ``kept`` are
    rows that somebody said are districts.
    """
    items = [_Item(line, vectors[line.row]) for line in lines if line.kind == DISTRICT]
    found = Found({}, {}, {})
    if len(items) < 3:
        return found
    if not any(any(item.vector) for item in items):
        _doubt_groups([item for item in items if not _is_fixed(item.line, kept)], found)
        return found
    printed = [vectors[line.row] for line in lines if line.kind == TOTAL and any(vectors[line.row])]
    spare = [vectors[line.row] for line in lines if line.kind == RESERVE]
    everything = _sum(item.vector for item in items)
    for total in printed:
        if _same(total, everything) or _same(total, _sum([everything, *spare])):
            return found
    free = [item for item in items if not _is_fixed(item.line, kept)]
    if not printed and _take_grand_total(free, items, everything, found):
        items = [item for item in items if item.line.row not in found.kinds]
    _take_groups(items, free, printed, spare, found)
    return found


def _is_fixed(line: Line, kept: frozenset[int]) -> bool:
    return (
        line.row in kept
        or find_district(line.name) is not None
        or bool(_OWN.fullmatch(plain(line.name)))
    )


def _take_grand_total(
    free: Sequence[_Item], items: Sequence[_Item], everything: Vector, found: Found
) -> bool:
    """A row that is the sum of all others."""
    for item in free:
        if not _same(_sum([item.vector, item.vector]), everything) or not any(item.vector):
            continue
        others = tuple(each.line.row for each in items if each is not item)
        at_end = item.line.row < min(others) or item.line.row > max(others)
        certain = _strength(item.vector) >= _CERTAIN
        beside = _is_beside(item, items)
        several = sum(any(each.vector) for each in items) > 2
        likely = _strength(item.vector) >= _LIKELY and not looks_like_place(item.line.name)
        named = several and (likely or _is_above(item, items))
        if not beside and (certain or (at_end and named)):
            found.kinds[item.line.row] = TOTAL
            found.members[item.line.row] = others
            return True
        if certain or (at_end and not beside):
            found.doubts[item.line.row] = others
    return False


def _is_beside(item: _Item, items: Sequence[_Item]) -> bool:
    """Whether a name is one of many of its kind, a township among townships: no total is called so."""
    own, last = _level(item.line.name), plain(item.line.name)[-1:]
    others = [each.line.name for each in items if each is not item]
    if own is not None:
        return all(_level(name) == own for name in others)
    return looks_like_place(item.line.name) and 2 * sum(
        plain(name)[-1:] == last for name in others
    ) >= len(others)


def _is_above(item: _Item, items: Sequence[_Item]) -> bool:
    """Whether a name is of a higher level than all others: 甲市 among counties."""
    own = _level(item.line.name)
    return own is not None and all(
        (level := _level(each.line.name)) is not None and level > own
        for each in items
        if each is not item and not _OWN.fullmatch(plain(each.line.name))
    )


def _level(name: str) -> int | None:
    last = plain(name)[-1:]
    return next((n for n, ends in enumerate(_LEVELS) if last and last in ends), None)


def _take_groups(
    items: Sequence[_Item],
    free: Sequence[_Item],
    printed: Sequence[Vector],
    spare: Sequence[Vector],
    found: Found,
) -> None:
    """Rows that add up the rows below them, or above them."""
    kinds = Counter(_kind(item.line.name) for item in items)
    apart = {item.line.row for item in free if _stands_apart(item, kinds)}
    above = {item.line.row for item in free if _is_called_group(item, kinds)}
    anyone = {item.line.row for item in free}
    best: dict[int, tuple[int, ...]] = {}
    for may_be, single in product((above, apart, anyone), (False, True)):
        for sequence in (items, items[::-1]):
            heads, top = _collapse(sequence, may_be, single=single)
            if not heads:
                continue
            total = _sum(item.vector for item in items if item.line.row not in heads)
            agreed = any(_same(p, total) or _same(p, _sum([total, *spare])) for p in printed)
            surely = not single or (may_be is above and any(len(m) > 1 for m in heads.values()))
            if agreed or (surely and _bear_out(heads, top, items, printed)):
                _take_heads(heads, items, above, found)
                if not agreed:
                    _doubt_left_over(items, above, found)
                return
            if may_be is above or not single:
                best = best or _doubtful(heads, top, items, above)
    found.doubts.update(best)
    _doubt_groups(free, found)


def _is_called_group(item: _Item, kinds: Counter[int | str]) -> bool:
    """Whether a name is a region's, or a city's where few are."""
    level = _level(item.line.name)
    high = level is not None and level <= 1
    return bool(_GROUPS.fullmatch(plain(item.line.name))) or (high and _stands_apart(item, kinds))


def _stands_apart(item: _Item, kinds: Counter[int | str]) -> bool:
    """Whether a name is of another kind than most: a region, a city among counties, 共 among towns."""
    same = kinds[_kind(item.line.name)]
    return bool(_GROUPS.fullmatch(plain(item.line.name))) or 2 * same < kinds.total()


def _kind(name: str) -> int | str:
    """Of what kind a name is: its level, else how it ends."""
    level = _level(name)
    return level if level is not None else "latin" if name.isascii() else plain(name)[-1:]


def _bear_out(
    heads: Mapping[int, tuple[int, ...]],
    top: Sequence[_Item],
    items: Sequence[_Item],
    printed: Sequence[Vector],
) -> bool:
    """Whether names, or a table that consists of such groups alone, leave chance out."""
    if all(_names_group(row, members, items) for row, members in heads.items()):
        return True
    whole = len(heads) > 1 and all(item.line.row in heads for item in top)
    strong = sum(_strength(item.vector) for item in items if item.line.row in heads)
    return whole and strong >= _CERTAIN and not printed


def _take_heads(
    heads: Mapping[int, tuple[int, ...]], items: Sequence[_Item], called: set[int], found: Found
) -> None:
    """Regions and cities (``called``) that add up to nothing go with those that were told by their sums."""
    kinds = {_kind(item.line.name) for item in items if item.line.row in heads}
    empty = [
        item.line.row
        for item in items
        if item.line.row in called
        and not any(item.vector)
        and (_kind(item.line.name) in kinds or _GROUPS.fullmatch(plain(item.line.name)))
    ]
    few = 2 * (len(heads) + len(empty)) < len(items)
    members = dict.fromkeys(empty, ()) | dict(heads) if few else dict(heads)
    found.kinds.update(dict.fromkeys(members, SUBTOTAL))
    found.members.update(members)


def _doubtful(
    heads: Mapping[int, tuple[int, ...]],
    top: Sequence[_Item],
    items: Sequence[_Item],
    called: set[int],
) -> dict[int, tuple[int, ...]]:
    """Those of the heads that may be no chance; ``called`` are rows with a region's or a city's name."""
    whole = len(heads) > 1 and all(item.line.row in heads for item in top)
    strength = {item.line.row: _strength(item.vector) for item in items}
    return {
        row: members
        for row, members in heads.items()
        if whole or row in called or _names_group(row, members, items) or strength[row] >= _SOME
    }


def _doubt_left_over(items: Sequence[_Item], called: set[int], found: Found) -> None:
    """Rows of the kind that was told by its sums, which themselves add up nothing."""
    kinds = {_kind(item.line.name) for item in items if item.line.row in found.kinds}
    for item in items:
        row, name = item.line.row, item.line.name
        alike = _kind(name) in kinds or _GROUPS.fullmatch(plain(name))
        if row in called and row not in found.kinds and alike and any(item.vector):
            found.doubts.setdefault(row, ())


def _doubt_groups(free: Sequence[_Item], found: Found) -> None:
    """Rows called a region among districts, where no total bears out that they are none."""
    called = [item for item in free if _GROUPS.fullmatch(plain(item.line.name))]
    for item in called if 2 * len(called) < len(free) else ():
        key = plain(item.line.name)
        if _REGIONS.fullmatch(key) or not _PLACE.fullmatch(key):
            found.doubts.setdefault(item.line.row, ())


def _collapse(
    items: Sequence[_Item], may_be: set[int], *, single: bool
) -> tuple[dict[int, tuple[int, ...]], list[_Item]]:
    """Heads with their members, where each head stands before them; and what no head adds up.

    Worked from the end, so that a head of heads adds up those below it.
    """
    heads: dict[int, tuple[int, ...]] = {}
    open_items: list[_Item] = []  # nearest first
    for item in reversed(items):
        count = _count_members(item, open_items, single=single) if item.line.row in may_be else 0
        if count:
            heads[item.line.row] = tuple(each.line.row for each in open_items[:count])
            del open_items[:count]
        open_items.insert(0, item)
    return heads, open_items


def _count_members(item: _Item, below: Sequence[_Item], *, single: bool) -> int:
    """How many of the rows below add up to this one; one alone if it may, or its name says so."""
    if not any(item.vector):
        return 0
    total: Vector = tuple(0 for _ in item.vector)
    some = 0
    for count, each in enumerate(below, 1):
        total = _sum([total, each.vector])
        some += any(each.vector)
        if any(a > b + _NOISE for a, b in zip(total, item.vector, strict=True)):
            return 0
        alone = single or _is_called_above(plain(item.line.name), [plain(each.line.name)])
        if _same(total, item.vector) and (some > 1 or alone):
            return count
    return 0


def _names_group(row: int, members: Iterable[int], items: Sequence[_Item]) -> bool:
    """Whether names bear out that a row adds up others."""
    by_row = {item.line.row: item for item in items}
    name = plain(by_row[row].line.name)
    others = [plain(by_row[member].line.name) for member in members]
    if _is_called_above(name, others):
        return True
    return not looks_like_place(name) and all(
        looks_like_place(other) and not _GROUPS.fullmatch(other) for other in others
    )


def _is_called_above(name: str, others: Sequence[str]) -> bool:
    """Whether others belong to a name: a region's, a city's above counties, 甲市 beside 甲市本级."""
    if _GROUPS.fullmatch(name):
        return not any(map(_GROUPS.fullmatch, others))
    if any(
        _OWN.fullmatch(other) and (other.startswith(name) or len(other) <= 3) for other in others
    ):
        return True
    own = _level(name)
    return own is not None and all((below := _level(o)) is not None and below > own for o in others)


def agrees(lines: Sequence[Line], told: Found, vectors: Mapping[int, Vector]) -> bool:
    """Whether the first total that is printed is the sum of the districts that are left."""
    total = next((line for line in lines if line.kind == TOTAL and any(vectors[line.row])), None)
    rows = [line.row for line in lines if line.kind == DISTRICT and line.row not in told.kinds]
    return total is not None and _same(vectors[total.row], _sum(vectors[row] for row in rows))


def begins_with(vectors: Sequence[Vector], total: Vector) -> bool:
    """Whether the first few of some rows add up to a total."""
    return any(_same(_sum(vectors[:count]), total) for count in range(1, len(vectors) + 1))


def _sum(vectors: Iterable[Vector]) -> Vector:
    return tuple(map(sum, zip(*vectors, strict=True)))


def _same(one: Vector, other: Vector) -> bool:
    return all(abs(a - b) <= _NOISE * max(1.0, abs(a)) for a, b in zip(one, other, strict=True))


def _strength(vector: Vector) -> float:
    """How many powers of ten stand against a sum that is right by chance."""
    return sum(log10(1 + abs(value)) for value in vector)


def vectors_of(
    lines: Iterable[Line], columns: Sequence[int], value: Callable[[int, int], Number]
) -> dict[int, Vector]:
    """What each row says in these columns."""
    return {line.row: tuple(value(line.row, column) for column in columns) for line in lines}
