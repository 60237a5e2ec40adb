"""Which form a district gets: who reports in a month, with which targets, on what it stands."""

import pytest

from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from xl_addin.model.records import BOTH, STOCK
from xl_addin.model.settings import Adjustment
from xl_addin.services.issuing import issues
from xl_addin.store.standings import Standing

JANUARY, FEBRUARY, MARCH, APRIL = MONTHS[:4]


@pytest.fixture(scope="module")
def programme(tmp_path_factory):
    return SmallProgramme(tmp_path_factory.mktemp("任务") / "任务").open_programme()


def issued(programme, month, config, standings=None):
    found = issues(config, month, programme.ledger, standings or {})
    return {district.code: issue for district, issue in found}


def change(config, at=0, **changes):
    items = list(config.indicators)
    items[at] = items[at]._replace(**changes)
    return config._replace(indicators=tuple(items))


def begun_in(config, month):
    return config._replace(settings=config.settings._replace(first_month=month))


def test_targets_are_those_in_force_in_the_forms_month(programme):
    rows = (Adjustment(3, "D001", "I01", -20), Adjustment(3, "D004", "I04", 2))
    config = programme.config._replace(adjustments=rows)
    assert issued(programme, FEBRUARY, config)["D001"].targets["I01"] == 120
    march = issued(programme, MARCH, config)
    assert (march["D001"].targets["I01"], march["D004"].targets["I04"]) == (100, 2)
    once = config.in_month(MARCH)
    assert once.in_month(MARCH) == once
    assert issued(programme, MARCH, once) == march


def test_only_who_and_what_reports_in_a_month_is_on_its_forms(programme):
    config = change(programme.config, 3, since=3)
    first, last, *others = config.districts
    config = config._replace(districts=(first._replace(since=2), last._replace(until=2), *others))
    january, march = (issued(programme, month, config) for month in (JANUARY, MARCH))
    assert list(january) == ["D002", "D003", "D004"]
    assert list(march) == ["D001", "D003", "D004"]
    assert "I04" not in january["D002"].targets
    assert "I04" not in january["D002"].content
    assert set(march["D001"].targets) == {"I01", "I02", "I03", "I04"}


def test_what_begins_now_begins_at_nothing(programme):
    config = change(programme.config, 1, measure=STOCK)
    assert issued(programme, JANUARY, config)["D001"].previous == {
        "I01": 0,
        "I02": None,
        "I03": 0,
        "I04": 0,
    }
    config = change(programme.config, 3, since=4, measure=BOTH)
    assert issued(programme, APRIL, config)["D001"].previous["I04"] == 0
    assert issued(programme, FEBRUARY, programme.config)["D001"].previous["I01"] is None


def test_what_came_before_a_programme_is_unknown_unless_it_was_typed(programme):
    config = begun_in(programme.config, 3)
    issue = issued(programme, MARCH, config)["D001"]
    assert issue.previous["I01"] is None
    unknown = "上月累计空着的，以前的完成数市里不知道，请直接在“本月累计”里填全年累计数"
    assert issue.note == f"从 3 月开始按月报送；{unknown}。"
    opening = {"D001": Standing({"I01": 40, "I02": 0, "I03": 0, "I04": 0}, {}, ())}
    issue = issued(programme, MARCH, config, opening)["D001"]
    assert issue.previous["I01"] == 40
    typed = "上月累计是年初累计，即以前的完成数，由市里填好"
    assert issue.note == f"从 3 月开始按月报送；{typed}。"
    opening = {"D001": Standing({"I01": 40}, {}, ())}
    note = issued(programme, MARCH, config, opening)["D001"].note
    assert note == f"从 3 月开始按月报送；{typed}；{unknown}。"
    assert issued(programme, JANUARY, programme.config)["D001"].note == "上月累计：年初为 0。"


@pytest.mark.parametrize(
    ("gaps", "filled", "says"),
    [
        ((), (), "上月累计按已审核通过的数据计算。"),
        ((2,), (), "上月累计按已审核通过的数据计算；2月没有通过审核的数据，未计入。"),
        (
            (2, 3),
            (2,),
            "上月累计按已审核通过的数据计算；3月没有通过审核的数据，未计入；"
            "2月没有通过审核的数据，一部分指标按区县后来填的累计补上，其余未计入。",
        ),
        (
            (3,),
            (2,),
            "上月累计按已审核通过的数据计算；3月没有通过审核的数据，未计入；"
            "2月没有通过审核的数据，按区县后来填的累计补上。",
        ),
    ],
)
def test_the_line_above_the_table_says_what_it_stands_on(programme, gaps, filled, says):
    standing = {"D001": Standing(dict(FIGURES), {}, gaps, filled)}
    assert issued(programme, APRIL, programme.config, standing)["D001"].note == says


def test_a_district_that_never_reported_lacks_every_month_since_it_began(programme):
    first, *others = programme.config.districts
    config = programme.config._replace(districts=(first._replace(since=2), *others))
    forms = issued(programme, APRIL, config)
    assert "；2月、3月没有" in forms["D001"].note
    assert "；1月、2月、3月没有" in forms["D002"].note
