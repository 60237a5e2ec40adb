"""体检: each fault is put there and must be found; what Windows alone knows is decided from notes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import sys
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pip
import pytest

from tests.tools.masters import edited
from tests.tools.programme import MONTHS, Programme
from xl_addin.cli import main
from xl_addin.model.folder import ARCHIVE, BACKUPS, CHRONICLE, LEDGER, MASTER
from xl_addin.model.sheets import (
    GUIDE_SHEET,
    RULES_SHEET,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.services.checkup import computer, ledger
from xl_addin.services.checkup import folder as foldercheck
from xl_addin.services.checkup import windows as windowsfacts
from xl_addin.services.checkup.runner import STATES, Check, attempted, named
from xl_addin.services.programme import Desk, Wish
from xl_addin.verbs import doctor
from xl_addin.xlsx import openfiles

WELL = {"ok", "skipped"}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A month with one accepted return and totals."""
    made = Programme(tmp_path_factory.mktemp("体检") / "年度 任务")
    made.clock = datetime.now().replace(microsecond=0)
    made.send("甲县.xlsx", 0)
    made.collect()
    made.run("recompute")
    return made.folder


@pytest.fixture
def programme(tmp_path, first):
    """A copy to do harm to."""
    made = Programme(shutil.copytree(first, tmp_path / "年度 任务"))
    made.clock = datetime.now().replace(microsecond=0)
    return made


def looked_at(programme):
    desk = programme.desk()
    try:
        return [Check(**each) for each in doctor.run(desk, Wish()).data["checks"]]
    finally:
        desk.close()


def faults(programme):
    return {(each.code, each.state) for each in looked_at(programme) if each.state not in WELL}


