"""What is about single persons is seen, by heading or by what stands there."""

from __future__ import annotations

import pytest

from xl_addin.compare.personal import find_personal, is_personal, lists_persons
from xl_addin.formats.grid import Grid
from xl_addin.xlsx.cells import NUM, TEXT, Cell

_IDENTITY, _CARD = "50010119900101123X", "50010119900101123412"


def grid(*rows, sheet="表", hidden=False):
    cells = {
        (r, c): Cell(TEXT if isinstance(value, str) else NUM, value)
        for r, row in enumerate(rows, 1)
        for c, value in enumerate(row, 1)
        if value is not None
    }
    return Grid(sheet, cells, hidden=hidden)


@pytest.mark.parametrize(
    "heading",
    [
        "姓名",
        "身份证号",
        "身份证号码",
        "公民身份号码",
        "残疾证号",
        "残疾人证号码",
        "联系电话",
        "手机号",
        "家庭住址",
        "学员姓名",
        "银行卡号",
    ],
)
def test_a_heading_says_so(heading):
    assert is_personal(heading)
    assert [each.heading for each in find_personal([grid(["区县", heading], ["甲县", "某"])])] == [
        heading
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "区县名称",
        "就业人数",
        "电话回访人次",
        "持证残疾人数",
        "发放残疾人证",
        "地址不详人数",
        "单位名称",
        "培训人员数",
    ],
)
def test_a_heading_of_counts_does_not(heading):
    assert not is_personal(heading)


@pytest.mark.parametrize("content", [_IDENTITY, _CARD, "５０0101199001011234", 5.00101199001011e17])
def test_an_identity_is_seen_without_a_heading(content):
    [found] = find_personal([grid(["区县", "备注"], ["甲县", content])])
    assert (found.column, found.why) == (2, "内容像身份证号")


def test_some_mobile_numbers_are_a_column_and_one_below_a_table_is_not():
    numbers = [["甲县", 13900000001], ["乙县", "13900000002"], ["丙县", "139 0000 0003"]]
    assert len(find_personal([grid(["区县", "备注"], *numbers)])) == 1
    assert find_personal([grid(["区县", "数"], ["甲县", 1], ["电话：", 13900000001])]) == []


def test_figures_are_no_persons():
    assert find_personal([grid(["区县", "资金"], ["甲县", 123456789012], ["乙县", 500101])]) == []


def test_hidden_sheets_are_looked_at():
    found = find_personal(
        [grid(["区县", "数"]), grid(["姓名"], ["张三"], sheet="名单", hidden=True)]
    )
    assert [each.sheet for each in found] == ["名单"]


def test_a_list_has_more_rows_than_districts_beside_who_it_is():
    personal = find_personal([grid(["区县", "姓名", "性别"], ["甲县", "张三", "男"])])
    assert lists_persons(personal, "表", 3, 2)
    assert not lists_persons(personal, "表", 2, 2)
    assert not lists_persons(personal, "别的", 3, 2)
    contacts = find_personal([grid(["区县", "联系电话"], ["甲县", "1"])])
    assert not lists_persons(contacts, "表", 3, 2)
