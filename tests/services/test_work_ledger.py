"""Key works from the master to the districts and back: pages, verdicts apart, standings, letters, sheets.

Proves also store/work_reports.py, master/work_lists.py, master/read/works.py, master/build/work_sheets.py and
services/bulletin/works.py.
"""

import io
import json
import sqlite3
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools.programme import FIGURES, MONTHS, NAMES, SmallProgramme
from tests.tools.works import paged_form, type_works
from xl_addin.cli import main
from xl_addin.form.page_layout import SHEET
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.master.read.works import read_works
from xl_addin.model.folder import LEDGER
from xl_addin.model.sheets import (
    DISTRICTS_BLOCK,
    DISTRICTS_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    WORK_COUNT_HEADINGS,
    WORK_DETAIL_HEADINGS,
    WORK_DETAILS_BLOCK,
    WORKS_BLOCK,
)
from xl_addin.services.bulletin.works import work_values
from xl_addin.services.corrections import prepare_correction, record_form
from xl_addin.services.programme import Programme
from xl_addin.services.work_ledger import owing, page_items, work_counts, work_standings
from xl_addin.store.work_reports import last_reports, reported_by
from xl_addin.system.errors import Refused
from xl_addin.xlsx.values import day_number

JANUARY, FEBRUARY, MARCH = MONTHS[:3]
ROWS = (
    ("1", "数据比对共享", "每季度比对一次", "教育就业部", None, "2024-12-20", "季"),
    ("2", "实用技术培训", "培训 1200 人次", "教育就业部", "", 45626, "月", "I01"),
    ("3", "美丽工坊", "选拔扶持企业", "教育就业部", "甲县、乙县", "2024年1月31日", "一次"),
)
WAY = ("推进中", "已办 1 期，下月再办一期")
SLOW = ("滞后", "场地还没有落实", "没有场地", "2 月定点", day_number("2024-03-01"))


def entries(**given):
    return {n[1:]: (*entry, *(None,) * (5 - len(entry))) for n, entry in given.items()}


@pytest.fixture
def small(tmp_path):
    found = SmallProgramme(tmp_path / "任务")
    type_works(found, ROWS)
    return found


def send(small, district, month=JANUARY, name="", at=None, round_=1, figures=None, **given):
    own = {code: n + district for code, n in (figures or FIGURES).items()}
    data = paged_form(small, district, entries(**given), own, month, round_)
    name = name or f"{month}-{district}-{round_}.xlsx"
    small.put(name, data, at or datetime(int(month[:4]), int(month[5:]) + 1, 2), month)
    return small.collect(month)[name]


def standings(small, month=JANUARY):
    programme = small.open_programme()
    found = work_standings(programme, month)
    programme.close()
    names = {d.code: d.name for d in programme.basics.districts}
    return {(names[d], n): (each.state, each.verdict, each.month) for (d, n), each in found.items()}


def numbers(small, month, district):
    programme = small.open_programme()
    found = page_items(programme, month, programme.basics.districts[district])
    programme.close()
    return [item.number for item in found]


def block_rows(small, name, headings):
    block = small.open_programme().host.block(name)
    at = find_columns(block, headings)
    top, _, bottom, _ = block.area
    rows = [
        tuple(key_text(block.cells.get((row, at[heading]))) for heading in headings)
        for row in range(top + 1, bottom + 1)
    ]
    return [row for row in rows if any(row)]


def test_a_page_has_the_items_of_the_month_that_concern_the_district(small):
    assert numbers(small, JANUARY, 0) == ["2", "3"]
    assert numbers(small, JANUARY, 3) == ["2"]
    assert numbers(small, MARCH, 3) == ["1", "2"]


def test_forms_have_a_page_where_there_are_items_and_none_where_there_are_not(small):
    type_works(small, [("1", *ROWS[2][1:]), *([(None,) * 8] * 2)])
    small.run("distribute")
    forms = sorted((small.folder / "填报表" / JANUARY).glob("*.xlsx"))
    paged = [SHEET in load_workbook(form).sheetnames for form in forms]
    assert paged == [True, True, False, False]


