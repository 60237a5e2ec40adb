"""Rows and columns that a sheet lacks, names that differ: found and put right, in the file and live.

Proves also master/mend/gaps.py, master/mend/headings.py, master/mend/lists.py, master/host/insert.py
and xlsx/merged.py.
"""

from __future__ import annotations

import pytest

from tests.master.test_hosts import LIVE, LIVE_WPS, host_of  # noqa: F401 - a fixture
from tests.tools import masters
from tests.tools.lint import lint
from tests.tools.masters import figure
from tests.tools.office import disagreements
from xl_addin.master.build.workbook import lay_out
from xl_addin.master.mend.gaps import find_gaps
from xl_addin.master.mend.lists import NewRow, Preview, add_rows
from xl_addin.master.mend.mend import mend, plan_steps
from xl_addin.master.read.config import read_basics, read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.sheets import (
    BINDING_BLOCK,
    BOARD_DATA_SHEET,
    BOARD_SHEET,
    DEFINED_NAMES,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    LAST_YEAR_BLOCK,
    MASTER_SHEETS,
    SCORES_SHEET,
    STATUS_BLOCK,
    TARGETS_BLOCK,
)
from xl_addin.system.errors import Refused
from xl_addin.xlsx.workbook import Workbook

NEW = (
    NewRow(DISTRICTS_BLOCK, {"代码": "500999", "区县": "高新区", "起始月": 8}),
    NewRow(DISTRICTS_BLOCK, {"代码": "500998", "区县": "万盛经开区"}),
    NewRow(
        INDICATORS_BLOCK,
        {
            "代码": "I06",
            "指标": "托养服务 > 其中 > 日间",
            "计量单位": "人",
            "口径": "当月数",
            "取整": "是",
            "上级指标": "I02",
            "序时": "均匀",
        },
        after=7,
    ),
    NewRow(
        INDICATORS_BLOCK,
        {
            "代码": "I07",
            "指标": "培训班",
            "计量单位": "个",
            "口径": "累计数",
            "取整": "是",
            "序时": "均匀",
        },
    ),
)
FIGURES = (
    figure("500101", "I01", 5, 30),
    figure("500999", "I01", 6, 12),
    figure("500101", "I06", 6, 7),
    figure("500998", "I07", 6, 2, "stock"),
)


def amended(host, rows=NEW, targets=None):
    add_rows(host, rows)
    return mend(host, read_basics(host), targets or {})


def written(host, month="2023-06"):
    """The check of the month's figures, written."""
    config = read_config(host)
    assert not [p for p in config.problems if p.severity == "error"]
    return host.apply(master_changes(compute_totals(FIGURES, config, month), config, host))


@pytest.mark.parametrize("host_of", ["file", LIVE, LIVE_WPS], indirect=True)
def test_after_mending_nothing_lacks_and_every_formula_is_the_one_expected(host_of):  # noqa: F811
    host = host_of()
    steps, problems = amended(host, targets={("500999", "I01"): 50, ("500101", "I06"): 5})
    config = read_config(host)
    assert not problems
    assert len(steps) > 30
    assert list(find_gaps(host, config)) == []
    assert [d.code for d in config.districts][-2:] == ["500999", "500998"]
    assert [i.code for i in config.indicators] == ["I01", "I02", "I03", "I06", "I04", "I05", "I07"]
    assert config.targets == {**masters.TARGETS, ("500999", "I01"): 50, ("500101", "I06"): 5}
    changes = master_changes(compute_totals(FIGURES, config, "2023-06"), config, host)
    found = host.check(changes)
    assert found.disagreements == ()
    assert found.compared > 150


@pytest.mark.parametrize(
    "host_of", ["file", pytest.param("excel", marks=pytest.mark.libreoffice)], indirect=True
)
def test_excel_comes_to_what_the_program_does_in_the_new_cells(host_of):  # noqa: F811
    host = host_of()
    amended(host, targets={("500999", "I01"): 50})
    assert written(host).disagreements == ()


def test_a_mended_master_is_laid_out_as_a_new_one_of_the_same_settings(tmp_path):
    """All but the looks: every cell, merged area, name, rule and validation where a new one has it."""
    host = masters.host(tmp_path)
    amended(host, targets={("500999", "I01"): 50})
    config = read_config(host)
    host.apply(master_changes(compute_totals((), config, masters.MONTH), config, host))
    ours, new = Workbook(host.parts), Workbook(lay_out(config))
    board = {
        name
        for name, sheet in DEFINED_NAMES.items()
        if sheet in (BOARD_SHEET, BOARD_DATA_SHEET, SCORES_SHEET)
    }
    # Of the boards test_board tells, of 得分 test_scoring: their rows are in order of rank, with some to spare.
    apart = {"使用说明", BOARD_SHEET, BOARD_DATA_SHEET, SCORES_SHEET}
    for sheet in (each.name for each in MASTER_SHEETS if each.name not in apart):
        mine, wanted = ours.sheet(sheet), new.sheet(sheet)
        assert _contents(mine) == _contents(wanted), sheet
        # A title spans nine columns at least, so that of a narrow table is wider after it grew.
        assert sorted(m for m in mine.merged if m[0] > 3) == sorted(
            m for m in wanted.merged if m[0] > 3
        ), sheet
        assert _rules(ours, sheet) == _rules(new, sheet), sheet
    # A district that is new has no last year for which room would be kept.
    blocks, wanted_blocks = (
        {
            k: v.replace("'", "")
            for k, v in each.names.items()
            if k not in {BINDING_BLOCK, LAST_YEAR_BLOCK, *board}
        }
        for each in (ours, new)
    )
    assert blocks == wanted_blocks


