"""Lays out the template of the bulletin that comes with the program, in GB/T 9704-2012.

``python -m tests.data.make_bulletin``; equal input gives equal bytes. Lengths are in twips (1/20 pt)
unless they say otherwise; what a clause of the standard asks for stands beside it.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from xl_addin.docx.properties import TEMPLATE, TEMPLATE_PROPERTY
from xl_addin.system.resources import BULLETIN_TEMPLATE
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.package import deflate, pack

TARGET = Path(__file__).resolve().parents[2] / "workbooks" / BULLETIN_TEMPLATE
CREATED = datetime(2023, 3, 7, tzinfo=UTC).replace(tzinfo=None)
MM = 1440 / 25.4
EMU = 36_000
"""English metric units in a millimetre."""
WIDE = round(156 * MM)
SONG, FANG, HEI, KAI, PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LINE = 579
"""225 mm / 22 lines (5.2.3)."""
RED = "FF0000"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_REL = f"{_OPEN}/officeDocument/2006/relationships"
CORE = f"{_OPEN}/package/2006/relationships/metadata/core-properties"
_W = f'xmlns:w="{_OPEN}/wordprocessingml/2006/main" xmlns:r="{_REL}"'


def run(text: str, font: str = "", half_points: int = 0, more: str = "") -> str:
    """Text in one look."""
    look = f'<w:rFonts w:eastAsia="{font}"/>' if font else ""
    size = f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>' if half_points else ""
    properties = f"<w:rPr>{look}{more}{size}</w:rPr>" if look or size or more else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(style: str, *runs: str, more: str = "") -> str:
    """A paragraph of a style; ``more`` are properties of its own, in the schema's order."""
    inside = "".join(each if each.startswith("<") else run(each) for each in runs)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{inside}</w:p>'


def style(
    key: str,
    name: str,
    font: str,
    half_points: int,
    *,
    jc: str = "both",
    indent: str = "",
    line: int = LINE,
    before: int = 0,
    after: int = 0,
    flags: str = "",
    colour: str = "",
    squeeze: int = 0,
    rule: str = "exact",
    outline: int | None = None,
) -> str:
    """A style of paragraphs; ``squeeze`` is taken from the width of each character."""
    between = f'<w:spacing w:val="{-squeeze}"/>' if squeeze else '<w:spacing w:val="0"/>'
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    level = "" if outline is None else f'<w:outlineLvl w:val="{outline}"/>'
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="a"/><w:qFormat/><w:pPr>{flags}'
        f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="{rule}"/>'
        f'{indent}<w:jc w:val="{jc}"/>{level}</w:pPr><w:rPr>'
        f'<w:rFonts w:eastAsia="{font}"/>{shade}{between}'
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
    )


TWO_IN = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
RULE = (
    '<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="{space}" w:color="' + RED + '"/></w:pBdr>'
)


def styles() -> str:
    """Every look that the template uses: 3号 is 16 pt, 2号 22 pt, 4号 14 pt, 五号 10.5 pt."""
    body = {"squeeze": 5}  # 28 characters on 156 mm are 15.75 pt wide each (5.2.3)
    made = (
        style(
            "Mark",
            "发文机关标志",
            SONG,
            104,
            jc="center",
            line=1200,
            before=MARK_BEFORE,
            colour=RED,
        ),
        style("Issue", "期号", FANG, 32, jc="center", **body),
        style("Rule", "红线", FANG, 8, jc="center", line=RULE_LINE),
        style("Heading", "公文标题", SONG, 44, jc="center", line=640, outline=0),
        style("To", "主送机关", FANG, 32, **body),
        style("Text", "公文正文", FANG, 32, indent=TWO_IN, **body),
        style(
            "First", "一级标题", HEI, 32, indent=TWO_IN, flags="<w:keepNext/>", outline=1, **body
        ),
        style("Second", "二级标题", KAI, 32, indent=TWO_IN, outline=2, **body),
        style("Figure", "图", FANG, 21, jc="center", line=240, rule="auto", flags="<w:keepNext/>"),
        style("Caption", "图题", HEI, 24, jc="center", line=480, after=120),
        style(
            "Annex",
            "附件说明",
            FANG,
            32,
            indent='<w:ind w:left="1575" w:hanging="945"/>',
            flags="<w:keepNext/>",
            **body,
        ),
        style(
            "Signed",
            "署名和日期",
            FANG,
            32,
            jc="right",
            indent='<w:ind w:rightChars="200" w:right="630"/>',
            **body,
        ),
        style("AnnexMark", "附件标记", HEI, 32, flags="<w:pageBreakBefore/>", **body),
        style("Cell", "表格", FANG, 21, jc="center", line=290),
        style("CellName", "表格名称", FANG, 21, jc="left", line=290),
        style("CellHead", "表头", HEI, 21, jc="center", line=290),
        style("Note", "表注", FANG, 21, jc="left", line=320, before=80),
    )
    return (
        f"{_DECLARATION}<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr>"
        f'<w:rFonts w:ascii="Times New Roman" w:eastAsia="{FANG}" w:hAnsi="Times New Roman"'
        ' w:cs="Times New Roman"/><w:sz w:val="32"/><w:szCs w:val="32"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:qFormat/>'
        '<w:pPr><w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        f'<w:spacing w:line="{LINE}" w:lineRule="exact"/><w:jc w:val="both"/></w:pPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="t"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        f"{''.join(made)}</w:styles>"
    )


