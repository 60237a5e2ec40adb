"""Many forms stamped: shared out among this process and others forked from it."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from xl_addin import forks
from xl_addin.forks import Forks
from xl_addin.forms.form import Issue, Kit

Form = tuple[bytes, str]
"""A form's bytes and their SHA-256."""


def stamped(kit: Kit, issues: Sequence[Issue]) -> Iterator[Form]:
    """The form of each issue, in order. Begin while this process has a single thread."""
    shares = forks.spare() + 1 if len(issues) >= forks.WORTH else 1
    ends = [len(issues) * n // shares for n in range(shares + 1)]
    mine, *others = [issues[begun:end] for begun, end in pairwise(ends)]
    with Forks() as beside:
        waiting = [(share, beside.begin(_frozen(kit, share))) for share in others]
        for issue in mine:
            yield _stamp(kit, issue)
        for share, wait in waiting:
            done = wait()
            yield from [_stamp(kit, each) for each in share] if done is None else _thawed(done)


def _thawed(frozen: bytes) -> list[Form]:
    forms: list[Form] = marshal.loads(frozen)  # noqa: S302 - from our own fork
    return forms


def _frozen(kit: Kit, issues: Sequence[Issue]) -> Callable[[], bytes]:
    return lambda: marshal.dumps([_stamp(kit, issue) for issue in issues])


def _stamp(kit: Kit, issue: Issue) -> Form:
    data = kit.stamp(issue)
    return data, hashlib.sha256(data).hexdigest()
