"""Fetching, in memory and from real servers: what comes in, once, whatever server and wire do."""

import hashlib
from datetime import datetime

import pytest
from imapclient import IMAPClient

from tests.data.make_mails import mixed, part, text, zipped
from tests.tools import mail_programme
from tests.tools.certificates import EXPIRED, UNKNOWN, WRONG_HOST
from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.mails import letter
from tests.tools.mailservers import PASSWORD, SMALL
from tests.tools.postoffice import ON_SERVERS
from xl_addin.master.read.account_rows import read_account
from xl_addin.model.folder import ARCHIVE, LEDGER
from xl_addin.model.sheets import PROBLEMS_BLOCK, STATUS_BLOCK
from xl_addin.services import fetching, mail_intake
from xl_addin.services.interruptions import NOT_RECORDED
from xl_addin.services.programme import Request, local_now
from xl_addin.store import deliveries, inbox
from xl_addin.system.errors import Refused
from xl_addin.verbs import fetch, rebuild, recompute, settle, status, undo, verify


@pytest.fixture(autouse=True)
def passwords(monkeypatch):
    mail_programme.environment(monkeypatch)


@pytest.fixture
def mail(post):
    return post


@pytest.fixture
def programme(tmp_path, mail):
    return MailProgramme(tmp_path / "年度 任务", mail).distribute_forms()


def verdicts(report):
    return [(found["code"], found["verdict"]) for found in report.data["returns"]]


def codes(report):
    """Problems by return, without that the mail servers' clock is years ahead of the programme's."""
    return [
        [p["code"] for p in found["problems"] if p["code"] != "time-ahead"]
        for found in report.data["returns"]
    ]


def kinds(report):
    return [found["kind"] for found in report.data["mails"]]


def reply(programme, district, *, figures=(10, 5, 2), name="填报表.xlsx", sender=None, **kwargs):
    """A district's mail with its filled form."""
    form = programme.filled(district, figures)
    return letter(sender or programme.box(district), (name, form), **kwargs)


def test_a_return_that_came_by_mail_is_accepted_once(programme, mail):
    first, second = programme.districts[:2]
    mail.deliver(programme.hq, reply(programme, first))
    report = programme.run(fetch, at=local_now())
    assert verdicts(report) == [(first.code, "accepted")]
    assert report.exit_code == 0
    again = programme.run(fetch)
    assert (again.data["mails"], again.data["returns"]) == ([], [])
    assert again.data["counts"]["fetched"] == 0
    mail.deliver(programme.hq, reply(programme, second))
    assert verdicts(programme.run(fetch)) == [(second.code, "accepted")]
    assert programme.run(status).data["accepted"] == 2


def test_what_is_said_of_a_mail_is_no_part_of_its_subject(programme, mail):
    link = "https://mail.163.com/large-attachment-download/index.html?p=1"
    box = programme.box(programme.districts[0])
    for subject in ("回复：6月：报送", "报送”（发件人 甲：乙"):
        mail.deliver(programme.hq, letter(box, subject=subject, text=f"见 {link}"))
        report = programme.run(fetch)
        [row] = next(table.rows for table in report.tables if table.title.startswith("没有带来"))
        [problem] = [p for found in report.data["returns"] for p in found["problems"]]
        assert problem["code"] == "cloud-attachment"
        assert problem["message"].endswith(f"收到）：{row[-1]}")


def test_everything_fetched_lies_in_the_archive_under_its_hash(programme, mail):
    mail.deliver(programme.hq, reply(programme, programme.districts[0]))
    report = programme.run(fetch)
    wire = hashlib.sha256(mail.messages(programme.hq)[0]).hexdigest()
    assert [m["sha256"] for m in report.data["mails"]] == [wire]
    kept = inbox.mail_path(programme.folder, wire)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == wire
    part = report.data["mails"][0]["parts"][0]
    assert (part["name"], part["verdict"]) == ("填报表.xlsx", "accepted")
    assert (programme.folder / ARCHIVE / f"{part['sha256']}.xlsx").is_file()


@ON_SERVERS
def test_the_mailbox_is_left_as_it_is(programme, mail):
    mail.deliver(programme.hq, reply(programme, programme.districts[0]))
    programme.run(fetch)
    with IMAPClient(mail.host, mail.imaps, ssl_context=mail.context(), timeout=10) as client:
        client.login(programme.hq, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search(["ALL"]))
    # Not even that somebody looked into the folder is to be seen.
    assert list(flags.values()) == [(b"\\Recent",)]