def test_a_sound_programme_is_well(programme, capfd):
    assert faults(programme) == set()
    assert main(["doctor", "--folder", str(programme.folder), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["verb"] == "doctor"
    assert all(
        set(each) == {"code", "state", "subject", "found", "message"} for each in said["checks"]
    )
    codes = {each["code"] for each in said["checks"]}
    assert {
        "python",
        "packages",
        "office",
        "bits",
        "macros-blocked",
        "synced",
        "paths",
        "disk",
        "writable",
        "master",
        "settings",
        "macros",
        "binding",
        "ledger",
        "archive",
        "chronicle",
        "backups",
        "leftovers",
        "clock",
        "mail-out",
        "mail-in",
    } <= codes


def test_a_rehearsal_does_not_try_to_write(programme):
    desk = programme.desk()
    stamp = programme.folder.stat().st_mtime_ns
    checks = doctor.run(desk, Wish(rehearse=True)).data["checks"]
    desk.close()
    assert {each["code"]: each["state"] for each in checks}["writable"] == "skipped"
    assert programme.folder.stat().st_mtime_ns == stamp


def test_nothing_is_changed(programme):
    before = {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}
    looked_at(programme)
    after = {path: path.read_bytes() for path in programme.folder.rglob("*") if path.is_file()}
    assert after == before


def test_what_could_not_be_looked_at_says_so_and_what_is_wrong_says_what_to_do(programme):
    (programme.folder / LEDGER).unlink()
    for each in looked_at(programme):
        assert each.state in STATES
        assert each.subject
        if each.state != "ok":
            assert each.message


def test_without_a_programme_only_the_computer_is_looked_at(tmp_path, capfd):
    assert main(["doctor", "--folder", str(tmp_path), "--json"]) == 0
    checks = json.loads(capfd.readouterr().out)["checks"]
    states = {each["code"]: each["state"] for each in checks}
    assert states["programme"] == "skipped"
    assert "ledger" not in states


def test_a_warning_or_a_fault_is_exit_code_1_and_stands_first(programme, capfd):
    leave(programme.folder / "master.xlsm.99.tmp")
    assert main(["doctor", "--folder", str(programme.folder)]) == 1
    assert capfd.readouterr().out.startswith("【注意】残留文件：master.xlsm.99.tmp")


def leave(path, hours=1):
    path.write_bytes(b"x")
    then = path.stat().st_mtime - hours * 3600
    os.utime(path, (then, then))


# --- the folder ------------------------------------------------------------------------------------


def lose_master(folder):
    (folder / MASTER).unlink()


def break_master(folder):
    (folder / MASTER).write_bytes(b"no workbook")


def lose_a_block(folder):
    path = folder / MASTER
    data = path.read_bytes()
    from xl_addin.xlsx.package import deflate, inflate, pack, unpack

    parts = unpack(data)
    book = inflate(parts["xl/workbook.xml"]).replace(b"blk_board", b"blk_gone")
    parts["xl/workbook.xml"] = deflate("xl/workbook.xml", book)
    path.write_bytes(pack(parts.values()))


def spoil_a_setting(folder):
    path = folder / MASTER
    path.write_bytes(edited({RULES_SHEET: {(5, 3): "也许"}}, path.read_bytes()))


def open_master(folder):
    (folder / f"~${MASTER}").write_bytes(b"")


def lose_ledger(folder):
    (folder / LEDGER).unlink()


def break_ledger(folder):
    path = folder / LEDGER
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = bytes(len(data) // 2 - 4096)
    path.write_bytes(data)


def no_ledger_at_all(folder):
    (folder / LEDGER).write_bytes(b"x" * 5000)


def loose_rows(folder):
    with closing(sqlite3.connect(folder / LEDGER)) as db:
        db.execute("INSERT INTO figures VALUES(999, 'I01', 'flow', 'number', 1, 'F7')")
        db.commit()


def later_ledger(folder):
    with closing(sqlite3.connect(folder / LEDGER)) as db:
        db.execute("PRAGMA user_version=999")


def copied_ledger(folder):
    shutil.copy(folder / LEDGER, folder / "ledger-DESKTOP-4711.db")


def archived(folder):
    return next(path for path in (folder / ARCHIVE).glob("*.xlsx") if len(path.stem) == 64)


def lose_a_return(folder):
    archived(folder).unlink()


def touch_a_return(folder):
    path = archived(folder)
    path.write_bytes(path.read_bytes() + b"\0")


def strange_return(folder):
    data = b"not in the ledger"
    name = f"{hashlib.sha256(data).hexdigest()}.xlsx"
    (folder / ARCHIVE / name).write_bytes(data)


def lose_a_page(folder):
    min((folder / ARCHIVE / CHRONICLE).glob("*.jsonl")).unlink()


def broken_backup(folder):
    (folder / BACKUPS / "master-20240101-000000-000000.xlsm").write_bytes(b"half")


def leftover(folder):
    leave(folder / ARCHIVE / "x.xlsx.123.tmp")


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lose_master, {("master", "error")}),
        (break_master, {("master", "error")}),
        (lose_a_block, {("master", "error")}),
        (spoil_a_setting, {("settings", "warning")}),
        (open_master, {("open", "warning")}),
        (lose_ledger, {("ledger", "error")}),
        (break_ledger, {("ledger", "error")}),
        (no_ledger_at_all, {("ledger", "error")}),
        (loose_rows, {("ledger", "error")}),
        (later_ledger, {("ledger", "error")}),
        (copied_ledger, {("ledger-copies", "warning")}),
        (lose_a_return, {("archive", "error")}),
        (touch_a_return, {("archive", "error")}),
        (strange_return, {("archive-extra", "warning")}),
        (lose_a_page, {("chronicle", "error")}),
        (broken_backup, {("backups", "warning")}),
        (leftover, {("leftovers", "warning")}),
    ],
)
def test_a_fault_of_the_folder_is_found_and_only_it(programme, harm, found):
    harm(programme.folder)
    assert faults(programme) == found


def test_packed_files_and_forms_issued_anew_belong_in_the_archive(programme):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("乙县.xlsx", programme.form(1))
    programme.put("两份.zip", data.getvalue())
    programme.collect()
    programme.run("distribute")
    programme.run("recompute")
    assert any(path.suffix == ".zip" for path in (programme.folder / ARCHIVE).iterdir())
    assert faults(programme) == set()


def test_the_return_that_is_gone_is_named(programme):
    lose_a_return(programme.folder)
    said = next(each for each in looked_at(programme) if each.code == "archive")
    assert "甲县.xlsx" in said.found


