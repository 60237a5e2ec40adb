"""The master as a file: only the cells that a verb owns are changed, everything else is copied.

A cell is given its value only where its formula is still the one that was laid down, or where there
is none; where staff put their own it stays as it is and is reported. Values that depend on changed
cells and that nobody here computes are taken out, and the workbook is marked to be calculated when
it is opened: Excel does so by the mark, LibreOffice because the values are missing.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path

from xl_addin.master.read.blocks import Block, find_area, find_block
from xl_addin.model.filetypes import OLE_START
from xl_addin.model.folder import BACKUPS
from xl_addin.model.records import Problem
from xl_addin.model.sheets import BINDING_BLOCK, BOARD_NOTE, HOMES, LISTED, STAMP_COLUMN
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.light import TYPE_CHECKING, pattern
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.cells import BOOL, FAULT, NO_VALUE, Cell, Sheet, Value
from xl_addin.xlsx.package import OWN_PART, Part, deflate, inflate, pack, unpack
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from xl_addin.master.host.base import Change, Filling, FormulaCheck, Lines
    from xl_addin.xlsx.moves import Insertion

KEPT_BACKUPS = 10
_FORMULA = pattern(rb"<(?:[A-Za-z_][\w.-]*:)?f[\s/>]")
_CELLS_END = b"sheetData>"
_MANY_CELLS = pattern(rb"""\st=["'](?:array|dataTable)["']""")
_BLANK = Cell(NO_VALUE, None)


class FileHost:
    """The master workbook on disk, read once; ``save`` writes all changes in one step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        data = held.read_bytes(path)
        try:
            self._parts: dict[str, Part] = unpack(data)
            self._workbook = Workbook(self._parts, own=True)
        except Unreadable as error:
            raise Refused(f"{path}：{_why_unreadable(data, error)}") from error
        self._digest = hashlib.sha256(data).digest()
        self._kept = dict(self._parts)
        self._changed: dict[str, set[Where]] = {}
        self._computed: dict[str, set[Where]] = {}
        self._doubtful: dict[str, set[Where]] = {}
        self._formulas: dict[str, dict[Where, str]] = {}
        self._blocks: dict[str, tuple[Sheet, Block]] = {}
        self._outdated = False
        self.inserted: list[Sequence[Insertion]] = []

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""
        known = self._blocks.get(name)
        if known is not None and known[0] is self._workbook.sheet(known[1].sheet):
            return known[1]
        found = find_block(self._workbook, name)
        # A recompute asks for each block four times: 30 ms of 41 districts.
        self._blocks[name] = self._workbook.sheet(found.sheet), found
        return found

    def locate(self, name: str) -> tuple[str, Area]:
        """The sheet and area of a named block. Raises Refused when the name is gone."""
        return find_area(self._workbook.names, self._workbook.sheet_names, name)

    def ready(self) -> None:
        """Raise Refused when a spreadsheet program has the master open, or it is read-only."""
        from xl_addin.xlsx.openfiles import refuse_if_open

        refuse_if_open(self.path)

    def check(self, changes: Iterable[Change]) -> FormulaCheck:
        """What ``apply`` would find in the way, without changing anything."""
        return self._change(changes, in_earnest=False)

    def apply(self, changes: Iterable[Change]) -> FormulaCheck:
        """Change cells in memory; a formula that is not ours is reported and left alone."""
        check = self._change(changes, in_earnest=True)
        self._clear_outdated()
        return check

    def _change(self, changes: Iterable[Change], *, in_earnest: bool) -> FormulaCheck:
        from xl_addin.master.host.base import FormulaCheck, formulas_in_the_way

        compared = 0
        problems: list[Problem] = []
        for sheet, group in groupby(changes, lambda change: change.sheet):
            cells = self._cells(sheet)
            wanted: dict[Where, Value] = {}
            news: set[Where] = set()
            for change in group:
                barred = formulas_in_the_way(change, cells)
                problems += barred.values()
                compared += len(change.computed)
                if in_earnest:
                    results = {where: value for where, (_, value) in change.computed.items()}
                    values = {**change.values, **results}
                    self._doubtful.setdefault(sheet, set()).update(barred)
                    self._computed.setdefault(sheet, set()).update(results.keys() - barred)
                    ours = {at: value for at, value in values.items() if at not in barred}
                    new = {at for at, v in ours.items() if not _holds_value(cells.get(at), v)}
                    # A blank where no cell is yet changes nothing but how its row looks.
                    wanted |= {
                        at: ours[at] for at in ours if at in new or at in wanted or at not in cells
                    }
                    news |= new
            self._set(sheet, wanted, news)
        return FormulaCheck(compared, tuple(problems))

    def _cells(self, sheet: str) -> Mapping[Where, Cell]:
        """The cells, each that a formula fills with that formula as it would be written there."""
        cells = self._workbook.sheet(sheet).cells
        formulas = self._formulas.get(sheet)
        if formulas is None:
            formulas = {at: cell.formula for at, cell in cells.items() if cell.formula is not None}
            if "" in formulas.values() or _MANY_CELLS.search(self._sheet_data(sheet)):
                from xl_addin.xlsx.formulas import formula_texts

                formulas = formula_texts(self._workbook, sheet)
            # No write of ours adds a formula or takes one away.
            self._formulas[sheet] = formulas
        spelt = {
            at: cells.get(at, _BLANK)._replace(formula=text)
            for at, text in formulas.items()
            if at not in cells or cells[at].formula != text
        }
        return {**cells, **spelt} if spelt else cells

    def spelt(self, sheet: str) -> Mapping[Where, Cell]:
        """A sheet's cells, each formula as text, those that share another cell's too."""
        return self._cells(sheet)

    def _sheet_data(self, sheet: str) -> bytes:
        return self._workbook.part(self._workbook.sheet_part(sheet))

    def _set(self, sheet: str, values: dict[Where, Value], new: set[Where]) -> None:
        if new:  # where nothing is new, blanks look as they were put before
            from xl_addin.xlsx.patch import set_cells

            name = self._workbook.sheet_part(sheet)
            self._replace(name, set_cells(self._workbook.part(name), values))
            self._workbook.note_cells(sheet, values)
            self._changed.setdefault(sheet, set()).update(new)

    def _replace(self, part: str, data: bytes) -> None:
        if data != self._workbook.part(part):
            exact = next(key for key in self._parts if key.lower() == part.lower())
            self._parts[exact] = deflate(exact, data)

    @property
    def parts(self) -> dict[str, Part]:
        """The package as it is now, changes in memory included."""
        return dict(self._parts)

    def install_macros(self, computer: Mapping[str, str], layout: int) -> bool:
        """Put ribbon, macros and the binding right in memory; whether anything was not.

        ``layout`` is the version that the master is marked as having, see ``binding.layout_of``.
        """
        from xl_addin.master.macros.install import install_macros

        before, self._parts = self._parts, install_macros(self._parts, computer, layout)
        self._workbook = Workbook(self._parts, own=True)
        return self._parts != before

    def replace_parts(
        self, parts: Mapping[str, Part], changed: Mapping[str, set[Where]], *, calculate: bool
    ) -> None:
        """Take the package that a migration made, in memory.

        ``changed`` are the cells that hold something new, by sheet: what depends on them is
        forgotten. ``calculate`` says that there are new formulas.
        """
        self._take(parts, changed, calculate=calculate)
        self._clear_outdated()
        self._workbook = Workbook(self._parts, own=True)

    def _take(
        self, parts: Mapping[str, Part], changed: Mapping[str, set[Where]], *, calculate: bool
    ) -> None:
        """Take a package; what depends on changed cells is forgotten when it is kept at the latest."""
        self._parts = dict(parts)
        self._workbook, self._formulas = Workbook(self._parts, own=True), {}
        for sheet, cells in changed.items():
            self._changed.setdefault(sheet, set()).update(cells)
        self._outdated = True
        if calculate:
            from xl_addin.xlsx.dependents import mark_calculate_on_load

            main = self._workbook.main_part
            self._replace(main, mark_calculate_on_load(self._workbook.part(main)))
            self._workbook = Workbook(self._parts, own=True)

    def notes(self, sheet: str) -> dict[Where, str]:
        """The notes of ours that stand on cells of a sheet; none where they cannot be read."""
        from xl_addin.master.host.base import our_notes
        from xl_addin.xlsx.notes import read_sheet_notes

        try:
            return our_notes(read_sheet_notes(self._parts, self._workbook.sheet_part(sheet)))
        except (Unreadable, ValueError):
            return {}

    def annotate(self, sheet: str, wanted: Mapping[Where, str]) -> bool:
        """Have a sheet carry these notes of ours and no others, in memory; staff's stay."""
        from xl_addin.master.host.base import NOTE_AUTHOR, note_changes
        from xl_addin.xlsx.notes import change_notes, read_sheet_notes

        part = self._workbook.sheet_part(sheet)
        try:
            remove, put = note_changes(read_sheet_notes(self._parts, part), wanted)
            if remove or put:
                change_notes(self._parts, part, remove, put, NOTE_AUTHOR)
                self._workbook.note_parts()
        except (Unreadable, ValueError):
            return False
        return True

    def cells(self, sheet: str, area: Area, *, typed: bool = False) -> dict[Where, Cell]:  # noqa: ARG002
        """The cells of an area that hold something."""
        top, left, bottom, right = area
        return {
            at: cell
            for at, cell in self._workbook.sheet(sheet).cells.items()
            if top <= at[0] <= bottom and left <= at[1] <= right
        }

    def insert(self, insertions: Sequence[Insertion]) -> tuple[Problem, ...]:
        """Put rows and columns in, in memory; everything that refers to cells goes with them."""
        from xl_addin.xlsx.insert import insert_lines
        from xl_addin.xlsx.moves import Moves

        moves = Moves(insertions)
        parts = insert_lines(self._parts, insertions)
        for known in (self._changed, self._computed, self._doubtful):
            for sheet, cells in known.items():
                known[sheet] = {moves.where(sheet, at) for at in cells}
        self._take(parts, {}, calculate=True)
        self.inserted.append(insertions)
        return ()

    def check_removal(self, lines: Lines, emptied: Set[tuple[str, Where]]) -> None:
        """Rows and columns are taken out by Excel alone, and so are formulas that the change put in."""
        formulas = (
            at in (cells := self._workbook.sheet(sheet).cells) and cells[at].formula is not None
            for sheet, at in emptied
        )
        if lines or any(formulas):
            raise Refused(
                f"{self.path}：主表在这次变动以后又存过，变动加的行列要在打开着的主表里撤销；"
                "请在 Excel 里打开主表，点功能区“撤销”，看过以后保存"
            )

    def remove(self, lines: Lines) -> None:
        """Nothing: what is to be taken out was refused."""

    def settle(self) -> None:
        """Nothing: what a file holds is known."""

    def selected(self) -> None:
        """Nothing is selected in a file."""

    def fill(self, fillings: Sequence[Filling]) -> None:
        """Lay down values and formulas in cells that are new, in memory."""
        from xl_addin.xlsx.merged import merge_areas
        from xl_addin.xlsx.patch import replace_formulas, set_cells, set_formulas

        parts = self.parts
        for each in fillings:
            name = self._workbook.sheet_part(each.sheet)
            exact = next(key for key in parts if key.lower() == name.lower())
            data = merge_areas(inflate(parts[exact], OWN_PART), each.merged)
            there = self._workbook.sheet(each.sheet).cells
            over = {
                at: value
                for at, value in each.values.items()
                if at in there and there[at].formula is not None
            }
            data = (
                replace_formulas(set_cells(data, each.values), over)
                if over
                else set_cells(data, each.values)
            )
            parts[exact] = deflate(exact, set_formulas(data, each.formulas))
        changed = {each.sheet: {*each.values, *each.formulas} for each in fillings}
        formulas = any(each.formulas for each in fillings)
        self._take(parts, changed, calculate=formulas)

    def save(self) -> str:
        """Write the master if anything changed, keeping the version before as a backup.

        None is kept where nothing changed but lists of what the ledger knows: ten that differ in them alone
        would push out the one that somebody looks for.

        Raises Refused when another program has it open or changed it since it was read.
        """
        if self._outdated:
            self._clear_outdated()
        if self._parts != self._kept:
            self.ready()
            self._write()
        return f"已写入 {self.path}"

    def _write(self) -> None:
        if hashlib.sha256(held.read_bytes(self.path)).digest() != self._digest:
            raise Refused(
                f"{self.path}：在处理期间主表被别的程序改过，没有写入；请关闭打开它的程序，再运行一次"
            )
        data = pack(self._parts.values())
        if not self._only_lists_changed():
            _back_up(self.path)
        try:
            atomic.write(self.path.resolve(), data)
        except PermissionError as error:
            from xl_addin.xlsx.openfiles import in_use_message

            raise Refused(in_use_message(self.path)) from error
        self._digest, self._kept = hashlib.sha256(data).digest(), dict(self._parts)
        self._changed, self._computed, self._doubtful = {}, {}, {}

    def _only_lists_changed(self) -> bool:
        """Whether nothing is new but what the ledger knows anyway, when it was last computed, and the stamp."""
        names = self._parts.keys() | self._kept.keys()
        changed = {name for name in names if self._parts.get(name) != self._kept.get(name)}
        book, unharmed = self._workbook, {}
        for name in (*LISTED, BOARD_NOTE):
            if HOMES[name].editable:
                continue
            with suppress(Refused):
                sheet, area = find_area(book.names, book.sheet_names, name)
                listed = self._changed.get(sheet, set()) if name in LISTED else {area[:2]}
                unharmed[book.sheet_part(sheet)] = self._changed.get(sheet, set()) <= listed
        with suppress(Refused):
            sheet, _ = find_area(book.names, book.sheet_names, BINDING_BLOCK)
            stamped = self._changed.get(sheet, set())
            only_stamp = bool(stamped) and all(column >= STAMP_COLUMN for _, column in stamped)
            unharmed[book.sheet_part(sheet)] = only_stamp
        return all(unharmed.get(name, False) for name in changed)

    def _clear_outdated(self) -> None:
        """Take out the values that nobody here knows any more, and have them calculated on opening."""
        self._outdated = False
        foreign = [name for name in self._workbook.sheet_names if self._has_foreign(name)]
        if not foreign and not any(self._doubtful.values()):
            return
        from xl_addin.xlsx.dependents import mark_calculate_on_load, stale_cells
        from xl_addin.xlsx.patch import clear_values

        book = self._workbook
        lost = stale_cells(book, foreign, self._changed, self._computed, self._doubtful)
        for sheet, cells in lost.items():
            part = book.sheet_part(sheet)
            self._replace(part, clear_values(book.part(part), cells))
            book.forget(sheet)
        if lost:
            self._replace(book.main_part, mark_calculate_on_load(book.part(book.main_part)))

    def _has_foreign(self, sheet: str) -> bool:
        """Whether a sheet has formulas whose values were not computed."""
        if sheet not in self._formulas:
            data = self._sheet_data(sheet)
            # Behind the cells stand formulas too, such as those of small charts: they have no value here.
            if not _FORMULA.search(data, 0, data.rfind(_CELLS_END)):
                self._formulas[sheet] = {}
        found = self._formulas.get(sheet)
        return found is None or not found.keys() <= self._computed.get(sheet, set())


def _holds_value(cell: Cell | None, value: Value) -> bool:
    """Whether a cell already holds what it should."""
    if cell is None:
        return value is None or value == ""
    if cell.kind in (BOOL, FAULT, NO_VALUE):
        return False
    return cell.value == value and isinstance(cell.value, str) == isinstance(value, str)


def _why_unreadable(data: bytes, error: Unreadable) -> str:
    """Why the master cannot be read; what the error advises is meant for a return."""
    if data.startswith(OLE_START) or error.code == "password":
        return "主表设了打开密码，或者存成了别的格式，程序读不了；请在 Excel 里打开，取消密码后保存为 .xlsm"
    return f"主表打不开（{re.split('[，；]请', error.message)[0]}）；请从“{BACKUPS}”文件夹恢复"


def _back_up(path: Path) -> None:
    folder = path.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    copy = folder / f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S-%f}{path.suffix}"
    try:
        os.link(path, copy)  # the old bytes stay under the new name, at no cost
    except OSError:
        atomic.write(copy, held.read_bytes(path))
    for old in outdated_backups(held.names(folder), path):
        held.unlink(folder / old)


def outdated_backups(names: Iterable[str], master: Path) -> list[str]:
    """Which of the files in 备份 can go: the last ten of a master stay, and the last of each month.

    The names of our own sort by time; any other is somebody's and stays.
    """
    begins, ends = re.escape(f"{master.stem}-"), re.escape(master.suffix)
    ours = re.compile(rf"{begins}(\d{{6}})\d{{2}}-\d{{6}}-\d{{6}}{ends}\Z", re.ASCII)
    found = sorted((name, match[1]) for name in names if (match := ours.match(name)))
    last = {month: name for name, month in found}
    return [name for name, month in found[:-KEPT_BACKUPS] if last[month] != name]
