"""Task tables of many shapes: what is read from each, and what is refused at which cell.

Proves also tasktable/*.py.
"""

import csv
from pathlib import Path

import pytest

from tests.data.make_workbooks import (
    EXAMPLE_FORM,
    NUMBERS,
    TASK_TABLE,
    make_example_form,
    make_task_table,
)
from tests.hostile.makers import SHEET, table, with_part
from tests.tools.systems import same_zlib
from tests.tools.tables import Date, Formula, workbook
from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import read_choices
from xl_addin.tasktable.read import read_task_table
from xl_addin.xlsx.package import inflate, unpack

NAMES = ("万州区", "黔江区", "涪陵区")
SCHOOLS = ("第一中学", "实验小学", "市特殊教育学校", "人民医院")


def read(rows, merged=(), file="任务表.xlsx", **more):
    return read_task_table(workbook({"任务表": rows}, merged, **more), file)


def body(width, names=NAMES):
    """Row n of the body holds 100 n + 10, 100 n + 20 and so on: parts below wholes need care."""
    return [
        [name, *(100 * n + 10 * (width - c) for c in range(width))]
        for n, name in enumerate(names, 1)
    ]


def shape_of(table):
    """Each indicator as (label, unit, parent)."""
    return [(i.label, i.unit, i.parent) for i in table.indicators]


def problems_of(table):
    return [(p.cell, p.code) for p in table.problems]


def refused(rows, merged=(), **more):
    with pytest.raises(Refused) as caught:
        read(rows, merged, **more)
    return [(p.cell, p.code) for p in caught.value.problems if p.severity == "error"]


def grown(table):
    """The targets in reading order."""
    return [
        [table.targets.get((d.code, i.code)) for i in table.indicators] for d in table.districts
    ]


# --- the real table -------------------------------------------------------------------------


def check_2023(table):
    with Path(NUMBERS).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    printed, *districts = [(name, list(map(int, values))) for name, *values in rows]
    assert [len(districts), len(table.indicators), len(table.targets)] == [41, 11, 451]
    assert grown(table) == [values for _, values in districts]
    assert [d.name for d in table.districts] == ["".join(name.split()) for name, _ in districts]
    assert [table.published[i.code] for i in table.indicators] == printed[1]
    assert [sum(column) for column in zip(*grown(table), strict=True)] == printed[1]
    assert shape_of(table) == [
        ("实用技术培训", "人次", ""),
        ("农村残疾人就业帮扶基地扶持数", "个", ""),
        ("就业 > 市政府民生实事新增残疾人就业", "人", ""),
        ("就业 > 新增城镇就业", "人", ""),
        ("就业 > 新增农村就业", "人", ""),
        ("就业 > 应届高校残疾毕业生就业服务数", "人", ""),
        ("就业 > 职业技能培训", "人", ""),
        ("托养服务 > 2023年任务数", "人", ""),
        ("托养服务 > 其中：政府购买服务", "人", "I08"),
        ("托养服务 > 其中：寄宿制", "人", "I08"),
        ("“德法相伴助盲提升”培训", "场次", ""),
    ]
    assert all(i.whole and i.measure == "flow" for i in table.indicators)
    assert table.title == "2023年全市残疾人教就工作重点项目任务表"
    by_name = {d.name: d for d in table.districts}
    assert (by_name["忠县"].code, "忠  县" in by_name["忠县"].aliases) == ("500233", True)
    assert (by_name["石柱县"].code, by_name["两江新区"].code) == ("500240", "5001LJ")
    assert "石柱土家族自治县" in by_name["石柱县"].aliases
    goals = {i.label: i.goal for i in table.indicators if i.goal is not None}
    assert goals == {
        "实用技术培训": 10000,
        "托养服务 > 2023年任务数": 20000,
        "就业 > 市政府民生实事新增残疾人就业": 2000,
        "就业 > 职业技能培训": 5000,
    }


def test_the_2023_table_equals_the_notice():
    table = read_task_table(TASK_TABLE.read_bytes(), TASK_TABLE.name)
    check_2023(table)
    assert table.problems == ()
    assert (table.cells["500101", "I01"], table.cells["5001WS", "I11"]) == ("B6", "L46")


def test_the_numbers_on_file_are_those_of_the_notice():
    with Path(NUMBERS).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows].index("忠  县") == 30
    sums = [sum(int(row[c]) for row in rows[1:]) for c in range(1, 12)]
    assert sums == [10000, 33, 2000, 1746, 2454, 957, 5000, 20441, 7998, 712, 44]


