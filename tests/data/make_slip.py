"""Lays out the template of the slip (督办单) that comes with the program, in GB/T 9704-2012 like the bulletin.

``python -m tests.data.make_slip``; equal input gives equal bytes. Looks, page and page number are the
bulletin's.
"""

from __future__ import annotations

from pathlib import Path

from tests.data import make_bulletin as bulletin
from tests.data.make_bulletin import MM, RULE, columns, paragraph
from xl_addin.system.resources import SLIP_TEMPLATE
from xl_addin.xlsx.package import deflate, pack

TARGET = Path(__file__).resolve().parents[2] / "workbooks" / SLIP_TEMPLATE


def facts(*parts: tuple[str, float]) -> str:
    """A row of facts: what each is and what it is, by turns; the one with the level is coloured when filled."""
    widths = [round(width * MM) for _, width in parts]
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraph('Cell' if text.startswith('【') else 'CellHead', text)}</w:tc>"
        for width, (text, _) in zip(widths, parts, strict=True)
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:cantSplit/>"
        f'<w:trHeight w:val="480" w:hRule="atLeast"/></w:trPr>{cells}</w:tr></w:tbl>'
    )


def body() -> str:
    """The text from the red head to the date."""
    blank = paragraph("To")
    together = paragraph("To", more="<w:keepNext/>")
    small = paragraph("Note")
    items = columns(
        ("序号", 12, "【事项.序号】"),
        ("督办事项", 40, "【事项.事项】"),
        ("依据", 82, "【事项.依据】"),
        ("月份", 22, "【事项.月份】"),
        air=60,
    )
    return "".join(
        (
            paragraph("Mark", "工作督办单"),
            blank,
            blank,
            paragraph("Issue", "【编号】号"),
            paragraph("Rule", more=RULE.format(space=bulletin.RULE_SPACE)),
            blank,
            blank,
            paragraph("Heading", "【标题】"),
            blank,
            facts(("督办级别", 30), ("【级别】", 48), ("反馈期限", 30), ("【期限】", 48)),
            small,
            paragraph("To", "【区县】："),
            paragraph("Text", "【催办说明】"),
            paragraph("Text", "截至【月份】底，你单位有以下【事项数】项需要督办："),
            small,
            items,
            small,
            paragraph("Text", "请查明原因，采取措施，尽快改进。【反馈要求】"),
            paragraph("Text", "【联系方式】"),
            together,
            together,
            paragraph(
                "Signed", "【署名】", more='<w:keepNext/><w:ind w:rightChars="200" w:right="630"/>'
            ),
            paragraph("Signed", "【成文日期】", more='<w:ind w:rightChars="200" w:right="630"/>'),
        )
    )


def build() -> bytes:
    """The template: the bulletin's package with another text, and without its chart."""
    parts = bulletin.parts(body(), "督办单", chart=False)
    return pack([deflate(name, text.encode()) for name, text in parts.items()])


if __name__ == "__main__":
    TARGET.write_bytes(build())
    print(TARGET)
