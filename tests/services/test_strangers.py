"""What is ours of an ordinary mailbox and of a chat program's folder; the rest leaves nothing behind."""

import lzma
import re
from datetime import datetime

import pytest

from tests.data.make_mails import minimal_book, zipped
from tests.tools import mail_programme
from tests.tools.mail_programme import MONTH, NOW, MailProgramme
from tests.tools.mails import letter
from xl_addin.model.folder import ARCHIVE
from xl_addin.services import fetching
from xl_addin.services.programme import Request
from xl_addin.services.strangers import first_day
from xl_addin.verbs import collect, distribute, fetch, send
from xl_addin.xlsx import package

PAYROLL = minimal_book("工资")


@pytest.fixture(autouse=True)
def passwords(monkeypatch):
    mail_programme.environment(monkeypatch)


@pytest.fixture
def programme(tmp_path, postoffice):
    return MailProgramme(tmp_path / "任务", postoffice, 3).distribute_forms()


@pytest.fixture
def chat(tmp_path):
    folder = tmp_path / "WeChat Files"
    folder.mkdir()
    return folder


def archived(programme):
    """The files in 归档 that are no pages of the journal."""
    inside = (programme.folder / ARCHIVE).rglob("*")
    return {
        path.name
        for path in inside
        if path.is_file() and path.suffix not in (".json", ".jsonl", ".txt")
    }


def without_seal(form):
    """A form as it is after its sheet was copied by hand: what marks it is gone, its headings are there."""
    parts = package.unpack(form)
    kept = {}
    for name, part in parts.items():
        data = package.inflate(part)
        if b"XLA" in data:
            data = re.sub(rb"XLA\d[^<\"&]*", b"", data)
        kept[name] = package.deflate(name, data)
    return package.pack(kept.values())


def gather(programme, *paths, month=MONTH):
    under_test = programme.open_programme()
    try:
        return collect.run(under_test, Request(tuple(map(str, paths)), month))
    finally:
        under_test.close()


def verdicts(report):
    return sorted((each["code"], each["verdict"]) for each in report.data["returns"])


STRANGERS = {
    "工资表.xlsx": PAYROLL,
    "合同.pdf": b"%PDF-1.7 private",
    "照片.jpg": b"\xff\xd8\xff private",
    "坏了.xlsx": b"PK\x03\x04 cut",
    "压缩.zip": zipped(("工资表.xlsx", PAYROLL), ("图.jpg", b"\xff\xd8\xff")),
    "记录.txt": "你好".encode(),
    "第1区工资.xlsx": PAYROLL,
}


def test_a_chat_folder_of_strangers_files_is_counted_and_leaves_nothing(programme, chat):
    for name, data in STRANGERS.items():
        (chat / name).write_bytes(data)
    before = archived(programme)
    report = gather(programme, chat)
    assert report.data["returns"] == []
    assert report.data["left_out"] == {"strange": len(STRANGERS) + 1}  # two in the archive
    assert archived(programme) == before
    assert programme.query("SELECT COUNT(*) FROM receipts") == [(0,)]
    told = f"{report.outcome}{report.lines}{report.tables}"
    assert not any(name in told for name in STRANGERS)
    assert "回收" in told


def test_returns_among_strangers_files_are_taken_with_seal_without_it_and_in_an_archive(
    programme, chat
):
    first, second, third = programme.districts
    (chat / "工资表.xlsx").write_bytes(PAYROLL)
    (chat / "填好.xlsx").write_bytes(programme.filled(first))
    (chat / "抄的.xlsx").write_bytes(without_seal(programme.filled(second)))
    (chat / "六月.zip").write_bytes(
        zipped(("私.xlsx", PAYROLL), ("填好.xlsx", programme.filled(third)))
    )
    report = gather(programme, chat)
    found = verdicts(report)
    assert (first.code, "accepted") in found
    assert (third.code, "accepted") in found
    assert [verdict for _, verdict in found].count("held") == 1
    assert report.data["left_out"] == {"strange": 2}
    kept = {path.read_bytes() for path in (programme.folder / ARCHIVE).glob("*.xlsx")}
    assert PAYROLL not in kept


