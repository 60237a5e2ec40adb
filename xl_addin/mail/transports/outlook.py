"""Letters by the Outlook on this computer, as drafts or sent, over COM.

Never run with a real Outlook in development: the tests look at what would be called.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from xl_addin.mail.account import Account
from xl_addin.mail.message import as_html
from xl_addin.mail.transports.base import Commit, Delivery, DeliveryInDoubt, OutgoingMail
from xl_addin.model.addresses import MailAddress
from xl_addin.store.deliveries import DRAFTED, FAILED, SENT
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_MAIL_ITEM = 0
_TO, _CC = 1, 2
_SEND_USING_ACCOUNT, _PUT_REFERENCE = 64209, 8  # its number in Outlook, DISPATCH_PROPERTYPUTREF
# CO_E_CLASSSTRING, REGDB_E_CLASSNOTREG: nobody answers to that name.
_NOT_REGISTERED = (-2147221005, -2147221164)
_NOT_HERE = "这台电脑不能用 Outlook 收发（只有装了 Outlook 和 pywin32 的 Windows 可以）"
_IN_REPLY_TO = "http://schemas.microsoft.com/mapi/proptag/0x1042001F"


class _OutlookTransport:
    """Outlook, started when it does not run yet; what is done with a finished item is a subclass's."""

    risky, copies = True, False

    def __init__(self, account: Account, _folder: Path) -> None:
        self._account = account
        self._outlook: Any = None
        self._own: Any = None

    def open(self) -> None:
        """Find Outlook and the mailbox on 设置 in it. Raises Refused where there is none."""
        self._outlook = open_outlook()
        accounts = {str(own.SmtpAddress).lower(): own for own in self._outlook.Session.Accounts}
        self._own = accounts.get(self._account.address.lower())
        if self._own is None:
            known = "、".join(accounts) or "没有别的邮箱"
            raise Refused(
                f"Outlook 里没有“设置”上的发件邮箱 {self._account.address}（有：{known}），一封都没有发；"
                "请在 Outlook 的“文件 → 添加账户”里添加它，或把“设置”的发件邮箱改成其中一个，再发一次"
            )

    def send(self, mail: OutgoingMail, commit: Commit) -> Delivery:
        """Make one item, then keep it as a draft or send it."""
        # Outlook or a scanner may hold the attachment still; the letter is no less on its way.
        with held.temporary_folder() as folder:
            try:
                item = self._outlook.CreateItem(_MAIL_ITEM)
                self._fill(item, mail, folder)
            except Refused:
                raise
            except Exception as error:  # what pywin32 raises has no name without it
                return Delivery(FAILED, f"Outlook 没有接受（{error}）")
            commit()
            delivery = self._finish(item)
        fail_point("send-accepted")
        return delivery

    def _finish(self, item: Any) -> Delivery:
        raise NotImplementedError

    def _fill(self, item: Any, mail: OutgoingMail, folder: Path) -> None:
        letter = mail.letter
        for kind, boxes in ((_TO, letter.to), (_CC, letter.cc)):
            for box in boxes:
                item.Recipients.Add(_recipient_text(box)).Type = kind
        item.Recipients.ResolveAll()
        item.Subject = letter.subject
        item.HTMLBody = as_html(letter.text)
        if self._account.reply_to:
            item.ReplyRecipients.Add(self._account.reply_to)
        self._choose_account(item)
        if letter.thread:
            with suppress(
                Exception
            ):  # an Outlook that will not have it sends the letter all the same
                item.PropertyAccessor.SetProperty(_IN_REPLY_TO, letter.thread[-1])
        if letter.attachment is not None:
            path = folder / plain_name(letter.attachment.name)
            path.write_bytes(letter.attachment.data)
            item.Attachments.Add(str(path))

    def _choose_account(self, item: Any) -> None:
        """Have an item sent from the mailbox on 设置. Raises Refused where Outlook keeps to another.

        By number: a plain assignment is a reference only where pywin32 has Outlook's type library at hand,
        and is else ignored.
        """
        item._oleobj_.Invoke(_SEND_USING_ACCOUNT, 0, _PUT_REFERENCE, 0, self._own)
        taken = str(item.SendUsingAccount.SmtpAddress)
        if taken.lower() != self._account.address.lower():
            raise Refused(
                f"Outlook 不肯用 {self._account.address} 发信，要用 {taken}，这一封没有发；"
                "请在 Outlook 里检查这个账户，或在“设置”的“发送方式”里改用别的方式"
            )

    def close(self) -> None:
        """Leave Outlook as it is."""
        self._outlook = None


class OutlookDrafts(_OutlookTransport):
    """Items that are left in the drafts folder, for a person to send."""

    def _finish(self, item: Any) -> Delivery:
        try:
            item.Save()
        except Exception as error:  # as above
            return Delivery(FAILED, f"Outlook 没有存成草稿（{error}）")
        return Delivery(DRAFTED, "在 Outlook 的草稿箱里")


class OutlookSending(_OutlookTransport):
    """Items that Outlook sends."""

    def _finish(self, item: Any) -> Delivery:
        try:
            item.Send()
        except Exception as error:  # as above
            raise DeliveryInDoubt(f"Outlook 发送时出错（{error}），请看看它的“发件箱”") from error
        return Delivery(SENT, "已交给 Outlook 发送")


def _recipient_text(box: MailAddress) -> str:
    return f"{box.name} <{box.address}>" if box.name else box.address


_INSTEAD = "在“设置”的“发送方式”里改用 SMTP 或“邮件文件”"


def open_outlook(instead: str = _INSTEAD) -> Any:
    """Outlook's COM object. Raises Refused, with what to do ``instead`` (Chinese), where there is none."""
    try:
        from win32com.client import Dispatch  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise Refused(f"{_NOT_HERE}；请{instead}") from error
    try:
        return Dispatch("Outlook.Application")
    except Exception as error:  # pywin32 raises what only it knows
        if getattr(error, "hresult", None) in _NOT_REGISTERED:
            raise Refused(f"{_NOT_HERE}；请{instead}") from error
        raise Refused(f"Outlook 打不开（{error}）；请先打开 Outlook 再试，或{instead}") from error
