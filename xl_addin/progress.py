"""Progress of long work: a bar on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What a verb tells about how far it is."""

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:
        """The items, told one by one."""


class Silent:
    """Tells nothing."""

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:  # noqa: ARG002
        """The items as they are."""
        yield from items


class Terminal:
    """A rich progress bar on standard error."""

    def over(self, items: Iterable[T], total: int, doing: str) -> Iterator[T]:
        """The items, with a bar that is gone when they are done."""
        from rich.console import Console
        from rich.progress import track

        console = Console(stderr=True)
        yield from track(items, description=doing, total=total, console=console, transient=True)


@contextmanager
def watched(quiet: bool) -> Iterator[Progress]:
    """Progress on a terminal, none elsewhere."""
    yield Silent() if quiet or not sys.stderr.isatty() else Terminal()
