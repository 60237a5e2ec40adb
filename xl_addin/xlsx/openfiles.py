"""Who has a workbook open: the lock files that spreadsheet programs lay beside it.

Excel's own is locked too, but only on Windows; a file on a shared folder is known by its name alone.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple

_STALE_SECONDS = 20 * 3600
"""After so many seconds a lock is more likely left over than held."""
_EXCEL_NAME_BYTES = 54
_MAX_BYTES = 1024


class LockFile(NamedTuple):
    """A lock file. ``who`` is empty where it does not say; ``age`` in seconds."""

    path: Path
    program: str
    who: str
    age: float


def lock_file_paths(workbook: Path) -> tuple[Path, ...]:
    """The names that lock files of a workbook have: Excel's, LibreOffice's, WPS's."""
    name = workbook.name
    return tuple(workbook.parent / mark for mark in (f"~${name}", f".~lock.{name}#", f".~{name}"))


def find_lock_files(workbook: Path) -> list[LockFile]:
    """The lock files that are there."""
    found = []
    programs = ("Excel 或 WPS", "LibreOffice", "WPS")
    for path, program in zip(lock_file_paths(workbook), programs, strict=True):
        try:
            age = time.time() - path.stat().st_mtime
        except OSError:
            continue
        data = held.glance(path, _MAX_BYTES)  # none where Excel on this very computer holds it
        said = libreoffice_user(data) if program == "LibreOffice" else excel_user(data)
        found.append(LockFile(path, program, said, age))
    return found


def excel_user(data: bytes) -> str:
    """The name in Excel's lock file: a length and the name in the office's code page, then in UTF-16."""
    wide = data[_EXCEL_NAME_BYTES + 1 :]
    if len(wide) >= 2 and 0 < wide[0] <= _EXCEL_NAME_BYTES:
        name = wide[2 : 2 + 2 * wide[0]].decode("utf-16-le", "replace").strip(" \0")
        if name:
            return name
    if data and 0 < data[0] <= _EXCEL_NAME_BYTES:
        return data[1 : 1 + data[0]].decode("gb18030", "replace").strip(" \0")
    return ""


def libreoffice_user(data: bytes) -> str:
    """The name in LibreOffice's lock file (name, account, computer, time, profile)."""
    fields = [part.strip() for part in data.decode("utf-8", "replace").partition(";")[0].split(",")]
    person = next((part for part in fields[:2] if part), "")
    computer = fields[2] if len(fields) > 2 else ""
    return f"{person}（{computer}）" if person and computer else person or computer


def refuse_if_open(workbook: Path) -> None:
    """Raise Refused when a spreadsheet program has the workbook open, or it must not be written."""
    for lock in find_lock_files(workbook):
        if not _is_left_over(workbook, lock):
            raise Refused(_open_message(workbook, lock))
    if not workbook.stat().st_mode & stat.S_IWRITE:
        raise Refused(f"{workbook}：文件是只读的，没有改动它；请在文件的“属性”里去掉“只读”再运行")
    if is_in_use(workbook):
        raise Refused(in_use_message(workbook))


def _is_left_over(workbook: Path, lock: LockFile) -> bool:
    """Whether a lock file is of a program that ended without taking it away.

    Excel and WPS keep a workbook from being written while it is open, on shares too; Windows knows of it.
    """
    excels = os.name == "nt" and not lock.program.startswith("Libre")
    return excels and not is_in_use(workbook, patient=False)


def is_in_use(workbook: Path, *, patient: bool = True) -> bool:
    """Whether another program keeps the file to itself; only Windows tells.

    ``patient``: a scanner that lets go of it soon does not count.
    """
    if os.name != "nt":
        return False
    try:
        os.close((held.open_handle if patient else os.open)(workbook, os.O_RDWR))
    except PermissionError:
        return True
    return False


def in_use_message(workbook: Path) -> str:
    """What to say of a file that another program does not let go."""
    return f"{workbook}：文件正被别的程序占用，没有改动它；请关闭打开它的程序（Excel、WPS、预览窗格、同步盘）再运行"


def _open_message(workbook: Path, lock: LockFile) -> str:
    by = f"，打开的人：{lock.who}" if lock.who else ""
    open_in = f"{workbook}：主表正在 {lock.program} 里打开{by}"
    left = f"如果确认没有人打开（例如上次没有正常关闭），请删除隐藏文件 {lock.path.name} 再运行"
    if lock.age > _STALE_SECONDS:
        hours = f"已有 {lock.age / 3600:.0f} 小时，"
        return f"{open_in}；但这个标记{hours}可能是上次没有正常关闭留下的。{left}；有人开着就先保存并关闭"
    return f"{open_in}；请先保存并关闭，再运行。{left}"
