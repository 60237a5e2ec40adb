"""The rows of a ledger's file as they lie there, asked past the program."""

from __future__ import annotations

import sqlite3
from contextlib import closing


def rows(path, sql, values=()):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, values).fetchall()
