"""Letters that a stop left between "about to go" and "gone": what became of them, without guessing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from xl_addin.mail.account import Account
from xl_addin.mail.receivers.choose import can_receive, receiving_server
from xl_addin.mail.transports.choose import is_risky
from xl_addin.model import mail_settings
from xl_addin.model.letters import CALLED, Letter
from xl_addin.services.programme import Programme
from xl_addin.store import deliveries
from xl_addin.store.deliveries import NO_COPY, PENDING, SENDING, SENT, Sending
from xl_addin.system.errors import Refused

_SETTLED = timedelta(hours=24)
"""How long our own copy of a mail may take to reach our mailbox: servers put off and try again for hours.

A mail is marked just before its last dot, so that a stop comes as a rule while the server's answer is waited for: it
has the mail.
"""


def resolve_in_doubt(
    programme: Programme, account: Account, in_doubt: Sequence[tuple[Letter, Sending]]
) -> Iterator[tuple[Letter, Sending, str, str]]:
    """Each letter in doubt with its record, its state and a Chinese detail.

    The state is SENT, PENDING (certainly not sent) or SENDING (nobody knows); nothing is guessed.
    """
    found, trouble = _own_copies(programme, account, [before for _, before in in_doubt])
    for letter, before in in_doubt:
        waited = programme.clock() - datetime.fromisoformat(before.at)
        if not is_risky(before.transport):
            yield letter, before, PENDING, "文件没有写完"
        elif before.message_id in found:
            yield letter, before, SENT, "在自己的邮箱里找到了留底"
        elif account.in_doubt == mail_settings.COUNT_AS_SENT:
            yield letter, before, SENT, "按“设置”里的“不确定的信”算已发"
        elif account.in_doubt == mail_settings.RESEND_IN_DOUBT:
            yield letter, before, PENDING, "按“设置”里的“不确定的信”重发"
        elif _was_copied(before) and not trouble and waited >= _SETTLED:
            yield letter, before, PENDING, "过了 24 小时自己的邮箱里还没有留底，上次没有发出"
        elif _was_copied(before) and not trouble:
            says = (
                f"{before.at} 发到最后一步时中断，留底可能还在路上，先不重发；过一会儿再按一次，程序会再查，"
                f"满 24 小时还没有留底就重发。急着发的请先向区县核实，{_decide(letter.kind)}"
            )
            yield letter, before, SENDING, says
        else:
            says = f"{before.at} 发到一半中断，不知道是否发出{trouble}；请向区县核实，{_decide(letter.kind)}"
            yield letter, before, SENDING, says


def _decide(kind: str) -> str:
    """How staff say what is to become of a letter; papers have no such column."""
    if kind not in CALLED:
        return "把“设置”的“不确定的信”改为“重发”或“算已发”，再点一次"
    again, sent = f"重发{CALLED[kind]}", f"{CALLED[kind]}算已发"
    return f"在“回收情况”这个区县的“信件处理”里选“{again}”或“{sent}”，再点一次"


def _was_copied(sending: Sending) -> bool:
    return bool(sending.copy_to) and not sending.detail.startswith(NO_COPY)


def _own_copies(
    programme: Programme, account: Account, in_doubt: Sequence[Sending]
) -> tuple[set[str], str]:
    """Which of these letters lie in our mailbox, and why nothing follows from not finding one.

    Not finding a copy says something only of a mailbox in which copies are found: of letters that
    certainly went out, at least one has to lie there.
    """
    wanted = {each.message_id for each in in_doubt if _was_copied(each)}
    if not wanted:
        return set(), ""
    if not can_receive(account):
        return set(), f"（没有填 {account.receiver} 服务器，查不了留底）"
    from xl_addin.mail.sent_copies import find_copies

    certain = deliveries.recent_copies(programme.ledger, account.address)
    try:
        found = find_copies(account, wanted | certain)
    except Refused as refusal:
        return set(), f"（查不了留底：{refusal.message}）"
    if certain and not certain & found:
        return found, "（邮箱里也找不到以前的留底，可能被移走了，查不清）"
    server = receiving_server(account)
    if not certain and server and server.user.lower() != account.address.lower():
        return found, f"（{server.protocol} 用户不是发件人邮箱，留底可能不在那里，查不清）"
    return found, ""
