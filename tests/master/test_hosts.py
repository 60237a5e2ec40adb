"""The master as a file, live in Excel and live in WPS, in memory and in LibreOffice: one contract, one set of tests.

Proves also master/host/base.py.
"""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.tools import masters
from tests.tools.masters import figure
from xl_addin.master.host.base import note
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.host.wps import WpsHost
from xl_addin.master.read.blocks import find_columns
from xl_addin.master.read.config import read_config
from xl_addin.master.totals import compute_totals, master_changes
from xl_addin.model.sheets import (
    DEFINED_NAMES,
    INDICATORS_SHEET,
    JOURNAL_BLOCK,
    JOURNAL_SHEET,
    MONTH_BLOCK,
    MONTH_SHEET,
    PROBLEMS_BLOCK,
    PROBLEMS_SHEET,
    RULES_BLOCK,
    SETTINGS_BLOCK,
    SUMMARY_BLOCK,
    SUMMARY_HEADINGS,
    SUMMARY_SHEET,
    TARGETS_SHEET,
)
from xl_addin.services.lists import list_change
from xl_addin.system.errors import Refused
from xl_addin.xlsx.cells import BOOL, DATE, FAULT, NUM, TEXT

FIGURES = (
    *(figure("500101", "I01", month, 10 * month) for month in range(1, 7)),
    figure("500101", "I02", 1, 300),
    figure("500101", "I02", 5, 30.0),
    figure("500233", "I02", 4, 1),
    figure("500101", "I03", 5, 3),
    figure("500240", "I05", 2, 0.1),
    figure("500240", "I05", 3, 0.2),
    figure("500101", "I04", 3, 17, "stock"),
    figure("500101", "I04", 5, 23, "stock"),
    figure("5001LJ", "I05", 5, None, state="not-applicable"),
)
# What a spreadsheet would make a number, a date, a formula or a truth value of.
LOOK_ALIKES = (
    "001",
    "=1+1",
    "2023-06",
    "+86 23 1234",
    "-5",
    "1/2",
    "3-5",
    "TRUE",
    "１２０",
    "1e5",
    "@SUM(A1)",
    "50%",
    "'quoted",
    "#N/A",
    "1,200",
    '=HYPERLINK("http://x")',
)


def file_host(tmp_path, data):
    return masters.host(tmp_path, data)


def open_live(tmp_path, data):
    path = tmp_path / "任务 文件夹" / "master.xlsm"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data or masters.master())
    return import_xlwings().Book(str(path))


LIVE = pytest.param("excel", marks=pytest.mark.libreoffice)
WPS = pytest.param("memory_wps", marks=pytest.mark.chromium)
LIVE_WPS = pytest.param("wps", marks=[pytest.mark.libreoffice, pytest.mark.chromium])
COMPUTING = pytest.mark.parametrize(
    ("host_of", "month"),
    [
        ("file", "2023-01"),
        ("file", "2023-12"),
        pytest.param("excel", "2023-01", marks=pytest.mark.libreoffice),
        pytest.param("excel", "2023-12", marks=pytest.mark.libreoffice),
        pytest.param("wps", "2023-05", marks=[pytest.mark.libreoffice, pytest.mark.chromium]),
    ],
    indirect=["host_of"],
)
"""For what only a program that calculates can show."""
REAL = pytest.mark.parametrize("host_of", ["file", "memory_excel", LIVE, WPS], indirect=True)
"""For what a program makes of what it is given, which memory only plays; WPS's page asks the same of it."""


def live_host(program, tmp_path, data):
    """A host of a master that is open in a program, and the application."""
    book = open_live(tmp_path, data)
    if hasattr(program, "excel"):
        return WpsHost(program), program.excel
    return ExcelHost(book), program


def user_book(host):
    """The open workbook as its user reaches it, whatever the host sees it through."""
    return import_xlwings().Book(host.book.fullname)