def test_a_rehearsal_tells_and_takes_nothing(programme, mail):
    mail.deliver(programme.hq, reply(programme, programme.districts[0], subject="六月报送"))
    report = programme.run(fetch, rehearse=True)
    assert [m["subject"] for m in report.data["mails"]] == ["六月报送"]
    assert programme.query("SELECT COUNT(*) FROM mails")[0][0] == 0
    assert not inbox.mail_folder(programme.folder).exists()
    assert len(programme.run(fetch).data["returns"]) == 1


def test_a_sender_that_is_not_listed_is_held_and_not_trusted(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, reply(programme, first, sender="someone@qq.test"))
    report = programme.run(fetch)
    assert verdicts(report) == [(first.code, "held")]
    assert codes(report) == [["unknown-sender"]]
    assert "someone@qq.test" in report.data["returns"][0]["problems"][0]["message"]
    assert programme.run(status).data["accepted"] == 0
    # The same file from the district itself is no longer doubtful.
    mail.deliver(programme.hq, reply(programme, first))
    assert verdicts(programme.run(fetch)) == [(first.code, "accepted")]


def test_what_is_held_for_its_sender_is_settled_with_one_decision(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, reply(programme, first, sender="someone@qq.test"))
    [held] = programme.run(fetch).data["returns"]
    under_test = programme.open_programme()
    settle.run(under_test, Request((str(held["id"]),), options={"accept": ""}))
    under_test.close()
    assert programme.run(status).data["accepted"] == 1


def test_a_form_of_another_district_is_held_with_both_names(programme, mail):
    first, second = programme.districts[:2]
    mail.deliver(programme.hq, reply(programme, first, sender=programme.box(second)))
    report = programme.run(fetch)
    assert codes(report) == [["sender-mismatch"]]
    message = report.data["returns"][0]["problems"][0]["message"]
    assert first.name in message
    assert second.name in message


@pytest.mark.parametrize("fields", [["a@d.test, {box}"], ["{box}", "a@d.test"], []])
def test_from_must_be_one_address(fields, programme, mail):
    first = programme.districts[0]
    raw = reply(programme, first, sender="nobody@d.test")
    lines = b"".join(f"From: {f.format(box=programme.box(first))}\n".encode() for f in fields)
    mail.deliver(programme.hq, raw.replace(b"From: nobody@d.test\n", lines, 1))
    assert codes(programme.run(fetch)) == [["unknown-sender"]]


def test_what_is_no_return_is_listed_with_subject_and_sender(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, letter(programme.box(first), subject="收到，谢谢"))
    mail.deliver(programme.hq, letter("spam@x.test", subject="广告"))
    link = "https://mail.qq.com/cgi-bin/ftnExs_download?k=1"
    mail.deliver(programme.hq, letter(programme.box(first), subject="六月", text=link))
    report = programme.run(fetch)
    assert sorted((m["subject"], m["kind"]) for m in report.data["mails"]) == [
        ("六月", "link"),
        ("收到，谢谢", "plain"),
    ]
    assert report.data["left_out"] == {"strange": 1}
    assert sorted(codes(report)) == [["cloud-attachment"], ["no-workbook"]]
    assert report.exit_code == 1
    programme.run(recompute)
    listed = str(programme.open_programme().host.block(PROBLEMS_BLOCK).cells)
    assert "收到，谢谢" in listed
    assert link in listed
    board = programme.run(status).data["districts"][0]
    assert board["verdict"] == "unreadable"


def test_an_automatic_answer_does_nothing(programme, mail):
    first = programme.districts[0]
    quoted = (("填报表.xlsx", programme.form(first)),)
    auto = letter(programme.box(first), *quoted, Auto_Submitted="auto-replied")
    mail.deliver(programme.hq, auto)
    mail.deliver(programme.hq, letter(programme.box(first), subject="自动回复：六月"))
    report = programme.run(fetch)
    assert (kinds(report), report.data["returns"], report.exit_code) == (["auto"] * 2, [], 0)


def test_a_filled_form_is_never_lost_for_a_header(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, reply(programme, first, Auto_Submitted="auto-replied"))
    assert verdicts(programme.run(fetch)) == [(first.code, "accepted")]


