"""Each letter once, whatever the way to send does: what is put on record, tried again, left or told.

Proves also store/deliveries.py.
"""

import pytest

from tests.tools.mail_programme import MONTH, NOW, MailProgramme
from tests.tools.transports import RecordingTransport
from xl_addin.mail.transports.base import (
    ConnectionLost,
    Delivery,
    DeliveryInDoubt,
    TransientFailure,
)
from xl_addin.master.read.account_rows import sending_account
from xl_addin.model.addresses import MailAddress
from xl_addin.model.letters import REMIND, Attachment, Letter
from xl_addin.services.delivery import KEPT, deliver, plan_delivery
from xl_addin.store import deliveries
from xl_addin.store.deliveries import BOUNCED, FAILED, PENDING, SENDING, SENT
from xl_addin.system.errors import Refused
from xl_addin.system.filelock import lock

ONE, TWO, THREE = "500201", "500202", "500203"


class Outgoing:
    """Reminders to five districts and the way they go. ``slept`` are the pauses that were made."""

    def __init__(self, programme):
        self.programme, self.transport, self.slept = programme, RecordingTransport(), []
        self.letters = [
            Letter(
                REMIND,
                MONTH,
                each,
                (MailAddress("", f"{each.code}@d.test"),),
                (),
                "催",
                "请报",
                "1",
            )
            for each in programme.districts
        ]

    def deliver(self, at=NOW, *, again=False):
        """State by district, and why it ended early."""
        under_test = self.programme.open_programme(at, self.slept)
        try:
            account = sending_account(under_test.host)
            outcomes, stopped = deliver(
                under_test, self.letters, account, self.transport, again=again
            )
        finally:
            under_test.close()
        self.outcomes = {each.letter.district.code: each for each in outcomes}
        return {code: each.state for code, each in self.outcomes.items()}, stopped

    def states(self):
        """All states that a district's letters were in, by district."""
        rows = self.programme.query(
            "SELECT s.district, t.state FROM sendings s JOIN sending_states t ON t.sending=s.id"
            " ORDER BY t.id"
        )
        found = {}
        for district, state in rows:
            found.setdefault(district, []).append(state)
        return found

    def taken(self):
        """To how many districts the way took how many mails."""
        return [mail.letter.district.code for mail in self.transport.sent]


@pytest.fixture
def outgoing(tmp_path, postoffice):
    return Outgoing(MailProgramme(tmp_path / "任务", postoffice))


@pytest.fixture
def codes(outgoing):
    return [each.code for each in outgoing.programme.districts]


def test_each_letter_goes_once_and_is_marked_before_and_after(outgoing, codes):
    states, stopped = outgoing.deliver()
    assert (set(states.values()), stopped) == ({SENT}, "")
    assert outgoing.states() == {code: [PENDING, SENDING, SENT] for code in codes}
    assert (outgoing.transport.opened, outgoing.transport.closed) == (1, 1)
    outgoing.deliver()
    assert not any(each.fresh for each in outgoing.outcomes.values())
    assert sorted(outgoing.taken()) == codes
    outgoing.deliver(again=True)
    assert sorted(outgoing.taken()) == sorted(codes * 2)


def test_nothing_to_send_opens_nothing(outgoing):
    outgoing.letters.clear()
    assert outgoing.deliver() == ({}, "")
    assert outgoing.transport.opened == 0


def test_what_is_not_wanted_now_is_tried_again_with_growing_pauses(outgoing, codes):
    outgoing.transport.faults.plan(f"send {TWO}@d.test", TransientFailure("451"), times=2)
    outgoing.transport.faults.plan(f"send {THREE}@d.test", TransientFailure("451"), times=9)
    states, _ = outgoing.deliver()
    assert (states[TWO], states[THREE]) == (SENT, PENDING)
    assert [pause for pause in outgoing.slept if pause >= 10] == [10, 30, 90]
    assert "451" in outgoing.outcomes[THREE].detail
    outgoing.transport.faults.clear()
    assert outgoing.deliver()[0][THREE] == SENT
    assert sorted(outgoing.taken()) == codes


def test_a_server_that_wants_nothing_three_times_running_is_not_pressed(outgoing):
    outgoing.transport.faults.plan("send", TransientFailure("busy"), times=99)
    states, _ = outgoing.deliver()
    assert [*states.values()] == [PENDING] * 3 + [KEPT] * 2
    assert outgoing.transport.faults.reached["send"] == 12


@pytest.mark.parametrize(
    ("times", "opened", "state"), [(1, 2, SENT), (2, 3, SENT), (99, 9, PENDING)]
)
def test_a_mail_that_certainly_did_not_go_is_repeated_on_a_new_connection(
    outgoing, times, opened, state
):
    outgoing.letters = outgoing.letters[:1]
    outgoing.transport.faults.plan("send", ConnectionLost(), times=times)
    assert outgoing.deliver()[0][ONE] == state
    assert outgoing.transport.opened == opened
    assert len(outgoing.transport.sent) == (state == SENT)


