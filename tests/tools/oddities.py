"""What programs write that Excel does not, and Excel writes that others do not: one change each.

Every change leaves a workbook of the same content, so it must be read to the same figures.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from xl_addin.xlsx.a1 import cell_name, position
from xl_addin.xlsx.notes import change_notes
from xl_addin.xlsx.package import deflate, inflate, pack, unpack

SHEET, STRINGS, STYLES, BOOK = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FIGURE = r'(<c r="F7" s="\d+"><v>)25<'
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "http://purl.oclc.org/ooxml/officeDocument/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties": "http://purl.oclc.org/ooxml/officeDocument/customProperties",
}


def edit_part(data: bytes, name: str, edit: Callable[[str], str]) -> bytes:
    """The workbook with one part's text changed; fails where nothing changes."""
    parts = unpack(data)
    before = inflate(parts[name]).decode()
    after = edit(before)
    assert after != before, name
    parts[name] = deflate(name, after.encode())
    return pack(parts.values())


def edit_every_part(data: bytes, edit: Callable[[str, str], bytes]) -> bytes:
    """The workbook with every XML part changed by ``edit(name, text)``."""
    parts = unpack(data)
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            parts[name] = deflate(name, edit(name, inflate(part).decode()))
    return pack(parts.values())


def replace_text(old: str, new: str, name: str = SHEET) -> Callable[[bytes], bytes]:
    """A change of one text in one part."""
    return lambda data: edit_part(data, name, lambda text: text.replace(old, new, 1))


def rewrite_matches(pattern: str, new: str, name: str = SHEET) -> Callable[[bytes], bytes]:
    """A change of every match in one part."""
    return lambda data: edit_part(data, name, lambda text: re.sub(pattern, new, text))


