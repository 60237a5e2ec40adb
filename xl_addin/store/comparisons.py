"""What other offices' tables were compared, and what every pair of figures came to.

A comparison of a run that was taken back does not count; what staff typed about it stays.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from xl_addin.model.records import Number
from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_STANDING = (
    "SELECT id, month, file, sha256, at, kept, account FROM comparisons"
    " WHERE run NOT IN (SELECT run FROM undone)"
)
_PAIR = (
    "district, indicator, period, as_of, ours, theirs, found, difference, cell, result, trail, note"
)


class NewComparison(NamedTuple):
    """A file that was compared. ``sha256`` is over it; ``kept`` says that it lies in the archive.

    ``account`` is what was understood of it, as ``--json`` prints it.
    """

    month: str
    file: str
    sha256: str
    at: str
    kept: bool
    account: Mapping[str, Any]


class Comparison(NamedTuple):
    """A comparison on record; ``id`` counts upwards."""

    id: int
    month: str
    file: str
    sha256: str
    at: str
    kept: bool
    account: Mapping[str, Any]


class ReceiptPlace(NamedTuple):
    """A cell of a return that our figure is made of."""

    month: str
    receipt: int
    file: str
    sheet: str
    cell: str
    value: Number | None


class ComparedPair(NamedTuple):
    """A district's figure beside theirs.

    ``period`` and ``result`` are keys of ``model.comparison``; ``as_of`` is 1 to 12. ``found`` is what stands
    in their ``cell`` where it is no number. ``trail`` are the cells that ours is made of, ``note`` what has
    to be said.
    """

    district: str
    indicator: str
    period: str
    as_of: int
    ours: Number | None
    theirs: Number | None
    found: str
    difference: Number | None
    cell: str
    result: str
    trail: tuple[ReceiptPlace, ...]
    note: str


def record_comparison(
    ledger: Ledger, comparison: NewComparison, pairs: Iterable[ComparedPair]
) -> int:
    """Record a comparison with every pair; its id. Call while writing."""
    [[number]] = select(ledger, "SELECT COALESCE(MAX(id), 0) + 1 FROM comparisons")
    account = json.dumps(comparison.account, ensure_ascii=False, separators=(",", ":"))
    insert(
        ledger,
        "INSERT INTO comparisons(id, run, month, file, sha256, at, kept, account)"
        " VALUES(?,?,?,?,?,?,?,?)",
        [(number, ledger.run, *comparison[:4], int(comparison.kept), account)],
    )
    insert(
        ledger,
        f"INSERT INTO compared(comparison, {_PAIR}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            (number, *pair[:10], json.dumps(pair.trail, ensure_ascii=False), pair.note)
            for pair in pairs
        ),
    )
    return int(number)


def comparisons(ledger: LedgerReader, month: str = "") -> list[Comparison]:
    """What was compared for a month, or at all, in the order in which it was recorded."""
    rows = select(ledger, f"{_STANDING} AND ? IN ('', month) ORDER BY id", (month,))
    return [Comparison._make((*row[:5], bool(row[5]), json.loads(row[6]))) for row in rows]


def last_comparison(ledger: LedgerReader) -> Comparison | None:
    """What was compared last."""
    return next(iter(comparisons(ledger)[-1:]), None)


def compared_pairs(ledger: LedgerReader, comparison: int) -> list[ComparedPair]:
    """Every pair of a comparison, as it was recorded."""
    rows = select(
        ledger,
        f"SELECT {_PAIR} FROM compared WHERE comparison=? ORDER BY id",  # noqa: S608 - our own names
        (comparison,),
    )
    return [
        ComparedPair._make(
            (*row[:10], tuple(map(ReceiptPlace._make, json.loads(row[10]))), row[11])
        )
        for row in rows
    ]


def compared_files(ledger: LedgerReader) -> dict[str, str]:
    """By hash every compared file that must be in the archive, and the name that it came under last."""
    rows = select(ledger, "SELECT sha256, file FROM comparisons WHERE kept=1 ORDER BY id")
    return dict(rows)


def seen_hashes(ledger: LedgerReader) -> set[str]:
    """The hashes of all files that were compared."""
    return {each.sha256 for each in comparisons(ledger)}


def add_notes(ledger: Ledger, comparison: int, notes: Mapping[tuple[str, str], str]) -> None:
    """Keep what staff typed beside pairs (district, indicator) of a comparison. Call while writing."""
    insert(
        ledger,
        "INSERT INTO comparison_notes(run, comparison, district, indicator, note) VALUES(?,?,?,?,?)",
        ((ledger.run, comparison, *pair, note) for pair, note in notes.items()),
    )


def notes_about(ledger: LedgerReader, file: str) -> dict[tuple[str, str], str]:
    """What staff typed last beside each pair of any comparison of a file of this name."""
    rows = select(
        ledger,
        "SELECT n.district, n.indicator, n.note FROM comparison_notes n JOIN comparisons c"
        " ON c.id=n.comparison WHERE c.file=? ORDER BY n.id",
        (file,),
    )
    return {(district, indicator): note for district, indicator, note in rows}


def counting_places(
    ledger: LedgerReader, last: str, indicators: Collection[str] = ()
) -> dict[tuple[str, str], list[ReceiptPlace]]:
    """By (district, indicator) the cells of the returns that count for the year up to a month, in order.

    Of all indicators, or of these alone.
    """
    of_these = " AND f.indicator IN (SELECT value FROM json_each(?))" if indicators else ""
    asked = (json.dumps(list(indicators)),) if indicators else ()
    found: dict[tuple[str, str], list[ReceiptPlace]] = {}
    for district, indicator, *place in select(
        ledger,
        "SELECT c.district, f.indicator, c.month, r.id, r.file, COALESCE(s.sheet, ''),"  # noqa: S608 - our own
        " CASE WHEN t.cell IS NOT NULL AND f.value IS NULL THEN t.cell ELSE f.cell END,"
        " COALESCE(f.value, t.value)"
        " FROM counting c JOIN receipts r ON r.id=c.receipt JOIN figures f ON f.receipt=r.id"
        " LEFT JOIN figure_sheets s ON s.receipt=r.id"
        " LEFT JOIN stated t ON t.receipt=r.id AND t.indicator=f.indicator"
        f" WHERE c.month>=? AND c.month<=?{of_these} ORDER BY c.month, r.id, f.indicator",
        (f"{last[:4]}-01", last, *asked),
    ):
        found.setdefault((district, indicator), []).append(ReceiptPlace._make(place))
    return found
