"""Receipts of one run, held small: of ten thousand only the last ones are records, the others bytes."""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterable, Iterator, Sequence

from xl_addin.model.records import Figure, ItemReport, Problem, Receipt, Text, WorkPage
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, overload

SourcedReceipt = tuple[str, Receipt]
_TOGETHER = 200


class KeptReceipts(Sequence[SourcedReceipt]):
    """Receipts with their sources, in order."""

    def __init__(self, receipts: Iterable[SourcedReceipt] = ()) -> None:
        self._frozen: list[bytes] = []
        self._last: list[SourcedReceipt] = []
        for each in receipts:
            self.append(each)

    def append(self, sourced: SourcedReceipt) -> None:
        """Take one more."""
        self._last.append(sourced)
        if len(self._last) == _TOGETHER:
            plain = [(source, *map(_plain, receipt)) for source, receipt in self._last]
            self._frozen.append(zlib.compress(marshal.dumps(plain), 1))
            self._last = []

    def parts(self) -> Iterator[list[SourcedReceipt]]:
        """All of them, some at a time."""
        for frozen in self._frozen:
            yield _thaw(frozen)
        if self._last or not self._frozen:
            yield self._last

    def __len__(self) -> int:
        return len(self._frozen) * _TOGETHER + len(self._last)

    def __iter__(self) -> Iterator[SourcedReceipt]:
        for part in self.parts():
            yield from part

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, at: int) -> SourcedReceipt: ...
        @overload
        def __getitem__(self, at: slice) -> Sequence[SourcedReceipt]: ...

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        at += len(self) if at < 0 else 0
        if not 0 <= at < len(self):
            raise IndexError(at)
        part, place = divmod(at, _TOGETHER)
        return (self._last if part == len(self._frozen) else _thaw(self._frozen[part]))[place]


def _plain(value: Any) -> Any:
    """Records as plain tuples, which marshal takes."""
    if not isinstance(value, tuple):
        return value
    if isinstance(value, WorkPage):
        return (*value[:2], list(map(tuple, value.reports)))
    return list(map(tuple, value))


def _thaw(frozen: bytes) -> list[SourcedReceipt]:
    found: list[SourcedReceipt] = []
    for source, *plain in marshal.loads(zlib.decompress(frozen)):  # noqa: S302 - our own
        receipt = Receipt._make(plain)
        page: Any = receipt.page
        full = receipt._replace(
            problems=tuple(map(Problem._make, receipt.problems)),
            figures=tuple(map(Figure._make, receipt.figures)),
            texts=tuple(map(Text._make, receipt.texts)),
            page=page and WorkPage(page[0], page[1], tuple(map(ItemReport._make, page[2]))),
        )
        found.append((source, full))
    return found
