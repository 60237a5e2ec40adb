"""Cells of an .xls or .et ([MS-XLS]) by xlrd. Runs in the throw-away process.

xlrd is shown only the records that cells are made of: it gives up a whole file for a hyperlink, a
name or a drawing that it does not like, and trusts DIMENSIONS. BIFF8 text is UTF-16 whatever
CODEPAGE says, so that goes too. On 482 files of LibreOffice, SheetJS, xlwt and JExcelApi it gave
what calamine gave, and the right texts in the six whose CODEPAGE misled calamine.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from struct import pack, pack_into, unpack_from

from xl_addin.formats.grid import CODES, LONGEST_COMMENT, MAX_COMMENTS, Grid
from xl_addin.formats.ole import open_ole, root_entries
from xl_addin.formats.sniff import kind_inside, refusal
from xl_addin.formats.text_encoding import encoding_of_page, is_gbk_in_disguise, undisguise
from xl_addin.model.filetypes import CANNOT_READ, LOCKED, OLE_START, UNKNOWN, XLS
from xl_addin.model.records import Number
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where
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
from xl_addin.xlsx.comments import without_author
from xl_addin.xlsx.strings import mark_runs, strike
from xl_addin.xlsx.styles import Styles, format_code, styles_of

if TYPE_CHECKING:
    from typing import Any


_BOF, _EOF, _BOUNDSHEET, _FILEPASS, _CODEPAGE = 0x809, 0x0A, 0x85, 0x2F, 0x42
_FORMULAS = frozenset((0x06, 0x206, 0x406))  # the latter two are older, and some still write them
_BIFF5, _BIFF8 = 0x500, 0x600
_GLOBAL_STREAM, _SHEET_STREAM = 5, 0x10  # [MS-XLS] 2.4.21
_LABELS = frozenset((0x204, 0xD6))
_NOTE, _OBJECT, _OBJECT_TEXT, _CONTINUE = 0x1C, 0x5D, 0x1B6, 0x3C  # [MS-XLS] 2.4.179, 181, 329, 58
_FONT, _STRUCK = 0x31, 0x08  # [MS-XLS] 2.4.122
_COLUMNS, _COLUMNS_SIZE = 0x7D, 10  # what is said of columns; xlrd gives up a file for a short one
_IGNORED = 0xFFFF  # no record has this number
# DATEMODE, FORMAT, XF, SST, CONTINUE; LABELSST, LABEL, RSTRING, NUMBER, RK, MULRK, BOOLERR, STRING;
# ARRAY (and BIFF2's), SHRFMLA, TABLE (and BIFF2's), ROW, MERGEDCELLS, COLINFO
_GLOBALS = frozenset((0x22, 0x41E, 0xE0, 0xFC, 0x3C))
_CELLS = frozenset((0xFD, 0x204, 0xD6, 0x203, 0x27E, 0xBD, 0x205, 0x207))
_OTHERS = frozenset((0x221, 0x21, 0x4BC, 0x236, 0x37, 0x208, 0xE5, _COLUMNS))
_SHOWN = _GLOBALS | _CELLS | _FORMULAS | _OTHERS | {_BOF, _EOF, _BOUNDSHEET}
_XL_BOOLEAN, _XL_ERROR = 4, 5  # xlrd's kinds of cells


def read(data: bytes) -> tuple[Grid, ...]:
    """Every worksheet in tab order. Raises Unreadable, with code "password" for a locked file."""
    if not data.startswith(OLE_START):
        return _read_stream(_with_globals(data))
    ole = open_ole(data)
    kind = kind_inside(root_entries(ole))
    if kind == UNKNOWN:
        raise Unreadable("damaged", CANNOT_READ)
    if kind != XLS:
        raise refusal(kind)
    name = next(name for name in ("Workbook", "Book") if ole.exists(name))
    return _read_stream(ole.openstream(name).read())


def _with_globals(stream: bytes) -> bytes:
    """A stream that is a sheet and nothing else, with what says so before it.

    Scripts that write no more than a BOF and cells leave out its version, too.
    """
    size, version, kind = unpack_from("<3H", stream, 2)
    if kind != _SHEET_STREAM:
        return stream
    version = version or _BIFF5
    name = b"Sheet1" if version < _BIFF8 else b"\0Sheet1"
    start = pack("<6H", _BOF, 8, version, _GLOBAL_STREAM, 0, 0)
    sheet_at = len(start) + 4 + 7 + len(name) + 4
    entry = pack("<2HLHB", _BOUNDSHEET, 7 + len(name), sheet_at, 0, 6) + name
    begun = pack("<4H", _BOF, size, version, _SHEET_STREAM)
    return start + entry + pack("<2H", _EOF, 0) + begun + stream[8:]


def _read_stream(workbook: bytes) -> tuple[Grid, ...]:
    import xlrd

    stream, encoding, fonts, beside = _prepare(workbook)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - standard output is the answer
        book = xlrd.open_workbook(
            file_contents=stream,
            logfile=nowhere,
            encoding_override=encoding,
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        )
        # A format that no XF tells is no reason to lose a number.
        book._xf_index_to_xl_type_map = defaultdict(lambda: xlrd.XL_CELL_NUMBER)
        return _as_meant(tuple(_grids(book, fonts, beside)))


def _as_meant(grids: tuple[Grid, ...]) -> tuple[Grid, ...]:
    """The sheets, their texts made right where a program wrote bytes of GBK as letters of BIFF8."""
    texts = [grid.sheet for grid in grids]
    texts += [
        str(cell.value) for grid in grids for cell in grid.cells.values() if cell.kind == TEXT
    ]
    if not is_gbk_in_disguise(texts):
        return grids
    return tuple(
        grid._replace(
            sheet=undisguise(grid.sheet),
            cells={
                at: cell._replace(value=undisguise(str(cell.value))) if cell.kind == TEXT else cell
                for at, cell in grid.cells.items()
            },
        )
        for grid in grids
    )


class _Beside(NamedTuple):
    """What xlrd does not tell of a sheet, or is not shown: where formulas are, notes, and text boxes."""

    formulas: set[Where]
    comments: dict[Where, str]
    boxes: tuple[str, ...]


_NOTHING = _Beside(set(), {}, ())


_FontLook = tuple[bool, bool]
"""Whether a font is struck out, and raised or lowered."""


def _prepare(stream: bytes) -> tuple[bytes, str | None, list[_FontLook], dict[int, _Beside]]:
    """What xlrd is to see of a workbook stream, and what it is not told.

    The coding of its texts (None for UTF-16), its fonts, and the rest of each sheet by where it begins.
    """
    book = bytearray(stream)
    _mend_positions(book)
    wide = len(book) >= 6 and unpack_from("<H", book, 4)[0] >= _BIFF8
    starts: set[int] = set()
    fonts: list[_FontLook] = []
    for at, kind, size in _records(book, 0):
        if kind == _FILEPASS:
            raise refusal(LOCKED)
        if kind == _BOUNDSHEET and size >= 6:
            starts.add(unpack_from("<L", book, at + 4)[0])
            continue
        if kind == _FONT and size >= 10:
            how, _, _, raised = unpack_from("<4H", book, at + 6)
            # There is no font 4 ([MS-XLS] 2.5.129).
            fonts += [(bool(how & _STRUCK), raised != 0)] * (2 if len(fonts) == 4 else 1)
        if kind not in _SHOWN:
            pack_into("<H", book, at, _IGNORED)
    encoding = None if wide else _encoding(stream, sorted({0} | starts))
    beside = {
        start: _Beside(_sheet_formulas(book, start), *words)
        for start, words in {at: _sheet_words(book, at) for at in starts - {0}}.items()
    }
    return bytes(book), encoding, fonts, beside


def _mend_positions(book: bytearray) -> None:
    """Have each BOUNDSHEET lead to its sheet where one does not, as Ruby's spreadsheet leaves it.

    Only where as many substreams follow each other as there are sheets, and the others lead to theirs.
    """
    places = [at + 4 for at, kind, size in _records(book, 0) if kind == _BOUNDSHEET and size >= 6]
    said = [unpack_from("<L", book, place)[0] for place in places]
    if all(_begins(book, start) for start in said):
        return
    found: list[int] = []
    at = _end(book, 0)
    while _begins(book, at) and len(found) <= len(said):
        found.append(at)
        at = _end(book, at)
    if len(found) == len(said) and all(
        start == begun or not _begins(book, start) for start, begun in zip(said, found, strict=True)
    ):
        for place, begun in zip(places, found, strict=True):
            pack_into("<L", book, place, begun)


def _begins(book: bytearray, at: int) -> bool:
    return at + 4 <= len(book) and unpack_from("<H", book, at)[0] == _BOF


def _end(book: bytearray, start: int) -> int:
    """Where the substream that begins somewhere is over."""
    end = start
    for at, _, size in _records(book, start):
        end = at + 4 + size
    return end + 4  # its EOF says nothing else


def _encoding(book: bytes, starts: Sequence[int]) -> str:
    """The coding of the texts of a workbook before BIFF8."""
    page, texts = 0, []
    for start in starts:
        for at, kind, size in _records(book, start):
            if kind == _CODEPAGE and size >= 2:
                page = unpack_from("<H", book, at + 4)[0]
            elif kind == _BOUNDSHEET and size >= 7:
                texts.append(book[at + 11 : at + 4 + size])
            elif kind in _LABELS and size >= 8:
                end = at + 12 + unpack_from("<H", book, at + 10)[0]
                texts.append(book[at + 12 : min(end, at + 4 + size)])
    return encoding_of_page(page, texts)


def _sheet_words(book: bytearray, start: int) -> tuple[dict[Where, str], tuple[str, ...]]:
    """What is noted on a sheet's cells, and what stands in its text boxes.

    A NOTE names its object, whose text stands behind it; other objects are none of a cell's.
    """
    texts: dict[int, str] = {}
    notes: list[tuple[Where, int, str]] = []
    number = wanted = 0
    for before, kind, size in _records(book, start):
        at = before + 4
        if kind == _OBJECT and size >= 8:
            number = unpack_from("<H", book, at + 6)[0]
        elif kind == _OBJECT_TEXT and size >= 12:
            wanted = unpack_from("<H", book, at + 10)[0]
        elif kind == _CONTINUE and wanted > 0 and size:
            piece = _characters(book[at : at + size])[:wanted]
            wanted -= len(piece) or wanted
            texts[number] = texts.get(number, "") + piece
        elif kind == _NOTE and size >= 8 and len(notes) < MAX_COMMENTS:
            row, column, _, which = unpack_from("<4H", book, at)
            author = _characters(book[at + 10 : at + size])
            notes.append(((row + 1, column + 1), which, author))
    found = {
        at: without_author(text, author)[:LONGEST_COMMENT]
        for at, which, author in notes
        if (text := texts.get(which, ""))
    }
    noted = {which for _, which, _ in notes}
    boxes = (text.strip()[:LONGEST_COMMENT] for which, text in texts.items() if which not in noted)
    return found, tuple(islice(filter(None, boxes), MAX_COMMENTS))


def _characters(packed: bytearray) -> str:
    """Text behind the byte that says how wide its characters are; one byte more at its end may be none."""
    wide = packed[:1] and packed[0] & 1
    return packed[1:].decode("utf-16-le" if wide else "latin-1", "ignore").rstrip("\0")


def _sheet_formulas(book: bytearray, start: int) -> set[Where]:
    """Where a sheet has formulas, which xlrd does not tell ([MS-XLS] 2.4.127)."""
    found: set[Where] = set()
    for at, kind, size in _records(book, start):
        if kind in _FORMULAS and size >= 4:
            row, column = unpack_from("<2H", book, at + 4)
            found.add((row + 1, column + 1))
        elif kind not in _SHOWN or (kind == _COLUMNS and size < _COLUMNS_SIZE):
            pack_into("<H", book, at, _IGNORED)
    return found


def _records(book: bytes | bytearray, at: int) -> Iterator[tuple[int, int, int]]:
    """Where each record of a substream stands, its number and size, to the substream's end."""
    depth = 0
    while at + 4 <= len(book):
        kind, size = unpack_from("<2H", book, at)
        # A chart inside a sheet has a beginning and an end of its own.
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        yield at, kind, size
        at += 4 + size


