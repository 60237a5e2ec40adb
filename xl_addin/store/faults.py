"""Which exceptions are the database's own, told without importing it: not every click needs one."""

from __future__ import annotations

_LIBRARIES = frozenset(("sqlite3",))


def is_database_error(error: BaseException) -> bool:
    """Whether the database below the ledger raised this, and not our own code."""
    return type(error).__module__ in _LIBRARIES
