"""The operating system's lock on a file: one at a time, told what the other does, free with its holder."""

import os

import pytest

from xl_addin.system.errors import Refused
from xl_addin.system.filelock import lock


def test_the_second_is_refused_and_told_what_the_first_does(tmp_path):
    path = tmp_path / "x.lock"
    with lock(path, "发信"):
        with pytest.raises(Refused, match="正在发信"), lock(path, "收信"):
            pytest.fail("both ran")
        assert path.read_text() == "发信"
    with lock(path, "收"):
        assert path.read_text() == "收"


def test_a_lock_that_cannot_be_opened_is_an_error_unless_it_may_be_done_without(
    tmp_path, monkeypatch
):
    def denied(*_):
        raise PermissionError

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(PermissionError), lock(tmp_path / "x.lock", "发信"):
        pytest.fail("nothing was locked")
    with lock(tmp_path / "x.lock", "发信", optional=True):
        assert list(tmp_path.iterdir()) == []
