"""Headings over columns that are added: merged as in a new master, around whatever staff have there."""

import re
import shutil
from pathlib import Path

import pytest

from tests.master.test_revised_rules import MASTER, rewrite, upgraded
from tests.tools import masters
from tests.tools.lint import lint
from xl_addin.model.sheets import SUMMARY_SHEET, VARIANCE_SHEET
from xl_addin.xlsx.a1 import area, cells_in
from xl_addin.xlsx.workbook import Workbook


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copy(MASTER, tmp_path))


def sheet(path, name=VARIANCE_SHEET):
    return Workbook.open(path.read_bytes()).sheet(name)


def test_a_title_that_is_wider_than_a_narrow_table_makes_room(path):
    assert area("A3:I3") in sheet(path).merged
    upgraded(path)
    after = sheet(path)
    assert {area("A1:F1"), area("A3:F3"), area("G1:J1"), area("G3:J3")} <= set(after.merged)
    covered = [where for each in after.merged for where in cells_in(each)]
    assert len(covered) == len(set(covered))
    assert after.cells[1, 1].value == "2024年全县重点差异"
    assert after.cells[3, 7].value == "与序时差 = 累计完成 − 应完成数"
    assert after.cells[5, 9].value.startswith("其中：残疾女性\n与序时差")


def test_a_merged_heading_comes_apart_where_a_column_of_staffs_stands_between(path):
    path.write_bytes(masters.edit_master({VARIANCE_SHEET: {(8, 9): "已核"}}, path.read_bytes()))
    upgraded(path)
    after = sheet(path)
    assert [after.cells[6, at].value for at in (7, 8, 10, 11)] == [
        f"I0{number}与序时差" for number in (1, 2, 3, 4)
    ]
    assert {area("G3:H3"), area("J3:K3")} <= set(after.merged)
    assert after.cells[3, 7].value == after.cells[3, 10].value
    assert {row for row, at in after.cells if at == 9} == {8}
    assert lint(path) == []


def test_a_title_over_the_whole_table_grows_with_it(path):
    assert area("A1:M1") in sheet(path, SUMMARY_SHEET).merged
    upgraded(path)
    assert {area("A1:X1"), area("C2:X2")} <= set(sheet(path, SUMMARY_SHEET).merged)


def test_a_title_beside_which_staff_have_something_stays_as_it_is(path):
    cells = {SUMMARY_SHEET: {(1, 20): "机密"}}
    path.write_bytes(masters.edit_master(cells, path.read_bytes()))
    upgraded(path)
    merged = sheet(path, SUMMARY_SHEET).merged
    assert area("A1:M1") in merged
    assert area("C2:X2") in merged
    assert sheet(path, SUMMARY_SHEET).cells[1, 20].value == "机密"


def test_rows_over_a_block_are_as_high_as_their_texts_need(path):
    rewrite(
        path, VARIANCE_SHEET, lambda text: re.sub(r'(<row r="3"[^>]*\bht=")18"', r'\g<1>9"', text)
    )
    upgraded(path)
    book = Workbook.open(path.read_bytes())
    data = book.part(book.sheet_part(VARIANCE_SHEET)).decode()
    row = next(line for line in data.split("<row ") if line.startswith('r="3"'))
    assert float(row.partition('ht="')[2].partition('"')[0]) >= 18
