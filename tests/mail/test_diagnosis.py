"""Causes are true: what each wrong row of 设置 and each strange server is told as, over a real wire."""

import gc
import ssl

import pytest

from tests.tools import accounts
from tests.tools.certificates import EXPIRED, UNKNOWN
from tests.tools.mailservers import PASSWORD
from tests.tools.odd_servers import RESET, odd_server, server_context
from xl_addin.mail import diagnosis
from xl_addin.mail.account import tls_context
from xl_addin.mail.receivers import imap, pop3
from xl_addin.mail.transports import smtp
from xl_addin.mail.transports.smtp import SmtpTransport
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused

WEB = {b"HTTP/1": b"HTTP/1.1 400 Bad Request\r\n\r\n"}
MAIL, BOX, POP = b"220 mx ready\r\n", b"* OK ready\r\n", b"+OK Hello there.\r\n"


@pytest.fixture
def folder(tmp_path):
    server_context(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(diagnosis, "_SECONDS", 2.0)
    monkeypatch.setattr(smtp, "_GREETING_SECONDS", 1.0)
    monkeypatch.setattr(imap, "CONNECT_SECONDS", 1.0)
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setattr(pop3, "_CONNECT_SECONDS", 1.0)
    monkeypatch.setenv("XL_ADDIN_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", PASSWORD)


def account(folder, port, security, ca="ca.pem"):
    settings = {
        f"{side}_{key}": value
        for side in ("smtp", "imap", "pop3")
        for key, value in (("host", "localhost"), ("port", port), ("security", security))
    }
    rows = accounts.GOOD | settings | {"mail_ca_file": str(folder / ca)}
    return read_account(accounts.host(folder / "m", **rows))[0]


def said_by_smtp(folder, port, security):
    (folder / "m").mkdir(exist_ok=True)
    with pytest.raises(Refused) as told:
        SmtpTransport(account(folder, port, security), folder).open()
    assert PASSWORD not in told.value.message
    return told.value.message


def said_by_imap(folder, port, security, way=imap):
    (folder / "m").mkdir(exist_ok=True)
    with pytest.raises(Refused) as told, way.open_folder(account(folder, port, security)):
        pass
    return told.value.message


def said_by_pop3(folder, port, security):
    return said_by_imap(folder, port, security, pop3)


PORTS = [
    # what is there, whether it is encrypted from the first byte, the row on 设置, what is told
    ((MAIL, None), True, "STARTTLS", "改为 TLS"),
    ((MAIL, None), False, "TLS", "改为 STARTTLS"),
    ((b"", None), False, "STARTTLS", "没有回应"),
    ((b"", None), False, "TLS", "没有回应"),
    ((b"", WEB), False, "STARTTLS", "网页服务"),
    ((b"", WEB), True, "TLS", "网页服务"),
    ((b"HTTP/1.1 400 Bad Request\r\n", None), False, "STARTTLS", "网页服务"),
    ((BOX, None), True, "STARTTLS", "收信（IMAP）"),
    ((b"SSH-2.0-x\r\n", None), False, "STARTTLS", "SSH"),
    ((b"nonsense\r\n", None), False, "STARTTLS", "不是 SMTP 服务器"),
]


@pytest.mark.parametrize(("there", "encrypted", "security", "told"), PORTS)
def test_a_port_that_is_no_such_smtp_port_is_told_as_what_it_is(
    folder, there, encrypted, security, told
):
    with odd_server(*there, tls=server_context(folder) if encrypted else None) as port:
        assert told in said_by_smtp(folder, port, security)


@pytest.mark.parametrize(
    ("there", "encrypted", "security", "told"),
    [
        (BOX, True, "STARTTLS", "改为 TLS"),
        (BOX, False, "TLS", "改为 STARTTLS"),
        (b"", False, "STARTTLS", "没有回应"),
        (MAIL, False, "STARTTLS", "发信（SMTP）"),
    ],
)
def test_a_port_that_is_no_such_imap_port_is_told_as_what_it_is(
    folder, there, encrypted, security, told
):
    with odd_server(there, tls=server_context(folder) if encrypted else None) as port:
        assert told in said_by_imap(folder, port, security)


@pytest.mark.parametrize(
    ("there", "encrypted", "security", "told"),
    [
        (POP, True, "STARTTLS", "改为 TLS"),
        (POP, False, "TLS", "改为 STARTTLS"),
        (BOX, True, "TLS", "收信（IMAP）"),
        (b"-ERR [SYS/TEMP] Temporary problem\r\n", False, "STARTTLS", "服务器自己暂时有故障"),
    ],
)
def test_a_port_that_is_no_such_pop3_port_is_told_as_what_it_is(
    folder, there, encrypted, security, told
):
    with odd_server(there, tls=server_context(folder) if encrypted else None) as port:
        assert told in said_by_pop3(folder, port, security)
    gc.collect()  # nothing is left open


TURNED_AWAY = [
    # Exim, Courier, Cyrus: before there is any encryption, whatever the port is for
    ("SMTP", b"550 Your IP is on a blocklist\r\n", "黑名单"),
    ("SMTP", b"554 SMTP service not available\r\n", "554 SMTP service not available"),
    ("IMAP", b"* BYE Too many open connections\r\n", "同时连接的太多"),
    ("SMTP", None, "一连接就断开"),
    ("IMAP", None, "一连接就断开"),
    ("SMTP", RESET, "一连接就断开"),
    ("IMAP", RESET, "一连接就断开"),
]


@pytest.mark.parametrize("security", ["TLS", "STARTTLS"])
@pytest.mark.parametrize(("protocol", "there", "told"), TURNED_AWAY)
def test_who_is_turned_away_at_the_door_is_told_so_and_no_port_is_blamed(
    folder, protocol, there, told, security
):
    ask = {"SMTP": said_by_smtp, "IMAP": said_by_imap}[protocol]
    with odd_server(there) as port:
        said = ask(folder, port, security)
    assert told in said
    assert "加密连接建立不起来" not in said


STARTTLS_WAYS = [
    (
        "IMAP",
        BOX,
        {
            b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n",
            b"STARTTLS": b"TAG OK done\r\n",
        },
    ),
    ("POP3", POP, {b"CAPA": b"+OK\r\nSTLS\r\n.\r\n", b"STLS": b"+OK\r\n"}),
]


def test_an_encrypted_port_that_is_full_says_so_in_the_clear(folder):
    with odd_server(b"421 Too many concurrent SMTP connections\r\n") as port:
        assert "同时连接的太多" in said_by_smtp(folder, port, "TLS")


@pytest.mark.parametrize(("protocol", "there", "heard"), STARTTLS_WAYS)
def test_a_bad_certificate_after_starttls_is_told_as_that(folder, protocol, there, heard):
    ask = {"IMAP": said_by_imap, "POP3": said_by_pop3}[protocol]
    with odd_server(there, heard, starttls=server_context(folder, EXPIRED)) as port:
        assert "证书已经过期" in ask(folder, port, "STARTTLS")


@pytest.mark.parametrize(
    ("protocol", "there", "port_then"), [("IMAP", BOX, 993), ("POP3", POP, 995)]
)
def test_a_mailbox_server_without_starttls_is_told_with_what_to_set(
    folder, protocol, there, port_then
):
    ask = {"IMAP": said_by_imap, "POP3": said_by_pop3}[protocol]
    heard = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n", b"CAPA": b"-ERR\r\n"}
    with odd_server(there, heard | {b"STLS": b"-ERR Invalid command.\r\n"}) as port:
        assert f"端口改为 {port_then}" in ask(folder, port, "STARTTLS")


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        (b"250-mx\r\n250 AUTH XOAUTH2 NTLM\r\n", "只接受 XOAUTH2、NTLM 登录"),
        (b"250 mx\r\n", "不接受用户登录"),
    ],
)
def test_ways_to_log_in_that_are_none_of_ours_are_named(folder, offered, told):
    with odd_server(MAIL, {b"EHLO": offered}, tls=server_context(folder)) as port:
        assert told in said_by_smtp(folder, port, "TLS")


