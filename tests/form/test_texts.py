"""What a district writes beside its figures, wherever its rows and columns were moved to."""

import pytest

from tests.tools.forms import GOOD, INDICATORS, edit_form, fill_form, read_back
from xl_addin.form.texts import LONGEST, is_answered, read_texts, remark_beside
from xl_addin.model.problems import make
from xl_addin.model.records import (
    COMMENT,
    ERROR,
    FILLED_BY,
    FILLED_ON,
    PHONE,
    REMARK,
    REVIEWED_BY,
    Text,
)

CODES = [item.code for item in INDICATORS]
SHEET = "任务进度"


def texts_of(cells, comments=()):
    reading = read_back(edit_form(fill_form(), cells))
    return read_texts(reading._replace(comments=dict(comments)), CODES)


def test_each_text_is_told_with_its_cell_and_indicator():
    found = texts_of(
        {
            (3, 4): " 李红 ",
            (4, 2): "王五",
            (3, 7): 13800000000,
            (4, 4): 45107,
            (7, 9): "停课半月",
            (9, 9): 5,
        },
        {(8, 6): "实际为 7 人", (1, 1): "标题上的"},
    )
    assert set(found) == {
        Text(REMARK, "I01", SHEET, "I7", "停课半月"),
        Text(REMARK, "I03", SHEET, "I9", "5"),
        Text(COMMENT, "I02", SHEET, "F8", "实际为 7 人"),
        Text(COMMENT, "", SHEET, "A1", "标题上的"),
        Text(FILLED_BY, "", SHEET, "D3", "李红"),
        Text(REVIEWED_BY, "", SHEET, "B4", "王五"),
        Text(PHONE, "", SHEET, "G3", "13800000000"),
        Text(FILLED_ON, "", SHEET, "D4", "2023-06-30"),
    }


def test_what_is_empty_is_no_text():
    assert texts_of({(7, 9): "  ", (3, 4): "\u3000"}, {(8, 6): " \n"}) == ()


def test_a_caption_is_no_name_beside_another():
    """填报人 left empty and its cells gone: what comes next is the next caption."""
    assert texts_of({(3, 4): "联系电话"}) == ()


def test_a_text_is_bounded_and_any_database_takes_it():
    [found] = texts_of({(7, 9): "x" * 3_000})
    assert found.text == "x" * LONGEST
    [broken] = texts_of({}, {(7, 6): "坏\ud800字"})
    assert broken.text.encode() == "坏?字".encode()


def test_no_more_comments_are_kept_than_are_bounded():
    assert len(texts_of({}, {(row, 1): "x" for row in range(1, 500)})) == 200


def problem(cell="F7", severity="warning", sheet=SHEET):
    return make("far-above-target", "", sheet, cell, severity=severity)


@pytest.mark.parametrize(
    ("remark", "told", "answered"),
    [
        ("停课半月", problem(), True),
        ("停课半", problem(), False),
        ("——！——", problem(), False),
        ("停课半月", problem(severity=ERROR), False),
        ("停课半月", problem("F8"), False),
        ("停课半月", problem(""), False),
        ("停课半月", problem(sheet="别的"), False),
        ("停课半月", problem("I7"), False),
        ("", problem(), False),
    ],
)
def test_a_reason_in_its_row_answers_a_warning(remark, told, answered):
    texts = (Text(COMMENT, "I01", SHEET, "F7", "批注不算说明"),)
    texts += (Text(REMARK, "I01", SHEET, "I7", remark),) if remark else ()
    assert is_answered(told, texts) == answered
    beside = told.cell in ("F7", "I7") and told.sheet == SHEET
    assert remark_beside(told, texts) == (remark if beside else "")


def test_a_form_whose_column_is_gone_has_none():
    reading = read_back(fill_form(GOOD))
    columns = {own: at for own, at in reading.columns.items() if own != 9}
    assert read_texts(reading._replace(columns=columns), CODES) == ()
