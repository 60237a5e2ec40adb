"""Archives of WinRAR and 7-Zip: every file comes out, under its Chinese name, or a word says why not."""

import json
import random
import tracemalloc

import pytest

from tests.data.make_mails import zipped
from tests.tools.archives import rar4, rar5, seven
from tests.tools.forms import fill_form
from xl_addin.formats import rar
from xl_addin.formats.archives import expand_archive, is_archive
from xl_addin.model.filetypes import RAR5_START, RAR_START, SEVEN_START
from xl_addin.system import sandbox

pytestmark = pytest.mark.libarchive

BOOK = fill_form()
NAME = "万州区 六月.xlsx"


def contents(archive):
    return [(piece.name, piece.data) for piece in expand_archive(archive)]


@pytest.mark.parametrize("made", [rar4, rar5, seven])
def test_files_come_out_under_their_names(made):
    archive = made((NAME, BOOK), ("夹/说明.txt", "见表".encode()), ("Thumbs.db", b"x"))
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


@pytest.mark.parametrize("made", [rar4, rar5])
def test_files_behind_a_cut_are_missed_wherever_it_is(made):
    whole = made((NAME, b"x" * 50), ("乙.xlsx", b"y" * 50))
    first = len(made((NAME, b"x" * 50)))
    for cut in range(first, len(whole)):
        found = [*rar._extract(whole[:cut], 9, 999)]
        assert any(piece.why for piece in found) or len(found) == 2, cut


@pytest.mark.parametrize(("needs", "told"), [(20, False), (29, True)])
def test_a_cut_between_two_files_is_told_where_its_writer_would_have_ended_it(needs, told):
    first = len(rar4((NAME, BOOK), needs=needs)) - 7
    cut = rar4((NAME, BOOK), ("乙.xlsx", BOOK), needs=needs)[:first]
    assert [("断了" in piece.why) for piece in expand_archive(cut)] == [False, *[True] * told]


@pytest.mark.parametrize(
    ("archive", "flags"), [(rar4, b"\x01\x40\x07\x00"), (rar5, b"\x05\x00\x01")]
)
def test_another_volume_is_missed(archive, flags):
    made = archive((NAME, BOOK))[: -len(flags)] + flags
    assert [(p.data is None, "分卷" in p.why) for p in expand_archive(made)] == [
        (False, False),
        (True, True),
    ]


def test_too_much_is_not_unpacked():
    bomb = seven(("大.xlsx", bytes(60 << 20)))
    assert len(bomb) < 1 << 20
    [piece] = rar.extract_files(bomb, 10, 50 << 20)
    assert (piece.data, "太大" in piece.why) == (None, True)
    many = rar5(*((f"{n}.xlsx", b"x") for n in range(9)))
    assert [p.data for p in rar.extract_files(many, 5, 99)] == [b"x"] * 5 + [None]


def test_what_comes_out_is_copied_once():
    said = json.dumps([("a.xlsx", 8 << 20, "")]).encode() + b"\n" + bytes(8 << 20)
    tracemalloc.start()
    [file] = rar._parse_answer(said)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(file.data), peak < 9 << 20) == (8 << 20, True)


def test_where_it_cannot_be_taken_apart_it_is_left_whole(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import os; os.abort()")
    assert expand_archive(rar5((NAME, BOOK))) == []


def test_random_bytes_after_the_mark_do_no_harm():
    chance = random.Random(7)
    for mark in (RAR_START, RAR5_START, SEVEN_START):
        for piece in expand_archive(mark + chance.randbytes(5000)):
            assert piece.data is None
