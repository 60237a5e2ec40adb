"""Passwords into the keyring: asked for on a terminal, shown nowhere, one answer for both where wanted."""

import sys

import pytest

from tests.tools.mail_programme import MailProgramme
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


def test_without_a_server_there_is_nothing_to_keep(programme, kept):
    programme.set(smtp_host=None, imap_host=None)
    with pytest.raises(Refused, match="设置"):
        programme.run(password)
    assert kept == {}
