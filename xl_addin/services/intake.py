"""What arrives, by whatever way, on its way into the ledger: archived, judged, recorded as receipts.

Folders and mail bring the same thing, bytes with a name and a time; from here on nothing knows which.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial

from xl_addin.judging.assess import (
    Assessment,
    Context,
    fault_words,
    known_names,
    month_by_name,
    origin_by_name,
)
from xl_addin.judging.history import History
from xl_addin.model.calendar import is_ahead
from xl_addin.model.filetypes import is_plain_workbook
from xl_addin.model.folder import ARCHIVE, LOGS
from xl_addin.model.problems import DOUBTS, is_of_page, make
from xl_addin.model.records import (
    ACCEPTED,
    BLANK,
    DUPLICATE,
    ERROR,
    FOREIGN,
    HELD,
    REJECTED,
    UNREADABLE,
    VERDICT_LABELS,
    VERDICTS,
    Problem,
    Receipt,
)
from xl_addin.model.result import LongList, ResultTable
from xl_addin.model.settings import BY_FILE, YES
from xl_addin.services.kept_receipts import KeptReceipts, SourcedReceipt
from xl_addin.services.programme import Programme
from xl_addin.services.reading_settings import record_settings
from xl_addin.services.workers import MANY, Done, Job, Work, Workers, carry_out, start_workers
from xl_addin.store.decisions import is_decided
from xl_addin.store.faults import is_database_error
from xl_addin.store.issued_forms import issued_hashes, issued_macs, withdrawn_macs
from xl_addin.system import atomic
from xl_addin.system.atomic import Batch
from xl_addin.system.fault_log import fault_trace, write_fault_log
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.judging.work_page import KnownWorks
    from xl_addin.services.check_sender import Sender
    from xl_addin.system.cluster import Cluster

STRANGE, ANOTHERS = "strange", "another-programme"
"""Why something is only counted, see ``services.strangers``: nobody's we know, or another programme's."""
EVERYTHING = frozenset((STRANGE, ANOTHERS))
FORMS_OF_OTHERS = frozenset((ANOTHERS,))


class IncomingFile(NamedTuple):
    """A file as it came in, by itself or in an archive: ``六月.zip/忠县.xlsx``.

    ``data`` is None where it could not be read, ``why`` says; ``sha256`` is then the archive's, if
    it was in one. ``source`` is where it lies or which mail brought it, for reports; ``sender`` is
    None for files that our own staff put into a folder. ``ahead`` is a time of it that cannot be, and
    what is said of that. ``only_counted`` are the reasons of ``services.strangers`` for which it is not
    kept: such a file is judged before it is archived, and archived only where none of them holds.
    ``mail`` names the mail that brought it, empty for files from a folder. ``timed`` says where its time is from,
    if that is not the file's own. ``path`` is where the bytes are that others have read, which are then not here;
    ``judged`` is what they made of them, if they did.
    """

    source: str
    name: str
    data: bytes | None
    sha256: str
    received_at: str
    why: str = ""
    sender: Sender | None = None
    ahead: tuple[str, str] | None = None
    only_counted: frozenset[str] = frozenset()
    mail: str = ""
    timed: str = ""
    path: str = ""
    judged: Assessment | None = None


class ListedFile(NamedTuple):
    """A file in a folder that nobody has read yet.

    ``facts`` are its size and time. ``finish`` makes of what others came to what came in; of None, which is
    nothing, it reads the file here.
    """

    path: str
    name: str
    facts: tuple[int, float]
    finish: Callable[[Done | None], IncomingFile]


class Diversion(Protocol):
    """What takes files out that are no returns."""

    def divert(self, files: Sequence[IncomingFile]) -> list[IncomingFile]:
        """The files that are left."""

    @property
    def hashes(self) -> set[str]:
        """The hashes of what was taken out."""


class Counting(Protocol):
    """What says of files that may be nobody's whether they are only counted; see ``services.strangers``."""

    context: Context

    def why_to_count(self, file: IncomingFile, judged: Assessment | None) -> str:
        """Why a file is only counted, which it is then; empty where it is kept."""