def test_our_own_form_quoted_back_is_blank_and_beside_a_filled_one_says_nothing(programme, mail):
    first, second = programme.districts[:2]
    mail.deliver(programme.hq, letter(programme.box(first), ("原表.xlsx", programme.form(first))))
    assert verdicts(programme.run(fetch)) == [(first.code, "blank")]
    both = (("a.xlsx", programme.filled(second)), ("原表.xlsx", programme.form(second)))
    mail.deliver(programme.hq, letter(programme.box(second), *both))
    assert verdicts(programme.run(fetch)) == [(second.code, "accepted")]


def test_last_months_attachment_in_a_thread_is_a_duplicate(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, reply(programme, first))
    programme.run(fetch)
    mail.deliver(programme.hq, reply(programme, first, subject="Re: 报送", text="再发一次"))
    assert verdicts(programme.run(fetch)) == [(first.code, "duplicate")]


def test_a_zip_with_chinese_names_is_unfolded(programme, mail):
    first, second = programme.districts[:2]
    files = (("甲.xlsx", programme.filled(first)), ("乙.xlsx", programme.filled(second)))
    mail.deliver(programme.hq, letter(programme.box(first), ("六月.zip", zipped(*files))))
    report = programme.run(fetch)
    assert verdicts(report) == [(first.code, "accepted"), (second.code, "held")]


def test_text_from_outside_stays_text(programme, mail):
    evil = '=HYPERLINK("http://x.test","点")'
    first = programme.districts[0]
    mail.deliver(programme.hq, letter(programme.box(first), ("=1+1.xlsx", b"PK"), subject=evil))
    mail.deliver(programme.hq, letter(programme.box(first), subject=evil))
    programme.run(fetch)
    programme.run(recompute)
    cells = programme.open_programme().host.block(PROBLEMS_BLOCK).cells.values()
    assert any(evil in str(cell.value) for cell in cells)
    assert all(cell.formula is None for cell in cells)


def test_it_counts_by_the_servers_time_and_not_by_the_date_that_the_mail_says(programme, mail):
    first = programme.districts[0]
    late = datetime(2023, 7, 6, 8, 0).timestamp()
    raw = reply(programme, first, Date="Mon, 3 Jul 2023 09:00:00 +0800")
    mail.fill(programme.hq, [raw], late)
    assert programme.run(fetch).data["mails"][0]["received_at"] == "2023-07-06 08:00:00"
    assert programme.run(status).data["districts"][0]["on_time"] is False


def test_the_password_is_refused_with_a_word_on_authorisation_codes(programme, monkeypatch):
    monkeypatch.setenv("XL_ADDIN_IMAP_PASSWORD", "wrong")
    with pytest.raises(Refused) as told:
        programme.run(fetch)
    assert "授权码" in told.value.message
    assert "wrong" not in told.value.message


@ON_SERVERS
@pytest.mark.parametrize(
    ("kind", "word"), [(EXPIRED, "过期"), (WRONG_HOST, "名字"), (UNKNOWN, "受信任")]
)
def test_a_server_that_cannot_be_trusted_gets_no_password(kind, word, programme, mail):
    server = mail.instance(kind)
    programme.set(imap_port=server.imaps)
    with pytest.raises(Refused) as told:
        programme.run(fetch)
    assert word in told.value.message
    assert programme.hq not in server.log()


def test_nobody_there_and_no_such_folder_are_said(programme, mail):
    programme.set(imap_port=9)
    with pytest.raises(Refused) as told:
        programme.run(fetch)
    assert f"{mail.host}:9" in told.value.message
    programme.set(imap_port=mail.imaps, imap_folder="没有这个")
    with pytest.raises(Refused) as told:
        programme.run(fetch)
    assert "没有这个" in told.value.message


def test_what_a_mailbox_holds_that_was_not_reached_is_not_told_as_nothing(programme, mail):
    mail.deliver(programme.hq, reply(programme, programme.districts[0]))
    under_test = programme.open_programme()
    fetching.fetch_new(under_test, read_account(under_test.host)[0], MONTH)  # and cut off there
    under_test.close()
    programme.set(imap_port=9)
    report = programme.run(fetch)
    assert "没有取成新的邮件，读取 1 封" in report.outcome
    assert report.data["counts"]["listed"] is None
    assert f"{mail.host}:9" in report.lines[0]