@pytest.mark.parametrize(
    "name", ["第1区.xlsx", "第1区2023年6月填报表.xlsx", "填报表_2023-06_500201_第1区.xlsx"]
)
def test_what_cannot_be_read_and_is_called_a_return_is_told(programme, chat, name):
    (chat / name).write_bytes(b"PK\x03\x04 cut")
    assert verdicts(gather(programme, chat)) == [("500201", "unreadable")]


def test_a_districts_own_folder_and_the_programmes_and_a_named_file_are_told_as_ever(
    programme, chat
):
    mine = chat / "第2区"
    mine.mkdir()
    (mine / "表.xlsx").write_bytes(PAYROLL)
    assert [each["verdict"] for each in gather(programme, chat).data["returns"]] == ["foreign"]
    own = programme.folder / "回收"
    own.mkdir(exist_ok=True)
    (own / "别的.xlsx").write_bytes(PAYROLL + b"\0")
    assert [each["verdict"] for each in gather(programme).data["returns"]] == ["foreign"]
    single = chat / "单独.xlsx"
    single.write_bytes(minimal_book("单独"))
    assert [e["verdict"] for e in gather(programme, single).data["returns"]] == ["foreign"]


STRANGE_MAILS = {
    "no file": letter("a@x.test", subject="开会"),
    "payroll": letter("b@x.test", ("工资.xlsx", PAYROLL), subject="工资"),
    "a picture": letter("c@x.test", ("图.jpg", b"\xff\xd8\xff"), subject="照片"),
    "a link": letter("d@x.test", text="https://pan.baidu.com/s/1", subject="资料"),
    "locked": letter("e@x.test", ("表.xlsx", b"PK\x03\x04 cut"), subject="表"),
    "a machine": letter("f@x.test", subject="自动回复：好"),
    "another office's bounce": letter(
        "postmaster@x.test", subject="退信", text="<q@r.test> 不存在"
    ),
    "no sender": letter("", subject="无"),
}


def test_strangers_mails_are_counted_and_leave_nothing_and_are_not_downloaded_again(
    programme, postoffice
):
    postoffice.fill(programme.hq, list(STRANGE_MAILS.values()))
    before = archived(programme)
    report = programme.run(fetch)
    assert report.data["left_out"] == {"strange": len(STRANGE_MAILS)}
    assert (report.data["mails"], report.data["returns"], report.exit_code) == ([], [], 0)
    assert archived(programme) == before
    for table in ("mails", "mail_results", "mail_parts", "receipts"):
        assert programme.query(f"SELECT COUNT(*) FROM {table}") == [(0,)]  # noqa: S608
    assert b"x.test" not in (programme.folder / "ledger.db").read_bytes()
    whole = postoffice.faults.reached["imap.whole"]
    assert programme.run(fetch).data["left_out"] == {}
    assert postoffice.faults.reached["imap.whole"] == whole


def test_who_was_a_stranger_and_is_listed_now_is_looked_at_again(programme, postoffice):
    postoffice.fill(programme.hq, [letter("a@x.test", ("表.xlsx", PAYROLL), subject="表")])
    assert programme.run(fetch).data["left_out"] == {"strange": 1}
    programme.edit({"区县名录": {(5, 4): f"{programme.box(programme.districts[0])}；a@x.test"}})
    assert [each["verdict"] for each in programme.run(fetch).data["returns"]] == ["foreign"]


def test_a_return_from_anywhere_is_taken_and_what_lies_beside_it_in_its_mail_is_not(
    programme, postoffice
):
    first, second = programme.districts[:2]
    form, copied = programme.filled(first), without_seal(programme.filled(second))
    postoffice.fill(
        programme.hq,
        [
            letter("a@qq.test", ("表.xlsx", form), ("工资.xlsx", PAYROLL), subject="转"),
            letter("b@qq.test", ("抄.xlsx", copied), subject="抄"),
        ],
    )
    report = programme.run(fetch)
    assert [verdict for _, verdict in verdicts(report)] == ["held", "held"]
    assert PAYROLL not in {p.read_bytes() for p in (programme.folder / ARCHIVE).glob("*.xlsx")}


