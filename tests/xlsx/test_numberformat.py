"""Which number formats show the number that is stored, and which show something else."""

import pytest

from xl_addin.xlsx.numberformat import (
    AS_IT_IS,
    OTHERWISE,
    PERCENT,
    classify_display,
    code_of_display,
)


@pytest.mark.parametrize(
    ("code", "value", "how"),
    [
        ("", 12, AS_IT_IS),
        ("General", 12.345, AS_IT_IS),
        ("@", 12, AS_IT_IS),
        ("0", 12, AS_IT_IS),
        ("0", 0, AS_IT_IS),
        ("0", 12.4, OTHERWISE),
        ("0.0", 12.4, AS_IT_IS),
        ("0.00", 12.345, OTHERWISE),
        ("#,##0", 1234, AS_IT_IS),
        ("#,##0.00", 1234.5, AS_IT_IS),
        ("#", 0, OTHERWISE),  # shows nothing
        ("#,###", 5, AS_IT_IS),
        ("0000", 12, AS_IT_IS),
        ('0"人"', 12, AS_IT_IS),
        ("0人次", 12, AS_IT_IS),
        ('"约"0', 12, AS_IT_IS),
        ('0"万"', 12, OTHERWISE),
        ("0万", 12, OTHERWISE),
        ('0"0"', 12, OTHERWISE),
        ('General"0"', 12, OTHERWISE),
        ('General"人"', 12, AS_IT_IS),
        ("0\\0", 12, OTHERWISE),
        ("0\\K", 12, OTHERWISE),
        ("G/通用格式", 12, AS_IT_IS),
        ('G/通用格式"人"', 12, AS_IT_IS),
        (";;;", 12, OTHERWISE),
        ("0;", -5, OTHERWISE),
        ("0;;0", -5, OTHERWISE),
        ("0;-0;;@", 0, OTHERWISE),  # a zero that is hidden
        ("0;-0;;@", 5, AS_IT_IS),
        ("0;0", -5, OTHERWISE),
        ("0;(0)", -5, AS_IT_IS),
        ("0;[Red]-0", -5, AS_IT_IS),
        ("0_);(0)", 5, AS_IT_IS),
        ("[Red]0", 5, AS_IT_IS),
        ("[$¥-804]#,##0.00", 5, AS_IT_IS),
        ("[DBNum1]General", 120, AS_IT_IS),
        ("[>=100]0;0.0", 120, OTHERWISE),
        ("0,", 12_000, OTHERWISE),
        ("0,,", 12_000_000, OTHERWISE),
        ("0.0,", 1_200, OTHERWISE),
        ("#,##0,", 0, AS_IT_IS),
        ("0%", 1, PERCENT),
        ("0.00%", 0.12, PERCENT),
        ('0"%"', 12, OTHERWISE),
        ("# ?/?", 0.5, OTHERWISE),
        ("0.00E+00", 120, AS_IT_IS),
        ("0.00E+00", 123456, OTHERWISE),
        ('0"-"0', 12, OTHERWISE),
        ('"没有"', 12, OTHERWISE),
        ('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 12, AS_IT_IS),
        ('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', -12, AS_IT_IS),
        ('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 0, OTHERWISE),  # shows a dash
    ],
)
def test_how_a_format_shows_a_number(code, value, how):
    assert classify_display(code, value) == how


@pytest.mark.parametrize(
    "code", ['"', "\\", "[", "_", "*", ";", '"0', "[>0", "0;;;;;;", "\0", "e", "0e"]
)
def test_no_format_is_a_fault(code):
    assert classify_display(code, 12) in (AS_IT_IS, PERCENT, OTHERWISE)


@pytest.mark.parametrize(
    ("text", "value", "how"),
    [
        ("5", 5, AS_IT_IS),
        ("5.00", 5, AS_IT_IS),
        ("1,234", 1234, AS_IT_IS),
        ("1.234", 1234, AS_IT_IS),
        ("1\u00a0234,50", 1234.5, AS_IT_IS),
        ("¥1,200.00", 1200, AS_IT_IS),
        ("25人", 25, AS_IT_IS),
        ("(5)", -5, AS_IT_IS),
        ("-5", -5, AS_IT_IS),
        ("1.2E+02", 120, AS_IT_IS),
        ("0.333333333333333", 1 / 3, AS_IT_IS),
        ("", 5, OTHERWISE),
        ("###", 5, OTHERWISE),
        ("5万", 5, OTHERWISE),
        ("123.4万", 1_234_000, OTHERWISE),
        ("1.2K", 1200, OTHERWISE),
        ("50%", 0.5, OTHERWISE),
        ("12", 12.34, OTHERWISE),
        ("0", 0.3, OTHERWISE),
        ("7", 5, OTHERWISE),
        ("5", -5, OTHERWISE),
        ("-5", 5, OTHERWISE),
        ("1.23", 123, OTHERWISE),
        ("12.0", 120, OTHERWISE),
        ("5-3", 53, OTHERWISE),
        ("-", 0, OTHERWISE),
        ("1E+999", 5, OTHERWISE),
        ('"5"; "6"', 5, OTHERWISE),
        ("1" * 500, 5, OTHERWISE),
    ],
)
def test_what_a_shown_text_makes_of_a_number(text, value, how):
    assert classify_display(code_of_display(text, value), value) == how
