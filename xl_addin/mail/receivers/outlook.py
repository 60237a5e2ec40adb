"""Mails out of the Outlook on this computer, over COM: whatever account it has, and no password.

Each is saved by Outlook as a .msg and written out as a plain mail in the throw-away process. Nothing is
marked or deleted, and only what was taken in this session is moved. Never run with a real Outlook in
development: the tests look at what would be called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from xl_addin.mail.account import Account
from xl_addin.mail.message import header_line
from xl_addin.mail.read_in_child import MAX_MAIL, mail_of_msg
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.mail.transports.outlook import open_outlook
from xl_addin.store.inbox import ListedMail
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_INBOX, _AS_MSG = 6, 9  # olFolderInbox, olMSGUnicode
_TAKEN = (43, 46)  # olMail, olReport
_LISTED = 200
_TAG = "http://schemas.microsoft.com/mapi/proptag/0x"
_HEADERS, _MESSAGE_ID, _FROM = f"{_TAG}007D001F", f"{_TAG}1035001F", f"{_TAG}5D01001F"
_NAMES = ("", "INBOX", "收件箱")


class OutlookFolder:
    """A folder of Outlook's; see ``Mailbox``."""

    validity = 0

    def __init__(self, store: Any, folder: Any, account: Account) -> None:
        self._store, self._folder, self._account = store, folder, account
        self.owner = f"{account.address}@Outlook"
        self.moves = bool(account.processed_folder)
        self._ids: dict[int, str] = {}
        self._taken: set[int] = set()
        with _translate_errors("打不开文件夹"):
            self.exists = int(folder.Items.Count)
        self.found = self.older = 0

    def listings(self, since: str = "") -> Iterator[list[ListedMail]]:
        """As ``Mailbox``; meetings, tasks and the like are no mails."""
        self.found, self.older = 0, 0
        batch: list[ListedMail] = []
        with _translate_errors("列不出邮件"):
            items = self._folder.Items
            count = int(items.Count)
        for number in range(1, count + 1):
            with _translate_errors("列不出邮件"):
                entry = self._entry(items.Item(number))
            self.found += 1
            if entry is None:
                continue
            if since and entry.received_at and entry.received_at[:10] < since:
                self.older += 1
                continue
            batch.append(entry)
            if len(batch) >= _LISTED:
                yield batch
                batch = []
        if batch:
            yield batch

    def _entry(self, item: Any) -> ListedMail | None:
        if int(item.Class) not in _TAKEN:
            return None
        name = str(item.EntryID)
        received = getattr(item, "ReceivedTime", None) or getattr(item, "CreationTime", None)
        at = f"{received:%Y-%m-%d %H:%M:%S}" if received else ""
        head = _head(item)
        known = hashlib.sha256(f"{name}\n{at}\n".encode() + head)
        uid = int.from_bytes(known.digest()[:6], "big")
        self._ids[uid] = name
        return ListedMail(uid, int(item.Size), at, known.hexdigest(), head)

    def has_folder(self, name: str) -> bool:
        """Whether the account has a folder of this name beside or in its inbox."""
        return _find_folder(self._store, name) is not None

    def download(
        self, entries: Sequence[ListedMail]
    ) -> Iterator[tuple[ListedMail, Iterator[bytes]]]:
        """As ``Mailbox``; what Outlook cannot save or is larger than any mail is left out."""
        with held.temporary_folder() as folder:
            for number, entry in enumerate(entries):
                path = Path(folder) / f"{number}.msg"
                data = self._saved(entry, path)
                if data:
                    self._taken.add(entry.uid)
                    yield entry, iter((data,))

    def _saved(self, entry: ListedMail, path: Path) -> bytes:
        name = self._ids.get(entry.uid)
        if name is None or entry.size > MAX_MAIL:
            return b""
        try:
            self._session.GetItemFromID(name, self._store.StoreID).SaveAs(str(path), _AS_MSG)
            saved = held.read_bytes(path)
        except Exception:  # gone meanwhile, or one that this Outlook may not save
            return b""
        finally:
            held.unlink(path)
        return mail_of_msg(saved)

    @property
    def _session(self) -> Any:
        return self._store.Session

    def move_to_processed(self, uids: Sequence[int]) -> str:
        """As ``Mailbox``; only what was taken in this session."""
        name = self._account.processed_folder
        if not name or not uids:
            return ""
        try:
            target = _find_folder(self._store, name)
            if target is None:
                target = self._store.GetRootFolder().Folders.Add(name)
            for uid in uids:
                if uid in self._taken:
                    self._session.GetItemFromID(self._ids[uid], self._store.StoreID).Move(target)
        except Exception as error:  # what pywin32 raises has no name without it
            return f"邮件已经取下，但没能在 Outlook 里移到“{name}”（{error}）；请看看这个文件夹是否可用"
        return ""


