"""The corpus of mails: each is read to exactly what was put into it, in a process of its own.

Proves also mail/attachments.py, mail/classify.py, mail/headers.py, mail/tnef.py,
mail/transfer_encoding.py and system/sandbox.py.
"""

import base64
import json
import random

import pytest

from tests.data import make_mails
from tests.data.make_mails import FLOODS, FOLDER, KNOWN, tnef
from xl_addin.mail import attachments, read_in_child
from xl_addin.mail import tnef as winmail
from xl_addin.mail.read_in_child import read_mail, read_mails
from xl_addin.model.filetypes import OLE_START
from xl_addin.system import sandbox


def facts_of(letter):
    """A letter in the words of the corpus."""
    files = [
        {
            "name": f.name,
            "content": KNOWN.get(f.data, "some" if f.data else ""),
            "trail": list(f.trail),
        }
        for f in letter.files
    ]
    return {
        "files": files,
        "kind": letter.kind,
        "sender": letter.sender,
        "subject": letter.subject,
        "links": list(letter.links),
        "bounced": list(letter.bounce.addresses) if letter.kind == "bounce" else [],
        "letters": list(letter.bounce.letters) if letter.kind == "bounce" else [],
    }


def check(raw, expected):
    letter = read_mail(raw)
    words = expected.pop("flaws")
    wanted = {
        **expected,
        "files": [
            dict(zip(("name", "content", "trail"), f, strict=True)) for f in expected["files"]
        ],
    }
    assert facts_of(letter) == json.loads(json.dumps(wanted))
    said = "".join((letter.flaw, *(part.flaw for part in letter.parts)))
    assert all(word in said for word in words), said
    assert bool(words) == bool(said)


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.eml")))
def test_a_mail_is_read_to_what_is_in_it(name):
    expected = json.loads((FOLDER / f"{name}.json").read_bytes())
    check((FOLDER / f"{name}.eml").read_bytes(), expected)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bounce-exim", "Unrouteable address"),
        ("bounce-qmail", "Sorry, no mailbox here by that name. (#5.1.1)"),
        ("bounce-domino", "User d12 (d12@d.test) not listed in Domino Directory"),
    ],
)
def test_why_a_letter_came_back_is_found_where_each_server_says_it(name, why):
    assert read_mail((FOLDER / f"{name}.eml").read_bytes()).bounce.why == why


@pytest.mark.parametrize("name", FLOODS)
def test_too_much_of_anything_is_bounded_and_told(name):
    case = FLOODS[name]()
    check(case.raw, case.expected())


def test_a_file_that_is_too_large_is_told_and_not_handed_on(monkeypatch):
    monkeypatch.setattr(attachments, "MAX_FILE", len(make_mails.BOOK) - 1)
    mail = attachments.parse_mail((FOLDER / "two-workbooks.eml").read_bytes())
    large, small = (part for part in attachments.mail_parts(mail) if part.kind != attachments.TEXT)
    assert (large.data, small.data) == (b"", make_mails.OTHER)
    assert "超过" in large.flaw


def test_the_corpus_is_what_the_maker_writes():
    made = {
        file: data
        for name, case in make_mails.stored().items()
        for file, data in make_mails.files_of(name, case).items()
    }
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == made


def mutant(chance, raws):
    """A mail with a few bytes changed, cut, doubled or put in, often where syntax is."""
    raw = bytearray(chance.choice(raws))
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[at : at + chance.choice((1, 3, 30))]
            case 2:
                raw[at:at] = chance.randbytes(chance.choice((1, 4, 40)))
            case 3:
                raw[at:at] = raw[: chance.choice((10, 100, 1000))]
            case _:
                raw[at : at + 1] = chance.choice(SYNTAX)
        raw = raw or bytearray(b"x")
    return bytes(raw)


SYNTAX = (b'"', b";", b"=", b"\\", b"''", b"=?", b"?=", b"\r\n", b"\0", b"<", b"*0*=", b"\xfe")


def test_no_mutant_is_more_than_its_reader_can_tell():
    chance = random.Random(20230603)
    raws = [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]
    for _ in range(3_000):
        letter = read_in_child._read(mutant(chance, raws), (), documents=False)
        said = b"".join(read_in_child._to_pieces(letter))
        assert read_in_child._from_bytes(said).files == letter.files


def test_read_together_each_says_what_it_says_alone():
    paths = sorted(FOLDER.glob("[fn]*.eml"))
    letters = read_mails([path.read_bytes() for path in paths])
    assert len(letters) > 40
    for path, letter in zip(paths, letters, strict=True):
        assert letter.subject == json.loads(path.with_suffix(".json").read_bytes())["subject"]


