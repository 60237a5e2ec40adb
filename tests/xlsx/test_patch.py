"""Changing cells: the new ones are there, every other byte is where it was.

Proves also xlsx/offsets.py and xlsx/parts.py.
"""

import io
import re

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook as Writer

from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import SheetTemplate, clear_values, set_cells
from xl_addin.xlsx.workbook import Workbook

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows, before="", after=""):
    return f"<worksheet {NS}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>".encode()


def test_everything_else_stays_byte_for_byte():
    before, after = '<dimension ref="A1:B2"/><x a=">"/>', '<pageMargins left="0.7"/>'
    data = sheet(
        '<row r="1"><c r="A1" s="4"><v>1</v></c><c r="B1"><f>A1</f><v>1</v></c></row>',
        before,
        after,
    )
    assert set_cells(data, {(1, 1): 7}) == data.replace(
        b'<c r="A1" s="4"><v>1</v>', b'<c r="A1" s="4"><v>7</v>'
    )


def test_a_formula_keeps_its_text_and_takes_the_result():
    data = sheet('<row r="1"><c r="B1" t="e"><f>A1/0</f><v>#DIV/0!</v></c></row>')
    assert b'<c r="B1"><f>A1/0</f><v>2.5</v></c>' in set_cells(data, {(1, 2): 2.5})
    assert b'<c r="B1" t="str"><f>A1/0</f><v></v></c>' in set_cells(data, {(1, 2): ""})


def test_a_dynamic_array_stays_one_and_a_value_in_its_place_is_none():
    data = sheet('<row r="1"><c r="B1" s="2" cm="1"><f>A1</f><v>1</v></c></row>')
    assert b'<c r="B1" s="2" cm="1"><f>A1</f><v>2</v></c>' in set_cells(data, {(1, 2): 2})
    plain = sheet('<row r="1"><c r="B1" s="2" cm="1" vm="1"><v>1</v></c></row>')
    assert b'<c r="B1" s="2"><v>2</v></c>' in set_cells(plain, {(1, 2): 2})


def test_values_are_forgotten_and_nothing_else():
    cells = (
        '<row r="1"><c r="A1" s="4" t="str"><f>B1&amp;"&lt;v&gt;"</f><v>x</v></c><c r="B1"><v>1</v></c>'
        '<c r="C1" t="e" vm="1" cm="1"><f t="array" ref="C1:D1">E1:F1</f><v>#VALUE!</v></c>'
        '<c r="D1" t="inlineStr"><is><t>y</t></is></c><c r="E1"/><c r="F1"><f>1</f></c></row>'
    )
    data = sheet(cells, '<cols><col min="1" max="2" t="s"/></cols>', "<x>t</x>")
    out = clear_values(data, [(1, 1), (1, 3), (1, 4), (1, 5), (1, 6), (2, 9)])
    assert out == sheet(
        '<row r="1"><c r="A1" s="4"><f>B1&amp;"&lt;v&gt;"</f></c><c r="B1"><v>1</v></c>'
        '<c r="C1" cm="1"><f t="array" ref="C1:D1">E1:F1</f></c>'
        '<c r="D1"></c><c r="E1"/><c r="F1"><f>1</f></c></row>',
        '<cols><col min="1" max="2" t="s"/></cols>',
        "<x>t</x>",
    )


def test_a_shared_formula_keeps_its_share():
    data = sheet('<row r="1"><c r="B1"><f t="shared" si="0"/><v>1</v></c></row>')
    assert b'<f t="shared" si="0"/><v>3</v>' in set_cells(data, {(1, 2): 3})


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a&b<c>", "_x0041_", "行\n二"]
)
def test_text_stays_text_whatever_it_begins_with(text):
    buffer = io.BytesIO()
    book = Writer(buffer)
    book.add_worksheet().write("A1", 1)
    book.close()
    parts = unpack(buffer.getvalue())
    name = "xl/worksheets/sheet1.xml"
    parts[name] = deflate(name, set_cells(inflate(parts[name]), {(2, 3): text}))
    cell = load_workbook(io.BytesIO(pack(parts.values()))).active["C2"]
    assert cell.data_type != "f"
    assert Workbook.open(pack(parts.values())).sheet("Sheet1").cells[2, 3].value == text


def test_only_a_text_that_begins_or_ends_blank_says_that_blanks_count():
    out = set_cells(sheet('<row r="1"/>'), {(1, 1): "县", (1, 2): "县 ", (1, 3): "\n县"})
    assert re.findall(rb"<t[^>]*>", out) == [b"<t>", *[b'<t xml:space="preserve">'] * 2]


def test_new_cells_and_rows_go_where_they_belong():
    data = sheet('<row r="2" spans="2:3"><c r="B2" s="3"/></row><row r="5"><c r="A5"/></row>')
    out = set_cells(data, {(2, 1): 1, (2, 4): 4, (3, 2): 3, (1, 1): 0, (9, 1): 9})
    cells = {k: c.value for k, c in _read(out).items()}
    assert cells == {(1, 1): 0, (2, 1): 1, (2, 4): 4, (3, 2): 3, (9, 1): 9}
    order = [out.index(f'r="{ref}"'.encode()) for ref in ("A1", "A2", "B2", "D2", "B3", "A5", "A9")]
    assert order == sorted(order)
    assert b"spans" not in out


def test_a_new_cell_dresses_like_the_one_above_or_like_its_column():
    data = sheet(
        '<row r="2"><c r="A2" s="7"/></row>', '<cols><col min="2" max="3" style="9"/></cols>'
    )
    out = set_cells(data, {(3, 1): 1, (3, 2): 2, (3, 5): 3})
    assert b'<c r="A3" s="7">' in out
    assert b'<c r="B3" s="9">' in out
    assert b'<c r="E3"><v>' in out


def test_an_empty_sheet_and_a_prefix_are_no_obstacle():
    data = b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData/></x:worksheet>'
    out = set_cells(data, {(2, 2): 1, (3, 1): "文"})
    assert {k: c.value for k, c in _read(out).items()} == {(2, 2): 1, (3, 1): "文"}


def test_the_dimension_grows_with_what_is_written():
    data = sheet('<row r="1"><c r="A1"/></row>', '<dimension ref="A1:B2"/>')
    assert b'<dimension ref="A1:D7"/>' in set_cells(data, {(7, 4): 1})
    assert b'<dimension ref="A1:B2"/>' in set_cells(data, {(1, 2): 1})


def test_a_stencil_fills_as_often_as_it_is_asked():
    data = sheet(
        '<row r="1"><c r="A1" s="4"/><c r="B1"><f>A1</f><v>0</v></c><c r="C1"><v>5</v></c></row>'
    )
    stencil = SheetTemplate(data, [(1, 1), (1, 2)])
    assert _values(stencil.fill({(1, 1): 3, (1, 2): 3})) == {(1, 1): 3, (1, 2): 3, (1, 3): 5}
    assert _values(stencil.fill({(1, 1): "字", (1, 2): ""})) == {
        (1, 1): "字",
        (1, 2): "",
        (1, 3): 5,
    }


def _read(data):
    from xl_addin.xlsx.sheet import read_sheet

    return read_sheet(data).cells


def _values(data):
    return {where: cell.value for where, cell in _read(data).items()}
