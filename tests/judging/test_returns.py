"""Real workbooks beside their expected reading; every version must read what the first one sent out."""

import json

import pytest

from tests.data.make_returns import EXPECTED, FOLDER, FORM, RETURNS, expected
from tests.tools import forms
from xl_addin.form.identity import PAGED_LAYOUT
from xl_addin.judging.assess import assess

TOLD = json.loads(EXPECTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TOLD)
def test_each_return_is_read_as_expected(name):
    judged = assess((FOLDER / name).read_bytes(), name, forms.context())
    problems = sorted({(problem.cell, problem.code) for problem in judged.problems})
    assert {
        "verdict": judged.verdict,
        "problems": [list(problem) for problem in problems],
        "figures": {f.indicator: f.value for f in judged.figures if f.value is not None},
    } == TOLD[name]
    if judged.figures:
        assert (judged.district, judged.month) == ("500101", forms.MONTH)


def test_the_folder_and_the_table_are_the_same():
    files = {path.name for path in FOLDER.iterdir()} - {FORM.name, EXPECTED.name}
    assert files == TOLD.keys() == RETURNS.keys()
    assert {name: expected(item) for name, item in RETURNS.items()} == TOLD
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3 * 2**20


def test_the_form_of_the_first_version_is_read():
    judged = assess(FORM.read_bytes(), FORM.name, forms.context())
    assert (judged.verdict, judged.district, judged.month) == ("blank", "500101", forms.MONTH)


def test_a_form_of_a_version_to_come_is_held():
    data = forms.fill_form(layout=PAGED_LAYOUT + 1)
    judged = assess(data, "x.xlsx", forms.context())
    assert (judged.verdict, [p.code for p in judged.problems]) == ("held", ["newer-form"])
