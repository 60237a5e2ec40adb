"""The command line: codes, Chinese messages, never a traceback.

Proves also error_handler.py, options.py, start.py, model/commands.py and model/result.py.
"""

import gc
import io
import json
import os
import re
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from tests.tools.programme import SmallProgramme
from xl_addin import cli
from xl_addin.cli import main
from xl_addin.error_handler import attempt, run
from xl_addin.model.commands import VERBS
from xl_addin.model.folder import LEDGER, LOGS, MASTER, RETURNS
from xl_addin.model.result import Result, ResultTable
from xl_addin.system.resources import TASK_TABLE_2023, workbook_path


def exit_of(*arguments):
    try:
        return main(arguments)
    except SystemExit as done:
        return done.code


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["new"],
        ["new", "x", "--year", "zwei", "--task-table", "t"],
        ["distribute", "--month"],
        ["distribute", "--what"],
        ["collect", "/no/such/file"],
        ["distribute"],
        ["recompute"],
        ["status"],
        ["check"],
        ["new", "x", "--year", "2023", "--task-table", "/no/such/table.xlsx"],
        ["new", "x", "--year", "23", "--task-table", __file__],
        ["new", "x", "--year", "2023", "--task-table", __file__],
    ],
)
def test_misuse_is_told_in_chinese_with_code_2(arguments, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert exit_of(*arguments) == 2
    said = capfd.readouterr()
    assert re.search(r"[\u4e00-\u9fff]", said.err)
    assert "Traceback" not in said.err
    assert not re.search(r"\b(error|usage|required|invalid)\b", said.err)
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_verbs_keeps_names_and_labels_apart(capfd):
    assert exit_of("--help") == 0
    said = capfd.readouterr().out
    assert all(re.search(rf"^  {verb.name} +{verb.label}：", said, re.MULTILINE) for verb in VERBS)


def test_the_readme_lists_every_verb():
    readme = Path(__file__).parents[1] / "README.md"
    cells = re.findall(r"^\| (`[^|]*)\|", readme.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name for cell in cells for name in re.findall(r"`([\w-]+)", cell)}
    assert listed - {"verb"} == {verb.name for verb in VERBS}


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_every_verb_explains_itself(verb, capfd):
    assert exit_of(verb, "--help") == 0
    said = capfd.readouterr().out
    for option in ("--folder", "--month", "--rehearse", "--json"):
        assert option in said
    assert "usage" not in said
    assert "options:" not in said


def test_a_refusal_is_one_json_object_too(tmp_path, capfd):
    assert exit_of("status", "--folder", str(tmp_path), "--json") == 2
    said = json.loads(capfd.readouterr().out)
    assert said["verb"] == "status"
    assert "master.xlsm" in said["error"]


def test_an_empty_inbox_is_named_and_a_lost_ledger_can_be_rebuilt(tmp_path, capfd):
    programme = SmallProgramme(tmp_path / "任务")
    assert main(["collect", "--folder", str(programme.folder)]) == 0
    (programme.folder / LEDGER).unlink()
    assert main(["status", "--folder", str(programme.folder)]) == 2
    said = capfd.readouterr()
    assert main(["undo", "--folder", str(tmp_path)]) == 2
    assert MASTER in capfd.readouterr().err.split("；")[0]
    assert str(programme.folder / RETURNS) in said.out
    assert "rebuild" in said.err


def test_a_single_reason_is_told_once(tmp_path, capfd):
    table = tmp_path / "说明.txt"
    table.write_text("不是表格", encoding="utf-8")
    arguments = ["new", str(tmp_path / "任务"), "--task-table", str(table), "--year", "2024"]
    assert main(arguments) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_our_own_fault_names_a_log_and_shows_no_traceback(tmp_path, monkeypatch, capfd):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("xl_addin.verbs.status.run", broken)
    assert exit_of("status", "--folder", str(tmp_path)) == 3
    said = capfd.readouterr().err
    assert "Traceback" not in said
    (log,) = (tmp_path / "日志").iterdir()
    assert str(log) in said
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_the_module_runs_and_stays_quiet_in_a_pipe(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "xl_addin", "status", "--folder", str(tmp_path)], capture_output=True
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"\x1b" not in done.stderr


TABLE = ResultTable(
    "收集结果", ("区县", "数"), [("忠县", "5"), ("石柱土家族自治县", "12\n00")], frozenset((1,))
)


def test_in_a_pipe_each_row_of_a_table_is_whole_on_its_line(capfd):
    assert run("check", None, False, lambda: Result({}, "好", tables=(TABLE,))) == 0
    assert capfd.readouterr().out.splitlines() == [
        "收集结果",
        "区县                 数",
        "忠县                  5",
        "石柱土家族自治县  12 00",
        "好",
    ]


def test_on_a_terminal_a_table_is_drawn(monkeypatch):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    assert run("check", None, False, lambda: Result({}, "好", tables=(TABLE,))) == 0
    assert "│ 石柱土家族自治县 │" in screen.getvalue()


@pytest.mark.parametrize("verb", ["distribute", "collect", "status", "check"])
def test_a_click_does_not_import_the_heavy_libraries(verb, tmp_path):
    program = (
        "import sys; from xl_addin.cli import main; "
        f"main(['{verb}', '--folder', r'{tmp_path}', '--json']); "
        "heavy = {'pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'rich', 'python_calamine', 'zipfile', 'subprocess',"
        " 'pyopenvba', 'xlwings', 'xl_addin.master.macros.vbaproject', 'xl_addin.master.macros.binding',"
        " 'xl_addin.master.macros.ribbonxml'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.stderr.strip().endswith(b"[]")


@pytest.mark.parametrize("words", [["check"], ["status"], ["check", "--json"]])
def test_a_reader_that_has_gone_is_no_fault(tmp_path, words):
    folder = str(tmp_path / "任务")
    table = str(workbook_path(TASK_TABLE_2023))
    assert exit_of("new", folder, "--task-table", table, "--year", "2023") in (0, 1)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "xl_addin", *words, "--folder", folder]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("at", "advice"), [("", "读和写它的权限"), ("表.xlsx", "关闭后再试")])