@same_zlib
def test_the_2023_workbook_is_made_the_same_every_time(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        make_task_table(tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == TASK_TABLE.read_bytes()
    assert (tmp_path / "b.xlsx").read_bytes() == TASK_TABLE.read_bytes()
    make_example_form(tmp_path / "c.xlsx")
    assert (tmp_path / "c.xlsx").read_bytes() == EXAMPLE_FORM.read_bytes()


def test_the_2023_workbook_is_valid(validator):
    assert validator(TASK_TABLE) == []


@pytest.mark.libreoffice
@pytest.mark.parametrize("ending", ["xls", "ods", "et"])
def test_the_2023_table_in_other_formats(ending, office, tmp_path):
    made = office.convert(TASK_TABLE, tmp_path, "xls" if ending == "et" else ending)
    table = read_task_table(made.read_bytes(), f"2023.{ending}")
    check_2023(table)
    assert table.problems == ()


# --- shapes ---------------------------------------------------------------------------------


def test_one_header_row():
    table = read([["区县", "培训（人次）", "其中：女（人次）", "补贴（万元）"], *body(3)])
    assert shape_of(table) == [
        ("培训", "人次", ""),
        ("培训 > 其中：女", "人次", "I01"),
        ("补贴", "万元", ""),
    ]
    assert [i.whole for i in table.indicators] == [True, True, False]
    assert grown(table)[2] == [330, 320, 310]
    assert table.problems == ()


def test_two_merged_header_rows_with_the_unit_above():
    rows = [["单位名称", "就业（人）", None, "基地（个）"], [None, "城镇", "农村", None], *body(3)]
    table = read(rows, ["A1:A2", "B1:C1", "D1:D2"])
    assert shape_of(table) == [
        ("就业 > 城镇", "人", ""),
        ("就业 > 农村", "人", ""),
        ("基地", "个", ""),
    ]


def test_three_header_rows_never_merged():
    rows = [
        ["区县", "培训（人次）", "就业（人）", None, None, "托养（人）", None, None, "宣传（场）"],
        [None, None, "城镇", "农村", None, "任务数", "其中政府购买", "其中", None],
        [None, None, None, "常年", "季节", None, None, "寄宿制", None],
        *body(8),
    ]
    assert shape_of(read(rows)) == [
        ("培训", "人次", ""),
        ("就业 > 城镇", "人", ""),
        ("就业 > 农村 > 常年", "人", ""),
        ("就业 > 农村 > 季节", "人", ""),
        ("托养 > 任务数", "人", ""),
        ("托养 > 其中：政府购买", "人", "I05"),
        ("托养 > 其中：寄宿制", "人", "I05"),
        ("宣传", "场", ""),
    ]


def test_four_header_rows_repeated_instead_of_merged():
    rows = [
        ["区县", "年度任务", "年度任务", "年度任务", "年度任务"],
        ["区县", "就业（人）", "就业（人）", "就业（人）", "投入（万元）"],
        ["区县", "城镇", "城镇", "农村", "投入（万元）"],
        ["区县", "男", "女", "农村", "投入（万元）"],
        *body(4),
    ]
    assert shape_of(read(rows)) == [
        ("年度任务 > 就业 > 城镇 > 男", "人", ""),
        ("年度任务 > 就业 > 城镇 > 女", "人", ""),
        ("年度任务 > 就业 > 农村", "人", ""),
        ("年度任务 > 投入", "万元", ""),
    ]


def test_a_column_beside_a_merged_group_is_not_part_of_it():
    rows = [["区县", "托养（人）", None, None], [None, "任务数", "寄宿", "培训（人）"], *body(3)]
    assert shape_of(read(rows, ["A1:A2", "B1:C1"])) == [
        ("托养 > 任务数", "人", ""),
        ("托养 > 寄宿", "人", ""),
        ("培训", "人", ""),
    ]


def test_a_column_of_another_unit_is_not_part_of_an_unmerged_group():
    rows = [["区县", "托养（人）", None, None], [None, "任务数", "寄宿", "培训（场次）"], *body(3)]
    assert shape_of(read(rows))[2] == ("培训", "场次", "")


@pytest.mark.parametrize(
    "spelling",
    [
        ["其中女性"],
        ["其中：女性"],
        ["其中:女性"],
        ["其中\n女性"],
        ["其中： 女性"],
        ["其 中\n女性（人）"],
        ["其中，女性"],
        ["其中", "女性"],
        ["其中：", "女性"],
        ["其中（人）", "女性"],
    ],
)
def test_a_part_however_it_is_spelled(spelling):
    rows = [["区县", "培训（人）", spelling[0]], [None, None, *spelling[1:]], *body(2)]
    if len(spelling) == 1:
        del rows[1]
    table = read(rows)
    assert shape_of(table) == [("培训", "人", ""), ("培训 > 其中：女性", "人", "I01")]
    assert table.problems == ()


def test_one_heading_of_parts_over_several_columns_makes_siblings():
    rows = [
        ["区县", "托养（人）", "其中", None, "宣传（场）"],
        [None, None, "购买", "寄宿", None],
        *body(4),
    ]
    for merged in ([], ["A1:A2", "B1:B2", "C1:D1", "E1:E2"]):
        assert shape_of(read(rows, merged)) == [
            ("托养", "人", ""),
            ("托养 > 其中：购买", "人", "I01"),
            ("托养 > 其中：寄宿", "人", "I01"),
            ("宣传", "场", ""),
        ]


def test_parts_of_one_name_belong_to_the_column_before_them():
    rows = [
        ["区县", "就业（人）", None, None, None],
        [None, "城镇", "其中：女", "农村", "其中：女"],
        *body(4),
    ]
    assert shape_of(read(rows, ["A1:A2", "B1:E1"])) == [
        ("就业 > 城镇", "人", ""),
        ("就业 > 城镇 > 其中：女", "人", "I01"),
        ("就业 > 农村", "人", ""),
        ("就业 > 农村 > 其中：女", "人", "I03"),
    ]
    rows = [["区县", "城镇（人）", "其中：女", "农村（人）", "其中：女"], *body(4)]
    assert [parent for _, _, parent in shape_of(read(rows))] == ["", "I01", "", "I03"]


def test_a_part_in_another_unit_or_without_a_whole_stands_alone():
    rows = [["区县", "其中：女（人）", "培训（人）", "其中：补贴（万元）"], *body(3)]
    table = read(rows)
    assert [parent for _, _, parent in shape_of(table)] == ["", "", ""]
    assert problems_of(table) == [("B1", "part-without-whole"), ("D1", "part-in-other-unit")]


def test_a_part_does_not_belong_to_another_group():
    rows = [
        ["区县", "就业（人）", None, "托养（人）", None],
        [None, "城镇", "农村", "其中：购买", "其他"],
        *body(4),
    ]
    table = read(rows, ["A1:A2", "B1:C1", "D1:E1"])
    assert shape_of(table)[2] == ("托养 > 其中：购买", "人", "")
    assert problems_of(table) == [("D2", "part-without-whole")]


def test_titles_unit_line_and_notes_with_numbers():
    rows = [
        ["附件2"],
        ["2024年度重点工作任务分解表"],
        [None, None, None, "单位：人"],
        [],
        ["区县", "培训", "就业", "投入（万元）"],
        *body(3),
        ["注：1. 培训含2023年结转的 20 人；2. 投入按 1.5 倍计。"],
        ["填表人：张三", "审核人：李四"],
        [],
        ["某某市残疾人联合会"],
        ["2024年3月7日"],
    ]
    table = read(rows, ["A2:D2", "A9:D9"])
    assert table.title == "2024年度重点工作任务分解表"
    assert shape_of(table) == [("培训", "人", ""), ("就业", "人", ""), ("投入", "万元", "")]
    assert [d.name for d in table.districts] == list(NAMES)
    assert table.problems == ()


def test_two_units_above_a_table_are_a_doubt_where_a_heading_has_none():
    rows = [["2024年任务分解表（单位：万亩）"], [None, "单位：亩"], ["区县", "造林"], *body(1)]
    assert refused(rows) == [("A1", "unit-twice")]
    rows[2] = ["区县", "造林（亩）"]
    assert shape_of(read(rows)) == [("造林", "亩", "")]


def test_a_column_laid_out_as_two_is_one():
    wide = [[name, value, None, value + 1] for name, value in body(1)]
    rows = [["2024年任务表"], ["区县", "培训（人）", None, "就业（人）"], *wide]
    merged = ["A1:D1", *(f"B{row}:C{row}" for row in range(2, 3 + len(NAMES)))]
    table = read(rows, merged)
    assert shape_of(table) == [("培训", "人", ""), ("就业", "人", "")]
    assert table.problems == ()
    # A value over two columns that are two is still nobody's.
    rows[1][2] = "其他（人）"
    assert {code for _, code in refused(rows, merged[2:])} == {"merged-cells"}


def test_a_unit_in_the_bracket_of_any_level_or_a_row_of_units():
    rows = [
        ["区县", "培训(人次)", "设备", "设备", "合同"],
        [None, None, "车（台）", "床", "数"],
        [None, "人次", "台", "张", "份"],
        *body(4),
    ]
    assert shape_of(read(rows)) == [
        ("培训", "人次", ""),
        ("设备 > 车", "台", ""),
        ("设备 > 床", "张", ""),
        ("合同 > 数", "份", ""),
    ]


def test_a_bracket_that_is_no_unit_stays_in_the_name():
    rows = [["区县", "培训（含网络）（人次）", "就业（城镇）"], *body(2)]
    table = read(rows)
    assert shape_of(table) == [("培训（含网络）", "人次", ""), ("就业（城镇）", "", "")]
    assert problems_of(table) == [("C1", "no-unit")]


@pytest.mark.parametrize(
    "word", ["合计", "合  计", "总计", "全市", "全市合计", "总 计：", "各区县合计"]
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_total_row_anywhere(word, place):
    rows = body(2)
    rows.insert(place, [word, 660, 630])
    table = read([["区县", "培训（人）", "就业（人）"], *rows])
    assert table.published == {"I01": 660, "I02": 630}
    assert [d.name for d in table.districts] == list(NAMES)
    assert table.problems == ()


def test_no_total_row():
    table = read([["区县", "培训（人）", "就业（人）"], *body(2)])
    assert table.published == {}
    assert table.problems == ()


def test_a_total_merged_over_the_columns_left_of_its_numbers():
    rows = [
        ["序号", "区县", "培训（人）"],
        ["合计", None, 630],
        *([n, *row] for n, row in enumerate(body(1), 1)),
    ]
    table = read(rows, ["A2:B2"])
    assert table.published == {"I01": 630}
    assert table.problems == ()


def test_subtotals_are_left_out_and_mentioned():
    rows = [
        ["区县", "培训（人）"],
        ["主城片区小计", 110],
        ["万州区", 110],
        ["渝东南合计", 520],
        ["黔江区", 210],
        ["涪陵区", 310],
        ["小计", 630],
        ["合计", 630],
    ]
    table = read(rows)
    assert [d.name for d in table.districts] == list(NAMES)
    assert problems_of(table) == [
        ("A2", "subtotal-skipped"),
        ("A4", "subtotal-skipped"),
        ("A7", "subtotal-skipped"),
    ]


def test_schools_and_hospitals_get_codes_of_their_own():
    rows = [
        ["序号", "学校名称", "招生（人）", "备注"],
        *([n, *row] for n, row in enumerate(body(1, SCHOOLS), 1)),
    ]
    table = read(rows)
    assert [(d.code, d.name) for d in table.districts] == [
        (f"D{n:03d}", name) for n, name in enumerate(SCHOOLS, 1)
    ]
    assert shape_of(table) == [("招生", "人", "")]
    assert grown(table) == [[110], [210], [310], [410]]
    assert table.problems == ()


@pytest.mark.parametrize("left", [True, False])
def test_a_column_of_codes_gives_the_codes(left):
    lines = [
        ["区县代码", "区县"],
        [510104, "锦江区"],
        ["５１０１０５", "青羊区"],
        ["X-1", "高新区"],
    ]
    rows = [[*(pair if left else pair[::-1]), n] for n, pair in enumerate(lines)]
    rows[0][2] = "培训（人）"
    table = read(rows)
    assert [d.code for d in table.districts] == ["510104", "510105", "X-1"]
    assert shape_of(table) == [("培训", "人", "")]
    assert table.problems == ()


def test_a_table_that_does_not_start_at_a1():
    rows = [
        [],
        [],
        *([None, None, None, *row] for row in [["区县", "培训（人）", "就业（人）"], *body(2)]),
    ]
    table = read(rows)
    assert table.cells["500101", "I02"] == "F4"
    assert grown(table) == [[120, 110], [220, 210], [320, 310]]


def test_names_with_their_number_in_the_list():
    table = read([["区县", "培训（人）"], ["1.万州区", 3], ["2、忠  县", 4], ["(3)第一所", 5]])
    assert [(d.code, d.name) for d in table.districts] == [
        ("500101", "万州区"),
        ("500233", "忠县"),
        ("D003", "第一所"),
    ]


def test_the_title_is_neither_the_date_nor_the_unit():
    head = [["2024年任务表（单位：人）"], ["填报单位：市残联", None, "2024年12月31日"]]
    table = read([*head, ["区县", "培训", "就业"], *body(2)], ["A1:C1"])
    assert (table.title, shape_of(table)[0]) == ("2024年任务表", ("培训", "人", ""))
    assert read([["区县", "培训（人）"], *body(1)], file="2025计划.xlsx").title == "2025计划"


def test_known_names_win_over_a_column_that_is_headed_like_one():
    rows = [
        ["承办单位", "名录", "培训（人）"],
        ["甲所", "万州区", 1],
        ["乙所", "忠县", 2],
        ["丙所", "云阳县", 2],
    ]
    assert [d.name for d in read(rows).districts] == ["万州区", "忠县", "云阳县"]


def test_schools_that_stand_beside_their_districts():
    rows = [
        ["区县", "学校", "培训（人）"],
        *(["万州区" if n < 3 else "忠县", f"第{n}所", n] for n in range(6)),
    ]
    assert [d.name for d in read(rows).districts] == [f"第{n}所" for n in range(6)]


def test_a_grouping_column_left_of_the_names():
    rows = [
        ["片区", "区县", "培训（人）"],
        ["东北", "万州区", 1],
        [None, "云阳县", 2],
        ["东南", "黔江区", 3],
    ]
    table = read(rows, ["A2:A3"])
    assert [d.name for d in table.districts] == ["万州区", "云阳县", "黔江区"]
    assert table.problems == ()


def test_numbering_row_and_headers_repeated_on_a_new_page():
    head, numbering = ["区县", "培训（人）", "就业（人）"], ["甲", 1, 2]
    first, *others = body(2)
    table = read([head, numbering, first, head, numbering, *others])
    assert grown(table) == [[120, 110], [220, 210], [320, 310]]
    assert shape_of(table) == [("培训", "人", ""), ("就业", "人", "")]


def test_years_as_numbers_in_the_header():
    rows = [["区县", "培训（人）", None], [None, 2023, 2024], *body(2)]
    assert [label for label, _, _ in shape_of(read(rows, ["A1:A2", "B1:C1"]))] == [
        "培训 > 2023",
        "培训 > 2024",
    ]


def test_the_table_on_the_second_sheet():
    sheets = {
        "说明": [["填表说明"], ["一、请于 3 月 5 日前填报"], ["联系电话", 63851234]],
        "附表": [["区县", "培训（人）"], *body(1)],
    }
    table = read_task_table(workbook(sheets), "x.xlsx")
    assert (table.sheet, grown(table)) == ("附表", [[110], [210], [310]])
    assert table.problems == ()


def test_visible_sheets_come_first_and_other_tables_are_mentioned():
    old, new = [["区县", "培训（人）"], *body(1)], [["区县", "就业（人）"], *body(1)]
    hidden = workbook({"旧": [*old, ["忠县", 1]], "新": new}, hidden=["旧"])
    assert (read_task_table(hidden, "x").sheet, read_task_table(hidden, "x").problems) == ("新", ())
    both = read_task_table(workbook({"旧": old, "新": [*new, ["忠县", 1]]}), "x")
    assert (both.sheet, [(p.sheet, p.cell, p.code) for p in both.problems]) == (
        "新",
        [("旧", "A2", "other-table")],
    )


def test_only_a_hidden_sheet_has_the_table():
    data = workbook({"表": [["区县", "培训（人）"], *body(1)], "封面": [["封面"]]}, hidden=["表"])
    table = read_task_table(data, "x")
    assert (table.sheet, problems_of(table)) == ("表", [("", "hidden-sheet")])


def test_hidden_rows_are_read_and_mentioned():
    table = read([["区县", "培训（人）"], *body(1)], hidden_rows=[3])
    assert (grown(table), problems_of(table)) == ([[110], [210], [310]], [("A3", "hidden-row")])


# --- cells ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [("１２０", 120), ("1,200", 1200), (" 120 ", 120), ("120人", 120), ("1，200", 1200)],
)
def test_numbers_written_as_text_are_read_and_mentioned(written, value):
    table = read([["区县", "培训（人）", "就业（人）"], ["万州区", written, 1], ["忠县", 1, 1]])
    assert table.targets["500101", "I01"] == value
    assert problems_of(table) == [("B2", "read-as-number")]


@pytest.mark.parametrize("mark", ["-", "—", "——", "/", "／", "－", "无"])
def test_a_dash_is_no_target_and_no_problem(mark):
    table = read([["区县", "培训（人）", "就业（人）"], ["万州区", mark, 1], ["忠县", 0, 1]])
    assert ("500101", "I01") not in table.targets
    assert table.targets["500233", "I01"] == 0
    assert table.problems == ()


def test_districts_without_any_target_are_kept():
    rows = [
        ["区县", "培训（人）", "就业（人）"],
        ["渝中区", "-", "-"],
        *body(2),
        ["忠县", "—", "—"],
        ["石柱县"],
        ["两江新区", "/", "/"],
    ]
    table = read(rows)
    assert [d.name for d in table.districts] == ["渝中区", *NAMES, "忠县", "石柱县", "两江新区"]
    assert problems_of(table) == [("B7", "blank")]


def test_blank_cells_are_mentioned_each_or_once_for_many():
    table = read([["区县", "培训（人）", "就业（人）"], ["万州区", None, 1], ["忠县", 2, None]])
    assert table.targets == {("500101", "I02"): 1, ("500233", "I01"): 2}
    assert problems_of(table) == [("B2", "blank"), ("C3", "blank")]
    many = read(
        [
            ["区县", "培训（人）", "就业（人）"],
            *([f"第{n}所", n, None] for n in range(20)),
            ["末所", 1, 5],
        ]
    )
    assert problems_of(many) == [("C2", "blank")]


def test_formulas_with_values_are_numbers():
    table = read([["区县", "培训（人）"], ["万州区", Formula("=60+60", 120)], ["忠县", 1]])
    assert (table.targets["500101", "I01"], table.problems) == (120, ())


def test_fractions_of_people_are_mentioned_and_of_money_not():
    table = read([["区县", "培训（人）", "补贴（万元）"], ["万州区", 1.5, 2.5], ["忠县", 1, 1]])
    assert problems_of(table) == [("B2", "not-whole")]


def test_words_columns_are_left_out_and_mentioned_only_if_they_hold_something():
    rows = [
        ["区县", "培训（人）", "责任单位", "备注"],
        ["万州区", 1, "教就部", None],
        ["忠县", 2, None, None],
    ]
    table = read(rows)
    assert shape_of(table) == [("培训", "人", "")]
    assert problems_of(table) == [("C2", "column-skipped")]


def test_numbers_that_are_not_read_are_mentioned():
    rows = [
        ["上年完成", 5],
        [],
        ["编码", "区县", "培训（人）", "备注", None, None],
        [7, "万州区", 1, "另加 20 人"],
        [9, "忠县", 2, None, None, 77],
        [3, "石柱县", 2],
        ["", "注：", 99],
    ]
    rows[2][0] = "人口"
    table = read(rows)
    assert ("A4", "column-skipped") in problems_of(table)
    assert ("D4", "column-skipped") in problems_of(table)
    assert ("F5", "number-skipped") in problems_of(table)
    assert ("C7", "number-skipped") in problems_of(table)
    assert len(table.targets) == 3


def test_a_row_of_words_at_the_bottom_is_mentioned():
    table = read([["区县", "培训（人）"], *body(1, SCHOOLS), ["附属幼儿园"]])
    assert (len(table.districts), problems_of(table)) == (4, [("A6", "row-skipped")])


# --- agreement ------------------------------------------------------------------------------


def test_a_total_that_is_not_the_sum_is_mentioned_with_both_numbers():
    table = read([["区县", "培训（人）", "就业（人）"], ["合计", 600, 630], *body(2)])
    assert table.published == {"I01": 600, "I02": 630}
    assert problems_of(table) == [("B2", "total-mismatch")]
    (problem,) = table.problems
    assert "600" in problem.message
    assert "660" in problem.message
    assert problem.message.startswith("任务表!B2：")


def test_a_second_total_row_is_checked_and_mentioned():
    table = read([["区县", "培训（人）"], ["合计", 630], *body(1), ["总计", 631]])
    assert table.published == {"I01": 630}
    assert problems_of(table) == [("A6", "total-twice"), ("B6", "total-mismatch")]


def test_a_part_above_its_whole_is_mentioned():
    table = read([["区县", "培训（人）", "其中：女"], ["万州区", 5, 6], ["忠县", 5, 5]])
    assert problems_of(table) == [("C2", "child-above-parent")]


def test_a_total_under_another_name_is_none_of_the_districts():
    rows = body(2, SCHOOLS)
    everything = [sum(row[c] for row in rows) for c in (1, 2)]
    table = read([["单位", "培训（人）", "就业（人）"], ["本系统", *everything], *rows])
    assert problems_of(table) == [("A2", "looks-like-total")]
    assert [d.name for d in table.districts] == list(SCHOOLS)
    assert [table.published[i.code] for i in table.indicators] == everything
    near = [["单位", "培训（人）", "就业（人）"], ["本系统", *[everything[0]] * 2], *rows]
    assert refused(near) == [("A2", "row-in-doubt")]
    near[1][2] = 1
    assert problems_of(read(near)) == [("A2", "row-unlike")]


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2000万", "not-a-number"),
        ("3-5", "not-a-number"),
        ("一百二十", "not-a-number"),
        ("待定", "not-a-number"),
        ("约30", "not-a-number"),
        (Formula("=X1", "#REF!"), "error-value"),
        (Formula("=1+1"), "no-value"),
        (-5, "negative"),
        ("-5", "negative"),
        (Date(44990), "not-a-number"),
        (True, "not-a-number"),
    ],
)
@pytest.mark.parametrize("name", ["万州区", "第一中学"])
@pytest.mark.parametrize("row", [2, 3, 4])
def test_what_is_no_number_is_refused_at_its_cell(value, code, name, row):
    rows = [["区县", "培训（人）", "就业（人）"], *([f"{n}所", 1, 2] for n in "甲乙丙")]
    rows[row - 1] = [name, value, 1]
    assert refused(rows) == [(f"B{row}", code)]


