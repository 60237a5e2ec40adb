"""What a change of the sheets did to them, so that it can be taken back where the master went on since.

Rows and columns that the change put in are taken out again and the other cells that it changed get back
what they held. What staff typed elsewhere stays. The lists that are always written anew are left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from xl_addin.master.host.base import Filling, Host, Lines, is_same_formula
from xl_addin.model.folder import BACKUPS
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.sheets import AREAS, LISTED
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.cells import Cell, Value
from xl_addin.xlsx.moves import Insertion, Moves

if TYPE_CHECKING:
    from typing import Any

KEPT = 20
_VERSION = 1
_STEM = "变动"
_EVERYWHERE = (1, 1, a1.MAX_ROW, a1.MAX_COLUMN)


class Content(NamedTuple):
    """What somebody put into a cell: a value, or a formula's text (empty where it shares another's)."""

    value: Value
    is_formula: bool = False


_NOTHING = Content(None)


class Look(NamedTuple):
    """The named areas with their sheets, and the cells by sheet."""

    areas: dict[str, tuple[str, Area]]
    cells: dict[str, dict[Where, Content]]


class ChangedCell(NamedTuple):
    """A cell that the change altered, in the places after it."""

    sheet: str
    where: Where
    before: Content
    after: Content


class Record(NamedTuple):
    """What a change did: ``areas`` before and after, ``lines`` put in, what stands on these, other cells."""

    before: dict[str, tuple[str, Area]]
    after: dict[str, tuple[str, Area]]
    lines: Lines
    new: dict[str, dict[Where, Content]]
    changed: list[ChangedCell]


def look_at(host: Host, among: Collection[str] = ()) -> Look:
    """The sheets as they stand, but for what the lists say that are always written anew.

    Where ``among`` names sheets, the cells of no others.
    """
    areas: dict[str, tuple[str, Area]] = {}
    for name in AREAS:
        with suppress(Refused):  # what an older master does not have
            areas[name] = host.locate(name)
    lists = {sheet for name, (sheet, _) in areas.items() if name in LISTED}
    sheets = sorted({sheet for sheet, _ in areas.values() if not among or sheet in among} - lists)
    return Look(areas, {sheet: _contents(host, sheet) for sheet in sheets})


def _contents(host: Host, sheet: str) -> dict[Where, Content]:
    cells = host.cells(sheet, _EVERYWHERE, typed=True)
    return {at: found for at, cell in cells.items() if (found := _content(cell)) != _NOTHING}


def _content(cell: Cell | None) -> Content:
    if cell is None or (cell.formula is None and cell.value in (None, "")):
        return _NOTHING
    return Content(cell.value) if cell.formula is None else Content(cell.formula, is_formula=True)


def compare(before: Look, after: Look, batches: Sequence[Sequence[Insertion]]) -> Record:
    """What happened between two looks, with all that was put in between, in order."""
    lines = _final_lines(batches)
    new: dict[str, dict[Where, Content]] = {}
    changed: list[ChangedCell] = []
    for sheet, cells in after.cells.items():
        new[sheet] = {at: found for at, found in cells.items() if _is_new(lines, sheet, at)}
        was = {_afterwards(batches, sheet, at): c for at, c in before.cells.get(sheet, {}).items()}
        for at in sorted((was.keys() | cells.keys()) - new[sheet].keys()):
            one, other = was.get(at, _NOTHING), cells.get(at, _NOTHING)
            # A formula that stays goes with what it refers to, out as in.
            if one != other and not (one.is_formula and other.is_formula):
                changed.append(ChangedCell(sheet, at, one, other))
    return Record(before.areas, after.areas, lines, new, changed)


def _final_lines(batches: Sequence[Sequence[Insertion]]) -> Lines:
    """The numbers that the rows and columns have in the end, by (sheet, whether rows)."""
    found: dict[tuple[str, bool], set[int]] = {}
    for batch in batches:
        moves = Moves(batch)
        for (sheet, rows), numbers in found.items():
            found[sheet, rows] = {moves.line(sheet, number, rows=rows) for number in numbers}
        for each in batch:
            end = moves.line(each.sheet, each.at, rows=each.rows)
            found.setdefault((each.sheet, each.rows), set()).update(range(end - each.number, end))
    return {key: tuple(sorted(numbers)) for key, numbers in found.items()}


def _afterwards(batches: Sequence[Sequence[Insertion]], sheet: str, at: Where) -> Where:
    for batch in batches:
        at = Moves(batch).where(sheet, at)
    return at


def _is_new(lines: Lines, sheet: str, at: Where) -> bool:
    return at[0] in lines.get((sheet, True), ()) or at[1] in lines.get((sheet, False), ())


def take_back(host: Host, record: Record, *, rehearse: bool) -> tuple[list[str], list[Problem]]:
    """Take a change back; how many cells on which sheets, and the cells that staff changed since.

    Refused before anything is changed, with the cell that is in the way.
    """
    touched = (*(name for name, _ in record.lines), *(each.sheet for each in record.changed))
    now = look_at(host, {*touched, *(name for name, cells in record.new.items() if cells)})
    record = _remaining(record, now)
    _refuse_if_reshaped(now, record)
    _refuse_if_typed(now, record)
    back, left = [], []
    for each in record.changed:
        if _same(found := now.cells[each.sheet].get(each.where, _NOTHING), each.after):
            back.append(each)
        elif not _same(found, each.before):
            ref = a1.cell_name(*each.where)
            says = f"{each.sheet}!{ref}：撤销时发现这一格后来又被改过，没有动它；请核对"
            left.append(make("changed-since", says, each.sheet, ref, str(found.value)))
    host.check_removal(record.lines, {(each.sheet, each.where) for each in back})
    fillings = list(_fillings(back))
    if not rehearse:
        host.fill(fillings)
        host.remove(record.lines)
    removed = (
        f"{sheet}：{len(numbers)} {'行' if rows else '列'}"
        for (sheet, rows), numbers in record.lines.items()
    )
    cells = (f"{each.sheet}：{len(each.values) + len(each.formulas)} 格" for each in fillings)
    return [*removed, *cells], left


def _fillings(back: Sequence[ChangedCell]) -> Iterator[Filling]:
    found: dict[str, Filling] = {}
    for sheet, where, before, _ in back:
        filling = found.setdefault(sheet, Filling(sheet, {}, {}))
        if before.is_formula and before.value:
            filling.formulas[where] = f"={before.value}"
        elif not before.is_formula:
            filling.values[where] = before.value
    yield from found.values()


def _remaining(record: Record, now: Look) -> Record:
    """What is still to be taken back: a master closed without saving, or an undo cut off, leaves less."""
    grown = {sheet for sheet, _ in record.lines}
    undone = {
        sheet
        for sheet in grown
        if (was := _areas_on(record.before, sheet)) != _areas_on(record.after, sheet)
        and _areas_on(now.areas, sheet) == was
    }
    return Record(
        record.before,
        {name: place for name, place in record.after.items() if place[0] not in undone},
        {key: numbers for key, numbers in record.lines.items() if key[0] not in undone},
        {sheet: cells for sheet, cells in record.new.items() if sheet not in undone},
        [each for each in record.changed if each.sheet not in undone],
    )


def _areas_on(areas: Mapping[str, tuple[str, Area]], sheet: str) -> dict[str, tuple[str, Area]]:
    return {name: place for name, place in areas.items() if place[0] == sheet}


def _refuse_if_reshaped(now: Look, record: Record) -> None:
    for name, place in record.after.items():
        if now.areas.get(name) != place:
            sheet, area = now.areas.get(name, place)
            raise Refused(
                f"“{sheet}”在这次变动以后又有行列增减或移动（那时是 {a1.area_name(place[1])}，现在是 "
                f"{a1.area_name(area)}），不能撤销；请先把它改回那时的样子，再点一次“撤销”"
            )


def _refuse_if_typed(now: Look, record: Record) -> None:
    for sheet, cells in record.new.items():
        here = {
            at: c for at, c in now.cells.get(sheet, {}).items() if _is_new(record.lines, sheet, at)
        }
        for at in sorted(cells.keys() | here.keys()):
            was, found = cells.get(at, _NOTHING), here.get(at, _NOTHING)
            if not _same(found, was):
                ref = a1.cell_name(*at)
                raise Refused(
                    f"{sheet}!{ref}：这次变动加的行列里后来填了“{_shown(found)}”，撤销会把它一起去掉，没有撤销；"
                    f"要留的请先记到别处，再把这一格改回“{_shown(was)}”，然后再点一次“撤销”"
                )


def _shown(content: Content) -> str:
    return f"={content.value}" if content.is_formula else str(content.value or "空")


def _same(one: Content, other: Content) -> bool:
    if one.is_formula and other.is_formula:
        texts = str(one.value), str(other.value)
        return "" in texts or is_same_formula(*texts)
    numbers = [each for each in (one.value, other.value) if isinstance(each, int | float)]
    if len(numbers) == 2:  # a program that saves 15 digits gives back nearly what it was given
        return abs(numbers[0] - numbers[1]) <= 1e-12 * abs(numbers[0])
    return one == other


def save_record(folder: Path, run: int, record: Record) -> None:
    """Keep what a run did; one that is made again after it was cut off has nothing to add."""
    import zlib

    path = _path(folder, run)
    if path.exists() and not record.lines:
        return
    cells = {
        sheet: [[*at, *content] for at, content in found.items()]
        for sheet, found in record.new.items()
    }
    data = {
        "version": _VERSION,
        "before": record.before,
        "after": record.after,
        "lines": [[sheet, rows, numbers] for (sheet, rows), numbers in record.lines.items()],
        "new": cells,
        "changed": record.changed,
    }
    path.parent.mkdir(exist_ok=True)
    atomic.write(path, zlib.compress(json.dumps(data, ensure_ascii=False).encode()))
    kept = [
        name
        for name in held.names(path.parent)
        if name.startswith(f"{_STEM}-") and name.endswith(".json.z")
    ]
    for old in kept[:-KEPT]:
        held.unlink(path.parent / old)


def load_record(folder: Path, run: int) -> Record | None:
    """What a run did, None where that is not kept."""
    import zlib

    try:
        found = json.loads(zlib.decompress(held.read_bytes(_path(folder, run))))
    except (OSError, zlib.error, ValueError):
        return None
    if found.get("version") != _VERSION:
        return None
    return Record(
        _areas(found["before"]),
        _areas(found["after"]),
        {(sheet, rows): tuple(numbers) for sheet, rows, numbers in found["lines"]},
        {
            sheet: {(row, column): Content(*content) for row, column, *content in cells}
            for sheet, cells in found["new"].items()
        },
        [
            ChangedCell(sheet, tuple(at), Content(*before), Content(*after))
            for sheet, at, before, after in found["changed"]
        ],
    )


def _areas(found: Mapping[str, Any]) -> dict[str, tuple[str, Area]]:
    return {name: (sheet, (*area,)) for name, (sheet, area) in found.items()}


def _path(folder: Path, run: int) -> Path:
    return folder / BACKUPS / f"{_STEM}-{run:06d}.json.z"
