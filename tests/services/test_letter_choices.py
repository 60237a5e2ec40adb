"""Single letters decided on 回收情况: one of them again, one counted as sent, and no other touched."""

import pytest

from tests.tools.mail_programme import MailProgramme, environment
from xl_addin.mail.transports import smtp
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.letters import CHOICE_OF, SEND, Letter
from xl_addin.model.sheets import LETTER_CHOICE_HEADING, STATUS_BLOCK, STATUS_SHEET
from xl_addin.services import delivery
from xl_addin.verbs import remind, send


class Choosing:
    """A programme whose first two letters are in doubt; ``choose`` types on 回收情况."""

    def __init__(self, programme, office):
        self.programme, self.office = programme, office
        office.faults.plan("smtp.reply", ConnectionResetError(104, "reset"), times=2)
        self.first = programme.run(send)

    def cell(self, number):
        under_test = self.programme.open_programme()
        block = under_test.host.block(STATUS_BLOCK)
        column = find_columns(block, (LETTER_CHOICE_HEADING,))[LETTER_CHOICE_HEADING]
        cell = block.cells.get((block.area[0] + 1 + number, column))
        under_test.close()
        return (block.area[0] + 1 + number, column), cell and cell.value

    def choose(self, number, word):
        where, _ = self.cell(number)
        under_test = self.programme.open_programme()
        master = under_test.folder / "master.xlsm"
        under_test.close()
        self.programme._master = master.read_bytes()
        self.programme.edit({STATUS_SHEET: {where: word}})

    def counts(self):
        """How many letters lie in each district's mailbox."""
        return [len(self.programme.mails(each)) for each in self.programme.districts]


@pytest.fixture
def choosing(tmp_path, postoffice, monkeypatch):
    environment(monkeypatch)
    programme = MailProgramme(tmp_path / "任务", postoffice, 3, mail_own_copy="否")
    return Choosing(programme.distribute_forms(), postoffice)


def states(report):
    return [each["state"] for each in report.data["letters"]]


def test_letters_in_doubt_stay_so_and_the_advice_is_what_can_be_done(choosing):
    assert states(choosing.first) == ["sending", "sending", "sent"]
    again = choosing.programme.run(send)
    assert states(again) == ["sending", "sending", "sent"]
    advice = again.data["letters"][0]["detail"]
    assert "“信件处理”" in advice
    words = [word for word in CHOICE_OF if word in advice]
    assert words == ["重发填报表", "填报表算已发"]


def test_one_goes_again_one_counts_as_sent_and_the_third_is_left(choosing):
    choosing.choose(0, "重发填报表")
    choosing.choose(1, "填报表算已发")
    before = choosing.counts()
    rehearsed = choosing.programme.run(send, rehearse=True)
    assert choosing.counts() == before
    assert choosing.cell(0)[1] == "重发填报表"
    report = choosing.programme.run(send)
    assert states(rehearsed) == ["pending", "sent", "sent"]
    assert states(report) == ["sent", "sent", "sent"]
    assert choosing.counts() == [before[0] + 1, before[1], before[2]]
    assert [choosing.cell(n)[1] for n in range(3)] == [None, None, None]
    choosing.programme.run(send)
    assert choosing.counts() == [before[0] + 1, before[1], before[2]]


def test_a_letter_that_was_sent_goes_again_to_its_district_alone(choosing):
    choosing.choose(2, "重发填报表")
    before = choosing.counts()
    choosing.programme.run(send)
    assert choosing.counts() == [before[0], before[1], before[2] + 1]
    assert choosing.cell(2)[1] is None


def test_what_another_button_sends_waits_for_that_button(choosing):
    choosing.choose(2, "重发催报信")
    before = choosing.counts()
    choosing.programme.run(send)
    assert choosing.counts() == before
    assert choosing.cell(2)[1] == "重发催报信"


def test_a_letter_about_a_paper_is_not_what_is_chosen_for(choosing):
    district = choosing.programme.districts[2]
    form, paper = (
        Letter(SEND, month, district, (), (), "", "", "") for month in ("2023-06", "2023-06 P01")
    )
    assert (form.whose, paper.whose) == ((district.code, SEND), ("", ""))


def test_what_is_not_known_is_told_with_its_cell_and_sends_nothing(choosing):
    choosing.choose(2, "再发")
    before = choosing.counts()
    report = choosing.programme.run(send)
    assert choosing.counts() == before
    assert any("回收情况!" in line and "再发" in line for line in report.lines)
    assert choosing.cell(2)[1] == "再发"


def test_counting_as_sent_what_is_not_in_doubt_changes_nothing_and_says_so(choosing):
    choosing.choose(2, "填报表算已发")
    report = choosing.programme.run(send)
    assert any("没有改变什么" in line for line in report.lines)


def test_a_choice_of_another_month_waits(choosing):
    choosing.choose(2, "重发填报表")
    choosing.programme.distribute_forms("2023-07")
    before = choosing.counts()
    report = choosing.programme.run(send, month="2023-07")
    assert choosing.counts() == [count + 1 for count in before]
    assert any("不是 2023-07 的" in line for line in report.lines)


@pytest.mark.parametrize(
    "point", ["send-planned", "send-sending", "send-accepted", "send-recorded"]
)
def test_killed_anywhere_a_choice_sends_once(choosing, monkeypatch, point):
    class Killed(BaseException):
        pass

    def die(name):
        if name == point:
            raise Killed

    choosing.choose(2, "重发填报表")
    before = choosing.counts()[2]
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "fail_point", die)
        patched.setattr(smtp, "fail_point", die)
        with pytest.raises(Killed):
            choosing.programme.run(send)
    choosing.programme.run(send)
    assert choosing.counts()[2] <= before + 1


def test_reminders_are_chosen_alike(choosing):
    choosing.programme.run(remind)
    choosing.choose(0, "重发催报信")
    before = choosing.counts()
    choosing.programme.run(remind)
    assert choosing.counts() == [before[0] + 1, *before[1:]]
