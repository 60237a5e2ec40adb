"""Notes of ours come and go on a sheet; what others noted there keeps its bytes."""

import re
from io import BytesIO

import pytest
from openpyxl import Workbook as NewBook
from openpyxl import load_workbook
from openpyxl.comments import Comment
from xlsxwriter import Workbook as Writer

from tests.tools.validator import missing_validator, validate
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.notes import change_notes, read_sheet_notes
from xl_addin.xlsx.package import deflate, inflate, pack, unpack

SHEET = "xl/worksheets/sheet1.xml"
STAFF = {(2, 2): "职工写的 <&> 一条", (30, 4): "又一条\n两行"}
OURS = {(5, 6): "甲县：停课\n第二行", (6, 3): "a < b & _x0041_"}
AUTHOR = "程序"


def plain_book(out):
    with Writer(out) as new:
        new.add_worksheet("本月").write(4, 5, 7)


def xlsxwriter_book(out):
    with Writer(out) as new:
        sheet = new.add_worksheet("本月")
        for (row, column), text in STAFF.items():
            sheet.write_comment(row - 1, column - 1, text, {"author": "王五"})


def openpyxl_book(out):
    new = NewBook()
    for at, text in STAFF.items():
        new.active.cell(*at).comment = Comment(text, "王五")
    new.save(out)


def controls_book(out):
    """A sheet with a button: its drawing holds a shape that is no note."""
    with Writer(out) as new:
        new.add_worksheet("本月").insert_button("H2", {"caption": "按"})


BOOKS = [plain_book, xlsxwriter_book, openpyxl_book, controls_book]


def parts_of(make):
    out = BytesIO()
    make(out)
    return unpack(out.getvalue())


def notes_in(parts):
    """As openpyxl reads them."""
    book = load_workbook(BytesIO(pack(parts.values())))
    cells = (cell for row in book.worksheets[0].iter_rows() for cell in row)
    return {(c.row, c.column): c.comment.text for c in cells if c.comment}


def contents(parts):
    return {name: inflate(part) for name, part in parts.items()}


def shapes_in(parts):
    drawings = [text for name, text in contents(parts).items() if name.endswith(".vml")]
    return [int(n) for text in drawings for n in re.findall(rb'id="_x0000_s(\d+)"', text)]


@pytest.mark.parametrize("make", BOOKS)
def test_notes_are_put_beside_those_of_others(make, tmp_path):
    parts = parts_of(make)
    (tmp_path / "before.xlsx").write_bytes(pack(parts.values()))
    others = read_sheet_notes(parts, SHEET)
    assert others == notes_in(parts)
    change_notes(parts, SHEET, (), OURS, AUTHOR)
    assert read_sheet_notes(parts, SHEET) == {**others, **OURS}
    assert notes_in(parts) == {**others, **OURS, (6, 3): "a < b & _x005F_x0041_"}
    shapes = shapes_in(parts)
    assert len(shapes) == len(set(shapes)) == len(others) + len(OURS) + (make is controls_book)
    (tmp_path / "notes.xlsx").write_bytes(pack(parts.values()))
    if not missing_validator():
        assert validate(tmp_path / "notes.xlsx") == validate(tmp_path / "before.xlsx")


@pytest.mark.parametrize("make", BOOKS)
def test_taking_ours_away_leaves_what_was_there(make):
    parts = parts_of(make)
    before = contents(parts)
    others = read_sheet_notes(parts, SHEET)
    change_notes(parts, SHEET, (), OURS, AUTHOR)
    change_notes(parts, SHEET, OURS, {}, AUTHOR)
    assert read_sheet_notes(parts, SHEET) == notes_in(parts) == others
    after = contents(parts)
    for name in before.keys() - {"[Content_Types].xml"}:
        old, new = before[name], after[name]
        if name.startswith("xl/comments"):
            new = new.replace(b"<author>%b</author>" % AUTHOR.encode(), b"")
        if name.endswith(".vml"):
            old, new = (
                re.sub(rb"<v:shapetype.*?</v:shapetype>", b"", x, flags=re.DOTALL)
                for x in (old, new)
            )
        if make is controls_book and name.endswith((".rels", "sheet1.xml")):
            continue
        assert new == old, name
    assert after.keys() == before.keys()
    assert b"comments1" not in after["[Content_Types].xml"] or others


def test_one_note_takes_the_place_of_another_and_nothing_grows():
    parts = parts_of(openpyxl_book)
    change_notes(parts, SHEET, (), OURS, AUTHOR)
    size = len(pack(parts.values()))
    for turn in range(5):
        text = {(5, 6): f"甲县：停课\n第{turn}行"}
        change_notes(parts, SHEET, text, text, AUTHOR)
    assert read_sheet_notes(parts, SHEET) == {**STAFF, **OURS, **text}
    assert abs(len(pack(parts.values())) - size) < 60
    assert len(shapes_in(parts)) == len(STAFF) + len(OURS)


def test_many_notes_are_numbered_in_clusters_that_the_drawing_lists():
    parts = parts_of(plain_book)
    many = {(row, column): "说明" for row in range(1, 101) for column in range(1, 31)}
    change_notes(parts, SHEET, (), many, AUTHOR)
    drawing = contents(parts)["xl/drawings/vmlDrawing1.vml"]
    listed = re.search(rb'idmap[^>]* data="([^"]*)"', drawing)[1].split(b",")
    assert {int(each) for each in listed} >= {n // 1024 for n in shapes_in(parts)}
    assert len(set(shapes_in(parts))) == 3_000


def test_the_picture_in_a_header_has_a_drawing_of_its_own(tmp_path):
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
    (tmp_path / "dot.png").write_bytes(png)

    def make(out):
        with Writer(out) as new:
            new.add_worksheet("本月").set_header("&L&G", {"image_left": str(tmp_path / "dot.png")})

    parts = parts_of(make)
    before = contents(parts)
    change_notes(parts, SHEET, (), OURS, AUTHOR)
    after = contents(parts)
    assert after["xl/drawings/vmlDrawing1.vml"] == before["xl/drawings/vmlDrawing1.vml"]
    assert read_sheet_notes(parts, SHEET) == OURS
    sheet = after[SHEET].decode()
    assert sheet.index("<legacyDrawing ") < sheet.index("<legacyDrawingHF ")
    (tmp_path / "notes.xlsx").write_bytes(pack(parts.values()))
    if not missing_validator():
        assert validate(tmp_path / "notes.xlsx") == []


@pytest.mark.parametrize("name", ["xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"])
@pytest.mark.parametrize("data", ["<x/>".encode("utf-16"), b"<x/>", b""])
def test_parts_that_are_not_known_again_are_left_as_they_are(name, data):
    parts = parts_of(xlsxwriter_book)
    parts[name] = deflate(name, data)
    before = dict(parts)
    with pytest.raises(Unreadable):
        change_notes(parts, SHEET, (), OURS, AUTHOR)
    assert parts == before


@pytest.mark.libreoffice
def test_libreoffice_shows_them(tmp_path, office):
    parts = parts_of(xlsxwriter_book)
    change_notes(parts, SHEET, (), OURS, AUTHOR)
    source = tmp_path / "notes.xlsx"
    source.write_bytes(pack(parts.values()))
    saved = unpack(office.convert(source, tmp_path / "out", "xlsx").read_bytes())
    assert read_sheet_notes(saved, SHEET).keys() == {**STAFF, **OURS}.keys()
