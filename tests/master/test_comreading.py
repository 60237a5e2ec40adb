"""Few calls: how many a button makes of Excel goes by the blocks it needs, not by cells or gaps in them."""

import random
import shutil
import sys
from datetime import datetime
from functools import cache, partial

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.defined_name import DefinedName
from xlsxwriter import Workbook as Writer

from tests.master.test_mend import amended
from tests.tools import masters
from tests.tools.accounts import GOOD, ROWS
from tests.tools.excelobjects import Name, Refusal
from tests.tools.mailservers import PASSWORD
from tests.tools.pywin32 import com_error
from tests.tools.year_players import type_row
from tests.tools.years import YearProgramme
from xl_addin import ribbon
from xl_addin.cli import main
from xl_addin.master.host import comreading
from xl_addin.master.host.base import Filling, is_same_formula, note
from xl_addin.master.host.comreading import SheetReader, addresses, joined
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.commands import BUTTONS
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import (
    DEFINED_NAMES,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    MONTH_BLOCK,
    MONTH_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.programme import Programme
from xl_addin.system.errors import Refused
from xl_addin.wps import press as press_in_wps
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import DATE, NUM
from xl_addin.xlsx.moves import Insertion

MOST, MOST_ROUND_TRIPS = 400, 20
MONTH = "2024-02"


def programme_of(folder, districts, gaps):
    """A programme with returns of a month; ``gaps`` leaves out targets and returns at random."""
    chance = random.Random(districts)
    folder.mkdir()
    book = Writer(folder / "任务表.xlsx")
    sheet = book.add_worksheet("任务表")
    sheet.write(0, 0, "2024年全市重点任务表")
    sheet.write_row(1, 0, ["单位", *(f"指标{number}（个）" for number in range(1, 12))])
    for row in range(2, districts + 2):
        sheet.write(row, 0, f"单位{row:04d}")
        for column in range(1, 12):
            none = gaps and chance.random() < 0.15
            sheet.write(row, column, "—" if none else chance.randint(20, 900))
    book.close()
    new = ["new", str(folder / "p"), "--task-table", str(folder / "任务表.xlsx"), "--year", "2024"]
    assert main([*new, "--json"]) == 0
    programme = YearProgramme(folder / "p")
    programme.clock = datetime(2024, 3, 1, 9)
    codes = [item.code for item in programme.config().indicators]
    figures = {code: chance.randint(0, 9) for code in codes}
    coming = [n for n in range(min(districts, 41)) if not gaps or chance.random() > 0.1]
    for number in coming:
        programme.send(f"{number}.xlsx", number, figures, MONTH)
    programme.collect(MONTH)
    return programme


@pytest.fixture
def press(memory_excel, monkeypatch):
    """``press(book, verb)``: how many calls the click made."""
    apply = ExcelHost.apply

    def computed(host, changes):
        changes = list(changes)
        memory_excel.comes_to(changes)
        return apply(host, changes)

    monkeypatch.setattr(ExcelHost, "apply", computed)

    def pressed(book, verb):
        argv = ["-c", f"--wb={book.name}", "--from_xl=1", r"--app=C:\Excel", "--hwnd=1001"]
        monkeypatch.setattr(sys, "argv", argv)
        memory_excel.calls.made.clear()
        ribbon.press(verb)
        said = memory_excel.notes_on("alert")[-1]["text"]
        assert "出错" not in said
        return sum(memory_excel.calls.made.values()), said

    return pressed


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """``kept(districts, gaps)``: the folder of such a programme, to be copied."""

    @cache
    def folder(districts, gaps):
        return programme_of(tmp_path_factory.mktemp("多") / "任务", districts, gaps).folder

    return folder


@pytest.fixture
def opened(kept, tmp_path):
    """``opened(districts, gaps)``: the master of such a programme, open."""

    def book_of(districts, gaps):
        folder = shutil.copytree(kept(districts, gaps), tmp_path / "任务")
        book = import_xlwings().Book(str(folder / MASTER))
        block = ExcelHost(book).block(SETTINGS_BLOCK)
        row = next(row for (row, _), cell in block.cells.items() if cell.value == "本次月份")
        book.sheets[block.sheet].range((row, 2)).raw_value = MONTH
        return book

    return book_of


@pytest.mark.parametrize(
    ("districts", "gaps", "verbs"),
    [
        (41, False, ("recompute", "undo")),
        (41, True, (*BUTTONS, "recompute", "undo")),
        (1_000, True, ("check", "recompute", "undo")),
    ],
)
def test_every_button_makes_few_calls_whatever_there_is_of_units_and_gaps(
    press, opened, districts, gaps, verbs
):
    book = opened(districts, gaps)
    made = {verb: press(book, verb) for verb in verbs}
    assert {verb: count for verb, count in made.items() if count[0] > MOST} == {}


MAIL_VERBS = (
    "distribute",
    "send",
    "remind",
    "fetch",
    "return",
    "distribute.packages",
    "remind.text",
)


def with_account(book, office):
    """The mail settings of an office, and an address for each district, as somebody types them."""
    own = {
        "smtp_host": office.host,
        "smtp_port": office.submission,
        "smtp_security": "STARTTLS",
        "imap_host": office.host,
        "imap_port": office.imaps,
    }
    for key, value in (GOOD | own).items():
        book.sheets[SETTINGS_SHEET].range((ROWS[key], 2)).raw_value = value
    block = ExcelHost(book).block(DISTRICTS_BLOCK)
    at = find_columns(block, ("收件人",))["收件人"]
    top, _, bottom, _ = block.area
    for row in range(top + 1, bottom + 1):
        book.sheets[block.sheet].range((row, at)).raw_value = f"d{row}@district.test"


@pytest.mark.parametrize("districts", [41, 300])
def test_letters_make_few_calls_however_many_they_are(
    press, opened, postoffice, monkeypatch, districts
):
    for service in ("SMTP", "IMAP"):
        monkeypatch.setenv(f"XL_ADDIN_{service}_PASSWORD", PASSWORD)
    monkeypatch.setattr(ribbon, "Programme", partial(Programme, sleep=lambda _: None))
    book = opened(districts, gaps=True)
    with_account(book, postoffice)
    made = {verb: press(book, verb) for verb in MAIL_VERBS}
    assert f"已发送 {districts} 封" in made["send"][1]
    assert postoffice.folders(f"d{districts}@district.test")
    assert {verb: count for verb, count in made.items() if count[0] > MOST} == {}


TYPED = {
    "add-district": (DISTRICTS_BLOCK, {"代码": "D900", "区县": "高新区"}),
    "add-indicator": (
        INDICATORS_BLOCK,
        {"代码": "I90", "指标": "慰问", "计量单位": "户", "口径": "当月数", "取整": "是"},
    ),
}
"""What is typed below a list, to have it everywhere."""
MOST_ALONE, MOST_ALONE_BACK = 1_080, 640
"""Where no macro carries the calls, some 20 for each sheet."""


@pytest.mark.parametrize("macros", [True, False])
@pytest.mark.parametrize("verb", TYPED)
def test_rows_and_columns_go_in_and_out_with_few_calls(press, memory_excel, opened, verb, macros):
    memory_excel.note("macros", macros)
    book = opened(41, gaps=True)
    area, values = TYPED[verb]
    type_row(book, area, values)
    made, said = press(book, verb)
    assert "加上了" in said
    assert made <= (MOST if macros else MOST_ALONE)
    made, said = press(book, "undo")
    assert "撤销了" in said
    assert made <= (MOST if macros else MOST_ALONE_BACK)


@pytest.mark.parametrize(
    ("districts", "verbs"),
    [(41, ("distribute", "collect", "recompute", "status", "undo")), (1_000, ("recompute",))],
)
def test_in_wps_a_button_makes_few_round_trips(memory_wps, opened, districts, verbs):
    """Every button at four districts: ``tests/test_wps.py``."""
    opened(districts, gaps=True)
    excel = memory_wps.excel
    for verb in verbs:
        memory_wps.round_trips = 0
        assert press_in_wps(memory_wps, verb) is None
        assert memory_wps.round_trips <= MOST_ROUND_TRIPS, verb
        assert "出错" not in excel.notes_on("alert")[-1]["text"], verb


@pytest.mark.parametrize("macros", [True, False])
def test_a_note_is_two_calls_or_none_and_those_that_go_are_taken_away_together(
    memory_excel, tmp_path, macros
):
    memory_excel.note("macros", macros)
    host = host_of(tmp_path)
    spots = [(row, column) for row in range(60, 70) for column in range(3, 9, 2)]
    memory_excel.calls.made.clear()
    assert host.annotate(MONTH_SHEET, dict.fromkeys(spots, note(["说明：停课半月"])))
    assert sum(memory_excel.calls.made.values()) <= (0 if macros else 2 * len(spots)) + 10
    assert ExcelHost(host.book).notes(MONTH_SHEET).keys() == set(spots)
    memory_excel.calls.made.clear()
    assert host.annotate(MONTH_SHEET, {})
    assert sum(memory_excel.calls.made.values()) <= 5
    assert ExcelHost(host.book).notes(MONTH_SHEET) == {}


# --- what is not read again ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "whole"),
    [
        ("memory_excel", False),
        ("memory_excel", True),
        pytest.param("excel", True, marks=pytest.mark.libreoffice),
    ],
)
def test_what_is_taken_to_stand_there_is_what_does(request, program, whole, tmp_path, monkeypatch):
    request.getfixturevalue(program)
    settle, compared = SheetReader.settle, []

    def settled(reader):
        if reader._assumed:
            area = reader._area
            taken = reader.cells(area, typed=True)
            settle(reader)
            found = reader.cells(area)
            wrong = {at for at in taken.keys() | found.keys() if not same(taken, found, at)}
            assert wrong == set()
            compared.append(len(found))

    monkeypatch.setattr(SheetReader, "settle", settled)
    host = host_of(tmp_path)
    host.whole = whole
    amended(host)
    assert len(compared) > 25
    assert min(compared) > 10
    sheet, area = host.locate(MONTH_BLOCK)
    host.insert([Insertion(sheet, False, area[1] + 2, 2, area[1] + 1, 0)])
    sheet, (top, left, bottom, right) = host.locate(MONTH_BLOCK)
    assert {(top, left), (top, left + 1)} <= host.cells(sheet, (top, left, top, left + 1)).keys()
    merged = ((top, left, top, left + 1),)
    host.fill([Filling(sheet, {(bottom + 7, right + 9): "旁注"}, {}, merged)])
    host.settle()


