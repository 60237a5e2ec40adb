"""The master as a verb sees it: named blocks to read, cells to change. A file or live in Excel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from xl_addin.blocks import Block
from xl_addin.records import Number, Problem

Value = Number | str | None
Where = tuple[int, int]


class Change(NamedTuple):
    """What one sheet's cells become.

    ``values`` are typed into plain cells, None empties one. ``computed`` are formula cells: the
    formula that must stand there and the value that it must come to.
    """

    sheet: str
    values: dict[Where, Value]
    computed: dict[Where, tuple[str, Value]]


class FormulaCheck(NamedTuple):
    """How many formula cells were compared, and those that are not what they should be."""

    compared: int
    disagreements: tuple[Problem, ...]


class Host(Protocol):
    """The master workbook, wherever it is open."""

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""
        ...

    def apply(self, changes: Sequence[Change]) -> FormulaCheck:
        """Change cells; formulas that are no longer ours are reported and left alone."""
        ...

    def refuse_if_open(self) -> None:
        """Raise Refused when another program has the master open."""
        ...

    def save(self) -> None:
        """Keep what was changed."""
        ...
