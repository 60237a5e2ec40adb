"""A master full of what the program knows nothing of goes through every verb that writes it."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools import masters
from tests.tools.foreignmaster import STAFF_FORMULAS, STAFF_SHEET, PackageEditor, foreign_master
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.parts import (
    cached_values,
    parse_part,
    read_parts,
    read_relationships,
    read_sheets,
    write_parts,
)
from tests.tools.tables import workbook
from xl_addin import verbs
from xl_addin.master.host.base import NOTE_HEAD, Change
from xl_addin.model.folder import COMPARISONS, LEDGER, MASTER
from xl_addin.model.records import Figure, Problem, Receipt, Text
from xl_addin.model.sheets import (
    BINDING_BLOCK,
    BOARD_SHEET,
    COMPARISON_BLOCK,
    COMPARISON_HEAD_BLOCK,
    CUMULATIVE_SHEET,
    DEFINED_NAMES,
    DISTRICT_PAGE_SHEET,
    JOURNAL_BLOCK,
    JOURNAL_SHEET,
    MASTER_SHEETS,
    MONTH_BLOCK,
    MONTH_SHEET,
    PENDING_BLOCK,
    PROBLEMS_SHEET,
    SLIPS_BLOCK,
    STATUS_SHEET,
    SUMMARY_SHEET,
    TARGETS_BLOCK,
    TRAIL_SHEET,
    TREND_SHEET,
    VARIANCE_SHEET,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.store.ledger import Ledger
from xl_addin.verbs import function_of, recompute
from xl_addin.xlsx import a1
from xl_addin.xlsx.notes import read_sheet_notes
from xl_addin.xlsx.package import unpack
from xl_addin.xlsx.workbook import Workbook

MONTH = "2023-03"
# Every verb that writes the master, and how it is asked to. A new one belongs here.
WRITERS = {
    "recompute": Request(month=MONTH),
    "attach": Request(),
    "settle": Request(),
    "trace": Request(month=MONTH, options={"indicator": "I01"}),
    "compare": Request(month=MONTH),
    "supervise": Request(month=MONTH),
    "undo": Request(),
}
# What recompute gives values to, or calculating on opening does.
CALCULATED = (DISTRICT_PAGE_SHEET, TRAIL_SHEET)
SHOWN = {
    area.name
    for sheet in MASTER_SHEETS
    for area in sheet.areas
    if area.name.startswith("blk_") and (area.recomputed or sheet.name in CALCULATED)
} | {
    TARGETS_BLOCK,
    PENDING_BLOCK,
    JOURNAL_BLOCK,
    COMPARISON_BLOCK,
    COMPARISON_HEAD_BLOCK,
    SLIPS_BLOCK,
}
CELLS = {
    name
    for name in DEFINED_NAMES
    if name.startswith(("cell_month", "cell_board", "cell_page", "note_"))
} | {BINDING_BLOCK}


def receipts():
    """Three districts report every month, the return of one is held."""
    doubt = Problem("wrong-month", "error", "任务进度", "B2", "2023-02", "月份不符")
    yield Receipt(
        "b" * 64, "忠县.xlsx", f"{MONTH}-27 09:00:00", "500240", MONTH, 1, "held", (doubt,)
    )
    for month in ("2023-01", "2023-02", "2023-03"):
        for number, code in enumerate(("500101", "500233", "5001LJ"), 1):
            figures = tuple(
                Figure(item.code, "number", 5 * number + at, "F7", item.measure)
                for at, item in enumerate(masters.INDICATORS)
            )
            at = f"{month}-28 09:00:00"
            yield Receipt(f"{month}{code}", "表.xlsx", at, code, month, 1, "accepted", (), figures)


@pytest.fixture
def folder(tmp_path):
    """A programme whose master is the foreign one."""
    folder = tmp_path / "年度 任务"
    folder.mkdir()
    (folder / MASTER).write_bytes(foreign_master())
    theirs = [
        ["2023年1-3月情况"],
        ["区县", masters.INDICATORS[0].path[-1]],
        ["忠县", 5],
        ["万州区", 6],
    ]
    (folder / COMPARISONS).mkdir()
    (folder / COMPARISONS / "别的部门.xlsx").write_bytes(workbook({"表": theirs}))
    ledger = Ledger.create(folder / LEDGER, masters.YEAR, "2023-01-01 00:00:00")
    with ledger.writing():
        ledger.add_receipts(list(receipts()), MONTH)
        ledger.add_event("2023-03-28 10:00:00", "collect", MONTH, "收集", "")
    ledger.close()
    return folder


def run(folder, name="recompute"):
    programme = Programme(folder)
    try:
        return function_of(name)(programme, WRITERS[name])
    finally:
        programme.close()


def owned(data):
    """The cells by sheet that verbs may write: what lies in the blocks, without the headings."""
    names = Workbook.open(data).names
    found = {}
    for name in SHOWN | CELLS:
        sheet, (top, left, bottom, right) = a1.split_reference(names[name])
        inside = name in SHOWN
        found.setdefault(sheet, set()).update(
            (row, column)
            for row in range(top + inside, bottom + 1)
            for column in range(left, right + 1)
        )
    return found


_CELL = re.compile(r'<c r="([A-Z]+\d+)"(?:[^>]*[^/>])?(?:/>|>.*?</c>)', re.DOTALL)


def apart(text, mine):
    """A sheet without the owned cells, and what went with them; the other cells by address."""
    others = {}

    def take(match):
        if a1.position(match[1]) in mine:
            return ""
        others[match[1]] = match[0]
        return f"<{match[1]}>"

    bare = _CELL.sub(take, text)
    bare = re.sub(r'<row r="\d+"></row>', "", re.sub(r' spans="[^"]*"', "", bare))
    return re.sub(r'<dimension ref="[^"]*"/>', "", bare), others


def test_every_verb_that_saves_a_master_is_among_the_writers():
    folder = Path(verbs.__file__).parent
    saving = {
        path.stem.removesuffix("_")
        for path in folder.glob("*.py")
        if re.search(r"\bhost\b.*\.save\(|\bhost\.save\(", path.read_text(encoding="utf-8"))
    }
    assert saving <= WRITERS.keys()


@pytest.mark.parametrize("verb", sorted(WRITERS))
def test_only_owned_cells_change(folder, verb):
    if verb in ("undo", "supervise"):
        run(folder)
    before = read_parts(folder / MASTER)
    mine = owned((folder / MASTER).read_bytes())
    run(folder, verb)
    after = read_parts(folder / MASTER)
    assert list(after) == list(before)
    changed = {name for name in before if before[name] != after[name]}
    assert changed or verb == "attach"
    names = {sheet.part: sheet.name for sheet in read_sheets(before)}
    assert changed - names.keys() <= {"xl/workbook.xml"}
    mark = b' fullCalcOnLoad="1"'
    was, now = (parts["xl/workbook.xml"].replace(mark, b"") for parts in (before, after))
    assert now == was
    stale = {
        (own.sheet, ref) for own in STAFF_FORMULAS if own.stale for ref in (own.cell, *own.also)
    }
    for part in changed & names.keys():
        sheet = names[part]
        was, its = apart(before[part].decode(), mine.get(sheet, set()))
        now, theirs = apart(after[part].decode(), mine.get(sheet, set()))
        assert now == was
        for ref in its.keys() | theirs.keys():
            emptied = re.sub(r' t="\w+"(?=[^>]*><f)|<v>[^<]*</v>', "", its[ref])
            allowed = {its[ref], emptied} if (sheet, ref) in stale else {its[ref]}
            assert theirs[ref] in allowed


# What openpyxl says of the parts that it does not know.
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_formulas_of_staff_show_nothing_rather_than_the_number_before(folder):
    before = cached_values(folder / MASTER)
    run(folder)
    after = cached_values(folder / MASTER)
    gone = {key for key in before if before[key] not in (None, "") and after[key] is None}
    assert gone == {(own.sheet, own.cell) for own in STAFF_FORMULAS if own.stale}
    kept = {(own.sheet, own.cell) for own in STAFF_FORMULAS if not own.stale}
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    values = load_workbook(folder / MASTER, data_only=True)[STAFF_SHEET]
    assert [values[ref].value for ref in ("B2", "C2", "C3", "D3", "B4", "B7")] == [
        None,
        None,
        None,
        None,
        480,
        1,
    ]


def test_libreoffice_shows_true_numbers_when_it_next_opens_the_master(folder, office, tmp_path):
    run(folder)
    opened = office.convert(folder / MASTER, tmp_path, ".xlsx")
    shown = cached_values(opened)
    true = office.recalculate(folder / MASTER)
    for own in STAFF_FORMULAS:
        value = true[own.sheet, own.cell]
        if value.error:
            assert own.kind == "e"
        else:
            assert shown[own.sheet, own.cell] == pytest.approx(value.value), own
    assert true[STAFF_SHEET, "B2"].value == 2 * (3 * (5 + 10 + 15))
    assert true[STAFF_SHEET, "B3"].value == 181


def test_the_foreign_master_is_sound_before_and_after(folder, validator):
    path = folder / MASTER
    # Excel would have made a VBA module for the sheet that staff added.
    known = ["code-name-module: Sheet90 has no VBA module"]
    assert (validator(path), lint(path)) == ([], known)
    run(folder)
    assert (validator(path), lint(path)) == ([], known)


@pytest.mark.parametrize("month", ["2023-01", "2023-03", "2023-12"])
def test_what_is_computed_here_agrees_with_libreoffice(folder, office, month):
    programme = Programme(folder)
    recompute.run(programme, Request(month=month))
    programme.close()
    path = folder / MASTER
    theirs = {
        (own.sheet, ref) for own in STAFF_FORMULAS if own.stale for ref in (own.cell, *own.also)
    }
    assert [d for d in disagreements(path, office) if (d.sheet, d.cell) not in theirs] == []


def with_value(path, sheet, ref, value):
    """What Excel calculated and saved: the value of a formula that had none."""
    parts = read_parts(path)
    part = next(each.part for each in read_sheets(parts) if each.name == sheet)
    text = parts[part].decode()
    saved = re.sub(rf'(<c r="{ref}"[^>]*><f>[^<]*</f>)(</c>)', rf"\1<v>{value}</v>\2", text)
    assert saved != text
    write_parts(path, {**parts, part: saved.encode()})


def test_undone_totals_leave_no_number_of_the_totals_behind(folder, office):
    """Staff have formulas of their own in 汇总 and beside it; Excel calculates and saves in between."""
    path = folder / MASTER
    editor = PackageEditor(read_parts(path))
    editor.swap("xl/workbook.xml", "$A$4:$X$9<", "$A$4:$Y$9<")
    part = editor.part_of(SUMMARY_SHEET)
    editor.cell(part, "Y5", '<c r="Y5" S><f>N(H5)/10</f><v>0</v></c>')
    editor.cell(part, "Y6", '<c r="Y6" S><f>N(H6)/10</f></c>')
    write_parts(path, editor.parts)
    run(folder)
    with_value(path, STAFF_SHEET, "B2", 180)
    with_value(path, SUMMARY_SHEET, "Y5", 9)
    run(folder, "undo")
    values = cached_values(path)
    assert values[SUMMARY_SHEET, "H5"] == ""
    assert [
        values[key] for key in ((STAFF_SHEET, "B2"), *((SUMMARY_SHEET, f"Y{n}") for n in (5, 6)))
    ] == [None, None, None]
    theirs = {
        (own.sheet, ref) for own in STAFF_FORMULAS if own.stale for ref in (own.cell, *own.also)
    }
    theirs |= {(SUMMARY_SHEET, "Y5"), (SUMMARY_SHEET, "Y6")}
    assert [
        d
        for d in disagreements(path, office)
        if (d.sheet, d.cell) not in theirs
        and d.sheet != DISTRICT_PAGE_SHEET  # another may be chosen
    ] == []


def test_what_changes_nothing_writes_nothing(folder):
    """Excel packs its parts otherwise than we do; that is no reason to write them."""
    path = folder / MASTER
    parts = read_parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    before = path.read_bytes()
    programme = Programme(folder)
    block = programme.host.block(MONTH_BLOCK)
    top, left = block.area[:2]
    blank, known = (top + 1, left + 2), (top + 1, left + 1)
    same = {blank: None, known: block.cells[known].value}
    programme.host.apply([Change(block.sheet, same, {})])
    programme.host.save()
    assert path.read_bytes() == before


def test_a_second_run_changes_nothing_but_the_journal(folder):
    run(folder)
    before = read_parts(folder / MASTER)
    run(folder)
    after = read_parts(folder / MASTER)
    parts = {sheet.name: sheet.part for sheet in read_sheets(before)}
    changed = {name for name in before if before[name] != after[name]}
    # 看板 says in its second line at which minute it was computed.
    board = parts[BOARD_SHEET]
    line = {(2, column) for column in range(1, 9)}
    was, now = (apart(each[board].decode(), line) for each in (before, after))
    assert now == was
    assert changed - {board} == {parts[JOURNAL_SHEET]}


def test_a_workbook_without_calculation_settings_gets_the_mark(folder):
    path = folder / MASTER
    parts = read_parts(path)
    bare = parts["xl/workbook.xml"].replace(b'<calcPr calcId="191029"/>', b"")
    write_parts(path, {**parts, "xl/workbook.xml": bare})
    run(folder)
    after = read_parts(path)["xl/workbook.xml"]
    assert b'</definedNames><calcPr fullCalcOnLoad="1"/>' in after
    assert read_relationships(read_parts(path), "xl/workbook.xml")
    assert parse_part(after) is not None


def test_without_formulas_of_their_own_the_workbook_part_stays(folder):
    (folder / MASTER).write_bytes(
        masters.rewrite_master(
            [('<calcPr calcId="124519" fullCalcOnLoad="1"/>', '<calcPr calcId="191029"/>')]
        )
    )
    before = read_parts(folder / MASTER)
    run(folder)
    after = read_parts(folder / MASTER)
    assert before["xl/workbook.xml"] == after["xl/workbook.xml"]
    assert b"fullCalcOnLoad" not in after["xl/workbook.xml"]


STEPS = [
    ["rows", MONTH_SHEET, 8, 2],
    ["rows", SUMMARY_SHEET, 2, 1],
    ["rows", VARIANCE_SHEET, 0, 3],
    ["columns", SUMMARY_SHEET, 7, 2],
    ["columns", CUMULATIVE_SHEET, 3, 1],
    ["columns", TREND_SHEET, 0, 1],
    ["columns", PROBLEMS_SHEET, 4, 1],
    ["columns", JOURNAL_SHEET, 1, 1],
    ["rows", STATUS_SHEET, 7, 1],
    ["rename", SUMMARY_SHEET, "汇总 (改名)"],
    ["rename", JOURNAL_SHEET, "日志"],
    ["move", VARIANCE_SHEET, 0],
    ["move", "汇总 (改名)", 3],
    ["add", "我们的", 2],
]


def test_a_master_that_staff_rearranged_is_written_where_things_stand_now(folder, office, tmp_path):
    path = folder / MASTER
    path.write_bytes(masters.master())
    ledger = Ledger(folder / LEDGER)
    problem = Problem("negative", "error", "任务进度", "F7", "-1", "为负")
    sent = Receipt(
        "f" * 64, "忠县.xlsx", "2023-03-29 08:00:00", "500240", MONTH, 1, "rejected", (problem,)
    )
    with ledger.writing():
        ledger.add_receipts([sent], MONTH)
        ledger.add_event("2023-03-29 10:00:00", "collect", MONTH, "收集", "")
    ledger.close()
    office.rearrange(path, tmp_path / "m.xlsm", STEPS)
    shutil.copy(tmp_path / "m.xlsm", path)
    assert run(folder).data["formulas"]["disagreements"] == []
    assert disagreements(path, office) == []
    book = load_workbook(path, data_only=True)
    summary = {cell.value: cell for cell in book["汇总 (改名)"][5] if cell.value}
    assert (summary["本月完成"].coordinate, summary["累计完成"].coordinate) == ("G5", "J5")
    assert [book["汇总 (改名)"][ref].value for ref in ("G6", "J6")] == [30, 90]
    assert book[PROBLEMS_SHEET]["E5"].value is None
    listed = {
        head.value: cell.value for head, cell in zip(*list(book[PROBLEMS_SHEET])[3:5], strict=True)
    }
    assert (listed["文件"], listed["级别"], listed["单元格"]) == ("忠县.xlsx", "错误", "F7")
    journal = {head.value: cell.value for head, cell in zip(*list(book["日志"])[3:5], strict=True)}
    assert (journal[None], journal["操作"]) == (None, "重算")
    order = ("差异", "我们的", "汇总 (改名)")
    assert [book.sheetnames.index(name) for name in order] == [0, 2, 4]


def test_renamed_and_moved_sheets_keep_their_foreign_content(folder):
    path = folder / MASTER
    parts = read_parts(path)
    renamed = {
        name: re.sub(
            rb"'?" + SUMMARY_SHEET.encode() + rb"'?!", "'汇总 (新)'!".encode(), data
        ).replace(f'name="{SUMMARY_SHEET}"'.encode(), 'name="汇总 (新)"'.encode())
        if name.endswith(".xml")
        else data
        for name, data in parts.items()
    }
    write_parts(path, renamed)
    before = read_parts(path)
    assert run(folder).data["formulas"]["disagreements"] == []
    after = read_parts(path)
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"xl/workbook.xml"} <= {sheet.part for sheet in read_sheets(before)}
    summary = next(sheet for sheet in read_sheets(after) if sheet.name == "汇总 (新)")
    assert summary.part in changed


_ENTRY = re.compile(rb"<(?:comment|v:shape) .*?</(?:comment|v:shape)>", re.DOTALL)


def test_notes_of_ours_stand_beside_comments_threads_and_controls_of_staff(folder, validator):
    """On the very sheet that has all of these: nothing of them is lost, and taken away ours leave none."""
    path = folder / MASTER
    texts = (
        Text("remark", "I01", "任务进度", "I7", "停课半月"),
        Text("comment", "I02", "任务进度", "F8", "<核对>过 & 好"),
    )
    told = [each._replace(texts=texts) for each in receipts() if each.month == MONTH]
    ledger = Ledger(folder / LEDGER)
    with ledger.writing():
        ledger.add_receipts(
            [
                each._replace(received_at=f"{MONTH}-29 09:00:00", sha256=f"x{each.sha256}")
                for each in told
                if each.verdict == "accepted"
            ],
            MONTH,
        )
        ledger.add_event("2023-03-29 10:00:00", "collect", MONTH, "收集", "")
    ledger.close()
    before = read_parts(path)
    run(folder)
    after = read_parts(path)
    known = ["code-name-module: Sheet90 has no VBA module"]
    assert (validator(path), lint(path)) == ([], known)
    book = Workbook.open(path.read_bytes())
    part = book.sheet_part(MONTH_SHEET)
    found = read_sheet_notes(unpack(path.read_bytes()), part)
    assert len([text for text in found.values() if text.startswith(NOTE_HEAD)]) == 6
    changed = {name for name in before if after[name] != before[name]}
    entries = [name for name in changed if "comments" in name]
    drawings = [name for name in changed if name.endswith(".vml")]
    assert (len(entries), len(drawings)) == (1, 1)
    for name in (*entries, *drawings):
        kept = _ENTRY.findall(before[name])
        assert kept
        assert all(piece in after[name] for piece in kept)
    programme = Programme(folder)
    recompute.run(programme, Request(month="2023-01"))
    programme.close()
    left = read_parts(path)
    assert left.keys() == before.keys()
    for name in (*entries, *drawings):
        assert _ENTRY.findall(left[name]) == _ENTRY.findall(before[name])
    assert (validator(path), lint(path)) == ([], known)
