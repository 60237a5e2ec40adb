"""Who reads, keeps and judges the files: this process, others beside it, or other machines.

All of it is one function of a list of jobs, handed to whatever has ``concurrent.futures``' ``submit``; nothing but
this module knows which that is. Whatever is not done there, for whatever reason, this process does itself
and meets the reason itself, so that figures, problems and their order are the same everywhere.
"""

from __future__ import annotations

import gc
import hashlib
import io
import marshal
import os
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from xl_addin.judging.assess import Assessment, Context, assess
from xl_addin.model.filetypes import KNOWN_SUFFIXES, OLE_START, is_plain_workbook
from xl_addin.model.records import Figure, ItemReport, Problem, Text, WorkPage
from xl_addin.system import held
from xl_addin.system.atomic import Batch
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, Protocol
from xl_addin.xlsx.package import MAX_FILE

if TYPE_CHECKING:
    from typing import Any

    from xl_addin.system.cluster import Cluster

MANY = 300
"""From so many files on this process only orders and records what others have read and judged."""
_MIN_FORK_JOBS = 16  # so many take longer than a fork


class Job(NamedTuple):
    """A file to judge: its bytes, or where they lie.

    ``sha256`` is what they have to be, "" for a file that is new and goes into the archive. ``facts`` are the size
    and the time that a new one was listed with.
    """

    name: str
    data: bytes = b""
    path: str = ""
    sha256: str = ""
    facts: tuple[int, float] = (0, 0.0)

    @property
    def is_new(self) -> bool:
        """Whether nothing is known of it yet but where it lies."""
        return bool(self.path) and not self.sha256


class Done(NamedTuple):
    """What became of a job; all but ``judged`` is told of new files only.

    ``data`` is there where the file has to be taken apart, or may be a paper. ``judged`` is None for those and where
    the archive had the file before: the ledger may know it.
    """

    judged: Assessment | None
    sha256: str = ""
    saved: float = 0.0
    data: bytes | None = None


class Work(NamedTuple):
    """What jobs of one run have in common.

    ``archive`` is where new files are kept, ``keep`` is off in a rehearsal. Other machines have to see ``sign``
    there: it says that they look at this very folder.
    """

    context: Context
    archive: str = ""
    keep: bool = True
    sign: str = ""

    def path(self, name: str, sha256: str) -> str:
        """Where the archive has a file that came under this name."""
        suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a Path for each costs more
        kept = sha256 + (suffix if suffix in KNOWN_SUFFIXES else ".bin")
        return f"{self.archive}{os.sep}{kept}"

    def has(self, name: str, done: Done) -> bool:
        """Whether the archive has a file that somebody else read."""
        return os.path.exists(self.path(name, done.sha256))  # noqa: PTH110 - one of many


class TooLarge(Exception):
    """A file larger than any that is read; ``facts`` is what the system knows of it."""

    def __init__(self, facts: os.stat_result) -> None:
        super().__init__(facts.st_size)
        self.facts = facts


class Pending(Protocol):
    """What is being done elsewhere."""

    def result(self) -> bytes:
        """What it came to; raises where it came to no end."""


class Executor(Protocol):
    """As much of ``concurrent.futures.Executor`` as is asked of it."""

    def submit(self, work: Callable[..., bytes], /, *given: Any) -> Pending:
        """Begin with it."""


