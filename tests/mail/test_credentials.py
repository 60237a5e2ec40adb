"""Logging in by a Microsoft account: asked for once on Microsoft's page, kept, renewed, told when it ends."""

import pytest

from tests.tools import accounts
from tests.tools.mailservers import access_token
from tests.tools.microsoft import Microsoft
from xl_addin.mail.credentials import Secret, refused_login, require_stored, secret_of, sign_in
from xl_addin.mail.receivers.imap import open_folder
from xl_addin.mail.transports.smtp import SmtpTransport
from xl_addin.master.read.account_rows import read_account
from xl_addin.system.errors import Refused

CLIENT = {"mail_login": "微软账户", "mail_client": "app-1", "mail_tenant": "office.cn"}


@pytest.fixture
def microsoft(monkeypatch):
    found = Microsoft()
    found.install(monkeypatch)
    return found


@pytest.fixture
def account(tmp_path):
    def make(**settings):
        return read_account(accounts.host(tmp_path, **(accounts.GOOD | CLIENT | settings)))[0]

    return make


def signed_in(account):
    shown = []
    sign_in(account, "hq@example.cn", lambda login: bool(shown.append(login.words)) or True)
    return shown


def test_a_person_types_a_code_and_from_then_on_tokens_come_by_themselves(microsoft, account):
    account = account()
    [shown] = signed_in(account)
    assert "https://microsoft.com/devicelogin" in shown
    assert "ABCD1234" in shown
    assert microsoft.asked[0] == [
        f"https://outlook.office.com/{right}"
        for right in ("SMTP.Send", "IMAP.AccessAsUser.All", "POP.AccessAsUser.All")
    ]
    assert set(microsoft.authorities) == {"https://login.microsoftonline.com/office.cn"}
    for _ in range(3):  # each gives a new one to ask with
        assert secret_of(account, account.imap) == Secret(token="access")  # noqa: S106
    assert microsoft.asked[-1] == ["https://outlook.office.com/IMAP.AccessAsUser.All"]
    assert all(len(kept) <= 1_280 for kept in microsoft.ring.values())
    assert not any("access" in kept for kept in microsoft.ring.values())


def test_the_chinese_cloud_has_its_own_pages(microsoft, account):
    account = account(mail_login="微软账户（世纪互联）", mail_tenant=None)
    signed_in(account)
    assert microsoft.authorities == ["https://login.partner.microsoftonline.cn/organizations"]
    assert microsoft.asked[0][0] == "https://partner.outlook.cn/SMTP.Send"


def test_what_is_lacking_is_named_and_nobody_is_called(microsoft, account):
    with pytest.raises(Refused, match="“保存密码”"):
        require_stored(account(), account().imap)
    with pytest.raises(Refused, match="“应用编号”"):
        require_stored(account(mail_client=None), account().imap)
    assert microsoft.authorities == []


def test_without_msal_what_to_install_is_said(account, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "msal", None)
    with pytest.raises(Refused, match=r"\[oauth\]"):
        signed_in(account())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"offline": True}, "连不上微软"),
        ({"knows_client": False}, "AADSTS700016: not found）"),
        ({"agrees": False}, "AADSTS70000"),
    ],
)
def test_a_login_that_does_not_come_about_keeps_nothing(microsoft, account, change, words):
    vars(microsoft).update(change)
    with pytest.raises(Refused) as refusal:
        signed_in(account())
    assert words in refusal.value.message
    assert microsoft.ring == {}


def test_who_closes_the_window_is_not_logged_in(microsoft, account):
    with pytest.raises(Refused, match="没有保存"):
        sign_in(account(), "hq@example.cn", lambda _: False)
    assert microsoft.ring == {}


def test_a_login_that_has_ended_says_to_log_in_again(microsoft, account):
    signed_in(account())
    microsoft.refresh = "another"
    with pytest.raises(Refused, match="“保存密码”") as refusal:
        secret_of(account(), account().smtp)
    assert "AADSTS700082" in refusal.value.message


def test_a_server_that_takes_no_token_is_no_wrong_password(account):
    says = refused_login(account(), account().imap, "AUTHENTICATE failed.").message
    assert "微软账户" in says
    assert "授权码" not in says
    assert "授权码" in refused_login(account(mail_login="密码"), account().imap).message


@pytest.mark.mail
def test_real_servers_take_the_token_and_refuse_another(tmp_path, microsoft, servers):
    address = f"{tmp_path.name}@token.test"
    where = {
        "mail_address": address,
        "smtp_host": servers.host,
        "smtp_port": servers.submission,
        "smtp_security": "STARTTLS",
        "imap_host": servers.host,
        "imap_port": servers.imaps,
        "mail_ca_file": str(servers.ca),
    }
    account = read_account(accounts.host(tmp_path, **(CLIENT | where)))[0]
    sign_in(account, address, lambda _: True)
    microsoft.access = access_token(address)
    servers.fill(address, [b"Subject: x\r\n\r\n"])
    with open_folder(account) as box:
        assert box.exists == 1
    transport = SmtpTransport(account, tmp_path)
    transport.open()
    transport.close()
    microsoft.access = "nonsense"
    with pytest.raises(Refused, match="微软账户"), open_folder(account):
        pass
    with pytest.raises(Refused, match="微软账户"):
        SmtpTransport(account, tmp_path).open()
