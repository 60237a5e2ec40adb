"""Texts of the program's own that read otherwise now, put where the former ones still stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xl_addin.master.build.styles import short_unit
from xl_addin.master.migrate.canvas import PRINT_AREA, Canvas, reference_to
from xl_addin.master.migrate.former import FORMER_GUIDES, FORMER_TEXTS
from xl_addin.master.migrate.whole_sheets import new_sheet_data, new_strings
from xl_addin.model.records import Indicator
from xl_addin.model.sheets import GUIDE_BLOCK, GUIDE_SHEET
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where, cell_name
from xl_addin.xlsx.booksheets import names_of, set_name, tab_names
from xl_addin.xlsx.cells import TEXT, Cell, Sheet
from xl_addin.xlsx.elements import SHEET_ORDER, Child, read_root, with_prefix
from xl_addin.xlsx.offsets import RowOffsets, find_offsets
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
            number = _STRING.search(data, *_span(spots, where))
            there = None if number is None else _find_former(canvas, name, where, theirs, former)
            if number is not None and there is not None and theirs[there].value != cell.value:
                put[there] = strings[int(number[1])]
        if put:
            canvas.write(home, _with_texts(canvas.sheet(home), put), put)
            counts[home] = len(put)
    return counts


def _span(spots: Mapping[int, RowOffsets], where: Where) -> tuple[int, int]:
    spot = spots[where[0]].cells[where[1]]
    return spot.start, spot.end


def _find_former(
    canvas: Canvas, name: str, where: Where, theirs: Mapping[Where, Cell], former: Collection[str]
) -> Where | None:
    """The cell of staff's with a former text that one of the new master stands for now.

    A line over a block began in the first column, wherever it begins now.
    """
    row, column = canvas.counterpart.place(name.lower(), where)[1]
    blocks = [pair for pair in canvas.counterpart.pairs.values() if pair.new.sheet == name]
    above = [pair.theirs.area[1] for pair in blocks if where[0] < pair.new.area[0]]
    for there in ((row, column), *((row, left) for left in above)):
        cell = theirs.get(there)
        if cell is not None:
            typed = cell.kind == TEXT and cell.formula is None
            return there if typed and cell.value in former else None
    return None


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
        spot = found.rows[row].cells[column]
        look = f' s="{spot.style}"' if spot.style else ""
        inner = with_prefix(texts[row, column], x)
        ref = cell_name(row, column)
        cell = f'<{x}c r="{ref}"{look} t="inlineStr"><{x}is>{inner}</{x}is></{x}c>'
        data = data[: spot.start] + cell.encode() + data[spot.end :]
    return data
