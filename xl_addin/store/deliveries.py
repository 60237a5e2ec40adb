"""Which letter went to whom, and what became of it: the outgoing half of the ledger.

A letter is known by what it is (``letter``), its month and district and what it is ``about``: the
hash of the form that goes out, of the return that is answered, or the day of a reminder. ``sending``
is committed before the step that cannot be taken back; who finds it there after a stop does not know
whether the letter went out, and must not guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xl_addin.model.letters import CALLED
from xl_addin.store.corrections import times_returned
from xl_addin.store.database import insert, select
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
HANDED = "信已全部交给服务器，没有等到它的答复"
"""What the detail of a letter in doubt says where the server certainly had the whole of it."""
NO_COPY = "这封没有留底"
"""How the detail of a letter begins of which no copy went to ourselves: not finding one proves nothing."""
_NAMED = {**CALLED, "send": ""}
"""How 回收情况 calls the letters: a form that went out needs no name."""

_LATEST = (
    "SELECT s.id, s.letter, s.month, s.district, s.about, s.message_id, s.way, s.recipients,"
    " s.copy_to, t.state, t.at, t.detail FROM sendings s JOIN sending_states t"
    " ON t.id=(SELECT MAX(x.id) FROM sending_states x WHERE x.sending=s.id)"
)
_OF_KIND = "s.letter=? AND s.month=? ORDER BY s.id"
_INSERT = (
    "INSERT INTO sendings(letter, month, district, about, message_id, way, recipients, copy_to, at)"
    " VALUES(?,?,?,?,?,?,?,?,?)"
)


class PlannedLetter(NamedTuple):
    """A letter about to be recorded. ``recipients`` are addresses, To and Cc together."""

    letter: str
    month: str
    district: str
    about: str
    message_id: str
    transport: str
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
    transport: str
    recipients: str
    copy_to: str
    state: str
    at: str
    detail: str


def _sendings(ledger: Ledger, condition: str, *values: object) -> list[Sending]:
    """The letters on record that a condition holds for, each as it stands now."""
    return [Sending._make(row) for row in select(ledger, f"{_LATEST} WHERE {condition}", values)]


def latest_by_subject(ledger: Ledger, letter: str, month: str) -> dict[tuple[str, str], Sending]:
    """By (district, about) the last record of each letter of a kind for a month."""
    found = _sendings(ledger, _OF_KIND, letter, month)
    return {(each.district, each.about): each for each in found}


def recipients_so_far(
    ledger: Ledger, letter: str, month: str, district: str, about: str
) -> set[str]:
    """Everybody, in lower case, to whom a letter went or may have gone and did not come back."""
    gone = (
        "s.letter=? AND s.month=? AND s.district=? AND s.about=?"
        " AND t.state IN ('sending','sent','drafted','written')"
    )
    found = _sendings(ledger, gone, letter, month, district, about)
    return {address for each in found for address in each.recipients.lower().split()}


def latest_by_district(ledger: Ledger, letter: str, month: str) -> dict[str, Sending]:
    """The last record of a kind of letter for each district."""
    return {each.district: each for each in _sendings(ledger, _OF_KIND, letter, month)}


class LetterSummary(NamedTuple):
    """What 回收情况 shows of a district's letters of a month.

    ``letter`` is the kind and state of the last one in Chinese, "" where none went out; ``times``
    is how often a form went back for correction.
    """

    letter: str
    times: int


def letter_summaries(ledger: Ledger, month: str) -> dict[str, LetterSummary]:
    """By district what went out about a month's form, and any letter that came back undelivered."""
    found = _sendings(
        ledger,
        "s.month=? AND (s.letter IN ('send','return') OR t.state='bounced') ORDER BY s.id",
        month,
    )
    letters = {each.district: f"{_NAMED[each.letter]}{LABELS[each.state]}" for each in found}
    times = times_returned(ledger, month)
    return {
        code: LetterSummary(letters.get(code, ""), times.get(code, 0))
        for code in {*letters, *times}
    }


