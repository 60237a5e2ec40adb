"""Mails saved as files are told by their bytes, and nothing else is taken for one."""

import pytest

from tests.data.make_mails import BOOK, FOLDER, OLD, head
from xl_addin.mail.saved import MOST_MAILS, mails_in

MAIL = head() + "\r\n正文\r\nFrom 我们这里\r\n".encode()


@pytest.mark.parametrize(
    "name",
    ["signed", "root-is-the-workbook", "auto-rfc3834", "from-none", "forwarded", "msg-whole"],
)
def test_a_mail_of_the_corpus_is_one(name):
    raw = (FOLDER / f"{name}.eml").read_bytes()
    assert mails_in(raw) == [raw]


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\n"])
def test_what_editors_put_before_a_mail_does_not_hide_it(before):
    assert mails_in(before + MAIL) == [MAIL]


def test_lines_of_any_system_are_lines():
    assert len(mails_in(MAIL.replace(b"\r\n", b"\n"))) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        BOOK,
        OLD,
        "姓名,金额\n张三,1\n".encode(),
        b"To: a\nthe report\n",
        b"key: value\nother: value\nthird: 3\n",
        b"From here we go\nSubject: no\n",
        b"MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related\n\n",
        b"From: <Saved by Blink>\nSnapshot-Content-Location: http://x/\nSubject: x\n"
        b"Date: Mon, 3 Jul 2023 09:00:00 +0800\nMIME-Version: 1.0\n\n",
    ],
)
def test_other_files_are_none(data):
    assert mails_in(data) == []


def box(*mails, end=b"\n"):
    lines = b"From d01@d.test Mon Jul  3 09:00:00 2023" + end
    return b"".join(lines + mail.replace(b"\r\n", end) + end for mail in mails)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_mailbox_comes_apart_where_a_mail_begins(end):
    quoted = MAIL.replace(b"\nFrom ", b"\n>From ")
    found = mails_in(box(quoted, MAIL, MAIL, end=end))
    assert len(found) == 3
    assert [each.count(b"\nFrom ") for each in found] == [1, 1, 1]


def test_a_mailbox_of_any_size_gives_one_more_than_is_read():
    assert len(mails_in(box(*[MAIL] * (MOST_MAILS + 50)))) == MOST_MAILS + 1
