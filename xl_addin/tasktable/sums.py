"""Rows that are the sum of rows around them, whatever they are called: totals, regions, cities.

A row is told by its numbers only where chance is out of the question, or its name or the printed total
bears them out; where it may be chance it is a doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product

from xl_addin.model.names import plain
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.chongqing import find_district
from xl_addin.tasktable.lines import (
    DISTRICT,
    PLACE,
    RESERVE,
    SUBTOTAL,
    TOTAL,
    Line,
    is_region,
    looks_like_place,
)
from xl_addin.tasktable.vectors import NOISE, Vector, add_up, same, strength_of, without_zeros

_CERTAIN = 4.0  # so many powers of ten stand against chance
_DOUBTFUL = 3.0  # the same for one of many of its kind, which is then asked for
_LIKELY = 1.3  # the same for what is no place's name
_SOME = 5.0  # the same where any run of rows was tried
_GROUPS = pattern(
    r".*(片区?|城镇群|城市群|都市区|都市圈|经济[区圈带]|板块|组团|方向|地区|区域|类|组|部分|大区|线)(\(.*\))?|"
    r"(?i:.*(region|zone|area|group|cluster)s?)|[一二三四五六七八九十]+、.*|\([一二三四五六七八九十]+\).*"
)
_LEVELS = ("省", "州盟市", "区县旗市", "镇乡道", "村")
_OWN = pattern(r".*(本级|直属|[市县州区][直级])(\(.*\))?")


class Found(NamedTuple):
    """``kinds`` are rows that are no districts, with what each adds up; ``doubts`` may be that, or not."""

    kinds: dict[int, str]
    members: dict[int, tuple[int, ...]]
    doubts: dict[int, tuple[int, ...]]


class _Item(NamedTuple):
    line: Line
    vector: Vector


def is_heading(name: str, others: Sequence[str]) -> bool:
    """Whether a name without figures is a group's: of a higher level than all, or no place's among places."""
    own, levels = _level(name), [_level(other) for other in others]
    if own is not None and own < len(_LEVELS) - 1:
        return len(others) > 1 and all(level is not None and level > own for level in levels)
    placed = sum(map(looks_like_place, others))
    return not looks_like_place(name) and placed == len(others) > 2


def find_sums(
    lines: Sequence[Line], vectors: Mapping[int, Vector], kept: frozenset[int] = frozenset()
) -> Found:
    """Which rows of districts are sums of others.

    ``vectors`` has what each row says in the columns that can be added up, blanks as 0; ``kept`` are
    rows that somebody said are districts.
    """
    vectors = without_zeros(vectors)
    items = [_Item(line, vectors[line.row]) for line in lines if line.kind == DISTRICT]
    found = Found({}, {}, {})
    if len(items) < 3:
        return found
    if not any(any(item.vector) for item in items):
        _doubt_groups([item for item in items if not _is_fixed(item.line, kept)], found)
        return found
    printed = [vectors[line.row] for line in lines if line.kind == TOTAL and any(vectors[line.row])]
    spare = [vectors[line.row] for line in lines if line.kind == RESERVE]
    everything = add_up(item.vector for item in items)
    for total in printed:
        if same(total, everything) or same(total, add_up([everything, *spare])):
            return found
    free = [item for item in items if not _is_fixed(item.line, kept)]
    if not printed and _take_grand_total(free, items, everything, found):
        items = [item for item in items if item.line.row not in found.kinds]
    _take_groups(items, free, printed, spare, found)
    for row in found.kinds:
        found.doubts.pop(row, None)
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
        if not same(add_up([item.vector, item.vector]), everything) or not any(item.vector):
            continue
        others = tuple(each.line.row for each in items if each is not item)
        at_end = item.line.row < min(others) or item.line.row > max(others)
        certain = strength_of(item.vector) >= _CERTAIN
        beside = _is_beside(item, items)
        several = sum(any(each.vector) for each in items) > 2
        likely = strength_of(item.vector) >= _LIKELY and _is_no_place(item, items)
        named = several and (likely or _is_above(item, items))
        if not beside and (certain or (at_end and named)):
            found.kinds[item.line.row] = TOTAL
            found.members[item.line.row] = others
            return True
        if strength_of(item.vector) >= _DOUBTFUL or (at_end and not beside):
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


def _is_no_place(item: _Item, items: Sequence[_Item]) -> bool:
    """Whether a name is no place's among places: where no name tells, as with Bo and Kono, none does."""
    others = [looks_like_place(each.line.name) for each in items if each is not item]
    return not looks_like_place(item.line.name) and 2 * sum(others) > len(others)


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
    for may_be, sequence in product((above, apart, anyone), (items, items[::-1])):
        heads, top = _collapse(sequence, may_be, single=False)
        if not printed and (all_ := _make_up_all(heads, top, items)) is not None:
            _take_heads(heads | all_, items, above, found)
            found.kinds.update(dict.fromkeys(all_, TOTAL))
            return
    best: dict[int, tuple[int, ...]] = {}
    for may_be, single in product((above, apart, anyone), (False, True)):
        for sequence in (items, items[::-1]):
            heads, top = _collapse(sequence, may_be, single=single)
            if not heads:
                continue
            total = add_up(item.vector for item in items if item.line.row not in heads)
            agreed = any(same(p, total) or same(p, add_up([total, *spare])) for p in printed)
            surely = not single or (may_be is above and any(len(m) > 1 for m in heads.values()))
            if agreed or (surely and _bear_out(heads, top, items, printed)):
                _take_heads(heads, items, above, found)
                if not agreed:
                    _doubt_left_over(items, above, found)
                    _doubt_sums(items, anyone, found)
                return
            if may_be is above or not single:
                best = best or _doubtful(heads, top, items, above)
    found.doubts.update(best)
    _doubt_groups(free, found)
    _doubt_larger(items, anyone, found)


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


