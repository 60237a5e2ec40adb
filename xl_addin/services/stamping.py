"""Many forms stamped: shared out among this process and others forked from it."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Generator, Sequence
from itertools import pairwise

from xl_addin.form.stamp import FormTemplate, FormTemplates, Issue
from xl_addin.model.records import District, Identity
from xl_addin.system import forks
from xl_addin.system.atomic import Batch
from xl_addin.system.forks import Forks
from xl_addin.system.light import NamedTuple

_WORTH = 200  # so many forms take longer than a fork
_HEAD_START = 1.25  # this process begins at once, a fork has to be made first


class StampedForm(NamedTuple):
    """A form as it was made: whose it is, its bytes where they were not taken, their SHA-256."""

    identity: Identity
    data: bytes
    sha256: str


class StampingJob(NamedTuple):
    """What a run of stamping works with.

    ``issue`` gives a district's content, ``place`` the path at which ``batch`` writes the form;
    where that is "" its bytes are handed back instead.
    """

    template: FormTemplate | FormTemplates
    issue: Callable[[District], Issue]
    place: Callable[[District], str]
    batch: Batch


def stamp_forms(
    job: StampingJob, districts: Sequence[District]
) -> Generator[StampedForm, None, None]:
    """Each district's form, in order; to be closed when the others are no longer wanted."""
    shares = forks.spare_processes() + 1 if len(districts) >= _WORTH else 1
    first = round(len(districts) * _HEAD_START / (_HEAD_START + shares - 1))
    rest = len(districts) - first
    ends = [first + rest * n // max(shares - 1, 1) for n in range(shares)]
    with Forks() as beside:
        waiting = [
            (districts[begun:end], beside.begin(_share_work(job, districts[begun:end])))
            for begun, end in pairwise(ends)
        ]
        for district in districts[:first]:
            yield _stamp(job, district)
        for share, wait in waiting:
            done = wait()
            # What is loaded comes from our own fork.
            staged, forms = (None, None) if done is None else marshal.loads(done)  # noqa: S302
            job.batch.adopt(staged)
            if forms is None:
                yield from (_stamp(job, district) for district in share)
            else:
                yield from (StampedForm(Identity(*whose), *made) for whose, *made in forms)


def _stamp(job: StampingJob, district: District) -> StampedForm:
    issue, path = job.issue(district), job.place(district)
    data = job.template.stamp(issue)
    digest = hashlib.sha256(data).hexdigest()
    if path:
        job.batch.put(path, data)
    return StampedForm(issue.identity, b"" if path else data, digest)


def _share_work(job: StampingJob, districts: Sequence[District]) -> Callable[[], bytes]:
    def work() -> bytes:
        own = job._replace(batch=Batch(len(districts)))
        forms = [_stamp(own, district) for district in districts]
        plain = [(tuple(form.identity), form.data, form.sha256) for form in forms]
        return marshal.dumps((own.batch.stage(), plain))

    return work