def test_a_server_without_starttls_is_told_with_what_to_set(folder):
    with odd_server(MAIL, {b"EHLO": b"250 mx\r\n"}) as port:
        assert "端口改为 465" in said_by_smtp(folder, port, "STARTTLS")


@pytest.mark.parametrize(
    "said", ["用户名或密码错误".encode("gbk"), "用户名或密码错误".encode(), rb"it's wrong"]
)
def test_what_a_server_says_of_a_login_is_told_as_people_read_it(folder, said):
    smtp_says = {b"EHLO": b"250-mx\r\n250 AUTH PLAIN\r\n", b"AUTH": b"535 " + said + b"\r\n"}
    with odd_server(MAIL, smtp_says, tls=server_context(folder)) as port:
        told = said_by_smtp(folder, port, "TLS")
    assert "\\x" not in told
    assert "b'" not in told
    assert "用户名或密码错误" in told or "it's wrong" in told
    error = imap._unescape(repr(b"LOGIN failed " + said))
    assert "\\x" not in error
    assert error.endswith(("用户名或密码错误", "it's wrong"))


def test_a_server_that_knows_only_old_encryption_is_told_as_that(folder):
    old = server_context(folder)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    with odd_server(MAIL, tls=old) as port:
        assert "TLS 1.2" in said_by_smtp(folder, port, "TLS")
        assert "TLS 1.2" in said_by_imap(folder, port, "TLS")


@pytest.mark.parametrize(("certificate", "told"), [(EXPIRED, "过期"), (UNKNOWN, "受信任")])
def test_certificates_are_told_as_ever_and_no_port_is_blamed(folder, certificate, told):
    with odd_server(MAIL, tls=server_context(folder, certificate)) as port:
        assert told in said_by_smtp(folder, port, "TLS")


@pytest.mark.parametrize("kind", ["pem", "der", "utf-16", "text before"])
def test_a_certificate_file_is_read_however_it_was_saved(folder, kind):
    pem = (folder / "ca.pem").read_text()
    data = {
        "pem": pem.encode(),
        "der": ssl.PEM_cert_to_DER_cert(pem),
        "utf-16": pem.encode("utf-16"),
        "text before": f"主题：测试\r\n{pem}".encode("gbk"),
    }[kind]
    (folder / "单位.cer").write_bytes(data)
    (folder / "m").mkdir()
    assert len(tls_context(account(folder, 1, "TLS", "单位.cer")).get_ca_certs()) > 0


def test_a_file_that_is_no_certificate_is_told_with_its_name(folder):
    (folder / "单位.cer").write_bytes(b"nothing")
    (folder / "m").mkdir()
    with pytest.raises(Refused, match=r"单位\.cer"):
        tls_context(account(folder, 1, "TLS", "单位.cer"))


def test_the_computer_says_its_address_for_its_name(folder):
    heard = {b"EHLO [127.0.0.1]": b"250-mx\r\n250 AUTH XOAUTH2\r\n", b"EHLO": b"550 no\r\n"}
    with odd_server(MAIL, heard, tls=server_context(folder)) as port:
        assert "XOAUTH2" in said_by_smtp(folder, port, "TLS")
