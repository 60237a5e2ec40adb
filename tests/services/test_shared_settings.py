"""Several masters of one programme on one ledger: one set of settings, and nothing that anybody set is lost.

Proves also services/settings_merge.py, master/settings_body.py, master/mend/settings_cells.py and
master/macros/settings_stamp.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.tools.clerks import clerks
from tests.tools.lint import lint
from tests.tools.masters import rewrite_master, typed_rows
from tests.tools.programme import MONTHS, SmallProgramme
from xl_addin.master.host.base import Filling
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.host.file import FileHost
from xl_addin.master.macros.settings_stamp import Stamp, read_stamp, stamp_change
from xl_addin.master.read.blocks import find_columns
from xl_addin.master.settings_body import LIST_OF, MATRICES, content, read_body
from xl_addin.model.folder import LEDGER, MASTER
from xl_addin.model.sheets import (
    ADJUSTMENTS_BLOCK,
    BEHIND_CELL,
    COMPARISON_BLOCK,
    COMPARISON_HEAD_BLOCK,
    CORRESPONDENCE_BLOCK,
    CORRESPONDENCE_HEADINGS,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    JOURNAL_SHEET,
    LETTERS_BLOCK,
    MASTER_SHEETS,
    PAPER_HEADINGS,
    PAPERS_BLOCK,
    PENDING_BLOCK,
    RULES_BLOCK,
    SETTINGS_BLOCK,
    SLIPS_BLOCK,
    TARGETS_BLOCK,
    WORKS_BLOCK,
)
from xl_addin.services import shared_settings
from xl_addin.store import settings_versions
from xl_addin.store.settings_versions import history
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import distribute
from xl_addin.xlsx.a1 import area_name
from xl_addin.xlsx.cells import DATE, NUM, TEXT, Cell
from xl_addin.xlsx.workbook import Workbook


@pytest.fixture
def both(tmp_path):
    """Two masters that have been brought into agreement."""
    one, other = clerks(tmp_path)
    one.run("check", "")
    other.run("check", "")
    return one, other


def click(clerk, **options):
    """What a click tells of the settings."""
    return clerk.run("check", "", **options).data["shared_settings"]


def body(clerk):
    return read_body(clerk.open_programme().host)


def said(clerk, block, key, heading):
    return body(clerk).cells.get((block, key, heading))


def mail(clerk, code, address):
    clerk.set_cell("区县名录", DISTRICTS_BLOCK, code, "收件人", address)


def versions(clerk):
    programme = clerk.open_programme()
    try:
        return history(programme.ledger)
    finally:
        programme.close()


def text_of(clerk, number):
    programme = clerk.open_programme()
    try:
        return settings_versions.body(programme.ledger, number)
    finally:
        programme.close()


def refused(clerk, **options):
    with pytest.raises(Refused) as found:
        click(clerk, **options)
    return found.value


def bytes_of(clerk):
    return (clerk.folder / MASTER).read_bytes()


def test_whoever_clicks_first_makes_the_first_version_and_a_copy_takes_its_number(both):
    one, _ = both
    [first] = versions(one)
    assert (first.number, first.who.partition("（")[0]) == (1, "王五")
    stamps = [read_stamp(each.open_programme().host) for each in both]
    assert {stamp.version for stamp in stamps} == {1}
    # Each is a master of its own: the second was copied before it had a number.
    assert len({stamp.master for stamp in stamps}) == 2
    # A number alone is no reason to put a backup aside.
    assert not [path for each in both for path in (each.folder / "备份").glob("master-*")]
    was = [bytes_of(each) for each in both]
    assert [click(each)["changes"] for each in both] == [[], []]
    assert [bytes_of(each) for each in both] == was


def test_who_is_behind_is_told_what_changed_and_by_whom_and_is_brought_up(both):
    one, other = both
    mail(one, "D001", "a@b.cn")
    one.set_cell("设置", SETTINGS_BLOCK, "滞后红线", "值", 15)
    assert click(one)["version"] == 2
    told = click(other)["changes"]
    assert told[0] == "这张主表的设置换成了第 2 版（原来是第 1 版）"
    assert "王五" in told[1]
    assert "区县名录“甲县”的收件人：空改成“a@b.cn”" in told[1]
    assert "设置“滞后红线”：10改成15" in told[1]
    assert other.open_programme().config.settings.behind == 15
    assert said(other, DISTRICTS_BLOCK, "D001", "收件人") == "a@b.cn"
    assert click(other)["changes"] == []


def test_a_verb_goes_by_the_settings_that_it_was_brought_up_to(both):
    one, other = both
    one.set_cell("设置", SETTINGS_BLOCK, "任务名称", "值", "新的名称")
    click(one)
    other.run("distribute")
    programme = other.open_programme()
    assert programme.config.settings.title == "新的名称"
    [line] = [each for each in programme.ledger.events(9) if each.verb == "distribute"]
    assert line
    programme.close()


def test_what_two_edit_apart_from_one_another_is_merged(both):
    one, other = both
    mail(one, "D001", "a@b.cn")
    mail(other, "D002", "c@d.cn")
    click(one)
    told = click(other)["changes"]
    assert any("第 3 版" in line and "乙县" in line for line in told)
    click(one)
    assert body(one).cells == body(other).cells
    for code, address in (("D001", "a@b.cn"), ("D002", "c@d.cn")):
        assert said(one, DISTRICTS_BLOCK, code, "收件人") == address


def test_the_same_edit_made_by_two_is_no_further_version(both):
    for each in both:
        mail(each, "D001", "a@b.cn")
    numbers = [click(each)["version"] for each in both]
    assert numbers == [2, 2]
    assert click(both[1])["changes"] == []


def test_one_cell_that_two_set_otherwise_is_refused_with_all_that_is_to_be_known(both):
    one, other = both
    mail(one, "D001", "a@b.cn")
    click(one)
    mail(other, "D001", "c@d.cn")
    was = bytes_of(other)
    [problem] = refused(other).problems
    assert (problem.sheet, problem.cell, problem.code) == ("区县名录", "D5", "settings-differ")
    for word in ("c@d.cn", "a@b.cn", "王五", "2024-03-01", "第 2 版", "原来是空"):
        assert word in problem.message
    assert bytes_of(other) == was
    assert len(versions(one)) == 2


@pytest.mark.parametrize(
    ("take", "address", "count"), [("本表", "c@d.cn", 3), ("底账", "a@b.cn", 3)]
)
def test_a_person_says_whose_word_goes_and_loses_nothing_else(both, take, address, count):
    one, other = both
    mail(one, "D001", "a@b.cn")
    click(one)
    mail(other, "D001", "c@d.cn")
    mail(other, "D002", "e@f.cn")
    refused(other)
    assert click(other, take=take)["version"] == count
    click(one)
    for each in both:
        assert said(each, DISTRICTS_BLOCK, "D001", "收件人") == address
        assert said(each, DISTRICTS_BLOCK, "D002", "收件人") == "e@f.cn"


def test_typing_what_the_other_typed_settles_it(both):
    one, other = both
    mail(one, "D001", "a@b.cn")
    click(one)
    mail(other, "D001", "c@d.cn")
    refused(other)
    mail(other, "D001", "a@b.cn")
    assert click(other)["version"] == 2


def clear_row(clerk, sheet, block, key):
    found = clerk.open_programme().host.block(block)
    row = next(
        r for (r, c), cell in found.cells.items() if c == found.area[1] and cell.value == key
    )
    clerk.type_over(sheet, {(row, c): None for c in range(found.area[1], found.area[3] + 1)})


def type_rows(clerk, sheet, block, headings, rows):
    clerk.type_over(sheet, typed_rows(clerk.open_programme().host.block(block), headings, rows))


PAPERS = [
    ("P1", "总结", "", "11月30日", "", 100),
    ("P2", "案例", "", "11月30日"),
    ("P3", "照片", "", "11月30日"),
]


def test_a_row_that_one_removed_and_the_other_edited_is_refused_and_comes_back_whole(both):
    one, other = both
    type_rows(one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, PAPERS)
    for each in both:
        click(each)
    clear_row(one, "材料", PAPERS_BLOCK, "P1")
    click(one)
    other.set_cell("材料", PAPERS_BLOCK, "P1", "最少字数", 200)
    [problem] = refused(other).problems
    assert "材料“P1”：这里改了它的最少字数，王五" in problem.message
    assert "删去了这一行" in problem.message
    click(other, take="本表")
    click(one)
    assert said(one, PAPERS_BLOCK, "P1", "材料") == "总结"
    assert said(one, PAPERS_BLOCK, "P1", "最少字数") == 200
    assert body(one).cells == body(other).cells


def test_a_removal_reaches_who_did_not_touch_the_row(both):
    one, other = both
    type_rows(one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, PAPERS)
    for each in both:
        click(each)
    clear_row(one, "材料", PAPERS_BLOCK, "P2")
    click(one)
    assert "材料删去了“P2”" in click(other)["changes"][1]
    assert [p.code for p in other.open_programme().config.papers] == ["P1", "P3"]


def test_the_order_of_rows_is_a_setting_of_its_own(both):
    one, other = both
    type_rows(one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, PAPERS)
    for each in both:
        click(each)
    type_rows(
        one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, [PAPERS[2], (*PAPERS[1], "", None), PAPERS[0]]
    )
    click(one)
    other.set_cell("材料", PAPERS_BLOCK, "P2", "要求", "要盖章")
    told = click(other)["changes"]
    assert any("材料的行重新排了次序" in line for line in told)
    assert [p.code for p in other.open_programme().config.papers] == ["P3", "P2", "P1"]
    click(one)
    papers = one.open_programme().config.papers
    assert [(p.code, p.request) for p in papers] == [("P3", ""), ("P2", "要盖章"), ("P1", "")]


def test_two_orders_are_refused(both):
    one, other = both
    type_rows(one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, PAPERS)
    for each in both:
        click(each)
    first, second, third = ((*row, *("",) * (6 - len(row))) for row in PAPERS)
    type_rows(one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, [third, second, first])
    type_rows(other, "材料", PAPERS_BLOCK, PAPER_HEADINGS, [second, first, third])
    click(one)
    [problem] = refused(other).problems
    assert "材料的行序：这里是“P2、P1、P3”" in problem.message
    click(other, take="底账")
    assert [p.code for p in other.open_programme().config.papers] == ["P3", "P2", "P1"]


def test_what_is_the_clerks_own_and_passwords_are_nobody_elses(both):
    one, _ = both
    for label, value in (
        ("本次月份", "2024-02"),
        ("结账按钮", "重新打开"),
        ("打开密码", "secret"),
        ("操作人", "王"),
        ("接收文件夹", "C:\\微信"),
        ("发件人邮箱", "me@x.cn"),
        ("SMTP 服务器", "smtp.x.cn"),
    ):
        one.set_cell("设置", SETTINGS_BLOCK, label, "值", value)
    assert click(one)["version"] == 1
    assert "secret" not in text_of(one, 1)


def test_a_district_added_in_one_master_has_its_rows_in_the_other(both):
    one, other = both
    one.run("add-district", "", code="D900", name="高新区", target="I01=50")
    assert versions(one)[-1].number == 2
    told = click(other)
    assert any("区县名录加上了“高新区”" in line for line in told["changes"])
    assert said(other, TARGETS_BLOCK, "D900", "I01") == 50
    assert body(one).cells == body(other).cells
    found = [each.run("check", "").data["problems"] for each in both]
    assert found[0] == found[1]
    assert [problem["code"] for problem in found[1]] == ["total-differs"]
    other.run("recompute")


def test_an_indicator_likewise_and_an_adjustment_that_is_registered_once(both):
    one, other = both
    one.run("add-indicator", "", code="I09", path="回访", unit="人", target="D001=7")
    one.run("adjust", "2024-02", district="甲县", indicator="I01", by="5", document="1号")
    click(other)
    assert said(other, TARGETS_BLOCK, "D001", "I09") == 7
    found = [each.run("check", "").data["problems"] for each in both]
    assert found[0] == found[1]
    assert body(one).cells == body(other).cells
    [row] = {key[1] for key in body(other).cells if key[0] == ADJUSTMENTS_BLOCK}
    assert row.startswith("2")


def test_an_undo_makes_a_further_version_and_takes_none_back(both):
    one, other = both
    one.run("add-district", "", code="D900", name="高新区", target="I01=50")
    was = versions(one)
    one.run("undo", "")
    assert [each.number for each in versions(one)] == [1, 2, 3]
    assert versions(one)[:2] == was
    assert versions(one)[2].digest == versions(one)[0].digest
    assert said(one, DISTRICTS_BLOCK, "D900", "区县") is None
    assert click(one)["changes"] == []
    assert click(other)["version"] == 3
    assert body(one).cells == body(other).cells


def test_what_one_removed_leaves_nothing_on_the_sheets_of_the_other(both):
    one, other = both
    one.run("add-district", "", code="D900", name="高新区", target="I01=50")
    one.run("add-indicator", "", code="I09", path="回访", unit="人", target="D001=7\nD900=3")
    click(other)
    assert said(other, TARGETS_BLOCK, "D900", "I09") == 3
    one.run("undo", "")
    one.run("undo", "")
    told = click(other)
    assert body(one).cells == body(other).cells
    assert "“任务表”“年初累计”“本月完成”" in told["changes"][-1]
    assert other.run("check", "").data["problems"] == []
    for verb in ("distribute", "recompute"):
        other.run(verb)
    shown = Workbook.open(bytes_of(other))
    left = {
        (name, at): cell.value
        for name in shown.sheet_names
        if name != JOURNAL_SHEET
        for at, cell in shown.sheet(name).cells.items()
        if any(str(word) in str(cell.value) for word in ("D900", "高新区", "I09"))
    }
    assert left == {}
    assert lint(other.folder / MASTER) == []
    assert other.run("recompute").data["formulas"]["disagreements"] == []
    # The same once more finds the empty lines, and room for all.
    one.run("add-district", "", code="D900", name="高新区", target="I01=50")
    assert "高新区" in click(other)["changes"][1]
    assert other.run("check", "").data["problems"] == one.run("check", "").data["problems"]
    other.run("recompute")


def test_an_undo_cut_off_before_its_version_brings_nothing_back(both, monkeypatch):
    one, other = both
    one.run("add-district", "", code="D900", name="高新区", target="I01=50")
    agree = shared_settings.agree

    def cut_off(programme, verb, take="", known=None):
        if known is not None:
            raise KeyboardInterrupt
        return agree(programme, verb, take)

    monkeypatch.setattr(shared_settings, "agree", cut_off)
    with pytest.raises(KeyboardInterrupt):
        one.run("undo", "")
    monkeypatch.undo()
    assert len(versions(one)) == 2
    assert click(one)["version"] == 3
    assert said(one, DISTRICTS_BLOCK, "D900", "区县") is None
    click(other)
    assert body(one).cells == body(other).cells


def test_an_undo_that_was_cut_off_is_not_done_twice_where_settings_came_between(both):
    one, _ = both
    for month in MONTHS[:2]:
        one.run("distribute", month)
    one.run("undo", "")
    page = max((one.folder / "归档").rglob("*.jsonl"))
    token = sha256(page.read_bytes()).hexdigest()[:16]
    page.rename(page.with_name(f"{page.stem}.{token}.pending"))
    mail(one, "D001", "a@b.cn")
    one.run("undo", "")
    assert len(versions(one)) == 2
    assert (one.folder / "填报表" / MONTHS[0]).is_dir()
    assert list((one.folder / "填报表" / MONTHS[0]).iterdir())


def test_a_master_closed_without_saving_is_brought_up_to_what_it_said_itself(both):
    one, _ = both
    was = bytes_of(one)
    mail(one, "D001", "a@b.cn")
    click(one)
    (one.folder / MASTER).write_bytes(was)
    assert click(one)["version"] == 2
    assert said(one, DISTRICTS_BLOCK, "D001", "收件人") == "a@b.cn"


def test_a_copied_master_goes_by_the_same_rule(both):
    one, _ = both
    third = one.copy("孙七")
    mail(third, "D003", "g@h.cn")
    click(third)
    mail(one, "D001", "a@b.cn")
    click(one)
    click(third)
    assert body(one).cells == body(third).cells
    assert said(third, DISTRICTS_BLOCK, "D001", "收件人") == "a@b.cn"


def test_a_ledger_that_is_older_than_the_master_is_refused_until_a_person_says(both):
    one, _ = both
    ledger = one.folder / LEDGER
    kept, pages = ledger.read_bytes(), {*(one.folder / "归档").rglob("*.jsonl")}
    mail(one, "D001", "a@b.cn")
    click(one)
    ledger.write_bytes(kept)
    for page in {*(one.folder / "归档").rglob("*.jsonl")} - pages:
        page.unlink()
    said_so = refused(one).message
    assert "设置第 2 版" in said_so
    assert "最新是第 1 版" in said_so
    assert click(one, take="本表")["version"] == 2
    assert click(one)["changes"] == []


def test_a_version_of_the_same_number_and_another_origin_is_refused(both):
    one, other = both
    ledger = one.folder / LEDGER
    kept, pages = ledger.read_bytes(), {*(one.folder / "归档").rglob("*.jsonl")}
    mail(one, "D001", "a@b.cn")
    click(one)
    ledger.write_bytes(kept)
    for page in {*(one.folder / "归档").rglob("*.jsonl")} - pages:
        page.unlink()
    mail(other, "D002", "c@d.cn")
    click(other)
    was = bytes_of(one)
    assert "接不上" in refused(one).message
    assert bytes_of(one) == was
    click(one, take="底账")
    assert body(one).cells == body(other).cells


def test_a_master_of_another_programme_is_refused(both):
    _, other = both
    programme = other.open_programme()
    stamp = read_stamp(programme.host)._replace(programme="ffffffffffff")
    programme.host.apply([stamp_change(programme.host, stamp)])
    programme.host.save()
    assert "另一个年度任务" in refused(other).message


def test_a_master_that_was_never_brought_into_agreement_says_where_it_differs(tmp_path):
    one, other = clerks(tmp_path)
    click(one)
    mail(other, "D002", "c@d.cn")
    failure = refused(other)
    assert "还没有和底账对过" in failure.message
    assert [p.cell for p in failure.problems] == ["D6"]
    assert click(other, take="底账")["version"] == 1
    assert said(other, DISTRICTS_BLOCK, "D002", "收件人") is None


def test_settings_that_are_wrong_are_no_version(both):
    one, _ = both
    one.set_cell("设置", SETTINGS_BLOCK, "滞后红线", "值", "很多")
    assert any("不作为新一版" in line for line in click(one)["changes"])
    with pytest.raises(Refused, match="设置不对"):
        one.run("distribute")
    assert len(versions(one)) == 1


def play(clerk):
    clerk.run("distribute")
    clerk.send("甲.xlsx", 0)
    clerk.collect()


@pytest.mark.parametrize(
    ("sheet", "block", "code"),
    [("区县名录", DISTRICTS_BLOCK, "D001"), ("指标", INDICATORS_BLOCK, "I04")],
)
def test_a_code_that_returns_count_for_cannot_be_renamed(both, sheet, block, code):
    one, _ = both
    play(one)
    targets = one.open_programme().host.block(TARGETS_BLOCK)
    for where, name in ((one.open_programme().host.block(block), sheet), (targets, "任务表")):
        at = [at for at, cell in where.cells.items() if cell.value == code]
        one.type_over(name, dict.fromkeys(at, "X01"))
    with pytest.raises(Refused) as found:
        one.run("distribute")
    assert f"代码 {code}）没有了，可是它有计入的填报表（2024-01）" in found.value.message
    assert len(versions(one)) == 1


def test_a_format_of_a_later_program_is_read_by_nobody_and_not_written_over(both):
    one, other = both
    programme = one.open_programme()
    ledger = programme.ledger
    with ledger.writing():
        newer = json.dumps({**json.loads(text_of(one, 1)), "format": 2})
        settings_versions.add(ledger, 1, "2024-03-02 09:00:00", "李", "m", "d", newer)
        ledger.add_event("2024-03-02 09:00:00", "settings", "", "", "")
    programme.close()
    mail(other, "D001", "a@b.cn")
    was = bytes_of(other)
    with pytest.raises(Refused, match="请先升级"):
        other.run("distribute")
    # Who only looks goes on, and is told.
    assert any("请先升级" in line for line in other.run("status").lines)
    assert click(other)["version"] == 2
    assert (bytes_of(other), len(versions(one))) == (was, 2)


def test_a_click_cut_off_between_ledger_and_master_is_made_good_by_the_next(both, monkeypatch):
    one, other = both
    mail(other, "D002", "c@d.cn")
    click(other)
    mail(one, "D001", "a@b.cn")

    def cut_off(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(shared_settings, "_keep", cut_off)
    with pytest.raises(KeyboardInterrupt):
        click(one)
    monkeypatch.undo()
    assert len(versions(one)) == 3
    assert click(one)["version"] == click(other)["version"] == 3
    assert body(one).cells == body(other).cells
    assert click(one)["changes"] == []


def test_a_version_written_meanwhile_stops_a_verb_before_it_writes(both, monkeypatch):
    one, other = both
    mail(other, "D001", "a@b.cn")

    def meanwhile(given, request):
        click(other)
        return real_run(given, request)

    real_run = distribute.run
    monkeypatch.setattr(distribute, "run", meanwhile)
    with pytest.raises(Refused, match=r"刚才又有人改了设置（设置第 2 版，赵六"):
        one.run("distribute")
    monkeypatch.undo()
    assert not (one.folder / "填报表" / "2024-01").exists()
    one.run("distribute")


def test_a_rehearsal_writes_nothing_and_says_so(both):
    one, other = both
    mail(one, "D001", "a@b.cn")
    click(one)
    was = bytes_of(other)
    report = other.run("distribute", rehearse=True)
    assert "预演按主表现在的算" in report.lines[0]
    assert bytes_of(other) == was


def test_status_says_which_version_is_in_force(both):
    assert both[1].run("status").lines[0].startswith("设置第 1 版，王五")


def test_take_is_for_shared_ledgers_and_has_two_words(both):
    with pytest.raises(Misused, match="“本表”或“底账”"):
        click(both[0], take="我的")


def test_whatever_staff_type_is_shared_or_known_not_to_be():
    typed = {area.name for sheet in MASTER_SHEETS if sheet.editable for area in sheet.areas}
    answers = {PENDING_BLOCK, SLIPS_BLOCK, COMPARISON_BLOCK, COMPARISON_HEAD_BLOCK}
    assert typed - answers - {BEHIND_CELL} == {*LIST_OF, *MATRICES}


@pytest.mark.parametrize(("heading", "wanted"), [("截止", "2024-06-30"), ("份数", 45473)])
def test_a_day_whose_format_is_not_told_is_known_by_its_heading(heading, wanted):
    assert content(Cell(NUM, 45473), heading) == wanted


CONTENTS = [
    (Cell(NUM, 5), 5),
    (Cell(NUM, 5.0), 5),
    (Cell(NUM, 0.1 + 0.2), 0.3),
    (Cell(TEXT, "5"), "5"),
    (Cell(TEXT, " \n"), None),
    (Cell(TEXT, "a\r\nb"), "a\nb"),
    (Cell(TEXT, "=1+1"), "'=1+1"),
    (Cell(TEXT, "'x"), "''x"),
    (Cell(DATE, 45473), "2024-06-30"),
    (Cell(NUM, 3, "SUM( 'Sheet1'!A1 , \"a , b\" )"), '=SUM(Sheet1!A1,"a , b")'),
    (Cell(NUM, 3, "'a b'!A1"), "='a b'!A1"),
    (None, None),
]


@pytest.mark.parametrize(("cell", "wanted"), CONTENTS)
def test_a_cell_says_the_same_whichever_program_saved_it(cell, wanted):
    assert (content(cell), type(content(cell))) == (wanted, type(wanted))


def test_formulas_texts_that_look_like_them_and_numbers_arrive_as_what_they_are(both):
    one, other = both
    programme = one.open_programme()
    block = programme.host.block(DISTRICTS_BLOCK)
    at = find_columns(block, ("电话", "备注"))
    row = block.area[0] + 1
    programme.host.fill(
        [
            Filling(
                block.sheet,
                {(row, at["备注"]): "=1+1", (row + 1, at["电话"]): "010"},
                {(row, at["电话"]): "=10+1"},
            )
        ]
    )
    programme.host.save()
    click(one)
    click(other)
    cells = other.open_programme().host.block(DISTRICTS_BLOCK).cells
    assert cells[row, at["电话"]].formula == "10+1"
    assert (cells[row, at["备注"]].value, cells[row, at["备注"]].formula) == ("=1+1", None)
    assert cells[row + 1, at["电话"]].value == "010"
    programme = one.open_programme()
    programme.host.fill([Filling(block.sheet, {(row, at["电话"]): 12}, {})])
    programme.host.save()
    click(one)
    click(other)
    assert said(other, DISTRICTS_BLOCK, "D001", "电话") == 12


def test_rules_letters_and_the_lists_without_codes_are_shared(both):
    one, other = both
    one.set_cell("校验规则", RULES_BLOCK, "negative", "级别", "停用")
    one.set_cell("信件", LETTERS_BLOCK, "发放", "主题", "新的主题")
    rows = [("领证人数", "I02", 10000), ("领证人数", "I01")]
    type_rows(one, "对照", CORRESPONDENCE_BLOCK, CORRESPONDENCE_HEADINGS, rows)
    click(one)
    click(other)
    assert body(one).cells == body(other).cells
    assert said(other, CORRESPONDENCE_BLOCK, "领证人数#2", "指标") == "I01"
    assert other.open_programme().config.rules["negative"].severity == ""
    # Back to what a new master says is an edit like any other.
    other.set_cell("校验规则", RULES_BLOCK, "negative", "级别", "错误")
    click(other)
    click(one)
    assert one.open_programme().config.rules["negative"].severity == "error"


def test_the_stamp_stays_where_macros_are_put_right(both):
    one, _ = both
    host = FileHost(one.folder / MASTER)
    before = read_stamp(host)
    assert before.version == 1
    host.install_macros({"INTERPRETER_WIN": "C:\\py.exe"}, 6)
    assert read_stamp(host) == before
    assert Stamp() != before


def test_what_an_older_master_has_no_room_for_is_not_removed_by_it(both):
    one, other = both
    one.set_cell("设置", SETTINGS_BLOCK, "比对容差", "值", 3)
    click(one)
    clear_row(other, "设置", SETTINGS_BLOCK, "比对容差")
    mail(other, "D001", "a@b.cn")
    click(other)
    click(one)
    assert one.open_programme().config.settings.tolerance == 3
    assert said(one, DISTRICTS_BLOCK, "D001", "收件人") == "a@b.cn"
    # And where the row is there again, as attach puts it, it says what the others say.
    host = one.open_programme().host.block(SETTINGS_BLOCK)
    row = next(r for (r, _), cell in host.cells.items() if cell.value == "比对容差")
    other.type_over("设置", {(row, 1): "比对容差", (row, 2): 0})
    mail(other, "D002", "c@d.cn")
    click(other)
    assert said(other, DISTRICTS_BLOCK, "D002", "收件人") == "c@d.cn"
    assert other.open_programme().config.settings.tolerance == 3


def test_a_district_that_was_removed_is_told_until_its_rows_are_gone_too(both):
    one, _ = both
    clear_row(one, "区县名录", DISTRICTS_BLOCK, "D004")
    with pytest.raises(Refused) as found:
        one.run("distribute")
    [problem] = found.value.problems
    assert problem.code == "row-unknown"
    assert "删去这一行" in problem.message
    assert len(versions(one)) == 1


def share_formulas(clerk, block, heading):
    """Two cells under a heading that share one formula, as Excel writes what was filled down."""
    programme = clerk.open_programme()
    found = programme.host.block(block)
    column = find_columns(found, (heading,))[heading]
    rows = [found.area[0] + 1, found.area[0] + 2]
    programme.host.fill([Filling(found.sheet, {}, {(r, column): f"=100+{r}" for r in rows})])
    programme.host.save()
    area = area_name((rows[0], column, rows[1], column))
    shared = f'<f t="shared" ref="{area}" si="0">100+{rows[0]}</f>'
    data = rewrite_master(
        [(f"<f>100+{rows[0]}</f>", shared), (f"<f>100+{rows[1]}</f>", '<f t="shared" si="0"/>')],
        bytes_of(clerk),
    )
    (clerk.folder / MASTER).write_bytes(data)


def test_a_formula_that_two_cells_share_is_known_in_both_and_not_torn(both):
    one, other = both
    share_formulas(one, DISTRICTS_BLOCK, "电话")
    click(one)
    assert said(one, DISTRICTS_BLOCK, "D002", "电话") == "=100+5"
    click(other)
    assert said(other, DISTRICTS_BLOCK, "D002", "电话") == "=100+5"
    host = other.open_programme().host
    block = host.block(DISTRICTS_BLOCK)
    at = next(at for at, cell in block.cells.items() if cell.formula == "100+5")
    host.fill([Filling(block.sheet, {at: 7}, {})])
    host.save()
    click(other)
    assert "共用一个公式" in refused(one).message


def test_new_rows_come_where_they_follow_and_a_full_list_is_told(both):
    one, other = both
    block = other.open_programme().host.block(CORRESPONDENCE_BLOCK)
    top, left, bottom, _ = block.area
    rows = {(row, left): f"列{row}" for row in range(top + 1, bottom)}
    one.type_over("对照", rows)
    for each in both:
        click(each)
    one.type_over("对照", {(bottom, left): "最后"})
    other.type_over("对照", {(bottom, left): "别的"})
    click(one)
    assert "空行不够" in refused(other).message


def test_a_master_open_in_excel_is_brought_up_on_the_screen(both, memory_excel):
    one, other = both
    mail(one, "D001", "001")
    one.set_cell("区县名录", DISTRICTS_BLOCK, "D002", "电话", 12)
    type_rows(
        one, "重点工作台账", WORKS_BLOCK, ("编号", "重点工作", "完成时限"), [("1", "甲", 45473)]
    )
    click(one)
    del memory_excel  # xlwings finds it
    other.live = ExcelHost(import_xlwings().Book(str(other.folder / MASTER)))
    assert "换成了第 2 版" in click(other)["changes"][0]
    assert click(other)["changes"] == []
    assert said(other, DISTRICTS_BLOCK, "D001", "收件人") == "001"
    assert read_stamp(other.live).version == 2
    assert said(other, WORKS_BLOCK, "1", "完成时限") == "2024-06-30"
    # Closed without saving: what lies on the disk is behind, and is brought up again.
    other.live = None
    assert "换成了第 2 版" in click(other)["changes"][0]


def test_a_master_that_another_program_saved_is_not_taken_for_edited(tmp_path, office):
    one, other = clerks(tmp_path)
    programme = one.open_programme()
    block = programme.host.block(DISTRICTS_BLOCK)
    at, row = find_columns(block, ("电话", "备注")), block.area[0] + 1
    values = {(row, at["电话"]): 0.1 + 0.2, (row + 1, at["备注"]): "两行\n=字 "}
    programme.host.fill(
        [Filling(block.sheet, values, {(row + 1, at["电话"]): "=SUM(任务表!C7:C8)"})]
    )
    programme.host.save()
    type_rows(one, "材料", PAPERS_BLOCK, PAPER_HEADINGS, PAPERS)
    click(one)
    click(other, take="底账")
    for each in (one, other):
        saved = office.convert(each.folder / MASTER, tmp_path / each.name, "xlsm")
        (each.folder / MASTER).write_bytes(saved.read_bytes())
        assert click(each)["changes"] == []
    assert len(versions(one)) == 1


def test_a_click_on_a_ledger_of_ones_own_knows_nothing_of_this(tmp_path):
    clerk = SmallProgramme(tmp_path / "年度")
    script = (
        "import sys; from xl_addin.cli import main; main(sys.argv[1:]);"
        "print([name for name in sys.modules if 'shared_' in name or 'settings_b' in name])"
    )
    words = [sys.executable, "-c", script, "status", "--folder", str(clerk.folder), "--json"]
    out = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    loaded = out.stdout.splitlines()[-1]
    assert (out.returncode, loaded) == (0, "[]")
