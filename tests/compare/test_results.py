"""What two figures come to beside each other.

Proves also model/comparison.py.
"""

from __future__ import annotations

import pytest

from xl_addin.compare.columns import Column
from xl_addin.compare.readings import Reading
from xl_addin.compare.results import Tolerance, compare
from xl_addin.model import comparison
from xl_addin.model.comparison import CUMULATIVE, MONTHLY, Correspondence, Ours
from xl_addin.model.records import EMPTY, ILLEGIBLE, NOT_APPLICABLE, NUMBER

COLUMN = Column(3, (2, 3), "就业", "I01", CUMULATIVE, 6, "人", 1, "表头")


def theirs(value, state=NUMBER, column=COLUMN, last=0):
    return Reading("A", column, state, value if state == NUMBER else None, "C5", "", (), last)


@pytest.mark.parametrize(
    ("ours", "reading", "result"),
    [
        (Ours(5), theirs(5), comparison.SAME),
        (Ours(6), theirs(5), comparison.OURS_MORE),
        (Ours(4), theirs(5), comparison.OURS_LESS),
        (Ours(4, lacking="缺2月", counted="5/6"), theirs(5), comparison.OURS_PARTIAL),
        (Ours(6, lacking="缺2月", counted="5/6"), theirs(5), comparison.OURS_MORE),
        (
            Ours(4, lacking="缺6月"),
            theirs(5, column=COLUMN._replace(period=MONTHLY)),
            comparison.OURS_LESS,
        ),
        (Ours(None), theirs(5), comparison.OURS_MISSING),
        (Ours(None), theirs(0), comparison.OURS_MISSING),
        (Ours(0), theirs(None, EMPTY), comparison.THEIRS_MISSING),
        (Ours(None), theirs(None, EMPTY), comparison.BOTH_MISSING),
        (Ours(5), theirs(None, ILLEGIBLE), comparison.ILLEGIBLE),
        (Ours(None), theirs(None, ILLEGIBLE), comparison.ILLEGIBLE),
        (Ours(0), theirs(None, NOT_APPLICABLE), comparison.THEIRS_MISSING),
        (Ours(None, not_applicable=True), theirs(None, NOT_APPLICABLE), comparison.SAME),
        (Ours(None, not_applicable=True), theirs(0), comparison.OURS_MISSING),
        (Ours(0.3), theirs(0.1 + 0.2), comparison.SAME),
    ],
)
def test_a_pair_comes_to_one_result(ours, reading, result):
    line = compare(reading, ours, Tolerance())
    assert line.result == result
    both = ours.value is not None and reading.value is not None
    assert (line.difference is not None) == both


def test_the_larger_of_the_two_tolerances_counts():
    assert Tolerance(2, 0).allows(102, 100)
    assert not Tolerance(2, 0).allows(103, 100)
    assert Tolerance(2, 5).allows(105, 100)
    assert not Tolerance(2, 5).allows(106, 100)


def test_a_difference_below_their_last_digit_is_said_and_stays_one():
    line = compare(theirs(3500, last=100), Ours(3512), Tolerance())
    assert line.result == comparison.OURS_MORE
    assert any("100" in note for note in line.notes)
    assert compare(theirs(3500, last=10), Ours(3512), Tolerance()).notes == ()


def test_a_correspondence_is_about_a_column_by_any_of_its_names():
    said = Correspondence("新增 就业", "I01")
    assert said.says_of("B", "新增就业")
    assert not said.says_of("就业")
