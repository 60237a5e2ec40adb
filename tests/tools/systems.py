"""What only some systems have, as marks of tests, and how a process ends that was killed."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

ON_WINDOWS = sys.platform == "win32"
KILLED = 9 if ON_WINDOWS else -9
"""The exit code of a process that a fail point has ended: TerminateProcess takes the number for its code."""


def _makes_links() -> bool:
    """Whether who runs the tests may make symbolic links: on Windows few may, and Wine makes none."""
    with tempfile.TemporaryDirectory() as scratch:
        link = Path(scratch) / "a"
        try:
            link.symlink_to("b")
        except OSError:
            return False
        return os.path.lexists(link)


same_zlib = pytest.mark.skipif(ON_WINDOWS, reason="packed by another zlib")
replaces_open_files = pytest.mark.skipif(
    ON_WINDOWS, reason="Windows lets nobody replace a file that is open"
)
syncs_folders = pytest.mark.skipif(
    ON_WINDOWS, reason="a folder is brought to the disk on POSIX only"
)
windows = pytest.mark.skipif(
    not ON_WINDOWS, reason="needs Windows; tests/tools/windows/setup.sh makes one"
)
limits = pytest.mark.skipif(ON_WINDOWS, reason="Windows has no resource limits")
posix = pytest.mark.skipif(ON_WINDOWS, reason="permissions and links of POSIX")
forking = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
links = pytest.mark.skipif(not _makes_links(), reason="needs symbolic links")
