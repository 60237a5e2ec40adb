"""Who may read: narrowed to those who work in the folder, never widened, told where it is not so."""

import os
import sys

import pytest

from xl_addin.system.rights import is_found, narrow, private_mode, read_by_others

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bits of POSIX")


@pytest.mark.parametrize(
    ("folder", "before", "after"),
    [
        (0o755, 0o644, 0o600),
        (0o775, 0o664, 0o660),
        (0o775, 0o600, 0o600),
        (0o777, 0o666, 0o660),
        (0o755, 0o400, 0o400),
    ],
)
def test_a_file_is_for_those_who_may_write_to_the_folder(tmp_path, folder, before, after):
    tmp_path.chmod(folder)
    (tmp_path / "ledger.db").write_bytes(b"x")
    (tmp_path / "ledger.db").chmod(before)
    assert read_by_others(tmp_path, ["ledger.db"]) == ["ledger.db"] * (before != after)
    narrow(tmp_path, ["ledger.db", "不在"])
    assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == after
    assert read_by_others(tmp_path, ["ledger.db", "不在"]) == []
    assert private_mode(tmp_path) == (0o660 if folder & 0o020 else 0o600)


def test_a_folder_stays_one_that_its_people_can_enter(tmp_path):
    (tmp_path / "归档").mkdir(mode=0o755)
    narrow(tmp_path, ["归档"])
    assert (tmp_path / "归档").stat().st_mode & 0o777 == 0o700


def test_a_disk_without_rights_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "a").chmod(0o644)

    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr(os, "chmod", refuse)
    narrow(tmp_path, ["a"])
    assert read_by_others(tmp_path, ["a"]) == ["a"]


class Everybody:
    """An access list on which some files are everybody's."""

    def __init__(self, *names):
        self.names = names

    def everybody(self, path):
        return path.name in self.names


def test_where_access_lists_decide_they_are_asked(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    assert read_by_others(tmp_path, ["a", "b"], Everybody("b")) == ["b"]


# As Microsoft documents icacls and as it prints on Windows 10 and 11, in two languages; nothing of it was run here.
FOUND = (
    "SID Found: D:\\年度 任务\\{}.\r\nSuccessfully processed 1 files; Failed processing 0 files\r\n"
)
NONE = (
    "No files with a matching SID was found.\r\n"
    "Successfully processed 1 files; Failed processing 0 files\r\n"
)
FOUND_IN_CHINESE = "找到 SID: D:\\年度 任务\\{}。\r\n已成功处理 1 个文件; 处理 0 个文件时失败\r\n"
NONE_IN_CHINESE = "未找到具有匹配 SID 的文件。\r\n已成功处理 1 个文件; 处理 0 个文件时失败\r\n"


@pytest.mark.parametrize("name", ["ledger.db", "programme.json", "归档"])
@pytest.mark.parametrize("page", ["cp936", "utf-8"])
@pytest.mark.parametrize(
    ("said", "open_to_all"),
    [
        (FOUND, True),
        (NONE, False),
        (FOUND_IN_CHINESE, True),
        (FOUND_IN_CHINESE.replace("。\r", ".\r"), True),
        (NONE_IN_CHINESE, False),
        ("", False),
    ],
)
def test_what_icacls_prints_is_understood_in_the_code_page_of_its_console(
    said, open_to_all, page, name
):
    assert is_found(said.format(name).encode(page), name) == open_to_all


def test_another_file_that_icacls_names_is_not_this_one():
    assert not is_found(FOUND.format("old-ledger.db").encode(), "ledger.db")
    assert is_found(FOUND.format("LEDGER.DB").encode(), "ledger.db")
