"""What districts type over, and what they type as percents, read as it was meant or refused.

Proves also judging/locked.py and judging/structure.py.
"""

import io

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from tests.tools.forms import GOOD, INDICATORS, PREVIOUS, ProblemAt, fill_form
from tests.tools.office import Office, missing_office
from xl_addin.form import blank, stamp
from xl_addin.judging.assess import assess
from xl_addin.model.records import BOTH, RATE, STOCK, Indicator
from xl_addin.model.settings import Rule

WHY = "补报三月漏报的五人"
SHARE = Indicator("I09", ("签约率",), "%", RATE, whole=False)
TWO = Indicator("I10", ("两者都填",), "人", BOTH)


def typed_over(data=None, **cells):
    """A form with values typed into cells, as openpyxl saves it; a pair is value and format."""
    book = load_workbook(io.BytesIO(data or fill_form()))
    for at, value in cells.items():
        if isinstance(value, tuple):
            book["任务进度"][at].value, book["任务进度"][at].number_format = value
        else:
            book["任务进度"][at].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def judge(data, **context):
    judged = assess(data, "回报.xlsx", forms.context(**context))
    return judged, {ProblemAt(problem.cell, problem.code) for problem in judged.problems}


def figure(judged, code):
    return next(each for each in judged.figures if each.indicator == code)


@pytest.fixture(scope="module")
def office():
    if missing_office():
        pytest.skip("LibreOffice is not here")
    with Office() as running:
        yield running


def test_a_total_with_an_explanation_is_the_years_figure_from_now_on():
    judged, told = judge(typed_over(G7=85, I7=WHY))
    assert (judged.verdict, told) == ("accepted", {ProblemAt("G7", "total-stated")})
    found = figure(judged, "I01")
    assert (found.value, found.cell, found.stated, found.stated_cell) == (25, "F7", 85, "G7")
    assert "更正以前月份 +10（补报）" in judged.problems[0].message
    assert all(each.stated is None for each in judged.figures if each.indicator != "I01")


def test_a_smaller_total_takes_away_from_earlier_months():
    judged, _ = judge(typed_over(G7=60, I7=WHY))
    assert figure(judged, "I01").stated == 60
    assert "-15（核减）" in judged.problems[0].message


@pytest.mark.parametrize("remark", [None, "", "改", "  补报  ", "—"])
def test_a_total_without_an_explanation_goes_back(remark):
    judged, told = judge(typed_over(G7=85, I7=remark))
    assert (judged.verdict, told) == ("rejected", {ProblemAt("G7", "total-unexplained")})
    assert "50 加本月完成 25 是 75，差 +10" in judged.problems[0].message


@pytest.mark.parametrize("value", [75, 75.0, "75", "75人次", None, "=E7+F7"])
def test_a_total_that_says_the_same_says_nothing(value):
    judged, told = judge(typed_over(G7=value, I7=WHY))
    assert judged.verdict == "accepted"
    assert figure(judged, "I01").stated is None
    assert not {each.code for each in told} & {"total-stated", "total-unexplained"}


def test_what_a_formula_shows_is_never_given():
    """Not even where its result was not worked out again; but what was added up in the cell is typed."""
    stale = forms.edit_form(typed_over(I7=WHY), {(7, 7): 999})
    assert figure(judge(stale)[0], "I01").stated is None
    sheet = "xl/worksheets/sheet1.xml"
    own = fill_form()
    text = forms.inflate(forms.unpack(own)[sheet])
    formula = text[text.index(b"<f>", text.index(b'r="G7"')) + 3 :]
    formula = formula[: formula.index(b"</f>")]
    added = forms.replace_bytes(own, sheet, b"<f>" + formula + b"</f><v>75", b"<f>80+5</f><v>85")
    _, told = judge(added)
    assert ProblemAt("G7", "total-unexplained") in told
    assert ProblemAt("G7", "formula-figure") in told


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("约85", "not-a-number"),
        (-5, "negative"),
        (85.5, "not-whole"),
        ("2023-05", "not-a-number"),
        ((0.85, "0%"), "not-a-number"),
        (True, "not-a-number"),
    ],
)
def test_a_total_that_is_no_count_goes_back(value, code):
    judged, told = judge(typed_over(G7=value, I7=WHY))
    assert judged.verdict == "rejected"
    assert ProblemAt("G7", code) in told
    assert figure(judged, "I01").value == 25


