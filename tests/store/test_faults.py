"""The database's own exceptions are told from ours."""

import sqlite3

import pytest

from xl_addin.store.faults import is_database_error, why


@pytest.mark.parametrize(
    ("error", "the_database"),
    [
        (sqlite3.IntegrityError(), True),
        (sqlite3.OperationalError(), True),
        (ValueError(), False),
        (OSError(), False),
    ],
)
def test_the_databases_own_errors_are_told_from_ours(error, the_database):
    assert is_database_error(error) is the_database


@pytest.mark.parametrize(
    ("code", "says", "rebuild"),
    [
        (sqlite3.SQLITE_BUSY, "正被别的程序使用", False),
        (sqlite3.SQLITE_LOCKED, "正被别的程序使用", False),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "正被别的程序使用", False),
        (sqlite3.SQLITE_IOERR_FSYNC, "磁盘读写出错", False),
        (sqlite3.SQLITE_CANTOPEN, "打不开", False),
        (sqlite3.SQLITE_READONLY, "只读", False),
        (sqlite3.SQLITE_FULL, "磁盘已满", False),
        (sqlite3.SQLITE_CORRUPT, "已损坏", True),
        (sqlite3.SQLITE_NOTADB, "已损坏", True),
        (sqlite3.SQLITE_ERROR, "verify", True),
    ],
)
def test_what_passes_is_to_be_tried_again_and_only_what_is_damaged_to_be_rebuilt(
    code, says, rebuild
):
    error = sqlite3.OperationalError("english words")
    error.sqlite_errorcode = code
    assert says in why(error)
    assert ("rebuild" in why(error)) is rebuild
    assert ("再运行一次" in why(error)) is not rebuild
