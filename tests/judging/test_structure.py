"""What people do to the form besides filling it in: the same figures, or a word about what is wrong."""

import io

import pytest
from openpyxl import load_workbook
from openpyxl.formula.translate import Translator
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from tests.tools import forms
from tests.tools.forms import GOOD, ProblemAt, fill_form
from tests.tools.oddities import replace_text
from xl_addin.form import layout
from xl_addin.judging.assess import assess

FIRST, LAST = layout.FIRST_ROW, layout.FIRST_ROW + len(forms.INDICATORS) - 1
NO_TASK = {**GOOD}
del NO_TASK["I06"]


def changed(change, typed=GOOD):
    """The verdict on a filled form after somebody did something to its sheet with openpyxl."""
    workbook = load_workbook(io.BytesIO(fill_form(typed)))
    change(workbook[layout.SHEET])
    out = io.BytesIO()
    workbook.save(out)
    return assess(out.getvalue(), "回报.xlsx", forms.context())


def figures(judged):
    return {f.indicator: f.value for f in judged.figures}


def errors(judged):
    return {ProblemAt(p.cell, p.code) for p in judged.problems}


def put(**cells):
    def change(sheet):
        for cell, value in cells.items():
            sheet[cell].value = value

    return change


def moved(cell, where):
    """A cell's content as it reads after a move to another place."""
    if isinstance(cell.value, str) and cell.value.startswith("="):
        return Translator(cell.value, cell.coordinate).translate_formula(where)
    return cell.value


def sort_rows(sheet, columns, key):
    """Sort the table as a spreadsheet does: what stands in other columns stays."""
    order = sorted(range(FIRST, LAST + 1), key=lambda row: key([c.value for c in sheet[row]]))
    _rearrange(sheet, {(old, c): (new, c) for new, old in enumerate(order, FIRST) for c in columns})


def move_column(sheet, source, target):
    """Cut a column and insert it elsewhere."""
    order = [*range(1, 12)]
    order.insert(target - 1, order.pop(source - 1))
    rows = range(layout.HEADER_ROW, LAST + 1)
    _rearrange(sheet, {(r, old): (r, new) for new, old in enumerate(order, 1) for r in rows})


def _rearrange(sheet, places):
    told = []
    for old, new in places.items():
        cell = sheet.cell(*old)
        told.append((new, moved(cell, f"{get_column_letter(old[1])}{new[0]}"), cell.number_format))
    for where, value, look in told:
        sheet.cell(*where).value, sheet.cell(*where).number_format = value, look


def append_table(sheet, top, with_headings=True):
    for row in range(layout.HEADER_ROW if with_headings else FIRST, LAST + 1):
        for column in range(1, 11):
            sheet.cell(top, column).value = sheet.cell(row, column).value
        top += 1


