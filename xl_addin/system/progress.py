"""Progress of long work: a bar on a terminal, a line in Excel's status bar, silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from xl_addin.system.light import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")
_REDRAW_SECONDS = 0.2


class Progress(Protocol):
    """What a verb tells about how far it is."""

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:
        """The items, counted as they pass; ``total`` is about how many there are."""


class Silent:
    """Tells nothing."""

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:  # noqa: ARG002
        """The items as they are."""
        yield from items


class Terminal:
    """A rich progress bar on standard error, gone when all is done.

    It is drawn by the items themselves and not by a thread: work may be forked meanwhile.
    """

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:
        """The items; the bar moves seldom enough to cost nothing."""
        from time import monotonic

        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(auto_refresh=False, console=Console(stderr=True), transient=True) as bar:
            task, at = bar.add_task(doing, total=total), monotonic()
            for item in items:
                yield item
                bar.advance(task)
                if monotonic() - at >= _REDRAW_SECONDS:
                    bar.refresh()
                    at = monotonic()


class StatusBar:
    """A line that says what is being done and how far it is, given to ``show``."""

    def __init__(self, show: Callable[[str], None], label: str) -> None:
        self._show = show
        self._label = label

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:
        """The items; the line changes with the percentage, seldom enough to cost nothing."""
        from time import monotonic

        told, at = -1, 0.0
        for done, item in enumerate(items):
            percent = done * 100 // max(total, done, 1)
            if told < 0 or (percent > told and monotonic() - at >= _REDRAW_SECONDS):
                told, at = percent, monotonic()
                self._show(f"{self._label}：{doing} {percent}%（{done}/{total}）")
            yield item
        self._show(f"{self._label}：{doing} 100%（{total}/{total}）")


@contextmanager
def show_progress(quiet: bool) -> Iterator[Progress]:
    """Progress on a terminal, none elsewhere."""
    yield Silent() if quiet or not sys.stderr.isatty() else Terminal()
