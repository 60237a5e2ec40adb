"""How hostile files are made: packages, parts and streams that no program would write."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from tests.tools import forms
from xl_addin.model.filetypes import OLE_START
from xl_addin.xlsx.package import Part, deflate, inflate, pack, unpack

SHEET, STRINGS, STYLES, BOOK = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
)
MIB = 2**20
NONE = 0xFFFFFFFF


def form() -> bytes:
    """A form filled in well."""
    return forms.fill_form()


def with_part(name: str, data: bytes | Part, base: bytes | None = None) -> bytes:
    """The form with one part replaced or added."""
    parts = unpack(base or form())
    parts[name] = data if isinstance(data, Part) else deflate(name, data)
    return pack(parts.values())


def changed(old: str, new: str, part: str = SHEET) -> bytes:
    """The form with a text of one part replaced once."""
    content = inflate(unpack(form())[part]).decode()
    assert old in content, old
    return with_part(part, content.replace(old, new, 1).encode())


def in_sheet(xml: str) -> bytes:
    """The form with rows put before its first row."""
    return changed("<sheetData>", f"<sheetData>{xml}")


def behind_sheet(xml: str) -> bytes:
    """The form with elements behind its rows."""
    return changed("</sheetData>", f"</sheetData>{xml}")


def entry(xml: str) -> bytes:
    """The form with the cell F7 as written."""
    content = inflate(unpack(form())[SHEET]).decode()
    start = content.index('<c r="F7"')
    stop = content.index("</c>", start) + 4
    return with_part(SHEET, (content[:start] + xml + content[stop:]).encode())


def with_doctype(part: str, doctype: str, use: str = "") -> bytes:
    """The form with a document type in one part, and where an entity is used."""
    content = inflate(unpack(form())[part]).decode()
    at = content.index("?>") + 2
    content = content[:at] + doctype + content[at:]
    if use:
        content = content.replace("<v>25</v>", f"<v>{use}</v>", 1)
    return with_part(part, content.encode())


def zeros(name: str, size: int, prefix: bytes = b"", byte: bytes = b" ") -> Part:
    """A part of so many equal bytes, packed without ever holding it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, crc = [packer.compress(prefix)], zlib.crc32(prefix)
    block = byte * MIB
    for _ in range(size // MIB):
        packed.append(packer.compress(block))
        crc = zlib.crc32(block, crc)
    packed.append(packer.flush())
    return Part(name, 8, crc, len(prefix) + size // MIB * MIB, b"".join(packed))


def repeated(name: str, head: str, piece: str, times: int, tail: str) -> Part:
    """A part of one piece many times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = piece * 1000
    data = [head, *[block] * (times // 1000), tail]
    packed, crc, size = [], 0, 0
    for text in data:
        raw = text.encode()
        packed.append(packer.compress(raw))
        crc, size = zlib.crc32(raw, crc), size + len(raw)
    return Part(name, 8, crc, size, b"".join([*packed, packer.flush()]))


RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def many_entries(count: int) -> bytes:
    out = io.BytesIO(form())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(count):
            archive.writestr(f"x{number}", b"")
    return out.getvalue()


def twice(name: str) -> bytes:
    """An entry that stands twice, or once more in other letters."""
    parts = unpack(form())
    more = deflate(name, inflate(parts[SHEET]).replace(b"<v>25</v>", b"<v>999</v>"))
    return pack([*parts.values(), more])


def overlapping() -> bytes:
    """Two directory entries for the same bytes."""
    data = form()
    at = data.index(b"PK\x01\x02")
    size = 46 + struct.unpack_from("<H", data, at + 28)[0]
    end = data.rindex(b"PK\x05\x06")
    count, length = struct.unpack_from("<HL", data, end + 10)
    copy = bytearray(data[at : at + size])
    copy[46] ^= 32  # another name
    closing = bytearray(data[end:])
    struct.pack_into("<HHL", closing, 8, count + 1, count + 1, length + size)
    return data[:end] + bytes(copy) + bytes(closing)


def lying(offset: int, size: int) -> bytes:
    """A directory that lies about the entry of the first sheet."""
    data = bytearray(form())
    at = data.rindex(SHEET.encode()) - 46
    struct.pack_into("<L", data, at + offset, size)
    return bytes(data)


def nested(depth: int) -> bytes:
    data = form()
    for level in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"{level}.zip", data)
        data = out.getvalue()
    return data


def renamed(old: str, new: str) -> bytes:
    parts = unpack(form())
    return pack(part._replace(name=new if name == old else name) for name, part in parts.items())


def ods(content: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"'
        for p in ("office", "table", "text")
    )
    body = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="任务进度">{content}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return pack([deflate("content.xml", body.encode())])


def ole(
    fat: list[int], directory_at: int = 1, name: str = "Workbook", difat: int = 0xFFFFFFFE
) -> bytes:
    """An OLE file of one FAT sector, a directory and a stream, however its chains run."""
    header = bytearray(512)
    header[:8] = OLE_START
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<LLLLLLLLL", header, 40, 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, difat, 0)
    struct.pack_into("<109L", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128L", *fat, *[0xFFFFFFFF] * (128 - len(fat)))
    entries = b""
    for title, kind, start, size in (("Root Entry", 5, 0xFFFFFFFE, 0), (name, 2, 2, 100_000)):
        raw = title.encode("utf-16-le")
        entry = bytearray(128)
        entry[: len(raw)] = raw
        struct.pack_into("<HBB", entry, 64, len(raw) + 2, kind, 1)
        struct.pack_into("<LLL", entry, 68, NONE, NONE, 1 if kind == 5 else NONE)
        struct.pack_into("<LL", entry, 116, start, size)
        entries += bytes(entry)
    return bytes(header) + table + entries.ljust(512, b"\0") + bytes(512) * 8


def biff(records: list[tuple[int, bytes]]) -> bytes:
    """An .xls whose workbook stream has these records."""
    stream = b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)
    stream = stream.ljust(max(4096, len(stream)), b"\0")
    sectors = -(-len(stream) // 512)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    data = bytearray(ole(chain[:128])[: 512 * 3])
    struct.pack_into("<L", data, 512 * 2 + 128 + 120, len(stream))
    return bytes(data) + stream.ljust(sectors * 512, b"\0")


def sheets_at_one_place(count: int) -> bytes:
    """Very many sheets that all begin at the same place."""
    bof = (0x809, struct.pack("<HHHHLL", 0x600, 5, 0, 0, 0, 0))
    named = [(0x85, struct.pack("<LBBBB", 0, 0, 0, 1, 0) + b"x") for _ in range(count)]
    return biff([bof, *named, (0x0A, b"")])


def locked(spins: int) -> bytes:
    """A locked file whose password takes so many rounds to try."""
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(form())).encrypt("a", out)
    old, new = b'spinCount="100000"', b'spinCount="%d"' % spins
    data = out.getvalue()
    assert old in data
    return data.replace(old, new.ljust(len(old))[: len(old)] if len(new) <= len(old) else new)


def many_sheets(count: int) -> bytes:
    """A workbook of many sheets that are each just within the limit."""
    base = unpack(form())
    part = repeated("x", HEAD, '<row><c t="str"><v>x</v></c></row>', 1_000_000, TAIL)
    sheets, links = "", ""
    for number in range(10, 10 + count):
        name = f"xl/worksheets/sheet{number}.xml"
        base[name] = part._replace(name=name)
        sheets += f'<sheet name="s{number}" sheetId="{number}" r:id="r{number}"/>'
        links += (
            f'<Relationship Id="r{number}" Target="worksheets/sheet{number}.xml"'
            ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        )
    for name, mark, more in (
        (BOOK, "</sheets>", sheets),
        ("xl/_rels/workbook.xml.rels", "</Relationships>", links),
    ):
        text = inflate(base[name]).decode().replace(mark, more + mark)
        base[name] = deflate(name, text.encode())
    return pack(base.values())


def xlsb(sheet: bytes) -> bytes:
    """An .xlsb with these records as its one sheet."""

    def text(value: str) -> bytes:
        return struct.pack("<L", len(value)) + value.encode("utf-16-le")

    named = struct.pack("<LL", 0, 1) + text("r1") + text("任务进度")
    links = (
        RELS
        + '<Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    return pack(
        [
            deflate("xl/workbook.bin", b"\x9c\x01" + bytes([len(named)]) + named),
            deflate("xl/_rels/workbook.bin.rels", links.encode()),
            deflate("xl/worksheets/sheet1.bin", sheet),
        ]
    )


LIGATURE = "\ufdfa"
"""One letter that NFKC makes eighteen of."""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def letters(letter: str, size: int) -> str:
    """A text of so many bytes in UTF-8, as near as a letter allows."""
    return letter * (size // len(letter.encode()))


def text_cell(text: str, kind: str = "inlineStr") -> bytes:
    """A form with a text in a cell above its table: in the cell, or as a formula's result."""
    held = f"<is><t>{text}</t></is>" if kind == "inlineStr" else f"<v>{text}</v>"
    return in_sheet(f'<row r="1"><c r="Z1" t="{kind}">{held}</c></row>')


def shared(texts: str, cells: str) -> bytes:
    """A form with shared strings put before its own, and rows of its first sheet."""
    parts = unpack(form())
    rows = HEAD + cells + TAIL
    table = f'<sst xmlns="{MAIN}">{texts}</sst>'
    for name, text in ((SHEET, rows), (STRINGS, table)):
        parts[name] = deflate(name, text.encode(), 1)
    return pack(parts.values())


def many_columns(count: int) -> bytes:
    """So many declarations that every column is hidden."""
    column = '<col min="1" max="16384" hidden="1"/>'
    return changed("<sheetData>", f"<cols>{column * count}</cols><sheetData>")


def table(rows: int, columns: int, cell: str = "<c><v>1</v></c>") -> bytes:
    """A workbook of one sheet whose first row and column are texts, with so many numbers."""
    head = "".join(f'<c t="str"><v>列{n}</v></c>' for n in range(columns + 1))
    body = "".join(f'<row><c t="str"><v>第{n}县</v></c>{cell * columns}</row>' for n in range(rows))
    parts = unpack(form())
    parts[SHEET] = deflate(SHEET, f"{HEAD}<row>{head}</row>{body}{TAIL}".encode(), 1)
    return pack(parts.values())


XML_2003 = "urn:schemas-microsoft-com:office:spreadsheet"


def xml2003(rows: str) -> bytes:
    """A workbook in Excel's XML of 2003."""
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{XML_2003}" xmlns:ss="{XML_2003}">'
        f'<Worksheet ss:Name="任务进度"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


def fods(content: str) -> bytes:
    """The same as ``ods`` in one XML file."""
    text = inflate(unpack(ods(content))["content.xml"]).decode()
    kind = ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"'
    return (
        text.replace("office:document-content", "office:document")
        .replace("<office:document ", f"<office:document{kind} ", 1)
        .encode()
    )
