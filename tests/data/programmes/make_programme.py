"""A small programme as the xl_addin on PYTHONPATH makes it: ``python make_programme.py FOLDER``.

Only the command line and openpyxl are used, so that any release can be asked. What comes out has the
key, the times and the user of its making: it is kept, not made again.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from openpyxl import load_workbook
from xlsxwriter import Workbook as Writer

YEAR = 2024
NAMES = ("甲县", "乙县", "丙县", "丁县")
HEADERS = ("培训（人次）", "就业（人）", "其中：残疾女性", "基地（个）")
TARGETS = ((120, 60, 20, 1), (240, 80, 30, 0), (360, 0, 0, 2), (480, 40, 10, None))
FIGURES = ((10, 5, 2, 0), (20, 6, 3, 0), (30, 0, 0, 1), ("约40", 4, 1, 0))


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory() as place:
        table = Path(place, "任务表.xlsx")
        write_table(table)
        run("new", str(folder), "--task-table", str(table), "--year", str(YEAR))
    for month in (f"{YEAR}-01", f"{YEAR}-02"):
        run("distribute", "--folder", str(folder), "--month", month)
    forms = sorted((folder / "填报表" / f"{YEAR}-01").glob("*.xlsx"))
    for form, figures in zip(forms, FIGURES, strict=True):
        fill(form, folder / "回收" / form.name, figures)
    run("collect", "--folder", str(folder), "--month", f"{YEAR}-01")
    run("recompute", "--folder", str(folder), "--month", f"{YEAR}-01")


def run(*words: str) -> None:
    done = subprocess.run(
        # -P: not the xl_addin of the folder that this is run in.
        [sys.executable, "-P", "-m", "xl_addin", *words],
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr


def write_table(path: Path) -> None:
    book = Writer(path)
    sheet = book.add_worksheet("任务表")
    sheet.write(0, 0, f"{YEAR}年全县重点任务表")
    sheet.write_row(1, 0, ["单位", *HEADERS])
    sheet.write_row(2, 0, ["合计", 1200, 180, 60, 3])
    for row, (name, targets) in enumerate(zip(NAMES, TARGETS, strict=True), 3):
        sheet.write_row(row, 0, [name, *targets])
    book.close()


def fill(form: Path, target: Path, figures: tuple[object, ...]) -> None:
    """A form as a district sends it back: its yellow cells under 本月完成 filled in."""
    book = load_workbook(form)
    sheet = book["任务进度"]
    heads = {cell.value: cell for row in sheet.iter_rows(max_row=8) for cell in row if cell.value}
    head = next(cell for text, cell in heads.items() if str(text).startswith("本月完成"))
    for number, value in enumerate(figures, head.row + 1):
        sheet.cell(number, head.column).value = value
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


if __name__ == "__main__":
    main()
