"""Months of the year and what is on time."""

import pytest

from xl_addin.model.calendar import check_month, deadline, is_on_time
from xl_addin.system.errors import Refused


@pytest.mark.parametrize("month", ["2023-13", "2023-6", "2023/06", "2024-06", "", "2023-06 "])
def test_what_is_no_month_of_the_year_is_refused(month):
    with pytest.raises(Refused):
        check_month(month, 2023)
    assert check_month("2023-06", 2023) == "2023-06"


def test_the_deadline_is_the_end_of_a_day_of_the_following_month():
    assert deadline("2023-06", 5) == "2023-07-05 23:59:59"
    assert deadline("2023-12", 28) == "2024-01-28 23:59:59"
    assert is_on_time("2023-06", "2023-07-05 23:59:59", 5)
    assert not is_on_time("2023-06", "2023-07-06 00:00:00", 5)
