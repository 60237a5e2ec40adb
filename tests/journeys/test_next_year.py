"""Two years: one that was collected for some months, and the next that is compared with it.

Proves also form/blank.py and form/stamp.py with last year's figures, and master/same_period.py through
the master's own formulas.
"""

import shutil
from datetime import datetime

import pytest
from openpyxl import load_workbook

from tests.tools.engines import engine_disagreements
from tests.tools.office import disagreements
from tests.tools.programme import MONTHS, YEAR, SmallProgramme
from tests.tools.tables import workbook
from xl_addin.cli import main
from xl_addin.model.folder import FORMS, MASTER
from xl_addin.services.corrections import prepare_correction

NEXT = YEAR + 1
HEADS = (f"{NEXT}年培训（人次）", "就业（人）", "其中：残疾女性", "基地（个）")
FEBRUARY = f"{NEXT}-02"


def at(number, year=YEAR):
    return datetime(year, number, 26, 9)


class NextYear(SmallProgramme):
    """A programme whose returns come in its own year."""

    def year_of(self, number, returns):
        """A month collected: figures by a district's number."""
        month = f"{NEXT}-{number:02d}"
        self.clock = at(number, NEXT)
        for district, figures in returns.items():
            self.send(f"{district}.xlsx", district, figures, month, at(number, NEXT))
        return self.collect(month)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """2024: 甲县 (10 a month) and 乙县 (20, no March), 丙县 nothing; 2025 has a new 戊县 too."""
    home = tmp_path_factory.mktemp("years")
    old = SmallProgramme(home / "2024")
    for number, month in enumerate(MONTHS[:4], 1):
        old.clock = at(number)
        for district, added in ((0, 10), (1, 20)):
            if (district, number) != (1, 3):
                figures = {"I01": added, "I02": 4, "I03": 0, "I04": 0}
                old.send(f"{district}.xlsx", district, figures, month, at(number))
        old.collect(month)
    rows = [
        ["甲县", 120, 60, 20, 1],
        ["乙县", 240, 80, 30, 1],
        ["丙县", 360, 10, 5, 2],
        ["戊县", 9, 9, 9, 1],
    ]
    table = home / "表.xlsx"
    table.write_bytes(workbook({"表": [[f"{NEXT}年全县重点任务表"], ["单位", *HEADS], *rows]}))
    words = ["new", str(home / "2025"), "--task-table", str(table), "--year", str(NEXT)]
    assert main([*words, "--from", str(old.folder)]) in (0, 1)  # 基地 is asked about
    return home / "2025"


@pytest.fixture
def programme(both, tmp_path):
    shutil.copytree(both, tmp_path / "2025")
    made = NextYear(tmp_path / "2025")
    made.clock = at(1, NEXT)
    return made


def rows_of(path, sheet):
    """A sheet's rows by their first cell, each by the headings of the row that has 代码 or 序号."""
    found = list(load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))
    head = next(row for row in found if row[0] in ("代码", "序号"))
    return {row[0]: dict(zip(head, row, strict=True)) for row in found if row is not head}


def test_forms_show_what_the_district_had_a_year_before(programme, office):
    programme.run("distribute", FEBRUARY)
    forms = {
        path.name.split("_")[3][:2]: path
        for path in (programme.folder / FORMS / FEBRUARY).iterdir()
    }
    mine = rows_of(forms["甲县"], "任务进度")
    assert (mine[1]["指标"], mine[1]["上年同期"], mine[1]["同比"]) == ("培训", 20, None)
    assert mine[2]["上年同期"] == 8
    assert rows_of(forms["丙县"], "任务进度")[1]["上年同期"] is None  # unknown is not 0
    book = load_workbook(forms["甲县"])
    sheet = book["任务进度"]
    places = {cell.value: cell for cell in sheet[6]}
    assert sheet.cell(7, places["上年同期"].column).protection.locked
    assert sheet.print_area.endswith("$N$10")
    assert disagreements(forms["甲县"], office) == []
    assert engine_disagreements(forms["甲县"]) == []


def test_a_filled_form_says_by_how_much_it_grew_and_is_read_as_before(programme, office):
    figures = {"I01": 15, "I02": 5, "I03": 1, "I04": 0}
    path = programme.send("甲.xlsx", 0, figures, f"{NEXT}-01", at(1, NEXT))
    mine = rows_of(path, "任务进度")
    assert (mine[1]["上年同期"], mine[1]["同比"]) == (10, 0.5)
    assert mine[3]["同比"] is None  # nothing last year: no growth to tell
    assert disagreements(path, office) == []
    assert engine_disagreements(path) == []
    judged = programme.collect(f"{NEXT}-01")["甲.xlsx"]
    assert (judged["verdict"], judged["problems"]) == ("accepted", [])


