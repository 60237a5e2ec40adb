"""The mailbox: what is listed, fetched and moved, and what each break on the way leads to."""

import ssl

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from tests.tools import accounts
from tests.tools.mailservers import PASSWORD
from xl_addin.mail.receivers import imap
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.mail.receivers.imap import open_folder
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused

HQ = "hq@example.cn"
ABORT, NO = IMAPClient.AbortError("gone"), IMAPClientError(b"[LIMIT]  no\r\nmore")


@pytest.fixture
def account(tmp_path, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_IMAP_PASSWORD", PASSWORD)
    return read_account(accounts.host(tmp_path, **accounts.GOOD))[0]


def mail(number, size=0):
    return f"Message-ID: <{number}@x>\r\nX-Other: y\r\n\r\n{'x' * size}\r\n".encode()


def fetched(box):
    return {entry.uid: b"".join(pieces) for entry, pieces in box.download(box.entries())}


def test_a_folder_is_listed_oldest_number_first_with_what_tells_mails_apart(account, postoffice):
    postoffice.fill(HQ, [mail(1), mail(2)], 1_688_000_000)
    with open_folder(account) as box:
        entries = box.entries()
        assert (box.validity, box.exists, box.moves) == (1, 2, False)
    assert [entry.uid for entry in entries] == [1, 2]
    assert entries[0].size == len(mail(1))
    assert (b"<1@x>" in entries[0].head, b"X-Other" in entries[0].head) == (True, False)
    assert len({entry.print for entry in entries} - {""}) == 2
    assert postoffice.readonly == [True]


def test_what_a_server_does_not_say_enough_of_has_no_print():
    assert imap._entry(7, {}) == (7, 0, "", "", b"")


def test_mails_come_as_they_are_small_ones_together_and_large_ones_in_pieces(account, postoffice):
    sizes = [10, imap.PIECE + 5, 20, 2 * imap.PIECE]
    postoffice.fill(HQ, [mail(n, size) for n, size in enumerate(sizes)])
    with open_folder(account) as box:
        assert fetched(box) == {n + 1: mail(n, size) for n, size in enumerate(sizes)}
    assert postoffice.faults.reached["imap.whole"] == 1
    assert postoffice.faults.reached["imap.piece"] == 2 + 3


def test_a_server_that_knows_no_pieces_sends_the_whole(account, postoffice):
    postoffice.knows_pieces = False
    postoffice.fill(HQ, [mail(1, imap.PIECE)])
    with open_folder(account) as box:
        assert fetched(box) == {1: mail(1, imap.PIECE)}


def test_many_small_mails_are_asked_for_in_batches(account, postoffice):
    postoffice.fill(HQ, [mail(n) for n in range(imap.MANY + 1)])
    postoffice.fill(HQ, [mail(n, imap.PIECE - 100) for n in range(3)])
    with open_folder(account) as box:
        assert len(fetched(box)) == imap.MANY + 4
    assert postoffice.faults.reached["imap.whole"] == 3


def test_a_mail_that_vanished_meanwhile_is_left_out(account, postoffice):
    postoffice.fill(HQ, [mail(1), mail(2), mail(3, imap.PIECE)])
    with open_folder(account) as box:
        entries = box.entries()
        del postoffice.folders(HQ)["INBOX"].stored[1:]
        found = {entry.uid: b"".join(pieces) for entry, pieces in box.download(entries)}
    assert found == {1: mail(1), 3: b""}


OPENING = [
    ("connect", ConnectionRefusedError(111, "refused"), "连接不上"),
    ("connect", TimeoutError(), "没有回应"),
    ("connect", ssl.SSLError(1, "wrong version"), "加密"),
    ("connect", NO, "没有按 IMAP 应答"),
    ("login", ABORT, "登录时连接断开"),
    ("login", NO, "同时连接的太多"),
    ("login", OSError(104, "reset"), "连接不上"),
    ("id", NO, "不接受本程序"),
    ("select", NO, "打不开邮箱文件夹"),
]


@pytest.mark.parametrize(("step", "error", "says"), OPENING)
def test_why_a_mailbox_does_not_open_is_told_with_the_server(
    account, postoffice, step, error, says
):
    postoffice.faults.plan(f"imap.{step}", error)
    with pytest.raises(Refused) as told, open_folder(account):
        pytest.fail("it opened")
    assert says in told.value.message
    assert "imap.example.cn:993" in told.value.message


def test_a_wrong_password_and_one_that_cannot_be_sent_are_a_login_that_failed(
    account, postoffice, monkeypatch
):
    for secret in ("wrong", "密码"):
        monkeypatch.setenv("XL_ADDIN_IMAP_PASSWORD", secret)
        with pytest.raises(Refused, match="授权码"), open_folder(account):
            pytest.fail("it opened")
    assert postoffice.logins == []


def test_starttls_comes_before_the_password_or_not_at_all(account, postoffice):
    account = account._replace(imap=account.imap._replace(security="STARTTLS"))
    with open_folder(account):
        assert postoffice.faults.reached["imap.starttls"] == 1
    postoffice.faults.plan("imap.starttls", NO)
    with pytest.raises(Refused, match="没有按 IMAP 应答"), open_folder(account):
        pytest.fail("it opened")
    assert postoffice.logins == [HQ]


def test_who_asks_is_told_only_to_a_server_that_offers_to_hear_it(account, postoffice):
    with open_folder(account):
        assert [who["name"] for who in postoffice.said] == ["xl-addin"]
    postoffice.capabilities.clear()
    with open_folder(account):
        assert len(postoffice.said) == 1


def test_a_goodbye_that_fails_changes_nothing(account, postoffice):
    postoffice.faults.plan("imap.logout", ABORT)
    with open_folder(account) as box:
        assert box.entries() == []


@pytest.mark.parametrize(
    ("step", "error", "kind"),
    [
        ("search", ABORT, MailboxDisconnected),
        ("search", OSError(104, "reset"), MailboxDisconnected),
        ("search", NO, Refused),
        ("list", ValueError("nonsense"), Refused),
        ("whole", ABORT, MailboxDisconnected),
        ("whole", NO, Refused),
        ("piece", TimeoutError("60 s"), MailboxDisconnected),
    ],
)
def test_a_break_can_be_repeated_and_a_refusal_is_told(account, postoffice, step, error, kind):
    postoffice.fill(HQ, [mail(1), mail(2, imap.PIECE)])
    postoffice.faults.plan(f"imap.{step}", error)
    with open_folder(account) as box:
        with pytest.raises(kind) as told:
            fetched(box)
        assert kind is MailboxDisconnected or "imap.example.cn:993" in str(told.value)
        assert len(fetched(box)) == 2


def test_what_a_server_said_is_one_line(account, postoffice):
    postoffice.faults.plan("imap.search", NO)
    with open_folder(account) as box, pytest.raises(Refused, match=r"（\[LIMIT\] no more）"):
        box.entries()
    assert imap._server_text(LoginError()) == "LoginError"


@pytest.mark.parametrize("moves", [True, False])
def test_taken_mails_are_moved_or_else_copied_and_never_deleted(account, postoffice, moves):
    account = account._replace(processed_folder="已取")
    postoffice.capabilities = {"MOVE"} if moves else set()
    postoffice.fill(HQ, [mail(1), mail(2)])
    with open_folder(account) as box:
        assert box.move_to_processed([1]) == ""
        assert box.move_to_processed([]) == ""
        assert box.has_folder("已取")
    assert len(postoffice.messages(HQ)) == (1 if moves else 2)
    assert [each.data for each in postoffice.folders(HQ)["已取"].stored] == [mail(1)]
    assert postoffice.readonly == [not moves]


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("[ALERT] You exceeded your mail quota.", "清理自己的邮箱"),  # Courier
        ("Permission denied", "“取信后移到”清空"),  # Cyrus
        ("Invalid mailbox name.", "换一个文件夹名"),
    ],
)
def test_why_a_mail_was_not_moved_is_told_by_its_cause(account, postoffice, said, helps):
    postoffice.fill(HQ, [mail(1)])
    with open_folder(account._replace(processed_folder="已取")) as box:
        postoffice.faults.plan("imap.move", IMAPClientError(f"move failed: {said}"))
        assert helps in box.move_to_processed([1])


