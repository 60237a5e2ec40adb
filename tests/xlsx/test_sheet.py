"""Reading a sheet's cells: nothing guessed, nothing silently different, whole or row by row."""

import pytest

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import xmlreader
from xl_addin.xlsx.cells import Cell, Region
from xl_addin.xlsx.sheet import read_sheet
from xl_addin.xlsx.strings import shared_strings
from xl_addin.xlsx.styles import Styles

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture(autouse=True, params=["whole", "row by row"])
def size(request, monkeypatch):
    if request.param == "row by row":
        monkeypatch.setattr(xmlreader, "_LARGE", 7)


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


def test_what_is_not_of_the_table_does_not_matter():
    row = '<row r="1"><c r="A1"><v>1</v><extLst><ext><z:w xmlns:z="u">2</z:w></ext></extLst></c></row>'
    assert cells(f"<!-- x -->{row}<?x?><extLst/>") == {(1, 1): Cell("number", 1)}


def test_elements_of_any_prefix_are_told_by_their_namespace():
    space = NS.partition("=")[2]
    row = '<a:row r="1"><b:c r="A1"><a:v>1</a:v></b:c></a:row>'
    data = f"<a:worksheet xmlns:a={space} xmlns:b={space}><a:sheetData>{row}</a:sheetData></a:worksheet>"
    assert read_sheet(data.encode()).cells == {(1, 1): Cell("number", 1)}


def test_a_part_of_another_kind_is_refused():
    with pytest.raises(Unreadable):
        read_sheet(b'<worksheet xmlns="urn:z"><sheetData/></worksheet>')


def test_hidden_rows_and_merged_areas_are_told():
    rows = '<row r="2" hidden="1"/><row r="3" hidden="0"/><row r="4" hidden="true"/>'
    merged = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C4"/></mergeCells>'
    data = f"<worksheet {NS}><sheetData>{rows}</sheetData>{merged}</worksheet>"
    sheet = read_sheet(data.encode())
    assert (sheet.hidden_rows, sheet.merged) == ({2, 4}, ((1, 1, 2, 2), (4, 3, 4, 3)))


def test_line_breaks_are_read_as_xml_has_them():
    assert one('<c r="A1" t="str"><v>a\r\nb</v></c>') == Cell("text", "a\nb")


def test_a_sheet_has_no_more_cells_than_can_be_kept(monkeypatch):
    from xl_addin.xlsx import sheet as module

    monkeypatch.setattr(module, "MAX_CELLS", 2)
    row = '<row r="1"><c><v>1</v></c><c><v>2</v></c>'
    assert len(cells(f"{row}</row>")) == 2
    with pytest.raises(Unreadable) as refused:
        cells(f"{row}<c><v>3</v></c></row>")
    assert refused.value.code == "too-large"


def test_missing_addresses_are_counted():
    found = cells("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    assert {k: c.value for k, c in found.items()} == {(1, 1): 1, (1, 2): 2, (2, 1): 3}


def test_a_cell_without_an_address_stands_behind_the_blank_before_it():
    found = cells('<row r="1"><c r="B1"/><c r="D1" s="1"/><c><v>5</v></c><c/><c><v>7</v></c></row>')
    assert {k: c.value for k, c in found.items()} == {(1, 5): 5, (1, 7): 7}


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
        '<row r="1"><c r="A1"/><c r="XFE1"/><c><v>1</v></c></row>',
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
        '</sheetData><x><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></x><sheetData>',
        f"</sheetData><x><y><sheetData {NS}/></y></x><sheetData>",
        '</sheetData><z:sheetData xmlns:z="u"><z:row/></z:sheetData><sheetData>',
        '<row r="1"><z:c xmlns:z="u" r="A1"><z:v>1</z:v></z:c></row>',
        '<row r="1"><c r="A1"><z:v xmlns:z="u">1</z:v></c></row>',
        '<row r="1"><x><y><c r="A1"><v>1</v></c></y></x></row>',
        '<row r="1"><c r="A1"><f>1</f><f>2</f><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>1</t></is><is><t>2</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>1<x/>2</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><x><t>1</t></x></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>1</t><c r="B1"><v>2</v></c></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><x><t>1</t></x></r></is></c></row>',
        '<row r="1"><c r="A1"><u:v>1</u:v></c></row>',
        '</sheetData><mergeCells><mergeCell ref="A0:B2"/></mergeCells><sheetData>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        "<a>" * 100 + "</a>" * 100,
    ],
)
def test_what_two_readers_could_read_differently_is_refused(rows):
    with pytest.raises(Unreadable):
        cells(rows)


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


_ROWS = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("around", "code"),
    [
        (f"<x><sheetData>{_ROWS}</sheetData></x>", "damaged"),
        ('<x><sheetData><row r="1"/></sheetData></x>', "damaged"),
        (f"<x><y><sheetData>{_ROWS}</sheetData></y></x>", "damaged"),
        ("<x><y><sheetData/></y></x>", "damaged"),
        (f"<x><y><z><sheetData>{_ROWS}</sheetData></z></y></x>", "damaged"),
        (f"<x>{'<y>' * 100}{'</y>' * 100}</x>", "hostile"),
    ],
)
@pytest.mark.parametrize("behind", [True, False])
def test_what_stands_around_the_table_holds_no_other_and_nothing_deep(around, code, behind):
    table = f"<sheetData>{_ROWS}</sheetData>"
    inside = f"{table}{around}" if behind else f"{around}{table}"
    with pytest.raises(Unreadable) as caught:
        read_sheet(f"<worksheet {NS}>{inside}</worksheet>".encode())
    assert caught.value.code == code


def test_each_of_many_formats_is_known():
    styles = Styles(tuple(look % 2 == 1 for look in range(3_000)))
    row = "".join(f'<c s="{look}"><v>7</v></c>' for look in range(3_000))
    for _ in range(2):
        read = cells(f'<row r="1">{row}</row>', styles=styles)
        assert [(c.kind, c.style) for c in read.values()] == [
            ("date" if look % 2 else "number", look) for look in range(3_000)
        ]
    plain = cells('<row r="1"><c r="A1" s="1"><v>7</v></c></row>')
    assert plain[1, 1] == Cell("number", 7, None, 1)
