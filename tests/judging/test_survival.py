"""Forms that come back through other programs: the same figures, or a verdict that is safe."""

import pytest

from tests.tools import forms
from tests.tools.forms import GOOD, ProblemAt
from tests.tools.office import disagreements
from tests.tools.parts import cached_values
from tests.tools.resave import NODE_WRITERS, WRITERS, resave
from xl_addin.form import layout
from xl_addin.judging.assess import assess
from xl_addin.model.records import ERROR, FLOW

ROWS = {item.code: layout.FIRST_ROW + place for place, item in enumerate(forms.INDICATORS)}
ENTRIES = {
    item.code: f"{'F' if item.measure == FLOW else 'G'}{ROWS[item.code]}"
    for item in forms.INDICATORS
}
CHECKS = [f"J{row}" for row in ROWS.values()]


@pytest.fixture
def form(tmp_path):
    path = tmp_path / "发出.xlsx"
    path.write_bytes(forms.form_template().stamp(forms.issue()))
    return path


def cells(typed, **others):
    return {layout.SHEET: {**{ENTRIES[code]: value for code, value in typed.items()}, **others}}


def judged(path):
    return assess(path.read_bytes(), path.name, forms.context())


def figures(judgement):
    return {figure.indicator: figure.value for figure in judgement.figures}


def errors(judgement):
    return {ProblemAt(p.cell, p.code) for p in judgement.problems if p.severity == ERROR}


def assert_survived(path):
    judgement = judged(path)
    assert (judgement.verdict, errors(judgement)) == ("accepted", set()), judgement.problems
    assert figures(judgement) == GOOD
    assert (judgement.district, judgement.month, judgement.round) == ("500101", forms.MONTH, 1)
    assert {f.indicator: f.cell for f in judgement.figures} == ENTRIES
    return judgement


# --- known figures, through every program -----------------------------------------------------


@pytest.mark.parametrize("writer", WRITERS)
def test_what_another_program_saved_is_read_as_it_was_typed(writer, form, tmp_path):
    back = resave(writer, form, tmp_path / "回报.xlsx", cells(GOOD))
    assert assert_survived(back).problems == ()


@pytest.mark.parametrize("as_typed", [False, True], ids=["set", "typed"])
@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_what_libreoffice_saved_is_read_as_it_was_typed(ending, as_typed, form, office, tmp_path):
    back = office.fill(form, tmp_path / f"回报.{ending}", cells(GOOD), as_typed=as_typed)
    assert assert_survived(back).problems == ()


@pytest.mark.parametrize("writer", [WRITERS[2], *WRITERS[3:]])
def test_a_form_that_another_program_only_saved_is_blank(writer, form, tmp_path):
    back = resave(writer, form, tmp_path / "回报.xlsx", {layout.SHEET: {"B4": "李四"}})
    assert judged(back).verdict == "blank"


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_a_form_that_libreoffice_only_saved_is_blank(ending, form, office, tmp_path):
    back = office.fill(form, tmp_path / f"回报.{ending}", {layout.SHEET: {"B4": "李四"}})
    assert judged(back).verdict == "blank"


@pytest.mark.node
@pytest.mark.parametrize("second", ["exceljs", "sheetjs-plain", "openpyxl"])
def test_a_form_survives_two_programs_in_turn(second, form, office, tmp_path):
    first = office.fill(form, tmp_path / "一.xlsx", cells({**GOOD, "I01": 7}))
    assert_survived(resave(second, first, tmp_path / "二.xlsx", cells(GOOD)))


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_what_is_filled_beside_the_figures_does_no_harm(ending, form, office, tmp_path):
    beside = {
        "B4": "李四",
        "D3": "王五",
        "D4": "2023-06-30",
        "G3": "023-6789",
        "I7": "含 3 人次补训",
    }
    back = office.fill(form, tmp_path / f"回报.{ending}", cells(GOOD, **beside), as_typed=True)
    assert assert_survived(back).problems == ()


def test_the_keyboard_cannot_reach_what_is_locked(form, office, tmp_path):
    locked = {"D7": 1, "E7": 1, "H7": 1, "F13": 1, "B7": "别的", "C7": "户", "B3": "忠县", "A7": 9}
    back = office.fill(form, tmp_path / "回报.xlsx", cells(GOOD, **locked), as_typed=True)
    assert assert_survived(back).problems == ()


