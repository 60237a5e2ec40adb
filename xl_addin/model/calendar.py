"""Months of the year, terms, and what is on time."""

from __future__ import annotations

from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern

ON_TIME, LATE = "按时", "逾期"


_MONTH = pattern(r"\d{4}-(0[1-9]|1[0-2])\Z")


def check_month(month: str, year: int) -> str:
    """The month (YYYY-MM) as it is. Raises Refused where it is none or not of that year."""
    if not _MONTH.match(month):
        raise Refused(f"月份“{month}”不对；请写成 年-月，例如 {year}-06")
    if int(month[:4]) != year:
        raise Refused(f"月份 {month} 不属于 {year} 年度任务；请写 {year}-01 到 {year}-12")
    return month


def deadline(month: str, day: int) -> str:
    """The last second that counts as on time, as ``YYYY-MM-DD 23:59:59``.

    ``day`` is a day of the month after ``month`` (YYYY-MM).
    """
    year, number = int(month[:4]), int(month[5:])
    year, number = (year + 1, 1) if number == 12 else (year, number + 1)
    return f"{year}-{number:02d}-{day:02d} 23:59:59"


def is_on_time(month: str, received_at: str, day: int) -> bool:
    """Whether the return that counts for a district came before the deadline.

    ``received_at`` is local time, ``YYYY-MM-DD HH:MM:SS``; ``month`` and ``day`` are as for
    ``deadline``.
    """
    return received_at <= deadline(month, day)
