"""Mails on the disk and in the ledger: each is there once, by the hash of its bytes, and read once.

A mail counts as fetched when its bytes lie in the archive and its row is committed; nothing has
been parsed until then. What the mailbox calls it is kept only as a hint that saves downloading.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from xl_addin.model.folder import ARCHIVE, MAILS
from xl_addin.store.database import LedgerReader, insert, select
from xl_addin.store.ledger import Ledger
from xl_addin.system import held
from xl_addin.system.atomic import sync_file
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import NamedTuple

_STALE_SECONDS = 3600


class ListedMail(NamedTuple):
    """A mail as the mailbox lists it.

    ``received_at`` is the server's own time, as local time. ``print`` tells it from others at a
    glance: a digest of size, time and head, whose Received lines no two deliveries share; empty
    where the server did not say enough. ``head`` is for people.
    """

    uid: int
    size: int
    received_at: str
    print: str
    head: bytes


class SpooledMail(NamedTuple):
    """A mail whose bytes are on the disk."""

    entry: ListedMail
    sha256: str
    size: int


class FetchedMail(NamedTuple):
    """A fetched mail; ``tries`` is how often somebody began to read it.

    ``listed_at`` is the server's time as it was given, which may lie after ``received_at``: a time that
    had not come when the mail was fetched does not count.
    """

    id: int
    sha256: str
    size: int
    received_at: str
    tries: int
    listed_at: str


class MailResult(NamedTuple):
    """What became of a mail; in the order of the table's columns."""

    mail: int
    kind: str
    sender: str
    shown: str
    subject: str
    message_id: str
    answers: str
    district: str
    note: str


class PartRow(NamedTuple):
    """A file that was in a mail; in the order of the table's columns."""

    mail: int
    position: int
    name: str
    kind: str
    sha256: str
    trail: str
    flaw: str


class Origin(NamedTuple):
    """The mail that brought a return."""

    message_id: str
    sender: str
    subject: str


def mail_folder(folder: Path) -> Path:
    """Where a programme keeps its mails."""
    return folder / ARCHIVE / MAILS


def mail_path(folder: Path, sha256: str) -> Path:
    """Where a mail lies."""
    return mail_folder(folder) / f"{sha256}.eml"


def spool(folder: Path, entry: ListedMail, pieces: Iterable[bytes]) -> SpooledMail:
    """Write a mail to the disk under its hash, as it comes in. Raises OSError."""
    home = mail_folder(folder)
    home.mkdir(parents=True, exist_ok=True)
    temporary = home / f"{os.getpid()}.tmp"
    digest, size = hashlib.sha256(), 0
    try:
        with held.create(temporary) as file:
            for piece in pieces:
                digest.update(piece)
                size += file.write(piece)
                fail_point("fetch.piece")
            file.flush()
            sync_file(file.fileno())
        fail_point("fetch.written")
        held.replace(temporary, mail_path(folder, digest.hexdigest()))
    except BaseException:
        held.unlink(temporary)
        raise
    return SpooledMail(entry, digest.hexdigest(), size)


def remove_unfinished(folder: Path) -> None:
    """Remove what a run that was cut off left half written; one that still runs writes on."""
    home = mail_folder(folder)
    for left in (home / name for name in held.names(home) if name.endswith(".tmp")):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                held.unlink(left)


def fetched_uids(ledger: Ledger, account: str, folder: str) -> set[tuple[int, str]]:
    """The (UID, ``print``) pairs that were fetched from a mailbox folder before.

    Only a hint: a mail counts as known when both parts fit, because servers reuse UIDs. Not asked for by
    UIDVALIDITY: Courier gives a mailbox that was only ever read another one in each session.
    """
    rows = select(
        ledger, "SELECT uid, print FROM mail_seen WHERE account=? AND folder=?", (account, folder)
    )
    return set(rows)


def add_mails(
    ledger: Ledger, spooled: Sequence[SpooledMail], source: tuple[str, str, int], now: str
) -> list[SpooledMail]:
    """Record mails that are on the disk; ``source`` is account, folder and UIDVALIDITY.

    Returns those that were not known by their bytes. Call within ``writing``.
    """
    account, folder, validity = source
    fresh: dict[str, SpooledMail] = {}
    for each in spooled:
        if not select(ledger, "SELECT 1 FROM mails WHERE sha256=?", (each.sha256,)):
            fresh.setdefault(each.sha256, each)
    insert(
        ledger,
        "INSERT INTO mails(sha256, size, received_at, fetched_at, account, folder)"
        " VALUES(?,?,?,?,?,?)",
        [
            (m.sha256, m.size, m.entry.received_at or now, now, account, folder)
            for m in fresh.values()
        ],
    )
    insert(
        ledger,
        "INSERT INTO mail_seen(account, folder, validity, uid, print) VALUES(?,?,?,?,?)"
        " ON CONFLICT DO NOTHING",
        [(account, folder, validity, m.entry.uid, m.entry.print) for m in spooled if m.entry.print],
    )
    return list(fresh.values())


def left_out(entry: ListedMail, mark: str) -> ListedMail:
    """A mail that was left out by the lists that ``mark`` stands for, as it is known again."""
    digest = hashlib.sha256(f"{mark} {entry.print}".encode()).hexdigest()[:16]
    return entry._replace(print=digest if entry.print else "")


