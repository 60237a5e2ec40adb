"""The zip container: reproducible, raw-copying, and refusing what two readers read differently."""

import io
import zipfile

import pytest

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.package import Part, deflate, inflate, pack, unpack


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def contents(data):
    return {name: inflate(part) for name, part in unpack(data).items()}


def refusal(data):
    with pytest.raises(Unreadable) as caught:
        contents(data)
    return caught.value.code


def test_what_is_packed_is_a_zip_that_others_read():
    parts = [deflate("a.xml", b"x" * 5000), deflate("文件夹/b.xml", b"y")]
    with zipfile.ZipFile(io.BytesIO(pack(parts))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.xml", "文件夹/b.xml"]
        assert archive.read("a.xml") == b"x" * 5000


def test_unpacking_and_packing_again_changes_no_byte():
    data = pack([deflate("a.xml", b"abc"), deflate("b.xml", b"")])
    assert pack(unpack(data).values()) == data


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_reads_what_zipfile_writes(method):
    data = zipped(("a.xml", b"abc"), ("d/", b""), method=method)
    assert contents(data) == {"a.xml": b"abc"}


def test_backslashes_and_leading_slashes_are_mended():
    data = pack([deflate("xl\\workbook.xml", b"1"), deflate("/docProps/app.xml", b"2")])
    assert list(unpack(data)) == ["xl/workbook.xml", "docProps/app.xml"]


def test_every_truncation_is_refused():
    data = pack([deflate("a.xml", bytes(range(256)) * 20)])
    for cut in range(0, len(data), 7):
        assert refusal(data[:cut]) == "damaged"


def test_a_flipped_bit_in_the_data_is_refused():
    data = bytearray(pack([deflate("a.xml", bytes(range(256)) * 20)]))
    data[60] ^= 1
    assert refusal(bytes(data)) == "damaged"


def test_the_same_name_twice_is_refused_whatever_its_case():
    assert refusal(pack([deflate("a.xml", b"1"), deflate("A.xml", b"2")])) == "damaged"


def test_overlapping_entries_are_refused():
    one = pack([deflate("a.xml", b"x" * 100)])
    directory = one[one.index(b"PK\x01\x02") : one.index(b"PK\x05\x06")]
    body = one[: one.index(b"PK\x01\x02")]
    renamed = directory.replace(b"a.xml", b"b.xml")
    end = bytearray(one[one.index(b"PK\x05\x06") :])
    end[8:12] = b"\x02\0\x02\0"
    end[12:16] = (2 * len(directory)).to_bytes(4, "little")
    assert refusal(body + directory + renamed + bytes(end)) == "damaged"


def test_a_part_larger_than_the_limit_is_not_unpacked():
    bomb = deflate("a.xml", b"\0" * 5_000_000)
    with pytest.raises(Unreadable) as caught:
        inflate(bomb, 1_000_000)
    assert caught.value.code == "too-large"


def test_a_part_that_lies_about_its_size_is_refused():
    honest = deflate("a.xml", b"x" * 100)
    with pytest.raises(Unreadable):
        inflate(Part(honest.name, honest.method, honest.crc, 99, honest.packed))


def test_encrypted_entries_are_called_by_name():
    data = bytearray(pack([deflate("a.xml", b"1")]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) == "password"


def test_a_directory_of_nothing_is_refused():
    data = pack([])
    assert data.startswith(b"PK\x05\x06")
    with pytest.raises(Unreadable):
        unpack(b"PK\x03\x04" + bytes(30) + data)


def test_two_packages_glued_together_are_damaged():
    one = pack([deflate("a.xml", b"<a>1</a>")])
    other = pack([deflate("a.xml", b"<a>2</a>")])
    with pytest.raises(Unreadable):
        unpack(one + other)
