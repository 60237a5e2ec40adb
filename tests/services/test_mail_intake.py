"""From mails on the disk to receipts: each is told what it is, and one that cannot be read stops no other."""

import lzma

import pytest

from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.mails import letter
from xl_addin.formats import archives
from xl_addin.model.folder import LOGS
from xl_addin.services import mail_intake
from xl_addin.store import deliveries, inbox
from xl_addin.store.inbox import ListedMail

MARKS = (b"poison", b"cG9pc29u")  # plain, and as base64 has it from a third byte on
FAULTS = (MemoryError(), RecursionError(), lzma.LZMAError("x"), OSError(5, "x"), KeyError("x"))


class Intake:
    """A programme with mails on its disk; ``read`` is what became of each, by subject."""

    def __init__(self, programme):
        self.programme = programme
        self.count = 0

    def spool(self, *raws, at=""):
        """Mails as if they had been fetched; ``at`` is what the mailbox says that they came at."""
        under_test = self.programme.open_programme()
        spooled = []
        for raw in raws:
            self.count += 1
            at = at or f"2023-07-0{self.count} 08:00:00"
            entry = ListedMail(self.count, len(raw), at, f"{self.count}", b"")
            spooled.append(inbox.spool(self.programme.folder, entry, [raw]))
        with under_test.ledger.writing():
            inbox.add_mails(under_test.ledger, spooled, ("u@h", "INBOX", 1), under_test.now())
        under_test.close()
        return [each.sha256 for each in spooled]

    def read(self):
        under_test = self.programme.open_programme()
        try:
            return {each.result.subject: each for each in mail_intake.read_all(under_test, MONTH)}
        finally:
            under_test.close()

    def box(self, number=0):
        return self.programme.box(self.programme.districts[number])

    def reply(self, number=0, **changes):
        form = self.programme.filled(self.programme.districts[number])
        return letter(changes.pop("sender", self.box(number)), ("表.xlsx", form), **changes)


@pytest.fixture
def intake(tmp_path, postoffice):
    return Intake(MailProgramme(tmp_path / "任务", postoffice, 2).distribute_forms())


def codes(read):
    return [problem.code for _, _, receipt in read.receipts for problem in receipt.problems]


def test_a_form_from_its_district_is_a_return_with_its_mail_on_record(intake):
    intake.spool(intake.reply(subject="报送", Message_ID="<1@d>"))
    [read] = intake.read().values()
    assert (read.result.kind, read.result.district) == ("return", "500201")
    [(_, number, receipt)] = read.receipts
    assert (receipt.verdict, receipt.received_at) == ("accepted", "2023-07-01 08:00:00")
    under_test = intake.programme.open_programme()
    assert inbox.origin(under_test.ledger, number).message_id == "<1@d>"
    under_test.close()
    assert intake.read() == {}


NOON = "2023-07-10 09:30:00"  # when the programme under test fetches


@pytest.mark.parametrize(
    ("listed", "date", "counts", "found"),
    [
        ("2023-07-10 09:34:00", "Mon, 3 Jul 2023 09:00:00 +0000", NOON, ""),  # clocks differ
        ("2023-07-10 09:36:00", "Mon, 3 Jul 2023 09:00:00 +0000", NOON, "2023-07-10 09:36:00"),
        ("2062-01-01 00:00:00", "", NOON, "2062-01-01 00:00:00"),
        ("2023-07-01 08:00:00", "Sat, 1 Jul 2023 16:00:00 -0000", "2023-07-01 08:00:00", ""),
        ("2023-07-01 08:00:00", "Mon, 3 Jul 2023 09:00:00", "2023-07-01 08:00:00", "2023-07-03"),
        ("2023-07-01 08:00:00", "Fri, 3 Jul 2026 09:00 GMT", "2023-07-01 08:00:00", "2026-07-03"),
        ("2023-07-01 08:00:00", "Fri, 31 Dec 9999 23:59:59 -1100", "2023-07-01 08:00:00", "9999-"),
        ("2023-07-01 08:00:00", "31 Feb 2026 09:00 +9999", "2023-07-01 08:00:00", ""),
        ("2023-07-01 08:00:00", "1 Jan 0001 09:00 +0800", "2023-07-01 08:00:00", ""),
        ("2023-07-01 08:00:00", "今天", "2023-07-01 08:00:00", ""),
    ],
)
def test_a_mail_of_a_time_that_has_not_come_is_told_and_does_not_count_by_it(
    intake, listed, date, counts, found
):
    intake.spool(intake.reply(), at=listed) if not date else intake.spool(
        b"Date: " + date.encode() + b"\n" + intake.reply(), at=listed
    )
    [read] = intake.read().values()
    [(_, _, receipt)] = read.receipts
    assert (receipt.verdict, receipt.received_at) == ("accepted", counts)
    assert codes(read) == (["time-ahead"] if found else [])
    if found:
        [problem] = receipt.problems
        assert problem.found.startswith(found)
        assert problem.severity == "warning"
        assert problem.message.startswith("表.xlsx：")
        assert counts in problem.message


