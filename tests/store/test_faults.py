"""The database's own exceptions are told from ours."""

import sqlite3

import pytest

from tests.tools.systems import ON_WINDOWS
from xl_addin.store import database
from xl_addin.store.faults import is_database_error, why
from xl_addin.store.ledger import Ledger
from xl_addin.system.errors import Refused


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


def test_a_ledger_that_another_program_holds_is_in_use_and_not_to_be_rebuilt(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    ledger = Ledger.create(path, 2024, "2024-01-02 00:00:00")
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Refused, match="正被别的程序使用") as opened:
        Ledger(path)
    ledger._db.execute("PRAGMA busy_timeout=0")
    with (
        pytest.raises(Refused, match=r"这次操作没有记入.*正被别的程序使用") as written,
        ledger.writing(),
    ):
        pytest.fail("another program writes")
    assert not any("rebuild" in str(each.value) for each in (opened, written))
    other.execute("ROLLBACK")
    other.close()
    with ledger.writing():
        ledger.add_event("2024-01-02 00:00:00", "new", "", "", "")
    ledger.close()
    assert ON_WINDOWS or path.stat().st_mode & 0o077 == 0
