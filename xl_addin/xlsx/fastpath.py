"""Reading the sheets that spreadsheet programs usually write: the same answer as expat's, sooner.

Two steps. A sheet whose every byte between ``<sheetData>`` and ``</sheetData>`` is a row or cell of
the usual form is read by one regular expression. And a sheet that differs from one read before in
nothing but the values of its cells, as the returns of one program do, is read by its values alone.
Whatever is not understood entirely is left to expat.
"""

from __future__ import annotations

import re
from functools import lru_cache

from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import (
    DATE,
    FAULT,
    MAX_CELLS,
    NAMESPACES,
    NO_VALUE,
    NUM,
    TEXT,
    Cell,
    Region,
    Sheet,
    Styles,
    unescape,
    well_formed,
)

_LONGEST_NUMBER = 400
_NUMBER = pattern(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)


# A run of cells that hold nothing but a format, then one cell that holds something or a row tag; the
# whole of it is the first group, so that the lengths of all matches tell whether any byte was skipped.
_TOKEN = pattern(
    r'((?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?(?: t="n")? ?/>)*'
    r'(?:<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?>'
    r"(?:(<f>[^<]*)</f>)?"
    r'(?:<v>([^<]*)</v>|<v ?/>|<is>(<t(?: xml:space="preserve")?>[^<]*)</t></is>)?</c>'
    r'|</row>\s*|<row r="([1-9][0-9]{0,6})"([^<>]*)>\s*))'
)
_BLANKS = pattern(r'(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?(?: t="n")? ?/>)*\s*\Z')
_ROW_FACTS = pattern(r'(?: [A-Za-z][A-Za-z0-9:]*="[^"<>&]*")* ?/?\Z')
_FACT = pattern(r' ([A-Za-z0-9:]+)="')
_ODD = pattern(r"&(?!(?:lt|gt|amp|quot|apos);)")
_NOT_XML = bytes((*range(9), 11, 12, *range(14, 32)))
_MERGE = pattern(r'<mergeCell ref="([^"]*)"')
_DECLARED = pattern(
    r'(?:<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")?\s*\?>)?'
    r"\s*<worksheet[ >]"
)
_NAMESPACE = pattern(r'\sxmlns="([^"]*)"')
_HIDDEN = pattern(r'\shidden="(?:1|true)"')


_VALUE = pattern(rb"<v>([^<]*)</v>")
_INLINE = pattern(rb'<is><t(?: xml:space="preserve")?>([^<]*)</t></is>')
_SHAPES: dict[tuple[int, int, Region, tuple[bool, ...]], _Shape] = {}
"""Shapes by how many values they have, how long they are without them, and how they were read."""
_SHAPES_LIMIT = 64
_LARGEST_SHAPE = 200_000
# A regular expression builds all it finds at once; beyond this expat's one cell at a time is wiser.
_LARGEST = 16 * 2**20
# Only returns are read within a region, and only they come in numbers.
_EVERYTHING = Region()


class _Slot(NamedTuple):
    """A cell of a shape that has a value: where it is, how the value is to be read."""

    where: tuple[int, int]
    kind: str
    formula: str | None
    style: int
    dated: bool


class _Shape(NamedTuple):
    """A sheet that was read, as the bytes around its values: before, between and behind its cells.

    ``slots`` has None for a value that is not kept (a far cell).
    """

    head: bytes
    form: list[bytes]
    tail: bytes
    values: list[bytes]
    slots: list[_Slot | None]
    strings: tuple[str, ...]
    sheet: Sheet


def usual_sheet(
    data: bytes, strings: tuple[str, ...], styles: Styles, region: Region
) -> Sheet | None:
    """A sheet of the usual form; None for any other, and wherever two programs might differ.

    Nothing in the part may need more than rows and cells in order: no comments, no CDATA, no
    document type, no character references, no prefixes.
    """
    at, stop = data.find(b"<sheetData>") + 11, data.find(b"</sheetData>")
    if at < 11 or stop < at or len(data) > _LARGEST:
        return None
    if region == _EVERYTHING or len(data) > _LARGEST_SHAPE:
        return _usual(data, strings, styles, region)
    form, values = _apart(data[at:stop])
    key = (len(values), len(data) - sum(map(len, values)), region, styles.dates)
    shape = _SHAPES.get(key)
    # Equal around the values, to the byte: what was found sound there is sound here.
    if (
        shape is not None
        and shape.form == form
        and (len(shape.head), len(shape.tail)) == (at, len(data) - stop)
        and data.startswith(shape.head)
        and data.endswith(shape.tail)
    ):
        return _like(shape, values, strings)
    sheet = _usual(data, strings, styles, region)
    if sheet is not None:
        if len(_SHAPES) >= _SHAPES_LIMIT:
            _SHAPES.clear()
        slots = _slots(data[at:stop].decode(), region, styles)
        if len(slots) == len(values):
            _SHAPES[key] = _Shape(data[:at], form, data[stop:], values, slots, strings, sheet)
    return sheet


