"""Every button: ribbon XML -> Press -> xlwings' ExecuteWindows -> the command line that Windows gets.

Proves also system/resources.py.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.tools.masters import MONTH, TABLE, TITLE, YEAR
from tests.tools.parts import rewrite
from tests.tools.resave import node_modules
from tests.tools.ribbon_page import page
from tests.tools.vba import FOLDER, INTERPRETER, Machine, VbaExcel, open_excel, parse_command_line
from xl_addin.master.build.workbook import build_master
from xl_addin.master.macros import binding, ribbonxml, vbaproject
from xl_addin.model.commands import BUTTONS as RUNNING
from xl_addin.model.commands import GROUPS, UNDOABLE, VERBS
from xl_addin.model.sheets import DEFINED_NAMES, TAB, VARIANCE_SHEET
from xl_addin.system import resources
from xl_addin.verbs import function_of

GROUP, BUTTON = f"{{{ribbonxml.NAMESPACE}}}group", f"{{{ribbonxml.NAMESPACE}}}button"
BUILT = ET.fromstring(ribbonxml.ribbon_xml())  # noqa: S314 - our own
DRAWN = ET.parse(resources.macro_path(resources.RIBBON)).getroot()  # noqa: S314 - our own
BUTTONS = {button.attrib["id"]: button.attrib for button in BUILT.iter(BUTTON)}
VERB_BUTTONS = [name for name in BUTTONS if not name.startswith(ribbonxml.SHEET_BUTTON)]
SHEET_BUTTONS = [name for name in BUTTONS if name.startswith(ribbonxml.SHEET_BUTTON)]


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master bound to a Python in a folder with a space and Chinese in its name."""
    path = tmp_path_factory.mktemp("残联 任务") / "master.xlsm"
    path.write_bytes(build_master(TABLE, YEAR, TITLE, MONTH, {binding.WINDOWS: INTERPRETER}))
    return path


@pytest.fixture
def pc(bound: Path) -> VbaExcel:
    return open_excel(bound)


def press(pc: VbaExcel, name: str) -> None:
    button = BUTTONS[name]
    pc.press(name, button.get("tag", ""), button["onAction"])


def only_message(pc: VbaExcel) -> str:
    (said,) = pc.machine.shown
    assert said.title == binding.TEXTS["title"]
    assert not re.search(r"\{\w+\}", said.text)
    return said.text


# --- verbs, commands, buttons and macros are twins --------------------------------------------


def test_every_verb_with_a_group_has_its_button_in_that_group() -> None:
    drawn = {
        (button.attrib["id"], button.attrib["label"], group.attrib["label"])
        for group in BUILT.iter(GROUP)
        for button in group
        if button.attrib["id"] in VERB_BUTTONS
    }
    assert drawn == {(each.id, each.label, each.group) for each in RUNNING.values()}
    assert {verb.name for verb in VERBS if verb.group} <= {name for name, *_ in drawn}


def test_the_tab_is_the_one_that_the_guide_speaks_of() -> None:
    (tab,) = BUILT.iter(f"{{{ribbonxml.NAMESPACE}}}tab")
    assert tab.attrib["label"] == TAB


def test_the_groups_stand_in_order() -> None:
    assert tuple(group.attrib["label"] for group in BUILT.iter(GROUP)) == GROUPS


def test_a_button_is_left_out_only_for_want_of_its_verb() -> None:
    left_out = {button.attrib["id"] for button in DRAWN.iter(BUTTON)} - set(BUTTONS)
    assert left_out.isdisjoint({verb.name for verb in VERBS})
    assert not any(name.startswith(ribbonxml.SHEET_BUTTON) for name in left_out)


def test_every_button_says_what_it_does() -> None:
    for button in DRAWN.iter(BUTTON):
        assert button.attrib.keys() >= {"label", "screentip", "supertip", "keytip"}
        assert button.attrib["onAction"] == "Press"


def test_what_can_be_undone_is_said_on_the_button_and_in_the_help() -> None:
    [help_] = [verb.help for verb in VERBS if verb.name == "undo"]
    for verb in (each for each in VERBS if each.name != "undo"):  # its label begins its own help
        assert (verb.undo == UNDOABLE) == (verb.label in help_)
        assert (verb.undo == UNDOABLE) == (verb.label in BUTTONS["undo"]["supertip"])


def test_every_verb_has_its_function() -> None:
    for verb in VERBS:
        assert callable(function_of(verb.name))


