"""Which form a district gets: who reports in a month, with which targets, on what it stands."""

import pytest
from openpyxl import load_workbook

from tests.store.test_standings import INDICATORS as KINDS
from tests.store.test_standings import config as plain_config
from tests.tools.plain_totals import random_programme
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from xl_addin.master.totals import compute_totals
from xl_addin.model.folder import MASTER
from xl_addin.model.records import BOTH, STOCK, District, Figure, Receipt
from xl_addin.model.settings import Adjustment
from xl_addin.services.issuing import issues
from xl_addin.store.ledger import Ledger
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
    unknown = "以前的完成数市里不知道，请直接在“本月累计”里填全年累计数。"
    assert issue.note == f"从 3 月开始按月报送；{unknown}"
    opening = {"D001": Standing({"I01": 40, "I02": 0, "I03": 0, "I04": 0}, {}, ())}
    issue = issued(programme, MARCH, config, opening)["D001"]
    assert issue.previous["I01"] == 40
    typed = "从 3 月开始按月报送；上月累计是年初累计，即以前的完成数，由市里填好"
    assert issue.note == f"{typed}。"
    partly = {"D001": Standing({"I01": 40}, {}, ())}
    issue = issued(programme, MARCH, config, partly)["D001"]
    assert issue.note == f"{typed}；空着的，{unknown}"
    assert issued(programme, JANUARY, programme.config)["D001"].note == "上月累计：年初为 0。"
    config = programme.config._replace(openings={("D001", "I01"): 40})
    forms = issued(programme, JANUARY, config, opening)
    assert forms["D001"].note == "上月累计是年初累计，由市里填好。"
    assert forms["D002"].note == "上月累计：年初为 0。"


def test_a_return_that_was_accepted_with_an_empty_cell_is_told(tmp_path):
    programme = SmallProgramme(tmp_path / "任务")
    path = programme.folder / MASTER
    book = load_workbook(path)
    next(row for row in book["校验规则"].iter_rows() if row[0].value == "blank")[2].value = "警告"
    book.save(path)
    for month in (JANUARY, FEBRUARY):
        for district in (0, 1):
            given = {**FIGURES, "I01": None} if (month, district) == (JANUARY, 0) else FIGURES
            programme.send(f"{month}-{district}.xlsx", district, given, month)
        assert {each["verdict"] for each in programme.collect(month).values()} == {"accepted"}
    opened = programme.open_programme()
    standings = opened.ledger.standings(MARCH, opened.config)
    forms = issued(opened, MARCH, opened.config, standings)
    assert "1月的填报表有没填的数，未计入" in forms["D001"].note
    assert "未计入" not in forms["D002"].note


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


@pytest.mark.parametrize("seed", range(6))
def test_last_months_cumulative_is_what_the_totals_said_of_that_month(tmp_path, seed):
    """Whatever became of the year: states, openings, what was stated, measures that changed."""
    districts = tuple(District(code, code) for code in "ABCDEF")
    items = [item._replace(code=f"I{n:02d}", measure="flow") for n, item in enumerate(KINDS * 2, 1)]
    base = plain_config(indicators=tuple(items), districts=districts)
    config, rows = random_programme(seed, base)
    figures = {}
    for row in rows:
        cell = "" if row.stated is None else "G7"
        figure = Figure(row.indicator, row.state, row.value, "F7", row.measure, row.stated, cell)
        figures.setdefault((row.district, row.month), []).append(figure)
    ledger = Ledger.create(tmp_path / "底账.db", 2023, "2023-01-01 08:00:00")
    with ledger.writing():
        for (district, number), read in figures.items():
            month, name = f"2023-{number:02d}", f"{district}{number}"
            at = f"{month}-28 09:00:00"
            receipt = Receipt(name, name, at, district, month, 1, "accepted", (), tuple(read))
            ledger.add_receipts([receipt], month)
        ledger.add_event("2023-12-31 09:00:00", "collect", "2023-12", "", "")
    for number in range(config.settings.first_month, 12):
        month, after = f"2023-{number:02d}", f"2023-{number + 1:02d}"
        standings = ledger.standings(after, config)
        issued = {
            (district, code): value
            for district, standing in standings.items()
            for code, value in standing.previous.items()
        }
        totals = compute_totals(ledger.figures(month), config, month).pairs
        told = {pair: t.cumulative for pair, t in totals.items() if t.cumulative is not None}
        over = config.handed_over(number)
        assert {p: v for p, v in issued.items() if p not in over} == pytest.approx(told)
    ledger.close()
