"""A lint of our own workbooks for what the Open XML validator was seen to miss.

Each finding is one line, "code: where and what". Excel answers most of them with "we found a
problem with some content"; the others break for users of LibreOffice or WPS, or say who we are.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.tools import formulas, lint_references, lint_ribbon, lint_vba
from tests.tools.parts import MAIN, RELS, SheetPart, parse_part, read_parts, read_sheets
from xl_addin.xlsx.a1 import Area, area, position

_MAIN_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
}
_TEXT_LIMIT, _LIST_LIMIT, _NAME_LIMIT, _SHEET_NAME_LIMIT, _BANNER_LIMIT = 32767, 255, 255, 31, 255
_VALIDATION_LIMITS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}
_NAME = re.compile(r"[^\W\d][\w.]*\Z|\\[\w.]*\Z|_[\w.]*\Z")
_LIKE_CELL = re.compile(r"\$?[A-Z]{1,3}\$?\d+\Z|R\d*C\d*\Z|R\d*\Z|C\d*\Z", re.IGNORECASE)
_EXTENDED = "{http://schemas.microsoft.com/office/excel/2006/main}f"  # sparklines, 2010's formats
_SHEET_SIGNS = set(r"[]:*?/\\")
_PERSONAL = ("creator", "lastModifiedBy", "Company", "Manager", "HyperlinkBase")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?\Z")


class LintedWorkbook:
    """A workbook under the lint: its parts, and those that several checks need, parsed once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = read_parts(path)
        self.workbook = parse_part(self.parts["xl/workbook.xml"])
        self.sheets: list[SheetPart] = read_sheets(self.parts)
        self.sheet_names = {sheet.name.lower() for sheet in self.sheets}

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings, without phonetic guides."""
        data = self.parts.get("xl/sharedStrings.xml")
        items = parse_part(data).iterfind(f"{MAIN}si") if data else ()
        return ["".join(text.text or "" for text in item.iter(f"{MAIN}t")) for item in items]

    @cached_property
    def styles(self) -> ET.Element:
        """The styles part, or an empty element."""
        return parse_part(self.parts.get("xl/styles.xml", b"<none/>"))

    @cached_property
    def known_names(self) -> set[str]:
        """What a formula may call by name, in lower case: defined names and tables."""
        tables = (
            parse_part(data) for name, data in self.parts.items() if name.startswith("xl/tables/")
        )
        named = {item.attrib["name"].lower() for item in self.names()}
        return named | {table.get("displayName", "").lower() for table in tables}

    def names(self) -> list[ET.Element]:
        """The defined names."""
        return self.workbook.findall(f"{MAIN}definedNames/{MAIN}definedName")


Check = Callable[[LintedWorkbook], Iterator[str]]


def lint(path: Path) -> list[str]:
    """Everything that is wrong with a workbook, one "code: text" each; none for a good one."""
    book = LintedWorkbook(Path(path))
    return [finding for check in CHECKS for finding in check(book)]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _length(text: str) -> int:
    """As Excel counts: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _package(book: LintedWorkbook) -> Iterator[str]:
    with zipfile.ZipFile(book.path) as package:
        counts = Counter(name.lower() for name in package.namelist())
    yield from (f"part-twice: {name}" for name, count in counts.items() if count > 1)
    types = {
        item.get("PartName"): item.get("ContentType")
        for item in parse_part(book.parts["[Content_Types].xml"])
    }
    expected = _MAIN_TYPES.get(book.path.suffix.lower())
    if types.get("/xl/workbook.xml") != expected:
        yield f"content-type: {book.path.suffix} with {types.get('/xl/workbook.xml')}"


def _links(book: LintedWorkbook) -> Iterator[str]:
    for name in book.parts:
        if name.startswith("xl/externalLinks/") or name == "xl/connections.xml":
            yield f"external-link: part {name}"
        if not name.endswith(".rels"):
            continue
        folder = posixpath.dirname(posixpath.dirname(name))
        for item in parse_part(book.parts[name]).iter(f"{RELS}Relationship"):
            yield from _link(book, folder, name, item)


def _link(book: LintedWorkbook, folder: str, name: str, item: ET.Element) -> Iterator[str]:
    target = item.attrib["Target"]
    if item.get("TargetMode") == "External":
        if not item.attrib["Type"].endswith("/hyperlink"):
            yield f"external-link: {name} points at {target}"
    elif posixpath.normpath(posixpath.join("/", folder, target))[1:] not in book.parts:
        yield f"missing-part: {name} points at {target}"


