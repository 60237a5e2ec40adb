"""What a person would write: each function is one whole script, run in a process of its own.

``python -m tests.benchmarks.yardsticks NAME ARGUMENT...``. They do the plain work only: no archive,
no ledger, no checks, no fsync.
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
    """pandas reads the table, openpyxl builds each form: the script most people would write."""
    from openpyxl import Workbook
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.worksheet.datavalidation import DataValidation

    names, districts = table_of(table)
    thin = Side(style="thin")
    box, bold = Border(thin, thin, thin, thin), Font(name="等线", size=11, bold=True)
    plain, middle = Font(name="等线", size=11), Alignment(horizontal="center", vertical="center")
    head, entry = PatternFill("solid", fgColor="D6E4F0"), PatternFill("solid", fgColor="FFF8DC")
    red, green = PatternFill("solid", bgColor="FFC7CE"), PatternFill("solid", bgColor="C6EFCE")
    for district, targets in districts:
        book = Workbook()
        sheet = book.active
        sheet.title = "任务进度"
        for column, width in enumerate(WIDTHS):
            sheet.column_dimensions["ABCDEFGHIJ"[column]].width = width
        last = 6 + len(names)
        sheet.merge_cells("A1:J1")
        sheet["A1"] = "2023年6月任务进度填报表"
        sheet["A1"].font, sheet["A1"].alignment = Font(name="等线", size=18, bold=True), middle
        sheet.merge_cells("A2:J2")
        sheet["A3"], sheet["B3"], sheet["C3"], sheet["F3"] = (
            "填报单位",
            district,
            "填报人",
            "联系电话",
        )
        sheet["A4"], sheet["C4"] = "审核人", "填报日期"
        sheet.append([])
        for column, heading in enumerate(HEADINGS, 1):
            cell = sheet.cell(6, column, heading)
            cell.font, cell.fill, cell.border, cell.alignment = bold, head, box, middle
        whole = DataValidation("whole", operator="greaterThanOrEqual", formula1="0")
        whole.prompt, whole.error = "只填数字，没有填 0", "请填整数，不小于 0"
        sheet.add_data_validation(whole)
        for row, (name, target) in enumerate(zip(names, targets, strict=True), 7):
            total, rate, check, status = formulas(row, last)
            values = [row - 6, name, "人", target, 0, None, total, rate, None, check]
            for column, value in enumerate(values, 1):
                cell = sheet.cell(row, column, value)
                cell.font, cell.border, cell.alignment = plain, box, Alignment(vertical="center")
                if column in (6, 9):
                    cell.fill, cell.protection = entry, Protection(locked=False)
            whole.add(sheet.cell(row, 6))
        sheet["A2"] = status
        sheet.conditional_formatting.add("A2:J2", FormulaRule(['LEFT($A$2,2)="可以"'], fill=green))
        sheet.conditional_formatting.add("A2:J2", FormulaRule(['LEFT($A$2,2)="还有"'], fill=red))
        sheet.freeze_panes = "C7"
        sheet.protection.sheet = True
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        notes = book.create_sheet("填报说明")
        for line in range(8):
            notes.append([f"说明 {line}", "只填浅黄色的格子，其他格子不用改。"])
        meta = book.create_sheet("_meta")
        meta.append(["identity", district])
        meta.sheet_state = "veryHidden"
        book.save(Path(out) / f"{district}.xlsx")


def distribute_load(table, template, out):
    """openpyxl loads a finished form, fills it and saves it, once per district."""
    from openpyxl import load_workbook

    names, districts = table_of(table)
    for district, targets in districts:
        book = load_workbook(template)
        sheet = book["任务进度"]
        sheet["B3"] = district
        for row, target in enumerate(targets, 7):
            sheet.cell(row, 4, target)
        book.save(Path(out) / f"{district}.xlsx")


def distribute_xlsxwriter(table, out):
    """pandas reads the table, XlsxWriter builds each form."""
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


def import_pandas():
    """What importing pandas alone costs."""
    import pandas as pd

    print(pd.__version__)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
