"""Stamping and reading a form are inverses; a form says what it is in three places.

Proves also form/blank.py, form/identity.py, form/layout.py, form/read.py and form/styles.py.
"""

import io

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from xl_addin.form import blank, identity, layout
from xl_addin.form.stamp import FormTemplate
from xl_addin.judging.rules import check_figures
from xl_addin.model.records import Indicator
from xl_addin.xlsx.package import unpack


@pytest.fixture(scope="module")
def sheet():
    return load_workbook(io.BytesIO(forms.fill_form()))["任务进度"]


def test_what_is_stamped_is_what_is_read():
    reading = forms.read_back(forms.fill_form())
    figures, problems = check_figures(
        reading, forms.INDICATORS, forms.TARGETS, forms.PREVIOUS, {}, forms.RULES
    )
    assert {f.indicator: f.value for f in figures} == forms.GOOD
    assert problems == ()
    assert reading.content == identity.canonical_text(
        forms.TARGETS, forms.PREVIOUS, forms.INDICATORS
    )
    assert reading.district == ("B3", "万州区")
    assert reading.month == ("A1", "2023-06")


def test_equal_input_gives_equal_bytes():
    assert forms.fill_form() == forms.fill_form()


def test_the_headings_stand_in_one_row_and_nothing_beside_them(sheet):
    row = [cell.value for cell in sheet[layout.HEADER_ROW] if cell.value is not None]
    assert row == [
        "序号",
        "指标",
        "计量单位",
        "年度任务数",
        "上月累计",
        "本月完成",
        "本月累计",
        "完成率",
        "说明",
        "校验",
    ]


def test_identity_is_carried_in_triplicate_and_again_in_the_sheet():
    found = forms.read_back(forms.fill_form()).identities
    assert [place for place, _ in found] == ["_meta!B1", "任务进度!K1", "名称", "文档属性"]
    assert {known for _, known in found} == {forms.issue().identity}


def test_only_what_a_district_types_is_unlocked(sheet):
    unlocked = {cell.coordinate for row in sheet for cell in row if not cell.protection.locked}
    rows = range(7, 15)
    entries = {f"{'G' if row == 13 else 'F'}{row}" for row in rows}
    totals = {f"G{row}" for row in rows}
    assert unlocked == entries | totals | {f"I{row}" for row in rows} | {
        "B4",
        "D3",
        "E3",
        "D4",
        "E4",
        "G3",
        "H3",
    }
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert not sheet.protection.formatColumns
    assert not sheet.protection.autoFilter
    assert sheet.auto_filter.ref == "A6:J14"


def test_every_entry_is_validated_and_explained(sheet):
    by_cell = {str(v.sqref): v for v in sheet.data_validations.dataValidation}
    for row in range(7, 15):
        rule = by_cell[f"{'G' if row == 13 else 'F'}{row}"]
        assert rule.type == ("decimal" if row == 14 else "whole")
        assert (rule.operator, rule.formula1) == ("greaterThanOrEqual", "0")
        assert rule.prompt
        assert rule.error


def test_it_prints_on_one_page_of_a4_landscape(sheet):
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight in (0, "0")
    assert sheet.print_area == "'任务进度'!$A$1:$J$14"
    assert sheet.print_title_rows == "$6:$6"


def test_nothing_personal_and_no_macro_is_inside():
    book = load_workbook(io.BytesIO(forms.fill_form()))
    assert not book.properties.creator
    assert not book.properties.lastModifiedBy
    assert not [name for name in unpack(forms.fill_form()) if "vba" in name.lower()]


def test_the_title_names_year_and_month(sheet):
    assert "2023年6月" in sheet["A1"].value


@pytest.mark.parametrize(
    ("change", "row", "says"),
    [
        ({"I01": None}, 7, "未填"),
        ({"I06": None}, 12, ""),
        ({"I01": "3-5"}, 7, "不是数字"),
        ({"I01": -1}, 7, "为负"),
        ({"I01": 1.5}, 7, "非整数"),
        ({"I08": 1.5}, 14, ""),
        ({"I05": 101}, 11, "其中大于总数"),
        ({"I07": 29}, 13, "低于上月累计"),
        ({}, 7, ""),
    ],
)
def test_the_form_says_itself_what_is_wrong(change, row, says):
    typed = {k: v for k, v in {**forms.GOOD, **change}.items() if v is not None}
    made = load_workbook(io.BytesIO(forms.fill_form(typed)), data_only=True)["任务进度"]
    assert (made[f"J{row}"].value or "") == says
    assert made["A2"].value == ("还有 1 处问题" if says else "可以上报")


def test_a_rule_that_is_off_does_not_nag_the_district():
    off = {**forms.SEVERITIES, "blank": "", "negative": "warning"}
    data = forms.form_template(off).stamp(forms.issue(), {**forms.GOOD, "I01": -3})
    made = load_workbook(io.BytesIO(data), data_only=True)["任务进度"]
    assert made["A2"].value == "可以上报"


def test_unknown_last_month_is_blank_and_not_zero():
    data = forms.form_template().stamp(forms.issue(previous={}), forms.GOOD)
    made = load_workbook(io.BytesIO(data), data_only=True)["任务进度"]
    assert made["E7"].value is None
    assert made["G7"].value in (None, "")


def test_a_table_with_many_indicators_still_fits():
    many = [Indicator(f"I{n:02d}", (f"指标{n}",), "人") for n in range(1, 61)]
    kit = FormTemplate(
        blank.build_form(many, forms.SEVERITIES, forms.TERMS), many, forms.SEVERITIES, ""
    )
    typed = {item.code: n for n, item in enumerate(many)}
    data = kit.stamp(
        forms.issue(targets=dict.fromkeys(typed, 100), previous={}, indicators=many), typed
    )
    sheet = load_workbook(io.BytesIO(data))["任务进度"]
    assert [sheet.cell(6 + n, 6).value for n in range(1, 61)] == list(range(60))