def test_a_mail_that_may_have_gone_is_in_doubt_and_not_repeated(outgoing):
    outgoing.transport.faults.plan("commit", DeliveryInDoubt("没有等到答复"), at=2)
    states, _ = outgoing.deliver()
    assert states[TWO] == SENDING
    assert outgoing.outcomes[TWO].trouble
    assert outgoing.states()[TWO] == [PENDING, SENDING, SENDING]
    assert TWO not in outgoing.taken()


def test_what_would_happen_to_every_mail_stops_the_first_and_keeps_the_rest(outgoing):
    outgoing.transport.faults.plan("send", Refused("发件人不对"), times=9)
    with pytest.raises(Refused, match="发件人不对"):
        outgoing.deliver()
    outgoing.transport.faults.clear()
    outgoing.transport.faults.plan(f"send {TWO}@d.test", Refused("密送被拒"))
    states, stopped = outgoing.deliver()
    assert ([*states.values()], stopped) == ([SENT, *[KEPT] * 4], "密送被拒")
    assert all(each.trouble for each in outgoing.outcomes.values() if each.state == KEPT)
    assert outgoing.transport.closed == outgoing.transport.opened == 2
    assert set(outgoing.deliver()[0].values()) == {SENT}


@pytest.mark.parametrize(("times", "pauses"), [(1, [10]), (3, [10, 30, 90]), (4, None)])
def test_a_server_without_room_is_asked_four_times(outgoing, times, pauses):
    outgoing.transport.faults.plan("open", TransientFailure("421"), times=times)
    if pauses is None:
        with pytest.raises(Refused, match="421"):
            outgoing.deliver()
        assert (outgoing.transport.closed, outgoing.transport.sent) == (1, [])
    else:
        assert set(outgoing.deliver()[0].values()) == {SENT}
        assert [pause for pause in outgoing.slept if pause >= 10] == pauses


def test_a_refusal_and_a_failure_are_told_and_tried_again_next_time(outgoing):
    outgoing.transport.answers = {
        f"{ONE}@d.test": Delivery("refused", "550"),
        f"{TWO}@d.test": Delivery(SENT, "有一个地址被拒", trouble=True),
    }
    states, _ = outgoing.deliver()
    assert (states[ONE], states[TWO]) == ("refused", SENT)
    assert outgoing.outcomes[ONE].trouble
    assert outgoing.outcomes[TWO].trouble
    outgoing.transport.answers.clear()
    assert outgoing.deliver()[0][ONE] == SENT
    assert outgoing.taken().count(TWO) == 1


def test_a_mail_with_the_wrong_form_in_it_never_reaches_the_way(outgoing):
    wrong = outgoing.letters[0]._replace(attachment=Attachment("填报表.xlsx", b"no workbook"))
    outgoing.letters[0] = wrong
    states, _ = outgoing.deliver()
    assert states[ONE] == FAILED
    assert ONE not in outgoing.taken()
    assert outgoing.states()[ONE] == [PENDING, FAILED]


def test_a_stop_at_the_step_that_cannot_be_taken_back_leaves_it_in_doubt(outgoing):
    outgoing.programme.set(mail_own_copy="否")
    outgoing.transport.faults.plan("commit", SystemExit(), at=2)
    with pytest.raises(SystemExit):
        outgoing.deliver()
    assert outgoing.states()[TWO] == [PENDING, SENDING]
    states, _ = outgoing.deliver()
    assert [*states.values()] == [SENT, SENDING, SENT, SENT, SENT]
    outgoing.programme.set(mail_unsure="算已发")
    assert outgoing.deliver()[0][TWO] == SENT
    assert TWO not in outgoing.taken()


def test_what_is_decided_to_be_sent_again_keeps_its_message_id(outgoing):
    outgoing.programme.set(mail_own_copy="否", mail_unsure="重发")
    outgoing.transport.faults.plan("commit", SystemExit())
    with pytest.raises(SystemExit):
        outgoing.deliver()
    [(before,)] = outgoing.programme.query("SELECT message_id FROM sendings WHERE id=1")
    assert outgoing.deliver()[0][ONE] == SENT
    assert [m.message_id for m in outgoing.transport.sent if m.letter.district.code == ONE] == [
        before
    ]


@pytest.mark.parametrize(
    ("copies", "wanted", "copied"), [(True, "是", True), (True, "否", False), (False, "是", False)]
)
def test_our_own_copy_goes_where_it_is_wanted_and_the_way_can(outgoing, copies, wanted, copied):
    outgoing.programme.set(mail_own_copy=wanted)
    outgoing.transport = RecordingTransport(copies=copies)
    outgoing.deliver()
    address = outgoing.programme.hq if copied else ""
    assert {mail.copy_to for mail in outgoing.transport.sent} == {address}
    assert outgoing.programme.query("SELECT DISTINCT copy_to FROM sendings") == [(address,)]