def test_what_a_run_is_writing_now_is_no_leftover(programme):
    (programme.folder / "master.xlsm.99.tmp").write_bytes(b"")
    assert faults(programme) == set()


def test_a_ledger_that_another_run_is_writing_is_not_called_broken(programme):
    with closing(sqlite3.connect(programme.folder / LEDGER)) as db:
        db.execute("BEGIN EXCLUSIVE")
        states = {each.code: each.state for each in looked_at(programme)}
    assert states["ledger"] == "skipped"


def test_an_older_ledger_is_not_migrated_by_looking(programme):
    path = programme.folder / LEDGER
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version=4")
    before = path.read_bytes()
    assert next(ledger.ledger_checks(path)).state == "ok"
    assert path.read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_found():
    assert foldercheck.writing_check(Path("/proc/self")).state == "error"


def test_a_disk_that_does_not_answer_ends_only_its_own_check():
    def look():
        yield Check("one", "ok", "甲", "")
        raise PermissionError(13, "Permission denied", "D:\\归档")

    found = list(attempted("归档", look))
    assert [each.state for each in found] == ["ok", "skipped"]
    assert "D:\\归档" in found[1].found


@pytest.mark.parametrize(
    ("now", "last", "state"),
    [
        (datetime(2024, 3, 1, 9), "", "ok"),
        (datetime(2024, 3, 1, 9), "2024-03-01 08:59:59", "ok"),
        (datetime(2024, 3, 1, 9), "2024-03-01 09:00:01", "error"),
    ],
)
def test_a_clock_behind_the_journal_is_wrong(now, last, state):
    assert ledger.time_check(now, last).state == state


# --- mail ------------------------------------------------------------------------------------------


def with_settings(programme, given):
    from xl_addin.master.read.blocks import filled_rows, headed, key_text
    from xl_addin.model.mailsettings import MAIL_SETTINGS

    block = programme.desk().host.block(SETTINGS_BLOCK)
    columns = headed(block, SETTING_HEADINGS[:2])
    labels = {spec.key: spec.label for spec in MAIL_SETTINGS}
    rows = {key_text(block.cells.get((row, columns["项目"]))): row for row in filled_rows(block)}
    cells = {(rows[labels[key]], columns["值"]): value for key, value in given.items()}
    path = programme.folder / MASTER
    path.write_bytes(edited({SETTINGS_SHEET: cells}, path.read_bytes()))


SMTP = {"mail_way": "SMTP", "mail_address": "a@example.com", "smtp_host": "smtp.example.com"}
IMAP = {"imap_host": "imap.example.com", "imap_user": "a"}


@pytest.mark.parametrize(
    ("given", "variables", "states"),
    [
        ({}, (), {"mail-out": "skipped", "mail-in": "skipped"}),
        ({"mail_way": "Outlook 草稿", "mail_address": "a@b.cn"}, (), {"mail-out": "ok"}),
        (SMTP, (), {"mail-out": "error"}),
        (SMTP, ("XL_ADDIN_SMTP_PASSWORD",), {"mail-out": "ok"}),
        ({**SMTP, "smtp_host": None}, ("XL_ADDIN_SMTP_PASSWORD",), {"mail-out": "error"}),
        (IMAP, (), {"mail-in": "error"}),
        (IMAP, ("XL_ADDIN_IMAP_PASSWORD",), {"mail-in": "ok"}),
        ({**SMTP, "smtp_port": "很大"}, (), {"mail": "error"}),
    ],
)
def test_mail_settings_are_looked_at_without_calling_anybody(
    programme, monkeypatch, given, variables, states
):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("XL_ADDIN_SMTP_PASSWORD", "XL_ADDIN_IMAP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    for name in variables:
        monkeypatch.setenv(name, "geheim")
    with_settings(programme, given)
    checks = looked_at(programme)
    found = {each.code: each.state for each in checks if each.code in states}
    assert found == states
    assert not any("geheim" in each.line for each in checks)


# --- the computer: decided from notes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "windows", "state"),
    [
        ("", False, "skipped"),
        ("", True, "error"),
        (r'"C:\Program Files\Microsoft Office\Root\Office16\EXCEL.EXE" /automation', True, "ok"),
        (r"C:\PROGRA~2\MICROS~1\Office14\EXCEL.EXE /automation", True, "ok"),
        (
            r'"C:\Users\w\AppData\Local\Kingsoft\WPS Office\12.1.0\office6\et.exe" /et /automation',
            True,
            "warning",
        ),
        (r"C:\Program Files (x86)\WPS Office\ksolaunch.exe /et", True, "warning"),
        (r"C:\else\calc.exe", True, "warning"),
    ],
)
def test_who_answers_for_excel(server, windows, state):
    assert computer.office_check(server, windows).state == state


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (r'"C:\a b\EXCEL.EXE" /automation', r"C:\a b\EXCEL.EXE"),
        (r"C:\a b\EXCEL.EXE /automation", r"C:\a b\EXCEL.EXE"),
        ("", ""),
    ],
)
def test_the_program_of_a_command_line(command, path):
    assert computer.program_of(command) == path


