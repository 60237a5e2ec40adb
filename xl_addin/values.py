"""What people write where a number belongs, and what each written form becomes.

A cell is a number, a zero, a blank, "not applicable" or illegible. Nothing illegible ever becomes
a number, least of all zero: ``2000万`` read as 0 is the textbook failure of this field.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from xl_addin.cells import BOOL, DATE, FAULT, NO_VALUE, NUM, Cell
from xl_addin.records import EMPTY, ILLEGIBLE, NUMBER, Number

COUNTED = frozenset(
    ("人", "人次", "个", "场次", "名", "户", "户次", "次", "场", "家", "所", "件", "套", "期", "班",
     "处", "项", "份", "辆", "台", "张", "条", "篇", "例", "支", "座", "间", "村", "站")
)  # fmt: skip
# A suffix of the first may be written for an indicator counted in the second.
_ALSO_WRITTEN = {"人": ("名", "人次"), "人次": ("人", "名"), "名": ("人",), "场次": ("场", "次"),
                 "户": ("家",)}  # fmt: skip

_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)\Z", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,' ’])\d{3})(?:\1\d{3})*(?:\.\d+)?\Z", re.ASCII)
# Full-width forms only. Full compatibility folding would read ① as 1 and 10² as 102.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(mark): " " for mark in "\u3000\u00a0\u2002\u2003\u2007\u2009\u202f"
}
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_NOISE = 1e-9
LARGEST = 10**12
"""No office counts further; beyond it a slip of the hand would drown every total."""


class Written(NamedTuple):
    """One cell read as a number: ``state`` and ``value`` as in ``Figure``.

    ``code`` is empty when the cell was a plain number or blank, otherwise the rule that applies;
    ``found`` is the cell's content as a person would quote it.
    """

    state: str
    value: Number | None
    code: str
    found: str


_BLANK = Written(EMPTY, None, "", "")


def read_number(cell: Cell | None, unit: str = "") -> Written:
    """What a cell says as a number of ``unit``."""
    if cell is None:
        return _BLANK
    kind, value, formula, _ = cell
    if kind == NUM and formula is None and type(value) is int and -LARGEST <= value <= LARGEST:
        return Written(NUMBER, value, "", str(value))
    if kind == NUM and isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) > LARGEST:
            return Written(ILLEGIBLE, None, "too-large", quote(cell))
        note = "" if formula is None else "formula-figure"
        return Written(NUMBER, tidy(value), note, quote(cell))
    if kind == NO_VALUE:
        return Written(ILLEGIBLE, None, "no-value", f"={formula}")
    if kind == FAULT:
        return Written(ILLEGIBLE, None, "error-value", str(value))
    if kind in (DATE, BOOL) or not isinstance(value, str):
        return Written(ILLEGIBLE, None, "not-a-number", quote(cell))
    return _read_text(value, unit, formula is not None)


def _read_text(text: str, unit: str, computed: bool) -> Written:
    plain = plain_text(text)
    if not plain:
        return _BLANK
    number = _number_in(plain, unit)
    if number is None:
        return Written(ILLEGIBLE, None, "not-a-number", text.strip() or text)
    if abs(number) > LARGEST:
        return Written(ILLEGIBLE, None, "too-large", text.strip())
    return Written(NUMBER, number, "formula-figure" if computed else "read-as-number", text)


def plain_text(text: str) -> str:
    """Full-width forms made plain (``１２０`` -> ``120``), outer and invisible spaces removed."""
    return _INVISIBLE.sub("", text.translate(_WIDE)).strip().lstrip("'").strip()


def _number_in(plain: str, unit: str) -> Number | None:
    for suffix in (unit, *_ALSO_WRITTEN.get(unit, ())):
        if suffix and plain.endswith(suffix):
            plain = plain.removesuffix(suffix).rstrip()
            break
    if _GROUPED.match(plain):
        plain = re.sub("[,' ’]", "", plain)
    if not _PLAIN.match(plain) or len(plain) > 18:
        return None
    return tidy(float(plain))


def tidy(value: Number) -> Number:
    """An int where the value is whole but for the noise of binary fractions."""
    if isinstance(value, int) or abs(value) > LARGEST:
        return value
    nearest = round(value)
    return nearest if abs(value - nearest) <= _NOISE * max(1.0, abs(value)) else value


def quote(cell: Cell) -> str:
    """A cell's content as a person would read it aloud."""
    value = cell.value
    if cell.kind == DATE:
        return f"日期 {date_text(value)}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if cell.kind == NO_VALUE:
        return f"={cell.formula}"
    return number_text(value) if isinstance(value, int | float) else str(value)


def date_text(value: Number | str | bool | None) -> str:
    """A day count of Excel's as ``2023-03-05``; anything else as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 2_958_466:
        return (date(1899, 12, 30) + timedelta(days=int(value))).isoformat()
    return str(value)


def number_text(value: Number) -> str:
    """``120`` for 120 and 120.0, ``12.5`` for 12.5."""
    return str(tidy(value))
