"""A process for one job: for code that a hostile file can make crash, hang or eat memory.

It starts without our environment, reads its bytes on standard input, answers on standard output,
and has bounded memory and time: by resource limits, on Windows by a job object.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

WALL_SECONDS = 20
CPU_SECONDS = 15
MEMORY_BYTES = 400 << 20
"""Of 6,445 public workbooks an honest one took 46 MiB; a mail of 100 MB with one of 64 in it takes some 300."""
_LIMITS = (("RLIMIT_CPU", CPU_SECONDS), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0))
_START = (
    "import sys; from importlib import import_module; sys.path[:0] = sys.argv[2:];"
    " module, _, name = sys.argv[1].partition(':'); getattr(import_module(module), name)()"
)


class SandboxTimeout(Exception):
    """It was still at work when its time was over and was ended."""


def run_sandboxed(
    entry: str, data: bytes, packages: Sequence[str] = (), seconds: float | None = None
) -> bytes | None:
    """What the function ``entry`` (``module:name``) answers to ``data``; None when it failed.

    ``packages`` are those it needs besides the standard library and this one; ``seconds`` is how long
    it may take, else ``WALL_SECONDS``. The answer of a child that died half-way is dropped. Raises
    SandboxTimeout, and ModuleNotFoundError for a package that is not installed.
    """
    # Nothing of our environment is the child's business, save what Windows needs to start Python.
    environment = {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP") if key in os.environ}
    bound, answer, late = WALL_SECONDS if seconds is None else seconds, b"", []
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _START, entry, *_import_paths(packages)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=Path(sys.executable).anchor,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as child:

        def end() -> None:
            late.append(True)
            child.kill()

        # On Windows the bound of communicate does not hold while it gives more than a pipe takes. Elsewhere it
        # does, whatever else holds the pipe, and no thread of ours stands beside a fork.
        clock = threading.Timer(bound, end) if os.name == "nt" else None
        if clock is not None:
            clock.start()
        try:
            answer, _ = child.communicate(data, None if clock else bound)
        except subprocess.TimeoutExpired:
            late.append(True)
        finally:
            if clock is not None:
                clock.cancel()
                clock.join()
            child.kill()
    if child.returncode and late:
        raise SandboxTimeout
    return None if child.returncode else answer


def _import_paths(packages: Sequence[str]) -> list[str]:
    """Where the child finds what -I may hide from it (checkout, user site)."""
    found = [str(Path(__file__).resolve().parents[2])]
    for package in packages:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(package, name=package)
        found.append(str(Path(spec.origin).resolve().parents[1]))
    return found


def limit_resources(memory: int = MEMORY_BYTES) -> list[str]:
    """Bound memory and processor time of the process that calls this; which bounds could not be set.

    One that the system does not know or does not let us set is left out: ``WALL_SECONDS`` stands.
    """
    if sys.platform == "win32":
        from xl_addin.system.jobobject import confine

        return confine(memory, CPU_SECONDS)
    import resource

    missing = []
    for name, most in (("RLIMIT_AS", memory), *_LIMITS):
        try:
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (bound, bound))
        except (AttributeError, ValueError, OSError):
            missing.append(name)
    return missing


def missing_limits() -> list[str] | None:
    """Which bounds cannot be set on this computer; None where no such process can be started."""
    try:
        answer = run_sandboxed(f"{__name__}:report_limits", b"")
    except (SandboxTimeout, OSError):
        return None
    return None if answer is None else answer.decode().split()


def report_limits() -> None:
    """Print which bounds could not be set. Runs in the throw-away process."""
    sys.stdout.write("\n".join(limit_resources()))
