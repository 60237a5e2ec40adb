"""Whether a ledger is whole, what it holds, and where it differs from another one.

Everything here can be asked of a ledger that was opened for reading only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from xl_addin.store.comparisons import compared_files
from xl_addin.store.database import LedgerReader, select
from xl_addin.store.schema import STEPS, archived_tables
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


def _since(table: str) -> int:
    """The version of a ledger's tables that one came with; an older one is not migrated to be looked at."""
    return next(n for n, step in enumerate(STEPS, 1) if table in step.append_only)


class LooseRow(NamedTuple):
    """A row of a table that belongs to a row of ``parent`` that is not there."""

    table: str
    row: int
    parent: str


class RowCounts(NamedTuple):
    """How many rows the main tables have."""

    events: int
    dispatches: int
    receipts: int
    figures: int
    decisions: int
    closings: int


class ControlSum(NamedTuple):
    """What came in for a month and what of it counts.

    ``verdicts`` counts the receipts collected for it. ``counting`` is how many returns count,
    ``figures`` how many numbers stand in them and ``total`` what these add up to.
    """

    month: str
    verdicts: dict[str, int]
    counting: int = 0
    figures: int = 0
    total: float = 0.0


class Difference(NamedTuple):
    """A row in which two ledgers differ, by columns; None where one of them lacks it."""

    table: str
    key: tuple[Any, ...]
    ours: Mapping[str, Any] | None
    theirs: Mapping[str, Any] | None


class FigurePlace(NamedTuple):
    """Where a figure came from."""

    file: str
    district: str
    month: str
    cell: str


def server_of(reader: LedgerReader) -> str:
    """The address of the server that a ledger was last on by its journal, "" for none or where it came back."""
    rows = select(
        reader,
        "SELECT outcome FROM events WHERE verb IN ('join', 'move-ledger') ORDER BY id DESC LIMIT 1",
    )
    found = re.search(r"postgres(?:ql)?://[^\s：（]+", rows[0][0]) if rows else None
    return found[0] if found else ""


def layout_version(ledger: LedgerReader) -> int:
    """The version of its tables; ``schema.SCHEMA`` is the one that this program writes."""
    version: int = select(ledger, "PRAGMA user_version")[0][0]
    return version


def damages(ledger: LedgerReader) -> list[str]:
    """What the database itself finds wrong with its file, in its own words; five at most."""
    return [said for (said,) in select(ledger, "PRAGMA integrity_check(5)") if said != "ok"]


def loose_rows(ledger: LedgerReader) -> list[LooseRow]:
    """The rows that belong to nothing."""
    rows = select(ledger, "PRAGMA foreign_key_check")
    return [LooseRow(table, row, parent) for table, row, parent, _ in rows]


def count_rows(ledger: LedgerReader) -> RowCounts:
    """How much the ledger holds, undone runs included."""
    counts = ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in RowCounts._fields)  # noqa: S608
    return RowCounts._make(select(ledger, f"SELECT {counts}")[0])


def returned_files(ledger: LedgerReader) -> dict[str, str]:
    """By hash every returned file that must be in the archive, and the name it came under last."""
    found = dict(select(ledger, "SELECT sha256, file FROM receipts WHERE sha256<>'' ORDER BY id"))
    if layout_version(ledger) >= _since("papers"):
        found |= dict(select(ledger, "SELECT sha256, file FROM papers ORDER BY id"))
    return found


def received_files(ledger: LedgerReader) -> dict[str, str]:
    """By hash every file from outside that must be in the archive: what was returned, what was compared."""
    if layout_version(ledger) < _since("comparisons"):
        return returned_files(ledger)
    return {**returned_files(ledger), **compared_files(ledger)}


def committed_pages(ledger: LedgerReader) -> frozenset[str]:
    """The hashes of the pages of the run log that the ledger has taken."""
    return frozenset(sha256 for (sha256,) in select(ledger, "SELECT sha256 FROM pages"))


def last_written_at(ledger: LedgerReader) -> str:
    """The latest time in the journal, as the ledger writes times; empty where it has no line."""
    return str(select(ledger, "SELECT COALESCE(MAX(at), '') FROM events")[0][0])


def control_sums(ledger: LedgerReader) -> list[ControlSum]:
    """Month by month: those that were collected for, then others for which something counts."""
    found: dict[str, ControlSum] = {}
    for month, verdict, count in select(
        ledger, "SELECT asked, verdict, COUNT(*) FROM returns GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        found.setdefault(month, ControlSum(month, {})).verdicts[verdict] = count
    for month, *sums in select(
        ledger,
        "SELECT c.month, COUNT(DISTINCT c.receipt), COUNT(f.value), TOTAL(f.value) FROM counting c"
        " LEFT JOIN figures f ON f.receipt=c.receipt GROUP BY 1 ORDER BY 1",
    ):
        verdicts = found[month].verdicts if month in found else {}
        found[month] = ControlSum(month, verdicts, *sums)
    return list(found.values())


def figure_place(ledger: LedgerReader, receipt: int, indicator: str) -> FigurePlace | None:
    """Where a receipt's figure of an indicator came from, if the ledger has it."""
    rows = select(
        ledger,
        "SELECT r.file, r.district, r.month, f.cell FROM figures f JOIN receipts r ON r.id=f.receipt"
        " WHERE f.receipt=? AND f.indicator=?",
        (receipt, indicator),
    )
    return FigurePlace._make(rows[0]) if rows else None


_KEPT_SINCE = ("figure_sheets", "stated", "texts")
_OF_FILES = ("figures", "figure_sheets", "stated", "texts", "work_reports")
_BY_RECEIPT = ("figures", "problems", "stated", "texts", "work_reports")


def compare_ledgers(ours: LedgerReader, theirs: LedgerReader) -> Iterator[list[Difference]]:
    """Table by table the rows in which two ledgers of the same version differ.

    A row is known by its first column, where several are of one receipt by its first two. What was
    not kept of a return when it was collected, by a version before the tables for it, is no difference.
    """
    kept = {row[0] for row in select(ours, "SELECT receipt FROM figure_sheets")}
    for table in (*archived_tables(), *_OF_FILES):
        query = f"SELECT * FROM {table}"  # noqa: S608 - our own names
        here, there = Counter(select(ours, query)), Counter(select(theirs, query))
        if table in _KEPT_SINCE:
            there = Counter(row for row in there.elements() if row[0] in kept)
        columns = [row[1] for row in select(ours, f"PRAGMA table_info({table})")]
        keys = 2 if table in _BY_RECEIPT else 1
        mine = _rows_by_key(columns, keys, here - there)
        others = _rows_by_key(columns, keys, there - here)
        yield [
            Difference(table, key, mine.get(key), others.get(key))
            for key in dict.fromkeys(chain(mine, others))
        ]


def _rows_by_key(
    columns: Sequence[str], keys: int, rows: Counter[tuple[Any, ...]]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {row[:keys]: dict(zip(columns, row, strict=True)) for row in rows.elements()}
