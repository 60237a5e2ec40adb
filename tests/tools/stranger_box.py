"""The first fetch from a mailbox full of strangers' mail: what it takes and what it leaves behind.

    python -m tests.tools.stranger_box [COUNT]

Real Dovecot, messages laid into its Maildir, ``fetch`` in a process of its own, twice; prints seconds, the
peak of resident memory of the process and of its largest child, and what changed in the programme's folder.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
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
    "print(f'itself {told} in children, exit {code}', file=sys.stderr)"
)


def strangers(count: int, seed: int = 17) -> list[bytes]:
    """Private mails: texts, payrolls, pictures, notices; none of them is ours."""
    chance = random.Random(seed)
    payroll = minimal_book("工资")
    made = []
    for number in range(count):
        mail = EmailMessage()
        mail["From"] = f"somebody{chance.randrange(3000)}@elsewhere.test"
        mail["To"], mail["Subject"] = "hq@hq.test", f"第 {number} 封：关于会议的通知"
        mail["Message-ID"] = f"<{number}.{chance.random()}@elsewhere.test>"
        mail.set_content("您好，请查收。\n" * chance.randrange(1, 60))
        if number % 20 == 0:
            mail.add_attachment(
                payroll, maintype="application", subtype="octet-stream", filename="工资表.xlsx"
            )
        elif number % 7 == 0:
            mail.add_attachment(
                chance.randbytes(8_000), maintype="image", subtype="jpeg", filename="图.jpg"
            )
        made.append(mail.as_bytes())
    return made


def main(count: int) -> None:
    """Fill, fetch twice, print."""
    servers = MailServers()
    try:
        with tempfile.TemporaryDirectory() as home:
            programme = MailProgramme(Path(home) / "任务", servers).distribute_forms()
            servers.fill(programme.hq, strangers(count))
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
