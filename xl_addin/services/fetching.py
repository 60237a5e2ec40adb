"""Taking what is new in the mailbox onto the disk; of what districts send not a byte is looked into.

Every mail is listed at every run, with its size, its time and the lines of its head; only what is
not known by all of these is downloaded, and its hash decides whether it is new. So neither a server
that numbers its mails anew, nor a person who reads or files them, can hide one. Mails of senders that
nobody listed are looked into first, in memory and in a process of its own, and only what is ours is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from xl_addin.mail.account import Account
from xl_addin.mail.read_in_child import MAX_MAIL, read_mails
from xl_addin.mail.receivers.base import Mailbox, MailboxDisconnected
from xl_addin.mail.receivers.choose import open_mailbox, receiving_label
from xl_addin.model.folder import LOGS
from xl_addin.services.check_sender import listed_addresses
from xl_addin.services.intake import STRANGE, judging_context
from xl_addin.services.papers import open_intake
from xl_addin.services.programme import Programme
from xl_addin.services.strangers import Strangers, first_day, stranger_mark
from xl_addin.store import inbox
from xl_addin.store.faults import is_database_error
from xl_addin.store.inbox import ListedMail, SpooledMail
from xl_addin.system.atomic import sync_folder
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.fault_log import fault_trace, write_fault_log
from xl_addin.system.light import NamedTuple

_COMMIT_EVERY = 20
_SIFTED_TOGETHER = 100
_NOTED_TOGETHER = 2_000
_COMMIT_SIZE = 8 << 20
_GIVE_UP = 3


class FetchSummary(NamedTuple):
    """What a visit to the mailbox brought.

    ``listed`` mails were there, ``fetched`` of them downloaded and kept, ``fresh`` of those not known by
    their bytes; ``older`` came before the first day that is fetched. ``left_out`` is how many were only
    counted, by why. ``troubles`` are sentences (Chinese) on what did not go as it should.
    """

    listed: int
    fetched: int
    fresh: int
    troubles: tuple[str, ...] = ()
    older: int = 0
    left_out: Counter[str] = Counter()  # noqa: RUF012 - never changed
    since: str = ""


class Coming(NamedTuple):
    """What a fetch would look at: mails of whom the lists know, and how many others."""

    listed: list[ListedMail]
    others: int
    older: int
    since: str


def new_entries(programme: Programme, account: Account) -> Coming:
    """What a fetch would download now. Raises Refused."""
    since = first_day(programme, account.since)
    listed: list[ListedMail] = []
    others = 0
    try:
        with open_mailbox(account) as box:
            sorter = _Sorter(programme, account, box)
            for batch in box.listings(since):
                known, unknown = sorter.wanted(batch)
                listed += known
                others += len(unknown)
            return Coming(listed, others, box.older, since)
    except MailboxDisconnected as error:
        raise Refused(f"{receiving_label(account)}：连接断开（{error}）；请稍后再试") from error


def fetch_new(programme: Programme, account: Account, month: str) -> FetchSummary:
    """Fetch everything new. Raises Refused where nothing could be begun.

    A connection that breaks is made again; when it breaks ``_GIVE_UP`` times without a mail in
    between, what was fetched stays and the rest is told of. A mail at which it breaks comes last.
    """
    inbox.remove_unfinished(programme.folder)
    total = FetchSummary(0, 0, 0)
    failures = 0
    broke_at: set[int] = set()
    sieve = _Sieve(programme, month)
    while True:
        visit = _MailboxSession(programme, account, broke_at, sieve)
        try:
            visit.run()
        except MailboxDisconnected as error:
            failures = 0 if visit.looked_at else failures + 1
            total = _add_visit(total, visit)
            if failures >= _GIVE_UP:
                return _end_early(account, total, str(error))
            broke_at |= visit.awaited
            continue
        except Refused as refusal:
            total = _add_visit(total, visit)
            if not total.fetched:
                raise
            return total._replace(troubles=(*total.troubles, refusal.message))
        return _add_visit(total, visit)


def _end_early(account: Account, total: FetchSummary, why: str) -> FetchSummary:
    says = f"{receiving_label(account)}：连接断开（{why}），又连了 {_GIVE_UP - 1} 次也没有取完"
    if not total.fetched:
        raise Refused(f"{says}；请检查网络后再试")
    trouble = f"{says}；取下的 {total.fetched} 封都保存好了，再按一次“收取邮件”会接着取"
    return total._replace(troubles=(*total.troubles, trouble))


def _add_visit(total: FetchSummary, visit: _MailboxSession) -> FetchSummary:
    return FetchSummary(
        max(total.listed, visit.listed),
        total.fetched + visit.fetched,
        total.fresh + visit.fresh,
        tuple(dict.fromkeys((*total.troubles, *visit.troubles))),
        max(total.older, visit.older),
        total.left_out + visit.left_out,
        visit.since,
    )


class _Sorter:
    """Which mails have to be downloaded, those of known senders apart from the others."""

    def __init__(self, programme: Programme, account: Account, box: Mailbox) -> None:
        self.source = box.owner, account.folder, box.validity
        self.mark = stranger_mark(programme)
        self._addresses = listed_addresses(programme.basics.districts)
        self._known = inbox.fetched_uids(programme.ledger, *self.source[:2])
        self._moves = box.moves

    def wanted(self, batch: Sequence[ListedMail]) -> tuple[list[ListedMail], list[ListedMail]]:
        """Mails from addresses on 区县名录, and others; where taken mails are moved away, all still here.

        The others without their heads, of which there may be many.
        """
        listed: list[ListedMail] = []
        others: list[ListedMail] = []
        for entry in batch:
            # A mail of no bytes brings nothing, and of it there is nothing by which it were known again.
            if not (entry.size or entry.head.strip()) or self._is_known(entry):
                continue
            if _sender(entry) in self._addresses:
                listed.append(entry)
            else:
                others.append(entry._replace(head=b""))
        return listed, others

    def _is_known(self, entry: ListedMail) -> bool:
        if not entry.print:
            return False
        if (entry.uid, inbox.left_out(entry, self.mark).print) in self._known:
            return True
        return not self._moves and (entry.uid, entry.print) in self._known


def _sender(entry: ListedMail) -> str:
    from xl_addin.mail import headers
    from xl_addin.mail.attachments import parse_mail

    try:
        return headers.sender(parse_mail(entry.head))
    except Exception:  # whoever cannot be told is looked into like a stranger
        return ""


class _Sieve:
    """What of the mails of senders that nobody listed is kept: read in a child before anything is written."""

    def __init__(self, programme: Programme, month: str) -> None:
        self._programme, self._month = programme, month

    @cached_property
    def _strangers(self) -> Strangers:
        papers = open_intake(self._programme, keep=False)
        return Strangers(self._programme, judging_context(self._programme, self._month), papers)

    def why_not_kept(self, raws: Sequence[bytes]) -> list[str]:
        """For each mail why it is only counted, empty where it is ours.

        One that breaks what reads it is counted like a stranger's, and a log says where it broke.
        """
        try:
            parsed = read_mails(raws, documents=bool(self._programme.basics.papers))
            return [self._strangers.why_not_kept(each) for each in parsed]
        except Exception as fault:
            if is_database_error(fault):
                raise  # the ledger's, and no mail's
            if len(raws) > 1:
                return [why for raw in raws for why in self.why_not_kept([raw])]
            write_fault_log(self._programme.folder / LOGS, fault_trace(fault))
            return [STRANGE]


class _MailboxSession:
    """One connection to the mailbox; what it brought counts even when it breaks.

    ``late`` are UIDs to ask for after all others, ``awaited`` those that it waited for when it ended.
    """

    def __init__(
        self, programme: Programme, account: Account, late: set[int], sieve: _Sieve
    ) -> None:
        self._programme, self._account, self._late, self._sieve = programme, account, late, sieve
        self.since = first_day(programme, account.since)
        self.listed = self.fetched = self.fresh = self.older = 0
        self.left_out: Counter[str] = Counter()
        self._strange: list[ListedMail] = []
        self.awaited: set[int] = set()
        self.troubles: list[str] = []

    @property
    def looked_at(self) -> int:
        """How many mails it brought, kept or not."""
        return self.fetched + sum(self.left_out.values())

    def run(self) -> None:
        """List, download, record and, where that is wanted, move away."""
        with open_mailbox(self._account) as box:
            sorter = _Sorter(self._programme, self._account, box)
            listed: list[ListedMail] = []
            others: list[ListedMail] = []
            for batch in box.listings(self.since):
                known, unknown = sorter.wanted(batch)
                listed += (entry._replace(head=b"") for entry in known)
                others += unknown
            fail_point("fetch.listed")
            self.listed, self.older = box.found, box.older
            if box.exists > box.found:
                self.troubles.append(
                    f"邮箱说有 {box.exists} 封邮件，只列出了 {box.found} 封；QQ 等邮箱请在网页设置里"
                    "把“收取选项”改为收取全部邮件"
                )
            chunks = [
                *((chunk, False) for chunk in _chunks(self._late_last(listed), _COMMIT_EVERY)),
                *((chunk, True) for chunk in _chunks(self._late_last(others), _SIFTED_TOGETHER)),
            ]
            try:
                for chunk, sifted in self._programme.progress.over(chunks, len(chunks), "取信"):
                    if sifted:
                        self._sift(box, chunk, sorter)
                    else:
                        self._take(box, chunk, sorter)
            finally:
                self._note_strange(sorter)

    def _late_last(self, entries: Sequence[ListedMail]) -> list[ListedMail]:
        return sorted(entries, key=lambda entry: entry.uid in self._late)

    def _take(self, box: Mailbox, chunk: Sequence[ListedMail], sorter: _Sorter) -> None:
        spooled: list[SpooledMail] = []
        self.awaited = {entry.uid for entry in chunk}
        try:
            for entry, pieces in box.download(chunk):
                self.awaited = {entry.uid}
                each = inbox.spool(self._programme.folder, entry, pieces)
                self.awaited = {entry.uid for entry in chunk} - {done.entry.uid for done in spooled}
                spooled += [each] if each.size else []
        except MailboxDisconnected:
            self._record(spooled, sorter)
            raise
        self._put_away(box, spooled, self._record(spooled, sorter))
        self._tell_missing(len(chunk) - len(spooled))

    def _sift(self, box: Mailbox, chunk: Sequence[ListedMail], sorter: _Sorter) -> None:
        """Mails of senders that nobody listed: nothing is written of those that are not ours."""
        got: list[tuple[ListedMail, bytes]] = []
        # What is larger than any mail that is read can bring nothing.
        strange = [entry for entry in chunk if entry.size > MAX_MAIL]
        chunk = [entry for entry in chunk if entry.size <= MAX_MAIL]
        self.awaited = {entry.uid for entry in chunk}
        broken: MailboxDisconnected | None = None
        try:
            for entry, pieces in box.download(chunk):
                self.awaited = {entry.uid}
                raw = b"".join(pieces)
                got += [(entry, raw)] if raw else []
                self.awaited = {entry.uid for entry in chunk} - {done.uid for done, _ in got}
        except MailboxDisconnected as error:
            broken = error
        whys = self._sieve.why_not_kept([raw for _, raw in got])
        ours = [pair for pair, why in zip(got, whys, strict=True) if not why]
        spooled = [inbox.spool(self._programme.folder, entry, [raw]) for entry, raw in ours]
        self.left_out.update([STRANGE] * len(strange) + list(filter(None, whys)))
        self._strange += strange
        self._strange += [entry for (entry, _), why in zip(got, whys, strict=True) if why]
        if len(self._strange) >= _NOTED_TOGETHER:
            self._note_strange(sorter)
        fresh = self._record(spooled, sorter)
        if broken is not None:
            raise broken
        self._put_away(box, spooled, fresh)
        self._tell_missing(len(chunk) - len(got))

    def _note_strange(self, sorter: _Sorter) -> None:
        """Note what was left out: a hint, so many are written at once and a stop may cost some of them."""
        noted, self._strange = self._strange, []
        if noted:
            with self._programme.ledger.writing():
                inbox.note_left_out(self._programme.ledger, noted, sorter.source, sorter.mark)

    def _tell_missing(self, count: int) -> None:
        if count:
            self.troubles.append(
                f"有 {count} 封邮件服务器没有给出内容（可能刚被移走）；下次收取时会再取"
            )

    def _put_away(
        self, box: Mailbox, spooled: Sequence[SpooledMail], fresh: Sequence[SpooledMail]
    ) -> None:
        trouble = box.move_to_processed(
            [each.entry.uid for each in (spooled if box.moves else fresh)]
        )
        if trouble:
            self.troubles.append(trouble)
        fail_point("fetch.moved")

    def _record(self, spooled: Sequence[SpooledMail], sorter: _Sorter) -> list[SpooledMail]:
        programme = self._programme
        if not spooled:
            return []
        sync_folder(str(inbox.mail_folder(programme.folder)))
        fail_point("fetch.spooled")
        with programme.ledger.writing():
            fresh = inbox.add_mails(programme.ledger, spooled, sorter.source, programme.now())
            fail_point("fetch.before-commit")
        fail_point("fetch.committed")
        self.fetched += len(spooled)
        self.fresh += len(fresh)
        return fresh


def _chunks(entries: Sequence[ListedMail], most: int) -> list[list[ListedMail]]:
    """What is recorded together: a stop costs no more than this much downloading again."""
    chunks: list[list[ListedMail]] = []
    size = 0
    for entry in entries:
        if not chunks or len(chunks[-1]) >= most or size + entry.size > _COMMIT_SIZE:
            chunks.append([])
            size = 0
        chunks[-1].append(entry)
        size += entry.size
    return chunks


def describe_entries(entries: Sequence[ListedMail]) -> Iterator[tuple[ListedMail, str, str]]:
    """Entries with sender and subject for people."""
    from xl_addin.mail.attachments import parse_mail
    from xl_addin.mail.headers import display_value

    for entry in entries:
        try:
            message = parse_mail(entry.head)
            told = display_value(message, "From"), display_value(message, "Subject")
        except Exception:  # a head that cannot be read is listed without it
            told = ("", "")
        yield entry, *told
