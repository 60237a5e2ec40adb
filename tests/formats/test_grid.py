"""Every format gives the same cells, and no file can take the program down.

Proves also system/jobobject.py.
"""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tests.hostile.makers import ole
from tests.tools.systems import limits
from tests.tools.tables import Date, Formula, workbook
from xl_addin.formats import ods as opendocument
from xl_addin.formats import registry, xlsb, xml2003
from xl_addin.formats.grid import Grid
from xl_addin.formats.open import read_grids
from xl_addin.model.filetypes import OLE_START as OLE
from xl_addin.system import sandbox
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.cells import DATE, FAULT, MAX_CELLS, NO_VALUE, NUM, TEXT
from xl_addin.xlsx.package import deflate, pack
from xl_addin.xlsx.styles import Styles
from xl_addin.xlsx.values import read_number

ROWS = [
    [],
    [None, "忠  县", 12, 1.5, Formula("=1/0", "#DIV/0!"), Formula("=C2*2", 24)],
    [None, "其中\n寄宿制", "12", None, Date(44990)],
    [None, "合并"],
]
ODS_HEAD = (
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:calcext="c" '
    'xmlns:style="s" xmlns:draw="d"><office:automatic-styles><style:style style:name="ta9">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>"
)
ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def plain(grids):
    """Kinds, values and places, without what only some formats can tell."""
    return [
        (
            g.sheet,
            g.hidden,
            sorted(g.merged),
            {at: (c.kind, str(c.value)) for at, c in g.cells.items()},
        )
        for g in grids
    ]


def ods(body, manifest=""):
    parts = [deflate("content.xml", (ODS_HEAD + body + ODS_TAIL).encode())]
    if manifest:
        parts.append(deflate("META-INF/manifest.xml", manifest.encode()))
    return pack(parts)


def one(body):
    (grid,) = read_grids(ods(f'<table:table table:name="表">{body}</table:table>'), "x.ods")
    return grid


CHAIN = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]  # a directory, a stream of 8 sectors


@pytest.fixture
def example():
    return workbook(
        {"表一": ROWS, "藏": [[1]]},
        merged=["B4:D5"],
        hidden=["藏"],
        hidden_rows=[3],
        hidden_columns=["B:C"],
    )


def test_xlsx(example):
    grid, hidden = read_grids(example, "a.xls")
    assert (grid.sheet, grid.hidden, hidden.hidden) == ("表一", False, True)
    assert grid.merged == ((4, 2, 5, 4),)
    assert (grid.hidden_rows, grid.hidden_columns) == ({3}, {2, 3})
    assert (grid.cells[2, 2].kind, grid.cells[2, 2].value) == (TEXT, "忠  县")
    assert grid.cells[2, 5].kind == FAULT
    assert grid.cells[3, 5].kind == DATE
    assert (1, 1) not in grid.cells


@pytest.mark.libreoffice
@pytest.mark.parametrize("ending", ["xls", "ods", "et"])
def test_other_formats_say_the_same_as_xlsx(example, ending, office, tmp_path):
    source = tmp_path / "a.xlsx"
    source.write_bytes(example)
    made = office.convert(source, tmp_path / "out", "xls" if ending == "et" else ending)
    # WPS writes .et in the format of .xls; only the name differs.
    grids = read_grids(made.read_bytes(), f"a.{ending}")
    (first, _), (expected, _) = grids, read_grids(example, "a.xlsx")
    day = first.cells.pop((3, 5))
    expected.cells.pop((3, 5))
    assert (day.kind, day.value) == (DATE, "2023-03-05" if ending == "ods" else 44990)
    assert plain(grids) == plain([expected, read_grids(example, "a.xlsx")[1]])
    assert (first.hidden_rows, first.hidden_columns) == ({3}, {2, 3})


