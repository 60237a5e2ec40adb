"""Run everything interleaved, whole processes from a cold start, and print medians of the rounds' ratios.

``python -m tests.benchmarks [--rounds N] [--large N] [--only WORD]``. Every process is fresh, its
time is wall-clock from outside beside what the kernel counted of the processor, children included, its
memory the peak that the kernel counted. Outputs are never deleted inside a run: on ext4 that makes
later file creations many times dearer.

Returns are collected in three rows: *saved by LibreOffice*, each stamped return opened there and stored
anew, every figure recalculated; *as Excel saves them*, ``returns.as_excel``; *stamped*, as no office
sends them. Other work on the machine changes the processor's figures less than the clock's.
"""

import argparse
import compileall
import importlib.util
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook

from tests.benchmarks.returns import as_excel
from tests.tools.office import Office, missing_office
from xl_addin.form.stamp import FormTemplate
from xl_addin.services.issuing import blank_form, form_file_name, issues, severities
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import collect, distribute, new

ROOT = Path(__file__).parents[2]
MONTH = "2023-06"
INDICATORS = 11
_HAS_POLARS = all(map(importlib.util.find_spec, ("fastexcel", "polars")))


def task_table(path, districts, indicators=INDICATORS):
    book = Workbook(path)
    sheet = book.add_worksheet("任务表")
    sheet.write_row(0, 0, ["区县", *(f"指标{n:02d}（人）" for n in range(1, indicators + 1))])
    for row in range(1, districts + 1):
        sheet.write_row(
            row, 0, [f"第{row:04d}单位", *(100 + (row * n) % 400 for n in range(indicators))]
        )
    book.close()


# A small process starts the measured one: the kernel's peak memory of a process begins with that of
# its parent, and this benchmark's own would hide it.
_RUNNER = """
import os, sys, time
begun = time.perf_counter()
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
      os.waitstatus_to_exitcode(status))
"""


class Run(NamedTuple):
    """Seconds by the clock and of the processor, and peak MiB, of one fresh process."""

    wall: float
    cpu: float
    peak: float


def timed(arguments):
    """One fresh process, run and waited for."""
    os.sync()  # what the run before left to be written is not this one's
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _RUNNER, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    *figures, code = done.stdout.split()
    if code not in ("0", "1"):
        raise SystemExit(f"{arguments}: exit {code}\n{done.stderr}")
    return Run(*map(float, figures))


def stamp_returns(home, month, folder, figure):
    """The returns of a month into a new folder, each entry what ``figure`` gives; a form without entries."""
    folder.mkdir(parents=True)
    programme = Programme(home)
    config, ledger = programme.config, programme.ledger
    with ledger.writing():
        blank = blank_form(ledger, config)
    kit = FormTemplate(blank, config.indicators, severities(config), config.settings.title)
    for district, issue in issues(config, month, ledger, ledger.standings(month)):
        typed = {item.code: figure() for item in config.indicators}
        (folder / form_file_name(district, month)).write_bytes(kit.stamp(issue, typed))
    programme.close()
    return kit.stamp(issue)


class Bench:
    def __init__(self, folder, size, rounds):
        self.folder, self.size, self.rounds = folder / str(size), size, rounds
        self.folder.mkdir()
        self.table = self.folder / "任务表.xlsx"
        task_table(self.table, size)
        self.programme = self.folder / "programme"
        programme = Programme(self.programme)
        new.run(programme, Request(task_table=str(self.table), year=2023))
        programme.close()
        self.returns = self.folder / "returns"
        self.template = self._forms()
        self.count = 0

    def _forms(self):
        """Returns as districts would send them, made once."""
        chance = random.Random(1)
        template = self.folder / "form.xlsx"
        template.write_bytes(
            stamp_returns(self.programme, MONTH, self.returns, lambda: chance.randrange(30))
        )
        return template

    def saved(self):
        """The returns as a spreadsheet program saves them, which is what offices send."""
        folder = self.folder / "saved"
        with Office() as office:
            for path in sorted(self.returns.iterdir()):
                office.convert(path, folder, "xlsx")
        return folder

    def excel(self):
        """The returns as Excel would have saved them."""
        folder = self.folder / "excel"
        folder.mkdir()
        chance = random.Random(2)
        for path in sorted(self.returns.iterdir()):
            (folder / path.name).write_bytes(as_excel(path.read_bytes(), chance))
        return folder

    def fresh(self):
        """A programme of its own for each measured run, copied beforehand."""
        self.count += 1
        copy = self.folder / f"run{self.count}"
        shutil.copytree(self.programme, copy)
        return copy

    def out(self):
        self.count += 1
        folder = self.folder / f"out{self.count}"
        folder.mkdir()
        return str(folder)

    def ours(self, verb, *paths):
        folder = str(self.fresh())
        return lambda: timed(
            ["-m", "xl_addin", verb, *paths, "--folder", folder, "--month", MONTH, "--json"]
        )

    def yardstick(self, name, *arguments):
        return lambda: timed(["-m", "tests.benchmarks.yardsticks", name, *map(str, arguments)])

    def measure(self, title, variants):
        """``variants`` maps a name to a function that prepares one run; the first is ours."""
        taken = {name: [] for name in variants}
        for _ in range(self.rounds):
            order = list(variants)
            random.shuffle(order)
            for name in order:
                taken[name].append(variants[name]()())
        report(title, taken)


def report(title, taken):
    print(f"\n{title}")
    first = next(iter(taken))
    for name, runs in taken.items():
        wall, cpu = (statistics.median(each[at] for each in runs) for at in (0, 1))
        pairs = [
            statistics.median(
                other[at] / own[at] for other, own in zip(runs, taken[first], strict=True)
            )
            for at in (0, 1)
        ]
        print(
            f"  {name:<48} wall {wall:8.3f} s  cpu {cpu:8.3f} s"
            f"  peak {max(run.peak for run in runs):5.0f} MiB"
            f"  / ours {pairs[0]:6.2f} x wall {pairs[1]:6.2f} x cpu"
        )
    sys.stdout.flush()


