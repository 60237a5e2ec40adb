"""Judge every hostile file in a process of its own; print verdict, seconds and peak memory.

python -m tests.hostile [WORD...]

Giants are read as a return and as the task table of a new programme.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.hostile.apart import judged_apart
from tests.hostile.files import FILES
from tests.hostile.giants import GIANTS, MOST
from tests.hostile.mails import MAILS
from tests.hostile.makers import MIB

_ROOM = 4096 * MIB
"""So much memory is let, so that what is needed can be seen."""


def measured(chosen: Sequence[str], folder: Path) -> Iterator[str]:
    """One line per file; an exclamation mark where it was judged wrongly or costs too much."""
    makers = {name: file.make for name, file in FILES.items()} | GIANTS
    makers |= {f"mail: {name}": make for name, make in MAILS.items()}
    for number, (name, make) in enumerate(makers.items()):
        if chosen and not any(word in name for word in chosen):
            continue
        path = folder / f"{number}.xlsx"
        size = path.write_bytes(make())
        for verb in _verbs(name):
            (outcome,), seconds = judged_apart([path], verb, _ROOM)
            said = " ".join((outcome.verdict, *outcome.codes))
            wrong = name in FILES and outcome.verdict not in FILES[name].verdicts
            dear = outcome.peak > MOST.peak or seconds > MOST.seconds or not outcome.verdict
            cost = f"{seconds:6.2f} s {outcome.peak / MIB:5.0f} MiB {size / 1024:9.1f} kB"
            yield f"{'!' if wrong or dear else ' '} {cost}  {verb} {name}: {said}"
        path.unlink()


def _verbs(name: str) -> tuple[str, ...]:
    if name.startswith("mail: "):
        return ("mail",)
    return ("collect", "new") if name in GIANTS else ("collect",)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        for line in measured(sys.argv[1:], Path(where)):
            print(line, flush=True)