@pytest.mark.libreoffice
def test_error_cells_of_a_large_xls_keep_their_places(office, tmp_path):
    rows = [
        [f"名称{n}", n, Formula("=1/0", "#DIV/0!") if n % 97 == 0 else n] for n in range(1, 1500)
    ]
    source = tmp_path / "b.xlsx"
    source.write_bytes(workbook({"第一张": [["x"]], "数据": rows}))
    data = office.convert(source, tmp_path / "out", "xls").read_bytes()
    grid = read_grids(data, "b.xls")[1]
    assert {at for at, c in grid.cells.items() if c.kind == FAULT} == {
        (n, 3) for n in range(97, 1500, 97)
    }


def test_what_reads_old_workbooks_is_imported_in_the_child_only():
    code = (
        "import sys; from xl_addin.system.errors import Unreadable\n"
        "from xl_addin.formats.open import read_grids\n"
        "try: read_grids(b'\\xd0\\xcf\\x11\\xe0\\xa1\\xb1\\x1a\\xe1' + bytes(2000), 'x')\n"
        "except Unreadable as e: print(e.code, {'xlrd', 'olefile'} & sys.modules.keys() or 'none')"
    )
    root = str(Path(registry.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.split() == ["damaged", "none"], done.stderr


@pytest.mark.libreoffice
def test_the_child_needs_neither_the_current_folder_nor_the_environment(
    example, office, tmp_path, monkeypatch
):
    source = tmp_path / "a.xlsx"
    source.write_bytes(example)
    data = office.convert(source, tmp_path / "out", "xls").read_bytes()
    (tmp_path / "json.py").write_text("raise SystemExit")
    (tmp_path / "xlrd.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert read_grids(data, "a.xls")[0].cells[2, 3].value == 12


@pytest.mark.parametrize(
    "start",
    [
        "import os; os.abort()",
        "import sys; sys.exit(3)",
        "print('{')",
        "print('[]')",
        "print('{\"sheets\": []}'); raise SystemExit(1)",
        "print('{}')",
    ],
)
def test_a_child_that_dies_or_talks_nonsense_is_an_unreadable_file(start, monkeypatch):
    monkeypatch.setattr(sandbox, "_START", start)
    with pytest.raises(Unreadable) as told:
        read_grids(OLE + bytes(2000), "x.xls")
    assert told.value.code == "damaged"


def test_a_child_that_hangs_is_killed(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.5)
    with pytest.raises(Unreadable) as told:
        read_grids(OLE + bytes(2000), "x.xls")
    assert told.value.code == "too-large"


@limits
def test_the_child_limits_its_own_memory_and_time():
    code = (
        "import sys, json, resource; sys.path.insert(0, sys.argv[1])\n"
        "from xl_addin.system import sandbox; sandbox.limit_resources()\n"
        "print(json.dumps([resource.getrlimit(k)[0] for k in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]))"
    )
    root = str(Path(registry.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True)
    assert json.loads(done.stdout) == [400 << 20, 15]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "damaged"),
        (b"<html><p>1</p></html>", "foreign"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "foreign"),
        (b"Rar!\x1a\x07\x00", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "foreign",
        ),
        (b"%PDF-1.7", "scan"),
        (b"\x1f\x8b\x08\0", "foreign"),
        (bytes(100), "foreign"),
        (pack([deflate("a.txt", b"x")]), "foreign"),
        (ole(CHAIN, name="EncryptedPackage"), "damaged"),
        (ole(CHAIN, name="WordDocument"), "scan"),
        (ole(CHAIN, name="PowerPoint Document"), "foreign"),
        (ole(CHAIN, name="VisioDocument"), "damaged"),
        (OLE, "damaged"),
        (b"PK\x03\x04 cut off", "damaged"),
    ],
)
def test_what_is_no_workbook_is_named_and_refused(data, code):
    with pytest.raises(Unreadable) as told:
        read_grids(data, "任务表.xls")
    assert told.value.code == code


def test_the_message_says_what_the_file_is():
    told = []
    for data in (b"mime-version: 1.0", b"{\\rtf1", b"%PDF-1.4"):
        with pytest.raises(Unreadable) as caught:
            read_grids(data, "x.xls")
        told.append(caught.value.message)
    assert ["MHTML" in told[0], "文档" in told[1], "PDF" in told[2]] == [True] * 3


def test_ods_repeats_of_nothing_cost_nothing():
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    grid = one(
        f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="3"/>'
        '<table:table-cell office:value-type="float" office:value="7"/></table:table-row>'
    )
    assert [(at, c.value) for at, c in grid.cells.items()] == [((1048001, 4), 7)]


def test_ods_repeats_of_something_are_written_out():
    grid = one(
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/>'
        '<table:table-cell table:number-columns-repeated="3" office:value-type="float" '
        'office:value="5"/></table:table-row>'
    )
    assert sorted(grid.cells) == [(r, c) for r in (1, 2) for c in (2, 3, 4)]


@pytest.mark.parametrize(("across", "down"), [(16384, 100), (1, MAX_CELLS + 1), (1000, 1000)])
def test_ods_repeats_beyond_all_measure_are_refused(across, down):
    with pytest.raises(Unreadable) as told:
        one(
            f'<table:table-row table:number-rows-repeated="{down}"><table:table-cell '
            f'table:number-columns-repeated="{across}" office:value-type="float" office:value="5"/>'
            "</table:table-row>"
        )
    assert told.value.code == "too-large"


def test_ods_text_is_what_the_cell_shows():
    grid = one(
        '<table:table-row><table:table-cell office:value-type="string">'
        "<office:annotation><text:p>批注 9</text:p></office:annotation>"
        '<text:p>忠<text:s text:c="2"/>县\n   甲</text:p><text:p><text:span>第</text:span>二'
        "<text:line-break/>行</text:p></table:table-cell></table:table-row>"
    )
    assert grid.cells[1, 1].value == "忠  县 甲\n第二\n行"


@pytest.mark.parametrize(
    ("attrs", "shown", "kind", "value"),
    [
        ('office:value-type="float" office:value="120"', "120", NUM, 120),
        ('office:value-type="percentage" office:value="0.5"', "50%", NUM, 0.5),
        ('office:value-type="currency" office:value="3"', "￥3", NUM, 3),
        ('office:value-type="date" office:date-value="2023-03-05"', "3月5日", DATE, "2023-03-05"),
        ('office:value-type="boolean" office:boolean-value="true"', "TRUE", "bool", True),
        ('office:value-type="string" office:string-value="甲"', "", TEXT, "甲"),
        (
            'table:formula="of:=1/0" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"',
            "#DIV/0!",
            FAULT,
            "#DIV/0!",
        ),
        ('table:formula="of:=[.A1]" office:value-type="string"', "Err:502", FAULT, "Err:502"),
        ('table:formula="of:=1+1"', "", NO_VALUE, None),
        ('office:value-type="float" office:value="NaN"', "", FAULT, "#不是数字 NaN"),
    ],
)
def test_ods_kinds(attrs, shown, kind, value):
    text = f"<text:p>{shown}</text:p>" if shown else ""
    cell = one(
        f"<table:table-row><table:table-cell {attrs}>{text}</table:table-cell></table:table-row>"
    ).cells[1, 1]
    assert (cell.kind, cell.value) == (kind, value)


def test_struck_out_and_raised_digits_are_no_part_of_a_number():
    styles = (
        '<style:style style:name="T1"><style:text-properties'
        ' style:text-line-through-style="solid"/></style:style><style:style style:name="T2">'
        '<style:text-properties style:text-position="super 58%"/></style:style>'
    )
    cells = "".join(
        '<table:table-cell office:value-type="string"><text:p>'
        f'{before}<text:span text:style-name="{style}">{inside}</text:span>{after}</text:p>'
        "</table:table-cell>"
        for before, style, inside, after in (
            ("", "T1", "12", "15"),
            ("10", "T2", "2", ""),
            ("", "T3", "12", "0"),
        )
    )
    body = f'{styles}<table:table table:name="一"><table:table-row>{cells}</table:table-row></table:table>'
    (grid,) = opendocument.read(ods(body))
    struck, raised, plain = (read_number(grid.cells[1, column]) for column in (1, 2, 3))
    assert (struck.value, raised.value, plain.value) == (None, None, 120)
    rich = (
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss='
        '"urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="一"><Table><Row>'
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><S>12</S>15</ss:Data></Cell>'
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">10<Sup>2</Sup></ss:Data></Cell>'
        '<Cell><Data ss:Type="String">120</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    (grid,) = xml2003.read(rich.encode())
    assert [read_number(grid.cells[1, column]).value for column in (1, 2, 3)] == [None, None, 120]


def test_ods_spans_hidden_sheets_and_hidden_rows():
    body = (
        '<table:table table:name="一"><table:table-row table:visibility="collapse">'
        '<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="3" '
        'office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "<table:covered-table-cell/></table:table-row></table:table>"
        '<table:table table:name="二" table:style-name="ta9"/>'
    )
    first, second = opendocument.read(ods(body))
    assert first == Grid(
        "一", first.cells, ((1, 1, 3, 2),), False, frozenset({1}), first.format_codes
    )
    assert second.hidden


def test_hidden_columns_of_ods_and_xml_2003():
    columns = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="3"/>'
        '<table:table-column table:number-columns-repeated="16379"/>'
    )
    assert one(columns).hidden_columns == {3, 4, 5}
    sheet = (
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表"><Table>'
        '<Column/><Column ss:Hidden="1" ss:Span="1"/><Column/><Column ss:Index="9" ss:Hidden="1"/>'
        '<Row><Cell><Data ss:Type="Number">1</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    (grid,) = xml2003.read(sheet.encode())
    assert grid.hidden_columns == {2, 3, 9}


def test_hidden_columns_of_xlsb():
    record = struct.pack("<4LH", 1, 2, 0, 0, 1)
    shown = struct.pack("<4LH", 4, 4, 0, 0, 0)
    body = b"".join(bytes((60, len(each))) + each for each in (record, shown))
    book = xlsb._Book((), Styles(), 0)
    assert xlsb._grid(body, "表", False, book, 9).hidden_columns == {2, 3}


def test_ods_with_a_password_says_so():
    with pytest.raises(Unreadable) as told:
        read_grids(ods("", "<m><manifest:encryption-data/></m>"), "x.ods")
    assert told.value.code == "password"


def test_openpyxl_workbooks_read_alike():
    from io import BytesIO

    book = Workbook()
    sheet = book.active
    for column in range(1, 30):
        sheet[f"{get_column_letter(column)}3"] = column
    stream = BytesIO()
    book.save(stream)
    (grid,) = read_grids(stream.getvalue(), "x.xlsx")
    assert {at: c.value for at, c in grid.cells.items()} == {(3, n): n for n in range(1, 30)}


# --- .xlsb: what is struck out --------------------------------------------------------------------


def rich(text, *runs):
    packed = text.encode("utf-16-le")
    looks = b"".join(struct.pack("<2H", start, font) for start, font in runs)
    return struct.pack("<BL", 1, len(text)) + packed + struct.pack("<L", len(runs)) + looks


FONTS = ((False, False), (True, False), (False, True))


@pytest.mark.parametrize(
    ("runs", "seen"),
    [
        (((0, 1), (2, 0)), "1\u03362\u033615"),
        (((3, 1),), "1215\u0336"),
        (((3, 2),), "121⁵"),
        (((0, 0),), "1215"),
        (((0, 9),), "1215"),
        ((), "1215"),
    ],
)
def test_runs_of_an_xlsb_are_marked(runs, seen):
    body = rich("1215", *runs)
    assert xlsb._rich_text(body, 0, FONTS) == seen
    assert xlsb._rich_text(body[:-2], 0, FONTS).replace("\u0336", "") in ("1215", "121⁵")
    cell = struct.pack("<2L", 1, 0) + body
    book = xlsb._Book((), Styles(), 0, FONTS)
    record = b"\0\x19" + bytes(25) + bytes((62, len(cell))) + cell
    (found,) = xlsb._grid(record, "表", False, book, 9).cells.values()
    assert found.value == seen


def test_a_cell_of_an_xlsb_that_is_struck_out_is_seen():
    def font(how):
        return bytes((43, 10)) + struct.pack("<5H", 200, how, 400, 0, 0)

    def xf(number, font):
        return bytes((47, 16)) + struct.pack("<3H", 0, number, font) + bytes(10)

    styles = font(0) + font(8) + b"\xe9\x04\0" + xf(0, 0) + xf(50, 1) + xf(3, 1) + b"\xea\x04\0"
    fonts = tuple(xlsb._fonts(styles))
    found = xlsb._styles(styles, fonts)
    assert (fonts, found.struck, found.dates) == (FONTS[:2], {1, 2}, (False, True, False))
    number = struct.pack("<2Ld", 1, 2, 25.0)
    record = b"\0\x19" + bytes(25) + bytes((5, len(number))) + number
    book = xlsb._Book((), found, 0, fonts)
    (cell,) = xlsb._grid(record, "表", False, book, 9).cells.values()
    assert cell.value == "2\u03365\u0336"


@pytest.mark.parametrize(
    ("style", "cell", "seen"),
    [
        ('style:family="table-cell"', 'table:style-name="a"', "2\u03365\u0336"),
        (
            'style:family="table-cell" style:parent-style-name="b"',
            'table:style-name="a"',
            "2\u03365\u0336",
        ),
        ('style:family="table-cell"', "", "2\u03365\u0336"),
        ('style:family="table-cell"', 'table:style-name="c"', 25),
    ],
)
def test_a_cell_of_an_ods_that_is_struck_out_is_seen(style, cell, seen):
    line = '<style:text-properties style:text-line-through-style="solid"/>'
    own = line if "parent" not in style else ""
    styles = (
        f'<style:style style:name="b">{line}</style:style><style:style style:name="c"/>'
        f'<style:style style:name="a" {style}>{own}</style:style>'
        "<number:number-style><style:text-properties/></number:number-style>"
    )
    column = '<table:table-column table:default-cell-style-name="a"/>'
    body = (
        f'{styles}<table:table table:name="表">{column}<table:table-row><table:table-cell {cell} '
        'office:value-type="float" office:value="25"><text:p>25</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    (grid,) = opendocument.read(ods(body))
    assert grid.cells[1, 1].value == seen


def test_a_number_without_its_text_shows_as_itself():
    def look(text, style="", value=5):
        grid = one(
            f'<table:table-row><table:table-cell {style} office:value-type="float" office:value="{value}">'
            f"{text}</table:table-cell></table:table-row>"
        )
        return grid.format_codes.get(grid.cells[1, 1].style, "")

    texts = ("", "<text:p/>", "<text:p>5</text:p>", "<text:p>5万</text:p>")
    assert [look(text) for text in texts] == ["", ";;;", "", '"5万"']
    assert look("<text:p/>", value=0) == ""  # as odfpy leaves it
    assert [look(text, 'table:style-name="a"') for text in texts] == ["", ";;;", "", '"5万"']


def test_a_cell_of_xml_2003_that_is_struck_out_is_seen():
    sheet = (
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="s1">'
        '<Font ss:StrikeThrough="1"/></Style><Style ss:ID="s2"><Font/></Style></Styles>'
        '<Worksheet ss:Name="表"><Table><Row><Cell ss:StyleID="s1"><Data ss:Type="Number">25</Data></Cell>'
        '<Cell ss:StyleID="s2"><Data ss:Type="Number">7</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    (grid,) = xml2003.read(sheet.encode())
    assert [cell.value for cell in grid.cells.values()] == ["2\u03365\u0336", 7]
