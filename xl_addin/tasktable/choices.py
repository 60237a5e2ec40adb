"""What staff settled where a task table can be read in two ways; each is named as the sheet has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from xl_addin.system.errors import Misused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import MAX_COLUMN, MAX_ROW, column_number

_MOST = 1000


class Choices(NamedTuple):
    """Rows and columns by their numbers on the sheet; ``sheet`` is empty where nobody chose one.

    ``kept_columns`` are indicators and ``kept_rows`` districts though they look like something else;
    ``units_across``: the districts stand in the header, one a column.
    """

    sheet: str = ""
    skipped_columns: frozenset[int] = frozenset()
    kept_columns: frozenset[int] = frozenset()
    skipped_rows: frozenset[int] = frozenset()
    kept_rows: frozenset[int] = frozenset()
    total_rows: frozenset[int] = frozenset()
    units_across: bool = False

    def turned(self) -> Choices:
        """The same for the table with its rows and columns exchanged; no row of totals is a district then."""
        return Choices(
            self.sheet,
            self.skipped_rows | self.total_rows,
            self.kept_rows,
            self.skipped_columns,
            self.kept_columns,
        )


NO_CHOICES = Choices()


def read_choices(options: Mapping[str, str]) -> Choices:
    """What the options of ``new`` settle. Raises Misused for what is no row or column."""
    return Choices(
        options.get("sheet", ""),
        _columns(options, "skip-column"),
        _columns(options, "keep-column"),
        _rows(options, "skip-row"),
        _rows(options, "keep-row"),
        _rows(options, "total-row"),
        "units-across" in options,
    )


def describe_choices(options: Mapping[str, str]) -> str:
    """What was settled, as it was typed, for the journal; empty where nothing was."""
    names = ("sheet", "skip-column", "keep-column", "skip-row", "keep-row", "total-row")
    said = [f"--{name} {options[name]}" for name in names if options.get(name)]
    return " ".join([*said, *(["--units-across"] if "units-across" in options else [])])


def _columns(options: Mapping[str, str], name: str) -> frozenset[int]:
    return _numbers(
        options, name, r"[A-Za-z]{1,3}", column_number, MAX_COLUMN, "列号，例如 E 或 E,G"
    )


def _rows(options: Mapping[str, str], name: str) -> frozenset[int]:
    return _numbers(options, name, r"\d{1,7}", int, MAX_ROW, "行号，例如 5 或 5,9-12")


def _numbers(
    options: Mapping[str, str],
    name: str,
    form: str,
    number: Callable[[str], int],
    most: int,
    expected: str,
) -> frozenset[int]:
    text = options.get(name, "")
    found: set[int] = set()
    for part in filter(None, re.split(r"[,，、;；\s]+", text)):
        match = re.fullmatch(rf"({form})(?:[-:—~]({form}))?", part, re.ASCII)
        first, last = (number(match[1]), number(match[2] or match[1])) if match else (0, 0)
        if not 0 < first <= last <= most or last - first > _MOST:
            raise Misused(f"用法不对：--{name} 要填{expected}，现在是“{text}”")
        found.update(range(first, last + 1))
    return frozenset(found)
