"""Sending, in memory and on real servers: every district gets its own form once, whatever breaks."""

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from imapclient import IMAPClient

from tests.tools import mail_programme
from tests.tools.certificates import EXPIRED, UNKNOWN, WRONG_HOST
from tests.tools.mail_programme import MONTH, MailProgramme, identity_of
from tests.tools.mailservers import PASSWORD, SMALL, free_ports
from tests.tools.postoffice import ON_SERVERS
from tests.tools.systems import KILLED
from xl_addin.model.folder import FORMS
from xl_addin.model.sheets import DISTRICTS_SHEET, LETTERS_SHEET, TARGETS_SHEET
from xl_addin.system.errors import Refused
from xl_addin.system.filelock import lock
from xl_addin.verbs import send


@pytest.fixture
def mail(post):
    return post


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    mail_programme.environment(monkeypatch)
    return MailProgramme(tmp_path / "任务 2023", mail).distribute_forms()


def states(report):
    return {each["code"]: each["state"] for each in report.data["letters"]}


def test_forty_one_districts_get_their_own_form_once(tmp_path, mail, monkeypatch):
    mail_programme.environment(monkeypatch)
    programme = MailProgramme(tmp_path / "四十一", mail, 41).distribute_forms()
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


def outcome(report, district):
    [found] = [each for each in report.data["letters"] if each["code"] == district.code]
    return found


def copies(programme):
    return [len(programme.mails(district)) for district in programme.districts]


def test_a_rehearsal_says_to_whom_what_would_go_and_sends_nothing(programme):
    programme.edit({DISTRICTS_SHEET: {(6, 4): None}})
    report = programme.run(send, rehearse=True)
    assert len(report.data["letters"]) == 4
    assert [each["code"] for each in report.data["skipped"]] == [programme.districts[1].code]
    assert copies(programme) == [0] * 5
    assert programme.query("SELECT * FROM sendings") == []
    assert programme.query("SELECT * FROM events WHERE verb='send'") == []


def test_a_district_without_address_is_named_and_the_others_go(programme):
    programme.edit({DISTRICTS_SHEET: {(6, 4): None}})
    report = programme.run(send)
    assert not report.clean
    assert copies(programme) == [1, 0, 1, 1, 1]
    programme.edit({DISTRICTS_SHEET: {(6, 4): programme.box(programme.districts[1])}})
    assert programme.run(send).clean
    assert copies(programme) == [1] * 5


def test_a_form_that_was_touched_or_is_not_there_does_not_go_out(programme):
    folder = programme.folder / FORMS / MONTH
    one, two = (next(folder.glob(f"*{d.code}*")) for d in programme.districts[:2])
    one.write_bytes(two.read_bytes()[:-1] + b"x")
    two.unlink()
    report = programme.run(send)
    assert len(report.data["skipped"]) == 2
    assert copies(programme) == [0, 0, 1, 1, 1]


def test_a_form_under_another_districts_name_is_stopped_at_the_door(programme):
    folder = programme.folder / FORMS / MONTH
    one, two = (next(folder.glob(f"*{d.code}*")) for d in programme.districts[:2])
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    report = programme.run(send)
    states = [outcome(report, d)["state"] for d in programme.districts]
    assert states == ["failed", "failed", "sent", "sent", "sent"]
    assert copies(programme) == [0, 0, 1, 1, 1]
    assert programme.districts[1].name in outcome(report, programme.districts[0])["detail"]


def test_a_field_that_does_not_exist_stops_everything_before_anything_is_sent(programme):
    programme.edit({LETTERS_SHEET: {(5, 3): "{区县}你好，{截至日期}前报"}})
    with pytest.raises(Refused) as refusal:
        programme.run(send)
    assert [(p.cell, p.code) for p in refusal.value.problems] == [("C5", "field-unknown")]
    assert copies(programme) == [0] * 5


def test_a_new_form_is_a_new_letter_and_again_sends_once_more(programme):
    programme.run(send)
    one = programme.districts[0]
    programme.run(send, district=one.code, again="")
    assert copies(programme) == [2, 1, 1, 1, 1]
    row = 7  # the first district's line in 任务表
    programme.edit({TARGETS_SHEET: {(row, 3): 222}})
    programme.distribute_forms()
    report = programme.run(send)
    assert [each["code"] for each in report.data["letters"] if each["now"]] == [one.code]
    assert copies(programme) == [3, 1, 1, 1, 1]
    with pytest.raises(Refused, match="没有“无此地”"):
        programme.run(send, district="无此地")