def test_two_programmes_on_one_mailbox_leave_each_other_alone_and_say_so(
    programme, postoffice, tmp_path
):
    other = MailProgramme(tmp_path / "别的", postoffice, 3)
    other.run(distribute)
    box = programme.box(programme.districts[0])
    postoffice.fill(
        programme.hq,
        [
            letter(box, ("表.xlsx", other.filled(other.districts[0])), subject="别的任务"),
            letter("me@hq.test", ("表.xlsx", other.form(other.districts[1])), subject="发"),
            letter(box, ("表.xlsx", programme.filled(programme.districts[0])), subject="本任务"),
        ],
    )
    report = programme.run(fetch)
    assert verdicts(report) == [("500201", "accepted")]
    assert report.data["left_out"] == {"another-programme": 2}
    assert any("别的任务" in line for line in report.lines)
    assert programme.query("SELECT COUNT(*) FROM receipts") == [(1,)]


def test_what_answers_our_letter_is_told_whoever_sends_it(programme, postoffice):
    programme.run(send)
    [(key,)] = programme.query("SELECT message_id FROM sendings WHERE district='500201'")
    postoffice.fill(
        programme.hq, [letter("a@qq.test", ("表.xlsx", PAYROLL), subject="好", In_Reply_To=key)]
    )
    assert [each["verdict"] for each in programme.run(fetch).data["returns"]] == ["foreign"]


@pytest.mark.parametrize(("typed", "taken"), [("", 0), ("2023-07-01", 0), ("2023-05-01", 1)])
def test_mails_from_before_the_first_day_are_counted_and_not_downloaded(
    programme, postoffice, typed, taken
):
    programme.run(send)
    programme.set(mail_since=typed or None)
    form = programme.filled(programme.districts[0])
    old = letter(programme.box(programme.districts[0]), ("表.xlsx", form))
    postoffice.empty(programme.hq)
    postoffice.fill(programme.hq, [old], datetime(2023, 6, 1, 12).timestamp())
    reached = postoffice.faults.reached["imap.whole"]
    report = programme.run(fetch)
    assert len(report.data["returns"]) == taken
    assert report.data["counts"]["older"] == 1 - taken
    assert any("从哪天起取信" in line for line in report.lines) == (not taken)
    assert postoffice.faults.reached["imap.whole"] == reached + taken


def test_the_first_day_is_the_first_letters_or_the_first_forms(programme):
    under_test = programme.open_programme()
    assert first_day(under_test, "") == "2022-12-31"
    assert first_day(under_test, "2023-03-05") == "2023-03-05"
    under_test.close()
    programme.run(send, at=NOW.replace(day=20))
    under_test = programme.open_programme()
    assert first_day(under_test, "") == "2023-07-09"
    under_test.close()


def test_a_rehearsal_names_no_stranger(programme, postoffice):
    postoffice.fill(programme.hq, list(STRANGE_MAILS.values()))
    postoffice.fill(programme.hq, [letter(programme.box(programme.districts[0]), subject="我的")])
    report = programme.run(fetch, rehearse=True)
    assert [each["subject"] for each in report.data["mails"]] == ["我的"]
    assert report.data["counts"]["unlisted_senders"] == len(STRANGE_MAILS)
    assert "x.test" not in f"{report.lines}{report.tables}"


@pytest.mark.parametrize("fault", [lzma.LZMAError("x"), MemoryError(), RecursionError()])
def test_a_strangers_mail_that_breaks_its_reading_stops_no_other(
    programme, postoffice, monkeypatch, fault
):
    plain = fetching.read_mails

    def breaks(raws, **options):
        if any(b"poison@x.test" in raw for raw in raws):
            raise fault
        return plain(raws, **options)

    monkeypatch.setattr(fetching, "read_mails", breaks)
    form = programme.filled(programme.districts[0])
    postoffice.fill(
        programme.hq,
        [
            letter("poison@x.test", subject="毒"),
            letter("b@x.test", ("表.xlsx", form), subject="转"),
        ],
    )
    report = programme.run(fetch)
    assert verdicts(report) == [("500201", "held")]
    assert report.data["left_out"] == {"strange": 1}
