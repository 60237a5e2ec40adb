"""Taking mails: each once onto the disk, whatever breaks on the way, and what did not go is told.

Proves also store/inbox.py.
"""

import errno
import hashlib

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.tools import mail_programme
from tests.tools.faults import disk_faults
from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.systems import syncs_folders
from xl_addin.master.read.account_rows import read_account
from xl_addin.services import fetching
from xl_addin.store import inbox
from xl_addin.system.errors import Refused

ABORT = IMAPClient.AbortError("gone")


class Visitor:
    """A programme whose mailbox is in memory; ``kept`` are the mails on its disk."""

    def __init__(self, programme, postoffice):
        self.programme, self.postoffice = programme, postoffice

    def arrive(self, *texts, size=0, sender=""):
        sender = sender or self.programme.box(self.programme.districts[0])
        for text in texts:
            head = f"Message-ID: <{text}@x>\nSubject: {text}\nFrom: {sender}\n\n"
            self.postoffice.deliver(self.programme.hq, head.encode() + b"x" * size)

    def take(self, look=False):
        under_test = self.programme.open_programme()
        try:
            account = read_account(under_test.host)[0]
            if look:
                return fetching.new_entries(under_test, account).listed
            return fetching.fetch_new(under_test, account, MONTH)
        finally:
            under_test.close()

    def kept(self):
        """The subjects on the disk, each file under its own hash and known to the ledger."""
        rows = {sha for (sha,) in self.programme.query("SELECT sha256 FROM mails")}
        home = inbox.mail_folder(self.programme.folder)
        files = sorted(home.glob("*")) if home.exists() else []
        assert {path.stem for path in files if path.suffix == ".eml"} == rows
        assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.stem for path in files)
        return sorted(
            path.read_bytes().split(b"Subject: ")[1].split()[0].decode() for path in files
        )


@pytest.fixture
def visitor(tmp_path, postoffice, monkeypatch):
    mail_programme.environment(monkeypatch)
    return Visitor(MailProgramme(tmp_path / "任务", postoffice, 1), postoffice)


def counts(taken):
    return taken.listed, taken.fetched, taken.fresh


def test_what_is_new_is_taken_and_the_next_visit_downloads_nothing(visitor):
    visitor.arrive("a", "b")
    assert [entry.size > 0 for entry in visitor.take(look=True)] == [True, True]
    assert counts(visitor.take()) == (2, 2, 2)
    assert visitor.take(look=True) == []
    visitor.arrive("c")
    assert counts(visitor.take()) == (3, 1, 1)
    assert visitor.kept() == ["a", "b", "c"]


def test_a_mail_of_no_bytes_is_no_trouble_and_keeps_nothing_back(visitor):
    visitor.postoffice.fill(visitor.programme.hq, [b""])
    visitor.arrive("a")
    for fetched in (1, 0):
        taken = visitor.take()
        assert (taken.listed, taken.fetched, taken.troubles) == (2, fetched, ())
    assert visitor.kept() == ["a"]


def test_mails_that_are_numbered_anew_are_known_by_number_and_head_or_else_by_their_bytes(visitor):
    visitor.arrive("a", "b")
    visitor.take()
    box = visitor.programme.hq
    visitor.postoffice.forget_uids(box)  # as Courier in each session of a box that is only read
    assert counts(visitor.take()) == (2, 0, 0)
    del visitor.postoffice.folders(box)["INBOX"].stored[0]
    visitor.postoffice.forget_uids(box)
    assert counts(visitor.take()) == (1, 1, 0)


@pytest.mark.parametrize("step", ["search", "list", "whole", "piece", "select"])
def test_a_wire_that_breaks_once_is_made_again_and_nothing_is_lost(visitor, step):
    visitor.arrive("a", "b")
    visitor.arrive("c", size=3 << 20)
    visitor.postoffice.faults.plan(f"imap.{step}", ABORT)
    assert visitor.take().troubles == ()
    assert visitor.kept() == ["a", "b", "c"]


def test_a_wire_that_breaks_every_time_is_refused_where_nothing_came(visitor):
    visitor.arrive("a")
    visitor.postoffice.faults.plan("imap.whole", ABORT, times=99)
    with pytest.raises(Refused, match="又连了 2 次"):
        visitor.take()
    assert visitor.postoffice.faults.reached["imap.connect"] == 3
    assert visitor.kept() == []


def test_what_came_before_the_wire_broke_for_good_is_kept_and_the_rest_told(visitor):
    visitor.arrive("big", size=3 << 20)
    visitor.arrive("a", "b")
    visitor.postoffice.faults.plan("imap.piece", ABORT, at=2, times=99)
    taken = visitor.take()
    assert (taken.fetched, len(taken.troubles)) == (2, 1)
    assert visitor.kept() == ["a", "b"]
    visitor.postoffice.faults.clear()
    visitor.take()
    assert visitor.kept() == ["a", "b", "big"]