# --- wrong entries, through the program and through LibreOffice -------------------------------

WRONG = [
    ("I01", "2000万", "rejected", {("F7", "not-a-number")}),
    ("I01", -1, "rejected", {("F7", "negative")}),
    ("I01", None, "rejected", {("F7", "blank")}),
    ("I03", 1.5, "rejected", {("F9", "not-whole")}),
    ("I05", 101, "rejected", {("F11", "child-above-parent")}),
    ("I07", 29, "rejected", {("G13", "below-last-month")}),
    ("I07", "一百二十", "rejected", {("G13", "not-a-number")}),
    ("I03", "3-5", "rejected", {("F9", "not-a-number")}),
    ("I02", None, "rejected", {("F8", "blank")}),
    ("I04", "1,00", "rejected", {("F10", "not-a-number")}),  # 100 or 1: never guessed
    ("I06", None, "accepted", set()),
]


def assert_refused(path, code, verdict, wrong):
    judgement = judged(path)
    assert (judgement.verdict, errors(judgement)) == (verdict, wrong), judgement.problems
    others = {key: found for key, found in figures(judgement).items() if key != code}
    assert others == {key: good for key, good in GOOD.items() if key != code}


def as_wrong(pairs):
    return {ProblemAt(*pair) for pair in pairs}


@pytest.mark.node
@pytest.mark.parametrize(("code", "value", "verdict", "wrong"), WRONG)
def test_a_wrong_entry_is_found_in_what_exceljs_saved(code, value, verdict, wrong, form, tmp_path):
    back = resave("exceljs", form, tmp_path / "回报.xlsx", cells({**GOOD, code: value}))
    assert_refused(back, code, verdict, as_wrong(wrong))


@pytest.mark.parametrize(("code", "value", "verdict", "wrong"), WRONG)
def test_a_wrong_entry_is_found_in_what_libreoffice_saved(
    code, value, verdict, wrong, form, office, tmp_path
):
    back = office.fill(form, tmp_path / "回报.xlsx", cells({**GOOD, code: value}))
    assert_refused(back, code, verdict, as_wrong(wrong))


@pytest.mark.parametrize("ending", ["ods", "xls"])
@pytest.mark.parametrize("value", ["2000万", -1, None, "3-5", 1.5])
def test_a_wrong_entry_is_found_in_other_formats(ending, value, form, office, tmp_path):
    code = {"2000万": "not-a-number", "3-5": "not-a-number", -1: "negative", 1.5: "not-whole"}
    back = office.fill(form, tmp_path / f"回报.{ending}", cells({**GOOD, "I01": value}))
    assert_refused(back, "I01", "rejected", {ProblemAt("F7", code.get(value, "blank"))})


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_text_that_is_a_number_is_read_with_a_warning(ending, form, office, tmp_path):
    typed = {**GOOD, "I01": "２５", "I03": "9人", "I05": " 15 "}
    judgement = judged(office.fill(form, tmp_path / f"回报.{ending}", cells(typed)))
    assert figures(judgement) == GOOD
    assert (judgement.verdict, errors(judgement)) == ("accepted", set()), judgement.problems
    assert {ProblemAt(p.cell, p.code) for p in judgement.problems} == {
        ProblemAt(cell, "read-as-number") for cell in ("F7", "F9", "F11")
    }


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_a_locked_cell_that_was_changed_is_found(ending, form, office, tmp_path):
    back = office.fill(form, tmp_path / f"回报.{ending}", cells(GOOD, D7=3, E9=1))
    judgement = judged(back)
    assert (judgement.verdict, figures(judgement)) == ("rejected", GOOD)
    assert errors(judgement) == {
        ProblemAt("D7", "locked-changed"),
        ProblemAt("E9", "locked-changed"),
    }


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_a_number_typed_over_a_formula_is_never_the_figure(ending, form, office, tmp_path):
    judgement = judged(office.fill(form, tmp_path / f"回报.{ending}", cells(GOOD, G7=999, F13=1)))
    assert figures(judgement) == GOOD
    assert errors(judgement) == {
        ProblemAt("G7", "total-unexplained"),
        ProblemAt("F13", "locked-changed"),
    }


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_a_formula_counts_as_what_it_shows(ending, form, office, tmp_path):
    typed = {**GOOD, "I01": "=20+5", "I03": "=1/0"}
    back = office.fill(form, tmp_path / f"回报.{ending}", cells(typed), formulas=True)
    judgement = judged(back)
    assert figures(judgement) == {**GOOD, "I03": None}
    assert (judgement.verdict, errors(judgement)) == ("rejected", {ProblemAt("F9", "error-value")})
    assert ProblemAt("F7", "formula-figure") in {
        ProblemAt(p.cell, p.code) for p in judgement.problems
    }


