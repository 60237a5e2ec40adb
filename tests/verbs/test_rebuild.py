"""The archive alone gives the same ledger; archive, ledger and master are compared to the number.

Proves also services/audit.py, services/replay.py, verbs/verify.py and store/database.py.
"""

import hashlib
import shutil
import sqlite3
from datetime import datetime

import pytest

from tests.journeys.test_month import set_target, snapshot
from tests.store.test_ledger import of_version_1
from tests.tools.masters import edit_master
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.sql import rows
from tests.tools.systems import forking
from xl_addin.master.read.blocks import locate_matrix
from xl_addin.model.folder import ARCHIVE, BACKUPS, LEDGER, MASTER, PROGRAMME, RUN_LOGS
from xl_addin.model.sheets import CUMULATIVE_BLOCK, CUMULATIVE_SHEET, SUMMARY_SHEET
from xl_addin.services import replay, workers
from xl_addin.store.issued_forms import latest_forms
from xl_addin.store.ledger import Ledger
from xl_addin.system import forks
from xl_addin.system.errors import Refused

JANUARY, FEBRUARY = MONTHS[:2]
RECEIPTS = 4 + 5 + 1 + 6  # every file in the folder has a receipt at every collection
EARLY, LATER = datetime(2024, 2, 2), datetime(2024, 2, 4)


@pytest.fixture
def programme(tmp_path):
    """A programme with a bit of everything in its history."""
    made = SmallProgramme(tmp_path / "任务")
    made.run("distribute")
    made.send("甲.xlsx", 0, at=EARLY)
    made.send("乙.xlsx", 1, {**FIGURES, "I01": "２0", "I02": 7}, at=EARLY)
    made.send("错.xlsx", 2, {**FIGURES, "I01": "3-5"}, at=EARLY)
    made.put("别的.xlsx", b"no workbook", EARLY)
    made.collect()
    made.send("甲改.xlsx", 0, {**FIGURES, "I01": 12}, at=LATER)
    made.collect()
    made.put("丁.xlsx", made.form(3, {**FIGURES, "I03": 1}), LATER, FEBRUARY)
    number = str(made.collect(FEBRUARY)["丁.xlsx"]["id"])
    made.run("settle", "", number, accept="", note="电话核实")
    made.send("误.xlsx", 1, {**FIGURES, "I01": 999}, at=LATER)
    made.collect()
    made.run("undo")
    made.run("close")
    made.run("recompute")
    return made


def counted(programme):
    """All that counts: figures, standings, decisions, closings, dispatches, the journal."""
    ledger = Ledger(programme.folder / LEDGER)
    try:
        return {
            "figures": sorted(map(str, ledger.figures(MONTHS[11]))),
            "statuses": {key: status[3:] for key, status in ledger.statuses("2024").items()},
            "dispatched": latest_forms(ledger, JANUARY),
            "closed": rows(ledger.path, "SELECT * FROM closed"),
            "decisions": rows(ledger.path, "SELECT * FROM decisions"),
            "events": rows(ledger.path, "SELECT * FROM events WHERE verb<>'rebuild'"),
            "problems": rows(ledger.path, "SELECT * FROM told ORDER BY receipt, position"),
            "who": (ledger.programme, ledger.key),
        }
    finally:
        ledger.close()


@pytest.mark.parametrize("old", ["sound", "gone", "broken"])
def test_the_ledger_made_from_the_archive_says_the_same(programme, old):
    before = counted(programme)
    path = programme.folder / LEDGER
    if old == "gone":
        path.unlink()
    elif old == "broken":
        path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 9000)
    said = programme.run("rebuild", "")
    assert said.clean
    assert counted(programme) == before
    kept = list((programme.folder / BACKUPS).glob("ledger-*.db"))
    assert len(kept) == (0 if old == "gone" else 1)
    assert (BACKUPS in said.outcome) == bool(kept)
    assert not list(programme.folder.glob("*.rebuilt*")) + list(programme.folder.glob("*.lock"))
    again = programme.run("rebuild", "")
    assert again.clean
    assert counted(programme) == before
    assert programme.run("verify", "").data["differences"] == []


