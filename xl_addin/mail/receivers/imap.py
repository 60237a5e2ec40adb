"""The wire to the mailbox: IMAPClient, with every hang bounded and every error in plain words.

A UID is a handle within one session and nothing more: a server that hands out a UIDVALIDITY a second
time makes UIDs lie. SEARCH knows ALL only, since the large Chinese providers do not filter, and
nothing is ever marked, deleted or expunged.
"""

from __future__ import annotations

import ast
import hashlib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from xl_addin.formats.text_encoding import decode_chinese
from xl_addin.mail.account import Account, connection_refused, tls_context
from xl_addin.mail.credentials import refused_login, secret_of
from xl_addin.mail.diagnosis import may_be_another_port, no_starttls, what_is_there
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.model.mail_settings import STARTTLS
from xl_addin.store.inbox import ListedMail
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, pattern

if TYPE_CHECKING:
    from typing import Any

    from imapclient import IMAPClient

CONNECT_SECONDS, READ_SECONDS = 20, 60
"""For connecting, greeting and logging in, which any server does at once, and for everything after."""
PIECE = 1 << 20
TOGETHER, MANY = 2 << 20, 50
_LISTED = 500
_HEAD = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT RECEIVED)]"
_QUOTED_BYTES = pattern(r"\bb'(?:[^'\\]|\\.)*'|\bb\"(?:[^\"\\]|\\.)*\"")
_NOT_MOVED = (
    (pattern(r"quota|\bfull\b|(no|disk) space", re.IGNORECASE), "邮箱满了：请清理自己的邮箱"),
    (
        pattern(r"permission|denied|read-?only|not writable|\bacl\b|rights", re.IGNORECASE),
        "这个账户没有移动邮件的权限：请把“设置”的“取信后移到”清空（不移动也照样取信），或请邮箱管理员放开权限",
    ),
    (pattern(""), "请核对“设置”的“取信后移到”，换一个文件夹名再试；清空就不移动，照样取信"),
)
_WHO = {"name": "xl-addin", "version": "1", "vendor": "xl-addin", "support-email": ""}