def _grids(book: Any, fonts: list[_FontLook], beside: dict[int, _Beside]) -> Iterator[Grid]:
    codes = {each.format_key: each.format_str for each in book.format_list}
    used = [xf.font_index for xf in book.xf_list]
    styles = styles_of(
        (format_code(xf.format_key, codes) for xf in book.xf_list),
        (look for look, font in enumerate(used) if font < len(fonts) and fonts[font][0]),
    )
    days = DAYS_TO_1904 * book.datemode
    room = MAX_CELLS
    for number, start in enumerate(book._sh_abs_posn):
        sheet = book.sheet_by_index(number)
        cells: dict[Where, Cell] = {}
        formulas, comments, boxes = beside.get(start, _NOTHING)
        looks = _run_looks(sheet, fonts)
        for at, cell in _cells(sheet, formulas, looks, styles, days):
            cells[at] = strike(cell) if cell.style in styles.struck else cell
            if len(cells) > room:
                raise Unreadable("too-large", f"工作表的单元格超过 {MAX_CELLS} 个，没有读取")
        room -= len(cells)
        merged = tuple(
            (top + 1, left + 1, end, right) for top, end, left, right in sheet.merged_cells
        )
        hidden_rows = frozenset(row + 1 for row, facts in sheet.rowinfo_map.items() if facts.hidden)
        hidden_columns = frozenset(
            column + 1 for column, facts in sheet.colinfo_map.items() if facts.hidden
        )
        hidden = book._sheet_visibility[number] != 0
        shown = styles.format_codes
        yield Grid(
            sheet.name,
            cells,
            merged,
            hidden,
            hidden_rows,
            shown,
            comments,
            hidden_columns,
            boxes=boxes,
        )
        book.unload_sheet(number)