@forking
def test_many_are_read_by_processes_beside_this_one_and_settings_once(programme, monkeypatch):
    before, parsed = counted(programme), []
    for module, name, value in (
        (workers, "MANY", 1),
        (workers, "_MIN_FORK_JOBS", 1),
        (replay, "_TOGETHER", 2),
        (forks, "core_count", lambda: 2),
        (forks, "spare_processes", lambda: 1),
    ):
        monkeypatch.setattr(module, name, value)
    parse = replay.read_settings_text
    monkeypatch.setattr(replay, "read_settings_text", lambda *a: parsed.append(a) or parse(*a))
    begin, begun = forks.Forks.begin, []
    monkeypatch.setattr(forks.Forks, "begin", lambda *a: begun.append(a) or begin(*a))
    assert programme.run("rebuild", "").clean
    assert counted(programme) == before
    assert len(begun) >= 3
    assert len(parsed) == 1


def test_work_goes_on_after_a_rebuild(programme):
    programme.run("rebuild", "")
    assert programme.run("undo").data["undone"]["verb"] == "recompute"
    assert programme.run("undo").data["undone"]["verb"] == "close"
    programme.send("丙.xlsx", 2, at=LATER)
    assert programme.collect()["丙.xlsx"]["verdict"] == "accepted"
    programme.run("recompute")
    assert programme.run("verify", "").clean


def test_changed_settings_do_not_change_what_was_decided(programme):
    before = counted(programme)
    set_target(programme.folder / MASTER, 1)
    from tests.judging.test_history import set_rules

    set_rules(programme, {"read-as-number": "错误", "not-a-number": "停用"})
    programme.run("rebuild", "")
    assert counted(programme) == before


def stated_by_a_district(tmp_path):
    made = SmallProgramme(tmp_path / "任务")
    form = {"totals": {"I01": 90}, "remarks": {"I01": "补一月漏报的人数"}}
    made.send("甲.xlsx", 0, month=FEBRUARY, **form)
    assert made.collect(FEBRUARY)["甲.xlsx"]["verdict"] == "accepted"
    return made


def test_what_a_district_stated_comes_back_and_is_told_where_it_reads_differently(
    tmp_path, monkeypatch
):
    made, read = stated_by_a_district(tmp_path), workers.assess
    before = counted(made)
    assert "stated=90" in str(before["figures"])
    assert made.run("rebuild", "").clean
    assert counted(made) == before

    def misread(*given):
        found = read(*given)
        plain = [f._replace(stated=f.stated and f.stated + 1) for f in found.figures]
        return found._replace(figures=tuple(plain))

    monkeypatch.setattr(workers, "assess", misread)
    (made.folder / LEDGER).unlink()
    [problem] = made.run("rebuild", "").data["problems"]
    assert problem["code"] == "reads-differently"
    assert "累计 1 个、合计 91，收到时是 1 个、合计 90" in problem["message"]


def test_what_was_not_read_when_it_came_in_does_not_begin_to_count(tmp_path, monkeypatch):
    """Returns that a version accepted which knew nothing of cumulatives that districts state."""
    from xl_addin.store import ledger

    def insert_plain(db, read):
        plain = [[f._replace(stated=None) for f in each.figures] for each in read]
        contents = zip(read, plain, strict=True)
        insert(db, [each._replace(figures=f, sheet="", texts=()) for each, f in contents])

    insert = ledger.insert_contents
    monkeypatch.setattr(ledger, "insert_contents", insert_plain)
    made = stated_by_a_district(tmp_path)
    before = counted(made)
    assert "stated=None" in str(before["figures"])
    assert made.run("rebuild", "").clean
    assert counted(made) == before


def test_a_sound_ledger_is_not_replaced_by_less(programme):
    lose(programme)
    before = (programme.folder / LEDGER).read_bytes()
    with pytest.raises(Refused, match="甲改"):
        programme.run("rebuild", "")
    assert (programme.folder / LEDGER).read_bytes() == before
    (programme.folder / LEDGER).unlink()
    said = programme.run("rebuild", "")
    assert [p["code"] for p in said.data["problems"]] == ["archive-missing"]


