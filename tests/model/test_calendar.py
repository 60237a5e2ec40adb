"""Months of the year and what is on time."""

import pytest

from xl_addin.model.calendar import (
    check_month,
    days_late,
    deadline,
    is_ahead,
    is_on_time,
    local_text,
    month_after,
    months_of,
    move_years,
    read_month,
    read_month_number,
)
from xl_addin.system.errors import Refused


@pytest.mark.parametrize(
    "month",
    [
        "2023-13",
        "13月",
        "0月",
        "2024-06",
        "2024年6月",
        "",
        "20236",
        "2023-06-07",
        "六",
        "6号",
        "上月",
    ],
)
def test_what_is_no_month_of_the_year_is_refused(month):
    with pytest.raises(Refused):
        check_month(month, 2023)
    assert check_month("2023-06", 2023) == "2023-06"


@pytest.mark.parametrize(
    "written",
    [
        "2月",
        "02月",
        "2",
        "2月份",
        "二月",
        "2023年2月",
        "2023年02月份",
        "2023 年 2 月",
        "2023-2",
        "2023-02",
        "2023—2",
        "202302",
        "2023/2",
        "2023.02",
        "2023.2",
        "２０２３－０２",
        "２０２３年２月",
        "２０２３．０２",
        " 2023-02\u200b",
    ],
)
def test_a_month_is_understood_as_people_write_it(written):
    assert check_month(written, 2023) == "2023-02"
    assert read_month(written, 2023) == "2023-02"


def test_chinese_months_are_counted_to_twelve():
    words = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
    assert tuple(read_month(f"{word}月", 2023) for word in words) == months_of(2023)
    assert read_month("十三月", 2023) == read_month("零月", 2023) == ""


def test_a_month_kept_as_a_number_is_none_where_a_zero_may_be_lost():
    assert read_month_number(2023.02, 2023) == "2023-02"
    assert read_month_number(202302.0, 2023) == read_month_number(2, 2023) == "2023-02"
    assert read_month_number(2023.12, 2023) == "2023-12"
    assert read_month_number(2023.1, 2023) == read_month_number(0, 2023) == ""


def test_the_year_ends_with_december():
    assert (month_after("2023-09"), month_after("2023-12")) == ("2023-10", "")


def test_the_deadline_is_the_end_of_a_day_of_the_following_month():
    assert deadline("2023-06", 5) == "2023-07-05 23:59:59"
    assert deadline("2023-12", 28) == "2024-01-28 23:59:59"
    assert is_on_time("2023-06", "2023-07-05 23:59:59", 5)
    assert not is_on_time("2023-06", "2023-07-06 00:00:00", 5)


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        (0, "19"),
        (-1e18, "1000-"),
        (-20_000_000_000, "1336-"),
        (1e15, "9999-"),
        (1.7e9, "2023-11-1"),
    ],
)
def test_a_time_is_text_that_compares_whatever_a_disk_keeps(moment, begins):
    text = local_text(moment)
    assert text.startswith(begins)
    assert len(text) == 19


def test_a_time_is_ahead_by_more_than_clocks_differ():
    now = "2024-02-29 23:59:00"
    assert not is_ahead("2024-03-01 00:04:00", now)
    assert is_ahead("2024-03-01 00:04:01", now)
    assert not is_ahead("2024-03-01 00:04:01", now, 600)
    assert not is_ahead("1999-01-01 00:00:00", now)


def test_days_late_are_whole_days_after_the_terms_day():
    term = deadline("2023-06", 5)
    assert [
        days_late(term, f"2023-07-{day}") for day in ("05 23:59:59", "06 00:00:00", "09 08:00:00")
    ] == [0, 1, 4]
    assert days_late("2023-11-30", "2023-10-01 08:00:00") == 0


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        ("2023-11-30", 1, "2024-11-30"),
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2024-01-15", 2, "2026-01-15"),
    ],
)
def test_a_day_so_many_years_on_is_one_that_there_is(day, years, then):
    assert move_years(day, years) == then