def test_a_wire_that_breaks_often_is_made_again_as_long_as_something_comes(visitor):
    visitor.arrive(*(f"m{n}" for n in range(100)))
    for time in range(4):
        visitor.postoffice.faults.plan("imap.whole", ABORT, at=2 * (time + 1))
    assert visitor.take().troubles == ()
    assert (visitor.postoffice.faults.reached["imap.connect"], len(visitor.kept())) == (5, 100)


def test_a_mail_at_which_the_wire_breaks_keeps_no_other_back(visitor):
    visitor.arrive("breaks", "comes", size=5 << 20)
    visitor.postoffice.faults.plan("imap.piece 1", ABORT, times=99)
    taken = visitor.take()
    assert (taken.fetched, len(taken.troubles)) == (1, 1)
    assert visitor.kept() == ["comes"]


def test_a_refusal_half_way_keeps_what_came_and_one_at_the_start_is_a_refusal(visitor):
    visitor.arrive("big", size=2 << 20)
    visitor.arrive(*"abcdefghijklmnopqrstu")
    visitor.postoffice.faults.plan("imap.whole", IMAPClientError("no"), at=2)
    taken = visitor.take()
    assert (taken.fetched > 0, len(taken.troubles)) == (True, 1)
    assert len(visitor.kept()) == taken.fetched
    visitor.postoffice.faults.plan("imap.search", IMAPClientError("no"))
    with pytest.raises(Refused):
        visitor.take()
    visitor.take()
    assert len(visitor.kept()) == 22


def test_looking_only_is_refused_when_the_wire_breaks(visitor):
    visitor.postoffice.faults.plan("imap.search", ABORT)
    with pytest.raises(Refused, match="连接断开"):
        visitor.take(look=True)


def test_mails_that_a_mailbox_counts_and_does_not_list_are_told(visitor):
    visitor.arrive("a")
    visitor.postoffice.hidden = 30
    [says] = visitor.take().troubles
    assert "31" in says


def test_a_mail_of_which_nothing_comes_is_told_and_fetched_next_time(visitor, monkeypatch):
    visitor.arrive("a", "b")
    folder = visitor.postoffice.folders(visitor.programme.hq)["INBOX"]
    whole, folder.stored = folder.stored, list(folder.stored)
    gone = []

    def vanish(step):
        if step == "imap.whole" and not gone:
            gone.append(folder.stored.pop())

    monkeypatch.setattr(visitor.postoffice.faults, "reach", vanish)
    taken = visitor.take()
    assert (taken.fetched, len(taken.troubles)) == (1, 1)
    folder.stored = whole
    assert visitor.take().fetched == 1
    assert visitor.kept() == ["a", "b"]


@pytest.mark.parametrize("moves", [True, False])
def test_taken_mails_are_put_away_and_what_stands_in_the_way_is_told(visitor, moves):
    visitor.programme.set(imap_taken="已取")
    visitor.postoffice.capabilities = {"MOVE"} if moves else set()
    visitor.arrive("a")
    visitor.postoffice.faults.plan("imap.create", IMAPClientError("[OVERQUOTA] full"))
    taken = visitor.take()
    assert (taken.fetched, ["已取" in says for says in taken.troubles]) == (1, [True])
    visitor.arrive("b")
    assert visitor.take().troubles == ()
    folders = visitor.postoffice.folders(visitor.programme.hq)
    assert len(folders["INBOX"].stored) == (0 if moves else 2)
    assert visitor.kept() == ["a", "b"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("replace", errno.EPERM),
        ("replace", errno.ENOSPC),
        pytest.param("open", errno.EIO, marks=syncs_folders),
    ],
)
def test_a_disk_that_fails_leaves_no_half_mail_and_the_next_visit_takes_all(
    visitor, monkeypatch, step, code
):
    visitor.arrive("a", "b", "c")
    with monkeypatch.context() as patch:
        disk_faults(patch, inbox.mail_folder(visitor.programme.folder)).plan(
            step, OSError(code, "disk")
        )
        with pytest.raises(OSError, match="disk"):
            visitor.take()
    home = inbox.mail_folder(visitor.programme.folder)
    assert list(home.glob("*.tmp")) == []
    assert len(visitor.programme.query("SELECT * FROM mails")) == 0
    visitor.take()
    assert visitor.kept() == ["a", "b", "c"]


def test_a_listed_head_is_told_as_people_read_it():
    head = "From: 王 <a@d.test>\r\nSubject: =?gbk?B?wfk=?=\r\n\r\n".encode("gbk")
    entry = fetching.ListedMail(1, 2, "x", "", head)
    assert [head[1:] for head in fetching.describe_entries([entry])] == [("王 <a@d.test>", "六")]
