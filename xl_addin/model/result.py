"""What a verb has to say, for people and for programs, from one record."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


class ResultTable(NamedTuple):
    """A table for people. ``right`` are the columns (from 0) that hold numbers."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    right: frozenset[int] = frozenset()


class Question(NamedTuple):
    """What a button asks below its message, to be answered by yes or no.

    Yes is the same verb once more with the switch ``option``.
    """

    text: str
    option: str


class Result(NamedTuple):
    """The result of a verb.

    ``data`` is the object that ``--json`` prints, ``outcome`` one Chinese line for the journal and
    a button's message, ``clean`` whether nothing is wrong with the data. ``shows`` is the block of
    the master in which the result can be looked at. ``question`` is what a button asks with the
    message; ``advice`` is what the command line says instead.
    """

    data: dict[str, Any]
    outcome: str
    clean: bool = True
    lines: tuple[str, ...] = ()
    tables: tuple[ResultTable, ...] = ()
    shows: str = ""
    question: Question | None = None
    advice: str = ""

    @property
    def exit_code(self) -> int:
        """0 clean, 1 done but the data has problems."""
        return 0 if self.clean else 1
