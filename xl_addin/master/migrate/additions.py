"""An older master is given what it lacks: columns and rows beside staff's, sheets between theirs.

The new master, laid out in memory for the same districts and indicators, is where everything is
taken from. A part that nothing goes into comes out byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from xl_addin.master.macros.vbaproject import SHEET_STEM
from xl_addin.master.migrate.counterpart import Counterpart, Pair
from xl_addin.master.migrate.lacks import COLUMN, ROW, SHEET, Lack
from xl_addin.master.migrate.sheet_rules import Relocation, add_rules, set_width, translate_formulas
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.model.mail_settings import MAIL_SECTIONS
from xl_addin.model.records import WARNING, Problem
from xl_addin.model.sheets import HOMES, MASTER_SHEETS, SETTINGS_BLOCK
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.booksheets import add_sheet, free_code_name, names_of, set_name, tab_names
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.offsets import CellOffsets, find_offsets
from xl_addin.xlsx.package import Part
from xl_addin.xlsx.parts import part_text, put_part
from xl_addin.xlsx.patch import clear_values, set_cells
from xl_addin.xlsx.stylesheet import StyleMerge
from xl_addin.xlsx.values import plain_text
from xl_addin.xlsx.workbook import Workbook

_HEADED = {SETTINGS_BLOCK: (MAIL_SECTIONS[0][0], "升级时增加的项目")}
"""A block in sections: the heading that lends its format, and what stands over rows added later.

