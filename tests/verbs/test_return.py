"""退回修改: a rejected return goes back marked, the correction supersedes; receipts; reminders.

Proves also verbs/remind.py.
"""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.tools import forms, mail_programme
from tests.tools.lint import lint
from tests.tools.mail_programme import MONTH, MailProgramme, identity_of
from tests.tools.office import disagreements
from tests.tools.postoffice import ON_SERVERS
from tests.tools.systems import KILLED
from xl_addin.form import layout as formbook
from xl_addin.model import folder as folders
from xl_addin.model.folder import ARCHIVE, MASTER, RETURNED, RETURNS
from xl_addin.model.sheets import DISTRICTS_SHEET, STATUS_SHEET
from xl_addin.system.errors import Refused
from xl_addin.verbs import collect, distribute, recompute, remind, return_, send

LATER = datetime(2023, 7, 12, 9, 0)


@pytest.fixture
def mail(post):
    return post


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    mail_programme.environment(monkeypatch)
    return MailProgramme(tmp_path / "任务 2023", mail).distribute_forms()


def form_of(programme, district, month=MONTH):
    [path] = (programme.folder / folders.FORMS / month).glob(f"*_{district.code}_*")
    return path


def answer(programme, district, figures, edit=None, data=None):
    """A return in 回收, filled in with openpyxl."""
    book = load_workbook(BytesIO(data) if data else form_of(programme, district))
    sheet = book[formbook.SHEET]
    for row, figure in enumerate(figures, formbook.FIRST_ROW):
        sheet.cell(row, formbook.MONTH).value = figure
    if edit:
        edit(sheet)
    inbox = programme.folder / RETURNS
    inbox.mkdir(exist_ok=True)
    path = inbox / f"{district.name}回报{len(list(inbox.iterdir()))}.xlsx"
    book.save(path)
    return path


def take(programme, *paths, month=MONTH):
    under_test = programme.open_programme()
    from xl_addin.services.programme import Request

    try:
        report = collect.run(under_test, Request(tuple(map(str, paths)), month))
    finally:
        under_test.close()
    return {each["code"]: each["verdict"] for each in report.data["returns"]}


def got(programme, district):
    return [message_from_bytes(raw, policy=default) for raw in programme.mails(district)]


def attached(mail):
    [form] = mail.iter_attachments()
    return form.get_content()


