"""Who judges the files: this process, and where there are enough of them others beside it.

Judging is a pure function of a file's bytes, so nothing but this module knows which. Where processes
can be forked each batch of many files is judged by one of its own; elsewhere they pay for a pool.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from xl_addin.judging.identify import Context, Judgement, judge
from xl_addin.model.records import Figure, Problem
from xl_addin.system import forks
from xl_addin.system.forks import Forks

MANY = 300
"""From so many files on this process only brings them in and takes the judgements."""
_WORTH = 16  # so many take longer than a fork
Job = tuple[bytes, str]
Judge = Callable[[Sequence[Job]], Callable[[], Iterable[Judgement]]]

_context: Context | None = None


def ahead(files: int) -> int:
    """How many batches are begun before the first of them is waited for."""
    return forks.cores() + 1 if files >= MANY else 1


@contextmanager
def judging(context: Context, files: int) -> Iterator[Judge]:
    """A function that takes (bytes, file name) jobs and returns what waits for their judgements.

    This process by itself judges each when it is asked for.
    """
    if files < MANY or forks.cores() < 2:
        yield lambda jobs: lambda: (judge(data, name, context) for data, name in jobs)
    elif forks.spare():
        with Forks() as beside:
            yield _Batches(context, beside).submit
    else:
        with _pool(context) as submit:
            yield submit


def _judged(jobs: Sequence[Job], context: Context) -> list[Judgement]:
    return [judge(data, name, context) for data, name in jobs]


class _Batches:
    """Batches judged by forked processes."""

    def __init__(self, context: Context, beside: Forks) -> None:
        self._context = context
        self._beside = beside
        self._warm = False

    def submit(self, jobs: Sequence[Job]) -> Callable[[], list[Judgement]]:
        """Begin with these jobs."""
        context = self._context
        if len(jobs) < _WORTH:
            return lambda: _judged(jobs, context)
        # What the first teaches, patterns and the shape of a form, every fork then knows.
        first = [] if self._warm else _judged(jobs[:1], context)
        self._warm = True
        others = jobs[len(first) :]
        wait = self._beside.begin(lambda: _frozen(_judged(others, context)))

        def result() -> list[Judgement]:
            there = wait()
            return [*first, *(_judged(others, context) if there is None else _thawed(there))]

        return result


@contextmanager
def _pool(context: Context) -> Iterator[Judge]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(forks.cores(), get_context("spawn"), _begin, (context,)) as pool:

        def submit(jobs: Sequence[Job]) -> Callable[[], list[Judgement]]:
            future = pool.submit(_judge_all, jobs)

            def result() -> list[Judgement]:
                try:
                    return _thawed(future.result())
                except BrokenProcessPool:
                    return _judged(jobs, context)

            return result

        yield submit


def _begin(context: Context) -> None:
    global _context  # noqa: PLW0603 - a worker process has one context for its life
    _context = context
    from threading import Thread

    # A worker that outlived a killed parent would wait for work for ever.
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge_all(jobs: Sequence[Job]) -> bytes:
    assert _context is not None  # noqa: S101 - set by _begin
    return _frozen(_judged(jobs, _context))


def _frozen(judged: Sequence[Judgement]) -> bytes:
    """Plain tuples by marshal, which needs no class for each of a thousand records."""
    return marshal.dumps(
        [
            (*j[:4], [tuple(p) for p in j.problems], [tuple(f) for f in j.figures], j.sheet)
            for j in judged
        ]
    )


def _thawed(frozen: bytes) -> list[Judgement]:
    # What is loaded comes from our own worker.
    return [
        Judgement(
            verdict,
            district,
            month,
            round_,
            tuple(map(Problem._make, problems)),
            tuple(map(Figure._make, figures)),
            sheet,
        )
        for verdict, district, month, round_, problems, figures, sheet in marshal.loads(frozen)  # noqa: S302
    ]
