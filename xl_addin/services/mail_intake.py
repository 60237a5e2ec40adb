"""From fetched mails to returns: each is read in a process of its own, told what it is, handed on.

A mail's result, its receipts and the journal line are one transaction: a stop before it leaves the
mail unread, and the next run reads it again from the disk.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from xl_addin.judging.assess import known_names, origin_by_name
from xl_addin.mail.answers import advice, is_about_the_address
from xl_addin.mail.attachments import MailPart
from xl_addin.mail.classify import AUTO, BOUNCE, DELAY, LETTER, is_recall, link_words
from xl_addin.mail.read_in_child import BY_HAND, ParsedMail, read_mails
from xl_addin.model.calendar import is_ahead, local_text
from xl_addin.model.filetypes import DOCUMENT, OTHER, ZIP_START, called_instead
from xl_addin.model.folder import LOGS
from xl_addin.model.letters import CALLED
from xl_addin.model.problems import make
from xl_addin.model.records import FOREIGN, UNREADABLE, Receipt
from xl_addin.model.slips import Slip
from xl_addin.services import intake
from xl_addin.services.archived import bring_archive
from xl_addin.services.check_sender import Sender, listed_addresses
from xl_addin.services.intake import EVERYTHING, FORMS_OF_OTHERS, IncomingFile
from xl_addin.services.papers import open_intake, papers_words
from xl_addin.services.programme import Programme
from xl_addin.services.slip_answers import SlipAnswers
from xl_addin.services.strangers import Strangers
from xl_addin.store import deliveries, inbox
from xl_addin.store.faults import is_database_error
from xl_addin.store.inbox import FetchedMail, MailResult, PartRow
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.store.slips import any_slips
from xl_addin.system import held
from xl_addin.system.errors import in_chinese
from xl_addin.system.failpoint import fail_point
from xl_addin.system.fault_log import fault_place, fault_trace, write_fault_log
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern

if TYPE_CHECKING:
    from xl_addin.services.paper_intake import PaperIntake

RETURN, LINK, PLAIN, OWN, UNREAD = "return", "link", "plain", "own", "unread"
OTHERS = "other"
ANSWER = "answer"
LABELS = {
    RETURN: "有附件",
    LINK: "网盘链接",
    PLAIN: "没有填报表",
    OWN: "本程序发的信",
    UNREAD: "没有读取",
    OTHERS: "不是本任务的",
    ANSWER: "督办反馈",
    AUTO: "自动回复",
    BOUNCE: "退信",
    DELAY: "延迟通知",
}
# What mail programs call the pictures in a signature.
_SIGNATURE = pattern(r"(image\d+|logo)\.", re.IGNORECASE)
_TOGETHER, _SIZE = 200, 32 << 20
_A_DAY = 86_400
"""Many a mail says local time and another zone: that is off by hours, and its Date counts for nothing."""


class RecordedMail(NamedTuple):
    """A mail that was read, the links in it, and the receipts it led to as (source, number, receipt).

    ``papers`` took what papers there were in it and in those read with it, ``left_out`` counts the files
    in it and in those that were not kept.
    """

    mail: FetchedMail
    links: tuple[
        str, ...
    ]  # not the parsed mail: the bytes of its attachments would stay till the last is read
    result: MailResult
    parts: tuple[PartRow, ...]
    receipts: tuple[tuple[str, int, Receipt], ...]
    papers: PaperIntake | None = None
    left_out: Counter[str] = Counter()  # noqa: RUF012 - never changed

    @property
    def brought(self) -> list[tuple[str, Receipt]]:
        """What counts among the files that came in: a letter that came back is none of them."""
        bounced = self.result.kind == BOUNCE
        return [] if bounced else [(source, receipt) for source, _, receipt in self.receipts]


class _ClassifiedMail(NamedTuple):
    """What is known of a mail before its files are judged.

    ``notices`` are receipts about the mail itself, ``answered`` the slips that it answers.
    """

    mail: FetchedMail
    parsed: ParsedMail
    kind: str
    district: str
    files: tuple[IncomingFile, ...] = ()
    notices: tuple[Receipt, ...] = ()
    note: str = ""
    answered: tuple[Slip, ...] = ()


def read_all(programme: Programme, month: str) -> Iterator[RecordedMail]:
    """Read what was fetched and not read, batch by batch; each is committed when it is yielded."""
    waiting = list(inbox.batches(inbox.unread_mails(programme.ledger), _TOGETHER, _SIZE))
    for batch in programme.progress.over(waiting, len(waiting), "读取邮件"):
        with programme.ledger.writing():
            inbox.begin_reading(programme.ledger, batch)
        fail_point("fetch.begun")
        parsed = _parse_or_explain(programme, batch)
        fail_point("fetch.read")
        with programme.ledger.writing():
            mine = inbox.still_unread_ids(programme.ledger, batch)
            pairs = [pair for pair in zip(batch, parsed, strict=True) if pair[0].id in mine]
            found = _Intake(programme, month).record(pairs)
            fail_point("fetch.recorded")
        fail_point("fetch.finished")
        yield from found


def _parse_or_explain(programme: Programme, batch: Sequence[FetchedMail]) -> list[ParsedMail]:
    """``_parse_mails``; where one of them breaks what reads them, each is read alone."""
    try:
        return _parse_mails(programme, batch)
    except Exception as error:
        if len(batch) > 1:
            return [parsed for mail in batch for parsed in _parse_or_explain(programme, [mail])]
        flaw = f"程序读这封邮件时出错（{fault_place(error)}），没有读取；{BY_HAND}"
        return [ParsedMail(LETTER, "", "", "", "", "", flaw=flaw, fault=fault_trace(error))]


def _parse_mails(programme: Programme, batch: Sequence[FetchedMail]) -> list[ParsedMail]:
    paths = [inbox.mail_path(programme.folder, mail.sha256) for mail in batch]
    if not all(path.is_file() for path in paths):
        bring_archive(programme.folder)  # another computer fetched it
    raws, flaws = zip(*map(_read_bytes, paths), strict=True)
    found = read_mails(raws, documents=bool(programme.basics.papers))
    return [
        parsed if not flaw else parsed._replace(flaw=f"{path} {flaw}，没有读；{BY_HAND}")
        for path, flaw, parsed in zip(paths, flaws, found, strict=True)
    ]


def _read_bytes(path: Path) -> tuple[bytes, str]:
    """A fetched mail from the disk, and why there is none."""
    try:
        return held.read_bytes(path), ""
    except FileNotFoundError:
        return b"", "不见了"
    except OSError as error:
        return b"", f"打不开（{in_chinese(error)}）"
    except MemoryError:
        return b"", "太大，内存不够"


class _Intake:
    """What a mail is told by, as it stands when the batch is recorded."""

    def __init__(self, programme: Programme, month: str) -> None:
        self._programme, self._month = programme, month
        self._papers = open_intake(programme)
        self._names = {district.code: district.name for district in programme.basics.districts}
        self._addresses = listed_addresses(programme.basics.districts)
        self._known = known_names(programme.basics.districts)
        self._issued = issued_hashes(programme.ledger)
        self._slips = SlipAnswers(programme.ledger) if any_slips(programme.ledger) else None
        context = intake.judging_context(programme, month)
        self._strangers = Strangers(programme, context, self._papers)

    def record(self, pairs: Sequence[tuple[FetchedMail, ParsedMail]]) -> list[RecordedMail]:
        """Judge the files of mails and write everything down. Call within ``writing``."""
        programme, ledger = self._programme, self._programme.ledger
        opened = [self._classify_or_explain(mail, parsed) for mail, parsed in pairs]
        # What is only told of goes first: lists show the newest on top.
        sourced = [(self._source(each), receipt) for each in opened for receipt in each.notices]
        files = [file for each in opened for file in each.files]
        sourced += intake.receipts(
            programme,
            self._month,
            len(files),
            [files],
            keep=True,
            papers=self._papers,
            strangers=self._strangers,
        )
        first = ledger.add_receipts([receipt for _, receipt in sourced], self._month)
        numbered = [(source, first + n, receipt) for n, (source, receipt) in enumerate(sourced)]
        found = [self._recorded_mail(each, numbered) for each in opened]
        inbox.add_results(
            ledger,
            [read.result for read in found],
            [part for read in found for part in read.parts],
            [(read.mail.id, number) for read in found for _, number, _ in read.receipts],
        )
        answers = [(each.parsed, each.mail, slip) for each in opened for slip in each.answered]
        if self._slips is not None:
            self._slips.record(answers)
        brought = [pair for read in found for pair in read.brought]
        outcome = f"读取 {len(opened)} 封邮件：{intake.count_verdicts(brought)}"
        bounced = sum(each.kind == BOUNCE for each in opened)
        outcome += f"；{LABELS[BOUNCE]} {bounced}" if bounced else ""
        outcome += papers_words(self._papers)
        outcome += f"；督办反馈 {len(answers)} 份" if answers else ""
        ledger.add_event(programme.now(), "fetch", self._month, outcome, programme.who())
        return found

    def _source(self, opened: _ClassifiedMail) -> str:
        return str(inbox.mail_path(self._programme.folder, opened.mail.sha256))

    def _recorded_mail(
        self, opened: _ClassifiedMail, numbered: Sequence[tuple[str, int, Receipt]]
    ) -> RecordedMail:
        mail, parsed, home = opened.mail, opened.parsed, self._source(opened)
        mine = tuple(row for row in numbered if row[0] == home or row[0].startswith(f"{home}/"))
        if opened.files and not mine and opened.kind == RETURN:
            opened = opened._replace(
                kind=OTHERS, note="附件是别的任务的填报表，或者和本任务无关，没有登记"
            )
        result = MailResult(
            mail.id,
            opened.kind,
            parsed.sender,
            parsed.shown,
            parsed.subject,
            parsed.message_id,
            parsed.answers,
            opened.district,
            opened.note,
        )
        parts = tuple(
            PartRow(
                mail.id, n, part.name, part.kind, _sha256(part), "/".join(part.trail), part.flaw
            )
            for n, part in enumerate(parsed.parts)
        )
        counts = self._strangers.counts
        return RecordedMail(mail, parsed.links, result, parts, mine, self._papers, counts)

    def _classify_or_explain(self, mail: FetchedMail, parsed: ParsedMail) -> _ClassifiedMail:
        """A fault of ours at one mail makes it unread and stops no other."""
        source = inbox.mail_path(self._programme.folder, mail.sha256)
        for fault in filter(None, (parsed.fault, *(part.fault for part in parsed.parts))):
            self._log(f"{source}\n{fault}")
        try:
            return self._classify(mail, parsed)
        except Exception as error:
            if is_database_error(error):
                raise  # the ledger's, and no mail's
            self._log(f"{source}\n{fault_trace(error)}")
            flaw = f"程序读这封邮件时出错（{fault_place(error)}），没有读取；{BY_HAND}"
            plain = _ClassifiedMail(mail, parsed._replace(parts=(), flaw=flaw), UNREAD, "")
            return plain._replace(notices=(self._unread(plain, "mail-unread", flaw),))

    def _log(self, text: str) -> None:
        write_fault_log(self._programme.folder / LOGS, text)

    def _classify(self, mail: FetchedMail, parsed: ParsedMail) -> _ClassifiedMail:
        sender = Sender(parsed.sender, self._addresses.get(parsed.sender, frozenset()))
        district = next(iter(sender.districts)) if len(sender.districts) == 1 else ""
        opened = _ClassifiedMail(mail, parsed, parsed.kind, district)
        if parsed.flaw:
            notice = self._unread(opened, "mail-unread", parsed.flaw)
            return opened._replace(kind=UNREAD, notices=(notice,))
        if parsed.kind in (BOUNCE, DELAY) and not self._is_no_bounce(parsed):
            return self._record_bounce(opened)
        if not sender.districts and self._brings_a_letter_back(parsed):
            return self._record_bounce(opened._replace(kind=BOUNCE))
        # A redirected answer may keep our Message-ID: a copy of our own brings nothing but our forms.
        key = parsed.message_id
        ours = deliveries.find_by_message_id(self._programme.ledger, key) if key else None
        if ours is not None and not (self._new_files(parsed) or self._new_documents(parsed)):
            return opened._replace(kind=OWN, district="")
        answering = self._with_answers(opened, sender)
        opened, brought = self._take_papers(opened, sender, about_slip=bool(answering.answered))
        files = self._files(opened, sender)
        if parsed.kind == AUTO and not (files or brought):
            recalled = "对方想撤回以前的邮件；已经收下的不会自动撤回，请与对方核实"
            return opened._replace(note=recalled) if is_recall(parsed.subject) else opened
        opened = answering._replace(parsed=opened.parsed)
        kind = RETURN if files or brought else opened.kind
        return self._with_notices(opened._replace(kind=kind, files=files), brought=brought)

    def _is_no_bounce(self, parsed: ParsedMail) -> bool:
        """Whether a notice by its sender encloses a filled form and no letter of ours: a return that was passed on."""
        ledger = self._programme.ledger
        return bool(self._new_files(parsed)) and not any(
            deliveries.find_by_message_id(ledger, each) for each in parsed.bounce.letters
        )

    def _brings_a_letter_back(self, parsed: ParsedMail) -> bool:
        """Whether a mail that does not say so is a bounce: a letter or form of ours in it, and nothing else."""
        if self._new_files(parsed) or self._new_documents(parsed):
            return False
        ledger, said = self._programme.ledger, parsed.bounce
        enclosed = said.certain and any(
            deliveries.find_by_message_id(ledger, each) for each in said.letters
        )
        if not enclosed and not parsed.files:
            return False
        if parsed.kind == AUTO or not enclosed:
            return bool(parsed.from_nobody and said.why)
        return bool(parsed.from_nobody or said.why)

    def _with_answers(self, opened: _ClassifiedMail, sender: Sender) -> _ClassifiedMail:
        """With the slips that a person's mail answers; one that names another's says so in its note."""
        plain = opened._replace(kind=PLAIN)
        if self._slips is None or opened.parsed.kind == AUTO:
            return plain
        answered, note = self._slips.find(opened.parsed, sender)
        return plain._replace(kind=ANSWER if answered else PLAIN, answered=answered, note=note)

    def _take_papers(
        self, opened: _ClassifiedMail, sender: Sender, *, about_slip: bool
    ) -> tuple[_ClassifiedMail, bool]:
        """The mail without its documents' bytes, and whether one of them was a paper."""
        if self._papers is None or not opened.parsed.documents:
            return opened, False
        found, parts = False, []
        new = self._new_documents(opened.parsed) or opened.parsed.documents
        for part in opened.parsed.parts:
            file = self._incoming_file(opened, part, sender)
            taken = part in new and self._papers.take(file, opened.mail.id, about_slip=about_slip)
            found = found or taken
            keep = taken or part.kind != DOCUMENT
            parts.append(part if keep else part._replace(kind=OTHER, data=b""))
        return opened._replace(parsed=opened.parsed._replace(parts=tuple(parts))), found

    def _new_files(self, parsed: ParsedMail) -> dict[str, MailPart]:
        """The files that are not our own forms as they went out, each once."""
        files = {_sha256(part) or str(n): part for n, part in enumerate(parsed.files)}
        return {key: part for key, part in files.items() if key not in self._issued}

    def _new_documents(self, parsed: ParsedMail) -> list[MailPart]:
        """The documents that are not our own covers and slips as they went out."""
        if self._papers is None:
            return []
        ours = self._papers.covers | (self._slips.hashes if self._slips else frozenset())
        return [part for part in parsed.documents if _sha256(part) not in ours]

    def _files(self, opened: _ClassifiedMail, sender: Sender) -> tuple[IncomingFile, ...]:
        """The files to judge. Our own form as it went out says something only where it is alone."""
        found = list(self._new_files(opened.parsed).values())
        if opened.parsed.kind == LETTER and not found:
            found = opened.parsed.files[:1]
        return tuple(self._incoming_file(opened, part, sender) for part in found)

    def _incoming_file(
        self, opened: _ClassifiedMail, part: MailPart, sender: Sender
    ) -> IncomingFile:
        name = part.name or "没有名字的附件"
        only_counted: frozenset[str] = frozenset()
        if not self._strangers.answers_us(opened.parsed):
            only_counted = FORMS_OF_OTHERS if sender.districts else EVERYTHING
        source = "/".join((self._source(opened), *part.trail, name))
        # A cut .zip cannot be taken for a whole one; other formats might be. What is not judged is
        # in the archive with its mail alone.
        whole = part.data and (not part.flaw or part.data.startswith(ZIP_START[:2]))
        return IncomingFile(
            source,
            name,
            part.data if whole else None,
            _sha256(part) if whole else "",
            opened.mail.received_at,
            part.flaw or "附件是空的，请让对方重新发送",
            sender,
            _time_ahead(opened.mail, opened.parsed),
            only_counted,
            opened.mail.sha256,
        )

    def _with_notices(self, opened: _ClassifiedMail, *, brought: bool) -> _ClassifiedMail:
        """With what has to be told of the mail besides its files; ``brought`` says that it had papers."""
        parsed, notices = opened.parsed, []
        others = [part for part in parsed.parts if part.kind == OTHER]
        for part in others:
            if part.flaw:
                flaw = f"{part.name}：{part.flaw}" if part.name else part.flaw
                notices.append(self._unread(opened, "mail-part-unread", flaw))
        if (opened.files or brought) and parsed.links:
            # Which of them is the return nobody knows: the file counts, and the link is told.
            says = f"邮件里另有{link_words(parsed.links).removeprefix('附件是')}"
            notices.append(self._notice(opened, UNREADABLE, "cloud-attachment", says))
        if opened.files or opened.answered or brought:
            return opened._replace(notices=tuple(notices))
        if parsed.links:
            notice = self._unread(opened, "cloud-attachment", link_words(parsed.links))
            return opened._replace(kind=LINK, notices=(*notices, notice))
        listed = bool(self._addresses.get(parsed.sender))
        # What strangers write without attaching anything is told in the report alone: a mailbox
        # that is used for other things too would bury what matters.
        if not notices and (listed or others):
            notices = [self._nothing_to_judge(opened, [part.name for part in others if part.name])]
        return opened._replace(notices=tuple(notices))

    def _nothing_to_judge(self, opened: _ClassifiedMail, names: Sequence[str]) -> Receipt:
        """That a mail brought no form; where it brought a scan instead, under its district and month."""
        told = "、".join(names)
        scans = [name for name in names if called_instead(name) and not _SIGNATURE.match(name)]
        if not scans:
            says = f"附件里没有填报表（{told}）" if told else "没有附件"
            says += "；如果对方是来报送的，请对方附上填好的填报表重发"
            return self._notice(opened, FOREIGN, "no-workbook", says)
        says = f"附件只有{called_instead(scans[0])}（{told}），没有填报表；请对方补报电子表"
        notice = self._notice(opened, FOREIGN, "scan", says)
        whose = self._whose_scan(opened, scans[0])
        problem = notice.problems[0]._replace(found=scans[0])
        return notice._replace(district=whose[0], month=whose[1], problems=(problem,))

    def _whose_scan(self, opened: _ClassifiedMail, name: str) -> tuple[str, str]:
        """By sender and file name; nobody's where they differ."""
        named, month = origin_by_name(name, self._known, self._month)
        if not opened.district:
            return named, month
        return (
            (opened.district, month or self._month) if named in ("", opened.district) else ("", "")
        )

    def _record_bounce(self, opened: _ClassifiedMail) -> _ClassifiedMail:
        """A bounce marks the letter it speaks of; it never brings a return."""
        ledger, bounce = self._programme.ledger, opened.parsed.bounce
        letters = [deliveries.find_by_message_id(ledger, each) for each in bounce.letters]
        found = [each for each in letters if each is not None]
        if not found and not bounce.certain:
            last = [deliveries.last_letter_to(ledger, address) for address in bounce.addresses]
            found = [each for each in last if each is not None]
        if opened.kind == DELAY:
            return opened._replace(note="还没有送达，对方服务器还在重试")
        elsewhere = [each for each in found if not _wrote_to(each, bounce.addresses)]
        if found and elsewhere == found:
            return self._forwarding_failed(opened, found)
        found = [each for each in found if each not in elsewhere]
        reached_nobody = "、".join(bounce.addresses) or "（没有写明）"
        why = f"{reached_nobody}：{bounce.why}" if bounce.why else reached_nobody
        districts = list(dict.fromkeys(each.district for each in found))
        deliveries.advance(
            ledger, {each.id: why for each in found}, deliveries.BOUNCED, self._programme.now()
        )
        opened = opened._replace(district=districts[0] if len(districts) == 1 else "", note=why)
        whose = "、".join(self._names.get(code, code) for code in districts)
        if whose:
            says = f"发给“{whose}”的信没有送达 {why}；{_after_bounce(bounce.why, found[0])}"
            notice = self._notice(opened, UNREADABLE, "not-delivered", says)
        else:
            says = f"退信，没有送达 {why}；对不上本程序发出的信，请自己查看"
            notice = self._notice(opened, FOREIGN, "bounce-unmatched", says)
        return opened._replace(notices=(notice,))

    def _forwarding_failed(
        self, opened: _ClassifiedMail, letters: Sequence[deliveries.Sending]
    ) -> _ClassifiedMail:
        """A bounce about somebody whom we never wrote to: as a rule a district's box passes its mail on."""
        bounce = opened.parsed.bounce
        to = "、".join(dict.fromkeys(each for sent in letters for each in sent.recipients.split()))
        codes = dict.fromkeys(each.district for each in letters)
        whose = "、".join(self._names.get(code, code) for code in codes)
        why = bounce.why or "没有写原因"
        says = (
            f"退信说 {'、'.join(bounce.addresses)} 没有收到（{why}），可是发给“{whose}”的信写的是 {to}："
            "多半是对方邮箱自动转发失败，信可能已经送达，没有记为退信；请打电话核实"
        )
        notice = self._notice(opened, FOREIGN, "bounce-unmatched", says)
        return opened._replace(note=says, notices=(notice,))

    def _unread(self, opened: _ClassifiedMail, code: str, says: str) -> Receipt:
        """A notice that stands for a return of the month asked for, where its district is known."""
        notice = self._notice(opened, UNREADABLE, code, says)
        return notice._replace(month=self._month if opened.district else "")

    def _notice(self, opened: _ClassifiedMail, verdict: str, code: str, says: str) -> Receipt:
        """A receipt about a mail itself, so that it stands on 问题清单 with subject and sender."""
        mail, parsed = opened.mail, opened.parsed
        shown = parsed.shown or "没有写发件人"
        message = f"{mail_place(mail, parsed)}：{says}"
        problem = make(code, message, found=shown)
        return Receipt(
            "",
            f"邮件：{_subject(parsed)}",
            mail.received_at,
            opened.district,
            "",
            0,
            verdict,
            (problem,),
        )


