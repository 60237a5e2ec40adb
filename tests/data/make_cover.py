"""Lays out the cover of papers that comes with the program: ``python -m tests.data.make_cover``.

Fonts, lines and margins are those of the bulletin; equal input gives equal bytes.
"""

from __future__ import annotations

from pathlib import Path

from tests.data import make_bulletin as notice
from xl_addin.system.resources import COVER_TEMPLATE
from xl_addin.xlsx.package import deflate, pack

TARGET = Path(__file__).resolve().parents[2] / "workbooks" / COVER_TEMPLATE
NOTE = "（请从下一页开始写正文。请就用这份文件写，不要另建文件：它带着识别标记，文件名可以改。）"


def body() -> str:
    """The cover's page, and the page on which the text begins."""
    blank, line = notice.paragraph("To"), notice.paragraph
    new_page = line("Text", more="<w:pageBreakBefore/>")
    return "".join(
        (
            *(blank,) * 4,
            line("Heading", "【任务名称】"),
            blank,
            line("Heading", "【材料】"),
            *(blank,) * 4,
            line("To", "填报单位：【区县】"),
            line("To", "截止日期：【截止】"),
            line("To", "文件类型：【文件类型】"),
            line("To", "字数要求：【字数】"),
            line("To", "内容要求：【要求】"),
            blank,
            line("To", NOTE),
            new_page,
        )
    )


def build() -> bytes:
    """The cover."""
    parts = notice.parts(body(), "材料封面", chart=False)
    return pack([deflate(name, text.encode()) for name, text in parts.items()])


if __name__ == "__main__":
    TARGET.write_bytes(build())
    print(TARGET)