@ON_SERVERS
@pytest.mark.parametrize("after", [8_000, 60_000, 200_000, 900_000])
def test_a_connection_that_breaks_is_made_again_and_loses_nothing(after, programme, mail):
    padding = "x" * 200_000
    for district in programme.districts:
        mail.deliver(programme.hq, reply(programme, district, text=padding))
    with mail.cut_connections(mail.imaps, after, times=2) as port:
        programme.set(imap_port=port)
        report = programme.run(fetch)
    assert sorted(verdicts(report)) == [(d.code, "accepted") for d in programme.districts]
    assert len(programme.query("SELECT * FROM mails")) == len(programme.districts)


@ON_SERVERS
def test_a_connection_that_always_breaks_is_told_and_what_came_is_kept(programme, mail):
    small, large = programme.districts[:2]
    mail.deliver(programme.hq, reply(programme, large, text="x\n" * 2_000_000))
    mail.deliver(programme.hq, reply(programme, small))
    with mail.cut_connections(mail.imaps, 500_000, times=99) as port:
        programme.set(imap_port=port)
        report = programme.run(fetch)
    assert verdicts(report) == [(small.code, "accepted")]
    assert len(report.data["troubles"]) == 1
    assert report.exit_code == 1
    programme.set(imap_port=mail.imaps)
    assert verdicts(programme.run(fetch)) == [(large.code, "accepted")]


@ON_SERVERS
def test_a_mail_at_which_the_connection_breaks_keeps_no_other_back(programme, mail):
    first, second = programme.districts[:2]
    mail.fill(programme.hq, [reply(programme, first, text="x\n" * 2_500_000)], 1_688_000_000)
    mail.fill(programme.hq, [reply(programme, second, text="x\n" * 600_000)], 1_688_000_009)
    with mail.cut_connections(mail.imaps, 3_000_000, times=99) as port:
        programme.set(imap_port=port)
        report = programme.run(fetch)
    assert verdicts(report) == [(second.code, "accepted")]


def test_two_that_fetch_at_once_read_each_mail_once(programme, mail, monkeypatch):
    for district in programme.districts[:2]:
        mail.deliver(programme.hq, reply(programme, district))
    plain, others = mail_intake._parse_mails, []

    def late(under_test, batch):
        letters = plain(under_test, batch)
        monkeypatch.setattr(mail_intake, "_parse_mails", plain)
        others.append(programme.run(fetch))  # somebody else is done before these are written down
        return letters

    monkeypatch.setattr(mail_intake, "_parse_mails", late)
    report = programme.run(fetch)
    assert (len(others[0].data["returns"]), report.data["returns"]) == (2, [])
    assert programme.query("SELECT COUNT(*) FROM receipts") == [(2,)]


def test_a_server_that_numbers_its_mails_anew_hides_none(programme, mail):
    first, second, third = programme.districts[:3]
    mail.deliver(programme.hq, reply(programme, first))
    mail.deliver(programme.hq, reply(programme, second))
    programme.run(fetch)
    mail.deliver(programme.hq, reply(programme, third))
    mail.forget_uids(programme.hq)
    report = programme.run(fetch)
    assert verdicts(report) == [(third.code, "accepted")]
    assert report.data["counts"]["fetched"] == report.data["counts"]["new"] == 1


@ON_SERVERS
def test_a_uidvalidity_that_comes_again_with_other_mails_hides_none(programme, mail):
    """The case in which trusting UIDVALIDITY and UID loses mail: same numbers, other mails."""
    first, second = programme.districts[:2]
    mail.forget_uids(programme.hq, 7)
    mail.fill(programme.hq, [reply(programme, first)], 1_688_000_000)
    programme.run(fetch)
    box = mail.mailbox(programme.hq)
    for path in (*box.glob("cur/*"), *box.glob("new/*")):
        path.unlink()
    mail.forget_uids(programme.hq, 7)
    mail.fill(programme.hq, [reply(programme, second)], 1_688_000_000)
    assert verdicts(programme.run(fetch)) == [(second.code, "accepted")]
    seen = programme.query("SELECT DISTINCT validity, uid FROM mail_seen")
    assert len(seen) == 1


