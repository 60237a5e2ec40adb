"""One verdict for every file: each rule by cell and code, each identity conflict by name.

Proves also judging/opening.py and judging/rules.py.
"""

import gzip
import io
import random
import re
import zipfile

import pytest
from openpyxl import Workbook as OtherBook
from openpyxl import load_workbook

from tests.tools import forms
from tests.tools.forms import GOOD, ProblemAt, assess_file, edit_form, fill_form, replace_bytes
from xl_addin.formats import open as open_
from xl_addin.judging.assess import assess, names_within
from xl_addin.model.settings import Rule
from xl_addin.xlsx.package import inflate, unpack

GNUMERIC = b'<gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd">'
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("change", "verdict", "wrong"),
    [
        ({}, "accepted", set()),
        ({"I01": "１２０"}, "accepted", {ProblemAt("F7", "read-as-number")}),
        (
            {"I01": "1,200"},
            "accepted",
            {ProblemAt("F7", "read-as-number"), ProblemAt("F7", "far-above-target")},
        ),
        ({"I01": " 120 "}, "accepted", {ProblemAt("F7", "read-as-number")}),
        ({"I03": "12人"}, "accepted", {ProblemAt("F9", "read-as-number")}),
        ({"I01": "2000万"}, "rejected", {ProblemAt("F7", "not-a-number")}),
        ({"I01": "一百二十"}, "rejected", {ProblemAt("F7", "not-a-number")}),
        ({"I01": "3-5"}, "rejected", {ProblemAt("F7", "not-a-number")}),
        ({"I01": "—"}, "rejected", {ProblemAt("F7", "dash-entry")}),
        ({"I01": -1}, "rejected", {ProblemAt("F7", "negative")}),
        ({"I02": "０"}, "accepted", {ProblemAt("F8", "read-as-number")}),
        ({"I08": -0.5}, "rejected", {ProblemAt("F14", "negative")}),
        ({"I01": 1.5}, "rejected", {ProblemAt("F7", "not-whole")}),
        ({"I08": 1.5}, "accepted", set()),
        ({"I01": None}, "rejected", {ProblemAt("F7", "blank")}),
        ({"I06": None}, "accepted", set()),
        ({"I05": 101}, "rejected", {ProblemAt("F11", "child-above-parent")}),
        ({"I05": 100}, "accepted", set()),
        ({"I07": 29}, "rejected", {ProblemAt("G13", "below-last-month")}),
        ({"I07": 30}, "accepted", set()),
        ({"I07": 91}, "accepted", {ProblemAt("G13", "far-above-target")}),
        ({"I01": 400}, "accepted", {ProblemAt("F7", "far-above-target")}),
        ({"I01": 401}, "accepted", {ProblemAt("F7", "far-above-target")}),
        (
            {"I01": 399},
            "accepted",
            {ProblemAt("F7", "far-above-target")} - {ProblemAt("F7", "far-above-target")},
        ),
    ],
)
def test_figures(change, verdict, wrong):
    if change == {"I01": 400}:
        wrong = set()  # 50 + 400 is exactly 150 %
    typed = {k: v for k, v in {**GOOD, **change}.items() if v is not None}
    assert assess_file(fill_form(typed)) == (verdict, wrong)


def test_a_sudden_jump_is_asked_about():
    usual = {"500101": {"I01": 8.0, "I03": 0.5}}
    assert assess_file(fill_form({**GOOD, "I01": 80}), usual=usual) == ("accepted", set())
    found = assess_file(fill_form({**GOOD, "I01": 81, "I03": 9}), usual=usual)
    assert found == ("accepted", {ProblemAt("F7", "sudden-jump")})


def test_a_sudden_jump_of_a_state_is_what_was_added_to_it():
    typed = {**GOOD, "I07": 90}  # 60 more than last month
    assert assess_file(fill_form(typed), usual={"500101": {"I07": 6.0}}) == ("accepted", set())
    found = assess_file(fill_form(typed), usual={"500101": {"I07": 5.9}})
    assert found == ("accepted", {ProblemAt("G13", "sudden-jump")})


def test_a_date_in_a_count_cell_is_not_a_number():
    data = fill_form()
    book = load_workbook(io.BytesIO(data))
    book["任务进度"]["F7"].value = 44990
    book["任务进度"]["F7"].number_format = 'm"月"d"日"'
    out = io.BytesIO()
    book.save(out)
    assert assess_file(out.getvalue()) == ("rejected", {ProblemAt("F7", "not-a-number")})


