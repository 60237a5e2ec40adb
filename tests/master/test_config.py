"""Settings as staff write them: what is read, and every mistake with its cell.

Proves also master/read/blocks.py, master/read/matrix.py, master/read/registers.py,
master/read/settings_rows.py, model/records.py and model/settings.py.
"""

import pytest

from tests.tools import masters
from xl_addin.master.read.config import read_config
from xl_addin.master.read.settings_rows import month_in
from xl_addin.model.records import ERROR, FLOW, FLOW_LABEL, STOCK, STOCK_LABEL, WARNING
from xl_addin.model.rules import RULES
from xl_addin.model.settings import BY_FILE
from xl_addin.model.sheets import (
    DISTRICTS_SHEET,
    INDICATORS_SHEET,
    RULES_BLOCK,
    RULES_SHEET,
    SETTINGS_SHEET,
    TARGETS_SHEET,
)
from xl_addin.system.errors import Refused
from xl_addin.xlsx.cells import Cell

_ORDER = [rule.code for rule in RULES]
FAR, NEGATIVE = (5 + _ORDER.index(code) for code in ("far-above-target", "negative"))
S, D, N, T, R = (SETTINGS_SHEET, DISTRICTS_SHEET, INDICATORS_SHEET, TARGETS_SHEET, RULES_SHEET)


def read(tmp_path, cells):
    return read_config(masters.host(tmp_path, masters.edit_master(cells)))


def found(config):
    return {(p.sheet, p.cell, p.code) for p in config.problems}


def test_what_was_laid_down_is_what_is_read(tmp_path):
    config = read_config(masters.host(tmp_path))
    assert config.problems == ()
    assert config.settings[:6] == (masters.TITLE, 2023, "2023-06", 5, BY_FILE, 10)
    assert config.districts == masters.DISTRICTS
    assert config.indicators == masters.INDICATORS
    assert config.targets == masters.TARGETS
    assert config.published == masters.PUBLISHED
    assert {c: r.severity for c, r in config.rules.items()} == {
        rule.code: rule.severity for rule in RULES
    }


def test_what_cannot_be_seen_in_a_name_changes_nothing(tmp_path):
    """Labels, headings, choices, severities and codes of rules, pasted with what chats put in."""
    cells = {
        S: {
            (4, 1): "项\u200b目",
            (5, 1): "任务名称\u200b",
            (8, 1): "\ufeff截止日",
            (9, 1): "收到时间\u3000依据",
            (9, 2): "文件\u2060时间",
        },
        D: {(4, 2): "区\u00ad县"},
        N: {(4, 1): "代码\ufe0f", (5, 4): f"{FLOW_LABEL}\u200d", (5, 6): "\u200e是"},
        R: {(4, 3): "级\u200c别", (5, 1): "Not-A-Number\u200b", (5, 3): "错误\u202c"},
    }
    config = read(tmp_path, cells)
    assert config.problems == ()
    assert config == read_config(masters.host(tmp_path))


def test_names_that_differ_by_what_cannot_be_seen_are_one_name_twice(tmp_path):
    config = read(tmp_path, {D: {(6, 2): "万州\u200b区"}})
    assert (D, "B6", "name-twice") in found(config)


