"""A ledger moved: a file's to a server, a server's back into a file; compared row by row before anything leads there.

Whatever stops it, the ledger that was there is the one that counts, until the one step that changes it: the file that
leads to the server appears, or goes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from xl_addin.model.folder import LEDGER, SHARED_LEDGER
from xl_addin.store.copying import (
    TableCount,
    compare_rows,
    copy_rows,
    copy_to_file,
    facts_of,
    lay_down_on_server,
)
from xl_addin.store.database import LedgerReader
from xl_addin.store.faults import why_of_address
from xl_addin.store.integrity import layout_version
from xl_addin.store.ledger import Ledger
from xl_addin.store.place import KEYRING_SERVICE, Pointer, read_pointer, write_pointer
from xl_addin.store.postgresql import ServerFault, Session, open_session
from xl_addin.store.runlog import RunLog, folder_beside
from xl_addin.store.schema import SCHEMA, remove_ledger
from xl_addin.store.shared import (
    bring_files,
    check_server,
    keep_files,
    kept_here,
    moved_to,
    refuse_moved,
    take_lock,
    was_moved_here,
)
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.keyring_store import keep
from xl_addin.system.light import NamedTuple

_MAY_ADD = "SELECT has_database_privilege(current_database(), 'CREATE')"
_KEEPER = "SELECT pg_get_userbyid(nspowner), pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname=?"
_MAY_READ = "SELECT has_schema_privilege(?, 'USAGE')"


class SharedProgramme(NamedTuple):
    """A programme that a database has; ``last`` is when somebody last wrote to it, "" for never."""

    id: str
    year: int
    last: str


def keep_password(url: str, secret: str) -> None:
    """Keep a server's password in the system's keyring, under its address. Refused where there is none."""
    if not secret:
        return
    try:
        keep(KEYRING_SERVICE, url, secret)
    except Refused as refusal:
        raise Refused(
            f"{url}：{refusal.message}密码；请把它写进 libpq 的密码文件（~/.pgpass，"
            "或环境变量 PGPASSFILE 指的文件），再用不带密码的地址运行一次"
        ) from refusal


def move_to_server(ledger: Ledger, url: str, master: bytes) -> list[TableCount]:
    """Copy a ledger, its archive and the master to a server, and have the folder lead there.

    ``ledger`` is a file that the caller is ``writing``, so that nobody adds to it meanwhile. What came to the server
    is compared with it. Refused where another ledger of this programme is there and in use. Raises ServerFault.
    """
    path = ledger.path.with_name(SHARED_LEDGER)
    pointer = Pointer(url, ledger.programme, {})
    with _server(pointer, path) as db:
        db.begin()
        take_lock(db, pointer, "")
        _make_room(db, pointer)
        facts = {**facts_of(ledger._db), "master": master}
        lay_down_on_server(db, pointer.schema, facts)
        copy_rows(ledger._db, db)
        _copy_pages(db, path)
        keep_files(db, path.parent, kept_here(path.parent))
        counts = compare_rows(ledger._db, db)
        fail_point("move.compared")
        db.commit()
    fail_point("move.committed")
    write_pointer(path, pointer)
    fail_point("move.led")
    return counts


@contextmanager
def _server(pointer: Pointer, path: Path) -> Iterator[Session]:
    db = open_session(pointer)
    try:
        check_server(db, path)
        yield db
    finally:
        db.close()


def _make_room(db: Session, pointer: Pointer) -> None:
    """Remove what a move left that was cut off before anything led there; set aside what was moved away."""
    if not _is_there(db, pointer.schema):
        return
    if moved_to(db):
        _set_aside(db, pointer.schema)
        return
    if db.execute("SELECT 1 FROM run_tokens LIMIT 1").fetchall():
        raise Refused(
            f"{pointer.url}：数据库里已经有这个年度任务的底账，而且有人用过，没有搬；要用那里的底账，"
            "请在一个空文件夹里运行 xl-addin join，或复制同事的任务文件夹"
        )
    db.execute(f"DROP SCHEMA {pointer.schema} CASCADE")


def _copy_pages(db: Session, path: Path) -> None:
    """The pages of the run log as they lie in the archive. Refused where the ledger knows one that is not there."""
    log = RunLog(folder_beside(path))
    rows = db.execute("SELECT id, sha256 FROM pages ORDER BY id").fetchall()
    read = []
    for number, sha256 in rows:
        try:
            data = held.read_bytes(log.path(number))
        except FileNotFoundError as error:
            raise Refused(
                f"{log.path(number)}：归档里少了这一页记录，没有搬；请先从备份找回它"
            ) from error
        if sha256_of(data) != sha256:
            raise Refused(f"{log.path(number)}：这一页记录损坏了或被改过，没有搬；请先从备份找回它")
        read.append((number, data))
    db.copy("page_files(id, data)", read)


def sha256_of(data: bytes) -> str:
    """In hex."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