def test_an_error_value_and_a_formula_without_value_are_named():
    style = b'<c r="F7" s="'
    data = fill_form()
    from xl_addin.xlsx.package import inflate, unpack

    xml = inflate(unpack(data)[SHEET])
    start = xml.index(style)
    cell = xml[start : xml.index(b"</c>", start) + 4]
    look = cell[: cell.index(b">")]
    error = replace_bytes(data, SHEET, cell, look + b' t="e"><v>#REF!</v></c>')
    assert assess_file(error) == ("rejected", {ProblemAt("F7", "error-value")})
    hollow = replace_bytes(data, SHEET, cell, look + b"><f>12+13</f></c>")
    assert assess_file(hollow) == ("rejected", {ProblemAt("F7", "no-value")})
    formula = replace_bytes(data, SHEET, cell, look + b"><f>12+13</f><v>25</v></c>")
    assert assess_file(formula) == ("accepted", {ProblemAt("F7", "formula-figure")})


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ((7, 4), 150),
        ((7, 4), None),
        ((7, 5), 49),
        ((7, 2), "别的培训"),
        ((7, 3), "万人次"),
        ((12, 4), "x"),
    ],
)
def test_locked_cells_are_compared_with_what_was_issued(cell, value):
    from xl_addin.xlsx.a1 import cell_name

    found = assess_file(edit_form(fill_form(), {cell: value}))
    assert found == ("rejected", {ProblemAt(cell_name(*cell), "locked-changed")})


def test_a_total_typed_over_its_formula_is_compared():
    book = load_workbook(io.BytesIO(fill_form()))
    book["任务进度"]["G7"].value = 76
    out = io.BytesIO()
    book.save(out)
    assert assess_file(out.getvalue()) == ("rejected", {ProblemAt("G7", "total-unexplained")})
    book["任务进度"]["G7"].value = 75
    out = io.BytesIO()
    book.save(out)
    assert assess_file(out.getvalue()) == ("accepted", set())


def test_stale_results_of_formulas_change_no_figure_and_that_of_a_cumulative_is_told():
    stale = edit_form(fill_form(), {(7, 7): 999, (7, 8): 0, (2, 1): "可以上报"})
    judged = assess(stale, "回报.xlsx", forms.context())
    assert {figure.indicator: figure.value for figure in judged.figures} == GOOD
    assert assess_file(stale) == ("accepted", {ProblemAt("G7", "result-differs")})
    lost = edit_form(fill_form(), {(7, 7): 0, (7, 10): 0})
    assert assess_file(lost) == ("accepted", set())
    # What was typed into 校验 takes no other result along.
    changed = edit_form(fill_form(), {(7, 6): 24, (7, 10): 1})
    assert assess_file(changed) == ("accepted", {ProblemAt("G7", "result-differs")})


def test_an_untouched_form_is_blank():
    data = forms.form_template().stamp(forms.issue())
    assert assess_file(data)[0] == "blank"
    assert assess_file(data, month="2023-07")[0] == "blank"


def test_rules_follow_their_settings():
    settings = {**forms.RULES, "negative": Rule("warning", None), "blank": Rule("", None)}
    typed = {**GOOD, "I01": -1}
    del typed["I03"]
    found = assess_file(fill_form(typed), settings=settings)
    assert found == ("accepted", {ProblemAt("F7", "negative")})
    higher = {**forms.RULES, "far-above-target": Rule("error", 20)}
    assert ProblemAt("F7", "far-above-target") in assess_file(fill_form(), settings=higher)[1]


def test_the_wrong_month_is_held():
    assert assess_file(fill_form(month="2023-05")) == ("held", {ProblemAt("A1", "wrong-month")})


def test_a_title_of_another_month_is_held():
    assert assess_file(edit_form(fill_form(), {(1, 1): "2023年5月填报表"})) == (
        "held",
        {ProblemAt("A1", "month-mismatch")},
    )


def test_a_unit_of_another_name_is_held():
    assert assess_file(edit_form(fill_form(), {(3, 2): "忠县"})) == (
        "held",
        {ProblemAt("B3", "district-mismatch")},
    )
    for nothing_else in ("万 州 区", None):
        assert assess_file(edit_form(fill_form(), {(3, 2): nothing_else})) == ("accepted", set())


def test_a_file_name_of_another_district_is_held():
    assert assess_file(fill_form(), "忠县6月.xlsx")[0] == "accepted"  # two characters prove nothing
    assert assess_file(fill_form(), "渝北区6月.xlsx") == (
        "held",
        {ProblemAt("", "file-name-mismatch")},
    )
    assert assess_file(fill_form(), "万州区、渝北区.xlsx")[0] == "accepted"


