"""Who judges the files: this process for a few, several processes for many.

Judging is a pure function of a file's bytes, so nothing but this module knows which.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from xl_addin.records import Figure, Problem
from xl_addin.returns.intake import Context, Judgement, judge

MANY = 300
Job = tuple[bytes, str]
Judge = Callable[[Sequence[Job]], Callable[[], list[Judgement]]]

_context: Context | None = None


@contextmanager
def judging(context: Context, files: int) -> Iterator[Judge]:
    """A function that takes (bytes, file name) jobs and returns what waits for their judgements."""
    workers = min(os.cpu_count() or 1, 8)
    if files < MANY or workers < 2:
        yield lambda jobs: lambda: [judge(data, name, context) for data, name in jobs]
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Forking needs no new start and no imports, and is safe while there is one thread.
    method = "fork" if sys.platform == "linux" else "spawn"
    with ProcessPoolExecutor(workers, get_context(method), _begin, (context,)) as pool:

        def submit(jobs: Sequence[Job]) -> Callable[[], list[Judgement]]:
            future = pool.submit(_judge_all, jobs)

            def result() -> list[Judgement]:
                try:
                    return _thawed(future.result())
                except BrokenProcessPool:
                    return [judge(data, name, context) for data, name in jobs]

            return result

        submit([])
        yield submit


def _begin(context: Context) -> None:
    global _context  # noqa: PLW0603 - a worker process has one context for its life
    _context = context
    from threading import Thread

    # One that outlived a killed parent would hold its locks for ever.
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge_all(jobs: Sequence[Job]) -> bytes:
    """Plain tuples by marshal, which needs no class for each of a thousand records."""
    assert _context is not None  # noqa: S101 - set by _begin
    judged = (judge(data, name, _context) for data, name in jobs)
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
