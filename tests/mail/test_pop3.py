"""Mails by POP3: listed, taken whole and left where they are, from a real server and from strange ones."""

import socket
import threading
from contextlib import contextmanager

import pytest

from tests.tools import accounts
from tests.tools.mailservers import PASSWORD, access_token
from xl_addin.mail import credentials
from xl_addin.mail.receivers import pop3
from xl_addin.mail.receivers.base import MailboxDisconnected
from xl_addin.mail.receivers.pop3 import open_folder
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused


def mail(number, body="x"):
    return (
        f"Received: by test; Mon, 3 Jul 2023 0{number}:00:00 +0000\r\nMessage-ID: <{number}@x>\r\n"
        f"From: d{number}@d.test\r\nX-Other: y\r\n\r\n{body}\r\n"
    ).encode()


@pytest.fixture
def account(tmp_path, servers, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", PASSWORD)

    def make(**settings):
        wanted = {
            "mail_address": f"{tmp_path.name}@pop.test",
            "mail_receiver": "POP3",
            "pop3_host": servers.host,
            "pop3_port": servers.pop3s,
            "mail_ca_file": str(servers.ca),
        }
        return read_account(accounts.host(tmp_path, **(wanted | settings)))[0]

    return make


def listed(box, since=""):
    return [entry for batch in box.listings(since) for entry in batch]


def taken(box, entries):
    return [b"".join(pieces) for _, pieces in box.download(entries)]


@pytest.mark.mail
@pytest.mark.parametrize("security", ["TLS", "STARTTLS"])
def test_mails_come_whole_and_stay(account, servers, security):
    port = servers.pop3s if security == "TLS" else servers.pop3
    account = account(pop3_port=port, pop3_security=security)
    long = "长" * 5_000 + "\r\n.\r\n..点\r\n"
    mails = [mail(1), mail(2, long), mail(3)]
    servers.fill(account.address, mails)
    for _ in range(2):
        with open_folder(account) as box:
            entries = listed(box)
            assert (box.exists, box.found, box.moves) == (3, 3, False)
            assert taken(box, entries) == mails
            assert taken(box, entries[1:2]) == mails[1:2]
            assert not box.has_folder("x")
    assert [entry.received_at[:10] for entry in entries] == ["2023-07-03"] * 3
    assert (b"<1@x>" in entries[0].head, b"X-Other" in entries[0].head) == (True, False)
    assert len({entry.print for entry in entries}) == len({entry.uid for entry in entries}) == 3
    assert len(servers.messages(account.address)) == 3


@pytest.mark.mail
def test_what_a_mail_is_known_by_stays_from_session_to_session(account, servers):
    account = account()
    servers.fill(account.address, [mail(1), mail(2)])
    with open_folder(account) as box:
        before = listed(box)
    servers.fill(account.address, [mail(3)])
    with open_folder(account) as box:
        after = listed(box)
    assert [(e.uid, e.print) for e in after[:2]] == [(e.uid, e.print) for e in before]


@pytest.mark.mail
def test_mails_before_the_first_day_are_counted(account, servers):
    account = account()
    servers.fill(account.address, [mail(1), mail(2).replace(b"3 Jul 2023", b"3 Aug 2023")])
    with open_folder(account) as box:
        assert len(listed(box, "2023-08-01")) == 1
        assert (box.found, box.older) == (2, 1)


@pytest.mark.mail
def test_a_part_that_nobody_reads_does_not_spoil_the_next(account, servers):
    account = account()
    servers.fill(account.address, [mail(1, "一\r\n" * 5_000), mail(2)])
    with open_folder(account) as box:
        download = box.download(listed(box))
        next(next(download)[1])
        assert b"".join(next(download)[1]) == mail(2)


@pytest.mark.mail
def test_a_token_logs_in_where_passwords_do_not(account, servers, monkeypatch):
    account = account(mail_login="微软账户")
    monkeypatch.setattr(
        pop3, "secret_of", lambda _, s: credentials.Secret(token=access_token(s.user))
    )
    servers.fill(account.address, [mail(1)])
    with open_folder(account) as box:
        assert taken(box, listed(box)) == [mail(1)]
    monkeypatch.setattr(pop3, "secret_of", lambda *_: credentials.Secret(token="wrong"))  # noqa: S106
    with pytest.raises(Refused, match="登录没有成功"), open_folder(account):
        pass


@pytest.mark.mail
def test_a_wrong_password_and_a_stranger_for_a_server_are_told(account, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", "wrong")
    with pytest.raises(Refused, match="授权码") as refusal, open_folder(account()):
        pass
    assert "POP3 服务器" in refusal.value.message
    with (
        pytest.raises(Refused, match="没有登录，也没有发送密码"),
        open_folder(account(mail_ca_file=None)),
    ):
        pass


@pytest.mark.mail
def test_a_line_that_breaks_is_a_line_that_broke(account, servers):
    first = account()
    servers.fill(first.address, [mail(1, "x\r\n" * 100_000)])
    with (
        servers.cut_connections(servers.pop3s, 60_000) as port,
        pytest.raises(MailboxDisconnected),
        open_folder(account(pop3_port=port)) as box,
    ):
        taken(box, listed(box))


@contextmanager
def strange_server(answers):
    """A server that says these, one for each line it gets, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        wire = listener.accept()[0]
        lines = wire.makefile("rb")
        for answer in answers:
            wire.sendall(answer)
            if not lines.readline():
                break
        wire.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(5)


def test_a_server_without_encryption_gets_no_password(tmp_path, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", PASSWORD)
    with strange_server([b"+OK hello\r\n", b"-ERR what\r\n", b"+OK\r\n"]) as port:
        settings = {"mail_address": "a@b.test", "pop3_host": "127.0.0.1", "pop3_port": port}
        settings |= {"mail_receiver": "POP3", "pop3_security": "STARTTLS"}
        account = read_account(accounts.host(tmp_path, **settings))[0]
        with pytest.raises(Refused, match="没有发送密码"), open_folder(account):
            pass


class Strange:
    """poplib's client as ``PopFolder`` uses it, with a server that knows neither UIDL nor TOP."""

    def __init__(self, *answers):
        import io

        self.file, self.sock = io.BytesIO(b"".join(answers)), self

    def sendall(self, data):
        pass

    def stat(self):
        return 1, 10

    def list(self):
        return b"+OK", [b"1 10"], 6

    def uidl(self):
        import poplib

        raise poplib.error_proto(b"-ERR what")


def test_what_a_server_says_nothing_of_is_taken_every_time(tmp_path):
    account = read_account(accounts.host(tmp_path, mail_address="a@b.test"))[0]
    box = pop3.PopFolder(Strange(b"-ERR what\r\n", b"+OK\r\na\r\n.\r\n"), account)
    [entry] = listed(box)
    assert (entry.print, entry.received_at, entry.size) == ("", "", 10)
    assert taken(box, [entry]) == [b"a\r\n"]


def test_a_server_that_stops_within_a_mail_gives_none(tmp_path):
    account = read_account(accounts.host(tmp_path, mail_address="a@b.test"))[0]
    box = pop3.PopFolder(Strange(b"-ERR what\r\n", b"+OK\r\na\r\nb"), account)
    with pytest.raises(MailboxDisconnected):
        taken(box, listed(box))