def test_another_programme_is_foreign():
    assert assess_file(fill_form(programme="ffffffffffff")) == (
        "foreign",
        {ProblemAt("", "wrong-programme")},
    )


def test_a_forged_token_is_held():
    line = forms.identity.identity_line(forms.issue().identity)
    forged = line[:-1] + ("0" if line[-1] != "0" else "1")
    data = fill_form()
    for part in (SHEET, "xl/worksheets/sheet3.xml", "xl/workbook.xml", "docProps/custom.xml"):
        data = replace_bytes(data, part, line.encode(), forged.encode())
    assert assess_file(data) == ("held", {ProblemAt("", "token-invalid")})


def test_copies_that_contradict_each_other_are_held():
    line = forms.identity.identity_line(forms.issue().identity)
    other = forms.identity.identity_line(forms.issue(forms.DISTRICTS[1]).identity)
    data = replace_bytes(fill_form(), SHEET, line.encode(), other.encode())
    assert assess_file(data) == ("held", {ProblemAt("", "identity-conflict")})


def test_targets_changed_together_with_their_sealed_copy_are_held():
    sealed = "xl/worksheets/sheet3.xml"
    data = replace_bytes(fill_form(), sealed, b'"I01":300', b'"I01":100')
    data = edit_form(data, {(7, 4): 100})
    assert assess_file(data) == ("held", {ProblemAt("", "token-invalid")})


def test_a_sheet_copied_into_another_workbook_keeps_its_identity():
    book = load_workbook(io.BytesIO(fill_form()))
    del book["_meta"], book["填报说明"], book.defined_names[forms.formbook.IDENTITY_NAME]
    del book.custom_doc_props[forms.formbook.IDENTITY_NAME]
    book["任务进度"].title = "副本"
    out = io.BytesIO()
    book.save(out)
    judged = assess(out.getvalue(), "x.xlsx", forms.context())
    assert (judged.verdict, judged.district) == ("held", "500101")
    assert [problem.code for problem in judged.problems] == ["sheet-copied"]
    assert {f.indicator: f.value for f in judged.figures} == GOOD


def pasted(**cells):
    """The table as values in a fresh workbook, as copy and paste leaves it."""
    source = load_workbook(io.BytesIO(fill_form()), data_only=True)["任务进度"]
    book = OtherBook()
    for row in source["A1:J14"]:
        for cell in row:
            book.active[cell.coordinate] = cell.value
    for cell, value in cells.items():
        book.active[cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "cells", "district", "month"),
    [
        ("回报.xlsx", {}, "500101", "2023-06"),
        ("万州区.xlsx", {}, "500101", "2023-06"),
        ("渝北区.xlsx", {}, "", "2023-06"),  # the table and the file name contradict each other
        ("渝北区.xlsx", {"B3": None}, "500112", "2023-06"),
        ("万州区、渝北区.xlsx", {"B3": None}, "", "2023-06"),
        ("x.xlsx", {"B3": "我单位"}, "", "2023-06"),
        ("2023-05.xlsx", {}, "500101", "2023-06"),  # the title counts
        ("进度2023年5月.xlsx", {"A1": "任务进度"}, "500101", "2023-05"),
        ("填报表_2023-12_x.xlsx", {"A1": "任务进度"}, "500101", "2023-12"),
        ("2023-05到2023-06.xlsx", {"A1": "任务进度"}, "500101", ""),
        ("x.xlsx", {"A1": "2023年13月"}, "500101", ""),
    ],
)
def test_a_pasted_table_is_held_with_what_it_says_of_itself(file, cells, district, month):
    judged = assess(pasted(**cells), file, forms.context())
    assert (judged.verdict, judged.district, judged.month, judged.round) == (
        "held",
        district,
        month,
        0,
    )
    assert [problem.code for problem in judged.problems] == ["no-identity"]
    assert {f.indicator: f.value for f in judged.figures} == GOOD


def test_what_is_wrong_in_a_pasted_table_is_said_beside_the_doubt():
    judged = assess(pasted(F7="约25", F8=-1), "x.xlsx", forms.context())
    assert [(p.cell, p.code) for p in judged.problems] == [
        ("", "no-identity"),
        ("F7", "not-a-number"),
        ("F8", "negative"),
        ("G8", "locked-changed"),
    ]