@pytest.fixture(params=["file", "memory_excel", WPS])
def host_of(request, tmp_path):
    """``host_of(data)``: the host of a master with these bytes."""
    if request.param == "file":
        return lambda data=None: file_host(tmp_path, data)
    program = request.getfixturevalue(request.param)
    return lambda data=None: live_host(program, tmp_path, data)[0]


def values_of(block, *cells):
    found = [block.cells.get(cell) for cell in cells]
    return [None if cell is None else (cell.kind, cell.value) for cell in found]


def codes(check):
    return [(p.sheet, p.cell, p.code) for p in check.disagreements]


def test_settings_are_read_as_they_stand(host_of):
    config = read_config(host_of())
    assert config.problems == ()
    assert config.districts == masters.DISTRICTS
    assert config.indicators == masters.INDICATORS
    assert (config.targets, config.published) == (masters.TARGETS, masters.PUBLISHED)


def formatted(formats):
    """A master with cells in number formats of somebody's own: {sheet: {cell: code}}."""
    book = load_workbook(BytesIO(masters.master()))
    for sheet, cells in formats.items():
        for cell, code in cells.items():
            book[sheet][cell].number_format = code
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_formulas(data, sheet, formulas):
    """A master with formulas and their results: {(row, column): (formula, type, result)}."""
    placeholders = {at: 900_000 + n for n, at in enumerate(formulas)}
    data = masters.edit_master({sheet: placeholders}, data)
    return masters.rewrite_master(
        [
            (f"><v>{placeholders[at]}</v>", f' t="{kind}"><f>{formula}</f><v>{result}</v>')
            for at, (formula, kind, result) in formulas.items()
        ],
        data,
    )


@REAL
def test_a_cell_is_what_it_is(host_of):
    """Not a blank for an error, not a formula for a text, not a number for a truth value."""
    typed = {(8, 6): 12.5, (8, 7): "001", (9, 3): 0, (9, 4): "=1+1", (9, 5): "", (9, 7): " "}
    computed = {
        (8, 3): ("1/0", "e", "#DIV/0!"),
        (8, 4): ("ISNUMBER(1)", "b", "1"),
        (8, 5): ("NA()", "e", "#N/A"),
        (9, 6): ('""', "str", ""),
        (10, 3): ("3*7", "n", "21"),
    }
    data = masters.edit_master({MONTH_SHEET: typed})
    block = host_of(with_formulas(data, MONTH_SHEET, computed)).block(MONTH_BLOCK)
    assert values_of(block, *((8, column) for column in range(3, 8))) == [
        (FAULT, "#DIV/0!"),
        (BOOL, True),
        (FAULT, "#N/A"),
        (NUM, 12.5),
        (TEXT, "001"),
    ]
    assert values_of(block, *((9, column) for column in range(3, 8)), (10, 3)) == [
        (NUM, 0),
        (TEXT, "=1+1"),
        None,
        (TEXT, ""),
        (TEXT, " "),
        (NUM, 21),
    ]
    assert {at: block.cells[at].formula for at in computed} == {
        at: formula for at, (formula, _, _) in computed.items()
    }
    assert {block.cells[at].formula for at in typed if at in block.cells} == {None}


@REAL
def test_a_date_is_a_date_by_its_format(host_of):
    looks = {"A5": "yyyy-mm-dd hh:mm", "B5": "General", "A6": 'yyyy"年"m"月"', "B6": "@"}
    data = formatted({JOURNAL_SHEET: looks})
    serials = {(5, 1): 45000.5, (5, 2): 45000, (6, 1): 45000, (6, 2): "45000"}
    block = host_of(masters.edit_master({JOURNAL_SHEET: serials}, data)).block(JOURNAL_BLOCK)
    assert values_of(block, (5, 1), (5, 2), (6, 1), (6, 2)) == [
        (DATE, 45000.5),
        (NUM, 45000),
        (DATE, 45000),
        (TEXT, "45000"),
    ]


