"""The way to receive that is set on 设置: its module is found by its record, and nobody else asks which it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module

from xl_addin.mail.account import Account, Server
from xl_addin.mail.receivers.base import Mailbox
from xl_addin.model.mail_settings import RECEIVER_OF


def open_mailbox(account: Account) -> AbstractContextManager[Mailbox]:
    """The folder that the account fetches from; see ``Mailbox``."""
    module = import_module(f"xl_addin.mail.receivers.{RECEIVER_OF[account.receiver].module}")
    opened: AbstractContextManager[Mailbox] = module.open_folder(account)
    return opened


def receiving_server(account: Account) -> Server | None:
    """The server that is fetched from; None where there is none, as with Outlook."""
    protocol = RECEIVER_OF[account.receiver].protocol
    return {account.imap.protocol: account.imap, account.pop3.protocol: account.pop3}.get(protocol)


def receiving_label(account: Account) -> str:
    """How messages name where mails come from."""
    server = receiving_server(account)
    return server.label if server is not None else account.receiver


def can_receive(account: Account) -> bool:
    """Whether there is anything to fetch from: nobody has to have set a server."""
    server = receiving_server(account)
    return server is None or bool(server.host)