# 设置 rows 5 to 12; 区县名录 and 指标 from row 5; 任务表 keys in row 7, districts 8 to 11, 合计 12.
MISTAKES = [
    (S, {(6, 2): "二零二三"}, "B6", "bad-year"),
    (S, {(6, 2): None}, "B6", "bad-year"),
    (S, {(7, 2): "上个月"}, "B7", "bad-month"),
    (S, {(7, 2): 2023.1}, "B7", "bad-month"),
    (S, {(7, 2): "2024年6月"}, "B7", "bad-month"),
    (S, {(7, 2): "2024-06"}, "B7", "bad-month"),
    (S, {(7, 2): "2023-13"}, "B7", "bad-month"),
    (S, {(7, 2): None}, "B7", "bad-month"),
    (S, {(8, 2): 31}, "B8", "bad-deadline-day"),
    (S, {(8, 2): 2.5}, "B8", "bad-deadline-day"),
    (S, {(8, 2): "五"}, "B8", "bad-deadline-day"),
    (S, {(9, 2): "邮件时间"}, "B9", "bad-received-by"),
    (S, {(10, 2): -1}, "B10", "bad-behind"),
    (S, {(10, 2): "１０"}, "B10", "bad-behind"),
    (D, {(6, 1): "500101"}, "A6", "code-twice"),
    (D, {(6, 2): "万州区"}, "B6", "name-twice"),
    (D, {(6, 3): "万州"}, "C6", "name-twice"),
    (D, {(6, 2): "长" * 100}, "B6", "name-too-long"),
    (D, {(6, 1): None}, "A6", "code-missing"),
    (D, {(6, 2): None}, "B6", "name-missing"),
    (N, {(6, 1): "I01"}, "A6", "code-twice"),
    (N, {(6, 4): "流量"}, "D6", "bad-measure"),
    (N, {(6, 4): None}, "D6", "bad-measure"),
    (N, {(6, 6): "对"}, "F6", "bad-whole"),
    (N, {(5, 7): "一千"}, "G5", "bad-goal"),
    (N, {(5, 7): "1000"}, "G5", "bad-goal"),
    (N, {(7, 5): "I99"}, "E7", "parent-unknown"),
    (N, {(7, 5): "I03"}, "E7", "parent-self"),
    (N, {(6, 5): "I03"}, "E6", "parent-cycle"),
    (R, {(5, 3): "严重"}, "C5", "bad-severity"),
    (R, {(FAR, 4): "多"}, f"D{FAR}", "bad-parameter"),
    (R, {(FAR, 4): 0}, f"D{FAR}", "bad-parameter"),
    (R, {(5, 1): "my-rule"}, "A5", "rule-unknown"),
    (T, {(8, 3): "300人"}, "C8", "target-not-a-number"),
    (T, {(8, 3): "300"}, "C8", "target-not-a-number"),
    (T, {(8, 3): -3}, "C8", "target-negative"),
    (T, {(13, 3): "四百八十"}, "C13", "target-not-a-number"),
    (T, {(8, 1): "500999"}, "A8", "row-unknown"),
    (T, {(8, 1): None}, "C8", "number-without-code"),
    (T, {(8, 1): "500233"}, "A9", "code-twice"),
    (T, {(7, 3): "I99"}, "C7", "indicator-not-listed"),
    (T, {(12, 1): "总"}, "A13", "total-missing"),
]


@pytest.mark.parametrize(("sheet", "cells", "cell", "code"), MISTAKES)
def test_every_mistake_is_an_error_with_its_cell(tmp_path, sheet, cells, cell, code):
    config = read(tmp_path, {sheet: cells})
    assert (sheet, cell, code) in found(config)
    problem = next(p for p in config.problems if (p.cell, p.code) == (cell, code))
    assert problem.severity == ERROR
    assert problem.message.startswith(f"{sheet}!{cell}：")


@pytest.mark.parametrize(("column", "typed"), [(4, "张三"), (5, "a@b.cn；李四")])
def test_what_is_no_address_is_told_with_its_district_and_stops_nothing_else(
    tmp_path, column, typed
):
    config = read(tmp_path, {D: {(5, column): typed}})
    [problem] = [each for each in config.problems if each.code == "bad-mail"]
    assert problem.severity == WARNING
    assert (problem.sheet, problem.cell) == (D, f"{'ABCDE'[column - 1]}5")
    assert config.districts[0].name in problem.message


@pytest.mark.parametrize("typed", ["２０２３年２月", "2月", "2023/2", 202302, 2, 2023.02])
def test_the_month_is_understood_as_staff_write_it(tmp_path, typed):
    config = read(tmp_path, {S: {(7, 2): typed}})
    assert (config.problems, config.settings.month) == ((), "2023-02")


def test_a_month_that_became_a_date_is_read_as_its_month():
    assert month_in(Cell("date", 44_985), 2023) == "2023-02"  # 28 February


