"""A programme in the middle of its year."""

from __future__ import annotations

import pytest

from tests.tools.years import begun


@pytest.fixture(scope="session")
def _begun(tmp_path_factory):
    return tmp_path_factory.mktemp("年中")


@pytest.fixture
def year(_begun, tmp_path):
    """A small programme after two months; 丙县 did not report the second."""
    return begun(_begun, tmp_path)
