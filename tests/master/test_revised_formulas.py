"""Formulas of ours are replaced also where a program shares one text among them; staff's stay."""

import re
import shutil
from pathlib import Path

import pytest

from tests.master.test_revised_rules import MASTER, rewrite, upgraded
from tests.tools import masters
from xl_addin.master.migrate.upgrade import FORMULAS
from xl_addin.model.sheets import COMPLETION_SHEET, MONTH_SHEET, SUMMARY_SHEET, TREND_SHEET
from xl_addin.xlsx.formulas import formula_texts
from xl_addin.xlsx.workbook import Workbook


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copy(MASTER, tmp_path))


def formulas(path, sheet):
    return formula_texts(Workbook.open(path.read_bytes()), sheet)


def test_formulas_that_share_a_text_are_replaced_and_staffs_among_them_is_spelt_out(path):
    """The row of a total as after dragging it down and right: staff's own cell shares its text."""
    own = '<c r="H11"><f t="shared" si="5"/><v>0</v></c>'

    def share(text):
        first = re.search(r'(<c r="C11"[^>]*>)<f>([^<]*)</f>', text)
        text = text.replace(
            first[0], f'{first[1]}<f t="shared" ref="C11:H11" si="5">{first[2]}</f>'
        )
        for cell in ("D11", "E11", "F11"):
            text = re.sub(rf'(<c r="{cell}"[^>]*>)<f>[^<]*</f>', r'\1<f t="shared" si="5"/>', text)
        return re.sub(r'(<c r="F11".*?</c>)', rf"\1{own}", text)

    before = formulas(path, MONTH_SHEET)
    rewrite(path, MONTH_SHEET, share)
    assert {at: formulas(path, MONTH_SHEET)[at] for at in before} == before
    assert formulas(path, MONTH_SHEET)[11, 8] == 'IF(COUNT(H7:H10)=0,"",SUM(H7:H10))'
    assert upgraded(path).problems == ()
    after = formulas(path, MONTH_SHEET)
    assert after[11, 4] == 'IF(指标!D6="比率","",IF(COUNT(D7:D10)=0,"",SUM(D7:D10)))'
    assert after[11, 8] == 'IF(COUNT(H7:H10)=0,"",SUM(H7:H10))'


def test_a_formula_over_several_cells_is_staffs_even_if_it_reads_like_ours(path):
    def spread(text):
        return re.sub(r'(<c r="C11"[^>]*>)<f>', r'\1<f t="array" ref="C11:C12">', text)

    rewrite(path, MONTH_SHEET, spread)
    [problem] = upgraded(path).problems
    assert (problem.code, problem.sheet, problem.cell) == ("formula-changed", MONTH_SHEET, "C11")
    assert formulas(path, MONTH_SHEET)[11, 3] == 'IF(COUNT(C7:C10)=0,"",SUM(C7:C10))'


def test_a_cell_that_the_program_fills_now_loses_its_formula_and_staffs_own_stays(path):
    elapsed = "VALUE(RIGHT(cell_month,2))/12"
    assert formulas(path, SUMMARY_SHEET)[5, 10] == elapsed
    rewrite(
        path,
        SUMMARY_SHEET,
        lambda text: re.sub(r'(<c r="J6"[^>]*>)<f>[^<]*</f>', r"\1<f>1/12</f>", text),
    )
    [problem] = upgraded(path).problems
    assert (problem.code, problem.cell, problem.found) == ("formula-in-the-way", "J6", "=1/12")
    assert formulas(path, SUMMARY_SHEET).get((5, 10)) is None
    assert formulas(path, SUMMARY_SHEET)[6, 10] == "1/12"


def test_a_number_typed_over_a_formula_stays_and_is_told(path):
    path.write_bytes(masters.edit_master({}, path.read_bytes()))
    rewrite(
        path,
        TREND_SHEET,
        lambda text: re.sub(r'(<c r="D5"[^>]*?)(?: t="str")?>.*?</c>', r"\1><v>99</v></c>", text),
    )
    found = upgraded(path)
    [problem] = found.problems
    assert (problem.sheet, problem.cell, problem.found) == (TREND_SHEET, "D5", "99")
    assert "汇总!D5" in problem.expected
    assert Workbook.open(path.read_bytes()).sheet(TREND_SHEET).cells[5, 4].value == 99
    assert {each.sheet for each in found.revised if each.kind == FORMULAS} >= {COMPLETION_SHEET}
