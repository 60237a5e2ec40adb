"""Files that another program holds for a moment: a virus scanner or a synchroniser on Windows.

Windows lets nobody rename, remove or open what another program has open without sharing it, and scanners open
every new file: one that holds them for 50 ms made three of three runs fail. What Windows refuses for that
reason is tried again for some three seconds; any other error, and every error elsewhere, is passed on at once.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path

from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader, BufferedWriter
    from typing import Any, TypeVar

    T = TypeVar("T")

WAITS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between two tries."""
# ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.
_HELD = frozenset((5, 32, 33))


def patiently(call: Callable[..., T], *arguments: Any) -> T:
    """What a call gives that touches one file, tried again while Windows says that the file is held.

    Raises OSError as the last try did.
    """
    for seconds in WAITS:
        try:
            return call(*arguments)
        except OSError as error:
            if not _is_held(error):
                raise
        import time

        time.sleep(seconds)
    return call(*arguments)


def _is_held(error: OSError) -> bool:
    code = getattr(error, "winerror", None)
    if code is None:
        # Of what it opens, Windows' C library says no more; of a folder it says the same.
        denied = os.name == "nt" and error.errno == EACCES
        return denied and not Path(os.fsdecode(error.filename or "")).is_dir()
    return code in _HELD


def replace(source: str | Path, target: str | Path) -> None:
    """Give a file a name that another may have had. Raises OSError about the target."""
    try:
        patiently(os.replace, source, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


def unlink(path: str | Path) -> None:
    """Remove a file, if it is there. Raises OSError."""
    try:
        patiently(os.unlink, path)
    except FileNotFoundError:
        return


def remove_tree(folder: str | Path) -> None:
    """Remove a folder with all that is in it. Raises OSError."""
    import shutil

    patiently(shutil.rmtree, folder)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that goes when the work is done; what another program does not let go in time stays behind."""
    import tempfile

    folder = tempfile.mkdtemp(prefix="xl-addin-")
    try:
        yield Path(folder)
    finally:
        with suppress(OSError):
            remove_tree(folder)


def read_bytes(path: str | Path) -> bytes:
    """A file's bytes. Raises OSError."""
    return patiently(Path(path).read_bytes)


def open_bytes(path: str | Path) -> BufferedReader:
    """A file whose bytes are read piece by piece. Raises OSError."""
    return patiently(lambda: Path(path).open("rb"))


def glance(path: str | Path, most: int) -> bytes:
    """A file's first bytes, none where it cannot be opened now: whoever holds it will not let go soon."""
    try:
        with Path(path).open("rb") as file:
            return file.read(most)
    except OSError:
        return b""


def create(path: str | Path) -> BufferedWriter:
    """A file made empty, whose bytes are written piece by piece. Raises OSError."""
    return patiently(lambda: Path(path).open("wb"))


def names(folder: str | Path) -> list[str]:
    """What lies in a folder, by name and in order; nothing where there is no such folder. Raises OSError.

    A Path's ``glob`` passes over a folder without rights as if it were empty, and ``os.walk`` over any that does
    not answer: what had been archived there was then nowhere.
    """
    try:
        return sorted(patiently(os.listdir, folder))
    except FileNotFoundError:
        return []


def files_below(folder: str | Path, unread: list[OSError] | None = None) -> Iterator[Path]:
    """The files in a folder and in those inside it, links to folders not followed; none where there is no folder.

    Folders that cannot be listed are added to ``unread``; without it the first one raises OSError.
    """

    def tell(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return
        if unread is None:
            raise error
        unread.append(error)

    for place, _, leaves in os.walk(folder, onerror=tell):
        yield from (Path(place, leaf) for leaf in sorted(leaves))


def open_handle(path: str | Path, flags: int, mode: int = 0o666) -> int:
    """A handle as ``os.open`` gives it. Raises OSError."""
    return patiently(os.open, path, flags, mode)
