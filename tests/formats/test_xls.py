"""Old workbooks, whoever wrote them: every number, and what a cell is besides."""

import contextlib
import io
import struct
import time
from datetime import date
from pathlib import Path

import pytest
import xlwt

from tests.hostile.makers import biff, ole
from tests.judging.test_survival import ENTRIES, figures
from tests.tools import forms
from tests.tools.biff5 import bare_stream, biff5, sheet_records
from tests.tools.forms import GOOD
from xl_addin.formats import ole as compound
from xl_addin.formats.open import read_grids
from xl_addin.judging.assess import assess
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.a1 import position
from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NUM, TEXT, Cell

DATA = Path(__file__).parents[1] / "data"
BOOK = (DATA / "returns" / "libreoffice.xls").read_bytes()
CODEPAGE, HLINK, WINDOW2, DIMENSIONS, LABEL = 0x42, 0x1B8, 0x23E, 0x200, 0x204


def record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body


def written(fill, *sheets, **kwargs):
    book = xlwt.Workbook(encoding="utf-8", **kwargs)
    fill(book, *(book.add_sheet(name) for name in sheets or ("表",)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def grids(data):
    return read_grids(data, "x.xls")


@pytest.mark.parametrize("page", [936, 1252, 437, 999, 20127, 65001, 0])
def test_text_is_text_whatever_the_code_page_says(page):
    told = record(CODEPAGE, struct.pack("<H", 1200))
    assert BOOK.count(told) == 1
    data = BOOK.replace(told, record(CODEPAGE, struct.pack("<H", page)))
    assert grids(data) == grids(BOOK)
    judged = assess(data, "x.xls", forms.context())
    assert (judged.verdict, figures(judged)) == ("accepted", GOOD)


def test_what_java_and_perl_wrote_is_read_as_they_meant_it():
    form, *_ = grids((DATA / "xls" / "jexcelapi.xls").read_bytes())
    assert (form.sheet, form.cells[3, 2].value, form.cells[7, 6].value) == (
        "任务进度",
        "涪陵区",
        1739,
    )
    table, whole = grids((DATA / "xls" / "task-table-cp936.xls").read_bytes())
    assert (table.sheet, whole.sheet) == ("任务表", "全市目标")
    assert {cell.value for at, cell in table.cells.items() if at[1] == 1} >= {"万州区", "九龙坡区"}


def test_the_text_of_older_workbooks_is_by_its_code_page():
    bof = record(0x809, struct.pack("<HHHH", 0x500, 5, 0, 1996))
    page, end = record(CODEPAGE, struct.pack("<H", 936)), record(0x0A, b"")
    name, text = "表一".encode("gbk"), "忠县".encode("gbk")
    at = len(bof + page + end) + 4 + 7 + len(name)
    sheet = record(0x85, struct.pack("<LHB", at, 0, len(name)) + name)
    label = record(LABEL, struct.pack("<4H", 0, 0, 0, len(text)) + text)
    number = record(0x203, struct.pack("<3Hd", 0, 1, 0, 12.5))
    stream = bof + page + sheet + end + bof[:6] + b"\x10" + bof[7:] + label + number + end
    records, seen = [], 0
    while seen < len(stream):
        kind, size = struct.unpack_from("<HH", stream, seen)
        records.append((kind, stream[seen + 4 : seen + 4 + size]))
        seen += 4 + size
    (grid,) = grids(biff(records))
    assert (grid.sheet, {at: cell.value for at, cell in grid.cells.items()}) == (
        "表一",
        {(1, 1): "忠县", (1, 2): 12.5},
    )


def test_what_a_cell_is_and_shows_is_told():
    look = xlwt.easyxf

    def fill(_, sheet, hidden):
        sheet.write(0, 0, 12)
        sheet.write(0, 1, 1.5, look(num_format_str='0"万"'))
        sheet.write(0, 2, date(2023, 3, 5), look(num_format_str='yyyy"年"m"月"'))
        sheet.write(0, 3, True)
        sheet.write(0, 5, "忠县\r\n甲")
        sheet.row(1).hidden = True
        sheet.write(1, 255, -7)
        sheet.write_merge(2, 3, 1, 2, "合并")
        sheet.write(65_535, 0, 1e300)
        hidden.write(0, 0, 1)
        hidden.visibility = 2

    first, second = grids(written(fill, "表", "藏"))
    got = {at: (cell.kind, cell.value, cell.formula) for at, cell in first.cells.items()}
    assert got == {
        (1, 1): (NUM, 12, None),
        (1, 2): (NUM, 1.5, None),
        (1, 3): (DATE, 44990, None),
        (1, 4): (BOOL, True, None),
        (1, 6): (TEXT, "忠县\n甲", None),
        (2, 256): (NUM, -7, None),
        (3, 2): (TEXT, "合并", None),
        (65_536, 1): (NUM, 1e300, None),
    }
    assert first.format_codes[first.cells[1, 2].style] == '0"万"'
    assert (first.merged, first.hidden_rows, first.hidden) == (((3, 2, 4, 3),), {2}, False)
    assert second.hidden


def test_days_are_counted_from_1900_whatever_the_file_counts_from():
    def fill(book, sheet):
        book.dates_1904 = True
        sheet.write(0, 0, date(2023, 3, 5), xlwt.easyxf(num_format_str="yyyy-mm-dd"))

    assert grids(written(fill))[0].cells[1, 1].value == 44990


def test_formulas_are_told_from_what_was_typed():
    form, *_ = grids(BOOK)
    formulas = {at for at, cell in form.cells.items() if cell.formula is not None}
    assert {(7, 7), (7, 8)} <= formulas
    assert not formulas & {position(at) for at in ENTRIES.values()}


def test_errors_keep_their_text():
    (grid, *_) = grids((DATA / "returns" / "formulas.xls").read_bytes())
    assert {c.value for c in grid.cells.values() if c.kind == FAULT} == {"#DIV/0!"}


@pytest.mark.parametrize("rubbish", [HLINK, 0x18, 0x1B0, 0x1C, 0x1B6, 0x5D])
def test_a_record_that_holds_no_cell_costs_no_file(rubbish):
    data = written(lambda _, sheet: sheet.write(4, 2, 25))
    window = struct.pack("<H", WINDOW2)
    assert data.count(window + b"\x12\x00") == 1
    data = data.replace(window + b"\x12\x00", struct.pack("<HH", rubbish, 0x12))
    (grid,) = grids(data)
    assert {at: cell.value for at, cell in grid.cells.items()} == {(5, 3): 25}


def test_wrong_dimensions_hide_no_cell():
    data = written(lambda _, sheet: sheet.write(4, 2, 25))
    start = struct.pack("<HH", DIMENSIONS, 14)
    at = data.index(start) + 4
    data = data[:at] + struct.pack("<LLHHH", 0, 1, 0, 1, 0) + data[at + 14 :]
    assert grids(data)[0].cells[5, 3].value == 25


def test_a_word_in_a_cell_makes_no_word_document():
    data = written(lambda _, sheet: sheet.write(0, 0, "WordDocument、EncryptedPackage 说明"))
    assert grids(data)[0].cells[1, 1].value.startswith("WordDocument")
    assert compound.may_be_workbook(data)


CHAIN = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]


@pytest.mark.parametrize(
    ("data", "may_be"),
    [
        (ole(CHAIN, name="Workbook"), True),
        (ole(CHAIN, name="WORKBOOK"), True),
        (ole(CHAIN, name="Book"), True),
        (ole(CHAIN, name="EncryptedPackage"), True),
        (ole(CHAIN, name="WordDocument"), False),
        (ole(CHAIN, name="VisioDocument"), False),
        (ole(CHAIN)[:600], True),  # cannot be told: better asked than passed over
        (ole(CHAIN)[:20], True),
    ],
)
def test_whether_an_attachment_may_be_a_workbook_is_told_by_its_directory(data, may_be):
    assert compound.may_be_workbook(data) == may_be


@pytest.mark.parametrize(("at", "size"), [(30, 2), (32, 2), (48, 4), (60, 4), (64, 4), (68, 4)])
@pytest.mark.parametrize("value", [1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE])
def test_a_header_that_lies_does_no_harm(at, size, value):
    data = bytearray(ole(CHAIN) + bytes(1 << 20))
    data[at : at + size] = value.to_bytes(4, "little")[:size]
    begun = time.process_time()
    with contextlib.suppress(Unreadable):
        compound.open_ole(bytes(data))
    assert time.process_time() - begun < 1


def test_tables_that_go_round_for_ever_are_not_followed():
    data = bytearray(ole(CHAIN) + bytes(1 << 20))
    tables, round_and_round = 20_000_000, 20
    struct.pack_into("<L", data, 44, tables)
    struct.pack_into("<LL", data, 68, round_and_round, (tables - 109 + 126) // 127)
    struct.pack_into("<128L", data, 512 * (round_and_round + 1), *[0] * 127, round_and_round)
    begun = time.process_time()
    with pytest.raises(Unreadable):
        compound.open_ole(bytes(data))
    assert time.process_time() - begun < 1


FORM = read_grids(forms.fill_form(), "x.xlsx")


@pytest.mark.parametrize(
    ("encoding", "page"),
    [
        ("gbk", 936),
        ("gbk", 1252),
        ("gbk", None),
        ("gbk", 437),
        ("gbk", 999),
        ("gb18030", 54936),
        ("gbk", 10_008),
        ("utf-8", 65001),
        ("gbk", 0),
    ],
)
def test_a_form_in_the_format_of_excel_5_is_ours_whatever_it_says_of_its_texts(encoding, page):
    judged = assess(biff5(FORM, encoding, page), "x.xls", forms.context())
    assert (judged.verdict, judged.district, figures(judged)) == ("accepted", "500101", GOOD)
    assert [problem.code for problem in judged.problems] == ["content-cut"]


@pytest.mark.parametrize("cut", [255, 254, 253])
def test_a_letter_cut_in_half_costs_no_file(cut):
    first = FORM[0]._replace(cells={(1, 1): Cell(TEXT, "县" * 200), (1, 2): Cell(NUM, 5)})
    (grid,) = grids(biff5([first], "gbk", 936, cut))
    assert grid.cells[1, 2].value == 5
    assert grid.cells[1, 1].value.startswith("县" * 126)


def test_letters_of_the_west_stay_what_they_are():
    first = FORM[0]._replace(sheet="x", cells={(1, 1): Cell(TEXT, "Café à Genève")})
    (grid,) = grids(biff5([first], "cp1252", 1252))
    assert grid.cells[1, 1].value == "Café à Genève"


def test_the_stream_of_a_script_is_read_without_its_container():
    judged = assess(bare_stream(FORM[0].cells), "x.xls", forms.context())
    assert (judged.verdict, figures(judged)) == ("held", GOOD)
    assert [problem.code for problem in judged.problems] == ["sheet-copied"]
    whole = b"".join(
        record(kind, body)
        for kind, body in sheet_records(FORM[0].cells, bof=(0x500, 0x10, 0, 1996))
    )
    assert grids(whole)[0].cells == grids(bare_stream(FORM[0].cells))[0].cells
    with pytest.raises(Unreadable):
        grids(bare_stream(FORM[0].cells)[:4])


def test_a_sheet_that_the_file_looks_for_in_the_wrong_place_is_read():
    data = biff5(FORM)
    entry = struct.pack("<2H", 0x85, 7 + len(b"_meta"))
    at = data.index(entry) + len(entry)
    (place,) = struct.unpack_from("<L", data, at)
    for wrong in (place + 160, 2**31, 0xFFFFFFFF):
        judged = assess(
            data[:at] + struct.pack("<L", wrong) + data[at + 4 :], "x.xls", forms.context()
        )
        assert (judged.verdict, figures(judged)) == ("accepted", GOOD)


def test_targets_that_were_changed_beside_a_cut_page_are_held():
    cells = {**FORM[0].cells, (7, 4): FORM[0].cells[7, 4]._replace(value=3)}
    grid = FORM[0]._replace(cells=cells)
    identity = next(forms.identity_of(FORM))
    for macs, code in ((frozenset(), "token-invalid"), (frozenset((identity.mac,)), "content-cut")):
        judged = assess(biff5([grid, *FORM[1:]]), "x.xls", forms.context()._replace(macs=macs))
        doubts = {p.code for p in judged.problems if p.severity == "error"}
        assert (judged.verdict, doubts) == ("held", {code})


def test_zeros_where_the_formulas_were_are_no_entries():
    def emptied(zero):
        lost = {
            at: cell._replace(value=zero, kind=TEXT if isinstance(zero, str) else NUM)
            for at, cell in FORM[0].cells.items()
            if at[0] > 6 and at[1] in (7, 8, 10) and cell.formula is not None
        }
        return biff5([FORM[0]._replace(cells={**FORM[0].cells, **lost}), *FORM[1:]])

    for zero in (0, "0"):
        judged = assess(emptied(zero), "x.xls", forms.context())
        assert (judged.verdict, figures(judged)) == ("accepted", GOOD)
    assert assess(emptied(7), "x.xls", forms.context()).verdict == "rejected"
    typed = {**FORM[0].cells, (7, 7): Cell(NUM, 0)}
    data = biff5([FORM[0]._replace(cells=typed), *FORM[1:]])
    assert assess(data, "x.xls", forms.context()).verdict == "rejected"


def test_what_is_struck_out_or_raised_is_seen():
    struck, plain, raised = xlwt.Font(), xlwt.Font(), xlwt.Font()
    struck.struck_out, raised.escapement = True, 1
    whole = xlwt.easyxf("font: struck_out on")

    def fill(_, sheet):
        sheet.write(0, 0, 25, whole)
        sheet.write(0, 1, "25人", whole)
        sheet.write_rich_text(0, 2, [("12", struck), ("15", plain)])
        sheet.write_rich_text(0, 3, ["10", ("2", raised)])
        sheet.write_rich_text(0, 4, [("8", plain), ("9", struck)])
        sheet.write(0, 5, 7)

    (grid,) = grids(written(fill))
    mark = "\u0336"
    assert [cell.value for _, cell in sorted(grid.cells.items())] == [
        f"2{mark}5{mark}",
        f"2{mark}5{mark}人{mark}",
        f"1{mark}2{mark}15",
        "10²",
        f"89{mark}",
        7,
    ]


def test_hidden_columns_are_told():
    def fill(_, sheet):
        sheet.write(0, 5, 7)
        sheet.col(1).hidden = sheet.col(4).hidden = True

    (grid,) = grids(written(fill))
    assert grid.hidden_columns == {2, 5}


@pytest.mark.parametrize("number", [14, 27, 50, 57])
def test_a_format_that_the_file_defines_itself_counts(number):
    def fill(_, sheet):
        sheet.write(0, 0, 4, xlwt.easyxf(num_format_str="000000"))

    data = written(fill)
    at = data.index(struct.pack("<HB", 6, 0) + b"000000") - 2
    xf = data.rindex(struct.pack("<HH", 0xE0, 20)) + 6
    assert data[at : at + 2] == data[xf : xf + 2]
    changed = bytearray(data)
    changed[at : at + 2] = changed[xf : xf + 2] = struct.pack("<H", number)
    (own,) = grids(data)
    (grid,) = grids(bytes(changed))
    assert grid.cells[1, 1][:2] == own.cells[1, 1][:2] == (NUM, 4)


def test_gbk_that_a_program_wrote_as_letters_is_read_as_it_was_meant():
    def fill(_, *sheets):
        for sheet, grid in zip(sheets, FORM, strict=True):
            for (row, column), cell in grid.cells.items():
                value = cell.value
                if isinstance(value, str):
                    value = value.encode("gb18030").decode("latin-1")
                sheet.write(row - 1, column - 1, value)

    data = written(fill, *(grid.sheet.encode("gbk").decode("latin-1") for grid in FORM))
    judged = assess(data, "x.xls", forms.context())
    assert (judged.verdict, judged.district, figures(judged)) == ("accepted", "500101", GOOD)


@pytest.mark.parametrize("text", ["Café à Genève", "10²", "±5°", "Öl", "é" * 9])
def test_letters_of_the_west_are_no_gbk_in_disguise(text):
    data = written(lambda _, sheet: sheet.write(0, 0, text))
    assert grids(data)[0].cells[1, 1].value == text
