"""What the servers of the mail tests can do: without this nothing proved with them means anything."""

import smtplib
import ssl
from email.message import EmailMessage

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.tools.certificates import EXPIRED, UNKNOWN, WRONG_HOST
from tests.tools.mailservers import PASSWORD, SMALL


def message(subject="s", text="t"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@d.test", "b@hq.test", subject
    mail.set_content(text)
    return mail.as_bytes()


def imap(mail, port=0):
    return IMAPClient(mail.host, port or mail.imaps, ssl_context=mail.context(), timeout=10)


def subjects(mail, user, port=0):
    with imap(mail, port) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search(["ALL"]), ["ENVELOPE"])
        return [each[b"ENVELOPE"].subject.decode() for each in found.values()]


def test_what_is_sent_arrives_and_a_wrong_password_does_not_let_in(mail):
    with mail.smtp("send@hq.test") as session:
        session.sendmail("send@hq.test", ["box1@hq.test"], message("hello"))
    assert subjects(mail, "box1@hq.test") == ["hello"]
    with imap(mail) as client, pytest.raises(LoginError):
        client.login("box1@hq.test", "wrong")


def test_recipients_are_refused_as_told(mail):
    mail.relay.rcpt["no@d.test"] = ["550 5.1.1 no such user*"]
    mail.relay.rcpt["later@d.test"] = ["451 4.7.1 later"]
    with mail.smtp("refused@hq.test") as session:
        for address, code in (("no@d.test", 550), ("no@d.test", 550), ("later@d.test", 451)):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                session.sendmail("refused@hq.test", [address], message())
            assert refused.value.recipients[address][0] == code
        assert session.sendmail("refused@hq.test", ["later@d.test"], message()) == {}


@pytest.mark.parametrize("kind", [EXPIRED, WRONG_HOST, UNKNOWN])
def test_bad_certificates_are_seen_as_such(mail, kind):
    server = mail.instance(kind)
    with pytest.raises(ssl.SSLCertVerificationError):
        imap(mail, server.imaps)
    with smtplib.SMTP(mail.host, server.submission, timeout=10) as session:
        with pytest.raises(ssl.SSLCertVerificationError):
            session.starttls(context=mail.context())
        session.close()


def test_a_cut_connection_is_an_error_and_the_next_one_goes_through(mail):
    mail.fill("cut@hq.test", [message("big", "x" * 500_000)])
    with mail.cut_connections(mail.imaps, 100_000) as port:
        with imap(mail, port) as client:
            client.login("cut@hq.test", PASSWORD)
            client.select_folder("INBOX")
            with pytest.raises((OSError, IMAPClient.AbortError)):
                client.fetch([1], ["BODY.PEEK[]"])
            client.shutdown()
        assert subjects(mail, "cut@hq.test", port) == ["big"]


def test_a_full_mailbox_is_full(mail):
    box = f"{SMALL}@hq.test"
    with mail.smtp("full@hq.test") as session:
        assert session.sendmail("full@hq.test", [box], message()) == {}
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            session.sendmail("full@hq.test", [box], message("big", "x\n" * 20_000))
    assert refused.value.smtp_code == 552


def test_uids_can_be_numbered_anew(mail):
    mail.fill("uids@hq.test", [message()] * 3)

    def validity():
        with imap(mail) as client:
            client.login("uids@hq.test", PASSWORD)
            return client.select_folder("INBOX")[b"UIDVALIDITY"]

    validity()
    mail.forget_uids("uids@hq.test", 1234)
    assert validity() == 1234
    assert len(subjects(mail, "uids@hq.test")) == 3


def test_a_server_can_lack_move(mail):
    server = mail.instance(capability="IMAP4rev1 UIDPLUS ID")
    with imap(mail, server.imaps) as client:
        client.login("nomove@hq.test", PASSWORD)
        assert not client.has_capability("MOVE")
