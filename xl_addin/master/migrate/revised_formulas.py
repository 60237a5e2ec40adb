"""Formulas that this version lays down in another way, put where the former ones still stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from xl_addin.master.build.formulas import Positions, figure_formulas
from xl_addin.master.host.base import is_same_formula
from xl_addin.master.migrate.canvas import Canvas
from xl_addin.master.migrate.former import former_formulas
from xl_addin.model.problems import make
from xl_addin.model.records import WARNING, Problem
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import Where, cell_name
from xl_addin.xlsx.cells import Cell
from xl_addin.xlsx.elements import escape
from xl_addin.xlsx.formulas import SheetFormula, filled_cells, sheet_formulas
from xl_addin.xlsx.offsets import CellOffsets, find_offsets
from xl_addin.xlsx.patch import clear_values, set_cells
from xl_addin.xlsx.references import shift_formula

_SHARED = pattern(rb"""\st=["']shared["']""")

Cells = Mapping[str, Collection[Where]]
"""Cells by sheet name."""


class RevisedFormulas(NamedTuple):
    """How many formulas were replaced, by sheet, and the cells that staff changed and keep."""

    counts: dict[str, int]
    problems: tuple[Problem, ...]


class _Found(NamedTuple):
    """What a cell holds: ``text`` is its formula, None for none; ``own`` that it fills no other."""

    cell: Cell | None
    text: str | None
    own: bool


def revise_formulas(
    canvas: Canvas, positions: Positions, typed: Cells, given: Cells
) -> RevisedFormulas:
    """Put every formula that should stand in staff's master and does not.

    A formula that older layouts have there is replaced, and taken out where the program now types
    a number (``typed``); whatever else stands there is left and told. ``given`` are the cells that
    were added a moment ago.
    """
    wanted: dict[str, dict[Where, str | None]] = {}
    for sheet, cells in typed.items():
        wanted.setdefault(sheet, {}).update(dict.fromkeys(cells))
    for slot in figure_formulas(positions):
        wanted.setdefault(slot.sheet, {})[slot.where] = slot.formula.removeprefix("=")
    former = former_formulas(positions)
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for sheet, formulas in wanted.items():
        found = _read_cells(canvas, sheet, formulas)
        ours = given.get(sheet, ())
        changes = {at: text for at, text in formulas.items() if not _holds(found[at], text)}
        barred = {
            at: text
            for at, text in changes.items()
            if at not in ours and not _is_former(found[at], former.get((sheet, at), frozenset()))
        }
        put = {at: text for at, text in changes.items() if at not in barred}
        problems += (_problem(sheet, at, found[at], text) for at, text in barred.items())
        _put_formulas(canvas, sheet, put)
        if revised := put.keys() - set(ours):
            counts[sheet] = len(revised)
    return RevisedFormulas(counts, tuple(problems))


def _read_cells(canvas: Canvas, sheet: str, where: Iterable[Where]) -> dict[Where, _Found]:
    cells = canvas.book.sheet(sheet).cells
    slots = {at: slot for slot in sheet_formulas(canvas.book, sheet) for at in filled_cells(slot)}
    return {at: _found(cells.get(at), slots.get(at)) for at in where}


def _found(cell: Cell | None, slot: SheetFormula | None) -> _Found:
    if slot is None:
        return _Found(cell, None, own=True)
    top, left, bottom, right = slot.covers
    return _Found(cell, shift_formula(slot.text, *slot.offset), own=(top, left) == (bottom, right))


def _holds(found: _Found, text: str | None) -> bool:
    if text is None or found.text is None:
        return text is found.text
    return is_same_formula(found.text, text)


def _is_former(found: _Found, former: frozenset[str]) -> bool:
    """Whether a cell holds what older layouts have there; without a formula that is the program's."""
    if found.text is None:
        return not former
    return found.own and any(is_same_formula(found.text, each) for each in former)


def _problem(sheet: str, where: Where, found: _Found, text: str | None) -> Problem:
    at = cell_name(*where)
    holds = "" if found.cell is None else str(found.cell.value)
    there = holds if found.text is None else f"={found.text}"
    if text is None:
        says = (
            f"{sheet}!{at}：这一格现在由程序填数，里面是“{there}”，是改过的，没有动它；请清空这一格"
        )
        return make("formula-in-the-way", says, sheet, at, there, severity=WARNING)
    says = (
        f"{sheet}!{at}：这个版本在这里用公式 ={text}，现在是“{there or '空'}”，是改过的，没有动它；"
        "如不是有意改的，请改成这个公式"
    )
    return make("formula-changed", says, sheet, at, there, f"={text}", severity=WARNING)


def _put_formulas(canvas: Canvas, sheet: str, formulas: Mapping[Where, str | None]) -> None:
    if not formulas:
        return
    data = _spell_out_shared(canvas, sheet, formulas)
    prefix, rows = canvas.prefix(sheet), find_offsets(data).rows
    overrides: dict[Where, CellOffsets] = {}
    for (row, column), text in formulas.items():
        spot = rows[row].cells.get(column) if row in rows else None
        formula = b"" if text is None else f"<{prefix}f>{escape(text)}</{prefix}f>".encode()
        overrides[row, column] = CellOffsets(0, 0, spot.style if spot else "", formula)
    data = set_cells(data, dict.fromkeys(formulas), overrides)
    canvas.write(sheet, clear_values(data, formulas), formulas)
    canvas.formulas = True
    canvas.taken_out = canvas.taken_out or None in formulas.values()


def _spell_out_shared(canvas: Canvas, sheet: str, replaced: Collection[Where]) -> bytes:
    """The sheet with a text of its own for every formula that shares one with a cell replaced."""
    data = canvas.sheet(sheet)
    if not _SHARED.search(data):
        return data
    prefix, rows = canvas.prefix(sheet), find_offsets(data).rows
    pieces: list[tuple[int, int, bytes]] = []
    for slot in sheet_formulas(canvas.book, sheet):
        spot = rows[slot.where[0]].cells[slot.where[1]]
        if slot.where not in replaced and _SHARED.search(spot.formula):
            text = shift_formula(slot.text, *slot.offset)
            formula = f"<{prefix}f>{escape(text)}</{prefix}f>".encode()
            start = spot.start + data[spot.start : spot.end].index(spot.formula)
            pieces.append((start, start + len(spot.formula), formula))
    for start, end, formula in sorted(pieces, reverse=True):
        data = data[:start] + formula + data[end:]
    return data