MARK_BEFORE = round(35 * MM) - 60
"""The mark's letters begin 35 mm below the top of the text (7.2.4); its line begins a little above."""
RULE_LINE = 134
RULE_SPACE = 0
"""Points between the line of the number and the red line: 4 mm below the number (7.2.5)."""


def columns(*parts: tuple[str, float, str]) -> str:
    """A table with one row that repeats: heading, width in millimetres, what stands in it."""
    widths = [round(width * MM) for _, width, _ in parts]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )

    def row(look: str, texts: list[str], styles_: list[str]) -> str:
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
            f"{paragraph(style_, text)}</w:tc>"
            for width, text, style_ in zip(widths, texts, styles_, strict=True)
        )
        return f"<w:tr><w:trPr>{look}</w:trPr>{cells}</w:tr>"

    heads = [heading for heading, _, _ in parts]
    said = [text for _, _, text in parts]
    names = ["CellName" if "名单" in t or "区县】" in t or "名称" in t else "Cell" for t in said]
    tall = '<w:trHeight w:val="320" w:hRule="atLeast"/>'
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>'
        "</w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"{row(f'<w:cantSplit/>{tall}<w:tblHeader/>', heads, ['CellHead'] * len(parts))}"
        f"{row(f'<w:cantSplit/>{tall}', said, names)}</w:tbl>"
    )


def chart_anchor() -> str:
    """The chart in the text, known by its alternative text."""
    a, c = f"{_OPEN}/drawingml/2006/main", f"{_OPEN}/drawingml/2006/chart"
    wp = f"{_OPEN}/drawingml/2006/wordprocessingDrawing"
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{wp}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{156 * EMU}" cy="{74 * EMU}"/>'
        '<wp:docPr id="1" name="图表 1" descr="各项任务完成率"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic xmlns:a="{a}"><a:graphicData uri="{c}">'
        f'<c:chart xmlns:c="{c}" r:id="rId5"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )


def body() -> str:
    """The text from the red head to the annexes."""
    blank = paragraph("To")
    small = paragraph("Note")
    together = paragraph("To", more="<w:keepNext/>")
    return "".join(
        (
            paragraph("Mark", "工作进展通报"),
            blank,
            blank,
            paragraph("Issue", "第【期号】期"),
            paragraph("Rule", more=RULE.format(space=RULE_SPACE)),
            blank,
            blank,
            paragraph("Heading", "【标题】"),
            blank,
            paragraph("To", "【主送】："),
            paragraph("Text", "截至【月份】底，【任务名称】进展情况如下。"),
            paragraph("First", "一、总体情况"),
            paragraph("Text", "【总体情况】"),
            paragraph("Figure", chart_anchor()),
            paragraph("Caption", "各项任务完成率与应完成的比例"),
            paragraph("First", "二、区县进展"),
            paragraph("Text", "【区县进展】"),
            paragraph("Text", "【滞后情况】"),
            paragraph("Text", "【数据不全情况】"),
            paragraph("Text", "【台账情况】"),
            paragraph("First", "三、报送情况"),
            paragraph("Text", "【报送情况】"),
            paragraph("Text", "【更正情况】"),
            paragraph("First", "四、工作要求"),
            # Some of the text stays with the signature: it must not stand alone on a page (7.3.5.5).
            paragraph("Text", "【请补充：下一步工作要求】", more="<w:keepNext/>"),
            together,
            paragraph("Annex", "附件：1.各项任务完成情况表"),
            paragraph("Annex", "2.各区县进展情况表", more='<w:ind w:left="1575" w:firstLine="0"/>'),
            together,
            together,
            paragraph(
                "Signed", "【署名】", more='<w:keepNext/><w:ind w:rightChars="200" w:right="630"/>'
            ),
            paragraph("Signed", "【成文日期】", more='<w:ind w:rightChars="200" w:right="630"/>'),
            paragraph("AnnexMark", "附件1"),
            blank,
            paragraph("Heading", "各项任务完成情况表"),
            small,
            columns(
                ("序号", 11, "【指标.序号】"),
                ("任务", 47, "【指标.名称】"),
                ("单位", 13, "【指标.单位】"),
                ("任务数", 19, "【指标.任务数】"),
                ("累计完成", 19, "【指标.累计】"),
                ("完成率", 16, "【指标.完成率】"),
                ("应完成", 17, "【指标.应完成】"),
                ("灯", 14, "【指标.灯】"),
            ),
            paragraph("Note", "【指标说明】"),
            paragraph("AnnexMark", "附件2"),
            blank,
            paragraph("Heading", "各区县进展情况表"),
            small,
            columns(
                ("名次", 11, "【排名.名次】"),
                ("区县", 27, "【排名.区县】"),
                ("综合完成率", 20, "【排名.综合完成率】"),
                ("序时完成比", 20, "【排名.序时完成比】"),
                ("灯", 13, "【排名.灯】"),
                ("已计月数", 17, "【排名.已计月数】"),
                ("滞后的任务", 31, "【排名.滞后名单】"),
                ("本月报送", 17, "【排名.本月报送】"),
            ),
            paragraph("Note", "【排名说明】"),
        )
    )


def document() -> str:
    """The page: A4, 天头 37, 订口 28, 版心 156 x 225 mm (5.2.1); the page number 7 mm below it (7.5)."""
    # The dash of the page number stands 7 mm below the text, in the middle of a line 5 mm high.
    margins = (
        f'w:top="{round(37 * MM)}" w:right="{round(26 * MM)}" w:bottom="{round(35 * MM)}"'
        f' w:left="{round(28 * MM)}" w:header="{round(15 * MM)}" w:footer="{FOOTER}" w:gutter="0"'
    )
    return (
        f"{_DECLARATION}<w:document {_W}><w:body>{body()}<w:sectPr>"
        '<w:footerReference w:type="even" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/>'
        f'<w:pgSz w:w="{round(210 * MM)}" w:h="{round(297 * MM)}"/><w:pgMar {margins}/>'
        "</w:sectPr></w:body></w:document>"
    )


FOOTER = round(25.6 * MM)