_MUTE = (FOREIGN, UNREADABLE)
_CHANGED = "收集的时候被改动了，没有读到完整的内容；请再收集一次"
_SHARE = 32 << 20
_DEEPEST = 3  # an archive of mails whose attachments are archives


def receipts(
    programme: Programme,
    month: str,
    count: int,
    chunks: Iterable[Sequence[IncomingFile | ListedFile]],
    keep: bool,
    papers: Diversion | None = None,
    strangers: Counting | None = None,
    cluster: Cluster | None = None,
) -> Generator[SourcedReceipt, None, None]:
    """One receipt per file with its source, in order; call, and close, while the ledger is writing.

    ``count`` is about how many there are. Nothing is parsed before its bytes are in the archive,
    unless ``keep`` is off, as in a rehearsal. ``papers`` takes what is a paper, for which there is none;
    ``strangers`` says of files that may be nobody's which are, and counts them: there is none for them.
    """
    archive = programme.folder / ARCHIVE
    atomic.remove_temporary(archive)
    context = strangers.context if strangers is not None else judging_context(programme, month)
    done = _DecidedFiles(programme, context)
    if count >= MANY:
        programme.let_go_of_master()
    if keep:
        record_settings(programme.ledger, context)
    waiting: deque[_Pending] = deque()
    work = Work(context, os.path.abspath(archive), keep)  # noqa: PTH100 - one of many
    with start_workers(work, count, cluster) as workers, Batch(count) as batch:
        store = _Archive(work, batch)

        def told(pending: _Pending) -> Iterator[SourcedReceipt]:
            for file, judgement in done.judged(pending):
                if strangers is not None and strangers.why_to_count(file, judgement):
                    continue
                if file.only_counted:
                    store.put(file)
                yield file.source, done.receipt_or_explain(file, judgement)

        for arrived in _read_chunks(workers, chunks, work):
            for brought, inside in _shares(programme, arrived):
                whole, files = brought, inside
                if papers is not None:
                    files = papers.divert(inside)
                    whole = [file for file in brought if file.sha256 not in papers.hashes]
                for file in (*whole, *files):
                    if not file.only_counted:
                        store.put(file)
                # While the disk takes these, the ones before are judged.
                if len(waiting) >= workers.ahead:
                    yield from told(waiting.popleft())
                store.publish()
                jobs = done.new_among(files)
                unread = [each for each in jobs if each.judged is None]
                judged = workers.submit(list(map(_job, unread)))
                waiting.append((files, jobs, partial(_in_order, jobs, judged, work)))
                # What is large is let go before the next is unpacked.
                while waiting and _size(files) > _SHARE:
                    yield from told(waiting.popleft())
                del brought, inside, files, jobs, unread, judged
        while waiting:
            yield from told(waiting.popleft())


def _read_chunks(
    workers: Workers, chunks: Iterable[Sequence[IncomingFile | ListedFile]], work: Work
) -> Iterator[list[IncomingFile]]:
    """Each chunk with its files read: by others, some chunks ahead, where there are any."""
    waiting: deque[Callable[[], list[IncomingFile]]] = deque()
    for chunk in chunks:
        listed = [each for each in chunk if isinstance(each, ListedFile)] if workers.beside else []
        jobs = [Job(each.name, b"", os.path.abspath(each.path), "", each.facts) for each in listed]  # noqa: PTH100
        waiting.append(partial(_read_chunk, chunk, workers.submit(jobs) if jobs else tuple, work))
        if len(waiting) > (workers.ahead if jobs else 0):
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


def _read_chunk(
    chunk: Sequence[IncomingFile | ListedFile],
    wait: Callable[[], Iterable[Done | None]],
    work: Work,
) -> list[IncomingFile]:
    done = iter(wait())
    found: list[IncomingFile] = []
    for each in chunk:
        if isinstance(each, IncomingFile):
            found.append(each)
            continue
        told = next(done, None)
        kept = told is not None and (
            told.data is not None or not work.keep or work.has(each.name, told)
        )
        # Whoever kept it may have done so elsewhere.
        file = each.finish(told if kept else None)
        if told is not None and kept and told.data is None:
            file = file._replace(data=b"", path=os.path.abspath(each.path))  # noqa: PTH100 - one of many
        found.append(file)
    return found


