"""A new ledger from the archive alone: the pages of the run log, and the returned files read again."""

from __future__ import annotations

import hashlib
import json
import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from xl_addin.judging.assess import Context
from xl_addin.model.folder import ARCHIVE, PROGRAMME, RUN_LOGS
from xl_addin.model.problems import make
from xl_addin.model.records import Figure, Number, Problem
from xl_addin.services.archived import archived_files
from xl_addin.services.reading_settings import read_settings_text
from xl_addin.services.workers import Done, Job, Work, Workers, start_workers
from xl_addin.store.contents import Contents
from xl_addin.store.rebuilding import NewLedger, fill_ledger
from xl_addin.store.runlog import ArchivedReceipt, Control, Page, RunLog
from xl_addin.system import held
from xl_addin.system.errors import Refused, Unreadable
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.system.progress import Progress

if TYPE_CHECKING:
    from xl_addin.system.cluster import Cluster

_TOGETHER = 200
_NEAR, _ROUNDING = 1e-9, 1e-12
"""So far two sums of the same numbers may be apart, at all and for each unit that was added up.

Adding n numbers up one after another, as the ledger's own SUM did, is off by n * 1.1e-16 of their size.
"""


class ProgrammeFacts(NamedTuple):
    """What the archive knows of its programme."""

    programme: str
    key: bytes
    year: int
    created: str


_Wanted = tuple[Control, ArchivedReceipt]


def read_facts(folder: Path) -> ProgrammeFacts:
    """The programme that a folder's archive belongs to. Refused when it does not say."""
    path = folder / ARCHIVE / PROGRAMME
    try:
        found = json.loads(held.read_bytes(path))
        return ProgrammeFacts(
            str(found["programme"]),
            bytes.fromhex(found["key"]),
            int(found["year"]),
            str(found.get("created", "")),
        )
    except FileNotFoundError as error:
        raise Refused(
            f"{path}：没有这个文件，不知道归档属于哪个年度任务；请从原来的电脑或备份找回“{ARCHIVE}”文件夹"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path}：读不懂，可能损坏了；请从备份找回它") from error


def replay(
    folder: Path,
    target: Path,
    progress: Progress,
    settings: str = "",
    committed: Collection[str] | None = None,
    cluster: Cluster | None = None,
) -> list[Problem]:
    """Lay down a ledger at ``target`` with everything that the archive of ``folder`` tells.

    ``settings`` are read by where the archive does not tell which it was: returns from before that
    was kept. ``committed`` are the hashes of the pages that the ledger at hand has, as in ``RunLog.pages``.

    Returns what could not be read any more, or reads differently than it did. Refused when a page
    of the run log is missing or damaged.
    """
    facts = read_facts(folder)
    pages = _pages(folder, committed)
    told = {
        "id": facts.programme,
        "secret": facts.key,
        "year": facts.year,
        "created": facts.created,
    }
    with fill_ledger(target, told, folder / ARCHIVE) as ledger:
        problems: list[Problem] = []
        recorded = (text for page in pages for text in page.reading_settings())
        again = _Rereader(folder, facts, next(recorded, settings), cluster)
        for page in progress.over(pages, len(pages), "由归档重建"):
            ledger.add_page(page)
            problems += again.figures(ledger, page)
            fail_point("replay.page")
    return problems


def _pages(folder: Path, committed: Collection[str] | None) -> list[Page]:
    try:
        return list(RunLog(folder / ARCHIVE / RUN_LOGS).pages(committed))
    except Unreadable as error:
        raise Refused(f"{error.message}；请从备份找回它，再运行一次") from error


