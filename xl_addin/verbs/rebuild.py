"""``rebuild``: a new ledger from the archive alone; the old one goes to the backups once it is whole."""

from __future__ import annotations

from xl_addin.model.folder import ARCHIVE, BACKUPS, LEDGER
from xl_addin.model.records import Problem
from xl_addin.model.result import Report
from xl_addin.services.programme import Desk, Wish, hold_new_ledger
from xl_addin.services.reading_settings import written
from xl_addin.services.replay import replay
from xl_addin.store.database import reading
from xl_addin.store.integrity import RowCounts, count_rows
from xl_addin.store.rebuilding import back_up_ledger, hold_ledger
from xl_addin.store.schema import remove_ledger
from xl_addin.system import atomic
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import reached


def run(desk: Desk, wish: Wish) -> Report:
    """Replay the archive beside the old ledger, then put it in its place."""
    path = desk.folder / LEDGER
    if not (desk.folder / ARCHIVE).is_dir():
        raise Refused(
            f"{desk.folder}：这里没有“{ARCHIVE}”文件夹；请换到任务文件夹（或用 --folder 指定）"
        )
    fresh = path.with_name(f"{LEDGER}.rebuilt")
    with hold_new_ledger(desk.folder, "重建底账"), hold_ledger(path) as sound:
        remove_ledger(fresh)
        try:
            problems = replay(desk.folder, fresh, desk.progress, _settings(desk))
            if problems and sound:
                says = "；".join(problem.message for problem in problems[:3])
                raise Refused(
                    f"归档不齐，重建的底账会比现在的少，没有替换（{says}）；现在的底账是好的，"
                    "请先从备份找回归档里的文件",
                    problems,
                )
            with reading(fresh) as rebuilt:
                counts = count_rows(rebuilt)
            replaced = path.exists()
            reached("rebuild.whole")
            if not wish.rehearse:
                back_up_ledger(path, sound=sound)
                reached("rebuild.backed-up")
                fresh.replace(path)
                atomic.sync_folder(str(desk.folder))
        finally:
            fresh.unlink(missing_ok=True)
    reached("rebuild.replaced")
    outcome = f"由归档重建底账：{counts.receipts} 份回执、{counts.figures} 个数据"
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


def _report(outcome: str, counts: RowCounts, problems: list[Problem]) -> Report:
    return Report(
        {
            "verb": "rebuild",
            **counts._asdict(),
            "problems": [problem.as_json() for problem in problems],
        },
        outcome,
        clean=not problems,
        lines=tuple(problem.message for problem in problems),
    )
