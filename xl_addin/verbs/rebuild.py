"""``rebuild``: a new ledger from the archive alone; the old one goes to the backups once it is whole."""

from __future__ import annotations

from pathlib import Path

from xl_addin.model.folder import ARCHIVE, BACKUPS, LEDGER, SHARED_LEDGER
from xl_addin.model.records import Problem
from xl_addin.model.result import Result
from xl_addin.services.archived import bring_archive
from xl_addin.services.audit import check_archive
from xl_addin.services.interruptions import interruptions, leftovers
from xl_addin.services.programme import Programme, Request, hold_new_ledger
from xl_addin.services.reading_settings import settings_text
from xl_addin.services.replay import replay
from xl_addin.services.workers import cluster_of
from xl_addin.store.database import open_for_reading
from xl_addin.store.integrity import RowCounts, committed_pages, count_rows, server_of
from xl_addin.store.place import is_shared, ledger_path
from xl_addin.store.rebuilding import hold_ledger
from xl_addin.store.schema import remove_ledger
from xl_addin.system import held
from xl_addin.system.errors import Refused, list_messages
from xl_addin.system.failpoint import fail_point


def run(programme: Programme, request: Request) -> Result:
    """Replay the archive beside the old ledger, then put it in its place."""
    path = ledger_path(programme.folder)
    if not (programme.folder / ARCHIVE).is_dir():
        raise Refused(
            f"{programme.folder}：这里没有“{ARCHIVE}”文件夹；请换到任务文件夹（或用 --folder 指定）"
        )
    fresh = path.with_name(f"{LEDGER}.rebuilt")
    bring_archive(programme.folder, look_closely=True, optional=True)
    with (
        cluster_of(request.options) as cluster,
        hold_new_ledger(programme.folder, "重建底账"),
        hold_ledger(path) as old,
    ):
        remove_ledger(fresh)
        try:
            committed, interrupted = _known(path) if old.sound else (None, list[str]())
            settings = _settings(programme)
            problems = replay(
                programme.folder, fresh, programme.progress, settings, committed, cluster
            )
            if problems and old.sound:
                says = "；".join(problem.message for problem in problems[:3])
                raise Refused(
                    f"归档不齐，重建的底账会比现在的少，没有替换（{says}）；现在的底账是好的，"
                    "请先从备份找回归档里的文件",
                    problems,
                )
            with open_for_reading(fresh) as rebuilt:
                counts = count_rows(rebuilt)
                if not path.exists() and (server := server_of(rebuilt)):
                    raise Refused(
                        f"{programme.folder}：归档里的记录说底账在数据库 {server} 里，是几台电脑共用的，"
                        f"没有在这里另做一本；请从同事的任务文件夹或备份复制 {SHARED_LEDGER} 到这里"
                    )
                interrupted += [
                    problem.message
                    for problem in check_archive(programme.folder, rebuilt)
                    if problem.code == "no-receipt"
                ]
            replaced = path.exists()
            fail_point("rebuild.whole")
            if not request.rehearse:
                old.give_way(fresh)
        finally:
            held.unlink(fresh)
    fail_point("rebuild.replaced")
    outcome = f"由归档重建底账：{counts.receipts} 份回执、{counts.figures} 个数据"
    if not request.rehearse:
        with programme.ledger.writing():
            programme.ledger.add_event(programme.now(), "rebuild", "", outcome, programme.who())
    told = f"；原来的底账在{_kept_at(path)}里" if replaced else ""
    interrupted += leftovers(programme.folder)
    told = "（预演，没有写入）" if request.rehearse else told
    interrupted += cluster.notices if cluster is not None else ()
    return _report(outcome + told, counts, problems, interrupted)


def _kept_at(path: Path) -> str:
    return "数据库" if is_shared(path) else f"“{BACKUPS}”"


def _known(path: Path) -> tuple[frozenset[str], list[str]]:
    """The pages that the old ledger took, and what was begun and is not in it."""
    with open_for_reading(path) as ledger:
        return committed_pages(ledger), interruptions(path.parent, ledger)


def _settings(programme: Programme) -> str:
    """What the master says now, for returns from before it was kept; empty when it does not."""
    try:
        config = programme.basics
    except (Refused, OSError):
        return ""
    return settings_text(
        config.indicators, config.districts, config.rules, config.settings.password_list()
    )


def _report(
    outcome: str, counts: RowCounts, problems: list[Problem], interrupted: list[str]
) -> Result:
    return Result(
        {
            "verb": "rebuild",
            **counts._asdict(),
            "problems": [problem.as_json() for problem in problems],
        },
        outcome,
        clean=not problems,
        lines=(*list_messages(problems), *interrupted),
    )
