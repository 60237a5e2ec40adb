"""Each fault is written into a clean workbook and must be the one thing that the lint reports."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from tests.tools.formulas import faults
from tests.tools.lint import lint
from tests.tools.parts import read_parts, rewrite

BOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"
FIRST, SECOND, STRINGS = (
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
    "xl/sharedStrings.xml",
)
CORE, APP, RELATIONS = "docProps/core.xml", "docProps/app.xml", "xl/_rels/workbook.xml.rels"
CHAIN, STYLES, TABLE = "xl/calcChain.xml", "xl/styles.xml", "xl/tables/table1.xml"

Edit = Callable[[str], str]


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A workbook with one of everything that forms and master have, made by XlsxWriter."""
    path = tmp_path / "clean.xlsx"
    with Workbook(path) as made:
        made.set_properties({"title": "任务", "created": datetime.datetime(2020, 1, 1)})
        sheet = made.add_worksheet("任务 进度")
        sheet.merge_range("A1:C1", "标题")
        sheet.merge_range("A2:C2", "说明")
        sheet.write_row("A3", ("甲", 1, 2.5))
        sheet.write_formula("D3", '=IF(AND(B3>0,C3>0),B3&"(（;",SUM({1;2}))', None, "1(（;")
        sheet.write_formula("E3", "=SUMIFS(总计!A:A,总计!A:A,\">0\")+'任务 进度'!B3", None, 1)
        sheet.data_validation(
            "B3",
            {
                "validate": "list",
                "source": ["是", "否"],
                "input_title": "提示",
                "input_message": "选一个",
                "error_title": "错了",
                "error_message": "请选",
            },
        )
        sheet.data_validation("C3", {"validate": "custom", "value": "=ISNUMBER(C3)"})
        bad = made.add_format({"bg_color": "#FFC7CE"})
        sheet.conditional_format("C3", {"type": "cell", "criteria": ">", "value": 1, "format": bad})
        sheet.conditional_format("D3", {"type": "data_bar", "data_bar_2010": True})
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 2, 12)
        sheet.set_footer("&C第 &P 页")
        sheet.autofilter("A3:C3")
        sheet.print_area("A1:E3")
        total = made.add_worksheet("总计")
        total.write("A1", 3, made.add_format({"num_format": '0.0"人"'}))
        total.add_table("C2:D4", {"name": "台账", "columns": [{"header": "数"}, {"header": "比"}]})
        total.write_dynamic_array_formula("F1", "=A1:A1*1", None, 3)
        made.add_worksheet("_meta").very_hidden()
        made.define_name("blk_months", "='任务 进度'!$A$1:$C$3")
        made.define_name("标识", '="2023"')
    return path


def swap(before: str, after: str) -> Edit:
    return lambda text: text.replace(before, after, 1)


def codes(findings: list[str]) -> list[str]:
    return [finding.partition(":")[0] for finding in findings]


def test_a_clean_workbook_passes(clean: Path) -> None:
    assert lint(clean) == []


LIST_SOURCE = '"是,否"'
LONG = "长" * 256

