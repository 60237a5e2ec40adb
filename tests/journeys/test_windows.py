"""On Windows: files that others hold, its code pages, pipes without a reader, and every verb as a process.

What ends a process half-way there is in test_faults.py, the registry in services/test_checkup_windows.py, the
vault in mail/test_account.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.test_month import set_target
from tests.tools.programme import MONTHS, SmallProgramme, task_table
from tests.tools.systems import windows
from tests.tools.tables import workbook
from tests.tools.windows import holding
from xl_addin.model.commands import VERBS
from xl_addin.model.folder import FORMS, MASTER

pytestmark = windows
ROOT = Path(__file__).parents[2]
JANUARY = MONTHS[0]
MODES = {"GBK": (), "UTF-8": ("-X", "utf8")}
"""What Python writes in where nobody says so: the system's code page, or UTF-8 (PYTHONUTF8=1)."""
ANSI = "gbk"
DONE, REFUSED = (0, 1), (2,)


def program(
    folder: Path | None, *words: str, mode: tuple[str, ...] = (), module: str = "xl_addin"
) -> subprocess.CompletedProcess[bytes]:
    """A command as a process of its own.

    Into files: what Wine starts for windows and COM inherits a pipe and keeps it open.
    """
    where = ("--folder", str(folder)) if folder else ()
    command = [sys.executable, *mode, "-m", module, *words, *where]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        said = [file.read() for file in (out, err) if not file.seek(0)]
    return subprocess.CompletedProcess(command, done.returncode, *said)


def sound(done: subprocess.CompletedProcess[bytes], encoding: str = ANSI) -> str:
    """What a command said, if it ended as commands do."""
    said = done.stdout.decode(encoding) + done.stderr.decode(encoding)
    assert done.returncode in (0, 1, 2), said
    assert "Traceback" not in said
    assert "程序出错" not in said
    return said


def left_over(folder: Path) -> list[str]:
    ends = (".tmp", ".new", ".pending", ".rebuilt")
    return [path.name for path in folder.rglob("*") if path.name.endswith(ends)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> SmallProgramme:
    """One in its first month: forms are out, two districts have answered."""
    made = SmallProgramme(tmp_path_factory.mktemp("窗口") / "年度 任务")
    made.run("distribute")
    made.send("甲.xlsx", 0)
    made.send("乙.xlsx", 1)
    return made


@pytest.fixture
def folder(base: SmallProgramme, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base.folder, tmp_path / "年度 任务"))


@contextmanager
def scanner(folder: Path, seconds: float) -> Iterator[list[int]]:
    """A scanner at work; when it has ended, the list has how many files it held."""
    command = [sys.executable, "-m", "tests.tools.windows.holding", str(folder), str(seconds)]
    count: list[int] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield count
        count.append(int(process.communicate()[0]))


@pytest.mark.parametrize(
    ("seconds", "verbs"),
    [
        (0.05, ("collect", "undo", "rebuild")),
        (0.3, ("distribute", "recompute", "bulletin", "dossier")),
    ],
)
def test_a_scanner_that_holds_every_new_file_stops_no_verb(folder, seconds, verbs) -> None:
    months = {"distribute": ("--month", MONTHS[1]), "undo": (), "rebuild": ()}
    with scanner(folder, seconds) as count:
        ends = [program(folder, verb, *months.get(verb, ("--month", JANUARY))) for verb in verbs]
    for done in ends:
        assert done.returncode in DONE, sound(done)
        sound(done)
    assert count[0] > 5
    assert left_over(folder) == []
    if "distribute" in verbs:
        assert len(list((folder / FORMS / MONTHS[1]).iterdir())) == 4
    facts = json.loads(program(folder, "verify", "--json").stdout)
    assert [each for each in facts["differences"] if each["code"] != "no-receipt"] == []


def test_a_master_that_excel_has_open_is_named_and_not_written(folder) -> None:
    program(folder, "collect", "--month", JANUARY)
    before = (folder / MASTER).read_bytes()
    with holding.held(folder / MASTER):
        refused = program(folder, "recompute", "--month", JANUARY)
    said = sound(refused)
    assert refused.returncode == 2
    assert str(folder / MASTER) in said
    assert "请关闭打开它的程序" in said
    assert (folder / MASTER).read_bytes() == before
    assert left_over(folder) == []
    assert program(folder, "recompute", "--month", JANUARY).returncode in (0, 1)


def test_excels_lock_file_counts_only_while_the_master_is_held(folder) -> None:
    program(folder, "collect", "--month", JANUARY)
    lock = folder / f"~${MASTER}"
    lock.write_bytes(bytes([4]) + b"Wang".ljust(54))
    with holding.held(folder / MASTER):
        refused = program(folder, "recompute", "--month", JANUARY)
        with holding.held(
            lock, shared=0
        ):  # as Excel has it: nobody reads whose it is, nor waits for it
            nameless = program(folder, "recompute", "--month", JANUARY)
    assert (refused.returncode, nameless.returncode) == (2, 2)
    assert "打开的人：Wang" in sound(refused)
    assert "主表正在 Excel 或 WPS 里打开；" in sound(nameless)
    assert program(folder, "recompute", "--month", JANUARY).returncode in (0, 1)


