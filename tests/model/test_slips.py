"""Numbers of slips in texts, and the step that a slip has come to."""

import pytest

from xl_addin.model.slips import (
    ANSWERED,
    BLUE,
    CLOSED,
    DRAFTED,
    ISSUED,
    ORANGE,
    RED_LIGHT,
    WHOLE,
    Slip,
    SlipItem,
    SlipState,
    quoted_slips,
    slip_name,
)

ITEMS = tuple(SlipItem(n, RED_LIGHT, f"I0{n}", f"第{n}项", "红灯", ("2023-05",)) for n in (1, 2))


def state(kind, position=WHOLE, level="", term="", at="2023-07-10 09:00:00", text=""):
    return SlipState(position, kind, level, term, "", "", at, text)


def slip(*more):
    drafted = state(DRAFTED, level=BLUE, term="2023-07-20")
    return Slip(1, 2023, 3, "2023-06", "A", ITEMS, (drafted, *more))


SENT = state(ISSUED, level=BLUE, term="2023-07-20")


@pytest.mark.parametrize(
    "text",
    [
        "〔2023〕3",
        "Re: 【督办】督办单〔2023〕3号（蓝色）",
        "关于[2023]3号的反馈",
        "（２０２３）第 ３ 号",
        "(2023) 3",
        "回复〔2023〕3号：已经整改",
        "编号【2023】3",
        "对〔2023〕3号逐项说明",
        "已办结〔2023〕3号",
        "督办〔2023〕3号",
    ],
)
def test_a_number_is_found_however_it_is_typed(text):
    assert quoted_slips(text) == [(2023, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "渝残发〔2023〕3号",
        "2023-3",
        "（2023）3月",
        "〔2023〕",
        "[2023]30000",
        "教就函[2023]3号",
        "第3号",
    ],
)
def test_the_number_of_another_document_is_none_of_ours(text):
    assert quoted_slips(text) == []


def test_several_numbers_are_told_once_each():
    assert quoted_slips("〔2023〕3、〔2023〕12和[2023]3") == [(2023, 3), (2023, 12)]


def test_a_slip_goes_from_step_to_step_item_by_item():
    assert slip_name(2023, 3) == slip().name == "〔2023〕3"
    assert [slip().standing(each) for each in ITEMS] == [DRAFTED] * 2
    assert [slip(SENT).standing(each) for each in ITEMS] == [ISSUED] * 2
    answered = slip(SENT, state(ANSWERED, 2, text="已办"))
    assert [answered.standing(each) for each in ITEMS] == [ISSUED, ANSWERED]
    assert slip(SENT, state(ANSWERED)).standing(ITEMS[0]) == ANSWERED
    closed = slip(SENT, state(CLOSED, 1))
    assert ([closed.standing(each) for each in ITEMS], closed.is_open) == ([CLOSED, ISSUED], True)
    assert not slip(SENT, state(CLOSED, 1), state(CLOSED, 2)).is_open


def test_a_term_is_over_after_its_last_day_and_only_for_what_is_not_answered():
    assert not slip(SENT).is_overdue("2023-07-20")
    assert slip(SENT).is_overdue("2023-07-21")
    assert not slip().is_overdue("2023-07-21")
    assert slip(SENT, state(ANSWERED, 2)).is_overdue("2023-07-21")
    assert not slip(SENT, state(ANSWERED)).is_overdue("2023-07-21")
    assert not slip(state(ISSUED, level=BLUE)).is_overdue("2024-01-01")


def test_what_was_drafted_again_is_no_paper_until_it_goes_out():
    raised = state(DRAFTED, level=ORANGE, term="2023-08-01")
    assert slip(SENT).draft is None
    assert (slip(SENT, raised).draft, slip(SENT, raised).paper) == (raised, SENT)
    again = raised._replace(state=ISSUED)
    assert (slip(SENT, raised, again).paper, len(slip(SENT, raised, again).issues)) == (again, 2)
