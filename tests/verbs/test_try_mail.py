"""Trying the mailbox: what works and what not, each with what to do, and no district hears of it."""

import smtplib

import pytest

from tests.tools.mail_programme import MailProgramme, environment
from tests.tools.postoffice import PostOffice
from xl_addin.mail.receivers import outlook as outlook_edge
from xl_addin.mail.transports import outlook as sending_edge
from xl_addin.services.programme import Request
from xl_addin.verbs import try_mail


@pytest.fixture
def programme(tmp_path, post, monkeypatch):
    environment(monkeypatch)
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", "abcdefghijklmnop")
    return MailProgramme(tmp_path / "任务", post, 2)


@pytest.fixture
def double(tmp_path, postoffice, monkeypatch):
    environment(monkeypatch)
    return MailProgramme(tmp_path / "任务", postoffice, 2)


def steps(report):
    return {each["step"]: each["works"] for each in report.data["steps"]}


def said(report):
    return {each["step"]: each["says"] for each in report.data["steps"]}


def test_a_mailbox_that_works_says_so_and_nobody_else_gets_anything(programme):
    slept = []
    report = programme.run(try_mail, slept=slept)
    assert steps(report) == {"send": True, "fetch": True, "letter": True}
    assert (report.clean, report.outcome) == (True, "测试邮箱：都行")
    assert len(programme.servers.messages(programme.hq)) == 1
    assert all(programme.mails(each) == [] for each in programme.districts)
    assert programme.query("SELECT COUNT(*) FROM sendings") == [(0,)]
    assert programme.query("SELECT COUNT(*) FROM mails") == [(0,)]


@pytest.mark.mail
def test_by_pop3_too(tmp_path, servers, monkeypatch):
    environment(monkeypatch)
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", "abcdefghijklmnop")
    settings = {"mail_receiver": "POP3", "pop3_host": servers.host, "pop3_port": servers.pop3s}
    programme = MailProgramme(tmp_path / "任务", servers, 1, **settings)
    report = programme.run(try_mail)
    assert steps(report) == {"send": True, "fetch": True, "letter": True}
    assert "POP3 服务器" in said(report)["fetch"]


def test_a_rehearsal_calls_nobody(double):
    assert double.run(try_mail, rehearse=True).clean
    assert double.servers.logins == []


def test_a_wrong_password_is_told_for_each_side_with_what_to_do(double, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", "wrong")
    report = double.run(try_mail)
    assert steps(report) == {"send": False, "fetch": True, "letter": None}
    assert "“保存密码”" in said(report)["send"]
    assert "发信登录不行" in report.outcome
    monkeypatch.setenv("XL_ADDIN_IMAP_PASSWORD", "wrong")
    report = double.run(try_mail)
    assert steps(report) == {"send": False, "fetch": False, "letter": None}
    assert not report.clean


def test_a_letter_that_does_not_come_back_says_where_to_look(double):
    double.set(mail_address="other@hq.test", smtp_user=double.hq, imap_user=double.hq)
    slept = []
    report = double.run(try_mail, slept=slept)
    assert steps(report)["letter"] is False
    assert "垃圾箱" in said(report)["letter"]
    assert sum(slept) == sum(try_mail._PAUSES)


def test_a_letter_that_comes_late_is_waited_for(double, monkeypatch):
    looks, held = [], []
    late = lambda _office, *what: held.append(what)  # noqa: E731
    monkeypatch.setattr(PostOffice, "deliver", late)

    def sleep(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            double.servers.fill(held[0][0], [held[0][1]])

    under_test = double.open_programme()
    under_test.sleep = sleep
    report = try_mail.run(under_test, Request())
    under_test.close()
    assert steps(report)["letter"] is True
    assert looks == list(try_mail._PAUSES[:3])


@pytest.mark.parametrize(
    ("step", "error", "words"),
    [
        ("smtp.mail", smtplib.SMTPResponseException(553, b"not yours"), "553 not yours"),
        ("smtp.rcpt", smtplib.SMTPResponseException(550, b"no such"), "没有被收下"),
        ("smtp.data", smtplib.SMTPResponseException(451, b"later"), "再试"),
    ],
)
def test_a_letter_that_is_refused_says_why(double, step, error, words):
    double.servers.faults.plan(step, error)
    report = double.run(try_mail)
    assert steps(report)["letter"] is False
    assert words in said(report)["letter"]


def test_what_needs_no_login_is_not_tried(double):
    double.set(mail_way="邮件文件", imap_host=None)
    report = double.run(try_mail)
    assert steps(report) == {"send": None, "fetch": None, "letter": None}
    assert "“邮件文件”" in said(report)["send"]
    assert report.clean


def test_settings_that_are_wrong_are_named_with_their_cell(double):
    double.set(smtp_host="不是服务器", mail_address=None)
    report = double.run(try_mail)
    assert steps(report)["send"] is False
    assert "设置!B" in said(report)["send"]


def test_outlook_is_tried_as_it_is_used(double, monkeypatch):
    from datetime import datetime

    from tests.tools.msg import message
    from tests.tools.outlook import Item, Outlook

    running = Outlook(double.hq)
    monkeypatch.setattr(sending_edge, "open_outlook", lambda *_: running)
    monkeypatch.setattr(outlook_edge, "open_outlook", lambda *_: running)
    inbox = running.Session.Accounts[0].DeliveryStore.inbox
    real = Item.Send

    def send(item):
        real(item)
        inbox.receive(message(item.Subject, double.hq), datetime(2023, 7, 10))

    monkeypatch.setattr(Item, "Send", send)
    double.set(mail_way="Outlook 发送", mail_receiver="Outlook", smtp_host=None, imap_host=None)
    report = double.run(try_mail)
    assert steps(report) == {"send": True, "fetch": True, "letter": True}, said(report)
    double.set(mail_way="Outlook 草稿")
    report = double.run(try_mail)
    assert steps(report)["letter"] is None
    assert len(running.items) == 1
