"""What every way to send offers: one small interface, with the outcomes and errors that it knows."""

from __future__ import annotations

from xl_addin.model.letters import Letter
from xl_addin.system.light import NamedTuple, Protocol


class OutgoingMail(NamedTuple):
    """A letter made ready. ``copy_to`` gets a blind copy, where it is not empty."""

    letter: Letter
    data: bytes
    message_id: str
    copy_to: str = ""


class Delivery(NamedTuple):
    """What became of a mail.

    ``state`` is one of the states in ``store.deliveries``, ``detail`` a Chinese sentence or empty.
    ``trouble`` is set where a person has to do something although the mail was sent.
    """

    state: str
    detail: str = ""
    trouble: bool = False


class TransientFailure(Exception):
    """The server takes no mail just now (SMTP 4yz).

    The same mail may be sent again. The text is the server's.
    """


class ConnectionLost(Exception):
    """The connection is lost and the mail was certainly not sent: connect again and repeat."""


class DeliveryInDoubt(Exception):
    """The connection is lost and nobody knows whether the server took the mail.

    Never repeat it unasked.
    """


class Commit(Protocol):
    """Notes that a mail may be gone from now on, with what there is to say of it in Chinese."""

    def __call__(self, detail: str = "") -> None:
        """Note it."""


class Transport(Protocol):
    """A way to send mails: the interface of every transport.

    It is made of the account and the programme's folder. ``risky`` says whether a stop can leave a mail
    of which nobody knows whether it was sent, ``copies`` whether it sends the blind copy of
    ``OutgoingMail.copy_to``.
    """

    risky: bool
    copies: bool

    def open(self) -> None:
        """Connect and log in. Raises Refused, and TransientFailure where the server has no room now."""

    def send(self, mail: OutgoingMail, commit: Commit) -> Delivery:
        """Send one mail and return what became of it.

        ``commit`` is called once, just before the step that cannot be taken back; until then the mail has
        certainly not left. Raises
        TransientFailure, ConnectionLost or DeliveryInDoubt for this mail, and Refused for what
        would happen to every other mail too.
        """

    def close(self) -> None:
        """Let go, whatever state things are in."""
