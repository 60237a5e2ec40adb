"""The tests of small programmes once more, each with its ledger moved to a server before it begins.

python -m pytest -p tests.tools.on_server tests/verbs tests/services

By hand, a plugin of pytest. What a test is given is moved when it is called, what it makes at once. Those that look
into ledger.db past the program, or spoil it, fail by that: every other failure is a difference between the two.
"""

from __future__ import annotations

import atexit
import os
from functools import cache
from pathlib import Path

import pytest

from tests.tools.postgresql import Server
from tests.tools.programme import SmallProgramme
from tests.tools.shared import share
from xl_addin.model.folder import LEDGER

_lay_out = SmallProgramme.__init__


@cache
def _server() -> Server:
    running = Server()
    atexit.register(running.close)
    return running


def _move(made: object) -> None:
    if type(made) is SmallProgramme and (made.folder / LEDGER).is_file():
        share(made, _server())


def _laid_out(made: SmallProgramme, folder: Path, fresh: bool = False) -> None:
    _lay_out(made, folder, fresh)
    if os.environ.get("PYTEST_CURRENT_TEST", "").endswith("(call)"):
        _move(made)


def pytest_configure() -> None:
    """Have programmes that a test makes for itself moved."""
    SmallProgramme.__init__ = _laid_out  # type: ignore[method-assign]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Function) -> None:
    """Move the programmes that its fixtures made."""
    for given in item.funcargs.values():
        _move(given)
