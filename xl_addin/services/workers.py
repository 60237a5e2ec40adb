"""Who judges the files: this process, and where there are enough of them others beside it.

Judging is a pure function of a file's bytes, so nothing but this module knows which. Where processes
can be forked each batch of many files is judged by one of its own; elsewhere they pay for a pool.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from xl_addin.judging.assess import Assessment, Context, assess
from xl_addin.model.records import Figure, ItemReport, Problem, Text, WorkPage
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from xl_addin.system.forks import Forks

MANY = 300
"""From so many files on this process only brings them in and takes the judgements."""
_MIN_FORK_JOBS = 16  # so many take longer than a fork
Job = tuple[bytes, str]
Submit = Callable[[Sequence[Job]], Callable[[], Iterable[Assessment]]]

_context: Context | None = None


def batches_ahead(files: int) -> int:
    """How many batches are begun before the first of them is waited for."""
    if files < MANY:
        return 1
    from xl_addin.system.forks import core_count

    return core_count() + 1


@contextmanager
def start_workers(context: Context, files: int) -> Iterator[Submit]:
    """A function that takes (bytes, file name) jobs and returns what waits for their assessments.

    Without other processes each is assessed when it is taken.
    """
    if files < MANY:
        yield _submit_here(context)
        return
    from xl_addin.system import forks

    if forks.core_count() < 2:
        yield _submit_here(context)
    elif forks.spare_processes():
        with forks.Forks() as beside:
            yield _Batches(context, beside).submit
    else:
        with _process_pool(context) as submit:
            yield submit


def _submit_here(context: Context) -> Submit:
    return lambda jobs: lambda: (assess(data, name, context) for data, name in jobs)


def _assess_all(jobs: Sequence[Job], context: Context) -> list[Assessment]:
    return [assess(data, name, context) for data, name in jobs]


class _Batches:
    """Batches judged by forked processes."""

    def __init__(self, context: Context, beside: Forks) -> None:
        self._context = context
        self._beside = beside
        self._warm = False

    def submit(self, jobs: Sequence[Job]) -> Callable[[], list[Assessment]]:
        """Begin with these jobs."""
        context = self._context
        if len(jobs) < _MIN_FORK_JOBS:
            return lambda: _assess_all(jobs, context)
        # What the first teaches, patterns and the shape of a form, every fork then knows.
        first = [] if self._warm else _assess_all(jobs[:1], context)
        self._warm = True
        others = jobs[len(first) :]
        wait = self._beside.begin(lambda: _dump_assessments(_assess_all(others, context)))

        def result() -> list[Assessment]:
            there = wait()
            return [
                *first,
                *(_assess_all(others, context) if there is None else _load_assessments(there)),
            ]

        return result


@contextmanager
def _process_pool(context: Context) -> Iterator[Submit]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from xl_addin.system.forks import core_count

    with ProcessPoolExecutor(core_count(), get_context("spawn"), _init_worker, (context,)) as pool:

        def submit(jobs: Sequence[Job]) -> Callable[[], list[Assessment]]:
            future = pool.submit(_assess_in_worker, jobs)

            def result() -> list[Assessment]:
                try:
                    return _load_assessments(future.result())
                except Exception:  # whatever ended a worker: this process meets it file by file
                    return _assess_all(jobs, context)

            return result

        yield submit


def _init_worker(context: Context) -> None:
    global _context  # noqa: PLW0603 - a worker process has one context for its life
    _context = context
    from threading import Thread

    # A worker that outlived a killed parent would wait for work for ever.
    Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _assess_in_worker(jobs: Sequence[Job]) -> bytes:
    assert _context is not None  # noqa: S101 - set by _init_worker
    return _dump_assessments(_assess_all(jobs, _context))


def _dump_assessments(judged: Sequence[Assessment]) -> bytes:
    """Plain tuples by marshal, which needs no class for each of a thousand records."""
    return marshal.dumps(
        [
            (
                *j[:4],
                list(map(tuple, j[4])),
                list(map(tuple, j[5])),
                j.sheet,
                list(map(tuple, j[7])),
                j.fault,
                j.page and (*j.page[:2], list(map(tuple, j.page.reports))),
            )
            for j in judged
        ]
    )


def _load_assessments(frozen: bytes) -> list[Assessment]:
    plain = marshal.loads(frozen)  # noqa: S302 - from our own worker
    return [
        Assessment(
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
        for verdict, district, month, round_, problems, figures, sheet, texts, fault, page in plain
    ]
