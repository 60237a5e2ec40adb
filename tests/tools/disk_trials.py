"""Every verb on a disk that answers one call with an error: nothing happened, or a second try ends the same.

python -m tests.tools.disk_trials [MOST | places[:BEGIN[-END]] [CASE...]]

By hand: all calls of all verbs with each error, or so many of each call, or of the calls that the same lines of
the program lead to the first and the last, where one likes only those from the BEGINth on, before the ENDth.
``tests.journeys.test_disks`` takes a sample that differs from verb to verb.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.journeys import test_faults
from tests.tools import mail_programme
from tests.tools.faults import Faults, ShortWrite, disk_faults
from tests.tools.mail_programme import MailProgramme
from tests.tools.mails import letter
from tests.tools.masters import edit_master
from tests.tools.postoffice import PostOffice
from tests.tools.programme import MONTHS, task_table
from tests.tools.sql import rows
from xl_addin.cli import main
from xl_addin.model.folder import LEDGER, LOCK, MASTER
from xl_addin.model.records import DUPLICATE
from xl_addin.model.sheets import DISTRICTS_BLOCK
from xl_addin.services.bulletin import pdf
from xl_addin.services.list_places import place_of
from xl_addin.services.programme import Programme

_SHORT = "short"
"""A write that takes half of what it is given, and says so."""
SQLITE: dict[str, tuple[int, type[sqlite3.Error], str]] = {
    "BUSY": (5, sqlite3.OperationalError, "database is locked"),
    "LOCKED": (6, sqlite3.OperationalError, "database table is locked"),
    "READONLY": (8, sqlite3.OperationalError, "attempt to write a readonly database"),
    "IOERR": (10, sqlite3.OperationalError, "disk I/O error"),
    "CORRUPT": (11, sqlite3.DatabaseError, "database disk image is malformed"),
    "FULL": (13, sqlite3.OperationalError, "database or disk is full"),
    "CANTOPEN": (14, sqlite3.OperationalError, "unable to open database file"),
    "PROTOCOL": (15, sqlite3.OperationalError, "locking protocol"),
}
"""What SQLite answers a statement, by the end of its name: number and words are sqlite3.h's."""
ERRORS = {
    "open": ("EACCES", "EIO", "ESTALE", "EMFILE", "ETXTBSY", "EROFS", "ENAMETOOLONG", "ETIMEDOUT"),
    "file": ("EACCES", "EIO", "ESTALE", "EMFILE", "ETIMEDOUT"),
    "read": ("EIO", "ESTALE", "EINTR", "ETIMEDOUT"),
    "write": ("ENOSPC", "EIO", "EDQUOT", "ESTALE", "EINTR", "ETIMEDOUT", _SHORT),
    "fsync": ("EINVAL", "ENOTSUP", "EIO", "EINTR", "ENOSPC", "ETIMEDOUT"),
    "replace": ("EXDEV", "EBUSY", "EACCES", "EPERM", "ESTALE", "ENOENT"),
    "rename": ("EXDEV", "EBUSY", "EACCES", "EPERM", "ESTALE", "ENOENT"),
    "unlink": ("EACCES", "EBUSY", "EPERM", "EROFS", "ETIMEDOUT"),
    "chmod": ("EPERM", "ENOTSUP", "EROFS", "ESTALE"),
    "mkdir": ("EACCES", "EROFS", "ENOSPC", "EDQUOT", "ENAMETOOLONG"),
    "listdir": ("EACCES", "EIO", "ETIMEDOUT"),
    "scandir": ("EACCES", "ESTALE", "ETIMEDOUT"),
    "stat": ("EACCES", "EIO", "ESTALE", "ETIMEDOUT"),
    "lstat": ("EACCES", "EIO", "ESTALE", "ETIMEDOUT"),
    "flock": ("ENOLCK", "ENOSYS", "EOPNOTSUPP", "EIO", "EINTR", "ESTALE"),
    "sqlite": tuple(SQLITE),
}
"""What shares, synchronised folders, FAT and odd servers were seen to answer, by call."""

