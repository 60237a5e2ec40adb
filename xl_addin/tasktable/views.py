"""Columns whose numbers tell the task of another once more: by its name, in step with it, or by the piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations
from math import log10

from xl_addin.model.names import plain
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.neighbours import Column, name_column
from xl_addin.tasktable.orientation import SORTS
from xl_addin.tasktable.purpose_words import BRACKET, TARGET
from xl_addin.tasktable.rates import is_like_rate
from xl_addin.tasktable.vectors import Vector
from xl_addin.xlsx.values import number_text

_FEW = 2  # rows in which columns may go together by chance
_CLOSE = 2  # so many times a number is no longer of the same size
_NEAR = 1e-3
_ROUNDED = 0.51
_LARGE = 20  # where rounding leaves nothing to chance
_CERTAIN = 7.0  # powers of ten against a quotient by chance
_PLACES = 6
_BESIDE = 12  # columns in which what a quotient is made of stands
_MANY = 5  # rows that may number themselves by chance
_SCALES = (1, 10_000)  # so much a head is in yuan, all of it in ten thousands of them
_PRICE = pattern(r"(百|千|万|亿)?元/(?![年月日天])[^/]+")


class _View(NamedTuple):
    """A column with its numbers; ``leaf`` is its innermost level without what stands in brackets."""

    column: Column
    values: tuple[Number, ...]
    leaf: str
    least: Number
    total: Number


def refuse_views(
    columns: Sequence[Column], figures: Mapping[int, Vector], choices: Choices, findings: Findings
) -> None:
    """Refuse columns that are not two tasks but one told twice, and money that a price has made.

    ``figures`` is what each column has. Settled where all of them are kept, or one is left out.
    """
    counted = [c for c in columns if not is_like_rate(c.heading) and figures[c.number]]
    views = [_view(c, figures[c.number]) for c in counted]
    every = [_view(c, figures[c.number]) for c in columns if figures[c.number]]
    told: set[int] = set()
    for found, why in (
        *_products(views),
        *_quotients(views),
        *_shares(every),
        *_ranks(every),
        *_aspects(views),
        *_namesakes(columns),
    ):
        numbers = [column.number for column in found]
        if choices.kept_columns.issuperset(numbers) or told.issuperset(numbers):
            continue
        told |= set(numbers)
        names = "、".join(name_column(column, findings) for column in found)
        skip, keep = (
            findings.columns_option(verb, which)
            for verb, which in (("skip", numbers[1::2] or numbers), ("keep", numbers))
        )
        says = f"{names}{why}，不能确定都是任务数；不是任务的请写明，例如 {skip}，都是请加 {keep}"
        findings.refuse("column-in-doubt", found[0].heading.at, found[0].leaf, says)


def _view(column: Column, values: Vector) -> _View:
    leaf = BRACKET.sub("", plain(column.heading.path[-1]))
    return _View(column, values, leaf, min(values), sum(values))


def _products(views: Sequence[_View]) -> Iterator[tuple[list[Column], str]]:
    """A price by the piece, and the money it makes of how many there are."""
    for price in views:
        if not _PRICE.fullmatch(price.column.heading.unit) or len(price.values) < _FEW:
            continue
        for count, money in combinations([v for v in views if v is not price], 2):
            if _makes(price, count, money) or _makes(price, money, count):
                made = money if "元" in money.column.heading.unit else count
                yield [price.column, made.column], "是单价和单价算出来的金额"


def _makes(price: _View, count: _View, money: _View) -> bool:
    return any(money.values) and any(
        all(
            abs(p * c - m * scale) <= max(_NEAR * abs(m * scale), _NEAR)
            for p, c, m in zip(price.values, count.values, money.values, strict=True)
        )
        for scale in _SCALES
    )


def _quotients(views: Sequence[_View]) -> Iterator[tuple[list[Column], str]]:
    """Columns with decimals that are one of the others by another: 每万人床位."""
    told: set[frozenset[int]] = set()
    for view in sorted(views, key=lambda v: -max(map(_decimals, v.values))):
        places = max(map(_decimals, view.values))
        step = 10.0**-places
        exact = sum(log10(1 + abs(value) / step) for value in view.values)
        if not places or len(view.values) <= _FEW + 1 or exact < _CERTAIN:
            continue
        beside = [v for v in views if 0 < abs(v.column.number - view.column.number) <= _BESIDE]
        for over, under in permutations(beside, 2):
            three = frozenset(v.column.number for v in (view, over, under))
            if (
                three not in told
                and under.least > 0
                and any(
                    all(
                        abs(a * scale / b - q) <= _ROUNDED * step
                        for a, b, q in zip(over.values, under.values, view.values, strict=True)
                    )
                    for scale in (1, 100, *_SCALES[1:])
                )
            ):
                yield [over.column, view.column], f"，后一列是前一列除以“{under.leaf}”算出来的"
                told.add(three)
                break


def _decimals(value: Number) -> int:
    _, _, behind = number_text(value).partition(".")
    return min(len(behind), _PLACES)


def _shares(views: Sequence[_View]) -> Iterator[tuple[list[Column], str]]:
    """Columns that are the share which each row has of another's total."""
    for view, of in permutations(views, 2):
        if view.column.heading.unit not in ("", "%", "％") or len(view.values) <= _FEW + 1:
            continue
        for whole in (1, 100):
            step = 10.0 ** -max(map(_decimals, view.values))
            if (
                step < whole
                and of.total
                and all(
                    abs(a * whole / of.total - p) <= _ROUNDED * step
                    for a, p in zip(of.values, view.values, strict=True)
                )
            ):
                yield [of.column, view.column], "，后一列是各行在前一列里所占的比例"


