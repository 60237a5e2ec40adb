"""``rebuild``: a new ledger from the archive alone; the old one goes to the backups once it is whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, BACKUPS, LEDGER
from xl_addin.model.records import Problem
from xl_addin.model.result import Report
from xl_addin.services.programme import Desk, Wish, hold_new_ledger
from xl_addin.services.reading_settings import written
from xl_addin.services.replay import replay
from xl_addin.store.ledger import Ledger
from xl_addin.system import atomic
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import reached

_COUNTED = ("events", "dispatches", "receipts", "figures", "decisions", "closings")


def run(desk: Desk, wish: Wish) -> Report:
    """Replay the archive beside the old ledger, then put it in its place."""
    path = desk.folder / LEDGER
    if not (desk.folder / ARCHIVE).is_dir():
        raise Refused(
            f"{desk.folder}：这里没有“{ARCHIVE}”文件夹；请换到任务文件夹（或用 --folder 指定）"
        )
    fresh = path.with_name(f"{LEDGER}.rebuilt")
    with hold_new_ledger(desk.folder, "重建底账"), _held(path) as sound:
        for left in (fresh, _journal(fresh)):
            left.unlink(missing_ok=True)
        try:
            problems = replay(desk.folder, fresh, desk.progress, _settings(desk))
            if problems and sound:
                says = "；".join(problem.message for problem in problems[:3])
                raise Refused(
                    f"归档不齐，重建的底账会比现在的少，没有替换（{says}）；现在的底账是好的，"
                    "请先从备份找回归档里的文件",
                    problems,
                )
            counts, replaced = _counts(fresh), path.exists()
            reached("rebuild.whole")
            if not wish.rehearse:
                _back_up(path, sound=sound)
                reached("rebuild.backed-up")
                fresh.replace(path)
                atomic.sync_folder(str(desk.folder))
        finally:
            fresh.unlink(missing_ok=True)
    reached("rebuild.replaced")
    outcome = f"由归档重建底账：{counts['receipts']} 份回执、{counts['figures']} 个数据"
    if not wish.rehearse:
        with desk.ledger.writing():
            desk.ledger.add_event(desk.now(), "rebuild", "", outcome, desk.who())
    told = f"；原来的底账在“{BACKUPS}”里" if replaced else ""
    return _report(outcome + ("（预演，没有写入）" if wish.rehearse else told), counts, problems)


def _settings(desk: Desk) -> str:
    """What the master says now, for returns from before it was kept; empty when it does not."""
    try:
        config = desk.basics
    except (Refused, OSError):
        return ""
    return written(config.indicators, config.districts, config.rules, config.settings.openers())


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Keep other processes from writing to the old ledger meanwhile; whether it is sound.

    Opening it also rolls back what a cut left in its journal, which must not meet the new ledger.
    """
    if not path.exists():
        yield False
        return
    db = sqlite3.connect(path, timeout=5, isolation_level=None)
    sound = False
    try:
        try:
            db.execute("BEGIN IMMEDIATE")
            sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Refused(f"{path}：另一个操作正在写底账；请等它结束再试") from error
        except sqlite3.DatabaseError:
            pass  # a file that is no ledger any more holds nobody up
        if sound:
            Ledger(path).close()  # of this programme's kind, else Refused
        if os.name == "nt":
            db.close()  # an open file cannot be replaced there
        yield sound
    finally:
        db.close()


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _back_up(path: Path, *, sound: bool) -> None:
    """The old ledger, and a journal that could not be rolled back, under a name of their own.

    A sound ledger was read: a journal that still lies beside it has nothing to roll back.
    """
    from datetime import datetime

    folder = path.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    atomic.sweep(folder)
    copy = folder / f"ledger-{datetime.now():%Y%m%d-%H%M%S-%f}.db"
    if sound:
        _journal(path).unlink(missing_ok=True)
    elif _journal(path).exists():
        _journal(path).replace(_journal(copy))
    if path.exists():
        atomic.write(copy, path.read_bytes())


def _counts(path: Path) -> dict[str, int]:
    db = sqlite3.connect(path)
    try:
        return {
            table: db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in _COUNTED
        }
    finally:
        db.close()


def _report(outcome: str, counts: dict[str, int], problems: list[Problem]) -> Report:
    return Report(
        {"verb": "rebuild", **counts, "problems": [problem.as_json() for problem in problems]},
        outcome,
        clean=not problems,
        lines=tuple(problem.message for problem in problems),
    )
