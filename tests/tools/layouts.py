"""What a master still has otherwise than a new one of the same programme: of everything that is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.worksheet import Worksheet

from xl_addin.master.build.workbook import lay_out
from xl_addin.master.host.file import FileHost
from xl_addin.master.migrate.counterpart import Counterpart
from xl_addin.master.migrate.revised_rules import rule_key
from xl_addin.master.read.blocks import find_block
from xl_addin.master.read.config import read_config
from xl_addin.model.sheets import (
    BOARD_NOTE,
    FIGURES_BLOCK,
    LETTERS_BLOCK,
    MASTER_SHEETS,
    VARIANCE_SHEET,
    NamedArea,
)
from xl_addin.xlsx import a1
from xl_addin.xlsx.package import pack
from xl_addin.xlsx.workbook import Workbook

TITLED = [(1, 3), (3, 3)]
Fact = tuple[str, str, str, str, str]
"""Sheet and cell of the new master, what differs, what the new one has and what the other has."""


def layout_differences(path: Path) -> Iterator[Fact]:
    """Where a master differs from a new one in texts, formats, rules and lists to choose from.

    Numbers, what staff type and where things stand are not compared.
    """
    host = FileHost(path)
    fresh = path.with_name("fresh.xlsm")
    fresh.write_bytes(pack(lay_out(read_config(host)).values()))
    new, mine = (Workbook.open(each.read_bytes()) for each in (fresh, path))
    counterpart = Counterpart(new, mine, {})
    books = load_workbook(fresh), load_workbook(path)
    fresh.unlink()
    for spec in MASTER_SHEETS:
        home = counterpart.sheets[spec.name]
        sheets = books[0][spec.name], books[1][home]
        facts = [dict(_facts(sheet)) for sheet in sheets]
        for row, column in sorted(new.sheet(spec.name).cells.keys() | facts[0].keys()):
            where = counterpart.place(spec.name.lower(), (row, column))[1]
            mine_facts = facts[1].get(where, {})
            if spec.name == VARIANCE_SHEET and (row, column) in TITLED:
                # In older masters the lines over a block begin in its first column, and stay there.
                mine_facts = facts[1].get((where[0], where[1] - 2), {})
            filled = any(_is_filled(new, area, (row, column)) for area in spec.areas)
            for kind, value in facts[0].get((row, column), {}).items():
                if not (filled and kind == "text") and value != mine_facts.get(kind, ""):
                    at = a1.cell_name(row, column)
                    yield spec.name, at, kind, value, mine_facts.get(kind, "")


def _is_filled(new: Workbook, area: NamedArea, where: a1.Where) -> bool:
    """Whether recompute or staff fill a cell of the new master."""
    top, left, bottom, right = find_block(new, area.name).area
    letters = area.name == LETTERS_BLOCK
    if area.name == BOARD_NOTE:
        return where == (top, left)
    keys = 0 if area.name == FIGURES_BLOCK else 2 - letters  # columns that say what a row is
    inside = top < where[0] <= bottom and left + keys <= where[1] <= right
    return inside and (area.recomputed or letters)


def _facts(sheet: Worksheet) -> Iterator[tuple[tuple[int, int], dict[str, str]]]:
    rules: dict[tuple[int, int], list[str]] = {}
    for area in sheet.conditional_formatting:
        for rule in sorted(area.rules, key=lambda each: each.priority):
            key = rule_key("|".join(rule.formula or [])) + f" {rule.type} {rule.operator or ''}"
            dxf = rule.dxf or DifferentialStyle()  # a bar in a cell has none
            code = dxf.numFmt.formatCode if dxf.numFmt else ""
            look = (code, dxf.font, dxf.fill, dxf.border)
            for where in _cells(str(area.sqref)):
                rules.setdefault(where, []).append(f"{key} {rule.stopIfTrue} {look}")
    choices = {
        where: f"{each.type} {each.formula1} {each.formula2} {each.error}"
        for each in sheet.data_validations.dataValidation
        if not str(each.formula1).startswith(("'", "="))
        for where in _cells(str(each.sqref))
    }
    for row in sheet.iter_rows():
        for cell in row:
            where = (cell.row, cell.column)
            found = {
                "rules": "\n".join(sorted(rules.get(where, []))),
                "choices": choices.get(where, ""),
            }
            if cell.has_style:
                look = (cell.font, cell.fill, cell.border, cell.alignment, cell.number_format)
                found["style"] = repr(look)
            if isinstance(cell.value, str) and not cell.value.startswith("="):
                found["text"] = cell.value
            yield where, found


def _cells(sqref: str) -> Iterator[tuple[int, int]]:
    for ref in sqref.split():
        top, left, bottom, right = a1.area(ref)
        # A list is reserved for thousands of rows; what holds for the first hundred holds for all.
        yield from a1.cells_in((top, left, min(bottom, top + 100), right))
