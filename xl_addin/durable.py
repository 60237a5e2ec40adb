"""Writing files so that a power cut leaves the old one or the new one, never half of one.

Temp file in the same folder, fsync, rename.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

_THREADS = 8
_MANY = 8
"""From so many files on, threads pay for their own import."""


def write(path: Path, data: bytes) -> None:
    """Write one file durably, folder entry included."""
    os.replace(_stage(path, data), path)  # noqa: PTH105
    sync_folder(str(path.parent))


def _stage(path: Path, data: bytes) -> str:
    temporary = f"{path}.{os.getpid()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    except OSError:
        os.close(handle)
        Path(temporary).unlink(missing_ok=True)
        raise
    os.close(handle)
    return temporary


def sync_folder(folder: str) -> None:
    """Make names that appeared in a folder last through a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Batch:
    """Durable writes together, in two steps: ``put`` takes them, ``publish`` makes them appear.

    Leaving the ``with`` block without an error publishes what was put; with one, nothing more
    appears. Many files are written side by side: fsync waits for the disk and not for Python.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Path, bytes]] = []

    def __enter__(self) -> Batch:
        return self

    def put(self, path: Path, data: bytes) -> None:
        """Take one file."""
        self._waiting.append((path, data))

    def publish(self) -> None:
        """Write everything to the disk, then let it appear under its name. Raises OSError."""
        staged: list[tuple[str, Path]] = []
        try:
            self._stage_all(staged)
            for temporary, path in staged:
                os.replace(temporary, path)  # noqa: PTH105 - a Path per file costs more
        except OSError:
            for temporary, _ in staged:
                Path(temporary).unlink(missing_ok=True)
            raise
        for folder in {str(path.parent) for _, path in staged}:
            sync_folder(folder)

    def _stage_all(self, staged: list[tuple[str, Path]]) -> None:
        jobs, self._waiting = self._waiting, []
        errors: list[OSError] = []

        def work(share: list[tuple[Path, bytes]]) -> None:
            try:
                for path, data in share:
                    staged.append((_stage(path, data), path))
            except OSError as error:
                errors.append(error)

        if len(jobs) < _MANY:
            work(jobs)
        else:
            from threading import Thread

            threads = [Thread(target=work, args=(jobs[n::_THREADS],)) for n in range(_THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if errors:
            raise errors[0]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.publish()
