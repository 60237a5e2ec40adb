"""Reading typed cells: nothing guessed, nothing silently different.

Proves also xlsx/sheet.py.
"""

import pytest

from tests.tools import forms
from tests.tools.oddities import replaced
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.cells import (
    Cell,
    Region,
    Styles,
    Workbook,
    number_formats,
    shared_strings,
    shows_date,
)
from xl_addin.xlsx.sheet import read_sheet

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def cells(rows, strings=("甲", "乙"), styles=Styles(), **kw):  # noqa: B008
    data = f"<worksheet {NS}><dimension ref='A1'/><sheetData>{rows}</sheetData></worksheet>"
    return read_sheet(data.encode(), strings, styles, **kw).cells


def one(cell):
    return cells(f'<row r="1">{cell}</row>').get((1, 1))


@pytest.mark.parametrize(
    ("xml", "cell"),
    [
        ('<c r="A1"><v>12.5</v></c>', Cell("number", 12.5)),
        ('<c r="A1"><v>120</v></c>', Cell("number", 120)),
        ('<c r="A1"><v>1.2E2</v></c>', Cell("number", 120)),
        ('<c r="A1"><v>1<!-- x -->00</v></c>', Cell("number", 100)),
        ('<c r="A1"><v><![CDATA[100]]></v></c>', Cell("number", 100)),
        ('<c r="A1" t="s"><v>1</v></c>', Cell("text", "乙")),
        ('<c r="A1" t="str"><f>B1</f><v>x</v></c>', Cell("text", "x", "B1")),
        ('<c r="A1" t="inlineStr"><is><t>a</t></is></c>', Cell("text", "a")),
        (
            '<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>z</t></rPh></is></c>',
            Cell("text", "ab"),
        ),
        ('<c r="A1" t="str"><v>_x000D_a</v></c>', Cell("text", "\ra")),
        ('<c r="A1" t="b"><v>1</v></c>', Cell("bool", True)),
        ('<c r="A1" t="e"><v>#REF!</v></c>', Cell("error", "#REF!")),
        ('<c r="A1" t="d"><v>2023-03-05</v></c>', Cell("date", "2023-03-05")),
        ('<c r="A1"><f>1+1</f></c>', Cell("formula without value", None, "1+1")),
        ('<c r="A1"><f>1+1</f><v></v></c>', Cell("formula without value", None, "1+1")),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', Cell("number", 2, "1+1")),
        ('<c r="A1" t="s"><v>9</v></c>', Cell("error", "#字符串丢失")),
        ('<c r="A1" t="s"><v>-1</v></c>', Cell("error", "#字符串丢失")),
        ('<c r="A1"><v>1_000</v></c>', Cell("error", "#不是数字 1_000")),
        ('<c r="A1"><v>１２０</v></c>', Cell("error", "#不是数字 １２０")),
        ('<c r="A1"><v>NaN</v></c>', Cell("error", "#不是数字 NaN")),
        ('<c r="A1"><v>1e999</v></c>', Cell("error", "#数字过大")),
        (f'<c r="A1"><v>{"1" * 401}</v></c>', Cell("error", f"#不是数字 {'1' * 20}")),
        ('<c r="A1" t="str"><v>_xD800_</v></c>', Cell("text", "_xD800_")),
        ('<c r="A1" s="3"/>', None),
        ('<c r="A1"><v></v></c>', None),
    ],
)
def test_one_cell(xml, cell):
    assert one(xml) == cell


def test_missing_addresses_are_counted():
    found = cells("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    assert {k: c.value for k, c in found.items()} == {(1, 1): 1, (1, 2): 2, (2, 1): 3}


def test_rows_in_any_order_are_read():
    found = cells('<row r="3"><c r="A3"><v>3</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>')
    assert {k: c.value for k, c in found.items()} == {(3, 1): 3, (1, 1): 1}


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="A0"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="9999999"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><f>1<c r="B1"><v>2</v></c></f><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1<x/>2</v></c></row>',
        '<c r="A1"><v>1</v></c>',
        '<row r="1"><x><c r="A1"><v>1</v></c></x></row>',
        '<row r="1"><c r="A1"><x><v>1</v></x></c></row>',
        '<row r="1"><row r="2"/></row>',
        '<row r=""><c><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="1"><c xmlns="u" r="A1"><v>1</v></c></row>',
        '</sheetData><sheetData><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        "<a>" * 100 + "</a>" * 100,
    ],
)
def test_what_two_readers_could_read_differently_is_refused(rows):
    with pytest.raises(Unreadable):
        cells(rows)


def test_a_document_type_is_refused():
    data = b'<!DOCTYPE x [<!ENTITY a "1">]><worksheet><sheetData/></worksheet>'
    with pytest.raises(Unreadable) as caught:
        read_sheet(data)
    assert caught.value.code == "hostile"


