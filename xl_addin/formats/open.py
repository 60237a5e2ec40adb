"""The sheets of a workbook of any format, by content and not by extension."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.formats.grid import Doubt, Grid
from xl_addin.formats.sniff import kind_inside, refusal, sniff_kind
from xl_addin.model.filetypes import (
    BY_KIND,
    FODS,
    PDF,
    PICTURE,
    TEXT,
    UNKNOWN,
    WORD,
    XLS,
    XLSX,
    ZIP,
    ZIP_START,
    as_no_table,
)
from xl_addin.system.errors import Unreadable
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.package import MAX_FILE, unpack
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.formats.document import Document

# Text documents as one XML file: Word's of 2003 and of 2007.
_WORD_XML = (b"office/word/2003/wordml", b"office/2006/xmlpackage")
_HEAD = 4096


def read_grids(data: bytes, name: str) -> tuple[Grid, ...]:
    """Every worksheet in tab order. Raises Unreadable; ``name`` is only for its message."""
    if not data:
        raise Unreadable("damaged", f"{name} 是空文件，请重新提供")
    book = workbook_or_grids(data)
    if isinstance(book, Workbook):
        sheets = (book.sheet(name) for name in book.sheet_names)
        return tuple(
            Grid(
                sheet.name,
                sheet.cells,
                sheet.merged,
                sheet.state != "visible",
                sheet.hidden_rows,
                sheet.format_codes,
                hidden_columns=sheet.hidden_columns,
                **_written_beside(book, sheet.name),
            )
            for sheet in sheets
        )
    return book


def _written_beside(book: Workbook, sheet: str) -> dict[str, Any]:
    """What a sheet's comments and text boxes say; where they cannot be read, that."""
    found: dict[str, Any] = {}
    for field, called, read in (
        ("comments", "批注", book.comments),
        ("boxes", "文本框", book.boxes),
    ):
        try:
            found[field] = read(sheet)
        except Unreadable as error:
            says = f"{called}读不出来（{error.message}）；请打开看看里面写了什么"
            doubt = Doubt("comments-unread", (1, 1), "", says, refuses=False)
            found["doubts"] = (*found.get("doubts", ()), doubt)
    return found


def workbook_or_grids(
    data: bytes, passwords: Sequence[str] | None = ()
) -> Workbook | tuple[Grid, ...]:
    """An .xlsx to be read sheet by sheet, or all sheets of any other format. Raises Unreadable.

    ``passwords`` are tried on a file that is locked; None for a file that was unlocked.
    """
    if len(data) > MAX_FILE:
        raise Unreadable("too-large", f"文件超过 {MAX_FILE // 2**20} MB，没有读取")
    parts = unpack(data) if data.startswith(ZIP_START) else {}
    kind = kind_inside(parts, ZIP) if parts else sniff_kind(data)
    if kind == XLSX:
        return Workbook(parts, strikes=True)
    # Costs what subprocess and json cost to import; an .xlsx needs neither.
    from xl_addin.formats.registry import read_other_format

    found = read_other_format(kind, data, passwords)
    return workbook_or_grids(found, None) if isinstance(found, bytes) else found


def read_tables(data: bytes, name: str) -> Document:
    """The sheets of a workbook or the tables of a text document, with its text. Raises Unreadable.

    What is refused is told as to somebody who looks for a task table in it.
    """
    from xl_addin.formats.document import Document

    try:
        return _read_document(data) or Document(read_grids(data, name), ())
    except Unreadable as error:
        if error.message == BY_KIND[WORD].refusal:
            from xl_addin.formats import docx
            from xl_addin.formats.word import convert_to_docx

            made = convert_to_docx(data, ".wps" if name.lower().endswith(".wps") else ".doc")
            if made is not None:
                return docx.read(made)
        raise Unreadable(error.code, as_no_table(error.message)) from error


def _read_document(data: bytes) -> Document | None:
    """The document, None where the bytes are none of a word processor."""
    from xl_addin.formats import docx, odt
    from xl_addin.formats.document import Document

    if data.startswith(ZIP_START):
        parts = unpack(data)
        if docx.find_text(parts):
            return docx.read_parts(parts)
        return odt.read_parts(parts) if odt.is_text(parts) else None
    kind = sniff_kind(data)
    if kind == XLS:
        from xl_addin.formats.registry import read_other_format

        found = read_other_format(kind, data)
        return read_tables(found, "") if isinstance(found, bytes) else Document(found, ())
    if kind == FODS and odt.is_flat_text(data):
        return odt.read_flat(data)
    other = _not_told_by_its_start(data) if kind in (TEXT, UNKNOWN) else ""
    if other:
        raise refusal(other)
    return None


def _not_told_by_its_start(data: bytes) -> str:
    """The kind of a file whose first bytes do not tell it, "" where nothing does."""
    head = data[:_HEAD]
    if any(start in head for start in BY_KIND[PDF].starts):
        return PDF
    if head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return PICTURE
    lower = head.replace(b"\0", b"").lower()
    return WORD if any(mark in lower for mark in _WORD_XML) else ""