def test_what_a_server_does_not_want_now_is_tried_again_with_growing_pauses(programme, mail):
    patient, hopeless = programme.districts[:2]
    mail.relay.rcpt[programme.box(patient)] = ["451 4.7.1 later", "450 4.2.1 busy"]
    mail.relay.rcpt[programme.box(hopeless)] = ["451 4.7.1 later*"]
    slept = []
    report = programme.run(send, slept=slept)
    assert outcome(report, patient)["state"] == "sent"
    assert outcome(report, hopeless)["state"] == "pending"
    assert "451" in outcome(report, hopeless)["detail"]
    assert [pause for pause in slept if pause > 1] == [10, 30, 90]
    assert copies(programme) == [1, 0, 1, 1, 1]
    mail.relay.rcpt.clear()
    programme.run(send)
    assert copies(programme) == [1] * 5


def test_a_server_that_wants_nothing_is_not_pressed(programme, mail):
    for district in programme.districts:
        mail.relay.rcpt[programme.box(district)] = ["451 4.7.1 later*"]
    report = programme.run(send)
    states = {each["state"] for each in report.data["letters"]}
    assert states == {"pending", "kept"}
    tried = programme.query("SELECT DISTINCT sending FROM sending_states WHERE detail<>''")
    assert len(tried) == 3


def test_a_refusal_is_recorded_and_the_others_go_on(programme, mail):
    one, two = programme.districts[:2]
    mail.relay.rcpt[programme.box(one)] = ["550 5.1.1 no such user*"]
    mail.relay.data[programme.box(two)] = ["554 5.7.1 not wanted*"]
    report = programme.run(send)
    assert [outcome(report, d)["state"] for d in (one, two)] == ["refused", "refused"]
    assert "no such user" in outcome(report, one)["detail"]
    assert "请核对“区县名录”里的邮箱" in report.tables[0].rows[0][-1]
    assert not report.clean
    assert copies(programme) == [0, 0, 1, 1, 1]
    mail.relay.data.clear()
    fixed = f"new.{programme.box(one)}"
    programme.edit({DISTRICTS_SHEET: {(5, 4): fixed}})
    assert programme.run(send).clean
    assert len(mail.messages(fixed)) == 1
    assert copies(programme) == [0, 1, 1, 1, 1]


@ON_SERVERS
def test_a_full_mailbox_is_a_refusal_that_is_told(programme):
    one = programme.districts[0]
    programme.edit({DISTRICTS_SHEET: {(5, 4): f"{SMALL}@d.test"}})
    report = programme.run(send)
    assert outcome(report, one)["state"] == "refused"
    assert "552" in outcome(report, one)["detail"]
    assert copies(programme) == [0, 1, 1, 1, 1]


def test_one_of_several_addresses_that_is_refused_is_told(programme, mail):
    one, two = programme.districts[:2]
    good, bad, cc = (f"{name}.{programme.box(one)}" for name in ("good", "bad", "cc"))
    programme.edit({DISTRICTS_SHEET: {(5, 4): f"{bad}；李四 <{good}>", (5, 5): cc}})
    mail.relay.rcpt[bad] = ["550 5.1.1 no such user*"]
    report = programme.run(send)
    found = outcome(report, one)
    assert (found["state"], found["to"], found["cc"]) == ("sent", [bad, good], [cc])
    assert bad in found["detail"]
    assert not report.clean
    assert (len(mail.messages(good)), len(mail.messages(cc)), len(mail.messages(bad))) == (1, 1, 0)
    # Where nobody of a district can be reached, our own copy is not sent either.
    mail.relay.rcpt[programme.box(two)] = ["550 5.1.1 no such user*"]
    programme.run(send, district=two.code, again="")
    assert len(mail.messages(programme.hq)) == 5


@ON_SERVERS
@pytest.mark.parametrize("after", [2150, 2300, 2450, 2600, 2750, 2900, 3000])
def test_a_connection_that_breaks_costs_no_letter_and_doubles_none(programme, mail, after):
    with mail.cut_connections(mail.submission, after, times=2) as port:
        programme.set(smtp_port=port)
        with suppress(Refused):  # where not even the first letter could be tried
            programme.run(send)
    programme.set(smtp_port=mail.submission)
    wait_for(lambda: len(mail.messages(programme.hq)) >= len(sent_of(programme)))
    programme.run(send, at=mail_programme.NOW.replace(hour=12))
    assert copies(programme) == [1] * 5


