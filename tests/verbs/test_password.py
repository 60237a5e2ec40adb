"""Passwords into the keyring: asked for on a terminal, shown nowhere, one answer for both where wanted."""

import sys

import pytest

from tests.tools.mail_programme import MailProgramme
from tests.tools.microsoft import Microsoft
from xl_addin.services.programme import Request
from xl_addin.system.errors import Refused
from xl_addin.verbs import password


@pytest.fixture
def programme(tmp_path, postoffice):
    return MailProgramme(tmp_path / "任务", postoffice, 1)


@pytest.fixture
def kept(monkeypatch):
    """What was stored, by protocol."""
    found = {}
    monkeypatch.setattr(
        password, "store_password", lambda s, secret: found.update({s.protocol: secret})
    )
    return found


def answers(monkeypatch, *said):
    waiting = list(said)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(password, "getpass", lambda _: waiting.pop(0))


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        (("one", "two"), {"SMTP": "one", "IMAP": "two"}),
        (("one", ""), {"SMTP": "one", "IMAP": "one"}),
    ],
)
def test_each_server_gets_its_password(programme, kept, monkeypatch, said, stored):
    answers(monkeypatch, *said)
    report = programme.run(password)
    assert (kept, len(report.data["servers"])) == (stored, 2)
    assert "one" not in report.outcome


def test_an_empty_first_answer_stores_nothing(programme, kept, monkeypatch):
    answers(monkeypatch, "")
    with pytest.raises(Refused):
        programme.run(password)
    assert kept == {}


def test_a_rehearsal_asks_nobody_and_without_a_terminal_nobody_can_be_asked(programme, kept):
    assert programme.run(password, rehearse=True).clean
    with pytest.raises(Refused, match="命令行"):
        programme.run(password)
    assert kept == {}


class Live:
    """A programme whose master is open in Excel, as far as this verb asks."""

    def __init__(self, programme):
        self.live, self.host, self.folder = True, programme.host, programme.folder


@pytest.fixture
def pressed(programme, monkeypatch):
    """Press the button and type these into the windows; None is closed. The windows' texts as well."""

    def press(*said):
        waiting, shown = list(said), []

        def ask(title, text):
            shown.append((title, text))
            return waiting.pop(0)

        monkeypatch.setattr(password, "ask_secret", ask)
        under_test = programme.open_programme()
        try:
            return password.run(Live(under_test), Request()), shown
        finally:
            under_test.close()

    return press


def test_the_button_asks_in_a_window_and_the_password_goes_nowhere_else(programme, kept, pressed):
    def everything():
        return {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}

    before = everything()
    report, shown = pressed("one-secret", "")
    assert kept == {"SMTP": "one-secret", "IMAP": "one-secret"}
    assert [title for title, _ in shown] == ["保存密码"] * 2
    assert "授权码" in shown[0][1]
    assert "与上面相同" in shown[1][1]
    assert "测试邮箱" in report.outcome
    assert everything() == before
    assert "one-secret" not in repr(report)


@pytest.mark.parametrize("said", [(None,), ("one", None), ("",), ("  ",)])
def test_a_window_that_is_closed_stores_nothing(kept, pressed, said):
    with pytest.raises(Refused):
        pressed(*said)
    assert kept == {}


def test_what_the_chosen_ways_need_is_asked_for_and_no_more(programme, kept, pressed):
    programme.set(mail_receiver="POP3", pop3_host="pop.test")
    pressed("one", "two")
    assert kept == {"SMTP": "one", "POP3": "two"}
    programme.set(mail_way="Outlook 发送", mail_receiver="Outlook", smtp_host=None)
    with pytest.raises(Refused, match="用不着密码"):
        pressed()


def test_a_microsoft_account_is_logged_in_instead(programme, kept, pressed, monkeypatch):
    microsoft = Microsoft()
    microsoft.install(monkeypatch)
    programme.set(mail_login="微软账户", mail_client="app")
    opened, told = [], []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(password, "confirm", lambda *said: bool(told.append(said)) or True)
    report, shown = pressed()
    assert (opened, shown, kept) == (["https://microsoft.com/devicelogin"], [], {})
    assert told[0][2] == "ABCD1234"
    assert "微软账户" in report.outcome
    assert microsoft.ring


def test_without_a_server_there_is_nothing_to_keep(programme, kept):
    programme.set(smtp_host=None, imap_host=None)
    with pytest.raises(Refused, match="设置"):
        programme.run(password)
    assert kept == {}
