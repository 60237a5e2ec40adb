"""What words say of time: which months a figure is of, and which year."""

from __future__ import annotations

import re

from xl_addin.model.comparison import CUMULATIVE, MONTHLY
from xl_addin.model.names import plain
from xl_addin.system.light import NamedTuple, pattern

SPAN, BARE_MONTH = "span", "bare-month"
"""Some months that do not begin in January; a month alone, which may mean until it or in it."""
_CHINESE = {word: str(n) for n, word in enumerate("一二三四五六七八九十", 1)} | {
    "十一": "11",
    "十二": "12",
}
_QUARTER_NUMBERS = dict(zip("一二三四两1234", (1, 2, 3, 4, 2, 1, 2, 3, 4), strict=True))
_MONTH_WORD = pattern(
    r"(十[一二]?|[一二三四五六七八九])(?=月|[-—~至到](十[一二]?|[一二三四五六七八九])月)"
)
_YEAR = pattern(r"(?<!\d)(20\d\d)(?!\d)(年度?)?")
_DAY = pattern(r"(?<!\d)20\d\d[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
_NUMERIC = pattern(r"(?<!\d)20\d\d[-./](\d{1,2})(?!\d|月|[-—~至到]\d{1,2}月)")
_TO = "[-—–~～至到]"
_RANGE = pattern(rf"(\d{{1,2}})月?份?{_TO}(?:20\d\d年)?(\d{{1,2}})月份?(底|末)?")
_DAYS = pattern(rf"(\d{{1,2}})月\d{{1,2}}日?{_TO}(?:20\d\d年)?(\d{{1,2}})月(\d{{1,2}}日)?")
_FIRST_MONTHS = pattern(r"前(\d{1,2})个?月")
_UNTIL_QUARTER = pattern(r"截[至止]到?第?([一二三四1234])季度[末底]?")
_HALF = pattern(r"([上下])半年度?")
_QUARTERS = pattern(r"前([一二两三123])个?季度|第?([一二三四1234])季度|(?i:q)([1-4])(?!\d)")
_UNTIL = pattern(
    r"(?:截[至止]到?|至|到)(?:20\d\d年)?(\d{1,2})月份?(?:\d{1,2}日|底|末)?|(\d{1,2})月(?:底|末)"
)
_SUMMED = pattern(r"累计|累積|年初(以来|至今)|本年(度)?(以来)?|今年(以来)?|至今|ytd", re.IGNORECASE)
_OF_MONTH = pattern(r"(\d{1,2})月份?(?:当月|单月)|(?:本|当|单)月|月度")
_MONTH = pattern(r"(\d{1,2})月份?(?!\d{1,2}日)")


class Period(NamedTuple):
    """What is said of time.

    ``kind`` is CUMULATIVE, MONTHLY, SPAN, BARE_MONTH or empty; ``month`` is the last one (0 where none is
    said); ``rest`` is the text, folded by ``plain``, without it.
    """

    kind: str
    month: int
    rest: str


def years_in(text: str) -> set[int]:
    """The years that a text names."""
    return {int(match[1]) for match in _YEAR.finditer(plain(text))}


def read_period(text: str) -> Period:
    """The months that a heading or a title speaks of."""
    text = _YEAR.sub("", _NUMERIC.sub(r"\1月", _DAY.sub(r"\1月\2日", plain(text))))
    text = _MONTH_WORD.sub(lambda match: _CHINESE[match[1]], text)
    for words, meaning in _READERS:
        match = words.search(text)
        if match is not None:
            kind, month = meaning(match)
            if 0 <= month <= 12:
                rest = text[: match.start()] + text[match.end() :]
                more = _SUMMED.search(rest) if kind != SPAN else None
                if more is not None:
                    kind, rest = CUMULATIVE, rest[: more.start()] + rest[more.end() :]
                return Period(kind, month, rest)
    return Period("", 0, text)


def _range(match: re.Match[str]) -> tuple[str, int]:
    first, last = int(match[1]), int(match[2])
    if first > last:  # from a year before
        return SPAN, last
    return (CUMULATIVE if first == 1 else SPAN), last


def _days(match: re.Match[str]) -> tuple[str, int]:
    first, last = int(match[1]), int(match[2])
    return (MONTHLY, last) if first == last > 1 else _range(match)


def _half(match: re.Match[str]) -> tuple[str, int]:
    return (CUMULATIVE, 6) if match[1] == "上" else (SPAN, 12)


def _quarters(match: re.Match[str]) -> tuple[str, int]:
    number = _QUARTER_NUMBERS[match[1] or match[2] or match[3]]
    return (CUMULATIVE if match[1] or number == 1 else SPAN), 3 * number


def _until(match: re.Match[str]) -> tuple[str, int]:
    return CUMULATIVE, int(match[1] or match[2])


_READERS = (
    (_DAYS, _days),
    (_FIRST_MONTHS, lambda match: (CUMULATIVE, int(match[1]))),
    (_UNTIL_QUARTER, lambda match: (CUMULATIVE, 3 * _QUARTER_NUMBERS[match[1]])),
    (_RANGE, _range),
    (_HALF, _half),
    (_QUARTERS, _quarters),
    (_UNTIL, _until),
    (_OF_MONTH, lambda match: (MONTHLY, int(match[1] or 0))),
    (_MONTH, lambda match: (BARE_MONTH, int(match[1]))),
    (_SUMMED, lambda _: (CUMULATIVE, 0)),
)
