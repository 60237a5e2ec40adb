"""A change of the year is taken back, after a recompute too: in the file as a whole, in the open master cell by cell.

Proves also services/change_record.py and services/before_change.py.
"""

from __future__ import annotations

import shutil

import pytest
from openpyxl import load_workbook

from tests.tools.masters import edit_master
from tests.verbs.test_change_district import sound
from xl_addin.master.host import insert
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.read.blocks import locate_matrix
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
from xl_addin.xlsx.workbook import Workbook

EVERYWHERE = (1, 1, a1.MAX_ROW, a1.MAX_COLUMN)
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

    @property
    def host(self):
        return ExcelHost(self.book)

    def verb(self, verb, month="2024-03", /, **options):
        self.year.live = self.host
        return self.year.verb(verb, month, **options)

    def shown(self):
        cells = {name: self.host.cells(name, EVERYWHERE) for name in self.book.sheet_names}
        return flat(cells), {name.name: name.refers_to for name in self.book.names}

    def type(self, block, where, value):
        self.book.sheets[self.host.block(block).sheet].range(where).raw_value = value

    def refused(self, says):
        """The undo is refused with these words, and nothing is changed."""
        before = self.shown()
        with pytest.raises(Refused, match=says):
            self.verb("undo")
        assert differences(before, self.shown()) == []


@pytest.fixture
def opened(year, excel):
    assert not excel.notes_on("alert")
    return Opened(year)


def change(programme, name):
    return programme.verb(VERBS.get(name, name), "2024-03", **CHANGES[name])


def flat(cells):
    """What stands in each cell by (sheet, row, column), but for the lists that are always written anew."""
    return {
        (sheet, *at): f"={cell.formula}" if cell.formula is not None else rounded(cell.value)
        for sheet, found in cells.items()
        for at, cell in found.items()
        if sheet not in LISTS
    }


def rounded(value):
    """As LibreOffice saves it."""
    return round(value, 12) if isinstance(value, float) else value


def shown(year):
    book = Workbook.open((year.folder / MASTER).read_bytes())
    return flat({name: book.sheet(name).cells for name in book.sheet_names}), book.names


def looks(book, path):
    """Merged cells, and the look of every cell that holds something."""
    book.save(path)
    found = load_workbook(path)
    return {(s.title, str(area)) for s in found for area in s.merged_cells.ranges} | {
        (s.title, cell.coordinate, cell.number_format, cell.fill.fgColor.rgb, cell.font.b)
        for s in found
        if s.title not in LISTS
        for row in s.iter_rows()
        for cell in row
        if cell.value is not None
    }


def differences(one, other):
    return [
        (key, was.get(key), now.get(key))
        for was, now in zip(one, other, strict=True)
        for key in sorted(was.keys() | now.keys())
        if was.get(key) != now.get(key)
    ]


def test_in_the_open_master_rows_and_columns_go_after_a_recompute_and_its_undo(opened, tmp_path):
    before, look = opened.shown(), looks(opened.book, tmp_path / "前.xlsx")
    change(opened, "add-indicator")
    assert differences(before, opened.shown())
    opened.verb("recompute", "2024-02")
    opened.verb("undo")
    report = opened.verb("undo")
    assert (report.data["undone"]["verb"], report.clean) == ("add-indicator", True)
    assert differences(before, opened.shown()) == []
    assert looks(opened.book, tmp_path / "后.xlsx") == look
    assert opened.year.recorded() == []
    assert opened.verb("recompute", "2024-02").data["formulas"]["disagreements"] == []


@pytest.mark.parametrize("name", CHANGES)
def test_in_the_file_each_change_goes_after_recomputes_and_their_undo(year, name):
    before = shown(year)
    change(year, name)
    year.run("recompute", "2024-02")
    year.run("recompute", "2024-01")
    assert [year.verb("undo").data["undone"]["verb"] for _ in range(3)][:2] == ["recompute"] * 2
    assert differences(before, shown(year)) == []
    assert year.recorded() == []
    sound(year)


def test_two_changes_with_recomputes_between_go_one_by_one(year):
    before = shown(year)
    for name in ("add-district", "adjust"):
        change(year, name)
        year.run("recompute", "2024-02")
    year.verb("undo")
    year.verb("undo")
    assert (len(year.config().districts), year.recorded()) == (5, [])
    year.run("recompute", "2024-02")
    for _ in range(3):
        year.verb("undo")
    assert differences(before, shown(year)) == []


def edit(year, sheet, cells):
    master = year.folder / MASTER
    master.write_bytes(edit_master({sheet: cells}, master.read_bytes()))


