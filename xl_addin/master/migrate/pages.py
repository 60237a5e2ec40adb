"""How a sheet that became wider is printed: on as many pages side by side as a new one."""

from __future__ import annotations

import re

from xl_addin.master.migrate.canvas import Canvas
from xl_addin.master.migrate.counterpart import Pair
from xl_addin.system.light import pattern
from xl_addin.xlsx.a1 import column_letters, quote_sheet_name
from xl_addin.xlsx.booksheets import names_of, set_name, tab_names
from xl_addin.xlsx.parts import attributes_of, part_text

_PAGE = pattern(rb"<(?:\w+:)?pageSetup\b[^>]*>")
_FIT = pattern(rb"""<(?:\w+:)?pageSetUpPr\b[^>]*\bfitToPage=["'](?:1|true)["']""")
_WIDE = pattern(rb"""\sfitToWidth=["']\d*["']""")
_TITLES = "_xlnm.Print_Titles"
_ROWS = pattern(r"\$\d+:\$\d+")


def widen_pages(canvas: Canvas, pair: Pair) -> None:
    """Print a block's sheet as wide as the new one, with the first two columns on every page.

    Only where it is still printed as it was laid down: as wide as so many pages, however long.
    """
    sheet = pair.theirs.sheet
    data = canvas.sheet(sheet)
    wanted, found = _PAGE.search(canvas.new_sheet(pair.new.sheet)), _PAGE.search(data)
    if wanted is None or found is None or not _FIT.search(data):
        return
    wide, facts = _pages_across(wanted[0]), attributes_of(found[0].decode())
    if facts.get("fitToHeight") != "0" or _pages_across(found[0]) >= wide:
        return
    tag = re.sub(rb"\s*/?>\Z", b"", _WIDE.sub(b"", found[0]))
    end = b"/>" if found[0].endswith(b"/>") else b">"
    tag += b' fitToWidth="%d"' % wide + end
    canvas.write(sheet, data[: found.start()] + tag + data[found.end() :])
    _repeat_columns(canvas, pair)


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
