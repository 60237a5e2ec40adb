"""What ties a master to a computer: a very hidden sheet with the interpreter and the texts.

xlwings reads its settings in columns A:B of the sheet xlwings.conf, up to the first gap. What our
callback says to people when Python cannot be started stands in columns D:E of it: VBA sources are
ASCII, and cells can be read, checked and mended by people. A second very hidden sheet, Error, is
where xlwings puts the text of a failure that it would otherwise show in English.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache

from xl_addin.master.macros import vbaproject
from xl_addin.model.folder import MASTER
from xl_addin.model.sheets import (
    BINDING_BLOCK,
    CONF_SHEET,
    ERROR_SHEET,
    GUIDE_BLOCK,
    GUIDE_SHEET,
    LAYOUT,
    STAMP_COLUMN,
    TAB,
)
from xl_addin.system import held, resources
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, pattern
from xl_addin.xlsx.a1 import absolute_reference
from xl_addin.xlsx.booksheets import add_sheet, set_name
from xl_addin.xlsx.cells import Cell
from xl_addin.xlsx.package import Part
from xl_addin.xlsx.parts import put_part
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from xl_addin.master.host.base import Host

WINDOWS, MAC = "INTERPRETER_WIN", "INTERPRETER_MAC"
_KEYS = {"win32": WINDOWS, "darwin": MAC}
MODULE, SOURCES = "XLWINGS_MODULE", "XL_ADDIN_SOURCES"
# Cells of a hidden sheet and no document property: Excel, WPS, LibreOffice and openpyxl all keep a
# sheet, while properties are what clean-up tools take out first; and it is read alike from a file and
# live in Excel.
LAYOUT_ROW = "XL_ADDIN_LAYOUT"
# What is said here is not looked for in the user's own xlwings settings, which may have been made
# for something else. The folder of the master is no place to import Python modules from.
_SETTINGS = {
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    "PYTHONPATH": "",
    "USE UDF SERVER": "False",
    "CONDA PATH": "",
    "CONDA ENV": "",
    "SHOW CONSOLE": "False",
    "SHOW_ERROR_POPUPS": "False",
}
# attach writes the master's file, which it cannot while the master is open.
ADVICE = "请关闭主表后运行 xl-addin attach"
_ATTACH = (
    "1. 保存并关闭本工作簿；\n2. 双击安装包里的“安装”，把本工作簿的文件拖进窗口，按回车；\n"
    "    没有安装包的，按 Windows 键，输入 cmd 打开“命令提示符”，运行：\n"
    '    python -m xl_addin attach --folder "{folder}"\n'
    "    （提示找不到 python 或 xl_addin，就向管理员要安装包）\n"
    "3. 重新打开本工作簿，再点按钮。"
)
TEXTS = {
    "title": TAB,
    "running": "上一个操作还没有做完。请等它结束后再点。",
    "unsaved": "本工作簿还没有保存过，程序不知道任务文件夹在哪里。请先把它保存到任务文件夹，再点按钮。",
    "name": "工作簿的文件名“{detail}”里有等号，程序认不出它。请关闭后把文件名改回 "
    f"{MASTER}，再打开点按钮。",
    "unbound": f"本工作簿还没有和这台电脑上的 Python 绑定，按钮不能用。请这样做一次：\n{_ATTACH}",
    "missing": "本工作簿绑定的 Python 不在这台电脑上：\n    {detail}\n换了电脑或重装过 Python 就会这样。"
    f"请这样做一次：\n{_ATTACH}",
    "failed": "操作没有完成：Python 没有启动起来，或者中途停了。它最后说的是：\n    {detail}\n"
    f"已经写入的数据都保留着。请先保存，再点一次；还是不行就这样做：\n{_ATTACH}\n"
    '仍然不行，运行 python -m xl_addin doctor --folder "{folder}"，'
    "把结果和这里的内容（按 Ctrl+C 可以复制）发给管理员。",
    "sheet": "找不到要去的工作表（定义名称 {detail} 被删除了）。请撤销刚才的删除，或从“备份”文件夹恢复。",
}
_SHEET_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetPr codeName="{code}"/><dimension ref="A1"/><sheetData/></worksheet>'
)
_VARIABLE = pattern(r"%([^%]+)%")


def this_computer() -> dict[str, str]:
    """The settings that bind a master to the Python that runs now; none on systems without Excel.

    Refused for a path in which Windows would find one of its variables: xlwings hands it to cmd.exe,
    where nothing can be put in front of a % to keep it.
    """
    key = _KEYS.get(sys.platform)
    if key is None:
        return {}
    known = {name.upper() for name in os.environ}
    mangled = [name for name in _VARIABLE.findall(sys.executable) if name.upper() in known]
    if key == WINDOWS and mangled:
        raise Refused(
            f"{sys.executable}：Python 所在的路径里有 %{mangled[0]}%，Windows 会把它换成别的；"
            "请把 Python 装到名字里没有 % 的文件夹后再试"
        )
    return {key: sys.executable}


@cache
def macros_fingerprint() -> Mapping[str, str]:
    """What the macros of a master are made of: the version of xlwings, a digest of the rest."""
    import hashlib

    from xl_addin.model.commands import VERBS

    sources = vbaproject.modules()
    path = resources.macro_path(resources.RIBBON)
    ribbon = path.read_text(encoding="utf-8")
    icons = path.parent / "icons"
    drawn = b"".join(
        held.read_bytes(icons / each) for each in held.names(icons) if each.endswith(".png")
    )
    names = (verb.name for verb in VERBS)
    whole = "\0".join((*sources.values(), ribbon, *names, *_SETTINGS.values(), *TEXTS.values()))
    return {
        MODULE: vbaproject.xlwings_version(sources[vbaproject.XLWINGS]),
        SOURCES: hashlib.sha256(whole.encode() + drawn).hexdigest()[:16],
    }


def read_binding(host: Host) -> dict[str, str]:
    """The settings that a master carries, empty for one without macros.

    ``host`` is the master as a file or live in Excel.
    """
    try:
        block = host.block(BINDING_BLOCK)
    except Refused:
        return {}
    return _pairs(block.cells, block.area[1])


def _pairs(cells: Mapping[tuple[int, int], Cell], left: int) -> dict[str, str]:
    """Key -> value of two columns, to the letter: a path may have two spaces in it."""

    def cell_text(cell: Cell | None) -> str:
        return "" if cell is None or cell.value is None else str(cell.value)

    return {
        cell_text(cell): cell_text(cells.get((row, left + 1)))
        for (row, column), cell in cells.items()
        if column == left
    }


def layout_of(host: Host) -> int:
    """The version of its layout that a master carries, 0 for one from before there was any."""
    said = read_binding(host).get(LAYOUT_ROW, "")
    return int(said) if said.isascii() and said.isdigit() else 0


def outdated_macros_text(host: Host) -> str:
    """What to say when the macros in a master are not those of this installation, else empty."""
    said, now = read_binding(host), macros_fingerprint()
    if layout_of(host) > LAYOUT:
        return newer_layout_text(layout_of(host))
    if not said:
        return f"主表里还没有按钮和宏；{ADVICE}"
    if said.get(MODULE) != now[MODULE]:
        before = said.get(MODULE) or "（未知版本）"
        return f"主表里的宏来自 xlwings {before}，这台电脑装的是 {now[MODULE]}；{ADVICE}"
    if said.get(SOURCES) != now[SOURCES]:
        return f"主表里的按钮和宏不是这个版本的程序做的；{ADVICE}"
    return ""


def newer_layout_text(layout: int) -> str:
    """What to say of a master that a later version of the program laid out."""
    return (
        f"{MASTER} 是更新的程序建的（第 {layout} 版，这里的程序只认识到第 {LAYOUT} 版）；"
        "请先升级：双击新安装包里的“安装”（或者运行 python -m pip install --upgrade xl-addin）"
    )


def install_binding(parts: dict[str, Part], computer: Mapping[str, str], layout: int) -> None:
    """Put settings and texts into a package, in two very hidden sheets that are added when missing.

    The binding to computers of the other kind stays.
    """
    book = Workbook(parts)
    for name, code in ((CONF_SHEET, "XlwingsConf"), (ERROR_SHEET, "XlwingsError")):
        if name not in book.sheet_names:
            data = _SHEET_XML.format(code=code).encode()
            add_sheet(parts, book.main_part, name, data, state="veryHidden")
    book = Workbook(parts)
    cells = book.sheet(CONF_SHEET).cells
    kept = _pairs(cells, 1)
    bound = {key: computer.get(key, kept.get(key, "")) for key in (WINDOWS, MAC)}
    rows = {**bound, **_SETTINGS, **macros_fingerprint(), LAYOUT_ROW: str(layout)}
    values: dict[tuple[int, int], str | None] = dict.fromkeys(
        at for at in cells if at[1] < STAMP_COLUMN
    )
    for left, pairs in ((1, rows), (4, TEXTS)):
        for row, (key, text) in enumerate(pairs.items(), 1):
            values[row, left], values[row, left + 1] = key, text
    name = book.sheet_part(CONF_SHEET)
    put_part(parts, name, set_cells(book.part(name), values))
    area = absolute_reference((1, 1, len(rows), 2))
    set_name(parts, book.main_part, BINDING_BLOCK, f"'{CONF_SHEET}'!{area}")
    if GUIDE_BLOCK not in book.names and GUIDE_SHEET in book.sheet_names:
        set_name(parts, book.main_part, GUIDE_BLOCK, f"'{GUIDE_SHEET}'!$A$1")
