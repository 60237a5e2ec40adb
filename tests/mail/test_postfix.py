"""What a real Postfix refuses, and when, is told as what it is; its bounces are understood.

Postfix puts off what it has against the sender until a recipient is named: that must not be held against one.
"""

import time

import pytest

from tests.tools import mail_programme
from tests.tools.mail_programme import MailProgramme
from tests.tools.mailservers import SMALL
from xl_addin.system.errors import Refused
from xl_addin.verbs import fetch, send

pytestmark = pytest.mark.postfix


@pytest.fixture
def programme(tmp_path, servers, monkeypatch):
    mail_programme.environment(monkeypatch)
    return MailProgramme(tmp_path / "任务", servers, 5).distribute_forms()


def through(programme, front, **settings):
    programme.set(smtp_port=front.port, **settings)
    return programme


def states(report):
    return [each["state"] for each in report.data["letters"]]


def test_letters_go_through_and_the_computer_names_itself_well(programme, postfix):
    front = postfix(
        smtpd_helo_required="yes",
        smtpd_helo_restrictions="reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname",
    )
    report = through(programme, front).run(send)
    assert states(report) == ["sent"] * 5
    assert len(programme.mails(programme.districts[0])) == 1


def test_another_sender_is_the_accounts_fault_and_no_districts(programme, postfix, servers):
    senders = servers.folder / "senders"
    senders.write_text(f"/./ nobody-{programme.name}\n")
    front = postfix(
        smtpd_sender_login_maps=f"regexp:{senders}",
        smtpd_sender_restrictions="reject_sender_login_mismatch",
    )
    with pytest.raises(Refused, match="发件账户") as told:
        through(programme, front).run(send)
    assert "Sender address rejected" in told.value.message
    assert programme.query("SELECT COUNT(*) FROM sending_states WHERE state='refused'") == [(0,)]


def test_three_alike_stop_the_run_and_wait(programme, postfix, servers):
    blocked = servers.folder / "blocked"
    blocked.write_text("/./ REJECT 5.7.1 daily limit reached\n")
    front = postfix(smtpd_recipient_restrictions=f"check_recipient_access regexp:{blocked}, permit")
    with pytest.raises(Refused, match="连续 3 封") as told:
        through(programme, front).run(send)
    assert "daily limit" in told.value.message
    assert (
        programme.query("SELECT state FROM sending_states ORDER BY id DESC LIMIT 3")
        == [("pending",)] * 3
    )
    report = through(programme, postfix()).run(send)
    assert states(report) == ["sent"] * 5


def test_a_letter_that_is_too_large_is_told_with_its_size(programme, postfix):
    front = postfix(size=2_000)
    with pytest.raises(Refused, match="KB"):
        through(programme, front).run(send)


def test_a_rate_limit_ends_with_what_to_do(programme, postfix):
    front = postfix(smtpd_client_message_rate_limit="2", anvil_rate_time_unit="600s")
    report = through(programme, front).run(send)
    assert states(report)[:2] == ["sent", "sent"]
    assert "sent" not in states(report)[2:]
    assert "再按一次" in report.data["stopped"]
    report = through(programme, postfix()).run(send)
    assert states(report) == ["sent"] * 5
    # Postfix has taken them all and is still handing them on.
    end = time.monotonic() + 30
    while not all(map(programme.mails, programme.districts)):
        assert time.monotonic() < end
    assert [len(programme.mails(each)) for each in programme.districts] == [1] * 5


def test_its_bounce_marks_the_letter_and_says_why(programme, postfix):
    programme.edit({"区县名录": {(5, 4): f"{SMALL}@d.test"}})
    report = through(programme, postfix()).run(send)
    assert states(report) == ["sent"] * 5
    end = time.monotonic() + 30
    while not any(b"Undelivered" in raw for raw in programme.servers.messages(programme.hq)):
        assert time.monotonic() < end
    told = programme.run(fetch)
    [bounce] = [each for each in told.data["mails"] if each["kind"] == "bounce"]
    assert "552 5.2.2" in bounce["note"]
    assert bounce["district"] == "第1区"
