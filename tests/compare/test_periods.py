"""What words say of time."""

from __future__ import annotations

import pytest

from xl_addin.compare.periods import BARE_MONTH, SPAN, read_period, years_in
from xl_addin.model.comparison import CUMULATIVE, MONTHLY


@pytest.mark.parametrize(
    ("text", "kind", "month"),
    [
        ("2023年上半年残疾人就业情况", CUMULATIVE, 6),
        ("1-6月", CUMULATIVE, 6),
        ("2023年1月至6月", CUMULATIVE, 6),
        ("一月至六月", CUMULATIVE, 6),
        ("2023年1—11月份", CUMULATIVE, 11),
        ("截至2023年6月30日", CUMULATIVE, 6),
        ("截止6月底", CUMULATIVE, 6),
        ("2023-06-30前", "", 0),
        ("填报日期：2023年7月5日", "", 0),
        ("截至2023-06-30", CUMULATIVE, 6),
        ("5月末", CUMULATIVE, 5),
        ("十月底", CUMULATIVE, 10),
        ("十二月底", CUMULATIVE, 12),
        ("6月累计", CUMULATIVE, 6),
        ("累计完成", CUMULATIVE, 0),
        ("年初以来", CUMULATIVE, 0),
        ("一季度", CUMULATIVE, 3),
        ("前三季度", CUMULATIVE, 9),
        ("Q1", CUMULATIVE, 3),
        ("二季度", SPAN, 6),
        ("截至二季度末", CUMULATIVE, 6),
        ("前6个月", CUMULATIVE, 6),
        ("2023年1月1日至6月30日", CUMULATIVE, 6),
        ("2023年6月1日至6月30日", MONTHLY, 6),
        ("4月1日-6月30日", SPAN, 6),
        ("2022年12月至2023年5月", SPAN, 5),
        ("下半年", SPAN, 12),
        ("4-6月", SPAN, 6),
        ("本月完成", MONTHLY, 0),
        ("本月累计", CUMULATIVE, 0),
        ("6月当月累计", CUMULATIVE, 6),
        ("本期", "", 0),
        ("6月当月", MONTHLY, 6),
        ("2023年6月", BARE_MONTH, 6),
        ("6月份", BARE_MONTH, 6),
        ("2023.6", BARE_MONTH, 6),
        ("2023年度", "", 0),
        ("应届高校残疾毕业生就业服务数", "", 0),
        ("新增就业", "", 0),
    ],
)
def test_a_text_says_of_which_months_it_is(text, kind, month):
    found = read_period(text)
    assert (found.kind, found.month) == (kind, month)


def test_the_rest_of_a_heading_is_its_name():
    assert read_period("1-6月累计新增就业").rest == "新增就业"
    assert read_period("2023年新增就业（本月）").rest.replace("()", "") == "新增就业"


def test_years_are_found_and_other_numbers_are_none():
    assert years_in("2022年与2023年对比") == {2022, 2023}
    assert years_in("文号20231号，12023人") == set()