def test_rows_that_were_moved_are_still_found():
    book = load_workbook(io.BytesIO(fill_form()))
    sheet = book["任务进度"]
    one, other = ([sheet.cell(row, c).value for c in range(1, 12)] for row in (7, 9))
    for column, (first, second) in enumerate(zip(one, other, strict=True), 1):
        if column not in (7, 8, 10):
            sheet.cell(7, column).value, sheet.cell(9, column).value = second, first
    sheet.insert_rows(5)
    out = io.BytesIO()
    book.save(out)
    judged = assess(out.getvalue(), "x.xlsx", forms.context())
    assert {f.indicator: f.value for f in judged.figures} == GOOD
    assert {f.indicator: f.cell for f in judged.figures}["I01"] == "F10"


def test_settings_changed_after_a_form_went_out_do_not_turn_it_down():
    now = [
        item._replace(path=("改了的名称", *item.path), unit="户", measure="stock")
        for item in forms.INDICATORS
    ]
    judged = assess(fill_form(), "x.xlsx", forms.context(indicators=now))
    assert (judged.verdict, judged.problems) == ("accepted", ())
    assert {f.indicator: (f.value, f.measure) for f in judged.figures} == {
        item.code: (GOOD[item.code], item.measure) for item in forms.INDICATORS
    }


def test_a_missing_row_and_a_doubled_row_are_refused():
    book = load_workbook(io.BytesIO(fill_form()))
    book["任务进度"].delete_rows(9)
    out = io.BytesIO()
    book.save(out)
    verdict, wrong = assess_file(out.getvalue())
    assert verdict == "rejected"
    assert ProblemAt("", "row-missing") in wrong
    doubled = edit_form(fill_form(), {(20, 11): "I01", (20, 6): 999})
    wrong = {ProblemAt("F7", "row-twice"), ProblemAt("F20", "row-unknown")}
    assert assess_file(doubled) == ("rejected", wrong)


def test_a_figure_in_a_row_of_its_own_is_not_lost():
    added = edit_form(fill_form(), {(15, 2): "新增指标", (15, 6): 500})
    assert assess_file(added) == ("rejected", {ProblemAt("F15", "row-unknown")})
    assert assess_file(edit_form(fill_form(), {(15, 2): "备注：以上为快报数"})) == (
        "accepted",
        set(),
    )


def test_a_second_form_in_the_workbook_is_held():
    book = load_workbook(io.BytesIO(fill_form()))
    book.copy_worksheet(book["任务进度"])["F7"].value = 88
    out = io.BytesIO()
    book.save(out)
    assert assess_file(out.getvalue()) == ("held", {ProblemAt("", "two-tables")})


@pytest.mark.parametrize("value", [1e300, 10**12 + 1, -1e13, 1e15])
def test_an_absurd_figure_is_refused_and_stops_nothing(value):
    assert assess_file(fill_form({**GOOD, "I01": value})) == (
        "rejected",
        {ProblemAt("F7", "too-large")},
    )


