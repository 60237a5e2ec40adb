"""Who has a workbook open, by the lock files that spreadsheet programs leave beside it."""

import pytest

from tests.tools import masters
from xl_addin.xlsx import openfiles


def test_the_lock_file_of_a_real_libreoffice_says_who(tmp_path, office):
    path = tmp_path / "master.xlsm"
    path.write_bytes(masters.master())
    text = office.lock(path)
    assert openfiles.libreoffice_user(text.encode()) != ""
    (tmp_path / ".~lock.master.xlsm#").write_text(text)
    [lock] = openfiles.find_lock_files(path)
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
