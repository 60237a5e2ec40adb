"""A dossier written down: copies, an index that any spreadsheet program opens, hashes, how to check it.

It is made under another name and gets its own when it is whole; a folder that exists is never touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from xl_addin.model.folder import DOSSIERS
from xl_addin.services.dossier import (
    CHAIN_SHEET,
    FIGURES_SHEET,
    YES,
    Copy,
    Dossier,
    Table,
    named_districts,
)
from xl_addin.services.programme import Programme
from xl_addin.system import held
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.textsize import row_height

if TYPE_CHECKING:
    from typing import Any

INDEX, SUMS, ADVICE = "index.xlsx", "SHA256SUMS", "怎样核对.txt"
_UNFINISHED = "未完成_"
_LAST_COLUMN = "核对：来历相加"


def folder_for(programme: Programme, dossier: Dossier) -> Path:
    """Where a dossier goes: under the next name where there is one already."""
    home = programme.folder / DOSSIERS
    name = plain_name(
        f"{dossier.months[-1]}_{named_districts(programme.config, dossier.districts)}"
    )
    path, number = home / name, 1
    while path.exists():
        number += 1
        path = home / f"{name}({number})"
    return path


def write_dossier(programme: Programme, dossier: Dossier, target: Path) -> int:
    """Write all of it; how many files it has. Raises OSError."""
    work = target.with_name(f"{_UNFINISHED}{target.name}")
    if work.exists():
        held.remove_tree(work)
    work.mkdir(parents=True)
    sums = [_write_copy(work, copy) for copy in dossier.copies]
    made = {INDEX: _index(programme, dossier), ADVICE: _advice(programme, dossier)}
    for name, data in made.items():
        (work / name).write_bytes(data)
        sums.append(_sum_line(name, data))
    (work / SUMS).write_bytes("".join(sums).encode())
    held.replace(work, target)
    return len(sums) + 1


def _write_copy(work: Path, copy: Copy) -> str:
    data = copy.read()
    if data is None:  # it was there a moment ago
        raise FileNotFoundError(2, "", str(copy.source))
    path = work / copy.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return _sum_line(copy.name, data)


def _sum_line(name: str, data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}  {name}\n"


def _index(programme: Programme, dossier: Dossier) -> bytes:
    """The workbook: a sheet for each purpose, and on 各数 the chain added up once more by formulas."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    base = {"font_name": "等线", "font_size": 10, "valign": "vcenter", "text_wrap": True}
    formats = {
        "head": book.add_format({**base, "bold": True, "bg_color": "#DDEBF7", "border": 1}),
        "cell": book.add_format({**base, "border": 1}),
        "hash": book.add_format({**base, "border": 1, "text_wrap": False, "font_size": 8}),
        "title": book.add_format({**base, "bold": True, "font_size": 14, "text_wrap": False}),
    }
    first = book.add_worksheet("说明")
    first.set_column(0, 0, 110)
    first.set_row(0, 26)
    first.fit_to_pages(1, 0)
    for row, line in enumerate(_summary(programme, dossier)):
        first.write_string(row, 0, line, formats["cell" if row else "title"])
    chain = next(table for table in dossier.tables if table.name == CHAIN_SHEET)
    for table in dossier.tables:
        _sheet(book, table, formats, len(chain.rows))
    book.close()
    return buffer.getvalue()


def _sheet(book: Any, table: Table, formats: dict[str, Any], chain: int) -> None:
    sheet = book.add_worksheet(table.name)
    headings = list(table.headings)
    if table.name == FIGURES_SHEET:
        headings.append(_LAST_COLUMN)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, table.headings.get(heading, 16))
        sheet.write_string(0, column, heading, formats["head"])
    for row, values in enumerate(table.rows, 1):
        texts = []
        for column, (heading, value) in enumerate(zip(table.headings, values, strict=True)):
            is_hash = "SHA-256" in heading
            _write(sheet, row, column, value, formats["hash" if is_hash else "cell"])
            if not is_hash:
                texts.append(("" if value is None else str(value), table.headings[heading]))
        sheet.set_row(row, row_height(texts, least=16))
        if table.name == FIGURES_SHEET:
            value = values[headings.index("累计完成")]
            formula = _added_again(row + 1, chain + 1)
            sheet.write_formula(
                row, len(headings) - 1, formula, formats["cell"], "" if value is None else value
            )
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(headings) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _added_again(row: int, last: int) -> str:
    """The rows of the chain that count for a row of 各数, added up; nothing where none does."""

    def column(letter: str) -> str:
        return f"'{CHAIN_SHEET}'!${letter}$2:${letter}${max(last, 2)}"

    same = f'{column("A")},A{row},{column("B")},B{row},{column("D")},D{row},{column("G")},"{YES}"'
    return f'=IF(G{row}=0,"",SUMIFS({column("H")},{same}))'


