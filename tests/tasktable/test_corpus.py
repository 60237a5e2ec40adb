"""Task tables of many kinds, each beside what it comes to.

Proves also tasktable/*.py.
"""

import pytest

from tests.data.task_tables import CASES
from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import read_choices
from xl_addin.tasktable.read import read_task_table


@pytest.mark.parametrize("name", CASES)
def test_a_table_is_read_right_or_refused(name):
    case = CASES[name]
    choices = read_choices(case.options)
    if case.refused:
        with pytest.raises(Refused) as caught:
            read_task_table(case.data(), "任务表.xlsx", case.year, choices)
        wrong = [p.code for p in caught.value.problems if p.severity == "error"]
        assert wrong == list(case.refused)
        return
    table = read_task_table(case.data(), "任务表.xlsx", case.year, choices)
    assert {
        d.name: [table.targets.get((d.code, i.code)) for i in table.indicators]
        for d in table.districts
    } == case.units
    if case.indicators:
        assert tuple(i.label for i in table.indicators) == case.indicators
    if case.counted_in is not None:
        assert tuple(i.unit for i in table.indicators) == case.counted_in
    told = {problem.code for problem in table.problems} - {"no-unit"}
    assert told >= set(case.told)
    if not case.told:
        assert told == set()
    assert table.account is not None