@pytest.mark.parametrize(
    ("raw", "kind", "told"),
    [
        (lambda i: letter(i.box(), subject="谢谢"), "plain", ["no-workbook"]),
        (lambda _: letter("spam@x.test", subject="广告"), "plain", []),
        (lambda i: letter(i.box(), ("图.png", b"\x89PNG")), "plain", ["scan"]),
        (lambda i: letter(i.box(), ("image001.png", b"\x89PNG")), "plain", ["no-workbook"]),
        (lambda i: letter(i.box(), text="https://pan.baidu.com/s/1"), "link", ["cloud-attachment"]),
        (lambda i: letter(i.box(), subject="自动回复：六月"), "auto", []),
        (lambda i: i.reply(sender="x@y.test"), "return", ["unknown-sender"]),
        (lambda i: i.reply(sender=i.box(1)), "return", ["sender-mismatch"]),
        (lambda i: letter(i.box(), ("空.xlsx", b"")), "return", ["cannot-open"]),
        (lambda _: letter("postmaster@mx.test", subject="退信"), "bounce", ["bounce-unmatched"]),
        (lambda i: letter(i.box(), subject="撤回: 六月报送"), "auto", []),
    ],
)
def test_a_mail_is_told_what_it_is_and_what_is_wrong_with_it(intake, raw, kind, told):
    intake.spool(raw(intake))
    [read] = intake.read().values()
    assert (read.result.kind, codes(read)) == (kind, told)


@pytest.mark.parametrize(
    ("sender", "file", "whose", "verdict", "code"),
    [
        (0, ("盖章.pdf", b"%PDF-1.7"), "500201", "foreign", "scan"),
        (0, ("IMG_1.JPG", b"\xff\xd8\xff"), "500201", "foreign", "scan"),
        (None, ("第2区盖章.pdf", b"%PDF-1.7"), "500202", "foreign", "scan"),
        (0, ("第2区盖章.pdf", b"%PDF-1.7"), "", "foreign", "scan"),
        (0, ("表.xlsx", b"%PDF-1.7"), "500201", "foreign", "scan"),
        (0, ("表.xlsx", b"PK\x03\x04 cut"), "500201", "unreadable", "damaged"),
        (0, ("第2区.xlsx", b"PK\x03\x04 cut"), "", "unreadable", "damaged"),
        (0, ("空.xlsx", b""), "500201", "unreadable", "cannot-open"),
        (None, ("第2区.xlsx", b"PK\x03\x04 cut"), "500202", "unreadable", "damaged"),
    ],
)
def test_what_cannot_be_judged_is_asked_of_its_sender(intake, sender, file, whose, verdict, code):
    intake.spool(letter("x@y.test" if sender is None else intake.box(sender), file))
    [read] = intake.read().values()
    [(_, _, receipt)] = read.receipts
    assert (receipt.district, receipt.verdict, receipt.problems[0].code) == (whose, verdict, code)
    assert receipt.month == (MONTH if whose else "")


def test_a_scan_beside_the_form_is_not_told(intake):
    form = intake.programme.filled(intake.programme.districts[0])
    intake.spool(letter(intake.box(), ("表.xlsx", form), ("盖章.pdf", b"%PDF-1.7")))
    [read] = intake.read().values()
    assert [receipt.verdict for _, _, receipt in read.receipts] == ["accepted"]


def recorded(intake, message_id):
    under_test = intake.programme.open_programme()
    facts = ("send", MONTH, "500201", "x", message_id, "SMTP", intake.box(), "")
    with under_test.ledger.writing():
        [sent] = deliveries.record(
            under_test.ledger, [deliveries.PlannedLetter(*facts)], under_test.now()
        )
        deliveries.advance(under_test.ledger, {sent.id: ""}, deliveries.SENT, under_test.now())
    under_test.close()


def test_a_copy_of_our_own_says_nothing_and_a_changed_one_is_a_return(intake):
    recorded(intake, "<ours@hq>")
    form = intake.programme.form(intake.programme.districts[0])
    intake.spool(
        letter("hq@hq.test", ("表.xlsx", form), subject="我们的", Message_ID="<ours@hq>"),
        intake.reply(subject="回的", Message_ID="<ours@hq>"),
    )
    kinds = {subject: read.result.kind for subject, read in intake.read().items()}
    assert kinds == {"我们的": "own", "回的": "return"}


