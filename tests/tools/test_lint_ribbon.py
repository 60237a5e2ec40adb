"""Each fault of ribbon and macros is written into the built master and must be all that is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyopenvba import ExcelFile

from tests.data.make_workbooks import MASTER
from tests.tools.lint import lint
from tests.tools.parts import read_parts, rewrite, write_parts
from tests.tools.test_lint import Edit, codes, swap
from xl_addin.master.macros import ribbonxml, vbaproject

RIBBON, ROOT, BOOK = ribbonxml.PART, "_rels/.rels", "xl/workbook.xml"
LINKED = "customUI/_rels/customUI14.xml.rels"
LINKS, TYPES, FIRST = (
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
    "xl/worksheets/sheet1.xml",
)
CHECK, STATUS = '<button id="check"', '<button id="status"'

FAULTS: list[tuple[str, str, Edit]] = [
    ("control-id-twice", RIBBON, swap(STATUS, '<button id="check"')),
    ("control-id-twice", RIBBON, swap('<group id="group_mail"', '<group id="group_tasks"')),
    ("control-id", RIBBON, swap(STATUS, "<button")),
    ("control-ids", RIBBON, swap(CHECK, f'{CHECK} idMso="Undo"')),
    ("control-both", RIBBON, swap(CHECK, f'{CHECK} getLabel="Press"')),
    ("control-both", RIBBON, swap(CHECK, f'{CHECK} getScreentip="Press"')),
    ("control-both", RIBBON, swap(CHECK, f'{CHECK} imageMso="Undo"')),
    ("control-label", RIBBON, swap('label="回收情况"', "")),
    ("control-image", RIBBON, swap('image="recompute"', 'image="recomputed"')),
    ("control-image", LINKED, swap('Id="recompute"', 'Id="recomputed"')),
    ("keytip-twice", RIBBON, swap('keytip="D"', 'keytip="C"')),
    ("action-unknown", RIBBON, swap('onAction="Press"', 'onAction="Pres"')),
    ("action-missing", RIBBON, swap('onAction="Press"', "")),
    ("action-signature", RIBBON, swap('onAction="Press"', 'onAction="RunPython"')),
    ("ribbon-namespace", RIBBON, swap("/2009/07/customui", "/2006/01/customui")),
    ("ribbon-namespace", ROOT, swap("/2007/relationships/ui", "/2006/relationships/ui")),
    ("ribbon-orphan", ROOT, swap("relationships/ui/extensibility", "relationships/ui/none")),
    ("vba-orphan", LINKS, swap("/relationships/vbaProject", "/relationships/none")),
    ("vba-type", TYPES, swap("application/vnd.ms-office.vbaProject", "application/octet-stream")),
    (
        "content-type",
        TYPES,
        swap(
            "vnd.ms-excel.sheet.macroEnabled.main",
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
        ),
    ),
    ("missing-part", ROOT, swap("customUI14.xml", "customUI15.xml")),
]


def lint_codes(path: Path) -> set[str]:
    return set(codes(lint(path)))


@pytest.mark.parametrize(
    ("code", "part", "edit"), FAULTS, ids=[f"{number}-{f[0]}" for number, f in enumerate(FAULTS)]
)
def test_a_fault_of_the_ribbon_is_found(tmp_path: Path, code: str, part: str, edit: Edit) -> None:
    # A part that nothing points at any more is an orphan as well as what it is missed by.
    expected = {code, "ribbon-orphan"} if code == "missing-part" else {code}
    assert lint_codes(rewrite(MASTER, tmp_path / "b.xlsm", {part: edit})) == expected


@pytest.mark.parametrize(
    ("part", "edit"),
    [
        (BOOK, swap('codeName="ThisWorkbook"', 'codeName="TheWorkbook"')),
        (FIRST, swap('codeName="Sheet1"', 'codeName="Blatt1"')),
    ],
)
def test_a_code_name_without_its_module_is_found(tmp_path: Path, part: str, edit: Edit) -> None:
    findings = codes(lint(rewrite(MASTER, tmp_path / "b.xlsm", {part: edit})))
    assert findings == ["code-name-module", "code-name-module"]


def test_a_broken_project_is_found(tmp_path: Path) -> None:
    parts = read_parts(MASTER)
    parts[vbaproject.PART] = parts[vbaproject.PART][:5000]
    assert "vba-unreadable" in lint_codes(write_parts(tmp_path / "b.xlsm", parts))


def test_macros_in_a_workbook_that_may_have_none_are_found(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(MASTER.read_bytes())
    assert {"vba-extension", "content-type"} <= lint_codes(path)


Change = Callable[[ExcelFile], object]


def _another_press(book: ExcelFile) -> None:
    book.vba_project().add_module("Other", "Sub Press(c As IRibbonControl)\r\nEnd Sub\r\n")


def _source(before: str, after: str) -> Change:
    return lambda book: book.set_module(
        "XlAddin", book.get_module("XlAddin").replace(before, after)
    )


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("action-unknown", _source("Public Sub Press", "Private Sub Press")),
        ("action-unknown", _source("Sub Press(", "Sub Pressed(")),
        ("action-unknown", lambda book: book.vba_project().delete_module("XlAddin")),
        ("action-signature", _source("Press(control As IRibbonControl)", "Press()")),
        ("action-signature", _source("As IRibbonControl)", "As IRibbonControl, on As Boolean)")),
        ("action-signature", _source("Public Sub Press", "Public Function Press")),
        ("action-ambiguous", _another_press),
        ("vba-text", _source("Option Explicit", "Option Explicit\r\n' caf\u00e9")),
        ("vba-name", _source('VB_Name = "XlAddin"', 'VB_Name = "Other"')),
    ],
)
def test_a_fault_of_the_macros_is_found(tmp_path: Path, code: str, change: Change) -> None:
    path = tmp_path / "b.xlsm"
    with ExcelFile(MASTER) as book:
        change(book)
        book.save(path)
    assert lint_codes(path) == {code}