def _head(item: Any) -> bytes:
    """The lines by which a mail is told, as IMAP gives them; of one that never travelled what Outlook knows."""
    told = _property(item, _HEADERS)
    if told.strip():
        fields = ("message-id", "date", "from", "subject", "received")
        lines: list[str] = []
        ours = False
        for line in told.replace("\r\n", "\n").split("\n"):
            if not line.startswith((" ", "\t")):
                ours = line.partition(":")[0].strip().lower() in fields
            lines += [line] if ours else []
        return "\r\n".join(lines).encode()
    sender = _property(item, _FROM) or str(getattr(item, "SenderEmailAddress", "") or "")
    known = {
        "From": sender if "@" in sender else "",
        "Subject": str(getattr(item, "Subject", "") or ""),
        "Message-ID": _property(item, _MESSAGE_ID),
    }
    return b"\r\n".join(header_line(name, said) for name, said in known.items() if said)


def _property(item: Any, name: str) -> str:
    try:
        return str(item.PropertyAccessor.GetProperty(name) or "")
    except Exception:  # it has none
        return ""


def _find_folder(store: Any, name: str) -> Any:
    """A folder by its name or path (``收件箱/任务``), from the top or in the inbox; None for none."""
    try:
        inbox = store.GetDefaultFolder(_INBOX)
        if name in _NAMES:
            return inbox
        steps = [step for step in name.replace("\\", "/").split("/") if step]
        for top in (store.GetRootFolder(), inbox):
            found = top
            for step in steps:
                found = next((each for each in found.Folders if str(each.Name) == step), None)
                if found is None:
                    break
            if found is not None:
                return found
    except Exception as error:
        raise MailboxDisconnected(f"Outlook 没有应答（{error}）") from error
    return None


@contextmanager
def open_folder(account: Account) -> Iterator[OutlookFolder]:
    """The folder on 设置 of the account on 设置; see ``Mailbox``. Refused where Outlook has neither."""
    outlook = open_outlook("在“设置”的“收信方式”里改用 IMAP 或 POP3")
    with _translate_errors("打不开"):
        accounts = {str(own.SmtpAddress).lower(): own for own in outlook.Session.Accounts}
    own = accounts.get(account.address.lower())
    if own is None:
        known = "、".join(accounts) or "没有别的邮箱"
        raise Refused(
            f"Outlook 里没有“设置”上的发件邮箱 {account.address}（有：{known}），没有收信；"
            "请在 Outlook 的“文件 → 添加账户”里添加它，或把“设置”的发件邮箱改成其中一个，再收一次"
        )
    store = own.DeliveryStore
    folder = _find_folder(store, account.folder)
    if folder is None:
        raise Refused(
            f"Outlook 的 {account.address} 里没有文件夹“{account.folder}”；请核对“设置”里的“收信文件夹”"
        )
    yield OutlookFolder(store, folder, account)


@contextmanager
def _translate_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # what pywin32 raises has no name without it
        raise MailboxDisconnected(f"Outlook {doing}（{error}）") from error
