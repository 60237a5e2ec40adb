"""Work that forked processes do: the same results as without them, whatever becomes of them."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.tools.forms import (
    DISTRICTS,
    GOOD,
    INDICATORS,
    SEVERITIES,
    context,
    fill_form,
    form_template,
    issue,
)
from tests.tools.systems import forking
from xl_addin.judging.assess import assess
from xl_addin.services import stamping, workers
from xl_addin.services.stamping import StampingJob, stamp_forms
from xl_addin.system import forks
from xl_addin.system.atomic import Batch
from xl_addin.system.forks import Forks

pytestmark = forking
ROOT = Path(__file__).parents[2]


def children():
    """The processes that this one has to wait for."""
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()


def test_results_come_back_in_any_size_and_order():
    before = children()
    with Forks() as beside:
        waits = [beside.begin(lambda size=size: bytes([7]) * size) for size in (0, 1, 3_000_000)]
        assert [len(wait() or b"") for wait in reversed(waits)] == [3_000_000, 1, 0]
    assert children() == before


def killed():
    os.kill(os.getpid(), signal.SIGKILL)
    return b"never"


def failed():
    raise MemoryError


def interrupted():
    raise KeyboardInterrupt


@pytest.mark.parametrize("work", [killed, failed, interrupted, lambda: os._exit(3)])
def test_work_that_came_to_no_end_gives_nothing(work):
    before = children()
    with Forks() as beside:
        assert beside.begin(work)() is None
    assert children() == before


@pytest.mark.parametrize("lacking", ["fork", "pipe"])
def test_where_nothing_can_be_forked_nothing_comes(lacking, monkeypatch):
    def nothing():
        raise BlockingIOError

    monkeypatch.setattr(os, lacking, nothing)
    handles = len([*Path("/proc/self/fd").iterdir()])
    with Forks() as beside:
        assert beside.begin(lambda: b"x")() is None
    assert len([*Path("/proc/self/fd").iterdir()]) == handles


@pytest.mark.parametrize("threads", [0, 1])
def test_nothing_is_forked_beside_other_threads(threads):
    code = (
        "import threading; from xl_addin.system import forks; stop = threading.Event();"
        f"threads = [threading.Thread(target=stop.wait) for _ in range({threads})];"
        "[thread.start() for thread in threads];"
        "print(forks.core_count() - 1 - forks.spare_processes()); stop.set()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    lost = forks.core_count() - 1 if threads else 0
    assert (done.stdout.strip(), done.stderr) == (str(lost), "")


def test_nobody_is_left_behind_when_the_result_is_no_longer_wanted():
    before = children()
    with contextlib.suppress(KeyError), Forks() as beside:
        beside.begin(signal.pause)
        assert len(children()) == len(before) + 1
        raise KeyError
    assert children() == before


def test_a_fork_dies_with_its_parent():
    parent = (
        "import os, signal, sys\n"
        "from xl_addin.system.forks import Forks\n"
        "def work():\n"
        "    os.write(1, b'up')\n"
        "    signal.pause()\n"
        "Forks().begin(work)\n"
        "sys.stdin.readline()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.read(2) == b"up"
    process.stdin.write(b"\n")
    process.stdin.close()
    # The end of the output is there when the last who could write to it is gone.
    assert process.stdout.read() == b""
    process.wait()
    process.stdout.close()


def jobs(count):
    """Returns of all kinds: good, wrong, damaged, none at all."""
    good, wrong = fill_form(), fill_form({**GOOD, "I01": -5})
    kinds = [(good, "好.xlsx"), (wrong, "负.xlsx"), (good[:900], "断.xlsx"), (b"abc", "别的.txt")]
    return [kinds[n % len(kinds)] for n in range(count)]


@contextlib.contextmanager
def as_on(machine, monkeypatch):
    """As the program works on other machines, or when its helpers fail."""
    cores = int(machine) if machine.isdigit() else 1 if machine == "one core" else 2
    monkeypatch.setattr(forks, "core_count", lambda: cores)
    monkeypatch.setattr(forks, "spare_processes", lambda: 0 if machine == "a pool" else cores - 1)
    if machine == "killed":
        monkeypatch.setattr(forks, "_die_with_parent", lambda _: killed())
    elif machine == "no fork":
        monkeypatch.setattr(Forks, "begin", lambda *_: lambda: None)
    yield


MACHINES = ["one core", "2", "4", "killed", "no fork"]


@pytest.mark.parametrize("machine", [*MACHINES, "a pool"])
@pytest.mark.parametrize("many", [False, True])
def test_judgements_are_the_same_whoever_judges(machine, many, monkeypatch):
    known, batches = context(), [jobs(3), jobs(40), jobs(17), []]
    told = workers.MANY if many else 60
    expected = [[assess(data, name, known) for data, name in batch] for batch in batches]
    with as_on(machine, monkeypatch), workers.start_workers(workers.Work(known), told) as others:
        waits = [
            others.submit([workers.Job(name, data) for data, name in each]) for each in batches
        ]
        assert [[done.judged for done in wait()] for wait in waits] == expected


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("count", [0, 1, 15, 16, 41])
@pytest.mark.parametrize("taken", ["", "taken"])
def test_forms_are_the_same_whoever_stamps(machine, count, taken, monkeypatch, tmp_path):
    made = form_template(SEVERITIES, INDICATORS)
    districts = [DISTRICTS[0]._replace(code=f"D{n:03}") for n in range(count)]
    forms = [(*(each := issue(one)).identity, made.stamp(each)) for one in districts]
    monkeypatch.setattr(stamping, "_WORTH", 16)
    with as_on(machine, monkeypatch), Batch(count) as batch:
        press = StampingJob(made, issue, lambda d: taken and f"{tmp_path}/{d.code}", batch)
        found = list(stamp_forms(press, districts))
        shown = sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".tmp")
        assert shown == []
    written = [(tmp_path / d.code).read_bytes() for d in districts] if taken else []
    data = written or [form.data for form in found]
    assert [(*form.identity, its) for form, its in zip(found, data, strict=True)] == forms
    assert [hashlib.sha256(its).hexdigest() for its in data] == [form.sha256 for form in found]
    assert len([*tmp_path.iterdir()]) == len(written)


def test_nobody_is_left_behind_when_reading_a_result_is_broken_off():
    def interrupt(*_):
        raise KeyError

    before, handles = children(), len([*Path("/proc/self/fd").iterdir()])
    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        with contextlib.suppress(KeyError), Forks() as beside:
            wait = beside.begin(signal.pause)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            wait()
    finally:
        signal.signal(signal.SIGALRM, old)
    assert children() == before
    assert len([*Path("/proc/self/fd").iterdir()]) == handles


@pytest.mark.parametrize("at", [0, 20, 39])
def test_what_forks_wrote_is_gone_when_not_all_forms_could_be_made(at, monkeypatch, tmp_path):
    monkeypatch.setattr(stamping, "_WORTH", 16)
    monkeypatch.setattr(forks, "spare_processes", lambda: 1)
    made, districts = (
        form_template(SEVERITIES, INDICATORS),
        [DISTRICTS[0]._replace(code=f"D{n}") for n in range(40)],
    )
    before = children()
    with contextlib.suppress(KeyError), Batch(40, str(tmp_path)) as batch:
        press = StampingJob(made, issue, lambda d: f"{tmp_path}/{d.code}", batch)
        with contextlib.closing(stamp_forms(press, districts)) as found:
            for n, _ in enumerate(found):
                if n == at:
                    raise KeyError
    assert (children(), [*tmp_path.iterdir()]) == (before, [])
