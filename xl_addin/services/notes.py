"""The notes on the cells of 本月完成: what a district wrote beside the figure that stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.master.host.base import Host, note
from xl_addin.master.read.blocks import Block, locate_matrix
from xl_addin.model.records import COMMENT, TEXT_LABELS, Text
from xl_addin.model.sheets import MONTH_BLOCK, TEXTS_SHEET
from xl_addin.store.ledger import Ledger
from xl_addin.store.texts import texts_of_figures
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import TEXT, Cell

_MOST = 2_000


def write_notes(host: Host, ledger: Ledger, month: str) -> str:
    """Note on each cell of 本月完成 what its district wrote; says what could not be done, else nothing."""
    block = host.block(MONTH_BLOCK)
    if host.annotate(block.sheet, _wanted(block, texts_of_figures(ledger, month))):
        return ""
    return f"；区县的说明没有能写成“{block.sheet}”的批注，请看“{TEXTS_SHEET}”"


def _wanted(block: Block, texts: Mapping[tuple[str, str], Sequence[Text]]) -> dict[Where, str]:
    if not texts:
        return {}
    found, _ = locate_matrix(block)
    places = (
        ((found.rows[district], found.columns[code]), note(_lines(said)))
        for (district, code), said in texts.items()
        if district in found.rows and code in found.columns
    )
    return dict(sorted(places)[:_MOST])


def _lines(texts: Sequence[Text]) -> Iterator[str]:
    for text in texts:
        where = f" {text.cell}" if text.field == COMMENT else ""
        yield f"{TEXT_LABELS[text.field]}{where}：{text.text}"


def notes_block(host: Host) -> Block:
    """Our notes as if they were the cells of a block of the size of 本月完成's, to keep and compare."""
    block = host.block(MONTH_BLOCK)
    top, left, bottom, right = block.area
    cells = {
        at: Cell(TEXT, text)
        for at, text in host.notes(block.sheet).items()
        if top <= at[0] <= bottom and left <= at[1] <= right
    }
    return block._replace(cells=cells)
