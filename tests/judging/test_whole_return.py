"""A return as a whole: months that look like the year, warnings that nobody answered, what counts."""

from datetime import datetime

import pytest

from tests.tools import forms
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme, codes_of
from xl_addin.judging.whole_return import Months, doubt_cumulatives
from xl_addin.model.records import FLOW, STOCK, Figure
from xl_addin.model.settings import Rule
from xl_addin.model.sheets import (
    RULES_BLOCK,
    RULES_SHEET,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.replay import replay
from xl_addin.store.ledger import Ledger
from xl_addin.system.progress import Silent

JANUARY, FEBRUARY, MARCH, APRIL = MONTHS[:4]
EARLY, LATER, LAST = (datetime(2024, 5, day) for day in (2, 4, 6))
WHY = "补报一月漏报的"
RULE = Rule("error", 90)


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "任务")


def times(number):
    return {code: value * number for code, value in FIGURES.items()}


def found_in(programme, month, name, *form, at=EARLY, **more):
    programme.send(name, *form, month=month, at=at, **more)
    return programme.collect(month)[name]


def doubt(values, before, month=6, first=1, rule=RULE, mean=None):
    figures = [Figure(code, "number", value, "F7") for code, value in values.items()]
    reading = forms.read_back(forms.fill_form())
    months = Months(month, first, mean or {})
    return [
        problem.severity for problem in doubt_cumulatives(reading, figures, before, months, rule)
    ]


def test_a_month_typed_as_the_year_waits_for_a_person(programme):
    for number, month in enumerate((JANUARY, FEBRUARY), 1):
        found_in(programme, month, f"{number}.xlsx", 0)
    found = found_in(programme, MARCH, "3.xlsx", 0, times(3))
    assert (found["verdict"], codes_of(found)) == ("held", {"cumulative-in-month"})
    assert programme.cumulative(MARCH)["I01"] == 20
    [waiting] = programme.run("settle", MARCH).data["pending"]
    assert waiting["id"] == found["id"]
    programme.run("settle", MARCH, str(found["id"]), accept=True)
    assert programme.cumulative(MARCH)["I01"] == 50


def test_it_goes_back_at_once_where_it_is_wrong_besides(programme):
    for number, month in enumerate((JANUARY, FEBRUARY), 1):
        found_in(programme, month, f"{number}.xlsx", 0)
    found = found_in(programme, MARCH, "3.xlsx", 0, {**times(3), "I04": -1})
    assert found["verdict"] == "rejected"
    assert codes_of(found) == {"cumulative-in-month", "negative"}


def test_in_february_it_is_only_asked_about_and_in_january_never(programme):
    assert found_in(programme, JANUARY, "1.xlsx", 0)["problems"] == []
    found = found_in(programme, FEBRUARY, "2.xlsx", 0, times(2))
    assert found["verdict"] == "accepted"
    assert [(p["code"], p["severity"]) for p in found["problems"]] == [
        ("cumulative-in-month", "warning")
    ]


def test_a_february_like_january_is_told_as_that(programme):
    found_in(programme, JANUARY, "1.xlsx", 0)
    found = found_in(programme, FEBRUARY, "2.xlsx", 0)
    assert codes_of(found) == {"same-as-last-month"}


def test_after_a_gap_one_month_before_proves_as_little(programme):
    found_in(programme, JANUARY, "1.xlsx", 0)
    found = found_in(programme, APRIL, "4.xlsx", 0, times(2))
    assert [(p["code"], p["severity"]) for p in found["problems"]] == [
        ("cumulative-in-month", "warning")
    ]


BEFORE = {"A": 50, "B": 20, "C": 30, "D": 0, "E": None}


@pytest.mark.parametrize(
    ("values", "more", "told"),
    [
        ({"A": 50, "B": 20, "C": 31}, {}, ["error"]),
        ({"A": 50, "B": 20, "C": 29}, {}, []),
        ({"A": 50, "B": 20, "C": 29}, {"rule": Rule("error", 66)}, ["error"]),
        ({"A": 50, "B": 20}, {}, ["error"]),
        ({"A": 50, "D": 9, "E": 9}, {}, []),  # one row proves nothing
        ({"A": 50, "B": 20}, {"rule": Rule("warning", 90)}, ["warning"]),
        ({"A": 50, "B": 20}, {"rule": Rule("", 90)}, []),
        ({"A": 50, "B": 20}, {"rule": None}, []),
        ({"A": 50, "B": 21}, {"month": 3, "first": 2}, ["warning"]),
        ({"A": 50, "B": 20}, {"month": 3, "first": 3}, []),
        ({"A": 51, "B": 20}, {"mean": {"A": 50, "B": 20}}, ["warning"]),
        ({"A": 50, "B": 20}, {"mean": {"A": 25, "B": 10}}, ["error"]),
        ({"A": None, "B": 20, "C": 30}, {}, ["error"]),
    ],
)
def test_what_looks_like_the_year(values, more, told):
    assert doubt(values, BEFORE, **more) == told


