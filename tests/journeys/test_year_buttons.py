"""The buttons of 年中变动 on a master open in Excel and in WPS: where to type, what was typed made so, stops."""

from __future__ import annotations

import sys

import pytest
from xlwings import XlwingsError

from tests.tools.year_players import type_row
from tests.tools.years import begun
from xl_addin import ribbon
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.mend.gaps import find_gaps, locate_tables
from xl_addin.master.read.config import read_config
from xl_addin.model.sheets import ADJUSTMENTS_BLOCK, DISTRICTS_BLOCK, INDICATORS_BLOCK
from xl_addin.wps import press as press_in_wps


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("按钮")


@pytest.fixture
def year(kept, tmp_path):
    return begun(kept, tmp_path)


@pytest.fixture
def press(year, monkeypatch):
    """``press(program, verb)``: the message that the button ends in, and the workbook."""

    def pressed(program, verb):
        excel = getattr(program, "excel", program)
        book = import_xlwings().Book(str(year.folder / "master.xlsm"))
        app = r"--app=C:\Office\Microsoft Excel"
        monkeypatch.setattr(
            sys, "argv", ["-c", f"--wb={book.name}", "--from_xl=1", app, "--hwnd=1001"]
        )
        before = len(excel.notes_on("alert"))
        if program is excel:
            ribbon.press(verb)
        else:
            program.round_trips = 0
            assert press_in_wps(program, verb) is None
            assert program.round_trips <= 20
        (message,) = excel.notes_on("alert")[before:]
        assert "Traceback" not in message["text"]
        return message, book

    return pressed


WPS = pytest.param("wps", marks=pytest.mark.chromium)
MEMORY_WPS = pytest.param("memory_wps", marks=pytest.mark.chromium)


@pytest.fixture
def program(request):
    """What the master is open in."""
    return request.getfixturevalue(request.param)


def config_of(book):
    return read_config(ExcelHost(book))


@pytest.mark.parametrize("program", ["excel", WPS], indirect=True)
def test_a_button_goes_to_where_to_type_does_it_and_takes_it_back(excel, program, press):
    message, book = press(program, "add-district")
    assert (
        message["text"] == "请在“区县名录”第 9 行（表的下面）填上“代码”、“区县”，再点一次“增加区县”"
    )
    assert (excel.state("sheet"), excel.state("cell")) == ("区县名录", "A9")
    type_row(book, DISTRICTS_BLOCK, {"代码": "D900", "区县": "高新区"})
    message, book = press(program, "add-district")
    assert "加上了行“高新区”" in message["text"]
    config = config_of(book)
    assert config.districts[-1][:2] == ("D900", "高新区")
    assert list(find_gaps(ExcelHost(book), config)) == []
    book.save()
    message, book = press(program, "undo")
    assert "撤销了" in message["text"]
    after = config_of(book)
    assert after.districts == config.districts[:-1]
    # As it was before the button: typed, and not part of the list.
    assert [gap.code for gap in find_gaps(ExcelHost(book), after)] == ["row-below-list"]


@pytest.mark.parametrize("program", ["excel", WPS], indirect=True)
def test_an_indicator_and_an_adjustment_likewise(program, press, year):
    message, book = press(program, "adjust")
    assert "“任务调整”第 5 行" in message["text"]
    typed = {"起始月": 4, "区县": "乙县", "指标": "就业", "调整数": -5, "依据": "渝7号"}
    type_row(book, ADJUSTMENTS_BLOCK, typed)
    message, book = press(program, "adjust")
    assert "从 2024-04 起 乙县 就业：80 → 75（渝7号）" in message["text"]
    message, book = press(program, "adjust")
    assert message["text"].startswith("请在“任务调整”第 6 行")
    typed = {"代码": "I05", "指标": "慰问", "计量单位": "户", "口径": "当月数", "取整": "是"}
    type_row(book, INDICATORS_BLOCK, typed)
    press(program, "add-indicator")
    config = config_of(book)
    assert config.indicators[-1].code == "I05"
    assert list(find_gaps(ExcelHost(book), config)) == []
    assert [(c.month, c.was, c.value) for c in year.recorded()] == [("2024-04", 80, 75)]


@pytest.mark.parametrize("program", ["memory_excel", MEMORY_WPS], indirect=True)
@pytest.mark.parametrize("at", [2, 6])
def test_where_excel_refuses_half_way_the_same_button_completes_it(
    memory_excel, program, press, at
):
    _, book = press(program, "check")
    type_row(book, DISTRICTS_BLOCK, {"代码": "D900", "区县": "高新区"})
    memory_excel.faults.plan("insert", XlwingsError("正在编辑单元格"), at=at)
    message, book = press(program, "amend")
    assert message["mode"] == "critical"
    assert "正在编辑单元格" in message["text"]
    host = ExcelHost(book)
    assert list(find_gaps(host, config_of(book)))
    message, book = press(program, "amend")
    host = ExcelHost(book)
    config = config_of(book)
    assert config.districts[-1][:2] == ("D900", "高新区")
    assert list(find_gaps(host, config)) == []
    # Nothing was put in twice: each list ends, or its total stands, right below the new district.
    for found in locate_tables(host, config):
        if found.table.districts and not found.table.ordered:
            row = found.matrix.rows["D900"]
            assert row + 1 == (found.matrix.total_row or found.block.area[2] + 1), found.table.name
    block = host.block(DISTRICTS_BLOCK)
    assert [c.value for at, c in block.cells.items() if at == (block.area[2], 1)] == ["D900"]
