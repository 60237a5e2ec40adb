"""Rows and columns put into sheets that are open in Excel, and what Excel does not have grow with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from xl_addin.master.host.base import Lines
from xl_addin.master.host.carrying import BOOK, Carrier, Held, Steps
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.system.errors import Refused
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.moves import Insertion, Moves
from xl_addin.xlsx.references import move_references

_DOWN, _RIGHT = -4121, -4161  # XlInsertShiftDirection
_UP, _LEFT = -4162, -4159  # XlDeleteShiftDirection
_LIKE_BEFORE = 0  # xlFormatFromLeftOrAbove
_VALIDATION, _FORMATS = 6, -4122  # XlPasteType
_NO_OPERATION = -4142  # xlPasteSpecialOperationNone


def show_all(carrier: Carrier, sheets: Iterable[str]) -> None:
    """Have these sheets show the rows that a filter hides: they would not be copied from."""
    steps = Steps()
    asked = [(name, steps.ask(steps.sheet(name), "FilterMode")) for name in dict.fromkeys(sheets)]
    answers = carrier.carried(steps)
    steps = Steps()
    for name, step in asked:
        if answers[step]:
            steps.do(steps.sheet(name), "ShowAllData")
    carrier.carried(steps)


def insert_each(
    carrier: Carrier, name: str, used: Where, moves: Moves, done: list[Insertion]
) -> None:
    """Put them into the sheet of this name, the last first, each with the look of the one it is told.

    ``used`` are its last row and column; ``done`` takes up each that is in, so that a stop leaves known
    what is. Raises Refused.
    """
    steps, put = Steps(name), list[tuple[Held, Insertion]]()
    sheet = steps.sheet(name)
    for rows in (True, False):
        for each in reversed(moves.insertions(name, rows=rows)):
            new = _lines(steps, sheet, each, each.at, each.number, (a1.MAX_ROW, a1.MAX_COLUMN))
            step = steps.do(new, "Insert", _DOWN if rows else _RIGHT, _LIKE_BEFORE)
            put.append((step, each))
            used = used[0] + each.number * rows, used[1] + each.number * (not rows)
            like = each.like + (each.number if each.like >= each.at else 0)
            source = _lines(steps, sheet, each, like, 1, used)
            target = _lines(steps, sheet, each, each.at, each.number, used)
            # Excel gives what is inserted the look of what stands above or to the left of it.
            size = "RowHeight" if rows else "ColumnWidth"
            steps.let(target, size, steps.get(source, size))
            if not rows:
                continue
            for what in (_VALIDATION, *(() if each.like == each.at - 1 else (_FORMATS,))):
                steps.do(source, "Copy")
                steps.do(target, "PasteSpecial", what, _NO_OPERATION, False, False)
    answers = carrier.carry(steps)
    done += [each for step, each in put if answers.did(step)]
    answers.raise_failed(steps)


def _lines(
    steps: Steps, sheet: Held, each: Insertion, at: int, count: int, most: tuple[int, int]
) -> Held:
    """``count`` rows or columns from number ``at``, as far as ``most`` (row, column)."""
    last = at + count - 1
    area = (at, 1, last, most[1]) if each.rows else (1, at, most[0], last)
    return steps.get(sheet, "Range", a1.area_name(area))


def grow(
    carrier: Carrier, names: Sequence[str], before: Mapping[str, Mapping[Where, str]], moves: Moves
) -> tuple[tuple[Problem, ...], dict[str, dict[Where, str]]]:
    """Have names and formulas that cover a whole list cover what was put at its end.

    ``names`` is what all there are referred to before, ``before`` the formulas of all sheets as they stood.
    Array formulas are left and told. And the sheets on which cells stand elsewhere or formulas read otherwise
    than before, with these formulas (with ``=``).
    """
    steps = Steps()
    every = steps.get(BOOK, "Names")
    for number, text in enumerate(names, 1):
        grown = moves.formula(text, "")
        if grown != moves.formula(text, "", grow=False):
            steps.let(steps.do(every, "Item", number), "RefersTo", f"={grown}")
    carrier.carried(steps)
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
        for at in put_formulas(carrier, sheet, formulas):
            ref, old = a1.cell_name(*at), before_it[at]
            says = f"{sheet}!{ref}：这个数组公式没有包括新加的行或列，请核对：{old}"
            left.append(make("formula-changed", says, sheet, ref, old, formulas[at]))
    return tuple(left), changed


def put_formulas(carrier: Carrier, name: str, formulas: Mapping[Where, str]) -> list[Where]:
    """Put formulas into cells of a sheet, area by area; those of array formulas are given back, and stay."""
    waiting, free, left = list(a1.rectangles(formulas)), list[a1.Area](), list[Where]()
    while waiting:
        steps = Steps(name)
        sheet = steps.sheet(name)
        asked = [
            (area, steps.ask(steps.get(sheet, "Range", a1.area_name(area)), "HasArray"))
            for area in waiting
        ]
        answers, waiting = carrier.carried(steps), []
        for area, step in asked:
            if answers[step] is None:  # some of them are
                waiting += _halves(area)
            elif answers[step]:
                left += a1.cells_in(area)
            else:
                free.append(area)
    steps = Steps(name)
    sheet = steps.sheet(name)
    for area in free:
        top, across, bottom, right = area
        rows = [
            [formulas[row, column] for column in range(across, right + 1)]
            for row in range(top, bottom + 1)
        ]
        steps.let(steps.get(sheet, "Range", a1.area_name(area)), "Formula", rows)
    carrier.carried(steps)
    return left


def _halves(area: a1.Area) -> tuple[a1.Area, a1.Area]:
    top, left, bottom, right = area
    if bottom > top:
        half = (top + bottom) // 2
        return (top, left, half, right), (half + 1, left, bottom, right)
    half = (left + right) // 2
    return (top, left, bottom, half), (top, half + 1, bottom, right)


def remove_lines(carrier: Carrier, name: str, numbers: Sequence[int], *, rows: bool) -> None:
    """Take whole rows (else columns) out of the sheet of this name, the last first."""
    steps = Steps(name)
    sheet = steps.sheet(name)
    for first, last in reversed(list(_runs(numbers))):
        area = (first, 1, last, a1.MAX_COLUMN) if rows else (1, first, a1.MAX_ROW, last)
        steps.do(steps.get(sheet, "Range", a1.area_name(area)), "Delete", _UP if rows else _LEFT)
    carrier.carried(steps)


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
    lines: Lines,
    formulas: Mapping[tuple[str, Where], str],
    names: Iterable[tuple[int | str, str]],
    called: Callable[[int], str] = str,
) -> None:
    """Refuse to take out what a formula or a name elsewhere refers to and nothing else.

    ``names`` are names, or numbers whose names ``called`` tells, each with what it refers to.
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
            known = name if isinstance(name, str) else called(name)
            raise Refused(
                f"名称“{known}”指的是这次变动加的行列（{text}），没有撤销；"
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