class _Rereader:
    """The returned files, read again by the settings of their time; many are shared out as in a collection."""

    def __init__(
        self, folder: Path, facts: ProgrammeFacts, settings: str, cluster: Cluster | None
    ) -> None:
        self._files = archived_files(folder)
        self._archive, self._cluster = str((folder / ARCHIVE).absolute()), cluster
        self._facts = facts
        self._settings = settings
        self._parsed: Context | None = None

    def figures(self, ledger: NewLedger, page: Page) -> Iterator[Problem]:
        """Add the figures of a page's receipts, and compare them with its control sums."""
        for text in page.reading_settings():
            self._settings, self._parsed = text, None
        receipts = page.receipts()
        wanted = [(control, receipts[control.receipt]) for control in page.controls()]
        for asked, of_month in groupby(wanted, lambda each: each[1].asked):
            for (control, receipt), found, problem in self._read_all(asked, list(of_month)):
                read = found
                if control.stated is None:
                    # Nobody decided on what was not read then: it does not begin to count by a rebuild.
                    plain = [each._replace(stated=None, stated_cell="") for each in found.figures]
                    read = found._replace(figures=plain)
                ledger.add_contents(read)
                if problem is not None:
                    yield problem
                elif apart := _difference(read.figures, control):
                    yield _problem("reads-differently", receipt, apart)

    def _read_all(
        self, asked: str, wanted: Sequence[_Wanted]
    ) -> Iterator[tuple[_Wanted, Contents, Problem | None]]:
        """Each of these receipts of one month with what is in its file, or why nothing can be told of it."""
        with ExitStack() as stack:
            workers: Workers | None = None
            waiting: deque[Iterator[tuple[_Wanted, Contents, Problem | None]]] = deque()
            for begun in range(0, len(wanted), _TOGETHER):
                batch = wanted[begun : begun + _TOGETHER]
                found = [self._find(receipt) for _, receipt in batch]
                jobs = [each for each in found if not isinstance(each, Problem)]
                if jobs and workers is None:
                    work = Work(self._context(asked), self._archive, keep=False)
                    started = start_workers(work, len(wanted), self._cluster)
                    workers = stack.enter_context(started)
                if workers is None:  # nothing can be read of any so far
                    yield from _contents(batch, found, _nobody, _nobody)
                    continue
                waiting.append(_contents(batch, found, workers.here, workers.submit(jobs)))
                if len(waiting) > workers.ahead:
                    yield from waiting.popleft()
            while waiting:
                yield from waiting.popleft()

    def _find(self, receipt: ArchivedReceipt) -> Job | Problem:
        path = self._files.get(receipt.sha256)
        if path is None:
            return _problem("archive-missing", receipt, "归档里没有这份文件，它的数字读不出来")
        return Job(receipt.file, b"", str(path.absolute()), receipt.sha256)

    def _context(self, month: str) -> Context:
        if not self._settings:
            raise Refused(
                "归档里没有记下当时的指标和区县，主表也读不出来，不能重新读出数字；请先从“备份”恢复主表"
            )
        if self._parsed is None:
            facts = self._facts
            self._parsed = read_settings_text(self._settings, facts.programme, facts.key, month)
        return self._parsed._replace(month=month)


def _nobody(_: Sequence[Job] = ()) -> Iterable[Done | None]:
    return ()


def _contents(
    batch: Sequence[_Wanted],
    jobs: Sequence[Job | Problem],
    here: Callable[[Sequence[Job]], Iterable[Done | None]],
    done: Callable[[], Iterable[Done | None]],
) -> Iterator[tuple[_Wanted, Contents, Problem | None]]:
    read = iter(done())
    for each, job in zip(batch, jobs, strict=True):
        number = each[0].receipt
        if isinstance(job, Problem):
            yield each, Contents(number, ()), job
            continue
        came = next(read)
        if came is None:  # whoever was to read it could not, or it is another file now
            data = held.read_bytes(job.path)
            if hashlib.sha256(data).hexdigest() == job.sha256:
                [came] = here([Job(job.name, data)])
        if came is None or came.judged is None:
            says = f"归档里的 {Path(job.path).name} 和收到时不一样，已损坏或被改过"
            yield each, Contents(number, ()), _problem("archive-changed", each[1], says)
            continue
        found = came.judged
        reports = found.page.reports if found.page else ()
        yield each, Contents(number, found.figures, found.sheet, found.texts, reports), None


def _difference(found: Sequence[Figure], control: Control) -> str:
    """How what was read differs from what was read then; empty where it does not."""
    numbers = [each.value for each in found if each.value is not None]
    stated = [each.stated for each in found if each.stated is not None]
    as_many = (len(found), len(numbers)) == (control.figures, control.numbers)
    if not as_many or not _same_sum(numbers, control.sum):
        return (
            f"现在读出 {len(numbers)} 个数、合计 {math.fsum(numbers):.15g}，"
            f"收到时是 {control.numbers} 个、合计 {control.sum:.15g}"
        )
    count, total = control.stated or 0, control.stated_sum or 0
    if len(stated) != count or not _same_sum(stated, total):
        return (
            f"现在读出区县自己填的累计 {len(stated)} 个、合计 {math.fsum(stated):.15g}，"
            f"收到时是 {count} 个、合计 {total:.15g}"
        )
    return ""


def _same_sum(numbers: Sequence[Number], total: Number) -> bool:
    """Whether a control sum is that of these numbers, however it was added up."""
    size = math.fsum(map(abs, numbers))
    return abs(math.fsum(numbers) - total) <= max(_NEAR, _ROUNDING * size)


def _problem(code: str, receipt: ArchivedReceipt, says: str) -> Problem:
    place = f"回执 {receipt.id}（{receipt.received_at} 收到的“{receipt.file}”）"
    return make(code, f"{place}：{says}", found=receipt.sha256)
