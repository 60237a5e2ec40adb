"""What a bulletin says: counts first, names after; who lacks months is apart and never among the slow."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from xl_addin.master.standings import Standing
from xl_addin.model.lights import BLUE, GREEN, GREY, NO_LIGHT, RED, YELLOW
from xl_addin.model.records import ACCEPTED, BLANK, HELD, MISSING, REJECTED, District, Indicator
from xl_addin.model.settings import BY_STANDING, IN_FULL, PRO_RATA, UNRANKED
from xl_addin.services.bulletin.sentences import (
    Facts,
    chart_labels,
    district_overview,
    enumerate_names,
    gap_words,
    overview,
    period,
    report_words,
    short_names,
    slow_words,
    title_lines,
)

MONTH = "2023-06"


def settings(**given):
    usual = {
        "first_month": 1,
        "missing_months": PRO_RATA,
        "behind": 10,
        "deadline_day": 5,
        "cap": 100,
    }
    return SimpleNamespace(**(usual | given))


def standing(name, rate, due=0.5, light=GREEN, rank=None, missing=(), gaps=()):
    lead = None if rate is None else (rate - due) * 100
    pace = None if rate is None else rate / due
    months = 6 - len(missing)
    return Standing(
        name, name, rate, due, pace, lead, light, rank, None, months, 6, missing, gaps, (), (), ()
    )


def line(code, light, completion=0.4, due=50, cumulative=40):
    return SimpleNamespace(
        code=code, light=light, completion=completion, due=due, target=100, cumulative=cumulative
    )


def facts(lines=(), standings=(), answers=(), indicators=(), **given):
    config = SimpleNamespace(settings=settings(**given), indicators=indicators)
    totals = SimpleNamespace(
        indicators=tuple(lines), standings=tuple(standings), ranked_by=BY_STANDING, scores={}
    )
    return Facts(MONTH, config, totals, answers, ())


def answer(name, verdict, at="2023-07-01 09:00:00"):
    punctuality = {True: "按时", False: "逾期"}[at <= "2023-07-05 23:59:59"]
    said = punctuality if verdict == ACCEPTED else ""
    return SimpleNamespace(district=District(name, name), verdict=verdict, punctuality=said)


INDICATORS = tuple(Indicator(code, (f"任务{code}",), "人") for code in "ABCDEF")


def test_counts_come_before_names_and_figures_stand_in_brackets():
    lights = (BLUE, GREEN, YELLOW, RED, GREY, NO_LIGHT)
    lines = [line(code, light) for code, light in zip("ABCDEF", lights, strict=True)]
    assert overview(facts(lines, indicators=INDICATORS)) == (
        "列入通报的任务6项，其中已完成全年任务1项、达到序时1项、低于序时1项、严重滞后1项、没有数据或不判断1项；"
        "没有任务数或还没有到期的1项，不作评价。严重滞后的是任务D（完成40.0%，应完成50.0%）。"
        "低于序时的是任务C（完成40.0%，应完成50.0%）。"
    )


def test_nobody_behind_is_said_and_nothing_known_is_no_zero():
    said = overview(facts([line("A", GREEN)], indicators=INDICATORS))
    assert said == "列入通报的任务1项，其中达到序时1项。"
    assert "还没有计入的数据" in overview(
        facts([line("A", GREY, None, None, None)], indicators=INDICATORS)
    )
    assert slow_words(facts(standings=[standing("甲", 0.6, rank=1)])).startswith(
        "数据齐全的区县中，没有"
    )
    assert slow_words(facts(standings=[standing("甲", None, light=GREY, missing=(1,))])) == ""


def test_who_lacks_months_is_named_apart_and_never_among_the_slow():
    found = facts(
        standings=[
            standing("甲", 0.1, light=RED, rank=3),
            standing("乙", 0.05, light=RED, rank=4, missing=(2, 3, 4, 6)),
            standing("丙、丁县", 0.6, rank=1),
            standing("戊", 0.6, rank=1, gaps=("年初累计",)),
        ]
    )
    assert (
        slow_words(found)
        == "综合完成率低于应完成10个百分点以上的1个：甲（10.0%，低40.0个百分点）。"
    )
    assert gap_words(found) == (
        "数据不全的2个，进度只按已计入的月份比较，不列入滞后名单：乙（缺2月至4月、6月）、戊（缺年初累计）。"
    )
    assert district_overview(found) == (
        "4个区县中，数据齐全的2个，其中达到序时1个、严重滞后1个。序时完成比居前的是"
        "丙、丁县（120.0%，综合完成率60.0%）、甲（20.0%，综合完成率10.0%）。"
    )


@pytest.mark.parametrize(
    ("way", "words", "order"),
    [
        (PRO_RATA, "只按已计入的月份比较", "序时完成比居前"),
        (IN_FULL, "仍按全部月份计算", "综合完成率居前"),
        (UNRANKED, "不参加排名", "序时完成比居前"),
    ],
)
def test_how_they_are_compared_is_what_the_settings_say(way, words, order):
    whole, lacking = standing("甲", 0.5, rank=1), standing("乙", 0.2, missing=(1,))
    found = facts(standings=[whole, lacking], missing_months=way)
    assert words in gap_words(found)
    assert order in district_overview(found)


def test_the_last_place_of_the_foremost_is_shared():
    names = [standing(f"县{n}", 0.6, rank=min(n, 3)) for n in range(1, 7)]
    assert district_overview(facts(standings=names)).count("综合完成率") == 6


def test_three_hundred_names_are_counted():
    names = [standing(f"县{n}", None, light=GREY, missing=(1, 2)) for n in range(300)]
    said = gap_words(facts(standings=names))
    assert said.startswith("数据不全的300个")
    assert said.endswith("县11（缺1月、2月）等300个。")
    assert enumerate_names(["甲"] * 12) == "、".join(["甲"] * 12)
    assert "还没有数据齐全的" in district_overview(facts(standings=names))


def test_every_district_is_told_once_in_the_reports():
    late = "2023-07-06 00:00:00"
    answers = [
        answer("甲", ACCEPTED),
        answer("乙", ACCEPTED, late),
        answer("丙", REJECTED),
        answer("丁", HELD),
        answer("戊", BLANK),
        answer("己", MISSING),
    ]
    assert report_words(facts(answers=answers)) == (
        "6月应报6个区县，已通过2个（按时1个、逾期1个），退回修改1个，待定1个，没有有效数据1个，未报1个。"
        "逾期的是乙。退回后还没有改好重报的是丙。报来的数据还在核实的是丁。"
        "报来的文件里没有有效数据的是戊（空表）。未报的是己。"
    )
    assert report_words(facts(answers=[answer("甲", ACCEPTED)])) == (
        "6月应报1个区县，已通过1个（按时1个、逾期0个）。"
    )
    assert report_words(facts(answers=[answer("甲", MISSING)])) == "6月应报1个区县，都还没有报送。"


def test_names_of_indicators_say_which_they_are():
    config = SimpleNamespace(
        indicators=(
            Indicator("A", ("托养服务", "2023年任务数"), "人"),
            Indicator("B", ("托养服务", "其中", "寄宿制"), "人", parent="A"),
            Indicator("C", ("就业", "新增"), "人"),
            Indicator("D", ("培训", "新增"), "人"),
            Indicator("E", ("农村残疾人就业帮扶基地扶持数",), "个"),
            Indicator("F", ("很长的名字",), "个", short="短"),
            Indicator("G", ("任务数",), "个"),
        )
    )
    assert list(short_names(config).values()) == [
        "托养服务",
        "托养服务·寄宿制",
        "就业·新增",
        "培训·新增",
        "农村残疾人就业帮扶基地扶持数",
        "短",
        "任务数",
    ]
    labels = chart_labels(config)
    assert labels["E"] == "农村残疾人就业帮扶…"
    assert (labels["B"], labels["F"]) == ("寄宿制", "短")


@pytest.mark.parametrize(
    ("middle", "lines"),
    [
        ("重点项目", ["关于2023年1—6月重点项目进展情况的通报"]),
        ("残疾人教就工作重点项目", ["关于2023年1—6月", "残疾人教就工作重点项目进展情况的通报"]),
        (
            "全市残疾人教就工作重点项目",
            ["关于2023年1—6月", "全市残疾人教就工作重点项目进展情况的通报"],
        ),
        (
            "全市残疾人教育就业工作重点项目",
            ["关于2023年1—6月", "全市残疾人教育就业工作重点项目", "进展情况的通报"],
        ),
    ],
)
def test_a_title_is_broken_between_its_parts(middle, lines):
    def wide(text):
        return sum(0.5 if each.isascii() else 1 for each in text)

    found = title_lines("关于2023年1—6月", middle, "进展情况的通报", wide, 20).split("\n")
    assert "".join(found) == "".join(lines)
    assert max(map(wide, found)) <= 20
    assert found == lines


def test_the_period_begins_with_the_first_month_that_is_reported():
    config = SimpleNamespace(settings=settings(first_month=4))
    assert (period(config, "2023-06"), period(config, "2023-04")) == ("2023年4—6月", "2023年4月")
