"""A ledger that several masters share, on a PostgreSQL server: one writes at a time, and a commit in doubt is decided.

One advisory lock for each programme, taken as the first statement of a READ COMMITTED transaction: everything after it
sees what the one before committed. (REPEATABLE READ and SERIALIZABLE take their snapshot by the very statement that
waits; a sequence for the rows' numbers burns them.) Under it a run has the number MAX(id)+1.

A run has a token from its beginning, committed with it. Where the connection is lost while COMMIT is under way,
whoever asks for the token has to hold the same lock: it waits until the server is done with the former session.
Without the lock the answer was wrong in 20 of 20 trials.

Bytes of what is archived, and the pages of the run log, are committed with the run. A folder's 归档 holds its own
copies; what it lacks is brought from here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, LEDGER, MAILS
from xl_addin.store.faults import POOLED
from xl_addin.store.place import Pointer, master_of, read_pointer
from xl_addin.store.postgresql import ServerFault, Session, open_session
from xl_addin.store.runlog import RunLog, folder_beside
from xl_addin.store.schema import SCHEMA
from xl_addin.store.server_tables import bring_up_to_date
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point

SNAPSHOT = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PATIENCE = 60.0
"""So many seconds a server that went away in a commit is waited for before we say that we do not know."""
_PAUSE = 0.5
_NAME_BYTES = 42  # as base64 with its mark within the 63 bytes that the server keeps of a name
_MARK = "xl:"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))"
_HOLDER = (
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid=l.pid"
    " WHERE l.locktype='advisory' AND l.granted AND l.database=(SELECT oid FROM pg_database"
    " WHERE datname=current_database()) AND l.objsubid=1"
    " AND (l.classid::bigint << 32 | l.objid::bigint)=hashtextextended(?, ?)"
)
_WRITING, _SENDING = 0, 1
_TURN = "SELECT pg_try_advisory_lock(hashtextextended(?, ?))"
_SERVER = (
    "SELECT pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('server_encoding'),"
    " current_setting('transaction_read_only'), pg_backend_pid()"
)
# What a run names by its hash and has put into the archive.
_OF_RUN = " UNION ".join(
    f"SELECT sha256 FROM {table} WHERE run=:run"  # noqa: S608 - our own names
    for table in ("receipts", "papers", "comparisons", "corrections", "dispatches")
)
_TO_KEEP = (
    f"SELECT sha256 FROM ({_OF_RUN} UNION SELECT sha256 FROM mails) AS x WHERE sha256<>''"  # noqa: S608
    " AND NOT EXISTS(SELECT 1 FROM kept_files k WHERE k.sha256=x.sha256)"
)
_PAPERS_OUT = (
    "SELECT DISTINCT sha256, file FROM slip_states s WHERE run=? AND sha256<>''"
    " AND NOT EXISTS(SELECT 1 FROM kept_files k WHERE k.sha256=s.sha256)"
)
_HASH = 64
_SPOILT = "损坏"


class SharedDatabase:
    """A programme's ledger on a server, as ``Database`` opens it.

    Raises ServerFault where there is none; Refused where the server is none that can be relied on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.parent
        self._pointer = read_pointer(path)
        self.master = master_of(path)
        self._token = ""
        self._there: frozenset[str] = frozenset()
        self.db = open_session(self._pointer)
        try:
            check_server(self.db, path)
            self.version = _version(self.db)
            if not was_moved_here(self.db, path):
                refuse_moved(self.db, path)
        except BaseException:
            self.db.close()
            raise

    def migrate(self) -> None:
        """Bring its tables up to date, all of it or nothing; whoever comes second finds it done."""
        self.begin("升级底账")
        version = _version(self.db)
        if version < SCHEMA:
            bring_up_to_date(self.db, version)
        self.db.commit()
        self.version = SCHEMA

    def begin(self, doing: str) -> None:
        """Begin to write, alone. Raises ServerFault, with who writes where that lasts too long."""
        self._token = str(uuid.uuid4())
        self._begin(doing)
        # What lies there afterwards and not yet is what the run archives.
        self._there = frozenset(held.names(self._folder / ARCHIVE))

    def begin_reading(self) -> None:
        """Have everything that is asked be of this moment. Raises ServerFault."""
        self.db.begin(SNAPSHOT)

    def _begin(self, doing: str) -> None:
        self.db.begin()
        try:
            take_lock(self.db, self._pointer, _session_name(doing))
        except BaseException:
            self.db.roll_back()
            raise

    @contextmanager
    def sending(self, doing: str) -> Iterator[None]:
        """Be the one office that sends letters, through many transactions. Refused while another is.

        It is held by a session of its own: one in a transaction would be ended after ten minutes.
        """
        session, lock = open_session(self._pointer), (self._pointer.schema, _SENDING)
        try:
            session.execute(
                "SELECT set_config('application_name', ?, false)", (_session_name(doing),)
            )
            [[mine]] = session.execute(_TURN, lock).fetchall()
            if not mine:
                holder = _held_by(session.execute(_HOLDER, lock).fetchall())
                raise Refused(
                    f"{self._path}：别的电脑上{holder}，一次只能一处发信，没有发；请等那边发完，再按一次"
                )
            yield
        finally:
            session.close()

    def bring(self) -> str:
        """Have the folder know of the runs that were just seen; what it knows otherwise, in words.

        A server that is restored to before them is then found out here as well. A folder that cannot be
        written to stays as it is.
        """
        try:
            with suppress(OSError):
                bring_pages(self.db, self._path)
        except Refused as refusal:
            return refusal.message
        return ""

    def check(self) -> None:
        """Refused where the ledger is not here any more, or is of another version by now."""
        if _version(self.db) != SCHEMA:
            raise Refused(f"{self._path}：底账已经由更新版本的程序升级；请先升级 xl-addin")
        refuse_moved(self.db, self._path)
        bring_pages(self.db, self._path)

    def commit(self, run: int, page: Path | None) -> None:
        """Have what was written count, with the bytes of everything it names.

        Where the connection is lost meanwhile the run's token decides. Refused where it is not recorded, or
        where the server is not to be reached any more.
        """
        if page is not None:
            self._keep(run, page)
        fail_point("shared.kept")
        try:
            self.db.commit()
        except ServerFault as fault:
            if not fault.lost:
                raise
            if page is None or not self._was_recorded():
                raise
        self._token = ""

    def _keep(self, run: int, page: Path) -> None:
        [[number]] = self.db.execute("SELECT MAX(id) FROM pages").fetchall()
        event = "(SELECT id FROM events WHERE id=?)"
        self.db.execute(
            f"INSERT INTO run_tokens(token, run, master) VALUES(?,{event},?)",
            (self._token, run, self.master),
        )
        self.db.copy("page_files(id, data)", [(number, held.read_bytes(page))])
        keep_files(self.db, self._folder, self._files_of(run))

    def _files_of(self, run: int) -> dict[str, str]:
        """The name in the folder of every file that this run put into the archive, by its hash."""
        names = [name for name in held.names(self._folder / ARCHIVE) if _is_hashed(name)]
        found = {name[:_HASH]: f"{ARCHIVE}/{name}" for name in names}
        wanted = {sha256 for (sha256,) in self.db.execute(_TO_KEEP, {"run": run}).fetchall()}
        wanted |= {name[:_HASH] for name in names if name not in self._there}
        files = {each: found.get(each, f"{ARCHIVE}/{MAILS}/{each}.eml") for each in wanted}
        return files | dict(self.db.execute(_PAPERS_OUT, (run,)).fetchall())

    def _was_recorded(self) -> bool:
        """Whether a commit that nobody answered was made. Refused where the server stays away."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.db.reconnect()
                self._begin("核对是否记入")
                query = "SELECT 1 FROM run_tokens WHERE token=?"
                found = bool(self.db.execute(query, (self._token,)).fetchall())
                self.db.roll_back()
            except ServerFault as fault:
                self.db.roll_back()
                if time.monotonic() > until:
                    raise Refused(
                        f"{self._path}：提交的时候数据库服务器断开了，一直连不上，不知道这次记入了没有；"
                        "连上以后请先运行 xl-addin status 看一看，再运行一次这个操作：已经记入的不会再记一次"
                    ) from fault
                time.sleep(_PAUSE)
            else:
                return found

    def roll_back(self) -> None:
        """Have nothing of it count."""
        self.db.roll_back()

    def close(self) -> None:
        """End the session."""
        self.db.close()


def _version(db: Session) -> int:
    [[version]] = db.execute("PRAGMA user_version").fetchall()
    return int(version)


def moved_to(db: Session) -> str:
    """Where a ledger was moved to, "" while it counts."""
    rows = db.execute("SELECT value FROM programme WHERE key='moved'").fetchall()
    return bytes(rows[0][0]).decode() if rows else ""


def was_moved_here(db: Session, path: Path) -> bool:
    """Whether a ledger was moved into the folder that leads to it, and a stop kept the last step from being done.

    Another computer may have a folder of the same name: it has no ledger of its own.
    """
    return moved_to(db) == str(path.parent) and (path.parent / LEDGER).is_file()


def refuse_moved(db: Session, path: Path) -> None:
    """Refused where a ledger was moved away: what is left on the server is of that day and is not added to."""
    if was_moved_here(db, path):
        raise Refused(
            f"{path}：底账上次搬回这个文件夹时中断了，还差最后一步；请运行 xl-addin move-ledger . 搬完"
        )
    if place := moved_to(db):
        raise Refused(
            f"{path}：底账已经从这个数据库搬到 {place}，这里的不再是最新的，也不再写入；请改用那里的任务文件夹"
        )


def take_lock(db: Session, pointer: Pointer, name: str) -> None:
    """The programme's lock, for this transaction. Raises ServerFault with who has it and what he does."""
    try:
        db.execute(_LOCK, (pointer.schema,))
        db.execute("SELECT set_config('application_name', ?, true)", (name,))
    except ServerFault as fault:
        db.roll_back()
        if fault.sqlstate != "55P03":
            raise
        holders = db.execute(_HOLDER, (pointer.schema, _WRITING)).fetchall()
        raise ServerFault(_held_by(holders), fault.sqlstate, lost=False) from fault


