"""What a verb has to say, for people and for programs, from one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


class LongList:
    """What ``--json`` prints as a list and nobody holds as one: its entries are made whenever it is gone through."""

    def __init__(self, entries: Callable[[], Iterable[Any]]) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[Any]:
        return iter(self._entries())

    def __getitem__(self, at: Any) -> Any:
        return list(self)[at]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, list | LongList) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


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
