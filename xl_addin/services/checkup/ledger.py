"""体检 of what is kept: the ledger, the archive against it, the record of runs, the clock.

The ledger is opened for reading only: nothing is migrated, nothing recovered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, MAILS
from xl_addin.services.archived import bring_archive
from xl_addin.services.checkup.runner import FAULT, NOTE, OK, UNKNOWN, Check, list_some
from xl_addin.services.interruptions import NOT_RECORDED, UNRECEIPTED, interruptions
from xl_addin.services.programme import Programme, clock_behind
from xl_addin.store.database import DatabaseBusy, DatabaseFault, LedgerReader, open_for_reading
from xl_addin.store.faults import REBUILD, why
from xl_addin.store.inbox import received_times
from xl_addin.store.integrity import (
    committed_pages,
    damages,
    last_written_at,
    layout_version,
    loose_rows,
    received_files,
)
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.store.place import is_shared, ledger_path
from xl_addin.store.schema import SCHEMA
from xl_addin.system import held
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import NamedTuple, pattern

_HASHED = pattern(r"([0-9a-f]{64})(?:\.[^.]*)?\Z")


def ledger_checks(path: Path) -> Iterator[Check]:
    """Integrity of the ledger's file, its version, and copies that a sync programme made."""
    subject = "底账"
    if not path.is_file():
        says = "它应当和主表放在一起；请从原来的电脑或备份找回，找不回就运行 xl-addin rebuild 由归档重建"
        yield Check("ledger", FAULT, subject, f"{path} 不在", says)
        return
    try:
        with open_for_reading(path) as ledger:
            version, wrong, loose = layout_version(ledger), damages(ledger), loose_rows(ledger)
    except DatabaseBusy as error:
        cut = "；上次中断后还没有恢复的，运行一次 xl-addin status 再做体检"
        says = f"底账{why(error)}{'' if is_shared(path) else cut}"
        # Nobody who only reads waits for a server: what keeps us from it keeps every verb from it.
        kind = FAULT if is_shared(path) else UNKNOWN
        yield Check("ledger", kind, subject, "现在读不了", says)
        return
    except (
        Refused
    ) as refusal:  # what leads to the server cannot be read, or the ledger was moved away
        yield Check("ledger", FAULT, subject, "读不了", refusal.message)
        return
    except DatabaseFault as error:
        version, wrong, loose = 0, [str(error)], []
    if wrong or loose:
        says = "请不要再写入，先把整个任务文件夹复制一份，再运行 xl-addin rebuild 由归档重建底账"
        found = f"文件损坏：{wrong[0]}" if wrong else f"{len(loose)} 行对不上"
        yield Check("ledger", FAULT, subject, found, says)
    elif version > SCHEMA:
        says = (
            "请先升级：双击新安装包里的“安装”（或者运行 python -m pip install --upgrade xl-addin）"
        )
        yield Check("ledger", FAULT, subject, f"是更新的程序写的（第 {version} 版）", says)
    else:
        later = "，下次写入时升级" if version < SCHEMA else ""
        yield Check("ledger", OK, subject, f"完整，第 {version} 版{later}")
    others = [
        name
        for name in held.names(path.parent)
        if name.startswith(path.stem) and name.endswith(path.suffix) and name != path.name
    ]
    if others:
        says = "可能是同步盘在两台电脑同时写时另存的；请核对哪一个是真的，把另一个移走"
        yield Check("ledger-copies", NOTE, "底账的副本", list_some(others), says)


class _FileStore(NamedTuple):
    """Files that lie under their hashes. ``known`` asks for the hashes that must be there, named."""

    subject: str
    place: str
    known: Callable[[LedgerReader], dict[str, str]]
    what: str


_FILE_STORES = (
    _FileStore("归档", ARCHIVE, received_files, "份收到的文件"),
    _FileStore("邮件归档", f"{ARCHIVE}/{MAILS}", received_times, "封邮件"),
)


