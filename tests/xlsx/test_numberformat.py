"""Which number formats show the number that is stored, and which show something else."""

import pytest

from xl_addin.xlsx.numberformat import AS_IT_IS, OTHERWISE, PERCENT, classify_display


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
