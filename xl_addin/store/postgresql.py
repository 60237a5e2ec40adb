"""A session with a PostgreSQL server that takes the ledger's SQL and gives the values that SQLite gives.

What a statement of ours cannot say in both is said by functions of the same name in the programme's schema
(``server_tables``): here only the placeholders differ, and the few words of ``_WORDS``. Whoever has no shared
ledger never imports this, nor psycopg: 0.2 s.

Faults are raised as SQLite's, so that what can go on without the ledger need not know which it is.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from xl_addin.store.place import KEYRING_SERVICE, Pointer
from xl_addin.system.errors import Refused
from xl_addin.system.keyring_store import kept

try:
    import psycopg
    from psycopg.adapt import Loader
    from psycopg.types.numeric import FloatDumper
    from psycopg.types.string import StrDumper, StrDumperUnknown
except ImportError as error:
    raise Refused(
        "底账在 PostgreSQL 数据库里，这台电脑还没有装连接它的组件；请运行 "
        'python -m pip install "xl-addin[postgresql]"，再试一次'
    ) from error

if TYPE_CHECKING:
    from psycopg.abc import Buffer

LOCK_SECONDS = 20
# A client that sleeps or lost its network lets go of the lock: after ten minutes idle, or a minute unreachable.
_OPTIONS = {
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": "10min",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "client_min_messages": "warning",
}
_CONNECT_SECONDS = 10
_CUT = "08006"
_ENDED = ("57P", "25P03")
_WORDS = {
    "PRAGMA user_version": "SELECT version FROM schema_version",
    # Both are the server's own to see to: it checks what belongs to what at each commit, and pages by their sums.
    "PRAGMA integrity_check(5)": "SELECT 'ok'",
    "PRAGMA foreign_key_check": "SELECT '', 0, '', 0 WHERE false",
}
_COLUMNS = re.compile(r"PRAGMA table_info\((\w+)\)")
_NAMED = re.compile(r"(?<![:\w]):(\w+)")
_PLAIN_INSERT = re.compile(r"INSERT INTO (\w+)(\([^()]*\))? VALUES ?\([?, ]+\)")
_COPY_FROM = 4
"""From so many rows on COPY is faster than a statement for each."""
NUL = "\0"
NO_NUL = "\N{REPLACEMENT CHARACTER}"
"""What stands for NUL, which the server takes in no text."""


class ServerFault(sqlite3.OperationalError):
    """What the server or the way to it says.

    ``sqlstate`` is its code, "" where no server answered; ``lost`` that the session is no more.
    """

    sqlite_errorcode = 0

    def __init__(self, text: str, sqlstate: str, *, lost: bool) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate
        self.lost = lost


class _Number(Loader):
    """numeric as SQLite's NUMERIC affinity keeps it: an integer where it is one, else a float."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data).decode()
        value = float(text)
        if "." not in text and -(2**63) <= int(text) < 2**63:
            return int(text)
        return int(value) if value.is_integer() and abs(value) < 2**63 else value


class _Exact(FloatDumper):
    """A float by its repr: as float8 the server keeps 15 digits of it in a numeric."""

    oid = psycopg.postgres.types["numeric"].oid


class _Text(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace(NUL, NO_NUL))


class _UnknownText(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace(NUL, NO_NUL))