_RunLooks = Mapping[Where, Sequence[tuple[int, _FontLook]]]


def _run_looks(sheet: Any, fonts: Sequence[_FontLook]) -> _RunLooks:
    """Where a text has runs that are struck out, raised or lowered, and from which letter on."""
    found = {
        (row + 1, column + 1): [(start, fonts[font]) for start, font in runs if font < len(fonts)]
        for (row, column), runs in sheet.rich_text_runlist_map.items()
    }
    return {at: looks for at, looks in found.items() if any(any(look) for _, look in looks)}


def _cells(
    sheet: Any, formulas: set[Where], runs: _RunLooks, styles: Styles, days: int
) -> Iterator[tuple[Where, Cell]]:
    for row in range(sheet.nrows):
        looks = sheet._cell_xf_indexes[row]  # asking for each in turn takes as long as all else
        line = zip(sheet.row_types(row), sheet.row_values(row), looks, strict=True)
        for column, (kind, value, look) in enumerate(line, 1):
            if value != "":
                at = row + 1, column
                formula = "" if at in formulas else None
                text = mark_runs(str(value), runs[at]) if at in runs else value
                date = look < len(styles.dates) and styles.dates[look]
                yield at, Cell(*_parse_cell(kind, text, date, days), formula, look)


def _parse_cell(kind: int, value: Any, date: bool, days: int) -> tuple[str, Number | str | bool]:
    if kind == _XL_BOOLEAN:
        return BOOL, bool(value)
    if kind == _XL_ERROR:
        return FAULT, CODES.get(value, "#错误")
    if isinstance(value, str):
        # As Excel's own formats write it, so that the same text reads the same in each.
        return TEXT, re.sub("\r\n?", "\n", value) if "\r" in value else value
    number = plain_number(value)
    return (DATE, number + days) if date else (NUM, number)
