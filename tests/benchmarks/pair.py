"""Our clicks beside those of another revision: ``python -m tests.benchmarks.pair TREE [--rounds N]``.

TREE is a worktree of that revision (``git worktree add``). Each makes a demo and returns of its own and does the
same clicks on copies of them, whole processes in turn. Compared is the processor time that the kernel counted,
which other work on the machine changes least; printed are the medians and the median of the pairs' ratios.
"""

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.__main__ import MONTH, ROOT
from tests.tools.office import Office, missing_office

# Clicks that are done in turn on one copy of a folder that ``make`` left.
DEMO, BENCH = Path("xl-addin-demo"), Path("41", "programme")
CLICKS = (
    (
        DEMO,
        "recompute --month 2023-05",
        "recompute --month 2023-04",
        "recompute --month 2023-04",
        "status",
        "check",
        "distribute --month 2023-07",
    ),
    (BENCH, f"collect ../../41/returns --month {MONTH} --json"),
)
SAVED = (BENCH, f"collect ../../41/saved --month {MONTH} --json")
_MAKE = "import sys, pathlib; from tests.benchmarks.__main__ import Bench; Bench(pathlib.Path(sys.argv[1]), 41, 1)"


def environment(tree):
    return {**os.environ, "PYTHONPATH": str(tree)}


def make(tree, folder):
    """A demo, a programme of 41 and its returns, stamped and saved by LibreOffice, by a tree's own code."""
    compileall.compile_dir(tree / "xl_addin", quiet=1)
    folder.mkdir()
    for words in (("-c", _MAKE, str(folder)), ("-m", "xl_addin", "demo", "--folder", str(folder))):
        command = [sys.executable, *words]
        subprocess.run(command, cwd=tree, env=environment(tree), stdout=subprocess.DEVNULL)
    if not missing_office():
        with Office() as office:
            for path in sorted((folder / "41" / "returns").iterdir()):
                office.convert(path, folder / "41" / "saved", "xlsx")


def click(tree, folder, words):
    """Processor seconds of one fresh process and of all that it waited for."""
    command = [sys.executable, "-m", "xl_addin", *words.split()]
    quiet = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    os.chdir(folder)
    pid = os.posix_spawn(sys.executable, command, environment(tree), file_actions=[quiet])
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{tree}: {words}: {status}")
    return usage.ru_utime + usage.ru_stime


def measure(trees, folder, programme, clicks, rounds):
    """Seconds of each round by click and tree; the first round is thrown away."""
    taken = {(at, tree): [] for at in range(len(clicks)) for tree in trees}
    for number in range(rounds + 1):
        copies = {}
        for tree, made in trees.items():
            copies[tree] = made / "runs" / f"{programme.name}{number}"
            shutil.copytree(made / programme, copies[tree])
        os.sync()
        for at, words in enumerate(clicks):
            for tree in list(trees)[:: 1 if number % 2 else -1]:
                taken[at, tree].append(click(tree, copies[tree], words))
        os.chdir(folder)
        for copy in copies.values():
            shutil.rmtree(copy)
    return {key: runs[1:] for key, runs in taken.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="xl-addin-pair-"))
    trees = {ROOT: folder / "ours", options.tree.resolve(): folder / "theirs"}
    for tree, made in trees.items():
        make(tree, made)
    for programme, *clicks in (*CLICKS, *([] if missing_office() else [SAVED])):
        taken = measure(trees, folder, programme, clicks, options.rounds)
        for at, words in enumerate(clicks):
            ours, theirs = (taken[at, tree] for tree in trees)
            ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
            both = " beside ".join(f"{statistics.median(runs):.3f}" for runs in (ours, theirs))
            print(f"{words:<50} {both} s  x {ratio:.2f}", flush=True)
    print("load", *map("{:.1f}".format, os.getloadavg()))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
