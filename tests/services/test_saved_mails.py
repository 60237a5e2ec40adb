"""Mails that lie in a folder as files: what is in them is collected, whatever is not is told."""

import io
import json
import os
import zipfile
from datetime import datetime

import pytest

from tests.data.make_mails import FOLDER
from tests.tools.mail_programme import NOW, MailProgramme
from tests.tools.mails import letter
from tests.tools.msg import compound_file, message
from xl_addin.master.build.sheet_writer import TOP
from xl_addin.model.calendar import local_text
from xl_addin.model.folder import ARCHIVE, RETURNS
from xl_addin.model.settings import BY_COLLECTING, SETTINGS
from xl_addin.model.sheets import SETTINGS_SHEET
from xl_addin.services import saved_mails
from xl_addin.services.programme import Request
from xl_addin.verbs import collect


class Folder:
    """回收 of a programme with three districts."""

    def __init__(self, programme):
        self.programme = programme
        self.place = programme.folder / RETURNS
        self.place.mkdir(exist_ok=True)
        self.forms = [programme.filled(d) for d in programme.districts]

    def put(self, name, data):
        (self.place / name).write_bytes(data)

    def mail(self, number, *files, sender=None, **facts):
        sender = sender or self.programme.box(self.programme.districts[number])
        return letter(sender, *(files or [("表.xlsx", self.forms[number])]), **facts)

    def collect(self):
        """What became of each file, by its path in the folder."""
        under_test = self.programme.open_programme()
        try:
            data = collect.run(under_test, Request(month="2023-06")).data
        finally:
            under_test.close()
        place = str(self.place)
        return {item["file"].removeprefix(place)[1:]: item for item in data["returns"]}


@pytest.fixture
def folder(tmp_path, postoffice):
    return Folder(MailProgramme(tmp_path / "任务", postoffice, 3).distribute_forms())


def told(item):
    return "".join(problem["message"] for problem in item["problems"])


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def outlook(form, **facts):
    return compound_file(message(files=[("表.xlsx", form)], **facts))


def mailbox(*mails):
    start = b"From d01@d.test Mon Jul  3 09:00:00 2023\n"
    return b"".join(start + mail.replace(b"\r\n", b"\n") + b"\n" for mail in mails)


@pytest.mark.parametrize(
    ("name", "saved", "found"),
    [
        ("一.eml", lambda f: f.mail(0), ["一.eml/表.xlsx"]),
        ("一", lambda f: f.mail(0), ["一/表.xlsx"]),
        ("一.msg", lambda f: outlook(f.forms[0]), ["一.msg/表.xlsx"]),
        (
            "信.mbox",
            lambda f: mailbox(f.mail(0, subject="甲"), f.mail(1, subject="乙")),
            ["信.mbox/甲/表.xlsx", "信.mbox/乙/表.xlsx"],
        ),
        (
            "信.zip",
            lambda f: zipped(a__eml=f.mail(0), b__msg=outlook(f.forms[1])),
            ["信.zip/a.eml/表.xlsx", "信.zip/b.msg/表.xlsx"],
        ),
        (
            "套.eml",
            lambda f: f.mail(0, ("包.zip", zipped(a__xlsx=f.forms[0]))),
            ["套.eml/包.zip/a.xlsx"],
        ),
        (
            "转.msg",
            lambda f: compound_file(
                message(files=[("里", message("里", files=[("表.xlsx", f.forms[2])], inner=True))])
            ),
            ["转.msg/里/表.xlsx"],
        ),
    ],
)
def test_a_saved_mail_brings_what_is_attached_to_it(folder, name, saved, found):
    folder.put(name, saved(folder))
    got = folder.collect()
    assert {key: item["verdict"] for key, item in got.items()} == dict.fromkeys(found, "accepted")
    assert {item["verdict"] for item in folder.collect().values()} == {"duplicate"}
    archived = [path.suffix for path in (folder.programme.folder / ARCHIVE).glob("????????*.*")]
    assert archived.count(".xlsx") == len(found)


def test_whose_mail_it_is_is_a_cross_check_and_a_stranger_is_who_saved_it(folder):
    folder.put("一.eml", folder.mail(0, sender="x@y.test"))
    folder.put("二.eml", folder.mail(0, ("表.xlsx", folder.forms[1])))
    got = folder.collect()
    assert got["一.eml/表.xlsx"]["verdict"] == "accepted"
    assert got["二.eml/表.xlsx"]["verdict"] == "held"
    assert "第1区" in told(got["二.eml/表.xlsx"])