def _make_up_all(
    heads: Mapping[int, tuple[int, ...]], top: Sequence[_Item], items: Sequence[_Item]
) -> dict[int, tuple[int, ...]] | None:
    """The total beside several groups that hold all other rows, with what it adds up; none is empty.

    None where they hold not all, or may by chance.
    """
    rest = [item for item in top if item.line.row not in heads]
    whole = [item for item in top if item.line.row in heads]
    strong = sum(strength_of(item.vector) for item in items if item.line.row in heads)
    if len(heads) < 2 or strong < _CERTAIN or rest[1:]:
        return None
    if not rest:
        return {}
    rows = [item.line.row for item in items]
    if rest[0].line.row not in (rows[0], rows[-1]) or not same(rest[0].vector, _sum(whole)):
        return None
    return {rest[0].line.row: tuple(item.line.row for item in whole)}


def _bear_out(
    heads: Mapping[int, tuple[int, ...]],
    top: Sequence[_Item],
    items: Sequence[_Item],
    printed: Sequence[Vector],
) -> bool:
    """Whether names, or a table that consists of such groups alone, leave chance out."""
    whole = len(heads) > 1 and all(item.line.row in heads for item in top)
    several = any(len(members) > 1 for members in heads.values())
    named = all(_names_group(row, members, items) for row, members in heads.items())
    if named and (
        several or whole
    ):  # 汨罗市 before 华容县 with the same figures is a county as well
        return True
    strong = sum(strength_of(item.vector) for item in items if item.line.row in heads)
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
    strength = {item.line.row: strength_of(item.vector) for item in items}
    return {
        row: members
        for row, members in heads.items()
        if whole
        or strength[row] >= _SOME
        or (
            (len(members) > 1 or strength[row] >= _DOUBTFUL)
            and (row in called or _names_group(row, members, items))
        )
    }


def _doubt_left_over(items: Sequence[_Item], called: set[int], found: Found) -> None:
    """Rows of the kind that was told by its sums, which themselves add up nothing."""
    kinds = {_kind(item.line.name) for item in items if item.line.row in found.kinds}
    for item in items:
        row, name = item.line.row, item.line.name
        alike = _kind(name) in kinds or _GROUPS.fullmatch(plain(name))
        if row in called and row not in found.kinds and alike and any(item.vector):
            found.doubts.setdefault(row, ())


