"""Who gets a letter and who cannot, what a rehearsal says, and the report of what became of each."""

import pytest

from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.transports import RecordingTransport
from xl_addin.mail.transports.base import Delivery, DeliveryInDoubt
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import REMIND, Letter
from xl_addin.model.records import District
from xl_addin.services import outbox
from xl_addin.services.outbox import Outbox, common_values, no_address, recipients_of, send_letters
from xl_addin.services.programme import Request
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import return_


@pytest.fixture
def programme(tmp_path, postoffice):
    return MailProgramme(tmp_path / "任务", postoffice, 3)


@pytest.fixture
def transport(monkeypatch):
    used = RecordingTransport()
    monkeypatch.setattr(outbox, "choose_transport", lambda *_: used)
    return used


@pytest.fixture
def under_test(programme):
    opened = programme.open_programme()
    yield opened
    opened.close()


def to_send(programme, *without):
    letters = [
        Letter(
            REMIND, MONTH, each, (MailAddress("", f"{each.code}@d.test"),), (), "催", "请报", "1"
        )
        for each in programme.districts
    ]
    return Outbox(letters, [no_address(each) for each in without], "附注")


@pytest.mark.parametrize(
    ("to", "cc", "found"),
    [
        ("a@d.test", "b@d.test", (["a@d.test"], ["b@d.test"])),
        ("a@d.test", "A@D.test；b@d.test", (["a@d.test"], ["b@d.test"])),
        ("", "b@d.test", (["b@d.test"], [])),
        ("", "", ([], [])),
    ],
)
def test_everybody_is_addressed_once_and_somebody_is_in_to(to, cc, found):
    boxes = recipients_of(District("1", "甲县", to=to, cc=cc))
    assert tuple([box.address for box in part] for part in boxes) == found


def test_a_district_is_asked_for_by_code_name_or_alias(under_test, programme):
    two = programme.districts[1]
    for word in (two.code, two.name):
        asked = outbox.wanted_districts(under_test.basics, Request(options={"district": word}))
        assert [each.code for each in asked] == [two.code]
    assert len(outbox.wanted_districts(under_test.basics, Request())) == 3
    with pytest.raises(Misused):
        outbox.wanted_districts(under_test.basics, Request(options={"district": "无此地"}))


def test_every_letter_has_the_common_fields(under_test):
    values = common_values(under_test.basics, under_test.basics.districts[0], MONTH)
    assert (values["月份"], values["截止日期"]) == ("2023年6月", "2023年7月5日")
    assert set(values) == {"区县", "月份", "任务名称", "截止日期", "联系人", "联系电话"}


def test_a_rehearsal_says_what_would_go_and_opens_nothing(under_test, programme, transport):
    report = send_letters(under_test, Request(rehearse=True), "remind", MONTH, to_send(programme))
    assert report.clean
    assert report.data["counts"] == {"pending": 3}
    assert (transport.opened, programme.query("SELECT * FROM sendings")) == (0, [])


@pytest.mark.usefixtures("transport")
def test_a_rehearsal_needs_no_address_of_ours_and_says_that_sending_does(programme):
    programme.set(mail_address=None)
    opened = programme.open_programme()
    report = send_letters(opened, Request(rehearse=True), "remind", MONTH, to_send(programme))
    assert report.data["counts"] == {"pending": 3}
    [told] = [line for line in report.lines if "正式发送以前" in line]
    assert "发件人邮箱" in told
    assert programme.run(return_, rehearse=True).data["letters"] == []
    with pytest.raises(Refused) as refused:
        send_letters(opened, Request(), "remind", MONTH, to_send(programme))
    assert [problem.code for problem in refused.value.problems] == ["setting-needed"]
    opened.close()


def test_the_report_counts_states_and_is_clean_only_when_all_went(under_test, programme, transport):
    report = send_letters(under_test, Request(), "remind", MONTH, to_send(programme))
    assert (report.clean, report.data["counts"]) == (True, {"sent": 3})
    assert "附注" in report.lines
    assert programme.query("SELECT verb, month FROM events WHERE verb='remind'") == [
        ("remind", MONTH)
    ]
    again = send_letters(under_test, Request(), "remind", MONTH, to_send(programme))
    assert (again.clean, [each["now"] for each in again.data["letters"]]) == (True, [False] * 3)
    assert len(transport.sent) == 3


def test_who_cannot_be_written_to_is_named_beside_the_others(under_test, programme, transport):
    report = send_letters(
        under_test, Request(), "remind", MONTH, to_send(programme, District("9", "丁县"))
    )
    assert not report.clean
    assert [each["code"] for each in report.data["skipped"]] == ["9"]
    assert len(report.tables[0].rows) == 4
    assert len(transport.sent) == 3


def test_what_was_refused_in_doubt_or_never_tried_is_told_of_each(under_test, programme, transport):
    one, _, three = (f"{each.code}@d.test" for each in programme.districts)
    transport.answers[one] = Delivery("refused", "550 unknown")
    transport.faults.plan("commit", DeliveryInDoubt("没有等到答复"), at=2)
    report = send_letters(under_test, Request(), "remind", MONTH, to_send(programme))
    states = [each["state"] for each in report.data["letters"]]
    assert (report.clean, states) == (False, ["refused", "sending", "sent"])
    rehearsed = send_letters(
        under_test, Request(rehearse=True), "remind", MONTH, to_send(programme)
    )
    assert rehearsed.data["counts"] == {"sent": 1, "pending": 1, "sending": 1}
    transport.faults.plan(f"send {three}", Refused("不收了"))
    stopped = send_letters(
        under_test, Request(options={"again": ""}), "remind", MONTH, to_send(programme)
    )
    assert stopped.data["stopped"] == stopped.lines[0] == "不收了"
    assert [each["state"] for each in stopped.data["letters"]] == ["refused", "sent", "kept"]


def test_a_month_without_letters_has_a_report_without_a_table(under_test, transport):
    report = send_letters(under_test, Request(), "remind", MONTH, Outbox([], []))
    assert (report.clean, report.tables, transport.opened) == (True, (), 0)
