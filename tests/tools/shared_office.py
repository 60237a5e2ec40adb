"""Two offices collect into one ledger at once while everything under them is broken; then nothing may be lost or twice.

python -m tests.tools.shared_office MINUTES [SEED]

By hand, at a low priority. Two folders share a ledger on a PostgreSQL server of their own, each behind a proxy that now
and then cuts the connection at COMMIT, before or after the server has it. Both get returns, some of them the same
files, and press 导入文件夹, 撤销 and 汇总 as processes; at random moments a process is killed, the server's sessions
are ended, or the server crashes and starts again. In the end every file has exactly one receipt that says what it is,
the runs are numbered without a gap, every page and every file is on the server, who was told that all is well has his
run, and ``verify`` of both offices is clean.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from tests.tools.postgresql import Proxy, Server
from tests.tools.programme import FIGURES, MONTHS, YEAR, SmallProgramme
from tests.tools.shared import ask, lead_through, second_office, share
from xl_addin.model.folder import RETURNS

ROOT = Path(__file__).parents[2]
PRESSES = ("collect",) * 6 + ("undo", "recompute")
_RUNS = "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM events"
_PAGES = "SELECT COUNT(*), (SELECT MAX(id) FROM pages) FROM page_files"
_DECIDED = "SELECT sha256, COUNT(*) FROM returns WHERE verdict<>'duplicate' GROUP BY 1"
_FILES_LEFT = (
    "SELECT COUNT(*) FROM receipts r"
    " WHERE NOT EXISTS(SELECT 1 FROM kept_files k WHERE k.sha256=r.sha256)"
)
_COLLECTED = "SELECT COUNT(*) FROM events WHERE verb='collect'"


class TwoOffices:
    """Two folders of one programme, the returns for them, and what was done."""

    def __init__(self, home: Path, server: Server, files: int, seed: int) -> None:
        self._server = server
        self.chance = random.Random(seed)
        self.quiet = False
        self.did: Counter[str] = Counter()
        made = SmallProgramme(home / "甲" / "年度")
        self._months = MONTHS[:2]
        for month in self._months:
            made.run("distribute", month)
        share(made, server)
        self._files = [self._file(made, number) for number in range(files)]
        self.offices = (made, second_office(made, home / "乙"))
        self.told = ask(made, server, _COLLECTED)[0][0]
        self._proxies = [Proxy(server.port, self._cut) for _ in self.offices]
        for office, proxy in zip(self.offices, self._proxies, strict=True):
            lead_through(office, proxy.url)
        self._sent: set[str] = set()

    def _file(self, made: SmallProgramme, number: int) -> tuple[int, str, bytes]:
        month = self.chance.choice(self._months)
        figures = {**FIGURES, "I01": number}
        return number, month, made.form(self.chance.randrange(4), figures, month)

    def _cut(self) -> str:
        if self.quiet or self.chance.random() > 0.2:
            return ""
        how = self.chance.choice(("before", "after"))
        self.did[f"commit cut {how}"] += 1
        return how

    def send(self, at: int) -> None:
        """The next file, for one office or the same for both."""
        if not self._files:
            return
        number, month, data = self._files.pop(0)
        self._sent.add(hashlib.sha256(data).hexdigest())
        moment = (datetime(YEAR, 2, 3) + timedelta(minutes=number)).timestamp()
        for office in self.offices if self.chance.random() < 0.3 else self.offices[at : at + 1]:
            inbox = office.folder / RETURNS / month
            inbox.mkdir(parents=True, exist_ok=True)
            part = office.folder.parent / f"{number}.part"
            part.write_bytes(data)
            os.utime(part, (moment, moment))
            part.replace(inbox / f"{number}.xlsx")

    def press(self, at: int, verb: str, month: str, kill: bool = False) -> int:
        """A button in an office, to its end or until it is killed: its exit code."""
        command = [sys.executable, "-m", "xl_addin", verb, "--month", month, "--folder"]
        process = subprocess.Popen(
            [*command, str(self.offices[at].folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        if kill:
            time.sleep(self.chance.uniform(0.2, 1.5))
            process.kill()
        said = process.communicate()[0]
        why = said.strip().rpartition("：")[2][:40] if process.returncode == 2 else ""
        self.did[f"{verb} {process.returncode} {why}".strip()] += 1
        if process.returncode not in (0, 1, 2, -9) or "Traceback" in said or "程序出错" in said:
            raise AssertionError(f"{verb}: {process.returncode} {said[-2000:]}")
        self.told += verb == "collect" and process.returncode in (0, 1)
        return process.returncode

    def work(self, at: int, until: float) -> None:
        """What one office does all the time."""
        while time.monotonic() < until:
            self.send(at)
            verb, month = self.chance.choice(PRESSES), self.chance.choice(self._months)
            self.press(at, verb, month, kill=self.chance.random() < 0.3)

    def break_server(self, until: float, *, crash: bool) -> None:
        """End its sessions all the time; crash it now and then."""
        while time.monotonic() < until:
            time.sleep(self.chance.uniform(0.1, 2))
            if crash and self.chance.random() < 0.1:
                self._server.stop("immediate")
                time.sleep(self.chance.uniform(0, 2))
                self._server.start()
                self.did["server crashed"] += 1
                continue
            try:
                self.did["sessions ended"] += self._server.end_sessions()
            except psycopg.OperationalError:
                self.did["not to be asked"] += 1

    def finish(self) -> None:
        """Collect what is left in peace, and look at everything."""
        self.quiet = True
        for at in (0, 1):
            while self._files:
                self.send(at)
            for month in self._months:
                assert self.press(at, "collect", month) in (0, 1)
        made = self.offices[0]
        decided = dict(ask(made, self._server, _DECIDED))
        assert set(decided) == self._sent, "lost, or of nobody"
        assert set(decided.values()) <= {1}, "counted twice"
        [[count, highest]] = ask(made, self._server, _RUNS)
        assert count == highest, "runs with a gap"
        [[pages, last]] = ask(made, self._server, _PAGES)
        assert pages == last, "pages lost"
        assert ask(made, self._server, _FILES_LEFT) == [(0,)], "files that are not on the server"
        collected = ask(made, self._server, _COLLECTED)[0][0]
        assert collected >= self.told, "told, and not recorded"
        for office in self.offices:
            office.clock = datetime(YEAR, 12, 1)
            office.run("recompute", self._months[-1])
            report = office.run("verify", self._months[-1])
            assert report.clean, report.lines
        self.did["files"] = len(decided)
        self.did["runs"] = count

    def close(self) -> None:
        """Let go of the ways."""
        for proxy in self._proxies:
            proxy.close()


def main(minutes: float, seed: int) -> None:
    """All of it for so long."""
    server = Server()
    with tempfile.TemporaryDirectory() as home:
        try:
            both = TwoOffices(Path(home), server, round(minutes * 20), seed)
            until = time.monotonic() + minutes * 60
            threads = [threading.Thread(target=both.work, args=(at, until)) for at in (0, 1)]
            for thread in threads:
                thread.start()
            both.break_server(until, crash=True)
            for thread in threads:
                thread.join()
            both.finish()
            print(f"nothing lost, nothing twice: {dict(sorted(both.did.items()))}")
        finally:
            server.close()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