def test_a_file_that_was_changed_in_the_archive_is_not_read_as_what_came_in(programme):
    genuine = lose(programme, "甲.xlsx")
    genuine.write_bytes(programme.form(0, {**FIGURES, "I01": 11}))
    with pytest.raises(Refused) as refused:
        programme.run("rebuild", "")
    assert {problem.code for problem in refused.value.problems} == {"archive-changed"}


def lose(programme, name="甲改.xlsx"):
    """A returned file that is gone from the archive."""
    under_test = programme.open_programme()
    [(sha,)] = rows(
        under_test.ledger.path, "SELECT DISTINCT sha256 FROM receipts WHERE file=?", (name,)
    )
    under_test.close()
    path = programme.folder / ARCHIVE / f"{sha}.xlsx"
    path.unlink()
    return path


@pytest.mark.parametrize("what", ["page", "key", "archive"])
def test_an_archive_that_cannot_tell_is_refused_and_the_ledger_stays(programme, what):
    archive = programme.folder / ARCHIVE
    if what == "page":
        (archive / RUN_LOGS / "000003.jsonl").unlink()
    elif what == "key":
        (archive / PROGRAMME).unlink()
    else:
        shutil.rmtree(archive)
    before = (programme.folder / LEDGER).read_bytes()
    with pytest.raises(Refused):
        programme.run("rebuild", "")
    assert (programme.folder / LEDGER).read_bytes() == before


def test_a_rehearsal_rebuilds_nothing(programme):
    before = snapshot(programme.folder)
    assert programme.run("rebuild", "", rehearse=True).data["receipts"] == RECEIPTS
    assert snapshot(programme.folder) == before


def test_a_ledger_from_before_the_run_log_is_in_it_from_its_next_run_on(tmp_path):
    programme = SmallProgramme(tmp_path / "任务")
    programme.send("1.xlsx", 0)
    programme.collect()
    under_test = programme.open_programme()
    [(sha, key, who)] = rows(
        under_test.ledger.path,
        "SELECT sha256, (SELECT value FROM programme WHERE key='secret'),"
        " (SELECT value FROM programme WHERE key='id') FROM receipts",
    )
    under_test.close()
    path = programme.folder / LEDGER
    path.unlink()
    shutil.rmtree(programme.folder / ARCHIVE / RUN_LOGS)
    of_version_1(path)
    db = sqlite3.connect(path)
    db.executescript(
        "DROP TRIGGER receipts_update; DROP TRIGGER receipts_delete;"
        "DROP TRIGGER figures_delete; DROP TRIGGER problems_delete;"
        "DELETE FROM problems; DELETE FROM figures; DELETE FROM receipts WHERE id>1;"
    )
    db.execute(
        "UPDATE receipts SET sha256=?, file='1.xlsx', month='2024-01', asked='2024-01', district='D001'",
        (sha,),
    )
    db.executemany(
        "INSERT INTO figures VALUES(1, ?, 'flow', 'number', ?, ?)",
        [("I01", 10, "F7"), ("I02", 5, "F8"), ("I03", 2, "F9"), ("I04", 0, "F10")],
    )
    db.execute("UPDATE programme SET value=? WHERE key='secret'", (key,))
    db.execute("UPDATE programme SET value=? WHERE key='id'", (who,))
    db.commit()
    db.close()
    programme.run("close", FEBRUARY)
    before = counted(programme)
    path.unlink()
    assert programme.run("rebuild", "").clean
    assert counted(programme) == before


def test_verify_finds_nothing_where_nothing_is_wrong_and_adds_up(programme):
    result = programme.run("verify", "")
    said = result.data
    # What came in stands by the month collected for, what counts by the form's own: the table says so.
    assert "按收集时的月份" in result.tables[0].title
    assert said["differences"] == []
    assert said["checked"]["receipts"] == RECEIPTS
    assert said["checked"]["cells"] > 60
    january = next(line for line in said["controls"] if line["month"] == JANUARY)
    assert january["receipts"] == sum(january["verdicts"].values())
    assert (january["counting"], january["sum"]) == (3, 19 + 29 + 16)


