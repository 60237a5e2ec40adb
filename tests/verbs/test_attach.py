"""``attach``: a master gets this computer's Python and this version's macros, and nothing else moves.

Proves also master/macros/*.py.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyopenvba import ExcelFile

from tests.data.make_workbooks import MASTER, TASK_TABLE, make_master
from tests.tools import masters
from tests.tools.lint import lint
from tests.tools.office import Office
from tests.tools.parts import read_parts, rewrite
from tests.tools.systems import ON_WINDOWS
from tests.tools.vba import FOLDER, INTERPRETER, Machine, open_excel
from xl_addin.cli import main
from xl_addin.master.build import workbook
from xl_addin.master.host.file import FileHost
from xl_addin.master.macros import binding, ribbonxml, vbaproject
from xl_addin.model import folder as folders
from xl_addin.model.commands import VERBS
from xl_addin.model.folder import BACKUPS, FORMS, LEDGER, RETURNS
from xl_addin.model.sheets import GUIDE_BLOCK, GUIDE_SHEET, SETTINGS_BLOCK, SHEETS
from xl_addin.services.programme import Programme, Request
from xl_addin.store.ledger import Ledger
from xl_addin.system.errors import Refused
from xl_addin.verbs import attach

OURS = {vbaproject.PART, ribbonxml.PART}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A programme's folder with a new master and a ledger."""
    folder = tmp_path / "年度 任务"
    folder.mkdir()
    (folder / folders.MASTER).write_bytes(masters.master())
    Ledger.create(folder / LEDGER, masters.YEAR, "2023-01-03 09:00:00").close()
    return folder


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program believes to run in a Python on Windows."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", INTERPRETER)


def attached(folder: Path, request: Request = Request()) -> dict:  # noqa: B008 - immutable
    programme = Programme(folder, clock=lambda: datetime(2023, 6, 1, 9))
    try:
        return attach.run(programme, request).data
    finally:
        programme.close()


def parts(folder: Path) -> dict[str, bytes]:
    return read_parts(folder / folders.MASTER)


