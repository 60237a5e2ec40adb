"""材料 as staff type it.

Proves also master/build/paper_sheets.py.
"""

from __future__ import annotations

import pytest

from tests.tools import masters
from xl_addin.master.read.config import read_config
from xl_addin.model.papers import DOC, DOCX, KINDS, PDF, Paper
from xl_addin.model.sheets import PAPERS_SHEET

ALL = tuple(district.code for district in masters.DISTRICTS)
ROW = {1: "D1", 2: "工作总结", 3: "全年的", 4: "2023-11-30", 6: 1500, 7: 3000}


def read(tmp_path, *rows):
    cells = {(5 + n, column): value for n, row in enumerate(rows) for column, value in row.items()}
    return read_config(masters.host(tmp_path, masters.edit_master({PAPERS_SHEET: cells})))


def test_a_row_is_a_paper_that_everybody_owes(tmp_path):
    config = read(tmp_path, ROW)
    assert config.problems == ()
    due = "2023-11-30 23:59:59"
    wanted = Paper("D1", "工作总结", "全年的", due, KINDS, 1500, 3000, 1, ALL)
    assert config.papers == (wanted,)


def test_an_empty_sheet_asks_for_nothing(tmp_path):
    assert read(tmp_path).papers == ()


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("11月30日", "2023-11-30"),
        ("2024/1/5", "2024-01-05"),
        ("１１．３０", "2023-11-30"),
        ("2023年11月3日", "2023-11-03"),
    ],
)
def test_the_term_as_people_write_it(tmp_path, typed, day):
    [paper] = read(tmp_path, ROW | {4: typed}).papers
    assert paper.due == f"{day} 23:59:59"


def test_kinds_number_and_who(tmp_path):
    row = ROW | {5: "Word、.PDF", 8: 2, 9: "忠 县、5001LJ，石柱"}
    [paper] = read(tmp_path, row).papers
    assert paper.kinds == (DOCX, DOC, PDF)
    assert paper.copies == 2
    assert paper.districts == ("500233", "500240", "5001LJ")


@pytest.mark.parametrize(
    ("column", "typed", "cell", "code"),
    [
        (1, None, "A5", "bad-paper"),
        (1, "D/1", "A5", "bad-paper"),
        (2, None, "B5", "bad-paper"),
        (2, "问题数", "B5", "name-twice"),
        (4, None, "D5", "bad-paper"),
        (4, "月底", "D5", "bad-paper"),
        (4, "2月30日", "D5", "bad-paper"),
        (5, "txt", "E5", "bad-paper"),
        (6, "一千", "F5", "bad-paper"),
        (6, 5000, "G5", "bad-paper"),
        (7, -3, "G5", "bad-paper"),
        (8, 1.5, "H5", "bad-paper"),
        (9, "万州区、天津市", "I5", "bad-paper"),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(tmp_path, column, typed, cell, code):
    config = read(tmp_path, ROW | {column: typed})
    assert [(p.code, p.cell) for p in config.problems] == [(code, cell)]
    assert config.papers == ()
    assert config.problems[0].message.startswith(f"{PAPERS_SHEET}!{cell}：")


def test_a_code_and_a_name_stand_once(tmp_path):
    config = read(tmp_path, ROW, ROW)
    assert [(p.code, p.cell) for p in config.problems] == [
        ("code-twice", "A6"),
        ("name-twice", "B6"),
    ]
    assert [paper.code for paper in config.papers] == ["D1"]
