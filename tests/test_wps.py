"""A press as WPS's page and the verb see it: pipes, what the page does to cells, what WPS's maker publishes of them.

Proves also master/host/wps.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest

from tests.test_ribbon import MOST_ROUND_TRIPS, STILL
from tests.tools import masters
from tests.tools.programme import SmallProgramme
from tests.tools.resave import node_modules
from xl_addin.master.host.base import Change
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.host.wps import Stopped, WpsHost
from xl_addin.model.commands import BUTTONS
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import JOURNAL_SHEET, MONTH_SHEET
from xl_addin.system import resources
from xl_addin.system.errors import Refused
from xl_addin.wps import PipedPage, press

PAGE = resources.macro_path("wps/main.js").read_text(encoding="utf-8")


# --- the pipes ----------------------------------------------------------------------------------


def piped(*answers: Any) -> tuple[PipedPage, BytesIO]:
    out = BytesIO()
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in answers)
    return PipedPage(BytesIO(lines), out), out


def test_a_batch_goes_out_as_a_line_and_its_answers_come_back() -> None:
    page, out = piped({"results": [1, "甲"], "failed": None})
    assert page.ask([{"do": "a"}, {"do": "b"}]) == [1, "甲"]
    page.tell([{"do": "c"}])
    page.end()
    sent = [json.loads(line) for line in out.getvalue().splitlines()]
    assert sent == [
        {"batch": [{"do": "a"}, {"do": "b"}], "answer": True},
        {"batch": [{"do": "c"}], "answer": False},
        {"end": True, "round_trips": 1},
    ]


def test_what_wps_refuses_names_the_place_and_what_to_do() -> None:
    page, _ = piped({"results": [1, None], "failed": {"where": "汇总!A1", "says": "locked"}})
    with pytest.raises(Stopped, match=r"汇总!A1：WPS 没有照办（locked）") as stopped:
        page.ask([{}, {}])
    assert stopped.value.results == [1, None]


def test_a_page_that_has_gone_is_told() -> None:
    page, _ = piped()
    with pytest.raises(Refused, match="连接断了"):
        page.ask([{}])


def test_a_verb_whose_page_is_gone_ends_with_its_words() -> None:
    command = [sys.executable, "-P", "-m", "xl_addin.wps", "check"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr.decode(errors="replace")
    # Nothing but batches is ever on its standard output.
    assert all(json.loads(line)["batch"] for line in done.stdout.splitlines())


# --- what happens meanwhile -----------------------------------------------------------------------


@pytest.fixture
def host(memory_wps, tmp_path):
    path = tmp_path / "master.xlsm"
    path.write_bytes(masters.master())
    import_xlwings().Book(str(path))
    return WpsHost(memory_wps)


def typed(book, sheet, cell):
    return book.sheets[sheet].range(cell).raw_value


def test_what_somebody_typed_meanwhile_is_not_written_over(host) -> None:
    book = import_xlwings().Book(host.book.fullname)
    changes = [Change(JOURNAL_SHEET, {(5, 1): "我们的"}, {}), Change(MONTH_SHEET, {(8, 3): 1}, {})]
    host.check(changes)
    book.sheets[MONTH_SHEET].range("H20").raw_value = "刚刚打的"
    with pytest.raises(Refused, match=f"“{MONTH_SHEET}”在操作中间被人改过") as refused:
        host.apply(changes)
    assert "没有照办" not in refused.value.message
    # Nothing of the batch was written, on no sheet, and WPS calculates as before.
    assert typed(book, JOURNAL_SHEET, "A5") is None
    assert typed(book, MONTH_SHEET, "H20") == "刚刚打的"
    assert host.book.app.calculation == "automatic"


def test_what_fails_half_way_still_puts_wps_back(host, memory_wps) -> None:
    book = import_xlwings().Book(host.book.fullname)
    memory_wps.excel.ask("protect", book.fullname, MONTH_SHEET)
    with pytest.raises(Stopped, match=f"{MONTH_SHEET}!C8"):
        host.apply([Change(MONTH_SHEET, {(8, 3): 1}, {})])
    assert memory_wps.excel.notes_on("calculation") == ["manual", "automatic"]


def test_an_error_is_told_from_a_text_and_a_number_that_look_like_one(host) -> None:
    book = import_xlwings().Book(host.book.fullname)
    sheet = book.sheets[JOURNAL_SHEET]
    for cell, value in (("A5", "'#N/A"), ("B5", -2146826246.0), ("C5", "'#REF!")):
        sheet.range(cell).raw_value = value
    found = WpsHost(host._page).cells(JOURNAL_SHEET, (5, 1, 5, 3))
    assert [(cell.kind, cell.value) for cell in found.values()] == [
        ("text", "#N/A"),
        ("number", -2146826246),
        ("text", "#REF!"),
    ]


# --- every button ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The folder of a programme with a return collected, to be copied."""
    programme = SmallProgramme(tmp_path_factory.mktemp("残联 任务") / "2024 年")
    programme.send("甲县.xlsx", 0)
    programme.collect()
    return programme.folder


