"""What a recompute says: to programs, on the screen and in the journal; and that verify agrees."""

import pytest

from tests.tools.masters import edit_master
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from xl_addin.master.indicator_totals import IndicatorTotals
from xl_addin.master.read.blocks import find_columns, locate_matrix
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import (
    INDICATORS_BLOCK,
    LIGHTS_BLOCK,
    OPENINGS_BLOCK,
    PLAN_BLOCK,
    SETTINGS_BLOCK,
    SUMMARY_BLOCK,
)
from xl_addin.store.ledger import FigureRow
from xl_addin.store.year_figures import group_figures
from xl_addin.verbs.recompute import totals_table

JANUARY, FEBRUARY, MARCH = MONTHS[:3]
FIRST = "D001"


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "任务")


def told(programme, month=JANUARY):
    report = programme.run("recompute", month)
    return report, {line["code"]: line for line in report.data["indicators"]}


def cell(report, district=FIRST, indicator="I01"):
    return next(
        each
        for each in report.data["cells"]
        if (each["district"], each["indicator"]) == (district, indicator)
    )


def put(programme, block, changes):
    """Type into a block of the master, by row key and column key."""
    host = programme.open_programme().host
    found = host.block(block)
    where, _ = locate_matrix(found)
    values = {(where.rows[row], where.columns[at]): value for (row, at), value in changes.items()}
    path = programme.folder / MASTER
    path.write_bytes(edit_master({found.sheet: values}, path.read_bytes()))


def sent(programme, month, *districts, **figures):
    for district in districts:
        programme.send(f"{month}-{district}.xlsx", district, {**FIGURES, **figures}, month)
    programme.collect(month)


def test_nothing_reported_is_told_as_such_and_nothing_is_called_behind(programme):
    report, lines = told(programme)
    assert "4 项指标都还没有数据" in report.outcome
    assert "落后" not in report.outcome
    assert {line["light"] for line in lines.values()} == {"灰"}
    assert [lines["I01"][name] for name in ("due", "lead", "difference_to_due")] == [None] * 3


def test_every_district_and_indicator_is_told_with_its_months(programme):
    sent(programme, JANUARY, 0, 1)
    sent(programme, MARCH, 0)
    report, lines = told(programme, MARCH)
    assert len(report.data["cells"]) == 4 * 4
    assert cell(report) == {
        "district": FIRST,
        "indicator": "I01",
        "cumulative": 20,
        "target": 120,
        "due": 20,
        "months_expected": 3,
        "months_counted": 2,
        "months_missing": (2,),
        "opening_missing": False,
        "weight_missing": False,
        "light": "绿",
    }
    first = lines["I01"]
    assert (first["measure"], first["due"], first["difference_to_due"]) == ("flow", 20 + 20, -10)
    assert (first["months_expected"], first["months_counted"]) == (12, 3)
    assert (first["districts_missing"], first["districts_incomplete"]) == (3, 4)
    assert first["lead"] == pytest.approx(-10 / 1200 * 100)
    # 丁县 has no target of I04 and sent nothing.
    assert lines["I04"]["months_expected"] == 9
    assert cell(report, "D004", "I04")["months_expected"] == 0


def test_the_sentence_counts_lights_and_districts_that_lack_months(programme):
    sent(programme, JANUARY, 0, 1, 2, 3, I01=100, I02=2)
    report, lines = told(programme)
    assert [line["light"] for line in lines.values()] == ["绿", "黄", "绿", ""]
    assert "4 项指标中 2 项达到序时、1 项低于序时、1 项没有任务或还没有到期的" in report.outcome
    assert "累计不全" not in report.outcome
    assert "4 个区县的累计不全" in told(programme, FEBRUARY)[0].outcome
    assert programme.run("verify", FEBRUARY).data["differences"] == []


