"""Sending on real servers: every district gets its own form once, whatever breaks on the way."""

from email import message_from_bytes
from email.policy import default

import pytest

from tests import offices
from tests.offices import MONTH, Programme, identity_of
from xl_addin.verbs import send


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    offices.environment(monkeypatch)
    return Programme(tmp_path / "任务 2023", mail).distributed()


def states(report):
    return {each["code"]: each["state"] for each in report.data["letters"]}


def test_forty_one_districts_get_their_own_form_once(tmp_path, mail, monkeypatch):
    offices.environment(monkeypatch)
    programme = Programme(tmp_path / "四十一", mail, 41).distributed()
    report = programme.run(send)
    assert report.clean, report.tables
    assert set(states(report).values()) == {"sent"}
    for district in programme.districts:
        [raw] = programme.mails(district)
        got = message_from_bytes(raw, policy=default)
        [form] = got.iter_attachments()
        assert form.get_filename() == f"填报表_{MONTH}_{district.code}_{district.name}.xlsx"
        assert identity_of(form.get_content()).district == district.code
        assert (got["To"], district.name in got["Subject"]) == (programme.box(district), True)
        assert str(got["From"]) == f"市残联教就处 <{programme.hq}>"
        assert "Bcc" not in got
    assert len(mail.messages(programme.hq)) == 41
    again = programme.run(send)
    assert again.clean
    assert all(not each["now"] for each in again.data["letters"])
    assert [len(programme.mails(d)) for d in programme.districts] == [1] * 41
