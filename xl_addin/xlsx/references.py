"""What a formula refers to, from its text: for telling whose value a change makes untrue.

Where a text cannot tell (INDIRECT, a range that ends where a function says), the answer is wider
than the truth and never narrower.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    Where,
    column_letters,
    column_number,
    quote_sheet_name,
)

_SHEET = r"'(?:[^']|'')+'!|(?:\[\d+\])?[^\s!'\"(),;:+\-*/^&=<>{}\[\]$%#@]*(?::[^\s!'\"(),;:+\-*/^&=<>{}\[\]$%#@]+)?!"
# Up to XFD; YOY2026 is a name.
_LETTERS = r"[A-Za-z]{1,2}|[A-Wa-w][A-Za-z]{2}|[Xx](?:[A-Ea-e][A-Za-z]|[Ff][A-Da-d])"
_TOKEN = pattern(
    rf"""
    "(?:[^"]|"")*"
    | \#(?:REF!|N/A|NAME\?|VALUE!|NUM!|NULL!|DIV/0!|SPILL!|CALC!|[A-Z_]+!?)
    | (?P<sheet>{_SHEET})
    | (?<![\w.\\])(?:
        (?P<cells>(\$?)({_LETTERS})(\$?)([1-9]\d{{0,6}})(?::(\$?)({_LETTERS})(\$?)([1-9]\d{{0,6}}))?)
        | (?P<columns>(\$?)([A-Za-z]{{1,3}}):(\$?)([A-Za-z]{{1,3}}))
        | (?P<rows>(\$?)([1-9]\d{{0,6}}):(\$?)([1-9]\d{{0,6}}))
      )(?![\w.\\(])
    | (?P<table>(?:[^\W\d]|\\)[\w.\\?]*(?=\[))
    | (?P<call>[^\W\d][\w.]*(?=\s*\())
    | (?P<name>(?:[^\W\d]|\\)[\w.\\?]*)
    | \d+(?:\.\d*)?(?:[eE][+-]?\d+)?
    | (?P<inner>\[)
    | (?P<span>:)
    """,
    re.VERBOSE,
)
_ANYWHERE = frozenset(("INDIRECT", "OFFSET", "EVALUATE"))
_CONSTANTS = frozenset(("true", "false"))


class Reference(NamedTuple):
    """A range as a formula spells it.

    ``sheet`` is empty for the formula's own, in lower case else; ``fixed`` says which of top, left,
    bottom, right carry a ``$``.
    """

    sheet: str
    area: Area
    fixed: tuple[bool, bool, bool, bool]

    def shifted_area(self, rows: int, columns: int) -> Area:
        """The range after the formula was filled so many rows down and columns to the right."""
        top, left, bottom, right = self.area
        shift = (rows, columns, rows, columns)
        found = [
            value if fixed else value + by
            for value, fixed, by in zip((top, left, bottom, right), self.fixed, shift, strict=True)
        ]
        return (
            min(found[0], found[2]),
            min(found[1], found[3]),
            max(found[0], found[2]),
            max(found[1], found[3]),
        )


class Formula(NamedTuple):
    """What a formula's text names.

    ``names`` are (sheet, name, column) in lower case, tables included; the column is empty for names
    and where a whole table or a part of several columns is meant.
    ``anywhere`` says that it may refer to any cell at all; ``spans`` that one of its ranges reaches
    from one of the things it names to another.
    """

    references: tuple[Reference, ...]
    names: tuple[tuple[str, str, str], ...]
    anywhere: bool
    spans: bool


@lru_cache(maxsize=4096)
def read_formula(text: str) -> Formula:
    """A formula's references and names, without its leading ``=``."""
    references: list[Reference] = []
    names: list[tuple[str, str, str]] = []
    anywhere = spans = False
    sheet = ""
    for token in _tokens(text):
        kind = token.lastgroup
        if kind == "sheet":
            sheet = _sheet_name(token[0])
            continue
        if kind in ("cells", "columns", "rows"):
            references += _reference(sheet, kind, token)
        elif kind in ("name", "table"):
            name = token[0].lower()
            if name not in _CONSTANTS and not sheet.startswith("["):
                names.append((sheet, name, _column(text, token.end()) if kind == "table" else ""))
        elif kind == "call":
            anywhere = anywhere or token[0].upper().rpartition(".")[2] in _ANYWHERE
        elif kind == "span":
            spans = True
        sheet = ""
    return Formula(tuple(references), tuple(names), anywhere, spans)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a formula; what stands in a table's brackets names columns and is left out."""
    at = 0
    while True:
        token = _TOKEN.search(text, at)
        if token is None:
            return
        at = token.end()
        if token.lastgroup == "inner":
            at = _closing_bracket(text, at)
        else:
            yield token


def _column(text: str, at: int) -> str:
    """The one column that ``[column]`` after a table's name means, else nothing."""
    said = text[at + 1 : _closing_bracket(text, at + 1) - 1].lower()
    return "" if set(said) & set("[]#:") else said.replace("'", "")


def _closing_bracket(text: str, at: int) -> int:
    depth = 1
    while depth and at < len(text):
        sign = text[at]
        at += 2 if sign == "'" else 1  # in brackets a quote takes the meaning from the next sign
        depth += (sign == "[") - (sign == "]")
    return at


def _sheet_name(spelt: str) -> str:
    name = spelt[:-1]
    if name.startswith("'"):
        name = name[1:-1].replace("''", "'")
    return name.removeprefix("[0]").lower()


def _reference(sheet: str, kind: str, token: re.Match[str]) -> Iterator[Reference]:
    if sheet.startswith("["):
        return  # another workbook's cells
    corners = [_corner(kind, half) for half in token[0].split(":")]
    first, last = corners[0], corners[-1]
    if kind == "cells" and max(first[0], last[0]) > MAX_ROW:
        return
    top, left, bottom, right = first[0], first[1], last[0], last[1]
    fixed = (first[2], first[3], last[2], last[3])
    if kind == "columns":
        top, bottom, fixed = 1, MAX_ROW, (True, fixed[1], True, fixed[3])
    elif kind == "rows":
        left, right, fixed = 1, MAX_COLUMN, (fixed[0], True, fixed[2], True)
    if max(left, right) <= MAX_COLUMN:
        yield Reference(sheet, (top, left, bottom, right), fixed)


_HALF = pattern(r"(\$?)([A-Za-z]*)(\$?)(\d*)\Z")


def _corner(kind: str, text: str) -> tuple[int, int, bool, bool]:
    """Row, column, and which of them stays when the formula is filled; 0 for what is not said."""
    match = _HALF.match(text)
    if match is None:
        raise ValueError(text)
    one, letters, two, digits = match.groups()
    row_fixed = bool(one) if kind == "rows" else bool(two)
    return int(digits or 0), column_number(letters), row_fixed, bool(one)


def shift_formula(text: str, rows: int, columns: int) -> str:
    """The text after the formula was filled so many rows down and columns to the right."""
    out: list[str] = []
    at = 0
    for token in _tokens(text):
        kind = token.lastgroup
        if kind in ("cells", "columns", "rows"):
            halves = [_shift_half(kind, half, rows, columns) for half in token[0].split(":")]
            out += (text[at : token.start()], ":".join(halves))
            at = token.end()
    return "".join((*out, text[at:]))


def translate_references(
    text: str, own: str, place: Callable[[str, Where], tuple[str, Where]]
) -> str:
    """The text with every cell that it names where ``place`` says that it is now.

    ``own`` is the sheet that the formula stands on. ``place`` takes a sheet in lower case, row and
    column; whole rows and columns keep theirs. A sheet is spelt out where it was.
    """
    out: list[str] = []
    at, sheet, spelt = 0, own.lower(), ""
    for token in _tokens(text):
        kind = token.lastgroup
        if kind == "sheet":
            sheet, spelt = _sheet_name(token[0]), token[0]
            out.append(text[at : token.start()])
            at = token.end()
            continue
        if kind == "cells" and not sheet.startswith("["):
            halves = []
            for half in token[0].split(":"):
                row, column, row_fixed, column_fixed = _corner(kind, half)
                name, (row, column) = place(sheet, (row, column))
                marks = ("$" if column_fixed else "", "$" if row_fixed else "")
                halves.append(f"{marks[0]}{column_letters(column)}{marks[1]}{row}")
                if spelt:
                    spelt = f"{quote_sheet_name(name)}!"
            out += (text[at : token.start()], spelt, ":".join(halves))
        else:
            out += (text[at : token.start()], spelt, token[0])
        at, sheet, spelt = token.end(), own.lower(), ""
    return "".join((*out, text[at:]))


def move_references(
    text: str, own: str, move: Callable[[str, int, int, bool, bool], tuple[int, int]]
) -> str:
    """The text with every range that it names where ``move`` says that it is now.

    ``own`` is the sheet that the formula stands on. ``move`` takes a sheet in lower case, the first
    and the last row (or column) of a range, whether these are rows, and whether the text spells a
    range and not one cell. Nothing but the letters and digits of what moves is written anew.
    """
    out: list[str] = []
    at, sheet = 0, own.lower()
    for token in _tokens(text):
        kind = token.lastgroup
        if kind == "sheet":
            sheet = _sheet_name(token[0])
            continue
        if kind in ("cells", "columns", "rows") and not sheet.startswith("["):
            out += (text[at : token.start()], _move_range(kind, token[0], sheet, move))
            at = token.end()
        sheet = own.lower()
    return "".join((*out, text[at:]))


def _move_range(
    kind: str, text: str, sheet: str, move: Callable[[str, int, int, bool, bool], tuple[int, int]]
) -> str:
    halves = text.split(":")
    corners = [_corner(kind, half) for half in halves]
    moved = [list(corner[:2]) for corner in corners]
    for axis in (0, 1):
        numbers = [corner[axis] for corner in corners]
        if 0 not in numbers:
            first, last = move(sheet, min(numbers), max(numbers), axis == 0, len(halves) > 1)
            turned = numbers[0] > numbers[-1]
            for each, number in zip(
                moved, (last, first) if turned else (first, last), strict=False
            ):
                each[axis] = number
    if all([*corner[:2]] == place for corner, place in zip(corners, moved, strict=True)):
        return text
    return ":".join(
        f"{'$' if column_fixed and column else ''}{column_letters(column)}"
        f"{'$' if row_fixed and row else ''}{row or ''}"
        for (row, column), (_, _, row_fixed, column_fixed) in zip(moved, corners, strict=True)
    )


def _shift_half(kind: str, text: str, rows: int, columns: int) -> str:
    row, column, row_fixed, column_fixed = _corner(kind, text)
    letters = column_letters(column if column_fixed else column + columns) if column else ""
    digits = str(row if row_fixed else row + rows) if row else ""
    marks = ("$" if column_fixed and column else "", "$" if row_fixed and row else "")
    return f"{marks[0]}{letters}{marks[1]}{digits}"