def read_file(path: str) -> tuple[bytes, os.stat_result]:
    """A file's bytes and what the system knows of it. Raises OSError, MemoryError and TooLarge."""
    handle = held.open_handle(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        facts = os.fstat(handle)
        if facts.st_size > MAX_FILE:
            raise TooLarge(facts)
        return _content(handle, facts.st_size), facts
    finally:
        os.close(handle)


def _content(handle: int, size: int) -> bytes:
    """A whole file, as a rule in one read, which buffers that grow would not be."""
    data = os.read(handle, size + 1)
    if len(data) != size:
        with io.FileIO(handle, closefd=False) as rest:
            data += rest.readall()
    return data


class _Read(NamedTuple):
    data: bytes
    sha256: str = ""
    saved: float = 0.0


def carry_out(jobs: Sequence[Job], work: Work) -> Iterator[Done | None]:
    """Each job in order, None where whoever asked has to look himself; a new file is kept before it is parsed.

    Raises OSError where the archive cannot be written.
    """
    read = deque(map(_read, jobs))
    for job, had in zip(jobs, _archive(jobs, read, work), strict=True):
        found = read.popleft()
        if found is None:
            yield None
        elif not job.is_new:
            yield Done(assess(found.data, job.name, work.context))
        elif had:
            yield Done(None, found.sha256, found.saved)
        elif _is_for_the_head(found.data, work.context):
            yield Done(None, found.sha256, found.saved, found.data)
        else:
            judged = assess(found.data, job.name, work.context)
            yield Done(judged, found.sha256, found.saved)


def _read(job: Job) -> _Read | None:
    if not job.path:
        return _Read(job.data)
    try:
        data, facts = read_file(job.path)
    except (OSError, MemoryError, TooLarge):
        return None
    digest = hashlib.sha256(data).hexdigest()
    if job.is_new:
        # Another size or time: it is being written, or lies on another disk.
        same = (facts.st_size, facts.st_mtime) == job.facts
        return _Read(data, digest, facts.st_mtime) if same else None
    return _Read(data) if digest == job.sha256 else None


def _archive(jobs: Sequence[Job], read: Iterable[_Read | None], work: Work) -> list[bool]:
    """Keep what is new; for each job whether the archive had it before."""
    had: list[bool] = []
    putting: set[str] = set()
    with Batch(len(jobs) if work.keep else 0) as batch:
        for job, found in zip(jobs, read, strict=True):
            if found is None or not job.is_new:
                had.append(False)
                continue
            path = work.path(job.name, found.sha256)
            there = path not in putting and os.path.exists(path)  # noqa: PTH110 - one of many
            had.append(there)
            if work.keep and not there and path not in putting and not _may_be_paper(found, work):
                putting.add(path)
                batch.put(path, found.data)
    return had


def _may_be_paper(found: _Read, work: Work) -> bool:
    """Whether it may be a paper, which is not kept among the returns."""
    if not work.context.papers:
        return False
    from xl_addin.formats.document_text import document_kind

    return found.data.startswith(OLE_START) or bool(document_kind(found.data))


def _is_for_the_head(data: bytes, context: Context) -> bool:
    """Whether a file is more than a file, or may be none of the returns: that needs more than the bytes."""
    if context.papers and _may_be_paper(_Read(data), Work(context)):
        return True
    if is_plain_workbook(data):
        return False
    from xl_addin.formats.archives import is_archive
    from xl_addin.mail.saved import mails_in

    try:
        return is_archive(data) or bool(mails_in(data))
    except KeyboardInterrupt:
        raise
    except BaseException:  # whoever asked meets it where it is told with the file
        return True


class Workers:
    """Whoever does the jobs of one run; ``beside`` says whether that is somebody else than this process.

    ``ahead`` is how many batches are begun before the first of them is waited for.
    """

    def __init__(
        self,
        work: Work,
        executor: Executor | None = None,
        ahead: int = 1,
        *,
        fewest: int = 0,
        shared: object = None,
        forked: bool = False,
    ) -> None:
        self._work, self._executor, self.ahead = work, executor, ahead
        self._fewest, self._shared, self._cold = fewest, shared or work, forked

    @property
    def beside(self) -> bool:
        """Whether others take jobs."""
        return self._executor is not None

    def here(self, jobs: Sequence[Job]) -> Iterator[Done | None]:
        """The same jobs done by this process."""
        return carry_out(jobs, self._work)

    def submit(self, jobs: Sequence[Job]) -> Callable[[], Iterable[Done | None]]:
        """Begin with these jobs: what waits for what they came to, in order.

        Without others each is done when it is taken.
        """
        work = self._work
        if self._executor is None or len(jobs) < (self._fewest or _MIN_FORK_JOBS):
            return lambda: carry_out(jobs, work)
        # What the first teaches, patterns and the shape of a form, every fork then knows.
        first = list(carry_out(jobs[:1], work)) if self._cold else []
        self._cold = False
        others = jobs[len(first) :]
        pending = self._executor.submit(carry_out_there, others, self._shared)

        def result() -> Iterator[Done | None]:
            yield from first
            try:
                there: Iterable[Done | None] = _load(pending.result())
            except Exception:  # whatever ended it there: here it is met file by file
                there = carry_out(others, work)
            yield from there

        return result


@contextmanager
def cluster_of(options: Mapping[str, str]) -> Iterator[Cluster | None]:
    """The cluster that a verb was told to use, if it was. Refused where that cannot be used."""
    address = options.get("cluster")
    if not address:
        yield None
        return
    from xl_addin.system.cluster import open_cluster

    with open_cluster(address) as cluster:
        yield cluster


@contextmanager
def start_workers(work: Work, files: int, cluster: Cluster | None = None) -> Iterator[Workers]:
    """Who does the jobs of a run of about so many files: the cluster, forks, a pool, or this process."""
    if cluster is not None:
        with cluster.at(work.archive) as sign:
            if sign:
                shared = cluster.share(work._replace(sign=sign))
                yield Workers(work, cluster, 2 * cluster.threads, fewest=1, shared=shared)
            else:
                yield Workers(work)
        return
    if files < MANY:
        yield Workers(work)
        return
    from xl_addin.system import forks

    cores = forks.core_count()
    if cores < 2:
        yield Workers(work)
    elif forks.spare_processes():
        with forks.Forks() as beside:
            yield Workers(work, beside, cores + 1, forked=True)
    else:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(cores, get_context("spawn"), _end_with_parent) as pool:
            yield Workers(work, pool, cores + 1)


def _end_with_parent() -> None:
    """A worker that outlived a killed parent would wait for work for ever."""
    from multiprocessing import parent_process
    from threading import Thread

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


_at_work = allocate_lock()


def carry_out_there(jobs: Sequence[Job], work: Work) -> bytes:
    """The same in another process, for ``_load``. Raises FileNotFoundError where that does not see the archive."""
    if work.sign and not os.path.exists(work.sign):  # noqa: PTH110 - as it was said
        raise FileNotFoundError(work.sign)
    with _at_work:  # judging keeps what it learned of the last form, and is no faster in threads
        gc.disable()  # as in ``start``: what a batch leaves behind holds no cycles worth looking for
        try:
            return _dump(carry_out(jobs, work))
        finally:
            gc.enable()


def _dump(done: Iterable[Done | None]) -> bytes:
    """Plain tuples by marshal, which needs no class for each of a thousand records."""
    return marshal.dumps(
        [each and (each.judged and _plain(each.judged), *each[1:]) for each in done], 4
    )


def _plain(j: Assessment) -> tuple[object, ...]:
    return (
        *j[:4],
        list(map(tuple, j[4])),
        list(map(tuple, j[5])),
        j.sheet,
        list(map(tuple, j[7])),
        j.fault,
        j.page and (*j.page[:2], list(map(tuple, j.page.reports))),
    )


def _load(frozen: bytes) -> list[Done | None]:
    return [
        each and Done(each[0] and _assessment(*each[0]), *each[1:])
        for each in marshal.loads(frozen)  # noqa: S302 - from our own worker
    ]


def _assessment(
    verdict: str,
    district: str,
    month: str,
    round_: int,
    problems: Any,
    figures: Any,
    sheet: str,
    texts: Any,
    fault: str,
    page: Any,
) -> Assessment:
    return Assessment(
        verdict,
        district,
        month,
        round_,
        tuple(map(Problem._make, problems)),
        tuple(map(Figure._make, figures)),
        sheet,
        tuple(map(Text._make, texts)),
        fault,
        page and WorkPage(page[0], page[1], tuple(map(ItemReport._make, page[2]))),
    )
