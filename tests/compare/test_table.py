"""Tables of other offices beside what each comes to, in three formats.

Proves also compare/columns.py, compare/layout.py, compare/readings.py, compare/labels.py and compare/units.py.
"""

from __future__ import annotations

import pytest

from tests.data.compare_tables import CASES, DISTRICTS, INDICATORS, Case
from xl_addin.compare.table import TheirTable, Wanted, period_question, read_their_table
from xl_addin.formats.open import read_tables
from xl_addin.model.comparison import EVERY_COLUMN, MONTHLY, Correspondence
from xl_addin.model.records import EMPTY, ILLEGIBLE, NOT_APPLICABLE
from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import read_choices

_STATES = {EMPTY: None, ILLEGIBLE: "?", NOT_APPLICABLE: "—"}


def read(case: Case, data: bytes, file: str = "") -> TheirTable:
    """What is understood of a case's file."""
    document = read_tables(data, file or case.file)
    options = case.options
    monthly = (Correspondence(EVERY_COLUMN, period=MONTHLY, place="选项"),)
    wanted = Wanted(
        DISTRICTS,
        INDICATORS,
        2023,
        6,
        said=(*(monthly if "monthly" in options else ()), *case.said),
        choices=read_choices(options),
        add_rows="add-rows" in options,
    )
    return read_their_table(document.grids, document.paragraphs, file or case.file, wanted)


def pairs_of(table: TheirTable):
    """By (district, indicator) what they say."""
    names = {each.code: each.name for each in DISTRICTS}
    return {
        (names[r.district], r.column.indicator): r.value
        if r.value is not None
        else _STATES[r.state]
        for r in table.readings
    }


def hold(case: Case, data: bytes, file: str = "") -> None:
    """Whether a file comes to what its case says."""
    if case.refused:
        with pytest.raises(Refused) as refusal:
            read(case, data, file)
        codes = {problem.code for problem in refusal.value.problems}
        said = refusal.value.message
        assert all(each in codes or each in said for each in case.refused), (codes, said)
        return
    table = read(case, data, file)
    assert [each.indicator for each in table.unclear] == list(case.unclear)
    if case.unclear:
        assert period_question(table, {}).code == "period-unclear"
        return
    assert pairs_of(table) == dict(case.truth or {})
    assert {(c.period, c.as_of) for c in table.columns} == {(case.period, case.as_of)}
    assert {problem.code for problem in table.problems} == set(case.told)
    assert len(table.unknown) == case.unknown
    assert len(table.personal) == case.personal
    assert sum(bool(each.difference) for each in table.totals) == case.wrong_totals


@pytest.mark.parametrize("name", CASES)
def test_a_table_comes_to_what_stands_beside_it(name):
    hold(CASES[name], CASES[name].data())
