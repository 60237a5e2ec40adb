"""What Outlook would be asked to do, and what is said when it does not."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from tests.tools import accounts, forms
from tests.tools.letters import letter
from tests.tools.outlook import Outlook
from tests.tools.systems import windows
from xl_addin.mail.message import compose
from xl_addin.mail.transports import outlook as edge
from xl_addin.mail.transports.base import DeliveryInDoubt, OutgoingMail
from xl_addin.mail.transports.outlook import OutlookDrafts, OutlookSending
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused


@pytest.fixture
def account(tmp_path):
    settings = {"mail_address": "hq@example.cn", "mail_reply_to": "back@example.cn"}
    return read_account(accounts.host(tmp_path, **settings))[0]


@pytest.fixture
def outlook(monkeypatch):
    running = Outlook("me@example.cn", "HQ@example.cn")
    monkeypatch.setattr(edge, "open_outlook", lambda: running)
    return running


def opened(kind, account, tmp_path):
    transport = kind(account, tmp_path)
    transport.open()
    return transport


@pytest.mark.parametrize(
    ("kind", "ended", "state"),
    [(OutlookSending, "Send", "sent"), (OutlookDrafts, "Save", "drafted")],
)
def test_what_outlook_is_asked_for(tmp_path, account, outlook, kind, ended, state):
    transport, marks = opened(kind, account, tmp_path), []
    made = letter(thread=("<1@x>",))
    mail = OutgoingMail(made, compose(made, account, "<2@x>", datetime(2023, 7, 1)), "<2@x>")
    carried = transport.send(mail, lambda: marks.append(outlook.items[0].ended))
    transport.close()
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
    assert item.files == [(made.attachment.name, forms.fill_form())]
    assert list(item.properties.values()) == ["<1@x>"]


@pytest.mark.parametrize(
    ("kind", "step", "state", "marked"),
    [
        (OutlookDrafts, "CreateItem", "failed", 0),
        (OutlookSending, "Add", "failed", 0),
        (OutlookDrafts, "Save", "failed", 1),
        (OutlookSending, "Send", None, 1),
        (OutlookSending, "SetProperty", "sent", 1),
    ],
)
def test_what_outlook_does_not_do_is_told_and_never_taken_for_done(
    tmp_path, account, outlook, kind, step, state, marked
):
    outlook.faults.plan(step, RuntimeError("0x80004005"))
    transport, marks = opened(kind, account, tmp_path), []
    mail = OutgoingMail(letter(thread=("<1@x>",)), b"", "<2@x>")
    if state is None:
        with pytest.raises(DeliveryInDoubt, match="发件箱"):
            transport.send(mail, lambda: marks.append(1))
    else:
        assert transport.send(mail, lambda: marks.append(1)).state == state
    assert len(marks) == marked


@pytest.mark.parametrize("kind", [OutlookDrafts, OutlookSending])
def test_a_computer_without_outlook_is_told_what_else_there_is(tmp_path, account, kind):
    with pytest.raises(Refused, match="邮件文件"):
        opened(kind, account, tmp_path)


def test_an_outlook_that_does_not_open_is_told(tmp_path, account, monkeypatch):
    import sys
    from types import SimpleNamespace

    def broken(_):
        raise RuntimeError("0x80080005")

    client = SimpleNamespace(Dispatch=broken)
    monkeypatch.setitem(sys.modules, "win32com", SimpleNamespace(client=client))
    monkeypatch.setitem(sys.modules, "win32com.client", client)
    with pytest.raises(Refused, match="0x80080005"):
        opened(OutlookDrafts, account, tmp_path)


@pytest.mark.parametrize("kind", [OutlookDrafts, OutlookSending])
def test_a_mailbox_that_outlook_has_not_stops_before_the_first_letter(
    tmp_path, account, monkeypatch, kind
):
    running = Outlook("private@qq.com")
    monkeypatch.setattr(edge, "open_outlook", lambda: running)
    with pytest.raises(Refused, match=r"hq@example\.cn（有：private@qq\.com），一封都没有发"):
        opened(kind, account, tmp_path)
    assert running.items == []


def test_a_letter_that_would_go_from_another_mailbox_is_not_sent(tmp_path, account, outlook):
    outlook.obeys = False
    transport, marks = opened(OutlookSending, account, tmp_path), []
    with pytest.raises(Refused, match=r"要用 me@example\.cn"):
        transport.send(OutgoingMail(letter(), b"", "<2@x>"), lambda: marks.append(1))
    assert (marks, outlook.items[0].ended) == ([], "")


@pytest.mark.usefixtures("outlook")
def test_an_attachment_that_is_held_when_the_letter_has_gone_changes_nothing(
    tmp_path, account, monkeypatch
):
    def held(path, **_options):
        raise PermissionError(13, "held", str(path))

    monkeypatch.setattr("os.unlink", held)
    transport = opened(OutlookSending, account, tmp_path)
    assert transport.send(OutgoingMail(letter(), b"", "<2@x>"), lambda: None).state == "sent"


@windows
def test_an_attachment_that_a_scanner_really_holds_changes_nothing(tmp_path, account, outlook):
    with ExitStack() as stack:
        plain = outlook.CreateItem

        def create(kind):
            item = plain(kind)
            add = item.Attachments.Add
            # As a scanner has it: reading and writing are shared, renaming and removing are not.
            item.Attachments.Add = lambda path: (
                add(path),
                stack.enter_context(Path(path).open("rb")),
            )
            return item

        outlook.CreateItem = create
        transport = opened(OutlookSending, account, tmp_path)
        delivery = transport.send(OutgoingMail(letter(), b"", "<2@x>"), lambda: None)
    assert (delivery.state, outlook.items[0].ended) == ("sent", "Send")
