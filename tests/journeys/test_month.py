"""The monthly cycle from the command line: what goes out, what comes in, what is counted.

Proves also services/intake.py, services/issuing.py, services/reading_settings.py,
services/stamping.py, store/decisions.py, verbs/check.py, verbs/close.py,
verbs/collect.py, verbs/distribute.py, verbs/new.py, verbs/recompute.py and verbs/status.py.
"""

import hashlib
import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook as Writer

from tests.tools.windows.holding import opened
from xl_addin.cli import main
from xl_addin.model.folder import ARCHIVE, BACKUPS, FORMS, RETURNS
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    JOURNAL_SHEET,
    PROBLEMS_SHEET,
    SHEETS,
    SUMMARY_HEADINGS,
    SUMMARY_SHEET,
    TARGETS_BLOCK,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.verbs import collect, distribute, new, recompute, status

NAMES = ("甲县", "乙县", "丙 县", "丁县")
HEADERS = ("培训（人次）", "就业（人）", "其中：残疾女性", "基地（个）")
TARGETS = ((120, 60, 20, 1), (240, 80, 30, 0), (360, 0, 0, 2), (480, 40, 10, None))
MONTHS = ("2024-01", "2024-02", "2024-03")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "任务 表.xlsx"
    book = Writer(path)
    sheet = book.add_worksheet("任务表")
    sheet.write(0, 0, "2024年全县重点任务表")
    sheet.write_row(1, 0, ["单位", *HEADERS])
    sheet.write_row(2, 0, ["合计", 1200, 180, 60, 3])
    for row, (name, targets) in enumerate(zip(NAMES, TARGETS, strict=True), 3):
        sheet.write_row(row, 0, [name, *targets])
    book.close()
    return path


@pytest.fixture
def folder(tmp_path, table):
    folder = tmp_path / "年度 任务"
    assert main(["new", str(folder), "--task-table", str(table), "--year", "2024", "--json"]) in (
        0,
        1,
    )
    return folder


def call(capfd, *arguments):
    capfd.readouterr()
    code = main([*arguments, "--json"])
    out, err = capfd.readouterr()
    return code, json.loads(out), err


def on(folder, *arguments, month="2024-01"):
    return [*arguments, "--folder", str(folder), "--month", month]


def type_into(path, entries, at=None, name=None):
    """Fill a form as a clerk with openpyxl would, and leave it where returns go."""
    book = load_workbook(path)
    sheet = book["任务进度"]
    for row, entry in enumerate(entries, 7):
        sheet.cell(row, 6).value = entry
    inbox = path.parents[2] / RETURNS / path.parent.name
    inbox.mkdir(parents=True, exist_ok=True)
    out = inbox / (name or path.name)
    book.save(out)
    moment = (at or datetime(2024, 2, 3)).timestamp()
    os.utime(out, (moment, moment))
    return out


def forms_of(report):
    return {form["district"].replace(" ", ""): form for form in report["forms"]}


def path_of(report, name):
    from pathlib import Path

    return Path(forms_of(report)[name]["file"])


def test_new_tells_what_it_read(tmp_path, table, capfd):
    folder = tmp_path / "新"
    code, said, _ = call(capfd, "new", str(folder), "--task-table", str(table), "--year", "2024")
    assert code in (0, 1)
    assert said["verb"] == "new"
    assert [d["name"].replace(" ", "") for d in said["districts"]] == [
        "甲县",
        "乙县",
        "丙县",
        "丁县",
    ]
    assert [(i["code"], i["unit"], i["target"], i["published"]) for i in said["indicators"]] == [
        ("I01", "人次", 1200, 1200),
        ("I02", "人", 180, 180),
        ("I03", "人", 60, 60),
        ("I04", "个", 3, 3),
    ]
    assert [i["parent"] for i in said["indicators"]] == [None, None, "I02", None]
    assert (folder / "master.xlsm").is_file()
    assert (folder / "ledger.db").is_file()
    again, refused, _ = call(
        capfd, "new", str(folder), "--task-table", str(table), "--year", "2024"
    )
    assert again == 2
    assert "master.xlsm" in refused["error"]


def test_one_of_our_own_forms_is_no_task_table(folder, tmp_path, capfd):
    call(capfd, *on(folder, "distribute"))
    (form, *_) = (folder / FORMS / MONTHS[0]).iterdir()
    other = tmp_path / "另一个"
    code, said, _ = call(capfd, "new", str(other), "--task-table", str(form), "--year", "2024")
    assert (code, other.exists()) == (2, False)
    assert said["error"].startswith(f"{form.name}：这是发给区县的填报表（{MONTHS[0]}）")