def moved(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def conf_part(folder: Path) -> str:
    host = FileHost(folder / folders.MASTER)
    return host._workbook.sheet_part(binding.CONF_SHEET)


def sources(path: Path) -> dict[str, str]:
    with ExcelFile(path) as book:
        return book.vba_modules()


def change_macros(folder: Path, change: Callable[[ExcelFile], None]) -> None:
    path = folder / folders.MASTER
    with ExcelFile(path) as book:
        change(book)
        book.save(path)


def earlier(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a master there as the first version made them: laid out for macros, without any."""
    with monkeypatch.context() as without:
        without.setattr(workbook, "install_macros", lambda parts, _: parts)
        data = workbook.build_master(masters.TABLE, masters.YEAR, masters.TITLE, masters.MONTH)
    (folder / folders.MASTER).write_bytes(data)


# --- the build -----------------------------------------------------------------------------------


def test_the_shipped_master_is_what_the_sources_build(tmp_path: Path) -> None:
    for name in ("a.xlsm", "b.xlsm"):
        make_master(tmp_path / name)
    again, shipped = read_parts(tmp_path / "a.xlsm"), read_parts(MASTER)
    advice = "run python -m tests.data.make_workbooks and commit workbooks/"
    assert moved(shipped, again) == set(), advice
    if not ON_WINDOWS:  # packed by another zlib
        assert (tmp_path / "a.xlsm").read_bytes() == MASTER.read_bytes(), advice
        assert (tmp_path / "b.xlsm").read_bytes() == MASTER.read_bytes()


def test_the_shipped_master_is_sound(validator: Callable[[Path], list[str]]) -> None:
    assert lint(MASTER) == []
    assert validator(MASTER) == []


def test_its_modules_are_ours_and_those_of_the_installed_xlwings() -> None:
    found = sources(MASTER)
    for name, source in vbaproject.modules().items():
        assert source.isascii()
        assert found[name].splitlines()[-50:] == source.splitlines()[-50:]
    names = {"ThisWorkbook", "XlwingsConf", "XlwingsError", *vbaproject.modules()}
    assert found.keys() == names | {f"Sheet{n}" for n in range(1, 1 + len(SHEETS))}


def test_whatever_a_verb_writes_ribbon_and_macros_stay(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "年度 任务"
    assert main(["new", str(folder), "--task-table", str(TASK_TABLE), "--year", "2023"]) in (0, 1)
    wired = (*OURS, "_rels/.rels", "[Content_Types].xml", "xl/_rels/workbook.xml.rels")
    before, wrote = parts(folder), set()
    for verb in VERBS:
        if verb.group:
            for form in (folder / FORMS / "2023-01").glob("*.xlsx"):
                shutil.copy(form, folder / RETURNS)
            main([verb.name, "--folder", str(folder), "--month", "2023-01"])
            after = parts(folder)
            assert {name: after[name] for name in wired} == {name: before[name] for name in wired}
            wrote |= {verb.name} if after != before else set()
            before = after
    capfd.readouterr()
    assert "recompute" in wrote
    assert lint(folder / folders.MASTER) == []


@pytest.mark.parametrize("verb", ["distribute", "collect", "recompute"])
def test_what_builds_macros_is_not_imported_by_the_work_of_a_month(
    tmp_path: Path, verb: str
) -> None:
    folder = tmp_path / "任务"
    new = ("new", str(folder), "--task-table", str(TASK_TABLE), "--year", "2023")
    subprocess.run([sys.executable, "-m", "xl_addin", *new], capture_output=True)
    program = (
        "import sys; from xl_addin.cli import main; "
        f"code = main(['{verb}', '--folder', r'{folder}', '--json']); "
        "heavy = {'pyopenvba', 'xlwings', 'xl_addin.master.macros.vbaproject', 'xl_addin.master.macros.ribbonxml'}; "
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.stderr.decode("ascii").splitlines()[-1] in ("0 []", "1 []")


# --- attach --------------------------------------------------------------------------------------


def test_a_master_of_this_version_on_a_computer_without_excel_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    before = (folder / folders.MASTER).read_bytes()
    said = attached(folder)
    assert (said["interpreter"], said["renewed"]) == (None, False)
    assert (folder / folders.MASTER).read_bytes() == before
    assert not (folder / BACKUPS).exists()


@pytest.mark.usefixtures("on_windows")
def test_binding_changes_one_sheet_and_a_button_works_then(folder: Path) -> None:
    before = parts(folder)
    assert attached(folder)["interpreter"] == INTERPRETER
    assert moved(before, parts(folder)) == {conf_part(folder)}
    assert len(list((folder / BACKUPS).iterdir())) == 1
    excel = open_excel(folder / folders.MASTER, Machine(), FOLDER)
    excel.press("check")
    assert len(excel.machine.commands) == 1


def test_the_binding_to_a_computer_of_the_other_kind_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for platform, executable in (("win32", INTERPRETER), ("darwin", "/opt/my  py/bin/python3")):
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(sys, "executable", executable)
        attached(folder)
    said = binding.read_binding(FileHost(folder / folders.MASTER))
    assert said[binding.WINDOWS] == INTERPRETER
    assert said[binding.MAC] == "/opt/my  py/bin/python3"


def test_a_path_that_windows_would_change_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("TEMP", "x")
    monkeypatch.setattr(sys, "executable", r"D:\a%temp%b\python.exe")
    with pytest.raises(Refused, match="%temp%"):
        attached(folder)
    monkeypatch.setattr(sys, "executable", r"D:\100%\50%\python.exe")
    assert attached(folder)["interpreter"] == r"D:\100%\50%\python.exe"


def test_macros_of_another_xlwings_are_said_and_mended_and_peoples_own_stay(folder: Path) -> None:
    good = sources(folder / folders.MASTER)

    def older(book: ExcelFile) -> None:
        book.set_module("xlwings", good["xlwings"].replace("0.37.8", "0.30.1"))
        book.set_module("XlAddin", "Option Explicit\r\n")
        book.vba_project().add_module("Theirs", "Sub Mine()\r\nEnd Sub\r\n")
        book.set_module("Sheet3", "Sub Worksheet_Activate()\r\nEnd Sub\r\n")

    change_macros(folder, older)
    path = folder / folders.MASTER
    conf = conf_part(folder)
    rewrite(path, path, {conf: lambda text: text.replace("0.37.8", "0.30.1", 1)})
    before, theirs = parts(folder), sources(path)
    assert "0.30.1" in binding.outdated_macros_text(FileHost(path))
    assert attached(folder)["renewed"] is True
    assert binding.outdated_macros_text(FileHost(path)) == ""
    assert moved(before, parts(folder)) == {vbaproject.PART, conf}
    after = sources(path)
    assert {name: after[name] for name in good if name != "Sheet3"} == {
        name: good[name] for name in good if name != "Sheet3"
    }
    assert {name: after[name] for name in ("Theirs", "Sheet3")} == {
        name: theirs[name] for name in ("Theirs", "Sheet3")
    }
    assert lint(path) == []


def test_buttons_of_another_version_are_said_and_mended(folder: Path) -> None:
    path, conf = folder / folders.MASTER, conf_part(folder)
    stamp = binding.macros_fingerprint()[binding.SOURCES]
    rewrite(
        path,
        path,
        {
            conf: lambda text: text.replace(stamp, "0" * 16),
            ribbonxml.PART: lambda text: text.replace("重算", "计算"),
        },
    )
    assert binding.outdated_macros_text(FileHost(path)) != ""
    assert attached(folder)["renewed"] is True
    assert binding.outdated_macros_text(FileHost(path)) == ""
    assert parts(folder)[ribbonxml.PART] == ribbonxml.ribbon_xml()


def test_the_help_button_of_an_older_master_finds_its_sheet(folder: Path) -> None:
    path = folder / folders.MASTER
    name = GUIDE_BLOCK
    rewrite(path, path, {"xl/workbook.xml": lambda text: text.replace(f'"{name}"', '"other"')})
    attached(folder)
    excel = open_excel(path)
    excel.press("sheet_settings", SETTINGS_BLOCK)
    excel.press("sheet_help", name)
    assert excel.book.active_sheet.name == GUIDE_SHEET


def test_a_master_without_macros_is_given_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, validator: Callable[[Path], list[str]]
) -> None:
    earlier(folder, monkeypatch)
    path = folder / folders.MASTER
    before = parts(folder)
    assert binding.outdated_macros_text(FileHost(path)) != ""
    assert attached(folder)["renewed"] is True
    drawn = ribbonxml.pictures(ribbonxml.ribbon_xml())
    assert moved(before, parts(folder)) == {
        *OURS,
        "customUI/_rels/customUI14.xml.rels",
        *(f"customUI/images/{name}.png" for name in drawn),
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        *(f"xl/worksheets/sheet{len(SHEETS) + n}.xml" for n in (1, 2)),
    }
    assert path.read_bytes() == masters.master()
    assert lint(path) == []
    assert validator(path) == []


def test_a_ribbon_that_openpyxl_cut_off_is_put_back(folder: Path) -> None:
    path = folder / folders.MASTER
    book = load_workbook(path, keep_vba=True)
    book.save(path)
    book.vba_archive.close()
    assert any("ribbon-orphan" in finding for finding in lint(path))
    attached(folder)
    assert not any("ribbon" in finding for finding in lint(path))


@pytest.mark.libreoffice
def test_a_master_that_libreoffice_saved_can_be_attached_again(
    folder: Path, office: Office, tmp_path: Path
) -> None:
    path = folder / folders.MASTER
    saved = office.convert(path, tmp_path / "out", "xlsm")
    path.write_bytes(saved.read_bytes())
    attached(folder)
    assert binding.outdated_macros_text(FileHost(path)) == ""
    ribbons = [f for f in lint(path) if f.startswith(("ribbon", "control", "action"))]
    assert ribbons == []


def test_rehearsing_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier(folder, monkeypatch)
    before = (folder / folders.MASTER).read_bytes()
    attached(folder, Request(rehearse=True))
    assert (folder / folders.MASTER).read_bytes() == before
    assert not (folder / BACKUPS).exists()


def test_a_master_that_is_open_is_refused(folder: Path) -> None:
    (
        folder / f".~lock.{folders.MASTER}#"
    ).touch()  # Excel's is one left over where Windows knows of no one
    with pytest.raises(Refused, match="关闭"):
        attached(folder)


def test_a_master_without_its_ledger_can_be_attached(folder: Path) -> None:
    (folder / LEDGER).unlink()
    assert attached(folder)["verb"] == "attach"


def test_what_was_attached_stands_in_the_journal(folder: Path) -> None:
    attached(folder)
    ledger = Ledger(folder / LEDGER)
    assert [verb for _, verb, *_ in ledger.events(5)] == ["attach"]
    ledger.close()
