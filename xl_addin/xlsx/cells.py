"""Reading a workbook: typed cells, nothing guessed, nothing built beyond a bounded region.

One pass of expat over each part that is asked for. It keeps number, text, date, boolean, error and
formula-without-value apart, ignores ``<dimension>`` (some writers get it wrong), does not care
about namespace prefixes or strict/transitional, and refuses a document type declaration, so no
entity is ever expanded. What would let two programs read different values is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from xml.parsers import expat

from xl_addin.model.records import Number
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.numberformat import ordinary
from xl_addin.xlsx.package import MAX_PART, Part, inflate, unpack

if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")


NUM = "number"
TEXT = "text"
BOOL = "bool"
DATE = "date"
FAULT = "error"
NO_VALUE = "formula without value"

MAX_CELLS = 500_000
MAX_DEPTH = 64
# Of one workbook: what is unpacked in all, and of the parts that say how it hangs together.
_MAX_UNPACKED = 128 * 2**20
_MAX_PLAN = 8 * 2**20
_MAX_STYLES = 65_500
NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_SMALL = 256 * 2**10


class Cell(NamedTuple):
    """One cell that holds something.

    ``value`` is a number for ``number`` and ``date`` (days, as Excel counts them), a str for
    ``text`` and ``error``, a bool for ``bool`` and None for ``formula without value``.
    ``formula`` is the formula's text where the cell has one of its own, ``""`` where it shares
    another cell's, None where the cell is typed. ``style`` indexes the workbook's formats.
    """

    kind: str
    value: Number | str | bool | None
    formula: str | None = None
    style: int = 0


class Region(NamedTuple):
    """How far a sheet is read; what lies beyond is counted in ``Sheet.stray`` and not kept."""

    rows: int = a1.MAX_ROW
    columns: int = a1.MAX_COLUMN


class Sheet(NamedTuple):
    """The cells of one sheet by (row, column), with what shapes them.

    ``looks`` has the number format's code for each ``Cell.style`` that may show a number as
    something else than it is.
    """

    name: str
    state: str
    cells: dict[tuple[int, int], Cell]
    merged: tuple[a1.Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    stray: int = 0
    looks: Mapping[int, str] = MappingProxyType({})


class Styles(NamedTuple):
    """Per format index: whether it shows a date; and ``looks`` as in ``Sheet``."""

    dates: tuple[bool, ...] = ()
    looks: Mapping[int, str] = MappingProxyType({})


class _SheetEntry(NamedTuple):
    name: str
    state: str
    part: str


def local(tag: str) -> str:
    """``x:row`` -> ``row``."""
    return tag.rpartition(":")[2]


class Prefix:
    """Which elements of a part are a spreadsheet's: those of the root's own namespace.

    Excel does not see an element of another namespace, whatever its name, so it is not read.
    """

    def __init__(self) -> None:
        self._prefix: str | None = None

    def own(self, tag: str, attrs: dict[str, str]) -> str:
        """A start tag's name, empty for an element of another namespace. Raises Unreadable."""
        if self._prefix is None:
            self._prefix = tag[: tag.rfind(":") + 1]
            space = attrs.get(f"xmlns:{self._prefix[:-1]}" if self._prefix else "xmlns")
            if space is not None and space not in NAMESPACES:
                raise Unreadable("damaged", "文件里有一页不是工作表的内容，文件已损坏")
        elif attrs:
            again = attrs.get(f"xmlns:{self._prefix[:-1]}" if self._prefix else "xmlns")
            if again is not None and again not in NAMESPACES:
                raise Unreadable(
                    "damaged", "文件里混有别的内容，文件已损坏，请让对方重新保存后再发"
                )
        return self.name(tag)

    def name(self, tag: str) -> str:
        """The same for an end tag."""
        prefix = self._prefix
        if not prefix:
            return "" if ":" in tag else tag
        return tag[len(prefix) :] if tag.startswith(prefix) else ""


