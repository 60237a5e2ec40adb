"""The database's own exceptions are told from ours."""

import sqlite3

import pytest

from xl_addin.store.faults import is_database_error


@pytest.mark.parametrize(
    ("error", "the_database"),
    [
        (sqlite3.IntegrityError(), True),
        (sqlite3.OperationalError(), True),
        (ValueError(), False),
        (OSError(), False),
    ],
)
def test_the_databases_own_errors_are_told_from_ours(error, the_database):
    assert is_database_error(error) is the_database
