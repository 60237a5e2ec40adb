"""The bounds of XML: no document type in whatever coding, nothing too deep, nothing without end."""

import pytest

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx import xmlreader
from xl_addin.xlsx.xmlreader import local_name, read_branches, read_tree, refuse_deep

TYPE = '<!DOCTYPE x [<!ENTITY a "1">]><x>&a;</x>'


def refused(data):
    with pytest.raises(Unreadable) as caught:
        read_tree(data)
    return caught.value.code


@pytest.fixture
def streamed(monkeypatch):
    monkeypatch.setattr(xmlreader, "_LARGE", 7)


@pytest.mark.parametrize(
    "coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"]
)
def test_a_document_type_is_seen_in_every_coding_that_is_read(coding):
    assert refused(TYPE.encode(coding)) == "hostile"
    declared = f'<?xml version="1.0" encoding="{coding.removesuffix("-sig")}"?>'
    assert refused((declared + TYPE).encode(coding)) == "hostile"


@pytest.mark.parametrize("alone", [b' standalone="yes"', b""])
def test_a_document_type_is_seen_behind_a_usual_declaration(alone):
    usual = b'<?xml version="1.0" encoding="UTF-8"%b?>' % alone
    assert refused(usual + TYPE.encode()) == "hostile"
    assert refused(usual + b"<a>\0</a>") == "damaged"
    assert refused(usual + TYPE.encode("utf-16-le")) == "damaged"


@pytest.mark.parametrize("coding", ["cp037", "utf-7", "rot13", "gb2312", "utf-16", "x"])
def test_a_coding_that_could_hide_one_is_not_read(coding):
    declared = f'<?xml version="1.0" encoding="{coding}"?>'
    assert refused(f"{declared}<x/>".encode()) == "damaged"
    behind_two_marks = "\ufeff\ufeff" + declared + TYPE
    assert refused(behind_two_marks.encode("utf-16-le")) == "hostile"


def test_what_a_coding_of_two_bytes_hides_is_not_read():
    assert refused(b" \0" + TYPE.encode("utf-16-le")) == "damaged"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "windows-1252", "iso-8859-15"])
def test_a_text_is_read_in_the_coding_it_declares(coding):
    data = f'<?xml version="1.0" encoding="{coding}"?>\n<x encoding="y">\u00e9</x>'
    root = read_tree(data.encode(coding))
    assert (root.text, root.attrib) == ("\u00e9", {"encoding": "y"})


@pytest.mark.parametrize("harm", [lambda x: x[:-1], lambda x: x[:60] + b"\x00\xdc" + x[60:]])
def test_text_of_two_bytes_a_character_that_is_broken_is_damaged(harm):
    whole = ('<?xml version="1.0"?><x>' + "7" * 60 + "</x>").encode("utf-16")
    assert read_tree(whole).text
    assert refused(harm(whole)) == "damaged"


@pytest.mark.parametrize("data", [b"", b"x", b"<x>", b"<x>&y;</x>", b"<y:x/>", b"<x/><x/>"])
def test_what_is_no_xml_is_damaged(data):
    assert refused(data) == "damaged"


def test_a_tree_and_a_stream_have_bounds_of_their_own(monkeypatch):
    data = b"<x>" + b"<y/>" * 100 + b"</x>"
    monkeypatch.setattr(xmlreader, "_MAX_TREE_TAGS", 101)
    assert refused(data) == "too-large"
    monkeypatch.setattr(xmlreader, "_LARGE", 7)
    assert sum(1 for _ in read_branches(data, 1)[1]) == 100
    monkeypatch.setattr(xmlreader, "_MAX_TAGS", 101)
    with pytest.raises(Unreadable) as caught:
        read_branches(data, 1)
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("size", ["whole", "streamed"])
def test_branches_come_in_order_with_their_parents(size, request):
    if size == "streamed":
        request.getfixturevalue("streamed")
    root, found = read_branches(b"<r><a><x/><y>1<z/></y></a><b/><a><v/></a></r>", 2)
    assert [(parent.tag, e.tag, len(e)) for parent, e in found] == [
        ("a", "x", 0),
        ("a", "y", 1),
        ("a", "v", 0),
    ]
    assert [part.tag for part in root] == ["a", "b", "a"]


@pytest.mark.usefixtures("streamed")
def test_what_was_read_of_a_large_part_is_given_up():
    root, found = read_branches(b"<r><a>" + b"<x/>" * 50_000 + b"</a></r>", 2)
    assert max(len(parent) for parent, _ in found) < 10_000
    assert len(root[0]) == 0


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize("inner", ["<a>" * 70 + "</a>" * 70, "<y/>" * 11])
def test_one_branch_of_a_large_part_is_bounded(monkeypatch, inner):
    monkeypatch.setattr(xmlreader, "_MAX_BRANCH", 10 if "y" in inner else 100)
    with pytest.raises(Unreadable):
        list(read_branches(f"<r><a><x>{inner}</x></a></r>".encode(), 2)[1])


@pytest.mark.usefixtures("streamed")
def test_a_large_part_that_breaks_off_is_damaged():
    with pytest.raises(Unreadable) as caught:
        list(read_branches(b"<r><a><x/>", 2)[1])
    assert caught.value.code == "damaged"


def test_elements_within_elements_are_bounded():
    refuse_deep([read_tree(b"<a>" * 60 + b"</a>" * 60)])
    with pytest.raises(Unreadable) as caught:
        refuse_deep([read_tree(b"<a>" * 100 + b"</a>" * 100)])
    assert caught.value.code == "hostile"


@pytest.mark.parametrize("tag", ["row", "x:row", "{u:v}row"])
def test_the_name_of_an_element_without_its_namespace(tag):
    assert local_name(tag) == "row"