def _session_name(doing: str) -> str:
    """What a session is called, for those who wait for it: the server keeps ASCII alone."""
    return _MARK + base64.b64encode(doing.encode()[:_NAME_BYTES]).decode()


def _held_by(holders: list[tuple[str]]) -> str:
    for (name,) in holders:
        with suppress(ValueError):
            who = base64.b64decode(name.removeprefix(_MARK)).decode("utf-8", "ignore")
            if name.startswith(_MARK) and who:
                return f"正由{who}"
    return "正由别人写入"


def check_server(db: Session, where: Path | str) -> None:
    """Refused where a server is a standby, or may lose what it said it has, or is not spoken to directly.

    What gives each transaction another session, as a pooler may, lets go of locks that hold over several.
    """
    [[standby, commits, encoding, closed, process]] = db.execute(_SERVER).fetchall()
    wrong = ""
    if process != db.process:
        wrong = POOLED
    elif standby:
        wrong = "是备用服务器，只能读；请管理员核对地址应当指向哪一台"
    elif closed == "on":
        wrong = "对这个用户设成了只能读（default_transaction_read_only）；请管理员改"
    elif commits == "off":
        wrong = "设了 synchronous_commit=off，断电会丢刚记入的操作；请管理员改回 on"
    elif encoding != "UTF8":
        wrong = f"的编码是 {encoding}，存不下中文；请管理员另建一个编码是 UTF8 的数据库"
    if wrong:
        raise Refused(f"{where}：底账所在的数据库服务器{wrong}")