def _job(file: IncomingFile) -> Job:
    return Job(file.name, file.data or b"", file.path, file.sha256 if file.path else "")


def _in_order(
    jobs: Sequence[IncomingFile], wait: Callable[[], Iterable[Done | None]], work: Work
) -> Iterator[Assessment | None]:
    """What each file was judged, by whoever; None where its bytes are not to be had any more."""
    done = iter(wait())
    for file in jobs:
        if file.judged is not None:
            yield file.judged
        else:
            found = next(done)
            if found is None:  # it was changed since
                kept = Job(file.name, b"", work.path(file.name, file.sha256), file.sha256)
                [found] = carry_out([kept], work)
            yield found and found.judged


def _shares(
    programme: Programme, arrived: Sequence[IncomingFile]
) -> Iterator[tuple[list[IncomingFile], list[IncomingFile]]]:
    """What arrived beside the files in it, no more together than memory takes: a small archive may be large."""
    whole: list[IncomingFile] = []
    files: list[IncomingFile] = []
    size = 0
    for each in arrived:
        inside = _expand_or_explain(programme, each)
        size += _size(inside)
        whole.append(each)
        files += inside
        if size > _SHARE:
            yield whole, files
            whole, files, size = [], [], 0
        del inside
    yield whole, files


def _size(files: Sequence[IncomingFile]) -> int:
    return sum(len(file.data or b"") for file in files)


_Pending = tuple[
    Sequence[IncomingFile], list[IncomingFile], Callable[[], Iterable[Assessment | None]]
]


