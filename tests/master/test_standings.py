"""How districts stand beside one another: by what they did of what was due in the months that count."""

import pytest

from tests.tools import masters
from tests.tools.masters import figure
from xl_addin.master.read.config import read_config
from xl_addin.master.standings import by_rank, rank
from xl_addin.master.totals import compute_totals
from xl_addin.model.lights import BLUE, GREEN, GREY, NO_LIGHT, RED, YELLOW
from xl_addin.model.records import District, Indicator
from xl_addin.model.settings import IN_FULL, UNRANKED

DISTRICTS = tuple(District(code, f"{code}区") for code in "ABC")
HUNDREDS, TENS = Indicator("I1", ("培训",), "人"), Indicator("I2", ("基地",), "个")


@pytest.fixture
def config(tmp_path):
    known = read_config(masters.host(tmp_path))
    targets = {(d, "I1"): 120 for d in "ABC"} | {(d, "I2"): 12 for d in "ABC"}
    return known._replace(
        districts=DISTRICTS,
        indicators=(HUNDREDS, TENS),
        targets=targets,
        published={},
        settings=known.settings._replace(year=2023, month="2023-06"),
    )


def months(district, code, *values):
    """The figures of the months from January; None did not come."""
    return [figure(district, code, n, v) for n, v in enumerate(values, 1) if v is not None]


def stand(config, *figures, month="2023-06", published=None):
    rows = [row for each in figures for row in each]
    found = compute_totals(rows, config, month, published or {}).standings
    return {each.code: each for each in found}


def test_a_month_that_never_came_makes_nobody_slower(config):
    steady = [10] * 6
    lacking = [10, None, None, 10, None, 10]
    found = stand(
        config,
        months("A", "I1", *steady),
        months("A", "I2", *[1] * 6),
        months("B", "I1", *lacking),
        months("B", "I2", *[None if v is None else 1 for v in lacking]),
        months("C", "I1", *[9] * 6),
        months("C", "I2", *[1] * 6),
    )
    assert found["A"].rate == pytest.approx(0.5)
    assert found["B"].rate == pytest.approx(0.25)
    assert found["A"].pace == found["B"].pace == pytest.approx(1)
    assert [found[code].rank for code in "ABC"] == [1, 1, 3]
    assert [found[code].light for code in "ABC"] == [GREEN, GREEN, YELLOW]
    assert (found["B"].counted, found["B"].months, found["B"].missing) == (3, 6, (2, 3, 5))
    assert found["B"].by_month[:6] == pytest.approx((1 / 12, None, None, 1 / 12, None, 1 / 12))
    assert found["C"].lead == pytest.approx(-2.5)
    assert found["C"].behind == ("I1",)


def test_in_full_compares_with_all_months_and_unranked_with_nobody(config):
    figures = (
        months("A", "I1", *[10] * 6),
        months("A", "I2", *[1] * 6),
        months("B", "I1", 10, 10, 10),
        months("B", "I2", 2, 2, 2),
    )
    ways = {
        way: stand(config._replace(settings=config.settings._replace(missing_months=way)), *figures)
        for way in (IN_FULL, UNRANKED)
    }
    assert [ways[IN_FULL][code].rank for code in "ABC"] == [1, 2, None]
    assert ways[IN_FULL]["B"].light == RED  # 37.5 % of what 50 % was due of
    assert ways[UNRANKED]["B"].light == GREY
    assert [ways[UNRANKED][code].rank for code in "ABC"] == [1, None, None]


def test_nothing_known_is_grey_and_has_no_rank_and_no_rate(config):
    found = stand(config, months("A", "I1", 5))["C"]
    assert (found.rate, found.pace, found.lead, found.rank, found.light) == (*[None] * 4, GREY)
    assert found.unjudged == ("I1", "I2")


@pytest.mark.parametrize(("cap", "rate"), [(100, 1.05 / 2), (150, 1.55 / 2), (0, 2.05 / 2)])
def test_one_indicator_beyond_its_target_hides_no_other(config, cap, rate):
    config = config._replace(settings=config.settings._replace(cap=cap))
    figures = months("A", "I1", 240), months("A", "I2", 0.6)
    assert stand(config, *figures)["A"].rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("change", "rate"),
    [
        ({}, 0.375),
        ({"importance": 3}, 0.3125),
        ({"importance": 0}, 0.5),
        ({"parent": "I1"}, 0.5),
        ({"parent": "I1", "importance": 1}, 0.375),
    ],
)
def test_an_indicator_counts_by_its_weight_and_a_part_of_another_for_nothing(config, change, rate):
    config = config._replace(indicators=(HUNDREDS, TENS._replace(**change)))
    found = stand(config, months("A", "I1", 60), months("A", "I2", 3))["A"]
    assert found.rate == pytest.approx(rate)


def test_one_thing_that_is_not_due_yet_draws_nobody_back_and_counts_once_it_is_done(config):
    config = config._replace(targets=config.targets | {("A", "I2"): 1, ("B", "I2"): 1})
    found = stand(
        config,
        months("A", "I1", *[10] * 6),
        months("A", "I2", *[0] * 6),
        months("B", "I1", *[10] * 6),
        months("B", "I2", *[0] * 5, 1),
    )
    assert found["A"].rate == pytest.approx(0.25)
    assert found["A"].pace == pytest.approx(1)
    assert found["B"].pace == pytest.approx(0.75 / 0.5)
    assert (found["B"].rank, found["A"].rank) == (1, 2)


def test_all_targets_reached_is_blue_and_no_target_is_nothing(config):
    done = months("A", "I1", 120), months("A", "I2", 13)
    config = config._replace(
        targets={pair: n for pair, n in config.targets.items() if pair[0] != "B"}
    )
    found = stand(config, *done)
    assert found["A"].light == BLUE
    assert (found["B"].light, found["B"].rank) == (NO_LIGHT, None)


def test_who_does_not_report_in_the_month_does_not_stand_there(config):
    ended, begins = DISTRICTS[1]._replace(until=5), DISTRICTS[2]._replace(since=7)
    config = config._replace(districts=(DISTRICTS[0], ended, begins))
    assert list(stand(config, months("B", "I1", 10))) == ["A"]


def test_the_change_of_rank_is_against_what_was_published(config):
    figures = [*(months(code, "I1", 60 - n) for n, code in enumerate("ABC"))]
    found = stand(config, *figures, published={"A": 3, "B": 1})
    assert [found[code].change for code in "ABC"] == [2, -1, None]
    assert [each.code for each in by_rank(found.values())] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("shares", "places"),
    [
        ([0.5004, 0.5, 0.6, 0.4], [2, 2, 1, 4]),
        ([0.5006, 0.5, None], [1, 2, None]),
        ([0.3335, 0.33349999999999996], [1, 1]),  # as shown: 33.4 and 33.3 by binary noise alone
        ([0.25] * 30, [1] * 30),
        ([2.4, 1.0], [1, 2]),
        ([], []),
    ],
)
def test_who_is_shown_equal_shares_a_place(shares, places):
    assert rank(shares) == places
