"""A month in which districts write: what is listed, noted on cells, asked again, kept and brought back.

Proves also services/lists.py: 各区县说明 and 区县说明 on 问题清单.
"""

import hashlib
import io
import shutil

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.validator import missing_validator, validate
from xl_addin.master.host.base import NOTE_HEAD
from xl_addin.model.folder import LEDGER, MASTER
from xl_addin.model.sheets import MONTH_SHEET, PROBLEMS_BLOCK, TEXTS_BLOCK
from xl_addin.store.integrity import compare_ledgers
from xl_addin.store.ledger import Ledger

JANUARY, FEBRUARY = MONTHS[:2]


@pytest.fixture
def programme(tmp_path):
    return SmallProgramme(tmp_path / "任务")


def send(programme, district, comments=None, cells=None, figures=FIGURES, month=JANUARY):
    """A return with comments and further cells, saved as an office would."""
    book = load_workbook(io.BytesIO(programme.form(district, figures, month)))
    sheet = book["任务进度"]
    for cell, text in (comments or {}).items():
        sheet[cell].comment = Comment(text, "李红")
    for cell, value in (cells or {}).items():
        sheet[cell] = value
    out = io.BytesIO()
    book.save(out)
    programme.put(f"{district}.xlsx", out.getvalue(), month=month)


def notes(programme):
    sheet = load_workbook(programme.folder / MASTER)[MONTH_SHEET]
    cells = (cell for row in sheet.iter_rows() for cell in row)
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment}


def annotate_by_hand(programme, cell, text):
    """What Excel does when staff put a note on a cell of 本月完成, as far as the package goes."""
    from xl_addin.xlsx.a1 import position
    from xl_addin.xlsx.notes import change_notes
    from xl_addin.xlsx.package import pack, unpack
    from xl_addin.xlsx.workbook import Workbook

    path = programme.folder / MASTER
    parts = unpack(path.read_bytes())
    part = Workbook(parts).sheet_part(MONTH_SHEET)
    change_notes(parts, part, (), {position(cell): text}, "王五")
    path.write_bytes(pack(parts.values()))


@pytest.fixture
def month(programme):
    """Two districts wrote something, one nothing; January is computed."""
    send(programme, 0, {"F7": "李红:\n实际为 7 人"}, {"I7": "停课半月", "D3": "李红"})
    send(programme, 1, {}, {"I8": "新开三个班"}, {**FIGURES, "I02": 6, "I03": 1})
    send(programme, 2, {}, {"I7": "多了些"}, {**FIGURES, "I01": 2000})
    programme.collect()
    programme.run("recompute")
    return programme


def test_what_districts_wrote_is_listed_with_its_place(month):
    columns = ("区县", "指标", "内容", "原文", "单元格")
    assert list(zip(*(month.listed(TEXTS_BLOCK, each) for each in columns), strict=True)) == [
        ("甲县", "培训", "说明", "停课半月", "I7"),
        ("甲县", "培训", "批注", "实际为 7 人", "F7"),
        ("乙县", "就业", "说明", "新开三个班", "I8"),
        ("丙县", "培训", "说明", "多了些", "I7"),
        ("甲县", None, "填报人", "李红", "D3"),
    ]
    told = ("规则代码", "区县说明")
    assert set(zip(*(month.listed(PROBLEMS_BLOCK, each) for each in told), strict=True)) == {
        ("number-in-comment", "停课半月"),
        ("far-above-target", "多了些"),
    }


def test_the_cell_of_a_figure_says_what_its_district_wrote(month):
    found = notes(month)
    assert found == {
        "C7": f"{NOTE_HEAD}\n说明：停课半月\n批注 F7：实际为 7 人",
        "D8": f"{NOTE_HEAD}\n说明：新开三个班",
        "C9": f"{NOTE_HEAD}\n说明：多了些",
    }
    if not missing_validator():
        assert validate(month.folder / MASTER) == []


def test_staff_notes_stay_and_keep_their_cell(month):
    annotate_by_hand(month, "C8", "我们自己的")
    before = notes(month)
    month.run("recompute")
    assert notes(month) == before
    send(month, 1, {}, {"I7": "停了两周课"}, {**FIGURES, "I02": 7})
    month.collect()
    month.run("recompute")
    found = notes(month)
    assert found["C8"] == "我们自己的"
    assert "D8" not in found


def test_another_month_has_its_own_notes_and_undo_brings_back_those_before(month):
    before = notes(month)
    send(month, 1, {}, {"I9": "二月的话"}, month=FEBRUARY)
    month.collect(FEBRUARY)
    month.run("recompute", FEBRUARY)
    assert notes(month) == {"E8": f"{NOTE_HEAD}\n说明：二月的话"}
    month.run("undo")
    assert notes(month) == before


def test_notes_that_are_gone_leave_nothing_behind(month):
    month.run("recompute", FEBRUARY)
    assert notes(month) == {}
    with io.BytesIO((month.folder / MASTER).read_bytes()) as data:
        import zipfile

        assert not [n for n in zipfile.ZipFile(data).namelist() if "omment" in n or "vml" in n]
    month.run("recompute", JANUARY)
    assert len(notes(month)) == 3


def test_a_month_without_texts_leaves_the_sheet_as_it_was(programme):
    """Not a byte of 本月完成 but its figures."""
    send(programme, 0)
    programme.collect()
    programme.run("recompute")
    from xl_addin.xlsx.package import unpack

    parts = unpack((programme.folder / MASTER).read_bytes())
    assert not [name for name in parts if "comments" in name or name.endswith(".vml")]


def test_a_second_recompute_changes_no_note_and_adds_no_part(month):
    from xl_addin.xlsx.package import inflate, unpack

    def parts():
        found = unpack((month.folder / MASTER).read_bytes())
        return {n: hashlib.sha256(inflate(p)).digest() for n, p in found.items()}

    before = parts()
    month.run("recompute")
    after = parts()
    assert after.keys() == before.keys()
    for name in after:
        if "comment" in name or "vml" in name or name.endswith(".rels"):
            assert after[name] == before[name]


def test_a_ledger_rebuilt_from_the_archive_has_the_same_texts(month):
    kept = month.folder.parent / "before.db"
    shutil.copy(month.folder / LEDGER, kept)
    month.run("rebuild")
    ours, theirs = Ledger(kept), Ledger(month.folder / LEDGER)
    found = [difference for table in compare_ledgers(ours, theirs) for difference in table]
    ours.close()
    theirs.close()
    assert [each for each in found if each.table == "texts"] == []


def test_collect_tells_the_texts_of_each_return(programme):
    send(programme, 0, {}, {"I7": "停课半月"})
    [found] = programme.collect().values()
    assert found["texts"] == [
        {
            "field": "remark",
            "indicator": "I01",
            "sheet": "任务进度",
            "cell": "I7",
            "text": "停课半月",
        }
    ]