def sent_of(programme):
    return programme.query("SELECT DISTINCT sending FROM sending_states WHERE state='sent'")


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def test_a_wrong_password_names_the_authorisation_code_and_sends_nothing(programme, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", "wrong-password")
    with pytest.raises(Refused) as refusal:
        programme.run(send)
    assert "授权码" in refusal.value.message
    assert "wrong-password" not in refusal.value.message
    assert copies(programme) == [0] * 5
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", PASSWORD)
    programme.run(send)
    assert copies(programme) == [1] * 5


@ON_SERVERS
@pytest.mark.parametrize(
    ("kind", "says"), [(EXPIRED, "过期"), (WRONG_HOST, "名字"), (UNKNOWN, "受信任")]
)
def test_a_server_that_cannot_be_trusted_gets_no_password(programme, mail, kind, says):
    programme.set(smtp_port=mail.instance(kind).submission)
    with pytest.raises(Refused, match=says):
        programme.run(send)
    assert copies(programme) == [0] * 5


@ON_SERVERS
def test_a_server_without_starttls_gets_no_password(programme):
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_plain_server, args=(listener, heard))
        thread.start()
        programme.set(smtp_port=listener.getsockname()[1])
        with pytest.raises(Refused, match="STARTTLS"):
            programme.run(send)
        thread.join(10)
    said = b"".join(heard).upper()
    assert said.startswith(b"EHLO")
    assert b"AUTH" not in said
    assert b"MAIL" not in said


def _plain_server(listener, heard):
    wire, _ = listener.accept()
    with wire:
        wire.sendall(b"220 ready\r\n")
        while data := wire.recv(4096):
            heard.append(data)
            bye = data.upper().startswith(b"QUIT")
            wire.sendall(b"221 bye\r\n" if bye else b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")


@contextmanager
def busy_server(mail, times):
    """In front of the real one: turns away so many connections, then passes everything on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_turns_away, args=(listener, mail, times))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _turns_away(listener, mail, times):
    with suppress(OSError):
        for _ in range(times):
            wire, _ = listener.accept()
            with wire:
                wire.sendall(b"421 4.7.0 too many connections\r\n")
        wire, _ = listener.accept()
        with wire, socket.create_connection((mail.host, mail.submission)) as behind:
            back = threading.Thread(target=_passes, args=(behind, wire))
            back.start()
            _passes(wire, behind)
            back.join(10)


def _passes(one, other):
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@ON_SERVERS
@pytest.mark.parametrize(("times", "slept"), [(2, [10, 30]), (9, [10, 30, 90])])
def test_a_server_that_has_no_room_just_now_is_asked_again(programme, mail, times, slept):
    pauses = []
    with busy_server(mail, times) as port:
        programme.set(smtp_port=port)
        if times < 4:
            assert programme.run(send, slept=pauses).clean
        else:
            with pytest.raises(Refused, match="421"):
                programme.run(send, slept=pauses)
    assert [pause for pause in pauses if pause > 1] == slept
    assert copies(programme) == [int(times < 4)] * 5


@contextmanager
def tls_server(mail, handler):
    """What 163 and QQ have on port 465; Dovecot's submission has only STARTTLS."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mail.folder / "good.pem", mail.folder / "good.key")
    server = Controller(
        handler,
        "127.0.0.1",
        free_ports(1)[0],
        ssl_context=context,
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=True),
        server_hostname="test",
    )
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


class Delivers:
    """Takes mails and delivers them; ``hangs_up`` is the number of the one that it does not answer."""

    def __init__(self, mail, hangs_up=0):
        self.mail, self.hangs_up, self.taken = mail, hangs_up, 0

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        self.taken += 1
        for address in envelope.rcpt_tos:
            self.mail.deliver(address, envelope.content)
        if self.taken == self.hangs_up:
            server.transport.abort()
        return "250 OK"


@ON_SERVERS
def test_tls_from_the_first_byte(programme, mail):
    with tls_server(mail, Delivers(mail)) as port:
        programme.set(smtp_port=port, smtp_security="TLS")
        assert programme.run(send).clean
    assert copies(programme) == [1] * 5


@ON_SERVERS
def test_a_mail_that_was_taken_without_an_answer_is_found_in_our_own_mailbox(programme, mail):
    with tls_server(mail, Delivers(mail, 2)) as port:
        programme.set(smtp_port=port, smtp_security="TLS")
        report = programme.run(send)
        states = [outcome(report, district)["state"] for district in programme.districts]
        assert states == ["sent", "sending", "sent", "sent", "sent"]
        assert programme.run(send).clean
    assert copies(programme) == [1] * 5


