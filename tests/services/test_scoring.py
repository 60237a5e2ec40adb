"""考核 of a small programme: from what came in to 得分 and 扣分明细, and back again.

Proves also master/score_sheets.py, master/score_book.py, master/build/score_sheets.py,
master/build/score_formulas.py and services/score_trail.py.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.docx.templates import document, lines_of, para, text_of, with_parts
from tests.tools import documents
from tests.tools.office import disagreements
from tests.tools.programme import FIGURES, MONTHS, NAMES, SmallProgramme
from tests.tools.works import paged_form, type_works
from xl_addin.master.build.workbook import build_from
from xl_addin.master.host.file import FileHost
from xl_addin.master.read.carried import read_carried
from xl_addin.master.read.config import read_config
from xl_addin.master.read.score_rules import read_scheme
from xl_addin.model.folder import MASTER
from xl_addin.model.scoring import (
    ADDED,
    BY_HAND,
    DONE,
    ERRORS,
    LATE_DAYS,
    MISSES,
    PAPERS,
    RANK_BONUS,
    WORKS,
)
from xl_addin.model.settings import IN_FULL
from xl_addin.model.sheets import (
    BOARD_NOTE,
    LOSSES_BLOCK,
    NAMES_BLOCK,
    PAGE_REMARK_CELL,
    PAPERS_SHEET,
    PROGRESS_BLOCK,
    PROGRESS_NOTE,
    RANKING_BLOCK,
    SCORE_ITEMS,
    SCORES_BLOCK,
    SCORES_NOTE,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.dossier_folder import INDEX
from xl_addin.xlsx.values import day_number

JANUARY, FEBRUARY = MONTHS[:2]
RULES = [
    ("任务", DONE, 60),
    ("报送", LATE_DAYS, 20, 1, 4, ADDED),
    ("错误", ERRORS, 20, 2, None, ADDED),
]
RULES_TYPED = [row[:3] for row in RULES]
MOMENT = datetime(2024, 3, 8, 10)


@pytest.fixture(scope="module")
def _played(tmp_path_factory):
    """甲县 was wrong first; 乙县 late in January and missing in February; 丙县 missing; nothing from 丁县."""
    programme = SmallProgramme(tmp_path_factory.mktemp("考") / "任务")
    programme.send("甲 错.xlsx", 0, {**FIGURES, "I01": -1, "I02": "很多"}, at=datetime(2024, 2, 2))
    programme.send("甲.xlsx", 0, at=datetime(2024, 2, 3))
    programme.send("乙.xlsx", 1, at=datetime(2024, 2, 7, 0, 0, 1))
    programme.send("丙.xlsx", 2, at=datetime(2024, 2, 5, 23, 59, 59))
    programme.collect()
    programme.send("甲 2月.xlsx", 0, month=FEBRUARY, at=datetime(2024, 3, 2))
    programme.collect(FEBRUARY)
    return programme.folder


@pytest.fixture
def unscored(_played, tmp_path):
    found = SmallProgramme(Path(shutil.copytree(_played, tmp_path / "任务")))
    found.clock = MOMENT
    return found


@pytest.fixture
def programme(unscored):
    unscored.score_by(RULES)
    return unscored


def scored(programme, month=FEBRUARY, **options):
    report = programme.run("recompute", month, **options)
    return {each["district"]: each for each in report.data["scores"]}, report


def points(scores):
    return {name: [item["points"] for item in each["items"]] for name, each in scores.items()}


def adds_up(scores):
    for each in scores.values():
        for item in each["items"]:
            if item["points"] is not None:
                lost = sum(round(line["points"] * 100) for line in item["lost"])
                assert lost == round((item["full"] - item["points"]) * 100)


def test_every_lost_point_has_its_reason_and_its_receipt(programme):
    scores, report = scored(programme)
    assert report.clean
    assert points(scores) == {
        "甲县": [60, 20, 16],
        "乙县": [40, 15, 20],
        "丙县": [20, 17, 20],
        "丁县": [None, 0, None],
    }
    adds_up(scores)
    assert {name: (each["total"], each["rank"]) for name, each in scores.items()} == {
        "甲县": (96, 1),
        "乙县": (75, 2),
        "丙县": (57, 3),
        "丁县": (0, 4),
    }
    [wrong] = scores["甲县"]["items"][2]["lost"]
    assert (wrong["month"], wrong["points"]) == (JANUARY, 4)
    assert wrong["reason"] == "第一次交来的有 2 处错误，扣 4 分"
    assert wrong["receipt"]["file"] == "甲 错.xlsx"
    assert wrong["receipt"]["cell"] == "任务进度!F7、任务进度!F8"
    late, missing = scores["乙县"]["items"][1]["lost"]
    assert (late["month"], late["reason"], late["points"]) == (JANUARY, "迟报 2 天，扣 2 分", 2)
    assert (late["receipt"]["file"], late["receipt"]["received_at"]) == (
        "乙.xlsx",
        "2024-02-07 00:00:01",
    )
    assert (missing["month"], missing["receipt"]) == (FEBRUARY, None)
    assert missing["reason"] == "还没有报，已迟 3 天，扣 3 分"
    done = scores["乙县"]["items"][0]["lost"][0]
    assert done["reason"] == "培训：应完成 20，累计完成 10，算 50%；占这一项的 50%"
    assert (done["receipt"]["file"], done["receipt"]["cell"]) == ("乙.xlsx", "任务进度!F7")


def test_the_sheets_say_the_same_and_verify_agrees(programme):
    scores, _ = scored(programme)
    assert programme.listed(SCORES_BLOCK, "区县")[:6] == [
        "区县",
        "满分",
        "甲县",
        "乙县",
        "丙县",
        "丁县",
    ]
    assert programme.listed(SCORES_BLOCK, "总分")[2:6] == [96, 75, 57, 0]
    assert programme.listed(SCORES_BLOCK, "名次")[2:6] == [1, 2, 3, 4]
    assert programme.listed(SCORES_BLOCK, "折算")[2:6] == [0, 0, 0, 0]
    assert programme.listed(SCORES_BLOCK, SCORE_ITEMS[0])[:6] == ["任务", 60, 60, 40, 20, "无法计"]
    assert programme.listed(SCORES_BLOCK, "理由")[5] == "任务、错误无法计，按其余项目折算"
    lost = dict.fromkeys(NAMES, 0)
    rows = zip(
        *(programme.listed(LOSSES_BLOCK, h) for h in ("区县", "项目", "月份", "扣分", "回执")),
        strict=True,
    )
    receipts = set()
    for district, item, month, number, receipt in rows:
        lost[district] = lost.get(district, 0) + number
        receipts.add((district, item, month, receipt))
    assert ("丁县", "报送", JANUARY, "未报") in receipts
    assert ("乙县", "报送", JANUARY, "乙.xlsx，2024-02-07 00:00:01 收到") in receipts
    whole = {
        name: sum(i["full"] - i["points"] for i in s["items"] if i["points"] is not None)
        for name, s in scores.items()
    }
    assert {name: lost[name] for name in whole} == pytest.approx(whole)
    note = programme.open_programme().host.block(SCORES_NOTE)
    assert "按 2024-03-08 10:00 的回收情况计" in note.cells[note.area[:2]].value
    programme.clock = datetime(
        2024, 5, 1
    )  # what is late by now was not when the sheets were written
    assert programme.run("verify", FEBRUARY).data["differences"] == []


def test_what_somebody_types_over_a_score_is_found(programme):
    scored(programme)
    programme.type_over("得分", {(6, 8): 1})
    found = programme.run("verify", FEBRUARY).data["differences"]
    assert [(each["code"], each["sheet"], each["cell"]) for each in found] == [
        ("master-differs", "得分", "H6")
    ]


def test_months_that_are_not_due_cost_nothing(programme):
    programme.clock = datetime(2024, 3, 5, 23, 59, 59)
    scores, _ = scored(programme)
    assert points(scores)["乙县"] == [40, 18, 20]
    programme.clock = datetime(2024, 3, 6)
    assert points(scored(programme)[0])["乙县"][1] == 17


def test_undoing_a_collect_gives_the_points_back(programme):
    before, _ = scored(programme)
    first = programme.listed(LOSSES_BLOCK, "扣分")
    programme.send("乙 2月 错.xlsx", 1, {**FIGURES, "I01": -1}, FEBRUARY, at=datetime(2024, 3, 4))
    programme.collect(FEBRUARY)
    worse, _ = scored(programme)
    assert points(worse)["乙县"][2] == 18
    programme.run("undo")
    assert programme.listed(LOSSES_BLOCK, "扣分") == first
    programme.run("undo")
    again, _ = scored(programme)
    assert again == before


def test_a_correction_does_not_buy_errors_back_and_a_second_one_costs_nothing(programme):
    programme.send("甲 2月 更正.xlsx", 0, {**FIGURES, "I01": -5}, FEBRUARY, at=datetime(2024, 3, 3))
    programme.collect(FEBRUARY)
    assert points(scored(programme)[0])["甲县"] == [60, 20, 16]


def test_what_is_held_costs_nothing_until_it_is_decided(programme):
    programme.put("乙 2月.xlsx", programme.form(1, month=FEBRUARY), datetime(2024, 3, 4), JANUARY)
    [held] = [e for e in programme.collect(JANUARY).values() if e["verdict"] == "held"]
    programme.clock = MOMENT
    assert points(scored(programme)[0])["乙县"] == [40, 18, 20]
    programme.run("settle", "", str(held["id"]), accept="")
    scores, _ = scored(programme)
    assert points(scores)["乙县"][1:] == [18, 20]
    programme.run("undo")
    programme.run("undo")
    programme.run("settle", "", str(held["id"]), reject="")
    assert points(scored(programme)[0])["乙县"] == [40, 15, 20]


def test_a_missing_month_costs_once_whatever_lights_go_by(programme):
    programme.score_by([("任务", DONE, 60), ("报送", LATE_DAYS, 20, 1), ("缺报", MISSES, 20, 5)])
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "缺月办法", "值", IN_FULL)
    scores, _ = scored(programme)
    assert points(scores) == {
        "甲县": [60, 20, 20],
        "乙县": [40, 18, 15],
        "丙县": [20, 20, 15],
        "丁县": [None, None, 10],
    }


def test_points_by_hand_count_with_their_reason_only(programme):
    rules = [("任务", DONE, 80), ("创新", BY_HAND, 20)]
    given = [
        ("甲县", "创新", 15, "省级表彰"),
        ("甲县", "任务", 5, "扶贫"),
        ("乙县", "任务", -3, ""),
        ("丙 县", "创新", 25, "多"),
    ]
    programme.score_by(rules, given)
    scores, report = scored(programme)
    assert not report.clean
    assert [p["code"] for p in report.data["problems"]] == ["bad-manual"]
    assert [p["cell"] for p in programme.run("check", "").data["problems"]] == ["D25"]
    assert points(scores) == {
        "甲县": [80, 15],
        "乙县": [53.33, None],
        "丙县": [26.67, 20],
        "丁县": [None, None],
    }
    assert scores["甲县"]["manual"] == [
        {"item": "任务", "points": 0, "reason": "扶贫", "cell": "考核!C24"}
    ]
    assert [scores[n]["total"] for n in ("甲县", "乙县", "丁县")] == [95, 66.66, None]
    reasons = programme.listed(LOSSES_BLOCK, "依据")
    assert "任务 +0：扶贫（填的是 +5，只能加减到 0 和满分之间）" in reasons


def test_a_wrong_rule_leaves_the_figures_and_gives_no_points(programme):
    scored(programme)
    programme.score_by([("任务", "看着办", 100)])
    scores, report = scored(programme)
    assert scores == {}
    assert [p["code"] for p in report.data["problems"]] == ["bad-score-rule"]
    assert report.data["indicators"][0]["cumulative"] == 40
    assert programme.listed(SCORES_BLOCK, "区县")[2:] == [None] * len(
        programme.listed(SCORES_BLOCK, "区县")[2:]
    )
    assert programme.listed(LOSSES_BLOCK, "扣分") == []


def test_who_does_not_score_pays_nothing_and_sees_nothing(unscored, monkeypatch):
    heavy = ("xl_addin.master.scoring", "xl_addin.master.score_sheets", "fractions")
    for name in heavy:
        monkeypatch.delitem(sys.modules, name, raising=False)
    scores, report = scored(unscored)
    assert (scores, report.clean) == ({}, True)
    assert not [name for name in heavy[:2] if name in sys.modules]
    assert unscored.listed(SCORES_BLOCK, "总分")[2:4] == ["", ""]


def test_ranks_go_by_the_score_where_it_is_said_and_are_called_so(programme):
    programme.score_by(
        [("报送", LATE_DAYS, 90, 1), ("排名", RANK_BONUS, 5, 5, 1), ("缺", MISSES, 10, 10)],
        ranks=True,
    )
    programme.send("丁.xlsx", 3, {**FIGURES, "I01": 400}, at=datetime(2024, 2, 4))
    programme.collect()
    programme.clock = MOMENT
    scores, report = scored(programme)
    ranks = {each["district"]: each["rank"] for each in report.data["standings"]}
    assert ranks == {name: each["rank"] for name, each in scores.items()}
    assert ranks["甲县"] == 1
    host = programme.open_programme().host

    def text(name):
        block = host.block(name)
        return "".join(str(cell.value) for cell in block.cells.values())

    assert "名次按考核得分排" in text(BOARD_NOTE)
    assert f"按考核得分：甲县 {scores['甲县']['total']:.2f} 分" in text(NAMES_BLOCK)
    assert "名次按考核得分，相同的并列" in text(PROGRESS_NOTE)
    assert text(PAGE_REMARK_CELL).startswith("名次按考核得分排。")
    assert programme.listed(RANKING_BLOCK, "名次")[0] == 1
    assert programme.listed(PROGRESS_BLOCK, "名次")[0] == ranks["甲县"]
    assert programme.run("verify", FEBRUARY).data["differences"] == []
    programme.score_by([], ranks=True)
    _, report = scored(programme)
    assert [p["code"] for p in report.data["problems"]] == ["no-scores"]
    assert {each["rank"] for each in report.data["standings"]} == {None}


def test_a_bulletin_prints_scores_and_says_what_ranks_go_by(programme, tmp_path):
    programme.score_by(RULES, ranks=True)
    scored(programme)
    template = tmp_path / "t.docx"
    rows = (
        "<w:tbl><w:tr><w:tc>"
        + para("【得分表.区县】【得分表.总分】【得分表.扣分原因】")
        + "</w:tc></w:tr></w:tbl>"
    )
    more = (
        "<w:tbl><w:tr><w:tc>" + para("【排名.区县】得【排名.考核得分】") + "</w:tc></w:tr></w:tbl>"
    )
    template.write_bytes(document(rows + more + para("【排名说明】【区县进展】")))
    report = programme.run("bulletin", FEBRUARY, template=str(template))
    text = text_of(Path(report.data["file"]).read_bytes())
    assert "甲县96.0001月第一次交来的有 2 处错误，扣 4 分" in text
    assert "乙县得75.00" in text
    assert "名次按考核得分排列" in text
    assert "考核得分居前的是甲县（96.00分）" in text


def test_a_published_score_that_changed_is_told_like_a_figure(programme):
    """By a correction through its return, by hand without one; a later bulletin says it in its sentence."""
    programme.score_by(RULES)
    scored(programme)
    path = Path(programme.run("bulletin", FEBRUARY).data["file"])
    written = text_of(path.read_bytes()).replace("【请补充：下一步工作要求】", "请抓紧。")
    path.write_bytes(with_parts(path.read_bytes(), word_document=written))
    programme.run("bulletin", FEBRUARY, final="")
    assert programme.run("recompute", FEBRUARY).data["changed_since_last"] == []
    programme.score_by(RULES, [("甲县", "任务", -3, "查实")])
    told = programme.run("recompute", FEBRUARY)
    [change] = told.data["changed_since_last"]
    assert (change["district"], change["indicator"], change["receipt"]) == ("D001", None, None)
    assert change["published"] - change["now"] == 3
    assert any("甲县考核得分发布时是" in line and "手工加减" in line for line in told.lines)
    draft = programme.run("bulletin", FEBRUARY)
    lines = "".join(lines_of(Path(draft.data["file"]).read_bytes()))
    assert "甲县2月考核得分由96更正为93" in lines
    programme.score_by([])
    assert programme.run("recompute", FEBRUARY).data["changed_since_last"] == []


def test_a_cell_of_the_scores_leads_to_the_reasons(programme):
    scored(programme)
    told = programme.run("trace", FEBRUARY, cell="得分!I7")
    assert (told.data["district"], told.data["item"], told.data["shown"]) == ("乙县", "报送", 15)
    assert sum(row["points"] for row in told.data["rows"]) == 5
    assert told.lines[0].startswith("扣分明细!E")
    assert "迟报 2 天" in told.lines[0]
    whole = programme.run("trace", FEBRUARY, cell="得分!D7").data
    assert (whole["item"], sum(row["points"] for row in whole["rows"])) == (None, 25)


def test_an_auditor_gets_the_scores_with_their_reasons(programme):
    scores, _ = scored(programme)
    report = programme.run("dossier", FEBRUARY, "乙县")
    book = load_workbook(Path(report.data["folder"]) / INDEX)
    _, *rows = book["考核得分"].iter_rows(values_only=True)
    assert [row[1:5] for row in rows] == [
        ("乙县", item["item"], item["full"], item["points"]) for item in scores["乙县"]["items"]
    ]
    _, *lost = book["考核扣分"].iter_rows(values_only=True)
    assert sum(row[4] for row in lost) == 25
    assert {row[0] for row in lost} == {"乙县"}


def test_next_years_master_has_the_rules_and_no_points_by_hand(programme):
    programme.score_by(RULES, [("甲县", "任务", -3, "查实")])
    host = programme.open_programme().host
    carried = read_carried(host)
    assert [row[:3] for row in carried.scheme] == RULES_TYPED
    config = read_config(host)
    path = programme.folder / "next.xlsm"
    path.write_bytes(build_from(config, carried, {}))
    scheme = read_scheme(FileHost(path), config)
    assert [each.item for each in scheme.rules] == ["任务", "报送", "错误"]
    assert scheme.manual == ()


def test_a_paper_costs_by_its_days_once_its_term_has_come(programme):
    programme.score_by([("任务", DONE, 90), ("总结", PAPERS, 10, 1, 4)])
    rows = {(5, 1): "D1", (5, 2): "工作总结", (5, 4): "1月31日", (5, 6): 50}
    rows |= {(6, 1): "D2", (6, 2): "案例", (6, 4): "11月30日"}
    programme.type_over(PAPERS_SHEET, rows)
    for number, (name, day) in enumerate((("甲县", 30), ("乙县", 33))):
        at = datetime(2024, 1, 1) + timedelta(days=day)
        paper = documents.docx(f"{name}工作总结", documents.prose(number, 200))
        programme.put(f"{name}工作总结.docx", paper, at)
        assert programme.run("collect", JANUARY).data["papers"][-1]["verdict"] == "accepted"
    programme.clock = MOMENT
    scores, _ = scored(programme)
    assert {name: each[1] for name, each in points(scores).items()} == {
        "甲县": 10,
        "乙县": 7,
        "丙县": 0,
        "丁县": 0,
    }
    [late] = scores["乙县"]["items"][1]["lost"]
    assert late["reason"] == "工作总结：迟交 3 天，扣 3 分"
    assert (late["month"], late["receipt"]["file"]) == (JANUARY, "乙县工作总结.docx")
    [missing] = scores["丁县"]["items"][1]["lost"]
    assert (missing["reason"], missing["receipt"]) == (
        "工作总结：还没有交，已迟 37 天，扣 10 分",
        None,
    )
    assert programme.run("verify", FEBRUARY).data["differences"] == []


def test_key_works_that_are_behind_cost_as_long_as_they_are(tmp_path):
    programme = SmallProgramme(tmp_path / "任务")
    programme.score_by([("任务", DONE, 90), ("台账", WORKS, 10, 4)])
    works = [
        ("1", "培训", "", "", "", "2024-12-20", "月"),
        ("2", "工坊", "", "", "", "2024-01-31", "月"),
    ]
    type_works(programme, works)
    behind = ("滞后", "场地还没有落实", "没有场地", "二月定点", day_number("2024-03-01"))
    going, done = (
        ("推进中", "已办一期，下月再办", *(None,) * 3),
        ("已完成", "全部办完，已经验收", *(None,) * 3),
    )
    for district, entries in enumerate(({"1": behind, "2": going}, {"1": going, "2": done})):
        data = paged_form(programme, district, entries, FIGURES, JANUARY)
        programme.put(f"{district}.xlsx", data, datetime(2024, 2, 2))
    programme.collect(JANUARY)
    programme.clock = datetime(2024, 2, 10)
    scores, _ = scored(programme, JANUARY)
    assert {name: each[1] for name, each in points(scores).items()} == {
        "甲县": 2,
        "乙县": 10,
        "丙县": None,
        "丁县": None,
    }
    lost = scores["甲县"]["items"][1]["lost"]
    assert [each["reason"] for each in lost] == [
        "1 培训：滞后，扣 4 分",
        "2 工坊：过了时限 2024-01-31，还没有完成，扣 4 分",
    ]
    assert lost[0]["receipt"]["file"] == "0.xlsx"
    assert lost[0]["receipt"]["cell"].startswith("重点工作!")


def test_libreoffice_comes_to_the_same_totals_and_ranks(programme, office):
    rules = [
        ("任务", DONE, 33.33),
        ("报送", LATE_DAYS, 46.67, 0.33),
        ("错误", ERRORS, 20, 1),
        ("加分", RANK_BONUS, 2, 2, 2),
    ]
    programme.score_by(rules, [("乙县", "报送", -1.25, "虚报")])
    scored(programme)
    assert disagreements(programme.folder / MASTER, office) == []
