"""What a person would write: each function is one whole script, run in a process of its own.

``python -m tests.benchmarks.yardsticks NAME ARGUMENT...``. They do the plain work only: no archive,
no ledger, no checks, no fsync; but ``collect_durable``, which keeps what it reads as safely as we do.
"""

import sys
from pathlib import Path

HEADINGS = [
    "序号",
    "指标",
    "计量单位",
    "年度任务数",
    "上月累计",
    "本月完成",
    "本月累计",
    "完成率",
    "说明",
    "校验",
]
WIDTHS = (9.5, 42, 10, 12, 12, 12, 12, 10, 28, 20)


def formulas(row, last):
    check = (
        f'=IF(F{row}="",IF(N(D{row})>0,"未填",""),IF(NOT(ISNUMBER(F{row})),"不是数字",'
        f'IF(F{row}<0,"为负",IF(F{row}<>INT(F{row}),"非整数",""))))'
    )
    total = f'=IF(ISNUMBER(F{row}),E{row}+F{row},"")'
    rate = f'=IF(AND(ISNUMBER(G{row}),N(D{row})>0),G{row}/D{row},"")'
    status = f'=IF(SUMPRODUCT(--(LEN(J7:J{last})>0))=0,"可以上报","还有问题")'
    return total, rate, check, status


def table_of(path):
    import pandas as pd

    frame = pd.read_excel(path, header=0, engine="openpyxl")
    names = list(frame.columns[1:])
    return names, [(row.iloc[0], [row[name] for name in names]) for _, row in frame.iterrows()]


def distribute_openpyxl(table, out):
    """Pandas reads the table, openpyxl builds each form: the script most people would write.

    The same form: title, state line, head, table with borders, fills and formats, live checks, input
    messages per entry, colours by rule, protection, filter, print set-up, notes, identity in three
    places.
    """
    from openpyxl import Workbook
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.packaging.custom import StringProperty
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation

    names, districts = table_of(table)
    thin = Side(style="thin")
    box, bold = Border(thin, thin, thin, thin), Font(name="等线", size=11, bold=True)
    plain, middle = Font(name="等线", size=11), Alignment(horizontal="center", vertical="center")
    head, entry = PatternFill("solid", fgColor="D6E4F0"), PatternFill("solid", fgColor="FFF8DC")
    red, green = PatternFill("solid", bgColor="FFC7CE"), PatternFill("solid", bgColor="C6EFCE")
    left, right = (
        Alignment(vertical="center", wrap_text=True),
        Alignment(horizontal="right", indent=1),
    )
    for district, targets in districts:
        book = Workbook()
        sheet = book.active
        sheet.title = "任务进度"
        for column, width in enumerate(WIDTHS):
            sheet.column_dimensions["ABCDEFGHIJ"[column]].width = width
        sheet.column_dimensions["K"].hidden = True
        for row, height in ((1, 34), (2, 24), (3, 22), (4, 22), (5, 20), (6, 32)):
            sheet.row_dimensions[row].height = height
        last = 6 + len(names)
        for area in ("A1:J1", "A2:J2", "A5:J5", "D3:E3", "G3:H3", "D4:E4", "F4:H4", "I3:J4"):
            sheet.merge_cells(area)
        sheet["A1"] = "2023年6月任务进度填报表"
        sheet["A1"].font, sheet["A1"].alignment = Font(name="等线", size=18, bold=True), middle
        sheet["A5"] = "上月累计按已审核通过的数据计算。"
        sheet["K1"] = f"XLA1|0123456789ab|{district}|2023-06|1|" + "0" * 32
        for cell, text in (
            ("A3", "填报单位"),
            ("C3", "填报人"),
            ("F3", "联系电话"),
            ("A4", "审核人"),
            ("C4", "填报日期"),
            ("B3", district),
            ("F4", "只填浅黄色的格子"),
        ):
            sheet[cell] = text
            sheet[cell].font, sheet[cell].fill, sheet[cell].border = bold, head, box
        for cell in ("B4", "D3", "G3", "D4"):
            sheet[cell].fill, sheet[cell].border = entry, box
            sheet[cell].protection = Protection(locked=False)
        for column, heading in enumerate(HEADINGS, 1):
            cell = sheet.cell(6, column, heading)
            cell.font, cell.fill, cell.border, cell.alignment = bold, head, box, middle
        for row, (name, target) in enumerate(zip(names, targets, strict=True), 7):
            total, rate, check, status = formulas(row, last)
            values = [
                row - 6,
                name,
                "人",
                target,
                0,
                None,
                total,
                rate,
                None,
                check,
                f"I{row - 6:02d}",
            ]
            sheet.row_dimensions[row].height = 24
            for column, value in enumerate(values, 1):
                cell = sheet.cell(row, column, value)
                cell.font, cell.border = plain, box
                cell.alignment = right if 3 < column < 9 else left
                if column in (4, 5, 7):
                    cell.number_format = "#,##0"
                elif column == 8:
                    cell.number_format = "0.0%"
                elif column in (6, 9):
                    cell.fill, cell.protection = entry, Protection(locked=False)
            whole = DataValidation("whole", operator="greaterThanOrEqual", formula1="0")
            whole.promptTitle, whole.prompt = (
                "这里填数字",
                f"{name}（人）：填当月新增数，没有填 0。",
            )
            whole.errorTitle, whole.error = "填得不对", "请填整数，不小于 0，不带单位和逗号。"
            whole.add(sheet.cell(row, 6))
            sheet.add_data_validation(whole)
        sheet["A2"] = status
        sheet["A2"].font, sheet["A2"].alignment = bold, middle
        sheet.conditional_formatting.add("A2:J2", FormulaRule(['LEFT($A$2,2)="可以"'], fill=green))
        sheet.conditional_formatting.add("A2:J2", FormulaRule(['LEFT($A$2,2)="还有"'], fill=red))
        sheet.auto_filter.ref = f"A6:J{last}"
        sheet.freeze_panes = "C7"
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.autoFilter = False
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_area, sheet.print_title_rows = f"A1:J{last}", "6:6"
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
        notes = book.create_sheet("填报说明")
        for line in range(8):
            notes.append([f"说明 {line}", "只填浅黄色的格子，其他格子不用改。"])
            notes.cell(line + 1, 1).font, notes.cell(line + 1, 2).alignment = bold, left
        notes.protection.sheet = True
        meta = book.create_sheet("_meta")
        meta.append(["identity", sheet["K1"].value])
        meta.sheet_state = "veryHidden"
        book.defined_names["form_identity"] = DefinedName(
            "form_identity", attr_text=f'"{sheet["K1"].value}"'
        )
        book.custom_doc_props.append(StringProperty(name="form_identity", value=sheet["K1"].value))
        book.save(Path(out) / f"{district}.xlsx")