def letters_to(ledger: Ledger, district: str, first: str, last: str) -> list[Sending]:
    """Every letter on record to a district about these months, each as it stands now."""
    return _sendings(
        ledger,
        "s.district=? AND s.month>=? AND substr(s.month, 1, 7)<=? ORDER BY s.id",
        district,
        first,
        last,
    )


def find_by_message_id(ledger: Ledger, message_id: str) -> Sending | None:
    """The letter that went out under a Message-ID, for bounces, replies and our own copies."""
    found = _sendings(ledger, "s.message_id=? ORDER BY s.id DESC LIMIT 1", message_id)
    return found[0] if found else None


def recent_copies(ledger: Ledger, address: str, most: int = 5) -> set[str]:
    """The Message-IDs of the last letters that certainly went out with a copy to this address."""
    sent = "s.copy_to=? AND t.state='sent' ORDER BY s.id DESC LIMIT ?"
    return {each.message_id for each in _sendings(ledger, sent, address, most)}


def last_letter_to(ledger: Ledger, address: str) -> Sending | None:
    """The last letter that went to an address, for bounces that name nothing else."""
    wanted = address.strip().lower()
    # What was left to a person as a draft or a file may have gone out too.
    gone = "t.state IN ('sent','drafted','written','bounced') ORDER BY s.id DESC"
    found = _sendings(ledger, gone)
    return next((each for each in found if wanted in each.recipients.lower().split()), None)


def first_letter(ledger: Ledger) -> str:
    """When the first letter was put on record, empty where none was."""
    return str(select(ledger, "SELECT MIN(at) FROM sendings")[0][0] or "")


def written_to(ledger: Ledger, district: str, address: str, month: str) -> bool:
    """Whether letters of another month went to a district at an address and did not come back."""
    gone = "s.district=? AND s.month<>? AND t.state IN ('sent','drafted','written')"
    found = _sendings(ledger, gone, district, month)
    return any(address.lower() in each.recipients.lower().split() for each in found)


def forms_sent(ledger: Ledger) -> set[str]:
    """The hashes of the forms that went out to their districts, or may have."""
    rows = select(
        ledger,
        "SELECT about FROM sendings s WHERE letter='send' AND EXISTS(SELECT 1 FROM sending_states t"
        " WHERE t.sending=s.id AND t.state IN ('sending','sent','drafted','written'))",
    )
    return {about for (about,) in rows}


def record(ledger: Ledger, planned: Iterable[PlannedLetter], at: str) -> list[Sending]:
    """Put letters on record as pending; call within ``writing``."""
    added = []
    for plan in planned:
        insert(ledger, _INSERT, [(*plan, at)])
        number = select(ledger, "SELECT MAX(id) FROM sendings")[0][0]
        added.append(Sending(number, *plan, PENDING, at, ""))
    advance(ledger, {sending.id: "" for sending in added}, PENDING, at)
    return added


def advance(ledger: Ledger, details: Mapping[int, str], state: str, at: str) -> None:
    """Bring letters (id to what there is to say) to a state; call within ``writing``."""
    insert(
        ledger,
        "INSERT INTO sending_states(sending, state, at, detail) VALUES(?,?,?,?)",
        [(number, state, at, detail) for number, detail in details.items()],
    )


def message_ids(
    ledger: Ledger, letter: str, district: str, abouts: Iterable[str]
) -> tuple[str, ...]:
    """The Message-IDs of letters of a kind to a district about these that went out, oldest first."""
    wanted = set(abouts)
    gone = "s.letter=? AND s.district=? AND t.state IN ('sent','bounced') ORDER BY s.id"
    found = _sendings(ledger, gone, letter, district)
    return tuple(dict.fromkeys(each.message_id for each in found if each.about in wanted))


def thread(ledger: Ledger, month: str, district: str) -> tuple[str, ...]:
    """The Message-IDs of what went to a district about a month's form, oldest first."""
    sent = (
        "s.month=? AND s.district=? AND s.letter IN ('send','return')"
        " AND t.state IN ('sent','bounced') ORDER BY s.id"
    )
    found = _sendings(ledger, sent, month, district)
    return tuple(dict.fromkeys(each.message_id for each in found))