def test_a_row_in_which_nothing_is_a_number_is_still_a_district():
    rows = [
        ["区县", "培训（人）", "就业（人）"],
        *body(2),
        ["忠县", "2000万", "3-5"],
        ["第一所", "3-5", "7个左右"],
    ]
    assert refused(rows) == [(c, "not-a-number") for c in ("B5", "C5", "B6", "C6")]


@pytest.mark.parametrize("name", ["渝中区", "第一中学"])
def test_a_first_row_of_words_is_no_header(name):
    rows = [["单位", "培训（人）", "就业（人）"], [name, "待定", "未定"], *body(2)]
    assert refused(rows) == [("B2", "not-a-number"), ("C2", "not-a-number")]


def test_a_row_that_a_total_leaves_out_is_named_with_what_leaves_it_out():
    rows = [
        ["区县", "培训（人）"],
        ["甲县", 201],
        ["乙县", 102],
        ["丙县", 53],
        ["城二区", 303],
        ["合计", 356],
    ]
    (problem,) = read(rows).problems
    assert problem.code == "total-mismatch"
    assert "城二区" in problem.message
    assert "--skip-row 5" in problem.message
    choices = read_choices({"skip-row": "5"})
    table = read_task_table(workbook({"任务表": rows}), "任务表.xlsx", 0, choices)
    assert table.problems == ()


