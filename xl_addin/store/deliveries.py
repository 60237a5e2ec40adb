"""Which letter went to whom, and what became of it: the outgoing half of the ledger.

A letter is known by what it is (``letter``), its month and district and what it is ``about``: the
hash of the form that goes out, of the return that is answered, or the day of a reminder. ``sending``
is committed before the step that cannot be taken back; who finds it there after a stop does not know
whether the letter went out, and must not guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xl_addin.store.ledger import Ledger
from xl_addin.system.light import NamedTuple

PENDING, SENDING, SENT, DRAFTED, WRITTEN = "pending", "sending", "sent", "drafted", "written"
FAILED, REFUSED, BOUNCED = "failed", "refused", "bounced"
DONE = frozenset((SENT, DRAFTED, WRITTEN))
LABELS = {
    PENDING: "待发送",
    SENDING: "不确定",
    SENT: "已发送",
    DRAFTED: "已存草稿",
    WRITTEN: "已生成邮件",
    FAILED: "失败",
    REFUSED: "被拒收",
    BOUNCED: "投递失败",
}
_NAMED = {"send": "", "return": "退回件", "remind": "催报信", "receipt": "回执信"}
"""How 回收情况 calls the letters: a form that went out needs no name."""

_LATEST = (
    "SELECT s.id, s.letter, s.month, s.district, s.about, s.message_id, s.way, s.recipients,"
    " s.copy_to, t.state, t.at, t.detail FROM sendings s JOIN sending_states t"
    " ON t.id=(SELECT MAX(x.id) FROM sending_states x WHERE x.sending=s.id)"
)
_INSERT = (
    "INSERT INTO sendings(letter, month, district, about, message_id, way, recipients, copy_to, at)"
    " VALUES(?,?,?,?,?,?,?,?,?)"
)


class Planned(NamedTuple):
    """A letter about to be recorded. ``recipients`` are addresses, To and Cc together."""

    letter: str
    month: str
    district: str
    about: str
    message_id: str
    way: str
    recipients: str
    copy_to: str


class Sending(NamedTuple):
    """A letter on record with its latest state; ``at`` is when it came to it."""

    id: int
    letter: str
    month: str
    district: str
    about: str
    message_id: str
    way: str
    recipients: str
    copy_to: str
    state: str
    at: str
    detail: str


def latest(ledger: Ledger, letter: str, month: str) -> dict[tuple[str, str], Sending]:
    """By (district, about) the last record of each letter of a kind for a month."""
    rows = ledger.query(f"{_LATEST} WHERE s.letter=? AND s.month=? ORDER BY s.id", (letter, month))
    return {(row[3], row[4]): Sending(*row) for row in rows}


def by_district(ledger: Ledger, letter: str, month: str) -> dict[str, Sending]:
    """The last record of a kind of letter for each district."""
    rows = ledger.query(f"{_LATEST} WHERE s.letter=? AND s.month=? ORDER BY s.id", (letter, month))
    return {row[3]: Sending(*row) for row in rows}


class Posted(NamedTuple):
    """What 回收情况 says of a district's letters: the last one's state, and how often a form went back."""

    letter: str
    times: int


def posted(ledger: Ledger, month: str) -> dict[str, Posted]:
    """By district what went out about a month's form, and any letter that came back undelivered."""
    rows = ledger.query(
        f"{_LATEST} WHERE s.month=? AND (s.letter IN ('send','return') OR t.state='bounced')"
        " ORDER BY s.id",
        (month,),
    )
    letters: dict[str, str] = {}
    for row in rows:
        sending = Sending(*row)
        letters[sending.district] = f"{_NAMED[sending.letter]}{LABELS[sending.state]}"
    times = dict(
        ledger.query(
            "SELECT district, COUNT(*) FROM corrections WHERE month=? GROUP BY district", (month,)
        )
    )
    return {code: Posted(letters.get(code, ""), times.get(code, 0)) for code in {*letters, *times}}


def with_message_id(ledger: Ledger, message_id: str) -> Sending | None:
    """The letter that went out under a Message-ID, for bounces, replies and our own copies."""
    rows = ledger.query(f"{_LATEST} WHERE s.message_id=? ORDER BY s.id DESC LIMIT 1", (message_id,))
    return Sending(*rows[0]) if rows else None


def recent_copies(ledger: Ledger, address: str, most: int = 5) -> set[str]:
    """The Message-IDs of the last letters that certainly went out with a copy to this address."""
    rows = ledger.query(
        f"{_LATEST} WHERE s.copy_to=? AND t.state='sent' ORDER BY s.id DESC LIMIT ?",
        (address, most),
    )
    return {row[5] for row in rows}


def last_to(ledger: Ledger, address: str) -> Sending | None:
    """The last letter that went to an address, for bounces that name nothing else."""
    wanted = address.strip().lower()
    # What was left to a person as a draft or a file may have gone out too.
    rows = ledger.query(
        f"{_LATEST} WHERE t.state IN ('sent','drafted','written','bounced') ORDER BY s.id DESC"
    )
    return next((Sending(*row) for row in rows if wanted in row[7].lower().split()), None)


def record(ledger: Ledger, planned: Iterable[Planned], at: str) -> list[Sending]:
    """Put letters on record as pending; call within ``writing``."""
    added = []
    for plan in planned:
        ledger.add(_INSERT, [(*plan, at)])
        number = ledger.query("SELECT MAX(id) FROM sendings")[0][0]
        added.append(Sending(number, *plan, PENDING, at, ""))
    advance(ledger, {sending.id: "" for sending in added}, PENDING, at)
    return added


def advance(ledger: Ledger, details: Mapping[int, str], state: str, at: str) -> None:
    """Bring letters (id to what there is to say) to a state; call within ``writing``."""
    ledger.add(
        "INSERT INTO sending_states(sending, state, at, detail) VALUES(?,?,?,?)",
        [(number, state, at, detail) for number, detail in details.items()],
    )


def thread(ledger: Ledger, month: str, district: str) -> tuple[str, ...]:
    """The Message-IDs of what went to a district about a month's form, oldest first."""
    rows = ledger.query(
        f"{_LATEST} WHERE s.month=? AND s.district=? AND s.letter IN ('send','return')"
        " AND t.state IN ('sent','bounced') ORDER BY s.id",
        (month, district),
    )
    return tuple(dict.fromkeys(row[5] for row in rows))
