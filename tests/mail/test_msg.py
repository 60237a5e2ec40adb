"""Mails that Outlook saved; the corpus in tests/data/mail has what is in them."""

import random

import pytest

from tests.data.make_mails import BOOK, FOLDER, NAME, OLD
from tests.tools.msg import compound_file, message
from xl_addin.mail import msg
from xl_addin.mail.read_in_child import read_mail
from xl_addin.system.errors import Unreadable


def read(*args, **facts):
    return read_mail(compound_file(message(*args, **facts)))


def test_what_outlook_knows_of_a_mail_is_its_head():
    more = {0x1035: "<1@d.test>", 0x1042: "<0@hq.test>"}
    found = read("六月\r\nBcc: x@y.test", "D01@d.test", "见附件。", at=1_688_000_000, more=more)
    assert (found.sender, found.subject) == ("d01@d.test", "六月 Bcc: x@y.test")
    assert (found.message_id, found.answers, found.dated) == (
        "<1@d.test>",
        "<0@hq.test>",
        "1688000000",
    )
    assert (found.words, found.parts, found.flaw) == ("见附件。", (), "")


def test_an_address_that_only_exchange_knows_is_no_sender():
    assert read(sender="/O=EXCHANGE/CN=D01").sender == ""


def test_texts_of_an_old_outlook_are_read_in_chinese():
    tree = message(files=[(NAME, BOOK)])
    del tree["__substg1.0_0037001F"]
    tree["__substg1.0_0037001E"] = "六月报送".encode("gbk")
    found = read_mail(compound_file(tree))
    assert (found.subject, [part.name for part in found.files]) == ("六月报送", [NAME])


def test_a_workbook_is_no_mail_though_mails_lie_in_it():
    inner = message(inner=True)
    assert not msg.is_msg(compound_file({"Workbook": b"x" * 5000, "MBD1": inner}))
    assert not msg.is_msg(OLD)
    assert not msg.is_msg(b"From: a@b.test")


def test_mails_in_mails_without_end_are_told():
    tree = message(files=[(NAME, BOOK)], inner=True)
    for _ in range(12):
        tree = message("层", files=[("里", tree)], inner=True)
    found = read_mail(compound_file(message(files=[("表.xlsx", BOOK), ("里", tree)])))
    assert [part.name for part in found.files] == ["表.xlsx"]
    assert "套" in "".join(part.flaw for part in found.parts)


def test_a_reply_that_says_it_was_read_is_no_letter():
    assert read("已读", kind="REPORT.IPM.Note.DR").kind == "auto"


def test_no_mutant_of_a_saved_mail_is_more_than_can_be_told():
    chance = random.Random(20230607)
    inner = message("里", files=[(NAME, BOOK[:700])], inner=True)
    whole = compound_file(message(files=[(NAME, BOOK[:5000]), ("里", inner)], at=1_688_000_000))
    outcomes = set()
    for _ in range(1_500):
        raw = bytearray(whole)
        for _ in range(chance.choice((1, 3, 10))):
            at = chance.choice((chance.randrange(len(raw)), chance.randrange(512)))
            raw[at] = chance.randrange(256)
        raw = raw[: chance.choice((len(raw), chance.randrange(600, len(raw))))]
        try:
            outcomes.add(bool(msg.as_mail(bytes(raw))))
        except Unreadable:
            outcomes.add(None)
    assert outcomes == {True, None}


@pytest.mark.parametrize("name", ["msg-whole", "msg-with-headers"])
def test_what_is_written_out_is_the_same_each_time(name):
    raw = (FOLDER / f"{name}.eml").read_bytes()
    assert msg.as_mail(raw) == msg.as_mail(raw)
