"""Killed anywhere, out of disk, out of rights, two at once: run again, and it is as if nothing had been.

Every case runs the program as a process of its own and compares what is left with what the same steps
leave without the fault.

Proves also system/failpoint.py.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from tests.journeys.test_month import set_target
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme, task_table
from tests.tools.sql import rows
from tests.tools.systems import KILLED, ON_WINDOWS, links, posix
from tests.tools.windows import holding
from xl_addin.model.folder import (
    ARCHIVE,
    BACKUPS,
    BULLETINS,
    FORMS,
    LEDGER,
    MASTER,
    PROGRAMME,
    RETURNS,
    RUN_LOGS,
)
from xl_addin.model.sheets import BOARD_SHEET, CUMULATIVE_SHEET, JOURNAL_SHEET, SUMMARY_SHEET
from xl_addin.store.issued_forms import latest_forms
from xl_addin.store.ledger import Ledger
from xl_addin.store.runlog import RunLog
from xl_addin.xlsx.workbook import Workbook

ROOT = Path(__file__).parents[2]
JANUARY, FEBRUARY = MONTHS[:2]
EARLY, LATER = datetime(2024, 2, 2), datetime(2024, 2, 4)
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
# What root may do proves nothing: as it is, but for the right to pass over permissions.
_UNPRIVILEGED = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def program(folder, *words, failpoint="", bound=False):
    """One command as a process; its end, and what it said. ``bound``: permissions hold for root too."""
    environment = {**os.environ, "XL_ADDIN_FAILPOINT": failpoint, "PYTHONUTF8": "1"}
    before = _UNPRIVILEGED if bound and IS_ROOT else ()
    where = ("--folder", str(folder)) if folder else ()
    return subprocess.run(
        [*before, sys.executable, "-m", "xl_addin", *words, *where],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def base():
    """A programme in the middle of its work, in a folder that every user may look into."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        yield make_base(Path(scratch))


def make_base(home):
    """A programme in the middle of its work, made below ``home``."""
    made = SmallProgramme(home / "任务")
    made.run("distribute")
    made.send("甲.xlsx", 0, at=EARLY)
    made.send("错.xlsx", 2, {**FIGURES, "I01": "3-5"}, at=EARLY)
    made.collect()
    made.put("晚.xlsx", made.form(3), EARLY, FEBRUARY)
    made.collect(FEBRUARY)
    made.run("recompute")
    return made


@pytest.fixture
def folder(base, tmp_path):
    return shutil.copytree(base.folder, tmp_path / "任务")


