"""Archives of workbooks: every file inside comes out, or is named with the reason."""

import io
import zipfile

import pytest

from tests.tools import forms
from xl_addin.formats import archives
from xl_addin.formats.archives import expand_archive, is_archive

BOOK = forms.fill_form()


def zipped(files, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def named_in(encoding, name, data=BOOK):
    """An archive whose entry has the bytes of a local code page for a name, as Windows writes it."""
    raw = name.encode(encoding)
    stand_in = b"x" * len(raw)
    return zipped({stand_in.decode(): data}).replace(stand_in, raw)


def names(data):
    return [piece.name for piece in expand_archive(data)]


def test_every_file_comes_out_in_order():
    data = zipped({"六月/忠县.xlsx": BOOK, "六月/": b"", "万州.xls": b"x"})
    assert expand_archive(data) == [("六月/忠县.xlsx", BOOK, ""), ("万州.xls", b"x", "")]


@pytest.mark.parametrize("data", [BOOK, b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_a_workbook_and_what_is_no_zip_is_no_archive(data):
    assert not is_archive(data)


def test_a_workbook_whose_parts_stand_in_another_order_is_no_archive():
    parts = {
        info.filename: zipfile.ZipFile(io.BytesIO(BOOK)).read(info)
        for info in zipfile.ZipFile(io.BytesIO(BOOK)).infolist()
    }
    assert not is_archive(zipped({"thumbnail.jpg": b"x", **parts}))


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
@pytest.mark.parametrize("name", ["忠县6月.xlsx", "綦江区/万盛—经开区.xlsx", "誠閤.xlsx"])
def test_names_are_read_as_they_were_meant(encoding, name):
    # Some GBK characters end in the byte of a backslash.
    assert names(named_in(encoding, name)) == [name]


def test_the_name_in_the_unicode_field_counts():
    info = zipfile.ZipInfo("zhong.xlsx")
    told = "忠县.xlsx".encode()
    crc = archives.zlib.crc32(b"zhong.xlsx").to_bytes(4, "little")
    body = b"\x01" + crc + told
    info.extra = b"\x75\x70" + len(body).to_bytes(2, "little") + body
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, BOOK)
    assert names(out.getvalue()) == ["忠县.xlsx"]


def test_names_never_lead_anywhere():
    data = zipped(
        {"../../etc/passwd": b"x", "/abs.xlsx": b"x", "a\\..\\b.xlsx": b"x", "\u202e.xlsx": b"x"}
    )
    assert names(data) == ["etc/passwd", "abs.xlsx", "a/b.xlsx", ".xlsx"]


def test_what_systems_put_in_is_left_out():
    data = zipped(
        {"__MACOSX/._a.xlsx": b"x", ".DS_Store": b"x", "a/Thumbs.db": b"x", "a.xlsx": BOOK}
    )
    assert names(data) == ["a.xlsx"]


def test_one_archive_in_another_is_unfolded_and_a_third_is_not():
    inner = zipped({"忠县.xlsx": BOOK})
    assert expand_archive(zipped({"内.zip": inner})) == [("内.zip/忠县.xlsx", BOOK, "")]
    (piece,) = expand_archive(zipped({"外.zip": zipped({"内.zip": inner})}))
    assert (piece.name, piece.data) == ("外.zip/内.zip", None)
    assert piece.why


def test_a_password_is_said():
    data = bytearray(zipped({"a.xlsx": BOOK, "b.xlsx": BOOK}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    first, second = expand_archive(bytes(data))
    assert (first.name, first.data, "密码" in first.why) == ("a.xlsx", None, True)
    assert second.data == BOOK


def test_a_damaged_entry_leaves_the_others():
    data = bytearray(zipped({"a.xlsx": BOOK, "b.xlsx": BOOK}))
    data[60:70] = bytes(10)
    assert [piece.data for piece in expand_archive(bytes(data))] == [None, BOOK]


def test_an_archive_without_files_is_said():
    (piece,) = expand_archive(zipped({"leer/": b""}))
    assert (piece.data, bool(piece.why)) == (None, True)


def test_how_much_comes_out_is_bounded(monkeypatch):
    monkeypatch.setattr(archives, "MAX_FILES", 3)
    many = expand_archive(zipped({f"{n}.xlsx": b"x" for n in range(9)}))
    assert [piece.data for piece in many] == [b"x"] * 3 + [None]
    monkeypatch.setattr(archives, "MAX_FILES", 1_000)
    monkeypatch.setattr(archives, "MAX_UNPACKED", 2_500_000)
    bomb = expand_archive(zipped({f"{n}.xlsx": bytes(1_000_000) for n in range(5)}))
    assert [piece.data is None for piece in bomb] == [False, False, True, True, True]


def test_a_bomb_in_an_archive_in_an_archive_shares_the_limit(monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 2_500_000)
    inner = zipped({f"{n}.xlsx": bytes(1_000_000) for n in range(2)})
    found = expand_archive(zipped({"1.zip": inner, "2.zip": inner}))
    assert [piece.data is None for piece in found] == [False, False, True, True]


def test_a_page_with_its_folder_and_a_workbook_in_pieces_are_one_file_each():
    pieces = zipfile.ZipFile(io.BytesIO(BOOK))
    inside = {f"甲/{name}": pieces.read(name) for name in pieces.namelist()}
    page = {"乙.htm": b"<html>", "乙.files/sheet001.htm": b"<table>", "乙.files/丙.xlsx": BOOK}
    apple = {"__MACOSX/乙.htm": b"x", "._乙.htm": b"x"}
    assert names(zipped({**inside, **page, **apple})) == [
        "甲/[Content_Types].xml",
        "乙.htm",
        "乙.files/丙.xlsx",
    ]