def test_a_name_that_is_gone_or_points_nowhere_is_told(host_of):
    gone = masters.rewrite_master([(f'name="{RULES_BLOCK}"', 'name="something_else"')])
    with pytest.raises(Refused, match=f"{RULES_BLOCK}（原在“校验规则”工作表）"):
        host_of(gone).block(RULES_BLOCK)


def test_a_block_is_found_after_its_sheet_was_renamed(host_of):
    renamed = masters.rewrite_master([("设置", "我们的 设置")])
    block = host_of(renamed).block(SETTINGS_BLOCK)
    assert block.sheet == "我们的 设置"
    assert block.area[:2] == (4, 1)


@COMPUTING
def test_every_formula_comes_to_what_pandas_says(host_of, month):
    host = host_of()
    config = read_config(host)
    changes = master_changes(compute_totals(FIGURES, config, month), config, host)
    for _ in range(2):
        check = host.apply(changes)
        assert codes(check) == []
        assert check.compared == sum(len(change.computed) for change in changes) > 100
    summary = host.block(SUMMARY_BLOCK)
    at = find_columns(summary, SUMMARY_HEADINGS)
    row = next(row for (row, _), cell in summary.cells.items() if cell.value == "I01")
    until = sum(10 * number for number in range(1, min(int(month[5:]), 6) + 1))
    assert values_of(summary, (row, at["累计完成"]), (row, at["序时进度"])) == [
        (NUM, until),
        (NUM, pytest.approx(int(month[5:]) / 12)),
    ]


def test_looking_changes_nothing(host_of):
    host = host_of()
    config = read_config(host)
    before = {name: host.block(name).cells for name in DEFINED_NAMES}
    host.check(master_changes(compute_totals(FIGURES, config, "2023-05"), config, host))
    assert {name: host.block(name).cells for name in DEFINED_NAMES} == before


@pytest.mark.parametrize(
    ("host_of", "look"),
    [
        *(("file", look) for look in ("General", "@", "0.00", "yyyy-mm-dd")),
        ("memory_excel", "General"),
        ("memory_excel", "yyyy-mm-dd"),
        pytest.param("excel", "@", marks=pytest.mark.libreoffice),
        pytest.param("memory_wps", "@", marks=pytest.mark.chromium),
    ],
    indirect=["host_of"],
)
def test_text_goes_in_as_text_and_numbers_as_numbers(host_of, tmp_path, look):
    """Whatever the cells are formatted for."""
    cells = [f"{column}{row}" for column in "ACD" for row in range(5, 30)]
    host = host_of(formatted({JOURNAL_SHEET: dict.fromkeys(cells, look)}))
    number = DATE if look.startswith("y") else NUM
    # LibreOffice itself formats a cell as text when it is given a text that looks like a number.
    formats = {cell: code for cell, code in looks_of(host, tmp_path) if cell[0] in "CD"}
    block = host.block(JOURNAL_BLOCK)
    rows = [(text, text, n, f"甲{n}", None) for n, text in enumerate(LOOK_ALIKES)]
    change = list_change(block, [*rows, ("x", 0.5, -3, "", "末")])
    assert codes(host.apply([change])) == []
    block = host.block(JOURNAL_BLOCK)
    for row, text in enumerate(LOOK_ALIKES, block.area[0] + 1):
        cells = [(row, column) for column in range(1, 6)]
        assert values_of(block, *cells) == [
            (TEXT, text),
            (TEXT, text),
            (number, row - 5),
            (TEXT, f"甲{row - 5}"),
            None,
        ]
        assert all(block.cells[at].formula is None for at in cells[:4])
    last = block.area[0] + len(rows) + 1
    assert values_of(block, *((last, column) for column in range(1, 6))) == [
        (TEXT, "x"),
        (NUM, 0.5),
        (number, -3),
        None,
        (TEXT, "末"),
    ]
    after = dict(looks_of(host, tmp_path))
    assert {cell: after[cell] for cell in formats} == formats


