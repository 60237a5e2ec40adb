"""What staff typed in the lists, made so everywhere by one button; a check that finds what lacks."""

from __future__ import annotations

from tests.tools.lint import lint
from tests.tools.masters import edit_master
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.sheets import ADJUSTMENTS_BLOCK, CUMULATIVE_BLOCK, DISTRICTS_BLOCK


def type_in(year, sheet, cells):
    master = year.folder / "master.xlsm"
    master.write_bytes(edit_master({sheet: cells}, master.read_bytes()))


def bottom(year, name):
    block = year.open_programme().host.block(name)
    return block.area[2]


def test_a_row_typed_below_the_list_is_found_and_added_everywhere(year):
    row = bottom(year, DISTRICTS_BLOCK) + 1
    type_in(year, "区县名录", {(row, 1): "D900", (row, 2): "高新区"})
    found = year.verb("check")
    assert [p["code"] for p in found.data["problems"]] == ["row-below-list"]
    assert "登记变动" in found.lines[0]
    report = year.verb("check", mend="")
    assert report.clean
    assert year.verb("check").clean
    assert year.shown(CUMULATIVE_BLOCK)["D900", "区县"] == "高新区"
    assert lint(year.folder / "master.xlsm") == []


def test_the_buttons_of_the_year_take_in_what_was_typed(year):
    row = bottom(year, DISTRICTS_BLOCK) + 1
    type_in(year, "区县名录", {(row, 1): "D900", (row, 2): "高新区"})
    year.verb("add-district")
    assert year.config().districts[-1].name == "高新区"


def test_an_adjustment_that_was_typed_is_registered_once(year):
    host = year.open_programme().host
    block = host.block(ADJUSTMENTS_BLOCK)
    columns = find_columns(block, ("起始月", "区县", "指标", "调整数", "依据"))
    row = block.area[0] + 1
    typed = zip(columns.values(), (4, "甲县", "培训", -20, "1号"), strict=True)
    type_in(year, "任务调整", {(row, column): value for column, value in typed})
    [told] = year.verb("check").data["problems"]
    assert (told["code"], told["sheet"], told["cell"]) == ("adjustment-new", "任务调整", f"E{row}")
    assert "登记变动" in told["message"]
    year.verb("amend")
    assert year.verb("check").clean
    year.verb("amend")
    assert [(c.month, c.was, c.value, c.document) for c in year.recorded()] == [
        ("2024-04", 120, 100, "1号")
    ]
    [shown] = year.adjusted()
    assert (shown["年初任务"], shown["调整后"]) == ("120", "100")
    assert shown["登记时间"]


def test_an_adjustment_that_was_registered_and_is_gone_is_told(year):
    year.verb("adjust", "2024-04", district="甲县", indicator="I01", by="1", document="1号")
    block = year.open_programme().host.block(ADJUSTMENTS_BLOCK)
    row = block.area[0] + 1
    before = {(row, at): block.cells[row, at].value for at in (1, 2, 3, 5, 7)}
    type_in(year, "任务调整", {(row, column): None for column in range(1, 10)})
    report = year.verb("amend")
    assert [p["code"] for p in report.data["problems"]] == ["adjustment-gone"]
    assert "2024-04 甲县 培训" in report.lines[-1]
    [told] = year.verb("check").data["problems"]
    assert (told["code"], told["sheet"], told["cell"]) == ("adjustment-gone", "任务调整", f"A{row}")
    # What it says to do: the row as it was, in that place.
    type_in(year, "任务调整", before)
    assert year.verb("check").clean


def test_a_registered_adjustment_that_was_typed_over_is_told_with_the_way_back(year):
    year.verb("adjust", "2024-04", district="甲县", indicator="I01", by="1", document="1号")
    row = year.open_programme().host.block(ADJUSTMENTS_BLOCK).area[0] + 1
    type_in(year, "任务调整", {(row, 5): 7})
    told = year.verb("check").data["problems"]
    assert {p["code"] for p in told} == {"adjustment-gone", "adjustment-new"}
    assert "先改回原样" in told[1]["message"]
    type_in(year, "任务调整", {(row, 5): 1})
    year.verb("adjust", "2024-04", district="甲县", indicator="I01", by="6", document="2号")
    assert year.verb("check").clean
    assert year.config().targets_in_force(4)["D001", "I01"] == 127


def test_a_new_name_a_last_month_and_a_merger_typed_in_the_register(year):
    block = year.open_programme().host.block(DISTRICTS_BLOCK)
    columns = find_columns(block, ("区县", "备注", "截止月"))
    top = block.area[0]
    type_in(
        year,
        "区县名录",
        {
            (top + 4, columns["区县"]): "丁市",
            (top + 3, columns["截止月"]): 2,
            (top + 3, columns["备注"]): "并入乙县",
        },
    )
    year.verb("amend")
    config = year.config()
    assert config.targets_in_force(3)["D002", "I01"] == 590
    assert config.districts[2].until == 2
    assert year.shown(CUMULATIVE_BLOCK)["D004", "区县"] == "丁市"
    year.verb("amend")
    assert year.config().targets_in_force(3)["D002", "I01"] == 590
    assert year.verb("check").clean


def test_a_merger_into_nobody_is_told_and_nothing_moves(year):
    block = year.open_programme().host.block(DISTRICTS_BLOCK)
    columns = find_columns(block, ("备注", "截止月"))
    row = block.area[0] + 3
    type_in(year, "区县名录", {(row, columns["截止月"]): 2, (row, columns["备注"]): "并入戊县"})
    report = year.verb("amend")
    assert any("名录里没有这个区县" in line for line in report.lines)
    assert year.recorded() == []


def test_a_name_that_differs_and_a_row_that_is_missing_are_found_and_mended(year):
    block = year.open_programme().host.block(CUMULATIVE_BLOCK)
    rows = {cell.value: at[0] for at, cell in block.cells.items() if at[1] == 1}
    type_in(year, "累计完成", {(rows["D002"], 2): "乙市"})
    type_in(year, "汇总", {(7, 1): None})
    found = {(p["code"], p["sheet"]) for p in year.verb("check").data["problems"]}
    assert found == {("name-differs", "累计完成"), ("code-missing", "汇总")}
    report = year.verb("check", mend="")
    assert year.verb("check").clean
    assert any("名称改成了“乙县”" in line for line in report.lines)
    assert year.run("recompute", "2024-02").data["formulas"]["disagreements"] == []


def test_nothing_to_do_is_said_and_leaves_the_figures_alone(year):
    before = year.shown(CUMULATIVE_BLOCK)
    report = year.verb("amend")
    assert (report.data["changes"], report.clean) == ([], True)
    assert year.shown(CUMULATIVE_BLOCK) == before


def test_nothing_to_do_writes_nothing_and_is_no_step_to_undo(year):
    year.verb("amend")
    master = year.folder / "master.xlsm"
    before = master.read_bytes()
    report = year.verb("amend")
    assert "没有写入" in report.outcome
    assert master.read_bytes() == before
