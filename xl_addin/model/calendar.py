"""Months of the year, terms, and what is on time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from xl_addin.model.names import fold
from xl_addin.model.records import Number
from xl_addin.system.errors import Refused
from xl_addin.system.light import pattern

ON_TIME, LATE = "按时", "逾期"
CLOCKS_DIFFER = 300
"""So many seconds the clocks of two computers may differ."""

_FIRST, _LAST = -30_600_000_000, 253_400_000_000
_SPELT = pattern(
    r"(?:(?P<year>20\d\d)(?:年|[-/.])(?P<month>\d\d?)(?:月份?)?|(?P<six>20\d\d)(?P<two>\d\d)"
    r"|(?P<only>\d\d?)(?:月份?)?)\Z"
)
_DAY = pattern(
    r"(?:(?P<year>20\d\d)(?:年|[-/.])(?P<month>\d\d?)(?:月|[-/.])(?P<day>\d\d?)[日号]?"
    r"|(?P<six>20\d\d)(?P<two>\d\d)(?P<second>\d\d)|(?P<only>\d\d?)月(?P<last>\d\d?)[日号]?)(?:以?前)?\Z"
)
_DASHES = str.maketrans("—–－", "---")
_CHINESE = {word: str(n) for n, word in enumerate("一二三四五六七八九十", 1)} | {
    "十一": "11",
    "十二": "12",
}
_WORD = pattern(r"(十[一二]?|[一二三四五六七八九])(?=月)")


def months_of(year: int) -> tuple[str, ...]:
    """The twelve months of a year, YYYY-MM."""
    return tuple(f"{year}-{number:02d}" for number in range(1, 13))


def read_month(text: str, year: int) -> str:
    """A month as people write it, as YYYY-MM; "" where it is none, whatever year it is of.

    2月, 2023年2月, 2023-2, 202302, 2023/2, 2023.02 and full-width signs; ``year`` is taken where only
    the month is written.
    """
    folded = fold(text).translate(_DASHES)
    if "月" in folded:
        folded = _WORD.sub(lambda match: _CHINESE[match[1]], folded)
    match = _SPELT.match(folded)
    if match is None:
        return ""
    whole, short, six, two, only = match.group("year", "month", "six", "two", "only")
    number = int(short or two or only)
    return f"{int(whole or six or year)}-{number:02d}" if 1 <= number <= 12 else ""


def read_month_number(value: Number, year: int) -> str:
    """A month that a spreadsheet keeps as a number: 2, 202302, 2023.02; "" where it is none.

    2023.1 is none: as a number 2023.10 looks the same.
    """
    text = str(int(value)) if value == int(value) else str(value)
    return "" if text.endswith(".1") else read_month(text, year)


def check_month(month: str, year: int) -> str:
    """A month as people write it, as YYYY-MM. Raises Refused where it is none or not of that year."""
    found = read_month(month, year)
    if not found:
        raise Refused(f"月份“{month}”看不懂；请写成 {year}-06 或 6月 这样")
    if int(found[:4]) != year:
        raise Refused(f"月份 {found} 不属于 {year} 年度任务；请写 {year}-01 到 {year}-12")
    return found


def month_after(month: str) -> str:
    """The month after one (YYYY-MM) of the same year; "" after December."""
    return "" if month.endswith("-12") else f"{month[:5]}{int(month[5:]) + 1:02d}"


def month_end(month: str) -> str:
    """The last day of a month (YYYY-MM), as YYYY-MM-DD."""
    year, number = int(month[:4]), int(month[5:])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (29 if leap else 28) if number == 2 else 30 + (number + number // 8) % 2
    return f"{month}-{days}"


def move_years(day: str, years: int) -> str:
    """The same day (YYYY-MM-DD) so many years on; the 29th of February is the month's last day elsewhere."""
    month = f"{int(day[:4]) + years}{day[4:7]}"
    return min(f"{month}{day[7:]}", month_end(month))


def read_day(text: str, year: int) -> str:
    """A day as people write it, as YYYY-MM-DD; "" where it is none.

    2023-9-30, 2023年9月30日, 9月30日, 2023.9.30, 20230930; a month alone (9月, 9月底) is its last day, and
    so is a year (年底, 2023年底). ``year`` is taken where none is written.
    """
    folded = fold(text).translate(_DASHES)
    match = _DAY.match(folded)
    if match is None:
        at_end = folded.removesuffix("前").removesuffix("末").removesuffix("底")
        if at_end in ("年", f"{year}年", "本年"):
            return f"{year}-12-31"
        month = read_month(at_end, year) if at_end else ""
        return month_end(month) if month and not at_end.isdigit() else ""
    found = match["year"] or match["six"] or year
    month = f"{int(found)}-{int(match['month'] or match['two'] or match['only']):02d}"
    day = int(match["day"] or match["second"] or match["last"])
    known = 1 <= int(month[5:]) <= 12 and 1 <= day <= int(month_end(month)[8:])
    return f"{month}-{day:02d}" if known else ""


def local_text(moment: float) -> str:
    """Seconds since 1970 as local time, ``YYYY-MM-DD HH:MM:SS``; what has no such year is the nearest that has.

    Such texts are compared, and disks keep years before 1000 and beyond 9999.
    """
    nearest = min(max(moment, _FIRST), _LAST)
    try:
        local = time.localtime(nearest)
    except OSError:  # Windows knows the years from 1970 to 3000
        return str(datetime.fromtimestamp(0) + timedelta(seconds=int(nearest)))
    return time.strftime("%Y-%m-%d %H:%M:%S", local)


def is_ahead(at: str, now: str, seconds: int = CLOCKS_DIFFER) -> bool:
    """Whether a local time (``YYYY-MM-DD HH:MM:SS``) lies further ahead than clocks differ."""
    if at <= now:
        return False
    return (datetime.fromisoformat(at) - datetime.fromisoformat(now)).total_seconds() > seconds


def deadline(month: str, day: int) -> str:
    """The last second that counts as on time, as ``YYYY-MM-DD 23:59:59``.

    ``day`` is a day of the month after ``month`` (YYYY-MM).
    """
    year, number = int(month[:4]), int(month[5:])
    year, number = (year + 1, 1) if number == 12 else (year, number + 1)
    return f"{year}-{number:02d}-{day:02d} 23:59:59"


def days_late(term: str, moment: str) -> int:
    """Whole days from a term's day to a moment (each begins YYYY-MM-DD); 0 where that is on time."""
    from datetime import date

    late = date.fromisoformat(moment[:10]) - date.fromisoformat(term[:10])
    return max(late.days, 0)


def is_on_time(month: str, received_at: str, day: int) -> bool:
    """Whether the return that counts for a district came before the deadline.

    ``received_at`` is local time, ``YYYY-MM-DD HH:MM:SS``; ``month`` and ``day`` are as for
    ``deadline``.
    """
    return received_at <= deadline(month, day)
