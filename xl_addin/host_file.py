"""The master as a file: only the cells that a verb owns are changed, everything else is copied.

A formula cell is given its computed value only where its formula is still the one that was laid
down; where staff changed it, it stays as it is and is reported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from xl_addin import durable, layout
from xl_addin.blocks import Block, find_block
from xl_addin.cells import Workbook
from xl_addin.errors import Refused, Unreadable
from xl_addin.host import Change, FormulaCheck, Value, Where, formulas_in_the_way
from xl_addin.package import Part, deflate, pack, unpack
from xl_addin.records import Problem

KEPT_BACKUPS = 10


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

    def ready(self) -> None:
        """Raise Refused when a spreadsheet program has the master open."""
        for mark in (f"~${self.path.name}", f".~lock.{self.path.name}#"):
            if (self.path.parent / mark).exists():
                raise Refused(
                    f"{self.path}：主表正在 Excel（或 WPS、LibreOffice）里打开；请先保存并关闭，再运行"
                )

    def check(self, changes: Sequence[Change]) -> FormulaCheck:
        """What ``apply`` would find in the way, without changing anything."""
        return self._change(changes, in_earnest=False)

    def apply(self, changes: Sequence[Change]) -> FormulaCheck:
        """Change cells in memory; a formula that is not ours is reported and left alone."""
        return self._change(changes, in_earnest=True)

    def _change(self, changes: Sequence[Change], *, in_earnest: bool) -> FormulaCheck:
        compared = 0
        problems: list[Problem] = []
        for change in changes:
            barred = formulas_in_the_way(change, self._workbook.sheet(change.sheet).cells)
            problems += barred.values()
            compared += len(change.computed)
            results = {where: value for where, (_, value) in change.computed.items()}
            if in_earnest:
                values = {**change.values, **results}
                self._set(change.sheet, {at: v for at, v in values.items() if at not in barred})
        return FormulaCheck(compared, tuple(problems))

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

    def equip(self, computer: Mapping[str, str]) -> bool:
        """Put ribbon, macros and the binding right in memory; whether anything was not."""
        from xl_addin.equipment import equip

        parts = equip(self._parts, computer)
        changed = parts != self._parts
        self._changed = self._changed or changed
        self._parts, self._workbook = parts, Workbook(parts)
        return changed

    def save(self) -> str:
        """Write the master if anything changed, keeping the version before as a backup."""
        if self._changed:
            self.ready()
            _back_up(self.path)
            durable.write(self.path, pack(self._parts.values()))
            self._changed = False
        return f"已写入 {self.path}"


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
