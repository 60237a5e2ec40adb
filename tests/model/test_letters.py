"""Letters: the default texts, their fields filled in, and the words for months, days and lists."""

from xl_addin.model.letters import (
    DEFAULTS,
    FIELDS,
    LABELS,
    Template,
    day_words,
    fill,
    month_words,
    number_lines,
)


def test_the_default_letters_use_only_their_fields_and_fill_them():
    for kind, (subject, text) in DEFAULTS.items():
        values = {name: f"<{name}>" for name in FIELDS[kind]}
        filled = "".join(fill(Template(subject, text), values))
        assert "{" not in filled
        # A text for everybody in a group names no district.
        assert "<区县>" in filled or kind.startswith("chat")
        assert set(LABELS) == set(DEFAULTS)


def test_a_line_whose_fields_came_to_nothing_is_left_out_and_values_are_no_templates():
    template = Template("{区县}\n{月份}", "{区县}：\n\n请联系：{联系人} {联系电话}\n\n再见")
    subject, text = fill(template, {"区县": "{联系人}", "月份": "6月"})
    assert subject == "{联系人} 6月"
    assert text == "{联系人}：\n\n再见\n"


def test_words_for_months_days_and_lists():
    assert month_words("2023-06") == "2023年6月"
    assert day_words("2023-07-05 23:59:59") == "2023年7月5日"
    assert day_words("") == ""
    assert number_lines(["甲", "乙", "丙"], most=2) == "1. 甲\n2. 乙\n……另有 1 处，见附件。"
