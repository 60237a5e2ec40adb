"""Our own copies in our own mailbox: how a letter is found that may or may not have left.

All heads are fetched and compared here: QQ, 163 and Aliyun do not search headers.
"""

from __future__ import annotations

from collections.abc import Collection

from xl_addin.mail.account import Account
from xl_addin.mail.receivers.base import Mailbox, MailboxDisconnected
from xl_addin.mail.receivers.choose import open_mailbox, receiving_label
from xl_addin.system.errors import Refused


def find_copies(account: Account, message_ids: Collection[str]) -> set[str]:
    """Which of these mails lie where mails arrive or are put away. Raises Refused where it cannot look."""
    wanted = {message_id.encode(): message_id for message_id in message_ids}
    bare = account._replace(processed_folder="")
    try:
        with open_mailbox(bare) as box:
            found = _find_in_folder(box, wanted)
            moved = account.processed_folder and box.has_folder(account.processed_folder)
        if moved:
            with open_mailbox(bare._replace(folder=account.processed_folder)) as box:
                found |= _find_in_folder(box, wanted)
    except MailboxDisconnected as error:
        raise Refused(f"{receiving_label(account)}：连接中断（{error}）") from error
    return found


def _find_in_folder(box: Mailbox, wanted: dict[bytes, str]) -> set[str]:
    found: set[str] = set()
    for batch in box.listings():
        heads = b"\n".join(entry.head for entry in batch)
        found |= {message_id for said, message_id in wanted.items() if said in heads}
    return found
