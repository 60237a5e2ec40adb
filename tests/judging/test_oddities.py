"""The same figures from every way of writing the same workbook."""

import pytest

from tests.tools import forms
from tests.tools.forms import GOOD, fill_form
from tests.tools.oddities import ODDITIES
from xl_addin.judging.assess import assess
from xl_addin.xlsx.cells import DATE
from xl_addin.xlsx.values import date_text
from xl_addin.xlsx.workbook import Workbook

WRONG = {**GOOD, "I03": "约9", "I05": 101, "I08": None}


def read(data):
    judged = assess(data, "回报.xlsx", forms.context())
    return (
        judged.verdict,
        judged.district,
        judged.month,
        {f.indicator: (f.state, f.value, f.cell) for f in judged.figures},
        {(p.cell, p.code) for p in judged.problems},
    )


@pytest.mark.parametrize("name", ODDITIES)
def test_what_is_written_otherwise_is_read_alike(name):
    good = fill_form()
    odd = ODDITIES[name](good)
    assert odd != good
    assert read(odd) == read(good)
    wrong = fill_form({code: value for code, value in WRONG.items() if value is not None})
    if "25" not in name and "number" not in name:
        assert read(ODDITIES[name](wrong)) == read(wrong)


@pytest.mark.parametrize("first", ["strict", "prefixed elements", "inline strings", "UTF-16"])
@pytest.mark.parametrize(
    "second", ["absolute targets", "no results of formulas", "sizes behind the data"]
)
def test_two_oddities_at_once(first, second):
    good = fill_form()
    assert read(ODDITIES[first](ODDITIES[second](good))) == read(good)


def test_days_are_counted_from_1904_where_the_workbook_says_so():
    book = Workbook.open(ODDITIES["days from 1904"](fill_form()))
    day = book.sheet("任务进度").cells[4, 4]
    assert (day.kind, date_text(day.value)) == (DATE, "2023-06-30")


def test_a_wrong_entry_is_seen_through_every_oddity():
    wrong = fill_form({**GOOD, "I01": "2000万"})
    for name, change in ODDITIES.items():
        if name.startswith(("number", "a value", "the type")):
            continue
        verdict, _, _, figures, problems = read(change(wrong))
        assert (name, verdict, problems) == (name, "rejected", {("F7", "not-a-number")})
        assert figures["I01"][1] is None