def with_returns(folder):
    made = SmallProgramme(folder)
    made.send("乙.xlsx", 1, {**FIGURES, "I01": 20}, at=LATER)
    made.send("甲改.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)


def with_new_target(folder):
    set_target(folder / MASTER, 130)


def with_more_collected(folder):
    with_returns(folder)
    SmallProgramme(folder).collect()


def with_a_decision(folder):
    from tests.verbs.test_settle import decide

    decide(SmallProgramme(folder), 决定="接受")


def collected(folder):
    with_more_collected(folder)
    return folder


def recomputed(folder):
    with_more_collected(folder)
    SmallProgramme(folder).run("recompute")


def issued(folder):
    set_target(folder / MASTER, 130)
    SmallProgramme(folder).run("distribute")


def with_a_bulletin(folder):
    SmallProgramme(folder).run("bulletin")


def with_a_bulletin_out(folder):
    with_a_bulletin(folder)
    SmallProgramme(folder).run("bulletin", final="")


def without_ledger(folder):
    (folder / LEDGER).unlink()


WRITTEN = ("runlog.written", "ledger.committed")
CASES = {
    "distribute": (
        None,
        ("distribute", "--month", FEBRUARY),
        ("atomic.staged", "atomic.published", *WRITTEN),
    ),
    "distribute over older forms": (
        with_new_target,
        ("distribute", "--month", JANUARY),
        ("atomic.staged", "atomic.published", *WRITTEN),
    ),
    "collect": (
        with_returns,
        ("collect", "--month", JANUARY),
        ("atomic.staged", "atomic.published", *WRITTEN),
    ),
    "recompute": (
        with_more_collected,
        ("recompute", "--month", JANUARY),
        ("atomic.written", "recompute.kept", "atomic.written:2", "recompute.saved", *WRITTEN),
    ),
    "settle by number": (None, ("settle", "3", "--accept"), WRITTEN),
    "settle by sheet": (with_a_decision, ("settle",), (*WRITTEN, "atomic.written", "settle.saved")),
    "close": (None, ("close", "--month", JANUARY), WRITTEN),
    "close and go on": (
        None,
        ("close", "--month", JANUARY, "--next"),
        (*WRITTEN, "close.closed", "atomic.written"),
    ),
    "undo of collecting": (with_more_collected, ("undo",), WRITTEN),
    "undo of totals": (recomputed, ("undo",), ("atomic.written", "undo.saved", *WRITTEN)),
    "undo of forms": (issued, ("undo",), ("atomic.written", "undo.form", *WRITTEN)),
    "bulletin": (
        None,
        ("bulletin", "--month", JANUARY),
        ("atomic.written", "bulletin.written", "atomic.written:2"),
    ),
    "bulletin that goes out": (
        with_a_bulletin,
        ("bulletin", "--month", JANUARY, "--final"),
        WRITTEN,
    ),
    "undo of a bulletin": (with_a_bulletin_out, ("undo",), WRITTEN),
    "rebuild": (
        None,
        ("rebuild",),
        (
            "ledger.laid-down",
            "replay.page:2",
            "rebuild.whole",
            "atomic.written",
            "rebuild.backed-up",
            "rebuild.replaced",
            *WRITTEN,
        ),
    ),
    "rebuild without a ledger": (
        without_ledger,
        ("rebuild",),
        ("replay.page:3", "rebuild.whole", "rebuild.replaced", *WRITTEN),
    ),
}


def state(folder, *, committed=False):
    """All that must be as it would have been; ``committed``: the run counted, and was then done again."""
    ledger = Ledger(folder / LEDGER)
    with ledger.writing():  # as the next run will find it
        pass
    year = MONTHS[11]
    said = {
        "figures": sorted(map(str, ledger.figures(year))),
        "statuses": {key: status[3:] for key, status in ledger.statuses("2024").items()},
        "issued": {d: (x.sha256, x.mac) for d, x in latest_forms(ledger, FEBRUARY).items()},
        "reissued": {d: (x.sha256, x.mac) for d, x in latest_forms(ledger, JANUARY).items()},
        "decisions": rows(ledger.path, "SELECT receipt, decision, district, month FROM settled"),
        "closed": rows(ledger.path, "SELECT month FROM closed"),
        "told": sorted(rows(ledger.path, "SELECT receipt, code, cell, found FROM told")),
        "published": rows(
            ledger.path,
            "SELECT month, number FROM publications WHERE run NOT IN (SELECT run FROM undone)",
        ),
        "sound": rows(ledger.path, "PRAGMA integrity_check"),
    }
    if not committed:
        said["runs"] = rows(
            ledger.path,
            "SELECT id, verb, month FROM events WHERE id NOT IN (SELECT run FROM undone)",
        )
        said["receipts"] = rows(ledger.path, "SELECT id, sha256, file, month, verdict FROM returns")
    pages = len(list(RunLog(folder / ARCHIVE / RUN_LOGS).pages()))
    assert pages == len(rows(ledger.path, "SELECT id FROM pages"))
    ledger.close()
    forms = folder / FORMS
    said["files"] = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in (forms, folder / ARCHIVE)
        for path in top.rglob("*")
        if path.is_file() and path.parent.name != RUN_LOGS
    }
    said["bulletins"] = sorted(p.name for p in (folder / BULLETINS).rglob("*.docx"))
    book = Workbook.open((folder / MASTER).read_bytes())
    said["master"] = {
        name: book.sheet(name).cells for name in book.sheet_names if name != JOURNAL_SHEET
    }
    # The line under 看板's title says when it was computed.
    said["master"][BOARD_SHEET] = {
        at: cell for at, cell in said["master"][BOARD_SHEET].items() if at[0] != 2
    }
    litter = re.compile(r"\.tmp$|\.pending$|\.new$|\.rebuilt|db\.lock$|-journal$")
    said["litter"] = [p.name for p in folder.rglob("*") if litter.search(p.name)]
    return said


@cache
def reference(base, name):
    """What a case leaves when nothing goes wrong."""
    prepare, words, _ = CASES[name]
    with tempfile.TemporaryDirectory() as scratch:
        folder = shutil.copytree(base.folder, Path(scratch) / "任务")
        if prepare is not None:
            prepare(folder)
        done = program(folder, *words)
        assert done.returncode in (0, 1), done.stderr
        return state(folder)


