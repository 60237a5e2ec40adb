"""Many forms stamped: shared out among this process and others forked from it."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from xl_addin import forks
from xl_addin.forks import Forks
from xl_addin.forms.form import Issue, Kit
from xl_addin.lean import NamedTuple
from xl_addin.records import District, Identity

_HEAD_START = 1.25


class Form(NamedTuple):
    """A form as it was made: whose it is, its bytes and their SHA-256."""

    identity: Identity
    data: bytes
    sha256: str


def stamped(
    kit: Kit, districts: Sequence[District], issue: Callable[[District], Issue]
) -> Iterator[Form]:
    """Each district's form, in order. Begin while this process has a single thread."""

    def stamp(district: District) -> Form:
        issued = issue(district)
        data = kit.stamp(issued)
        return Form(issued.identity, data, hashlib.sha256(data).hexdigest())

    def frozen(share: Sequence[District]) -> Callable[[], bytes]:
        return lambda: marshal.dumps([(tuple(f.identity), *f[1:]) for f in map(stamp, share)])

    shares = forks.spare() + 1 if len(districts) >= forks.WORTH else 1
    # This process begins at once; a fork has to be made, and what it made has to come back.
    first = round(len(districts) * _HEAD_START / (_HEAD_START + shares - 1))
    rest = len(districts) - first
    ends = [first + rest * n // max(shares - 1, 1) for n in range(shares)]
    mine, others = districts[:first], [districts[begun:end] for begun, end in pairwise(ends)]
    with Forks() as beside:
        waiting = [(share, beside.begin(frozen(share))) for share in others]
        yield from map(stamp, mine)
        for share, wait in waiting:
            done = wait()
            yield from map(stamp, share) if done is None else _thawed(done)


def _thawed(frozen: bytes) -> Iterator[Form]:
    # What is loaded comes from our own fork.
    for identity, data, digest in marshal.loads(frozen):  # noqa: S302
        yield Form(Identity(*identity), data, digest)
