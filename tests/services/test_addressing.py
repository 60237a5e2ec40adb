"""Addresses that a form should not go to before somebody has looked; nobody gets another's form unasked."""

import pytest

from tests.tools import mail_programme
from tests.tools.mail_programme import NOW, MailProgramme
from tests.tools.mails import letter
from xl_addin.model.sheets import DISTRICTS_SHEET, PAPERS_SHEET
from xl_addin.verbs import check, distribute, fetch, remind, return_, send

JULY = "2023-07"


@pytest.fixture
def programme(tmp_path, postoffice, monkeypatch):
    mail_programme.environment(monkeypatch)
    return MailProgramme(tmp_path / "任务", postoffice, 5).distribute_forms()


def address(programme, **typed):
    """Type into 收件人 of the districts with these numbers."""
    programme.edit({DISTRICTS_SHEET: {(5 + int(n[1:]), 4): text for n, text in typed.items()}})


def went(report):
    return sorted(each["code"] for each in report.data["letters"] if each["state"] == "sent")


def held(report):
    return {each["code"]: each["why"] for each in report.data["skipped"]}


def test_one_bad_cell_names_its_district_and_stops_only_its_letter(programme):
    address(programme, _0=f"{programme.box(programme.districts[0])}；张三")
    report = programme.run(send)
    assert went(report) == ["500202", "500203", "500204", "500205"]
    assert "“第1区”的“张三”不是邮箱地址" in held(report)["500201"]
    assert [e["cell"] for e in programme.run(check).data["problems"]] == ["D5"]
    programme.set(mail_doubtful="照发")
    assert "500201" in went(programme.run(send))


def test_an_address_of_three_districts_waits_until_somebody_says_that_it_is_right(programme):
    address(programme, _0="office@d.test", _1="Office@d.test", _2="office＠d.test")
    report = programme.run(send)
    assert went(report) == ["500204", "500205"]
    assert set(held(report)) == {"500201", "500202", "500203"}
    assert any("第1区”、“第2区”、“第3区" in line for line in report.lines)
    assert programme.servers.messages("office@d.test") == []
    programme.set(mail_doubtful="照发")
    assert went(programme.run(send))[:3] == ["500201", "500202", "500203"]


def answered(programme, *numbers):
    for number in numbers:
        district = programme.districts[number]
        mail = letter(programme.box(district), ("表.xlsx", programme.filled(district)))
        programme.servers.deliver(programme.hq, mail)
    programme.run(fetch)


def test_addresses_swapped_after_a_month_of_accepted_returns_wait(programme):
    programme.run(send)
    answered(programme, 0, 1, 2)
    programme.run(distribute, JULY)
    first, second = (programme.box(each) for each in programme.districts[:2])
    address(programme, _0=second, _1=first)
    report = programme.run(send, JULY, at=NOW.replace(month=8))
    assert went(report) == ["500203", "500204", "500205"]
    assert "“第2区”的表，现在写在“第1区”名下" in held(report)["500201"]
    rehearsed = programme.run(send, JULY, at=NOW.replace(month=8), rehearse=True)
    assert set(held(rehearsed)) == {"500201", "500202"}


def test_an_address_that_reports_for_two_districts_is_nobodys_mistake(programme):
    shared = "both@d.test"
    address(programme, _0=shared, _1=shared)
    programme.set(mail_doubtful="照发")
    programme.run(send)
    for district in programme.districts[:2]:
        mail = letter(shared, ("表.xlsx", programme.filled(district)))
        programme.servers.deliver(programme.hq, mail)
    programme.run(fetch)
    programme.set(mail_doubtful="不发")
    programme.run(distribute, JULY)
    report = programme.run(send, JULY, at=NOW.replace(month=8))
    assert (len(went(report)), held(report)) == (5, {})
    assert any("both@d.test" in line for line in report.lines)


WRONG = ["abc@", "d 50@d.test", "残联@残联.cn", "张三", "{hq}"]


def odd(programme):
    """Addresses that nobody can be written to, and behind them others that only look like it."""
    boxes = [programme.box(each) for each in programme.districts]
    typed = {f"_{n}": each.format(hq=programme.hq) for n, each in enumerate(WRONG)}
    sound = ["mailto:{}", "{}.", "\u200b{}", "{}，b@d.test", "张三 <{}>", "<{}>"]
    typed |= {f"_{n}": each.format(boxes[n]) for n, each in enumerate(sound, len(WRONG))}
    typed["_10"] = boxes[10].replace("@", " ＠ ")
    address(programme, **typed)


@pytest.mark.parametrize(
    ("verb", "options"), [(send, {}), (remind, {}), (return_, {}), (send, {"papers": ""})]
)
def test_a_wrong_address_at_any_step_names_its_district_and_stops_only_its_letter(
    verb, options, tmp_path, postoffice, monkeypatch
):
    mail_programme.environment(monkeypatch)
    programme = MailProgramme(tmp_path / "任务", postoffice, 11, mail_receipts="是")
    programme.distribute_forms()
    if verb is not send:
        programme.run(send)
    if verb is return_:
        answered(programme, *range(11))
    odd(programme)
    if options:
        programme.edit({PAPERS_SHEET: {(5, 1): "D1", (5, 2): "工作总结", (5, 4): "12月1日"}})
        programme.run(distribute, **options)
    report = programme.run(verb, **options)
    assert [code for code in went(report) if code > "500205"] == [
        f"5002{n:02d}" for n in range(6, 12)
    ]
    assert set(held(report)) == {f"50020{n}" for n in range(1, 6)}
    for n, (why, typed) in enumerate(zip(held(report).values(), WRONG, strict=True), 1):
        assert f"“第{n}区”的" in why
        assert typed.format(hq=programme.hq) in why
    assert "自己的发件人邮箱" in held(report)["500205"]
