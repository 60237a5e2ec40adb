"""What every way to receive offers: one small interface, and the error that it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.store.inbox import ListedMail
from xl_addin.system.light import Protocol


class MailboxDisconnected(Exception):
    """The connection broke; what was fetched until then is whole, the rest can be fetched anew."""


class Mailbox(Protocol):
    """A folder of a mailbox that is open: the interface of every way to receive.

    A module has ``open_folder(account)``, a context manager that yields one. Raises Refused, with what to
    do, for what cannot be opened. ``owner`` is whose mailbox it is, for the ledger; ``validity`` is by
    which numbering its UIDs go, ``moves`` whether taken mails are moved away. ``exists`` is how many mails
    it says it holds, ``found`` how many it listed, ``older`` how many of those came before the first day
    asked for.
    """

    owner: str
    validity: int
    moves: bool
    exists: int
    found: int
    older: int

    def listings(self, since: str = "") -> Iterator[list[ListedMail]]:
        """Everything that came from a day (``YYYY-MM-DD``) on, a few hundred at a time.

        Raises MailboxDisconnected, as all that follow.
        """

    def has_folder(self, name: str) -> bool:
        """Whether there is a further folder of this name."""

    def download(
        self, entries: Sequence[ListedMail]
    ) -> Iterator[tuple[ListedMail, Iterator[bytes]]]:
        """Each entry with its bytes in pieces; what is no more there is left out. Nothing is deleted."""

    def move_to_processed(self, uids: Sequence[int]) -> str:
        """Move mails to the account's folder for them; what went wrong (Chinese), "" for nothing."""
