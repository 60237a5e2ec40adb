"""Numbers as XML writes them."""

import pytest

from xl_addin.xlsx.cells import as_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), (" 1.5 ", 1.5), ("1E2", 100), ("-0", 0), ("+.5", 0.5), ("1e15", 1e15)],
)
def test_a_number_is_whole_where_it_can_be(text, number):
    assert as_number(text) == ("number", number)
    assert isinstance(as_number(text)[1], type(number))


@pytest.mark.parametrize("text", ["", "1_0", "１", "0x1", "nan", "1e999", "1 2", "1" * 401, "."])
def test_what_is_no_number_never_becomes_one(text):
    assert as_number(text)[0] == "error"
