"""Cells of a sheet that rows or columns are put into: where they stand now, their formulas, what is new."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.offsets import CellOffsets, RowOffsets, SheetOffsets, tag_end
from xl_addin.xlsx.parts import attributes_of
from xl_addin.xlsx.references import shift_formula
from xl_addin.xlsx.rewrite import set_attributes, splice

_FORMULA = pattern(rb"(<[^>\s/]+)([^>]*?)(/?>)(?:(.*)(</[^>]*>))?\Z", re.DOTALL)


def formula_facts(element: bytes) -> dict[str, str]:
    """The attributes of a formula element."""
    return attributes_of(element[: tag_end(element, 0)].decode())


def move_areas(text: str, sheet: str, moves: Moves, *, grow: bool = True) -> str:
    """Ranges with blanks between them, moved; what is no range of cells stays."""
    out = []
    for ref in text.split(" "):
        try:
            area = a1.area(ref)
        except ValueError:
            out.append(ref)
            continue
        moved = moves.area(sheet, area, grow=grow)
        name = a1.area_name(moved) if ":" in ref or moved[:2] != moved[2:] else ""
        out.append(ref if moved == area else name or a1.cell_name(*moved[:2]))
    return " ".join(out)


def move_cells(data: bytes, offsets: SheetOffsets, sheet: str, moves: Moves) -> bytes:
    """The sheet's data with cells where they stand now, with their formulas, and what is new."""
    start, end = offsets.data_start, offsets.data_end
    formulas = _moved_formulas(offsets, sheet, moves)
    new_rows = moves.insertions(sheet, rows=True)
    new_columns = moves.insertions(sheet, rows=False)
    edits: list[tuple[int, int, bytes]] = []
    for number, row in offsets.rows.items():
        edits += _row_edits(data, number, row, formulas, sheet, moves)
        for each in new_columns:
            edits += _new_cells(
                row, moves.line(sheet, number, rows=True), each, sheet, moves, offsets.prefix
            )
    for each in new_rows:
        like = offsets.rows.get(each.like)
        if like is not None:
            after = [row.start for number, row in offsets.rows.items() if number >= each.at]
            at = min(after, default=max((row.end for row in offsets.rows.values()), default=end))
            first = moves.line(sheet, each.at, rows=True) - each.number
            line = b"".join(
                _blank_row(data, like, first + n, sheet, moves, offsets.prefix)
                for n in range(each.number)
            )
            edits.append((at, at, line))
    within = [(one - start, other - start, piece) for one, other, piece in edits]
    return splice(data[start:end], within)


def _row_edits(
    data: bytes,
    number: int,
    row: RowOffsets,
    formulas: Mapping[a1.Where, bytes],
    sheet: str,
    moves: Moves,
) -> list[tuple[int, int, bytes]]:
    now = moves.line(sheet, number, rows=True)
    wide = bool(moves.insertions(sheet, rows=False))
    edits = []
    if now != number or wide:
        values = {"r": str(now), **({"spans": None} if wide else {})}
        edits.append((row.start, row.inner, set_attributes(data[row.start : row.inner], values)))
    for column, spot in row.cells.items():
        there = now, moves.line(sheet, column, rows=False)
        if there != (number, column):
            inner = tag_end(data, spot.start)
            tag = set_attributes(data[spot.start : inner], {"r": a1.cell_name(*there)})
            edits.append((spot.start, inner, tag))
        text = formulas.get((number, column))
        if text is not None:
            at = data.index(spot.formula, spot.start)
            edits.append((at, at + len(spot.formula), text))
    return edits


def _blank_cell(where: a1.Where, style: str, x: str) -> bytes:
    return f'<{x}c r="{a1.cell_name(*where)}" s="{style}"/>'.encode() if style else b""


def _new_cells(
    row: RowOffsets, number: int, new: Insertion, sheet: str, moves: Moves, x: str
) -> list[tuple[int, int, bytes]]:
    """The cells of a new column in one row, as the column that it is to look like."""
    like = row.cells.get(new.like)
    if like is None or not like.style:
        return []
    after = [spot.start for column, spot in row.cells.items() if column >= new.at]
    at = min(after, default=max(spot.end for spot in row.cells.values()))
    first = moves.line(sheet, new.at, rows=False) - new.number
    line = b"".join(_blank_cell((number, first + n), like.style, x) for n in range(new.number))
    return [(at, at, line)]


