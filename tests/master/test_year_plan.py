"""序时, 任务调整 and 年初累计 as staff type them."""

from __future__ import annotations

import pytest

from tests.tools import masters
from xl_addin.master.read.config import read_config
from xl_addin.model.records import CUSTOM
from xl_addin.model.settings import Adjustment
from xl_addin.model.sheets import (
    ADJUSTMENTS_SHEET,
    INDICATORS_SHEET,
    OPENINGS_SHEET,
    SCHEDULE_SHEET,
)

SHARES = [0, 0, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 1]


def read(tmp_path, cells):
    return read_config(masters.host(tmp_path, masters.edit_master(cells)))


def custom(shares):
    row = {(5, column): share for column, share in enumerate(shares, 3) if share is not None}
    return {INDICATORS_SHEET: {(5, 9): "自定义"}, SCHEDULE_SHEET: row}


def test_a_schedule_of_its_own_has_its_twelve_shares(tmp_path):
    config = read(tmp_path, custom(SHARES))
    assert config.problems == ()
    assert config.indicators[0].schedule == CUSTOM
    assert config.indicators[0].shares == tuple(SHARES)
    assert config.indicators[1].shares == ()


@pytest.mark.parametrize(
    "shares",
    [
        [*SHARES[:6], None, *SHARES[7:]],
        [*SHARES[:11], 0.9],
        [0.5, *SHARES[1:]],
        ["一成", *SHARES[1:]],
    ],
    ids=["one missing", "not all of it", "falling", "a word"],
)
def test_shares_that_do_not_rise_to_all_are_told_with_their_row(tmp_path, shares):
    config = read(tmp_path, custom(shares))
    assert [(p.code, p.cell) for p in config.problems] == [("bad-shares", "C5")]
    assert config.indicators[0].shares == ()


def test_adjustments_name_districts_and_indicators_by_code_or_name(tmp_path):
    first = masters.TABLE.districts[0]
    row = {(5, 1): 7, (5, 2): first.name, (5, 3): "I01", (5, 5): -20, (5, 7): "12 号文"}
    config = read(tmp_path, {ADJUSTMENTS_SHEET: row})
    assert config.problems == ()
    assert config.adjustments == (Adjustment(7, first.code, "I01", -20, "12 号文"),)
    was = config.targets[first.code, "I01"]
    assert config.targets_in_force(6)[first.code, "I01"] == was
    assert config.targets_in_force(7)[first.code, "I01"] == was - 20


def test_an_adjustment_that_cannot_be_read_is_told_cell_by_cell_and_not_used(tmp_path):
    row = {(5, 1): 13, (5, 2): "无此区", (5, 3): "I01", (5, 5): "二十"}
    config = read(tmp_path, {ADJUSTMENTS_SHEET: row})
    assert [p.cell for p in config.problems] == ["A5", "B5", "E5"]
    assert {p.code for p in config.problems} == {"bad-adjustment"}
    assert config.adjustments == ()


def test_adjustments_that_bring_a_target_below_nothing_are_told_where_they_do(tmp_path):
    first = masters.TABLE.districts[0].code
    rows = [(5, 3, -100_000), (6, 3, 100_000), (7, 6, -100_000), (8, 7, 1)]
    typed = {(r, c): v for r, m, by in rows for c, v in ((1, m), (2, first), (3, "I01"), (5, by))}
    config = read(tmp_path, {ADJUSTMENTS_SHEET: typed})
    assert [(p.code, p.severity, p.cell) for p in config.problems] == [
        ("target-negative", "error", "E7")
    ]


def test_openings_are_numbers_and_a_blank_is_unknown(tmp_path):
    config = read(tmp_path, {OPENINGS_SHEET: {(8, 3): 12, (8, 4): "约 5"}})
    districts = [district.code for district in config.districts]
    assert config.openings == {(districts[0], "I01"): 12}
    assert [(p.code, p.cell) for p in config.problems] == [("bad-opening", "D8")]
