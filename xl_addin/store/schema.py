"""The ledger's tables, step by step: an older ledger is brought up to date by the steps it lacks.

A step that was released is never edited; a change is a further step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from sqlite3 import complete_statement, connect

from xl_addin.system import held
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, Protocol
from xl_addin.system.rights import private_mode

if TYPE_CHECKING:
    import sqlite3
    from typing import Any


class Rows(Protocol):
    """What a statement gave."""

    @property
    def description(self) -> Any:
        """A tuple for each column, its name first."""

    def fetchone(self) -> Any:
        """The next row, None after the last."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A ledger's tables, whichever database they are in."""

    def execute(self, sql: str, values: Any = ..., /) -> Rows:
        """The rows of a statement; it has ? or :name where the values go."""

    def executemany(self, sql: str, rows: Any, /) -> object:
        """A statement for each row of values."""


class Step(NamedTuple):
    """SQL that lays down tables, also anew; ``append_only`` are those of them that are only ever added to."""

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
# Every event is a run; what it added carries its number, so that it can be taken back as a whole.
# Undoing, settling and closing are rows too; the views say what counts. A run of its number NULL
# was before runs were kept.
_RUNS = """
ALTER TABLE receipts ADD COLUMN run INTEGER REFERENCES events DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE dispatches ADD COLUMN run INTEGER REFERENCES events DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE undone(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE REFERENCES events,
  by INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE decisions(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  receipt INTEGER NOT NULL REFERENCES receipts,
  decision TEXT NOT NULL CHECK(decision IN ('accepted','rejected')),
  month TEXT NOT NULL, district TEXT NOT NULL, note TEXT NOT NULL,
  CHECK(decision <> 'accepted' OR (month <> '' AND district <> '')));
CREATE INDEX decision_receipt ON decisions(receipt);
CREATE TABLE closings(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  month TEXT NOT NULL, closed INTEGER NOT NULL CHECK(closed IN (0, 1)));
CREATE TABLE remarks(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  receipt INTEGER NOT NULL REFERENCES receipts, code TEXT NOT NULL, severity TEXT NOT NULL,
  sheet TEXT NOT NULL, cell TEXT NOT NULL, found TEXT NOT NULL, message TEXT NOT NULL,
  expected TEXT NOT NULL);
CREATE INDEX remark_receipt ON remarks(receipt);
CREATE TABLE readings(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  settings TEXT NOT NULL);
CREATE TABLE pages(id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, marks TEXT NOT NULL);
CREATE VIEW settled AS
  SELECT receipt, decision, month, district, note, run, MAX(id) AS id FROM decisions
  WHERE run NOT IN (SELECT run FROM undone) GROUP BY receipt;
CREATE VIEW returns AS
  SELECT r.id, r.sha256, r.file, r.received_at, COALESCE(d.month, r.month) AS month, r.asked,
    COALESCE(d.district, r.district) AS district, r.round,
    COALESCE(d.decision, r.verdict) AS verdict, r.note, r.run, d.id AS decision
  FROM receipts r LEFT JOIN decisions d ON d.id = (SELECT MAX(x.id) FROM decisions x
    WHERE x.receipt = r.id AND x.run NOT IN (SELECT run FROM undone))
  WHERE r.run IS NULL OR r.run NOT IN (SELECT run FROM undone);
CREATE VIEW told AS
  SELECT receipt, position, code, severity, sheet, cell, found, message, expected FROM problems
  UNION ALL
  SELECT receipt, 1000000 + id, code, severity, sheet, cell, found, message, expected FROM remarks
  WHERE run NOT IN (SELECT run FROM undone);
DROP VIEW counting;
CREATE VIEW counting AS
  SELECT month, district, id AS receipt, MAX(received_at || printf('%012d', id)) AS latest FROM (
    SELECT month, district, id, received_at FROM receipts
    WHERE verdict = 'accepted' AND (run IS NULL OR run NOT IN (SELECT run FROM undone))
    UNION ALL
    SELECT d.month, d.district, r.id, r.received_at FROM settled d JOIN receipts r ON r.id = d.receipt
    WHERE d.decision = 'accepted' AND (r.run IS NULL OR r.run NOT IN (SELECT run FROM undone)))
  GROUP BY month, district;
CREATE VIEW closed AS
  SELECT month FROM (SELECT month, closed, MAX(id) FROM closings
    WHERE run NOT IN (SELECT run FROM undone) GROUP BY month) WHERE closed = 1;
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
# The form that went back for a return, marked, under a round number of its own.
_CORRECTIONS = """
CREATE TABLE corrections(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  returned TEXT NOT NULL, month TEXT NOT NULL, district TEXT NOT NULL, round INTEGER NOT NULL,
  sha256 TEXT NOT NULL, file TEXT NOT NULL);