def footer(jc: str, indent: str) -> str:
    """The page number: 4号 half-width 宋体 between dashes, one character in (7.5)."""
    look = f'<w:rPr><w:rFonts w:ascii="{PLAIN}" w:eastAsia="{PLAIN}" w:hAnsi="{PLAIN}"/>'
    look += '<w:spacing w:val="0"/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>'

    def part(inside: str) -> str:
        return f"<w:r>{look}{inside}</w:r>"

    number = "".join(
        part(inside)
        for inside in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    dash = [part(f'<w:t xml:space="preserve">{text}</w:t>') for text in ("— ", " —")]
    return (
        f'{_DECLARATION}<w:ftr {_W}><w:p><w:pPr><w:spacing w:line="280" w:lineRule="exact"/>{indent}'
        f'<w:jc w:val="{jc}"/></w:pPr>{dash[0]}{number}{dash[1]}</w:p></w:ftr>'
    )


SERIES = ("达到序时", "低于序时", "严重滞后", "应完成")
SAMPLE = ("任务一", "任务二", "任务三")
VALUES = ((0.6, None, None), (None, 0.45, None), (None, None, 0.2), (0.5, 0.5, 0.5))


def chart() -> str:
    """Columns by series, so that each is redrawn by its values alone; what is due as a mark."""
    a, c = f"{_OPEN}/drawingml/2006/main", f"{_OPEN}/drawingml/2006/chart"

    def text(size: int, turn: str = "") -> str:
        return (
            f'<c:txPr><a:bodyPr{turn}/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}"/></a:pPr>'
            '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
        )

    def points(values: tuple[float | str | None, ...]) -> str:
        said = "".join(
            f'<c:pt idx="{n}"><c:v>{v}</c:v></c:pt>' for n, v in enumerate(values) if v is not None
        )
        return f'<c:ptCount val="{len(values)}"/>{said}'

    def series(number: int, look: str, after: str) -> str:
        column = "BCDE"[number]
        return (
            f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/><c:tx><c:strRef>'
            f"<c:f>Sheet1!${column}$1</c:f><c:strCache>{points((SERIES[number],))}</c:strCache>"
            f"</c:strRef></c:tx>{look}<c:cat><c:strRef><c:f>Sheet1!$A$2:$A$4</c:f><c:strCache>"
            f"{points(SAMPLE)}</c:strCache></c:strRef></c:cat><c:val><c:numRef>"
            f"<c:f>Sheet1!${column}$2:${column}$4</c:f><c:numCache><c:formatCode>0%</c:formatCode>"
            f"{points(VALUES[number])}</c:numCache></c:numRef></c:val>{after}</c:ser>"
        )

    def fill(colour: str) -> str:
        return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'

    labels = (
        '<c:dLbls><c:numFmt formatCode="0%" sourceLinked="0"/><c:spPr><a:noFill/></c:spPr>'
        f'{text(800)}<c:dLblPos val="inBase"/><c:showLegendKey val="0"/><c:showVal val="1"/>'
        '<c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/>'
        '<c:showBubbleSize val="0"/></c:dLbls>'
    )
    # In grey they get darker from 达到序时 to 严重滞后.
    bars = "".join(
        series(
            number,
            f'<c:spPr>{fill(colour)}<a:ln w="9525">{fill("404040")}</a:ln></c:spPr>'
            f'<c:invertIfNegative val="0"/>{labels}',
            "",
        )
        for number, colour in enumerate(("D6E6F5", "F2C14E", "D9534F"))
    )
    due = series(
        3,
        '<c:spPr><a:ln w="28575"><a:noFill/></a:ln></c:spPr><c:marker><c:symbol val="dash"/>'
        f'<c:size val="13"/><c:spPr>{fill("000000")}<a:ln w="9525">{fill("000000")}</a:ln></c:spPr>'
        "</c:marker>",
        '<c:smooth val="0"/>',
    )
    axes = '<c:axId val="1"/><c:axId val="2"/>'
    return (
        f'{_DECLARATION}<c:chartSpace xmlns:c="{c}" xmlns:a="{a}" xmlns:r="{_REL}">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
        f'{bars}<c:gapWidth val="60"/><c:overlap val="100"/>{axes}</c:barChart>'
        f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{due}'
        f'<c:marker val="1"/>{axes}</c:lineChart>'
        '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="b"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f'{text(800)}<c:crossAx val="2"/><c:crosses val="autoZero"/></c:catAx>'
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="l"/><c:majorGridlines><c:spPr><a:ln w="6350">{fill("D9D9D9")}'
        '</a:ln></c:spPr></c:majorGridlines><c:numFmt formatCode="0%" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        f'{text(800)}<c:crossAx val="1"/><c:crosses val="autoZero"/></c:valAx></c:plotArea>'
        f'<c:legend><c:legendPos val="t"/><c:overlay val="0"/>{text(900)}</c:legend>'
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
        '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def chart_book() -> bytes:
    """The workbook behind the chart."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("Sheet1")
    share = book.add_format({"num_format": "0.0%"})
    sheet.write_row(0, 1, SERIES)
    sheet.write_column(1, 0, SAMPLE)
    for column, values in enumerate(VALUES, 1):
        sheet.set_column(column, column, 11, share)
        for row, value in enumerate(values, 1):
            if value is not None:
                sheet.write_number(row, column, value, share)
    book.close()
    return file.getvalue()


def relationships(*targets: tuple[str, str]) -> str:
    """A part's relationships, numbered from rId1."""
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{type_ if "://" in type_ else f"{_REL}/{type_}"}"'
        f' Target="{target}"/>'
        for number, (type_, target) in enumerate(targets, 1)
    )
    space = f"{_OPEN}/package/2006/relationships"
    return f'{_DECLARATION}<Relationships xmlns="{space}">{lines}</Relationships>'


def settings() -> str:
    """Odd and even pages differ; punctuation is not squeezed, so that a line has its 28 characters."""
    modes = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{v}"/>'
        for name, v in (("compatibilityMode", 15),)
    )
    return (
        f"{_DECLARATION}<w:settings {_W}><w:evenAndOddHeaders/>"
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        f"<w:compat>{modes}</w:compat></w:settings>"
    )


