"""What is noted on cells, as Excel, LibreOffice and others write it; and what is no comments part at all."""

from io import BytesIO

import pytest
from openpyxl import Workbook as NewBook
from openpyxl.comments import Comment
from xlsxwriter import Workbook as Writer

from xl_addin.system.errors import Unreadable
from xl_addin.xlsx.comments import MAX_COMMENTS, read_notes, read_threads
from xl_addin.xlsx.package import Part, deflate, pack, unpack
from xl_addin.xlsx.workbook import Workbook

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
# What Excel leaves beside a thread for programs that know none, in two of its languages.
ENGLISH = (
    "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment; however, any "
    "edits to it will get removed if the file is opened in a newer version of Excel. Learn more: "
    "https://go.microsoft.com/fwlink/?linkid=870924\n\nComment:\n    应为七人"
)
CHINESE = (
    "[线程批注]\n\n你的 Excel 版本可读取此线程批注; 但如果在更新版本的 Excel 中打开文件，则对批注所作的任何改动"
    "都将被删除。了解详细信息: https://go.microsoft.com/fwlink/?linkid=870924\n\n注释:\n    应为七人"
)


def notes(*entries, authors=("李红",)):
    """A comments part; entries are (address, author's number, XML of the text)."""
    names = "".join(f"<author>{name}</author>" for name in authors)
    listed = "".join(
        f'<comment ref="{ref}" authorId="{who}"><text>{text}</text></comment>'
        for ref, who, text in entries
    )
    inside = f"<authors>{names}</authors><commentList>{listed}</commentList>"
    return f'<comments xmlns="{SPACE}">{inside}</comments>'.encode()


def threads(*entries):
    listed = "".join(
        f'<threadedComment ref="{ref}" dT="2024-01-01T00:00:00.00" id="{{{n}}}"><text>{text}</text></threadedComment>'
        for n, (ref, text) in enumerate(entries)
    )
    return f'<ThreadedComments xmlns="{THREADS}">{listed}</ThreadedComments>'.encode()


def book(**parts):
    """A workbook whose first sheet leads to these parts: ``comments``, ``threadedComment``."""
    new, out = NewBook(), BytesIO()
    new.active["A1"] = 1
    new.create_sheet("别的")
    new.save(out)
    package = unpack(out.getvalue())
    kinds = {
        "comments": "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments",
        "threadedComment": "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
    }
    links = "".join(
        f'<Relationship Id="r{n}" Type="{kinds[kind]}" Target="../{kind}/part.xml"/>'
        for n, kind in enumerate(parts)
    )
    for kind, data in parts.items():
        package[f"xl/{kind}/part.xml"] = deflate(f"xl/{kind}/part.xml", data)
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    package[name] = deflate(
        name, f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>'.encode()
    )
    return Workbook.open(pack(package.values()))


def test_the_author_before_a_note_is_no_part_of_it():
    runs = '<r><rPr><b/></rPr><t>李红:</t></r><r><t xml:space="preserve">\n应为 7 人</t></r>'
    found = read_notes(
        notes(
            ("F9", 0, runs),
            ("F10", 0, "<t>更正:\n7</t>"),
            ("F11", 7, "<t>李红:\n谁</t>"),
            ("A1048577", 0, "<t>没有这一行</t>"),
            ("", 0, "<t>没有地址</t>"),
        )
    )
    assert found == {(9, 6): "应为 7 人", (10, 6): "更正:\n7", (11, 6): "李红:\n谁"}


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_a_thread_that_only_its_stand_in_is_left_of_reads_as_what_was_said(text):
    found = read_notes(notes(("F9", 0, f"<t>{text}</t>"), authors=("tc={1}",)))
    assert found == {(9, 6): "应为七人"}


def test_a_thread_counts_before_its_stand_in_and_answers_stand_below():
    found = book(
        comments=notes(("A1", 0, f"<t>{CHINESE}</t>"), ("B2", 0, "<t>旧批注</t>")),
        threadedComment=threads(("A1", "应为七人"), ("A1", "知道了"), ("C3", "新批注")),
    ).comments("Sheet")
    assert found == {(1, 1): "应为七人\n知道了", (2, 2): "旧批注", (3, 3): "新批注"}


def test_text_boxes_are_read_shape_by_shape(tmp_path):
    path = tmp_path / "a.xlsx"
    new = Writer(path)
    new.add_worksheet("一").insert_textbox("B2", "征求意见\n请回复")
    new.add_worksheet("二")
    new.close()
    found = Workbook.open(path.read_bytes())
    assert (found.boxes("一"), found.boxes("二")) == (("征求意见\n请回复",), ())


def test_what_a_sheet_does_not_lead_to_is_never_opened():
    found = book(comments=b"no XML at all")
    assert found.comments("别的") == {}
    with pytest.raises(Unreadable):
        found.comments("Sheet")
    with pytest.raises(KeyError):
        found.comments("没有")


def test_a_part_that_is_gone_holds_nothing():
    package = book(comments=notes(("A1", 0, "<t>x</t>")))._parts
    del package["xl/comments/part.xml"]
    assert Workbook(package).comments("Sheet") == {}


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE c [<!ENTITY a "1">]>' + notes(("A1", 0, "<t>&a;</t>")),
        notes(("A1", 0, "<t>x</t>"))[:-5],
        notes(("A1", 0, "<t>x<t>y</t></t>")),
        b"",
    ],
    ids=["document type", "cut", "text in text", "empty"],
)
def test_a_part_that_is_none_is_refused(data):
    with pytest.raises(Unreadable):
        book(comments=data).comments("Sheet")


def test_a_part_that_unpacks_to_more_than_comments_can_be_is_refused():
    # 40 MB of spaces pack into 40 kB.
    with pytest.raises(Unreadable):
        book(comments=notes(("A1", 0, "<t>x</t>")) + b" " * 40_000_000).comments("Sheet")


def test_more_comments_than_anybody_reads_are_left_out():
    many = 3 * MAX_COMMENTS
    assert (
        len(read_notes(notes(*((f"A{n}", 0, "<t>x</t>") for n in range(1, many))))) == MAX_COMMENTS
    )
    said = read_threads(threads(*((f"A{n}", "x") for n in range(1, many))))
    assert len(said) == MAX_COMMENTS
    assert len(read_threads(threads(*[("A1", "x")] * 5_000))[1, 1]) < 2_500


def openpyxl_book():
    new, out = NewBook(), BytesIO()
    new.active["B2"].comment = Comment("实际 7", "李红")
    new.save(out)
    return out.getvalue()


def xlsxwriter_book():
    out = BytesIO()
    with Writer(out) as new:
        new.add_worksheet("Sheet").write_comment("B2", "实际 7", {"author": "李红"})
    return out.getvalue()


@pytest.mark.parametrize("make", [openpyxl_book, xlsxwriter_book])
def test_as_libraries_write_them(make):
    assert Workbook.open(make()).comments("Sheet") == {(2, 2): "实际 7"}


def test_parts_are_found_whatever_the_case_of_their_names():
    parts = {
        name.replace("comments", "Comments"): Part(name.replace("comments", "Comments"), *part[1:])
        for name, part in unpack(openpyxl_book()).items()
    }
    assert Workbook(parts).comments("Sheet") == {(2, 2): "实际 7"}
