"""考核 as staff type it: what is switched off, what is understood, and each mistake with its cell.

Proves also model/scoring.py.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools import masters
from xl_addin.master.read.config import read_config
from xl_addin.master.read.score_rules import read_scheme
from xl_addin.model.scoring import (
    ADDED,
    AVERAGED,
    BY_HAND,
    DONE,
    ERRORS,
    EXAMPLE,
    LATE_DAYS,
    RANK_BONUS,
    WAYS,
    WORKS,
    ScoreRule,
)
from xl_addin.model.settings import BY_SCORE, NO, YES
from xl_addin.model.sheets import (
    MANUAL_BLOCK,
    MANUAL_HEADINGS,
    SCHEME_BLOCK,
    SCHEME_HEADINGS,
    SCHEME_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)

TOP, MANUAL_TOP = 4, 22


def scheme_of(tmp_path, rules, manual=(), rank_by=None):
    """What is read of a master whose 考核 says this; the example's rows are taken out."""
    host = masters.host(tmp_path)
    empty = [()] * len(EXAMPLE)
    cells = masters.typed_rows(host.block(SCHEME_BLOCK), SCHEME_HEADINGS, empty)
    cells |= masters.typed_rows(host.block(SCHEME_BLOCK), SCHEME_HEADINGS, rules)
    cells |= masters.typed_rows(host.block(MANUAL_BLOCK), MANUAL_HEADINGS, manual)
    sheets = {SCHEME_SHEET: cells}
    if rank_by:
        settings = host.block(SETTINGS_BLOCK)
        row = next(at[0] for at, cell in settings.cells.items() if cell.value == "排名依据")
        sheets[SETTINGS_SHEET] = {(row, 2): rank_by}
    host = masters.host(tmp_path, masters.edit_master(sheets))
    return read_scheme(host, read_config(host))


def told(scheme):
    return [(each.code, each.cell) for each in scheme.problems]


def test_the_example_is_there_and_switched_off(tmp_path):
    host = masters.host(tmp_path)
    cells = host.block(SCHEME_BLOCK).cells
    assert [cells[TOP + n, 1].value for n in range(1, 5)] == [row[0] for row in EXAMPLE]
    assert {cells[TOP + n, 7].value for n in range(1, 5)} == {NO}
    scheme = read_scheme(host, read_config(host))
    assert (scheme.rules, scheme.problems, scheme.in_force) == ((), (), False)


def test_the_example_is_sound_once_it_is_switched_on(tmp_path):
    rows = [(*row[:6], YES, row[6]) for row in EXAMPLE]
    scheme = scheme_of(tmp_path, rows)
    assert scheme.problems == ()
    assert scheme.in_force
    assert scheme.rules[1] == ScoreRule(
        "按时报送", LATE_DAYS, Decimal(5), Decimal(1), Decimal(4), True
    )
    assert sum(each.full for each in scheme.rules) == 100


def test_rules_are_read_as_they_are_typed(tmp_path):
    rows = [
        ("任务", DONE, "80", None, None, None, None),
        ("报送", LATE_DAYS, 20, "0.5", None, ADDED, "是"),
        ("加分", RANK_BONUS, 3, 2, 3),
        ("停用的", "不知道", None, None, None, None, "否"),
    ]
    scheme = scheme_of(tmp_path, rows)
    assert told(scheme) == []
    assert [(e.item, e.full, e.per, e.limit, e.averaged) for e in scheme.rules] == [
        ("任务", 80, None, None, False),
        ("报送", 20, Decimal("0.5"), None, False),
        ("加分", 3, 2, 3, False),
    ]