class _DecidedFiles:
    """What is already decided: in the ledger and in this run, by the hash of the bytes."""

    def __init__(self, programme: Programme, context: Context) -> None:
        self._programme, self._ledger = programme, programme.ledger
        self._context, self._districts = context, context.districts
        self._history = History(self._ledger, context.month, context.districts, context.rules)
        self._before: dict[str, Receipt | None] = {}
        self._here: dict[str, Receipt] = {}
        self._counting: dict[str, dict[str, str]] = {}
        self._sent: set[str] = set()
        # Files that say nothing of their own, by hash: what was judged, and under which name.
        self._mute: dict[str, tuple[Assessment, str]] = {}

    def new_among(self, files: Sequence[IncomingFile]) -> list[IncomingFile]:
        """The files whose bytes have to be judged, each only once.

        What was accepted, came back untouched or was decided by a person is settled; anything else
        may come out differently now that settings, the sender or the month asked for have changed.
        """
        fresh = []
        for file in files:
            if file.data is None:
                continue
            earlier = self._before[file.sha256] = self._ledger.earlier_receipt(file.sha256)
            if earlier and (
                earlier.verdict in (ACCEPTED, BLANK) or is_decided(self._ledger, file.sha256)
            ):
                continue
            if file.sha256 not in self._sent:
                self._sent.add(file.sha256)
                fresh.append(file)
        return fresh

    def judged(self, pending: _Pending) -> Iterator[tuple[IncomingFile, Assessment | None]]:
        """Each file in order with what it was judged; None where that is known from before."""
        files, jobs, result = pending
        waited = {file.sha256 for file in jobs}
        # Only of mails all have to be judged before any is told: a folder's come one by one.
        mailed = any(file.mail for file in jobs)
        judged = iter(self._hold_rivals(jobs, list(result())) if mailed else result())
        for file in files:
            fresh = file.data is not None and file.sha256 in waited
            waited.discard(file.sha256)
            if not fresh:
                yield file, self._mute_again(file)
            elif (found := next(judged)) is not None:
                yield file, self._keep_mute(file, found)
            else:
                yield file._replace(data=None, why=_CHANGED), None

    def _hold_rivals(
        self, jobs: Sequence[IncomingFile], judged: Sequence[Assessment | None]
    ) -> list[Assessment | None]:
        """The judgements; different new forms of one district and month in one mail are held, all of them.

        What was attached last is as often the draft. What came before and is only quoted is no rival.
        """
        rivals: dict[tuple[str, str, str], list[int]] = {}
        for at, (file, each) in enumerate(zip(jobs, judged, strict=True)):
            new = self._before[file.sha256] is None
            if (
                file.mail
                and each
                and each.district
                and new
                and each.verdict in (ACCEPTED, HELD, REJECTED)
            ):
                rivals.setdefault((file.mail, each.district, each.month), []).append(at)
        found: list[Any] = list(judged)
        for (_, district, month), numbers in rivals.items():
            if len({_typed(found[at]) for at in numbers}) < 2:
                continue
            names = "、".join(f"“{jobs[at].name}”" for at in numbers)
            known = self._districts.get(district)
            whose = f"“{known.name if known else district}”{month}"
            for at in numbers:
                says = (
                    f"{jobs[at].name}：同一封邮件里有 {len(numbers)} 份{whose}的填报表（{names}），填的不一样，"
                    "不知道以哪份为准；请问清楚后在“待定”里接受一份，其余的退回"
                )
                doubt = make("two-in-mail", says, found=names)
                problems = (doubt, *found[at].problems)
                found[at] = found[at]._replace(verdict=HELD, problems=problems)
        return found

    def receipt_or_explain(self, file: IncomingFile, judgement: Assessment | None) -> Receipt:
        """A fault of ours in what one file comes to makes that file unreadable and stops no other."""
        if judgement is not None and judgement.fault:
            write_fault_log(self._programme.folder / LOGS, f"{file.source}\n{judgement.fault}")
        try:
            if judgement is not None and file.sender is not None:
                from xl_addin.services.check_sender import check_sender

                judgement = check_sender(judgement, file.name, file.sender, self._districts)
                judgement = self._by_sender(judgement, file)
            return self._receipt(file, judgement)
        except Exception as fault:
            if is_database_error(fault):
                raise  # the ledger's, and no file's
            unread = _unread(self._programme, file, fault)._replace(sender=None)
            return self._receipt(unread, None)

    def _keep_mute(self, file: IncomingFile, judged: Assessment) -> Assessment:
        if judged.verdict in _MUTE:
            self._mute[file.sha256] = judged, file.name
        return judged

    def _mute_again(self, file: IncomingFile) -> Assessment | None:
        """The same empty or broken bytes under another name: they may be another district's."""
        if file.sha256 not in self._mute:
            return None
        judged, name = self._mute[file.sha256]
        whose = origin_by_name(file.name, self._context.names, self._context.month)
        told = tuple(
            each._replace(message=f"{file.name}{each.message.removeprefix(name)}")
            for each in judged.problems
        )
        return judged._replace(district=whose[0], month=whose[1], problems=told)

    def _by_sender(self, judged: Assessment, file: IncomingFile) -> Assessment:
        """A file that says nothing itself is its sender's; where sender and name differ, nobody's."""
        if judged.verdict not in _MUTE or not file.sender:
            return judged
        whose = file.sender.districts
        if len(whose) != 1 or judged.problems[0].code in ("wrong-programme", "wrong-year"):
            return judged
        if judged.district and judged.district not in whose:
            return judged._replace(district="", month="")
        month = month_by_name(file.name, self._context.month)
        return judged._replace(district=next(iter(whose)), month=month)

    def _receipt(self, file: IncomingFile, judged: Assessment | None) -> Receipt:
        name, at = file.name, file.received_at
        if file.data is None:
            problem = make("cannot-open", f"{name}：{file.why}")
            told = Assessment(
                UNREADABLE,
                *origin_by_name(name, self._context.names, self._context.month),
                0,
                (problem,),
            )
            told = self._by_sender(told, file)
            return Receipt(
                file.sha256, name, at, told.district, told.month, 0, UNREADABLE, (problem,)
            )
        earlier = self._here.get(file.sha256) or self._before[file.sha256]
        if judged is not None and judged.verdict in _MUTE and judged.district:
            here = self._here.get(f"{file.sha256} {judged.district}")
            earlier = here or self._ledger.earlier_receipt(file.sha256, judged.district)
        if judged is not None and judged.round > 1 and _goes_back(judged):
            judged = self._unless_untouched(judged, file)
        if judged is not None:
            judged = self._history.compare(judged, name, at, file.sha256)
            if file.ahead and judged.verdict in (ACCEPTED, HELD, REJECTED):
                judged = judged._replace(
                    problems=(*judged.problems, _time_ahead(file.name, *file.ahead))
                )
        if earlier is not None and (judged is None or _adds_nothing(judged, earlier)):
            label = VERDICT_LABELS[earlier.verdict]
            note = f"与 {earlier.received_at} 收到的“{earlier.file}”完全相同（{label}）"
            if earlier.verdict == ACCEPTED and self._is_replaced(earlier):
                note += "；现在算数的是这之后收到的另一份"
            whose = (earlier.district, earlier.month, earlier.round)
            return Receipt(file.sha256, name, at, *whose, DUPLICATE, (), (), note)
        assert judged is not None  # noqa: S101 - what has no earlier receipt was judged
        receipt = Receipt(
            file.sha256,
            name,
            at,
            judged.district,
            judged.month,
            judged.round,
            judged.verdict,
            judged.problems,
            judged.figures,
            "；".join(filter(None, (self._history.note(judged, at), file.timed))),
            judged.sheet,
            judged.texts,
            judged.page,
        )
        self._history.add(receipt)
        known = receipt._replace(problems=(), figures=(), texts=(), page=None)
        self._here[file.sha256] = known
        if judged.verdict in _MUTE:
            self._here[f"{file.sha256} {judged.district}"] = known
        return receipt

    def _is_replaced(self, accepted: Receipt) -> bool:
        """Whether another return of its district and month counts; what this run brings is not in yet."""
        if accepted.month not in self._counting:
            self._counting[accepted.month] = self._ledger.counting_files(accepted.month)
        counting = self._counting[accepted.month].get(accepted.district, accepted.sha256)
        return counting != accepted.sha256

    def _unless_untouched(self, judged: Assessment, file: IncomingFile) -> Assessment:
        """A form that went back marked and comes in again as it is, quoted in a reply, says nothing."""
        if file.sha256 not in issued_hashes(self._ledger, judged.month):
            return judged
        says = (
            f"{file.name}：和第 {judged.round} 轮退回修改时一样，没有改；请改好红色的格子后重新上报"
        )
        problem = make("untouched", says)
        return judged._replace(verdict=BLANK, problems=(problem,), page=None)


