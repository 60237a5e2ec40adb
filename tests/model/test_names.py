"""One way to fold a name: what people read as the same is the same, what they read apart is not."""

import re
import sys
import unicodedata

import pytest

from xl_addin.model.names import INVISIBLE, fold, plain, visible


@pytest.mark.parametrize(
    "written",
    [
        "ＧＤＰ（万元）",
        "gdp(万元)",
        " G D\u3000P\u00a0(万\n元) ",
        "\ufeffGDP\u200b(\u200c万\u200d元\u2060)",
        "G\u00adD\u200eP\u200f(\u202a万元\u202c)\u2066\u2069",
        "GDP(万\ufe0e元\U000e0100)",
        "G\u115fD\u3164P(万\uffa0元\u2800)",
    ],
)
def test_what_people_read_as_the_same_name_folds_to_the_same(written):
    assert fold(written) == "gdp(万元)"


def test_a_folded_name_stays_as_it_is():
    for name in ("ＧＤＰ", "Straße", "①月", "㎡", "ｶﾞ"):
        assert fold(fold(name)) == fold(name)


def test_names_that_people_read_apart_stay_apart():
    names = ("万州区", "万洲区", "培训", "培训人次", "第1轮", "第2轮", "其中:女", "其中女")
    assert len({fold(name) for name in names}) == len(names)


def test_a_plain_name_keeps_its_case():
    assert plain("ＩＤ 号\u200b") == "ID号"


def test_visible_text_keeps_its_spaces_and_its_width():
    assert visible("Ａ区\u200b  一\u3000二") == "Ａ区  一\u3000二"


def test_what_turns_the_order_of_digits_is_not_passed_over():
    assert visible("\u202e021") == "\u202e021"


def test_every_format_character_that_is_never_drawn_is_invisible():
    """Of Unicode's format characters those are left that are drawn, or that turn the order."""
    formats = {chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Cf"}
    left = {char for char in formats if not INVISIBLE.match(char)}
    drawn = re.compile(
        "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f]"
    )
    assert {char for char in left if not drawn.match(char)} == {"\u202e"}


@pytest.mark.parametrize("letter", ["\ufdfa", "甲", "A"])
def test_what_is_longer_than_any_name_is_not_folded(letter):
    text = letter * 100_000
    assert fold(text) is text
    assert plain(text) is text
