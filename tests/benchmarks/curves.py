"""How time and memory grow: ``python -m tests.benchmarks.curves [--units N ...] [--months N] [--only VERB ...]``.

Programmes of so many units by 11 indicators go through their verbs, each in a process of its own. Printed are
the processor seconds that the kernel counted, children included, and the peaks in MiB of the process and of the
largest of its children; beside them the exponent of each verb's time over the sizes from 1,000 on (1 is
straight) and how much more memory the largest takes than 1,000. Time by the clock is there for whoever has the
machine alone.

``--months`` goes on for so many months: printed are then the first and, marked with its number, the last.
A size that ``new`` refuses is told and left out.
"""

import argparse
import compileall
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.__main__ import ROOT, stamp_returns, task_table

SIZES = (41, 1_000, 3_000, 10_000)
VERBS = ("status", "recompute", "check", "verify", "rebuild")
_STRAIGHT_FROM = 1_000  # below it is what every click costs
# A small process starts the measured one, as in ``__main__``; that one tells both peaks when it ends.
_RUNNER = """
import os, sys, time
begun = time.perf_counter()
pid = os.posix_spawn(sys.executable, [sys.executable, "-c", sys.argv[1], *sys.argv[2:]], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status))
"""
_MEASURED = """
import os, resource, sys
from xl_addin.start import program
own, leave, told = os.getpid(), os._exit, int(os.environ["TOLD"])
def end(code):
    if os.getpid() == own:
        peaks = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        os.write(told, " ".join(map(str, peaks)).encode())
    leave(code)
os._exit = end
program()
"""


class Run(NamedTuple):
    """Seconds by the clock and of the processor; peak MiB of the process and of its largest child."""

    wall: float
    cpu: float
    own: float
    children: float


def measured(*arguments):
    """One verb as a fresh process. Raises RuntimeError with what it said where it is refused."""
    os.sync()
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TOLD": str(writing)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _RUNNER, _MEASURED, *map(str, arguments)],
        env=environment,
        pass_fds=[writing],
        capture_output=True,
        text=True,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        peaks = pipe.read().split()
    *seconds, code = done.stdout.split()
    if code not in ("0", "1") or not peaks:
        raise RuntimeError(f"{arguments[0]}: exit {code}\n{done.stderr}")
    return Run(*map(float, (*seconds, *peaks)))


def curve(folder, units, months, only):
    """By verb what it took with so many units, in the first and in the last of ``months``."""
    table, home = folder / f"任务表{units}.xlsx", folder / str(units)
    task_table(table, units)
    inbox, chance = folder / f"inbox{units}", random.Random(1)

    def verb(name, *arguments, month):
        return measured(name, *arguments, "--folder", home, "--month", month, "--json")

    taken = {"new": verb("new", "--task-table", table, "--year", "2023", month="2023-01")}
    for number in range(1, months + 1):
        month = f"2023-{number:02d}"
        steps = {"distribute": ("distribute",), "collect": ("collect", inbox / month)}
        if number in (1, months):
            again = {"collect again": steps["collect"]}
            steps |= again | {name: (name,) for name in VERBS}
        for name, words in steps.items():
            if name == "collect":
                stamp_returns(home, month, inbox / month, lambda: chance.randrange(30))
            if not only or name in (*only, "distribute", "collect"):
                run = verb(*words, month=month)
                told = name if number == 1 else f"{name} {number}"
                taken |= {told: run} if number in (1, months) else {}
                print(f"  {units:>6} {told:<14} {run.cpu:8.2f} s", file=sys.stderr, flush=True)
    return taken


def exponent(points):
    """The slope of the logarithms: the power of the size that the values grow with."""
    pairs = [(math.log(size), math.log(value)) for size, value in points]
    if len(pairs) < 2:
        return math.nan
    x, y = (sum(each) / len(pairs) for each in zip(*pairs, strict=True))
    return sum((a - x) * (b - y) for a, b in pairs) / sum((a - x) ** 2 for a, _ in pairs)


def report(taken):
    """``taken`` is by size what each verb took."""
    sizes = sorted(taken)
    print(f"{'':<15}", *(f"{size:>31,}" for size in sizes), "  exponent  memory", sep="")
    print(f"{'':<15}", *(f"{'wall s':>9}{'cpu s':>8}{'MiB own':>8}{'child':>6}" for _ in sizes))
    for name in taken[sizes[0]]:
        runs = {size: taken[size][name] for size in sizes}
        told = (f"{r.wall:9.2f}{r.cpu:8.2f}{r.own:8.0f}{r.children:6.0f}" for r in runs.values())
        large = [(size, run) for size, run in runs.items() if size >= _STRAIGHT_FROM]
        grown = exponent([(size, run.cpu) for size, run in large])
        peaks = [max(run.own, run.children) for _, run in large] or [math.nan]
        print(f"{name:<15}", *told, f"{grown:9.2f}  x {peaks[-1] / peaks[0]:.2f}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, nargs="+", default=SIZES)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=())
    options = parser.parse_args()
    compileall.compile_dir(ROOT / "xl_addin", quiet=1)
    folder = Path(tempfile.mkdtemp(prefix="xl-addin-curves-"))
    try:
        taken = {}
        for units in options.units:
            try:
                taken[units] = curve(folder, units, options.months, options.only)
            except RuntimeError as refused:
                print(units, refused, file=sys.stderr)
        report(taken)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
