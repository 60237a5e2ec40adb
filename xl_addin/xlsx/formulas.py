"""The formulas of a workbook as they stand on its sheets, and what they can name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.references import shift_formula
from xl_addin.xlsx.workbook import Workbook
from xl_addin.xlsx.xmlreader import local_name, read_tree

_ELEMENT = pattern(rb"<[^>\s/]+([^>]*?)/?>(?:(.*)</[^>]*>)?\Z", re.DOTALL)
_ATTRIBUTE = pattern(r'([\w:]+)="([^"]*)"')


class SheetFormula(NamedTuple):
    """A formula as it stands on a sheet.

    ``covers`` is all that it fills, itself included. ``text`` is the formula of the cell that it shares
    it with, if it does, and ``offset`` by how many rows and columns it stands away from that; ``table``
    says that it is a data table of what-if analysis.
    """

    sheet: str
    where: Where
    covers: Area
    text: str
    offset: Where = (0, 0)
    table: bool = False


class ExcelTable(NamedTuple):
    """A table of a sheet: where it stands and the names of its columns, in lower case."""

    sheet: str
    area: Area
    columns: tuple[str, ...]

    def column(self, name: str) -> Area:
        """The area of one column, or all of it where there is no such column."""
        if name not in self.columns:
            return self.area
        top, left, bottom, _ = self.area
        at = left + self.columns.index(name)
        return top, at, bottom, at


class FormulaNames(NamedTuple):
    """What formulas can name. Everything in lower case but the sheets' own spelling in ``sheets``."""

    sheets: tuple[str, ...]
    names: dict[tuple[str, str], str]
    tables: dict[str, ExcelTable]


def sheet_formulas(workbook: Workbook, sheet: str) -> Iterator[SheetFormula]:
    """Every formula of a sheet, those that share another's text with what they share."""
    rows = find_offsets(workbook.part(workbook.sheet_part(sheet))).rows
    shared: dict[str, tuple[Where, str]] = {}
    for row in sorted(rows):
        for column, spot in sorted(rows[row].cells.items()):
            match = _ELEMENT.match(spot.formula) if spot.formula else None
            if match is not None:
                facts = dict(_ATTRIBUTE.findall(match[1].decode()))
                text = html.unescape((match[2] or b"").decode())
                yield _sheet_formula(sheet, (row, column), facts, text, shared)


def _sheet_formula(
    sheet: str,
    where: Where,
    facts: Mapping[str, str],
    text: str,
    shared: dict[str, tuple[Where, str]],
) -> SheetFormula:
    kind = facts.get("t", "normal")
    if kind == "shared":
        if text:
            shared[facts.get("si", "")] = (where, text)
        first, text = shared.get(facts.get("si", ""), (where, text))
        return SheetFormula(
            sheet, where, (*where, *where), text, (where[0] - first[0], where[1] - first[1])
        )
    covers = (*where, *where)
    if kind in ("array", "dataTable") and facts.get("ref"):
        covers = a1.area(facts["ref"])
    return SheetFormula(sheet, where, covers, text, table=kind == "dataTable")


def filled_cells(slot: SheetFormula) -> Iterator[Where]:
    """Every cell that the formula fills."""
    top, left, bottom, right = slot.covers
    yield slot.where
    for row in range(top, bottom + 1):
        yield from ((row, column) for column in range(left, right + 1))


def formula_texts(workbook: Workbook, sheet: str) -> dict[Where, str]:
    """The formula of every cell that one fills, as it would be written in that very cell."""
    found: dict[Where, str] = {}
    for slot in sheet_formulas(workbook, sheet):
        text = shift_formula(slot.text, *slot.offset) if slot.offset != (0, 0) else slot.text
        found |= dict.fromkeys(filled_cells(slot), text)
    return found


def read_names(workbook: Workbook) -> FormulaNames:
    """Sheets in tab order, names with the sheet they belong to, tables."""
    sheets: list[str] = []
    names: dict[tuple[str, str], str] = {}
    for element in read_tree(workbook.part(workbook.main_part)).iter():
        kind = local_name(element.tag)
        if kind == "sheet":
            sheets.append(element.get("name", "").lower())
        elif kind == "definedName":
            scope = element.get("localSheetId", "")
            owner = sheets[int(scope)] if scope.isdigit() and int(scope) < len(sheets) else ""
            names[owner, element.get("name", "").lower()] = element.text or ""
    return FormulaNames(tuple(sheets), names, dict(_tables(workbook)))


def _tables(workbook: Workbook) -> Iterator[tuple[str, ExcelTable]]:
    for entry in workbook.entries:
        for kind, target in workbook.links(entry.part).values():
            if kind == "table" and workbook.has_part(target):
                name, area, columns = _table(workbook.part(target))
                yield name, ExcelTable(entry.name.lower(), area, columns)


def _table(data: bytes) -> tuple[str, Area, tuple[str, ...]]:
    """Name, area and columns of a table's part (ECMA-376 part 1, section 18.5.1.2)."""
    root = read_tree(data)
    columns = [
        part.get("name", "") for part in root.iter() if local_name(part.tag) == "tableColumn"
    ]
    name = root.get("displayName", "") or root.get("name", "")
    area = a1.area(root.get("ref", "A1"))
    return name.lower(), area, tuple(column.lower() for column in columns)
