"""Every button: ribbon XML -> Press -> xlwings' RunPython -> the command line that Windows gets."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.masters import MONTH, TABLE, TITLE, YEAR
from tests.vba import FOLDER, INTERPRETER, Excel, open_excel, parsed
from xl_addin import binding, customui, layout
from xl_addin.master import build_master
from xl_addin.verbs import VERBS

BUTTONS = {
    button.attrib["id"]: button.attrib
    for button in ET.fromstring(customui.ribbon()).iter(f"{{{customui.NAMESPACE}}}button")  # noqa: S314
}
VERB_BUTTONS = [name for name in BUTTONS if not name.startswith(customui.SHEET_BUTTON)]
SHEET_BUTTONS = [name for name in BUTTONS if name.startswith(customui.SHEET_BUTTON)]


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master bound to a Python in a folder with a space and Chinese in its name."""
    path = tmp_path_factory.mktemp("残联 任务") / "master.xlsm"
    path.write_bytes(build_master(TABLE, YEAR, TITLE, MONTH, {binding.WINDOWS: INTERPRETER}))
    return path


@pytest.fixture
def excel(bound: Path) -> Excel:
    return open_excel(bound)


def press(excel: Excel, name: str) -> None:
    button = BUTTONS[name]
    excel.press(name, button.get("tag", ""), button["onAction"])


@pytest.mark.parametrize("name", VERB_BUTTONS)
def test_a_button_starts_its_verb_with_another_workbook_in_front(excel: Excel, name: str) -> None:
    excel.open_another()
    press(excel, name)
    assert excel.machine.shown == []
    (line,) = excel.machine.commands
    command = parsed(line)
    assert command.program == INTERPRETER
    assert command.code.endswith(f"; import xl_addin.ribbon; xl_addin.ribbon.press('{name}')")
    assert command.arguments[:2] == ["--wb=master.xlsm", "--from_xl=1"]
    assert excel.active is excel.book


@pytest.mark.parametrize("name", SHEET_BUTTONS)
def test_a_sheet_button_goes_to_its_sheet_and_starts_nothing(excel: Excel, name: str) -> None:
    target = layout.NAMES[BUTTONS[name]["tag"]]
    excel.open_another()
    press(excel, name)
    assert excel.machine.commands == []
    assert excel.active is excel.book
    assert excel.book.active_sheet.name == target


def test_the_command_line_is_python_that_can_be_compiled(excel: Excel) -> None:
    press(excel, VERB_BUTTONS[0])
    code = parsed(excel.machine.commands[0]).code
    compile(code, "-c", "exec")
    assert FOLDER.replace("\\", "\\\\") in code


def test_every_verb_with_a_group_has_its_button() -> None:
    assert {verb.name for verb in VERBS if verb.group} == set(VERB_BUTTONS)