def parse(
    data: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run expat over one part. Raises Unreadable for what is not plain, shallow, DTD-free XML."""
    coding = None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            data, coding = data.decode("utf-16", "strict").encode(), "utf-8"
        except UnicodeError:
            raise _broken_xml() from None
    parser = expat.ParserCreate(coding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):  # the latter two for an odd encoding
        raise _broken_xml() from None


def _broken_xml() -> Unreadable:
    return Unreadable("damaged", "文件内部的 XML 已损坏，请让对方重新保存后再发")


@lru_cache(maxsize=64)
def well_formed(text: str) -> bool:
    """Whether a text is one XML document, without a document type."""
    try:
        parse(text.encode("utf-8", "replace"), lambda *_: None)
    except Unreadable:
        return False
    return True


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("hostile", "文件里带有文档类型声明（DOCTYPE），不是 Excel 生成的，没有读取")


class Workbook:
    """An .xlsx or .xlsm whose sheets are read when they are asked for."""

    tells_formulas = True

    def __init__(self, parts: dict[str, Part]) -> None:
        self._parts = parts
        self._room = _MAX_UNPACKED
        self._room_for_cells = MAX_CELLS
        self._exact = {name.lower(): name for name in parts}
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

    def part(self, name: str, limit: int = MAX_PART) -> bytes:
        """The unpacked bytes of one part. Raises Unreadable when it is missing or damaged."""
        packed = self._packed(name)
        if packed is None:
            raise Unreadable("damaged", f"文件里缺少 {name}，不是完整的工作簿")
        data = inflate(packed, limit)
        self._room -= len(data)
        if self._room < 0:
            says = f"文件解压后超过 {_MAX_UNPACKED // 2**20} MB，没有读取"
            raise Unreadable("too-large", says)
        return data

    def _packed(self, name: str) -> Part | None:
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
            part = self._packed(self.strings_part)
            self._strings = () if part is None else _read_once(part, shared_strings, MAX_PART)
        return self._strings

    @property
    def styles(self) -> Styles:
        """The number formats by format index."""
        if self._styles is None:
            part = self._packed(self.styles_part)
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
            from xl_addin.xlsx.sheet import read_sheet

            found = read_sheet(self.part(entry.part), self.strings, self.styles, region)
            self._room_for_cells -= len(found.cells)
            if self._room_for_cells < 0:
                raise Unreadable("too-large", f"单元格超过 {MAX_CELLS} 个，没有读取")
            found = found._replace(name=name, state=entry.state, looks=self.styles.looks)
            if self._epoch:
                found = found._replace(cells=_since_1900(found.cells, self._epoch))
            self._sheets[name] = found
        return found

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
            _refuse_doctype()
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
        folder, _, leaf = part.rpartition("/")
        rels = f"{folder}/_rels/{leaf}.rels" if folder else f"_rels/{leaf}.rels"
        packed = self._packed(rels)
        return {} if packed is None else _read_once(packed, _linker(folder))


# Files that one program saved share these parts to the byte: they are unpacked and read once.
_seen: dict[tuple[Part, object], Any] = {}
_SEEN_LIMIT = 64


def _read_once(part: Part, read: Callable[[bytes], T], limit: int = _MAX_PLAN) -> T:
    key = (part, read)
    found: T | None = _seen.get(key)
    if found is None:
        found = read(inflate(part, limit))
        if part.size <= _SMALL:
            if len(_seen) >= _SEEN_LIMIT:
                _seen.clear()
            _seen[key] = found
    return found


@lru_cache(maxsize=8)
def _linker(folder: str) -> Callable[[bytes], dict[str, tuple[str, str]]]:
    return lambda data: relationships(data, folder)


def relationships(data: bytes, folder: str) -> dict[str, tuple[str, str]]:
    """Id -> (last word of the type, target part) of a part's internal relationships."""
    links: dict[str, tuple[str, str]] = {}

    def start(tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "Relationship" and attrs.get("TargetMode") != "External":
            target = attrs.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            steps: list[str] = []
            for step in path.split("/"):
                if step == "..":
                    del steps[-1:]
                elif step not in ("", "."):
                    steps.append(step)
            kind = attrs.get("Type", "").rpartition("/")[2]
            links[attrs.get("Id", "")] = (kind, "/".join(steps))

    parse(data, start)
    return links


_SHEET = pattern(
    r'<sheet name="([^"&]*)" sheetId="[0-9]+"(?: state="(visible|hidden|veryHidden)")? r:id="([^"]*)" ?/>'
)
_NAME = pattern(
    r'<definedName name="([^"&]*)"( localSheetId="[0-9]+")?(?: hidden="[01]")?>([^<&]*)<'
)


_DAYS_TO_1904 = 1462
# Each name costs a pass over the part; old workbooks drag along tens of thousands.
_FEW_NAMES = 64


def _since_1900(cells: dict[tuple[int, int], Cell], days: int) -> dict[tuple[int, int], Cell]:
    """The cells with dates counted as all other workbooks count them."""
    return {
        at: cell._replace(value=cell.value + days)
        if cell.kind == DATE and isinstance(cell.value, int | float)
        else cell
        for at, cell in cells.items()
    }


_Outline = tuple[tuple[_SheetEntry, ...], dict[str, str], int]
"""Sheets, defined names, and by how many days dates are counted from later than usual."""


def _outline(data: bytes, links: dict[str, tuple[str, str]]) -> _Outline:
    usual = _usual_outline(data, links)
    return _any_outline(data, links) if usual is None else usual


def _usual_outline(data: bytes, links: dict[str, tuple[str, str]]) -> _Outline | None:
    """The outline as programs usually write it, read faster; None for any other."""
    if (
        b"<!" in data
        or b"date1904" in data
        or (not data.isascii() and b"utf-8" not in data[:60].lower())
    ):
        return None
    text = data.decode("utf-8", "replace")
    sheets, names = _SHEET.findall(text), _NAME.findall(text)
    if (
        not sheets
        or len(names) > _FEW_NAMES
        or len(sheets) != text.count("<sheet ")
        or len(names) != text.count("<definedName ")
    ):
        return None
    entries = [
        _SheetEntry(name, state or "visible", links[rid][1])
        for name, state, rid in sheets
        if links.get(rid, ("",))[0] == "worksheet"
    ]
    # Forms of a month differ in the names' values only: without them the rest is known to be sound.
    for _, _, said in names:
        text = text.replace(said, "", 1) if said.isprintable() else "<"
    if not entries or not well_formed(text):
        return None
    return tuple(entries), {name: said for name, own, said in names if not own}, 0


def _any_outline(data: bytes, links: dict[str, tuple[str, str]]) -> _Outline:
    sheets: list[_SheetEntry] = []
    names: dict[str, str] = {}
    days = 0
    pending: list[str] = []
    text: list[str] = []

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal days
        kind = local(tag)
        if kind == "workbookPr":
            days = _DAYS_TO_1904 if attrs.get("date1904") in ("1", "true", "on") else 0
        elif kind == "sheet":
            rid = next((v for k, v in attrs.items() if k.endswith(":id") or k == "id"), "")
            role, part = links.get(rid, ("", ""))
            if role == "worksheet":
                state = attrs.get("state", "visible")
                sheets.append(_SheetEntry(attrs.get("name", ""), state, part))
        elif kind == "definedName":
            pending.append("" if "localSheetId" in attrs else attrs.get("name", ""))
            text.clear()

    def end(tag: str) -> None:
        if local(tag) == "definedName":
            name = pending.pop()
            if name:
                names[name] = "".join(text)

    parse(data, start, end, text.append)
    if not sheets:
        raise Unreadable("damaged", "文件里没有可读的工作表")
    return tuple(sheets), names, days


_ESCAPED = pattern(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """``_x000D_`` as Excel writes control characters; other text comes back as it is."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    # Half of a surrogate pair is no character; no file or database takes it.
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)


_STRUCK = "\u0336"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Runs:
    """The text of a rich string as people see it: struck out and raised digits stay so.

    A corrected ``1̶2̶15`` is not 1215, and ``10²`` is not 102.
    """

    def __init__(self) -> None:
        self.raised = self.struck = False

    def start(self, kind: str, attrs: dict[str, str]) -> None:
        """Take up an element inside of a string."""
        if kind in ("r", "si", "is"):
            self.raised = self.struck = False
        elif kind == "strike":
            self.struck = attrs.get("val") not in ("0", "false", "off")
        elif kind == "vertAlign":
            self.raised = attrs.get("val") in ("superscript", "subscript")

    def shown(self, text: str) -> str:
        """A run's text, marked where it is struck out or raised."""
        if self.raised:
            text = text.translate(_RAISED)
        return "".join(letter + _STRUCK for letter in text) if self.struck else text


def shared_strings(data: bytes) -> tuple[str, ...]:
    """The shared strings in order, rich runs joined, phonetic guides left out."""
    strings: list[str] = []
    piece: list[str] = []
    phonetic = depth = 0
    inside = False
    prefix, runs = Prefix(), Runs()

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal phonetic, inside, depth
        depth += 1
        kind = prefix.own(tag, attrs)
        runs.start(kind, attrs)
        if kind == "si":
            if depth != 2:  # one within another: from there on no two programs count alike
                raise Unreadable("damaged", "文件里的文字部分已损坏，请让对方重新保存后再发")
            piece.clear()
        elif kind == "rPh":
            phonetic += 1
        elif kind == "t":
            inside = not phonetic

    def end(tag: str) -> None:
        nonlocal phonetic, inside, depth
        depth -= 1
        kind = prefix.name(tag)
        if kind == "t":
            inside = False
        elif kind == "rPh":
            phonetic -= 1
        elif kind == "si":
            strings.append(unescape("".join(piece)))
            if len(strings) > MAX_CELLS:
                raise Unreadable("too-large", f"文件里的文字超过 {MAX_CELLS} 条，没有读取")

    def text(data: str) -> None:
        if inside:
            piece.append(runs.shown(data))

    parse(data, start, end, text)
    return tuple(strings)


_BUILTIN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_FORMAT = pattern(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
BUILTIN_CODES = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: "#,##0;-#,##0",
    6: "#,##0;-#,##0",
    7: "0.00;-0.00",
    8: "0.00;-0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "0.00;-0.00",
    40: "0.00;-0.00",
    41: '0;-0;"-"',
    42: '0;-0;"-"',
    43: '0.00;-0.00;"-"',
    44: '0.00;-0.00;"-"',
    48: "##0.0E+0",
}


def shows_date(number_format: int, code: str) -> bool:
    """Whether a number format displays its value as a date or time."""
    if number_format in _BUILTIN_DATES:
        return True
    bare = _NOT_FORMAT.sub("", code).lower().replace("general", "")
    return any(letter in bare for letter in "ymdhs")


def number_formats(data: bytes) -> Styles:
    """The formats of a styles part, by format index."""
    custom: dict[int, str] = {}
    used: list[int] = []
    in_cell_formats = False

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal in_cell_formats
        kind = local(tag)
        if kind == "numFmt":
            custom[whole(attrs.get("numFmtId", ""), -1)] = attrs.get("formatCode", "")
        elif kind == "cellXfs":
            in_cell_formats = True
        elif kind == "xf" and in_cell_formats:
            used.append(whole(attrs.get("numFmtId", "0"), 0))
            if len(used) > _MAX_STYLES:
                raise Unreadable("too-large", f"文件里的格式超过 {_MAX_STYLES} 种，没有读取")

    def end(tag: str) -> None:
        nonlocal in_cell_formats
        if local(tag) == "cellXfs":
            in_cell_formats = False

    parse(data, start, end)
    return styles_of((n, custom.get(n, BUILTIN_CODES.get(n, ""))) for n in used)


_LONGEST_CODE = 255


def styles_of(formats: Iterable[tuple[int, str]]) -> Styles:
    """Styles from each format index's number and code of its number format."""
    # Excel takes no longer code, and what a regular expression makes of a megabyte takes a minute.
    short = ((number, code[:_LONGEST_CODE]) for number, code in formats)
    known = [(shows_date(number, code), code) for number, code in short]
    looks = {
        look: code for look, (date, code) in enumerate(known) if not date and not ordinary(code)
    }
    return Styles(tuple(date for date, _ in known), looks)


def whole(text: str, otherwise: int) -> int:
    """A whole number in an attribute, or ``otherwise`` where it is none; never more than 10**9."""
    if not (text.isascii() and text.isdigit()):
        return otherwise
    return int(text) if len(text) < 10 else 10**9
