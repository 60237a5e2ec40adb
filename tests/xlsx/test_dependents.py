"""What a formula refers to, and which values a change makes untrue.

Proves also xlsx/formulas.py and xlsx/references.py.
"""

from __future__ import annotations

import io
import random

import pytest
from xlsxwriter import Workbook as Writer

from tests.tools import masters
from tests.tools.foreignmaster import PackageEditor, foreign_master
from tests.tools.masters import figure
from tests.tools.office import disagreements
from tests.tools.parts import cached_values
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.sheets import COMPLETION_SHEET, CUMULATIVE_SHEET, MONTH_SHEET, SUMMARY_SHEET
from xl_addin.xlsx import dependents
from xl_addin.xlsx.a1 import quote_sheet_name
from xl_addin.xlsx.dependents import stale_cells
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.references import read_formula, shift_formula
from xl_addin.xlsx.workbook import Workbook

WHOLE = 1_048_576


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A1+$B$2", [("", (1, 1, 1, 1)), ("", (2, 2, 2, 2))]),
        ("SUM(B2:a1)", [("", (2, 2, 1, 1))]),
        ("LOG10(5)+ATAN2(1,2)", []),
        ("SUM(累计完成!A:C)", [("累计完成", (1, 1, WHOLE, 3))]),
        ("SUM('6月 It''s'!2:3)", [("6月 it's", (2, 1, 3, 16_384))]),
        ('"A1"&"他说""B2"""', []),
        ("Sheet1:Sheet3!B2", [("sheet1:sheet3", (2, 2, 2, 2))]),
        ("'一月:三月'!B2", [("一月:三月", (2, 2, 2, 2))]),
        ("[1]别处!A1+'[b.xlsx]x'!A1", []),
        ("#REF!+Sheet1!#REF!+A1", [("", (1, 1, 1, 1))]),
        ("XFE1+A1048577+ZZZ9", []),
        ("台账[[#This Row],[A1]]+台账[B2]", []),
        ("1E5+2.5e-3+A1B+A1.x", []),
        ("A1:B2 B2:C3,D4", [("", (1, 1, 2, 2)), ("", (2, 2, 3, 3)), ("", (4, 4, 4, 4))]),
        ("-A1%^2&TRUE", [("", (1, 1, 1, 1))]),
        ("2023年!A1", [("2023年", (1, 1, 1, 1))]),
    ],
)
def test_references_are_read_from_the_text(text, found):
    assert [(ref.sheet, ref.area) for ref in read_formula(text).references] == found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cell_month+局部!税率", [("", "cell_month", ""), ("局部", "税率", "")]),
        (
            "台账[数]+台账[]+台账[[#All],[数]]",
            [("", "台账", "数"), ("", "台账", ""), ("", "台账", "")],
        ),
        ("[0]!总数", [("", "总数", "")]),
        ("IF(TRUE,x,FALSE)", [("", "x", "")]),
    ],
)
def test_names_are_read_from_the_text(text, names):
    assert list(read_formula(text).names) == names


@pytest.mark.parametrize(
    ("text", "anywhere", "spans"),
    [
        ("INDIRECT(A1)", True, False),
        ("sum(offset(A1,1,1))", True, False),
        ("_xlfn.SINGLE(INDIRECT(A1))", True, False),
        ('"INDIRECT("&A1', False, False),
        ("SUM(A1:INDEX(B:B,5))", False, True),
        ("A1:B2", False, False),
        ("SUM(first:last)", False, True),
    ],
)
def test_what_a_text_cannot_tell_is_marked(text, anywhere, spans):
    found = read_formula(text)
    assert (found.anywhere, found.spans) == (anywhere, spans)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("A1+$B$2+C$3+$D4", "C4+$B$2+E$3+$D7"),
        ("SUM(A:B,$1:2)", "SUM(C:D,$1:5)"),
        ('LOG10(A1)&"A1"&累计完成!A1&台账[A1]', 'LOG10(C4)&"A1"&累计完成!C4&台账[A1]'),
    ],
)
def test_a_shared_formula_is_filled_as_excel_fills(text, after):
    assert shift_formula(text, 3, 2) == after