def note_left_out(
    ledger: Ledger, entries: Iterable[ListedMail], source: tuple[str, str, int], mark: str
) -> None:
    """Note mails of which nothing is kept, so that they are not downloaded again: a number and a digest.

    Call within ``writing``.
    """
    noted = [left_out(entry, mark) for entry in entries]
    insert(
        ledger,
        "INSERT INTO mail_seen(account, folder, validity, uid, print) VALUES(?,?,?,?,?)"
        " ON CONFLICT DO NOTHING",
        [(*source, each.uid, each.print) for each in noted if each.print],
    )


def received_times(ledger: LedgerReader) -> dict[str, str]:
    """By hash when each fetched mail was received, in the order in which they were fetched."""
    return dict(
        select(ledger, "SELECT sha256, MIN(received_at, fetched_at) FROM mails ORDER BY id")
    )


def unread_mails(ledger: LedgerReader) -> list[FetchedMail]:
    """The mails that have no result that counts, earliest first; last those often begun in vain.

    A kill says nothing of the mail that was being read: none is given up for it, and none that
    should end its reader every time keeps another back.
    """
    rows = select(
        ledger,
        "SELECT m.id, m.sha256, m.size, MIN(m.received_at, m.fetched_at), COALESCE(t.tries, 0),"
        " m.received_at FROM mails m"
        " LEFT JOIN mail_tries t ON t.mail=m.id"
        " WHERE m.id NOT IN (SELECT mail FROM mail_read) ORDER BY MAX(COALESCE(t.tries, 0) - 2, 0),"
        " m.received_at, m.id",
    )
    return [FetchedMail._make(row) for row in rows]


def count_never_read(ledger: LedgerReader) -> int:
    """How many fetched mails nobody ever read: those of an undone run wait too, and were not cut off."""
    query = "SELECT COUNT(*) FROM mails WHERE id NOT IN (SELECT mail FROM mail_results)"
    return int(select(ledger, query)[0][0])


def still_unread_ids(ledger: Ledger, mails: Iterable[FetchedMail]) -> set[int]:
    """Which of these nobody read meanwhile. Call within ``writing``."""
    query = "SELECT 1 FROM mail_read WHERE mail=?"
    return {mail.id for mail in mails if not select(ledger, query, (mail.id,))}


def begin_reading(ledger: Ledger, mails: Iterable[FetchedMail]) -> None:
    """Note that somebody begins to read these. Call within ``writing``."""
    insert(
        ledger,
        "INSERT INTO mail_tries(mail, tries) VALUES(?, 1)"
        " ON CONFLICT(mail) DO UPDATE SET tries=mail_tries.tries+1",
        [(mail.id,) for mail in mails],
    )


def add_results(
    ledger: Ledger,
    results: Iterable[MailResult],
    parts: Iterable[PartRow],
    returns: Iterable[tuple[int, int]],
) -> None:
    """Record what became of mails, and the receipts they led to as (mail, receipt).

    Call within ``writing``.
    """
    run = ledger.run
    insert(
        ledger,
        "INSERT INTO mail_results(run, mail, kind, sender, shown, subject, message_id, answers,"
        " district, note) VALUES(?,?,?,?,?,?,?,?,?,?)",
        [(run, *result) for result in results],
    )
    insert(
        ledger,
        "INSERT INTO mail_parts(run, mail, position, name, kind, sha256, trail, flaw)"
        " VALUES(?,?,?,?,?,?,?,?)",
        [(run, *part) for part in parts],
    )
    insert(
        ledger,
        "INSERT INTO mail_returns(run, mail, receipt) VALUES(?,?,?)",
        [(run, *pair) for pair in returns],
    )


def accepted_senders(ledger: LedgerReader) -> dict[str, set[str]]:
    """By address, in lower case, the districts whose returns came from it and were accepted."""
    rows = select(
        ledger,
        "SELECT DISTINCT s.sender, r.district FROM mail_returns m"
        " JOIN mail_results s ON s.mail=m.mail AND s.run=m.run JOIN returns r ON r.id=m.receipt"
        " WHERE r.verdict='accepted' AND s.sender<>'' AND r.district<>'' ORDER BY 1, 2",
    )
    found: dict[str, set[str]] = {}
    for sender, district in rows:
        found.setdefault(sender, set()).add(district)
    return found


def origin(ledger: Ledger, receipt: int) -> Origin | None:
    """The mail that brought a return, so that an answer joins its thread."""
    rows = select(
        ledger,
        "SELECT s.message_id, s.sender, s.subject FROM mail_returns r"
        " JOIN mail_results s ON s.mail=r.mail AND s.run=r.run WHERE r.receipt=? ORDER BY r.id",
        (receipt,),
    )
    return Origin._make(rows[0]) if rows else None


def batches(mails: Sequence[FetchedMail], most: int, size: int) -> Iterator[list[FetchedMail]]:
    """Mails to read together; one that was begun before and not finished is read alone."""
    batch: list[FetchedMail] = []
    for mail in mails:
        alone = mail.tries > 0
        full = len(batch) >= most or sum(each.size for each in batch) + mail.size > size
        if batch and (alone or full or batch[-1].tries):
            yield batch
            batch = []
        batch.append(mail)
    if batch:
        yield batch
