"""The tests' own tools: each must see the fault that it is there for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook

from tests.tools.office import Office, OfficeError, RecalculatedCell, disagreements
from tests.tools.parts import rewrite
from tests.tools.render import overflowing_lines, render
from tests.tools.resave import NODE_WRITERS, WRITERS, resave, resave_node
from tests.tools.systems import ON_WINDOWS

DATA, SECOND = "任务进度", "说明"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A form in little: an entry, a locked cell, formulas with true values, a hidden sheet."""
    path = tmp_path / "填报表.xlsx"
    with Workbook(path) as made:
        entry = made.add_format({"locked": False})
        made.add_worksheet(SECOND).write("A1", "填写说明")
        sheet = made.add_worksheet(DATA)
        sheet.write("A1", 20, entry)
        sheet.write("A2", 30)
        sheet.write("B1", "001", entry)
        sheet.write_formula("A3", "=A1+A2", None, 50)
        sheet.write_formula("A4", '=IF(A1>25,"大","")', None, "")
        sheet.protect()
        made.add_worksheet("_meta").very_hidden()
    return path


def values(path: Path, sheet: str = DATA) -> dict[str, object]:
    found = load_workbook(path, data_only=True)[sheet]
    return {cell.coordinate: cell.value for row in found for cell in row if cell.value is not None}


def test_recalculation_agrees_with_true_values(book: Path, office: Office) -> None:
    assert office.recalculate(book) == {
        (DATA, "A3"): RecalculatedCell(50, 0),
        (DATA, "A4"): RecalculatedCell("", 0),
    }
    assert disagreements(book, office) == []


@pytest.mark.parametrize(
    ("formula", "cached", "why"),
    [
        ("=1+1", 999, "other number"),
        ("=1+1", 2.00000001, "other number"),
        ("=1+1", "2", "other value"),
        ("=1+1", "", "other value"),
        ('=""', 0, "other value"),
        ('="大"', "小", "other value"),
        ("=1/0", "#DIV/0!", "error 532"),
        ("=NOSUCH(1)", 1, "error 525"),
    ],
)
def test_a_wrong_value_in_the_file_is_a_disagreement(
    tmp_path: Path, office: Office, formula: str, cached: object, why: str
) -> None:
    path = tmp_path / "stale.xlsx"
    with Workbook(path) as made:
        made.add_worksheet("表").write_formula("C2", formula, None, cached)
    assert [(d.sheet, d.cell, d.why) for d in disagreements(path, office)] == [("表", "C2", why)]


def test_values_of_dates_and_truth_agree(tmp_path: Path, office: Office) -> None:
    path = tmp_path / "kinds.xlsx"
    with Workbook(path) as made:
        sheet = made.add_worksheet()
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_formula("A1", "=DATE(2023,6,30)", day, 45107)
        sheet.write_formula("A2", "=1=1", None, True)
        sheet.write_formula("A3", "=1/3", None, 1 / 3)
    assert disagreements(path, office) == []


def test_a_formula_cell_that_lost_its_value_is_a_disagreement(
    book: Path, tmp_path: Path, office: Office
) -> None:
    bare = rewrite(
        book,
        tmp_path / "bare.xlsx",
        {"xl/worksheets/sheet2.xml": lambda text: text.replace("<v>50</v>", "")},
    )
    assert [(d.cell, d.cached, d.why) for d in disagreements(bare, office)] == [
        ("A3", None, "other value")
    ]


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".ods"])
def test_libreoffice_fills_and_saves(
    book: Path, tmp_path: Path, office: Office, ending: str
) -> None:
    cells = {DATA: {"A1": 26, "B2": "120", "B3": "=A1", "B4": date(2023, 6, 30), "B1": None}}
    filled = office.fill(book, tmp_path / f"filled{ending}", cells)
    (tmp_path / "back").mkdir()
    back = values(office.convert(filled, tmp_path / "back", ".xlsx"))
    assert back == {"A1": 26, "A2": 30, "A3": 56, "A4": "大", "B2": "120", "B3": "=A1", "B4": 45107}


def test_libreoffice_refuses_to_empty_a_locked_cell(
    book: Path, tmp_path: Path, office: Office
) -> None:
    with pytest.raises(OfficeError, match=r"locked cells.*A\$2"):
        office.fill(book, tmp_path / "f.xlsx", {DATA: {"A2": None}})


def test_libreoffice_writes_formulas_when_asked(book: Path, tmp_path: Path, office: Office) -> None:
    filled = office.fill(book, tmp_path / "f.xlsx", {DATA: {"B3": "=A1*2"}}, formulas=True)
    assert values(filled)["B3"] == 40
    assert load_workbook(filled)[DATA]["B3"].value == "=A1*2"


def test_typing_respects_locked_cells_and_reads_numbers(
    book: Path, tmp_path: Path, office: Office
) -> None:
    cells = {DATA: {"A2": 99, "A1": "26"}}
    typed = values(office.fill(book, tmp_path / "t.xlsx", cells, as_typed=True))
    assert (typed["A1"], typed["A2"], typed["A3"]) == (26, 30, 56)
    set_anyway = values(office.fill(book, tmp_path / "s.xlsx", cells))
    assert (set_anyway["A1"], set_anyway["A2"]) == ("26", 99)


def test_a_file_that_is_no_workbook_is_named_and_the_office_lives_on(
    book: Path, tmp_path: Path, office: Office
) -> None:
    (tmp_path / "bad.xlsx").write_text("not a workbook")
    with pytest.raises(OfficeError, match=r"bad\.xlsx"):
        office.recalculate(tmp_path / "bad.xlsx")
    assert len(office.recalculate(book)) == 2


