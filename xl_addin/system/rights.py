"""Who may read a file: bits on POSIX, where they are narrowed; on Windows an access list, which is only looked at.

Who may write to the folder works in it and keeps its rights; nobody else gets any. On Windows rights come
from the folder, and taking some away could lock out whoever has them by way of a group: there they are told.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from xl_addin.system.light import Protocol

_EVERYBODY = ("S-1-1-0", "S-1-5-11", "S-1-5-32-545", "S-1-5-32-546", "S-1-5-7")
"""Everyone, Authenticated Users, Users, Guests, Anonymous: well-known, whatever they are called there."""

_CODINGS = ("utf-8", "gb18030", "big5hkscs")
"""What a console writes into a pipe: as a rule the system's old code page, 936 on Chinese Windows."""


class AccessList(Protocol):
    """Where access lists decide."""

    def everybody(self, path: Path) -> bool:
        """Whether people who have nothing to do with the folder may read a file. Raises OSError."""


class WindowsAccessList:
    """By ``icacls /findsid``, which takes well-known identifiers: names differ by language."""

    def everybody(self, path: Path) -> bool:
        """As the protocol says."""
        return any(self._names(path, sid) for sid in _EVERYBODY)

    @staticmethod
    def _names(path: Path, sid: str) -> bool:
        import subprocess

        home = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
        done = subprocess.run(
            [str(home / "icacls.exe"), str(path), "/findsid", f"*{sid}"],
            capture_output=True,
            timeout=10,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if done.returncode:
            raise OSError(done.returncode, "icacls", str(path))
        return is_found(done.stdout, path.name)


def is_found(said: bytes, name: str) -> bool:
    """Whether ``icacls FILE /findsid`` found the account, by what it prints.

    ``SID Found: PATH.`` in the language of the system and its console's code page; where it found nothing, a
    sentence and a count without the path. A denial of that account is found as well: told rather than passed over.
    """
    lines = [text for coding in _CODINGS for text in said.decode(coding, "replace").splitlines()]
    ends = (f"\\{name}".casefold(), f"/{name}".casefold())
    return any(line.rstrip(' .。"”').casefold().endswith(ends) for line in lines)


def private_mode(folder: Path) -> int:
    """The bits of a file in a folder that is none of other people's business."""
    try:
        shared = folder.stat().st_mode & stat.S_IWGRP
    except OSError:
        shared = 0
    return 0o660 if shared else 0o600


def narrow(folder: Path, names: Iterable[str]) -> None:
    """Take from everybody else what is theirs neither to read nor to write; what may not be changed stays.

    ``names`` are files and folders below ``folder``, whose own rights say who works here.
    """
    if os.name != "posix":
        return
    mode = private_mode(folder)
    for name in names:
        path = folder / name
        with suppress(OSError):  # not there, another's, or a disk without rights
            now = stat.S_IMODE(path.stat().st_mode)
            wanted = now & (mode | (mode >> 2 & 0o110))
            if wanted != now:
                path.chmod(wanted)


def read_by_others(
    folder: Path, names: Iterable[str], lists: AccessList | None = None
) -> list[str]:
    """Which of these below a folder people may read who do not work there. Raises OSError."""
    if os.name == "nt" and lists is None:
        lists = WindowsAccessList()
    found = []
    for name in names:
        path = folder / name
        if not path.exists():
            continue
        if lists is not None:
            open_to_all = lists.everybody(path)
        else:
            allowed = 0o007 if private_mode(folder) & 0o060 else 0o077
            open_to_all = bool(path.stat().st_mode & allowed & 0o055)
        if open_to_all:
            found.append(name)
    return found