CREATE INDEX correction_returned ON corrections(returned);
"""
# What mail brought. A mail is in ``mails`` once its bytes are on the disk and is read when a result
# of a run that counts says so. ``mail_seen`` and ``mail_tries`` are hints and may be lost.
_MAIL = """
CREATE TABLE mails(
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
  received_at TEXT NOT NULL, fetched_at TEXT NOT NULL, account TEXT NOT NULL, folder TEXT NOT NULL);
CREATE TABLE mail_results(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  mail INTEGER NOT NULL REFERENCES mails, kind TEXT NOT NULL, sender TEXT NOT NULL,
  shown TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT NOT NULL, answers TEXT NOT NULL,
  district TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX mail_result ON mail_results(mail);
CREATE TABLE mail_parts(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  mail INTEGER NOT NULL REFERENCES mails, position INTEGER NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, sha256 TEXT NOT NULL, trail TEXT NOT NULL, flaw TEXT NOT NULL);
CREATE TABLE mail_returns(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  mail INTEGER NOT NULL REFERENCES mails, receipt INTEGER NOT NULL REFERENCES receipts);
CREATE INDEX mail_return ON mail_returns(receipt);
CREATE TABLE mail_seen(
  account TEXT NOT NULL, folder TEXT NOT NULL, validity INTEGER NOT NULL, uid INTEGER NOT NULL,
  print TEXT NOT NULL, PRIMARY KEY(account, folder, validity, uid, print)) WITHOUT ROWID;
CREATE TABLE mail_tries(mail INTEGER PRIMARY KEY REFERENCES mails, tries INTEGER NOT NULL);
CREATE VIEW mail_read AS
  SELECT * FROM mail_results WHERE run NOT IN (SELECT run FROM undone);
"""
# What a return says besides its figures. All of it is read again from the file itself on rebuilding.
# ``target_changes`` is what notices changed of the year's targets, ``target_sets`` the targets as JSON
# whenever they were found to differ from the last that was kept.
_TEXTS = """
CREATE TABLE texts(
  receipt INTEGER NOT NULL REFERENCES receipts, position INTEGER NOT NULL, field TEXT NOT NULL,
  indicator TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(receipt, position)) WITHOUT ROWID;
CREATE TABLE figure_sheets(
  receipt INTEGER PRIMARY KEY REFERENCES receipts, sheet TEXT NOT NULL);
CREATE TABLE stated(
  receipt INTEGER NOT NULL REFERENCES receipts, indicator TEXT NOT NULL, value NUMERIC NOT NULL,
  cell TEXT NOT NULL, PRIMARY KEY(receipt, indicator)) WITHOUT ROWID;
CREATE TABLE target_changes(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  month TEXT NOT NULL, district TEXT NOT NULL, indicator TEXT NOT NULL, was NUMERIC, value NUMERIC,
  document TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE target_sets(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  targets TEXT NOT NULL);
"""
# What went out and the figures it printed, and the person beside the login of a run.
# ``published.district`` is empty for the whole, its ``receipt`` the return that the figure ended with.
_PUBLICATIONS = """
CREATE TABLE publications(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  month TEXT NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL, sha256 TEXT NOT NULL,
  file TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE published(
  id INTEGER PRIMARY KEY, publication INTEGER NOT NULL REFERENCES publications,
  district TEXT NOT NULL, indicator TEXT NOT NULL, kind TEXT NOT NULL, value NUMERIC,
  receipt INTEGER REFERENCES receipts);
CREATE INDEX published_publication ON published(publication);
CREATE TABLE persons(
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL UNIQUE REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  person TEXT NOT NULL CHECK(person <> ''));
"""
# What districts report of key works: the page of a return with its verdict, which is its own, and the
# reports on it, which are read again from the file itself on rebuilding.
_WORKS = """
CREATE TABLE work_pages(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  receipt INTEGER NOT NULL UNIQUE REFERENCES receipts,
  verdict TEXT NOT NULL CHECK(verdict IN ('accepted','rejected')), sheet TEXT NOT NULL);
CREATE TABLE work_reports(
  receipt INTEGER NOT NULL REFERENCES receipts, item TEXT NOT NULL, state TEXT NOT NULL,
  progress TEXT NOT NULL, trouble TEXT NOT NULL, measures TEXT NOT NULL, expected TEXT NOT NULL,
  cell TEXT NOT NULL, PRIMARY KEY(receipt, item)) WITHOUT ROWID;
CREATE VIEW page_returns AS
  SELECT p.receipt, p.verdict, p.sheet, r.month, r.district, r.file, r.received_at,
    r.received_at || printf('%012d', r.id) AS latest
  FROM work_pages p JOIN returns r ON r.id=p.receipt
  WHERE r.verdict IN ('accepted','blank') OR (r.verdict='rejected' AND r.decision IS NULL);
CREATE VIEW pages_counting AS
  SELECT month, district, receipt, MAX(latest) AS latest FROM page_returns
  WHERE verdict='accepted' GROUP BY month, district;
"""
# What is demanded of districts. A letter may now be of any kind: ``model/letters`` says which there are,
# and the tables of letters are copied because SQLite cannot change a CHECK.
_SLIPS = """
CREATE TABLE slips(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  year INTEGER NOT NULL, number INTEGER NOT NULL CHECK(number > 0), month TEXT NOT NULL,
  district TEXT NOT NULL);
CREATE TABLE slip_items(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  slip INTEGER NOT NULL REFERENCES slips, position INTEGER NOT NULL CHECK(position > 0),
  kind TEXT NOT NULL, subject TEXT NOT NULL, label TEXT NOT NULL, reason TEXT NOT NULL,
  months TEXT NOT NULL);
CREATE TABLE slip_states(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  slip INTEGER NOT NULL REFERENCES slips, position INTEGER NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('drafted','issued','answered','closed','withdrawn')),
  level TEXT NOT NULL, term TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
  at TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX slip_state ON slip_states(slip);
CREATE TABLE letters_copied(
  id INTEGER PRIMARY KEY, letter TEXT NOT NULL CHECK(letter <> ''),
  month TEXT NOT NULL, district TEXT NOT NULL, about TEXT NOT NULL, message_id TEXT NOT NULL,
  way TEXT NOT NULL, recipients TEXT NOT NULL, copy_to TEXT NOT NULL, at TEXT NOT NULL);
INSERT INTO letters_copied SELECT * FROM sendings ORDER BY id;
CREATE TABLE letter_states_copied(
  id INTEGER PRIMARY KEY, sending INTEGER NOT NULL REFERENCES letters_copied,
  state TEXT NOT NULL CHECK(state IN
    ('pending','sending','sent','drafted','written','failed','refused','bounced')),
  at TEXT NOT NULL, detail TEXT NOT NULL);
INSERT INTO letter_states_copied SELECT * FROM sending_states ORDER BY id;
DROP TABLE sending_states;
DROP TABLE sendings;
ALTER TABLE letters_copied RENAME TO sendings;
ALTER TABLE letter_states_copied RENAME TO sending_states;
CREATE INDEX sending_month ON sendings(month, letter, district);
CREATE INDEX sending_message ON sendings(message_id);
CREATE INDEX sending_state ON sending_states(sending);
"""
# Another office's table beside ours. ``account`` is what was understood of it, as JSON, ``trail`` the
# returns that our figure is made of; notes are what staff typed in 处理, taken back by no undo.
_COMPARISONS = """
CREATE TABLE comparisons(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  month TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL,
  kept INTEGER NOT NULL CHECK(kept IN (0, 1)), account TEXT NOT NULL);
CREATE TABLE compared(
  id INTEGER PRIMARY KEY, comparison INTEGER NOT NULL REFERENCES comparisons,
  district TEXT NOT NULL, indicator TEXT NOT NULL, period TEXT NOT NULL, as_of INTEGER NOT NULL,
  ours NUMERIC, theirs NUMERIC, found TEXT NOT NULL, difference NUMERIC, cell TEXT NOT NULL,
  result TEXT NOT NULL, trail TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX compared_comparison ON compared(comparison);
CREATE TABLE comparison_notes(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  comparison INTEGER NOT NULL REFERENCES comparisons, district TEXT NOT NULL,
  indicator TEXT NOT NULL, note TEXT NOT NULL);
"""
# The papers that districts hand in beside their forms. ``paper`` is a code of 材料; district and paper are
# empty where the file does not say. ``characters`` is NULL where the length is not known, ``print`` what
# its text is compared by. What was decided about it is a row beside it.
_PAPERS = """
CREATE TABLE papers(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  sha256 TEXT NOT NULL, file TEXT NOT NULL, received_at TEXT NOT NULL, district TEXT NOT NULL,
  paper TEXT NOT NULL, verdict TEXT NOT NULL CHECK(verdict IN ('accepted','rejected','held')),
  characters INTEGER, print TEXT NOT NULL, sender TEXT NOT NULL, mail INTEGER REFERENCES mails,
  note TEXT NOT NULL, CHECK(verdict='held' OR (district<>'' AND paper<>'')));
CREATE INDEX paper_sha ON papers(sha256);
CREATE TABLE paper_problems(
  id INTEGER PRIMARY KEY, receipt INTEGER NOT NULL REFERENCES papers, code TEXT NOT NULL,
  severity TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT NOT NULL, found TEXT NOT NULL,
  message TEXT NOT NULL, expected TEXT NOT NULL);
CREATE INDEX paper_problem ON paper_problems(receipt);
CREATE TABLE paper_decisions(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  receipt INTEGER NOT NULL REFERENCES papers,
  decision TEXT NOT NULL CHECK(decision IN ('accepted','rejected')),
  district TEXT NOT NULL, paper TEXT NOT NULL, note TEXT NOT NULL,
  CHECK(decision='rejected' OR (district<>'' AND paper<>'')));
CREATE VIEW handed_in AS
  SELECT p.id, p.sha256, p.file, p.received_at, COALESCE(d.district, p.district) AS district,
    COALESCE(d.paper, p.paper) AS paper, COALESCE(d.decision, p.verdict) AS verdict, p.characters,
    p.print, p.sender, COALESCE(p.mail, 0) AS mail, COALESCE(d.note, p.note) AS note,
    COALESCE(d.id, 0) AS decision
  FROM papers p LEFT JOIN paper_decisions d ON d.id = (SELECT MAX(x.id) FROM paper_decisions x
    WHERE x.receipt = p.id AND x.run NOT IN (SELECT run FROM undone))
  WHERE p.run NOT IN (SELECT run FROM undone);
"""
# Settings that several masters share, version by version: ``body`` is all of them as JSON. Each version has
# one parent and a parent at most one child, so that of two masters which change it at once one is told.
_SETTINGS = """
CREATE TABLE settings_versions(
  id INTEGER PRIMARY KEY, parent INTEGER NOT NULL UNIQUE,
  run INTEGER NOT NULL REFERENCES events DEFERRABLE INITIALLY DEFERRED,
  at TEXT NOT NULL, who TEXT NOT NULL, master TEXT NOT NULL, digest TEXT NOT NULL,
  body TEXT NOT NULL, CHECK(id = parent + 1));
"""
STEPS = (
    Step(_RETURNS, ("dispatches", "receipts", "figures", "problems", "events")),
    Step(_RUNS, ("undone", "decisions", "closings", "remarks", "readings", "pages")),
    Step(_SENDINGS, ("sendings", "sending_states")),
    Step(_CORRECTIONS, ("corrections",)),
    Step(_MAIL, ("mails", "mail_results", "mail_parts", "mail_returns")),
    Step(_TEXTS, ("texts", "figure_sheets", "stated", "target_changes", "target_sets")),
    Step(_PUBLICATIONS, ("publications", "published", "persons")),
    Step(_WORKS, ("work_pages", "work_reports")),
    Step(_SLIPS, ("slips", "slip_items", "slip_states", "sendings", "sending_states")),
    Step(_COMPARISONS, ("comparisons", "compared", "comparison_notes")),
    Step(_PAPERS, ("papers", "paper_problems", "paper_decisions")),
    Step(_SETTINGS, ("settings_versions",)),
)
SCHEMA = len(STEPS)
# Not written into the archive: figures and texts are read again from the returned files themselves,
# and pages are the ledger's own record of what was written.
_NOT_ARCHIVED = frozenset(("figures", "texts", "figure_sheets", "stated", "pages", "work_reports"))


def archived_tables() -> tuple[str, ...]:
    """The tables whose every row also stands in the archive, events first.

    Each numbers its rows upwards (INTEGER PRIMARY KEY that is never given), but for ``problems``,
    which are numbered by their receipt.
    """
    # A table that a later step laid down anew is named by both.
    every = dict.fromkeys(name for step in STEPS for name in step.append_only)
    names = [name for name in every if name not in _NOT_ARCHIVED]
    return tuple(sorted(names, key=lambda name: name != "events"))


def migrate(db: sqlite3.Connection) -> None:
    """Bring a ledger up to date within one transaction, so that of two processes only one does."""
    db.execute("BEGIN IMMEDIATE")
    for statement in _statements(db.execute("PRAGMA user_version").fetchone()[0]):
        db.execute(statement)
    fail_point("ledger.migrated")
    db.execute("COMMIT")


def lay_down(path: Path, facts: Mapping[str, object]) -> None:
    """An empty ledger of a programme; under its name only once it is whole."""
    fresh = path.with_name(f"{path.name}.new")
    remove_ledger(fresh)
    # Before the key is in it: SQLite gives its journal the same rights.
    os.close(held.open_handle(fresh, os.O_CREAT | os.O_WRONLY, private_mode(path.parent)))
    db = connect(fresh, isolation_level=None)
    try:
        migrate(db)
        db.executemany("INSERT INTO programme VALUES(?,?)", facts.items())
    finally:
        db.close()
    fail_point("ledger.laid-down")
    held.replace(fresh, path)


def journal_of(path: Path) -> Path:
    """Where SQLite keeps what it would need to roll a ledger back."""
    return path.with_name(f"{path.name}-journal")


def remove_ledger(path: Path) -> None:
    """Remove a ledger that was left half made, with its journal."""
    for left in (path, journal_of(path)):
        held.unlink(left)


def _statements(version: int) -> Iterator[str]:
    """The SQL that makes a ledger of ``version`` (0: empty) current, statement by statement."""
    said = [f"{step.sql}{_guards(step.append_only)}" for step in STEPS[version:]]
    begun = ""
    for piece in "".join((*said, f"PRAGMA user_version={SCHEMA};")).split(";")[:-1]:
        begun += f"{piece};"
        if complete_statement(begun):
            yield begun
            begun = ""


def _guards(tables: tuple[str, ...]) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
        for table in tables
        for action in ("UPDATE", "DELETE")
    )