def test_districts_and_indicators_must_stand_in_both_places(tmp_path):
    config = read(tmp_path, {D: {(5, 1): "500999"}, N: {(9, 1): "I99"}})
    assert {
        (T, "A7", "district-not-in-targets"),
        (T, "A8", "row-unknown"),
        (T, "A7", "indicator-not-in-targets"),
        (T, "G7", "indicator-not-listed"),
    } <= found(config)


def test_a_cycle_over_three_is_found_at_each(tmp_path):
    config = read(tmp_path, {N: {(5, 5): "I02", (6, 5): "I03", (7, 5): "I01"}})
    cells = {p.cell for p in config.problems if p.code == "parent-cycle"}
    assert cells == {"E5", "E6", "E7"}


def test_numbers_typed_as_text_and_full_width_are_understood_on_settings(tmp_path):
    config = read(
        tmp_path,
        {S: {(6, 2): " ２０２３ ", (8, 2): "５", (7, 2): "２０２３-０７"}, R: {(FAR, 4): "２００"}},
    )
    assert found(config) == set()
    assert config.settings[1:4] == (2023, "2023-07", 5)
    assert config.rules["far-above-target"].parameter == 200


def test_empty_cells_take_the_default(tmp_path):
    config = read(tmp_path, {S: {(8, 2): None, (9, 2): None, (10, 2): None}, R: {(FAR, 4): None}})
    assert found(config) == set()
    assert config.settings.deadline_day == 5
    assert config.settings.received_by == BY_FILE
    assert config.settings.behind == 10
    assert config.rules["far-above-target"].parameter == 150


def test_codes_typed_as_numbers_are_the_same_codes(tmp_path):
    config = read(tmp_path, {D: {(5, 1): 500101}, T: {(8, 1): 500101}})
    assert found(config) == set()
    assert config.targets == masters.TARGETS


def test_a_lost_row_is_a_warning_and_its_default_counts(tmp_path):
    config = read(
        tmp_path,
        {S: {(8, 1): None, (8, 2): None, (8, 3): None}, R: {(6, c): None for c in range(1, 6)}},
    )
    assert found(config) == {(S, "A4", "setting-missing"), (R, "A4", "rule-missing")}
    assert {p.severity for p in config.problems} == {WARNING}
    assert config.settings.deadline_day == 5
    assert config.rules["error-value"].severity == ERROR


def test_totals_and_parts_of_the_task_table_are_checked(tmp_path):
    config = read(tmp_path, {T: {(8, 5): 1300, (13, 3): 481}})
    assert found(config) == {
        (T, "C13", "total-differs"),
        (T, "E13", "total-differs"),
        (T, "E8", "child-above-parent"),
    }
    assert {p.severity for p in config.problems} == {WARNING}


def test_staff_may_change_measure_severity_and_addresses(tmp_path):
    config = read(
        tmp_path,
        {
            N: {(5, 4): STOCK_LABEL, (8, 4): FLOW_LABEL},
            R: {(5, 3): "停用", (NEGATIVE, 3): "警告"},
            D: {(5, 4): "a@b.cn；张三 <c@d.cn>"},
        },
    )
    assert found(config) == set()
    assert [item.measure for item in config.indicators][:4:3] == [STOCK, FLOW]
    assert config.rules["not-a-number"].severity == ""
    assert config.rules["negative"].severity == WARNING
    assert config.districts[0].to == "a@b.cn；张三 <c@d.cn>"


def test_a_block_that_is_gone_is_refused_by_name(tmp_path):
    gone = masters.rewrite_master([(f'name="{RULES_BLOCK}"', 'name="other"')])
    with pytest.raises(Refused, match=RULES_BLOCK):
        read_config(masters.host(tmp_path, gone))
    broken = masters.rewrite_master([(f"'{T}'!$A$7:$G$13", "#REF!")])
    with pytest.raises(Refused, match=T):
        read_config(masters.host(tmp_path, broken))


def test_a_heading_that_is_gone_is_refused_with_its_cells(tmp_path):
    with pytest.raises(Refused, match=r"指标!A4:O4.*口径"):
        read(tmp_path, {N: {(4, 4): "方式"}})