def _typed(judged: Assessment) -> tuple[object, ...]:
    """What was filled in, to tell forms apart that say different things."""
    figures = sorted((f.indicator, f.state, f.value) for f in judged.figures if f.value is not None)
    texts = tuple((each.field, each.indicator, each.text) for each in judged.texts)
    return (tuple(figures), texts, judged.page and judged.page.reports)


def _goes_back(judged: Assessment) -> bool:
    """Whether something of a return is wrong: its figures, or its page 重点工作."""
    page = judged.page is not None and judged.page.verdict == REJECTED
    return judged.verdict == REJECTED or (judged.verdict == ACCEPTED and page)


def _time_ahead(name: str, at: str, says: str) -> Problem:
    return make("time-ahead", f"{name}：{says}", found=at)


def _adds_nothing(judged: Assessment, earlier: Receipt) -> bool:
    """Whether judging these bytes again tells nothing new.

    A return that was judged for its own month is not held again when another month is collected,
    nor one with wrong figures because its month was closed meanwhile.
    """
    if judged.verdict == earlier.verdict:
        # Empty files are all alike: whose it is comes from the name or the sender.
        known = judged.verdict not in _MUTE or not judged.district
        return known or judged.district == earlier.district
    wrong = (p for p in judged.problems if p.severity == ERROR and not is_of_page(p))
    codes = {problem.code for problem in wrong}
    still_wrong = earlier.verdict == REJECTED and bool(codes - DOUBTS.keys())
    closed_meanwhile = still_wrong and codes & DOUBTS.keys() == {"month-closed"}
    return judged.verdict == HELD and ("wrong-month" in codes or closed_meanwhile)


def _expand_or_explain(programme: Programme, file: IncomingFile) -> list[IncomingFile]:
    """``_expand``; a container that breaks what takes it apart is one file that is not read."""
    try:
        return _expand(programme, file, _DEEPEST)
    except KeyboardInterrupt:
        raise
    except BaseException as fault:
        return [_unread(programme, file, fault)]


