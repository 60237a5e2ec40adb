"""What a document carries of how it came about, and that offices keep it."""

from __future__ import annotations

import pytest

from tests.data import make_bulletin, make_slip
from tests.docx.templates import CONTENTS, document, para, shipped_template, text_of, with_parts
from tests.tools.systems import same_zlib
from xl_addin.docx.fill import fill
from xl_addin.docx.package import Document
from xl_addin.docx.properties import TEMPLATE, check_template, mark_written, read_marks
from xl_addin.system.errors import Refused
from xl_addin.system.resources import SLIP_TEMPLATE, workbook_path
from xl_addin.xlsx.package import pack


@same_zlib
def test_the_shipped_template_is_what_its_maker_makes():
    assert make_bulletin.build() == shipped_template()
    assert make_slip.build() == workbook_path(SLIP_TEMPLATE).read_bytes()


def test_a_document_knows_that_nobody_edited_it():
    made = mark_written(fill(shipped_template(), CONTENTS).data, "数", "7")
    assert read_marks(made) == (False, "数", "7")
    assert read_marks(with_parts(made, word_document=text_of(made).replace("附件", "附 件"))).edited


def test_one_without_properties_gets_them():
    parts = dict(Document.open(document(para("x"))).parts)
    del parts["docProps/custom.xml"]
    types = parts.pop("[Content_Types].xml")
    bare = Document.open(pack([types, *parts.values()]))
    kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    line = f'<Override PartName="/docProps/custom.xml" ContentType="{kind}"/>'
    bare.put("[Content_Types].xml", bare.part("[Content_Types].xml").replace(line.encode(), b""))
    made = mark_written(bare.pack(), "<数>&", "7")
    assert read_marks(made) == (False, "<数>&", "7")


def test_libreoffice_keeps_what_it_carries(office, tmp_path):
    (tmp_path / "out").mkdir()
    path = tmp_path / "通报.docx"
    path.write_bytes(mark_written(fill(shipped_template(), CONTENTS).data, "abc", "7"))
    again = office.convert(path, tmp_path / "out", "docx").read_bytes()
    assert read_marks(again) == (True, "abc", "7")


def test_a_template_of_a_later_program_is_refused():
    check_template(shipped_template())
    later = Document.open(shipped_template())
    later.set_properties({"XlAddinTemplate": str(TEMPLATE + 1)})
    with pytest.raises(Refused, match="升级"):
        check_template(later.pack())