@pytest.mark.parametrize(("risky", "pauses"), [(True, 4), (False, 0)])
def test_the_pace_is_kept_where_somebody_receives(outgoing, risky, pauses):
    outgoing.programme.set(mail_pace=2)
    outgoing.transport = RecordingTransport(risky=risky)
    outgoing.deliver()
    assert len(outgoing.slept) == pauses
    assert all(25 < pause <= 30 for pause in outgoing.slept)


def test_a_corrected_address_or_another_way_is_a_new_letter_on_record(outgoing):
    outgoing.transport.answers[f"{ONE}@d.test"] = Delivery("refused", "550")
    outgoing.deliver()
    outgoing.letters[0] = outgoing.letters[0]._replace(to=(MailAddress("", "new@d.test"),))
    assert outgoing.deliver()[0][ONE] == SENT
    assert len(outgoing.programme.query("SELECT id FROM sendings")) == 6


def test_what_came_back_undelivered_is_not_repeated_to_the_same_address(outgoing):
    outgoing.deliver()
    under_test = outgoing.programme.open_programme()
    with under_test.ledger.writing():
        deliveries.advance(under_test.ledger, {1: "不存在"}, BOUNCED, under_test.now())
    found = plan_delivery(
        under_test, outgoing.letters, sending_account(under_test.host), again=False
    )
    assert [(each.state, each.trouble) for each in found.done][:2] == [
        (BOUNCED, True),
        (SENT, False),
    ]
    outgoing.letters[0] = outgoing.letters[0]._replace(to=(MailAddress("", "new@d.test"),))
    found = plan_delivery(
        under_test, outgoing.letters, sending_account(under_test.host), again=False
    )
    assert [(letter.district.code, before) for letter, before in found.todo] == [(ONE, None)]
    under_test.close()


def test_two_at_once_do_not_send_the_same_letters(outgoing):
    path = outgoing.programme.folder / ".xl-addin-mail.lock"
    with lock(path, "发信"), pytest.raises(Refused):
        outgoing.deliver()
    assert outgoing.transport.opened == 0


def addressed(outgoing, number, *addresses):
    to = tuple(MailAddress("", each) for each in addresses)
    outgoing.letters[number] = outgoing.letters[number]._replace(to=to)


def test_a_corrected_address_gets_the_letter_and_the_old_one_is_told(outgoing):
    outgoing.deliver()
    addressed(outgoing, 0, "new@d.test")
    states, _ = outgoing.deliver()
    assert states[ONE] == SENT
    assert [mail.letter.addresses for mail in outgoing.transport.sent[5:]] == [("new@d.test",)]
    assert f"{ONE}@d.test" in outgoing.outcomes[ONE].detail
    outgoing.deliver()
    assert len(outgoing.transport.sent) == 6


def test_of_several_only_who_did_not_have_it_gets_it(outgoing):
    addressed(outgoing, 0, "a@d.test", "b@d.test")
    outgoing.deliver()
    addressed(outgoing, 0, "A@d.test", "c@d.test")
    outgoing.deliver()
    assert [mail.letter.addresses for mail in outgoing.transport.sent[5:]] == [("c@d.test",)]
    addressed(outgoing, 0, "a@d.test")
    outgoing.deliver()
    assert len(outgoing.transport.sent) == 6


def test_three_turned_away_in_the_same_words_are_no_districts_fault_and_come_last(outgoing, codes):
    outgoing.transport.answers = {
        f"{code}@d.test": Delivery(
            "refused", f"{code}@d.test 被拒收（550 5.7.1 quota 12345{code}）"
        )
        for code in codes[1:4]
    }
    states, stopped = outgoing.deliver()
    assert [*states.values()] == [SENT, PENDING, PENDING, PENDING, KEPT]
    assert "5.7.1" in stopped
    assert "发件账户" in stopped
    # The last one goes before those; they are not on record as refused.
    states, _ = outgoing.deliver()
    assert outgoing.taken() == [codes[0], codes[4]]
    outgoing.transport.answers.clear()
    assert set(outgoing.deliver()[0].values()) == {SENT}


def test_refusals_that_differ_are_each_their_own(outgoing, codes):
    outgoing.transport.answers = {
        f"{code}@d.test": Delivery("refused", f"550 {words}")
        for code, words in zip(
            codes, ("unknown", "unknown", "full", "unknown", "full"), strict=True
        )
    }
    states, stopped = outgoing.deliver()
    assert (set(states.values()), stopped) == ({"refused"}, "")


def test_a_server_that_slows_us_down_is_told_with_what_to_do(outgoing, codes):
    for code in codes[2:]:
        outgoing.transport.faults.plan(
            f"send {code}@d.test", TransientFailure("450 4.7.1 too fast"), times=99
        )
    states, stopped = outgoing.deliver()
    assert [*states.values()] == [SENT, SENT, PENDING, PENDING, PENDING]
    for said in ("还有 3 封", "450 4.7.1 too fast", "再按一次", "不会重发"):
        assert said in stopped
    assert max(pause for pause in outgoing.slept if pause < 10) > 1.5
