"""Messages: what old and new mail programs see of a letter, and that nothing typed gets out of its place."""

from datetime import datetime
from email import message_from_bytes
from email.header import decode_header
from email.policy import compat32, default

import pytest

from tests.tools import accounts, forms
from tests.tools.letters import NAME, letter
from xl_addin.mail.message import as_html, compose, new_message_id
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import RETURN, Attachment

AT = datetime(2023, 7, 1, 9, 30)


@pytest.fixture
def account(tmp_path):
    host = accounts.host(
        tmp_path,
        mail_address="hq@example.cn",
        mail_name="市残联教育就业处（办公室）",
        mail_reply_to="back@example.cn",
    )
    return read_account(host)[0]


def test_new_programs_read_everything(account):
    data = compose(letter(thread=("<1@x>", "<2@x>")), account, "<3@example.cn>", AT)
    mail = message_from_bytes(data, policy=default)
    assert mail["Subject"] == letter().subject
    assert [a.addr_spec for a in mail["To"].addresses] == ["a@d.cn", "b@d.cn"]
    assert mail["To"].addresses[1].display_name == "李四"
    assert [(a.display_name, a.addr_spec) for a in mail["Cc"].addresses] == [("Wang, W.", "c@d.cn")]
    assert str(mail["From"]) == '"市残联教育就业处（办公室）" <hq@example.cn>' or (
        mail["From"].addresses[0].display_name == "市残联教育就业处（办公室）"
    )
    assert (mail["Reply-To"], mail["Message-ID"]) == ("back@example.cn", "<3@example.cn>")
    assert (mail["In-Reply-To"], mail["References"].split()) == ("<2@x>", ["<1@x>", "<2@x>"])
    assert mail["Date"].datetime.replace(tzinfo=None) == AT
    assert "Auto-Submitted" not in mail
    assert mail.get_body(("plain",)).get_content() == letter().text
    html = mail.get_body(("html",)).get_content()
    assert "&lt;填报表&gt; &amp; 说明" in html
    [file] = mail.iter_attachments()
    assert file.get_filename() == NAME
    assert file.get_content() == forms.fill_form()


def test_old_programs_read_the_attachments_name_too(account):
    data = compose(letter(), account, "<3@example.cn>", AT)
    part = message_from_bytes(data, policy=compat32).get_payload()[1]
    # As a program that knows no RFC 2231 does: the name parameter as an encoded word.
    name = part.get_param("name").replace("\r\n", "")
    assert "".join(str(text, code) for text, code in decode_header(name)) == NAME
    # And one that knows nothing else.
    assert part.get_filename() == NAME


def test_the_bytes_are_fit_for_the_oldest_wire(account):
    data = compose(letter(), account, "<3@example.cn>", AT)
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 998


EVIL = "2023年\r\nBcc: thief@x.cn\r\n\r\n正文"


@pytest.mark.parametrize(
    "made",
    [
        letter(subject=EVIL),
        letter(subject="plain\nBcc: thief@x.cn"),
        letter(attachment=Attachment(EVIL, forms.fill_form())),
        letter(attachment=Attachment('a".xlsx"\r\nBcc: thief@x.cn', forms.fill_form())),
        letter(to=(MailAddress("x\r\nBcc: thief@x.cn", "a@d.cn"),)),
        letter(to=(MailAddress("李\u2028\nBcc: thief@x.cn", "a@d.cn"),)),
    ],
)
def test_nothing_that_was_typed_begins_a_header(account, made):
    data = compose(made, account._replace(name=EVIL), "<3@example.cn>", AT)
    mail = message_from_bytes(data, policy=compat32)
    assert mail["Bcc"] is None
    assert len(mail.get_payload()) == 2
    assert mail.keys().count("Subject") == 1


def test_a_letter_without_attachment_is_text_and_html(account):
    made = letter(attachment=None, kind=RETURN)
    mail = message_from_bytes(compose(made, account, "<3@e.cn>", AT), policy=default)
    assert mail.get_content_type() == "multipart/alternative"


def test_message_ids_are_new_each_time_and_of_our_own_domain(account):
    one, two = new_message_id(account), new_message_id(account)
    assert one != two
    assert one.endswith("@example.cn>")


def test_html_keeps_lines_and_paragraphs():
    assert "<p>甲<br>乙</p><p>丙</p>" in as_html("甲\n乙\n\n丙\n")