def _unread(programme: Programme, file: IncomingFile, fault: BaseException) -> IncomingFile:
    write_fault_log(programme.folder / LOGS, f"{file.source}\n{fault_trace(fault)}")
    return file._replace(data=None, why=fault_words(fault))


def _expand(programme: Programme, file: IncomingFile, deeper: int) -> list[IncomingFile]:
    """The files in an archive or in a saved mail; any other file is itself."""
    if file.data is None or file.path or is_plain_workbook(file.data):
        return [file]
    from xl_addin.formats.archives import expand_archive, is_archive
    from xl_addin.mail.saved import mails_in

    found: list[IncomingFile] = []
    if is_archive(file.data):
        pieces = expand_archive(file.data)
        found = [_inside(file, piece.name, piece.data, piece.why) for piece in pieces]
    elif deeper and (mails := mails_in(file.data)):
        from xl_addin.services.saved_mails import expand_mails

        for mailed in expand_mails(programme, mails):
            each = _inside(file, mailed.name, mailed.data, mailed.why)
            each = each._replace(sender=file.sender or mailed.sender)
            found.append(_with_arrival(programme, each, mailed.arrived))
    if not (found and deeper):
        return found or [file]
    return [each for inner in found for each in _expand(programme, inner, deeper - 1)]


def _with_arrival(programme: Programme, file: IncomingFile, arrived: str) -> IncomingFile:
    """A file of a saved mail with the time at which a mail server took that in, where times of files count.

    Staff save mails days after they came. No mail can have come after it was saved. One in a mail that was
    fetched came with that.
    """
    by_file = programme.basics.settings.received_by == BY_FILE
    if not arrived or file.mail or not by_file or arrived == file.received_at:
        return file
    saved = file.received_at
    if arrived < saved:
        says = f"收到时间按邮件里服务器记的，文件是 {saved} 存的"
        return file._replace(received_at=arrived, timed=says)
    if not is_ahead(arrived, saved):
        return file
    says = (
        f"邮件里服务器记的收到时间是 {arrived}，比文件保存的时间还晚，按文件时间 {saved} 记；"
        "请核对这台电脑的日期和时间"
    )
    return file._replace(ahead=file.ahead or (arrived, says))


def _inside(file: IncomingFile, name: str, data: bytes | None, why: str) -> IncomingFile:
    return file._replace(
        source="/".join(filter(None, (file.source, name))),
        name="/".join(filter(None, (file.name, name))),
        data=data,
        sha256=file.sha256 if data is None else hashlib.sha256(data).hexdigest(),
        why=why,
    )


class _Archive:
    """What this process keeps itself of what arrives."""

    def __init__(self, work: Work, batch: Batch) -> None:
        self._work, self._batch = work, batch
        self._putting: set[str] = set()

    def put(self, file: IncomingFile) -> None:
        """Keep a file unless it is there, or this is a rehearsal. Raises OSError."""
        if file.data is None or file.path or not self._work.keep:
            return
        path = self._work.path(file.name, file.sha256)
        if path not in self._putting and not os.path.exists(path):  # noqa: PTH110 - one of many
            self._putting.add(path)
            self._batch.put(path, file.data)

    def publish(self) -> None:
        """Let appear what was put."""
        self._batch.publish()
        self._putting.clear()


def judging_context(programme: Programme, month: str) -> Context:
    """What returns are judged by when a month is collected."""
    config, ledger = programme.basics._replace(openings=programme.openings), programme.ledger
    standings = ledger.standings(month, config)
    withdrawn = withdrawn_macs(ledger, month)
    return Context(
        ledger.programme,
        ledger.key,
        month,
        config.indicators,
        {district.code: district for district in config.districts},
        known_names(config.districts),
        config.rules,
        {code: standing.mean_monthly for code, standing in standings.items()},
        {code: standing.previous for code, standing in standings.items()},
        issued_macs(ledger, month),
        config.settings.password_list(),
        config.settings.first_month,
        config.settings.explain_warnings == YES,
        withdrawn.replaced,
        withdrawn.undone,
        _known_works(programme, month),
        bool(config.papers),
    )


