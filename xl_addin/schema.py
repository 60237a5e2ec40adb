"""The ledger's tables, step by step: an older ledger is brought up to date by the steps it lacks.

A step that was released is never edited; a change is a further step.
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """SQL that lays down tables; ``append_only`` names those of them that are only ever added to."""

    sql: str
    append_only: tuple[str, ...]


_RETURNS = """
CREATE TABLE programme(key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE blanks(digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE dispatches(
  id INTEGER PRIMARY KEY, month TEXT NOT NULL, district TEXT NOT NULL, round INTEGER NOT NULL,
  mac TEXT NOT NULL, sha256 TEXT NOT NULL, file TEXT NOT NULL, issued_at TEXT NOT NULL);
CREATE INDEX dispatch_month ON dispatches(month, district);
CREATE TABLE receipts(
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, file TEXT NOT NULL, received_at TEXT NOT NULL,
  month TEXT NOT NULL, asked TEXT NOT NULL, district TEXT NOT NULL, round INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN
    ('accepted','rejected','held','duplicate','blank','foreign','unreadable')),
  note TEXT NOT NULL,
  CHECK(verdict <> 'accepted' OR (month <> '' AND district <> '')));
CREATE INDEX receipt_sha ON receipts(sha256);
CREATE INDEX receipt_month ON receipts(month, district, verdict);
CREATE TABLE figures(
  receipt INTEGER NOT NULL REFERENCES receipts, indicator TEXT NOT NULL, measure TEXT NOT NULL,
  state TEXT NOT NULL CHECK((state = 'number') = (value IS NOT NULL)), value NUMERIC,
  cell TEXT NOT NULL, PRIMARY KEY(receipt, indicator)) WITHOUT ROWID;
CREATE TABLE problems(
  receipt INTEGER NOT NULL REFERENCES receipts, position INTEGER NOT NULL, code TEXT NOT NULL,
  severity TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT NOT NULL, found TEXT NOT NULL,
  message TEXT NOT NULL, expected TEXT NOT NULL, PRIMARY KEY(receipt, position)) WITHOUT ROWID;
CREATE TABLE events(
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, verb TEXT NOT NULL, month TEXT NOT NULL,
  outcome TEXT NOT NULL, who TEXT NOT NULL);
CREATE VIEW counting AS
  SELECT month, district, id AS receipt, MAX(received_at || printf('%012d', id)) AS latest
  FROM receipts WHERE verdict = 'accepted' GROUP BY month, district;
"""
# A letter and what became of it: a row for the letter, a row for every state it came to.
_SENDINGS = """
CREATE TABLE sendings(
  id INTEGER PRIMARY KEY, letter TEXT NOT NULL CHECK(letter IN ('send','remind','return','receipt')),
  month TEXT NOT NULL, district TEXT NOT NULL, about TEXT NOT NULL, message_id TEXT NOT NULL,
  way TEXT NOT NULL, recipients TEXT NOT NULL, copy_to TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX sending_month ON sendings(month, letter, district);
CREATE INDEX sending_message ON sendings(message_id);
CREATE TABLE sending_states(
  id INTEGER PRIMARY KEY, sending INTEGER NOT NULL REFERENCES sendings,
  state TEXT NOT NULL CHECK(state IN
    ('pending','sending','sent','drafted','written','failed','refused','bounced')),
  at TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX sending_state ON sending_states(sending);
"""
STEPS = (
    Step(_RETURNS, ("dispatches", "receipts", "figures", "problems", "events")),
    Step(_SENDINGS, ("sendings", "sending_states")),
)  # fmt: skip
SCHEMA = len(STEPS)


def migration(version: int) -> str:
    """The SQL, without its transaction, that makes a ledger of ``version`` (0: empty) current."""
    said = [f"{step.sql}{_guards(step.append_only)}" for step in STEPS[version:]]
    return "".join((*said, f"PRAGMA user_version={SCHEMA};"))


def _guards(tables: tuple[str, ...]) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
        for table in tables
        for action in ("UPDATE", "DELETE")
    )
