"""Files made to harm, judged one after the other in one process of bounded memory and time."""

import json

import pytest
from openpyxl import load_workbook

from tests.hostile.apart import judged_apart
from tests.hostile.files import FILES, SAFE, SLOW
from tests.hostile.giants import GIANTS, MOST, QUICK_GIANTS
from tests.hostile.mails import MAILS, QUICK_MAILS
from tests.tools import forms
from xl_addin.judging.assess import assess


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """All but the slow ones, then a good form: what one file does must not reach the next."""
    folder = tmp_path_factory.mktemp("hostile")
    chosen = [name for name in FILES if name not in SLOW]
    paths = [folder / f"{number}.xlsx" for number in range(len(chosen) + 1)]
    for name, path in zip(chosen, paths, strict=False):
        path.write_bytes(FILES[name].make())
    paths[-1].write_bytes(forms.fill_form())
    batch = judged_apart(paths)
    return dict(zip([*chosen, "a good form"], batch.outcomes, strict=True))


def test_the_good_form_behind_them_all_is_accepted(outcomes):
    last = outcomes["a good form"]
    assert (last.verdict, last.right, last.codes) == ("accepted", True, ())
    assert last.peak < 1024 * 2**20


@pytest.mark.parametrize("name", [name for name in FILES if name not in SLOW])
def test_each_is_refused_or_read_right(name, outcomes):
    outcome = outcomes[name]
    assert outcome.verdict in FILES[name].verdicts, outcome
    assert "program-fault" not in outcome.codes
    # What is accepted has the figures that were typed, whatever stands around them.
    assert outcome.verdict != "accepted" or outcome.right
    assert set(FILES[name].verdicts) <= set(SAFE)


INJECTIONS = [
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    '=HYPERLINK("http://x")',
    "＝1+1",
    "_x003D_1+1",
    "http://x",
    "mailto:x@y",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_text_that_would_be_a_formula_is_quoted_as_text(text):
    judged = assess(
        forms.fill_form({**forms.GOOD, "I01": text}), f"{text[:3]}.xlsx", forms.context()
    )
    (problem,) = [p for p in judged.problems if p.code == "not-a-number"]
    assert problem.found.strip() == text.strip()
    assert json.loads(json.dumps(problem.as_json())) == problem.as_json()


def test_what_is_told_of_a_return_can_always_be_stored():
    sealed = "xl/worksheets/sheet3.xml"
    data = forms.replace_bytes(
        forms.fill_form(), sealed, '"I01":["实用技术培训'.encode(), b'"I01":["\\ud800' + b"x" * 9000
    )
    judged = assess(data, "x.xlsx", forms.context())
    assert judged.problems
    for text in (text for problem in judged.problems for text in problem):
        assert len(text.encode()) < 10_000


def test_text_from_returns_stays_text_in_the_master(tmp_path, capfd):
    from tests.journeys.test_month import call, on, path_of, type_into

    folder = programme(tmp_path)
    _, issued, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(issued, "甲县"), ("=1+1", "@SUM(1)", "+2", "-2+3"), name="=1+1.xlsx")
    type_into(path_of(issued, "乙县"), ("\t=9", "http://x", "_x003D_5", "='x'!A1"), name="@x.xlsx")
    call(capfd, *on(folder, "collect"))
    call(capfd, *on(folder, "recompute"))
    book = load_workbook(folder / "master.xlsm")
    said = [cell for row in book["问题清单"].iter_rows(min_row=5) for cell in row if cell.value]
    assert {cell.data_type for cell in said} <= {"s", "inlineStr", "n"}
    assert {"@SUM(1)", "http://x"} <= {cell.value for cell in said}
    assert not any(sheet._hyperlinks for sheet in book if sheet.title == "问题清单")


def programme(tmp_path):
    """A programme as the cycle's tests have it."""
    from xlsxwriter import Workbook

    from xl_addin.cli import main

    table = tmp_path / "表.xlsx"
    book = Workbook(table)
    sheet = book.add_worksheet("任务表")
    sheet.write_row(0, 0, ["单位", "培训（人次）", "就业（人）", "其中：残疾女性", "基地（个）"])
    for row, name in enumerate(("甲县", "乙县"), 1):
        sheet.write_row(row, 0, [name, 120, 60, 20, 1])
    book.close()
    folder = tmp_path / "任务"
    main(["new", str(folder), "--task-table", str(table), "--year", "2024", "--json"])
    return folder


@pytest.mark.parametrize("verb", ["collect", "new"])
@pytest.mark.parametrize("name", QUICK_GIANTS)
def test_no_large_file_takes_the_memory(name, verb, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(GIANTS[name]())
    (outcome,), _ = judged_apart([path], verb)
    assert outcome.verdict, outcome
    assert "program-fault" not in outcome.codes
    assert outcome.peak < MOST.peak


@pytest.mark.parametrize(("name", "told"), QUICK_MAILS.items())
def test_no_mail_takes_the_memory_or_the_time(name, told, tmp_path):
    path = tmp_path / "x.eml"
    path.write_bytes(MAILS[name]())
    (outcome,), seconds = judged_apart([path], "mail")
    assert (outcome.verdict, outcome.right) == ("told" if told else "read", not told), outcome
    assert any(told in code for code in outcome.codes) == bool(outcome.codes)
    assert outcome.peak < MOST.peak
    assert seconds < MOST.seconds