def test_a_total_beside_no_figure_is_no_figure():
    judged, told = judge(typed_over(F7=None, G7=75, I7=WHY))
    assert (judged.verdict, told) == ("rejected", {ProblemAt("G7", "misplaced")})
    assert figure(judged, "I01") == figure(judged, "I01")._replace(value=None, stated=None)


@pytest.mark.parametrize("mark", ["—", "无", "不适用"])
def test_a_total_beside_what_does_not_apply_is_not_passed_over(mark):
    judged, told = judge(typed_over(F12=mark, G12=5, I12=WHY))  # no target
    assert (judged.verdict, told) == ("rejected", {ProblemAt("G12", "misplaced")})
    [problem] = judged.problems
    assert f"填的是 5，而 F12 填的是“{mark}”" in problem.message
    for nothing in (0, mark):
        judged, told = judge(typed_over(F12=mark, G12=nothing))
        assert (judged.verdict, told) == ("accepted", set())


def test_a_total_is_given_where_nothing_is_known_of_the_months_before():
    data = fill_form(previous={**PREVIOUS, "I01": None})
    judged, told = judge(typed_over(data, G7=85))
    assert (judged.verdict, told) == ("accepted", {ProblemAt("G7", "total-stated")})
    assert figure(judged, "I01").stated == 85


def test_many_totals_where_nothing_is_known_before_are_told_once():
    unknown = dict.fromkeys(PREVIOUS)
    rows = {"G7": 85, "G8": 20, "G9": 30}
    judged, _ = judge(typed_over(fill_form(previous=unknown), **rows))
    assert judged.verdict == "accepted"
    [problem] = [each for each in judged.problems if each.code == "total-stated"]
    assert problem.cell == "G7"
    assert "有 3 项填了本月累计（G7 填 85；G8 填 20；G9 填 30）" in problem.message
    # What corrects months that are known is told of its own.
    known = {**unknown, "I01": 50}
    judged, _ = judge(typed_over(fill_form(previous=known), **rows, I7=WHY))
    told = [each.cell for each in judged.problems if each.code == "total-stated"]
    assert told == ["G7", "G8"]


def test_a_given_total_is_what_is_compared_with_target_and_whole():
    _, told = judge(typed_over(G7=451, I7=WHY))  # of 300
    assert ProblemAt("G7", "total-stated") in told
    assert {each.code for each in told} == {"total-stated", "far-above-target"}
    judged, told = judge(typed_over(G11=601, I11=WHY))  # of 600, which is what I04 comes to
    assert judged.verdict == "rejected"
    assert ProblemAt("G11", "child-above-parent") in told
    assert judge(typed_over(G11=600, I11=WHY))[0].verdict == "accepted"


def test_an_older_form_takes_a_total_with_an_explanation_and_says_how_without():
    data = fill_form(layout=1)
    judged, told = judge(typed_over(data, G7=85, I7=WHY))
    assert (judged.verdict, told) == ("accepted", {ProblemAt("G7", "total-stated")})
    judged, told = judge(typed_over(data, G7=85))
    assert (judged.verdict, told) == ("rejected", {ProblemAt("G7", "locked-changed")})
    assert "说明" in judged.problems[0].message


def test_staff_decide_how_grave_a_missing_explanation_is():
    rules = {**forms.RULES, "total-unexplained": Rule("warning", None)}
    judged, told = judge(typed_over(G7=85), settings=rules)
    assert (judged.verdict, told) == ("accepted", {ProblemAt("G7", "total-unexplained")})
    assert figure(judged, "I01").stated == 85
    off = {**forms.RULES, "total-unexplained": Rule("", None)}
    assert judge(typed_over(G7=85), settings=off)[1] == {ProblemAt("G7", "total-stated")}


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_total_typed_over_in_libreoffice_is_the_same(ending, office, tmp_path):
    source = tmp_path / "表.xlsx"
    source.write_bytes(fill_form())
    typed = {"任务进度": {"G7": 85, "I7": WHY, "F9": 11}}
    saved = office.fill(source, tmp_path / f"回.{ending}", typed, as_typed=True)
    judged, told = judge(saved.read_bytes())
    assert (judged.verdict, told) == ("accepted", {ProblemAt("G7", "total-stated")})
    assert {each.indicator: each.stated for each in judged.figures if each.stated} == {"I01": 85}
    assert {each.indicator: each.value for each in judged.figures} == {**GOOD, "I03": 11}


