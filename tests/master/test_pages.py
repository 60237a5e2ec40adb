"""A sheet that became wider is printed as a new one is, where nobody set it up otherwise."""

import re
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.master.test_revised_rules import MASTER, rewrite, upgraded
from tests.tools import masters
from xl_addin.model.sheets import PROBLEMS_SHEET, SUMMARY_SHEET, TREND_SHEET, VARIANCE_SHEET

WIDE = MASTER.parents[1] / "0.1.0" / "master.xlsm"


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copy(WIDE, tmp_path))


def test_a_table_that_became_too_wide_goes_on_larger_paper(path):
    upgraded(path)
    book = load_workbook(path)
    for name in (VARIANCE_SHEET, SUMMARY_SHEET, TREND_SHEET):
        page = book[name].page_setup
        assert (int(page.paperSize), page.fitToWidth or 1, page.fitToHeight) == (8, 1, 0)
    sheet = book[VARIANCE_SHEET]
    assert sheet.print_title_rows == "$4:$6"
    assert sheet.print_area == f"'{VARIANCE_SHEET}'!$A$1:$X$48"


def test_one_too_wide_for_that_goes_on_beside_its_first_page(path, monkeypatch):
    monkeypatch.setattr("xl_addin.master.build.styles._A3_WIDTH", 200)
    upgraded(path)
    sheet = load_workbook(path)[VARIANCE_SHEET]
    assert (int(sheet.page_setup.paperSize), sheet.page_setup.fitToWidth) == (8, 2)
    assert (sheet.print_title_cols, sheet.print_title_rows) == ("$A:$B", "$4:$6")


def test_how_staff_print_it_stays(path):
    rewrite(
        path,
        VARIANCE_SHEET,
        lambda text: re.sub(r"<pageSetup[^>]*/>", '<pageSetup paperSize="8" scale="60"/>', text),
    )
    upgraded(path)
    sheet = load_workbook(path)[VARIANCE_SHEET]
    assert (sheet.page_setup.scale, sheet.page_setup.paperSize) == (60, 8)
    assert sheet.print_title_cols is None


def test_columns_are_widened_for_the_shapes_only_where_they_are_as_they_were_laid_down(path):
    def narrow(text):
        rest = '<col min="7" max="13" width="12.7109375" customWidth="1"/>'
        own = "".join(
            f'<col min="{at}" max="{at}" width="{wide}" customWidth="1"{more}/>'
            for at, wide, more in (
                (3, 11.7109375, ""),
                (4, 5.5, ""),
                (5, 11.7109375, ' hidden="1"'),
                (6, 30, ""),
            )
        )
        return re.sub(r'<col min="3" max="13"[^>]*/>', own + rest, text)

    rewrite(path, VARIANCE_SHEET, narrow)
    upgraded(path)
    after = load_workbook(path)[VARIANCE_SHEET].column_dimensions
    assert [round(after[letter].width, 1) for letter in "CDEF"] == [12.7, 5.5, 11.7, 30]
    assert after["E"].hidden


def test_a_filter_goes_as_far_as_its_list(path):
    path.write_bytes(masters.edit_master({}, path.read_bytes()))
    upgraded(path)
    assert load_workbook(path)[PROBLEMS_SHEET].auto_filter.ref == "A4:L3004"
