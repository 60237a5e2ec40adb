"""A master as an office leaves it after a year: everything in it that the program knows nothing of.

``foreign_master()`` grafts the parts that Excel writes for text boxes, pictures, charts, sparklines,
slicers, 2010 formats and validations, comments old and threaded, check boxes, custom XML, printer
settings, header and background pictures, rich text, dynamic arrays, macros and a ribbon on a real
master, on sheets that verbs write as well as on staff's own sheet, with formulas of staff's own.
"""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from tests.tools import masters
from tests.tools.parts import read_relationships
from xl_addin.model.sheets import MONTH_SHEET, PROBLEMS_SHEET, SUMMARY_SHEET
from xl_addin.xlsx.a1 import position
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import set_cells

STAFF_SHEET = "领导看板"
DECORATED = (SUMMARY_SHEET, MONTH_SHEET, PROBLEMS_SHEET, STAFF_SHEET)
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MICROSOFT = "http://schemas.microsoft.com/office/"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = f'xmlns:r="{OFFICE[:-1]}"'
X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
X15 = 'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"'
XM = 'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"'
DRAWING = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    f' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" {R}'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

ORDER = re.findall(
    r"\w+",
    """
sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges
scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr
conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter
rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing
legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst
""",
)


class StaffFormula(NamedTuple):
    """A formula of staff's: where it stands, its element and its value in the file.

    ``stale`` says whether recompute with the figures of ``tests.journeys.test_fidelity`` makes the value
    untrue; ``also`` are the cells that an array formula fills besides its own.
    """

    sheet: str
    cell: str
    formula: str
    cached: str
    stale: bool
    kind: str = ""
    also: tuple[str, ...] = ()
    cm: str = ""


def _f(text: str, facts: str = "") -> str:
    return f"<f{facts}>{text}</f>"


STAFF_FORMULAS = (
    StaffFormula(STAFF_SHEET, "B2", _f("N(汇总!H5)*2"), "0", True),
    StaffFormula(STAFF_SHEET, "B3", _f("B2+1"), "1", True),
    StaffFormula(STAFF_SHEET, "B4", _f("SUM(任务表!C8:C11)"), "480", False),
    StaffFormula(
        STAFF_SHEET, "B5", _f("N(累计完成!C8)+1", ' t="shared" ref="B5:B8" si="0"'), "1", True
    ),
    StaffFormula(STAFF_SHEET, "B6", '<f t="shared" si="0"/>', "1", True),
    StaffFormula(STAFF_SHEET, "B7", '<f t="shared" si="0"/>', "1", False),
    StaffFormula(STAFF_SHEET, "B8", '<f t="shared" si="0"/>', "1", True),
    StaffFormula(STAFF_SHEET, "B9", _f("SUM(staff_total)"), "0", True),
    StaffFormula(STAFF_SHEET, "B10", _f("COUNT(本月完成!C:C)"), "0", True),
    StaffFormula(STAFF_SHEET, "B11", _f('N(INDIRECT("汇总!H5"))'), "0", True),
    StaffFormula(STAFF_SHEET, "B12", _f("SUM(本月完成:累计完成!C8)"), "0", True),
    StaffFormula(STAFF_SHEET, "B13", _f("SUM(台账[比])"), "0", True),
    StaffFormula(STAFF_SHEET, "B14", _f("SUM(台账[数])"), "6", False),
    StaffFormula(STAFF_SHEET, "B15", _f("SUM(累计完成!C8:INDEX(累计完成!C:C,11))"), "0", True),
    StaffFormula(STAFF_SHEET, "B16", _f('IF(B3&gt;1,"已报","未报")'), "未报", True, "str"),
    StaffFormula(STAFF_SHEET, "B17", _f("B3&gt;1"), "0", True, "b"),
    StaffFormula(STAFF_SHEET, "B18", _f("1/N(汇总!H5)"), "#DIV/0!", True, "e"),
    StaffFormula(STAFF_SHEET, "B19", _f("SUM(local_part)"), "120", False),
    StaffFormula(STAFF_SHEET, "B20", _f('"累计完成!C8"&amp;"·"'), "累计完成!C8·", False, "str"),
    StaffFormula(
        STAFF_SHEET, "C2", _f("累计完成!C8:C9*1", ' t="array" ref="C2:C3"'), "0", True, "", ("C3",)
    ),
    StaffFormula(
        STAFF_SHEET,
        "D2",
        _f("累计完成!C8:C9+0", ' t="array" ref="D2:D3"'),
        "0",
        True,
        "",
        ("D3",),
        "1",
    ),
    StaffFormula(STAFF_SHEET, "E2", _f("E3+1"), "3", True),
    StaffFormula(STAFF_SHEET, "E3", _f("E4+1"), "2", True),
    StaffFormula(STAFF_SHEET, "E4", _f("N(汇总!G5)+1"), "1", True),
    StaffFormula(STAFF_SHEET, "G6", _f("N(汇总!I5)"), "0", True),
    StaffFormula(SUMMARY_SHEET, "Z5", _f("N(H5)/100"), "0", True),
    StaffFormula(SUMMARY_SHEET, "Z6", _f("N(D5)/100"), "4.8", False),
)

