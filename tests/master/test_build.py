"""The master as it is built: sheets, names, headings, formulas, and no trace of who built it.

Proves also master/build/*.py.
"""

import html
import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from xlsxwriter.worksheet import Worksheet

from tests.tools import masters
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.render import overflowing_lines
from xl_addin.master.build import status_sheets, workbook
from xl_addin.master.build.district_tables import header_cells
from xl_addin.master.build.status_sheets import with_counts
from xl_addin.master.build.workbook import build_master
from xl_addin.master.macros import binding
from xl_addin.master.read.config import read_config
from xl_addin.model.commands import VERBS
from xl_addin.model.letters import CHOICES
from xl_addin.model.lights import LIGHTS
from xl_addin.model.mail_settings import LOGINS, RECEIVERS, TRANSPORTS
from xl_addin.model.records import District, Indicator, TaskTable
from xl_addin.model.rules import RULES
from xl_addin.model.scoring import WAYS
from xl_addin.model.sheets import (
    BOARD_DATA_SHEET,
    BOARD_SHEET,
    CODE_KEY,
    COMPARISON_SHEET,
    COMPLETION_SHEET,
    CORRESPONDENCE_SHEET,
    CUMULATIVE_SHEET,
    DEFINED_NAMES,
    DISTRICT_HEADINGS,
    DISTRICT_PAGE_SHEET,
    DISTRICTS_BLOCK,
    DISTRICTS_SHEET,
    GUIDE_SHEET,
    INDICATOR_HEADINGS,
    INDICATORS_BLOCK,
    INDICATORS_SHEET,
    JOURNAL_BLOCK,
    JOURNAL_HEADINGS,
    LIGHTS_SHEET,
    LOSSES_SHEET,
    MONTH_HEADINGS,
    PAPER_LIST_SHEET,
    PENDING_BLOCK,
    PENDING_SHEET,
    PROBLEM_HEADINGS,
    PROBLEMS_BLOCK,
    PROBLEMS_SHEET,
    PROGRESS_SHEET,
    RULE_HEADINGS,
    RULES_BLOCK,
    RULES_SHEET,
    SCHEME_SHEET,
    SCORES_SHEET,
    SETTING_HEADINGS,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    SHEETS,
    SLIPS_SHEET,
    STATUS_BLOCK,
    STATUS_HEADINGS,
    STATUS_SHEET,
    SUMMARY_BLOCK,
    SUMMARY_HEADINGS,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    TRAIL_SHEET,
    TREND_BLOCK,
    TREND_HEADINGS,
    TREND_SHEET,
    VARIANCE_SHEET,
    WORK_DETAILS_SHEET,
    WORKS_SHEET,
)
from xl_addin.services.lists import list_change, status_change
from xl_addin.services.roll_call import RollCall
from xl_addin.store.ledger import Status
from xl_addin.tasktable.read import read_task_table
from xl_addin.xlsx import a1
from xl_addin.xlsx.package import inflate, unpack
from xl_addin.xlsx.workbook import Workbook

REAL = Path(__file__).parents[2] / "workbooks" / "2023任务表.xlsx"


@pytest.fixture(scope="module")
def book():
    return load_workbook(BytesIO(masters.master()))


@pytest.fixture(scope="module")
def values():
    return load_workbook(BytesIO(masters.master()), data_only=True)


def test_the_sheets_stand_in_order(book):
    assert tuple(book.sheetnames) == (*SHEETS, binding.CONF_SHEET, binding.ERROR_SHEET)
    hidden = [book[name].sheet_state for name in book.sheetnames[len(SHEETS) :]]
    assert hidden == ["veryHidden", "veryHidden"]


def test_every_block_has_its_name_on_its_sheet(book):
    for name, sheet in DEFINED_NAMES.items():
        [(where, _)] = book.defined_names[name].destinations
        assert where == sheet


