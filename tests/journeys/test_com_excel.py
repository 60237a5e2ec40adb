"""Buttons in an Excel of another process, over COM: the engine, the marshalling and the windows are real."""

import shutil
from contextlib import contextmanager

import pytest

from tests.tools.comexcel import ComExcel, windows_path
from tests.tools.excel import Excel
from tests.tools.memoryexcel import MemoryExcel
from tests.tools.office import uno_python
from tests.tools.programme import MONTHS, SmallProgramme
from xl_addin.model.commands import BUTTONS
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import DISTRICTS_SHEET, MONTH_SHEET, PROBLEMS_SHEET, TARGETS_SHEET

pytestmark = pytest.mark.windows

STILL = {
    "screen_updating": True,
    "enable_events": True,
    "calculation": "automatic",
    "status_bar": False,
}
LABELS = {button.id: button.label for button in BUTTONS.values()}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    return SmallProgramme(tmp_path_factory.mktemp("残联") / "2024 年").folder


@pytest.fixture
def programme(begun, tmp_path):
    return SmallProgramme(shutil.copytree(begun, tmp_path / "残联 任务" / "2024 年"))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One program for all that leave it running; its cells lie in memory."""
    folder = tmp_path_factory.mktemp("excel")
    with ComExcel(MemoryExcel(folder / "excel.jsonl"), folder) as started:
        yield started


@contextmanager
def opened(com, programme):
    """The master open, and another workbook in front of it."""
    master = programme.folder / MASTER
    other = programme.folder.parent / "另一本.xlsm"
    other.write_bytes(master.read_bytes())
    for path in (master, other):
        com.ask("open", str(path))
        com.excel.note("active", windows_path(path))
    com.excel.note("sheet", "")
    yield com
    for path in (master, other):
        com.ask("close", str(path))


@pytest.fixture
def com(running, programme):
    with opened(running, programme) as found:
        yield found


@pytest.fixture
def calculating(running, office, programme):
    """The same program, its cells in LibreOffice."""
    memory = running.excel
    running.excel = Excel(office.pipe(), str(uno_python()), memory.diary)
    with opened(running, programme) as found:
        yield found
    running.excel.close()
    running.excel = memory


def press(com, *verbs):
    """The messages that clicks end in, one after the other."""
    before = len(com.excel.notes_on("alert"))
    done = com.click(*verbs)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {name: com.excel.state(name) for name in STILL} == STILL
    told = com.excel.notes_on("alert")[before:]
    found = [each for each in told if each["title"] in {LABELS[verb] for verb in verbs}]
    assert [each["title"] for each in found if not each["asks"]] == [LABELS[v] for v in verbs]
    return [each for each in found if not each["asks"]]


def cell(com, programme, sheet, at):
    """(value, formula) of a cell of the master, as the cells have it."""
    values, formulas = com.ask("read", str(programme.folder / MASTER), sheet, [*at, *at])
    return values[0][0], formulas[0][0]


def test_every_button_ends_in_a_message_with_another_workbook_in_front(com, programme):
    """All in one process: what starts it is the same each time."""
    programme.send("甲县.xlsx", 0)
    before = {path: path.read_bytes() for path in programme.folder.glob("*.xlsm")}
    past = len(com.excel.notes_on("alert"))
    done = com.click(*BUTTONS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told = com.excel.notes_on("alert")[past:]
    assert {each["title"] for each in told} == set(LABELS.values())
    assert not [each for each in told if "出错" in each["text"] or not each["text"]]
    assert {name: com.excel.state(name) for name in STILL} == STILL
    assert {path: path.read_bytes() for path in before} == before


def test_a_district_goes_in_and_comes_out_again(com, programme):
    def codes(sheet):
        found = com.ask("read", str(programme.folder / MASTER), sheet, [1, 1, 60, 1])[0]
        return {str(value): row for row, (value,) in enumerate(found, 1) if value not in (None, "")}

    before = codes(TARGETS_SHEET)
    row = max(codes(DISTRICTS_SHEET).values()) + 1
    typed = [["D900", "高新区"]]
    com.ask("write", str(programme.folder / MASTER), DISTRICTS_SHEET, [row, 1, row, 2], typed)
    (message,) = press(com, "add-district")
    assert "加上了行“高新区”" in message["text"]
    assert "D900" in codes(TARGETS_SHEET)
    (message,) = press(com, "undo")
    assert "撤销了" in message["text"]
    assert codes(TARGETS_SHEET) == before
    assert codes(DISTRICTS_SHEET)["D900"] == row


def test_totals_go_in_and_come_to_what_they_should(calculating, programme):
    """Marshalling: numbers, texts that look like others, a date, an error, one cell, none at all."""
    com, master = calculating, str(programme.folder / MASTER)
    programme.send("甲县.xlsx", 0)
    programme.send("=乙县 001.xlsx", 1, {"I01": -1, "I02": 5, "I03": 2, "I04": 0}, MONTHS[0])
    collected, _ = press(com, "collect", "recompute")
    assert "未通过 1" in collected["text"]
    figures = [cell(com, programme, MONTH_SHEET, (row, 3))[0] for row in range(6, 9)]
    assert 10.0 in figures
    listed = [cell(com, programme, PROBLEMS_SHEET, (row, 3))[0] for row in range(5, 9)]
    assert "=乙县 001.xlsx" in listed
    com.ask("set_formula", master, TARGETS_SHEET, [8, 3, 8, 3], "=1/0")
    com.ask("write", master, TARGETS_SHEET, [9, 3, 9, 3], [[45000.0]])
    com.ask("set_format", master, TARGETS_SHEET, [9, 3, 9, 3], "yyyy-mm-dd")
    (checked,) = press(com, "check")
    assert "#DIV/0!" in checked["text"]
    assert "任务表!C9" in checked["text"]


def test_what_excel_refuses_and_what_is_read_only_is_told(com, programme):
    com.excel.note("read_only", value=True)
    assert "只读" in press(com, "recompute")[0]["text"]
    com.excel.note("read_only", value=False)
    com.excel.note("filtered", value=True)
    programme.send("丙县.xlsx", 2)
    com.ask("protect", str(programme.folder / MASTER), MONTH_SHEET)
    _, message = press(com, "collect", "recompute")
    com.excel.protected.clear()
    assert not com.excel.state("filtered")
    assert message["text"].startswith(f"{MONTH_SHEET}!")
    assert "保护" in message["text"]


def test_a_click_survives_an_excel_that_rejects_some_calls(com):
    com.wish("some")
    assert press(com, "status")
    com.wish("some", on=False)


def test_an_excel_that_stays_busy_is_waited_for_and_then_told(com):
    com.wish("busy")
    done = com.click("status", seconds=2)
    assert done.returncode == 1
    assert "Excel 正忙，等了 2 秒" in done.stderr
    assert "Traceback" not in done.stderr
    com.wish("busy", on=False)
    com.wish("editing")
    done = com.click("status", seconds=2)
    # The macros show what stands on standard error: Excel takes no box of ours while it is edited.
    assert (done.returncode, "Excel 正忙" in done.stderr, "Traceback" in done.stderr) == (
        1,
        True,
        False,
    )
    com.wish("editing", on=False)
    assert com.click("status").returncode == 0
    assert {name: com.excel.state(name) for name in STILL} == STILL


def test_an_excel_that_has_gone_is_told_as_gone(tmp_path):
    with ComExcel(MemoryExcel(tmp_path / "excel.jsonl"), tmp_path) as gone:
        gone.wish("gone")
        gone.ended()
        done = gone.click("status", seconds=2)
    assert done.returncode == 1
    assert "Excel" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_workbook_that_is_not_open_in_this_excel_is_told(com):
    told = com.excel.notes_on("alert")
    done = com.click("status", book="没有.xlsm")
    assert done.returncode == 1
    assert "找不到按下按钮的工作簿" in done.stderr
    assert com.excel.notes_on("alert") == told
