"""What a number format makes of a number: whether people see the number that is stored.

A district that types 12 into a cell which shows it as 12万, 12.00% or nothing at all has seen
something other than what is read here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from xl_addin.model.records import Number
from xl_addin.system.light import pattern

AS_IT_IS = ""
PERCENT = "percent"
OTHERWISE = "otherwise"

_GENERAL = ("general", "g/通用格式")
# Pieces of a format in the order in which they are recognised: literal text, then what controls.
_PIECE = pattern(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<control>[^\]]*)\]'
    r"|(?P<general>general|g/通用格式)|(?P<core>[0#?.,%/]|e[+-])|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = pattern(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*', re.DOTALL)
_CORE = pattern(r"\0*([0#?,]*)(\.[0#?]*)?(,*)(e[+-][0#?]+)?\0*", re.IGNORECASE)
_MISLEADING = pattern(r"[\d%‰十百千万亿萬億兆]|\A[kKmM]\Z")
_CONDITION = pattern(r"[<>=]")


def is_plain_format(code: str) -> bool:
    """Whether a format shows every number as it is."""
    return not code or code == "@" or code.lower() in _GENERAL


@lru_cache(maxsize=4096)
def classify_display(code: str, value: Number) -> str:
    """How a format shows a number: ``AS_IT_IS``, as a ``PERCENT``, or ``OTHERWISE``."""
    if is_plain_format(code):
        return AS_IT_IS
    sections = _sections(code)
    if any(_CONDITION.search(control) for s in sections for control in _controls(s)):
        return OTHERWISE
    own = _section(sections, value)
    pieces, literals = _pieces(sections[own])
    if "%" in pieces:
        return PERCENT
    if any(_MISLEADING.search(literal) for literal in literals):
        return OTHERWISE
    if value < 0 and own == 1 and not any("-" in text or "(" in text for text in literals):
        return OTHERWISE
    return AS_IT_IS if _keeps_digits(pieces, value) else OTHERWISE


def hides_decimals(code: str, value: Number) -> bool:
    """Whether all that a format does to a number is to leave decimals out."""
    return classify_display(code, value) == OTHERWISE and any(
        classify_display(code, round(value, places)) == AS_IT_IS and round(value, places)
        for places in range(16)
    )


_NUMERALS = pattern(r"[.,]?\d(?:[\d.,'’ \u00a0\u202f]*\d)?[.,]?(?:[eE][+-]?\d+)?", re.ASCII)
# A number as it is shown, with either sign for the point and any other between thousands.
_SHOWN = tuple(
    pattern(
        rf"(\d+|\d{{1,3}}(?:[{marks}]\d{{3}})+)?(?:[{point}](\d*))?(?:[eE]([+-]?\d{{1,2}}))?",
        re.ASCII,
    )
    for point, marks in ((".", ",'’ \u00a0\u202f"), (",", ".'’ \u00a0\u202f"))
)
_LONGEST_SHOWN = 40


def code_of_display(text: str, value: Number) -> str:
    """A format that would show ``value`` as ``text``, for files that tell texts and no formats.

    Empty where the text is the number as it is.
    """
    if text == str(value):
        return ""
    numerals = _NUMERALS.findall(text) if len(text) < _LONGEST_SHOWN else []
    around = _NUMERALS.sub("", text)
    minus = any(mark in around for mark in "-(−")
    if len(numerals) == 1 and not _MISLEADING.search(around) and minus == (value < 0):
        for shown in _SHOWN:
            match = shown.fullmatch(numerals[0])
            if match is None:
                continue
            whole, fraction, power = match[1] or "0", match[2] or "", int(match[3] or 0)
            digits = "".join(filter(str.isdigit, whole))
            near = float(f"{digits}.{fraction}e{power}")
            if abs(near - abs(value)) <= 0.5000001 * 10.0 ** (power - len(fraction)):
                point = f".{'0' * len(fraction)}" if fraction else ""
                return f"0{point}{'E+00' if match[3] else ''}"
    return f'"{text[:_LONGEST_SHOWN].replace(chr(34), "")}"' if text else ";;;"


def _sections(code: str) -> list[str]:
    found, at = [], 0
    while at <= len(code):
        match = _SECTION.match(code, at)
        stop = match.end() if match else at
        found.append(code[at:stop])
        at = stop + 1
    return found


def _controls(section: str) -> list[str]:
    return [match["control"] for match in _PIECE.finditer(section) if match["control"]]


def _section(sections: list[str], value: Number) -> int:
    """Positive; negative; zero; text."""
    if value < 0 and len(sections) > 1:
        return 1
    return 2 if value == 0 and len(sections) > 2 else 0


def _pieces(section: str) -> tuple[str, list[str]]:
    """What of a section stands for digits, with a mark where literal text stands, and that text."""
    core, literals = "", []
    for match in _PIECE.finditer(section):
        literal = match["quoted"] or match["escaped"] or match["bare"]
        if match["general"]:
            core += "G"
        elif match["core"]:
            core += match["core"]
        elif literal:
            core += "\0"
            literals.append(literal)
    return core, literals


def _keeps_digits(core: str, value: Number) -> bool:
    """Whether digits are neither left out nor moved."""
    if core.strip("\0") == "G":
        return True
    match = _CORE.fullmatch(core)
    if match is None:
        return False
    whole, fraction, scaled, power = match[1], match[2] or "", match[3], match[4]
    if not (whole or fraction) or scaled or (whole.endswith(",") and value):
        return False
    if value == 0:
        return "0" in whole or "?" in whole or "0" in fraction
    decimals = max(len(fraction) - 1, 0)
    told = float(f"{value:.{decimals}{'e' if power else 'f'}}")
    return abs(told - value) <= 1e-9 * max(1.0, abs(value))