@pytest.mark.parametrize(("name", "bits"), [("t32.exe", 32), ("t64.exe", 64), ("t64-arm.exe", 64)])
def test_how_wide_a_real_windows_program_is(name, bits):
    program = Path(pip.__file__).parent / "_vendor" / "distlib" / name
    if not program.exists():
        pytest.skip(f"this pip brings no {name}")
    assert windowsfacts.bits_of(program.read_bytes()[:4096]) == bits


def test_what_is_no_windows_program_has_no_width():
    for data in (b"", b"MZ", b"\x7fELF" + bytes(100), Path(sys.executable).read_bytes()[:4096]):
        assert windowsfacts.bits_of(data) == 0


@pytest.mark.parametrize(
    ("python", "office", "windows", "state"),
    [
        (64, 64, True, "ok"),
        (64, 32, True, "ok"),
        (64, 0, True, "ok"),
        (32, 64, True, "warning"),
        (64, 0, False, "ok"),
    ],
)
def test_widths_need_not_be_alike(python, office, windows, state):
    assert computer.bits_check(python, office, windows).state == state


MAILED = "[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=C:\\x.zip\r\n"


@pytest.mark.parametrize(
    ("zone", "master", "windows", "state"),
    [
        ("", r"D:\任务\master.xlsm", False, "skipped"),
        ("", r"D:\任务\master.xlsm", True, "ok"),
        (MAILED, r"D:\任务\master.xlsm", True, "error"),
        (MAILED.replace("3", "4"), r"D:\任务\master.xlsm", True, "error"),
        (MAILED.replace("3", "1"), r"D:\任务\master.xlsm", True, "ok"),
        ("", r"\\filer\任务\master.xlsm", True, "ok"),
        ("", r"\\10.1.2.3\任务\master.xlsm", True, "warning"),
        ("", r"\\filer.example.cn\任务\master.xlsm", True, "warning"),
    ],
)
def test_whether_macros_are_blocked(zone, master, windows, state):
    assert computer.origin_check(zone, Path(master), windows).state == state


@pytest.mark.parametrize(
    ("folder", "roots", "cloud"),
    [
        (r"D:\任务\2023", {}, ""),
        (r"C:\Users\w\OneDrive - 某局\任务", {}, "OneDrive"),
        (r"C:\Users\w\OneDrive\任务", {}, "OneDrive"),
        (r"E:\云\任务", {"E:\\云\\": "OneDrive"}, "OneDrive"),
        (r"E:\云端\任务", {"E:\\云": "OneDrive"}, ""),
        (r"C:\Users\w\WPSDrive\123\WPS云盘\任务", {}, "WPS 云盘"),
        (r"C:\Users\w\Nutstore\1\任务", {}, "坚果云"),
        ("/home/w/Dropbox/任务", {}, "Dropbox"),
        ("https://example.sharepoint.com/sites/a", {}, "SharePoint"),
    ],
)
def test_a_folder_that_is_synchronised(folder, roots, cloud):
    found = computer.place_check(folder, roots)
    assert (found.state, cloud in found.found) == ("warning" if cloud else "ok", True)


