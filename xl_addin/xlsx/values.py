"""What people write where a number belongs, and what each written form becomes.

A cell is a number, a zero, a blank, "not applicable" or illegible. Nothing illegible ever becomes
a number, least of all zero: ``2000万`` read as 0 is the textbook failure of this field.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from xl_addin.model.names import is_percent_unit, visible
from xl_addin.model.records import EMPTY, ILLEGIBLE, NOT_APPLICABLE, NUMBER, Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, Cell
from xl_addin.xlsx.numberformat import PERCENT, classify_display

COUNTING_UNITS = frozenset(
    (
        "人",
        "人次",
        "个",
        "场次",
        "名",
        "户",
        "户次",
        "次",
        "场",
        "家",
        "所",
        "件",
        "套",
        "期",
        "班",
        "处",
        "项",
        "份",
        "辆",
        "台",
        "张",
        "条",
        "篇",
        "例",
        "支",
        "座",
        "间",
        "村",
        "站",
    )
)
# A suffix of the first may be written for an indicator counted in the second.
_ALSO_WRITTEN = {
    "人": ("名", "人次"),
    "人次": ("人", "名"),
    "名": ("人",),
    "场次": ("场", "次"),
    "户": ("家",),
}

_PLAIN = pattern(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)\Z", re.ASCII)
# 1.200 is 1.2 to one and 1200 to another.
_AMBIGUOUS_POINT = pattern(r"[+-]?[1-9]\d{0,2}\.\d{3}\Z", re.ASCII)
_GROUPED = pattern(r"[+-]?[1-9]\d{0,2}(?:([,'’\u00a0])\d{3})(?:\1\d{3})*(?:\.\d+)?\Z", re.ASCII)
# 1 200 is one number; 120 130 may be two.
_LOOSELY_GROUPED = pattern(r"[+-]?[1-9]\d?(?:([ ，])\d{3})(?:\1\d{3})*(?:\.\d+)?\Z", re.ASCII)
_SEPARATORS = pattern("[,，'’ \u00a0]")
# Full compatibility folding would read ① as 1 and 10² as 102.
_PLAIN_FORMS: dict[int, int | str] = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code != 0xFF0C}
    | {0x3000: " "}
    | dict.fromkeys((8192, *range(8194, 8203), 8239, 8287), "\xa0")
)
_QUOTES = "'‘’`"
_LONGEST = 60
_NOISE = 1e-9
LARGEST = 10**12
"""No office counts further; beyond it a slip of the hand would drown every total."""

NOTHING_WORDS = frozenset(
    (
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "―",
        "─",
        "－",
        "/",
        "／",
        "//",
        "\\",
        "＼",
        "×",
        "无",
        "没有",
        "暂无",
        "未开展",
        "不涉及",
        "不适用",
        "N/A",
        "n/a",
        "NA",
        "无任务",
        "无此项",
    )
)
"""How people say that there is nothing to tell; where there is a task that is not 0."""
_NOT_CONCERNED = frozenset(("未开展", "不涉及", "不适用", "N/A", "n/a", "NA", "无任务", "无此项"))
NONE_WORDS = NOTHING_WORDS - _NOT_CONCERNED
"""Those of them that may stand for a 0."""

_NO_COUNT = "是百分数，请填完成的数"
# What else people write, and what to tell them. None of it is ever a number; the first that fits.
DOUBTFUL_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (pattern(text, re.ASCII), says)
    for text, says in (
        (r".*\u0336", "画了删除线，看不出还算不算；算数请去掉删除线，不算请删去"),
        (r".*\d[\d.,]*\s*[十百千万亿萬億]", "带“万”“千”一类的字，请换算成完整的数字"),
        (
            r"[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億半]+\D{0,3}\Z",
            "是中文数字，请改成阿拉伯数字",
        ),
        (
            r"(?:约|大约|近|超|逾|≈|[<>≤≥~～])|.*\d\D{0,2}(?:左右|上下|余|多|以上|以下|以内|来)|.*\d\+\Z",
            "不是一个确定的数",
        ),
        (r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{0,2}日?)?\Z|\d{1,2}月(?:\d{1,2}日)?\Z", "像是日期"),
        (r"[\d.,]+\D{0,2}[-~—–－～至到][\d.,]+", "像是一个范围"),
        (r"[\d.,]+\s*[%‰％]", _NO_COUNT),
        (r"[+-]?[\d.]+[eE][+-]?\d+\Z", "是科学记数，请写成完整的数字"),
        (r"\([\d.,]+\)\Z|[\d.,]+-\Z", "不知道是不是负数"),
        (r"[+-]?[1-9]\d{0,2}\.\d{3}\Z", "不知道点号是小数点还是千位分隔"),
        (r"=", "是写成文字的公式"),
        (r"[+-]?[\d.,，'’ \u00a0]+\Z", "分隔的位置不对，或者写了不止一个数"),
    )
)


class ParsedNumber(NamedTuple):
    """One cell read as a number: ``state`` and ``value`` as in ``Figure``.

    ``code`` is empty when the cell was a plain number or blank, otherwise the rule that applies;
    ``found`` is the cell's content as a person would quote it and ``why`` what is doubtful in it.
    "Not applicable" is what was written: whether it can be so, only the target tells.
    """

    state: str
    value: Number | None
    code: str
    found: str
    why: str = ""


_BLANK = ParsedNumber(EMPTY, None, "", "")
PERCENT_UNCLEAR = "percent-unclear"
_HIGHEST_SHARE = 10
"""A share above it was never meant: a program that put 95 into a cell which shows 9500 % did not divide it
as Excel does when somebody types."""


def read_number(cell: Cell | None, unit: str = "") -> ParsedNumber:
    """What a cell says as a number of ``unit``."""
    if cell is None:
        return _BLANK
    kind, value, formula, _ = cell
    if kind == NUM and formula is None and type(value) is int and -LARGEST <= value <= LARGEST:
        return ParsedNumber(NUMBER, value, "", str(value))
    if kind == NUM and isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) > LARGEST:
            return ParsedNumber(ILLEGIBLE, None, "too-large", quote(cell))
        if value != value:  # no number at all, as a damaged binary workbook may hold
            return ParsedNumber(ILLEGIBLE, None, "not-a-number", quote(cell))
        return ParsedNumber(NUMBER, round_noise(value), _note(formula), quote(cell))
    if kind == NO_VALUE:
        return ParsedNumber(ILLEGIBLE, None, "no-value", quote(cell))
    if kind == FAULT:
        return ParsedNumber(ILLEGIBLE, None, "error-value", str(value))
    if kind in (DATE, BOOL) or not isinstance(value, str):
        return ParsedNumber(ILLEGIBLE, None, "not-a-number", quote(cell))
    return _read_text(value, unit, formula)


def read_shown(cell: Cell | None, unit: str = "", look: str = "") -> ParsedNumber:
    """What a cell says, heeding that its number format, ``look``, may show it as a percent.

    Under a percent unit 0.95 shown as 95 % is 95, as is 95 shown as 9500 %, and 0.95 shown as it is
    may be either; under any other a percent is no count.
    """
    written = read_number(cell, unit)
    if cell is None or cell.kind != NUM or written.value is None:
        return written
    percent = bool(look) and classify_display(look, written.value) == PERCENT
    if percent:
        value = round_noise(round(written.value * 100, 10))
        shown = f"{number_text(value)}%"
        if is_percent_unit(unit):
            if abs(written.value) > _HIGHEST_SHARE:
                return written
            return written._replace(value=value, found=shown)
        return ParsedNumber(ILLEGIBLE, None, "not-a-number", shown, _NO_COUNT)
    return _unless_unclear(written) if is_percent_unit(unit) else written


def _unless_unclear(written: ParsedNumber) -> ParsedNumber:
    """A percent without its sign, unless it may be a fraction."""
    if written.value is None or not 0 < abs(written.value) <= 1:
        return written
    hundredfold = number_text(round(written.value * 100, 10))
    why = f"看不出是 {number_text(written.value)}% 还是 {hundredfold}%"
    return ParsedNumber(ILLEGIBLE, None, PERCENT_UNCLEAR, written.found, why)


def _note(formula: str | None) -> str:
    """What is to be said of a number that a formula gives."""
    if formula is None:
        return ""
    return "external-formula" if _OUTSIDE_REFERENCE.search(formula) else "formula-figure"


# [1]Sheet1!A1 and 'file:///...'#$Sheet1.A1 are other workbooks, cmd|'/C calc'!A0 is DDE.
_OUTSIDE_REFERENCE = pattern(r"\[\d+\]|\[[^\]]*\.xl|\||file:|https?:", re.IGNORECASE)


def _read_text(text: str, unit: str, formula: str | None) -> ParsedNumber:
    plain = plain_text(text)
    if not plain:
        return _BLANK
    found = clip(text)
    percent = is_percent_unit(unit)
    number = _number_in(plain, "%" if percent else unit)
    if number is None:
        if plain in NOTHING_WORDS:
            return ParsedNumber(NOT_APPLICABLE, None, "not-a-number", found)
        why = next((says for doubt, says in DOUBTFUL_TEXTS if doubt.match(plain[:_LONGEST])), "")
        return ParsedNumber(ILLEGIBLE, None, "not-a-number", found, why)
    if abs(number) > LARGEST:
        return ParsedNumber(ILLEGIBLE, None, "too-large", found)
    read = ParsedNumber(NUMBER, number, _note(formula) or "read-as-number", found)
    return _unless_unclear(read) if percent and not plain.endswith("%") else read


_LONGEST_SAID = 1_000


def plain_text(text: str) -> str:
    """Full-width forms made plain (``１２０`` -> ``120``), outer and invisible spaces removed."""
    if len(text) > _LONGEST_SAID:
        # As ``fold``: no number and no word is as long, and there may be a quarter of a million of them.
        text = text.strip()
        if len(text) > _LONGEST_SAID:
            return text
    if not text.isascii():
        text = visible(text).translate(_PLAIN_FORMS)
    return text.strip().lstrip(_QUOTES).strip()


def _number_in(plain: str, unit: str) -> Number | None:
    for suffix in (unit, *_ALSO_WRITTEN.get(unit, ())):
        if suffix and plain.endswith(suffix):
            plain = plain.removesuffix(suffix).rstrip()
            break
    if len(plain) > 24 or _AMBIGUOUS_POINT.match(plain):
        return None
    if _GROUPED.match(plain) or _LOOSELY_GROUPED.match(plain):
        plain = _SEPARATORS.sub("", plain)
    if not _PLAIN.match(plain) or len(plain) > 18:
        return None
    return round_noise(int(plain) if plain.lstrip("+-").isdigit() else float(plain))


def round_noise(value: Number) -> Number:
    """An int where the value is whole but for the noise of binary fractions."""
    if isinstance(value, int) or value != value or abs(value) > LARGEST:
        return value
    nearest = round(value)
    return nearest if abs(value - nearest) <= _NOISE * max(1.0, abs(value)) else value


def clip(text: str, longest: int = _LONGEST) -> str:
    """A text to be quoted: on one line, and not longer than a line."""
    text = " ".join(text[: 4 * longest].split())
    return text if len(text) <= longest else f"{text[:longest]}…"


def quote(cell: Cell) -> str:
    """A cell's content as a person would read it aloud."""
    value = cell.value
    if cell.kind == DATE:
        return f"日期 {date_text(value)}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if cell.kind == NO_VALUE:
        return clip(f"={cell.formula}")
    return number_text(value) if isinstance(value, int | float) else str(value)


def date_text(value: Number | str | bool | None) -> str:
    """A day count of Excel's as ``2023-03-05``; anything else as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 2_958_466:
        return (date(1899, 12, 30) + timedelta(days=int(value))).isoformat()
    return str(value)


def day_number(text: str) -> int:
    """``2023-03-05`` as Excel counts days."""
    return (date.fromisoformat(text) - date(1899, 12, 30)).days


def number_text(value: Number) -> str:
    """``120`` for 120 and 120.0, ``12.5`` for 12.5."""
    return str(round_noise(value))
