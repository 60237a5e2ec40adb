"""A sheet put between others, and names however a program wrote them."""

import io

import pytest
from xlsxwriter import Workbook as Writer

from xl_addin.xlsx.booksheets import (
    FILTER_NAME,
    add_sheet,
    code_names,
    names_of,
    set_name,
    tab_names,
)
from xl_addin.xlsx.package import MAX_PART, Part, deflate, inflate, unpack
from xl_addin.xlsx.parts import (
    add_relationship,
    declare_content_type,
    part_text,
    put_part,
    remove_part,
)
from xl_addin.xlsx.workbook import Workbook

SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'


@pytest.fixture
def parts() -> dict[str, Part]:
    target = io.BytesIO()
    book = Writer(target)
    for name in ("A&B", "乙", "丙"):
        book.add_worksheet(name).print_area("A1:B2")
    book.define_name("all", "='乙'!$A$1")
    book.worksheets()[2].activate()
    book.close()
    return unpack(target.getvalue())


def test_what_counts_tabs_means_the_same_sheets_behind_a_new_one(parts: dict[str, Part]) -> None:
    add_sheet(parts, "xl/workbook.xml", "新 & 旧", SHEET, at=1)
    text = part_text(parts, "xl/workbook.xml")
    assert tab_names(text) == ["A&B", "新 & 旧", "乙", "丙"]
    assert Workbook(parts).sheet_names == ("A&B", "新 & 旧", "乙", "丙")
    assert 'activeTab="3"' in text
    for place, sheet in ((0, "A&amp;B"), (2, "乙"), (3, "丙")):
        assert sheet in names_of(text, place)["_xlnm.Print_Area"]
    assert names_of(text, 1) == {}
    assert Workbook(parts).sheet("新 & 旧").cells == {}


def test_a_name_is_changed_where_it_stands_whatever_the_order_of_its_attributes(
    parts: dict[str, Part],
) -> None:
    main = "xl/workbook.xml"
    text = part_text(parts, main)
    swapped = text.replace(
        '<definedName name="all">', '<definedName hidden="false" name="all" function="false">'
    )
    put_part(parts, main, swapped.encode())
    set_name(parts, main, "all", "'乙'!$A$1:$B$9")
    set_name(parts, main, "all", "'丙'!$C$3", 2)
    set_name(parts, main, "new", "'乙'!$D$4")
    after = part_text(parts, main)
    assert names_of(after) == {"all": "'乙'!$A$1:$B$9", "new": "'乙'!$D$4"}
    assert names_of(after, 2)["all"] == "'丙'!$C$3"
    assert after.count("<definedName ") == text.count("<definedName ") + 2


def test_the_range_of_a_filter_is_a_name_that_nobody_sees(parts: dict[str, Part]) -> None:
    set_name(parts, "xl/workbook.xml", FILTER_NAME, "'乙'!$A$1:$B$9", 1)
    text = part_text(parts, "xl/workbook.xml")
    [tag] = [each for each in text.split("<") if FILTER_NAME in each]
    assert 'hidden="1"' in tag
    assert 'localSheetId="1"' in tag


def test_macros_know_a_sheet_that_is_larger_than_what_others_may_send() -> None:
    data = b'<worksheet><sheetPr codeName="Sheet1"/>' + bytes(MAX_PART) + b"</worksheet>"
    part = deflate("xl/worksheets/sheet1.xml", data)
    assert code_names({part.name: part}) == ["Sheet1"]


def test_a_part_goes_with_its_relationship_and_its_type(parts: dict[str, Part]) -> None:
    main, chain = "xl/workbook.xml", "xl/calcChain.xml"
    kept = dict(parts)
    put_part(parts, chain, b"<calcChain/>")
    declare_content_type(parts, chain, "application/chain+xml")
    add_relationship(parts, main, "http://chain", chain)
    remove_part(parts, main, chain)
    assert {name: inflate(part) for name, part in parts.items()} == {
        name: inflate(part) for name, part in kept.items()
    }