FAULTS: list[tuple[str, str, Edit]] = [
    ("merge-overlap", FIRST, swap('ref="A2:C2"', 'ref="B1:C2"')),
    ("column-overlap", FIRST, swap('<col min="2"', '<col min="1"')),
    ("validation-list", FIRST, swap(LIST_SOURCE, f'"{LONG}"')),
    ("validation-promptTitle", FIRST, swap('promptTitle="提示"', f'promptTitle="{"字" * 33}"')),
    ("validation-errorTitle", FIRST, swap('errorTitle="错了"', f'errorTitle="{"字" * 33}"')),
    ("validation-prompt", FIRST, swap('prompt="选一个"', f'prompt="{LONG}"')),
    ("validation-error", FIRST, swap('error="请选"', f'error="{LONG}"')),
    ("cell-twice", FIRST, swap('<c r="C3">', '<c r="B3"><v>9</v></c><c r="C3">')),
    ("cell-order", FIRST, swap('<c r="C3">', '<c r="A3"><v>9</v></c><c r="C3">')),
    ("cell-row", FIRST, swap('r="C3"', 'r="C2"')),
    ("row-order", FIRST, swap("</sheetData>", '<row r="2"/></sheetData>')),
    ("number", FIRST, swap("<v>2.5</v>", "<v>NaN</v>")),
    ("string-index", FIRST, swap('t="s"><v>0</v>', 't="s"><v>99</v>')),
    ("text-length", STRINGS, swap("标题", "标" * 32768)),
    ("text-length", FIRST, swap("<v>1(（;</v>", f"<v>{'1' * 32768}</v>")),
    ("dxf-range", FIRST, swap('dxfId="0"', 'dxfId="1"')),
    ("banner-length", FIRST, swap("第 &amp;P 页", "页" * 256)),
    ("formula-length", FIRST, swap("{1;2}", "+".join(["1"] * 4200))),
    ("formula-equals", FIRST, swap("<f>IF", "<f>=IF")),
    ("formula-bracket", FIRST, swap("SUM({1;2})", "SUM({1;2}")),
    ("formula-quote", FIRST, swap('B3&amp;"(（;"', 'B3&amp;"(;')),
    ("formula-function", FIRST, swap("<f>SUMIFS(", "<f>XLOOKUP(")),
    ("formula-function", FIRST, swap("ISNUMBER(C3)", "CONCAT(C3)")),
    ("formula-sheet", FIRST, swap("<f>SUMIFS(总计!", "<f>SUMIFS(合计!")),
    ("formula-ref", FIRST, swap("'任务 进度'!B3", "'任务 进度'!#REF!")),
    ("formula-sheet", FIRST, swap("'任务 进度'!B3", "'任务'!B3")),
    ("external-link", FIRST, swap("'任务 进度'!B3", "[1]总计!B3")),
    ("name-syntax", BOOK, swap("blk_months", "B12")),
    (
        "name-twice",
        BOOK,
        swap(
            "</definedNames>",
            '<definedName name="BLK_MONTHS">总计!$A$1</definedName></definedNames>',
        ),
    ),
    ("name-scope", BOOK, swap('localSheetId="0"', 'localSheetId="7"')),
    ("formula-sheet", BOOK, swap("'任务 进度'!$A$1:$C$3", "没有!$A$1:$C$3")),
    ("formula-ref", BOOK, swap("'任务 进度'!$A$1:$C$3", "#REF!")),
    ("sheet-name", BOOK, swap('name="_meta"', f'name="{"表" * 32}"')),
    ("sheet-name", BOOK, swap('name="_meta"', 'name="a/b"')),
    ("sheet-twice", BOOK, swap('name="_meta"', 'name="总计"')),
    ("active-tab", BOOK, swap("<workbookView", '<workbookView activeTab="2"')),
    (
        "external-link",
        RELATIONS,
        swap(
            "</Relationships>",
            '<Relationship Id="x" Type="http://x/externalLink" Target="file:///a.xlsx"'
            ' TargetMode="External"/></Relationships>',
        ),
    ),
    (
        "missing-part",
        RELATIONS,
        swap(
            "</Relationships>",
            '<Relationship Id="x" Type="t" Target="nowhere.xml"/></Relationships>',
        ),
    ),
    ("personal", CORE, swap("<dc:creator></dc:creator>", "<dc:creator>张三</dc:creator>")),
    ("personal", APP, swap("<Company></Company>", "<Company>某局</Company>")),
    (
        "calc-chain",
        CHAIN,
        lambda _: (
            '<calcChain xmlns="http://schemas.openxmlformats.org/'
            'spreadsheetml/2006/main"><c r="D3" i="1"/><c r="E3"/><c r="A3"/></calcChain>'
        ),
    ),
    (
        "content-type",
        TYPES,
        swap(
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            "vnd.ms-excel.sheet.macroEnabled.main",
        ),
    ),
    ("formula-syntax", FIRST, swap("SUM({1;2})", "SUM({1;2})+")),
    ("formula-syntax", FIRST, swap("AND(B3&gt;0,C3&gt;0)", "B3&gt;*0")),
    ("formula-arguments", FIRST, swap("AND(B3&gt;0,C3&gt;0)", "ISNUMBER(B3,C3)")),
    ("formula-arguments", FIRST, swap("<f>SUMIFS(总计!A:A,总计!A:A,", "<f>SUMIFS(总计!A:A,")),
    ("formula-arguments", FIRST, swap("ISNUMBER(C3)", "ISNUMBER()")),
    ("formula-name", FIRST, swap("ISNUMBER(C3)", "ISNUMBER(blk_gone)")),
    ("formula-name", BOOK, swap('"2023"<', "nothing<")),
    ("style-range", FIRST, swap('<c r="B3">', '<c r="B3" s="99">')),
    ("style-range", FIRST, swap('<row r="3"', '<row r="3" s="99" customFormat="1"')),
    ("style-range", FIRST, swap('<col min="1" max="1"', '<col min="1" max="1" style="99"')),
    ("number-format", STYLES, swap('<numFmt numFmtId="164"', '<numFmt numFmtId="165"')),
    ("cell-metadata", SECOND, swap('cm="1"', 'cm="2"')),
    (
        "shared-formula",
        FIRST,
        lambda text: re.sub("<f>SUMIFS.*?</f>", '<f t="shared" si="3"/>', text),
    ),
    ("shared-formula", FIRST, swap("<f>SUMIFS", '<f t="shared" ref="A1:A2" si="3">SUMIFS')),
    (
        "range",
        FIRST,
        swap('<conditionalFormatting sqref="C3"', '<conditionalFormatting sqref="C0"'),
    ),
    ("range", FIRST, swap('sqref="B3"', 'sqref="B3,B4"')),
    ("dimension", FIRST, swap('<dimension ref="A1:E3"', '<dimension ref="A1:D3"')),
    ("table-name", TABLE, swap('displayName="台账"', 'displayName="T1"')),
    ("table-name", TABLE, swap('displayName="台账"', 'displayName="标识"')),
    ("table-columns", TABLE, swap('name="比"', 'name="数"')),
    ("table-columns", TABLE, swap('<tableColumn id="2" name="比"/>', "")),
    ("table-heading", TABLE, swap('name="比"', 'name="率"')),
    (
        "table-overlap",
        SECOND,
        swap(
            "</sheetData>",
            '</sheetData><mergeCells count="1"><mergeCell ref="D4:E4"/></mergeCells>',
        ),
    ),
]


