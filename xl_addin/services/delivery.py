"""Sending letters so that each goes out once, however often one presses and whatever breaks.

A letter is put on record before anything is sent, marked before the step that cannot be taken back
and marked again after it. Pressing again goes on with what is not done. A letter that a stop left
between the marks is looked for among our own copies; where that says nothing, a person decides.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from xl_addin.mail.account import Account
from xl_addin.mail.answers import advice, is_too_fast
from xl_addin.mail.message import compose, new_message_id
from xl_addin.mail.transports.base import (
    Commit,
    ConnectionLost,
    Delivery,
    DeliveryInDoubt,
    OutgoingMail,
    TransientFailure,
    Transport,
)
from xl_addin.model.letters import COUNT_AS_SENT, SEND_AGAIN, Letter
from xl_addin.services.preflight import fault
from xl_addin.services.programme import Programme
from xl_addin.services.recovery import resolve_in_doubt
from xl_addin.store import deliveries
from xl_addin.store.deliveries import (
    DONE,
    FAILED,
    PENDING,
    REFUSED,
    SENDING,
    SENT,
    PlannedLetter,
    Sending,
)
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.filelock import lock
from xl_addin.system.light import NamedTuple, pattern

_BACK_OFF = (10.0, 30.0, 90.0)
"""Seconds to wait before each further attempt at what a server does not want just now."""
_ENOUGH = 3
"""So many letters in a row that fare alike are not about the letters but about the server."""
_SLOWER, _SLOWEST = 2.0, 8.0
"""Seconds between two letters, at least and at most, once a server has said that it is too fast.

