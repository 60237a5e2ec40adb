"""A programme that begins in March: what had been reached before is known, or said to be unknown."""

import json

import pytest
from openpyxl import load_workbook

from tests.journeys.test_next_year import rows_of
from tests.tools.engines import engine_disagreements
from tests.tools.office import disagreements
from tests.tools.programme import MONTHS, YEAR, SmallProgramme, task_table
from tests.tools.tables import workbook
from xl_addin.cli import main
from xl_addin.model.folder import FORMS, MASTER
from xl_addin.model.settings import UNRANKED
from xl_addin.system.errors import Refused

MARCH, APRIL = MONTHS[2], MONTHS[3]
HEADS = ("培训（人次）", "就业（人）", "其中：残疾女性", "基地（个）")
OPENINGS = [["甲县", 30, 8, 2, 0], ["乙县", 50, None, 3, 0], ["丙县", 0, 0, 0, 0]]


def openings(path, rows=OPENINGS, title=f"{YEAR}年1至2月完成情况"):
    path.write_bytes(workbook({"完成": [[title], ["单位", *HEADS], *rows]}))
    return path


def new(home, *options):
    table = task_table(home / "任务表.xlsx")
    words = ["new", str(home / "任务"), "--task-table", str(table), "--year", str(YEAR)]
    return main([*words, *options])


@pytest.fixture
def programme(tmp_path):
    options = ("--first-month", "3", "--openings", str(openings(tmp_path / "年初.xlsx")))
    assert new(tmp_path, *options) == 1  # the table has a blank to look at
    return SmallProgramme(tmp_path / "任务")


def forms_of(programme, month):
    programme.run("distribute", month)
    folder = programme.folder / FORMS / month
    return {path.name.split("_")[3].removesuffix(".xlsx"): path for path in folder.iterdir()}


def test_the_first_forms_start_from_what_was_reached_before(programme, office):
    forms = forms_of(programme, MARCH)
    mine, other = (rows_of(forms[name], "任务进度") for name in ("甲县", "乙县"))
    assert [mine[n]["上月累计"] for n in (1, 2, 3, 4)] == [30, 8, 2, 0]
    assert other[2]["上月累计"] is None  # nobody said, so nobody knows
    note = {name: load_workbook(path)["任务进度"]["A5"].value for name, path in forms.items()}
    assert "上月累计是年初累计" in note["甲县"]
    assert "空着的" not in note["甲县"]
    assert "请直接在“本月累计”里填全年累计数" in note["乙县"]
    assert disagreements(forms["乙县"], office) == []
    assert engine_disagreements(forms["乙县"]) == []
    later = load_workbook(forms_of(programme, APRIL)["甲县"])["任务进度"]["A5"].value
    assert later.startswith("上月累计按年初累计和已审核通过的数据计算；3月没有")


def test_totals_have_the_openings_and_tell_where_one_is_missing(programme, office):
    for district in range(4):
        programme.send(f"{district}.xlsx", district, month=MARCH)
    programme.collect(MARCH)
    report = programme.run("recompute", MARCH)
    training, jobs = report.data["indicators"][:2]
    assert training["cumulative"] == 30 + 50 + 0 + 4 * 10
    assert training["opening"] == 80
    # 丁县 has no row in the file, 乙县 a blank for 就业.
    assert (training["districts_incomplete"], jobs["districts_incomplete"]) == (1, 2)
    cells = {(c["district"], c["indicator"]): c for c in report.data["cells"]}
    assert cells["D002", "I02"]["opening_missing"] is True
    assert cells["D001", "I02"]["opening_missing"] is False
    assert cells["D002", "I02"]["months_missing"] == ()
    counted = rows_of(programme.folder / MASTER, "已计月数")
    assert counted["D002"]["I02"] == "1/1 缺年初累计"
    assert counted["D001"]["I02"] == "1/1"
    total = rows_of(programme.folder / MASTER, "累计完成")["D002"]
    assert total["缺的月份"] == "年初累计"
    assert (
        "含年初累计"
        in load_workbook(programme.folder / MASTER, data_only=True)["累计完成"]["A2"].value
    )
    assert rows_of(programme.folder / MASTER, "逐月")["I01"]["年初累计"] == 80
    assert report.data["formulas"]["disagreements"] == []
    assert disagreements(programme.folder / MASTER, office) == []
    assert engine_disagreements(programme.folder / MASTER) == []