def test_a_state_is_never_the_years_additions():
    figures = [Figure(code, "number", 60, "G7", STOCK) for code in "AB"]
    reading = forms.read_back(forms.fill_form())
    asked = (reading, figures, {"A": 50, "B": 50}, Months(6, 1, {}), RULE)
    assert doubt_cumulatives(*asked) == ()
    assert doubt_cumulatives(reading, [f._replace(measure=FLOW) for f in figures], *asked[2:])


def test_a_jump_is_told_where_months_came_as_months(programme):
    for number, month in enumerate((JANUARY, FEBRUARY, MARCH), 1):
        found_in(programme, month, f"{number}.xlsx", 0)
    found = found_in(programme, APRIL, "4.xlsx", 0, {**FIGURES, "I01": 101})
    assert found["verdict"] == "accepted"
    assert [(p["code"], p["cell"]) for p in found["problems"]] == [("sudden-jump", "F7")]


def explain(programme):
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "警告须说明", SETTING_HEADINGS[1], "是")


WARNED = {**FIGURES, "I01": 190}  # of 120


def test_an_unanswered_warning_goes_back_once(programme):
    explain(programme)
    found = found_in(programme, JANUARY, "1.xlsx", 0, WARNED)
    assert found["verdict"] == "rejected"
    assert [(p["code"], p["cell"]) for p in found["problems"]] == [
        ("far-above-target", "F7"),
        ("warning-unexplained", "I7"),
    ]
    assert programme.collect(JANUARY)["1.xlsx"]["verdict"] == "duplicate"
    found = found_in(programme, JANUARY, "2.xlsx", 0, WARNED, at=LATER, remarks={"I02": "无变化的"})
    assert (found["verdict"], codes_of(found)) == ("accepted", {"far-above-target"})
    assert programme.collect(JANUARY)["1.xlsx"]["verdict"] == "duplicate"
    assert programme.cumulative(JANUARY)["I01"] == 190


def test_an_answered_warning_passes(programme):
    explain(programme)
    found = found_in(programme, JANUARY, "1.xlsx", 0, WARNED, remarks={"I01": "新增两个班"})
    assert (found["verdict"], codes_of(found)) == ("accepted", {"far-above-target"})
    found = found_in(programme, JANUARY, "乙.xlsx", 1, {**FIGURES, "I01": 400})
    assert found["verdict"] == "rejected"  # another district has not been asked yet


def test_the_second_time_what_is_wrong_still_goes_back(programme):
    explain(programme)
    found_in(programme, JANUARY, "1.xlsx", 0, WARNED)
    found = found_in(programme, JANUARY, "2.xlsx", 0, {**WARNED, "I04": -1}, at=LATER)
    assert (found["verdict"], codes_of(found)) == ("rejected", {"far-above-target", "negative"})


def test_without_the_setting_a_warning_is_only_told(programme):
    assert found_in(programme, JANUARY, "1.xlsx", 0, WARNED)["verdict"] == "accepted"


def test_a_given_total_heals_the_year_and_the_next_form_says_so(programme):
    found_in(programme, JANUARY, "1.xlsx", 0)
    form = {"totals": {"I01": 45, "I02": 20}, "remarks": {"I01": WHY, "I02": WHY}}
    found = found_in(programme, MARCH, "3.xlsx", 0, **form)
    assert (found["verdict"], codes_of(found)) == ("accepted", {"total-stated"})
    standing = programme.open_programme().ledger.standings(APRIL)["D001"]
    assert (standing.previous["I01"], standing.previous["I03"]) == (45, 4)
    after = found_in(programme, APRIL, "4.xlsx", 0, {**FIGURES, "I01": 11})
    assert after["verdict"] == "accepted"
    ledger = programme.open_programme().ledger
    assert ledger.standings(MONTHS[4])["D001"].previous["I01"] == 56


