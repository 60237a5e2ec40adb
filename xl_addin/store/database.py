"""The ledger's database: opened, brought up to date, written in one transaction at a time.

As a rule a SQLite file. Rollback journal and not WAL: programme folders live on network drives, where WAL does
not work. A verb writes in one transaction; a second process waits for it and is then told to try again. One that
several computers share is on a PostgreSQL server, with the same statements (``store/shared``).

SQL reaches it through ``select`` and ``insert``, which are for the modules of this room: everybody
else asks those modules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path

from xl_addin.model.folder import PRIVATE
from xl_addin.store.faults import REBUILD, is_operational, why
from xl_addin.store.place import is_shared
from xl_addin.store.runlog import RunLog, folder_beside
from xl_addin.store.schema import SCHEMA, Connection, migrate
from xl_addin.system.atomic import remove_temporary
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.system.rights import narrow

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.store.shared import SharedDatabase

_WAIT_SECONDS = 20.0
DatabaseFault = sqlite3.Error
"""What the database below raises, for whoever can go on without it."""
DatabaseBusy = sqlite3.OperationalError
"""A fault that may pass: another process writes, or a cut was not recovered from yet."""


class LedgerReader:
    """A ledger that can be asked, whether or not it can be added to."""

    def __init__(self, db: Connection) -> None:
        self._db = db


class SqliteFile:
    """A ledger that is a file, with one master beside it."""

    master = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        self.db.execute("PRAGMA foreign_keys=ON")
        self.version: int = self.db.execute("PRAGMA user_version").fetchone()[0]
        self._file = _file_identity(path)

    def migrate(self) -> None:
        """Bring its tables up to date, all of it or nothing."""
        migrate(self.db)

    def begin(self, doing: str) -> None:  # noqa: ARG002 - who waits is not told by whom a file is held
        """Begin to write, alone."""
        self.db.execute("BEGIN IMMEDIATE")

    def begin_reading(self) -> None:
        """Nothing to do: whoever writes holds the folder."""

    def sending(self, doing: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing to do: whoever sends holds the folder."""
        return nullcontext()

    def bring(self) -> str:
        """Nothing to do: the archive beside it is its only one."""
        return ""

    def check(self) -> None:
        """Refused where this is not the ledger any more that was opened."""
        if _file_identity(self._path) != self._file:
            raise Refused(f"{self._path}：底账刚刚被重建过；请再运行一次")

    def commit(self, run: int, page: Path | None) -> None:  # noqa: ARG002
        """Have what was written count."""
        self.db.execute("COMMIT")

    def roll_back(self) -> None:
        """Have nothing of it count."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    def close(self) -> None:
        """Release the file."""
        self.db.close()


def _open(path: Path) -> SqliteFile | SharedDatabase:
    if is_shared(path):
        from xl_addin.store.shared import SharedDatabase

        return SharedDatabase(path)
    return SqliteFile(path)


class Database(LedgerReader):
    """An open ledger. Use ``writing`` around everything that adds to it.

    ``run`` is the number of the run that is being written: of the event that ``add_event`` adds.
    ``unconfirmed`` says that the run before was cut off after it was recorded, so that whoever
    started it may not know. ``doing`` tells those who wait for a shared ledger what is done and by whom.
    ``recorded`` is the verb of the last run that was committed. ``shared`` says that several masters work by
    this ledger; ``fence`` is called when a transaction has begun, and refuses what must not be written.
    """

    run = 0
    unconfirmed = False
    doing: Callable[[], str] = staticmethod(str)
    doing_verb = recorded = ""
    shared = False
    fence: Callable[[], None] | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self._runlog = RunLog(folder_beside(path))
        try:
            self._database = _open(path)
        except sqlite3.DatabaseError as error:
            raise Refused(f"{path}：底账{why(error)}") from error
        super().__init__(self._database.db)
        self.shared = self.shared or is_shared(path)
        version = self._database.version
        if version > SCHEMA:
            self.close()
            raise Refused(f"{path}：底账是更新版本的程序写的；请先升级 xl-addin")
        if version < 1:
            self.close()
            raise Refused(f"{path}：不是本程序的底账；{REBUILD}")
        if version < SCHEMA:
            self._migrate()
        self.programme = self._words("id")
        self.key = bytes(self._fact("secret"))
        self.created = self._words("created")

    def _migrate(self) -> None:
        """Bring an older ledger up to date, all of it or nothing."""
        try:
            self._database.migrate()
        except sqlite3.Error as error:
            self._database.roll_back()
            self.close()
            raise Refused(
                f"{self.path}：底账是旧版本程序写的，没有能升级，也没有改动它；底账{why(error)}"
            ) from error

    def close(self) -> None:
        """Release the file, or the server."""
        self._database.close()

    @property
    def master(self) -> str:
        """Which of the masters that share this ledger the one beside it is; "" where nobody else has one."""
        return self._database.master

    def _fact(self, key: str) -> Any:
        return self._db.execute("SELECT value FROM programme WHERE key=?", (key,)).fetchone()[0]

    def _words(self, key: str) -> str:
        """A fact that is words: a server has bytes alone in that column."""
        fact = self._fact(key)
        return fact.decode() if isinstance(fact, bytes) else str(fact)

    def _next(self, table: str) -> int:
        query = f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}"  # noqa: S608 - our own names
        number: int = self._db.execute(query).fetchone()[0]
        return number

    def next_run(self) -> int:
        """The number that the next run will have, and that one which was cut off had."""
        return self._next("events")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing. A second writer waits, then is refused.

        What was added stands in the archive before it counts.
        """
        self._start()
        try:
            yield
            page = self._runlog.write(self._db)
            self._database.commit(self.run, page)
        except BaseException as error:
            self._database.roll_back()
            if isinstance(error, sqlite3.OperationalError) and is_operational(error):
                raise self._unwritable(error) from error
            raise
        self.recorded = self.doing_verb
        fail_point("ledger.committed")
        if page:
            # The ledger has it: a page that cannot be renamed now is confirmed by the next run.
            with suppress(OSError):
                self._runlog.confirm(page)

    def _start(self) -> None:
        """Begin; whoever loses the server before anything was written, as while waiting, begins once more."""
        for again in (False, True):
            try:
                self._database.begin(self.doing() if is_shared(self.path) else "")
                self.doing_verb = ""
                self._begin()
            except BaseException as error:
                self._database.roll_back()
                if not isinstance(error, sqlite3.OperationalError) or not is_operational(error):
                    raise
                if again or not getattr(error, "lost", False):
                    raise self._unwritable(error) from error
            else:
                return

    def sending(self) -> AbstractContextManager[None]:
        """Be the one office that sends letters, where several share the ledger. Refused while another is."""
        return self._database.sending(self.doing() if self.shared else "")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is asked within is of one moment, whoever else writes to a shared ledger meanwhile."""
        self._database.begin_reading()
        try:
            yield
        finally:
            self._database.roll_back()

    def outdated(self) -> str:
        """What the archive beside the ledger knows of and the ledger does not, with its time; "" for nothing.

        What was read of such a ledger is of that time. Raises a fault of the database.
        """
        with self.reading():
            unknown = self._database.bring()
            if not unknown and (page := self._runlog.unknown_page(self._db)):
                unknown = f"{page}；{REBUILD}"
            if not unknown:
                return ""
            [[last]] = self._db.execute("SELECT COALESCE(MAX(at), '') FROM events").fetchall()
        return f"{unknown}。这里看到的是底账里最后一次操作（{last}）时的情况，不是最新的"

    def _begin(self) -> None:
        """What has to hold before anything is written; what else every run waits for belongs here."""
        self._database.check()
        remove_temporary(self.path.parent)
        narrow(self.path.parent, PRIVATE)
        # A click of a shared ledger may record settings first: what was found then still holds.
        self.unconfirmed = self._runlog.catch_up(self._db) or (self.shared and self.unconfirmed)
        self.run = self.next_run()
        if self.fence is not None:
            self.fence()

    def _unwritable(self, error: sqlite3.OperationalError) -> Refused:
        return Refused(f"{self.path}：这次操作没有记入；底账{why(error)}")


@contextmanager
def open_for_reading(path: Path) -> Iterator[LedgerReader]:
    """A ledger opened for reading only: nothing is migrated, nothing recovered.

    Raises DatabaseBusy or another DatabaseFault, here or when it is asked.
    """
    if is_shared(path):
        from xl_addin.store.shared import snapshot_of

        with snapshot_of(path) as session:
            yield LedgerReader(session)
        return
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=0.5)) as db:
        yield LedgerReader(db)


def copy_database(path: Path, copy: Path) -> None:
    """A ledger as it stands written to another file. Refused where it cannot be read."""
    try:
        with open_for_reading(path) as reader:
            if isinstance(reader._db, sqlite3.Connection):
                with closing(sqlite3.connect(copy)) as db:
                    reader._db.backup(db)
            else:
                from xl_addin.store.copying import copy_to_file

                copy_to_file(reader._db, copy)
    except sqlite3.Error as error:
        raise Refused(f"{path}：底账{why(error)}") from error


def select(
    reader: LedgerReader, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Any]:
    """The rows of a question."""
    return reader._db.execute(sql, values).fetchall()


def insert(database: Database, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows; within ``writing``."""
    database._db.executemany(sql, rows)


def _file_identity(path: Path) -> tuple[int, int]:
    """Which file a path leads to: one that another file took the place of is not written to."""
    facts = path.stat()
    return facts.st_dev, facts.st_ino