HARMLESS = {
    "a row above": lambda s: s.insert_rows(4),
    "rows between": lambda s: s.insert_rows(FIRST + 3, 2),
    "rows below": put(B20="以上为快报数", B21="张三"),
    "a column before": lambda s: s.insert_cols(1),
    "a column between": lambda s: s.insert_cols(layout.MONTH),
    "a column moved": lambda s: move_column(s, layout.REMARK, layout.MONTH),
    "sorted with the hidden keys": lambda s: sort_rows(s, [*range(1, 8), 9, 11], lambda r: r[1]),
    "sorted without the hidden keys": lambda s: sort_rows(s, [*range(1, 8), 9], lambda r: r[1]),
    "turned upside down": lambda s: sort_rows(s, [*range(1, 8), 9], lambda r: -r[0]),
    "hidden rows": lambda s: setattr(s.row_dimensions[9], "hidden", True),
    "a hidden column": lambda s: setattr(s.column_dimensions["F"], "hidden", True),
    "a filter": lambda s: s.auto_filter.add_filter_column(2, ["人"]),
    "another name for the sheet": lambda s: setattr(s, "title", "6月"),
    "a sheet in front": lambda s: s.parent.create_sheet("汇总", 0).append(
        ["指标", "本月完成", 999]
    ),
    "a sheet behind": lambda s: s.parent.create_sheet("明细").append(["指标", 999]),
    "sheets in another order": lambda s: s.parent.move_sheet(s, 2),
    "something far away": put(ZZ1="x", XFD9="9", A5000="甲"),
    "numbers far below": put(B60="备注", C60=3),
    "its own sums to the right": put(N7="=F7*2", N8=5),
    "remarks": put(I7="含 3 人补训", I8="无"),
    "merged title": lambda s: s.merge_cells("A30:D31"),
    "wrapped": lambda s: setattr(s["F7"], "alignment", Alignment(wrap_text=True)),
    "spaces in the headings": put(F6="本月 完成", B6="指　标"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm_changes_nothing(name):
    judged = changed(HARMLESS[name])
    assert (judged.verdict, errors(judged)) == ("accepted", set()), judged.problems
    assert figures(judged) == GOOD


WRONG = {
    "beside the cell, in the remarks": (put(F7=None, I7=25), {ProblemAt("I7", "misplaced")}),
    "beside the cell, as text": (put(F7=None, I7="25人次"), {ProblemAt("I7", "misplaced")}),
    "right of the table": (put(F7=None, L7=25), {ProblemAt("L7", "misplaced")}),
    "in the total": (put(F7=None, G7=75), {ProblemAt("G7", "misplaced")}),
    "in the row below the table": (put(B15="新增", F15=5), {ProblemAt("F15", "row-unknown")}),
    "a column of the same name": (put(L6="本月完成", L7=30), {ProblemAt("F6", "column-twice")}),
    "a column renamed": (put(E6="上月"), {ProblemAt("", "column-missing")}),
    "entries merged over each other": (
        lambda s: s.merge_cells("F8:F9"),
        {ProblemAt("F9", "merged-entry"), ProblemAt("F9", "blank")},
    ),
    "an entry merged with its neighbour": (
        lambda s: s.merge_cells("E7:F7"),
        {ProblemAt("F7", "merged-entry"), ProblemAt("F7", "blank")},
    ),
    "a row copied": (
        lambda s: [s.cell(15, c, s.cell(7, c).value) for c in range(1, 12)],
        {ProblemAt("F7", "row-twice"), ProblemAt("F15", "row-unknown")},
    ),
    "the table without headings below": (
        lambda s: append_table(s, 20, with_headings=False),
        {ProblemAt(f"F{row}", "row-unknown") for row in range(20, 28) if row != 26}
        | {ProblemAt("G26", "row-unknown")},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_figures_where_they_do_not_belong_are_never_lost(name):
    change, wrong = WRONG[name]
    judged = changed(change)
    assert judged.verdict == "rejected"
    assert errors(judged) >= wrong
    assert {ProblemAt(p.cell, p.code) for p in judged.problems if p.code != "locked-changed"} == {
        found for found in wrong if found.code != "locked-changed"
    }


def test_a_figure_without_a_task_is_not_lost_either():
    judged = changed(put(I12=4), NO_TASK)
    assert (judged.verdict, errors(judged)) == ("rejected", {ProblemAt("I12", "misplaced")})
    assert changed(put(I12="本月没有任务"), NO_TASK).verdict == "accepted"
    judged = changed(put(G12=4), NO_TASK)
    assert (judged.verdict, errors(judged)) == ("rejected", {ProblemAt("G12", "misplaced")})


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ("—", "dash-entry"),
        ("无", "dash-entry"),
        ("/", "dash-entry"),
        ("-", "dash-entry"),
        ("不涉及", "not-a-number"),
    ],
)
def test_a_mark_for_nothing_is_right_where_there_is_no_task_and_wrong_where_there_is(mark, code):
    judged = changed(put(F12=mark))
    assert (judged.verdict, errors(judged)) == ("accepted", set())
    assert {f.indicator: f.state for f in judged.figures}["I06"] == "not-applicable"
    judged = changed(put(F7=mark))
    assert (judged.verdict, errors(judged)) == ("rejected", {ProblemAt("F7", code)})
    assert {f.indicator: f.state for f in judged.figures}["I01"] == "illegible"


@pytest.mark.parametrize(
    ("look", "value", "code"),
    [
        ('0"万"', 25, "shown-otherwise"),
        (";;;", 25, "shown-otherwise"),
        ("0,", 25000, "shown-otherwise"),
        ('0"人"', 25, ""),
        ("#,##0", 25, ""),
        ("0%", 1, "not-a-number"),
        ("0.00%", 0.12, "not-a-number"),
        ("yyyy-mm-dd", 25, "not-a-number"),
        ("@", 25, ""),
    ],
)
def test_a_number_that_shows_as_something_else_is_said(look, value, code):
    def change(sheet):
        sheet["F7"].value = value
        sheet["F7"].number_format = look

    judged = changed(change)
    found = {p.code for p in judged.problems if p.cell == "F7"}
    assert found - {"far-above-target"} == ({code} if code else set())
    assert figures(judged)["I01"] == (None if code == "not-a-number" else value)


def test_a_second_table_with_headings_is_held():
    judged = changed(lambda s: append_table(s, 20))
    assert judged.verdict == "held"
    assert ProblemAt("", "two-tables") in errors(judged)


def test_an_indicator_that_was_renamed_is_still_found_by_its_key():
    judged = changed(put(B7="别的培训"))
    assert (judged.verdict, errors(judged)) == ("rejected", {ProblemAt("B7", "locked-changed")})
    assert figures(judged) == GOOD


def test_labels_exchanged_between_rows_are_seen_by_their_targets():
    judged = changed(put(B7=forms.INDICATORS[2].label, B9=forms.INDICATORS[0].label))
    assert judged.verdict == "rejected"
    assert ProblemAt("D9", "locked-changed") in errors(judged)


def test_many_areas_over_the_entries_are_told_once_for_each_entry():
    areas = '<mergeCell ref="A1:J17"/>' * 500
    data = replace_text("</mergeCells>", f"{areas}</mergeCells>")(fill_form())
    problems = assess(data, "回报.xlsx", forms.context()).problems
    assert 1 < sum(problem.code == "merged-entry" for problem in problems) < 20
