"""The ledger's tables on a PostgreSQL server, out of the very steps that a SQLite ledger is made by.

Types and guards are other words for the same; the functions and the aggregate below bear SQLite's names, so that
queries and views are one text for both. Only views that take a column beside MAX, which SQLite alone has, are said
anew in ``_VIEWS``; ``tests/store/test_server_tables.py`` compares their rows.

Text is COLLATE "C": SQLite's order, whatever the server's is. Numbers of rows come from no sequence, which burns
them on a rollback: the highest and one is right under the programme's lock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from xl_addin.store.postgresql import Session
from xl_addin.store.schema import SCHEMA, STEPS, Step

_WORDS = (
    (r"\)\s*WITHOUT ROWID", ")"),
    (r"\bINTEGER\b", "bigint"),
    (r"\bTEXT\b", 'text COLLATE "C"'),
    (r"\bBLOB\b", "bytea"),
    # What SQLite would not take for a number either.
    (r"(\w+) NUMERIC\b", r"\1 numeric CHECK(\1 NOT IN ('NaN', 'Infinity', '-Infinity'))"),
)
_FUNCTIONS = """
CREATE TABLE schema_version(one boolean PRIMARY KEY DEFAULT true CHECK(one), version bigint NOT NULL);
INSERT INTO schema_version(version) VALUES(0);
CREATE FUNCTION next_id(of_table regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN EXECUTE format('SELECT COALESCE(MAX(id), 0) + 1 FROM %s', of_table) INTO n; RETURN n; END $$;
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE FUNCTION json_each(words text) RETURNS TABLE(value text) LANGUAGE sql IMMUTABLE AS $$
SELECT pg_catalog.json_array_elements_text(words::json) $$;
CREATE FUNCTION printf(words text, number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT pg_catalog.lpad(number::text, 12, '0') $$;
CREATE FUNCTION min(one text, other text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT least(one, other) $$;
CREATE FUNCTION max(one bigint, other bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
SELECT greatest(one, other) $$;
CREATE FUNCTION as_double(sum numeric) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
SELECT sum::double precision $$;
CREATE AGGREGATE total(numeric)
  (SFUNC = pg_catalog.numeric_add, STYPE = numeric, INITCOND = '0', FINALFUNC = as_double);
"""
# What SQLite's ledger has in its folder, or needs not: the bytes of everything in the archive and of every page of the
# run log, which run was written by which master and under which token, and the master as it was laid down.
_SERVER_ALONE = """
CREATE TABLE kept_files(
  sha256 text COLLATE "C" PRIMARY KEY, name text COLLATE "C" NOT NULL, data bytea NOT NULL);
CREATE TABLE page_files(id bigint PRIMARY KEY, data bytea NOT NULL);
CREATE TABLE run_tokens(
  token text COLLATE "C" PRIMARY KEY, run bigint REFERENCES events, master text COLLATE "C" NOT NULL);
"""
_SERVER_GUARDED = ("kept_files", "page_files", "run_tokens")
_VIEWS = {
    "settled": """
  SELECT receipt, decision, month, district, note, run, id FROM decisions d
  WHERE id = (SELECT MAX(x.id) FROM decisions x
    WHERE x.receipt = d.receipt AND x.run NOT IN (SELECT run FROM undone))""",
    "counting": """
  SELECT DISTINCT ON (month, district) month, district, id AS receipt,
    received_at || printf('%012d', id) AS latest FROM (
    SELECT month, district, id, received_at FROM receipts
    WHERE verdict = 'accepted' AND (run IS NULL OR run NOT IN (SELECT run FROM undone))
    UNION ALL
    SELECT d.month, d.district, r.id, r.received_at FROM settled d JOIN receipts r ON r.id = d.receipt
    WHERE d.decision = 'accepted' AND (r.run IS NULL OR r.run NOT IN (SELECT run FROM undone))) AS a
  ORDER BY month, district, received_at DESC, id DESC""",
    "closed": """
  SELECT month FROM closings c WHERE closed = 1 AND id = (SELECT MAX(x.id) FROM closings x
    WHERE x.month = c.month AND x.run NOT IN (SELECT run FROM undone))""",
    "pages_counting": """
  SELECT DISTINCT ON (month, district) month, district, receipt, latest FROM page_returns
  WHERE verdict = 'accepted' ORDER BY month, district, latest DESC""",
}
_VIEW = re.compile(r"(?:DROP VIEW \w+|CREATE VIEW (?P<name>\w+) AS(?P<body>[^;]*));")
_NUMBERED = re.compile(r"CREATE TABLE (\w+)\(\s*id INTEGER PRIMARY KEY")


def bring_up_to_date(session: Session, version: int) -> None:
    """The statements that tables of ``version`` (0: none) lack. Call within a transaction that holds the lock."""
    if version == 0:
        session.execute(_FUNCTIONS)
    for name in reversed([*views()]):
        session.execute(f"DROP VIEW IF EXISTS {name}")
    for step in STEPS[version:]:
        session.execute(f"{_tables(step)}{_guards(step.append_only)}")
    for name, body in views().items():
        session.execute(f"CREATE VIEW {name} AS {body}")
    if version == 0:
        guards = _guards(_SERVER_GUARDED)
        session.execute(f"{_SERVER_ALONE}{guards}")
    session.execute("UPDATE schema_version SET version=?", (SCHEMA,))


def views() -> Mapping[str, str]:
    """Every view as it is said to the server, each after those that it asks."""
    found: dict[str, str] = {}
    for step in STEPS:
        for view in _VIEW.finditer(step.sql):
            if view["name"]:
                found.pop(view["name"], None)
                found[view["name"]] = _VIEWS.get(view["name"], view["body"])
    return found


def _tables(step: Step) -> str:
    """What a step says of tables, in the server's words."""
    said = _NUMBERED.sub(r"\g<0> DEFAULT next_id('\1')", _VIEW.sub("", step.sql))
    for pattern, words in _WORDS:
        said = re.sub(pattern, words, said)
    return said


def _guards(tables: tuple[str, ...]) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only();"
        for table in tables
    )
