"""The mail account: where passwords come from, and whom a connection is trusted to."""

import errno
import socket
import ssl

import pytest

from tests.tools import accounts
from tests.tools.accounts import GOOD
from tests.tools.systems import windows
from xl_addin.mail import account
from xl_addin.mail.account import (
    IMAP,
    SMTP,
    Server,
    connection_refused,
    login_refused,
    password,
    tls_context,
)
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.mail_settings import TLS
from xl_addin.system.errors import Refused

SERVER = Server(SMTP, "smtp.163.com", 465, TLS, "hq@163.com")


@pytest.fixture
def no_keyring(monkeypatch):
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    monkeypatch.delenv("XL_ADDIN_SMTP_PASSWORD", raising=False)
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("no_keyring")
def test_a_password_comes_from_the_environment_or_is_asked_for(monkeypatch):
    with pytest.raises(Refused, match="xl-addin password"):
        password(SERVER)
    with pytest.raises(Refused, match="XL_ADDIN_SMTP_PASSWORD"):
        account.store_password(SERVER, "x")
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", "秘密")
    assert password(SERVER) == "秘密"
    with pytest.raises(Refused):
        password(SERVER._replace(protocol=IMAP))


@pytest.mark.usefixtures("no_keyring")
def test_a_password_stays_in_the_keyring():
    import keyring
    from keyring.backend import KeyringBackend

    kept = {}

    class Memory(KeyringBackend):
        priority = 1

        def set_password(self, service, username, secret):
            kept[service, username] = secret

        def get_password(self, service, username):
            return kept.get((service, username))

    keyring.set_keyring(Memory())
    account.store_password(SERVER, "授权码")
    assert password(SERVER) == "授权码"
    assert kept == {("xl-addin SMTP smtp.163.com", "hq@163.com"): "授权码"}
    with pytest.raises(Refused):
        password(SERVER._replace(user="other@163.com"))


def test_connections_are_verified(tmp_path):
    said, _ = read_account(accounts.host(tmp_path, **GOOD))
    context = tls_context(said)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    broken = tmp_path / "坏.pem"
    broken.write_text("no certificate")
    with pytest.raises(Refused, match=r"坏\.pem"):
        tls_context(said._replace(ca_file=str(broken)))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(-2, "x"), "找不到"),
        (TimeoutError(), "没有回应"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "连接不上（这个端口上没有服务器）"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "连接不上（对方断开了连接）"),
        (OSError(errno.ENETUNREACH, "no way"), "连接不上（网络不通）"),
        (OSError(0, "what"), "连接不上（what）"),
        (ssl.SSLError(1, "wrong"), "加密"),
    ],
)
def test_why_there_is_no_connection_is_told(error, says):
    assert says in connection_refused(SERVER, error).message
    assert "smtp.163.com:465" in connection_refused(SERVER, error).message


def test_a_refused_login_names_the_authorisation_code():
    said = login_refused(SERVER, "535 Error: authentication failed").message
    assert "授权码" in said
    assert "hq@163.com" in said


@windows
def test_the_vault_of_windows_keeps_a_password(monkeypatch):
    import keyring

    monkeypatch.delenv("XL_ADDIN_SMTP_PASSWORD", raising=False)
    server = SERVER._replace(user="vault-test@163.com")
    assert type(keyring.get_keyring()).__name__ == "WinVaultKeyring"
    with pytest.raises(Refused, match="没有保存用户"):
        password(server)
    account.store_password(server, "授权码 ß1")
    try:
        assert password(server) == "授权码 ß1"
    finally:
        keyring.delete_password("xl-addin smtp smtp.163.com", server.user)
