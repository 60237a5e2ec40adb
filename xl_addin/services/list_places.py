"""Where in 区县名录, 指标 and 任务调整 something stands, or is to be typed."""

from __future__ import annotations

from xl_addin.master.host.base import Host
from xl_addin.master.mend.gaps import LISTS
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.model.commands import label_of
from xl_addin.model.result import Result
from xl_addin.model.sheets import CODE_KEY
from xl_addin.xlsx.a1 import Where, cell_name


def row_of(host: Host, area: str, code: str) -> int:
    """The row of a list that a code stands in; 0 where there is none."""
    block = host.block(area)
    at = find_columns(block, (CODE_KEY,))[CODE_KEY]
    rows = range(block.area[0] + 1, block.area[2] + 1)
    return next((row for row in rows if key_text(block.cells.get((row, at))) == code), 0)


def place_of(host: Host, area: str, code: str, heading: str) -> Where:
    """The cell of a list under a heading in a code's row."""
    return row_of(host, area, code), find_columns(host.block(area), (heading,))[heading]


def where_to_type(host: Host, verb: str, area: str) -> Result:
    """What a button says that was pressed before anything was typed: where to type what, then again."""
    block = host.block(area)
    top, left, bottom, _ = block.area
    last = max((row for row, _ in block.cells), default=top)
    cell = cell_name(last + 1, left)
    words = "、".join(f"“{heading}”" for heading in _ASKED.get(area, LISTS[area]))
    below = "" if last < bottom else "（表的下面）"
    return Result(
        {"verb": verb, "changes": [], "place": {"sheet": block.sheet, "cell": cell}},
        f"请在“{block.sheet}”第 {last + 1} 行{below}填上{words}，再点一次“{label_of(verb)}”",
    )


_ASKED = {
    "blk_indicators": ("代码", "指标", "计量单位", "口径", "取整"),
    "blk_adjustments": ("起始月", "区县", "指标", "调整数", "依据"),
}
