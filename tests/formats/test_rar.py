"""Archives of WinRAR and 7-Zip: every file comes out, under its Chinese name, or a word says why not."""

import random
import struct
import zlib

import pytest

from tests.data.make_mails import zipped
from tests.tools.forms import fill_form
from xl_addin.formats import rar
from xl_addin.formats.archives import expand_archive, is_archive
from xl_addin.model.filetypes import RAR5_START, RAR_START, SEVEN_START
from xl_addin.system import sandbox

pytestmark = pytest.mark.libarchive

BOOK = fill_form()
NAME = "万州区 六月.xlsx"


def rar4(*files):
    """A .rar of the old kind, stored, with names in GBK and no word on their charset."""
    made = b"Rar!\x1a\x07\x00" + _block4(0x73, 0, bytes(6))
    for name, data in files:
        raw = name.encode("gbk")
        fields = struct.pack(
            "<IIBIIBBHI",
            len(data),
            len(data),
            2,
            zlib.crc32(data),
            0x56E30000,
            20,
            0x30,
            len(raw),
            0x20,
        )
        made += _block4(0x74, 0x8000, fields + raw) + data
    return made + _block4(0x7B, 0x4000, b"")


def _block4(kind, flags, rest):
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def rar5(*files):
    """A .rar of the new kind, stored; its names are UTF-8."""
    made = b"Rar!\x1a\x07\x01\x00" + _block5(_number(1) + _number(0) + _number(0))
    for name, data in files:
        raw = name.encode()
        fields = b"".join(map(_number, (2, 2, len(data), 0x04, len(data), 0x20)))
        fields += struct.pack("<I", zlib.crc32(data)) + _number(0) + _number(0) + _number(len(raw))
        made += _block5(fields + raw) + data
    return made + _block5(_number(5) + _number(0) + _number(0))


def _number(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _block5(body):
    sized = _number(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def seven(*files, tmp_path):
    import libarchive

    path = tmp_path / "a.7z"
    with libarchive.file_writer(str(path), "7zip") as archive:
        for name, data in files:
            archive.add_file_from_memory(name, len(data), data)
    return path.read_bytes()


def contents(archive):
    return [(piece.name, piece.data) for piece in expand_archive(archive)]


@pytest.mark.parametrize("made", [rar4, rar5, seven])
def test_files_come_out_under_their_names(made, tmp_path):
    more = {"tmp_path": tmp_path} if made is seven else {}
    archive = made((NAME, BOOK), ("夹/说明.txt", "见表".encode()), ("Thumbs.db", b"x"), **more)
    assert is_archive(archive)
    assert contents(archive) == [(NAME, BOOK), ("夹/说明.txt", "见表".encode())]


def test_one_in_another_is_taken_apart_once():
    inner = rar5((NAME, BOOK))
    assert contents(zipped(("包.rar", inner))) == [(f"包.rar/{NAME}", BOOK)]
    [deep] = expand_archive(rar4(("a.rar", rar5(("b.zip", zipped((NAME, BOOK)))))))
    assert (deep.name, deep.data) == ("a.rar/b.zip", None)
    assert "一层套一层" in deep.why


def test_names_lead_nowhere():
    assert contents(rar5(("../../etc/a.xlsx", BOOK), ("C:\\x\\b.xlsx", BOOK))) == [
        ("etc/a.xlsx", BOOK),
        ("C:/x/b.xlsx", BOOK),
    ]


@pytest.mark.parametrize("cut", [40, 300, 8_000])
def test_what_is_damaged_is_told_and_not_half_read(cut):
    [piece] = expand_archive(rar5((NAME, BOOK))[:-cut])
    assert piece.data is None
    assert "拆不开" in piece.why


def test_too_much_is_not_unpacked(tmp_path):
    bomb = seven(("大.xlsx", bytes(60 << 20)), tmp_path=tmp_path)
    assert len(bomb) < 1 << 20
    [piece] = rar.extract_files(bomb, 10, 50 << 20)
    assert (piece.data, "太大" in piece.why) == (None, True)
    many = rar5(*((f"{n}.xlsx", b"x") for n in range(9)))
    assert [p.data for p in rar.extract_files(many, 5, 99)] == [b"x"] * 5 + [None]


def test_where_it_cannot_be_taken_apart_it_is_left_whole(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import os; os.abort()")
    assert expand_archive(rar5((NAME, BOOK))) == []


def test_random_bytes_after_the_mark_do_no_harm():
    chance = random.Random(7)
    for mark in (RAR_START, RAR5_START, SEVEN_START):
        for piece in expand_archive(mark + chance.randbytes(5000)):
            assert piece.data is None