def test_a_format_that_cannot_tell_a_formula_takes_no_total():
    rows = [[""] * 11 for _ in range(14)]
    sheet = load_workbook(io.BytesIO(typed_over(I7=WHY)), data_only=True)["任务进度"]
    for row in sheet["A1:K14"]:
        for cell in row:
            rows[cell.row - 1][cell.column - 1] = "" if cell.value is None else str(cell.value)
    plain = "\n".join(",".join(row) for row in rows).encode()
    judged = assess(plain, "回报.csv", forms.context())
    assert not [each for each in judged.problems if each.cell == "G7"]
    rows[6][6] = "85"
    judged = assess("\n".join(",".join(row) for row in rows).encode(), "回报.csv", forms.context())
    [problem] = [each for each in judged.problems if each.cell == "G7"]
    assert (problem.code, problem.severity) == ("locked-changed", "error")
    assert "另存为 .xlsx" in problem.message
    assert figure(judged, "I01").stated is None
    rows[6][5] = "25人"
    judged = assess("\n".join(",".join(row) for row in rows).encode(), "回报.csv", forms.context())
    assert ProblemAt("G7", "locked-changed") in {ProblemAt(p.cell, p.code) for p in judged.problems}


@pytest.mark.parametrize(
    ("before", "total", "found", "stated"),
    [
        (50, 75, set(), None),
        (50, 48, {ProblemAt("G7", "locked-changed")}, None),
        (None, 48, {ProblemAt("G7", "total-stated")}, 48),
        (None, 0, set(), None),
    ],
)
def test_where_only_values_were_kept_a_total_may_be_an_old_result(before, total, found, stated):
    data = fill_form(previous={**PREVIOUS, "I01": before})
    data = forms.edit_form(data, {(7, 7): total, (7, 9): WHY})
    out = io.BytesIO()
    load_workbook(io.BytesIO(data), data_only=True).save(out)
    judged, told = judge(out.getvalue())
    assert told - {ProblemAt("I7", "correction-in-remark")} == found
    assert judged.verdict == ("rejected" if ("G7", "locked-changed") in found else "accepted")
    assert (figure(judged, "I01").value, figure(judged, "I01").stated) == (25, stated)


def year_form(typed, totals=None, remarks=None, items=(SHARE, TWO)):
    indicators = (*INDICATORS, *items)
    targets = forms.TARGETS | {"I09": 95, "I10": 100}
    previous = PREVIOUS | {"I09": 90.5, "I10": 40}
    issue = forms.issue(targets=targets, previous=previous, indicators=indicators)
    template = stamp.FormTemplate(
        blank.build_form(indicators, forms.SEVERITIES, forms.TERMS),
        indicators,
        forms.SEVERITIES,
        "",
    )
    return template.stamp(issue, GOOD | typed, totals, remarks)


def judge_year(data, **settings):
    indicators = (*INDICATORS, SHARE, TWO)
    return judge(data, indicators=indicators, **settings)


def test_both_are_typed_and_agree():
    judged, told = judge_year(year_form({"I09": 95, "I10": 5}, {"I10": 45}))
    assert (judged.verdict, told) == ("accepted", set())
    found = figure(judged, "I10")
    assert (found.value, found.measure, found.stated) == (5, BOTH, None)


@pytest.mark.parametrize(
    ("typed", "totals", "remarks", "told"),
    [
        ({"I10": 5}, {}, {}, {("G16", "total-blank")}),
        ({}, {"I10": 45}, {}, {("G16", "misplaced")}),
        ({"I10": 5}, {"I10": 50}, {}, {("G16", "total-unexplained")}),
        ({"I10": 5}, {"I10": "约50"}, {}, {("G16", "not-a-number")}),
        ({}, {}, {}, {("F16", "blank")}),
    ],
)
def test_both_are_needed(typed, totals, remarks, told):
    judged, found = judge_year(year_form({"I09": 95} | typed, totals, remarks))
    assert (judged.verdict, found) == ("rejected", {ProblemAt(*each) for each in told})


