"""Judging files in a process of its own with bounded memory and processor time."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

MEMORY = 1 << 30
CPU_SECONDS = 60


class Outcome(NamedTuple):
    """What became of a file; ``right`` is whether its figures are those that were typed.

    ``verdict`` is empty when the process died. ``peak`` is in bytes, of it or of the
    throw-away processes it started, whichever needed more.
    """

    verdict: str = ""
    codes: tuple[str, ...] = ()
    right: bool = False
    figures: bool = False
    peak: int = 0


class Batch(NamedTuple):
    """The outcomes of files judged one after the other, and the processor time of all."""

    outcomes: list[Outcome]
    seconds: float


def judged_apart(paths: Sequence[Path], verb: str = "collect", memory: int = MEMORY) -> Batch:
    """Judge files as forms of ``tests.tools.forms``, all in one process; ``new`` reads task tables, ``mail`` mails."""
    before = _spent()
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.apart", verb, str(memory), *map(str, paths)],
        capture_output=True,
    )
    lines = done.stdout.decode().splitlines()
    outcomes = [Outcome(v, tuple(c), *rest) for v, c, *rest in map(json.loads, lines)]
    missing = [Outcome(codes=(f"died with {done.returncode}",))] * (len(paths) - len(outcomes))
    return Batch(outcomes + missing, _spent() - before)


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _peak() -> int:
    own = Path("/proc/self/status")
    mine = int(own.read_text().split("VmHWM:")[1].split()[0]) if own.exists() else 0
    return 1024 * max(mine, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _judge(path: Path) -> Outcome:
    from tests.tools import forms
    from xl_addin.judging.assess import assess

    judged = assess(path.read_bytes(), "回报.xlsx", forms.context())
    right = {f.indicator: f.value for f in judged.figures} == forms.GOOD
    codes = tuple(sorted({problem.code for problem in judged.problems}))
    return Outcome(judged.verdict, codes, right, bool(judged.figures), _peak())


def _read_table(path: Path) -> Outcome:
    from xl_addin.system.errors import Refused
    from xl_addin.tasktable.read import read_task_table

    try:
        problems, verdict = read_task_table(path.read_bytes(), "任务表.xlsx").problems, "read"
    except Refused as refused:
        problems, verdict = refused.problems, "refused"
    codes = tuple(sorted({problem.code for problem in problems}))
    return Outcome(verdict, (*codes, str(len(problems))), peak=_peak())


def _read_letter(path: Path) -> Outcome:
    """A mail, taken apart and its files judged as a fetch does; ``right`` where a form came out of it."""
    from tests.tools import forms
    from xl_addin.formats.archives import expand_archive, is_archive
    from xl_addin.judging.assess import assess
    from xl_addin.mail.read_in_child import read_mails

    [mail] = read_mails([path.read_bytes()])
    files = [
        member
        for part in mail.files
        for member in (expand_archive(part.data) if is_archive(part.data) else [part])
    ]
    verdicts = [
        assess(file.data, "回报.xlsx", forms.context()).verdict for file in files if file.data
    ]
    flaws = [
        mail.flaw,
        *(part.flaw for part in mail.parts),
        *(getattr(file, "why", "") for file in files),
    ]
    told = tuple(dict.fromkeys(flaw[:24] for flaw in flaws if flaw))
    return Outcome(
        "read" if not mail.flaw else "told", told, "accepted" in verdicts, bool(files), _peak()
    )


READERS = {"new": _read_table, "mail": _read_letter, "collect": _judge}


def main(verb: str, memory: int, paths: Sequence[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS * len(paths), CPU_SECONDS * len(paths)))
    for path in paths:
        outcome = READERS[verb](Path(path))
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
