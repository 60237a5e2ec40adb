"""The closed master as it was before a change of its sheets, and whether nobody else wrote it since.

A change is taken back byte for byte where the master is what the change left. It is that again after
a later run was taken back that found it so, if what that run made of it was not touched in between.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from xl_addin.model.folder import BACKUPS
from xl_addin.system import atomic, held
from xl_addin.system.light import NamedTuple

KEPT = 20
_STEM = "变动前"
_WRITES = "主表写入记录.json"
_KEPT_WRITES = 200


class _Writes(NamedTuple):
    """``runs``: [digest before, digest after] of the master by run; ``same``: which digest another is as good as."""

    runs: dict[str, list[str]]
    same: dict[str, str]

    def first(self, found: str) -> str:
        """The digest that one is as good as."""
        seen = {found}
        while (found := self.same.get(found, found)) not in seen:
            seen.add(found)
        return found


def keep_master(folder: Path, run: int, before: bytes, master: Path) -> None:
    """Keep the master's bytes from before a run, under the run's number and what the run made of it.

    A run that was cut off and is made again goes on from what the first try left.
    """
    into = folder / BACKUPS
    into.mkdir(exist_ok=True)
    path = into / f"{_STEM}-{run:06d}-{digest(master)}{master.suffix}"
    begins = f"{_STEM}-{run:06d}-{_digest(before)}."
    tried = next((into / name for name in held.names(into) if name.startswith(begins)), None)
    if tried is not None:
        held.replace(tried, path)
    else:
        atomic.write(path, before)
    ours = [n for n in held.names(into) if n.startswith(f"{_STEM}-") and n.endswith(master.suffix)]
    for old in ours[:-KEPT]:
        held.unlink(into / old)


def master_before(folder: Path, run: int, master: Path) -> bytes | None:
    """The master from before a run; None where it is not kept, or somebody changed it since."""
    home, begins = folder / BACKUPS, f"{_STEM}-{run:06d}-"
    kept = next(
        (home / n for n in held.names(home) if n.startswith(begins) and n.endswith(master.suffix)),
        None,
    )
    if kept is None:
        return None
    before, now = held.read_bytes(kept), digest(master)
    untouched = _load(folder).first(now) == kept.stem.rpartition("-")[2]
    # One that is the same is left of an undo that was cut off before it could say so.
    return before if untouched or _digest(before) == now else None


def note_write(folder: Path, run: int, was: str, now: str) -> None:
    """Note what a run made of the master."""
    writes = _load(folder)
    tried = writes.runs.get(str(run))
    writes.runs[str(run)] = [tried[0] if tried and tried[1] == was else was, now]
    _save(folder, writes)


def note_same(folder: Path, was: str, now: str) -> None:
    """Note that a master is the same but for what no undo goes by."""
    if was != now:
        writes = _load(folder)
        writes.same[now] = writes.first(was)
        _save(folder, writes)


def note_undone(folder: Path, run: int, was: str, now: str) -> None:
    """Note that a run was taken back: the master is as it was before the run, if it was as the run left it."""
    writes = _load(folder)
    before, after = writes.runs.get(str(run), ("", ""))
    if before and writes.first(was) == writes.first(after):
        writes.same[now] = writes.first(before)
        _save(folder, writes)


def digest(master: Path) -> str:
    """A master's bytes in a word."""
    return _digest(held.read_bytes(master))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _load(folder: Path) -> _Writes:
    """What is known; what cannot be read makes an undo refuse, and nothing else."""
    try:
        found = json.loads(held.read_bytes(folder / BACKUPS / _WRITES))
        return _Writes(found["runs"], found["same"])
    except (OSError, ValueError, KeyError, TypeError):
        return _Writes({}, {})


def _save(folder: Path, writes: _Writes) -> None:
    last = {
        name: dict([*known.items()][-_KEPT_WRITES:]) for name, known in writes._asdict().items()
    }
    path = folder / BACKUPS / _WRITES
    path.parent.mkdir(exist_ok=True)
    atomic.write(path, json.dumps({"version": 1, **last}).encode())
