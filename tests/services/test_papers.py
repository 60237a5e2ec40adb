"""Papers that come by folder: sheets, letters as files, decisions on 待定, undo, copies, covers.

Proves also services/paper_*.py.
"""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from tests.data import make_cover
from tests.tools import documents
from tests.tools.documents import prose
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.programme import MONTHS, YEAR, SmallProgramme
from tests.tools.systems import same_zlib
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.model.folder import ARCHIVE, MASTER, PAPERS, RETURNS, TEMPLATES
from xl_addin.model.sheets import (
    PAPER_LIST_BLOCK,
    PAPERS_BLOCK,
    PAPERS_SHEET,
    PENDING_BLOCK,
    PENDING_SHEET,
    PROBLEMS_BLOCK,
    STATUS_BLOCK,
)
from xl_addin.services import paper_intake
from xl_addin.services.paper_standing import paper_standings
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused
from xl_addin.verbs import recompute

SUMMARY, CASE = "工作总结", "创新工作案例"
ROWS = {
    (5, 1): "D1",
    (5, 2): SUMMARY,
    (5, 4): "11月30日",
    (5, 6): 50,
    (6, 1): "D2",
    (6, 2): CASE,
    (6, 4): "11月30日",
    (6, 8): 2,
    (6, 9): "甲县",
}
BEFORE, AFTER = datetime(YEAR, 11, 20, 9), datetime(YEAR, 12, 4, 9)


@pytest.fixture
def programme(tmp_path):
    made = SmallProgramme(tmp_path / "任务")
    made.type_over(PAPERS_SHEET, ROWS)
    made.clock = BEFORE
    return made


def test_papers_are_of_no_month_and_are_taken_after_it_was_closed(programme):
    said = programme.run("close", f"{YEAR}-10")
    [line] = [each for each in said.lines if SUMMARY in each]
    assert "应交 4，未报 4" in line
    assert "不随月份结账" in line
    [found] = collected(programme, 甲县工作总结=summary("甲县"))
    assert found["verdict"] == "accepted"


def cover(programme, name=f"D1_{SUMMARY}_01_甲县.docx"):
    return programme.folder / PAPERS / TEMPLATES / name


def collected(programme, **files):
    inbox = programme.folder / RETURNS
    for name, data in files.items():
        (inbox / f"{name}.docx").write_bytes(data)
    return programme.run("collect").data["papers"]


def standing(programme):
    opened = programme.open_programme()
    found = {(e.paper.code, e.district.name): e for e in paper_standings(opened)}
    opened.close()
    return found


def summary(name, seed=1):
    return documents.docx(f"{name}{SUMMARY}", prose(seed, 200))


def test_covers_are_made_once_and_taken_back_by_undo(programme):
    made = programme.run("distribute", papers="").data["covers"]
    assert len(made) == 5
    assert cover(programme).exists()
    before = cover(programme).read_bytes()
    assert "没有变化的 5 个" in programme.run("distribute", papers="").outcome
    assert cover(programme).read_bytes() == before
    programme.run("undo")
    assert not cover(programme).exists()


def test_a_cover_that_somebody_wrote_on_stays(programme):
    programme.run("distribute", papers="")
    written = documents.write_on(cover(programme).read_bytes(), "正文")
    cover(programme).write_bytes(written)
    with pytest.raises(Refused, match=SUMMARY):
        programme.run("distribute", papers="")
    programme.run("undo")
    assert cover(programme).read_bytes() == written


def test_a_rehearsal_leaves_nothing(programme):
    programme.run("distribute", papers="", rehearse=True)
    assert not (programme.folder / PAPERS).exists()
    (programme.folder / RETURNS / "甲县总结.docx").write_bytes(summary("甲县"))
    report = programme.run("collect", rehearse=True)
    assert [each["verdict"] for each in report.data["papers"]] == ["accepted"]
    assert standing(programme)["D1", "甲县"].verdict == "missing"
    assert not list((programme.folder / ARCHIVE).glob("*.docx"))