def test_every_sheet_button_has_the_name_of_a_block() -> None:
    for name in SHEET_BUTTONS:
        assert BUTTONS[name]["tag"] in DEFINED_NAMES


def test_every_key_of_a_text_is_said_and_every_one_said_is_there() -> None:
    source = vbaproject.modules()[vbaproject.CALLBACKS]
    said = set(re.findall(r'\b(?:Tell|TextOf)\(? ?"(\w+)"', source))
    assert said == set(binding.TEXTS)


def test_a_command_in_a_text_is_one_that_there_is() -> None:
    said = {
        name for text in binding.TEXTS.values() for name in re.findall(r"xl_addin ([a-z]+)", text)
    }
    assert "attach" in said
    assert said <= {verb.name for verb in VERBS}


# --- the command line -------------------------------------------------------------------------


@pytest.mark.parametrize("name", VERB_BUTTONS)
def test_a_button_starts_its_verb_with_another_workbook_in_front(pc: VbaExcel, name: str) -> None:
    pc.open_another()
    press(pc, name)
    assert pc.machine.shown == []
    (line,) = pc.machine.commands
    command = parse_command_line(line)
    assert command.program == INTERPRETER
    assert command.module == "xl_addin.ribbon"
    assert command.arguments[:3] == [name, "--wb=master.xlsm", "--from_xl=1"]
    assert pc.active is pc.book


@pytest.mark.parametrize("name", SHEET_BUTTONS)
def test_a_sheet_button_goes_to_its_sheet_and_starts_nothing(pc: VbaExcel, name: str) -> None:
    target = DEFINED_NAMES[BUTTONS[name]["tag"]]
    pc.open_another()
    press(pc, name)
    assert pc.machine.commands == []
    assert pc.active is pc.book
    assert pc.book.active_sheet.name == target


@pytest.mark.parametrize(
    "folder", [FOLDER, r"D:\R&D (内部)\a%b 'x'", r"\\服务器\共享\任务", r"D:\100% 完成\^"]
)
def test_whatever_the_folder_is_called_python_gets_a_command_it_can_run(
    bound: Path, folder: str
) -> None:
    pc = open_excel(bound, folder=folder)
    press(pc, "check")
    command = parse_command_line(pc.machine.commands[0])
    assert (command.module, command.arguments[0]) == ("xl_addin.ribbon", "check")


@pytest.mark.parametrize(
    "interpreter",
    [r"D:\R&D (内部)\py 3\python.exe", r"\\服务器\共享 盘\python.exe", r"C:\100%\python.exe"],
)
def test_the_interpreter_is_the_bound_one_to_the_letter(tmp_path: Path, interpreter: str) -> None:
    path = tmp_path / "master.xlsm"
    path.write_bytes(build_master(TABLE, YEAR, TITLE, MONTH, {binding.WINDOWS: interpreter}))
    pc = open_excel(path, Machine({interpreter}))
    press(pc, "check")
    assert parse_command_line(pc.machine.commands[0]).program == interpreter


def test_the_users_own_settings_of_xlwings_change_nothing(pc: VbaExcel) -> None:
    press(pc, "check")
    assert FOLDER not in pc.machine.commands[0]


# --- what is missing is said, in Chinese, with what to do ---------------------------------------


def test_a_master_that_is_bound_to_nothing_says_how_to_bind_it(tmp_path: Path) -> None:
    path = tmp_path / "master.xlsm"
    path.write_bytes(build_master(TABLE, YEAR, TITLE, MONTH))
    pc = open_excel(path)
    press(pc, "check")
    assert only_message(pc) == binding.TEXTS["unbound"].replace("{folder}", FOLDER)
    assert pc.machine.commands == []


def test_a_python_that_is_not_here_is_named(pc: VbaExcel) -> None:
    pc.machine.files.clear()
    press(pc, "check")
    said = only_message(pc)
    assert INTERPRETER in said
    assert "attach" in said
    assert pc.machine.commands == []


def test_a_master_that_was_never_saved_says_so(bound: Path) -> None:
    pc = open_excel(bound, folder="")
    press(pc, "check")
    assert "保存" in only_message(pc)
    assert pc.machine.commands == []


def test_a_file_name_that_xlwings_cannot_take_is_refused(pc: VbaExcel) -> None:
    pc.book.name = "master=2.xlsm"
    press(pc, "check")
    assert "master=2.xlsm" in only_message(pc)
    assert pc.machine.commands == []


