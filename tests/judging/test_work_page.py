"""The page 重点工作 is judged apart: what is wrong with it never decides about the figures."""

import io

import pytest
from openpyxl import load_workbook

from tests.tools import forms
from xl_addin.form import identity
from xl_addin.form.page_layout import SHEET
from xl_addin.judging import work_page
from xl_addin.judging.assess import assess
from xl_addin.judging.work_page import KnownWorks
from xl_addin.model.records import ItemReport
from xl_addin.model.settings import Rule
from xl_addin.model.work_items import WorkItem
from xl_addin.services.workers import Done, _dump, _load
from xl_addin.xlsx.values import day_number

DISTRICT = forms.DISTRICTS[0].code
GOOD_ENTRIES = forms.PAGE_ENTRIES


def with_entry(number, *entry):
    entry = (*entry, *(None,) * (5 - len(entry)))
    return {**GOOD_ENTRIES, number: entry}


def judge(data=None, entries=GOOD_ENTRIES, known=None, settings=forms.RULES, **kwargs):
    context = forms.context(settings=settings)._replace(works=known)
    return assess(data or forms.fill_paged(entries, **kwargs), "回报.xlsx", context)


def told(judged):
    return {(p.cell, p.code) for p in judged.problems}


def known(last=None, **items):
    found = {n: WorkItem(n, "事项", indicators=codes) for n, codes in items.items()}
    return KnownWorks(found, {DISTRICT: {r.item: r for r in last or ()}})


def report(number, state, progress=""):
    return ItemReport(number, state, progress, "", "", "", "F6")


def test_a_good_page_is_accepted_with_the_figures():
    judged = judge()
    assert (judged.verdict, judged.page.verdict, judged.problems) == ("accepted", "accepted", ())
    assert len(judged.page.reports) == 3


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ((None, "已办 3 期，反响好"), {("F7", "item-state-missing")}),
        (("完成", "已办 3 期，反响好"), {("F7", "item-state-missing")}),
        (("滞后", "场地没有落实好"), {("H7", "item-behind-without-reason")}),
        (
            ("滞后", "场地没有落实好", "场地", None, day_number("2023-09-30")),
            {("I7", "item-behind-without-reason")},
        ),
        (("推进中", "已办 3 期，反响好", None, None, "尽快"), {("J7", "item-date-unclear")}),
    ],
)
def test_a_wrong_entry_sends_the_page_back_and_never_the_figures(entry, expected):
    judged = judge(entries=with_entry("2", *entry))
    assert (judged.verdict, judged.page.verdict) == ("accepted", "rejected")
    assert told(judged) == expected
    assert {f.indicator: f.value for f in judged.figures} == forms.GOOD


@pytest.mark.parametrize("state", ["推进中", "推 进 中", "　推进中", "推进中\n"])
def test_a_state_that_was_typed_with_spaces_is_that_state(state):
    assert judge(entries=with_entry("2", state, "已办 3 期，反响好")).page.verdict == "accepted"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (("推进中", "正在推进中"), "item-text-empty"),
        (("推进中", "无"), "item-text-empty"),
        (("推进中",), "item-text-empty"),
        (("推进中", "已办 3 期，反响好", None, None, day_number("2023-06-30")), "item-date-past"),
    ],
)
def test_what_may_be_right_is_told_and_counts(entry, code):
    judged = judge(entries=with_entry("2", *entry))
    assert (judged.page.verdict, [p.code for p in judged.problems]) == ("accepted", [code])


def test_a_rule_is_as_grave_as_staff_set_it():
    settings = {**forms.RULES, "item-text-empty": Rule("error", 6)}
    judged = judge(entries=with_entry("2", "推进中", "无"), settings=settings)
    assert (judged.verdict, judged.page.verdict) == ("accepted", "rejected")
    settings = {**forms.RULES, "item-text-empty": Rule("", 6)}
    assert judge(entries=with_entry("2", "推进中", "无"), settings=settings).problems == ()
    settings = {**forms.RULES, "item-text-empty": Rule("warning", 20)}
    judged = judge(entries=with_entry("2", "推进中", "已办 3 期，反响好"), settings=settings)
    assert ("G7", "item-text-empty") in told(judged)