def test_a_file_that_was_saved_since_is_opened_and_the_button_does_what_the_message_says(
    year, excel
):
    row = year.open_programme().host.block(DISTRICTS_BLOCK).area[2] + 1
    edit(year, "区县名录", {(row, 1): "D900", (row, 2): "高新区"})
    before = shown(year)
    year.verb("amend")
    edit(year, "区县名录", {(5, 4): "新@x.test"})  # which is no address, and no reason to refuse
    as_it_was = (year.folder / MASTER).read_bytes()
    with pytest.raises(Refused, match="请在 Excel 里打开主表，点功能区“撤销”"):
        year.verb("undo")
    assert (year.folder / MASTER).read_bytes() == as_it_was
    opened = Opened(year)
    opened.verb("undo")
    opened.book.save()
    assert excel.state("calculation") == "automatic"
    cells, was = shown(year)[0], before[0]
    plain = {at for at in cells.keys() | was.keys() if not str(was.get(at)).startswith("=")}
    assert {at for at in plain if cells.get(at) != was.get(at)} == {("区县名录", 5, 4)}


@pytest.mark.parametrize("name", ["adjust", "rename"])
def test_a_file_that_was_saved_since_is_put_back_cell_by_cell_where_no_row_is_new(year, name):
    before = shown(year)
    change(year, name)
    edit(year, "区县名录", {(5, 4): "新@x.test"})
    assert year.verb("undo").clean
    assert [(where, now) for where, _, now in differences(before, shown(year))] == [
        (("区县名录", 5, 4), "新@x.test")
    ]
    assert year.recorded() == []


def test_a_cell_that_staff_changed_since_is_left_and_told(year):
    change(year, "rename")
    block = year.open_programme().host.block(DISTRICTS_BLOCK)
    at = next(at for at, cell in block.cells.items() if cell.value == "丁市")
    edit(year, "区县名录", {at: "丁新区"})
    report = year.verb("undo")
    assert [(p["code"], p["cell"]) for p in report.data["problems"]] == [
        ("changed-since", a1.cell_name(*at))
    ]
    assert year.open_programme().host.block(DISTRICTS_BLOCK).cells[at].value == "丁新区"


def test_what_stands_in_the_way_in_the_open_master_is_named_and_when_it_is_gone_undo_goes(
    opened, monkeypatch
):
    before = opened.shown()
    change(opened, "split")
    matrix, _ = locate_matrix(opened.host.block(TARGETS_BLOCK))
    at = matrix.rows["D900"], matrix.columns["I02"]
    opened.type(TARGETS_BLOCK, at, 7)
    opened.refused(f"任务表!{a1.cell_name(*at)}：.*填了“7”.*改回“空”")
    opened.type(TARGETS_BLOCK, at, None)

    row = locate_matrix(opened.host.block(CUMULATIVE_BLOCK))[0].rows["D900"]
    mine = opened.book.sheets["区县名录"].range("M3")
    mine.formula = f"=累计完成!C{row}*2"
    opened.refused(r"区县名录!M3：.*#REF!")
    mine.formula = f"=SUM(累计完成!C{row - 1}:C{row})"  # such a range shrinks

    between = opened.book.sheets["累计完成"].range((7, 1), (7, a1.MAX_COLUMN))
    between.insert("down")
    opened.refused("“累计完成”在这次变动以后又有行列增减")
    opened.book.sheets["累计完成"].range((7, 1), (7, a1.MAX_COLUMN)).delete("up")

    assert opened.verb("undo", rehearse=True).data["changes"]
    done, remove = [], insert.remove_lines

    def busy(carrier, sheet, numbers, *, rows):
        if len(done) == 3:
            raise Refused("正在编辑单元格")
        done.append(sheet)
        remove(carrier, sheet, numbers, rows=rows)

    monkeypatch.setattr(insert, "remove_lines", busy)
    with pytest.raises(Refused, match="正在编辑"):
        opened.verb("undo")
    monkeypatch.undo()
    assert opened.verb("undo").data["undone"]["verb"] == "add-district"
    wanted = (("区县名录", 3, 13), None, f"=SUM(累计完成!C{row - 1}:C{row - 1})")
    assert differences(before, opened.shown()) == [wanted]
    listed = [cell.value for cell in opened.host.block(STATUS_BLOCK).cells.values()]
    assert "高新区" not in listed
    assert opened.year.recorded() == []


def test_a_master_that_was_closed_without_saving_has_nothing_to_take_back(year):
    before = (year.folder / MASTER).read_bytes()
    change(year, "split")
    for kept in (year.folder / BACKUPS).glob("变动前-*"):
        kept.unlink()  # of an open master none is kept
    (year.folder / MASTER).write_bytes(before)
    assert year.verb("undo").data["changes"] == []
    assert year.recorded() == []
    sound(year)


def test_without_what_was_kept_nothing_is_undone(year):
    change(year, "adjust")
    shutil.rmtree(year.folder / BACKUPS)
    with pytest.raises(Refused, match="没有保存"):
        year.verb("undo")
    assert len(year.recorded()) == 1
