"""Every file with the verdicts that are right for it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from tests.hostile.makers import (
    BOOK,
    HEAD,
    MIB,
    RELS,
    SHEET,
    STRINGS,
    STYLES,
    TAIL,
    behind_sheet,
    biff,
    changed,
    entry,
    form,
    in_sheet,
    locked,
    lying,
    many_entries,
    many_sheets,
    nested,
    ods,
    ole,
    overlapping,
    renamed,
    repeated,
    sheets_at_one_place,
    twice,
    with_doctype,
    with_part,
    xlsb,
    zeros,
)
from xl_addin.xlsx.package import inflate, pack, unpack

REFUSED = ("unreadable", "foreign")
# A refusal, or the figures that the form was filled with.
SAFE = (*REFUSED, "accepted", "held", "rejected")


class Hostile(NamedTuple):
    """A file and the verdicts that are right for it."""

    make: Callable[[], bytes]
    verdicts: tuple[str, ...] = REFUSED


LOL = (
    '<!DOCTYPE x [<!ENTITY a "9">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
X14 = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
FILES: dict[str, Hostile] = {
    # --- the package
    "zip bomb: 1 GiB of spaces": Hostile(
        lambda: with_part(SHEET, zeros(SHEET, 1024 * MIB, HEAD.encode()))
    ),
    "zip bomb: a sheet within the limit, 32 times": Hostile(lambda: many_sheets(32)),
    "zip bomb: 200 MiB that claim to be 1 kB": Hostile(
        lambda: with_part(SHEET, zeros(SHEET, 200 * MIB, HEAD.encode())._replace(size=1000))
    ),
    "100,000 entries": Hostile(lambda: many_entries(60_000)),
    "archives in archives": Hostile(lambda: nested(50)),
    "an entry twice": Hostile(lambda: twice(SHEET)),
    "an entry in capitals besides": Hostile(lambda: twice(SHEET.upper())),
    "overlapping entries": Hostile(overlapping),
    "a size too small": Hostile(lambda: lying(24, 10)),
    "a size too large": Hostile(lambda: lying(24, 2**31)),
    "a packed size beyond the file": Hostile(lambda: lying(20, 2**30)),
    "an offset beyond the file": Hostile(lambda: lying(42, 2**30)),
    "another method of packing": Hostile(lambda: lying(10, 12)),
    "cut in the middle": Hostile(lambda: form()[: len(form()) // 2]),
    "cut before the directory's end": Hostile(lambda: form()[:-10]),
    "nothing but a directory's end": Hostile(lambda: b"PK\x05\x06" + bytes(18)),
    "names that climb": Hostile(lambda: with_part("../../../tmp/evil", b"x"), SAFE),
    "a part behind a backslash": Hostile(
        lambda: renamed(SHEET, SHEET.replace("/", "\\")), ("accepted",)
    ),
    "a sheet's part is missing": Hostile(
        lambda: pack(p for n, p in unpack(form()).items() if n != SHEET)
    ),
    "relations that climb": Hostile(
        lambda: changed(
            'Target="worksheets/sheet1.xml"',
            'Target="../../../../etc/passwd"',
            "xl/_rels/workbook.xml.rels",
        )
    ),
    "a sheet outside the package": Hostile(
        lambda: changed(
            'Target="worksheets/sheet1.xml"',
            'Target="http://127.0.0.1:9/x" TargetMode="External"',
            "xl/_rels/workbook.xml.rels",
        ),
        SAFE,
    ),
    "a million relations": Hostile(
        lambda: with_part(
            "xl/_rels/workbook.xml.rels",
            repeated(
                "x",
                RELS,
                '<Relationship Id="a" Type="b" Target="c"/>',
                1_000_000,
                "</Relationships>",
            )._replace(name="xl/_rels/workbook.xml.rels"),
        )
    ),
    "macros": Hostile(
        lambda: with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(2000)), ("accepted",)
    ),
    # --- XML
    **{
        f"a document type in {part}": Hostile(lambda part=part: with_doctype(part, "<!DOCTYPE x>"))
        for part in (
            SHEET,
            STRINGS,
            STYLES,
            BOOK,
            "docProps/custom.xml",
            "xl/_rels/workbook.xml.rels",
        )
    },
    "billion laughs": Hostile(lambda: with_doctype(SHEET, LOL, "&j;")),
    "quadratic entities": Hostile(
        lambda: with_doctype(SHEET, f'<!DOCTYPE x [<!ENTITY a "{"9" * 50_000}">]>', "&a;" * 20_000)
    ),
    "an external entity": Hostile(
        lambda: with_doctype(
            SHEET, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"
        )
    ),
    "an external document type": Hostile(
        lambda: with_doctype(SHEET, '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">')
    ),
    "a parameter entity": Hostile(
        lambda: with_doctype(
            SHEET, '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>'
        )
    ),
    "an entity that was never said": Hostile(lambda: entry('<c r="F7"><v>&x;</v></c>')),
    "100,000 elements deep": Hostile(lambda: in_sheet("<a>" * 100_000 + "</a>" * 100_000)),
    "a million attributes": Hostile(
        lambda: in_sheet("<row " + " ".join(f'a{n}=""' for n in range(300_000)) + "/>"), SAFE
    ),
    "an attribute of 20 MB": Hostile(lambda: in_sheet(f'<row spans="{"1" * 20_000_000}"/>'), SAFE),
    "bytes that are no UTF-8": Hostile(
        lambda: with_part(
            SHEET, inflate(unpack(form())[SHEET]).replace("培训".encode(), b"\xff\xfe")
        )
    ),
    "UTF-7": Hostile(lambda: changed('encoding="UTF-8"', 'encoding="UTF-7"')),
    "an encoding of our codecs only": Hostile(
        lambda: changed('encoding="UTF-8"', 'encoding="rot13"')
    ),
    "UTF-16": Hostile(
        lambda: with_part(
            SHEET,
            inflate(unpack(form())[SHEET])
            .decode()
            .replace('encoding="UTF-8"', 'encoding="UTF-16"')
            .encode("utf-16"),
        ),
        ("accepted",),
    ),
    "not closed": Hostile(lambda: with_part(SHEET, inflate(unpack(form())[SHEET])[:-30]), REFUSED),
    # --- geometry
    "a row of 10**9": Hostile(lambda: in_sheet('<row r="1000000000"><c><v>1</v></c></row>')),
    "a row of 5,000 digits": Hostile(
        lambda: in_sheet(f'<row r="{"9" * 5000}"><c><v>1</v></c></row>')
    ),
    "a column beyond XFD": Hostile(lambda: in_sheet('<row r="1"><c r="ZZZ1"><v>1</v></c></row>')),
    "the last cell of all": Hostile(
        lambda: changed(
            "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
        ("accepted",),
    ),
    "rows of a million cells": Hostile(
        lambda: with_part(
            SHEET, repeated(SHEET, HEAD + "<row>", "<c><v>1</v></c>", 1_000_000, "</row>" + TAIL)
        )
    ),
    "3 million cells": Hostile(
        lambda: with_part(
            SHEET,
            repeated(
                SHEET,
                HEAD,
                "<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>",
                1_000_000,
                TAIL,
            ),
        ),
        SAFE,
    ),
    "6 million empty cells": Hostile(
        lambda: with_part(
            SHEET, repeated(SHEET, HEAD + "<row>", "<c/>", 10_000_000, "</row>" + TAIL)
        ),
        SAFE,
    ),
    "everything merged": Hostile(
        lambda: behind_sheet(
            '<mergeCells count="1"><mergeCell ref="A20:XFD1048576"/></mergeCells>'
        ),
        ("accepted",),
    ),
    "a link over everything": Hostile(
        lambda: behind_sheet(
            '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'
        ),
        ("accepted",),
    ),
    "a million merged areas": Hostile(
        lambda: with_part(
            SHEET,
            repeated(
                SHEET,
                HEAD + "</sheetData><mergeCells>",
                '<mergeCell ref="A1:B2"/>',
                1_000_000,
                "</mergeCells></worksheet>",
            ),
        )
    ),
    "a dimension that lies": Hostile(
        lambda: changed("<dimension ref=", '<dimension ref="A1:XFD1048576" x='), ("accepted",)
    ),
    # --- texts and formats
    "13 million texts": Hostile(
        lambda: with_part(STRINGS, repeated(STRINGS, "<sst>", "<si/>", 12_000_000, "</sst>"))
    ),
    "one text of 60 MB": Hostile(
        lambda: with_part(
            STRINGS, repeated(STRINGS, "<sst><si><t>", "x" * 60, 1_000_000, "</t></si></sst>")
        ),
        SAFE,
    ),
    "10 million formats": Hostile(
        lambda: with_part(
            STYLES,
            repeated(
                STYLES, "<styleSheet><cellXfs>", "<xf/>", 10_000_000, "</cellXfs></styleSheet>"
            ),
        )
    ),
    "a format of a megabyte": Hostile(
        lambda: changed(
            "<cellXfs",
            '<numFmts><numFmt numFmtId="0" formatCode="'
            + "[\\&quot;" * 100_000
            + '"/></numFmts><cellXfs',
            STYLES,
        ),
        SAFE,
    ),
    "a text that is not there": Hostile(
        lambda: entry('<c r="F7" t="s"><v>99999</v></c>'), ("rejected",)
    ),
    "text number -1": Hostile(lambda: entry('<c r="F7" t="s"><v>-1</v></c>'), ("rejected",)),
    "text number 10**30": Hostile(
        lambda: entry(f'<c r="F7" t="s"><v>{"9" * 30}</v></c>'), ("rejected",)
    ),
    "half a surrogate pair": Hostile(
        lambda: entry('<c r="F7" t="str"><v>_xD800_</v></c>'), ("rejected",)
    ),
    "a control character": Hostile(
        lambda: entry('<c r="F7" t="str"><v>_x0000_25</v></c>'), ("rejected",)
    ),
    # --- values
    **{
        f"the value {text[:12]}": Hostile(
            lambda text=text: entry(f'<c r="F7"><v>{text}</v></c>'), ("rejected",)
        )
        for text in (
            "NaN",
            "INF",
            "-INF",
            "1e400",
            "1E999",
            "0x19",
            "1_000",
            "２５",
            "1" * 1_000_000,
            "0." + "1" * 1_000_000,
            "1e-400x",
            "--5",
        )
    },
    "two values": Hostile(lambda: entry('<c r="F7"><v>25</v><v>999</v></c>')),
    "a value with a comment": Hostile(
        lambda: entry('<c r="F7"><v>2<!-- x -->5</v></c>'), ("accepted",)
    ),
    "a value as CDATA": Hostile(
        lambda: entry('<c r="F7"><v><![CDATA[25]]></v></c>'), ("accepted",)
    ),
    "a value as references": Hostile(
        lambda: entry('<c r="F7"><v>&#50;&#x35;</v></c>'), ("accepted",)
    ),
    "a cell twice": Hostile(lambda: entry('<c r="F7"><v>25</v></c><c r="F7"><v>999</v></c>')),
    "a row twice": Hostile(
        lambda: changed("</sheetData>", '<row r="7"><c r="F7"><v>999</v></c></row></sheetData>')
    ),
    "a cell in another's row": Hostile(lambda: entry('<c r="F8"><v>25</v></c>')),
    "two tables of cells": Hostile(
        lambda: behind_sheet('<sheetData><row r="60"><c r="A60"><v>1</v></c></row></sheetData>')
    ),
    "cells behind the table": Hostile(
        lambda: behind_sheet('<row r="60"><c r="F60"><v>999</v></c></row>'), ("accepted",)
    ),
    "cells of another namespace": Hostile(
        lambda: in_sheet('<row r="90"><z:c xmlns:z="urn:z" r="F90"><z:v>999</z:v></z:c></row>')
    ),
    "cells under another default namespace": Hostile(
        lambda: entry('<c xmlns="urn:z" r="F7"><v>999</v></c>')
    ),
    "alternative cells": Hostile(
        lambda: in_sheet(
            f'<mc:AlternateContent {X14}><mc:Choice Requires="x14"><row r="60"><c r="F60"><v>1</v></c></row>'
            "</mc:Choice></mc:AlternateContent>"
        )
    ),
    "an alternative table": Hostile(
        lambda: with_part(
            SHEET,
            inflate(unpack(form())[SHEET])
            .decode()
            .replace(
                "<sheetData>", f'<mc:AlternateContent {X14}><mc:Choice Requires="x14"><sheetData>'
            )
            .replace("</sheetData>", "</sheetData></mc:Choice></mc:AlternateContent>")
            .encode(),
        )
    ),
    "a sheet of another kind": Hostile(
        lambda: changed("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "urn:z")
    ),
    "a formula of a megabyte": Hostile(
        lambda: entry(f'<c r="F7"><f>{"1+" * 500_000}1</f></c>'), ("rejected",)
    ),
    "a DDE formula": Hostile(
        lambda: entry("<c r=\"F7\"><f>cmd|'/C calc'!A0</f><v>25</v></c>"), ("accepted",)
    ),
    "a formula into another file": Hostile(
        lambda: entry('<c r="F7"><f>[1]台账!A1</f><v>25</v></c>'), ("accepted",)
    ),
    # --- other formats
    "OLE: a chain that loops": Hostile(lambda: ole([0xFFFFFFFD, 0xFFFFFFFE, 3, 2])),
    "OLE: a directory that loops": Hostile(lambda: ole([0xFFFFFFFD, 1, 3, 0xFFFFFFFE])),
    "OLE: tables that loop": Hostile(lambda: ole([0xFFFFFFFD, 0xFFFFFFFE, 3, 2], difat=4)),
    "OLE: nothing but a header": Hostile(lambda: ole([])[:512]),
    "OLE: sectors of 2**60000": Hostile(lambda: ole([])[:30] + b"\xff\xff" + ole([])[32:]),
    "xls: 3,000 sheets at one place": Hostile(lambda: sheets_at_one_place(3_000)),
    "xls: records that lie": Hostile(
        lambda: biff(
            [
                (0x809, struct.pack("<HHHHLL", 0x600, 5, 0, 0, 0, 0)),
                (0x85, b"\xff" * 6),
                (0xFC, b"\xff" * 20),
            ]
        )
    ),
    "ods: one cell for the whole grid": Hostile(
        lambda: ods(
            '<table:table-row table:number-rows-repeated="1048576">'
            '<table:table-cell table:number-columns-repeated="16384"'
            ' office:value-type="float" office:value="1"/></table:table-row>'
        )
    ),
    "ods: empty repeats": Hostile(
        lambda: ods('<table:table-row table:number-rows-repeated="999999999"/>' * 50_000)
    ),
    "ods: 60 GB of spaces": Hostile(
        lambda: ods(
            "<table:table-row><table:table-cell><text:p>"
            + '<text:s text:c="32767"/>' * 1_000_000
            + "</text:p></table:table-cell></table:table-row>"
        )
    ),
    "ods: tables in tables": Hostile(
        lambda: ods("<table:table-row><table:table-cell><table:table>" * 100)
    ),
    "html: tables in tables": Hostile(lambda: b"<html>" + b"<table><tr><td>" * 100_000),
    "html: wide spans": Hostile(
        lambda: b"<html><table>" + b"<tr><td rowspan=9999999 colspan=9999999>1</td></tr>" * 1_000
    ),
    "html: a declaration that never ends": Hostile(
        lambda: b"<html><table><tr><td>1" + b"<!" * 1_000_000
    ),
    "html: half tags": Hostile(lambda: b"<html><table>" + b"<td" * 1_000_000),
    "text: 8 million columns": Hostile(lambda: b"a" + b"," * 8_000_000),
    "text: a quote that never closes": Hostile(lambda: b'"' + b"x\n" * 3_000_000),
    "xml 2003: deep": Hostile(
        lambda: (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
            + b"<a>" * 100_000
        )
    ),
    "xml 2003: far away": Hostile(
        lambda: (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
            b'<Worksheet Name="a"><Table><Row Index="99999999999"><Cell><Data Type="Number">1</Data></Cell></Row>'
            b"</Table></Worksheet></Workbook>"
        )
    ),
    "xml 2003: laughs": Hostile(
        lambda: (
            b'<?xml version="1.0"?>'
            + LOL.encode()
            + b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
        )
    ),
    "xlsb: records that lie": Hostile(lambda: xlsb(b"\x00\xff\xff\xff\x7f")),
    "xlsb: half a record": Hostile(lambda: xlsb(b"\x00\x19" + bytes(25) + b"\x05\x10")),
    "locked: a million rounds": Hostile(lambda: locked(999999)),
}

# More than a second to make or to judge: for the harness and not for every test run.
SLOW = frozenset(
    (
        "zip bomb: 1 GiB of spaces",
        "zip bomb: a sheet within the limit, 32 times",
        "100,000 entries",
        "a million relations",
        "rows of a million cells",
        "3 million cells",
        "6 million empty cells",
        "a million merged areas",
        "html: a declaration that never ends",
        "html: half tags",
        "xls: 3,000 sheets at one place",
        "one text of 60 MB",
        "a million attributes",
    )
)
assert FILES.keys() >= SLOW