@pytest.mark.parametrize(
    ("subject", "kind", "state"), [("退信", "bounce", "bounced"), ("退信 延迟", "delay", "sent")]
)
def test_a_bounce_marks_the_letter_it_speaks_of_and_a_delay_does_not(intake, subject, kind, state):
    recorded(intake, "<ours@hq>")
    text = f"<{intake.box()}> 不存在"
    intake.spool(letter("postmaster@mx.test", subject=subject, text=text))
    [read] = intake.read().values()
    assert read.result.kind == kind
    under_test = intake.programme.open_programme()
    assert deliveries.find_by_message_id(under_test.ledger, "<ours@hq>").state == state
    under_test.close()
    assert codes(read) == (["not-delivered"] if kind == "bounce" else [])


def test_a_mail_that_is_gone_from_the_disk_is_told_and_the_others_are_read(intake):
    sha, _ = intake.spool(intake.reply(subject="没了"), intake.reply(1, subject="还在"))
    inbox.mail_path(intake.programme.folder, sha).unlink()
    found = intake.read()
    assert sorted(read.result.kind for read in found.values()) == ["return", "unread"]
    assert found["还在"].receipts[0][2].verdict == "accepted"


@pytest.mark.parametrize(
    ("seam", "fault"),
    [
        *(("read_mails", fault) for fault in FAULTS),
        ("_Intake._classify", FAULTS[-1]),
        ("is_archive", FAULTS[2]),
    ],
)
def test_whatever_breaks_the_reading_of_a_mail_stops_no_other(intake, monkeypatch, seam, fault):
    def breaks(*given, **_):
        if "毒" in str(given) or any(m in each for each in _raws(given) for m in MARKS):
            raise fault
        return real(*given)

    owner, name = {
        "read_mails": (mail_intake, "read_mails"),
        "_Intake._classify": (mail_intake._Intake, "_classify"),
        "is_archive": (archives, "is_archive"),
    }[seam]
    real = getattr(owner, name)
    poison = letter(
        intake.box(), ("毒.zip", b"PK\x03\x04\0\0" + b"poison" + bytes(40)), subject="毒"
    )
    intake.spool(poison, intake.reply(1, subject="好"))
    monkeypatch.setattr(owner, name, breaks)
    found = intake.read()
    assert [r.verdict for _, _, r in found["好"].receipts] == ["accepted"]
    others = [read for subject, read in found.items() if subject != "好"]
    assert [receipt.verdict for read in others for _, _, receipt in read.receipts] == ["unreadable"]
    [log] = (intake.programme.folder / LOGS).glob("出错-*.log")
    assert "raise fault" in log.read_text(encoding="utf-8")


def _raws(given):
    for each in given:
        inside = each if type(each) in (list, tuple) else [each]
        yield from (raw for raw in inside if isinstance(raw, bytes))


def test_a_mail_whose_reading_was_interrupted_comes_last_and_is_not_given_up(intake):
    intake.spool(intake.reply(subject="被打断"), intake.reply(1, subject="好"))
    under_test = intake.programme.open_programme()
    first, second = inbox.unread_mails(under_test.ledger)
    for _ in range(4):
        with under_test.ledger.writing():
            inbox.begin_reading(under_test.ledger, [first])
    assert [mail.id for mail in inbox.unread_mails(under_test.ledger)] == [second.id, first.id]
    under_test.close()
    assert {read.result.kind for read in intake.read().values()} == {"return"}


def test_a_stop_before_the_commit_leaves_the_mails_to_be_read_again(intake, monkeypatch):
    intake.spool(intake.reply(subject="报送"))
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "add_results", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            intake.read()
    assert intake.programme.query("SELECT * FROM receipts") == []
    assert [read.result.kind for read in intake.read().values()] == ["return"]


def enclosing(intake, key, told="原因 550 5.1.1 用户不存在", to="", sender="x@mx.test"):
    """A mail that says nowhere that it is a bounce and encloses a letter of ours."""
    from email.message import EmailMessage
    from email.parser import BytesParser

    form = intake.programme.form(intake.programme.districts[0])
    inner = BytesParser().parsebytes(letter("hq@hq.test", ("表.xlsx", form), Message_ID=key))
    mail = EmailMessage()
    mail["Return-Path"], mail["From"], mail["Subject"] = "<>", sender, "六月报送"
    mail.set_content(f"发给 {to or intake.box()} 的信：{told}")
    mail.add_attachment(inner)
    return mail.as_bytes()


def state_of(intake, key):
    under_test = intake.programme.open_programme()
    try:
        return deliveries.find_by_message_id(under_test.ledger, key).state
    finally:
        under_test.close()


