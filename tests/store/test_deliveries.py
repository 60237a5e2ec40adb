"""What became of each letter: the last state of the last one."""

import pytest

from tests.store.test_ledger import run
from xl_addin.store import deliveries
from xl_addin.store.corrections import CorrectionForm, add_correction
from xl_addin.store.deliveries import PlannedLetter


def letter(district, about, kind="send", month="2023-01", message_id="", to="", copy_to=""):
    known = message_id or f"<{kind}-{district}-{about}>"
    return PlannedLetter(
        kind, month, district, about, known, "SMTP", to or f"{district}@x.test", copy_to
    )


def record_letters(ledger, state, *letters):
    with ledger.writing():
        added = deliveries.record(ledger, letters, "2023-02-01 09:00:00")
        if state != "pending":
            deliveries.advance(ledger, {each.id: "why" for each in added}, state, "2023-02-02")
    return [each.id for each in added]


def test_of_a_kind_of_letter_the_last_on_record_speaks_for_a_district(ledger):
    first, second = record_letters(ledger, "sent", letter("A", "f"), letter("A", "g"))
    [again] = record_letters(ledger, "failed", letter("A", "f"))
    record_letters(ledger, "sent", letter("A", "f", "return"), letter("A", "f", month="2023-02"))
    by_about = deliveries.latest_by_subject(ledger, "send", "2023-01")
    assert {key: each.id for key, each in by_about.items()} == {
        ("A", "f"): again,
        ("A", "g"): second,
    }
    last = deliveries.latest_by_district(ledger, "send", "2023-01")["A"]
    assert (last.id, last.state, last.at, last.detail) == (again, "failed", "2023-02-02", "why")
    assert first < second < again


@pytest.mark.parametrize(
    ("state", "gone"),
    [
        ("pending", False),
        ("sending", True),
        ("sent", True),
        ("drafted", True),
        ("written", True),
        ("failed", False),
        ("refused", False),
    ],
)
def test_a_form_that_may_have_gone_out_is_told_of_those_that_did_not(ledger, state, gone):
    record_letters(ledger, state, letter("A", "form"), letter("B", "other", "return"))
    assert deliveries.forms_sent(ledger) == ({"form"} if gone else set())


def test_a_form_that_went_out_once_stays_sent_whatever_came_after(ledger):
    [number] = record_letters(ledger, "sent", letter("A", "form"))
    with ledger.writing():
        deliveries.advance(ledger, {number: ""}, "bounced", "2023-02-03")
    assert deliveries.forms_sent(ledger) == {"form"}


def test_a_letter_is_found_by_its_id_and_by_where_it_went(ledger):
    record_letters(ledger, "sent", letter("A", "f", message_id="<1>", to="a@x.test B@x.test"))
    record_letters(ledger, "pending", letter("B", "g", message_id="<2>", to="b@x.test"))
    assert deliveries.find_by_message_id(ledger, "<2>").district == "B"
    assert deliveries.find_by_message_id(ledger, "<3>") is None
    assert deliveries.last_letter_to(ledger, "b@x.test ").district == "A"
    assert deliveries.last_letter_to(ledger, "c@x.test") is None


def test_only_letters_that_certainly_went_out_are_expected_among_our_copies(ledger):
    copies = [letter("A", str(n), message_id=f"<{n}>", copy_to="hq@x.test") for n in range(3)]
    record_letters(ledger, "sent", *copies, letter("B", "f"))
    record_letters(ledger, "sending", letter("C", "f", copy_to="hq@x.test"))
    assert deliveries.recent_copies(ledger, "hq@x.test", 2) == {"<1>", "<2>"}


def test_a_thread_is_what_went_to_a_district_about_a_month_oldest_first(ledger):
    record_letters(ledger, "sent", letter("A", "f"), letter("A", "x", "remind"), letter("B", "f"))
    record_letters(ledger, "bounced", letter("A", "r", "return"))
    record_letters(ledger, "failed", letter("A", "s", "return"))
    assert deliveries.thread(ledger, "2023-01", "A") == ("<send-A-f>", "<return-A-r>")


def test_a_district_shows_its_last_letter_and_how_often_its_form_went_back(ledger):
    record_letters(ledger, "sent", letter("A", "f"), letter("A", "r", "return"), letter("B", "f"))
    with ledger.writing():
        for code in "AAC":
            add_correction(ledger, CorrectionForm("r", "2023-01", code, 2, "s", "f"))
        run(ledger, "return")
    posted = deliveries.letter_summaries(ledger, "2023-01")
    assert {code: each.times for code, each in posted.items()} == {"A": 2, "B": 0, "C": 1}
    sent = deliveries.LABELS["sent"]
    assert (posted["B"].letter, posted["C"].letter) == (sent, "")
    assert posted["A"].letter.endswith(sent)
    assert posted["A"].letter != sent
