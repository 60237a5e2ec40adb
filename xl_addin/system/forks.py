"""Pure work done beside this process by others forked from it.

A fork has everything that was read and learned already: it needs no imports, nothing is sent to it,
and only its result comes back. Linux only; elsewhere forking is not safe, or not there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

_MAX_FORKS = 8


def core_count() -> int:
    """How many processes can work at once here."""
    here = hasattr(os, "sched_getaffinity")
    return min(len(os.sched_getaffinity(0)) if here else os.cpu_count() or 1, _MAX_FORKS)


def spare_processes() -> int:
    """How many processes may be forked to work beside this one; none where it has other threads."""
    if sys.platform != "linux":
        return 0
    try:
        threads = os.listdir("/proc/self/task")  # noqa: PTH208 - only how many
    except OSError:
        return 0
    return core_count() - 1 if len(threads) == 1 else 0


class ForkedWork:
    """What ``Forks.submit`` gives."""

    def __init__(self, wait: Callable[[], bytes | None]) -> None:
        self._wait = wait

    def result(self) -> bytes:
        """What the work came to. Raises ChildProcessError where it came to no end."""
        found = self._wait()
        if found is None:
            raise ChildProcessError
        return found


class Forks:
    """The processes begun in a ``with`` block, where there is one to ``spare_processes``; none outlives it."""

    def __init__(self) -> None:
        self._children: dict[int, int] = {}

    def __enter__(self) -> Forks:
        return self

    def begin(self, work: Callable[[], bytes]) -> Callable[[], bytes | None]:
        """What waits for the result of work that is being done meanwhile.

        It gives None where the work came to no end, whatever the reason: the caller does it then,
        and meets the reason itself.
        """
        try:
            reading, writing = os.pipe()
        except OSError:
            return lambda: None
        parent = os.getpid()
        try:
            child = os.fork()
            if child == 0:
                _run_child(parent, reading, writing, work)
        except BaseException as error:
            if os.getpid() != parent:  # nothing of the parent's is a fork's to tidy up
                os._exit(1)
            os.close(reading)
            os.close(writing)
            if isinstance(error, OSError):
                return lambda: None
            raise
        self._children[child] = reading
        os.close(writing)
        return lambda: self._result(child)

    def submit(self, work: Callable[..., bytes], *given: object) -> ForkedWork:
        """The same as an executor of ``concurrent.futures`` does it."""
        return ForkedWork(self.begin(lambda: work(*given)))

    def _result(self, child: int) -> bytes | None:
        pipe = self._children[child]
        with open(pipe, "rb", closefd=False) as file:
            found = file.read()
        status = _status(child)
        del self._children[child]
        os.close(pipe)
        return found if status == 0 else None

    def __exit__(self, *_: object) -> None:
        if self._children:
            from signal import SIGKILL

            for child, pipe in self._children.items():
                os.close(pipe)
                with suppress(OSError):
                    os.kill(child, SIGKILL)
                _status(child)
            self._children.clear()


def _status(child: int) -> int | None:
    """How a fork ended; None where somebody else waits for our children."""
    try:
        return os.waitpid(child, 0)[1]
    except ChildProcessError:
        return None


def _run_child(parent: int, reading: int, writing: int, work: Callable[[], bytes]) -> None:
    """The life of a forked process; it ends here, and nothing of its parent is tidied up by it."""
    code = 1
    try:
        _die_with_parent(parent)
        os.close(reading)
        view = memoryview(work())
        while view:
            view = view[os.write(writing, view) :]
        code = 0
    finally:
        os._exit(code)


def _die_with_parent(parent: int) -> None:
    """One that outlived a killed parent would hold its locks."""
    import ctypes
    from signal import SIGKILL

    set_signal_of_parents_death = 1
    ctypes.CDLL(None).prctl(set_signal_of_parents_death, SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
