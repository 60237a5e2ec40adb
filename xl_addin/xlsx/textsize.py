"""How much room a text takes in a cell."""

from __future__ import annotations

import math
from collections.abc import Sequence


def text_width(text: str) -> int:
    """The width of one line in characters: a Chinese character takes two."""
    return sum(1 if ord(sign) < 0x2000 else 2 for sign in text)


def line_count(text: str, width: float) -> int:
    """How many lines a text takes in a column of this width."""
    room = max(width - 1.5, 2)
    return sum(max(1, math.ceil(text_width(line) / room)) for line in text.split("\n"))


def row_height(texts: Sequence[tuple[str, float]], line: float = 15.5, least: float = 20) -> float:
    """The row height in points that the tallest of (text, column width) needs."""
    tallest = max((line_count(text, width) for text, width in texts), default=1)
    return max(least, tallest * line + 4)
