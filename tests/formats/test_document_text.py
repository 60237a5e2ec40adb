"""The text of documents as real programs write them, and what is no text."""

import pytest

from tests.tools import documents
from xl_addin.docx.package import Document
from xl_addin.formats.document_text import DocumentText, document_kind, read_document
from xl_addin.model.papers import DOC, DOCX, ODT, PDF, PROPERTY
from xl_addin.system.errors import Unreadable

LINES = ("万州区残联2023年工作总结", "全年培训 120 人次，新增就业 35 人。", "二、下一步打算")


def marked():
    document = Document.open(documents.docx(*LINES))
    document.set_properties({PROPERTY: "XLP1|一行"})
    return document.pack()


@pytest.mark.parametrize("ending", [DOCX, DOC, ODT])
def test_libreoffice_keeps_text_and_mark(ending, office, tmp_path):
    source = tmp_path / "总结.docx"
    source.write_bytes(marked())
    (tmp_path / "out").mkdir()
    data = office.convert(source, tmp_path / "out", ending).read_bytes()
    found = read_document(data)
    assert found == DocumentText(ending, LINES, "XLP1|一行")


def test_a_pdf_of_libreoffice_has_its_text(office, tmp_path):
    source = tmp_path / "总结.docx"
    source.write_bytes(marked())
    found = read_document(office.pdf(source, tmp_path).read_bytes())
    assert "".join("".join(found.lines).split()) == "".join("".join(LINES).split())
    assert (found.kind, found.unread) == (PDF, False)


def test_a_table_and_its_cells_are_text(office, tmp_path):
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    table = f"<w:tbl><w:tr>{cell.format('指标')}{cell.format('完成数')}</w:tr></w:tbl>"
    document = Document.open(documents.docx("题目"))
    text = document.part("word/document.xml").decode()
    document.put("word/document.xml", text.replace("</w:body>", f"{table}</w:body>").encode())
    source = tmp_path / "表.docx"
    source.write_bytes(document.pack())
    (tmp_path / "out").mkdir()
    assert read_document(source.read_bytes()).lines == ("题目", "指标", "完成数")
    old = office.convert(source, tmp_path / "out", DOC).read_bytes()
    assert read_document(old).lines == ("题目", "指标", "完成数")


def test_a_scan_is_of_unknown_length():
    found = read_document(documents.pdf(""))
    assert (found.lines, found.unread) == ((), True)
    assert not read_document(documents.pdf("annual report")).unread


def refusal(data):
    with pytest.raises(Unreadable) as refused:
        read_document(data)
    return refused.value.code


def test_what_is_locked_or_damaged_is_told():
    assert refusal(documents.pdf("secret", "geheim")) == "password"
    assert refusal(documents.pdf("text")[:200]) == "damaged"
    assert refusal(documents.docx("正文")[:-200]) == "damaged"
    with_entity = documents.docx("正文").replace(b"word/document.xml", b"word/document.xmm")
    assert document_kind(with_entity) == ""


def test_a_document_inside_a_workbook_makes_none_of_it():
    from tests.tools.masters import master

    assert document_kind(master()) == ""
    assert document_kind(b"") == ""
    assert document_kind(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == ""


def test_what_takes_too_long_is_ended(monkeypatch):
    from xl_addin.system import sandbox

    def never(*_):
        raise sandbox.SandboxTimeout

    monkeypatch.setattr(sandbox, "run_sandboxed", never)
    assert refusal(documents.docx("正文")) == "too-large"