def test_the_same_words_as_last_time_are_told_but_not_what_was_done_already():
    same = GOOD_ENTRIES["2"][1]
    judged = judge(known=known([report("2", "under-way", same.replace("，", " ，"))]))
    assert told(judged) == {("G7", "item-same-as-last-month")}
    entries = with_entry("2", "已完成")
    judged = judge(entries=entries, known=known([report("2", "done", "都办完了")]))
    assert judged.problems == ()


def test_what_was_done_and_is_not_any_more_is_told():
    judged = judge(known=known([report("2", "done", "都办完了")]))
    assert told(judged) == {("F7", "item-reopened")}


def test_done_though_the_indicator_is_short_of_its_target_is_told_with_both_numbers():
    entries = with_entry("2", "已完成", "300 人次都办完了")
    short = judge(entries=entries, known=known(**{"2": ("I01",)}))
    [problem] = short.problems
    assert (problem.code, problem.cell) == ("item-done-but-short", "F7")
    assert "75" in problem.message
    assert "300" in problem.message
    typed = {**forms.GOOD, "I01": 250}
    context = forms.context()._replace(works=known(**{"2": ("I01",)}))
    reached = assess(forms.fill_paged(entries, typed), "x.xlsx", context)
    assert not any(p.code == "item-done-but-short" for p in reached.problems)


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ((7, 1), "二", ("A7", "item-changed")),
        ((7, 2), "技术培训", ("B7", "item-changed")),
        ((7, 3), "培训 30 人次", ("B7", "item-changed")),
        ((7, 4), "2024-11-30", ("B7", "item-changed")),
    ],
)
def test_a_title_a_number_or_a_term_that_was_changed_is_told(cell, value, expected):
    judged = judge(forms.edit_form(forms.fill_paged(), {cell: value}, 1))
    assert (judged.verdict, judged.page.verdict) == ("accepted", "rejected")
    assert told(judged) == {expected}


def test_a_row_of_somebody_elses_is_told_and_not_read():
    data = forms.edit_form(
        forms.fill_paged(), {(9, 1): "17", (9, 6): "推进中", (9, 7): "也办了一点"}, 1
    )
    judged = judge(data)
    assert told(judged) == {("A9", "item-not-ours")}
    assert {r.item for r in judged.page.reports} == {"1", "2", "3"}


def edited(change, data=None):
    book = load_workbook(io.BytesIO(data or forms.fill_paged()))
    change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_a_page_that_is_gone_is_told_and_the_figures_count():
    judged = judge(edited(lambda book: book.remove(book[SHEET])))
    assert (judged.verdict, judged.page) == ("accepted", ("rejected", "", ()))
    assert {p.code for p in judged.problems} == {"item-page-missing"}


def test_rows_that_are_gone_or_stand_twice_are_told():
    judged = judge(edited(lambda book: book[SHEET].delete_rows(7)))
    assert {p.code for p in judged.problems} == {"item-row-missing"}
    judged = judge(forms.edit_form(forms.fill_paged(), {(8, 1): "2"}, 1))
    assert "item-row-twice" in {p.code for p in judged.problems}


def test_a_page_copied_from_another_district_is_not_read():
    other = load_workbook(io.BytesIO(forms.fill_paged(district=forms.DISTRICTS[1])))[SHEET]

    def copy(book):
        for row in other.iter_rows():
            for cell in row:
                if cell.value is not None:
                    book[SHEET][cell.coordinate].value = cell.value

    judged = judge(edited(copy))
    assert (judged.verdict, judged.page.verdict) == ("accepted", "rejected")
    assert {p.code for p in judged.problems} == {"item-page-copied"}
    assert judged.page.reports == ()


