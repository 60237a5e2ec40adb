"""Places where a test can kill the process, to see that a power cut there loses nothing.

``XL_ADDIN_FAILPOINT=name`` ends the process without a word when ``name`` is reached,
``name:3`` when it is reached for the third time. Without the variable this costs one comparison.
"""

from __future__ import annotations

import os

_wanted, _, _times = os.environ.get("XL_ADDIN_FAILPOINT", "").partition(":")
_left = int(_times) if _times.isdigit() else 1


def fail_point(name: str) -> None:
    """Die here if this is the place and the time that was asked for."""
    global _left  # noqa: PLW0603 - counts down over the life of the process
    if name == _wanted:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), 9)  # SIGKILL, on Windows TerminateProcess