def test_a_folder_that_may_only_be_read_is_read_and_nothing_is_moved(account, postoffice):
    postoffice.fill(HQ, [mail(1)])
    postoffice.faults.plan("imap.select", IMAPClient.ReadOnlyError("INBOX is not writable"))
    with open_folder(account._replace(processed_folder="已取")) as box:
        assert (box.moves, fetched(box)) == (False, {1: mail(1)})
    assert postoffice.readonly == [True]


@pytest.mark.parametrize("step", ["exists", "create", "move"])
def test_a_mail_that_cannot_be_moved_is_told_and_a_break_is_a_break(account, postoffice, step):
    postoffice.fill(HQ, [mail(1)])
    with open_folder(account._replace(processed_folder="已取")) as box:
        postoffice.faults.plan(f"imap.{step}", NO)
        assert "已取" in box.move_to_processed([1])
        for error in (ABORT, OSError(104, "reset")):
            postoffice.faults.plan(f"imap.{step}", error)
            if step == "create":
                postoffice.folders(HQ).pop("已取", None)
            with pytest.raises(MailboxDisconnected):
                box.move_to_processed([1])
    assert len(postoffice.messages(HQ)) == 1


def test_without_a_folder_for_them_nothing_is_moved(account, postoffice):
    postoffice.fill(HQ, [mail(1)])
    with open_folder(account) as box:
        assert box.move_to_processed([1]) == ""
    assert postoffice.faults.reached["imap.exists"] == 0


@pytest.mark.parametrize("typed", ["已取", "INBOX.已取"])
def test_folders_that_all_lie_in_one_are_found_by_their_short_names(account, postoffice, typed):
    postoffice.capabilities |= {"NAMESPACE"}
    postoffice.prefix = "INBOX."
    postoffice.fill(HQ, [mail(1)])
    with open_folder(account._replace(processed_folder=typed)) as box:
        assert box.move_to_processed([1]) == ""
        assert box.has_folder("已取")
    assert set(postoffice.folders(HQ)) == {"INBOX", "INBOX.已取"}


def test_only_heads_of_what_came_from_a_day_on_are_asked_for(account, postoffice):
    postoffice.fill(HQ, [mail(1), mail(2)], 1_688_000_000)  # 2023-06-29
    postoffice.fill(HQ, [mail(3)], 1_689_000_000)  # 2023-07-10
    with open_folder(account) as box:
        assert [entry.uid for entry in box.entries("2023-07-01")] == [3]
        assert (box.found, box.older) == (3, 2)


def test_what_a_server_says_of_a_login_is_read_whatever_it_is_written_in(account, postoffice):
    said = repr("用户名或密码错误".encode("gbk"))
    postoffice.faults.plan("imap.login", LoginError(said))
    with pytest.raises(Refused, match="用户名或密码错误") as told, open_folder(account):
        pass
    assert "\\x" not in told.value.message
