"""What of an ordinary mailbox or a chat program's folder is ours; the rest is counted and never kept.

Ours is what bears our identity or our headings, whoever sent it; what answers a letter of ours; and
what cannot be read but is called as a return would be. All else from senders that nobody listed is
somebody's private mail.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property

from xl_addin.judging.assess import (
    Assessment,
    Context,
    assess,
    districts_in,
    known_names,
    names_within,
)
from xl_addin.model.filetypes import called_instead, is_plain_workbook
from xl_addin.model.names import fold
from xl_addin.model.records import FOREIGN, UNREADABLE, District
from xl_addin.services.check_sender import listed_addresses
from xl_addin.services.intake import ANOTHERS, STRANGE, IncomingFile
from xl_addin.services.programme import Programme
from xl_addin.store.issued_forms import first_issue, issued_hashes
from xl_addin.system.light import TYPE_CHECKING, pattern

if TYPE_CHECKING:
    from xl_addin.mail.read_in_child import ParsedMail
    from xl_addin.services.paper_intake import PaperIntake
    from xl_addin.services.slip_answers import SlipAnswers

_WRONG = ("wrong-programme", "wrong-year")
_RETURN_WORDS = pattern(r"填报|报送|上报|报表|盖章|扫描")
_FORM_WORD = "填报"
# What people add to a name that says nothing else.
_EMPTY_WORDS = pattern(r"[\W\d_]|[年月日号份第版终定稿新改的表]|修改|最新|教就|残联")
_MESSAGE_ID = pattern(r"<[^<>\s]+>")


class Strangers:
    """What tells ours from others' in one run.

    ``context`` is what files are judged by, ``counts`` how much was left out, by why.
    """

    def __init__(
        self, programme: Programme, context: Context, papers: PaperIntake | None = None
    ) -> None:
        self._programme, self.context, self._papers = programme, context, papers
        # The longest first: what is left of another name is none.
        self._names = sorted(context.names, key=len, reverse=True)
        self._order = {name: at for at, name in enumerate(self._names)}
        self._addresses = listed_addresses(programme.basics.districts)
        self._issued = issued_hashes(programme.ledger)
        self.counts: Counter[str] = Counter()

    @cached_property
    def _slips(self) -> SlipAnswers | None:
        from xl_addin.store.slips import any_slips

        if not any_slips(self._programme.ledger):
            return None
        from xl_addin.services.slip_answers import SlipAnswers

        return SlipAnswers(self._programme.ledger)

    def why_not_ours(self, name: str, judged: Assessment | None, *, read: bool) -> str:
        """STRANGE or ANOTHERS, empty where a file is ours; ``judged`` is None where it is known already.

        ``read`` says whether there were bytes to judge.
        """
        if judged is None:
            return "" if read or self.is_called_a_return(name) else STRANGE
        if judged.problems and judged.problems[0].code in _WRONG:
            return ANOTHERS
        if judged.verdict not in (FOREIGN, UNREADABLE):
            return ""
        scan = judged.verdict == FOREIGN and called_instead(name)
        if judged.verdict == UNREADABLE or scan:
            return "" if self.is_called_a_return(name) else STRANGE
        # A workbook that is plainly none of ours has no figure for us, whatever it is called.
        named = districts_in(name, self.context.names, short=True)
        return "" if named and _FORM_WORD in name else STRANGE

    def is_called_a_return(self, text: str) -> bool:
        """Whether a file name or a subject speaks of a district's return and of nothing else."""
        names = self.context.names
        if not districts_in(text, names, short=True):
            return text.startswith("填报表_")
        if _RETURN_WORDS.search(text):
            return True
        rest = fold(re.sub(r"\.\w{1,5}\Z", "", text.rpartition("/")[2]))
        last = -1
        while there := [at for n in names_within(rest, names) if (at := self._order[n]) > last]:
            last = min(there)
            rest = rest.replace(self._names[last], "")
        return not _EMPTY_WORDS.sub("", rest)

    def answers_us(self, parsed: ParsedMail) -> bool:
        """Whether a mail is one of ours or says that it answers one."""
        from xl_addin.store import deliveries

        said = f"{parsed.message_id} {parsed.answers} {parsed.thread}"
        return any(
            deliveries.find_by_message_id(self._programme.ledger, key)
            for key in _MESSAGE_ID.findall(said)
        )

    def is_listed(self, address: str) -> bool:
        """Whether an address stands on 区县名录."""
        return address in self._addresses

    def why_not_kept(self, parsed: ParsedMail) -> str:
        """STRANGE or ANOTHERS, empty where a mail from a sender that nobody listed is ours."""
        if self.answers_us(parsed) or self.is_called_a_return(parsed.subject):
            return ""
        if self._speaks_of_our_letter(parsed):
            return ""
        if self._slips is not None and self._slips.find_named(parsed):
            return ""
        found = list(self._files(parsed))
        if "" in found:
            return ""
        return ANOTHERS if ANOTHERS in found else STRANGE

    def _files(self, parsed: ParsedMail) -> Iterator[str]:
        for part in parsed.parts:
            if part.data and self._is_paper(part.name, part.data):
                yield ""
            elif part.data:
                yield from self._inside(part.name, part.data)
            elif part.flaw or called_instead(part.name):
                yield "" if self.is_called_a_return(part.name) else STRANGE

    def _inside(self, name: str, data: bytes) -> Iterator[str]:
        """What a file, or each file in an archive, is."""
        if hashlib.sha256(data).hexdigest() in self._issued:
            yield ""
            return
        pieces: list[tuple[str, bytes | None]] = [(name, data)]
        if not is_plain_workbook(data):
            pieces = _unpacked(name, data) or pieces
        for called, inside in self._with_mails(pieces):
            judged = assess(inside, called, self.context) if inside is not None else None
            yield self.why_not_ours(called, judged, read=inside is not None)

    def _with_mails(
        self, pieces: Iterable[tuple[str, bytes | None]]
    ) -> Iterator[tuple[str, bytes | None]]:
        """The same with what is in mails that were saved as files in their place."""
        for name, data in pieces:
            mails: list[bytes] = []
            if data is not None and not is_plain_workbook(data):
                from xl_addin.mail.saved import mails_in

                mails = mails_in(data)
            if mails:
                from xl_addin.services.saved_mails import expand_mails

                for each in expand_mails(self._programme, mails):
                    yield f"{name}/{each.name}", each.data
            else:
                yield name, data

    def _is_paper(self, name: str, data: bytes) -> bool:
        return self._papers is not None and self._papers.recognises(name, data)

    def _speaks_of_our_letter(self, parsed: ParsedMail) -> bool:
        """Whether a notice about a mail names a letter of ours, or somebody whom we write to."""
        # With its room comes the library for mails, which files from a folder need not wait for.
        from xl_addin.mail.classify import BOUNCE, DELAY
        from xl_addin.store import deliveries

        ledger, bounce = self._programme.ledger, parsed.bounce
        if any(deliveries.find_by_message_id(ledger, each) for each in bounce.letters):
            return True
        # Another office's letter to the same district may come back too: what it encloses says whose it is.
        return (
            parsed.kind in (BOUNCE, DELAY)
            and not bounce.certain
            and any(
                self.is_listed(each) or deliveries.last_letter_to(ledger, each)
                for each in bounce.addresses
            )
        )

    def why_to_count(self, file: IncomingFile, judged: Assessment | None) -> str:
        """Why a file is only counted, which it is then; empty where it is kept."""
        if not file.only_counted:
            return ""
        why = self.why_not_ours(file.name, judged, read=file.data is not None)
        if why not in file.only_counted:
            return ""
        self.counts[why] += 1
        return why