def test_a_fault_of_ours_in_one_file_is_said_and_kept_to_it(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("xl_addin.judging.assess.read_form", broken)
    assert assess_file(fill_form()) == ("unreadable", {ProblemAt("", "program-fault")})


def test_a_missing_column_is_refused():
    assert assess_file(edit_form(fill_form(), {(6, 5): "别的"}))[0] == "rejected"


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def test_a_form_whose_letters_a_writer_lost_is_no_other_workbook():
    book = load_workbook(io.BytesIO(fill_form()))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.encode("cp1252", "replace").decode("cp1252")
    out = io.BytesIO()
    book.save(out)
    assert assess_file(out.getvalue()) == ("unreadable", {ProblemAt("", "damaged")})


@pytest.mark.parametrize(
    ("data", "name", "verdict", "code"),
    [
        (b"", "x.xlsx", "unreadable", "damaged"),
        (b"hello", "x.xlsx", "foreign", "foreign"),
        (b"<html></html>", "x.xls", "foreign", "foreign"),
        (fill_form()[:5000], "x.xlsx", "unreadable", "damaged"),
        (b"\x03abc".ljust(165, b" "), "~$x.xlsx", "foreign", "foreign"),
        (b"PK\x03\x04" + b"\0" * 50, "x.xlsx", "unreadable", "damaged"),
        (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "x.slk", "unreadable", "damaged"),
        (b'TABLE\r\n0,1\r\n"EXCEL"\r\n', "x.xls", "unreadable", "damaged"),
        (b"\x09\x04\x06\0\0\0\x10\0", "x.xls", "unreadable", "damaged"),
        (GNUMERIC, "x.gnumeric", "unreadable", "damaged"),
        (gzip.compress(GNUMERIC, mtime=0), "x.xlsx", "unreadable", "damaged"),
        (gzip.compress(b"hello", mtime=0), "x.xlsx", "foreign", "foreign"),
        (b'<uof:UOF xmlns:uof="http://schemas.uof.org/cn/2003/uof">', "x", "unreadable", "damaged"),
        (zipped("content.xml", "uof.xml"), "x.uof", "unreadable", "damaged"),
        (zipped("Index/Document.iwa", "preview.jpg"), "x.numbers", "unreadable", "damaged"),
    ],
)
def test_what_is_no_form_is_called_by_name(data, name, verdict, code):
    assert assess_file(data, name) == (verdict, {ProblemAt("", code)})


def test_any_other_workbook_is_foreign():
    out = io.BytesIO()
    from openpyxl import Workbook

    Workbook().save(out)
    assert assess_file(out.getvalue()) == ("foreign", {ProblemAt("", "foreign")})


@pytest.mark.parametrize("number", [14, 27, 50])
def test_a_format_that_the_file_defines_itself_shows_no_date(number):
    book = load_workbook(io.BytesIO(fill_form()))
    book["任务进度"]["F7"].number_format = "000000"
    out = io.BytesIO()
    book.save(out)
    said = re.search(
        rb'numFmtId="(\d+)" formatCode="000000"', inflate(unpack(out.getvalue())["xl/styles.xml"])
    )
    old, new = b'numFmtId="%s"' % said[1], b'numFmtId="%d"' % number
    assert assess_file(replace_bytes(out.getvalue(), "xl/styles.xml", old, new)) == (
        "accepted",
        set(),
    )


def test_a_label_that_a_program_cut_is_not_changed():
    long = [
        item._replace(path=("培训" * 100,)) if item.code == "I01" else item
        for item in forms.INDICATORS
    ]
    kit = forms.form_template(indicators=long)
    data = kit.stamp(forms.issue(indicators=long), GOOD)
    for kept, verdict in ((200, "accepted"), (127, "accepted"), (60, "rejected")):
        cut = edit_form(data, {(7, 2): "培训" * (kept // 2)})
        judged = assess(cut, "x.xlsx", forms.context(indicators=long))
        assert judged.verdict == verdict, judged.problems


@pytest.mark.parametrize(
    ("cell", "typed", "wrong"),
    [
        ((7, 6), 24, {ProblemAt("G7", "result-differs")}),
        ((14, 6), 1.25 + 2**-20, set()),  # less than a form shows
        ((13, 7), 37, {ProblemAt("F13", "result-differs")}),
    ],
)
def test_a_figure_that_the_kept_result_of_the_formula_disagrees_with_is_told(cell, typed, wrong):
    assert assess_file(edit_form(fill_form(), {cell: typed})) == ("accepted", wrong)


def twice(grids):
    """The sheets with the form in it twice, under one name."""
    form = next(grid for grid in grids if grid.sheet == "任务进度")
    other = {
        at: cell._replace(value=7) if at == (7, 6) else cell for at, cell in form.cells.items()
    }
    return (*grids, form._replace(cells=other))


def test_of_two_tables_with_one_name_none_counts_in_silence(monkeypatch):
    found = assess_file(b"<table", "x.xls")
    grids = open_.read_grids(fill_form(), "x")
    monkeypatch.setattr(open_, "workbook_or_grids", lambda *_: twice(grids))
    assert found != assess_file(b"<table", "x.xls") == ("held", {ProblemAt("", "two-tables")})


def test_of_two_sheets_with_one_name_in_an_xlsx_none_counts_in_silence():
    parts = unpack(fill_form())
    book = inflate(parts["xl/workbook.xml"])
    first = re.search(rb"<sheet [^>]*>", book)[0]
    second = re.sub(rb'sheetId="\d+"', b'sheetId="99"', first)
    data = replace_bytes(fill_form(), "xl/workbook.xml", first, first + second, 1)
    verdict, wrong = assess_file(data)
    assert (verdict, {each.code for each in wrong}) == ("held", {"two-tables"})


def test_names_are_found_alike_in_a_text_by_its_pieces_and_by_all_names():
    chance = random.Random(1)
    signs = "甲乙县区第"
    names = {"".join(chance.choices(signs, k=chance.randrange(1, 5))): "" for _ in range(300)}
    for size in (0, 1, 5, 12, 40):
        text = "".join(chance.choices(signs, k=size))
        assert sorted(names_within(text, names)) == sorted(n for n in names if n in text)
    looked = Counting(dict.fromkeys(map(str, range(10_000)), ""))
    assert sorted(names_within("填报表_17.xlsx", looked)) == ["1", "17", "7"]
    assert looked.walked == 0


class Counting(dict):
    """Names that tell how often all of them were gone through."""

    walked = 0

    def __iter__(self):
        self.walked += 1
        return super().__iter__()