class _OldOnServer:
    """A shared ledger whose schema is set aside for a new one, in one transaction."""

    def __init__(self, db: Session, path: Path, pointer: Pointer, *, sound: bool) -> None:
        self._db, self._path, self._pointer = db, path, pointer
        self.sound = sound

    def give_way(self, fresh: Path) -> None:
        """Put a SQLite file's rows in its place, with the archive of the folder."""
        schema = self._pointer.schema
        master: list[tuple[bytes]] = []
        tokens: list[tuple[str, int, str]] = []
        if _is_there(self._db, schema):
            master = self._db.execute("SELECT value FROM programme WHERE key='master'").fetchall()
            tokens = self._db.execute("SELECT token, run, master FROM run_tokens").fetchall()
            _set_aside(self._db, schema)
        with closing(sqlite3.connect(fresh)) as made:
            facts = {**facts_of(made), **({"master": bytes(master[0][0])} if master else {})}
            lay_down_on_server(self._db, schema, facts)
            copy_rows(made, self._db)
            runs = {run for (run,) in made.execute("SELECT id FROM events")}
            known = [each for each in tokens if each[1] in runs]
            self._db.executemany("INSERT INTO run_tokens(token, run, master) VALUES(?,?,?)", known)
            _copy_pages(self._db, self._path)
            keep_files(self._db, self._path.parent, kept_here(self._path.parent))
            compare_rows(made, self._db)
        fail_point("rebuild.backed-up")
        self._db.commit()


@contextmanager
def hold_on_server(path: Path) -> Iterator[_OldOnServer]:
    """Keep everybody from writing to a shared ledger while it is made anew, however long that takes.

    Raises ServerFault where the server is not to be reached: there is no ledger to put in its place then.
    """
    pointer = read_pointer(path)
    with _server(pointer, path) as db:
        db.begin()
        db.execute("SET LOCAL idle_in_transaction_session_timeout=0")
        take_lock(db, pointer, "")
        sound = _is_there(db, pointer.schema)
        if sound:
            _refuse_if_not_its_keeper(db, path, pointer.schema)
            refuse_moved(db, path)
            if layout_version(LedgerReader(db)) > SCHEMA:
                raise Refused(f"{path}：底账是更新版本的程序写的；请先升级 xl-addin")
        yield _OldOnServer(db, path, pointer, sound=sound)
        db.roll_back()


def _refuse_if_not_its_keeper(db: Session, path: Path, schema: str) -> None:
    [[keeper, mine]] = db.execute(_KEEPER, (schema,)).fetchall()
    if not mine:
        raise Refused(
            f"{path}：重建要用建立这个年度任务的数据库用户（{keeper}），没有重建，底账没有改动；"
            "请用那个用户名的同事在他的电脑上重建，或请管理员给这个用户权限"
        )


def _is_there(db: Session, schema: str) -> bool:
    return bool(db.execute("SELECT 1 FROM pg_namespace WHERE nspname=?", (schema,)).fetchall())


def _set_aside(db: Session, schema: str) -> None:
    """Give a schema another name, with the time, so that a new one can take its place."""
    db.execute(f"ALTER SCHEMA {schema} RENAME TO {schema}_{datetime.now():%Y%m%d_%H%M%S_%f}")