def _personal(book: LintedWorkbook) -> Iterator[str]:
    for part in ("docProps/core.xml", "docProps/app.xml"):
        if part in book.parts:
            for item in parse_part(book.parts[part]):
                if _local(item) in _PERSONAL and (item.text or "").strip():
                    yield f"personal: {part} {_local(item)} is {item.text!r}"
    yield from (
        f"personal: {item.get('url')}" for item in book.workbook.iter() if _local(item) == "absPath"
    )


def _sheet_list(book: LintedWorkbook) -> Iterator[str]:
    counts = Counter(sheet.name.lower() for sheet in book.sheets)
    yield from (f"sheet-twice: {name!r}" for name, count in counts.items() if count > 1)
    for sheet in book.sheets:
        name = sheet.name
        if not 0 < _length(name) <= _SHEET_NAME_LIMIT:
            yield f"sheet-name: {name!r} has {_length(name)} characters, at most {_SHEET_NAME_LIMIT}"
        if _SHEET_SIGNS & set(name) or name.startswith("'") or name.endswith("'"):
            yield f"sheet-name: {name!r} has a character that Excel refuses"
    visible = [sheet.state == "visible" for sheet in book.sheets]
    if not any(visible):
        yield "all-hidden: no sheet is visible"
    for view in book.workbook.iterfind(f"{MAIN}bookViews/{MAIN}workbookView"):
        active = int(view.get("activeTab", 0))
        if active >= len(visible) or (any(visible) and not visible[active]):
            yield f"active-tab: {active} is not a visible sheet"


def _code_names(book: LintedWorkbook) -> Iterator[str]:
    if book.path.suffix.lower() != ".xlsm":
        return
    settings = book.workbook.find(f"{MAIN}workbookPr")
    names = [("workbook", settings)]
    names += [(sheet.name, sheet.root.find(f"{MAIN}sheetPr")) for sheet in book.sheets]
    seen: set[str] = set()
    for where, element in names:
        code = "" if element is None else element.get("codeName", "")
        if not code:
            yield f"code-name: {where} has none"
        elif code.lower() in seen:
            yield f"code-name: {where} has {code} like another"
        seen.add(code.lower())


def _order(book: LintedWorkbook) -> Iterator[str]:
    for sheet in book.sheets:
        last_row = 0
        for row in sheet.root.iterfind(f"{MAIN}sheetData/{MAIN}row"):
            number = int(row.get("r", last_row + 1))
            if number <= last_row:
                yield f"row-order: {sheet.name} row {number} after {last_row}"
            last_row = number
            last_column = 0
            for cell in row.iterfind(f"{MAIN}c"):
                at, column = position(cell.attrib["r"])
                if at != number:
                    yield f"cell-row: {sheet.name}!{cell.get('r')} stands in row {number}"
                if column == last_column:
                    yield f"cell-twice: {sheet.name}!{cell.get('r')}"
                elif column < last_column:
                    yield f"cell-order: {sheet.name}!{cell.get('r')} after a later column"
                last_column = column


def _values(book: LintedWorkbook) -> Iterator[str]:
    longest = {index for index, text in enumerate(book.strings) if _length(text) > _TEXT_LIMIT}
    for sheet in book.sheets:
        for cell in sheet.cells():
            where = f"{sheet.name}!{cell.get('r')}"
            kind, text = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
            if kind == "s":
                index = int(text or -1)
                if not 0 <= index < len(book.strings):
                    yield f"string-index: {where} is {index} of {len(book.strings)}"
                elif index in longest:
                    yield f"text-length: {where}"
            elif kind in ("str", "inlineStr"):
                inline = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
                if max(_length(text or ""), _length(inline)) > _TEXT_LIMIT:
                    yield f"text-length: {where}"
            elif kind == "n" and text and not _NUMBER.match(text):
                yield f"number: {where} is {text!r}"


def _overlap(one: Area, other: Area) -> bool:
    return not (one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1])


def _overlaps(book: LintedWorkbook) -> Iterator[str]:
    for sheet in book.sheets:
        refs = [item.attrib["ref"] for item in sheet.root.iter(f"{MAIN}mergeCell")]
        areas = [area(ref) for ref in refs]
        for index, one in enumerate(areas):
            for other in range(index):
                if _overlap(one, areas[other]):
                    yield f"merge-overlap: {sheet.name}!{refs[other]} and {refs[index]}"
        last = 0
        for item in sheet.root.iterfind(f"{MAIN}cols/{MAIN}col"):
            if int(item.attrib["min"]) <= last:
                yield f"column-overlap: {sheet.name} column {item.get('min')}"
            last = int(item.attrib["max"])