def _unpacked(name: str, data: bytes) -> list[tuple[str, bytes | None]]:
    """The files in an archive; the archive without bytes where it breaks what takes it apart."""
    from xl_addin.formats.archives import expand_archive, is_archive

    try:
        pieces = expand_archive(data) if is_archive(data) else []
        return [(f"{name}/{each.name}", each.data) for each in pieces]
    except KeyboardInterrupt:
        raise
    except BaseException:  # what native code raises need not be an Exception
        return [(name, None)]


def stranger_mark(programme: Programme) -> str:
    """What a mail was left out by: where the lists have changed since, it is looked at again."""
    config = programme.basics
    said = [
        *sorted(listed_addresses(config.districts)),
        *sorted(known_names(config.districts)),
        f"{len(config.papers)} {len(config.indicators)}",
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def first_day(programme: Programme, typed: str) -> str:
    """The first day (``YYYY-MM-DD``) whose mails are fetched: as typed, else when the first letter went out.

    A form that was handed over before any letter can come back by mail too, and papers without a form.
    """
    ledger = programme.ledger
    if typed:
        return typed
    from xl_addin.store import deliveries

    first = deliveries.first_letter(ledger)
    begun = min(filter(None, (first, first_issue(ledger))), default=ledger.created)
    if not first or programme.basics.papers:
        begun = ledger.created
    # A day more, for servers whose clock or zone is another.
    return (date.fromisoformat(begun[:10]) - timedelta(days=1)).isoformat()


def left_out_words(counts: Counter[str], what: str, measure: str) -> Iterator[str]:
    """Sentences (Chinese) on what was only counted, for a report; ``what`` it was, in which measure."""
    if counts[STRANGE]:
        yield (
            f"另有 {counts[STRANGE]} {measure}{what}不是区县报来的（没有本任务的标识和表头，"
            "也不是名录里的人发的），只数了数，没有登记，也没有存档"
        )
    if counts[ANOTHERS]:
        yield (
            f"另有 {counts[ANOTHERS]} {measure}{what}是别的任务的填报表，没有登记；"
            "如果是区县填错了表，请让它用本任务的表重报"
        )


def in_district_folder(folders: Iterable[str], districts: Iterable[District]) -> bool:
    """Whether one of these folder names is a district's."""
    names = known_names(districts)
    return any(fold(each) in names for each in folders)
