"""A typed cell and a sheet of them, whatever the format they were read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1

NUM = "number"
TEXT = "text"
BOOL = "bool"
DATE = "date"
FAULT = "error"
NO_VALUE = "formula without value"

MAX_CELLS = 500_000
OWN_CELLS = (
    4_000_000  # of a sheet of our own master: 3,000 districts with 60 indicators have 550,000
)
LONGEST_TEXT = 32_767
"""Excel's own limit of a cell: what is longer is cut."""
MAX_TEXT = 12_000_000
"""So many letters are kept of a part: four bytes each where one of a text needs them."""
DAYS_TO_1904 = 1462
"""How far a workbook that counts days from 1904 is behind the others (ECMA-376 part 1, 18.17.4.1)."""
_LONGEST_NUMBER = 400
_CONTROL = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBER = pattern(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)


Value = Number | str | None
"""What is written into a cell; None empties it."""


class Cell(NamedTuple):
    """One cell that holds something.

    ``value`` is a number for ``number`` and ``date`` (days, as Excel counts them), a str for
    ``text`` and ``error``, a bool for ``bool`` and None for ``formula without value``.
    ``formula`` is the formula's text where the cell has one of its own, ``""`` where it shares
    another cell's, None where the cell is typed. ``style`` indexes the workbook's formats.
    """

    kind: str
    value: Number | str | bool | None
    formula: str | None = None
    style: int = 0


class Region(NamedTuple):
    """How far a sheet is read; what lies beyond is counted in ``Sheet.stray`` and not kept."""

    rows: int = a1.MAX_ROW
    columns: int = a1.MAX_COLUMN


class Sheet(NamedTuple):
    """The cells of one sheet by (row, column), with what shapes them.

    ``format_codes`` has the number format's code for each ``Cell.style`` that may show a number as
    something else than it is.
    """

    name: str
    state: str
    cells: dict[tuple[int, int], Cell]
    merged: tuple[a1.Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    stray: int = 0
    format_codes: Mapping[int, str] = MappingProxyType({})
    hidden_columns: frozenset[int] = frozenset()


def as_number(text: str) -> tuple[str, Number | str]:
    """A number as XML writes it; what is none, or too large, is an error cell."""
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.match(text):
        return FAULT, f"#不是数字 {text[:20]}"
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return FAULT, "#数字过大"
    return NUM, plain_number(value)


def plain_number(value: Number) -> Number:
    """An int where a number is whole, and so small that every digit of it is known."""
    if isinstance(value, int) or not value.is_integer() or abs(value) >= 1e15:
        return value
    return int(value)


def fit_cell_text(text: str) -> str:
    """Text that a cell can hold: no control characters, no longer than Excel allows."""
    return _CONTROL.sub("", text)[:LONGEST_TEXT]
