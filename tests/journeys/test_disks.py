"""A disk that answers one call of a verb with an error: nothing happened, or the second try ends as one would have."""

import errno
import fcntl
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.journeys import test_faults
from tests.journeys.test_faults import CASES, base, reference, state  # noqa: F401 - a fixture
from tests.tools.faults import disk_faults
from xl_addin.cli import main

# What shares, synchronised folders, FAT and odd servers were seen to answer.
ERRORS = {
    "open": ("EACCES", "EIO", "ESTALE", "EMFILE"),
    "write": ("ENOSPC", "EIO", "EDQUOT", "ESTALE"),
    "fsync": ("EINVAL", "ENOTSUP", "EIO"),
    "replace": ("EXDEV", "EBUSY", "EACCES", "EPERM"),
    "unlink": ("EACCES", "EBUSY", "EPERM"),
    "chmod": ("EPERM", "ENOTSUP"),
    "mkdir": ("EACCES", "EROFS"),
    "listdir": ("EACCES", "EIO"),
    "scandir": ("EACCES", "ESTALE"),
    "flock": ("ENOLCK", "ENOSYS", "EOPNOTSUPP", "EIO"),
}
VERBS = ("distribute", "collect", "recompute", "settle by number", "undo of totals", "rebuild")


def faults_of(monkeypatch, folder):
    """Faults of the disk below a folder, of its locks too."""
    faults = disk_faults(monkeypatch, folder)
    plain = fcntl.flock

    def flock(handle, how):
        faults.reach("flock")
        plain(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    return faults


def without_times(state):
    """A state without the minute at which the board was filled."""
    if not isinstance(state.get("master"), dict):
        return state
    plain = {
        sheet: {
            at: cell for at, cell in cells.items() if not re.search(r"\d\d:\d\d", str(cell.value))
        }
        for sheet, cells in state["master"].items()
    }
    return {**state, "master": plain}


def prepared(base, name, home):  # noqa: F811
    folder = shutil.copytree(base.folder, home / "任务")
    if CASES[name][0] is not None:
        CASES[name][0](folder)
    return folder, [*CASES[name][1], "--folder", str(folder)]


@pytest.fixture(scope="module")
def calls(base, tmp_path_factory):  # noqa: F811
    """How often each verb makes each call."""
    counted = {}
    for name in VERBS:
        folder, words = prepared(base, name, tmp_path_factory.mktemp("calls"))
        with pytest.MonkeyPatch.context() as patch:
            faults = faults_of(patch, folder)
            assert main(words) in (0, 1)
            counted[name] = dict(faults.reached)
    return counted


@pytest.mark.parametrize("step", ERRORS)
@pytest.mark.parametrize("name", VERBS)
def test_each_call_answered_with_an_error_once(base, calls, tmp_path, capfd, name, step):  # noqa: F811
    """The errors of a call take turns over its places; all of them stand at the first."""
    whole = without_times(reference(base, name))
    codes, many = ERRORS[step], calls[name].get(step, 0)
    places = [(1, code) for code in codes[: many * len(codes)]]
    places += [(at, codes[at % len(codes)]) for at in range(2, min(many, 4) + 1)]
    for at, code in places:
        wanted, home = whole, tmp_path / f"{at}-{code}"
        home.mkdir()
        folder, words = prepared(base, name, home)
        with pytest.MonkeyPatch.context() as patch:
            number = getattr(errno, code)
            faults_of(patch, folder).plan(step, OSError(number, os.strerror(number)), at)
            ended = main(words)
        said = capfd.readouterr().err
        assert ended in (0, 1, 2), (at, code, said)
        if ended == 2:
            assert re.search("[\u4e00-\u9fff]", said), said
            assert os.strerror(number) not in said, said
            assert str(folder) in said, said
            assert "rebuild" not in said, said
            assert main(words) in (0, 1), (at, code, said)
        elif name == "collect" and step in ("open", "scandir", "listdir"):
            # A return that cannot be read is told, and read the next time.
            assert main(words) in (0, 1), (at, code, said)
            wanted = {key: wanted[key] for key in ("figures", "files")}
        found = without_times(state(folder))
        assert {key: found[key] for key in wanted} == wanted, (at, code, said)
        assert not list(Path(folder).rglob("*.held"))


assert test_faults.pytestmark  # the same marks hold here: kills and limits of POSIX