def both(bench, full):
    distributing(bench, full)
    rows = [("stamped, as no office sends them", bench.returns)]
    rows.insert(0, ("as Excel saves them", bench.excel()))
    if not missing_office():
        rows.insert(0, ("saved by LibreOffice", bench.saved()))
    for how, returns in rows:
        collecting(bench, how, returns, full)


def distributing(bench, full):
    """Forms for all; the first yardstick is the script that most would write, the last the disk alone."""
    table, form = bench.table, bench.template
    makers = {
        "xl-addin distribute (fsync, ledger)": lambda: bench.ours("distribute"),
        "pandas + openpyxl, each form built": lambda: bench.yardstick(
            "distribute_openpyxl", table, bench.out()
        ),
        "openpyxl loads once, fills, saves": lambda: bench.yardstick(
            "distribute_once", table, form, bench.out()
        ),
        "a 20-line stamp over zipfile": lambda: bench.yardstick(
            "distribute_stamp", table, form, bench.out()
        ),
        "copies": lambda: bench.yardstick("copy_one", form, bench.size, bench.out()),
    }
    if full:
        makers["openpyxl loads, fills, saves each"] = lambda: bench.yardstick(
            "distribute_load", table, form, bench.out()
        )
        makers["XlsxWriter, each form built"] = lambda: bench.yardstick(
            "distribute_xlsxwriter", table, bench.out()
        )
    bench.measure(f"distribute {bench.size}, whole process, cold", makers)


def collecting(bench, how, returns, full):
    makers = {
        "xl-addin collect (hash, archive, fsync, check)": lambda: bench.ours(
            "collect", str(returns)
        ),
        "pandas.read_excel per return, summed": lambda: bench.yardstick("collect_pandas", returns),
        "calamine, hash, archive, sync, SQLite": lambda: bench.yardstick(
            "collect_durable", returns, bench.out()
        ),
        "copies": lambda: bench.yardstick("collect_copies", returns, bench.out()),
    }
    if full:
        makers |= {
            "openpyxl loads each": lambda: bench.yardstick("collect_openpyxl", returns),
            "openpyxl, read_only": lambda: bench.yardstick("collect_read_only", returns),
            "pandas with calamine": lambda: bench.yardstick("collect_pandas_calamine", returns),
        }
        if _HAS_POLARS:
            makers["fastexcel + polars"] = lambda: bench.yardstick("collect_polars", returns)
    bench.measure(f"collect {bench.size}, {how}, whole process, cold", makers)


def recompute(bench):
    """A full year in the ledger, then recompute against importing pandas."""
    for number in range(1, 13):
        month = f"2023-{number:02d}"
        programme = Programme(bench.programme)
        distribute.run(programme, Request(month=month))
        inbox = bench.folder / "year" / month
        stamp_returns(bench.programme, month, inbox, lambda number=number: number)
        collect.run(programme, Request(month=month, paths=(str(inbox),)))
        programme.close()

    def ours():
        folder = str(bench.fresh())
        return lambda: timed(
            ["-m", "xl_addin", "recompute", "--folder", folder, "--month", "2023-12", "--json"]
        )

    bench.measure(
        f"recompute {bench.size} x {INDICATORS} x 12, whole process, cold",
        {"xl-addin recompute": ours, "import pandas": lambda: bench.yardstick("import_pandas")},
    )


# What a button costs before its verb begins: the process that the macros start, ended where it would ask
# Excel for the workbook.
_CLICK = """
import runpy, sys
from xl_addin.master.host import excelapp
real = excelapp.import_xlwings
def caller():
    real()
    sys.exit()
excelapp.import_xlwings = caller
sys.argv[1:] = ["check"]
runpy.run_module("xl_addin.ribbon", run_name="__main__", alter_sys=True)
"""
_AS_RUNPYTHON = f"import xlwings.utils\n{_CLICK}"


def button(bench):
    """A button's way to its verb, and the same behind the import that RunPython would put before it."""
    bench.measure(
        "a button before its verb begins, whole process, cold",
        {
            "a click as the macros start it": lambda: lambda: timed(["-B", "-P", "-c", _CLICK]),
            "the same through RunPython (a Mac)": lambda: (
                lambda: timed(["-B", "-c", _AS_RUNPYTHON])
            ),
            "import xlwings": lambda: lambda: timed(["-B", "-c", "import xlwings"]),
            "Python alone": lambda: lambda: timed(["-B", "-c", "pass"]),
        },
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=1000)
    parser.add_argument("--only", choices=["small", "large", "recompute", "button"])
    options = parser.parse_args()
    compileall.compile_dir(ROOT / "xl_addin", quiet=1)  # as pip does for what it installs
    compileall.compile_dir(ROOT / "tests" / "benchmarks", quiet=1)
    if not _HAS_POLARS:
        print("fastexcel + polars are not installed: not measured")
    folder = Path(tempfile.mkdtemp(prefix="xl-addin-bench-"))
    try:
        if options.only in (None, "small"):
            both(Bench(folder, 41, options.rounds), full=True)
        if options.only in (None, "recompute"):
            again = folder / "recompute"
            again.mkdir()
            recompute(Bench(again, 41, options.rounds))
        if options.only in (None, "button"):
            others = folder / "button"
            others.mkdir()
            button(Bench(others, 1, options.rounds))
        if options.only in (None, "large") and options.large:
            both(Bench(folder, options.large, max(2, options.rounds // 2)), full=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
