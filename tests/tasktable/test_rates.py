"""Rates in a task table: read as percents, never added up, or refused."""

import io

import pytest
from openpyxl import Workbook

from xl_addin.model.records import FLOW, RATE
from xl_addin.system.errors import Refused
from xl_addin.tasktable.read import read_task_table


def table(heading, *values, total=None):
    """A table with people in one column and what is asked about in the next; a pair has a format."""
    book = Workbook()
    sheet = book.active
    sheet.append(["2023年任务表"])
    sheet.append(["乡镇", "随访（人）", heading])
    for name, value in zip(("长安镇", "板榄镇", "雅瑶乡"), values, strict=True):
        sheet.append([name, 100, value[0] if isinstance(value, tuple) else value])
        if isinstance(value, tuple):
            sheet.cell(sheet.max_row, 3).number_format = value[1]
    sheet.append(["合计", 300, total])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(*given, **more):
    return read_task_table(table(*given, **more), "表.xlsx")


def column(found):
    item = found.indicators[1]
    return item.unit, item.measure, [found.targets[d.code, item.code] for d in found.districts]


PERCENTS = ((0.95, "0%"), (0.9, "0%"), (0.925, "0.0%"))


@pytest.mark.parametrize(
    ("heading", "values", "targets"),
    [
        ("建档率（%）", (95, 90, 92), [95, 90, 92]),
        ("建档率（%）", PERCENTS, [95, 90, 92.5]),
        ("建档率（%）", ("95%", "90％", "92.5%"), [95, 90, 92.5]),
        ("建档率（%）", (95, (0.9, "0%"), "92.5%"), [95, 90, 92.5]),
        ("建档率", PERCENTS, [95, 90, 92.5]),
        ("占比", ((1, "0%"), (0.3, "0%"), (0.2, "0%")), [100, 30, 20]),
    ],
)
def test_a_rate_is_read_as_percents_however_it_is_written(heading, values, targets):
    found = read(heading, *values)
    assert column(found) == ("%", RATE, targets)
    assert not found.indicators[1].whole
    assert "read-as-rate" in {problem.code for problem in found.problems}
    assert found.indicators[0].measure == FLOW


@pytest.mark.parametrize(
    ("heading", "values", "code"),
    [
        ("建档率（%）", (0.95, 0.9, 0.92), "percent-unclear"),
        ("建档率（%）", (95, 90, 1), "percent-unclear"),
        ("新增（人）", ((0.95, "0%"), 10, 10), "not-a-number"),
    ],
)
def test_what_may_be_two_things_is_refused(heading, values, code):
    with pytest.raises(Refused) as refusal:
        read(heading, *values)
    assert code in {problem.code for problem in refusal.value.problems}


def test_rates_have_no_sum_to_disagree_with():
    found = read("建档率（%）", 95, 90, 92, total=(92.3))
    assert "total-mismatch" not in {problem.code for problem in found.problems}
    assert found.published == {"I01": 300}


def test_what_sounds_like_a_rate_and_has_no_unit_is_asked_about():
    found = read("体检率", 95, 90, 92)
    assert column(found) == ("", FLOW, [95, 90, 92])
    assert "like-a-rate" in {problem.code for problem in found.problems}
