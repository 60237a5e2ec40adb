"""A workbook as its package holds it: sheets, names, relationships; nothing built but what is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import (
    DATE,
    DAYS_TO_1904,
    MAX_CELLS,
    NUM,
    OWN_CELLS,
    TEXT,
    Cell,
    Region,
    Sheet,
    Value,
    fit_cell_text,
    plain_number,
)
from xl_addin.xlsx.package import MAX_PART, OWN_PART, Part, inflate, relationships_part, unpack
from xl_addin.xlsx.sheet import read_sheet
from xl_addin.xlsx.strings import shared_strings, strike
from xl_addin.xlsx.styles import Styles, number_formats
from xl_addin.xlsx.xmlreader import local_name, read_tree, refuse_doctype

if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")

# Of one workbook: what is unpacked in all, and of the parts that say how it hangs together.
_MAX_UNPACKED = 128 * 2**20
_MAX_PLAN = 8 * 2**20
_SMALL = 256 * 2**10


class _SheetEntry(NamedTuple):
    name: str
    state: str
    part: str


class Workbook:
    """An .xlsx or .xlsm whose sheets are read when they are asked for."""

    def __init__(self, parts: dict[str, Part], *, strikes: bool = False, own: bool = False) -> None:
        """``strikes``: cells that are struck out are texts that say so, as befits what others sent.

        ``own``: a master, whose parts and sheets are bounded one by one and not together: one of
        3,000 districts is read several times while it is written.
        """
        self._parts, self._strikes = parts, strikes
        self._room = math.inf if own else _MAX_UNPACKED
        self._room_for_cells = math.inf if own else MAX_CELLS
        self._most = OWN_CELLS if own else MAX_CELLS
        self._longest = OWN_PART if own else MAX_PART
        self.note_parts()
        main = self._main_part()
        self.main_part = main
        links = self.links(main)
        self.entries: tuple[_SheetEntry, ...]
        self.names: dict[str, str]
        self.entries, self.names, self._epoch = _outline(self.part(main, _MAX_PLAN), links)
        self.strings_part = next((t for kind, t in links.values() if kind == "sharedStrings"), "")
        self.styles_part = next((t for kind, t in links.values() if kind == "styles"), "")
        self._strings: tuple[str, ...] | None = None
        self._styles: Styles | None = None
        self._sheets: dict[str, Sheet] = {}

    @classmethod
    def open(cls, data: bytes) -> Workbook:
        """Raises Unreadable when the bytes are not an Excel package."""
        return cls(unpack(data))

    def has_part(self, name: str) -> bool:
        """Whether the package has this part (case-blind, as Excel looks parts up)."""
        return name.lower() in self._exact

    def part(self, name: str, limit: int = 0) -> bytes:
        """The unpacked bytes of one part. Raises Unreadable when it is missing or damaged."""
        packed = self._packed_part(name)
        if packed is None:
            raise Unreadable("damaged", f"文件里缺少 {name}，不是完整的工作簿")
        data = inflate(packed, limit or self._longest)
        self._room -= len(data)
        if self._room < 0:
            says = f"文件解压后超过 {_MAX_UNPACKED // 2**20} MB，没有读取"
            raise Unreadable("too-large", says)
        return data

    def _packed_part(self, name: str) -> Part | None:
        exact = self._exact.get(name.lower()) if name else None
        return None if exact is None else self._parts[exact]

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """Names in tab order, hidden sheets included."""
        return tuple(entry.name for entry in self.entries)

    @property
    def strings(self) -> tuple[str, ...]:
        """The shared strings, without phonetic guides."""
        if self._strings is None:
            part = self._packed_part(self.strings_part)
            self._strings = () if part is None else _read_once(part, shared_strings, self._longest)
        return self._strings

    @property
    def styles(self) -> Styles:
        """The number formats by format index."""
        if self._styles is None:
            part = self._packed_part(self.styles_part)
            self._styles = Styles() if part is None else _read_once(part, number_formats)
        return self._styles

    def sheet_part(self, name: str) -> str:
        """The part that holds a sheet. Raises KeyError."""
        for entry in self.entries:
            if entry.name == name:
                return entry.part
        raise KeyError(name)

    def sheet(self, name: str, region: Region = Region()) -> Sheet:  # noqa: B008 - immutable
        """One sheet, read once. Raises KeyError for an unknown name, Unreadable for a bad part."""
        found = self._sheets.get(name)
        if found is None:
            entry = next((e for e in self.entries if e.name == name), None)
            if entry is None:
                raise KeyError(name)
            found = read_sheet(self.part(entry.part), self.strings, self.styles, region, self._most)
            self._room_for_cells -= len(found.cells)
            if self._room_for_cells < 0:
                raise Unreadable("too-large", f"单元格超过 {MAX_CELLS} 个，没有读取")
            found = found._replace(
                name=name, state=entry.state, format_codes=self.styles.format_codes
            )
            if self._strikes and self.styles.struck:
                found = found._replace(cells=_struck_out(found.cells, self.styles.struck))
            if self._epoch:
                found = found._replace(cells=_since_1900(found.cells, self._epoch))
            self._sheets[name] = found
        return found

    def comments(self, name: str) -> dict[Where, str]:
        """What is noted on the cells of a sheet. Raises KeyError, Unreadable for bad parts.

        No part of theirs is opened unless the sheet leads to one.
        """
        found: dict[Where, str] = {}
        for kind, target in sorted(self.links(self.sheet_part(name)).values()):
            if kind in ("comments", "threadedComment") and self.has_part(target):
                from xl_addin.xlsx.comments import MAX_COMMENT_PART, NOTES, read_notes, read_threads

                read = read_notes if kind == NOTES else read_threads
                found |= read(self.part(target, MAX_COMMENT_PART))
        return found

    def boxes(self, name: str) -> tuple[str, ...]:
        """The words of the text boxes on a sheet. Raises KeyError, Unreadable for bad parts."""
        found: tuple[str, ...] = ()
        for kind, target in sorted(self.links(self.sheet_part(name)).values()):
            if kind == "drawing" and self.has_part(target):
                from xl_addin.xlsx.comments import MAX_COMMENT_PART, read_boxes

                found += read_boxes(self.part(target, MAX_COMMENT_PART))
        return found

    def note_cells(self, name: str, values: Mapping[Where, Value]) -> None:
        """A sheet's part was given these values, as ``patch.set_cells`` does; it is not read anew for them.

        But where a number came into a blank, whose format is not known, and a format here is a date's.
        """
        sheet = self._sheets.get(name)
        if sheet is None or self._epoch:
            self.forget(name)
            return
        cells, dates, new = dict(sheet.cells), self.styles.dates, tuple.__new__
        has_dates = any(dates)
        for at, value in values.items():
            was = cells.get(at)
            formula, style = (None, 0) if was is None else (was.formula, was.style)
            kind: str = NUM
            kept: Value = value
            if type(value) is not int:
                if value is None or isinstance(value, str):
                    text = fit_cell_text(value or "")
                    kind, kept = TEXT, text.replace("\r\n", "\n").replace("\r", "\n")  # as XML does
                else:
                    kept = plain_number(value)
            if kept == "" and formula is None:
                cells.pop(at, None)
                continue
            if kind == NUM and was is None and has_dates:
                self.forget(name)
                return
            if kind == NUM and style < len(dates) and dates[style]:
                kind = DATE
            cells[at] = new(Cell, (kind, kept, formula, style))
        self._sheets[name] = sheet._replace(cells=cells)

    def note_parts(self) -> None:
        """Parts came or went beside the sheets, such as notes: no sheet is read anew for them."""
        self._exact = {name.lower(): name for name in self._parts}

    def forget(self, name: str) -> None:
        """A sheet's part was changed: it is read anew when it is asked for."""
        self._sheets.pop(name, None)

    @property
    def has_macros(self) -> bool:
        """Whether it carries VBA, which is never run here."""
        return "xl/vbaproject.bin" in self._exact

    @property
    def properties(self) -> str:
        """The custom document properties as they stand in the file, empty where there are none."""
        name = "docProps/custom.xml"
        text = self.part(name, _SMALL).decode("utf-8", "replace") if self.has_part(name) else ""
        if "<!DOCTYPE" in text:
            refuse_doctype()
        return text

    def _main_part(self) -> str:
        if not self.has_part("_rels/.rels"):
            raise Unreadable("foreign", "压缩包里没有工作簿；如果是打包的多个文件，请先解压")
        for kind, target in self.links("").values():
            if kind == "officeDocument":
                if self.has_part(target) and "xl/" in target.lower():
                    return target
                raise Unreadable("foreign", "这不是 Excel 工作簿")
        raise Unreadable("foreign", "这不是 Excel 工作簿")

    def links(self, part: str) -> dict[str, tuple[str, str]]:
        """A part's internal relationships: id -> (last word of the type, target part)."""
        name, folder = relationships_part(part)
        packed = self._packed_part(name)
        return {} if packed is None else _read_once(packed, _linker(folder.rstrip("/")))


