"""What Windows says of a file that a scanner holds, and that nothing else is waited for."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.tools.systems import windows
from tests.tools.windows import holding
from xl_addin.system import atomic, held


class Held(PermissionError):
    """As Windows raises it; elsewhere OSError has no ``winerror``."""

    winerror = 32


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def scanner(lets_go_after: int, call, error: OSError):
    """A call that is refused so many times."""
    tries = []

    def refused(*arguments):
        tries.append(arguments)
        if len(tries) <= lets_go_after:
            raise error
        return call(*arguments)

    return refused


def test_a_file_that_is_let_go_gets_its_name(tmp_path, monkeypatch, slept) -> None:
    monkeypatch.setattr(os, "replace", scanner(3, os.replace, Held(errno.EACCES, "held")))
    atomic.write(tmp_path / "表.xlsx", b"new")
    assert (tmp_path / "表.xlsx").read_bytes() == b"new"
    assert slept == list(held.WAITS[:3])
    assert [path.name for path in tmp_path.iterdir()] == ["表.xlsx"]


def test_a_file_that_is_not_let_go_is_named_and_nothing_is_left_behind(
    tmp_path, monkeypatch, slept
) -> None:
    monkeypatch.setattr(os, "replace", scanner(99, os.replace, Held(errno.EACCES, "held")))
    with pytest.raises(PermissionError) as caught:
        atomic.write(tmp_path / "表.xlsx", b"new")
    assert caught.value.filename == str(tmp_path / "表.xlsx")
    assert slept == list(held.WAITS)
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_half_written_goes_though_a_scanner_holds_it(tmp_path, monkeypatch) -> None:
    for name in ("a.xlsx.12.tmp", "b.xlsx.12.tmp"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(os, "unlink", scanner(2, os.unlink, Held(errno.EACCES, "held")))
    atomic.remove_temporary(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_any_other_refusal_is_passed_on_at_once(tmp_path: Path, monkeypatch, slept) -> None:
    refusal = OSError(errno.EROFS, "read-only")
    monkeypatch.setattr(os, "unlink", scanner(99, os.unlink, refusal))
    with pytest.raises(OSError, match="read-only"):
        held.unlink(tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        held.read_bytes(tmp_path / "a")
    with pytest.raises(OSError, match=tmp_path.name):
        held.read_bytes(tmp_path)
    assert slept == []


def test_a_file_that_is_gone_need_not_be_removed(tmp_path: Path) -> None:
    held.unlink(tmp_path / "a")


def test_a_temporary_folder_goes_and_one_that_is_not_let_go_fails_nothing(
    monkeypatch, slept
) -> None:
    plain = shutil.rmtree
    for lets_go_after, stays in ((0, False), (2, False), (99, True)):
        monkeypatch.setattr(
            shutil, "rmtree", scanner(lets_go_after, plain, Held(errno.EACCES, "held"))
        )
        with held.temporary_folder() as folder:
            (folder / "a").write_bytes(b"")
        assert folder.exists() is stays
    assert slept[:2] == list(held.WAITS[:2])
    plain(folder)


def test_a_folder_that_is_not_there_has_nothing_in_it(tmp_path: Path) -> None:
    unread: list[OSError] = []
    assert held.names(tmp_path / "none") == []
    assert list(held.files_below(tmp_path / "none")) == []
    assert list(held.files_below(tmp_path / "none", unread)) == unread == []


@windows
def test_what_another_program_really_holds_is_read_replaced_and_removed_once_it_is_let_go(
    tmp_path, monkeypatch
) -> None:
    for call in (
        held.read_bytes,
        held.unlink,
        lambda path: held.replace(path, path.with_suffix(".b")),
        lambda path: held.remove_tree(path.parent),
        lambda path: os.close(held.open_handle(path, os.O_RDWR)),
    ):
        path = tmp_path / "x" / "a"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
        holder = holding.held(path, shared=0)
        holder.__enter__()
        monkeypatch.setattr(
            time, "sleep", lambda _, holder=holder: holder.__exit__(None, None, None)
        )
        call(path)
