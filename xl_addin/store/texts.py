"""What districts wrote beside their figures, as the ledger keeps it by return."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.model.records import COMMENT, REMARK, Text
from xl_addin.store.database import LedgerReader, select
from xl_addin.system.light import NamedTuple

_COLUMNS = "t.field, t.indicator, t.sheet, t.cell, t.text"
_COUNTING = (
    "FROM counting c JOIN receipts r ON r.id=c.receipt JOIN texts t ON t.receipt=c.receipt"
    " WHERE c.month>=? AND c.month<=?"
)


class ListedText(NamedTuple):
    """A text of a return that counts, and the return that it stands in."""

    month: str
    district: str
    file: str
    text: Text


def texts_of(ledger: LedgerReader, receipt: int) -> tuple[Text, ...]:
    """The texts of a return."""
    query = f"SELECT {_COLUMNS} FROM texts t WHERE t.receipt=? ORDER BY t.position"  # noqa: S608 - our own names
    return tuple(Text._make(row) for row in select(ledger, query, (receipt,)))


def listed_texts(ledger: LedgerReader, first: str, last: str, limit: int) -> list[ListedText]:
    """The texts of the returns that count for these months, the newest month first.

    Within a month 说明 and comments of all districts come before who filled in the form.
    """
    rows = select(
        ledger,
        f"SELECT c.month, c.district, r.file, {_COLUMNS} {_COUNTING}"
        " ORDER BY c.month DESC, t.field NOT IN (?,?), c.district, t.position LIMIT ?",
        (first, last, REMARK, COMMENT, limit),
    )
    return [ListedText._make((*row[:3], Text._make(row[3:]))) for row in rows]


def text_count(ledger: LedgerReader, first: str, last: str) -> int:
    """How many texts stand behind ``listed_texts`` when there is no limit."""
    count: int = select(ledger, f"SELECT COUNT(*) {_COUNTING}", (first, last))[0][0]
    return count


def texts_of_figures(ledger: LedgerReader, month: str) -> Mapping[tuple[str, str], list[Text]]:
    """By (district, indicator) what is written beside the figures that count for a month."""
    found: dict[tuple[str, str], list[Text]] = {}
    for district, *text in select(
        ledger,
        f"SELECT c.district, {_COLUMNS} {_COUNTING} AND t.indicator<>'' ORDER BY c.district, t.position",
        (month, month),
    ):
        found.setdefault((district, text[1]), []).append(Text._make(text))
    return found
