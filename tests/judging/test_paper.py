"""Whose and which a paper is, and what is wrong with it.

Proves also judging/paper_twins.py, judging/paper_figures.py, model/papers.py.
"""

from __future__ import annotations

import pytest

from tests.tools.documents import prose
from xl_addin.formats.document_text import DocumentText
from xl_addin.judging.assess import known_names
from xl_addin.judging.paper import PaperContext, PaperFile, assess_paper
from xl_addin.judging.paper_figures import FigureCheck, wrong_figures
from xl_addin.judging.paper_twins import alike, text_print
from xl_addin.model.papers import (
    DOC,
    DOCX,
    PDF,
    Paper,
    PaperIdentity,
    identity_line,
    read_identity,
    standing_of,
)
from xl_addin.model.records import ACCEPTED, ERROR, HELD, MISSING, REJECTED, WARNING, District
from xl_addin.model.rules import RULES
from xl_addin.model.settings import Rule

KEY, OURS = b"k" * 32, "0123456789ab"
DUE = "2023-11-30 23:59:59"
DISTRICTS = (District("01", "万州区", ("万州",)), District("02", "忠县"), District("03", "开州区"))
SUMMARY = Paper("D1", "工作总结", "", DUE, (DOCX, DOC), 50, 500, 1, ("01", "02", "03"))
CASE = Paper("D2", "创新工作案例", "", DUE, (DOCX, PDF), 0, 0, 1, ("01", "02"))
COVER = ("工作总结", "填报单位：万州区")
TEXT = prose(1, 100)
AT = "2023-11-20 10:00:00"


def context(prints=(), figures=(), **severities):
    rules = {spec.code: Rule(spec.severity, spec.parameter) for spec in RULES}
    for code, severity in severities.items():
        name = code.replace("_", "-")
        rules[name] = rules[name]._replace(severity=severity)
    return PaperContext(
        OURS,
        KEY,
        {each.code: each for each in (SUMMARY, CASE)},
        {each.code: each for each in DISTRICTS},
        known_names(DISTRICTS),
        rules,
        lambda _paper, _district: frozenset(COVER),
        lambda _paper, _district: prints,
        lambda _district: figures,
    )


def line(district="01", paper="D1", programme=OURS, key=KEY):
    return identity_line(key, PaperIdentity(programme, district, paper))


def judge(
    file="材料.docx", lines=(TEXT,), mark="", sender="", kind=DOCX, at=AT, given=None, **more
):
    listed = frozenset(more.pop("listed", ()))
    text = DocumentText(kind, tuple(lines), mark, more.pop("unread", False))
    came = PaperFile(file, kind, at, text, sender=sender, listed=listed)
    return assess_paper(came, given or context(**more))


def codes(found):
    return [problem.code for problem in found.problems]


def test_a_cover_says_whose_and_which_it_is():
    found = judge(mark=line(), lines=(*COVER, TEXT))
    assert (found.verdict, found.district, found.paper) == (ACCEPTED, "01", "D1")
    assert found.characters == len(TEXT)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"mark": line(key=b"x" * 32)}, "paper-forged"),
        ({"mark": line(district="99")}, "paper-forged"),
        ({"mark": line(programme="ba9876543210")}, "paper-foreign"),
        ({"mark": line(), "file": "开州区.docx"}, "file-name-mismatch"),
        ({"mark": line(), "sender": "a@b.cn", "listed": ["02"]}, "sender-mismatch"),
        ({"mark": line(), "sender": "a@b.cn"}, "unknown-sender"),
        ({"mark": line(district="03", paper="D2")}, "paper-not-owed"),
        ({"file": "万州区、开州区工作总结.docx"}, "paper-whose"),
        ({"file": "工作总结.docx"}, "paper-whose"),
        ({"file": "万州区.docx"}, "paper-unknown"),
        ({"file": "万州区工作总结和案例.docx", "lines": ("创新工作案例", TEXT)}, "paper-unknown"),
        ({"file": "工作总结.docx", "sender": "a@b.cn", "lines": ("忠县", TEXT)}, "unknown-sender"),
        ({"file": "忠县工作总结.docx", "sender": "a@b.cn", "listed": ["01"]}, "paper-whose"),
        ({"file": "万州区总结.docx", "lines": ("忠县工作总结", TEXT)}, "paper-whose"),
    ],
)
def test_what_does_not_agree_is_held(more, code):
    found = judge(**more)
    assert found.verdict == HELD
    assert codes(found) == [code]


def test_without_a_cover_name_and_headings_speak():
    found = judge("忠县总结.docx", ("忠县残联2023年工作总结", TEXT))
    assert (found.verdict, found.district, found.paper) == (ACCEPTED, "02", "D1")
    found = judge("附件.docx", ("创新案例", TEXT), sender="a@b.cn", listed=["01"])
    assert (found.verdict, found.district, found.paper) == (ACCEPTED, "01", "D2")


def test_prose_below_the_headings_names_nobody():
    long = f"我们学习忠县的做法，{TEXT}"
    assert judge("万州区工作总结.docx", (long,)).verdict == ACCEPTED


def test_of_two_districts_in_one_file_the_sender_is_proposed():
    found = judge("万州区和忠县工作总结.docx", sender="a@b.cn", listed=["02"])
    assert (found.verdict, found.district) == (HELD, "02")