def test_rights_that_lack_are_told_of_a_folder_and_of_a_file_each_with_what_helps(
    tmp_path, at, advice
):
    def work():
        raise PermissionError(13, "Permission denied", str(tmp_path / at))

    told = attempt(None, work)
    assert told.message.startswith(f"{tmp_path / at}：")
    assert told.message.count(advice) == 1


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["status"], "."),
        (["status", "--folder", "x"], "x"),
        (["status", "--folder=x"], "x"),
        (["new", "--year", "2024", "x", "--task-table", "t.xlsx"], "x"),
        (["new", "--folder", "x", "--task-table", "t.xlsx"], "x"),
        (["new"], None),
    ],
)
def test_a_log_of_our_own_fault_goes_to_the_programmes_folder(tmp_path, monkeypatch, words, where):
    """Before, that of ``new`` lay in whatever folder it was started in."""
    (tmp_path / "x").mkdir()
    own = tmp_path / "system"
    own.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(own))
    monkeypatch.setattr(cli, "_work", lambda _: 1 / 0)
    assert main(words) == 3
    found = [path.parent for path in tmp_path.rglob("出错-*.log")]
    assert found == [own if where is None else tmp_path / where / LOGS]


def test_what_one_run_left_in_cycles_is_not_kept_by_the_next():
    """A process that carries out one verb after the other, such as ``serve``, stays as small as it was."""

    class Knot:
        pass

    attempt(None, lambda: None)
    knot = Knot()
    knot.itself, left = knot, weakref.ref(knot)
    del knot
    attempt(None, lambda: None)
    gc.collect()
    assert left() is None