def test_a_mail_that_kills_its_reader_takes_no_other_with_it(monkeypatch):
    path = "sys.path[:0] = sys.argv[2:];"
    poison = (
        f"{path} import os; from xl_addin.mail import attachments; plain = attachments.parse_mail;"
        " attachments.parse_mail = lambda raw, rest=(): os.abort() if raw.endswith(b'poison') else plain(raw, rest);"
    )
    monkeypatch.setattr(sandbox, "_START", sandbox._START.replace(path, poison))
    good = (FOLDER / "two-workbooks.eml").read_bytes()
    letters = read_mails([good, b"From: a@d.test\r\n\r\npoison", good])
    assert [bool(letter.flaw) for letter in letters] == [False, True, False]
    assert letters[1].sender == "a@d.test"
    assert [len(letter.files) for letter in letters] == [2, 0, 2]


@pytest.mark.parametrize("start", ["import os; os.abort()", "print('{}')", "print(1 / 0)"])
def test_a_mail_that_kills_its_reader_is_left_to_a_person(start, monkeypatch):
    monkeypatch.setattr(sandbox, "_START", start)
    letter = read_mail(b"From: a@d.test\r\n\r\n")
    assert letter.flaw
    assert letter.parts == ()


def test_a_mail_that_kills_only_the_reading_of_its_body_is_told_with_its_subject(monkeypatch):
    real = sandbox.run_sandboxed
    asked = []

    def dying(entry, data, packages=(), seconds=None):
        asked.append(entry)
        return None if entry.endswith(":child") else real(entry, data, packages, seconds)

    monkeypatch.setattr(sandbox, "run_sandboxed", dying)
    letter = read_mail((FOLDER / "two-workbooks.eml").read_bytes())
    assert (letter.subject, letter.sender, letter.parts) == ("六月报送", "d01@d.test", ())
    assert "两次" in letter.flaw
    assert len(asked) == 3


def test_a_mail_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(read_in_child, "_ALONE_SECONDS", 0.3)
    assert "没有读完" in read_mail(b"From: a@d.test\r\n\r\n").flaw


@pytest.mark.parametrize("flip", [b"workbook", "报送.xls".encode("utf-16-le")])
def test_a_file_in_winmail_whose_checksum_is_wrong_is_told_and_not_read(flip):
    packed = tnef(("报送.xls", OLE_START + b"workbook"), ("好.xls", OLE_START + b"other"))
    whole, others = (
        [part.flaw for part in read_mail(with_winmail(each)).files]
        for each in (packed, packed.replace(flip, bytes([flip[0] ^ 1]) + flip[1:], 1))
    )
    assert whole == ["", ""]
    assert [bool(flaw) for flaw in others] == [True, False]


def test_a_winmail_that_is_cut_off_anywhere_says_so_of_the_file_it_was_cut_in():
    packed = tnef(("好.xls", OLE_START + b"other"))
    longer = tnef(("好.xls", OLE_START + b"other"), ("报送.xls", OLE_START + b"workbook"))
    begins, ends = len(packed) + 9, longer.index(b"workbook") + len(b"workbook") + 2
    for cut in range(begins, ends):
        assert [whole for *_, whole in winmail.attachments(longer[:cut])] == [True, False], cut
    flaws = [part.flaw for part in read_mail(with_winmail(longer[:begins])).parts]
    assert [bool(flaw) for flaw in flaws] == [False, True]


def with_winmail(packed):
    head = b"From: a@d.test\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(packed)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            "<th>退信原因：</th><td><div>邮差小易：对方退信了。</div><div>英文说明:rcpt handle timeout</div></td>",
            "邮差小易：对方退信了。；英文说明:rcpt handle timeout",
        ),
        (
            "The following address(es) failed:<br>d1@d.test<br>  550 5.1.1 User unknown",
            "550 5.1.1 User unknown",
        ),
        ("<p>您的邮件被退回</p><p>收件人邮箱已满</p>", "您的邮件被退回"),
    ],
)
def test_the_reason_of_a_bounce_is_the_line_that_tells_most(told, why):
    raw = make_mails.head("退信", "postmaster@163.com") + make_mails.text(told, "gbk", "html")
    assert read_mail(raw).bounce.why == why


def test_a_status_that_says_nothing_gives_way_to_the_text():
    status = (
        b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;d1@d.test\r\n"
        b"Action: failed\r\nStatus: 5.0.0\r\n"
    )
    raw = make_mails.mixed(
        make_mails.text("d1@d.test\n    550 5.1.1 User unknown"),
        make_mails.part(status, "message/delivery-status", None, None),
        kind="report; report-type=delivery-status",
        sender="mailer-daemon@x.test",
    )
    assert read_mail(raw).bounce.why == "550 5.1.1 User unknown"