@contextmanager
def snapshot_of(path: Path) -> Iterator[Session]:
    """A shared ledger as it is at this moment, for reading only. Raises ServerFault."""
    db = open_session(read_pointer(path))
    try:
        db.begin(SNAPSHOT)
        if not was_moved_here(db, path):
            refuse_moved(db, path)
        yield db
    finally:
        db.close()


def keep_files(db: Session, folder: Path, files: Mapping[str, str]) -> None:
    """Put files into the database: by hash their names below the folder. One that is not there is none."""
    asked = "SELECT sha256 FROM kept_files WHERE sha256 IN (SELECT value FROM json_each(?))"
    kept = {each for (each,) in db.execute(asked, (json.dumps([*files]),)).fetchall()}

    def rows() -> Iterator[tuple[str, str, bytes]]:
        for sha256, name in files.items():
            if sha256 not in kept and (folder / name).is_file():
                data = held.read_bytes(folder / name)
                if hashlib.sha256(data).hexdigest() == sha256:
                    yield sha256, name, data

    db.copy("kept_files(sha256, name, data)", rows())


def kept_here(folder: Path) -> dict[str, str]:
    """By hash the name below a folder of everything that its archive holds."""
    found = {}
    for place in (ARCHIVE, f"{ARCHIVE}/{MAILS}"):
        for name in held.names(folder / place):
            if _is_hashed(name):
                found[name[:_HASH]] = f"{place}/{name}"
    return found