def test_a_rehearsal_writes_nothing(tmp_path, table, folder, capfd):
    other = tmp_path / "没有"
    assert main(
        ["new", str(other), "--task-table", str(table), "--year", "2024", "--rehearse"]
    ) in (0, 1)
    assert not other.exists()
    before = snapshot(folder)
    assert main(on(folder, "distribute", "--rehearse")) == 0
    assert snapshot(folder) == before
    call(capfd, *on(folder, "distribute"))
    (folder / RETURNS / "x.xlsx").write_bytes(b"no workbook")
    before = snapshot(folder)
    assert main(on(folder, "collect", "--rehearse")) == 1
    assert main(on(folder, "recompute", "--rehearse")) == 0
    assert snapshot(folder) == before


def snapshot(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_forms_are_issued_once_and_never_over_answers(folder, capfd):
    code, first, _ = call(capfd, *on(folder, "distribute"))
    assert code == 0
    assert len(first["forms"]) == 4
    for form in first["forms"]:
        with open(form["file"], "rb") as file:  # noqa: PTH123
            assert hashlib.sha256(file.read()).hexdigest() == form["sha256"]
    code, second, _ = call(capfd, *on(folder, "distribute"))
    assert (code, second["forms"]) == (0, first["forms"])
    touched = path_of(first, "乙县")
    touched.write_bytes(touched.read_bytes() + b" ")
    before = snapshot(folder)
    code, refused, _ = call(capfd, *on(folder, "distribute"))
    assert code == 2
    assert touched.name in refused["error"]
    assert snapshot(folder) == before


def test_an_untouched_form_gives_way_to_new_targets(folder, capfd):
    _, first, _ = call(capfd, *on(folder, "distribute"))
    set_target(folder / "master.xlsm", 130)
    code, second, _ = call(capfd, *on(folder, "distribute"))
    assert code == 0
    changed = [a["code"] for a, b in zip(first["forms"], second["forms"], strict=True) if a != b]
    assert len(changed) == 1
    assert load_workbook(path_of(second, "甲县"))["任务进度"]["D7"].value == 130


def set_target(master, value):
    """Change the first district's first target as a person would."""
    from xl_addin.master.read.blocks import find_block, locate_matrix
    from xl_addin.xlsx.package import deflate, inflate, pack, unpack
    from xl_addin.xlsx.patch import set_cells
    from xl_addin.xlsx.workbook import Workbook

    parts = unpack(master.read_bytes())
    workbook = Workbook(parts)
    block = find_block(workbook, TARGETS_BLOCK)
    found, _ = locate_matrix(block)
    part = workbook.sheet_part(block.sheet)
    at = (min(found.rows.values()), found.columns["I01"])
    parts[part] = deflate(part, set_cells(inflate(parts[part]), {at: value}))
    master.write_bytes(pack(parts.values()))


def test_every_file_gets_one_verdict_and_the_sums_are_right(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(sent, "甲县"), (10, 5, 2, 0))
    type_into(path_of(sent, "乙县"), ("２0", "7人", 3, None))
    type_into(path_of(sent, "丙县"), (30, None, None, "3-5"))
    shutil.copy(path_of(sent, "丁县"), folder / RETURNS)
    code, said, _ = call(capfd, *on(folder, "collect"))
    assert code == 1
    by_name = {r["district"].replace(" ", ""): r for r in said["returns"]}
    assert {name: r["verdict"] for name, r in by_name.items()} == {
        "甲县": "accepted",
        "乙县": "accepted",
        "丙县": "rejected",
        "丁县": "blank",
    }
    assert [(p["code"], p["cell"]) for p in by_name["丙县"]["problems"]] == [
        ("not-a-number", "F10")
    ]
    assert {p["cell"] for p in by_name["乙县"]["problems"]} == {"F7", "F8"}
    assert said["counts"] == {
        "accepted": 2,
        "rejected": 1,
        "held": 0,
        "duplicate": 0,
        "blank": 1,
        "foreign": 0,
        "unreadable": 0,
    }
    archive = {path.stem for path in (folder / ARCHIVE).iterdir()}
    assert {r["sha256"] for r in said["returns"]} <= archive
    code, totals, _ = call(capfd, *on(folder, "recompute"))
    assert code == 0
    assert [
        (i["this_month"], i["cumulative"], i["districts_missing"]) for i in totals["indicators"]
    ] == [(30, 30, 2), (12, 12, 2), (5, 5, 2), (0, 0, 1)]  # 丁县 has no target of the last
    assert totals["formulas"]["disagreements"] == []
    assert totals["formulas"]["compared"] > 40


def test_collecting_again_changes_nothing(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(sent, "甲县"), (10, 5, 2, 0))
    call(capfd, *on(folder, "collect"))
    code, said, _ = call(capfd, *on(folder, "collect"))
    assert code == 0
    assert [r["verdict"] for r in said["returns"]] == ["duplicate"]


def test_the_latest_accepted_return_counts_and_a_bad_one_does_not_replace_it(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    form = path_of(sent, "甲县")
    first = type_into(form, (10, 5, 2, 0), name="1.xlsx")
    call(capfd, *on(folder, "collect", str(first)))
    second = type_into(form, (11, 5, 2, 0), name="2.xlsx")
    call(capfd, *on(folder, "collect", str(second)))
    bad = type_into(form, (-1, 5, 2, 0), name="3.xlsx")
    call(capfd, *on(folder, "collect", str(bad)))
    replay = first
    _, said, _ = call(capfd, *on(folder, "collect", str(replay)))
    assert said["returns"][0]["verdict"] == "duplicate"
    _, totals, _ = call(capfd, *on(folder, "recompute"))
    assert totals["indicators"][0]["cumulative"] == 11


def test_months_build_on_each_other_and_gaps_are_named(folder, capfd):
    expected = {}
    for number, month in enumerate(MONTHS, 1):
        _, sent, _ = call(capfd, *on(folder, "distribute", month=month))
        for index, name in enumerate(("甲县", "乙县", "丙县", "丁县")):
            if (name, month) == ("乙县", "2024-02"):
                continue
            entries = (number * 10 + index, 4, 1, 0)
            type_into(path_of(sent, name), entries)
            expected.setdefault(name, []).append(entries)
        _, said, _ = call(capfd, *on(folder, "collect", str(folder / RETURNS / month), month=month))
        assert {r["verdict"] for r in said["returns"]} == {"accepted"}
    _, totals, _ = call(capfd, *on(folder, "recompute", month="2024-03"))
    for place, line in enumerate(totals["indicators"]):
        assert line["cumulative"] == sum(row[place] for rows in expected.values() for row in rows)
    form = load_workbook(path_of(sent, "乙县"))["任务进度"]
    assert form["E7"].value == 11
    assert "2月" in form["A5"].value
    first = totals["indicators"][0]
    assert first["time_progress"] == 0.25
    assert first["completion"] == pytest.approx(first["cumulative"] / 1200)
    # A quarter of each target, but of 乙县's, which lacks February, two twelfths.
    assert first["due"] == 30 + 40 + 90 + 120
    assert first["lead"] == pytest.approx((first["cumulative"] - first["due"]) / 12)
    assert (first["months_expected"], first["months_counted"]) == (12, 11)
    assert first["districts_missing"] == 0


def test_a_late_month_is_held_until_it_is_asked_for(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    late = type_into(path_of(sent, "甲县"), (10, 5, 2, 0))
    _, said, _ = call(capfd, *on(folder, "collect", str(late), month="2024-02"))
    assert (said["returns"][0]["verdict"], said["returns"][0]["month"]) == ("held", "2024-01")
    _, said, _ = call(capfd, *on(folder, "collect", str(late)))
    assert said["returns"][0]["verdict"] == "accepted"


def test_what_waits_for_a_person_is_said_with_the_verb_for_it(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(sent, "甲县"), (10, 5, 2, 0))
    type_into(path_of(sent, "乙县"), (-1, 5, 2, 0))
    forms = str(folder / RETURNS)
    main(["collect", forms, "--folder", str(folder), "--month", "2024-01", "--rehearse"])
    assert "settle" not in capfd.readouterr().out
    main(["collect", forms, "--folder", str(folder), "--month", "2024-02"])
    assert "settle" in capfd.readouterr().out
    main(["collect", forms, "--folder", str(folder), "--month", "2024-01"])
    told = capfd.readouterr().out
    assert "return" in told
    assert "settle" not in told


def test_collecting_a_month_leaves_the_other_months_alone(folder, capfd):
    _, january, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(january, "甲县"), (10, 5, 2, 0))
    type_into(path_of(january, "乙县"), (-1, 5, 2, 0))
    call(capfd, *on(folder, "collect"))
    _, february, _ = call(capfd, *on(folder, "distribute", month="2024-02"))
    type_into(path_of(february, "甲县"), (4, 3, 2, 0))
    code, said, _ = call(capfd, *on(folder, "collect", month="2024-02"))
    assert (code, [r["verdict"] for r in said["returns"]]) == (0, ["accepted"])
    everything = str(folder / RETURNS)
    _, said, _ = call(capfd, *on(folder, "collect", everything, month="2024-02"))
    assert {r["verdict"] for r in said["returns"]} == {"duplicate"}
    _, said, _ = call(capfd, *on(folder, "status"))
    assert [d["verdict"] for d in said["districts"]] == [
        "accepted",
        "rejected",
        "missing",
        "missing",
    ]


def test_the_later_of_two_files_in_one_folder_counts_whatever_its_name(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    form = path_of(sent, "甲县")
    type_into(form, (20, 5, 2, 0), at=datetime(2024, 2, 4), name="a.xlsx")
    type_into(form, (10, 5, 2, 0), at=datetime(2024, 2, 2), name="z.xlsx")
    call(capfd, *on(folder, "collect"))
    _, totals, _ = call(capfd, *on(folder, "recompute"))
    assert totals["indicators"][0]["cumulative"] == 20


def test_a_path_that_is_named_always_gets_a_verdict(folder, capfd):
    _, said, _ = call(capfd, *on(folder, "collect", str(folder / "master.xlsm")))
    assert [r["verdict"] for r in said["returns"]] == ["foreign"]


def test_status_tells_who_is_missing_and_who_was_late(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(sent, "甲县"), (10, 5, 2, 0), at=datetime(2024, 2, 5, 23, 59))
    type_into(path_of(sent, "乙县"), (10, 5, 2, 0), at=datetime(2024, 2, 6, 0, 1))
    type_into(path_of(sent, "丙县"), (-10, 5, 2, 0))
    call(capfd, *on(folder, "collect"))
    code, said, _ = call(capfd, *on(folder, "status"))
    assert (code, said["expected"], said["accepted"]) == (1, 4, 2)
    assert [n.replace(" ", "") for n in said["missing"]] == ["丙县", "丁县"]
    assert [(d["verdict"], d["on_time"]) for d in said["districts"]] == [
        ("accepted", True),
        ("accepted", False),
        ("rejected", None),
        ("missing", None),
    ]


def test_the_master_shows_what_the_ledger_knows(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(sent, "甲县"), (10, 5, 2, 0))
    type_into(path_of(sent, "丙县"), (30, None, None, "3-5"))
    call(capfd, *on(folder, "collect"))
    call(capfd, *on(folder, "recompute"))
    book = load_workbook(folder / "master.xlsm", data_only=True)
    assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == list(SHEETS)
    found = {str(cell.value) for row in book[PROBLEMS_SHEET] for cell in row}
    assert {"F10", "3-5", "not-a-number"} <= found
    said = [cell.value for row in book[JOURNAL_SHEET] for cell in row]
    assert {"重算", "导入文件夹", "生成填报表"} <= set(said)
    summary = {cell.value: cell.column for row in book[SUMMARY_SHEET] for cell in row if cell.value}
    assert set(SUMMARY_HEADINGS) <= set(summary)


def test_what_staff_changed_in_a_formula_is_left_and_reported(folder, capfd):
    from xl_addin.xlsx.package import deflate, inflate, pack, unpack

    call(capfd, *on(folder, "distribute"))
    master = folder / "master.xlsm"
    parts = unpack(master.read_bytes())
    from xl_addin.xlsx.workbook import Workbook

    name = Workbook(parts).sheet_part(COMPLETION_SHEET)
    xml = inflate(parts[name])
    start = xml.index(b"<f>IF(AND(")
    stop = xml.index(b"</f>", start)
    parts[name] = deflate(name, xml[:start] + b"<f>1+1" + xml[stop:])
    master.write_bytes(pack(parts.values()))
    code, said, _ = call(capfd, *on(folder, "recompute"))
    assert code == 1
    assert [p["sheet"] for p in said["formulas"]["disagreements"]] == [COMPLETION_SHEET]
    assert b"<f>1+1</f>" in inflate(unpack(master.read_bytes())[name])


def test_an_open_master_is_not_written_and_does_not_stop_the_rest(folder, capfd):
    (folder / "~$master.xlsm").write_bytes(b"x")
    before = (folder / "master.xlsm").read_bytes()
    assert call(capfd, *on(folder, "distribute"))[0] == 0
    assert call(capfd, *on(folder, "collect"))[0] == 0
    with opened(folder / "master.xlsm"):
        code, said, _ = call(capfd, *on(folder, "recompute"))
    assert code == 2
    assert "关闭" in said["error"]
    assert (folder / "master.xlsm").read_bytes() == before


def test_only_owned_parts_of_the_master_change(folder, capfd):
    from xl_addin.xlsx.package import inflate, unpack

    before = {
        name: inflate(part) for name, part in unpack((folder / "master.xlsm").read_bytes()).items()
    }
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    type_into(path_of(sent, "甲县"), (10, 5, 2, 0))
    call(capfd, *on(folder, "collect"))
    call(capfd, *on(folder, "recompute"))
    after = {
        name: inflate(part) for name, part in unpack((folder / "master.xlsm").read_bytes()).items()
    }
    changed = {name for name in before if before[name] != after[name]}
    assert before.keys() == after.keys()
    assert changed
    assert all(name.startswith("xl/worksheets/sheet") for name in changed)
    backups = list((folder / BACKUPS).glob("master-*.xlsm"))
    assert backups


def test_a_full_program_run_in_process_leaves_no_temporary_files(tmp_path, table):
    programme = Programme(tmp_path / "p", clock=lambda: datetime(2024, 3, 1, 9))
    new.run(programme, Request(task_table=str(table), year=2024))
    month = Request(month="2024-02")
    for verb in (distribute, collect, recompute, status):
        verb.run(programme, month)
    programme.close()
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".tmp", ".db-journal")]


def test_every_workbook_in_an_archive_is_a_return_of_its_own(folder, tmp_path, capfd):
    _, issued, _ = call(capfd, *on(folder, "distribute"))
    books = [type_into(path_of(issued, name), (1, 2, 1, 1)) for name in ("甲县", "乙县")]
    packed = tmp_path / "一月.zip"
    with ZipFile(packed, "w") as archive:
        for book in books:
            archive.write(book, f"交/{book.name}")
        archive.writestr("说明.txt", "见附件")
        archive.writestr("坏.zip", b"PK\x03\x04 and no more")
    for book in books:
        book.unlink()
    code, said, _ = call(capfd, *on(folder, "collect", str(packed)))
    assert code == 1
    assert [(Path(r["file"]).name, r["verdict"]) for r in said["returns"]] == [
        (books[0].name, "accepted"),
        (books[1].name, "accepted"),
        ("说明.txt", "foreign"),
        ("坏.zip", "unreadable"),
    ]
    assert said["returns"][0]["file"] == f"{packed}/交/{books[0].name}"
    kept = {path.stem for path in (folder / ARCHIVE).iterdir()}
    assert kept >= {r["sha256"] for r in said["returns"]} | {sha256(packed)}
    again = call(capfd, *on(folder, "collect", str(packed)))[1]
    assert [r["verdict"] for r in again["returns"]] == ["duplicate"] * 4


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_no_file_of_its_own_is_one_with_what_it_belongs_to(folder, capfd):
    _, sent, _ = call(capfd, *on(folder, "distribute"))
    form = path_of(sent, "甲县").read_bytes()
    from xl_addin.xlsx.package import inflate, unpack

    inbox = folder / RETURNS
    for name, part in unpack(form).items():
        path = inbox / "拆散" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(inflate(part))
    for name in ("sheet001.htm", "stylesheet.css", "filelist.xml"):
        (inbox / "乙县.files").mkdir(exist_ok=True)
        (inbox / "乙县.files" / name).write_text("<table></table>")
    (inbox / "乙县.htm").write_text("<html><frameset><frame src='x'></frameset></html>")
    (inbox / "__MACOSX").mkdir()
    for name in ("__MACOSX/._丁县.xlsx", "._乙县.htm", ".~lock.乙县.htm#"):
        (inbox / name).write_bytes(b"\0\5\x16\7" if "._" in name else b",wang;")
    _, said, _ = call(capfd, *on(folder, "collect"))
    told = {
        Path(each["file"]).name: [p["code"] for p in each["problems"]] for each in said["returns"]
    }
    assert told == {
        "[Content_Types].xml": ["in-pieces"],
        "乙县.htm": ["web-page"],
        ".~lock.乙县.htm#": ["foreign"],
    }
