"""体检 of the folder, the master and the mail settings: each fault is put there and must be found."""

from pathlib import Path

import pytest

from tests.tools import accounts, checkups
from tests.tools.checkups import checks_of, faults_of, leave
from tests.tools.masters import edit_master
from tests.tools.systems import ON_WINDOWS
from xl_addin.model.folder import ARCHIVE, BACKUPS, MASTER
from xl_addin.model.sheets import RULES_SHEET
from xl_addin.services.checkup import folder as foldercheck
from xl_addin.services.programme import Programme


@pytest.fixture
def programme(tmp_path, first_month):
    """A copy to do harm to."""
    return checkups.copied(first_month, tmp_path)


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
    path.write_bytes(edit_master({RULES_SHEET: {(5, 3): "也许"}}, path.read_bytes()))


def open_master(folder):
    (folder / f"~${MASTER}").write_bytes(b"")


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
        (broken_backup, {("backups", "warning")}),
        (leftover, {("leftovers", "warning")}),
    ],
)
def test_a_fault_of_the_folder_is_found_and_only_it(programme, harm, found):
    harm(programme.folder)
    assert faults_of(programme) == found


def test_what_a_run_is_writing_now_is_no_leftover(programme):
    (programme.folder / "master.xlsm.99.tmp").write_bytes(b"")
    assert faults_of(programme) == set()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_found():
    assert foldercheck.writing_check(Path("/proc/self")).state == "error"


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
        (
            {"mail_receiver": "POP3", "pop3_host": "p.cn", "pop3_user": "a"},
            (),
            {"mail-in": "error"},
        ),
        (
            {"mail_receiver": "Outlook"},
            (),
            {"mail-in": "ok"} | ({} if ON_WINDOWS else {"outlook": "error"}),
        ),
        ({**IMAP, "mail_login": "微软账户"}, ("XL_ADDIN_IMAP_PASSWORD",), {"mail-in": "error"}),
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
    path = programme.folder / MASTER
    path.write_bytes(edit_master(accounts.setting_cells(**given), path.read_bytes()))
    checks = checks_of(programme)
    found = {each.code: each.state for each in checks if each.code in states}
    assert found == states
    assert not any("geheim" in each.line for each in checks)


def test_a_folder_that_is_collected_too_is_looked_at(tmp_path):
    found = list(foldercheck.receive_checks((str(tmp_path), str(tmp_path / "没有"))))
    assert [each.state for each in found] == ["ok", "warning"]
    assert "“接收文件夹”" in found[1].line


def test_where_the_buttons_look_for_python(tmp_path):
    here = tmp_path / "python.exe"
    here.write_bytes(b"")
    key = "INTERPRETER_WIN"
    states = [
        foldercheck.interpreter_check(said, {key: running}).state
        for said, running in (
            ({key: str(here)}, str(here)),
            ({key: str(here)}, r"C:\else.exe"),
            ({key: r"C:\gone\python.exe"}, str(here)),
            ({}, str(here)),
        )
    ]
    assert states == ["ok", "warning", "error", "error"]
    assert foldercheck.interpreter_check({}, {}).state == "skipped"


def test_the_live_workbook_is_not_called_open(programme):
    open_master(programme.folder)
    under_test = Programme(programme.folder, live=programme.open_programme().host)
    assert "open" not in {each.code for each in foldercheck.master_checks(under_test)}