def _doubt_sums(items: Sequence[_Item], free: set[int], found: Found) -> None:
    """Rows beside those that were told which add up others as well, beyond chance: 城区 beside 远郊."""
    inner = {row for members in found.members.values() for row in members}
    rest = [item for item in items if item.line.row not in inner | found.kinds.keys()]
    strength = {item.line.row: strength_of(item.vector) for item in rest}
    item_name = {item.line.row: item.line.name for item in rest}
    for sequence in (rest, rest[::-1]):
        for row, members in _collapse(sequence, free, single=False)[0].items():
            placed = looks_like_place(item_name[row])
            if strength[row] >= (_SOME if placed else _LIKELY):
                found.doubts.setdefault(row, members)


def _doubt_groups(free: Sequence[_Item], found: Found) -> None:
    """Rows called a region among districts, where no total bears out that they are none."""
    called = [
        item
        for item in free
        if is_region(item.line.name) or _GROUPS.fullmatch(plain(item.line.name))
    ]
    for item in called if 2 * len(called) < len(free) else ():
        if is_region(item.line.name) or not PLACE.fullmatch(plain(item.line.name)):
            found.doubts.setdefault(item.line.row, ())


def _doubt_larger(items: Sequence[_Item], free: set[int], found: Found) -> None:
    """Cities above counties, or counties above towns, each with more than those below it together.

    Some of its own are not listed. Of one among townships that may be chance.
    """
    for lowest in (1, 2):
        groups: list[list[_Item]] = []
        for item in items:
            level = _level(item.line.name)
            if level is None or not (groups or level <= lowest):
                break
            if level <= lowest:
                groups.append([item])
            else:
                groups[-1].append(item)
        else:
            _doubt_heads(groups, items, free, found, alone=lowest == 1)


def _doubt_heads(
    groups: Sequence[Sequence[_Item]],
    items: Sequence[_Item],
    free: set[int],
    found: Found,
    *,
    alone: bool,
) -> None:
    """``alone``: one group will do, and none may have but one member."""
    above = [group for group in groups if group[1:]]
    if alone and any(len(members) < 2 for _, *members in groups):
        return
    if any(
        a < b for head, *members in above for a, b in zip(head.vector, _sum(members), strict=True)
    ):
        return
    several = len(above) > 1 or (alone and (len(items[0].vector) > 1 or len(items) > 3))
    if several:
        found.doubts.update((head.line.row, ()) for head, *_ in above if head.line.row in free)


def _sum(items: Iterable[_Item]) -> Vector:
    return add_up(item.vector for item in items)


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
        total = add_up([total, each.vector])
        some += any(each.vector)
        if any(a > b + NOISE for a, b in zip(total, item.vector, strict=True)):
            return 0
        alone = single or _is_called_above(plain(item.line.name), [plain(each.line.name)])
        if same(total, item.vector) and (some > 1 or alone):
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


def parts_within(lines: Sequence[Line], told: Found, parts: Collection[int]) -> set[int]:
    """Rows that a county among counties adds up, the first of them called 其中: they are its parts."""
    level = {line.row: _level(line.name) for line in lines if line.kind == DISTRICT}
    inner = {row for members in told.members.values() for row in members}
    beside = {level[row] for row in level.keys() - inner - told.members.keys()}
    return {
        row
        for head, members in told.members.items()
        if not set(members).isdisjoint(parts) and level[head] in beside & {2, 3}
        for row in members
    }


def agrees(lines: Sequence[Line], told: Found, vectors: Mapping[int, Vector]) -> bool:
    """Whether the first total that is printed is the sum of the districts that are left."""
    total = next((line for line in lines if line.kind == TOTAL and any(vectors[line.row])), None)
    rows = [line.row for line in lines if line.kind == DISTRICT and line.row not in told.kinds]
    return total is not None and same(vectors[total.row], add_up(vectors[row] for row in rows))