def content_types() -> str:
    """What each part is."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    office = "application/vnd.openxmlformats-officedocument"
    overrides = {
        "word/document.xml": f"{word}.document.main+xml",
        "word/styles.xml": f"{word}.styles+xml",
        "word/settings.xml": f"{word}.settings+xml",
        "word/footer1.xml": f"{word}.footer+xml",
        "word/footer2.xml": f"{word}.footer+xml",
        "word/charts/chart1.xml": f"{office}.drawingml.chart+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "docProps/custom.xml": f"{office}.custom-properties+xml",
    }
    lines = "".join(
        f'<Override PartName="/{part}" ContentType="{type_}"/>' for part, type_ in overrides.items()
    )
    return (
        f'{_DECLARATION}<Types xmlns="{_OPEN}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="xlsx" ContentType="{office}.spreadsheetml.sheet"/>{lines}</Types>'
    )


def core() -> str:
    """Who made it when."""
    return (
        f'{_DECLARATION}<cp:coreProperties xmlns:cp="{_OPEN}/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>通报</dc:title>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{CREATED.isoformat()}Z</dcterms:created>'
        "</cp:coreProperties>"
    )


def custom() -> str:
    """Which version of the template it is."""
    types = f"{_OPEN}/officeDocument/2006/docPropsVTypes"
    return (
        f'{_DECLARATION}<Properties xmlns="{_OPEN}/officeDocument/2006/custom-properties"'
        f' xmlns:vt="{types}"><property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2"'
        f' name="{TEMPLATE_PROPERTY}"><vt:lpwstr>{TEMPLATE}</vt:lpwstr></property></Properties>'
    )


def build() -> bytes:
    """The template."""
    parts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relationships(
            ("officeDocument", "word/document.xml"),
            (CORE, "docProps/core.xml"),
            ("custom-properties", "docProps/custom.xml"),
        ),
        "word/document.xml": document(),
        "word/_rels/document.xml.rels": relationships(
            ("styles", "styles.xml"),
            ("settings", "settings.xml"),
            ("footer", "footer2.xml"),
            ("footer", "footer1.xml"),
            ("chart", "charts/chart1.xml"),
        ),
        "word/styles.xml": styles(),
        "word/settings.xml": settings(),
        "word/footer1.xml": footer("right", '<w:ind w:rightChars="100" w:right="280"/>'),
        "word/footer2.xml": footer("left", '<w:ind w:leftChars="100" w:left="280"/>'),
        "word/charts/chart1.xml": chart(),
        "word/charts/_rels/chart1.xml.rels": relationships(
            ("package", "../embeddings/Microsoft_Excel_Worksheet.xlsx")
        ),
        "docProps/core.xml": core(),
        "docProps/custom.xml": custom(),
    }
    packed = [deflate(name, text.encode()) for name, text in parts.items()]
    packed.append(deflate("word/embeddings/Microsoft_Excel_Worksheet.xlsx", chart_book()))
    return pack(packed)


if __name__ == "__main__":
    TARGET.write_bytes(build())
    print(TARGET)
