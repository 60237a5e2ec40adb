"""One verb at a time in a programme's folder, from wherever it is started.

The lock is the operating system's, on a file beside the ledger: it goes when its process does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xl_addin import layout
from xl_addin.errors import Refused

# Windows lets nobody read bytes that are locked; what runs stands before them.
_FAR = 1 << 30
_MOST = 200


@contextmanager
def only_one(folder: Path, doing: str) -> Iterator[None]:
    """Hold a programme's folder. Refused, with what is running there, when another process has it.

    A folder without a ledger is no programme, one that nobody may write to cannot be changed:
    neither is held.
    """
    handle = _opened(folder) if (folder / layout.LEDGER).is_file() else None
    if handle is None:
        yield
        return
    try:
        if not _locked(handle):
            running = os.read(handle, _MOST).decode("utf-8", "replace").strip()
            raise Refused(
                f"{folder}：{running or '另一个操作'}正在运行；请等它结束后再试，这一次什么都没有做"
            )
        os.ftruncate(handle, 0)
        os.write(handle, doing.encode())
        yield
    finally:
        os.close(handle)


def _opened(folder: Path) -> int | None:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    with suppress(OSError):
        return os.open(folder / layout.LOCK, flags, 0o666)
    return None


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
    return True