def bring_files(path: Path, *, look_closely: bool = False) -> None:
    """Write what the archive beside a shared ledger lacks of what the ledger keeps. Raises ServerFault.

    Who looks closely also has files that are not what they were set aside and brought anew.
    """
    folder = path.parent
    here = kept_here(folder)
    with snapshot_of(path) as db:
        for sha256, name in db.execute("SELECT sha256, name FROM kept_files").fetchall():
            at = folder / here.get(sha256, name)
            if at.is_file():
                if not look_closely or _hash(at) == sha256:
                    continue
                held.replace(at, at.with_name(f"{at.name}.{_SPOILT}"))
            query = "SELECT data FROM kept_files WHERE sha256=?"
            [[data]] = db.execute(query, (sha256,)).fetchall()
            _write_whole(at, data, sha256)
        bring_pages(db, path)


def bring_pages(db: Session, path: Path) -> None:
    """Write the pages that other masters added, and those of our own that a stop kept from the folder.

    Our own last one stays to be confirmed: that says that a stop came after its commit.
    """
    log = RunLog(folder_beside(path))
    [[last]] = db.execute("SELECT COALESCE(MAX(id), 0) FROM pages").fetchall()
    numbers = {int(name[:-6]) for name in held.names(log.folder) if name.endswith(".jsonl")}
    here = sorted(number for number in numbers if number <= last)
    _refuse_other_pages(db, log, here)
    missing = {*range(1, last + 1)} - numbers
    if not missing:
        return
    pending = {_hash(each) for each in log.pending()}
    for number, sha256, data in db.execute(
        "SELECT p.id, p.sha256, f.data FROM pages p JOIN page_files f ON f.id=p.id WHERE p.id>=?"
        " ORDER BY p.id",
        (min(missing),),
    ).fetchall():
        if number in missing and (number != last or sha256 not in pending):
            _write_whole(log.path(number), data, sha256)


def _refuse_other_pages(db: Session, log: RunLog, here: list[int]) -> None:
    """Refused where the last page here is not the one that the server has of its number.

    A server that was restored, or a standby that lagged, lost runs that only this folder has; when somebody
    else went on from there, no page from then on would follow ours.
    """
    query = "SELECT id, sha256 FROM pages WHERE id>=? ORDER BY id"
    if not here or _others(log, here, dict(db.execute(query, (here[-1],)).fetchall())) == []:
        return
    others = _others(log, here, dict(db.execute(query, (1,)).fetchall()))
    names = "、".join(log.path(number).name for number in others)
    raise Refused(
        f"{log.folder}：{names} 里记的操作，数据库里的底账没有：数据库从较早的备份或备用服务器恢复过，"
        "别人又接着记了。请把这些文件移到别处留着，再运行一次；里面记的回收件请重新导入，别的操作请重做一遍"
    )


def _others(log: RunLog, here: list[int], known: dict[int, str]) -> list[int]:
    return [n for n in here if n in known and _hash(log.path(n)) != known[n]]


def _hash(path: Path) -> str:
    return hashlib.sha256(held.read_bytes(path)).hexdigest()


def _write_whole(path: Path, data: bytes, sha256: str) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Refused(f"{path}：数据库里的这份文件和校验码不符，没有取出；请管理员检查数据库")
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(path, data)


def _is_hashed(name: str) -> bool:
    stem = name.partition(".")[0]
    return len(stem) == _HASH and stem.isalnum()