def test_a_rejected_return_comes_back_marked_and_its_correction_supersedes(
    programme, validator, tmp_path
):
    programme.run(send)
    one, two = programme.districts[:2]

    def scribble(sheet):
        sheet["D3"], sheet["G3"], sheet["I7"] = "李四", "023-777", "补报"
        sheet["D8"] = 999  # the target
        sheet["N30"] = "这里也写一点"

    bad = answer(programme, one, ("二十人", 5, 9), scribble)
    good = answer(programme, two, (20, 5, 3))
    assert take(programme, bad, good) == {one.code: "rejected", two.code: "accepted"}
    report = programme.run(return_)
    assert report.clean, report.tables
    assert [(each["code"], each["letter"]) for each in report.data["letters"]] == [
        (one.code, "return")
    ]
    [first, back] = got(programme, one)
    assert back["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in back["References"]
    data = attached(back)
    assert (identity_of(data).round, identity_of(data).district) == (2, one.code)
    sheet = load_workbook(BytesIO(data))[formbook.SHEET]
    assert [sheet.cell(r, formbook.MONTH).value for r in (7, 8, 9)] == ["二十人", 5, 9]
    assert (sheet["D3"].value, sheet["G3"].value, sheet["I7"].value) == ("李四", "023-777", "补报")
    assert sheet["D8"].value == 100
    assert sheet["N30"].value is None
    assert sheet["L6"].value == formbook.REVIEW_HEADING
    assert "二十人" in sheet["L7"].value
    assert "年度任务数" in sheet["L8"].value
    fills = {r: sheet.cell(r, formbook.MONTH).fill.fgColor.rgb for r in (7, 8, 9)}
    assert fills == {7: "FFFFB3B3", 8: "FFFFF8DC", 9: "FFFFB3B3"}
    assert sheet["F7"].quotePrefix
    assert not sheet["F7"].protection.locked
    assert "第 2 轮" in sheet["A5"].value
    path = tmp_path / "退回.xlsx"
    path.write_bytes(data)
    assert lint(path) == []
    assert validator(path) == []
    assert take(programme, path) == {one.code: "blank"}
    fixed = answer(programme, one, (20, 5, 4), data=data)
    assert take(programme, fixed) == {one.code: "accepted"}
    assert programme.run(return_).data["letters"] == []
    rounds = programme.query(
        "SELECT r.district, round FROM counting c JOIN receipts r ON r.id=c.receipt"
    )
    assert (one.code, 2) in rounds


def test_pressing_again_sends_nothing_twice_and_each_rejection_has_its_round(programme):
    one = programme.districts[0]
    take(programme, answer(programme, one, (20, 5, 9)))
    programme.run(return_)
    again = programme.run(return_)
    assert [each["now"] for each in again.data["letters"]] == [False]
    assert len(programme.mails(one)) == 1
    # The same return, sent once more, is the same form in the same round.
    programme.run(return_, again="")
    assert len(programme.mails(one)) == 2
    take(programme, answer(programme, one, (20, 5, 7)))
    programme.run(return_)
    assert [identity_of(attached(mail)).round for mail in got(programme, one)] == [2, 2, 3]
    issued = programme.query("SELECT round, COUNT(*) FROM dispatches GROUP BY round ORDER BY round")
    assert issued == [(1, 5), (2, 1), (3, 1)]
    programme.run(distribute)
    assert programme.query("SELECT COUNT(*) FROM dispatches") == [(7,)]


def test_what_came_after_a_rejection_and_says_nothing_keeps_it_from_nobody(programme):
    one, two = programme.districts[:2]
    rejected = answer(programme, one, (20, 5, 9)), answer(programme, two, (20, 5, 9))
    assert set(take(programme, *rejected).values()) == {"rejected"}
    broken = programme.folder / RETURNS / form_of(programme, two).name
    broken.write_bytes(programme.form(two)[:2000])
    later = take(programme, answer(programme, one, ()), broken)
    assert later[one.code] == "blank"
    report = programme.run(return_)
    assert [each["code"] for each in report.data["letters"]] == [one.code, two.code]
    assert all(identity_of(attached(got(programme, each)[0])).round == 2 for each in (one, two))
    # Once it was returned, the same form untouched asks for nothing again.
    untouched = programme.folder / RETURNS / "退回.xlsx"
    untouched.write_bytes(attached(got(programme, one)[0]))
    assert take(programme, untouched) == {one.code: "blank"}
    assert [each["now"] for each in programme.run(return_).data["letters"]] == [False, False]


def test_a_correction_of_what_was_accepted_that_is_wrong_comes_back_too(programme):
    one = programme.districts[0]
    assert take(programme, answer(programme, one, (10, 5, 2))) == {one.code: "accepted"}
    assert programme.run(return_).data["letters"] == []
    assert take(programme, answer(programme, one, (20, 5, 9))) == {one.code: "rejected"}
    report = programme.run(return_)
    assert [(each["letter"], each["state"]) for each in report.data["letters"]] == [
        ("return", "sent")
    ]


def test_a_rehearsal_of_returning_leaves_no_trace(programme):
    one = programme.districts[0]
    take(programme, answer(programme, one, (20, 5, 9)))
    before = (
        programme.query("SELECT COUNT(*) FROM dispatches"),
        programme.query("SELECT * FROM events"),
    )
    report = programme.run(return_, rehearse=True)
    assert [each["code"] for each in report.data["letters"]] == [one.code]
    assert not (programme.folder / RETURNED).exists()
    assert programme.mails(one) == []
    now = (
        programme.query("SELECT COUNT(*) FROM dispatches"),
        programme.query("SELECT * FROM events"),
    )
    assert now == before


def test_rows_that_were_moved_are_marked_where_they_belong(programme):
    one = programme.districts[0]

    def move(sheet):
        sheet.insert_rows(7)
        sheet["F7"] = None

    take(programme, answer(programme, one, (-4, 5, 1), move))
    programme.run(return_)
    sheet = load_workbook(BytesIO(attached(got(programme, one)[0])))[formbook.SHEET]
    assert (sheet["F7"].value, sheet["F7"].fill.fgColor.rgb) == (-4, "FFFFB3B3")
    assert "不能小于 0" in sheet["L7"].value


def test_what_cannot_be_read_again_is_told_and_the_others_go(programme):
    one, two = programme.districts[:2]
    take(programme, answer(programme, one, (20, 5, 9)), answer(programme, two, (20, 5, 9)))
    [(sha,)] = programme.query("SELECT sha256 FROM receipts ORDER BY id LIMIT 1")
    [kept] = (programme.folder / ARCHIVE).glob(f"{sha}.*")
    kept.unlink()
    report = programme.run(return_)
    assert not report.clean
    assert len(report.data["letters"]) == len(report.data["skipped"]) == 1


def test_accepted_returns_get_a_receipt_where_that_is_switched_on(programme):
    one = programme.districts[0]
    take(programme, answer(programme, one, (20, 5, 3)))
    assert programme.run(return_).data["letters"] == []
    programme.set(mail_receipts="是")
    report = programme.run(return_)
    assert [(each["code"], each["letter"]) for each in report.data["letters"]] == [
        (one.code, "receipt")
    ]
    [mail] = got(programme, one)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert list(mail.iter_attachments()) == []
    programme.run(return_)
    assert len(programme.mails(one)) == 1


def test_reminders_go_to_the_missing_only_and_say_what_is_missing_since_when(programme):
    accepted, wrong, silent, late = programme.districts[:4]
    programme.edit({DISTRICTS_SHEET: {(9, 4): None}})
    programme.run(send)
    take(programme, answer(programme, accepted, (20, 5, 3)), answer(programme, wrong, (20, 5, 9)))
    programme.run(return_)
    programme.distribute_forms("2023-05")
    take(programme, _for_may(programme, late), month="2023-05")
    take(programme, _for_may(programme, accepted), month="2023-05")
    report = programme.run(remind, at=LATER)
    codes = {each["code"] for each in report.data["letters"]}
    assert codes == {wrong.code, silent.code, late.code}
    assert [each["code"] for each in report.data["skipped"]] == [programme.districts[4].code]
    texts = {d.code: text_of(got(programme, d)[-1]) for d in (wrong, silent, late)}
    assert "2023年6月：2023年7月10日收到的" in texts[wrong.code]
    assert "已退回修改，还没有重报（截止日期 2023年7月5日，已过 7 天）" in texts[wrong.code]
    assert (
        "2023年6月：还没有收到，填报表 2023年7月10日发出（截止日期 2023年7月5日，已过 7 天）"
        in texts[silent.code]
    )
    assert "2023年5月：还没有收到（截止日期 2023年6月5日，已过 37 天）" in texts[silent.code]
    assert texts[silent.code].index("2023年5月：") < texts[silent.code].index("2023年6月：")
    assert "2023年5月" not in texts[late.code]
    mail = got(programme, silent)[-1]
    assert mail["Auto-Submitted"] == "auto-generated"
    programme.run(remind, at=LATER.replace(hour=17))
    assert len(programme.mails(silent)) == 2
    programme.run(remind, at=LATER.replace(day=13))
    assert len(programme.mails(silent)) == 3


def test_a_held_return_is_ours_to_settle_and_is_not_asked_for(programme):
    one, two = programme.districts[:2]
    path = answer(programme, one, (20, 5, 3))
    path = path.rename(path.with_name(f"{two.name}.xlsx"))
    assert take(programme, path) == {one.code: "held"}
    report = programme.run(remind)
    assert one.code not in {each["code"] for each in report.data["letters"]}
    assert one.name in "".join(report.lines)


def reminder(programme, district, at=LATER):
    report = programme.run(remind, at=at, district=district.code)
    return text_of(got(programme, district)[-1]) if report.data["letters"] else "", report


def test_who_sent_a_scan_is_asked_for_the_form(programme):
    one, two = programme.districts[:2]
    (programme.folder / RETURNS).mkdir(exist_ok=True)
    for name, data in ((f"{one.name}盖章.pdf", b"%PDF-1.7"), (f"{two.name}.csv", b"1,2")):
        path = programme.folder / RETURNS / name
        path.write_bytes(data)
        os.utime(path, (LATER.timestamp() - 10 * 86_400,) * 2)
    assert set(take(programme).values()) == {"foreign"}
    text, _ = reminder(programme, one)
    assert (
        f"2023年6月：还没有收到电子表；2023年7月2日收到您单位的扫描件“{one.name}盖章.pdf”，"
        "不能代替电子表，请补报电子表（截止日期 2023年7月5日，已过 7 天）" in text
    )
    text, _ = reminder(programme, two)
    assert f"收到您单位的文件“{two.name}.csv”，不是填报表，请补报填报表" in text


def test_a_return_that_went_back_today_is_not_asked_for_today(programme):
    one = programme.districts[0]
    take(programme, answer(programme, one, (20, 5, 9)))
    programme.run(return_)
    text, report = reminder(programme, one, mail_programme.NOW.replace(hour=17))
    assert text == ""
    assert report.lines[0] == f"2023-06 有 1 个区县的填报表今天刚退回修改，没有催：{one.name}"
    text, _ = reminder(programme, one)
    assert "没有通过审核，2023年7月10日已退回修改，还没有重报" in text


def test_what_was_corrected_and_is_wrong_again_was_not_sent_back_yet(programme):
    one = programme.districts[0]
    take(programme, answer(programme, one, (20, 5, 9)))
    programme.run(return_)
    take(programme, answer(programme, one, (21, 5, 9)))
    text, report = reminder(programme, one)
    assert "没有通过审核（截止日期" in text
    assert f"还没有退回修改：{one.name}；请先做“退回修改”" in report.lines[0]
    assert "已退回修改" not in text


def test_a_form_that_waits_is_not_asked_for_whichever_month_was_collected(programme):
    one = programme.districts[0]
    path = answer(programme, one, (20, 5, 3))
    assert take(programme, path, month="2023-07") == {one.code: "held"}
    _, report = reminder(programme, one)
    assert report.data["letters"] == []
    assert "2023-06 有 1 个区县的填报表是“待定”" in report.lines[0]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04 cut off", "收到的“{}”打不开，请重新发送"),
        (b"", "收到的“{}”打不开，请重新发送"),
        (None, "收到的“{}”有密码，请取消密码后重新发送"),
    ],
)
def test_who_sent_what_cannot_be_read_is_asked_for_it_again(programme, data, says):
    one = programme.districts[0]
    path = answer(programme, one, (20, 5, 3))
    if data is None:
        from msoffcrypto.format.ooxml import OOXMLFile

        out = BytesIO()
        OOXMLFile(BytesIO(path.read_bytes())).encrypt("abc", out)
        data = out.getvalue()
    path.write_bytes(data)
    assert take(programme, path) == {one.code: "unreadable"}
    text, _ = reminder(programme, one)
    assert says.format(path.name) in text


