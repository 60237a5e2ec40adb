"""Taking what is new in the mailbox onto the disk, and not a byte of it is looked into.

Every mail is listed at every run, with its size, its time and the lines of its head; only what is
not known by all of these is downloaded, and its hash decides whether it is new. So neither a server
that numbers its mails anew, nor a person who reads or files them, can hide one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.mail.account import Account
from xl_addin.mail.imap import MailboxDisconnected, MailFolder, open_folder
from xl_addin.services.programme import Programme
from xl_addin.store import inbox
from xl_addin.store.inbox import ListedMail, SpooledMail
from xl_addin.system.atomic import sync_folder
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import NamedTuple

_COMMIT_EVERY = 20
_COMMIT_SIZE = 8 << 20
_GIVE_UP = 3


class FetchSummary(NamedTuple):
    """What a visit to the mailbox brought.

    ``listed`` mails were there, ``fetched`` of them downloaded, ``fresh`` of those not known by
    their bytes. ``troubles`` are sentences (Chinese) on what did not go as it should.
    """

    listed: int
    fetched: int
    fresh: int
    troubles: tuple[str, ...] = ()


def new_entries(programme: Programme, account: Account) -> list[ListedMail]:
    """What a fetch would download now. Raises Refused."""
    try:
        with open_folder(account) as box:
            return _wanted_entries(programme, account, box, box.entries())
    except MailboxDisconnected as error:
        raise Refused(f"{account.imap.label}：连接断开（{error}）；请稍后再试") from error


def fetch_new(programme: Programme, account: Account) -> FetchSummary:
    """Fetch everything new. Raises Refused where nothing could be begun.

    A connection that breaks is made again; when it breaks ``_GIVE_UP`` times without a mail in
    between, what was fetched stays and the rest is told of. A mail at which it breaks comes last.
    """
    inbox.remove_unfinished(programme.folder)
    total = FetchSummary(0, 0, 0)
    failures = 0
    broke_at: set[int] = set()
    while True:
        visit = _MailboxSession(programme, account, broke_at)
        try:
            visit.run()
        except MailboxDisconnected as error:
            failures = 0 if visit.fetched else failures + 1
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
    says = f"{account.imap.label}：连接断开（{why}），又连了 {_GIVE_UP - 1} 次也没有取完"
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
    )


def _wanted_entries(
    programme: Programme, account: Account, box: MailFolder, entries: Sequence[ListedMail]
) -> list[ListedMail]:
    """What has to be downloaded. Where fetched mails are moved away, all that is still here."""
    # A mail of no bytes brings nothing, and of it there is nothing by which it were known again.
    entries = [entry for entry in entries if entry.size or entry.head.strip()]
    if box.moves:
        return list(entries)
    known = inbox.fetched_uids(programme.ledger, *_source(account, box))
    return [entry for entry in entries if not entry.print or (entry.uid, entry.print) not in known]


def _source(account: Account, box: MailFolder) -> tuple[str, str, int]:
    return f"{account.imap.user}@{account.imap.host}", account.folder, box.validity


class _MailboxSession:
    """One connection to the mailbox; what it brought counts even when it breaks.

    ``late`` are UIDs to ask for after all others, ``awaited`` those that it waited for when it ended.
    """

    def __init__(self, programme: Programme, account: Account, late: set[int]) -> None:
        self._programme, self._account, self._late = programme, account, late
        self.listed = self.fetched = self.fresh = 0
        self.awaited: set[int] = set()
        self.troubles: list[str] = []

    def run(self) -> None:
        """List, download, record and, where that is wanted, move away."""
        with open_folder(self._account) as box:
            entries = box.entries()
            fail_point("fetch.listed")
            self.listed = len(entries)
            if box.exists > len(entries):
                self.troubles.append(
                    f"邮箱说有 {box.exists} 封邮件，只列出了 {len(entries)} 封；QQ 等邮箱请在网页设置里"
                    "把“收取选项”改为收取全部邮件"
                )
            wanted = _wanted_entries(self._programme, self._account, box, entries)
            chunks = _chunks(sorted(wanted, key=lambda entry: entry.uid in self._late))
            for chunk in self._programme.progress.over(chunks, len(chunks), "取信"):
                self._take(box, chunk)

    def _take(self, box: MailFolder, chunk: Sequence[ListedMail]) -> None:
        spooled: list[SpooledMail] = []
        self.awaited = {entry.uid for entry in chunk}
        try:
            for entry, pieces in box.download(chunk):
                self.awaited = {entry.uid}
                each = inbox.spool(self._programme.folder, entry, pieces)
                self.awaited = {entry.uid for entry in chunk} - {done.entry.uid for done in spooled}
                spooled += [each] if each.size else []
        except MailboxDisconnected:
            self._record(box, spooled)
            raise
        fresh = self._record(box, spooled)
        if len(spooled) < len(chunk):
            self.troubles.append(
                f"有 {len(chunk) - len(spooled)} 封邮件服务器没有给出内容（可能刚被移走）；下次收取时会再取"
            )
        trouble = box.move_to_processed(
            [each.entry.uid for each in (spooled if box.moves else fresh)]
        )
        if trouble:
            self.troubles.append(trouble)
        fail_point("fetch.moved")

    def _record(self, box: MailFolder, spooled: Sequence[SpooledMail]) -> list[SpooledMail]:
        programme = self._programme
        if not spooled:
            return []
        sync_folder(str(inbox.mail_folder(programme.folder)))
        fail_point("fetch.spooled")
        with programme.ledger.writing():
            fresh = inbox.add_mails(
                programme.ledger, spooled, _source(self._account, box), programme.now()
            )
            fail_point("fetch.before-commit")
        fail_point("fetch.committed")
        self.fetched += len(spooled)
        self.fresh += len(fresh)
        return fresh


def _chunks(entries: Sequence[ListedMail]) -> list[list[ListedMail]]:
    """What is recorded together: a stop costs no more than this much downloading again."""
    chunks: list[list[ListedMail]] = []
    size = 0
    for entry in entries:
        if not chunks or len(chunks[-1]) >= _COMMIT_EVERY or size + entry.size > _COMMIT_SIZE:
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