def rename_parts(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Other names for the parts; what refers to them stays as it is."""
    return lambda data: pack(p._replace(name=change(n)) for n, p in unpack(data).items())


def add_prefix(data: bytes) -> bytes:
    """``x:`` before every element of the spreadsheet's own namespace."""

    def edit(_: str, text: str) -> bytes:
        if f'xmlns="{MAIN}"' in text:
            text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", text)
            text = text.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
        return text.encode()

    return edit_every_part(data, edit)


def strict(data: bytes) -> bytes:
    """The namespaces of “Strict Open XML”."""

    def edit(_: str, text: str) -> bytes:
        for usual, other in STRICT.items():
            text = text.replace(usual, other)
        return text.encode()

    return edit_every_part(data, edit)


def utf16(data: bytes) -> bytes:
    """Every part in UTF-16."""
    return edit_every_part(
        data, lambda _, text: text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    )


def absolute_targets(data: bytes) -> bytes:
    """Relationship targets from the package's root."""
    text = r'Target="(?!/|http)'
    data = edit_part(data, "_rels/.rels", lambda t: re.sub(text, 'Target="/', t))
    return edit_part(data, "xl/_rels/workbook.xml.rels", lambda t: re.sub(text, 'Target="/xl/', t))


def without_addresses(data: bytes) -> bytes:
    """Rows and cells that say by their order alone where they are."""

    def edit(text: str) -> str:
        start, stop = text.index("<sheetData>") + 11, text.index("</sheetData>")
        cells = {
            position(match[1]): match[0].replace(f' r="{match[1]}"', "", 1)
            for match in re.finditer(r'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</c>)', text[start:stop])
        }
        rows = range(1, max(row for row, _ in cells) + 1)
        grid = (
            "".join(cells.get((row, column), "<c/>") for column in range(1, 12)) for row in rows
        )
        body = "".join(f"<row>{cells_of_row}</row>" for cells_of_row in grid)
        return text[:start] + body + text[stop:]

    return edit_part(data, SHEET, edit)


def rich_heading(data: bytes) -> bytes:
    """A heading in two runs with a phonetic guide, as Japanese and Chinese input methods leave it."""
    runs = (
        "<si><r><t>本月</t></r><r><rPr><b/></rPr><t>完成</t></r>"
        '<rPh sb="0" eb="2"><t>ほんげつ</t></rPh><phoneticPr fontId="1"/></si>'
    )
    return edit_part(data, STRINGS, lambda text: text.replace("<si><t>本月完成</t></si>", runs))


def inline_strings(data: bytes) -> bytes:
    """Every text in its own cell, no shared strings."""
    parts = unpack(data)
    texts = re.findall(r"<si>(.*?)</si>", inflate(parts[STRINGS]).decode(), re.DOTALL)
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        text = re.sub(
            r' t="s"><v>(\d+)</v>',
            lambda m: f' t="inlineStr"><is>{texts[int(m[1])]}</is>',
            inflate(parts[name]).decode(),
        )
        parts[name] = deflate(name, text.encode())
    del parts[STRINGS]
    rels = "xl/_rels/workbook.xml.rels"
    text = re.sub(r"<Relationship [^>]*sharedStrings[^>]*/>", "", inflate(parts[rels]).decode())
    parts[rels] = deflate(rels, text.encode())
    return pack(parts.values())


def repack(streamed: bool, method: int) -> Callable[[bytes], bytes]:
    """The package by another packer: sizes behind the data, or nothing packed at all."""

    def change(data: bytes) -> bytes:
        out = io.BytesIO()
        target = _Stream(out) if streamed else out
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", method) as new:
            for info in old.infolist():
                new.writestr(info.filename, old.read(info))
            new.comment = b"made elsewhere"
        return out.getvalue()

    return change


class _Stream:
    """What cannot be sought, so that sizes stand behind the data."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()


def as_excel(data: bytes) -> bytes:
    """What Excel adds: extensions, its own attributes, the place where the file was."""
    spaces = (
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr"'
        ' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
        ' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" xr:uid="{0-0}"'
    )
    data = edit_part(data, SHEET, lambda t: t.replace("<worksheet ", f"<worksheet{spaces} ", 1))
    data = edit_part(
        data, SHEET, lambda t: re.sub(r'(<row r="\d+")', r'\1 x14ac:dyDescent="0.25"', t)
    )
    path = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x15"><x15ac:absPath url="D:\\&#x4EFB;&#x52A1;\\" '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice>'
        "</mc:AlternateContent>"
    )
    return edit_part(data, BOOK, lambda t: t.replace("<sheets>", f"{path}<sheets>", 1))


def dated_from_1904(data: bytes) -> bytes:
    """A workbook that counts days from 1904, with a day filled in."""
    data = edit_part(data, BOOK, lambda t: t.replace("<workbookPr", '<workbookPr date1904="1"', 1))
    look = re.search(r'<c r="D4" s="(\d+)"/>', inflate(unpack(data)[SHEET]).decode())
    assert look
    return replace_text(look[0], f'<c r="D4" s="{look[1]}"><v>43645</v></c>')(data)


def far_away(data: bytes) -> bytes:
    """Cells, links and a merged area at the other end of the sheet."""
    rows = f'<row r="1048576"><c r="{cell_name(1048576, 16384)}"><v>7</v></c></row></sheetData>'
    return replace_text("</sheetData>", rows)(data)


def attributes_in_texts(data: bytes) -> bytes:
    """Texts of cells as R's openxlsx writes them that it read with an attribute."""

    def edit(_: str, text: str) -> bytes:
        return text.replace("<is><t>", '<is><t>xml:space="preserve"&gt;').encode()

    return edit_every_part(data, edit)


def with_notes(data: bytes) -> bytes:
    """Somebody noted something on two cells."""
    parts = unpack(data)
    change_notes(parts, SHEET, (), {(7, 6): "核对过", (3, 4): "李红"}, "王五")
    return pack(parts.values())


ODDITIES: dict[str, Callable[[bytes], bytes]] = {
    "a dimension of one cell": rewrite_matches(
        r'<dimension ref="[^"]*"/>', '<dimension ref="A1"/>'
    ),
    "a dimension of everything": rewrite_matches(
        r'<dimension ref="[^"]*"/>', '<dimension ref="A1:XFD1048576"/>'
    ),
    "no dimension": rewrite_matches(r'<dimension ref="[^"]*"/>', ""),
    "backslashes in part names": rename_parts(lambda name: name.replace("/", "\\")),
    "part names from the root": rename_parts(lambda name: f"/{name}"),
    "part names in capitals": rename_parts(lambda name: name.upper() if "sheet" in name else name),
    "prefixed elements": add_prefix,
    "strict": strict,
    "UTF-16": utf16,
    "absolute targets": absolute_targets,
    "backslashes in targets": rewrite_matches(
        r'Target="worksheets/', r'Target="worksheets\\', "xl/_rels/workbook.xml.rels"
    ),
    "dots in targets": rewrite_matches(
        r'Target="worksheets/', 'Target="./../xl/worksheets/', "xl/_rels/workbook.xml.rels"
    ),
    "no addresses": without_addresses,
    "rich text and phonetic runs": rich_heading,
    "inline strings": inline_strings,
    "no results of formulas": rewrite_matches(r"(</f>)<v>[^<]*</v>", r"\1"),
    "empty results of formulas": rewrite_matches(r"(</f>)<v>[^<]*</v>", r"\1<v/>"),
    "an empty fill": lambda data: edit_part(
        data, STYLES, lambda t: re.sub(r"<fill>.*?</fill>", "<fill/>", t, count=1)
    ),
    "no styles": lambda data: pack(p for n, p in unpack(data).items() if n != STYLES),
    "numbers as decimals": rewrite_matches(_FIGURE, r"\g<1>25.0<"),
    "numbers in powers of ten": rewrite_matches(_FIGURE, r"\g<1>2.5E1<"),
    "numbers with a plus": rewrite_matches(_FIGURE, r"\g<1>+25<"),
    "numbers between spaces": rewrite_matches(_FIGURE, r"\g<1> 25 <"),
    "the type of numbers said": rewrite_matches(r'(<c r="F7" s="\d+")>', r'\1 t="n">'),
    "attributes in another order": rewrite_matches(
        r'<c r="([A-Z]+\d+)" s="(\d+)"', r'<c s="\2" r="\1"'
    ),
    "apostrophes for quotes": rewrite_matches(r'<c r="([A-Z]+\d+)" s="(\d+)"', r"<c r='\1' s='\2'"),
    "line breaks between cells": rewrite_matches("</c>", "</c>\n  "),
    "comments between cells": rewrite_matches("<row ", "<!-- row --><row "),
    "a value as CDATA": rewrite_matches(_FIGURE, r"\g<1><![CDATA[25]]><"),
    "rows from below": lambda data: edit_part(data, SHEET, _upside_down),
    "no declaration": rewrite_matches(r"^<\?xml[^>]*\?>\s*", ""),
    "a byte order mark": lambda data: edit_every_part(
        data, lambda _, text: b"\xef\xbb\xbf" + text.encode()
    ),
    "what Excel adds": as_excel,
    "days from 1904": dated_from_1904,
    "content at the other end": far_away,
    "sizes behind the data": repack(streamed=True, method=zipfile.ZIP_DEFLATED),
    "nothing packed": repack(streamed=False, method=zipfile.ZIP_STORED),
    "a visible data sheet": replace_text(' state="veryHidden"', "", BOOK),
    "no document properties": lambda data: pack(
        p for n, p in unpack(data).items() if not n.startswith("docProps")
    ),
    "a data sheet of another name": replace_text('name="_meta"', 'name="Sheet3"', BOOK),
    "attributes in texts": attributes_in_texts,
    "notes on cells": with_notes,
    "no defined names": rewrite_matches(r"<definedNames>.*</definedNames>", "", BOOK),
}


def _upside_down(text: str) -> str:
    start, stop = text.index("<sheetData>") + 11, text.index("</sheetData>")
    rows = re.findall(r"<row .*?</row>", text[start:stop], re.DOTALL)
    return text[:start] + "".join(reversed(rows)) + text[stop:]
