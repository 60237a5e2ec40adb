"""Every verb on a large year: ``python -m tests.benchmarks.every_verb UNITS INDICATORS [--months N]``.

A programme of so many units and indicators is made and reported month by month, then each verb that needs no mail
server goes over it, in a process of its own. Printed are processor seconds and the peaks in MiB of the process and of
its largest child; what is refused is told with what it said. ``--keep DIR`` leaves the programme there and, where it is
there already, begins after its year; ``--only`` runs those verbs alone.
"""

import argparse
import compileall
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.__main__ import ROOT, stamp_returns, task_table
from tests.benchmarks.curves import measured
from xl_addin.model.folder import MASTER

YEAR = 2023


def steps(folder, home):
    """The verbs in the order of an office's month, each with its arguments."""
    above, table = folder / "汇总", folder / "任务表.xlsx"
    one = ("--district", "第0001单位", "--indicator", "指标01")
    return (
        ("status",),
        ("recompute",),
        ("check",),
        ("trace", *one),
        ("trace", "--indicator", "指标01"),
        ("compare", table, "--cumulative", "--column", "指标01=I01"),
        ("bulletin",),
        ("bulletin", "--final"),
        ("supervise",),
        ("remind", "--text"),
        ("distribute", "--packages", "--district", "第0001单位"),
        ("district-pages", "--district", "第0001单位"),
        ("district-pages",),
        ("dossier", "第0001单位"),
        ("totals", "--export", above / "一县.parquet", "--name", "一县"),
        ("totals", "--export", above / "全部.parquet", "--all", "--name", "一县"),
        ("totals", above / "一县.parquet", "--from", "--to", folder / "汇总.xlsx"),
        ("adjust", *one, "--by", "5", "--document", "文"),
        ("add-district", "--code", "X1", "--name", "新单位", "--since", "12"),
        ("change-district", "--district", "第0002单位", "--until", "11"),
        ("add-indicator", "--code", "X1", "--path", "新指标", "--unit", "人", "--since", "12"),
        ("amend",),
        ("undo",),
        ("close",),
        ("undo",),
        ("doctor",),
        ("verify",),
        ("rebuild",),
        ("new", folder / "来年", "--task-table", table, "--year", YEAR + 1, "--from", home),
    )


def play_year(folder, home, units, indicators, months):
    table = folder / "任务表.xlsx"
    task_table(table, units, indicators)
    show(home, "new", "--task-table", table, "--year", YEAR)
    chance = random.Random(1)
    for number in range(1, months + 1):
        month = f"{YEAR}-{number:02d}"
        inbox = folder / "inbox" / month
        show(home, "distribute", month=month)
        stamp_returns(home, month, inbox, lambda: chance.randrange(30))
        show(home, "collect", inbox, month=month)
    show(home, "collect", inbox, month=month)


def show(home, name, *arguments, month=""):
    words = (name, *arguments, *(("--month", month) if month else ()))
    label = " ".join([name, *(str(a) for a in arguments if str(a).startswith("--"))])
    at = () if name == "new" and arguments[0] != "--task-table" else ("--folder", home)
    try:
        run = measured(*words, *at, "--json")
    except RuntimeError as refused:
        print(f"{label:<44} {refused}")
    else:
        print(
            f"{label:<44} {run.wall:8.2f} s {run.cpu:8.2f} cpu {run.own:6.0f} {run.children:6.0f} MiB"
        )
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("units", type=int)
    parser.add_argument("indicators", type=int)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", nargs="+", default=())
    options = parser.parse_args()
    compileall.compile_dir(ROOT / "xl_addin", quiet=1)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="xl-addin-verbs-"))
    (folder / "汇总").mkdir(parents=True, exist_ok=True)
    home = folder / "年度"
    try:
        if not (home / MASTER).exists():
            play_year(folder, home, options.units, options.indicators, options.months)
        month = f"{YEAR}-{options.months:02d}"
        for name, *arguments in steps(folder, home):
            if not options.only or name in options.only:
                show(home, name, *arguments, month="" if name == "new" else month)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
