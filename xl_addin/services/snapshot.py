"""What a recompute changed in the master, so that it can be taken back; the last few are kept.

Cells are kept by their place in a named block, because staff may move the block. What staff changed
since is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import Block
from xl_addin.model.folder import BACKUPS
from xl_addin.model.problems import make
from xl_addin.model.records import Number, Problem
from xl_addin.model.sheets import AREAS
from xl_addin.services.notes import notes_block
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Cell, Value

if TYPE_CHECKING:
    from typing import Any

KEPT = 20
BLOCKS = tuple(name for name, area in AREAS.items() if area.recomputed)
NOTES = "notes"
"""Under this name the notes of ours on 本月完成 are kept, as if they were cells."""
CellContent = Number | str | bool | None


class CellChange(NamedTuple):
    """One cell, by its distance from the block's first, before and after."""

    down: int
    right: int
    before: CellContent
    after: CellContent


class BlockChanges(NamedTuple):
    """The changed cells of one block.

    ``size`` is (rows, columns) less one, to see whether staff changed the block's shape since.
    """

    size: tuple[int, int]
    cells: tuple[CellChange, ...]


def read_blocks(host: Host) -> dict[str, Block]:
    """Everything that recompute writes, as it stands in the master."""
    return {**{name: host.block(name) for name in BLOCKS}, NOTES: notes_block(host)}


def compare_blocks(
    before: Mapping[str, Block], after: Mapping[str, Block]
) -> dict[str, BlockChanges]:
    """What changed between two looks at the master."""
    found: dict[str, BlockChanges] = {}
    for name, block in after.items():
        top, left, _, _ = block.area
        was, now = before[name].cells, block.cells
        # A cell that nothing was put into is the very record that it was.
        changed = (at for at in was.keys() | now.keys() if was.get(at) is not now.get(at))
        cells = tuple(
            CellChange(row - top, column - left, old, new)
            for row, column in sorted(changed)
            if (old := _value(was.get((row, column)))) != (new := _value(now.get((row, column))))
        )
        if cells:
            found[name] = BlockChanges(_size(block), cells)
    return found


def save_changes(folder: Path, run: int, undo_record: Mapping[str, BlockChanges]) -> None:
    """Keep what a run changes, before it does: a cut in between loses nothing.

    ``folder`` is the programme's. A run that was cut off after the master was written finds nothing
    to change when it is done again under the same number; what it kept the first time is kept on.
    """
    import zlib

    known = load_changes(folder, run) or {}
    whole = {
        name: _merge_changes(known.get(name), undo_record.get(name))
        for name in known.keys() | undo_record.keys()
    }
    path = _path(folder, run)
    path.parent.mkdir(exist_ok=True)
    atomic.remove_temporary(path.parent)
    atomic.write(path, zlib.compress(json.dumps(whole, ensure_ascii=False).encode(), 1))
    begins, _, ends = _path(folder, 0).name.partition("000000")
    kept = [n for n in held.names(path.parent) if n.startswith(begins) and n.endswith(ends)]
    for old in kept[:-KEPT]:
        held.unlink(path.parent / old)


def load_changes(folder: Path, run: int) -> dict[str, BlockChanges] | None:
    """What a run changed, None where that was not kept."""
    import zlib

    try:
        found = json.loads(zlib.decompress(held.read_bytes(_path(folder, run))))
    except (FileNotFoundError, zlib.error, ValueError):
        return None
    return {
        name: BlockChanges((size[0], size[1]), tuple(CellChange._make(cell) for cell in cells))
        for name, (size, cells) in found.items()
    }


def _path(folder: Path, run: int) -> Path:
    return folder / BACKUPS / f"重算前-{run:06d}.json.z"


def _merge_changes(first: BlockChanges | None, second: BlockChanges | None) -> BlockChanges:
    """One record for two runs of the same change: what was there before the first of them."""
    if first is None or second is None or first.size != second.size:
        found = second or first
        assert found is not None  # noqa: S101 - one of the two is there
        return found
    cells = {cell[:2]: cell for cell in first.cells}
    for cell in second.cells:
        earlier = cells.get(cell[:2])
        same = earlier is not None and earlier.after == cell.before
        cells[cell[:2]] = cell._replace(before=earlier.before) if earlier and same else cell
    return BlockChanges(second.size, tuple(cells.values()))


def restore_changes(
    host: Host, undo_record: Mapping[str, BlockChanges]
) -> tuple[list[Change], list[Problem]]:
    """The changes that take it back, and the cells that staff changed since, which stay."""
    changes: dict[str, Change] = {}
    left: list[Problem] = []
    touched: list[tuple[Block, set[Where]]] = []
    for name, (size, cells) in undo_record.items():
        if name == NOTES:
            continue
        try:
            block = host.block(name)
        except Refused as gone:
            left.append(make("block-changed", gone.message, found=name))
            continue
        if _size(block) != size:
            says = "这张表的行列有增减，没有恢复它原来的数；请重算"
            left.append(block.problem("block-changed", block.area[:2], says))
            continue
        top, column, _, _ = block.area
        touched.append((block, {(top + cell.down, column + cell.right) for cell in cells}))
        change = changes.setdefault(block.sheet, Change(block.sheet, {}, {}))
        left += _restore(block, cells, change.values, change.computed)
    for block, changed in touched if not left else ():
        # All that they build on is as it was then: what these formulas come to still stands. Not so
        # for one that changed and was calculated anew since: it was calculated from what goes now.
        for where, cell in block.cells.items():
            if cell.formula is not None and cell.value is not None and where not in changed:
                computed = changes[block.sheet].computed
                computed.setdefault(where, (cell.formula, cell.value))
    return list(changes.values()), left


def restore_notes(host: Host, undo_record: Mapping[str, BlockChanges]) -> None:
    """Bring back the notes that stood on cells before; where the block has another shape none."""
    kept = undo_record.get(NOTES)
    if kept is None:
        return
    block = notes_block(host)
    notes = {at: str(cell.value) for at, cell in block.cells.items()}
    top, column, _, _ = block.area
    for down, right, before, _ in kept.cells if kept.size == _size(block) else ():
        notes.pop((top + down, column + right), None)
        if before is not None:
            notes[top + down, column + right] = str(before)
    host.annotate(block.sheet, notes if kept.size == _size(block) else {})


def _restore(
    block: Block,
    cells: tuple[CellChange, ...],
    values: dict[Where, Value],
    computed: dict[Where, tuple[str, Value]],
) -> Iterator[Problem]:
    top, column, _, _ = block.area
    for down, right, before, after in cells:
        where = (top + down, column + right)
        cell = block.cells.get(where)
        now = _value(cell)
        if cell is not None and cell.formula is not None:
            if now == after:
                computed[where] = (cell.formula, "" if before is None else before)
        elif now == after:
            values[where] = before
        elif now != before:
            says = "撤销时发现这一格后来又被改过，没有动它；请核对"
            yield block.problem("changed-since", where, says)


def _size(block: Block) -> tuple[int, int]:
    top, left, bottom, right = block.area
    return bottom - top, right - left


def _value(cell: Cell | None) -> Any:
    return None if cell is None or cell.value == "" else cell.value