@pytest.mark.parametrize(
    ("code", "part", "edit"), FAULTS, ids=[f"{number}-{f[0]}" for number, f in enumerate(FAULTS)]
)
def test_a_fault_is_found_and_only_it(
    clean: Path, tmp_path: Path, code: str, part: str, edit: Edit
) -> None:
    broken = rewrite(clean, tmp_path / "broken.xlsx", {part: edit})
    assert codes(lint(broken)) == [code]


def test_a_workbook_with_all_sheets_hidden_is_found(clean: Path, tmp_path: Path) -> None:
    def hide(text: str) -> str:
        return text.replace('state="veryHidden" ', "").replace(
            "<sheet name=", '<sheet state="hidden" name='
        )

    assert codes(lint(rewrite(clean, tmp_path / "b.xlsx", {BOOK: hide}))) == ["all-hidden"]


def test_a_part_that_is_there_twice_is_found(clean: Path) -> None:
    with zipfile.ZipFile(clean, "a") as package:
        package.writestr("XL/workbook.xml", "")
    assert codes(lint(clean)) == ["part-twice"]


def as_macro_workbook(source: Path, target: Path) -> Path:
    """The workbook laid so that macros fit: content type and code names."""
    edits: dict[str, Edit] = {
        TYPES: swap(
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            "vnd.ms-excel.sheet.macroEnabled.main",
        ),
        BOOK: swap("<workbookPr ", '<workbookPr codeName="ThisWorkbook" '),
    }
    for number in (1, 2, 3):
        part = f"xl/worksheets/sheet{number}.xml"
        text = read_parts(source)[part].decode()
        code = f'<sheetPr codeName="Sheet{number}"'
        edits[part] = (
            swap("<sheetPr", code)
            if "<sheetPr" in text
            else swap("<dimension", f"{code}/><dimension")
        )
    return rewrite(source, target, edits)


def test_a_macro_workbook_passes(clean: Path, tmp_path: Path) -> None:
    assert lint(as_macro_workbook(clean, tmp_path / "m.xlsm")) == []


@pytest.mark.parametrize(
    ("code", "part", "edit"),
    [
        ("code-name", BOOK, swap('codeName="ThisWorkbook"', "")),
        ("code-name", SECOND, swap('codeName="Sheet2"', "")),
        ("code-name", SECOND, swap('codeName="Sheet2"', 'codeName="sheet1"')),
        (
            "content-type",
            TYPES,
            swap(
                "vnd.ms-excel.sheet.macroEnabled.main",
                "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            ),
        ),
    ],
)
def test_a_fault_of_a_macro_workbook_is_found(
    clean: Path, tmp_path: Path, code: str, part: str, edit: Edit
) -> None:
    macro = as_macro_workbook(clean, tmp_path / "m.xlsm")
    assert codes(lint(rewrite(macro, tmp_path / "b.xlsm", {part: edit}))) == [code]


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(A1:B2)*-1%",
        "SUM(一月:三月!B2)",
        '\'it\'\'s\'!A1&"it\'s ""x"" ("',
        "INDEX(blk_months,MATCH($A2,INDEX(blk_months,0,1),0),MATCH(B$1,INDEX(blk_months,1,0),0))",
        'IF(N(D7)>0,"未填","（；）")',
        "SUMPRODUCT(--(LEN(J7:J9)>0))",
        "_xlfn.STDEV.S(A1:A3)",
        "一月!$A$1:$C$3",
        "Table1[[#This Row],[数]]*2",
    ],
)
def test_good_formulas_pass(formula: str) -> None:
    assert faults(formula, {"一月", "三月", "it's"}, {"blk_months", "table1"}) == []


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("", "formula-empty"),
        ("SUM(A1))", "formula-bracket"),
        ("SUM(A1}", "formula-bracket"),
        ("SUM(A1;B1)", "formula-separator"),
        ("SUM（A1）", "formula-full-width"),
        ('IF(A1,"x,1)', "formula-quote"),
        ("'一月!A1", "formula-quote"),
        ("STDEV.S(A1:A3)", "formula-function"),
        ("_xlfn.XLOOKUP(A1,B:B,C:C)", "formula-function"),
        ("SUM(一月:四月!A1)", "formula-sheet"),
        ("'[b.xlsx]一月'!A1", "external-link"),
        ("(" * 65 + "1" + ")" * 65, "formula-depth"),
    ],
)
def test_bad_formulas_are_found(formula: str, code: str) -> None:
    assert code in codes(list(faults(formula, {"一月", "三月"})))