KILLS = [(name, point) for name, case in CASES.items() for point in case[2]]
if ON_WINDOWS:  # what comes after is the same everywhere: there each fail point once
    KILLS = list({point: (name, point) for name, point in reversed(KILLS)}.values())


@pytest.mark.parametrize(("name", "failpoint"), KILLS)
def test_killed_at_a_step_and_run_again(base, folder, name, failpoint):
    prepare, words, _ = CASES[name]
    wanted = reference(base, name)
    if prepare is not None:
        prepare(folder)
    killed = program(folder, *words, failpoint=failpoint)
    assert killed.returncode == KILLED, (killed.stdout, killed.stderr)
    again = program(folder, *words)
    assert again.returncode in (0, 1, 2), again.stderr
    assert "程序出错" not in again.stderr
    # A page that was written but not committed counts for a rebuild: it cannot know.
    committed = failpoint in ("ledger.committed", "rebuild.replaced", "settle.saved") or (
        words[0] == "rebuild" and failpoint == "runlog.written"
    )
    committed |= name == "close and go on" and failpoint in ("close.closed", "atomic.written")
    found = state(folder, committed=committed)
    for what, value in found.items():
        if committed and what == "told":  # the files of the folder were told twice
            assert {row[1:] for row in value} >= {row[1:] for row in wanted[what]}
        else:
            assert value == wanted[what], what


def test_totals_cut_off_after_they_were_written_can_still_be_taken_back(folder):
    prepare, words, _ = CASES["recompute"]
    before = state(folder)["master"]
    prepare(folder)
    program(folder, *words, failpoint="recompute.saved")
    assert program(folder, *words).returncode == 0
    assert program(folder, "undo").returncode == 0
    assert state(folder)["master"][CUMULATIVE_SHEET] == before[CUMULATIVE_SHEET]
    assert state(folder)["master"][SUMMARY_SHEET] == before[SUMMARY_SHEET]


@pytest.mark.parametrize(
    "failpoint",
    [
        "ledger.laid-down",
        "new.ledger",
        "atomic.written",
        "new.key",
        "atomic.written:2",
        "runlog.written",
        "ledger.committed",
        "atomic.written:3",
        "new.master",
    ],
)
def test_a_programme_that_was_cut_off_while_it_was_made(tmp_path, failpoint):
    table = task_table(tmp_path / "任务表.xlsx")
    folder = tmp_path / "任务"
    words = ("new", str(folder), "--task-table", str(table), "--year", "2024", "--month", JANUARY)
    assert program("", *words, failpoint=failpoint).returncode == KILLED
    again = program("", *words)
    finished = failpoint == "new.master"
    assert again.returncode in ((2,) if finished else (0, 1)), again.stderr
    made = SmallProgramme(folder)
    assert len(made.codes) == 4
    facts = json.loads((folder / ARCHIVE / PROGRAMME).read_bytes())
    programme = made.open_programme()
    assert (facts["programme"], facts["key"]) == (
        programme.ledger.programme,
        programme.ledger.key.hex(),
    )
    assert [verb for _, verb, *_ in programme.ledger.events(9)] == ["new"]
    programme.close()
    made.send("1.xlsx", 0, at=EARLY)
    assert made.collect()["1.xlsx"]["verdict"] == "accepted"
    assert not [p.name for p in folder.rglob("*") if p.suffix in (".tmp", ".new", ".pending")]
    found = made.run("verify", "").data["differences"]
    assert "chronicle" not in {each["code"] for each in found}


def test_a_kill_in_the_middle_of_many_returns_leaves_no_process_behind(folder):
    """From so many on several processes judge; none of them outlives the one that was killed."""
    made = SmallProgramme(folder)
    data = made.form(0)
    for number in range(320):
        from tests.tools.forms import edit_form

        made.put(f"{number:03d}.xlsx", edit_form(data, {(4, 2): f"张{number}"}), EARLY)
    killed = program(folder, "collect", "--month", JANUARY, failpoint="atomic.published:2")
    assert killed.returncode == KILLED
    # ``program`` waited until everyone who held its pipes was gone.
    done = program(folder, "collect", "--month", JANUARY)
    assert done.returncode in (0, 1)
    assert state(folder)["litter"] == []


