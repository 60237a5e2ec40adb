"""A cluster that is not as it should be: told in Chinese, and the work is done all the same."""

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

import xl_addin
from tests.tools.cluster import local_cluster, scheduler_process
from tests.tools.programme import MONTHS, SmallProgramme
from tests.tools.sql import rows
from xl_addin.model.folder import ARCHIVE, LEDGER, RETURNS
from xl_addin.services import workers
from xl_addin.system import cluster
from xl_addin.system.cluster import open_cluster
from xl_addin.system.errors import Refused
from xl_addin.verbs import collect

pytestmark = pytest.mark.dask


@pytest.fixture
def programme(tmp_path, monkeypatch):
    made = SmallProgramme(tmp_path / "任务")
    made.run("distribute")
    for number in range(12):
        made.put(f"{number:02}.xlsx", made.form(number % 4), datetime(2024, 2, 2 + number // 4))
    monkeypatch.setattr(collect, "_FIRST", 2)
    monkeypatch.setattr(collect, "_CHUNK", 2)
    monkeypatch.setattr(collect, "MANY", 1)
    return made


def receipts(made):
    return rows(made.folder / LEDGER, "SELECT * FROM receipts ORDER BY id")


def expected_of(made, tmp_path):
    """What comes of the same folder without a cluster."""
    shutil.copytree(made.folder, tmp_path / "同样" / "任务")
    beside = SmallProgramme(tmp_path / "同样" / "任务")
    beside.clock = made.clock
    beside.collect()
    return receipts(beside)


def test_an_address_where_nobody_answers_is_refused_before_anything_is_done(programme, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT", 0.5)
    for address in ("tcp://127.0.0.1:9", "没有这台", "ftp://x:1"):
        with pytest.raises(Refused, match=f"集群 {address}：连不上；请核对地址"):
            programme.run("collect", cluster=address)
    assert receipts(programme) == []


def test_without_dask_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(Refused, match=r"pip install 'xl-addin\[cluster\]'"),
        open_cluster("tcp://x:1"),
    ):
        pass


def test_a_scheduler_without_workers_is_refused(monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT", 0.5)
    with (
        local_cluster(0) as running,
        pytest.raises(Refused, match="没有一台工作机"),
        open_cluster(running.scheduler_address),
    ):
        pass


def test_a_worker_of_another_version_is_refused_with_both(dask_cluster, programme, monkeypatch):
    monkeypatch.setattr(cluster, "__version__", "9.9.9")
    says = f"装的是 xl-addin {xl_addin.__version__}，这台电脑是 9.9.9"
    with pytest.raises(Refused, match=says):
        programme.run("collect", cluster=dask_cluster.scheduler_address)
    assert receipts(programme) == []


def unmounted(folder):
    """Have this process see a folder no more. Runs on a worker."""
    exists, opened = os.path.exists, os.open
    gone = FileNotFoundError(2, "gone")

    def open_other(path, *given, **named):
        if str(path).startswith(folder):
            raise gone
        return opened(path, *given, **named)

    os.path.exists = lambda path: not str(path).startswith(folder) and exists(path)
    os.open = open_other


@pytest.mark.parametrize("blind", [1, 2])
def test_a_worker_without_the_share_is_told_once_and_others_do_its_work(
    blind, programme, tmp_path, monkeypatch
):
    expected = expected_of(programme, tmp_path)
    taken, load = [], workers._load
    monkeypatch.setattr(workers, "_load", lambda done: taken.append(1) or load(done))
    with local_cluster() as running:
        from distributed import Client

        with Client(running.scheduler_address, set_as_default=False) as client:
            some = sorted(client.nthreads())[:blind]
            client.run(unmounted, str(programme.folder), workers=some)
        said = programme.run("collect", cluster=running.scheduler_address)
    assert receipts(programme) == expected
    told = [line for line in said.lines if "看不到" in line]
    assert len(told) == 1
    assert str(programme.folder / ARCHIVE) in told[0]
    assert bool(taken) is (blind == 1)
    assert not list((programme.folder / ARCHIVE).glob("*.tmp"))


def test_files_elsewhere_that_workers_do_not_see_are_read_here(programme, tmp_path):
    elsewhere = tmp_path / "别处"
    shutil.move(programme.folder / RETURNS / MONTHS[0], elsewhere)
    with local_cluster(1) as running:
        from distributed import Client

        with Client(running.scheduler_address, set_as_default=False) as client:
            client.run(unmounted, str(elsewhere))
        said = programme.run("collect", MONTHS[0], elsewhere, cluster=running.scheduler_address)
    assert {each["verdict"] for each in said.data["returns"]} == {"accepted", "duplicate"}


def collected_while(programme, address, end, monkeypatch):
    """The report of a collection in which ``end`` is called when the first batch has come back."""
    load, begun = workers._load, []

    def then_ended(done):
        if not begun:
            end()
        begun.append(1)
        return load(done)

    monkeypatch.setattr(workers, "_load", then_ended)
    said = programme.run("collect", cluster=address)
    assert begun
    return said


@pytest.mark.parametrize("ended", [1, 2])
def test_workers_killed_in_the_middle_nothing_is_lost_and_nothing_twice(
    ended, programme, tmp_path, monkeypatch
):
    monkeypatch.setattr(cluster, "_LONELY", 1)
    expected = expected_of(programme, tmp_path)
    with local_cluster() as running:

        def end():
            for each in list(running.workers.values())[:ended]:
                os.kill(each.process.process.pid, 9)  # Windows has no name for it

        collected_while(programme, running.scheduler_address, end, monkeypatch)
    assert receipts(programme) == expected
    assert programme.run("rebuild").clean


def test_a_scheduler_killed_in_the_middle_is_told_and_the_rest_is_done_here(
    programme, tmp_path, monkeypatch
):
    expected = expected_of(programme, tmp_path)
    with scheduler_process(tmp_path) as (address, process):
        said = collected_while(programme, address, process.kill, monkeypatch)
    assert receipts(programme) == expected
    assert len([line for line in said.lines if "余下的由这台电脑做完" in line]) == 1


def test_the_head_alone_is_as_fast_to_start_as_before():
    """Dask takes a third of a second to import: only who asks for it pays."""
    code = "import sys; from xl_addin.verbs import collect, rebuild, verify; print('distributed' in sys.modules)"
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert said.stdout.strip() == "False"
