"""Programmes of several levels on the disk: each unit of one is the head of the next one down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.tools.programme import YEAR, SmallProgramme
from tests.tools.tables import workbook
from xl_addin.cli import main
from xl_addin.model.folder import FORMS


def level(
    folder: Path, units: Sequence[str], headings: Sequence[str], targets: object = 12, *options: str
) -> SmallProgramme:
    """A programme of these units; ``targets`` are everybody's, one for all indicators or one each."""
    table = folder.parent / f"{folder.name}任务表.xlsx"
    each = targets if isinstance(targets, list) else [targets] * len(headings)
    rows = [[f"{YEAR}年重点任务表"], ["单位", *headings], *([unit, *each] for unit in units)]
    table.write_bytes(workbook({"任务表": rows}))
    words = ["new", str(folder), "--task-table", str(table), "--year", str(YEAR), "--json"]
    assert main([*words, *options]) in (0, 1)
    return SmallProgramme(folder)


def issued(programme: SmallProgramme, unit: str, month: str) -> Path:
    """The form that a programme made for one of its units."""
    folder = programme.folder / FORMS / month
    return next(path for path in folder.iterdir() if path.stem.endswith(unit))