def test_who_sent_last_months_form_is_told_so(programme):
    one = programme.districts[0]
    programme.distribute_forms("2023-05")
    may = _for_may(programme, one)
    saved = datetime(2023, 6, 3).timestamp()
    os.utime(may, (saved, saved))
    take(programme, may, month="2023-05")
    again = may.with_name(f"{one.name}六月.xlsx")
    again.write_bytes(may.read_bytes())
    os.utime(again, (saved + 30 * 86_400,) * 2)
    take(programme, again)
    text, _ = reminder(programme, one)
    assert f"收到的“{again.name}”是 2023年5月的表（截止日期 2023年7月5日" in text


def test_who_has_no_form_is_not_asked_and_is_named(programme):
    report = programme.run(remind, month="2023-07", at=LATER)
    assert report.lines[0].startswith("2023-07 有 5 个区县还没有生成填报表，没有催")


def _for_may(programme, district):
    return answer(
        programme, district, (1, 1, 1), data=form_of(programme, district, "2023-05").read_bytes()
    )


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_marked_form_survives_libreoffice(programme, office, tmp_path, ending):
    one = programme.districts[0]
    take(programme, answer(programme, one, ("二十", 5, 9)))
    programme.run(return_)
    source = tmp_path / "退回.xlsx"
    source.write_bytes(attached(got(programme, one)[0]))
    assert disagreements(source, office) == []
    cells = {formbook.SHEET: {"F7": 20, "F9": 2}}
    fixed = office.fill(source, tmp_path / f"改好.{ending}", cells)
    assert take(programme, fixed) == {one.code: "accepted"}


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_a_return_of_another_format_is_marked_in_the_programmes_own_form(
    programme, office, tmp_path, ending
):
    one = programme.districts[0]
    cells = {formbook.SHEET: {"F7": "二十", "F8": 5, "F9": 9, "D3": "李四"}}
    bad = office.fill(form_of(programme, one), tmp_path / f"回报.{ending}", cells)
    assert take(programme, bad) == {one.code: "rejected"}
    programme.run(return_)
    sheet = load_workbook(BytesIO(attached(got(programme, one)[0])))[formbook.SHEET]
    assert [sheet.cell(r, formbook.MONTH).value for r in (7, 8, 9)] == ["二十", 5, 9]
    assert sheet["D3"].value == "李四"