def test_two_thousand_old_mails_of_strangers_are_downloaded_once_and_only_counted(programme, mail):
    old = [letter("old@x.test", subject=f"旧 {n}", Message_ID=f"<{n}@x>") for n in range(2_000)]
    mail.fill(programme.hq, old, 1_680_000_000)
    report = programme.run(fetch)
    assert report.data["counts"]["new"] == 0
    assert report.data["left_out"] == {"strange": 2_000}
    mail.deliver(programme.hq, reply(programme, programme.districts[0]))
    again = programme.run(fetch)
    counts = again.data["counts"]
    assert (counts["listed"], counts["fetched"], counts["accepted"]) == (2_001, 1, 1)


def test_taken_mails_are_moved_where_that_is_wanted(programme, mail):
    programme.set(imap_taken="已收")
    for district in programme.districts[:2]:
        mail.deliver(programme.hq, reply(programme, district))
    report = programme.run(fetch)
    assert [v for _, v in verdicts(report)] == ["accepted"] * 2
    assert mail.messages(programme.hq) == []
    assert len(mail.messages(programme.hq, "&XfJlNg-")) == 2
    assert programme.run(fetch).data["mails"] == []


@ON_SERVERS
def test_without_move_nothing_is_deleted(programme, mail):
    server = mail.instance(capability="IMAP4rev1 UIDPLUS ID")
    programme.set(imap_port=server.imaps, imap_taken="Taken")
    mail.deliver(programme.hq, reply(programme, programme.districts[0]))
    assert len(programme.run(fetch).data["returns"]) == 1
    programme.run(fetch)
    assert len(mail.messages(programme.hq)) == 1
    assert len(mail.messages(programme.hq, "Taken")) == 1


@ON_SERVERS
def test_a_full_mailbox_is_told_and_loses_nothing(tmp_path, mail):
    programme = MailProgramme(tmp_path / "满", mail).distribute_forms()
    box = f"{SMALL}@{programme.name}.test"
    server = mail.instance(capability="IMAP4rev1 UIDPLUS ID")
    programme.set(imap_user=box, imap_taken="Taken", imap_port=server.imaps)
    mail.deliver(box, reply(programme, programme.districts[0], text=""))
    report = programme.run(fetch)
    assert verdicts(report) == [(programme.districts[0].code, "accepted")]
    assert "满" in report.data["troubles"][0]


@ON_SERVERS
def test_who_asks_is_told_before_a_folder_is_opened(programme, mail):
    programme.run(fetch)
    assert "ID sent: name=xl-addin" in mail.instance().log()


def test_mails_that_the_program_fails_at_are_told_and_the_fetch_goes_on(
    programme, mail, monkeypatch
):
    mail.deliver(programme.hq, reply(programme, programme.districts[0], subject="毒"))
    mail.deliver(programme.hq, reply(programme, programme.districts[1]))
    monkeypatch.setattr(mail_intake, "_parse_mails", lambda *_: 1 / 0)
    report = programme.run(fetch)
    assert sorted(kinds(report)) == ["unread", "unread"]
    assert programme.run(fetch).data["mails"] == []


def test_a_fetch_that_is_undone_is_read_again_from_the_disk(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, reply(programme, first))
    programme.run(fetch)
    assert "下一次“收取邮件”会重新读取" in programme.run(undo).outcome
    assert programme.run(status).data["accepted"] == 0
    # What one takes back was not cut off.
    said = [*programme.run(verify).lines, *programme.run(rebuild, rehearse=True).lines]
    assert not any(NOT_RECORDED in line for line in said)
    report = programme.run(fetch)
    assert (report.data["counts"]["fetched"], verdicts(report)) == (0, [(first.code, "accepted")])


def test_a_ledger_made_anew_from_the_archive_knows_every_mail(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, reply(programme, first))
    mail.deliver(programme.hq, letter(programme.box(first), subject="收到"))
    programme.run(fetch)
    programme.run(recompute)
    assert programme.run(verify).data["differences"] == []
    (programme.folder / LEDGER).unlink()
    programme.run(rebuild)
    report = programme.run(fetch)
    assert (report.data["counts"]["fetched"], report.data["mails"]) == (2, [])
    assert programme.run(status).data["accepted"] == 1
    spool = sorted(inbox.mail_folder(programme.folder).iterdir())
    spool[0].unlink()
    spool[1].write_bytes(b"x")
    found = sorted(p["code"] for p in programme.run(verify).data["differences"])
    assert found == ["archive-changed", "mail-missing"]


