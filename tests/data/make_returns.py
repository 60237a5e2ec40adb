"""Make the returns in tests/data/returns again, each by the program it is named after.

    python -m tests.data.make_returns

All come from ``v1.xlsx``, the form as it was issued by the first version: it is kept and never made
again, so that every later version must read what the first one sent out. ``expected.json`` says
what each file is; it is written from the table here, which knows what was typed, and not from what
the program reads.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.tools import forms
from tests.tools.biff5 import biff5
from tests.tools.forms import GOOD
from tests.tools.oddities import ODDITIES
from tests.tools.office import Office
from tests.tools.resave import resave
from xl_addin.form import layout
from xl_addin.formats.open import read_grids
from xl_addin.model.records import FLOW
from xl_addin.xlsx.cells import NUM

FOLDER = Path(__file__).with_name("returns")
FORM = FOLDER / "v1.xlsx"
EXPECTED = FOLDER / "expected.json"
ENTRIES = {
    item.code: f"{'F' if item.measure == FLOW else 'G'}{layout.FIRST_ROW + place}"
    for place, item in enumerate(forms.INDICATORS)
}
Cells = Mapping[str, Any]


class Return(NamedTuple):
    """A file: how it is made from the form, and what it is.

    ``typed`` are the figures that differ from ``GOOD`` as they are to be read (None for a figure
    that cannot be); ``problems`` are (cell, code). District and month are the form's own.
    """

    make: Callable[[Path, Office], None]
    verdict: str = "accepted"
    problems: tuple[tuple[str, str], ...] = ()
    typed: Mapping[str, float | None] = {}


def cells(typed: Mapping[str, Any] = GOOD, **others: Any) -> dict[str, Cells]:
    """What somebody types, as the writers take it."""
    return {layout.SHEET: {**{ENTRIES[code]: value for code, value in typed.items()}, **others}}


def by(
    writer: str, typed: Mapping[str, Any] = GOOD, **others: Any
) -> Callable[[Path, Office], None]:
    """Filled and saved by one of the writers of ``tests.tools.resave``."""

    def make(target: Path, _: Office) -> None:
        resave(writer, FORM, target, cells(typed, **others))

    return make


def by_office(typed: Mapping[str, Any] = GOOD, **others: Any) -> Callable[[Path, Office], None]:
    """Filled and saved by LibreOffice, as the file's ending says."""

    def make(target: Path, office: Office) -> None:
        office.fill(FORM, target, cells(typed, **others), formulas=True)

    return make


def rearranged(target: Path, office: Office) -> None:
    """Rows and a column put in, the sheet renamed, another in front."""
    from openpyxl import load_workbook

    by_office()(target, office)
    workbook = load_workbook(target)
    sheet = workbook[layout.SHEET]
    sheet.insert_rows(4, 2)
    sheet.insert_cols(layout.MONTH)
    sheet.title = "六月"
    workbook.create_sheet("汇总", 0)["A1"] = "指标"
    workbook.save(target)


def retitled(target: Path, _: Office) -> None:
    """The sheet under a name with the sign that stands behind a place in messages."""
    from openpyxl import load_workbook

    resave("openpyxl", FORM, target, cells({**GOOD, "I01": -3}))
    workbook = load_workbook(target)
    workbook[layout.SHEET].title = f"6月：{layout.SHEET}"
    workbook.save(target)


def odd(name: str) -> Callable[[Path, Office], None]:
    """Filled in by the program itself, then written otherwise: the oddities know its texts."""

    def make(target: Path, _: Office) -> None:
        target.write_bytes(ODDITIES[name](forms.fill_form()))

    return make


def pasted(target: Path, _: Office) -> None:
    """The table as values in a fresh workbook."""
    from openpyxl import Workbook, load_workbook

    source = load_workbook(io.BytesIO(forms.fill_form()), data_only=True)[layout.SHEET]
    fresh = Workbook()
    for row in source["A1:J14"]:
        for cell in row:
            fresh.active[cell.coordinate] = cell.value
    fresh.save(target)


def copied(target: Path, _: Office) -> None:
    """The form's sheet alone, as “move or copy” into another workbook leaves it."""
    from openpyxl import load_workbook

    book_ = load_workbook(io.BytesIO(forms.fill_form()))
    del book_[layout.META_SHEET], book_[layout.NOTES_SHEET]
    del book_.defined_names[layout.IDENTITY_NAME], book_.custom_doc_props[layout.IDENTITY_NAME]
    book_.create_sheet("台账", 0)["A1"] = "我县台账"
    book_.save(target)