# Files that one program saved share these parts to the byte: they are unpacked and read once.
_seen: dict[tuple[int, int, object], tuple[Part, Any]] = {}
_SEEN_LIMIT = 64


def _read_once(part: Part, read: Callable[[bytes], T], limit: int = _MAX_PLAN) -> T:
    key = (part.crc, part.size, read)  # not the part, whose bytes would all be hashed
    known = _seen.get(key)
    if known is not None and known[0] == part:
        found: T = known[1]
        return found
    found = read(inflate(part, limit))
    if part.size <= _SMALL:
        if len(_seen) >= _SEEN_LIMIT:
            _seen.clear()
        _seen[key] = (part, found)
    return found


@lru_cache(maxsize=8)
def _linker(folder: str) -> Callable[[bytes], dict[str, tuple[str, str]]]:
    return lambda data: relationships(data, folder)


def relationships(data: bytes, folder: str) -> dict[str, tuple[str, str]]:
    """Id -> (last word of the type, target part) of a part's internal relationships.

    ECMA-376 part 2, section 9.3; targets may climb, and some writers put backslashes.
    """
    links: dict[str, tuple[str, str]] = {}
    for element in read_tree(data).iter():
        if local_name(element.tag) == "Relationship" and element.get("TargetMode") != "External":
            target = element.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            steps: list[str] = []
            for step in path.split("/"):
                if step == "..":
                    del steps[-1:]
                elif step not in ("", "."):
                    steps.append(step)
            kind = element.get("Type", "").rpartition("/")[2]
            links[element.get("Id", "")] = (kind, "/".join(steps))
    return links


