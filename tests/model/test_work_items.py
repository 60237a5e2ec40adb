"""When an item is asked for, and how a report is put in a line."""

import pytest

from xl_addin.model.calendar import month_end, read_day
from xl_addin.model.work_items import MONTHLY, ONCE, QUARTERLY, WorkItem, is_late, report_words

MONTHS = [f"2023-{n:02d}" for n in range(1, 13)]


def asked(item, state=""):
    return [int(month[5:]) for month in MONTHS if item.is_asked(month, state)]


def test_every_month_every_quarter_and_once_in_the_month_of_the_term():
    item = WorkItem("1", "事项", term="2023-12-31")
    assert asked(item) == list(range(1, 13))
    assert asked(item._replace(frequency=QUARTERLY)) == [3, 6, 9, 12]
    assert asked(item._replace(frequency=ONCE)) == [12]
    assert asked(item._replace(frequency=ONCE, term="")) == [12]


@pytest.mark.parametrize("frequency", [MONTHLY, QUARTERLY, ONCE])
def test_after_its_term_it_is_asked_every_month_until_it_is_settled(frequency):
    item = WorkItem("1", "事项", term="2023-06-30", frequency=frequency)
    before = {MONTHLY: [1, 2, 3, 4, 5, 6], QUARTERLY: [3, 6], ONCE: [6]}[frequency]
    assert asked(item, "behind") == [*before, *range(7, 13)]
    assert asked(item, "done") == before
    assert asked(item, "not-concerned") == before


def test_an_item_of_some_months_is_asked_in_those_only():
    item = WorkItem("1", "事项", term="2023-04-30", since=3, until=5)
    assert asked(item) == [3, 4, 5]


def test_late_is_what_is_not_settled_by_the_end_of_the_month_of_its_term():
    item = WorkItem("1", "事项", term="2023-06-30")
    assert not is_late(item, "2023-05", "under-way")
    assert is_late(item, "2023-06", "under-way")
    assert is_late(item, "2023-07", "")
    assert not is_late(item, "2023-07", "done")


def test_whom_it_concerns():
    assert WorkItem("1", "事项").concerns("A")
    assert not WorkItem("1", "事项", owners=("B",)).concerns("A")


def test_a_report_in_a_line():
    assert report_words("done", "都\n办完了") == "已完成：都 办完了"
    assert report_words("behind", "") == "滞后"
    assert len(report_words("done", "字" * 500, 20)) == len("已完成：") + 20


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-9-30", "2023-09-30"),
        ("2023年9月30日", "2023-09-30"),
        ("9月30日前", "2023-09-30"),
        ("2023.09.30", "2023-09-30"),
        ("２０２３／９／３０", "2023-09-30"),
        ("20230930", "2023-09-30"),
        ("9月底", "2023-09-30"),
        ("2023年2月底前", "2023-02-28"),
        ("2024年2月", "2024-02-29"),
        ("年底", "2023-12-31"),
        ("2023年底前", "2023-12-31"),
        ("2023-9-31", ""),
        ("尽快", ""),
        ("9", ""),
        ("45199", ""),
        ("", ""),
    ],
)
def test_a_day_as_people_write_it(text, day):
    assert read_day(text, 2023) == day


def test_the_last_day_of_each_month():
    ends = [int(month_end(month)[8:]) for month in MONTHS]
    assert ends == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert month_end("2024-02") == "2024-02-29"
    assert month_end("2100-02") == "2100-02-28"
