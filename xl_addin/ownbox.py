"""Our own copies in our own mailbox: how a letter is found that may or may not have left.

All Message-IDs are fetched and compared here: QQ, 163 and Aliyun do not search headers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from xl_addin import mailsettings
from xl_addin.account import (
    TIMEOUT_SECONDS,
    Account,
    connection_refused,
    login_refused,
    password,
    tls_context,
)

_NEWEST = 3_000
_HEADER = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"


def find(account: Account, message_ids: Collection[str]) -> set[str]:
    """Which of these mails lie in the mailbox. Raises Refused when it cannot be looked into."""
    wanted = {message_id.encode() for message_id in message_ids}
    found: set[str] = set()
    with _Session(account) as client:
        for folder in {account.folder, account.taken} - {""}:
            if client.folder_exists(folder):
                client.select_folder(folder, readonly=True)
                seen = b"".join(_headers(client))
                found |= {message_id.decode() for message_id in wanted if message_id in seen}
    return found


def _headers(client: Any) -> Iterator[bytes]:
    numbers = sorted(client.search(["ALL"]))[-_NEWEST:]
    for at in range(0, len(numbers), 500):
        for answer in client.fetch(numbers[at : at + 500], [_HEADER]).values():
            yield from (value for value in answer.values() if isinstance(value, bytes))


class _Session:
    """A session with the account's IMAP server, logged in."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: Any = None

    def __enter__(self) -> Any:
        from imapclient import IMAPClient, SocketTimeout
        from imapclient.exceptions import IMAPClientError

        server, context = self._account.imap, tls_context(self._account)
        secret = password(server)
        timeout = SocketTimeout(TIMEOUT_SECONDS, TIMEOUT_SECONDS)
        tls = server.security == mailsettings.TLS
        try:
            client = IMAPClient(
                server.host, server.port, ssl=tls, ssl_context=context, timeout=timeout
            )
            if not tls:
                client.starttls(context)
            client.login(server.user, secret)
        except IMAPClientError as error:
            raise login_refused(server, str(error)) from error
        except OSError as error:
            raise connection_refused(server, error) from error
        self._client = client
        if client.has_capability("ID"):
            # 163 and 126 refuse SELECT without it; QQ hangs up on a command that it does not know.
            client.id_({"name": "xl-addin", "vendor": "xl-addin"})
        return client

    def __exit__(self, *_: object) -> None:
        from imapclient.exceptions import IMAPClientError

        try:
            self._client.logout()
        except (IMAPClientError, OSError):
            self._client.shutdown()