@pytest.mark.parametrize(
    ("block", "headings"),
    [
        (SETTINGS_BLOCK, SETTING_HEADINGS),
        (DISTRICTS_BLOCK, DISTRICT_HEADINGS),
        (INDICATORS_BLOCK, INDICATOR_HEADINGS),
        (RULES_BLOCK, RULE_HEADINGS),
        (SUMMARY_BLOCK, (CODE_KEY, *SUMMARY_HEADINGS)),
        (TREND_BLOCK, TREND_HEADINGS),
        (STATUS_BLOCK, (*STATUS_HEADINGS, *MONTH_HEADINGS)),
        (PROBLEMS_BLOCK, PROBLEM_HEADINGS),
        (JOURNAL_BLOCK, JOURNAL_HEADINGS),
    ],
)
def test_lists_have_their_headings_in_one_row(book, block, headings):
    [(sheet, area)] = book.defined_names[block].destinations
    assert tuple(cell.value for cell in book[sheet][area][0]) == headings


def test_room_is_reserved_for_problems_and_journal(book):
    for block, rows in ((PENDING_BLOCK, 300), (PROBLEMS_BLOCK, 3000), (JOURNAL_BLOCK, 1000)):
        [(_, area)] = book.defined_names[block].destinations
        assert a1.area(area.replace("$", ""))[2] == 4 + rows
    laid_out = Workbook(unpack(masters.master()))
    assert laid_out.part(laid_out.sheet_part(PROBLEMS_SHEET)).count(b"<c ") < 50
    assert book[PROBLEMS_SHEET].auto_filter.ref


def test_targets_stand_where_they_belong_and_no_target_is_blank(values):
    sheet = values[TARGETS_SHEET]
    rows = [cell.value for cell in sheet["A"]]
    columns = [cell.value for cell in sheet[7]]
    for district in masters.DISTRICTS:
        for item in masters.INDICATORS:
            cell = sheet.cell(rows.index(district.code) + 1, columns.index(item.code) + 1)
            assert cell.value == masters.TARGETS.get((district.code, item.code))
    assert [sheet.cell(12, c).value for c in range(1, 8)] == [
        "合计",
        None,
        480,
        1310,
        200,
        105,
        15.5,
    ]
    assert [sheet.cell(13, c).value for c in range(1, 8)] == [
        "公布合计",
        None,
        480,
        1310,
        200,
        None,
        15.5,
    ]


def test_headings_are_nested_as_their_paths():
    cells = {text: area for area, text in header_cells(masters.INDICATORS)}
    assert cells["托养服务"] == (4, 4, 4, 5)
    assert cells["其中"] == (5, 5, 5, 5)
    assert cells["实用技术培训\n（人次）"] == (4, 3, 6, 3)
    assert cells["2023年任务数\n（人）"] == (5, 4, 6, 4)
    assert cells["寄宿制\n（人）"] == (6, 5, 6, 5)


def test_equal_headings_that_are_not_neighbours_stay_apart():
    split = (
        Indicator("A", ("就业", "城镇"), "人"),
        Indicator("B", ("培训",), "人"),
        Indicator("C", ("就业", "农村"), "人"),
        Indicator("D", ("就业",), "人"),
    )
    areas = [area for area, text in header_cells(split) if text.startswith("就业")]
    assert areas == [(4, 3, 4, 3), (4, 5, 4, 5), (4, 6, 5, 6)]


def test_nothing_reported_shows_nothing(values):
    summary = values[SUMMARY_SHEET]
    row = [cell.value for cell in summary[5]]
    assert row[:7] == ["I01", "实用技术培训", "人次", 480, 480, 1000, None]
    assert row[7:9] == [None, None]
    assert row[9:13] == [0.5, None, None, 4]
    assert row[13:16] == [None, None, "灰"]
    assert row[16:] == [24, 0, 4, *[None] * 5]
    assert summary["B2"].value == masters.MONTH