JANUARY, FEBRUARY = MONTHS[:2]
JUNE = mail_programme.MONTH
_RECORDED = "已经记入底账"
READING = {"status", "verify", "doctor", "trace"}
"""They write nothing: it is enough that they say what is wrong and go on the next time."""


TAKING = {"collect", "fetch"}
LOOKING = {"open", "file", "read", "listdir", "scandir", "stat", "lstat"}
"""Files that cannot be looked at are told, and taken the next time."""


class Trial(NamedTuple):
    """The ``at``-th call of a kind, answered with an error."""

    case: str
    step: str
    at: int
    code: str


class Case(NamedTuple):
    """A programme as it lies there, and a command on it; ``{}`` in it is its folder."""

    base: str
    words: tuple[str, ...]
    prepare: Callable[[Path], object] | None = None


def _after(*verbs: Sequence[str]) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        for words in verbs:
            _quietly([*words, "--folder", str(folder)])

    return prepare


def _rename_by_hand(folder: Path) -> None:
    """A name typed over in the list, which ``amend`` brings to the other sheets."""
    programme = Programme(folder)
    where = place_of(programme.host, DISTRICTS_BLOCK, "D001", "区县")
    sheet = programme.host.block(DISTRICTS_BLOCK).sheet
    path = folder / MASTER
    path.write_bytes(edit_master({sheet: {where: "甲甲县"}}, path.read_bytes()))


_RECOMPUTE = ("recompute", "--month", JANUARY)
_TARGETS = ("--target", "I01=5", "--target", "I02=5", "--target", "I03=5", "--target", "I04=1")
_DOCUMENT = ("--document", "第1号")
CASES = {
    **{
        name: Case("small", words, prepare)
        for name, (prepare, words, _) in test_faults.CASES.items()
    },
    "new": Case("none", ("new", "{}/新任务", "--task-table", "{}/任务表.xlsx", "--year", "2024")),
    "attach": Case("small", ("attach",)),
    "bulletin": Case("small", ("bulletin", "--month", JANUARY), _after(_RECOMPUTE)),
    "bulletin again": Case(
        "small",
        ("bulletin", "--month", JANUARY),
        _after(_RECOMPUTE, ("bulletin", "--month", JANUARY)),
    ),
    "district-pages": Case("small", ("district-pages", "--month", JANUARY), _after(_RECOMPUTE)),
    "dossier": Case("small", ("dossier", "--month", JANUARY), _after(_RECOMPUTE)),
    "trace": Case(
        "small",
        ("trace", "--district", "D001", "--indicator", "I01", "--month", JANUARY),
        _after(_RECOMPUTE),
    ),
    "status": Case("small", ("status", "--month", JANUARY)),
    "verify": Case("small", ("verify",)),
    "doctor": Case("small", ("doctor",)),
    "check --mend": Case("small", ("check", "--mend")),
    "add-district": Case(
        "small", ("add-district", "--code", "D009", "--name", "戊县", *_TARGETS, *_DOCUMENT)
    ),
    "adjust": Case(
        "small",
        (
            "adjust",
            "--district",
            "D001",
            "--indicator",
            "I01",
            "--by",
            "5",
            "--month",
            FEBRUARY,
            *_DOCUMENT,
        ),
    ),
    "change-district": Case(
        "small", ("change-district", "--district", "D001", "--name", "甲甲县", *_DOCUMENT)
    ),
    "merge": Case(
        "small",
        (
            "change-district",
            "--district",
            "D001",
            "--into",
            "D002",
            "--month",
            FEBRUARY,
            *_DOCUMENT,
        ),
    ),
    "end of a district": Case("small", ("change-district", "--district", "D001", "--until", "1")),
    "add-indicator": Case(
        "small",
        (
            "add-indicator",
            "--code",
            "I09",
            "--path",
            "走访",
            "--unit",
            "户",
            "--target",
            "D001=5",
            *_DOCUMENT,
        ),
    ),
    "change-indicator": Case("small", ("change-indicator", "--indicator", "I01", "--until", "1")),
    "amend": Case("small", ("amend",), _rename_by_hand),
    "undo of a change": Case(
        "small",
        ("undo",),
        _after(("change-district", "--district", "D001", "--name", "甲甲县", *_DOCUMENT)),
    ),
    "fetch": Case("mail", ("fetch", "--month", JUNE)),
    "send": Case("mail", ("send", "--month", JUNE)),
    "return": Case("mail", ("return", "--month", JUNE), _after(("fetch", "--month", JUNE))),
    "remind": Case("mail", ("remind", "--month", JUNE), _after(("fetch", "--month", JUNE))),
    "undo of fetching": Case("mail", ("undo",), _after(("fetch", "--month", JUNE))),
    "send as files": Case("files", ("send", "--month", JUNE)),
}