def test_what_is_of_last_year_is_not_of_this_one(programme):
    """In January there is no earlier month that could be put right."""
    form = {"totals": {"I01": FIGURES["I01"] + 15}, "remarks": {"I01": "去年十二月漏报15人次"}}
    found = found_in(programme, JANUARY, "1.xlsx", 0, **form)
    assert found["verdict"] == "rejected"
    assert "total-unexplained" in codes_of(found)
    same = {"totals": {"I01": FIGURES["I01"]}}
    assert found_in(programme, JANUARY, "2.xlsx", 0, at=LATER, **same)["verdict"] == "accepted"


def test_a_given_total_is_read_again_from_the_archive(programme, tmp_path):
    found_in(programme, JANUARY, "1.xlsx", 0)
    found_in(programme, MARCH, "3.xlsx", 0, totals={"I01": 45}, remarks={"I01": WHY})
    assert replay(programme.folder, tmp_path / "again.db", Silent()) == []
    again, ledger = Ledger(tmp_path / "again.db"), programme.open_programme().ledger
    assert again.standings(APRIL) == ledger.standings(APRIL)
    assert again.standings(APRIL)["D001"].previous["I01"] == 45
    assert again.accepted_returns(MARCH) == ledger.accepted_returns(MARCH)
    assert programme.run("verify", MARCH).data["second_reading"]["figures"] == 4 + 1
    again.close()


def test_a_month_that_comes_after_a_given_total_does_not_change_it_and_says_so(programme):
    found_in(programme, JANUARY, "1.xlsx", 0)
    found_in(programme, MARCH, "3.xlsx", 0, totals={"I01": 45}, remarks={"I01": WHY})
    found = found_in(programme, FEBRUARY, "2.xlsx", 0, {**FIGURES, "I01": 7, "I02": 4}, at=LATER)
    assert (found["verdict"], codes_of(found)) == ("accepted", {"total-given-later"})
    [told] = found["problems"]
    assert "3 月起的累计按它填的计算" in told["message"]
    standing = programme.open_programme().ledger.standings(APRIL)["D001"]
    assert (standing.previous["I01"], standing.previous["I02"]) == (45, 14)


def test_a_total_that_changes_is_told_like_a_figure(programme):
    found_in(programme, JANUARY, "1.xlsx", 0)
    found_in(programme, FEBRUARY, "2.xlsx", 0, {**FIGURES, "I04": 1})
    again = {**FIGURES, "I04": 1}
    found = found_in(
        programme, FEBRUARY, "3.xlsx", 0, again, at=LATER, totals={"I01": 45}, remarks={"I01": WHY}
    )
    [told] = [p for p in found["problems"] if p["code"] == "resubmitted"]
    assert (told["cell"], told["expected"]) == ("G7", "10")
    assert "本月累计填 45" in told["message"]


@pytest.mark.parametrize(
    ("figures", "round_", "verdict", "says"),
    [
        ({**FIGURES, "I01": 12}, 2, "accepted", "现在按重报的计算"),
        ({**FIGURES, "I01": 12}, 1, "held", "接受以后才按它计算"),
        ({**FIGURES, "I01": -1}, 2, "rejected", "仍按原来的计算"),
    ],
)
def test_what_is_said_of_a_change_is_true_of_its_verdict(programme, figures, round_, verdict, says):
    found_in(programme, JANUARY, "1.xlsx", 0, round_=2)
    found = found_in(programme, JANUARY, "2.xlsx", 0, figures, at=LATER, round_=round_)
    assert found["verdict"] == verdict
    [told] = [p["message"] for p in found["problems"] if p["code"] == "resubmitted"]
    assert says in told
    assert ("现在按重报的计算" in told) == (verdict == "accepted")


def test_what_was_told_of_a_held_return_is_told_once_when_it_is_accepted(programme):
    found_in(programme, JANUARY, "1.xlsx", 0, round_=2)
    held = found_in(programme, JANUARY, "2.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)
    programme.run("settle", JANUARY, str(held["id"]), accept=True)
    problems = programme.open_programme().ledger.problems_of(held["id"])
    assert [p.code for p in problems].count("resubmitted") == 1


def test_the_rule_is_set_like_any_other(programme):
    programme.set_cell(RULES_SHEET, RULES_BLOCK, "cumulative-in-month", "级别", "停用")
    for number, month in enumerate((JANUARY, FEBRUARY), 1):
        found_in(programme, month, f"{number}.xlsx", 0)
    found = found_in(programme, MARCH, "3.xlsx", 0, times(3))
    assert (found["verdict"], codes_of(found)) == ("accepted", set())
