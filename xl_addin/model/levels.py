"""What one level hands to the one above it: a month's figures, unit by unit, with a hash over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple

VERSION = 1
"""Of the rows and of how they are hashed; an export of a newer one is refused."""
VALUE, LACKING, APART, NOT_ASKED = "number", "missing", "not-applicable", "not-asked"
STATES = (VALUE, LACKING, APART, NOT_ASKED)
"""What a month's figure can be: NOT_ASKED where the unit does not have to report the indicator."""
BETWEEN, NEXT = "\x1f", "\n"
"""Between the fields of a row that is hashed, and between rows: neither can stand in a cell's text."""


class LevelRow(NamedTuple):
    """A unit with an indicator in a month, as the sheets of figures show it at that month's end.

    ``unit`` and ``unit_name`` are empty for the whole of the programme. ``value`` is what the month
    added, None unless ``state`` is ``number``; ``cumulative`` is what is known of the year, with
    ``missing`` the months (``2,5``) that are not in it. ``opening_missing`` says that nobody knows what
    came before the first month, ``weight_missing`` of a rate that what it is weighted by is not known.
    ``accrued`` is what is due before whole things are rounded down; ``expected`` and ``counted``
    are months. ``opening`` and ``corrections`` are of the whole alone: what came before the first month,
    and what units stated beyond their months. ``receipt`` is the SHA-256 of the return that counts,
    ``run`` the run that took it; "" and 0 where there is none, and for the whole.
    """

    month: str
    unit: str
    unit_name: str
    indicator: str
    label: str
    unit_of: str
    measure: str
    whole: bool
    weight: str
    state: str
    value: Number | None
    cumulative: Number | None
    target: Number | None
    due: Number | None
    accrued: Number | None
    opening: Number | None
    corrections: Number | None
    expected: int
    counted: int
    missing: str
    opening_missing: bool
    weight_missing: bool
    receipt: str
    run: int


NUMBERS = ("value", "cumulative", "target", "due", "accrued", "opening", "corrections")
"""The columns that are hashed with nine decimals, as the totals round them."""


class ExportFacts(NamedTuple):
    """Whose figures an export has: ``months`` are the provenance of each month that is in it, by month."""

    programme: str
    name: str
    level: str
    year: int
    first_month: int
    made_at: str
    months: dict[str, str]
    version: int = VERSION


def row_text(row: LevelRow) -> str:
    """A row as it is hashed: an unknown is nothing, which no number is."""
    return BETWEEN.join(
        ("" if value is None else f"{value:.9f}")
        if name in NUMBERS
        else str(int(value))
        if isinstance(value, bool)
        else str(value)
        for name, value in zip(LevelRow._fields, row, strict=True)
    )


def provenance(rows: Iterable[LevelRow]) -> str:
    """The SHA-256 over the rows of one month, in the order of units and indicators."""
    texts = (row_text(row) for row in sorted(rows, key=lambda each: (each.unit, each.indicator)))
    return hashlib.sha256(NEXT.join(texts).encode()).hexdigest()


def provenance_of_all(months: Iterable[tuple[str, str]]) -> str:
    """The SHA-256 over the provenance of each month, given as (month, hash)."""
    lines = NEXT.join(f"{month} {each}" for month, each in sorted(months))
    return hashlib.sha256(lines.encode()).hexdigest()
