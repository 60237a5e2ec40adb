"""Blocks of the master: found by their defined names, rows and columns in them by their keys.

Staff insert rows and columns, rename and reorder sheets; nothing here knows an address beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from xl_addin.model.folder import MASTER
from xl_addin.model.names import fold
from xl_addin.model.problems import make
from xl_addin.model.records import Problem
from xl_addin.model.sheets import (
    AREAS,
    DEFINED_NAMES,
    DISTRICTS_SHEET,
    HOMES,
    LAYOUT,
    PUBLISHED_KEY,
    TOTAL_KEY,
)
from xl_addin.system.errors import Outdated, Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.cells import DATE, NUM, Cell
from xl_addin.xlsx.values import plain_text, quote
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from xl_addin.master.read.matrix import Matrix


class Block(NamedTuple):
    """A named range. ``cells`` are those in it that hold something, by absolute (row, column)."""

    name: str
    sheet: str
    area: a1.Area
    cells: dict[tuple[int, int], Cell]

    def at(self, where: tuple[int, int]) -> str:
        """``任务表!C9``, as messages name a cell."""
        return f"{self.sheet}!{a1.cell_name(*where)}"

    def problem(
        self, code: str, where: tuple[int, int], says: str, expected: str = "", severity: str = ""
    ) -> Problem:
        """What is wrong with one cell of this block."""
        cell = self.cells.get(where)
        found = "" if cell is None else quote(cell)
        message = f"{self.at(where)}：{says}"
        cell_name = a1.cell_name(*where)
        return make(code, message, self.sheet, cell_name, found, expected, severity)


def outdated_layout_text(lacking: str) -> str:
    """What to say of a master that lacks what came with a later layout."""
    return f"{MASTER} 是较早版本建的，没有{lacking}；请保存并关闭主表，运行 xl-addin attach 补上"


def row_advice(since: int) -> str:
    """What to do about a row of the program's own that is gone; it came with the layout ``since``."""
    if since > 1:
        return "较早版本建的主表没有它，可以保存并关闭主表，运行 xl-addin attach 补上"
    return "请恢复这一行"


def find_area(names: Mapping[str, str], sheets: Collection[str], name: str) -> tuple[str, a1.Area]:
    """The sheet and area behind a defined name. Raises Refused when it is gone or points nowhere.

    Raises Outdated when it came with a later layout than the first, and the master never had it.
    """
    home = DEFINED_NAMES.get(name, "")
    advice = "请撤销刚才的删除，或从“备份”文件夹恢复主表"
    reference = _reference(names, name)
    if reference is None and name in HOMES and HOMES[name].since > 1:
        raise Outdated(outdated_layout_text(f"“{home}”工作表"))
    if reference is None:
        raise Refused(f"主表：找不到名称 {name}（原在“{home}”工作表）；{advice}")
    try:
        sheet, area = a1.split_reference(reference)
    except ValueError:
        sheet, area = "", (0, 0, 0, 0)
    if sheet not in sheets:
        said = f"主表：名称 {name}（原在“{home}”工作表）指向 {reference}，那里已经被删除；{advice}"
        raise Refused(said)
    return sheet, area


def find_block(workbook: Workbook, name: str) -> Block:
    """The block behind a defined name. Raises Refused when the name is gone or points nowhere."""
    sheet, area = find_area(workbook.names, workbook.sheet_names, name)
    top, left, bottom, right = area
    cells = {
        where: cell
        for where, cell in workbook.sheet(sheet).cells.items()
        if top <= where[0] <= bottom and left <= where[1] <= right
    }
    return Block(name, sheet, area, cells)


def _reference(names: Mapping[str, str], name: str) -> str | None:
    exact = names.get(name)
    if exact is not None:
        return exact
    return next((ref for key, ref in names.items() if key.lower() == name.lower()), None)


def key_text(cell: Cell | None) -> str:
    """A key as written: a code typed as a number is the same code."""
    if cell is None or cell.value is None:
        return ""
    return plain_text(quote(cell))


def locate_matrix(block: Block) -> tuple[Matrix, tuple[Problem, ...]]:
    """Where the rows and columns of a block stand, and the keys that stand there twice."""
    from xl_addin.master.read.matrix import Matrix

    top, left, bottom, right = block.area
    problems: list[Problem] = []
    across = _keys(block, [(top, column) for column in range(left + 1, right + 1)], problems)
    down = _keys(block, [(row, left) for row in range(top + 1, bottom + 1)], problems)
    columns = {key: where[1] for key, where in across.items()}
    rows = {key: where[0] for key, where in down.items()}
    total = rows.pop(TOTAL_KEY, 0)
    published = rows.pop(PUBLISHED_KEY, 0)
    return Matrix(block.sheet, top, left, rows, columns, total, published, bottom), tuple(problems)


