"""Writing files so that a power cut leaves the old one or the new one, never half of one.

Temp file in the same folder, fsync, rename. ``Batch`` does it for many files with a few threads:
fsync waits for the disk and not for Python, so waiting side by side costs a fraction.
"""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path
from types import TracebackType

_THREADS = 4
_IN_FLIGHT = 64


def write(path: Path, data: bytes) -> None:
    """Write one file durably, folder entry included."""
    os.replace(_stage(path, data), path)  # noqa: PTH105
    _sync_folder(str(path.parent))


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


def _sync_folder(folder: str) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Batch:
    """Durable writes side by side, in two steps: ``put`` stages, ``publish`` makes them appear.

    Leaving the ``with`` block without an error publishes what is staged; with one, nothing more
    appears and the staged files are removed.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[Path, bytes] | None] = queue.Queue(_IN_FLIGHT)
        self._staged: list[tuple[str, Path]] = []
        self._errors: list[OSError] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(_THREADS)]

    def __enter__(self) -> Batch:
        for thread in self._threads:
            thread.start()
        return self

    def put(self, path: Path, data: bytes) -> None:
        """Stage one file; raises the error of an earlier one, if there was any."""
        self._raise_first()
        self._queue.put((path, data))

    def publish(self) -> None:
        """Wait until everything staged is on the disk, then let it appear under its name."""
        self._queue.join()
        self._raise_first()
        for temporary, path in self._staged:
            os.replace(temporary, path)  # noqa: PTH105 - a Path per file costs more than the rename
        folders = {str(path.parent) for _, path in self._staged}
        self._staged.clear()
        for folder in folders:
            _sync_folder(folder)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        try:
            if kind is None:
                self.publish()
        finally:
            for temporary, _ in self._staged:
                Path(temporary).unlink(missing_ok=True)

    def _raise_first(self) -> None:
        if self._errors:
            raise self._errors[0]

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            try:
                if job is None:
                    return
                self._staged.append((_stage(*job), job[0]))
            except OSError as error:
                self._errors.append(error)
            finally:
                self._queue.task_done()
