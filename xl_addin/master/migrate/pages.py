"""Room for what a sheet shows now: rows and columns, and pages side by side when it is printed."""

from __future__ import annotations

import re

from xl_addin.master.migrate.canvas import Canvas
from xl_addin.master.migrate.counterpart import Pair
from xl_addin.master.migrate.sheet_rules import set_width, widths_of
from xl_addin.system.light import pattern
from xl_addin.xlsx.a1 import column_letters, quote_sheet_name
from xl_addin.xlsx.booksheets import names_of, set_name, tab_names
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.parts import attributes_of, part_text

_PAGE = pattern(rb"<(?:\w+:)?pageSetup\b[^>]*>")
_FIT = pattern(rb"""<(?:\w+:)?pageSetUpPr\b[^>]*\bfitToPage=["'](?:1|true)["']""")
_PAPER = pattern(rb"""\spaperSize=["']\d*["']""")
_A4 = "9"
_WIDE = pattern(rb"""\sfitToWidth=["']\d*["']""")
_HEIGHT = pattern(rb"""\sht=["']([^"']*)["']""")
_COLUMN = pattern(rb"<(?:\w+:)?col\s[^>]*>")
_LAID_NARROWER = 1.1
_AS_LAID = {"min", "max", "width", "customWidth"}
_TITLES = "_xlnm.Print_Titles"
_ROWS = pattern(r"\$\d+:\$\d+")


def widen_pages(canvas: Canvas, pair: Pair) -> None:
    """Print a block's sheet on the new one's paper and as wide, the first two columns on every page.

    Only where it is still printed as it was laid down: as wide as so many pages, however long.
    """
    sheet = pair.theirs.sheet
    data = canvas.sheet(sheet)
    wanted, found = _PAGE.search(canvas.new_sheet(pair.new.sheet)), _PAGE.search(data)
    if wanted is None or found is None or not _FIT.search(data):
        return
    wide, facts = _pages_across(wanted[0]), attributes_of(found[0].decode())
    wider = _pages_across(found[0]) < wide
    paper = attributes_of(wanted[0].decode()).get("paperSize", "")
    larger = facts.get("paperSize") == _A4 != paper
    if facts.get("fitToHeight") != "0" or not (wider or larger):
        return
    tag = re.sub(rb"\s*/?>\Z", b"", found[0])
    if larger:
        tag = _PAPER.sub(b' paperSize="%s"' % paper.encode(), tag)
    if wider:
        tag = _WIDE.sub(b"", tag) + b' fitToWidth="%d"' % wide
    end = b"/>" if found[0].endswith(b"/>") else b">"
    canvas.write(sheet, data[: found.start()] + tag + end + data[found.end() :])
    if wider:
        _repeat_columns(canvas, pair)


def make_room(canvas: Canvas) -> None:
    """Raise the rows above every block, and widen columns, for the longer texts that stand there now.

    A row is raised to what a new master has; a column only where it is as wide as it was laid down,
    which is one character less.
    """
    for pair in canvas.counterpart.pairs.values():
        new, sheet = canvas.new_sheet(pair.new.sheet), pair.theirs.sheet
        before = canvas.sheet(sheet)
        after = _widened(new, _raised(new, before, pair), pair)
        if after != before:
            canvas.write(sheet, after)


def _raised(new: bytes, theirs: bytes, pair: Pair) -> bytes:
    rows = find_offsets(new).rows
    for row in range(1, pair.new.area[0]):
        there = find_offsets(theirs).rows.get(pair.beside((row, 1))[0])
        wanted = _HEIGHT.search(new, rows[row].start, rows[row].inner) if row in rows else None
        given = None if there is None else _HEIGHT.search(theirs, there.start, there.inner)
        if wanted and given and float(given[1]) < float(wanted[1]):
            theirs = theirs[: given.start(1)] + wanted[1] + theirs[given.end(1) :]
    return theirs


def _widened(new: bytes, theirs: bytes, pair: Pair) -> bytes:
    wanted = widths_of(new.decode())
    for column, there in pair.columns.items():
        given = next((tag for tag in _COLUMN.finditer(theirs) if _covers(tag[0], there)), None)
        facts = {} if given is None else attributes_of(given[0].decode())
        short = float(wanted.get(column, "0")) - float(facts.get("width", "0"))
        if given is not None and 0 < short < _LAID_NARROWER and facts.keys() <= _AS_LAID:
            theirs = set_width(new, theirs, column, there)
    return theirs


def _covers(tag: bytes, column: int) -> bool:
    facts = attributes_of(tag.decode())
    return int(facts.get("min", "0")) <= column <= int(facts.get("max", "0"))


def _pages_across(tag: bytes) -> int:
    said = attributes_of(tag.decode()).get("fitToWidth", "1")
    return int(said) if said.isdigit() else 1


def _repeat_columns(canvas: Canvas, pair: Pair) -> None:
    sheet = pair.theirs.sheet
    book = part_text(canvas.parts, canvas.main)
    place = tab_names(book).index(sheet)
    said = names_of(book, place).get(_TITLES, "")
    rows = said.rpartition("!")[2]
    if "," not in said and _ROWS.fullmatch(rows):
        left = pair.theirs.area[1]
        first, last = (column_letters(pair.columns.get(at, at)) for at in (left, left + 1))
        name = quote_sheet_name(sheet)
        set_name(canvas.parts, canvas.main, _TITLES, f"{name}!${first}:${last},{said}", place)
        canvas.reread()
