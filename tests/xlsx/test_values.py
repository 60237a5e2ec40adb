"""What people write where a number belongs, and what each becomes: the table."""

import pytest

from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, TEXT, Cell
from xl_addin.xlsx.values import date_text, number_text, read_number, round_noise

# What is written, for which unit, and the number it is read as, with a warning that says so.
READ_AS = [
    ("120", "人", 120),
    ("１２０", "人", 120),
    ("1２0", "人", 120),
    ("１２．５", "万元", 12.5),
    ("1,200", "人", 1200),
    ("1，200", "人", 1200),
    ("１，２００", "人", 1200),
    ("12,345,678", "人", 12345678),
    ("1,200.5", "万元", 1200.5),
    ("120,130", "人", 120130),
    ("1 200", "人", 1200),
    ("12 345 678", "人", 12345678),
    ("1\u00a0200", "人", 1200),
    ("120\u00a0130", "人", 120130),
    ("1\u2009200", "人", 1200),
    ("1\u202f200", "人", 1200),
    ("1'200", "人", 1200),
    ("1’200", "人", 1200),
    (" 120 ", "人", 120),
    ("\u3000120\u3000", "人", 120),
    ("\u00a0120\u00a0", "人", 120),
    ("\u2000120\u205f", "人", 120),
    ("1\u2000200", "人", 1200),
    ("1\u2002200", "人", 1200),
    ("1\u205f200", "人", 1200),
    ("\t120\r\n", "人", 120),
    ("120\u200b", "人", 120),
    ("\ufeff120", "人", 120),
    ("1\u200b20", "人", 120),
    ("'120", "人", 120),
    ("‘120", "人", 120),
    ("＇120", "人", 120),
    ("120人", "人", 120),
    ("120 人", "人", 120),
    ("１２０人", "人", 120),
    ("1,200人", "人", 1200),
    ("120名", "人", 120),
    ("120人次", "人次", 120),
    ("120人次", "人", 120),
    ("3场", "场次", 3),
    ("12.5万元", "万元", 12.5),
    ("12%", "%", 12),
    ("120.0", "人", 120),
    ("120.", "人", 120),
    ("12.5", "万元", 12.5),
    (".5", "万元", 0.5),
    ("0.125", "万元", 0.125),
    ("1234.567", "万元", 1234.567),
    ("0.0000001", "万元", 0.0000001),
    ("+5", "人", 5),
    ("＋5", "人", 5),
    ("-5", "人", -5),
    ("－5", "人", -5),
    ("-0", "人", 0),
    ("0", "人", 0),
    ("０", "人", 0),
    ("007", "人", 7),
    ("2023.6", "万元", 2023.6),
]
# Nothing of this is ever a number; the words are part of what the person is told about it.
DOUBTFUL = {
    "“万”": ("2000万", "2万", "1.2亿", "3千", "2 万", "2萬", "12.5万"),
    "中文数字": ("一百二十", "壹佰", "十", "零", "〇", "二十人", "两百"),
    "范围": ("3-5", "3~5", "3至5", "3到5人", "3—5", "３－５", "10%-20%"),
    "确定": (
        "约120",
        "大约120",
        "近120",
        "120左右",
        "120余人",
        "120多",
        "120人以上",
        "≥120",
        ">120",
        "＜120",
        "~120",
        "120+",
        "120来人",
    ),
    "日期": ("2023-06", "2023/6/5", "2023年6月", "3月5日", "2023.6.5"),
    "百分数": ("50%", "５０％"),
    "科学记数": ("1e3", "1.2E+05"),
    "负数": ("(5)", "（5）", "5-"),
    "小数点": ("1.200", "12.345", "-1.200"),
    "公式": ("=1+1", "＝1+1"),
    "分隔": (
        "1,20",
        "12,00",
        "12,34",
        "1,2000",
        "0,120",
        "1.2.3",
        "1.200.000",
        "1.200,5",
        "1,200,5",
        "1,200 300",
        "120 130",
        "120，130",
        "1 2 0",
        "1,,200",
        ",200",
        "999999999999999999999999999999",
        "5..",
        ".",
    ),
    "": (
        "--5",
        "+-5",
        "1_000",
        "0x10",
        "120;130",
        "120、130",
        "120/130",
        "1/2",
        "½",
        "①",
        "10²",
        "١٢٠",
        "𝟏𝟐𝟎",
        "NaN",
        "inf",
        "TRUE",
        "是",
        "120元",
        "120个",
        "120(人)",
        "120人(含补训)",
        "共120",
        "O",
        "12O",
        "l20",
        "见附件",
        "待核实",
        "?",
        "#REF!",
        "120\n其中30",
        "\u202e021",
        "−5",
        "1·200",
        "1٬200",
        "@SUM(1)",
        "\x00",
    ),
}
# Nothing to tell: never 0, and where there is a task not an answer.
NOTHING = [
    "-",
    "－",
    "—",
    "——",
    "–",
    "/",
    "／",
    "\\",
    "×",
    "无",
    "没有",
    "暂无",
    " 无 ",
    "N/A",
    "不涉及",
    "未开展",
]