def book(cells, names=(), sheets=("甲", "乙", "丙"), edit=None):
    """A workbook of formulas: {sheet: {cell: text}}."""
    target = io.BytesIO()
    with Writer(target) as made:
        for name in sheets:
            sheet = made.add_worksheet(name)
            for ref, text in cells.get(name, {}).items():
                sheet.write_formula(ref, f"={text}", None, 7)
        for name, text in names:
            made.define_name(name, text)
    parts = unpack(target.getvalue())
    for name in parts if edit else ():
        parts[name] = deflate(name, inflate(parts[name]).replace(*edit))
    return Workbook.open(pack(parts.values()))


def lost(workbook, changed, computed=None, doubtful=None):
    found = stale_cells(workbook, workbook.sheet_names, changed, computed or {}, doubtful or {})
    return {sheet: sorted(cells) for sheet, cells in found.items()}


def test_what_depends_is_found_through_sheets_names_and_ranges():
    cells = {
        "甲": {"B1": "A1", "B2": "A2", "B3": "SUM(A1:A9)", "B4": "SUM(span)", "B5": "far"},
        "乙": {"A1": "甲!B1", "A2": "甲!B2", "A3": "SUM(甲:乙!A1)", "A4": "SUM(甲!$A$1:甲!$A$2)"},
        "丙": {
            "A1": "乙!A1*2",
            "A2": "COUNT(甲!A:A)",
            "A3": "COUNT(甲!20:30)",
            "A4": "SUM(甲:乙!B1)",
        },
    }
    names = (("span", "=甲!$A$1:$A$2"), ("far", "=SUM(span)"))
    assert lost(book(cells, names), {"甲": {(1, 1)}}) == {
        "甲": [(1, 2), (3, 2), (4, 2), (5, 2)],
        "乙": [(1, 1), (3, 1), (4, 1)],
        "丙": [(1, 1), (2, 1), (4, 1)],
    }


def test_a_sheet_is_reached_through_whatever_names_another():
    cells = {
        "甲": {"A1": "Z1"},
        "乙": {"A1": "far", "B2": "台账[数]"},
        "A1 x": {"A1": "甲!A1", "A2": "'A2 x'!A7"},
        "A2 x": {"A1": "'A1 x'!A1", "A3": "B3&'a1 X'!A4"},
        "AB": {"AB1": "SUM(AB!AB2:AB3)", "A2": "SUM('A1 x:A2 x'!C3)"},
    }
    names = (("far", "='A2 x'!$A$1"),)
    workbook = book(cells, names, tuple(cells))
    assert lost(workbook, {"甲": {(1, 26)}}) == {
        "甲": [(1, 1)],
        "乙": [(1, 1)],
        "A1 x": [(1, 1)],
        "A2 x": [(1, 1)],
    }
    assert lost(workbook, {"A1 x": {(4, 1)}}) == {"A2 x": [(3, 1)]}
    assert lost(workbook, {"A2 x": {(3, 3)}}) == {"AB": [(2, 1)]}
    assert lost(workbook, {"AB": {(2, 28)}}) == {"AB": [(1, 28)]}
    for spelt in ("<f>A1<!-- -->+乙!A9</f>", "<f>&#20057;!A9</f>", "<f ca='1'>乙!A9</f>"):
        other = book(cells, names, tuple(cells), (b"<f>Z1</f>", spelt.encode()))
        assert lost(other, {"乙": {(9, 1)}})["甲"] == [(1, 1)]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_found_is_what_all_sheets_would_tell(seed, monkeypatch):
    chance = random.Random(seed)
    sheets = ("甲", "B2", "c 3", "丁4", "E")
    names = [("near", "='c 3'!$A$1:$B$2"), ("far", "=near+E!$C$3")]

    def text():
        cell = f"{chance.choice('AB')}{chance.randrange(1, 5)}"
        sheet = quote_sheet_name(chance.choice(sheets))
        forms = (cell, f"{sheet}!{cell}", f"SUM({sheet}!A:A)", "near", "far+1", f'"{sheet}!A1"')
        return chance.choice(forms)

    cells = {
        name: {f"{chance.choice('ABC')}{chance.randrange(1, 5)}": text() for _ in range(3)}
        for name in sheets
    }
    workbook = book(cells, names, sheets)
    changed = {chance.choice(sheets): {(chance.randrange(1, 5), chance.randrange(1, 4))}}
    found = lost(workbook, changed)
    monkeypatch.setattr(dependents, "_reached_sheets", lambda _, names, *__: names)
    assert lost(workbook, changed) == found


