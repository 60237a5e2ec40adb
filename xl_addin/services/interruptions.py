"""What an operation that was cut off left behind, in the same words whoever is asked.

``verify``, ``doctor`` and ``rebuild`` say it; the next operation of the same kind does what it asks for.
"""

from __future__ import annotations

import time
from pathlib import Path

from xl_addin.model.commands import label_of
from xl_addin.model.folder import LEDGER
from xl_addin.store.database import LedgerReader
from xl_addin.store.inbox import count_never_read, mail_folder, received_times
from xl_addin.store.integrity import committed_pages
from xl_addin.store.runlog import RunLog, folder_beside, read_page
from xl_addin.system import held
from xl_addin.system.errors import Unreadable, in_chinese
from xl_addin.system.light import pattern

NOT_RECORDED = "上次操作被中断，没有记入；请再做一次"
UNRECEIPTED = "文件已不在“回收”里的，用 collect 加上它在归档里的路径收集"
LEFT = "上次操作中断时留下的临时文件，没有用了，可以删除"
SHUT = "没有看里面有没有残留文件；请让管理员给你读它的权限"
_SETTLED_SECONDS = 600
"""What a run writes for itself is older than this only when the run is no more."""
_TEMPORARY = pattern(r"(?:.+\.)?\d+\.tmp\Z")


def interruptions(folder: Path, ledger: LedgerReader) -> list[str]:
    """What was begun and is not in the ledger, a sentence each with what to do."""
    runlog = RunLog(folder_beside(folder / LEDGER))
    committed = committed_pages(ledger)
    found = [
        f"{NOT_RECORDED}{_which_run(path)}"
        for path in runlog.interrupted(committed)
        if not runlog.is_outdated(path)
    ]
    mails = count_never_read(ledger) + len(_unrecorded_mails(folder, ledger))
    if mails:
        found.append(f"{NOT_RECORDED}（收取邮件：有 {mails} 封取下了还没有读取）")
    return found


def _which_run(path: Path) -> str:
    """Which operation a page is of, as far as it was written."""
    try:
        columns, rows = read_page(path).tables["events"]
    except (Unreadable, KeyError):
        return ""
    facts = dict(zip(columns, rows[0], strict=True)) if rows else {}
    return f"（{label_of(str(facts['verb']))}，{facts['at']}）" if facts else ""


def _unrecorded_mails(folder: Path, ledger: LedgerReader) -> list[str]:
    """The mails that lie on the disk and that no fetch has recorded."""
    known = received_times(ledger)
    mails = (name for name in held.names(mail_folder(folder)) if name.endswith(".eml"))
    return [name for name in mails if name.removesuffix(".eml") not in known]


def leftovers(folder: Path) -> list[str]:
    """What is said of each file below a folder that a run wrote for itself and did not come to remove.

    A young one may be another computer's at this moment, and the next run removes it: nobody tells it. Folders
    that cannot be looked into are told too.
    """
    unread: list[OSError] = []
    found = [
        f"{path.relative_to(folder)}：{LEFT}"
        for path in held.files_below(folder, unread)
        if _TEMPORARY.match(path.name) and _is_settled(path)
    ]
    shut = [f"{error.filename}：打不开（{in_chinese(error)}），{SHUT}" for error in unread]
    return sorted(found) + sorted(shut)


def _is_settled(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _SETTLED_SECONDS
    except OSError:
        return False
