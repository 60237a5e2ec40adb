"""One process at a time in a folder whose ledger is being made; the lock goes with its process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xl_addin import layout
from xl_addin.errors import Refused


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder. A second process waits a little, then is refused."""
    lock = folder / f"{layout.LEDGER}.lock"
    db = sqlite3.connect(lock, isolation_level=None)
    try:
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Refused(
                f"{folder}：另一个操作正在这里建立或重建底账（{error}）；请稍后再试"
            ) from error
        yield
    finally:
        db.close()
    lock.unlink(missing_ok=True)
