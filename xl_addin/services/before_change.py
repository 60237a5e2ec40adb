"""The master as it was before a change of its sheets, so that the change can be taken back as a whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xl_addin.model.folder import BACKUPS
from xl_addin.system import atomic
from xl_addin.system.errors import Refused

KEPT = 20
_STEM = "变动前"


def keep_master(folder: Path, run: int, before: bytes, master: Path) -> None:
    """Keep the master's bytes from before a run, under the run's number and what the run made of it."""
    after = _digest(master.read_bytes())
    into = folder / BACKUPS
    into.mkdir(exist_ok=True)
    atomic.write(into / f"{_STEM}-{run:06d}-{after}{master.suffix}", before)
    for old in sorted(into.glob(f"{_STEM}-*"))[:-KEPT]:
        old.unlink(missing_ok=True)


def master_before(folder: Path, run: int, master: Path) -> bytes:
    """The master from before a run. Refused where it is not kept, or somebody changed it since."""
    kept = next((folder / BACKUPS).glob(f"{_STEM}-{run:06d}-*"), None)
    if kept is None:
        raise Refused(
            f"没有保存这次变动以前的主表，不能撤销；是在打开着的主表里做的，请不保存就关闭它，"
            f"否则请从“{BACKUPS}”文件夹里找变动以前的主表"
        )
    if kept.read_bytes() == master.read_bytes():
        return kept.read_bytes()  # an undo that was cut off before it could say so
    if kept.stem.rpartition("-")[2] != _digest(master.read_bytes()):
        raise Refused(
            f"主表在这次变动以后又改过，不能整个恢复，否则后来改的会丢；变动以前的主表在 {kept}，请对照着改回来"
        )
    return kept.read_bytes()


def follow_master(folder: Path, before: bytes, master: Path) -> None:
    """After an undo: what an earlier change made is now what the undo left behind of it."""
    was, now = _digest(before), _digest(master.read_bytes())
    for kept in (folder / BACKUPS).glob(f"{_STEM}-*-{was}{master.suffix}"):
        kept.replace(kept.with_name(kept.name.replace(f"-{was}.", f"-{now}.")))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
