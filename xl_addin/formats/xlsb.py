"""Reading an .xlsb: typed cells from its records, bounded. Runs in the throw-away process.

Own code and not calamine's, which leaves out cells written as short records (SheetJS), gives an
error as a blank and a formula as a typed value.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from struct import error, unpack_from

from xl_addin.formats.grid import CODES, LONGEST_COMMENT, MAX_COMMENTS, Grid
from xl_addin.model.records import Number
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import (
    BOOL,
    DATE,
    DAYS_TO_1904,
    FAULT,
    MAX_CELLS,
    NUM,
    TEXT,
    Cell,
    plain_number,
)
from xl_addin.xlsx.comments import MAX_COMMENT_PART, NOTES, without_author
from xl_addin.xlsx.package import Part, inflate, relationships_part, unpack
from xl_addin.xlsx.strings import mark_runs, strike
from xl_addin.xlsx.styles import Styles, format_code, styles_of
from xl_addin.xlsx.workbook import relationships

_ROW, _MERGE, _ROW_HIDDEN = 0, 176, 0x10
_COLUMNS, _COLUMN_HIDDEN = 60, 0x01
_SHEET, _FORMAT, _XF, _XFS, _XFS_END, _STRING, _PROPERTIES = 156, 44, 47, 617, 618, 19, 153
_FONT, _STRUCK = 43, 0x08  # [MS-XLSB] 2.4.149
# Cells with a column of their own, then the short ones that stand right of the one before; rich text.
_FIRST_CELL, _LAST_CELL, _FIRST_SHORT, _LAST_SHORT, _RICH_CELL = 1, 11, 12, 18, 62
_FIRST_FORMULA = 8
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637  # [MS-XLSB] 2.4.333, 2.4.28, 2.4.334
_DAMAGED = "文件已损坏，请让对方另存为 .xlsx 后再发"


_FontLook = tuple[bool, bool]
"""Whether a font is struck out, and raised or lowered."""


class _Book(NamedTuple):
    strings: tuple[str, ...]
    styles: Styles
    days: int
    fonts: tuple[_FontLook, ...] = ()


def read(data: bytes) -> tuple[Grid, ...]:
    """Every worksheet in tab order. Raises Unreadable."""
    exact = {name.lower(): part for name, part in unpack(data).items()}
    try:
        return _grids(exact)
    except (error, IndexError, KeyError):
        raise Unreadable("damaged", _DAMAGED) from None


def _grids(parts: Mapping[str, Part]) -> tuple[Grid, ...]:
    links = relationships(inflate(parts["xl/_rels/workbook.bin.rels"]), "xl")
    strings, styles = (
        inflate(parts[target.lower()]) if (target := _target(links, role)) else b""
        for role in ("sharedStrings", "styles")
    )
    main = list(_records(inflate(parts["xl/workbook.bin"])))
    days = next((DAYS_TO_1904 * (body[0] & 1) for kind, body in main if kind == _PROPERTIES), 0)
    fonts = tuple(_fonts(styles))
    book = _Book(tuple(_strings(strings, fonts)), _styles(styles, fonts), days, fonts)
    grids: list[Grid] = []
    room = MAX_CELLS
    for kind, body in main:
        if kind == _SHEET:
            link, at = _text(body, 8)
            role, target = links.get(link, ("", ""))
            if role == "worksheet":
                hidden = unpack_from("<L", body)[0] != 0
                grid = _grid(inflate(parts[target.lower()]), _text(body, at)[0], hidden, book, room)
                room -= len(grid.cells)
                grids.append(grid._replace(comments=_comments(parts, target)))
    return tuple(grids)


def _comments(parts: Mapping[str, Part], sheet: str) -> dict[tuple[int, int], str]:
    """What is noted on a sheet's cells; none where its parts are broken."""
    name, folder = relationships_part(sheet)
    notes: dict[tuple[int, int], str] = {}
    try:
        links = relationships(inflate(parts[name.lower()]), folder.rstrip("/"))
        data = inflate(parts[_target(links, NOTES).lower()], MAX_COMMENT_PART)
        authors: list[str] = []
        author, at = 0, (0, 0)
        for kind, body in _records(data):
            if kind == _AUTHOR:
                authors.append(_text(body, 0)[0])
            elif kind == _COMMENT:
                author, row, _, column = unpack_from("<4L", body)
                at = row + 1, column + 1
            elif kind == _COMMENT_TEXT and len(notes) < MAX_COMMENTS:
                name = authors[author] if author < len(authors) else ""
                notes[at] = without_author(_text(body, 1)[0], name)[:LONGEST_COMMENT]
    except (error, IndexError, KeyError, Unreadable):
        pass
    return notes


def _target(links: Mapping[str, tuple[str, str]], wanted: str) -> str:
    return next((target for role, target in links.values() if role == wanted), "")


def _strings(data: bytes, fonts: tuple[_FontLook, ...]) -> Iterator[str]:
    for kind, body in _records(data):
        if kind == _STRING:
            yield _rich_text(body, 0, fonts)


def _rich_text(body: bytes, at: int, fonts: tuple[_FontLook, ...]) -> str:
    """A text marked as its runs look ([MS-XLSB] 2.5.122, 2.5.140)."""
    text, behind = _text(body, at + 1)
    if not body[at] & 1 or behind + 4 > len(body):
        return text
    most = (len(body) - behind - 4) // 4
    runs = (
        unpack_from("<2H", body, behind + 4 + 4 * n)
        for n in range(min(unpack_from("<L", body, behind)[0], most))
    )
    looks = [(start, fonts[font]) for start, font in runs if font < len(fonts)]
    return mark_runs(text, looks) if any(any(look) for _, look in looks) else text


