"""督办: drafted, read, handed out, answered, raised, closed; numbers never twice, edited files never lost.

Proves also services/supervision/plan.py, services/supervision/sheet.py, services/supervision/files.py,
services/supervision/words.py, services/supervision/report.py, services/supervision/issue.py and
services/supervision/take_back.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.docx.templates import lines_of, text_of, with_parts
from tests.tools.programme import FIGURES, MONTHS, YEAR, SmallProgramme
from tests.tools.systems import KILLED
from tests.tools.works import paged_form, type_works
from xl_addin.cli import main
from xl_addin.model.folder import BULLETINS, FORMS, SLIPS, TEMPLATES
from xl_addin.model.sheets import (
    BOARD_NOTE,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    SLIPS_BLOCK,
    SLIPS_SHEET,
    WORK_DETAILS_BLOCK,
)
from xl_addin.services.bulletin import pdf
from xl_addin.services.dossier_folder import INDEX
from xl_addin.store.slips import slips
from xl_addin.system.errors import Refused
from xl_addin.xlsx.workbook import Workbook

MARCH, APRIL, MAY, JUNE = MONTHS[2:6]
REPORTS = {
    0: dict.fromkeys(MONTHS[:4], 10),
    1: dict.fromkeys(MONTHS[:4], 0),  # far behind since February
    2: {month: 0 for month in MONTHS[:4] if month != MARCH},  # far behind, and a month lacks
    3: dict.fromkeys(MONTHS[:2], 40),  # silent since March
}
"""What each district reports of its first indicator, month by month."""


@pytest.fixture(scope="module")
def _april(tmp_path_factory):
    programme = SmallProgramme(tmp_path_factory.mktemp("督办") / "年度 任务")
    setting(programme, "发文机关", "某县残疾人联合会")
    for number, month in enumerate(MONTHS[:4], 2):
        programme.clock = datetime(YEAR, number, 3, 9)
        programme.run("distribute", month)
        for district, figures in REPORTS.items():
            if month in figures:
                told = {**FIGURES, "I01": figures[month]}
                programme.send(f"{month}_{district}.xlsx", district, told, month)
        programme.collect(month)
    programme.clock = datetime(YEAR, 5, 10, 9)
    programme.run("recompute", APRIL)
    return programme.folder


@pytest.fixture
def programme(_april, tmp_path):
    """Four months of four districts, the tenth of May."""
    return at(SmallProgramme(Path(shutil.copytree(_april, tmp_path / "年度 任务"))), 5, 10)


def at(programme, month, day):
    programme.clock = datetime(YEAR, month, day, 9)
    return programme


def setting(programme, label, value):
    programme.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, label, SETTING_HEADINGS[1], value)


def known(programme):
    opened = programme.open_programme()
    found = slips(opened.ledger)
    opened.close()
    return found


def path_of(programme, number, district, more="", month=APRIL):
    return programme.folder / SLIPS / month / f"督办单〔{YEAR}〕{number}号_{district}{more}.docx"


def edit(path):
    """Somebody writes a sentence of theirs and saves."""
    xml = text_of(path.read_bytes()).replace("请查明原因", "请主要领导亲自过问，查明原因")
    path.write_bytes(with_parts(path.read_bytes(), word_document=xml))
    return path.read_bytes()


def draft(programme):
    return programme.run("supervise", APRIL)


def hand_out(programme):
    return programme.run("supervise", APRIL, issue="")


def shown(programme, *headings):
    return list(zip(*(programme.listed(SLIPS_BLOCK, each) for each in headings), strict=True))


def type_beside(programme, item, **words):
    """Type beside an item of 督办; the row is the one that names it."""
    block = programme.open_programme().host.block(SLIPS_BLOCK)
    top = block.area[0]
    at_ = {cell.value: c for (row, c), cell in block.cells.items() if row == top}
    row = next(r for (r, c), cell in block.cells.items() if c == at_["事项"] and cell.value == item)
    programme.type_over(SLIPS_SHEET, {(row, at_[heading]): said for heading, said in words.items()})


def refused(programme):
    """Why 督办 does not take what was typed: code, and the message that names the cell."""
    with pytest.raises(Refused) as refusal:
        draft(programme)
    [problem] = refusal.value.problems
    assert problem.sheet == SLIPS_SHEET
    return problem.code, problem.message


def test_who_was_red_or_silent_for_two_months_gets_a_slip_and_nobody_else(programme):
    said = draft(programme)
    assert [
        (each["number"], each["district"], each["level"], each["term"], each["state"])
        for each in said.data["slips"]
    ] == [
        (f"〔{YEAR}〕1", "乙县", "蓝", f"{YEAR}-05-20", "drafted"),
        (f"〔{YEAR}〕2", "丁县", "蓝", f"{YEAR}-05-20", "drafted"),
    ]
    first, second = (each["items"] for each in said.data["slips"])
    assert [(each["indicator"], each["months"]) for each in first] == [("I01", list(MONTHS[1:4]))]
    assert [(each["missing"], each["months"]) for each in second] == [(True, [MARCH, APRIL])]
    assert (
        "累计完成0人次，应完成80人次，相差80人次；全年任务240人次，完成0.0%" in first[0]["reason"]
    )
    assert "3月未报（4月5日截止），4月未报（5月5日截止）" in second[0]["reason"]
    assert said.data["months_missing"] == ["丙县"]
    assert any("不按进度慢督办：丙县" in line for line in said.lines)


def test_the_slip_says_it_in_the_office_s_own_template(programme, validator):
    draft(programme)
    path = path_of(programme, 1, "乙县")
    lines = lines_of(path.read_bytes())
    assert f"〔{YEAR}〕1号" in lines
    assert "乙县：" in lines
    assert lines[lines.index("督办级别") : lines.index("督办级别") + 4] == [
        "督办级别",
        "蓝色",
        "反馈期限",
        f"{YEAR}年5月20日",
    ]
    assert "2月至4月" in lines
    assert "某县残疾人联合会" in lines
    assert not any("【" in line for line in lines)
    assert validator(path) == []
    own = programme.folder / TEMPLATES / "督办单.docx"
    xml = (
        text_of(own.read_bytes())
        .replace("工作督办单", "某县督办单")
        .replace("【区县】", "【区 县】")
    )
    own.write_bytes(with_parts(own.read_bytes(), word_document=xml))
    draft(programme)
    assert "某县督办单" in lines_of(path.read_bytes())
    own.write_bytes(with_parts(own.read_bytes(), word_document=xml.replace("【期限】", "【到期】")))
    with pytest.raises(Refused, match=r"【到期】.*可以用的有：编号") as refusal:
        draft(programme)
    assert {each.code for each in refusal.value.problems} == {"unknown-placeholder"}


def test_a_rehearsal_tells_all_of_it_and_writes_nothing(programme):
    before = {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}
    told = programme.run("supervise", APRIL, rehearse=True).data
    after = {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}
    assert after == before
    assert told == draft(programme).data


def test_a_draft_is_made_anew_with_its_number_and_an_edited_one_stays(programme):
    draft(programme)
    written = edit(path_of(programme, 2, "丁县"))
    said = draft(at(programme, 5, 12))
    assert path_of(programme, 2, "丁县").read_bytes() == written
    assert [(e["number"], e["term"]) for e in said.data["slips"]] == [
        (f"〔{YEAR}〕1", f"{YEAR}-05-22"),
        (f"〔{YEAR}〕2", f"{YEAR}-05-20"),
    ]
    assert not said.clean
    assert [each.number for each in known(programme)] == [1, 2]
    hand_out(programme)
    assert known(programme)[1].paper.sha256 == _sha256(written)


def _sha256(data):
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_the_report_that_came_meanwhile_takes_the_draft_back_and_frees_its_number(programme):
    draft(programme)
    programme.send("3月.xlsx", 3, {**FIGURES, "I01": 40}, MARCH)
    programme.send("4月.xlsx", 3, {**FIGURES, "I01": 40}, APRIL)
    programme.collect(MARCH)
    programme.collect(APRIL)
    programme.run("recompute", APRIL)
    said = draft(programme)
    assert [each["number"] for each in said.data["slips"]] == [f"〔{YEAR}〕1"]
    assert not path_of(programme, 2, "丁县").exists()
    assert [each.name for each in known(programme)] == [f"〔{YEAR}〕1"]


def test_what_went_out_keeps_its_number_and_is_not_demanded_twice(programme):
    draft(programme)
    said = hand_out(programme)
    assert [each["state"] for each in said.data["slips"]] == ["issued", "issued"]
    assert any("没有邮箱可发" in line for line in said.lines)
    with pytest.raises(Refused, match="没有待交办的督办单"):
        hand_out(programme)
    assert draft(programme).outcome == f"{APRIL}：没有要督办的"
    assert shown(programme, "编号", "区县", "发出", "期限", "级别", "状态") == [
        (f"〔{YEAR}〕1", "乙县", f"{YEAR}-05-10", f"{YEAR}-05-20", "蓝", "交办"),
        (f"〔{YEAR}〕2", "丁县", f"{YEAR}-05-10", f"{YEAR}-05-20", "蓝", "交办"),
    ]


def test_a_term_without_an_answer_makes_it_orange_a_second_one_red_and_no_more(programme):
    draft(programme)
    hand_out(programme)
    assert not draft(at(programme, 5, 20)).data["slips"]  # the last day of the term
    type_beside(programme, "按月报送任务进度", 反馈="电话答复：下周补报")
    at(programme, 5, 21)
    said = draft(programme)
    assert [(e["number"], e["level"], e["term"]) for e in said.data["slips"]] == [
        (f"〔{YEAR}〕1", "橙", f"{YEAR}-05-31")
    ]
    lines = lines_of(path_of(programme, 1, "乙县", "_催办橙").read_bytes())
    assert any(f"期限{YEAR}年5月20日已过" in line and "由蓝色升为橙色" in line for line in lines)
    assert shown(programme, "级别", "状态", "反馈") == [
        ("蓝", "超期", None),
        ("蓝", "反馈", "电话答复：下周补报"),
    ]
    hand_out(programme)
    assert shown(programme, "级别", "状态", "期限")[0] == ("橙", "交办", f"{YEAR}-05-31")
    assert [each["level"] for each in draft(at(programme, 6, 1)).data["slips"]] == ["红"]
    hand_out(programme)
    assert not draft(at(programme, 7, 1)).data["slips"]
    assert [each.level for each in known(programme)[0].issues] == ["蓝", "橙", "红"]


def test_a_person_closes_an_item_with_a_result_and_what_cannot_be_taken_is_refused(programme):
    draft(programme)
    type_beside(programme, "培训", 销号="销号", 结果="已补办")
    code, says = refused(programme)
    assert (code, "还没有交办" in says) == ("bad-slip-closing", True)
    hand_out(programme)
    type_beside(programme, "培训", 销号="办了")
    assert "只能选“销号”" in refused(programme)[1]
    type_beside(programme, "培训", 销号="销号", 结果=None)
    assert "“结果”还空着" in refused(programme)[1]
    type_beside(programme, "培训", 结果="5 月已补办 80 人次")
    said = draft(programme)
    assert "销号 1 项" in said.outcome
    assert [each["state"] for each in said.data["answered_or_closed"]] == ["closed"]
    assert shown(programme, "事项", "状态", "结果", "销号时间") == [
        ("按月报送任务进度", "交办", None, None),
        ("培训", "销号", "5 月已补办 80 人次", f"{YEAR}-05-10"),
    ]
    assert [each.is_open for each in known(programme)] == [False, True]
    assert draft(programme).outcome.endswith(
        "没有要督办的"
    )  # neither taken twice nor demanded anew


def test_what_is_typed_and_not_taken_yet_stays_beside_its_item(programme):
    draft(programme)
    hand_out(programme)
    type_beside(programme, "培训", 结果="正在核实")
    programme.run("recompute", APRIL)
    assert shown(programme, "事项", "结果") == [("培训", "正在核实"), ("按月报送任务进度", None)]
    type_beside(programme, "培训", 编号="〔2020〕9")
    assert refused(programme)[0] == "slip-unknown"


@pytest.mark.parametrize(
    ("label", "value", "left"),
    [
        ("连续红灯月数", 0, ["丁县"]),
        ("连续未报月数", 0, ["乙县"]),
        ("连续红灯月数", 4, ["丁县"]),
        ("连续未报月数", 1, ["乙县", "丁县"]),
    ],
)
def test_what_is_demanded_goes_by_the_settings(programme, label, value, left):
    setting(programme, label, value)
    assert [each["district"] for each in draft(programme).data["slips"]] == left


def test_without_a_term_nothing_is_ever_overdue(programme):
    setting(programme, "督办期限天数", 0)
    assert {each["term"] for each in draft(programme).data["slips"]} == {None}
    lines = lines_of(path_of(programme, 1, "乙县").read_bytes())
    assert "不设期限" in lines
    assert any("请尽快逐项书面反馈" in line for line in lines)
    hand_out(programme)
    assert not draft(at(programme, 12, 1)).data["slips"]


def test_before_the_deadline_nobody_is_silent_for_the_month(programme):
    at(programme, 5, 4)
    said = programme.run("supervise", APRIL, rehearse=True)
    assert [each["district"] for each in said.data["slips"]] == ["乙县"]
    assert any("截止日还没有过" in line for line in said.lines)


def test_the_months_must_be_those_that_the_master_shows(programme):
    with pytest.raises(Refused, match=f"不是 {MARCH}，督办单要和主表一致"):
        programme.run("supervise", MARCH)


def test_a_file_that_is_gone_open_foreign_or_stale_does_not_go_out(programme):
    draft(programme)
    first, second = path_of(programme, 1, "乙县"), path_of(programme, 2, "丁县")
    data = first.read_bytes()
    first.unlink()
    with pytest.raises(Refused, match="文件不见了"):
        hand_out(programme)
    first.write_bytes(second.read_bytes())
    with pytest.raises(Refused, match=f"不是〔{YEAR}〕1的督办单"):
        hand_out(programme)
    kept = text_of(data).replace("请查明原因", "【请补充：要求】")
    first.write_bytes(with_parts(data, word_document=kept))
    with pytest.raises(Refused, match="还有 1 处没有写：【请补充：要求】"):
        hand_out(programme)
    first.write_bytes(data)
    lock = first.with_name(f"~${first.name[2:]}")
    lock.write_bytes(b"")
    with pytest.raises(Refused, match="正在别的程序里打开"):
        hand_out(programme)
    lock.unlink()
    with pytest.raises(Refused, match="已经过了；请再点一次“督办”重拟"):
        hand_out(at(programme, 5, 21))
    assert draft(programme).data["slips"][0]["term"] == f"{YEAR}-05-31"
    assert len(hand_out(programme).data["slips"]) == 2
    assert all(each.issues for each in known(programme))


def test_a_draft_that_is_not_so_any_more_does_not_go_out(programme):
    draft(programme)
    programme.send("3月.xlsx", 3, {**FIGURES, "I01": 40}, MARCH)
    programme.collect(MARCH)
    with pytest.raises(
        Refused, match=r"〔2024〕2丁县拟好以后情况变了（按月报送任务进度）.*再点一次“督办”"
    ):
        hand_out(programme)
    with pytest.raises(Refused, match=f"是按 {APRIL} 拟的"):
        programme.run("supervise", MAY, issue="")
    assert not any(each.issues for each in known(programme))


def test_who_answered_after_the_chasing_was_drafted_is_not_chased(programme):
    draft(programme)
    hand_out(programme)
    raised = draft(at(programme, 5, 21)).data["slips"]
    assert len(raised) == 2
    type_beside(programme, "培训", 反馈="来电说明")
    assert [each["number"] for each in draft(programme).data["slips"]] == [f"〔{YEAR}〕2"]
    sent = hand_out(programme).data["slips"]
    assert [(each["number"], each["level"]) for each in sent] == [(f"〔{YEAR}〕2", "橙")]
    with pytest.raises(Refused, match="没有待交办的督办单"):
        hand_out(programme)


def test_undo_takes_back_files_numbers_and_what_was_handed_over_by_hand(programme):
    draft(programme)
    hand_out(programme)
    programme.run("undo")
    assert [each.issues for each in known(programme)] == [[], []]
    kept = edit(path_of(programme, 1, "乙县"))
    with pytest.raises(Refused, match=r"〔2024〕1的 .* 有人改过"):
        programme.run("undo")
    moved = path_of(programme, 1, "乙县").rename(programme.folder / "我改的.docx")
    programme.run("undo")
    assert known(programme) == []
    assert not list((programme.folder / SLIPS).rglob("*.docx"))
    assert programme.listed(SLIPS_BLOCK, "编号") == []
    assert moved.read_bytes() == kept
    assert draft(programme).data["slips"][0]["number"] == f"〔{YEAR}〕1"


def test_a_closing_taken_back_leaves_what_was_typed(programme):
    draft(programme)
    hand_out(programme)
    type_beside(programme, "培训", 结果="已补办", 销号="销号")
    draft(programme)
    programme.run("undo")
    assert known(programme)[0].is_open
    assert ("培训", "交办", "已补办", "销号") in shown(programme, "事项", "状态", "结果", "销号")


def test_an_open_slip_stands_on_the_page_of_the_next_form_and_is_answered_there(programme):
    row = f"〔{YEAR}〕1-1"
    draft(programme)
    programme.run("distribute", MAY)
    first = (programme.folder / FORMS / MAY).glob("*_D002_*.xlsx").__next__().read_bytes()
    assert find_sheet(first, "重点工作") is None  # a draft is nobody's business yet
    hand_out(programme)
    programme.run("undo")
    hand_out(programme)
    programme.run("distribute", MAY)
    told = {row: ("推进中", "已补办 20 人次", "师资不足", "6 月底前办第二期", None)}
    data = paged_form(programme, 1, told, {**FIGURES, "I01": 20}, MAY, round_=2)
    printed = find_sheet(data, "重点工作")
    assert {"【督办】培训", row} <= printed
    at(programme, 6, 2)
    programme.put("乙县.xlsx", data, month=MAY)
    assert programme.collect(MAY)["乙县.xlsx"]["verdict"] == "accepted"
    said = "推进中：已补办 20 人次；存在问题：师资不足；下一步：6 月底前办第二期"
    [slip] = [each for each in known(programme) if each.number == 1]
    assert slip.answer(slip.items[0]).text == said
    programme.run("recompute", MAY)
    assert (f"〔{YEAR}〕1", "反馈", said) in shown(programme, "编号", "状态", "反馈")
    raised = programme.run("supervise", MAY, rehearse=True).data["slips"]
    assert [each["number"] for each in raised] == [f"〔{YEAR}〕2"]
    before = known(programme)
    programme.run("rebuild", MAY)
    assert known(programme) == before
    programme.run("undo")
    programme.run("undo")  # the collecting
    assert known(programme)[0].answer(slip.items[0]) is None


def test_a_key_work_that_is_behind_for_months_running_is_demanded(programme):
    type_works(programme, [("1", "比对数据", "每月比对一次", None, "乙县", None, "月")])
    for month, number in ((MAY, 6), (JUNE, 7)):
        at(programme, number, 2)
        programme.run("distribute", month)
        told = {"1": ("滞后", "民政部门还没有给数据", "没有共享接口", "月底前派人对接", 45500)}
        data = paged_form(programme, 1, told, {**FIGURES, "I01": 20}, month)
        programme.put(f"{month}.xlsx", data, month=month)
        assert programme.collect(month)[f"{month}.xlsx"]["verdict"] == "accepted"
    programme.run("recompute", JUNE)
    setting(programme, "连续未报月数", 0)
    [slip] = programme.run("supervise", JUNE).data["slips"]
    [item] = [each for each in slip["items"] if "item" in each]
    assert (item["item"], item["months"]) == ("1", [MAY, JUNE])
    assert item["label"] == "重点工作1：比对数据"
    assert "最近报送：滞后：民政部门还没有给数据" in item["reason"]
    programme.run("recompute", JUNE)
    details = programme.open_programme().host.block(WORK_DETAILS_BLOCK)
    last = details.area[3]
    assert [cell.value for at, cell in details.cells.items() if at[1] == last] == [
        "督办与销号",
        f"{slip['number']} 待交办",
    ]


def find_sheet(data, name):
    """The texts on a sheet of a form; None where it has none of that name."""
    book = Workbook.open(data)
    if name not in book.sheet_names:
        return None
    return {str(cell.value) for cell in book.sheet(name).cells.values()}


def test_board_bulletin_closing_and_dossier_know_of_slips(programme, monkeypatch):
    monkeypatch.setattr(pdf, "converters", list)
    draft(programme)
    hand_out(programme)
    programme.run("recompute", APRIL)
    note = programme.open_programme().host.block(BOARD_NOTE)
    assert any("督办中 2 份" in str(cell.value) for cell in note.cells.values())
    programme.run("bulletin", APRIL)
    lines = lines_of(next((programme.folder / BULLETINS / APRIL).glob("*.docx")).read_bytes())
    [said] = [line for line in lines if "督办单2份" in line]
    assert f"乙县（〔{YEAR}〕1，蓝色，已交办）" in said
    assert any("督办中 2 份" in line for line in programme.run("close", APRIL).lines)
    made = Path(programme.run("dossier", APRIL, "乙县").data["folder"])
    book = load_workbook(made / INDEX)
    rows = list(book["督办"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[5]) for row in rows if row[0] and "〔" in str(row[0])] == [
        (f"〔{YEAR}〕1", "待交办"),
        (f"〔{YEAR}〕1", "交办"),
    ]
    assert any(path.name.endswith("号_乙县.docx") for path in made.rglob("*.docx"))


def test_verify_tells_a_slip_that_was_changed_or_is_gone_and_rebuild_brings_all_back(programme):
    draft(programme)
    hand_out(programme)
    before = known(programme)
    assert programme.run("verify", APRIL).clean
    edit(path_of(programme, 1, "乙县"))
    path_of(programme, 2, "丁县").unlink()
    found = programme.run("verify", APRIL).data["differences"]
    assert {each["code"] for each in found} == {"slip-changed", "slip-missing"}
    programme.run("rebuild", APRIL)
    assert known(programme) == before


def test_the_command_line_prints_the_object_that_readme_describes(programme, capsys):
    args = ["--folder", str(programme.folder), "--month", APRIL, "--json"]
    assert main(["supervise", "--rehearse", *args]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["slips"][1] | {"file": "", "term": "", "items": []} == {
        "number": f"〔{YEAR}〕2",
        "code": "D004",
        "district": "丁县",
        "items": [],
        "term": "",
        "level": "蓝",
        "file": "",
        "state": "drafted",
        "left_to_write": 0,
    }


@pytest.mark.parametrize(
    "point", ["supervise.written", "runlog.written", "ledger.committed", "supervise.saved"]
)
def test_killed_anywhere_and_pressed_again_the_same_slips_lie_there(programme, point):
    words = [sys.executable, "-m", "xl_addin", "supervise", "--month", APRIL]
    words += ["--folder", str(programme.folder)]
    where = Path(__file__).parents[2]
    killed = {**os.environ, "XL_ADDIN_FAILPOINT": point}
    assert subprocess.run(words, env=killed, cwd=where, capture_output=True).returncode == KILLED
    assert subprocess.run(words, cwd=where, capture_output=True).returncode in (0, 1)
    found = known(programme)
    assert [(s.name, s.district, s.draft is not None) for s in found] == [
        (f"〔{YEAR}〕1", "D002", True),
        (f"〔{YEAR}〕2", "D004", True),
    ]
    files = {path.name for path in (programme.folder / SLIPS).rglob("*")}
    assert files == {APRIL, *(Path(slip.draft.file).name for slip in found)}
    assert [name for name, *_ in shown(programme, "编号")] == [slip.name for slip in found]