def test_a_form_that_somebody_has_open_is_named(folder) -> None:
    set_target(folder / MASTER, 130)  # else it is what it should be, and is left alone
    [form] = (folder / FORMS / JANUARY).glob("*甲县*")
    with holding.held(form):
        refused = program(folder, "distribute", "--month", JANUARY)
    assert refused.returncode == 2
    assert str(form) in sound(refused)
    assert left_over(folder) == []


@pytest.mark.parametrize("mode", MODES)
def test_whoever_reads_no_further_gets_no_traceback(folder, mode) -> None:
    command = [sys.executable, *MODES[mode], "-m", "xl_addin", "status", "--folder", str(folder)]
    reader, writer = os.pipe()
    with subprocess.Popen(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE) as process:
        os.close(writer)
        os.close(reader)
        assert process.communicate()[1] == b""
    assert process.returncode in (0, 1)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_said_can_be_read(folder, mode) -> None:
    encoding = "utf-8" if MODES[mode] else ANSI
    shown = program(folder, "status", "--month", JANUARY, mode=MODES[mode])
    assert "丙县" in sound(shown, encoding)
    refused = program(folder, "collect", "--month", "十三月", mode=MODES[mode])
    assert "十三月" in sound(refused, encoding)
    # A program that reads it gets UTF-8 whatever the console has.
    found = json.loads(program(folder, "status", "--json", mode=MODES[mode]).stdout.decode())
    assert found["verb"] == "status"


@pytest.mark.parametrize("mode", MODES)
def test_the_macros_read_a_buttons_last_words_in_the_systems_code_page(mode) -> None:
    done = program(None, "check", mode=MODES[mode], module="xl_addin.ribbon")
    assert done.returncode != 0
    assert "工作簿" in done.stderr.decode(ANSI)


def test_every_verb_runs(folder, tmp_path) -> None:
    table = task_table(tmp_path / "任务表.xlsx")
    theirs = tmp_path / "民政.xlsx"
    theirs.write_bytes(
        workbook(
            {"完成": [["2024年1月完成情况"], ["单位", "就业（人）"], ["甲县", 7], ["乙县", 5]]}
        )
    )
    month = ("--month", JANUARY)
    steps: list[tuple[Path | None, tuple[int, ...], tuple[str, ...]]] = [
        (None, DONE, ("new", str(tmp_path / "新"), "--task-table", str(table), "--year", "2024")),
        (folder, DONE, ("check",)),
        (folder, DONE, ("distribute", "--month", MONTHS[1])),
        (folder, DONE, ("collect", *month)),
        (folder, REFUSED, ("settle", "99", "--accept")),
        (folder, DONE, ("recompute", *month)),
        (folder, DONE, ("status", *month)),
        (folder, DONE, ("bulletin", *month)),
        (folder, DONE, ("supervise", *month)),
        (folder, DONE, ("district-pages", *month)),
        (folder, DONE, ("compare", str(theirs), *month)),
        (folder, REFUSED, ("answer", str(next((folder / FORMS / JANUARY).iterdir())))),
        (folder, REFUSED, ("totals", *month)),
        (folder, DONE, ("trace", "--indicator", "I01", *month)),
        (folder, DONE, ("dossier", *month)),
        (folder, DONE, ("doctor",)),
        (folder, REFUSED, ("send", *month)),
        (folder, REFUSED, ("fetch", *month)),
        (folder, REFUSED, ("remind", *month)),
        (folder, REFUSED, ("return", *month)),
        (folder, REFUSED, ("password",)),
        (folder, DONE, ("try-mail",)),
        (None, REFUSED, ("serve",)),
        (None, (*DONE, *REFUSED), ("wps", "status")),
        (folder, DONE, ("close", *month)),
        (folder, DONE, ("add-district", "--code", "D009", "--name", "戊县", "--since", "2")),
        (folder, DONE, ("add-indicator", "--code", "I09", "--path", "宣传", "--unit", "次")),
        (
            folder,
            DONE,
            (
                "adjust",
                "--district",
                "D001",
                "--indicator",
                "I01",
                "--by",
                "12",
                "--document",
                "1号",
            ),
        ),
        (folder, DONE, ("change-district", "--district", "D002", "--name", "乙区")),
        (folder, DONE, ("change-indicator", "--indicator", "I09", "--until", "6")),
        (folder, DONE, ("amend",)),
        # psycopg is not there: told with what to install.
        (folder, REFUSED, ("move-ledger", "postgresql://nobody@127.0.0.1:1/nothing")),
        (folder, REFUSED, ("join", "postgresql://nobody@127.0.0.1:1/nothing")),
        (folder, DONE, ("attach",)),
        (folder, DONE, ("verify",)),
        (folder, DONE, ("undo",)),
        (folder, DONE, ("rebuild",)),
    ]
    # The demo is a command of its own in .ci/run, and a bundle asks the index.
    run = {words[0] for _, _, words in steps}
    assert run == {verb.name for verb in VERBS} - {"demo", "bundle"}
    for where, ends, words in steps:
        done = program(where, *words)
        assert done.returncode in ends, (words, sound(done))
        sound(done)
    assert left_over(tmp_path) == []
