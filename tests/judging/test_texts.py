"""What is told of texts: a number in a comment, a correction asked for in 说明, nobody's name."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.tools import forms
from tests.tools.forms import GOOD, RULES, context, edit_form, fill_form, replace_bytes
from xl_addin.judging.assess import assess
from xl_addin.judging.texts import says_number
from xl_addin.model.records import ACCEPTED, BLANK, ERROR, REJECTED, WARNING
from xl_addin.model.settings import Rule
from xl_addin.xlsx.package import deflate, inflate, pack, unpack


def with_comments(comments, data=None, author="李红"):
    book = load_workbook(BytesIO(data or fill_form()))
    for cell, text in comments.items():
        book["任务进度"][cell].comment = Comment(text, author)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def judged(data, **severities):
    rules = RULES | {
        code.replace("_", "-"): Rule(value, None) for code, value in severities.items()
    }
    found = assess(data, "回报.xlsx", context(settings=rules))
    return found, {(p.cell, p.code) for p in found.problems}


@pytest.mark.parametrize(
    "text",
    [
        "实际为 7 人",
        "7",
        "７人",
        "应为1.5",
        "12",
        "1月多报了3人",
        "2023年5月：30",
        "1.完成20人",
        "减5",
    ],
)
def test_a_number_that_may_be_a_figure(text):
    assert says_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "核对过了",
        "2023年5月30日补报",
        "2023-05-30",
        "渝残发〔2023〕15号",
        "1. 停课\n2. 补课",
        "第2季度开班",
        "电话 13812345678 或 023-63211234",
        "①核对",
    ],
)
def test_days_documents_and_telephones_count_nothing(text):
    assert not says_number(text)


def test_a_number_in_a_comment_is_told_with_what_was_counted():
    found, told = judged(with_comments({"F7": "李红:\n实际为 7 人", "C8": "12", "A1": "99"}))
    assert found.verdict == ACCEPTED
    assert told == {("F7", "number-in-comment"), ("C8", "number-in-comment")}
    problem = found.problems[0]
    assert problem.severity == WARNING
    assert problem.found == "实际为 7 人"
    assert all(part in problem.message for part in ("任务进度!F7", "实际为 7 人", "F7 按 25 计"))


def test_the_number_of_its_author_is_not_in_a_comment():
    _, told = judged(with_comments({"F7": "user123:\n核对过了"}, author="user123"))
    assert told == set()


@pytest.mark.parametrize(
    ("remark", "is_told"),
    [
        ("1月数多报5人，请核减", True),
        ("应为 30", True),
        ("含 3 人次补训", False),
        ("多报了，请核减", False),
        ("5月补报", False),
    ],
)
def test_a_correction_asked_for_in_a_remark(remark, is_told):
    found, told = judged(edit_form(fill_form(), {(7, 9): remark}))
    assert found.verdict == ACCEPTED
    assert told == ({("I7", "correction-in-remark")} if is_told else set())


def test_a_remark_that_explains_a_stated_cumulative_asks_for_nothing_more():
    book = load_workbook(BytesIO(fill_form()))
    book["任务进度"]["G7"], book["任务进度"]["I7"] = 85, "2月漏报10人次"
    out = BytesIO()
    book.save(out)
    found, told = judged(out.getvalue())
    assert found.verdict == ACCEPTED
    assert told == {("G7", "total-stated")}
    _, told = judged(with_comments({"F7": "实际为 7 人"}, out.getvalue()))
    assert ("F7", "number-in-comment") in told


def test_severity_is_what_staff_set():
    data = with_comments({"F7": "7"})
    assert judged(data, number_in_comment=ERROR)[0].verdict == REJECTED
    assert judged(data, number_in_comment="")[1] == set()


def test_nobody_is_asked_who_filled_in_a_form_unless_staff_want_to_know():
    assert judged(fill_form())[1] == set()
    found, told = judged(fill_form(), no_filler=WARNING, no_reviewer=ERROR)
    assert told == {("D3", "no-filler"), ("B4", "no-reviewer")}
    assert found.verdict == REJECTED
    named = edit_form(fill_form(), {(3, 4): "李红", (4, 2): "王五"})
    assert judged(named, no_filler=WARNING, no_reviewer=ERROR)[1] == set()


def test_an_untouched_form_stays_one_whoever_did_not_sign_it():
    found, told = judged(fill_form({}), no_filler=ERROR)
    assert found.verdict == BLANK
    assert {code for _, code in told} == {"untouched"}


def test_a_comment_with_a_number_is_no_untouched_form():
    found, told = judged(with_comments({"F7": "本月 25 人"}, fill_form({})))
    assert found.verdict == REJECTED
    assert ("F7", "number-in-comment") in told


HOSTILE = {
    "document type": lambda xml: b'<!DOCTYPE c [<!ENTITY a "1">]>' + xml,
    "cut": lambda xml: xml[: len(xml) // 2],
    "no XML": lambda xml: b"\0" * len(xml),
    "too large": lambda xml: xml + b" " * 20_000_000,
    "deep": lambda xml: xml.replace(b"<t>", b"<t>" + b"<r>" * 5_000),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_comments_that_cannot_be_read_cost_no_figure(how):
    """The figures stand on their own; that something was not read is said."""
    parts = unpack(with_comments({"F7": "7"}))
    [name] = [each for each in parts if each.startswith("xl/comments")]
    parts[name] = deflate(name, HOSTILE[how](inflate(parts[name])))
    found, told = judged(pack(parts.values()))
    assert found.verdict == ACCEPTED
    assert told == {("", "comments-unread")}
    assert {f.indicator: f.value for f in found.figures} == GOOD


def test_relationships_that_are_broken_cost_no_figure():
    data = replace_bytes(
        with_comments({"F7": "7"}), "xl/worksheets/_rels/sheet1.xml.rels", b"<Relationships", b"<"
    )
    found, told = judged(data)
    assert (found.verdict, told) == (ACCEPTED, {("", "comments-unread")})


def test_texts_come_with_the_judgement():
    found, _ = judged(edit_form(with_comments({"F7": "好"}), {(7, 9): "停课半月", (3, 4): "李红"}))
    assert [(t.field, t.cell) for t in found.texts] == [
        ("remark", "I7"),
        ("comment", "F7"),
        ("filled-by", "D3"),
    ]
    assert forms.read_back(fill_form()).comments == {}