def test_what_is_not_in_the_text_counts_as_dependent():
    cells = {"甲": {"B1": 'INDIRECT("C"&1)', "B2": "OFFSET(Z1,1,1)", "B3": "SUM(near)", "B4": "Z9"}}
    found = lost(book(cells, [("near", "=甲!A1")]), {"乙": {(1, 1)}})
    assert found == {"甲": [(1, 2), (2, 2), (3, 2)]}


def test_a_range_that_ends_where_a_function_says_reaches_from_end_to_end():
    cells = {"甲": {"E1": "SUM(A1:INDEX(C1:C9,1))", "E2": "SUM(A1,C1:C9)"}}
    assert lost(book(cells), {"甲": {(5, 2)}}) == {"甲": [(1, 5)]}


def test_chains_of_any_direction_are_followed_and_circles_end():
    down = {f"A{n}": f"A{n - 1}+1" for n in range(2, 400)}
    up = {f"B{n}": f"B{n + 1}+1" for n in range(1, 399)} | {"B399": "A399"}
    circle = {"C1": "C2+A5", "C2": "C1"}
    found = lost(book({"甲": {**down, **up, **circle, "D1": "D2"}}), {"甲": {(1, 1)}})
    assert len(found["甲"]) == len(down) + len(up) + len(circle)
    assert (1, 4) not in found["甲"]
    assert lost(book({"甲": circle}), {"甲": {(9, 9)}}) == {}


def test_what_sweeps_do_not_settle_is_taken_as_dependent():
    leaps = {f"A{n * 7 % 97 + 2}": f"A{(n - 1) * 7 % 97 + 2}+1" for n in range(1, 97)}
    found = lost(book({"甲": {**leaps, "D1": "D2"}}), {"甲": {(2, 1)}})
    assert len(found["甲"]) >= len(leaps)


def test_computed_values_stay_unless_they_rest_on_a_formula_of_somebody_elses():
    cells = {"甲": {"A1": "Z1", "A2": "A1", "A3": "A2", "A4": "Y1"}}
    ours = {"甲": {(2, 1), (3, 1), (4, 1)}}
    changed = {"甲": {(1, 26), (2, 1), (3, 1)}}
    assert lost(book(cells), changed, ours) == {"甲": [(1, 1)]}
    assert lost(book(cells), changed, ours, {"甲": {(1, 1)}}) == {"甲": [(1, 1), (2, 1), (3, 1)]}


def test_a_data_table_goes_as_a_whole():
    table = b'<f t="dataTable" ref="A1:B2" dt2D="1" dtr="1" r1="D1" r2="D2"/>'
    workbook = book({"甲": {"A1": "D9"}}, edit=(b"<f>D9</f>", table))
    assert lost(workbook, {"丙": {(1, 1)}}) == {"甲": [(1, 1), (1, 2), (2, 1), (2, 2)]}


