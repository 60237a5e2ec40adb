"""The transport that is set on 设置: its class is found by its record, and nobody else asks which it is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from xl_addin.mail.account import Account
from xl_addin.mail.transports.base import Transport
from xl_addin.model.mail_settings import TRANSPORT_OF
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def choose_transport(account: Account, folder: Path) -> Transport:
    """The transport that is set on 设置. ``folder`` is the programme's."""
    transport: Transport = transport_class(account.transport)(account, folder)
    return transport


def is_risky(label: str) -> bool:
    """Whether a stop can have left a mail in doubt that was sent so; also for one that is no more."""
    return label not in TRANSPORT_OF or bool(transport_class(label).risky)


def transport_class(label: str) -> Any:
    """The class behind a label, a ``Transport`` that is made of the account and the programme's folder."""
    module, name = TRANSPORT_OF[label].place.split(":")
    return getattr(import_module(f"xl_addin.mail.transports.{module}"), name)
