"""考核得分 from facts: as an oracle computes it that was written from the rules' text, and to the cent."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.tools import score_oracle
from xl_addin.master.scoring import (
    Achieved,
    Facts,
    Paper,
    Report,
    Source,
    Work,
    rounded,
    score_districts,
)
from xl_addin.model.records import ACCEPTED, HELD, MISSING, REJECTED
from xl_addin.model.scoring import (
    BY_HAND,
    DONE,
    ERRORS,
    LATE_DAYS,
    MISSES,
    PAPERS,
    RANK_BONUS,
    WORKS,
    ManualPoints,
    ScoreRule,
)

JUNE = "2023-06"
FILE = Source("六月.xlsx", "任务进度!F7", "2023-07-03 09:00:00", "ab", 7)


def rule(way, full=5, per=None, limit=None, averaged=False, item=""):
    numbers = (None if n is None else Decimal(str(n)) for n in (per, limit))
    return ScoreRule(item or way, way, Decimal(str(full)), *numbers, averaged)


def months(*days, verdict=ACCEPTED):
    return [Report(f"2023-{n:02d}", verdict, d, FILE, 0, FILE) for n, d in enumerate(days, 1)]


def score(facts, *rules, manual=()):
    [found] = score_districts(rules, manual, {"A": facts})
    return found


def points(facts, *rules, manual=()):
    return [
        None if e.points is None else float(e.points)
        for e in score(facts, *rules, manual=manual).items
    ]


def lines(facts, *rules):
    return [
        (e.month, float(e.points), e.reason)
        for item in score(facts, *rules).items
        for e in item.lost
    ]


def test_what_was_due_and_done_is_weighed_and_capped():
    facts = Facts(
        JUNE,
        achieved=[
            Achieved("培训", 2, 30, 60, FILE),
            Achieved("就业", 1, 500, 100),
            Achieved("基地", 1, 0, 0),
        ],
    )
    assert points(facts, rule(DONE, 60)) == [40]
    [lost] = score(facts, rule(DONE, 60)).items[0].lost
    assert (lost.month, lost.points, lost.source) == (JUNE, Decimal(20), FILE)
    assert lost.reason == "培训：应完成 60，累计完成 30，算 50%；占这一项的 66.67%"
    assert points(Facts(JUNE), rule(DONE, 60)) == [None]


def test_a_tenth_is_a_tenth():
    facts = Facts(JUNE, achieved=[Achieved("补贴", 1, 0.1 + 0.2, 0.3)])
    assert points(facts, rule(DONE, 60)) == [60]
    assert points(Facts(JUNE, achieved=[Achieved("补贴", 0.1, 0.1, 0.3)]), rule(DONE, 3)) == [1]


@pytest.mark.parametrize(
    ("averaged", "days", "left", "reasons"),
    [
        (False, (1, 0, 2), 2, ["迟报 1 天，扣 1 分", "迟报 2 天，扣 2 分"]),
        (False, (4, 0, 0), 0, ["迟报 4 天，扣 5 分"]),
        (False, (3, 3), 0, ["迟报 3 天，扣 3 分", "迟报 3 天，扣 3 分（满分只剩 2 分可扣）"]),
        (
            True,
            (1, 0, 2),
            4,
            ["迟报 1 天，扣 1 分，按 3 个月平均", "迟报 2 天，扣 2 分，按 3 个月平均"],
        ),
        (True, (4, 0), 2.5, ["迟报 4 天，扣 5 分，按 2 个月平均"]),
        (True, (9,), 0, ["迟报 9 天，扣 5 分"]),
    ],
)
def test_days_late_add_up_or_are_averaged(averaged, days, left, reasons):
    late = rule(LATE_DAYS, 5, 1, 4, averaged)
    facts = Facts(JUNE, months(*days))
    assert points(facts, late) == [left]
    assert [reason for _, _, reason in lines(facts, late)] == reasons


def test_a_month_that_is_missing_costs_once():
    facts = Facts(
        JUNE, [*months(0, 1), Report("2023-03", MISSING, 40), Report("2023-04", REJECTED, 9, FILE)]
    )
    late, missed = rule(LATE_DAYS, 10, 1), rule(MISSES, 10, 2, 4)
    alone = lines(facts, late)
    assert alone == [
        ("2023-02", 1, "迟报 1 天，扣 1 分"),
        ("2023-03", 9, "还没有报，已迟 40 天，扣 10 分（满分只剩 9 分可扣）"),
        ("2023-04", 0, "没有通过（退回），已迟 9 天，扣 9 分（满分已经扣完）"),
    ]
    assert points(facts, late, missed) == [9, 6]
    assert lines(facts, late, missed)[1:] == [
        ("2023-03", 2, "还没有报，扣 2 分"),
        ("2023-04", 2, "没有通过（退回），扣 2 分"),
    ]
    assert points(facts, rule(MISSES, 10, 2, 2)) == [0]
    [_, last] = score(facts, rule(MISSES, 10, 2, 2)).items[0].lost
    assert last.reason == "没有通过（退回），到第 2 个全扣（满分只剩 8 分可扣）"
    assert last.source == FILE


def test_what_waits_for_a_person_costs_nothing_and_proves_nothing():
    facts = Facts(JUNE, [Report("2023-01", HELD, 0, FILE)])
    assert (
        points(facts, rule(LATE_DAYS, 5, 1), rule(MISSES, 5, 1), rule(ERRORS, 5, 1)) == [None] * 3
    )


def test_errors_count_where_there_was_a_return_to_have_them():
    facts = Facts(
        JUNE,
        [
            Report("2023-01", ACCEPTED, 0, FILE, 2, FILE),
            Report("2023-02", MISSING, 9),
            Report("2023-03", REJECTED, 9, FILE, 0, FILE),
        ],
    )
    assert points(facts, rule(ERRORS, 5, 1, 5, averaged=True)) == [4]
    assert lines(facts, rule(ERRORS, 5, 1, 5)) == [
        ("2023-01", 2, "第一次交来的有 2 处错误，扣 2 分")
    ]


def test_papers_works_and_ranks():
    facts = Facts(
        JUNE,
        papers=[
            Paper("工作总结", "2023-11-30", 1, FILE),
            Paper("案例", "2023-11-30", 3, complete=False),
        ],
        works=[Work("扶贫车间", behind=True, why="过了时限"), Work("就业", behind=False)],
        rank=2,
    )
    rules = (rule(PAPERS, 4, 1, 2), rule(WORKS, 3, 1), rule(RANK_BONUS, 2, 1.5, 3))
    assert points(facts, *rules) == [0, 2, 1.5]
    assert lines(facts, *rules) == [
        ("2023-11", 1, "工作总结：迟交 1 天，扣 1 分"),
        ("2023-11", 3, "案例：还没有交，已迟 3 天，扣 4 分（满分只剩 3 分可扣）"),
        (JUNE, 1, "扶贫车间：过了时限，扣 1 分"),
        (JUNE, -1.5, "综合完成率排名第 2，加 1.5 分"),
    ]
    assert points(Facts(JUNE, rank=4), rules[2]) == [0]
    assert points(Facts(JUNE), *rules) == [None, None, None]


def hand(item, value, reason="查实"):
    return ManualPoints("A", item, Decimal(str(value)), reason, "考核!C25")


def test_points_by_hand_stay_within_the_item():
    facts = Facts(JUNE, months(1))
    late, quality = rule(LATE_DAYS, 5, 1), rule(ERRORS, 5, 1, item="质量")
    judged = Facts(JUNE, months(1), achieved=[Achieved("培训", 1, 1, 1)])
    given = [hand("每迟一天扣", 3), hand("每迟一天扣", -9), hand("完成率", 1), hand("质量", -2.5)]
    found = score(judged, rule(DONE, 90), late, quality, manual=given)
    assert [float(p) for _, p in found.manual] == [1, -5, 0, -2.5]
    assert found.by_hand == Decimal("-6.5")
    assert found.total == 90 + 4 + 5 + Decimal("-6.5")
    none = score(facts, rule(DONE, 90), late, manual=[hand("完成率", 5)])
    assert [float(p) for _, p in none.manual] == [0]


def test_an_item_by_hand_is_what_was_written_and_nothing_before():
    facts = Facts(JUNE, months(0))
    rules = (rule(LATE_DAYS, 90, 1), rule(BY_HAND, 10, item="创新"))
    assert points(facts, *rules) == [90, None]
    found = score(
        facts, *rules, manual=[hand("创新", 9), hand("创新", -1, "迟到"), hand("没有", 3)]
    )
    assert [float(e.points) for e in found.items] == [90, 8]
    [lost] = found.items[1].lost
    assert (lost.reason, lost.points) == ("手工评 8 分（+9：查实；-1：迟到）", Decimal(2))
    assert points(facts, *rules, manual=[hand("创新", 30)])[1] == 10
    assert points(facts, *rules, manual=[hand("创新", -3)])[1] == 0


def test_what_cannot_be_judged_is_left_out_and_the_rest_brought_up():
    facts = Facts(JUNE, months(2))
    rules = (rule(LATE_DAYS, 20, 1), rule(DONE, 80))
    found = score(facts, *rules)
    assert (found.total, [e.item for e in found.unjudged]) == (Decimal(90), ["完成率"])
    assert score(Facts(JUNE), *rules).total is None
    assert score(Facts(JUNE, rank=1), rule(RANK_BONUS, 2, 1, 3)).total is None


def test_ranks_are_shared_by_what_is_shown():
    rules = (rule(LATE_DAYS, 100, 1),)
    facts = {c: Facts(JUNE, months(d)) for c, d in zip("ABCD", (1, 0, 1, 5), strict=True)}
    found = score_districts(rules, (), facts | {"E": Facts(JUNE)})
    assert [each.rank for each in found] == [2, 1, 2, 4, None]
    assert [each.district for each in found] == list("ABCDE")


@pytest.mark.parametrize(
    ("exact", "said"),
    [
        (Fraction(1, 200), "0.01"),
        (Fraction(1, 201), "0"),
        (Fraction(-3, 2), "-1.5"),
        (Fraction(1, 3), "0.33"),
    ],
)
def test_points_are_rounded_half_up(exact, said):
    assert rounded(exact) == Decimal(said)


def random_case(seed):
    rng = random.Random(seed)
    ways = [
        rule(DONE, rng.choice((40, 70, 33.33))),
        rule(
            LATE_DAYS,
            rng.randint(1, 20),
            rng.choice((0.2, 1, 3)),
            rng.choice((None, 4)),
            rng.random() < 0.5,
        ),
        rule(
            ERRORS,
            rng.randint(1, 20),
            rng.choice((0.25, 1)),
            rng.choice((None, 5)),
            rng.random() < 0.5,
        ),
        rule(PAPERS, rng.randint(1, 9), 1, rng.choice((None, 2)), rng.random() < 0.5),
        rule(WORKS, rng.randint(1, 9), rng.choice((0.5, 1)), rng.choice((None, 3))),
        rule(RANK_BONUS, 3, rng.choice((1, 5)), 3),
        rule(MISSES, rng.randint(1, 20), rng.choice((0.5, 2)), rng.choice((None, 3))),
    ]
    rules = rng.sample(ways, rng.randint(1, len(ways)))
    plain = {
        "months": [
            (
                s := rng.choice(("in", "in", "in", "out", "held")),
                0 if s == "held" else rng.choice((0, 0, 1, 3, 4, 9)),
                rng.choice((0, 0, 1, 6)) if s == "in" else None,
            )
            for _ in range(rng.randint(0, 12))
        ],
        "done": [
            (rng.randint(0, 3), rng.randint(0, 99), rng.choice((0, 7, 60)))
            for _ in range(rng.randint(0, 11))
        ],
        "papers": [rng.choice((0, 0, 1, 2, 8)) for _ in range(rng.randint(0, 3))],
        "works": [rng.random() < 0.4 for _ in range(rng.randint(0, 5))],
        "rank": rng.choice((None, 1, 3, 4)),
    }
    verdicts = {"in": ACCEPTED, "out": MISSING, "held": HELD}
    facts = Facts(
        JUNE,
        [
            Report(f"2023-{n:02d}", verdicts[s], d, FILE, e, FILE)
            for n, (s, d, e) in enumerate(plain["months"], 1)
        ],
        [
            Achieved(f"指标{n}", w, done, due, FILE)
            for n, (w, done, due) in enumerate(plain["done"])
        ],
        [Paper(f"材料{n}", "2023-06-30", days, FILE) for n, days in enumerate(plain["papers"])],
        [Work(f"重点{n}", behind=late) for n, late in enumerate(plain["works"])],
        plain["rank"],
    )
    return rules, plain, facts


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_random_programmes_are_scored_as_the_oracle_scores_them(first):
    judged = 0
    for seed in range(first, first + 100):
        rules, plain, facts = random_case(seed)
        found = score(facts, *rules)
        others = {each.way for each in rules}
        for each in found.items:
            mine = each.rule
            exact = score_oracle.worth(
                (mine.way, mine.full, mine.per, mine.limit, mine.averaged), plain, others
            )
            if exact is None:
                assert each.points is None, (seed, mine)
                continue
            judged += 1
            base = 0 if mine.is_bonus else mine.full
            lost = score_oracle.shown(abs(Fraction(base) - exact))
            assert abs(base - each.points) * 100 == lost, (seed, mine)
            assert sum((e.points for e in each.lost), Decimal(0)) == base - each.points, (
                seed,
                mine,
            )
            assert 0 <= each.points <= mine.full
            assert mine.is_bonus or all(e.points >= 0 for e in each.lost)
            assert all(e.points == round(e.points, 2) for e in each.lost)
        parts = [
            (
                None if e.points is None else Fraction(e.points),
                Fraction(e.rule.full),
                e.rule.is_bonus,
            )
            for e in found.items
        ]
        whole = score_oracle.total(parts)
        assert (None if whole is None else score_oracle.shown(whole)) == (
            None if found.total is None else found.total * 100
        ), seed
    assert judged > 100