@pytest.mark.parametrize(
    ("row", "cell", "word"),
    [
        (("", DONE, 100), "A6", "名称"),
        (("任务", DONE, 50), "A6", "第 5 行"),
        (("总分", DONE, 50), "A6", "表头"),
        (("新", "看着办", 50), "B6", DONE),
        (("新", DONE, 0), "C6", "大于 0"),
        (("新", DONE, None), "C6", "大于 0"),
        (("新", DONE, "十分"), "C6", "大于 0"),
        (("新", DONE, 5.005), "C6", "两位小数"),
        (("新", DONE, 50, 1), "D6", "没有这个参数"),
        (("新", LATE_DAYS, 50), "D6", "每迟一天扣几分"),
        (("新", LATE_DAYS, 50, -1), "D6", "大于 0"),
        (("新", LATE_DAYS, 50, 1, 2.5), "E6", "整数"),
        (("新", RANK_BONUS, 50, 1), "E6", "前几名"),
        (("新", LATE_DAYS, 50, 1, 4, "一起"), "F6", AVERAGED),
        (("新", WORKS, 50, 1, 4, AVERAGED), "F6", "不能取平均"),
        (("新", DONE, 50, None, None, None, "也许"), "G6", "是"),
    ],
)
def test_a_wrong_rule_is_told_with_its_cell_and_nobody_is_scored(tmp_path, row, cell, word):
    scheme = scheme_of(tmp_path, [("任务", DONE, 50), row])
    wrong = [each for each in scheme.problems if each.code == "bad-score-rule"]
    assert [(each.sheet, each.cell, each.severity) for each in wrong] == [
        (SCHEME_SHEET, cell, "error")
    ]
    assert wrong[0].message.startswith(f"{SCHEME_SHEET}!{cell}：")
    assert word in wrong[0].message
    assert not scheme.in_force


def test_full_marks_that_are_not_a_hundred_are_told_and_bonuses_left_out(tmp_path):
    scheme = scheme_of(
        tmp_path, [("任务", DONE, 70), ("错误", ERRORS, 20, 1), ("加分", RANK_BONUS, 10, 5, 3)]
    )
    [problem] = scheme.problems
    assert (problem.code, problem.severity, problem.cell) == ("score-sum", "warning", "C4")
    assert "90" in problem.message
    assert scheme.in_force


def test_more_items_than_there_are_columns_are_refused(tmp_path):
    scheme = scheme_of(tmp_path, [(f"项{n}", DONE, 9) for n in range(11)])
    assert ("bad-score-rule", "C4") in told(scheme)
    assert not scheme.in_force


RULES = [("任务", DONE, 90), ("创新", BY_HAND, 10)]


def test_points_by_hand_are_read_with_their_cell(tmp_path):
    given = [("忠  县", "任务", -2.5, "数据失实"), (), ("500101", "创新", 8, "省级表彰")]
    scheme = scheme_of(tmp_path, RULES, given)
    assert told(scheme) == []
    first, second = scheme.manual
    assert (first.district, first.item, first.points, first.reason) == (
        "500233",
        "任务",
        Decimal("-2.5"),
        "数据失实",
    )
    assert (second.district, second.points, second.cell) == (
        "500101",
        8,
        f"{SCHEME_SHEET}!C{MANUAL_TOP + 3}",
    )


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("忠县", "任务", 2), "D"),
        (("忠县", "任务", 2, "  "), "D"),
        (("北京", "任务", 2, "因为"), "A"),
        (("忠县", "别的", 2, "因为"), "B"),
        (("忠县", "任务", 0, "因为"), "C"),
        (("忠县", "任务", "两分", "因为"), "C"),
        (("忠县", "任务", 1.005, "因为"), "C"),
    ],
)
def test_points_by_hand_without_a_reason_or_wrong_do_not_count(tmp_path, row, column):
    scheme = scheme_of(tmp_path, RULES, [row])
    assert scheme.manual == ()
    assert told(scheme) == [("bad-manual", f"{column}{MANUAL_TOP + 1}")]
    assert "没有计入" in scheme.problems[0].message
    assert scheme.in_force


def test_ranks_by_score_need_scores(tmp_path):
    assert [code for code, _ in told(scheme_of(tmp_path, [], rank_by=BY_SCORE))] == ["no-scores"]
    assert told(scheme_of(tmp_path, RULES, rank_by=BY_SCORE)) == []


def test_every_way_says_what_its_parameters_are():
    assert all(bool(way.first) == (way.needed > 0) for way in WAYS)
    assert len({way.name for way in WAYS}) == len(WAYS)
