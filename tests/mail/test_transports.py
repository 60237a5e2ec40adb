"""The ways beside SMTP: mail files that any program opens, and what would be asked of Outlook."""

from datetime import datetime
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace

import pytest

from tests.tools import forms, offices
from tests.tools.offices import MONTH, Programme
from xl_addin.mail.transports.base import Mail
from xl_addin.mail.transports.outlook import OutlookWay
from xl_addin.model.folder import MAIL
from xl_addin.system.errors import Refused
from xl_addin.verbs import send

FILES = {"mail_way": "邮件文件", "smtp_host": None, "imap_host": None, "mail_ca_file": None}


@pytest.fixture
def programme(tmp_path, mail):
    return Programme(tmp_path / "任务 2023", mail, 3, **FILES).distributed()


def files(programme):
    return sorted((programme.folder / MAIL / MONTH).glob("*.eml"))


def test_a_mail_file_per_district_that_is_still_to_be_sent(programme):
    report = programme.run(send)
    assert report.clean
    assert {each["state"] for each in report.data["letters"]} == {"written"}
    assert len(files(programme)) == 3
    for path, district in zip(files(programme), programme.districts, strict=True):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert (mail["X-Unsent"], mail["To"]) == ("1", programme.box(district))
        [form] = mail.iter_attachments()
        assert offices.identity_of(form.get_content()).district == district.code
        assert district.name in path.name
    programme.run(send)
    assert len(files(programme)) == 3


def test_mail_files_need_no_server_but_a_sender(programme):
    programme.set(mail_address=None)
    with pytest.raises(Refused) as refusal:
        programme.run(send)
    assert [p.code for p in refusal.value.problems] == ["setting-needed"]


class Things(list):
    """A collection of Outlook's: what was added is kept."""

    def Add(self, what):  # noqa: N802 - Outlook's own name
        self.append(SimpleNamespace(what=what))
        return self[-1]

    def ResolveAll(self):  # noqa: N802
        return True


class Item:
    def __init__(self):
        self.Recipients, self.ReplyRecipients, self.Attachments = Things(), Things(), Things()
        self.ended = ""
        self.files = []

    def _end(self, how):
        from pathlib import Path

        self.ended = how
        self.files = [(Path(f.what).name, Path(f.what).read_bytes()) for f in self.Attachments]

    def Save(self):  # noqa: N802
        self._end("saved")

    def Send(self):  # noqa: N802
        self._end("sent")


class Outlook:
    """What Outlook would have been asked to do."""

    def __init__(self):
        own = SimpleNamespace(SmtpAddress="HQ@example.cn")
        other = SimpleNamespace(SmtpAddress="me@example.cn")
        self.Session = SimpleNamespace(Accounts=[other, own])
        self.items = []

    def CreateItem(self, kind):  # noqa: N802
        assert kind == 0
        self.items.append(Item())
        return self.items[-1]


@pytest.mark.parametrize(
    ("sends", "ended", "state"), [(True, "sent", "sent"), (False, "saved", "drafted")]
)
def test_what_outlook_is_asked_for(tmp_path, sends, ended, state):
    from tests.mail.test_letters import letter
    from tests.tools import accounts
    from xl_addin.mail.message import compose
    from xl_addin.master.read.account_rows import read_account

    settings = {"mail_address": "hq@example.cn", "mail_reply_to": "back@example.cn"}
    account = read_account(accounts.host(tmp_path, **settings))[0]
    outlook, marks = Outlook(), []
    way = OutlookWay(account, send=sends, application=lambda: outlook)
    way.open()
    made = letter(thread=("<1@x>",))
    mail = Mail(made, compose(made, account, "<2@x>", datetime(2023, 7, 1)), "<2@x>")
    carried = way.carry(mail, lambda: marks.append(outlook.items[0].ended))
    [item] = outlook.items
    assert (item.ended, carried.state, marks) == (ended, state, [""])
    assert [(r.what, r.Type) for r in item.Recipients] == [
        ("a@d.cn", 1),
        ("李四 <b@d.cn>", 1),
        ("Wang, W. <c@d.cn>", 2),
    ]
    assert item.Subject == made.subject
    assert "石柱土家族自治县" in item.HTMLBody
    assert [r.what for r in item.ReplyRecipients] == ["back@example.cn"]
    assert item.SendUsingAccount.SmtpAddress == "HQ@example.cn"
    assert item.files == [(made.attachment.name, forms.filled())]


def _broken(_self):
    raise RuntimeError("0x80004005")


@pytest.mark.parametrize(
    ("name", "sends", "state"),
    [("Save", False, "failed"), ("Send", True, None), ("Recipients", True, "failed")],
)
def test_what_outlook_does_not_do_is_told_and_never_taken_for_done(
    tmp_path, monkeypatch, name, sends, state
):
    from tests.mail.test_letters import letter
    from tests.tools import accounts
    from xl_addin.mail.transports.base import Unsure
    from xl_addin.master.read.account_rows import read_account

    account = read_account(accounts.host(tmp_path, mail_address="hq@example.cn"))[0]
    monkeypatch.setattr(Item, "__init__", lambda _: None) if name == "Recipients" else (
        monkeypatch.setattr(Item, name, _broken)
    )
    way = OutlookWay(account, send=sends, application=Outlook)
    way.open()
    mail = Mail(letter(), b"", "<2@x>")
    if state is None:
        with pytest.raises(Unsure, match="发件箱"):
            way.carry(mail, lambda: None)
    else:
        assert way.carry(mail, lambda: None).state == state


def test_a_computer_without_outlook_is_told_what_else_there_is(programme):
    programme.set(mail_way="Outlook 草稿")
    with pytest.raises(Refused, match="邮件文件"):
        programme.run(send)
