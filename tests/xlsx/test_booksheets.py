"""A sheet put between others, and names however a program wrote them."""

import io

import pytest
from xlsxwriter import Workbook as Writer

from xl_addin.xlsx.booksheets import add_sheet, names_of, set_name, tab_names
from xl_addin.xlsx.package import Part, unpack
from xl_addin.xlsx.parts import part_text, put_part
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