def move_to_file(ledger: Ledger) -> list[TableCount]:
    """Copy a shared ledger into a file beside its folder's pointer, which goes once the caller is done writing.

    ``ledger`` is one that the caller is ``writing``. Whoever else leads there is told from then on that it went.
    """
    folder = ledger.path.parent
    bring_files(ledger.path, look_closely=True)
    fresh = folder / f"{LEDGER}.moving"
    remove_ledger(fresh)
    copy_to_file(ledger._db, fresh)
    with closing(sqlite3.connect(fresh)) as db:
        counts = compare_rows(ledger._db, db)
    fail_point("move.compared")
    held.replace(fresh, folder / LEDGER)
    ledger._db.execute(
        "INSERT INTO programme(key, value) VALUES('moved', ?)", (str(folder).encode(),)
    )
    return counts


def half_moved(ledger: Ledger) -> bool:
    """Whether a move into the folder was cut off before its last step."""
    return isinstance(ledger._db, Session) and was_moved_here(ledger._db, ledger.path)


def leave_server(path: Path) -> None:
    """Have a folder lead to the server no more: from then on the file in it counts."""
    fail_point("move.committed")
    held.unlink(path)


def programmes_on(url: str, secret: str = "", *, add: bool = False) -> list[SharedProgramme]:
    """The programmes of a database that can be joined, by their ids.

    ``secret`` is a password that is tried instead of what is kept, ``add`` that one is to be added.
    Refused where the database cannot be relied on, or there is no way to it: nothing leads there yet, so that it
    is the address that has to be looked at.
    """
    db: Session | None = None
    try:
        db = open_session(Pointer(url, "0", {}), secret)
        check_server(db, url)
        names = db.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE ? AND length(nspname)=15 ORDER BY 1",
            ("xl\\_%",),
        ).fetchall()
        if add and not _says_yes(db, _MAY_ADD):
            raise Refused(
                f"{url}：这个用户没有权限在数据库里建立年度任务；请管理员给这个用户数据库的 CREATE 权限"
            )
        hidden = [name for (name,) in names if not _says_yes(db, _MAY_READ, name)]
        found = [each for (name,) in names for each in _programme(db, name)]
    except ServerFault as fault:
        raise Refused(f"{url}：{why_of_address(fault)}") from fault
    finally:
        if db is not None:
            db.close()
    if hidden and not found and not add:
        raise Refused(
            f"{url}：这个数据库里有 {len(hidden)} 个年度任务，这个用户没有权限读；"
            "请核对地址里的用户名，或请管理员给权限"
        )
    return found


def _says_yes(db: Session, query: str, *values: str) -> bool:
    [[said]] = db.execute(query, values).fetchall()
    return bool(said)


def _programme(db: Session, schema: str) -> Iterator[SharedProgramme]:
    try:
        facts = dict(db.execute(f"SELECT key, value FROM {schema}.programme").fetchall())  # noqa: S608
        [[last]] = db.execute(f"SELECT COALESCE(MAX(at), '') FROM {schema}.events").fetchall()  # noqa: S608
    except ServerFault as fault:
        if fault.lost:
            raise
        return  # somebody else's
    if "moved" not in facts:
        yield SharedProgramme(bytes(facts["id"]).decode(), int(bytes(facts["year"])), last)


class Joined(NamedTuple):
    """What a new folder is laid out of: the master as it was when it came to the server, what the archive knows."""

    pointer: Pointer
    master: bytes
    facts: dict[str, str | int]


def join(url: str, programme: str) -> Joined:
    """What another master of a shared programme begins with. Raises ServerFault."""
    pointer = Pointer(url, programme, {})
    db = open_session(pointer)
    try:
        facts = dict(db.execute("SELECT key, value FROM programme").fetchall())
    finally:
        db.close()
    told: dict[str, str | int] = {
        "programme": programme,
        "key": bytes(facts["secret"]).hex(),
        "year": int(bytes(facts["year"])),
        "created": bytes(facts["created"]).decode(),
    }
    return Joined(pointer, bytes(facts["master"]), told)
