"""The paper that the demo asks for: a row of 材料, the covers for it, and one that comes back as it went out."""

from __future__ import annotations

import shutil
from pathlib import Path

from xl_addin.master.host.base import Change
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.folder import PAPERS, TEMPLATES
from xl_addin.model.sheets import PAPER_HEADINGS, PAPERS_BLOCK
from xl_addin.services.paper_issuing import issue_covers
from xl_addin.services.programme import Programme
from xl_addin.system import held
from xl_addin.xlsx.cells import Value

_ROW: dict[str, Value] = {
    "代码": "D1",
    "材料": "上半年总结",
    "要求": "上半年完成情况、主要做法、存在的问题和下半年打算",
    "截止": "7月20日",
    "最少字数": 1000,
}


def ask_for_paper(programme: Programme) -> None:
    """Type the row into the master and lay the covers down."""
    host = programme.host
    block = host.block(PAPERS_BLOCK)
    columns = find_columns(block, PAPER_HEADINGS)
    row = block.area[0] + 1
    host.apply([Change(block.sheet, {(row, columns[k]): v for k, v in _ROW.items()}, {})])
    host.save()
    issue_covers(programme, rehearse=False)


def return_cover(folder: Path, inbox: Path) -> Path:
    """Put the first cover into ``inbox`` with nothing written on it, which is turned down."""
    covers = folder / PAPERS / TEMPLATES
    cover = next(covers / name for name in held.names(covers) if name.endswith(".docx"))
    return Path(shutil.copy(cover, inbox))
