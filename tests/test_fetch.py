"""Fetching from a real mailbox: what comes in, once, whatever the server and the wire do."""

from email.message import EmailMessage

import pytest

from tests import offices
from tests.offices import Programme
from xl_addin.verbs import fetch

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@pytest.fixture(autouse=True)
def passwords(monkeypatch):
    offices.environment(monkeypatch)


@pytest.fixture
def programme(tmp_path, mail):
    return Programme(tmp_path / "年度 任务", mail).distributed()


def letter(sender, *files, subject="报送", text="见附件", **headers):
    """A mail as a mail program writes it; files are (name, bytes)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "hq@hq.test", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype=XLSX[0], subtype=XLSX[1], filename=name)
    return message.as_bytes()


def test_a_return_that_came_by_mail_is_accepted_once(programme, mail):
    first, second = programme.districts[:2]
    form = programme.filled(first)
    mail.deliver(programme.hq, letter(programme.box(first), ("填报表.xlsx", form)))
    report = programme.run(fetch)
    assert [(r["code"], r["verdict"]) for r in report.data["returns"]] == [(first.code, "accepted")]
    assert report.exit_code == 0
    again = programme.run(fetch)
    assert (again.data["mails"], again.data["returns"]) == ([], [])
    assert again.data["counts"]["fetched"] == 0
    mail.deliver(programme.hq, letter(programme.box(second), ("乙.xlsx", programme.filled(second))))
    assert [r["code"] for r in programme.run(fetch).data["returns"]] == [second.code]