class MailFolder:
    """A folder that is open, see ``Mailbox``. ``validity`` is its UIDVALIDITY, ``exists`` how many it says it holds.

    ``found`` is how many it listed, ``older`` how many of those came before the first day asked for.
    """

    def __init__(self, client: IMAPClient, account: Account) -> None:
        self._client = client
        self._account = account
        self.owner = f"{account.imap.user}@{account.imap.host}"
        self.moves = bool(account.processed_folder) and client.has_capability("MOVE")
        folder = self._full_name(account.folder or "INBOX")
        with _translate_errors(
            account, f"打不开邮箱文件夹“{folder}”，请核对“设置”里的“收信文件夹”"
        ):
            # Opened for reading only, a server cannot even mark what is fetched as seen.
            try:
                facts = client.select_folder(folder, readonly=not self.moves)
            except client.ReadOnlyError:  # it lets this account only read
                self.moves = False
                facts = client.select_folder(folder, readonly=True)
        self.validity = int(facts.get(b"UIDVALIDITY", 0))
        self.exists = int(facts.get(b"EXISTS", 0))
        self.found = self.older = 0

    def entries(self, since: str = "") -> list[ListedMail]:
        """Everything in the folder that came from a day (``YYYY-MM-DD``) on, oldest number first."""
        return [entry for batch in self.listings(since) for entry in batch]

    def listings(self, since: str = "") -> Iterator[list[ListedMail]]:
        """``entries`` a few hundred at a time: of a large mailbox all heads at once would be a lot.

        ``older`` is how many came before; of these not even the head is asked for.
        """
        with _translate_errors(self._account, "列不出邮件"):
            uids = sorted(self._client.search(["ALL"]))
        self.found, self.older = len(uids), 0
        for at in range(0, len(uids), _LISTED):
            batch = uids[at : at + _LISTED]
            with _translate_errors(self._account, "列不出邮件"):
                if since:
                    batch = self._later(batch, since)
                if not batch:
                    continue
                facts = self._client.fetch(batch, ["RFC822.SIZE", "INTERNALDATE", _HEAD])
            yield sorted(_entry(uid, each) for uid, each in facts.items())

    def _later(self, uids: Sequence[int], since: str) -> list[int]:
        """Those that came on a day or after it, or of which the server does not say when."""
        times = self._client.fetch(uids, ["INTERNALDATE"])
        dates = {uid: facts.get(b"INTERNALDATE") for uid, facts in times.items()}
        old = {uid for uid, at in dates.items() if at and f"{at:%Y-%m-%d}" < since}
        self.older += len(old)
        return [uid for uid in uids if uid not in old]

    def has_folder(self, name: str) -> bool:
        """Whether the account has a folder of this name."""
        name = self._full_name(name)
        with _translate_errors(self._account, f"看不到邮箱文件夹“{name}”"):
            return bool(self._client.folder_exists(name))

    def _full_name(self, name: str) -> str:
        """A folder's name as the server has it: on Courier and Cyrus all lie in ``INBOX.``."""
        if name.upper() == "INBOX" or not self._client.has_capability("NAMESPACE"):
            return name
        with _translate_errors(self._account, "问不出邮箱文件夹的写法"):
            personal = self._client.namespace().personal
        prefix, separator = next(iter(personal or ()), ("", ""))
        if not prefix or name.startswith(prefix):
            return name
        return prefix + (name.replace("/", separator) if separator else name)

    def download(
        self, entries: Sequence[ListedMail]
    ) -> Iterator[tuple[ListedMail, Iterator[bytes]]]:
        """Download mails: each entry with its bytes in pieces; small ones are requested together.

        A mail that vanished meanwhile, or of which the server sends nothing, is left out. Raises
        MailboxDisconnected.
        """
        small = [entry for entry in entries if entry.size < PIECE]
        for batch in _batches(small):
            with _translate_errors(self._account, "取信失败"):
                got = self._client.fetch([entry.uid for entry in batch], ["BODY.PEEK[]"])
            for entry in batch:
                data = got.get(entry.uid, {}).get(b"BODY[]")
                if data:
                    yield entry, iter((data,))
        for entry in entries:
            if entry.size >= PIECE:
                yield entry, self._pieces(entry)

    def _pieces(self, entry: ListedMail) -> Iterator[bytes]:
        at = 0
        while True:
            with _translate_errors(self._account, "取信失败"):
                got = self._client.fetch([entry.uid], [f"BODY.PEEK[]<{at}.{PIECE}>"])
            facts = got.get(entry.uid, {})
            piece = facts.get(f"BODY[]<{at}>".encode())
            if piece is None and at == 0:
                piece = facts.get(b"BODY[]")  # a server that knows no pieces sends the whole
            if piece:
                yield piece
                at += len(piece)
            # The size that a server tells is not always right: only an end that it shows is one.
            if not piece or (len(piece) != PIECE and at >= entry.size):
                return

    def move_to_processed(self, uids: Sequence[int]) -> str:
        """Move mails to the account's folder for processed mail.

        Returns what went wrong as a Chinese sentence, "" when nothing did. A server without MOVE
        gets copies and keeps the originals: the alternative would be to delete them.
        """
        account, client = self._account, self._client
        if not account.processed_folder or not uids:
            return ""
        from imapclient.exceptions import IMAPClientError

        try:
            folder = self._full_name(account.processed_folder)
            if not client.folder_exists(folder):
                client.create_folder(folder)
            if self.moves:
                client.move(list(uids), folder)
            else:
                client.copy(list(uids), folder)
        except client.AbortError as error:
            raise MailboxDisconnected(str(error)) from error
        except IMAPClientError as error:
            said = _server_text(error)
            helps = next(says for words, says in _NOT_MOVED if words.search(said))
            return (
                f"邮件已经取下，但没能移到邮箱文件夹“{account.processed_folder}”（{said}）；{helps}"
            )
        except OSError as error:
            raise MailboxDisconnected(str(error)) from error
        return ""


def _batches(entries: Sequence[ListedMail]) -> Iterator[list[ListedMail]]:
    batch: list[ListedMail] = []
    size = 0
    for entry in entries:
        if batch and (size + entry.size > TOGETHER or len(batch) >= MANY):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def _entry(uid: int, facts: dict[bytes, Any]) -> ListedMail:
    size, received = facts.get(b"RFC822.SIZE"), facts.get(b"INTERNALDATE")
    head = next((said for key, said in facts.items() if key.startswith(b"BODY[HEADER")), None)
    at = f"{received:%Y-%m-%d %H:%M:%S}" if isinstance(received, datetime) else ""
    seen = ""
    if head and at and size:
        seen = hashlib.sha256(f"{size} {at}\n".encode() + head).hexdigest()
    return ListedMail(uid, int(size or 0), at, seen, head or b"")