def test_an_entry_left_empty_is_not_taken_from_last_years_column(programme):
    figures = {"I02": 5, "I03": 1, "I04": 0}
    programme.send("甲.xlsx", 0, figures, f"{NEXT}-01", at(1, NEXT))
    judged = programme.collect(f"{NEXT}-01")["甲.xlsx"]
    assert "misplaced" not in {problem["code"] for problem in judged["problems"]}


def test_the_form_that_goes_back_has_remarks_and_last_year(programme, office, tmp_path):
    figures = {"I01": -5, "I02": 5, "I03": 1, "I04": 0}
    programme.send("甲.xlsx", 0, figures, f"{NEXT}-01", at(1, NEXT))
    assert programme.collect(f"{NEXT}-01")["甲.xlsx"]["verdict"] == "rejected"
    opened = programme.open_programme()
    district = opened.config.districts[0]
    status = opened.ledger.returns_to_answer(f"{NEXT}-01")[district.code]
    path = tmp_path / "退回.xlsx"
    path.write_bytes(prepare_correction(opened, district, status).form.data)
    opened.close()
    mine = rows_of(path, "任务进度")
    assert mine[1]["上年同期"] == 10
    assert mine[1]["审核意见"]
    assert disagreements(path, office) == []
    assert engine_disagreements(path) == []


def test_sums_compare_the_same_districts_only(programme, office):
    figures = {"I01": 15, "I02": 5, "I03": 1, "I04": 0}
    for number in (1, 2):
        # 丙县 had nothing last year, 乙县 lacks February this year.
        whole = {0: figures, 1: {**figures, "I01": 25}, 2: figures}
        programme.year_of(number, whole if number == 1 else {0: figures, 2: figures})
    report = programme.run("recompute", f"{NEXT}-01")
    training = report.data["indicators"][0]
    assert training["cumulative"] == 15 + 25 + 15
    assert training["same_period"] == {
        "districts": 2,
        "comparable": 40,
        "last_year": 30,
        "growth": 10 / 30,
    }
    assert report.data["formulas"]["disagreements"] == []
    assert disagreements(programme.folder / MASTER, office) == []
    assert engine_disagreements(programme.folder / MASTER) == []
    line = rows_of(programme.folder / MASTER, "汇总")["I01"]
    assert [line[h] for h in ("可比区县数", "可比累计", "同期累计")] == [2, 40, 30]
    assert line["同比"] == pytest.approx(1 / 3)
    trend = rows_of(programme.folder / MASTER, "逐月")["I01"]
    assert (trend["同期累计"], trend["同比"]) == (30, pytest.approx(1 / 3))
    report = programme.run("recompute", FEBRUARY)
    assert report.data["indicators"][0]["same_period"] == {
        "districts": 1,
        "comparable": 30,
        "last_year": 20,
        "growth": 0.5,
    }
    assert rows_of(programme.folder / MASTER, "汇总")["I03"]["同比"] in (None, "")
    assert disagreements(programme.folder / MASTER, office) == []
    assert engine_disagreements(programme.folder / MASTER) == []


def test_a_month_of_which_nothing_is_known_compares_nothing(programme, office):
    programme.clock = at(6, NEXT)
    report = programme.run("recompute", f"{NEXT}-06")
    for line in report.data["indicators"]:
        assert line["same_period"]["last_year"] is None
        assert line["same_period"]["growth"] is None
    line = rows_of(programme.folder / MASTER, "汇总")["I01"]
    assert (line["可比区县数"], line["同期累计"]) == (0, None)
    assert disagreements(programme.folder / MASTER, office) == []
    assert engine_disagreements(programme.folder / MASTER) == []


def test_verify_agrees_and_says_so_when_a_figure_of_last_year_is_changed(programme):
    figures = {"I01": 15, "I02": 5, "I03": 1, "I04": 0}
    programme.year_of(1, {0: figures})
    programme.run("recompute", f"{NEXT}-01")
    assert programme.run("verify", f"{NEXT}-01").clean
    path = programme.folder / MASTER
    book = load_workbook(path)
    sheet = book["汇总"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "代码")
    column = next(cell.column for cell in head if cell.value == "同期累计")
    sheet.cell(head[0].row + 1, column).value = 99
    book.save(path)
    told = programme.run("verify", f"{NEXT}-01").data["differences"]
    assert any(problem["sheet"] == "汇总" and "99" in problem["message"] for problem in told)


def test_a_programme_without_last_year_shows_nothing_of_it(tmp_path):
    programme = SmallProgramme(tmp_path / "2024")
    programme.clock = at(1)
    programme.run("distribute", MONTHS[0])
    path = next((programme.folder / FORMS / MONTHS[0]).iterdir())
    sheet = load_workbook(path)["任务进度"]
    assert "上年同期" not in {cell.value for cell in sheet[6]}
    programme.send("甲.xlsx", 0)
    programme.collect()
    programme.run("recompute")
    line = rows_of(programme.folder / MASTER, "汇总")["I01"]
    assert [line[h] or None for h in ("可比区县数", "可比累计", "同期累计", "同比")] == [None] * 4
