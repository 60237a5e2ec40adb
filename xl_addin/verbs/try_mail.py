"""``try-mail``: logs in both ways and sends a letter to oneself, and says in Chinese what works and what not.

Nothing is written into the ledger, and no district gets anything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from xl_addin.mail.account import Account
from xl_addin.mail.attachments import parse_mail
from xl_addin.mail.headers import display_value
from xl_addin.mail.message import compose, new_message_id
from xl_addin.mail.receivers.base import Mailbox, MailboxDisconnected
from xl_addin.mail.receivers.choose import can_receive, open_mailbox, receiving_label
from xl_addin.mail.transports.base import (
    ConnectionLost,
    DeliveryInDoubt,
    OutgoingMail,
    TransientFailure,
    Transport,
)
from xl_addin.mail.transports.choose import choose_transport
from xl_addin.master.read.account_rows import fetching_account, read_account, sending_account
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import Letter
from xl_addin.model.mail_settings import TRANSPORT_OF
from xl_addin.model.records import District
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request
from xl_addin.store.deliveries import SENT
from xl_addin.store.inbox import ListedMail
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple

_PAUSES = (2.0, 3.0, 5.0, 10.0, 20.0, 20.0)
"""Seconds to wait before each look for the letter."""
_TEXT = "这是“测试邮箱”发给自己的信，不用回复，可以删除。\n"


class Step(NamedTuple):
    """One thing that was tried. ``works`` is None where there was nothing to try."""

    step: str
    label: str
    works: bool | None
    says: str

    @property
    def line(self) -> str:
        """For people."""
        marks = {True: "行", False: "不行", None: "没有试"}
        return f"{self.label}：{marks[self.works]}。{self.says}"


def run(programme: Programme, request: Request) -> Result:
    """Try everything that can be, whatever does not work before it."""
    account = read_account(programme.host)[0]
    if request.rehearse:
        says = f"会登录发信和收信，并给 {account.address or '自己'} 发一封信（预演，没有登录）"
        return Result({"verb": "try-mail", "steps": []}, says)
    out, transport = _try_sending(programme)
    come, before = _try_receiving(programme)
    try:
        letter = _try_letter(programme, account, transport, before, ready=out.works and come.works)
    finally:
        if transport is not None:
            with suppress(Exception):
                transport.close()
    steps = (out, come, letter)
    failed = [each.label for each in steps if each.works is False]
    untried = [each.label for each in steps if each.works is None]
    outcome = f"测试邮箱：{'、'.join(failed)}不行" if failed else "测试邮箱：都行"
    if untried and not failed:
        outcome = f"测试邮箱：试过的都行，{'、'.join(untried)}没有试"
    return Result(
        {"verb": "try-mail", "steps": [each._asdict() for each in steps]},
        outcome,
        clean=not failed,
        lines=tuple(each.line for each in steps),
    )


def _try_sending(programme: Programme) -> tuple[Step, Transport | None]:
    label = "发信登录"
    try:
        account = sending_account(programme.host)
        transport = choose_transport(account, programme.folder)
        transport.open()
    except Refused as refusal:
        return Step("send", label, works=False, says=_words(refusal)), None
    except TransientFailure as later:
        return Step(
            "send", label, works=False, says=f"服务器暂时不接受（{later}）；请过几分钟再试"
        ), None
    way = TRANSPORT_OF[account.transport]
    if not way.needs_server and not way.sends:
        says = f"发送方式是“{account.transport}”，不由程序发出，不用登录"
        return Step("send", label, works=None, says=says), transport
    who = account.smtp.label if way.needs_server else "Outlook"
    user = account.smtp.user if way.needs_server else account.address
    return Step("send", label, works=True, says=f"{who}，用户 {user}"), transport


def _try_receiving(programme: Programme) -> tuple[Step, set[int]]:
    """The step, and the mails that are there already."""
    label = "收信登录"
    account = read_account(programme.host)[0]
    if not can_receive(account):
        says = f"“设置”里没有填 {account.receiver} 服务器；收信要填上它"
        return Step("fetch", label, works=None, says=says), set()
    try:
        account = fetching_account(programme.host)
        with open_mailbox(account) as box:
            there = {entry.uid for entry in _listed(box)}
            says = f"{receiving_label(account)}，文件夹“{account.folder or 'INBOX'}”里有 {box.found} 封"
    except Refused as refusal:
        return Step("fetch", label, works=False, says=_words(refusal)), set()
    except MailboxDisconnected as error:
        says = f"{receiving_label(account)}：连接断开（{error}）；请稍后再试"
        return Step("fetch", label, works=False, says=says), set()
    return Step("fetch", label, works=True, says=says), there


def _listed(box: Mailbox) -> list[ListedMail]:
    return [entry for batch in box.listings() for entry in batch]


def _try_letter(
    programme: Programme,
    account: Account,
    transport: Transport | None,
    before: set[int],
    *,
    ready: bool | None,
) -> Step:
    label = "给自己发一封信"
    if transport is None or not TRANSPORT_OF[account.transport].sends:
        why = (
            "发信登录不行" if transport is None else f"发送方式是“{account.transport}”，要由人来发"
        )
        return Step("letter", label, works=None, says=why)
    message_id = new_message_id(account)
    token = message_id[1:9]
    box = (MailAddress(account.name, account.address),)
    nobody = District("", "")
    letter = Letter("test", "", nobody, box, (), f"【测试】{token}", _TEXT, token)
    data = compose(letter, account, message_id, programme.clock())
    try:
        done = transport.send(OutgoingMail(letter, data, message_id), _keep_nothing)
    except Refused as refusal:
        return Step("letter", label, works=False, says=_words(refusal))
    except (TransientFailure, ConnectionLost, DeliveryInDoubt) as error:
        says = f"没有发出去（{error or '连接中断'}）；请过几分钟再试"
        return Step("letter", label, works=False, says=says)
    if done.state != SENT or done.trouble:
        return Step("letter", label, works=False, says=f"没有被收下：{done.detail}")
    if not ready:
        return Step("letter", label, works=None, says="已经发出；收信不行，没有查是否收到")

    def is_it(entry: ListedMail) -> bool:
        if entry.uid in before:
            return False
        head = entry.head
        return message_id.encode() in head or token in display_value(parse_mail(head), "Subject")

    return _find_again(programme, account, label, token, is_it)


def _keep_nothing(detail: str = "") -> None:
    """Of this letter there is no record to keep."""
    del detail


def _find_again(
    programme: Programme,
    account: Account,
    label: str,
    token: str,
    is_it: Callable[[ListedMail], bool],
) -> Step:
    trouble = ""
    for waited, pause in enumerate(_PAUSES):
        programme.sleep(pause)
        try:
            with open_mailbox(account) as box:
                if any(map(is_it, _listed(box))):
                    seconds = sum(_PAUSES[: waited + 1])
                    says = f"发出后 {seconds:.0f} 秒内收到了（主题“【测试】{token}”，可以删除）"
                    return Step("letter", label, works=True, says=says)
            trouble = ""
        except (Refused, MailboxDisconnected) as error:
            trouble = f"；收信时出错：{error}"
    says = (
        f"已经发出，等了 {sum(_PAUSES):.0f} 秒还没有收到（主题“【测试】{token}”）{trouble}；请在邮箱网页里看看它"
        "是在垃圾箱还是没有到：“收信”的邮箱要和发件人邮箱是同一个，“收信文件夹”要是收件箱"
    )
    return Step("letter", label, works=False, says=says)


def _words(refusal: Refused) -> str:
    more = "；".join(problem.message for problem in refusal.problems)
    return f"{refusal.message}{f'：{more}' if more else ''}"