def put_away(mail, programme, folder):
    with IMAPClient(mail.host, mail.imaps, ssl_context=mail.context(), timeout=10) as client:
        client.login(programme.hq, PASSWORD)
        client.select_folder("INBOX")
        client.create_folder(folder)
        client.move(client.search(["ALL"]), folder)


@ON_SERVERS
@pytest.mark.parametrize(("folder", "clean"), [("已取", True), ("别处", False)])
def test_copies_that_were_put_away_are_found_and_lost_ones_prove_nothing(
    programme, mail, folder, clean
):
    second = programme.districts[1]
    with tls_server(mail, Delivers(mail, 2)) as port:
        programme.set(smtp_port=port, smtp_security="TLS", imap_taken="已取")
        assert outcome(programme.run(send), second)["state"] == "sending"
        put_away(mail, programme, folder)
        report = programme.run(send, at=mail_programme.NOW.replace(hour=23))
    assert report.clean == clean
    assert outcome(report, second)["state"] == ("sent" if clean else "sending")
    assert copies(programme) == [1] * 5


def test_nobody_listening_is_told(programme):
    programme.set(smtp_port=free_ports(1)[0])
    with pytest.raises(Refused, match="连接不上"):
        programme.run(send)


def test_two_at_once_do_not_send_the_same_letters(programme):
    with lock(programme.folder / ".xl-addin-mail.lock", "发信"), pytest.raises(Refused):
        programme.run(send)
    assert copies(programme) == [0] * 5
    assert programme.run(send).clean


POINTS = (
    "send-planned",
    "send-sending:3",
    "send-data:3",
    "send-handed:3",
    "send-accepted:3",
    "send-recorded:3",
)


@ON_SERVERS
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_step_costs_no_letter_and_doubles_none(programme, mail, point):
    command = [
        sys.executable,
        "-m",
        "xl_addin",
        "send",
        "--folder",
        str(programme.folder),
        "--month",
        MONTH,
    ]
    killed = subprocess.run(command, env={**os.environ, "XL_ADDIN_FAILPOINT": point})
    assert killed.returncode == KILLED
    if point == "send-handed:3":
        # The server has the whole mail, and may deliver it although nobody waits for its answer.
        wait_for(lambda: len(mail.messages(programme.hq)) == 3, 2)
    report = programme.run(send, at=datetime.now() + timedelta(hours=25))
    assert report.clean, report.tables
    assert copies(programme) == [1] * 5


@ON_SERVERS
def test_what_a_stop_left_in_doubt_is_not_guessed(programme):
    """Without our own copy nobody can know: a person decides, on 设置 or on 回收情况."""
    programme.set(mail_own_copy="否")
    command = [
        sys.executable,
        "-m",
        "xl_addin",
        "send",
        "--folder",
        str(programme.folder),
        "--month",
        MONTH,
    ]
    subprocess.run(command, env={**os.environ, "XL_ADDIN_FAILPOINT": "send-accepted:3"})
    third = programme.districts[2]
    later = datetime.now() + timedelta(hours=25)
    report = programme.run(send, at=later)
    assert outcome(report, third)["state"] == "sending"
    assert "“信件处理”" in outcome(report, third)["detail"]
    assert not report.clean
    assert copies(programme) == [1] * 5
    programme.set(mail_unsure="算已发")
    assert programme.run(send, at=later).clean
    assert copies(programme) == [1] * 5


@ON_SERVERS
def test_a_copy_that_may_be_on_its_way_is_waited_for(programme):
    command = [
        sys.executable,
        "-m",
        "xl_addin",
        "send",
        "--folder",
        str(programme.folder),
        "--month",
        MONTH,
    ]
    subprocess.run(command, env={**os.environ, "XL_ADDIN_FAILPOINT": "send-sending:3"})
    third = programme.districts[2]
    report = programme.run(send, at=datetime.now() + timedelta(minutes=1))
    assert outcome(report, third)["state"] == "sending"
    assert copies(programme) == [1, 1, 0, 1, 1]
    # The mailbox cannot be looked into: nothing is concluded from that.
    programme.set(imap_port=free_ports(1)[0])
    report = programme.run(send, at=datetime.now() + timedelta(hours=25))
    assert outcome(report, third)["state"] == "sending"
    programme.set(mail_unsure="重发")
    assert programme.run(send, at=datetime.now() + timedelta(hours=25)).clean
    assert copies(programme) == [1] * 5


def test_the_pace_is_kept(programme):
    programme.set(mail_pace=2)
    slept = []
    programme.run(send, slept=slept)
    assert len(slept) == 4
    assert all(25 < pause <= 30 for pause in slept)