class Bases:
    """The programmes that the cases begin with, each made once."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._mails: dict[str, tuple[str, list[bytes]]] = {}

    @cache  # noqa: B019 - as long as the tests
    def folder(self, base: str) -> Path:
        """Where a base lies."""
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            return self._make(base, self._home / base)

    def _make(self, base: str, home: Path) -> Path:
        home.mkdir()
        if base == "none":
            folder = home / "任务"
            folder.mkdir()
            task_table(folder / "任务表.xlsx")
            return folder
        if base == "small":
            return test_faults.make_base(home).folder
        made = MailProgramme(home / "任务", PostOffice(), 3).distribute_forms()
        if base == "files":
            made.set(mail_way="邮件文件")
        first, second, _ = made.districts
        form = ("表.xlsx", made.filled(first))
        mails = [
            letter(made.box(first), form, Message_ID="<1@d>"),
            letter(
                made.box(second),
                ("表.xlsx", made.filled(second, (1, "若干", 3))),
                Message_ID="<2@d>",
            ),
            letter("x@x.test", form, Message_ID="<3@d>"),
            letter(made.box(first), subject="收到", Message_ID="<4@d>"),
        ]
        self._mails[base] = made.hq, mails
        return made.folder

    def office(self, base: str) -> PostOffice:
        """A mailbox with what the districts of a base sent, if they did."""
        office = PostOffice()
        if base in self._mails:
            office.fill(*self._mails[base], 1_688_000_000)
        return office


def _quietly(words: Sequence[str]) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main(list(words))
    return code, said.getvalue()


@contextlib.contextmanager
def prepared(
    bases: Bases, name: str
) -> Iterator[tuple[Path, list[str], PostOffice, pytest.MonkeyPatch]]:
    """A copy of what a case begins with, its words, and what else it reaches."""
    case = CASES[name]
    with (
        tempfile.TemporaryDirectory(prefix="disk-") as scratch,
        pytest.MonkeyPatch.context() as patch,
    ):
        folder = shutil.copytree(bases.folder(case.base), Path(scratch) / "任务")
        office = bases.office(case.base)
        office.install(patch)
        patch.setattr(pdf, "converters", list)  # no LibreOffice for every trial
        mail_programme.environment(patch)
        if case.prepare is not None:
            case.prepare(folder)
        words = [word.format(folder) for word in case.words]
        home = folder / "新任务" if name == "new" else folder
        yield home, words if name == "new" else [*words, "--folder", str(folder)], office, patch


def faults_of(patch: pytest.MonkeyPatch, folder: Path) -> Faults:
    """Faults of the disk below a folder, of Python's own files, of reading, looking and locks too."""
    faults = disk_faults(patch, folder, ("stat", "lstat"), ("read",))
    plain_lock, plain_open = fcntl.flock, io.open

    def flock(handle: Any, how: int) -> None:
        faults.reach("flock")
        plain_lock(handle, how)

    def open_file(path: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(path, str | Path) and os.fspath(path).startswith(str(folder)):
            faults.reach("file", os.fspath(path))
        return plain_open(path, *arguments, **named)

    class Connection(sqlite3.Connection):
        def execute(self, *given: Any) -> sqlite3.Cursor:
            # A transaction that is given up is given up without asking the disk.
            if given[0] != "ROLLBACK":
                faults.reach("sqlite")
            return super().execute(*given)

        def executemany(self, *given: Any) -> sqlite3.Cursor:
            faults.reach("sqlite")
            return super().executemany(*given)

    plain_connect = sqlite3.connect
    patch.setattr(
        sqlite3,
        "connect",
        lambda *given, **named: plain_connect(*given, factory=Connection, **named),
    )
    patch.setattr(fcntl, "flock", flock)
    patch.setattr(io, "open", open_file)
    return faults


def found(folder: Path, office: PostOffice, name: str) -> dict[str, Any]:
    """All that has to be the same in the end."""
    if not (folder / LEDGER).exists():
        return {}
    if name == "new":
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        return {"files": files - {LOCK, f"{LEDGER}.lock"}}
    state = _without_times(test_faults.state(folder))
    # An empty lock that could not be taken away is taken as it lies there.
    state["litter"] = [name for name in state["litter"] if not name.endswith("db.lock")]
    # Done in two steps, the first of which was recorded, it stands in the journal twice.
    state["runs"] = list(dict.fromkeys(run[1:] for run in state["runs"]))
    if CASES[name].base == "small":
        return state
    # Letters are written anew with numbers and times of their own, and mails may come in two goes.
    state.pop("files")
    for what in ("receipts", "told"):
        state[what] = sorted(row[1:] for row in state[what])
    ledger = folder / LEDGER
    state["mails"] = rows(ledger, "SELECT sha256 FROM mails ORDER BY 1")
    state["read"] = rows(ledger, "SELECT kind, COUNT(*) FROM mail_read GROUP BY kind")
    state["letters"] = rows(ledger, "SELECT district, letter FROM sendings ORDER BY 1, 2")
    state["delivered"] = office.delivered()
    state["eml"] = sorted(path.name for path in (folder / "邮件").rglob("*.eml"))
    return state


def _without_times(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the minute at which the board was filled."""
    plain = {
        sheet: {
            at: cell for at, cell in cells.items() if not re.search(r"\d\d:\d\d", str(cell.value))
        }
        for sheet, cells in state["master"].items()
    }
    return {**state, "master": plain}


class Reference(NamedTuple):
    """What a case leaves when nothing goes wrong, and how often it makes each call."""

    state: dict[str, Any]
    calls: dict[str, int]
    places: list[tuple[str, tuple[str, ...]]]


@cache
def reference(bases: Bases, name: str) -> Reference:
    """What a case comes to without an error."""
    with prepared(bases, name) as (folder, words, office, patch):
        faults = faults_of(patch, folder)
        faults.places = places = []
        code, said = _quietly(words)
        calls = dict(faults.reached)
        patch.undo()
        assert code in (0, 1), (name, said)
        return Reference(found(folder, office, name), calls, places)


def trials_of_places(bases: Bases, name: str) -> list[Trial]:
    """Of the calls that the same lines of the program lead to the first and the last, with each error."""
    numbers = Counter[str]()
    at = dict[tuple[str, tuple[str, ...]], list[int]]()
    for step, lines in reference(bases, name).places:
        numbers[step] += 1
        at.setdefault((step, lines), []).append(numbers[step])
    return [
        Trial(name, step, number, code)
        for (step, _), calls in at.items()
        for number in sorted({calls[0], calls[-1]})
        for code in ERRORS.get(step, ())
    ]


def trials(bases: Bases, name: str, most: int = 0) -> list[Trial]:
    """All calls of a case with each error that it may be answered with; ``most`` of each call, where given."""
    whole = []
    for step, codes in ERRORS.items():
        many = reference(bases, name).calls.get(step, 0)
        each = [Trial(name, step, at, code) for at in range(1, many + 1) for code in codes]
        chance = random.Random(f"{name} {step}")
        whole += sorted(chance.sample(each, most)) if most and len(each) > most else each
    return whole


def tried(bases: Bases, trial: Trial) -> str:
    """What did not hold in a trial, empty where all did."""
    name = trial.case
    wanted = reference(bases, name).state
    with prepared(bases, name) as (folder, words, office, patch):
        faults = faults_of(patch, folder)
        faults.plan(trial.step, _error(trial), trial.at)
        code, said = _quietly(words)
        faults.clear()
        wrong = _wrong_words(trial, code, said, folder)
        if wrong:
            return wrong
        told_and_left_out = code == 1 and name in TAKING and trial.step in LOOKING
        of_ledger = trial.step == "sqlite"
        if code == 2 or told_and_left_out or (of_ledger and code == 1 and name != "new"):
            recorded = _RECORDED in said
            again, said = _quietly(words)
            # What had been recorded, and could only not be reported, is not done again.
            if again not in (0, 1) and not recorded:
                return f"again {again}: {said[-300:]}"
        patch.undo()
        if name in READING:
            return ""
        state = found(folder, office, name)
        if list(folder.rglob("*.held")):
            return "a lock was left"
        if told_and_left_out:  # it says which file it left, and has taken it the second time
            wanted = {key: wanted[key] for key in ("figures", "master", "litter") if key in wanted}
        # Asked for its report only, it had recorded; the second time it tells so.
        if of_ledger:
            state, wanted = map(_without_seen_before, (state, wanted))
        apart = [key for key in wanted if state.get(key) != wanted[key]]
        return f"other {apart}: {_apart(state, wanted, apart)}" if apart else ""


def _without_seen_before(state: dict[str, Any]) -> dict[str, Any]:
    receipts = state.get("receipts", ())
    return {**state, "receipts": [each for each in receipts if each[-1] != DUPLICATE]}


def _error(trial: Trial) -> BaseException:
    if trial.code == _SHORT:
        return ShortWrite()
    if trial.step != "sqlite":
        number = getattr(errno, trial.code)
        return OSError(number, os.strerror(number))
    number, kind, words = SQLITE[trial.code]
    error = kind(words)
    error.sqlite_errorcode, error.sqlite_errorname = number, f"SQLITE_{trial.code}"
    return error


def _apart(state: dict[str, Any], wanted: dict[str, Any], keys: Sequence[str]) -> str:
    told = [
        f"{state.get(key)!r:.300} instead of {wanted[key]!r:.300}"
        for key in keys
        if key != "master"
    ]
    return "; ".join(told)


def _wrong_words(trial: Trial, code: int, said: str, folder: Path) -> str:
    english = str(_error(trial).args[-1]) if trial.code != _SHORT else "[Errno"
    if code not in (0, 1, 2):
        return f"ended with {code}: {said[-600:]}"
    if code == 2 and not re.search("[\u4e00-\u9fff]", said):
        return f"no word of Chinese: {said}"
    if english in said:
        return f"English: {said}"
    if code == 2 and str(folder) not in said:
        return f"names no file: {said}"
    helps = trial.code == "CORRUPT" or trial.case == "rebuild"
    return f"rebuild is no help: {said}" if "rebuild" in said and not helps else ""


def by_hand(which: str, chosen: Sequence[str]) -> None:
    """Print what fell, and how many were tried of each verb.

    In an order by lot, so that what is cut short was a sample of all and can be gone on with.
    """
    which, _, part = which.partition(":")
    begin, _, end = part.partition("-")
    with tempfile.TemporaryDirectory(prefix="disks-") as scratch:
        bases, count, fell = Bases(Path(scratch)), Counter[str](), Counter[str]()
        whole = [
            trial
            for name in chosen or CASES
            for trial in (
                trials_of_places(bases, name)
                if which == "places"
                else trials(bases, name, int(which))
            )
        ]
        random.Random(len(whole)).shuffle(whole)
        for trial in whole[int(begin or 0) : int(end or len(whole))]:
            count[trial.case] += 1
            wrong = tried(bases, trial)
            if wrong:
                fell[trial.case] += 1
                print(f"! {trial.case}: {trial.step} {trial.at} {trial.code}: {wrong}", flush=True)
            if count.total() % 1000 == 0:
                print(
                    f"{count.total()} from {begin or 0} of {len(whole)}, {fell.total()} fell",
                    flush=True,
                )
        for name, many in sorted(count.items()):
            print(f"{name}: {many} tried, {fell[name]} fell")
        print(f"{count.total()} tried, {fell.total()} fell")


if __name__ == "__main__":
    by_hand(sys.argv[1] if len(sys.argv) > 1 else "0", sys.argv[2:])
