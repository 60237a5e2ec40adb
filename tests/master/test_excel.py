"""The master live: what is said when Excel is busy, its sheet protected, or the workbook gone."""

import pytest

from tests.tools import masters
from xl_addin.master.host.base import note
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.sheets import (
    MONTH_SHEET,
    PROBLEMS_BLOCK,
    PROBLEMS_SHEET,
    SETTINGS_BLOCK,
    SUMMARY_BLOCK,
    TARGETS_SHEET,
)
from xl_addin.services.lists import list_change
from xl_addin.system.errors import Refused

BUSY = import_xlwings().XlwingsError("Call was rejected by callee")


@pytest.fixture
def host(memory_excel, tmp_path):
    path = tmp_path / "master.xlsm"
    path.write_bytes(masters.master())
    book = import_xlwings().Book(str(path))
    assert memory_excel.ask("books") == [str(path)]
    return ExcelHost(book)


@pytest.fixture
def changes(host):
    config = read_config(host)
    figures = [masters.figure("500101", "I01", 5, 10)]
    return master_changes(compute_totals(figures, config, "2023-05"), config, host)


def rows(host, *lines):
    return [list_change(host.block(PROBLEMS_BLOCK), [[line] * 12 for line in lines])]


def test_totals_are_written_and_computed_and_a_second_press_writes_nothing(
    host, changes, memory_excel
):
    memory_excel.comes_to(changes)
    check = host.apply(changes)
    assert check.disagreements == ()
    assert check.compared == sum(len(change.computed) for change in changes) > 100
    memory_excel.asked.clear()
    host.apply(changes)
    assert "write" not in memory_excel.asked
    assert "calculate" not in memory_excel.asked


def test_every_formula_that_comes_to_something_else_is_told(host, changes, memory_excel):
    memory_excel.comes_to(changes)
    [(sheet, at)] = [(c.sheet, at) for c in changes for at in [*c.computed][:1]][:1]
    memory_excel._results[sheet, *at] = 987_654.0
    [found] = host.apply(changes).disagreements
    assert (found.code, found.sheet, found.severity) == ("value-disagrees", sheet, "error")


@pytest.mark.parametrize("command", ["read", "write", "calculate"])
def test_what_excel_refuses_is_told_with_the_place_and_its_settings_are_put_back(
    host, changes, memory_excel, command
):
    memory_excel.faults.plan(command, BUSY)
    memory_excel.note("calculation", "manual")
    with pytest.raises(Refused, match="没有照办"):
        host.apply(changes)
    assert memory_excel.state("calculation") == "manual"
    memory_excel.comes_to(changes)
    assert host.apply(changes).disagreements == ()


@pytest.mark.parametrize("command", ["names", "sheets"])
def test_a_workbook_that_is_gone_is_refused(host, memory_excel, command):
    memory_excel.faults.plan(command, BUSY)
    with pytest.raises(Refused):
        host.block(SETTINGS_BLOCK)
    assert host.block(SETTINGS_BLOCK).cells


def test_a_workbook_that_was_closed_is_refused(host, memory_excel):
    memory_excel.ask("close", host.book.fullname)
    with pytest.raises(Refused):
        host.block(SUMMARY_BLOCK)


def test_a_protected_sheet_is_named_and_the_sheets_before_it_are_written(
    host, changes, memory_excel
):
    memory_excel.comes_to(changes)
    memory_excel.ask("protect", host.book.fullname, MONTH_SHEET)
    with pytest.raises(Refused, match=MONTH_SHEET):
        host.apply(changes)


def test_what_is_open_for_reading_only_is_refused_before_anything_is_done(host, memory_excel):
    host.ready()
    memory_excel.note("read_only", True)
    with pytest.raises(Refused, match="只读"):
        host.ready()


def test_a_list_that_grows_looks_like_its_first_row(host, memory_excel):
    host.apply(rows(host, "一", "二", "三"))
    assert memory_excel.asked.count("fill_formats") == 1
    assert len({row for row, _ in host.block(PROBLEMS_BLOCK).cells}) == 4
    area = (5, 9, 7, 9)
    assert memory_excel.ask("line_style", host.book.fullname, PROBLEMS_SHEET, area) == 1
    memory_excel.asked.clear()
    host.apply(rows(host, "一", "二"))
    assert "fill_formats" not in memory_excel.asked


def test_numbers_go_as_numbers_into_cells_of_text_which_stay_so(host, memory_excel):
    path, area = host.book.fullname, (8, 3, 8, 3)
    memory_excel.ask("set_format", path, TARGETS_SHEET, area, "@")
    from xl_addin.master.host.base import Change

    assert host.apply([Change(TARGETS_SHEET, {(8, 3): 301}, {})]).disagreements == ()
    assert memory_excel.ask("read", path, TARGETS_SHEET, area)[0] == [[301.0]]
    assert memory_excel.ask("get_format", path, TARGETS_SHEET, area) == "@"


def test_saving_is_left_to_its_user(host, memory_excel):
    assert "Ctrl+S" in host.save()
    assert "save" not in memory_excel.asked


def test_notes_that_excel_refuses_are_told_and_the_others_are_put(host, memory_excel):
    memory_excel.faults.plan("add_note", BUSY)
    wanted = {(7, 3): note(["一"]), (8, 3): note(["二"])}
    assert not host.annotate(MONTH_SHEET, wanted)
    assert host.notes(MONTH_SHEET) == {(8, 3): note(["二"])}
    assert host.annotate(MONTH_SHEET, wanted)
    memory_excel.asked.clear()
    assert ExcelHost(host.book).annotate(MONTH_SHEET, wanted)
    assert "notes" in memory_excel.asked
    assert "add_note" not in memory_excel.asked


def test_a_protected_sheet_keeps_its_notes(host, memory_excel):
    host.annotate(MONTH_SHEET, {(7, 3): note(["一"])})
    memory_excel.protected.add(MONTH_SHEET)
    assert not host.annotate(MONTH_SHEET, {(8, 3): note(["二"])})
    assert host.notes(MONTH_SHEET) == {(7, 3): note(["一"])}


def test_where_excel_tells_of_no_notes_there_are_none(host, memory_excel):
    memory_excel.faults.plan("notes", BUSY, times=2)
    assert host.notes(MONTH_SHEET) == {}
    assert not host.annotate(MONTH_SHEET, {(7, 3): note(["一"])})