def _write(sheet: Any, row: int, column: int, value: Value, look: Any) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, look)
    elif value is None or value == "":
        sheet.write_blank(row, column, None, look)
    else:
        sheet.write_string(row, column, str(value)[:32_000], look)


def _summary(programme: Programme, dossier: Dossier) -> list[str]:
    settings = programme.config.settings
    districts = "、".join(each.name for each in dossier.districts)
    return [
        f"{settings.year}年{settings.title} 审计包",
        f"{programme.now()} 由 {programme.person() or programme.who()} 制作",
        f"截至 {'、'.join(dossier.months)}；区县：{districts}",
        "各数：每个累计数，最后一列由“数的来历”里计入的各行相加，应当和“累计完成”相等",
        "数的来历：每个数由哪些月、哪份回收件的哪一格加成；没有计入的也列出来，写明为什么",
        "回收件、邮件、填报表、记录：每一份的副本在同名的文件夹里，校验码在表里，也在 SHA256SUMS 里",
        f"怎样核对，见“{ADVICE}”",
        *(f"没有放进来：{line}" for line in dossier.left_out),
    ]


def _advice(programme: Programme, dossier: Dossier) -> bytes:
    example = next((copy.name for copy in dossier.copies), INDEX).replace("/", "\\")
    lines = [*_summary(programme, dossier)[:3], "", *_steps(example, dossier.left_out)]
    # With a mark at its begin: Windows' editor would take it for another code page.
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _steps(example: str, left_out: Sequence[str]) -> list[str]:
    return [
        "一、文件没有被改过",
        "    Windows：在这个文件夹的地址栏里输入 cmd 回车，再输入",
        f'        certutil -hashfile "{example}" SHA256',
        "    显示的一串和 SHA256SUMS 里同一个文件前面的一串相同，就是原样。",
        "    Linux：在这个文件夹里运行  sha256sum -c SHA256SUMS  ；",
        "    macOS：运行  shasum -a 256 -c SHA256SUMS  。每一行都应当是 OK（成功）。",
        "",
        "二、数加得起来",
        f"    用 Excel 或 WPS 打开 {INDEX}。“{FIGURES_SHEET}”最后一列是公式，应当和“累计完成”相等。",
        f"    也可以在“{CHAIN_SHEET}”用表头的箭头筛选“截至”“区县”“指标”，“计入”选“{YES}”，",
        "    选中“数”这一列，看窗口下边的求和。比率不相加，只有最近一次的一行计入。",
        "",
        "三、数和原件一样",
        f"    “{CHAIN_SHEET}”每一行写着副本、工作表和单元格；打开那份副本，看那一格。",
        "    “年初累计”和“任务调整”的数是市里填的，不在回收件里。",
        "",
        "四、收到的文件没有换过",
        "    “回收件”里的 SHA-256 是收到时记下的；和副本的校验码相同，就是当时收到的那一份。",
        "    由邮件来的，“邮件”文件夹里的 .eml 用任何邮件程序都能打开，附件就是那份填报表。",
        "",
        "五、操作记录没有换过",
        "    “记录”文件夹里每个文件是一次操作，一页接一页：第一行的 before 是上一页整个文件的 SHA-256，",
        "    最后一行的 sha256 是本页前面各行的。“记录”表列出每页的两个校验码，改动任何一页，后面都接不上。",
        *(["", "没有放进来的：", *(f"    {line}" for line in left_out)] if left_out else []),
    ]
