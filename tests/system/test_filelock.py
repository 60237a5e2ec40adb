"""The operating system's lock on a file: one at a time, told what the other does, free with its holder."""

import errno
import os
import platform
import subprocess
import sys

import pytest

from tests.tools.systems import ON_WINDOWS
from xl_addin.system.errors import Refused
from xl_addin.system.filelock import lock

LOCKING = "msvcrt.locking" if ON_WINDOWS else "fcntl.flock"


def test_the_second_is_refused_and_told_what_the_first_does(tmp_path):
    path = tmp_path / "x.lock"
    with lock(path, "发信"):
        with pytest.raises(Refused, match="正在发信"), lock(path, "收信"):
            pytest.fail("both ran")
        assert path.read_text("utf-8") == "发信"
    with lock(path, "收"):
        assert path.read_text("utf-8") == "收"


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


@pytest.fixture(params=["ENOLCK", "ENOSYS", "EOPNOTSUPP", "EINVAL"])
def no_locks(request, monkeypatch):
    """A share that knows no locks, and says so in its own way."""

    def refuse(*_):
        raise OSError(getattr(errno, request.param), "no locks")

    monkeypatch.setattr(LOCKING, refuse)


@pytest.mark.usefixtures("no_locks")
def test_where_a_disk_knows_no_locks_one_at_a_time_works_all_the_same(tmp_path):
    path, says = tmp_path / "x.lock", r"正在发信.*请删除文件 x\.lock\.held 再试"
    with lock(path, "发信"), pytest.raises(Refused, match=says), lock(path, "收信"):
        pytest.fail("both ran")
    with lock(path, "收信"):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["x.lock"]


@pytest.mark.usefixtures("no_locks")
def test_what_a_process_that_is_gone_left_holds_nobody_up_and_another_computers_does(tmp_path):
    path, marker = tmp_path / "x.lock", tmp_path / "x.lock.held"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    marker.write_bytes(f"{platform.node()} {gone.pid}\n收".encode())
    with lock(path, "发信"):
        pass
    marker.write_bytes(f"{platform.node()}-2 {gone.pid}\n收".encode())
    with pytest.raises(Refused, match="正在收"), lock(path, "发信"):
        pytest.fail("another computer has it")
    marker.unlink()  # as the message says
    with lock(path, "发信"):
        pass


def test_a_lock_that_fails_otherwise_is_no_other_window(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EIO, "disk")

    monkeypatch.setattr(LOCKING, refuse)
    with pytest.raises(OSError, match=r"x\.lock"), lock(tmp_path / "x.lock", "发信"):
        pytest.fail("nothing was locked")
