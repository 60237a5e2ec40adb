"""A cell of 得分, followed to the rows of 扣分明细 that it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.read.blocks import Block, find_columns, key_text
from xl_addin.model.sheets import (
    LOSS_HEADINGS,
    LOSSES_BLOCK,
    SCORE_HEADINGS,
    SCORE_HEADS,
    SCORE_ITEMS,
    SCORES_BLOCK,
)
from xl_addin.services.figure_at import spelt_cell
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value


class LossRow(NamedTuple):
    """A row of 扣分明细 as it stands there."""

    place: str
    item: str
    month: str
    reason: str
    points: float
    receipt: str

    @property
    def words(self) -> str:
        """The row in a line."""
        return f"{self.item} {self.month} 扣 {self.points:g}：{self.reason}（{self.receipt}）"


class ScoreAsked(NamedTuple):
    """A district's score, of one item or (``item`` empty) of all, with its rows."""

    place: str
    district: str
    item: str
    shown: Value
    rows: tuple[LossRow, ...]


def score_asked(programme: Programme, request: Request) -> ScoreAsked | None:
    """What is asked about where it is a district's row of 得分, None where it is not."""
    if request.options.get("district") or request.options.get("indicator"):
        return None
    given = request.options.get("cell")
    selected = spelt_cell(given) if given else programme.host.selected()
    if selected is None:
        return None
    try:
        block = programme.host.block(SCORES_BLOCK)
    except Refused:  # an older master has not got it
        return None
    sheet, (row, column) = selected
    top, left, bottom, right = block.area
    if sheet != block.sheet or not (top + SCORE_HEADS <= row <= bottom and left <= column <= right):
        return None
    at = find_columns(block, SCORE_HEADINGS)
    district = key_text(block.cells.get((row, at["区县"])))
    if not district:
        return None
    items = {at[key]: key_text(block.cells.get((top + 1, at[key]))) for key in SCORE_ITEMS}
    item = items.get(column, "")
    cell = block.cells.get((row, column))
    rows = tuple(_rows(programme.host.block(LOSSES_BLOCK), district, item))
    place = f"{sheet}!{a1.cell_name(row, column)}"
    return ScoreAsked(place, district, item, None if cell is None else cell.value, rows)


def _rows(block: Block, district: str, item: str) -> Iterator[LossRow]:
    at = find_columns(block, LOSS_HEADINGS)

    def text(where: Where) -> str:
        cell = block.cells.get(where)
        return "" if cell is None or cell.value is None else str(cell.value)

    rows = sorted({row for row, _ in block.cells if row > block.area[0]})
    for row in rows:
        of = text((row, at["项目"]))
        if text((row, at["区县"])) == district and item in ("", of):
            points = block.cells[row, at["扣分"]].value
            lost = float(points) if isinstance(points, int | float) else 0.0
            month, reason, receipt = (
                text((row, at[heading])) for heading in ("月份", "依据", "回执")
            )
            yield LossRow(block.at((row, at["扣分"])), of, month, reason, lost, receipt)