def test_a_wrong_page_goes_back_alone_and_the_corrected_one_counts_once(small):
    found = send(small, 1, _2=WAY, _3=("滞后", "场地还没有落实"))
    assert (found["verdict"], [p["code"] for p in found["problems"]]) == (
        "accepted",
        ["item-behind-without-reason"],
    )
    assert standings(small)["乙县", "3"] == ("", "rejected", JANUARY)
    total = small.cumulative()
    programme = small.open_programme()
    district = programme.config.districts[1]
    [status] = programme.ledger.returns_to_answer(JANUARY).values()
    assert (status.verdict, status.page) == ("accepted", "rejected")
    back = prepare_correction(programme, district, status)
    assert "已经收下" in back.correction.review.summary
    assert back.correction.all_errors == 1
    with programme.ledger.writing():
        record_form(programme, district, JANUARY, back)
        programme.ledger.add_event(programme.now(), "return", JANUARY, "", "")
    programme.close()
    small.put("没改.xlsx", back.form.data, datetime(2024, 2, 8))
    untouched = small.collect()["没改.xlsx"]
    assert (untouched["verdict"], [p["code"] for p in untouched["problems"]]) == (
        "blank",
        ["untouched"],
    )
    assert standings(small)["乙县", "3"] == ("", "rejected", JANUARY)
    book = load_workbook(io.BytesIO(back.form.data))
    sheet = book[SHEET]
    assert (sheet["F7"].value, sheet["G7"].value) == SLOW[:2]
    assert sheet["H7"].fill.start_color.rgb == "FFFFB3B3"
    sheet["H7"], sheet["I7"], sheet["J7"] = "没有场地", "2 月定点", datetime(2024, 3, 1)
    saved = io.BytesIO()
    book.save(saved)
    small.put("改好.xlsx", saved.getvalue(), datetime(2024, 2, 9))
    again = small.collect()["改好.xlsx"]
    assert (again["verdict"], again["problems"]) == ("accepted", [])
    assert standings(small)["乙县", "3"] == ("behind", "accepted", JANUARY)
    assert small.cumulative() == total
    assert small.collect()["改好.xlsx"]["verdict"] == "duplicate"
    assert standings(small)["乙县", "3"] == ("behind", "accepted", JANUARY)


def test_a_good_page_counts_though_the_figures_go_back(small):
    found = send(small, 1, figures={**FIGURES, "I03": 50}, _2=WAY, _3=SLOW)
    assert found["verdict"] == "rejected"
    assert standings(small)["乙县", "2"] == ("under-way", "accepted", JANUARY)
    assert small.cumulative() == {}


def test_what_a_person_turned_down_does_not_count_and_an_undone_run_neither(small):
    send(small, 0, _2=WAY, _3=SLOW)
    assert standings(small)["甲县", "2"][1] == "accepted"
    small.run("undo")
    assert standings(small)["甲县", "2"] == ("", "missing", JANUARY)
    small.collect()
    assert standings(small)["甲县", "2"][1] == "accepted"


def test_what_was_reported_stands_on_the_next_page_and_settles_what_is_over(small):
    send(small, 0, _2=WAY, _3=("已完成", "企业都选好了"))
    send(small, 1, _2=WAY, _3=SLOW)
    assert numbers(small, FEBRUARY, 0) == ["2"]
    assert numbers(small, FEBRUARY, 1) == ["2", "3"]
    programme = small.open_programme()
    [first, _] = page_items(programme, FEBRUARY, programme.basics.districts[1])
    assert first.last_state == "推进中：已办 1 期，下月再办一期"
    assert last_reports(programme.ledger, JANUARY) == {}
    programme.close()
    found = standings(small, FEBRUARY)
    assert found["甲县", "3"] == ("done", "accepted", JANUARY)
    assert found["乙县", "3"] == ("", "missing", FEBRUARY)


def test_the_sheets_say_what_the_ledger_has(small):
    send(small, 0, _2=WAY, _3=SLOW)
    send(small, 1, _2=WAY, _3=("滞后", "场地还没有落实"))
    report = small.run("recompute")
    counted = block_rows(small, WORKS_BLOCK, ("编号", *WORK_COUNT_HEADINGS[:8]))
    assert counted == [
        ("1", *("",) * 8),
        ("2", "4", "0", "1", "0", "0", "0", "3", "红"),
        ("3", "2", "0", "0", "0", "1", "0", "1", "红"),
    ]
    rows = block_rows(small, WORK_DETAILS_BLOCK, WORK_DETAIL_HEADINGS[:6])
    assert [row[:4] for row in rows] == [
        ("甲县", "2", "实用技术培训", "推进中"),
        ("甲县", "3", "美丽工坊", "滞后"),
        ("乙县", "2", "实用技术培训", "退回"),
        ("乙县", "3", "美丽工坊", "退回"),
        ("丙县", "2", "实用技术培训", "未报"),
        ("丁县", "2", "实用技术培训", "未报"),
    ]
    items = {(i["district"], i["item"]): i for i in report.data["items"]}
    assert (items["甲县", "3"]["state"], items["甲县", "3"]["late"]) == ("behind", True)
    assert items["乙县", "3"]["verdict"] == "rejected"
    assert [p["cell"] for p in items["乙县", "3"]["problems"]] == ["H7"]
    small.run("undo")
    assert block_rows(small, WORK_DETAILS_BLOCK, WORK_DETAIL_HEADINGS[:4]) == []