def looks_of(host, tmp_path):
    sheet = saved(host, tmp_path)[JOURNAL_SHEET]
    return [(cell.coordinate, cell.number_format) for row in sheet.iter_rows() for cell in row]


def test_a_shorter_list_leaves_nothing_behind(host_of):
    host = host_of()
    block = host.block(PROBLEMS_BLOCK)
    host.apply([list_change(block, [["行"] * 12] * 4)])
    host.apply([list_change(host.block(PROBLEMS_BLOCK), [["新"] * 12])])
    found = host.block(PROBLEMS_BLOCK)
    assert {row for row, _ in found.cells} == {found.area[0], found.area[0] + 1}


def test_formulas_of_staff_are_kept_and_reported(host_of):
    changed = masters.rewrite_master([('COUNTIF(已计月数!C8:C11,"*缺*")', "99")])
    typed = masters.edit_master({MONTH_SHEET: {(8, 3): 987654}}, changed)
    host = host_of(
        masters.rewrite_master([("<v>987654</v>", "<f>987653+1</f><v>987654</v>")], typed)
    )
    config = read_config(host)
    changes = master_changes(compute_totals((), config, "2023-05"), config, host)
    wanted = {(MONTH_SHEET, "C8", "formula-in-the-way"), (SUMMARY_SHEET, "S5", "formula-changed")}
    assert set(codes(host.check(changes))) == wanted
    assert wanted <= set(codes(host.apply(changes)))
    assert host.block(MONTH_BLOCK).cells[8, 3].formula == "987653+1"
    assert host.block(SUMMARY_BLOCK).cells[5, 19].formula == "99"


def saved(host, tmp_path):
    """What is in the file after saving, by its own program."""
    path = tmp_path / "saved.xlsm"
    if isinstance(host, ExcelHost):
        user_book(host).save(path)
    else:
        host.save()
        path = host.path
    return load_workbook(path)


@REAL
def test_rows_written_later_look_like_the_first(host_of, tmp_path):
    host = host_of()
    block = host.block(PROBLEMS_BLOCK)
    host.apply([list_change(block, [[f"{n}"] * 12 for n in range(5)])])
    sheet = saved(host, tmp_path)[PROBLEMS_SHEET]
    for row in (5, 9):
        assert sheet.cell(row, 9).alignment.wrap_text
        assert sheet.cell(row, 9).border.left.style == "thin"
    assert not sheet.cell(10, 9).alignment.wrap_text


@REAL
def test_nothing_else_changes(host_of, tmp_path):
    """Formats, formulas, names, sheets, and what staff wrote beside and below."""
    host = host_of(masters.edit_master({MONTH_SHEET: {(8, 9): "旁注", (20, 3): 5}}))
    before = saved(host, tmp_path)
    config = read_config(host)
    changes = master_changes(compute_totals(FIGURES, config, "2023-05"), config, host)
    host.apply(changes)
    after = saved(host, tmp_path)
    assert styles_of(after) == styles_of(before)
    assert outline(after) == outline(before)
    old, new = contents(before), contents(after)
    ours = {(change.sheet, *at) for change in changes for at in change.values}
    assert {at for at in {*old, *new} if old.get(at) != new.get(at)} <= ours


def outline(book):
    names = {name: defined.attr_text for name, defined in book.defined_names.items()}
    return book.sheetnames, names, [(s.title, len(s._charts), s.sheet_state) for s in book]


