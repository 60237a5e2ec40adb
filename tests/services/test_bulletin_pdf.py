"""A PDF by whichever program is here, and a word where none is or it fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.docx.templates import CONTENTS, shipped_template
from xl_addin.docx.fill import fill
from xl_addin.services.bulletin import pdf
from xl_addin.services.bulletin.pdf import Converter, converters, write_pdf


def fail(_document, _target):
    raise RuntimeError("打不开")


@pytest.mark.parametrize(
    ("programs", "word"),
    [
        ([], "没有找到 LibreOffice、Word 或 WPS"),
        ([Converter("Word", fail)], "Word 没有做成（打不开）"),
        ([Converter("WPS", lambda *_: None)], "WPS 没有做成"),
    ],
)
def test_without_a_program_that_is_said(tmp_path, programs, word):
    said = write_pdf(tmp_path / "通报.docx", tmp_path / "通报.pdf", programs)
    assert word in said
    assert "另存为 PDF" in said


def test_the_next_program_is_tried(tmp_path):
    good = Converter("WPS", lambda _, target: target.write_bytes(b"%PDF"))
    said = write_pdf(tmp_path / "a.docx", tmp_path / "a.pdf", [Converter("Word", fail), good])
    assert said == "PDF：a.pdf（WPS）"


@pytest.mark.libreoffice
def test_libreoffice_makes_one_of_a_document_with_a_chinese_name(tmp_path):
    path = tmp_path / "通报_2023-06.docx"
    path.write_bytes(fill(shipped_template(), CONTENTS).data)
    target = path.with_suffix(".pdf")
    assert write_pdf(path, target, converters()) == f"PDF：{target.name}（LibreOffice）"
    text = subprocess.run(["pdftotext", str(target), "-"], capture_output=True, text=True).stdout
    assert "总体情况的话" in text


def test_a_file_that_libreoffice_cannot_read_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: sys.executable)
    *_, program = pdf.converters()
    assert program.name == "LibreOffice"
    assert "没有做成" in write_pdf(tmp_path / "x.docx", tmp_path / "x.pdf", [program])
