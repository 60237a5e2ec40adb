"""Rows and columns put into sheets that are open in Excel, and what Excel does not have grow with them."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Cell
from xl_addin.xlsx.moves import Insertion, Moves

if TYPE_CHECKING:
    import xlwings


def insert_each(sheet: xlwings.Sheet, moves: Moves, done: list[Insertion]) -> None:
    """Put them into one sheet, the last first, each with the look of the one it is told.

    ``done`` takes up each that is in, so that a stop leaves known what is.
    """
    if sheet.name.lower() in moves.sheets and sheet.api.FilterMode:
        sheet.api.ShowAllData()  # rows that a filter hides would not be copied from
    for rows in (True, False):
        for each in reversed(moves.insertions(sheet.name, rows=rows)):
            end = sheet.used_range.last_cell
            _lines(sheet, each, each.at, each.number, (a1.MAX_ROW, a1.MAX_COLUMN)).insert(
                "down" if rows else "right"
            )
            done.append(each)
            like = each.like + (each.number if each.like >= each.at else 0)
            source = _lines(sheet, each, like, 1, (end.row, end.column))
            target = _lines(sheet, each, each.at, each.number, (end.row, end.column))
            # Excel gives what is inserted the look of what stands above or to the left of it.
            if not rows:
                wide = source.column_width
                if wide is not None:
                    target.column_width = wide
                continue
            tall = source.row_height
            if tall is not None:
                target.row_height = tall
            for what in ("validation", *(() if each.like == each.at - 1 else ("formats",))):
                source.copy()
                target.paste(what)
            sheet.book.app.cut_copy_mode = False


def _lines(
    sheet: xlwings.Sheet, each: Insertion, at: int, count: int, most: tuple[int, int]
) -> xlwings.Range:
    """``count`` rows or columns from number ``at``, as far as ``most`` (row, column)."""
    last = at + count - 1
    return (
        sheet.range((at, 1), (last, most[1]))
        if each.rows
        else sheet.range((1, at), (most[0], last))
    )


def grow(
    book: xlwings.Book,
    names: Mapping[str, str],
    before: Mapping[str, Mapping[Where, Cell]],
    moves: Moves,
) -> tuple[Problem, ...]:
    """Have names and formulas that cover a whole list cover what was put at its end.

    ``names`` are what the names referred to before, ``before`` the cells of all sheets as they stood.
    Array formulas are left and told.
    """
    for name in book.names:
        text = names.get(name.name, "")
        grown = moves.formula(text, "")
        if grown != moves.formula(text, "", grow=False):
            name.refers_to = f"={grown}"
    left: list[Problem] = []
    for sheet, cells in before.items():
        for at, cell in cells.items():
            if cell.formula is None:
                continue
            grown = moves.formula(cell.formula, sheet)
            if grown == moves.formula(cell.formula, sheet, grow=False):
                continue
            where = moves.where(sheet, at)
            target = book.sheets[sheet].range(where)
            if target.api.HasArray:
                ref = a1.cell_name(*where)
                says = f"{sheet}!{ref}：这个数组公式没有包括新加的行或列，请核对：={cell.formula}"
                left.append(
                    make("formula-changed", says, sheet, ref, f"={cell.formula}", f"={grown}")
                )
            else:
                target.formula = f"={grown}"
    return tuple(left)
