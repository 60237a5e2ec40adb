"""SMTP step by step: what each answer and each break leads to, without a server."""

import smtplib
import socket
import ssl

import pytest

from tests.tools import accounts
from tests.tools.letters import letter
from tests.tools.mailservers import PASSWORD
from xl_addin.mail.transports.base import (
    ConnectionLost,
    DeliveryInDoubt,
    OutgoingMail,
    TransientFailure,
)
from xl_addin.mail.transports.smtp import SmtpTransport, dot_stuff
from xl_addin.master.read.account_rows import read_account
from xl_addin.store.deliveries import NO_COPY
from xl_addin.system.errors import Refused

TO = ("a@d.cn", "b@d.cn", "c@d.cn")
MAIL = OutgoingMail(letter(), b"Subject: x\r\n\r\n.y\r\n", "<1@x>", "hq@example.cn")


@pytest.fixture
def account(tmp_path, postoffice, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setattr("xl_addin.mail.transports.smtp.what_is_there", lambda *_: "")
    settings = {"smtp_port": postoffice.submission, "smtp_security": "STARTTLS"}
    return read_account(accounts.host(tmp_path, **accounts.GOOD, **settings))[0]


@pytest.fixture
def transport(account, tmp_path):
    opened = SmtpTransport(account, tmp_path)
    opened.open()
    return opened


def carried(transport, marks=None):
    return transport.send(MAIL, lambda: (marks if marks is not None else []).append(1))


def test_a_mail_goes_to_everybody_and_to_us_as_it_is(transport, postoffice):
    marks = []
    assert carried(transport, marks) == ("sent", "", False)
    assert marks == [1]
    for address in (*TO, "hq@example.cn"):
        [raw] = postoffice.messages(address)
        assert raw.endswith(MAIL.data)
    transport.close()
    transport.close()
    assert postoffice.faults.reached["smtp.quit"] == 1


@pytest.mark.parametrize("security", ["TLS", "STARTTLS"])
def test_it_logs_in_over_either_kind_of_encryption(account, tmp_path, postoffice, security):
    server = account.smtp._replace(security=security)
    SmtpTransport(account._replace(smtp=server), tmp_path).open()
    assert postoffice.logins == ["hq@example.cn"]
    assert postoffice.faults.reached["smtp.starttls"] == (security == "STARTTLS")


OPENING = [
    ("connect", ConnectionRefusedError(111, "refused"), Refused),
    ("connect", socket.gaierror(-2, "unknown"), Refused),
    ("connect", TimeoutError(), Refused),
    ("connect", smtplib.SMTPConnectError(421, b"busy"), TransientFailure),
    ("connect", smtplib.SMTPConnectError(554, b"no"), Refused),
    ("starttls", ssl.SSLError(1, "bad"), Refused),
    ("starttls", smtplib.SMTPNotSupportedError("none"), Refused),
    ("starttls", smtplib.SMTPServerDisconnected("gone"), Refused),
    ("login", smtplib.SMTPAuthenticationError(535, b"no"), Refused),
    ("login", smtplib.SMTPAuthenticationError(454, "try later"), TransientFailure),
]


@pytest.mark.parametrize(("step", "error", "kind"), OPENING)
def test_what_goes_wrong_before_a_mail_is_told_with_the_server(
    account, tmp_path, postoffice, step, error, kind
):
    postoffice.faults.plan(f"smtp.{step}", error)
    with pytest.raises(kind) as told:
        SmtpTransport(account, tmp_path).open()
    assert "smtp.example.cn:587" in str(told.value)
    assert PASSWORD not in str(told.value)


def test_a_password_that_no_server_can_take_is_a_login_that_failed(account, tmp_path, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_SMTP_PASSWORD", "密码")
    with pytest.raises(Refused, match="授权码"):
        SmtpTransport(account, tmp_path).open()


SAYS = smtplib.SMTPResponseException
ANSWERS = [
    # step, answer: what becomes of the mail, whether it had been marked before
    ("mail", SAYS(451, b"later"), TransientFailure, 0),
    ("mail", SAYS(550, b"not you"), Refused, 0),
    ("rcpt", SAYS(450, b"later"), TransientFailure, 0),
    ("rcpt", SAYS(421, b"closing"), TransientFailure, 0),
    ("mail", SAYS(552, b"too large"), "refused", 0),
    ("data", SAYS(451, b"later"), TransientFailure, 0),
    ("data", SAYS(554, b"no"), "refused", 0),
    ("data", SAYS(251, b"what"), TransientFailure, 0),
    ("reply", SAYS(452, b"full"), TransientFailure, 1),
    ("reply", SAYS(552, b"too large"), "refused", 1),
]


@pytest.mark.parametrize(("step", "answer", "end", "marked"), ANSWERS)
def test_an_answer_that_is_no_yes_is_later_or_never(
    transport, postoffice, step, answer, end, marked
):
    marks = []
    postoffice.faults.plan(f"smtp.{step}", answer)
    if isinstance(end, str):
        assert carried(transport, marks).state == end
    else:
        with pytest.raises(end):
            carried(transport, marks)
    assert len(marks) == marked
    if answer.smtp_code == 421:
        with pytest.raises(ConnectionLost):
            carried(transport)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "send"])
@pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected("gone"), OSError(104, "reset")])
def test_a_break_before_the_last_byte_is_certainly_not_sent(transport, postoffice, step, error):
    postoffice.faults.plan(f"smtp.{step}", error)
    with pytest.raises(ConnectionLost):
        carried(transport)
    assert postoffice.messages(TO[0]) == []


def test_a_break_after_it_is_not_known(transport, postoffice):
    postoffice.faults.plan("smtp.reply", TimeoutError())
    with pytest.raises(DeliveryInDoubt):
        carried(transport)
    assert len(postoffice.messages(TO[0])) == 1


def test_addresses_that_are_refused_are_told_and_nobody_is_a_refusal(transport, postoffice):
    postoffice.relay.rcpt["b@d.cn"] = ["550 unknown*"]
    said = carried(transport)
    assert (said.state, said.trouble) == ("sent", True)
    assert "b@d.cn" in said.detail
    postoffice.relay.rcpt |= {address: ["550 unknown*"] for address in TO}
    assert carried(transport).state == "refused"
    assert len(postoffice.messages("hq@example.cn")) == 1


def test_without_our_own_copy_nothing_is_sent(transport, postoffice):
    postoffice.relay.rcpt["hq@example.cn"] = ["550 unknown"]
    with pytest.raises(Refused):
        carried(transport)
    assert postoffice.messages(TO[0]) == []


def test_a_box_of_ours_that_is_full_keeps_no_letter_back_and_is_on_record(transport, postoffice):
    postoffice.relay.rcpt["hq@example.cn"] = ["452 4.2.2 full*"]
    marks = []
    said = transport.send(MAIL, lambda detail="": marks.append(detail))
    assert (said.state, said.trouble) == ("sent", True)
    assert marks == [said.detail]
    assert said.detail.startswith(NO_COPY)
    assert len(postoffice.messages(TO[0])) == 1


OF_US = [
    "553 5.7.1 <hq@example.cn>: Sender address rejected: not owned by user",
    "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
    "530 5.7.0 Authentication required",
]


@pytest.mark.parametrize("answer", OF_US)
def test_what_is_against_us_is_not_held_against_a_district(transport, postoffice, answer):
    postoffice.relay.rcpt["a@d.cn"] = [answer]
    with pytest.raises(Refused, match=r"发件账户|名字"):
        carried(transport)


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 <a@d.cn>: Recipient address rejected: User unknown",
        "552 5.2.2 mailbox full",
        "550 5.1.1 unknown",
        "554 5.7.1 <a@d.cn>: Relay access denied",
    ],
)
def test_what_is_against_a_recipient_is_told_of_it(transport, postoffice, answer):
    postoffice.relay.rcpt["a@d.cn"] = [answer]
    assert "a@d.cn 被拒收" in carried(transport).detail


def test_a_server_that_does_not_say_goodbye_is_left(transport, postoffice):
    postoffice.faults.plan("smtp.quit", smtplib.SMTPServerDisconnected("gone"))
    transport.close()
    with pytest.raises(ConnectionLost):
        carried(transport)


@pytest.mark.parametrize(
    ("mail", "sent"),
    [
        (b"a\r\n.b\r\n", b"a\r\n..b\r\n.\r\n"),
        (b".a\r\n", b"..a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\r\n.\r\n.\r\n", b"a\r\n..\r\n..\r\n.\r\n"),
    ],
)
def test_a_line_that_is_a_dot_does_not_end_the_mail(mail, sent):
    assert dot_stuff(mail) == sent