def test_the_latest_that_is_accepted_counts_and_the_older_is_kept(programme):
    collected(programme, 甲县总结=summary("甲县", 1))
    programme.clock = AFTER
    collected(programme, 甲县总结二=summary("甲县", 2), 甲县总结三=documents.docx(f"甲县{SUMMARY}"))
    found = standing(programme)["D1", "甲县"]
    assert (found.verdict, found.speaks.file) == ("accepted", "甲县总结二.docx")
    assert (found.on_time, found.days_late) == (True, 0)  # enough had come in time
    assert len(list((programme.folder / ARCHIVE).glob("*.docx"))) == 3
    [copy] = (programme.folder / PAPERS / f"D1 {SUMMARY}").iterdir()
    assert copy.read_bytes() == summary("甲县", 2)


def test_two_files_are_owed_where_two_are_asked_for(programme):
    [one] = collected(programme, 甲县案例=documents.docx(f"甲县{CASE}", prose(1, 90)))
    assert one["verdict"] == "accepted"
    assert standing(programme)["D2", "甲县"].state == "未报"
    collected(programme, 甲县案例二=documents.docx(f"甲县{CASE}", prose(2, 90)))
    found = standing(programme)["D2", "甲县"]
    assert (found.state, len(found.files)) == ("按时", 2)
    copies = {path.name for path in (programme.folder / PAPERS / f"D2 {CASE}").iterdir()}
    assert copies == {f"01_甲县_{CASE}.docx", f"01_甲县_{CASE}_2.docx"}


def test_papers_in_an_archive_are_papers(programme):
    with zipfile.ZipFile(programme.folder / RETURNS / "材料.zip", "w") as packed:
        packed.writestr("甲县总结.docx", summary("甲县"))
        packed.writestr("乙县总结.docx", summary("乙县", 2))
    found = programme.run("collect").data
    assert [each["verdict"] for each in found["papers"]] == ["accepted"] * 2
    assert not found["returns"]
    assert programme.run("verify").clean


def test_a_strangers_document_is_a_paper_only_where_it_says_whose_and_which(programme, tmp_path):
    chat = tmp_path / "聊天文件"
    chat.mkdir()
    (chat / "甲县总结.docx").write_bytes(summary("甲县"))
    (chat / "合同.pdf").write_bytes(b"%PDF-1.7 private")
    (chat / "家书.docx").write_bytes(documents.docx("家书", prose(3, 200)))
    found = programme.run("collect", MONTHS[0], chat).data
    assert [each["district"] for each in found["papers"]] == ["甲县"]
    assert found["left_out"] == {"strange": 2}
    kept = {path.read_bytes() for path in (programme.folder / ARCHIVE).rglob("*.*")}
    assert b"%PDF-1.7 private" not in kept


def test_sheets_say_how_papers_stand(programme):
    late = summary("丙县", 3)
    collected(programme, 甲县总结=summary("甲县"), 丁县总结=documents.docx(f"丁县{SUMMARY}", "短"))
    programme.clock = AFTER
    collected(programme, 丙县总结=late, 总结=documents.docx(SUMMARY, prose(9, 200)))
    assert programme.run("recompute").clean
    assert programme.listed(STATUS_BLOCK, SUMMARY) == ["按时", "未报", "逾期", "退回"]
    assert programme.listed(STATUS_BLOCK, CASE) == ["未报", "", "", ""]
    assert programme.listed(PAPERS_BLOCK, "收到") == [3, 0]
    assert programme.listed(PAPERS_BLOCK, "按时") == [1, 0]
    assert programme.listed(PAPERS_BLOCK, "未报") == [1, 1]
    assert programme.listed(PAPERS_BLOCK, "退回") == [1, 0]
    assert programme.listed(PAPER_LIST_BLOCK, "状态")[:5] == [
        "按时",
        "未报",
        "逾期",
        "退回",
        "未报",
    ]
    assert programme.listed(PAPER_LIST_BLOCK, "原件")[:2] == ["打开", ""]
    assert programme.listed(PENDING_BLOCK, "原因") == ["不知道是哪个区县"]
    codes = programme.listed(PROBLEMS_BLOCK, "规则代码")
    assert sorted(codes) == ["paper-late", "paper-too-short", "paper-whose"]
    widths = programme.open_programme().host.block(STATUS_BLOCK).area
    assert programme.run("recompute").clean
    assert programme.open_programme().host.block(STATUS_BLOCK).area == widths