def same(taken, found, at):
    one, other = taken.get(at), found.get(at)
    if one is None or other is None or one.formula is None or other.formula is None:
        return one == other
    return is_same_formula(one.formula, other.formula)


# --- names --------------------------------------------------------------------------------------


def host_of(tmp_path, data=None):
    path = tmp_path / "master.xlsm"
    path.write_bytes(data or masters.master())
    return ExcelHost(import_xlwings().Book(str(path)))


@pytest.fixture(params=[True, False], ids=["carried", "alone"])
def each_way(memory_excel, request):
    """Calls together through the master's macro, and each by itself."""
    memory_excel.note("macros", request.param)


@pytest.mark.usefixtures("each_way")
def test_names_are_what_the_workbook_says_one_by_one(memory_excel, tmp_path):
    host = host_of(tmp_path)
    told = {name.name: name.refers_to.removeprefix("=") for name in host.book.names}
    assert {name: a1.split_reference(told[name]) for name in DEFINED_NAMES} == {
        name: host.locate(name) for name in DEFINED_NAMES
    }
    memory_excel.calls.made.clear()
    assert host._names.get("Blk_MONTH") is not None
    assert host._names.get("no_such_name") is None
    assert memory_excel.calls.made["Collection.Next"] == 0
    assert host._names.all() == told