def _known_works(programme: Programme, month: str) -> KnownWorks | None:
    """What the page 重点工作 of a return is compared with, where there are such items."""
    if not programme.works:
        return None
    from xl_addin.judging.work_page import KnownWorks
    from xl_addin.store.work_reports import last_reports

    items = {item.number: item for item in programme.works}
    return KnownWorks(items, last_reports(programme.ledger, month))


def set_apart(sourced: Sequence[SourcedReceipt]) -> tuple[KeptReceipts, KeptReceipts]:
    """What is new, and the files that an earlier run has seen already."""
    here = {receipt.sha256 for _, receipt in sourced if receipt.verdict != DUPLICATE}
    fresh, before = KeptReceipts(), KeptReceipts()
    for each in sourced:
        seen = each[1].verdict == DUPLICATE and each[1].sha256 not in here
        (before if seen else fresh).append(each)
    return fresh, before


def count_verdicts(sourced: Sequence[SourcedReceipt]) -> str:
    """How many of each verdict, in words."""
    said = [f"{VERDICT_LABELS[v]} {n}" for v, n in verdict_counts(sourced).items() if n]
    return "、".join(said) or "没有文件"


def verdict_counts(sourced: Sequence[SourcedReceipt]) -> dict[str, int]:
    """How many of each verdict there are."""
    counts = Counter(receipt.verdict for _, receipt in sourced)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def next_step(programme: Programme, sourced: Sequence[SourcedReceipt]) -> str:
    """When the master shows it, and what a person has to do about what was held or rejected."""
    verdicts = {receipt.verdict for _, receipt in sourced}
    steps = [
        say
        for verdict, say in (
            (HELD, "待定的请在主表“待定”里决定，再做“处理待定”（settle）"),
            (REJECTED, "退回的请做“退回修改”（return），或按问题告诉区县改好重报"),
        )
        if verdict in verdicts
    ]
    if any(r.page and r.page.verdict == REJECTED for _, r in sourced) and REJECTED not in verdicts:
        steps.append("“重点工作”页要改的请做“退回修改”（return），数已经收下")
    lists = "汇总" if programme.live else "主表里的汇总、回收情况、待定和问题清单"
    return "。".join(("", f"{lists}在重算（recompute）之后更新", *steps))


def as_json(
    sourced: Sequence[SourcedReceipt], names: Mapping[str, str], first: int = 0
) -> dict[str, Any]:
    """``returns``, ``items`` and ``counts`` as ``--json`` prints them; ``names`` are districts by code.

    ``first`` is the number of the first receipt, 0 where none were recorded.
    """

    def told(numbered: tuple[int, SourcedReceipt]) -> dict[str, Any]:
        n, (source, r) = numbered
        return {
            "id": first + n if first else None,
            "file": source,
            "sha256": r.sha256 or None,
            "code": r.district or None,
            "district": names.get(r.district),
            "month": r.month or None,
            "verdict": r.verdict,
            "note": r.note,
            "problems": [p.as_json() for p in r.problems],
            "texts": [t.as_json() for t in r.texts],
        }

    returns = LongList(lambda: map(told, enumerate(sourced)))
    items = [item for _, r in sourced if r.page for item in _items_json(r, names)]
    return {"returns": returns, "items": items, "counts": verdict_counts(sourced)}


def _items_json(receipt: Receipt, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What a return reports of key works, as ``--json`` prints it; ``verdict`` is its page's."""
    from xl_addin.model.work_items import problems_of_item

    assert receipt.page is not None  # noqa: S101 - asked of those that have one
    told = [problem for problem in receipt.problems if is_of_page(problem)]
    for report in receipt.page.reports:
        yield {
            "code": receipt.district,
            "district": names.get(receipt.district),
            "month": receipt.month,
            "verdict": receipt.page.verdict,
            **report.as_json(),
            "problems": [problem.as_json() for problem in problems_of_item(told, report)],
        }


def as_table(sourced: Sequence[SourcedReceipt], names: Mapping[str, str]) -> ResultTable:
    """What people have to know of each file; no rows where all is well."""
    rows = [
        (r.file, names.get(r.district, "—"), VERDICT_LABELS[r.verdict], says)
        for _, r in sourced
        for says in [problem.message for problem in r.problems] or [r.note]
        if says
    ]
    return ResultTable("收集结果", ("文件", "区县", "结论", "问题"), rows)
