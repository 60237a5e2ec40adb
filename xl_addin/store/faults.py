"""What the database below the ledger says, told in words that help, without importing it.

Not every click needs the database: its codes stand here by their numbers (sqlite3.h).
"""

from __future__ import annotations

_LIBRARIES = frozenset(("sqlite3",))
BUSY = (5, 6, 15)
"""SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: another program holds the file, or the disk knows no locks."""
_DISK = {
    8: "底账是只读的",  # SQLITE_READONLY
    10: "磁盘读写出错",  # SQLITE_IOERR
    13: "磁盘已满",  # SQLITE_FULL
    14: "底账或者它所在的文件夹打不开",  # SQLITE_CANTOPEN
    3: "没有权限",  # SQLITE_PERM
    23: "没有权限",  # SQLITE_AUTH
}
_DAMAGED = {11: "文件已损坏", 26: "不是底账，或者已损坏"}  # SQLITE_CORRUPT, SQLITE_NOTADB
REBUILD = "请运行 xl-addin rebuild，由归档重建底账"


def is_database_error(error: BaseException) -> bool:
    """Whether the database below the ledger raised this, and not our own code."""
    return type(error).__module__ in _LIBRARIES


def primary_code(error: BaseException) -> int:
    """SQLite's code without the details: its extended codes carry it in the low byte."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_passing(error: BaseException) -> bool:
    """Whether it lies with the disk or another program, and not with what the file holds."""
    return primary_code(error) in BUSY or primary_code(error) in _DISK


def is_damage(error: BaseException) -> bool:
    """Whether the file does not hold what the database wrote."""
    return primary_code(error) in _DAMAGED


def why(error: BaseException) -> str:
    """What happened, and what to do, in two sentences' halves: ``底账…（why）；advice``."""
    code = primary_code(error)
    if code in BUSY:
        return (
            "正被别的程序使用；请等它结束或关闭它（同步盘、备份、杀毒软件也算），再运行一次。"
            "如果并没有别的程序在用而总是这样，是这块盘不支持文件锁，请把任务文件夹移到别的盘"
        )
    if code in _DISK:
        says = "请检查磁盘是否已满、网络盘是否连着、文件夹能不能写，再运行一次"
        return f"读写不了（{_DISK[code]}）；{says}"
    if code in _DAMAGED:
        return f"读不了（{_DAMAGED[code]}）；{REBUILD}"
    return f"读写出错（{error}）；请用 xl-addin verify 核对，损坏了就用 xl-addin rebuild 由归档重建底账"