def test_a_total_in_words_is_told_and_not_compared():
    rows = [["单位", "培训（人）", "就业（人）"], ["合计", "见附件", "待定"], *body(2)]
    table = read(rows)
    assert [(p.cell, p.code) for p in table.problems] == [
        ("B2", "total-unchecked"),
        ("C2", "total-unchecked"),
    ]
    assert table.published == {}


def test_a_last_row_of_formulas_without_values_is_still_a_district():
    rows = [["单位", "培训（人）"], *body(1, SCHOOLS), ["丙所", Formula("=1+1")]]
    assert refused(rows) == [("B6", "no-value")]


def test_everything_wrong_is_told_at_once():
    rows = [
        ["区县", "培训（人）", "就业（人）"],
        ["合计", "约600", None],
        ["万州区", "2000万", -1],
        ["忠  县", 1, Formula("=A9", "#REF!")],
        ["忠县", 2, 3],
    ]
    assert refused(rows) == [
        ("B2", "not-a-number"),
        ("B3", "not-a-number"),
        ("C3", "negative"),
        ("C4", "error-value"),
        ("A5", "district-twice"),
    ]


@pytest.mark.parametrize("second", ["万州区", "万 州 区", "万州", "重庆市万州区", "万州区残联"])
def test_a_district_twice_names_both_cells(second):
    rows = [["区县", "培训（人）"], ["万州区", 1], ["忠县", 2], [second, 3]]
    with pytest.raises(Refused) as caught:
        read(rows)
    (problem,) = caught.value.problems
    assert (problem.cell, problem.code) == ("A4", "district-twice")
    assert "A2" in problem.message


