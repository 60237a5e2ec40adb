"""What staff settle about a task table, as they type it."""

import pytest

from xl_addin.model.records import FLOW, RATE, STOCK
from xl_addin.system.errors import Misused
from xl_addin.tasktable.choices import NO_CHOICES, Choices, describe_choices, read_choices


def test_rows_and_columns_are_named_as_the_sheet_has_them():
    options = {
        "skip-column": "E",
        "keep-column": "G-I，AA",
        "skip-row": "5、9-11",
        "sheet": "表 一",
    }
    assert read_choices(options) == Choices(
        "表 一",
        skipped_columns=frozenset({5}),
        kept_columns=frozenset({7, 8, 9, 27}),
        skipped_rows=frozenset({5, 9, 10, 11}),
    )
    assert read_choices({"task-table": "x"}) == NO_CHOICES
    assert read_choices({"units-across": ""}).units_across


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("skip-column", "5"),
        ("skip-column", "ABCD"),
        ("keep-column", "H-E"),
        ("skip-row", "E"),
        ("total-row", "0"),
        ("keep-row", "1-5000"),
        ("keep-row", "9999999"),
        ("measure", "F"),
        ("measure", "F=存量"),
        ("measure", "=累计数"),
    ],
)
def test_what_is_no_row_or_column_is_misused(name, text):
    with pytest.raises(Misused) as caught:
        read_choices({name: text})
    assert f"--{name}" in caught.value.message
    assert f"“{text}”" in caught.value.message


def test_a_measure_is_of_columns_or_of_rows():
    found = read_choices({"measure": "F,H=累计数\nB＝比率；5,表2行7=当月数"})
    assert found.column_measures == {6: STOCK, 8: STOCK, 2: RATE}
    assert list(found.row_measures.values()) == [FLOW, FLOW]
    assert found.turned().column_measures == found.row_measures
    assert (
        describe_choices({"measure": "F=累计数\nB=比率"}) == "--measure F=累计数 --measure B=比率"
    )


def test_what_was_settled_is_told_as_it_was_typed():
    options = {"year": "2023", "keep-row": "5", "sheet": "甲", "units-across": ""}
    assert describe_choices(options) == "--sheet 甲 --keep-row 5 --units-across"
    assert describe_choices({"year": "2023"}) == ""


def test_of_a_turned_table_rows_are_columns():
    turned = Choices(
        "", frozenset({1}), frozenset({2}), frozenset({3}), frozenset({4}), frozenset({5}), True
    ).turned()
    assert (turned.skipped_columns, turned.kept_columns) == ({3, 5}, {4})
    assert (turned.skipped_rows, turned.kept_rows, turned.units_across) == ({1}, {2}, False)
