"""Rows and columns put into a package: what Excel and LibreOffice do when somebody inserts them.

Proves also xlsx/insert_cells.py, xlsx/insert_drawings.py, xlsx/moves.py and xlsx/rewrite.py.
"""

from __future__ import annotations

import re

import pytest

from tests.tools import masters
from tests.tools.foreignmaster import STAFF_SHEET, foreign_master
from tests.tools.lint import lint
from xl_addin.system.errors import Refused
from xl_addin.xlsx.formulas import formula_texts
from xl_addin.xlsx.insert import insert_lines
from xl_addin.xlsx.moves import Insertion
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.workbook import Workbook

STEPS = (
    ("任务表", True, 10, 1),
    ("任务表", False, 5, 1),
    ("累计完成", True, 9, 2),
    ("累计完成", False, 3, 1),
    ("汇总", True, 6, 1),
    ("汇总", False, 8, 2),
    ("本月完成", True, 7, 1),
    ("逐月", True, 7, 1),
    ("回收情况", False, 5, 1),
    (STAFF_SHEET, True, 20, 3),
)


def filled():
    """A master with foreign things and figures in it, so that formulas come to something."""
    rows = {(row, column): row * 10 + column for row in range(8, 12) for column in range(3, 8)}
    return masters.edit_master({"本月完成": rows, "累计完成": rows}, foreign_master())


def without_growth(steps):
    return [Insertion(sheet, rows, at, count, at - 1, 0) for sheet, rows, at, count in steps]


def text_of(parts, name):
    return inflate(parts[name]).decode()


def sheet_text(parts, sheet):
    book = Workbook(dict(parts))
    return book.part(book.sheet_part(sheet)).decode()


@pytest.mark.parametrize("steps", [STEPS, STEPS[1:2], STEPS[4:6]], ids=["all", "one", "two"])
def test_after_an_insertion_all_formulas_come_to_what_they_do_where_libreoffice_inserted(
    tmp_path, office, steps
):
    source, ours = tmp_path / "源.xlsm", tmp_path / "我们.xlsm"
    source.write_bytes(filled())
    ours.write_bytes(
        pack(insert_lines(unpack(source.read_bytes()), without_growth(steps)).values())
    )
    asked = [("rows" if rows else "columns", sheet, at - 1, n) for sheet, rows, at, n in steps]
    theirs = office.rearrange(source, tmp_path / "它们.xlsx", asked)
    expected, found = office.recalculate(theirs), office.recalculate(ours)
    assert found == expected
    assert sum(isinstance(cell.value, float | int) for cell in found.values()) > 60
    assert lint(ours) == lint(source)


def test_what_excel_would_open_stays_valid(tmp_path, validator):
    path = tmp_path / "主表.xlsm"
    parts = insert_lines(unpack(filled()), without_growth(STEPS))
    path.write_bytes(pack(parts.values()))
    assert not validator(path)


def test_merged_cells_and_names_stand_where_libreoffice_has_them(tmp_path, office):
    source = tmp_path / "源.xlsm"
    source.write_bytes(filled())
    parts = insert_lines(unpack(source.read_bytes()), without_growth(STEPS))
    asked = [("rows" if rows else "columns", sheet, at - 1, n) for sheet, rows, at, n in STEPS]
    theirs = Workbook(unpack(office.rearrange(source, tmp_path / "它们.xlsx", asked).read_bytes()))
    ours = Workbook(parts)
    for sheet in ("任务表", "累计完成", "汇总", "本月完成", "逐月"):
        assert sorted(ours.sheet(sheet).merged) == sorted(theirs.sheet(sheet).merged), sheet
    plain = {name: ref.replace("'", "") for name, ref in theirs.names.items()}
    same = [name for name in ours.names if name.startswith(("blk_", "cell_", "note_"))]
    assert len(same) > 20
    assert {n: ours.names[n].replace("'", "") for n in same} == {n: plain[n] for n in same}


def test_a_master_may_be_larger_than_what_others_send(monkeypatch):
    parts = unpack(masters.master())
    monkeypatch.setattr("xl_addin.xlsx.workbook._MAX_UNPACKED", 10_000)
    assert insert_lines(parts, without_growth([("汇总", True, 6, 1)]))


