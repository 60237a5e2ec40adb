"""Many programmes added up: ``python -m tests.benchmarks.levels [--programmes N ...] [--units N] [--indicators N]``.

Exports of so many programmes (provinces) by so many units (counties), indicators and twelve months are made,
then ``totals --from`` goes over them as a process of its own. Printed are rows, megabytes of files, seconds by
the clock and of the processor, and the peak of memory in MiB, for each number of programmes.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.__main__ import ROOT
from xl_addin.model.calendar import months_of
from xl_addin.model.levels import LACKING, VALUE, ExportFacts, LevelRow, provenance
from xl_addin.model.records import FLOW
from xl_addin.store.exports import write_export

YEAR = 2024
_RUNNER = """
import os, sys, time
begun = time.perf_counter()
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
      os.waitstatus_to_exitcode(status))
"""


def year_rows(chance, units, indicators):
    """A year of a programme, month by month; one figure in fifty did not come."""
    reached = {}
    lost = {}
    for number, month in enumerate(months_of(YEAR), 1):
        rows = []
        for i in range(1, indicators + 1):
            facts = (f"I{i:02d}", f"指标{i}", "人次", FLOW, True, "")
            whole = 0
            gaps = set()
            for u in range(1, units + 1):
                pair = (u, i)
                missing = lost.setdefault(pair, [])
                value = None if chance.random() < 0.02 else chance.randrange(200)
                missing += [number] if value is None else []
                gaps |= set(missing)
                reached[pair] = reached.get(pair, 0) + (value or 0)
                whole += value or 0
                due = 100 * number
                rows.append(
                    LevelRow(
                        month,
                        f"D{u:03d}",
                        f"{u}县",
                        *facts,
                        LACKING if value is None else VALUE,
                        value,
                        reached[pair],
                        1200,
                        due,
                        due,
                        None,
                        None,
                        number,
                        number - len(missing),
                        ",".join(map(str, missing)),
                        False,
                        False,
                        f"{chance.getrandbits(256):064x}",
                        number,
                    )
                )
            year = sum(reached[u, i] for u in range(1, units + 1))
            target, text = 1200 * units, ",".join(map(str, sorted(gaps)))
            amounts = (year, target, 100 * number * units, 100 * number * units, None, None)
            rows.append(
                LevelRow(
                    month,
                    "",
                    "",
                    *facts,
                    LACKING,
                    None,
                    *amounts,
                    number * units,
                    0,
                    text,
                    False,
                    False,
                    "",
                    0,
                )
            )
        yield month, rows


def make(folder, programmes, units, indicators):
    """So many exports in a folder; how many rows of units they have."""
    for number in range(1, programmes + 1):
        months = dict(year_rows(random.Random(number), units, indicators))
        digests = {month: provenance(rows) for month, rows in months.items()}
        facts = ExportFacts(f"{number:012x}", f"{number}省", "省", YEAR, 1, "2025-01-05", digests)
        rows = [row for each in months.values() for row in each]
        write_export(folder / f"{number:02d}.parquet", rows, facts, 0o600)
    return programmes * units * indicators * 12


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programmes", type=int, nargs="+", default=[8, 16, 31])
    parser.add_argument("--units", type=int, default=100)
    parser.add_argument("--indicators", type=int, default=50)
    asked = parser.parse_args()
    print("programmes      rows     MB  seconds  processor  MiB")
    for programmes in asked.programmes:
        with tempfile.TemporaryDirectory(prefix="xl-addin-levels-") as name:
            folder = Path(name)
            rows = make(folder, programmes, asked.units, asked.indicators)
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            words = ("-m", "xl_addin", "totals", "--from", name, "--to", f"{name}/汇总.xlsx")
            done = subprocess.run(
                [sys.executable, "-c", _RUNNER, *words],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                cwd=folder,
                capture_output=True,
                text=True,
            )
            wall, cpu, peak, code = done.stdout.split()
            if code not in ("0", "1"):
                raise SystemExit(done.stderr)
            told = (f"{float(wall):7.1f}", f"{float(cpu):9.1f}", f"{float(peak):5.0f}")
            print(f"{programmes:10} {rows:9,} {size:6.1f} {' '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
