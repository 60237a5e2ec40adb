"""体检 of the computer: decided from notes, since Windows alone would have the facts."""

from pathlib import Path

import pytest

from xl_addin.services.checkup import computer


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