def archive_checks(programme: Programme) -> Iterator[Check]:
    """Every returned file and every mail is in the archive with its right hash; what else lies there."""
    bring_archive(programme.folder, optional=True)
    for stock in _FILE_STORES:
        folder = programme.folder / stock.place
        try:
            with open_for_reading(ledger_path(programme.folder)) as ledger:
                wanted, issued = stock.known(ledger), issued_hashes(ledger)
        except (DatabaseFault, Refused):
            yield Check("archive", UNKNOWN, stock.subject, "", "底账读不了，没有办法核对")
            continue
        there = {
            match[1]: folder / name for name in held.names(folder) if (match := _HASHED.match(name))
        }
        if wanted or there or stock.place == ARCHIVE:
            looked = programme.progress.over(there.items(), len(there), f"核对{stock.subject}")
            changed = [path.name for key, path in looked if _digest(path) != key]
            # Forms that were issued anew and packed files that returns came in lie there as well.
            rest = there.keys() - wanted.keys() - issued
            extra = [there[key].name for key in sorted(rest) if not _is_packed(there[key])]
            gone = [wanted[key] for key in sorted(wanted.keys() - there.keys())]
            # Mails that nobody has recorded are told with what was interrupted.
            extra = extra if stock.place == ARCHIVE else []
            yield from _file_store_checks(stock, len(wanted), gone, changed, extra)
    yield from _runlog_checks(programme)


def _is_packed(path: Path) -> bool:
    from xl_addin.formats.archives import is_archive

    try:
        return is_archive(held.read_bytes(path))
    except OSError:
        return False


def _file_store_checks(
    stock: _FileStore, count: int, gone: list[str], changed: list[str], extra: list[str]
) -> Iterator[Check]:
    if gone:
        says = "请从备份或同步盘找回这些文件；数据还在底账里，但没有原件可查"
        yield Check("archive", FAULT, stock.subject, f"少了 {list_some(gone)}", says)
    if changed:
        says = "请从备份或同步盘换回原来的文件；归档里的文件不能打开另存"
        yield Check("archive", FAULT, stock.subject, f"内容变了：{list_some(changed)}", says)
    if extra:
        says = f"{NOT_RECORDED}（{UNRECEIPTED}）"
        yield Check("archive-extra", NOTE, stock.subject, f"底账里没有：{list_some(extra)}", says)
    if not gone and not changed:
        yield Check("archive", OK, stock.subject, f"{count} {stock.what}都在，内容与底账一致")


def _runlog_checks(programme: Programme) -> Iterator[Check]:
    """The record of every run that the ledger can be made from again."""
    from xl_addin.store.runlog import RunLog, folder_beside

    subject = "归档里的操作记录"
    committed: frozenset[str] | None = None
    interrupted: list[str] = []
    try:
        with open_for_reading(ledger_path(programme.folder)) as ledger:
            committed = committed_pages(ledger)
            interrupted = interruptions(programme.folder, ledger)
    except (DatabaseFault, Refused):
        pass  # told of the ledger itself
    for message in interrupted:
        yield Check("interrupted", NOTE, "中断的操作", "", message)
    try:
        log = RunLog(folder_beside(ledger_path(programme.folder)))
        pages = [(page.number, page.sha256) for page in log.pages(committed)]
    except Unreadable as error:
        says = "底账本身还能用；请从备份或同步盘找回这一页，否则底账坏了以后重建不全"
        yield Check("chronicle", FAULT, subject, error.message, says)
        return
    later = [n for n, sha256 in pages if committed is not None and sha256 not in committed]
    if later:
        found = f"第 {later[0]} 页起的 {len(later)} 页底账里没有：底账比归档旧，可能是从备份恢复的"
        yield Check("chronicle", FAULT, subject, found, REBUILD)
    else:
        yield Check("chronicle", OK, subject, f"{len(pages)} 页，前后接得上")


def _digest(path: Path) -> str:
    try:
        with held.open_bytes(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def clock_check(programme: Programme) -> Check:
    """Whether this computer's time can be: not before what was done last, and not years away."""
    now = programme.clock()
    last = ""
    try:
        with open_for_reading(ledger_path(programme.folder)) as ledger:
            last = last_written_at(ledger)
    except (DatabaseFault, Refused):
        pass
    return time_check(now, last)


def time_check(now: datetime, last: str) -> Check:
    """``last`` is when the journal was last written, as the ledger writes times; empty for never."""
    found = f"{now:%Y-%m-%d %H:%M}"
    if last > now.isoformat(sep=" "):
        return Check("clock", FAULT, "电脑时钟", found, clock_behind(last))
    return Check("clock", OK, "电脑时钟", found)