def test_a_damaged_name_of_staffs_own_is_in_nobodys_way(memory_excel, tmp_path, monkeypatch):
    host = host_of(tmp_path)
    known = {name: host.locate(name) for name in DEFINED_NAMES}
    names = memory_excel._books[host.book.fullname].defined_names
    names["某某"] = DefinedName("某某", attr_text="#REF!")

    def told(name):
        if name._name == "某某":
            raise Refusal("Application-defined or object-defined error")
        return name._refers_to

    monkeypatch.setattr(Name, "RefersTo", property(told))
    again = ExcelHost(host.book)
    assert {name: again.locate(name) for name in DEFINED_NAMES} == known


@pytest.mark.usefixtures("each_way")
def test_a_copied_sheet_in_front_does_not_take_the_place_of_the_one_it_was_copied_from(
    memory_excel, tmp_path
):
    host = host_of(tmp_path)
    home, area = host.locate(MONTH_BLOCK)
    book = memory_excel._books[host.book.fullname]
    copy = book.copy_worksheet(book[home])
    copy.title = "副本"
    names = book.defined_names
    names.pop(MONTH_BLOCK)
    copy.defined_names[MONTH_BLOCK] = DefinedName(MONTH_BLOCK, attr_text="副本!$A$5:$C$9")
    memory_excel._values[host.book.fullname, "副本"] = {}
    memory_excel.note("sheet", "副本")
    with pytest.raises(Refused, match=f"找不到名称 {MONTH_BLOCK}"):
        ExcelHost(host.book).block(MONTH_BLOCK)
    names[MONTH_BLOCK] = DefinedName(MONTH_BLOCK, attr_text=f"{home}!$A$5:$C$9")
    assert ExcelHost(host.book).locate(MONTH_BLOCK) == (home, (5, 1, 9, 3))
    assert area[0] != 5


