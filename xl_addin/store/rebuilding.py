"""A ledger made anew: the old one held and set aside, the new one filled page by page."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from xl_addin.model.folder import BACKUPS
from xl_addin.store.contents import Contents, insert_contents
from xl_addin.store.faults import is_damage, is_passing, why
from xl_addin.store.ledger import Ledger
from xl_addin.store.place import is_shared
from xl_addin.store.runlog import Page
from xl_addin.store.schema import archived_tables, journal_of, lay_down
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import Protocol
from xl_addin.system.rights import private_mode


class NewLedger:
    """A ledger that is being filled from the pages of an archive."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._marks: dict[str, int] = {}

    def add_page(self, page: Page) -> None:
        """Add every row of a page; pages come in order."""
        for table in archived_tables():
            columns, rows = page.tables.get(table, ((), []))
            if rows:
                names, places = ", ".join(columns), ", ".join("?" * len(columns))
                self._db.executemany(f"INSERT INTO {table}({names}) VALUES({places})", rows)
                if "id" in columns:
                    self._marks[table] = rows[-1][columns.index("id")]
        marks = json.dumps(self._marks)
        self._db.execute("INSERT INTO pages VALUES(?,?,?)", (page.number, page.sha256, marks))

    def add_contents(self, contents: Contents) -> None:
        """Add what was read out of a receipt's file, which no page holds."""
        insert_contents(self._db, [contents])


@contextmanager
def fill_ledger(target: Path, facts: Mapping[str, object], archive: Path) -> Iterator[NewLedger]:
    """A new ledger at ``target`` of the programme that ``facts`` tell of, all of it or nothing.

    Refused when what is added from ``archive`` contradicts itself.
    """
    lay_down(target, facts)
    db = sqlite3.connect(target, isolation_level=None)
    try:
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("BEGIN")
        yield NewLedger(db)
        db.execute("COMMIT")
    except sqlite3.Error as error:
        if is_passing(error):
            raise Refused(f"{target}：底账{why(error)}") from error
        if is_damage(error):
            says = (
                "刚写的底账读不回来，磁盘可能有问题；请检查磁盘或把任务文件夹移到别的盘，再运行一次"
            )
            raise Refused(f"{target}：{says}") from error
        raise Refused(f"{archive}：归档里的记录互相矛盾（{error}），不能由它重建底账") from error
    finally:
        db.close()


class OldLedger(Protocol):
    """A ledger that is to be made anew, and that nobody else writes to meanwhile."""

    @property
    def sound(self) -> bool:
        """Whether it could be read."""

    def give_way(self, fresh: Path) -> None:
        """Put the new one, a SQLite file, in its place; the old one stays beside the backups, or on the server."""


class _OldFile:
    """An old ledger that is a file, or is not there at all."""

    def __init__(self, path: Path, *, sound: bool) -> None:
        self._path = path
        self.sound = sound

    def give_way(self, fresh: Path) -> None:
        back_up_ledger(self._path, sound=self.sound)
        fail_point("rebuild.backed-up")
        held.replace(fresh, self._path)
        atomic.sync_folder(str(self._path.parent))


@contextmanager
def hold_ledger(path: Path) -> Iterator[OldLedger]:
    """Keep other processes from writing to an old ledger meanwhile, and put a new one in its place.

    Opening it also rolls back what a cut left in its journal, which must not meet the new ledger.
    """
    if is_shared(path):
        from xl_addin.store.moving import hold_on_server

        with hold_on_server(path) as old:
            yield old
        return
    with _hold_file(path) as sound:
        yield _OldFile(path, sound=sound)


@contextmanager
def _hold_file(path: Path) -> Iterator[bool]:
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
            if is_passing(error):
                raise Refused(f"{path}：底账{why(error)}") from error
        except sqlite3.DatabaseError:
            pass  # a file that is no ledger any more holds nobody up
        if sound:
            # One of an older version is migrated, which takes the lock itself.
            db.execute("ROLLBACK")
            Ledger(path).close()  # of this programme's kind, else Refused
            db.execute("BEGIN IMMEDIATE")
        if os.name == "nt":
            db.close()  # an open file cannot be replaced there
        yield sound
    finally:
        db.close()


def back_up_ledger(path: Path, *, sound: bool) -> None:
    """The old ledger, and a journal that could not be rolled back, under a name of their own.

    A sound ledger was read: a journal that still lies beside it has nothing to roll back.
    """
    from datetime import datetime

    folder = path.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    atomic.remove_temporary(folder)
    copy = folder / f"ledger-{datetime.now():%Y%m%d-%H%M%S-%f}.db"
    journal = journal_of(path)
    if sound:
        held.unlink(journal)
    elif journal.exists():
        held.replace(journal, journal_of(copy))
    if path.exists():
        atomic.write(copy, held.read_bytes(path), private_mode(path.parent))
