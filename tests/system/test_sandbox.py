"""The throw-away process: bounded where the system lets it, at work everywhere."""

import sys
import time
from pathlib import Path

import pytest

from tests.tools.systems import ON_WINDOWS, limits
from xl_addin.formats.open import read_grids
from xl_addin.system import jobobject, sandbox

if not ON_WINDOWS:
    import resource

BOOK = Path(__file__).parents[1] / "data" / "returns" / "libreoffice.xls"
REFUSING = (
    "import ctypes\n"
    "class Refused:\n"
    "    def __init__(self, *_, **__): pass\n"
    "    def __call__(self, *_): return 0\n"
    "    def __getattr__(self, name): return self.__dict__.setdefault(name, Refused())\n"
    "ctypes.WinDLL = Refused\n"
    if ON_WINDOWS
    else "import resource\n"
    "def refuse(kind, bounds):\n"
    "    raise ValueError('not allowed to raise maximum limit')\n"
    "resource.setrlimit = refuse\n"
)
ALL = [*jobobject.LIMITS] if ON_WINDOWS else ["RLIMIT_AS", *(name for name, _ in sandbox._LIMITS)]


@pytest.fixture
def asked(monkeypatch):
    """What is asked for; nothing of it is set in this process."""
    asked = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, bounds: asked.append((kind, bounds)))
    return asked


@limits
def test_every_limit_is_asked_for(asked):
    assert sandbox.limit_resources() == []
    kinds = {kind for kind, _ in asked}
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_FSIZE")
    assert kinds == {getattr(resource, name) for name in names}


@limits
@pytest.mark.parametrize("error", [ValueError, OSError])
def test_a_limit_that_cannot_be_set_leaves_the_others(error, asked, monkeypatch):
    keep = resource.setrlimit

    def refuse(kind, bounds):
        if kind == resource.RLIMIT_AS:
            raise error("no")
        keep(kind, bounds)

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert sandbox.limit_resources() == ["RLIMIT_AS"]
    assert {kind for kind, _ in asked} >= {resource.RLIMIT_CPU, resource.RLIMIT_FSIZE}


@limits
def test_a_limit_that_the_system_does_not_know_leaves_the_others(asked, monkeypatch):
    monkeypatch.delattr(resource, "RLIMIT_AS")
    assert sandbox.limit_resources() == ["RLIMIT_AS"]
    assert len(asked) == 3


@limits
def test_a_harder_limit_stays(asked, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (5, 7))
    assert sandbox.limit_resources() == []
    assert all(bounds[1] <= 7 for _, bounds in asked)


def test_a_child_that_cannot_be_bounded_reads_all_the_same(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", REFUSING + sandbox._START)
    assert read_grids(BOOK.read_bytes(), "x.xls")[0].sheet == "任务进度"
    assert sandbox.missing_limits() == ALL


def test_here_all_limits_can_be_set():
    assert sandbox.missing_limits() == []


def test_a_child_that_does_not_start_is_told(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "raise SystemExit(1)")
    assert sandbox.missing_limits() is None
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert sandbox.missing_limits() is None


def test_windows_is_asked_for_all_of_its_limits():
    assert jobobject.job_limits(1, 1).BasicLimitInformation.LimitFlags == 0x250A


def test_one_that_takes_nothing_is_ended_in_time_however_much_it_is_given(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(20)")
    began = time.monotonic()
    with pytest.raises(sandbox.SandboxTimeout):
        sandbox.run_sandboxed("a:b", bytes(1 << 20), seconds=0.3)
    assert time.monotonic() - began < 15
