"""The fast reader and expat: wherever the first gives an answer, it is the second's answer."""

import io
import random

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from xl_addin.form.read import REGION
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import fastpath
from xl_addin.xlsx.cells import Region, Styles, Workbook
from xl_addin.xlsx.fastpath import usual_sheet
from xl_addin.xlsx.package import inflate, unpack
from xl_addin.xlsx.sheet import read_by_expat

SHEET = "xl/worksheets/sheet1.xml"
ENTRIES = (
    0,
    7,
    1.5,
    -3,
    "１２０",
    "a&b<c>",
    "行\n二",
    "_x0041_",
    "",
    None,
    12345678901234567890,
    1e300,
)


@pytest.fixture(autouse=True)
def _forget_shapes():
    fastpath._SHAPES.clear()


def slow(data, strings=(), styles=Styles(), region=REGION):  # noqa: B008
    try:
        return read_by_expat(data, strings, styles, region)
    except Unreadable:
        return None


def variants():
    chance = random.Random(7)
    for _ in range(40):
        typed = {code: chance.choice(ENTRIES) for code in forms.GOOD}
        yield forms.filled({code: value for code, value in typed.items() if value is not None})


def resaved(data):
    out = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(out)
    return out.getvalue()


@pytest.mark.parametrize("save", [lambda data: data, resaved], ids=["ours", "openpyxl"])
def test_both_read_the_same_from_forms_of_one_shape_and_of_many(save):
    for data in variants():
        book = Workbook.open(save(data))
        for name in book.sheet_names:
            part = book.part(book.sheet_part(name))
            fast = usual_sheet(part, book.strings, book.styles, REGION)
            assert fast is not None
            assert fast == read_by_expat(part, book.strings, book.styles, REGION)


def test_shapes_are_used_again():
    for data in variants():
        usual_sheet(inflate(unpack(data)[SHEET]), Workbook.open(data).strings, Styles(), REGION)
    assert 0 < len(fastpath._SHAPES) < 40


def test_a_shape_gives_nobody_elses_values():
    one, other = forms.filled(), forms.filled({**forms.GOOD, "I01": 26})
    part, changed = (inflate(unpack(data)[SHEET]) for data in (one, other))
    strings = Workbook.open(one).strings
    first = usual_sheet(part, strings, Styles(), REGION)
    second = usual_sheet(changed, strings, Styles(), REGION)
    again = usual_sheet(part, strings, Styles(), REGION)
    assert (first.cells[7, 6].value, second.cells[7, 6].value) == (25, 26)
    assert first == again
    shuffled = tuple(reversed(strings))
    assert usual_sheet(part, shuffled, Styles(), REGION) == slow(part, shuffled)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_to_rows_and_cells_they_never_disagree(seed):
    chance = random.Random(seed)
    data = forms.filled()
    part, strings = inflate(unpack(data)[SHEET]), Workbook.open(data).strings
    start, stop = part.index(b"<sheetData>") + 11, part.index(b"</sheetData>")
    pieces = [
        b"<",
        b">",
        b"/",
        b'"',
        b" ",
        b"0",
        b"9",
        b"F7",
        b"<v>",
        b"</v>",
        b'<c r="F7"><v>9</v></c>',
        b' t="s"',
        b' t="b"',
        b"&amp;",
        b"&#49;",
        b"<!-- -->",
        b"</row>",
        b'<row r="7">',
        b"<f>1</f>",
        b"<is><t>x</t></is>",
        b"-",
        b"e5",
        "９".encode(),
        "\uffff".encode(),
        b"\x01",
    ]
    accepted = 0
    for _ in range(400):
        at = chance.randrange(start, stop)
        cut = chance.choice((0, 0, 1, 3, 40))
        piece = chance.choice((b"", chance.choice(pieces)))
        mutant = part[:at] + piece + part[at + cut :]
        fast = usual_sheet(mutant, strings, Styles(), REGION)
        if fast is not None:
            accepted += 1
            assert fast == slow(mutant, strings), (at, cut, piece)
    assert accepted


@pytest.mark.parametrize(
    "change",
    [
        (b"<sheetData>", b"<!-- x --><sheetData>"),
        (b"<sheetData>", b"<sheetData >"),
        (b'<c r="F7"', b'<x:c r="F7"'),
        (b'<row r="7"', b'<row r="8"'),
        (b"</sheetData>", b"</sheetData><sheetData></sheetData>"),
        (b'encoding="UTF-8"', b'encoding="GBK"'),
        (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', b"<!DOCTYPE x>"),
    ],
)
def test_what_is_not_entirely_usual_is_left_to_expat(change):
    part = inflate(unpack(forms.filled())[SHEET])
    assert change[0] in part
    strings = Workbook.open(forms.filled()).strings
    assert usual_sheet(part.replace(*change, 1), strings, Styles(), REGION) is None


def test_far_cells_and_hidden_rows_are_counted_alike():
    part = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet><sheetData><row r="1" hidden="1"><c r="A1"><v>1</v></c>'
        b'<c r="ZZ1"><v>2</v></c></row><row r="9"/><row r="9999"><c r="A9999" t="str"><f>1</f><v></v></c></row>'
        b'</sheetData><mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells></worksheet>'
    )
    for region in (Region(10, 10), Region()):
        assert usual_sheet(part, (), Styles(), region) == slow(part, region=region)
    assert usual_sheet(part, (), Styles(), Region(10, 10)).stray == 2


def one_cell(kind, formula, content, tail=""):
    look = f' t="{kind}"' if kind else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet><sheetData><row r="1"><c r="A1"{look}>'
        f'{formula}{content}</c><c r="B1"><v>1</v></c></row>{tail}</sheetData></worksheet>'
    ).encode()


CONTENTS = ["", "<v/>", "<v></v>", *(f"<v>{x}</v>" for x in (5, 6, "1.5", "x", "&amp;", "-0"))]
INLINE = [
    f"<is><t{space}>{x}</t></is>"
    for x in (5, 6, "甲", "_x0041_")
    for space in ("", ' xml:space="preserve"')
]


@pytest.mark.parametrize("formula", ["", "<f>A2</f>"])
@pytest.mark.parametrize("kind", ["", "n", "s", "str", "inlineStr", "b", "e", "d"])
def test_every_kind_of_cell_is_read_alike_first_and_again(kind, formula):
    strings = tuple("零一二三四五六")
    parts = [one_cell(kind, formula, content) for content in (*CONTENTS, *INLINE)]
    for first in parts:
        fastpath._SHAPES.clear()
        for part in (first, *parts):
            fast = usual_sheet(part, strings, Styles(), REGION)
            try:
                assert fast is None or fast == slow(part, strings)
            except Unreadable:
                raise AssertionError(part) from None


def test_what_stands_between_rows_and_their_end_is_not_passed_over():
    """Without ``xml:space`` a sheet has room for a gap as long as what it lacks."""
    row, spaced = (
        '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t{1}>x</t></is></c></row>',
        ' xml:space="preserve"',
    )
    head, tail = "<worksheet><sheetData>", "</sheetData></worksheet>"
    gap = '</sheetData><sheetData><row r="9"><c r="A9"><v>77</v></c></row>'
    gap += " " * (4 * len(spaced) - len(gap))
    whole = head + "".join(row.format(n, spaced) for n in range(1, 5)) + tail
    broken = head + "".join(row.format(n, "") for n in range(1, 5)) + gap + tail
    assert len(whole) == len(broken)
    assert usual_sheet(whole.encode(), (), Styles(), REGION) is not None
    assert usual_sheet(broken.encode(), (), Styles(), REGION) is None
