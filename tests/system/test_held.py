"""What Windows says of a file that a scanner holds, and that nothing else is waited for."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

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
    refusal = PermissionError(errno.EACCES, "no right")
    monkeypatch.setattr(os, "unlink", scanner(99, os.unlink, refusal))
    with pytest.raises(PermissionError):
        held.unlink(tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        held.read_bytes(tmp_path / "a")
    assert slept == []


def test_a_file_that_is_gone_need_not_be_removed(tmp_path: Path) -> None:
    held.unlink(tmp_path / "a")
