"""Headings that an older master has not got, or still calls what they were called, are told as that."""

import shutil
from pathlib import Path

import pytest

from tests.tools import masters
from xl_addin.master.host.file import FileHost
from xl_addin.master.read.blocks import find_columns, has_heading, locate_matrix, missing_keys
from xl_addin.model.sheets import SUMMARY_BLOCK, SUMMARY_SHEET, VARIANCE_BLOCK
from xl_addin.system.errors import Outdated, Refused

MASTER = Path(__file__).parents[1] / "data" / "programmes" / "0.2.1" / "master.xlsm"


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copy(MASTER, tmp_path))


def test_a_heading_that_was_called_otherwise_is_outdated_not_lost(path):
    block = FileHost(path).block(SUMMARY_BLOCK)
    assert find_columns(block, ("任务数", "未报区县数"))["未报区县数"] == 13
    assert not has_heading(block, "本月缺数区县")
    with pytest.raises(Outdated, match="“本月缺数区县”列；请保存并关闭主表，运行 xl-addin attach"):
        find_columns(block, ("任务数", "本月缺数区县"))


def test_what_staff_renamed_is_told_and_not_what_an_older_master_never_had(path):
    cells = {SUMMARY_SHEET: {(4, 13): "没报的"}}
    path.write_bytes(masters.edit_master(cells, path.read_bytes()))
    with pytest.raises(Refused, match="找不到“本月缺数区县”；请改回原来的表头") as refusal:
        find_columns(FileHost(path).block(SUMMARY_BLOCK), ("本月缺数区县", "应完成数"))
    assert not isinstance(refusal.value, Outdated)


def test_a_column_that_came_later_is_to_be_added_by_attach_and_another_by_hand(path):
    block = FileHost(path).block(VARIANCE_BLOCK)
    found, _ = locate_matrix(block)
    problems = list(missing_keys(block, found, (), ("I01", "I09", "I01与序时差")))
    assert [problem.expected for problem in problems] == ["I09", "I01与序时差"]
    assert "点“登记变动”补上" in problems[0].message
    assert "运行 xl-addin attach 补上" in problems[1].message