def test_a_missing_month_is_still_the_last_that_is_told(programme, office):
    for district in (0, 1):
        programme.send(f"{district}.xlsx", district, month=MARCH)
    programme.collect(MARCH)
    report = programme.run("recompute", APRIL)
    assert rows_of(programme.folder / MASTER, "已计月数")["D002"]["I02"] == "1/2 缺年初累计 缺4月"
    assert report.data["indicators"][1]["districts_missing"] == 4
    assert disagreements(programme.folder / MASTER, office) == []
    assert engine_disagreements(programme.folder / MASTER) == []


def test_a_months_missing_opening_has_no_light_where_gaps_are_not_ranked(programme):
    path = programme.folder / MASTER
    book = load_workbook(path)
    row = next(r for r in book["设置"].iter_rows() if r[0].value == "缺月办法")
    row[1].value = UNRANKED
    book.save(path)
    for district in (0, 1):
        programme.send(f"{district}.xlsx", district, month=MARCH)
    programme.collect(MARCH)
    cells = programme.run("recompute", MARCH).data["cells"]
    lights = {(c["district"], c["indicator"]): c["light"] for c in cells}
    assert lights["D002", "I02"] == "灰"
    assert lights["D001", "I02"] != "灰"


@pytest.mark.parametrize("verb", ["distribute", "collect", "recompute"])
def test_a_month_before_the_first_is_refused_with_what_to_do(programme, verb):
    with pytest.raises(Refused, match=r"2024-02 在起始月份（3 月）以前.*年初累计.*起始月份"):
        programme.run(verb, MONTHS[1])
    assert not (programme.folder / FORMS / MONTHS[1]).exists()


def test_openings_can_be_typed_later(tmp_path, capfd):
    assert new(tmp_path, "--first-month", "3") == 1
    assert "以前的完成数请填在“年初累计”" in capfd.readouterr().out
    programme = SmallProgramme(tmp_path / "任务")
    path = programme.folder / MASTER
    book = load_workbook(path)
    row = next(r for r in book["年初累计"].iter_rows() if r[0].value == "D001")
    row[2].value = 77
    book.save(path)
    forms = forms_of(programme, MARCH)
    assert rows_of(forms["甲县"], "任务进度")[1]["上月累计"] == 77
    assert rows_of(forms["乙县"], "任务进度")[1]["上月累计"] is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--first-month", "13"), "1 到 12"),
        (("--first-month", "三"), "1 到 12"),
        (("--openings", "年初.xlsx"), "从 1 月开始的没有年初累计"),
        (("--first-month", "3", "--month", MONTHS[0]), "在起始月份 3 月以前"),
        (("--first-month", "3", "--openings", "没有.xlsx"), "没有这个文件"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(tmp_path, capfd, options, says):
    openings(tmp_path / "年初.xlsx")
    assert new(tmp_path, *options) == 2
    assert says in capfd.readouterr().err
    assert not (tmp_path / "任务").exists()


def test_the_new_programme_tells_programs_what_it_took(tmp_path, capfd):
    path = openings(tmp_path / "年初.xlsx", title="2022年完成情况")
    assert new(tmp_path, "--first-month", "3", "--openings", str(path), "--rehearse", "--json") == 1
    said = json.loads(capfd.readouterr().out)
    assert (said["first_month"], said["openings"]) == (3, 11)
    assert any(problem["message"].startswith("年初.xlsx") for problem in said["problems"])