def test_a_bounce_that_says_nowhere_what_it_is_marks_the_letter(intake):
    recorded(intake, "<ours@hq>")
    intake.spool(enclosing(intake, "<ours@hq>"))
    [read] = intake.read().values()
    assert (read.result.kind, codes(read)) == ("bounce", ["not-delivered"])
    assert "550 5.1.1 用户不存在" in read.result.note
    assert state_of(intake, "<ours@hq>") == "bounced"


@pytest.mark.parametrize(
    ("told", "advised"),
    [
        ("552 5.2.2 mailbox full", "清理邮箱"),
        ("550 5.1.1 用户不存在", "区县名录"),
        ("坏了", "区县名录"),
    ],
)
def test_what_a_bounce_advises_is_about_its_cause(intake, told, advised):
    recorded(intake, "<ours@hq>")
    intake.spool(enclosing(intake, "<ours@hq>", told=told))
    [read] = intake.read().values()
    [problem] = [each for _, _, receipt in read.receipts for each in receipt.problems]
    assert advised in problem.message
    assert ("信件处理" in problem.message) == (advised == "清理邮箱")


def test_only_our_form_sent_back_by_a_machine_is_a_bounce_and_by_a_person_is_not(intake):
    recorded(intake, "<ours@hq>")
    form = intake.programme.form(intake.programme.districts[0])
    told = f"发给 {intake.box()} 的信 550 拒收"
    back = letter("robot@mx.test", ("表.xlsx", form), subject="通知", text=told)
    intake.spool(b"Return-Path: <>\n" + back)
    [read] = intake.read().values()
    assert read.result.kind == "bounce"
    intake.spool(letter("someone@qq.test", ("表.xlsx", form), subject="转发", text="550"))
    [read] = intake.read().values()
    assert (read.result.kind, [r.verdict for _, _, r in read.receipts]) == ("return", ["blank"])


def test_a_bounce_of_somebody_elses_letter_marks_none_of_ours(intake):
    recorded(intake, "<ours@hq>")
    intake.spool(enclosing(intake, "<another@hq>"))
    intake.read()
    assert state_of(intake, "<ours@hq>") == "sent"


def test_a_bounce_about_an_address_that_we_never_wrote_to_marks_nothing_and_is_told(intake):
    recorded(intake, "<ours@hq>")
    intake.spool(enclosing(intake, "<ours@hq>", to="private@qq.test"))
    [read] = intake.read().values()
    assert (read.result.kind, codes(read)) == ("bounce", ["bounce-unmatched"])
    assert "自动转发" in read.result.note
    assert state_of(intake, "<ours@hq>") == "sent"


def test_a_filled_form_that_a_machine_passed_on_is_a_return(intake):
    form = intake.programme.filled(intake.programme.districts[0])
    passed = letter("postmaster@mx.test", ("表.xlsx", form), subject="退信")
    intake.spool(b"Return-Path: <>\n" + passed)
    [read] = intake.read().values()
    assert codes(read) == ["unknown-sender"]


def test_what_a_recall_wants_is_told(intake):
    intake.spool(letter(intake.box(), subject="撤回: 六月报送"))
    [read] = intake.read().values()
    assert "撤回" in read.result.note


def test_two_different_forms_of_one_district_in_one_mail_are_both_held(intake):
    first, second = intake.programme.districts[:2]
    draft, final = (intake.programme.filled(first, f) for f in ((10, 5, 2), (11, 5, 2)))
    other = intake.programme.filled(second)
    intake.spool(
        letter(intake.box(), ("初稿.xlsx", draft), ("定稿.xlsx", final), subject="两份"),
        letter(intake.box(1), ("表.xlsx", other), ("原表.xlsx", intake.programme.form(second))),
    )
    found = intake.read()
    receipts = [receipt for _, _, receipt in found["两份"].receipts]
    assert [receipt.verdict for receipt in receipts] == ["held", "held"]
    assert {p.code for r in receipts for p in r.problems} == {"two-in-mail"}
    assert all("初稿.xlsx" in r.problems[0].message for r in receipts)
    assert [r.verdict for _, _, r in found["报送"].receipts] == ["accepted"]


def test_a_form_that_came_before_and_is_quoted_beside_the_new_one_holds_nothing(intake):
    first = intake.programme.districts[0]
    draft, final = (intake.programme.filled(first, f) for f in ((10, 5, 20), (11, 5, 2)))
    intake.spool(letter(intake.box(), ("表.xlsx", draft), subject="一"))
    intake.read()
    intake.spool(letter(intake.box(), ("表.xlsx", draft), ("改.xlsx", final), subject="二"))
    verdicts = {r.file: r.verdict for _, _, r in intake.read()["二"].receipts}
    assert verdicts["改.xlsx"] == "accepted"
