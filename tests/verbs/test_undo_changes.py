"""A change of the year is taken back, after a recompute too: in the file as a whole, in the open master cell by cell.

Proves also services/change_record.py and services/before_change.py.
"""

from __future__ import annotations

import shutil
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.tools.masters import edit_master
from tests.verbs.test_change_district import sound
from xl_addin.master.host import insert
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.mend.lists import Preview
from xl_addin.master.read.blocks import locate_matrix
from xl_addin.master.read.config import read_config
from xl_addin.model.folder import BACKUPS, MASTER
from xl_addin.model.sheets import (
    CUMULATIVE_BLOCK,
    DEFINED_NAMES,
    DISTRICTS_BLOCK,
    LISTED,
    STATUS_BLOCK,
    TARGETS_BLOCK,
)
from xl_addin.system.errors import Refused
from xl_addin.xlsx import a1

LISTS = {DEFINED_NAMES[name] for name in LISTED}
CHANGES = {
    "add-district": {"code": "D900", "name": "高新区", "target": "I01=60\nI03=8"},
    "split": {
        "code": "D900",
        "name": "高新区",
        "since": "3",
        "from_": "乙县",
        "target": "I01=60",
        "document": "1号",
    },
    "add-indicator": {
        "code": "I05",
        "path": "慰问",
        "unit": "户",
        "since": "3",
        "target": "D001=4",
    },
    "adjust": {"district": "甲县", "indicator": "培训", "by": "-20", "document": "1号"},
    "merge": {"district": "丁县", "into": "甲县", "document": "1号"},
    "rename": {"district": "丁县", "name": "丁市"},
}
VERBS = {"split": "add-district", "merge": "change-district", "rename": "change-district"}


class Opened:
    """The programme with its master open: each verb finds it as another process would."""

    def __init__(self, year):
        self.year = year
        self.book = import_xlwings().Book(str(year.folder / MASTER))

    def host(self):
        return ExcelHost(self.book)

    def verb(self, verb, month="2024-03", /, **options):
        self.year.live = self.host()
        return self.year.verb(verb, month, **options)

    def shown(self):
        self.year.live = self.host()
        return everything(self.year)

    def type(self, block, where, value):
        self.book.sheets[self.host().block(block).sheet].range(where).raw_value = value


@pytest.fixture
def opened(year, excel):
    return Opened(year)


def change(programme, name):
    return programme.verb(VERBS.get(name, name), "2024-03", **CHANGES[name])


def everything(year):
    """All that a person sees of the master but the journal, merged cells and names included."""
    host = year.open_programme().host
    out = BytesIO()
    if year.live:
        path = year.folder / "看.xlsx"
        host.book.save(path)
        out.write(path.read_bytes())
        path.unlink()
    else:
        out.write((year.folder / MASTER).read_bytes())
    book = load_workbook(out)
    cells = {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format, cell.fill.fgColor.rgb)
        for sheet in book
        if sheet.title not in LISTS
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    merged = {(s.title, str(area)) for s in book for area in s.merged_cells.ranges}
    names = {name: each.attr_text for name, each in book.defined_names.items()}
    return cells, merged, names