def _contents(sheet):
    """What was typed and which formulas stand; verdicts come with the lists."""
    return {
        at: cell.value if cell.formula is None else f"={cell.formula}"
        for at, cell in sheet.cells.items()
        if cell.value != "未报"
    }


def _rules(book, sheet):
    import re

    text = book.part(book.sheet_part(sheet)).decode()
    kinds = ("conditionalFormatting", "dataValidation", "ignoredError")
    return {kind: sorted(re.findall(rf"<{kind} [^>]*?sqref=\"([^\"]*)\"", text)) for kind in kinds}


def test_a_mended_master_passes_the_lint_and_libreoffice_agrees(tmp_path, office):
    host = masters.host(tmp_path)
    amended(host, targets={("500999", "I01"): 50})
    assert written(host).disagreements == ()
    host.save()
    assert lint(host.path) == []
    assert [each for each in disagreements(host.path, office) if each.sheet != "回收情况"] == []


def test_a_mended_master_stays_valid(tmp_path, validator):
    host = masters.host(tmp_path)
    amended(host)
    host.save()
    assert not validator(host.path)


@pytest.mark.parametrize("host_of", ["file", LIVE, LIVE_WPS], indirect=True)
def test_rows_typed_below_a_list_are_found_and_taken_in(host_of):  # noqa: F811
    typed = {
        (9, 1): "500999",
        (9, 2): "高新区",
        (10, 1): "500998",
        (10, 2): "万盛经开区",
        (10, 4): "a@b.cn",
    }
    host = host_of(masters.edit_master({"区县名录": typed}))
    config = read_config(host)
    assert [(p.code, p.cell) for p in find_gaps(host, config)] == [
        ("row-below-list", "A9"),
        ("row-below-list", "A10"),
    ]
    assert len(read_basics(Preview(host)).districts) == 6
    amended(host, ())
    config = read_config(host)
    assert [d.name for d in config.districts][-2:] == ["高新区", "万盛经开区"]
    assert config.districts[-1].to == "a@b.cn"
    assert list(find_gaps(host, config)) == []


def test_a_note_below_a_list_is_no_row(tmp_path):
    host = masters.host(tmp_path, masters.edit_master({"区县名录": {(9, 1): "注：邮箱另发"}}))
    assert list(find_gaps(host, read_config(host))) == []


def test_a_name_that_differs_is_found_and_put_right(host_of):  # noqa: F811
    host = host_of(masters.edit_master({"累计完成": {(9, 2): "忠州"}, "汇总": {(5, 2): "培训"}}))
    found = list(find_gaps(host, read_config(host)))
    assert [(p.code, p.sheet, p.cell, p.expected) for p in found] == [
        ("name-differs", "累计完成", "B9", "忠县"),
        ("name-differs", "汇总", "B5", "实用技术培训"),
    ]
    mend(host, read_basics(host))
    assert list(find_gaps(host, read_config(host))) == []


def test_a_row_that_was_deleted_on_one_sheet_is_found_and_put_in_again(tmp_path):
    gone = {(8, column): None for column in range(1, 25)}
    host = masters.host(tmp_path, masters.edit_master({"回收情况": gone}))
    found = list(find_gaps(host, read_config(host)))
    assert [(p.code, p.sheet, p.expected) for p in found] == [("row-missing", "回收情况", "500233")]
    steps, _ = mend(host, read_basics(host))
    assert [(step.kind, step.sheet, step.name) for step in steps] == [("row", "回收情况", "忠县")]
    assert "500233" in {cell.value for cell in host.block(STATUS_BLOCK).cells.values()}


def test_a_code_that_was_cleared_stands_again_where_it_stood(host_of):  # noqa: F811
    cleared = {"回收情况": {(8, 1): None}, "累计完成": {(7, 5): None, (9, 1): None}}
    host = host_of(masters.edit_master(cleared))
    found = list(find_gaps(host, read_config(host)))
    assert [(p.code, p.sheet, p.cell, p.expected) for p in found] == [
        ("code-missing", "累计完成", "A9", "500233"),
        ("code-missing", "累计完成", "E7", "I03"),
        ("code-missing", "回收情况", "A8", "500233"),
    ]
    steps, _ = mend(host, read_basics(host))
    assert {step.kind for step in steps} == {"code"}
    config = read_config(host)
    assert list(find_gaps(host, config)) == []
    assert host.check(master_changes(compute_totals((), config, "2023-06"), config, host))[1] == ()


def test_mending_a_sound_master_changes_no_byte(tmp_path):
    host = masters.host(tmp_path)
    before = host.parts
    assert plan_steps(host, read_basics(host)) == []
    assert mend(host, read_basics(host)) == ([], [])
    assert host.parts == before


def test_a_master_that_lost_its_total_row_is_left_alone(tmp_path):
    host = masters.host(tmp_path, masters.edit_master({"累计完成": {(12, 1): "小计"}}))
    before = host.parts
    with pytest.raises(Refused, match="没有改动主表"):
        mend(host, read_basics(Preview(host, NEW)))
    assert host.parts == before


def test_staff_keep_their_own_columns_and_numbers(tmp_path):
    """A column of staff's beside the list, a row of theirs within, a sum over the whole list."""
    data = masters.edit_master({"任务表": {(8, 10): 5, (9, 10): 6, (12, 10): "甲"}})
    host = masters.host(tmp_path, data)
    before = {at: c.value for at, c in host.cells("任务表", (1, 10, 20, 12)).items()}
    amended(host)
    after = {at: c.value for at, c in host.cells("任务表", (1, 10, 30, 20)).items()}
    assert sorted(map(str, before.values())) == sorted(map(str, after.values()))
    assert after == {(8, 12): 5, (9, 12): 6, (14, 12): "甲"}
    assert len(host.block(TARGETS_BLOCK).cells)
