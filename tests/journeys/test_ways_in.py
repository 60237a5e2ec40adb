"""A month's returns by each way in: taken once, whatever the server calls them, and counted once."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from tests.tools.mail_programme import MONTH, MailProgramme, environment
from tests.tools.mails import letter
from tests.tools.msg import message
from tests.tools.outlook import Outlook
from xl_addin.mail.receivers import outlook as outlook_edge
from xl_addin.model.folder import RETURNS
from xl_addin.services.programme import Request
from xl_addin.verbs import collect, fetch


def reply(programme, number):
    district = programme.districts[number]
    return letter(
        programme.box(district),
        ("表.xlsx", programme.filled(district)),
        subject=f"报送{number}",
        Message_ID=f"<{number}@d.test>",
    )


def accepted(report):
    return report.data["counts"]["accepted"]


@pytest.mark.mail
def test_by_pop3_each_return_counts_once_whatever_the_server_calls_it(
    tmp_path, servers, monkeypatch
):
    environment(monkeypatch)
    monkeypatch.setenv("XL_ADDIN_POP3_PASSWORD", "abcdefghijklmnop")
    settings = {"mail_receiver": "POP3", "pop3_host": servers.host, "pop3_port": servers.pop3s}
    programme = MailProgramme(tmp_path / "任务", servers, 4, imap_host=None, **settings)
    programme.distribute_forms()
    servers.fill(programme.hq, [reply(programme, n) for n in range(2)])
    servers.fill(programme.hq, [letter("x@y.test", ("工资.xlsx", b"PK\x03\x04x"), subject="工资")])
    report = programme.run(fetch)
    assert accepted(report) == 2
    assert report.data["counts"]["new"] == 2
    again = programme.run(fetch)
    assert (accepted(again), again.data["counts"]["new"]) == (0, 0)
    servers.forget_uids(programme.hq)
    servers.fill(programme.hq, [reply(programme, 2)])
    third = programme.run(fetch)
    assert (accepted(third), third.data["counts"]["new"]) == (1, 1)
    assert len(servers.messages(programme.hq)) == 4
    assert programme.query("SELECT COUNT(*) FROM mails") == [(3,)]


def test_by_outlook_each_return_counts_once_and_is_put_away(tmp_path, postoffice, monkeypatch):
    settings = {"mail_receiver": "Outlook", "imap_host": None, "imap_taken": "已取"}
    programme = MailProgramme(tmp_path / "任务", postoffice, 3, **settings).distribute_forms()
    outlook = Outlook(programme.hq)
    monkeypatch.setattr(outlook_edge, "open_outlook", lambda *_: outlook)
    store = outlook.Session.Accounts[0].DeliveryStore
    for number, district in enumerate(programme.districts[:2]):
        files = [("表.xlsx", programme.filled(district))]
        tree = message(f"报送{number}", programme.box(district), files=files)
        store.inbox.receive(tree, datetime(2023, 7, 10, 8, number))
    store.inbox.receive(message("工资", "x@y.test"), datetime(2023, 7, 10))
    report = programme.run(fetch)
    assert accepted(report) == 2
    assert len(store.inbox.Items) == 1
    assert [item.Subject for item in store.root.Folders[1].Items] == ["报送0", "报送1"]
    again = programme.run(fetch)
    assert (accepted(again), again.data["counts"]["new"]) == (0, 0)


def test_an_outlook_that_breaks_off_loses_nothing(tmp_path, postoffice, monkeypatch):
    settings = {"mail_receiver": "Outlook", "imap_host": None}
    programme = MailProgramme(tmp_path / "任务", postoffice, 3, **settings).distribute_forms()
    outlook = Outlook(programme.hq)
    monkeypatch.setattr(outlook_edge, "open_outlook", lambda *_: outlook)
    inbox = outlook.Session.Accounts[0].DeliveryStore.inbox
    for district in programme.districts:
        files = [("表.xlsx", programme.filled(district))]
        inbox.receive(
            message("报送", programme.box(district), files=files), datetime(2023, 7, 10, 8)
        )
    outlook.faults.plan("SaveAs", RuntimeError("busy"))
    first, second = programme.run(fetch), programme.run(fetch)
    assert (accepted(first), accepted(second)) == (2, 1)
    assert any("没有给出内容" in line for line in first.lines)


def test_a_chat_programs_folder_is_remembered_and_only_our_forms_are_taken(tmp_path, postoffice):
    chat = tmp_path / "WeChat Files" / "2023-07"
    chat.mkdir(parents=True)
    programme = MailProgramme(tmp_path / "任务", postoffice, 3).distribute_forms()
    first, second, third = programme.districts
    (programme.folder / RETURNS).mkdir(exist_ok=True)
    (programme.folder / RETURNS / "一.xlsx").write_bytes(programme.filled(first))
    (chat / "填报表(1).xlsx").write_bytes(programme.filled(second))
    (chat / "工资表.xlsx").write_bytes(b"PK\x03\x04 private")
    (chat / "合同.pdf").write_bytes(b"%PDF private")
    (chat / "转发.eml").write_bytes(letter("x@y.test", ("表.xlsx", programme.filled(third))))
    (chat / "私信.eml").write_bytes(letter("x@y.test", text="private"))
    masters = programme.folder / "master.xlsm"

    def collected():
        under_test = programme.open_programme()
        try:
            return collect.run(under_test, Request(month=MONTH))
        finally:
            under_test.close()

    assert accepted(collected()) == 1
    from tests.tools import masters as tool
    from xl_addin.master.build.sheet_writer import TOP
    from xl_addin.model.settings import SETTINGS
    from xl_addin.model.sheets import SETTINGS_SHEET

    row = TOP + 1 + next(n for n, spec in enumerate(SETTINGS) if spec.key == "receive_folder")
    value = f"{chat.parent}；{tmp_path / '没有这个'}"
    masters.write_bytes(tool.edit_master({SETTINGS_SHEET: {(row, 2): value}}, masters.read_bytes()))
    report = collected()
    assert accepted(report) == 2
    assert {Path(item["file"]).name for item in report.data["returns"]} == {
        "一.xlsx",
        "填报表(1).xlsx",
        "表.xlsx",
    }
    assert any("没有这个" in line and "找不到" in line for line in report.lines)
    kept = [p.read_bytes() for p in (programme.folder / "归档").rglob("*") if p.is_file()]
    assert not any(b"private" in data for data in kept)
    assert len(list(chat.iterdir())) == 5


def test_a_form_in_saved_mails_in_an_archive_of_a_stranger_is_ours(
    tmp_path, postoffice, monkeypatch
):
    environment(monkeypatch)
    programme = MailProgramme(tmp_path / "任务", postoffice, 2).distribute_forms()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("一.eml", reply(programme, 0))
        archive.writestr("私信.eml", letter("x@y.test", text="private"))
    postoffice.deliver(programme.hq, letter("x@y.test", ("转发.zip", out.getvalue())))
    report = programme.run(fetch)
    assert report.data["counts"]["new"] == 1
    verdicts = [item["verdict"] for item in report.data["returns"] if item["code"]]
    assert verdicts == ["held"]  # a stranger sent it on: a person decides
