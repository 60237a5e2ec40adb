"""An older master is given what it lacks: columns and rows beside staff's, sheets between theirs.

The new master, laid out in memory for the same districts and indicators, is where everything is
taken from. A part that nothing goes into comes out byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xl_addin.master.migrate.canvas import Canvas
from xl_addin.master.migrate.counterpart import Pair
from xl_addin.master.migrate.heads import clear_overhang, find_head, put_head, taken_columns
from xl_addin.master.migrate.lacks import COLUMN, HEADING, ROW, SHEET, Lack
from xl_addin.master.migrate.pages import widen_pages
from xl_addin.master.migrate.sheet_rules import add_rules, set_width
from xl_addin.master.migrate.whole_sheets import add_whole_sheet
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.model.mail_settings import MAIL_SECTIONS
from xl_addin.model.records import WARNING, Problem
from xl_addin.model.sheets import AREAS, HOMES, SETTINGS_BLOCK
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.offsets import find_offsets
from xl_addin.xlsx.package import Part
from xl_addin.xlsx.patch import clear_values, set_cells
from xl_addin.xlsx.values import plain_text
from xl_addin.xlsx.workbook import Workbook

_HEADED = {SETTINGS_BLOCK: (MAIL_SECTIONS[0][0], "升级时增加的项目")}
"""A block in sections: the heading that lends its format, and what stands over rows added later.

Below the last section of 设置 a “打开密码” would read as the mailbox's password.
"""
_HEIGHT = pattern(rb'\sht="([^"]*)"')


class Additions(NamedTuple):
    """The master with what was added, the cells that hold something new, and what had no room."""

    parts: dict[str, Part]
    changed: dict[str, set[Where]]
    added: tuple[Lack, ...]
    problems: tuple[Problem, ...]
    formulas: bool


def add_lacking(
    new: dict[str, Part], theirs: dict[str, Part], lacking: Sequence[Lack]
) -> Additions:
    """Staff's parts with everything in ``lacking`` from the new ones, as far as there is room."""
    adder = _Adder(new, theirs, lacking)
    for area in dict.fromkeys(lack.area for lack in lacking):
        mine = [lack for lack in lacking if lack.area == area]
        adder.rename_columns(area, [lack for lack in mine if lack.kind == HEADING])
        adder.add_columns(area, [lack for lack in mine if lack.kind == COLUMN])
        adder.add_rows(area, [lack for lack in mine if lack.kind == ROW])
    for lack in lacking:
        if lack.kind == SHEET:
            adder.add_sheet(lack)
    canvas = adder.canvas
    parts, added, problems = canvas.finish(), tuple(adder.added), tuple(adder.problems)
    return Additions(parts, canvas.changed, added, problems, canvas.formulas)