@pytest.mark.parametrize(("text", "unit", "value"), READ_AS)
def test_text_that_means_one_number_is_read_with_a_warning(text, unit, value):
    written = read_number(Cell(TEXT, text), unit)
    assert (written.state, written.value, written.code) == ("number", value, "read-as-number")
    assert isinstance(written.value, int) == isinstance(value, int)


@pytest.mark.parametrize(
    ("text", "why"), [(text, why) for why, texts in DOUBTFUL.items() for text in texts]
)
def test_text_that_could_mean_anything_is_never_a_number(text, why):
    written = read_number(Cell(TEXT, text), "人")
    assert (written.state, written.value, written.code) == ("illegible", None, "not-a-number")
    assert why in written.why
    assert bool(written.why) == bool(why)


@pytest.mark.parametrize("text", NOTHING)
def test_a_mark_for_nothing_is_not_zero(text):
    written = read_number(Cell(TEXT, text), "人")
    assert written[:3] == ("not-applicable", None, "not-a-number")


@pytest.mark.parametrize("text", [text for texts in DOUBTFUL.values() for text in texts])
def test_no_unit_makes_a_number_of_doubtful_text(text):
    for unit in ("", "万元", "个", "场次"):
        assert read_number(Cell(TEXT, text), unit).value is None or text == f"120{unit}"


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
        (Cell(NUM, -0.0), "number", 0, ""),
        (Cell(NUM, 1e-7), "number", 1e-7, ""),
        (Cell(NUM, 119.9999999999), "number", 120, ""),
        (Cell(NUM, 1e13), "illegible", None, "too-large"),
        (Cell(NUM, 10**12), "number", 10**12, ""),
        (Cell(NUM, -(10**12)), "number", -(10**12), ""),
        (Cell(NUM, 10**12 + 1), "illegible", None, "too-large"),
        (Cell(NUM, 1e12 + 0.5), "illegible", None, "too-large"),
        (Cell(TEXT, "9" * 15), "illegible", None, "too-large"),
        (Cell(NUM, 120, "60+60"), "number", 120, "formula-figure"),
        (Cell(NUM, 120, ""), "number", 120, "formula-figure"),
        (Cell(NUM, 120, "[1]台账!B5"), "number", 120, "external-formula"),
        (Cell(NUM, 120, "'[6月.xlsx]台账'!B5"), "number", 120, "external-formula"),
        (Cell(NUM, 120, "'file:///D:/a.ods'#$台账.B5"), "number", 120, "external-formula"),
        (Cell(NUM, 120, "cmd|'/C calc'!A0"), "number", 120, "external-formula"),
        (Cell(NUM, 120, "A1+台账!B5"), "number", 120, "formula-figure"),
        (Cell(TEXT, "无", "A1"), "not-applicable", None, "not-a-number"),
        (Cell(TEXT, "120", "A1&B1"), "number", 120, "formula-figure"),
        (Cell(NO_VALUE, None, "60+60"), "illegible", None, "no-value"),
        (Cell(FAULT, "#REF!"), "illegible", None, "error-value"),
        (Cell(FAULT, "#REF!", "A9"), "illegible", None, "error-value"),
        (Cell(BOOL, True), "illegible", None, "not-a-number"),
        (Cell(DATE, 44990), "illegible", None, "not-a-number"),
        (Cell(NUM, float("nan")), "illegible", None, "not-a-number"),
        (Cell(NUM, float("-inf")), "illegible", None, "too-large"),
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
    assert round_noise(0.1 + 0.2) == pytest.approx(0.3)
    assert round_noise(2.9999999999999996) == 3
    assert isinstance(round_noise(2.9999999999999996), int)
    assert round_noise(0.0000001) == 0.0000001
    assert number_text(12.0) == "12"


def test_what_is_quoted_is_one_short_line():
    found = read_number(Cell(TEXT, "120\n人" * 20_000), "人").found
    assert len(found) < 70
    assert "\n" not in found
    assert len(read_number(Cell(NO_VALUE, None, "A1+" * 3_000), "人").found) < 70