def test_a_code_twice_is_refused():
    rows = [["代码", "单位", "培训（人）"], ["K1", "甲所", 1], ["K1", "乙所", 2], ["K3", "丙所", 2]]
    assert refused(rows) == [("B3", "district-twice")]


def test_an_indicator_twice_names_both_cells():
    rows = [["区县", "就业（人）", None, "就业（人）"], [None, "城镇", "农村", "城镇"], *body(3)]
    with pytest.raises(Refused) as caught:
        read(rows, ["A1:A2", "B1:C1"])
    (problem,) = caught.value.problems
    assert (problem.cell, problem.code) == ("D2", "indicator-twice")
    assert "B2" in problem.message


@pytest.mark.parametrize(
    ("area", "cell"), [("B3:B4", "B3"), ("B3:C3", "B3"), ("C4:C5", "C4"), ("B2:C2", "B2")]
)
def test_merged_numbers_are_refused(area, cell):
    rows = [["区县", "培训（人）", "就业（人）"], ["合计", 660, 630], *body(2)]
    assert (cell, "merged-cells") in refused(rows, [area])


def test_names_in_a_second_column_or_in_the_header_are_refused():
    rows = [
        ["区县", "培训（人）", "区县", "就业（人）"],
        ["万州区", 1, "忠县", 4],
        ["黔江区", 1, "石柱县", 4],
    ]
    assert refused(rows) == [("C1", "second-names")]
    rows = [
        ["指标", "万州区", "忠县"],
        ["培训（人）", 1, 2],
        ["就业（人）", 1, 2],
        ["宣传（场）", 1, 2],
    ]
    assert refused(rows) == [("B1", "transposed")]