@pytest.mark.parametrize(
    ("paths", "codes"),
    [
        ({"任务文件夹": r"D:\任务 (2023)", "Python": r"C:\Python\python.exe"}, ["paths"]),
        ({"任务文件夹": r"D:\50%任务"}, ["path-signs"]),
        ({"任务文件夹": r"D:\任务", "Python": r"C:\R&D\python.exe"}, ["path-signs"]),
        ({"任务文件夹": r"D:\任务", "用户文件夹": r"C:\Users\o'neil^!"}, ["path-signs"]),
        ({"任务文件夹": "D:\\" + "长" * 203}, ["path-length"]),
        ({"任务文件夹": "D:\\" + "长" * 170}, ["paths"]),
    ],
)
def test_paths_that_a_command_prompt_or_excel_cannot_take(paths, codes):
    assert [each.code for each in computer.path_checks(paths, on_windows=True)] == codes


@pytest.mark.parametrize(
    ("version", "wanted", "right"),
    [
        ("3.2.5", ">=3.2,<4", True),
        ("3.1.9", ">=3.2,<4", False),
        ("4.0", ">=3.2,<4", False),
        ("4", "<4", False),
        ("3.11.0", ">=3.11", True),
        ("3.10.12", ">=3.11", False),
        ("2.2rc1", ">=2.2", True),
        ("1.0", "", True),
        ("1.0", "!=1.0", False),
        ("1.0", "==1.0", True),
        ("0.37.8", ">=0.37,<0.38", True),
        ("1.4.6.1", ">1.4.6", True),
    ],
)
def test_versions_are_compared_as_numbers(version, wanted, right):
    assert computer.fits(version, wanted) is right


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("pandas<4,>=2.2", ("pandas", "<4,>=2.2", "")),
        ("xlwings (>=0.37)", ("xlwings", ">=0.37", "")),
        ('pytest>=8; extra == "test"', None),
        ('pywin32>=300; sys_platform == "win32"', ("pywin32", ">=300", 'sys_platform == "win32"')),
    ],
)
def test_requirements_are_read(text, read):
    assert computer.requirement(text) == read


def test_packages_that_are_missing_or_old_are_named():
    needs = ["pandas>=2.2,<4", "rich>=13.7", 'pytest; extra == "test"']
    found = computer.package_checks(">=3.11", needs, {"pandas": "1.5.3", "rich": ""}, "3.9.1")
    assert [(each.code, each.state, each.found.partition("，")[0]) for each in found] == [
        ("python", "error", "3.9.1"),
        ("package", "error", "pandas 1.5.3"),
        ("package", "error", "rich 没有安装"),
    ]
    [unknown] = computer.package_checks("", [], {})
    assert unknown.state == "skipped"


@pytest.mark.parametrize(
    ("free", "state"), [(5 << 30, "ok"), (500 << 20, "warning"), (50 << 20, "error")]
)
def test_disks_that_are_full(free, state):
    assert computer.disk_check(free).state == state


def test_where_the_buttons_look_for_python(tmp_path):
    here = tmp_path / "python.exe"
    here.write_bytes(b"")
    key = "INTERPRETER_WIN"
    states = [
        foldercheck.bound_check(said, {key: running}).state
        for said, running in (
            ({key: str(here)}, str(here)),
            ({key: str(here)}, r"C:\else.exe"),
            ({key: r"C:\gone\python.exe"}, str(here)),
            ({}, str(here)),
        )
    ]
    assert states == ["ok", "warning", "error", "error"]
    assert foldercheck.bound_check({}, {}).state == "skipped"


def test_many_names_are_cut():
    assert named("abc") == "a、b、c"
    assert named("abcdefg") == "a、b、c、d、e 等 7 个"


def test_the_live_workbook_is_not_called_open(programme):
    open_master(programme.folder)
    desk = Desk(programme.folder, live=programme.desk().host)
    assert "open" not in {each.code for each in foldercheck.master_checks(desk)}


# --- who has it open -------------------------------------------------------------------------------


