"""Mails by POP3: a list without folders, of which nothing is ever deleted or moved.

What the server calls a mail (UIDL) is a hint and no more: a mail counts as known only where that and its
head are the same. Lines may be of any length, which poplib does not bear, so mails are read line by line.
"""

from __future__ import annotations

import hashlib
import poplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from xl_addin.mail.account import Account, Server, connection_refused, tls_context
from xl_addin.mail.credentials import refused_login, secret_of
from xl_addin.mail.diagnosis import may_be_another_port, no_starttls, what_is_there
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.model.mail_settings import STARTTLS
from xl_addin.store.inbox import ListedMail
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_CONNECT_SECONDS, _SECONDS = 20, 60
"""For connecting, greeting and logging in, which any server does at once, and for everything after."""
_LISTED = 200
_MOST_HEAD = 1 << 20
_FIELDS = (b"message-id", b"date", b"from", b"subject", b"received")


class PopFolder:
    """The mailbox that is open; see ``Mailbox``."""

    validity, moves = 0, False

    def __init__(self, client: poplib.POP3, account: Account) -> None:
        self._client, self._account = client, account
        self.owner = f"{account.pop3.user}@{account.pop3.host}"
        self._numbers: dict[int, int] = {}
        with _translate_errors(account, "列不出邮件"):
            self.exists = client.stat()[0]
        self.found = self.older = 0

    def listings(self, since: str = "") -> Iterator[list[ListedMail]]:
        """As ``Mailbox``; a mail whose head the server does not show is listed every time."""
        with _translate_errors(self._account, "列不出邮件"):
            sizes = _numbered(self._client.list()[1])
            names = self._names()
        self.found, self.older = len(sizes), 0
        numbers = sorted(sizes)
        for at in range(0, len(numbers), _LISTED):
            batch = []
            for number in numbers[at : at + _LISTED]:
                with _translate_errors(self._account, "列不出邮件"):
                    entry = self._entry(number, sizes[number], names.get(number, b""))
                if since and entry.received_at and entry.received_at[:10] < since:
                    self.older += 1
                else:
                    batch.append(entry)
            if batch:
                yield batch

    def _names(self) -> dict[int, bytes]:
        try:
            lines = self._client.uidl()[1]
        except poplib.error_proto:  # not every server has it
            return {}
        return {int(line.split()[0]): line.split()[-1] for line in lines if len(line.split()) > 1}

    def _entry(self, number: int, size: bytes, name: bytes) -> ListedMail:
        head = b"".join(self._lines(f"TOP {number} 0", _MOST_HEAD)) if size else b""
        told = _told_lines(head)
        known = hashlib.sha256(name + b"\n" + size + b"\n" + told)
        uid = int.from_bytes(known.digest()[:6], "big")
        self._numbers[uid] = number
        print_ = known.hexdigest() if told else ""
        return ListedMail(uid, int(size), _received(told), print_, told)

    def has_folder(self, name: str) -> bool:
        """POP3 has none."""
        del name
        return False

    def download(
        self, entries: Sequence[ListedMail]
    ) -> Iterator[tuple[ListedMail, Iterator[bytes]]]:
        """As ``Mailbox``. What is not read to its end is read on before the next."""
        for entry in entries:
            number = self._numbers.get(entry.uid)
            if number is None:
                continue
            pieces = self._lines(f"RETR {number}")
            with _translate_errors(self._account, "取信失败"):
                first = next(pieces, b"")
            if first:
                yield entry, self._rest(first, pieces)
                with _translate_errors(self._account, "取信失败"):
                    for _ in pieces:
                        pass

    def _rest(self, first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        yield first
        with _translate_errors(self._account, "取信失败"):
            yield from pieces

    def _lines(self, command: str, most: int = 0) -> Iterator[bytes]:
        """The lines of an answer, nothing where the server has none; of a head at most so many bytes."""
        client = self._client
        client.sock.sendall(f"{command}\r\n".encode())
        answer = client.file.readline(4096)
        if not answer:
            raise ConnectionResetError(104, "连接被服务器关闭")
        if not answer.startswith(b"+OK"):
            return
        got = 0
        start = True
        while True:
            line = client.file.readline(1 << 16)
            if not line:
                raise ConnectionResetError(104, "连接被服务器关闭")
            if start and line in (b".\r\n", b".\n"):
                return
            if start and line.startswith(b".."):
                line = line[1:]
            start = line.endswith(b"\n")
            got += len(line)
            if not most or got <= most:
                yield line

    def move_to_processed(self, uids: Sequence[int]) -> str:
        """Nothing can be moved."""
        del uids
        return ""


def _numbered(lines: Sequence[bytes]) -> dict[int, bytes]:
    pairs = (line.split() for line in lines)
    return {int(pair[0]): pair[1] for pair in pairs if len(pair) > 1}


def _told_lines(head: bytes) -> bytes:
    """Those lines of a head by which a mail is told, as IMAP gives them."""
    lines: list[bytes] = []
    ours = False
    for line in head.splitlines(keepends=True):
        if line[:1] not in (b" ", b"\t"):
            ours = line.partition(b":")[0].strip().lower() in _FIELDS
        lines += [line] if ours else []
    return b"".join(lines)


def _received(head: bytes) -> str:
    """When our own server took it in, as local time: its line is the topmost. Empty where it has none."""
    from xl_addin.mail.attachments import parse_mail
    from xl_addin.mail.headers import received_seconds
    from xl_addin.model.calendar import local_text

    try:
        said = received_seconds(parse_mail(head))
        return local_text(int(said)) if said else ""
    except Exception:  # whatever stands there
        return ""


@contextmanager
def open_folder(account: Account) -> Iterator[PopFolder]:
    """The mailbox of the account; see ``Mailbox``."""
    client = _connect(account)
    try:
        _log_in(client, account)
        client.sock.settimeout(_SECONDS)
        yield PopFolder(client, account)
    finally:
        # Nothing was marked, so there is nothing that leaving could delete.
        with suppress(poplib.error_proto, OSError):
            client.quit()
        with suppress(OSError):
            client.close()


def _opened(server: Server, context: ssl.SSLContext) -> poplib.POP3:
    """A connection that is greeted and encrypted; poplib leaves the socket open where the greeting is none."""
    kind = poplib.POP3 if server.security == STARTTLS else poplib.POP3_SSL
    client = kind.__new__(kind)
    place = server.host, server.port
    try:
        if isinstance(client, poplib.POP3_SSL):
            poplib.POP3_SSL.__init__(client, *place, context=context, timeout=_CONNECT_SECONDS)
        else:
            poplib.POP3.__init__(client, *place, timeout=_CONNECT_SECONDS)
            client.stls(context)
    except BaseException:
        with suppress(OSError, AttributeError):  # as in ``imap``
            client.close()
        raise
    return client


def _connect(account: Account) -> poplib.POP3:
    server, context = account.pop3, tls_context(account)
    try:
        return _opened(server, context)
    except OSError as error:
        told = what_is_there(server, context) if may_be_another_port(error) else ""
        if told:
            raise Refused(f"{server.label}：{told}；没有登录，也没有发送密码") from error
        raise connection_refused(server, error) from error
    except poplib.error_proto as error:
        if _said(error).endswith("not supported by server"):  # poplib's own words for CAPA and STLS
            raise no_starttls(server) from error
        told = what_is_there(server, context)
        says = f"连接后没有按 POP3 应答（{_said(error)}）；请核对端口和加密方式"
        raise Refused(f"{server.label}：{told or says}；没有登录，也没有发送密码") from error


def _log_in(client: poplib.POP3, account: Account) -> None:
    server = account.pop3
    secret = secret_of(account, server)
    try:
        if secret.token:
            _offer_token(client, secret.xoauth2(server.user))
        else:
            client.user(server.user)
            client.pass_(secret.password)
    except poplib.error_proto as error:
        raise refused_login(account, server, _said(error)) from None
    except UnicodeError:
        raise refused_login(account, server, "用户名或密码里有不能用的字符") from None
    except OSError as error:
        raise connection_refused(server, error) from None


def _offer_token(client: poplib.POP3, said: str) -> None:
    import base64

    client.sock.sendall(b"AUTH XOAUTH2\r\n")
    answer = client.file.readline(4096)
    if answer.startswith(b"+") and not answer.startswith(b"+OK"):
        client.sock.sendall(base64.b64encode(said.encode()) + b"\r\n")
        answer = client.file.readline(4096)
        if answer.startswith(b"+") and not answer.startswith(b"+OK"):
            client.sock.sendall(b"\r\n")  # it said why in a challenge, which wants an answer
            answer = client.file.readline(4096)
    if not answer.startswith(b"+OK"):
        raise poplib.error_proto(answer)


@contextmanager
def _translate_errors(account: Account, doing: str) -> Iterator[None]:
    try:
        yield
    except (poplib.error_proto, ValueError) as error:
        raise Refused(f"{account.pop3.label}：{doing}（{_said(error)}）") from error
    except OSError as error:
        raise MailboxDisconnected(error.strerror or str(error)) from error


def _said(error: BaseException) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.removeprefix("-ERR").split())[:200] or type(error).__name__
