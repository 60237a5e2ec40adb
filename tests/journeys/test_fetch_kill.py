"""Kill -9 at every fail point of fetch and run again: the same end as if nothing had happened."""

import hashlib
import os
import subprocess
import sys

import pytest

from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.mailservers import PASSWORD
from tests.tools.systems import KILLED
from tests.verbs.test_fetch import letter, reply
from xl_addin.model.folder import ARCHIVE
from xl_addin.store import inbox

POINTS = (
    "fetch.listed",
    "fetch.piece",
    "fetch.piece:4",
    "fetch.written:3",
    "fetch.spooled:2",
    "fetch.before-commit",
    "fetch.committed",
    "fetch.committed:2",
    "fetch.begun",
    "fetch.read",
    "fetch.recorded",
    "fetch.finished",
    "runlog.written",
    "runlog.written:3",
    "ledger.committed",
    "ledger.committed:3",
    "ledger.committed:4",
)
MOVING = (
    "fetch.piece:4",
    "fetch.before-commit",
    "fetch.committed:2",
    "fetch.moved",
    "fetch.moved:2",
)


def run(programme, point=""):
    environment = {**os.environ, "XL_ADDIN_IMAP_PASSWORD": PASSWORD, "XL_ADDIN_FAILPOINT": point}
    command = [sys.executable, "-m", "xl_addin", "fetch", "--json", "--month", MONTH]
    return subprocess.run(
        [*command, "--folder", str(programme.folder)], env=environment, capture_output=True
    )


def arranged(folder, mail, taken):
    """A programme with a mailbox of everything: returns good and bad, strangers, letters, twice."""
    programme = MailProgramme(folder, mail).distribute_forms()
    programme.set(imap_taken=taken)
    first, second, third, fourth, _ = programme.districts
    form = programme.form(fourth)
    box = [
        reply(programme, first),
        reply(programme, second, figures=(1, 2, 3)),
        reply(programme, third, sender="x@x.test"),
        letter(programme.box(fourth), ("原表.xlsx", form)),
        reply(programme, first, subject="again"),
        letter(programme.box(second), subject="收到"),
        *(letter("news@x.test", subject=f"{n}", Message_ID=f"<{n}@x>") for n in range(18)),
    ]
    mail.fill(programme.hq, box, 1_688_000_000)
    return programme


def state(programme, mail):
    """All that has to be the same in the end, whatever happened on the way."""
    kept = [path.name for path in inbox.mail_folder(programme.folder).glob("*.eml")]
    archive = [path.name for path in (programme.folder / ARCHIVE).glob("*.xlsx")]
    where = {
        folder: sorted(
            hashlib.sha256(raw).hexdigest() for raw in mail.messages(programme.hq, folder)
        )
        for folder in ("", "Taken")
    }
    receipts = programme.query("SELECT file, district, verdict FROM returns ORDER BY 1, 2, 3")
    figures = programme.query(
        "SELECT c.district, f.indicator, f.value FROM counting c JOIN figures f ON f.receipt=c.receipt"
    )
    read = programme.query("SELECT kind, COUNT(*) FROM mail_read GROUP BY kind")
    known = programme.query("SELECT (SELECT COUNT(*) FROM mails), (SELECT COUNT(*) FROM mail_seen)")
    return len(kept), len(archive), where, receipts, sorted(figures), read, known


def undisturbed(folder, mail, taken):
    programme = arranged(folder, mail, taken)
    assert run(programme).returncode == 1
    return state(programme, mail)


@pytest.fixture(scope="module")
def expected(tmp_path_factory, servers):
    """The end state without a fault, with mails left and with mails moved; of 24 mails 6 are kept."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return {
        taken: undisturbed(folder / (taken or "left"), servers, taken) for taken in ("", "Taken")
    }


def alike(one, other):
    """The same but for the addresses, which every programme has its own of."""

    def bare(said):
        kept, archive, where, *rest = said
        return [kept, archive, {folder: len(found) for folder, found in where.items()}, *rest]

    return bare(one) == bare(other)


@pytest.mark.parametrize(
    ("point", "taken"), [*((p, "") for p in POINTS), *((p, "Taken") for p in MOVING)]
)
def test_killed_anywhere_it_comes_to_the_same_end(point, taken, tmp_path, mail, expected):
    programme = arranged(tmp_path / "年度 任务", mail, taken)
    assert run(programme, point).returncode == KILLED
    again = run(programme)
    assert again.returncode in (0, 1), again.stderr.decode()
    assert alike(state(programme, mail), expected[taken])
    assert expected[taken][-1] == [(6, 24)]  # of strangers a number is noted, and nothing kept
    for left in inbox.mail_folder(programme.folder).glob("*.tmp"):
        os.utime(left, (0, 0))
    assert run(programme).returncode == 0
    assert not list(inbox.mail_folder(programme.folder).glob("*.tmp"))
    assert alike(state(programme, mail), expected[taken])
