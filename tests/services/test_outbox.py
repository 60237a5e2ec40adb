"""Who gets a letter and who cannot, what a rehearsal says, and the report of what became of each."""

import pytest

from tests.tools.offices import MONTH, Programme
from tests.tools.transports import RecordingTransport
from xl_addin.mail.transports.base import Carried, Unsure
from xl_addin.model.addresses import Mailbox
from xl_addin.model.letters import REMIND, Letter
from xl_addin.model.records import District
from xl_addin.services import outbox
from xl_addin.services.outbox import Postbag, addressed, common_values, no_address, post
from xl_addin.services.programme import Wish
from xl_addin.system.errors import Misused, Refused


@pytest.fixture
def programme(tmp_path, postoffice):
    return Programme(tmp_path / "任务", postoffice, 3)


@pytest.fixture
def way(monkeypatch):
    used = RecordingTransport()
    monkeypatch.setattr(outbox, "way_of", lambda *_: used)
    return used


@pytest.fixture
def desk(programme):
    opened = programme.desk()
    yield opened
    opened.close()


def bag(programme, *without):
    letters = [
        Letter(REMIND, MONTH, each, (Mailbox("", f"{each.code}@d.test"),), (), "催", "请报", "1")
        for each in programme.districts
    ]
    return Postbag(letters, [no_address(each) for each in without], "附注")


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
    boxes = addressed(District("1", "甲县", to=to, cc=cc))
    assert tuple([box.address for box in part] for part in boxes) == found


def test_a_district_is_asked_for_by_code_name_or_alias(desk, programme):
    two = programme.districts[1]
    for word in (two.code, two.name):
        asked = outbox.wanted_districts(desk.basics, Wish(options={"district": word}))
        assert [each.code for each in asked] == [two.code]
    assert len(outbox.wanted_districts(desk.basics, Wish())) == 3
    with pytest.raises(Misused):
        outbox.wanted_districts(desk.basics, Wish(options={"district": "无此地"}))


def test_every_letter_has_the_common_fields(desk):
    values = common_values(desk.basics, desk.basics.districts[0], MONTH)
    assert (values["月份"], values["截止日期"]) == ("2023年6月", "2023年7月5日")
    assert set(values) == {"区县", "月份", "任务名称", "截止日期", "联系人", "联系电话"}


def test_a_rehearsal_says_what_would_go_and_opens_nothing(desk, programme, way):
    report = post(desk, Wish(rehearse=True), "remind", MONTH, bag(programme))
    assert report.clean
    assert report.data["counts"] == {"pending": 3}
    assert (way.opened, programme.query("SELECT * FROM sendings")) == (0, [])


def test_the_report_counts_states_and_is_clean_only_when_all_went(desk, programme, way):
    report = post(desk, Wish(), "remind", MONTH, bag(programme))
    assert (report.clean, report.data["counts"]) == (True, {"sent": 3})
    assert "附注" in report.lines
    assert programme.query("SELECT verb, month FROM events WHERE verb='remind'") == [
        ("remind", MONTH)
    ]
    again = post(desk, Wish(), "remind", MONTH, bag(programme))
    assert (again.clean, [each["now"] for each in again.data["letters"]]) == (True, [False] * 3)
    assert len(way.sent) == 3


def test_who_cannot_be_written_to_is_named_beside_the_others(desk, programme, way):
    report = post(desk, Wish(), "remind", MONTH, bag(programme, District("9", "丁县")))
    assert not report.clean
    assert [each["code"] for each in report.data["skipped"]] == ["9"]
    assert len(report.tables[0].rows) == 4
    assert len(way.sent) == 3


def test_what_was_refused_in_doubt_or_never_tried_is_told_of_each(desk, programme, way):
    one, _, three = (f"{each.code}@d.test" for each in programme.districts)
    way.answers[one] = Carried("refused", "550 unknown")
    way.faults.plan("commit", Unsure("没有等到答复"), at=2)
    report = post(desk, Wish(), "remind", MONTH, bag(programme))
    states = [each["state"] for each in report.data["letters"]]
    assert (report.clean, states) == (False, ["refused", "sending", "sent"])
    rehearsed = post(desk, Wish(rehearse=True), "remind", MONTH, bag(programme))
    assert rehearsed.data["counts"] == {"sent": 1, "pending": 1, "sending": 1}
    way.faults.plan(f"carry {three}", Refused("不收了"))
    stopped = post(desk, Wish(options={"again": ""}), "remind", MONTH, bag(programme))
    assert stopped.data["stopped"] == stopped.lines[0] == "不收了"
    assert [each["state"] for each in stopped.data["letters"]] == ["refused", "sent", "kept"]


def test_a_month_without_letters_has_a_report_without_a_table(desk, way):
    report = post(desk, Wish(), "remind", MONTH, Postbag([], []))
    assert (report.clean, report.tables, way.opened) == (True, (), 0)
