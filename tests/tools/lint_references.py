"""The lint's checks of what points at something: formats, tables, shared formulas, ranges, metadata."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tests.tools.parts import MAIN, parse_part, read_relationships
from xl_addin.xlsx.a1 import MAX_COLUMN, MAX_ROW, Area, area, cell_name, position

if TYPE_CHECKING:
    from tests.tools.lint import LintedWorkbook

_CUSTOM_FORMATS = 164
_TABLE_NAME = re.compile(r"(?:[^\W\d]|_|\\)[\w.]*\Z")
_LIKE_CELL = re.compile(r"[A-Z]{1,3}\d+\Z|R\d*C\d*\Z|R\d*\Z|C\d*\Z", re.IGNORECASE)
_COLUMNS = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}\Z|\$?\d+:\$?\d+\Z")


def _formats(book: LintedWorkbook) -> Iterator[str]:
    """Cells, rows and columns that name a format that is not there, and formats of a lost code."""
    formats = book.styles.findall(f"{MAIN}cellXfs/{MAIN}xf")
    codes = {item.get("numFmtId") for item in book.styles.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")}
    for item in formats:
        code = item.get("numFmtId", "0")
        if int(code) >= _CUSTOM_FORMATS and code not in codes:
            yield f"number-format: {code} has no code"
    for sheet in book.sheets:
        places = (
            *((f"{cell.get('r')}", cell.get("s")) for cell in sheet.cells()),
            *((f"row {row.get('r')}", row.get("s")) for row in sheet.root.iter(f"{MAIN}row")),
            *(
                (f"column {col.get('min')}", col.get("style"))
                for col in sheet.root.iter(f"{MAIN}col")
            ),
        )
        for place, index in places:
            if index is not None and int(index) >= len(formats):
                yield f"style-range: {sheet.name} {place} is {index} of {len(formats)}"


def _metadata(book: LintedWorkbook) -> Iterator[str]:
    data = book.parts.get("xl/metadata.xml")
    root = parse_part(data) if data else ET.Element("none")
    sizes = {
        "cm": len(root.findall(f"{MAIN}cellMetadata/{MAIN}bk")),
        "vm": len(root.findall(f"{MAIN}valueMetadata/{MAIN}bk")),
    }
    for sheet in book.sheets:
        for cell in sheet.cells():
            for key, size in sizes.items():
                if not 0 <= int(cell.get(key, 0)) <= size:
                    yield f"cell-metadata: {sheet.name}!{cell.get('r')} {key} {cell.get(key)} of {size}"


def _shared(book: LintedWorkbook) -> Iterator[str]:
    """Cells that share a formula that is not there, or stand outside the range that it is shared in."""
    for sheet in book.sheets:
        shared: dict[str, Area] = {}
        for cell in sheet.cells():
            formula = cell.find(f"{MAIN}f")
            if formula is None or formula.get("t") != "shared":
                continue
            at, key = cell.attrib["r"], formula.get("si", "")
            if formula.text:
                shared[key] = area(formula.get("ref", at))
            if key not in shared:
                yield f"shared-formula: {sheet.name}!{at} shares {key}, which no cell before it has"
            elif not _inside(position(at), shared[key]):
                yield f"shared-formula: {sheet.name}!{at} stands outside the range of {key}"


def _inside(where: tuple[int, int], span: Area) -> bool:
    return span[0] <= where[0] <= span[2] and span[1] <= where[1] <= span[3]


def _ranges(book: LintedWorkbook) -> Iterator[str]:
    """Ranges that are none, and a dimension that leaves out cells: some readers stop at it."""
    for sheet in book.sheets:
        for item in sheet.root.iter():
            for key in ("sqref", "ref"):
                for text in item.get(key, "").split():
                    if not _is_range(text):
                        yield f"range: {sheet.name} {item.tag.rpartition('}')[2]} has {text!r}"
        stated = sheet.root.find(f"{MAIN}dimension")
        cells = [position(cell.attrib["r"]) for cell in sheet.cells()]
        if stated is not None and cells and _is_range(stated.get("ref", "")):
            span = area(stated.get("ref", ""))
            if not all(_inside(where, span) for where in cells):
                yield f"dimension: {sheet.name} {stated.get('ref')} leaves out cells"


def _is_range(text: str) -> bool:
    if _COLUMNS.match(text):
        return True
    try:
        span = area(text)
    except ValueError:
        return False
    return span[2] <= MAX_ROW and span[3] <= MAX_COLUMN


def _tables(book: LintedWorkbook) -> Iterator[str]:
    """Names, ranges and headings of tables: Excel repairs a table whose heading cell says otherwise."""
    taken = Counter(item.attrib["name"].lower() for item in book.names())
    for sheet in book.sheets:
        texts = {cell.get("r", ""): _text(book, cell) for cell in sheet.cells()}
        spans: list[Area] = [
            area(item.attrib["ref"]) for item in sheet.root.iter(f"{MAIN}mergeCell")
        ]
        for part in read_relationships(book.parts, sheet.part).values():
            if not part.startswith("xl/tables/") or part not in book.parts:
                continue
            table = parse_part(book.parts[part])
            name = table.get("displayName", "")
            taken[name.lower()] += 1
            if not _TABLE_NAME.match(name) or _LIKE_CELL.match(name):
                yield f"table-name: {name!r} on {sheet.name}"
            if taken[name.lower()] > 1:
                yield f"table-name: {name!r} is the name of something else too"
            span = area(table.get("ref", ""))
            if any(_touch(span, other) for other in spans):
                yield f"table-overlap: {name} on {sheet.name} {table.get('ref')}"
            spans.append(span)
            yield from _columns(sheet.name, name, span, table, texts)


def _touch(one: Area, other: Area) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _columns(
    sheet: str, name: str, span: Area, table: ET.Element, texts: dict[str, str]
) -> Iterator[str]:
    columns = [item.get("name", "") for item in table.iter(f"{MAIN}tableColumn")]
    if len(columns) != span[3] - span[1] + 1:
        yield f"table-columns: {name} on {sheet} has {len(columns)} in {table.get('ref')}"
        return
    if len({column.lower() for column in columns}) < len(columns):
        yield f"table-columns: {name} on {sheet} has one twice"
        return
    for number, column in enumerate(columns) if table.get("headerRowCount") != "0" else ():
        at = cell_name(span[0], span[1] + number)
        if texts.get(at, "") != column.replace("_x000a_", "\n"):
            yield f"table-heading: {name} {sheet}!{at} is {texts.get(at, '')!r}, not {column!r}"


def _text(book: LintedWorkbook, cell: ET.Element) -> str:
    value = cell.findtext(f"{MAIN}v") or ""
    if cell.get("t") == "s" and value.isdigit() and int(value) < len(book.strings):
        return book.strings[int(value)]
    return value or "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))


CHECKS = (_formats, _metadata, _shared, _ranges, _tables)