def test_far_cells_are_counted_and_not_kept():
    row = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
    data = f"<worksheet {NS}><sheetData>{row}</sheetData></worksheet>"
    sheet = read_sheet(data.encode(), region=Region(10, 10))
    assert list(sheet.cells) == [(1, 1)]
    assert sheet.stray == 1


def test_a_number_that_shows_as_a_date_is_a_date():
    styles = Styles((False, True))
    found = cells(
        '<row r="1"><c r="A1" s="1"><v>44990</v></c><c r="B1" s="0"><v>44990</v></c></row>',
        styles=styles,
    )
    assert (found[1, 1].kind, found[1, 2].kind) == ("date", "number")


@pytest.mark.parametrize(
    ("number", "code", "date"),
    [
        (14, "", True),
        (0, "General", False),
        (164, 'm"月"d"日"', True),
        (165, "yyyy-mm-dd", True),
        (166, '#,##0"人"', False),
        (167, '0" days"', False),
        (168, "[Red]0", False),
        (169, "[h]:mm", True),
        (170, "0.00%", False),
        (171, r"\y0", False),
        (58, "", True),
        (172, "G/通用格式", False),
    ],
)
def test_which_formats_show_dates(number, code, date):
    assert shows_date(number, code) is date


def test_formats_are_taken_from_cell_formats_only():
    formats = '<numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts>'
    of_styles = '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    of_cells = '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    data = f"<styleSheet {NS}>{formats}{of_styles}{of_cells}</styleSheet>"
    assert number_formats(data.encode()).dates == (False, True)


def test_shared_strings_join_runs_and_leave_out_phonetics():
    data = f"<sst {NS}><si><t>甲</t></si><si><r><t>乙</t></r><r><t>丙</t></r><rPh><t>x</t></rPh></si><si/></sst>"
    assert shared_strings(data.encode()) == ("甲", "乙丙", "")


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ("<strike/>", "1\u03362\u033615"),
        ('<strike val="0"/>', "1215"),
        ("<b/>", "1215"),
        ('<vertAlign val="superscript"/>', "¹²15"),
    ],
)
def test_a_number_that_was_struck_out_or_raised_is_no_part_of_the_next(facts, shown):
    text = f"<r><rPr>{facts}</rPr><t>12</t></r><r><t>15</t></r>"
    assert shared_strings(f"<sst {NS}><si>{text}</si></sst>".encode()) == (shown,)
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is>{text}</is></c><c r="B1"><v>12</v></c></row>'
    sheet = read_sheet(f"<worksheet {NS}><sheetData>{rows}</sheetData></worksheet>".encode())
    assert [cell.value for cell in sheet.cells.values()] == [shown, 12]


def test_a_workbook_with_very_many_names_is_read_in_one_pass():
    many = "".join(f'<definedName name="n{n}">1</definedName>' for n in range(60_000))
    change = replaced("<definedNames>", "<definedNames>" + many, "xl/workbook.xml")
    assert len(Workbook.open(change(forms.filled())).names) > 60_000


@pytest.mark.parametrize(
    "items", ["<si><t>甲</t><si><t>乙</t></si></si>", "<x><si><t>甲</t></si></x>"]
)
def test_strings_within_strings_are_refused(items):
    with pytest.raises(Unreadable):
        shared_strings(f"<sst {NS}>{items}</sst>".encode())


def test_one_workbook_is_bounded_as_a_whole(monkeypatch):
    from tests.tools import forms
    from xl_addin.xlsx import cells as module

    def read():
        book = Workbook.open(forms.filled())
        for name in book.sheet_names:
            book.sheet(name)

    read()
    monkeypatch.setattr(module, "_MAX_UNPACKED", 10_000)
    with pytest.raises(Unreadable) as told:
        read()
    assert told.value.code == "too-large"
    monkeypatch.setattr(module, "_MAX_UNPACKED", 10**9)
    monkeypatch.setattr(module, "_MAX_STYLES", 2)
    with pytest.raises(Unreadable) as told:
        number_formats(f"<styleSheet {NS}><cellXfs>{'<xf/>' * 3}</cellXfs></styleSheet>".encode())
    assert told.value.code == "too-large"
    monkeypatch.setattr(module, "MAX_CELLS", 60)
    with pytest.raises(Unreadable) as told:
        read()
    assert told.value.code == "too-large"
    with pytest.raises(Unreadable) as told:
        shared_strings(f"<sst {NS}>{'<si/>' * 61}</sst>".encode())
    assert told.value.code == "too-large"


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-1], lambda data: data[:60] + b"\x00\xdc" + data[60:]]
)
def test_text_of_two_bytes_a_character_that_is_broken_is_damaged(harm):
    data = f'<worksheet {NS}><sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData></worksheet>'
    whole = data.encode("utf-16")
    assert read_sheet(whole).cells == {(1, 1): Cell("number", 7)}
    with pytest.raises(Unreadable) as refused:
        read_sheet(harm(whole))
    assert refused.value.code == "damaged"