def test_another_month_than_the_master_shows_is_said_and_no_cell_called_different(programme):
    shown = programme.run("verify", "").data["month"]
    said = programme.run("verify", next(month for month in MONTHS if month != shown))
    (told,) = said.data["differences"]
    assert (told["code"], told["sheet"], told["found"]) == ("other-month", SUMMARY_SHEET, shown)
    assert (said.clean, said.data["checked"]["cells"]) == (False, 0)
    assert "不一致" not in said.outcome
    assert "主表没有核对" in said.outcome


@pytest.mark.parametrize(
    ("harm", "code", "place"),
    [
        ("a file gone", "archive-missing", "甲改.xlsx"),
        ("a file changed", "archive-changed", "归档"),
        ("a file that nobody collected", "no-receipt", "归档"),
        ("a figure changed in the ledger", "ledger-differs", "甲.xlsx"),
        ("a stated cumulative in the ledger alone", "ledger-differs", "底账 区县填的累计 1/I01"),
        ("a verdict changed in the ledger", "ledger-differs", "verdict"),
        ("a page gone", "chronicle", "000003"),
        ("a cell typed over", "master-differs", "累计完成!"),
        ("a return not yet in the totals", "master-differs", "本月完成!"),
    ],
)
def test_every_difference_is_named_with_its_place(programme, harm, code, place):
    path = programme.folder / LEDGER
    master = programme.folder / MASTER
    if harm == "a file gone":
        lose(programme)
    elif harm == "a file changed":
        lost = lose(programme)
        lost.write_bytes(b"PK")
    elif harm == "a file that nobody collected":
        name = f"{hashlib.sha256(b'PK').hexdigest()}.xlsx"
        (programme.folder / ARCHIVE / name).write_bytes(b"PK")
    elif harm == "a page gone":
        (programme.folder / ARCHIVE / RUN_LOGS / "000003.jsonl").unlink()
    elif harm == "a cell typed over":
        found = programme.open_programme().host.block(CUMULATIVE_BLOCK)
        where, _ = locate_matrix(found)
        at = (where.rows[programme.codes[0]], where.columns["I01"])
        master.write_bytes(edit_master({CUMULATIVE_SHEET: {at: 77}}, master.read_bytes()))
    elif harm == "a return not yet in the totals":
        programme.run("close", reopen="")
        programme.send("丙.xlsx", 2, at=LATER)
        programme.collect()
    else:
        db = sqlite3.connect(path)
        db.executescript("DROP TRIGGER figures_update; DROP TRIGGER receipts_update;")
        if "stated" in harm:
            db.execute("INSERT INTO stated VALUES(1, 'I01', 99, 'G7')")
        elif "figure" in harm:
            db.execute(
                "UPDATE figures SET value=value+1 WHERE indicator='I01'"
                " AND receipt=(SELECT id FROM receipts WHERE file='甲.xlsx')"
            )
        else:
            db.execute("UPDATE receipts SET verdict='accepted' WHERE file='错.xlsx'")
        db.commit()
        db.close()
    said = programme.run("verify", "")
    assert not said.clean
    told = [p for p in said.data["differences"] if p["code"] == code]
    assert any(place in p["message"] for p in told), said.data["differences"]


def test_a_locked_return_is_opened_again_by_the_passwords_of_its_time(tmp_path):
    from tests.formats.test_registry import locked
    from tests.verbs.test_settle import set_setting

    programme = SmallProgramme(tmp_path / "任务")
    set_setting(programme, "打开密码", "8888、123456")
    programme.put("锁.xlsx", locked(programme.form(0), "123456"))
    assert programme.collect()["锁.xlsx"]["verdict"] == "accepted"
    before = counted(programme)
    set_setting(programme, "打开密码", "")
    assert programme.run("rebuild", "").clean
    assert counted(programme) == before
    assert programme.cumulative()["I01"] == 10
