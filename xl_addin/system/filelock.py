"""One at a time: what two processes must not do side by side, such as sending the same letters.

The lock is the operating system's, on a file that stays: it goes when its process does, however
that ends. Some shares and synchronised folders know no locks (ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL): there a
file beside it that only one can make stands for it, with whose it is. filelock 4.3 imports in 32 ms, takes
ENOSYS so and passes on ENOLCK and EOPNOTSUPP; portalocker 4.4 imports in 45 (bare Python: 15).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xl_addin.system import held
from xl_addin.system.errors import Refused

# Windows lets nobody read bytes that are locked; what is being done stands before them.
_LOCK_OFFSET = 1 << 30
_MAX_TEXT = 200
_SYNCHRONIZE, _ACCESS_DENIED, _STILL_RUNS = 0x100000, 5, 258  # a right, an error, WAIT_TIMEOUT
_TAKEN = frozenset((errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK))
_NO_LOCKS = frozenset((errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL))


@contextmanager
def lock(path: Path, doing: str, *, optional: bool = False) -> Iterator[None]:
    """Hold the lock file at ``path``. Refused, with what is being done, when another process does.

    Raises OSError where the file cannot be opened or locked; with ``optional`` nothing is held where it
    cannot be opened.
    """
    try:
        handle = _open_lock_file(path)
    except OSError:
        if not optional:
            raise
        yield
        return
    with _hold(handle, path, doing):
        yield


def _open_lock_file(path: Path) -> int:
    return held.open_handle(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)


@contextmanager
def _hold(handle: int, path: Path, doing: str) -> Iterator[None]:
    marker = None
    try:
        try:
            _take(handle)
        except OSError as error:
            if error.errno in _TAKEN:
                running = _read(handle) or "做别的操作"
                raise Refused(
                    f"{path.parent}：另一个窗口或另一台电脑正在{running}；请等它结束再试，这一次什么都没有做"
                ) from None
            if error.errno not in _NO_LOCKS:
                raise OSError(error.errno, error.strerror, str(path)) from error
            marker = _take_marker(path.with_name(f"{path.name}.held"), doing)
        try:
            os.ftruncate(handle, 0)
            os.write(handle, doing.encode())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
        yield
    finally:
        os.close(handle)
        if marker is not None:
            with suppress(OSError):
                held.unlink(marker)


def _read(handle: int) -> str:
    return os.read(handle, _MAX_TEXT).decode("utf-8", "replace").strip()


def _take_marker(marker: Path, doing: str) -> Path:
    """The file that stands for a lock, made by this process. Refused where another has made it."""
    own = f"{_host()} {os.getpid()}"
    for _ in range(2):
        try:
            handle = os.open(marker, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            holder, _, running = _marker_text(marker).partition("\n")
            if not _has_ended(holder):
                break
            # Of a process of this computer that is no more.
            held.unlink(marker)
            continue
        try:
            os.write(handle, f"{own}\n{doing}".encode())
        except OSError as error:
            # Without a name in it nobody could tell whose it is, nor that he is gone.
            with suppress(OSError):
                held.unlink(marker)
            raise OSError(error.errno, error.strerror, str(marker)) from error
        finally:
            os.close(handle)
        return marker
    else:
        running = ""
    raise Refused(
        f"{marker.parent}：另一个窗口或另一台电脑正在{running or '做别的操作'}；请等它结束再试，这一次什么都没有做。"
        f"如果确认没有人在用（例如那台电脑断过电），请删除文件 {marker.name} 再试"
    )


def _marker_text(marker: Path) -> str:
    try:
        return held.read_bytes(marker)[:_MAX_TEXT].decode("utf-8", "replace")
    except OSError:
        return ""


def _has_ended(holder: str) -> bool:
    """Whether who made a marker was a process of this computer that is no more."""
    host, _, process = holder.rpartition(" ")
    if host != _host() or not process.isdecimal():
        return False
    try:
        if sys.platform == "win32":
            return not _runs_on_windows(int(process))
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _runs_on_windows(process: int) -> bool:
    """Whether there is such a process: ``os.kill`` would end it, or its console's programs."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(_SYNCHRONIZE, False, process)
    if not handle:
        return bool(ctypes.get_last_error() == _ACCESS_DENIED)  # type: ignore[attr-defined,unused-ignore]
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == _STILL_RUNS)
    finally:
        kernel.CloseHandle(handle)


def _host() -> str:
    import platform

    return platform.node()


def _take(handle: int) -> None:
    """Take the operating system's lock. Raises OSError where it is taken, or there are none."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _LOCK_OFFSET, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