def sent_letter(programme, district, message_id, kind="send", state=deliveries.SENT):
    """A letter of ours on record, by default as sent."""
    under_test = programme.open_programme()
    facts = (kind, MONTH, district.code, "x", message_id, "SMTP", programme.box(district), "")
    with under_test.ledger.writing():
        [sent] = deliveries.record(
            under_test.ledger, [deliveries.PlannedLetter(*facts)], under_test.now()
        )
        deliveries.advance(under_test.ledger, {sent.id: ""}, state, under_test.now())
    under_test.close()


def test_copies_of_our_own_letters_say_nothing_but_an_answer_that_was_redirected_does(
    programme, mail
):
    first = programme.districts[0]
    sent_letter(programme, first, "<ours@hq.test>")
    form = ("填报表.xlsx", programme.form(first))
    mail.deliver(programme.hq, letter(programme.hq, form, Message_ID="<ours@hq.test>"))
    mail.deliver(programme.hq, reply(programme, first, Message_ID="<ours@hq.test>"))
    report = programme.run(fetch)
    assert sorted(kinds(report)) == ["own", "return"]
    assert verdicts(report) == [(first.code, "accepted")]


def test_an_empty_attachment_is_told(programme, mail):
    first = programme.districts[0]
    mail.deliver(programme.hq, letter(programme.box(first), ("空.xlsx", b"")))
    report = programme.run(fetch)
    assert codes(report) == [["cannot-open"]]
    assert "空" in report.data["returns"][0]["problems"][0]["message"].partition("：")[2]


def test_a_mail_that_vanished_from_the_disk_stops_no_other(programme, mail, monkeypatch):
    first, second = programme.districts[:2]
    for district in (first, second):
        mail.deliver(programme.hq, reply(programme, district, subject=district.name))
    monkeypatch.setattr(mail_intake, "read_all", lambda *_: ())
    programme.run(fetch)
    monkeypatch.undo()
    mail_programme.environment(monkeypatch)
    spool = sorted(inbox.mail_folder(programme.folder).iterdir())
    gone = first.name if first.code.encode() in spool[0].read_bytes().split(b"Subject")[0] else ""
    spool[0].unlink()
    report = programme.run(fetch)
    assert sorted(kinds(report)) == ["return", "unread"]
    assert [code for code, _ in verdicts(report) if code] == [second.code if gone else first.code]


def test_a_bounce_marks_the_letter_that_did_not_arrive(programme, mail):
    first = programme.districts[0]
    sent_letter(programme, first, "<ours@hq.test>")
    said = (
        f"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; {programme.box(first)}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n"
    )
    back = letter("hq@hq.test", ("填报表.xlsx", programme.form(first)), Message_ID="<ours@hq.test>")
    mail.deliver(
        programme.hq,
        mixed(
            text("x"),
            part(said.encode(), "message/delivery-status", None, None),
            part(back.replace(b"\n", b"\r\n"), "message/rfc822", None, None),
            kind="report; report-type=delivery-status",
            sender="MAILER-DAEMON@mx.test",
            subject="Undelivered",
        ),
    )
    report = programme.run(fetch)
    assert (kinds(report), codes(report)) == (["bounce"], [["not-delivered"]])
    assert "（退信 1）；收到文件：没有文件；" in report.outcome  # what came back is no return
    assert report.data["counts"]["unreadable"] == 0
    assert first.name in report.data["returns"][0]["problems"][0]["message"]
    programme.run(recompute)
    board = str(programme.open_programme().host.block(STATUS_BLOCK).cells)
    assert "投递失败" in board


@pytest.mark.parametrize(
    ("kind", "state", "told"),
    [
        ("remind", "sent", "催报信投递失败"),
        ("receipt", "sent", "回执信投递失败"),
        ("send", "drafted", "投递失败"),
        ("return", "written", "退回件投递失败"),
    ],
)
def test_whatever_letter_comes_back_undelivered_stands_on_the_board(
    kind, state, told, programme, mail
):
    first = programme.districts[0]
    sent_letter(programme, first, "<other@hq.test>", kind, state)
    mail.deliver(
        programme.hq,
        letter("postmaster@mx.test", subject="退信", text=f"{programme.box(first)} 不存在"),
    )
    assert codes(programme.run(fetch)) == [["not-delivered"]]
    programme.run(recompute)
    found = programme.open_programme().host.block(STATUS_BLOCK).cells.values()
    assert told in [cell.value for cell in found]
