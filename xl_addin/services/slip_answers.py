"""Answers to slips that come by mail: who names the number, or answers the letter, from its own address.

What names a slip from anywhere else is no answer; it is told, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xl_addin.mail.read_in_child import ParsedMail
from xl_addin.model.letters import SLIP
from xl_addin.model.slips import ANSWERED, LEVELS, WHOLE, Slip, SlipState, quoted_slips
from xl_addin.services.check_sender import Sender
from xl_addin.store.deliveries import find_by_message_id
from xl_addin.store.inbox import FetchedMail
from xl_addin.store.ledger import Ledger
from xl_addin.store.slips import add_states, slips
from xl_addin.system.light import pattern

_ID = pattern(r"<[^<>\s]+>")


class SlipAnswers:
    """The slips that went out, and what mails say about them; ``hashes`` are those of the files that went."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        out = [each for each in slips(ledger) if each.issues]
        self.hashes = frozenset(issue.sha256 for each in out for issue in each.issues)
        self._by_name = {each.name: each for each in out}
        self._by_number = {(each.year, each.number): each for each in out}

    def find(self, parsed: ParsedMail, sender: Sender) -> tuple[tuple[Slip, ...], str]:
        """The open slips that a mail answers, and what to say of one that it names and cannot answer."""
        named = dict.fromkeys((*self._threaded(parsed), *self._quoted(parsed)))
        mine = tuple(each for each in named if {each.district} == set(sender.districts))
        closed = [each.name for each in mine if not each.is_open]
        others = [each.name for each in named if each not in mine]
        notes = [f"督办单{'、'.join(closed)}已经销号，没有记为反馈"] if closed else []
        notes += (
            [
                f"提到督办单{'、'.join(others)}，可是发件人不是这个区县自己的邮箱，没有记为反馈；"
                "核实后在“督办”的“反馈”里写一句"
            ]
            if others
            else []
        )
        return tuple(each for each in mine if each.is_open), "；".join(notes)

    def find_named(self, parsed: ParsedMail) -> bool:
        """Whether a mail names a slip of ours, whoever sent it."""
        return any(True for _ in (*self._threaded(parsed), *self._quoted(parsed)))

    def _threaded(self, parsed: ParsedMail) -> Iterator[Slip]:
        """The slip whose letter a mail says it answers."""
        for key in _ID.findall(parsed.answers):
            letter = find_by_message_id(self._ledger, key)
            if letter is not None and letter.letter == SLIP:
                name = letter.about.rstrip("".join(LEVELS))
                if name in self._by_name:
                    yield self._by_name[name]

    def _quoted(self, parsed: ParsedMail) -> Iterator[Slip]:
        for key in quoted_slips(f"{parsed.subject}\n{parsed.words}"):
            if key in self._by_number:
                yield self._by_number[key]

    def record(self, answers: Iterable[tuple[ParsedMail, FetchedMail, Slip]]) -> None:
        """Keep what was answered, at the time that the mail came. Call while writing."""
        add_states(
            self._ledger,
            [
                (
                    slip.id,
                    SlipState(WHOLE, ANSWERED, "", "", "", mail.sha256, mail.received_at, said),
                )
                for parsed, mail, slip in answers
                for said in (answer_text(parsed),)
            ],
        )


def answer_text(parsed: ParsedMail) -> str:
    """What a mail answers: its words, and the names of the files that came with it."""
    names = [part.name for part in parsed.parts if part.name]
    files = f"（附件：{'、'.join(names)}）" if names else ""
    return f"{parsed.words or parsed.subject}{files}".strip()
