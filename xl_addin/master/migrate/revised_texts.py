"""Texts of the program's own that read otherwise now, put where the former ones still stand."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.master.build.styles import short_unit
from xl_addin.master.migrate.canvas import PRINT_AREA, Canvas, reference_to
from xl_addin.master.migrate.former import FORMER_GUIDES, FORMER_TEXTS, NEW_TEXTS
from xl_addin.master.migrate.whole_sheets import new_sheet_data, new_strings
from xl_addin.model.records import Indicator
from xl_addin.model.sheets import GUIDE_BLOCK, GUIDE_SHEET
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where, cell_name
from xl_addin.xlsx.booksheets import names_of, set_name, tab_names
from xl_addin.xlsx.cells import TEXT, Sheet
from xl_addin.xlsx.elements import SHEET_ORDER, Child, read_root, with_prefix
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.parts import part_text

_STRING = pattern(rb't="s"><v>(\d+)</v>')
_SWAPPED = ("dimension", "sheetData", "mergeCells")


def revise_texts(canvas: Canvas, indicators: Sequence[Indicator]) -> dict[str, int]:
    """Replace every text that older layouts have where it stands; how many, by sheet."""
    counts: dict[str, int] = {}
    strings = new_strings(canvas)
    former = FORMER_TEXTS | {short_unit(item.path[-1], item.unit) for item in indicators}
    for name, home in canvas.counterpart.sheets.items():
        if name == GUIDE_SHEET:
            continue
        data, cells = canvas.new_sheet(name), canvas.new.sheet(name).cells
        theirs = canvas.book.sheet(home).cells
        spots = find_offsets(data).rows
        put: dict[Where, str] = {}
        for where, cell in cells.items():
            there = canvas.counterpart.place(name.lower(), where)[1]
            held = theirs.get(there)
            text = "" if held is None else held.value
            if held is not None and (held.kind != TEXT or held.formula is not None):
                continue
            if text != cell.value and (
                text in former if text else where in NEW_TEXTS.get(name, ())
            ):
                spot = spots[where[0]].cells[where[1]]
                number = _STRING.search(data, spot.start, spot.end)
                if number is not None:
                    put[there] = strings[int(number[1])]
        if put:
            canvas.write(home, _with_texts(canvas.sheet(home), put), put)
            counts[home] = len(put)
    return counts


def revise_guide(canvas: Canvas) -> dict[str, int]:
    """Replace what 使用说明 says where nobody changed a word of it; how many cells, by sheet.

    Its cells come anew, everything else on the sheet stays.
    """
    home = _guide_sheet(canvas)
    if not home or guide_digest(canvas.book.sheet(home)) not in FORMER_GUIDES:
        return {}
    fresh = new_sheet_data(canvas, GUIDE_SHEET)
    data = canvas.sheet(home)
    for name in _SWAPPED:
        new, old = (_child(each, name) for each in (fresh, data))
        if new is not None and old is not None:
            body = with_prefix(fresh[new.start : new.end].decode(), canvas.prefix(home))
            data = data[: old.start] + body.encode() + data[old.end :]
    canvas.write(home, data)
    place = tab_names(part_text(canvas.parts, canvas.main)).index(home)
    new_book = canvas.new.part(canvas.new.main_part).decode()
    at = tab_names(new_book).index(GUIDE_SHEET)
    for scope, names in ((None, names_of(new_book)), (place, names_of(new_book, at))):
        for key in {GUIDE_BLOCK, PRINT_AREA} & names.keys():
            _, area = a1.split_reference(names[key])
            set_name(canvas.parts, canvas.main, key, reference_to(home, area), scope)
    canvas.reread()
    return {home: len(canvas.book.sheet(home).cells)}


def guide_digest(sheet: Sheet) -> str:
    """What 使用说明 says, as a short digest; its title is the programme's and left out."""
    import hashlib

    cells = sorted((at, str(cell.value)) for at, cell in sheet.cells.items() if at != (1, 1))
    return hashlib.sha256(repr(cells).encode()).hexdigest()[:16]


def _guide_sheet(canvas: Canvas) -> str:
    home = canvas.counterpart.sheets.get(GUIDE_SHEET, GUIDE_SHEET)
    return home if home in canvas.book.sheet_names else ""


def _child(data: bytes, name: str) -> Child | None:
    root = read_root(data, SHEET_ORDER)
    return next((child for child in root.children if child.name == name), None)


def _with_texts(data: bytes, texts: dict[Where, str]) -> bytes:
    """A sheet with these texts, each as the inside of a shared string, in cells that are there."""
    found = find_offsets(data)
    x = found.prefix
    for row, column in sorted(texts, reverse=True):
        spot = found.rows[row].cells.get(column) if row in found.rows else None
        if spot is None:
            continue
        look = f' s="{spot.style}"' if spot.style else ""
        inner = with_prefix(texts[row, column], x)
        ref = cell_name(row, column)
        cell = f'<{x}c r="{ref}"{look} t="inlineStr"><{x}is>{inner}</{x}is></{x}c>'
        data = data[: spot.start] + cell.encode() + data[spot.end :]
    return data
