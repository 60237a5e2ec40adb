"""Numbers in a paper's text beside the names of indicators, held against what the ledger has.

Only what can be nothing else is taken: a number right behind an indicator's name and before its unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xl_addin.model.names import fold
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.values import number_text

_BETWEEN = r"[^\d。；;\n]{0,12}?"
_NUMBER = r"(\d[\d,，]*(?:\.\d+)?)(万?)"
_NEAR = 1e-9


class FigureCheck(NamedTuple):
    """What is known of one indicator of a district.

    ``cumulative`` is at the end of ``month`` (1 to 12), ``known`` is every number that a text may give:
    the cumulatives and the additions of the months, the target.
    """

    name: str
    label: str
    unit: str
    month: int
    cumulative: Number
    known: frozenset[Number]


class WrongFigure(NamedTuple):
    """A number that the ledger has not."""

    says: str
    found: str
    expected: str


def wrong_figures(text: str, checks: Sequence[FigureCheck]) -> Iterator[WrongFigure]:
    """Every number beside an indicator's name that is none of what is known of it, each once."""
    lines = [fold(line) for line in text.split("\n")]
    for check in checks:
        unit = re.escape(fold(check.unit))
        seen: set[str] = set()
        for name in {fold(check.name), fold(check.label)}:
            found = re.compile(f"{re.escape(name)}{_BETWEEN}{_NUMBER}{unit}")
            for line in lines:
                for match in found.finditer(line):
                    number = float(match[1].replace(",", "").replace("，", ""))
                    number *= 10_000 if match[2] else 1
                    if match[0] in seen or any(abs(number - each) < _NEAR for each in check.known):
                        continue
                    seen.add(match[0])
                    yield _wrong(check, number)


def _wrong(check: FigureCheck, number: float) -> WrongFigure:
    found, expected = number_text(number), number_text(check.cumulative)
    says = (
        f"“{check.name}”写的是 {found}{check.unit}，底账里到 {check.month} 月底累计 {expected}"
        f"{check.unit}；请核对，以底账为准"
    )
    return WrongFigure(says, found, expected)
