"""What was read out of returned files: figures and the sheet they stand on, and what was written besides."""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.records import Figure, ItemReport, Text
from xl_addin.store.schema import Connection
from xl_addin.system.light import NamedTuple


class Contents(NamedTuple):
    """What one receipt's file says."""

    receipt: int
    figures: Sequence[Figure]
    sheet: str = ""
    texts: Sequence[Text] = ()
    reports: Sequence[ItemReport] = ()


def insert_contents(db: Connection, read: Sequence[Contents]) -> None:
    """Add what was read; a figure's place is its receipt's sheet and its own cell."""
    db.executemany(
        "INSERT INTO figures VALUES(?,?,?,?,?,?)",
        (
            (receipt, f.indicator, f.measure, f.state, f.value, f.cell)
            for receipt, figures, *_ in read
            for f in figures
        ),
    )
    db.executemany(
        "INSERT INTO stated VALUES(?,?,?,?)",
        (
            (each.receipt, f.indicator, f.stated, f.stated_cell)
            for each in read
            for f in each.figures
            if f.stated is not None
        ),
    )
    db.executemany(
        "INSERT INTO figure_sheets VALUES(?,?)",
        ((each.receipt, each.sheet) for each in read if each.sheet),
    )
    db.executemany(
        "INSERT INTO texts VALUES(?,?,?,?,?,?,?)",
        (
            (each.receipt, position, *text)
            for each in read
            for position, text in enumerate(each.texts)
        ),
    )
    db.executemany(
        "INSERT INTO work_reports(receipt, item, state, progress, trouble, measures, expected, cell)"
        " VALUES(?,?,?,?,?,?,?,?)",
        ((each.receipt, *report) for each in read for report in each.reports),
    )
