"""Rows and columns put into sheets that are open in Excel, and what Excel does not have grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xl_addin.master.host.base import Lines
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.references import move_references

if TYPE_CHECKING:
    from typing import Any

    import xlwings


def insert_each(
    name: str, sheet: xlwings.Sheet, used: Where, moves: Moves, done: list[Insertion]
) -> None:
    """Put them into the sheet of this name, the last first, each with the look of the one it is told.

    ``used`` are its last row and column; ``done`` takes up each that is in, so that a stop leaves known
    what is.
    """
    if sheet.api.FilterMode:
        sheet.api.ShowAllData()  # rows that a filter hides would not be copied from
    for rows in (True, False):
        for each in reversed(moves.insertions(name, rows=rows)):
            _lines(sheet, each, each.at, each.number, (a1.MAX_ROW, a1.MAX_COLUMN)).insert(
                "down" if rows else "right"
            )
            done.append(each)
            used = used[0] + each.number * rows, used[1] + each.number * (not rows)
            like = each.like + (each.number if each.like >= each.at else 0)
            source = _lines(sheet, each, like, 1, used)
            target = _lines(sheet, each, each.at, each.number, used)
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


def _lines(
    sheet: xlwings.Sheet, each: Insertion, at: int, count: int, most: tuple[int, int]
) -> xlwings.Range:
    """``count`` rows or columns from number ``at``, as far as ``most`` (row, column)."""
    last = at + count - 1
    area = (at, 1, last, most[1]) if each.rows else (1, at, most[0], last)
    return sheet.range(a1.area_name(area))


def grow(
    sheets: Mapping[str, xlwings.Sheet],
    names: Iterable[tuple[Any, str]],
    before: Mapping[str, Mapping[Where, str]],
    moves: Moves,
) -> tuple[tuple[Problem, ...], dict[str, dict[Where, str]]]:
    """Have names and formulas that cover a whole list cover what was put at its end.

    ``names`` are all there are with what they referred to before, ``before`` the formulas of all sheets
    as they stood. Array formulas are left and told. And the sheets on which cells stand elsewhere or
    formulas read otherwise than before, with these formulas (with ``=``).
    """
    for name, text in names:
        grown = moves.formula(text, "")
        if grown != moves.formula(text, "", grow=False):
            name.RefersTo = f"={grown}"
    left: list[Problem] = []
    changed = {sheet: dict[Where, str]() for sheet in before if sheet.lower() in moves.sheets}
    for sheet, found in before.items():
        formulas, before_it = dict[Where, str](), dict[Where, str]()
        for at, formula in found.items():
            grown, gone = moves.formula(formula, sheet), moves.formula(formula, sheet, grow=False)
            where = moves.where(sheet, at)
            if grown != formula:
                changed.setdefault(sheet, {})[where] = f"={grown}"
            if grown != gone:
                formulas[where], before_it[where] = f"={grown}", f"={formula}"
        for at in put_formulas(sheets[sheet].api, formulas) if formulas else ():
            ref, old = a1.cell_name(*at), before_it[at]
            says = f"{sheet}!{ref}：这个数组公式没有包括新加的行或列，请核对：{old}"
            left.append(make("formula-changed", says, sheet, ref, old, formulas[at]))
    return tuple(left), changed


def put_formulas(sheet: Any, formulas: Mapping[Where, str]) -> list[Where]:
    """Put formulas into cells, area by area; those of array formulas are given back, and stay."""
    return [at for area in a1.rectangles(formulas) for at in _put_area(sheet, area, formulas)]


def _put_area(sheet: Any, area: a1.Area, formulas: Mapping[Where, str]) -> Iterator[Where]:
    top, left, bottom, right = area
    cells = sheet.Range(a1.area_name(area))
    arrays: bool | None = cells.HasArray  # None where some of them are
    if arrays:
        yield from a1.cells_in(area)
    elif arrays is not None:
        cells.Formula = [
            [formulas[row, column] for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]
    else:
        half = (top + bottom) // 2 if bottom > top else (left + right) // 2
        parts = (
            ((top, left, half, right), (half + 1, left, bottom, right))
            if bottom > top
            else ((top, left, bottom, half), (top, half + 1, bottom, right))
        )
        for part in parts:
            yield from _put_area(sheet, part, formulas)


def remove_lines(sheet: xlwings.Sheet, numbers: Sequence[int], *, rows: bool) -> None:
    """Take whole rows (else columns) out of one sheet, the last first."""
    if sheet.api.FilterMode:
        sheet.api.ShowAllData()
    for first, last in reversed(list(_runs(numbers))):
        area = (first, 1, last, a1.MAX_COLUMN) if rows else (1, first, a1.MAX_ROW, last)
        sheet.range(a1.area_name(area)).delete("up" if rows else "left")


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of numbers that follow each other."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def refuse_if_referred_to(
    lines: Lines, formulas: Mapping[tuple[str, Where], str], names: Iterable[tuple[Any, str]]
) -> None:
    """Refuse to take out what a formula or a name elsewhere refers to and nothing else.

    A range that goes beyond them shrinks, as it grew.
    """
    gone = {(sheet.lower(), rows): frozenset(numbers) for (sheet, rows), numbers in lines.items()}
    for (sheet, at), text in formulas.items():
        there = (at[0] in lines.get((sheet, True), ())) or (at[1] in lines.get((sheet, False), ()))
        if not there and _loses(text, sheet, gone):
            ref = a1.cell_name(*at)
            raise Refused(
                f"{sheet}!{ref}：公式 ={text} 用到这次变动加的行列，撤销以后它会变成 #REF!，没有撤销；"
                "请先改掉或清空这个公式，再点一次“撤销”"
            )
    for name, text in names:
        if _loses(text, "", gone):
            called = name if isinstance(name, str) else name.Name
            raise Refused(
                f"名称“{called}”指的是这次变动加的行列（{text}），没有撤销；"
                "请先在“公式 > 名称管理器”里改掉或删除它，再点一次“撤销”"
            )


def _loses(text: str, own: str, gone: Mapping[tuple[str, bool], frozenset[int]]) -> bool:
    """Whether one of the ranges that a text names lies wholly in what goes."""
    found = False

    def look(sheet: str, first: int, last: int, rows: bool, _: bool) -> tuple[int, int]:
        nonlocal found
        numbers = gone.get((sheet, rows), frozenset())
        found = found or (first in numbers and all(n in numbers for n in range(first, last + 1)))
        return first, last

    move_references(text, own, look)
    return found