def _blank_row(
    data: bytes, like: RowOffsets, number: int, sheet: str, moves: Moves, x: str
) -> bytes:
    """A row that looks like another and holds nothing."""
    gone = dict.fromkeys(("spans", "hidden", "collapsed"))
    tag = set_attributes(data[like.start : like.inner], {"r": str(number), **gone})
    opened = re.sub(rb"\s*/?>\Z", b">", tag)
    styles = {
        moves.line(sheet, column, rows=False): spot.style for column, spot in like.cells.items()
    }
    for each in moves.insertions(sheet, rows=False):
        if each.like in like.cells:
            first = moves.line(sheet, each.at, rows=False) - each.number
            styles |= dict.fromkeys(range(first, first + each.number), like.cells[each.like].style)
    cells = (_blank_cell((number, column), styles[column], x) for column in sorted(styles))
    return b"".join((opened, *cells, f"</{x}row>".encode()))


def _moved_formulas(offsets: SheetOffsets, sheet: str, moves: Moves) -> dict[a1.Where, bytes]:
    """The formula elements of a sheet that change, by where their cells stood."""
    found: dict[a1.Where, bytes] = {}
    groups: dict[str, list[tuple[a1.Where, CellOffsets]]] = {}
    for number in sorted(offsets.rows):
        for column, spot in sorted(offsets.rows[number].cells.items()):
            if not spot.formula:
                continue
            facts = formula_facts(spot.formula)
            if facts.get("t") == "shared":
                groups.setdefault(facts.get("si", ""), []).append(((number, column), spot))
                continue
            values: dict[str, str | None] = {
                key: move_areas(facts[key], sheet, moves, grow=False)
                for key in ("ref", "r1", "r2")
                if key in facts
            }
            text = _formula_text(spot.formula)
            after = _formula_element(spot.formula, values, moves.formula(text, sheet), text)
            if after != spot.formula:
                found[number, column] = after
    for members in groups.values():
        found |= _moved_group(members, sheet, moves)
    return found


def _formula_text(element: bytes) -> str:
    match = _FORMULA.match(element)
    return html.unescape((match[4] or b"").decode()) if match else ""


def _formula_element(
    element: bytes, values: Mapping[str, str | None], text: str, before: str
) -> bytes:
    inner = tag_end(element, 0)
    tag = set_attributes(element[:inner], values)
    if text == before:
        return tag + element[inner:]
    opened = re.sub(rb"\s*/>\Z", b">", tag)
    name = re.match(rb"<([^\s/>]+)", tag)
    close = b"</%b>" % (name[1] if name else b"f")
    return opened + escape(text).encode() + close


def _moved_group(
    members: list[tuple[a1.Where, CellOffsets]], sheet: str, moves: Moves
) -> dict[a1.Where, bytes]:
    """A formula that several cells share: shared on where all of them read alike, else one each."""
    where, spot = next(
        ((at, each) for at, each in members if _formula_text(each.formula)), members[0]
    )
    shared = _formula_text(spot.formula)
    texts = {at: shift_formula(shared, at[0] - where[0], at[1] - where[1]) for at, _ in members}
    moved = {at: moves.formula(text, sheet) for at, text in texts.items()}
    places = {at: moves.where(sheet, at) for at in texts}
    first = places[where]
    alike = all(
        moved[at] == shift_formula(moved[where], places[at][0] - first[0], places[at][1] - first[1])
        for at in moved
    )
    if not shared:
        return {}
    found = {}
    for at, each in members:
        text = _formula_text(each.formula)
        if alike:
            ref = formula_facts(each.formula).get("ref")
            values: dict[str, str | None] = (
                {"ref": move_areas(ref, sheet, moves, grow=False)} if ref else {}
            )
            after = _formula_element(each.formula, values, moved[at] if text else "", text)
        else:
            after = _formula_element(each.formula, dict.fromkeys(("t", "si", "ref")), moved[at], "")
        if after != each.formula:
            found[at] = after
    return found