def _fonts(data: bytes) -> Iterator[_FontLook]:
    for kind, body in _records(data):
        if kind == _FONT:
            how, _, raised = unpack_from("<3H", body, 2)
            yield bool(how & _STRUCK), raised != 0


def _styles(data: bytes, fonts: tuple[_FontLook, ...]) -> Styles:
    codes: dict[int, str] = {}
    used: list[tuple[int, int]] = []
    inside = False
    for kind, body in _records(data):
        if kind == _FORMAT:
            codes[unpack_from("<H", body)[0]] = _text(body, 2)[0]
        elif kind in (_XFS, _XFS_END):
            inside = kind == _XFS
        elif kind == _XF and inside:
            used.append(unpack_from("<2H", body, 2))
    return styles_of(
        (format_code(number, codes) for number, _ in used),
        (look for look, (_, font) in enumerate(used) if font < len(fonts) and fonts[font][0]),
    )


def _grid(data: bytes, name: str, hidden: bool, book: _Book, room: int) -> Grid:
    cells: dict[tuple[int, int], Cell] = {}
    merged: list[a1.Area] = []
    hidden_rows: set[int] = set()
    hidden_columns: list[tuple[int, int]] = []
    row = column = 0
    for kind, body in _records(data):
        if kind == _ROW:
            row, column = unpack_from("<L", body)[0] + 1, 0
            if body[11] & _ROW_HIDDEN:
                hidden_rows.add(row)
        elif _FIRST_CELL <= kind <= _LAST_SHORT or kind == _RICH_CELL:
            short = _FIRST_SHORT <= kind <= _LAST_SHORT
            column = column + 1 if short else unpack_from("<L", body)[0] + 1
            look = unpack_from("<L", body, 0 if short else 4)[0] & 0xFFFFFF
            cell = _cell(kind, body[4 if short else 8 :], look, book)
            if cell is None:
                continue
            cell = strike(cell) if look in book.styles.struck else cell
            if (row, column) in cells or not (0 < row <= a1.MAX_ROW and column <= a1.MAX_COLUMN):
                raise Unreadable("damaged", _DAMAGED)
            cells[row, column] = cell
            if len(cells) > room:
                raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        elif kind == _COLUMNS and body[16] & _COLUMN_HIDDEN:
            first, last = unpack_from("<2L", body)
            hidden_columns.append((first + 1, last + 1))
        elif kind == _MERGE:
            top, bottom, left, right = unpack_from("<4L", body)
            merged.append((top + 1, left + 1, bottom + 1, right + 1))
    looks, columns = book.styles.format_codes, a1.columns_in(hidden_columns)
    rows = frozenset(hidden_rows)
    return Grid(name, cells, tuple(merged), hidden, rows, looks, hidden_columns=columns)


def _cell(kind: int, body: bytes, look: int, book: _Book) -> Cell | None:
    """A cell from what stands behind its place and format; None for one that holds nothing."""
    formula = "" if _FIRST_FORMULA <= kind <= _LAST_CELL else None
    what = _KINDS.get(kind)
    if what is None:
        return None
    said, value = what(body, book)
    if value == "" and said == TEXT:
        return None
    if said == NUM and look < len(book.styles.dates) and book.styles.dates[look]:
        assert isinstance(value, int | float)  # noqa: S101 - what a number is
        return Cell(DATE, value + book.days, formula, look)
    return Cell(said, value, formula, look)


_CellContent = tuple[str, Number | str | bool]


def _rk(body: bytes, _: _Book) -> _CellContent:
    (packed,) = unpack_from("<l", body)
    number: Number
    if packed & 2:
        number = packed >> 2
    else:
        (number,) = struct.unpack("<d", bytes(4) + (packed & ~3 & 0xFFFFFFFF).to_bytes(4, "little"))
    return NUM, plain_number(number / 100 if packed & 1 else number)


def _real(body: bytes, _: _Book) -> _CellContent:
    (number,) = unpack_from("<d", body)
    if number != number or number in (float("inf"), float("-inf")):
        return FAULT, "#数字过大"
    return NUM, plain_number(number)


def _shared_string(body: bytes, book: _Book) -> _CellContent:
    (index,) = unpack_from("<L", body)
    return (TEXT, book.strings[index]) if index < len(book.strings) else (FAULT, "#字符串丢失")


def _own_text(body: bytes, _: _Book) -> _CellContent:
    return TEXT, _text(body, 0)[0]


def _own_rich_text(body: bytes, book: _Book) -> _CellContent:
    return TEXT, _rich_text(body, 0, book.fonts)


def _error(body: bytes, _: _Book) -> _CellContent:
    return FAULT, CODES.get(body[0], "#错误")


def _bool(body: bytes, _: _Book) -> _CellContent:
    return BOOL, body[0] != 0


_KINDS: dict[int, Callable[[bytes, _Book], _CellContent]] = {
    2: _rk,
    3: _error,
    4: _bool,
    5: _real,
    6: _own_text,
    7: _shared_string,
    8: _own_text,
    9: _real,
    10: _bool,
    11: _error,
    13: _rk,
    14: _error,
    15: _bool,
    16: _real,
    17: _own_text,
    18: _shared_string,
    _RICH_CELL: _own_rich_text,
}


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text at a place, and the place behind it."""
    (length,) = unpack_from("<L", body, at)
    stop = at + 4 + 2 * length
    if stop > len(body):
        raise IndexError(stop)
    return body[at + 4 : stop].decode("utf-16-le", "replace"), stop


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = data[at]
            size |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80 or shift > 21:
                break
        if at + size > end:
            raise IndexError(at)
        yield kind, data[at : at + size]
        at += size