_TEXTS = {
    (STAFF_SHEET, "A1"): "领导看板",
    (STAFF_SHEET, "F5"): "数",
    (STAFF_SHEET, "G5"): "比",
    (SUMMARY_SHEET, "Z4"): "折算",
}
_NUMBERS = {
    (STAFF_SHEET, "F6"): "1",
    (STAFF_SHEET, "F7"): "2",
    (STAFF_SHEET, "F8"): "3",
    (STAFF_SHEET, "G7"): "0",
    (STAFF_SHEET, "G8"): "0",
}


def foreign_master(data: bytes | None = None) -> bytes:
    """The master (the tests' small one unless given) with all of it grafted on."""
    parts = {name: inflate(part) for name, part in unpack(data or masters.master()).items()}
    editor = PackageEditor(parts)
    _own_sheet(editor)
    for number, sheet in enumerate(DECORATED, 1):
        _decorate(editor, sheet, number)
    _table_and_slicer(editor)
    _workbook_parts(editor)
    _own_formulas(editor)
    _as_excel_saves(editor)
    return pack(deflate(name, text) for name, text in parts.items())


class PackageEditor:
    """The parts of a package under change, with what every change needs."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.parts = parts

    def part_of(self, sheet: str) -> str:
        book = self.parts["xl/workbook.xml"].decode()
        rid = re.search(rf'<sheet name="{sheet}" sheetId="\d+" r:id="(\w+)"', book)
        assert rid
        return read_relationships(self.parts, "xl/workbook.xml")[rid[1]]

    def swap(self, part: str, before: str, after: str) -> None:
        text = self.parts[part].decode()
        assert before in text, (part, before)
        self.parts[part] = text.replace(before, after, 1).encode()

    def add(self, name: str, data: str | bytes, kind: str = "") -> None:
        self.parts[name] = data.encode() if isinstance(data, str) else data
        if kind:
            override = f'<Override PartName="/{name}" ContentType="{kind}"/>'
            self.swap("[Content_Types].xml", "</Types>", f"{override}</Types>")

    def default(self, ending: str, kind: str) -> None:
        types = "[Content_Types].xml"
        if f'Extension="{ending}"' not in self.parts[types].decode():
            entry = f'<Default Extension="{ending}" ContentType="{kind}"/>'
            self.swap(types, "<Override", f"{entry}<Override")

    def relate(self, part: str, kind: str, target: str) -> str:
        folder, _, leaf = part.rpartition("/")
        name = f"{folder}/_rels/{leaf}.rels".lstrip("/")
        empty = (
            f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            "</Relationships>"
        )
        self.parts.setdefault(name, empty.encode())
        rid = f"rIdF{self.parts[name].count(b'<Relationship ') + 1}"
        made = f'<Relationship Id="{rid}" Type="{kind}" Target="{target}"/>'
        self.swap(name, "</Relationships>", f"{made}</Relationships>")
        return rid

    def element(self, part: str, xml: str, name: str = "") -> None:
        """Put an element where the schema wants it in a sheet: where ``name`` would stand."""
        name = name or xml[1:].partition(" ")[0].partition(">")[0]
        text = self.parts[part].decode()
        later = "|".join((*ORDER[ORDER.index(name) + 1 :], "/worksheet"))
        inside = text.index("<sheetData") + 10
        found = re.search(rf"<(?:{later})[ />]", text[inside:])
        assert found
        at = inside + found.start()
        self.parts[part] = (text[:at] + xml + text[at:]).encode()

    def cell(self, part: str, ref: str, xml: str) -> None:
        """Put a cell where it belongs; the row is made where there is none."""
        made = set_cells(self.parts[part], {position(ref): 0}).decode()
        found = re.search(rf'<c r="{ref}"( s="\d+")?><v>0</v></c>', made)
        assert found, ref
        self.parts[part] = made.replace(found[0], xml.replace(" S", found[1] or "", 1), 1).encode()


def _own_sheet(editor: PackageEditor) -> None:
    part = "xl/worksheets/sheet90.xml"
    editor.add(
        part,
        f'{XML}<worksheet {MAIN} {R}><sheetPr codeName="Sheet90"/><dimension ref="A1"/><sheetData/>'
        '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        "</worksheet>",
        f"{SHEET_TYPE}worksheet+xml",
    )
    rid = editor.relate("xl/workbook.xml", f"{OFFICE}worksheet", "worksheets/sheet90.xml")
    book = "xl/workbook.xml"
    editor.swap(
        book, "</sheets>", f'<sheet name="{STAFF_SHEET}" sheetId="90" r:id="{rid}"/></sheets>'
    )
    own = editor.parts[book].decode().count("<sheet ") - 1
    names = (
        '<definedName name="staff_total">汇总!$H$5:$H$9</definedName>'
        f'<definedName name="local_part" localSheetId="{own}">任务表!$C$9</definedName>'
    )
    # Excel keeps names in order of the alphabet; the validator does not ask for it.
    editor.swap(book, "</definedNames>", f"{names}</definedNames>")
    for (sheet, ref), text in _TEXTS.items():
        xml = f'<c r="{ref}" S t="inlineStr"><is><t>{text}</t></is></c>'
        editor.cell(editor.part_of(sheet), ref, xml)
    for (sheet, ref), number in _NUMBERS.items():
        editor.cell(editor.part_of(sheet), ref, f'<c r="{ref}" S><v>{number}</v></c>')


def _own_formulas(editor: PackageEditor) -> None:
    for own in STAFF_FORMULAS:
        facts = (f' t="{own.kind}"' if own.kind else "") + (f' cm="{own.cm}"' if own.cm else "")
        xml = f'<c r="{own.cell}" S{facts}>{own.formula}<v>{own.cached}</v></c>'
        part = editor.part_of(own.sheet)
        editor.cell(part, own.cell, xml)
        for ref in own.also:
            editor.cell(part, ref, f'<c r="{ref}" S><v>{own.cached}</v></c>')
    metadata = (
        f'{XML}<metadata {MAIN} xmlns:xda="{MICROSOFT}spreadsheetml/2017/dynamicarray">'
        '<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1"'
        ' pasteAll="1" pasteValues="1" merge="1" splitFirst="1" rowColShift="1" clearFormats="1"'
        ' clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes>'
        '<futureMetadata name="XLDAPR" count="1"><bk><extLst>'
        '<ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"><xda:dynamicArrayProperties fDynamic="1"'
        ' fCollapsed="0"/></ext></extLst></bk></futureMetadata><cellMetadata count="1"><bk>'
        '<rc t="1" v="0"/></bk></cellMetadata></metadata>'
    )
    editor.add("xl/metadata.xml", metadata, f"{SHEET_TYPE}sheetMetadata+xml")
    editor.relate("xl/workbook.xml", f"{OFFICE}sheetMetadata", "metadata.xml")


def _picture(color: bytes) -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" + color)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _decorate(editor: PackageEditor, sheet: str, number: int) -> None:
    part = editor.part_of(sheet)
    editor.default("png", "image/png")
    editor.default("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    _drawing(editor, part, number)
    _notes_and_box(editor, part, number)
    _page(editor, part, number)
    editor.element(
        part,
        '<dataValidations count="1"><dataValidation type="whole" allowBlank="1"'
        ' sqref="R1"><formula1>1</formula1><formula2>9</formula2></dataValidation>'
        "</dataValidations>",
    )
    if "<ignoredErrors" not in editor.parts[part].decode():
        editor.element(
            part, '<ignoredErrors><ignoredError sqref="R2" numberStoredAsText="1"/></ignoredErrors>'
        )
    editor.element(part, f"<extLst>{_extensions(number)}</extLst>")
    rich = (
        '<c r="R3" S t="inlineStr"><is><r><rPr><b/><sz val="11"/><rFont val="宋体"/></rPr><t>粗</t></r>'
        '<r><t xml:space="preserve"> 细</t></r></is></c>'
    )
    editor.cell(part, "R3", rich)


def _extensions(number: int) -> str:
    guid = f"{{0000000{number}-0000-4000-8000-000000000001}}"
    return (
        f'<ext uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}" {X14}><x14:conditionalFormattings>'
        f'<x14:conditionalFormatting {XM}><x14:cfRule type="dataBar" id="{guid}"><x14:dataBar'
        ' minLength="0" maxLength="100" border="1" negativeBarBorderColorSameAsPositive="0">'
        '<x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/><x14:borderColor rgb="FF638EC6"/>'
        '<x14:negativeFillColor rgb="FFFF0000"/><x14:axisColor rgb="FF000000"/></x14:dataBar>'
        "</x14:cfRule><xm:sqref>R4:R9</xm:sqref></x14:conditionalFormatting>"
        "</x14:conditionalFormattings></ext>"
        f'<ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" {X14}><x14:dataValidations {XM} count="1">'
        '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>指标!$C$5:$C$9</xm:f>'
        "</x14:formula1><xm:sqref>R10</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
        f'<ext uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}" {X14}><x14:sparklineGroups {XM}>'
        '<x14:sparklineGroup displayEmptyCellsAs="gap"><x14:colorSeries rgb="FF376092"/>'
        "<x14:sparklines><x14:sparkline><xm:f>逐月!E5:P5</xm:f><xm:sqref>R11</xm:sqref></x14:sparkline>"
        "</x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext>"
    )


_ANCHOR = (
    "<xdr:twoCellAnchor><xdr:from><xdr:col>{0}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{1}</xdr:row>"
    "<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>{2}</xdr:col><xdr:colOff>0</xdr:colOff>"
    "<xdr:row>{3}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>{4}<xdr:clientData/></xdr:twoCellAnchor>"
)
_SHAPE = (
    '<a:xfrm><a:off x="0" y="0"/><a:ext cx="1000000" cy="500000"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
)


def _drawing(editor: PackageEditor, part: str, number: int) -> None:
    name = f"xl/drawings/drawing9{number}.xml"
    editor.add(f"xl/media/image9{number}.png", _picture(bytes((number * 40, 90, 160))))
    picture = editor.relate(name, f"{OFFICE}image", f"../media/image9{number}.png")
    chart = editor.relate(name, f"{OFFICE}chart", f"../charts/chart9{number}.xml")
    pic = (
        '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="图片 1"/><xdr:cNvPicPr/></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip r:embed="{picture}"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
        f"<xdr:spPr>{_SHAPE}</xdr:spPr></xdr:pic>"
    )
    frame = _frame(
        4,
        "图表 1",
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
        f' r:id="{chart}"/></a:graphicData>',
    )
    anchors = (
        _ANCHOR.format(19, 0, 22, 4, _shape("领导批示：抓紧")),
        _ANCHOR.format(19, 5, 22, 9, pic),
        _ANCHOR.format(23, 0, 30, 12, frame),
    )
    editor.add(
        name,
        f"{XML}<xdr:wsDr {DRAWING}>{''.join(anchors)}</xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    editor.add(
        f"xl/charts/chart9{number}.xml",
        _CHART,
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    )
    rid = editor.relate(part, f"{OFFICE}drawing", f"../drawings/drawing9{number}.xml")
    editor.element(part, f'<drawing r:id="{rid}"/>')


def _shape(text: str, number: int = 2) -> str:
    return (
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr'
        f' id="{number}" name="文本框 {number}"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        f"<xdr:spPr>{_SHAPE}</xdr:spPr><xdr:txBody><a:bodyPr/>"
        f'<a:p><a:r><a:rPr lang="zh-CN"/><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp>'
    )


def _frame(number: int, name: str, content: str) -> str:
    return (
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{number}" name="{name}"/>'
        '<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>{content}</a:graphic></xdr:graphicFrame>'
    )


_CHART = (
    f'{XML}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:plotArea><c:layout/>'
    '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/><c:ser>'
    '<c:idx val="0"/><c:order val="0"/><c:val><c:numRef><c:f>汇总!$H$5:$H$9</c:f><c:numCache>'
    '<c:formatCode>General</c:formatCode><c:ptCount val="5"/></c:numCache></c:numRef></c:val></c:ser>'
    '<c:axId val="1"/><c:axId val="2"/></c:barChart><c:catAx><c:axId val="1"/><c:scaling/>'
    '<c:delete val="0"/><c:axPos val="b"/><c:crossAx val="2"/></c:catAx><c:valAx><c:axId val="2"/>'
    '<c:scaling/><c:delete val="0"/><c:axPos val="l"/><c:crossAx val="1"/></c:valAx></c:plotArea>'
    '<c:plotVisOnly val="1"/></c:chart></c:chartSpace>'
)


def _notes_and_box(editor: PackageEditor, part: str, number: int) -> None:
    """A comment, the thread that it stands for, and a check box; Excel draws both in one VML part."""
    guid = f"{{0000000{number}-0000-4000-8000-000000000009}}"
    editor.add(
        f"xl/comments9{number}.xml",
        f"{XML}<comments {MAIN}><authors><author>tc={guid}</author></authors><commentList>"
        f'<comment ref="R5" authorId="0" shapeId="0"><text><t>[线程批注] 请核对</t></text></comment>'
        '<comment ref="R6" authorId="0" shapeId="0"><text><t>旧式批注</t></text></comment>'
        "</commentList></comments>",
        f"{SHEET_TYPE}comments+xml",
    )
    editor.relate(part, f"{OFFICE}comments", f"../comments9{number}.xml")
    editor.add(
        f"xl/threadedComments/threadedComment9{number}.xml",
        f'{XML}<ThreadedComments xmlns="{MICROSOFT}spreadsheetml/2018/threadedcomments">'
        f'<threadedComment ref="R5" dT="2023-06-30T01:02:03.00" personId="{_PERSON}" id="{guid}">'
        "<text>请核对</text></threadedComment></ThreadedComments>",
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    editor.relate(
        part,
        f"{MICROSOFT}2017/10/relationships/threadedComment",
        f"../threadedComments/threadedComment9{number}.xml",
    )
    editor.add(
        f"xl/ctrlProps/ctrlProp9{number}.xml",
        f'{XML}<formControlPr xmlns="{MICROSOFT}spreadsheetml/2009/9/main" objectType="CheckBox"'
        ' fmlaLink="$R$12" lockText="1" noThreeD="1"/>',
        "application/vnd.ms-excel.controlproperties+xml",
    )
    control = editor.relate(part, f"{OFFICE}ctrlProp", f"../ctrlProps/ctrlProp9{number}.xml")
    shapes = "".join(_NOTE.format(shape, row) for shape, row in ((1, 4), (2, 5)))
    editor.add(f"xl/drawings/vmlDrawing9{number}.vml", f"{_VML}{shapes}{_BOX}</xml>")
    vml = editor.relate(part, f"{OFFICE}vmlDrawing", f"../drawings/vmlDrawing9{number}.vml")
    editor.element(part, f'<legacyDrawing r:id="{vml}"/>')
    place = "".join(
        f"<{tag}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row}</xdr:row>"
        f"<xdr:rowOff>0</xdr:rowOff></{tag}>"
        for tag, column, row in (("from", 17, 11), ("to", 18, 12))
    )
    choice = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="x14" {X14}>{{}}</mc:Choice></mc:AlternateContent>'
    )
    box = choice.format(
        f'<control shapeId="1027" r:id="{control}" name="复选框 1"><controlPr defaultSize="0"'
        ' autoFill="0" autoLine="0" autoPict="0"><anchor moveWithCells="1" xmlns:xdr="http://schemas.'
        f'openxmlformats.org/drawingml/2006/spreadsheetDrawing">{place}</anchor></controlPr></control>'
    )
    editor.element(part, choice.format(f"<controls>{box}</controls>"), "controls")


_PERSON = "{00000001-0000-4000-8000-0000000000AA}"
_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="1"/></o:shapelayout>'
)
_NOTE = (
    '<v:shape id="_x0000_s102{0}" type="#_x0000_t202" style="position:absolute;visibility:hidden">'
    '<x:ClientData ObjectType="Note"><x:Row>{1}</x:Row><x:Column>17</x:Column></x:ClientData></v:shape>'
)
_BOX = (
    '<v:shape id="_x0000_s1027" type="#_x0000_t201" style="position:absolute"><v:textbox>已督办'
    '</v:textbox><x:ClientData ObjectType="Checkbox"><x:FmlaLink>$R$12</x:FmlaLink></x:ClientData></v:shape>'
)


def _page(editor: PackageEditor, part: str, number: int) -> None:
    """Printer settings, a picture in the header and one behind the sheet."""
    editor.add(
        f"xl/printerSettings/printerSettings9{number}.bin",
        bytes(range(200)) * 2,
        f"{SHEET_TYPE}printerSettings",
    )
    printer = editor.relate(
        part, f"{OFFICE}printerSettings", f"../printerSettings/printerSettings9{number}.bin"
    )
    text = editor.parts[part].decode()
    if "<pageSetup" in text:
        editor.swap(part, "<pageSetup ", f'<pageSetup r:id="{printer}" ')
    else:
        editor.element(part, f'<pageSetup paperSize="9" r:id="{printer}"/>')
    if "<headerFooter>" in text:
        editor.swap(part, "<headerFooter>", "<headerFooter><oddHeader>&amp;L&amp;G</oddHeader>")
    else:
        editor.element(part, "<headerFooter><oddHeader>&amp;L&amp;G</oddHeader></headerFooter>")
    head = f"xl/drawings/vmlDrawingHF9{number}.vml"
    image = editor.relate(head, f"{OFFICE}image", f"../media/image9{number}.png")
    editor.add(
        head,
        f'{_VML}<v:shape id="LH" type="#_x0000_t75" style="width:20pt;height:20pt">'
        f'<v:imagedata o:relid="{image}"/></v:shape></xml>',
    )
    rid = editor.relate(part, f"{OFFICE}vmlDrawing", f"../drawings/vmlDrawingHF9{number}.vml")
    editor.element(part, f'<legacyDrawingHF r:id="{rid}"/>')
    back = editor.relate(part, f"{OFFICE}image", f"../media/image9{number}.png")
    editor.element(part, f'<picture r:id="{back}"/>')


def _table_and_slicer(editor: PackageEditor) -> None:
    part, book = editor.part_of(STAFF_SHEET), "xl/workbook.xml"
    editor.add(
        "xl/tables/table90.xml",
        f'{XML}<table {MAIN} id="90" name="台账" displayName="台账" ref="F5:G8"><autoFilter ref="F5:G8"/>'
        '<tableColumns count="2"><tableColumn id="1" name="数"/><tableColumn id="2" name="比"/>'
        '</tableColumns><tableStyleInfo name="TableStyleLight9" showRowStripes="1"/></table>',
        f"{SHEET_TYPE}table+xml",
    )
    table = editor.relate(part, f"{OFFICE}table", "../tables/table90.xml")
    editor.element(part, f'<tableParts count="1"><tablePart r:id="{table}"/></tableParts>')
    editor.add(
        "xl/slicerCaches/slicerCache90.xml",
        f'{XML}<slicerCacheDefinition xmlns="{MICROSOFT}spreadsheetml/2009/9/main" name="切片器_数"'
        f' sourceName="数"><extLst><x:ext xmlns:x="{MAIN[7:-1]}" uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}"'
        f' {X15}><x15:tableSlicerCache tableId="90" column="1"/></x:ext></extLst></slicerCacheDefinition>',
        "application/vnd.ms-excel.slicerCache+xml",
    )
    cache = editor.relate(
        book, f"{MICROSOFT}2007/relationships/slicerCache", "slicerCaches/slicerCache90.xml"
    )
    editor.swap(
        book,
        "</workbook>",
        f'<extLst><ext uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}" {X15}>'
        f'<x15:slicerCaches {X14}><x14:slicerCache r:id="{cache}"/></x15:slicerCaches></ext></extLst>'
        "</workbook>",
    )
    editor.add(
        "xl/slicers/slicer90.xml",
        f'{XML}<slicers xmlns="{MICROSOFT}spreadsheetml/2009/9/main"><slicer name="数" cache="切片器_数"'
        ' caption="数" rowHeight="225425"/></slicers>',
        "application/vnd.ms-excel.slicer+xml",
    )
    slicer = editor.relate(part, f"{MICROSOFT}2007/relationships/slicer", "../slicers/slicer90.xml")
    editor.swap(
        part,
        "</extLst>",
        f'<ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" {X14}><x14:slicerList>'
        f'<x14:slicer r:id="{slicer}"/></x14:slicerList></ext></extLst>',
    )
    frame = _frame(
        5,
        "数",
        f'<a:graphicData uri="{MICROSOFT}drawing/2010/slicer"><sle:slicer'
        f' xmlns:sle="{MICROSOFT}drawing/2010/slicer" name="数"/></a:graphicData>',
    )
    drawing = f"xl/drawings/drawing9{DECORATED.index(STAFF_SHEET) + 1}.xml"
    editor.swap(
        drawing,
        "</xdr:wsDr>",
        _ANCHOR.format(
            19,
            14,
            22,
            24,
            '<mc:AlternateContent><mc:Choice xmlns:sle15="'
            f'{MICROSOFT}drawing/2012/slicer" Requires="sle15">{frame}</mc:Choice>'
            f"<mc:Fallback>{_shape('切片器', 5)}</mc:Fallback></mc:AlternateContent>",
        )
        + "</xdr:wsDr>",
    )


def _workbook_parts(editor: PackageEditor) -> None:
    book = "xl/workbook.xml"
    editor.add(
        "xl/persons/person.xml",
        f'{XML}<personList xmlns="{MICROSOFT}spreadsheetml/2018/threadedcomments"><person'
        f' displayName="王科长" id="{_PERSON}" userId="w" providerId="None"/></personList>',
        "application/vnd.ms-excel.person+xml",
    )
    editor.relate(book, f"{MICROSOFT}2017/10/relationships/person", "persons/person.xml")
    editor.add("customXml/item1.xml", '<档案 xmlns="urn:office:filing"><密级>内部</密级></档案>')
    editor.add(
        "customXml/itemProps1.xml",
        f'{XML}<ds:datastoreItem ds:itemID="{_PERSON}" xmlns:ds="http://schemas.openxmlformats.org/'
        'officeDocument/2006/customXml"><ds:schemaRefs/></ds:datastoreItem>',
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    )
    editor.relate("customXml/item1.xml", f"{OFFICE}customXmlProps", "itemProps1.xml")
    editor.relate(book, f"{OFFICE}customXml", "../customXml/item1.xml")
    if "xl/vbaProject.bin" not in editor.parts:
        editor.add(
            "xl/vbaProject.bin",
            b"\xd0\xcf\x11\xe0" + bytes(508),
            "application/vnd.ms-office.vbaProject",
        )
        editor.relate(book, f"{MICROSOFT}2006/relationships/vbaProject", "vbaProject.bin")
    if "customUI/customUI14.xml" not in editor.parts:
        editor.add(
            "customUI/customUI14.xml",
            f'{XML}<customUI xmlns="{MICROSOFT}2009/07/customui"><ribbon><tabs><tab id="t" label="任务"/>'
            "</tabs></ribbon></customUI>",
        )
        kind = f"{MICROSOFT}2007/relationships/ui/extensibility"
        editor.relate("", kind, "customUI/customUI14.xml")


def _as_excel_saves(editor: PackageEditor) -> None:
    """A calculation chain, and no mark that everything is to be calculated."""
    book = "xl/workbook.xml"
    text = editor.parts[book].decode()
    editor.parts[book] = re.sub(r"<calcPr[^>]*/>", '<calcPr calcId="191029"/>', text).encode()
    targets = read_relationships(editor.parts, book)
    chain = ""
    for number, rid in re.findall(r'<sheet name="[^"]*" sheetId="(\d+)"[^>]*r:id="(\w+)"', text):
        data = editor.parts[targets[rid]].decode()
        cells = re.findall(r'<c r="([A-Z]+\d+)"[^>]*><f', data)
        chain += "".join(f'<c r="{ref}" i="{number}"/>' for ref in cells)
    editor.add(
        "xl/calcChain.xml",
        f"{XML}<calcChain {MAIN}>{chain}</calcChain>",
        f"{SHEET_TYPE}calcChain+xml",
    )
    editor.relate(book, f"{OFFICE}calcChain", "calcChain.xml")


if __name__ == "__main__":
    import sys

    Path(sys.argv[1]).write_bytes(foreign_master())
