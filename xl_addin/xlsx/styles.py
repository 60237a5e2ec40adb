"""Number formats by format index: which show dates, which show a number as something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from xml.etree.ElementTree import Element

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.numberformat import is_plain_format
from xl_addin.xlsx.xmlreader import local_name, read_tree, whole_number

_MAX_STYLES = 65_500
# Excel takes no longer code, and what a regular expression makes of a megabyte takes a minute.
_LONGEST_CODE = 255
_BUILTIN_DATES = dict.fromkeys(
    (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy/m/d"
)
_LISTS = ("numFmt", "fonts", "cellXfs")
_NOT_FORMAT = pattern(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
BUILTIN_CODES = _BUILTIN_DATES | {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: "#,##0;-#,##0",
    6: "#,##0;-#,##0",
    7: "0.00;-0.00",
    8: "0.00;-0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "0.00;-0.00",
    40: "0.00;-0.00",
    41: '0;-0;"-"',
    42: '0;-0;"-"',
    43: '0.00;-0.00;"-"',
    44: '0.00;-0.00;"-"',
    48: "##0.0E+0",
}
"""The codes of formats that a workbook need not spell out (ECMA-376 part 1, section 18.8.30).

Where it does spell one out, its own code counts: so do Excel's files in other languages than English.
"""


class Styles(NamedTuple):
    """Per format index: whether it shows a date; and ``format_codes`` as in ``Sheet``.

    ``struck`` are the formats that strike out all that stands in a cell.
    """

    dates: tuple[bool, ...] = ()
    format_codes: Mapping[int, str] = MappingProxyType({})
    struck: frozenset[int] = frozenset()


@lru_cache(maxsize=256)
def shows_date(code: str) -> bool:
    """Whether a number format displays its value as a date or time."""
    bare = _NOT_FORMAT.sub("", code).lower().replace("general", "")
    return any(letter in bare for letter in "ymdhs")


def format_code(number: int, own: Mapping[int, str]) -> str:
    """The code of a number format: a file's own before the one that its number stands for."""
    return own.get(number) or BUILTIN_CODES.get(number, "")


def styles_of(codes: Iterable[str], struck: Iterable[int] = ()) -> Styles:
    """Styles from the code of each format index's number format."""
    known = [(shows_date(code), code) for code in (code[:_LONGEST_CODE] for code in codes)]
    looks = {
        look: code
        for look, (date, code) in enumerate(known)
        if not date and not is_plain_format(code)
    }
    return Styles(tuple(date for date, _ in known), looks, frozenset(struck))


def number_formats(data: bytes) -> Styles:
    """The formats of a styles part: ``numFmts`` (18.8.31), ``fonts`` (18.8.23) by way of ``cellXfs`` (18.8.10).

    Elements are told by their names alone. Raises Unreadable.
    """
    custom: dict[int, str] = {}
    used: list[tuple[int, int]] = []
    struck: list[bool] = []
    for element in read_tree(data).iter():
        if not element.tag.endswith(_LISTS):
            continue  # nearly all of them
        kind = local_name(element.tag)
        if kind == "numFmt":
            custom[whole_number(element.get("numFmtId", ""), -1)] = element.get("formatCode", "")
        elif kind == "fonts":
            struck += [_is_struck(font) for font in _formats(element, "font")]
        elif kind == "cellXfs":
            used += [
                (whole_number(xf.get("numFmtId", "0"), 0), whole_number(xf.get("fontId", "0"), 0))
                for xf in _formats(element, "xf")
            ]
    if len(used) > _MAX_STYLES:
        raise Unreadable("too-large", f"文件里的格式超过 {_MAX_STYLES} 种，没有读取")
    return styles_of(
        (format_code(number, custom) for number, _ in used),
        (look for look, (_, font) in enumerate(used) if font < len(struck) and struck[font]),
    )


def _is_struck(font: Element) -> bool:
    return any(
        local_name(fact.tag) == "strike" and fact.get("val") not in ("0", "false", "off")
        for fact in font
    )


def _formats(element: Element, item: str) -> Iterator[Element]:
    """The items of a list; of alternatives (part 3, section 7.5) what is there for all programs.

    Hancom writes two for one format: counted both, each later cell would have another's.
    """
    for inner in element:
        kind = local_name(inner.tag)
        if kind == item:
            yield inner
        elif kind in ("AlternateContent", "Fallback"):
            yield from _formats(inner, item)