def test_a_ledger_made_anew_from_the_archive_says_the_same(small):
    send(small, 0, _2=WAY, _3=SLOW)
    send(small, 1, _2=WAY, _3=("滞后", "场地还没有落实"))
    before = standings(small)
    small.run("recompute")
    assert small.run("verify").clean
    assert small.run("rebuild").clean
    assert standings(small) == before
    with sqlite3.connect(small.folder / LEDGER) as db:
        db.execute("DROP TRIGGER work_reports_update")
        db.execute("UPDATE work_reports SET progress='都办完了' WHERE item='2'")
    db.close()
    assert not small.run("verify").clean


def test_items_that_are_withdrawn_are_asked_no_more_and_stay(small):
    send(small, 0, _2=WAY, _3=SLOW)
    type_works(small, [*ROWS[:1], (*ROWS[1], None, 1), ROWS[2]])
    assert numbers(small, FEBRUARY, 0) == ["3"]
    assert standings(small, FEBRUARY)["甲县", "2"] == ("under-way", "accepted", JANUARY)
    programme = small.open_programme()
    count = work_counts(programme, FEBRUARY)["2"]
    programme.close()
    assert (count.owed, count.under_way, count.light) == (4, 1, "")
    assert "不再报" in count.latest


def test_who_owes_what(small):
    send(small, 0, _2=WAY, _3=SLOW)
    send(small, 1, _2=WAY, _3=("滞后", "场地还没有落实"))
    programme = small.open_programme()
    found = owing(work_standings(programme, JANUARY), JANUARY)
    programme.close()
    names = [NAMES[int(code[-1]) - 1].replace(" ", "") for code in found]
    assert names == ["乙县", "丙县", "丁县"]


def letters_of(small, kind):
    found = {}
    for path in (small.folder / "邮件").rglob(f"{kind}_*.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=default)
        found[str(letter["to"])] = (letter["subject"], letter.get_body(("plain",)).get_content())
    return found


def test_letters_say_which_page_goes_back_and_which_items_lack(small):
    small.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "发件人邮箱", "值", "hq@example.com")
    for number in range(1, 5):
        address = f"d{number}@example.com"
        small.set_cell(DISTRICTS_SHEET, DISTRICTS_BLOCK, f"D00{number}", "收件人", address)
    small.run("distribute")
    small.clock = datetime(2024, 2, 3, 9)
    send(small, 0, _2=WAY, _3=SLOW)
    send(small, 1, _2=WAY, _3=("滞后", "场地还没有落实"))
    small.run("return")
    [(subject, text)] = letters_of(small, "退回").values()
    assert "“重点工作”页（第 2 轮）" in subject
    assert "已经收下" in text
    assert "重点工作 3：" in text
    assert "还没有计入" not in text
    small.clock = datetime(2024, 2, 8, 9)
    small.run("remind")
    asked = {to: text for to, (_, text) in letters_of(small, "催报").items()}
    assert set(asked) == {f"d{n}@example.com" for n in (2, 3, 4)}
    assert "没有通过审核，还没有重报：2 实用技术培训、3 美丽工坊" in asked["d2@example.com"]
    assert "“重点工作”页有 1 项要报：2" in asked["d3@example.com"]
    # What February's page says of an item makes January's page no matter any more.
    small.run("distribute", FEBRUARY)
    small.clock = datetime(2024, 3, 2, 9)
    took = send(
        small,
        1,
        FEBRUARY,
        _2=WAY,
        _3=("滞后", "还没有落实场地", *SLOW[2:4], day_number("2024-05-01")),
    )
    assert took["verdict"] == "accepted"
    small.clock = datetime(2024, 3, 8, 9)
    told = small.run("remind", FEBRUARY, rehearse=True).data["letters"]
    assert {each["code"] for each in told} == {"D001", "D003", "D004"}


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        ((None, "没有编号"), "code-missing", "A5"),
        (("1", ""), "name-missing", "B5"),
        (("1", "事项", "", "", "戊县"), "bad-owners", "E5"),
        (("1", "事项", "", "", "", "尽快"), "bad-term", "F5"),
        (("1", "事项", "", "", "", "", "周"), "bad-frequency", "G5"),
        (("1", "事项", "", "", "", "", "月", "I99"), "bad-work-indicator", "H5"),
        (("1", "事项", "", "", "", "", "月", "", 13), "bad-months", "I5"),
    ],
)
def test_what_is_typed_wrong_is_told_with_its_cell(small, row, code, cell):
    type_works(small, [row, *([(None,) * 10] * 2)])
    programme = small.open_programme()
    problems = []
    read_works(programme.host, programme.config, problems)
    assert {(p.code, p.cell) for p in problems} == {(code, cell)}
    with pytest.raises(Refused):
        page_items(programme, JANUARY, programme.basics.districts[0])
    programme.close()
    assert code in {p["code"] for p in small.run("check").data["problems"]}