class _Adder:
    def __init__(
        self, new: dict[str, Part], theirs: dict[str, Part], lacking: Sequence[Lack]
    ) -> None:
        self.titles = _free_titles(Workbook(theirs).sheet_names, lacking)
        self.canvas = Canvas(new, theirs, self.titles)
        self.added: list[Lack] = []
        self.problems: list[Problem] = []

    def rename_columns(self, area: str, lacks: Sequence[Lack]) -> None:
        """Give columns the heading that they have now, where the old one is still there."""
        if not lacks:
            return
        pair = self.canvas.counterpart.pairs[area]
        top, left, _, right = pair.theirs.area
        at = {key_text(pair.theirs.cells.get((top, n))): n for n in range(right, left - 1, -1)}
        new_at = find_columns(pair.new, [lack.key for lack in lacks])
        values: dict[Where, Value] = {}
        for lack in lacks:
            column = at[AREAS[area].renamed[lack.key]]
            values[top, column] = lack.key
            pair.columns[new_at[lack.key]] = column
        data = set_cells(self.canvas.sheet(pair.theirs.sheet), values)
        self.canvas.write(pair.theirs.sheet, data, values)
        self.added += lacks

    def add_columns(self, area: str, lacks: Sequence[Lack]) -> None:
        """Put columns behind a block, in the first that are free all the way down."""
        if not lacks:
            return
        canvas = self.canvas
        pair = canvas.counterpart.pairs[area]
        top, left, bottom, right = pair.theirs.area
        at = find_columns(pair.new, [lack.key for lack in lacks])
        head = find_head(canvas.new, pair, set(at.values()))
        used = taken_columns(canvas, pair, head)
        clear_overhang(canvas, pair, head)
        last = right
        for lack in lacks:
            last = next(n for n in range(last + 1, a1.MAX_COLUMN) if n not in used)
            pair.columns[at[lack.key]] = last
        filled = {column for _, column in canvas.occupied_cells(pair.theirs.sheet)}
        new, theirs = canvas.new_sheet(pair.new.sheet), canvas.sheet(pair.theirs.sheet)
        for lack in lacks:
            if pair.columns[at[lack.key]] not in filled:
                theirs = set_width(new, theirs, at[lack.key], pair.columns[at[lack.key]])
        self._put(pair, theirs, {at[lack.key] for lack in lacks}, set())
        put_head(canvas, pair, head)
        canvas.grow(pair, (top, left, bottom, last))
        widen_pages(canvas, pair)
        self.added += lacks

    def add_rows(self, area: str, lacks: Sequence[Lack]) -> None:
        """Put rows below a block; a problem where something stands there."""
        if not lacks:
            return
        pair = self.canvas.counterpart.pairs[area]
        top, left, bottom, right = pair.theirs.area
        look, title = _HEADED.get(area, ("", ""))
        titled = bool(title) and title not in {key_text(c) for c in pair.theirs.cells.values()}
        rows = {key_text(pair.new.cells.get((row, pair.new.area[1]))): row for row in _down(pair)}
        count = len(lacks) + titled
        taken = self.canvas.occupied_cells(pair.theirs.sheet)
        if any(bottom < r <= bottom + count and left <= c <= right for r, c in taken):
            says = (
                f"表的下面要补 {count} 行，可是那里有别的内容；请在第 {bottom + 1} 行上面插入 "
                f"{count} 个空行，保存并关闭，再运行 xl-addin attach"
            )
            where = (bottom + 1, left)
            self.problems.append(pair.theirs.problem("no-room", where, says, severity=WARNING))
            return
        theirs = self.canvas.sheet(pair.theirs.sheet)
        if titled:
            theirs = self._title(pair, theirs, rows[plain_text(look)], bottom + 1, title)
        for number, lack in enumerate(lacks, bottom + 1 + titled):
            pair.rows[rows[lack.key]] = number
        self._put(pair, theirs, set(), {rows[lack.key] for lack in lacks})
        self.canvas.grow(pair, (top, left, bottom + count, right))
        self.added += lacks

    def add_sheet(self, lack: Lack) -> None:
        """Put a whole sheet behind the one that it follows in a new master."""
        name = HOMES[lack.area].name
        add_whole_sheet(self.canvas, name, self.titles[name])
        self.added.append(lack)

    def _put(self, pair: Pair, theirs: bytes, columns: set[int], rows: set[int]) -> None:
        """Copy the cells of these columns or rows of the new block, with how they look."""
        new = self.canvas.new_sheet(pair.new.sheet)
        spots = find_offsets(new).rows
        moved: dict[Where, Where] = {}
        heights: dict[int, str] = {}
        for row in range(pair.new.area[0], pair.new.area[2] + 1):
            cells = spots[row].cells if row in spots else {}
            wanted = columns if not rows else set(pair.columns) if row in rows else set()
            for column in sorted(wanted & cells.keys()):
                there = pair.place((row, column))
                if there is not None:
                    moved[row, column] = there
            if row in rows and (tall := _HEIGHT.search(new, spots[row].start, spots[row].inner)):
                heights[pair.rows[row]] = tall[1].decode()
        overrides = {
            there: self.canvas.spot(pair, spots[r].cells[c]) for (r, c), there in moved.items()
        }
        found = {where: pair.new.cells.get(where) for where in moved}
        # What recompute fills is as it is for a programme into which nothing has come yet.
        top = pair.new.area[0] if AREAS[pair.new.name].recomputed else pair.new.area[2]
        values: dict[Where, Value] = {
            moved[where]: None if cell is None or where[0] > top else cell.value
            for where, cell in found.items()
        }
        theirs = set_cells(theirs, values, overrides, heights)
        theirs = clear_values(theirs, (at for at, spot in overrides.items() if spot.formula))
        theirs = add_rules(new, theirs, self.canvas.relocation(pair.new.sheet, moved))
        self.canvas.write(pair.theirs.sheet, theirs, values.keys())

    def _title(self, pair: Pair, theirs: bytes, look: int, row: int, title: str) -> bytes:
        """A row over those that are added, as the headings of sections look."""
        new = self.canvas.new_sheet(pair.new.sheet)
        spots = find_offsets(new).rows[look].cells
        there = {at: spots[column] for column, at in pair.columns.items() if column in spots}
        overrides = {(row, at): self.canvas.spot(pair, spot) for at, spot in there.items()}
        values: dict[Where, Value] = dict.fromkeys(overrides)
        values[row, pair.theirs.area[1]] = title
        return set_cells(theirs, values, overrides, {row: "26"})


def _down(pair: Pair) -> range:
    return range(pair.new.area[0] + 1, pair.new.area[2] + 1)


def _free_titles(there: Iterable[str], lacking: Iterable[Lack]) -> dict[str, str]:
    """What the sheets that are added are called: staff may have one of that name."""
    taken = {name.lower() for name in there}
    wanted = [HOMES[lack.area].name for lack in lacking if lack.kind == SHEET]
    return {
        name: next(
            each
            for each in (name, *(f"{name}（程序{n}）" for n in ("", *range(2, 99))))
            if each.lower() not in taken
        )
        for name in wanted
    }
