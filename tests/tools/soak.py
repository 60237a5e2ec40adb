"""Kill -9 at random times over all verbs, for as long as one likes; then everybody has to say the same.

python -m tests.tools.soak MINUTES [SEED]

By hand, at a low priority: it takes processor and disk. A programme on real mail servers gets returns and
mails; verbs follow each other at random and every other one is killed at a random moment. After each kill
``verify``, ``doctor`` and ``rebuild --rehearse`` have to name the same interruptions, the same verb pressed
again has to end well and to leave nothing interrupted behind, and a ledger rebuilt from a copy of the archive
has to hold what the ledger holds.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.tools.mail_programme import INDICATORS, MailProgramme
from tests.tools.mails import letter
from tests.tools.mailservers import PASSWORD, MailServers
from tests.tools.sql import rows
from xl_addin.model.folder import LEDGER, RETURNS
from xl_addin.services.interruptions import NOT_RECORDED

ROOT = Path(__file__).parents[2]
MONTHS = ("2023-05", "2023-06")
_SAID = re.compile(re.escape(NOT_RECORDED) + "(?:（[^）]*）)?")
_LITTER = re.compile(r"\.(tmp|pending|new)$|\.rebuilt|-journal$|^未完成_")
_KEPT = (
    "SELECT id, sha256, file, month, district, verdict FROM returns",
    "SELECT c.month, c.district, f.indicator, f.value, f.state FROM counting c"
    " JOIN figures f ON f.receipt=c.receipt ORDER BY 1, 2, 3",
    "SELECT receipt, decision, district, month FROM settled ORDER BY 1",
    "SELECT month FROM closed",
    "SELECT sha256 FROM mails ORDER BY 1",
    "SELECT kind, COUNT(*) FROM mail_read GROUP BY kind",
)
# What ``verify`` may find in the midst of work: the master is behind the ledger until the next recompute.
_BEHIND = {"master-differs", "other-month", "interrupted", "no-receipt"}


class Soak:
    """A programme, what was done to it, and what did not hold."""

    def __init__(self, home: Path, servers: MailServers, seed: int) -> None:
        self.chance = random.Random(seed)
        self.servers = servers
        self.made = MailProgramme(home / "年度 任务", servers)
        self.folder = self.made.folder
        self.lasts: dict[str, float] = {}
        self.killed: Counter[str] = Counter()
        self.ran: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.number = 0

    def run(self, words: Sequence[str], folder: Path | None = None) -> tuple[int, str]:
        """A verb to its end: its code and what it said."""
        begun = time.monotonic()
        process = self._start(words, folder or self.folder)
        said = "".join(process.communicate())
        if folder is None:
            self.lasts[words[0]] = time.monotonic() - begun
        if process.returncode not in (0, 1, 2) or "程序出错" in said or "Traceback" in said:
            self._tell(words, f"ended with {process.returncode}: {said[-2000:]}")
        return process.returncode, said

    def kill(self, words: Sequence[str]) -> bool:
        """A verb that is ended at a random moment; whether it was still at work."""
        process = self._start(words, self.folder)
        try:
            process.communicate(timeout=self.chance.uniform(0, 1.1 * self.lasts.get(words[0], 1)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
        return False

    def _start(self, words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
        secrets = {f"XL_ADDIN_{each}_PASSWORD": PASSWORD for each in ("IMAP", "SMTP")}
        command = [sys.executable, "-m", "xl_addin", *words, "--folder", str(folder)]
        pipe = subprocess.PIPE
        environment = {**os.environ, **secrets}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, encoding="utf-8"
        )

    def _tell(self, words: Sequence[str], what: str) -> None:
        self.wrong.append(f"{self.number} {' '.join(words)}: {what}")
        print(f"! {self.wrong[-1]}", flush=True)

    def arrive(self) -> None:
        """Returns in the folder or the mailbox, good and bad ones."""
        month = self.chance.choice(MONTHS)
        for district in self.chance.sample(self.made.districts, self.chance.randint(0, 3)):
            figures = [self.chance.choice((0, 3, 12, 7.5, None, "若干")) for _ in INDICATORS]
            try:
                data = self.made.filled(district, figures, month)
            except StopIteration:  # no forms of that month yet
                return
            name = f"{district.name}{self.number}.xlsx"
            if self.chance.random() < 0.5:
                inbox = self.folder / RETURNS / month
                inbox.mkdir(parents=True, exist_ok=True)
                (inbox / name).write_bytes(data)
            else:
                mail = letter(self.made.box(district), (name, data), subject=f"{self.number}")
                self.servers.deliver(self.made.hq, mail)

    def step(self) -> None:
        """One verb, killed or not, and what has to hold behind it."""
        self.number += 1
        self.arrive()
        name = self.chance.choice(tuple(VERBS))
        words = VERBS[name](self)
        if self.chance.random() < 0.4:
            self.run(words)
            self.ran[name] += 1
            return
        if not self.kill(words):
            self.ran[name] += 1
            return
        self.killed[name] += 1
        told = self._interruptions(words)
        code, said = self.run(words)
        after = self._interruptions(words) if told else set()
        if after and code != 2:
            self._tell(words, f"still interrupted after it was done again: {after}, {said[-500:]}")
        self._litter(words)
        self._rebuilt(words)

    def _interruptions(self, words: Sequence[str]) -> set[str]:
        told = {}
        for verb in (("verify",), ("doctor",), ("rebuild", "--rehearse")):
            _, said = self.run(verb)
            told[verb[0]] = set(_SAID.findall(said))
        if len(set(map(frozenset, told.values()))) != 1:
            self._tell(words, f"they do not say the same: {told}")
        return set.union(*told.values())

    def _litter(self, words: Sequence[str]) -> None:
        for path in self.folder.rglob("*"):
            if _LITTER.search(path.name):
                where = path.relative_to(self.folder).parts[0]
                self.left[f"{words[0]}: {where}"] += 1

    def _rebuilt(self, words: Sequence[str]) -> None:
        """The archive alone has to give the same ledger."""
        with tempfile.TemporaryDirectory() as scratch:
            copy = shutil.copytree(self.folder, Path(scratch) / "任务")
            code, said = self.run(("rebuild",), copy)
            if code == 2:
                self._tell(words, f"rebuild refuses: {said[-1000:]}")
                return
            for query in _KEPT:
                ours, rebuilt = (rows(each / LEDGER, query) for each in (self.folder, copy))
                if ours != rebuilt:
                    apart = set(map(str, ours)) ^ set(map(str, rebuilt))
                    self._tell(words, f"rebuilt otherwise: {query[:40]} {sorted(apart)[:6]}")

    def settle_all(self) -> None:
        """Recomputed, nothing may differ from anything."""
        for month in MONTHS:
            self.run(("collect", "--month", month))
            self.run(("recompute", "--month", month))
            _, said = self.run(("verify", "--month", month, "--json"))
            try:
                differences = json.loads(said)["differences"]
            except (ValueError, KeyError):
                self._tell(("verify",), said[-500:])
                continue
            codes = {each["code"] for each in differences} - _BEHIND
            if codes or any(each["code"] == "master-differs" for each in differences):
                self._tell(("verify",), f"differs after recompute: {differences[:3]}")

    def _pending(self) -> str:
        found = rows(self.folder / LEDGER, "SELECT id FROM returns WHERE verdict='held'")
        return str(self.chance.choice(found)[0]) if found else "1"


def _in_month(*words: str) -> Callable[[Soak], tuple[str, ...]]:
    return lambda soak: (*words, "--month", soak.chance.choice(MONTHS))


VERBS: dict[str, Callable[[Soak], tuple[str, ...]]] = {
    **{
        verb: _in_month(verb)
        for verb in (
            "distribute",
            "send",
            "fetch",
            "collect",
            "recompute",
            "return",
            "remind",
            "status",
            "close",
            "bulletin",
            "district-pages",
            "dossier",
        )
    },
    "fetch again": _in_month("fetch"),
    "collect again": _in_month("collect"),
    "recompute again": _in_month("recompute"),
    "reopen": _in_month("close", "--reopen"),
    "next": _in_month("close", "--next"),
    "publish": _in_month("bulletin", "--final"),
    "trace": _in_month("trace", "--district", "500201", "--indicator", "I01"),
    "accept": lambda soak: ("settle", soak._pending(), "--accept"),
    "reject": lambda soak: ("settle", soak._pending(), "--reject"),
    "settle": lambda _: ("settle",),
    "adjust": lambda soak: (
        "adjust",
        *("--district", "500202", "--indicator", "I01", "--by", str(soak.chance.randint(1, 9))),
        *("--month", soak.chance.choice(MONTHS), "--document", f"第{soak.number}号"),
    ),
    "rename": lambda soak: (
        *("change-district", "--district", "500203", "--name", f"第3区{soak.number}"),
        *("--document", f"第{soak.number}号"),
    ),
    "add": lambda soak: (
        *("add-district", "--code", f"51{soak.number:04d}", "--name", f"新区{soak.number}"),
        *("--target", "I01=5", "--target", "I02=5", "--target", "I03=5"),
        *("--document", f"第{soak.number}号"),
    ),
    "mend": lambda _: ("check", "--mend"),
    "amend": lambda _: ("amend",),
    "undo": lambda _: ("undo",),
    "rebuild": lambda _: ("rebuild",),
    "attach": lambda _: ("attach",),
}


def soaked(minutes: float, seed: int) -> Iterator[Soak]:
    """The state of things after every verb."""
    servers = MailServers()
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as home:
            soak = Soak(Path(home), servers, seed)
            soak.run(("distribute", "--month", MONTHS[0]))
            soak.run(("distribute", "--month", MONTHS[1]))
            end = time.monotonic() + 60 * minutes
            while time.monotonic() < end:
                soak.step()
                if soak.number % 15 == 0:
                    soak.settle_all()
                yield soak
            soak.settle_all()
            yield soak
    finally:
        servers.stop()


def main(minutes: float, seed: int) -> None:
    """Print a line every ten verbs and what fell at the end."""
    soak = None
    for soak in soaked(minutes, seed):
        if soak.number % 10 == 0:
            done = sum(soak.ran.values()), sum(soak.killed.values())
            print(
                f"{soak.number}: {done[0]} ran, {done[1]} killed, {len(soak.wrong)} wrong",
                flush=True,
            )
    if soak is not None:
        print("killed", dict(soak.killed.most_common()))
        print("ran", dict(soak.ran.most_common()))
        print("left behind a verb done again", dict(soak.left))
        print(f"{sum(soak.killed.values())} kills, {len(soak.wrong)} wrong")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