def _after_bounce(why: str, letter: deliveries.Sending) -> str:
    """What to do about a letter that came back: another address is no help where the box is full."""
    if is_about_the_address(why):
        return "请核对“区县名录”里的邮箱地址，改正后重新发送"
    called = CALLED.get(letter.letter, "")
    again = (
        f"；解决后在“回收情况”这个区县的“信件处理”里选“重发{called}”，再点一次" if called else ""
    )
    return advice(why) + again


def _wrote_to(letter: deliveries.Sending, addresses: Sequence[str]) -> bool:
    """Whether a letter went to one of these; a server may write the part after @ in another way."""
    names = {each.partition("@")[0] for each in letter.recipients.lower().split()}
    return not addresses or any(each.partition("@")[0] in names for each in addresses)


def _time_ahead(mail: FetchedMail, parsed: ParsedMail) -> tuple[str, str] | None:
    """A time of a mail that cannot be, and what is said of it: the server's, else the sender's."""
    if is_ahead(mail.listed_at, mail.received_at):
        says = (
            f"邮箱服务器记的收到时间是 {mail.listed_at}，比收取的时间还晚，按收取的时间 {mail.received_at} 记；"
            "请核对这台电脑的日期和时间"
        )
        return mail.listed_at, says
    dated = local_text(int(parsed.dated)) if parsed.dated else ""
    if is_ahead(dated, mail.received_at, _A_DAY):
        says = (
            f"邮件上写的发出时间是 {dated}，比收到的时间还晚，按收到的时间 {mail.received_at} 记；"
            "请核对对方电脑的日期和时间"
        )
        return dated, says
    return None


def mail_place(mail: FetchedMail, parsed: ParsedMail | MailResult) -> str:
    """What the message of a problem with a mail begins with."""
    shown = parsed.shown or "没有写发件人"
    return f"邮件“{_subject(parsed)}”（发件人 {shown}，{mail.received_at} 收到）"


def _subject(parsed: ParsedMail | MailResult) -> str:
    return parsed.subject or "（没有主题）"


def _sha256(part: MailPart) -> str:
    return hashlib.sha256(part.data).hexdigest() if part.data else ""
