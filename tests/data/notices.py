"""Notices with a task table, written by hand in the XML of Word and of Writer, beside what each comes to.

``units`` is each district with its targets; ``refused`` are the codes of the errors, or words of what is said
where nothing is read; ``told`` are the codes of the warnings, all of them.
``python -m tests.data.notices FOLDER`` writes them as files.
"""

# ruff: noqa: E501 - markup as it stands

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xl_addin.xlsx.package import deflate, pack

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_SPACES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/NAME" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/></Types>'
)
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def run(text: str, look: str = "") -> str:
    """A run; ``look`` are its properties."""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def par(content: str = "", style: str = "") -> str:
    """A paragraph of runs, or of a text."""
    inner = content if content.startswith("<") or not content else run(content)
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{inner}</w:p>"


def cell(content: str = "", properties: str = "") -> str:
    """A cell of a text, of runs or of paragraphs."""
    inner = content if content.startswith(("<w:p>", "<w:tbl>")) else par(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A row of cells or of their texts."""
    inner = "".join(c if c.startswith(("<w:tc>", "<w:sdt>")) else cell(c) for c in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{inner}</w:tr>"


def table(*rows: str, properties: str = "", widths: tuple[int, ...] = ()) -> str:
    """A table of rows."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def span(count: int) -> str:
    return f'<w:gridSpan w:val="{count}"/>'


DOWN, MORE = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
CHANGE = 'w:id="1" w:author="a" w:date="2023-03-07T00:00:00Z"'


def sdt(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def field(code: str, result: str | None) -> str:
    """A complex field; None is one that was never computed."""
    shown = (
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run(result)
        if result is not None
        else ""
    )
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>{shown}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def box(content: str) -> str:
    """A text box as Word writes it twice, for itself and for older programs."""
    inner = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inner}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{inner}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def docx(
    *body: str,
    space: str = W,
    name: str = "word/document.xml",
    styles: str = "",
    more: tuple[str, ...] = (),
    before: str = "",
) -> bytes:
    """A package with this body; ``more`` are names of further parts."""
    document = f'{before}<w:document xmlns:w="{space}" {_SPACES}><w:body>{"".join(body)}</w:body></w:document>'
    links = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="{_LINK}" Target="{name}"/></Relationships>'
    parts = [
        deflate("[Content_Types].xml", _TYPES.replace("NAME", name).encode()),
        deflate("_rels/.rels", links.encode()),
        deflate(name, document.encode()),
        *(deflate(each, b"-") for each in more),
    ]
    if styles:
        sheet = f'<w:styles xmlns:w="{space}">{styles}</w:styles>'
        link = links.replace('officeDocument"', 'styles"').replace(name, "styles.xml")
        parts.append(deflate("word/styles.xml", sheet.encode()))
        parts.append(deflate("word/_rels/document.xml.rels", link.encode()))
    return pack(parts)


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_SPACES = " ".join(
    f'xmlns:{each}="{_ODF}{each}:1.0"' for each in ("office", "text", "table", "style", "draw")
)


def odt(*body: str, styles: str = "", flat: bool = False) -> bytes:
    """A text of Writer with this body and these automatic styles."""
    root = "document" if flat else "document-content"
    inner = (
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{''.join(body)}</office:text></office:body>"
    )
    content = f"<office:{root} {_ODF_SPACES}>{inner}</office:{root}>".encode()
    if flat:
        return b'<?xml version="1.0" encoding="UTF-8"?>' + content
    kind = "application/vnd.oasis.opendocument.text"
    files = "".join(
        f'<m:file-entry m:full-path="{path}" m:media-type="{media}"/>'
        for path, media in (("/", kind), ("content.xml", "text/xml"))
    )
    manifest = f'<m:manifest xmlns:m="{_ODF}manifest:1.0">{files}</m:manifest>'
    return pack(
        [
            deflate("mimetype", kind.encode()),
            deflate("content.xml", content),
            deflate("META-INF/manifest.xml", manifest.encode()),
        ]
    )


def text_p(content: str) -> str:
    return f"<text:p>{content if '<' in content else escape(content)}</text:p>"


def odt_cell(content: str = "", attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{text_p(content)}</table:table-cell>"


COVERED = "<table:covered-table-cell/>"


def odt_row(*cells: str, attributes: str = "") -> str:
    inner = "".join(c if c.startswith("<table:") else odt_cell(c) for c in cells)
    return f"<table:table-row {attributes}>{inner}</table:table-row>"


def odt_table(*rows: str) -> str:
    column = '<table:table-column table:number-columns-repeated="3"/>'
    return f'<table:table table:name="表">{column}{"".join(rows)}</table:table>'


class Case(NamedTuple):
    """``file`` is the name it comes under; ``options`` are those of ``new``."""

    data: bytes
    units: dict[str, list[Any]] | None = None
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    says: str = ""
    file: str = "通知.docx"
    options: Mapping[str, str] = MappingProxyType({})


HEAD = ("区县", "培训（人次）", "就业（人）")
BODY = (("万州区", "300", "20"), ("涪陵区", "1200", "35"), ("江北区", "80", "9"))
UNITS: dict[str, list[Any]] = {name: [int(a), int(b)] for name, a, b in BODY}
TITLE = par("2023年任务分解表")
ONE, TWO, THREE = (row(*each) for each in BODY)
TOP = row(*HEAD)
BLANK = {**UNITS, "万州区": [None, 20]}


def _nested(count: int) -> str:
    return table(row(cell(_nested(count - 1) + par()))) if count else table(TOP, ONE, TWO, THREE)


def first(content: str, properties: str = "", **more: Any) -> bytes:
    """The usual table with this in the place of 300."""
    return docx(
        TITLE, table(TOP, row("万州区", cell(content, properties), "20"), TWO, THREE), **more
    )


def ods_first(content: str, attributes: str = "", **more: Any) -> bytes:
    rows = (
        odt_row("万州区", odt_cell(content, attributes), "20"),
        *(odt_row(*b) for b in BODY[1:]),
    )
    return odt(text_p("2023年任务分解表"), odt_table(odt_row(*HEAD), *rows), **more)


_WHOLE = table(TOP, ONE, TWO, THREE)
_LOCKED = Path(__file__).parent / "returns/locked.xlsx"
_STYLES = (
    '<w:style w:type="character" w:styleId="gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="cut"><w:basedOn w:val="base"/></w:style>'
    '<w:style w:type="character" w:styleId="base"><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="cutline"><w:rPr><w:strike/></w:rPr></w:style>'
)
_COLOR = '<w:color w:val="FFFFFF"/>'
_BLUE = '<w:shd w:val="clear" w:color="auto" w:fill="1F4E79"/>'
_LATE = '<w:gridBefore w:val="1"/>'
_LONG = "".join(Random(1).choices("各区县残联要按照任务分解表抓好落实", k=20_000))


def _lock(data: bytes) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    out = BytesIO()
    OOXMLFile(BytesIO(data)).encrypt("VelvetSweatshop", out)
    return out.getvalue()


_BAD = ("not-a-number",)
_DOUBT = ("document-cell",)
_TRACKED = ("tracked-change",)
_MERGED = ("merged-cells",)
CASES: dict[str, Case] = {
    "plain": Case(docx(TITLE, _WHOLE), UNITS),
    "no title": Case(docx(_WHOLE), UNITS),
    "strict": Case(docx(TITLE, _WHOLE, space=STRICT), UNITS),
    "a part of another name": Case(docx(TITLE, _WHOLE, name="word/document2.xml"), UNITS),
    "docm": Case(docx(TITLE, _WHOLE, more=("word/vbaProject.bin",)), UNITS, file="通知.docm"),
    "dotx": Case(docx(TITLE, _WHOLE), UNITS, file="通知.dotx"),
    "named .doc": Case(docx(TITLE, _WHOLE), UNITS, file="通知.doc"),
    "unit above": Case(
        docx(TITLE, par("单位：人"), table(row("区县", "培训", "就业"), ONE, TWO, THREE)), UNITS
    ),
    "total first": Case(docx(TITLE, table(TOP, row("合计", "1580", "64"), ONE, TWO, THREE)), UNITS),
    "total first, wrong": Case(
        docx(TITLE, table(TOP, row("合计", "1581", "64"), ONE, TWO, THREE)), UNITS, told=("total-mismatch",)
    ),
    "title inside the table": Case(
        docx(table(row(cell("2023年任务分解表", span(3))), TOP, ONE, TWO, THREE)), UNITS
    ),
    # Merged cells.
    "head of two rows": Case(
        docx(TITLE, table(
            row(cell("区县", DOWN), cell("任务（人）", span(2))),
            row(cell("", MORE), "培训", "就业"), ONE, TWO, THREE)), UNITS),
    "a leaf merged down beside a part": Case(
        docx(TITLE, table(
            row(cell("区县", DOWN), cell("培训（人）", DOWN), cell("")),
            row(cell("", MORE), cell("", MORE), "其中妇女"), row("万州区", "300", "20"), *([TWO, THREE]))), UNITS),
    "two share a figure": Case(
        docx(TITLE, table(TOP, row("万州区", cell("300", DOWN), "20"), row("涪陵区", cell("", MORE), "35"), THREE)), None, _MERGED),
    "two share a figure, some left below": Case(
        docx(TITLE, table(TOP, row("万州区", cell("300", DOWN), "20"), row("涪陵区", cell("5", MORE), "35"), THREE)), None, _MERGED),
    "a figure over two columns": Case(docx(TITLE, table(TOP, row("万州区", cell("300", span(2))), TWO, THREE)), None, _MERGED),
    "a figure over two columns, the old way": Case(
        docx(TITLE, table(TOP, row("万州区", cell("300", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>")), TWO, THREE)), None, _MERGED),
    "goes on without a beginning": Case(first("300", MORE), UNITS),
    "spans that no border needs": Case(
        docx(TITLE, table(*(row(cell(a, span(2)), b, cell(c, span(3))) for a, b, c in (HEAD, *BODY)))), UNITS),
    "borders dragged past each other": Case(
        docx(TITLE, table(
            row(cell("区县"), cell("培训（人次）", span(2)), cell("就业（人）")),
            *(row(cell(a, span(2)), b, c) for a, b, c in BODY), widths=(1500, 40, 1500, 1500))), UNITS),
    "a column too narrow but in use": Case(
        docx(TITLE, table(TOP, ONE, TWO, THREE, widths=(1500, 40, 1500))), UNITS),
    # Rows that begin late or end early.
    "last cell gone": Case(
        docx(TITLE, table(TOP, row("万州区", "300", properties='<w:gridAfter w:val="1"/>'), TWO, THREE)),
        {**UNITS, "万州区": [300, None]}, told=("blank",)),
    "last cell gone without a word": Case(
        docx(TITLE, table(TOP, row("万州区", "300"), TWO, THREE)), {**UNITS, "万州区": [300, None]}, told=("blank",)),
    "a row that begins late": Case(
        docx(TITLE, table(row("片区", *HEAD), row("主城", *BODY[0]), row(*BODY[1], properties='<w:gridBefore w:val="1"/>'),
             row(*BODY[2], properties='<w:gridBefore w:val="1"/>'))), UNITS),
    # Changes that nobody accepted.
    "changed": Case(
        first(f'<w:del {CHANGE}><w:r><w:delText>300</w:delText></w:r></w:del><w:ins {CHANGE}>{run("350")}</w:ins>'), None, _TRACKED),
    "inserted": Case(first(f'<w:ins {CHANGE}>{run("300")}</w:ins>'), None, _TRACKED),
    "a digit deleted": Case(first(run("30") + f'<w:del {CHANGE}><w:r><w:delText>0</w:delText></w:r></w:del>'), None, _TRACKED),
    "moved": Case(first(f'<w:moveFrom {CHANGE}>{run("300")}</w:moveFrom>'), None, _TRACKED),
    "a row deleted": Case(
        docx(TITLE, table(TOP, ONE, row("北碚区", "5", "5", properties=f"<w:del {CHANGE}/>"), TWO, THREE)), None, _TRACKED),
    "a row inserted": Case(docx(TITLE, table(TOP, row(*BODY[0], properties=f"<w:ins {CHANGE}/>"), TWO, THREE)), None, _TRACKED),
    "a cell deleted": Case(first("300", f"<w:cellDel {CHANGE}/>"), None, _TRACKED),
    "only its look changed": Case(first(run("300", f"<w:b/><w:rPrChange {CHANGE}><w:rPr/></w:rPrChange>")), UNITS),
    "changed outside of the table": Case(docx(par(f'<w:ins {CHANGE}>{run("通知")}</w:ins>'), TITLE, _WHOLE), UNITS),
    # Content controls.
    "a control around a run": Case(first(sdt(run("300"))), UNITS),
    "a control around a paragraph": Case(
        docx(TITLE, table(TOP, row("万州区", f"<w:tc>{sdt(par('300'))}</w:tc>", "20"), TWO, THREE)), UNITS),
    "a control around a cell": Case(docx(TITLE, table(TOP, row("万州区", sdt(cell("300")), "20"), TWO, THREE)), UNITS),
    "a control around a row": Case(docx(TITLE, table(TOP, sdt(ONE), TWO, THREE)), UNITS),
    "controls in controls around rows": Case(docx(TITLE, table(TOP, sdt(sdt(ONE) + TWO), THREE)), UNITS),
    "a control around the table": Case(docx(TITLE, sdt(_WHOLE)), UNITS),
    "what is to be typed": Case(first(sdt(run("单击此处输入"), "<w:showingPlcHdr/>")), BLANK, told=("blank",)),
    "wrapped in links and tags": Case(first(f"<w:hyperlink><w:smartTag>{run('300')}</w:smartTag></w:hyperlink>"), UNITS),
    # Tables in tables, text boxes.
    "a table in a table": Case(docx(TITLE, table(row(cell(_WHOLE + par())))), UNITS),
    "a table in a table in a table": Case(docx(TITLE, table(row(cell(table(row(cell(_WHOLE + par()))) + par())))), UNITS),
    "a figure in a table of its own": Case(first(table(row("300")) + par()), UNITS),
    "a table of figures in a cell": Case(first(table(row("300", "5")) + par()), BLANK, told=("document-cell", "blank")),
    "a table in a text box": Case(docx(par(box(TITLE + _WHOLE))), UNITS),
    "a head of text boxes": Case(
        docx(TITLE, table(row(cell(par(box(par("项目"))) + par(box(par("区县")))), *HEAD[1:]), ONE, TWO, THREE)), UNITS),
    "a figure in a text box": Case(first(box(par("300"))), UNITS, told=_DOUBT),
    "a figure beside a text box": Case(first(run("300") + box(par("350"))), None, _DOUBT),
    "a figure beside a text box of words": Case(first(run("300") + box(par("注"))), UNITS),
    # What is not seen, or seen otherwise.
    "struck": Case(first(run("300", "<w:strike/>") + run("350")), None, _BAD),
    "struck twice": Case(first(run("300", "<w:dstrike/>")), None, _BAD),
    "not struck": Case(first(run("300", '<w:strike w:val="0"/>')), UNITS),
    "struck by a style": Case(first(run("3", '<w:rStyle w:val="cut"/>') + run("00"), styles=_STYLES), None, _BAD),
    "struck by a paragraph's style": Case(first(par("300", "cutline"), styles=_STYLES), None, _BAD),
    "hidden": Case(first(run("300") + run("9", "<w:vanish/>")), UNITS, told=("hidden-text",)),
    "hidden by a style": Case(first(run("300") + run("9", '<w:rStyle w:val="gone"/>'), styles=_STYLES), UNITS, told=("hidden-text",)),
    "all hidden": Case(first(run("300", "<w:vanish/>")), BLANK, told=("hidden-text", "blank")),
    "raised": Case(first(run("300") + run("1", '<w:vertAlign w:val="superscript"/>')), None, _BAD),
    "raised by hand": Case(first(run("300") + run("1", '<w:position w:val="6"/>')), None, _BAD),
    "an equation": Case(first(f'{run("3")}<m:oMath xmlns:m="math"><m:r><m:t>00</m:t></m:r></m:oMath>'), None, _BAD),
    "a row in what is none": Case(docx(TITLE, table(TOP, ONE, f"<w:odd>{TWO}</w:odd>", THREE)), says="怕漏读"),
    "a symbol in a name": Case(
        docx(TITLE, table(TOP, row(cell(run("万") + '<w:r><w:sym w:font="Symbol" w:char="F030"/></w:r>'), "300", "20"), TWO, THREE)), {"万\ufffd": UNITS["万州区"], **{k: UNITS[k] for k in ("涪陵区", "江北区")}}, told=_DOUBT),
    "a circled one": Case(first("300①"), None, _BAD),
    "a footnote": Case(first(run("300") + '<w:r><w:footnoteReference w:id="2"/></w:r>'), UNITS, told=_DOUBT),
    "a symbol": Case(first(run("30") + '<w:r><w:sym w:font="Symbol" w:char="F030"/></w:r>'), None, _BAD),
    "turned around": Case(first(f'<w:bdo w:val="rtl">{run("003")}</w:bdo>'), None, _BAD),
    "right to left": Case(first(run("300", "<w:rtl/>")), UNITS),
    "columns right to left": Case(docx(TITLE, table(TOP, ONE, TWO, THREE, properties="<w:bidiVisual/>")), UNITS),
    "alternatives that agree": Case(first(
        f'<mc:AlternateContent><mc:Choice Requires="w14">{run("300")}</mc:Choice><mc:Fallback>{run("300")}</mc:Fallback></mc:AlternateContent>'), UNITS),
    "alternatives that do not": Case(first(
        f'<mc:AlternateContent><mc:Choice Requires="w14">{run("300")}</mc:Choice><mc:Fallback>{run("350")}</mc:Fallback></mc:AlternateContent>'), None, _BAD),
    "phonetic guides": Case(first(
        f"<w:r><w:ruby><w:rt>{run('1')}</w:rt><w:rubyBase>{run('300')}</w:rubyBase></w:ruby></w:r>"), UNITS),
    "a hidden row": Case(docx(TITLE, table(TOP, row(*BODY[0], properties="<w:hidden/>"), TWO, THREE)), UNITS, told=("hidden-row",)),
    # Fields.
    "a field": Case(first(field("=SUM(A1)", "300")), UNITS),
    "a field in a field": Case(first(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + field("REF a", "7") + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run("300") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'), UNITS),
    "a simple field": Case(first(f'<w:fldSimple w:instr="REF a">{run("300")}</w:fldSimple>'), UNITS),
    "a field without a result": Case(first(field("=SUM(A1)", None)), None, _DOUBT),
    "a field that never ends": Case(first('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run("300")), None, _DOUBT),
    # How figures are written.
    "thousands": Case(docx(TITLE, table(TOP, ONE, row("涪陵区", "1,200", "35"), THREE)), UNITS),
    "full width": Case(first("３００"), UNITS),
    "digits in runs": Case(first(run("3") + run("0", "<w:b/>") + run("0")), UNITS),
    "a break in a figure": Case(first("<w:r><w:t>3</w:t><w:br/><w:t>00</w:t></w:r>"), None, _BAD),
    "a figure on two lines": Case(first(par("3") + par("00")), None, _BAD),
    "lines around a figure": Case(first(par() + par("300") + par()), UNITS),
    "a point that may be one": Case(docx(TITLE, table(TOP, ONE, row("涪陵区", "1.200", "35"), THREE)), None, _BAD),
    "with its unit": Case(first("300人次"), UNITS, told=("read-as-number",)),
    "spaces kept and not kept": Case(first("<w:r><w:t> 300 </w:t></w:r>"), UNITS),
    # Several tables.
    "goes on, head repeated": Case(docx(TITLE, table(TOP, ONE, TWO), par("（续表）"), table(TOP, THREE)), UNITS, told=("table-joined",)),
    "goes on, a footnote in its head": Case(
        docx(TITLE, table(TOP, ONE, TWO), par("续表"),
             table(row("区县", cell(run("培训（人次）") + '<w:r><w:footnoteReference w:id="2"/></w:r>'), "就业（人）"), THREE)),
        UNITS, told=("table-joined",)),
    "goes on, no head": Case(docx(TITLE, table(TOP, ONE, TWO), par(), table(THREE)), UNITS, told=("table-joined",)),
    "goes on under its title again": Case(docx(TITLE, table(TOP, ONE, TWO), TITLE, table(TOP, THREE)), UNITS, told=("table-joined",)),
    "three parts": Case(docx(TITLE, table(TOP, ONE), par("续表1"), table(TOP, TWO), par("续表2"), table(TOP, THREE)), UNITS, told=("table-joined",)),
    "parts under headings": Case(
        docx(TITLE, par("（一）渝东北"), table(TOP, ONE), par("（二）主城都市区"), table(TOP, TWO, THREE)), UNITS, told=("table-joined",)),
    "parts, each with its total": Case(
        docx(TITLE, table(TOP, ONE, TWO, row("小计", "1500", "55")), par("（二）"), table(TOP, THREE, row("小计", "80", "9"))), UNITS,
        told=("table-joined", "subtotal-skipped")),
    "the rest under other words": Case(
        docx(TITLE, table(TOP, ONE, TWO), par("继续教育"), table(THREE)), None, ("which-sheet",), says="--sheet 表1"),
    "the rest in another width": Case(
        docx(TITLE, table(TOP, ONE, TWO), par(), table(row("江北区", "80"))), None, ("which-sheet",), says="--sheet 表1"),
    "the rest in another width, settled": Case(
        docx(TITLE, table(TOP, ONE, TWO), par(), table(row("江北区", "80"))), {k: UNITS[k] for k in ("万州区", "涪陵区")}, options={"sheet": "表1"}),
    "another year's": Case(
        docx(par("2022年任务表"), table(TOP, row("万州区", "1", "2"), row("涪陵区", "3", "4")), par("2023年任务表"), table(TOP, ONE, TWO)),
        {k: UNITS[k] for k in ("万州区", "涪陵区")}, told=("other-table",)),
    "two of one kind": Case(
        docx(par("甲类任务表"), table(TOP, row("万州区", "1", "2"), row("涪陵区", "3", "4")), par("乙类任务表"), table(TOP, ONE, TWO)), None,
        ("which-sheet",)),
    "two of one kind, settled": Case(
        docx(par("甲类任务表"), table(TOP, row("万州区", "1", "2"), row("涪陵区", "3", "4")), par("乙类任务表"), table(TOP, ONE, TWO)),
        {k: UNITS[k] for k in ("万州区", "涪陵区")}, options={"sheet": "表2"}),
    "a column settled": Case(
        docx(TITLE, table(row(*HEAD, "完成数（人）"), *(row(*each, "1") for each in BODY))), UNITS,
        options={"skip-column": "列4"}),
    "a row settled": Case(
        docx(TITLE, table(TOP, ONE, TWO), par("续表"), table(TOP, THREE, row("机动", "5", "5"))), UNITS, told=("table-joined",),
        options={"skip-row": "表2行3"}),
    # What is there and not seen, or not what it seems.
    "a white digit": Case(first(run("1", _COLOR) + run("300")), UNITS, told=("hidden-text",)),
    "a white figure": Case(first(run("300", _COLOR)), BLANK, told=("blank", "hidden-text")),
    "a white figure by a style": Case(
        first(f"<w:p><w:pPr><w:pStyle w:val='w'/></w:pPr>{run('300')}</w:p>", styles=f'<w:style w:type="paragraph" w:styleId="w"><w:rPr>{_COLOR}</w:rPr></w:style>'),
        BLANK, told=("blank", "hidden-text")),
    "a white figure on blue": Case(first(run("300", _COLOR), _BLUE), UNITS),
    "a blue figure on blue": Case(
        first(run("300", '<w:color w:val="1F4E79"/>'), _BLUE), BLANK, told=("blank", "hidden-text")),
    "a white figure that is marked": Case(first(run("300", f'{_COLOR}<w:highlight w:val="black"/>')), UNITS),
    "a white figure of the theme": Case(
        first(run("300", '<w:color w:val="auto" w:themeColor="background1"/>')), BLANK, told=("blank", "hidden-text")),
    "a white head, shaded by the table's style": Case(
        docx(TITLE, table(row(*(cell(run(h, _COLOR)) for h in HEAD)), ONE, TWO, THREE, properties='<w:tblStyle w:val="t"/>'),
             styles='<w:style w:type="table" w:styleId="s"><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:fill="4472C4"/></w:tcPr></w:tblStylePr></w:style>'
                    '<w:style w:type="table" w:styleId="t"><w:basedOn w:val="s"/></w:style>'), UNITS),
    "a white head, each cell shaded": Case(
        docx(TITLE, table(row(*(cell(run(h, _COLOR), _BLUE) for h in HEAD)), ONE, TWO, THREE)), UNITS),
    "digits of a font of pictures": Case(
        first(run("12", '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>')), None, _BAD),
    "a picture beside digits": Case(first(f'{run("30")}<w:r><w:sym w:font="Wingdings" w:char="F08C"/></w:r>'), None, _BAD),
    "a head turned on its side": Case(
        docx(TITLE, table(row("区县", cell(HEAD[1], '<w:textDirection w:val="btLr"/>'), HEAD[2]), ONE, TWO, THREE)), UNITS),
    "another figure in a text box": Case(first(run("300") + box(par("350"))), None, _DOUBT),
    "a second row of heads that begins late": Case(
        docx(TITLE, table(
            row(cell("区县", DOWN), cell("任务（人）", span(2))), row("培训", "就业", properties=_LATE), ONE, TWO, THREE)), UNITS),
    "a row without a name that begins late": Case(docx(TITLE, table(TOP, ONE, row("35", "5", properties=_LATE), THREE)), None, ("row-without-name",)),
    "a row moved to the right": Case(
        docx(TITLE, table(TOP, ONE, row(*BODY[1], properties=_LATE), THREE)), None, ("row-without-name",)),
    "all rows begin late": Case(docx(TITLE, table(*(row(*b, properties=_LATE) for b in (HEAD, *BODY)))), UNITS),
    "locked by the password that opens by itself": Case(_lock(docx(TITLE, _WHOLE, par(_LONG))), UNITS),
    "a table of prices before the enclosure that is named right here": Case(
        docx(table(row("工种", "学时", "补贴标准（元/人）"), row("焊工", "80", "1000"), row("保安员", "60", "900"), row("育婴员", "90", "1200"), row("家政", "90", "1100")),
             par("附件：2023年任务分解表"), par("单位：人次"), table(row("区县", "培训", "就业"), ONE, TWO, THREE)), UNITS, told=("other-table",)),
    # What is no table of Word.
    "embedded": Case(docx(TITLE, par("附件"), more=("word/embeddings/a.xlsx",)), says="另存为 .xlsx"),
    "no table": Case(docx(TITLE, par("正文")), says="文档里没有表"),
    "tables of words": Case(docx(table(row("联系人", "电话"), row("张三", "看附件"))), says="表1"),
    "another file in it": Case(docx(TITLE, _WHOLE, '<w:altChunk r:id="a"/>'), says="另存为 .docx"),
    "no body": Case(docx(_WHOLE, space="urn:other"), says="已损坏"),
    "a document type": Case(docx(TITLE, _WHOLE, before="<!DOCTYPE a>"), says="DOCTYPE"),
    "too deep": Case(docx(_nested(20)), says="嵌套过深"),
    "too wide": Case(docx(TITLE, table(row(cell("区县", span(99999)), "培训"))), says="列"),
    "too many cells before": Case(docx(TITLE, table(row("区县", properties='<w:gridBefore w:val="2000000000"/>'))), says="列"),
    "cut off": Case(docx(TITLE, _WHOLE)[:-200], says="压缩包"),
    "damaged": Case(docx(TITLE, _WHOLE).replace(b"PK\x01\x02", b"PK\x01\x03", 1), says="损坏"),
    "locked": Case(_LOCKED.read_bytes(), says="请取消密码、另存一份后再选它"),
    "pdf": Case(b"%PDF-1.7 scan", says="这是 PDF 文件", file="通知.pdf"),
    "pdf after a mark": Case(b"\xef\xbb\xbf\r\n%PDF-1.7 scan", says="这是 PDF 文件", file="通知.pdf"),
    "photo": Case(b"\xff\xd8\xff\xe0 photo", says="照着录入", file="通知.jpg"),
    "photo of a telephone": Case(b"\0\0\0\x18ftypheic" + bytes(40), says="照着录入", file="通知.heic"),
    "rtf": Case(b"{\\rtf1 a}", says="另存为 .docx", file="通知.doc"),
    "word 2003": Case(b'<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>', says="另存为 .docx", file="通知.xml"),
}  # fmt: skip

_ODT_BODY = tuple(odt_row(*each) for each in BODY)
_ODT_HEAD = odt_row(*HEAD)
_ODT_STYLES = (
    '<style:style style:name="gone" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="cut" style:family="text" style:parent-style-name="base"/>'
    '<style:style style:name="base" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
)
_ODT_WHOLE = odt_table(_ODT_HEAD, *_ODT_BODY)


def _styled(name: str, text: str) -> str:
    return f'<text:span text:style-name="{name}">{text}</text:span>'


CASES |= {
    f"odt {name}": case._replace(file="通知.odt")
    for name, case in {
        "plain": Case(odt(_ODT_WHOLE), UNITS),
        "flat": Case(odt(_ODT_WHOLE, flat=True), UNITS),
        "heads in a group": Case(
            odt(odt_table(f"<table:table-header-rows>{_ODT_HEAD}</table:table-header-rows><table:table-rows>{''.join(_ODT_BODY)}</table:table-rows>")), UNITS),
        "two share a figure": Case(odt(odt_table(
            _ODT_HEAD, odt_row("万州区", odt_cell("300", 'table:number-rows-spanned="2"'), "20"), odt_row("涪陵区", COVERED, "35"), _ODT_BODY[2])), None, _MERGED),
        "a span over cells that are there": Case(odt(odt_table(
            odt_row("区县", odt_cell("培训（人次）", 'table:number-rows-spanned="2"'), "就业（人）"), *_ODT_BODY)), UNITS),
        "head of two rows": Case(odt(odt_table(
            odt_row(odt_cell("区县", 'table:number-rows-spanned="2"'), odt_cell("任务（人）", 'table:number-columns-spanned="2"'), COVERED),
            odt_row(COVERED, "培训", "就业"), *_ODT_BODY)), UNITS),
        "a column repeated": Case(odt(odt_table(
            _ODT_HEAD, odt_row("万州区", odt_cell("300", 'table:number-columns-repeated="2"')), *_ODT_BODY[1:])), {**UNITS, "万州区": [300, 300]}),
        "a row repeated": Case(odt(odt_table(_ODT_HEAD, *_ODT_BODY, odt_row("", "", "", attributes='table:number-rows-repeated="9"'))), UNITS),
        "inserted": Case(ods_first('<text:change-start text:change-id="a"/>300<text:change-end text:change-id="a"/>'), None, _TRACKED),
        "deleted": Case(ods_first('30<text:change text:change-id="a"/>0'), None, _TRACKED),
        "all inserted": Case(odt('<text:change-start text:change-id="a"/>', _ODT_WHOLE, '<text:change-end text:change-id="a"/>'), None, _TRACKED),
        "a table that was deleted": Case(odt(f"<text:tracked-changes><text:changed-region><text:deletion>{_ODT_WHOLE}</text:deletion></text:changed-region></text:tracked-changes>", _ODT_WHOLE), UNITS),
        "noted": Case(ods_first("300<office:annotation><text:p>350</text:p></office:annotation>"), UNITS),
        "a footnote": Case(ods_first('300<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>5</text:p></text:note-body></text:note>'), UNITS, told=_DOUBT),
        "struck": Case(ods_first(_styled("cut", "300") + "350", styles=_ODT_STYLES), None, _BAD),
        "hidden": Case(ods_first("300" + _styled("gone", "9"), styles=_ODT_STYLES), UNITS, told=("hidden-text",)),
        "raised": Case(ods_first("300" + _styled("up", "1"), styles=_ODT_STYLES), None, _BAD),
        "in a hidden section": Case(odt(f'<text:section text:name="a" text:display="none">{_ODT_WHOLE}</text:section>'), UNITS, told=("hidden-sheet",)),
        "in a section": Case(odt(f'<text:section text:name="a">{_ODT_WHOLE}</text:section>'), UNITS),
        "one hidden, one not": Case(odt(
            f'<text:section text:name="a" text:display="none">{odt_table(_ODT_HEAD, odt_row("万州区", "1", "2"), odt_row("涪陵区", "3", "4"))}</text:section>', _ODT_WHOLE), UNITS),
        "a table in a table": Case(odt(odt_table(odt_row(f"<table:table-cell>{_ODT_WHOLE}</table:table-cell>"))), UNITS),
        "a table in a frame": Case(odt(text_p(f"<draw:frame><draw:text-box>{_ODT_WHOLE}</draw:text-box></draw:frame>")), UNITS),
        "goes on": Case(odt(odt_table(_ODT_HEAD, *_ODT_BODY[:2]), text_p("续表"), odt_table(_ODT_HEAD, _ODT_BODY[2])), UNITS, told=("table-joined",)),
        "a break in a figure": Case(ods_first("3<text:line-break/>00"), None, _BAD),
        "spaces between": Case(ods_first('3<text:s text:c="2"/>00'), None, _BAD),
        "held and shown": Case(ods_first("300", 'office:value-type="float" office:value="300"'), UNITS),
        "held otherwise": Case(ods_first("300", 'office:value-type="float" office:value="300.4"'), None, _DOUBT),
        "a row in what is none": Case(odt(odt_table(_ODT_HEAD, _ODT_BODY[0], f"<table:odd>{_ODT_BODY[1]}</table:odd>", _ODT_BODY[2])), says="怕漏读"),
        "too wide": Case(odt(odt_table(odt_row(odt_cell("1", 'table:number-columns-repeated="99999"')))), says="列"),
    }.items()
}  # fmt: skip


def main(folder: Path) -> None:
    """Write every case as a file."""
    for name, case in CASES.items():
        (folder / f"{name} {case.file}").write_bytes(case.data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
