"""The master as a file: only the cells that a verb owns are changed, everything else is copied.

A formula cell is given its computed value only where its formula is still the one that was laid
down; where staff changed it, it stays as it is and is reported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from xl_addin import durable, layout
from xl_addin.a1 import cell_name
from xl_addin.blocks import Block, find_block
from xl_addin.cells import Cell, Workbook
from xl_addin.errors import Refused, Unreadable
from xl_addin.host import Change, FormulaCheck, Value, Where
from xl_addin.package import Part, deflate, pack, unpack
from xl_addin.records import WARNING, Problem

KEPT_BACKUPS = 10
_QUOTED = re.compile(r"'((?:[^']|'')+)'!")


class FileHost:
    """The master workbook on disk, read once; ``save`` writes all changes in one step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._parts: dict[str, Part] = unpack(path.read_bytes())
            self._workbook = Workbook(self._parts)
        except Unreadable as error:
            raise Refused(f"{path}：主表打不开（{error.message}）；请从“备份”文件夹恢复") from error
        self._changed = False

    def block(self, name: str) -> Block:
        """A named block with its cells. Raises Refused when the name is gone."""
        return find_block(self._workbook, name)

    def refuse_if_open(self) -> None:
        """Raise Refused when a spreadsheet program has the master open."""
        for mark in (f"~${self.path.name}", f".~lock.{self.path.name}#"):
            if (self.path.parent / mark).exists():
                raise Refused(
                    f"{self.path}：主表正在 Excel（或 WPS、LibreOffice）里打开；请先保存并关闭，再运行"
                )

    def apply(self, changes: Sequence[Change]) -> FormulaCheck:
        """Change cells in memory; formulas that are no longer ours are reported, not touched."""
        compared = 0
        disagreements: list[Problem] = []
        for change in changes:
            cells = self._workbook.sheet(change.sheet).cells
            values: dict[Where, Value] = dict(change.values)
            for where, (formula, value) in change.computed.items():
                compared += 1
                problem = _disagreement(change.sheet, where, cells.get(where), formula)
                if problem is None:
                    values[where] = value
                else:
                    disagreements.append(problem)
            self._set(change.sheet, values)
        return FormulaCheck(compared, tuple(disagreements))

    def _set(self, sheet: str, values: dict[Where, Value]) -> None:
        if not values:
            return
        from xl_addin.splice import set_cells

        name = self._workbook.sheet_part(sheet)
        before = self._workbook.part(name)
        after = set_cells(before, values)
        if after != before:
            exact = next(key for key in self._parts if key.lower() == name.lower())
            self._parts[exact] = deflate(exact, after)
            self._workbook = Workbook(self._parts)
            self._changed = True

    def save(self) -> None:
        """Write the master if anything changed, keeping the version before as a backup."""
        if not self._changed:
            return
        self.refuse_if_open()
        _back_up(self.path)
        durable.write(self.path, pack(self._parts.values()))
        self._changed = False


def _disagreement(sheet: str, where: Where, cell: Cell | None, formula: str) -> Problem | None:
    at = cell_name(*where)
    if cell is not None and cell.formula is not None:
        # A formula that shares another cell's text carries none of its own to compare.
        if cell.formula == "" or _plain(cell.formula) == _plain(formula):
            return None
        found = f"={cell.formula}"
    else:
        found = "" if cell is None else str(cell.value)
    wanted = f"={formula.lstrip('=')}"
    says = f"{sheet}!{at}：应当是公式 {wanted}，现在是“{found or '空'}”，没有改动它；如不是有意改的，请恢复"
    return Problem("formula-changed", WARNING, sheet, at, found, says, wanted)


def _plain(formula: str) -> str:
    unquoted = _QUOTED.sub(lambda m: m[1].replace("''", "'") + "!", formula.lstrip("="))
    return unquoted.replace(" ", "").replace("$", "").upper()


def _back_up(path: Path) -> None:
    folder = path.parent / layout.BACKUPS
    folder.mkdir(exist_ok=True)
    copy = folder / f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S-%f}{path.suffix}"
    try:
        os.link(path, copy)  # the old bytes stay under the new name, at no cost
    except OSError:
        durable.write(copy, path.read_bytes())
    for old in sorted(folder.glob(f"{path.stem}-*{path.suffix}"))[:-KEPT_BACKUPS]:
        old.unlink(missing_ok=True)