def distribute_load(table, template, out):
    """Openpyxl loads a finished form, fills it and saves it, once per district."""
    from openpyxl import load_workbook

    _names, districts = table_of(table)
    for district, targets in districts:
        book = load_workbook(template)
        sheet = book["任务进度"]
        sheet["B3"] = district
        for row, target in enumerate(targets, 7):
            sheet.cell(row, 4, target)
        book.save(Path(out) / f"{district}.xlsx")


def distribute_once(table, template, out):
    """Openpyxl loads a finished form once, and fills and saves it for each district."""
    from openpyxl import load_workbook

    _names, districts = table_of(table)
    book = load_workbook(template)
    sheet = book["任务进度"]
    for district, targets in districts:
        sheet["B3"] = district
        for row, target in enumerate(targets, 7):
            sheet.cell(row, 4, target)
        book.save(Path(out) / f"{district}.xlsx")


def distribute_stamp(table, template, out):
    """Twenty lines over zipfile: the sheet's XML with other targets, all other parts as they are."""
    import re
    import zipfile

    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(table).get_sheet_by_index(0).to_python()
    with zipfile.ZipFile(template) as form:
        kept = {item: form.read(item) for item in form.infolist()}
    part = "xl/worksheets/sheet1.xml"
    text = next(data for item, data in kept.items() if item.filename == part).decode()
    target = re.compile(r'(<c r="D(\d+)" s="\d+"><v>)[^<]*')
    name = re.compile(r'(<c r="B3"[^>]*><is><t[^>]*>)[^<]*')
    for district, *targets in rows[1:]:
        given = dict(enumerate(targets, 7))
        sheet = target.sub(lambda m, t=given: f"{m[1]}{t.get(int(m[2]), 0):g}", text)
        sheet = name.sub(rf"\g<1>{district}", sheet)
        with zipfile.ZipFile(
            Path(out) / f"{district}.xlsx", "w", zipfile.ZIP_DEFLATED, True, 1
        ) as to:
            for item, data in kept.items():
                to.writestr(item, sheet if item.filename == part else data)


def copy_one(path, times, out):
    """One file copied so many times: what the disk alone takes."""
    import shutil

    for number in range(int(times)):
        shutil.copy(path, Path(out) / f"{number:04d}.xlsx")


