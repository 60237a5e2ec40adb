"""One at a time: what two processes must not do side by side, such as sending the same letters.

The lock is the operating system's, on a file that stays: it goes when its process does, however
that ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xl_addin.system.errors import Refused

# Windows lets nobody read bytes that are locked; what is being done stands before them.
_LOCK_OFFSET = 1 << 30
_MAX_TEXT = 200


@contextmanager
def lock(path: Path, doing: str, *, optional: bool = False) -> Iterator[None]:
    """Hold the lock file at ``path``. Refused, with what is being done, when another process does.

    Raises OSError where the file cannot be opened; with ``optional`` nothing is held then.
    """
    try:
        handle = _open_lock_file(path)
    except OSError:
        if not optional:
            raise
        yield
        return
    with _hold(handle, path.parent, doing):
        yield


def _open_lock_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)


@contextmanager
def _hold(handle: int, folder: Path, doing: str) -> Iterator[None]:
    try:
        if not _try_lock(handle):
            running = os.read(handle, _MAX_TEXT).decode("utf-8", "replace").strip() or "做别的操作"
            raise Refused(
                f"{folder}：另一个窗口或另一台电脑正在{running}；请等它结束再试，这一次什么都没有做"
            )
        os.ftruncate(handle, 0)
        os.write(handle, doing.encode())
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _LOCK_OFFSET, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
    return True