@ON_SERVERS
@pytest.mark.parametrize("point", ["return-kept", "return-marked", "send-sending", "send-accepted"])
def test_a_kill_while_returning_leaves_one_form_and_one_letter(programme, point):
    one = programme.districts[0]
    take(programme, answer(programme, one, (20, 5, 9)))
    command = [
        sys.executable,
        "-m",
        "xl_addin",
        "return",
        "--folder",
        str(programme.folder),
        "--month",
        MONTH,
    ]
    killed = subprocess.run(command, env={**os.environ, "XL_ADDIN_FAILPOINT": point})
    assert killed.returncode == KILLED
    # A letter in the middle of sending waits a day for its copy to come.
    report = programme.run(return_, at=datetime.now() + timedelta(hours=25))
    assert report.clean, report.tables
    [mail] = got(programme, one)
    assert identity_of(attached(mail)).round == 2
    assert programme.query("SELECT COUNT(*) FROM corrections") == [(1,)]


RED, AMBER = "FFFFB3B3", "FFFFE699"
FORMS = [
    ("１２０", 120, AMBER),
    ("2000万", "2000万", RED),
    (-3, -3, RED),
    (1.5, 1.5, RED),
    (None, None, RED),
    ("+1+cmd", "+1+cmd", RED),
    ("=1+1", "=1+1", RED),
    ("3-5", "3-5", RED),
]