def distribute_xlsxwriter(table, out):
    """Pandas reads the table, XlsxWriter builds each form."""
    from xlsxwriter import Workbook

    names, districts = table_of(table)
    for district, targets in districts:
        book = Workbook(Path(out) / f"{district}.xlsx")
        sheet = book.add_worksheet("任务进度")
        base = {"font_name": "等线", "border": 1, "valign": "vcenter"}
        plain = book.add_format(base)
        head = book.add_format({**base, "bold": True, "bg_color": "#D6E4F0"})
        entry = book.add_format({**base, "bg_color": "#FFF8DC", "locked": False})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        last = 6 + len(names)
        sheet.merge_range("A1:J1", "2023年6月任务进度填报表", head)
        sheet.write_row("A3", ["填报单位", district, "填报人"], head)
        sheet.write_row("A6", HEADINGS, head)
        for row, (name, target) in enumerate(zip(names, targets, strict=True), 7):
            total, rate, check, status = formulas(row, last)
            sheet.write_row(row - 1, 0, [row - 6, name, "人", target, 0], plain)
            sheet.write_blank(row - 1, 5, None, entry)
            sheet.write_row(row - 1, 6, [total, rate], plain)
            sheet.write_blank(row - 1, 8, None, entry)
            sheet.write_formula(row - 1, 9, check, plain)
            rule = {
                "validate": "integer",
                "criteria": ">=",
                "value": 0,
                "input_message": "只填数字",
            }
            sheet.data_validation(row - 1, 5, row - 1, 5, rule)
        sheet.write_formula("A2", status, plain)
        sheet.freeze_panes(6, 2)
        sheet.protect()
        book.add_worksheet("填报说明").write_column("A1", ["只填浅黄色的格子"] * 8)
        meta = book.add_worksheet("_meta")
        meta.write("A1", district)
        meta.very_hidden()
        book.close()


def collect_pandas(folder):
    """pandas.read_excel per return, added up and nothing else."""
    import pandas as pd

    frames = [
        pd.read_excel(path, sheet_name="任务进度", header=5, engine="openpyxl")
        for path in sorted(Path(folder).glob("*.xlsx"))
    ]
    print(pd.concat(frames).groupby("指标")["本月完成"].sum().sum())


def collect_pandas_calamine(folder):
    """The same with the fastest reader that pandas knows."""
    import pandas as pd

    frames = [
        pd.read_excel(path, sheet_name="任务进度", header=5, engine="calamine")
        for path in sorted(Path(folder).glob("*.xlsx"))
    ]
    print(pd.concat(frames).groupby("指标")["本月完成"].sum().sum())


def collect_openpyxl(folder):
    """Openpyxl loads each return whole."""
    _add_up(folder)


def collect_read_only(folder):
    """Openpyxl streams each return."""
    _add_up(folder, read_only=True)


def _add_up(folder, **how):
    from openpyxl import load_workbook

    total = 0
    for path in sorted(Path(folder).glob("*.xlsx")):
        book = load_workbook(path, data_only=True, **how)
        for row in book["任务进度"].iter_rows(min_row=7, values_only=True):
            total += row[5] or 0
        book.close()
    print(total)


def collect_polars(folder):
    """Fastexcel hands each return to polars."""
    import polars as pl

    frames = [
        pl.read_excel(path, sheet_name="任务进度", read_options={"header_row": 5}).select(
            pl.col("指标"), pl.col("本月完成").cast(pl.Float64)
        )
        for path in sorted(Path(folder).glob("*.xlsx"))
    ]
    print(pl.concat(frames).group_by("指标").sum()["本月完成"].sum())


def collect_durable(folder, out):
    """A calamine loop that hashes, archives, syncs and records: what is read stays, and nothing is checked.

    One sync for all of them before they get their names, as we do it; none for each, which takes longer.
    """
    import hashlib
    import io
    import os
    import sqlite3

    from python_calamine import CalamineWorkbook

    archive = Path(out) / "archive"
    archive.mkdir()
    figures = []
    for path in sorted(Path(folder).glob("*.xlsx")):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        (archive / f"{digest}.tmp").write_bytes(data)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("任务进度")
        rows = sheet.to_python(skip_empty_area=False)
        figures += [(digest, str(row[1]), row[5]) for row in rows[6:] if row[5] != ""]
    os.sync()
    for temporary in archive.glob("*.tmp"):
        temporary.replace(temporary.with_suffix(".xlsx"))
    with sqlite3.connect(Path(out) / "figures.db") as db:
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE figures(sha256 TEXT, indicator TEXT, value REAL)")
        db.executemany("INSERT INTO figures VALUES(?,?,?)", figures)
    print(sum(figure[2] for figure in figures))


def collect_copies(folder, out):
    """The returns copied and nothing else."""
    import shutil

    for path in sorted(Path(folder).glob("*.xlsx")):
        shutil.copy(path, out)


def import_pandas():
    """What importing pandas alone costs."""
    import pandas as pd

    print(pd.__version__)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
