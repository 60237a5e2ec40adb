"""A mail server without a wire: what smtplib and IMAPClient are to the program, on mailboxes in memory.

``PostOffice`` has what ``MailServers`` has for tests that only deliver, look and set answers, so one
test runs on both. Every step can be made to fail: ``faults`` knows ``smtp.`` connect, starttls,
login, mail, rcpt, data, send, reply, quit and ``imap.`` connect, starttls, login, id, select, search, list, whole,
piece (and piece with its UID), exists, create, move, copy, logout.
"""

from __future__ import annotations

import smtplib
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from email.utils import formatdate
from typing import Any, NamedTuple

import pytest
from imapclient import IMAPClient, exceptions, imap_utf7

from tests.tools.faults import Faults
from tests.tools.mailservers import PASSWORD, next_answer

ON_SERVERS = pytest.mark.parametrize(
    "post", [pytest.param("servers", marks=pytest.mark.mail)], indirect=True
)
"""For a test of ``post`` that needs a wire or a process of its own."""

_HEAD_FIELDS = (b"message-id", b"date", b"from", b"subject", b"received")


class Namespaces(NamedTuple):
    """Prefix and separator of an account's own folders."""

    personal: tuple[tuple[str, str], ...]


class Stored(NamedTuple):
    """A message in a folder. ``received`` is in seconds since 1970."""

    uid: int
    data: bytes
    received: float


class Relay:
    """What is answered to recipients and after the data; see ``tests.tools.mailservers.Relay``."""

    def __init__(self) -> None:
        self.rcpt: dict[str, list[str]] = {}
        self.data: dict[str, list[str]] = {}


class Folder:
    """Messages with their numbers, which ``forget_uids`` gives anew."""

    def __init__(self) -> None:
        self.validity, self.next = 1, 1
        self.stored: list[Stored] = []

    def add(self, data: bytes, received: float) -> None:
        self.stored.append(Stored(self.next, data, received))
        self.next += 1


class PostOffice:
    """All mailboxes; any address is one, with ``PASSWORD``.

    ``capabilities`` is what IMAP offers, ``knows_pieces`` whether it sends parts of a mail,
    ``hidden`` how many mails it counts and does not list, ``prefix`` where all folders lie, as
    on Courier. ``said`` is what the IMAP client told of
    itself, ``readonly`` how folders were opened.
    """

    host, submission, imaps, ca = "127.0.0.1", 587, 993, ""

    def __init__(self) -> None:
        self.relay, self.faults = Relay(), Faults()
        self.capabilities = {"MOVE", "ID"}
        self.knows_pieces, self.hidden = True, 0
        self.prefix = ""
        self.said: list[dict[str, str]] = []
        self.readonly: list[bool] = []
        self.logins: list[str] = []
        self._boxes: dict[str, dict[str, Folder]] = defaultdict(lambda: {"INBOX": Folder()})
        self._delivered = 0

    def install(self, monkeypatch: Any) -> None:
        """Be what the program reaches under its two libraries' names."""
        session = type("Session", (SmtpSession,), {"office": self})
        monkeypatch.setattr(smtplib, "SMTP", session)
        monkeypatch.setattr(smtplib, "SMTP_SSL", session)
        monkeypatch.setattr(
            "imapclient.IMAPClient", type("Client", (ImapClient,), {"office": self})
        )

    def folders(self, address: str) -> dict[str, Folder]:
        return self._boxes[address.lower()]

    def deliver(self, address: str, message: bytes, sender: str = "district@d.test") -> None:
        """Put a message into a mailbox, with the lines that a server puts before it."""
        self._delivered += 1
        stamp = (
            f"Return-Path: <{sender}>\r\nReceived: by test ({self._delivered}); {formatdate()}\r\n"
        )
        whole = stamp.encode() + message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.folders(address)["INBOX"].add(whole, time.time())

    def fill(self, address: str, messages: Sequence[bytes], received: float = 0) -> None:
        """Lay messages into a mailbox as they are, received at a time in seconds since 1970."""
        for message in messages:
            whole = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            self.folders(address)["INBOX"].add(whole, received or time.time())

    def messages(self, address: str, folder: str = "") -> list[bytes]:
        """What lies in a mailbox or in a folder of it."""
        name = imap_utf7.decode(folder.encode()) if folder else "INBOX"
        found = self.folders(address).get(name)
        return [stored.data for stored in found.stored] if found else []

    def delivered(self) -> dict[str, int]:
        """How many mails lie in each mailbox that has any."""
        counts = {box: len(folders["INBOX"].stored) for box, folders in self._boxes.items()}
        return {box: count for box, count in counts.items() if count}

    def empty(self, address: str) -> None:
        """Take everything out of a mailbox."""
        self.folders(address)["INBOX"].stored.clear()

    def forget_uids(self, address: str, validity: int = 0) -> None:
        """Number the messages anew: a new UIDVALIDITY, or the one that is given."""
        folder = self.folders(address)["INBOX"]
        folder.validity = validity or folder.validity + 1
        stored, folder.stored, folder.next = folder.stored, [], 1
        for each in stored:
            folder.add(each.data, each.received)


