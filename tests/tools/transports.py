"""A way to send that sends nothing: it keeps the mails and fails as it is told."""

from __future__ import annotations

from collections.abc import Callable

from tests.tools.faults import Faults
from xl_addin.mail.transports.base import Delivery, OutgoingMail
from xl_addin.store.deliveries import SENT


class RecordingTransport:
    """Every kind of end that a real way has, on order.

    ``faults`` knows the steps ``open``, ``send`` (before anything), ``commit`` (after the step that
    cannot be taken back) and ``send <address>``; ``answers`` maps an address to what becomes of
    its mails. ``sent`` are the mails that were taken, ``opened`` and ``closed`` are counts.
    """

    def __init__(self, *, risky: bool = True, copies: bool = True) -> None:
        self.risky, self.copies = risky, copies
        self.faults = Faults()
        self.answers: dict[str, Delivery] = {}
        self.sent: list[OutgoingMail] = []
        self.opened = self.closed = 0

    def open(self) -> None:
        self.opened += 1
        self.faults.reach("open")

    def send(self, mail: OutgoingMail, commit: Callable[[], None]) -> Delivery:
        self.faults.reach("send")
        for address in mail.letter.addresses:
            self.faults.reach(f"send {address}")
        commit()
        self.faults.reach("commit")
        found = [self.answers[each] for each in mail.letter.addresses if each in self.answers]
        carried = found[0] if found else Delivery(SENT)
        if carried.state == SENT:
            self.sent.append(mail)
        return carried

    def close(self) -> None:
        self.closed += 1