Below the last section of 设置 a “打开密码” would read as the mailbox's password.
"""
_STYLE = pattern(r'(<(?:c|row|col)\s[^>]*?\s(?:s|style)=")(\d+)(")')
_STRING = pattern(r'(<c r="[A-Z]+\d+"(?: s="\d+")?) t="s"><v>(\d+)</v></c>')
_ITEM = pattern(r"<si>(.*?)</si>", re.DOTALL)
_DXF = pattern(r'(\sdxfId=")(\d+)(")')
_HEIGHT = pattern(rb'\sht="([^"]*)"')
_CODE = pattern(r'codeName="[^"]*"')
_BUILT_IN = "_xlnm."


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
        adder.add_columns(area, [lack for lack in mine if lack.kind == COLUMN])
        adder.add_rows(area, [lack for lack in mine if lack.kind == ROW])
    for lack in lacking:
        if lack.kind == SHEET:
            adder.add_sheet(lack)
    return adder.finish()


class _Adder:
    def __init__(
        self, new: dict[str, Part], theirs: dict[str, Part], lacking: Sequence[Lack]
    ) -> None:
        self.new_parts, self.parts = new, dict(theirs)
        self.new, self.book = Workbook(new), Workbook(self.parts)
        self.main = self.book.main_part
        self.styles_part = _styles_part(self.book)
        self.styles = StyleMerge(
            self.new.part(_styles_part(self.new)), self.book.part(self.styles_part)
        )
        self.titles = _free_titles(self.book.sheet_names, lacking)
        self.counterpart = Counterpart(self.new, self.book, self.titles)
        self.changed: dict[str, set[Where]] = {}
        self.added: list[Lack] = []
        self.problems: list[Problem] = []
        self.formulas = False

    def add_columns(self, area: str, lacks: Sequence[Lack]) -> None:
        """Put columns behind a block, in the first that are free all the way down."""
        if not lacks:
            return
        pair = self.counterpart.pairs[area]
        top, left, bottom, right = pair.theirs.area
        taken = self._occupied_cells(pair.theirs.sheet)
        used = {column for row, column in taken if top <= row <= bottom}
        at = find_columns(pair.new, [lack.key for lack in lacks])
        last = right
        for lack in lacks:
            last = next(n for n in range(last + 1, a1.MAX_COLUMN) if n not in used)
            pair.columns[at[lack.key]] = last
        filled = {column for _, column in taken}
        new, theirs = self._new_sheet(pair.new.sheet), self._sheet(pair.theirs.sheet)
        for lack in lacks:
            if pair.columns[at[lack.key]] not in filled:
                theirs = set_width(new, theirs, at[lack.key], pair.columns[at[lack.key]])
        self._put(pair, theirs, {at[lack.key] for lack in lacks}, set())
        self._grow(pair, (top, left, bottom, last))
        self.added += lacks

    def add_rows(self, area: str, lacks: Sequence[Lack]) -> None:
        """Put rows below a block; a problem where something stands there."""
        if not lacks:
            return
        pair = self.counterpart.pairs[area]
        top, left, bottom, right = pair.theirs.area
        look, title = _HEADED.get(area, ("", ""))
        titled = bool(title) and title not in {key_text(c) for c in pair.theirs.cells.values()}
        rows = {key_text(pair.new.cells.get((row, pair.new.area[1]))): row for row in _down(pair)}
        count = len(lacks) + titled
        taken = self._occupied_cells(pair.theirs.sheet)
        if any(bottom < r <= bottom + count and left <= c <= right for r, c in taken):
            says = (
                f"表的下面要补 {count} 行，可是那里有别的内容；请在第 {bottom + 1} 行上面插入 "
                f"{count} 个空行，保存并关闭，再运行 xl-addin attach"
            )
            where = (bottom + 1, left)
            self.problems.append(pair.theirs.problem("no-room", where, says, severity=WARNING))
            return
        theirs = self._sheet(pair.theirs.sheet)
        if titled:
            theirs = self._title(pair, theirs, rows[plain_text(look)], bottom + 1, title)
        for number, lack in enumerate(lacks, bottom + 1 + titled):
            pair.rows[rows[lack.key]] = number
        self._put(pair, theirs, set(), {rows[lack.key] for lack in lacks})
        self._grow(pair, (top, left, bottom + count, right))
        self.added += lacks

    def add_sheet(self, lack: Lack) -> None:
        """Put a whole sheet behind the one that it follows in a new master."""
        name = HOMES[lack.area].name
        title = self.titles[name]
        data = self._whole_sheet(name, free_code_name(self.parts, _code_stem(self.new, name)))
        book = part_text(self.parts, self.main)
        tabs = tab_names(book)
        follows = [sheet.name for sheet in MASTER_SHEETS]
        before = follows[: follows.index(name)][::-1]
        homes = (self.counterpart.sheets.get(each, "") for each in before)
        at = next((tabs.index(home) + 1 for home in homes if home in tabs), len(tabs))
        add_sheet(self.parts, self.main, title, data, at=at)
        new_book = self.new.part(self.new.main_part).decode()
        for key, reference in names_of(new_book).items():
            sheet, area = a1.split_reference(reference)
            if sheet == name:
                set_name(self.parts, self.main, key, _reference(title, area))
        place = tab_names(new_book).index(name)
        for key, reference in names_of(new_book, place).items():
            # XlsxWriter spells whole rows here, which are the same on this sheet.
            said = f"{a1.quote_sheet_name(title)}!{reference.rpartition('!')[2]}"
            set_name(self.parts, self.main, key, said, at)
        self._reread()
        self.added.append(lack)

    def finish(self) -> Additions:
        """What came of it."""
        put_part(self.parts, self.styles_part, self.styles.data)
        return Additions(
            self.parts, self.changed, tuple(self.added), tuple(self.problems), self.formulas
        )

    def _reread(self) -> None:
        self.book = Workbook(self.parts)

    def _sheet(self, name: str) -> bytes:
        return self.book.part(self.book.sheet_part(name))

    def _new_sheet(self, name: str) -> bytes:
        return self.new.part(self.new.sheet_part(name))

    def _relocation(
        self, name: str, cells: Mapping[Where, Where] = MappingProxyType({})
    ) -> Relocation:
        return Relocation(name, cells, self.counterpart.place, self.styles.rule)

    def _occupied_cells(self, sheet: str) -> set[Where]:
        """The cells of a sheet that hold something or are merged."""
        found = self.book.sheet(sheet)
        merged = (where for area in found.merged for where in a1.cells_in(area))
        return {*found.cells, *merged}

    def _put(self, pair: Pair, theirs: bytes, columns: set[int], rows: set[int]) -> None:
        """Copy the cells of these columns or rows of the new block, with how they look."""
        new = self._new_sheet(pair.new.sheet)
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
        overrides = {there: self._spot(pair, spots[r].cells[c]) for (r, c), there in moved.items()}
        found = {where: pair.new.cells.get(where) for where in moved}
        values: dict[Where, Value] = {
            moved[where]: None if cell is None else cell.value for where, cell in found.items()
        }
        theirs = set_cells(theirs, values, overrides, heights)
        theirs = clear_values(theirs, (at for at, spot in overrides.items() if spot.formula))
        theirs = add_rules(new, theirs, self._relocation(pair.new.sheet, moved))
        self._write(pair.theirs.sheet, theirs, values.keys())

    def _title(self, pair: Pair, theirs: bytes, look: int, row: int, title: str) -> bytes:
        """A row over those that are added, as the headings of sections look."""
        new = self._new_sheet(pair.new.sheet)
        spots = find_offsets(new).rows[look].cells
        there = {at: spots[column] for column, at in pair.columns.items() if column in spots}
        overrides = {(row, at): self._spot(pair, spot) for at, spot in there.items()}
        values: dict[Where, Value] = dict.fromkeys(overrides)
        values[row, pair.theirs.area[1]] = title
        return set_cells(theirs, values, overrides, {row: "26"})

    def _spot(self, pair: Pair, spot: CellOffsets) -> CellOffsets:
        """How a cell of the new master looks and calculates in staff's."""
        style = str(self.styles.cell(int(spot.style or 0)))
        formula = spot.formula
        if formula:
            self.formulas = True
            formula = translate_formulas(
                formula.decode(), self._relocation(pair.new.sheet)
            ).encode()
        return CellOffsets(0, 0, style, formula)

    def _write(self, sheet: str, data: bytes, cells: Iterable[Where]) -> None:
        put_part(self.parts, self.book.sheet_part(sheet), data)
        self.changed.setdefault(sheet, set()).update(cells)
        self._reread()

    def _grow(self, pair: Pair, area: a1.Area) -> None:
        """Have the block's name, and the print area where it ended with the block, reach further."""
        before, sheet = pair.theirs.area, pair.theirs.sheet
        set_name(self.parts, self.main, pair.theirs.name, _reference(sheet, area))
        self.counterpart.pairs[pair.theirs.name] = pair._replace(
            theirs=pair.theirs._replace(area=area)
        )
        book = part_text(self.parts, self.main)
        place, key = tab_names(book).index(sheet), f"{_BUILT_IN}Print_Area"
        try:
            _, printed = a1.split_reference(names_of(book, place).get(key, ""))
        except ValueError:
            printed = (0, 0, 0, 0)
        grown = list(printed)
        for end in (2, 3):
            if printed[end] == before[end]:
                grown[end] = max(area[end], printed[end])
        if tuple(grown) != printed:
            reference = _reference(sheet, (grown[0], grown[1], grown[2], grown[3]))
            set_name(self.parts, self.main, key, reference, place)
        self._reread()

    def _whole_sheet(self, name: str, code: str) -> bytes:
        """A sheet of the new master as it goes into staff's: their formats, texts of its own."""
        text = self._new_sheet(name).decode()
        shared = self.new.part(_linked_part(self.new, "sharedStrings")).decode()
        strings = _ITEM.findall(shared)
        text = _STYLE.sub(lambda m: f"{m[1]}{self.styles.cell(int(m[2]))}{m[3]}", text)
        text = _DXF.sub(lambda m: f"{m[1]}{self.styles.rule(int(m[2]))}{m[3]}", text)
        text = _STRING.sub(
            lambda m: f'{m[1]} t="inlineStr"><is>{strings[int(m[2])]}</is></c>', text
        )
        text = translate_formulas(text, self._relocation(name))
        data = _CODE.sub(f'codeName="{code}"', text, count=1).encode()
        # What a formula came to in a master without figures is not what it comes to here.
        rows = find_offsets(data).rows
        formulas = [
            (row, column)
            for row, spot in rows.items()
            for column, cell in spot.cells.items()
            if cell.formula
        ]
        self.formulas = self.formulas or bool(formulas)
        return clear_values(data, formulas)


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


def _reference(sheet: str, area: a1.Area) -> str:
    return f"{a1.quote_sheet_name(sheet)}!{a1.absolute_reference(area)}"


def _styles_part(book: Workbook) -> str:
    return _linked_part(book, "styles")


def _linked_part(book: Workbook, kind: str) -> str:
    return next(target for role, target in book.links(book.main_part).values() if role == kind)


def _code_stem(new: Workbook, name: str) -> str:
    """The code name of a sheet in a new master; a number would soon be another sheet's."""
    place = new.sheet_names.index(name) + 1
    return f"{SHEET_STEM}{place}"
