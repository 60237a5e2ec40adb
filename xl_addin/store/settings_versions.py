"""The settings that several masters share: one chain of numbered versions, only ever added to.

No undo takes a version back: who wants the former settings makes a further version of them.
"""

from __future__ import annotations

from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple

_VERSIONS = "SELECT id, run, at, who, master, digest FROM settings_versions"


class SettingsVersion(NamedTuple):
    """One version: ``number`` counts from 1, ``run`` is the event that it came with.

    ``who`` is as people are told, ``master`` the id of the workbook it was typed in, ``digest`` in hex over
    what its body says.
    """

    number: int
    run: int
    at: str
    who: str
    master: str
    digest: str


def head(ledger: LedgerReader) -> SettingsVersion | None:
    """The settings in force; None where no master ever wrote any."""
    rows = select(ledger, f"{_VERSIONS} ORDER BY id DESC LIMIT 1")
    return SettingsVersion._make(rows[0]) if rows else None


def history(ledger: LedgerReader, first: int = 1) -> list[SettingsVersion]:
    """The versions from this number on, in their order."""
    rows = select(ledger, f"{_VERSIONS} WHERE id>=? ORDER BY id", (first,))
    return [SettingsVersion._make(row) for row in rows]


def body(ledger: LedgerReader, number: int) -> str:
    """The settings of a version, as JSON."""
    rows = select(ledger, "SELECT body FROM settings_versions WHERE id=?", (number,))
    return str(rows[0][0])


def add(
    ledger: Ledger, parent: int, at: str, who: str, master: str, digest: str, text: str
) -> SettingsVersion:
    """The version that follows ``parent`` (0 for the first), with its body. Call while writing its event.

    Refused where another one follows it already.
    """
    last = head(ledger)
    if parent != (last.number if last else 0):
        raise Refused("设置刚刚又被别人改过，什么也没有写；请再点一次")
    new = SettingsVersion(parent + 1, ledger.run, at, who, master, digest)
    insert(
        ledger,
        "INSERT INTO settings_versions(id, parent, run, at, who, master, digest, body)"
        " VALUES(?,?,?,?,?,?,?,?)",
        [(new.number, parent, *new[1:], text)],
    )
    return new


def months_counting(ledger: LedgerReader, district: str = "", indicator: str = "") -> list[str]:
    """The months in which a return of a district (else one with a figure of an indicator) counts."""
    if district:
        rows = select(
            ledger, "SELECT month FROM counting WHERE district=? ORDER BY month", (district,)
        )
    else:
        rows = select(
            ledger,
            "SELECT DISTINCT c.month FROM counting c JOIN figures f ON f.receipt=c.receipt"
            " WHERE f.indicator=? AND f.state='number' ORDER BY c.month",
            (indicator,),
        )
    return [month for (month,) in rows]
