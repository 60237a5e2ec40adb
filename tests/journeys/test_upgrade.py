"""Programmes of released layouts, see tests/data/programmes: their masters are brought up to date.

Proves also master/migrate/*.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.data.programmes.make_programme import fill
from tests.tools import masters
from tests.tools.foreignmaster import STAFF_SHEET, foreign_master
from tests.tools.layouts import layout_differences
from tests.tools.lint import lint
from tests.tools.office import disagreements
from tests.tools.parts import read_parts
from xl_addin.cli import main
from xl_addin.master.build import workbook
from xl_addin.master.build.positions import find_positions
from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.master.build.styles import short_unit
from xl_addin.master.host.base import is_same_formula
from xl_addin.master.host.file import FileHost
from xl_addin.master.macros import binding
from xl_addin.master.migrate import lacks, whole_sheets
from xl_addin.master.migrate.former import FORMER_TEXTS, former_formulas
from xl_addin.master.migrate.lacks import COLUMN, HEADING, ROW, SHEET, find_lacking
from xl_addin.master.read.blocks import find_columns, key_text
from xl_addin.master.read.config import read_config
from xl_addin.model.folder import BACKUPS, FORMS, MASTER, RETURNS
from xl_addin.model.letters import LABELS, SINCE
from xl_addin.model.lights import LIGHTS
from xl_addin.model.mail_settings import MAIL_SETTINGS
from xl_addin.model.result import Result
from xl_addin.model.rules import RULES
from xl_addin.model.settings import SETTINGS
from xl_addin.model.sheets import (
    AREAS,
    BARS_BLOCK,
    BOARD_DATA_SHEET,
    BOARD_SHEET,
    COMPLETION_SHEET,
    CUMULATIVE_BLOCK,
    CUMULATIVE_SHEET,
    DEFINED_NAMES,
    DISTRICTS_SHEET,
    GUIDE_SHEET,
    HOMES,
    JOURNAL_SHEET,
    LAYOUT,
    LETTERS_BLOCK,
    LETTERS_SHEET,
    MASTER_SHEETS,
    PENDING_BLOCK,
    PENDING_SHEET,
    PROBLEMS_SHEET,
    RULES_BLOCK,
    RULES_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
    STATUS_BLOCK,
    STATUS_SHEET,
    SUMMARY_SHEET,
    VARIANCE_SHEET,
    MasterSheet,
    NamedArea,
)
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Outdated, Refused
from xl_addin.verbs import function_of
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.booksheets import names_of, tab_names
from xl_addin.xlsx.workbook import Workbook

KEPT = Path(__file__).parents[1] / "data" / "programmes"
FIRST, LATER = "0.1.0", "0.2.1"
# Later releases carry the number of their layout.
NUMBERED = {"0.3.0": 3, "0.4.0": 4, "0.5.0": 5}
# The month that forms are out for, and what a district has to report in it.
MONTHS = {FIRST: "2023-06", LATER: "2024-02"}
SHOWN = {FIRST: "2023-01", LATER: "2024-01"}
FIGURES = {FIRST: (10, 1, 5, 4, 3, 2, 6, 8, 3, 1, 1), LATER: (10, 5, 2, 0)}
CODES = {
    FIRST: [f"I{number:02}" for number in range(1, 12)],
    LATER: [f"I{number:02}" for number in range(1, 5)],
}
LISTS = (STATUS_SHEET, PROBLEMS_SHEET, JOURNAL_SHEET)  # brought up to date by every recompute
NOW = datetime(2027, 1, 4, 9)
# What staff typed: a deadline, a rule switched off, a letter, a mailbox, a figure beside a table.
TYPED = {
    SETTINGS_SHEET: {(8, 2): 8},
    RULES_SHEET: {(14, 3): "停用"},
    LETTERS_SHEET: {(5, 2): "关于报送{月份}进度的通知"},
    DISTRICTS_SHEET: {(5, 4): "wanzhou@example.com"},
    SUMMARY_SHEET: {(7, 20): "领导要看"},
}


Contents = dict[str, dict[Where, tuple[object, str | None]]]


@pytest.fixture(params=(FIRST, LATER))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def copied(tmp_path: Path, version: str) -> Path:
    folder = tmp_path / "年度 任务"
    shutil.copytree(KEPT / version, folder)
    return folder


class BroughtUp:
    """A specimen as ``attach`` leaves it, a copy for each test, and what attach said of it."""

    def __init__(self, home: Path, version: str) -> None:
        self._made = copied(home, version)
        # By the computer's own clock: a later click must not find its time run backwards.
        programme = Programme(self._made)
        self.said = function_of("attach")(programme, Request())
        programme.close()

    def copy(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(self._made, tmp_path / "年度 任务", dirs_exist_ok=True))


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], BroughtUp]:
    """By version: bringing one up takes as long as most of what is asked of it then."""
    return cache(lambda version: BroughtUp(tmp_path_factory.mktemp(version), version))


def edited(folder: Path, cells: dict[str, dict[tuple[int, int], object]]) -> None:
    path = folder / MASTER
    path.write_bytes(masters.edit_master(cells, path.read_bytes()))


def run(folder: Path, verb: str, month: str = "", *paths: Path, rehearse: bool = False):
    programme = Programme(folder, clock=lambda: NOW)
    try:
        return function_of(verb)(programme, Request(tuple(map(str, paths)), month, rehearse))
    finally:
        programme.close()


def lacking(folder: Path) -> set[tuple[str, str, str]]:
    return {tuple(lack) for lack in find_lacking(FileHost(folder / MASTER))}


def contents(folder: Path) -> Contents:
    """What stands on every visible sheet: values and formulas."""
    book = Workbook.open((folder / MASTER).read_bytes())
    return {
        name: {at: (cell.value, cell.formula) for at, cell in book.sheet(name).cells.items()}
        for name in book.sheet_names
        if name not in (binding.CONF_SHEET, binding.ERROR_SHEET)
    }


def revised(folder: Path, before: Contents) -> set[tuple[str, Where]]:
    """The cells that hold something else now: each held what older layouts lay down there."""
    after = contents(folder)
    found = {
        (sheet, at)
        for sheet, cells in before.items()
        for at in cells
        if after[sheet].get(at) != cells[at] and sheet not in (GUIDE_SHEET, *LISTS)
    }
    host = FileHost(folder / MASTER)
    config = read_config(host)
    former = former_formulas(find_positions(host, config))
    headings = {before for area in AREAS.values() for before in area.renamed.values()}
    headings |= {short_unit(item.path[-1], item.unit) for item in config.indicators}
    for sheet, at in found:
        value, formula = before[sheet][at]
        if formula is None:
            assert value in FORMER_TEXTS | headings
        else:
            assert any(is_same_formula(formula, each) for each in former[sheet, at])
    return found


def complete(folder: Path) -> None:
    """Everything that this version lays out is there and can be read."""
    host = FileHost(folder / MASTER)
    for name, area in AREAS.items():
        find_columns(host.block(name), area.headings)
    assert not find_lacking(host)
    assert [p for p in read_config(host).problems if p.code.endswith("-missing")] == []
    assert binding.layout_of(host) == LAYOUT


# --- what it lacks -------------------------------------------------------------------------------


def test_a_master_of_the_first_release_lacks_what_came_later(tmp_path: Path) -> None:
    found = lacking(copied(tmp_path, FIRST))
    assert (SHEET, PENDING_BLOCK, "") in found
    assert {(COLUMN, STATUS_BLOCK, "信件"), (COLUMN, STATUS_BLOCK, "退回次数")} <= found
    rows = {key for kind, block, key in found if (kind, block) == (ROW, RULES_BLOCK)}
    assert rows >= {"shown-otherwise", "external-formula", "misplaced", "macros"}
    assert rows == {rule.code for rule in RULES if rule.since > 1}


def came_after(layout: int, codes: Iterable[str] = ()) -> set[tuple[str, str, str]]:
    """What a master of a layout with these indicators lacks, as the records say it."""
    new = {sheet.name for sheet in MASTER_SHEETS if sheet.since > layout}
    found = {(SHEET, sheet.areas[0].name, "") for sheet in MASTER_SHEETS if sheet.name in new}
    for name, area in AREAS.items():
        if DEFINED_NAMES[name] not in new:
            found |= {(COLUMN, name, key) for key, since in area.since.items() if since > layout}
            found |= {(HEADING, name, key) for key in area.renamed if layout < 3}
            for suffix, since in area.partners.items():
                found |= {(COLUMN, name, f"{code}{suffix}") for code in codes if since > layout}
    found |= {(ROW, RULES_BLOCK, rule.code) for rule in RULES if rule.since > layout}
    found |= {(ROW, LETTERS_BLOCK, LABELS[kind]) for kind, since in SINCE.items() if since > layout}
    settings = (*SETTINGS, *MAIL_SETTINGS)
    return found | {(ROW, SETTINGS_BLOCK, spec.label) for spec in settings if spec.since > layout}


def test_a_master_lacks_what_came_with_later_layouts_and_nothing_else(
    tmp_path: Path, brought_up
) -> None:
    assert lacking(copied(tmp_path / "1", FIRST)) == came_after(1, CODES[FIRST])
    folder = copied(tmp_path / "2", LATER)
    assert lacking(folder) == came_after(2, CODES[LATER])
    assert binding.layout_of(FileHost(folder / MASTER)) == 0
    complete(brought_up(LATER).copy(tmp_path / "2"))


@pytest.mark.parametrize("verb", ["recompute", "verify", "settle", "check", "doctor"])
@pytest.mark.usefixtures("registered_excel")
def test_what_a_verb_advises_on_an_older_master_helps(
    tmp_path: Path, verb: str, capfd: pytest.CaptureFixture[str], brought_up
) -> None:
    folder = copied(tmp_path, FIRST)
    words = [verb, "--folder", str(folder)]
    code = main(words)
    said = "".join(capfd.readouterr())
    assert code != 0
    assert MASTER in said
    assert "xl-addin attach" in said
    attached = brought_up(FIRST)
    assert attached.said.clean
    attached.copy(tmp_path)
    assert main(words) == 0
    assert "xl-addin attach" not in "".join(capfd.readouterr())


def test_verbs_that_need_nothing_new_go_on_as_they_did(tmp_path: Path) -> None:
    folder = copied(tmp_path, FIRST)
    assert run(folder, "status", MONTHS[FIRST]).data["verb"] == "status"
    assert run(folder, "distribute", "2023-07").data["verb"] == "distribute"


def test_what_an_older_master_collects_is_there_when_it_is_brought_up_to_date(
    tmp_path: Path, version: str
) -> None:
    folder, month = copied(tmp_path, version), MONTHS[version]
    before = contents(folder)
    form = min((folder / FORMS / month).glob("*.xlsx"))
    fill(form, folder / RETURNS / month / form.name, FIGURES[version])
    [found] = run(folder, "collect", month).data["returns"]
    assert found["verdict"] == "accepted"
    assert run(folder, "status", month).data["accepted"] == 1
    with pytest.raises(Outdated, match="xl-addin attach"):
        run(folder, "recompute", month)
    assert contents(folder).keys() == before.keys()
    run(folder, "attach")
    assert run(folder, "recompute", month).clean
    assert run(folder, "verify", month).clean
    cells = FileHost(folder / MASTER).block(CUMULATIVE_BLOCK).cells
    top, left, *_ = FileHost(folder / MASTER).block(CUMULATIVE_BLOCK).area
    first = {key_text(cells[top, at]): cells.get((top + 1, at)) for at in range(left, left + 4)}
    assert first["I01"] is not None
    assert first["I01"].value == {FIRST: 10, LATER: 20}[version]


# --- a year's work goes on -----------------------------------------------------------------------


def test_attach_recompute_collect_undo_and_verify(
    tmp_path: Path, version: str, office, validator
) -> None:
    folder, month = copied(tmp_path, version), MONTHS[version]
    edited(folder, TYPED)
    path = folder / MASTER
    before, old = contents(folder), path.read_bytes()
    assert f"按新的表重算了 {SHOWN[version]}" in run(folder, "attach").outcome
    complete(folder)
    assert min((folder / BACKUPS).glob("master-*")).read_bytes() == old
    assert revised(folder, before)
    assert lint(path) == []
    assert validator(path) == []
    assert disagreements(path, office) == []

    again = path.read_bytes()
    second = run(folder, "attach")
    assert (second.data["added"], second.data["revised"], second.lines) == ([], [], ())
    assert path.read_bytes() == again

    form = min((folder / FORMS / month).glob("*.xlsx"))
    fill(form, folder / RETURNS / month / form.name, FIGURES[version])
    [found] = run(folder, "collect", month).data["returns"]
    assert found["verdict"] == "accepted"
    assert run(folder, "recompute", month).clean
    assert disagreements(path, office) == []
    shown = contents(folder)
    assert run(folder, "verify", month).clean
    run(folder, "undo")
    assert contents(folder)[SUMMARY_SHEET] != shown[SUMMARY_SHEET]
    assert run(folder, "recompute", month).clean
    assert contents(folder)[SUMMARY_SHEET] == shown[SUMMARY_SHEET]
    for sheet, cells in TYPED.items():
        assert {at: contents(folder)[sheet][at][0] for at in cells} == cells
    assert read_config(FileHost(path)).rules["sudden-jump"].severity == ""
    assert lint(path) == []


def test_a_master_that_nobody_changed_becomes_what_a_new_one_is(
    tmp_path: Path, version: str, brought_up
) -> None:
    folder = brought_up(version).copy(tmp_path)
    assert list(layout_differences(folder / MASTER)) == []


def test_the_layout_that_a_master_says_it_has_makes_no_difference(tmp_path: Path) -> None:
    folders = [copied(tmp_path / name, LATER) for name in ("unmarked", "marked")]
    host = FileHost(folders[1] / MASTER)
    host.install_macros({}, 2)
    host.save()
    said = [run(folder, "attach").data for folder in folders]
    assert said[0]["added"] == said[1]["added"]
    assert said[0]["revised"] == said[1]["revised"]
    one, other = map(contents, folders)
    for sheet in one:
        # The journal tells of buttons that only one of them had to be given.
        assert sheet == JOURNAL_SHEET or one[sheet] == other[sheet], sheet


def test_a_formula_that_staff_changed_stays_and_is_told_with_the_new_one(tmp_path: Path) -> None:
    folder = copied(tmp_path, LATER)
    path = folder / MASTER
    own = "IF(ISNUMBER(累计完成!C7),累计完成!C7/120,0)"
    ours = 'IF(AND(ISNUMBER(累计完成!C7),N(任务表!C7)&gt;0),累计完成!C7/任务表!C7,"")'
    path.write_bytes(
        masters.rewrite_master([(f"<f>{ours}</f>", f"<f>{own}</f>")], path.read_bytes())
    )
    assert contents(folder)[COMPLETION_SHEET][7, 3][1] == own
    rehearsed = run(folder, "attach", rehearse=True)
    said = run(folder, "attach")
    for each in (rehearsed, said):
        [problem] = each.data["problems"]
        assert (problem["code"], problem["cell"], problem["found"]) == (
            "formula-changed",
            "C7",
            f"={own}",
        )
        assert problem["expected"] == (
            '=IF(AND(ISNUMBER(累计完成!C7),SUM(现行任务!C7)>0),累计完成!C7/现行任务!C7,"")'
        )
        assert problem["expected"] in each.lines[-1]
    assert said.clean
    assert contents(folder)[COMPLETION_SHEET][7, 3][1] == own
    assert contents(folder)[COMPLETION_SHEET][8, 3][1] == (
        'IF(AND(ISNUMBER(累计完成!C8),SUM(现行任务!C8)>0),累计完成!C8/现行任务!C8,"")'
    )
    again = run(folder, "recompute", "2024-01")
    assert [each["cell"] for each in again.data["formulas"]["disagreements"]] == ["C7"]


def test_what_cannot_be_recomputed_is_given_its_formulas_once_it_is_mended(tmp_path: Path) -> None:
    folder = copied(tmp_path, LATER)
    edited(folder, {CUMULATIVE_SHEET: {(8, 1): "D009"}})
    said = run(folder, "attach")
    assert not said.clean
    assert said.data["lacking"] == []
    assert said.data["layout"] == 0
    assert {problem["code"] for problem in said.data["problems"]} >= {"row-missing", "row-unknown"}
    assert "公式和颜色还没有换成新的" in said.outcome
    assert run(folder, "attach").data["added"] == []
    edited(folder, {CUMULATIVE_SHEET: {(8, 1): "D002"}})
    said = run(folder, "attach")
    assert said.clean
    assert said.data["revised"]
    complete(folder)
    assert list(layout_differences(folder / MASTER)) == []


def test_a_recompute_of_before_is_undone_as_far_as_its_places_are_still_there(
    tmp_path: Path, brought_up
) -> None:
    folder = brought_up(LATER).copy(tmp_path)
    assert run(folder, "undo").data["undone"]["verb"] == "recompute"
    said = run(folder, "undo")
    assert {problem["code"] for problem in said.data["problems"]} == {"block-changed"}
    assert run(folder, "recompute", "2024-01").clean
    assert run(folder, "verify", "2024-01").clean


def test_a_rehearsal_lists_what_would_be_added_and_writes_nothing(tmp_path: Path) -> None:
    folder = copied(tmp_path, FIRST)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said = run(folder, "attach", rehearse=True)
    assert {tuple(lack.values()) for lack in said.data["added"]} == lacking(folder)
    groups = {(lack["kind"], lack["area"]) for lack in said.data["added"]}
    assert len(said.lines) == len(groups) + len(said.data["revised"])
    assert all(line.startswith("会") for line in said.lines)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def touched(said: Result) -> set[str]:
    """The sheets of which attach says that it did something to them; it recomputes at the end."""
    added = {DEFINED_NAMES[lack["area"]] for lack in said.data["added"]}
    return (
        added
        | {each["sheet"] for each in said.data["revised"]}
        | {binding.CONF_SHEET, JOURNAL_SHEET}
    )


def test_parts_that_nothing_goes_into_stay_to_the_byte(tmp_path: Path, brought_up) -> None:
    before = read_parts(KEPT / FIRST / MASTER)
    folder, said = brought_up(FIRST).copy(tmp_path), brought_up(FIRST).said
    after = read_parts(folder / MASTER)
    book = Workbook.open((folder / MASTER).read_bytes())
    given = touched(said)
    assert {SETTINGS_SHEET, LETTERS_SHEET, SUMMARY_SHEET, binding.CONF_SHEET} <= given
    wired = (
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
    )
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed <= {
        *map(book.sheet_part, given),
        *wired,
        "xl/vbaProject.bin",
        "customUI/customUI14.xml",
    }
    added = {sheet.name for sheet in MASTER_SHEETS if sheet.since > 1}
    folders = ("xl/charts/", "xl/drawings/", "xl/worksheets/_rels/", "customUI/")
    new = {name for name in after.keys() - before.keys() if not name.startswith(folders)}
    assert new == set(map(book.sheet_part, added))


def test_the_board_comes_first_with_its_charts_and_what_was_shown_stays(
    tmp_path: Path, version: str
) -> None:
    folder = copied(tmp_path, version)
    shown = load_workbook(folder / MASTER).active.title
    # Somebody has a sheet of that name: the charts draw from the one that is added.
    book = load_workbook(folder / MASTER, keep_vba=True)
    book.create_sheet(BOARD_DATA_SHEET)
    book.save(folder / MASTER)
    book.vba_archive.close()
    run(folder, "attach")
    assert run(folder, "recompute", SHOWN[version]).clean
    book = load_workbook(folder / MASTER)
    assert book.sheetnames[0] == BOARD_SHEET
    assert book.active.title == shown
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == [shown]
    charts = book[BOARD_SHEET]._charts
    assert [len(chart.ser) for chart in charts] == [len(LIGHTS), 2]
    homes = {
        ser.val.numRef.f.rpartition("!")[0].strip("'") for chart in charts for ser in chart.ser
    }
    assert homes == {book.defined_names[BARS_BLOCK].value.rpartition("!")[0].strip("'")}
    parts = read_parts(folder / MASTER)
    part = Workbook.open((folder / MASTER).read_bytes()).sheet_part(BOARD_SHEET)
    assert parts[part].count(b"<x14:sparkline>") > len(book[STATUS_SHEET]["A"]) - 6


def one_row_more(area: str) -> str:
    head, _, last = area.rpartition("C")
    return f"{head}C{int(last) + 1}"


def test_what_is_added_looks_and_can_be_chosen_as_in_a_new_master(
    tmp_path: Path, brought_up
) -> None:
    folder = brought_up(FIRST).copy(tmp_path)
    old, new = load_workbook(folder / MASTER), load_workbook(masters_path(tmp_path, folder))
    places = (
        (SETTINGS_SHEET, "结账按钮", 1),
        (SETTINGS_SHEET, "结账按钮", 2),
        (RULES_SHEET, "misplaced", 3),
        (RULES_SHEET, "misplaced", 5),
    )
    for sheet, key, column in places:
        mine, theirs = (cell_beside(book[sheet], key, column) for book in (old, new))
        assert (mine.value, style_of(mine)) == (theirs.value, style_of(theirs))
        assert choices(mine) == choices(theirs)
        assert (
            old[sheet].row_dimensions[mine.row].height
            == new[sheet].row_dimensions[theirs.row].height
        )
    for heading in ("信件", "退回次数"):
        mine, theirs = (heading_cell(book[STATUS_SHEET], heading) for book in (old, new))
        for down in (0, 1, 41):
            pair = (mine.offset(down), theirs.offset(down))
            assert style_of(pair[0]) == style_of(pair[1])
        widths = [
            cell.parent.column_dimensions[cell.column_letter].width for cell in (mine, theirs)
        ]
        assert widths[0] == widths[1]
    for sheet in (SETTINGS_SHEET, RULES_SHEET, STATUS_SHEET):
        areas = [book[sheet].print_area.replace("$", "") for book in (old, new)]
        titled = sheet == SETTINGS_SHEET  # one row more: what was added stands under a heading
        assert areas[0] == (one_row_more(areas[1]) if titled else areas[1])
    letters = heading_cell(old[STATUS_SHEET], "信件").column_letter
    rules = {str(area.sqref): area.rules for area in old[STATUS_SHEET].conditional_formatting}
    assert [rule.formula for rule in rules[f"{letters}7:{letters}47"]] == [
        [f'NOT(ISERROR(SEARCH("{word}",{letters}7)))'] for word in ("失败", "拒收", "不确定")
    ]
    mine, theirs = old[PENDING_SHEET], new[PENDING_SHEET]
    assert old.sheetnames.index(PENDING_SHEET) == new.sheetnames.index(PENDING_SHEET)
    for row in theirs.iter_rows(max_row=6):
        for cell in row:
            other = mine[cell.coordinate]
            assert (other.value, style_of(other)) == (cell.value, style_of(cell))
    assert [(str(v.sqref), v.formula1) for v in mine.data_validations.dataValidation] == [
        (str(v.sqref), v.formula1) for v in theirs.data_validations.dataValidation
    ]
    assert mine.print_title_rows == theirs.print_title_rows


def masters_path(tmp_path: Path, folder: Path) -> Path:
    """A new master of the same programme."""
    from xl_addin.master.build.workbook import lay_out
    from xl_addin.xlsx.package import pack

    path = tmp_path / "new.xlsm"
    path.write_bytes(pack(lay_out(read_config(FileHost(folder / MASTER))).values()))
    return path


def cell_beside(sheet, key: str, column: int):
    return next(sheet.cell(row[0].row, column) for row in sheet.iter_rows() if row[0].value == key)


def heading_cell(sheet, text: str):
    return next(cell for row in sheet.iter_rows(max_row=8) for cell in row if cell.value == text)


def style_of(cell) -> str:
    return repr((cell.font, cell.fill, cell.border, cell.alignment, cell.number_format))


def choices(cell) -> list[tuple[str, str]]:
    every = cell.parent.data_validations.dataValidation
    return [(v.type, v.formula1) for v in every if cell.coordinate in v.sqref]


# --- a master that staff changed in hard ways ----------------------------------------------------


STEPS = [
    ["rows", SETTINGS_SHEET, 2, 2],
    ["rows", RULES_SHEET, 0, 1],
    ["columns", SETTINGS_SHEET, 1, 1],
    ["columns", RULES_SHEET, 0, 2],
    ["columns", STATUS_SHEET, 5, 1],
    ["rows", STATUS_SHEET, 9, 1],
    ["rows", DISTRICTS_SHEET, 3, 2],
    ["columns", DISTRICTS_SHEET, 1, 1],
    ["columns", VARIANCE_SHEET, 4, 1],
    ["rows", VARIANCE_SHEET, 9, 2],
    ["rows", COMPLETION_SHEET, 0, 1],
    ["columns", SUMMARY_SHEET, 5, 1],
    ["rows", CUMULATIVE_SHEET, 5, 1],
    ["rename", VARIANCE_SHEET, "差 异"],
    ["rename", STATUS_SHEET, "回收 (我们的)"],
    ["rename", DISTRICTS_SHEET, "名录's"],
    ["rename", SETTINGS_SHEET, "参数"],
    ["move", "回收 (我们的)", 1],
    ["add", "我们的", 2],
    ["add", PENDING_SHEET, 0],
]


def test_a_master_that_staff_rearranged_is_given_it_where_things_stand_now(
    tmp_path: Path, office
) -> None:
    folder, month = copied(tmp_path, FIRST), MONTHS[FIRST]
    edited(folder, TYPED)
    path = folder / MASTER
    office.rearrange(path, tmp_path / "m.xlsm", STEPS)
    shutil.copy(tmp_path / "m.xlsm", path)
    before = contents(folder)
    assert run(folder, "attach").clean
    complete(folder)
    assert revised(folder, before)
    host = FileHost(path)
    block = host.block(PENDING_BLOCK)
    assert block.sheet not in before
    book = load_workbook(path)
    # LibreOffice numbers formats anew: those of what is added are found by what they are.
    for row in load_workbook(masters_path(tmp_path, folder))[PENDING_SHEET].iter_rows(max_row=6):
        for cell in row:
            if cell.has_style:
                assert style_of(book[block.sheet][cell.coordinate]) == style_of(cell)
    validations = book[block.sheet].data_validations.dataValidation
    named = next(v.formula1 for v in validations if "名录" in str(v.formula1))
    listed = host.block("blk_districts")
    column = find_columns(listed, ("区县",))["区县"]
    sheet, mark, area = named.rpartition("!")
    assert (sheet.strip("="), mark) == ("'名录''s'", "!")
    first, last = area.replace("$", "").split(":")
    cells = book["名录's"]
    assert [cells[ref].value for ref in (first, last)] == ["万州区", "万盛经开区"]
    assert cells[first].column == column
    names = book.sheetnames
    assert names.index(block.sheet) == names.index("回收 (我们的)") + 1
    form = min((folder / FORMS / month).glob("*.xlsx"))
    fill(form, folder / RETURNS / month / form.name, FIGURES[FIRST])
    run(folder, "collect", month)
    assert run(folder, "recompute", month).data["formulas"]["disagreements"] == []
    assert disagreements(path, office) == []
    again = path.read_bytes()
    run(folder, "attach")
    assert path.read_bytes() == again


def test_everything_foreign_in_an_older_master_stays(tmp_path: Path, validator) -> None:
    folder = copied(tmp_path, FIRST)
    path = folder / MASTER
    path.write_bytes(foreign_master(path.read_bytes()))
    faults = set(lint(path))
    before = read_parts(path)
    said = run(folder, "attach")
    complete(folder)
    after = read_parts(path)
    decorated = {name for name in before if not name.endswith((".rels", "].xml"))}
    changed = {name for name in decorated if before[name] != after.get(name)}
    book = Workbook.open(path.read_bytes())
    # Of staff's own sheet a formula with INDIRECT lost its value: it may refer to what is new.
    given = {book.sheet_part(name) for name in touched(said) | {STAFF_SHEET}}
    assert changed <= {
        *given,
        "xl/workbook.xml",
        "xl/styles.xml",
        "xl/vbaProject.bin",
        "xl/calcChain.xml",
        "customUI/customUI14.xml",
    }
    assert set(lint(path)) <= faults
    assert validator(path) == []
    # A name that belongs to a sheet behind the new one still belongs to it.
    text = after["xl/workbook.xml"].decode()
    assert names_of(text, tab_names(text).index(STAFF_SHEET)) == {"local_part": "任务表!$C$9"}


def test_columns_go_behind_what_staff_put_beside_the_block(tmp_path: Path) -> None:
    folder = copied(tmp_path, FIRST)
    edited(folder, {STATUS_SHEET: {(6, 21): "督办", (7, 21): "已电话催", (9, 23): "王"}})
    # Beside 差异: over the headings in the first free column, beside a district three further on.
    edited(folder, {VARIANCE_SHEET: {(4, 14): "核对", (9, 17): "张"}})
    run(folder, "attach")
    book = Workbook.open((folder / MASTER).read_bytes()).sheet(VARIANCE_SHEET)
    assert (book.cells[4, 14].value, book.cells[9, 17].value) == ("核对", "张")
    found = {key_text(book.cells.get((6, at))): at for at in range(14, 30)}
    assert [found[f"I{number:02}与序时差"] for number in (1, 2, 3, 11)] == [15, 16, 18, 26]
    assert book.cells[4, 17 + 1].value == "就业"
    assert not any(left <= 17 <= right for _, left, _, right in book.merged if left > 13)
    block = FileHost(folder / MASTER).block(STATUS_BLOCK)
    columns = find_columns(block, ("信件", "退回次数"))
    assert (columns["信件"], columns["退回次数"]) == (22, 24)
    assert block.area == (6, 1, 47, 26)
    assert block.cells[7, 21].value == "已电话催"
    assert run(folder, "recompute", "2023-06").clean


def test_rows_without_room_are_not_added_and_the_advice_makes_room(tmp_path: Path, office) -> None:
    folder = copied(tmp_path, FIRST)
    path = folder / MASTER
    edited(folder, {RULES_SHEET: {(23, 1): "以上由张科长核定"}})
    said = run(folder, "attach")
    assert [problem["code"] for problem in said.data["problems"]] == ["no-room"]
    assert said.data["problems"][0]["cell"] == "A22"
    assert {kind for kind, *_ in lacking(folder)} == {ROW}
    assert said.data["layout"] == 0
    office.rearrange(path, tmp_path / "m.xlsm", [["rows", RULES_SHEET, 21, 37]])
    shutil.copy(tmp_path / "m.xlsm", path)
    assert run(folder, "attach").clean
    complete(folder)
    assert contents(folder)[RULES_SHEET][60, 1][0] == "以上由张科长核定"


def test_a_sheet_that_staff_deleted_is_not_taken_for_an_older_layout(tmp_path: Path) -> None:
    folder = copied(tmp_path, LATER)
    path = folder / MASTER
    gone = [(f"'{PENDING_SHEET}'!$A$4:$L$304", "#REF!")]
    path.write_bytes(masters.rewrite_master(gone, path.read_bytes()))
    with pytest.raises(Refused) as refusal:
        FileHost(path).block(PENDING_BLOCK)
    assert not isinstance(refusal.value, Outdated)
    gone_with_it = (COLUMN, PENDING_BLOCK, "归属材料")
    assert lacking(folder) == came_after(2, CODES[LATER]) - {gone_with_it}


def test_a_renamed_heading_of_the_first_layout_is_told_and_nothing_is_added_for_it(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path, FIRST)
    edited(folder, {STATUS_SHEET: {(6, 8): "问题"}})
    run(folder, "attach")
    with pytest.raises(Refused) as refusal:
        run(folder, "recompute", "2023-06")
    assert not isinstance(refusal.value, Outdated)
    assert "问题数" in refusal.value.message


def test_settings_that_are_wrong_are_told_before_anything_is_added(tmp_path: Path) -> None:
    folder = copied(tmp_path, FIRST)
    edited(folder, {SETTINGS_SHEET: {(6, 2): "二〇二三"}})
    said = run(folder, "attach")
    assert "bad-year" in {problem["code"] for problem in said.data["problems"]}
    assert not said.clean
    assert len(said.data["lacking"]) == len(lacking(folder)) > 0
    edited(folder, {SETTINGS_SHEET: {(6, 2): 2023}})
    assert run(folder, "attach").clean
    complete(folder)


# --- a layout that is still to come --------------------------------------------------------------

URGED = MasterSheet(
    "将来的表", (NamedArea("blk_urged", ("代码", "累计")),), "将来的。", "#70AD47", since=9
)


def urged_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    columns = [Column("代码", 10, "code"), Column("累计", 12, "number")]
    writer.write_header(URGED.name, "累计完成的第一项。", columns)
    area = writer.rows(columns, [(district.code, None) for district in plan.config.districts])
    first = plan.config.indicators[0].code
    for row, district in enumerate(plan.config.districts, TOP + 1):
        figure = plan.positions.cumulative.figure(district.code, first)
        writer.formula(row, 2, f"=N({figure})", 0, "number")
    writer.finish("blk_urged", area)


def test_formulas_of_a_new_sheet_name_what_stands_elsewhere_and_show_no_number_of_ours(
    tmp_path: Path, office, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(tmp_path, LATER)
    path = folder / MASTER
    steps = [
        ["rows", "累计完成", 7, 2],
        ["columns", "累计完成", 2, 1],
        ["rename", "累计完成", "累计 数"],
    ]
    office.rearrange(path, tmp_path / "m.xlsm", steps)
    shutil.copy(tmp_path / "m.xlsm", path)
    builders = {**workbook._builders(), URGED.name: urged_sheet}
    monkeypatch.setattr(workbook, "_builders", lambda: builders)
    for module in (workbook, lacks, whole_sheets):
        monkeypatch.setattr(module, "MASTER_SHEETS", (*MASTER_SHEETS, URGED))
    for table, value in ((HOMES, URGED), (DEFINED_NAMES, URGED.name), (AREAS, URGED.areas[0])):
        monkeypatch.setitem(table, "blk_urged", value)
    added = {lack["area"] for lack in run(folder, "attach").data["added"]}
    assert added == {"blk_urged"} | {area for _, area, _ in came_after(2, CODES[LATER])}
    cells = Workbook.open(path.read_bytes()).sheet(URGED.name).cells
    assert [cells[row, 2].formula for row in (5, 6)] == ["N('累计 数'!D7)", "N('累计 数'!D10)"]
    assert {cells[row, 2].value for row in range(5, 9)} == {None}
    fresh = office.recalculate(path)
    assert [fresh[URGED.name, f"B{row}"].value for row in range(5, 9)] == [10, 20, 30, 0]


# --- the release before this program ---


@pytest.mark.parametrize(("release", "layout"), NUMBERED.items())
def test_a_programme_of_a_release_with_a_number_gets_what_came_since_and_goes_on(
    tmp_path: Path, office, validator, release: str, layout: int
) -> None:
    folder, month = copied(tmp_path, release), "2024-02"
    path = folder / MASTER
    assert binding.layout_of(FileHost(path)) == layout
    codes = [item.code for item in Programme(folder).config.indicators]
    assert lacking(folder) == came_after(layout, codes)
    assert bool(run(folder, "attach").data["added"]) is (layout < LAYOUT)
    assert binding.layout_of(FileHost(path)) == LAYOUT
    before = contents(folder)
    assert run(folder, "check").clean
    said = run(folder, "attach")
    assert said.clean
    assert (said.data["added"], said.data["revised"], said.data["problems"]) == ([], [], [])
    complete(folder)
    after = contents(folder)
    assert {n for n in before if before[n] != after[n]} <= {JOURNAL_SHEET}
    assert list(layout_differences(path)) == []
    form = min((folder / FORMS / month).glob("*.xlsx"))
    fill(form, folder / RETURNS / month / form.name, FIGURES[LATER])
    [found] = run(folder, "collect", month).data["returns"]
    assert found["verdict"] == "accepted"
    assert run(folder, "recompute", month).clean
    assert disagreements(path, office) == []
    assert (lint(path), validator(path)) == ([], [])
    assert run(folder, "verify", month).clean
    shown = contents(folder)
    assert run(folder, "undo").data["undone"]["verb"] == "recompute"
    assert contents(folder)[SUMMARY_SHEET] != shown[SUMMARY_SHEET]
    assert run(folder, "rebuild").clean
    assert run(folder, "recompute", month).clean
    assert contents(folder)[SUMMARY_SHEET] == shown[SUMMARY_SHEET]


# --- the number of the layout --------------------------------------------------------------------


def test_the_number_of_the_layout_survives_other_programs(tmp_path: Path, office) -> None:
    path = tmp_path / "master.xlsm"
    path.write_bytes(masters.master())
    assert binding.layout_of(FileHost(path)) == LAYOUT
    saved = office.convert(path, tmp_path / "out", "xlsm")
    assert binding.layout_of(FileHost(saved)) == LAYOUT
    book = load_workbook(path, keep_vba=True)
    book.save(tmp_path / "openpyxl.xlsm")
    book.vba_archive.close()
    assert binding.layout_of(FileHost(tmp_path / "openpyxl.xlsm")) == LAYOUT


def test_a_master_of_a_later_program_is_left_alone(tmp_path: Path, brought_up) -> None:
    folder = brought_up(LATER).copy(tmp_path)
    path = folder / MASTER
    book = Workbook.open(path.read_bytes())
    rows = {key_text(c): at for at, c in book.sheet(binding.CONF_SHEET).cells.items() if at[1] == 1}
    edited(folder, {binding.CONF_SHEET: {(rows[binding.LAYOUT_ROW][0], 2): str(LAYOUT + 1)}})
    before = path.read_bytes()
    with pytest.raises(Refused, match="升级"):
        run(folder, "attach")
    assert path.read_bytes() == before
    assert "升级" in binding.outdated_macros_text(FileHost(path))


def test_every_layout_but_this_one_has_a_specimen_and_says_what_came_with_it() -> None:
    assert set(DEFINED_NAMES) == set(AREAS)
    assert {path.name for path in KEPT.iterdir() if path.is_dir()} >= {FIRST, LATER, *NUMBERED}
    assert {kind for kind, *_ in came_after(1)} == {SHEET, COLUMN, ROW, HEADING}
    assert came_after(LAYOUT - 1)
    assert not came_after(LAYOUT)
    assert SETTINGS_BLOCK in AREAS
