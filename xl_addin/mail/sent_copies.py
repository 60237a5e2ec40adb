"""Our own copies in our own mailbox: how a letter is found that may or may not have left.

All heads are fetched and compared here: QQ, 163 and Aliyun do not search headers.
"""

from __future__ import annotations

from collections.abc import Collection

from xl_addin.mail.account import Account
from xl_addin.mail.imap import Dropped, Mailbox, opened
from xl_addin.system.errors import Refused


def find(account: Account, message_ids: Collection[str]) -> set[str]:
    """Which of these mails lie where mails arrive or are put away. Raises Refused where it cannot look."""
    wanted = {message_id.encode(): message_id for message_id in message_ids}
    bare = account._replace(taken="")
    try:
        with opened(bare) as box:
            found = _in(box, wanted)
            moved = account.taken and box.has_folder(account.taken)
        if moved:
            with opened(bare._replace(folder=account.taken)) as box:
                found |= _in(box, wanted)
    except Dropped as error:
        raise Refused(f"{account.imap.place}：连接中断（{error}）") from error
    return found


def _in(box: Mailbox, wanted: dict[bytes, str]) -> set[str]:
    heads = b"\n".join(entry.head for entry in box.entries())
    return {message_id for said, message_id in wanted.items() if said in heads}
