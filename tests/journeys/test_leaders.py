"""What leaders look at, from the return to the auditor: 看板, 通报, 溯源, 审计包 as one month after another.

Once by the command line on the closed master, once by the buttons on the open one.
"""

from __future__ import annotations

import hashlib
import json
import sys

import pytest
from openpyxl import load_workbook

from tests.docx.templates import lines_of, text_of, with_parts
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from xl_addin import ribbon
from xl_addin.cli import main
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.read.blocks import filled_rows, find_columns
from xl_addin.model.folder import BULLETINS, DOSSIERS, LEDGER, MASTER, PAGES
from xl_addin.model.sheets import (
    BOARD_SHEET,
    PROGRESS_SHEET,
    RANKING_BLOCK,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    TRAIL_BLOCK,
)
from xl_addin.services.bulletin import pdf
from xl_addin.services.dossier_folder import INDEX
from xl_addin.store.publications import RANK, publications, published_figures

JANUARY, FEBRUARY = MONTHS[:2]


class Closed:
    """The command line, on the master as a file."""

    def __init__(self, programme, capsys):
        self.programme, self.capsys = programme, capsys
        self.month = JANUARY

    def do(self, verb, switch=""):
        """What a verb says."""
        return self._run(verb, *([f"--{switch}"] if switch else []))

    def _run(self, *words):
        self.capsys.readouterr()
        main([*words, "--folder", str(self.programme.folder), "--month", self.month])
        return self.capsys.readouterr().out

    def turn_to(self, month):
        """The month that is worked on."""
        self.month = month
        self.programme.set_cell(
            SETTINGS_SHEET, SETTINGS_BLOCK, "本次月份", SETTING_HEADINGS[1], month
        )

    def host(self):
        """The master as it is now."""
        return self.programme.open_programme().host

    def trace(self, sheet, cell):
        """溯源 of a cell."""
        return self._run("trace", "--cell", f"{sheet}!{cell}")

    def keep(self):
        """Have the file be what is shown."""


class Open(Closed):
    """The buttons, on the master that is open in Excel."""

    def __init__(self, programme, capsys, excel, monkeypatch):
        super().__init__(programme, capsys)
        self.excel, self.monkeypatch = excel, monkeypatch
        self.book = import_xlwings().Book(str(programme.folder / MASTER))

    def do(self, verb, switch=""):
        app = r"--app=C:\Office\Microsoft Excel"
        argv = ["-c", f"--wb={self.book.name}", "--from_xl=1", app, "--hwnd=1001"]
        self.monkeypatch.setattr(sys, "argv", argv)
        ribbon.press(f"{verb}.{switch}" if switch else verb)
        text = self.excel.notes_on("alert")[-1]["text"]
        assert "Traceback" not in text
        return text

    def turn_to(self, month):
        self.month = month
        block = self.host().block(SETTINGS_BLOCK)
        row = next(at[0] for at, cell in block.cells.items() if cell.value == "本次月份")
        self.book.sheets[block.sheet].range((row, 2)).raw_value = month

    def host(self):
        return ExcelHost(self.book)

    def trace(self, sheet, cell):
        self.book.sheets[sheet].activate()
        self.book.sheets[sheet].range(cell).select()
        return self.do("trace")

    def keep(self):
        self.book.save()


