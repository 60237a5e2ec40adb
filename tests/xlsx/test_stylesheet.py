"""Formats of one workbook in the styles of another: found again where equal, else behind the others."""

import io

from openpyxl import load_workbook
from xlsxwriter import Workbook as Writer

from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.stylesheet import StyleMerge

PART = "xl/styles.xml"
RED = {"bold": True, "bg_color": "#FF0000", "num_format": '0.0"件"', "border": 1}
OTHER = {"italic": True, "num_format": '0"元"'}


def workbook(*formats: dict[str, object]) -> bytes:
    target = io.BytesIO()
    book = Writer(target)
    sheet = book.add_worksheet()
    for row, look in enumerate(formats):
        sheet.write(row, 0, 1, book.add_format(look))
    book.close()
    return target.getvalue()


def styles(data: bytes) -> bytes:
    return inflate(unpack(data)[PART])


def test_an_equal_format_is_found_again_and_nothing_is_added() -> None:
    one, other = workbook(RED), workbook(OTHER, RED)
    merge = StyleMerge(styles(one), styles(other))
    assert merge.cell(1) == 2
    assert merge.data == styles(other)


def test_a_format_that_is_missing_comes_behind_the_others_with_a_number_format_of_its_own() -> None:
    one, other = workbook(RED), workbook(OTHER)
    merge = StyleMerge(styles(one), styles(other))
    number = merge.cell(1)
    assert (number, merge.cell(1)) == (2, 2)
    parts = unpack(other)
    parts[PART] = deflate(PART, merge.data)
    sheet = "xl/worksheets/sheet1.xml"
    text = inflate(parts[sheet]).replace(b"</row>", b'<c r="B1" s="%d"><v>1</v></c></row>' % number)
    parts[sheet] = deflate(sheet, text)
    cells = load_workbook(io.BytesIO(pack(parts.values()))).active
    theirs = load_workbook(io.BytesIO(one)).active["A1"]
    mine = cells["B1"]
    for part in ("font", "fill", "border", "number_format"):
        assert repr(getattr(mine, part)) == repr(getattr(theirs, part))
    assert cells["A1"].number_format == '0"元"'
