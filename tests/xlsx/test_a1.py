"""Areas as cells and cells as areas."""

import random

import pytest

from xl_addin.xlsx.a1 import bounding_area, cells_in, columns_in, rectangles


def test_rectangles_cover_every_cell_once():
    chance = random.Random(7)
    for _ in range(200):
        size = chance.randint(1, 8)
        places = [(row, column) for row in range(1, size + 1) for column in range(1, size + 1)]
        cells = set(chance.sample(places, chance.randint(0, len(places))))
        covered = [at for area in rectangles(cells) for at in cells_in(area)]
        assert len(covered) == len(set(covered))
        assert set(covered) == cells


def test_a_block_is_one_rectangle():
    assert rectangles(cells_in((3, 2, 9, 7))) == [(3, 2, 9, 7)]
    apart = [(1, 1), (2, 1), (4, 1), (1, 3)]
    assert rectangles(apart) == [(1, 1, 2, 1), (1, 3, 1, 3), (4, 1, 4, 1)]
    assert bounding_area([(3, 7), (9, 2)]) == (3, 2, 9, 7)


@pytest.mark.parametrize(
    ("spans", "columns"),
    [
        ([], set()),
        ([(1, 2), (4, 4)], {1, 2, 4}),
        ([(3, 5), (1, 4), (2, 3)], {1, 2, 3, 4, 5}),
        ([(0, 2), (5, 3)], {1, 2}),
        ([(1, 10**9)] * 100_000, set(range(1, 16_385))),
    ],
)
def test_spans_of_columns_are_counted_once(spans, columns):
    assert columns_in(spans) == columns