def contents(book):
    cells = ((sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row)
    return {(title, cell.row, cell.column): cell.value for title, cell in cells}


def styles_of(book):
    return {
        (sheet.title, cell.coordinate): (cell.number_format, cell.fill.fgColor.rgb, cell.font.b)
        for sheet in book
        for row in sheet[sheet.dimensions]
        for cell in row
    }


@pytest.fixture(params=["memory_excel", WPS])
def live(request, tmp_path):
    """A master that is open, and the application it is open in."""
    return live_host(request.getfixturevalue(request.param), tmp_path, None)


CALCULATING = pytest.mark.parametrize("live", [LIVE, LIVE_WPS], indirect=True)


@CALCULATING
def test_excel_calculates_also_where_its_user_does_so_by_hand(live):
    host, excel = live
    host.book.app.calculation = "manual"
    config = read_config(host)
    changes = master_changes(compute_totals(FIGURES, config, "2023-05"), config, host)
    assert codes(host.apply(changes)) == []
    assert excel.state("calculation") == "manual"


@CALCULATING
def test_a_formula_that_comes_to_something_else_is_reported(live):
    host, excel = live
    config = read_config(host)
    changes = master_changes(compute_totals(FIGURES, config, "2023-05"), config, host)
    book = user_book(host)
    book.sheets[TARGETS_SHEET].range("C8").raw_value = 301.0
    book.sheets[INDICATORS_SHEET].range("G5").raw_value = 999.0
    host._forget()  # a press reads a sheet once: this is the next one
    found = set(codes(host.apply(changes)))
    assert (TARGETS_SHEET, "C12", "value-disagrees") in found
    assert {(SUMMARY_SHEET, ref, "value-disagrees") for ref in ("F5", "T5")} <= found
    assert {code for _, _, code in found} == {"value-disagrees"}
    assert excel.state("calculation") == "automatic"


def test_what_does_not_come_back_as_it_went_in_is_reported(live, monkeypatch):
    host, _ = live
    monkeypatch.setattr("xl_addin.master.host.comcells.could_turn", lambda _: False)
    block = host.block(JOURNAL_BLOCK)
    texts = [(text, "", "甲", "", "") for text in ("001", "=1+1", "2023-06", "甲")]
    check = host.apply([list_change(block, texts)])
    assert codes(check) == [(JOURNAL_SHEET, f"A{row}", "not-kept") for row in (5, 6, 7)]


def test_a_filter_hides_nothing_that_is_new(live):
    host, excel = live
    rows = [["新"] * 12]
    host.apply([list_change(host.block(PROBLEMS_BLOCK), rows)])
    excel.note("filtered", True)
    host.apply([list_change(host.block(PROBLEMS_BLOCK), rows)])
    assert excel.state("filtered")
    host.apply([list_change(host.block(PROBLEMS_BLOCK), rows * 2)])
    assert not excel.state("filtered")


def test_a_block_is_one_write(live):
    host, excel = live
    config = read_config(host)
    changes = master_changes(compute_totals(FIGURES, config, "2023-05"), config, host)
    asked, ask = [], excel.ask
    excel.ask = lambda *request: (asked.append(request[0]), ask(*request))[1]
    host.apply(changes)
    assert asked.count("write") <= 16
    asked.clear()
    host.apply(changes)
    assert "write" not in asked


def noted(host, sheet=MONTH_SHEET):
    """As the next press finds them."""
    host = ExcelHost(host.book) if type(host) is ExcelHost else host
    return {at: text.partition("\n")[2] for at, text in host.notes(sheet).items()}


@REAL
def test_notes_of_ours_come_and_go_and_others_stay(host_of):
    book = load_workbook(BytesIO(masters.master()))
    book[MONTH_SHEET]["C8"].comment = Comment("王五:\n自己写的", "王五")
    out = BytesIO()
    book.save(out)
    host = host_of(out.getvalue())
    assert host.notes(MONTH_SHEET) == {}
    first = {(7, 3): note(["说明：停课半月"]), (8, 3): note(["不该写上"]), (9, 4): note(["a", "b"])}
    assert host.annotate(MONTH_SHEET, first)
    assert noted(host) == {(7, 3): "说明：停课半月", (9, 4): "a\nb"}
    second = {(7, 3): note(["说明：又开课"]), (10, 3): note(["新的"])}
    assert host.annotate(MONTH_SHEET, second)
    assert noted(host) == {(7, 3): "说明：又开课", (10, 3): "新的"}
    assert host.annotate(MONTH_SHEET, {})
    assert noted(host) == {}
