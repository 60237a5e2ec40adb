"""What went out: which bulletin of which month, and every figure that it printed.

A publication of a run that was taken back does not count.
"""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.model.records import Number
from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

BULLETIN = "bulletin"
CUMULATIVE, COMPLETION, STANDING, RANK = "cumulative", "completion", "standing", "rank"
SCORE, SCORE_RANK = "score", "score-rank"
_STANDING = (
    "SELECT id, month, kind, number, sha256, file, at FROM publications"
    " WHERE run NOT IN (SELECT run FROM undone)"
)


class PublishedFigure(NamedTuple):
    """A figure as it was printed.

    ``district`` is empty for the whole, ``indicator`` where it is about all of them; ``kind`` is one of
    CUMULATIVE, COMPLETION, STANDING (both shares: 0.375 is 37.5 %) and RANK; ``value`` is None where it
    was printed as not known. ``receipt`` is the return that it ended with, None where several did.
    """

    district: str
    indicator: str
    kind: str
    value: Number | None
    receipt: int | None = None


class NewPublication(NamedTuple):
    """What goes out: ``number`` is its own (期号), ``sha256`` in hex over the file as it went out."""

    month: str
    kind: str
    number: str
    sha256: str
    file: str
    at: str


class Publication(NamedTuple):
    """What went out; ``id`` counts upwards."""

    id: int
    month: str
    kind: str
    number: str
    sha256: str
    file: str
    at: str


def record_publication(
    ledger: Ledger, publication: NewPublication, figures: Iterable[PublishedFigure]
) -> int:
    """Record what goes out with every figure in it; its id. Call while writing."""
    [[number]] = select(ledger, "SELECT COALESCE(MAX(id), 0) + 1 FROM publications")
    insert(
        ledger,
        "INSERT INTO publications(id, run, month, kind, number, sha256, file, at)"
        " VALUES(?,?,?,?,?,?,?,?)",
        [(number, ledger.run, *publication)],
    )
    insert(
        ledger,
        "INSERT INTO published(publication, district, indicator, kind, value, receipt)"
        " VALUES(?,?,?,?,?,?)",
        ((number, *figure) for figure in figures),
    )
    return int(number)


def publications(ledger: LedgerReader, month: str = "") -> list[Publication]:
    """What went out for a month, or at all, in the order in which it was recorded."""
    rows = select(ledger, f"{_STANDING} AND ? IN ('', month) ORDER BY id", (month,))
    return [Publication._make(row) for row in rows]


def last_publication(ledger: LedgerReader, month: str) -> Publication | None:
    """What went out last for a month."""
    return next(iter(publications(ledger, month)[-1:]), None)


def publication_before(ledger: LedgerReader, month: str) -> Publication | None:
    """What went out last for the nearest month before this one that anything went out for."""
    rows = select(ledger, f"{_STANDING} AND month<? ORDER BY month DESC, id DESC LIMIT 1", (month,))
    return Publication._make(rows[0]) if rows else None


def published_figures(ledger: LedgerReader, publication: int) -> list[PublishedFigure]:
    """Every figure of a publication, as it was recorded."""
    rows = select(
        ledger,
        "SELECT district, indicator, kind, value, receipt FROM published WHERE publication=? ORDER BY id",
        (publication,),
    )
    return [PublishedFigure._make(row) for row in rows]


def last_published_ranks(
    ledger: LedgerReader, month: str, by_score: bool = False
) -> dict[str, int]:
    """By district the rank that was published last for a month before this one.

    Ranks ``by_score`` and by standing are never compared. Of a month that was published twice the last
    counts; a district without a rank is not in it.
    """
    before = publication_before(ledger, month)
    figures = [] if before is None else published_figures(ledger, before.id)
    return {
        each.district: int(each.value)
        for each in figures
        if each.kind == (SCORE_RANK if by_score else RANK) and each.value is not None
    }


class LaterReturn(NamedTuple):
    """A return that counts now and did not when something went out."""

    id: int
    sha256: str
    file: str
    month: str
    received_at: str


class Since(NamedTuple):
    """What happened to figures since something went out: by district the returns, whether a run was undone."""

    returns: dict[str, list[LaterReturn]]
    undone: bool


def returns_since(ledger: LedgerReader, publication: Publication) -> Since:
    """The counting returns that came, or were decided on, since something went out; the latest last."""
    [[run]] = select(ledger, "SELECT run FROM publications WHERE id=?", (publication.id,))
    found: dict[str, list[LaterReturn]] = {}
    for district, *each in select(
        ledger,
        "SELECT c.district, r.id, r.sha256, r.file, c.month, r.received_at FROM counting c"
        " JOIN receipts r ON r.id=c.receipt WHERE r.run>? OR EXISTS(SELECT 1 FROM settled s"
        " WHERE s.receipt=r.id AND s.run>?) ORDER BY r.id",
        (run, run),
    ):
        found.setdefault(district, []).append(LaterReturn._make(each))
    [[undone]] = select(ledger, "SELECT COUNT(*) FROM undone WHERE by>?", (run,))
    return Since(found, bool(undone))
