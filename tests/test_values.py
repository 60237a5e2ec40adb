"""What people write where a number belongs, and what each becomes: the table."""

import pytest

from xl_addin.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, TEXT, Cell
from xl_addin.values import date_text, number_text, read_number, tidy

READ_AS = [
    ("１２０", "人", 120),
    ("1,200", "人", 1200),
    ("1，200", "人", 1200),
    ("12,345,678", "人", 12345678),
    ("1 200", "人", 1200),
    ("1\u00a0200", "人", 1200),
    (" 120 ", "人", 120),
    ("\u3000120\u3000", "人", 120),
    ("120\u200b", "人", 120),
    ("'120", "人", 120),
    ("120人", "人", 120),
    ("120 人", "人", 120),
    ("120名", "人", 120),
    ("120人次", "人次", 120),
    ("3场", "场次", 3),
    ("120.0", "人", 120),
    ("12.5", "万元", 12.5),
    ("＋5", "人", 5),
    ("-5", "人", -5),
    ("0", "人", 0),
    ("０", "人", 0),
]
NOT_A_NUMBER = [
    "2000万", "2万", "一百二十", "3-5", "3~5", "3至5", "约120", "120左右", "120多", "-", "—", "/",
    "无", "没有", "暂无", "1,20", "12,00", "1,2000", "1.2.3", "120元", "1e3", "50%", "十", "NaN", "inf",
    "1_000", "0x10", "120;130", "①", "=1+1", "9" * 30,
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit", "value"), READ_AS)
def test_text_that_means_one_number_is_read_with_a_warning(text, unit, value):
    written = read_number(Cell(TEXT, text), unit)
    assert (written.state, written.value, written.code) == ("number", value, "read-as-number")


@pytest.mark.parametrize("text", NOT_A_NUMBER)
def test_text_that_could_mean_anything_is_never_a_number(text):
    written = read_number(Cell(TEXT, text), "人")
    assert (written.state, written.value, written.code) == ("illegible", None, "not-a-number")


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u00a0", "\u200b", "'"])
def test_invisible_text_is_blank_and_not_zero(text):
    assert read_number(Cell(TEXT, text), "人")[:3] == ("empty", None, "")


@pytest.mark.parametrize(
    ("cell", "state", "value", "code"),
    [
        (None, "empty", None, ""),
        (Cell(NUM, 0), "number", 0, ""),
        (Cell(NUM, 120), "number", 120, ""),
        (Cell(NUM, 120.00000000000001), "number", 120, ""),
        (Cell(NUM, 0.5), "number", 0.5, ""),
        (Cell(NUM, 120, "60+60"), "number", 120, "formula-figure"),
        (Cell(TEXT, "120", "A1&B1"), "number", 120, "formula-figure"),
        (Cell(NO_VALUE, None, "60+60"), "illegible", None, "no-value"),
        (Cell(FAULT, "#REF!"), "illegible", None, "error-value"),
        (Cell(FAULT, "#REF!", "A9"), "illegible", None, "error-value"),
        (Cell(BOOL, True), "illegible", None, "not-a-number"),
        (Cell(DATE, 44990), "illegible", None, "not-a-number"),
        (Cell(DATE, "2023-03-05"), "illegible", None, "not-a-number"),
    ],
)
def test_each_kind_of_cell(cell, state, value, code):
    written = read_number(cell, "人")
    assert (written.state, written.value, written.code) == (state, value, code)


def test_a_unit_of_another_kind_is_not_dropped():
    assert read_number(Cell(TEXT, "120人"), "个").code == "not-a-number"
    assert read_number(Cell(TEXT, "120个"), "人").code == "not-a-number"


def test_what_a_date_cell_shows_is_quoted_as_a_date():
    assert read_number(Cell(DATE, 44990), "人").found == "日期 2023-03-05"
    assert date_text(44990) == "2023-03-05"


def test_noise_of_binary_fractions_is_dropped_and_nothing_else():
    assert tidy(0.1 + 0.2) == pytest.approx(0.3)
    assert tidy(2.9999999999999996) == 3
    assert isinstance(tidy(2.9999999999999996), int)
    assert tidy(0.0000001) == 0.0000001
    assert number_text(12.0) == "12"