@pytest.fixture
def full_disk(base):
    """A small disk of its own with the programme on it; ``full_disk.fill(left)`` leaves so many bytes."""
    if not IS_ROOT:
        pytest.skip("mounting a small disk needs root")
    with tempfile.TemporaryDirectory() as scratch:
        mounted = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", scratch]
        if subprocess.run(mounted, capture_output=True).returncode:
            pytest.skip("a small disk cannot be mounted here")
        try:
            shutil.copytree(base.folder, Path(scratch) / "任务")
            yield Path(scratch)
        finally:
            subprocess.run(["umount", "-l", scratch], check=True)


@pytest.mark.parametrize("left", [0, 16 << 10])
@pytest.mark.parametrize(
    "name", ["distribute", "collect", "recompute", "settle by sheet", "undo of totals", "rebuild"]
)
def test_a_full_disk(base, full_disk, name, left):
    prepare, words, _ = CASES[name]
    wanted = reference(base, name)
    folder = full_disk / "任务"
    if prepare is not None:
        prepare(folder)
    filler = full_disk / "满"
    room = os.statvfs(full_disk)
    filler.write_bytes(b"\0" * max(room.f_bavail * room.f_frsize - left, 0))
    full = program(folder, *words)
    assert full.returncode in (0, 1, 2), full.stderr
    assert "Traceback" not in full.stderr
    assert "程序出错" not in full.stderr
    if left == 0:
        assert full.returncode == 2
        assert re.search("磁盘已满|磁盘读写出错", full.stderr), full.stderr
    filler.unlink()
    if full.returncode == 2:
        done = program(folder, *words)
        assert done.returncode in (0, 1), done.stderr
    assert state(folder) == wanted


@pytest.fixture
def permissions(folder):
    """The programme's folder, with permissions that hold; made writable again in the end."""
    if IS_ROOT and not shutil.which("setpriv"):
        pytest.skip("permissions do not hold for root without setpriv")
    yield folder
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)


@posix
@pytest.mark.parametrize(
    ("name", "closed"),
    [
        ("distribute", FORMS),
        ("distribute", LEDGER),
        ("collect", ARCHIVE),
        ("collect", f"{ARCHIVE}/{RUN_LOGS}"),
        ("collect", LEDGER),
        ("collect", "."),
        ("recompute", BACKUPS),
        ("recompute", "."),
        ("rebuild", "."),
        ("rebuild", BACKUPS),
        ("settle by number", LEDGER),
        ("undo of totals", "."),
    ],
)
def test_without_the_right_to_write(base, permissions, name, closed):
    folder = permissions
    prepare, words, _ = CASES[name]
    if prepare is not None:
        prepare(folder)
    place = folder / closed
    usual = place.stat().st_mode & 0o777
    place.chmod(usual & 0o555)
    refused = program(folder, *words, bound=True)
    place.chmod(usual)
    assert refused.returncode == 2, (refused.stdout, refused.stderr)
    assert "Traceback" not in refused.stderr
    assert re.search("权限|只读|不能写|写不进去", refused.stderr), refused.stderr
    done = program(folder, *words, bound=True)
    assert done.returncode in (0, 1), done.stderr
    assert state(folder) == reference(base, name)


@posix
def test_a_return_that_may_not_be_read_or_is_gone_is_told_and_read_the_next_time(base, permissions):
    folder = permissions
    with_returns(folder)
    inbox = folder / RETURNS / JANUARY
    (inbox / "乙.xlsx").chmod(0)
    (inbox / "走了.xlsx").symlink_to(inbox / "不在")
    beside = inbox.parent / "也走了.xlsx"
    beside.symlink_to(beside)
    os.mkfifo(inbox / "管道.xlsx")
    words = ("collect", "--month", JANUARY)
    first = json.loads(program(folder, *words, "--json", bound=True).stdout)["returns"]
    verdicts = {Path(found["file"]).name: found["verdict"] for found in first}
    assert verdicts["甲改.xlsx"] == "accepted"
    told = {verdicts.pop(name) for name in ("乙.xlsx", "走了.xlsx", "也走了.xlsx", "管道.xlsx")}
    assert told == {"unreadable"}
    for path in (inbox / "走了.xlsx", inbox / "管道.xlsx", beside):
        path.unlink()
    (inbox / "乙.xlsx").chmod(0o644)
    assert program(folder, *words, bound=True).returncode in (0, 1)
    wanted, found = reference(base, "collect"), state(folder)
    assert (found["figures"], found["files"]) == (wanted["figures"], wanted["files"])


