"""A server's session gives what SQLite gives, and says in words what is wrong with the way to it."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from xl_addin.store.faults import is_database_error, is_operational, why
from xl_addin.store.place import Pointer
from xl_addin.store.postgresql import ServerFault, open_session
from xl_addin.store.server_tables import bring_up_to_date


@pytest.fixture
def session(postgresql):
    """A session in a schema with the ledger's tables."""
    with psycopg.connect(postgresql.url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS xl_session CASCADE; CREATE SCHEMA xl_session")
    made = open_session(Pointer(postgresql.url, "session", {}))
    made.begin()
    bring_up_to_date(made, 0)
    made.commit()
    yield made
    made.close()


NUMBERS = (0.1 + 0.2, 1 / 3, 2**53 + 1, 1e22, 5.0, -0.5, 2**63 - 1, -(2**63), 0, 1e-7, None)
WORDS = ("", "甲", "a'b\\c", "100%", "?", ":name", "\t换\n行", "‘’", "Z", "z", "_", "É", "10", "9")


@pytest.mark.parametrize("many", [False, True], ids=["one by one", "copied"])
def test_numbers_and_words_come_back_as_from_sqlite(session, many):
    rows = [
        (1, f"{number:02d}", word, "number" if value is not None else "blank", value, "")
        for number, (word, value) in enumerate(zip(WORDS, (*NUMBERS, 1, 2, 3), strict=True))
    ]
    found = []
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute(
            "CREATE TABLE figures(receipt INTEGER, indicator TEXT, measure TEXT, state TEXT,"
            " value NUMERIC, cell TEXT)"
        )
        session.execute(
            "INSERT INTO receipts(id, sha256, file, received_at, month, asked, district, round,"
            " verdict, note) VALUES(1, '', '', '', '', '', '', 1, 'blank', '')"
        )
        for db in (file, session):
            for some in [rows] if many else [[row] for row in rows]:
                db.executemany("INSERT INTO figures VALUES(?,?,?,?,?,?)", some)
            found.append(
                [
                    db.execute(query, values).fetchall()
                    for query, values in (
                        ("SELECT * FROM figures ORDER BY indicator", ()),
                        ("SELECT measure FROM figures ORDER BY measure", ()),
                        ("SELECT indicator FROM figures WHERE measure=?", ("100%",)),
                        ("SELECT indicator FROM figures WHERE value=:value", {"value": 0.1 + 0.2}),
                        ("SELECT COUNT(*) FROM figures WHERE measure LIKE '%换%' AND 1=?", (1,)),
                        ("SELECT printf('%012d', ?), MAX(?, 2), MIN('b', 'a')", (7, 1)),
                        ("SELECT value FROM json_each(?) ORDER BY 1", ('["b","a"]',)),
                    )
                ]
            )
    assert found[0] == found[1]
    assert [type(row[4]) for row in found[0][0]] == [type(row[4]) for row in found[1][0]]


def test_what_sqlite_refuses_the_server_refuses(session):
    for value in (float("nan"), float("inf")):
        with pytest.raises(ServerFault) as fault:
            session.execute("INSERT INTO stated VALUES(1, 'I', ?, '')", (value,))
        assert not is_operational(fault.value)
    with pytest.raises(ServerFault, match="append-only"):
        session.execute("DELETE FROM receipts")
    with pytest.raises(ServerFault, match="append-only"):
        session.execute("UPDATE events SET who=''")


def test_a_text_with_a_nul_is_kept_without_it(session):
    session.execute("INSERT INTO blanks VALUES(?, ?)", ("a\0b", b"\0\xff"))
    assert session.execute("SELECT * FROM blanks").fetchall() == [
        ("a\N{REPLACEMENT CHARACTER}b", b"\0\xff")
    ]


def test_rows_get_the_next_number_and_none_is_burnt(session):
    for _ in range(2):
        session.begin()
        session.executemany(
            "INSERT INTO mails(sha256, size, received_at, fetched_at, account, folder)"
            " VALUES(?,1,'','','','')",
            [(f"{number}",) for number in range(6)],
        )
        session.roll_back()
    session.executemany(
        "INSERT INTO mails(sha256, size, received_at, fetched_at, account, folder)"
        " VALUES(?,?,?,?,?,?)",
        [(f"{number}", 1, "", "", "", "") for number in range(6)],
    )
    assert session.execute("SELECT MIN(id), MAX(id) FROM mails").fetchall() == [(1, 6)]


def test_a_session_that_was_ended_goes_on_between_transactions_and_not_within(session, postgresql):
    postgresql.end_sessions()
    assert session.execute("SELECT COUNT(*) FROM events").fetchall() == [(0,)]
    session.begin()
    postgresql.end_sessions()
    with pytest.raises(ServerFault) as fault:
        session.execute("SELECT 1")
    assert fault.value.lost
    assert "断开了" in why(fault.value)
    session.roll_back()
    session.begin()
    session.roll_back()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("{port}/postgres", "{port}/nowhere"), "数据库不存在"),
        (("postgres@", "nobody@"), "不认用户名或密码"),
        (("@127.0.0.1", "@127.0.0.1.invalid"), "连不上"),
        ((":{port}", ":1"), "连不上"),
    ],
)
def test_why_there_is_no_session(postgresql, change, words):
    url = postgresql.url.replace(*(each.format(port=postgresql.port) for each in change))
    with pytest.raises(ServerFault) as fault:
        open_session(Pointer(url, "session", {}))
    assert words in why(fault.value)
    assert is_database_error(fault.value)