def test_the_table_says_what_is_due_and_shows_no_signed_zero():
    line = IndicatorTotals(
        *("I01", "培训", "人", "flow", 100, None, None, 1, 50, 50, 0.5, 0.5),
        *(-0.04, -50, 0, None, "绿", 6, 5, 1, 1, None, None, (None,) * 12, 50),
    )
    table = totals_table("", (line, line._replace(lead=0.04), line._replace(lead=-1.26)))
    at = {heading: number for number, heading in enumerate(table.headings)}
    shown = [row[at["超前滞后"]].split()[0] for row in table.rows]
    assert shown == ["0.0", "0.0", "-1.3"]
    first = table.rows[0]
    assert [first[at[name]] for name in ("应完成", "灯", "本月缺数区县", "累计不全区县")] == [
        "50",
        "●绿",
        "1",
        "1",
    ]


def test_a_programme_that_begins_in_march_agrees_with_its_ledger(programme):
    host = programme.open_programme().host
    settings = host.block(SETTINGS_BLOCK)
    value_at = find_columns(settings, ("值",))["值"]
    row = next(r for (r, _), c in settings.cells.items() if c.value == "起始月份")
    path = programme.folder / MASTER
    path.write_bytes(edit_master({settings.sheet: {(row, value_at): 3}}, path.read_bytes()))
    put(programme, OPENINGS_BLOCK, {(FIRST, "I01"): 25, (FIRST, "I02"): 4})
    sent(programme, MARCH, 0, 1)
    report, lines = told(programme, MARCH)
    assert cell(report)["cumulative"] == 35
    assert (cell(report)["due"], cell(report, "D002")["due"]) == (30, 20)
    assert lines["I01"]["opening"] == 25
    assert programme.run("verify", MARCH).data["differences"] == []


def test_a_rate_and_a_stated_year_agree_with_the_ledger(programme, monkeypatch):
    put(programme, INDICATORS_BLOCK, {("I02", "口径"): "比率", ("I02", "合计按"): "I01"})
    sent(programme, JANUARY, 0, 1, I02=90)
    sent(programme, FEBRUARY, 0, I02=80)
    under_test = programme.open_programme()
    figures = [
        row._replace(stated=75) if row.indicator == "I01" and row.month == 2 else row
        for row in under_test.ledger.figures(FEBRUARY)
    ]
    assert all(isinstance(row, FigureRow) for row in figures)
    monkeypatch.setattr("xl_addin.store.ledger.Ledger.figures", lambda *_: iter(figures))
    for module in ("services.month_totals", "verbs.verify"):
        monkeypatch.setattr(f"xl_addin.{module}.read_years", lambda *_: group_figures(figures))
    report, lines = told(programme, FEBRUARY)
    assert report.data["formulas"]["disagreements"] == []
    assert cell(report)["cumulative"] == 75
    assert lines["I01"]["corrections"] == 55
    assert lines["I02"]["cumulative"] == pytest.approx((80 * 75 + 90 * 10) / 85)
    balance = programme.run("verify", FEBRUARY).data["differences"]
    assert [each for each in balance if each["code"] in ("totals-differ", "master-differs")] == []


@pytest.mark.parametrize("block", [PLAN_BLOCK, LIGHTS_BLOCK, SUMMARY_BLOCK])
def test_verify_sees_a_cell_of_the_new_sheets_typed_over(programme, block):
    sent(programme, JANUARY, 0)
    told(programme)
    row, column = ("I01", "序时进度") if block == SUMMARY_BLOCK else (FIRST, "I01")
    put(programme, block, {(row, column): 0.7})
    said = programme.run("verify", JANUARY).data["differences"]
    assert [each["code"] for each in said] == ["master-differs"]


def test_a_goal_has_a_completion_of_its_own(programme):
    put(programme, INDICATORS_BLOCK, {("I01", "全市目标"): 1500})
    sent(programme, JANUARY, 0)
    _, lines = told(programme)
    assert lines["I01"]["goal_completion"] == 10 / 1500
    assert lines["I02"]["goal_completion"] is None
