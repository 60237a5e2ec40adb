"""What goes back with a form says what is wrong, whatever signs stand in the names of sheet and file."""

import io

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from tests.tools.forms import GOOD
from xl_addin.form import layout
from xl_addin.form.correct import correct, corrected_form
from xl_addin.judging.assess import assess
from xl_addin.model.problems import place


def named(sheet, figures):
    book = load_workbook(io.BytesIO(forms.fill_form(figures)))
    book.worksheets[0].title = sheet
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("sheet", ["任务进度", "6月：任务进度", "：", "甲!F7：乙"])
@pytest.mark.parametrize("file", ["表.xlsx", "回复：转发：表.xlsx", "压缩包：一/表：二.xlsx"])
def test_a_remark_is_all_of_what_the_problem_says_and_nothing_of_its_place(sheet, file):
    data = named(sheet, {**GOOD, "I01": -3})
    [problem] = assess(data, file, forms.context()).problems
    assert (problem.sheet, problem.cell, problem.code) == (sheet, "F7", "negative")
    [inside] = assess(named("任务进度", {**GOOD, "I01": -3}), "x.xlsx", forms.context()).problems
    whole = problem._replace(sheet=sheet, cell="", message=f"{file}：和上个月的相同：请核对")
    correction = correct(forms.read_back(data), [problem, whole], forms.INDICATORS, 2, file)
    says = correction.review.reasons["I01"]
    assert f"{place(sheet, 'F7')}：{says}" == problem.message
    assert f"{place('任务进度', 'F7')}：{says}" == inside.message
    assert correction.elsewhere == ("和上个月的相同：请核对",)


def corrected(data):
    judged = assess(data, "表.xlsx", forms.context())
    reading = forms.read_back(data)
    correction = correct(reading, judged.problems, forms.INDICATORS, 2, "表.xlsx")
    issue = forms.issue(round=2)
    form = corrected_form(issue, correction, forms.INDICATORS, forms.SEVERITIES, forms.TERMS)
    sheet = load_workbook(io.BytesIO(form))["任务进度"]
    banner = load_workbook(io.BytesIO(form), data_only=True)["任务进度"]["A2"].value
    return correction, sheet, banner


def typed_over(**cells):
    book = load_workbook(io.BytesIO(forms.fill_form()))
    for at, value in cells.items():
        book["任务进度"][at].value = value
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("cells", "errors", "seen"),
    [
        ({"F7": -1.5}, 1, 1),  # negative and not whole: one row
        ({"F7": -1.5, "F8": "2000万", "G9": 40}, 3, 3),
        ({"F7": -1, "D12": 5}, 2, 1),  # what is restored the form does not see
        ({"D12": 5}, 1, 0),
        ({"F7": None, "G7": 75}, 1, 1),
    ],
)
def test_banner_and_list_count_alike_and_say_what_the_form_does_not_see(cells, errors, seen):
    correction, sheet, banner = corrected(typed_over(**cells))
    assert correction.errors == len(correction.listed) == errors
    summary = sheet.cell(layout.NOTE_ROW, 1).value
    assert f"有 {errors} 处要改" in summary
    assert banner == layout.banner(seen, layout.READY_AGAIN)
    # What the banner of a returned form never says is not what to wait for.
    assert layout.READY not in sheet["I3"].value
    assert (f"其中 {errors - seen} 处“校验”一列看不出来" in summary) == (seen < errors)


def test_a_given_total_comes_back_as_it_was_typed_and_the_formula_where_it_was_not():
    correction, sheet, _ = corrected(typed_over(G7=85, G9=29, I9="写了说明的"))
    assert correction.totals == {"I01": 85}
    assert (sheet["G7"].value, sheet["I9"].value) == (85, "写了说明的")
    assert str(sheet["G9"].value).startswith("=IF(")
    assert sheet["G7"].fill.fgColor.rgb == "FFFFB3B3"
    assert sheet["F7"].fill.fgColor.rgb == "FFFFF8DC"
    assert not sheet["G7"].protection.locked