class Session:
    """A connection, made anew where it was lost between transactions."""

    def __init__(self, pointer: Pointer, secret: str) -> None:
        self._pointer, self._given = pointer, secret
        self._raw = _connect(pointer, secret)
        self._begun = False

    @property
    def process(self) -> int:
        """The process that answers, as the server said when it was connected to; a pooler names one of its own."""
        return self._raw.info.backend_pid

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._begun

    def execute(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> psycopg.Cursor[Any]:
        """The cursor of a statement. Raises ServerFault."""
        text = _translated(sql, bool(values), isinstance(values, Mapping))
        try:
            return self._raw.execute(text, values or None)
        except psycopg.Error as error:
            fault = self._fault(error)
            if not fault.lost or self._begun or not sql.startswith("SELECT"):
                raise fault from error
        self.reconnect()
        return self.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """A statement for each row. Raises ServerFault."""
        given = list(rows)
        plain = _PLAIN_INSERT.fullmatch(sql)
        try:
            if plain and len(given) >= _COPY_FROM:
                self.copy(f"{plain[1]}{plain[2] or ''}", given)
                return
            for row in given:
                self._raw.execute(_translated(sql, bool(row), False), row or None)
        except psycopg.Error as error:
            raise self._fault(error) from error

    def copy(self, target: str, rows: Iterable[Sequence[Any]]) -> None:
        """Rows into a table, or its columns, in one go. Raises ServerFault."""
        try:
            with self._raw.cursor().copy(f"COPY {target} FROM STDIN") as into:
                for row in rows:
                    into.write_row(row)
        except psycopg.Error as error:
            raise self._fault(error) from error

    def begin(self, how: str = "ISOLATION LEVEL READ COMMITTED") -> None:
        """Open a transaction, on a new connection where the old one was lost. Raises ServerFault."""
        try:
            self._raw.execute(f"BEGIN {how}")
        except psycopg.Error as error:
            if not self._fault(error).lost:
                raise self._fault(error) from error
            self.reconnect()
            try:
                self._raw.execute(f"BEGIN {how}")
            except psycopg.Error as again:
                raise self._fault(again) from again
        self._begun = True

    def commit(self) -> None:
        """Commit. Raises ServerFault: where it is ``lost``, nobody knows whether it was."""
        self._begun = False
        try:
            said = self._raw.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            raise self._fault(error) from error
        if said != "COMMIT":
            raise ServerFault(f"COMMIT: {said}", "25P02", lost=False)

    def roll_back(self) -> None:
        """End a transaction that is not to be, if there is one."""
        self._begun = False
        with suppress(psycopg.Error):
            if not self._raw.closed:
                self._raw.execute("ROLLBACK")

    def reconnect(self) -> None:
        """Connect anew. Raises ServerFault."""
        self.close()
        self._raw = _connect(self._pointer, self._given)

    def close(self) -> None:
        """End the session; what is open of it is rolled back."""
        self._begun = False
        with suppress(psycopg.Error):
            self._raw.close()

    def _fault(self, error: psycopg.Error) -> ServerFault:
        state = error.sqlstate or ""
        # A server that ends a session says so before libpq has seen that it did.
        lost = self._raw.closed or self._raw.broken or state.startswith(_ENDED)
        return ServerFault(str(error).strip(), state or (_CUT if lost else ""), lost=lost)


def open_session(pointer: Pointer, secret: str = "") -> Session:
    """A session in the programme's schema, with a password that is not kept yet. Raises ServerFault."""
    return Session(pointer, secret)


def _connect(pointer: Pointer, secret: str) -> psycopg.Connection[Any]:
    options = {**_OPTIONS, "search_path": f"{pointer.schema},pg_temp"}
    try:
        raw: psycopg.Connection[Any] = psycopg.connect(
            pointer.url,
            autocommit=True,
            cursor_factory=psycopg.ClientCursor,
            connect_timeout=_CONNECT_SECONDS,
            application_name="xl-addin",
            client_encoding="utf8",
            options=" ".join(f"-c {name}={value}" for name, value in options.items()),
            **({"password": secret} if secret else _secret(pointer.url)),
        )
    except psycopg.Error as error:
        raise ServerFault(str(error).strip(), error.sqlstate or "", lost=True) from error
    raw.prepare_threshold = None
    raw.adapters.register_loader("numeric", _Number)
    for dumper in (_Exact, _Text, _UnknownText):
        raw.adapters.register_dumper(float if dumper is _Exact else str, dumper)
    return raw


def _secret(url: str) -> dict[str, Any]:
    """The password that was kept; none where libpq's own means are to be used."""
    secret = kept(KEYRING_SERVICE, url)
    return {"password": secret} if secret else {}


@lru_cache(maxsize=512)
def _translated(sql: str, has_values: bool, by_name: bool) -> Any:
    """Our SQL as psycopg takes it."""
    columns = _COLUMNS.fullmatch(sql)
    if columns:
        return (
            "SELECT ordinal_position, column_name FROM information_schema.columns"  # noqa: S608
            f" WHERE table_schema=current_schema() AND table_name='{columns[1]}' ORDER BY 1"
        )
    text = _WORDS.get(sql, sql)
    if not has_values:
        return text
    text = text.replace("%", "%%")
    return _NAMED.sub(r"%(\1)s", text) if by_name else text.replace("?", "%s")