def test_a_name_merged_over_two_rows_is_refused():
    rows = [["区县", "培训（人）"], ["万州区", 1], [None, 2], ["忠县", 3], ["石柱县", 3]]
    assert refused(rows, ["A2:A3"]) == [("A3", "merged-cells")]


def test_numbers_without_a_name_or_a_header_are_refused():
    rows = [["区县", "培训（人）"], *([*row, 9] for row in body(1)), [None, 630]]
    assert refused(rows) == [("C2", "no-header"), ("B5", "row-without-name")]


def test_a_table_without_headers_is_refused():
    assert refused(body(2)) == [("A1", "no-header")]


def test_five_header_rows_are_refused():
    rows = [
        ["区县", "年度"],
        [None, "任务"],
        [None, "就业"],
        [None, "城镇"],
        [None, "人数"],
        *body(1),
    ]
    rows = [[*row, f"{row[1]}二" if row[0] is None or row[0] == "区县" else 5] for row in rows]
    assert refused(rows, ["A1:A5"]) == [("A1", "header-too-deep")]


@pytest.mark.parametrize("corner", ["区县", None])
def test_a_second_table_below_is_refused(corner):
    rows = [
        ["区县", "培训（人）", "就业（人）"],
        *body(2),
        [],
        [corner, "托养（人）", "宣传（场）"],
        ["忠县", 1, 2],
        ["石柱县", 1, 2],
    ]
    assert ("A6", "second-table") in refused(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [["会议通知"], ["请各单位于 3 月 5 日前报送"]],
        [],
        [[1, 2], [3, 4]],
        [["联系电话", 63851234]],
    ],
)
def test_no_table_says_what_was_looked_for_and_where(rows):
    with pytest.raises(Refused) as caught:
        read_task_table(workbook({"通知": rows, "另一张": []}), "通知.xlsx")
    assert [p.code for p in caught.value.problems] == ["no-table"]
    assert all(word in caught.value.message for word in ("通知.xlsx", "“通知”", "“另一张”", "表头"))


