"""What the program says on its sheets is replaced where nobody changed a word of it."""

import re
import shutil
from pathlib import Path

import pytest

from tests.master.test_revised_rules import MASTER, rewrite, upgraded
from tests.tools import masters
from tests.tools.lint import lint
from xl_addin.master.migrate.upgrade import TEXTS
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    GUIDE_BLOCK,
    GUIDE_SHEET,
    LIGHTS_SHEET,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    VARIANCE_SHEET,
)
from xl_addin.xlsx.workbook import Workbook


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copy(MASTER, tmp_path))


def cells(path, sheet):
    return Workbook.open(path.read_bytes()).sheet(sheet).cells


def test_notes_legends_and_headings_of_ours_read_as_in_a_new_master(path):
    found = upgraded(path)
    revised = {each.sheet: each.number for each in found.revised if each.kind == TEXTS}
    assert revised.keys() >= {
        TARGETS_SHEET,
        SUMMARY_SHEET,
        COMPLETION_SHEET,
        VARIANCE_SHEET,
        GUIDE_SHEET,
    }
    assert cells(path, VARIANCE_SHEET)[4, 3].value.startswith("培训\n与全年任务差")
    assert cells(path, COMPLETION_SHEET)[4, 3].value == "培训\n（人次）"
    legend = cells(path, VARIANCE_SHEET)[3, 1].value
    assert legend.startswith("★ 蓝：")
    assert legend == cells(path, COMPLETION_SHEET)[3, 1].value
    book = Workbook.open(path.read_bytes())
    name = book.sheet_part(COMPLETION_SHEET)
    assert book.part(name).count(b"<r>") >= 10  # each shape in its colour
    assert lint(path) == []


def test_a_note_that_staff_worded_anew_stays(path):
    path.write_bytes(
        masters.edit_master(
            {TARGETS_SHEET: {(2, 1): "按文件填。"}, COMPLETION_SHEET: {(3, 1): "■ 绿的好"}},
            path.read_bytes(),
        )
    )
    found = upgraded(path)
    revised = {each.sheet for each in found.revised if each.kind == TEXTS}
    assert revised >= {SUMMARY_SHEET, VARIANCE_SHEET}
    assert revised.isdisjoint((TARGETS_SHEET, COMPLETION_SHEET))
    assert cells(path, TARGETS_SHEET)[2, 1].value == "按文件填。"
    assert cells(path, COMPLETION_SHEET)[3, 1].value == "■ 绿的好"


def test_the_guide_is_replaced_as_a_whole_and_keeps_what_is_not_its_text(path):
    drawn = '<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/>'

    def wider(text):
        return re.sub(r"<pageMargins[^>]*/>", drawn, text)

    rewrite(path, GUIDE_SHEET, wider)
    upgraded(path)
    book = Workbook.open(path.read_bytes())
    assert drawn.encode() in book.part(book.sheet_part(GUIDE_SHEET))
    said = [cell.value for cell in book.sheet(GUIDE_SHEET).cells.values()]
    assert LIGHTS_SHEET in said
    last = max(row for row, _ in book.sheet(GUIDE_SHEET).cells)
    assert book.names[GUIDE_BLOCK].endswith(f"$A$1:$C${last}")


def test_a_guide_with_a_word_of_staffs_stays(path):
    book = {GUIDE_SHEET: {(90, 1): "有事找王科长 8-1234"}}
    path.write_bytes(masters.edit_master(book, path.read_bytes()))
    before = cells(path, GUIDE_SHEET)
    found = upgraded(path)
    assert GUIDE_SHEET not in {each.sheet for each in found.revised}
    assert cells(path, GUIDE_SHEET) == before