def test_two_pages_of_its_own_are_told():
    judged = judge(edited(lambda book: book.copy_worksheet(book[SHEET])))
    assert {p.code for p in judged.problems} == {"item-page-twice"}


def test_a_formula_is_read_by_what_it_shows_and_an_error_is_told():
    data = forms.fill_paged()
    data = forms.replace_bytes(
        data,
        "xl/worksheets/sheet2.xml",
        b't="inlineStr"><is><t>\xe5\xb7\xb2\xe5\x8a\x9e',
        b't="str"><f>A1</f><v>\xe5\xb7\xb2\xe5\x8a\x9e',
    )
    data = forms.replace_bytes(
        data,
        "xl/worksheets/sheet2.xml",
        b"\xe7\xac\xac 4 \xe6\x9c\x9f\xe5\xae\x9a\xe4\xba\x8e 7 \xe6\x9c\x88\xe4\xb8\xad\xe6\x97\xac</t></is>",
        b"\xe7\xac\xac 4 \xe6\x9c\x9f</v>",
    )
    judged = judge(data)
    assert told(judged) == {("G7", "item-formula")}
    assert judged.page.verdict == "accepted"
    assert judged.page.reports[1].progress.startswith("已办 3 期")


def test_figures_that_are_wrong_do_not_touch_the_page():
    judged = judge(forms.fill_paged(typed={**forms.GOOD, "I01": "约5"}))
    assert (judged.verdict, judged.page.verdict) == ("rejected", "accepted")


def test_an_untouched_form_is_blank_and_a_page_that_was_filled_in_alone_is_kept():
    empty = judge(entries={}, typed={})
    assert (empty.verdict, empty.page) == ("blank", None)
    alone = judge(typed={})
    assert (alone.verdict, alone.page.verdict) == ("blank", "accepted")
    figures = judge(entries={})
    assert (figures.verdict, figures.page.verdict) == ("accepted", "rejected")
    assert told(figures) == {("F6", "item-state-missing")}


def test_what_a_worker_sends_is_what_it_judged():
    done = [Done(judge()), None, Done(judge(entries=with_entry("2", "完成")), "ab", 1.5, b"x")]
    assert _load(_dump(done)) == done


def test_a_sealed_sheet_that_was_cut_is_told_by_what_is_seen_of_the_page():
    """As .xls by LibreOffice keeps it: 255 letters of a cell."""
    meta = len(load_workbook(io.BytesIO(forms.fill_paged())).sheetnames) - 1
    content = forms.issue_paged().content
    cut = forms.edit_form(forms.fill_paged(), {(2, 2): content[:255]}, meta)
    assert (judge(cut).verdict, judge(cut).page.verdict) == ("accepted", "accepted")
    forged = forms.edit_form(cut, {(7, 3): "培训 30 人次"}, 1)
    assert judge(forged).verdict == "held"


def test_a_fault_of_ours_in_the_page_does_not_cost_the_figures(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(work_page, "find_pages", fail)
    judged = judge()
    assert (judged.verdict, judged.page.verdict) == ("accepted", "rejected")
    assert told(judged) == {("", "item-unread")}
    assert "ZeroDivisionError" in judged.fault


def test_a_page_full_of_rows_of_others_is_told_by_a_few():
    cells = {(row, 7): "别人的" for row in range(9, 900)}
    judged = judge(forms.edit_form(forms.fill_paged(), cells, 1))
    assert 0 < len(judged.problems) <= 20


def test_a_page_of_an_earlier_round_is_the_forms_own():
    earlier = load_workbook(io.BytesIO(forms.fill_paged(round_=1)))[SHEET]

    def put(book):
        book[SHEET]["L1"].value = earlier["L1"].value

    judged = judge(edited(put, forms.fill_paged(round_=2)))
    assert judged.page.verdict == "accepted"
    assert identity.PAGED_LAYOUT > identity.FORM_LAYOUT