def test_sheets_are_laid_out_to_be_printed(book):
    for sheet in map(book.__getitem__, SHEETS):
        if sheet.title in (BOARD_SHEET, BOARD_DATA_SHEET):
            continue  # tests/master/test_board.py
        if sheet.title == DISTRICT_PAGE_SHEET:
            across_and_down = sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1
            assert (sheet.page_setup.orientation, across_and_down) == ("portrait", (1, 1))
            continue
        assert sheet.page_setup.orientation == "landscape"
        wide = sheet.title in (SUMMARY_SHEET, TREND_SHEET, PROGRESS_SHEET)
        assert int(sheet.page_setup.paperSize) == (8 if wide else 9)  # A3, A4
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "&P" in sheet.oddFooter.center.text
        reserved = sheet.title in {
            *status_sheets.RESERVED,
            TRAIL_SHEET,
            COMPARISON_SHEET,
            WORKS_SHEET,
            WORK_DETAILS_SHEET,
            SCORES_SHEET,
            LOSSES_SHEET,
            PAPER_LIST_SHEET,
        }
        assert bool(sheet.print_area) != reserved
        if sheet.title != GUIDE_SHEET:
            assert sheet.freeze_panes
            assert sheet.print_title_rows


def test_lists_to_choose_from(book):
    labels = {f"B{row[0].row}": row[0].value for row in book[SETTINGS_SHEET].iter_rows()}

    def place(sheet, area):
        return sheet, labels[area] if sheet == SETTINGS_SHEET else area

    lists = {
        place(sheet.title, str(rule.sqref)): rule.formula1
        for sheet in book
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    assert lists == {
        (SETTINGS_SHEET, "本次月份"): f'"{",".join(f"2023-{n:02d}" for n in range(1, 13))}"',
        (SETTINGS_SHEET, "收到时间依据"): '"文件时间,收集时间"',
        (SETTINGS_SHEET, "结账按钮"): '"结账,重新打开"',
        (SETTINGS_SHEET, "缺月办法"): '"折算,照计,不排名"',
        (SETTINGS_SHEET, "警告须说明"): '"是,否"',
        (SETTINGS_SHEET, "排名依据"): '"综合完成率,考核得分"',
        (SETTINGS_SHEET, "发送方式"): f'"{",".join(spec.label for spec in TRANSPORTS)}"',
        (SETTINGS_SHEET, "回执信"): '"是,否"',
        (SETTINGS_SHEET, "密送留底"): '"是,否"',
        (SETTINGS_SHEET, "不确定的信"): '"不动,重发,算已发"',
        (SETTINGS_SHEET, "地址可疑的信"): '"不发,照发"',
        (SETTINGS_SHEET, "收信方式"): f'"{",".join(spec.label for spec in RECEIVERS)}"',
        (SETTINGS_SHEET, "登录方式"): f'"{",".join(LOGINS)}"',
        (SETTINGS_SHEET, "POP3 加密"): '"TLS,STARTTLS"',
        (STATUS_SHEET, "L7:L10"): f'"{",".join(CHOICES)}"',
        (SETTINGS_SHEET, "SMTP 加密"): '"TLS,STARTTLS"',
        (SETTINGS_SHEET, "IMAP 加密"): '"TLS,STARTTLS"',
        (INDICATORS_SHEET, "D5:D9"): '"当月数,累计数,两者都填,比率"',
        (INDICATORS_SHEET, "I5:I9"): '"均匀,按季,年底前,自定义"',
        (INDICATORS_SHEET, "F5:F9"): '"是,否"',
        (RULES_SHEET, f"C5:C{4 + len(RULES)}"): '"错误,警告,停用"',
        (SCHEME_SHEET, "B5:B18"): f'"{",".join(way.name for way in WAYS)}"',
        (SCHEME_SHEET, "F5:F18"): '"累计,平均"',
        (SCHEME_SHEET, "G5:G18"): '"是,否"',
        (SCHEME_SHEET, "A23:A62"): f"'{DISTRICTS_SHEET}'!$B$5:$B$8",
        (SCHEME_SHEET, "B23:B62"): "$A$5:$A$18",
        (WORKS_SHEET, "G5:G204"): '"月,季,一次"',
        (PENDING_SHEET, "I5:I304"): '"接受,退回,归属"',
        (SLIPS_SHEET, "L5:L2004"): '"销号"',
        (PENDING_SHEET, "J5:J304"): f"'{DISTRICTS_SHEET}'!$B$5:$B$8",
        (CORRESPONDENCE_SHEET, "E5:E64"): '"累计,当月"',
        (DISTRICT_PAGE_SHEET, "A5"): f"'{DISTRICTS_SHEET}'!$B$5:$B$8",
    }


def test_the_guide_names_every_button(book):
    cells = [cell.value for row in book[GUIDE_SHEET].iter_rows() for cell in row if cell.value]
    named = [text.removeprefix("按钮：").split("、") for text in cells if text.startswith("按钮：")]
    buttons = [verb.label for verb in VERBS if verb.group]
    assert sorted({label for labels in named for label in labels}) == sorted(buttons)
    for word in ("缺月", "灯", "说明", "未报和未通过"):
        assert word in cells


def test_the_month_is_a_list_of_the_year_that_lets_other_spellings_in(book):
    rules = book[SETTINGS_SHEET].data_validations.dataValidation
    (rule,) = [each for each in rules if str(each.sqref) == "B7"]
    assert rule.formula1.strip('"').split(",") == [f"2023-{n:02d}" for n in range(1, 13)]
    assert (rule.type, rule.errorStyle) == ("list", "information")


def test_colour_rules_name_no_other_sheet(book):
    for sheet in book:
        for area in sheet.conditional_formatting:
            for rule in area.rules:
                assert not any("!" in text for text in rule.formula)


def looks_of(sheet):
    """What each rule of a sheet tests and how it shows a number."""
    return [
        (rule.formula[0], rule.dxf.numFmt.formatCode if rule.dxf.numFmt else "", rule.dxf)
        for area in sheet.conditional_formatting
        for rule in area.rules
    ]


@pytest.mark.parametrize("sheet", [COMPLETION_SHEET, VARIANCE_SHEET, SUMMARY_SHEET, LIGHTS_SHEET])
def test_every_light_is_a_shape_on_a_colour(book, sheet):
    for light, spec in LIGHTS.items():
        mine = [(form, look) for test, form, look in looks_of(book[sheet]) if f'="{light}"' in test]
        assert mine
        assert all(look.fill.bgColor.rgb for _, look in mine)
        assert any(spec.shape in form for form, _ in mine)
        others = {each.shape for each in LIGHTS.values()} - {spec.shape}
        assert not any(shape in form for form, _ in mine for shape in others)


@pytest.mark.parametrize("sheet", [CUMULATIVE_SHEET, COMPLETION_SHEET, SUMMARY_SHEET, TREND_SHEET])
def test_a_cumulative_that_lacks_months_is_marked_without_colour_too(book, sheet):
    starred = [(form, look) for _, form, look in looks_of(book[sheet]) if form.endswith('"*"')]
    assert starred
    for _, look in starred:
        assert look.fill.patternType == "lightUp"
        assert look.border.left.style == "dashed"


def test_the_two_differences_are_told_apart_in_their_headings(book):
    sheet = book[VARIANCE_SHEET]
    codes = [item.code for item in masters.INDICATORS]
    assert [cell.value for cell in sheet[7]][2:] == [*codes, *(f"{code}与序时差" for code in codes)]
    heads = [str(sheet.cell(4, column).value) for column in (3, 8)]
    assert heads == ["实用技术培训\n与全年任务差\n（人次）", "实用技术培训\n与序时差\n（人次）"]


def test_the_same_table_gives_the_same_bytes():
    again = build_master(masters.TABLE, masters.YEAR, masters.TITLE, masters.MONTH)
    assert again == masters.master()


def test_the_package_is_a_macro_workbook_of_nobody():
    parts = {name: inflate(part) for name, part in unpack(masters.master()).items()}
    assert b"sheet.macroEnabled.main+xml" in parts["[Content_Types].xml"]
    assert b'codeName="ThisWorkbook"' in parts["xl/workbook.xml"]
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
    assert b'codeName="Sheet16"' in parts["xl/worksheets/sheet16.xml"]
    assert b"2023-01-01T00:00:00Z" in parts["docProps/core.xml"]
    assert "xl/calcChain.xml" not in parts


SHAPES = {
    "small": masters.TABLE,
    "one": TaskTable(
        "",
        (District("A", "一个名称特别长的直属单位办公室综合处"),),
        (Indicator("I01", ("人数",), ""),),
        {},
        {},
        "表",
        {},
    ),
    "wide": TaskTable(
        "",
        masters.DISTRICTS,
        tuple(
            Indicator(
                f"I{n:02}", (f"一级{n // 12}", f"二级{n // 6}", f"三级{n // 3}", f"第{n}项"), "人次"
            )
            for n in range(24)
        ),
        {(d.code, f"I{n:02}"): 123456 for d in masters.DISTRICTS for n in range(24)},
        {},
        "表",
        {},
    ),
}


def real():
    return read_task_table(REAL.read_bytes(), REAL.name)


@pytest.mark.parametrize("shape", [*SHAPES, "real"])
def test_the_file_is_sound(tmp_path, office, shape):
    table = real() if shape == "real" else SHAPES[shape]
    path = tmp_path / "master.xlsm"
    path.write_bytes(build_master(table, 2023, "重点项目", "2023-06"))
    assert lint(path) == []
    assert disagreements(path, office) == []
    assert overflowing_lines(path, office) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_the_file_keeps_to_the_schema(tmp_path, validator, shape):
    path = tmp_path / "master.xlsm"
    path.write_bytes(build_master(SHAPES[shape], 2023, "重点项目", "2023-06"))
    assert validator(path) == []


def test_the_real_table_is_read_back_as_it_is(tmp_path):
    table = real()
    host = masters.host(tmp_path, build_master(table, 2023, "重点项目", "2023-06"))
    config = read_config(host)
    assert config.problems == ()
    assert (config.districts, config.indicators) == (table.districts, table.indicators)
    assert (config.targets, config.published) == (table.targets, table.published)


def test_counts_above_the_board_agree_with_it(tmp_path, office):
    host = masters.host(tmp_path)
    config = read_config(host)
    statuses = {
        (code, "2023-07"): Status(1, code, "2023-07", verdict, received, 1, "表.xlsx", 0, "")
        for code, verdict, received in (
            ("500101", "accepted", "2023-08-03 10:00:00"),
            ("500233", "accepted", "2023-08-09 10:00:00"),
            ("500240", "rejected", "2023-08-03 10:00:00"),
        )
    }
    board = status_change(host.block(STATUS_BLOCK), config, RollCall(config, statuses), "2023-07")
    check = host.apply(with_counts(host, board, "2023-07"))
    assert (check.compared, check.disagreements) == (7, ())
    host.save()
    sheet = load_workbook(host.path, data_only=True)[STATUS_SHEET]
    assert [cell.value for cell in sheet[4]][1:8] == [4, 2, 1, 1, 1, 1, 0.5]
    assert sheet["B2"].value == "2023-07"
    assert disagreements(host.path, office) == []


def test_rows_written_later_look_like_the_first(tmp_path):
    host = masters.host(tmp_path)
    block = host.block(PROBLEMS_BLOCK)
    host.apply([list_change(block, [[f"{n}"] * 8 + [None] * 4 for n in range(5)])])
    host.save()
    sheet = load_workbook(host.path)[PROBLEMS_SHEET]
    for row in (5, 9):
        assert sheet.cell(row, 9).alignment.wrap_text
        assert sheet.cell(row, 9).border.left.style == "thin"


def test_every_sheet_of_the_layout_is_laid_out_by_a_module_of_the_folder() -> None:
    assert workbook._builders().keys() == set(SHEETS)


def test_no_formula_of_ours_names_a_function_that_xlsxwriter_would_have_to_rename():
    parts = unpack(masters.master())
    found = {
        html.unescape(text.decode())
        for name, part in parts.items()
        if name.startswith("xl/worksheets/sheet")
        for text in re.findall(rb"<f>([^<]+)</f>", inflate(part))
    }
    assert len(found) > 100
    assert {Worksheet()._prepare_formula(text) for text in found} == found