@pytest.mark.node
@pytest.mark.parametrize("writer", [*NODE_WRITERS, "openpyxl"])
def test_a_formula_that_nobody_computed_is_never_a_figure(writer, form, tmp_path):
    formula = "=20+5" if writer == "openpyxl" else {"formula": "20+5"}
    back = resave(writer, form, tmp_path / "回报.xlsx", cells({**GOOD, "I01": formula}))
    judgement = judged(back)
    assert (judgement.verdict, figures(judgement)["I01"]) == ("rejected", None)
    assert [p.cell for p in judgement.problems if p.severity == ERROR] == ["F7"]


# --- the form's own formulas ------------------------------------------------------------------

COMBINATIONS = {
    "all well": GOOD,
    "nothing": {},
    "one blank": {k: v for k, v in GOOD.items() if k != "I01"},
    "blank without target": {k: v for k, v in GOOD.items() if k != "I06"},
    "negative": {**GOOD, "I01": -1, "I08": -0.5},
    "not whole": {**GOOD, "I03": 1.5, "I07": 36.5},
    "child above parent": {**GOOD, "I05": 101, "I06": 100},
    "child without parent": {k: v for k, v in GOOD.items() if k != "I04"},
    "stock below": {**GOOD, "I07": 29},
    "stock blank": {k: v for k, v in GOOD.items() if k != "I07"},
    "stock negative and half": {**GOOD, "I07": -1.5},
    "text": {**GOOD, "I01": "2000万", "I07": "一百二十", "I04": "3-5"},
    "several": {"I01": 1.5, "I02": -1, "I04": 10, "I05": 11, "I07": 29, "I08": "约5"},
    "zeros": dict.fromkeys(GOOD, 0),
}
SAYS = {
    "all well": {},
    "one blank": {"I01": "未填"},
    "negative": {"I01": "为负", "I08": "为负"},
    "not whole": {"I03": "非整数", "I07": "非整数"},
    "child above parent": {"I05": "其中大于总数"},
    "stock below": {"I07": "低于上月累计"},
    "stock blank": {"I07": "未填"},
    "text": {"I01": "不是数字", "I04": "不是数字", "I07": "不是数字"},
}


@pytest.mark.parametrize("name", COMBINATIONS)
def test_the_form_says_the_same_live_as_when_it_was_stamped(name, form, office, tmp_path):
    typed = COMBINATIONS[name]
    stamped = tmp_path / "盖.xlsx"
    stamped.write_bytes(forms.fill_form(typed))
    assert disagreements(stamped, office) == []

    cached = cached_values(stamped)
    live = office.recalculate(office.fill(form, tmp_path / "填.xlsx", cells(typed)))
    for cell in ["A2", *CHECKS]:
        where = (layout.SHEET, cell)
        assert (cell, live[where].value or "", live[where].error) == (cell, cached[where] or "", 0)
    said = {code: live[layout.SHEET, f"J{row}"].value for code, row in ROWS.items()}
    troubles = {code: text for code, text in said.items() if text}
    assert troubles == SAYS.get(name, troubles)
    status = f"还有 {len(troubles)} 处问题" if troubles else layout.READY
    assert live[layout.SHEET, "A2"].value == status


@pytest.mark.parametrize("name", [name for name in COMBINATIONS if name != "nothing"])
def test_the_form_marks_before_sending_what_collecting_refuses(name, tmp_path):
    path = tmp_path / "回报.xlsx"
    path.write_bytes(forms.fill_form(COMBINATIONS[name]))
    cached = cached_values(path)
    marked = {ENTRIES[code] for code, row in ROWS.items() if cached[layout.SHEET, f"J{row}"]}
    assert marked == {wrong.cell for wrong in errors(judged(path))}