def test_a_file_that_is_no_workbook_is_refused_with_its_reason():
    with pytest.raises(Refused) as caught:
        read_task_table(b"%PDF-1.7", "任务表.xls")
    assert [p.code for p in caught.value.problems] == ["scan"]
    assert "任务表.xls" in caught.value.message


@pytest.mark.libreoffice
def test_an_error_cell_in_an_xls_is_refused_and_not_read_as_blank(office, tmp_path):
    source = tmp_path / "a.xlsx"
    rows = [["区县", "培训（人）"], *body(1), ["忠县", Formula("=1/0", "#DIV/0!")]]
    source.write_bytes(workbook({"任务表": rows}))
    for ending in ("xls", "ods"):
        data = office.convert(source, tmp_path / "out", ending).read_bytes()
        with pytest.raises(Refused) as caught:
            read_task_table(data, f"a.{ending}")
        assert [(p.cell, p.code) for p in caught.value.problems] == [("B5", "error-value")]


# --- city goals -----------------------------------------------------------------------------

GOAL_TABLE = [
    ["区县", "就业（人）", None, "培训（人次）"],
    [None, "城镇", "其中：女", None],
    *body(3),
]


def goals(*rows, head=("指标", "全市目标", "表述")):
    data = workbook(
        {"任务表": GOAL_TABLE, "全市目标": [list(head), *map(list, rows)]},
        ["A1:A2", "B1:C1", "D1:D2"],
    )
    table = read_task_table(data, "x.xlsx")
    return {i.code: i.goal for i in table.indicators if i.goal is not None}, [
        (p.sheet, p.cell, p.code) for p in table.problems
    ]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("就业 > 城镇", "I01"),
        ("就业>城镇", "I01"),
        ("城镇", "I01"),
        ("其中：女", "I02"),
        ("女", "I02"),
        ("培训", "I03"),
        (" 培 训 ", "I03"),
    ],
)
def test_goals_are_matched_by_path_or_leaf(label, code):
    assert goals([label, 500, "500 以上"]) == ({code: 500}, [])