def test_the_lock_file_of_a_real_libreoffice_says_who(programme, office):
    path = programme.folder / MASTER
    text = office.lock(path)
    assert openfiles.libreoffice_user(text.encode()) != ""
    (programme.folder / f".~lock.{MASTER}#").write_text(text)
    [lock] = openfiles.locks(path)
    assert (lock.program, lock.who) == ("LibreOffice", openfiles.libreoffice_user(text.encode()))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (",root,box,24.11.2026 19:00,file:///x;", "root（box）"),
        ("王科长,wang,PC-1,24.11.2026 19:00,file:///x;", "王科长（PC-1）"),
        (",,,,;", ""),
        ("", ""),
    ],
)
def test_names_in_libreoffice_lock_files(text, who):
    assert openfiles.libreoffice_user(text.encode()) == who


def excel_lock(name, narrow="gb18030"):
    """As Excel is known to write it: a length and the name in 54 bytes, then the same in UTF-16."""
    plain = name.encode(narrow, "replace")
    wide = name.encode("utf-16-le")
    return (
        bytes([len(plain)])
        + plain.ljust(54, b" ")
        + len(name).to_bytes(2, "little")
        + wide
        + " ".encode("utf-16-le") * (54 - len(name))
    )


@pytest.mark.parametrize("name", ["王科长", "Wang", "o'Neil & Söhne"])
def test_names_in_excel_lock_files(name):
    assert len(excel_lock(name)) == 165
    assert openfiles.excel_user(excel_lock(name)) == name
    assert openfiles.excel_user(excel_lock(name)[:55]) in (name, name.replace("ö", "?"))
    assert openfiles.excel_user(b"") == ""


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (f"~${MASTER}", excel_lock("王科长"), ("Excel", "王科长")),
        (f"~${MASTER}", b"", ("Excel",)),
        (f".~lock.{MASTER}#", b",root,box,24.11.2026,f;", ("LibreOffice", "root（box）")),
        (f".~{MASTER}", b"", ("WPS",)),
    ],
)
def test_an_open_master_is_refused_with_who_has_it_and_what_a_stale_lock_wants(
    programme, capfd, name, data, words
):
    lock = programme.folder / name
    lock.write_bytes(data)
    before = (programme.folder / MASTER).read_bytes()
    arguments = ["recompute", "--folder", str(programme.folder), "--month", MONTHS[0]]
    assert main(arguments) == 2
    said = capfd.readouterr().err
    assert all(word in said for word in (*words, lock.name, MASTER))
    assert (programme.folder / MASTER).read_bytes() == before
    leave(lock, hours=30)
    assert main(arguments) == 2
    assert "30 小时" in capfd.readouterr().err
    lock.unlink()
    assert main(arguments) == 0


def test_a_read_only_master_is_refused(programme, capfd):
    path = programme.folder / MASTER
    path.chmod(0o444)
    assert main(["recompute", "--folder", str(programme.folder), "--month", MONTHS[0]]) == 2
    assert "只读" in capfd.readouterr().err


def test_a_master_that_was_saved_meanwhile_is_not_written_over(programme):
    from xl_addin.master.host.base import Change
    from xl_addin.system.errors import Refused

    desk = programme.desk()
    path = programme.folder / MASTER
    meanwhile = edited({GUIDE_SHEET: {(90, 1): "刚写的"}}, path.read_bytes())
    desk.host.apply([Change(GUIDE_SHEET, {(99, 1): "我们的"}, {})])
    path.write_bytes(meanwhile)
    with pytest.raises(Refused, match="改过"):
        desk.host.save()
    assert path.read_bytes() == meanwhile


def test_the_last_ten_masters_are_kept(programme):
    path = programme.folder / MASTER
    for _ in range(11):
        before = path.read_bytes()
        programme.run("recompute")
    kept = sorted((programme.folder / BACKUPS).glob("*.xlsm"))
    assert len(kept) == 10
    assert kept[-1].read_bytes() == before


@pytest.mark.parametrize(
    ("missing", "state"), [([], "ok"), (["RLIMIT_AS"], "warning"), (None, "error")]
)
def test_limits_that_cannot_be_set_are_told(missing, state, programme, monkeypatch):
    monkeypatch.setattr(computer.sandbox, "missing_limits", lambda: missing)
    (found,) = [each for each in looked_at(programme) if each.code == "sandbox"]
    assert found.state == state
    assert all(name in found.found for name in missing or ())