def locked(target: Path, _: Office) -> None:
    """With a password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    with target.open("wb") as out:
        OOXMLFile(io.BytesIO(forms.fill_form())).encrypt("123456", out)


def renamed(ending: str, make: Callable[[Path, Office], None]) -> Callable[[Path, Office], None]:
    """A file of one kind under the name of another."""

    def change(target: Path, office: Office) -> None:
        with tempfile.TemporaryDirectory() as folder:
            other = Path(folder, f"x.{ending}")
            make(other, office)
            shutil.move(other, target)

    return change


def cut(target: Path, office: Office) -> None:
    """Half a download."""
    by_office()(target, office)
    data = target.read_bytes()
    target.write_bytes(data[: len(data) // 2])


def struck(target: Path, office: Office) -> None:
    """One figure struck out as a whole, of another one digit."""
    from openpyxl import load_workbook
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Font

    book = load_workbook(io.BytesIO(forms.fill_form()))
    sheet = book[layout.SHEET]
    sheet[ENTRIES["I01"]].font = Font(strike=True)
    sheet[ENTRIES["I02"]] = CellRichText(TextBlock(InlineFont(strike=True), "1"), "2")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "x.xlsx")
        book.save(source)
        shutil.move(office.convert(source, Path(folder), target.suffix[1:]), target)


def shown(look: str) -> Callable[[Path, Office], None]:
    """A figure whose cell shows it otherwise."""

    def make(target: Path, office: Office) -> None:
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(forms.fill_form()))
        book[layout.SHEET][ENTRIES["I01"]].number_format = look
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "x.xlsx")
            book.save(source)
            shutil.move(office.convert(source, Path(folder), target.suffix[1:]), target)

    return make


def script(target: Path, _: Office) -> None:
    """As a small script writes it: Excel 5, GBK under the code page of the West, texts of 255 bytes."""
    target.write_bytes(biff5(read_grids(forms.fill_form(), target.name)))


def lost(target: Path, _: Office) -> None:
    """As JExcelApi writes a form that it opened: 0 where a formula had given a text."""
    form, *others = read_grids(forms.fill_form(), target.name)
    zeros = {
        at: cell._replace(kind=NUM, value=0)
        for at, cell in form.cells.items()
        if at[0] >= layout.FIRST_ROW and at[1] in (7, 8, 10) and cell.formula is not None
    }
    target.write_bytes(biff5([form._replace(cells={**form.cells, **zeros}), *others]))


def macro(target: Path, _: Office) -> None:
    """Saved as .xlsm, with macros."""
    data = io.BytesIO(forms.fill_form())
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    target.write_bytes(data.getvalue())


WRITTEN = {
    "I02": 0,
    "I01": "２５",
    "I03": "9人",
    "I04": "1,00",
    "I05": "约15",
    "I06": "—",
    "I07": "三十六",
    "I08": "1.25",
}
VALUES = {
    "typed": {"I04": None, "I05": None, "I06": None, "I07": None},
    "problems": (
        ("F7", "read-as-number"),
        ("F9", "read-as-number"),
        ("F10", "not-a-number"),
        ("F11", "not-a-number"),
        ("G13", "not-a-number"),
        ("F14", "read-as-number"),
    ),
}
STRUCK = {
    "typed": {"I01": None, "I02": None},
    "problems": (("F7", "not-a-number"), ("F8", "not-a-number")),
}
RETURNS: dict[str, Return] = {
    "libreoffice.xlsx": Return(by_office()),
    "libreoffice.ods": Return(by_office()),
    "libreoffice.xls": Return(by_office()),
    "libreoffice.fods": Return(by_office()),
    "libreoffice.html": Return(by_office(), "held", (("", "no-identity"),)),
    "gnumeric.xlsx": Return(by("gnumeric")),
    "exceljs.xlsx": Return(by("exceljs")),
    "sheetjs.xlsx": Return(by("sheetjs")),
    "sheetjs-plain.xlsx": Return(by("sheetjs-plain")),
    "sheetjs.xlsb": Return(by("sheetjs")),
    "sheetjs.ods": Return(by("sheetjs")),
    "sheetjs.csv": Return(by("sheetjs"), "held", (("", "sheet-copied"),)),
    "sheetjs.html": Return(by("sheetjs"), "held", (("", "sheet-copied"),)),
    "sheetjs.xls": Return(by("sheetjs"), "accepted", (("", "content-cut"),)),
    "openpyxl.xlsx": Return(by("openpyxl")),
    "wps.et": Return(renamed("xls", by_office())),
    "xls-named.xlsx": Return(renamed("xls", by_office())),
    "xlsx-named.xls": Return(renamed("xlsx", by_office())),
    "html-named.xls": Return(renamed("html", by_office()), "held", (("", "no-identity"),)),
    "strict.xlsx": Return(odd("strict")),
    "backslashes.xlsx": Return(odd("backslashes in part names")),
    "prefixes.xlsx": Return(odd("prefixed elements")),
    "utf-16.xlsx": Return(odd("UTF-16")),
    "no-addresses.xlsx": Return(odd("no addresses")),
    "values.xlsx": Return(by_office(WRITTEN), "rejected", **VALUES),
    "values.ods": Return(by_office(WRITTEN), "rejected", **VALUES),
    "values.xls": Return(by_office(WRITTEN), "rejected", **VALUES),
    "values-exceljs.xlsx": Return(by("exceljs", WRITTEN), "rejected", **VALUES),
    "values-gnumeric.xlsx": Return(by("gnumeric", WRITTEN), "rejected", **VALUES),
    "formulas.xlsx": Return(
        by_office({**GOOD, "I01": "=20+5", "I03": "=1/0"}),
        "rejected",
        (("F7", "formula-figure"), ("F9", "error-value")),
        {"I03": None},
    ),
    "formulas.xls": Return(
        by_office({**GOOD, "I01": "=20+5", "I03": "=1/0"}),
        "rejected",
        (("F7", "formula-figure"), ("F9", "error-value")),
        {"I03": None},
    ),
    "blank.xlsx": Return(
        by("openpyxl", {}, B4="李四"), "blank", (("", "untouched"),), dict.fromkeys(GOOD)
    ),
    "beside.xlsx": Return(
        by_office({**GOOD, "I01": None}, I7=25), "rejected", (("I7", "misplaced"),), {"I01": None}
    ),
    "target-changed.ods": Return(by_office(GOOD, D7=3), "rejected", (("D7", "locked-changed"),)),
    "rearranged.xlsx": Return(rearranged),
    "heading-zero-width.xlsx": Return(
        by("openpyxl", GOOD, B6="\u00ad指\u3000标", F6="本月完成\u200b", G6="本月\u2060累计\ufe0f")
    ),
    "label-zero-width.xlsx": Return(
        by(
            "openpyxl",
            GOOD,
            B7="实用技术培训\u200b",
            B8="农村残疾人\u200d就业帮扶基地扶持数",
            C7="人\u061c次",
        )
    ),
    "sheet-with-fullwidth-colon.xlsx": Return(
        retitled, "rejected", (("F7", "negative"),), {"I01": -3}
    ),
    "pasted.xlsx": Return(pasted, "held", (("", "no-identity"),)),
    "copied.xlsx": Return(copied, "held", (("", "sheet-copied"),)),
    "locked.xlsx": Return(locked, "unreadable", (("", "password"),), dict.fromkeys(GOOD)),
    "macros.xlsm": Return(macro, "accepted", (("", "macros"),)),
    "struck.xls": Return(struck, "rejected", **STRUCK),
    "struck.ods": Return(struck, "rejected", **STRUCK),
    "hidden-figure.ods": Return(shown(";;;"), "accepted", (("F7", "shown-otherwise"),)),
    "ten-thousands.ods": Return(shown('0"万"'), "accepted", (("F7", "shown-otherwise"),)),
    "script-gbk.xls": Return(script, "accepted", (("", "content-cut"),)),
    "formulas-lost.xls": Return(lost, "accepted", (("", "content-cut"),)),
    "cut.xlsx": Return(cut, "unreadable", (("", "damaged"),), dict.fromkeys(GOOD)),
}


def expected(item: Return) -> dict[str, Any]:
    """What stands in ``expected.json``."""
    typed = GOOD | dict(item.typed)
    figures = {code: value for code, value in typed.items() if value is not None}
    return {
        "verdict": item.verdict,
        "problems": sorted(map(list, item.problems)),
        "figures": figures,
    }


def main() -> None:
    """Make all files; the form itself only where it is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not FORM.exists():
        FORM.write_bytes(forms.form_template().stamp(forms.issue()))
    with Office() as office:
        for name, item in RETURNS.items():
            item.make(FOLDER / name, office)
    lines = {name: expected(item) for name, item in RETURNS.items()}
    EXPECTED.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(RETURNS)} returns, {size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
