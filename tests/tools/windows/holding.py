"""Files as other programs hold them on Windows: one by Excel, every new one by a virus scanner.

``python -m tests.tools.windows.holding FOLDER SECONDS`` is the scanner: it opens every file that appears below
the folder, sharing reading and writing and no renaming, and lets go of it after so many seconds. It says
"ready" when it has begun, ends with its standard input and then says how many files it held.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

READ, WRITE = 1, 2
"""What a program that has a file open lets others do."""
_GENERIC_READ, _OPEN_EXISTING = 0x80000000, 3


def _kernel() -> Any:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateFileW.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
    return kernel


def _open(kernel: Any, path: str, shared: int) -> int:
    handle = kernel.CreateFileW(path, _GENERIC_READ, shared, None, _OPEN_EXISTING, 0, None)
    if handle in (None, ctypes.c_void_p(-1).value):
        raise OSError(path)
    return int(handle)


@contextmanager
def held(path: Path, shared: int = READ) -> Iterator[None]:
    """A file that another program has open; Excel lets others read what it has open, and nothing more."""
    kernel = _kernel()
    handle = _open(kernel, str(path), shared)
    try:
        yield
    finally:
        kernel.CloseHandle(handle)


def opened(path: Path) -> AbstractContextManager[None]:
    """A file as Excel has it open; elsewhere than on Windows nobody could tell."""
    return held(path) if sys.platform == "win32" else nullcontext()


def scan(folder: str, seconds: float) -> int:
    """Hold every file that appears until standard input ends; how many there were."""
    kernel, over = _kernel(), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    seen = set(_files(folder))
    waiting: list[tuple[float, int]] = []
    count = 0
    print("ready", flush=True)
    while not over.is_set():
        for path in _files(folder):
            if path not in seen:
                seen.add(path)
                with suppress(OSError):
                    waiting.append((time.monotonic() + seconds, _open(kernel, path, READ | WRITE)))
                    count += 1
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            kernel.CloseHandle(waiting.pop(0)[1])
    return count


def _files(folder: str) -> Iterator[str]:
    for home, _, names in os.walk(folder):
        yield from (os.path.join(home, name) for name in names)  # noqa: PTH118 - thousands a second


if __name__ == "__main__":
    print(scan(sys.argv[1], float(sys.argv[2])), flush=True)
