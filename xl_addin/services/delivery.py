"""Sending letters so that each goes out once, however often one presses and whatever breaks.

A letter is put on record before anything is sent, marked before the step that cannot be taken back
and marked again after it. Pressing again goes on with what is not done. A letter that a stop left
between the marks is looked for among our own copies; where that says nothing, a person decides.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from xl_addin.mail.account import Account
from xl_addin.mail.message import compose, new_message_id
from xl_addin.mail.transports.base import Carried, Dropped, Later, Mail, Unsure, Way
from xl_addin.model.letters import Letter
from xl_addin.services.preflight import fault
from xl_addin.services.programme import Desk
from xl_addin.services.recovery import what_became
from xl_addin.store import deliveries
from xl_addin.store.deliveries import DONE, FAILED, PENDING, SENDING, SENT, Planned, Sending
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import reached
from xl_addin.system.filelock import lock
from xl_addin.system.light import NamedTuple

_BACK_OFF = (10.0, 30.0, 90.0)
"""Seconds to wait before each further attempt at what a server does not want just now."""
_ENOUGH = 3
"""So many letters in a row that fare alike are not about the letters but about the server."""
KEPT = "kept"
"""The state, in an outcome only, of a letter that was not tried because something stopped the run."""


class Outcome(NamedTuple):
    """What became of a letter. ``fresh`` says that it was now, not in an earlier run."""

    letter: Letter
    state: str
    detail: str = ""
    fresh: bool = True
    trouble: bool = False


class Plan(NamedTuple):
    """Letters sorted by what is on record of them; ``unsure`` may or may not have gone out."""

    todo: list[tuple[Letter, Sending | None]]
    done: list[Outcome]
    unsure: list[tuple[Letter, Sending]]


def plan(desk: Desk, letters: Sequence[Letter], account: Account, *, again: bool) -> Plan:
    """What has to be sent. ``again`` sends what was sent before once more."""
    found = Plan([], [], [])
    known = {
        each: deliveries.latest(desk.ledger, *each)
        for each in {(letter.kind, letter.month) for letter in letters}
    }
    for letter in letters:
        before = known[letter.kind, letter.month].get((letter.district.code, letter.about))
        if before is None or again:
            found.todo.append((letter, None))
        elif before.state == SENDING:
            found.unsure.append((letter, before))
        elif before.state in DONE or (before.state == deliveries.BOUNCED and _same(before, letter)):
            trouble = before.state == deliveries.BOUNCED
            detail = f"{before.at} {before.detail}".strip()
            found.done.append(Outcome(letter, before.state, detail, fresh=False, trouble=trouble))
        else:
            same = _same(before, letter) and before.way == account.way
            found.todo.append((letter, before if same else None))
    return found


def _same(before: Sending, letter: Letter) -> bool:
    return before.recipients == " ".join(letter.addresses)


def deliver(
    desk: Desk, letters: Sequence[Letter], account: Account, way: Way, *, again: bool = False
) -> tuple[list[Outcome], str]:
    """Send what is not sent yet. One outcome per letter, and why the run ended early, if it did.

    Raises Refused when not even the first letter could be tried.
    """
    locks = desk.folder / ".xl-addin-mail.lock"
    with lock(locks, "发信"):
        sorted_out = plan(desk, letters, account, again=again)
        outcomes = {id(each.letter): each for each in sorted_out.done}
        _settle(desk, account, sorted_out, outcomes)
        run = _Run(desk, account, way, outcomes)
        copy_to = account.address if account.own_copy and way.copies else ""
        stopped = run.all(_recorded(desk, account, copy_to, sorted_out.todo))
    return [outcomes[id(letter)] for letter in letters], stopped


def _settle(desk: Desk, account: Account, sorted_out: Plan, outcomes: dict[int, Outcome]) -> None:
    """Find out what became of the letters that a stop left in between."""
    for letter, before, state, detail in what_became(desk, account, sorted_out.unsure):
        if state == SENDING:
            outcomes[id(letter)] = Outcome(letter, state, detail, trouble=True)
            continue
        with desk.ledger.writing():
            deliveries.advance(desk.ledger, {before.id: detail}, state, desk.now())
        if state == SENT:
            outcomes[id(letter)] = Outcome(letter, state, detail)
        else:
            sorted_out.todo.append((letter, before))


def _recorded(
    desk: Desk, account: Account, copy_to: str, todo: Sequence[tuple[Letter, Sending | None]]
) -> list[tuple[Letter, Sending]]:
    """Every letter with its row in the ledger."""
    fresh = [letter for letter, before in todo if before is None]
    with desk.ledger.writing():
        rows = iter(
            deliveries.record(
                desk.ledger,
                [
                    Planned(
                        letter.kind,
                        letter.month,
                        letter.district.code,
                        letter.about,
                        new_message_id(account),
                        account.way,
                        " ".join(letter.addresses),
                        copy_to,
                    )
                    for letter in fresh
                ],
                desk.now(),
            )
        )
    reached("send-planned")
    return [(letter, before or next(rows)) for letter, before in todo]


class _Run:
    """One go at the letters that are to be sent."""

    def __init__(
        self, desk: Desk, account: Account, way: Way, outcomes: dict[int, Outcome]
    ) -> None:
        self._desk, self._account, self._way = desk, account, way
        self._outcomes = outcomes
        self._last = 0.0

    def all(self, letters: Sequence[tuple[Letter, Sending]]) -> str:
        """Send them; what the server does not want now is tried again later. Why it ended early."""
        waiting = deque(letters)
        stopped = ""
        try:
            if waiting:
                self._open()
            for pause in (0.0, *_BACK_OFF):
                if waiting and pause:
                    self._desk.sleep(pause)
                waiting = self._pass(waiting)
        except Refused as refusal:
            if not any(each.fresh and each.state in DONE for each in self._outcomes.values()):
                raise
            stopped = refusal.message
        finally:
            self._way.close()
        for letter, _ in letters:
            self._outcomes.setdefault(id(letter), Outcome(letter, KEPT, stopped, trouble=True))
        return stopped

    def _open(self) -> None:
        """Connect, patiently. Raises Refused."""
        for pause in (*_BACK_OFF, 0.0):
            try:
                self._way.open()
            except Later as later:
                if not pause:
                    raise Refused(f"服务器暂时不接受连接（{later}）；请稍后再按一次") from later
                self._desk.sleep(pause)
            else:
                return

    def _pass(self, waiting: deque[tuple[Letter, Sending]]) -> deque[tuple[Letter, Sending]]:
        """One attempt at each; those to be tried again."""
        again: deque[tuple[Letter, Sending]] = deque()
        in_a_row = 0
        count = len(waiting)
        for letter, sending in self._desk.progress.over(waiting, count, "发信"):
            if in_a_row >= _ENOUGH:
                again.append((letter, sending))
                continue
            outcome = self._one(letter, sending)
            self._outcomes[id(letter)] = outcome
            if outcome.state == PENDING:
                again.append((letter, sending))
                in_a_row += 1
            else:
                in_a_row = 0
        return again

    def _one(self, letter: Letter, sending: Sending) -> Outcome:
        mail = Mail(
            letter,
            compose(letter, self._account, sending.message_id, self._desk.clock()),
            sending.message_id,
            sending.copy_to,
        )
        wrong = fault(mail.data, letter, self._desk.basics, self._desk.ledger)
        if wrong:
            return self._ended(letter, sending, Carried(FAILED, f"没有发送：{wrong}", trouble=True))
        self._keep_pace()
        for attempt in range(_ENOUGH):
            try:
                return self._ended(letter, sending, self._way.carry(mail, self._marker(sending)))
            except Later as later:
                return self._ended(letter, sending, Carried(PENDING, f"服务器暂时不收（{later}）"))
            except Unsure as unsure:
                says = f"{unsure}；过几分钟再按一次，程序会去查"
                return Outcome(letter, SENDING, says, trouble=True)
            except Dropped:
                self._mark(sending, PENDING, "连接中断")
                if attempt < _ENOUGH - 1:
                    self._open()
        return self._ended(letter, sending, Carried(PENDING, "连接一再中断"))

    def _marker(self, sending: Sending) -> Callable[[], None]:
        def commit() -> None:
            self._mark(sending, SENDING, "")
            reached("send-sending")

        return commit

    def _ended(self, letter: Letter, sending: Sending, carried: Carried) -> Outcome:
        self._mark(sending, carried.state, carried.detail)
        reached("send-recorded")
        trouble = carried.trouble or carried.state not in DONE
        return Outcome(letter, carried.state, carried.detail, trouble=trouble)

    def _mark(self, sending: Sending, state: str, detail: str) -> None:
        with self._desk.ledger.writing():
            deliveries.advance(self._desk.ledger, {sending.id: detail}, state, self._desk.now())

    def _keep_pace(self) -> None:
        """Wait so long that the pace is kept; writing files has none."""
        if self._way.risky:
            pause = 60 / self._account.pace - (time.monotonic() - self._last)
            if self._last and pause > 0:
                self._desk.sleep(pause)
            self._last = time.monotonic()
