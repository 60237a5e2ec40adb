"""Every row of a ledger copied into another one, whichever database either is in, and the two compared.

What only a server has, the bytes of the archive and the tokens of runs, is not among it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from xl_addin.store.postgresql import NO_NUL, NUL, Session
from xl_addin.store.schema import Connection, lay_down, migrate
from xl_addin.store.server_tables import bring_up_to_date
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_TOGETHER = 20_000


class TableCount(NamedTuple):
    """A table that is the same on both sides: its rows, and what all of its numbers add up to."""

    table: str
    rows: int
    total: float


def every_table() -> tuple[str, ...]:
    """The ledger's tables, each after those that its rows belong to."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        found = db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY rowid")
        return tuple(name for (name,) in found if name != "programme")


def facts_of(db: Connection) -> dict[str, bytes | str | int]:
    """What a ledger says of its programme, as SQLite keeps it."""
    query = "SELECT key, value FROM programme WHERE key IN ('id','secret','year','created')"
    found = dict(db.execute(query).fetchall())
    made = {key: bytes(value) if key == "secret" else _text(value) for key, value in found.items()}
    return {**made, "year": int(str(made["year"]))}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def copy_rows(source: Connection, target: Connection) -> None:
    """Add every row of a ledger to an empty one. Raises a database fault."""
    for table in every_table():
        columns = _columns(source, table)
        places = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table}({', '.join(columns)}) VALUES({places})"
        for rows in _in_order(source, table, columns):
            target.executemany(sql, rows)


def _columns(db: Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})").fetchall()]


def _in_order(db: Connection, table: str, columns: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows by all that they are known by, some at a time."""
    names = ", ".join(columns)
    order = "id" if "id" in columns else names
    rows = db.execute(f"SELECT {names} FROM {table} ORDER BY {order}")  # noqa: S608
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(tuple(row))
        if len(batch) == _TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def compare_rows(one: Connection, other: Connection) -> list[TableCount]:
    """Every table of two ledgers, row by row. Refused where they differ, with the first place."""
    found = []
    for table in every_table():
        columns = _columns(one, table)
        mine, theirs = (_rows(db, table, columns) for db in (one, other))
        if mine != theirs:
            apart = next((a, b) for a, b in _pairs(mine, theirs) if a != b)
            raise Refused(
                f"底账的 {table} 搬过去以后不一样（{len(mine)} 行和 {len(theirs)} 行，"
                f"第一处：{apart[0]} 和 {apart[1]}）；没有换过去，原来的底账照旧用"
            )
        numbers = (value for row in mine for value in row if isinstance(value, int | float))
        found.append(TableCount(table, len(mine), float(sum(numbers))))
    return found


def _pairs(mine: list[Any], theirs: list[Any]) -> Iterator[tuple[Any, Any]]:
    most = max(len(mine), len(theirs))
    for at in range(most):
        yield (mine[at] if at < len(mine) else None, theirs[at] if at < len(theirs) else None)


def _rows(db: Connection, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    return [
        tuple(value.replace(NUL, NO_NUL) if isinstance(value, str) else value for value in row)
        for batch in _in_order(db, table, columns)
        for row in batch
    ]


def copy_to_file(source: Connection, target: Path) -> None:
    """A ledger as it stands written to a SQLite file that is not there yet. Raises a database fault."""
    lay_down(target, facts_of(source))
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        db.execute("BEGIN")
        copy_rows(source, db)
        db.execute("COMMIT")


def lay_down_on_server(db: Session, schema: str, facts: Mapping[str, object]) -> None:
    """Empty tables of a programme in its schema, which is made. Call within a transaction."""
    db.execute(f"CREATE SCHEMA {schema}")
    bring_up_to_date(db, 0)
    rows = [
        (key, value if isinstance(value, bytes) else str(value).encode())
        for key, value in facts.items()
    ]
    db.executemany("INSERT INTO programme(key, value) VALUES(?,?)", rows)