At most half the pace that is set, where that is slower still: longer pauses are made between the attempts.
"""
_ALIKE = "和前后几封被同样的话拒收，不一定是这个区县的问题"
_ADDRESS = pattern(r"[^\s<>@（）：]+@[^\s<>@（）：]+|[0-9A-Za-z]{10,}|\b\d{4,}\b")
"""What differs between answers that say the same: addresses, and the numbers of a session."""
PRESS_AGAIN = "再按一次"
KEPT = "kept"
"""The state, in an outcome only, of a letter that was not tried because something stopped the run."""


class Outcome(NamedTuple):
    """What became of a letter. ``fresh`` says that it was now, not in an earlier run."""

    letter: Letter
    state: str
    detail: str = ""
    fresh: bool = True
    trouble: bool = False


class DeliveryPlan(NamedTuple):
    """Letters sorted by what is on record of them; those ``in_doubt`` may or may not have gone out.

    ``todo`` are letters to those who do not have them yet; ``asked`` maps the identity of such a letter to
    the one that was asked for, ``told`` to what there is to say of it in Chinese. Of those ``chosen`` a
    person said what is to become of them, by one of ``model.letters``.
    """

    todo: list[tuple[Letter, Sending | None]]
    done: list[Outcome]
    in_doubt: list[tuple[Letter, Sending]]
    asked: dict[int, Letter]
    told: dict[int, str]
    chosen: list[tuple[Letter, Sending, str]]


def plan_delivery(
    programme: Programme,
    letters: Sequence[Letter],
    account: Account,
    *,
    again: bool,
    wanted: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> DeliveryPlan:
    """What has to be sent. ``again`` sends what was sent before once more.

    ``wanted`` is what a person chose for letters, by district and kind.
    """
    found = DeliveryPlan([], [], [], {}, {}, [])
    known = {
        each: deliveries.latest_by_subject(programme.ledger, *each)
        for each in {(letter.kind, letter.month) for letter in letters}
    }
    for letter in letters:
        before = known[letter.kind, letter.month].get((letter.district.code, letter.about))
        choice = wanted.get(letter.whose, "")
        if before is None or again:
            found.todo.append((letter, None))
        elif before.state == SENDING and choice:
            found.chosen.append((letter, before, choice))
        elif choice == SEND_AGAIN:
            found.todo.append((letter, None))
        elif before.state == SENDING:
            found.in_doubt.append((letter, before))
        elif before.state in DONE and (rest := _not_yet_sent_to(programme, letter)) is not None:
            found.asked[id(rest)] = letter
            found.told[id(rest)] = (
                f"{before.at} 发到了 {'、'.join(before.recipients.split())}；"
                "“区县名录”里的地址改过，现在发到新地址"
            )
            found.todo.append((rest, None))
        elif before.state in DONE or (
            before.state == deliveries.BOUNCED and _same_recipients(before, letter)
        ):
            trouble = before.state == deliveries.BOUNCED
            detail = f"{before.at} {before.detail}".strip()
            found.done.append(Outcome(letter, before.state, detail, fresh=False, trouble=trouble))
        else:
            if before.state == deliveries.BOUNCED:
                letter_now = _without_reached(before, letter)
                if letter_now is not letter:
                    found.asked[id(letter_now)] = letter
                    found.told[id(letter_now)] = f"{before.at} 退回，现在只发到没有收到的地址"
                    found.todo.append((letter_now, None))
                    continue
            same = _same_recipients(before, letter) and before.transport == account.transport
            found.todo.append((letter, before if same else None))
    return found


def _not_yet_sent_to(programme: Programme, letter: Letter) -> Letter | None:
    """A letter to those of its recipients who were not sent it before; None where all were."""
    had = deliveries.recipients_so_far(
        programme.ledger, letter.kind, letter.month, letter.district.code, letter.about
    )
    to, cc = (
        tuple(box for box in boxes if box.address.lower() not in had)
        for boxes in (letter.to, letter.cc)
    )
    if not to and not cc:
        return None
    # A letter needs somebody in To.
    return letter._replace(to=to or cc, cc=cc if to else ())


def _without_reached(before: Sending, letter: Letter) -> Letter:
    """A letter that came back to those whom it did not reach: of several the bounce names who did not get it."""
    had = [each for each in before.recipients.lower().split() if each not in before.detail.lower()]
    to, cc = (
        tuple(box for box in boxes if box.address.lower() not in had)
        for boxes in (letter.to, letter.cc)
    )
    lacking = len(had) == len(before.recipients.split())  # it names nobody: all may lack it
    whole = lacking or (to, cc) == (letter.to, letter.cc) or not (to or cc)
    return letter if whole else letter._replace(to=to or cc, cc=cc if to else ())


def _same_recipients(before: Sending, letter: Letter) -> bool:
    return before.recipients == " ".join(letter.addresses)


def deliver(
    programme: Programme,
    letters: Sequence[Letter],
    account: Account,
    transport: Transport,
    *,
    again: bool = False,
    wanted: Mapping[tuple[str, str], str] = MappingProxyType({}),
    recorded: Callable[[], None] | None = None,
) -> tuple[list[Outcome], str]:
    """Send what is not sent yet. One outcome per letter, and why the run ended early, if it did.

    ``recorded`` is called when all that is ``wanted`` is on record and before anything is sent.

    Raises Refused when not even the first letter could be tried.
    """
    locks = programme.folder / ".xl-addin-mail.lock"
    with lock(locks, "发信"), programme.ledger.sending():
        sorted_out = plan_delivery(programme, letters, account, again=again, wanted=wanted)
        outcomes = {id(each.letter): each for each in sorted_out.done}
        _resolve_in_doubt(programme, account, sorted_out, outcomes)
        _settle_chosen(programme, sorted_out, outcomes)
        run = _SendingRun(programme, account, transport, outcomes)
        copy_to = account.address if account.bcc_self and transport.copies else ""
        planned = _record_letters(programme, account, copy_to, sorted_out.todo)
        if recorded is not None:
            recorded()
        stopped = run.send_all(planned)
    return outcomes_of(letters, outcomes, sorted_out), stopped


def outcomes_of(
    letters: Sequence[Letter], outcomes: Mapping[int, Outcome], found: DeliveryPlan
) -> list[Outcome]:
    """An outcome for each letter that was asked for, with what there is to say of those sent in their place."""
    instead = {
        id(asked): each._replace(
            letter=asked, detail="；".join(filter(None, (found.told[rest], each.detail)))
        )
        for rest, asked in found.asked.items()
        if (each := outcomes.get(rest)) is not None
    }
    return [instead.get(id(letter)) or outcomes[id(letter)] for letter in letters]


def _resolve_in_doubt(
    programme: Programme, account: Account, sorted_out: DeliveryPlan, outcomes: dict[int, Outcome]
) -> None:
    """Find out what became of the letters that a stop left in between."""
    for letter, before, state, detail in resolve_in_doubt(programme, account, sorted_out.in_doubt):
        if state == SENDING:
            outcomes[id(letter)] = Outcome(letter, state, detail, trouble=True)
            continue
        with programme.ledger.writing():
            deliveries.advance(programme.ledger, {before.id: detail}, state, programme.now())
        if state == SENT:
            outcomes[id(letter)] = Outcome(letter, state, detail)
        else:
            sorted_out.todo.append((letter, before if _same_recipients(before, letter) else None))


def _settle_chosen(
    programme: Programme, sorted_out: DeliveryPlan, outcomes: dict[int, Outcome]
) -> None:
    """Do with letters in doubt what a person chose for each."""
    for letter, before, choice in sorted_out.chosen:
        state = SENT if choice == COUNT_AS_SENT else PENDING
        detail = "按“回收情况”里选的算已发" if state == SENT else "按“回收情况”里选的重发"
        with programme.ledger.writing():
            deliveries.advance(programme.ledger, {before.id: detail}, state, programme.now())
        if state == SENT:
            outcomes[id(letter)] = Outcome(letter, state, detail)
        else:
            sorted_out.todo.append((letter, before if _same_recipients(before, letter) else None))


def _record_letters(
    programme: Programme,
    account: Account,
    copy_to: str,
    todo: Sequence[tuple[Letter, Sending | None]],
) -> list[tuple[Letter, Sending]]:
    """Every letter with its row in the ledger."""
    fresh = [letter for letter, before in todo if before is None]
    with programme.ledger.writing():
        rows = iter(
            deliveries.record(
                programme.ledger,
                [
                    PlannedLetter(
                        letter.kind,
                        letter.month,
                        letter.district.code,
                        letter.about,
                        new_message_id(account),
                        account.transport,
                        " ".join(letter.addresses),
                        copy_to,
                    )
                    for letter in fresh
                ],
                programme.now(),
            )
        )
    fail_point("send-planned")
    recorded = [(letter, before or next(rows)) for letter, before in todo]
    # What was turned away before with others alike comes last: it must not keep the others back again.
    return sorted(recorded, key=lambda pair: pair[1].detail.startswith(_ALIKE))


class _SendingRun:
    """One go at the letters that are to be sent."""

    def __init__(
        self,
        programme: Programme,
        account: Account,
        transport: Transport,
        outcomes: dict[int, Outcome],
    ) -> None:
        self._programme, self._account, self._transport = programme, account, transport
        self._outcomes = outcomes
        self._last = 0.0
        self._pause = 60 / account.pace
        self._later = ""
        self._alike: list[tuple[str, Letter, Sending]] = []

    def send_all(self, letters: Sequence[tuple[Letter, Sending]]) -> str:
        """Send them; what the server does not want now is tried again later. Why it ended early."""
        waiting = deque(letters)
        stopped = ""
        try:
            if waiting:
                self._open()
            for pause in (0.0, *_BACK_OFF):
                if waiting and pause:
                    self._programme.sleep(pause)
                waiting = self._send_each(waiting)
        except Refused as refusal:
            if not any(each.fresh and each.state in DONE for each in self._outcomes.values()):
                raise
            stopped = refusal.message
        finally:
            self._transport.close()
        if waiting and not stopped:
            stopped = self._go_on_later(len(waiting))
        for letter, _ in letters:
            self._outcomes.setdefault(id(letter), Outcome(letter, KEPT, stopped, trouble=True))
        return stopped

    def _go_on_later(self, count: int) -> str:
        """That the server takes no more just now, and what to do about the rest."""
        told = advice(self._later)
        if told and not is_too_fast(self._later):
            says = f"还有 {count} 封没有发：服务器暂时不收（{self._later}）；{told}"
            return f"{says}；{PRESS_AGAIN}会接着发，发过的不会重发"
        return (
            f"还有 {count} 封没有发：服务器暂时不收（{self._later}），多半是限制了发信的速度或封数；"
            f"已经放慢到约 {self._pause:.0f} 秒一封。请过十几分钟{PRESS_AGAIN}，会接着发，发过的不会重发；"
            "总是这样就把“设置”的“每分钟最多几封”改小"
        )

    def _open(self) -> None:
        """Connect, patiently. Raises Refused."""
        for pause in (*_BACK_OFF, 0.0):
            try:
                self._transport.open()
            except TransientFailure as later:
                if not pause:
                    raise Refused(
                        f"服务器暂时不接受连接（{later}）；请稍后{PRESS_AGAIN}，会接着发没有发的"
                    ) from later
                self._programme.sleep(pause)
            else:
                return

    def _send_each(self, waiting: deque[tuple[Letter, Sending]]) -> deque[tuple[Letter, Sending]]:
        """One attempt at each; those to be tried again."""
        again: deque[tuple[Letter, Sending]] = deque()
        in_a_row = 0
        count = len(waiting)
        for letter, sending in self._programme.progress.over(waiting, count, "发信"):
            if in_a_row >= _ENOUGH:
                again.append((letter, sending))
                continue
            outcome = self._send_one(letter, sending)
            self._outcomes[id(letter)] = outcome
            if outcome.state == PENDING:
                again.append((letter, sending))
                in_a_row += 1
                if in_a_row == _ENOUGH:
                    self._slow_down()
            else:
                in_a_row = 0
            self._stop_if_alike(letter, sending, outcome)
        return again

    def _stop_if_alike(self, letter: Letter, sending: Sending, outcome: Outcome) -> None:
        """Several turned away in the same words, one after another, are not about their recipients.

        Raises Refused; the letters wait as if they had not been tried.
        """
        if outcome.state != REFUSED:
            self._alike.clear()
            return
        words = _ADDRESS.sub("", outcome.detail)
        if self._alike and self._alike[0][0] != words:
            self._alike.clear()
        self._alike.append((words, letter, sending))
        if len(self._alike) < _ENOUGH:
            return
        says = f"{_ALIKE}（{outcome.detail}）"
        for _, each, record in self._alike:
            self._mark(record, PENDING, says)
            self._outcomes[id(each)] = Outcome(each, PENDING, says, trouble=True)
        told = advice(outcome.detail, ours=True)
        ours = (
            "多半是发件账户的问题，不是区县地址的问题，请核对发件人邮箱、授权码和服务商的发信限制"
        )
        raise Refused(
            f"{self._account.smtp.label}：连续 {_ENOUGH} 封信被同样的话拒收（{outcome.detail}），没有再发；"
            f"{told or ours}"
        )

    def _send_one(self, letter: Letter, sending: Sending) -> Outcome:
        mail = OutgoingMail(
            letter,
            compose(letter, self._account, sending.message_id, self._programme.clock()),
            sending.message_id,
            sending.copy_to,
        )
        wrong = fault(mail.data, letter, self._programme.basics, self._programme.ledger)
        if wrong:
            return self._record_outcome(
                letter, sending, Delivery(FAILED, f"没有发送：{wrong}", trouble=True)
            )
        self._keep_pace()
        for attempt in range(_ENOUGH):
            try:
                return self._record_outcome(
                    letter, sending, self._transport.send(mail, self._marker(sending))
                )
            except TransientFailure as later:
                self._later = str(later)
                if is_too_fast(self._later):
                    self._slow_down()
                return self._record_outcome(
                    letter, sending, Delivery(PENDING, f"服务器暂时不收（{later}）")
                )
            except DeliveryInDoubt as unsure:
                self._mark(sending, SENDING, str(unsure))
                says = f"{unsure}；过几分钟再按一次，程序会去查"
                return Outcome(letter, SENDING, says, trouble=True)
            except ConnectionLost:
                self._mark(sending, PENDING, "连接中断")
                self._later = "连接一再中断"
                if attempt < _ENOUGH - 1:
                    self._open()
        return self._record_outcome(letter, sending, Delivery(PENDING, "连接一再中断"))

    def _slow_down(self) -> None:
        slowest = max(_SLOWEST, 120 / self._account.pace)
        self._pause = min(max(2 * self._pause, _SLOWER), slowest)

    def _marker(self, sending: Sending) -> Commit:
        def commit(detail: str = "") -> None:
            self._mark(sending, SENDING, detail)
            fail_point("send-sending")

        return commit

    def _record_outcome(self, letter: Letter, sending: Sending, delivery: Delivery) -> Outcome:
        self._mark(sending, delivery.state, delivery.detail)
        fail_point("send-recorded")
        trouble = delivery.trouble or delivery.state not in DONE
        return Outcome(letter, delivery.state, delivery.detail, trouble=trouble)

    def _mark(self, sending: Sending, state: str, detail: str) -> None:
        with self._programme.ledger.writing():
            deliveries.advance(
                self._programme.ledger, {sending.id: detail}, state, self._programme.now()
            )

    def _keep_pace(self) -> None:
        """Wait so long that the pace is kept; writing files has none."""
        if self._transport.risky:
            pause = self._pause - (time.monotonic() - self._last)
            if self._last and pause > 0:
                self._programme.sleep(pause)
            self._last = time.monotonic()
