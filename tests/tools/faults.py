"""Errors on order: the n-th time that a step is reached, of a double or of the operating system."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xl_addin

_PROGRAM = str(Path(xl_addin.__file__).parent)


class ShortWrite(Exception):
    """Planned for ``write``: half of the bytes are taken."""


class Faults:
    """Planned errors by step; ``reached`` counts how often each step was come to.

    Where ``places`` is a list, it takes the step and the lines of the program that led to each call.
    """

    def __init__(self) -> None:
        self.reached: Counter[str] = Counter()
        self.places: list[tuple[str, tuple[str, ...]]] | None = None
        self._planned: dict[tuple[str, int], BaseException] = {}

    def plan(self, step: str, error: BaseException, at: int = 1, times: int = 1) -> None:
        """Raise an error from the ``at``-th time on, counted from now, so many times."""
        first = self.reached[step] + at
        self._planned |= {(step, number): error for number in range(first, first + times)}

    def clear(self) -> None:
        """Forget what is still planned."""
        self._planned.clear()

    def reach(self, step: str, path: str | None = None) -> None:
        """Count a step. Raises what is planned for it, about ``path``."""
        self.reached[step] += 1
        if self.places is not None:
            self.places.append((step, _lines()))
        error = self._planned.get((step, self.reached[step]))
        if error is not None:
            if path is not None and isinstance(error, OSError):
                error.filename = path
            raise error


def _lines() -> tuple[str, ...]:
    """The program's lines that are being carried out, the innermost first, each once."""
    lines, frame = dict[str, None](), sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith(_PROGRAM):
            lines[f"{frame.f_code.co_filename}:{frame.f_lineno}"] = None
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(lines)


def disk_faults(
    monkeypatch: Any, folder: Path, paths: Sequence[str] = (), handles_too: Sequence[str] = ()
) -> Faults:
    """Faults of what the program asks of a disk, on what is below a folder.

    ``open`` is the low one that durable writes use; what Python's own files do is not counted. ``paths``
    and ``handles_too`` are further functions of ``os``, by what they are given.
    """
    faults = Faults()
    home, handles = os.fspath(folder), set[int]()

    def by_path(name: str) -> None:
        plain = getattr(os, name)

        def call(path: Any, *arguments: Any, **named: Any) -> Any:
            ours = isinstance(path, str | Path) and os.fspath(path).startswith(home)
            if ours:
                faults.reach(name, os.fspath(path))
            result = plain(path, *arguments, **named)
            if ours and name == "open":
                handles.add(result)
            return result

        monkeypatch.setattr(os, name, call)

    def by_handle(name: str) -> None:
        plain = getattr(os, name)

        def call(handle: int, *arguments: Any) -> Any:
            if handle in handles:
                try:
                    faults.reach(name)
                except ShortWrite:
                    return plain(handle, arguments[0][: -(-len(arguments[0]) // 2)])
            if name == "close":
                handles.discard(handle)
            return plain(handle, *arguments)

        monkeypatch.setattr(os, name, call)

    for name in (
        "open",
        "replace",
        "link",
        "rename",
        "unlink",
        "chmod",
        "mkdir",
        "listdir",
        "scandir",
        *paths,
    ):
        by_path(name)
    for name in ("write", "fsync", "close", *handles_too):
        by_handle(name)
    return faults
