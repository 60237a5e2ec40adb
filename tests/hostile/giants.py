"""Files that are large where a reader may be careless: each is to cost 400 MiB and 20 s at most."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.hostile.binary import BINARY
from tests.hostile.makers import (
    BOOK,
    HEAD,
    LIGATURE,
    MIB,
    STYLES,
    TAIL,
    behind_sheet,
    changed,
    fods,
    form,
    in_sheet,
    letters,
    many_columns,
    ods,
    shared,
    table,
    text_cell,
    with_part,
    xml2003,
)
from xl_addin.xlsx.package import inflate, unpack

TEXTS = {
    "ligatures": letters(LIGATURE, 57 * MIB),
    "one wide letter among plain ones": "\U0001f600" + letters("x", 57 * MIB),
}
"""Longer than any cell that Excel knows."""
NEARLY = "\U0001f600" + letters("x", 1_000_000)
"""As long as is let through."""
LABELS = "".join(f"<si><t>{n}{LIGATURE * 250}</t></si>" for n in range(60_000))
LONG = f"{LIGATURE * 32_000}"
CELLS = '<row r="{0}">' + '<c t="s"><v>0</v></c>' * 250 + "</row>"
NAMES = "".join(f'<definedName name="n{n}">x!$A${n}</definedName>' for n in range(200_000))
CSV_LINE = "第一县,1,2,3,4,5,6,7,8,9\n"
HTML_LINE = "<tr><td>第一县<td>1<td>2<td>3<td>4<td>5<td>6<td>7<td>8<td>9</tr>"
BOOK_2003 = "<Row>" + '<Cell><Data ss:Type="String">{0}</Data></Cell>' + "</Row>"


def ods_text(text: str) -> str:
    """A row of an .ods with one text."""
    cell = (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    )
    return f"<table:table-row>{cell}</table:table-row>"


def many_relations(count: int) -> bytes:
    """A sheet that leads to very many others."""
    links = inflate(unpack(form())["xl/_rels/workbook.xml.rels"]).decode()
    more = "".join(f'<Relationship Id="x{n}" Type="b" Target="c{n}"/>' for n in range(count))
    return with_part(
        "xl/_rels/workbook.xml.rels", links.replace("</Relat", f"{more}</Relat").encode()
    )


def many_formats(count: int) -> bytes:
    """Cells of very many formats, each with a code of its own."""
    codes = "".join(
        f'<numFmt numFmtId="{n}" formatCode="0&quot;{n}&quot;"/>' for n in range(200, 200 + count)
    )
    looks = "".join(f'<xf numFmtId="{n}"/>' for n in range(200, 200 + count))
    return changed("<cellXfs", f"<numFmts>{codes}</numFmts><cellXfs>{looks}</cellXfs><x", STYLES)


GIANTS: dict[str, Callable[[], bytes]] = {
    **{
        f"{where}: {what}": make
        for what, text in TEXTS.items()
        for where, make in {
            "inline": lambda text=text: text_cell(text),
            "result": lambda text=text: text_cell(text, "str"),
            "shared": lambda text=text: shared(
                f"<si><t>{text}</t></si>", '<row><c t="s"><v>0</v></c></row>'
            ),
            "attribute": lambda text=text: in_sheet(f'<row spans="{text}"/>'),
            "defined name": lambda text=text: changed(
                "</sheets>",
                f'</sheets><definedNames><definedName name="x">{text[: 2 * MIB]}</definedName></definedNames>',
                BOOK,
            ),
            "ods": lambda text=text: ods(ods_text(text)),
            "fods": lambda text=text: fods(ods_text(text)),
            "xml 2003": lambda text=text: xml2003(BOOK_2003.format(text)),
            "csv": lambda text=text: ("a,b\n" + text[: 7 * MIB // 4]).encode(),
            "html": lambda text=text: (
                f"<html><table><tr><td>{text[: 7 * MIB // 4]}</td></tr></table></html>".encode()
            ),
        }.items()
    },
    "inline: sixty long texts": lambda: in_sheet(
        "".join(
            f'<row r="{n}"><c r="Z{n}" t="inlineStr"><is><t>{NEARLY}</t></is></c></row>'
            for n in range(60, 120)
        )
    ),
    "shared: sixty long texts": lambda: shared(
        f"<si><t>{NEARLY}</t></si>" * 60,
        "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(60)),
    ),
    "ods: sixty long texts": lambda: ods(ods_text(NEARLY) * 60),
    "fods: sixty long texts in one cell": lambda: fods(ods_text(f"{NEARLY}<text:s/>" * 60)),
    "xml 2003: sixty long texts": lambda: xml2003(BOOK_2003.format(NEARLY) * 60),
    "60,000 labels of ligatures": lambda: shared(
        LABELS,
        "".join(
            f'<row><c t="s"><v>{n}</v></c><c t="s"><v>{n + 1}</v></c></row>'
            for n in range(0, 60_000, 32)
        ),
    ),
    "60,000 labels of ligatures, in 240 columns": lambda: shared(
        LABELS,
        "".join(
            "<row>" + "".join(f'<c t="s"><v>{n + m}</v></c>' for m in range(240)) + "</row>"
            for n in range(0, 60_000, 240)
        ),
    ),
    "one long text in 450,000 cells": lambda: shared(
        f"<si><t>{LONG}</t></si>", "".join(CELLS.format(n) for n in range(1, 1_800))
    ),
    "one long struck text in 250,000 cells": lambda: shared(
        f"<si><r><rPr><strike/></rPr><t>{LONG}</t></r></si>",
        "".join(CELLS.format(n) for n in range(1, 1_000)),
    ),
    "hidden columns, 400,000 times all": lambda: many_columns(400_000),
    "450,000 merged areas": lambda: behind_sheet(
        "<mergeCells>"
        + "".join(f'<mergeCell ref="A{n}:XFD{n + 900}"/>' for n in range(20, 450_020))
        + "</mergeCells>"
    ),
    "450,000 comparable merged areas in a table": lambda: with_part(
        "xl/worksheets/sheet1.xml",
        inflate(unpack(table(40, 11))["xl/worksheets/sheet1.xml"]).replace(
            b"</sheetData>",
            b"</sheetData><mergeCells>"
            + b'<mergeCell ref="A1:CV190"/>' * 450_000
            + b"</mergeCells>",
        ),
    ),
    "200,000 defined names": lambda: changed(
        "</sheets>", f"</sheets><definedNames>{NAMES}</definedNames>", BOOK
    ),
    "100,000 relations": lambda: many_relations(100_000),
    "60,000 formats": lambda: many_formats(60_000),
    "30,000 rows of 15 numbers": lambda: table(30_000, 15),
    "1,600 rows of 290 numbers": lambda: table(1_600, 290),
    "8,000 rows of 50 faults": lambda: table(8_000, 50, '<c t="e"><v>#REF!</v></c>'),
    "8,000 rows of 50 formulas without a result": lambda: table(8_000, 50, "<c><f>1</f></c>"),
    "8,000 rows of 50 texts": lambda: table(8_000, 50, '<c t="str"><v>若干</v></c>'),
    "a page of 60,000 words in 8,000 texts": lambda: with_part(
        "xl/worksheets/sheet1.xml",
        (
            HEAD
            + "".join(
                f'<row><c t="str"><v>{n} {"合计小计共计" * 300}</v></c><c><v>{n}</v></c></row>'
                for n in range(8_000)
            )
            + TAIL
        ).encode(),
    ),
    "ods: 40,000 styles on 40,000 columns": lambda: fods(
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="16384"/>'
        * 100_000
    ),
    "xml 2003: hidden columns 100,000 times": lambda: xml2003(
        '<Column ss:Hidden="1" ss:Index="1" ss:Span="16383"/>' * 100_000
    ),
    **BINARY,
    "csv: 30,000 lines of 9": (CSV_LINE * 30_000).encode,
    "csv: 300 lines of 1,600": (("第一县" + ",1" * 1_600 + "\n") * 300).encode,
    "html: 30,000 lines of 9": f"<html><table>{HTML_LINE * 30_000}</table></html>".encode,
}


class Cost(NamedTuple):
    """What one file may take."""

    peak: int = 400 * MIB
    seconds: float = 20.0


MOST = Cost()

QUICK_GIANTS = (
    "inline: ligatures",
    "shared: sixty long texts",
    "ods: sixty long texts",
    "xml 2003: sixty long texts",
    "hidden columns, 400,000 times all",
    "200,000 defined names",
    "100,000 relations",
    "one long struck text in 250,000 cells",
    "xls: 900 long texts",
    "xlsb: one long text in 450,000 cells",
)
"""Those that every test run judges: one for each bound."""