def test_formulas_in_the_way_are_kept_and_what_rests_on_them_shows_nothing(tmp_path, office):
    total = 'IF(ISNUMBER(累计完成!C12),累计完成!C12,"")'
    summed = f'IF(指标!D5="比率",{total},IF(COUNT(累计完成!C8:C11)=0,"",SUM(累计完成!C8:C11)))'
    changed = masters.rewrite_master([(f"<f>{summed}</f>", "<f>SUM(累计完成!C8:C11)*1000</f>")])
    editor = PackageEditor({name: inflate(part) for name, part in unpack(changed).items()})
    for sheet in (MONTH_SHEET, CUMULATIVE_SHEET):
        editor.cell(editor.part_of(sheet), "D8", '<c r="D8" S><f>40+2</f><v>42</v></c>')
    changed = pack(deflate(name, data) for name, data in editor.parts.items())
    host = masters.host(tmp_path, changed)
    config = read_config(host)
    rows = [figure(d, i, 1, 5) for d in ("500101", "500233") for i in ("I01", "I02")]
    check = host.apply(master_changes(compute_totals(rows, config, "2023-01"), config, host))
    named = {(p.sheet, p.cell, p.code) for p in check.disagreements}
    assert (SUMMARY_SHEET, "H5", "formula-changed") in named
    assert {code for *_, code in named} == {"formula-changed", "formula-in-the-way"}
    host.save()
    values = cached_values(host.path)
    gone = {key for key, value in values.items() if value is None}
    assert {(SUMMARY_SHEET, ref) for ref in ("H5", "I5", "K5", "L5")} <= gone
    # What rests on the changed cells only by a range that they stand in may well come to nothing.
    wrong = {(d.sheet, d.cell) for d in disagreements(host.path, office)}
    assert {(SUMMARY_SHEET, ref) for ref in ("H5", "I5", "K5", "L5")} <= wrong <= gone


def test_a_shared_formula_is_compared_as_its_cell_has_it(tmp_path):
    """Staff filled another formula down 完成率: only its first cell carries the text."""
    shared = [
        (
            '<f>IF(AND(ISNUMBER(累计完成!C8),SUM(现行任务!C8)&gt;0),累计完成!C8/现行任务!C8,"")</f>',
            '<f t="shared" ref="C8:C9" si="3">累计完成!C8/现行任务!C8</f>',
        ),
        (
            '<f>IF(AND(ISNUMBER(累计完成!C9),SUM(现行任务!C9)&gt;0),累计完成!C9/现行任务!C9,"")</f>',
            '<f t="shared" si="3"/>',
        ),
        (
            '<f>IF(AND(ISNUMBER(累计完成!D8),SUM(现行任务!D8)&gt;0),累计完成!D8/现行任务!D8,"")</f>',
            '<f t="shared" ref="D8:D9" si="4">'
            'IF(AND(ISNUMBER(累计完成!D8),SUM(现行任务!D8)&gt;0),累计完成!D8/现行任务!D8,"")</f>',
        ),
        (
            '<f>IF(AND(ISNUMBER(累计完成!D9),SUM(现行任务!D9)&gt;0),累计完成!D9/现行任务!D9,"")</f>',
            '<f t="shared" si="4"/>',
        ),
    ]
    host = masters.host(tmp_path, masters.rewrite_master(shared))
    config = read_config(host)
    rows = [figure(d, i, 1, 5) for d in ("500101", "500233") for i in ("I01", "I02")]
    check = host.apply(master_changes(compute_totals(rows, config, "2023-01"), config, host))
    assert [(p.cell, p.code, p.found) for p in check.disagreements] == [
        ("C8", "formula-changed", "=累计完成!C8/现行任务!C8"),
        ("C9", "formula-changed", "=累计完成!C9/现行任务!C9"),
    ]
    host.save()
    values = cached_values(host.path)
    assert values[COMPLETION_SHEET, "C9"] is None
    assert values[COMPLETION_SHEET, "D9"] == 5 / 80


def test_reading_the_foreign_master_finds_its_table():
    from xl_addin.xlsx.formulas import read_names

    names = read_names(Workbook.open(foreign_master()))
    assert names.tables["台账"].area == (5, 6, 8, 7)
    assert names.names["领导看板", "local_part"] == "任务表!$C$9"
