"""What was done last is taken back as a whole: forms, receipts, cells; never what others touched since.

Proves also services/snapshot.py.
"""

import hashlib
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from tests.journeys.test_month import set_target, snapshot
from tests.tools.masters import edit_master
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.windows.holding import opened
from xl_addin.master.read.blocks import locate_matrix
from xl_addin.model.folder import ARCHIVE, BACKUPS, FORMS, LEDGER, MASTER, RUN_LOGS
from xl_addin.model.letters import SEND
from xl_addin.model.sheets import (
    CUMULATIVE_BLOCK,
    CUMULATIVE_SHEET,
    DISTRICT_PAGE_SHEET,
    JOURNAL_BLOCK,
    JOURNAL_SHEET,
    SETTINGS_SHEET,
)
from xl_addin.store.deliveries import SENDING, PlannedLetter, advance, record
from xl_addin.system.errors import Refused
from xl_addin.xlsx.workbook import Workbook

JANUARY, FEBRUARY = MONTHS[:2]


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "任务")


def shown(programme):
    """Every cell of the master by sheet: its value, its formula, its look."""
    book = Workbook.open((programme.folder / MASTER).read_bytes())
    return {name: book.sheet(name).cells for name in book.sheet_names}


def journal(programme):
    under_test = programme.open_programme()
    lines = [verb for _, verb, *_ in under_test.ledger.events(99)]
    under_test.close()
    return lines