# --- dates, areas -------------------------------------------------------------------------------


def test_where_excel_cannot_tell_its_dates_their_formats_do(memory_excel, tmp_path):
    host = host_of(tmp_path)
    sheet = host.locate(SETTINGS_BLOCK)[0]
    path = host.book.fullname
    memory_excel.ask("set_format", path, sheet, (5, 2, 6, 2), "General")
    memory_excel.ask("write", path, sheet, (5, 2, 6, 2), [[45000.0], [45001.0]])
    memory_excel.ask("set_format", path, sheet, (5, 2, 5, 2), "yyyy-mm-dd")
    kinds = [host.block(SETTINGS_BLOCK).cells[at].kind for at in ((5, 2), (6, 2))]
    refuse = lambda member: ValueError("year -1") if member == "Range.Value" else None  # noqa: E731
    memory_excel.calls.refuse = refuse
    again = ExcelHost(host.book).block(SETTINGS_BLOCK)
    assert kinds == [again.cells[at].kind for at in ((5, 2), (6, 2))] == [DATE, NUM]


@pytest.mark.usefixtures("each_way")
def test_a_sheet_that_uses_very_many_cells_is_read_by_areas(tmp_path, monkeypatch):
    host = host_of(tmp_path)
    whole = {name: host.block(name).cells for name in DEFINED_NAMES}
    monkeypatch.setattr(comreading, "_MOST_CELLS", 10)
    monkeypatch.setattr(comreading, "_SMALL", 5)
    other = ExcelHost(host.book)
    assert {name: other.block(name).cells for name in DEFINED_NAMES} == whole


def test_many_cells_are_not_read_all_at_once(memory_excel, tmp_path, monkeypatch):
    def whole():
        host = ExcelHost(book)
        host.whole = True
        memory_excel.calls.made.clear()
        found = {name: host.block(name).cells for name in DEFINED_NAMES}
        return found, memory_excel.calls.made["Application.Run"]

    book = host_of(tmp_path).book
    found, at_once = whole()
    monkeypatch.setattr(comreading, "_TOGETHER", 500)
    again, one_by_one = whole()
    assert again == found
    assert one_by_one > at_once + 10


@pytest.mark.usefixtures("each_way")
def test_what_stands_outside_the_blocks_is_read_where_it_is_asked_for(memory_excel, tmp_path):
    host = host_of(tmp_path)
    sheet, area = host.locate(MONTH_BLOCK)
    host.block(MONTH_BLOCK)
    below = (area[2] + 3, 2, area[2] + 3, 2)
    memory_excel.ask("write", host.book.fullname, sheet, below, [["旁注"]])
    assert host.cells(sheet, (1, 1, a1.MAX_ROW, a1.MAX_COLUMN))[below[:2]].value == "旁注"


def test_areas_are_put_together_where_nothing_is_in_the_way():
    chance = random.Random(7)
    for _ in range(300):
        cells = {(chance.randint(1, 9), chance.randint(1, 7)) for _ in range(chance.randint(1, 20))}
        others = {(chance.randint(1, 9), chance.randint(1, 7)) for _ in range(chance.randint(0, 6))}
        barred = others - cells
        found = joined(a1.rectangles(cells), barred)
        covered = {at for area in found for at in a1.cells_in(area)}
        assert cells <= covered
        assert not covered & barred
        assert barred or len(found) == 1


def test_addresses_are_as_long_as_excel_takes_them():
    areas = [(row, 1, row, 3) for row in range(1, 200, 2)]
    found = list(addresses(areas))
    assert [a1.area(name) for text in found for name in text.split(",")] == areas
    assert max(map(len, found)) <= 255
    assert len(found) < 10


@pytest.mark.usefixtures("each_way")
def test_what_excel_refuses_for_all_names_of_a_sheet_is_asked_one_by_one(memory_excel, tmp_path):
    def refuse(member):
        return com_error(-2146827284, "1004", thrown=True) if member == "Areas.Address" else None

    host = host_of(tmp_path)
    memory_excel.calls.refuse = refuse
    told = load_workbook(tmp_path / "master.xlsm", read_only=True).defined_names
    for name in DEFINED_NAMES:
        assert host.locate(name) == a1.split_reference(told[name].attr_text)
