"""Documents for tests: plain ones, covers that somebody wrote on, a PDF of one page."""

from __future__ import annotations

import re

from xl_addin.docx.package import Document
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.package import deflate, pack

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_DOCUMENT}"/></Types>'
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def _paragraphs(lines) -> str:
    return "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines
    )


def docx(*lines) -> bytes:
    """A .docx with these paragraphs."""
    body = f"<w:document {_W}><w:body>{_paragraphs(lines)}</w:body></w:document>"
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, "word/document.xml": body}
    return pack([deflate(name, text.encode()) for name, text in parts.items()])


def write_on(cover: bytes, *lines) -> bytes:
    """A cover with these paragraphs behind what stands on it."""
    document = Document.open(cover)
    text = document.part("word/document.xml").decode()
    at = text.rindex("<w:sectPr")
    document.put("word/document.xml", f"{text[:at]}{_paragraphs(lines)}{text[at:]}".encode())
    return document.pack()


def pdf(text: str, password: str = "") -> bytes:
    """A PDF of one page with a line in ASCII, none for a scan; locked where there is a password."""
    import io

    from pypdf import PdfReader, PdfWriter

    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b"0 0 10 10 re f"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += (
        b"xref\n0 6\n0000000000 65535 f \n%btrailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (table, len(out))
    )
    if not password:
        return out
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(out)))
    writer.encrypt(password, algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


def prose(seed: int, characters: int = 400) -> str:
    """Words that no other seed gives, without digits and names of districts."""
    import random

    words = "全年积极推进残疾人就业增收工作组织培训走访入户落实补贴政策扶持基地建设完善服务网络宣传发动社会力量参与帮扶"
    chosen = random.Random(seed)
    return re.sub(r"\s", "", "".join(chosen.choice(words) for _ in range(characters)))