def _since_1900(cells: dict[tuple[int, int], Cell], days: int) -> dict[tuple[int, int], Cell]:
    """The cells with dates counted as all other workbooks count them."""
    return {
        at: cell._replace(value=cell.value + days)
        if cell.kind == DATE and isinstance(cell.value, int | float)
        else cell
        for at, cell in cells.items()
    }


def _struck_out(cells: dict[Where, Cell], struck: frozenset[int]) -> dict[Where, Cell]:
    """The cells as people see them."""
    return {at: strike(cell) if cell.style in struck else cell for at, cell in cells.items()}


_Outline = tuple[tuple[_SheetEntry, ...], dict[str, str], int]
"""Sheets, defined names, and by how many days dates are counted from later than usual."""


def _outline(data: bytes, links: dict[str, tuple[str, str]]) -> _Outline:
    """``sheets`` (18.2.20), ``definedNames`` (18.2.6) and ``workbookPr`` (18.2.28) of the main part."""
    sheets: list[_SheetEntry] = []
    names: dict[str, str] = {}
    days = 0
    for element in read_tree(data).iter():
        kind = local_name(element.tag)
        if kind == "workbookPr":
            days = DAYS_TO_1904 if element.get("date1904") in ("1", "true", "on") else 0
        elif kind == "sheet":
            rid = next((v for k, v in element.items() if k.endswith("}id") or k == "id"), "")
            role, part = links.get(rid, ("", ""))
            if role == "worksheet":
                state = element.get("state", "visible")
                sheets.append(_SheetEntry(element.get("name", ""), state, part))
        elif kind == "definedName" and "localSheetId" not in element.attrib and not len(element):
            names[element.get("name", "")] = element.text or ""
    names.pop("", None)
    if not sheets:
        raise Unreadable("damaged", "文件里没有可读的工作表")
    return tuple(sheets), names, days