def test_a_decision_on_the_sheet_settles_a_paper(programme):
    collected(programme, 总结=documents.docx(SUMMARY, prose(9, 200)))
    programme.run("recompute")
    programme.type_over(PENDING_SHEET, {(5, 9): "归属", (5, 10): "丁县", (5, 13): "D9"})
    refused = programme.run("settle")
    assert not refused.clean
    assert "归属材料" in refused.lines[0]
    programme.type_over(PENDING_SHEET, {(5, 13): SUMMARY})
    report = programme.run("settle")
    assert report.clean
    assert "算“丁县”的“工作总结”" in report.outcome
    assert standing(programme)["D1", "丁县"].verdict == "accepted"
    assert programme.listed(PENDING_BLOCK, "编号") == []
    programme.run("undo")
    assert standing(programme)["D1", "丁县"].verdict == "missing"
    programme.run("recompute")
    assert programme.listed(PENDING_BLOCK, "编号") == ["M1"]


@pytest.mark.parametrize(
    ("number", "options", "says"),
    [
        ("M9", {"accept": ""}, "没有编号为 M9"),
        ("M1", {"accept": ""}, "不知道是哪个区县"),
        ("m1", {"assign": "丁县", "paper": "D2"}, "不要“丁县”交"),
        ("M1", {"assign": "丁县", "paper": "D7"}, "不知道是哪份材料"),
    ],
)
def test_what_cannot_be_settled_is_refused(programme, number, options, says):
    collected(programme, 总结=documents.docx(SUMMARY, prose(9, 200)))
    with pytest.raises(Refused, match=says):
        programme.run("settle", "2024-01", number, **options)


def test_what_a_person_turned_down_is_not_asked_about_again(programme):
    data = documents.docx(SUMMARY, prose(9, 200))
    collected(programme, 总结=data)
    programme.run("settle", "2024-01", "M1", reject="")
    again = collected(programme, 又一次=data)
    assert [each["verdict"] for each in again] == ["duplicate"] * 2


def test_undo_takes_a_collection_back_with_its_copies(programme):
    collected(programme, 甲县总结=summary("甲县"))
    programme.run("undo")
    assert standing(programme)["D1", "甲县"].verdict == "missing"
    assert not list((programme.folder / PAPERS / f"D1 {SUMMARY}").iterdir())


def test_copies_come_back_and_changed_ones_are_told(programme):
    collected(programme, 甲县总结=summary("甲县"))
    [copy] = (programme.folder / PAPERS / f"D1 {SUMMARY}").iterdir()
    copy.chmod(0o600)
    copy.unlink()
    programme.run("recompute")
    assert copy.read_bytes() == summary("甲县")
    assert programme.run("verify").clean
    copy.chmod(0o600)
    copy.write_bytes(b"changed")
    told = programme.run("verify").data["differences"]
    assert [each["code"] for each in told] == ["paper-copy"]
    programme.run("recompute")
    assert copy.read_bytes() == b"changed"


def test_a_paper_that_is_gone_from_the_archive_is_missed(programme):
    collected(programme, 甲县总结=summary("甲县"))
    [kept] = (programme.folder / ARCHIVE).glob("*.docx")
    kept.unlink()
    assert "archive-missing" in {e["code"] for e in programme.run("verify").data["differences"]}


def test_the_dossier_holds_the_papers(programme):
    collected(programme, 甲县总结=summary("甲县"))
    folder = programme.run("dossier", "2024-01", "甲县").data["folder"]
    copies = [path for path in Path(folder).rglob("*.docx") if path.parent.name == PAPERS]
    assert [path.read_bytes() for path in copies] == [summary("甲县")]


def test_a_changed_bound_judges_a_rejected_paper_anew(programme):
    short = documents.docx(f"甲县{SUMMARY}", "字" * 30)
    assert [each["verdict"] for each in collected(programme, 甲县总结=short)] == ["rejected"]
    assert [each["verdict"] for each in programme.run("collect").data["papers"]] == ["duplicate"]
    programme.type_over(PAPERS_SHEET, {(5, 6): 20})
    assert [each["verdict"] for each in programme.run("collect").data["papers"]] == ["accepted"]


def test_figures_in_a_text_are_held_against_the_ledger(programme):
    programme.send("一月.xlsx", 0, {"I01": 10, "I02": 5, "I03": 2, "I04": 0})
    programme.run("collect")
    text = documents.docx(f"甲县{SUMMARY}", prose(1, 200), "全年培训 12 人次，就业5人。")
    [found] = collected(programme, 甲县总结=text)
    assert [(p["code"], p["found"]) for p in found["problems"]] == [("paper-figures", "12")]
    assert found["verdict"] == "accepted"


