"""One at a time: what two processes must not do side by side, such as sending the same letters.

The system lets go of the lock when a process ends, however it ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xl_addin.errors import Refused


@contextmanager
def turn(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file at ``path``. Refused when another process does; ``doing`` says what."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(handle)
    except OSError as error:
        os.close(handle)
        raise Refused(
            f"{path.parent}：另一个窗口或另一台电脑正在{doing}；请等它结束再试"
        ) from error
    try:
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
