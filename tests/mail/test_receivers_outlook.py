"""Mails out of Outlook: what would be asked of it, and that nothing is touched but what was taken."""

from datetime import datetime

import pytest

from tests.tools import accounts
from tests.tools.msg import message
from tests.tools.outlook import Outlook
from xl_addin.mail.read_in_child import MAX_MAIL, read_mail
from xl_addin.mail.receivers import outlook as edge
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.mail.receivers.outlook import open_folder
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused

BOOK = b"PK\x03\x04 xl/workbook.xml"
AT = datetime(2023, 7, 3, 9)


@pytest.fixture
def account(tmp_path):
    def make(**settings):
        settings = {"mail_address": "hq@example.cn", "mail_receiver": "Outlook"} | settings
        return read_account(accounts.host(tmp_path, **settings))[0]

    return make


@pytest.fixture
def outlook(monkeypatch):
    running = Outlook("me@example.cn", "HQ@example.cn")
    monkeypatch.setattr(edge, "open_outlook", lambda _: running)
    return running


@pytest.fixture
def store(outlook):
    return outlook.Session.Accounts[1].DeliveryStore


def listed(box, since=""):
    return [entry for batch in box.listings(since) for entry in batch]


def taken(box, entries):
    return [read_mail(b"".join(pieces)) for _, pieces in box.download(entries)]


def test_mails_come_as_plain_mails_and_lie_where_they_lay(account, store):
    headers = "Received: by x; Mon, 3 Jul 2023 01:00:00 +0000\r\nMessage-ID: <1@d>\r\nX: y\r\nFrom: d01@d.test\r\n"
    first = store.inbox.receive(message(files=[("表.xlsx", BOOK)], headers=headers), AT)
    store.inbox.receive(message("第二", "d02@d.test", files=[("二.xlsx", BOOK)]), AT)
    store.inbox.receive(message("会议"), AT, kind=53)
    with open_folder(account()) as box:
        entries = listed(box)
        assert (box.exists, box.found, box.moves, box.owner) == (
            3,
            3,
            False,
            "hq@example.cn@Outlook",
        )
        mails = taken(box, entries)
    assert [(m.sender, [f.name for f in m.files]) for m in mails] == [
        ("d01@d.test", ["表.xlsx"]),
        ("d02@d.test", ["二.xlsx"]),
    ]
    assert b"<1@d>" in entries[0].head
    assert b"X:" not in entries[0].head
    assert b"d02@d.test" in entries[1].head
    assert [entry.received_at for entry in entries] == ["2023-07-03 09:00:00"] * 2
    assert first.asked == ["SaveAs"]
    assert len(store.inbox.Items) == 3


def test_the_same_mail_is_the_same_bytes_and_known_again(account, store):
    store.inbox.receive(message(files=[("表.xlsx", BOOK)]), AT)
    seen = []
    for _ in range(2):
        with open_folder(account()) as box:
            entries = listed(box)
            [(_, pieces)] = box.download(entries)
            seen.append((entries, b"".join(pieces)))
    assert seen[0] == seen[1]


def test_mails_before_the_first_day_are_counted(account, store):
    store.inbox.receive(message(), datetime(2022, 1, 1))
    store.inbox.receive(message(), AT)
    with open_folder(account()) as box:
        assert len(listed(box, "2023-01-01")) == 1
        assert (box.found, box.older) == (2, 1)


def test_only_what_was_taken_is_moved(account, store):
    first, second = (store.inbox.receive(message(str(n)), AT) for n in range(2))
    with open_folder(account(imap_taken="已取")) as box:
        entries = listed(box)
        assert box.moves
        taken(box, entries[:1])
        assert box.move_to_processed([entry.uid for entry in entries]) == ""
    assert (first.asked, second.asked) == (["SaveAs", "Move"], [])
    assert [folder.Name for folder in store.root.Folders] == ["收件箱", "已取"]
    with open_folder(account(imap_taken="已取")) as box:
        assert box.has_folder("已取")
        assert not box.has_folder("没有")


def test_a_folder_is_found_by_its_path_and_told_where_it_is_not_there(account, store):
    store.inbox.Folders.Add("任务").Folders.Add("六月").receive(message(), AT)
    for path in ("任务/六月", "收件箱\\任务\\六月"):
        with open_folder(account(imap_folder=path)) as box:
            assert len(listed(box)) == 1
    with (
        pytest.raises(Refused, match="没有文件夹“没有这个”"),
        open_folder(account(imap_folder="没有这个")),
    ):
        pass


@pytest.mark.usefixtures("outlook")
def test_an_account_that_outlook_has_not_is_told_with_those_it_has(account):
    with (
        pytest.raises(Refused, match=r"me@example\.cn"),
        open_folder(account(mail_address="x@y.cn")),
    ):
        pass


def test_what_outlook_cannot_save_is_left_out(account, store, monkeypatch):
    for number in range(3):
        store.inbox.receive(message(str(number)), AT)
    store.faults.plan("SaveAs", RuntimeError("no"))
    with open_folder(account()) as box:
        assert [mail.subject for mail in taken(box, listed(box))] == ["1", "2"]
        monkeypatch.setattr(edge, "MAX_MAIL", 10)
        assert taken(box, listed(box)) == []
    assert MAX_MAIL > 10


def test_an_outlook_that_ends_is_a_connection_that_broke(account, store):
    store.inbox.receive(message(), AT)
    store.faults.plan("Item", RuntimeError("gone"))
    with pytest.raises(MailboxDisconnected, match="gone"), open_folder(account()) as box:
        listed(box)
    store.faults.plan("Move", RuntimeError("full"))
    with open_folder(account(imap_taken="已取")) as box:
        entries = listed(box)
        taken(box, entries)
        assert "full" in box.move_to_processed([entries[0].uid])


def test_without_outlook_the_setting_to_change_is_named(account):
    with pytest.raises(Refused, match="“收信方式”"), open_folder(account()):
        pass
