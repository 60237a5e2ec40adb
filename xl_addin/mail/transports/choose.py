"""The way of sending that is set on 设置."""

from __future__ import annotations

from pathlib import Path

from xl_addin.mail.account import Account
from xl_addin.mail.transports.base import Way
from xl_addin.model import mailsettings
from xl_addin.model.folder import MAIL


def way_of(account: Account, folder: Path) -> Way:
    """The way that is set on 设置. ``folder`` is the programme's."""
    if account.way == mailsettings.SMTP:
        from xl_addin.mail.transports.smtp import SmtpWay

        return SmtpWay(account)
    if account.way == mailsettings.MAIL_FILES:
        from xl_addin.mail.transports.files import FileWay

        return FileWay(folder / MAIL)
    from xl_addin.mail.transports.outlook import OutlookWay

    return OutlookWay(account, send=account.way == mailsettings.OUTLOOK_SEND)