def test_of_both_the_total_counts_where_they_differ():
    judged, _ = judge_year(year_form({"I09": 95, "I10": 5}, {"I10": 50}, {"I10": WHY}))
    assert figure(judged, "I10").stated == 50


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ((0.95, "0%"), 95, ""),
        ((0.955, "0.0%"), 95.5, ""),
        ((95, "General"), 95, ""),
        (("95%", "General"), 95, "read-as-number"),
        (("95％", "General"), 95, "read-as-number"),
        (("９５%", "@"), 95, "read-as-number"),
        ((0, "General"), 0, ""),
        ((1.2, "0%"), 120, "rate-too-high"),
        ((120, "General"), 120, "rate-too-high"),
        ((0.95, "General"), None, "percent-unclear"),
        (("0.95", "@"), None, "percent-unclear"),
        ((1, "0"), None, "percent-unclear"),
        ((0.005, "0.0%"), 0.5, ""),
        (("0.5%", "@"), 0.5, "read-as-number"),
        (("约95%", "@"), None, "not-a-number"),
    ],
)
def test_a_percent_is_one_thing_however_it_is_written_or_refused(cell, value, code):
    data = typed_over(year_form({"I09": 90, "I10": 5}, {"I10": 45}), G15=cell)
    judged, told = judge_year(data)
    assert figure(judged, "I09").value == value
    assert {each.code for each in told if each.cell == "G15"} == ({code} if code else set())
    assert judged.verdict == ("rejected" if value is None else "accepted")


def test_a_rate_may_fall_and_has_nothing_to_add():
    judged, told = judge_year(year_form({"I09": 40, "I10": 5}, {"I10": 45}))
    assert (judged.verdict, told) == ("accepted", set())
    data = typed_over(year_form({"I09": 40, "I10": 5}, {"I10": 45}), F15=3)
    assert judge_year(data)[1] == {ProblemAt("F15", "locked-changed")}


def test_locked_percents_that_lost_their_format_are_the_same():
    data = year_form({"I09": 95, "I10": 5}, {"I10": 45})
    plain = typed_over(data, D15=(0.95, "General"), E15=(0.905, "General"))
    assert judge_year(plain)[1] == set()
    changed = typed_over(data, D15=(0.9, "0%"))
    assert judge_year(changed)[1] == {ProblemAt("D15", "locked-changed")}


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_a_percent_typed_into_the_form_is_read_as_it_shows(ending, office, tmp_path):
    source = tmp_path / "表.xlsx"
    source.write_bytes(year_form({"I10": 5}, {"I10": 45}))
    for typed, told in (("95%", set()), ("95", {ProblemAt("G15", "shown-otherwise")})):
        cells = {"任务进度": {"G15": typed}}  # 95 by a program; who types it, is given 95%
        saved = office.fill(source, tmp_path / f"回.{ending}", cells, as_typed=True)
        judged, found = judge_year(saved.read_bytes())
        assert (found, figure(judged, "I09").value) == (told, 95)


def test_an_older_form_with_a_percent_unit_is_read_by_what_it_shows():
    """Before there were rates such an indicator was a state or an addition like any other."""
    old = SHARE._replace(measure=STOCK)
    indicators = (*INDICATORS, old)
    targets, previous = forms.TARGETS | {"I09": 95}, PREVIOUS | {"I09": 90}
    issue = forms.issue(targets=targets, previous=previous, indicators=indicators, layout=1)
    template = stamp.FormTemplate(
        blank.build_form(indicators, forms.SEVERITIES, forms.TERMS),
        indicators,
        forms.SEVERITIES,
        "",
    )
    data = template.stamp(issue, GOOD | {"I09": 93})
    plain = typed_over(data, D15=(95, "0"), E15=(90, "0"), F15=(3, "0"), G15=(0.95, "0%"))
    judged, told = judge(plain, indicators=indicators)
    assert figure(judged, "I09").value == 95
    assert told <= {ProblemAt("F15", "locked-changed")}


@pytest.mark.parametrize("mark", ["无", "—", "/", "-", " － "])
def test_a_dash_is_a_zero_where_staff_say_so(mark):
    rules = {**forms.RULES, "dash-entry": Rule("warning", None)}
    judged, told = judge(typed_over(F7=mark), settings=rules)
    assert (judged.verdict, told) == ("accepted", {ProblemAt("F7", "dash-entry")})
    assert figure(judged, "I01")[1:3] == ("number", 0)
    assert "已按 0 读取" in judged.problems[0].message
    off = {**forms.RULES, "dash-entry": Rule("", None)}
    judged, told = judge(typed_over(F7=mark), settings=off)
    assert (judged.verdict, told) == ("rejected", {ProblemAt("F7", "not-a-number")})
    no_task = typed_over(F12=mark)
    assert judge(no_task, settings=rules)[1] == set()
    assert figure(judge(no_task, settings=rules)[0], "I06").state == "not-applicable"
