"""进度表 and 区县单页: what stands there, live and in the workbook that is printed.

Proves also master/build/page_formulas.py, master/build/progress_table.py, master/build/district_page.py,
master/build/formula_texts.py and services/month_totals.py.
"""

from __future__ import annotations

import pytest

from tests.tools import masters
from tests.tools.lint import lint
from tests.tools.masters import figure
from tests.tools.office import disagreements
from xl_addin.master.build.page_formulas import NO_DATA, UNKNOWN_DISTRICT
from xl_addin.master.build.positions import find_positions
from xl_addin.master.host.base import Change
from xl_addin.master.page_values import remark_text
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.sheets import (
    CHOICE_HEADING,
    COMPLETION_BLOCK,
    DISTRICT_PAGE_SHEET,
    PAGE_BLOCK,
    PROGRESS_BLOCK,
    progress_keys,
)

MONTH = "2023-03"
FIGURES = (
    *(figure("500101", "I01", month, 10 * month) for month in (1, 3)),
    figure("500101", "I04", 1, 12, "stock"),
    figure("500101", "I05", 2, 0.5),
    figure("500233", "I01", 3, 40),
)
SAID = {"500101": ["实用技术培训：资金下达晚", "补贴：正在审核"]}


def recomputed(host, month=MONTH, rows=FIGURES):
    config = read_config(host)
    totals = compute_totals(rows, config, month, remarks=SAID)
    check = host.apply(master_changes(totals, config, host))
    assert check.disagreements == ()
    return find_positions(host, config), totals


def choose(host, positions, name):
    where = positions.page.head[CHOICE_HEADING]
    host.apply([Change(DISTRICT_PAGE_SHEET, {where: name}, {})])


def shown(host, positions, heading, code="I01"):
    page = positions.page.table
    where = (page.rows[code], page.columns[heading])
    return host.block(PAGE_BLOCK).cells[where].value


def test_a_row_of_the_progress_table_says_what_the_sheets_of_figures_say(tmp_path):
    host = masters.host(tmp_path)
    positions, totals = recomputed(host)
    cells, at = host.block(PROGRESS_BLOCK).cells, positions.progress
    row = at.rows["500101"]
    target, done, share = (cells[row, at.columns[key]].value for key in progress_keys("I01"))
    assert (target, done) == (300, 40)
    beside = positions.completion
    assert (
        share
        == host.block(COMPLETION_BLOCK).cells[beside.rows["500101"], beside.columns["I01"]].value
    )
    assert cells[row, at.columns["名次"]].value == totals.standings[0].rank
    assert (
        cells[row, at.columns["备注"]].value
        == "缺1月至3月；实用技术培训：资金下达晚；补贴：正在审核"
    )
    silent = at.rows["5001LJ"]
    assert (silent, at.columns["综合完成率"]) not in cells
    assert cells[silent, at.columns["I01"]].value == ""


@pytest.mark.parametrize(
    ("name", "cumulative", "march"),
    [("万州区", 40, 30), ("忠县", 40, 40), ("两江新区", "", ""), ("没有这个区", "", "")],
)
def test_the_page_follows_the_district_that_is_chosen(tmp_path, office, name, cumulative, march):
    host = masters.host(tmp_path)
    positions, _ = recomputed(host)
    choose(host, positions, name)
    positions, _ = recomputed(host)
    assert shown(host, positions, "累计完成") == cumulative
    cells = host.cells(DISTRICT_PAGE_SHEET, (1, 1, 40, 30))
    months = positions.page.months
    assert cells[months.rows["I01"], months.columns["3月"]].value == march
    remark = cells[positions.page.remark].value
    assert (UNKNOWN_DISTRICT in remark) == (name == "没有这个区")
    rate = cells[positions.page.head["综合完成率"]].value
    assert (rate == NO_DATA) == (name == "两江新区")
    host.save()
    assert [
        each for each in disagreements(host.path, office) if each.sheet == DISTRICT_PAGE_SHEET
    ] == []
    assert lint(host.path) == []


def test_who_chooses_another_district_sees_no_number_of_the_one_before(tmp_path):
    host = masters.host(tmp_path)
    positions, _ = recomputed(host)
    host.save()
    choose(host, positions, "忠县")
    assert shown(host, positions, "累计完成") is None


@pytest.mark.parametrize(
    ("gaps", "said", "text"),
    [
        (None, [], None),
        ("2月、5月", [], "缺2月、5月"),
        (None, ["甲：" + "因" * 60], "甲：" + "因" * 45 + "…"),
        ("2月", ["甲：晚", "乙：" + "因" * 60, "丙：晚"], "缺2月；甲：晚；等3条说明"),
    ],
)
def test_a_remark_has_room_for_two_lines_and_says_how_many_there_are(gaps, said, text):
    assert remark_text(gaps, said) == text
