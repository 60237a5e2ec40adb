"""Cells as COM gives and takes them: nothing is taken for anything else, and no number is mistaken."""

import pytest

from xl_addin.master.host import comcells
from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, TEXT, Cell


@pytest.mark.parametrize(
    ("value", "text", "told"),
    [
        (None, "", None),
        ("", "", None),  # a cell with nothing but an apostrophe
        (12.0, "12", Cell(NUM, 12)),
        (12.5, "12.5", Cell(NUM, 12.5)),
        (7, "7", Cell(NUM, 7)),
        (1e300, "1E+300", Cell(NUM, 1e300)),
        (True, "TRUE", Cell(BOOL, True)),
        (-2146826246, "#N/A", Cell(FAULT, "#N/A")),
        ("#N/A", "#N/A", Cell(TEXT, "#N/A")),
        (-2146826265, "=A1", Cell(FAULT, "#REF!", "A1")),
        ("=A1", "=A1", Cell(TEXT, "=A1")),
        ("", '=A1&""', Cell(TEXT, "", 'A1&""')),
        (None, "=A1", Cell(NO_VALUE, None, "A1")),
        ("=B1", '="=B1"', Cell(TEXT, "=B1", '"=B1"')),
        (False, "=A1>0", Cell(BOOL, False, "A1>0")),
    ],
)
def test_what_com_delivers_is_told_apart(value, text, told):
    assert comcells.read_com_cell(value, text) == told


@pytest.mark.parametrize(
    ("value", "as_text", "given"),
    [
        (None, False, ""),
        (12, False, 12.0),
        (12, True, 12.0),
        ("", False, ""),
        ("甲县", False, "甲县"),
        ("甲1", False, "'甲1"),
        ("甲①", False, "'甲①"),
        ("001", False, "'001"),
        ("001", True, "001"),
        ("=A1", False, "'=A1"),
        ("true", False, "'true"),
        ("—", False, "—"),
    ],
)
def test_a_text_is_given_so_that_it_stays_one(value, as_text, given):
    assert comcells.com_input(value, as_text) == given
    assert type(comcells.com_input(value, as_text)) is type(given)


def test_what_a_cell_cannot_hold_is_cut_and_cleaned():
    assert comcells.fit_value(1.5) == 1.5
    assert "\x07" not in comcells.fit_value("铃\x07声")
    cut = comcells.fit_value("长" * 9_000)
    assert (len(cut), cut[-1]) == (8_000, "…")


@pytest.mark.parametrize(
    ("cell", "value", "same"),
    [
        (None, None, True),
        (None, "", True),
        (Cell(TEXT, "x"), None, False),
        (None, 0, False),
        (Cell(NUM, 0), 0, True),
        (Cell(DATE, 45000), 45000, True),
        (Cell(TEXT, "0"), 0, False),
        (Cell(NUM, 0), "0", False),
        (Cell(BOOL, True), 1, False),
    ],
)
def test_a_cell_holds_the_very_value_or_not(cell, value, same):
    assert comcells.holds(cell, value) is same


@pytest.mark.parametrize(
    ("cell", "value", "same"),
    [
        (None, None, True),
        (Cell(TEXT, ""), "", True),
        (Cell(NO_VALUE, None, "A1"), None, True),
        (Cell(NUM, 0), None, False),
        (None, 0, False),
        (Cell(NUM, 0.1 + 0.2), 0.3, True),
        (Cell(NUM, 0.3001), 0.3, False),
        (Cell(FAULT, "#N/A"), 0, False),
        (Cell(TEXT, "甲"), "甲", True),
        (Cell(NUM, 1), "1", False),
    ],
)
def test_a_formula_comes_to_a_value_but_for_binary_noise(cell, value, same):
    assert comcells.comes_to(cell, value) is same
