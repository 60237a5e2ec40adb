"""``district-pages``: every district's page in one workbook, to be printed in one go.

Proves also master/page_book.py.
"""

from __future__ import annotations

import shutil

import pytest
from openpyxl import load_workbook

from tests.tools.lint import lint
from xl_addin.cli import main
from xl_addin.model.folder import MASTER, PAGES
from xl_addin.services.month_totals import month_totals
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import function_of


@pytest.fixture
def folder(tmp_path, first_month):
    return shutil.copytree(first_month, tmp_path / "年度 任务")


def pages(folder, **options):
    programme = Programme(folder)
    try:
        result = function_of("district-pages")(programme, Request(options=options))
        config, month = programme.config, programme.config.settings.month
        return result, config, month_totals(programme.ledger, config, month)
    finally:
        programme.close()


def test_there_is_a_page_for_every_district_with_the_figures_of_the_master(folder, validator):
    result, config, totals = pages(folder)
    path = folder / PAGES / f"{totals.month}.xlsx"
    assert result.data["file"] == str(path)
    assert [*result.data["districts"]] == [each.code for each in config.districts]
    book = load_workbook(path)
    assert book.sheetnames == [each.name for each in config.districts]
    for district in config.districts:
        sheet = book[district.name]
        heads = {cell.value: cell.column for cell in sheet[7]}
        lines = {
            row[0].value: row
            for row in sheet.iter_rows(min_row=8, max_row=7 + len(config.indicators))
        }
        for item in config.indicators:
            found = lines[item.code][heads["累计完成"] - 1].value
            assert found == totals.cumulative.get((district.code, item.code))
        assert sheet.page_setup.orientation == "portrait"
        assert (sheet.page_setup.paperSize, len(sheet._charts)) == (9, 1)
        assert not any(str(c.value).startswith("=") for row in sheet.iter_rows() for c in row)
    assert lint(path) == []
    assert not validator(path)


def test_the_districts_that_are_named_have_a_file_of_their_own(folder):
    _, config, totals = pages(folder)
    one, other = config.districts[:2]
    result, *_ = pages(folder, district=f"{one.code}\n{other.name}\n{one.name}")
    assert result.data["districts"] == [one.code, other.code]
    assert (folder / PAGES / f"{totals.month}_2个区县.xlsx").is_file()
    with pytest.raises(Misused):
        pages(folder, district="没有这个区")


def test_a_rehearsal_writes_nothing(folder):
    assert main(["district-pages", "--folder", str(folder), "--rehearse"]) == 0
    assert not (folder / PAGES).exists()


def test_a_file_that_is_open_elsewhere_is_left_alone_and_told(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError

    before = (folder / MASTER).read_bytes()
    monkeypatch.setattr("xl_addin.verbs.district_pages.atomic.write", refuse)
    with pytest.raises(Refused):
        pages(folder)
    assert (folder / MASTER).read_bytes() == before