def test_every_other_part_is_copied_byte_for_byte():
    before = unpack(filled())
    after = insert_lines(before, without_growth([("汇总", True, 6, 1)]))
    book = Workbook(before)
    touched = {name for name in before if name not in after or after[name] != before[name]}
    own = book.sheet_part("汇总")
    refers = {book.sheet_part(sheet) for sheet in ("逐月", STAFF_SHEET)}
    linked = {target for _, target in book.links(own).values()}
    chain = {"xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    charts = {name for name in before if "/charts/" in name}
    assert own in touched
    assert touched <= {own, book.main_part, *refers, *linked, *chain, *charts}


def test_the_order_of_calculation_goes_and_nothing_names_it():
    after = insert_lines(unpack(filled()), without_growth([("汇总", True, 6, 1)]))
    assert not [name for name in after if "calcChain" in name]
    assert "calcChain" not in text_of(after, "[Content_Types].xml")
    assert "calcChain" not in text_of(after, "xl/_rels/workbook.xml.rels")


def test_a_range_that_covers_the_list_grows_with_it_and_a_part_of_it_does_not():
    parts = unpack(masters.master())
    book = Workbook(parts)
    name = book.sheet_part("使用说明")
    cells = (
        '<row r="90"><c r="A90"><f>SUM(汇总!F5:F9)</f></c><c r="B90"><f>SUM(汇总!F8:F9)</f></c>'
        '<c r="C90"><f>汇总!F9</f></c></row></sheetData>'
    )
    text = inflate(parts[name]).decode().replace("</sheetData>", cells)
    parts[name] = deflate(name, text.encode())
    after = insert_lines(parts, [Insertion("汇总", True, 10, 1, 9, 5)])
    found = formula_texts(Workbook(after), "使用说明")
    assert [found[90, n] for n in (1, 2, 3)] == ["SUM(汇总!F5:F10)", "SUM(汇总!F8:F9)", "汇总!F9"]
    assert Workbook(after).names["blk_summary"].endswith("$10")
    rules = [
        re.findall(r'conditionalFormatting sqref="([A-Z]+5:[A-Z]+)(\d+)"', sheet_text(each, "汇总"))
        for each in (parts, after)
    ]
    assert len(rules[0]) > 3
    assert rules[1] == [(area, "10" if end == "9" else end) for area, end in rules[0]]


def test_a_new_row_looks_like_the_one_it_is_told_and_holds_nothing():
    after = Workbook(
        insert_lines(unpack(masters.master()), [Insertion("任务表", True, 12, 1, 11, 8)])
    )
    data = after.part(after.sheet_part("任务表")).decode()
    old = re.search(r'<row r="11"[^>]*>(.*?)</row>', data)[1]
    new = re.search(r'<row r="12"[^>]*>(.*?)</row>', data)[1]
    styles = [re.findall(r's="(\d+)"', row) for row in (old, new)]
    assert styles[0] == styles[1]
    assert "<v>" not in new
    assert "<f>" not in new
    assert not [at for at in after.sheet("任务表").cells if at[0] == 12]


def test_a_new_column_is_as_wide_as_the_one_it_is_told():
    after = sheet_text(
        insert_lines(unpack(masters.master()), [Insertion("指标", False, 3, 1, 2, 1)]), "指标"
    )
    widths = {}
    for least, most, width in re.findall(r'<col min="(\d+)" max="(\d+)" width="([^"]*)"', after):
        widths |= dict.fromkeys(range(int(least), int(most) + 1), width)
    assert widths[3] == widths[2] != widths[4]


def test_a_shared_formula_is_taken_apart_where_its_cells_no_longer_read_alike():
    parts = unpack(masters.master())
    book = Workbook(parts)
    name = book.sheet_part("使用说明")
    cells = (
        '<row r="90"><c r="A90"><f t="shared" ref="A90:A92" si="0">汇总!F5</f></c></row>'
        '<row r="91"><c r="A91"><f t="shared" si="0"/></c></row>'
        '<row r="92"><c r="A92"><f t="shared" si="0"/></c></row></sheetData>'
    )
    text = inflate(parts[name]).decode().replace("</sheetData>", cells)
    parts[name] = deflate(name, text.encode())
    below = insert_lines(parts, [Insertion("汇总", True, 9, 1, 8, 0)])
    apart = insert_lines(parts, [Insertion("汇总", True, 6, 1, 5, 0)])
    texts = [formula_texts(Workbook(each), "使用说明") for each in (below, apart)]
    assert [texts[0][row, 1] for row in (90, 91, 92)] == ["汇总!F5", "汇总!F6", "汇总!F7"]
    assert [texts[1][row, 1] for row in (90, 91, 92)] == ["汇总!F5", "汇总!F7", "汇总!F8"]
    assert 't="shared"' in sheet_text(below, "使用说明")
    assert 't="shared"' not in sheet_text(apart, "使用说明")


@pytest.mark.parametrize(
    ("step", "where"), [((STAFF_SHEET, True, 3, 1), "C2:C3"), ((STAFF_SHEET, False, 7, 1), "F5:G8")]
)
def test_nothing_is_put_into_an_array_formula_or_between_the_columns_of_a_table(step, where):
    with pytest.raises(Refused, match=where):
        insert_lines(unpack(filled()), without_growth([step]))


def test_notes_pictures_and_boxes_go_with_their_cells():
    before = unpack(filled())
    after = insert_lines(before, without_growth([("汇总", True, 2, 3)]))
    book = Workbook(before)
    for kind, what in (
        ("comments", r'ref="[A-Z]+(\d+)"'),
        ("threadedComment", r'ref="[A-Z]+(\d+)"'),
        ("drawing", r"<xdr:row>(\d+)</xdr:row>"),
        ("vmlDrawing", r"<x:Row>(\d+)</x:Row>"),
    ):
        part = next(t for k, t in book.links(book.sheet_part("汇总")).values() if k == kind)
        rows = [
            [int(row) for row in re.findall(what, text_of(parts, part))]
            for parts in (before, after)
        ]
        first = 1 if kind in ("drawing", "vmlDrawing") else 2
        assert rows[0]
        assert rows[1] == [row + 3 if row >= first else row for row in rows[0]], kind