class SmtpSession:
    """``smtplib.SMTP`` as the transport uses it."""

    office: PostOffice

    def __init__(self, _host: str, port: int, *_: object, **__: object) -> None:
        self.office.faults.reach("smtp.connect")
        if port != self.office.submission:
            raise ConnectionRefusedError(111, "Connection refused")
        self._from, self._to, self._data = "", list[str](), b""

    def starttls(self, context: object) -> None:
        del context
        self.office.faults.reach("smtp.starttls")

    def login(self, user: str, secret: str) -> None:
        self.office.faults.reach("smtp.login")
        secret.encode("ascii")
        if secret != PASSWORD:
            raise smtplib.SMTPAuthenticationError(535, b"5.7.8 authentication failed")
        self.office.logins.append(user)

    def has_extn(self, name: str) -> bool:
        return name == "size"

    def mail(self, address: str, _options: object) -> tuple[int, bytes]:
        self._from, self._to = address, []
        return self._answer("mail")

    def rcpt(self, address: str) -> tuple[int, bytes]:
        told = next_answer(self.office.relay.rcpt, address)
        if not told:
            self._to.append(address)
        return _split(told) if told else self._answer("rcpt")

    def docmd(self, command: str) -> tuple[int, bytes]:
        assert command == "DATA"
        self._data = b""
        code, said = self._answer("data")
        return (354 if code == 250 else code), said

    def send(self, data: bytes) -> None:
        self.office.faults.reach("smtp.send")
        self._data += data

    def getreply(self) -> tuple[int, bytes]:
        told = [next_answer(self.office.relay.data, address) for address in self._to]
        if any(told):
            return _split(next(filter(None, told)))
        whole = self._data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        for address in self._to:
            self.office.deliver(address, whole, self._from)
        # What breaks here has been delivered, and nobody heard that it was.
        return self._answer("reply")

    def rset(self) -> None:
        self._to = []

    def quit(self) -> None:
        self.office.faults.reach("smtp.quit")

    def close(self) -> None:
        """Hang up."""

    def _answer(self, step: str) -> tuple[int, bytes]:
        """Yes, or the answer that is planned as an error with a code."""
        try:
            self.office.faults.reach(f"smtp.{step}")
        except smtplib.SMTPResponseException as planned:
            said = planned.smtp_error
            return planned.smtp_code, said if isinstance(said, bytes) else said.encode()
        return 250, b"OK"


def _split(told: str) -> tuple[int, bytes]:
    return int(told[:3]), told[4:].encode()


