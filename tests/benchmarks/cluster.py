"""Forks beside a cluster on this machine: ``python -m tests.benchmarks.cluster [--units N] [--times N] [--workers N]``.

Each unit's return comes in so many times, of other bytes and the same figures; the same folder is collected by a fresh
programme with forks and with a local Dask cluster, in turn. Printed are seconds by the clock, of the processor here
(the head) and in all others, and what follows from them for other numbers of workers.

That last table is a model and not a measurement: workers share out what the others did, the head goes on with what
it did, and who is slower decides; the network, the disk and the scheduler are taken to be as here.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.__main__ import ROOT, task_table
from tests.tools.cluster import local_cluster
from xl_addin.form.stamp import FormTemplate
from xl_addin.services.issuing import blank_form, form_file_name, issues, severities
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import new

MONTH = "2023-01"
_CLICK = """
import os, resource, sys
from xl_addin.start import program
own, leave, told = os.getpid(), os._exit, int(os.environ["TOLD"])
def end(code):
    if os.getpid() == own:
        used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        os.write(told, " ".join(str(each.ru_utime + each.ru_stime) for each in used).encode())
    leave(code)
os._exit = end
program()
"""


def stamped(home, inbox, times):
    """The returns; how many."""
    programme, chance = Programme(home), random.Random(1)
    config, ledger = programme.config, programme.ledger
    with ledger.writing():
        blank = blank_form(ledger, config)
    kit = FormTemplate(blank, config.indicators, severities(config), config.settings.title)
    for district, issue in issues(config, MONTH, ledger, ledger.standings(MONTH)):
        typed = {item.code: chance.randrange(30) for item in config.indicators}
        for number in range(times):
            said = {config.indicators[0].code: f"第 {number + 1} 次"}
            path = inbox / str(number) / form_file_name(district, MONTH)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(kit.stamp(issue, typed, None, said))
    programme.close()


def of_workers(running):
    """Processor seconds that the workers have used so far."""
    found = 0.0
    for each in running.workers.values():
        fields = (
            Path(f"/proc/{each.process.process.pid}/stat").read_text().rpartition(") ")[2].split()
        )
        found += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return found


def click(home, inbox, folder, address=""):
    """Seconds by the clock, of the head and of its children."""
    copy = folder / "run"
    shutil.copytree(home, copy)
    os.sync()
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    words = [
        "collect",
        inbox,
        "--folder",
        copy,
        "--month",
        MONTH,
        *(["--cluster", address] if address else []),
    ]
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", _CLICK, *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TOLD": str(writing)},
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        cwd=folder,
        check=False,
    )
    wall = time.perf_counter() - begun
    os.close(writing)
    with os.fdopen(reading) as pipe:
        own, children = map(float, pipe.read().split())
    shutil.rmtree(copy)
    return wall, own, children


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--programme", type=Path, help="one of 2023 that is there, instead of a new one"
    )
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="xl-addin-cluster-"))
    home, inbox = options.programme or folder / "programme", folder / "inbox"
    if not options.programme:
        table = folder / "任务表.xlsx"
        task_table(table, options.units)
        programme = Programme(home)
        new.run(programme, Request(task_table=str(table), year=2023))
        programme.close()
    stamped(home, inbox, options.times)
    files = sum(len(names) for _, _, names in os.walk(inbox))
    with local_cluster(options.workers) as running:
        for _ in range(options.rounds):
            wall, own, children = click(home, inbox, folder)
            print(
                f"forks    {files} returns: {wall:.1f} s, head {own:.1f}, others {children:.1f} s of processor",
                flush=True,
            )
            before = of_workers(running)
            wall, own, _ = click(home, inbox, folder, running.scheduler_address)
            others = of_workers(running) - before
            print(
                f"cluster  {files} returns: {wall:.1f} s, head {own:.1f}, others {others:.1f} s of processor",
                flush=True,
            )
    print("load", *map("{:.1f}".format, os.getloadavg()))
    print(
        "a model of it, seconds with so many workers on cores of their own, and returns a second:"
    )
    for count in (1, 2, 4, 8, 16, 32):
        seconds = max(own, others / count)
        print(f"  {count:>3} {seconds:8.1f} {files / seconds:10.0f}")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