def _usual(data: bytes, strings: tuple[str, ...], styles: Styles, region: Region) -> Sheet | None:
    """A sheet of the usual form that is like none before it."""
    if b"<!" in data or data.count(b"sheetData") != 2:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    at, stop = text.find("<sheetData>") + 11, text.find("</sheetData>")
    if not _DECLARED.match(text) or not _plain_xml(data, text, at, stop):
        return None
    return _read(text, at, stop, strings, styles, region)


def _plain_xml(data: bytes, text: str, at: int, stop: int) -> bool:
    """Whether the text of the cells is what an XML parser would take without a word."""
    clean = len(data.translate(None, _NOT_XML)) == len(data)
    clean = clean and "\uffff" not in text and "\ufffe" not in text
    return clean and text.find("]]>", at, stop) < 0 and _ODD.search(text, at, stop) is None


@lru_cache(maxsize=64)
def _plain_around(head: str, tail: str) -> bool:
    """Whether what stands around the cells is sound and says that they are a spreadsheet's, all of them."""
    space = _NAMESPACE.search(head)
    plain = "AlternateContent" not in head and (space is None or space[1] in NAMESPACES)
    return plain and well_formed(head + tail)


def _read(
    text: str, at: int, stop: int, strings: tuple[str, ...], styles: Styles, region: Region
) -> Sheet | None:
    merged = _merged(text, stop) if _plain_around(text[:at], text[stop:]) else None
    try:
        found = None if merged is None else _usual_cells(text, at, stop, strings, styles, region)
    except ValueError:  # an address off the grid
        return None
    if found is None or merged is None:
        return None
    cells, hidden, stray = found
    return Sheet("", "visible", cells, merged, frozenset(hidden), stray)


def _apart(rows: bytes) -> tuple[list[bytes], list[bytes]]:
    """A sheet's rows without their values, and the values: inline texts first, then the others."""
    inline: list[bytes] = []
    if b"<is>" in rows:
        pieces = _INLINE.split(rows)
        inline = pieces[1::2]
        rows = b"\1".join(pieces[::2])
    pieces = _VALUE.split(rows)
    return pieces[::2], inline + pieces[1::2]


def _slots(text: str, region: Region, styles: Styles) -> list[_Slot | None]:
    """What the values of ``_apart`` belong to, in their order.

    None are told of a sheet in which an inline text stands where its cell's type has no use for it.
    """
    inline: list[_Slot | None] = []
    others: list[_Slot | None] = []
    for token, ref, style, kind, formula, _, _, _, _ in _TOKEN.findall(text):
        if ref and ("<v>" in token or "<is>" in token):
            if ("<is>" in token) != (kind == "inlineStr"):
                return []
            where, look = a1.position(ref), int(style or 0)
            own = _plain(formula[3:]) if formula else None
            dated = look < len(styles.dates) and styles.dates[look]
            near = where[0] <= region.rows and where[1] <= region.columns
            slot = _Slot(where, kind, own, look, dated) if near else None
            (inline if "<is>" in token else others).append(slot)
    return inline + others


def _like(shape: _Shape, values: list[bytes], strings: tuple[str, ...]) -> Sheet | None:
    """The sheet of a known shape with these values; None where a value is not of its usual kind."""
    cells = shape.sheet.cells.copy()
    same_strings, known, new = strings is shape.strings, len(strings), tuple.__new__
    changed = [
        (content, slot)
        for content, before, slot in zip(values, shape.values, shape.slots, strict=True)
        if content != before or not (same_strings or slot is None or slot[1] != "s")
    ]
    said = b"\n".join([content for content, _ in changed])
    try:
        text = said.decode()
    except UnicodeDecodeError:
        return None
    if not _plain_xml(said, text, 0, len(text)):
        return None
    for written, slot in changed:
        if slot is None:
            continue
        where, kind, own, style, dated = slot
        if not kind and written.isdigit() and len(written) < 16:
            cells[where] = new(Cell, (DATE if dated else NUM, int(written), own, style))
            continue
        content = written.decode()
        what = TEXT
        value: Number | str | None
        if kind == "s":
            if not (content.isdigit() and content.isascii() and int(content) < known):
                return None
            value = strings[int(content)]
        elif kind in ("str", "inlineStr"):
            value = unescape(_plain(content)) if "&" in content or "_x" in content else content
        elif content.isdigit() and content.isascii() and len(content) < 16:
            what, value = DATE if dated else NUM, int(content)
        elif not content:
            what, value = NO_VALUE, None
        elif _NUMBER.match(content):
            what, value = as_number(content)
            what = DATE if dated and what == NUM else what
        else:
            return None
        if own is not None or value not in ("", None):
            cells[where] = new(Cell, (what, value, own, style))
        else:
            cells.pop(where, None)
    return shape.sheet._replace(cells=cells)


