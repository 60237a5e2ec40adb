"""The papers that came in, what was found in them and what people decided; nothing of an undone run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xl_addin.model.records import Problem
from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple


class NewPaper(NamedTuple):
    """A paper as it is recorded; ``characters`` is None where its length is not known.

    ``sender`` is the address that mailed it and ``mail`` the mail's number, empty and None for a file that
    lay in a folder.
    """

    sha256: str
    file: str
    received_at: str
    district: str
    paper: str
    verdict: str
    characters: int | None
    print: str
    sender: str = ""
    mail: int | None = None
    note: str = ""


class HandedIn(NamedTuple):
    """A paper as it stands, a person's decision taken into account; ``decision`` is that one's id, or 0."""

    id: int
    sha256: str
    file: str
    received_at: str
    district: str
    paper: str
    verdict: str
    characters: int | None
    print: str
    sender: str
    mail: int
    note: str
    decision: int


class PaperDecision(NamedTuple):
    """What a person decided about a paper."""

    receipt: int
    decision: str
    district: str
    paper: str
    note: str


def add_paper(ledger: Ledger, paper: NewPaper, problems: Sequence[Problem]) -> int:
    """Record a paper with its problems; its number. Call while writing."""
    [[number]] = select(ledger, "SELECT COALESCE(MAX(id), 0) + 1 FROM papers")
    insert(
        ledger,
        "INSERT INTO papers(id, run, sha256, file, received_at, district, paper, verdict,"
        " characters, print, sender, mail, note) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [(number, ledger.run, *paper)],
    )
    insert(
        ledger,
        "INSERT INTO paper_problems(receipt, code, severity, sheet, cell, found, message, expected)"
        " VALUES(?,?,?,?,?,?,?,?)",
        [(number, *problem) for problem in problems],
    )
    return int(number)


def add_paper_decisions(ledger: Ledger, decisions: Iterable[PaperDecision]) -> None:
    """Record decisions as made in this run. Call while writing."""
    insert(
        ledger,
        "INSERT INTO paper_decisions(run, receipt, decision, district, paper, note)"
        " VALUES(?,?,?,?,?,?)",
        [(ledger.run, *decision) for decision in decisions],
    )


def handed_in(ledger: LedgerReader) -> list[HandedIn]:
    """Every paper that stands, by the time it was received; of the same bytes of a district the last."""
    found: dict[tuple[str, str], HandedIn] = {}
    for row in select(ledger, "SELECT * FROM handed_in ORDER BY id"):
        each = HandedIn._make(row)
        found.pop((each.sha256, ""), None)  # whose it is was not known then
        found[each.sha256, each.district] = each
    return sorted(found.values(), key=lambda each: (each.received_at, each.id))


def paper_problems(ledger: LedgerReader) -> dict[int, list[Problem]]:
    """What is wrong with the papers, by their numbers."""
    found: dict[int, list[Problem]] = {}
    for receipt, *problem in select(
        ledger,
        "SELECT receipt, code, severity, sheet, cell, found, message, expected FROM paper_problems"
        " ORDER BY id",
    ):
        found.setdefault(receipt, []).append(Problem._make(problem))
    return found


def message_of(ledger: LedgerReader, mail: int) -> str:
    """The Message-ID of the mail that brought a paper; empty where none did."""
    rows = select(ledger, "SELECT message_id FROM mail_read WHERE mail=?", (mail,)) if mail else []
    return str(rows[0][0]) if rows else ""