def test_our_form_as_it_went_out_is_not_what_came_back_beside_it(folder):
    empty = folder.programme.form(folder.programme.districts[0])
    folder.put("一.eml", folder.mail(0, ("空.xlsx", empty), ("填.xlsx", folder.forms[0])))
    folder.put(
        "二.eml", folder.mail(1, ("空.xlsx", folder.programme.form(folder.programme.districts[1])))
    )
    got = folder.collect()
    assert {key: item["verdict"] for key, item in got.items()} == {
        "一.eml/填.xlsx": "accepted",
        "二.eml/空.xlsx": "blank",
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bounce-dsn", "退信"),
        ("bounce-dsn-delayed", "延迟"),
        ("read-receipt", "自动回复"),
        ("cloud-weixin", "drive.weixin.qq.com"),
        ("smime-enveloped", "加密"),
        ("no-attachment", "没有附件"),
        ("no-workbook-pdf-only", "扫描件"),
        ("msg-broken", "已损坏"),
    ],
)
def test_a_mail_that_brings_nothing_says_so(folder, name, words):
    folder.put(f"{name}.eml", (FOLDER / f"{name}.eml").read_bytes())
    [item] = folder.collect().values()
    assert item["verdict"] == "unreadable"
    assert words in told(item)


def test_a_link_beside_a_form_is_told_and_the_form_counts(folder):
    folder.put("一.eml", folder.mail(0, text="另见 https://1drv.ms/x/s!Abc"))
    got = folder.collect()
    assert got["一.eml/表.xlsx"]["verdict"] == "accepted"
    assert "1drv.ms" in told(got["一.eml/网盘链接"])


def test_a_mailbox_of_thousands_is_read_so_far_and_the_rest_told(folder, monkeypatch):
    monkeypatch.setattr(saved_mails, "MOST_MAILS", 2)
    folder.put("信.mbox", mailbox(*[folder.mail(n, subject=str(n)) for n in range(3)]))
    got = folder.collect()
    assert [item["verdict"] for item in got.values()] == ["accepted", "accepted", "unreadable"]
    assert "超过 2 封" in told(got["信.mbox/后面的邮件"])


def test_every_mail_of_the_corpus_is_told_somehow_and_stops_no_other(folder):
    names = sorted(path.name for path in FOLDER.glob("[a-f]*.eml"))
    for name in names:
        folder.put(name, (FOLDER / name).read_bytes())
    folder.put("好.eml", folder.mail(0))
    got = folder.collect()
    assert {key.partition("/")[0] for key in got} == {*names, "好.eml"}
    assert got["好.eml/表.xlsx"]["verdict"] == "accepted"
    json.dumps(got)


AT_SERVER = local_text(1688346000)
ROW = next(n for n, spec in enumerate(SETTINGS) if spec.key == "received_by")
BY_SERVER = "from a (a [10.0.0.1]) by mx.hq.test with ESMTP; Mon, 03 Jul 2023 09:00:00 +0800"


def put_at(folder, data, at):
    folder.put("一.eml", data)
    os.utime(folder.place / "一.eml", (at.timestamp(), at.timestamp()))
    [item] = folder.collect().values()
    [(received,)] = folder.programme.query("SELECT received_at FROM receipts")
    return item | {"received_at": received}


def test_a_saved_mail_came_when_the_server_took_it_in_and_not_when_it_was_saved(folder):
    item = put_at(folder, folder.mail(0, Received=BY_SERVER), datetime(2023, 7, 8, 12))
    assert item["received_at"] == AT_SERVER
    assert "2023-07-08 12:00:00 存的" in item["note"]


@pytest.mark.parametrize("head", ["nonsense", "by mx; Mon, 99 Jul 2023", "Date: x"])
def test_what_only_the_sender_says_of_the_time_does_not_count(folder, head):
    data = folder.mail(0, Date="Mon, 03 Jul 2023 09:00:00 +0800", Received=head)
    item = put_at(folder, data, datetime(2023, 7, 8, 12))
    assert (item["received_at"], item["note"]) == ("2023-07-08 12:00:00", "")


def test_a_mail_that_was_saved_before_it_came_is_told_and_counts_from_then(folder):
    item = put_at(folder, folder.mail(0, Received=BY_SERVER), datetime(2023, 7, 1, 12))
    assert item["received_at"] == "2023-07-01 12:00:00"
    assert [each["code"] for each in item["problems"]] == ["time-ahead"]
    assert AT_SERVER in told(item)


def test_an_office_that_goes_by_collecting_does_not_look_at_it(folder):
    folder.programme.edit({SETTINGS_SHEET: {(TOP + 1 + ROW, 2): BY_COLLECTING}})
    item = put_at(folder, folder.mail(0, Received=BY_SERVER), datetime(2023, 7, 8, 12))
    assert item["received_at"] == f"{NOW:%Y-%m-%d %H:%M:%S}"