def test_collecting_is_taken_back_and_can_be_done_again(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    said = programme.run("undo").data["undone"]
    assert (said["verb"], said["month"]) == ("collect", JANUARY)
    assert programme.cumulative() == {}
    assert programme.run("status").data["accepted"] == 0
    assert journal(programme) == ["undo", "collect", "new"]
    assert programme.collect()["1.xlsx"]["verdict"] == "accepted"
    assert programme.cumulative()["I01"] == 10


def test_what_counted_before_a_collection_counts_again(programme):
    programme.send("1.xlsx", 0, at=datetime(2024, 2, 2))
    programme.collect()
    programme.send("2.xlsx", 0, {**FIGURES, "I01": 99}, at=datetime(2024, 2, 3))
    programme.collect()
    programme.run("undo")
    assert programme.cumulative()["I01"] == 10


def test_new_forms_are_removed(programme):
    forms = programme.run("distribute").data["forms"]
    said = programme.run("undo").data
    assert len(said["changes"]) == 4
    assert not any(Path(form["file"]).exists() for form in forms)
    again = programme.run("distribute").data["forms"]
    assert [form["sha256"] for form in again] == [form["sha256"] for form in forms]
    assert all(Path(form["file"]).exists() for form in again)


def test_forms_that_were_replaced_come_back(programme):
    first = programme.run("distribute").data["forms"]
    before = snapshot(programme.folder / FORMS)
    set_target(programme.folder / MASTER, 130)
    second = programme.run("distribute").data["forms"]
    assert first != second
    programme.run("undo")
    assert snapshot(programme.folder / FORMS) == before
    set_target(programme.folder / MASTER, 120)
    assert programme.run("distribute").data["forms"] == first


def test_a_form_that_somebody_filled_in_stands_in_the_way(programme):
    forms = programme.run("distribute").data["forms"]
    touched = Path(forms[1]["file"])
    touched.write_bytes(touched.read_bytes() + b" ")
    before = snapshot(programme.folder)
    with pytest.raises(Refused, match=touched.name):
        programme.run("undo")
    assert snapshot(programme.folder) == before


def test_a_form_that_came_back_stands_in_the_way_though_that_was_undone(programme):
    forms = programme.run("distribute").data["forms"]
    programme.send("1.xlsx", 0)
    programme.collect()
    assert programme.run("undo").data["undone"]["verb"] == "collect"
    with pytest.raises(Refused, match="交回"):
        programme.run("undo")
    assert all(Path(form["file"]).exists() for form in forms)


def test_a_form_that_was_sent_stands_in_the_way(programme):
    forms = programme.run("distribute").data["forms"]
    under_test = programme.open_programme()
    with under_test.ledger.writing():  # as a sending that was cut off leaves it
        letter = PlannedLetter(SEND, JANUARY, forms[0]["code"], forms[0]["sha256"], "", "", "", "")
        [sending] = record(under_test.ledger, [letter], "")
        advance(under_test.ledger, {sending.id: ""}, SENDING, "")
    under_test.close()
    with pytest.raises(Refused, match="发给"):
        programme.run("undo")


def test_a_verb_whose_work_cannot_be_called_back_stands_in_the_way(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    under_test = programme.open_programme()
    with under_test.ledger.writing():
        under_test.ledger.add_event("2024-03-01 10:00:00", "send", JANUARY, "发送 4 封", "")
    under_test.close()
    with pytest.raises(Refused, match="发送"):
        programme.run("undo")


def test_nothing_is_undone_twice(programme):
    programme.send("1.xlsx", 0)
    programme.run("distribute")
    programme.collect()
    programme.run("close")
    assert [programme.run("undo").data["undone"]["verb"] for _ in range(2)] == ["close", "collect"]
    fresh = SmallProgramme(programme.folder.with_name("另一个"))
    with pytest.raises(Refused, match="没有可以撤销"):
        fresh.run("undo")


def test_totals_are_brought_back_to_what_the_master_showed_before(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    programme.run("recompute")
    before = shown(programme)
    programme.send("2.xlsx", 1, {**FIGURES, "I02": 6})
    programme.collect()
    programme.run("recompute")
    assert cell(programme, CUMULATIVE_BLOCK, 1, "I02") == 6
    programme.run("undo")
    assert cell(programme, CUMULATIVE_BLOCK, 1, "I02") is None
    after = shown(programme)
    # 区县单页 is calculated when it is opened: another district may have been chosen on it since.
    lists = {JOURNAL_SHEET, DISTRICT_PAGE_SHEET}
    assert {name for name in before if before[name] != after[name]} == lists
    assert programme.listed(JOURNAL_BLOCK, "操作")[:2] == ["撤销", "重算"]
    assert programme.cumulative()["I02"] == 11
    programme.run("recompute")
    assert cell(programme, CUMULATIVE_BLOCK, 1, "I02") == 6


def cell(programme, block, district, code):
    found = programme.open_programme().host.block(block)
    where, _ = locate_matrix(found)
    held = found.cells.get((where.rows[programme.codes[district]], where.columns[code]))
    return None if held is None else held.value


def test_what_staff_changed_since_is_left_and_reported(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    programme.run("recompute")
    found = programme.open_programme().host.block(CUMULATIVE_BLOCK)
    where, _ = locate_matrix(found)
    at = (where.rows[programme.codes[0]], where.columns["I01"])
    path = programme.folder / MASTER
    path.write_bytes(edit_master({CUMULATIVE_SHEET: {at: 77}}, path.read_bytes()))
    said = programme.run("undo")
    assert not said.clean
    assert [(p["code"], p["sheet"], p["found"]) for p in said.data["problems"]] == [
        ("changed-since", CUMULATIVE_SHEET, "77")
    ]
    assert cell(programme, CUMULATIVE_BLOCK, 0, "I01") == 77
    assert cell(programme, CUMULATIVE_BLOCK, 0, "I02") is None


def test_a_sum_over_what_staff_changed_is_not_set_back(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    programme.run("recompute")
    programme.send("2.xlsx", 1, {**FIGURES, "I01": 12})
    programme.collect()
    programme.run("recompute")
    found = programme.open_programme().host.block(CUMULATIVE_BLOCK)
    where, _ = locate_matrix(found)
    column = where.columns["I01"]
    total = (where.total_row, column)
    assert found.cells[total].value == 22
    path = programme.folder / MASTER
    typed = {(where.rows[programme.codes[0]], column): 77, total: 89}  # as Excel saves it
    path.write_bytes(edit_master({CUMULATIVE_SHEET: typed}, path.read_bytes()))
    programme.run("undo")
    after = programme.open_programme().host.block(CUMULATIVE_BLOCK).cells[total]
    assert after.formula
    assert after.value not in (10, 89)  # what it comes to now is for Excel to say


def test_an_open_master_stands_in_the_way_of_undoing_totals(programme):
    programme.run("recompute")
    (programme.folder / "~$master.xlsm").write_bytes(b"x")
    with opened(programme.folder / MASTER), pytest.raises(Refused, match="关闭"):
        programme.run("undo")
    (programme.folder / "~$master.xlsm").unlink()
    assert programme.run("undo").clean


def test_totals_whose_backup_is_gone_cannot_be_brought_back(programme):
    programme.run("recompute")
    shutil.rmtree(programme.folder / BACKUPS)
    with pytest.raises(Refused, match="没有保存"):
        programme.run("undo")


def test_a_rehearsal_of_undoing_changes_nothing(programme):
    programme.run("distribute")
    programme.run("recompute")
    for _ in range(2):
        before = snapshot(programme.folder)
        programme.run("undo", rehearse=True)
        assert snapshot(programme.folder) == before
        programme.run("undo")


def test_settling_is_taken_back_and_the_return_waits_again(programme):
    programme.put("1.xlsx", programme.form(0), month=FEBRUARY)
    number = str(programme.collect(FEBRUARY)["1.xlsx"]["id"])
    programme.run("settle", "", number, accept="")
    assert programme.cumulative()["I01"] == 10
    programme.run("undo")
    assert programme.cumulative() == {}
    assert len(programme.run("settle", "").data["pending"]) == 1


def test_what_a_run_before_runs_were_numbered_did_is_did_is_not_undone(programme):
    from tests.store.test_ledger import of_version_1

    path = programme.folder / LEDGER
    path.unlink()
    of_version_1(path)
    shutil.rmtree(programme.folder / ARCHIVE / RUN_LOGS)
    with pytest.raises(Refused, match="旧版本"):
        programme.run("undo")


def test_the_file_host_does_not_write_over_what_was_saved_meanwhile(programme):
    programme.send("1.xlsx", 0)
    programme.collect()
    under_test = programme.open_programme()
    assert under_test.config
    path = programme.folder / MASTER
    path.write_bytes(edit_master({SETTINGS_SHEET: {(20, 5): "新写的"}}, path.read_bytes()))
    saved = hashlib.sha256(path.read_bytes()).hexdigest()
    from xl_addin.services.programme import Request
    from xl_addin.verbs import recompute

    with pytest.raises(Refused, match="再运行"):
        recompute.run(under_test, Request(month=JANUARY))
    under_test.close()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == saved
