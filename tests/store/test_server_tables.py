"""The server's tables are those of the file: the same columns, and views that give the same rows."""

import random
import sqlite3
from contextlib import closing

import psycopg
import pytest

from xl_addin.store.copying import copy_rows, every_table
from xl_addin.store.place import Pointer
from xl_addin.store.postgresql import open_session
from xl_addin.store.schema import SCHEMA, migrate
from xl_addin.store.server_tables import bring_up_to_date, views

VERDICTS = ("accepted", "rejected", "held", "duplicate", "blank", "foreign", "unreadable")


@pytest.fixture
def server(postgresql):
    """``server(version)``: a session in a schema with tables of no version yet."""
    with psycopg.connect(postgresql.url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS xl_tables CASCADE; CREATE SCHEMA xl_tables")
    session = open_session(Pointer(postgresql.url, "tables", {}))
    yield session
    session.close()


def filled(seed: int) -> sqlite3.Connection:
    """A ledger of random runs, receipts, decisions, closings, undone runs and pages."""
    chance = random.Random(seed)
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db)
    months = ("2024-01", "2024-02")
    for run in range(1, 40):
        db.execute("INSERT INTO events VALUES(?, '', 'collect', '', '', '')", (run,))
        if run > 1 and chance.random() < 0.2:
            db.execute(
                "INSERT OR IGNORE INTO undone(run, by) VALUES(?, ?)",
                (chance.randrange(1, run), run),
            )
        for _ in range(2):
            verdict = chance.choice(VERDICTS[:3] * 3 + VERDICTS)
            number = db.execute(
                "INSERT INTO receipts(sha256, file, received_at, month, asked, district, round, verdict,"
                " note, run) VALUES(?, 'f', ?, ?, ?, ?, 1, ?, '', ?)",
                (
                    f"{chance.randrange(9)}",
                    f"2024-02-0{chance.randrange(1, 4)}",
                    chance.choice(months),
                    chance.choice(months),
                    f"D{chance.randrange(3)}",
                    verdict,
                    run if chance.random() < 0.9 else None,
                ),
            ).lastrowid
            if chance.random() < 0.4:
                db.execute(
                    "INSERT INTO work_pages(run, receipt, verdict, sheet) VALUES(?, ?, ?, '')",
                    (run, number, chance.choice(VERDICTS[:2])),
                )
            if chance.random() < 0.5:
                db.execute(
                    "INSERT INTO decisions(run, receipt, decision, month, district, note)"
                    " VALUES(?, ?, ?, ?, ?, '')",
                    (
                        run,
                        chance.randrange(1, number + 1),
                        chance.choice(VERDICTS[:2]),
                        chance.choice(months),
                        f"D{chance.randrange(3)}",
                    ),
                )
        if chance.random() < 0.3:
            db.execute(
                "INSERT INTO closings(run, month, closed) VALUES(?, ?, ?)",
                (run, chance.choice(months), chance.randrange(2)),
            )
    return db


def test_views_give_the_same_rows_and_tables_have_the_same_columns(server):
    server.begin()
    bring_up_to_date(server, 0)
    with closing(filled(7)) as file:
        copy_rows(file, server)
        for name in (*views(), *every_table()):
            mine, theirs = (db.execute(f"SELECT * FROM {name}") for db in (file, server))  # noqa: S608
            assert [c[0] for c in theirs.description] == [c[0] for c in mine.description]
            assert sorted(map(repr, theirs.fetchall())) == sorted(map(repr, mine.fetchall())), name
        assert file.execute("SELECT COUNT(*) FROM counting").fetchone()[0] > 3


def test_every_view_that_the_file_has_the_server_has():
    with closing(filled(1)) as file:
        found = file.execute("SELECT name FROM sqlite_master WHERE type='view'")
        assert {name for (name,) in found} == set(views())


def test_older_tables_are_brought_up_to_date(server, monkeypatch):
    from xl_addin.store import schema, server_tables

    server.begin()
    for module in (schema, server_tables):
        monkeypatch.setattr(
            module, "STEPS", schema.STEPS[:8] if module is schema else server_tables.STEPS[:8]
        )
    monkeypatch.setattr(server_tables, "SCHEMA", 8)
    bring_up_to_date(server, 0)
    assert server.execute("PRAGMA user_version").fetchall() == [(8,)]
    server.execute("INSERT INTO sendings VALUES(1, 'send', '', '', '', '', '', '', '', '')")
    monkeypatch.undo()
    bring_up_to_date(server, 8)
    assert server.execute("PRAGMA user_version").fetchall() == [(SCHEMA,)]
    assert server.execute("SELECT id, letter FROM sendings").fetchall() == [(1, "send")]
    for name in (*views(), *every_table()):
        server.execute(f"SELECT * FROM {name}")  # noqa: S608
    server.executemany(
        "INSERT INTO sendings(letter, month, district, about, message_id, way, recipients, copy_to, at)"
        " VALUES(?,?,?,?,?,?,?,?,?)",
        [("slip",) + ("",) * 8],
    )
    assert server.execute("SELECT MAX(id) FROM sendings").fetchall() == [(2,)]
