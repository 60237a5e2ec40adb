"""Shared strings: what people see of rich text, and nothing twice."""

import pytest

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import strings, xmlreader
from xl_addin.xlsx.cells import DATE, NUM, TEXT, Cell
from xl_addin.xlsx.strings import mark_runs, shared_strings, strike

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture(autouse=True, params=["whole", "string by string"])
def size(request, monkeypatch):
    if request.param == "string by string":
        monkeypatch.setattr(xmlreader, "_LARGE", 7)


def test_shared_strings_join_runs_and_leave_out_phonetics():
    data = f"<sst {NS}><si><t>甲</t></si><si><r><t>乙</t></r><r><t>丙</t></r><rPh><t>x</t></rPh></si><si/></sst>"
    assert shared_strings(data.encode()) == ("甲", "乙丙", "")


@pytest.mark.parametrize(
    "items",
    [
        "<si><t>甲</t><si><t>乙</t></si></si>",
        "<x><si><t>甲</t></si></x>",
        "<si><t>甲<x/>乙</t></si>",
    ],
)
def test_strings_within_strings_are_refused(items):
    with pytest.raises(Unreadable):
        shared_strings(f"<sst {NS}>{items}</sst>".encode())


def test_alternatives_within_a_string_are_refused():
    other = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = "<mc:Choice Requires='x'><t>1</t></mc:Choice><mc:Fallback><t>2</t></mc:Fallback>"
    text = f'<mc:AlternateContent xmlns:mc="{other}">{both}</mc:AlternateContent>'
    for item in (text, f"<r>{text}</r>"):
        with pytest.raises(Unreadable):
            shared_strings(f"<sst {NS}><si>{item}</si></sst>".encode())


def test_strings_are_bounded(monkeypatch):
    monkeypatch.setattr(strings, "MAX_CELLS", 60)
    assert len(shared_strings(f"<sst {NS}>{'<si/>' * 60}</sst>".encode())) == 60
    with pytest.raises(Unreadable) as refused:
        shared_strings(f"<sst {NS}>{'<si/>' * 61}</sst>".encode())
    assert refused.value.code == "too-large"


@pytest.mark.parametrize(
    ("text", "runs", "seen"),
    [
        ("1215", [(0, True, False), (2, False, False)], "1\u03362\u033615"),
        ("102", [(2, False, True)], "10²"),
        ("1215", [(2, True, False)], "121\u03365\u0336"),
        ("12", [], "12"),
        # In disorder or beyond the text, each letter still comes once.
        ("1215", [(3, True, False), (1, False, False)], "1215\u0336"),
        ("12", [(9, True, False)], "12"),
    ],
)
def test_runs_are_marked_and_every_letter_comes_once(text, runs, seen):
    looks = [(start, (struck, raised)) for start, struck, raised in runs]
    assert mark_runs(text, looks) == seen


def test_a_cell_that_is_struck_out_is_what_people_see():
    assert strike(Cell(NUM, 25, None, 3)) == Cell(TEXT, "2\u03365\u0336", None, 3)
    assert strike(Cell(TEXT, "1\u033625")) == Cell(TEXT, "1\u033625")
    assert strike(Cell(DATE, 45_000)) == Cell(DATE, 45_000)
