"""Conditional formats, validations and column widths of a new master, for cells given to an older one.

What is read here was written by XlsxWriter a moment ago, so patterns suffice.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping

from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.elements import SHEET_ORDER, append_items, escape, insert_element, read_root
from xl_addin.xlsx.references import shift_formula, translate_references

_RULES = pattern(r'<conditionalFormatting sqref="([^"]*)">(.*?)</conditionalFormatting>', re.DOTALL)
_CHOICE = pattern(
    r'<dataValidation (?:[^>]*) sqref="([^"]*)"(?:/>|>.*?</dataValidation>)', re.DOTALL
)
_FORMULA = pattern(r"<(f|formula[12]?|xm:f)>([^<]*)</(?:f|formula[12]?|xm:f)>")
_DXF = pattern(r'dxfId="(\d+)"')
_PRIORITY = pattern(r'priority="(\d+)"')
_ANY_PRIORITY = pattern(rb"""\spriority=["'](\d+)["']""")
_COLUMN = pattern(r'<col min="(\d+)" max="(\d+)" width="([^"]*)"')
_THEIR_COLUMN = pattern(rb"<(?:\w+:)?col\s[^>]*>")
_SPAN = pattern(rb"""(\s(?:min|max)=)["'](\d+)["']""")


class Relocation(NamedTuple):
    """Cells of the sheet ``name`` of a new master that come to stand elsewhere.

    ``place`` says where any cell of the new master stands in staff's, ``rule`` which number a
    format of a rule has there.
    """

    name: str
    cells: Mapping[Where, Where]
    place: Callable[[str, Where], tuple[str, Where]]
    rule: Callable[[int], int]


def add_rules(new: bytes, theirs: bytes, moving: Relocation) -> bytes:
    """Staff's sheet with the rules and validations that the new one has for the cells that moved."""
    text = new.decode()
    given = [int(number) for number in _ANY_PRIORITY.findall(theirs)]
    highest = max(given, default=0)
    for sqref, rules in move_rules(text, moving):
        body = _PRIORITY.sub(lambda m: f'priority="{int(m[1]) + highest}"', rules)
        line = f'<conditionalFormatting sqref="{sqref}">{body}</conditionalFormatting>'
        theirs = insert_element(theirs, SHEET_ORDER, "conditionalFormatting", line)
    choices = move_choices(text, moving)
    if choices:
        theirs, _ = append_items(theirs, SHEET_ORDER, "dataValidations", choices)
    return theirs


def move_rules(text: str, moving: Relocation) -> Iterator[tuple[str, str]]:
    """The rules that a sheet of the new master has for the cells that move, and where they go."""
    for match in _RULES.finditer(text):
        for sqref, rules in _moved_rules(match[1], match[2], moving):
            yield sqref, _DXF.sub(lambda m: f'dxfId="{moving.rule(int(m[1]))}"', rules)


def move_choices(text: str, moving: Relocation) -> list[str]:
    """The validations that a sheet of the new master has for the cells that move, as they go there."""
    return [
        line.replace(f' sqref="{match[1]}"', f' sqref="{sqref}"', 1)
        for match in _CHOICE.finditer(text)
        for sqref, line in _moved_rules(match[1], match[0], moving)
    ]


def _moved_rules(sqref: str, xml: str, moving: Relocation) -> Iterator[tuple[str, str]]:
    """Where a rule goes for the cells that moved, with its formulas as they read there."""
    areas = [a1.area(ref) for ref in sqref.split()]
    back = {
        there: here
        for here, there in moving.cells.items()
        if any(area[0] <= here[0] <= area[2] and area[1] <= here[1] <= area[3] for area in areas)
    }
    if back:
        found = a1.rectangles(back)
        first = back[found[0][:2]]
        shift = (first[0] - areas[0][0], first[1] - areas[0][1])
        yield " ".join(map(a1.area_name, found)), translate_formulas(xml, moving, shift)


def translate_formulas(xml: str, moving: Relocation, shift: Where = (0, 0)) -> str:
    """The XML of cells or rules with their formulas as they read in staff's master."""

    def put(match: re.Match[str]) -> str:
        text = shift_formula(html.unescape(match[2]), *shift)
        said = escape(translate_references(text, moving.name, moving.place))
        return f"<{match[1]}>{said}</{match[1]}>"

    return _FORMULA.sub(put, xml)


def widths_of(sheet: str) -> dict[int, str]:
    """How wide each column of a sheet of the new master is, as it is written there."""
    return {
        column: wide
        for least, most, wide in _COLUMN.findall(sheet)
        for column in range(int(least), int(most) + 1)
    }


def set_width(new: bytes, theirs: bytes, column: int, target: int) -> bytes:
    """Staff's sheet with the column ``target`` as wide as the new one's ``column``.

    One within a run of columns of another width is taken out of the run.
    """
    width = widths_of(new.decode()).get(column, "")
    line = f'<col min="{target}" max="{target}" width="{width}" customWidth="1"/>'
    if not width:
        return theirs
    root = read_root(theirs, SHEET_ORDER)
    cols = next((child for child in root.children if child.name == "cols"), None)
    if cols is None:
        return insert_element(theirs, SHEET_ORDER, "cols", f"<cols>{line}</cols>")
    own = line.replace("<col", f"<{root.prefix}col").encode()
    for match in _THEIR_COLUMN.finditer(theirs, cols.inner, cols.end):
        span = {key.strip(b" ="): int(number) for key, number in _SPAN.findall(match[0])}
        least, most = span[b"min"], span[b"max"]
        if target <= most:
            pieces = [_column_run(match[0], least, min(most, target - 1)), own]
            pieces.append(_column_run(match[0], max(least, target + 1), most))
            return theirs[: match.start()] + b"".join(pieces) + theirs[match.end() :]
    return append_items(theirs, SHEET_ORDER, "cols", [line])[0]


def _column_run(tag: bytes, least: int, most: int) -> bytes:
    """A ``col`` for these columns, nothing where there are none."""
    if least > most:
        return b""
    ends = {b"min": least, b"max": most}
    return _SPAN.sub(lambda m: b'%b"%d"' % (m[1], ends[m[1].strip(b" =")]), tag)