@pytest.mark.parametrize(("typed", "carried", "colour"), FORMS)
def test_each_written_form_comes_back_as_it_was_typed(programme, typed, carried, colour):
    one = programme.districts[0]
    path = answer(programme, one, (5, 5, -1))
    data = forms.edit_form(path.read_bytes(), {(7, formbook.MONTH): typed})
    path.write_bytes(data)
    assert take(programme, path) == {one.code: "rejected"}
    programme.run(return_)
    sheet = load_workbook(BytesIO(attached(got(programme, one)[0])))[formbook.SHEET]
    assert sheet["F7"].value == carried
    assert sheet["F7"].data_type != "f"
    assert sheet["F7"].fill.fgColor.rgb == colour


def test_nothing_is_marked_while_mail_is_not_set_up(programme):
    take(programme, answer(programme, programme.districts[0], (20, 5, 9)))
    programme.set(smtp_host=None)
    with pytest.raises(Refused):
        programme.run(return_)
    assert programme.query("SELECT * FROM corrections") == []
    assert not (programme.folder / RETURNED).exists()


def test_the_board_says_what_became_of_the_letters(programme, mail):
    one, two = programme.districts[:2]
    mail.relay.rcpt[programme.box(two)] = ["550 5.1.1 unknown*"]
    programme.run(send)
    take(programme, answer(programme, one, (20, 5, 9)))
    programme.run(return_)
    programme.run(recompute)
    sheet = load_workbook(programme.folder / MASTER)[STATUS_SHEET]
    heads = {cell.value: cell.column for cell in sheet[6]}
    told = [
        (sheet.cell(row, heads["信件"]).value, sheet.cell(row, heads["退回次数"]).value)
        for row in (7, 8, 9)
    ]
    assert told == [("退回件已发送", 1), ("被拒收", None), ("已发送", None)]
