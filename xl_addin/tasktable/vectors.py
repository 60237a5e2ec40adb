"""What rows say in several columns, added and compared, and what stands against a sum by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from math import log10

from xl_addin.model.records import Number
from xl_addin.tasktable.lines import Line
from xl_addin.xlsx.values import LARGEST

Vector = tuple[Number, ...]
NOISE = 1e-6


def begins_with(vectors: Sequence[Vector], total: Vector) -> bool:
    """Whether the first few of some rows add up to a total."""
    return any(same(sums, total) for sums in accumulate(vectors, lambda a, b: add_up([a, b])))


def add_up(vectors: Iterable[Vector]) -> Vector:
    """Column by column."""
    return tuple(map(sum, zip(*vectors, strict=True)))


def same(one: Vector, other: Vector) -> bool:
    """Whether two rows say the same, but for what is lost in adding."""
    return all(abs(a - b) <= NOISE * max(1.0, abs(a)) for a, b in zip(one, other, strict=True))


def strength_of(vector: Vector) -> float:
    """How many powers of ten stand against a sum that is right by chance."""
    return sum(log10(1 + abs(value)) for value in vector)


def without_zeros(vectors: Mapping[int, Vector]) -> dict[int, Vector]:
    """The same without the zeros that all of a column end with: 30,000 is told as easily as 3 is."""
    scales = [_common_power(column) for column in zip(*vectors.values(), strict=True)]
    return {
        row: tuple(v // s if s > 1 else v for v, s in zip(vector, scales, strict=True))
        for row, vector in vectors.items()
    }


def _common_power(values: Sequence[Number]) -> int:
    power = 1
    while any(values) and power < LARGEST and all(value % (power * 10) == 0 for value in values):
        power *= 10
    return power


def vectors_of(
    lines: Iterable[Line], columns: Sequence[int], value: Callable[[int, int], Number]
) -> dict[int, Vector]:
    """What each row says in these columns."""
    return {line.row: tuple(value(line.row, column) for column in columns) for line in lines}
