"""Files that staff name or put into a folder of the programme, to be read where they lie."""

from __future__ import annotations

from pathlib import Path

from xl_addin.formats.text_encoding import decode_notepad
from xl_addin.system import held
from xl_addin.system.errors import Refused, in_chinese
from xl_addin.xlsx.package import MAX_FILE


def read_given(path: Path) -> bytes:
    """All of a file. Refused where it is larger than any workbook that is read, or cannot be opened."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise Refused(
                f"{path}：文件有 {size // 2**20} MB，超过 {MAX_FILE // 2**20} MB，没有读取"
            )
        return held.read_bytes(path)
    except OSError as error:
        raise Refused(
            f"{path}：打不开（{in_chinese(error)}）；请检查路径，或关闭正在使用它的程序"
        ) from error


def given_folder(programme: Path, name: str, *, make: bool) -> Path:
    """The folder of that name, made where it is not there. Refused where it cannot be."""
    folder = programme / name
    try:
        if make:
            folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Refused(
            f"{folder}：建不了这个文件夹（{in_chinese(error)}）；有同名的文件请改名，再试"
        ) from error
    return folder


def kept_text(folder: Path, name: str) -> str:
    """What stands in a text file, as Notepad saves it; empty where there is none."""
    # Where Windows hides what files end in, it comes to be twice.
    found = next(filter(Path.is_file, (folder / name, folder / f"{name}.txt")), None)
    return "" if found is None else decode_notepad(held.read_bytes(str(found)))
