"""A sheet that came with a later layout, put between those of an older master."""

from __future__ import annotations

import html
import posixpath
import re

from xl_addin.master.macros.vbaproject import SHEET_STEM
from xl_addin.master.migrate.canvas import Canvas, linked_part, reference_to
from xl_addin.master.migrate.sheet_rules import translate_formulas
from xl_addin.master.read.blocks import find_block
from xl_addin.model.sheets import MASTER_SHEETS
from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.booksheets import add_sheet, free_code_name, names_of, set_name, tab_names
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.package import relationships_part
from xl_addin.xlsx.parts import (
    content_type,
    declare_content_type,
    part_text,
    put_part,
    relationships_of,
)
from xl_addin.xlsx.patch import clear_values
from xl_addin.xlsx.references import translate_references
from xl_addin.xlsx.workbook import Workbook

_STYLE = pattern(r'(<(?:c|row|col)\s[^>]*?\s(?:s|style)=")(\d+)(")')
_STRING = pattern(r'(<c r="[A-Z]+\d+"(?: s="\d+")?) t="s"><v>(\d+)</v></c>')
_ITEM = pattern(r"(?s)<si>(.*?)</si>")
_DXF = pattern(r'(\sdxfId=")(\d+)(")')
_CODE = pattern(rb'codeName="[^"]*"')
_SELECTED = pattern(rb' tabSelected="1"')
_NUMBERED = pattern(r"\d+\.xml\Z")
_CHART_FORMULA = pattern(r"(<c:f>)([^<]*)(</c:f>)")


def add_whole_sheet(canvas: Canvas, name: str, title: str) -> None:
    """Put the sheet ``name`` of the new master into staff's, behind the one that it follows there.

    It is called ``title``, with every name that belongs to it.
    """
    data = _whole_sheet(canvas, name)
    tabs = tab_names(part_text(canvas.parts, canvas.main))
    follows = [sheet.name for sheet in MASTER_SHEETS]
    before = follows[: follows.index(name)][::-1]
    homes = (canvas.counterpart.sheets.get(each, "") for each in before)
    # The first of all goes before theirs; which of them is shown stays.
    last = len(tabs) if before else 0
    at = next((tabs.index(home) + 1 for home in homes if home in tabs), last)
    part = add_sheet(canvas.parts, canvas.main, title, data, at=at)
    _copy_linked(canvas, name, canvas.new.sheet_part(name), part)
    new_book = canvas.new.part(canvas.new.main_part).decode()
    for key, reference in names_of(new_book).items():
        sheet, area = a1.split_reference(reference)
        if sheet == name:
            set_name(canvas.parts, canvas.main, key, reference_to(title, area))
    place = tab_names(new_book).index(name)
    for key, reference in names_of(new_book, place).items():
        # XlsxWriter spells whole rows here, which are the same on this sheet.
        said = f"{a1.quote_sheet_name(title)}!{reference.rpartition('!')[2]}"
        set_name(canvas.parts, canvas.main, key, said, at)
    canvas.reread()


def _copy_linked(canvas: Canvas, name: str, source: str, target: str) -> None:
    """Give a part what its original in the new master is linked to: a sheet its drawing, that its charts."""
    links: dict[str, str] = {}
    for relation in relationships_of(canvas.new_parts, source):
        original = posixpath.normpath(relation.target)
        stem = _NUMBERED.sub("", original)
        taken = {each.lower() for each in canvas.parts}
        numbers = (f"{stem}{number}.xml" for number in range(1, 10_000))
        copy = links[relation.id] = next(each for each in numbers if each.lower() not in taken)
        text = _CHART_FORMULA.sub(
            lambda m: f"{m[1]}{_translate(canvas, name, m[2])}{m[3]}",
            part_text(canvas.new_parts, original),
        )
        put_part(canvas.parts, copy, text.encode())
        declare_content_type(canvas.parts, copy, content_type(canvas.new_parts, original))
        _copy_linked(canvas, name, original, copy)
    if links:
        rels = part_text(canvas.new_parts, relationships_part(source)[0])
        for id_, copy in links.items():
            rels = re.sub(
                rf'(<Relationship Id="{id_}" [^>]*?Target=")[^"]*', rf"\g<1>/{copy}", rels
            )
        put_part(canvas.parts, relationships_part(target)[0], rels.encode())


def _translate(canvas: Canvas, name: str, formula: str) -> str:
    place = canvas.counterpart.place
    return escape(translate_references(html.unescape(formula), name, place))


def new_strings(canvas: Canvas) -> list[str]:
    """The texts of the new master, as XML by their numbers."""
    return _ITEM.findall(canvas.new.part(linked_part(canvas.new, "sharedStrings")).decode())


def new_sheet_data(canvas: Canvas, name: str) -> bytes:
    """A sheet of the new master as it goes into staff's: their formats, texts of its own."""
    text = canvas.new_sheet(name).decode()
    strings = new_strings(canvas)
    text = _STYLE.sub(lambda m: f"{m[1]}{canvas.styles.cell(int(m[2]))}{m[3]}", text)
    text = _DXF.sub(lambda m: f"{m[1]}{canvas.styles.rule(int(m[2]))}{m[3]}", text)
    text = _STRING.sub(lambda m: f'{m[1]} t="inlineStr"><is>{strings[int(m[2])]}</is></c>', text)
    return translate_formulas(text, canvas.relocation(name)).encode()


def _whole_sheet(canvas: Canvas, name: str) -> bytes:
    """A sheet of the new master with a code name of its own and without figures."""
    code = free_code_name(canvas.parts, _code_stem(canvas.new, name)).encode()
    data = _CODE.sub(b'codeName="%b"' % code, new_sheet_data(canvas, name), count=1)
    data = _SELECTED.sub(b"", data, count=1)  # with theirs: what is typed would go into both
    # What a formula came to in a master without figures is not what it comes to here.
    rows = find_offsets(data).rows
    formulas = [
        (row, column)
        for row, spot in rows.items()
        for column, cell in spot.cells.items()
        if cell.formula
    ]
    canvas.formulas = canvas.formulas or bool(formulas)
    return clear_values(data, (*formulas, *_figures(canvas.new, name)))


def _figures(new: Workbook, name: str) -> list[Where]:
    """The cells that a recompute fills: the new master is of a programme without any figures."""
    found: list[Where] = []
    for area in next(sheet for sheet in MASTER_SHEETS if sheet.name == name).areas:
        if area.recomputed and not area.headings:
            block = find_block(new, area.name)
            top, left, _, _ = block.area
            found += (where for where in block.cells if where[0] > top and where[1] > left + 1)
    return found


def _code_stem(new: Workbook, name: str) -> str:
    """The code name of a sheet in a new master; a number would soon be another sheet's."""
    place = new.sheet_names.index(name) + 1
    return f"{SHEET_STEM}{place}"