def _ranks(views: Sequence[_View]) -> Iterator[tuple[list[Column], str]]:
    """Columns that have each number from one on once: a rank, or a number in a list."""
    for view in views:
        many = len(view.values)
        ranked = many > _MANY and sorted(view.values) == list(range(1, many + 1))
        if ranked and view.column.heading.unit in ("", "名", "位"):
            yield [view.column], f"正好是 1 到 {many} 各一个，像是名次或编号"


def _aspects(views: Sequence[_View]) -> Iterator[tuple[list[Column], str]]:
    """Two columns of a group that go together in every row; under several groups by their order alone."""
    groups: dict[tuple[object, ...], list[_View]] = {}
    for view in views:
        if view.column.group and not view.column.heading.part and len(view.values) > _FEW:
            groups.setdefault((view.column.group, view.column.heading.unit), []).append(view)
    pairs: dict[tuple[str, str], list[tuple[_View, _View]]] = {}
    for members in groups.values():
        for one, other in combinations(members, 2):
            if not (SORTS.fullmatch(one.leaf) and SORTS.fullmatch(other.leaf)):
                pairs.setdefault((one.leaf, other.leaf), []).append((one, other))
    for alike in pairs.values():
        found = [view.column for pair in alike for view in pair]
        if len(alike) > 1 and (_in_order(alike) or _in_order([(b, a) for a, b in alike])):
            yield found, "每一行都是一列比另一列大一点，像是同一项任务的两个数"
        elif all(_in_step(*pair) for pair in alike):
            ratio = number_text(round(alike[0][1].total / alike[0][0].total, 4))
            yield found, f"每一行都是一样的比例（{ratio}），像是一列由另一列算出来的"


def _namesakes(columns: Sequence[Column]) -> Iterator[tuple[list[Column], str]]:
    """A plan and a task, or two tasks, of one thing in one unit."""
    told: dict[tuple[object, ...], list[Column]] = {}
    for column in columns:
        if column.stem and not column.heading.part and TARGET.search(column.leaf):
            told.setdefault((column.stem, column.group, column.heading.unit), []).append(column)
    for found in told.values():
        if found[1:]:
            yield found, "说的是同一件事"


def _in_order(pairs: Sequence[tuple[_View, _View]]) -> bool:
    """Whether the second is nowhere less than the first, of its size, and more in most rows."""
    if not all(0 < one.total <= other.total for one, other in pairs):
        return False
    both = [each for one, other in pairs for each in zip(one.values, other.values, strict=True)]
    return all(0 < a <= b <= _CLOSE * a for a, b in both) and 2 * sum(b > a for a, b in both) > len(
        both
    )


def _in_step(one: _View, other: _View) -> bool:
    """Whether the second is the first at one ratio in more rows than chance, but for rounding."""
    if len(one.values) <= _FEW + 1 or min(one.least, other.least) < _LARGE:
        return False
    ratio = other.total / one.total
    return (
        all(abs(a * ratio - b) <= _ROUNDED for a, b in zip(one.values, other.values, strict=True))
        and len(set(one.values)) > _FEW
    )
