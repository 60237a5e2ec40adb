"""Columns whose numbers tell the task of another once more: by its name, in step with it, or by the piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from xl_addin.model.names import plain
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.find import Shape
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.neighbours import Column, name_column, value_at
from xl_addin.tasktable.orientation import SORTS
from xl_addin.tasktable.purpose_words import BRACKET, TARGET
from xl_addin.tasktable.rates import is_like_rate
from xl_addin.xlsx.values import number_text

_FEW = 2  # rows in which columns may go together by chance
_CLOSE = 2  # so many times a number is no longer of the same size
_NEAR = 1e-3
_ROUNDED = 0.51
_LARGE = 20  # where rounding leaves nothing to chance
_PRICE = pattern(r"(百|千|万|亿)?元/(?![年月日天])[^/]+")


class _View(NamedTuple):
    column: Column
    values: tuple[Number, ...]


def refuse_views(
    shape: Shape,
    columns: Sequence[Column],
    rows: Sequence[int],
    choices: Choices,
    findings: Findings,
) -> None:
    """Refuse columns that are not two tasks but one told twice, and money that a price has made.

    Settled where all of them are kept, or one is left out.
    """
    views = [
        _View(c, tuple(value_at(shape, row, c.number) for row in rows))
        for c in columns
        if not is_like_rate(c.heading)
    ]
    for found, why in (*_products(views), *_aspects(views), *_namesakes(columns)):
        numbers = [column.number for column in found]
        if choices.kept_columns.issuperset(numbers):
            continue
        names = "、".join(name_column(column, findings) for column in found)
        says = (
            f"{names}{why}，不能确定都是任务数；不是任务的请写明，例如 "
            f"{findings.column_option('skip', numbers[-1])}，都是请加 {findings.columns_option('keep', numbers)}"
        )
        findings.refuse("column-in-doubt", found[0].heading.at, found[0].leaf, says)


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
    return any(money.values) and all(
        abs(p * c - m) <= max(_NEAR * abs(m), _NEAR)
        for p, c, m in zip(price.values, count.values, money.values, strict=True)
    )


def _aspects(views: Sequence[_View]) -> Iterator[tuple[list[Column], str]]:
    """Two columns of a group that go together in every row; under several groups by their order alone."""
    pairs = [pair for pair in combinations(views, 2) if _are_beside(*pair)]
    repeated = [(_leaf(one), _leaf(other)) for one, other in pairs]
    for one, other in pairs:
        names = (_leaf(one), _leaf(other))
        alike = [pair for pair, both in zip(pairs, repeated, strict=True) if both == names]
        if (one, other) != alike[0]:
            continue
        found = [view.column for pair in alike for view in pair]
        if len(alike) > 1 and (_in_order(alike) or _in_order([(b, a) for a, b in alike])):
            yield found, "每一行都是一列比另一列大一点，像是同一项任务的两个数"
        elif all(_in_step(*pair) for pair in alike):
            ratio = number_text(round(_ratio(other, one), 4))
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


def _are_beside(one: _View, other: _View) -> bool:
    a, b = one.column, other.column
    return (
        a.group == b.group != ()
        and a.heading.unit == b.heading.unit
        and not (a.heading.part or b.heading.part)
        and not (SORTS.fullmatch(_leaf(one)) and SORTS.fullmatch(_leaf(other)))
        and len(one.values) > _FEW
    )


def _leaf(view: _View) -> str:
    return BRACKET.sub("", plain(view.column.heading.path[-1]))


def _in_order(pairs: Sequence[tuple[_View, _View]]) -> bool:
    """Whether the second is nowhere less than the first, of its size, and more in most rows."""
    both = [each for one, other in pairs for each in zip(one.values, other.values, strict=True)]
    more = sum(b > a for a, b in both)
    return 2 * more > len(both) and all(0 < a <= b <= _CLOSE * a for a, b in both)


def _in_step(one: _View, other: _View) -> bool:
    """Whether the second is the first at one ratio in more rows than chance, but for rounding."""
    least = min(*one.values, *other.values)
    if len(one.values) <= _FEW + 1 or len(set(one.values)) <= _FEW or least < _LARGE:
        return False
    ratio = _ratio(other, one)
    return all(
        abs(a * ratio - b) <= _ROUNDED for a, b in zip(one.values, other.values, strict=True)
    )


def _ratio(over: _View, under: _View) -> float:
    return sum(over.values) / sum(under.values)
