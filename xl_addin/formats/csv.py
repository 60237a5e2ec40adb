"""A table as plain text: .csv, tab-separated text, and .xls that is one of these."""

from __future__ import annotations

import csv
import io
import re

from xl_addin.formats.grid import CODES, Grid
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import pattern
from xl_addin.xlsx.a1 import MAX_COLUMN
from xl_addin.xlsx.cells import FAULT, LONGEST_TEXT, MAX_CELLS, NUM, TEXT, Cell

MAX_TEXT = 8 * 2**20
ERRORS = frozenset(CODES.values())
_SEPARATORS = "\t,;"
_PLAIN = pattern(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?\Z", re.ASCII)
_AMBIGUOUS_POINT = pattern(
    r"-?[1-9]\d{0,2}\.\d{3}\Z", re.ASCII
)  # 1.200: a point or a thousands mark
_ENCODINGS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "iso-8859-1": "cp1252",
}
_DECLARED = pattern(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,20})")


def read(data: bytes) -> tuple[Grid, ...]:
    """The one sheet of a text table. Raises Unreadable."""
    text = decode_table(data)
    first = text[: text.find("\n") + 1].strip().strip('"').lower()
    told = first[4:] if first.startswith("sep=") and len(first) == 5 else ""
    head = text[:20_000]
    separator = told or max(_SEPARATORS, key=head.count)
    cells: dict[tuple[int, int], Cell] = {}
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for row, fields in enumerate(rows, 1):
            for column, field in enumerate(fields[:MAX_COLUMN], 1):
                if field.strip() and not (told and row == 1):
                    cells[row, column] = parse_cell(field)
            if len(cells) > MAX_CELLS:
                raise Unreadable("too-large", f"表格超过 {MAX_CELLS} 格，没有读取")
    except csv.Error:
        raise Unreadable("damaged", "文本表格读不出来；请另存为 .xlsx 后重新提供") from None
    return (Grid("文本", cells),)


def parse_cell(text: str) -> Cell:
    """A number or an error where the text can be nothing else, as a program writes it; else the text."""
    if text in ERRORS:
        return Cell(FAULT, text)
    if _PLAIN.match(text) and not _AMBIGUOUS_POINT.match(text):
        return Cell(NUM, float(text) if "." in text else int(text))
    return Cell(TEXT, text[:LONGEST_TEXT])


def decode_table(data: bytes) -> str:
    """Text in the encoding that it declares, else UTF-8, else GB18030. Raises Unreadable."""
    if len(data) > MAX_TEXT:
        raise Unreadable("too-large", f"文件超过 {MAX_TEXT // 2**20} MB，不像一张表，没有读取")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.search(data[:4096])
    known = _ENCODINGS.get(declared[1].decode().lower(), "") if declared else ""
    for encoding in filter(None, (known, "utf-8-sig")):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", "replace")