def test_where_no_papers_are_owed_a_document_is_told_as_before(tmp_path):
    programme = SmallProgramme(tmp_path / "任务")
    (programme.folder / RETURNS / "甲县总结.docx").write_bytes(summary("甲县"))
    report = programme.run("collect")
    assert "papers" not in report.data
    [found] = report.data["returns"]
    assert (found["verdict"], found["problems"][0]["code"]) == ("foreign", "scan")
    assert "材料" not in found["problems"][0]["message"]
    with pytest.raises(Refused, match="材料"):
        programme.run("distribute", papers="")


def test_a_form_in_a_document_is_told_with_what_else_it_could_be(programme):
    (programme.folder / RETURNS / "甲县1月填报表.docx").write_bytes(
        documents.docx("填报单位：甲县")
    )
    report = programme.run("collect")
    assert not report.data["papers"]
    [found] = report.data["returns"]
    assert found["verdict"] == "foreign"
    assert "如果是材料" in found["problems"][0]["message"]


def test_a_locked_word_file_is_told_as_locked(programme):
    import io

    from msoffcrypto.format.ooxml import OOXMLFile

    plain, locked = io.BytesIO(summary("甲县")), io.BytesIO()
    OOXMLFile(plain).encrypt("geheim", locked)
    [found] = collected(programme, 甲县工作总结=locked.getvalue())
    assert (found["verdict"], found["problems"][0]["code"]) == ("rejected", "paper-locked")


def test_a_fault_at_one_document_stops_no_other(programme, monkeypatch):
    judge = paper_intake.assess_paper

    def faulty(came, context):
        if came.file.startswith("乙县"):
            raise ZeroDivisionError
        return judge(came, context)

    monkeypatch.setattr(paper_intake, "assess_paper", faulty)
    found = collected(programme, 甲县总结=summary("甲县"), 乙县总结=summary("乙县", 2))
    assert {Path(each["file"]).name: each["verdict"] for each in found} == {
        "甲县总结.docx": "accepted",
        "乙县总结.docx": "held",
    }


def test_what_the_sheets_show_is_what_libreoffice_computes(programme, office, validator):
    collected(programme, 甲县总结=summary("甲县"))
    assert programme.run("recompute").clean
    master = programme.folder / MASTER
    assert disagreements(master, office) == []
    assert (lint(master), validator(master)) == ([], [])
    assert programme.run("undo").clean
    assert disagreements(master, office) == []


def test_rows_below_the_list_are_told_and_taken_in(programme):
    bottom = programme.open_programme().host.block(PAPERS_BLOCK).area[2]
    below = {(bottom + 1, 1): "D3", (bottom + 1, 2): "自查报告", (bottom + 1, 4): "12月1日"}
    programme.type_over(PAPERS_SHEET, below)
    told = programme.run("check").data["problems"]
    assert [(p["code"], p["cell"]) for p in told if p["sheet"] == PAPERS_SHEET] == [
        ("row-below-list", f"A{bottom + 1}")
    ]
    programme.run("amend")
    assert [paper.code for paper in programme.open_programme().basics.papers] == ["D1", "D2", "D3"]


@same_zlib
def test_the_cover_that_ships_is_what_its_maker_makes(validator):
    assert make_cover.TARGET.read_bytes() == make_cover.build()
    assert validator(make_cover.TARGET) == []


@pytest.mark.libreoffice
@pytest.mark.usefixtures("excel")
def test_the_open_master_gets_its_columns_too(programme):
    collected(programme, 甲县总结=summary("甲县"))
    book = import_xlwings().Book(str(programme.folder / MASTER))
    opened = Programme(programme.folder, clock=lambda: BEFORE, live=ExcelHost(book))
    report = recompute.run(opened, Request(month="2024-01"))
    assert report.data["problems"] == []
    block = opened.host.block(STATUS_BLOCK)
    top, _, bottom, right = block.area
    shown = [block.cells[row, right - 1].value for row in range(top + 1, bottom + 1)]
    assert (block.cells[top, right - 1].value, shown) == (SUMMARY, ["按时", "未报", "未报", "未报"])
    opened.close()
