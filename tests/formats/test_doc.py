"""What of a Word 97 file LibreOffice never writes: pieces of one byte a letter, properties before them, fields."""

import io
from struct import pack

import pytest

from xl_addin.formats import doc
from xl_addin.system.errors import Unreadable


class Streams(dict):
    """An OLE file as its streams by name."""

    def openstream(self, name):
        if name not in self:
            raise OSError(name)
        return io.BytesIO(self[name])


def read(streams, monkeypatch):
    monkeypatch.setattr(doc, "open_ole", lambda _: Streams(streams))
    return doc.read_lines(b"")


ONE, TWO = "Total: ", "培训 120 人次\r"


def word(flags=0, magic=0xA5EC, version=0xC1, text=ONE + TWO, field=""):
    """The streams of a document with one piece of each kind; ``field`` goes into the second."""
    two = TWO.replace("120", field or "120")
    begin = 0x300
    wide = begin + len(ONE)
    ends = (0, len(ONE), len(ONE) + len(two))
    places = (2 * begin | 1 << 30, wide)
    plc = pack("<3I", *ends) + b"".join(pack("<HIH", 0, place, 0) for place in places)
    clx = b"\x01" + pack("<H", 3) + b"abc" + b"\x02" + pack("<I", len(plc)) + plc
    main = bytearray(begin) + ONE.encode("cp1252") + two.encode("utf-16-le")
    main[0:4] = pack("<HH", magic, version)
    main[10:12] = pack("<H", flags)
    main[0x4C:0x50] = pack("<i", len(text) - len(TWO) + len(two))
    main[0x1A2:0x1AA] = pack("<II", 0, len(clx))
    return {"WordDocument": bytes(main), "1Table" if flags & 0x200 else "0Table": clx}


@pytest.mark.parametrize("flags", [0, 0x200])
def test_both_kinds_of_pieces_are_text(flags, monkeypatch):
    assert read(word(flags), monkeypatch) == ["Total: 培训 120 人次"]


def test_of_a_field_its_result_is_text(monkeypatch):
    inner = "\x13 PAGEREF \x13 REF x \x1435\x15 \x14120\x15"
    assert read(word(field=inner), monkeypatch) == ["Total: 培训 120 人次"]


@pytest.mark.parametrize(
    ("more", "code"),
    [({"flags": 0x100}, "password"), ({"version": 0x65}, "damaged"), ({"magic": 1}, "damaged")],
)
def test_what_is_locked_or_older_is_told(more, code, monkeypatch):
    with pytest.raises(Unreadable) as refused:
        read(word(**more), monkeypatch)
    assert refused.value.code == code


def test_a_table_that_is_gone_is_damage(monkeypatch):
    streams = word()
    del streams["0Table"]
    with pytest.raises(Unreadable):
        read(streams, monkeypatch)