def differences(one, other):
    cells = one[0].keys() | other[0].keys()
    return [
        *(
            (at, one[0].get(at), other[0].get(at))
            for at in cells
            if one[0].get(at) != other[0].get(at)
        ),
        *(one[1] ^ other[1]),
        *(one[2].items() ^ other[2].items()),
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_in_the_open_master_each_change_goes_after_a_recompute_and_its_undo(opened, name):
    before, ledger = opened.shown(), opened.year.recorded()
    change(opened, name)
    assert differences(before, opened.shown())
    opened.verb("recompute", "2024-02")
    opened.verb("undo")
    report = opened.verb("undo")
    assert (report.data["undone"]["verb"], report.clean) == (VERBS.get(name, name), True)
    assert differences(before, opened.shown()) == []
    assert opened.year.recorded() == ledger
    block = opened.host().block(STATUS_BLOCK)
    assert CHANGES[name].get("name") not in [cell.value for cell in block.cells.values()]
    assert opened.verb("recompute", "2024-02").data["formulas"]["disagreements"] == []


@pytest.mark.parametrize("name", CHANGES)
def test_in_the_file_likewise(year, name):
    before = everything(year)
    change(year, name)
    year.run("recompute", "2024-02")
    year.run("recompute", "2024-01")
    assert [year.verb("undo").data["undone"]["verb"] for _ in range(3)][:2] == ["recompute"] * 2
    assert differences(before, everything(year)) == []
    assert year.recorded() == []
    sound(year)


def test_two_changes_with_recomputes_between_go_one_by_one(year):
    before = everything(year)
    for name in ("add-district", "adjust"):
        change(year, name)
        year.run("recompute", "2024-02")
    year.verb("undo")
    year.verb("undo")
    assert (len(year.config().districts), year.recorded()) == (5, [])
    year.run("recompute", "2024-02")
    for _ in range(3):
        year.verb("undo")
    assert differences(before, everything(year)) == []


def edit(year, sheet, cells):
    master = year.folder / MASTER
    master.write_bytes(edit_master({sheet: cells}, master.read_bytes()))


def test_a_file_that_was_saved_since_is_opened_and_the_button_does_what_the_message_says(
    year, excel
):
    before = everything(year)
    change(year, "add-district")
    edit(year, "区县名录", {(5, 4): "新@x.test"})
    as_it_was = (year.folder / MASTER).read_bytes()
    with pytest.raises(Refused, match="请在 Excel 里打开主表，点功能区“撤销”"):
        year.verb("undo")
    assert (year.folder / MASTER).read_bytes() == as_it_was
    opened = Opened(year)
    opened.verb("undo")
    [(where, _, now)] = differences(before, opened.shown())
    assert (where, now[0]) == (("区县名录", "D5"), "新@x.test")


def test_a_file_without_new_rows_is_put_back_though_staff_changed_it_elsewhere(year):
    before = everything(year)
    change(year, "adjust")
    edit(year, "区县名录", {(5, 4): "新@x.test"})
    year.verb("undo")
    assert [where for where, *_ in differences(before, everything(year))] == [("区县名录", "D5")]
    assert year.recorded() == []
    sound(year)


def test_what_staff_typed_in_a_new_row_stands_in_the_way_until_it_is_gone(opened):
    before = opened.shown()
    change(opened, "add-district")
    matrix, _ = locate_matrix(opened.host().block(TARGETS_BLOCK))
    at = matrix.rows["D900"], matrix.columns["I02"]
    opened.type(TARGETS_BLOCK, at, 7)
    as_it_was = opened.shown()
    with pytest.raises(Refused, match=f"任务表!{a1.cell_name(*at)}：.*填了“7”.*改回“空”"):
        opened.verb("undo")
    assert differences(as_it_was, opened.shown()) == []
    opened.type(TARGETS_BLOCK, at, None)
    opened.verb("undo")
    assert differences(before, opened.shown()) == []


def test_a_formula_that_needs_a_new_row_stands_in_the_way_until_it_is_gone(opened):
    before = opened.shown()
    change(opened, "add-district")
    matrix, _ = locate_matrix(opened.host().block(CUMULATIVE_BLOCK))
    row = matrix.rows["D900"]
    opened.book.sheets["区县名录"].range("M3").formula = f"=累计完成!C{row}*2"
    with pytest.raises(Refused, match="区县名录!M3：.*#REF!"):
        opened.verb("undo")
    opened.book.sheets["区县名录"].range("M3").formula = f"=SUM(累计完成!C{row - 1}:C{row})"
    opened.verb("undo")
    [(where, _, now)] = differences(before, opened.shown())
    assert (where, now[0]) == (("区县名录", "M3"), f"=SUM(累计完成!C{row - 1}:C{row - 1})")


def test_rows_that_staff_put_in_since_stand_in_the_way_until_they_are_gone(opened):
    before = opened.shown()
    change(opened, "add-district")
    sheet = opened.book.sheets["累计完成"]
    sheet.range("A7:B7").api  # noqa: B018
    sheet.range((7, 1), (7, a1.MAX_COLUMN)).insert("down")
    with pytest.raises(Refused, match="“累计完成”在这次变动以后又有行列增减"):
        opened.verb("undo")
    sheet.range((7, 1), (7, a1.MAX_COLUMN)).delete("up")
    opened.verb("undo")
    assert differences(before, opened.shown()) == []


def test_a_cell_that_staff_changed_since_is_left_and_told(opened):
    change(opened, "rename")
    block = opened.host().block(DISTRICTS_BLOCK)
    at = next(at for at, cell in block.cells.items() if cell.value == "丁市")
    opened.type(DISTRICTS_BLOCK, at, "丁新区")
    report = opened.verb("undo")
    assert [(p["code"], p["cell"]) for p in report.data["problems"]] == [
        ("changed-since", a1.cell_name(*at))
    ]
    assert opened.host().block(DISTRICTS_BLOCK).cells[at].value == "丁新区"


def test_excel_that_refuses_half_way_is_asked_again(opened, monkeypatch):
    before = opened.shown()
    change(opened, "add-district")
    done, remove = [], insert.remove_lines

    def busy(sheet, numbers, *, rows):
        if len(done) == 3:
            raise Refused("正在编辑单元格")
        done.append(sheet.name)
        remove(sheet, numbers, rows=rows)

    monkeypatch.setattr(insert, "remove_lines", busy)
    with pytest.raises(Refused, match="正在编辑"):
        opened.verb("undo")
    monkeypatch.undo()
    assert opened.verb("undo").data["undone"]["verb"] == "add-district"
    assert differences(before, opened.shown()) == []


def test_a_master_that_was_closed_without_saving_has_nothing_to_take_back(opened):
    before = opened.shown()
    change(opened, "add-district")
    opened.year.live = None
    assert opened.year.verb("undo").data["changes"] == []
    assert differences(before, everything(opened.year)) == []


def test_what_was_typed_below_a_list_stands_there_again(opened):
    block = opened.host().block(DISTRICTS_BLOCK)
    row = block.area[2] + 1
    for column, value in enumerate(("D900", "高新区"), 1):
        opened.type(DISTRICTS_BLOCK, (row, column), value)
    before = opened.shown()
    opened.verb("amend")
    opened.verb("undo")
    assert differences(before, opened.shown()) == []
    assert "D900" in [d.code for d in read_config(Preview(opened.host())).districts]


def test_without_what_was_kept_nothing_is_undone(year):
    change(year, "adjust")
    shutil.rmtree(year.folder / BACKUPS)
    with pytest.raises(Refused, match="没有保存"):
        year.verb("undo")
    assert len(year.recorded()) == 1


def test_a_rehearsal_changes_nothing(opened):
    change(opened, "add-district")
    before = opened.shown()
    assert opened.verb("undo", rehearse=True).data["changes"]
    assert differences(before, opened.shown()) == []
