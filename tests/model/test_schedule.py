"""How much of a year's target is due by a month's end, and which months count."""

import pytest

from xl_addin.model.records import (
    CUSTOM,
    EVEN,
    FLOW,
    QUARTERLY,
    RATE,
    STOCK,
    YEAR_END,
    District,
    Indicator,
)
from xl_addin.model.schedule import (
    cumulative_shares,
    due_amount,
    expected_months,
    missing_months,
    share_of_months,
    without_noise,
)

ITEM = Indicator("I01", ("培训",), "人")
DISTRICT = District("A", "甲县")
OWN = (0, 0, 0.2, 0.2, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1)


@pytest.mark.parametrize(
    ("schedule", "march", "may", "november"),
    [(EVEN, 3 / 12, 5 / 12, 11 / 12), (QUARTERLY, 0.25, 0.25, 0.75), (YEAR_END, 0, 0, 0)],
)
def test_what_is_due_by_a_months_end(schedule, march, may, november):
    shares = cumulative_shares(ITEM._replace(schedule=schedule))
    assert (shares[2], shares[4], shares[10], shares[11]) == (march, may, november, 1)


def test_shares_of_its_own_are_as_typed_and_without_them_the_year_is_even():
    assert cumulative_shares(ITEM._replace(schedule=CUSTOM, shares=OWN)) == OWN
    assert cumulative_shares(ITEM._replace(schedule=CUSTOM)) == cumulative_shares(ITEM)


def test_a_rate_is_due_in_full_at_any_time():
    rate = ITEM._replace(measure=RATE, schedule=YEAR_END)
    assert set(cumulative_shares(rate)) == {1}
    assert share_of_months(rate, ()) == 1


@pytest.mark.parametrize("schedule", [EVEN, QUARTERLY, YEAR_END, CUSTOM])
@pytest.mark.parametrize("since", [1, 4, 12])
@pytest.mark.parametrize("until", [12, 9])
@pytest.mark.parametrize("first", [1, 6])
def test_all_falls_due_within_the_months_and_never_less_than_before(schedule, since, until, first):
    item = ITEM._replace(schedule=schedule, shares=OWN, since=since, until=max(since, until))
    shares = cumulative_shares(item, first)
    assert len(shares) == 12
    assert shares[item.until - 1] == shares[-1] == 1
    assert list(shares) == sorted(shares)
    assert not any(shares[: max(since, first) - 1][: item.until - 1])


def test_an_indicator_of_september_has_four_months_for_all_of_it():
    shares = cumulative_shares(ITEM._replace(since=9))
    assert [without_noise(share) for share in shares[7:]] == [0, 0.25, 0.5, 0.75, 1]
    assert cumulative_shares(ITEM, 9) == shares


def test_months_alone_and_all_before_one():
    assert share_of_months(ITEM, (1, 3, 6)) == pytest.approx(3 / 12)
    assert share_of_months(ITEM, (1, 3, 6), known=4) == pytest.approx(5 / 12)
    assert share_of_months(ITEM, (), known=6) == 0.5
    assert share_of_months(ITEM._replace(schedule=QUARTERLY), (1, 2, 3, 5)) == 0.25


@pytest.mark.parametrize(
    ("target", "share", "whole", "due"),
    [
        (1, 0.5, True, 0),
        (1, 1, True, 1),
        (7, 0.5, True, 3),
        (12, 5 / 12, True, 5),
        (120_000_000, 7 / 12, True, 70_000_000),
        (1, 0.5, False, 0.5),
        (0.3, 1 / 3, False, 0.1),
        (0, 1, True, 0),
    ],
)
def test_whole_things_are_due_by_whole_numbers(target, share, whole, due):
    assert due_amount(ITEM._replace(whole=whole), target * share) == due


def test_every_whole_target_is_due_by_the_exact_floor():
    for target in range(0, 20_000, 37):
        for month in range(1, 13):
            assert (
                due_amount(ITEM, target * cumulative_shares(ITEM)[month - 1])
                == target * month // 12
            )


def test_a_rate_is_not_rounded_down():
    assert due_amount(ITEM._replace(measure=RATE), 95.5) == 95.5


def test_a_zero_has_no_sign_and_tenths_no_noise():
    assert str(without_noise(-1e-12)) == str(without_noise(-0.0)) == "0"
    assert without_noise(0.1 + 0.2) == 0.3


@pytest.mark.parametrize(
    ("month", "first", "district", "item", "expected"),
    [
        (3, 1, {}, {}, (1, 2, 3)),
        (6, 3, {}, {}, (3, 4, 5, 6)),
        (9, 1, {"until": 7}, {}, tuple(range(1, 8))),
        (9, 1, {"since": 8}, {}, (8, 9)),
        (6, 1, {"since": 8}, {}, ()),
        (12, 1, {}, {"since": 9, "until": 11}, (9, 10, 11)),
    ],
)
def test_months_that_a_district_has_to_report(month, first, district, item, expected):
    found = expected_months(month, first, DISTRICT._replace(**district), ITEM._replace(**item))
    assert found == expected


@pytest.mark.parametrize(
    ("measure", "counted", "stated", "missing"),
    [
        (FLOW, {1, 3}, 0, (2, 4)),
        (FLOW, {1, 3}, 3, (4,)),
        (FLOW, set(), 0, (1, 2, 3, 4)),
        (STOCK, {3}, 0, (4,)),
        (STOCK, set(), 0, (1, 2, 3, 4)),
        (RATE, {1, 4}, 0, ()),
    ],
)
def test_a_state_has_all_that_came_before_it(measure, counted, stated, missing):
    item = ITEM._replace(measure=measure)
    assert missing_months(item, (1, 2, 3, 4), counted, stated) == missing
