"""A workbook as a whole: its names, and how much of it is read."""

import pytest

from tests.tools import forms, masters
from tests.tools.oddities import replace_text
from xl_addin.model.sheets import TARGETS_SHEET
from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import workbook
from xl_addin.xlsx.package import deflate, unpack
from xl_addin.xlsx.workbook import Workbook

NAMES = (
    '<definedName name="a">x&lt;y</definedName><definedName name="b">1<!-- -->2</definedName>'
    '<definedName name="c" localSheetId="0">3</definedName>'
    '<definedName name="d">4<x/>5</definedName>'
)


def test_a_workbook_with_very_many_names_is_read_in_one_pass():
    many = "".join(f'<definedName name="n{n}">1</definedName>' for n in range(60_000))
    change = replace_text("<definedNames>", "<definedNames>" + many, "xl/workbook.xml")
    assert len(Workbook.open(change(forms.fill_form())).names) > 60_000


def read_all():
    book = Workbook.open(forms.fill_form())
    for name in book.sheet_names:
        book.sheet(name)


@pytest.mark.parametrize(
    ("bound", "most"), [("_MAX_UNPACKED", 10_000), ("MAX_CELLS", 60)], ids=["bytes", "cells"]
)
def test_one_workbook_is_bounded_as_a_whole(monkeypatch, bound, most):
    read_all()
    monkeypatch.setattr(workbook, bound, most)
    with pytest.raises(Unreadable) as refused:
        read_all()
    assert refused.value.code == "too-large"


def test_a_name_is_all_that_its_element_says():
    change = replace_text("<definedNames>", "<definedNames>" + NAMES, "xl/workbook.xml")
    names = Workbook.open(change(forms.fill_form())).names
    assert (names["a"], names["b"]) == ("x<y", "12")
    assert not {"c", "d"} & names.keys()  # one sheet's alone, and none that can be told


@pytest.mark.parametrize(
    ("bound", "most", "says"),
    [
        ("workbook.MAX_CELLS", 5, "超过 5 个"),
        ("workbook.MAX_PART", 500, "超过 0 MB"),
        ("xmlreader._MAX_TAGS", 50, "标记太多"),
    ],
)
def test_a_master_of_ours_may_have_more_than_what_others_send(monkeypatch, bound, most, says):
    monkeypatch.setattr("xl_addin.xlsx.xmlreader._LARGE", 50)
    monkeypatch.setattr(f"xl_addin.xlsx.{bound}", most)
    parts = unpack(masters.master())
    with pytest.raises(Unreadable, match=says):
        Workbook(parts).sheet(TARGETS_SHEET)
    assert len(Workbook(parts, own=True).sheet(TARGETS_SHEET).cells) > 5


def test_a_part_that_files_share_is_read_once_and_any_other_anew():
    content, read = b"<a>" + b"1234567890" * 300 + b"</a>", []

    def length(data):
        read.append(data)
        return len(read)

    part = deflate("xl/a.xml", content, 9)
    assert [workbook._read_once(part, length) for _ in range(3)] == [1, 1, 1]
    # Of one length and checksum, but not the same bytes.
    assert workbook._read_once(deflate("xl/a.xml", content, 1), length) == 2