@pytest.mark.parametrize(
    "more",
    [
        {"file": "6月填报表.docx"},
        {"lines": ("填报单位：万州区", "本月完成", TEXT)},
        {"sender": "x@ads.cn"},
    ],
    ids=["a form by name", "a form's table", "a stranger's"],
)
def test_what_is_no_paper_is_left_to_the_returns(more):
    assert judge(**more) is None
    assert judge(mark=line(), **more) is not None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": PDF}, "paper-type"),
        ({"lines": (*COVER, "短")}, "paper-too-short"),
        ({"lines": COVER}, "paper-empty-template"),
    ],
)
def test_what_has_to_be_done_anew_goes_back(more, code):
    found = judge(mark=line(), **more)
    assert (found.verdict, codes(found)) == (REJECTED, [code])


def test_bounds_are_met_to_the_character():
    at_least = judge(mark=line(), lines=("字" * 50,))
    assert (at_least.verdict, at_least.characters) == (ACCEPTED, 50)
    assert judge(mark=line(), lines=(" 字 " * 49,)).verdict == REJECTED
    assert codes(judge(mark=line(), lines=("字" * 501,))) == ["paper-too-long"]
    assert judge(mark=line(), lines=("字" * 501,), paper_too_long=ERROR).verdict == REJECTED
    assert judge(mark=line(), lines=("字" * 9,), paper_too_short="").problems == ()


def test_a_scan_is_not_too_short():
    found = judge(mark=line("01", "D2"), lines=(), kind=PDF, unread=True)
    assert (found.verdict, found.characters) == (ACCEPTED, None)
    assert codes(found) == ["paper-unread"]


def test_what_cannot_be_opened_goes_back_where_it_is_known_whose():
    came = PaperFile("万州区工作总结.docx", DOCX, AT, None, ("paper-locked", "有密码"))
    found = assess_paper(came, context())
    assert (found.verdict, codes(found), found.characters) == (REJECTED, ["paper-locked"], None)
    came = came._replace(file="总结.docx")
    assert codes(assess_paper(came, context())) == ["paper-whose", "paper-locked"]


def test_a_wps_file_is_as_good_as_a_doc():
    assert judge(mark=line(), kind=DOC).verdict == ACCEPTED


def test_the_last_second_of_the_term_is_on_time():
    assert judge(mark=line(), at=DUE).problems == ()
    assert codes(judge(mark=line(), at="2023-12-01 00:00:00")) == ["paper-late"]


def test_a_twin_is_told_also_with_other_names_and_numbers():
    body = prose(5, 300)
    other = f"忠县2023年培训 35 人。{body}"
    kept = text_print(other, known_names(DISTRICTS))
    found = judge(
        "万州区工作总结.docx", (f"万州区2023年培训 40 人。{body}",), prints=[("忠县", kept)]
    )
    assert (found.verdict, codes(found)) == (ACCEPTED, ["paper-twin"])
    assert "忠县" in found.problems[0].message
    given = context([("忠县", kept)], paper_twin=ERROR)
    same = judge("万州区工作总结.docx", (other.replace("忠县", ""),), given=given)
    assert same.verdict == REJECTED
    assert judge(mark=line(), lines=(prose(6, 300),), prints=[("忠县", kept)]).problems == ()


@pytest.mark.parametrize("changed", [0.0, 0.1, 0.3, 0.6])
def test_prints_tell_how_much_is_alike(changed):
    whole = prose(8, 2000)
    cut = round(2000 * changed)
    one, other = text_print(whole, ()), text_print(whole[cut:] + prose(9, cut), ())
    share = (1 - changed) / (1 + changed)
    assert abs(alike(one, other) - share) < 0.12


def test_the_names_of_districts_make_no_difference():
    pieces, names = [prose(n, 12) for n in range(40)], known_names(DISTRICTS)
    one, other = (text_print(name.join(pieces), names) for name in ("万州区", "忠县"))
    assert alike(one, other) == 1.0


def test_short_texts_have_no_print():
    assert text_print("工作总结", ()) == ""
    assert alike("", "") == 0.0


CHECK = FigureCheck("培训", "实用技术培训", "人次", 10, 120, frozenset((120, 300)))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("全年实用技术培训120人次。", []),
        ("培训残疾人 １２０ 人次", []),
        ("任务数：培训300人次", []),
        ("培训残疾人135人次", ["135"]),
        ("培训1,200人次", ["1200"]),
        ("培训0.012万人次", []),
        ("培训135人", []),
        ("培训工作。走访135人次", []),
        ("培训增长12%", []),
    ],
)
def test_figures_are_those_of_the_ledger(text, wrong):
    assert [each.found for each in wrong_figures(text, [CHECK])] == wrong


def test_a_figure_that_differs_is_a_warning():
    found = judge(mark=line(), lines=(TEXT, "培训135人次"), figures=[CHECK])
    assert [(p.code, p.severity, p.found) for p in found.problems] == [
        ("paper-figures", WARNING, "135")
    ]


def test_an_identity_is_read_as_it_was_written():
    identity = PaperIdentity(OURS, "01", "D1")
    written = identity_line(KEY, identity)
    assert read_identity(KEY, f" {written}\n") == (identity, True)
    assert read_identity(b"other" * 8, written) == (identity, False)
    assert read_identity(KEY, written.replace("|01|", "|02|")) == (
        identity._replace(district="02"),
        False,
    )
    assert read_identity(KEY, "") is None


@pytest.mark.parametrize(
    ("counted", "copies", "verdicts", "standing"),
    [
        (1, 1, [ACCEPTED, REJECTED], ACCEPTED),
        (1, 2, [ACCEPTED], MISSING),
        (0, 1, [REJECTED, HELD], HELD),
        (0, 1, [HELD, REJECTED], REJECTED),
        (0, 1, [], MISSING),
    ],
)
def test_what_several_files_come_to(counted, copies, verdicts, standing):
    assert standing_of(counted, copies, verdicts) == standing
