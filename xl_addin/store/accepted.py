"""The accepted returns with the figures that were read of them."""

from __future__ import annotations

from xl_addin.model.records import Figure
from xl_addin.store.database import select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple


class AcceptedFile(NamedTuple):
    """An accepted return; ``month`` and ``district`` are those that it counts for."""

    sha256: str
    file: str
    month: str
    district: str
    figures: tuple[Figure, ...]


def accepted_files(ledger: Ledger, first: str, last: str) -> list[AcceptedFile]:
    """Every accepted return of these months, replaced ones too, in the order they came in."""
    found: dict[int, AcceptedFile] = {}
    for number, sha256, file, month, district, *figure in select(
        ledger,
        "SELECT r.id, r.sha256, r.file, r.month, r.district, f.indicator, f.state, f.value, f.cell,"
        " f.measure FROM returns r JOIN figures f ON f.receipt=r.id"
        " WHERE r.verdict='accepted' AND r.month>=? AND r.month<=? ORDER BY r.id, f.indicator",
        (first, last),
    ):
        earlier = found.get(number, AcceptedFile(sha256, file, month, district, ()))
        found[number] = earlier._replace(figures=(*earlier.figures, Figure._make(figure)))
    return list(found.values())


def reading_settings(ledger: Ledger) -> list[str]:
    """What returns were read by, the latest first, each as it was written down."""
    return [text for (text,) in select(ledger, "SELECT settings FROM readings ORDER BY id DESC")]
