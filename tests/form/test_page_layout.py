"""The page 重点工作 of a form: laid out, stamped, read back, corrected; its checks are Excel's as Python's.

Proves also form/page_blank.py, form/page_stamp.py, form/page_read.py and form/page_correct.py.
"""

import io
import itertools

import pytest
from openpyxl import Workbook, load_workbook

from tests.tools import forms
from tests.tools.office import Office, disagreements, missing_office
from xl_addin.form import page_layout as at
from xl_addin.form.page_blank import WIDTHS
from xl_addin.form.page_correct import correct_page
from xl_addin.form.page_read import find_pages, own_pages, read_reports, sealed_numbers
from xl_addin.judging.assess import assess
from xl_addin.model.records import ERROR
from xl_addin.model.slips import RED_LIGHT, Slip, SlipItem, page_row
from xl_addin.xlsx.textsize import text_width
from xl_addin.xlsx.values import day_number
from xl_addin.xlsx.workbook import Workbook as Book

STATES = (None, "推进中", "已 完成", "滞后", "　滞后 ", "完成", "不涉及")
TEXTS = (None, " ", "场地不足")
DAYS = (None, "9月底", day_number("2023-09-30"))


def pages(data):
    book, reading = Book.open(data), forms.read_back(data)
    numbers = sealed_numbers(reading.content)
    found = find_pages(book, reading, tuple(numbers), 2023)
    return own_pages(found, forms.issue_paged().identity), numbers


def reports(data):
    [page], numbers = pages(data)
    return {each.item: each for each in read_reports(page, tuple(numbers))}


def test_what_is_stamped_on_the_page_is_what_is_read():
    found = reports(forms.fill_paged())
    assert [found[n][1:6] for n in "123"] == [
        ("under-way", "已与民政部门比对第二批数据", "", "", "2023-12-10"),
        ("under-way", "已办 3 期，第 4 期定于 7 月中旬", "", "", ""),
        ("behind", "场地还没有落实，镇街协调中", "场地不足", "7 月底前定点", "2023-07-31"),
    ]
    assert found["3"].cell == "F8"


def test_a_form_without_items_is_as_it_was_and_has_no_page():
    assert load_workbook(io.BytesIO(forms.fill_form())).sheetnames == [
        "任务进度",
        "填报说明",
        "_meta",
    ]
    assert load_workbook(io.BytesIO(forms.fill_paged())).sheetnames[1] == at.SHEET


def test_only_what_a_district_types_is_unlocked_and_the_rest_has_the_texts_of_its_items():
    sheet = load_workbook(io.BytesIO(forms.fill_paged({})))[at.SHEET]
    unlocked = {c.coordinate for row in sheet for c in row if not c.protection.locked}
    assert unlocked == {f"{column}{row}" for column in "FGHIJ" for row in (6, 7, 8)}
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert [cell.value for cell in sheet[6]][:5] == [*forms.PAGE[0][:4], forms.PAGE[0].last_state]
    assert sheet.max_row == 8
    assert sheet["A2"].value.startswith("=IF(COUNTIF")
    assert load_workbook(io.BytesIO(forms.fill_paged({})), data_only=True)[at.SHEET][
        "A2"
    ].value == at.status(3)


def test_a_blank_row_is_the_same_made_at_once_or_kept():
    """Rows that nothing is typed in are kept between districts; 上月情况 is each district's own."""
    from xl_addin.form.page_stamp import PageFilling, PageTemplate
    from xl_addin.xlsx.package import inflate, unpack

    part = "xl/worksheets/sheet2.xml"
    blank = forms.blank.build_form(forms.INDICATORS, forms.SEVERITIES, forms.TERMS, page=True)
    kit = PageTemplate(inflate(unpack(blank)[part]), forms.SEVERITIES)
    empty = {item.number: (None,) * 5 for item in forms.PAGE}
    for words in ("", "推进中：" + "很长的话" * 40, "已完成"):
        items = [item._replace(last_state=words) for item in forms.PAGE]
        kept = kit.stamp("t", "line", "d", items, None)
        assert kept == kit.stamp("t", "line", "d", items, PageFilling(empty))
        assert kept[1] == 3


@pytest.mark.parametrize("text", ["字" * 1_000 + "\n第二行", "=1+1", "-还在办", "http://a.cn/x"])
def test_long_texts_lines_and_what_looks_like_a_formula_stay_text(text):
    entries = {**forms.PAGE_ENTRIES, "2": ("推进中", text, None, None, None)}
    assert reports(forms.fill_paged(entries))["2"].progress == text