class ImapClient:
    """``imapclient.IMAPClient`` as the mailbox uses it."""

    office: PostOffice
    Error, AbortError, ReadOnlyError = (
        IMAPClient.Error,
        IMAPClient.AbortError,
        IMAPClient.ReadOnlyError,
    )

    def __init__(self, _host: str, port: int, **_: object) -> None:
        self.office.faults.reach("imap.connect")
        if port != self.office.imaps:
            raise ConnectionRefusedError(111, "Connection refused")
        self._user, self._folder = "", "INBOX"

    @property
    def _here(self) -> list[Stored]:
        return self.office.folders(self._user)[self._folder].stored

    def starttls(self, context: object) -> None:
        del context
        self.office.faults.reach("imap.starttls")

    def login(self, user: str, secret: str) -> None:
        try:
            self.office.faults.reach("imap.login")
        except self.Error as error:
            raise exceptions.LoginError(str(error)) from error
        secret.encode("ascii")
        if secret != PASSWORD:
            raise exceptions.LoginError("[AUTHENTICATIONFAILED] Authentication failed.")
        self._user = user
        self.office.logins.append(user)

    def has_capability(self, name: str) -> bool:
        return name in self.office.capabilities

    def id_(self, who: dict[str, str]) -> None:
        self.office.faults.reach("imap.id")
        self.office.said.append(who)

    def select_folder(self, folder: str, *, readonly: bool) -> dict[bytes, int]:
        self.office.faults.reach("imap.select")
        if folder not in self.office.folders(self._user):
            raise exceptions.IMAPClientError(f"select failed: Mailbox doesn't exist: {folder}")
        self.office.readonly.append(readonly)
        self._folder = folder
        found = self.office.folders(self._user)[folder]
        exists = len(found.stored) + self.office.hidden
        return {b"UIDVALIDITY": found.validity, b"EXISTS": exists}

    def search(self, criteria: list[str]) -> list[int]:
        assert criteria == ["ALL"], "the large providers filter by nothing else"
        self.office.faults.reach("imap.search")
        return [each.uid for each in reversed(self._here)]

    def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        assert not any(item.startswith("BODY[") for item in items), "this would mark them as seen"
        whole, piece = items == ["BODY.PEEK[]"], items[0].startswith("BODY.PEEK[]<")
        self.office.faults.reach(f"imap.{'whole' if whole else 'piece' if piece else 'list'}")
        if piece:
            self.office.faults.reach(f"imap.piece {uids[0]}")
        found = [each for each in self._here if each.uid in set(uids)]
        if whole:
            return {each.uid: {b"BODY[]": each.data} for each in found}
        return {each.uid: self._piece(each, items[0]) if piece else _listed(each) for each in found}

    def _piece(self, stored: Stored, item: str) -> dict[bytes, bytes]:
        at, size = map(int, item.removeprefix("BODY.PEEK[]<").removesuffix(">").split("."))
        if not self.office.knows_pieces:
            return {b"BODY[]": stored.data}
        return {f"BODY[]<{at}>".encode(): stored.data[at : at + size]}

    def folder_exists(self, name: str) -> bool:
        self.office.faults.reach("imap.exists")
        return name in self.office.folders(self._user)

    def namespace(self) -> Any:
        return Namespaces(((self.office.prefix, "."),))

    def create_folder(self, name: str) -> None:
        self.office.faults.reach("imap.create")
        if not name.startswith(self.office.prefix):
            raise exceptions.IMAPClientError(f"Invalid mailbox name: {name}")
        self.office.folders(self._user)[name] = Folder()

    def move(self, uids: list[int], name: str) -> None:
        self.office.faults.reach("imap.move")
        self._put(uids, name)
        self._here[:] = [each for each in self._here if each.uid not in uids]

    def copy(self, uids: list[int], name: str) -> None:
        self.office.faults.reach("imap.copy")
        self._put(uids, name)

    def _put(self, uids: list[int], name: str) -> None:
        for each in self._here:
            if each.uid in uids:
                self.office.folders(self._user)[name].add(each.data, each.received)

    def logout(self) -> None:
        self.office.faults.reach("imap.logout")

    def shutdown(self) -> None:
        """Hang up."""


def _listed(stored: Stored) -> dict[bytes, Any]:
    head = stored.data.partition(b"\r\n\r\n")[0]
    lines: list[bytes] = []
    ours = False
    for line in head.split(b"\r\n"):
        if line[:1] not in (b" ", b"\t"):
            ours = line.partition(b":")[0].lower() in _HEAD_FIELDS
        lines += [line] if ours else []
    return {
        b"RFC822.SIZE": len(stored.data),
        b"INTERNALDATE": datetime.fromtimestamp(int(stored.received)),
        b"BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT RECEIVED)]": b"\r\n".join(lines),
    }
