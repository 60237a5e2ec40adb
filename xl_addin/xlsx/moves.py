"""Where cells and ranges come to stand when rows and columns are put into sheets.

Everything is told in the numbers from before. As in Excel a range that a row goes into grows, one
below it moves. Beyond that a range that covers a whole list goes on to cover it when the list grows at
its end.
"""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import MAX_COLUMN, MAX_ROW, Area, Where
from xl_addin.xlsx.references import move_references


class Insertion(NamedTuple):
    """``number`` rows (else columns) put before the one numbered ``at``.

    They look like the one numbered ``like``. Ranges that begin at ``first`` or before and end just before ``at``
    grow.
    """

    sheet: str
    rows: bool
    at: int
    number: int
    like: int
    first: int


class Moves:
    """What a set of insertions does to places."""

    def __init__(self, insertions: Iterable[Insertion]) -> None:
        self._found: dict[tuple[str, bool], list[Insertion]] = {}
        for each in insertions:
            self._found.setdefault((each.sheet.lower(), each.rows), []).append(each)
        for found in self._found.values():
            found.sort(key=lambda each: each.at)

    @property
    def sheets(self) -> set[str]:
        """The sheets that something is put into, in lower case."""
        return {sheet for sheet, _ in self._found}

    def insertions(self, sheet: str, *, rows: bool) -> tuple[Insertion, ...]:
        """What is put into a sheet, in order."""
        return tuple(self._found.get((sheet.lower(), rows), ()))

    def line(self, sheet: str, number: int, *, rows: bool) -> int:
        """A row's (else a column's) number afterwards."""
        found = self._found.get((sheet.lower(), rows), ())
        return number + sum(each.number for each in found if each.at <= number)

    def where(self, sheet: str, at: Where) -> Where:
        """A cell afterwards."""
        return self.line(sheet, at[0], rows=True), self.line(sheet, at[1], rows=False)

    def span(self, sheet: str, first: int, last: int, *, rows: bool, grow: bool) -> tuple[int, int]:
        """The first and the last row (else column) of a range afterwards.

        ``grow`` is off for what never covers a list: a single cell, a table of its own.
        """
        found = self._found.get((sheet.lower(), rows), ())
        more = sum(
            each.number for each in found if grow and each.at == last + 1 and first <= each.first
        )
        most = MAX_ROW if rows else MAX_COLUMN
        end = self.line(sheet, last, rows=rows) + more
        return min(self.line(sheet, first, rows=rows), most), min(end, most)

    def area(self, sheet: str, area: Area, *, grow: bool = True) -> Area:
        """A range afterwards."""
        top, bottom = self.span(sheet, area[0], area[2], rows=True, grow=grow)
        left, right = self.span(sheet, area[1], area[3], rows=False, grow=grow)
        return top, left, bottom, right

    def splits(self, sheet: str, area: Area) -> bool:
        """Whether something goes in between the rows or columns of a range."""
        return any(
            first < each.at <= last
            for rows, first, last in ((True, area[0], area[2]), (False, area[1], area[3]))
            for each in self.insertions(sheet, rows=rows)
        )

    def formula(self, text: str, own: str, *, grow: bool = True) -> str:
        """A formula's text (without ``=``) that stands on sheet ``own`` afterwards."""

        def move(sheet: str, first: int, last: int, rows: bool, ranged: bool) -> tuple[int, int]:
            return self.span(sheet, first, last, rows=rows, grow=grow and ranged)

        return move_references(text, own, move)
