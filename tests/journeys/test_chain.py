"""The whole way of a click: ribbon -> VBA -> its command line -> a Python of its own -> cells.

The ribbon and the macros are those in the master itself; the macros run in pyOpenVBA's interpreter.
What they would have Windows start is started, as a process of its own, which finds the master
through xlwings' ``Book.caller`` in LibreOffice. Another workbook is the active one throughout.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_ribbon import LABELS, STILL, listed, set_month
from tests.tools.parts import parse_part, read_parts
from tests.tools.programme import MONTHS, SmallProgramme
from tests.tools.vba import INTERPRETER, Machine, open_excel, parse_command_line
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.macros import binding, ribbonxml
from xl_addin.model.folder import MASTER
from xl_addin.model.records import ACCEPTED, VERDICT_LABELS
from xl_addin.model.sheets import (
    JOURNAL_BLOCK,
    PROBLEMS_BLOCK,
    STATUS_BLOCK,
    STATUS_SHEET,
    SUMMARY_BLOCK,
)
from xl_addin.verbs import new

ROOT = Path(__file__).parents[2]
BUTTONS = [
    button.attrib["id"]
    for button in parse_part(ribbonxml.ribbon_xml()).iter(f"{{{ribbonxml.NAMESPACE}}}button")
    if not button.get("tag")
]


@pytest.fixture
def programme(tmp_path, monkeypatch):
    monkeypatch.setattr(new, "this_computer", lambda: {binding.WINDOWS: INTERPRETER})
    (tmp_path / "残联 任务").mkdir()
    return SmallProgramme(tmp_path / "残联 任务" / "2024 年度", fresh=True)


@pytest.fixture
def book(request, programme):
    """The master, open; another one beside it is active."""
    request.getfixturevalue("excel")
    master = programme.folder / MASTER
    other = programme.folder.parent / "另一本.xlsm"
    other.write_bytes(master.read_bytes())
    found = import_xlwings().Book(str(master))
    import_xlwings().Book(str(other))
    return found


@pytest.fixture
def click(excel, book, tmp_path):
    """``click(button)``: the message in Excel after the button's process has ended."""

    def start():
        command = parse_command_line(machine.commands[-1])
        assert command.program == INTERPRETER
        paths = os.pathsep.join((str(ROOT / "tests" / "tools" / "startup"), str(ROOT)))
        done = subprocess.run(
            [sys.executable, "-B", "-P", "-m", command.module, *command.arguments],
            env={**os.environ, **excel.environment, "PYTHONPATH": paths},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    machine = Machine(meanwhile=start)
    vba = open_excel(Path(book.fullname), machine)

    def clicked(button):
        vba.open_another()
        ribbon = parse_part(read_parts(Path(book.fullname))["customUI/customUI14.xml"])
        (drawn,) = (each for each in ribbon.iter() if each.get("id") == button)
        before = len(excel.notes_on("alert"))
        vba.press(button, drawn.get("tag", ""), drawn.attrib["onAction"])
        assert machine.shown == []
        (message,) = excel.notes_on("alert")[before:]
        assert {name: excel.state(name) for name in STILL} == STILL
        return message

    return clicked


def test_every_button_reaches_its_verb(click):
    """One after the other on one master: Excel and the macros are there once, as in an office."""
    messages = {button: click(button) for button in BUTTONS}
    assert {button: message["title"] for button, message in messages.items()} == {
        button: LABELS[button] for button in BUTTONS
    }
    assert [each for each in messages.values() if "出错" in each["text"]] == []


def test_a_month_goes_all_the_way(programme, excel, book, click):
    set_month(book, MONTHS[1])
    assert "生成了 4 份" in click("distribute")["text"]
    programme.send("甲县 6月(1).xlsx", 0, month=MONTHS[1])
    programme.send("=乙县.xlsx", 1, {"I01": -1, "I02": 5, "I03": 2, "I04": 0}, month=MONTHS[1])
    click("collect")
    assert "=乙县.xlsx" in {row[2] for row in listed(book, PROBLEMS_BLOCK)}
    message = click("recompute")
    assert "公式" not in message["text"]
    summary = {row[0]: row for row in listed(book, SUMMARY_BLOCK)}
    assert [summary[code][6] for code in ("I01", "I02", "I03", "I04")] == [10, 5, 2, 0]
    click("status")
    board = {row[1]: row for row in listed(book, STATUS_BLOCK)}
    assert board["甲县"][2] == VERDICT_LABELS[ACCEPTED]
    assert excel.state("sheet") == STATUS_SHEET
    other = import_xlwings().Book(str(programme.folder.parent / "另一本.xlsm"))
    assert listed(other, JOURNAL_BLOCK) == []