def _keys(
    block: Block, places: Sequence[tuple[int, int]], problems: list[Problem]
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for where in places:
        key = key_text(block.cells.get(where))
        if key in found:
            first = a1.cell_name(*found[key])
            says = f"“{key}”在 {first} 已经有了，不知道以哪个为准；请删去多余的一个"
            problems.append(block.problem("code-twice", where, says))
        elif key:
            found[key] = where
    return found


def missing_keys(
    block: Block, found: Matrix, rows: Collection[str], columns: Collection[str]
) -> Iterator[Problem]:
    """Rows and columns that a block must have and has not: their figures would be left out."""
    corner = (found.key_row, found.key_column)
    for key in rows:
        if key not in found.rows:
            says = f"这张表没有代码为“{key}”的行；可以点“登记变动”补上"
            yield block.problem("row-missing", corner, says, key)
    area = AREAS.get(block.name)
    for key in columns:
        if key not in found.columns:
            says = f"这张表没有代码为“{key}”的列；可以点“登记变动”补上"
            if area is not None and area.came_later(key):
                says = f"这张表没有“{key}”列；{row_advice(LAYOUT)}"
            yield block.problem("column-missing", corner, says, key)


def foreign_rows(block: Block, found: Matrix, rows: Collection[str]) -> Iterator[Problem]:
    """Rows of a matrix that would add to its total what is no district's, or miss being added."""
    if not found.total_row:
        where = (found.end_row, found.key_column)
        yield block.problem("total-missing", where, f"找不到“{TOTAL_KEY}”行；请恢复它")
        return
    for key, row in found.rows.items():
        where = (row, found.key_column)
        if key not in rows:
            says = f"“{key}”不是{DISTRICTS_SHEET}里的代码；请改正代码，或删去这一行"
            yield block.problem("row-unknown", where, says)
        elif row > found.total_row:
            says = "这一行在“合计”下面，不会被加进合计；请把它移到“合计”之上"
            yield block.problem("row-below-total", where, says)
    yield from _numbers_without_key(block, found)


def _numbers_without_key(block: Block, found: Matrix) -> Iterator[Problem]:
    keyed = {*found.rows.values(), found.total_row, found.published_row, found.key_row}
    reported: set[int] = set()
    columns = set(found.columns.values())
    stray = (
        (row, column)
        for (row, column), cell in block.cells.items()
        if row not in keyed and column in columns and cell.kind in (NUM, DATE)
    )
    for where in sorted(stray):
        if where[0] not in reported:
            reported.add(where[0])
            says = "这一行没有区县代码却有数字，会被加进合计；请填上代码，或把小计移到表外"
            yield block.problem("number-without-code", where, says)


def find_columns(block: Block, headings: Sequence[str]) -> dict[str, int]:
    """The columns of a list by heading. Raises Refused when a heading is gone, or Outdated."""
    top, left, _, right = block.area
    columns: dict[str, int] = {}
    for column in range(left, right + 1):
        columns.setdefault(fold(key_text(block.cells.get((top, column)))), column)
    lost = [heading for heading in headings if fold(heading) not in columns]
    gone = [heading for heading in lost if not _is_outdated(block, heading, columns)]
    names = "、".join(f"“{heading}”" for heading in gone or lost)
    if lost and not gone:
        raise Outdated(outdated_layout_text(f"“{block.sheet}”里的{names}列"))
    if gone:
        span = a1.area_name((top, left, top, right))
        raise Refused(f"{block.sheet}!{span}：表头里找不到{names}；请改回原来的表头")
    return {heading: columns[fold(heading)] for heading in headings}


def _is_outdated(block: Block, heading: str, there: Collection[str]) -> bool:
    """Whether an older master has not got a column yet, or still calls it what it was called."""
    area = AREAS.get(block.name)
    if area is None or not area.came_later(heading):
        return False
    return heading not in area.renamed or fold(area.renamed[heading]) in there


def has_heading(block: Block, heading: str) -> bool:
    """Whether a list has to have a column: an older master lacks those that came with a later layout."""
    area = AREAS.get(block.name)
    if area is None or not area.came_later(heading):
        return True
    top, left, _, right = block.area
    across = (block.cells.get((top, column)) for column in range(left, right + 1))
    return any(fold(key_text(cell)) == fold(heading) for cell in across)


def filled_rows(block: Block) -> Iterator[int]:
    """The rows under the headings that hold anything."""
    top = block.area[0]
    yield from sorted({row for row, _ in block.cells if row > top})
