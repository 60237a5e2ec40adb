"""Judge every hostile file in a process of its own; print verdict, seconds and peak memory.

python -m tests.hostile [WORD...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.hostile.apart import judged_apart
from tests.hostile.files import FILES
from tests.hostile.makers import MIB


def measured(chosen: Sequence[str], folder: Path) -> Iterator[str]:
    """One line per file; an exclamation mark where it was judged wrongly."""
    for number, (name, file) in enumerate(FILES.items()):
        if chosen and not any(word in name for word in chosen):
            continue
        path = folder / f"{number}.xlsx"
        size = path.write_bytes(file.make())
        (outcome,), seconds = judged_apart([path])
        path.unlink()
        said = " ".join((outcome.verdict, *outcome.codes))
        mark = " " if outcome.verdict in file.verdicts else "!"
        cost = f"{seconds:6.2f} s {outcome.peak / MIB:5.0f} MiB {size / 1024:9.1f} kB"
        yield f"{mark} {cost}  {name}: {said}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        for line in measured(sys.argv[1:], Path(where)):
            print(line, flush=True)
