"""Letters and messages: what stands on 信件, what districts read, what old and new programs see."""

from datetime import datetime
from email import message_from_bytes
from email.header import decode_header
from email.policy import compat32, default

import pytest

from tests.tools import accounts, forms, masters
from xl_addin.mail.message import as_html, compose, new_message_id
from xl_addin.mail.transports.smtp import on_the_wire
from xl_addin.master.read.account_rows import read_account
from xl_addin.master.read.letters_rows import read_letters, sound_letters
from xl_addin.model.addresses import Mailbox
from xl_addin.model.letters import (
    DEFAULTS,
    FIELDS,
    LABELS,
    RETURN,
    SEND,
    Attachment,
    Letter,
    Template,
    day_words,
    fill,
    listed,
    month_words,
)
from xl_addin.model.sheets import LETTERS_SHEET
from xl_addin.system.errors import Refused

S = LETTERS_SHEET
AT = datetime(2023, 7, 1, 9, 30)


def read(tmp_path, cells):
    return read_letters(masters.host(tmp_path, masters.edited({S: cells})))


def test_a_new_master_has_the_letters_and_nothing_is_wrong(tmp_path):
    found, problems = read_letters(masters.host(tmp_path))
    assert problems == ()
    assert found == {
        kind: Template(subject.strip(), text.strip()) for kind, (subject, text) in DEFAULTS.items()
    }


def test_what_staff_wrote_counts_and_an_empty_cell_is_the_default(tmp_path):
    found, problems = read(
        tmp_path, {(5, 2): "{区县}的表", (5, 3): None, (6, 3): "缺 ｛缺报月份｝"}
    )
    assert problems == ()
    assert found[SEND] == Template("{区县}的表", DEFAULTS[SEND].text)
    assert fill(found["remind"], {"缺报月份": "2023年6月"})[1] == "缺 2023年6月\n"


@pytest.mark.parametrize(
    ("cells", "cell", "code"),
    [
        ({(5, 2): "{区线}"}, "B5", "field-unknown"),
        ({(5, 3): "{缺报月份}"}, "C5", "field-unknown"),
        ({(6, 3): "{}"}, "C6", "field-unknown"),
        ({(7, 3): "{区县"}, "C7", "field-broken"),
        ({(7, 3): "区县}"}, "C7", "field-broken"),
        ({(8, 1): "贺信"}, "A8", "letter-unknown"),
        ({(8, 1): "发放"}, "A8", "letter-twice"),
        ({(5, 3): "{{区县}}"}, "C5", "field-broken"),
    ],
)
def test_every_mistake_is_told_with_its_cell(tmp_path, cells, cell, code):
    assert {(p.cell, p.code) for p in read(tmp_path, cells)[1]} == {(cell, code)}
    with pytest.raises(Refused):
        sound_letters(masters.host(tmp_path, masters.edited({S: cells})))


def test_the_default_letters_use_only_their_fields_and_fill_them():
    for kind, (subject, text) in DEFAULTS.items():
        values = {name: f"<{name}>" for name in FIELDS[kind]}
        filled = "".join(fill(Template(subject, text), values))
        assert "{" not in filled
        assert "<区县>" in filled
        assert set(LABELS) == set(DEFAULTS)


def test_a_line_whose_fields_came_to_nothing_is_left_out_and_values_are_no_templates():
    template = Template("{区县}\n{月份}", "{区县}：\n\n请联系：{联系人} {联系电话}\n\n再见")
    subject, text = fill(template, {"区县": "{联系人}", "月份": "6月"})
    assert subject == "{联系人} 6月"
    assert text == "{联系人}：\n\n再见\n"


def test_words_for_months_days_and_lists():
    assert month_words("2023-06") == "2023年6月"
    assert day_words("2023-07-05 23:59:59") == "2023年7月5日"
    assert day_words("") == ""
    assert listed(["甲", "乙", "丙"], most=2) == "1. 甲\n2. 乙\n……另有 1 处，见附件。"


NAME = "填报表_2023-06_500240_石柱土家族自治县_第2轮，请在七月五日之前改好发回.xlsx"


@pytest.fixture
def account(tmp_path):
    host = accounts.host(
        tmp_path,
        mail_address="hq@example.cn",
        mail_name="市残联教育就业处（办公室）",
        mail_reply_to="back@example.cn",
    )
    return read_account(host)[0]


def letter(**changes):
    made = Letter(
        SEND,
        "2023-06",
        forms.DISTRICTS[0],
        (Mailbox("", "a@d.cn"), Mailbox("李四", "b@d.cn")),
        (Mailbox("Wang, W.", "c@d.cn"),),
        "重点工作：2023年6月任务进度填报表（石柱土家族自治县），请按时报送",
        "石柱土家族自治县：\n\n附件是 <填报表> & 说明。\n.开头是点的一行\n\n再见\n",
        "sha",
        Attachment(NAME, forms.filled()),
    )
    return made._replace(**changes)


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
    assert file.get_content() == forms.filled()


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
        letter(attachment=Attachment(EVIL, forms.filled())),
        letter(attachment=Attachment('a".xlsx"\r\nBcc: thief@x.cn', forms.filled())),
        letter(to=(Mailbox("x\r\nBcc: thief@x.cn", "a@d.cn"),)),
        letter(to=(Mailbox("李\u2028\nBcc: thief@x.cn", "a@d.cn"),)),
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
    assert on_the_wire(mail) == sent