def _validations(book: LintedWorkbook) -> Iterator[str]:
    for sheet in book.sheets:
        for item in sheet.root.iter():
            if _local(item) != "dataValidation":
                continue
            where = f"{sheet.name}!{item.get('sqref')}"
            for key, limit in _VALIDATION_LIMITS.items():
                if _length(item.get(key, "")) > limit:
                    yield f"validation-{key}: {where} has {_length(item.get(key, ''))} of {limit}"
            if item.get("type") == "list":
                yield from _list_faults(item, where)


def _list_faults(item: ET.Element, where: str) -> Iterator[str]:
    for part in item:
        text = "".join(part.itertext())
        size = _length(text) - 2
        if _local(part) == "formula1" and text.startswith('"') and size > _LIST_LIMIT:
            yield f"validation-list: {where} has {size} of {_LIST_LIMIT}"


def _dxf(book: LintedWorkbook) -> Iterator[str]:
    count = len(book.styles.findall(f"{MAIN}dxfs/{MAIN}dxf"))
    roots = [(sheet.name, sheet.root) for sheet in book.sheets]
    roots += [
        (name, parse_part(data))
        for name, data in book.parts.items()
        if name.startswith("xl/tables/")
    ]
    for where, root in roots:
        for item in root.iter():
            for key, value in item.attrib.items():
                if key.lower().endswith("dxfid") and int(value) >= count:
                    yield f"dxf-range: {where} {_local(item)} {key} {value} of {count}"


def _names(book: LintedWorkbook) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for item in book.names():
        name, scope = item.attrib["name"], item.get("localSheetId", "")
        if (name.lower(), scope) in seen:
            yield f"name-twice: {name}"
        seen.add((name.lower(), scope))
        if scope and int(scope) >= len(book.sheets):
            yield f"name-scope: {name} belongs to sheet {scope} of {len(book.sheets)}"
        if not _NAME.match(name) or _LIKE_CELL.match(name) or len(name) > _NAME_LIMIT:
            yield f"name-syntax: {name!r}"
        text = item.text or ""
        # A name may be a union of ranges, which a cell writes in brackets.
        text = f"({text})" if name.startswith("_xlnm.") and "," in text else text
        for fault in formulas.faults(text, book.sheet_names, book.known_names):
            yield f"{fault} (name {name})"


def _formulas(book: LintedWorkbook) -> Iterator[str]:
    for sheet in book.sheets:
        for cell in sheet.cells():
            item = cell.find(f"{MAIN}f")
            # Of a shared formula only the first cell has the text.
            if item is not None and (item.text or item.get("t") != "shared"):
                for fault in formulas.faults(item.text or "", book.sheet_names, book.known_names):
                    yield f"{fault} ({sheet.name}!{cell.get('r')})"
        for item in sheet.root.iter():
            if _local(item) in ("formula", "formula1", "formula2") or item.tag == _EXTENDED:
                text = "".join(item.itertext())
                for fault in formulas.faults(text, book.sheet_names, book.known_names):
                    yield f"{fault} ({sheet.name}, {_local(item)})"


def _calc_chain(book: LintedWorkbook) -> Iterator[str]:
    if "xl/calcChain.xml" not in book.parts:
        return
    ids = [item.attrib["sheetId"] for item in book.workbook.iterfind(f"{MAIN}sheets/{MAIN}sheet")]
    known = {
        (number, cell.get("r"))
        for number, sheet in zip(ids, book.sheets, strict=True)
        for cell in sheet.cells()
        if cell.find(f"{MAIN}f") is not None
    }
    number = ""
    for item in parse_part(book.parts["xl/calcChain.xml"]):
        number = item.get("i", number)
        if (number, item.get("r")) not in known:
            yield f"calc-chain: sheet {number} {item.get('r')} has no formula"


def _banners(book: LintedWorkbook) -> Iterator[str]:
    for sheet in book.sheets:
        for item in sheet.root.iterfind(f"{MAIN}headerFooter/*"):
            if _length(item.text or "") > _BANNER_LIMIT:
                yield f"banner-length: {sheet.name} {_local(item)}"


CHECKS: tuple[Check, ...] = (
    _package,
    _links,
    _personal,
    _sheet_list,
    _code_names,
    _order,
    _values,
    _overlaps,
    _validations,
    _dxf,
    _names,
    _formulas,
    _calc_chain,
    _banners,
    *lint_references.CHECKS,
    *lint_ribbon.CHECKS,
    *lint_vba.CHECKS,
)
