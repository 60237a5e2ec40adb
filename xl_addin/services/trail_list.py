"""The sheet 溯源: the trail of one figure, with links that open copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.master.build.trail_sheet import OPEN, open_formula
from xl_addin.master.host.base import Change, Host
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.schedule import without_noise
from xl_addin.model.settings import Config
from xl_addin.model.sheets import TRAIL_BLOCK, TRAIL_HEADINGS, TRAIL_NOTE
from xl_addin.services.trail import Trail, TrailRow
from xl_addin.services.trail_copies import link_of
from xl_addin.services.trail_words import COUNTED, heading_of, words_of
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value


def trail_changes(
    host: Host, trail: Trail, config: Config, copies: Mapping[int, str]
) -> list[Change]:
    """What 溯源 says of a trail. Raises Outdated where the master has no such sheet."""
    block, note = host.block(TRAIL_BLOCK), host.block(TRAIL_NOTE)
    top, _, bottom, _ = block.area
    columns = find_columns(block, TRAIL_HEADINGS)
    values: dict[Where, Value] = {}
    computed: dict[Where, tuple[str, Value]] = {}
    rows = _rows(trail.rows, config, copies, bottom - top)
    for row in range(top + 1, bottom + 1):
        used = row - top <= len(rows)
        cells = rows[row - top - 1] if used else (None,) * len(columns)
        link = cells[-1]
        for heading, value in zip(TRAIL_HEADINGS, cells, strict=True):
            where = (row, columns[heading])
            if heading == "原件":
                formula = open_formula(row, columns["链接"])
                computed[where] = (formula, OPEN if link else "")
            elif used or where in block.cells:
                values[where] = None if value == "" else value
    return [
        Change(block.sheet, values, computed),
        Change(note.sheet, {note.area[:2]: heading_of(trail, config)}, {}),
    ]


def _rows(
    rows: Sequence[TrailRow], config: Config, copies: Mapping[int, str], room: int
) -> list[tuple[Value, ...]]:
    """The rows as they stand on the sheet; what there is no room for is one row, which still adds up."""
    listed = rows if len(rows) <= room else rows[: room - 1]
    names = {each.code: each.name for each in config.districts}
    found: list[tuple[Value, ...]] = []
    for row in listed:
        words = words_of(row, config, names)
        found.append((*words, None, link_of(row, copies)))
    rest = rows[len(listed) :]
    if rest:
        counting = [row.value for row in rest if row.counts and row.value is not None]
        whole = without_noise(sum(counting)) if counting else None
        said = f"另有 {len(rest)} 行没有列出，计入的相加是这一行的数；全部的用 xl-addin trace 看"
        found.append(("其余", COUNTED, whole, *[""] * 5, said, None, ""))
    return found
