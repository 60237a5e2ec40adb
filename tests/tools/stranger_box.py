"""The first fetch from a mailbox full of strangers' mail: what it takes and what it leaves behind.

    python -m tests.tools.stranger_box [COUNT]

Real Dovecot, messages laid into its Maildir, ``fetch`` in a process of its own, twice; prints seconds, the
peak of resident memory of the process and of its largest child, and what changed in the programme's folder.
"""

from __future__ import annotations

import base64
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.data.make_mails import minimal_book
from tests.tools.mail_programme import PASSWORD, MailProgramme
from tests.tools.mails import letter
from tests.tools.mailservers import MailServers

_RUN = (
    "import resource, sys; from xl_addin.cli import main; code = main(sys.argv[1:]);"
    "own, sub = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN));"
    "told = ', '.join(f'{u.ru_maxrss // 1024} MiB, {u.ru_utime + u.ru_stime:.1f} s of processor'"
    " for u in (own, sub));"
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))"
    # What getrusage says of the process itself begins with what started it.
    ";print(f'itself {told} in children, {peak.strip()}, exit {code}', file=sys.stderr)"
)


_HEAD = (
    "Received: from mx{n} (mx [10.0.0.1]) by hq.test with ESMTP id {n}; Mon, 10 Jul 2023 09:00:00 +0800\r\n"
    "From: somebody{s}@elsewhere.test\r\nTo: hq@hq.test\r\nSubject: meeting {n}\r\n"
    "Message-ID: <{n}@elsewhere.test>\r\nMIME-Version: 1.0\r\n"
)
_TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n"


def strangers(count: int) -> Iterator[bytes]:
    """Private mails: texts, payrolls, pictures; none of them is ours."""
    payroll = base64.encodebytes(minimal_book("工资")).decode()
    picture = base64.encodebytes(bytes(range(256)) * 40).decode()
    files = {20: ("payroll.xlsx", "octet-stream", payroll), 7: ("p.jpg", "octet-stream", picture)}
    for number in range(count):
        head = _HEAD.format(n=number, s=number % 3000)
        said = "您好，请查收。\r\n" * (1 + number % 60)
        file = next((made for every, made in files.items() if number % every == 0), None)
        if file is None:
            yield f"{head}{_TEXT}{said}".encode()
            continue
        name, kind, data = file
        yield (
            f"{head}Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n{_TEXT}{said}\r\n--b1\r\n"
            f"Content-Type: application/{kind}; name={name}\r\nContent-Transfer-Encoding: base64\r\n"
            f"Content-Disposition: attachment; filename={name}\r\n\r\n{data}\r\n--b1--\r\n"
        ).encode()


def main(count: int) -> None:
    """Fill, fetch twice, print."""
    servers = MailServers()
    try:
        with tempfile.TemporaryDirectory() as home:
            programme = MailProgramme(Path(home) / "任务", servers).distribute_forms()
            servers.fill(programme.hq, list(strangers(count)))
            servers.deliver(
                programme.hq,
                letter(
                    programme.box(programme.districts[0]),
                    ("表.xlsx", programme.filled(programme.districts[0])),
                ),
            )
            before = _files(programme.folder)
            for _ in range(2):
                _fetch(programme)
            fresh = sorted(set(_files(programme.folder)) - set(before))
            print("new files:", *(f"\n  {path}" for path in fresh))
            kept = programme.query(
                "SELECT (SELECT COUNT(*) FROM mails), (SELECT COUNT(*) FROM receipts)"
            )
            print("mails and receipts on record:", kept)
    finally:
        servers.stop()


def _fetch(programme: MailProgramme) -> None:
    secret = {"XL_ADDIN_IMAP_PASSWORD": PASSWORD, "XL_ADDIN_SMTP_PASSWORD": PASSWORD}
    began = time.monotonic()
    said = subprocess.run(
        [sys.executable, "-c", _RUN, "fetch", "--folder", str(programme.folder)],
        env=os.environ | secret,
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"{time.monotonic() - began:.1f} s")
    print(said.stdout[-1500:], said.stderr[-600:])


def _files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
