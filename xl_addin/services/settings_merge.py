"""What two people set at once, brought together cell by cell; where they differ a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xl_addin.master.settings_body import LIST_OF, MENDED, CellKey, Cells, Content, Orders, rows_of
from xl_addin.system.light import NamedTuple

MINE, THEIRS = "本表", "底账"
"""Whose word goes, where a person says so."""


class Clash(NamedTuple):
    """What two set otherwise: a cell; a row (its column is ""), removed by one and edited by the other.

    The order of a list has no row either; its contents are the keys in a line. None: nothing, removed.
    """

    key: CellKey
    base: Content | None
    mine: Content | None
    theirs: Content | None


class Merged(NamedTuple):
    """What comes of two; clashes are decided as ``take`` said, else as nobody should go on with."""

    cells: dict[CellKey, Content]
    orders: dict[str, tuple[str, ...]]
    clashes: list[Clash]


Settings = tuple[Cells, Orders]


def merge(base: Settings, mine: Settings, theirs: Settings, take: str = "") -> Merged:
    """Both edits of ``base``; ``take`` is MINE or THEIRS for what clashes."""
    sides = base[0], mine[0], theirs[0]
    cells, clashes = _decide_rows(*sides, take)
    decided = cells.keys()
    found = {key: value for key, value in cells.items() if value is not None}
    for key in {*base[0], *mine[0], *theirs[0]} - decided:
        was, one, other = (side.get(key) for side in sides)
        value = other if _same(one, was) else one
        if not (_same(one, other) or _same(one, was) or _same(other, was)):
            clashes.append(Clash(key, was, one, other))
            value = one if take == MINE else other
        if value is not None:
            found[key] = value
    there = {key[:2] for key in found}
    # What went with a row goes where nobody had touched it.
    found = {
        key: value
        for key, value in found.items()
        if key[0] not in MENDED or all(row in there for row in rows_of(key))
    }
    orders: dict[str, tuple[str, ...]] = {}
    for block in {*mine[1], *theirs[1]}:
        listed = [side[1].get(block, ()) for side in (base, mine, theirs)]
        order, apart = _merge_order(listed[0], listed[1], listed[2], take)
        orders[block] = tuple(key for key in order if (block, key) in there)
        if apart and LIST_OF[block].ordered:
            clashes.append(Clash((block, "", ""), *map("、".join, listed)))
    return Merged(found, orders, sorted(clashes, key=lambda clash: clash.key))


def all_that_differs(mine: Settings, theirs: Settings, take: str = "") -> Merged:
    """For a master of which nobody knows what it was last brought into agreement with."""
    clashes = [
        Clash(key, None, mine[0].get(key), theirs[0].get(key))
        for key in sorted({*mine[0], *theirs[0]})
        if not _same(mine[0].get(key), theirs[0].get(key))
    ]
    for block in sorted({*mine[1], *theirs[1]}):
        one, other = mine[1].get(block, ()), theirs[1].get(block, ())
        if LIST_OF[block].ordered and one != other and sorted(one) == sorted(other):
            clashes.append(Clash((block, "", ""), None, "、".join(one), "、".join(other)))
    cells, orders = mine if take == MINE else theirs
    return Merged(dict(cells), dict(orders), clashes)


def _same(one: Content | None, other: Content | None) -> bool:
    """5 and the text 5 are not the same, and no Python number equals a text."""
    return one == other


def _decide_rows(
    base: Cells, mine: Cells, theirs: Cells, take: str
) -> tuple[dict[CellKey, Content | None], list[Clash]]:
    """The rows that one removed while the other edited what goes with them."""
    groups: dict[tuple[str, str], set[CellKey]] = {}
    for key in {*base, *mine, *theirs}:
        for row in rows_of(key):
            groups.setdefault(row, set()).add(key)
    decided: dict[CellKey, Content | None] = {}
    clashes: list[Clash] = []
    for row, keys in groups.items():
        was, one, other = (
            any(key in side for key in keys if key[:2] == row) for side in (base, mine, theirs)
        )
        if not was or one == other:
            continue
        editor = mine if one else theirs
        if all(_same(editor.get(key), base.get(key)) for key in keys):
            continue
        edited = "、".join(sorted(k[2] for k in keys if not _same(editor.get(k), base.get(k))))
        clashes.append(Clash((*row, ""), None, edited if one else None, edited if other else None))
        winner = mine if take == MINE else theirs
        decided |= {key: winner.get(key) for key in keys}
    return decided, clashes


def _merge_order(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], take: str
) -> tuple[list[str], bool]:
    """An order of all keys, each new one after the one that it follows; whether both changed it otherwise."""
    common = {*base} & {*mine} & {*theirs}
    was, one, other = ([key for key in each if key in common] for each in (base, mine, theirs))
    apart = one not in (was, other) and other != was
    first = mine if (take == MINE if apart else one != was) else theirs
    order = list(first)
    for key, before in _followers(theirs if first is mine else mine):
        if key not in order:
            order.insert(order.index(before) + 1 if before in order else 0, key)
    return order, apart


def _followers(order: Iterable[str]) -> Iterable[tuple[str, str]]:
    before = ""
    for key in order:
        yield key, before
        before = key