def test_a_goal_by_full_path_is_not_taken_for_a_leaf_of_that_name():
    rows = [["区县", "就业（人）", None, "培训（人）"], [None, "培训", "安置", None], *body(3)]
    sheets = {"任务表": rows, "全市目标": [["指标", "全市目标"], ["培训", 5], ["安置", 6]]}
    table = read_task_table(workbook(sheets, ["A1:A2", "B1:C1", "D1:D2"]), "x.xlsx")
    assert [i.goal for i in table.indicators] == [None, 6, 5]
    sheets["全市目标"][1][0] = "就业 > 培训"
    table = read_task_table(workbook(sheets, ["A1:A2", "B1:C1", "D1:D2"]), "x.xlsx")
    assert [i.goal for i in table.indicators] == [5, 6, None]


def test_goals_that_fit_nothing_are_mentioned_and_columns_may_stand_in_any_order():
    found = goals(
        ["甲", "托养", 5],
        ["乙", "培训", 600],
        ["丙", "城镇", None],
        head=("依据", "指标", "全市目标"),
    )
    assert found == ({"I03": 600}, [("全市目标", "B2", "goal-unused")])


def test_a_goal_that_is_no_number_or_told_twice_is_refused():
    with pytest.raises(Refused) as caught:
        goals(["培训", "约五百"], ["城镇", 5], ["就业 > 城镇", 6])
    assert [(p.sheet, p.cell, p.code) for p in caught.value.problems] == [
        ("全市目标", "B2", "not-a-number"),
        ("全市目标", "A4", "goal-twice"),
    ]


def test_a_goals_sheet_without_its_headings_is_mentioned():
    assert goals(["培训", 5], head=("项目", "目标")) == ({}, [("全市目标", "", "no-header")])


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: table(11_000, 2), 250_000),
        (lambda: table(40, 60), 2_000),
        (lambda: merged(14), 250_000),
    ],
)
def test_a_sheet_too_large_to_be_a_task_table_is_told_and_not_read(make, most, monkeypatch):
    monkeypatch.setattr("xl_addin.tasktable.sheets._MOST_CELLS", most)
    with pytest.raises(Refused) as refused:
        read_task_table(make(), "表.xlsx")
    assert {"no-table", "too-large"} == {problem.code for problem in refused.value.problems}
    assert len(refused.value.problems) == 2
    assert "分成几张，每张各建一个年度任务" in refused.value.message
    assert all(problem.message in refused.value.message for problem in refused.value.problems)


def merged(count):
    """A small table under very many merged areas."""
    sheet = inflate(unpack(table(40, 11))[SHEET])
    areas = b"<mergeCells>" + b'<mergeCell ref="A1:CV190"/>' * count + b"</mergeCells>"
    return with_part(SHEET, sheet.replace(b"</sheetData>", b"</sheetData>" + areas))


def test_townships_by_the_thousand_are_read():
    assert len(read_task_table(table(3_000, 2), "表.xlsx").districts) == 3_000
