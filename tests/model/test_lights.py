"""Which light a figure has: by what is due, never by how much of the year has passed."""

import pytest

from xl_addin.model.lights import BLUE, GREEN, GREY, LIGHTS, NO_LIGHT, RED, YELLOW, judge_light
from xl_addin.model.records import RATE, Indicator

ITEM = Indicator("I01", ("培训",), "人")


@pytest.mark.parametrize(
    ("cumulative", "target", "due", "light"),
    [
        (100, 100, 50, BLUE),
        (120, 100, 50, BLUE),
        (50, 100, 50, GREEN),
        (70, 100, 50, GREEN),
        (48, 100, 50, GREEN),
        (47, 100, 50, YELLOW),
        (40, 100, 50, YELLOW),
        (39, 100, 50, RED),
        (0, 100, 50, RED),
        (0, 1, 0, NO_LIGHT),
        (1, 3, 0, GREEN),
        (0, 1, 1, RED),
        (None, 100, 50, GREY),
        (None, 100, None, GREY),
        (30, 100, None, GREY),
        (30, None, None, NO_LIGHT),
        (30, 0, 0, NO_LIGHT),
        (None, None, None, NO_LIGHT),
        (3, -1, None, NO_LIGHT),
    ],
)
def test_number_and_light_answer_the_same_question(cumulative, target, due, light):
    assert judge_light(ITEM, cumulative, target, due, 2, 10) == light


def test_the_noise_of_binary_fractions_turns_no_light():
    # 0.3 of 1 is what is due, less exactly the 10 points that are still yellow.
    assert judge_light(ITEM, 0.1 + 0.1, 1, 0.3, 0, 10) == YELLOW
    assert judge_light(ITEM, 0.1 + 0.2, 0.3, 0.3, 0, 10) == BLUE


@pytest.mark.parametrize(
    ("cumulative", "light"), [(95, BLUE), (93, GREEN), (92.9, YELLOW), (85, YELLOW), (84.9, RED)]
)
def test_a_rate_is_compared_in_its_own_points(cumulative, light):
    assert judge_light(ITEM._replace(measure=RATE), cumulative, 95, 95, 2, 10) == light


def test_each_light_has_a_shape_and_words_of_its_own():
    assert len({spec.shape for spec in LIGHTS.values()}) == len(LIGHTS) == 5
    assert len({spec.meaning for spec in LIGHTS.values()}) == 5
