"""Letters as .eml files that any mail program opens and sends: for those who have neither SMTP nor Outlook."""

from __future__ import annotations

from pathlib import Path

from xl_addin.mail.account import Account
from xl_addin.mail.transports.base import Commit, Delivery, OutgoingMail
from xl_addin.model.folder import ARCHIVED_MAIL
from xl_addin.model.letters import LABELS
from xl_addin.store.deliveries import WRITTEN
from xl_addin.system import atomic
from xl_addin.system.filenames import plain_name


class FileTransport:
    """A file per letter, in a folder for its month."""

    risky = copies = False

    def __init__(self, _account: Account, folder: Path) -> None:
        self._folder = folder / ARCHIVED_MAIL

    def open(self) -> None:
        """Nothing to open."""

    def send(self, mail: OutgoingMail, commit: Commit) -> Delivery:
        """Write one letter; the same letter always has the same name."""
        letter = mail.letter
        folder = self._folder / letter.month
        folder.mkdir(parents=True, exist_ok=True)
        whose = f"{letter.district.code}_{letter.district.name}"
        path = folder / plain_name(f"{LABELS[letter.kind]}_{whose}_{letter.about[:10]}.eml")
        commit()
        # Outlook and its kin open a mail with this line as one that is still to be sent.
        atomic.write(path, b"X-Unsent: 1\r\n" + mail.data)
        return Delivery(WRITTEN, str(path))

    def close(self) -> None:
        """Nothing to close."""
