"""A real ledger, new and empty, with its archive beside it."""

import pytest

from xl_addin.store.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger.create(tmp_path / "ledger.db", 2023, "2023-01-01 08:00:00")
    yield opened
    opened.close()