def _merged(text: str, at: int) -> tuple[a1.Area, ...] | None:
    refs = _MERGE.findall(text, at)
    if len(refs) != text.count("mergeCell ", at):
        return None
    try:
        return tuple(a1.area(ref) for ref in refs)
    except ValueError:
        return None


def _usual_cells(  # noqa: C901 - one loop, inlined for speed
    text: str, at: int, stop: int, strings: tuple[str, ...], styles: Styles, region: Region
) -> tuple[dict[tuple[int, int], Cell], set[int], int] | None:
    cells: dict[tuple[int, int], Cell] = {}
    hidden: set[int] = set()
    stray = row = last = 0
    rows, columns = region
    dates = frozenset(str(look) for look, shows in enumerate(styles.dates) if shows)
    known = len(strings)
    # A NamedTuple's own constructor is a call into Python for every cell.
    new, known_columns, number_of = tuple.__new__, a1.COLUMNS, a1.column_number
    tail, number_text = 0, ""
    for token, ref, style, kind, formula, content, inline, number, rest in _TOKEN.findall(
        text, at, stop
    ):
        at += len(token)
        if not ref:
            if not number:
                if not row:
                    return None
                row = 0
                continue
            if row or int(number) <= last or not _row_facts(rest):
                return None
            last, tail, number_text = int(number), -len(number), number
            row = 0 if rest.endswith("/") else last
            if rest and _HIDDEN.search(rest):
                hidden.add(last)
            continue
        letters = ref[:tail]
        column = known_columns.get(letters) or (number_of(letters) if letters.isalpha() else 0)
        where = (row, column)
        if (
            not row
            or ref[tail:] != number_text
            or where in cells
            or not 0 < column <= a1.MAX_COLUMN
        ):
            return None
        if row > rows or column > columns:
            stray += 1
            continue
        own = (_plain(formula[3:]) if "&" in formula else formula[3:]) if formula else None
        what = TEXT
        value: Number | str | None
        if kind in ("", "n") and content.isdigit() and content.isascii() and len(content) < 16:
            what, value = DATE if style in dates else NUM, int(content)
        elif kind == "s":
            if not (content.isdigit() and content.isascii() and int(content) < known):
                return None
            value = strings[int(content)]
        elif kind == "str":
            if not content and "<v" not in token:
                return None
            value = unescape(_plain(content)) if "&" in content or "_x" in content else content
        elif kind == "inlineStr" and not content:
            value = unescape(_plain(inline[inline.find(">") + 1 :]))
        elif kind not in ("", "n") or inline:
            return None
        elif not content:
            what, value = NO_VALUE, None
        elif _NUMBER.match(content):
            what, value = as_number(content)
            what = DATE if what == NUM and style in dates else what
        else:
            return None
        if own is not None or value not in ("", None):
            cells[where] = new(Cell, (what, value, own, int(style) if style else 0))
    # Had a match been anywhere but right behind the one before, the lengths would not add up.
    if row or len(cells) > MAX_CELLS or not _BLANKS.match(text, at, stop):
        return None
    return cells, hidden, stray


@lru_cache(maxsize=256)
def _row_facts(rest: str) -> bool:
    names = _FACT.findall(rest)
    return (
        _ROW_FACTS.match(rest) is not None
        and len(set(names)) == len(names)
        and "r" not in names
        and "xmlns" not in rest
    )


def _plain(text: str) -> str:
    if "&" not in text:
        return text
    text = (
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    )
    return text.replace("&amp;", "&")


def as_number(text: str) -> tuple[str, Number | str]:
    """A number as XML writes it; what is none, or too large, is an error cell."""
    text = text.strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.match(text):
        return FAULT, f"#不是数字 {text[:20]}"
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return FAULT, "#数字过大"
    return NUM, int(value) if value.is_integer() and abs(value) < 1e15 else value