@contextmanager
def open_folder(account: Account) -> Iterator[MailFolder]:
    """The folder that the account fetches from.

    Raises Refused, with what to do, for a server that cannot be reached or trusted, for a login
    that fails, and for a folder that is not there; MailboxDisconnected when the connection
    breaks later.
    """
    client = _connect(account)
    try:
        _log_in(client, account)
        yield MailFolder(client, account)
    finally:
        with suppress(client.Error, OSError):
            client.logout()
        with suppress(OSError):
            client.shutdown()


def _connect(account: Account) -> IMAPClient:
    from imapclient import IMAPClient, SocketTimeout
    from imapclient.exceptions import CapabilityError, IMAPClientError

    server, context = account.imap, tls_context(account)
    at_once = server.security != STARTTLS
    try:
        client = IMAPClient(
            server.host,
            server.port,
            ssl=at_once,
            ssl_context=context if at_once else None,
            timeout=SocketTimeout(CONNECT_SECONDS, CONNECT_SECONDS),
        )
        if not at_once:
            _secure(client, context)
    except OSError as error:
        told = ""
        if may_be_another_port(error):
            told = what_is_there(server, context)
        if told:
            raise Refused(f"{server.label}：{told}；没有登录，也没有发送密码") from error
        raise connection_refused(server, error) from error
    except CapabilityError as error:
        raise no_starttls(server) from error
    except IMAPClientError as error:
        told = what_is_there(server, context)
        says = f"连接后没有按 IMAP 应答（{_server_text(error)}）；请核对端口和加密方式"
        raise Refused(f"{server.label}：{told or says}") from error
    return client


def _secure(client: IMAPClient, context: ssl.SSLContext) -> None:
    try:
        client.starttls(context)
    except BaseException:
        # Closing what a failed handshake closed would put an error of its own in place of the cause.
        with suppress(OSError):
            client.shutdown()
        raise


def _log_in(client: IMAPClient, account: Account) -> None:
    from imapclient.exceptions import LoginError

    secret = secret_of(account, account.imap)
    if not secret.token and client.has_capability("LOGINDISABLED"):
        raise Refused(
            f"{account.imap.label}：服务器不接受用密码登录，没有发送密码；"
            "请邮箱管理员开启 IMAP 的密码（或授权码）登录，用 Microsoft 365 的请在“设置”的“登录方式”里选微软账户"
        )
    try:
        if secret.token:
            client.oauth2_login(account.imap.user, secret.token)
        else:
            client.login(account.imap.user, secret.password)
        with suppress(OSError, AttributeError):
            client.socket().settimeout(READ_SECONDS)
    except LoginError as error:
        if isinstance(error.__context__, client.AbortError):
            says = f"{account.imap.label}：登录时连接断开（{_server_text(error)}）；请稍后再试"
            raise Refused(says) from None
        says = _server_text(error.__context__ or error)
        raise refused_login(account, account.imap, says) from None
    except UnicodeError:
        raise refused_login(account, account.imap, "用户名或密码里有不能用的字符") from None
    except OSError as error:
        raise connection_refused(account.imap, error) from None
    # 163 and 126 open no folder before they were told who asks; QQ hangs up on what it did not offer.
    if client.has_capability("ID"):
        with _translate_errors(account, "服务器不接受本程序"):
            client.id_(_WHO)


@contextmanager
def _translate_errors(account: Account, doing: str) -> Iterator[None]:
    """Errors of the library and of the socket as our own."""
    from imapclient import IMAPClient
    from imapclient.exceptions import IMAPClientError

    try:
        yield
    except IMAPClient.AbortError as error:
        raise MailboxDisconnected(_server_text(error)) from error
    except (IMAPClientError, ValueError) as error:
        raise Refused(f"{account.imap.label}：{doing}（{_server_text(error)}）") from error
    except OSError as error:
        raise MailboxDisconnected(_server_text(error)) from error


def _server_text(error: BaseException) -> str:
    """What a server said, as text on one line."""
    said = (error.args[0] if error.args else "") or ""
    if isinstance(said, str):
        # imaplib puts what the server said into its own sentences, as Python would write the bytes down.
        said = _QUOTED_BYTES.sub(lambda match: _unescape(match[0]), said)
    text = decode_chinese(said) if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:200] or type(error).__name__


def _unescape(written: str) -> str:
    try:
        said = ast.literal_eval(written)
    except (SyntaxError, ValueError):
        return written
    return decode_chinese(said) if isinstance(said, bytes) else written