def test_a_number_that_stands_twice_is_told(small):
    type_works(small, [ROWS[0], (ROWS[0][0], "别的")])
    programme = small.open_programme()
    problems = []
    assert len(read_works(programme.host, programme.config, problems)) == 2
    assert [(p.code, p.cell) for p in problems] == [("code-twice", "A6")]
    programme.close()


def test_names_terms_and_frequencies_as_people_write_them(small):
    rows = [
        ("1", "事项", "", "", "各区县残联", "2024年9月底前", "每季", "培训"),
        ("2", "事项", "", "", "甲县，D002", "", "", ""),
        (None,) * 8,
    ]
    type_works(small, rows)
    programme = small.open_programme()
    one, two = programme.works
    programme.close()
    assert (one.owners, one.term, one.frequency, one.indicators) == (
        (),
        "2024-09-30",
        "quarter",
        ("I01",),
    )
    assert (two.owners, two.term, two.frequency) == (("D001", "D002"), "", "month")


def test_a_bulletin_says_it_in_a_sentence_and_nothing_where_there_is_nothing(small):
    send(small, 0, _2=WAY, _3=SLOW)
    send(small, 1, _2=WAY, _3=("已完成", "企业都选好了"))
    programme = small.open_programme()
    found = work_standings(programme, JANUARY)
    names = {d.code: d.name for d in programme.basics.districts}
    programme.close()
    values = work_values(list(found.values()), names)
    assert values["台账件数"] == "2"
    assert values["台账滞后名单"] == "美丽工坊（甲县）"
    assert values["台账未报名单"] == "丙县（1件）、丁县（1件）"
    assert "列入台账的重点工作2件" in values["台账情况"]
    assert set(work_values([], names).values()) == {""}


def test_key_works_of_a_notice_are_put_there_only_where_they_are_asked_for(tmp_path, capsys):
    notice = Path(__file__).parents[1] / "data" / "notices" / "1_plain.docx"
    asked = ["--task-table", str(notice), "--year", "2023", "--json"]
    for folder, more, numbers in (("甲", [], []), ("乙", ["--key-works", "1"], ["1-1"])):
        main(["new", str(tmp_path / folder), *asked, *more])
        [work] = json.loads(capsys.readouterr().out)["key_works"]
        assert (work["title"], work["chosen"]) == ("加强数据比对共享", bool(more))
        programme = Programme(tmp_path / folder)
        assert [item.number for item in programme.works] == numbers
        programme.close()
    assert main(["new", str(tmp_path / "丙"), *asked, "--key-works", "7"]) == 2
    assert not (tmp_path / "丙" / "master.xlsm").exists()


def test_a_dossier_has_what_was_reported_and_whether_it_counts(small):
    send(small, 0, _2=WAY, _3=SLOW)
    send(small, 0, _2=WAY, _3=("滞后", "场地还没有落实"), at=datetime(2024, 2, 20), round_=2)
    programme = small.open_programme()
    found = reported_by(programme.ledger, "D001", JANUARY, JANUARY)
    programme.close()
    assert [(kept.verdict, kept.report.item, counts) for kept, counts in found] == [
        ("accepted", "2", True),
        ("accepted", "3", True),
        ("rejected", "2", False),
        ("rejected", "3", False),
    ]
    assert standings(small)["甲县", "3"] == ("behind", "accepted", JANUARY)