@pytest.fixture(params=["command line", pytest.param("buttons", marks=pytest.mark.libreoffice)])
def desk(request, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(pdf, "converters", list)
    programme = SmallProgramme(tmp_path / "残联 任务")
    if request.param == "command line":
        return Closed(programme, capsys)
    return Open(programme, capsys, request.getfixturevalue("excel"), monkeypatch)


def listed(desk, block, *headings):
    """The rows of a list, under these headings."""
    found = desk.host().block(block)
    at = find_columns(found, headings)
    return [
        tuple(
            None if (cell := found.cells.get((row, column))) is None else cell.value
            for column in at.values()
        )
        for row in filled_rows(found)
    ]


def changes(desk):
    """What ``status`` says has changed since it was published."""
    desk.keep()
    where = ["--folder", str(desk.programme.folder), "--month", desk.month]
    desk.capsys.readouterr()
    main(["status", "--json", *where])
    told = json.loads(desk.capsys.readouterr().out)["changed_since_last"]
    return [
        (each["district"], each["indicator"], each["published"], each["now"], each["receipt"])
        for each in told
    ]


def sent(desk):
    """The bulletins that went out, each with its ranks by district."""
    opened = desk.programme.open_programme()
    found = [
        (each.number, {f.district: f.value for f in figures if f.kind == RANK})
        for each in publications(opened.ledger)
        if (figures := published_figures(opened.ledger, each.id))
    ]
    opened.close()
    return found


def test_from_the_return_to_the_auditor(desk):
    programme, codes = desk.programme, desk.programme.codes
    drafts = programme.folder / BULLETINS
    first, second = (drafts / JANUARY / f"通报_{JANUARY}{n}.docx" for n in ("", "_2"))
    desk.turn_to(JANUARY)
    for number, done in enumerate((30, 40, 90)):
        figures, said = {**FIGURES, "I01": done}, {"I01": "培训班提前办完"}
        programme.send(f"{number}.xlsx", number, figures, remarks=said)
    desk.do("collect")
    desk.do("recompute")

    desk.do("bulletin")
    xml = text_of(first.read_bytes()).replace("【请补充：下一步工作要求】", "请抓紧。")
    first.write_bytes(with_parts(first.read_bytes(), word_document=xml))
    edited = first.read_bytes()
    desk.do("bulletin")
    assert second.is_file()
    second.unlink()
    assert "第1期" in desk.do("bulletin", "final")
    assert first.read_bytes() == edited
    assert changes(desk) == []

    programme.send("更正.xlsx", 0, {**FIGURES, "I01": 36})
    desk.do("collect")
    said = desk.do("recompute")
    assert "更正.xlsx" in said
    [(*change, receipt)] = changes(desk)
    assert (change, receipt["file"]) == ([codes[0], "I01", 30, 36], "更正.xlsx")
    desk.do("bulletin")
    lines = lines_of(second.read_bytes())
    assert any("有1个数有更正：甲县“培训”1月底累计由30更正为36" in line for line in lines)

    desk.turn_to(FEBRUARY)
    for number, done in enumerate((30, 10, 5)):
        programme.send(f"{number}.xlsx", number, {**FIGURES, "I01": done}, FEBRUARY)
    desk.do("collect")
    desk.do("recompute")
    [(_, before)] = sent(desk)
    board = listed(desk, RANKING_BLOCK, "代码", "名次", "变化")
    moved = {code: before[code] - rank for code, rank, _ in board if isinstance(rank, int | float)}
    assert len(moved) == 3
    assert any(moved.values())
    for code, _, shown in board:
        places = moved.get(code)
        word = "—" if places is None else f"{'▲' if places > 0 else '▼'}{abs(places):g}"
        assert shown == ("平" if places == 0 else word)

    row = [code for code, *_ in board].index(codes[0]) + 28
    for sheet, cell in ((BOARD_SHEET, f"H{row}"), (PROGRESS_SHEET, "D8")):
        assert "甲县" in desk.trace(sheet, cell)
        trail = listed(desk, TRAIL_BLOCK, "计入", "数", "问题与决定")
        assert sum(value for counts, value, _ in trail if counts == "●") == 66
        assert any("通报 1（" in str(text) for *_, text in trail)

    desk.do("dossier")
    desk.do("district-pages")
    [index] = (programme.folder / DOSSIERS).glob(f"*/{INDEX}")
    printed = list(load_workbook(index)["通报"].iter_rows(values_only=True, min_row=2))
    assert any(hashlib.sha256(edited).hexdigest() in row for row in printed)
    assert len(list((programme.folder / PAGES).iterdir())) == 1

    desk.do("bulletin")
    desk.do("bulletin", "final")
    assert [number for number, _ in sent(desk)] == ["1", "2"]
    assert "发布第2期" in desk.do("undo")
    left = sent(desk)
    assert [number for number, _ in left] == ["1"]
    desk.keep()
    (programme.folder / LEDGER).unlink()
    programme.run("rebuild")
    assert sent(desk) == left
    assert programme.run("verify", FEBRUARY).clean
