"""The ways in which a letter leaves: one small interface, an edge module for each."""

from __future__ import annotations

from collections.abc import Callable

from xl_addin.model.letters import Letter
from xl_addin.system.light import NamedTuple, Protocol


class OutgoingMail(NamedTuple):
    """A letter made ready. ``copy_to`` gets a blind copy, where it is not empty."""

    letter: Letter
    data: bytes
    message_id: str
    copy_to: str = ""


class Delivery(NamedTuple):
    """What became of a mail: a state of ``sendings`` and what there is to say.

    ``trouble`` is set where a person has to do something although the mail went.
    """

    state: str
    detail: str = ""
    trouble: bool = False


class TransientFailure(Exception):
    """Not now: the same mail may be taken when it is tried again. The message says what was said."""


class ConnectionLost(Exception):
    """The connection is gone and the mail is certainly not sent: connect again and repeat."""


class DeliveryInDoubt(Exception):
    """The connection is gone and nobody knows whether the mail was taken."""


class Transport(Protocol):
    """How mails leave; made of the account and the programme's folder.

    ``risky`` says whether a stop can leave a mail that may or may not be sent, ``copies`` whether
    ``OutgoingMail.copy_to`` is heeded.
    """

    risky: bool
    copies: bool

    def open(self) -> None:
        """Connect and log in. Raises Refused, and Later where the server has no room just now."""

    def send(self, mail: OutgoingMail, commit: Callable[[], None]) -> Delivery:
        """Send one mail; ``commit`` is called before the step that cannot be taken back.

        Raises Later, Dropped or Unsure, and Refused for what would happen to every other mail too.
        """

    def close(self) -> None:
        """Let go, whatever state things are in."""