@links
def test_a_form_that_vanishes_while_forms_are_made_is_told(folder):
    path = next((folder / FORMS / JANUARY).iterdir())
    data = path.read_bytes()
    path.unlink()
    path.symlink_to(folder / "不在")
    gone = program(folder, "distribute", "--month", JANUARY)
    assert gone.returncode == 2
    assert path.name in gone.stderr
    path.unlink()
    assert program(folder, "distribute", "--month", JANUARY).returncode == 0
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", ["recompute", "settle by sheet", "undo of totals"])
@pytest.mark.parametrize("mark", ["~$master.xlsm", ".~lock.master.xlsm#"])
def test_a_master_that_is_open_elsewhere(base, folder, name, mark):
    prepare, words, _ = CASES[name]
    if prepare is not None:
        prepare(folder)
    (folder / mark).write_bytes(b"x")
    with holding.opened(folder / MASTER):
        refused = program(folder, *words)
    assert refused.returncode == 2
    assert "关闭" in refused.stderr
    (folder / mark).unlink()
    assert program(folder, *words).returncode in (0, 1)
    assert state(folder) == reference(base, name)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("collect", "--month", JANUARY), ("collect", "--month", JANUARY)),
        (("collect", "--month", JANUARY), ("distribute", "--month", FEBRUARY)),
        (("recompute", "--month", JANUARY), ("recompute", "--month", JANUARY)),
        (("collect", "--month", JANUARY), ("recompute", "--month", JANUARY)),
        (("rebuild",), ("collect", "--month", JANUARY)),
        (("undo",), ("collect", "--month", JANUARY)),
    ],
)
def test_two_at_once_never_mix(folder, first, second):
    """Each has done all of its work, or nothing: the second waits or is told that another is at it."""
    with_returns(folder)
    words = [
        (sys.executable, "-m", "xl_addin", *w, "--folder", str(folder)) for w in (first, second)
    ]
    both = [
        subprocess.Popen(w, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for w in words
    ]
    ends = [(process.communicate()[1], process.returncode) for process in both]
    for said, code in ends:
        assert code in (0, 1, 2), said
        assert "程序出错" not in said
        assert "Traceback" not in said
    assert any(code != 2 for _, code in ends), ends
    for word, (_, code) in zip((first, second), ends, strict=True):
        if code == 2:
            assert program(folder, *word).returncode in (0, 1)
    assert program(folder, "recompute", "--month", JANUARY).returncode == 0
    checked = json.loads(program(folder, "verify", "--month", JANUARY, "--json").stdout)
    assert [d for d in checked["differences"] if d["code"] != "no-receipt"] == []


def has_open(process, path):
    """Whether a process has a file open now."""
    found = set()
    for each in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed again meanwhile
            found.add(str(each.readlink()))
    return str(path) in found


@pytest.mark.skipif(
    ON_WINDOWS or not Path("/proc/self/fd").exists(), reason="looks at what a process has open"
)
def test_a_second_writer_waits_for_the_first(folder):
    """Held up at the ledger itself, beneath the lock that every command takes."""
    with_returns(folder)
    first = sqlite3.connect(folder / LEDGER, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    second = subprocess.Popen(
        [sys.executable, "-m", "xl_addin", "collect", "--month", JANUARY, "--folder", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while second.poll() is None and not has_open(second.pid, folder / LEDGER):
        pass
    assert second.poll() is None
    first.execute("COMMIT")
    first.close()
    second.communicate()
    assert second.returncode in (0, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
def test_a_name_that_is_no_text_stops_no_return(folder):
    with_returns(folder)
    inbox = folder / RETURNS / JANUARY
    name = os.fsencode(inbox) + "/乱码.xlsx".encode("gbk")
    with open(name, "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(b"x")
    found = json.loads(program(folder, "collect", "--month", JANUARY, "--json").stdout)["returns"]
    verdicts = {Path(each["file"]).name: each["verdict"] for each in found}
    assert (verdicts["乱码.xlsx"], verdicts["甲改.xlsx"]) == ("foreign", "accepted")