@pytest.mark.parametrize(
    ("written", "last_words"),
    [
        (
            'Traceback (most recent call last):\r\n  File "<string>", line 1\r\n'
            "ModuleNotFoundError: No module named 'xl_addin'\r\n",
            "ModuleNotFoundError: No module named 'xl_addin'",
        ),
        (
            "找不到按下按钮的工作簿；\r\n请在 Excel 里打开\r\n",
            "找不到按下按钮的工作簿；\n请在 Excel 里打开",
        ),
        ("", ""),
        ("x" * 5_000, "x" * 800),
    ],
)
def test_a_python_that_does_not_start_ends_in_one_message_with_its_last_words(
    pc: VbaExcel, written: str, last_words: str
) -> None:
    pc.machine.exit_code = 1
    pc.machine.standard_error = written
    press(pc, "check")
    text = binding.TEXTS["failed"].replace("{folder}", FOLDER)
    assert only_message(pc) == text.replace("{detail}", last_words)
    assert pc.value(binding.ERROR_SHEET, "A1") is None
    assert [sheet.name for sheet in pc.book.sheets_][-1] == binding.ERROR_SHEET


def test_a_computer_that_forbids_the_shell_says_so_all_the_same(pc: VbaExcel) -> None:
    pc.machine.has_shell = False
    press(pc, "check")
    ((_, said, title, _),) = pc.application.dialogs
    assert title == binding.TEXTS["title"]
    assert "操作没有完成" in said


def test_a_button_pressed_while_another_runs_starts_nothing(pc: VbaExcel) -> None:
    pc.machine.meanwhile = lambda: press(pc, "status")
    press(pc, "check")
    assert len(pc.machine.commands) == 1
    assert only_message(pc) == binding.TEXTS["running"]
    pc.machine.meanwhile = lambda: None
    press(pc, "check")
    assert len(pc.machine.commands) == 2


def test_a_button_works_again_after_one_that_failed(pc: VbaExcel) -> None:
    pc.machine.has_shell = False
    press(pc, "check")
    pc.machine.has_shell = True
    press(pc, "check")
    assert len(pc.machine.commands) == 1


def test_a_sheet_that_was_renamed_and_hidden_is_found(bound: Path, tmp_path: Path) -> None:
    def rename(text: str) -> str:
        return text.replace(VARIANCE_SHEET, "差异（新）")

    pc = open_excel(rewrite(bound, tmp_path / "master.xlsm", {"xl/workbook.xml": rename}))
    sheet = pc.book.sheet_named("差异（新）")
    sheet.visible = 0
    press(pc, "sheet_variance")
    assert pc.machine.shown == []
    assert pc.book.active_sheet is sheet
    assert sheet.visible == -1


def test_a_sheet_whose_name_is_gone_is_said(pc: VbaExcel) -> None:
    pc.press("sheet_other", "blk_other")
    assert "blk_other" in only_message(pc)


def test_without_its_texts_a_master_still_says_what_to_run(pc: VbaExcel) -> None:
    pc.book.sheet_named(binding.CONF_SHEET).name = "gone"
    press(pc, "check")
    (said,) = pc.machine.shown
    assert "attach" in said.text
    assert said.text.isascii()


# --- pictures ---------------------------------------------------------------------------------


def test_every_button_has_a_picture_of_its_own_in_the_size_that_it_is_drawn_in() -> None:
    drawn = ribbonxml.pictures(ribbonxml.ribbon_xml())
    assert drawn.keys() == BUTTONS.keys()
    assert len(set(drawn.values())) == len(drawn)
    for name, data in drawn.items():
        size = 64 if BUTTONS[name].get("size") == "large" else 32
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (size, size), name


@pytest.mark.node
def test_the_pictures_are_what_their_drawings_say(tmp_path: Path) -> None:
    icons = resources.macro_path(resources.RIBBON).parent / "icons"
    for drawing in icons.glob("*.svg"):
        shutil.copy(drawing, tmp_path)
    script = Path(__file__).parent / "data" / "draw_icons.js"
    subprocess.run(
        ["node", str(script), str(tmp_path), "32", "64"],
        check=True,
        env={**os.environ, "NODE_PATH": str(node_modules().absolute())},
    )
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.png")}
    assert made == {path.name: path.read_bytes() for path in icons.glob("*.png")}


def test_the_page_that_shows_the_tab_has_every_button_in_order() -> None:
    shown = re.findall(r'<img src="([^"]+)\.png"><span>([^<]+)', page(BUILT))
    assert shown == [(name, button["label"]) for name, button in BUTTONS.items()]
