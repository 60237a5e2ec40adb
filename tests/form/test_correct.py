"""What goes back with a form says what is wrong, whatever signs stand in the names of sheet and file."""

import io

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from tests.tools.forms import GOOD
from xl_addin.form.correct import correct
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