@pytest.mark.libreoffice
def test_an_office_that_does_not_answer_is_ended(book: Path) -> None:
    with Office(timeout=0.001) as hasty, pytest.raises(OfficeError, match="no answer"):
        hasty.recalculate(book)


def test_visible_sheets_become_pictures(book: Path, tmp_path: Path, office: Office) -> None:
    made = render(book, tmp_path / "out", office)
    assert [png.name for png in made] == ["填报表-01-说明-1.png", "填报表-02-任务进度-1.png"]
    assert all(png.read_bytes().startswith(b"\x89PNG") for png in made)
    assert office.pdf(book, tmp_path).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("whole", [False, True])
def test_a_sheet_prints_without_the_others(tmp_path: Path, office: Office, whole: bool) -> None:
    path = tmp_path / "three.xlsx"
    with Workbook(path) as made:
        for name in ("甲", "隐", "乙"):
            sheet = made.add_worksheet(name)
            sheet.write_column("A1", [f"{name}{row}" for row in range(100)])
            sheet.print_area("A1:A3")
            if name == "隐":
                sheet.hide()
    made = office.pages(path, tmp_path, whole=whole)
    last = 99 if whole else 2
    texts = {sheet: text_of(pdf) for sheet, pdf in made}
    assert {sheet: (words[0], words[-1]) for sheet, words in texts.items()} == {
        "甲": ("甲0", f"甲{last}"),
        "乙": ("乙0", f"乙{last}"),
    }
    assert len(render(path, tmp_path, office, whole=whole)) == 2


def text_of(pdf: Path) -> list[str]:
    command = ["pdftotext", "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, encoding="utf-8").stdout.split()


def test_numbers_wider_than_their_column_are_found(
    book: Path, tmp_path: Path, office: Office
) -> None:
    assert overflowing_lines(book, office) == []
    path = tmp_path / "narrow.xlsx"
    with Workbook(path) as made:
        sheet = made.add_worksheet("窄")
        sheet.set_column("B:B", 3)
        sheet.write("B2", 123456789, made.add_format({"num_format": "#,##0.00"}))
        sheet.print_area("A1:A1")
    assert overflowing_lines(path, office) == ["窄: ###"]


@pytest.mark.parametrize("writer", WRITERS)
def test_resavers_keep_what_was_there_and_what_was_typed(
    book: Path, tmp_path: Path, writer: str
) -> None:
    cells = {DATA: {"A1": 26, "B2": "120", "B1": None, "C9": "完成１２"}, SECOND: {"B1": 1.5}}
    saved = resave(writer, book, tmp_path / "saved.xlsx", cells)
    back = values_without_style(saved, DATA)
    kept = {ref: back.get(ref) for ref in ("A1", "A2", "B1", "B2", "C9")}
    assert kept == {"A1": 26, "A2": 30, "B1": None, "B2": "120", "C9": "完成１２"}
    assert values_without_style(saved, SECOND) == {"A1": "填写说明", "B1": 1.5}


def values_without_style(path: Path, sheet: str) -> dict[str, object]:
    """Read by calamine: openpyxl warns of files without a default style."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as opened:
        grid = opened.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return {
        f"{'ABC'[column]}{row}": value
        for row, line in enumerate(grid, 1)
        for column, value in enumerate(line)
        if value != ""
    }


@pytest.mark.node
@pytest.mark.parametrize("writer", NODE_WRITERS)
def test_node_writers_leave_formulas_without_a_result(
    book: Path, tmp_path: Path, writer: str
) -> None:
    cells = {DATA: {"C1": {"formula": "A1*2"}}}
    saved = resave_node(book, tmp_path / "saved.xlsx", writer, cells)
    assert load_workbook(saved)[DATA]["C1"].value == "=A1*2"
    assert values(saved).get("C1") is None


@pytest.mark.node
def test_a_writer_that_fails_says_so(book: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no writer"):
        resave_node(book, tmp_path / "saved.xlsx", "no such", {})


def test_the_validator_passes_good_and_names_bad(
    book: Path, tmp_path: Path, validator: Callable[[Path], list[str]]
) -> None:
    assert validator(book) == []
    sheet = "xl/worksheets/sheet2.xml"
    bad = rewrite(
        book,
        tmp_path / "bad.xlsx",
        {sheet: lambda t: t.replace("<sheetData>", '<sheetData x="1">')},
    )
    assert len(validator(bad)) == 1
    assert sheet in validator(bad)[0]
    (tmp_path / "junk.xlsx").write_text("junk")
    assert "corrupted" in validator(tmp_path / "junk.xlsx")[0]


def test_the_lists_of_node_packages_are_one() -> None:
    from tests.tools import resave

    pinned = json.loads(Path(__file__).with_name("package.json").read_text())["dependencies"]
    assert sorted(pinned) == sorted((*resave._MODULES, "wps-jsapi"))
    assert all(version[0].isdigit() for version in pinned.values())


pytest_plugins = ["pytester"]


@pytest.mark.parametrize(("required", "outcome"), [("", "skipped"), ("1", "failed")])
def test_a_missing_program_skips_or_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str, outcome: str
) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("XL_ADDIN_REQUIRE_ALL", required)
    monkeypatch.setenv("PATH", "/nowhere")
    shutil.copy(root / "tests" / "conftest.py", pytester.path / "conftest.py")
    pytester.makepyfile("import pytest\n@pytest.mark.gnumeric\ndef test_it(): pass\n")
    pytester.makeini("[pytest]\nmarkers =\n gnumeric: g\n libreoffice: l\n node: n\n")
    result = pytester.run(sys.executable, "-m", "pytest", "-ra")
    program = "a program of Linux" if ON_WINDOWS else "ssconvert"
    result.stdout.fnmatch_lines([f"*missing program: {program}*"])
    assert result.parseoutcomes() == ({outcome: 1} if required == "" else {"errors": 1})