def test_rows_inserted_columns_moved_a_sheet_renamed_and_rows_sorted_do_not_matter():
    book = load_workbook(io.BytesIO(forms.fill_paged()))
    sheet = book[at.SHEET]
    sheet.insert_rows(7)
    sheet.insert_cols(6, 2)
    sheet.title = "我们的重点工作"
    for row in (6, 9):
        for column in range(1, 14):
            one, other = sheet.cell(6, column), sheet.cell(9, column)
            if row == 6:
                one.value, other.value = other.value, one.value
    saved = io.BytesIO()
    book.save(saved)
    found = reports(saved.getvalue())
    assert {n: (r.state, r.cell) for n, r in found.items()} == {
        "1": ("under-way", "H9"),
        "2": ("under-way", "H8"),
        "3": ("behind", "H6"),
    }


def test_a_number_that_was_changed_is_known_by_its_hidden_key():
    data = forms.edit_form(forms.fill_paged(), {(7, 1): "二"}, 1)
    assert reports(data)["2"].progress.startswith("已办 3 期")


@pytest.mark.skipif(bool(missing_office()), reason="no LibreOffice")
def test_every_check_comes_to_what_it_says_in_libreoffice(tmp_path):
    book = Workbook()
    sheet, said = book.active, []
    grid = itertools.product(STATES, TEXTS, TEXTS, DAYS)
    for row, (state, trouble, measures, day) in enumerate(grid, 1):
        for column, value in ((6, state), (8, trouble), (9, measures), (10, day)):
            sheet.cell(row, column).value = value
        sheet.cell(row, 11).value = at.check_formula(row, forms.SEVERITIES)
        entries = (state, None, trouble, measures, day)
        said.append(at.check_entries(entries, forms.SEVERITIES))
    path = tmp_path / "grid.xlsx"
    book.save(path)
    with Office() as office:
        found = office.recalculate(path)
        form = tmp_path / "form.xlsx"
        form.write_bytes(
            forms.fill_paged({**forms.PAGE_ENTRIES, "2": ("完成", "好", None, None, None)})
        )
        assert disagreements(form, office) == []
    name = book.active.title
    shown = [found[name, f"K{row}"].value or "" for row in range(1, len(said) + 1)]
    assert shown == said
    assert set(said) == {"", at.NO_STATE, at.BAD_STATE, at.BAD_DAY, at.NO_REASON}


def test_a_page_that_goes_back_has_what_was_typed_and_marks_what_is_wrong():
    entries = {
        **forms.PAGE_ENTRIES,
        "3": ("滞后", "场地没落实", None, None, "9月底"),
        "2": ("完成",) + (None,) * 4,
    }
    data = forms.fill_paged(entries)
    judged = assess(data, "x.xlsx", forms.context())
    [page], _ = pages(data)
    told = [p for p in judged.problems if p.code.startswith("item-")]
    back = correct_page(page, told, forms.PAGE)
    assert back.errors == sum(p.severity == ERROR for p in told) == 2
    assert back.filling.entries["3"] == ("滞后", "场地没落实", None, None, day_number("2023-09-30"))
    assert back.filling.review.marks == {("2", at.STATE), ("3", at.TROUBLE), ("3", at.MEASURES)}
    assert back.filling.entries["2"][0] == "完成"
    assert set(back.filling.review.reasons) == {"2", "3"}
    assert all(line.startswith("重点工作 ") for line in back.listed)


def test_without_a_page_of_its_own_the_form_goes_back_blank_and_says_why():
    problems = assess(
        forms.edit_form(forms.fill_paged(), {(5, 2): "别的"}, 1), "x.xlsx", forms.context()
    ).problems
    back = correct_page(None, [p for p in problems if p.code.startswith("item-")], forms.PAGE)
    assert back.filling.entries == {}
    assert "不见了" in back.filling.review.summary
    assert back.errors == 1


def test_the_number_of_a_slips_row_fits_its_column():
    item = SlipItem(3, RED_LIGHT, "I01", "", "", ())
    slip = Slip(1, 2023, 12, "2023-04", "500101", (item,), ())
    assert text_width(page_row(slip, item)) < WIDTHS[at.ORDER - 1]