def test_every_button_ends_in_a_message_after_few_round_trips(begun, memory_wps, tmp_path):
    folder = shutil.copytree(begun, tmp_path / "任务")
    import_xlwings().Book(str(folder / MASTER))
    before = {each.name for each in folder.iterdir()}
    excel = memory_wps.excel
    for verb in BUTTONS:  # one after the other on one workbook
        memory_wps.round_trips = 0
        assert press(memory_wps, verb) is None
        assert memory_wps.round_trips <= MOST_ROUND_TRIPS, verb
        message = excel.notes_on("alert")[-1]
        assert message["title"] == BUTTONS[verb].label
        assert "出错" not in message["text"], verb
        assert {name: excel.state(name) for name in STILL} == STILL
    assert {each.name for each in folder.iterdir()} >= before


# --- what WPS's maker publishes -------------------------------------------------------------------


def interfaces(name: str) -> dict[str, set[str]]:
    """The members of each interface and namespace in a file of the typings."""
    path = node_modules() / "wps-jsapi" / "src" / name
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found: dict[str, set[str]] = {}
    for match in re.finditer(r"(?:interface|namespace) (\w+)[^{]*\{([^{}]*)\}", text):
        members = re.findall(r"(?:readonly |function |const )?\b(\w+)\s*[(:]", match[2])
        found.setdefault(match[1], set()).update(members)
    return found


@pytest.mark.typings
@pytest.mark.usefixtures("memory_excel")
def test_every_member_that_page_and_stand_in_use_is_published(memory_wps) -> None:
    table, office, root = map(interfaces, ("lib.et.d.ts", "lib.kso.d.ts", "index.d.ts"))
    known = {**office, **table}
    stand_in = memory_wps.tab.evaluate("STAND_IN")
    own = {"FileSystem", "OAAssist"}  # of the root, beside the application
    for name, members in stand_in.items():
        assert set(members) - own <= known[name], name
    published = {member for name in stand_in for member in known[name]}
    published |= own | root["FileSystem"] | root["OAAssist"] | {"Application", "EtApplication"}
    used = set(
        re.findall(r"\.([A-Z]\w+)", re.sub(r"//[^\n]*|/\*.*?\*/", "", PAGE, flags=re.DOTALL))
    )
    assert used >= {"Value2", "ReadFile", "ShellExecute", "PasteSpecial"}
    assert used <= published


def test_the_page_needs_no_newer_browser_than_wps_brings() -> None:
    for newer in ("?.", "??", "...Object", "import ", "#", "**", ".at(", ".flat(", "replaceAll"):
        code = re.sub(r'//[^\n]*|/\*.*?\*/|"[^"]*"|/\^#[^\n]*', "", PAGE, flags=re.DOTALL)
        assert newer not in code, newer
